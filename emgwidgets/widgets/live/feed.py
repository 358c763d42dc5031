"""Sends what an engine reads to the views of a widget, as binary columns and sound.  It measures and records nothing.

Use in a widget::

    self._feed = LiveFeed(engine, self.send)     # engine open or running; send(content, buffers)
    self._feed.start()                           # a thread of its own; a running cell does not stop it
    self._feed.set_filters(steps)                # display (and sound) filters; what is recorded is never changed
    self.on_msg(lambda _w, content, _b: self._feed.handle(content))   # True when the message was the feed's

Messages to the browser have ``type`` ``"live"``::

    seq, sent_ms (clock of this computer), age_ms (from the newest sample to sending), reset (throw away what you hold)
    streams: [{stream, zero_s, first, n, columns_per_s, has_range, buffer}]   float32 (2 * n_channels, n): all smallest,
        then all largest values; without has_range float32 (n_channels, n) samples.  Column k begins at
        zero_s + k / columns_per_s.  NaN: lost.
    marks: [{t_s, label, kind, channel, note}], and gone: [...] those taken back   gaps: [{stream, start_s, end_s, n}]
    sound: {channel, start_s, rate_hz, n, buffer} or null          float32, in the channel's unit

Times are seconds by the count of samples since the first sample of the first stream.  Messages from the browser:
``{type: "live", action: "hello" | "bye" | "alive", view}``, ``{action: "columns", columns_per_s, span_s}`` when the time
base changes, ``{action: "listen", channel}`` with the number of a channel or null.  ``_js/live_sweep.js`` and
``_js/live_sound.js`` are the other side.
"""

from __future__ import annotations

import importlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.acquisition.buffer import PlacedBlock
from emgwidgets.acquisition.display import DisplayFeed
from emgwidgets.acquisition.engine import Engine
from emgwidgets.analysis.signal.filter_stream import FilterStream
from emgwidgets.analysis.signal.filters import FilterStep
from emgwidgets.model.signal import Annotation, Stimulus
from emgwidgets.widgets.live.sound_stream import SoundStream
from emgwidgets.widgets.live.sources import channel_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LiveFeed"]

#: Between two messages (internal choice: 60 a second are what a screen shows; each costs the kernel about 0.3 ms).
PERIOD_S = 0.015
#: ... while somebody listens: blocks go as they come, down to 3 ms, so that the loudspeaker waits for nothing.
HEARD_PERIOD_S = 0.003
#: A view that was not heard of for so long may be gone, or a cell may be running: the picture goes on, but slower.
QUIET_AFTER_S, QUIET_PERIOD_S = 30.0, 0.2
#: Most columns a second (internal choice: at 1 ms a division, 200 columns a division).
MOST_COLUMNS_PER_S = 20_000.0
FIRST_COLUMNS_PER_S, FIRST_SPAN_S = 1000.0, 1.0
#: Samples sent at once; a feed that was held up for longer catches up in several messages.
LONGEST_S = 2.0
#: Samples before the first shown column, so that the display filters have settled (internal choice).
SETTLING_S = 0.5


class _Stream:
    """One stream on its way to the screen: next sample, filter, columns."""

    def __init__(self, engine: Engine, number: int, *, columns_per_s: float, span_s: float, steps: Sequence[FilterStep]) -> None:  # fmt: skip
        self.number = number
        self.buffer = engine.buffer
        self.info = engine.info.streams[number]
        rate_hz = self.info.sampling_rate_hz
        self.filter = FilterStream(steps, sampling_rate_hz=rate_hz)
        self.columns = DisplayFeed(
            self.buffer, columns_per_s=columns_per_s, stream=number, kept_s=max(span_s, LONGEST_S) + 1.0
        )
        first = max(self.buffer.end(number) - round(span_s * rate_hz), self.buffer.start(number), 0)
        first -= first % self.columns.n_column_samples
        self.next_column = first // self.columns.n_column_samples
        self.at = max(first - round(SETTLING_S * rate_hz), self.buffer.start(number))
        self.filter.push(self.buffer.window(self.at, first, stream=number))
        self.at = first

    def pull(self) -> tuple[int, NDArray[Any]]:
        """Number of the first new sample, and the new samples, filtered; shape ``(n_channels, n)``."""
        start = max(self.at, self.buffer.start(self.number))
        stop = min(self.buffer.end(self.number), start + round(LONGEST_S * self.info.sampling_rate_hz))
        self.at = stop
        samples = self.filter.push(self.buffer.window(start, stop, stream=self.number))
        if stop > start:
            self.columns.take_block(
                PlacedBlock(
                    samples=np.asarray(samples, dtype=np.float32), stream=self.number, position=start, time_s=0.0, clock_s=0.0
                )
            )  # fmt: skip
        return start, samples

    @property
    def is_behind(self) -> bool:
        """Whether more waits than is taken at once."""
        return self.buffer.end(self.number) - self.at > LONGEST_S * self.info.sampling_rate_hz

    def news(self, zero_s: float) -> tuple[dict[str, Any], bytes] | None:
        """Head and bytes of the whole columns since the last call."""
        first, columns = self.columns.since(self.next_column)
        n = columns.shape[2]
        if n == 0:
            return None
        self.next_column = first + n
        has_range = self.columns.n_column_samples > 1
        head = {
            "stream": self.number, "first": first, "n": n, "columns_per_s": self.columns.columns_per_s, "has_range": has_range,
            "zero_s": self.buffer.time_of(0, stream=self.number) - zero_s,
        }  # fmt: skip
        return head, (columns if has_range else columns[0]).tobytes()


class LiveFeed:
    """Feeds the views of one widget from one engine.

    Parameters
    ----------
    engine : Engine
        Open or running; the feed neither starts nor stops it.
    send : callable
        ``send(content, buffers)`` of the widget; called in the feed's thread.
    period_s : float
        Shortest time between two messages.
    """

    def __init__(
        self, engine: Engine, send: Callable[[dict[str, Any], list[bytes]], object], *, period_s: float = PERIOD_S
    ) -> None:
        self._engine, self._send, self._period_s = engine, send, period_s
        self._rows = channel_rows(engine.info)
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._news: deque[tuple[str, dict[str, Any]]] = deque(maxlen=1000)
        self._views: dict[str, float] = {}
        self._seq = 0
        self._steps: tuple[FilterStep, ...] = ()
        self._columns_per_s, self._span_s = FIRST_COLUMNS_PER_S, FIRST_SPAN_S
        self._streams: list[_Stream] = []
        self._is_reset = True
        self._listening: int | None = None
        self._sound: SoundStream | None = None
        self._sound_at: int | None = None
        self.cpu_s = 0.0
        """Processor time of the feed's thread."""

    def start(self) -> None:
        """Begin to send to views that say hello."""
        self._engine.attach(self)
        self._stop.clear()
        threading.Thread(target=importlib.import_module, args=("scipy.signal",), daemon=True).start()  # slow, once
        self._thread = threading.Thread(target=self._run, name="emgwidgets-feed", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; safe to call twice."""
        self._stop.set()
        self._engine.detach(self)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5.0)

    @property
    def left_out(self) -> tuple[tuple[int, FilterStep], ...]:
        """Streams and the display filters that their rate cannot carry."""
        return tuple(
            (number, step)
            for number, stream in enumerate(self._engine.info.streams)
            for step in FilterStream(self._steps, sampling_rate_hz=stream.sampling_rate_hz).left_out
        )

    def set_filters(self, steps: Sequence[FilterStep]) -> None:
        """Set the filters of display and sound; views begin anew with the last seconds."""
        with self._lock:
            self._steps, self._is_reset = tuple(steps), True

    def listen(self, channel: int | None) -> None:
        """Send the samples of a channel for the loudspeaker, or of none."""
        chosen = channel if channel is not None and 0 <= channel < len(self._rows) else None
        sound = None
        if chosen is not None:
            sound = SoundStream(self._engine.info.streams[self._rows[chosen][0]].sampling_rate_hz)
        with self._lock:
            self._listening, self._sound, self._sound_at = chosen, sound, None

    def handle(self, content: dict[str, Any]) -> bool:
        """Act on a message of a view; False when it is not for the feed."""
        if content.get("type") != "live":
            return False
        action, view = content.get("action"), str(content.get("view", ""))
        with self._lock:
            if action == "bye":
                self._views.pop(view, None)
                return True
            self._is_reset = self._is_reset or view not in self._views
            self._views[view] = time.monotonic()
            if action == "columns":
                self._columns_per_s = float(np.clip(float(content["columns_per_s"]), 1.0, MOST_COLUMNS_PER_S))
                self._span_s = float(np.clip(float(content.get("span_s", FIRST_SPAN_S)), 0.01, 120.0))
                self._is_reset = True
        if action == "listen":  # not under the lock: the first filter takes its time
            channel = content.get("channel")
            self.listen(None if channel is None else int(channel))
        return True

    # told by the engine ------------------------------------------------------------------------------------------
    def take_block(self, block: PlacedBlock) -> None:
        """Note a gap; the samples are taken from the engine's memory."""
        if block.n_lost:
            rate_hz = self._engine.info.streams[block.stream].sampling_rate_hz
            end_s = block.time_s - self._zero_s()
            gap = {"stream": block.stream, "start_s": end_s - block.n_lost / rate_hz, "end_s": end_s, "n": block.n_lost}
            self._news.append(("gaps", gap))

    def take_mark(self, mark: Stimulus | Annotation) -> None:
        """Note a mark."""
        if isinstance(mark, Stimulus):
            told: dict[str, Any] = {
                "t_s": mark.time_s,
                "label": "stimulus",
                "kind": "stimulus",
                "channel": None,
                "note": "",
            }
        else:
            told = self._told(mark)
        self._news.append(("marks", {**told, "t_s": told["t_s"] - self._zero_s()}))

    def take_back(self, mark: Annotation) -> None:
        """Note that a mark is gone."""
        self._news.append(("gone", {**self._told(mark), "t_s": mark.start_s - self._zero_s()}))

    @staticmethod
    def _told(mark: Annotation) -> dict[str, Any]:
        return {"t_s": mark.start_s, "label": mark.label, "kind": "mark", "channel": mark.channel, "note": mark.note}

    def _zero_s(self) -> float:
        return self._engine.buffer.time_of(0)

    # the thread --------------------------------------------------------------------------------------------------
    def _run(self) -> None:
        began_s, seen = time.thread_time(), -1
        while not self._stop.is_set():
            sent_s = time.monotonic()
            if self._views:
                self.send_news()
            self.cpu_s = time.thread_time() - began_s
            seen = self._engine.buffer.wait_change(seen, timeout_s=0.1)
            heard_s = max(self._views.copy().values(), default=0.0)
            usual_s = self._period_s if self._listening is None else min(self._period_s, HEARD_PERIOD_S)
            period_s = usual_s if sent_s - heard_s < QUIET_AFTER_S else QUIET_PERIOD_S
            self._stop.wait(max(sent_s + period_s - time.monotonic(), 0.0))

    def send_news(self) -> None:
        """Send what has come since the last message; the thread does only this, so a test may do it instead."""
        with self._lock:
            content, buffers = self._collect()
        if content is not None:
            self._send(content, buffers)

    def _collect(self) -> tuple[dict[str, Any] | None, list[bytes]]:
        is_reset = self._is_reset
        if is_reset:
            self._is_reset = False
            self._streams = [
                _Stream(self._engine, number, columns_per_s=self._columns_per_s, span_s=self._span_s, steps=self._steps)
                for number in range(len(self._engine.info.streams))
            ]
        zero_s, buffers = self._zero_s(), list[bytes]()
        heads: list[dict[str, Any]] = []
        sound = None
        for stream in self._streams:
            start, samples = stream.pull()
            while is_reset and stream.is_behind:
                start, samples = stream.pull()
            if self._listening is not None and self._rows[self._listening][0] == stream.number:
                sound = self._sound_of(stream, start, samples, zero_s, buffers)
            found = stream.news(zero_s)
            if found is not None:
                heads.append({**found[0], "buffer": len(buffers)})
                buffers.append(found[1])
        told: dict[str, list[dict[str, Any]]] = {"marks": [], "gone": [], "gaps": []}
        while self._news:
            kind, body = self._news.popleft()
            told[kind].append(body)
        if not (heads or sound or is_reset or any(told.values())):
            return None, []
        self._seq += 1
        content = {
            "type": "live", "seq": self._seq, "reset": is_reset, "sent_ms": time.time() * 1000, "age_ms": self._age_ms(),
            "streams": heads, "sound": sound, **told,
        }  # fmt: skip
        return content, buffers

    def _sound_of(
        self, stream: _Stream, start: int, samples: NDArray[Any], zero_s: float, buffers: list[bytes]
    ) -> dict[str, Any] | None:
        if self._sound is None or self._listening is None:
            return None
        end = start + samples.shape[1]
        begins = max(
            start, end if self._sound_at is None else self._sound_at
        )  # a view that begins anew does not break it
        self._sound_at = end
        values = self._sound.push(samples[self._rows[self._listening][1], begins - start :])
        if not len(values):
            return None
        buffers.append(values.tobytes())
        start_s = self._engine.buffer.time_of(begins, stream=stream.number) - zero_s - self._sound.delay_s
        return {
            "channel": self._listening, "start_s": start_s, "rate_hz": self._sound.rate_hz, "n": len(values),
            "buffer": len(buffers) - 1,
        }  # fmt: skip

    def _age_ms(self) -> float:
        """How long ago the newest sample of the first stream was taken, by the engine's clock."""
        buffer = self._engine.buffer
        now_s = self._engine.clock.now_s() - buffer.lead_s
        return 1000 * (now_s - buffer.time_of(buffer.end()))
