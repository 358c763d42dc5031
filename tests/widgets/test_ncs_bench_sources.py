"""The bench on anything but the virtual patient: sweeps of a CSV table and of EDF segments, numbers of a report, a live device."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.protocols import Block, ChannelInfo, DeviceInfo, StreamInfo
from emgwidgets.acquisition.virtual import VirtualDevice
from emgwidgets.errors import InputError
from emgwidgets.model.case import Subject
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.model.signal import ArraySamples, Channel, Recording, Segment, Stimulus
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.widgets.ncs_bench import NcsBench
from emgwidgets.widgets.ncs_bench.live import LiveSource
from emgwidgets.widgets.ncs_bench.source import check_train_rate
from emgwidgets.work_up import examine

WOMAN = Subject(age_years=52, sex="female", height_cm=168, weight_kg=66)
APB = {"nerve": "median", "muscle": "abductor_pollicis_brevis", "side": "right"}


@pytest.fixture(scope="module")
def patient() -> VirtualPatient:
    return VirtualPatient.with_condition(
        "carpal_tunnel_syndrome", side="right", seed=7, age_years=52, height_cm=168, sex="female"
    )


@pytest.fixture(scope="module")
def sweeps(patient):
    return [patient.motor_study(**APB, site=site).sweep for site in ("wrist", "elbow")]


def rows(bench: NcsBench) -> dict[str, dict]:
    return {row["measure"]: row for row in bench._state["table"]["rows"]}


# imported -----------------------------------------------------------------------------------------------------------


def test_a_table_of_a_laboratory_is_judged_like_the_sweeps_it_came_from(sweeps, tmp_path):
    n = min(len(one.samples_uv) for one in sweeps)
    columns = [sweeps[0].times_ms[:n], *(one.samples_uv[:n] / 1000 for one in sweeps)]
    path = tmp_path / "lab.csv"
    np.savetxt(
        path, np.column_stack(columns), delimiter=",", header="time_ms,wrist_mV,elbow_mV", comments="", fmt="%.6f"
    )
    imported = emg.ncs.sweeps_at_sites(
        emg.read(path), **APB, sites=["wrist", "elbow"], distances_mm=[80, 307], stimulus_at_ms=0.0,
        skin_temperature_degc=33.5, filter_hz=(2, 10_000),
    )  # fmt: skip
    bench = NcsBench(imported, subject=WOMAN)
    own = NcsBench(sweeps, subject=WOMAN)
    latency, same = rows(bench)["wrist latency"], rows(own)["wrist latency"]
    assert latency["right"]["text"] == same["right"]["text"]
    # nobody said that the stimulus was maximal, so nothing is judged; the reader may state it
    assert latency["right"]["mark"] == same["right"]["mark"] == "?"
    bench.type_conditions(is_supramaximal=True)
    assert rows(bench)["wrist latency"]["right"]["mark"] == "A"
    speed = bench.case.ncs.motor[0].segments[0].measures["velocity_m_per_s"].value
    assert speed == pytest.approx(own.case.ncs.motor[0].segments[0].measures["velocity_m_per_s"].value, rel=0.01)
    assert bench.technique == own.technique
    # the picture and its places are those of the bench
    assert bench._fixed["studies"][0]["title"] == "Median to abductor pollicis brevis"
    assert bench._fixed["studies"][0]["sites"][1]["place_cm"] is not None


def test_segments_of_an_edf_are_sweeps(sweeps, tmp_path):
    n, rate_hz = 1000, sweeps[0].sampling_rate_hz
    stored = np.concatenate([one.samples_uv[:n] for one in sweeps]).astype("f4")
    gaps = tuple(Segment(first_sample=i * n, n_samples=n, start_s=2.0 * i) for i in range(2))
    channel = Channel(
        name="APB", unit="uV", sampling_rate_hz=rate_hz, samples=ArraySamples(stored=stored), segments=gaps
    )
    emg.write(Recording(channels=(channel,)), tmp_path / "study.edf")
    bench = NcsBench(
        emg.ncs.sweeps_at_sites(emg.read(tmp_path / "study.edf"), **APB, sites=["wrist", "elbow"], stimulus_at_ms=0.0),
        subject=WOMAN,
    )
    assert [one.site for one in bench.case.ncs.motor[0].responses] == ["wrist", "elbow"]
    truth = NcsBench(sweeps).case.ncs.motor[0].responses[0].measures["amplitude_mv"].value
    assert bench.case.ncs.motor[0].responses[0].measures["amplitude_mv"].value == pytest.approx(truth, rel=0.01)
    assert any("the skin temperature is not known" in said for said in bench.technique)
    bench.type_conditions(skin_temperature_degc=33, high_pass_hz=2, low_pass_hz=10_000)
    assert bench.technique == ()
    moved = bench.move_marker("O", 5.0)
    assert moved.measures["onset_latency_ms"].value == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"sites": ["wrist"]}, "sites and sweeps do not match; got 1 sites, 2 sweeps"),
        ({"sites": ["wrist", "elbow"], "distances_mm": [80]}, "distances and sweeps do not match"),
    ],
)
def test_sweeps_without_their_place_are_one_sentence(sweeps, given, sentence):
    recording = Recording(channels=(), sweeps=tuple(replace(one, channel="APB") for one in sweeps))
    with pytest.raises(InputError, match=sentence):
        emg.ncs.sweeps_at_sites(recording, **APB, **given)


def test_a_recording_must_say_where_its_sweeps_belong(sweeps):
    channel = Channel(name="APB", unit="uV", sampling_rate_hz=20_000.0, samples=ArraySamples(stored=np.zeros(100)))
    with pytest.raises(InputError, match=r"say it with emg\.ncs\.sweeps_at_sites"):
        NcsBench(Recording(channels=(channel,)))
    assert len(NcsBench(Recording(channels=(), sweeps=tuple(sweeps))).desk.kept) == 2


def test_recorded_f_waves_fill_the_raster(patient):
    study = {"nerve": "ulnar", "muscle": "abductor_digiti_minimi_hand", "side": "right", "site": "wrist"}
    made = [one.simulated.sweep for one in patient.f_waves(**study, n_stimuli=10)]
    bench = NcsBench(made, subject=WOMAN)
    assert bench._fixed["has_series"]
    run = bench.f_waves(10)
    assert run.sweeps == tuple(made)
    row = rows(bench)["wrist F minimum, 10 stimuli"]
    assert (row["tab"], row["right"]["mark"]) == ("f_waves", "N")
    with pytest.raises(InputError, match="recorded sweeps are not in steps"):
        bench.inch("wrist", bench.desk.info.sites[-1].code)


# typed in -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def typed() -> NcsBench:
    bench = NcsBench(subject=WOMAN)
    bench.choose(study="median_apb", side="right")
    bench.type_conditions(
        skin_temperature_degc=33,
        high_pass_hz=2,
        low_pass_hz=10_000,
        convention="baseline_to_peak",
        is_supramaximal=True,
    )
    bench.type_in("wrist", latency_ms=5.2, amplitude=6.1, distance_mm=80, f_min_ms=31.2)
    bench.type_in("elbow", latency_ms=9.4, amplitude=5.8, distance_mm=225)
    return bench


def test_numbers_of_a_report_are_judged_by_the_same_limits(typed):
    found = rows(typed)
    assert found["wrist latency"]["right"]["mark"] == "A"
    assert found["wrist amplitude, O-P"]["right"]["mark"] == "N"
    assert found["elbow to wrist"]["right"]["text"].startswith("54")
    assert found["wrist F minimum"]["right"]["mark"] == "N"
    assert found["wrist latency"]["typed"] == ["right"]
    assert found["wrist latency"]["left"]["mark"] == "-"
    assert typed.technique == ()
    measure = typed.case.ncs.motor[0].responses[0].measures["onset_latency_ms"]
    assert isinstance(measure, Measure)
    assert measure.is_typed


def test_typed_numbers_carry_the_same_flags(typed):
    typed.type_conditions(skin_temperature_degc=24)
    assert any("the limb was cold" in said for said in typed.technique)
    typed.type_in("elbow", amplitude=8.0)
    assert any("an anastomosis from median to ulnar nerve" in said for said in typed.technique)
    typed.type_in("elbow", amplitude=5.8, distance_mm=60)
    assert any("the distance is implausible or short: " not in said and "distance" in said for said in typed.technique)
    typed.type_in("wrist", amplitude=6100)
    cell = rows(typed)["wrist amplitude, O-P"]["right"]
    assert cell["mark"] == "?"
    assert "check the unit" in cell["reason"]


def test_the_convention_of_an_amplitude_is_never_guessed(typed):
    typed.type_conditions(convention="not_stated")
    row = rows(typed)["wrist amplitude, convention not stated"]
    assert row["right"]["mark"] == "?"


def test_a_velocity_of_the_report_counts_before_the_one_that_follows(typed):
    typed.type_in("elbow", velocity_m_per_s=47)
    assert rows(typed)["elbow to wrist"]["right"]["text"] == "47"
    assert typed.undo()
    assert rows(typed)["elbow to wrist"]["right"]["text"].startswith("54")


def test_an_absent_response_is_typed_as_such_and_an_empty_line_is_not_tested(typed):
    typed.choose(study="median_d2")
    typed.type_in("wrist", is_absent=True)
    found = typed.case.ncs.sensory[0].responses[0].measures
    assert isinstance(found["amplitude_uv"], Absent)
    typed.type_in("wrist", is_absent=False)
    assert typed.case.ncs.sensory == ()


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"distance_mm": 8}, "multiply by 10 if it is in cm"),
        ({"latency_ms": -1}, "the latency cannot be used; got -1"),
        ({"amplitude": 0}, "mark a response that is absent as no response"),
        ({"is_absent": True}, "an absent response has no latency"),
        ({"speed": 50}, "no such number; got speed"),
    ],
)
def test_a_number_that_cannot_be_used_is_one_sentence_and_changes_nothing(typed, numbers, sentence):
    before = typed.case
    with pytest.raises(InputError, match=sentence):
        typed.type_in("wrist", **numbers)
    assert typed.case == before


def test_the_browser_types_through_the_same_door(typed, monkeypatch):
    sent = []
    monkeypatch.setattr(typed, "send", lambda content, buffers=None: sent.append(content))
    typed._receive(None, {"type": "type_in", "side": "left", "site": "wrist", "numbers": {"latency_ms": 3.4}}, None)
    assert typed._state["typed"]["left"]["wrist"]["latency_ms"] == 3.4
    typed._receive(None, {"type": "type_in", "side": "left", "site": "wrist", "numbers": {"distance_mm": 7}}, None)
    assert sent[-1]["type"] == "error"
    assert "multiply by 10" in sent[-1]["way_out"]


def test_a_case_is_read_changed_and_saved_without_loss(patient, tmp_path):
    told = emg.simulated_case("carpal_tunnel_syndrome", side="right", seed=3)
    case = replace(told.case, ncs=examine(told.patient, studies=("median_apb", "ulnar_adm", "median_d2")).ncs)
    bench = NcsBench(case)

    def by_name(one):
        return sorted(map(str, (*one.ncs.motor, *one.ncs.sensory)), key=lambda text: text[:90])

    def measures(one):
        return {
            (study.nerve, study.side, response.site, name): found for study in (*one.ncs.motor, *one.ncs.sensory)
            for response in study.responses for name, found in response.measures.items()
        }  # fmt: skip

    assert measures(bench.case) == measures(case)
    assert len(by_name(bench.case)) == len(by_name(case))
    assert emg.workup(bench.case).to_text() == emg.workup(case).to_text()
    assert bench.case.symptoms == case.symptoms
    bench.choose(study="median_apb", side="right")
    bench.type_in("wrist", latency_ms=7.0)
    changed = measures(bench.case)["median", "right", "wrist", "onset_latency_ms"]
    assert (changed.value, changed.is_typed, changed.low) == (7.0, True, None)
    bench.save(tmp_path / "case.json")
    again = emg.Case.load(tmp_path / "case.json")
    assert measures(again) == measures(bench.case)


def test_a_trace_and_typed_numbers_do_not_mix_at_one_site(patient):
    bench = NcsBench(patient, study="median_apb", side="right")
    bench.stimulate(25)
    bench.keep()
    with pytest.raises(InputError, match="its numbers come from its markers"):
        bench.type_in("wrist", latency_ms=4.0)
    bench.type_in("elbow", latency_ms=9.0, amplitude=3.0, distance_mm=230)
    assert [one.site for one in bench.case.ncs.motor[0].responses] == ["wrist", "elbow"]


# live ---------------------------------------------------------------------------------------------------------------


def test_a_live_device_stands_in_for_the_virtual_patient(patient):
    device = VirtualDevice(**{name: APB[name] for name in ("nerve", "muscle", "side")}, patient=patient, site="wrist")
    bench = NcsBench(device, subject=WOMAN, study="median_apb", side="right")
    try:
        bench.ramp([12, 20, 26])
        kept = bench.keep()
        assert bench._state["ramp"]["is_supramaximal"] is True
        truth = patient.motor_study(**APB, site="wrist").truth
        assert kept.measures["onset_latency_ms"].value == pytest.approx(truth.onset_ms, abs=0.3)
        assert kept.measures["amplitude_mv"].value == pytest.approx(truth.amplitude_uv / 1000, rel=0.05)
        bench.choose(site="elbow")
        bench.stimulate(30)
        bench.keep()
        assert [one.site for one in bench.case.ncs.motor[0].responses] == ["wrist", "elbow"]
        assert bench.desk.response().measures["onset_latency_ms"].value > kept.measures["onset_latency_ms"].value + 2
        assert not bench._fixed["is_virtual"]
    finally:
        bench.close()
    assert bench.desk.source.engine.status.state == "stopped"


class _Silent:
    """A device that runs and never sees a stimulus."""

    def identify(self):
        channel = ChannelInfo(name="Ch 1", kind="surface_emg")
        return DeviceInfo(
            name="silent", streams=(StreamInfo(name="s", sampling_rate_hz=10_000.0, channels=(channel,)),)
        )

    def __enter__(self):
        self.n, self.start_s = 0, None
        return self

    def __exit__(self, *_):
        return None

    def read(self, timeout_s):
        import time

        self.start_s = self.start_s or time.monotonic()
        time.sleep(0.01)
        self.n += 100
        return Block(samples=np.zeros((1, 100)), time_s=self.start_s + (self.n - 100) / 10_000.0)


def test_a_stimulus_that_does_not_come_is_said_in_one_sentence():
    source = LiveSource(engine=Engine(_Silent()), timeout_s=0.2)
    bench = NcsBench(source)
    try:
        assert not bench._fixed["takes_current"]
        with pytest.raises(InputError, match=r"no stimulus came within 0\.2 s; got 0 of 1 sweeps"):
            bench.stimulate()
    finally:
        bench.close()


def test_a_live_train_and_a_live_f_set(patient):
    device = VirtualDevice(**{name: APB[name] for name in ("nerve", "muscle", "side")}, patient=patient, site="wrist")
    bench = NcsBench(device, subject=WOMAN, study="median_apb", side="right")
    try:
        assert bench._fixed["series"] == ["f_waves", "trains"]
        with pytest.raises(InputError, match="the current of the series is not known"):
            bench.f_waves(5)
        bench.stimulate(30)
        train = bench.train(rate_hz=3.0, n_stimuli=5)
        assert len(train.sweeps) == 5
        assert train.found.decrement_percent.value == pytest.approx(0.0, abs=4.0)
        late = bench.desk.source.f_wave_sweeps(bench.desk.info, "right", "wrist", 3)
        assert len(late) == 3
        assert all(one.times_ms[-1] > 95 and one.site == "wrist" for one in late)
        with pytest.raises(InputError, match="does not move its stimulator"):
            bench.inch("wrist", "elbow")
    finally:
        bench.close()


def test_another_norm_set_tells_what_stands_otherwise(typed):
    typed.type_in("wrist", latency_ms=4.0, amplitude=4.1)
    before = rows(typed)["wrist amplitude, O-P"]["right"]["mark"]
    said = typed.use_limits("preston_shapiro")
    assert (before, rows(typed)["wrist amplitude, O-P"]["right"]["mark"]) == ("A", "N")
    assert any("4.1 mV: abnormal by aanem_2016, normal by preston_shapiro." in one for one in said)
    assert typed.use_limits("preston_shapiro") == said
    with pytest.raises(InputError, match="norm set"):
        typed.use_limits("mine")


def test_a_report_goes_on_paper_without_traces(typed):
    texts = [one.get_text() for one in typed.to_figure().axes[0].texts]
    assert {"wrist latency", "5.20", "A"} <= set(texts)
    assert "wrist latency" in typed.to_figure(backend="plotly").data[0].cells.values[1]
    with pytest.raises(InputError, match="no such way to draw"):
        typed.to_figure(backend="svg")
    assert "median" in str(typed.table().nerve.iloc[0]).lower()


def test_the_ulnar_nerve_over_the_thenar_is_a_click_away():
    from emgwidgets.simulation.lesion import Anomaly

    crossed = VirtualPatient(anomalies=(Anomaly(kind="riche_cannieu", share=1.0, side="right"),), seed=14)
    bench = NcsBench(crossed, study="median_apb", side="right")
    for current_ma in (10, 20, 30, 40):
        # what the stimulus leaves behind is no response of 0.0 mV
        assert isinstance(bench.stimulate(current_ma).wave, Absent)
    bench.keep()
    assert rows(bench)["wrist amplitude, O-P"]["right"]["mark"] == "0"
    bench.choose(site="ulnar_nerve_at_the_wrist")
    bench.ramp([20, 25, 30])
    bench.keep()
    assert any("the thenar muscles seem to be reached by the ulnar nerve" in said for said in bench.technique)
    # it proves the crossing and is no part of the study
    assert [one.site for one in bench.case.ncs.motor[0].responses] == ["wrist"]
    assert len(bench._state["right"]["traces"]) == 2


@pytest.mark.parametrize(
    ("times_s", "got"), [([0.0, 0.5, 1.0, 1.5], "2 Hz"), ([1.0, 0.5, 0.0, -0.5], "not in the order")]
)
def test_a_train_of_another_rate_is_refused_with_its_rate(sweeps, times_s, got):
    sweeps = [replace(sweeps[0], stimulus=Stimulus(time_s=time_s)) for time_s in times_s]
    with pytest.raises(InputError, match=f"another rate; got .*{got}.*; expected 3 Hz; set it"):
        check_train_rate(sweeps, 3.0, what="the train has another rate", way_out="set it")


def test_a_train_without_times_or_near_the_rate_is_taken(sweeps):
    sweeps = [replace(sweeps[0], stimulus=Stimulus(time_s=n / 3.2)) for n in range(5)]
    check_train_rate(sweeps, 3.0, what="x", way_out="y")
    check_train_rate([replace(sweeps[0], stimulus=None), *sweeps[2:]], 30.0, what="x", way_out="y")
