"""Power spectrum of a stretch for drawing and for finding mains; no measure of fatigue or of firing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Spectrum", "measure_spectrum"]

RESOLUTION_HZ = 2.0  # internal choice: fine enough to part 50 from 60 Hz, coarse enough to average within a second


@dataclass(frozen=True, kw_only=True, eq=False)
class Spectrum:
    """Power density.

    Parameters
    ----------
    frequencies_hz : ndarray, shape (n,)
    power : ndarray, shape (n,)
        Squared unit of the samples per Hz.
    """

    frequencies_hz: NDArray[np.float64] = field(repr=False)
    power: NDArray[np.float64] = field(repr=False)


def measure_spectrum(samples: NDArray[np.float64], *, sampling_rate_hz: float) -> Spectrum:
    """Welch's average of Hann-windowed half-overlapping stretches of 0.5 s, the mean of each taken away.

    Parameters
    ----------
    samples : ndarray, shape (n_samples,)
        NaN are replaced by the mean; a stretch of under 16 samples gives an empty spectrum.
    sampling_rate_hz : float
    """
    import scipy.signal as sps

    is_number = np.isfinite(samples)
    if is_number.sum() < 16:
        return Spectrum(frequencies_hz=np.empty(0), power=np.empty(0))
    values = np.where(is_number, samples, samples[is_number].mean())
    n_stretch = min(len(values), max(int(sampling_rate_hz / RESOLUTION_HZ), 16))
    frequencies_hz, power = sps.welch(values, fs=sampling_rate_hz, nperseg=n_stretch, detrend="constant")
    return Spectrum(frequencies_hz=frequencies_hz[1:], power=power[1:])
