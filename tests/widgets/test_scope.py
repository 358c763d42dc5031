"""The scope from Python: running, freezing, marks, sites, recording, sweeps, and what it says when something is wrong."""

from __future__ import annotations

import time

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.fake import FakeDevice
from emgwidgets.acquisition.faults import Faults
from emgwidgets.acquisition.protocols import DeviceError
from emgwidgets.acquisition.replay import ReplayDevice
from emgwidgets.acquisition.triggers import FreeRun, MarkTrigger, ThresholdTrigger
from emgwidgets.analysis.signal.filters import FilterStep
from emgwidgets.errors import InputError, WriteError
from emgwidgets.model.signal import ArraySamples, Channel, Recording
from emgwidgets.widgets.scope import Scope


@pytest.fixture
def open_scope():
    made = []

    def make(source="fake", **options):
        scope = Scope(source, **options)
        made.append(scope)
        return scope

    yield make
    for scope in made:
        scope.close()


def told(scope, content):
    """A message of the browser, and what the scope answers."""
    answers = []
    scope._desk._send = lambda head, buffers: answers.append((head, buffers))
    scope.send = lambda head, buffers=None: answers.append((head, buffers))
    scope._receive(scope, content, [])
    return answers


def wait_for(condition, timeout_s=8.0):
    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


def test_start_stop_and_start_again_leave_a_gap_and_no_loss(open_scope):
    scope = open_scope(n_channels=2)
    assert scope.wait(0.2)
    scope.stop()
    assert scope.status.state == "stopped"
    n_before = scope._desk.engine.buffer.end()
    time.sleep(0.3)
    scope.start()
    assert scope.wait(0.2)
    assert scope.status.n_lost == 0
    (gap,) = scope._desk.journal.gaps
    assert gap["n"] >= 2500
    made = scope.history()
    assert made.channels[0].segments[0].n_samples == n_before
    assert len(made.channels[0].segments) == 2


def test_a_frozen_picture_stays_while_the_engine_goes_on(open_scope):
    scope = open_scope()
    scope.wait(0.3)
    scope.freeze()
    frozen = dict(scope._state["frozen"])
    assert scope.wait(0.2)
    scope._desk.publish()
    assert scope._state["frozen"] == frozen
    assert scope.history(0.1).duration_s == pytest.approx(0.1, abs=0.011)
    ((head, buffers),) = told(
        scope, {"type": "view", "view": "v", "id": 3, "start_s": 0.0, "end_s": 0.2, "columns": 100}
    )
    assert (head["type"], head["id"], head["streams"][0]["n"]) == ("view", 3, 100)
    assert len(buffers[0]) == 100 * 2 * 4
    (readout,) = told(scope, {"type": "readout", "view": "v", "channel": 0, "cursors_s": [0.025, None]})
    assert readout[0]["cursors"] == [{"t_s": 0.025, "value": pytest.approx(100.0, abs=0.1)}, None]
    (stretch,) = told(scope, {"type": "play", "view": "v", "channel": 0, "start_s": 0.0, "end_s": 0.1})
    assert stretch[0]["rate_hz"] == 10_000.0
    assert len(stretch[1][0]) == 4 * 1000
    scope.thaw()
    assert scope._state["frozen"] is None


def test_marks_and_sites_go_into_the_recording_and_the_file_is_whole(open_scope, tmp_path):
    scope = open_scope(n_channels=2, sites=["right TA", "right VM"])
    path = scope.record(tmp_path / "one")
    assert path.name == "one.emglive"
    with pytest.raises(InputError, match="a recording is under way"):
        scope.record(tmp_path / "two")
    scope.wait(0.3)
    scope.mark("fibrillation", at_s=0.1, channel="Sine 1")
    assert scope.next_site() == "right VM"
    assert scope.next_site(-1) == "right TA"
    scope.wait(0.2)
    assert scope.end_recording() == path
    assert scope.end_recording() is None
    recording = emg.read(path)
    labels = [(one.label, one.note) for one in sorted(recording.annotations, key=lambda one: one.start_s)]
    assert ("fibrillation", "right TA") in labels
    assert labels.count(("site", "right VM")) == 1
    (fib,) = [one for one in recording.annotations if one.label == "fibrillation"]
    wave = recording.channels[0].read(0, 1000)
    start_s = np.angle(np.exp(-2j * np.pi * 10.0 * np.arange(1000) / 10_000.0) @ wave * 1j) / (2 * np.pi * 10.0)
    apart_s = (fib.start_s + start_s - 0.1) * 10.0  # in periods of the wave, which the file is compared by
    assert apart_s == pytest.approx(round(apart_s), abs=0.12)
    closed = scope.save_as(".edf")
    assert emg.read(closed).channels[0].n_samples >= recording.channels[0].n_samples
    assert "one.edf holds all of one.emglive" in scope._state["note"]


def test_a_mark_is_undone_and_redone_in_the_scope_and_in_the_recording(open_scope, tmp_path):
    scope = open_scope(n_channels=2, sites=["right TA", "left TA"])
    assert scope.wait(0.3)
    scope.mark("early", at_s=0.05)
    scope.record(tmp_path / "turned")
    scope.mark("fibrillation", at_s=0.1)
    scope.mark("myotonia", at_s=0.2)
    scope.next_site()
    assert scope._state["steps"] == {"undo": "myotonia", "redo": ""}
    answers = told(scope, {"type": "undo"})
    assert scope.undo_mark().label == "fibrillation"
    assert scope.redo_mark().label == "fibrillation"
    assert [mark.label for mark in scope.annotations if mark.label != "site"] == ["early", "fibrillation"]
    assert scope._state["steps"]["redo"] == "myotonia"
    scope.mark("end_plate_noise", at_s=0.25)
    assert scope.redo_mark() is None  # a new mark ends what can be redone
    scope._desk.feed.handle({"type": "live", "action": "hello", "view": "a"})
    wait_for(lambda: any(head.get("gone") for head, _ in answers))
    gone = [one["label"] for head, _ in answers for one in head.get("gone", ())]
    assert gone == ["myotonia", "fibrillation"]
    scope.wait(0.1)
    path = scope.end_recording()
    kept = [mark.label for mark in emg.read(path).annotations]
    assert sorted(kept) == ["end_plate_noise", "fibrillation", "site", "site"]
    assert b"myotonia" in path.read_bytes()  # nothing that was written is changed
    for _ in range(3):
        scope.undo_mark()
    assert [mark.label for mark in scope.annotations] == ["site", "site"]
    assert scope.undo_mark() is None
    edf = scope.save_as(".edf")
    assert sorted(mark.label for mark in emg.read(edf).annotations if mark.label != "padding") == sorted(kept)


def test_a_second_recorder_on_the_file_is_refused_with_a_sentence(open_scope, tmp_path):
    first, second = open_scope(), open_scope()
    first.record(tmp_path / "same")
    with pytest.raises(WriteError, match=r"same\.emglive exists already, perhaps another recorder is writing it"):
        second.record(tmp_path / "same")
    answers = told(second, {"type": "record", "name": str(tmp_path / "same")})
    assert answers[-1][0]["type"] == "error"
    assert "exists already" in answers[-1][0]["what"]
    assert first._desk.recorder is not None


def test_the_held_minute_opens_in_a_viewer_and_the_scope_goes_on(open_scope):
    scope = open_scope(n_channels=2, time_base_s=0.02)
    assert scope.wait(0.5)
    scope.filters = [FilterStep(kind="high_pass", frequency_hz=20.0)]
    scope.channel = 1
    scope.sensitivities = [20.0, 500.0]
    scope.mark("fibrillation", at_s=0.1)
    told(scope, {"type": "viewer", "window_s": None})
    assert scope._state["frozen"]
    viewer = scope._below
    assert scope._viewer == viewer.model_id
    assert viewer.channel == 1
    assert viewer.filters == scope.filters
    assert viewer.sensitivities == scope.sensitivities
    assert viewer._undo == {"undo": "", "redo": ""}  # the scope's look is where the reader begins
    viewer.hidden = [0]
    assert (viewer._undo["undo"], viewer.undo(), viewer.hidden) == ("channels shown", "channels shown", [])
    assert [mark.label for mark in viewer.annotations] == ["fibrillation"]
    end_s = scope._desk.history.end_s
    assert viewer.window_s == pytest.approx([end_s - 0.2, end_s], abs=1e-3)
    held = scope.history()
    np.testing.assert_array_equal(viewer.recording.channels[0].samples_uv, held.channels[0].samples_uv)
    scope.thaw()
    assert scope.wait(0.2)
    told(scope, {"type": "viewer", "window_s": [0.1, 0.3]})
    assert scope._below is not viewer
    assert scope._below.window_s == [0.1, 0.3]
    assert scope._below.recording.duration_s > viewer.recording.duration_s
    told(scope, {"type": "no viewer"})
    assert (scope._viewer, scope._below) == ("", None)
    assert scope.status.state == "running"


def test_sweeps_are_averaged_at_a_level_at_marks_and_in_free_run(open_scope):
    scope = open_scope(amplitude_uv=50.0, frequency_hz=20.0)
    told(scope, {"type": "trigger", "source": "threshold", "watched": 0, "level": 10.0, "edge": "rising", "before_ms": 5, "after_ms": 20, "channel": 0, "reject_above": 0, "view": "v", "asked": 3})  # fmt: skip
    assert scope._trigger["source"] == "threshold"
    assert (scope._trigger["view"], scope._trigger["asked"]) == (
        "v",
        3,
    )  # so that the view knows which request it answers
    wait_for(lambda: scope.sweep_counts.n_accepted >= 4)
    average = scope.average()
    assert average.start_ms == -5.0
    crossing = round(5.0 * 10)
    assert average.samples_uv[crossing] == pytest.approx(10.0, abs=1.0)
    scope.clear_sweeps()
    scope.trigger(ThresholdTrigger(channel="Sine 1", level_uv=10.0), reject_above_uv=30.0)
    assert "asked" not in scope._trigger
    wait_for(lambda: scope.sweep_counts.n_rejected >= 2)
    assert scope.average() is None
    scope.trigger(FreeRun(period_ms=40.0), after_ms=40.0, before_ms=0.0)
    wait_for(lambda: len(scope.sweeps) >= 2)
    scope.trigger(MarkTrigger())
    assert scope._trigger["source"] == "stimulus"
    told(scope, {"type": "trigger", "source": "marker", "label": "go", "before_ms": 1, "after_ms": 5, "channel": 0})
    assert (scope._trigger["source"], scope._trigger["label"]) == ("marker", "go")
    scope.mark("stop")
    scope.mark("go")
    wait_for(lambda: scope.sweep_counts.n_accepted == 1)
    scope.trigger(None)
    assert scope._trigger == {}
    with pytest.raises(InputError, match="no sweeps are collected"):
        scope.average()
    (answer,) = told(scope, {"type": "trigger", "source": "ear", "after_ms": 10, "before_ms": 1, "channel": 0})
    assert answer[0]["what"] == "no such trigger"


def test_filters_change_the_picture_and_never_the_recording(open_scope, tmp_path):
    scope = open_scope(amplitude_uv=100.0, frequency_hz=5.0)
    scope.filters = [FilterStep(kind="high_pass", frequency_hz=500.0), FilterStep(kind="low_pass", frequency_hz=9000.0)]
    assert scope._filter_notes == ["low-pass 9 kHz left out: sine has 10000 Hz"]
    path = scope.record(tmp_path / "raw")
    scope.wait(0.5)
    scope.freeze()
    _, seen = scope._desk.history.samples(0, 0.2, 0.4, steps=scope.filters)
    scope.end_recording()
    assert np.abs(seen).max() < 1.0
    assert np.ptp(emg.read(path).channels[0].read()) == pytest.approx(200.0, rel=0.05)
    assert scope.filters[0].frequency_hz == 500.0


class Pulled(FakeDevice):
    def __enter__(self):
        raise DeviceError("the amplifier does not answer", got="no reply", way_out="switch it on")


def test_a_device_that_cannot_be_opened_is_shown_and_not_raised(open_scope):
    scope = open_scope(Pulled())
    assert scope._error["what"] == "the amplifier does not answer"
    assert repr(scope) == "Scope(error: the amplifier does not answer)"
    with pytest.raises(InputError, match="no device is open in this scope"):
        scope.mark("x")
    assert told_nothing(scope)


def told_nothing(scope):
    scope._receive(scope, {"type": "start"}, [])
    return scope._desk is None


def test_what_the_device_suffers_is_in_the_state(open_scope):
    rng = np.random.default_rng(2)
    times_s = np.arange(10_000) / 2000.0
    values = rng.normal(0, 5, 10_000) + 40 * np.sin(2 * np.pi * 50 * times_s)
    channel = Channel(name="TA", unit="uV", sampling_rate_hz=2000.0, samples=ArraySamples(stored=values))
    faults = Faults(gaps=((0.3, 0.1),), stall_s=1.4)
    scope = open_scope(ReplayDevice(file=Recording(channels=(channel,)), faults=faults))
    wait_for(lambda: scope._state["levels"] and scope._state["n_gaps"] == 1 and scope._state["time_s"] > 1.0)
    assert scope._state["n_lost"] == 200
    wait_for(lambda: scope._state["levels"][0]["mains_hz"] == 50.0)
    wait_for(lambda: scope._state["state"] == "stalled")
    assert "is silent" in scope._state["sentence"]
    assert [gap["n"] for gap in scope._state["gaps"]] == [200]


def test_a_mistake_of_the_browser_is_one_sentence_and_hurts_nothing(open_scope):
    scope = open_scope()
    scope.wait(0.1)
    for content, what in [
        ({"type": "mark", "label": "  "}, "a mark needs a label"),
        ({"type": "site", "site": 1}, "there is no list of muscles"),
        ({"type": "play", "channel": 0, "start_s": 0.0, "end_s": 1.0}, "only a frozen picture can be heard again"),
        ({"type": "live", "action": "columns", "columns_per_s": "many", "view": "a"}, "this could not be done"),
    ]:
        answers = told(scope, content)
        assert answers[-1][0]["what"] == what
    assert scope.status.state == "running"
    assert scope.wait(0.1)


def test_a_scope_that_was_not_started_cannot_be_frozen_and_has_a_sentence_instead_of_a_picture(open_scope):
    scope = open_scope(is_started=False)
    with pytest.raises(InputError, match="there is nothing to freeze"):
        scope.freeze()
    data, _ = scope._repr_mimebundle_()
    assert "image/svg+xml" not in data
    scope.start()
    scope.wait(0.2)
    data, _ = scope._repr_mimebundle_()
    assert data["image/svg+xml"].startswith("<svg")
    assert data["text/plain"] == "Scope(sine wave, 1 channel): a live signal; it is shown where a kernel runs."
    figure = scope.to_figure()
    assert "sine wave" in "".join(text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text")))


def test_an_engine_that_runs_already_is_shared(open_scope, tmp_path):
    with Engine(FakeDevice(), ring_s=5.0) as engine:
        scope = open_scope(engine)
        assert scope._desk.engine is engine
        assert scope.wait(0.1)


def test_a_sink_that_fails_is_left_out_and_the_others_go_on():
    class Broken:
        def take_block(self, block):
            raise ValueError("no ink")

        def take_mark(self, mark):
            raise ValueError("no ink")

    seen = []

    class Whole(Broken):
        def take_block(self, block):
            seen.append(block.position)

    engine = Engine(FakeDevice(), ring_s=1.0)
    engine.open()
    engine.attach(Broken())
    engine.attach(Whole())
    with engine:
        engine.wait_for(1000)
    assert len(seen) >= 10
    assert "A Broken failed and is told no more; got ValueError: no ink" in engine.status.sentence


def test_a_full_disk_is_told_while_the_picture_goes_on_and_shows_as_a_gap(open_scope, tmp_path, monkeypatch):
    from emgwidgets.io.live_writer import LiveWriter

    scope = open_scope()
    path = scope.record(tmp_path / "full")
    scope.wait(0.2)
    real = LiveWriter.append_samples

    def refuse(*_args, **_keywords):
        raise WriteError("full.emglive cannot be written on", got="No space left on device", way_out="make room")

    monkeypatch.setattr(LiveWriter, "append_samples", refuse)
    wait_for(lambda: (scope._state["recording"] or {}).get("n_refused", 0) > 500)
    assert "No space left on device; make room" in scope._state["recording"]["sentence"]
    assert scope.status.state == "running"
    assert scope.wait(0.1)
    monkeypatch.setattr(LiveWriter, "append_samples", real)
    scope.wait(0.2)
    scope.end_recording()
    assert len(emg.read(path).channels[0].segments) == 2
    assert "No space left on device" in scope._state["note"]
