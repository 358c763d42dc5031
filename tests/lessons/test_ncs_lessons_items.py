"""Items of the exercises on nerve conduction: what is true comes from the simulation, what is said from what was measured."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.errors import InputError
from emgwidgets.lessons import _ulnar_items as ulnar_items
from emgwidgets.lessons._average_items import average_item
from emgwidgets.lessons._foot_items import PLANS, foot_item
from emgwidgets.lessons._hand_items import GRADES, SEVERITIES, hand_item
from emgwidgets.lessons._inching_items import inching_item
from emgwidgets.lessons._late_items import late_item
from emgwidgets.lessons._motor_items import motor_item
from emgwidgets.lessons._polyneuropathy_items import polyneuropathy_item
from emgwidgets.lessons._technique_items import OFFERED, technique_item
from emgwidgets.lessons._train_items import train_item
from emgwidgets.lessons.foot_drop import NAMED, cost_of, only, separation, with_needle
from emgwidgets.lessons.item import Item
from emgwidgets.lessons.items import items_of, lessons_with_items
from emgwidgets.lessons.marks import latency_feedback
from emgwidgets.lessons.needle_words import needle_words, says_abnormal
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.work_up import examine

ULNAR = {"study": "ulnar_adm", "distal": "wrist", "proximal": "above_elbow"}


@pytest.fixture(scope="module")
def made():
    return {lesson: items_of(lesson, seed=3) for lesson in lessons_with_items() if lesson < "20"}


def test_every_lesson_has_items_with_more_than_one_truth(made):
    assert set(made) >= {"10", "11", "12", "13", "14", "15", "16", "17", "18"}
    for lesson, items in made.items():
        assert len(items) >= 5, lesson
        assert len({item.truth for item in items}) >= 3, lesson


def test_feedback_is_about_the_signal_and_never_about_the_learner(made):
    for items in made.values():
        for item in items:
            for choice in range(len(item.options)):
                said = item.said(choice)
                assert said.endswith(".")
                assert not {"wrong", "correct", "sorry", "well done", "right!"} & set(
                    said.lower().replace(".", "").split()
                )
                assert (
                    any(letter.isdigit() for letter in said)
                    or "fit one another" in said
                    or "Hz" in said
                    or len(said) > 60
                )


def test_the_truth_is_not_in_what_is_known(made):
    for items in made.values():
        for item in items:
            known = " ".join(value for _, value in item.known)
            assert item.options[item.truth] not in known


def test_the_seed_mixes_the_items_and_makes_other_people():
    one, same, other = items_of("18", seed=1), items_of("18", seed=1), items_of("18", seed=2)
    assert [item.known for item in one] == [item.known for item in same]
    assert [item.known for item in one] != [item.known for item in other]


@pytest.mark.parametrize(
    ("row", "truth"),
    [
        ({"condition": "normal"}, 0),
        ({"condition": "ulnar_neuropathy_at_elbow", "severity": "moderate", **ULNAR}, 1),
        ({"condition": "axonal_polyneuropathy", "severity": "severe", "study": "tibial_ah", "distal": "ankle", "proximal": "popliteal_fossa"}, 2),
        ({"condition": "normal", "fired": 0.6}, 3),
        ({"condition": "ulnar_neuropathy_at_elbow", "severity": "moderate", "fired": 0.6, **ULNAR}, 3),
    ],
)  # fmt: skip
def test_a_motor_study_is_judged_by_axons(row, truth):
    for seed in (11, 12):
        item = motor_item(row, seed)
        assert item.truth == truth
        shares = [int(value.split()[0]) for name, value in item.found if name.startswith("axons fired")]
        assert (min(shares) < 95) == (truth == 3)


def test_a_stopped_ramp_says_how_much_it_still_grew():
    item = motor_item({"condition": "normal", "fired": 0.6}, 11)
    assert "grew from" in item.feedback[1]
    assert "no plateau, so not a block" in item.feedback[1]


@pytest.mark.parametrize(
    ("row", "truth"),
    [
        ({"condition": "normal"}, 0),
        ({"condition": "myasthenia_gravis", "severity": "severe"}, 1),
        ({"condition": "normal", "slip_mm": 5.0}, 2),
        ({"condition": "myasthenia_gravis", "severity": "severe", "skin_temperature_degc": 24.0}, 2),
    ],
)
def test_a_train_is_judged_by_fibres_and_by_its_validity(row, truth):
    for seed in (21, 22):
        assert train_item(row, seed).truth == truth


@pytest.mark.parametrize(
    ("row", "truth"),
    [
        ({"condition": "normal", "height_cm": 170}, 0),
        ({"condition": "normal", "height_cm": 196, "sex": "male"}, 0),
        ({"condition": "demyelinating_polyneuropathy", "severity": "moderate", "height_cm": 165}, 1),
        ({"condition": "normal", "n_stimuli": 5}, 2),
    ],
)
def test_f_waves_are_late_by_the_time_to_the_cord_not_by_height(row, truth):
    for seed in (32, 33):
        assert late_item(row, seed).truth == truth


def test_few_f_waves_beside_a_waves_are_too_few_to_call():
    row = {"condition": "demyelinating_polyneuropathy", "severity": "moderate", "height_cm": 165}
    item = late_item(row, 31)
    assert item.truth == 2
    assert "7 F waves of 20 stimuli" in item.said(2)


@pytest.mark.parametrize("severity", SEVERITIES[1:])
def test_the_measured_grade_of_a_hand_is_the_planted_one(severity):
    item = hand_item({"severity": severity, "complaint": "numb"}, 41)
    assert item.options[item.truth] == GRADES[SEVERITIES.index(severity)]


def test_a_hand_with_another_supply_has_no_grade():
    item = hand_item({"condition": "normal", "anomaly": "riche_cannieu", "complaint": "none"}, 41)
    assert item.truth == len(GRADES)
    assert "ulnar nerve" in item.said(0)


@pytest.mark.parametrize("code", ["", "cold_limb", "mains", "off_motor_point"])
def test_an_error_of_technique_is_named_with_its_repeat(code):
    item = technique_item({"condition": "normal", "error": code}, 51)
    assert item.truth == OFFERED.index(code)
    assert ("Smallest repeat" in item.why) == bool(code)


@pytest.mark.parametrize(
    ("row", "truth"),
    [
        ({"condition": "normal", "n_averaged": 20, "age_years": 40}, 0),
        ({"condition": "carpal_tunnel_syndrome", "severity": "extreme", "study": "median_d2", "n_averaged": 20}, 1),
        ({"condition": "axonal_polyneuropathy", "severity": "severe", "n_averaged": 2}, 2),
    ],
)
def test_an_average_is_judged_by_its_true_height_over_its_noise(row, truth):
    for seed in (61, 62):
        item = average_item(row, seed)
        assert item.truth == truth
        halves = [trace.sweep for trace in item.traces]
        np.testing.assert_allclose(halves[2].samples_uv, 0.5 * (halves[0].samples_uv + halves[1].samples_uv))


@pytest.mark.parametrize("place", list(ulnar_items.TRUTHS))
def test_an_ulnar_arm_tells_its_place_with_numbers(place):
    row = (
        {"condition": "normal", "anomaly": place, "share": 0.4} if place.startswith("martin") else {"condition": place}
    )
    item = ulnar_items.ulnar_item(row, 71)
    assert item.truth == ulnar_items.TRUTHS[place]
    assert all("not" in said.split(":")[-1] for i, said in enumerate(item.feedback) if i != item.truth)


@pytest.mark.parametrize(("place", "words"), [(None, "No step"), (0.4, "4 to 6 cm"), (0.8, "2 to 4 cm")])
def test_inching_places_a_lesson_within_two_centimetres(place, words):
    row = {} if place is None else {"place": place, "share": 0.3}
    for seed in (73, 74):
        item = inching_item(row, seed)
        assert item.options[item.truth].startswith(words)
        assert len(item.traces) == 6
        if place is not None:
            assert words in item.feedback[0]


@pytest.mark.parametrize(
    ("condition", "severity"),
    [("fibular_neuropathy_at_head", "moderate"), ("radiculopathy_l5", "severe"), ("sacral_plexopathy", "moderate")],
)
def test_a_foot_drop_is_judged_by_the_posterior_of_the_tests_of_a_plan(condition, severity):
    item = foot_item({"condition": condition, "severity": severity}, 81)
    shares = [float(said.split(" %")[0].split()[-1]) for said in item.feedback[: len(PLANS)]]
    assert shares[item.truth] >= 100 * NAMED - 0.5
    costs = [cost_of(studies, muscles) for _, studies, muscles in PLANS]
    assert all(share < 100 * NAMED + 0.5 for share, cost in zip(shares, costs, strict=True) if cost < costs[item.truth])


def test_a_plan_without_the_hip_does_not_separate_plexus_and_sciatic_nerve():
    patient = VirtualPatient.with_condition("sciatic_neuropathy", side="left", age_years=46, height_cm=178, seed=16)
    case = only(
        examine(patient, studies=("fibular_ta", "superficial_fibular", "tibial_ah")),
        ("fibular_ta", "superficial_fibular"),
    )
    assert {one.muscle for one in case.ncs.motor} == {"tibialis_anterior"}
    before = separation(case, side="left")
    after = separation(
        with_needle(case, patient, ("tibialis_posterior", "tensor_fasciae_latae"), side="left"), side="left"
    )
    assert before.shares["sciatic"] == pytest.approx(before.shares["sacral_plexus"], abs=0.05)
    assert after.leading == "sciatic"
    assert after.shares["sciatic"] > 0.75
    with pytest.raises(InputError, match="no cost is known; got nose"):
        cost_of((), ("nose",))


def test_the_words_of_a_needle_follow_from_the_axons_and_the_clock():
    def found(day, muscle="tibialis_anterior"):
        patient = VirtualPatient.with_condition("radiculopathy_l5", severity="severe", side="left", day=day, seed=4)
        return needle_words(patient, muscle, "left")

    assert not found(5).spontaneous  # too early for fibrillations
    assert says_abnormal(found(5))  # recruitment is reduced from the first day
    assert found(40).spontaneous[0].kind == "fibrillation_potential"
    assert not says_abnormal(found(40, "biceps_femoris_short_head"))


@pytest.mark.parametrize(
    ("row", "truth"),
    [
        ({"condition": "axonal_polyneuropathy", "severity": "severe"}, 0),
        ({"condition": "charcot_marie_tooth_1"}, 1),
        ({"condition": "demyelinating_polyneuropathy", "severity": "moderate"}, 2),
        (
            {"condition": "normal", "lesion": "block", "places": ["median_proximal_forearm"], "share": 0.5, "day": 200},
            2,
        ),
        ({"condition": "normal", "lesion": "cut", "places": ["median_proximal_forearm"], "share": 0.6, "day": 4}, 3),
        ({"condition": "normal", "lesion": "cut", "places": ["median_proximal_forearm"], "share": 0.6, "day": 30}, 0),
        ({"condition": "axonal_polyneuropathy", "severity": "moderate", "skin_temperature_degc": 25.0}, 3),
    ],
)
def test_a_polyneuropathy_is_judged_by_speed_block_and_continuity(row, truth):
    for seed in (91, 92):
        item = polyneuropathy_item(row, seed)
        assert item.truth == truth
        if "lesion" in row and truth == 3:
            assert "this is day 4" in item.said(2)
            assert "still conduct" in item.why


def test_a_lesson_without_items_says_which_have_some():
    with pytest.raises(InputError, match="no exercise; got '99'; expected 10"):
        items_of("99")


def test_an_item_that_cannot_be_asked_is_one_sentence():
    with pytest.raises(InputError, match="different options"):
        Item(question="?", options=("a", "a"), truth=0, feedback=("x.", "y."), why="")
    with pytest.raises(InputError, match="every option needs its feedback"):
        Item(question="?", options=("a", "b"), truth=0, feedback=("x.",), why="")
    with pytest.raises(InputError, match="no such option"):
        Item(question="?", options=("a", "b"), truth=2, feedback=("x.", "y."), why="")


@pytest.mark.parametrize(
    ("placed_ms", "words"),
    [
        (3.50, "within 0.15"),
        (3.68, "outside 0.15: this is on the slope"),
        (3.90, "far outside"),
        (3.10, "still at its baseline"),
    ],
)
def test_a_marker_is_told_by_how_much_and_why(placed_ms, words):
    said = latency_feedback("motor", "O", placed_ms, 3.45)
    assert f"{placed_ms - 3.45:+.2f} ms" in said
    assert words in said


def test_the_tolerance_grows_with_the_noise_and_other_markers_have_none():
    assert "within 0.40" in latency_feedback("motor", "O", 3.80, 3.45, half_ms=0.4)
    assert latency_feedback("motor", "E", 3.8, 3.4) == ""
    assert "outside 0.05" in latency_feedback("sensory", "P", 3.2, 3.1)
