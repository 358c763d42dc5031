"""Noise is read where the muscle works, not in the pauses between breaths or contractions."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.analysis.needle._whitening import whiten

RATE_HZ = 16_000.0


def working(n: int, seed: int = 0) -> np.ndarray:
    """Noise with a discharge every 90 ms."""
    samples = np.random.default_rng(seed).normal(0, 10, n)
    for start in range(800, n - 60, 1440):
        samples[start : start + 40] += 400 * np.sin(np.linspace(0, 2 * np.pi, 40))
    return samples


def test_without_pauses_every_sample_counts() -> None:
    assert whiten(working(48_000), RATE_HZ).is_active.all()


def test_noise_alone_counts_as_a_whole() -> None:
    flat = whiten(np.random.default_rng(1).normal(0, 10, 48_000), RATE_HZ)
    assert flat.is_active.all()
    assert flat.noise_of(flat.samples) == pytest.approx(1.0, abs=0.25)


def test_a_pause_of_a_still_amplifier_is_left_out() -> None:
    samples = working(96_000)
    samples[32_000:64_000] = np.random.default_rng(2).normal(0, 1, 32_000)
    flat = whiten(samples, RATE_HZ)
    assert not flat.is_active[36_000:60_000].any()
    assert flat.is_active[4_000:30_000].all()
    alone = whiten(working(32_000), RATE_HZ)
    assert flat.noise_of(flat.samples) == pytest.approx(alone.noise_of(alone.samples), rel=0.2)
