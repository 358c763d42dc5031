"""A recording as the loudspeaker of the machine gives it: true rate, calibrated gain, nothing that the ear would miss.

It returns numbers and bytes; playing them is the browser's or the player's task.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.model.signal import Recording

__all__ = ["SPEAKER_RATES_HZ", "LoudspeakerSignal", "loudspeaker_signal"]

SPEAKER_RATES_HZ = (44100, 48000)
#: Voltage that gives full scale (internal choice: 1 mV, so that a fibrillation of 100 uV is heard at -20 dB).
FULL_SCALE_UV = 1000.0
#: Loudspeakers and ears stop below this; it also keeps a slow baseline from eating the range (internal choice).
LOW_CUT_HZ = 30.0


@dataclass(frozen=True, kw_only=True, eq=False)
class LoudspeakerSignal:
    """Sound of one channel.

    Parameters
    ----------
    samples : ndarray of float32
        From -1 to 1; a negative deflection of the recording is positive here, as it is drawn upwards.
    sampling_rate_hz : int
        44100 or 48000; one second of sound is one second of recording.
    full_scale_uv : float
        Voltage that gives 1.
    clipped_share : float
        Share of samples that exceeded the full scale and were held at it.
    """

    samples: NDArray[np.float32] = field(repr=False)
    sampling_rate_hz: int
    full_scale_uv: float
    clipped_share: float

    @property
    def duration_s(self) -> float:
        """Length of the sound."""
        return len(self.samples) / self.sampling_rate_hz

    def to_wav(self) -> bytes:
        """Return the sound as a 16-bit mono WAV file."""
        held = io.BytesIO()
        with wave.open(held, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self.sampling_rate_hz)
            file.writeframes(np.round(self.samples * 32767).astype("<i2").tobytes())
        return held.getvalue()


def loudspeaker_signal(
    recording: Recording,
    *,
    channel: int | str = 0,
    start_s: float | None = None,
    end_s: float | None = None,
    sampling_rate_hz: int = 48000,
    full_scale_uv: float = FULL_SCALE_UV,
) -> LoudspeakerSignal:
    """Render a stretch of a recording as sound.

    Parameters
    ----------
    recording : Recording
        Simulated or read from a file.
    channel : int or str
        Which channel.
    start_s, end_s : float, optional
        Stretch; all of it when left out.
    sampling_rate_hz : {44100, 48000}
        Rate of the sound.
    full_scale_uv : float
        Voltage that gives full scale, the volume knob.

    Raises
    ------
    InputError
        If the rate is not one of a sound card, or the full scale is not above 0.
    """
    from scipy import signal

    if sampling_rate_hz not in SPEAKER_RATES_HZ:
        raise InputError(
            "the rate of the sound cannot be used", got=f"{sampling_rate_hz} Hz", expected="44100 or 48000 Hz"
        )
    if not 0 < full_scale_uv < np.inf:
        raise InputError("the full scale of the sound cannot be used", got=f"{full_scale_uv} uV", expected="above 0 uV")
    trace = recording.trace(channel, start_s=start_s, end_s=end_s)
    samples_uv = np.nan_to_num(np.asarray(trace.samples_uv, dtype=np.float64))
    rate = round(trace.sampling_rate_hz)
    common = gcd(sampling_rate_hz, rate)
    up, down = sampling_rate_hz // common, rate // common
    sound = signal.resample_poly(samples_uv, up, down) if (up, down) != (1, 1) else samples_uv
    sound = signal.sosfilt(signal.butter(1, LOW_CUT_HZ, "highpass", fs=sampling_rate_hz, output="sos"), sound)
    loud = -np.asarray(sound) / full_scale_uv
    held = np.clip(loud, -1.0, 1.0).astype(np.float32)
    return LoudspeakerSignal(
        samples=held, sampling_rate_hz=sampling_rate_hz, full_scale_uv=full_scale_uv,
        clipped_share=float(np.mean(np.abs(loud) > 1.0)) if len(loud) else 0.0,
    )  # fmt: skip
