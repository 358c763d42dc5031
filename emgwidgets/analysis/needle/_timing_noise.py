"""What noise alone does to the time of a spike: the error of its best fit, measured where the sweep has no spike.  It times nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MCD_OF_SD", "timing_noise_us"]

CLEAR_MS = 0.9  # internal choice: further than this from every spike there is noise and what is far away
EDGE_MS = 0.5  # internal choice: half the width of a spike, so that none is cut at the end of the sweep
LEAST_PLACES = 10  # internal choice: fewer say nothing about a spread
#: Mean of the magnitude of the difference of two normal numbers, over their standard deviation: 2 / sqrt(pi).
MCD_OF_SD = 2.0 / np.sqrt(np.pi)


def timing_noise_us(
    left: NDArray[np.float64], mean: NDArray[np.float64], centres: NDArray[np.float64], number: int, rate_hz: float
) -> float | None:
    """Standard deviation that noise gives the time of a spike; None where the sweep has no free place.

    Parameters
    ----------
    left : ndarray, shape (n_discharges, n_samples)
        Sweeps without their spikes.
    mean : ndarray, shape (n_samples,)
        The spike as it is fitted.
    centres : ndarray
        Samples of all spikes.
    number : int
        Which of them this one is.
    rate_hz : float

    Notes
    -----
    For small noise the fit errs by the noise along the slope of the spike over the energy of that slope (derived: least
    squares to first order).  That number is taken at every place of the sweep that is free of spikes, so noise of any
    spectrum counts as it is.
    """
    slope = np.gradient(mean) * rate_hz
    energy = float(slope @ slope)
    length = len(mean)
    place = np.arange(length)
    far = np.abs(place[:, None] - centres[None, :]).min(axis=1) > CLEAR_MS / 1000 * rate_hz
    edge = int(EDGE_MS / 1000 * rate_hz)
    free = np.flatnonzero(far & (place > edge) & (place < length - edge))
    if len(free) < LEAST_PLACES or energy <= 0:
        return None
    noise = left - np.median(left, axis=0)
    errors = np.fft.irfft(np.fft.rfft(noise, axis=1) * np.conj(np.fft.rfft(slope))[None, :], n=length, axis=1) / energy
    taken = errors[:, (free - round(float(centres[number]))) % length]
    return 1e6 * float(np.median(np.abs(taken))) / 0.6745
