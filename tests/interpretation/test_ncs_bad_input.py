"""Bad input to a conduction study: one sentence each, and nothing judged that cannot be, in Python and on the command line."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from emgwidgets.cases.document import save_case
from emgwidgets.cli import main
from emgwidgets.errors import InputError
from emgwidgets.interpretation.criteria import evaluate
from emgwidgets.interpretation.facts import facts_of
from emgwidgets.interpretation.reference import strip
from emgwidgets.model.case import Subject
from emgwidgets.model.measure import Conditions

_spec = importlib.util.spec_from_file_location("typed_study", Path(__file__).with_name("typed_study.py"))
typed = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(typed)


def only(*studies, **options):
    """The left side healthy, and on the right these studies alone."""
    case = typed.study(sides=("left",), **options)
    motors = tuple(one for one in studies if hasattr(one, "muscle"))
    sensories = tuple(one for one in studies if not hasattr(one, "muscle"))
    ncs = replace(case.ncs, motor=case.ncs.motor + motors, sensory=case.ncs.sensory + sensories)
    return replace(case, ncs=ncs)


def ulnar_segments(distance_mm):
    """The ulnar study with other distances between its sites; None for no distance."""
    study = typed.motor("ulnar_adm", "right")
    return replace(study, segments=tuple(
        replace(one, distance_mm=None if distance_mm is None else distance_mm(one.distance_mm), measures={}) for one in study.segments
    ))  # fmt: skip


def one_site():
    study = typed.motor("ulnar_adm", "right")
    return replace(study, responses=study.responses[:1], segments=())


def sural_in_cm():
    study = typed.sensory("sural", "right")
    return replace(study, responses=tuple(replace(one, distance_mm=14.0) for one in study.responses))


ELBOW = "motor.ulnar_adm.right.below_elbow-above_elbow.velocity_m_per_s"
CASES = {
    "mV for uV": (only(typed.motor("median_apb", "right", wrist__amplitude_mv=9000.0)), "motor.median_apb.right.wrist.amplitude_mv",
                  "9000 mV is not plausible; expected 0.005 to 40 mV; the thousandth of it would be plausible, so check the unit"),
    "uV for mV": (only(typed.sensory("sural", "right", amplitude_uv=0.016)), "sensory.sural.right.lower_leg.amplitude_uv",
                  "0.016 µV is not plausible; expected 0.2 to 400 µV; the thousandfold of it would be plausible, so check the unit"),
    "cm for mm, at the site": (only(typed.motor("median_apb", "right", distance_mm=8.0)), "motor.median_apb.right.wrist.onset_latency_ms",
                               "the distance of 8 mm is not plausible; expected 10 to 1500 mm; multiply by 10 if it is in cm"),
    "cm for mm, in the segment": (only(ulnar_segments(lambda mm: mm / 10)), ELBOW,
                                  "10.5 mm give 5.8 m/s, which is not plausible over so short a distance; multiply the distance by 10 if it is in cm"),
    "cm for mm, sensory": (only(sural_in_cm()), "sensory.sural.right.lower_leg.peak_latency_ms",
                           "the limit holds for 140 mm and the study was done at 14 mm; multiply by 10 if it is in cm"),
    "a child": (typed.study(subject=Subject(age_years=6, sex="female", height_cm=115, weight_kg=20)), "motor.median_apb.right.wrist.onset_latency_ms",
                "aanem_2016 holds for 19 to 79 years and the person is 6"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_number_that_cannot_be_right_is_not_judged(name):
    case, fact, sentence = CASES[name]
    facts = facts_of(case)
    site = facts[fact] if fact in facts else facts[".".join((*fact.split(".")[:3], fact.split(".")[-1]))]
    (found,) = [one for one in strip(facts) if one.fact.name == site.name]
    assert found.state == "cannot_be_judged"
    assert sentence in found.reason
    assert "\n" not in found.reason


@pytest.mark.parametrize(
    ("case", "code", "scope"),
    [
        (only(ulnar_segments(lambda mm: mm / 10)), "ulnar_elbow_aaem_1999", "right"),
        (only(ulnar_segments(None)), "ulnar_elbow_aaem_1999", "right"),
        (only(one_site()), "ulnar_elbow_aaem_1999", "right"),
        (CASES["a child"][0], "cts_bland", "right"),
        (CASES["cm for mm, at the site"][0], "cts_bland", "right"),
        (typed.study(conditions=Conditions(skin_temperature_degc=33.5)), "cidp_ean_2021", "person"),
    ],
    ids=["segment in cm", "no distance", "one site", "child", "distance in cm", "filter unknown"],
)
def test_criteria_say_that_they_cannot_be_judged(case, code, scope, tmp_path, capsys):
    found = {one.scope or "person": one.answer for one in evaluate(code, facts_of(case)).judgements}
    assert found[scope] == "cannot_be_judged"
    path = tmp_path / "case.json"
    save_case(case, path)
    assert main(["evaluate", code, str(path)]) == 0
    assert f"{scope}: cannot be judged" in capsys.readouterr().out


def test_the_unknown_filter_is_named():
    verdict = evaluate("cidp_ean_2021", facts_of(typed.study(conditions=Conditions(skin_temperature_degc=33.5))))
    assert "low filter" in verdict.to_text()


def test_sites_that_are_swapped_are_told():
    study = typed.motor("ulnar_adm", "right")
    first, middle, last = study.responses
    swapped = replace(study, responses=(replace(first, site="above_elbow"), middle, replace(last, site="wrist")))
    fact = facts_of(only(swapped))["motor.ulnar_adm.right.wrist.onset_latency_ms"]
    assert "check whether the sites are swapped" in fact.doubt


def test_a_side_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="side"):
        replace(typed.motor("ulnar_adm", "right"), side="R")
