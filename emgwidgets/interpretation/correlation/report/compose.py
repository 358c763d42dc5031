"""Findings composed of a structure and what happened to it: "the cord is hyperintense", "fluid in the facet joints".

The phrases of the lexicon come first; this pass reads what no phrase covers.  It knows classes of words and pairs of
classes, both from tables, and no whole sentence.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from emgwidgets.interpretation.correlation.report.items import Item
from emgwidgets.interpretation.correlation.report.levels import discs_between
from emgwidgets.interpretation.correlation.report.lexicon import read_rows, read_text

__all__ = ["compose"]

#: Most items that may stand between the parts of one finding.  Internal choice: a longer reach joins neighbours.
REACH = 9
#: Items whose words never make a part: what turns, grades or places a statement.
MUTE = {"negate", "hedge", "link", "level", "size", "side", "side_after", "surgery", "numbering", "symptom", "rest"}
WARNING = {"sinister", "worrying", "suspicious", "aggressive", "destructive", "serious"}
LESION = {"lesion", "finding", "feature", "abnormality", "process"}
LEAKS = {"leak", "leakage", "collection", "fistula", "flow", "abnormality"}
ON_WORDS = {"on", "over", "upon", "to", "against"}


@dataclass(frozen=True, slots=True)
class _Class:
    items: frozenset[str]
    words: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    parts: tuple[str, ...]
    unless: tuple[str, ...]
    over: frozenset[str]
    not_with: frozenset[str]


def _class(entries: Sequence[str]) -> _Class:
    patterns = [re.escape(one).replace(r"\*", r"\w*") for one in entries if ":" not in one]
    words = re.compile(rf"(?:^|\s)(?:{'|'.join(patterns)})(?=\s|$)") if patterns else None
    return _Class(frozenset(one for one in entries if ":" in one), words)


@cache
def _classes() -> dict[str, _Class]:
    listed = tomllib.loads(read_text("concepts.toml"))["classes"]
    return {name: _class(entries) for name, entries in listed.items()}


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            row["kind"], tuple(row[name] for name in ("first", "second", "third") if row[name]),
            tuple((row["unless"] or "").split()), frozenset((row["over"] or "").split()),
            frozenset((row["not_with"] or "").split()),
        )
        for row in read_rows("compounds.csv")
    )  # fmt: skip


@cache
def _classes_of(category: str, value: str, words: str) -> frozenset[str]:
    """Classes an item belongs to, by its meaning or by any of its words."""
    names = {f"{category}:{value}", f"{category}:*"}
    return frozenset(
        name
        for name, one in _classes().items()
        if names & one.items or (one.words is not None and category not in MUTE and one.words.search(words))
    )


def _named(item: Item) -> frozenset[str]:
    return _classes_of(item.category, str(item.value) if isinstance(item.value, str) else "", item.words)


def compose(items: list[Item]) -> None:
    """Turn what happened to a structure into a finding, in place, before negations and hedges are spread.

    Parameters
    ----------
    items : list of Item
        Of one sentence.
    """
    if not any(item.category in {"structure", "place", "unknown", "filler", "segment"} for item in items):
        return
    _slip(items)
    _lost_normal(items)
    _denied_lesion(items)
    _no_csf(items)
    _advice(items)
    for stretch in _stretches(items):
        for rule in _rules():
            if not any(item.category in rule.not_with or (item.category == "finding" and item.value in rule.not_with) for item in items):  # fmt: skip
                _apply(rule, stretch, items)
        _small_place(stretch)
    _plate_edema(items)
    for item in items:
        if item.words.startswith("protrud") and item.value == "disc_protrusion" and not any("DISC" in _named(one) for one in items) and any("CYST" in _named(one) for one in items):  # fmt: skip
            item.category, item.value = "filler", "filler"  # a cyst protrudes as well as a disc


def _denied_lesion(items: list[Item]) -> None:
    """In "no sinister lesion" a tumour is looked for and not seen; the word of warning went into the negation."""
    said = [item for item in items if item.words != "focal"]
    if any("CORD" in _named(item) for item in items):
        return
    for before, item in pairwise(said):
        if before.category == "negate" and item.words == "lesion" and "focal" in {one.words.split()[-1] for one in items if one.start < item.start}:  # fmt: skip
            _make(item, "tumour")
        if before.category == "negate" and before.words.split()[-1] in WARNING and item.words in LESION and item.category in {"unknown", "filler"}:  # fmt: skip
            _make(item, "tumour")


def _no_csf(items: list[Item]) -> None:
    """No CSF seen around the roots is a sac without room; no effacement or leak of CSF is not."""
    for before, item in pairwise(items):
        if before.category != "negate" or before.words not in {"no", "without", "absence of", "lack of"} or item.words != "csf":  # fmt: skip
            continue
        ahead = _until_link(items, item)[1:]
        if not any(
            one.category in {"effect", "narrowing", "finding", "signal_change"} or one.words in LEAKS for one in ahead
        ):
            _make(item, "cauda_equina_compression")
            before.category, before.value = "filler", "filler"


def _advice(items: list[Item]) -> None:
    """What a reader is asked to correlate with is no finding: "correlate clinically for myelopathy"."""
    asked = False
    for item in items:
        if item.words.startswith("correlat"):
            asked = True
        elif item.category == "link" and item.value in {"strong", "but"}:
            asked = False
        elif asked and item.category in {"finding", "effect", "structure", "unknown"}:
            item.category, item.value, item.words = "filler", "filler", "asked"


def _stretches(items: list[Item]) -> list[list[Item]]:
    """Items between links; behind "and" or a colon a stretch that names no structure goes on with the one before."""
    made: list[list[Item]] = [[]]
    last: Item | None = None
    for item in items:
        if item.category == "link":
            made.append([])
            last = item
            continue
        if not made[-1] and len(made) > 1 and last is not None:
            ahead = _until_link(items, item)
            is_open = last.value == "list" or last.words in {":", "(", "with"}
            if is_open and not any(one.category in {"structure", "place", "segment", "finding"} for one in ahead):
                made.pop()
        made[-1].append(item)
    return made


def _until_link(items: list[Item], first: Item) -> list[Item]:
    found: list[Item] = []
    for item in items[next(n for n, one in enumerate(items) if one is first) :]:
        if item.category == "link":
            break
        found.append(item)
    return found


def _apply(rule: _Rule, stretch: list[Item], items: list[Item]) -> None:
    named = [_named(item) for item in stretch]
    present: frozenset[str] = frozenset().union(*named) if named else frozenset()
    if not present.issuperset(rule.parts) or present & set(rule.unless):
        return
    at = _places(rule, stretch, named)
    if at is None:
        return
    first, last = min(at), max(at)
    allowed = {rule.kind, *rule.over}
    within = [item for n, item in enumerate(stretch) if first <= n <= last and item.category == "finding" and (n == at[1] or n not in at)]  # fmt: skip
    if last - first > REACH or any(item.value not in allowed for item in within):
        return
    if any(item.category == "normal" for item in stretch[first : last + 1]):
        return
    if any(item.category == "finding" and item.value == rule.kind for item in stretch):
        return
    _make(stretch[at[1]], rule.kind)
    if rule.kind == "infection" and not any("INFLAMED" in _named(item) for item in items):
        stretch[at[1]].hedge = "possible"  # a plain collection may be pus, blood, CSF or a seroma


def _places(rule: _Rule, stretch: list[Item], named: list[frozenset[str]]) -> list[int] | None:
    """Place of each part: the second stands for the finding, the others are those nearest to it."""
    best: list[int] | None = None
    for second, classes in enumerate(named):
        if rule.parts[1] not in classes or stretch[second].category in {"place", "structure"}:
            continue
        at = [second]
        for part in (rule.parts[0], *rule.parts[2:]):
            near = sorted((abs(n - second), n) for n, one in enumerate(named) if part in one)
            if not near:
                return None
            at.append(near[0][1])
        at = [at[1], at[0], *at[2:]]
        if best is None or max(at) - min(at) < max(best) - min(best):
            best = at
    return best


def _make(item: Item, kind: str) -> None:
    item.category, item.value = "finding", kind


def _lost_normal(items: list[Item]) -> None:
    """In "loss of the normal signal" nothing is said to be normal."""
    for n, item in enumerate(items):
        if item.category == "normal" and item.words == "normal":
            before = [one for one in items[max(0, n - 6) : n] if one.category != "link"]
            if any("LOSS" in _named(one) for one in before):
                item.category = "filler"


def _plate_edema(items: list[Item]) -> None:
    """Oedema of an endplate beside an infection or a fracture in one sentence belongs to it and is no Modic change."""
    said = {item.value for item in items if item.category == "finding"}
    for item in items:
        if item.category == "finding" and item.value == "modic_change" and "edema" in item.words and said & {"infection", "fracture"}:  # fmt: skip
            item.category, item.value = "filler", "filler"


def _small_place(stretch: list[Item]) -> None:
    """A canal, recess or foramen that is small, tight or reduced is narrowed."""
    if any(item.category in {"narrowing", "finding", "effect", "normal"} for item in stretch):
        return
    places = [n for n, item in enumerate(stretch) if "CANALS" in _named(item)]
    small = [n for n, item in enumerate(stretch) if "SMALL_CANAL" in _named(item)]
    pairs = sorted((abs(a - b), b) for a in places for b in small)
    if pairs and pairs[0][0] <= REACH:
        item = stretch[pairs[0][1]]
        item.category, item.value, item.words = "narrowing", "stenosis", "narrowed"


def _slip(items: list[Item]) -> None:
    """Read "L4 is displaced forwards on L5" as a slip between the two vertebrae."""
    for n, item in enumerate(items):
        if item.category != "segment" or n < 2 or items[n - 1].words.split()[-1:] == [] or items[n - 1].words.split()[-1] not in ON_WORDS:  # fmt: skip
            continue
        before = items[max(0, n - REACH) : n]
        moved = [one for one in before if one.category != "link" and "FORWARD" in _named(one)]
        upper = [one for one in before if one.category == "segment"]
        if moved and upper:
            discs = discs_between(upper[-1].value, item.value) or discs_between(item.value, upper[-1].value)
            if len(discs) == 1:
                _make(moved[-1], "spondylolisthesis") if moved[-1].category != "finding" else None
                upper[-1].category, upper[-1].value = "filler", ""
                item.category, item.value, item.words = "level", discs, "on"
