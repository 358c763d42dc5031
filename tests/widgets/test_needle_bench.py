"""The needle bench without a browser: needle, reading, names, scores with proofs, the case it makes, and what it refuses."""

from __future__ import annotations

import time

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets.acquisition.buffer import PlacedBlock
from emgwidgets.acquisition.clock import SimulatedClock
from emgwidgets.acquisition.engine import EngineStatus
from emgwidgets.errors import InputError
from emgwidgets.model.needle_rest import Naming
from emgwidgets.model.signal import ArraySamples, Channel, RecordingSettings
from emgwidgets.simulation.muscle.needle_phase import Activity
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.widgets.needle_bench import NeedleBench
from emgwidgets.widgets.needle_bench.accepting import accept_interference, accept_recruitment
from emgwidgets.widgets.needle_bench.live import LiveSender
from emgwidgets.widgets.needle_bench.rest_desk import naming_state
from emgwidgets.widgets.needle_bench.source import Filters, NeedlePlace, Section
from emgwidgets.widgets.needle_bench.state import BLOCK_S, block_message
from emgwidgets.widgets.needle_bench.virtual import LENGTH_S

HEALTHY = VirtualPatient(age_years=40, seed=3)
DENERVATED = VirtualPatient.with_condition("radiculopathy_l5", side="left", seed=19, age_years=54, sex="male")


@pytest.fixture
def bench() -> NeedleBench:
    return NeedleBench(DENERVATED, muscle="tibialis anterior", side="left")


@pytest.fixture(scope="module")
def recording() -> emg.Recording:
    made = HEALTHY.needle(
        muscle="tibialis_anterior",
        side="left",
        duration_s=6.0,
        activities=(Activity(kind="fibrillation", rate_hz=9.0),),
    )
    return made.recording


def test_the_needle_is_out_until_it_is_put_in(bench):
    assert bench.desk.stretch is None
    assert bench._state["stretch"] is None
    assert bench._state["insertion"] == 0
    with pytest.raises(InputError, match="nothing is shaded"):
        bench.name("fibrillation")
    with pytest.raises(InputError, match="there is nothing to draw"):
        bench.to_figure()


def test_a_needle_put_in_makes_an_insertion_and_then_rest(bench):
    stretch = bench.move_needle(depth_mm=6.0)
    assert stretch.insertion == 1
    ((start, stop),) = stretch.moved_s
    assert start == 0.0
    assert 0.03 < stop < 0.2
    loud = np.ptp(stretch.trace(Filters(), 0.0, 0.3).samples_uv)
    assert loud > 100.0
    assert bench.set_effort("rest") is stretch  # the needle did not move: the same place goes on
    assert bench._state["start_at_s"] == stretch.loop_s
    assert bench.set_effort("slight").number == stretch.number + 1
    assert bench.desk.n_insertions == 1
    bench.set_effort("insert")
    assert bench.desk.n_insertions == 2


def test_outside_the_muscle_only_noise_is_left(bench):
    section = bench.desk.section
    inside = bench.move_needle(depth_mm=6.0, angle_deg=90.0)
    outside = bench.move_needle(depth_mm=2 * section.radius_mm + 1.0)
    assert section.where(bench.desk.place) == "outside the muscle"
    assert bench._state["needle"]["where"] == "outside the muscle"
    noise = outside.trace(Filters(), 1.0, 19.0).samples_uv
    assert np.abs(noise).max() < 12.0
    assert np.abs(inside.trace(Filters(), 0.0, 0.3).samples_uv).max() > 50.0


def test_near_the_end_plates_their_activity_is_heard():
    bench = NeedleBench(HEALTHY, muscle="tibialis anterior", side="left")
    far = bench.move_needle(along_mm=24.0)
    near = bench.move_needle(along_mm=0.0)
    kinds = {source.kind for source in bench.desk.source.truths[near.number].sources}
    assert "end_plate_noise" in kinds
    assert not bench.desk.source.truths[far.number].sources
    quiet, hiss = (one.trace(Filters(), 3.0, 12.0).samples_uv.std() for one in (far, near))
    assert hiss > 2 * quiet


def test_a_loop_joins_without_a_jump(bench):
    stretch = bench.move_needle()
    samples = stretch.samples_uv(0, 10**9, Filters())
    at = round(stretch.loop_s * stretch.rate_hz)
    steps = np.abs(np.diff(samples[2 * 48_000 :]))
    assert abs(float(samples[at] - samples[-1])) <= np.quantile(steps, 0.9999)


def test_the_tip_is_where_depth_and_angle_put_it():
    straight, slanted = NeedlePlace(depth_mm=8.0), NeedlePlace(depth_mm=10.0, angle_deg=60.0)
    assert straight.tip_mm == pytest.approx((0.0, 8.0))
    assert slanted.tip_mm == pytest.approx((5.0, 8.660254))
    section = Section(radius_mm=7.0, fibre_length_mm=80.0, end_plate_sd_mm=3.0)
    assert section.where(NeedlePlace(depth_mm=5.0, along_mm=41.0)) == "in the tendon"
    with pytest.raises(InputError, match="the angle of the needle"):
        NeedlePlace(depth_mm=5.0, angle_deg=5.0)


# what is drawn, heard and measured ------------------------------------------------------------------------------


def test_blocks_hold_the_samples_that_are_measured(bench):
    stretch = bench.move_needle()
    head, data = block_message(bench.desk, stretch.number, [4, 5, 39])
    assert head["n_block"] == round(BLOCK_S * stretch.rate_hz)
    got = np.concatenate([np.frombuffer(one, "<f4") for one in data[:2]])
    measured = stretch.trace(bench.desk.filters, 2.0, 3.0).samples_uv
    assert np.array_equal(got, measured.astype(np.float32))
    assert len(np.frombuffer(data[2], "<f4")) == head["n_block"]  # the last of 20 s


def test_a_filter_knob_changes_what_is_drawn_heard_and_read(bench):
    stretch = bench.move_needle()
    before = stretch.trace(bench.desk.filters, 3.0, 6.0)
    bench.select(3.0, 6.0)
    n_before = bench.desk.reading.activity.sources[0].n_discharges
    bench.set_filters(high_pass_hz=500.0)
    after = stretch.trace(bench.desk.filters, 3.0, 6.0)
    assert after.settings.high_pass_hz == 500.0
    assert np.abs(after.samples_uv).max() < np.abs(before.samples_uv).max()
    assert bench.desk.reading.stretch == stretch.number
    assert n_before > 10
    with pytest.raises(InputError, match="the filter cannot be used"):
        bench.set_filters(low_pass_hz=100.0)


def test_discharges_are_read_at_the_times_of_the_truth(bench):
    stretch = bench.move_needle()
    reading = bench.select(4.0, 8.0)
    assert reading.proposed == "fibrillation"
    truth = bench.desk.source.truths[stretch.number]
    peaks = np.concatenate([source.peak_times_s for source in truth.sources])
    found = reading.activity.sources[0].times_s
    gaps = np.abs(found[:, None] - peaks[None, :]).min(axis=1)
    assert np.median(gaps) < 0.002
    rows = {row["caption"]: row for row in bench._state["reading"]["sources"][0]["rows"]}
    assert rows["first deflection"]["text"] == "positive"
    looks = bench._state["reading"]["sources"][0]["naming"]["look_alikes"]
    assert looks
    assert all(one["against"] for one in looks)


def test_a_stretch_that_cannot_be_read_says_why(bench):
    bench.move_needle()
    reading = bench.select(4.0, 4.05)
    assert reading.activity is None
    assert reading.sentence.endswith(".")
    assert bench._state["reading"]["sources"] == []


# names, scores, proofs ------------------------------------------------------------------------------------------


def test_a_name_becomes_proof_and_a_digit_the_grade(bench):
    stretch = bench.move_needle()
    bench.select(4.0, 8.0)
    named = bench.name("fibrillation")
    assert named.proposed == "fibrillation"
    assert bench._state["cell"] == "fibrillation_potential"
    score = bench.score(2)
    assert score.values["fibrillation_potential"] == "2"
    assert score.unproved == ()
    (clip,) = score.clips["fibrillation_potential"]
    assert (clip.stretch, clip.start_s, clip.end_s) == (stretch.number, 4.0, 8.0)


def test_an_abnormal_score_without_a_stretch_is_kept_and_marked_unproved(bench):
    bench.move_needle()
    bench.score(3, key="positive_sharp_wave")
    (row,) = bench._state["grid"]
    assert row["cells"]["positive_sharp_wave"] == {"text": "3+", "is_abnormal": True, "is_proved": False, "clips": []}
    (examination,) = bench.case.needle
    assert examination.note == "No stretch is linked as proof of: positive sharp wave."
    bench.select(4.0, 8.0)
    bench.link()
    assert bench._state["grid"][0]["cells"]["positive_sharp_wave"]["is_proved"] is True


def test_a_click_on_a_proof_goes_to_its_stretch_and_muscle(bench):
    first = bench.move_needle()
    bench.select(4.0, 6.0)
    bench.name("fibrillation")
    bench.choose(muscle="vastus medialis", side="right")
    bench.move_needle()
    heard = bench._state["heard"]
    bench._receive(bench, {"type": "show_clip", "muscle": "tibialis_anterior", "side": "left",
                           "key": "fibrillation_potential", "index": 0}, [])  # fmt: skip
    assert bench.desk.where == ("tibialis_anterior", "left")
    assert bench._state["stretch"]["number"] == first.number
    assert (bench._state["reading"]["start_s"], bench._state["reading"]["end_s"]) == (4.0, 6.0)
    assert bench._state["heard"] == heard + 1


def test_not_tested_normal_and_zero_stay_three_things(bench):
    bench.move_needle()
    bench.score_normal()
    (examination,) = bench.case.needle
    assert {one.kind: one.grade for one in examination.spontaneous} == {
        "fibrillation_potential": 0, "positive_sharp_wave": 0, "fasciculation_potential": 0,
    }  # fmt: skip
    assert examination.has_denervation is False
    assert examination.motor_units is None
    assert examination.recruitment is None
    bench.score(None, key="insertional")
    assert bench.case.needle[0].insertional is None


@pytest.mark.parametrize(
    ("key", "presses", "expected"),
    [
        ("insertional", [1], "increased"),
        ("insertional", [-1], "decreased"),
        ("amplitude", [1], "high"),
        ("polyphasic", [-1], "normal"),
        ("recruitment", [1, 1], "moderate"),
        ("recruitment", [-1], "early"),
        ("fibrillation_potential", [1, 1, -1], "1"),
    ],
)
def test_plus_and_minus_step_from_the_normal_value(bench, key, presses, expected):
    bench.desk.book.focus(key)
    for press in presses:
        bench.desk.book.step(bench.desk.where, press)
    assert bench.desk.book.of(bench.desk.where).values[key] == expected


def test_recruitment_and_units_reach_the_case(bench):
    bench.score("marked", key="recruitment")
    bench.score("full", key="activation")
    bench.score("high", key="amplitude")
    bench.score("unstable", key="stable")
    (one,) = bench.case.needle
    assert (one.recruitment.pattern, one.recruitment.degree, one.recruitment.is_full_effort) == (
        "reduced",
        "marked",
        True,
    )
    assert (one.motor_units.amplitude, one.motor_units.is_unstable, one.motor_units.duration) == ("high", True, None)


def test_another_discharge_is_kept_under_its_own_name(bench):
    bench.move_needle()
    bench.select(4.0, 8.0)
    bench.name("complex_repetitive_discharge")
    assert bench._state["cell"] == "other"
    bench.score(2)
    bench.score_normal()
    (examination,) = bench.case.needle
    assert {one.kind: one.grade for one in examination.spontaneous}["complex_repetitive_discharge"] == 2
    assert bench.table().iloc[0]["other"] == "CRD 2+"


def test_end_plate_activity_is_no_mark_of_disease(bench):
    bench.move_needle()
    bench.select(4.0, 8.0)
    bench.name("end_plate_spike")
    bench.score_normal()
    assert bench._state["marks"] == {"tibialis_anterior/left": "N"}


def test_undo_takes_scores_and_names_back(bench):
    bench.move_needle()
    bench.select(4.0, 8.0)
    bench.name("fibrillation")
    bench.score(2)
    book = bench.desk.book
    assert book.undo()
    assert "fibrillation_potential" not in book.of(bench.desk.where).values
    assert book.undo()
    assert book.named == []
    assert not book.undo()
    assert book.redo()
    assert book.redo()
    assert book.of(bench.desk.where).values["fibrillation_potential"] == "2"


def test_the_grade_by_the_scheme_needs_more_than_one_place(bench):
    bench.move_needle()
    assert bench.grade_rest().grade is None
    assert "One place gives no grade" in bench._state["grade"]["reason"]
    bench.move_needle(depth_mm=4.0)
    bench.move_needle(depth_mm=8.0)
    assert bench.grade_rest().n_sites == 3


# case and files -------------------------------------------------------------------------------------------------


def test_case_and_proofs_are_saved_and_read_again(bench, tmp_path):
    stretch = bench.move_needle()
    bench.select(4.0, 8.0)
    bench.name("fibrillation")
    bench.score(2)
    path = bench.save(tmp_path / "out")
    case = emg.Case.load(path)
    (examination,) = case.needle
    assert (examination.muscle, examination.side) == ("tibialis_anterior", "left")
    assert examination.has_denervation is True
    labels = {(one.label, one.start_s, one.duration_s, one.channel) for one in case.annotations}
    assert labels == {("fibrillation", 4.0, 4.0, stretch.name), ("proof", 4.0, 4.0, stretch.name)}
    # the finding of the case leads back to the stretch that proves it
    (wave,) = emg.CaseBoard(path).traces("needle[0]")
    assert (wave.start_s, wave.duration_s) == (pytest.approx(4.0, abs=1e-3), pytest.approx(4.0, abs=1e-3))
    again = emg.read(path.parent / f"{stretch.name}.bdf")
    kept, stored = stretch.recording.channels[0], again.channels[0]
    assert stored.sampling_rate_hz == pytest.approx(kept.sampling_rate_hz, rel=1e-6)
    n = min(kept.n_samples, stored.n_samples)
    assert np.abs(kept.samples_uv[:n] - stored.samples_uv[:n]).max() <= 2 * kept.samples.gain


def test_a_recording_is_heard_and_measured_as_it_is(recording):
    bench = NeedleBench(recording, muscle="biceps brachii", side="right")
    assert bench._state["stretch"]["end_s"] == pytest.approx(6.0)
    assert bench._state["needle"] is None
    bench.set_filters(high_pass_hz=20.0)
    reading = bench.select(0.0, 6.0)
    assert reading.proposed == "fibrillation"
    raw = recording.channels[0].samples_uv[:1000].astype(np.float32)
    assert np.array_equal(bench.desk.stretch.samples_uv(0, 1000, bench.desk.filters), raw)  # stored with these corners
    with pytest.raises(InputError, match="this needle cannot be moved from here"):
        bench.move_needle(depth_mm=3.0)
    assert bench.set_effort("slight").effort == "slight"


def test_a_recording_of_several_channels_asks_for_one(recording):
    import dataclasses

    channel = recording.channels[0]
    two = dataclasses.replace(recording, channels=(channel, dataclasses.replace(channel, name="second")))
    with pytest.raises(InputError, match="does not say which channel the needle is"):
        NeedleBench(two)
    assert NeedleBench(two, channel="second").desk.stretch.channel == "second"


# the card, words, refusals --------------------------------------------------------------------------------------


def test_the_card_states_roots_cautions_and_what_silence_means():
    early = VirtualPatient.with_condition("radiculopathy_l5", side="left", seed=1, day=24)
    card = NeedleBench(early, muscle="tibialis posterior")._state["card"]
    assert card["roots"][0] == {"root": "L5", "weight": 3}
    assert any("vessels" in one["text"] and "unverified" in one["source"] for one in card["cautions"])
    assert card["timing"].startswith(
        "Day 24: distal limb muscles show fibrillations only from about day 21 to 42 (MIT)"
    )
    late = NeedleBench(early.on_day(60), muscle="tibialis posterior")._state["card"]
    assert late["timing"] == ""


def test_the_bench_speaks_where_no_kernel_runs(bench):
    bench.move_needle()
    bench.select(4.0, 8.0)
    bundle = bench._repr_mimebundle_()[0]
    assert "shaded stretch read as fibrillation" in bundle["text/plain"]
    assert bundle["image/svg+xml"].startswith("<svg")
    assert len(bundle["image/svg+xml"]) < 50_000
    assert bench.to_figure(backend="plotly").data


def test_what_cannot_be_done_is_sent_to_the_widget(bench, monkeypatch):
    sent = []
    monkeypatch.setattr(bench, "send", lambda content, _buffers=None: sent.append(content))
    bench._receive(bench, {"type": "name", "code": "fibrillation"}, [])
    assert sent[0]["what"] == "nothing is shaded"
    bench._receive(bench, {"type": "blocks", "stretch": 99, "blocks": [0]}, [])
    assert sent[1]["what"] == "this stretch is not held any more"
    bench._receive(bench, {"type": "no_such_thing"}, [])
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (lambda one: one.choose(muscle="no such muscle"), "no such muscle"),
        (lambda one: one.choose(side="middle"), "the side of the needle"),
        (lambda one: one.set_effort("some"), "the effort"),
        (lambda one: one.score(2, key="beauty"), "the grid has no such column"),
        (lambda one: one.score("huge", key="amplitude"), "the column amplitude has no such value"),
        (lambda one: one.score(4, key="recruitment"), "the column recruitment has no such value"),
        (lambda one: one.score(1, key="other"), "no other discharge was named here"),
        (lambda one: one.desk.show_clip("tibialis_anterior", "left", "insertional"), "no stretch is linked there"),
    ],
)
def test_refusals_are_one_sentence(bench, action, sentence):
    with pytest.raises(InputError, match=sentence):
        action(bench)


def test_what_is_no_source_is_refused():
    with pytest.raises(InputError, match="the bench has nothing to examine"):
        NeedleBench(3)


def test_oldest_stretches_go_but_proofs_stay(bench, monkeypatch):
    monkeypatch.setattr("emgwidgets.widgets.needle_bench.desk.MOST_STRETCHES", 3)
    monkeypatch.setattr(
        "emgwidgets.widgets.needle_bench.virtual.LENGTH_S", dict.fromkeys(("insert", "rest", "slight"), 4.0)
    )
    first = bench.move_needle()
    bench.select(2.2, 3.8)
    bench.link("insertional")
    for _ in range(4):
        last = bench.set_effort("slight")
    assert set(bench.desk.stretches) == {first.number, last.number - 1, last.number}


# motor units ----------------------------------------------------------------------------------------------------

OLD_LESION = VirtualPatient.with_condition("radiculopathy_l5", side="left", seed=19, age_years=54, sex="male", day=400)


@pytest.fixture
def units(monkeypatch) -> NeedleBench:
    for effort, seconds in (("insert", 3.0), ("slight", 8.0), ("full", 3.0)):
        monkeypatch.setitem(LENGTH_S, effort, seconds)
    bench = NeedleBench(OLD_LESION, muscle="tibialis anterior", side="left")
    bench.move_needle()
    bench.set_effort("slight")
    bench.sent = []
    monkeypatch.setattr(bench, "send", lambda content, buffers=None: bench.sent.append((content, buffers)))
    return bench


def act(bench: NeedleBench, **content):
    bench._receive(bench, content, [])
    assert [one for one, _ in bench.sent if one["type"] == "error"] == []


def test_units_need_effort():
    bench = NeedleBench(OLD_LESION, muscle="tibialis anterior", side="left")
    bench.move_needle()
    bench.set_mode("triggered")
    assert bench._state["units"]["raster"] is None
    assert "ask for slight effort" in bench._state["units"]["sentence"]
    bench.set_mode("decompose")
    assert "ask for slight effort" in bench._state["decompose"]["sentence"]
    bench.set_mode("interference")
    assert bench._state["interference"]["n"] == 0
    with pytest.raises(InputError, match="the mode of the bench"):
        bench.set_mode("beautiful")


def test_the_average_of_the_trigger_is_the_unit_of_the_truth(units):
    units.set_mode("triggered")
    state = units._state["units"]
    truth = units.desk.source.truths[units.desk.stretch.number]
    largest = max(truth.units, key=lambda one: one.amplitude_uv)
    own = units.desk.units.raster.train_s
    gaps = np.abs(own[:, None] - (largest.times_s + largest.negative_peak_ms / 1000)[None, :]).min(axis=1)
    assert np.median(gaps) < 0.001
    assert len(own) > 0.9 * len(largest.times_s)
    measured = units.desk.units.current.muap.amplitude_uv.value
    assert measured == pytest.approx(largest.shape.amplitude_uv, rel=0.05)
    assert state["shown"]["numbers"][0]["text"] == f"{measured:.0f} µV"
    assert set(state["shown"]["handles"]) == {"S", "P", "T", "E"}


def test_a_handle_moved_is_measured_anew_and_can_be_reset(units):
    units.set_mode("triggered")
    shown = units._state["units"]["shown"]
    act(units, type="move_handle", letter="E", time_ms=shown["handles"]["E"] + 4.0)
    moved = units._state["units"]["shown"]
    assert moved["by_hand"] == ["E"]
    before, after = (float(one["numbers"][1]["text"].split()[0]) for one in (shown, moved))
    assert after == pytest.approx(before + 4.0, abs=0.11)
    assert moved["key"] == shown["key"]  # the wave itself is the same
    act(units, type="reset_handles")
    assert units._state["units"]["shown"]["handles"] == shown["handles"]
    units._receive(units, {"type": "move_handle", "letter": "E", "time_ms": -900.0}, [])
    assert units.sent[-1][0]["what"] == "the handle cannot stand there"


def test_a_discharge_left_out_leaves_the_average_and_stays_in_the_train(units):
    units.set_mode("triggered")
    raster = units._state["units"]["raster"]
    at = raster["states"].index("accepted")
    act(units, type="toggle", time_s=raster["times_s"][at])
    after = units._state["units"]["raster"]
    assert after["states"][at] == "left_out"
    assert after["n_averaged"] == raster["n_averaged"] - 1
    assert after["n_own"] == raster["n_own"]
    act(units, type="toggle", time_s=raster["times_s"][at])
    assert units._state["units"]["raster"]["states"][at] == "accepted"


def test_accepted_units_fill_the_gallery_once_and_carry_the_case(units):
    units.set_mode("triggered")
    act(units, type="keep")
    act(units, type="choose_unit", number=0)
    act(units, type="set_trigger", delay_ms=10.0)
    act(units, type="keep")  # the same discharges: the older one is replaced
    (tile,) = units._state["units"]["gallery"]
    assert tile["number"] == 1
    (content, buffers) = (None, None)
    units._receive(units, {"type": "waves", "keys": [tile["key"], "no such"]}, [])
    content, buffers = units.sent[-1]
    assert content["keys"] == [tile["key"]]
    wave = np.frombuffer(buffers[0], "<f4")
    assert np.array_equal(wave, units.desk.units.kept[units.desk.where][0].measured.waveform_uv.astype("<f4"))
    act(units, type="accept_measures")
    (examination,) = units.case.needle
    assert examination.motor_units.measures["n_units"].value == 1.0
    assert examination.motor_units.amplitude is None  # a number is no judgement of the reader
    act(units, type="drop", number=1)
    assert units._state["units"]["gallery"] == []


def test_limits_are_judged_from_twenty_units_and_say_their_source(units):
    units.set_mode("triggered")
    act(units, type="keep")
    rows = {row["caption"]: row for row in units._state["units"]["table"]}
    assert rows["mean amplitude"]["mark"] == "?"
    assert "mean duration (10 µV and slope)" in rows  # the method of the norm, not that of the tile
    assert "unverified" in rows["mean amplitude"]["why"]
    assert rows["polyphasic"]["limit"] == "≤ 25 %"  # tibialis anterior has its own
    assert rows["amplitude outliers"]["mark"] == "?"


def test_a_high_pass_that_changes_durations_is_said(units):
    units.set_mode("triggered")
    assert units._state["units"]["filter_note"].startswith("High-pass 20 Hz changes the slow ends")
    before = units.desk.units.current.muap.duration_ms.high
    units.set_filters(high_pass_hz=5.0)
    assert units._state["units"]["filter_note"] == ""
    assert units.desk.units.current.muap.duration_ms.high != before
    assert units.desk.units.current.muap.duration_ms.conditions.high_pass_hz == 5.0


def test_jitter_is_not_tested_below_its_high_pass_and_measured_above(units):
    units.set_mode("triggered")
    row = units._state["units"]["table"][-1]
    assert (row["caption"], row["text"], row["mark"]) == ("jitter", "not tested", "-")
    units.set_filters(high_pass_hz=1000.0)
    units.desk.units.set_trigger(level_uv=60.0)
    units.set_mode("triggered")
    row = units._state["units"]["table"][-1]
    assert row["mark"] != "-"
    pairs = units.desk.units.jitter
    if pairs:
        assert row["text"].startswith(f"{max(one.jitter_us or 0.0 for one in pairs):.0f} µs")


def test_decomposition_edits_are_data_and_are_applied_anew(units):
    units.set_mode("decompose")
    state = units._state["decompose"]
    assert len(state["units"]) >= 2
    first = state["units"][0]
    act(units, type="edit", kind="split", unit=first["label"], times_s=first["times_s"][:25])
    split = units._state["decompose"]
    assert split["edits"] == [f"25 discharges of unit {first['label']} split off as {len(state['units']) + 1}"]
    new = next(one for one in split["units"] if one["label"] == str(len(state["units"]) + 1))
    assert new["n"] == 25
    act(units, type="edit", kind="merge", unit=first["label"], other=new["label"])
    merged = {one["label"]: one["n"] for one in units._state["decompose"]["units"]}
    assert merged == {one["label"]: one["n"] for one in state["units"]}
    act(units, type="undo_edit")
    assert len(units._state["decompose"]["edits"]) == 1
    act(units, type="redo_edit")
    assert len(units._state["decompose"]["edits"]) == 2
    edits = units.desk.decompose.edits[units.desk.stretch.number]
    assert [one.kind for one in edits] == ["split", "merge"]
    units._receive(units, {"type": "edit", "kind": "merge", "unit": "1", "other": "77"}, [])
    assert units.sent[-1][0]["what"] == "the edit names a unit that is not there"
    assert len(units._state["decompose"]["edits"]) == 2


def test_a_discharge_added_by_a_click_lands_on_the_peak(units):
    units.set_mode("decompose")
    first = units._state["decompose"]["units"][0]
    gone = first["times_s"][10]
    act(units, type="edit", kind="delete", unit=first["label"], times_s=[gone])
    result = units.desk.decompose.result
    unit = result.unit(first["label"])
    offset_s = unit.waveform_start_ms / 1000 + int(np.abs(unit.waveform_uv).argmax()) / result.sampling_rate_hz
    act(units, type="edit", kind="add", unit=first["label"], times_s=[gone + offset_s + 0.0009])
    again = units.desk.decompose.result.unit(first["label"])
    assert np.abs(again.times_s - gone).min() < 0.0003
    assert again.n_discharges == first["n"]


def test_the_residual_and_templates_travel_as_they_are(units):
    units.set_mode("decompose")
    state = units._state["decompose"]
    number = -1000 * units.desk.stretch.number - state["version"]
    head, data = block_message(units.desk, number, [0, 3])
    n = head["n_block"]
    left = units.desk.decompose.result.residual_uv
    assert np.array_equal(np.frombuffer(data[1], "<f4"), left[3 * n : 4 * n].astype("<f4"))
    units._receive(units, {"type": "waves", "keys": [state["units"][0]["key"], "d999:1"]}, [])
    content, _ = units.sent[-1]
    assert content["keys"] == [state["units"][0]["key"]]


def test_units_of_a_decomposition_enter_the_gallery(units):
    units.set_mode("decompose")
    sound = [one for one in units._state["decompose"]["units"] if not one["doubts"]]
    act(units, type="keep_all")
    units.set_mode("triggered")
    assert len(units._state["units"]["gallery"]) == len(sound)
    assert units._state["units"]["gallery"][0]["origin"].startswith("decomposition")


def test_a_browser_does_not_wait_for_a_decomposition(units):
    act(units, type="set_mode", mode="decompose")
    assert units._state["decompose"]["sentence"].startswith("Decomposing")
    for _ in range(600):
        if units._state["decompose"]["units"]:
            break
        time.sleep(0.05)
    assert units._state["decompose"]["units"]
    found = units._state["decompose"]["recruitment"]
    assert found["rows"][0]["caption"] == "fastest unit"
    assert found["pattern"]


def test_the_interference_pattern_is_that_of_the_analysis(units):
    full = units.set_effort("full")
    units.set_mode("interference")
    state = units._state["interference"]
    assert [row["effort"] for row in state["rows"]] == ["slight", "full"]
    expected = emg.needle.measure_interference(full.trace(units.desk.filters, full.start_s, full.end_s)).epochs
    shown = [one for one in state["epochs"] if one["effort"] == "full"]
    assert [one["turns"] for one in shown] == [round(epoch.turns_per_s_hz, 1) for epoch in expected]
    assert "simulated" in state["cloud_words"]
    assert all(low < high for _, low, high in state["cloud"])
    assert [row[0] for row in state["cloud"]] == sorted(row[0] for row in state["cloud"])


def test_rates_and_turns_reach_the_case_as_measures(units):
    with pytest.raises(InputError, match="no train was found here"):
        accept_recruitment(units.desk)
    units.set_mode("decompose")
    act(units, type="accept_recruitment")
    with pytest.raises(InputError, match="no full effort was recorded here"):
        accept_interference(units.desk)
    units.set_effort("full")
    act(units, type="accept_interference")
    measures = units.case.needle[0].recruitment.measures
    assert {"firing_rate_hz", "recruitment_ratio", "turns_per_s_hz", "mean_turn_amplitude_uv"} <= set(measures)
    assert units.case.needle[0].recruitment.pattern is None  # a number is no judgement of the reader
    assert measures["turns_per_s_hz"].low < measures["turns_per_s_hz"].value < measures["turns_per_s_hz"].high


def test_a_recording_says_its_effort():
    made = OLD_LESION.needle(muscle="tibialis_anterior", side="left", effort="slight", duration_s=3.0)
    assert NeedleBench(made.recording).desk.effort == "slight"


def test_of_a_long_recording_half_a_minute_is_measured():
    made = OLD_LESION.needle(muscle="tibialis_anterior", side="left", effort="slight", duration_s=12.0).recording
    import dataclasses

    channel = made.channels[0]
    stored = np.tile(channel.samples.read_stored(0, channel.n_samples), 6)
    samples = ArraySamples(stored=stored, gain=channel.samples.gain, offset=0.0)
    long = dataclasses.replace(
        made, channels=(dataclasses.replace(channel, samples=samples, segments=()),), annotations=()
    )
    bench = NeedleBench(long)
    bench.set_effort("slight")
    bench.desk.look_at(40.0)
    bench.set_mode("triggered")
    times = bench.desk.units.raster.times_s
    assert times.min() > 40.0
    assert times.max() < 70.0
    assert len(bench.desk.units.raster.averaged) > 100
    bench.desk.look_at(0.0)
    bench.set_mode("decompose")
    assert bench._state["decompose"]["end_s"] == pytest.approx(30.0)
    block = bench.desk.stretch.samples_uv(24_000, 48_000, bench.desk.filters)
    assert np.array_equal(block, channel.samples_uv[24_000:48_000].astype(np.float32))


def test_an_edit_is_saved_beside_its_recording(units, tmp_path):
    units.set_mode("decompose")
    first = units._state["decompose"]["units"][0]
    act(units, type="edit", kind="delete", unit=first["label"], times_s=first["times_s"][:2])
    units.select(2.0, 6.0)
    units.link("amplitude")
    units.score("high", key="amplitude")
    path = units.save(tmp_path)
    text = (path.parent / f"{units.desk.stretch.name}_edits.json").read_text(encoding="utf-8")
    assert emg.needle.edits_from_json(text) == tuple(units.desk.decompose.edits[units.desk.stretch.number])


# a live device --------------------------------------------------------------------------------------------------


def ramp() -> emg.Recording:
    """Three seconds whose samples say where they are."""
    samples = np.arange(3 * 20_000, dtype=np.float32) % 5000.0
    channel = Channel(
        name="needle", unit="uV", kind="needle_emg", sampling_rate_hz=20_000.0, samples=ArraySamples(stored=samples),
        settings=RecordingSettings(high_pass_hz=20.0, low_pass_hz=10_000.0),
    )  # fmt: skip
    return emg.Recording(channels=(channel,))


@pytest.fixture
def live():
    clock = SimulatedClock()
    engine = emg.Engine(emg.open_device("replay", file=ramp(), clock=clock), clock=clock).open()
    engine.status = EngineStatus(state="running")  # read step by step here, not by a thread
    bench = NeedleBench(engine, muscle="deltoid middle")
    while engine.step():
        pass
    yield bench
    bench.close()
    engine.stop()


def test_what_a_device_sends_is_kept_sample_for_sample(live):
    stretch = live.desk.stretch
    assert stretch.is_growing
    assert live._state["stretch"]["is_growing"] is True
    n = stretch.n_samples
    assert (stretch.first, n) == (0, 3 * 20_000)
    got = stretch.samples_uv(0, n, live.desk.filters)
    assert np.array_equal(got, (np.arange(3 * 20_000) % 5000).astype(np.float32))  # its band is the bench's
    trace = stretch.trace(live.desk.filters, 0.5, 1.0)
    assert trace.start_s == 0.5
    assert np.array_equal(trace.samples_uv, got[10_000:20_000])
    assert np.array_equal(stretch.kept_recording().channels[0].samples_uv, got)


def test_every_sample_is_sent_once_in_order(live):
    sent = []
    sender = LiveSender(lambda head, data: sent.append((head, data)), lambda: (live.desk.stretch, live.desk.filters))
    sender.send_news()
    sender.send_news()
    ((head, data),) = sent
    assert (head["first"], head["n"]) == (0, live.desk.stretch.n_samples)
    assert np.array_equal(np.frombuffer(data[0], "<f4"), live.desk.stretch.samples_uv(0, head["n"], live.desk.filters))


def test_a_filter_knob_filters_what_was_kept_anew(live):
    stretch = live.desk.stretch
    before = stretch.samples_uv(0, 20_000, live.desk.filters)
    live.set_filters(high_pass_hz=500.0)
    after = stretch.samples_uv(0, 20_000, live.desk.filters)
    assert np.abs(after[5000:]).mean() < 0.2 * np.abs(before[5000:]).mean()
    live.set_filters(high_pass_hz=20.0)
    assert np.array_equal(stretch.samples_uv(0, 20_000, live.desk.filters), before)


def test_another_effort_ends_the_stretch_and_begins_the_next(live):
    first = live.desk.stretch
    n = first.n_samples
    second = live.set_effort("slight")
    assert second.number == first.number + 1
    assert (first.end_s, second.end_s) == (n / 20_000.0, 0.0)
    live.desk.source.tape.take_block(
        PlacedBlock(samples=np.ones((1, 400), np.float32), stream=0, position=3 * 20_000 + 100, time_s=0.0, clock_s=0.0)
    )
    assert (first.n_samples, second.n_samples) == (n, 500)  # 100 lost, 400 new
    assert np.isnan(second.samples_uv(0, 100, live.desk.filters)).all()


def test_a_device_of_several_channels_asks_for_one():
    import dataclasses

    one = ramp()
    two = dataclasses.replace(one, channels=(one.channels[0], dataclasses.replace(one.channels[0], name="other")))
    clock = SimulatedClock()
    engine = emg.Engine(emg.open_device("replay", file=two, clock=clock), clock=clock)
    with pytest.raises(InputError, match="does not say which channel the needle is"):
        NeedleBench(engine)
    engine.stop()


def test_the_same_stretch_is_one_proof_and_the_reason_is_in_words(bench):
    bench.move_needle(depth_mm=6.0)
    bench.select(1.0, 3.0)
    bench.name("fibrillation")
    bench.link()
    (row,) = [one for one in bench._state["grid"] if one["muscle"] == "tibialis_anterior"]
    assert len(row["cells"]["fibrillation_potential"]["clips"]) == 1
    said = naming_state(
        Naming(
            code="cannot_tell", confidence=0.0, evidence=(), look_alikes=(),
            reason="No class fits: nearest is end_plate_spike, against it first_deflection 1: first deflection negative [SLS V].",
        )
    )  # fmt: skip
    assert said["reason"] == (
        "No class fits: nearest is end-plate spike; first deflection positive; would need: first deflection negative."
    )


# what a recording cannot support is said where it is opened ------------------------------------------------------


def made_recording(samples, *, rate_hz=48_000.0, kind="needle_emg", electrode="concentric needle") -> emg.Recording:
    settings = RecordingSettings(high_pass_hz=20.0, low_pass_hz=10_000.0, electrode=electrode)
    channel = Channel(
        name="needle", unit="uV", kind=kind, sampling_rate_hz=rate_hz, settings=settings,
        samples=ArraySamples(stored=np.asarray(samples, dtype=np.float32)),
    )  # fmt: skip
    return emg.Recording(channels=(channel,))


def test_a_good_recording_is_opened_without_a_word(recording):
    assert NeedleBench(recording)._fixed["limits"] == []
    assert NeedleBench(HEALTHY, muscle="deltoid middle")._fixed["limits"] == []


def test_a_poor_recording_says_at_once_what_it_does_not_allow(recording):
    samples = recording.channels[0].samples_uv
    top = float(np.abs(samples).max())
    clipped = NeedleBench(made_recording(np.clip(samples, -top / 20, top / 20)))._fixed["limits"]
    assert any("Peaks are cut off at" in one for one in clipped)
    slow = NeedleBench(made_recording(samples[::48], rate_hz=1000.0))._fixed["limits"]
    assert slow == ["The sampling rate is too low for activity at rest (here 1000 Hz; needed 2000 Hz or more, 20 kHz for shapes)."]  # fmt: skip
    (surface,) = NeedleBench(made_recording(samples, kind="surface_emg"))._fixed["limits"]
    assert surface.startswith("A surface recording shows no activity of single fibres at rest")
    flat = NeedleBench(made_recording(np.zeros(96_000)))._fixed["limits"]
    assert any("no input" in one for one in flat)
    for said in (*clipped, *slow, surface, *flat):
        assert said.endswith(".")
        assert "uV" not in said


def test_a_second_stretch_at_the_same_effort_and_place_is_told_apart():
    bench = NeedleBench(HEALTHY, muscle="deltoid middle")
    for _ in range(2):
        bench.set_effort("slight")
    bench.set_effort("full")
    bench.set_mode("interference")
    rows = bench._state["interference"]["rows"]
    assert [(row["effort"], row["take"]) for row in rows] == [("slight", 1), ("slight", 2), ("full", 1)]


def test_methods_are_shown_with_the_sign_of_micro():
    bench = NeedleBench(HEALTHY, muscle="deltoid middle")
    bench.set_effort("slight")
    bench.set_mode("triggered")
    shown = bench._state["units"]["shown"]
    assert shown["rules"][0]["method"] == "20 µV threshold"
    with pytest.raises(InputError, match="the trigger needs a level; got 0 µV"):
        bench.desk.units.set_trigger(level_uv=0)
