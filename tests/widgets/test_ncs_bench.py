"""The bench without a browser: actions, plateau, markers, the case it makes, recorded sweeps, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.measure import Absent
from emgwidgets.model.signal import Sweep
from emgwidgets.simulation.lesion import Anomaly
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.widgets.ncs_bench import NcsBench

RAMP_MA = (4, 8, 12, 16, 20, 24, 29)


@pytest.fixture(scope="module")
def patient() -> VirtualPatient:
    return VirtualPatient.with_condition(
        "carpal_tunnel_syndrome", side="right", seed=7, age_years=52, height_cm=168, sex="female"
    )


@pytest.fixture
def studied(patient) -> NcsBench:
    bench = NcsBench(patient)
    for side in ("left", "right"):
        for site in ("wrist", "elbow"):
            bench.choose(study="median_apb", side=side, site=site)
            bench.ramp(RAMP_MA)
            bench.keep()
    return bench


def rows(bench: NcsBench) -> dict[str, dict]:
    return {row["measure"]: row for row in bench._state["table"]["rows"]}


def test_a_ramp_done_by_hand_shows_the_plateau(patient):
    bench = NcsBench(patient, study="median_apb", side="left", site="wrist")
    for current in (4, 8, 12):
        bench.stimulate(current)
    kept = bench.keep()
    assert bench._state["ramp"]["is_supramaximal"] is False  # it still grew from 8 to 12 mA
    assert bench._state["technique"][0]["what"] == "Left wrist: not shown to be supramaximal."
    bench.stimulate(20)
    assert bench.keep().shot.current_ma == 20
    assert bench._state["ramp"]["is_supramaximal"] is True
    assert bench._state["technique"] == []
    assert kept.shot.size.value <= bench.desk.response().shot.size.value * 1.01


def test_one_stimulus_alone_never_shows_a_plateau(patient):
    bench = NcsBench(patient, study="median_apb", side="left")
    bench.stimulate(30)
    bench.keep()
    assert bench._state["ramp"]["is_supramaximal"] is None
    assert bench.case.ncs.motor[0].responses[0].is_supramaximal is None


def test_the_study_becomes_a_case_with_segments(studied):
    case = studied.case
    assert [(study.side, len(study.responses)) for study in case.ncs.motor] == [("left", 2), ("right", 2)]
    speed = case.ncs.motor[0].segments[0].measures["velocity_m_per_s"]
    truth = 45 <= speed.value <= 75
    assert truth
    assert speed.low < speed.value < speed.high
    assert case.subject.age_years == 52
    assert case.days_since_onset == 365


def test_the_table_sets_left_beside_right_with_limits(studied):
    latency = rows(studied)["wrist latency"]
    assert (latency["left"]["mark"], latency["right"]["mark"]) == ("N", "A")
    assert latency["limit"].startswith("≤")
    assert latency["limit_source"]
    assert latency["right"]["z"] > latency["left"]["z"]
    assert "unverified" in studied._state["table"]["note"]


def test_what_was_not_done_is_not_tested(patient):
    bench = NcsBench(patient, study="median_d2", side="right")
    bench.set_knobs(current_ma=30)
    bench.stimulate()
    bench.keep()
    row = next(iter(rows(bench).values()))
    assert (row["left"]["text"], row["left"]["mark"]) == ("not tested", "-")
    assert row["right"]["mark"] in {"N", "A", "B"}


def test_a_marker_moved_by_hand_changes_number_table_and_can_be_taken_back(studied):
    studied.choose(study="median_apb", side="right", site="wrist")
    before = studied.desk.response().measures["onset_latency_ms"].value
    studied.move_marker("O", before + 0.5)
    measure = studied.desk.response().measures["onset_latency_ms"]
    assert measure.value == pytest.approx(before + 0.5)
    assert measure.method == "marker placed by the reader"
    assert rows(studied)["wrist latency"]["right"]["text"].startswith(f"{before + 0.5:.2f}")
    assert studied.undo()
    assert studied.desk.response().measures["onset_latency_ms"].value == pytest.approx(before)
    assert studied.redo()
    assert studied.desk.response().measures["onset_latency_ms"].value == pytest.approx(before + 0.5)


def test_accepting_fills_every_letter_without_moving_it(studied):
    before = dict(studied.desk.response().markers_ms)
    assert studied.accept().by_hand == {"O", "P", "E"}
    assert dict(studied.desk.response().markers_ms) == before


def test_a_typed_distance_changes_the_velocity(studied):
    studied.choose(study="median_apb", side="left")
    before = studied.case.ncs.motor[0].segments[0].measures["velocity_m_per_s"].value
    distance = studied.case.ncs.motor[0].segments[0].distance_mm
    studied.set_distance("wrist", "elbow", distance * 1.1)
    after = studied.case.ncs.motor[0].segments[0].measures["velocity_m_per_s"].value
    assert after == pytest.approx(1.1 * before)
    with pytest.raises(InputError, match="multiply by 10 if it is in cm"):
        studied.set_distance("wrist", "elbow", 8.0)


def test_no_response_is_absent_not_zero():
    patient = VirtualPatient.with_condition("carpal_tunnel_syndrome", side="right", severity="extreme", seed=3)
    bench = NcsBench(patient, study="median_d2", side="right")
    bench.set_knobs(current_ma=40)
    bench.stimulate()
    kept = bench.keep()
    assert kept.absent is not None
    assert isinstance(bench.case.ncs.sensory[0].responses[0].measures["amplitude_uv"], Absent)
    assert all(row["right"]["text"] == "no response" for row in rows(bench).values())
    with pytest.raises(InputError, match="no response to mark"):
        bench.move_marker("O", 3.0)


def test_recorded_sweeps_are_kept_and_cannot_be_stimulated(patient):
    made = [
        patient.motor_study(nerve="median", muscle="abductor_pollicis_brevis", side="right", site=site).sweep
        for site in ("wrist", "elbow")
    ]
    bench = NcsBench(made)
    assert [trace["letters"] for trace in bench._state["right"]["traces"]] == ["Wr", "El"]
    assert bench.case.ncs.motor[0].segments[0].measures["velocity_m_per_s"].value > 30
    assert bench._state["technique"] == []
    with pytest.raises(InputError, match="cannot be stimulated again"):
        bench.stimulate(20)
    lost = Sweep(samples_uv=np.zeros(400), sampling_rate_hz=20_000.0, nerve="median", side="right")
    with pytest.raises(InputError, match="sweep 1 does not say where it belongs; got no site"):
        NcsBench([lost])


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (lambda b: b.choose(study="median"), "no such study"),
        (lambda b: b.choose(site="knee"), "has no such site; got 'knee'; expected one of palm, wrist"),
        (lambda b: b.choose(side="both"), "side cannot be used"),
        (lambda b: b.keep(), "nothing to keep"),
        (lambda b: b.move_marker("O", 3.0), "no response was kept here"),
        (lambda b: b.set_knobs(current_ma=300), "current cannot be set; got 300 mA"),
        (lambda b: b.set_knobs(voltage_v=3), "no such knob"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(patient, action, sentence):
    bench = NcsBench(patient, study="median_apb")
    with pytest.raises(InputError, match=sentence):
        action(bench)


def test_an_action_of_the_browser_that_fails_is_a_message_not_a_traceback(patient, monkeypatch):
    bench = NcsBench(patient, study="median_apb")
    sent = []
    monkeypatch.setattr(bench, "send", lambda content, buffers=None: sent.append((content, buffers)))
    bench._receive(bench, {"type": "keep"}, [])
    assert sent[0][0]["type"] == "error"
    assert sent[0][0]["way_out"] == "stimulate first"
    bench._receive(bench, {"type": "stimulate"}, [])
    number = bench._state["ramp"]["shots"][0]["id"]
    bench._receive(bench, {"type": "need", "ids": [number]}, [])
    head, data = sent[-1][0]["heads"][0], sent[-1][1][0]
    assert len(data) == 4 * head["n"]
    bench._receive(bench, {"type": "dance"}, [])
    assert len(sent) == 2


def test_every_study_of_the_patient_can_be_done(patient):
    bench = NcsBench(patient)
    for key, info in bench.desk.studies.items():
        bench.choose(study=key, side="left")
        bench.set_knobs(current_ma=60)
        assert bench.stimulate().sweep.site == info.standard_site
        bench.keep()
    assert len(bench.desk.kept) == len(bench.desk.studies)


def test_the_bench_goes_on_paper_and_into_a_table(studied):
    studied.choose(study="median_apb")
    figure = studied.to_figure()
    assert len(figure.axes) == 2
    texts = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert sum("onset" in text for text in texts) == 4
    assert texts.count("O") == 4
    plotly = studied.to_figure(backend="plotly")
    assert len(plotly.data) == 4
    assert plotly.data[0].y.max() > 5000  # negative up
    table = studied.table()
    assert set(table.left_mark) <= {"N", "A", "B", "0", "?", "-"}
    assert (table.nerve == "Median to abductor pollicis brevis").all()
    with pytest.raises(InputError, match="no such way to draw"):
        studied.to_figure(backend="bokeh")
    studied.choose(study="ulnar_adm")
    with pytest.raises(InputError, match="no response to draw"):
        studied.to_figure()


def test_a_carpal_tunnel_delays_its_f_waves_on_its_side_only(patient):
    bench = NcsBench(patient, study="median_apb", side="left")
    left = bench.f_waves(20)
    bench.choose(side="right")
    right = bench.f_waves(20)
    assert len(left.sweeps) == 20
    assert right.found.m_wave.onset_latency_ms.value > left.found.m_wave.onset_latency_ms.value + 0.5
    assert [study.kind for study in bench.case.ncs.late] == ["f_wave", "f_wave"]
    shown = bench._state["series"]["f_waves"]
    assert [run["side"] for run in shown] == ["left", "right"]
    assert len(shown[0]["latencies_ms"]) == len(shown[0]["ids"]) == 20


def test_a_myasthenic_train_falls_and_recovers_after_exercise():
    bench = NcsBench(VirtualPatient.with_condition("myasthenia_gravis", seed=7), study="ulnar_adm")
    rest = bench.train()
    after = bench.train(exercise_s=10, after_s=0)
    assert rest.found.decrement_percent.value > 8
    assert after.found.decrement_percent.value < rest.found.decrement_percent.value
    assert [study.exercise_s for study in bench.case.ncs.repetitive] == [None, 10]
    assert len(bench._state["series"]["trains"]) == 2
    bench.forget("trains")
    assert bench._state["series"]["trains"] == []


def test_inching_finds_the_slow_step_of_the_elbow():
    patient = VirtualPatient.with_condition("ulnar_neuropathy_at_elbow", side="left", seed=5)
    bench = NcsBench(patient, study="ulnar_adm", side="left")
    sick = bench.inch("below_elbow", "above_elbow", 20)
    bench.choose(side="right")
    well = bench.inch("below_elbow", "above_elbow", 20)
    longest = max(step.latency_step_ms.value for step in sick.steps)
    assert longest > 1.5 * max(step.latency_step_ms.value for step in well.steps)
    assert "Longest step" in bench._state["series"]["inching"][0]["words"]


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (lambda b: b.inch("above_elbow", "below_elbow"), "runs from a distal to a proximal site"),
        (lambda b: b.inch("wrist", "below_elbow", 200), "the step cannot be used"),
        (lambda b: b.train(rate_hz=100), "the rate cannot be used"),
        (lambda b: b.f_waves(2), "number of stimuli cannot be used"),
    ],
)
def test_a_series_that_cannot_be_given_is_one_sentence(patient, action, sentence):
    with pytest.raises(InputError, match=sentence):
        action(NcsBench(patient, study="ulnar_adm"))


def test_a_series_needs_a_source_that_stimulates(patient):
    sweep = patient.motor_study(nerve="median", muscle="abductor_pollicis_brevis", side="right", site="wrist").sweep
    bench = NcsBench([sweep])
    assert bench._fixed["has_series"] is False
    with pytest.raises(InputError, match="a series needs more sweeps"):
        bench.f_waves()


def test_an_f_wave_is_placed_and_taken_away_by_hand(patient):
    bench = NcsBench(patient, study="ulnar_adm", side="left")
    run = bench.f_waves(10)
    first = next(number for number, wave in enumerate(run.found.waves, start=1) if not isinstance(wave, Absent))
    before = run.found.persistence_percent.value
    changed = bench.no_f(first)
    assert changed.found.persistence_percent.value == pytest.approx(before - 10)
    placed = bench.place_f(first, 20.0)
    assert placed.found.min_latency_ms.value == 20.0
    assert placed.found.waves[first - 1].latency_ms.markers[0].is_manual
    assert bench._state["series"]["f_waves"][0]["by_hand"] == [first]
    assert bench.case.ncs.late[0].measures["f_min_latency_ms"].value == 20.0
    assert bench.undo()
    assert bench.undo()
    assert bench.desk.runs[0].found.persistence_percent.value == before
    with pytest.raises(InputError, match="no such sweep; got 11; expected 1 to 10"):
        bench.place_f(11, 30.0)
    with pytest.raises(InputError, match="does not lie in its sweep"):
        bench.place_f(1, 900.0)
    bench.choose(side="right")
    with pytest.raises(InputError, match="no F waves to mark"):
        bench.place_f(1, 30.0)


def test_what_the_technique_takes_away_is_not_judged_and_no_criteria_are_read_off():
    arm = VirtualPatient(
        anomalies=(Anomaly(kind="martin_gruber_adm", share=0.4, side="right"),),
        age_years=49, height_cm=176, sex="male", seed=15,
    )  # fmt: skip
    bench = NcsBench(arm, study="ulnar_adm", side="right")
    for site in ("wrist", "below_elbow", "above_elbow"):
        bench.choose(site=site)
        bench.ramp((25, 32))
        bench.keep()
    found = rows(bench)
    speed = found["below elbow to wrist"]["right"]
    assert speed["mark"] == "?"
    assert "anastomosis" in speed["reason"]
    assert found["above elbow to below elbow"]["right"]["mark"] == "N"  # that segment is not in doubt
    (said,) = [one["text"] for one in bench._state["carried"] if one["mark"] == "i"]
    assert said.startswith("Published criteria are not read off while this is open: Right wrist and below elbow")


def test_a_limit_that_was_not_read_in_its_source_has_a_letter(studied):
    assert rows(studied)["wrist latency"]["limit_mark"] == "unverified"
    assert studied._state["table"]["note"].endswith("u: unverified, from memory.")


def test_a_neighbour_that_joins_beyond_the_plateau_is_told_until_less_current_is_kept():
    bench = NcsBench(VirtualPatient(age_years=45, seed=10), study="median_apb", side="right")
    bench.ramp((10, 20, 40, 50, 62, 75))
    bench.keep()
    assert any("neighbouring nerve was stimulated" in text for text in bench.technique)
    assert rows(bench)["wrist amplitude, O-P"]["right"]["mark"] == "?"
    bench.stimulate(25)
    bench.keep()
    assert bench.technique == ()
    assert rows(bench)["wrist amplitude, O-P"]["right"]["mark"] == "N"


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (lambda b: b.stimulate("thirty"), "the knob current_ma is no number; got 'thirty'"),
        (lambda b: b.set_knobs(n_averaged=0), "so many cannot be averaged; got 0; expected 1 to 1000"),
        (lambda b: b.set_knobs(n_averaged=2.5), "n_averaged is no whole number; got 2.5"),
        (lambda b: b.set_distance("wrist", "elbow", "22 cm"), "the distance in mm is no number; got '22 cm'"),
        (lambda b: b.set_distance("wrist", "wrist", 100), "a distance needs two sites; got wrist twice"),
        (lambda b: b.f_waves("ten"), "n_stimuli is no whole number; got 'ten'"),
        (lambda b: b.train(rate_hz="3 Hz"), "rate_hz is no number; got '3 Hz'"),
        (lambda b: b.type_in("wrist", latency_ms="4,2"), "the latency in ms is no number; got '4,2'"),
        (lambda b: b.type_conditions(skin_temperature_degc="warm"), "the skin temperature in °C is no number"),
        (lambda b: b.save(""), "the case has no place to be saved"),
        (lambda _: NcsBench(study="median_apb", subject={"age": 5}), "the subject cannot be used; got dict"),
    ],
)
def test_what_is_no_number_or_no_place_is_one_sentence(act, sentence):
    bench = NcsBench(VirtualPatient(age_years=45, height_cm=168, sex="female", seed=10), study="median_apb")
    with pytest.raises(EmgError, match=sentence):
        act(bench)
