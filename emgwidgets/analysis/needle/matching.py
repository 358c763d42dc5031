"""Agreement of discharge trains: the one place where discharges are paired.  It detects nothing and judges no unit.

The rules are those of EMGLAB's comparison utility (science 3.11): the offset of two trains is the mode of their time
differences in 1 ms bins within 35 ms, pairs are one to one within a tolerance, two units correspond when at least 20 % is
matched, and correspondences are made greedily by hits and then accuracy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TrainAgreement", "UnitMatch", "find_offset_ms", "match_trains", "match_units", "pair_times"]

OFFSET_RANGE_MS = 35.0  # science 3.11 [V]
OFFSET_BIN_MS = 1.0  # science 3.11 [V]
N_STAGGERED = 4  # internal choice: the published rule says several staggered binnings
SMALLEST_SHARE = 0.2  # science 3.11 [V]
USUAL_TOLERANCE_MS = 1.0  # science 3.11 [V]; 0.5 ms is the strict one


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainAgreement:
    """Two trains of one unit compared.

    Parameters
    ----------
    n_hits, n_missed, n_false : int
        Pairs, reference discharges without a partner, found discharges without a partner.
    offset_ms : float
        What was added to the found times.
    pairs : ndarray of int, shape (n_hits, 2)
        Indices of the found and the reference discharge of each pair.
    """

    n_hits: int
    n_missed: int
    n_false: int
    offset_ms: float
    pairs: NDArray[np.int64] = field(repr=False)

    @property
    def sensitivity(self) -> float:
        """Share of the reference that was found; NaN for an empty reference."""
        n = self.n_hits + self.n_missed
        return self.n_hits / n if n else float("nan")

    @property
    def positive_predictive_value(self) -> float:
        """Share of the found discharges that are right; NaN when nothing was found."""
        n = self.n_hits + self.n_false
        return self.n_hits / n if n else float("nan")

    @property
    def accuracy(self) -> float:
        """Hits over hits, missed and false; between two readers, their rate of agreement."""
        n = self.n_hits + self.n_missed + self.n_false
        return self.n_hits / n if n else float("nan")


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitMatch:
    """One correspondence: indices into the found and the reference trains; None where there is no partner."""

    found: int | None
    reference: int | None
    agreement: TrainAgreement | None


def pair_times(
    found_s: NDArray[np.float64], reference_s: NDArray[np.float64], *, tolerance_ms: float = USUAL_TOLERANCE_MS
) -> NDArray[np.int64]:
    """Pair times one to one within a tolerance, the closest first.

    Parameters
    ----------
    found_s, reference_s : ndarray, shape (n,), (m,)
        In order.
    tolerance_ms : float
        Largest difference of a pair.

    Returns
    -------
    ndarray of int, shape (n_pairs, 2)
        Indices of found and reference, in order of time.
    """
    reach = tolerance_ms / 1000.0 + 1e-9
    first = np.searchsorted(reference_s, found_s - reach)
    last = np.searchsorted(reference_s, found_s + reach, side="right")
    count = last - first
    a = np.repeat(np.arange(len(found_s)), count)
    b = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    order = np.argsort(np.abs(found_s[a] - reference_s[b]), kind="stable")
    used_a, used_b = np.zeros(len(found_s), dtype=bool), np.zeros(len(reference_s), dtype=bool)
    kept = []
    for i, j in zip(a[order].tolist(), b[order].tolist(), strict=True):
        if not (used_a[i] or used_b[j]):
            used_a[i] = used_b[j] = True
            kept.append((i, j))
    return np.array(sorted(kept), dtype=np.int64).reshape(-1, 2)


def find_offset_ms(found_s: NDArray[np.float64], reference_s: NDArray[np.float64]) -> float:
    """What must be added to the found times so that they meet the reference: the mode of the differences, 0 without one."""
    reach = OFFSET_RANGE_MS / 1000.0
    first = np.searchsorted(reference_s, found_s - reach)
    last = np.searchsorted(reference_s, found_s + reach, side="right")
    count = last - first
    b = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    gaps_ms = 1000.0 * (reference_s[b] - np.repeat(found_s, count))
    if not len(gaps_ms):
        return 0.0
    fullest, centre = 0, 0.0
    for step in range(N_STAGGERED):
        start = -OFFSET_RANGE_MS - OFFSET_BIN_MS + step * OFFSET_BIN_MS / N_STAGGERED
        edges = np.arange(start, OFFSET_RANGE_MS + 2 * OFFSET_BIN_MS, OFFSET_BIN_MS)
        heights, _ = np.histogram(gaps_ms, edges)
        top = int(heights.argmax())
        if heights[top] > fullest:
            fullest, centre = int(heights[top]), float(edges[top] + OFFSET_BIN_MS / 2)
    near = gaps_ms[np.abs(gaps_ms - centre) <= OFFSET_BIN_MS / 2 + 1e-9]
    return float(np.median(near)) if len(near) else centre


def match_trains(
    found_s: NDArray[np.float64],
    reference_s: NDArray[np.float64],
    *,
    tolerance_ms: float = USUAL_TOLERANCE_MS,
    offset_ms: float | None = None,
) -> TrainAgreement:
    """Compare one train with a reference.

    Parameters
    ----------
    found_s, reference_s : ndarray, shape (n,), (m,)
        Discharge times in order.
    tolerance_ms : float
        1 ms is usual, 0.5 ms strict.
    offset_ms : float, optional
        Added to the found times; estimated from the trains when left out.

    Raises
    ------
    InputError
        If the tolerance is not above 0.
    """
    if not tolerance_ms > 0:
        raise InputError("the tolerance cannot be used", got=f"{tolerance_ms} ms", expected="a time above 0 ms")
    found_s, reference_s = np.asarray(found_s, dtype=float), np.asarray(reference_s, dtype=float)
    offset = find_offset_ms(found_s, reference_s) if offset_ms is None else offset_ms
    pairs = pair_times(found_s + offset / 1000.0, reference_s, tolerance_ms=tolerance_ms)
    n = len(pairs)
    return TrainAgreement(
        n_hits=n, n_missed=len(reference_s) - n, n_false=len(found_s) - n, offset_ms=offset, pairs=pairs
    )


def match_units(
    found: Sequence[NDArray[np.float64]],
    reference: Sequence[NDArray[np.float64]],
    *,
    tolerance_ms: float = USUAL_TOLERANCE_MS,
) -> tuple[UnitMatch, ...]:
    """Find which found unit is which reference unit.

    Parameters
    ----------
    found, reference : sequence of ndarray
        Discharge times in seconds of each unit.
    tolerance_ms : float
        See :func:`match_trains`.

    Returns
    -------
    tuple of UnitMatch
        Every reference unit in order, then the found units without one.  Two trains correspond when the hits are at
        least 20 % of the longer one.
    """
    table = {
        (i, j): match_trains(a, b, tolerance_ms=tolerance_ms)
        for i, a in enumerate(found)
        for j, b in enumerate(reference)
        if len(a) and len(b)
    }
    good = [
        key
        for key, one in table.items()
        if one.n_hits >= SMALLEST_SHARE * max(len(found[key[0]]), len(reference[key[1]]))
    ]
    good.sort(key=lambda key: (-table[key].n_hits, -table[key].accuracy, key))
    partner: dict[int, int] = {}
    for i, j in good:
        if i not in partner.values() and j not in partner:
            partner[j] = i
    matched = tuple(
        UnitMatch(found=partner.get(j), reference=j, agreement=table[partner[j], j] if j in partner else None)
        for j in range(len(reference))
    )
    alone = [i for i in range(len(found)) if i not in partner.values()]
    return matched + tuple(UnitMatch(found=i, reference=None, agreement=None) for i in alone)
