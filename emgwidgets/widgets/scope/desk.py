"""The kernel's side of the scope: engine, recorder, feed, history and sweeps; widget.py publishes what it says."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.protocols import GoesToSites
from emgwidgets.acquisition.recorder import Recorder, close_into
from emgwidgets.acquisition.sweeps import SweepCollector, SweepSettings
from emgwidgets.acquisition.triggers import Trigger
from emgwidgets.analysis.signal.filters import FilterStep
from emgwidgets.cases.folder import file_recording
from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.signal import Annotation
from emgwidgets.widgets.live import History, LiveFeed
from emgwidgets.widgets.scope.journal import LiveJournal
from emgwidgets.widgets.scope.state import device_state, level_state, recording_state, sweeps_message
from emgwidgets.widgets.trace_viewer.desk import error_message
from emgwidgets.widgets.trace_viewer.sound import LONGEST_S, make_sound

__all__ = ["ScopeDesk"]

TICK_S = 0.25
LIVE_SUFFIX = ".emglive"


class ScopeDesk:
    """Owns what runs.

    Parameters
    ----------
    engine : Engine
        Open or running.
    send : callable
        ``send(content, buffers)`` of the widget.
    publish : callable
        Receives the state as plain values.
    terms : sequence of dict
        The annotation vocabulary.
    sites : sequence of str
        Muscles or sites that are examined one after the other.
    """

    def __init__(
        self, engine: Engine, *, send: Callable[[dict[str, Any], list[bytes]], object],
        publish: Callable[[dict[str, Any]], None], terms: Sequence[dict[str, Any]], sites: Sequence[str],
    ) -> None:  # fmt: skip
        self.engine = engine
        self.feed = LiveFeed(engine, send)
        self.journal = LiveJournal(engine)
        self.recorder: Recorder | None = None
        self.recorded: Path | None = None
        self.history: History | None = None
        self.collector: SweepCollector | None = None
        self.filters: tuple[FilterStep, ...] = ()
        self.sites, self.site = tuple(sites), 0
        self._send, self._publish = send, publish
        self._terms = {term["code"]: term for term in terms}
        self._note = ""
        self._levels: list[dict[str, Any]] = []
        self._sweep_channel, self._n_told = 0, -1
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="emgwidgets-scope", daemon=True)
        self.feed.start()
        self._thread.start()

    # running -----------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Read the device; after a stop the time between is a gap."""
        with self._lock:
            self.history = None
            self.engine.start()
        self.publish()

    def stop(self) -> None:
        """Close the device and hold the picture; a recording under way is ended."""
        self.engine.stop()
        self.end_recording()
        if self.history is None and self.engine.buffer.end():
            self.history = History(self.engine)
        self.publish()

    def freeze(self) -> None:
        """Hold the picture with the last minute to scroll back in; the engine and a recording go on."""
        with self._lock:
            if self.engine.buffer.end() == 0:
                raise InputError("there is nothing to freeze", got="no sample yet", way_out="start the scope first")
            self.history = History(self.engine)
        self.publish()

    def thaw(self) -> None:
        """Show the live signal again."""
        with self._lock:
            self.history = None
        self.publish()

    def close(self) -> None:
        """End everything; what was recorded is closed."""
        self._over.set()
        self.feed.stop()
        with suppress(EmgError):
            self.engine.stop()
            self.end_recording()

    # marks and sites ---------------------------------------------------------------------------------------------
    def mark(self, label: str, *, at_s: float | None = None, duration_s: float = 0.0, channel: str | None = None) -> Annotation:  # fmt: skip
        """Put a mark now, or at a time since the first sample."""
        words = " ".join(label.split())
        if not words:
            raise InputError("a mark needs a label", expected="a word", way_out="press L and a letter")
        note = self.sites[self.site] if self.sites else ""
        found = self.journal.mark(words, note=note, channel=channel, at_s=at_s, duration_s=duration_s)
        self.publish()
        return found

    def go_to(self, site: int) -> str:
        """Go to a muscle or site, and mark it in the recording; returns its name.

        A device that can go there, as the virtual patient, is told.
        """
        if not self.sites:
            raise InputError("there is no list of muscles", way_out='open the scope with sites=["...", "..."]')
        name = self.sites[site % len(self.sites)]
        if isinstance(self.engine.device, GoesToSites):
            self.engine.device.go_to_site(name)
        self.site = site % len(self.sites)
        if self.engine.buffer.end():
            self.engine.mark("site", note=name)
        self.publish()
        return name

    # recording ---------------------------------------------------------------------------------------------------
    def record(self, path: Path | None = None) -> Path:
        """Begin to write what comes from now on to a new live container."""
        with self._lock:
            if self.recorder is not None:
                raise InputError("a recording is under way", got=self.recorder.path.name, way_out="end it first")
            chosen = path or Path(time.strftime(f"scope_%Y-%m-%d_%H%M%S{LIVE_SUFFIX}"))
            if chosen.suffix.lower() != LIVE_SUFFIX:
                chosen = chosen.with_name(chosen.name + LIVE_SUFFIX)
            self.recorder = Recorder(self.engine, chosen)
            if self.sites:
                self.engine.mark("site", note=self.sites[self.site])
        self.publish()
        return chosen

    def end_recording(self) -> Path | None:
        """Close the recording under way; returns its file."""
        with self._lock:
            recorder, self.recorder = self.recorder, None
        if recorder is None:
            return None
        recorder.close()
        self.recorded, self._note = recorder.path, recorder.status.sentence
        self.publish()
        return recorder.path

    def save_as(self, suffix: str) -> Path:
        """Write the last recording beside it as EDF+, BDF+ or another format, and look whether every sample arrived."""
        recorded = self._closed()
        target = recorded.with_suffix(suffix)
        return self._save(target, lambda: close_into(recorded, target))

    def save_into_case(self, folder: Path, *, suffix: str = ".edf") -> Path:
        """Put the last recording into a case folder."""
        recorded = self._closed()
        return self._save(folder / (recorded.stem + suffix), lambda: file_recording(recorded, folder, suffix=suffix))

    def _closed(self) -> Path:
        if self.recorded is None:
            raise InputError("there is no recording to close", way_out="record, and end the recording, first")
        return self.recorded

    def _save(self, target: Path, write: Callable[[], object]) -> Path:
        with warnings.catch_warnings(record=True) as told:  # such as a name that the format shortens
            warnings.simplefilter("always")
            write()
        place = f"{target.parent.name}/{target.name}" if target.parent != self._closed().parent else target.name
        self._note = " ".join([f"{place} holds all of {self._closed().name}.", *(f"{one.message}." for one in told)])
        self.publish()
        return target

    # sweeps ------------------------------------------------------------------------------------------------------
    def trigger(self, trigger: Trigger | None, settings: SweepSettings | None = None) -> None:
        """Collect sweeps at a trigger; None ends it."""
        with self._lock:
            if self.collector is not None:
                self.engine.detach(self.collector)
                self.collector = None
            if trigger is not None and settings is not None:
                names = [one.name for stream in self.engine.info.streams for one in stream.channels]
                self.collector = SweepCollector(self.engine.buffer, settings, trigger)
                self._sweep_channel, self._n_told = names.index(settings.channel), -1
                self.engine.attach(self.collector)
        self._tell_sweeps()
        self.publish()

    def clear_sweeps(self) -> None:
        """Begin the average anew."""
        if self.collector is not None:
            self.collector.clear()
            self._n_told = -1
        self._tell_sweeps()

    def _tell_sweeps(self) -> None:
        collector = self.collector
        if collector is None:
            return
        counts = collector.counts
        n_all = counts.n_accepted + counts.n_rejected + counts.n_broken
        if n_all != self._n_told:
            self._n_told = n_all
            self._send(*sweeps_message(collector, self._sweep_channel))

    # display -----------------------------------------------------------------------------------------------------
    def set_filters(self, steps: Sequence[FilterStep]) -> list[str]:
        """Set the display filters; returns a sentence for each stream that cannot carry one."""
        self.filters = tuple(steps)
        self.feed.set_filters(self.filters)
        streams = self.engine.info.streams
        return [f"{step.text} left out: {streams[number].name} has {streams[number].sampling_rate_hz:g} Hz" for number, step in self.feed.left_out]  # fmt: skip

    def hello(self) -> None:
        """Tell a new view all it needs."""
        self._n_told = -1
        self._tell_sweeps()
        self.publish()

    def view(self, content: dict[str, Any]) -> None:
        """Answer a request for a window of the frozen history."""
        history = self.history
        if history is None:
            return
        start_s, end_s = float(content["start_s"]), float(content["end_s"])
        heads, buffers = history.columns(start_s, end_s, n_columns=int(content["columns"]), steps=self.filters)
        head = {
            "type": "view",
            "view": content.get("view"),
            "id": content.get("id"),
            "start_s": start_s,
            "end_s": end_s,
        }
        self._send({**head, "streams": heads}, buffers)

    def readout(self, content: dict[str, Any]) -> None:
        """Tell time and value at the cursors."""
        history = self.history
        if history is None:
            return
        channel = int(content["channel"])
        found: list[dict[str, float | None] | None] = []
        for time_s in content["cursors_s"]:
            if time_s is None:
                found.append(None)
                continue
            half_s = 0.5 / self.rate_of(channel)
            _, values = history.samples(channel, time_s - half_s, time_s + half_s, steps=self.filters)
            value = float(values[0]) if len(values) and np.isfinite(values[0]) else None
            found.append({"t_s": float(time_s), "value": value})
        self._send({"type": "readout", "view": content.get("view"), "channel": channel, "cursors": found}, [])

    def play(self, content: dict[str, Any]) -> None:
        """Send a stretch of the frozen history for the loudspeaker."""
        history = self.history
        if history is None:
            raise InputError("only a frozen picture can be heard again", way_out="press F, then Space")
        start_s, end_s = float(content["start_s"]), min(float(content["end_s"]), float(content["start_s"]) + LONGEST_S)
        channel = int(content["channel"])
        first_s, values = history.samples(channel, start_s, end_s, steps=self.filters)
        sound = make_sound(values, sampling_rate_hz=self.rate_of(channel))
        head = {"type": "stretch", "view": content.get("view"), "start_s": first_s, "rate_hz": sound.rate_hz}
        self._send(head, [sound.samples.tobytes()])

    def rate_of(self, channel: int) -> float:
        """Sampling rate of a channel by its number."""
        rates = [stream.sampling_rate_hz for stream in self.engine.info.streams for _ in stream.channels]
        return rates[channel]

    # state -------------------------------------------------------------------------------------------------------
    def publish(self) -> None:
        """Tell the browser how things stand."""
        history = self.history
        state = {
            **device_state(self.engine), **self.journal.told(self._terms), "note": self._note,
            "recording": recording_state(self.recorder, self.engine),
            "recorded": self.recorded.name if self.recorded is not None else "",
            "frozen": None if history is None else {"start_s": history.start_s, "end_s": history.end_s},
            "levels": self._levels, "site": self.site, "is_triggered": self.collector is not None,
        }  # fmt: skip
        self._publish(state)

    def _run(self) -> None:
        is_due = False
        while not self._over.wait(TICK_S):
            try:
                self._tell_sweeps()
                is_due = not is_due
                if is_due and self.engine.status.state != "new":
                    self._levels = level_state(self.engine)
                    self.publish()
            except Exception as error:
                self._send(error_message(error), [])
