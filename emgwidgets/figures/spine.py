"""The spine on paper: levels, roots of both sides, findings at their zone, and the roots that are lit; draws, never judges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.mri import MriFinding

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_spine", "draw_spine_axes"]

INK, SKIN, LINE, ROOT, LIT, BAD, GREY = "#14191e", "#f3f1ee", "#87909a", "#6b7680", "#0b5cad", "#a8123f", "#737d87"
#: Distance of a zone from the midline, in units of half a vertebra.
ZONES = {"central": 0.0, "subarticular": 0.5, "foraminal": 0.95, "extraforaminal": 1.35, "anterior": 0.0}
PITCH, DISC = 1.0, 0.28


def _bodies(axes: Axes, vertebrae: Sequence[str]) -> None:
    from matplotlib.patches import FancyBboxPatch

    for n, name in enumerate(vertebrae):
        box = FancyBboxPatch(
            (-1.0, n * PITCH), 2.0, PITCH - DISC, boxstyle="round,pad=0,rounding_size=0.12", fc=SKIN, ec=LINE, lw=0.9
        )
        axes.add_patch(box)
        axes.text(
            0, n * PITCH + (PITCH - DISC) / 2, name, ha="center", va="center", fontsize=9, fontweight="bold", color=INK
        )


def _root(axes: Axes, name: str, y: float, sign: int, *, is_neck: bool, is_lit: bool) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    start = y - 0.4 if is_neck else max(y - 1.5 * PITCH, -0.1)
    bend = (
        [(0.25 * sign, y - 0.1), (0.8 * sign, y + 0.05)] if is_neck else [(0.3 * sign, y - 0.7), (0.6 * sign, y - 0.35)]
    )
    end = (2.0 * sign, y + (0.2 if is_neck else 0.35))
    path = Path([(0.2 * sign, start), *bend, end], [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    axes.add_patch(PathPatch(path, fc="none", ec=LIT if is_lit else ROOT, lw=3.0 if is_lit else 1.2))
    axes.text(
        2.25 * sign, end[1], name, ha="center", va="center", fontsize=8, color=LIT if is_lit else GREY,
        fontweight="bold" if is_lit else "normal",
    )  # fmt: skip


def _finding(axes: Axes, one: MriFinding, y: float) -> None:
    from matplotlib.patches import Ellipse

    if one.zone in {"central", "anterior"} or one.side == "midline":
        sides: tuple[int, ...] = (0,)
    else:
        sides = {"left": (1,), "right": (-1,)}.get(one.side or "", (-1, 1))
    unsure = sides == (-1, 1) and one.side != "bilateral"
    for sign in sides:
        axes.add_patch(
            Ellipse(
                (sign * ZONES.get(one.zone or "subarticular", 0.5), y), 0.5, 0.26, fc="none" if unsure else BAD, ec=BAD, lw=1.2,
                ls="--" if unsure else "-", zorder=5,
            )
        )  # fmt: skip


def draw_spine_axes(
    axes: Axes, findings: Sequence[MriFinding], *, region: str = "lumbar", lit: Sequence[tuple[str, str]] = ()
) -> None:
    """Draw the spine of one region from the front on given axes, right on the left; see :func:`draw_spine`."""
    levels = [one for one in vocabulary.levels().values() if one.region == region]
    if not levels:
        raise InputError("no such region of the spine", got=repr(region), expected="cervical, thoracic or lumbar")
    vertebrae = list(dict.fromkeys(name for one in levels for name in (one.upper, one.lower)))
    _bodies(axes, vertebrae)
    for one in levels:
        y = vertebrae.index(one.upper) * PITCH + PITCH - DISC / 2
        axes.text(-3.0, y, one.code, va="center", fontsize=8, color=GREY)
        for side, sign in (("right", -1), ("left", 1)):
            _root(axes, one.exiting, y, sign, is_neck=region != "lumbar", is_lit=(one.exiting, side) in lit)
        for finding in findings:
            if finding.level == one.code and finding.certainty != "negated":
                _finding(axes, finding, y)
    axes.text(-3.0, -0.25, "R", fontsize=11, fontweight="bold", color=INK)
    axes.text(2.7, -0.25, "L", fontsize=11, fontweight="bold", color=INK)
    axes.set_xlim(-3.2, 3.0)
    axes.set_ylim(len(vertebrae) * PITCH + 0.3, -0.5)
    axes.set_aspect("equal")
    axes.axis("off")


def draw_spine(
    findings: Sequence[MriFinding], *, region: str = "lumbar", lit: Sequence[tuple[str, str]] = (), title: str = ""
) -> Figure:
    """Draw findings of a spine MRI at their level, zone and side, seen from the front.

    Parameters
    ----------
    findings : sequence of MriFinding
        A finding without a side is drawn dashed on both; what was looked for and not seen is not drawn.
    region : str
        ``"cervical"``, ``"thoracic"`` or ``"lumbar"``.
    lit : sequence of (str, str)
        Roots to light with their side, such as ``("L5", "left")``.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes: Any = figure.add_subplot(1, 1, 1)
    draw_spine_axes(axes, findings, region=region, lit=lit)
    lines = [
        f"{one.level} {one.side or 'side not given'} {one.zone or 'zone not given'}: {one.kind.replace('_', ' ')}"
        for one in findings
        if one.level and one.certainty != "negated"
    ]
    figure.supxlabel("\n".join(lines) or "no finding with a level", fontsize=7.5, color=GREY)
    if title:
        figure.suptitle(title, fontsize=10, color=INK)
    return figure
