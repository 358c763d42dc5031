"""Streams of the lab streaming layer (LSL): found by name, with clock correction, and markers as triggers."""

from __future__ import annotations

import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import numpy as np

from emgwidgets.acquisition.clock import SystemClock
from emgwidgets.acquisition.protocols import Block, ChannelInfo, DeviceError, DeviceInfo, StreamInfo
from emgwidgets.acquisition.registry import Driver
from emgwidgets.errors import InputError, MissingExtraError
from emgwidgets.model.signal import Annotation
from emgwidgets.units import is_voltage, microvolts_per

__all__ = ["DRIVER", "LslDevice", "streams"]

#: How far time stamps may be off: senders stamp chunks by their own clock (internal choice; a loopback shows 5-20 ms).
JITTER_S = 0.05
SEARCH_S = 2.0
CORRECT_EVERY_S = 5.0
MAX_CHUNK = 4096


def _library() -> Any:
    try:
        import pylsl
    except (ImportError, RuntimeError, OSError) as error:
        raise MissingExtraError(
            "LSL streams cannot be received", got=" ".join(str(error).split())[:120], expected="pylsl with its liblsl",
            way_out="install emgwidgets[devices]",
        ) from error  # fmt: skip
    return pylsl


def streams(*, wait_s: float = SEARCH_S) -> tuple[Any, ...]:
    """Descriptions of all streams that answer within a time, by name and source."""
    found = _library().resolve_streams(wait_time=wait_s)
    return tuple(sorted(found, key=lambda info: (info.name(), info.source_id(), info.uid())))


def _line(info: Any) -> str:
    source = f", source_id={info.source_id()!r}" if info.source_id() else ""
    return f"stream={info.name()!r}{source}: {info.type() or 'no type'}, {info.channel_count()} channels, {info.nominal_srate():g} Hz"


def _choose(found: tuple[Any, ...], name: str, source_id: str | None) -> Any:
    """One stream of a name; two of one name must be told apart by their source.

    Raises
    ------
    DeviceError
        If there is none.
    InputError
        If there are several.
    """
    named = [info for info in found if info.name() == name and source_id in (None, info.source_id())]
    if not named:
        raise DeviceError(
            f"no LSL stream named {name!r} answers", got="; ".join(_line(info) for info in found) or "no stream at all",
            expected=f"a stream named {name!r}", way_out="start its sender, and allow multicast in the firewall",
        )  # fmt: skip
    if len(named) > 1:
        raise InputError(
            f"{len(named)} LSL streams are named {name!r}",
            got=", ".join(f"source_id={info.source_id()!r}" for info in named), expected="one stream",
            way_out="state source_id=..., or stop the other sender",
        )  # fmt: skip
    return named[0]


def _channels(info: Any, unit: str | None) -> tuple[list[ChannelInfo], list[float]]:
    """Channels with their factors into microvolts.

    Raises
    ------
    InputError
        If an EMG stream does not say its unit and the user did not either.
    """
    node = info.desc().child("channels").child("channel")
    channels: list[ChannelInfo] = []
    factors: list[float] = []
    for number in range(info.channel_count()):
        label = node.child_value("label") or f"{info.name()} {number + 1}"
        text = unit or node.child_value("unit")
        if not text:
            raise InputError(
                f"LSL stream {info.name()!r} does not say the unit of channel {label!r}", got="no unit",
                expected="uV, mV, V or another unit", way_out='state unit="uV" when opening it',
            )  # fmt: skip
        voltage = is_voltage(text)
        factors.append(microvolts_per(text) if voltage else 1.0)
        channels.append(ChannelInfo(name=label, unit="uV" if voltage else text, kind="emg" if voltage else "other"))
        node = node.next_sibling()
    return channels, factors


class LslDevice:
    """One or several streams of signals, and streams of markers.

    Parameters
    ----------
    stream : str or sequence of str
        Names of streams with a rate.
    source_id : str, optional
        Which of several streams of one name.
    markers : sequence of str
        Names of marker streams; each marker is a mark that can trigger.
    unit : str, optional
        Unit where the streams do not say it.
    wait_s : float
        How long to look for them.
    """

    def __init__(
        self, *, stream: str | tuple[str, ...] | list[str], source_id: str | None = None,
        markers: str | tuple[str, ...] | list[str] = (), unit: str | None = None, wait_s: float = SEARCH_S,
    ) -> None:  # fmt: skip
        self._lsl = _library()
        self._names = [stream] if isinstance(stream, str) else list(stream)
        self._markers = [markers] if isinstance(markers, str) else list(markers)
        self._source_id, self._unit, self._wait_s = source_id, unit, wait_s
        self._clock = SystemClock()
        self._inlets: list[Any] = []
        self._marker_inlets: list[Any] = []
        self._streams: list[StreamInfo] = []
        self._factors: list[Any] = []
        self._corrections: dict[int, tuple[float, float]] = {}
        self._turn = 0

    def identify(self) -> DeviceInfo:
        """Streams in the order they were named; known once open."""
        return DeviceInfo(name="lsl", model="LSL " + ", ".join(self._names), streams=tuple(self._streams))

    def __enter__(self) -> Self:
        found = streams(wait_s=self._wait_s)
        self._inlets, self._marker_inlets, self._streams, self._factors = [], [], [], []
        for name in self._names:
            inlet = self._open(_choose(found, name, self._source_id))
            info = inlet.info(timeout=5.0)
            if not info.nominal_srate() > 0:
                raise InputError(
                    f"LSL stream {name!r} has no regular rate",
                    got="0 Hz",
                    expected="a rate",
                    way_out="name it in markers=...",
                )
            channels, factors = _channels(info, self._unit)
            self._streams.append(
                StreamInfo(
                    name=name, sampling_rate_hz=info.nominal_srate(), channels=tuple(channels), jitter_s=JITTER_S
                )
            )  # fmt: skip
            self._factors.append(np.array(factors)[:, np.newaxis])
            self._inlets.append(inlet)
        self._marker_inlets = [self._open(_choose(found, name, None)) for name in self._markers]
        for number, inlet in enumerate(self._inlets):  # the first answer takes a second, later ones none
            self._correction_s(number, inlet)
        for number, inlet in enumerate(self._marker_inlets):
            self._correction_s(-1 - number, inlet)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        for inlet in (*self._inlets, *self._marker_inlets):
            with suppress(Exception):  # a stream that is gone cannot be closed
                inlet.close_stream()
        self._inlets, self._marker_inlets = [], []
        self._corrections.clear()

    def read(self, timeout_s: float) -> Block | None:
        """Next chunk of the next stream that has one."""
        give_up_s = time.monotonic() + timeout_s
        while True:
            for _ in self._inlets:
                self._turn = (self._turn + 1) % len(self._inlets)
                values, stamps_s = self._pull(self._inlets[self._turn])
                if len(stamps_s):
                    samples = np.asarray(values, dtype=np.float64).T * self._factors[self._turn]
                    time_s = stamps_s[0] + self._correction_s(self._turn, self._inlets[self._turn])
                    return Block(samples=samples, time_s=time_s, stream=self._turn)
            if time.monotonic() > give_up_s:
                return None
            time.sleep(0.002)

    def read_marks(self) -> tuple[Annotation, ...]:
        """Markers since the last call, on this computer's clock."""
        marks: list[Annotation] = []
        for number, inlet in enumerate(self._marker_inlets):
            values, stamps_s = self._pull(inlet)
            correction_s = self._correction_s(-1 - number, inlet) if len(stamps_s) else 0.0
            marks += [
                Annotation(
                    start_s=stamp_s + correction_s, label=" ".join(str(cell) for cell in value).strip() or "marker"
                )
                for value, stamp_s in zip(values, stamps_s, strict=True)
            ]
        return tuple(marks)

    def _open(self, info: Any) -> Any:
        inlet = self._lsl.StreamInlet(info, max_buflen=60, recover=False)
        try:
            inlet.open_stream(timeout=5.0)
        except Exception as error:
            raise DeviceError(
                f"LSL stream {info.name()!r} does not open",
                got=str(error) or type(error).__name__,
                way_out="start its sender again",
            ) from error
        return inlet

    def _pull(self, inlet: Any) -> tuple[Any, Any]:
        try:
            values, stamps_s = inlet.pull_chunk(timeout=0.0, max_samples=MAX_CHUNK)
        except self._lsl.util.LostError as error:
            raise DeviceError(
                "an LSL stream was lost",
                got="its sender has ended",
                expected="a running sender",
                way_out="start it again",
            ) from error
        return values, stamps_s

    def _correction_s(self, key: int, inlet: Any) -> float:
        """Seconds from the sender's clock to the engine's, looked at anew every few seconds."""
        asked_s, correction_s = self._corrections.get(key, (float("-inf"), self._own_offset_s()))
        if self._clock.now_s() - asked_s > CORRECT_EVERY_S:
            with suppress(Exception):  # no answer in time: the last correction stays
                correction_s = inlet.time_correction(timeout=1.0) + self._own_offset_s()
            self._corrections[key] = (self._clock.now_s(), correction_s)
        return correction_s

    def _own_offset_s(self) -> float:
        """Seconds from this computer's LSL clock to the engine's; of three looks the least interrupted."""
        looks = [(self._clock.now_s(), float(self._lsl.local_clock()), self._clock.now_s()) for _ in range(3)]
        before_s, lsl_s, after_s = min(looks, key=lambda look: look[2] - look[0])
        return (before_s + after_s) / 2 - lsl_s


def _check() -> None:
    _library()


def _find() -> tuple[str, ...]:
    return tuple(_line(info) for info in streams())


DRIVER = Driver(
    name="lsl", words="streams of the lab streaming layer: stream, source_id, markers, unit", open=LslDevice, check=_check, find=_find,
)  # fmt: skip
