"""Mean potentials in the recording's own band: every unit averaged with the others taken away.  It finds no discharges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle._pursuit import phased, rendered
from emgwidgets.analysis.needle._seeds import snippets

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AFTER_MS", "BEFORE_MS", "aligned", "average_units", "explained"]

BEFORE_MS, AFTER_MS = 10.0, 20.0  # internal choice: the longest potentials last about 25 ms
TRIM = 0.2  # science 3.2: trimmed and median averages are the best of nine (V); the share is an internal choice
N_PASSES = 3


def _trimmed(waves: NDArray[np.float64]) -> NDArray[np.float64]:
    n_cut = int(TRIM * len(waves) / 2)
    ranked = np.sort(waves, axis=0)
    return np.asarray(ranked[n_cut : len(waves) - n_cut].mean(axis=0), dtype=np.float64)


def _grounded(wave_uv: NDArray[np.float64]) -> NDArray[np.float64]:
    """A potential leaves the baseline and returns to it (needle.md 2.1): the ends of its window are its baseline.

    Windows of several units cover the signal more than once, so an offset left in each mean would grow from pass to pass.
    """
    n_end = len(wave_uv) // 12
    ends = np.concatenate([wave_uv[:n_end], wave_uv[-2 * n_end :]])
    return np.asarray(wave_uv - np.median(ends), dtype=np.float64)


def _edges(n: int, n_fade: int) -> NDArray[np.float64]:
    fade = np.ones(n)
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(n_fade) + 0.5) / n_fade)
    fade[:n_fade], fade[-n_fade:] = ramp, ramp[::-1]
    return fade


def explained(
    waves_uv: NDArray[np.float64], trains: Sequence[NDArray[np.float64]], n_samples: int, n_before: int
) -> NDArray[np.float64]:
    """Sum of every unit's potential at its discharges.

    Parameters
    ----------
    waves_uv : ndarray, shape (n_units, n)
    trains : sequence of ndarray
        Discharges in samples, with their fraction.
    n_samples, n_before : int
        Length of the result; sample of a potential at which its discharge is.
    """
    if not len(trains):
        return np.zeros(n_samples)
    unit = np.repeat(np.arange(len(trains)), [len(one) for one in trains])
    return rendered(unit, np.concatenate(trains) - n_before, phased(waves_uv), n_samples)


def aligned(
    left_uv: NDArray[np.float64], wave_uv: NDArray[np.float64], train: NDArray[np.float64], n_before: int
) -> NDArray[np.float64]:
    """Each discharge of a unit with the other units taken away, shape ``(n_discharges, n)``."""
    n = len(wave_uv)
    half = n // 2
    return np.asarray(snippets(left_uv, train + half - n_before, half)[:, :n] + wave_uv)


def average_units(
    samples_uv: NDArray[np.float64], sampling_rate_hz: float, trains: Sequence[NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Average every unit with the others taken away.

    Parameters
    ----------
    samples_uv : ndarray, shape (n_samples,)
    sampling_rate_hz : float
    trains : sequence of ndarray
        Discharges of each unit in samples, with their fraction.

    Returns
    -------
    waves_uv : ndarray, shape (n_units, n)
    left_uv : ndarray, shape (n_samples,)
        The signal without them.
    n_before : int
        Sample of a potential at which its discharge is.
    """
    n_before = round(BEFORE_MS / 1000 * sampling_rate_hz)
    n = n_before + round(AFTER_MS / 1000 * sampling_rate_hz)
    n -= n % 2
    fade = _edges(n, n // 12)
    waves = np.zeros((len(trains), n))
    left = np.asarray(samples_uv - np.median(samples_uv), dtype=np.float64)
    for _ in range(N_PASSES if len(trains) > 1 else 1):
        for unit, train in enumerate(trains):  # one after the other: what one takes, the next no longer sees
            fresh = _grounded(_trimmed(aligned(left, waves[unit], train, n_before))) * fade
            left -= explained((fresh - waves[unit])[None], (train,), len(left), n_before)
            waves[unit] = fresh
    return waves, left, n_before
