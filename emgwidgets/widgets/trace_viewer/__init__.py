"""The trace viewer: many channels on one time axis, seen, heard, filtered and marked."""

from emgwidgets.widgets.trace_viewer.widget import TraceViewer

__all__ = ["TraceViewer"]
