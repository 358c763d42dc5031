"""The last steps of a decomposition on trains made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emgwidgets.analysis.needle._finish import is_good, prune, tighten
from emgwidgets.analysis.needle._pursuit import Placement

RATE_HZ = 16_000.0


def search_of(start_s: np.ndarray, gain: np.ndarray) -> SimpleNamespace:
    order = np.argsort(start_s)
    placement = Placement(
        unit=np.zeros(len(order), dtype=np.int64), start=start_s[order] * RATE_HZ, gain=gain[order].astype(float)
    )
    return SimpleNamespace(
        templates=np.zeros((1, 4)), placement=placement, rate=RATE_HZ, bank=SimpleNamespace(energy=np.array([100.0])),
        refresh=lambda: None, starts=lambda _: placement.start,
    )  # fmt: skip


@pytest.fixture
def train() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.cumsum(0.09 + 0.008 * rng.standard_normal(80))


def test_a_repeat_that_comes_too_soon_loses_the_weaker_discharge(train) -> None:
    extra = train[[10, 40]] + 0.018
    search = search_of(np.concatenate([train, extra]), np.concatenate([np.full(80, 95.0), np.full(2, 50.0)]))
    prune(search)
    assert np.allclose(search.placement.start / RATE_HZ, train)


def test_doublets_stay(train) -> None:
    doublet = train[[20, 50]] + 0.006
    search = search_of(np.concatenate([train, doublet]), np.full(82, 90.0))
    prune(search)
    assert len(search.placement.start) == 82


def test_weak_false_discharges_are_dropped_where_the_rest_is_a_train(train) -> None:
    rng = np.random.default_rng(1)
    false = rng.uniform(0, train[-1], 60)
    both = np.concatenate([train, false])
    assert not is_good(np.sort(both) * RATE_HZ, RATE_HZ)
    search = search_of(both, np.concatenate([np.full(80, 90.0), np.full(60, 45.0)]))
    tighten(search)
    assert np.allclose(search.placement.start / RATE_HZ, train)


def test_a_unit_without_any_train_is_left_as_it_is() -> None:
    times = np.sort(np.random.default_rng(2).uniform(0, 8, 100))
    search = search_of(times, np.linspace(40, 100, 100))
    tighten(search)
    prune(search)
    assert len(search.placement.start) == 100
