"""Triggered sweeps, averages, the display's columns and the meters, against signals whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.acquisition.display import DisplayFeed
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.faults import Faults
from emgwidgets.acquisition.meters import level_of
from emgwidgets.acquisition.replay import ReplayDevice
from emgwidgets.acquisition.sweeps import SweepCollector, SweepSettings
from emgwidgets.acquisition.triggers import FreeRun, MarkTrigger, ThresholdTrigger
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording, Stimulus

RATE_HZ = 10_000.0
STIMULI_S = np.arange(40) * 0.2 + 0.1


def responses(*, noise_uv=10.0, artefact_at=()):
    """A 5 uV response 3 ms after each stimulus, an artefact of 900 uV at it, a pulse on the marker channel."""
    rng = np.random.default_rng(3)
    signal = rng.normal(0, noise_uv, round(8.2 * RATE_HZ))
    marker = np.zeros_like(signal)
    shape = 5.0 * np.hanning(30)
    for number, at in enumerate(np.round(STIMULI_S * RATE_HZ).astype(int)):
        signal[at : at + 5] += 900.0
        signal[at + 30 : at + 60] += shape
        marker[at : at + 10] = 5.0
        if number in artefact_at:
            signal[at + 100] += 700.0
    channels = [
        Channel(name=name, unit="uV", sampling_rate_hz=RATE_HZ, samples=ArraySamples(stored=values))
        for name, values in (("EMG", signal), ("marker", marker))
    ]
    return Recording(channels=tuple(channels), stimuli=tuple(Stimulus(time_s=at, current_ma=9.0) for at in STIMULI_S))


def collect(recording, setting, trigger, **options):
    engine = Engine(ReplayDevice(file=recording, speed_ratio=0, **options)).open()
    collector = SweepCollector(engine.buffer, setting, trigger)
    engine.attach(collector)
    while engine.step():
        pass
    return collector


TRIGGERS = [
    MarkTrigger,
    lambda: ThresholdTrigger(channel="marker", level_uv=2.5),
    lambda: ThresholdTrigger(channel="EMG", level_uv=450.0, holdoff_ms=50.0),
]


@pytest.mark.parametrize("trigger", TRIGGERS, ids=["mark", "marker channel", "threshold"])
@pytest.mark.parametrize("block_ms", [4.0, 7.3, 100.0])
def test_the_average_finds_a_response_below_the_noise(trigger, block_ms):
    setting = SweepSettings(channel="EMG", before_ms=2.0, after_ms=20.0)
    collector = collect(responses(), setting, trigger(), block_ms=block_ms)
    average = collector.average()
    assert collector.counts.n_accepted == average.n_averaged == 40
    assert average.start_ms == -2.0
    assert len(average.samples_uv) == 220
    direct = np.mean([sweep.samples_uv for sweep in collector.sweeps], axis=0)
    np.testing.assert_allclose(average.samples_uv, direct, atol=1e-9)
    correlation = np.corrcoef(average.samples_uv[50:80], np.hanning(30))[0, 1]
    assert correlation > 0.6
    assert average.samples_uv[20] == pytest.approx(900, abs=10)
    assert average.samples_uv[19] == pytest.approx(0, abs=10)


def test_an_artefact_is_rejected_and_the_stimulus_artefact_is_not():
    setting = SweepSettings(channel="EMG", before_ms=2.0, after_ms=20.0, reject_above_uv=200.0, blank_ms=1.0)
    collector = collect(responses(artefact_at=(3, 7, 8)), setting, MarkTrigger())
    assert (collector.counts.n_accepted, collector.counts.n_rejected) == (37, 3)
    strict = collect(responses(), replace(setting, blank_ms=0.0), MarkTrigger())
    assert strict.counts.n_rejected == 40
    assert strict.average() is None


def test_a_sweep_across_a_gap_does_not_count():
    setting = SweepSettings(channel="EMG", before_ms=2.0, after_ms=20.0)
    collector = collect(responses(), setting, MarkTrigger(), faults=Faults(gaps=((1.11, 0.01),)))
    assert (collector.counts.n_accepted, collector.counts.n_broken) == (39, 1)
    assert collector.sweeps[0].stimulus.current_ma == 9.0


def test_only_markers_of_the_label_start_a_sweep():
    recording = responses()
    marks = (Annotation(start_s=1.0, label="go"), Annotation(start_s=2.0, label="rest"))
    collector = collect(replace(recording, annotations=marks), SweepSettings(channel="EMG"), MarkTrigger(label="go"))
    assert collector.counts.n_accepted == 1


def test_free_run_takes_every_sample_once():
    recording = responses()
    collector = collect(
        recording, SweepSettings(channel="EMG", after_ms=50.0, n_kept=1000), FreeRun(period_ms=50.0), block_ms=7.0
    )
    joined = np.concatenate([sweep.samples_uv for sweep in collector.sweeps])
    np.testing.assert_array_equal(joined, recording.channels[0].samples_uv.astype(np.float32))


@settings(max_examples=80, deadline=None)
@given(values=st.lists(st.integers(-3, 3), min_size=1, max_size=60), cuts=st.lists(st.integers(1, 59), max_size=5))
def test_a_threshold_does_not_depend_on_blocks(values, cuts):
    values = np.array(values, dtype=float)
    whole = ThresholdTrigger(channel="a", level_uv=1.0, holdoff_ms=4.0)
    expected = whole.in_block(values, 0, 1000.0)
    parts = ThresholdTrigger(channel="a", level_uv=1.0, holdoff_ms=4.0)
    edges = sorted({0, len(values), *(cut for cut in cuts if cut < len(values))})
    found = [parts.in_block(values[a:b], a, 1000.0) for a, b in pairwise(edges)]
    assert np.concatenate(found).tolist() == expected.tolist()


def test_falling_edge_and_gaps():
    trigger = ThresholdTrigger(channel="a", level_uv=-2.0, edge="falling")
    assert trigger.in_block(np.array([0.0, -1, -2, -3, 0, -5]), 0, 1000.0).tolist() == [2, 5]
    assert trigger.in_block(np.array([-9.0, 0, -9]), 100, 1000.0).tolist() == [102]  # begins beyond: no crossing seen


def test_settings_that_cannot_be_used(make_recording):
    buffer = Engine(ReplayDevice(file=make_recording())).open().buffer
    with pytest.raises(InputError, match="no such channel; got 'x'; expected one of"):
        SweepCollector(buffer, SweepSettings(channel="x"), MarkTrigger())
    with pytest.raises(InputError, match="the sweeps cannot be set so"):
        SweepSettings(channel="x", after_ms=0)
    with pytest.raises(InputError, match="the rejection cannot be set so"):
        SweepSettings(channel="x", reject_above_uv=-1)
    with pytest.raises(InputError, match="the trigger cannot be set so"):
        ThresholdTrigger(channel="x", level_uv=float("nan"))
    with pytest.raises(InputError, match="the sweep cannot be set so"):
        FreeRun(period_ms=0)
    two = Recording(
        channels=(
            *make_recording(n_channels=1).channels,
            replace(make_recording(rate_hz=100.0).channels[0], name="slow"),
        )
    )
    with pytest.raises(InputError, match="the trigger runs at another rate"):
        SweepCollector(
            Engine(ReplayDevice(file=two)).open().buffer,
            SweepSettings(channel="EMG 1"),
            ThresholdTrigger(channel="slow", level_uv=1),
        )


@settings(max_examples=30, deadline=None)
@given(block_ms=st.floats(3.0, 60.0), gap_s=st.floats(0.0, 1.5), gap_length_s=st.floats(0.001, 1.5))
def test_columns_hold_the_extremes_of_their_samples(block_ms, gap_s, gap_length_s):
    rng = np.random.default_rng(1)
    values = rng.normal(0, 100, 2000).astype(np.float32)
    channel = Channel(name="a", unit="uV", sampling_rate_hz=1000.0, samples=ArraySamples(stored=values))
    faults = Faults(gaps=((gap_s, gap_length_s),))
    engine = Engine(
        ReplayDevice(file=Recording(channels=(channel,)), speed_ratio=0, block_ms=block_ms, faults=faults)
    ).open()
    feed = DisplayFeed(engine.buffer, columns_per_s=100.0)
    engine.attach(feed)
    while engine.step():
        pass
    _, columns = feed.since(0)
    held = engine.buffer.window(0, columns.shape[2] * 10)[0].reshape(-1, 10)
    np.testing.assert_array_equal(columns[0, 0], np.fmin.reduce(held, axis=1))
    np.testing.assert_array_equal(columns[1, 0], np.fmax.reduce(held, axis=1))
    first, later = feed.since(columns.shape[2] - 3)
    assert (first, later.shape) == (columns.shape[2] - 3, (2, 1, 3))


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
@pytest.mark.parametrize("size_uv", [5.0, 80.0])
def test_the_mains_indicator(mains_hz, size_uv):
    rng = np.random.default_rng(2)
    times_s = np.arange(10_000) / RATE_HZ
    signal = rng.normal(0, 15, 10_000) + size_uv * np.sin(2 * np.pi * (mains_hz + 0.03) * times_s + 1) + 200
    level = level_of(signal, RATE_HZ)
    assert level.mains_hz == mains_hz
    assert level.mains_uv == pytest.approx(size_uv, rel=0.15)
    assert level.offset_uv == pytest.approx(200, abs=1)
    assert level.rms_uv == pytest.approx(np.hypot(15, size_uv / np.sqrt(2)), rel=0.05)


def test_noise_alone_is_seldom_called_mains():
    rng = np.random.default_rng(4)
    called = [level_of(rng.normal(0, 15, 10_000), RATE_HZ).mains_hz is not None for _ in range(100)]
    assert sum(called) <= 5


def test_the_limit_of_the_converter_and_missing_samples_are_told():
    times_s = np.arange(10_000) / RATE_HZ
    signal = np.clip(100 * np.sin(2 * np.pi * 11 * times_s), -80, 80)
    assert level_of(signal, RATE_HZ).limit_share == pytest.approx(2 * np.arccos(0.8) / np.pi, abs=0.01)
    signal[:2500] = np.nan
    assert level_of(signal, RATE_HZ).missing_share == 0.25
    assert level_of(np.zeros(100), RATE_HZ).limit_share == 0.0
    assert np.isnan(level_of(np.full(10, np.nan), RATE_HZ).rms_uv)
    assert level_of(np.empty(0), RATE_HZ).missing_share == 1.0
