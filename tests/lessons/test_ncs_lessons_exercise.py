"""The exercise widget and the feedback of the bench: first answer counts, is kept, and says why."""

from __future__ import annotations

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets.errors import InputError
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.lessons.progress import Progress
from emgwidgets.model.signal import Sweep
from emgwidgets.widgets.exercise import Exercise


def item(truth=0):
    sweep = Sweep(samples_uv=np.zeros(400), sampling_rate_hz=20_000.0)
    return Item(
        question="What is it?", options=("this", "that"), truth=truth, feedback=("3 mV: this.", "3 mV: not that."),
        why="Because.", traces=(ItemTrace(label="wrist", sweep=sweep, marks=(("O", 3.0),)),), found=(("seen", "3 mV"),),
    )  # fmt: skip


@pytest.fixture
def asked(tmp_path):
    progress = Progress(tmp_path / "p.jsonl")
    return Exercise([item(0), item(1)], lesson="10", progress=progress), progress


def test_the_first_answer_counts_and_is_kept(asked):
    exercise, progress = asked
    assert exercise.answer(1) == "3 mV: not that. Because."
    assert exercise.answer(0) == "3 mV: not that. Because."
    exercise.go(1)
    exercise.answer(1)
    assert exercise.score == (1, 2, 2)
    assert [(record["choice"], record["truth"]) for record in progress] == [("that", "this"), ("that", "that")]


def test_truth_and_marks_travel_only_with_the_answer(asked):
    exercise, _ = asked
    sent = exercise._item
    assert sent["told"] is None
    assert sent["traces"][0]["marks"] == []
    assert "truth" not in sent
    exercise.answer(0)
    assert exercise._item["told"]["truth"] == 0
    assert exercise._item["traces"][0]["marks"] == [["O", 3.0]]
    assert len(exercise._item["traces"][0]["samples"]) == 4 * 400


def test_messages_of_the_browser_do_the_same_and_nonsense_does_nothing(asked):
    exercise, _ = asked
    exercise._receive(None, {"type": "answer", "index": 1, "choice": 0}, None)  # an item that is not shown
    exercise._receive(None, {"type": "answer", "index": 0, "choice": 7}, None)
    exercise._receive(None, {"type": "go", "index": 9}, None)
    assert exercise.score == (0, 0, 2)
    exercise._receive(None, {"type": "answer", "index": 0, "choice": 0}, None)
    assert exercise.score == (1, 1, 2)


def test_what_cannot_be_asked_is_one_sentence(asked):
    exercise, _ = asked
    with pytest.raises(InputError, match="an exercise needs items"):
        Exercise([])
    with pytest.raises(InputError, match="no such option"):
        exercise.answer(2)
    with pytest.raises(InputError, match="no such item"):
        exercise.go(2)


def test_the_text_tells_what_was_answered_and_nothing_before(asked):
    exercise, _ = asked
    assert "3 mV" not in exercise.to_text()
    assert repr(exercise) == "Exercise(2 items, none answered)"
    exercise.answer(0)
    assert "this: 3 mV: this. Because." in exercise.to_text()
    assert repr(exercise) == "Exercise(2 items, 1 answered, 1 as the simulation has it)"


@pytest.fixture
def bench():
    return emg.NcsBench(
        emg.VirtualPatient(age_years=45, height_cm=168, sex="female", seed=10), study="median_apb", side="right"
    )


def test_feedback_of_the_bench_follows_what_was_done(bench):
    assert emg.bench_feedback(bench).startswith("Nothing kept yet")
    bench.stimulate(8.0)
    bench.choose(site="elbow")
    bench.ramp([8, 9.6])
    bench.keep()
    assert "no plateau: raise the current" in emg.bench_feedback(bench)
    bench.ramp([20, 25])
    bench.keep()
    assert "100 % of the axons fired;" in emg.bench_feedback(bench)
    true_ms = bench.desk.source.truths[bench.desk.response().shot.number].onset_ms
    bench.move_marker("O", true_ms + 0.5)
    said = emg.bench_feedback(bench)
    assert "+0.50 ms, far outside" in said
    assert "proposed" not in said


def test_recorded_sweeps_have_no_truth(bench):
    bench.stimulate(20.0)
    recorded = emg.NcsBench([bench.keep().shot.sweep])
    with pytest.raises(InputError, match="no truth to compare with"):
        emg.bench_feedback(recorded)


def test_the_check_of_technique_speaks_on_the_bench(bench):
    bench.set_knobs(skin_temperature_degc=25)
    bench.ramp([20, 25])
    bench.keep()
    assert any("the limb was cold" in sentence and "25 °C" in sentence for sentence in bench.technique)
    bench.set_knobs(skin_temperature_degc=33.5)
    bench.ramp([20, 25])
    bench.keep()
    assert bench.technique == ()


def test_an_increment_compares_with_the_train_at_rest(bench):
    weak = emg.VirtualPatient.with_condition(
        "lambert_eaton_syndrome", seed=18, age_years=36, height_cm=168, sex="female"
    )
    bench = emg.NcsBench(weak, study="ulnar_adm", side="right")
    rest, after = bench.train(), bench.train(exercise_s=10.0)
    expected = 100.0 * (after.found.amplitudes_mv[0] / rest.found.amplitudes_mv[0] - 1.0)
    studies = bench.case.ncs.repetitive
    assert "increment_percent" not in studies[0].measures
    assert studies[1].measures["increment_percent"].value == pytest.approx(expected)
    assert emg.evaluate("junction_increment", bench.case).judgements[0].answer == "met"


def test_a_train_that_jumps_is_not_judged():
    bench = emg.NcsBench(emg.VirtualPatient(seed=18), study="ulnar_adm", side="right")
    bench.set_knobs(slip_mm=5)
    assert bench.train().found.validity
    study = bench.case.ncs.repetitive[0]
    assert "decrement_percent" not in study.measures
    assert "not smooth" in study.note
    assert emg.evaluate("junction_decrement", bench.case).judgements[0].answer == "cannot_be_judged"


def test_a_tab_that_does_not_exist_is_one_sentence():
    with pytest.raises(InputError, match="no such tab; got 'blink'"):
        emg.NcsBench(emg.VirtualPatient(), tab="blink")
