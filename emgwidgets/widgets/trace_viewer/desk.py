"""Answers the browser's questions about one recording; knows no widget library, so that it is tested without one.

Short answers (a window, a cursor, a mark) are given at once.  Long work (looking through an hour, filtering it,
spectrum, quality) is done by a background thread, which sends when it is done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from emgwidgets.analysis.signal.filters import FilterStep
from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.signal import Annotation, QualityFlag, Recording
from emgwidgets.widgets.trace_viewer.channel_view import MAX_COLUMNS, ChannelView, pack
from emgwidgets.widgets.trace_viewer.describe import describe_flags, describe_marks, describe_terms
from emgwidgets.widgets.trace_viewer.marking import change_marks
from emgwidgets.widgets.trace_viewer.mending import Patch, flag_of, patch_of
from emgwidgets.widgets.trace_viewer.panes import cursor_readout, firing_panes, spectrum_pane
from emgwidgets.widgets.trace_viewer.sound import LONGEST_S, make_sound
from emgwidgets.widgets.trace_viewer.worker import Worker

if TYPE_CHECKING:
    from emgwidgets.cases.annotations import AnnotationStore
    from emgwidgets.widgets.trace_viewer.journal import Journal

__all__ = ["OVERVIEW_COLUMNS", "Desk", "error_message"]

OVERVIEW_COLUMNS = MAX_COLUMNS

Send = Callable[[dict[str, Any], list[bytes]], None]


def error_message(error: Exception) -> dict[str, Any]:
    """Return an error in the four parts the browser shows; foreign errors are named, never traced."""
    if isinstance(error, EmgError):
        parts = {"what": error.what, "got": error.got, "expected": error.expected, "way_out": error.way_out}
    else:
        text = " ".join(str(error).split())[:160]
        parts = {
            "what": "this could not be done",
            "got": f"{type(error).__name__}: {text}".rstrip(": "),
            "expected": "",
            "way_out": "",
        }
    return {"type": "error", **parts}


#: Begin of the id of a mark that came with the recording.
FROM_FILE = "file:"


class Desk:
    """The kernel's side of a viewer.

    Parameters
    ----------
    recording : Recording
    store : AnnotationStore
    journal : Journal
        Takes back and makes again what was done in the viewer.
    send : callable
        ``send(content, buffers)`` to every open view; may be called from any thread.
    publish : callable
        ``publish(name, value)`` of state that views share: ``"marks"``, ``"flags"``, ``"undo"``.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        store: AnnotationStore,
        journal: Journal,
        send: Send,
        publish: Callable[[str, Any], None],
    ) -> None:
        self.recording = recording
        self.store = store
        self.journal = journal
        self.views = tuple(ChannelView(channel) for channel in recording.channels)
        self.terms = describe_terms()
        self.flags: tuple[QualityFlag, ...] = recording.quality_flags
        self.lock = threading.RLock()
        self.worker = Worker(self._report)
        self.slow = Worker(self._report)  # quality and whole-channel filters: panes never wait for them
        self._send = send
        self._publish = publish
        self._newest: dict[str, int] = {}
        self._patches: dict[tuple[Any, ...], Patch] = {}
        self._answers: dict[str, Callable[[dict[str, Any]], None]] = {
            "hello": self._hello, "view": self._view, "readout": self._readout, "panes": self._panes, "sound": self._sound,
            "mark": self._mark,
        }  # fmt: skip
        self.worker.submit("build", self.build)

    def handle(self, content: dict[str, Any]) -> None:
        """Answer one message; an error becomes a message of its own."""
        answer = self._answers.get(str(content.get("type")))
        if answer is None:
            return
        try:
            with self.lock:
                answer(content)
        except Exception as error:
            self._report(error)

    def _report(self, error: Exception) -> None:
        self._send(error_message(error), [])

    def wait(self, timeout_s: float) -> bool:
        """Wait until nothing is left to do; whether that was reached in time."""
        return self.worker.wait(timeout_s) and self.slow.wait(timeout_s)

    def close(self) -> None:
        """End the background work."""
        self.worker.close()
        self.slow.close()

    # long work ---------------------------------------------------------------------------------------------------
    def build(self) -> None:
        """Look through every channel, telling how far it is."""
        for done, view in enumerate(self.views):
            if self.worker.is_closed:
                return
            view.build()
            self._send(
                {"type": "progress", "words": "looking through the recording", "done": done + 1, "of": len(self.views)},
                [],
            )
        self._send_overview()

    def set_filters(self, steps: Sequence[FilterStep], *, is_zero_phase: bool) -> list[str]:
        """Put a chain in force on all voltage channels; returns one note for each channel that lacks a step."""
        with self.lock:
            for view in self.views:
                view.set_filters(steps, is_zero_phase=is_zero_phase)
        self._filter_later()
        return [f"{view.channel.name} {view.filter_note}" for view in self.views if view.filter_note]

    def patch(self, step: Mapping[str, Any]) -> Patch:
        """Return what a step of the repair chain puts in place; worked out once.

        Raises
        ------
        InputError
            If there is nothing to repair, or no such channel.
        """
        key = tuple(step.get(name) for name in ("kind", "channel", "start_s", "end_s"))
        if key not in self._patches:
            self._patches[key] = patch_of(self.view_of(step.get("channel")).channel, flag_of(step))
        return self._patches[key]

    def view_of(self, channel: str | None) -> ChannelView:
        """Return the view of a channel by name; the first one for None.

        Raises
        ------
        InputError
            If there is no such channel.
        """
        found = self.recording.channel(0 if channel is None else channel)
        return next(view for view in self.views if view.channel is found)

    def set_repairs(self, steps: Sequence[Mapping[str, Any]]) -> None:
        """Put the repairs that are on in force, in place of those before.

        Raises
        ------
        InputError
            If one of them has nothing to repair.
        """
        patches: dict[int, list[Patch]] = {}
        for step in steps:
            if step.get("is_on", True):
                patches.setdefault(id(self.view_of(step.get("channel"))), []).append(self.patch(step))
        with self.lock:
            for view in self.views:
                view.set_patches(patches.get(id(view), ()))
        self._filter_later()

    def _filter_later(self) -> None:
        if any(view.needs_filtering for view in self.views):
            self.slow.submit("filter", self._filter)

    def _filter(self) -> None:
        for view in self.views:
            if view.needs_filtering and not self.worker.is_closed:
                view.build_filtered()
        self._send({"type": "refresh"}, [])

    def check_quality(self) -> None:
        """Look for what limits the use of the recording, and publish it."""
        from emgwidgets.analysis.signal.quality import all_flags

        self.flags = all_flags(self.recording)
        self._publish("flags", describe_flags(self.flags))

    # answers -----------------------------------------------------------------------------------------------------
    def _hello(self, _content: dict[str, Any]) -> None:
        if all(view.is_built for view in self.views):
            self._send_overview()

    def _send_overview(self) -> None:
        start_s, end_s = self.recording.start_s, self.recording.end_s
        heads: list[dict[str, Any]] = []
        buffers: list[bytes] = []
        for index, view in enumerate(self.views):
            head, numbers = pack(view.pieces(start_s, end_s, OVERVIEW_COLUMNS) or [])
            heads.append({"channel": index, "raw": {**head, "buffer": len(buffers)}, "filtered": None})
            buffers.append(numbers)
        self._send({"type": "overview", "start_s": start_s, "end_s": end_s, "channels": heads}, buffers)

    def _view(self, content: dict[str, Any]) -> None:
        who, number = str(content.get("view", "")), int(content["id"])
        if number < self._newest.get(who, -1):
            return
        self._newest[who] = number
        start_s, end_s = float(content["start_s"]), float(content["end_s"])
        if not end_s > start_s:
            return
        n_columns = max(1, min(int(content["columns"]), MAX_COLUMNS))
        buffers: list[bytes] = []
        heads = [self._channel(int(index), start_s, end_s, n_columns, buffers) for index in content["channels"]]
        self._send(
            {"type": "view", "view": who, "id": number, "start_s": start_s, "end_s": end_s, "channels": heads}, buffers
        )

    def _channel(
        self, index: int, start_s: float, end_s: float, n_columns: int, buffers: list[bytes]
    ) -> dict[str, Any]:
        view = self.views[index]
        head: dict[str, Any] = {"channel": index, "raw": None, "filtered": None, "note": view.filter_note}
        for name, pieces in (
            ("raw", view.pieces(start_s, end_s, n_columns)),
            ("filtered", view.filtered_pieces(start_s, end_s, n_columns)),
        ):
            if pieces is not None:
                part, numbers = pack(pieces)
                head[name] = {**part, "buffer": len(buffers)}
                buffers.append(numbers)
        head["is_pending"] = head["raw"] is None or (view.is_changed and head["filtered"] is None)
        return head

    def _readout(self, content: dict[str, Any]) -> None:
        view = self.views[int(content["channel"])]
        cursors_s = [None if value is None else float(value) for value in content["cursors_s"]]
        found = cursor_readout(view, cursors_s)
        self._send(
            {"type": "readout", "view": content.get("view"), "channel": content["channel"], "cursors": found}, []
        )

    def _panes(self, content: dict[str, Any]) -> None:
        view = self.views[int(content["channel"])]
        start_s, end_s = float(content["start_s"]), float(content["end_s"])

        def job() -> None:
            marks = describe_marks(self.all_marks(), self.terms)
            self._send(
                {
                    "type": "panes", "view": content.get("view"), "channel": content["channel"], "start_s": start_s,
                    "end_s": end_s, "spectrum": spectrum_pane(view, start_s, end_s),
                    "firing": firing_panes(view, start_s, end_s, marks),
                },
                [],
            )  # fmt: skip

        self.worker.submit(f"panes {content.get('view')}", job)

    def _sound(self, content: dict[str, Any]) -> None:
        view = self.views[int(content["channel"])]
        start_s = float(content["start_s"])
        end_s = min(float(content["end_s"]), start_s + LONGEST_S)
        if not view.channel.is_voltage:
            raise InputError(f"channel {view.channel.name!r} cannot be played", got=f"unit {view.channel.unit}",
                             expected="a voltage", way_out="choose an EMG channel with Up or Down")  # fmt: skip
        start, stop = view.channel.index_at(start_s), view.channel.index_at(end_s)
        sound = make_sound(view.read_filtered(start, stop), sampling_rate_hz=view.rate_hz)
        head = {
            "type": "sound", "view": content.get("view"), "id": content.get("id"), "channel": content["channel"],
            "start_s": float(view.channel.times_s(start, start + 1)[0]), "end_s": end_s, "rate_hz": sound.rate_hz,
            "own_rate_hz": view.rate_hz, "is_resampled": sound.is_resampled,
        }  # fmt: skip
        self._send(head, [sound.samples.tobytes()])

    def _mark(self, content: dict[str, Any]) -> None:
        try:
            if str(content.get("id", "")).startswith(FROM_FILE) and content.get("action") != "add":
                raise InputError("this mark belongs to the recording and is not changed here", got="a mark from the file",
                                 expected="one of your own marks", way_out="set a mark of your own over it")  # fmt: skip
            chosen = ""
            if content.get("action") in {"undo", "redo"}:
                self.journal.turn(back=content["action"] == "undo")
            else:
                chosen = change_marks(self.store, content)
                self.journal.add_mark()
        finally:
            self.publish_marks()
        if chosen:
            self._send({"type": "marked", "view": content.get("view"), "id": chosen}, [])

    def all_marks(self) -> tuple[Annotation, ...]:
        """Marks of the store, and those the recording brought with it that the store does not hold."""
        held = {(mark.start_s, mark.duration_s, mark.label, mark.channel) for mark in self.store.annotations}
        brought = [
            replace(mark, id=f"{FROM_FILE}{number}", note=mark.note or "from the recording")
            for number, mark in enumerate(self.recording.annotations)
            if (mark.start_s, mark.duration_s, mark.label, mark.channel) not in held
        ]
        return tuple(sorted([*brought, *self.store.annotations], key=lambda mark: (mark.start_s, mark.end_s)))

    def publish_marks(self) -> None:
        """Publish the marks and whether they are on disk."""
        store = self.store
        state = "not saved (no file)" if store.path is None else ("saved" if store.is_saved else "NOT SAVED")
        marks = describe_marks(self.all_marks(), self.terms)
        self._publish("marks", {"items": marks, "state": state})
        self.publish_undo()

    def publish_undo(self) -> None:
        """Publish what undo and redo would do."""
        self._publish("undo", {"undo": self.journal.words(back=True), "redo": self.journal.words(back=False)})
