"""The numbers of a conduction study on paper: left beside right, each with its mark and limit; draws what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from emgwidgets.errors import InputError
from emgwidgets.figures.trace import CAPTION, GRID, INK

__all__ = ["NumberRow", "NumbersPicture", "draw_numbers"]

HEADS = ("Nerve", "Measure", "Left", "", "Right", "", "Limit", "Unit")
WIDTHS = (0.3, 0.26, 0.12, 0.03, 0.12, 0.03, 0.08, 0.06)
#: Marks that stand out: abnormal, borderline, no response.
BAD = ("A", "B", "0")
ABNORMAL = "#a8123f"
LINE_INCH = 0.24


@dataclass(frozen=True, kw_only=True)
class NumberRow:
    """One measure on both sides; ``left`` and ``right`` are (text, mark)."""

    nerve: str
    measure: str
    left: tuple[str, str]
    right: tuple[str, str]
    limit: str
    unit: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Texts in the order of the columns."""
        return (self.nerve, self.measure, *self.left, *self.right, self.limit, self.unit)

    def is_bad(self, column: int) -> bool:
        """Whether a cell stands out."""
        return (column in (2, 3) and self.left[1] in BAD) or (column in (4, 5) and self.right[1] in BAD)


@dataclass(frozen=True, kw_only=True)
class NumbersPicture:
    """A table with its title and caption."""

    title: str
    caption: str
    rows: tuple[NumberRow, ...]


def draw_numbers(picture: NumbersPicture, *, backend: Literal["matplotlib", "plotly"] = "matplotlib") -> Any:
    """Draw the table.

    Raises
    ------
    InputError
        If there is no number, or the backend is unknown.
    """
    if not picture.rows:
        raise InputError(
            "there is no number to draw", expected="at least one", way_out="keep a response, or type one in"
        )
    if backend == "matplotlib":
        return _matplotlib(picture)
    if backend == "plotly":
        return _plotly(picture)
    raise InputError("no such way to draw", got=repr(backend), expected="matplotlib or plotly")


def _lefts() -> Sequence[float]:
    total, places = sum(WIDTHS), [0.0]
    for width in WIDTHS[:-1]:
        places.append(places[-1] + width / total)
    return places


def _matplotlib(picture: NumbersPicture) -> Any:
    from matplotlib.figure import Figure

    n_lines = len(picture.rows) + 1
    figure = Figure(figsize=(8.6, 0.9 + LINE_INCH * n_lines), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(-n_lines, 0)
    for line, row in enumerate([None, *picture.rows]):
        cells = HEADS if row is None else row.cells
        for column, (x, text) in enumerate(zip(_lefts(), cells, strict=True)):
            bad = row is not None and row.is_bad(column)
            axes.text(x, -line - 0.5, text, va="center", fontsize=7, color=ABNORMAL if bad else CAPTION if row is None else INK,
                      fontweight="bold" if bad else "normal")  # fmt: skip
        axes.axhline(-line - 1, color=GRID, linewidth=0.6)
    figure.suptitle(picture.title, x=0.01, ha="left", fontsize=10, color=INK)
    figure.supxlabel(picture.caption, fontsize=7, color=CAPTION)
    return figure


def _plotly(picture: NumbersPicture) -> Any:
    import plotly.graph_objects as go

    columns = list(zip(*(row.cells for row in picture.rows), strict=True))
    colours = [[ABNORMAL if row.is_bad(column) else INK for row in picture.rows] for column in range(len(HEADS))]
    figure = go.Figure(go.Table(
        columnwidth=[100 * width for width in WIDTHS],
        header={"values": list(HEADS), "align": "left", "fill": {"color": "white"}, "font": {"color": CAPTION, "size": 11}},
        cells={"values": columns, "align": "left", "fill": {"color": "white"}, "font": {"color": colours, "size": 11}},
    ))  # fmt: skip
    figure.update_layout(
        title={"text": f"{picture.title}<br><sup>{picture.caption}</sup>"}, height=160 + 26 * len(picture.rows)
    )
    return figure
