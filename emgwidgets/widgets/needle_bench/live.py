"""A live device as a source of the needle bench: what an engine reads is kept on a tape, filtered once, drawn, heard and measured.

The engine is the one of :mod:`emgwidgets.acquisition`; nothing is recorded to a file here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.acquisition.protocols import DeviceError
from emgwidgets.analysis.signal.filter_stream import FilterStream
from emgwidgets.errors import InputError
from emgwidgets.model.case import Subject
from emgwidgets.model.origin import Device
from emgwidgets.model.signal import ArraySamples, Channel, Recording, Side, Trace
from emgwidgets.widgets.live.sources import channel_rows
from emgwidgets.widgets.needle_bench.source import (
    PIECE_S,
    Effort,
    Filters,
    NeedlePlace,
    Stretch,
    filter_steps,
    stated_settings,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.acquisition.buffer import PlacedBlock
    from emgwidgets.acquisition.engine import Engine
    from emgwidgets.acquisition.protocols import ChannelInfo
    from emgwidgets.model.signal import Annotation, Stimulus

__all__ = ["LiveNeedleSource", "LiveSender", "LiveStretch", "LiveTape"]

LONGEST_S = 600.0  # internal choice: ten minutes of 48 kHz, raw and filtered, are 230 MB
GROWN_S = 10.0
PERIOD_S = 0.03  # between two messages (internal choice: half the lead of the loudspeaker)


class LiveTape:
    """Samples of one channel since listening began: raw, and through the filters of the bench.

    Parameters
    ----------
    info : ChannelInfo
    rate_hz : float
    stream, row : int
        Where the channel is in the engine's blocks.
    """

    def __init__(self, info: ChannelInfo, rate_hz: float, *, stream: int, row: int) -> None:
        self.info, self.rate_hz = info, rate_hz
        self._stream, self._row = stream, row
        self._lock = threading.RLock()
        self._raw = np.zeros(round(GROWN_S * rate_hz), dtype=np.float32)
        self._shown = np.zeros_like(self._raw)
        self.n = 0
        self.filters = Filters()
        self._position: int | None = None
        self._filter = self._new_filter()

    def _new_filter(self) -> FilterStream:
        return FilterStream(filter_steps(self.filters, self.info.settings), sampling_rate_hz=self.rate_hz)

    def take_block(self, block: PlacedBlock) -> None:
        """Keep the samples of a block; lost ones are NaN."""
        if block.stream != self._stream:
            return
        values = np.asarray(block.samples[self._row], dtype=np.float32)
        lost = 0 if self._position is None else max(block.position - self._position, 0)
        self._position = block.position + len(values)
        if lost:
            values = np.concatenate([np.full(min(lost, round(GROWN_S * self.rate_hz)), np.nan, np.float32), values])
        with self._lock:
            self._append(values)

    def _append(self, values: NDArray[np.float32]) -> None:
        most = round(LONGEST_S * self.rate_hz)
        values = values[: max(most - self.n, 0)]
        end = self.n + len(values)
        if end > len(self._raw):
            room = np.zeros(min(max(2 * len(self._raw), end), most), dtype=np.float32)
            for name in ("_raw", "_shown"):
                grown = room.copy()
                grown[: self.n] = getattr(self, name)[: self.n]
                setattr(self, name, grown)
        self._raw[self.n : end] = values
        self._shown[self.n : end] = self._filter.push(values[np.newaxis])[0]
        self.n = end

    def take_mark(self, mark: Stimulus | Annotation) -> None:
        """Marks of the device are not for the needle bench."""

    @property
    def is_full(self) -> bool:
        """Whether no more is kept."""
        return self.n >= round(LONGEST_S * self.rate_hz)

    def shown(self, start: int, stop: int, filters: Filters) -> NDArray[np.float32]:
        """Filtered samples by index."""
        with self._lock:
            if filters != self.filters:
                self.filters = filters
                self._filter = self._new_filter()
                self._shown[: self.n] = self._filter.push(self._raw[np.newaxis, : self.n])[0]
            return self._shown[max(start, 0) : min(stop, self.n)].copy()

    def raw(self, start: int, stop: int) -> NDArray[np.float32]:
        """Samples as they came."""
        with self._lock:
            return self._raw[max(start, 0) : min(stop, self.n)].copy()


@dataclass(frozen=True, kw_only=True, eq=False)
class LiveStretch(Stretch):
    """What comes from a device since an effort was stated; it ends when the next begins."""

    tape: LiveTape = field(repr=False)
    first: int = 0
    last: list[int] = field(default_factory=list, repr=False)

    is_growing = True

    @property
    def rate_hz(self) -> float:
        """Samples per second."""
        return self.tape.rate_hz

    @property
    def start_s(self) -> float:
        """Time of the first sample."""
        return 0.0

    @property
    def n_samples(self) -> int:
        """How many there are by now."""
        return (self.last[0] if self.last else self.tape.n) - self.first

    @property
    def end_s(self) -> float:
        """Time just after the newest sample."""
        return self.n_samples / self.tape.rate_hz

    def piece(self, at_s: float) -> tuple[float, float]:
        """The last half minute."""
        del at_s
        return max(self.end_s - PIECE_S, 0.0), self.end_s

    def finish(self) -> None:
        """No more belongs to this stretch."""
        if not self.last:
            self.last.append(self.tape.n)

    def samples_uv(self, start: int, stop: int, filters: Filters) -> NDArray[np.float32]:
        """Filtered samples by index."""
        stop = min(stop, self.n_samples)
        return self.tape.shown(self.first + max(start, 0), self.first + stop, filters)

    def trace(self, filters: Filters, start_s: float, end_s: float) -> Trace:
        """A filtered stretch for measuring."""
        start, stop = (round(max(t, 0.0) * self.rate_hz) for t in (start_s, end_s))
        samples = self.samples_uv(start, stop, filters)
        if not len(samples):
            raise InputError("the stretch holds no sample", got=f"{start_s:g} to {end_s:g} s", expected="a longer one")
        return Trace(
            samples_uv=samples.astype(np.float64), sampling_rate_hz=self.rate_hz, start_s=start / self.rate_hz,
            channel=self.channel, settings=stated_settings(self.tape.info.settings, filters),
        )  # fmt: skip

    def kept_recording(self) -> Recording:
        """The samples as they came, as a recording; lost ones are NaN."""
        info = self.tape.info
        values = self.tape.raw(self.first, self.first + self.n_samples)
        channel = Channel(
            name=self.channel, unit=info.unit, kind="needle_emg", settings=info.settings, sampling_rate_hz=self.rate_hz,
            samples=ArraySamples(stored=values),
        )  # fmt: skip
        return Recording(channels=(channel,), device=Device())


class LiveNeedleSource:
    """One channel of an engine.

    Parameters
    ----------
    engine : Engine
        It is started if that was not done, and stopped with the bench when the bench started it.
    channel : str, optional
        Needed when the device has several.
    """

    can_move = False
    is_live = True
    days_since_onset: float | None = None

    def __init__(self, engine: Engine, *, channel: str | None = None, subject: Subject | None = None) -> None:
        self.engine = engine
        self.subject = subject or Subject()
        self._owns = engine.status.state == "new"
        if self._owns:
            _opened(engine)
        rows = channel_rows(engine.info)
        streams = engine.info.streams
        names = [streams[stream].channels[row].name for stream, row in rows]
        if channel is None and len(names) > 1:
            raise InputError(
                "the device does not say which channel the needle is", got=f"{len(names)} channels", expected="one",
                way_out=f"state it with channel=..., one of {', '.join(names)}",
            )  # fmt: skip
        if channel is not None and channel not in names:
            raise InputError("the device has no such channel", got=repr(channel), expected=f"one of {', '.join(names)}")
        stream, row = rows[names.index(channel) if channel is not None else 0]
        self.tape = LiveTape(streams[stream].channels[row], streams[stream].sampling_rate_hz, stream=stream, row=row)
        engine.attach(self.tape)
        if self._owns:
            engine.start()
        self._now: LiveStretch | None = None

    @property
    def title(self) -> str:
        """The device and its rate."""
        return f"live, {self.engine.info.name}, {self.tape.rate_hz / 1000:g} kHz"

    @property
    def electrode(self) -> str:
        """What the device says of the electrode."""
        return self.tape.info.settings.electrode or "electrode not stated"

    def muscles(self) -> tuple[str, ...]:
        """Every muscle of the vocabulary: the reader says where the needle is."""
        return tuple(vocabulary.muscles())

    def section(self, muscle: str, side: Side) -> None:
        """Nothing is known of the muscle's shape."""
        del muscle, side

    def usual_place(self, muscle: str, side: Side) -> None:
        """The needle is in the examiner's hand."""
        del muscle, side

    def record(
        self, *, muscle: str, side: Side, effort: Effort, place: NeedlePlace | None, insertion: int, number: int
    ) -> LiveStretch:
        """What comes from now on; the stretch before ends here."""
        del place
        if self._now is not None:
            self._now.finish()
        self._now = LiveStretch(
            number=number, recording=Recording(), channel=self.tape.info.name, muscle=muscle, side=side, effort=effort,
            insertion=insertion, tape=self.tape, first=self.tape.n,
        )  # fmt: skip
        return self._now

    def close(self) -> None:
        """Listen no more; the engine is stopped when it was started here."""
        self.engine.detach(self.tape)
        if self._owns:
            self.engine.stop()


def _opened(engine: Engine) -> None:
    """Open an engine that is not open yet, so that nothing is missed between opening and listening."""
    try:
        _ = engine.info
    except DeviceError:
        engine.open()


class LiveSender:
    """A thread that sends new samples of the stretch under the sweep to the browser.

    Parameters
    ----------
    send : callable
        ``send(content, buffers)`` of the widget.
    now : callable
        Gives the stretch under the sweep and the filters.
    """

    def __init__(
        self, send: Callable[[dict[str, Any], list[bytes]], object], now: Callable[[], tuple[Stretch | None, Filters]]
    ) -> None:
        self._send, self._now = send, now
        self._stop = threading.Event()
        self._sent: dict[int, int] = {}
        self._thread = threading.Thread(target=self._run, name="emgwidgets-needle-live", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout=2.0)

    def _run(self) -> None:
        while not self._stop.wait(PERIOD_S):
            self.send_news()

    def send_news(self) -> None:
        """Send what is new; the thread does only this, so a test may do it instead."""
        stretch, filters = self._now()
        if not isinstance(stretch, LiveStretch):
            return
        first = self._sent.get(stretch.number, 0)
        last = stretch.n_samples
        if last <= first:
            return
        values = np.nan_to_num(stretch.samples_uv(first, last, filters))
        self._sent = {stretch.number: first + len(values)}
        head = {
            "type": "live_tape",
            "stretch": stretch.number,
            "first": first,
            "n": len(values),
            "end_s": stretch.end_s,
        }
        self._send(head, [np.asarray(values, dtype="<f4").tobytes()])
