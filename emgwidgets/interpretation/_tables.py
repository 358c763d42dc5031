"""Tables of studies and measures: how the parts of a case are called in the names of facts.  No judgement."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from emgwidgets.sources import Cited
from emgwidgets.vocabulary.lookup import plain, words

__all__ = [
    "LATE_KINDS", "MeasureRow", "Study", "measures", "motor_study", "rows_of", "sensory_study", "site_word", "studies",
]  # fmt: skip

#: Kinds of fact whose measures stand under ``late`` in the table.
LATE_KINDS = ("f_wave", "h_reflex", "a_wave", "blink_reflex")


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a table of this folder, such as ``"studies.csv"``."""
    text = resources.files("emgwidgets.interpretation").joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@dataclass(frozen=True, kw_only=True)
class Study:
    """A study as it is called in the laboratory.

    Parameters
    ----------
    code : str
        Such as ``"median_apb"`` or ``"sural"``.
    trunk : str
        Named nerve it examines; two studies of one trunk are one nerve where criteria count nerves.
    limb : str
        ``"arm"``, ``"leg"``, ``"head"`` or ``"neck"``: which temperature limit holds.
    main_site : str
        Site whose responses carry the name without a site.
    sites : tuple of str
        From distal to proximal.
    """

    code: str
    kind: str
    trunk: str
    limb: str
    main_site: str
    sites: tuple[str, ...]
    words: str


@dataclass(frozen=True, kw_only=True)
class MeasureRow:
    """Unit, plausible range (internal choice) and what cold and submaximal stimulation do to a measure."""

    kind: str
    measure: str
    unit: str
    low: float | None
    high: float | None
    cold: str
    submaximal: str
    cold_cited: Cited | None
    submaximal_cited: Cited | None


def _sites(cell: str) -> dict[str, str]:
    """Plain spelling of a site -> its word in the names of facts."""
    found: dict[str, str] = {}
    for part in words(cell):
        word, _, others = part.partition("=")
        for name in (word, *others.split("|")):
            if name:
                found.setdefault(plain(name), word)
    return found


@cache
def studies() -> dict[str, Study]:
    """Every study of the table by code."""
    return {
        row["code"]: Study(
            code=row["code"], kind=row["kind"], trunk=row["trunk"], limb=row["limb"], main_site=row["main_site"],
            sites=tuple(dict.fromkeys(_sites(row["sites"]).values())), words=row["words"],
        )
        for row in rows_of("studies.csv")
    }  # fmt: skip


@cache
def _by_target() -> dict[tuple[str, str, str], Study]:
    return {
        (row["kind"], nerve, row["target"] if row["kind"] == "motor" else ""): studies()[row["code"]]
        for row in rows_of("studies.csv")
        for nerve in words(row["nerves"])
    }


@cache
def _site_words() -> dict[str, dict[str, str]]:
    return {row["code"]: _sites(row["sites"]) for row in rows_of("studies.csv")}


@cache
def motor_study(nerve: str, muscle: str) -> Study:
    """Study of a motor nerve over a muscle; one made from both codes where the table has none."""
    found = _by_target().get(("motor", nerve, muscle))
    if found is not None:
        return found
    return Study(
        code=f"{nerve}_{muscle}", kind="motor", trunk=nerve, limb="", main_site="", sites=(), words=f"{nerve}, {muscle}"
    )


@cache
def sensory_study(nerve: str) -> Study:
    """Study of a sensory or mixed nerve; one of the nerve's own code where the table has none."""
    found = _by_target().get(("sensory", nerve, ""))
    return found or Study(code=nerve, kind="sensory", trunk=nerve, limb="", main_site="", sites=(), words=nerve)


@cache
def site_word(study: str, site: str) -> str:
    """Word of a stimulation site in the names of facts, from its code, its name in the vocabulary or plain words."""
    known = _site_words().get(study, {})
    spelled = plain(site)
    if spelled in known:
        return known[spelled]
    return spelled.replace(" ", "_")


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def _cited(cell: str) -> Cited | None:
    if not cell:
        return None
    key, _, mark = cell.partition(" ")
    return Cited(key=key, mark=mark)  # type: ignore[arg-type]


@cache
def measures() -> dict[tuple[str, str], MeasureRow]:
    """Every measure by (kind, name); the four kinds of late response share theirs."""
    found = {}
    for row in rows_of("measures.csv"):
        for kind in LATE_KINDS if row["kind"] == "late" else (row["kind"],):
            found[kind, row["measure"]] = MeasureRow(
                kind=kind, measure=row["measure"], unit=row["unit"], low=_number(row["plausible_low"]),
                high=_number(row["plausible_high"]), cold=row["cold"], submaximal=row["submaximal"],
                cold_cited=_cited(row["cold_source"]), submaximal_cited=_cited(row["submaximal_source"]),
            )  # fmt: skip
    return found
