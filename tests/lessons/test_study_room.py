"""An unknown case done test by test: results enter the case, costs add up, and points follow the curriculum."""

from __future__ import annotations

import pytest

from emgwidgets.errors import InputError
from emgwidgets.lessons.study_room import CANNOT_BE_JUDGED, StudyRoom, least_study
from emgwidgets.simulation.story.teaching import teaching_cases


@pytest.fixture(scope="module")
def foot():
    room = StudyRoom("U1")
    for kind, study in least_study("U1"):
        room.do(kind, study, "left")
    return room


def test_every_unknown_case_has_a_plan_of_tests_that_exist():
    known = {(one.kind, one.study) for one in StudyRoom("U1").tests()}
    for code in teaching_cases():
        if code.removeprefix("U").isdigit():
            assert set(least_study(code)) <= known


def test_tests_enter_the_case_and_their_costs_add_up(foot):
    assert len(foot.case.needle) == 4
    assert len(foot.case.ncs.sensory) == 1
    assert foot.cost == pytest.approx(sum(one.cost for one in foot.done))
    assert foot.done[-1].probability > foot.done[0].probability
    assert foot.leading()[0] == "L5 root, left"


def test_the_mri_is_read_only_when_it_is_asked_for():
    room = StudyRoom("U1")
    assert room.case.mri == ()
    text = room.read_mri()
    assert "L4" in text
    assert {one.level for one in room.case.mri} >= {"L4-5"}


def test_a_right_site_on_thin_evidence_is_worth_little_and_more_tests_defend_it(foot):
    thin = foot.conclude("root_l5.left", red_flag=True)
    assert thin.points < 40
    assert "thin evidence" in str(thin)
    more = StudyRoom("U1")
    plan = [*least_study("U1"), ("needle", "gluteus_medius"), ("needle", "lumbar_paraspinals_multifidus_lower"), ("motor", "fibular_ta"), ("sensory", "sural"), ("needle", "biceps_femoris_short_head")]  # fmt: skip
    for kind, study in plan:
        more.do(kind, study, "left")
    whole = more.conclude("root_l5.left", red_flag=True)
    assert whole.points > 80
    assert {name for name, _, _ in whole.rows} == {"conclusion", "side", "economy"}


def test_a_red_flag_that_the_case_shows_must_be_called():
    called, missed = (StudyRoom("U17").conclude("central_weakness", red_flag=one) for one in (True, False))
    assert called.points - missed.points == pytest.approx(47, abs=1)
    assert any(name == "red flag missed" for name, _, _ in missed.rows)


def test_the_wrong_side_costs(foot):
    wrong = foot.conclude("root_l5.right", red_flag=True)
    assert wrong.points == 0
    assert any(name == "overcall or wrong side" for name, _, _ in wrong.rows)


def test_an_inadequate_case_is_left_open():
    room = StudyRoom("U24")
    assert room.conclude(CANNOT_BE_JUDGED).points == pytest.approx(100.0)
    verdict = StudyRoom("U24").conclude("root_c6.left")
    assert verdict.points == 0
    assert any("inadequate" in name for name, _, _ in verdict.rows)


def test_the_faults_of_the_study_that_was_sent_in_are_in_it():
    room = StudyRoom("U24")
    room.do("motor", "median_apb", "right")
    study = room.case.ncs.motor[0]
    assert study.conditions.skin_temperature_degc == pytest.approx(26.0)
    assert study.conditions.high_pass_hz is None
    assert study.responses[0].is_supramaximal is False


def test_nothing_is_needed_where_the_cord_speaks_first():
    room = StudyRoom("U17")
    assert room.conclude("central_weakness", red_flag=True).points == pytest.approx(100.0)


def test_bad_input_gets_one_sentence(foot):
    with pytest.raises(InputError, match="done already"):
        foot.do("needle", "tibialis_anterior", "left")
    with pytest.raises(InputError, match="no such test"):
        foot.do("needle", "deltoid", "left")
    with pytest.raises(InputError, match="no such case"):
        StudyRoom("U99")
    with pytest.raises(InputError, match="no plan"):
        StudyRoom("U1b")
