"""Is there a response at all: the wave against templates of a negative phase and the positive one that follows it."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._baseline import Levelled, robust_sd

__all__ = ["best_match"]

Floats = NDArray[np.float64]

# The membrane current starts as a square and is followed by a slower positive phase (science 1.1 and 2.3); their proportion and the
# scatter of the units are internal choices, tried on development seeds.
MOST_LOUDER = 1.8
"""Noise alone is at most this much louder as a whole than in the samples taken for quiet (development seeds)."""
NEAR_RISES, LEAST_FAR = 4.0, 20
"""In a first look the noise of a match is that of the samples further than this from it, in rises; at least so many."""
POSITIVE_SHARE, LATE, SLOW, SCATTER = 0.35, 0.8, 2.6, 1.0


@lru_cache(maxsize=64)
def _template(rise_ms: float, step_ms: float, n: int, n_padded: int) -> tuple[NDArray[np.complex128], int]:
    """Spectrum of a template of energy 1, positive where the response is negative, and its peak sample."""
    since = np.arange(0.0, 9.0 * rise_ms, step_ms)
    u = 2.0 * since / rise_ms
    slow = np.clip(since - LATE * rise_ms, 0.0, None) / (SLOW * rise_ms)
    wave = u**2 * np.exp(2.0 - u) / 4.0 - POSITIVE_SHARE * slow**3 * np.exp(3.0 * (1.0 - slow))
    scatter = np.hanning(max(int(SCATTER * rise_ms / step_ms), 1) + 2)[1:-1]
    wave = np.convolve(wave, scatter)
    top = int(np.argmax(wave))
    wave = wave[: max(n // 2, top + 2)]  # a short sweep sees the beginning of a slow response
    return np.conj(np.fft.rfft(wave / np.sqrt((wave**2).sum()), n_padded)), top


def _first_sd(match: Floats) -> float:
    """SD of a match away from its peak: the robust one is blind to what sticks out, the plain one is surer; their mean."""
    return max(math.sqrt(robust_sd(match) * math.sqrt(float((match**2).mean()))), 1e-9)


def _sd(match: Floats, levelled: Levelled, after: NDArray[np.bool_]) -> float:
    """SD of a match: what was left out as a response must not make the rest look quieter than it was, and not count for more."""
    quiet_sd = max(robust_sd(match[levelled.quiet]), 1e-9)
    return max(quiet_sd, min(robust_sd(match[after]), MOST_LOUDER * quiet_sd))


def best_match(
    levelled: Levelled, rises_ms: tuple[float, ...], inside: NDArray[np.bool_], *, is_first_look: bool = False
) -> tuple[int, float, float]:
    """Sample of the negative peak, score (match over the SD of its noise) and rise of the best template; sample -1 for none.

    ``inside`` says which samples may be the peak, shape ``(n_samples,)``; in a first look the response is still part of the level.
    """
    best = (-1, 0.0, rises_ms[0])
    n = len(levelled.wave_uv)
    n_padded = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(-levelled.wave_uv, n_padded)
    times_ms = levelled.times_ms
    after = times_ms > levelled.artefact_end_ms
    free = after | (times_ms < -0.05)
    for rise_ms in rises_ms:
        template, top = _template(rise_ms, round(levelled.step_ms, 9), n, n_padded)
        if top >= n - 2:
            continue
        match = np.zeros(n)
        match[top:] = np.fft.irfft(spectrum * template, n_padded)[: n - top]
        at = int(np.argmax(np.where(inside, match, -np.inf)))
        if is_first_look:
            far = free & (np.abs(times_ms - times_ms[at]) > NEAR_RISES * rise_ms)
            far[:top] = False
            sd = _first_sd(match[far] if np.count_nonzero(far) >= LEAST_FAR else match)
        else:
            sd = _sd(match, levelled, after)
        if match[at] / sd > best[1]:
            best = (at, float(match[at]) / sd, rise_ms)
    return best
