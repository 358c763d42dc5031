"""The body as drawn in widgets and on paper: outline, muscles, skin areas; plain shapes from the tables beside it.

Half the body is stored, x growing from the midline to the side, y downwards; the other half is its mirror image.  Front
views show the right side of the patient on the left, as the examiner sees it; back views the left side on the left.
The drawing is schematic and no anatomical source.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Literal, cast

import numpy as np

from emgwidgets import vocabulary

__all__ = ["BODY_NOTE", "BodyMap", "BodyView", "MusclePlace", "SkinZone", "Window", "body_map", "is_mirrored"]

BODY_NOTE = "Schematic. Skin areas from memory, unverified: they overlap and differ between people."
Point = tuple[float, float]
Curve = tuple[tuple[Point, Point, Point, Point], ...]


@dataclass(frozen=True, kw_only=True)
class BodyView:
    """One outline; ``origin`` says where a part drawn larger lies on the body (from x, y to x, y)."""

    code: str
    name: str
    is_whole: bool
    outline: Curve
    offset: float = 0.0
    origin: tuple[float, ...] = ()
    across_scale: float = 1.0

    def on_body(self, point: Point) -> Point:
        """Place of a point of this view on the whole body."""
        x, y = point
        if self.is_whole:
            return point
        x0, y0, x1, y1 = self.origin
        top, bottom = _ends(self.outline)
        share = (y - top) / (bottom - top)
        return (x0 + share * (x1 - x0) + (x - self.offset) * self.across_scale, y0 + share * (y1 - y0))

    @property
    def faces(self) -> Literal["front", "back"]:
        """Whether it is seen from the front or from behind."""
        return _faces(self.code)


@dataclass(frozen=True, kw_only=True)
class MusclePlace:
    """A muscle as a spindle in one view, with the place of its mark there and on the whole body."""

    code: str
    view: str
    shape: Curve
    mark: Point
    body_mark: Point


@dataclass(frozen=True, kw_only=True)
class SkinZone:
    """A skin area in one view: a dermatome (code of the root), a zone of complaints, or the area of a sensory response."""

    scheme: Literal["dermatome", "nerve", "zone"]
    code: str
    view: str
    corners: tuple[Point, ...]
    mark: Point


@dataclass(frozen=True, kw_only=True)
class Window:
    """A piece of a view, from and to along x and y."""

    view: str
    across: Point
    down: Point


@dataclass(frozen=True, kw_only=True)
class BodyMap:
    """The whole drawing.

    Parameters
    ----------
    regions : tuple of (str, str, tuple of Window)
        Code, name, and what is shown at once.
    unplaced : tuple of str
        Muscles of the vocabulary without a place in the drawing; to be listed beside it.
    """

    views: dict[str, BodyView]
    muscles: tuple[MusclePlace, ...]
    zones: tuple[SkinZone, ...]
    regions: tuple[tuple[str, str, tuple[Window, ...]], ...]
    unplaced: tuple[str, ...]

    def windows(self, region: str) -> tuple[Window, ...]:
        """Windows of one region."""
        return next(windows for code, _, windows in self.regions if code == region)


def is_mirrored(view: str, side: str) -> bool:
    """Whether a side is drawn towards negative x: the right one seen from the front, the left one seen from behind."""
    return side == ("right" if _faces(view) == "front" else "left")


def _faces(view: str) -> Literal["front", "back"]:
    return "front" if view in {"front", "forearm_front", "palm", "foot_top"} else "back"


def _ends(curve: Curve) -> tuple[float, float]:
    heights = [point[1] for piece in curve for point in piece]
    return min(heights), max(heights)


def _smooth(points: list[Point], *, tension: float = 0.5) -> Curve:
    """Closed smooth curve through points (Catmull-Rom) as Bezier pieces."""
    made = []
    n = len(points)
    for i in range(n):
        before, start, end, after = (np.array(points[(i + k - 1) % n]) for k in range(4))
        first = start + (end - before) * tension / 3
        second = end - (after - start) * tension / 3
        made.append(tuple((round(float(p[0]), 2), round(float(p[1]), 2)) for p in (start, first, second, end)))
    return tuple(made)  # type: ignore[arg-type]


def _points(flat: list[float]) -> list[Point]:
    return list(zip(flat[0::2], flat[1::2], strict=True))


def _spindle(x1: float, y1: float, x2: float, y2: float, width: float) -> Curve:
    """Lens from end to end, as thick as ``width`` in the middle."""
    start, end = np.array([x1, y1]), np.array([x2, y2])
    along = end - start
    aside = np.array([-along[1], along[0]]) / np.hypot(*along) * width * 2 / 3
    rows = [
        (start, start + 0.25 * along + aside, start + 0.75 * along + aside, end),
        (end, start + 0.75 * along - aside, start + 0.25 * along - aside, start),
    ]
    return tuple(tuple((round(float(p[0]), 2), round(float(p[1]), 2)) for p in row) for row in rows)  # type: ignore[misc]


def _inside(x: np.ndarray, y: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Whether points lie inside a polygon (even-odd rule)."""
    is_in = np.zeros(x.shape, dtype=bool)
    for (x0, y0), (x1, y1) in pairwise([*corners, corners[0]]):
        if y0 != y1:
            is_in ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return is_in


def _middle(corners: tuple[Point, ...], outline: Curve) -> Point:
    """Point of a skin area that lies on the body, near the middle of what is seen of it."""
    edges = np.array(corners)
    (x0, y0), (x1, y1) = edges.min(axis=0), edges.max(axis=0)
    x, y = np.meshgrid(np.linspace(x0, x1, 41), np.linspace(y0, y1, 41))
    is_in = _inside(x, y, edges) & _inside(x, y, np.array([piece[0] for piece in outline])) & (x >= 0)
    if not is_in.any():
        return (round(float(edges[:, 0].mean()), 2), round(float(edges[:, 1].mean()), 2))
    # a point of the area as far as can be from its edge, and near its centre where many are
    steps = np.zeros(is_in.shape)
    inner = np.pad(is_in, 1)
    while inner.any():
        steps += inner[1:-1, 1:-1]
        inner[1:-1, 1:-1] &= inner[:-2, 1:-1] & inner[2:, 1:-1] & inner[1:-1, :-2] & inner[1:-1, 2:]
    far = np.hypot((x - x[is_in].mean()) / (x1 - x0), (y - y[is_in].mean()) / (y1 - y0))
    best = np.unravel_index(np.argmax(np.where(is_in, steps - 6 * far, -np.inf)), steps.shape)
    return (round(float(x[best]), 2), round(float(y[best]), 2))


def _file(name: str) -> str:
    return resources.files("emgwidgets.figures").joinpath("body", name).read_text(encoding="utf-8")


def _views(table: dict[str, Any]) -> dict[str, BodyView]:
    found = {}
    for code, row in table.items():
        if code in {"regions", "names"}:
            continue
        given = row["half"] if isinstance(row["half"], list) else table[row["half"]]["half"]
        points = [(x + row.get("offset", 0.0), y) for x, y in _points(given)]
        if row.get("is_whole"):
            points += [(-x, y) for x, y in reversed(points) if x > 0]
        found[code] = BodyView(
            code=code, name=table["names"][code], is_whole=bool(row.get("is_whole")), outline=_smooth(points, tension=1 / 2),
            offset=row.get("offset", 0.0), origin=tuple(row.get("origin", ())), across_scale=row.get("across", 1.0),
        )  # fmt: skip
    return found


def _muscles(views: dict[str, BodyView]) -> tuple[MusclePlace, ...]:
    found = []
    for row in csv.DictReader(_file("muscles.csv").splitlines()):
        view = views[row["view"]]
        x1, y1, x2, y2, width, at = (float(row[name]) for name in ("x1", "y1", "x2", "y2", "width", "at"))
        x1, x2 = x1 + view.offset, x2 + view.offset
        mark = (round(x1 + at * (x2 - x1), 2), round(y1 + at * (y2 - y1), 2))
        found.append(
            MusclePlace(
                code=row["code"],
                view=view.code,
                shape=_spindle(x1, y1, x2, y2, width),
                mark=mark,
                body_mark=view.on_body(mark),
            )
        )
    return tuple(found)


def _zones(views: dict[str, BodyView]) -> tuple[SkinZone, ...]:
    found = []
    for scheme, areas in tomllib.loads(_file("zones.toml")).items():
        for code, drawn in areas.items():
            for view, flat in drawn.items():
                corners = tuple((x + views[view].offset, y) for x, y in _points(flat))
                mark = _middle(corners, views[view].outline)
                kind = cast("Literal['dermatome', 'nerve', 'zone']", scheme)
                found.append(SkinZone(scheme=kind, code=code, view=view, corners=corners, mark=mark))
    return tuple(found)


@cache
def body_map() -> BodyMap:
    """Return the drawing, loaded once."""
    table = tomllib.loads(_file("outlines.toml"))
    views = _views(table)
    muscles = _muscles(views)
    placed = {one.code for one in muscles}
    regions = tuple(
        (code, row["name"], tuple(
            Window(view=view, across=(x0, x1), down=(y0, y1)) for view, x0, x1, y0, y1 in row["windows"]
        ))
        for code, row in table["regions"].items()
    )  # fmt: skip
    unplaced = tuple(code for code in vocabulary.muscles() if code not in placed)
    return BodyMap(views=views, muscles=muscles, zones=_zones(views), regions=regions, unplaced=unplaced)
