"""Items of a sentence -> groups around at most one finding, with their slots; it decides nothing about levels."""

from __future__ import annotations

from dataclasses import dataclass, field

from emgwidgets.interpretation.correlation.report.items import Item

__all__ = ["GROWTH_KIND", "SLOTS", "Anchor", "Group", "groups_of"]

#: What thickening or wear of a structure is.
GROWTH_KIND = {"facet": "facet_arthropathy", "flavum": "ligamentum_flavum_thickening", "uncovertebral": "osteophyte"}
SLOTS = ("severity", "side", "side_after", "size", "level")
BEFORE = ("severity", "side", "size", "place", "level", "change", "negate", "hedge", "structure")


@dataclass
class Anchor:
    """A finding in the making."""

    kind: str
    item: Item
    is_normal: bool = False


@dataclass
class Group:
    """Items between two links."""

    link: Item | None
    items: list[Item]
    anchors: list[Anchor] = field(default_factory=list)
    clones: list[Group] = field(default_factory=list)
    zone_first: list[Item] = field(default_factory=list)
    is_used: bool = False
    is_filled: bool = False
    is_replaced: bool = False
    became: Group | None = None

    def all(self, category: str) -> list[Item]:
        """Items of one category."""
        return [item for item in self.items if item.category == category]

    def has(self, *categories: str) -> bool:
        """Whether an item of any of the categories is there."""
        return any(item.category in categories for item in self.items)

    @property
    def follows(self) -> str:
        """Kind of link before it."""
        return str(self.link.value) if self.link is not None else ""

    @property
    def is_orphan(self) -> bool:
        """Whether it has slots of a finding but no finding, structure or effect of its own."""
        return not self.anchors and self.has(*SLOTS) and not self.has("place", "structure", "effect", "segment", "normal", "narrowing", "surgery", "rest", "numbering", "role")  # fmt: skip

    def slots(self) -> set[str]:
        """Slots that are filled here; both forms of a side are one."""
        return {"side" if item.category == "side_after" else item.category for item in self.items if item.category in SLOTS}  # fmt: skip


def groups_of(items: list[Item]) -> list[Group]:
    """Cut at links, and between two findings that no link divides."""
    found = [Group(None, [])]
    for item in items:
        if item.category == "link":
            if found[-1].items:
                found.append(Group(item, []))
            else:
                found[-1].link = found[-1].link if found[-1].link and item.value in {"part", "list"} else item
        else:
            found[-1].items.append(item)
    return [part for group in found for part in _divided(group)]


def _divided(group: Group) -> list[Group]:
    parts, current = [], Group(group.link, [])
    for n, item in enumerate(group.items):
        if item.category == "rest" and current.has("finding") and any(one.category in {"normal", "negate"} for one in group.items[n:]):  # fmt: skip
            parts.append(current)
            current = Group(None, [])
        if item.category == "effect" and current.has("effect") and _has_target(current):
            back = _denied_tail(current)
            parts.append(current)
            current = Group(None, back)
        if item.category == "effect" and current.has("finding") and _reaches_place(group.items[n + 1 :]):
            back = []
            while current.items and current.items[-1].category in {"negate", "hedge", "severity"}:
                back.insert(0, current.items.pop())
            parts.append(current)
            current = Group(None, back)
        if item.category in {"finding", "narrowing"} and current.has("finding", "narrowing") and not _is_same(current, item, group.items[n - 1]):  # fmt: skip
            back = []
            while current.items[-1].category in BEFORE and not _is_spoken_after(current.items, group.items, n):
                back.insert(0, current.items.pop())
            parts.append(current)
            current = Group(None, back)
        current.items.append(item)
    return [*parts, current]


def _denied_tail(group: Group) -> list[Item]:
    """Take off what belongs to the next effect: words before it, or a negation with its structure, "without cord contact"."""
    tail: list[Item] = []
    while group.items and group.items[-1].category in {"negate", "hedge", "severity"}:
        tail.insert(0, group.items.pop())
    last = group.items[-1] if group.items else None
    if not tail and last is not None and last.category == "structure" and last.neg and group.has("negate"):
        while not tail or tail[0].category != "negate":
            tail.insert(0, group.items.pop())
    return tail


def _reaches_place(items: list[Item]) -> bool:
    """Whether an effect is on the canal, a recess or a foramen and on nothing else."""
    for item in items:
        if item.category in {"finding", "narrowing", "segment", "role"} or (item.category == "structure" and item.value in {"root", "sac", "cord", "cauda"}):  # fmt: skip
            return False
        if item.category == "place":
            return item.value in {"canal", "recess", "foramen"}
    return False


def _has_target(group: Group) -> bool:
    return group.has("role") or any(item.value in {"root", "sac", "cord", "cauda"} for item in group.all("structure"))


def _is_same(current: Group, item: Item, before: Item) -> bool:
    """Whether two neighbouring phrases name one finding, as in "disc extrusion fragment"."""
    last = next(one for one in reversed(current.items) if one.category in {"finding", "narrowing"})
    return last is before and last.category == item.category and item.value in {last.value, "disc_herniation"}  # fmt: skip


def _is_spoken_after(items: list[Item], whole: list[Item], at: int) -> bool:
    """Whether the last item belongs to the finding before it: a level behind "at"."""
    last = items[-1]
    if last.category != "level":
        return False
    place = whole.index(last)
    return place > 0 and whole[place - 1].words in {"at", "of", "level"} and place < at
