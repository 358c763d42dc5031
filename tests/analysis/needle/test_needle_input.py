"""What each measure says of input it cannot fully use."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from needle_signals import RATE_HZ, make_trace, three_units

from emgwidgets.analysis.needle import decompose, measure_interference, measure_jitter, read_rest
from emgwidgets.analysis.needle._input_checks import input_limits, mixed_electrodes, overflow_count, silent_s
from emgwidgets.errors import InputError
from emgwidgets.model.signal import RecordingSettings, Trace


@pytest.fixture(scope="module")
def trace() -> Trace:
    return three_units(3)[0]


def wrapped(samples: np.ndarray, limit: float) -> np.ndarray:
    """A converter of that range without a stop at its ends."""
    return (samples + limit) % (2 * limit) - limit


def with_samples(trace: Trace, samples: np.ndarray, **settings: object) -> Trace:
    return replace(trace, samples_uv=samples, settings=replace(trace.settings, **settings))


def test_overflow_is_counted_where_the_range_is_known_and_where_it_is_not(trace) -> None:
    limit = float(np.abs(trace.samples_uv).max()) * 0.5
    false = int((np.abs(trace.samples_uv) > limit).sum())
    samples = wrapped(trace.samples_uv, limit)
    assert false > 20
    known = RecordingSettings(converter_range=(-limit, limit))
    assert overflow_count(samples, known) == pytest.approx(false, rel=0.1)
    assert overflow_count(samples, RecordingSettings()) == pytest.approx(false, rel=0.2)
    assert overflow_count(trace.samples_uv, RecordingSettings()) == 0


def test_many_overflown_samples_are_refused_and_few_are_said(trace) -> None:
    limit = float(np.abs(trace.samples_uv).max()) * 0.5
    with pytest.raises(InputError, match="the converter overflowed"):
        decompose(with_samples(trace, wrapped(trace.samples_uv, limit), converter_range=(-limit, limit)))
    few = float(np.sort(np.abs(trace.samples_uv))[-6])
    samples = wrapped(trace.samples_uv, few)
    result = decompose(with_samples(trace, samples, converter_range=(-few, few)))
    assert any("came back at the other end" in one for one in result.notes)
    assert any(
        "came back at the other end" in one
        for one in measure_interference(with_samples(trace, samples, converter_range=(-few, few))).limits
    )


def test_seconds_of_silence_are_said_by_every_measure(trace) -> None:
    samples = trace.samples_uv.copy()
    samples[int(4 * RATE_HZ) : int(6.5 * RATE_HZ)] = 0.0
    assert silent_s(samples, RATE_HZ) == pytest.approx(2.5, abs=0.1)
    silent = replace(trace, samples_uv=samples)
    for said in (decompose(silent).notes, read_rest(silent).limits, measure_interference(silent).limits):
        assert sum("2.5 s hold no signal" in one for one in said) == 1
    assert silent_s(trace.samples_uv, RATE_HZ) == 0.0


def test_a_surface_signal_is_said_by_the_interference_pattern() -> None:
    rng = np.random.default_rng(2)
    slow = 30 * np.convolve(rng.standard_normal(250000), np.hanning(300), mode="same")
    said = measure_interference(Trace(samples_uv=slow, sampling_rate_hz=RATE_HZ)).limits
    assert any("surface recording" in one for one in said)


def test_a_named_surface_electrode_is_said_whatever_its_band(trace) -> None:
    named = replace(trace, settings=RecordingSettings(electrode="surface disc"))
    assert any("surface recording" in one for one in input_limits(named))
    with pytest.raises(InputError, match="surface recording"):
        read_rest(named)


def test_mixed_electrodes_are_said(trace) -> None:
    other = replace(trace, settings=RecordingSettings(electrode="monopolar"))
    said = measure_interference([trace, other]).limits
    assert any("concentric and monopolar" in one for one in said)
    assert not any("mixed" in one for one in measure_interference([trace, trace]).limits)
    assert mixed_electrodes(["concentric needle 0.07 mm2", "concentric", None]) is None


def test_a_stretch_too_short_for_twenty_units_says_so() -> None:
    short = three_units(5)[0]
    found = decompose(replace(short, samples_uv=short.samples_uv[: int(4 * RATE_HZ)]))
    assert any("below 5 per second" in one and "20 units" in one for one in found.notes)


def test_cut_off_peaks_are_said_by_the_interference_pattern(trace) -> None:
    cut = replace(trace, samples_uv=np.clip(trace.samples_uv, -300.0, 1e9))
    assert any("cut off" in one for one in measure_interference(cut).limits)
    assert not any("cut off" in one for one in measure_interference(trace).limits)


def test_jitter_says_what_its_input_was() -> None:
    rng = np.random.default_rng(4)
    t = np.arange(-1.0, 1.5, 0.02)
    spike = -500 * np.exp(-0.5 * (t / 0.08) ** 2) + 250 * np.exp(-0.5 * ((t + 0.18) / 0.08) ** 2)
    samples = 5 * rng.standard_normal(8 * 50_000)
    for at in np.cumsum(rng.normal(0.09, 0.01, 70)):
        for late, size in ((0.0, 1.0), (0.0012 + 20e-6 * rng.standard_normal(), 0.8)):
            first = round((at + late) * 50_000)
            samples[first : first + len(spike)] += size * spike
    samples[-60_000:] = 0.0
    pairs = measure_jitter(Trace(samples_uv=samples, sampling_rate_hz=50_000.0))
    assert len(pairs) == 1
    assert any("hold no signal" in one for one in pairs[0].limits)


def test_good_input_says_nothing() -> None:
    assert input_limits(make_trace([], [], duration_s=3.0)) == []
