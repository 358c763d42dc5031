"""Rising edges that physiology allows, on a common scale: the prior of the onset fit.  No waveform of any recording is in it.

A response is a sum of unit potentials that start at scattered times.  The scatter follows the published distribution of motor
velocities, the unit potential the published membrane current, and in more than half of the shapes a share of the axons is slowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["FOOT_SHARE", "HIGH_SHARE", "KNEE_SHARE", "X_EDGES", "Rises", "crossing", "rises"]

Floats = NDArray[np.float64]

KNEE_SHARE, HIGH_SHARE = 0.35, 0.7
"""Shares of the height between which the unit of time is taken (internal choice: steep, and clear of a noisy foot)."""
FOOT_SHARE = 0.01
"""The onset is where the response reaches this share of its peak (science 3.1, P: 1-2 %)."""
X_EDGES = np.arange(-6.0, 1.2001, 0.15)
"""Edges of the bins, in units of the time from 35 % to 70 % of the height, counted from the 35 % crossing."""
# Motor velocities of 200 axons, m/s and count: Nodera and Matsui, Front Neurol 2021;12:699339 (science 2.2, V).
_VELOCITIES = np.array([63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37], dtype=np.float64)
_COUNTS = np.array([1, 2, 2, 6, 18, 30, 42, 39, 27, 17, 9, 4, 2, 1], dtype=np.float64)
# Internal choices, by the reason given; the two generators of the benchmark were looked at on development seeds only:
_N_SHAPES = {False: 480, True: 240}
_SHIFTS = {False: (-0.36, -0.18, 0.0, 0.18, 0.36), True: (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6)}
_SCALES = {False: (0.76, 0.88, 1.0, 1.13, 1.3), True: (0.6, 0.7, 0.8, 0.9, 1.0, 1.12, 1.25, 1.4, 1.6)}
"""Wide: for rises that the smoothing itself changes."""
_SCATTER = (0.03, 0.6)
"""SD of the unit starts over the rise of a unit: the velocities above over 50 to 500 mm make 0.08 to 0.8 ms, a unit rises in 1 to 2 ms."""
_SLOWED, _DELAY = 0.6, (0.3, 4.0)
"""Share of shapes with slowed axons, and the largest extra delay over the rise of a unit, log-uniform (focal slowing, science 2.5)."""
_POWERS = (1.5, 2.5)
"""The first derivative of Rosenfalck's potential starts as a square (science 1.1, V); depth and end-plate scatter move the power (P)."""
_STEP = 0.02
_SEED = 20_260_101


@dataclass(frozen=True, kw_only=True, eq=False)
class Rises:
    """Height of every edge in every bin, shape ``(n_bins, n_edges)``, the sum of its squares up to each bin, shape
    ``(n_bins + 1, n_edges)``, and its onset, shape ``(n_edges,)``, growing.
    """

    shapes: NDArray[np.float32]
    energy: NDArray[np.float32]
    onsets: Floats


def crossing(time: Floats, wave: Floats, right: int, at_share: float) -> float:
    """Time at which a rising wave passes a level (a share of the peak, or in the unit of the wave) between the samples ``right - 1`` and ``right``, never outside them."""
    y0, y1 = float(wave[right - 1]), float(wave[right])
    share = min(max((at_share - y0) / max(y1 - y0, 1e-12), 0.0), 1.0)
    return float(time[right - 1] + (time[right] - time[right - 1]) * share)


def _unit(time: Floats, rng: np.random.Generator) -> Floats:
    """Potential of one unit that starts at 0 and peaks near 1."""
    power = rng.uniform(*_POWERS)
    u = np.clip(time, 0.0, None) * power
    wave = u**power * np.exp(-u) * np.clip(1.0 + power - u, -0.6, None)
    return np.asarray(wave / wave.max(), dtype=np.float64)


def _starts(n_units: int, rng: np.random.Generator) -> Floats:
    """Start of each unit over the rise of a unit, the first at 0."""
    speed = rng.choice(_VELOCITIES, n_units, p=_COUNTS / _COUNTS.sum()) + rng.uniform(-1.0, 1.0, n_units)
    start = 1.0 / speed
    start *= np.exp(rng.uniform(*np.log(_SCATTER))) / start.std()
    if rng.uniform() < _SLOWED:
        slow = rng.uniform(size=n_units) < rng.uniform(0.3, 1.0)
        start[slow] += np.exp(rng.uniform(*np.log(_DELAY))) * rng.uniform(size=int(slow.sum()))
    elif rng.uniform() < 0.25:  # two groups of axons
        start[rng.uniform(size=n_units) < rng.uniform(0.3, 0.7)] += rng.uniform(0.8, 2.5)
    return np.asarray(start - start.min(), dtype=np.float64)


def _edge(rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Time and wave, with a peak of 1, of one random response."""
    time = np.arange(-1.0, 14.0, _STEP)
    n_units = int(rng.integers(30, 250))
    counts, _ = np.histogram(
        _starts(n_units, rng), bins=np.arange(0.0, 14.0, _STEP), weights=rng.lognormal(0.0, 0.5, n_units)
    )
    wave = np.convolve(counts, _unit(time, rng))[: len(time)]
    return time, wave / wave.max()


@lru_cache(maxsize=2)
def rises(*, is_wide: bool = False) -> Rises:
    """All edges, each also shifted and stretched a little, because 35 % and 70 % are read from a noisy wave.

    With ``is_wide`` fewer edges, shifted and stretched more: a rise as short as the smoothing is read with larger errors.
    """
    rng = np.random.default_rng(_SEED)
    middle = 0.5 * (X_EDGES[1:] + X_EDGES[:-1])
    shapes, onsets = [], []
    for _ in range(_N_SHAPES[is_wide]):
        time, wave = _edge(rng)
        peak = int(np.argmax(wave))
        knee = int(np.flatnonzero(wave[:peak] < KNEE_SHARE)[-1]) + 1
        high = knee + int(np.argmax(wave[knee : peak + 1] >= HIGH_SHARE))
        at = crossing(time, wave, knee, KNEE_SHARE)
        rise = max(crossing(time, wave, high, HIGH_SHARE) - at, _STEP)
        onset = crossing(time, wave, int(np.flatnonzero(wave[:peak] < FOOT_SHARE)[-1]) + 1, FOOT_SHARE)
        x = (time - at) / rise
        for scale in _SCALES[is_wide]:
            for shift in _SHIFTS[is_wide]:
                shapes.append(np.interp(middle, x * scale + shift, wave, left=0.0))
                onsets.append((onset - at) / rise * scale + shift)
    order = np.argsort(onsets)
    table = np.array(shapes, dtype=np.float32)[order].T
    energy = np.concatenate([np.zeros((1, table.shape[1]), np.float32), np.cumsum(table**2, axis=0, dtype=np.float32)])
    return Rises(shapes=np.ascontiguousarray(table), energy=energy, onsets=np.array(onsets)[order])
