"""The last steps of a decomposition on trains made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emgwidgets.analysis.needle._finish import is_good, prune, tighten, unite
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


def parted(train: np.ndarray) -> np.ndarray:
    """Which discharges belong to the first half, so that neither half is a train."""
    masks = (np.random.default_rng(seed).random(len(train)) < 0.5 for seed in range(100))
    return next(
        mask for mask in masks if not any(is_good(one * RATE_HZ, RATE_HZ) for one in (train[mask], train[~mask]))
    )


class TwoUnits:
    """A search of two units whose settling gives the first one every discharge."""

    def __init__(self, trains, relative: float) -> None:
        self.rate, self.templates, self.trains = RATE_HZ, np.ones((2, 4)), list(trains)
        self.alike = np.array([[0.0, relative], [relative, 0.0]])
        self.kept = None

    @property
    def placement(self) -> Placement:
        start = np.concatenate(self.trains) * RATE_HZ
        unit = np.repeat(np.arange(len(self.trains)), [len(one) for one in self.trains])
        order = np.argsort(start)
        return Placement(unit=unit[order], start=start[order], gain=np.ones(len(start)))

    def starts(self, unit: int) -> np.ndarray:
        return np.sort(self.trains[unit]) * RATE_HZ

    def relative(self) -> np.ndarray:
        return self.alike

    def state(self):
        return self.templates, list(self.trains)

    def restore(self, state) -> None:
        self.templates, self.trains = state

    def settle(self) -> None:
        self.trains = [np.sort(np.concatenate(self.trains))]


def test_two_halves_of_one_train_become_one_unit(train) -> None:
    half = parted(train)
    search = TwoUnits((train[half], train[~half]), 0.5)
    unite(search)
    assert len(search.templates) == 1
    assert np.allclose(search.starts(0) / RATE_HZ, train)


def test_halves_of_unlike_shape_stay_apart(train) -> None:
    half = parted(train)
    search = TwoUnits((train[half], train[~half]), 1.5)
    unite(search)
    assert len(search.templates) == 2


def test_two_trains_of_their_own_stay_apart(train) -> None:
    search = TwoUnits((train, train + 0.04), 0.5)
    unite(search)
    assert len(search.templates) == 2
