"""A train of repetitive stimulation: amplitude and area of each response, decrement, increment, and whether it can be trusted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgwidgets.analysis.ncs.motor import MotorWave, measure_motor_response
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Measure, Measures
from emgwidgets.model.signal import Sweep

__all__ = ["RepetitiveTrain", "measure_repetitive_train"]

ROUGH_PERCENT = 4.0
"""Scatter of the later responses around a smooth course; irregular change is artefact (ncs.S84), the number is ours."""
MOVED_MS = 0.3
"""Shift of the onset within a train that points to a moved electrode or stimulator (internal choice)."""
SAME_SHAPE = 0.77
"""Share of an interval that is noise: what a fit misses of the shape is the same in every response of a train (development seeds)."""


@dataclass(frozen=True, kw_only=True)
class RepetitiveTrain:
    """One train, in order of the stimuli.

    Parameters
    ----------
    amplitudes_mv, areas_mv_ms : tuple of float
        Baseline to negative peak and area of the negative phase of each response.
    decrement_percent, area_decrement_percent : Measure
        First against fourth response (ncs section 3); negative numbers are growth.
    lowest_decrement_percent : Measure
        First against the lowest of the first five.
    increment_percent : Measure
        Last against first, 100 x (last - first) / first; 100 is a doubling (ncs section 0, trap 6).
    validity : tuple of str
        Reasons to doubt the train; empty when none was found.
    """

    amplitudes_mv: tuple[float, ...]
    areas_mv_ms: tuple[float, ...]
    first: MotorWave
    decrement_percent: Measure
    area_decrement_percent: Measure
    lowest_decrement_percent: Measure
    increment_percent: Measure
    validity: tuple[str, ...]

    @property
    def measures(self) -> Measures:
        """The measures under the names of ``model.ncs.REPETITIVE_MEASURES``."""
        return Measures({
            "amplitude_mv": self.first.amplitude_mv, "area_mv_ms": self.first.area_mv_ms,
            "decrement_percent": self.decrement_percent, "area_decrement_percent": self.area_decrement_percent,
            "increment_percent": self.increment_percent,
        })  # fmt: skip


def _change(first: Measure, later: Measure, *, sign: float, method: str) -> Measure:
    ratio = later.value / first.value
    halves = [SAME_SHAPE * ((m.high or m.value) - m.value) / first.value for m in (first, later)]
    half = 100 * math.hypot(ratio * halves[0], halves[1])
    value = sign * 100 * (ratio - 1)
    return Measure(
        value=value, unit="%", method=method, low=value - half, high=value + half, conditions=first.conditions
    )


def _validity(waves: Sequence[MotorWave]) -> tuple[str, ...]:
    amplitudes = np.array([wave.amplitude_mv.value for wave in waves])
    onsets_ms = np.array([wave.onset_latency_ms.value for wave in waves])
    sd_ms = np.array([((wave.onset_latency_ms.high or 0) - wave.onset_latency_ms.value) / 1.645 for wave in waves])
    reasons = []
    if len(waves) >= 6:
        bend = np.diff(amplitudes[1:], 2) / math.sqrt(6.0)  # three neighbours weigh 1, -2, 1
        noise_mv = float(np.median([((w.amplitude_mv.high or 0) - w.amplitude_mv.value) / 1.645 for w in waves]))
        rough = 100 * float(np.sqrt(np.mean(bend**2))) / float(amplitudes[0])
        if rough > max(ROUGH_PERCENT, 300 * noise_mv / float(amplitudes[0])):
            reasons.append(f"the envelope is not smooth ({rough:.1f} % from response to response)")
    shift_ms = float(np.max(np.abs(onsets_ms - np.median(onsets_ms))))
    if shift_ms > max(MOVED_MS, 4 * float(np.median(sd_ms))):
        reasons.append(f"the onset moves by {shift_ms:.2f} ms within the train")
    reasons += [f"{flag.replace('_', ' ')} in at least one response" for flag in ("artefact_at_onset", "mains")
                if any(flag in wave.flags for wave in waves)]  # fmt: skip
    return tuple(reasons)


def measure_repetitive_train(
    sweeps: Sequence[Sweep], *, window_ms: tuple[float, float] | None = None
) -> RepetitiveTrain | Absent:
    """Measure a train of repetitive stimulation, one sweep for each stimulus.

    Raises
    ------
    InputError
        If fewer than four responses were recorded, or a later response cannot be found.
    """
    if len(sweeps) < 4:
        raise InputError(
            "the decrement cannot be judged", got=f"{len(sweeps)} responses", expected="at least 4 responses of one train"
        )  # fmt: skip
    waves: list[MotorWave] = []
    for number, sweep in enumerate(sweeps, start=1):
        wave = measure_motor_response(sweep, window_ms=window_ms)
        if isinstance(wave, Absent):
            if number == 1:
                return wave
            raise InputError(
                f"response {number} of the train cannot be found", got=wave.reason, way_out="leave out the train"
            )
        waves.append(wave)
    first = waves[0]
    lowest = min(waves[:5], key=lambda wave: wave.amplitude_mv.value)
    return RepetitiveTrain(
        amplitudes_mv=tuple(wave.amplitude_mv.value for wave in waves),
        areas_mv_ms=tuple(wave.area_mv_ms.value for wave in waves), first=first,
        decrement_percent=_change(first.amplitude_mv, waves[3].amplitude_mv, sign=-1, method="first against fourth"),
        area_decrement_percent=_change(first.area_mv_ms, waves[3].area_mv_ms, sign=-1, method="first against fourth"),
        lowest_decrement_percent=_change(
            first.amplitude_mv, lowest.amplitude_mv, sign=-1, method="first against the lowest of five"
        ),
        increment_percent=_change(first.amplitude_mv, waves[-1].amplitude_mv, sign=1, method="last against first"),
        validity=_validity(waves),
    )  # fmt: skip
