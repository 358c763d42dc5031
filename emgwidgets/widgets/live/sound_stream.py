"""One live channel for the loudspeaker: its own samples, without offset, at a rate that browsers play.

Loudness is set in the browser from the sensitivity, as the gain knob of an EMG machine does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SoundStream"]

#: WebAudio promises contexts of 8 to 96 kHz; it renders 128 samples at once and holds several such, so a slow context is
#: a late one (measured: 16 ms of output at 20 kHz, 8 ms at 40 kHz and more).
SLOWEST_HZ, FASTEST_HZ = 32_000.0, 96_000.0
LOW_CUT_HZ = 20.0  # internal choice: below it neither loudspeaker nor ear has anything, and an offset would click
HALF_TAPS = 10  # internal choice: input samples on each side of the interpolator (stop band below -50 dB)


class SoundStream:
    """Prepares the samples of one channel as they come.

    Parameters
    ----------
    sampling_rate_hz : float
        Of the channel.

    Attributes
    ----------
    rate_hz : float
        Of what is given: the channel's own unless it lies outside 8 to 96 kHz.
    delay_s : float
        How much later a sample stands in what is given.
    """

    def __init__(self, sampling_rate_hz: float) -> None:
        import scipy.signal as sps

        self._up = int(np.ceil(SLOWEST_HZ / sampling_rate_hz)) if sampling_rate_hz < SLOWEST_HZ else 1
        self._down = int(np.ceil(sampling_rate_hz / FASTEST_HZ)) if sampling_rate_hz > FASTEST_HZ else 1
        self.rate_hz = sampling_rate_hz * self._up / self._down
        factor = max(self._up, self._down)
        self._taps = sps.firwin(2 * HALF_TAPS * factor + 1, 1 / factor) * self._up if factor > 1 else np.ones(1)
        self.delay_s = (len(self._taps) - 1) / 2 / (sampling_rate_hz * self._up)
        self._cut = sps.butter(1, min(LOW_CUT_HZ, sampling_rate_hz / 4), "highpass", fs=sampling_rate_hz, output="sos")
        self._state: NDArray[np.float64] | None = None
        self._before = np.zeros(2 * HALF_TAPS if self._up > 1 else len(self._taps) - 1)
        self._phase = 0

    def push(self, samples: NDArray[Any]) -> NDArray[np.float32]:
        """Return what these samples add to the sound; lost ones are silent.

        Parameters
        ----------
        samples : ndarray, shape (n_samples,)
            In the channel's unit.
        """
        import scipy.signal as sps

        if len(samples) == 0:
            return np.empty(0, dtype=np.float32)
        is_number = np.isfinite(samples)
        values = np.asarray(samples, dtype=np.float64)
        if self._state is None:
            first = float(values[is_number][0]) if is_number.any() else 0.0
            self._state = sps.sosfilt_zi(self._cut) * first
        if not is_number.all():  # a lost stretch holds the level, so that its ends do not click
            held = np.maximum.accumulate(np.where(is_number, np.arange(len(values)), -1))
            level = float(values[is_number][0]) if is_number.any() else 0.0
            values = np.where(held >= 0, values[np.maximum(held, 0)], level)
        values, self._state = sps.sosfilt(self._cut, values, zi=self._state)
        values = np.where(is_number, values, 0.0)
        return self._at_rate(values).astype(np.float32)

    def _at_rate(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        import scipy.signal as sps

        if len(self._taps) == 1:
            return values
        joined = np.concatenate((self._before, values))
        n_before = len(self._before)
        self._before = joined[len(joined) - n_before :]
        out = sps.upfirdn(self._taps, joined, up=self._up)[n_before * self._up : len(joined) * self._up]
        if self._down == 1:
            return np.asarray(out)
        kept = out[self._phase :: self._down]
        self._phase = (self._phase - len(out)) % self._down
        return np.asarray(kept)
