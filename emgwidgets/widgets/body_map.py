"""The body map as plain values for the browser; ``_js/body_map.js`` draws it.  It holds no result."""

from __future__ import annotations

from functools import cache
from typing import Any

from emgwidgets import vocabulary
from emgwidgets.figures.body_map import BODY_NOTE, Curve, body_map
from emgwidgets.vocabulary.skin import skin_zone

__all__ = ["body_wire"]


def _d(curve: Curve) -> str:
    """The curve as the d of an SVG path."""
    start = curve[0][0]
    pieces = (f"C{a[0]:g} {a[1]:g} {b[0]:g} {b[1]:g} {c[0]:g} {c[1]:g}" for _, a, b, c in curve)
    return f"M{start[0]:g} {start[1]:g}{''.join(pieces)}Z"


def _muscle_words(code: str) -> dict[str, str]:
    one = vocabulary.muscle(code)
    nerve = one.nerve_text or one.nerve.replace("_", " ")
    return {"name": one.name, "region": one.region, "words": f"{', '.join(one.roots)}; {nerve}"}


def _zone_words(scheme: str, code: str) -> dict[str, str]:
    if scheme == "dermatome":
        return {"name": f"{code} dermatome", "words": ""}
    if scheme == "nerve":
        one = vocabulary.sensory_nerve(code)
        return {"name": f"{one.name} area", "words": one.skin_area}
    zone = skin_zone(code)
    return {"name": zone.name, "words": f"skin of {', '.join(root for root, _ in zone.roots)}"}


@cache
def body_wire() -> dict[str, Any]:
    """Outlines, muscles, skin areas and regions; made once.

    A key of a result is ``scheme/code/side``, such as ``"muscles/tibialis_anterior/left"``, ``"dermatome/L5/right"``,
    ``"nerve/sural/left"``, ``"zone/lateral_leg/left"``.
    """
    drawn = body_map()
    zones = [
        {
            "scheme": zone.scheme, "code": zone.code, "view": zone.view, "x": zone.mark[0], "y": zone.mark[1],
            "d": "M" + "L".join(f"{x:g} {y:g}" for x, y in zone.corners) + "Z", **_zone_words(zone.scheme, zone.code),
        }
        for zone in drawn.zones
    ]  # fmt: skip
    muscles = [
        {
            "scheme": "muscles", "code": one.code, "view": one.view, "d": _d(one.shape), "x": one.mark[0], "y": one.mark[1],
            "bx": round(one.body_mark[0], 2), "by": round(one.body_mark[1], 2), **_muscle_words(one.code),
        }
        for one in drawn.muscles
    ]  # fmt: skip
    return {
        "note": BODY_NOTE,
        "views": {
            code: {"name": view.name, "faces": view.faces, "whole": view.is_whole, "d": _d(view.outline)}
            for code, view in drawn.views.items()
        },
        "items": [*muscles, *zones],
        "regions": [
            {"code": code, "name": name, "windows": [[w.view, *w.across, *w.down] for w in windows]}
            for code, name, windows in drawn.regions
        ],
        "unplaced": [{"code": code, **_muscle_words(code)} for code in drawn.unplaced],
    }  # fmt: skip
