"""The measures of a response whose markers a reader placed: the same names and units, with the reader's marker as method."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from emgwidgets.analysis.ncs._baseline import check_sweep, level
from emgwidgets.analysis.ncs._measures import DURATION_METHOD, conditions_of
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Marker, Measure, Measures, TraceLink
from emgwidgets.model.signal import Sweep

__all__ = ["HandMarkers", "measure_at_markers"]

Z90 = 1.645  # two-sided 90 % of a normal distribution
METHOD = "marker placed by the reader"
DURATION, AREA = DURATION_METHOD, "negative phases"  # as the software calls them
QUIET_BEFORE_MS = 0.3  # samples this close to the onset do not set the level; internal choice


@dataclass(frozen=True, kw_only=True)
class HandMarkers:
    """Where a reader sees the start, the negative peak and the end of the negative phase, in ms after the stimulus."""

    onset_ms: float
    peak_ms: float
    end_ms: float

    def __post_init__(self) -> None:
        times = (self.onset_ms, self.peak_ms, self.end_ms)
        if not all(math.isfinite(time) for time in times) or not self.onset_ms < self.peak_ms < self.end_ms:
            raise InputError(
                "the markers are not in order", got=" , ".join(f"{time:g}" for time in times) + " ms",
                expected="onset before peak before end", way_out="move the marker back",
            )  # fmt: skip


def measure_at_markers(
    sweep: Sweep,
    markers: HandMarkers,
    *,
    is_sensory: bool = False,
    onset_half_ms: float | None = None,
    trace: TraceLink | None = None,
) -> Measures:
    """Measure a response between markers that a reader placed.

    Parameters
    ----------
    sweep : Sweep
        ``samples_uv`` of shape ``(n_samples,)``; negative numbers are negative deflections.
    markers : HandMarkers
        Inside the sweep.
    is_sensory : bool
        Amplitude and area in microvolts instead of millivolts.
    onset_half_ms : float, optional
        Half width of the 90 % interval of the onset and the end; None where it is not known.
    trace : TraceLink, optional
        Goes into each measure.

    Returns
    -------
    Measures
        Names of ``MOTOR_MEASURES`` or ``SENSORY_MEASURES``.  The amplitude is baseline to the voltage at the peak
        marker, its interval from the noise of the sweep; the area is taken between onset and end.

    Raises
    ------
    InputError
        If the sweep cannot be measured, or a marker lies outside it.
    """
    check_sweep(sweep)
    length_ms = markers.end_ms - markers.onset_ms
    flat = level(sweep, busy_ms=(markers.onset_ms - QUIET_BEFORE_MS, markers.end_ms + 2 * length_ms))
    times, wave = flat.times_ms, flat.wave_uv
    if not times[0] <= markers.onset_ms or not markers.end_ms <= times[-1]:
        raise InputError(
            "a marker lies outside the sweep", got=f"{markers.onset_ms:g} to {markers.end_ms:g} ms",
            expected=f"{times[0]:g} to {times[-1]:g} ms", way_out="move it onto the trace",
        )  # fmt: skip
    volt, scale = ("uV", 1.0) if is_sensory else ("mV", 1000.0)
    height = max(-float(np.interp(markers.peak_ms, times, wave)), 0.0) / scale
    inside = (times >= markers.onset_ms) & (times <= markers.end_ms)
    area = float(np.trapezoid(np.maximum(-wave[inside], 0.0), times[inside])) / scale
    noise_half = Z90 * flat.noise_uv / scale
    area_half = noise_half * flat.step_ms * math.sqrt(max(float(inside.sum()) * flat.n_together, 1.0))
    both_half = None if onset_half_ms is None else math.sqrt(2.0) * onset_half_ms
    shown = (
        Marker(kind="onset", time_ms=markers.onset_ms, is_manual=True),
        Marker(kind="negative_peak", time_ms=markers.peak_ms, value_uv=-height * scale, is_manual=True),
        Marker(kind="return_to_baseline", time_ms=markers.end_ms, is_manual=True),
    )
    conditions = conditions_of(sweep)

    def made(value: float, half: float | None, unit: str, method: str = METHOD) -> Measure:
        low, high = (None, None) if half is None else (value - half, value + half)
        if low is not None and unit != "ms":
            low = max(low, 0.0)
        return Measure(
            value=value, unit=unit, method=method, low=low, high=high, conditions=conditions, trace=trace, markers=shown
        )

    return Measures({
        "onset_latency_ms": made(markers.onset_ms, onset_half_ms, "ms"),
        "peak_latency_ms": made(markers.peak_ms, None, "ms"),
        f"amplitude_{volt.lower()}": made(height, noise_half, volt, "baseline_to_peak"),
        "negative_peak_duration_ms": made(markers.end_ms - markers.onset_ms, both_half, "ms", DURATION),
        f"area_{volt.lower()}_ms": made(area, area_half, f"{volt} ms", AREA),
    })  # fmt: skip
