"""Items of the needle lessons: the truth is that of the simulation, every kind of answer occurs, and feedback holds numbers."""

from __future__ import annotations

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets.errors import InputError
from emgwidgets.lessons.item import Spread
from emgwidgets.lessons.items import items_of
from emgwidgets.lessons.jitter_study import jitter_pairs, jitter_study
from emgwidgets.lessons.unit_sheets import muscle_of, unit_sheet

NEEDLE = {"21": 4, "23": 5, "24": 4, "25": 4}


@pytest.fixture(scope="module")
def made():
    return {lesson: items_of(lesson, seed=1) for lesson in NEEDLE}


@pytest.mark.parametrize(("lesson", "n"), NEEDLE.items())
def test_every_lesson_has_its_items_and_numbers_in_them(made, lesson, n):
    items = made[lesson]
    assert len(items) == n
    for item in items:
        assert any(character.isdigit() for character in item.said(item.truth))
        text = " ".join((*item.feedback, item.why, *(value for _, value in (*item.known, *item.found))))
        assert "nan" not in text.lower().split()


@pytest.mark.parametrize("lesson", ["21", "25"])
def test_every_answer_is_the_truth_once(made, lesson):
    assert sorted(item.truth for item in made[lesson]) == [0, 1, 2, 3]


def test_each_stage_of_a_lesion_occurs_and_none_is_dated_to_the_day(made):
    assert sorted(item.truth for item in made["23"]) == [0, 1, 1, 2, 3]
    assert all("cannot" in item.feedback[4] for item in made["23"])


def test_growing_nerve_has_fewer_units_that_fire_faster_than_fibre_disease(made):
    drive = {item.truth: dict(item.known)["recruitment"] for item in made["24"]}
    n_units = {truth: int(text.split()[0]) for truth, text in drive.items()}
    rate = {truth: int(text.split("needle at ")[1].split("/")[0]) for truth, text in drive.items()}
    assert n_units[3] < min(n for truth, n in n_units.items() if truth != 3)
    assert rate[3] > max(hz for truth, hz in rate.items() if truth != 3)


def test_a_sheet_holds_different_units_and_measures_follow_the_lesion():
    person = emg.VirtualPatient(age_years=44.0, seed=2)
    ill = emg.VirtualPatient.with_condition("muscular_dystrophy", severity="severe", age_years=44.0, seed=2)
    well, small = (unit_sheet(one, "biceps_brachii", "right", seed=3) for one in (person, ill))
    assert len(well.units) == len(small.units) == 20
    assert well.fibre_ratio == pytest.approx(1.0)
    assert small.fibre_ratio < 0.5
    assert small.mean_duration_ms < well.mean_duration_ms - 1.0


def test_jitter_pairs_follow_the_safety_of_the_junctions():
    well = muscle_of(emg.VirtualPatient(age_years=44.0, seed=2), "extensor_digitorum_communis", "right")
    ill = muscle_of(
        emg.VirtualPatient.with_condition("myasthenia_gravis", severity="moderate", age_years=44.0, seed=2),
        "extensor_digitorum_communis", "right",
    )  # fmt: skip
    sound, sick = ([one.jitter_us for one in jitter_pairs(state, 20, 1) if one.jitter_us] for state in (well, ill))
    assert sum(sound) / len(sound) < 35.0
    assert sum(sick) / len(sick) > 80.0


def test_a_verdict_needs_twenty_pairs_and_names_its_limits():
    person = emg.VirtualPatient(age_years=44.0, seed=2)
    whole = jitter_study(person, "extensor_digitorum_communis", "right", seed=1)
    assert whole.is_abnormal() is False
    assert "limit 30.0" in whole.verdict()
    few = jitter_study(person, "extensor_digitorum_communis", "right", n=6, seed=1)
    assert few.is_abnormal() is None
    assert "20 needed" in few.verdict()
    elsewhere = jitter_study(person, "biceps_brachii", "right", seed=1)
    assert "no limit here" in elsewhere.verdict()


def test_jitter_is_shown_where_it_can_be_seen(made):
    for item in made["25"]:
        assert item.end_ms - item.start_ms == pytest.approx(5.0)
        assert {trace.lane for trace in item.traces} <= {"typical pair", "widest pair"}
        for lane in {trace.lane for trace in item.traces}:
            waves = np.array([trace.sweep.samples_uv for trace in item.traces if trace.lane == lane])
            rate = item.traces[0].sweep.sampling_rate_hz
            first = waves[:, : round(1.85 * rate / 1000)]
            assert len(waves) == 20
            # aligned on the first spike: its edge stands still, but for the noise and a second spike that rides on it
            assert np.ptp(np.median(first, axis=0)) > 50.0
            assert np.median(first.std(axis=0)) < 0.2 * np.ptp(np.median(first, axis=0))


def test_the_histogram_holds_every_pair(made):
    for item in made["25"]:
        counts = item.spread.counts
        assert sum(counts) == int(dict(item.known)["pairs"])
        over = int(dict(item.known)["pairs over limit"].split()[0])
        assert sum(counts[:4]) <= sum(counts) - over <= sum(counts[:5])  # the limit of 43 us lies in the fifth bin
    spread = Spread(label="x", values_us=(0.0, 9.9, 10.0, 55.0, None), step_us=10.0, n_bins=2)
    assert spread.counts == (2, 1, 2)
    with pytest.raises(InputError, match="needs bins"):
        Spread(label="x", values_us=(), step_us=0.0, n_bins=2)
