"""What was measured under effort: recruitment, interference pattern, jitter, macro potential.  Numbers only, no norms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from emgwidgets.model.checks import check_choice, tuples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "EFFORTS", "FibreSpike", "InterferenceEpoch", "InterferencePattern", "JitterPair", "MacroPotential",
    "RecruitmentMeasures", "RecruitmentReading", "Turns",
]  # fmt: skip

EFFORTS = ("slight", "moderate", "full", "not_stated")
RecruitmentWord = Literal["normal", "reduced", "early", "poor_activation", "cannot_tell"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Turns:
    """Turns of a trace.

    Parameters
    ----------
    indices : ndarray of int, shape (n_turns,)
        Sample of each turn.
    values_uv : ndarray, shape (n_turns,)
        Voltage there.
    threshold_uv : float
        Least voltage between two successive turns.
    """

    indices: NDArray[np.int64] = field(repr=False)
    values_uv: NDArray[np.float64] = field(repr=False)
    threshold_uv: float

    @property
    def n_turns(self) -> int:
        """Number of turns."""
        return len(self.indices)


@dataclass(frozen=True, kw_only=True)
class InterferenceEpoch:
    """One epoch of a contraction.

    Parameters
    ----------
    start_s, duration_s : float
        Place on the clock of the trace.
    turns_per_s_hz : float
        Turns of at least the threshold, per second.
    mean_turn_amplitude_uv : float
        Mean voltage between successive turns; 0 with fewer than two turns.
    turns_amplitude_ratio : float
        Turns per second over the mean amplitude, in 1/(s uV); 0 with fewer than two turns.
    activity_percent : float
        Share of the epoch that lies within active stretches.
    n_small_segments : int
        Steep segments below the amplitude of a large one.
    envelope_uv : float
        Amplitude exceeded by 1 % of the segments, peak to peak.
    """

    start_s: float
    duration_s: float
    turns_per_s_hz: float
    mean_turn_amplitude_uv: float
    turns_amplitude_ratio: float
    activity_percent: float
    n_small_segments: int
    envelope_uv: float


@dataclass(frozen=True, kw_only=True)
class InterferencePattern:
    """Epochs of one or more sites, their greatest ratio, and what limits them."""

    epochs: tuple[InterferenceEpoch, ...] = field(repr=False)
    peak_ratio: float | None
    threshold_uv: float
    limits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        tuples(self, "epochs", "limits")


@dataclass(frozen=True, kw_only=True)
class RecruitmentMeasures:
    """Rates of the units at one place; None where the trains do not give it.

    Parameters
    ----------
    n_units : int
        Units that were active together at the end of the stretch or at its strongest moment.
    onset_frequency_hz : float, optional
        Rate of the first unit over its first intervals.
    recruitment_frequency_hz : float, optional
        Rate of the first unit when the second joins.
    fastest_rate_hz : float, optional
        Highest median rate of a unit.
    recruitment_ratio : float, optional
        Fastest rate over the number of units.
    rates_hz, interval_cv_percent : tuple of float
        For each unit, doublets and pauses left out.
    """

    n_units: int
    onset_frequency_hz: float | None
    recruitment_frequency_hz: float | None
    fastest_rate_hz: float | None
    recruitment_ratio: float | None
    rates_hz: tuple[float, ...]
    interval_cv_percent: tuple[float, ...]
    limits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        tuples(self, "rates_hz", "interval_cv_percent", "limits")


@dataclass(frozen=True, kw_only=True)
class RecruitmentReading:
    """A word for a pattern of recruitment with the numbers and rules it rests on."""

    pattern: RecruitmentWord
    degree: Literal["mild", "moderate", "marked"] | None
    evidence: tuple[str, ...]
    rules: tuple[str, ...]
    reason: str = ""

    def __post_init__(self) -> None:
        tuples(self, "evidence", "rules")
        words = ("normal", "reduced", "early", "poor_activation", "cannot_tell")
        check_choice(self.pattern, words, what="the pattern of recruitment")


@dataclass(frozen=True, kw_only=True, eq=False)
class FibreSpike:
    """One spike of a triggered average: place after the trigger, size and rise time."""

    offset_ms: float
    amplitude_uv: float
    rise_time_us: float


@dataclass(frozen=True, kw_only=True, eq=False)
class JitterPair:
    """Jitter of one pair of spikes.

    Parameters
    ----------
    mcd_us, msd_us : float, optional
        Mean difference of consecutive intervals, in order of time and sorted by the preceding interval between
        discharges; None with too few of them.
    jitter_us : float, optional
        The one the switch rule chooses.
    is_msd : bool
        Whether that is the sorted one.
    blocking_percent : float
        Share of discharges without the second spike.
    mean_interval_us : float, optional
        Mean interval between the two spikes.
    n_discharges, n_intervals : int
        Discharges looked at, and intervals measured.
    standard_error_us : float, optional
        Of the jitter, from its number of intervals.
    intervals_us : ndarray, shape (n_discharges,)
        NaN where blocked or rejected.
    noise_us : float, optional
        Consecutive difference that the noise of the recording alone would give these two spikes.
    """

    mcd_us: float | None
    msd_us: float | None
    jitter_us: float | None
    is_msd: bool
    blocking_percent: float
    mean_interval_us: float | None
    n_discharges: int
    n_intervals: int
    standard_error_us: float | None
    intervals_us: NDArray[np.float64] = field(repr=False)
    times_s: NDArray[np.float64] = field(repr=False)
    limits: tuple[str, ...] = ()
    noise_us: float | None = None

    def __post_init__(self) -> None:
        tuples(self, "limits")

    @property
    def without_noise_us(self) -> float | None:
        """Consecutive difference of the junctions alone: independent parts add by their squares (derived)."""
        if self.mcd_us is None or self.noise_us is None:
            return None
        return float(max(self.mcd_us**2 - self.noise_us**2, 0.0) ** 0.5)


@dataclass(frozen=True, kw_only=True, eq=False)
class MacroPotential:
    """Cannula averaged on the discharges of one fibre; its middle is the trigger."""

    amplitude_uv: float
    area_uv_ms: float
    n_averaged: int
    noise_uv: float
    samples_uv: NDArray[np.float64] = field(repr=False)
    sampling_rate_hz: float
    limits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        tuples(self, "limits")
