"""The part of the viewer that hands out what is selected: as a Recording, a table, a figure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from emgwidgets.figures.trace import draw_traces, picture_bytes
from emgwidgets.model.signal import Recording, Sweep
from emgwidgets.widgets.trace_viewer.pictures import make_picture
from emgwidgets.widgets.trace_viewer.selection import cut_recording, selection_table
from emgwidgets.widgets.trace_viewer.sweeps import sweeps_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from emgwidgets.widgets.trace_viewer.desk import Desk

__all__ = ["DIVISIONS", "Selected"]

DIVISIONS = 10


class Selected:
    """What is selected in a viewer: between the cursors, else what is visible, of the channels that are not hidden."""

    cursors_s: Any
    window_s: Any
    hidden: Any
    show: Any
    _sweeps: tuple[Sweep, ...]

    _opened: Callable[[], Desk]  # of the widget

    @property
    def time_base_s(self) -> float:
        """Seconds per division."""
        return float(self.window_s[1] - self.window_s[0]) / DIVISIONS

    @property
    def shown(self) -> tuple[int, ...]:
        """Indices of the channels, or sweeps, that are not hidden."""
        return tuple(index for index in range(len(self._opened().views)) if index not in set(self.hidden))

    @property
    def selection_s(self) -> tuple[float, float]:
        """Start and end of the selected stretch: between the cursors, else what is visible."""
        first, second = self.cursors_s
        if first is not None and second is not None and first != second:
            return min(first, second), max(first, second)
        return self.window_s[0], self.window_s[1]

    def selection(self, *, is_filtered: bool = False) -> Recording:
        """Return the selected stretch of the channels or sweeps shown as a Recording, raw unless asked otherwise.

        ``is_filtered`` gives the samples after the repairs and filters in force, and a note says so.
        """
        cut = self._cut(is_filtered=is_filtered)
        if self.show == "channels":
            return cut
        return replace(cut, channels=(), sweeps=sweeps_of(self._opened().recording, cut, self._sweeps))

    def selection_table(self, *, is_filtered: bool = False) -> pd.DataFrame:
        """Return the selection with one row per sample: channel, time_s (after the stimulus for sweeps), value, unit."""
        return selection_table(self._cut(is_filtered=is_filtered))

    def to_figure(self, *, backend: Literal["matplotlib", "plotly"] = "matplotlib") -> Any:
        """Return a figure of the selected stretch; matplotlib for paper, plotly to hover."""
        return draw_traces(make_picture(self), backend=backend)

    def snapshot(self, *, format: Literal["png", "svg"] = "png") -> bytes:
        """Return a figure of the selected stretch as a file."""
        return picture_bytes(make_picture(self), format=format, dots_per_inch=100 if format == "png" else 200)

    def _cut(self, *, is_filtered: bool, stretch_s: tuple[float, float] | None = None) -> Recording:
        desk = self._opened()
        base = replace(desk.recording, annotations=desk.all_marks(), quality_flags=desk.flags)
        views = [desk.views[index] for index in self.shown]
        return cut_recording(base, views, *(stretch_s or self.selection_s), is_filtered=is_filtered)
