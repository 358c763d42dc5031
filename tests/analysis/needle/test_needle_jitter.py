"""Jitter from intervals by its definition, and from a trace against known intervals; macro potential; fibre density."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.analysis import needle
from emgwidgets.errors import InputError
from emgwidgets.model.signal import RecordingSettings, Trace

SETTINGS = RecordingSettings(high_pass_hz=500.0, low_pass_hz=10_000.0)


def spike(time_ms, width_ms):
    return (
        0.5 * np.exp(-0.5 * ((time_ms + 2.2 * width_ms) / width_ms) ** 2) - np.exp(-0.5 * (time_ms / width_ms) ** 2)
        + 0.2 * np.exp(-0.5 * ((time_ms - 3 * width_ms) / (1.5 * width_ms)) ** 2)
    )  # fmt: skip


def recorded(intervals_us, *, rate_hz=50_000.0, noise_uv=20.0, seed=0, spikes=2):
    rng = np.random.default_rng(seed)
    times = 0.1 + np.cumsum(rng.normal(0.09, 0.01, len(intervals_us)))
    axis = np.arange(int((times[-1] + 0.2) * rate_hz)) / rate_hz
    trace = rng.normal(0, noise_uv, len(axis))
    for time, late in zip(times, intervals_us, strict=True):
        part = (axis > time - 0.004) & (axis < time + 0.006)
        trace[part] += 700 * spike(1000 * (axis[part] - time), 0.09)
        if spikes > 1 and np.isfinite(late):
            trace[part] += 500 * spike(1000 * (axis[part] - time) - late / 1000, 0.08)
    return Trace(samples_uv=trace, sampling_rate_hz=rate_hz, settings=SETTINGS), times


def test_mean_difference_by_hand_and_blocked_are_skipped():
    found = needle.jitter_of_intervals(np.array([500.0, 520.0, np.nan, 510.0, 540.0]), np.arange(5) * 0.1)
    assert found.mcd_us == pytest.approx((20 + 30) / 2)
    assert found.blocking_percent == pytest.approx(20)
    assert found.n_intervals == 4
    assert any("50 or more" in limit for limit in found.limits)


def test_switch_to_the_sorted_difference_when_the_rate_drives_the_interval():
    rng = np.random.default_rng(3)
    gaps = rng.uniform(0.05, 0.15, 200)
    times = np.concatenate([[0.0], np.cumsum(gaps)])
    intervals = np.concatenate([[800.0], 800.0 + 2000 * gaps]) + rng.normal(0, 2, 201)
    found = needle.jitter_of_intervals(intervals, times)
    assert found.is_msd
    assert found.jitter_us == found.msd_us < found.mcd_us / 1.25
    steady = needle.jitter_of_intervals(rng.normal(800, 20, 200), np.cumsum(gaps))
    assert not steady.is_msd
    assert steady.jitter_us == pytest.approx(1.128 * 20, rel=0.15)


def test_split_fibre_and_long_interval_are_said():
    split = needle.jitter_of_intervals(np.random.default_rng(0).normal(300, 2, 60), np.arange(60) * 0.1)
    assert any("split fibre" in limit for limit in split.limits)
    long = needle.jitter_of_intervals(np.random.default_rng(0).normal(5000, 30, 60), np.arange(60) * 0.1)
    assert any("longer than 4 ms" in limit for limit in long.limits)
    with pytest.raises(InputError, match="do not match"):
        needle.jitter_of_intervals(np.zeros(3), np.zeros(4))


@pytest.mark.parametrize("sigma_us", [12.0, 30.0, 60.0])
def test_jitter_of_a_trace(sigma_us):
    late = np.random.default_rng(7).normal(1100, sigma_us, 70)
    trace, times = recorded(late)
    assert needle.find_unit_discharges(trace) == pytest.approx(times, abs=2e-4)
    (pair,) = needle.measure_jitter(trace)
    assert pair.mcd_us == pytest.approx(np.abs(np.diff(late)).mean(), abs=3.0)
    assert pair.mean_interval_us == pytest.approx(late.mean(), abs=30)
    assert pair.blocking_percent == 0


def test_blocking_of_a_trace():
    late = np.random.default_rng(8).normal(1500, 40, 70)
    late[[5, 20, 21, 50]] = np.nan
    trace, _ = recorded(late)
    (pair,) = needle.measure_jitter(trace)
    assert pair.blocking_percent == pytest.approx(100 * 4 / 70, abs=1.5)
    assert np.flatnonzero(~np.isfinite(pair.intervals_us)).tolist() == [5, 20, 21, 50]


def test_fibre_density_counts_synchronous_spikes():
    pair, _ = recorded(np.full(40, 1200.0))
    alone, _ = recorded(np.full(40, 1200.0), spikes=1)
    density, counts = needle.fibre_density([pair, alone])
    assert (density, counts) == (1.5, (2, 1))
    assert needle.measure_jitter(alone) == ()
    with pytest.raises(InputError, match="needs recordings"):
        needle.fibre_density([])


def test_unfit_recordings_are_refused():
    silent = Trace(samples_uv=np.zeros(100_000), sampling_rate_hz=50_000.0, settings=SETTINGS)
    with pytest.raises(InputError, match="no spike is large enough"):
        needle.find_unit_discharges(silent)
    with pytest.raises(InputError, match="rate is too low for jitter"):
        needle.find_unit_discharges(Trace(samples_uv=np.zeros(9000), sampling_rate_hz=4000.0))


def test_macro_potential_of_known_size():
    rng = np.random.default_rng(1)
    times = 0.2 + np.cumsum(rng.normal(0.1, 0.01, 200))
    rate = 24_000.0
    axis = np.arange(int((times[-1] + 0.2) * rate)) / rate
    trace = rng.normal(0, 10, len(axis))
    for time in times:
        part = np.abs(axis - time) < 0.03
        trace[part] += -150 * np.exp(-0.5 * ((axis[part] - time) / 0.003) ** 2)
    found = needle.measure_macro_potential(Trace(samples_uv=trace, sampling_rate_hz=rate), times)
    assert found.n_averaged == 200
    assert found.amplitude_uv == pytest.approx(150, rel=0.05)
    assert found.area_uv_ms == pytest.approx(150 * 3 * np.sqrt(2 * np.pi), rel=0.06)
    assert not found.limits
    with pytest.raises(InputError, match="too few discharges"):
        needle.measure_macro_potential(Trace(samples_uv=trace, sampling_rate_hz=rate), times[:5])


def test_noise_alone_is_told_and_taken_off():
    intervals = np.random.default_rng(5).normal(900, 5, 90)
    pure = float(np.abs(np.diff(intervals)).mean())
    trace, _ = recorded(intervals, noise_uv=70.0, seed=5)
    quiet, _ = recorded(intervals, noise_uv=4.0, seed=5)
    (noisy,), (clean,) = needle.measure_jitter(trace), needle.measure_jitter(quiet)
    assert noisy.noise_us == pytest.approx(70 / 4 * clean.noise_us, rel=0.15)
    assert noisy.mcd_us > 1.15 * pure
    assert noisy.without_noise_us == pytest.approx(pure, abs=1.5)
    assert clean.without_noise_us == pytest.approx(clean.mcd_us, rel=0.02)
    assert noisy.jitter_us in (noisy.mcd_us, noisy.msd_us)  # what is held against limits keeps its noise


def test_a_jitter_that_is_mostly_noise_is_said():
    trace, _ = recorded(np.random.default_rng(6).normal(900, 4, 90), noise_uv=60.0, seed=7)
    (pair,) = needle.measure_jitter(trace)
    assert any("Noise alone gives a jitter" in limit for limit in pair.limits)


def test_without_a_measured_noise_nothing_is_taken_off():
    found = needle.jitter_of_intervals(np.array([500.0, 520.0, 510.0]), np.arange(3) * 0.1)
    assert found.noise_us is None
    assert found.without_noise_us is None
