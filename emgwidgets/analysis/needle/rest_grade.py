"""Grade of fibrillations and positive waves over several insertions by the usual 0 to 4 scheme; never from one place alone."""

from __future__ import annotations

from collections.abc import Sequence

from emgwidgets.errors import InputError
from emgwidgets.model.needle_rest import RestActivity, RestSource, SpontaneousGrade

__all__ = ["grade_denervation"]

SCHEME = "0 none; +/- not sustained; 1 single trains in 2 areas; 2 moderate in 3 or more; 3 many in all; 4 baseline filled in all"
SOURCE, MARK = "Daube & Rubin 2009; Preston & Shapiro (needle.md section 1)", "M"
SUSTAINED_S = 2.0  # the scheme says more than 2-3 s [M]
KINDS = ("fibrillation", "positive_sharp_wave")
# Internal choices (P): the scheme gives words, not numbers.
MODERATE, MANY = 2, 4  # trains at one place
FILLED_PER_S = 60.0  # discharges per second at one place that leave no free baseline
MIN_SITES = 2  # the scheme speaks of areas


def _trains(site: RestActivity) -> list[RestSource]:
    return [one for one in site.sources if one.naming.code in KINDS]


def _is_sustained(source: RestSource) -> bool:
    return source.n_discharges > 1 and float(source.times_s[-1] - source.times_s[0]) >= SUSTAINED_S


def grade_denervation(sites: Sequence[RestActivity]) -> SpontaneousGrade:
    """Grade the fibrillations and positive waves of a muscle.

    Parameters
    ----------
    sites : sequence of RestActivity
        One for each place of the needle, each read for several seconds with the needle still.

    Returns
    -------
    SpontaneousGrade
        ``grade`` is None, with the reason, for a single place or where a place cannot be told.

    Raises
    ------
    InputError
        If there is no place.

    Notes
    -----
    The grade is ordinal and does not measure the loss of axons (HOL, V).
    """
    if not sites:
        raise InputError("a grade needs places", got="none", expected=f"{MIN_SITES} or more")
    kept = [[one for one in _trains(site) if _is_sustained(one)] for site in sites]
    n_with = sum(bool(one) for one in kept)
    per_s = [
        sum(one.n_discharges for one in trains) / site.duration_s for trains, site in zip(kept, sites, strict=True)
    ]
    said = tuple(
        f"place {number + 1}: {len(trains)} lasting train{'' if len(trains) == 1 else 's'}, {rate:.1f} discharges per second"
        for number, (trains, rate) in enumerate(zip(kept, per_s, strict=True))
    )
    unsure = sum(not site.naming.is_named for site in sites)
    brief = any(_trains(site) for site in sites) or any(
        one.naming.code == "insertional_increased" for s in sites for one in s.insertions
    )
    made = {"kind": "denervation", "n_sites": len(sites), "n_sites_with": n_with, "evidence": said, "scheme": SCHEME,
            "source": SOURCE, "mark": MARK}  # fmt: skip
    if len(sites) < MIN_SITES:
        reason = "One place gives no grade: the scheme counts areas of the muscle."
        return SpontaneousGrade(grade=None, is_plus_minus=False, reason=reason, **made)  # type: ignore[arg-type]
    if unsure > len(sites) / 2:
        reason = f"At {unsure} of {len(sites)} places the activity cannot be told, so it cannot be graded."
        return SpontaneousGrade(grade=None, is_plus_minus=False, reason=reason, **made)  # type: ignore[arg-type]
    grade = _grade([len(trains) for trains in kept], per_s, n_with)
    plus_minus = grade == 0 and brief
    return SpontaneousGrade(grade=grade, is_plus_minus=plus_minus, **made)  # type: ignore[arg-type]


def _grade(n_trains: list[int], per_s: list[float], n_with: int) -> int:
    if n_with == len(n_trains) and min(per_s) >= FILLED_PER_S:
        return 4
    if n_with == len(n_trains) and min(n_trains) >= MANY:
        return 3
    if n_with >= 3 and sum(n_trains) / n_with >= MODERATE:
        return 2
    return 1 if n_with >= MIN_SITES else 0
