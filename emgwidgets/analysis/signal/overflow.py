"""Converter overflow: where values ran past one end of the range and came back at the other, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BESIDE_SAMPLES", "Wrap", "find_wraps", "unwrap"]

MARGIN_SAMPLES = 4
"""Samples beside a jump that are looked at; internal choice: the shape on both sides must fit."""
JOIN_SAMPLES = 256
"""Jumps closer than this are one event; internal choice: a wave that ran over must come back within it (10 ms at 25 kHz)."""
BESIDE_SAMPLES = 2 * JOIN_SAMPLES
"""Samples to read beside a place so that no event is cut."""
MIN_GAIN = 0.25
"""Least saving in path length, as a share of the range, before a jump counts as overflow; internal choice.

A true spike that jumps by more than half the range saves little when it is folded; a wrapped one saves much.
"""
PAST_COST = 0.05
"""Cost of a folded sample, as a share of the range, for each half range it would lie past the limit.

Internal choice: a wave runs a little past the limit for milliseconds, a resting baseline never lies half a range past it.
"""
LONGEST_SAMPLES = 20_000
"""Longest event that is resolved at once; internal choice, bounds memory."""


@dataclass(frozen=True, kw_only=True)
class Wrap:
    """One event: samples ``start`` to ``stop`` (exclusive) with the number of ranges to add to each.

    Parameters
    ----------
    start, stop : int
        Place by sample index in the array that was searched.
    turns : ndarray of int, shape (stop - start,)
        How many times the range is to be added, -1, 0 or 1.
    """

    start: int
    stop: int
    turns: NDArray[np.int8]

    @property
    def n_samples(self) -> int:
        """Number of samples that ran over."""
        return int(np.count_nonzero(self.turns))


def unwrap(values: NDArray[np.float64], range_: float, *, middle: float = 0.0) -> tuple[NDArray[np.int8], float]:
    """Number of ranges to add to each sample so that the path is shortest; none at both ends.

    Parameters
    ----------
    values : ndarray, shape (n_samples,)
        A short stretch around one or more jumps.
    range_ : float
        Width of the converter's range in the same unit.
    middle : float
        Middle of the range.

    Returns
    -------
    turns : ndarray of int, shape (n_samples,)
        -1, 0 or 1 for each sample.
    gain : float
        Length of path saved less the cost of lying past the limit, as a share of the range.

    Notes
    -----
    Exact by dynamic programming over the three choices of each sample; the cost is the sum of absolute
    steps and of what lies past the limit.
    """
    choices = np.array([-1, 0, 1])
    shifted = values[:, None] + choices * range_
    past = PAST_COST * np.maximum(np.abs(shifted - middle) * 2.0 - range_, 0.0)
    past[:, 1] = 0.0
    cost = np.array([np.inf, 0.0, np.inf])
    origin = np.zeros((len(values), 3), dtype=np.int8)
    for index in range(1, len(values)):
        total = cost[:, None] + np.abs(shifted[index][None, :] - shifted[index - 1][:, None])
        origin[index] = total.argmin(axis=0)
        cost = total.min(axis=0) + past[index]
    turns = np.zeros(len(values), dtype=np.int8)
    choice = 1
    for index in range(len(values) - 1, -1, -1):
        turns[index] = choices[choice]
        choice = int(origin[index, choice])
    raw = float(np.abs(np.diff(values)).sum())
    return turns, (raw - float(cost[1])) / range_


def find_wraps(values: NDArray[np.float64], range_: float, *, middle: float = 0.0) -> list[Wrap]:
    """Overflow events of a stretch.

    Parameters
    ----------
    values : ndarray, shape (n_samples,)
        Samples without missing values, in any unit.
    range_ : float
        Width of the converter's range in the same unit.
    middle : float
        Middle of the range.
    """
    jumps = np.flatnonzero(np.abs(np.diff(values)) > 0.5 * range_)
    if not len(jumps):
        return []
    groups = np.split(jumps, np.flatnonzero(np.diff(jumps) > JOIN_SAMPLES) + 1)
    found = []
    for group in groups:
        start = max(int(group[0]) - MARGIN_SAMPLES, 0)
        stop = min(int(group[-1]) + 2 + MARGIN_SAMPLES, len(values), start + LONGEST_SAMPLES)
        turns, gain = unwrap(values[start:stop], range_, middle=middle)
        if gain >= MIN_GAIN and turns.any():
            found.append(Wrap(start=start, stop=stop, turns=turns))
    return found
