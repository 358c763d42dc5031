"""Turns by the 100 uV rule against a script that follows the words of the definition, and what a pattern gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emgwidgets.analysis import needle
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Trace


def turns_by_definition(values, threshold):
    """Walk through the samples; a turn is confirmed once the trace has gone back by the threshold."""
    turns, start = [], 0
    high = low = 0
    going = None
    for i in range(len(values)):
        if values[i] > values[high]:
            high = i
        if values[i] < values[low]:
            low = i
        if going != "down" and values[high] - values[i] >= threshold:
            if high != start:
                turns.append(high)
            going, low = "down", i
            high = i
        elif going != "up" and values[i] - values[low] >= threshold:
            if low != start:
                turns.append(low)
            going, high = "up", i
            low = i
    return turns


@settings(max_examples=150, deadline=None)
@given(arrays(np.int16, st.integers(0, 80), elements=st.integers(-400, 400)))
def test_turns_are_those_of_the_definition(values):
    found = needle.find_turns(values.astype(float))
    assert found.indices.tolist() == turns_by_definition(values.astype(int).tolist(), 100)


@settings(max_examples=60, deadline=None)
@given(arrays(np.int16, st.integers(2, 200), elements=st.integers(-1000, 1000)))
def test_turns_alternate_and_stand_apart_by_the_threshold(values):
    found = needle.find_turns(values.astype(float))
    steps = np.diff(found.values_uv)
    assert (np.abs(steps) >= 100).all()
    assert (np.sign(steps[1:]) != np.sign(steps[:-1])).all()
    upside_down = needle.find_turns(-values.astype(float))
    assert upside_down.indices.tolist() == found.indices.tolist()


def test_exactly_the_threshold_is_a_turn_and_less_is_none():
    saw = np.tile([0.0, 100.0], 10)
    assert needle.find_turns(saw).n_turns == 18  # the two ends are none
    assert needle.find_turns(0.999 * saw).n_turns == 0


def test_interference_of_a_sine_is_what_it_must_be():
    time = np.arange(0, 10, 1 / 20_000)
    found = needle.measure_interference(
        Trace(samples_uv=400 * np.sin(2 * np.pi * 50 * time), sampling_rate_hz=20_000.0)
    )
    assert len(found.epochs) == 20
    assert found.epochs[3].turns_per_s_hz == pytest.approx(100)
    assert found.epochs[3].mean_turn_amplitude_uv == pytest.approx(800, rel=1e-3)
    assert found.peak_ratio == pytest.approx(100 / 800, rel=0.01)
    assert all("surface recording" in one for one in found.limits)  # a sine has no sharp parts


def test_cloud_share_outside_counts_sides():
    time = np.arange(0, 5, 1 / 20_000)
    found = needle.measure_interference(
        Trace(samples_uv=400 * np.sin(2 * np.pi * 50 * time), sampling_rate_hz=20_000.0)
    )
    low = np.array([[0.0, 0.0, 300.0], [500.0, 100.0, 500.0]])
    share, sides = needle.cloud_share_outside(found.epochs, low)
    assert (share, sides["above_percent"], sides["below_percent"]) == (100.0, 100.0, 0.0)
    with pytest.raises(InputError, match="cloud cannot be used"):
        needle.cloud_share_outside(found.epochs, low[::-1])
    with pytest.raises(InputError, match="needs epochs"):
        needle.cloud_share_outside((), low)


def test_what_cannot_be_supported_is_said():
    rest = np.random.default_rng(0).normal(0, 5, 20_000)
    found = needle.measure_interference(Trace(samples_uv=rest, sampling_rate_hz=10_000.0))
    assert found.peak_ratio is None
    assert any("No turn" in limit for limit in found.limits)
    assert any("below 20 kHz" in limit for limit in found.limits)
    with pytest.raises(InputError, match="rate is too low for turns"):
        needle.measure_interference(Trace(samples_uv=rest, sampling_rate_hz=1000.0))
    with pytest.raises(InputError, match="too short for an epoch"):
        needle.measure_interference(Trace(samples_uv=rest[:100], sampling_rate_hz=10_000.0))
    with pytest.raises(InputError, match="missing values"):
        needle.find_turns(np.array([0.0, np.nan]))
    with pytest.raises(InputError, match="threshold of a turn"):
        needle.find_turns(rest, threshold_uv=0.0)
