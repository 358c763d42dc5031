"""Slots that stand alone, as "mild right" in "mild right and moderate left foraminal stenosis", find their finding."""

from __future__ import annotations

from emgwidgets.interpretation.correlation.report.groups import GROWTH_KIND, SLOTS, Anchor, Group

__all__ = ["spread"]

#: Links behind which one more of a list follows.
LISTED = frozenset({"list", "or"})
#: Links behind which slots may belong to the finding before them.
BACKWARD = frozenset({"list", "part", "but", "or", "", "forward", "strong"})
#: Slots that two findings of one sentence may each have of their own.
OF_EACH = frozenset({"side", "severity"})


def spread(groups: list[Group], n: int) -> None:
    """Give the slots of one group to the finding they belong to, or repeat that finding with them."""
    group, after = groups[n], _finding_ahead(groups, n)
    before = next((one for one in reversed(groups[:n]) if one.anchors), None)
    if after is not None and _is_behind_colon(after):
        after.items = [item for item in group.items if item.category not in after.slots()] + after.items
    elif group.slots() <= {"level"}:
        return
    elif before is None and after is not None and _is_adjective(group, after):
        after.items = [*group.items, *after.items]
    elif (made := _made_just_before(groups, n)) is not None:
        made.items += group.items  # "and on the right at L5-S1 (severe)"
    else:
        _take_level(groups, n, before)
        _give(group, _alike(groups[:n], group, before), after)
    group.is_used = True


def _finding_ahead(groups: list[Group], n: int) -> Group | None:
    """The group behind this one, or the finding at the end of a list that begins with it."""
    step = n + 1
    while step < len(groups) and groups[step].is_orphan and groups[step].follows in LISTED:
        step += 1
    if n + 1 < step < len(groups) and groups[step].anchors and groups[step].follows in LISTED and groups[step].slots() & OF_EACH:  # fmt: skip
        return groups[step]
    return groups[n + 1] if n + 1 < len(groups) else None


def _is_behind_colon(after: Group) -> bool:
    """Whether a finding follows a colon: "at L4-5 right: protrusion"."""
    return after.follows == "part" and after.link is not None and after.link.words == ":" and bool(after.anchors)


def _made_just_before(groups: list[Group], n: int) -> Group | None:
    """The finding that the group before became, where it lacks every slot of this one."""
    made = groups[n - 1].became if n and groups[n].follows == "part" else None
    return made if made is not None and not groups[n].slots() & made.slots() else None


def _take_level(groups: list[Group], n: int, before: Group | None) -> None:
    """Slots without a level take that of the slots behind "and", or the nearest one before a finding that has its own."""
    group = groups[n]
    following = groups[n + 1] if n + 1 < len(groups) else None
    if group.slots() >= OF_EACH and "level" not in group.slots() and following is not None and following.is_orphan and following.link is not None and following.link.words == "and" and {"side", "level"} <= following.slots():  # fmt: skip
        group.items = [*group.items, *following.all("level")]  # "severe left and moderate right L5-S1"
    if "level" not in group.slots() and before is not None and before.is_filled:
        nearest = [item for one in reversed(groups[:n]) for item in one.all("level")][:1]
        group.items = [*nearest, *group.items]


def _alike(earlier: list[Group], group: Group, before: Group | None) -> Group | None:
    """The finding before, or the last one with every slot of this group where its level says that another is meant."""
    slots = group.slots()
    if before is None or "level" not in slots or slots <= before.slots():
        return before
    return next((one for one in reversed(earlier) if one.anchors and slots <= one.slots()), before)


def _give(group: Group, before: Group | None, after: Group | None) -> None:
    """Fill the finding before where it is open; else repeat the finding ahead, or the one before, with these slots."""
    is_open = before is not None and _is_open(before, group)
    if after is not None and _is_one_side_of(group, after):
        _clone(after, group, before_it=True)
        after.is_replaced = True
    elif (
        after is not None and _is_parallel(group, after) and not _belongs_before(group, before, after, is_open=is_open)
    ):
        _clone(after, group, before_it=True)
    elif before is not None and group.follows in BACKWARD:
        if is_open:
            before.items += [item for item in group.items if item.category in SLOTS or item.category in {"change", "negate"}]  # fmt: skip
            before.is_filled = True
            _carry_scope(before, group)
        else:
            _clone(before, group, before_it=False)


def _is_open(before: Group, group: Group) -> bool:
    """Whether a finding can still take these slots: it has taken none, and has none of them but a level."""
    return not group.has("focus") and not before.is_filled and not group.slots() & (before.slots() - {"level"})


def _is_one_side_of(group: Group, after: Group) -> bool:
    """Whether a side with its grade comes before a stenosis of both sides that has no grade."""
    if not (after.anchors and group.slots() >= OF_EACH and "severity" not in after.slots() and after.follows in LISTED):
        return False
    is_bilateral = any(item.category == "side" and item.value == "bilateral" for item in after.items)
    return is_bilateral and all(one.kind.endswith("stenosis") for one in after.anchors)


def _is_parallel(group: Group, after: Group) -> bool:
    """Whether the finding ahead has each side and grade of this group as its own: "mild right and moderate left"."""
    own = group.slots() & OF_EACH
    return bool(own) and bool(after.anchors) and after.follows in LISTED and own <= after.slots()


def _belongs_before(group: Group, before: Group | None, after: Group, *, is_open: bool) -> bool:
    """Whether slots that could go ahead go to the finding before: it is open, or the list is of one kind of finding."""
    if before is None:
        return False
    is_first = before.anchors[0].kind.endswith("stenosis") or group.has("side_after")
    if is_open and is_first and group.follows in {"list", "part", "or"}:
        return True
    is_same_kind = before.anchors[0].kind == after.anchors[0].kind
    return group.follows == "list" and bool(before.slots() & group.slots()) and is_same_kind


def _is_adjective(group: Group, after: Group) -> bool:
    """Whether a side before a comma goes with the finding behind it: "right-sided, mainly foraminal herniation"."""
    is_comma = after.link is not None and after.link.words == ","
    return is_comma and bool(after.anchors) and group.slots() == {"side"} and not after.has("side", "side_after")


def _carry_scope(before: Group, group: Group) -> None:
    """A finding whose only grade is "none" is not there."""
    grades = group.all("severity")
    if grades and grades[0].value == "0":
        before.items.append(grades[0])


def _clone(model: Group, group: Group, *, before_it: bool) -> None:
    """Repeat a finding with the slots that stand alone: "mild right and moderate left foraminal stenosis"."""
    own = group.slots()
    kept = [
        item
        for item in model.items
        if item.category in {"place", "finding", "narrowing", "growth"}
        or (item.category == "structure" and item.value in GROWTH_KIND)
        or (
            item.category in SLOTS
            and ("side" if item.category == "side_after" else item.category) not in own
            and (item.category == "level" or (item.category in {"side", "side_after"} and "level" in own))
        )
    ]
    copy = Group(group.link if before_it else None, [*group.items, *kept])
    copy.anchors = [Anchor(one.kind, one.item, is_normal=one.is_normal) for one in model.anchors]
    copy.is_filled = True
    model.clones.append(copy)
    group.became = copy
