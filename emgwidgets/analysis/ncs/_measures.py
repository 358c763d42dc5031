"""Located markers turned into measures with unit, method, conditions and 90 % interval."""

from __future__ import annotations

import math
from typing import Any

from emgwidgets.analysis.ncs._response import Located
from emgwidgets.model.measure import Conditions, Marker, Measure, Measures, TraceLink
from emgwidgets.model.signal import Sweep

__all__ = ["DURATION_METHOD", "conditions_of", "interval_of", "measures_of"]

Z90 = 1.645  # two-sided 90 % of a normal distribution
#: The duration that the published limits of distal duration and dispersion were made for (ncs.S6).
DURATION_METHOD = "onset to the return of the last negative peak"


def conditions_of(sweep: Sweep) -> Conditions:
    """What the numbers of a sweep depend on; None where the sweep does not say."""
    settings = sweep.settings
    return Conditions(
        electrode=settings.electrode, high_pass_hz=settings.high_pass_hz, low_pass_hz=settings.low_pass_hz,
        notch_hz=settings.notch_hz, skin_temperature_degc=sweep.skin_temperature_degc, distance_mm=sweep.distance_mm,
    )  # fmt: skip


def interval_of(
    found: Located, sweep: Sweep, trace: TraceLink | None, *, uv_per_unit: float, volt: str, area: str
) -> dict[str, Measure]:
    """Measures of a located response, by short name."""
    onset = found.onset
    markers = (
        Marker(kind="onset", time_ms=onset.time_ms),
        Marker(kind="negative_peak", time_ms=found.peak_ms, value_uv=found.peak_uv),
        Marker(kind="return_to_baseline", time_ms=found.last_return_ms),
        Marker(kind="end", time_ms=found.end_ms),
    )
    conditions = conditions_of(sweep)

    def made(value: float, half: float, unit: str, method: str) -> Measure:
        low = max(value - half, 0.0) if unit != "ms" else value - half
        return Measure(
            value=value, unit=unit, method=method, low=min(low, value), high=value + half, conditions=conditions,
            trace=trace, markers=markers,
        )  # fmt: skip

    onset_half = 0.5 * (onset.high_ms - onset.low_ms)
    height = -found.peak_uv / uv_per_unit
    both_sd = math.hypot(found.peak_sd_uv, found.smooth_sd_uv)
    end_half = Z90 * math.hypot(found.phase_end_sd_ms, 0.3 * found.levelled.step_ms)
    return {
        "onset": made(
            onset.time_ms, onset_half, "ms",
            "top of the initial positivity" if onset.is_initially_positive else "foot fitted, read at 1 % of the peak",
        ),
        "peak": made(found.peak_ms, Z90 * math.hypot(found.peak_sd_ms, 0.1 * found.levelled.step_ms), "ms", "negative peak"),
        "amplitude": made(height, Z90 * found.peak_sd_uv / uv_per_unit, volt, "baseline_to_peak"),
        "peak_to_peak": made(
            height + found.positive_uv / uv_per_unit, Z90 * both_sd / uv_per_unit, volt, "peak_to_peak"
        ),
        "negative_duration": made(
            found.last_return_ms - onset.time_ms, math.hypot(onset_half, end_half), "ms", DURATION_METHOD
        ),
        "total_duration": made(
            found.end_ms - onset.time_ms, math.hypot(onset_half, 2 * end_half), "ms",
            "onset to the end of the following positive phase",
        ),
        "area": made(
            found.area_uv_ms / uv_per_unit, Z90 * found.area_sd_uv_ms / uv_per_unit, area, "negative phases"
        ),
    }  # fmt: skip


def measures_of(wave: Any, *, amplitude: str, area: str) -> Measures:
    """Measures of a wave under the names of the model."""
    names = ("onset_latency_ms", "peak_latency_ms", amplitude, "negative_peak_duration_ms", "total_duration_ms", area)
    return Measures({name: getattr(wave, name) for name in names})
