"""The spine as plain values for the browser; ``_js/spine.js`` draws it.  Levels and roots come from the vocabulary."""

from __future__ import annotations

from functools import cache
from typing import Any

from emgwidgets import vocabulary
from emgwidgets.interpretation.correlation.mri import roots_for

__all__ = ["REGIONS", "ZONE_COLUMNS", "reached", "spine_wire"]

REGIONS = ("cervical", "thoracic", "lumbar")
#: Columns of a level as radiology sees them: right on the left.
ZONE_COLUMNS = (
    ("extraforaminal", "right"), ("foraminal", "right"), ("subarticular", "right"), ("central", "midline"),
    ("subarticular", "left"), ("foraminal", "left"), ("extraforaminal", "left"),
)  # fmt: skip


def reached(level: str, zone: str, side: str) -> list[list[Any]]:
    """Roots a lesion there can meet with their weights, the likeliest first; ``cord``, ``conus`` or ``sac`` in the middle."""
    one = vocabulary.level(level)
    if zone == "central":
        what = one.central.split(":")[0].split(" /")[0]
        return [["sac" if what == "cauda" else what, 1.0]]
    return [[found.root, found.weight] for found in roots_for(level, zone, side=side)]


@cache
def spine_wire() -> dict[str, Any]:
    """Regions with their levels, vertebrae, roots, and the root each zone reaches; made once."""
    regions: dict[str, Any] = {}
    for region in REGIONS:
        levels = [one for one in vocabulary.levels().values() if one.region == region]
        vertebrae = list(dict.fromkeys(name for one in levels for name in (one.upper, one.lower)))
        regions[region] = {
            "vertebrae": vertebrae,
            "levels": [
                {"code": one.code, "upper": one.upper, "lower": one.lower, "exiting": one.exiting, "traversing": one.traversing,
                 "reached": [reached(one.code, zone, side) for zone, side in ZONE_COLUMNS]} for one in levels
            ],
        }  # fmt: skip
    return {"regions": regions, "columns": [list(one) for one in ZONE_COLUMNS]}
