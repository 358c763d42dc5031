"""The audio output of an amplifier through a sound card, calibrated; a sound card passes nothing below about 10-20 Hz."""

from __future__ import annotations

import queue
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from emgwidgets.acquisition.clock import SystemClock
from emgwidgets.acquisition.protocols import Block, ChannelInfo, DeviceError, DeviceInfo, StreamInfo
from emgwidgets.acquisition.registry import Driver
from emgwidgets.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DRIVER", "SoundcardDevice"]

#: Blocks come from the sound system's own thread, stamped on arrival (internal choice: two of its usual periods).
JITTER_S = 0.1
QUEUED_BLOCKS = 1000


def _library() -> Any:
    try:
        import sounddevice
    except ImportError as error:
        raise MissingExtraError(
            "the sound card cannot be read", got="no sounddevice", way_out="install emgwidgets[devices]"
        ) from error
    except OSError as error:
        raise MissingExtraError(
            "the sound card cannot be read", got=" ".join(str(error).split())[:100], expected="the PortAudio library",
            way_out="install it (Debian and Ubuntu: libportaudio2)",
        ) from error  # fmt: skip
    return sounddevice


def _check() -> None:
    library = _library()
    if not any(one["max_input_channels"] > 0 for one in library.query_devices()):
        raise DeviceError("there is no sound input", got="no input device", way_out="connect one and allow its use")


def _find() -> tuple[str, ...]:
    found = _library().query_devices()
    return tuple(
        f"device={number}: {one['max_input_channels']} channels, {one['default_samplerate']:g} Hz"
        for number, one in enumerate(found)
        if one["max_input_channels"] > 0
    )


class SoundcardDevice:
    """An input of the sound card.

    Parameters
    ----------
    full_scale_uv : float
        Size at the amplifier's input that gives full scale here, from a calibration signal; it has no default, since a
        guessed size would be a wrong size.
    device : int or str, optional
        Input as ``emgwidgets devices --search`` lists it; the system's own when left out.
    n_channels : int
    sampling_rate_hz : float
    """

    def __init__(
        self, *, full_scale_uv: float, device: int | str | None = None, n_channels: int = 1,
        sampling_rate_hz: float = 48_000.0,
    ) -> None:  # fmt: skip
        if not 0 < full_scale_uv < 1e9:
            raise InputError("the calibration cannot be used", got=f"{full_scale_uv} uV", expected="above 0 uV")
        self._library = _library()
        self._full_scale_uv, self._device = full_scale_uv, device
        self._n_channels, self._rate_hz = n_channels, sampling_rate_hz
        self._clock = SystemClock()
        self._blocks: queue.Queue[Block] = queue.Queue(maxsize=QUEUED_BLOCKS)
        self._stream: Any = None

    def identify(self) -> DeviceInfo:
        """One stream."""
        channels = tuple(ChannelInfo(name=f"Audio {number + 1}") for number in range(self._n_channels))
        stream = StreamInfo(name="sound card", sampling_rate_hz=self._rate_hz, channels=channels, jitter_s=JITTER_S)
        return DeviceInfo(name="soundcard", model="sound card", streams=(stream,))

    def __enter__(self) -> Self:
        self._blocks = queue.Queue(maxsize=QUEUED_BLOCKS)
        try:
            self._stream = self._library.InputStream(
                samplerate=self._rate_hz,
                device=self._device,
                channels=self._n_channels,
                dtype="float32",
                callback=self._heard,
            )
            self._stream.start()
        except Exception as error:
            raise DeviceError(
                "the sound input cannot be opened", got=" ".join(str(error).split())[:120], expected="a free input",
                way_out="choose one of emgwidgets devices --search",
            ) from error  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if self._stream is not None:
            with suppress(Exception):  # an input that was pulled cannot be closed
                self._stream.close()
            self._stream = None

    def read(self, timeout_s: float) -> Block | None:
        """Next block the sound system gave."""
        try:
            return self._blocks.get(timeout=max(timeout_s, 1e-3))
        except queue.Empty:
            if self._stream is None or not self._stream.active:
                raise DeviceError("the sound input was pulled", way_out="connect it and start again") from None
            return None

    def _heard(self, frames: NDArray[np.float32], n_frames: int, _times: Any, _status: Any) -> None:
        """Take one block in the sound system's thread; what the queue cannot hold shows as a gap by its time."""
        samples = frames.T.astype(np.float64) * self._full_scale_uv
        with suppress(queue.Full):
            self._blocks.put_nowait(Block(samples=samples, time_s=self._clock.now_s() - n_frames / self._rate_hz))


DRIVER = Driver(
    name="soundcard", words="the audio output of an amplifier: full_scale_uv from a calibration, device, n_channels",
    open=SoundcardDevice, check=_check, find=_find,
)  # fmt: skip
