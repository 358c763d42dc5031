"""How often a finding is seen in people without symptoms, by age, with its source and how far the figure may be trusted."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.checks import check_range
from emgwidgets.sources import Cited, Mark

__all__ = ["Prevalence", "findings_with_prevalence", "prevalence"]

#: Two-sided 95 % normal deviate.
Z_95 = 1.959964
#: A finding without figures of its own is quoted under the nearest one.
QUOTED_AS = {"disc_sequestration": "disc_extrusion"}


@dataclass(frozen=True, kw_only=True)
class Prevalence:
    """Share of people without symptoms who have a finding.

    Parameters
    ----------
    finding, region : str
        Such as ``"disc_bulge"``, ``"lumbar"``.
    percent : float
        The figure, interpolated between decades where the source gives decades.
    low_percent, high_percent : float, optional
        Interval; None where the source gives nothing to build one on.
    interval : str
        How the interval was made.
    cited : Cited
        Source, place and mark.
    age_years : float, optional
        Age the figure stands for; None for a series of mixed age.
    n : int, optional
        People in the series or cell.
    """

    finding: str
    region: str
    percent: float = field(metadata={"unit": "%"})
    low_percent: float | None
    high_percent: float | None
    interval: str
    cited: Cited
    age_years: float | None = None
    n: int | None = None
    note: str = ""

    @property
    def text(self) -> str:
        """One sentence with figure, interval and source."""
        name = self.finding.replace("_", " ")
        at = f" at {self.age_years:g} years" if self.age_years is not None else ""
        size = f", n = {self.n}" if self.n else ""
        reach = (
            f" ({self.low_percent:.0f} to {self.high_percent:.0f} %, {self.interval})"
            if self.low_percent is not None and self.high_percent is not None
            else f" ({self.interval})"
        )
        note = f"; {self.note}" if self.note else ""
        return f"{name} in people without symptoms{at}: {self.percent:.0f} %{reach}{size}; {self.cited.text}{note}."


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = resources.files(__package__).joinpath("prevalence.csv").read_text(encoding="utf-8")
    return (*vocabulary.lumbar_prevalence(), *csv.DictReader(text.splitlines()))


def findings_with_prevalence(region: str = "lumbar") -> tuple[str, ...]:
    """Findings that have a figure in a region."""
    return tuple(dict.fromkeys(row["finding"] for row in _rows() if row["region"] == region))


def wilson_percent(percent: float, n: int) -> tuple[float, float]:
    """95 % interval of a share by Wilson's score method, in percent.

    Parameters
    ----------
    percent : float
        Share seen.
    n : int
        People looked at.
    """
    share, z2 = percent / 100, Z_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return 100 * max(0.0, middle - half), 100 * min(1.0, middle + half)


def prevalence(finding: str, *, region: str = "lumbar", age_years: float | None = None) -> tuple[Prevalence, ...]:
    """Every published figure for a finding; the one for this age first.

    Parameters
    ----------
    finding : str
        Kind of finding, or ``"disc_signal_loss"``, ``"disc_height_loss"``.
    region : str
        ``"lumbar"`` or ``"cervical"``.
    age_years : float, optional
        Interpolates between the decades; outside 20 to 80 the nearest decade is given and said.

    Returns
    -------
    tuple of Prevalence
        Empty when no series of the fact base has the finding: that is not a prevalence of zero.

    Raises
    ------
    InputError
        If the region has no series or the age cannot be one.
    """
    regions = sorted({row["region"] for row in _rows()})
    if region not in regions:
        raise InputError("no series of people without symptoms for this region", got=repr(region), expected=" or ".join(regions))  # fmt: skip
    check_range(age_years, 0, 120, what="the age", unit="years")
    name = QUOTED_AS.get(finding, finding)
    rows = [row for row in _rows() if row["finding"] == name and row["region"] == region]
    by_age = [row for row in rows if row["age_years"]]
    found = []
    if by_age and age_years is not None:
        found.append(_at_age(by_age, age_years))
    found += [_of_series(row) for row in rows if not row["age_years"]]
    return tuple(found)


def _of_series(row: dict[str, str]) -> Prevalence:
    n = int(row["n"]) if row["n"] else None
    percent = float(row["percent"])
    low, high = wilson_percent(percent, n) if n else (None, None)
    return Prevalence(
        finding=row["finding"], region=row["region"], percent=percent, low_percent=low, high_percent=high,
        interval="95 % by Wilson's method, derived" if n else "no interval can be given: size of the sample not known", n=n, note=row["note"],
        cited=Cited(key=row["source"], locus=row["locus"], mark=Mark(row["mark"])),
    )  # fmt: skip


def _at_age(rows: list[dict[str, str]], age_years: float) -> Prevalence:
    ages = [float(row["age_years"]) for row in rows]
    inside = min(max(age_years, ages[0]), ages[-1])
    upper = next(i for i, age in enumerate(ages) if age >= inside)
    lower = upper if ages[upper] == inside else upper - 1
    share = 0.0 if lower == upper else (inside - ages[lower]) / (ages[upper] - ages[lower])
    values = [float(row["percent"]) for row in rows]
    percent = values[lower] + share * (values[upper] - values[lower])
    marks = {Mark(rows[i]["mark"]) for i in (lower, upper)}
    mark = Mark.M if Mark.M in marks else (Mark.V if lower == upper else Mark.D)
    row = rows[upper if share >= 0.5 else lower]
    n = int(row["n"]) if row["n"] and lower == upper else None
    if n:
        low, high = wilson_percent(percent, n)
        interval = "95 % by Wilson's method, derived"
    else:
        low, high = values[max(0, lower - (lower == upper))], values[min(len(values) - 1, upper + (lower == upper))]
        interval = "figures of the neighbouring decades, derived; the source states none"
    note = row["note"] if age_years == inside else f"{row['note']}; nearest decade, the source covers 20 to 80 years"
    return Prevalence(
        finding=row["finding"], region=row["region"], percent=percent, low_percent=low, high_percent=high,
        interval=interval, age_years=inside, n=n, note=note, cited=Cited(key=row["source"], locus=row["locus"], mark=mark),
    )  # fmt: skip
