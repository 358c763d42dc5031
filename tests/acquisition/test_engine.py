"""The engine: one clock, gaps, a device that is pulled, silent, garbage, or changes its rate."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.fake import FakeDevice
from emgwidgets.acquisition.protocols import Block, Device, DeviceError
from emgwidgets.acquisition.ring import Ring
from emgwidgets.errors import InputError


class Kept:
    """A sink that keeps everything."""

    def __init__(self):
        self.blocks, self.marks = [], []

    def take_block(self, block):
        self.blocks.append(block)

    def take_mark(self, mark):
        self.marks.append(mark)


def run(device, **options):
    engine = Engine(device, **options).open()
    kept = Kept()
    engine.attach(kept)
    while engine.step():
        pass
    return engine, kept


@settings(max_examples=100, deadline=None)
@given(size=st.integers(1, 40), steps=st.lists(st.tuples(st.integers(0, 15), st.integers(1, 60)), max_size=12))
def test_a_ring_holds_the_last_samples_and_says_nan_for_the_rest(size, steps):
    ring, whole = Ring(1, size), np.full(1200, np.nan)
    for n_lost, n_samples in steps:
        position = ring.end + n_lost
        whole[position : position + n_samples] = np.arange(position, position + n_samples)
        ring.write(position, whole[None, position : position + n_samples].copy())
    expected = whole[: ring.end + 5].copy()
    expected[: max(ring.end - size, 0)] = np.nan
    np.testing.assert_array_equal(ring.read(0, ring.end + 5)[0], expected)


def test_even_blocks_are_one_stretch(scripted, even_blocks):
    engine, kept = run(scripted(even_blocks(100)))
    assert engine.status.n_received == 1000
    assert engine.status.n_lost == engine.status.n_gaps == 0
    assert engine.buffer.window(0, 1000)[0].tolist() == list(range(1000))
    assert [block.position for block in kept.blocks] == list(range(0, 1000, 10))
    assert engine.status.sentence == "scripted has ended."


def test_samples_the_device_says_it_lost_are_a_gap(scripted, even_blocks):
    script = even_blocks(20)
    step_s, _ = script[10]
    script[10:] = [(step_s, Block(samples=one.samples, time_s=one.time_s + 0.03, n_dropped=30 * (k == 0)))
                   for k, (_, one) in enumerate(script[10:])]  # fmt: skip
    engine, kept = run(scripted(script))
    assert (engine.status.n_lost, engine.status.n_gaps) == (30, 1)
    assert kept.blocks[10].position == 130
    assert not kept.blocks[10].is_inferred
    assert np.isnan(engine.buffer.window(100, 130)).all()


def test_samples_lost_in_silence_are_found_by_the_clock(scripted, even_blocks):
    script = even_blocks(20) + even_blocks(20, start_s=0.2 + 0.045)
    engine, kept = run(scripted(script))
    assert (engine.status.n_lost, engine.status.n_gaps) == (45, 1)
    assert kept.blocks[20].is_inferred


@pytest.mark.parametrize("drift_ratio", [-3e-4, 3e-4])
def test_a_drifting_clock_is_no_gap_and_marks_follow_the_samples(scripted, even_blocks, drift_ratio):
    engine, kept = run(scripted(even_blocks(6000, true_hz=1000 * (1 + drift_ratio))))
    assert engine.status.n_lost == 0
    assert engine.status.n_received == 60_000
    # after 60 s the clocks are 18 ms apart; a mark made now stands where the samples are
    mark = engine.mark("now")
    assert mark.start_s == pytest.approx(engine.buffer.time_of(60_000), abs=0.001)
    assert kept.marks == [mark]


def test_jitter_within_what_the_device_states_is_no_gap(scripted, even_blocks):
    rng = np.random.default_rng(5)
    script = [
        (step_s, Block(samples=block.samples, time_s=block.time_s + rng.uniform(-0.02, 0.02)))
        for step_s, block in even_blocks(2000)
    ]
    engine, _ = run(scripted(script, jitter_s=0.04))
    assert engine.status.n_lost == 0


@pytest.mark.parametrize("true_hz", [500.0, 900.0, 1100.0, 2000.0])
def test_a_stream_that_changes_its_rate_is_stopped_with_a_sentence(scripted, even_blocks, true_hz):
    script = even_blocks(200) + even_blocks(900, true_hz=true_hz, start_s=2.0)
    engine, kept = run(scripted(script))
    assert engine.status.state == "failed"
    assert engine.status.sentence.startswith("stream 'scripted' changed its rate; got about ")
    assert engine.status.sentence.endswith("what came before is kept; set the rate and open the device again.")
    after_s = kept.blocks[-1].clock_s - 2.0
    assert 0 < after_s < 2.5
    assert engine.buffer.window(0, 2000)[0].tolist() == list(range(2000))


def test_two_gaps_a_second_are_no_change_of_rate(scripted, even_blocks):
    script, start_s = [], 0.0
    for _ in range(20):
        script += even_blocks(50, start_s=start_s)
        start_s += 0.5 + 0.05
    engine, _ = run(scripted(script))
    assert engine.status.state == "ended"
    assert engine.status.n_gaps == 19


@pytest.mark.parametrize(
    ("block", "got"),
    [
        (Block(samples=np.ones((3, 10)), time_s=0.0), r"a block of shape \(3, 10\)"),
        (Block(samples=np.ones(10), time_s=0.0), r"a block of shape \(10,\)"),
        (Block(samples=np.ones((1, 10)), time_s=np.nan), "shape .1, 10."),
        (Block(samples=np.ones((1, 10)), time_s=0.0, stream=4), "stream 4"),
    ],
)
def test_garbage_ends_with_a_sentence(scripted, even_blocks, block, got):
    engine, _ = run(scripted([*even_blocks(5), (0.01, block)]))
    assert engine.status.state == "failed"
    assert engine.status.sentence.startswith("scripted sends what cannot be understood; got ")
    assert __import__("re").search(got, engine.status.sentence)
    assert engine.status.n_received == 50


def test_an_error_of_a_driver_ends_with_a_sentence(scripted, even_blocks):
    engine, _ = run(scripted([*even_blocks(5), (0.0, RuntimeError("bad\nindex"))]))
    assert engine.status.sentence == "scripted failed; got RuntimeError: bad index"


def test_missing_values_are_counted_and_kept(scripted):
    samples = np.ones((1, 10))
    samples[0, 3] = np.inf
    engine, _ = run(scripted([(0.0, Block(samples=samples, time_s=0.0))]))
    assert engine.status.n_missing == 1


def test_a_stalled_source_is_told_and_goes_on_with_a_gap(scripted, even_blocks):
    device = scripted(even_blocks(10) + [(0.3, None)] * 5)
    engine = Engine(device).open()
    for _ in range(14):
        assert engine.step()
    assert engine.status.state == "stalled"
    assert engine.status.sentence == "scripted is silent; got no sample for 1 s; check its cable and power."
    engine.step()
    device.script = even_blocks(10, start_s=0.1 + 1.5)
    assert engine.step()
    assert engine.status.state == "running"
    assert engine.status.sentence == ""
    assert engine.status.n_lost == 1500


def test_a_device_that_is_pulled_ends_with_its_sentence(scripted, even_blocks):
    engine, _ = run(scripted([*even_blocks(5), (0.0, DeviceError("the board was pulled"))]))
    assert (engine.status.state, engine.status.sentence) == ("failed", "the board was pulled.")
    assert engine.status.n_received == 50


def test_a_device_that_comes_back_leaves_a_gap(scripted, even_blocks):
    script = [*even_blocks(5), (0.0, DeviceError("pulled")), *even_blocks(5, start_s=2.0)]
    device = scripted(script)
    engine, _ = run(device, reconnect_s=5.0)
    assert engine.status.state == "ended"
    assert device.n_opened == 2
    assert engine.status.n_lost == 1950


def test_a_device_that_comes_back_as_another_is_refused(scripted, even_blocks):
    device = scripted([*even_blocks(5), (0.0, DeviceError("pulled")), *even_blocks(5, start_s=2.0)])
    engine = Engine(device, reconnect_s=5.0).open()
    for _ in range(5):
        engine.step()
    device.stream = scripted([], rate_hz=500.0).stream
    assert not engine.step()
    assert "came back with other channels or another rate" in engine.status.sentence


def test_gains_are_applied_and_checked(scripted, even_blocks):
    engine, _ = run(scripted(even_blocks(2)), gains={"C0": 0.5})
    assert engine.buffer.latest(1.0)[0].tolist() == (np.arange(20) / 2).tolist()
    with pytest.raises(InputError, match="a gain names no channel; got 'EMG'"):
        Engine(scripted([]), gains={"EMG": 2.0}).open()


def test_a_device_that_measures_no_impedance_gives_none(scripted):
    assert Engine(scripted([])).impedances() == ()


def test_a_question_before_opening_is_refused(scripted):
    with pytest.raises(DeviceError, match="the device is not open; start the engine first"):
        _ = Engine(scripted([])).buffer


def test_the_thread_reads_a_device_in_real_time():
    device = FakeDevice(sampling_rate_hz=1000.0, n_channels=2)
    assert isinstance(device, Device)
    with Engine(device) as engine:
        assert engine.wait_for(200, timeout_s=20.0)
        assert engine.status.state == "running"
        samples = engine.buffer.window(0, 200)
        assert [(one.channel, one.impedance_kohm) for one in engine.impedances()] == [("Sine 1", 0.0), ("Sine 2", 0.0)]
    expected = 100 * np.sin(2 * np.pi * 10 * np.arange(200) / 1000)
    np.testing.assert_allclose(samples[1], 2 * expected, atol=1e-3)
    assert engine.status.state == "stopped"
    before = engine.status.n_received
    time.sleep(0.05)
    assert engine.status.n_received == before
    assert not engine.wait_for(10**9, timeout_s=10.0)  # returns at once: nothing more will come


def test_a_device_that_failed_or_ended_can_be_started_again(scripted, even_blocks):
    device = scripted([*even_blocks(20), (0.0, DeviceError("the device was pulled"))])
    engine = Engine(device, ring_s=10.0).start()
    wait_until_over(engine)
    assert engine.status.state == "failed"
    device.script = even_blocks(20, start_s=1.0)
    engine.start()
    wait_until_over(engine)
    assert engine.status.state == "ended"
    assert engine.status.n_lost == 0
    assert engine.buffer.end() == 1200
    held = engine.buffer.window(0, 1200)[0]
    assert np.isnan(held[200:1000]).all()
    assert np.isfinite(held[1000:]).all()
    engine.stop()


def wait_until_over(engine):
    for _ in range(500):
        if engine.is_over:
            return
        time.sleep(0.01)
    raise AssertionError("the engine did not end")
