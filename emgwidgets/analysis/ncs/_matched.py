"""Is there a response at all: the wave against templates of a negative phase and the positive one that follows it."""

from __future__ import annotations

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
POSITIVE_SHARE, LATE, SLOW, SCATTER = 0.35, 0.8, 2.6, 1.0


@lru_cache(maxsize=64)
def _template(rise_ms: float, step_ms: float) -> tuple[Floats, int]:
    """Template of energy 1, positive where the response is negative, and its peak sample."""
    since = np.arange(0.0, 9.0 * rise_ms, step_ms)
    u = 2.0 * since / rise_ms
    slow = np.clip(since - LATE * rise_ms, 0.0, None) / (SLOW * rise_ms)
    wave = u**2 * np.exp(2.0 - u) / 4.0 - POSITIVE_SHARE * slow**3 * np.exp(3.0 * (1.0 - slow))
    scatter = np.hanning(max(int(SCATTER * rise_ms / step_ms), 1) + 2)[1:-1]
    wave = np.convolve(wave, scatter)
    return wave / np.sqrt((wave**2).sum()), int(np.argmax(wave))


def best_match(levelled: Levelled, rises_ms: tuple[float, ...], inside: NDArray[np.bool_]) -> tuple[int, float, float]:
    """Sample of the negative peak, score (match over the SD of its noise) and rise of the best template; sample -1 for none.

    ``inside`` says which samples may be the peak, shape ``(n_samples,)``.
    """
    from scipy.signal import fftconvolve

    best = (-1, 0.0, rises_ms[0])
    n = len(levelled.wave_uv)
    for rise_ms in rises_ms:
        template, top = _template(rise_ms, round(levelled.step_ms, 9))
        if len(template) > n // 2:  # a short sweep sees the beginning of a slow response
            template = template[: max(n // 2, top + 2)]
            template = template / np.sqrt((template**2).sum())
        if len(template) >= n:
            continue
        match = np.roll(fftconvolve(-levelled.wave_uv, template[::-1], mode="full")[len(template) - 1 :], top)
        match[:top] = 0.0
        # What was left out as a response must not make the rest look quieter than it was, and must not count for more.
        quiet_sd = max(robust_sd(match[levelled.quiet]), 1e-9)
        sd = max(quiet_sd, min(robust_sd(match[levelled.times_ms > levelled.artefact_end_ms]), MOST_LOUDER * quiet_sd))
        at = int(np.argmax(np.where(inside, match, -np.inf)))
        if match[at] / sd > best[1]:
            best = (at, float(match[at]) / sd, rise_ms)
    return best
