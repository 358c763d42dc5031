"""Disease of muscle fibres within intact units: loss, atrophy and hypertrophy, necrosis, splitting. No nerve, no signal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.simulation.muscle._layout import velocity_m_per_s
from emgwidgets.simulation.muscle.parameters import value

if TYPE_CHECKING:
    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = ["fibre_disease"]

#: Spread of end-plates that atrophy widens (internal choice: half-way between small and large units).
END_PLATE_SD_MM = 3.1


def fibre_disease(
    state: MuscleState, *, loss: float, atrophy: float, necrosis: float, splitting: float, day: float | None
) -> MuscleState:
    """Fibre disease: fibres gone at random, diameters spread, segments cut off by necrosis, fibres split (science 1.8)."""
    rng = np.random.default_rng([state.seed, 4])
    keep = rng.random(state.n_fibres) >= loss
    fibres: dict[str, Any] = {
        name: array[keep]
        for name, array in vars(state).items()
        if isinstance(array, np.ndarray) and len(array) == state.n_fibres
    }
    n = int(keep.sum())
    # two modes, atrophic and hypertrophic; spread 15-25 um when severe (science 1.8); shares are an internal choice
    small = rng.random(n) < 0.45 * atrophy
    factor = np.where(small, rng.uniform(1 - 0.65 * atrophy, 1.0, n), 1 + 0.6 * atrophy * rng.random(n))
    diameter = np.clip(fibres["diameter_um"] * factor + rng.normal(0.0, 6.0 * atrophy, n), 12.0, 120.0)
    z_mm = fibres["z_mm"] + rng.normal(0.0, 1.1 * atrophy * END_PLATE_SD_MM, n)
    shift = z_mm - fibres["z_mm"]
    fibres.update(
        diameter_um=diameter, velocity_m_per_s=velocity_m_per_s(diameter), z_mm=z_mm,
        right_mm=fibres["right_mm"] - shift, left_mm=fibres["left_mm"] + shift,
    )  # fmt: skip
    if necrosis:
        fibres = _cut_across(fibres, necrosis, day, rng)
    if splitting:
        fibres = _split(fibres, splitting, rng)
    unit = fibres["unit"]
    before = np.maximum(state.fibres_per_unit, 1)
    area_then = np.bincount(state.unit, weights=state.diameter_um**2, minlength=state.n_units)
    own = unit >= 0
    area_now = np.bincount(unit[own], weights=fibres["diameter_um"][own] ** 2, minlength=state.n_units)
    force = state.force * np.where(before > 0, area_now / np.maximum(area_then, 1e-9), 0.0)
    return replace(state, force=force, **fibres)


def _cut_across(fibres: dict[str, Any], share: float, day: float | None, rng: np.random.Generator) -> dict[str, Any]:
    """Cut fibres across: the near part keeps its end-plate, the far part is without nerve and becomes irritable."""
    n = len(fibres["unit"])
    cut = np.flatnonzero(rng.random(n) < share)
    place = rng.uniform(0.15, 0.85, len(cut)) * fibres["right_mm"][cut]
    far = {name: array[cut].copy() for name, array in fibres.items()}
    rest = fibres["right_mm"][cut] - place
    origin = rng.random(len(cut)) * rest
    far["z_mm"] = fibres["z_mm"][cut] + place + origin
    far["left_mm"], far["right_mm"] = origin, rest - origin
    far["unit"] = np.full(len(cut), -1)
    age = 120.0 if day is None else float(day)
    onset = np.maximum(
        value("positive_wave_onset_near") + rng.normal(0, value("onset_sd"), len(cut)), value("onset_floor")
    )
    later = value("fibrillation_onset_near") - value("positive_wave_onset_near")
    far["spontaneous"] = (age >= onset).astype(int) + (age >= onset + later)
    far["denervated_days"] = np.full(len(cut), age)
    far["twin"] = np.full(len(cut), -1)
    near_right = fibres["right_mm"].copy()
    near_right[cut] = place
    fibres = {**fibres, "right_mm": near_right}
    return {name: np.concatenate([fibres[name], far[name]]) for name in fibres}


def _split(fibres: dict[str, Any], share: float, rng: np.random.Generator) -> dict[str, Any]:
    """Split fibres: two halves of one cross-section that share a junction, so their jitter is near zero."""
    chosen = np.flatnonzero((fibres["unit"] >= 0) & (rng.random(len(fibres["unit"])) < share))
    half = {name: array[chosen].copy() for name, array in fibres.items()}
    part = rng.uniform(0.35, 0.65, len(chosen))
    diameter = fibres["diameter_um"].copy()
    whole = diameter[chosen]
    diameter[chosen] = whole * np.sqrt(part)
    half["diameter_um"] = whole * np.sqrt(1 - part)
    half["velocity_m_per_s"] = velocity_m_per_s(half["diameter_um"])
    half["x_mm"] = half["x_mm"] + 0.03
    half["twin"] = chosen
    fibres = {**fibres, "diameter_um": diameter, "velocity_m_per_s": velocity_m_per_s(diameter)}
    return {name: np.concatenate([fibres[name], half[name]]) for name in fibres}
