"""The recorder: killed at random moments, on a full disk, beside another recorder, behind a slow disk."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emgwidgets.acquisition import recorder as module
from emgwidgets.acquisition.buffer import PlacedBlock
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.fake import FakeDevice
from emgwidgets.acquisition.recorder import Recorder, close_into
from emgwidgets.errors import WriteError
from emgwidgets.io.registry import read
from emgwidgets.model.signal import Annotation, Stimulus

HERE = Path(__file__).parent


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="the killed processes are forked")
def test_killed_at_random_moments_no_acknowledged_sample_is_lost(tmp_path):
    done = subprocess.run(
        [sys.executable, str(HERE / "crash.py"), str(tmp_path), "40", "11"],
        capture_output=True, text=True, check=True, timeout=200,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["acknowledged_lost"] == 0
    assert found["faults"] == []
    assert found["n_kills"] == 40
    assert found["n_with_samples"] >= 20  # otherwise the kills came too early to say anything


def block(position, n_samples=10, value=1.0):
    samples = np.full((1, n_samples), value, dtype=np.float32)
    return PlacedBlock(samples=samples, stream=0, position=position, time_s=position / 1000, clock_s=position / 1000)


@pytest.fixture
def engine(scripted):
    return Engine(scripted([])).open()


def test_a_second_recorder_on_the_file_is_refused_and_the_first_goes_on(engine, tmp_path):
    path = tmp_path / "a.emglive"
    with Recorder(engine, path) as first:
        with pytest.raises(WriteError, match=r"a\.emglive exists already, perhaps another recorder"):
            Recorder(engine, path)
        first.take_block(block(0))
    assert read(path).channels[0].n_samples == 10


def test_a_full_disk_is_told_and_becomes_a_gap(engine, tmp_path, monkeypatch):
    path = tmp_path / "a.emglive"
    recorder = Recorder(engine, path)
    recorder.take_block(block(0))
    settle(recorder, 10)
    real_write = module.LiveWriter.append_samples

    def full(self, *args, **kwargs):
        raise WriteError(f"{self.path.name} cannot be written on", got="No space left on device")

    monkeypatch.setattr(module.LiveWriter, "append_samples", full)
    recorder.take_block(block(10))
    recorder.take_block(block(20))
    while recorder.status.n_refused < 20:
        pass
    assert "No space left on device" in recorder.status.sentence
    monkeypatch.setattr(module.LiveWriter, "append_samples", real_write)
    recorder.take_block(block(30))
    recorder.close()
    assert (recorder.status.n_acknowledged, recorder.status.n_refused) == (20, 20)
    recording = read(path)
    assert [segment.n_samples for segment in recording.channels[0].segments] == [10, 10]
    assert recording.quality_flags[0].size == pytest.approx(0.02)


def settle(recorder, n_samples):
    import time

    give_up = time.monotonic() + 20
    while recorder.status.n_acknowledged < n_samples and time.monotonic() < give_up:
        time.sleep(0.001)


def test_a_disk_that_is_far_behind_gives_up_samples_and_says_so(engine, tmp_path, monkeypatch):
    import threading

    go_on = threading.Event()
    real_write = module.LiveWriter.append_samples

    def slow(self, *args, **kwargs):
        go_on.wait(20)
        real_write(self, *args, **kwargs)

    monkeypatch.setattr(module.LiveWriter, "append_samples", slow)
    monkeypatch.setattr(module, "BACKLOG_S", 0.05)
    recorder = Recorder(engine, tmp_path / "a.emglive")
    for k in range(30):
        recorder.take_block(block(10 * k))  # returns at once, whatever the disk does
    assert "cannot keep up" in recorder.status.sentence
    go_on.set()
    recorder.close()
    assert recorder.status.n_refused + recorder.status.n_acknowledged == 300
    assert read(recorder.path).channels[0].n_samples == recorder.status.n_acknowledged


def test_marks_are_recorded_with_what_they_say(engine, tmp_path):
    with Recorder(engine, tmp_path / "a.emglive") as recorder:
        recorder.take_block(block(0))
        recorder.take_mark(Annotation(start_s=0.002, label="spike", channel="C0", reader="AB", confidence="sure"))
        recorder.take_mark(Stimulus(time_s=0.005, current_ma=20.0, site="wrist"))
        recorder.take_mark(Stimulus(time_s=float("nan")))
        recorder.take_block(block(10))
    assert recorder.status.n_acknowledged == 20
    assert "A mark cannot be recorded" in recorder.status.sentence
    recording = read(tmp_path / "a.emglive")
    assert recording.annotations == (
        Annotation(start_s=0.002, label="spike", channel="C0", reader="AB", confidence="sure"),
    )
    assert recording.stimuli == (Stimulus(time_s=0.005, current_ma=20.0, site="wrist"),)


def test_a_recording_can_be_read_while_it_is_made(tmp_path):
    with Engine(FakeDevice(sampling_rate_hz=1000.0)) as engine, Recorder(engine, tmp_path / "a.emglive") as recorder:
        settle(recorder, 100)
        recording = read(recorder.path)
        assert recording.channels[0].n_samples >= 100
        assert "not closed" in recording.notes[0]
    assert read(recorder.path).notes == ()


def test_closing_never_replaces_the_container_with_less(engine, tmp_path, monkeypatch):
    with Recorder(engine, tmp_path / "a.emglive") as recorder:
        recorder.take_block(block(0, n_samples=100))
    from emgwidgets.io import convert

    real_read = convert.read

    def short(path):
        recording = real_read(path)
        if path.suffix != ".edf":
            return recording
        from dataclasses import replace

        from emgwidgets.model.signal import ArraySamples

        channel = recording.channels[0]
        return replace(recording, channels=(replace(channel, samples=ArraySamples(stored=np.zeros(5)), segments=()),))

    monkeypatch.setattr(convert, "read", short)
    with pytest.raises(
        WriteError, match=r"a.edf does not hold all of channel 'C0'; got 5 samples; expected 100; keep a.emglive"
    ):
        close_into(recorder.path, tmp_path / "a.edf")
