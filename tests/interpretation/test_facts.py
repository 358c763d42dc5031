"""Facts of a case: names, main sites, derived facts, absent and not tested, and numbers that must not be used."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgwidgets.errors import InputError
from emgwidgets.interpretation.facts import KINDS, Facts, body_region, check_name, facts_of
from emgwidgets.model.case import Case, Examination, Reflex, Sensation, Sign, Strength, Subject, Symptom
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.model.mri import MriFinding
from emgwidgets.model.ncs import MotorResponse, MotorStudy, NcsStudies, NerveSegment

_spec = importlib.util.spec_from_file_location("typed_study", Path(__file__).with_name("typed_study.py"))
typed = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(typed)

HEALTHY = typed.study(needles=(typed.needle("tibialis_anterior", active=True),), trains=(typed.train(4.0),))
FACTS = facts_of(HEALTHY)


def case_with(*studies, **changes) -> Case:
    return Case(subject=typed.ADULT, ncs=NcsStudies(motor=studies), **changes)


@pytest.mark.parametrize("name", sorted(FACTS), ids=str)
def test_every_name_fits_the_grammar(name):
    check_name(name)
    assert FACTS[name].name == name
    assert name.split(".")[0] in KINDS


def test_a_name_without_its_site_finds_the_main_site():
    assert FACTS["motor.median_apb.right.onset_latency_ms"].site == "wrist"
    assert FACTS["sensory.sural.left.amplitude_uv"].site == "calf"
    assert FACTS["rns.ulnar_adm.right.decrement_percent"].site == "rest_3hz"
    assert FACTS.is_main(FACTS["motor.median_apb.right.wrist.onset_latency_ms"])
    assert not FACTS.is_main(FACTS["motor.median_apb.right.elbow.onset_latency_ms"])


def test_sites_are_found_under_their_codes_and_their_words():
    made = [
        typed.motor("median_apb", side) for side in ("left", "right")
    ]  # fmt: skip
    coded = replace(
        made[1], responses=tuple(
            replace(one, site={"wrist": "median_wrist", "elbow": "Median nerve, antecubital fossa"}[one.site])
            for one in made[1].responses
        ), segments=(),
    )  # fmt: skip
    facts = facts_of(case_with(made[0], coded))
    assert facts["motor.median_apb.right.onset_latency_ms"].value == 3.5
    assert facts.get("motor.median_apb.right.median_nerve_antecubital_fossa.onset_latency_ms") is not None


def test_velocity_and_falls_follow_from_the_responses():
    study = typed.motor("median_apb", "right", elbow__amplitude_mv=4.5)
    facts = facts_of(case_with(study))
    stem = "motor.median_apb.right.wrist-elbow"
    assert facts[f"{stem}.velocity_m_per_s"].value == pytest.approx(230 / 4.1)
    fall = facts[f"{stem}.amplitude_drop_percent"]
    assert fall.value == pytest.approx(50)
    # 3 % of both amplitudes in quadrature on a ratio of one half.
    assert fall.high - fall.value == pytest.approx(100 * 0.5 * 0.03 * 2**0.5)
    assert fall.parts == ("motor.median_apb.right.wrist.amplitude_mv", "motor.median_apb.right.elbow.amplitude_mv")
    assert facts[f"{stem}.area_drop_percent"].value == pytest.approx(100 * (1 - 27 / 28))


def test_a_stated_velocity_is_kept_beside_the_responses():
    study = typed.motor("median_apb", "right")
    stated = NerveSegment(
        distal="wrist", proximal="elbow", distance_mm=230, measures={"velocity_m_per_s": Measure(value=57, unit="m/s")}
    )
    facts = facts_of(case_with(replace(study, segments=(stated,))))
    assert facts["motor.median_apb.right.wrist-elbow.velocity_m_per_s"].value == 57
    assert not facts["motor.median_apb.right.wrist-elbow.velocity_m_per_s"].doubt


def test_a_velocity_that_does_not_fit_its_own_numbers_is_doubted():
    study = typed.motor("median_apb", "right")
    stated = NerveSegment(
        distal="wrist", proximal="elbow", distance_mm=230, measures={"velocity_m_per_s": Measure(value=40, unit="m/s")}
    )
    fact = facts_of(case_with(replace(study, segments=(stated,))))[
        "motor.median_apb.right.wrist-elbow.velocity_m_per_s"
    ]
    assert fact.doubt == "the velocity of 40 m/s does not fit 230 mm in 4.10 ms, which give 56 m/s"


def test_absent_not_tested_and_zero_are_three_things():
    gone = facts_of(case_with(typed.motor("median_apb", "right", wrist__amplitude_mv="no response at 100 mA")))
    assert gone["motor.median_apb.right.amplitude_mv"].is_absent
    assert gone["motor.median_apb.right.amplitude_mv"].number is None
    assert gone.get("motor.median_apb.left.amplitude_mv") is None
    zero = typed.motor("median_apb", "right", wrist__amplitude_mv=0.0)
    assert facts_of(case_with(zero))["motor.median_apb.right.amplitude_mv"].number == 0


def test_a_response_without_any_number_is_not_present():
    absent = MotorStudy(
        nerve="median", muscle="abductor_pollicis_brevis", side="right",
        responses=(MotorResponse(site="wrist", measures={"amplitude_mv": Absent(reason="no response")}),),
    )  # fmt: skip
    assert facts_of(case_with(absent))["motor.median_apb.right.is_present"].value is False
    assert FACTS["motor.median_apb.right.is_present"].value is True


def test_a_proximal_response_that_is_lost_is_a_fall_of_100_percent():
    facts = facts_of(case_with(typed.motor("median_apb", "right", elbow__amplitude_mv="no response")))
    assert facts["motor.median_apb.right.wrist-elbow.amplitude_drop_percent"].value == 100


def test_one_side_against_the_other():
    case = typed.study(replaced=(typed.sensory("sural", "right", amplitude_uv=4.0),))
    facts = facts_of(case)
    assert facts["sensory.sural.right.amplitude_side_percent"].value == pytest.approx(25)
    assert facts["sensory.sural.left.amplitude_side_percent"].value == pytest.approx(400)
    slow = facts_of(typed.study(replaced=(typed.f_wave("tibial_ah", "left", 56.0),)))
    assert slow["f_wave.tibial_ah.left.f_min_latency_side_difference_ms"].value == pytest.approx(6)


def test_the_later_entry_of_a_study_holds():
    case = typed.study(replaced=(typed.motor("median_apb", "right", wrist__onset_latency_ms=4.9),))
    assert facts_of(case)["motor.median_apb.right.onset_latency_ms"].value == 4.9


@pytest.mark.parametrize(
    ("changes", "name", "sentence"),
    [
        ({"wrist__amplitude_mv": 9000.0}, "amplitude_mv", r"amplitude_mv of 9000 mV is not plausible; expected 0.005 to 40 mV; the thousandth of it would be plausible"),
        ({"wrist__onset_latency_ms": 0.0035}, "onset_latency_ms", r"onset_latency_ms of 0.0035 ms is not plausible.*the thousandfold of it would be plausible"),
        ({"distance_mm": 8.0}, "onset_latency_ms", r"the distance of 8 mm is not plausible; expected 10 to 1500 mm; multiply by 10 if it is in cm"),
        ({"elbow__onset_latency_ms": 3.0}, "onset_latency_ms", r"the response at elbow is not later than the one at wrist; check whether the sites are swapped"),
    ],
)  # fmt: skip
def test_a_number_in_another_unit_or_at_a_swapped_site_is_doubted(changes, name, sentence):
    import re

    facts = facts_of(case_with(typed.motor("median_apb", "right", **changes)))
    assert re.search(sentence, facts[f"motor.median_apb.right.{name}"].doubt)


def test_a_sensory_amplitude_in_millivolts_is_doubted():
    case = typed.study(replaced=(typed.sensory("sural", "right", amplitude_uv=0.016),))
    assert "thousandfold" in facts_of(case)["sensory.sural.right.amplitude_uv"].doubt


def test_a_sensory_velocity_from_the_recording_electrode_is_that_of_the_site():
    study = typed.sensory("sural", "right")
    stated = NerveSegment(
        distal="recording",
        proximal="wrist",
        distance_mm=140,
        measures={"velocity_m_per_s": Measure(value=51, unit="m/s")},
    )
    one = replace(
        study, responses=(replace(study.responses[0], site="calf"),), segments=(replace(stated, proximal="calf"),)
    )
    facts = facts_of(Case(subject=typed.ADULT, ncs=NcsStudies(sensory=(one,))))
    assert facts["sensory.sural.right.velocity_m_per_s"].value == 51
    assert facts["sensory.sural.right.is_present"].value is True
    assert not any("recording" in name for name in facts)


def test_doubt_passes_on_to_what_follows():
    facts = facts_of(HEALTHY, doubts={"sensory.median_d4.right": "the reference lay off the finger"})
    assert facts["compare.ring.right.difference_ms"].doubt == "the reference lay off the finger"
    assert facts["compare.csi.right.index_ms"].doubt == "the reference lay off the finger"
    assert not facts["compare.ring.left.difference_ms"].doubt


def test_a_comparison_needs_equal_distances():
    case = typed.study(replaced=(typed.sensory("ulnar_d4", "right", distance_mm=130.0),))
    assert "140 and 130 mm" in facts_of(case)["compare.ring.right.difference_ms"].doubt


def test_comparisons_carry_their_uncertainty():
    fact = FACTS["compare.csi.right.index_ms"]
    assert fact.value == pytest.approx(0.1 + 0.05 + 0.1)
    assert fact.high - fact.value == pytest.approx(0.04 * 6**0.5)


def test_examination_symptoms_and_mri_are_facts():
    case = Case(
        subject=Subject(age_years=40), symptoms=(Symptom(kind="pain", place="arm", side="bilateral"),),
        examination=Examination(
            strength=(Strength(muscle="tibialis_anterior", side="left", mrc="4-"),),
            reflexes=(Reflex(name="achilles", side="left", finding="reduced"),),
            sensation=(Sensation(area="foot", side="left", finding="reduced", root="L5"),),
            signs=(Sign(name="straight leg raise", side="left", is_positive=True),),
        ),
        mri=(MriFinding(kind="disc_extrusion", level="L4-L5", side="left", zone="foraminal"),),
    )  # fmt: skip
    facts = facts_of(case)
    assert facts["strength.tibialis_anterior.left.mrc_grade"].value == pytest.approx(11 / 3)
    assert facts["reflex.achilles.left.finding"].value == "reduced"
    assert facts["sensation.l5.left.finding"].value == "reduced"
    assert facts["sign.straight_leg_raise.left.is_positive"].value is True
    assert {"symptom.pain_arm.left.is_present", "symptom.pain_arm.right.is_present"} <= set(facts)
    assert facts["mri.l4_l5_foraminal_disc_extrusion.left.certainty"].value == "definite"
    for name in facts:
        check_name(name)


def test_needle_facts_tell_not_seen_from_not_tested():
    facts = facts_of(Case(needle=(typed.needle("tibialis_anterior"),)))
    assert facts["needle.tibialis_anterior.right.has_denervation"].value is False
    assert facts.get("needle.vastus_lateralis.right.has_denervation") is None
    blank = replace(typed.needle("tibialis_anterior"), spontaneous=None)
    assert facts_of(Case(needle=(blank,))).get("needle.tibialis_anterior.right.has_denervation") is None


def test_an_empty_case_has_no_facts_and_no_sides():
    facts = facts_of(Case())
    assert (len(facts), facts.sides) == (0, ())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("motor", "got one part"),
        ("motor.median_apb.right.wirst.onset_latency_ms", r"got site wirst; expected one of palm, wrist"),
        ("compare.rings.right.difference_ms", r"got test rings; expected one of csi"),
        ("subject.age_years.x.age_years", r"got too many parts"),
        ("needle.tibialis_anteriorr.right.has_denervation", r"no such muscle"),
    ],
)
def test_a_wrong_name_is_told_where(name, sentence):
    with pytest.raises(InputError, match=sentence):
        check_name(name)


def test_body_region_follows_the_muscle():
    found = [
        body_region(one)
        for one in ("tongue_genioglossus", "abductor_pollicis_brevis", "thoracic_paraspinals", "tibialis_anterior")
    ]
    assert found == ["bulbar", "cervical", "thoracic", "lumbosacral"]


@given(st.floats(0.3, 25), st.floats(0.3, 25))
def test_a_fall_is_what_its_definition_says(distal, proximal):
    study = typed.motor("median_apb", "right", wrist__amplitude_mv=distal, elbow__amplitude_mv=proximal)
    fact = facts_of(case_with(study))["motor.median_apb.right.wrist-elbow.amplitude_drop_percent"]
    assert fact.value == pytest.approx(100 * (distal - proximal) / distal)
    assert fact.low <= fact.value <= fact.high


def test_facts_print_no_value():
    assert repr(FACTS) == f"Facts({len(FACTS)} facts)"
    assert isinstance(FACTS, Facts)


def test_a_train_that_could_not_be_judged_does_not_hide_a_good_one():
    good = typed.train(18.0)
    bad = replace(
        good,
        measures={"amplitude_mv": Measure(value=3.0, unit="mV", method="baseline_to_peak")},
        note="the first response was submaximal",
    )
    for trains in ((good, bad), (bad, good)):
        facts = facts_of(typed.study(trains=trains))
        kept = [fact for fact in facts.of_kind("rns") if fact.measure == "decrement_percent"]
        assert [fact.value for fact in kept] == [18.0]
        assert not [fact for fact in facts.of_kind("rns") if fact.measure == "amplitude_mv"], (
            "amplitude of the bad train"
        )
    repeated = facts_of(
        typed.study(trains=(good, replace(good, measures={"decrement_percent": Measure(value=12.0, unit="%")})))
    )
    assert [fact.value for fact in repeated.of_kind("rns") if fact.measure == "decrement_percent"] == [12.0]
