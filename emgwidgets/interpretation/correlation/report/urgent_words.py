"""Urgent words that no phrase of the lexicon took up, alone or as a pair that stands apart in one sentence.

A safety net: what it finds counts as possible, and says that the sentence was not fully understood.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from emgwidgets.interpretation.correlation.report.items import Item
from emgwidgets.interpretation.correlation.report.lexicon import kinds, read_rows

__all__ = ["stray_urgent", "unread_urgent"]


@dataclass(frozen=True, slots=True)
class _Pair:
    kind: str
    first: re.Pattern[str]
    second: re.Pattern[str]
    unless: re.Pattern[str] | None


def _any_of(words: str) -> re.Pattern[str]:
    """Pattern of stems; a word that ends in a full stop stands for itself only."""
    ends = [(word.removesuffix("."), r"\b" if word.endswith(".") else "") for word in words.split("|")]
    return re.compile("|".join(rf"\b{re.escape(stem)}{end}" for stem, end in ends))


@cache
def _pairs() -> tuple[_Pair, ...]:
    return tuple(
        _Pair(
            row["kind"],
            _any_of(row["first"]),
            _any_of(row["second"]),
            _any_of(row["unless"]) if row["unless"] else None,
        )
        for row in read_rows("urgent_pairs.csv")
    )


@cache
def _stems() -> tuple[tuple[str, str], ...]:
    return tuple((row["stem"], row["kind"]) for row in read_rows("urgent_stems.csv"))


def stray_urgent(items: Sequence[Item]) -> list[tuple[str, int, int]]:
    """Kinds of urgent findings that the words of a sentence may speak of, with their place; denied words do not count."""
    found = []
    for item in items:
        if item.category == "unknown" and not item.neg:
            kind = next((kind for stem, kind in _stems() if item.words.startswith(stem)), None)
            if kind is not None:
                found.append((kind, item.start, item.end))
    for clause in _clauses(items, ("but", "strong")):
        found += _in_clause(clause)
    for stretch in _clauses(items, ()):
        found += _severe_canal(stretch)
    return list(dict.fromkeys(found))


def unread_urgent(items: Sequence[Item], kinds_read: Collection[str]) -> list[tuple[str, int, int]]:
    """Urgent findings that stand in a sentence and are not denied, of which the grammar made nothing."""
    known = kinds()
    return [
        (known[item.value].urgent, item.start, item.end)
        for item in items
        if item.category == "finding" and known[item.value].urgent and not item.neg and item.value not in kinds_read
    ]


def _severe_canal(stretch: Sequence[Item]) -> list[tuple[str, int, int]]:
    """A severe word beside the canal or the sac and no other place, as in "the canal has become severely tight"."""
    places = {str(item.value) for item in stretch if item.category == "place"}
    sacs = {str(item.value) for item in stretch if item.category == "structure"}
    severe = [item for item in stretch if item.category == "severity" and item.value == "3" and not item.neg]
    is_canal = (places or sacs == {"sac"}) and places <= {"canal", "central"}
    if (
        not severe
        or not is_canal
        or any(item.category in {"normal", "finding", "symptom", "negate"} for item in stretch)
    ):
        return []
    return [("severe_central_stenosis", min(item.start for item in stretch), max(item.end for item in stretch))]


def _clauses(items: Sequence[Item], ends: Collection[str]) -> list[list[Item]]:
    """Stretches between links of some kinds, or of any kind when none is named."""
    made: list[list[Item]] = [[]]
    for item in items:
        if item.category == "link" and (item.value in ends or not ends):
            made.append([])
        elif item.category not in {"sign", "link"}:
            made[-1].append(item)
    return made


def _in_clause(clause: Sequence[Item]) -> list[tuple[str, int, int]]:
    if not clause or any(item.category == "symptom" for item in clause):
        return []
    if any(item.category == "normal" and not item.neg for item in clause):
        return []  # "the body is not collapsed, height normal": what is normal here cannot be told apart
    said = [item for item in clause if not item.neg and item.category not in {"level", "size", "growth"} and item.value != "0" and not _is_plain(item)]  # fmt: skip
    text, whole = " ".join(item.words for item in said), " ".join(item.words for item in clause)
    found = []
    for pair in _pairs():
        one, two = pair.first.search(text), pair.second.search(text)
        if one is None or two is None or (pair.unless is not None and pair.unless.search(whole)):
            continue
        if one.start() == two.start():
            two = pair.second.search(text, one.end())
        if two is not None:
            first, last = _item_at(said, one.start()), _item_at(said, two.start())
            found.append((pair.kind, min(first.start, last.start), max(first.end, last.end)))
    return found


#: Kinds whose words are no part of an urgent pair once they are read.
PLAIN = {"disc_degeneration", "facet_arthropathy", "ligamentum_flavum_thickening", "osteophyte", "modic_change", "spondylolisthesis", "disc_bulge", "scar"}  # fmt: skip


def _is_plain(item: Item) -> bool:
    return item.category == "finding" and item.value in PLAIN


def _item_at(said: Sequence[Item], at: int) -> Item:
    """Item whose words stand at a place of the joined text."""
    end = 0
    for item in said:
        end += len(item.words) + 1
        if at < end:
            return item
    return said[-1]
