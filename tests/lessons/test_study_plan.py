"""Planning: tests show what follows from the axons, a cheap plan exists for every place, and a lucky guess is told."""

from __future__ import annotations

from pathlib import Path

import pytest

import emgwidgets as emg
from emgwidgets.errors import InputError
from emgwidgets.lessons.progress import Progress
from emgwidgets.lessons.study_plan import ARM_PLACES, ARM_SET, SETTLED, StudyPlan, arm_patient, cost_of

HAND = (("needle", "first_dorsal_interosseous_hand"), ("needle", "abductor_digiti_minimi_hand"))
#: One cheap plan for each place, found by hand.
CHEAP = {
    "root_c6": (("needle", "pronator_teres"), ("needle", "triceps_brachii_lateral_head"), ("needle", "brachioradialis"), ("needle", "deltoid_middle")),
    "root_c7": (("needle", "pronator_teres"), ("needle", "triceps_brachii_lateral_head"), ("needle", "brachioradialis"), ("needle", "extensor_digitorum_communis")),
    "root_c8": (*HAND[:1], ("needle", "extensor_indicis_proprius"), ("nerve", "ulnar_d5"), ("nerve", "medial_antebrachial_cutaneous"), ("needle", "cervical_paraspinals_c7_c8")),
    "ulnar_elbow": (*HAND[:1], ("needle", "extensor_indicis_proprius"), ("nerve", "ulnar_d5")),
    "lower_trunk": (*HAND[:1], ("needle", "extensor_indicis_proprius"), ("nerve", "ulnar_d5"), ("nerve", "medial_antebrachial_cutaneous")),
}  # fmt: skip


def plan_of(site: str, tests: tuple[tuple[str, str], ...] = (), seed: int = 5) -> StudyPlan:
    made = StudyPlan(arm_patient(site, seed=seed, age_years=52.0, height_cm=172.0, sex="male"), truth=site)
    for kind, code in tests:
        made.add(kind, code)
    return made


def test_before_the_first_test_every_place_is_as_likely() -> None:
    shares = plan_of("root_c8").separation().shares
    assert set(shares.values()) == {1 / len(ARM_PLACES)}


@pytest.mark.parametrize("site", sorted(ARM_PLACES))
def test_a_plan_below_the_cost_of_the_set_settles_every_place(site: str) -> None:
    plan = plan_of(site, CHEAP[site])
    assert plan.separation().leading == site
    assert plan.separation().shares[site] >= SETTLED, str(plan.separation())
    assert plan.cost < cost_of((), ARM_SET)
    assert plan.conclude(site).startswith("It is")
    assert plan.is_settled


def test_two_muscles_of_the_hand_do_not_tell_a_root_from_the_elbow() -> None:
    root, elbow = (plan_of(site, HAND) for site in ("root_c8", "ulnar_elbow"))
    assert [one.found for one in root.done] == [one.found for one in elbow.done]
    assert root.separation().shares["root_c8"] < 0.5
    told = root.conclude("root_c8")
    assert "a guess" in told
    assert not root.is_settled


def test_a_wrong_place_is_told_with_both_shares_and_stands() -> None:
    plan = plan_of("ulnar_elbow", HAND)
    told = plan.conclude("root_c8")
    assert "not the C8 root" in told
    assert "the ulnar nerve at the elbow" in told
    plan.conclude("ulnar_elbow")
    assert plan.concluded == "root_c8"
    with pytest.raises(InputError, match="the conclusion stands"):
        plan.add("needle", "deltoid_middle")


def test_the_set_is_too_dear_to_win_with() -> None:
    plan = plan_of("root_c8", tuple(("needle", one) for one in ARM_SET))
    assert plan.cost == cost_of((), ARM_SET)
    assert "less was asked for" in plan.conclude("root_c8")
    assert not plan.is_settled


def test_a_test_is_done_once_and_can_be_taken_back() -> None:
    plan = plan_of("root_c6", HAND[:1])
    with pytest.raises(InputError, match="done already"):
        plan.add(*HAND[0])
    with pytest.raises(InputError, match="not on offer"):
        plan.add("nerve", "sural")
    plan.take_back()
    assert plan.done == ()
    assert plan.cost == 0


def test_next_tests_leave_out_what_was_done() -> None:
    plan = plan_of("root_c8", HAND[:1])
    assert "needle.first_dorsal_interosseous_hand.right" not in {one.code for one in plan.next_tests(200).tests}


def test_the_planner_hides_the_truth_until_the_conclusion(tmp_path: Path) -> None:
    planner = emg.StudyPlanner(seed=1, progress=Progress(tmp_path / "p.jsonl"))
    assert sorted(one.truth for one in planner.plans) == sorted(ARM_PLACES)
    assert not {"truth", "told", "concluded"} & set(planner._state)
    planner._receive(None, {"type": "add", "kind": "needle", "code": "pronator_teres"}, None)
    assert [one["code"] for one in planner._state["tests"]] == ["pronator_teres"]
    planner._receive(None, {"type": "conclude", "site": planner.plan.truth}, None)
    assert planner._state["truth"] == planner.plan.truth
    assert planner.score == (0, 1, 5)
    planner.go(1)
    assert "truth" not in planner._state


def test_only_tests_of_this_game_are_proposed(tmp_path: Path) -> None:
    planner = emg.StudyPlanner([plan_of("root_c8", HAND[:1])], shows_next=True, progress=Progress(tmp_path / "p.jsonl"))
    listed = planner._state["next"]["tests"]
    assert len(listed) == 4
    planner._receive(None, {"type": "add", "kind": listed[0]["kind"], "code": listed[0]["code"]}, None)
    assert planner.plan.done[-1].code == listed[0]["code"]
    assert "would settle" not in planner._state["next"]["reason"]


def test_nothing_but_the_findings_tells_the_place(tmp_path: Path) -> None:
    planner = emg.StudyPlanner(seed=2, progress=Progress(tmp_path / "p.jsonl"))
    assert len({one.patient.day for one in planner.plans}) == 1


def test_errors_of_the_browser_are_sent_back(tmp_path: Path) -> None:
    planner = emg.StudyPlanner([plan_of("root_c6")], progress=Progress(tmp_path / "p.jsonl"))
    sent: list[dict[str, object]] = []
    planner.send = lambda content, buffers=None: sent.append(content)
    planner._receive(None, {"type": "add", "kind": "nerve", "code": "sural"}, None)
    planner._receive(None, {"type": "unknown"}, None)
    assert [one["what"] for one in sent] == ["this test is not on offer"]
    with pytest.raises(InputError, match="no such patient"):
        planner.go(1)
    with pytest.raises(InputError, match="nobody to examine"):
        emg.StudyPlanner([])
    with pytest.raises(InputError, match="not in question"):
        arm_patient("sciatic")
