"""Pictures of evoked responses, left beside right, sites stacked, negative up; draws what it is given, measures nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from emgwidgets.errors import InputError
from emgwidgets.figures.trace import CAPTION, CURSOR, GRID, INK, TRACES, ZERO
from emgwidgets.model.measure import Marker
from emgwidgets.model.signal import Sweep

__all__ = ["ResponseRow", "StudyPicture", "draw_study"]

MARKER_LETTERS = {"onset": "O", "negative_peak": "P", "return_to_baseline": "E"}


@dataclass(frozen=True, kw_only=True, eq=False)
class ResponseRow:
    """One response: its site, its samples, its markers, and a sentence with its numbers."""

    site: str
    sweep: Sweep
    words: str
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyPicture:
    """Responses of both sides on one scale.

    Parameters
    ----------
    sides : tuple of (str, tuple of ResponseRow)
        Such as ``(("Left", rows), ("Right", rows))``; a side without rows was not tested.
    end_ms : float
        Length of the time axis.
    per_division_uv : float
        Height of a division, the same everywhere.
    """

    title: str
    caption: str
    sides: tuple[tuple[str, tuple[ResponseRow, ...]], ...]
    end_ms: float
    per_division_uv: float

    @property
    def n_rows(self) -> int:
        """Rows of the taller side."""
        return max((len(rows) for _, rows in self.sides), default=0)


def draw_study(picture: StudyPicture, *, backend: Literal["matplotlib", "plotly"] = "matplotlib") -> Any:
    """Draw responses of both sides.

    Raises
    ------
    InputError
        If there is nothing to draw, or the backend is unknown.
    """
    if not picture.n_rows:
        raise InputError("there is no response to draw", expected="at least one", way_out="keep a response first")
    if backend == "matplotlib":
        return _matplotlib(picture)
    if backend == "plotly":
        return _plotly(picture)
    raise InputError("no such way to draw", got=repr(backend), expected="matplotlib or plotly")


def _spacing_uv(picture: StudyPicture) -> float:
    """Distance of two baselines: room for the tallest response, in whole divisions."""
    tallest = max(
        (float(-row.sweep.samples_uv[row.sweep.times_ms > 1.0].min(initial=0.0)) for _, rows in picture.sides for row in rows),
        default=0.0,
    )  # fmt: skip
    return max(3.0, round(1.3 * tallest / picture.per_division_uv) + 1.0) * picture.per_division_uv


def _scale_words(picture: StudyPicture) -> str:
    size = picture.per_division_uv
    return f"{size / 1000:g} mV per division" if size >= 1000 else f"{size:g} µV per division"


def _matplotlib(picture: StudyPicture) -> Any:
    from matplotlib.figure import Figure

    spacing = _spacing_uv(picture)
    figure = Figure(figsize=(7.6, 1.5 + 1.35 * picture.n_rows), layout="constrained")
    axes = figure.subplots(1, len(picture.sides), sharex=True, sharey=True, squeeze=False)[0]
    for axis, (side, rows) in zip(axes, picture.sides, strict=True):
        axis.set_title(side if rows else f"{side}: not tested", loc="left", fontsize=9, color=INK, fontweight="bold")
        for number, row in enumerate(rows):
            _matplotlib_row(axis, row, number, -number * spacing, picture)
        axis.set_xlim(0, picture.end_ms)
        axis.set_ylim(-(picture.n_rows - 0.35) * spacing, spacing)
        axis.set_yticks([])
        axis.grid(visible=True, axis="x", color=GRID, linewidth=0.6)
        axis.tick_params(labelsize=7, colors=CAPTION)
        axis.set_xlabel("ms after the stimulus", fontsize=7, color=CAPTION)
        for spine in axis.spines.values():
            spine.set_visible(False)
    figure.suptitle(picture.title, x=0.01, ha="left", fontsize=10, color=INK)
    figure.supxlabel(f"{picture.caption}; {_scale_words(picture)}; negative up", fontsize=7, color=CAPTION)
    return figure


def _matplotlib_row(axis: Any, row: ResponseRow, number: int, base_uv: float, picture: StudyPicture) -> None:
    colour = TRACES[number % len(TRACES)]
    axis.axhline(base_uv, color=ZERO, linewidth=0.5)
    shown = row.sweep.times_ms <= picture.end_ms
    axis.plot(row.sweep.times_ms[shown], base_uv - row.sweep.samples_uv[shown], color=colour, linewidth=1.1)
    for marker in row.markers:
        letter = MARKER_LETTERS.get(marker.kind)
        if letter is None:
            continue
        height = 0.12 * _spacing_uv(picture)
        line = "-" if marker.is_manual else ":"
        axis.vlines(marker.time_ms, base_uv - height, base_uv + height, color=CURSOR, linewidth=0.9, linestyle=line)
        axis.annotate(letter, (marker.time_ms, base_uv), (0, -8), textcoords="offset points", ha="center", fontsize=6.5)
    axis.annotate(
        f"{row.site}: {row.words}", (picture.end_ms, base_uv + 0.62 * _spacing_uv(picture)), ha="right", fontsize=6.5,
        color=colour,
    )  # fmt: skip


def _plotly(picture: StudyPicture) -> Any:
    from plotly.subplots import make_subplots

    spacing = _spacing_uv(picture)
    names = [side if rows else f"{side}: not tested" for side, rows in picture.sides]
    figure = make_subplots(rows=1, cols=len(picture.sides), shared_yaxes=True, subplot_titles=names)
    for column, (_, rows) in enumerate(picture.sides, start=1):
        for number, row in enumerate(rows):
            base = -number * spacing
            figure.add_scatter(
                x=row.sweep.times_ms, y=base - row.sweep.samples_uv, customdata=row.sweep.samples_uv, mode="lines",
                line={"color": TRACES[number % len(TRACES)], "width": 1.4}, name=row.site, row=1, col=column,
                hovertemplate=f"{row.site}<br>%{{x:.2f}} ms<br>%{{customdata:.1f}} µV<extra>{row.words}</extra>",
            )  # fmt: skip
            for marker in row.markers:
                if marker.kind in MARKER_LETTERS:
                    figure.add_annotation(
                        x=marker.time_ms, y=base, text=MARKER_LETTERS[marker.kind], showarrow=False, yshift=-10, row=1,
                        col=column, font={"size": 10},
                    )  # fmt: skip
        figure.update_xaxes(
            range=[0, picture.end_ms], title_text="ms after the stimulus", gridcolor=GRID, row=1, col=column
        )
    figure.update_yaxes(showticklabels=False, zeroline=False, showgrid=False)
    figure.update_layout(
        title={"text": f"{picture.title}<br><sup>{picture.caption}; {_scale_words(picture)}; negative up</sup>"},
        plot_bgcolor="white", showlegend=False, height=180 + 150 * picture.n_rows, font={"size": 11, "color": INK},
    )  # fmt: skip
    return figure
