"""What presses on the cord, the cauda equina or the sac, where the word and the structure stand in different groups."""

from __future__ import annotations

from itertools import pairwise

from emgwidgets.interpretation.correlation.report.groups import Anchor, Group
from emgwidgets.interpretation.correlation.report.items import Item

__all__ = [
    "PRESSED",
    "compromises_root",
    "on_cord",
    "passive_cord",
    "pressed",
    "pressing",
    "relative",
    "shared_pressing",
    "structures_of",
]

#: What pressing on a structure is.
PRESSED = {"cord": "cord_compression", "cauda": "cauda_equina_compression"}


def shared_pressing(groups: list[Group]) -> None:
    """Cord and cauda equina share one word: "no compression of the cord or cauda equina", "no cord or root compression"."""
    for before, group in pairwise(groups):
        if group.follows not in {"list", "or"}:
            continue
        for giver, taker in ((before, group), (group, before)):
            kinds = [kind for kind in pressed(taker) if kind not in {one.kind for one in giver.anchors}]
            words = [one.item for one in giver.anchors if one.kind in PRESSED.values() and not one.is_normal]
            words = words or ([] if giver.anchors else pressing(giver)[-1:])
            if kinds and words and not taker.anchors and not taker.has("effect", "normal", "signal_change"):
                taker.anchors = [Anchor(kind, words[0]) for kind in kinds]


def relative(groups: list[Group]) -> None:
    """In "the sac, which is severely compressed" or "Cord: flattened" the clause speaks of the structure before it."""
    for before, group in pairwise(groups):
        passive = [item for item in pressing(group) if item.words.endswith("ed")]
        is_heading = before.has("structure") and not before.has("finding", "effect", "normal", "narrowing")
        is_relative = group.link is not None and (group.link.words in {"which", "that"} or (group.link.words == ":" and is_heading))  # fmt: skip
        if is_relative and passive and not group.has("structure", "place", "finding") and before.has("structure"):
            group.items.insert(0, before.all("structure")[-1])


def passive_cord(groups: list[Group]) -> None:
    """Read "the cord is bright and is flattened between ..." as pressed: the cord is the subject of both."""
    for n, group in enumerate(groups[1:], start=1):
        passive = [item for item in pressing(group) if item.words.endswith("ed")]
        about = next((one for one in reversed(groups[:n]) if one.has("structure", "place")), None)
        if group.follows not in {"list", "but"} or not passive or about is None or structures_of(about) != {"cord"}:
            continue
        if structures_of(group) & {"root", "sac", "cord", "cauda"} or group.has("place", "segment"):
            continue
        if "cord_compression" not in {one.kind for one in group.anchors}:
            group.anchors = [*group.anchors, Anchor("cord_compression", passive[0])]


def pressing(group: Group) -> list[Item]:
    """Effects that are more than touching."""
    return [item for item in group.all("effect") if item.value in {"compression", "indent", "deviation"}]


def pressed(group: Group) -> list[str]:
    """What pressing on the cord or the cauda equina is, for those named in a group."""
    return [PRESSED[value] for value in ("cord", "cauda") if value in structures_of(group)]


def structures_of(group: Group) -> set[str]:
    """Structures named in a group."""
    return {str(item.value) for item in group.all("structure")}


def on_cord(group: Group) -> Item:
    """Effect nearest to the cord: "indents the sac without cord contact" denies the one on the cord."""
    cord = next(n for n, item in enumerate(group.items) if item.category == "structure" and item.value == "cord")
    effects = [n for n, item in enumerate(group.items) if item.category == "effect"]
    return group.items[min(effects, key=lambda n: abs(n - cord))]


def compromises_root(group: Group) -> bool:
    """Whether it is the root that is compromised, "in its foramen", and not the foramen."""
    named = [item for item in group.items if item.category in {"narrowing", "place"} or item.value == "root"]
    return [str(item.value) for item in named[:2]] == ["stenosis", "root"] and named[0].words.startswith("compromis")
