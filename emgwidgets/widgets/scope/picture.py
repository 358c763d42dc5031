"""The picture of a scope for figures and for pages without a kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from emgwidgets.figures.trace import TracePicture, TraceRow
from emgwidgets.figures.trace_sketch import MOST_ROWS, SKETCH_COLUMNS, sketch
from emgwidgets.widgets.live import History

__all__ = ["fallback", "make_picture"]

DIVISIONS = 10
PICTURE_COLUMNS = 2000


def make_picture(scope: Any, *, n_columns: int = PICTURE_COLUMNS) -> TracePicture:
    """The last ten divisions of the channels shown, the selected one first."""
    desk = scope._opened()
    span_s = DIVISIONS * scope.time_base_s
    history = desk.history or History(desk.engine, duration_s=span_s)
    end_s = history.end_s
    start_s = end_s - span_s
    channels = scope._info["channels"]
    order = sorted((i for i in range(len(channels)) if i not in scope.hidden), key=lambda i: i != scope.channel)
    rows = tuple(_row(scope, history, index, (start_s, end_s), n_columns) for index in order[:MOST_ROWS])
    return TracePicture(
        title=scope._info["title"], caption=f"live, {desk.engine.status.state}; {len(channels)} channels, negative up",
        start_s=start_s, end_s=end_s, per_division_s=scope.time_base_s, rows=rows,
        marks=tuple((mark.start_s, mark.start_s + mark.duration_s, mark.label, True) for mark in desk.journal.marks if start_s <= mark.start_s <= end_s),
        flags=tuple((gap["start_s"], gap["end_s"], "gap") for gap in desk.journal.gaps if gap["end_s"] >= start_s),
        stimuli_s=tuple(one.time_s for one in desk.journal.stimuli if start_s <= one.time_s <= end_s),
    )  # fmt: skip


def _row(scope: Any, history: History, index: int, window_s: tuple[float, float], n_columns: int) -> TraceRow:
    channel = scope._info["channels"][index]
    heads, buffers = history.columns(*window_s, n_columns=n_columns // 2, steps=scope._opened().filters)
    head = heads[channel["stream"]]
    values = np.frombuffer(buffers[head["buffer"]], dtype=np.float32)
    shape = (2 if head["has_range"] else 1, -1, head["n"])
    both = values.reshape(shape)[:, channel["row"]].astype(np.float64)
    times_s = head["zero_s"] + (head["first"] + np.arange(head["n"])) / head["columns_per_s"]
    return TraceRow(
        name=channel["name"], caption=f"{channel['rate_hz']:g} Hz", unit=channel["unit"],
        per_division=scope.sensitivities[index], centre=0.0, is_voltage=channel["is_voltage"],
        times_s=np.repeat(times_s, len(both)), values=both.T.ravel(),
    )  # fmt: skip


def fallback(scope: Any) -> dict[str, str]:
    """One sentence, and a small picture of what was there when the cell ran; before the first sample, the sentence alone.

    The signal of a device differs from run to run: the sentence holds no number of it.
    """
    words = f"{scope!r}: a live signal; it is shown where a kernel runs."
    if not scope._opened().engine.buffer.end():
        return {"text/plain": words}
    return {"text/plain": words, "image/svg+xml": sketch(make_picture(scope, n_columns=SKETCH_COLUMNS), words)}
