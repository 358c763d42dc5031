"""Mean potentials of many units that overlap: each keeps its own baseline, and the rest of the signal keeps its level."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from needle_signals import RATE_HZ, make_trace, potential_uv, train_s

from emgwidgets.analysis.needle._averages import BEFORE_MS, average_units, explained

MIDDLE = 100  # sample of the negative peak of a typed potential


@pytest.fixture(scope="module")
def dense() -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Nine units at 12 Hz: their windows of 30 ms cover the signal more than three times."""
    rng = np.random.default_rng(5)
    waves = [potential_uv(0.2 + 0.05 * k, amplitude_uv=900.0 - 80.0 * k, skew=0.1 * k) for k in range(9)]
    trains = [train_s(12.0, 10.0, rng) for _ in waves]
    return make_trace(waves, trains, noise_uv=5.0).samples_uv, waves, trains


def test_an_offset_does_not_grow_between_overlapping_windows(dense) -> None:
    samples, _, trains = dense
    _, left, _ = average_units(samples, RATE_HZ, [np.rint(one * RATE_HZ) for one in trains])
    assert abs(float(np.median(left))) < 8.0
    assert float(left.std()) < 12.0


def test_each_average_is_the_potential_it_was_made_of(dense) -> None:
    samples, waves, trains = dense
    found, _, n_before = average_units(samples, RATE_HZ, [np.rint(one * RATE_HZ) for one in trains])
    first = n_before - MIDDLE
    for mean, wave in zip(found, waves, strict=True):
        true = np.zeros(len(mean))
        true[first : first + len(wave)] = wave
        assert float(np.abs(mean - true).max()) < 10.0


@pytest.mark.parametrize("offset_uv", [-400.0, 0.0, 90.0])
def test_an_offset_of_the_recording_is_in_no_average(dense, offset_uv) -> None:
    samples, _, trains = dense
    places = [np.rint(one * RATE_HZ) for one in trains]
    found, left, n_before = average_units(samples + offset_uv, RATE_HZ, places)
    plain, _, _ = average_units(samples, RATE_HZ, places)
    assert np.abs(found - plain).max() < 1e-6
    whole = left + explained(found, places, len(samples), n_before)
    assert np.abs(whole - (samples - np.median(samples))).max() < 1e-6


def test_no_unit_leaves_the_signal_as_it_is(dense) -> None:
    samples, _, _ = dense
    waves, left, n_before = average_units(samples, RATE_HZ, [])
    assert waves.shape == (0, 750)
    assert n_before == round(BEFORE_MS / 1000 * RATE_HZ)
    assert np.abs(left - (samples - np.median(samples))).max() < 1e-9
