"""Pictures of a stretch of channels, for paper (matplotlib) and to hover (plotly); draws what it is given, measures nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TracePicture", "TraceRow", "draw_traces", "picture_bytes"]

INK, CAPTION, GRID, ZERO, RAW, CURSOR, WARN = (
    "#14191e",
    "#5b646e",
    "#e4e8eb",
    "#aab3bb",
    "#84919e",
    "#9a4300",
    "#7a5200",
)
TRACES = ("#0f3558", "#0a6a58", "#7d12b5", "#9a4300")
MARK_FILL, PROPOSED_FILL = "#e8f1fb", "#f4f6f7"


@dataclass(frozen=True, kw_only=True, eq=False)
class TraceRow:
    """One channel of a picture.

    Parameters
    ----------
    times_s, values : ndarray, shape (n,)
        Line to draw, NaN where it breaks.
    raw_times_s, raw_values : ndarray, optional
        Raw line under a filtered one.
    """

    name: str
    caption: str
    unit: str
    per_division: float
    centre: float
    is_voltage: bool
    times_s: NDArray[np.float64] = field(repr=False)
    values: NDArray[np.float64] = field(repr=False)
    raw_times_s: NDArray[np.float64] | None = field(default=None, repr=False)
    raw_values: NDArray[np.float64] | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class TracePicture:
    """A stretch of channels with cursors, stimuli, marks and flags; times in seconds, shown in ``time_unit``."""

    title: str
    caption: str
    start_s: float
    end_s: float
    per_division_s: float
    rows: tuple[TraceRow, ...]
    cursors_s: tuple[tuple[str, float], ...] = ()
    marks: tuple[tuple[float, float, str, bool], ...] = ()
    """Start, end, words, whether a reader confirmed it."""
    flags: tuple[tuple[float, float, str], ...] = ()
    stimuli_s: tuple[float, ...] = ()
    time_unit: Literal["s", "ms"] = "s"

    @property
    def factor(self) -> float:
        """Shown units of time in a second."""
        return 1000.0 if self.time_unit == "ms" else 1.0


def draw_traces(picture: TracePicture, *, backend: Literal["matplotlib", "plotly"] = "matplotlib") -> Any:
    """Draw a picture.

    Parameters
    ----------
    picture : TracePicture
    backend : str
        ``"matplotlib"`` for a Figure, ``"plotly"`` for a plotly Figure.

    Raises
    ------
    InputError
        If the backend is unknown or the picture has no channel.
    """
    if not picture.rows:
        raise InputError(
            "there is no channel to draw", expected="at least one", way_out="choose a recording with channels"
        )
    if backend == "matplotlib":
        return _matplotlib(picture)
    if backend == "plotly":
        return _plotly(picture)
    raise InputError("no such way to draw", got=repr(backend), expected="matplotlib or plotly")


def _limits(row: TraceRow) -> tuple[float, float]:
    seen = row.values[np.isfinite(row.values)] - row.centre
    half = max(float(np.abs(seen).max(initial=0.0)) * 1.05, row.per_division * 2)
    low, high = row.centre - half, row.centre + half
    return (high, low) if row.is_voltage else (low, high)  # voltages: negative up


def _matplotlib(picture: TracePicture) -> Any:
    from matplotlib.figure import Figure

    rows, factor = picture.rows, picture.factor
    heights = [3.0] + [1.2] * (len(rows) - 1)
    figure = Figure(figsize=(7.2, 0.9 + 0.8 * sum(heights)), layout="constrained")
    axes = figure.subplots(len(rows), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for index, (row, axis) in enumerate(zip(rows, axes, strict=True)):
        _matplotlib_row(axis, picture, row, TRACES[index % len(TRACES)])
    for start_s, end_s, words, is_confirmed in picture.marks:
        style = {"facecolor": MARK_FILL if is_confirmed else PROPOSED_FILL, "edgecolor": CAPTION, "linewidth": 0.4}
        axes[0].axvspan(start_s * factor, max(end_s, start_s) * factor, ymin=0.0, ymax=0.07, **style)
        text = words if is_confirmed else f"{words}, proposed"
        axes[0].text(max(start_s, picture.start_s) * factor, 0.035, f" {text}", transform=axes[0].get_xaxis_transform(), fontsize=6,
                     va="center", color=INK, clip_on=True)  # fmt: skip
    figure.suptitle(picture.title, fontsize=10, x=0.01, ha="left", color=INK)
    figure.supxlabel(f"time in {picture.time_unit}    {picture.caption}", fontsize=7, color=CAPTION)
    axes[-1].set_xlim(picture.start_s * factor, picture.end_s * factor)
    return figure


def _matplotlib_row(axis: Any, picture: TracePicture, row: TraceRow, colour: str) -> None:
    factor = picture.factor
    if row.raw_times_s is not None and row.raw_values is not None:
        axis.plot(row.raw_times_s * factor, row.raw_values, color=RAW, linewidth=0.5)
    axis.plot(row.times_s * factor, row.values, color=colour, linewidth=0.6)
    axis.axhline(row.centre, color=ZERO, linewidth=0.5, zorder=0)
    for start_s, end_s, _words in picture.flags:
        axis.axvspan(
            start_s * factor, end_s * factor, facecolor="none", edgecolor=WARN, hatch="////", linewidth=0.0, alpha=0.35
        )
    for time_s in picture.stimuli_s:
        axis.axvline(time_s * factor, color=INK, linewidth=0.5, linestyle=(0, (3, 2)))
    for letter, time_s in picture.cursors_s:
        axis.axvline(time_s * factor, color=CURSOR, linewidth=0.7)
        axis.text(
            time_s * factor, 1.01, letter, transform=axis.get_xaxis_transform(), color=CURSOR, fontsize=7, ha="center"
        )
    low, high = _limits(row)
    axis.set_ylim(low, high)
    unit = "\N{MICRO SIGN}V" if row.unit == "uV" else row.unit
    up = ", negative up" if row.is_voltage else ""
    axis.set_ylabel(f"{row.name}\n{unit}{up}", fontsize=7, color=INK)
    axis.grid(visible=True, color=GRID, linewidth=0.5)
    axis.tick_params(labelsize=7, colors=CAPTION, length=2)
    for spine in axis.spines.values():
        spine.set_color(GRID)
    axis.text(0.995, 0.97, row.caption, transform=axis.transAxes, ha="right", va="top", fontsize=6, color=CAPTION)


def _plotly(picture: TracePicture) -> Any:
    from plotly.subplots import make_subplots

    rows, factor = picture.rows, picture.factor
    figure = make_subplots(rows=len(rows), cols=1, shared_xaxes=True, vertical_spacing=0.03)
    import plotly.graph_objects as go

    for index, row in enumerate(rows, start=1):
        if row.raw_times_s is not None:
            raw = go.Scatter(x=row.raw_times_s * factor, y=row.raw_values, mode="lines", name=f"{row.name}, beneath",
                             line={"color": RAW, "width": 1})  # fmt: skip
            figure.add_trace(raw, row=index, col=1)
        colour = TRACES[(index - 1) % len(TRACES)]
        line = go.Scatter(
            x=row.times_s * factor, y=row.values, mode="lines", name=row.name, line={"color": colour, "width": 1}
        )
        figure.add_trace(line, row=index, col=1)
        low, high = _limits(row)
        unit = "\N{MICRO SIGN}V" if row.unit == "uV" else row.unit
        figure.update_yaxes(
            range=[low, high], title_text=f"{row.name} ({unit})", gridcolor=GRID, zerolinecolor=ZERO, row=index, col=1
        )
    for letter, time_s in picture.cursors_s:
        figure.add_vline(x=time_s * factor, line_color=CURSOR, line_width=1, annotation_text=letter)
    for time_s in picture.stimuli_s:
        figure.add_vline(x=time_s * factor, line_color=INK, line_width=1, line_dash="dash", annotation_text="S")
    for start_s, end_s, words in picture.flags:
        figure.add_vrect(
            x0=start_s * factor, x1=end_s * factor, fillcolor=WARN, opacity=0.12, line_width=0, annotation_text=words
        )
    figure.update_xaxes(range=[picture.start_s * factor, picture.end_s * factor], gridcolor=GRID)
    figure.update_xaxes(title_text=f"time in {picture.time_unit}", row=len(rows), col=1)
    figure.update_layout(
        template="none", title_text=picture.title, showlegend=False, height=160 + 180 * len(rows), margin={"t": 50, "r": 20}
    )  # fmt: skip
    return figure


def picture_bytes(picture: TracePicture, *, format: Literal["svg", "png"], dots_per_inch: int = 200) -> bytes:
    """Draw a picture for paper and return it as an SVG or PNG file; the same picture gives the same bytes."""
    import io

    import matplotlib as mpl

    figure = draw_traces(picture)
    stream = io.BytesIO()
    metadata: dict[str, Any] = {"Date": None} if format == "svg" else {"Software": None}
    with mpl.rc_context({"svg.hashsalt": "emgwidgets"}):
        figure.savefig(stream, format=format, dpi=dots_per_inch, metadata=metadata)
    return stream.getvalue()
