"""The page of a case on paper: red flags, timing, concordance, explanations, both conclusions; draws, never judges."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from emgwidgets.model.case import Reading
from emgwidgets.model.correlation import COLUMNS, BoardRow, Cell, Correlation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_board"]

INK, INK2, INK3, LINE, PANEL = "#14191e", "#434c55", "#5b646e", "#d6dade", "#f4f6f7"
SUPPORTS, AGAINST, URGENT, OPEN = "#0b5cad", "#9c4300", "#a00d24", "#e8f1fb"
HEADS = {"symptoms": "Sympt.", "examination": "Exam", "ncs": "NCS", "emg": "EMG", "mri": "MRI"}
SHOWN = 5


def draw_board(
    found: Correlation,
    *,
    question: str = "",
    reading: Reading | None = None,
    banner: str | None = None,
    is_brief: bool = False,
) -> Figure:
    """Draw the page.

    Parameters
    ----------
    found : Correlation
    question : str
        What was asked.
    reading : Reading, optional
        The reader's conclusion; it gets a box of its own.
    banner : str, optional
        Sentence of the red flag banner as the board shows it; that of the correlation when left out.
    is_brief : bool
        Only red flags, concordance and explanations.
    """
    from matplotlib.figure import Figure

    n_rows = max(len(found.board), 4)
    urgent = found.urgent if banner is None else banner
    first = 0.75 if urgent else 0.4
    heights = [first, 0.55 + 0.27 * n_rows] if is_brief else [first, 1.8, 0.55 + 0.27 * n_rows, 2.6]
    figure = Figure(figsize=(11.0, sum(heights) + 0.6))
    grid = figure.add_gridspec(
        len(heights), 2, height_ratios=heights, width_ratios=(2, 1), left=0.02, right=0.98, top=1 - 0.45 / sum(heights),
        bottom=0.06 if is_brief else 0.02, hspace=0.4, wspace=0.05,
    )  # fmt: skip
    figure.suptitle(f"Case board   {question}", x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK)
    _flags(figure.add_subplot(grid[0, :]), found, urgent)
    middle = 1 if is_brief else 2
    _concordance(figure.add_subplot(grid[middle, 0]), found)
    _explanations(figure.add_subplot(grid[middle, 1]), found, is_held=bool(urgent))
    if not is_brief:
        strip = grid[1, :].subgridspec(1, 2, width_ratios=(1, 5.6))
        _timing(figure.add_subplot(strip[1]), found)
        lower = grid[3, :].subgridspec(1, 2, wspace=0.04)
        _words(
            figure.add_subplot(lower[0]),
            "Software, from the facts above",
            [str(one) for one in found.impression.sentences if one.struck is None],
        )
        who = f"{reading.reader}: {reading.impression}" if reading else "Nothing signed."
        struck = [one.text for one in found.impression.struck]
        _words(figure.add_subplot(lower[1]), "Reader's conclusion", [who, reading.limits if reading else "", *struck])
    return figure


def _bare(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_color(LINE)


def _flags(axes: Axes, found: Correlation, urgent: str) -> None:
    _bare(axes)
    if urgent:
        axes.set_facecolor(URGENT)
        text, colour = "\n".join(textwrap.wrap(urgent, 150)), "white"
    else:
        present = [one.words for one in found.red_flags if one.state == "present"]
        asked = sum(one.state != "not asked" for one in found.red_flags)
        named = f"present: {', '.join(present)}" if present else "none found"
        text, colour = f"Red flags: {named}; {asked} of {len(found.red_flags)} asked or looked for.", INK
    axes.text(0.01, 0.5, text, transform=axes.transAxes, va="center", fontsize=8.5, color=colour)


def _timing(axes: Axes, found: Correlation) -> None:
    timing = found.timing
    last = max([60.0, *(one.day * 1.15 + 4 for one in timing.events)])
    for n, window in enumerate(timing.windows):
        until = min(window.until_day or last, last)
        axes.barh(
            n,
            max(window.by_day - window.first_day, 0),
            left=window.first_day,
            height=0.6,
            fc="none",
            ec=INK2,
            ls="--",
            lw=0.8,
        )
        if window.by_day < last:
            axes.barh(n, max(until - window.by_day, 0), left=window.by_day, height=0.6, fc=OPEN, ec=SUPPORTS, lw=0.8)
    axes.set_yticks(range(len(timing.windows)), [one.words for one in timing.windows], fontsize=7.5)
    for event in timing.events:
        axes.axvline(event.day, color=INK, lw=1.6)
        axes.annotate(
            f"{event.letter} {event.words}",
            (event.day, -0.7),
            fontsize=8,
            fontweight="bold",
            annotation_clip=False,
            color=INK,
        )
    axes.set_ylim(len(timing.windows) - 0.4, -1.2)
    axes.set_xlim(min([0.0, *(one.day for one in timing.events)]), last)
    axes.set_xlabel("days since onset", fontsize=8, color=INK3)
    axes.tick_params(labelsize=7.5, colors=INK2)
    for side in axes.spines.values():
        side.set_color(LINE)


def _cell_text(cell: Cell) -> list[tuple[str, str]]:
    """Marks of a cell with their colours: plus and minus with counts, a ring, or "not tested"."""
    parts = []
    if cell.n_supports:
        parts.append((f"+{cell.n_supports}", SUPPORTS))
    if cell.n_against:
        parts.append((f"−{cell.n_against}", AGAINST))
    if not parts:
        parts.append(("○", INK3) if cell.n_silent else ("n.t.", INK3))
    return parts


def _concordance(axes: Axes, found: Correlation) -> None:
    _bare(axes)
    axes.set_xlim(0, 14)
    axes.set_ylim(len(found.board) + 0.7, -2.2)
    for start, side in ((0, "left"), (9, "right")):
        mine = ", the side of the complaint" if side == found.complaint_side else ""
        axes.text(start + 2.5, -1.6, f"{side.upper()}{mine}", ha="center", fontsize=8.5, fontweight="bold", color=INK)
        for n, name in enumerate(COLUMNS):
            axes.text(start + n + 0.5, -0.75, HEADS[name], ha="center", fontsize=7, color=INK3)
    axes.axvspan(5, 9, color=PANEL, zorder=0)
    for n, row in enumerate(found.board):
        _row(axes, n, row)
    axes.text(
        0.1, len(found.board) + 0.4, "+ supports   − against   ○ silent   n.t. not tested", fontsize=7, color=INK3
    )


def _row(axes: Axes, n: int, row: BoardRow) -> None:
    axes.text(
        7,
        n,
        "\n".join(textwrap.wrap(row.words, 36)),
        ha="center",
        va="center",
        fontsize=8 if len(row.words) <= 28 else 6.8,
        fontweight="bold",
        color=INK,
    )
    axes.axhline(n + 0.5, color=LINE, lw=0.6)
    for start, cells in ((0, row.left), (9, row.right)):
        for k, cell in enumerate(cells):
            parts = _cell_text(cell)
            for i, (text, colour) in enumerate(parts):
                shift = 0.51 * (i - (len(parts) - 1) / 2)
                axes.text(start + k + 0.5 + shift, n, text, ha="center", va="center", fontsize=8, color=colour)


def _explanations(axes: Axes, found: Correlation, *, is_held: bool) -> None:
    axes.set_title("Explanations, probability with 90 % interval", fontsize=8.5, loc="left", color=INK)
    shown: Any = found.localisation.explanations[:SHOWN]
    if is_held:
        _bare(axes)
        axes.text(0.03, 0.5, "Held back: a red flag comes first.", transform=axes.transAxes, fontsize=8.5, color=INK)
        return
    for n, one in enumerate(shown):
        axes.plot([one.low, one.high], [n + 0.2, n + 0.2], color=INK, lw=1.4)
        axes.plot(one.probability, n + 0.2, "s", color=INK, ms=5)
        axes.text(0, n - 0.12, f"{n + 1} {textwrap.shorten(one.candidate.words, 48)}", fontsize=7.2, color=INK)
        axes.text(1, n - 0.12, f"{one.probability:.2f}", fontsize=7.8, ha="right", color=INK)
    axes.set_ylim(max(len(shown), 1), -0.6)
    axes.set_xlim(-0.02, 1.02)
    axes.set_yticks([])
    axes.tick_params(labelsize=7, colors=INK3)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)


def _words(axes: Axes, title: str, sentences: list[str]) -> None:
    _bare(axes)
    axes.set_title(title, fontsize=9, loc="left", fontweight="bold", color=INK)
    lines = textwrap.wrap(" ".join(one for one in sentences if one), 96)
    shown = lines[:14] + ["…"] * (len(lines) > 14)
    axes.text(0.012, 0.95, "\n".join(shown), transform=axes.transAxes, va="top", fontsize=7.4, color=INK2)
