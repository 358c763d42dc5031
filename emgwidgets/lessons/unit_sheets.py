"""Twenty units of a virtual muscle as one sheet: waves, their measures by the usual rules, and what is true of the muscle."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.model.signal import Side, Sweep
from emgwidgets.simulation.muscle.electrode import needle_in
from emgwidgets.simulation.muscle.muscle_fate import needle_muscle
from emgwidgets.simulation.muscle.needle import simulate_needle
from emgwidgets.simulation.muscle.needle_phase import NeedlePhase
from emgwidgets.simulation.muscle.unit_shape import unit_shape
from emgwidgets.simulation.patient import VirtualPatient

if TYPE_CHECKING:
    from emgwidgets.simulation.muscle.muscle_types import MuscleState
    from emgwidgets.simulation.muscle.needle_truth import UnitTruth
    from emgwidgets.simulation.muscle.unit_shape import UnitShape

__all__ = ["RATE_HZ", "Sheet", "SheetUnit", "muscle_of", "unit_sheet", "unit_sweep"]

RATE_HZ = 24000.0
#: Ends of a potential; the published means of these muscles were taken with such a low threshold (needle.md 2.2).
THRESHOLD_UV = 10.0
#: Units are taken above this size and with a rise within this time: the needle is then near its unit (needle.md 2.1, M).
LEAST_UV, MOST_RISE_MS = 60.0, 0.8
#: Effort of the places in turn, as share of the greatest force: slight.
EFFORTS = (0.01, 0.05)
MOST_PLACES, MOST_A_PLACE = 40, 3
REST_S = 4.0


@dataclass(frozen=True, kw_only=True, eq=False)
class SheetUnit:
    """One unit: its wave after the amplifier, and its shape by the 10 uV rule."""

    wave_uv: np.ndarray[Any, np.dtype[np.float64]] = field(repr=False)
    shape: UnitShape
    n_fibres: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """Units of one muscle.

    Parameters
    ----------
    units : tuple of SheetUnit
    n_firing : int
        Units of the whole muscle that fire at 5 % of the healthy force: only the simulation knows.
    n_seen, fastest_rate_hz : float
        Units above 100 uV at the first place, and the fastest of them, at the stated force.
    rest : tuple of str
        Kinds of spontaneous sources met at rest at the last place.
    fibre_ratio : float
        True: mean number of fibres of a voluntary unit, over that of the same muscle in health.
    """

    units: tuple[SheetUnit, ...]
    n_firing: int
    n_seen: int
    fastest_rate_hz: float
    rest: tuple[str, ...]
    fibre_ratio: float

    @property
    def mean_amplitude_uv(self) -> float:
        """Mean of the peak-to-peak amplitudes."""
        return float(np.mean([one.shape.amplitude_uv for one in self.units]))

    @property
    def mean_duration_ms(self) -> float:
        """Mean of the durations, 10 uV rule."""
        return float(np.mean([one.shape.duration_ms for one in self.units]))

    @property
    def polyphasic_percent(self) -> float:
        """Share of units with more than four phases."""
        return float(100 * np.mean([one.shape.n_phases > 4 for one in self.units]))


@lru_cache(maxsize=12)
def muscle_of(patient: VirtualPatient, muscle: str, side: Side) -> MuscleState:
    """Muscle of a patient on its day, as the needle meets it."""
    return needle_muscle(
        subject=patient.subject, muscle=muscle, side=side, lesions=patient.lesions, day=patient.day, anomalies=patient.anomalies
    )  # fmt: skip


def unit_sheet(
    patient: VirtualPatient, muscle: str, side: Side, *, n: int = 20, seed: int = 0, state: MuscleState | None = None
) -> Sheet:
    """Take ``n`` different units at several places of a muscle, as an examiner does; fewer where there are no more.

    Parameters
    ----------
    patient : VirtualPatient
    muscle : str
        Code of the vocabulary.
    side : {"left", "right"}
    n, seed : int
    state : MuscleState, optional
        A muscle made elsewhere, taken in place of the patient's own.

    Returns
    -------
    Sheet
        Waves without noise and their measures by the 10 uV rule.

    Raises
    ------
    InputError
        If there is no such muscle.
    """
    state = state or muscle_of(patient, muscle, side)
    healthy = muscle_of(VirtualPatient(age_years=patient.age_years, seed=patient.seed), muscle, side)
    rng = np.random.default_rng([seed, 21])
    found: dict[int, SheetUnit] = {}
    first: tuple[int, float] | None = None
    n_firing = 0
    for place in range(MOST_PLACES):
        truth = _effort(state, rng, EFFORTS[place % 2], seed + place)
        if first is None and place % 2:
            first, n_firing = _seen(truth), len(truth)
        near = [one for one in truth if one.unit not in found and _is_near(one)]
        for one in sorted(near, key=lambda unit: -unit.amplitude_uv)[:MOST_A_PLACE]:
            shape = unit_shape(one.recorded_uv, RATE_HZ, threshold_uv=THRESHOLD_UV)
            if shape is not None and len(found) < n:
                found[one.unit] = SheetUnit(wave_uv=one.recorded_uv, shape=shape, n_fibres=one.n_fibres)
        if len(found) >= n:
            break
    n_seen, fastest = first or (0, float("nan"))
    return Sheet(
        units=tuple(found.values()), n_firing=n_firing, n_seen=n_seen, fastest_rate_hz=fastest, rest=_rest(state, seed), fibre_ratio=_size(state) / _size(healthy),
    )  # fmt: skip


def _effort(state: MuscleState, rng: np.random.Generator, effort: float, seed: int) -> tuple[UnitTruth, ...]:
    off = rng.uniform(-0.5, 0.5, 2) * state.radius_mm
    needle = needle_in(
        state, depth_mm=float(state.radius_mm + off[0]), lateral_mm=float(off[1]), rotation_deg=float(rng.uniform(0, 360)),
        high_pass_hz=10.0,
    )  # fmt: skip
    phases = (NeedlePhase(kind="effort", duration_s=1.5, effort=effort),)
    return simulate_needle(state, needle, phases=phases, sampling_rate_hz=RATE_HZ, seed=seed).truth.units


def _is_near(one: UnitTruth) -> bool:
    shape = one.shape
    return shape is not None and shape.amplitude_uv > LEAST_UV and 0 < shape.rise_ms < MOST_RISE_MS


def _seen(units: tuple[UnitTruth, ...]) -> tuple[int, float] | None:
    """Number of units above 100 uV and the rate of the fastest; None when there is none."""
    seen = [one for one in units if one.amplitude_uv > 100 and len(one.times_s) > 3]
    rates = [1 / float(np.median(np.diff(np.sort(one.times_s)))) for one in seen]
    return (len(seen), max(rates)) if seen else None


def _rest(state: MuscleState, seed: int) -> tuple[str, ...]:
    phases = (NeedlePhase(kind="rest", duration_s=REST_S),)
    truth = simulate_needle(state, needle_in(state), phases=phases, sampling_rate_hz=RATE_HZ, seed=seed).truth
    return tuple(dict.fromkeys(one.kind for one in truth.sources if len(one.times_s) > 2))


def _size(state: MuscleState) -> float:
    counts = np.asarray(state.fibres_per_unit)[np.asarray(state.voluntary)]
    return float(counts[counts > 0].mean()) if (counts > 0).any() else 0.0


def unit_sweep(wave_uv: np.ndarray[Any, np.dtype[np.float64]], *, length_ms: float, seed: int) -> Sweep:
    """One unit as an averaged sweep with the little noise an average keeps."""
    n = round(length_ms * RATE_HZ / 1000)
    held = np.zeros(n)
    part = wave_uv[:n]
    held[: len(part)] = part
    noise = np.random.default_rng(seed).normal(0.0, 1.0, n)
    return Sweep(samples_uv=held + noise, sampling_rate_hz=RATE_HZ, start_ms=0.0)
