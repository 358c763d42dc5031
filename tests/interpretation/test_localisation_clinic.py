"""Symptoms and examination as evidence: weak, tempered, on the right side; and the candidates that they and the head need."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from emgwidgets import vocabulary
from emgwidgets.interpretation.facts import facts_of
from emgwidgets.interpretation.localisation import candidates, localise, next_tests
from emgwidgets.interpretation.localisation.adequacy import adequacy
from emgwidgets.interpretation.localisation.candidates import BRAINSTEM, rows_of
from emgwidgets.interpretation.localisation.catalogue import catalogue
from emgwidgets.interpretation.localisation.clinic_anatomy import (
    blink_share,
    clinic_share,
    movement_muscles,
    reflex_code,
    sign_code,
)
from emgwidgets.interpretation.localisation.clinic_likelihood import tempered
from emgwidgets.interpretation.localisation.clinic_observations import symptom_about
from emgwidgets.interpretation.localisation.observations import observations_of
from emgwidgets.interpretation.localisation.parameters import number, table
from emgwidgets.interpretation.localisation.posterior import posterior
from emgwidgets.model.case import Case, Examination, Reflex, Sensation, Sign, Strength, Symptom
from emgwidgets.model.measure import Absent
from emgwidgets.model.ncs import LateStudy, NcsStudies
from emgwidgets.model.needle import RecruitmentFindings
from emgwidgets.sources import source
from emgwidgets.vocabulary.lookup import words

_spec = importlib.util.spec_from_file_location("typed_study", Path(__file__).parent / "typed_study.py")
assert _spec is not None
assert _spec.loader is not None
typed = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(typed)

CODES = [one.code for one in candidates()]


def probabilities(case: Case) -> dict[str, float]:
    found = posterior(observations_of(facts_of(case)), day=case.days_since_onset)
    return dict(zip(CODES, found.candidate, strict=True))


def study(muscles=("tibialis_anterior", "vastus_medialis"), active=(), side="left") -> Case:
    """A thin leg study, so that the clinic has room to speak."""
    needle = tuple(typed.needle(one, side, active=one in active) for one in muscles)
    sensory = tuple(typed.sensory("sural", own) for own in ("left", "right"))
    return Case(subject=typed.ADULT, days_since_onset=60, needle=needle, ncs=NcsStudies(sensory=sensory))


def odds(case: Case, code: str) -> float:
    found = probabilities(case)
    return found[code] / found["normal"]


def test_tables_hang_on_known_names_and_sources():
    for row in rows_of("signs.csv"):
        assert 0 < float(row["false_positive"]) < float(row["sensitivity"]) < 1
        known = {code.partition(".")[0] for code in CODES} | set(table()["diffuse"])
        assert set(words(row["targets"])) <= known, row["sign"]
        assert row["mark"] == "P" or source(row["source"])
    for row in rows_of("reflexes.csv"):
        muscle = vocabulary.muscle(row["muscle"])
        assert {part.partition(":")[0] for part in words(row["roots"])} <= set(muscle.roots), row["reflex"]
        assert source(row["source"])


@pytest.mark.parametrize(
    ("symptom", "code"),
    [
        (Symptom(kind="pain", place="lateral leg to the dorsum of the foot", side="left"), "root_l5.left"),
        (Symptom(kind="numbness", place="great toe", side="left"), "root_l5.left"),
        (Symptom(kind="pain", place="posterior thigh and calf", side="left"), "root_s1.left"),
    ],
)
def test_a_complaint_raises_its_root_on_its_side_only(symptom, code):
    plain, told = study(), replace(study(), symptoms=(symptom,))
    other = code.replace("left", "right")
    assert odds(told, code) > 1.05 * odds(plain, code)
    assert odds(told, code) / odds(plain, code) > odds(told, other) / odds(plain, other)


def test_pain_counts_no_more_than_its_published_ratio():
    told = replace(study(), symptoms=(Symptom(kind="pain", place="lateral leg", side="right"),))
    base = odds(study(), "root_l5.left")
    assert odds(told, "root_l5.left") / base <= number("clinic.pain_ratio")


def test_all_signs_together_count_no_more_than_the_cap():
    weak = tuple(
        Strength(muscle=one, side="left", mrc="2")
        for one in vocabulary.muscles()
        if "L5" in vocabulary.muscle(one).roots
    )
    numb = tuple(
        Sensation(area="", nerve=one, side="left", finding="absent") for one in ("superficial_fibular", "sural")
    )
    signs = (Sign(name="straight leg raise", side="left", is_positive=True),)
    told = replace(study(), examination=Examination(strength=weak, sensation=numb, signs=signs))
    places = {code: odds(told, code) / odds(study(), code) for code in ("root_l5.left", "sciatic.left")}
    assert max(places.values()) <= number("clinic.cap") * 1.001
    assert places["root_l5.left"] > 2


def test_signs_of_one_limb_are_not_multiplied_as_independent():
    gains = np.array([0.0, 2.0, 0.0])
    total, power = tempered(gains)
    assert power == number("clinic.power") < 1
    assert total == pytest.approx([0.0, 2 * power, 0.0])
    many, smaller = tempered(20 * gains)
    assert many.max() == pytest.approx(math.log(number("clinic.cap")))
    assert smaller < power
    low, _ = tempered(np.array([0.0, -50.0]))
    assert low.min() == pytest.approx(-math.log(number("clinic.cap")))


def test_a_normal_examination_lowers_a_severe_lesion():
    strong = tuple(
        Strength(muscle=one, side="left", mrc="5")
        for one in ("tibialis_anterior", "extensor_hallucis_longus", "tibialis_posterior")
    )
    told = replace(study(), examination=Examination(strength=strong))
    assert odds(told, "root_l5.left") < odds(study(), "root_l5.left")


def test_clinic_alone_names_no_site():
    told = Case(
        symptoms=(Symptom(kind="pain", place="lateral leg", side="left"),),
        examination=Examination(reflexes=(Reflex(name="ankle jerk", side="left", finding="absent"),)),
    )  # fmt: skip
    found = localise(told)
    assert found.abstains
    assert "No nerve conduction or needle finding can be used." in found.reasons
    assert {one.code.rpartition(".")[2] for one in next_tests(told, limb="leg", side="left").tests} == {"left"}


def test_upper_motor_neuron_signs_point_to_the_centre():
    signs = tuple(Sign(name=name, side="left", is_positive=True) for name in ("Hoffmann", "Babinski"))
    brisk = tuple(Reflex(name=name, side="left", finding="increased") for name in ("triceps", "knee"))
    told = replace(study(), examination=Examination(signs=signs, reflexes=brisk))
    assert odds(told, "central_weakness") > 3 * odds(study(), "central_weakness")


def test_anatomy_of_the_clinic():
    assert clinic_share("zone", "thumb", "root_c6", "left", "left") == 0.9
    assert clinic_share("zone", "thumb", "root_c6", "left", "right") == 0.0
    assert clinic_share("zone", "thumb", "median_carpal_tunnel", "left", "left") == 1.0
    assert clinic_share("zone", "thenar_palm", "median_carpal_tunnel", "left", "left") == 0.0
    assert clinic_share("zone", "thenar_palm", "median_elbow", "left", "left") == 1.0
    assert clinic_share("pain", "lateral_leg", "root_l5", "left", "left") == 0.9
    assert clinic_share("reflex", "achilles", "root_s1", "left", "left") == 0.75
    assert clinic_share("reflex", "achilles", "common_fibular_head", "left", "left") == 0.0
    assert clinic_share("strength", "tibialis_anterior", "common_fibular_head", "left", "left") == 1.0
    assert "tibialis_anterior" in movement_muscles("ankle dorsiflexion") or movement_muscles(
        vocabulary.muscle("tibialis_anterior").action
    )
    assert movement_muscles("nothing of the kind") == ()


def test_names_of_signs_reflexes_and_symptoms():
    assert (sign_code("Lasegue"), sign_code("wink")) == ("straight_leg_raise", "")
    assert (reflex_code("Ankle jerk"), reflex_code("knee"), reflex_code("nose")) == ("achilles", "patellar", "")
    assert [
        symptom_about(word) for word in ("burning_pain_foot", "paraesthesia_thumb", "foot_drop", "frequent_falls")
    ] == ["pain", "numb", "weak", ""]


def test_arcs_of_the_blink_reflex():
    assert blink_share("blink", "r1", "facial_trunk", "left", "left") == 1.0
    assert blink_share("blink", "r2_contralateral", "facial_trunk", "left", "right") == 1.0
    assert blink_share("blink", "r2_contralateral", "cn_v", "left", "left") == 1.0
    assert blink_share("blink", "r1", "medulla", "left", "left") == 0.0
    assert blink_share("blink", "r2_ipsilateral", "medulla", "left", "left") == 1.0


def blink(side: str, **waves: float | None) -> LateStudy:
    usual = {"r1_latency_ms": 10.5, "r2_ipsilateral_latency_ms": 31.0, "r2_contralateral_latency_ms": 32.0}
    measures = {
        name: Absent(reason="no response")
        if waves.get(name, value) is None
        else typed.measured(name, waves.get(name, value))
        for name, value in usual.items()
    }
    return LateStudy(kind="blink_reflex", nerve="facial", muscle="orbicularis_oculi", side=side, measures=measures)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("left", "right", "code"),
    [
        (
            {"r1_latency_ms": None, "r2_ipsilateral_latency_ms": None}, {"r2_contralateral_latency_ms": None},
            "facial_trunk.left",
        ),
        (
            {"r1_latency_ms": None, "r2_ipsilateral_latency_ms": None, "r2_contralateral_latency_ms": None}, {}, "cn_v.left",
        ),
        ({"r1_latency_ms": None}, {}, "pons.left"),
        # Below the limit of 13 ms, and further from the other side than health allows.
        ({"r1_latency_ms": 12.6}, {"r1_latency_ms": 9.8}, "pons.left"),
        ({"r2_ipsilateral_latency_ms": None, "r2_contralateral_latency_ms": None}, {}, "medulla.left"),
    ],
)  # fmt: skip
def test_the_blink_reflex_separates_its_arcs(left, right, code):
    reduced = code == "facial_trunk.left"
    needle = tuple(
        typed.needle(one, side, active=reduced and side == "left")
        for one in ("frontalis", "orbicularis_oculi", "orbicularis_oris") for side in ("left", "right")
    )  # fmt: skip
    case = Case(
        days_since_onset=30, needle=needle, ncs=NcsStudies(late=(blink("left", **left), blink("right", **right)))
    )
    found = probabilities(case)
    arcs = ("facial_trunk", "cn_v", "pons", "medulla")
    assert max((f"{one}.{side}" for one in arcs for side in ("left", "right")), key=found.__getitem__) == code


def test_equal_waves_of_the_blink_reflex_below_their_limit_say_nothing():
    waves = {"r1_latency_ms": 12.6}
    case = Case(
        days_since_onset=30, needle=(typed.needle("orbicularis_oculi", "left", active=False),),
        ncs=NcsStudies(late=(blink("left", **waves), blink("right", **waves))),
    )  # fmt: skip
    found = probabilities(case)
    assert max(found["pons.left"], found["pons.right"]) < found["normal"] / 5


def test_signs_of_the_long_tracts_speak_for_a_lesion_of_the_brainstem():
    late = NcsStudies(late=(blink("left", r1_latency_ms=None), blink("right")))
    plain = Case(days_since_onset=30, needle=(typed.needle("orbicularis_oculi", "left", active=False),), ncs=late)
    babinski = Examination(signs=(Sign(name="babinski", side="right", is_positive=True),))
    told = replace(plain, examination=babinski)
    assert odds(told, "pons.left") > 1.5 * odds(plain, "pons.left")


def test_every_root_nerve_and_level_of_the_plexus_is_a_candidate():
    placed = {one.elements[0] for one in candidates() if len(one.elements) == 1 and not one.parts}
    left_over = []
    for element in vocabulary.elements().values():
        reached = [
            one
            for one in (*vocabulary.muscles().values(), *vocabulary.sensory_nerves().values())
            if one.is_beyond(element.code)
        ]
        is_place = element.kind in {"root", "trunk", "division", "cord", "plexus", "nerve"}
        if is_place and reached and element.code not in placed:
            left_over.append(element.code)
    assert left_over == []
    kinds = {one.kind for one in candidates()}
    assert {"central", "junction", "muscle", "ganglion", "motor_neuron", "polyneuropathy", "normal", "pair"} <= kinds
    assert {f"{place}.{side}" for place in BRAINSTEM for side in ("left", "right")} <= set(CODES)


def test_every_test_of_the_catalogue_can_be_worked_out():
    from emgwidgets.interpretation.localisation.next_test import _possible, _words

    for test in catalogue():
        assert _possible(test, "left")
        assert "left" in _words(test, "left")
        assert test.cost() > 0


def test_cautions_follow_the_patient():
    case = study(active=("tibialis_anterior",))
    plain = {one.code: one.cautions for one in next_tests(case, n=200).tests}
    minded = {
        one.code: one.cautions for one in next_tests(case, n=200, has_pacemaker=True, is_anticoagulated=True).tests
    }
    assert plain["sensory.superficial_fibular.left"] == ()
    assert "pacemaker" in minded["sensory.superficial_fibular.left"][0]
    assert any("anticoagulated" in text for text in minded["needle.tibialis_posterior.left"])
    assert not any("pacemaker" in text for text in minded["needle.tibialis_posterior.left"])


def test_f_waves_follow_their_motor_study():
    bare = {one.code for one in next_tests(study(), n=300).tests}
    assert not any(code.startswith("f_wave") for code in bare)
    done = replace(study(), ncs=replace(study().ncs, motor=(typed.motor("tibial_ah", "left"),)))
    assert "f_wave.tibial_ah.left" in {one.code for one in next_tests(done, n=300).tests}


def test_few_units_without_denervation_ask_for_a_higher_site():
    muscles = ("abductor_pollicis_brevis", "flexor_carpi_radialis", "pronator_teres", "flexor_pollicis_longus")
    needle = tuple(
        replace(typed.needle(one, "right"), recruitment=RecruitmentFindings(pattern="reduced")) for one in muscles
    )
    case = Case(days_since_onset=60, needle=needle)
    lead = next(one for one in candidates() if one.code == "median_elbow.right")
    found = observations_of(facts_of(case))
    assert any("block lies above the sites stimulated" in text for text in adequacy(lead, found, day=60.0).missing)
    assert not any("block lies above" in text for text in adequacy(lead, found, day=10.0).missing)


def test_a_root_beside_a_polyneuropathy_needs_a_proximal_muscle():
    case = study(
        ("tibialis_anterior", "tibialis_posterior", "fibularis_longus"), ("tibialis_anterior", "tibialis_posterior")
    )
    lead = next(one for one in candidates() if one.code == "axonal_polyneuropathy+root_l5.left")
    gaps = adequacy(lead, observations_of(facts_of(case)), day=60.0).missing
    assert any("proximal or paraspinal" in text for text in gaps)
