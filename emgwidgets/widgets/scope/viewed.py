"""The scope's last minute in a trace viewer: cursors, measures, spectrum, firing rate, sound and marks of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from emgwidgets.widgets.trace_viewer import TraceViewer
from emgwidgets.widgets.trace_viewer.selected import DIVISIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from emgwidgets.model.signal import Recording
    from emgwidgets.widgets.scope.desk import ScopeDesk

__all__ = ["Viewed"]


class Viewed(traitlets.HasTraits):
    """What the scope held, to be read at rest."""

    _viewer = traitlets.Unicode("").tag(sync=True)

    _opened: Callable[[], ScopeDesk]  # of the widget
    history: Callable[..., Recording]
    filters: Any
    channel: Any
    time_base_s: Any
    sensitivities: Any
    hidden: Any
    _below: TraceViewer | None = None

    def to_viewer(self, *, window_s: tuple[float, float] | None = None) -> TraceViewer:
        """Return a trace viewer of the last minute, or of the frozen one, with the scope's filters and sensitivities.

        The samples are a copy: the scope goes on.  Marks of the scope stand in it; those made there are its own.

        Parameters
        ----------
        window_s : (float, float), optional
            Window to begin with; the last ten divisions when left out.
        """
        recording = self.history()
        viewer = TraceViewer(recording, filters=self.filters, quality=None)
        viewer.channel, viewer.hidden = self.channel, list(self.hidden)
        viewer.sensitivities = list(self.sensitivities)
        end_s = recording.start_s + recording.duration_s
        viewer.window_s = list(window_s or (max(end_s - DIVISIONS * self.time_base_s, recording.start_s), end_s))
        viewer.start_here()  # the look of the scope is no step of the reader
        return viewer

    def _show_below(self, content: dict[str, Any]) -> None:
        """Put a viewer of the frozen minute under the scope; a live scope is frozen first."""
        desk = self._opened()
        if desk.history is None:
            desk.freeze()
        self._hide_below()
        given = content.get("window_s")
        self._below = self.to_viewer(window_s=None if given is None else (float(given[0]), float(given[1])))
        self._viewer = str(self._below.model_id)

    def _hide_below(self) -> None:
        """Take the viewer under the scope away, with its samples."""
        self._viewer = ""
        if self._below is not None:
            self._below.close()
            self._below = None
