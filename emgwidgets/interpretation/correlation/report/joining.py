"""Neighbouring items that are one: ranges and lists of levels, slips of a vertebra, scales with their grade."""

from __future__ import annotations

from emgwidgets.interpretation.correlation.report.items import Item
from emgwidgets.interpretation.correlation.report.levels import discs_between

__all__ = ["GRADE_WORDS", "graded", "joined"]

GRADE_WORDS = {"i": "I", "ii": "II", "iii": "III", "iv": "IV", "v": "V", "1": "I", "2": "II", "3": "III", "4": "IV", "5": "V"}  # fmt: skip
RANGE_WORDS = {"to", "through", "thru", "till", "until"}
#: A grade that is itself a finding: from Pfirrmann III the disc is degenerated (mri.S19), any Modic type is a change.
IMPLIED_KIND = {"pfirrmann_disc": ("disc_degeneration", {"iii", "iv", "v", "3", "4", "5"}), "modic": ("modic_change", set(GRADE_WORDS))}  # fmt: skip
ON_WORDS = {"on", "over", "upon"}


def joined(items: list[Item]) -> list[Item]:
    """Join levels into ranges and lists, vertebrae into slips and ranges."""
    found: list[Item] = []
    for item in items:
        found.append(item)
        while len(found) >= 2 and _join_last(found):
            pass
    return found


def _join_last(found: list[Item]) -> bool:
    if found[-1].category == found[-2].category == "level" and found[-2].words in {"", "list"}:
        value = tuple(dict.fromkeys((*found[-2].value, *found[-1].value)))
        found[-2:] = [Item("level", value, found[-2].start, found[-1].end, "list")]
        return True
    if len(found) < 3:
        return False
    first, between, last = found[-3:]
    if first.category == last.category == "segment":
        word = between.words
        discs = discs_between(first.value, last.value)
        ends = first.value[0] in "CTDL" and last.value[0] in "CTDLS"
        if word in ON_WORDS and ends and len(discs or discs_between(last.value, first.value)) == 1:
            discs = discs or discs_between(last.value, first.value)
        elif word == "and" and len(found) >= 4 and found[-4].words == "between" and len(discs) == 1:
            pass
        elif not (word in RANGE_WORDS or word in {"-", "–"}) or not discs:
            return False
        found[-3:] = [Item("level", discs, first.start, last.end, "on" if word in ON_WORDS else "range of vertebrae")]
        return True
    if first.category == last.category == "level":
        if between.words in RANGE_WORDS or between.words in {"-", "–"}:
            discs = discs_between(_upper(first.value[0]), _lower(last.value[-1]))
            if len(discs) < len(first.value) + len(last.value):
                return False
            found[-3:] = [Item("level", discs, first.start, last.end, "range")]
            return True
        if between.category == "link" and between.value in {"list", "or"}:
            value = tuple(dict.fromkeys((*first.value, *last.value)))
            found[-3:] = [Item("level", value, first.start, last.end, "list")]
            return True
    if between.category == "link" and last.category == "link" and between.value == "list" and last.value in {"list", "or"} and between.words == ",":  # fmt: skip
        found[-2:] = [last]  # ", and" is one link
        return True
    return False


def _upper(level: str) -> str:
    return level.split("-", maxsplit=1)[0]


def _lower(level: str) -> str:
    upper, lower = level.split("-")
    return lower if lower[0].isalpha() else f"{upper[0]}{lower}"


def _names_modic_again(found: list[Item]) -> bool:
    """Whether a bare type goes on with Modic changes named before a link, as in "type II at L4-5; type I at L5-S1"."""
    said = next((n for n in range(len(found) - 1, -1, -1) if found[n].category == "finding"), None)
    return (
        said is not None and found[said].value == "modic_change" and any(one.category == "link" for one in found[said:])
    )


def graded(items: list[Item], text: str) -> list[Item]:
    """Turn a scale word and the grade behind or before it into one item."""
    found: list[Item] = []
    skip = 0
    for n, item in enumerate(items):
        if skip:
            skip -= 1
            continue
        is_scale = item.category == "scale" or (item.category == "finding" and item.words.startswith("modic"))
        ahead = items[n + 1 : n + 3]
        if is_scale and ahead and ahead[0].words in {"type", "grade"}:
            ahead = ahead[1:]
        if is_scale and ahead and item.words.startswith("type") and _names_modic_again(found):
            found.append(Item("finding", "modic_change", item.start, item.end, item.words))
        if is_scale and ahead:
            word = text[ahead[0].start : ahead[0].end].lower()
            if item.category == "scale" and item.value in IMPLIED_KIND and word in IMPLIED_KIND[item.value][1]:
                found.append(Item("finding", IMPLIED_KIND[item.value][0], item.start, item.end, item.words))
            if word in GRADE_WORDS or word in {"0", "a1", "a2", "a3", "a4", "a", "b", "c", "d", "e", "f"}:
                if item.category == "finding":
                    found.append(item)
                scale = "modic" if item.category == "finding" else item.value
                found.append(Item("grade", (scale, word), item.start, ahead[0].end, word))
                skip = items.index(ahead[0], n) - n
                continue
        found.append(item)
    return found
