"""Jitter studies of twenty pairs: within limits, failing junctions, young reinnervation, or too little to judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.lessons._people import known_of
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.lessons.jitter_study import ENOUGH_PAIRS, JitterStudy, jitter_study
from emgwidgets.lessons.unit_sheets import RATE_HZ, muscle_of, unit_sweep
from emgwidgets.model.signal import Side
from emgwidgets.simulation.muscle.electrode import needle_in
from emgwidgets.simulation.muscle.needle import simulate_needle
from emgwidgets.simulation.muscle.needle_phase import NeedlePhase
from emgwidgets.simulation.patient import VirtualPatient

if TYPE_CHECKING:
    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = ["jitter_item"]

MUSCLE = "extensor_digitorum_communis"
SIDE: Side = "right"
OPTIONS = ("Within limits", "Junctions fail", "Young reinnervation", "Cannot be judged")
#: True safety factor at or below which junctions fail, and size of units from which nerve has sprouted; internal choices: the
#: healthy muscle of the simulation has 4 to 5, and 1.
FAILING_SAFETY, SPROUTED_RATIO = 2.5, 1.3
SHOWN, LENGTH_MS = 8, 20.0


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
        feedback=_feedback(study, ratio), why=_why(truth, safety, ratio), traces=_traces(state, seed),
        known=(known_of(patient), ("pairs", f"{study.n}"), ("mean jitter", f"{study.mean_us:.0f} µs (limit {mean_limit_us:.0f})"),
               ("pairs over limit", f"{study.n_over(pair_limit_us)} ({pair_limit_us:.0f} µs)"), ("blocking", f"{study.blocking_percent:.0f} % of discharges"),
               ("units", "large and complex" if ratio > SPROUTED_RATIO else "of usual size")),
        found=(("median safety factor", f"{safety:.1f}"), ("fibres of a unit against health", f"{100 * ratio:.0f} %")), end_ms=LENGTH_MS,
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


def _traces(state: MuscleState, seed: int) -> tuple[ItemTrace, ...]:
    """Eight successive discharges of one unit near the needle, each fibre at its own moment."""
    rng = np.random.default_rng([seed, 26])
    for _ in range(12):
        off = rng.uniform(-0.4, 0.4, 2) * state.radius_mm
        needle = needle_in(
            state, depth_mm=float(state.radius_mm + off[0]), lateral_mm=float(off[1]), high_pass_hz=500.0
        )
        phases = (NeedlePhase(kind="effort", duration_s=1.5, effort=0.01),)
        units = simulate_needle(state, needle, phases=phases, sampling_rate_hz=RATE_HZ, seed=seed).truth.units
        near = [
            one
            for one in units
            if one.near_delay_ms.shape[1] >= 2 and len(one.times_s) >= SHOWN and one.amplitude_uv > 100
        ]
        if near:
            return _discharges(max(near, key=lambda one: one.amplitude_uv).discharges_uv(SHOWN), seed)
    return ()


def _discharges(waves_uv: np.ndarray[Any, np.dtype[np.float64]], seed: int) -> tuple[ItemTrace, ...]:
    from scipy import signal

    sos = signal.butter(2, 500.0, "highpass", fs=RATE_HZ, output="sos")
    sharp = signal.sosfiltfilt(sos, waves_uv, axis=1)
    return tuple(
        ItemTrace(label=f"discharge {k}", sweep=unit_sweep(wave, length_ms=LENGTH_MS, seed=seed + k), scale="pair")
        for k, wave in enumerate(sharp, start=1)
    )
