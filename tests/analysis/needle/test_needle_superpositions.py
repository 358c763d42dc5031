"""Superpositions of two templates are solved exactly; matching pursuit places what was put in."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.analysis.needle._pursuit import Placement, Spectrum, make_bank, pursue, rendered, scores
from emgwidgets.analysis.needle._resolve import resolve

RATE_HZ, BEFORE = 16_000.0, 64
T_MS = (np.arange(160) - BEFORE) / 16.0


def bell(at_ms: float, width_ms: float) -> np.ndarray:
    return np.exp(-0.5 * ((T_MS - at_ms) / width_ms) ** 2)


TEMPLATES = np.stack([40 * bell(-0.5, 0.3) - 60 * bell(0, 0.25), -50 * bell(0, 0.7) + 30 * bell(1.5, 0.6)])


@pytest.fixture(scope="module")
def bank():
    return make_bank(TEMPLATES)


def signal_of(bank, unit, start, n=4000, noise=1.0):
    rng = np.random.default_rng(1)
    return rendered(np.array(unit), np.array(start), bank.waves, n) + noise * rng.standard_normal(n)


def test_scores_are_those_of_a_plain_correlation(bank) -> None:
    samples = np.random.default_rng(0).standard_normal(5000)
    plain = np.array([2 * np.correlate(samples, wave, "valid") - (wave**2).sum() for wave in TEMPLATES])
    assert np.allclose(scores(samples, bank), plain, rtol=1e-4, atol=0.05)
    assert Spectrum(samples, 160).n_starts == 4841


def test_pursuit_finds_separate_discharges_between_samples(bank) -> None:
    start = [300.25, 900.5, 1700.0, 2500.75]
    samples = signal_of(bank, [0, 1, 1, 0], start)
    found = pursue(scores(samples, bank), bank, least=0.35 * bank.energy, dead=35)
    assert found.unit.tolist() == [0, 1, 1, 0]
    assert np.abs(found.start - start).max() < 0.2
    assert np.allclose(found.gain, bank.energy[found.unit], rtol=0.15)


@pytest.mark.parametrize("apart", [-30.0, -12.0, 0.0, 9.0, 24.0])
def test_two_discharges_on_top_of_one_another_are_both_found(bank, apart: float) -> None:
    samples = signal_of(bank, [0, 1, 0], [1000.0, 1000.0 + apart, 2600.0])
    first = pursue(scores(samples, bank), bank, least=0.35 * bank.energy, dead=35)
    explained = rendered(first.unit, first.start, bank.waves, len(samples))
    left = samples - explained
    found = resolve(left, explained, first, bank, rate_hz=RATE_HZ, before=BEFORE, noise=1.0, dead=35)
    pairs = sorted(zip(found.unit.tolist(), found.start.tolist(), strict=True))
    assert [unit for unit, _ in pairs] == [0, 0, 1]
    off = np.array([start for _, start in pairs]) - [1000.0, 2600.0, 1000.0 + apart]
    assert np.abs(off).max() < 0.5e-3 * RATE_HZ  # the strict tolerance of a discharge
    assert np.allclose(left, samples - rendered(found.unit, found.start, bank.waves, len(samples)))


def test_nothing_is_added_to_noise(bank) -> None:
    samples = signal_of(bank, [0], [1000.0])
    placed = Placement(unit=np.array([0]), start=np.array([1000.0]), gain=bank.energy[:1].copy())
    explained = rendered(placed.unit, placed.start, bank.waves, len(samples))
    found = resolve(samples - explained, explained, placed, bank, rate_hz=RATE_HZ, before=BEFORE, noise=1.0, dead=35)
    assert len(found.start) == 1
