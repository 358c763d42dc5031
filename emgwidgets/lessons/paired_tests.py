"""Pairs of a nerve study and an MRI: can they be held against each other, with what caveat, or what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emgwidgets.interpretation.correlation.correlate import correlate
from emgwidgets.interpretation.correlation.report.reader import read_report
from emgwidgets.lessons.item import Item
from emgwidgets.lessons.needle_words import needle_words
from emgwidgets.model.case import Case, Symptom
from emgwidgets.model.correlation import Correlation
from emgwidgets.model.signal import Side
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.work_up import examine, subject_of

__all__ = ["adequacy_item", "paired_case"]

SIDE: Side = "left"
OPTIONS = ("Judge", "Judge, with a caveat", "Complete or repeat first")
REPORT = "MRI of the lumbar spine. L4-5: left subarticular disc extrusion compressing the traversing L5 root."
STUDIES = ("fibular_ta", "fibular_edb", "tibial_ah", "superficial_fibular", "sural")
PARASPINAL = "lumbar_paraspinals_multifidus_lower"
MUSCLES = (
    "tibialis_anterior", "tibialis_posterior", "gastrocnemius_medial_head", "tensor_fasciae_latae", "vastus_medialis",
    "biceps_femoris_short_head", PARASPINAL,
)  # fmt: skip


def paired_case(row: Mapping[str, Any], seed: int) -> Case:
    """A left L5 lesion with its story, nerve study and MRI; keys of the row take something away or move a date."""
    day = float(row["day"])
    patient = VirtualPatient.with_condition(
        "radiculopathy_l5", side=SIDE, severity="severe", age_years=45.0 + seed % 13, seed=seed + 1
    ).on_day(day)
    symptoms, examination = patient.clinic()
    side: Side = "right" if row.get("only") == "other_side" else SIDE
    muscles: tuple[str, ...] = MUSCLES[:2] if row.get("only") == "two_muscles" else MUSCLES
    muscles = tuple(one for one in muscles if row.get("without") != "paraspinal" or one != PARASPINAL)
    studies = () if row.get("only") == "two_muscles" else STUDIES
    ncs = examine(patient, studies=studies, sides=(side,)).ncs
    scanned = day - float(row.get("mri_days_before", 2.0))
    findings = tuple(replace(one.finding, days_since_onset=scanned) for one in read_report(REPORT).findings)
    if row.get("surgery_between"):
        symptoms = (*symptoms, Symptom(kind="discectomy at L4-5", side=SIDE, days=1.0))
    return Case(
        subject=subject_of(patient), question="Foot drop: L5?", days_since_onset=day, symptoms=symptoms, examination=examination, ncs=ncs,
        needle=tuple(needle_words(patient, one, side) for one in muscles), mri=findings,
    )  # fmt: skip


def adequacy_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of a pair of studies; the truth is what the rules of adequacy and timing say of it."""
    case = paired_case(row, seed)
    found = correlate(case)
    reasons = _reasons(found)
    truth = 2 if not found.adequacy.can_be_judged else 1 if reasons else 0
    said = " ".join(reasons[:3]) or "Nothing is missing: date, side, region and muscles fit the question."
    return Item(
        question="Nerve study and MRI lie side by side. May they be compared?", options=OPTIONS, truth=truth,
        feedback=(said, said, said), why=_why(truth), known=_known(case, row),
        found=tuple(("on the list", reason) for reason in reasons[:4]),
    )  # fmt: skip


def _reasons(found: Correlation) -> list[str]:
    lists = (found.adequacy.missing, found.adequacy.invalid, found.sides.conflicts, found.adequacy.notes)
    caveats = (one.sentence for one in found.timing.caveats)
    return list(dict.fromkeys((*(sentence for one in lists for sentence in one), *caveats)))


def _why(truth: int) -> str:
    if truth == 2:
        return "Adequacy first, result second: a normal result here would not be normal."
    if truth == 1:
        return "The comparison may be made, and the caveat stands in the report beside it."
    return "Both tests could have shown the lesion, on the same side and in the same weeks."


def _known(case: Case, row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    day = case.days_since_onset or 0.0
    scans = [one.days_since_onset for one in case.mri if one.days_since_onset is not None]
    sides = {one.side for one in case.needle}
    return (
        ("question", case.question), ("nerve study", f"day {day:.0f}, {' and '.join(sorted(sides))} leg"),
        ("nerves", f"{len(case.ncs.motor) + len(case.ncs.sensory)}"), ("muscles", f"{len(case.needle)}{', paraspinals left out' if row.get('without') else ''}"),
        *((("before", "discectomy at L4-5 the day before the nerve study"),) if row.get("surgery_between") else ()),
        ("MRI", f"day {scans[0]:.0f}, left L4-5" if scans else "none"),
    )  # fmt: skip
