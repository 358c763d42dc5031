"""The live feed, its history and its sound: what reaches a browser is what the engine read."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.acquisition.clock import SimulatedClock
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.fake import FakeDevice
from emgwidgets.acquisition.faults import Faults
from emgwidgets.acquisition.replay import ReplayDevice
from emgwidgets.analysis.signal.filter_stream import FilterStream
from emgwidgets.analysis.signal.filters import FilterChain, FilterStep
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording, Stimulus
from emgwidgets.widgets.live import History, LiveFeed, channel_rows, engine_of
from emgwidgets.widgets.live.sound_stream import SoundStream

RATE_HZ = 1000.0
STEPS = (FilterStep(kind="high_pass", frequency_hz=10.0), FilterStep(kind="rectify"), FilterStep(kind="notch", frequency_hz=50.0))  # fmt: skip


def recording(n_samples=4000, *, rate_hz=RATE_HZ, n_channels=2, annotations=(), stimuli=()):
    rng = np.random.default_rng(3)
    channels = tuple(
        Channel(
            name=f"C{row}", unit="uV", sampling_rate_hz=rate_hz,
            samples=ArraySamples(stored=rng.normal(5 * row, 40, n_samples).astype(np.float32)),
        )
        for row in range(n_channels)
    )  # fmt: skip
    return Recording(channels=channels, annotations=annotations, stimuli=stimuli)


def read_all(source, *, faults=None, feed_every=7, columns_per_s=100.0, steps=(), listen=None, anew_at=None):
    """An engine stepped by hand, its feed asked every few blocks; returns messages and the engine."""
    engine = Engine(ReplayDevice(file=source, speed_ratio=0, faults=faults), ring_s=60.0).open()
    told: list[tuple[dict, list[bytes]]] = []
    feed = LiveFeed(engine, lambda content, buffers: told.append((content, buffers)))
    engine.attach(feed)
    feed.set_filters(steps)
    feed.handle({"type": "live", "action": "hello", "view": "a"})
    feed.handle({"type": "live", "action": "columns", "view": "a", "columns_per_s": columns_per_s, "span_s": 0.5})
    if listen is not None:
        feed.handle({"type": "live", "action": "listen", "view": "a", "channel": listen})
    n = 0
    feed.send_news()
    while engine.step():
        n += 1
        if n == anew_at:  # as when the time base is turned
            feed.handle({"type": "live", "action": "columns", "view": "a", "columns_per_s": 200.0, "span_s": 0.2})
        if n % feed_every == 0:
            feed.send_news()
    feed.send_news()
    return told, engine


def joined(told, stream=0):
    """All columns of a stream by number, shape (2, n_channels, n)."""
    parts = []
    for content, buffers in told:
        for head in content["streams"]:
            if head["stream"] == stream:
                values = np.frombuffer(buffers[head["buffer"]], dtype=np.float32).reshape(
                    2 if head["has_range"] else 1, -1, head["n"]
                )
                parts.append((head["first"], values))
    for (first, values), (after, _) in itertools.pairwise(parts):
        assert first + values.shape[2] == after
    return np.concatenate([values for _, values in parts], axis=2)


def test_columns_that_arrive_hold_the_extremes_of_every_sample():
    source = recording()
    told, engine = read_all(source)
    columns = joined(told)
    held = engine.buffer.window(0, 4000).reshape(2, -1, 10)
    np.testing.assert_array_equal(columns, np.stack([held.min(axis=2), held.max(axis=2)]))
    assert [content["seq"] for content, _ in told] == list(range(1, len(told) + 1))
    assert [content["reset"] for content, _ in told] == [True] + [False] * (len(told) - 1)


def test_columns_of_one_sample_travel_once():
    told, engine = read_all(recording(), columns_per_s=5000.0)
    assert not told[1][0]["streams"][0]["has_range"]
    np.testing.assert_array_equal(joined(told)[0], engine.buffer.window(0, 4000))


def test_a_lost_stretch_is_nan_and_is_told_with_its_length():
    told, _ = read_all(recording(), faults=Faults(gaps=((1.0, 0.25),)))
    columns = joined(told)
    assert np.isnan(columns[:, :, 100:125]).all()
    assert np.isfinite(columns[:, :, :100]).all()
    assert np.isfinite(columns[:, :, 125:]).all()
    assert [gap for content, _ in told for gap in content["gaps"]] == [
        {"stream": 0, "start_s": 1.0, "end_s": 1.25, "n": 250}
    ]


def test_marks_have_the_time_of_their_samples():
    source = recording(annotations=(Annotation(start_s=0.5, label="fib", note="TA"),), stimuli=(Stimulus(time_s=1.0),))
    told, _ = read_all(source)
    marks = [mark for content, _ in told for mark in content["marks"]]
    assert [(mark["kind"], mark["label"], mark["note"]) for mark in marks] == [
        ("mark", "fib", "TA"),
        ("stimulus", "stimulus", ""),
    ]
    assert [mark["t_s"] for mark in marks] == pytest.approx([0.5, 1.0], abs=2e-3)


def test_the_sound_is_the_channel_without_its_offset_and_joins_without_a_seam():
    told, engine = read_all(recording(96_000, rate_hz=32_000.0), listen=1, anew_at=150)
    assert [content["reset"] for content, _ in told].count(True) == 2
    heads = [(content["sound"], buffers) for content, buffers in told if content["sound"]]
    ends_s = [head["start_s"] + head["n"] / head["rate_hz"] for head, _ in heads]
    assert [head["start_s"] for head, _ in heads[1:]] == pytest.approx(ends_s[:-1], abs=1e-9)
    sound = np.concatenate([np.frombuffer(buffers[head["buffer"]], dtype=np.float32) for head, buffers in heads])
    raw = engine.buffer.window(96_000 - len(sound), 96_000)[1]
    assert abs(sound.mean()) < 0.5
    assert np.corrcoef(sound, raw)[0, 1] > 0.99


def test_nothing_is_sent_once_every_view_has_gone_and_a_new_one_begins_with_what_is_held():
    engine = Engine(ReplayDevice(file=recording(), speed_ratio=0), ring_s=60.0).open()
    told = []
    feed = LiveFeed(engine, lambda content, buffers: told.append(content), period_s=0.001)
    while engine.step():
        pass
    feed.start()
    feed.handle({"type": "live", "action": "hello", "view": "a"})
    wait_for(lambda: told)
    assert told[0]["reset"]
    assert told[0]["streams"][0]["n"] == 1000  # one second is shown at first
    feed.handle({"type": "live", "action": "bye", "view": "a"})
    assert not feed.handle({"type": "start"})
    feed.stop()


def wait_for(condition, timeout_s=5.0):
    import time

    until = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(1, 999), max_size=8), gap=st.tuples(st.integers(100, 900), st.integers(0, 40)))
def test_a_filter_on_blocks_is_the_filter_on_the_whole(cuts, gap):
    values = np.random.default_rng(5).normal(20, 50, (2, 1000))
    values[:, gap[0] : gap[0] + gap[1]] = np.nan
    whole = np.stack([FilterChain(STEPS, sampling_rate_hz=RATE_HZ).apply(row) for row in values])
    stream = FilterStream(STEPS, sampling_rate_hz=RATE_HZ)
    edges = [0, *sorted(set(cuts)), 1000]
    parts = [stream.push(values[:, a:b]) for a, b in itertools.pairwise(edges)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, atol=1e-6)


def test_a_missing_value_of_one_channel_leaves_the_others_alone_and_a_filter_too_high_is_left_out():
    values = np.random.default_rng(6).normal(0, 50, (2, 500))
    whole = FilterStream(STEPS, sampling_rate_hz=RATE_HZ).push(values)
    values[0, 200] = np.nan
    broken = FilterStream(STEPS, sampling_rate_hz=RATE_HZ).push(values)
    np.testing.assert_allclose(broken[1], whole[1])
    assert np.flatnonzero(np.isnan(broken[0])).tolist() == [200]
    high = FilterStream((FilterStep(kind="low_pass", frequency_hz=2000.0),), sampling_rate_hz=RATE_HZ)
    assert high.steps == ()
    assert [step.frequency_hz for step in high.left_out] == [2000.0]


@pytest.mark.parametrize("rate_hz", [250.0, 2000.0, 20_000.0, 48_000.0, 200_000.0])
def test_sound_has_a_rate_that_browsers_play_and_keeps_a_tone_in_its_place(rate_hz):
    n = round(rate_hz)
    tone_hz = 60.0
    values = np.sin(2 * np.pi * tone_hz * np.arange(n) / rate_hz) + 3.0
    stream = SoundStream(rate_hz)
    out = np.concatenate([stream.push(part) for part in np.array_split(values, 37)])
    assert 32_000 <= stream.rate_hz <= 96_000
    assert len(out) == pytest.approx(n * stream.rate_hz / rate_hz, abs=1)
    times_s = np.arange(len(out)) / stream.rate_hz - stream.delay_s
    settled = times_s > 0.3
    expected = np.sin(2 * np.pi * tone_hz * times_s)
    fitted = np.sum(out[settled] * expected[settled]) / np.sum(expected[settled] ** 2)
    assert fitted == pytest.approx(1.0, abs=0.12)
    assert np.abs(stream.push(np.full(100, np.nan))).max() < 1.5


def test_history_gives_columns_samples_and_a_recording_with_its_gap():
    marks = (Annotation(start_s=0.5, label="fib"),)
    _, engine = read_all(recording(annotations=marks), faults=Faults(gaps=((1.0, 0.25),)))
    history = History(engine)
    assert (history.start_s, history.end_s) == (0.0, 4.0)
    first_s, samples = history.samples(1, 2.0, 2.5)
    np.testing.assert_array_equal(samples, engine.buffer.window(2000, 2500)[1])
    assert first_s == 2.0
    heads, buffers = history.columns(0.5, 3.5, n_columns=300)
    values = np.frombuffer(buffers[0], dtype=np.float32).reshape(2, 2, -1)
    held = engine.buffer.window(500, 3500).reshape(2, -1, 10)
    np.testing.assert_array_equal(values[0], np.fmin.reduce(held, axis=2))
    assert heads[0]["first"] / heads[0]["columns_per_s"] == 0.5
    made = history.recording(0.9, 1.5, annotations=marks)
    assert [(one.start_s, one.n_samples) for one in made.channels[0].segments] == [
        (pytest.approx(0.9), 100),
        (pytest.approx(1.25), 250),
    ]
    assert made.annotations == ()
    with pytest.raises(InputError, match="this window cannot be shown"):
        history.columns(2.0, 1.0, n_columns=100)


def test_what_can_be_looked_at_live(tmp_path):
    assert engine_of("fake", n_channels=3).open().info.streams[0].channels[2].name == "Sine 3"
    assert engine_of(recording()).open().info.name == "replay"
    clock = SimulatedClock()
    device = FakeDevice(clock=clock)
    engine = engine_of(device)
    assert engine.device is device
    assert engine_of(engine) is engine
    assert channel_rows(engine.open().info) == ((0, 0),)
    with pytest.raises(InputError, match="this cannot be looked at live; got int"):
        engine_of(7)
