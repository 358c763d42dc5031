"""The filter chain: a window filtered by itself equals the same window of the whole; gains are those of the filters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.analysis.signal.detection import describe_peak, detect_discharges, measure_firing_rate, noise_threshold
from emgwidgets.analysis.signal.filters import FilterChain, FilterStep, finite_runs
from emgwidgets.analysis.signal.spectrum import measure_spectrum
from emgwidgets.errors import InputError

RATE = 4000.0


def sine(hz, seconds=4.0, amplitude=1.0):
    return amplitude * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)


def gain(step, hz, **options):
    out = FilterChain([step], sampling_rate_hz=RATE, **options).apply(sine(hz))
    return np.abs(out[len(out) // 2 :]).max()


STEPS = st.lists(
    st.one_of(
        st.builds(FilterStep, kind=st.just("high_pass"), frequency_hz=st.floats(5, 500)),
        st.builds(FilterStep, kind=st.just("low_pass"), frequency_hz=st.floats(50, 1900)),
        st.builds(FilterStep, kind=st.just("notch"), frequency_hz=st.sampled_from([50.0, 60.0])),
        st.builds(FilterStep, kind=st.just("rectify")),
        st.builds(FilterStep, kind=st.just("envelope"), frequency_hz=st.floats(2, 20)),
    ),
    min_size=1, max_size=3,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, seed=st.integers(0, 9), start=st.integers(0, 30_000), zero=st.booleans())
def test_a_window_equals_the_same_window_of_the_whole(steps, seed, start, zero):
    values = np.random.default_rng(seed).normal(5, 100, 40_000)
    chain = FilterChain(steps, sampling_rate_hz=RATE, is_zero_phase=zero)
    whole = chain.apply(values)
    part = chain.window(lambda a, b: values[a:b], start, start + 2000, first=0, last=len(values))
    np.testing.assert_allclose(part, whole[start : start + 2000], atol=0.5)  # 1e-4 of a step, of noise of 100


@settings(max_examples=30, deadline=None)
@given(steps=STEPS, cut=st.integers(1, 29_999))
def test_blocks_equal_the_whole_and_start_anew_at_a_gap(steps, cut):
    values = np.random.default_rng(1).normal(0, 100, 30_000)
    chain = FilterChain(steps, sampling_rate_hz=RATE)
    whole = np.concatenate([chain.apply(values[:cut]), chain.apply(values[cut:])])
    blocks = np.concatenate(list(chain.blocks(lambda a, b: values[a:b], len(values), n_block=8192, cuts=[0, cut])))
    np.testing.assert_allclose(blocks, whole, atol=0.5)


def test_gain_is_3_db_at_the_corner():
    for kind in ("high_pass", "low_pass"):
        assert gain(FilterStep(kind=kind, frequency_hz=100.0), 100.0) == pytest.approx(1 / np.sqrt(2), rel=0.02)


def test_high_pass_falls_12_db_an_octave_below_its_corner():
    step = FilterStep(kind="high_pass", frequency_hz=400.0)
    assert gain(step, 25.0) / gain(step, 50.0) == pytest.approx(0.25, rel=0.05)


def test_notch_takes_mains_away_and_leaves_its_neighbours():
    step = FilterStep(kind="notch", frequency_hz=50.0)
    assert gain(step, 50.0) < 0.01
    assert gain(step, 60.0) > 0.95


def test_zero_phase_does_not_shift_a_peak_and_forward_does():
    pulse = np.exp(-(((np.arange(4000) - 2000) / 20) ** 2))
    step = [FilterStep(kind="low_pass", frequency_hz=50.0)]
    assert np.argmax(FilterChain(step, sampling_rate_hz=RATE, is_zero_phase=True).apply(pulse)) == 2000
    assert np.argmax(FilterChain(step, sampling_rate_hz=RATE).apply(pulse)) > 2005


def test_missing_values_stay_missing_and_do_not_spread():
    values = sine(100.0)
    values[5000:5100] = np.nan
    out = FilterChain([FilterStep(kind="high_pass", frequency_hz=20.0)], sampling_rate_hz=RATE).apply(values)
    np.testing.assert_array_equal(np.isnan(out), np.isnan(values))


def test_an_offset_makes_no_step_at_the_start():
    out = FilterChain([FilterStep(kind="high_pass", frequency_hz=20.0)], sampling_rate_hz=RATE).apply(
        np.full(1000, 5000.0)
    )
    assert np.abs(out).max() < 1e-6


def test_the_samples_given_are_not_changed():
    values = sine(100.0)
    before = values.copy()
    FilterChain([FilterStep(kind="rectify")], sampling_rate_hz=RATE).apply(values)
    np.testing.assert_array_equal(values, before)


def test_envelope_of_a_sine_is_its_mean_rectified_value():
    out = FilterChain([FilterStep(kind="envelope", frequency_hz=5.0)], sampling_rate_hz=RATE).apply(sine(200.0))
    assert out[-2000:].mean() == pytest.approx(2 / np.pi, rel=0.01)


def test_a_step_that_is_off_does_nothing():
    chain = FilterChain([FilterStep(kind="high_pass", frequency_hz=20.0, is_on=False)], sampling_rate_hz=RATE)
    np.testing.assert_array_equal(chain.apply(sine(3.0)), sine(3.0))


def test_a_corner_above_half_the_rate_is_refused():
    with pytest.raises(InputError, match="low-pass 10 kHz filter cannot be used here"):
        FilterChain([FilterStep(kind="low_pass", frequency_hz=10_000.0)], sampling_rate_hz=RATE)


@pytest.mark.parametrize("hz", [None, 0.0, -5.0, float("nan")])
def test_a_filter_needs_a_frequency(hz):
    with pytest.raises(InputError, match="has no usable frequency"):
        FilterStep(kind="high_pass", frequency_hz=hz)


def test_an_unknown_filter_is_refused():
    with pytest.raises(InputError, match="no such filter"):
        FilterStep(kind="magic", frequency_hz=5.0)


@given(st.lists(st.booleans(), max_size=40))
def test_finite_runs_cover_exactly_the_numbers(holes):
    values = np.where(np.array(holes, dtype=bool), np.nan, 1.0) if holes else np.empty(0)
    covered = np.zeros(len(values), dtype=bool)
    for start, stop in finite_runs(values):
        covered[start:stop] = True
    np.testing.assert_array_equal(covered, np.isfinite(values))


def train(rate_hz=8.0, sign=-1, noise=2.0):
    rng = np.random.default_rng(3)
    values = rng.normal(0, noise, int(RATE * 5))
    places = (np.arange(0.1, 4.9, 1 / rate_hz) * RATE).astype(int)
    values[places] += sign * 100
    return values, places


@pytest.mark.parametrize("sign", [-1, 1])
def test_discharges_are_found_on_their_side(sign):
    values, places = train(sign=sign)
    found = detect_discharges(values, sampling_rate_hz=RATE, threshold=50.0)
    np.testing.assert_array_equal(found.indices, places)
    assert found.polarity == ("negative" if sign < 0 else "positive")


def test_threshold_lies_above_the_noise_and_below_the_discharges():
    values, places = train()
    threshold = noise_threshold(values)
    assert 3 * 2.0 < threshold < 100
    assert len(detect_discharges(values, sampling_rate_hz=RATE).indices) == pytest.approx(len(places), abs=2)


def test_rate_is_one_over_the_interval_and_pauses_are_left_out():
    rate = measure_firing_rate(np.array([0.0, 0.125, 0.25, 3.0, 3.125]))
    np.testing.assert_allclose(rate.rates_hz, [8, 8, 8])
    assert rate.median_hz == pytest.approx(8)
    assert measure_firing_rate(np.array([1.0])).median_hz is None


def test_first_polarity_tells_a_fibrillation_from_an_end_plate_spike():
    t = np.arange(200)
    positive_first = np.exp(-(((t - 60) / 5) ** 2)) * 80 - np.exp(-(((t - 90) / 5) ** 2)) * 120
    assert describe_peak(positive_first).first_polarity == "positive"
    assert describe_peak(-positive_first).first_polarity == "negative"
    assert describe_peak(positive_first).peak_to_peak == pytest.approx(200, rel=0.02)
    assert describe_peak(np.zeros(50)).first_polarity is None


def test_spectrum_finds_the_frequency_and_the_power_of_a_sine():
    spectrum = measure_spectrum(sine(150.0, amplitude=10.0), sampling_rate_hz=RATE)
    assert spectrum.frequencies_hz[np.argmax(spectrum.power)] == 150.0
    assert spectrum.power.sum() * 2.0 == pytest.approx(50.0, rel=0.02)  # half the squared amplitude
    assert len(measure_spectrum(np.full(100, np.nan), sampling_rate_hz=RATE).power) == 0
