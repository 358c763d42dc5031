"""One patient, one story: symptoms, examination and MRI of the same body, as a case that could have come on paper.

Nothing is measured here: nerve conduction and needle findings come from measuring the patient's signals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from emgwidgets.errors import InputError
from emgwidgets.model import case as model
from emgwidgets.model.signal import Side
from emgwidgets.simulation.conditions import Condition, condition, conditions, severities
from emgwidgets.simulation.nerve.axons import generator
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.simulation.story.clinic import examination
from emgwidgets.simulation.story.complaint import Complaint, complaint_signs, derived_symptoms
from emgwidgets.simulation.story.mri_findings import MriExam, planned_mri
from emgwidgets.simulation.story.report_text import write_report
from emgwidgets.simulation.story.supply import Body

__all__ = ["SimulatedCase", "clinic_of", "mri_of", "simulated_case", "tell"]


@dataclass(frozen=True, kw_only=True)
class SimulatedCase:
    """A patient with the case that is known before any needle or stimulus.

    Parameters
    ----------
    patient : VirtualPatient
        The body; every study is made on it.
    case : Case
        Subject, question, days since onset, symptoms, examination, MRI findings as reported.
    mri : MriExam or None
        Report text, spans, and which finding is the cause; None without an MRI.
    condition : Condition
        The truth.
    """

    patient: VirtualPatient
    case: model.Case
    mri: MriExam | None
    condition: Condition


def simulated_case(
    code: str, *, side: Side | None = None, severity: str | None = None, style: str | None = None, **subject: Any
) -> SimulatedCase:
    """Tell the story of a patient with a condition of the library.

    Parameters
    ----------
    code : str
        See :func:`emgwidgets.simulation.conditions.conditions`.
    side, severity : optional
        Side of a one-sided condition, and its severity.
    style : str, optional
        Style of the MRI report; drawn when left out.
    **subject
        Age, height, sex, seed, anomalies, as :class:`VirtualPatient`.

    Raises
    ------
    InputError
        If the condition, its severity, the side, the style or the subject cannot be used.
    """
    return tell(condition(code, side=side, severity=severity), style=style, **subject)


def tell(found: Condition, *, style: str | None = None, **subject: Any) -> SimulatedCase:
    """Tell the story of a patient with any condition, also one composed of several."""
    patient = VirtualPatient(lesions=found.lesions, day=found.day, condition=found.code, **subject)
    symptoms, signs_and_more = _clinic(patient, found.complaint, found.days_since_onset)
    mri = _mri(patient, found, region=found.complaint.imaging, style=style) if found.complaint.imaging else None
    case = model.Case(
        subject=model.Subject(age_years=patient.age_years, sex=patient.sex, height_cm=patient.height_cm),
        question=found.complaint.question, days_since_onset=found.days_since_onset, symptoms=symptoms,
        examination=signs_and_more, mri=() if mri is None else mri.findings,
    )  # fmt: skip
    return SimulatedCase(patient=patient, case=case, mri=mri, condition=found)


def clinic_of(patient: VirtualPatient) -> tuple[tuple[model.Symptom, ...], model.Examination]:
    """Symptoms and examination of a patient; pain is told where the lesions are those of a known condition."""
    found = _known(patient)
    onset = patient.day if found is None else max(patient.day - (found.day - found.days_since_onset), 0.0)
    complaint = Complaint() if found is None else found.complaint
    aged = tuple(
        replace(one, days=onset) if found and one.days == found.days_since_onset else one for one in complaint.symptoms
    )
    return _clinic(patient, replace(complaint, symptoms=aged), onset)


def mri_of(patient: VirtualPatient, *, region: str | None = None, style: str | None = None) -> MriExam:
    """MRI of a patient: what the condition shows there, and what comes with age.

    Parameters
    ----------
    region : {"cervical", "lumbar", "brachial_plexus"}, optional
        The condition's own when left out.

    Raises
    ------
    InputError
        If no region is named and the condition has none.
    """
    found = _known(patient)
    wanted = region or (found.complaint.imaging if found else "")
    if not wanted:
        raise InputError("this patient's story names no MRI", expected="a region: cervical, lumbar or brachial_plexus")
    return _mri(patient, found, region=wanted, style=style)


def _body(patient: VirtualPatient) -> Body:
    return Body(subject=patient.subject, lesions=patient.lesions, day=float(patient.day), anomalies=patient.anomalies)


def _clinic(
    patient: VirtualPatient, complaint: Complaint, days_since_onset: float
) -> tuple[tuple[model.Symptom, ...], model.Examination]:
    body = _body(patient)
    found = examination(body)
    told = {(one.kind, one.side) for one in complaint.symptoms}
    noticed = derived_symptoms(body, found, days_since_onset)
    symptoms = (*complaint.symptoms, *(one for one in noticed if (one.kind, one.side) not in told))
    felt = {(one.nerve, one.side): one for one in complaint.sensation}
    sensation = tuple(
        felt.get((one.nerve, one.side), one) if one.finding == "normal" else one for one in found.sensation
    )
    signs = (*found.signs, *complaint_signs(complaint, patient.seed))
    return symptoms, replace(found, sensation=sensation, signs=signs)


def _mri(patient: VirtualPatient, found: Condition | None, *, region: str, style: str | None) -> MriExam:
    own = () if found is None or found.complaint.imaging != region else found.planned
    listed = found is not None and not found.with_incidental and found.complaint.imaging == region
    findings, truth = planned_mri(patient.subject, region, own, with_incidental=not listed)
    told = () if found is None else found.complaint.symptoms
    # Patients of one seed differ in their reports, as in their conditions.
    seed = int(generator(patient.seed, "mri report", patient.condition).integers(2**31))
    return write_report(findings, region=region, seed=seed, style=style, symptoms=told, truth=truth)


def _known(patient: VirtualPatient) -> Condition | None:
    """Condition whose lesions these are, found by its code; None for lesions given by hand."""
    from emgwidgets.simulation.story.teaching import teaching_case, teaching_cases

    if patient.condition in teaching_cases():
        candidates = [teaching_case(patient.condition).condition]
    elif patient.condition in conditions():
        sides: tuple[Side, Side] = ("left", "right")
        candidates = [
            condition(patient.condition, side=side, severity=severity)
            for severity in severities(patient.condition)
            for side in sides
        ]
    else:
        return None
    return next((one for one in candidates if one.lesions == patient.lesions), None)
