"""Matching of trains: pairs, offset, correspondence of units."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgwidgets.analysis.needle import match_trains, match_units, pair_times
from emgwidgets.errors import InputError


def test_pairs_are_one_to_one_and_the_closest_first() -> None:
    found = np.array([0.1000, 0.1006, 0.5])
    reference = np.array([0.1005, 0.8])
    assert pair_times(found, reference).tolist() == [[1, 0]]


def test_counts_of_a_train_with_one_missed_and_two_false() -> None:
    reference = np.arange(1, 11) * 0.1
    found = np.sort(np.concatenate([reference[1:], [0.155, 0.777]]))
    one = match_trains(found, reference)
    assert (one.n_hits, one.n_missed, one.n_false) == (9, 1, 2)
    assert one.sensitivity == pytest.approx(0.9)
    assert one.positive_predictive_value == pytest.approx(9 / 11)
    assert one.accuracy == pytest.approx(9 / 12)


@given(st.floats(-30.0, 30.0), st.integers(0, 5))
def test_a_constant_offset_is_found(offset_ms: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    reference = np.cumsum(rng.normal(0.09, 0.012, 60))
    one = match_trains(reference + offset_ms / 1000, reference)
    assert one.n_hits == 60
    assert one.offset_ms == pytest.approx(-offset_ms, abs=1e-6)


def test_strict_tolerance_excludes_what_the_usual_one_takes() -> None:
    reference = np.arange(1, 41) * 0.1
    found = reference + np.where(np.arange(40) % 4 == 0, 0.0008, 0.0)
    assert match_trains(found, reference, offset_ms=0.0).n_hits == 40
    assert match_trains(found, reference, offset_ms=0.0, tolerance_ms=0.5).n_hits == 30


def test_units_below_a_fifth_do_not_correspond() -> None:
    reference = np.arange(1, 101) * 0.1
    few = reference[:19]
    (missed, alone) = match_units([few], [reference])
    assert missed.found is None
    assert alone.reference is None
    assert match_units([reference[:20]], [reference])[0].found == 0


def test_each_unit_has_one_partner() -> None:
    rng = np.random.default_rng(1)
    a, b = np.cumsum(rng.normal(0.1, 0.02, 80)), np.cumsum(rng.normal(0.08, 0.015, 90))
    matches = match_units([b, a, a[::2]], [a, b])
    assert [(one.reference, one.found) for one in matches] == [(0, 1), (1, 0), (None, 2)]


def test_empty_trains() -> None:
    one = match_trains(np.array([]), np.array([0.5]))
    assert (one.n_hits, one.n_missed, one.n_false) == (0, 1, 0)
    assert np.isnan(one.positive_predictive_value)


def test_a_tolerance_of_zero_is_refused() -> None:
    with pytest.raises(InputError, match="tolerance cannot be used"):
        match_trains(np.array([1.0]), np.array([1.0]), tolerance_ms=0.0)
