"""Published figures on how far nerve tests and MRI agree, with intervals; none of them decides a case."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

from emgwidgets.interpretation.correlation.prevalence import prevalence, wilson_percent
from emgwidgets.interpretation.correlation.structure import REACHING, Structure
from emgwidgets.model.correlation import Agreement
from emgwidgets.sources import Cited, Mark

__all__ = ["agreements", "prevalence_rows", "share_interval"]

#: People in the published comparison of nerve tests with MRI whose size sets the width of our intervals (mri.S57).
N_COMPARED = 47


def _table(name: str) -> tuple[dict[str, str], ...]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return _table("agreement.csv")


@cache
def _modifiers() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in _table("agreement_modifiers.csv")}


def share_interval(share: float) -> tuple[float, float]:
    """95 % interval of a probability as if it came from a series of the size of the published comparison (Wilson)."""
    low, high = wilson_percent(100.0 * min(max(share, 0.0), 1.0), N_COMPARED)
    return low / 100.0, high / 100.0


def _times(percent: float, factor: float) -> float:
    """Percent after its odds are multiplied."""
    share = min(max(percent / 100.0, 1e-4), 1 - 1e-4)
    odds = share / (1 - share) * factor
    return 100.0 * odds / (1 + odds)


def agreements(when: Iterable[str], *, modifiers: Sequence[str] = ()) -> tuple[Agreement, ...]:
    """Figures for what a case shows.

    Parameters
    ----------
    when : iterable of str
        ``"always"``, ``"mri_positive"``, ``"mri_no_effect"``, ``"edx_only"``, ``"both_positive"``.
    modifiers : sequence of str
        Codes of ``agreement_modifiers.csv`` that multiply the odds of an abnormal nerve test under an effect on a root.
    """
    wanted, made = set(when), []
    for row in _rows():
        if row["when"] not in wanted:
            continue
        n = int(row["n"])
        percent = 100.0 * int(row["n_hits"]) / n
        low, high = wilson_percent(percent, n)
        used = [_modifiers()[code] for code in modifiers] if row["when"] == "mri_positive" else []
        for one in used:
            factors = [float(one[name]) for name in ("low", "factor", "high")]
            low, percent, high = _times(low, min(factors)), _times(percent, factors[1]), _times(high, max(factors))
        made.append(Agreement(
            code=row["code"], words=row["words"], percent=percent, low_percent=low, high_percent=high,
            basis=f"{row['n_hits']} of {n}, 95 % by Wilson's method" + ("; odds multiplied, derived" if used else ""),
            modifiers=tuple(f"{one['words']} (x {one['low']} to {one['high']})" if one["low"] != one["high"] else f"{one['words']} (x {one['factor']})" for one in used),
            cited=Cited(key=row["source"], mark=Mark.D if used else Mark(row["mark"])),
        ))  # fmt: skip
    return tuple(made)


def prevalence_rows(structure: Structure, age_years: float | None) -> tuple[Agreement, ...]:
    """How often what the MRI shows is seen in people without symptoms of this age; one row for each kind of finding."""
    made: dict[str, Agreement] = {}
    for finding in structure.findings:
        region = "cervical" if "cervical" in structure.regions else "lumbar"
        if (
            finding.certainty == "negated"
            or finding.kind in made
            or (finding.kind not in REACHING and not finding.kind.startswith("disc"))
        ):
            continue
        figures = prevalence(finding.kind, region=region, age_years=age_years)
        if figures and figures[0].low_percent is not None and figures[0].high_percent is not None:
            one = figures[0]
            at = f" at {one.age_years:g} years" if one.age_years is not None else ""
            at += f" ({one.cited.mark.word})" if one.cited.mark is Mark.M else ""
            made[finding.kind] = Agreement(
                code=f"prevalence_{finding.kind}", words=f"{finding.kind.replace('_', ' ')} in people without symptoms{at}",
                percent=one.percent, low_percent=figures[0].low_percent, high_percent=figures[0].high_percent,
                basis=one.interval, cited=one.cited,
            )  # fmt: skip
    return tuple(made.values())
