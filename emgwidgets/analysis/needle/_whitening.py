"""The signal in which discharges are told apart: distant activity flattened to unit noise at a lower rate.  Shapes are measured elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAD_SD", "Whitened", "whiten"]

MAD_SD = 0.6745  # median magnitude of a normal distribution over its standard deviation
LOWEST_WORKING_HZ = 15000.0  # internal choice: three times the highest frequency that tells shapes apart
LOW_EDGE_HZ, HIGH_EDGE_HZ = (
    250.0,
    5000.0,
)  # internal choice: 250-1000 Hz is the published range of the high-pass (science 3.2)
FRAME_MS = 16.0  # internal choice: shorter than the gaps between discharges at slight effort
QUIET_QUANTILE = 0.25  # internal choice: the quietest quarter of the frames shows the noise
# Internal choice: no voluntary unit is silent for a quarter of a second while its muscle works (4 Hz); a pause, as between
# two breaths, holds the amplifier's noise and not that of distant units, which is at least this many times larger.
PAUSE_REACH_MS, PAUSE_FACTOR = 125.0, 4.0
KERNEL_MS = 6.0  # internal choice: longer than the memory of distant activity


@dataclass(frozen=True, kw_only=True, eq=False)
class Whitened:
    """A signal whose noise has about unit variance.

    Parameters
    ----------
    samples : ndarray, shape (n_samples,)
        Without unit.
    rate_hz : float
        Their rate.
    step : int
        Samples of the recording in one of these.
    is_active : ndarray of bool, shape (n_samples,)
        False in pauses, where the noise of the active muscle cannot be read.
    """

    samples: NDArray[np.float64] = field(repr=False)
    rate_hz: float
    step: int
    is_active: NDArray[np.bool_] = field(repr=False)

    def noise_of(self, left: NDArray[np.float64]) -> float:
        """Standard deviation of what is left outside pauses, by its median magnitude."""
        return float(np.median(np.abs(left[self.is_active]))) / MAD_SD


def _active_frames(frame_power: NDArray[np.float64], n_reach: int) -> NDArray[np.bool_]:
    """Frames with activity within reach; all of them where nothing stands out."""
    from scipy.ndimage import maximum_filter1d

    near = maximum_filter1d(frame_power, 2 * n_reach + 1)
    active = near > PAUSE_FACTOR**2 * np.quantile(frame_power, 0.1)
    return active if active.any() else np.ones(len(active), dtype=bool)


def _quiet_power(samples: NDArray[np.float64], n_frame: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Power of the quietest active frames at each frequency, shape ``(n_frame // 2 + 1,)``; which samples are active."""
    hop = n_frame // 2
    frames = np.lib.stride_tricks.sliding_window_view(samples, n_frame)[::hop] * np.hanning(n_frame)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    band = power[:, 2 : n_frame // 4].sum(axis=1)
    active = _active_frames(band, round(2 * PAUSE_REACH_MS / FRAME_MS))
    limit = np.quantile(band[active], QUIET_QUANTILE, method="lower")
    quiet = power[active & (band <= limit)].mean(axis=0)
    smooth = np.convolve(np.pad(np.log(quiet + 1e-12), 2, mode="edge"), np.full(5, 0.2), mode="valid")
    frame_of = np.clip((np.arange(len(samples)) - hop // 2) // hop, 0, len(active) - 1)
    return np.asarray(np.exp(smooth) / (np.hanning(n_frame) ** 2).sum(), dtype=np.float64), active[frame_of]


def whiten(samples_uv: NDArray[np.float64], sampling_rate_hz: float) -> Whitened:
    """Flatten the noise.

    Parameters
    ----------
    samples_uv : ndarray, shape (n_samples,)
        Finite.
    sampling_rate_hz : float
    """
    from scipy import signal

    step = max(int(sampling_rate_hz // LOWEST_WORKING_HZ), 1)
    rate = sampling_rate_hz / step
    taken = samples_uv - np.median(samples_uv)
    if step > 1:
        taken = signal.resample_poly(taken, 1, step)
    n_frame = 2 * int(FRAME_MS / 2000.0 * rate)
    power, is_active = _quiet_power(taken, n_frame)
    frequency = np.fft.rfftfreq(n_frame, 1 / rate)
    top = min(HIGH_EDGE_HZ, 0.42 * rate)
    band = 1 / np.sqrt(1 + (LOW_EDGE_HZ / np.maximum(frequency, 1.0)) ** 8) / np.sqrt(1 + (frequency / top) ** 12)
    floor = 0.02 * power[(frequency > LOW_EDGE_HZ) & (frequency < top)].mean()
    gain = band / np.sqrt(power + floor)
    kernel = np.roll(np.fft.irfft(gain, n_frame), n_frame // 2)
    half = int(KERNEL_MS / 2000.0 * rate)
    kernel = kernel[n_frame // 2 - half : n_frame // 2 + half + 1] * np.hanning(2 * half + 3)[1:-1]
    flat = signal.oaconvolve(taken, kernel, mode="same")
    return Whitened(samples=np.asarray(flat, dtype=np.float64), rate_hz=rate, step=step, is_active=is_active)
