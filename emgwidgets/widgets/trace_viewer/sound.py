"""Samples for the loudspeaker: the stretch as it is, at its own rate, as 32-bit floats in the channel's unit.

Browsers play buffers of 8 kHz and more; slower channels are resampled here by a whole factor and nothing else is
changed.  Loudness is set in the browser from the sensitivity, as the gain knob of an EMG machine does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LONGEST_S", "SLOWEST_HZ", "Sound", "make_sound"]

SLOWEST_HZ = 8000.0  # WebAudio promises buffers of 8 to 96 kHz
FASTEST_HZ = 96000.0
LONGEST_S = 60.0  # internal choice: what is sent at once


@dataclass(frozen=True, kw_only=True, eq=False)
class Sound:
    """Samples to play; ``rate_hz`` is the channel's own rate unless it lies outside 8 to 96 kHz."""

    samples: NDArray[np.float32] = field(repr=False)
    rate_hz: float
    is_resampled: bool


def make_sound(samples: NDArray[np.float64], *, sampling_rate_hz: float) -> Sound:
    """Prepare a stretch for playing; NaN are silent and the median is taken away so that an offset does not click.

    Parameters
    ----------
    samples : ndarray, shape (n_samples,)
        In the channel's unit.
    sampling_rate_hz : float

    Raises
    ------
    InputError
        If the stretch holds no sample.
    """
    is_number = np.isfinite(samples)
    if not is_number.any():
        raise InputError("there is nothing to play here", got="no sample", expected="a stretch with samples")
    values = np.where(is_number, samples - np.median(samples[is_number]), 0.0)
    up = int(np.ceil(SLOWEST_HZ / sampling_rate_hz)) if sampling_rate_hz < SLOWEST_HZ else 1
    down = int(np.ceil(sampling_rate_hz / FASTEST_HZ)) if sampling_rate_hz > FASTEST_HZ else 1
    if up > 1 or down > 1:
        import scipy.signal as sps

        values = sps.resample_poly(values, up, down)
    rate_hz = sampling_rate_hz * up / down
    return Sound(samples=values.astype(np.float32), rate_hz=rate_hz, is_resampled=up > 1 or down > 1)
