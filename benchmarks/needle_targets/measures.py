"""Plain measures of noise-free potentials from the truth, so that the targets do not depend on the analysis code.

Duration is from the first to the last sample beyond a threshold around the main peak (stretches below it of up to 3 ms
are bridged), phases count excursions beyond 20 uV, turns changes of direction with 50 uV on both sides.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from emgwidgets.simulation.muscle._templates import amplifier
from emgwidgets.simulation.muscle.electrode import lead_points, needle_in
from emgwidgets.simulation.muscle.fibre import potentials_uv, summed_potential_uv
from emgwidgets.simulation.muscle.muscle import MuscleState, muscle_state
from emgwidgets.simulation.muscle.unit_shape import unit_shape
from needle_targets.table import HELD_OUT_SEED

RATE = 48000.0
TA = "tibialis anterior"
AMPLITUDE, DURATION, AREA, PHASES, TURNS, RISE, POLYPHASIC = range(7)


def measure(wave: np.ndarray, threshold_uv: float = 20.0) -> tuple[float, ...] | None:
    """Amplitude, duration, area, phases, turns, rise of one noise-free potential; None below the threshold."""
    found = unit_shape(wave, RATE, threshold_uv=threshold_uv)
    if found is None:
        return None
    return (
        found.amplitude_uv, found.duration_ms, found.area_uv_ms, found.n_phases, found.n_turns, found.rise_ms,
    )  # fmt: skip


def units_of(state: MuscleState, n: int, seed: int, *, pool: float = 0.5, threshold_uv: float = 20.0) -> np.ndarray:
    """Measures of ``n`` sharp units (a fibre within 0.5 mm, over 50 uV, rise under 0.8 ms) at random places."""
    rng = np.random.default_rng(seed)
    units = np.flatnonzero(state.voluntary[: max(int(pool * state.n_units), 1)])
    rows: list[tuple[float, ...]] = []
    for _ in range(60 * n):
        place = rng.uniform(-0.5, 0.5, 2) * state.radius_mm
        needle = needle_in(
            state, depth_mm=state.radius_mm + place[0], lateral_mm=place[1], high_pass_hz=5.0,
            rotation_deg=float(rng.uniform(0, 360)),
        )  # fmt: skip
        leads, fibres = lead_points(needle), state.fibres_of(int(rng.choice(units)))
        if len(fibres) == 0 or leads.distance_mm(state.x_mm[fibres], state.y_mm[fibres]).min() > 0.5:
            continue
        wave = summed_potential_uv(state.fibre_set(fibres), leads, sampling_rate_hz=RATE, duration_ms=45.0)
        found = measure(amplifier(wave, needle, RATE), threshold_uv)
        if found is not None and found[AMPLITUDE] > 50 and found[RISE] < 0.8:
            rows.append(found)
        if len(rows) == n:
            break
    return np.array(rows).reshape(-1, 6)


def per_subject(n_subjects: int, n_units: int, threshold_uv: float = 20.0, **state: Any) -> np.ndarray:
    """Mean measures of each virtual subject and, last, the share of polyphasic units in percent."""
    means = []
    for seed in range(HELD_OUT_SEED, HELD_OUT_SEED + n_subjects):
        found = units_of(muscle_state(seed=seed, **state), n_units, seed, threshold_uv=threshold_uv)
        if len(found):
            means.append([*found.mean(axis=0), 100 * np.mean(found[:, PHASES] > 4)])
    return np.array(means).reshape(-1, 7)


def fibre_density(state: MuscleState, seed: int, n: int = 20) -> float:
    """Mean number of own fibres over 200 uV in front of a single-fibre electrode placed at a fibre of a low-threshold unit.

    Fibres behind the port are shaded by the cannula, which the homogeneous conductor does not know: the uptake is the
    half disc of science 1.4.
    """
    rng = np.random.default_rng(seed)
    counts = []
    inner = np.hypot(state.x_mm, state.y_mm - state.radius_mm) < 0.6 * state.radius_mm
    owned = np.flatnonzero((state.unit >= 0) & inner)
    while len(counts) < n:
        first = int(rng.choice(owned))
        if not state.voluntary[state.unit[first]] or state.unit[first] > state.n_units // 2:
            continue
        needle = needle_in(state, kind="single_fibre", high_pass_hz=500.0)
        needle = needle.moved(
            depth_mm=state.y_mm[first] - needle.depth_mm + 3.0, lateral_mm=state.x_mm[first] - 0.23 - 0.1
        )
        fibres = state.fibres_of(int(state.unit[first]))
        front = fibres[state.x_mm[fibres] >= state.x_mm[first] - 0.1]
        near = front[np.hypot(state.x_mm[front] - state.x_mm[first], state.y_mm[front] - state.y_mm[first]) < 1.0]
        waves = potentials_uv(state.fibre_set(near), lead_points(needle), sampling_rate_hz=RATE, duration_ms=20.0)
        waves = np.array([amplifier(w, needle, RATE) for w in waves])
        counts.append(max(1, int((np.ptp(waves, axis=1) > 200).sum())))
    return float(np.mean(counts))
