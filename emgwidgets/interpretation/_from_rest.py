"""Facts of the subject, the needle examination, symptoms, examination and MRI findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from emgwidgets.interpretation._from_ncs import implausible
from emgwidgets.model.case import Case, Examination, Subject
from emgwidgets.model.measure import Absent, Measures
from emgwidgets.model.needle import NeedleExamination
from emgwidgets.model.verdict import Fact
from emgwidgets.vocabulary.lookup import plain

__all__ = ["facts_of_rest", "rest_of"]

#: Grades of strength as numbers: the signs of the scale are a third of a grade.  Internal choice, for ordering only.
THIRD = 1.0 / 3.0


def _word(text: str) -> str:
    return plain(text).replace(" ", "_")


def _subject(subject: Subject) -> Iterator[Fact]:
    values: dict[str, tuple[Any, str]] = {
        "age_years": (subject.age_years, "years"), "sex": (subject.sex, ""), "height_cm": (subject.height_cm, "cm"),
        "weight_kg": (subject.weight_kg, "kg"),
    }  # fmt: skip
    if subject.height_cm and subject.weight_kg:
        values["bmi_kg_per_m2"] = (subject.weight_kg / (subject.height_cm / 100.0) ** 2, "kg/m2")
    for measure, (value, unit) in values.items():
        if value is not None:
            yield Fact(
                name=f"subject.{measure}", value=value, unit=unit, kind="subject", measure=measure, place="subject"
            )


def _needle(one: NeedleExamination, place: str) -> Iterator[Fact]:
    stem = f"needle.{one.muscle}.{one.side}"

    def made(measure: str, value: Any, unit: str = "") -> Fact:
        return Fact(
            name=f"{stem}.{measure}", value=value, unit=unit, kind="needle", study=one.muscle, side=one.side,
            measure=measure, conditions=one.conditions, place=place,
        )  # fmt: skip

    units, recruitment = one.motor_units, one.recruitment
    words: dict[str, Any] = {
        "insertional": one.insertional,
        "has_denervation": one.has_denervation,
        "has_fasciculation": _has(one, "fasciculation_potential"),
        "interference": one.interference,
    }
    if units is not None:
        words |= {"muap_amplitude": units.amplitude, "muap_duration": units.duration}
        words |= {name: getattr(units, name) for name in ("is_polyphasic", "is_unstable", "has_satellites")}
    if recruitment is not None:
        words |= {"recruitment": recruitment.pattern, "recruitment_degree": recruitment.degree}
        words["is_full_effort"] = recruitment.is_full_effort
    yield from (made(measure, value) for measure, value in words.items() if value is not None)
    for activity in one.spontaneous or ():
        yield made(f"{activity.kind}_grade", activity.grade if activity.grade is not None else True)
    for part in (units, recruitment):
        yield from _needle_measures(one, Measures(part.measures) if part else Measures(), stem, place)


def _has(one: NeedleExamination, kind: str) -> bool | None:
    if one.spontaneous is None:
        return None
    return any(activity.kind == kind and activity.grade != 0 for activity in one.spontaneous)


def _needle_measures(one: NeedleExamination, found: Measures, stem: str, place: str) -> Iterator[Fact]:
    for measure, result in found.items():
        base: dict[str, Any] = {
            "name": f"{stem}.{measure}", "kind": "needle", "study": one.muscle, "side": one.side, "measure": measure,
            "place": f"{place}.{measure}",
        }  # fmt: skip
        if isinstance(result, Absent):
            yield Fact(value=None, absent=result.reason, conditions=one.conditions, **base)
            continue
        yield Fact(
            value=result.value, unit=result.unit, low=result.low, high=result.high,
            convention=result.method if measure.endswith("amplitude_uv") else "",
            doubt=implausible("needle", measure, result.value),
            conditions=one.conditions, trace=result.trace, markers=result.markers, is_typed=result.is_typed, **base,
        )  # fmt: skip


def strength_number(mrc: str) -> float:
    """Grade as a number for ordering: 4- is 3.67, 4+ is 4.33."""
    return float(mrc[0]) + {"-": -THIRD, "+": THIRD}.get(mrc[1:], 0.0)


def _examination(found: Examination) -> Iterator[Fact]:
    for n, one in enumerate(found.strength):
        place = f"examination.strength[{n}]"
        yield Fact(
            name=f"strength.{one.muscle}.{one.side}.mrc_grade", value=strength_number(one.mrc), kind="strength",
            study=one.muscle, side=one.side, measure="mrc_grade", place=place,
        )  # fmt: skip
    for n, reflex in enumerate(found.reflexes):
        word = _word(reflex.name)
        yield Fact(
            name=f"reflex.{word}.{reflex.side}.finding", value=reflex.finding, kind="reflex", study=word,
            side=reflex.side, measure="finding", place=f"examination.reflexes[{n}]",
        )  # fmt: skip
    for n, area in enumerate(found.sensation):
        word = _word(area.nerve or area.root or area.area)
        yield Fact(
            name=f"sensation.{word}.{area.side}.finding", value=area.finding, kind="sensation", study=word,
            side=area.side, measure="finding", place=f"examination.sensation[{n}]",
        )  # fmt: skip
    for n, sign in enumerate(found.signs):
        word, side = _word(sign.name), sign.side or ""
        yield Fact(
            name=".".join(part for part in ("sign", word, side, "is_positive") if part), value=sign.is_positive,
            kind="sign", study=word, side=side, measure="is_positive", place=f"examination.signs[{n}]",
        )  # fmt: skip


def _symptoms(case: Case) -> Iterator[Fact]:
    for n, symptom in enumerate(case.symptoms):
        sides = ("left", "right") if symptom.side == "bilateral" else (symptom.side or "",)
        word = _word(f"{symptom.kind} {symptom.place}")
        for side in sides:
            yield Fact(
                name=".".join(part for part in ("symptom", word, side, "is_present") if part), value=True,
                kind="symptom", study=word, side=side, site=symptom.place, measure="is_present", place=f"symptoms[{n}]",
            )  # fmt: skip
            if symptom.days is not None:
                yield Fact(
                    name=".".join(part for part in ("symptom", word, side, "age_days") if part), value=symptom.days,
                    unit="days", kind="symptom", study=word, side=side, site=symptom.place, measure="age_days",
                    place=f"symptoms[{n}]",
                )  # fmt: skip


def _mri(case: Case) -> Iterator[Fact]:
    for n, finding in enumerate(case.mri):
        where = "_".join(part for part in (_word(finding.level), finding.zone or "", finding.kind) if part)
        side = finding.side or ""
        yield Fact(
            name=".".join(part for part in ("mri", where, side, "certainty") if part), value=finding.certainty,
            kind="mri", study=where, side=side, measure="certainty", place=f"mri[{n}]",
        )  # fmt: skip


def facts_of_rest(case: Case) -> Iterator[Fact]:
    """Yield the facts of everything but nerve conduction."""
    yield from _subject(case.subject)
    if case.days_since_onset is not None:
        yield Fact(
            name="case.days_since_onset", value=case.days_since_onset, unit="days", kind="case",
            measure="days_since_onset", place="days_since_onset",
        )  # fmt: skip
    for n, one in enumerate(case.needle):
        yield from _needle(one, f"needle[{n}]")
    yield from _examination(case.examination)
    yield from _symptoms(case)
    yield from _mri(case)


#: Why facts of a muscle, reflex or area are left out that was entered twice with different findings.
TWICE = "entered twice with different findings"


def rest_of(case: Case) -> dict[str, Fact]:
    """Facts of everything but nerve conduction by name; what was entered twice and differs carries a doubt."""
    found: dict[str, Fact] = {}
    differs = set()
    for fact in facts_of_rest(case):
        if fact.kind in TWICE_KINDS:
            stem = f"{fact.kind}.{fact.study}.{fact.side}"
            earlier = found.get(fact.name)
            if earlier is not None and earlier.value != fact.value:
                differs.add(stem)
        found[fact.name] = fact
    for name, fact in found.items():
        if f"{fact.kind}.{fact.study}.{fact.side}" in differs:
            found[name] = replace(fact, doubt=fact.doubt or TWICE)
    return found


TWICE_KINDS = frozenset({"needle", "strength", "reflex", "sensation", "sign"})
