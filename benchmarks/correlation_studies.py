"""The unknown cases as whole cases: story, measured nerve conduction studies and a SURROGATE needle examination.

The needle findings follow from the fate of the axons with a miss rate and false findings (``localisation_studies``), not
from needle signals.  Symptoms, examination and MRI are those the story tells; the plan of the study uses nothing else.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from localisation_studies import findings, repetitive

from emgwidgets.interpretation.correlation.report.reader import read_report
from emgwidgets.model.case import Case
from emgwidgets.model.measure import Conditions
from emgwidgets.model.mri import MriFinding
from emgwidgets.model.ncs import MotorStudy, SensoryStudy
from emgwidgets.simulation.conditions import Condition, read_condition
from emgwidgets.simulation.story.teaching import TeachingCase, teaching_case
from emgwidgets.simulation.story.told import SimulatedCase
from emgwidgets.work_up import examine

SIDES = ("left", "right")


@cache
def plans() -> dict[str, Any]:
    """Sets and cases of the plan."""
    return tomllib.loads(Path(__file__).with_name("correlation_plans.toml").read_text(encoding="utf-8"))


def sides_of(case: Case) -> tuple[str, ...]:
    """Sides complained of; both where none is."""
    said = {one.side for one in case.symptoms}
    if "bilateral" in said or not said & set(SIDES):
        return SIDES
    return tuple(side for side in SIDES if side in said)


def _limb(told: Condition) -> str:
    return "leg" if told.complaint.region == "lumbar" else "arm"


def studied(told: SimulatedCase, code: str) -> Case:
    """The case with every study of its plan."""
    table, own = plans(), plans()["cases"].get(code, {})
    chosen = table["sets"][own.get("set", _limb(told.condition))]
    sides = SIDES if own.get("sides") == "both" else sides_of(told.case)
    case = examine(told.patient, studies=chosen["ncs"], sides=SIDES)
    muscles = [*chosen["needle"], *own.get("more", ())]
    needle = tuple(one for side in sides for one in findings(told.patient, muscles, side))
    ncs = replace(case.ncs, repetitive=repetitive(told.patient)) if own.get("set") == "general" else case.ncs
    return replace(told.case, subject=case.subject, ncs=ncs, needle=needle, mri=mri_of(told))


def mri_of(told: SimulatedCase) -> tuple[MriFinding, ...]:
    """Findings of the story; for a normal MRI what its report looked for and did not see, read by the report reader."""
    if told.mri is None or told.case.mri:
        return told.case.mri
    return tuple(one.finding for one in read_report(told.mri.text).findings)


def faulty(case: Case, technique: dict[str, Any]) -> Case:
    """The study as it was sent in: cold, submaximal, few muscles, the wrong side, filters not stated."""
    side = technique.get("side_tested", "left")
    muscles = tuple(one for one in case.needle if one.side == side)[: int(technique.get("muscles_tested", 99))]
    return replace(
        case, needle=muscles,
        ncs=replace(case.ncs, motor=_spoiled(case.ncs.motor, side, technique), sensory=_spoiled(case.ncs.sensory, side, technique)),
    )  # fmt: skip


def _spoiled(studies: Sequence[MotorStudy | SensoryStudy], side: str, technique: dict[str, Any]) -> tuple[Any, ...]:
    made = []
    for one in studies:
        if one.side != side:
            continue
        known = technique.get("filter_known", True)
        conditions = Conditions(
            electrode=one.conditions.electrode, skin_temperature_degc=technique.get("skin_temperature_degc"),
            high_pass_hz=one.conditions.high_pass_hz if known else None,
            low_pass_hz=one.conditions.low_pass_hz if known else None, distance_mm=one.conditions.distance_mm,
            is_supramaximal=technique.get("is_supramaximal"),
        )  # fmt: skip
        responses = tuple(replace(two, is_supramaximal=technique.get("is_supramaximal")) for two in one.responses)
        made.append(replace(one, conditions=conditions, responses=responses))
    return tuple(made)


def varied(code: str, *, side: str, factor: float) -> TeachingCase:
    """An unknown case on another side, with every share of lost or blocked axons times a factor (at most 0.95)."""
    taught = teaching_case(code)
    text = resources.files("emgwidgets.simulation").joinpath("cases", f"{code}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    lesions = [one for level in table["severities"].values() for one in level.get("lesions", ())]
    for one in lesions:
        if one["kind"] in {"AxonLoss", "ConductionBlock"} and "share" in one:
            one["share"] = min(0.95, factor * one["share"])
    own = side if "side" in table["person"] else table["person"].get("side")
    return replace(taught, condition=read_condition(table, code, side=own))


def whole_case(taught: TeachingCase, *, seed: int) -> Case:
    """One unknown case with its studies; the seed chooses body, signals, words and surrogate findings."""
    told = taught.simulate(seed=seed)
    technique = dict(taught.expected.technique)
    if not technique:
        return studied(told, taught.code)
    both = replace(told, case=replace(told.case, symptoms=()))  # every side, so that the wrong one can be chosen
    return replace(faulty(studied(both, taught.code), technique), symptoms=told.case.symptoms)
