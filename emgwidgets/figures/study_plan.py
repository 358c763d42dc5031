"""The plan of one study on paper: what its tests leave open among the places in question, and what they cost; draws, never judges."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["PlanPicture", "draw_plan"]

INK, INK2, INK3, LINE, ABNORMAL = "#14191e", "#434c55", "#5b646e", "#d6dade", "#a8123f"
#: Columns of the table of tests: left edges of test and finding, right edge of the cost.
COLUMNS = (0.0, 0.46, 1.0)


@dataclass(frozen=True, kw_only=True)
class PlanPicture:
    """What is drawn.

    Parameters
    ----------
    title : str
        Who was examined.
    shares : tuple of (str, float)
        Place and its share of what the tests leave open.
    settled_share : float
        Share from which a place counts as settled.
    tests : tuple of (str, str, float, bool)
        Test, what it found, its cost, whether it is abnormal.
    costs : (float, float)
        Of the tests that were done, and what they have to stay below.
    told : str
        The verdict; empty before the conclusion.
    """

    title: str
    shares: tuple[tuple[str, float], ...]
    settled_share: float
    tests: tuple[tuple[str, str, float, bool], ...]
    costs: tuple[float, float]
    told: str = ""


def draw_plan(picture: PlanPicture) -> Figure:
    """Draw a plan: shares on the left, tests with findings and costs on the right.

    Raises
    ------
    InputError
        If there is no place to draw.
    """
    if not picture.shares:
        raise InputError("there is no place to draw", got="no share", expected="at least one place")
    from matplotlib.figure import Figure

    told = textwrap.wrap(picture.told, 130)
    n = max(len(picture.shares), len(picture.tests) + 2, 4)
    height = 0.9 + 0.3 * n + 0.2 * len(told)
    figure = Figure(figsize=(10.0, height))
    left, right = figure.subplots(1, 2, width_ratios=(4, 7))
    figure.subplots_adjust(
        left=0.2, right=0.98, top=1 - 0.7 / height, bottom=(0.35 + 0.2 * len(told)) / height, wspace=0.12
    )
    figure.suptitle(f"Study planner   {picture.title}", x=0.01, ha="left", fontsize=11, fontweight="bold", color=INK)
    _shares(left, picture)
    _tests(right, picture)
    if told:
        figure.text(0.01, 0.08 / height, "\n".join(told), fontsize=8.5, color=INK, va="bottom")
    return figure


def _shares(axes: Axes, picture: PlanPicture) -> None:
    for n, (words, share) in enumerate(picture.shares):
        axes.barh(n, share, height=0.55, color=INK)
        is_inside = share > 0.85
        at, align, colour = (share - 0.12, "right", "white") if is_inside else (share + 0.02, "left", INK)
        axes.text(at, n, f"{100 * share:.0f} %", va="center", ha=align, fontsize=8, color=colour)
        axes.text(-0.03, n, words, ha="right", va="center", fontsize=8.5, color=INK)
    axes.axvline(picture.settled_share, color=INK3, ls="--", lw=1)
    axes.set_title(
        f"Left open; dashed: settled from {100 * picture.settled_share:.0f} %", fontsize=8.5, loc="left", color=INK2
    )
    axes.set_ylim(len(picture.shares) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.set_yticks([])
    axes.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"], fontsize=7.5, color=INK3)
    for side in axes.spines.values():
        side.set_color(LINE)


def _tests(axes: Axes, picture: PlanPicture) -> None:
    axes.set_axis_off()
    n_rows = len(picture.tests) + 2
    axes.set_xlim(0, 1)
    axes.set_ylim(max(n_rows, 4) - 0.4, -0.6)
    heads = (("test", "left"), ("found", "left"), ("cost", "right"))
    for x, (words, align) in zip(COLUMNS, heads, strict=True):
        axes.text(x, 0, words, ha=align, va="center", fontsize=8, color=INK3)
    for n, (words, found, cost, is_abnormal) in enumerate(picture.tests, start=1):
        axes.axhline(n - 0.5, color=LINE, lw=0.7)
        axes.text(COLUMNS[0], n, textwrap.shorten(words, 32, placeholder="…"), va="center", fontsize=8, color=INK)
        mark, colour = ("■ ", ABNORMAL) if is_abnormal else ("○ ", INK2)
        axes.text(
            COLUMNS[1],
            n,
            f"{mark}{textwrap.shorten(found, 42, placeholder='…')}",
            va="center",
            fontsize=7.6,
            color=colour,
        )
        axes.text(COLUMNS[2], n, f"{cost:g}", ha="right", va="center", fontsize=8, color=INK)
    told = f"cost {picture.costs[0]:g}, less than {picture.costs[1]:g} is asked for" if picture.tests else "no test yet"
    axes.axhline(n_rows - 1.5, color=LINE, lw=0.7)
    axes.text(COLUMNS[0], n_rows - 1, told, va="center", fontsize=8, color=INK)
