"""The body map on paper: muscles and skin areas with their results; draws, never judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from emgwidgets.errors import InputError
from emgwidgets.figures.body_map import BODY_NOTE, BodyView, Curve, Point, Window, body_map, is_mirrored

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["RESULT_WORDS", "BodyResult", "draw_body"]

Scheme = Literal["muscles", "dermatome", "nerve", "zone"]
#: Letters of the results with their words; shape and letter come before colour.
RESULT_WORDS = {
    "N": "normal", "B": "borderline", "A": "abnormal", "0": "no response", "-": "not tested", "?": "cannot be judged",
    "S": "complaint",
}  # fmt: skip
INK, SKIN, LINE, OK, BAD, GREY = "#14191e", "#f3f1ee", "#87909a", "#4a6f7c", "#a8123f", "#737d87"


@dataclass(frozen=True, kw_only=True)
class BodyResult:
    """Result of one muscle or skin area: a letter of :data:`RESULT_WORDS` and what was found."""

    mark: str
    words: str = ""

    def __post_init__(self) -> None:
        if self.mark not in RESULT_WORDS:
            raise InputError("no such result on the body map", got=repr(self.mark), expected=", ".join(RESULT_WORDS))


def _path(curve: Curve) -> Any:
    from matplotlib.path import Path

    points = [curve[0][0]] + [point for piece in curve for point in piece[1:]]
    codes = [Path.MOVETO] + [Path.CURVE4] * (3 * len(curve))
    return Path(points, codes)


def _turned(path: Any, sign: int) -> Any:
    from matplotlib.transforms import Affine2D

    return path.transformed(Affine2D().scale(sign, 1))


def _mark(axes: Axes, place: Point, letter: str, size: float) -> None:
    """The mark of one result, shape and letter."""
    x, y = place
    shapes = {"N": "o", "B": "D", "A": "s", "0": "s", "-": "s", "?": "s", "S": "p"}
    is_solid = letter in "A0"
    colour = BAD if letter in "AB0" else OK if letter == "N" else GREY
    if letter == "-":
        axes.plot(x, y, "s", ms=size, mfc="none", mec=colour, mew=0.9, ls=":", zorder=6)
        axes.plot(x, y, "s", ms=size, mfc="none", mec=SKIN, mew=1.1, ls="", zorder=6, alpha=0.55)
        return
    axes.plot(x, y, shapes[letter], ms=size, mfc=colour if is_solid else "white", mec=colour, mew=1.0, zorder=6)
    axes.annotate(
        "–" if letter == "0" else letter, (x, y), ha="center", va="center_baseline", fontsize=size * 0.62, zorder=7,
        color="white" if is_solid else INK if letter in "?S" else colour, fontweight="bold",
    )  # fmt: skip


def _draw_window(axes: Axes, window: Window, scheme: Scheme, results: Mapping[str, BodyResult]) -> None:
    from matplotlib.patches import PathPatch

    view = body_map().views[window.view]
    outline = _path(view.outline)
    skins = {}
    for sign in (1,) if view.is_whole else (1, -1):
        skins[sign] = PathPatch(_turned(outline, sign), fc=SKIN, ec=LINE, lw=1.0, zorder=1)
        axes.add_patch(skins[sign])
    for side in ("left", "right"):
        sign = -1 if is_mirrored(view.code, side) else 1
        for code, shape, (x, y) in _items(view, scheme, sign):
            result = results.get(f"{scheme}/{code}/{side}")
            if shape is not None:
                _fill(axes, shape, result, skins.get(sign, skins[1]))
            if result and window.across[0] <= x <= window.across[1] and window.down[0] <= y <= window.down[1]:
                _mark(axes, (x, y), result.mark, 9.0 if shape is not None else 7.0)
    axes.set_xlim(*window.across)
    axes.set_ylim(*reversed(window.down))
    axes.set_aspect("equal")
    axes.axis("off")
    letters = ("R", "L") if view.faces == "front" else ("L", "R")
    for x, letter in zip((0.02, 0.98), letters, strict=True):
        axes.text(
            x, 0.98, letter, transform=axes.transAxes, fontweight="bold", va="top", ha="center", color=INK, fontsize=9
        )
    axes.set_title(view.name, fontsize=8, color=GREY, y=-0.06)


def _items(view: BodyView, scheme: Scheme, sign: int) -> list[tuple[str, Any, Point]]:
    """Shapes of one side in a view with the place of their marks; no shape where a part is only marked."""
    from matplotlib.patches import PathPatch, Polygon

    the_map = body_map()
    found: list[tuple[str, Any, Point]] = []
    for one in the_map.muscles if scheme == "muscles" else ():
        if one.view == view.code:
            found.append((one.code, PathPatch(_turned(_path(one.shape), sign)), (sign * one.mark[0], one.mark[1])))
        elif view.is_whole and the_map.views[one.view].faces == view.faces:
            found.append((one.code, None, (sign * one.body_mark[0], one.body_mark[1])))
    found += [
        (zone.code, Polygon([(sign * x, y) for x, y in zone.corners]), (sign * zone.mark[0], zone.mark[1]))
        for zone in the_map.zones
        if zone.view == view.code and zone.scheme == scheme
    ]
    return found


def _fill(axes: Axes, shape: Any, result: BodyResult | None, skin: Any) -> None:
    face = {"A": BAD, "0": BAD, "B": BAD, "N": OK}.get(result.mark if result else "-", "none")
    shape.set(fc=face, ec=LINE, lw=0.5, alpha=0.28 if face != "none" else 0.45, zorder=3)
    axes.add_patch(shape)
    shape.set_clip_path(skin)


def draw_body(
    results: Mapping[str, BodyResult], *, region: str = "whole", scheme: Scheme = "muscles", title: str = ""
) -> Figure:
    """Draw the body with results.

    Parameters
    ----------
    results : mapping
        Key such as ``"muscles/tibialis_anterior/left"``, ``"dermatome/L5/left"``, ``"nerve/sural/right"``.
    region : str
        Such as ``"whole"``, ``"legs"``, ``"hand"``.

    Raises
    ------
    InputError
        If there is no such region or result.
    """
    from matplotlib.figure import Figure

    the_map = body_map()
    if region not in {code for code, _, _ in the_map.regions}:
        raise InputError(
            "no such region of the body", got=repr(region), expected=", ".join(code for code, _, _ in the_map.regions)
        )
    windows = the_map.windows(region)
    figure = Figure(figsize=(7.0, 4.6), layout="constrained")
    for number, window in enumerate(windows):
        axes = figure.add_subplot(1, len(windows), number + 1)
        _draw_window(axes, window, scheme, results)
    if title:
        figure.suptitle(title, fontsize=10, color=INK)
    figure.supxlabel(BODY_NOTE, fontsize=7, color=GREY)
    return figure
