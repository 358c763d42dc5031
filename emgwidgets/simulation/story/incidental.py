"""Findings of a spine MRI that are there with age and without complaint, at the published rate for the age.

Rates are per person and read off the table by straight lines between its ages; below the first and above the last age
the end value holds, except that a series with one age ("over 40") says nothing about younger people and gives nothing
there.  Where in the spine a finding sits, and at how many levels, is drawn with the weights of a second table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.mri import MriFinding
from emgwidgets.simulation.nerve.axons import Subject, generator
from emgwidgets.simulation.story.clinic import table

__all__ = ["IncidentalRate", "incidental_findings", "incidental_rates", "prevalence_percent"]

#: Chance of one more level after each (P): tuned so that 38 % of people have bulges or protrusions at more than one
#: lumbar disc (mri.S10).
_ONE_MORE_LUMBAR = 0.40
#: Cord compression at one level in 58 %, two in 38 %, so three in 4 % (mri.S44, D).
_ONE_MORE_CORD = 0.42
_COUNT_WORDS = ("cord",)


@dataclass(frozen=True, kw_only=True)
class IncidentalRate:
    """Published rate of one finding in people without complaint.

    Parameters
    ----------
    raw : str
        Word of the source where several of its rows share a kind, such as ``"height loss"``.
    family : str
        Rates of one family are drawn together, so that a bulging disc is also a degenerated one.
    ages_years, percents : tuple of float
        Points of the table.
    """

    region: str
    kind: str
    raw: str
    family: str
    ages_years: tuple[float, ...]
    percents: tuple[float, ...]


def _rate_rows(region: str) -> tuple[dict[str, str], ...]:
    """Rates of one region; the lumbar ones stand in the vocabulary, where those who quote them read them as well."""
    if region != "lumbar":
        return tuple(row for row in table("incidental_prevalence.csv") if row["region"] == region)
    families = {row["finding"]: row for row in table("incidental_families.csv")}
    return tuple(row | families[row["finding"]] for row in vocabulary.lumbar_prevalence())


@cache
def incidental_rates(region: str) -> tuple[IncidentalRate, ...]:
    """Rates of one region.

    Raises
    ------
    InputError
        If the region is not lumbar or cervical.
    """
    if region not in ("lumbar", "cervical"):
        raise InputError("no rates of incidental findings", got=repr(region), expected="lumbar or cervical")
    groups: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for row in _rate_rows(region):
        key = (row["kind"], row["raw"], row["family"])
        groups.setdefault(key, []).append((float(row["age_years"]), float(row["percent"])))
    return tuple(
        IncidentalRate(
            region=region, kind=kind, raw=raw, family=family,
            ages_years=tuple(age for age, _ in points), percents=tuple(percent for _, percent in points),
        )
        for (kind, raw, family), points in groups.items()
    )  # fmt: skip


def prevalence_percent(rate: IncidentalRate, age_years: float) -> float:
    """Share of people of this age with the finding at one level or more, in percent."""
    if len(rate.ages_years) == 1 and age_years < rate.ages_years[0]:
        return 0.0
    return float(np.interp(age_years, rate.ages_years, rate.percents))


def incidental_findings(subject: Subject, region: str) -> tuple[MriFinding, ...]:
    """Draw the findings of one person; the same person has the same findings each time.

    Returns
    -------
    tuple of MriFinding
        Without any effect on a root: none of the series gives a rate for it.
    """
    drawn: dict[tuple[str, str], list[IncidentalRate]] = {}
    for rate in incidental_rates(region):
        group = rate.family or f"{rate.kind} {rate.raw}"
        rng = generator(subject.seed, "incidental", region, group)
        if 100.0 * rng.random() >= prevalence_percent(rate, subject.age_years):
            continue
        for level in _levels(region, rate, rng):
            drawn.setdefault((rate.kind, level), []).append(rate)
    return tuple(
        _finding(
            kind, level, tuple(rate.raw for rate in rates), generator(subject.seed, "incidental", region, kind, level)
        )
        for (kind, level), rates in drawn.items()
    )


def _levels(region: str, rate: IncidentalRate, rng: np.random.Generator) -> list[str]:
    """Levels of one finding, most likely first; families share the draw, so that their levels are nested."""
    rows = [row for row in table("incidental_levels.csv") if row["region"] == region]
    own = [row for row in rows if row["group"] in (rate.kind, rate.family) and row["group"]]
    rows = own or [row for row in rows if not row["group"]]
    weights = np.array([float(row["weight"]) for row in rows])
    order = rng.choice(len(rows), size=len(rows), replace=False, p=weights / weights.sum())
    one_more = _ONE_MORE_CORD if rate.family in _COUNT_WORDS else _ONE_MORE_LUMBAR
    most = 1 if rate.kind in ("spondylolisthesis", "cord_signal") else 3
    count = 1
    while count < min(most, len(rows)) and rng.random() < one_more:
        count += 1
    return [rows[index]["level"] for index in order[:count]]


def _finding(kind: str, level: str, words: tuple[str, ...], rng: np.random.Generator) -> MriFinding:
    """One finding with a grade and a side; both are our own choice (P), the series give none.

    What several rows of the table say of one disc is one finding, with their words in ``raw``.
    """
    mild = "mild" if rng.random() < 0.75 else "moderate"
    side = ("left", "right")[int(rng.integers(2))]
    chosen: dict[str, dict[str, Any]] = {
        "disc_degeneration": {"grade": "IV" if "height loss" in words else "III", "scale": "pfirrmann_disc"},
        "disc_bulge": {"side": "midline", "zone": "central"},
        "disc_protrusion": {"side": "midline", "zone": "central", "size_mm": float(rng.integers(2, 5))},
        "annular_fissure": {"side": "midline", "zone": "central"},
        "facet_arthropathy": {"side": "bilateral", "grade": mild, "scale": "words"},
        "spondylolisthesis": {"grade": "I", "scale": "meyerding"},
        "central_stenosis": {"zone": "central", "grade": "2", "scale": "kang_cervical"},
        "foraminal_stenosis": {"side": side, "zone": "foraminal", "grade": mild, "scale": "words"},
    }
    return MriFinding(kind=kind, level=level, raw=", ".join(filter(None, words)), **chosen.get(kind, {}))
