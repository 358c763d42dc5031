"""Places that stand apart from their finding: a heading over graded sides, a zone behind a comma, a migration."""

from __future__ import annotations

from emgwidgets.interpretation.correlation.report.groups import SLOTS, Group

__all__ = ["IMPLIED", "give_migration", "is_disc", "under_heading", "zone_behind"]

#: Places whose narrowing is meant where only a grade stands.
IMPLIED = {"canal", "recess", "foramen", "central", "extraforaminal"}


def is_disc(kind: str) -> bool:
    """Whether a kind is disc material beyond its place."""
    return kind.startswith("disc_") and kind != "disc_degeneration"


def under_heading(groups: list[Group]) -> None:
    """A place before a colon stands for each graded side behind it: "Foramina: moderate right, mild left narrowing"."""
    for n, group in enumerate(groups[:-1]):
        own = [item for item in group.all("place") if item.value in IMPLIED]
        after = groups[n + 1]
        if (
            not own
            or after.link is None
            or after.link.words != ":"
            or group.has(*SLOTS, "finding", "narrowing", "normal", "structure")
        ):
            continue
        listed: list[Group] = []
        for one in groups[n + 1 :]:
            if one.has("place", "structure", "finding", "effect") or (listed and one.follows not in {"list", "or"}):
                break
            listed.append(one)
        graded = [one for one in listed if one.slots() >= {"side", "severity"}]
        if len(graded) >= 2 and len(graded) == len(listed) and not any(one.has("level") for one in listed):
            for one in graded:
                one.items = [*own, *one.items]
            group.is_used = True


def zone_behind(before: Group, group: Group) -> None:
    """A side or zone behind a comma belongs to the disc finding before it: "protrusion, right paracentral"."""
    is_behind_disc = bool(before.anchors) and is_disc(before.anchors[0].kind)
    others = (
        "finding",
        "narrowing",
        "normal",
        "effect",
        "growth",
        "structure",
        "severity",
        "level",
        "segment",
        "role",
        "negate",
    )
    if (
        not is_behind_disc
        or group.anchors
        or group.follows not in {"list", "part"}
        or group.has(*others)
        or not group.has("place")
    ):
        return
    if before.has("side", "side_after", "place") or before.anchors[0].item.neg:
        return
    before.items += [item for item in group.items if item.category in {"side", "side_after", "place", "size"}]
    group.items = [item for item in group.items if item.category not in {"side", "side_after", "place", "size"}]
    group.is_used = True


def give_migration(groups: list[Group], n: int) -> None:
    """Give the way of a migration to the disc before it; the length of the way is no size."""
    before = next((one for one in reversed(groups[:n]) if one.anchors and is_disc(one.anchors[0].kind)), None)
    if before is not None:
        before.items += groups[n].all("migration")
        groups[n].items = [item for item in groups[n].items if item.category != "size"]
