"""Jitter studies of twenty pairs: within limits, failing junctions, young reinnervation, or too little to judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.analysis.needle.jitter import jitter_of_intervals
from emgwidgets.interpretation.reference import limit
from emgwidgets.lessons._people import known_of
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.lessons.unit_sheets import RATE_HZ, muscle_of, unit_sweep
from emgwidgets.model.signal import Side
from emgwidgets.model.verdict import Limit
from emgwidgets.simulation.muscle.electrode import needle_in
from emgwidgets.simulation.muscle.junction import transmit
from emgwidgets.simulation.muscle.needle import simulate_needle
from emgwidgets.simulation.muscle.needle_phase import NeedlePhase
from emgwidgets.simulation.patient import VirtualPatient

if TYPE_CHECKING:
    from emgwidgets.model.needle_effort import JitterPair
    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = ["jitter_item", "jitter_pairs"]

MUSCLE = "extensor_digitorum_communis"
SIDE: Side = "right"
NORMS = "jitter_concentric_voluntary"
OPTIONS = ("Within limits", "Junctions fail", "Young reinnervation", "Cannot be judged")
#: Pairs a study needs, and share of pairs beyond the limit that makes it abnormal (E5, read); discharges of a pair (E5, M).
ENOUGH_PAIRS, ABNORMAL_SHARE, N_DISCHARGES = 20, 0.10, 60
#: True safety factor at or below which junctions fail, and size of units from which nerve has sprouted; internal choices: the
#: healthy muscle of the simulation has 4 to 5, and 1.
FAILING_SAFETY, SPROUTED_RATIO = 2.5, 1.3
SHOWN, LENGTH_MS = 8, 20.0


def jitter_pairs(state: MuscleState, n: int, seed: int) -> tuple[JitterPair, ...]:
    """Jitter of ``n`` random pairs of fibres of one muscle, each over 60 voluntary discharges."""
    rng = np.random.default_rng([seed, 25])
    owned = np.flatnonzero(state.unit >= 0)
    found = []
    for _ in range(n):
        both = rng.choice(owned, 2, replace=False)
        delay_ms, blocked = transmit(state.safety_factor[both], state.quantal_content[both], N_DISCHARGES, rng)
        interval_us = 1000.0 * (delay_ms[:, 1] - delay_ms[:, 0]) + float(rng.uniform(200.0, 1500.0))
        interval_us = np.where(blocked.any(axis=1), np.nan, interval_us)
        times_s = np.cumsum(np.clip(rng.normal(0.09, 0.012, N_DISCHARGES), 0.04, None))
        found.append(jitter_of_intervals(interval_us, times_s))
    return tuple(found)


def jitter_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of a jitter study; ``n_pairs`` in the row ends it early."""
    side = SIDE if row.get("has_side") else None
    patient = VirtualPatient.with_condition(
        str(row["condition"]), side=side, severity=row.get("severity"), age_years=44.0, seed=seed + 1
    )  # fmt: skip
    patient = patient.on_day(float(row["day"])) if "day" in row else patient
    state = muscle_of(patient, MUSCLE, SIDE)
    healthy = muscle_of(VirtualPatient(age_years=44.0, seed=seed + 1), MUSCLE, SIDE)
    pairs = jitter_pairs(state, int(row.get("n_pairs", ENOUGH_PAIRS)), seed)
    owned = state.unit >= 0
    safety = float(np.median(np.asarray(state.safety_factor)[owned]))
    ratio = _size(state) / _size(healthy)
    truth = 3 if len(pairs) < ENOUGH_PAIRS else 2 if ratio > SPROUTED_RATIO else 1 if safety <= FAILING_SAFETY else 0
    numbers = _Numbers(pairs)
    return Item(
        question="Extensor digitorum, concentric needle, 500 Hz low filter. What does the study say?", options=OPTIONS, truth=truth,
        feedback=_feedback(numbers, ratio), why=_why(truth, safety, ratio), traces=_traces(state, seed),
        known=(known_of(patient), ("pairs", f"{numbers.n}"), ("mean jitter", f"{numbers.mean_us:.0f} µs (limit {numbers.mean_limit_us:.0f})"),
               ("pairs over limit", f"{numbers.n_over} ({numbers.pair_limit_us:.0f} µs)"), ("blocking", f"{numbers.blocking_percent:.0f} % of discharges"),
               ("units", "large and complex" if ratio > SPROUTED_RATIO else "of usual size")),
        found=(("median safety factor", f"{safety:.1f}"), ("fibres of a unit against health", f"{100 * ratio:.0f} %")), end_ms=LENGTH_MS,
    )  # fmt: skip


class _Numbers:
    """What the pairs amount to, beside the limits of the named set."""

    def __init__(self, pairs: tuple[JitterPair, ...]) -> None:
        sizes = np.array([one.jitter_us for one in pairs if one.jitter_us is not None])
        self.n = len(pairs)
        self.mean_limit_us, self.pair_limit_us = _limit("mcd_us"), _limit("single_pair_mcd_us")
        self.mean_us = float(sizes.mean()) if len(sizes) else float("nan")
        blocked = [one.blocking_percent > 0 for one in pairs]
        self.n_over = int(np.sum(sizes > self.pair_limit_us)) + sum(one.jitter_us is None for one in pairs)
        self.n_blocked = sum(blocked)
        self.blocking_percent = float(np.mean([one.blocking_percent for one in pairs]))

    @property
    def is_abnormal(self) -> bool:
        return self.mean_us > self.mean_limit_us or self.n_over > ABNORMAL_SHARE * self.n


def _limit(measure: str) -> float:
    found = limit(MUSCLE, measure, norm_set=NORMS, assume=("age",))
    assert isinstance(found, Limit)
    assert found.high is not None
    return found.high


def _size(state: MuscleState) -> float:
    counts = np.asarray(state.fibres_per_unit)[np.asarray(state.voluntary)]
    return float(counts[counts > 0].mean())


def _feedback(numbers: _Numbers, ratio: float) -> tuple[str, ...]:
    said = f"Mean {numbers.mean_us:.0f} µs against {numbers.mean_limit_us:.0f}, {numbers.n_over} of {numbers.n} pairs over {numbers.pair_limit_us:.0f}"
    if numbers.n < ENOUGH_PAIRS:
        return (f"{numbers.n} pairs; a study needs {ENOUGH_PAIRS}.",) * len(OPTIONS)
    size = "the units are large and complex" if ratio > SPROUTED_RATIO else "the units are of usual size"
    return (
        f"{said}: {'abnormal' if numbers.is_abnormal else 'within limits'}.",
        f"{said}, {numbers.blocking_percent:.0f} % blocked; {size}.",
        f"{said}; {size}.",
        f"{numbers.n} pairs with {N_DISCHARGES} discharges each are enough.",
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
