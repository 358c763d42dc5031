"""Slots that stand alone, as "mild right" in "mild right and moderate left foraminal stenosis", find their finding."""

from __future__ import annotations

from emgwidgets.interpretation.correlation.report.groups import GROWTH_KIND, SLOTS, Anchor, Group

__all__ = ["spread"]


def spread(groups: list[Group], n: int) -> None:
    """Give the slots of one group to the finding they belong to, or repeat that finding with them."""
    group = groups[n]
    after = groups[n + 1] if n + 1 < len(groups) else None
    step = n + 1
    while step < len(groups) and groups[step].is_orphan and groups[step].follows in {"list", "or"}:
        step += 1
    if step < len(groups) and step > n + 1 and groups[step].anchors and groups[step].follows in {"list", "or"} and groups[step].slots() & {"side", "severity"}:  # fmt: skip
        after = groups[step]
    before = next((one for one in reversed(groups[:n]) if one.anchors), None)
    if after is not None and after.follows == "part" and after.link and after.link.words == ":" and after.anchors:
        after.items = [item for item in group.items if item.category not in after.slots()] + after.items
        group.is_used = True
        return
    slots = group.slots()
    if slots == {"level"} or not slots:
        return
    if before is None and after is not None and _is_adjective(group, after):
        after.items = [*group.items, *after.items]
        group.is_used = True
        return
    made = groups[n - 1].became if n and group.follows == "part" else None
    if made is not None and not slots & made.slots():
        made.items += group.items  # "and on the right at L5-S1 (severe)"
        group.is_used = True
        return
    following = groups[n + 1] if n + 1 < len(groups) else None
    if {"side", "severity"} <= slots and "level" not in slots and following is not None and following.is_orphan and following.link is not None and following.link.words == "and" and {"side", "level"} <= following.slots():  # fmt: skip
        group.items = [*group.items, *following.all("level")]  # "severe left and moderate right L5-S1"
        slots = group.slots()
    if "level" not in slots and "level" not in (before.slots() if before is not None and not before.is_filled else ()):
        nearest = [item for one in reversed(groups[:n]) for item in one.all("level")][:1]
        if before is not None and before.is_filled and nearest:
            group.items = [*nearest, *group.items]
            slots = group.slots()
    if "level" in slots and before is not None:
        alike = [one for one in groups[:n] if one.anchors and slots <= one.slots()]
        before = alike[-1] if alike and not slots <= before.slots() else before
    is_parallel = bool(slots & {"side", "severity"}) and after is not None and bool(after.anchors) and after.follows in {"list", "or"} and slots & {"side", "severity"} <= after.slots()  # fmt: skip
    is_open = (
        before is not None
        and not group.has("focus")
        and not before.is_filled
        and not (slots & (before.slots() - {"level"}))
    )
    if after is not None and after.anchors and "severity" in slots and "side" in slots and "severity" not in after.slots() and after.follows in {"list", "or"}:  # fmt: skip
        sides = [item for item in after.items if item.category == "side" and item.value == "bilateral"]
        if sides and all(kind.kind.endswith("stenosis") for kind in after.anchors):
            _clone(after, group, before_it=True)
            after.is_replaced = group.is_used = True
            return
    backward_first = before is not None and group.follows in {"list", "part", "or"} and is_open and (before.anchors[0].kind.endswith("stenosis") or group.has("side_after"))  # fmt: skip
    if is_parallel and not backward_first and after is not None and not (before is not None and group.follows == "list" and before.slots() & slots and before.anchors[0].kind == after.anchors[0].kind):  # fmt: skip
        _clone(after, group, before_it=True)
    elif before is not None and group.follows in {"list", "part", "but", "or", "", "forward", "strong"}:
        if is_open:
            before.items += [item for item in group.items if item.category in SLOTS or item.category in {"change", "negate"}]  # fmt: skip
            before.is_filled = True
            _carry_scope(before, group)
        else:
            _clone(before, group, before_it=False)
    group.is_used = True


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
