"""The trace viewer's state and wire format; measures come from analysis, drawing is in view.js."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import anywidget
import traitlets

from emgwidgets.analysis.signal.filters import FilterStep
from emgwidgets.cases.annotations import AnnotationStore
from emgwidgets.errors import EmgError, InputError
from emgwidgets.figures.trace import draw_traces, picture_bytes
from emgwidgets.io.registry import read
from emgwidgets.model.signal import Annotation, Recording
from emgwidgets.widgets._esm import join_css, join_modules
from emgwidgets.widgets.trace_viewer.describe import describe_flags, describe_recording, rounded_125
from emgwidgets.widgets.trace_viewer.desk import Desk, error_message
from emgwidgets.widgets.trace_viewer.export import export_file
from emgwidgets.widgets.trace_viewer.selection import cut_recording, picture_of, row_of, selection_table

if TYPE_CHECKING:
    import pandas as pd

    from emgwidgets.figures.trace import TracePicture

__all__ = ["TraceViewer"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"
DIVISIONS = 10
FIRST_TIME_BASE_S = 0.1  # 100 ms a division, the sweep for rhythm at rest (facts: needle, settings) [M]


def _open(
    recording: Recording | str | os.PathLike[str], annotations: AnnotationStore | str | os.PathLike[str] | None
) -> tuple[Recording, AnnotationStore]:
    path = None if isinstance(recording, Recording) else Path(recording)
    opened = recording if isinstance(recording, Recording) else read(recording)
    names = [channel.name for channel in opened.channels]
    if isinstance(annotations, AnnotationStore):
        return opened, annotations
    if annotations is not None:
        return opened, AnnotationStore.open(annotations, channels=names)
    if path is not None:
        return opened, AnnotationStore.beside(path, channels=names)
    return opened, AnnotationStore.in_memory(channels=names)


class TraceViewer(anywidget.AnyWidget):
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
    reader : str
        Initials put on marks.

    Notes
    -----
    An error in the arguments of the recording (a file that cannot be read) is shown in the widget, not raised.
    Synced traits: ``window_s``, ``cursors_s``, ``channel`` (index of the selected one), ``sensitivities`` (unit of the
    channel per division), ``reader``.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(SHARED / "tokens.css", SHARED / "controls.css", HERE / "view.css")

    _info = traitlets.Dict().tag(sync=True)
    _marks = traitlets.Dict().tag(sync=True)
    _flags: Any = traitlets.List().tag(sync=True)
    _terms: Any = traitlets.List().tag(sync=True)
    _filters: Any = traitlets.List().tag(sync=True)
    _filter_notes: Any = traitlets.List().tag(sync=True)
    _error = traitlets.Dict().tag(sync=True)
    is_zero_phase = traitlets.Bool(default_value=False).tag(sync=True)
    window_s = traitlets.List(traitlets.Float()).tag(sync=True)
    cursors_s: Any = traitlets.List(default_value=[None, None]).tag(sync=True)
    channel = traitlets.Int(0).tag(sync=True)
    sensitivities = traitlets.List(traitlets.Float()).tag(sync=True)
    reader = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        recording: Recording | str | os.PathLike[str],
        *,
        annotations: AnnotationStore | str | os.PathLike[str] | None = None,
        filters: Sequence[FilterStep] = (),
        is_zero_phase: bool = False,
        quality: Literal["auto"] | None = "auto",
        reader: str = "",
    ) -> None:
        super().__init__(reader=reader, is_zero_phase=is_zero_phase)
        self._desk: Desk | None = None
        try:
            opened, store = _open(recording, annotations)
        except EmgError as error:
            self._error = error_message(error)
            return
        self._desk = desk = Desk(opened, store=store, send=self._send_message, publish=self._publish)
        self._info = describe_recording(opened, desk.views)
        self._terms = desk.terms
        self._flags = describe_flags(desk.flags)
        desk.publish_marks()
        self.sensitivities = [channel["per_division"] for channel in self._info["channels"]]
        shown_s = min(FIRST_TIME_BASE_S * DIVISIONS, rounded_125(max(opened.duration_s, 1e-3) / DIVISIONS) * DIVISIONS)
        self.window_s = [opened.start_s, opened.start_s + shown_s]
        self.observe(self._filters_changed, ["_filters", "is_zero_phase"])
        self.filters = filters
        self.on_msg(self._receive)
        if quality == "auto" and desk.views:
            desk.slow.submit("quality", desk.check_quality)

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
        return replace(desk.recording, annotations=desk.all_marks(), quality_flags=desk.flags)

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
    def selection_s(self) -> tuple[float, float]:
        """Start and end of the selected stretch: between the cursors, else what is visible."""
        first, second = self.cursors_s
        if first is not None and second is not None and first != second:
            return min(first, second), max(first, second)
        return self.window_s[0], self.window_s[1]

    def selection(self, *, is_filtered: bool = False) -> Recording:
        """Return the selected stretch of all channels as a Recording, raw unless asked otherwise."""
        return cut_recording(self.recording, self._opened().views, *self.selection_s, is_filtered=is_filtered)

    def selection_table(self, *, is_filtered: bool = False) -> pd.DataFrame:
        """Return the selected stretch with one row per sample: channel, time_s, value, unit."""
        return selection_table(self.selection(is_filtered=is_filtered))

    def to_figure(self, *, backend: Literal["matplotlib", "plotly"] = "matplotlib") -> Any:
        """Return a figure of the selected stretch; matplotlib for paper, plotly to hover."""
        return draw_traces(self._picture(), backend=backend)

    def snapshot(self) -> bytes:
        """Return a PNG of the selected stretch, for where no kernel runs."""
        return picture_bytes(self._picture(), format="png", dots_per_inch=100)

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
        return f"TraceViewer({n} channel{'s' * (n != 1)}, {self._desk.recording.duration_s:.3f} s, {marks} marks)"

    # inside ------------------------------------------------------------------------------------------------------
    def _opened(self) -> Desk:
        if self._desk is None:
            raise InputError("there is no recording in this viewer", got=str(self._error.get("what", "nothing")),
                             way_out="open it again with a file that can be read")  # fmt: skip
        return self._desk

    def _picture(self) -> TracePicture:
        desk = self._opened()
        start_s, end_s = self.selection_s
        order = [self.channel, *(index for index in range(len(desk.views)) if index != self.channel)]
        channels = self._info["channels"]
        rows = tuple(
            row_of(
                desk.views[index],
                start_s,
                end_s,
                per_division=self.sensitivities[index],
                centre=channels[index]["centre"],
            )
            for index in order
            if index < len(desk.views)
        )
        return picture_of(
            self._info["title"], desk.views, start_s, end_s, per_division_s=(self.window_s[1] - self.window_s[0]) / DIVISIONS,
            rows=rows, cursors_s=self.cursors_s, marks=self._marks["items"], flags=self._flags,
        )  # fmt: skip

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

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        if self._desk is None:
            return
        if content.get("type") == "export":
            try:
                export_file(self, content, self._send_message)
            except Exception as error:
                self._send_message(error_message(error), [])
            return
        self._desk.handle(content)
