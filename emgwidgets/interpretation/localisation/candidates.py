"""Candidate sites from ``candidates.csv``, ``multifocal.csv`` and ``pairs.csv``, on each side, with the grid of severities."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from emgwidgets import vocabulary
from emgwidgets.interpretation.localisation.parameters import table
from emgwidgets.model.localisation import Candidate
from emgwidgets.sources import Cited
from emgwidgets.vocabulary.lookup import words

__all__ = ["BRAINSTEM", "Focus", "Hypothesis", "candidates", "hypotheses", "rows_of"]

SIDES = ("left", "right")
#: Places of the brainstem, which the vocabulary of nerves does not hold: the arcs of the blink reflex pass them.
BRAINSTEM = frozenset({"pons", "medulla"})
#: Severities of each part of a pair; internal choice.
PAIR_GRADES = 4


@dataclass(frozen=True, slots=True)
class Focus:
    """A lesion of one stretch on one side: share of axons lost, slowing, share of fibres blocked."""

    element: str
    side: str
    loss: float
    slow: float
    block: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One candidate at one severity: its foci, its diffuse disease, and its weight within the candidate.

    ``involved_share`` is the share of its structures that take part, below 1 where a disease chooses among its foci.
    """

    candidate: int
    weight: float
    foci: tuple[Focus, ...]
    diffuse: tuple[str, int] | None
    involved_share: float = 1.0


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a table of this folder."""
    text = resources.files("emgwidgets.interpretation.localisation").joinpath(name).read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def _row(code: str) -> dict[str, str]:
    return next(row for row in rows_of("candidates.csv") if row["code"] == code)


def _single(row: dict[str, str], side: str) -> Candidate:
    where = f", {side}" if side else ""
    return Candidate(
        code=f"{row['code']}.{side}" if side else row["code"], words=f"{row['words']}{where}", kind=row["kind"],
        sides=(side,) if side else (),
        elements=(row["elements"],) if row["elements"] and row["elements"] not in BRAINSTEM else (),
        prior=float(row["prior"]) / (2.0 if side else 1.0), cited=Cited(key=row["source"], mark=row["mark"]),  # type: ignore[arg-type]
    )  # fmt: skip


def _multifocal(row: dict[str, str]) -> list[Candidate]:
    """A disease of several stretches: on each side, or on both at once."""
    elements = words(row["elements"])
    made = []
    for sides in (SIDES,) if row["sides"] == "both" else (("left",), ("right",)):
        side = sides[0] if len(sides) == 1 else ""
        made.append(Candidate(
            code=f"{row['code']}.{side}" if side else row["code"], words=f"{row['words']}, {side}" if side else row["words"],
            kind=row["kind"], sides=sides, elements=elements, prior=float(row["prior"]) / (2.0 if side else 1.0),
            cited=Cited(key=row["source"], mark=row["mark"]),  # type: ignore[arg-type]
        ))  # fmt: skip
    return made


def _pairs(row: dict[str, str]) -> list[tuple[str, str]]:
    """Codes of the two parts, for every way of the row."""
    first, second = row["first"], row["second"]
    if row["sides"] == "both":
        return [(f"{first}.left", f"{second}.right")]
    if row["sides"] == "one":
        return [(first, f"{second}.{side}") for side in SIDES]
    return [(f"{first}.{side}", f"{second}.{side}") for side in SIDES]


@cache
def candidates() -> tuple[Candidate, ...]:
    """Every candidate, sites on both sides first, then pairs."""
    found: dict[str, Candidate] = {}
    for row in rows_of("candidates.csv"):
        for side in SIDES if row["elements"] else ("",):
            one = _single(row, side)
            if one.elements:
                vocabulary.element(one.elements[0])
            found[one.code] = one
    for row in rows_of("multifocal.csv"):
        for one in _multifocal(row):
            found[one.code] = one
    for row in rows_of("pairs.csv"):
        ways = _pairs(row)
        for codes in ways:
            parts = [found[code] for code in codes]
            found["+".join(codes)] = Candidate(
                code="+".join(codes), words=" with ".join(part.words for part in parts), kind="pair", parts=codes,
                sides=tuple(dict.fromkeys(side for part in parts for side in part.sides)),
                elements=tuple(element for part in parts for element in part.elements),
                prior=float(row["prior"]) / len(ways), cited=Cited(key=row["source"], mark=row["mark"]),  # type: ignore[arg-type]
            )  # fmt: skip
    return tuple(found.values())


def _states(code: str) -> list[tuple[float, tuple[Focus, ...], tuple[str, int] | None]]:
    """Severities of a single candidate: weight, foci, diffuse disease."""
    base, _, side = code.partition(".")
    row = _row(base)
    if not side:
        grid = table()["diffuse"][base]["grid"]
        return [(1.0, (), (base, n)) for n in range(len(grid))]
    found: list[tuple[float, tuple[Focus, ...], tuple[str, int] | None]] = []
    for variant in table()["variants"][row["model"]]:
        element = row["elements"]
        if "place" in variant:
            element = element.replace("root", str(variant["place"]))
        focus = Focus(element, side, *(float(variant.get(name, 0.0)) for name in ("loss", "slow", "block")))
        beside = (str(variant["beside"]), 0) if "beside" in variant else None
        found.append((float(variant["weight"]), (focus,), beside))
    return found


def _multifocal_row(code: str) -> dict[str, str]:
    base = code.partition(".")[0]
    return next((row for row in rows_of("multifocal.csv") if row["code"] == base), {})


def _several(one: Candidate) -> list[tuple[float, tuple[Focus, ...], tuple[str, int] | None]] | None:
    """Severities of a disease of several stretches; None for any other candidate."""
    row = _multifocal_row(one.code)
    if not row or one.parts:
        return None
    diffuse: list[tuple[str, int] | None] = [None]
    if row["with"]:  # a disease that often sits beside it, slight and moderate
        diffuse += [(row["with"], grade) for grade in (0, 1)]
    return [
        (
            float(variant["weight"]),
            tuple(
                Focus(element, side, float(variant["loss"]) * float(variant.get(side, 1.0)), 0.0, 0.0)
                for side in one.sides
                for element in one.elements
            ),
            beside,
        )
        for variant in table()["variants"][row["model"]]
        for beside in diffuse
    ]


def _thinned(states: list[Any]) -> list[Any]:
    """Fewer severities of each part of a pair, so that the pairs do not outnumber the rest."""
    if len(states) <= PAIR_GRADES:
        return states
    return [states[round(k * (len(states) - 1) / (PAIR_GRADES - 1))] for k in range(PAIR_GRADES)]


@cache
def hypotheses() -> tuple[Hypothesis, ...]:
    """Every candidate at every severity; weights within a candidate add to 1."""
    made = []
    for index, one in enumerate(candidates()):
        several = _several(one)
        if several is not None:
            states = several
        elif not one.parts:
            states = _states(one.code)
        else:
            first, second = (_thinned(_states(part)) for part in one.parts)
            states = [(a[0] * b[0], (*a[1], *b[1]), a[2] or b[2]) for a in first for b in second]
        total = sum(weight for weight, _, _ in states)
        share = float(_multifocal_row(one.code)["involved"]) if several is not None else 1.0
        made += [Hypothesis(index, weight / total, foci, diffuse, share) for weight, foci, diffuse in states]
    return tuple(made)
