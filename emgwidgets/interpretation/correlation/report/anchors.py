"""Findings of each group: a structure with its predicate, shared where only a neighbour says it."""

from __future__ import annotations

from itertools import pairwise

from emgwidgets.interpretation.correlation.report.groups import GROWTH_KIND, SLOTS, Anchor, Group
from emgwidgets.interpretation.correlation.report.items import Item
from emgwidgets.interpretation.correlation.report.placing import (
    IMPLIED,
    give_migration,
    is_disc,
    under_heading,
    zone_behind,
)
from emgwidgets.interpretation.correlation.report.pressing import (
    PRESSED,
    compromises_root,
    on_cord,
    passive_cord,
    pressed,
    pressing,
    relative,
    shared_pressing,
    structures_of,
)
from emgwidgets.interpretation.correlation.report.spread import spread

__all__ = ["settle"]

EXCEPT = {"except", "except for", "apart from", "other than", "aside from", "besides"}
#: Grade from which compression of the sac is a narrowed canal; less is an indented sac (internal choice).
NARROWS = 2.0

NARROW_KIND = {
    "canal": "central_stenosis", "central": "central_stenosis", "recess": "lateral_recess_stenosis",
    "paracentral": "lateral_recess_stenosis", "foramen": "foraminal_stenosis", "extraforaminal": "foraminal_stenosis",
}  # fmt: skip
#: What "normal" says of a structure.
NORMAL_KIND = {
    "disc": "disc_herniation",
    "disc_height": "disc_degeneration",
    "cord": "cord_signal",
    "facet": "facet_arthropathy",
    "cauda": "cauda_equina_compression",
}


def settle(groups: list[Group]) -> None:
    """Find the anchors of every group, let structures share a predicate, and spread slots that stand alone."""
    under_heading(groups)
    relative(groups)
    for group in groups:
        _own_anchors(group)
    for before, group in pairwise(groups):
        zone_behind(before, group)
    for before, group in pairwise(groups):
        if group.follows in {"list", "or"} and not group.anchors and not group.has("effect", "normal", "signal_change") and pressing(before):  # fmt: skip
            group.anchors = [Anchor(one, pressing(before)[-1]) for one in pressed(group)]
    shared_pressing(groups)
    passive_cord(groups)
    for before, group in pairwise(groups):
        if group.follows == "but" and pressing(before) and not structures_of(before) & {"root", "sac", "cord"}:
            # "indenting but not compressing the cord": the object stands behind the second effect only
            kinds = pressed(group) or [one.kind for one in group.anchors if one.kind in PRESSED.values()]
            shared = [Anchor(kind, pressing(before)[-1]) for kind in kinds]
            before.anchors = [*before.anchors, *shared]
            group.anchors = [one for one in group.anchors if one.kind not in {mine.kind for mine in shared}]
    for n, group in enumerate(groups):
        about_cord = any(structures_of(one) & {"cord"} or (one.anchors and one.anchors[0].kind in {"cord_compression", "cord_signal"}) for one in groups[:n])  # fmt: skip
        if (
            about_cord
            and group.has("signal_change")
            and all(one.kind in PRESSED.values() for one in group.anchors)
            and not structures_of(group) & {"disc", "other"}
        ):
            group.anchors = [*group.anchors, Anchor("cord_signal", group.all("signal_change")[0])]
    for group, after in pairwise(groups):
        is_answer = after.follows == "part" and after.has("normal") and not after.anchors and not after.has("place")
        if is_answer and group.anchors and group.anchors[0].kind == "cord_signal":
            group.items += after.all("normal")
            after.is_used = True
    for n in range(len(groups) - 1, -1, -1):
        _shared_predicate(groups, n)
    for n, group in enumerate(groups):
        _leftover_predicate(groups, n, group)
    for n, group in enumerate(groups):
        if group.has("migration") and not group.anchors and n:
            give_migration(groups, n)
    for n, group in enumerate(groups):
        if group.is_orphan and not group.is_used:
            spread(groups, n)


def _narrow_kinds(places: list[Item]) -> list[tuple[str, Item]]:
    found: dict[str, Item] = {}
    for item in places:
        kind = NARROW_KIND.get(item.value)
        if kind and not (item.value in {"central", "paracentral"} and any(other.value in {"foramen", "canal", "recess"} for other in places if other is not item)):  # fmt: skip
            found.setdefault(kind, item)
    return list(found.items())


def _own_anchors(group: Group) -> None:
    findings = group.all("finding")
    if findings:
        first = findings[0]
        best = next((item for item in reversed(findings) if item.value != "disc_herniation"), first)
        kind = best.value
        if kind == "disc_degeneration" and best.words.startswith("degenerat") and any(item.value == "facet" for item in group.all("structure")):  # fmt: skip
            kind = "facet_arthropathy"
        group.anchors = [Anchor(kind, best)]
        words = pressing(group)
        known = {kind}
        group.anchors += [Anchor(one, words[-1]) for one in pressed(group) if words and one not in known]
        return
    if group.has("signal_change") and structures_of(group) & {"cord"}:
        words = pressing(group)
        group.anchors = [Anchor("cord_compression", item) for item in words[:1]]
        group.anchors.append(Anchor("cord_signal", group.all("signal_change")[0]))
        return
    growth = group.all("growth")
    grown = [GROWTH_KIND[item.value] for item in group.all("structure") if item.value in GROWTH_KIND]
    if growth and grown:
        group.anchors = [Anchor(kind, growth[0]) for kind in dict.fromkeys(grown)]
        if not group.has("narrowing"):
            return
    if group.anchors:
        return
    places, structures = group.all("place"), {item.value for item in group.all("structure")}
    narrowing, normal = group.all("narrowing"), group.all("normal")
    if narrowing and compromises_root(group):
        return
    if narrowing and (places or structures):
        if places:
            group.anchors = [Anchor(kind, narrowing[0]) for kind, _ in _narrow_kinds(places)]
        elif "disc" in structures:
            group.anchors = [Anchor("disc_degeneration", narrowing[0])]
        elif "cord" in structures:
            group.anchors = [Anchor("cord_compression", narrowing[0])]
        elif "cauda" in structures:
            group.anchors = [Anchor("cauda_equina_compression", narrowing[0])]
        elif "sac" in structures and "root" not in structures:
            group.anchors = [Anchor("central_stenosis", narrowing[0])]
        return
    if normal and (places or structures) and not group.has("effect"):
        kinds = [kind for kind, _ in _narrow_kinds(places)]
        kinds += [NORMAL_KIND[value] for value in sorted(structures & set(NORMAL_KIND)) if not kinds]
        group.anchors = [Anchor(kind, normal[0], is_normal=not normal[0].neg) for kind in kinds]
        group.is_used = group.is_used or (not kinds and structures != {"quality"})
        return
    effects = group.all("effect")
    if effects and ("cauda" in structures or "root" not in structures):
        graded = [item for item in group.all("severity") if float(item.value) >= NARROWS]
        if "sac" in structures and graded and effects[0].value == "compression":
            group.anchors = [Anchor("central_stenosis", effects[0])]  # "severe compression of the thecal sac"
        elif structures & {"cauda"}:
            group.anchors = [Anchor("cauda_equina_compression", effects[0])]
        elif structures & {"cord"} and (on_cord(group).value != "contact" or on_cord(group).neg):
            group.anchors = [Anchor("cord_compression", on_cord(group))]
        elif places and "sac" not in structures and not group.has("segment"):
            group.anchors = [Anchor(kind, effects[0]) for kind, item in _narrow_kinds(places) if item.value in IMPLIED]


def _shared_predicate(groups: list[Group], n: int) -> None:
    """A structure without a predicate takes that of its neighbour, or is graded without one."""
    group = groups[n]
    _shared_growth(groups, n)
    places = group.all("place")
    structures = {item.value for item in group.all("structure")} & set(NORMAL_KIND)
    if group.anchors or group.has("effect", "narrowing", "normal", "role", "segment") or not (places or structures):
        return
    after = groups[n + 1] if n + 1 < len(groups) else None
    if after is not None and after.follows in {"list", "or", "part", "forward", ""}:
        if places and after.anchors and after.follows in {"list", "or"} and is_disc(after.anchors[0].kind):
            after.zone_first = [item for item in group.items if item.category in {"place", "side"}] + after.zone_first
            group.is_used = True
            return
        predicate = (after.all("narrowing") or after.all("normal"))[:1]
        if not predicate and after.follows in {"list", "or"} and after.anchors and after.anchors[0].item.category in {"narrowing", "normal"}:  # fmt: skip
            predicate = [after.anchors[0].item]
        if (
            predicate
            and predicate[0].category == "normal"
            and after.has("level")
            and not group.has("level")
            and after.follows == "part"
        ):
            predicate = []
        if predicate and places == [] and structures == {"disc"} and predicate[0].category == "narrowing" and after.has("place"):  # fmt: skip
            predicate = []  # "uncovering of the disc and foraminal stenosis": the narrowing has its own place
        if predicate and not (after.follows == "forward" and after.has("place", "structure")) and not after.all("finding"):  # fmt: skip
            _take(group, predicate[0], places, structures)
            if after.follows in {"part", "forward"} and not after.anchors:
                after.is_used = True
                group.items += [item for item in after.items if item.category in SLOTS]
            return
    before = groups[n - 1] if n else None
    if before is not None and group.follows in {"list", "or"}:
        predicate = (before.all("narrowing") or before.all("normal"))[:1]
        if predicate:
            _take(group, predicate[0], places, structures)
            return
    is_graded = group.has("severity") or (after is not None and after.follows in {"part", ",", ""} and after.has("severity") and not after.anchors)  # fmt: skip
    if is_graded and after is not None and after.follows not in {"part", ""} and not group.has("severity"):
        is_graded = False
    if is_graded and any(item.value in IMPLIED for item in places):
        group.anchors = [Anchor(kind, item) for kind, item in _narrow_kinds(places)]


def _shared_growth(groups: list[Group], n: int) -> None:
    """Let a structure take the word of its neighbour, as in "facet and ligamentum flavum hypertrophy"."""
    group = groups[n]
    grown = [GROWTH_KIND[item.value] for item in group.all("structure") if item.value in GROWTH_KIND]
    if group.anchors or not grown or group.has("normal", "finding"):
        return
    near = [(groups[n + 1], groups[n + 1].follows)] if n + 1 < len(groups) else []
    near += [(groups[n - 1], group.follows)] if n else []
    for other, link in near:
        word = [*other.all("growth"), *(item for item in other.all("finding") if item.value in GROWTH_KIND.values())]
        if word and link in {"list", "or"}:
            group.anchors = [Anchor(kind, word[0]) for kind in dict.fromkeys(grown)]
            return


def _take(group: Group, predicate: Item, places: list[Item], structures: set[str]) -> None:
    is_normal = predicate.category == "normal" and not predicate.neg
    if places:
        group.anchors = [Anchor(kind, predicate, is_normal=is_normal) for kind, _ in _narrow_kinds(places)]
    elif predicate.category == "normal":
        group.anchors = [Anchor(NORMAL_KIND[value], predicate, is_normal=is_normal) for value in sorted(structures)]
    elif "disc" in structures:
        group.anchors = [Anchor("disc_degeneration", predicate)]


def _leftover_predicate(groups: list[Group], n: int, group: Group) -> None:
    """A narrowing without a structure: that of the heading before a colon, else the canal."""
    narrowing = group.all("narrowing")
    growth = group.all("growth")
    if growth and not group.anchors and not group.is_used:
        heads = [GROWTH_KIND[item.value] for before in groups[:n] for item in before.all("structure") if item.value in GROWTH_KIND and not before.anchors]  # fmt: skip
        kind = heads[-1] if heads else ("facet_arthropathy" if growth[0].words.startswith(("arthr", "djd", "osteoarthr")) else "")  # fmt: skip
        group.anchors = [Anchor(kind, growth[0])] if kind else []
    if group.anchors or group.is_used or not narrowing or group.has("place") or group.all("structure"):
        return
    spared = next((one for one in groups[:n] if one.link is not None and one.link.words in EXCEPT), None)
    normal = next((one for one in groups[:n] if one.has("place") and one.has("normal")), None)
    if (
        spared is not None and normal is not None
    ):  # "the foramina are patent except on the left, where there is stenosis"
        group.anchors = [Anchor(kind, narrowing[0]) for kind, _ in _narrow_kinds(normal.all("place"))]
        group.items += [item for item in spared.items if item.category in SLOTS]
        spared.is_used = True
        return
    for before in reversed(groups[:n]):
        named = [item for item in before.all("place") if item.value in IMPLIED]
        if named and not before.anchors:
            group.anchors = [Anchor(kind, narrowing[0]) for kind, _ in _narrow_kinds(named)]
            group.items += [item for item in before.items if item.category == "side" and not group.has("side", "side_after")]  # fmt: skip
            return
    sided = next((one for one in reversed(groups[:n]) if one.anchors and one.all("place")), None)
    if sided is not None and group.has("side") and sided.has("side") and group.follows in {"list", "but", "strong"}:
        kinds = _narrow_kinds([item for item in sided.all("place") if item.value in IMPLIED])
        group.anchors = [
            Anchor(kind, narrowing[0]) for kind, _ in kinds
        ]  # "the left foramen is patent and the right is narrowed"
        if group.anchors:
            return
    said = next((one for one in reversed(groups[:n]) if one.anchors and one.anchors[0].kind.endswith("stenosis")), None)
    if group.link is not None and group.link.words == "it" and said is not None:
        group.anchors = [Anchor(anchor.kind, narrowing[0]) for anchor in said.anchors]
    elif narrowing[0].words == "stenosis":
        group.anchors = [Anchor("central_stenosis", narrowing[0])]
