"""Zones of the skin for a body chart: which roots and nerves feel them, whose pain runs there, and their names in words.

The zones are a chart of this project: dermatomes and nerve territories overlap and differ between people and sources.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import pairwise

from emgwidgets.model.anatomy import SkinZone
from emgwidgets.sources import Mark
from emgwidgets.vocabulary.lookup import find, plain, read_table, spellings_of, words
from emgwidgets.vocabulary.spine import root

__all__ = ["skin_zone", "skin_zones", "zones_in"]

#: The fingers in order, for "thumb to ring finger".
DIGITS = ("thumb", "index_finger", "middle_finger", "ring_finger", "little_finger")


def _weights(text: str) -> tuple[tuple[str, int], ...]:
    return tuple((root(code).code, int(weight)) for code, weight in (part.rsplit(":", 1) for part in words(text)))


@cache
def skin_zones() -> dict[str, SkinZone]:
    """Every zone by code, from the head to the toes."""
    return {
        row["code"]: SkinZone(
            code=row["code"], name=row["name"], face=row["face"], region=row["region"],  # type: ignore[arg-type]
            roots=_weights(row["roots"]), pain_roots=_weights(row["pain_roots"]), nerves=words(row["nerves"]),
            leaf=row["leaf"], source=words(row["source"]), mark=Mark(row["mark"]),
        )
        for row in read_table("skin_zones.csv")
    }  # fmt: skip


@cache
def _spellings() -> dict[str, str]:
    return spellings_of((row["code"], (row["name"], *words(row["words"]))) for row in read_table("skin_zones.csv"))


def skin_zone(code: str) -> SkinZone:
    """Return one zone by code or name, such as ``"great_toe"`` or ``"big toe"``.

    Raises
    ------
    InputError
        If there is no such zone; the sentence offers the nearest names.
    """
    return find(code, kind="zone of the skin", entries=skin_zones(), spellings=_spellings())


@cache
def _phrases() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every phrase with its zones: two words before one, then the longest, so that "medial forearm" wins."""
    found: dict[str, tuple[str, ...]] = {spelling: (code,) for spelling, code in _spellings().items()}
    for row in read_table("skin_zone_groups.csv"):
        found |= {plain(phrase): words(row["zones"]) for phrase in words(row["words"])}
    return tuple(sorted(found.items(), key=lambda pair: (" " not in pair[0], -len(pair[0]), pair[0])))


#: What follows these words says when, not where.
_WHEN = re.compile(r"\b(worse|better|eased|on|with|at|after|by|for)\b[^,;]*")


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    return re.sub(r"\b(the|both|left|right) ", "", plain(text))


def zones_in(text: str) -> tuple[SkinZone, ...]:
    """Zones named in free words, in order of the chart; empty where none is named.

    "Buttock and lateral leg to the dorsum of the foot" gives three zones, "thumb to ring finger" the four digits.
    """
    left, found = f" {_bare(_WHEN.sub(' ', text.lower()))} ", set[str]()
    places: list[tuple[int, str]] = []
    for phrase, zones in _phrases():
        short = _bare(phrase)
        while (at := left.find(f" {short} ")) >= 0:
            left = f"{left[:at]} {'#' * len(short)} {left[at + len(short) + 2 :]}"
            found |= set(zones)
            places += [(at, zones[0])] if len(zones) == 1 else []
    found |= _between(sorted(places), left)
    return tuple(zone for code, zone in skin_zones().items() if code in found)


def _between(places: list[tuple[int, str]], left: str) -> set[str]:
    """Digits between two that are joined by "to"."""
    found: set[str] = set()
    for (at, first), (end, last) in pairwise(places):
        joint = left[at:end].strip("# ")
        if joint == "to" and first in DIGITS and last in DIGITS:
            low, high = sorted((DIGITS.index(first), DIGITS.index(last)))
            found |= set(DIGITS[low : high + 1])
    return found
