"""The trace viewer's state and wire format; measures come from analysis, drawing is in view.js."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import anywidget
import traitlets

from emgwidgets.analysis.signal.filters import FilterStep
from emgwidgets.cases.annotations import AnnotationStore
from emgwidgets.errors import EmgError, InputError
from emgwidgets.io.registry import read
from emgwidgets.model.signal import Annotation, QualityFlag, Recording, Sweep
from emgwidgets.widgets._esm import join_css, join_modules
from emgwidgets.widgets.trace_viewer.describe import describe_flags, describe_recording, rounded_125
from emgwidgets.widgets.trace_viewer.desk import Desk, error_message
from emgwidgets.widgets.trace_viewer.export import export_file
from emgwidgets.widgets.trace_viewer.journal import LOOKS, Journal
from emgwidgets.widgets.trace_viewer.mending import flag_of, mains_frequency
from emgwidgets.widgets.trace_viewer.pictures import fallback
from emgwidgets.widgets.trace_viewer.selected import DIVISIONS, Selected
from emgwidgets.widgets.trace_viewer.sweeps import describe_groups, lay_out

__all__ = ["TraceViewer"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"
FIRST_TIME_BASE_S = 0.1  # 100 ms a division, the sweep for rhythm at rest (facts: needle, settings) [M]


def _open(
    recording: Recording | str | os.PathLike[str], annotations: AnnotationStore | str | os.PathLike[str] | None
) -> tuple[Recording, AnnotationStore]:
    if not isinstance(recording, (Recording, str, os.PathLike)):
        raise InputError("the viewer has nothing to show", got=type(recording).__name__, expected="a Recording or its file",
                         way_out="open it with emg.read first")  # fmt: skip
    path = None if isinstance(recording, Recording) else Path(recording)
    opened = recording if isinstance(recording, Recording) else read(recording)
    names = [channel.name for channel in (*opened.channels, *lay_out(opened)[0].channels)]
    if isinstance(annotations, AnnotationStore):
        return opened, annotations
    if annotations is not None:
        return opened, AnnotationStore.open(annotations, channels=names)
    if path is not None:
        return opened, AnnotationStore.beside(path, channels=names)
    return opened, AnnotationStore.in_memory(channels=names)


def _first_show(recording: Recording) -> Literal["channels", "sweeps"]:
    """Sweeps when the channels hold nothing else than them, laid end to end."""
    swept_s = sum(len(sweep.samples_uv) / sweep.sampling_rate_hz for sweep in recording.sweeps)
    return "sweeps" if recording.sweeps and recording.duration_s <= 1.05 * swept_s else "channels"


class TraceViewer(Selected, anywidget.AnyWidget):
    """Look at, listen to, filter and mark a recording.

    Parameters
    ----------
    recording : Recording or path
        With a path the file is read and the marks are kept beside it.
    annotations : AnnotationStore or path, optional
        Where marks are kept; in memory, and said to be unsaved, when left out for a Recording.
    filters : sequence of FilterStep
        Chain drawn over the raw trace of every voltage channel.  Samples are never changed.
    is_zero_phase : bool
        Filter without delay, unlike an amplifier.
    quality : ``"auto"`` or None
        Whether to look for what limits the recording's use, in the background.
    show : ``"auto"``, ``"channels"`` or ``"sweeps"``
        Continuous channels on one time axis, or stimulus-locked sweeps, superimposed or rastered, with the stimulus at
        0 ms.  ``"auto"`` takes sweeps when the recording holds nothing else.
    reader : str
        Initials put on marks.

    Notes
    -----
    An error in the arguments of the recording (a file that cannot be read) is shown in the widget, not raised.
    Synced traits: ``window_s``, ``cursors_s``, ``channel`` (index of the selected one), ``sensitivities`` (unit of the
    channel per division), ``hidden`` (indices of channels not shown), ``reader``.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(SHARED / "tokens.css", SHARED / "controls.css", HERE / "view.css")

    _info = traitlets.Dict().tag(sync=True)
    _marks = traitlets.Dict().tag(sync=True)
    _undo = traitlets.Dict().tag(sync=True)
    _flags: Any = traitlets.List().tag(sync=True)
    _terms: Any = traitlets.List().tag(sync=True)
    _filters: Any = traitlets.List().tag(sync=True)
    _filter_notes: Any = traitlets.List().tag(sync=True)
    _repairs: Any = traitlets.List().tag(sync=True)
    _error = traitlets.Dict().tag(sync=True)
    is_zero_phase = traitlets.Bool(default_value=False).tag(sync=True)
    show = traitlets.Enum(("channels", "sweeps"), default_value="channels").tag(sync=True)
    window_s = traitlets.List(traitlets.Float()).tag(sync=True)
    cursors_s: Any = traitlets.List(default_value=[None, None]).tag(sync=True)
    channel = traitlets.Int(0).tag(sync=True)
    sensitivities = traitlets.List(traitlets.Float()).tag(sync=True)
    hidden = traitlets.List(traitlets.Int()).tag(sync=True)
    reader = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        recording: Recording | str | os.PathLike[str],
        *,
        annotations: AnnotationStore | str | os.PathLike[str] | None = None,
        filters: Sequence[FilterStep] = (),
        is_zero_phase: bool = False,
        quality: Literal["auto"] | None = "auto",
        show: Literal["auto", "channels", "sweeps"] = "auto",
        reader: str = "",
    ) -> None:
        super().__init__(reader=reader, is_zero_phase=is_zero_phase)
        self._desk: Desk | None = None
        self._sweeps: tuple[Sweep, ...] = ()
        self._is_checked = quality == "auto"
        try:
            self._source, self._store = _open(recording, annotations)
        except EmgError as error:
            self._error = error_message(error)
            return
        self.show = _first_show(self._source) if show == "auto" else show
        self._mount()
        self.filters = filters
        self.observe(self._filters_changed, ["_filters", "is_zero_phase"])
        self._filters_changed(None)
        self.observe(self._repairs_changed, "_repairs")
        self.observe(self._look_changed, [*LOOKS])
        self.observe(self._mount, "show")
        self.on_msg(self._receive)

    # public ------------------------------------------------------------------------------------------------------
    @property
    def recording(self) -> Recording:
        """The recording shown, with the marks made here and the flags found.

        Raises
        ------
        InputError
            If the recording could not be read.
        """
        desk = self._opened()
        return replace(self._source, annotations=desk.all_marks(), quality_flags=desk.flags)

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Marks in order of time: the reader's, and those that came with the recording."""
        return self._opened().all_marks()

    @property
    def filters(self) -> tuple[FilterStep, ...]:
        """The chain of filters; assign to change it."""
        return tuple(FilterStep(**step) for step in self._filters)

    @filters.setter
    def filters(self, steps: Sequence[FilterStep]) -> None:
        self._filters = [{"kind": s.kind, "frequency_hz": s.frequency_hz, "is_on": s.is_on} for s in steps]

    @property
    def repairs(self) -> tuple[QualityFlag, ...]:
        """Places that are repaired in the view; the samples of the recording are never changed."""
        return tuple(flag_of(step) for step in self._repairs if step["is_on"])

    def repair(self, *flags: QualityFlag) -> None:
        """Switch the repairs on that flags offer: mains become a notch in the chain, the others a step of their own.

        Raises
        ------
        InputError
            If a flag offers no repair, or there is nothing to repair at its place.
        """
        desk = self._opened()
        filters, repairs = list(self._filters), list(self._repairs)
        for flag in flags:
            if flag.repair == "notch":
                hz = mains_frequency(desk.view_of(flag.channel).channel, flag)
                filters = [step for step in filters if (step["kind"], step["frequency_hz"]) != ("notch", hz)]
                filters.append({"kind": "notch", "frequency_hz": hz, "is_on": True})
                continue
            step = {
                "kind": flag.repair,
                "flag": flag.kind,
                "channel": flag.channel,
                "start_s": flag.start_s,
                "end_s": flag.end_s,
            }
            desk.patch(step)
            same = ("kind", "channel", "start_s", "end_s")
            repairs = [other for other in repairs if any(other[name] != step[name] for name in same)]
            repairs.append({**step, "is_on": True})
        self._filters, self._repairs = filters, repairs

    def undo(self) -> str:
        """Take back the last change of filters, repairs, sensitivities, channels shown or marks; returns what it was."""
        return self._turn(back=True)

    def redo(self) -> str:
        """Make the last undone change again; returns what it was."""
        return self._turn(back=False)

    def start_here(self) -> None:
        """Take the present look as the beginning: earlier changes of filters, repairs, gains and channels shown cannot be undone."""
        desk = self._opened()
        desk.journal.forget()
        desk.publish_undo()

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait until the background work is done; whether it was in time."""
        return self._desk is None or self._desk.wait(timeout_s)

    def close(self) -> None:
        """Close every view and end the background work."""
        if self._desk is not None:
            self._desk.close()
        super().close()

    def __repr__(self) -> str:
        if self._desk is None:
            return f"TraceViewer(error: {self._error.get('what', '')})"
        n, marks = len(self._desk.views), len(self._desk.all_marks())
        what = "sweep" if self.show == "sweeps" else "channel"
        return f"TraceViewer({n} {what}{'s' * (n != 1)}, {self._desk.recording.duration_s:.3f} s, {marks} marks)"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Widget view, with one sentence and a small picture for pages where no kernel runs."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None or self._desk is None:
            return bundle
        data, metadata = bundle
        try:
            return {**data, **fallback(self)}, metadata
        except EmgError:
            return bundle  # a channel that cannot be read says so in the widget

    # inside ------------------------------------------------------------------------------------------------------
    def _opened(self) -> Desk:
        if self._desk is None:
            raise InputError("there is no recording in this viewer", got=str(self._error.get("what", "nothing")),
                             way_out="open it again with a file that can be read")  # fmt: skip
        return self._desk

    def _mount(self, _change: Any = None) -> None:
        """Lay out what is shown, channels or sweeps, and start afresh with cursors, repairs and steps to undo."""
        source, old = self._source, self._desk
        groups, other = None, ""
        laid = source
        if self.show == "sweeps":
            laid, found, self._sweeps = lay_out(source)
            groups = describe_groups(found, self._sweeps)
            other = "channels" if source.channels else ""
        elif source.sweeps:
            other = "sweeps"
        journal = Journal(self._store, self.set_trait)
        self._desk = desk = Desk(
            laid, store=self._store, journal=journal, send=self._send_message, publish=self._publish
        )
        with self.hold_sync(), self.hold_trait_notifications():
            info = describe_recording(laid, desk.views, sweeps=groups, other=other)
            self._terms, self._flags = desk.terms, describe_flags(desk.flags)
            self.sensitivities = [channel["per_division"] for channel in info["channels"]]
            self.channel, self.cursors_s, self.hidden, self._repairs = 0, [None, None], [], []
            shown_s = rounded_125(max(laid.duration_s, 1e-3) / DIVISIONS) * DIVISIONS
            shown_s = shown_s if groups else min(FIRST_TIME_BASE_S * DIVISIONS, shown_s)
            self.window_s = [laid.start_s, laid.start_s + shown_s]
            desk.publish_marks()
            self._info = info
        journal.forget()
        if old is not None:
            old.close()
            self._filters_changed(None)
        if self._is_checked and desk.views and not groups:
            desk.slow.submit("quality", desk.check_quality)

    def _publish(self, name: str, value: Any) -> None:
        setattr(self, f"_{name}", value)

    def _send_message(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.send(content, buffers)

    def _filters_changed(self, _change: Any) -> None:
        try:
            notes = self._opened().set_filters(self.filters, is_zero_phase=self.is_zero_phase)
        except (EmgError, TypeError) as error:
            self._send_message(error_message(error), [])
            return
        self._filter_notes = notes
        self._send_message({"type": "refresh"}, [])

    def _repairs_changed(self, _change: Any) -> None:
        try:
            self._opened().set_repairs(self._repairs)
        except EmgError as error:
            self._send_message(error_message(error), [])
            return
        self._send_message({"type": "refresh"}, [])

    def _look_changed(self, change: Any) -> None:
        desk = self._opened()
        if desk.journal.add_look(change["name"], change["old"], change["new"]):
            desk.publish_undo()

    def _turn(self, *, back: bool) -> str:
        desk = self._opened()
        try:
            return desk.journal.turn(back=back)
        finally:
            desk.publish_marks()

    @traitlets.validate("sensitivities", "hidden")
    def _fits(self, proposal: Any) -> Any:
        """Keep what belongs to another set of channels out: a view may speak before it knows of a change."""
        value, name = proposal["value"], proposal["trait"].name
        if self._desk is None:
            return value
        n = len(self._desk.views)
        if name == "sensitivities":
            is_fit = len(value) == n and all(size > 0 for size in value)
        else:
            is_fit = all(0 <= index < n for index in value) and (len(set(value)) < n or not value)
        return value if is_fit else getattr(self, name)

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        if self._desk is None:
            return
        try:
            if content.get("type") == "export":
                export_file(self, content, self._send_message)
            elif content.get("type") == "repair":
                self.repair(
                    *(flag_of({**step, "kind": step["repair"], "flag": step["kind"]}) for step in content["flags"])
                )
            else:
                self._desk.handle(content)
        except Exception as error:
            self._send_message(error_message(error), [])
