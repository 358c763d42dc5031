"""What the intervals of a train say about it: one unit, several, or chance.  Shapes are not looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["between_share", "interval_cv", "linked_share", "regular_intervals_s", "regular_share", "short_share"]

SHORT_MS = 25.0  # internal choice: below any interval of a regular voluntary train, above those of doublets
DOUBLET_MS = 10.5  # doublets follow after 2-10 ms (science 1.7, V)
LINK_REACH_MS, LINK_WIDTH_MS = 25.0, 0.6  # internal choice: satellites come within 25 ms and keep their latency
LONG_FACTOR = 2.0  # needle.md 2.1 (M): gaps beyond twice the median are no intervals of the train


def short_share(times_s: NDArray[np.float64]) -> float:
    """Share of the intervals that are too short for one unit; doublets count half, so that a few do no harm."""
    gaps_ms = 1000 * np.diff(times_s)
    if not len(gaps_ms):
        return 0.0
    short = gaps_ms < SHORT_MS
    return float((short * np.where(gaps_ms < DOUBLET_MS, 0.5, 1.0)).mean())


def between_share(few_s: NDArray[np.float64], many_s: NDArray[np.float64]) -> float:
    """Share of the few discharges that lie closer to one of the many than one unit could fire."""
    if not len(few_s) or not len(many_s):
        return 1.0
    at = np.searchsorted(many_s, few_s)
    before = np.abs(few_s - many_s[np.clip(at - 1, 0, len(many_s) - 1)])
    after = np.abs(many_s[np.clip(at, 0, len(many_s) - 1)] - few_s)
    return float((1000 * np.minimum(before, after) < SHORT_MS).mean())


def regular_intervals_s(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intervals without doublets and without gaps beyond twice the median (needle.md 2.1, M)."""
    gaps = np.diff(times_s)
    gaps = gaps[1000 * gaps > DOUBLET_MS]
    if not len(gaps):
        return gaps
    return np.asarray(gaps[gaps <= LONG_FACTOR * np.median(gaps)], dtype=np.float64)


def interval_cv(times_s: NDArray[np.float64]) -> float:
    """Coefficient of variation of the regular intervals; NaN with fewer than three."""
    gaps = regular_intervals_s(times_s)
    return float(gaps.std(ddof=1) / gaps.mean()) if len(gaps) > 2 else float("nan")


def regular_share(times_s: NDArray[np.float64]) -> float:
    """Share of the intervals within half of their median; a train of chance has about 0.35."""
    gaps = np.diff(times_s)
    gaps = gaps[1000 * gaps > DOUBLET_MS]
    if len(gaps) < 3:
        return 0.0
    middle = np.median(gaps)
    return float((np.abs(gaps - middle) <= 0.5 * middle).mean())


def linked_share(few_s: NDArray[np.float64], many_s: NDArray[np.float64]) -> float:
    """Share of the few discharges that follow or precede one of the many by the same time, within 1 ms."""
    if not len(few_s) or not len(many_s):
        return 0.0
    at = np.searchsorted(many_s, few_s)
    lags = np.stack(
        [few_s - many_s[np.clip(at - 1, 0, len(many_s) - 1)], few_s - many_s[np.clip(at, 0, len(many_s) - 1)]]
    )
    lags_ms = np.sort(1000 * lags[np.abs(lags) < LINK_REACH_MS / 1000])
    if not len(lags_ms):
        return 0.0
    within = np.searchsorted(lags_ms, lags_ms + LINK_WIDTH_MS, side="right") - np.arange(len(lags_ms))
    return float(within.max() / len(few_s))
