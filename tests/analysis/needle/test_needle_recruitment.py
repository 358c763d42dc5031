"""Recruitment from trains: rates, the joining unit, and the word for the pattern, with abstention where effort is not known."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.analysis import needle
from emgwidgets.errors import InputError


def train(rate_hz, start_s, stop_s, seed=0, cv=0.12):
    rng = np.random.default_rng(seed)
    gaps = rng.normal(1 / rate_hz, cv / rate_hz, int((stop_s - start_s) * rate_hz * 1.5) + 5)
    times = start_s + np.cumsum(np.maximum(gaps, 0.02))
    return times[times < stop_s]


def test_rates_ratio_and_joining_unit():
    first = np.concatenate([train(7, 0, 3, 1), train(11, 3, 10, 2)])
    found = needle.measure_recruitment([first, train(8, 4, 10, 3)])
    assert found.n_units == 2
    assert found.onset_frequency_hz == pytest.approx(7, rel=0.2)
    assert found.recruitment_frequency_hz == pytest.approx(11, rel=0.15)
    assert found.fastest_rate_hz == pytest.approx(11, rel=0.15)
    assert found.recruitment_ratio == pytest.approx(found.fastest_rate_hz / 2)
    assert found.interval_cv_percent[1] == pytest.approx(12, abs=5)


def test_doublets_and_pauses_do_not_change_a_rate():
    even = np.arange(0, 10, 0.1)
    with_both = np.sort(np.concatenate([even[(even < 4) | (even > 6)], even[::10] + 0.005]))
    assert needle.measure_recruitment([with_both]).fastest_rate_hz == pytest.approx(10, rel=0.06)


@pytest.mark.parametrize(
    ("rates", "effort", "pattern"),
    [
        ((20.0,), "moderate", "reduced"),
        ((30.0,), "full", "reduced"),
        ((18.0, 15.0), "full", "reduced"),
        ((6.0,), "full", "poor_activation"),
        ((7.0, 6.0), "moderate", "poor_activation"),
        ((6.0,), "not_stated", "cannot_tell"),
        ((11.0, 9.0, 8.0), "slight", "normal"),
        ((9.0,) * 7, "slight", "early"),
        ((9.0,) * 7, "not_stated", "cannot_tell"),
    ],
)
def test_pattern_and_abstention(rates, effort, pattern):
    trains = [train(rate, 0.5 * k, 10, k) for k, rate in enumerate(rates)]
    read = needle.read_recruitment(needle.measure_recruitment(trains), effort=effort)
    assert read.pattern == pattern
    assert read.evidence
    assert bool(read.reason) == (pattern == "cannot_tell")


def test_a_single_fast_unit_is_marked_and_facial_units_may_be_fast():
    found = needle.measure_recruitment([train(32, 0, 10)])
    assert needle.read_recruitment(found, effort="full").degree == "marked"
    assert needle.read_recruitment(found, effort="moderate", region="face").pattern == "normal"


def test_bad_trains():
    with pytest.raises(InputError, match="must rise"):
        needle.measure_recruitment([np.array([1.0, 0.5])])
    with pytest.raises(InputError, match="needs the train"):
        needle.measure_recruitment([np.array([1.0])])
    few = needle.measure_recruitment([np.array([1.0, 1.1])])
    assert few.limits
    assert needle.read_recruitment(few).pattern == "cannot_tell"
    with pytest.raises(InputError, match="the effort is not known"):
        needle.read_recruitment(few, effort="huge")
