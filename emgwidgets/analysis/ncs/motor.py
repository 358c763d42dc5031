"""The compound muscle action potential of one sweep: onset, peaks, size, duration, area, each with its 90 % interval."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emgwidgets.analysis.ncs._measures import interval_of, measures_of
from emgwidgets.analysis.ncs._response import MOTOR, locate
from emgwidgets.model.measure import Absent, Marker, Measure, Measures, TraceLink
from emgwidgets.model.signal import Sweep

__all__ = ["MotorWave", "measure_motor_response"]


@dataclass(frozen=True, kw_only=True)
class MotorWave:
    """A measured motor response.

    Parameters
    ----------
    onset_latency_ms, peak_latency_ms : Measure
        Start of the negative deflection (ncs.S38) and its negative peak.
    amplitude_mv, peak_to_peak_mv : Measure
        Baseline to negative peak, and negative to following positive peak; magnitudes.
    negative_peak_duration_ms : Measure
        Onset to the return of the last negative peak (ncs.S6); with one peak, its own duration.
    total_duration_ms : Measure
        Onset to the end of the following positive phase (2 % of the peak or 2 SD; internal choice).
    area_mv_ms : Measure
        Area of the negative phases.
    onset_rules_ms : tuple of (str, float)
        Onset of each published rule, for the reader to compare; names of ``ONSET_RULES``.
    noise_uv, artefact_end_ms, score
        Noise RMS, end of the stimulus pulse, height over the smoothed noise.
    flags : tuple of str
        ``"artefact_at_onset"``, ``"initially_positive"``, ``"mostly_positive"``, ``"mains"``.
    """

    onset_latency_ms: Measure
    peak_latency_ms: Measure
    amplitude_mv: Measure
    peak_to_peak_mv: Measure
    negative_peak_duration_ms: Measure
    total_duration_ms: Measure
    area_mv_ms: Measure
    onset_rules_ms: tuple[tuple[str, float], ...]
    noise_uv: float
    artefact_end_ms: float
    score: float
    flags: tuple[str, ...]

    def __repr__(self) -> str:
        return f"MotorWave{repr(self.measures).removeprefix('Measures')}"

    @property
    def measures(self) -> Measures:
        """The measures under the names of ``model.ncs.MOTOR_MEASURES``."""
        return measures_of(self, amplitude="amplitude_mv", area="area_mv_ms")

    @property
    def markers(self) -> tuple[Marker, ...]:
        """Markers of the onset, the negative peak and the return to the level."""
        return self.total_duration_ms.markers


def measure_motor_response(
    sweep: Sweep, *, window_ms: tuple[float, float] | None = None, trace: TraceLink | None = None
) -> MotorWave | Absent:
    """Measure the compound muscle action potential of one sweep.

    Parameters
    ----------
    sweep : Sweep
        ``samples_uv`` of shape ``(n_samples,)``, active minus reference; negative numbers are negative deflections.
    window_ms : (float, float), optional
        Where the negative peak is looked for, after the stimulus; 0.8 to 60 ms when not given.
    trace : TraceLink, optional
        Goes into each measure, so that the number or its absence can be followed to its waveform.

    Returns
    -------
    MotorWave or Absent
        Absent with its reason when no negative peak stands out of the noise.

    Raises
    ------
    InputError
        If the sweep is too short, has missing samples, or the window cannot be used.
    """
    found = locate(sweep, MOTOR, window_ms)
    if isinstance(found, Absent):
        return replace(found, trace=trace)
    values = interval_of(found, sweep, trace, uv_per_unit=1000.0, volt="mV", area="mV ms")
    return MotorWave(
        onset_latency_ms=values["onset"], peak_latency_ms=values["peak"], amplitude_mv=values["amplitude"],
        peak_to_peak_mv=values["peak_to_peak"], negative_peak_duration_ms=values["negative_duration"],
        total_duration_ms=values["total_duration"], area_mv_ms=values["area"], onset_rules_ms=found.onset.rules,
        noise_uv=found.levelled.noise_uv, artefact_end_ms=found.levelled.artefact_end_ms, score=found.score,
        flags=found.flags,
    )  # fmt: skip
