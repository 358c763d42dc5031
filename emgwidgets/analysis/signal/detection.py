"""Times of discharges and the plain facts about one stretch of a trace; names no discharge and judges none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Discharges",
    "FiringRate",
    "PeakFacts",
    "describe_peak",
    "detect_discharges",
    "measure_firing_rate",
    "noise_threshold",
]

NOISE_FACTOR = (
    4.0  # threshold t is the largest with 4 RMS(samples below t) > t: the EMGLAB rule (McGill et al. 2005) [V]
)
DEAD_TIME_MS = 5.0  # internal choice: crossings closer than this belong to one discharge
LONGEST_INTERVAL_S = 1.0  # internal choice: a longer pause is no interval of one train, so no rate is drawn for it

Polarity = Literal["negative", "positive"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Discharges:
    """Peaks beyond a threshold.

    Parameters
    ----------
    indices : ndarray of int, shape (n,)
        Sample of each peak.
    threshold : float
        Magnitude of the threshold in the unit of the samples.
    polarity : str
        Side on which the peaks lie.
    """

    indices: NDArray[np.int64] = field(repr=False)
    threshold: float
    polarity: Polarity


@dataclass(frozen=True, kw_only=True, eq=False)
class FiringRate:
    """One over each interval.

    Parameters
    ----------
    times_s, rates_hz : ndarray, shape (n_intervals,)
        Time of the later discharge of each interval, and one over the interval.
    median_hz : float or None
        Middle rate; None without an interval.
    """

    times_s: NDArray[np.float64] = field(repr=False)
    rates_hz: NDArray[np.float64] = field(repr=False)
    median_hz: float | None


@dataclass(frozen=True, kw_only=True)
class PeakFacts:
    """Largest deflections around a moment, in the unit of the samples, from the median of the stretch."""

    first_polarity: Polarity | None
    negative_peak: float
    positive_peak: float
    peak_to_peak: float


def noise_threshold(samples: NDArray[np.float64]) -> float:
    """Threshold that the noise itself hardly crosses.

    The largest ``t`` for which four times the root mean square of the samples below ``t`` exceeds ``t``.

    Parameters
    ----------
    samples : ndarray, shape (n_samples,)
        Without offset; NaN are left out.
    """
    sizes = np.sort(np.abs(samples[np.isfinite(samples)]))
    if not len(sizes):
        return 0.0
    rms = np.sqrt(np.cumsum(sizes**2) / np.arange(1, len(sizes) + 1))
    holds = np.flatnonzero(rms * NOISE_FACTOR > sizes)
    return float(sizes[holds[-1]]) if len(holds) else 0.0


def detect_discharges(
    samples: NDArray[np.float64], *, sampling_rate_hz: float, threshold: float | None = None
) -> Discharges:
    """Find peaks beyond the threshold on the side that reaches farther.

    Parameters
    ----------
    samples : ndarray, shape (n_samples,)
        Any unit; a negative deflection is a negative number.
    sampling_rate_hz : float
    threshold : float, optional
        Magnitude; found from the noise when left out.
    """
    centred = np.nan_to_num(samples - (np.nanmedian(samples) if np.isfinite(samples).any() else 0.0))
    level = noise_threshold(centred) if threshold is None else abs(threshold)
    polarity: Polarity = "negative" if len(centred) and -centred.min() >= centred.max() else "positive"
    signed = -centred if polarity == "negative" else centred
    above = np.flatnonzero(signed > level)
    if not len(above):
        return Discharges(indices=np.empty(0, dtype=np.int64), threshold=level, polarity=polarity)
    n_dead = max(int(DEAD_TIME_MS / 1000.0 * sampling_rate_hz), 1)
    breaks = np.flatnonzero(np.diff(above) > n_dead)
    starts, stops = np.append(above[0], above[breaks + 1]), np.append(above[breaks], above[-1]) + 1
    peaks = [int(a + np.argmax(signed[a:b])) for a, b in zip(starts, stops, strict=True)]
    return Discharges(indices=np.array(peaks, dtype=np.int64), threshold=level, polarity=polarity)


def measure_firing_rate(times_s: NDArray[np.float64]) -> FiringRate:
    """Rate of a train as one over each interval; intervals above 1 s are left out.

    Parameters
    ----------
    times_s : ndarray, shape (n_discharges,)
        In order.
    """
    intervals_s = np.diff(times_s)
    keep = (intervals_s > 0) & (intervals_s <= LONGEST_INTERVAL_S)
    rates_hz = 1.0 / intervals_s[keep]
    median_hz = float(np.median(rates_hz)) if len(rates_hz) else None
    return FiringRate(times_s=np.asarray(times_s[1:])[keep], rates_hz=rates_hz, median_hz=median_hz)


def describe_peak(samples: NDArray[np.float64]) -> PeakFacts:
    """Describe the deflections of a short stretch.

    ``first_polarity`` is the side of the first sample that reaches half the largest deflection; None for a flat or
    empty stretch.

    Parameters
    ----------
    samples : ndarray, shape (n_samples,)
    """
    values = samples[np.isfinite(samples)]
    if not len(values) or values.min() == values.max():
        return PeakFacts(first_polarity=None, negative_peak=0.0, positive_peak=0.0, peak_to_peak=0.0)
    centred = values - np.median(values)
    low, high = float(centred.min()), float(centred.max())
    first = int(np.argmax(np.abs(centred) >= max(-low, high) / 2))
    return PeakFacts(
        first_polarity="negative" if centred[first] < 0 else "positive",
        negative_peak=low,
        positive_peak=high,
        peak_to_peak=high - low,
    )
