"""Urgent words that no phrase of the lexicon took up, alone or as a pair that stands apart in one sentence.

A safety net: what it finds counts as possible, and says that the sentence was not fully understood.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from emgwidgets.interpretation.correlation.report.items import Item
from emgwidgets.interpretation.correlation.report.lexicon import read_rows

__all__ = ["stray_urgent"]


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
    for clause in _clauses(items):
        found += _in_clause(clause)
    return found


def _clauses(items: Sequence[Item]) -> list[list[Item]]:
    """Stretches that no "but" and no semicolon divides."""
    made: list[list[Item]] = [[]]
    for item in items:
        if item.category == "link" and item.value in {"but", "strong"}:
            made.append([])
        elif item.category not in {"sign", "link"}:
            made[-1].append(item)
    return made


def _in_clause(clause: Sequence[Item]) -> list[tuple[str, int, int]]:
    if not clause or any(item.category == "symptom" for item in clause):
        return []
    if any(item.category == "normal" and not item.neg for item in clause):
        return []
    said = [item for item in clause if not item.neg and item.category not in {"level", "size"} and item.value != "0"]
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


def _item_at(said: Sequence[Item], at: int) -> Item:
    """Item whose words stand at a place of the joined text."""
    end = 0
    for item in said:
        end += len(item.words) + 1
        if at < end:
            return item
    return said[-1]
