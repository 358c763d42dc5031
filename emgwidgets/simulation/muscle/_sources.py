"""Waveforms of spontaneous discharges at one needle place, from the same fibres and units as everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle._templates import unit_template
from emgwidgets.simulation.muscle.electrode import lead_points
from emgwidgets.simulation.muscle.fibre import FibreSet, potentials_uv
from emgwidgets.simulation.muscle.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle.electrode import NeedleElectrode
    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = [
    "END_PLATE_REACH_MM",
    "NEAREST_MM",
    "fibre_potential_uv",
    "gap_mm",
    "irritable_fibres",
    "pick_fibres",
    "pick_units",
    "source_template_uv",
]

END_PLATE_REACH_MM = 3.0  # internal choice: end-plates scatter by 1.5 mm about their zone
SOURCE_MS = 40.0
NEAREST_MM = 0.05  # closer than a fibre's own radius and the core nothing fits (internal choice)


def gap_mm(state: MuscleState, electrode: NeedleElectrode) -> NDArray[np.float64]:
    """Distance of every fibre from the electrode in the cross-section."""
    return lead_points(electrode).distance_mm(state.x_mm, state.y_mm)


def irritable_fibres(
    state: MuscleState, electrode: NeedleElectrode, *, level: int, reach_mm: float
) -> NDArray[np.intp]:
    """Fibres within reach that can fire by themselves: level 1 positive waves, level 2 fibrillations as well."""
    return np.flatnonzero((state.spontaneous >= level) & (gap_mm(state, electrode) < reach_mm))


def pick_fibres(
    state: MuscleState,
    electrode: NeedleElectrode,
    n: int,
    rng: np.random.Generator,
    *,
    reach_mm: float,
    nearest_mm: float = NEAREST_MM,
    bare_first: bool = True,
) -> NDArray[np.intp]:
    """Draw fibres whose distance is spread evenly from near to far, denervated ones first where asked."""
    gap = gap_mm(state, electrode)
    inside = (gap < reach_mm) & (gap >= nearest_mm)
    bare = inside & (state.unit < 0)
    pool = np.flatnonzero(bare if bare_first and bare.sum() >= n else inside)
    if len(pool) == 0:
        raise InputError(
            "no muscle fibre lies within reach of the needle", got=f"depth {electrode.depth_mm} mm",
            expected=f"a tip within the muscle, 0 to {2 * state.radius_mm:.1f} mm deep", way_out="move the needle",
        )  # fmt: skip
    chance = 1.0 / np.maximum(gap[pool], 0.05)
    return rng.choice(pool, size=min(n, len(pool)), replace=False, p=chance / chance.sum())


def pick_units(state: MuscleState, electrode: NeedleElectrode, n: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw units with a fibre within half a millimetre of the needle, so that their potential is sharp."""
    gap = gap_mm(state, electrode)
    for reach in (0.4, 0.8, 1.6, 4.0):
        units = np.unique(state.unit[(gap < reach) & (state.unit >= 0)])
        if len(units) >= n:
            return rng.choice(units, size=n, replace=False)
    raise InputError(
        "no motor unit lies within reach of the needle", got=f"depth {electrode.depth_mm} mm",
        expected=f"a tip within an innervated muscle, 0 to {2 * state.radius_mm:.1f} mm deep", way_out="move the needle",
    )  # fmt: skip


def _single(state: MuscleState, fibre: int, **changes: float) -> FibreSet:
    one = state.fibre_set(np.array([fibre]))
    values = {name: getattr(one, name) for name in FibreSet.__dataclass_fields__}
    values.update({name: np.array([float(size)]) for name, size in changes.items()})
    return FibreSet(**values)


def fibre_potential_uv(
    state: MuscleState,
    electrode: NeedleElectrode,
    fibre: int,
    *,
    origin_mm: float,
    ends_mm: float | None,
    sampling_rate_hz: float,
) -> NDArray[np.float64]:
    """Potential of one fibre that starts at a place along itself; ``ends_mm`` is where a crushed fibre ends."""
    z, right, left = float(state.z_mm[fibre]), float(state.right_mm[fibre]), float(state.left_mm[fibre])
    tendon_right, tendon_left = z + right, z - left
    origin = float(np.clip(origin_mm, tendon_left, tendon_right))
    if ends_mm is None:
        changes = {"z_mm": origin, "right_mm": tendon_right - origin, "left_mm": origin - tendon_left}
    elif ends_mm >= origin:
        changes = {"z_mm": origin, "right_mm": ends_mm - origin, "left_mm": origin - tendon_left}
    else:
        changes = {"z_mm": origin, "right_mm": tendon_right - origin, "left_mm": origin - ends_mm}
    one = _single(state, fibre, delay_ms=0.0, **changes)
    kind = "normal" if ends_mm is None else "injured"
    own: NDArray[np.float64] = potentials_uv(
        one, lead_points(electrode), sampling_rate_hz=sampling_rate_hz, duration_ms=SOURCE_MS, kind=kind,
        spike_stretch=state.spike_stretch,
    )[0]  # fmt: skip
    return own


def _spike(
    state: MuscleState, electrode: NeedleElectrode, fibre: int, rng: np.random.Generator, rate: float
) -> NDArray[np.float64]:
    away = rng.uniform(6.0, 20.0) * (1 if rng.random() < 0.5 else -1)  # away from the needle: positive first
    return fibre_potential_uv(
        state, electrode, fibre, origin_mm=electrode.along_mm + away, ends_mm=None, sampling_rate_hz=rate
    )


def _wave(
    state: MuscleState, electrode: NeedleElectrode, fibre: int, rng: np.random.Generator, rate: float
) -> NDArray[np.float64]:
    away = -rng.uniform(6.0, 20.0)
    end = electrode.along_mm - rng.uniform(0.0, 0.15)
    origin = electrode.along_mm + away
    return fibre_potential_uv(state, electrode, fibre, origin_mm=origin, ends_mm=end, sampling_rate_hz=rate)


def _chain(
    state: MuscleState, electrode: NeedleElectrode, rng: np.random.Generator, rate: float
) -> NDArray[np.float64]:
    """Complex repetitive discharge: 5-20 neighbours in fixed order, 0.3-3 ms apart (P, science 1.9)."""
    fibres = pick_fibres(state, electrode, int(rng.integers(6, 12)), rng, reach_mm=0.6)
    delay_ms = np.cumsum(rng.uniform(0.3, 3.0, len(fibres)))
    total = np.zeros(round((SOURCE_MS + 40.0) * rate / 1000))
    for fibre, late in zip(fibres, delay_ms, strict=True):
        one = _spike(state, electrode, int(fibre), np.random.default_rng(int(fibre)), rate)
        loud = np.flatnonzero(np.abs(one) > 0.02 * np.abs(one).max())
        one = one[max(int(loud[0]) - 10, 0) :]
        start = round(late * rate / 1000)
        stop = min(start + len(one), len(total))
        total[start:stop] += one[: stop - start]
    return total


def _end_plate(
    state: MuscleState, electrode: NeedleElectrode, rng: np.random.Generator, rate: float
) -> NDArray[np.float64]:
    """End-plate spike: the wave starts under the needle, so the first deflection is negative."""
    fibre = int(pick_fibres(state, electrode, 1, rng, reach_mm=0.35)[0])
    origin = electrode.along_mm + rng.normal(0.0, 0.15)
    return fibre_potential_uv(state, electrode, fibre, origin_mm=origin, ends_mm=None, sampling_rate_hz=rate)


def _miniature(rate: float) -> NDArray[np.float64]:
    time_ms = np.arange(round(8.0 * rate / 1000)) * 1000 / rate
    shape = (1 - np.exp(-time_ms / value("mepp_rise"))) * np.exp(-time_ms / value("mepp_decay"))
    miniature: NDArray[np.float64] = -value("mepp_amplitude") * shape / shape.max()
    return miniature


def source_template_uv(
    kind: str,
    state: MuscleState,
    electrode: NeedleElectrode,
    rng: np.random.Generator,
    sampling_rate_hz: float,
    *,
    fibre: int | None = None,
) -> NDArray[np.float64]:
    """Noise-free potential of one spontaneous source before the amplifier, in microvolts.

    Raises
    ------
    InputError
        If nothing lies within reach, or end-plate activity is asked for away from the end-plates.
    """
    if kind.startswith("end_plate") and abs(electrode.along_mm) > END_PLATE_REACH_MM:
        raise InputError(
            "no end-plate lies within reach of the needle", got=f"along_mm = {electrode.along_mm}",
            expected=f"within {END_PLATE_REACH_MM} mm of the end-plate zone", way_out="use along_mm=0",
        )  # fmt: skip
    if kind == "end_plate_noise":
        return _miniature(sampling_rate_hz)
    if kind == "end_plate_spike":
        return _end_plate(state, electrode, rng, sampling_rate_hz)
    if kind == "complex_repetitive_discharge":
        return _chain(state, electrode, rng, sampling_rate_hz)
    if kind in ("fibrillation", "positive_sharp_wave", "myotonic_discharge"):
        if fibre is None:
            reach = value("positive_wave_reach") if kind == "positive_sharp_wave" else 0.45
            fibre = int(pick_fibres(state, electrode, 1, rng, reach_mm=reach)[0])
        as_wave = kind == "positive_sharp_wave" or (kind == "myotonic_discharge" and rng.random() < 0.35)
        return (_wave if as_wave else _spike)(state, electrode, fibre, rng, sampling_rate_hz)
    unit = int(pick_units(state, electrode, 1, rng)[0])
    return unit_template(state, electrode, unit, sampling_rate_hz).whole_uv
