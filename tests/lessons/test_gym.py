"""The gym: feedback from measured features, level, spacing, mastery, and that the truth can always be answered."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from importlib import resources

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.errors import InputError
from emgwidgets.lessons.gym.answers import CANNOT_TELL, GymAnswer, answers_of, confusion, mastery_of, wilson_interval
from emgwidgets.lessons.gym.clip import close_up
from emgwidgets.lessons.gym.feedback import told, what_decides
from emgwidgets.lessons.gym.rounds import GROUPS, GymRound, codes_of_group, options_for
from emgwidgets.lessons.gym.schedule import current_level, due_of, next_class, when_text
from emgwidgets.lessons.progress import Progress
from emgwidgets.simulation.practice.waveform_classes import waveform_classes
from emgwidgets.simulation.practice.waveform_items import waveform_item

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CODES = tuple(waveform_classes())


def answer(truth: str, given: str | None = None, *, level: int = 1, days: float = 0.0, seed: int = 1) -> GymAnswer:
    return GymAnswer(truth=truth, answer=given or truth, level=level, seed=seed, at=NOW + timedelta(days=days))


@pytest.fixture
def progress(tmp_path):
    return Progress(tmp_path / "progress.jsonl")


@pytest.mark.parametrize("code", CODES)
def test_what_decides_carries_the_numbers_of_the_item(code):
    item = waveform_item(code, 1, 5)
    text = what_decides(item)
    assert "nan" not in text
    assert "{" not in text
    assert any(character.isdigit() for character in text)


@pytest.mark.parametrize(
    ("truth", "given_code", "words"),
    [
        ("fibrillation", "fasciculation", "too regular for a fasciculation"),
        ("end_plate_spike", "fibrillation", "First deflection negative"),
        ("complex_repetitive_discharge", "myotonic_discharge", "wax and wane"),
        ("reduced_recruitment", "poor_activation", "the drive is there"),
        ("poor_activation", "reduced_recruitment", "slow"),
        ("unit_unstable", "unit_polyphasic", "missing"),
        ("mains", "complex_repetitive_discharge", "mains"),
        ("unit_doublet", "unit_polyphasic", "doublet"),
    ],
)
def test_a_wrong_answer_is_told_the_feature_that_speaks_against_it(truth, given_code, words):
    said = told(waveform_item(truth, 1, 5), given_code)
    assert words in said.lead
    assert waveform_classes()[truth].name in said.lead


def test_every_likely_wrong_answer_has_a_measured_reason():
    general = []
    for code in CODES:
        item = waveform_item(code, 1, 2)
        general += [(code, other) for other in item.kind.confused_with if "would show" in told(item, other).lead]
    assert general == []


def test_checks_and_deciding_words_name_classes_features_and_marks():
    folder = resources.files("emgwidgets.lessons.gym")
    rows = list(csv.DictReader(folder.joinpath("against.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["answer"] for row in rows} == set(CODES)
    assert {row["op"] for row in rows} == {"is", "is_not", "above", "below"}
    assert {row["mark"] for row in rows} <= {"V", "M", "P"}
    assert all(row["source"] for row in rows)
    words = list(csv.DictReader(folder.joinpath("decides.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["code"] for row in words} == set(CODES)


def test_not_naming_from_one_place_can_be_defended_and_is_not_called_right():
    item = waveform_item("end_plate_spike", 1, 4)
    assert "can be defended" in told(item, CANNOT_TELL).lead
    assert not answer("end_plate_spike", CANNOT_TELL).is_right
    assert "can be defended" not in told(waveform_item("mains", 1, 4), CANNOT_TELL).lead


def test_an_unknown_class_is_refused():
    with pytest.raises(InputError, match="no such class of waveform"):
        told(waveform_item("mains", 1, 0), "giant_wave")


@given(st.lists(st.booleans(), max_size=80))
def test_the_level_stays_within_its_range_and_follows_the_rule(results):
    level, given_answers, since = 1, [], []
    for is_right in results:
        given_answers.append(answer("mains", None if is_right else "movement", level=level))
        since.append(is_right)
        if len(since[-6:]) == 6 and sum(since[-6:]) >= 5 and level < 4:
            level, since = level + 1, []
        elif since[-6:].count(False) >= 3:
            level, since = max(level - 1, 1), []
        assert current_level(given_answers) == level


def test_a_miss_comes_back_after_1_3_7_16_and_35_days_and_brings_its_partner():
    given_answers = [answer("fibrillation", "fasciculation")]
    assert set(due_of(given_answers)) == {"fibrillation", "fasciculation"}
    assert when_text(due_of(given_answers)["fibrillation"], NOW) == "again today"
    day = 0.0
    for wait in (1, 3, 7, 16, 35, 35):
        given_answers.append(answer("fibrillation", days=day))
        at = due_of(given_answers)["fibrillation"].at
        assert at is not None
        assert (at - NOW).total_seconds() / 86400 == pytest.approx(day + wait)
        day += wait
    given_answers.append(answer("fibrillation", "mains", days=day))
    assert due_of(given_answers)["fibrillation"].step == 0


def test_practice_before_it_is_due_climbs_no_step():
    given_answers = [answer("mains", "movement"), answer("mains", days=0.01), answer("mains", days=0.02)]
    assert due_of(given_answers)["mains"].step == 1


def test_a_miss_returns_after_three_items_and_at_the_end_of_the_round():
    rng = np.random.default_rng(0)
    done = [answer("mains", "movement"), *(answer(code) for code in ("cramp", "tremor", "fasciculation"))]
    chosen = next_class(CODES, done, done, n_round=20, now=NOW, rng=rng)
    assert chosen == "mains"
    nearly = [answer("cramp")] * 15 + [answer("mains", "movement"), answer("tremor")]
    assert next_class(CODES, nearly, nearly, n_round=18, now=NOW, rng=rng) == "mains"


@settings(max_examples=30)
@given(st.sampled_from(CODES), st.integers(0, 1000))
def test_the_truth_and_its_look_alikes_are_among_five_different_options(code, seed):
    options = options_for(code, CODES, np.random.default_rng(seed))
    assert len(set(options)) == len(options) == 5
    assert code in options
    assert set(waveform_classes()[code].confused_with) <= set(options)


def test_mastery_needs_twenty_at_level_three_few_false_alarms_and_lapses():
    good = [answer("fibrillation", level=3)] * 19 + [answer("fibrillation", "mains", level=3)]
    assert mastery_of("fibrillation", good, now=NOW).is_mastered
    assert not mastery_of("fibrillation", good[:10], now=NOW).is_mastered
    assert "right" in mastery_of("fibrillation", [*good[1:], answer("fibrillation", "mains", level=3)], now=NOW).reason
    alarms = [answer("end_plate_spike", "fibrillation", level=3)] * 2
    assert "false alarms" in mastery_of("fibrillation", [*good, *alarms], now=NOW).reason
    assert "not seen" in mastery_of("fibrillation", good, now=NOW + timedelta(days=61)).reason
    easy = [answer("fibrillation", level=2)] * 30
    assert mastery_of("fibrillation", easy, now=NOW).n == 0


def test_wilson_interval_against_worked_values():
    # Wilson 1927 for 8 of 10 at 95 %: 0.490 to 0.943.
    low, high = wilson_interval(8, 10, level_percent=95.0)
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=2e-4)
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_a_round_keeps_answers_between_starts_and_repeats_itself_with_its_seed(tmp_path):
    place = tmp_path / "p.jsonl"
    first = GymRound("rest", n=4, seed=2, level=1, progress=Progress(place))
    twin = GymRound("rest", n=4, seed=2, level=1, progress=Progress(tmp_path / "other.jsonl"))
    assert (first.item.kind.code, first.item.seed) == (twin.item.kind.code, twin.item.seed)
    wrong = next(code for code in first.options if code != first.item.kind.code)
    truth = first.item.kind.code
    first.answer(wrong)
    first.answer(truth)
    again = GymRound("rest", n=4, seed=9, progress=Progress(place))
    assert [(one.truth, one.answer) for one in again.answers] == [(truth, wrong)]
    assert confusion(again.answers) == {(truth, wrong): 1}


def test_a_round_ends_and_cannot_be_skipped(progress):
    turn = GymRound(("mains", "movement"), n=2, seed=1, progress=progress)
    with pytest.raises(InputError, match="no answer yet"):
        turn.next()
    with pytest.raises(InputError, match="no option here"):
        turn.answer("fibrillations")
    turn.answer(CANNOT_TELL)
    assert turn.next() is not None
    turn.answer(turn.item.kind.code)
    assert turn.next() is None
    assert turn.is_over


def test_a_grade_counts_where_it_is_asked(progress):
    turn = GymRound(("fibrillation", "positive_sharp_wave"), n=3, seed=1, level=4, progress=progress)
    assert turn.item.grade is not None
    wrong = (turn.item.grade + 1) % 5
    said = turn.answer(turn.item.kind.code, grade=wrong)
    assert f"Graded {wrong}" in said.lead
    assert not turn.given[-1].is_right


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"group": "rest_"}, "no such group"), ({"group": ("mains",)}, "at least two"), ({"n": 0}, "length of the round"),
        ({"level": 5}, "no such level"), ({"group": ("mains", "giant")}, "no such class"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_sentence(arguments, words, progress):
    with pytest.raises(InputError, match=words):
        GymRound(**arguments, progress=progress)


def test_damaged_records_are_passed_over(progress):
    progress.add("gym", truth="mains", answer="mains", level=1, seed=0)
    progress.add("gym", truth="no_more_a_class", answer="mains", level=1, seed=0)
    progress.add("gym", truth="mains", answer="mains", level="x", seed=0)
    progress.add("exercise", lesson="10")
    assert len(answers_of(progress)) == 1


def test_groups_cover_all_classes():
    named = {code for group in GROUPS if group not in ("all", "hard_pairs") for code in codes_of_group(group)}
    assert named == set(CODES)


def test_the_close_up_shows_the_first_deflection_that_is_told():
    for code in ("fibrillation", "end_plate_spike", "positive_sharp_wave"):
        found = close_up(waveform_item(code, 1, 3))
        loud = found.wave_uv[np.abs(found.wave_uv) > 0.15 * np.abs(found.wave_uv).max()]
        assert (loud[0] < 0) == (found.first_deflection == "negative")
        assert len(found.intervals_ms) > 2
    assert close_up(waveform_item("mains", 1, 3)).wave_uv.size == 0
