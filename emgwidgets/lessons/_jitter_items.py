"""Jitter studies of twenty pairs: within limits, failing junctions, young reinnervation, or too little to judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.lessons._people import known_of
from emgwidgets.lessons.item import Item, ItemTrace, Spread
from emgwidgets.lessons.jitter_study import ENOUGH_PAIRS, JitterStudy, jitter_study
from emgwidgets.lessons.unit_sheets import RATE_HZ, muscle_of
from emgwidgets.model.signal import Side, Sweep
from emgwidgets.simulation.muscle.electrode import needle_in
from emgwidgets.simulation.muscle.needle import simulate_needle
from emgwidgets.simulation.muscle.needle_phase import NeedlePhase
from emgwidgets.simulation.patient import VirtualPatient

if TYPE_CHECKING:
    from emgwidgets.model.needle_effort import JitterPair
    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = ["jitter_item"]

Wave = np.ndarray[Any, np.dtype[np.float64]]

MUSCLE = "extensor_digitorum_communis"
SIDE: Side = "right"
OPTIONS = ("Within limits", "Junctions fail", "Young reinnervation", "Cannot be judged")
#: True safety factor at or below which junctions fail, and size of units from which nerve has sprouted; internal choices: the
#: healthy muscle of the simulation has 4 to 5, and 1.
FAILING_SAFETY, SPROUTED_RATIO = 2.5, 1.3
#: Discharges laid over one another, the window in which microseconds show, the place of the first spike in it, and the rate it is
#: drawn at; bins of the histogram.  All of our own choice.
SHOWN, LENGTH_MS, FIRST_MS, FINE = 20, 5.0, 1.8, 4
STEP_US, N_BINS = 10.0, 16
#: Spikes closer than this melt into one: such a pair is not shown.
APART_US = 600.0
HALF_MS = 3.0


def jitter_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of a jitter study; ``n_pairs`` in the row ends it early."""
    side = SIDE if row.get("has_side") else None
    patient = VirtualPatient.with_condition(
        str(row["condition"]), side=side, severity=row.get("severity"), age_years=44.0, seed=seed + 1
    )  # fmt: skip
    patient = patient.on_day(float(row["day"])) if "day" in row else patient
    state = muscle_of(patient, MUSCLE, SIDE)
    healthy = muscle_of(VirtualPatient(age_years=44.0, seed=seed + 1), MUSCLE, SIDE)
    study = jitter_study(patient, MUSCLE, SIDE, n=int(row.get("n_pairs", ENOUGH_PAIRS)), seed=seed)
    mean_limit_us, pair_limit_us = study.limits_us()
    assert mean_limit_us is not None
    assert pair_limit_us is not None
    safety = study.median_safety_ratio
    ratio = _size(state) / _size(healthy)
    truth = 3 if study.n < ENOUGH_PAIRS else 2 if ratio > SPROUTED_RATIO else 1 if safety <= FAILING_SAFETY else 0
    return Item(
        question="Extensor digitorum, concentric needle, 500 Hz low filter. What does the study say?", options=OPTIONS, truth=truth,
        feedback=_feedback(study, ratio), why=_why(truth, safety, ratio), traces=_traces(study, state, seed),
        known=(known_of(patient), ("pairs", f"{study.n}"), ("mean jitter", f"{study.mean_us:.0f} µs (limit {mean_limit_us:.0f})"),
               ("pairs over limit", f"{study.n_over(pair_limit_us)} ({pair_limit_us:.0f} µs)"), ("blocking", f"{study.blocking_percent:.0f} % of discharges"),
               ("units", "large and complex" if ratio > SPROUTED_RATIO else "of usual size")),
        found=(("median safety factor", f"{safety:.1f}"), ("fibres of a unit against health", f"{100 * ratio:.0f} %")), end_ms=LENGTH_MS,
        spread=Spread(
            label="jitter of every pair, µs", values_us=tuple(one.jitter_us for one in study.pairs), step_us=STEP_US, n_bins=N_BINS,
            limit_us=pair_limit_us, limit_label=f"limit of one pair {pair_limit_us:.0f} µs",
        ),
    )  # fmt: skip


def _size(state: MuscleState) -> float:
    counts = np.asarray(state.fibres_per_unit)[np.asarray(state.voluntary)]
    return float(counts[counts > 0].mean())


def _feedback(study: JitterStudy, ratio: float) -> tuple[str, ...]:
    if study.n < ENOUGH_PAIRS:
        return (f"{study.n} pairs; a study needs {ENOUGH_PAIRS}.",) * len(OPTIONS)
    size = "the units are large and complex" if ratio > SPROUTED_RATIO else "the units are of usual size"
    said = study.verdict()
    said = said[0].upper() + said[1:]
    return (
        f"{said}.",
        f"{said}; {study.blocking_percent:.0f} % blocked; {size}.",
        f"{said}; {size}.",
        f"{study.n} pairs are enough. {said}.",
    )


def _why(truth: int, safety: float, ratio: float) -> str:
    if truth == 3:
        return "A few pairs can all be sound or all be sick by chance. Go on until 20 are clean."
    if truth == 0:
        return f"The junctions keep a safety factor of {safety:.1f}. In a weak muscle this argues against the junction (E5, read)."
    if truth == 1:
        return f"The safety factor has fallen to {safety:.1f} while the units are whole. Jitter alone names no disease."
    return f"Each unit owns {ratio:.1f} times its fibres, and their new junctions are young: raised jitter is not specific (E5, read)."


def _traces(study: JitterStudy, state: MuscleState, seed: int) -> tuple[ItemTrace, ...]:
    """A typical pair of the study and its widest, each over 20 discharges, aligned on the first spike."""
    spike = _spike(state, seed)
    rng = np.random.default_rng([seed, 27])
    traces: list[ItemTrace] = []
    for name, pair in _shown(study).items():
        traces += [
            ItemTrace(
                label=f"{name}, {pair.jitter_us:.0f} µs", sweep=_discharge(spike, one, rng), scale="pair", lane=name
            )
            for one in pair.intervals_us[:SHOWN]
        ]
    return tuple(traces)


def _shown(study: JitterStudy) -> dict[str, JitterPair]:
    """Two measured pairs whose spikes stand apart: the one nearest to the median jitter, and the one with the largest."""
    measured = [one for one in study.pairs if one.jitter_us is not None]
    apart = [
        one for one in measured if one.mean_interval_us is not None and one.mean_interval_us >= APART_US
    ] or measured
    if not apart:
        return {}
    middle_us = float(np.median([one.jitter_us or 0.0 for one in measured]))
    typical = min(apart, key=lambda one: abs((one.jitter_us or 0.0) - middle_us))
    widest = max(apart, key=lambda one: one.jitter_us or 0.0)
    return {"typical pair": typical} if typical is widest else {"typical pair": typical, "widest pair": widest}


def _spike(state: MuscleState, seed: int) -> Wave:
    """Spike of a fibre near the needle behind the 500 Hz filter, its negative peak in the middle."""
    from scipy import signal

    rng = np.random.default_rng([seed, 26])
    for _ in range(12):
        off = rng.uniform(-0.4, 0.4, 2) * state.radius_mm
        needle = needle_in(
            state, depth_mm=float(state.radius_mm + off[0]), lateral_mm=float(off[1]), high_pass_hz=500.0
        )
        phases = (NeedlePhase(kind="effort", duration_s=0.5, effort=0.01),)
        units = simulate_needle(state, needle, phases=phases, sampling_rate_hz=RATE_HZ, seed=seed).truth.units
        near = [wave for one in units for wave in one.parts.near_uv]
        if near:
            break
    sos = signal.butter(2, 500.0, "highpass", fs=RATE_HZ, output="sos")
    sharp = signal.sosfiltfilt(sos, max(near, key=np.ptp))
    half = round(HALF_MS * RATE_HZ / 1000)
    held = np.pad(sharp, half)
    at = int(held.argmin())
    cut: Wave = signal.resample_poly(held[at - half : at + half], FINE, 1)
    return cut


def _discharge(spike: Wave, interval_us: float, rng: np.random.Generator) -> Sweep:
    """Both spikes of one discharge; the second is missing where it was blocked."""
    rate_hz = FINE * RATE_HZ
    times_ms = np.arange(round(LENGTH_MS * rate_hz / 1000)) * 1000 / rate_hz
    own_ms = (np.arange(len(spike)) - len(spike) // 2) * 1000 / rate_hz
    places_ms = [FIRST_MS] if np.isnan(interval_us) else [FIRST_MS, FIRST_MS + interval_us / 1000]
    whole = sum(np.interp(times_ms - place, own_ms, spike, left=0.0, right=0.0) for place in places_ms)
    return Sweep(samples_uv=whole + rng.normal(0.0, 1.0, len(times_ms)), sampling_rate_hz=rate_hz, start_ms=0.0)
