"""Replay: the file's samples as they are, its gaps and marks, and the faults that were asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgwidgets.acquisition.clock import SimulatedClock
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.faults import Faults
from emgwidgets.acquisition.recorder import Recorder, close_into
from emgwidgets.acquisition.registry import open_device
from emgwidgets.acquisition.replay import ReplayDevice
from emgwidgets.errors import EmgError, InputError
from emgwidgets.io.registry import read
from emgwidgets.model.signal import ArraySamples, Recording, Segment, Sweep


def record(path, **options):
    """Replay into a file, without waiting, and read it back."""
    engine = Engine(ReplayDevice(speed_ratio=0, **options), reconnect_s=5.0).open()
    with Recorder(engine, path) as recorder:
        while engine.step():
            pass
    assert recorder.status.sentence == ""
    assert recorder.status.n_acknowledged == engine.status.n_received
    return engine, read(path)


def same_samples(before, after):
    for one, other in zip(before.channels, after.channels, strict=True):
        np.testing.assert_array_equal(one.samples_uv, other.samples_uv)
        assert len(one.segments) == len(other.segments)
        for a, b in zip(one.segments, other.segments, strict=True):
            assert (a.first_sample, a.n_samples) == (b.first_sample, b.n_samples)
            assert a.start_s == pytest.approx(b.start_s, abs=1e-6)


def test_a_recording_comes_back_with_its_marks(make_recording, tmp_path):
    before = make_recording(stimuli=(1.0, 2.5), annotations=((3.0, "fibrillation"),))
    engine, after = record(tmp_path / "a.emglive", file=before)
    same_samples(before, after)
    assert [one.time_s for one in after.stimuli] == pytest.approx([1.0, 2.5])
    assert [(one.start_s, one.label) for one in after.annotations] == [(pytest.approx(3.0), "fibrillation")]
    assert engine.status.n_lost == 0


def test_gaps_of_the_file_are_gaps_of_the_replay(make_recording, tmp_path):
    before = make_recording(n_channels=1)
    cut = (
        Segment(first_sample=0, n_samples=4003, start_s=0.0),
        Segment(first_sample=4003, n_samples=5997, start_s=5.5),
    )
    before = replace(before, channels=(replace(before.channels[0], segments=cut),))
    _, after = record(tmp_path / "a.emglive", file=before)
    same_samples(before, after)


def test_two_rates_are_two_streams(make_recording, tmp_path):
    fast, slow = make_recording(n_channels=2), make_recording(n_channels=1, rate_hz=100.0)
    both = Recording(channels=(*fast.channels, replace(slow.channels[0], name="force")))
    engine, after = record(tmp_path / "a.emglive", file=both)
    assert [stream.sampling_rate_hz for stream in engine.info.streams] == [1000.0, 100.0]
    same_samples(both, after)


@pytest.mark.parametrize("silent", [False, True])
def test_gaps_asked_for(make_recording, tmp_path, silent):
    faults = Faults(gaps=((2.0, 0.5), (7.003, 0.1)), silent_gaps=silent)
    engine, after = record(tmp_path / "a.emglive", file=make_recording(), faults=faults)
    assert (engine.status.n_lost, engine.status.n_gaps) == (600, 2)
    gaps = [(flag.start_s, flag.end_s) for flag in after.quality_flags]
    assert gaps == [pytest.approx((2.0, 2.5), abs=2e-3), pytest.approx((7.003, 7.103), abs=2e-3)]
    n_before = round(7.003 * 1000) - 500
    np.testing.assert_array_equal(after.channels[0].read(n_before), np.arange(7103, 10_000))


def test_drift_and_jitter_lose_nothing_and_the_drift_is_told(make_recording, tmp_path):
    faults = Faults(drift_ratio=5e-4, jitter_s=0.004)
    recording = make_recording(duration_s=60.0)
    engine, after = record(tmp_path / "a.emglive", file=recording, faults=faults)
    assert engine.status.n_lost == 0
    assert after.channels[0].n_samples == 60_000
    ppm = int(after.notes[0].split(" ran ")[1].split(" ppm")[0])
    assert ppm == pytest.approx(-500, abs=150)


def test_saturation(make_recording, tmp_path):
    _, after = record(tmp_path / "a.emglive", file=make_recording(), faults=Faults(saturation_uv=5000.0))
    np.testing.assert_array_equal(after.channels[0].samples_uv, np.minimum(np.arange(10_000), 5000))


def test_a_disconnection_that_is_mended_is_a_gap_in_real_time(make_recording, tmp_path):
    clock = SimulatedClock()
    faults = Faults(disconnect_s=3.0, back_after_s=1.2)
    device = ReplayDevice(file=make_recording(), faults=faults, clock=clock)
    engine = Engine(device, reconnect_s=5.0).open()
    with Recorder(engine, tmp_path / "a.emglive"):
        while engine.step():
            pass
    after = read(tmp_path / "a.emglive")
    assert engine.status.state == "ended"
    gap = after.quality_flags[0]
    assert gap.start_s == pytest.approx(3.0, abs=0.02)
    assert gap.size == pytest.approx(1.25, abs=0.05)  # 1.2 s away, looked for every 0.25 s
    channel = after.channels[0]
    times_s = channel.times_s()
    np.testing.assert_allclose(channel.samples_uv, times_s * 1000, atol=2.5)  # every sample stands at its own time


def test_a_disconnection_for_good_keeps_what_was_there(make_recording, tmp_path):
    engine, after = record(tmp_path / "a.emglive", file=make_recording(), faults=Faults(disconnect_s=3.0))
    assert engine.status.state == "failed"
    assert engine.status.sentence.startswith("the device was pulled")
    assert after.channels[0].n_samples == 3000


def test_a_stall_is_told(make_recording):
    engine = Engine(ReplayDevice(file=make_recording(), faults=Faults(stall_s=1.0), clock=SimulatedClock())).open()
    for _ in range(150):
        engine.step()
    assert engine.status.state == "stalled"
    assert engine.status.n_received == 1000


@pytest.mark.parametrize(("suffix", "step_uv"), [(".edf", 1.0), (".bdf", 0.01)])
def test_closing_into_a_file_for_others(make_recording, tmp_path, suffix, step_uv):
    faults = Faults(gaps=((2.0, 0.5),))
    recording = make_recording(annotations=((3.0, "mark"),))
    _, live = record(tmp_path / "a.emglive", file=recording, faults=faults)
    close_into(tmp_path / "a.emglive", tmp_path / f"a{suffix}")
    after = read(tmp_path / f"a{suffix}")
    for one, other in zip(live.channels, after.channels, strict=True):
        assert [a.start_s for a in one.segments] == pytest.approx([b.start_s for b in other.segments])
        np.testing.assert_allclose(one.samples_uv, other.samples_uv[: one.n_samples], atol=step_uv)
    assert "mark" in [mark.label for mark in after.annotations]


def test_loop_goes_on_without_a_seam(make_recording):
    engine = Engine(ReplayDevice(file=make_recording(duration_s=1.0), speed_ratio=0, is_loop=True)).open()
    for _ in range(250):
        assert engine.step()
    assert engine.buffer.window(0, 2500)[0].tolist() == (np.arange(2500) % 1000).tolist()
    assert engine.status.n_lost == 0


def test_faster_than_real_time_keeps_its_own_clock(make_recording):
    with Engine(ReplayDevice(file=make_recording(), speed_ratio=20.0)) as engine:
        assert engine.wait_for(10_000, timeout_s=30.0)
    assert engine.status.n_lost == 0


def test_what_cannot_be_replayed(make_recording):
    sweep = Sweep(samples_uv=np.zeros(5), sampling_rate_hz=1000.0)
    with pytest.raises(InputError, match="there is nothing to replay; got 1 sweeps and no continuous channel"):
        ReplayDevice(file=Recording(sweeps=(sweep,)))
    with pytest.raises(InputError, match="the replay cannot be set so; got speed -1"):
        ReplayDevice(file=make_recording(), speed_ratio=-1)
    with pytest.raises(EmgError, match="the file does not exist"):
        open_device("replay", file="nothing.edf")
    with pytest.raises(InputError, match="a gap cannot be used"):
        Faults(gaps=((1.0, 0.0),))
    with pytest.raises(InputError, match="the fault of the clock cannot be used"):
        Faults(drift_ratio=0.9)
    with pytest.raises(InputError, match="the saturation cannot be used"):
        Faults(saturation_uv=0.0)


def test_empty_stored_arrays_are_not_streams(make_recording):
    recording = make_recording(n_channels=1)
    empty = replace(recording.channels[0], name="empty", samples=ArraySamples(stored=np.empty(0)), segments=())
    device = ReplayDevice(file=Recording(channels=(empty, *recording.channels)))
    assert [one.name for one in device.identify().streams[0].channels] == ["EMG 1"]
