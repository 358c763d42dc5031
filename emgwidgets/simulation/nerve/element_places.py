"""Where each stretch of a nerve begins and ends, in cm from the cord in an adult of 170 cm (all positions P)."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

__all__ = ["spans_cm"]


@cache
def _positions() -> dict[str, tuple[float, float]]:
    text = resources.files("emgwidgets.simulation.nerve").joinpath("element_positions.csv").read_text(encoding="utf-8")
    return {row["element"]: (float(row["start_cm"]), float(row["end_cm"])) for row in csv.DictReader(text.splitlines())}


def _element_cm(element: str, *, lumbosacral: bool) -> tuple[float, float] | None:
    near = element.split("_", maxsplit=1)[0]
    if element.startswith(("root_", "drg_", "spinal_nerve_", "ventral_ramus_", "dorsal_ramus_")):
        bounds = {"root": (0.0, 14.0), "drg": (14.0, 15.0), "spinal": (15.0, 16.0)} if lumbosacral else {
            "root": (0.0, 1.0), "drg": (1.0, 1.5), "spinal": (1.5, 2.5)}  # fmt: skip
        return bounds.get(near, (16.0, 18.0) if lumbosacral else (2.5, 6.0))
    if element.endswith("_division") and "trunk" in element:
        return _positions()["division"]
    for general in ("trunk", "cord"):
        if element.endswith(f"_{general}") and element not in _positions():
            return _positions()[general]
    return _positions().get(element)


def spans_cm(elements: tuple[str, ...], end_cm: float | None) -> list[tuple[str, float, float]]:
    """Place every element; unknown ones share the gap to the next known one, or 6 cm each at the end."""
    lumbosacral = elements[0].split("_")[-1][0] in "ls" and elements[0].startswith("root")
    known = [_element_cm(element, lumbosacral=lumbosacral) for element in elements]
    spans: list[tuple[str, float, float]] = []
    at = 0.0
    for index, element in enumerate(elements):
        place = known[index]
        if place is None:
            later = next((k for k in known[index + 1 :] if k is not None), None)
            until = later[0] if later is not None else at + 6.0
            gap = next((j for j, k in enumerate(known[index:]) if k is not None), len(elements) - index)
            place = (at, at + (max(until - at, 0.5) / gap if later is not None else 6.0))
        start = at if spans else place[0]
        spans.append((element, start, max(place[1], start)))
        at = spans[-1][2]
    if end_cm is not None:
        name, start, _ = spans[-1]
        spans[-1] = (name, start, max(end_cm, start))
    return spans
