"""The limit that holds for one person, one measure and its conditions under a norm set, or why none does."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from emgwidgets.errors import InputError
from emgwidgets.interpretation._tables import studies
from emgwidgets.interpretation.facts import Facts
from emgwidgets.interpretation.reference.norm_sets import NormRow, NormSet, norm_set
from emgwidgets.model.case import Subject
from emgwidgets.model.measure import Conditions, unit_of
from emgwidgets.model.verdict import Fact, Limit, NotApplicable

__all__ = ["ASSUMABLE", "check_assume", "limit", "limit_in", "limit_of_fact"]

#: What a caller may take as fulfilled where the case does not say it; what the case says wrongly is never overruled.
ASSUMABLE = ("age", "convention", "distance", "supramaximal", "temperature", "timing")
#: A distance nearer than this to that of the limit counts as the same; internal choice: the reading error of a tape.
SAME_DISTANCE_MM = 5.0
#: Share by which a low filter may differ from that of the limit; internal choice: rounding of instrument settings.
SAME_FILTER = 0.1
#: Measures of a response that its limit knows at the main site only.
AT_MAIN_SITE = (
    "onset_latency_ms", "peak_latency_ms", "amplitude_mv", "amplitude_uv", "area_mv_ms", "total_duration_ms",
    "negative_peak_duration_ms",
)  # fmt: skip


def check_assume(assume: Collection[str]) -> frozenset[str]:
    """Return the assumptions as a set.

    Raises
    ------
    InputError
        If one is not in :data:`ASSUMABLE`.
    """
    given = frozenset((assume,)) if isinstance(assume, str) else frozenset(assume)
    unknown = sorted(given - set(ASSUMABLE))
    if unknown:
        raise InputError("this cannot be assumed", got=unknown[0], expected=f"one of {', '.join(ASSUMABLE)}")
    return given


def _within(bounds: tuple[float | None, float | None], value: float | None, *, closed: bool) -> bool | None:
    """Whether a value lies within bounds; None when bounds exist and the value is not known."""
    low, high = bounds
    if low is None and high is None:
        return True
    if value is None:
        return None
    if low is not None and value < low:
        return False
    return not (high is not None and (value > high if closed else value >= high))


def _bmi(subject: Subject) -> float | None:
    if not subject.height_cm or not subject.weight_kg:
        return None
    return subject.weight_kg / (subject.height_cm / 100.0) ** 2


def _person(row: NormRow, subject: Subject) -> dict[str, bool | None]:
    """Whether the row holds for the person, by what it depends on."""
    age = None if subject.age_years is None else float(math.floor(subject.age_years))
    fits = {
        "age": _within(row.age, age, closed=True),
        "sex": None if row.sex and subject.sex is None else (not row.sex or row.sex == subject.sex),
        "height": _within(row.height, subject.height_cm, closed=False),
        "BMI": _within(row.bmi, _bmi(subject), closed=False),
    }
    if row.equation:
        needs = {"age": ("age", "age2"), "height": ("height",), "sex": ("male",)}
        known = {"age": subject.age_years, "height": subject.height_cm, "sex": subject.sex}
        for name, terms in needs.items():
            if any(term in row.equation for term in terms) and known[name] is None:
                fits[name] = None
    return fits


def _specific(row: NormRow) -> int:
    bounds = (row.age, row.height, row.bmi)
    return sum(pair != (None, None) for pair in bounds) + bool(row.sex)


def _by_equation(row: NormRow, subject: Subject) -> tuple[float | None, float | None, float | None, float | None]:
    """Lower limit, upper limit, mean and SD of a regression; the mean and SD only where no logarithm was fitted."""
    terms = row.equation
    age, height = subject.age_years or 0.0, subject.height_cm or 0.0
    centre = terms["b0"] + terms.get("age", 0.0) * age + terms.get("age2", 0.0) * age**2
    centre += terms.get("height", 0.0) * height + terms.get("male", 0.0) * (subject.sex == "male")
    if "sd" not in terms:  # a regression of the limit itself
        upper = bool(terms.get("upper"))
        value = math.exp(centre) if terms.get("log") else centre
        return (None, value, None, None) if upper else (value, None, None, None)
    spread = terms["sd"] * terms.get("z", 1.96)
    if terms.get("log"):
        return math.exp(centre - spread), math.exp(centre + spread), None, None
    return centre - spread, centre + spread, centre, terms["sd"]


def _words(row: NormRow) -> str:
    parts = []
    if row.age != (None, None):
        low, high = row.age
        parts.append(f"{low or 0:g}-{high:g} years" if high is not None else f"{low:g} years and over")
    if row.sex:
        parts.append(row.sex)
    for name, (low, high), unit in (("height", row.height, " cm"), ("BMI", row.bmi, "")):
        if low is not None and high is not None:
            parts.append(f"{name} {low:g} to {high:g}{unit}")
        elif low is not None:
            parts.append(f"{name} {low:g}{unit} or more")
        elif high is not None:
            parts.append(f"{name} under {high:g}{unit}")
    if row.equation:
        parts.append("by regression")
    return ", ".join(parts)


def _mean_sd(row: NormRow, owner: NormSet, subject: Subject) -> tuple[float | None, float | None]:
    if (row.mean is not None and row.sd is not None) or not owner.z_set:
        return row.mean, row.sd
    for other in norm_set(owner.z_set).rows_for(row.study, row.measure):
        same = (other.site, other.convention, other.distance) == (row.site, row.convention, row.distance)
        if same and other.sd is not None and all(_person(other, subject).values()):
            return other.mean, other.sd
    return row.mean, row.sd


def _made(row: NormRow, owner: NormSet, subject: Subject) -> Limit:
    low, high = row.low, row.high
    mean, sd = _mean_sd(row, owner, subject)
    if row.equation:
        low, high, mean, sd = _by_equation(row, subject)
    limb = studies()[row.study].limb if row.study in studies() else ""
    return Limit(
        study=row.study, measure=row.measure, unit=unit_of(row.measure), norm_set=owner.code, cited=row.cited, low=low,
        high=high, statistic=row.statistic, mean=mean, sd=sd, n=row.n, convention=row.convention, strata=_words(row),
        distance_mm=row.distance[0] if row.distance else None, skin_temperature_min_degc=owner.skin_min_degc.get(limb),
        absent_from_years=row.absent_from_years, population=row.population, note=row.note,
    )  # fmt: skip


def _at_site(rows: Sequence[NormRow], study: str, measure: str, site: str) -> tuple[NormRow, ...]:
    exact = tuple(row for row in rows if row.site and row.site == site)
    if exact:
        return exact
    known = studies().get(study)
    is_proximal = bool(site) and known is not None and known.kind == "motor" and site != known.main_site
    if measure in AT_MAIN_SITE and is_proximal:
        return ()
    if not site:  # asked without a site: rows of the study, whatever their site
        return tuple(rows)
    return tuple(row for row in rows if not row.site)


def _by_convention(rows: Sequence[NormRow], convention: str, assume: Collection[str]) -> Sequence[NormRow] | str:
    stated = [row for row in rows if row.convention == convention]
    if convention and convention != "not_stated" and stated:
        return stated
    if not any(row.convention for row in rows):
        if "convention" in assume or convention == "":
            return rows
        return "the norm set does not say how its amplitude was taken"
    if convention in {"", "not_stated"}:
        return rows if "convention" in assume else "how the amplitude was taken is not stated"
    return f"the norm set has no {convention.replace('_', ' ')} limit"


def _by_distance(
    rows: Sequence[NormRow], distance_mm: float | None, assume: Collection[str]
) -> Sequence[NormRow] | str:
    if not any(row.distance for row in rows):
        return rows
    if distance_mm is None:
        if "distance" not in assume:
            return "the distance is not known, and the limit holds for one distance"
        first = next(row.distance for row in rows if row.distance)
        return [row for row in rows if row.distance in {None, first}]
    fit = [
        row for row in rows
        if row.distance is None or row.distance[0] - SAME_DISTANCE_MM <= distance_mm <= row.distance[1] + SAME_DISTANCE_MM
    ]  # fmt: skip
    if fit:
        return fit
    usable = ", ".join(
        dict.fromkeys("-".join(f"{end:g}" for end in dict.fromkeys(row.distance)) for row in rows if row.distance)
    )
    ends = [row.distance for row in rows if row.distance]
    in_cm = any(low - SAME_DISTANCE_MM <= 10 * distance_mm <= high + SAME_DISTANCE_MM for low, high in ends)
    hint = "; multiply by 10 if it is in cm" if in_cm else ""
    return f"the limit holds for {usable} mm and the study was done at {distance_mm:g} mm{hint}"


def _by_filter(rows: Sequence[NormRow], high_pass_hz: float | None) -> Sequence[NormRow] | str:
    if not any(row.high_pass_hz for row in rows):
        return rows
    if high_pass_hz is None:
        return "the low filter is not known, and the limit depends on it"
    fit = [
        row
        for row in rows
        if row.high_pass_hz and abs(row.high_pass_hz - high_pass_hz) <= SAME_FILTER * row.high_pass_hz
    ]
    if fit:
        return fit
    usable = ", ".join(f"{value:g}" for value in dict.fromkeys(row.high_pass_hz for row in rows if row.high_pass_hz))
    return f"the limit holds for a low filter of {usable} Hz and {high_pass_hz:g} Hz was used"


def _person_row(rows: Sequence[NormRow], owner: NormSet, subject: Subject, assume: Collection[str]) -> NormRow | str:
    age = None if subject.age_years is None else float(math.floor(subject.age_years))
    in_set = _within(owner.age, age, closed=True)
    if in_set is False:
        low, high = owner.age
        span = f"{low or 0:g} to {high:g} years" if high is not None else f"{low or 0:g} years and over"
        return f"{owner.code} holds for {span} and the person is {age:g}"
    if in_set is None and "age" not in assume:
        return f"the age is not known and {owner.code} does not hold for every age"
    fits = [(row, _person(row, subject)) for row in rows]
    whole = [row for row, fit in fits if all(fit.values())]
    if whole:
        return max(whole, key=_specific)
    unknown = sorted({name for _, fit in fits if False not in fit.values() for name, ok in fit.items() if ok is None})
    if unknown:
        return f"the limit depends on {' and '.join(unknown)}, not known here"
    return f"{owner.code} has no limit for a person of this age, sex, height or BMI"


def limit(
    study: str,
    measure: str,
    *,
    subject: Subject | None = None,
    conditions: Conditions | None = None,
    convention: str = "",
    site: str = "",
    norm_set: str | NormSet = "aanem_2016",
    assume: Collection[str] = (),
) -> Limit | NotApplicable:
    """Return the limit that holds, or why none does.

    Parameters
    ----------
    study, measure : str
        Such as ``"median_apb"`` and ``"onset_latency_ms"``; units are in the name of the measure.
    subject : Subject
        Age, sex, height and weight where the limit depends on them.
    conditions : Conditions
        Distance and low filter where the limit depends on them.
    convention : str
        How the amplitude was taken; empty returns the limit of a set with one convention only.
    site : str
        Site or segment, such as ``"below_elbow-above_elbow"``.
    norm_set : str or NormSet
        Which limits; a study it does not hold is looked for in the sets it names, and the limit says which was used.
    assume : collection of str
        Of :data:`ASSUMABLE`: what is taken as fulfilled where it is not known.
    """
    return _limit(
        study, measure, subject or Subject(), conditions or Conditions(), convention, site, _set(norm_set), check_assume(assume)
    )  # fmt: skip


def _set(given: str | NormSet) -> NormSet:
    return norm_set(given)


def _limit(  # noqa: PLR0917
    study: str, measure: str, subject: Subject, conditions: Conditions, convention: str, site: str, owner: NormSet,
    assume: Collection[str],
) -> Limit | NotApplicable:  # fmt: skip
    for one in (owner, *(norm_set(code) for code in owner.also)):
        rows = one.rows_for(study, measure)
        if not rows:
            continue
        placed = _at_site(rows, study, measure, site)
        if not placed:
            return NotApplicable(reason=f"{one.code} has no limit for {site.replace('_', ' ')}")
        found: Sequence[NormRow] | str = _by_convention(placed, convention, assume)
        if not isinstance(found, str):
            found = _by_distance(found, conditions.distance_mm, assume)
        if not isinstance(found, str):
            found = _by_filter(found, conditions.high_pass_hz)
        row = found if isinstance(found, str) else _person_row(found, one, subject, assume)
        return NotApplicable(reason=row) if isinstance(row, str) else _made(row, one, subject)
    return NotApplicable(reason=f"{owner.code} has no limit for {study} {measure}")


def limit_of_fact(
    fact: Fact, *, subject: Subject, norm_set: str | NormSet = "aanem_2016", assume: Collection[str] = ()
) -> Limit | NotApplicable:
    """Return the limit a fact is to be held against."""
    convention = fact.convention
    if (
        fact.measure.endswith(("amplitude_mv", "amplitude_uv")) and fact.is_absent
    ):  # an absent response has no convention: any limit will do
        convention = _any_convention(fact, _set(norm_set))
    return _limit(
        fact.study, fact.measure, subject, fact.conditions, convention, fact.site, _set(norm_set), check_assume(assume)
    )


def limit_in(facts: Facts, fact: Fact, owner: NormSet, assume: frozenset[str]) -> Limit | NotApplicable:
    """Return the limit of one of the facts, looked up once."""
    key = (id(owner), fact.name, assume)
    kept = facts.limits.get(key)
    if kept is None or kept[0] is not owner:
        kept = owner, limit_of_fact(fact, subject=facts.subject, norm_set=owner, assume=assume)
        facts.limits[key] = kept
    return kept[1]


def _any_convention(fact: Fact, owner: NormSet) -> str:
    for one in (owner, *(norm_set(code) for code in owner.also)):
        for row in one.rows_for(fact.study, fact.measure):
            return row.convention
    return ""
