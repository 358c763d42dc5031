"""What changes between two sites, and what follows from a latency and a distance: velocity, drops, residual latency, comparisons.

It states changes; whether a change is block or dispersion is judged elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from emgwidgets.errors import InputError
from emgwidgets.model.measure import Measure
from emgwidgets.model.ncs import DISTANCE_ERROR_MM, EQUAL_DISTANCE_MM

__all__ = [
    "InchingStep", "change_percent", "combined_sensory_index", "compare_latencies", "drop_percent", "inching",
    "residual_latency", "terminal_latency_index", "velocity", "velocity_from_onset",
]  # fmt: skip

LIMIT_DISTANCE_MM = (10.0, 1500.0)
"""Distances a nerve segment can have; a number in cm falls below, a number in um above (internal choice)."""


def half_width(measure: Measure) -> float | None:
    """Half width of the 90 % interval, the wider side."""
    if measure.low is None or measure.high is None:
        return None
    return max(measure.high - measure.value, measure.value - measure.low)


def joined(*halves: float | None) -> float | None:
    if any(half is None for half in halves):
        return None
    return math.sqrt(sum(float(half or 0.0) ** 2 for half in halves))


def made(value: float, unit: str, method: str, half: float | None, source: Measure) -> Measure:
    return Measure(
        value=value, unit=unit, method=method, low=None if half is None else value - half,
        high=None if half is None else value + half, conditions=source.conditions, trace=source.trace,
        markers=source.markers,
    )  # fmt: skip


def _needs(measure: Measure, unit: str, what: str) -> None:
    if measure.unit != unit:
        raise InputError(f"{what} has another unit", got=measure.text, expected=unit)


def check_distance_mm(distance_mm: float | None, *, what: str = "the segment") -> float:
    """Return a distance that a nerve segment can have.

    Raises
    ------
    InputError
        If it is missing, or looks like centimetres or micrometres.
    """
    low, high = LIMIT_DISTANCE_MM
    if distance_mm is None:
        raise InputError(f"{what} has no distance", expected="a distance in mm", way_out="measure it along the nerve")
    if not (math.isfinite(distance_mm) and low <= distance_mm <= high):
        raise InputError(
            f"the distance of {what} cannot be used", got=f"{distance_mm:g} mm", expected=f"{low:g} to {high:g} mm",
            way_out="multiply by 10 if it is in cm" if 0 < distance_mm < low else "check the unit",
        )  # fmt: skip
    return distance_mm


def _speed(
    time_ms: float, time_half: float | None, distance_mm: float, distance_error_mm: float, source: Measure
) -> Measure:
    """Speed with the interval of a quotient: both ends by the extremes of time and distance, combined in quadrature."""
    value = distance_mm / time_ms
    method = f"{distance_mm:g} mm over {time_ms:.2f} ms"
    low = high = None
    if time_half is not None:
        share = distance_error_mm / distance_mm
        slow = distance_mm / (time_ms + time_half)
        low = value - math.hypot(value - slow, share * value)
        fast = distance_mm / (time_ms - time_half) if time_ms > time_half else math.inf
        high = value + math.hypot(fast - value, share * value) if math.isfinite(fast) else None
    if high is None:
        low = None  # the interval has no upper end: time and error are of one size
    conditions = replace(source.conditions, distance_mm=distance_mm)
    return Measure(
        value=value, unit="m/s", method=method, low=None if low is None else max(low, 0.0), high=high,
        conditions=conditions, trace=source.trace, markers=source.markers,
    )  # fmt: skip


def velocity(
    distal_latency_ms: Measure,
    proximal_latency_ms: Measure,
    distance_mm: float | None,
    *,
    distance_error_mm: float = DISTANCE_ERROR_MM,
) -> Measure:
    """Conduction velocity between two sites (ncs.S39), with the errors of both latencies and of the distance.

    Parameters
    ----------
    distal_latency_ms, proximal_latency_ms : Measure
        Onset latencies in ms, with their 90 % intervals where known.
    distance_mm : float or None
        Between the two sites.
    distance_error_mm : float
        Half of the 90 % interval of the distance.

    Returns
    -------
    Measure
        In m/s; its interval holds what the latencies and the distance leave open.

    Raises
    ------
    InputError
        If the distance is missing or implausible, or the proximal latency is not the longer one.
    """
    _needs(distal_latency_ms, "ms", "the distal latency")
    _needs(proximal_latency_ms, "ms", "the proximal latency")
    distance_mm = check_distance_mm(distance_mm)
    time_ms = proximal_latency_ms.value - distal_latency_ms.value
    if time_ms <= 0:
        raise InputError(
            "the velocity cannot be judged", got=f"distal {distal_latency_ms.value:g} ms, proximal {proximal_latency_ms.value:g} ms",
            expected="a proximal latency above the distal one", way_out="check whether the sites are swapped",
        )  # fmt: skip
    half = joined(half_width(distal_latency_ms), half_width(proximal_latency_ms))
    return _speed(time_ms, half, distance_mm, distance_error_mm, proximal_latency_ms)


def velocity_from_onset(
    onset_latency_ms: Measure, distance_mm: float | None, *, distance_error_mm: float = DISTANCE_ERROR_MM
) -> Measure:
    """Sensory velocity from the onset latency and the distance to the active electrode (ncs.S39).

    Parameters
    ----------
    onset_latency_ms : Measure
        In ms, with its 90 % interval where known.
    distance_mm : float or None
        From the cathode to the active electrode.
    distance_error_mm : float
        Half of the 90 % interval of the distance.

    Raises
    ------
    InputError
        If the distance is missing or implausible, or the latency is not above 0 ms.
    """
    _needs(onset_latency_ms, "ms", "the onset latency")
    distance_mm = check_distance_mm(distance_mm)
    if onset_latency_ms.value <= 0:
        raise InputError("the velocity cannot be judged", got=onset_latency_ms.text, expected="a latency above 0 ms")
    return _speed(
        onset_latency_ms.value, half_width(onset_latency_ms), distance_mm, distance_error_mm, onset_latency_ms
    )


def change_percent(distal: Measure, proximal: Measure) -> Measure:
    """Change from distal to proximal, 100 x (proximal - distal) / distal; for durations (ncs.S6)."""
    if distal.unit != proximal.unit or distal.method != proximal.method:
        raise InputError(
            "the two responses cannot be compared", got=f"{distal.text} ({distal.method}) and {proximal.text} ({proximal.method})",
            expected="one unit and one convention",
        )  # fmt: skip
    if distal.value <= 0:
        raise InputError("the change cannot be judged", got=f"distal {distal.text}", expected="a distal value above 0")
    ratio = proximal.value / distal.value
    halves = (half_width(distal), half_width(proximal))
    half = None
    if halves[0] is not None and halves[1] is not None:
        half = 100 * math.hypot(halves[1] / distal.value, ratio * halves[0] / distal.value)
    return made(100 * (ratio - 1), "%", "100 x (proximal - distal) / distal", half, proximal)


def drop_percent(distal: Measure, proximal: Measure) -> Measure:
    """Drop from distal to proximal, 100 x (distal - proximal) / distal; for amplitude and area (ncs section 3, M)."""
    change = change_percent(distal, proximal)
    return made(-change.value, "%", "100 x (distal - proximal) / distal", half_width(change), change)


def residual_latency(distal_latency_ms: Measure, velocity_m_per_s: Measure, distance_mm: float | None) -> Measure:
    """Distal latency minus distal distance over velocity (Kraft and Halvorson 1983, M)."""
    _needs(distal_latency_ms, "ms", "the distal latency")
    _needs(velocity_m_per_s, "m/s", "the velocity")
    distance_mm = check_distance_mm(distance_mm, what="the distal segment")
    speed_half = half_width(velocity_m_per_s)
    on_speed = None if speed_half is None else distance_mm * speed_half / velocity_m_per_s.value**2
    half = joined(half_width(distal_latency_ms), on_speed)
    value = distal_latency_ms.value - distance_mm / velocity_m_per_s.value
    return made(value, "ms", "distal latency - distance / velocity", half, distal_latency_ms)


def terminal_latency_index(distal_latency_ms: Measure, velocity_m_per_s: Measure, distance_mm: float | None) -> Measure:
    """Distal distance over velocity times distal latency, without unit (Kaku 1994, M)."""
    _needs(distal_latency_ms, "ms", "the distal latency")
    _needs(velocity_m_per_s, "m/s", "the velocity")
    distance_mm = check_distance_mm(distance_mm, what="the distal segment")
    value = distance_mm / (velocity_m_per_s.value * distal_latency_ms.value)
    halves = (half_width(distal_latency_ms), half_width(velocity_m_per_s))
    half = None
    if halves[0] is not None and halves[1] is not None:
        half = value * math.hypot(halves[0] / distal_latency_ms.value, halves[1] / velocity_m_per_s.value)
    return made(value, "ratio", "distance / (velocity x distal latency)", half, distal_latency_ms)


@dataclass(frozen=True, kw_only=True)
class InchingStep:
    """One step of an inching study: from ``start_mm`` to ``end_mm`` along the nerve, in order of growing latency."""

    start_mm: float
    end_mm: float
    latency_step_ms: Measure
    amplitude_drop_percent: Measure | None


def inching(
    positions_mm: Sequence[float], latencies_ms: Sequence[Measure], amplitudes_mv: Sequence[Measure] | None = None
) -> tuple[InchingStep, ...]:
    """Latency step and amplitude drop between neighbouring stimulation points.

    Parameters
    ----------
    positions_mm : sequence of float
        Place of each point from the most distal one, growing.
    """
    n = len(positions_mm)
    if n < 2 or len(latencies_ms) != n or (amplitudes_mv is not None and len(amplitudes_mv) != n):
        raise InputError("inching needs one latency for each of two or more points", got=f"{n} and {len(latencies_ms)}")
    if any(b <= a for a, b in pairwise(positions_mm)):
        raise InputError(
            "the points of an inching study must grow from distal to proximal", got=str(tuple(positions_mm))
        )
    steps = []
    for i in range(n - 1):
        half = joined(half_width(latencies_ms[i]), half_width(latencies_ms[i + 1]))
        step_ms = latencies_ms[i + 1].value - latencies_ms[i].value
        drop = None if amplitudes_mv is None else drop_percent(amplitudes_mv[i], amplitudes_mv[i + 1])
        steps.append(InchingStep(
            start_mm=positions_mm[i], end_mm=positions_mm[i + 1], amplitude_drop_percent=drop,
            latency_step_ms=made(step_ms, "ms", "difference of onset latencies", half, latencies_ms[i + 1]),
        ))  # fmt: skip
    return tuple(steps)


def compare_latencies(
    median_ms: Measure, other_ms: Measure, *, median_distance_mm: float, other_distance_mm: float
) -> Measure:
    """Median minus other latency of a comparison study; both distances must agree within 2 mm (internal choice)."""
    _needs(median_ms, "ms", "the median latency")
    _needs(other_ms, "ms", "the other latency")
    if abs(median_distance_mm - other_distance_mm) > EQUAL_DISTANCE_MM:
        raise InputError(
            "the comparison cannot be judged", got=f"{median_distance_mm:g} and {other_distance_mm:g} mm",
            expected="equal distances", way_out="repeat one of the two at the distance of the other",
        )  # fmt: skip
    half = joined(half_width(median_ms), half_width(other_ms))
    return made(median_ms.value - other_ms.value, "ms", "median minus other, peak latencies", half, median_ms)


def combined_sensory_index(differences_ms: Mapping[str, Measure]) -> Measure:
    """Sum of the ``palm``, ``ring`` and ``thumb`` differences, median minus other (ncs.S61).

    Raises
    ------
    InputError
        If one of the three was not tested; the index cannot be judged from two.
    """
    needed = ("palm", "ring", "thumb")
    missing = [name for name in needed if name not in differences_ms]
    if missing:
        raise InputError(
            "the combined sensory index cannot be judged", got=f"no {', '.join(missing)} difference",
            expected="palm, ring and thumb",
        )  # fmt: skip
    parts = [differences_ms[name] for name in needed]
    for name, part in zip(needed, parts, strict=True):
        _needs(part, "ms", f"the {name} difference")
    half = joined(*(half_width(part) for part in parts))
    return made(sum(part.value for part in parts), "ms", "palm + ring + thumb", half, parts[0])
