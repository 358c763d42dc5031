"""Superpositions: short stretches in which several templates overlap are solved again by a beam search and a search over pairs.

The first pass takes the largest gain first and so errs where potentials overlap; here several orders and all pairs are tried
and what explains most is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from emgwidgets.analysis.needle._pursuit import N_PHASES, Placement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.analysis.needle._pursuit import Bank

__all__ = ["resolve"]

N_BEAM = 6  # internal choice: more changed nothing on the seeds used for development
LINK_MS, MARGIN_MS, LONGEST_MS = 2.0, 1.2, 9.0  # internal choice: sharp parts overlap within about 2 ms
WIDE_MS = 4.0  # internal choice: blunt potentials of two units that overlap are placed once, up to this far off
WELL_EXPLAINED = 0.75  # internal choice: discharges that remove this share of their template's energy are left alone
POOR_SHARE, CHANGE_SHARE = (
    0.4,
    0.1,
)  # internal choice: of the smallest template, and of what is explained there (jiggle)
PAIR_STEP = 2  # internal choice: starts tried for a pair; the best is then improved to a fraction of a sample
N_PAIR_UNITS = 6  # internal choice: units of most gain that are tried in pairs
N_SWEEPS = 2
FINE_COST = 40.0  # internal choice: energy, in noise variances, that one more discharge must explain
# Internal choice: where nothing was placed only whole discharges count, or two that explain most of what they leave of each other.
WHOLE_SHARE, CANCEL_SHARE, CANCEL_LEAST = 0.3, 0.7, 0.2

Event = tuple[int, float]  # unit, start


def _split(start: float) -> tuple[int, int]:
    """Whole sample and phase of a start."""
    steps = round(start * N_PHASES)
    return steps // N_PHASES, steps % N_PHASES


def _fraction(values: NDArray[np.float32], m: int) -> tuple[int, int]:
    """Start and phase of a maximum at column m by a parabola."""
    steps = 0
    if 0 < m < len(values) - 1:
        before, here, after = values[m - 1 : m + 2].tolist()
        curve = before - 2 * here + after
        if -np.inf < curve < 0:
            steps = round(min(max(0.5 * (before - after) / curve, -0.5), 0.5) * N_PHASES)
    return (m, steps) if steps >= 0 else (m - 1, steps + N_PHASES)


class _Stretch:
    """One stretch with its discharges taken out: what every unit would explain at every start in it."""

    def __init__(
        self,
        bank: Bank,
        samples: NDArray[np.float64],
        *,
        twice: NDArray[np.float32],
        low: int,
        cost: NDArray[np.float64],
        dead: int,
    ) -> None:
        self.bank, self.twice, self.low, self.cost, self.dead = bank, twice, low, cost, dead
        self.samples = samples
        self.table = self.scores(samples)

    def scores(self, samples: NDArray[np.float64]) -> NDArray[np.float32]:
        """Energy that each unit would remove at each start."""
        windows = sliding_window_view(samples, self.bank.n_samples)
        found: NDArray[np.float64] = 2 * (windows @ self.bank.waves[:, 0].T).T - self.bank.energy[:, None]
        return found.astype(np.float32)

    def without(self, table: NDArray[np.float32], k: int, at: int, phase: int, *, dead_at: int) -> NDArray[np.float32]:
        """The table after a discharge of unit k at column ``at``."""
        first = self.bank.n_samples - 1 - at
        after: NDArray[np.float32] = table - self.twice[k, phase][:, first : first + table.shape[1]]
        after[k, max(dead_at - self.dead, 0) : dead_at + self.dead + 1] = -np.inf
        return after

    def remaining(self, events: list[Event]) -> NDArray[np.float64]:
        """The samples without discharges."""
        left = self.samples.copy()
        n = self.bank.n_samples
        for k, start in events:
            at, phase = _split(start)
            a, b = max(at - self.low, 0), min(at - self.low + n, len(left))
            left[a:b] -= self.bank.waves[k, phase, a - at + self.low : b - at + self.low]
        return left

    def merit(self, events: list[Event]) -> float:
        """Energy the discharges remove less what they cost."""
        left = self.remaining(events)
        return float((self.samples**2).sum() - (left**2).sum()) - sum(float(self.cost[k]) for k, _ in events)

    def with_gains(self, events: list[Event]) -> list[tuple[int, float, float]]:
        """Each discharge with the energy that would be left without it."""
        base = float((self.remaining(events) ** 2).sum())
        return [
            (k, start, float((self.remaining(events[:i] + events[i + 1 :]) ** 2).sum()) - base)
            for i, (k, start) in enumerate(events)
        ]

    def asked(self, best: list[Event], now: list[Event], noise: float) -> float:
        """Gain asked for where nothing was placed: a whole discharge, or most of what is left when two cancel each other."""
        smallest = min((float(self.bank.energy[k]) for k, _ in best), default=np.inf)
        left = self.remaining(now)
        open_ = float((left**2).sum()) - noise**2 * len(left)
        return min(WHOLE_SHARE * smallest, max(CANCEL_SHARE * open_, CANCEL_LEAST * smallest))

    def by_beam(self, depth: int) -> list[Event]:
        """Discharges one after the other, several orders side by side."""
        n_units = len(self.cost)
        tables, totals = self.table[None], np.zeros(1)
        sets: list[list[Event]] = [[]]
        best: tuple[float, list[Event]] = (0.0, [])
        for _ in range(depth):
            top = tables.argmax(axis=2)
            net = np.take_along_axis(tables, top[:, :, None], axis=2)[:, :, 0] - self.cost
            reached = np.where(net > 0, totals[:, None] + net, -np.inf).ravel()
            fresh: list[tuple[float, list[Event], NDArray[np.float32]]] = []
            seen = set()
            for flat in np.argsort(-reached)[: 3 * N_BEAM].tolist():
                total = float(reached[flat])
                i, k = divmod(flat, n_units)
                if total == -np.inf or len(fresh) == N_BEAM:
                    break
                if (round(total, 1), k) in seen:  # the same discharges in another order
                    continue
                seen.add((round(total, 1), k))
                m = int(top[i, k])
                at, phase = _fraction(tables[i, k], m)
                event = (k, self.low + at + phase / N_PHASES)
                fresh.append((total, [*sets[i], event], self.without(tables[i], k, at, phase, dead_at=m)))
            if not fresh:
                break
            if fresh[0][0] > best[0]:
                best = (fresh[0][0], fresh[0][1])
            totals = np.array([one[0] for one in fresh])
            sets, tables = [one[1] for one in fresh], np.stack([one[2] for one in fresh])
        return best[1]

    def by_pair(self) -> list[Event]:
        """The two discharges of different units that together remove most."""
        n = self.bank.n_samples
        near = self.table[:, ::PAIR_STEP]
        top = near.max(axis=1)
        units = [k for k in np.argsort(-top).tolist() if top[k] > -np.inf][:N_PAIR_UNITS]
        column = PAIR_STEP * np.arange(near.shape[1])
        # entry [a, b] of a table of shifts: start of the second less that of the first
        shifts = slice(n - 1 - int(column[-1]), n + int(column[-1]), PAIR_STEP)
        both = sliding_window_view(self.twice[:, 0, :, shifts], len(column), axis=2)[:, :, ::-1]
        best: tuple[float, list[Event]] = (0.0, [])
        for i, first in enumerate(units):
            for second in units[:i]:
                gain = near[first][:, None] + near[second][None] - both[first, second]
                flat = int(gain.argmax())
                total = float(gain.flat[flat]) - float(self.cost[first] + self.cost[second])
                if total > best[0]:
                    a, b = divmod(flat, near.shape[1])
                    best = (total, [(first, float(self.low + column[a])), (second, float(self.low + column[b]))])
        return best[1]

    def polished(self, events: list[Event]) -> list[Event]:
        """Each discharge moved to where it fits best beside the others."""
        events = list(events)
        for _ in range(N_SWEEPS if len(events) > 1 else 0):
            for i, (k, _) in enumerate(events):
                left = self.remaining(events[:i] + events[i + 1 :])
                row = (2 * np.correlate(left, self.bank.waves[k, 0]) - self.bank.energy[k]).astype(np.float32)
                row[~np.isfinite(self.table[k])] = -np.inf
                at, phase = _fraction(row, int(row.argmax()))
                events[i] = (k, self.low + at + phase / N_PHASES)
        return events


def _weak(placement: Placement, bank: Bank, rate_hz: float) -> list[tuple[int, int, int, int]]:
    """First and last discharge (exclusive), first and last start of stretches with discharges that explain little."""
    link, longest = LINK_MS / 1000 * rate_hz, LONGEST_MS / 1000 * rate_hz
    margin = int(MARGIN_MS / 1000 * rate_hz)
    start = placement.start
    edges = np.concatenate([[0], np.flatnonzero(np.diff(start) > link) + 1, [len(start)]])
    weak = placement.gain < WELL_EXPLAINED * bank.energy[placement.unit]
    found = []
    for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if not weak[a:b].any():
            continue
        first = a
        for i in range(a + 1, b + 1):
            if i == b or start[i] - start[first] > longest:
                found.append((first, i, int(start[first]) - margin, int(start[i - 1]) + margin + 1))
                first = i
    return found


def _unexplained(
    residual: NDArray[np.float64], explained: NDArray[np.float64], placement: Placement, bank: Bank, *, rate_hz: float, before: int
) -> list[tuple[int, int, int, int]]:  # fmt: skip
    """The same of stretches where more is left than a change of shape leaves."""
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    wide = int(WIDE_MS / 1000 * rate_hz)
    left = uniform_filter1d(residual**2, wide) * wide
    there = uniform_filter1d(explained**2, wide) * wide
    top = (left == maximum_filter1d(left, 2 * wide + 1)) & (
        left > POOR_SHARE * bank.energy.min() + CHANGE_SHARE * there
    )
    found = []
    for centre in (np.flatnonzero(top) - before).tolist():
        low, high = centre - wide, centre + wide
        a, b = np.searchsorted(placement.start, (low, high)).tolist()
        found.append((a, b, low, high))
    return found


def resolve(
    residual: NDArray[np.float64],
    explained: NDArray[np.float64],
    placement: Placement,
    bank: Bank,
    *,
    rate_hz: float,
    before: int,
    noise: float,
    dead: int,
) -> Placement:
    """Solve the stretches again where discharges, or the signal, are not well explained.

    Parameters
    ----------
    residual, explained : ndarray
        What the placement leaves, and what it explains; the residual is used up and holds what the result leaves.
    before : int
        Sample of a template at which its discharge is.
    noise : float
        Root mean square of what is not explained.
    dead : int
        Samples within which a unit cannot discharge twice.
    """
    if not len(placement.start):
        return placement
    n = bank.n_samples
    n_starts = len(residual) - n + 1
    unit, start = placement.unit.tolist(), placement.start.tolist()
    least = np.full(len(bank.energy), FINE_COST * noise**2)
    twice = (2 * bank.overlap).astype(np.float32)
    drop = np.zeros(len(unit), dtype=bool)
    extra: list[tuple[int, float, float]] = []

    def add(events: list[Event], sign: float) -> None:
        for k, begin in events:
            at, phase = _split(begin)
            a, b = max(at, 0), min(at + n, len(residual))
            residual[a:b] += sign * bank.waves[k, phase, a - at : b - at]

    weak = _weak(placement, bank, rate_hz)
    poor = _unexplained(residual, explained, placement, bank, rate_hz=rate_hz, before=before)
    for number, (a, b, first, last) in enumerate(weak + poor):
        is_poor = number >= len(weak)
        low, high = max(first, 0), min(last, n_starts)
        if high - low < 3 or high - low > n or drop[a:b].any():
            continue
        now = list(zip(unit[a:b], start[a:b], strict=True))
        add(now, 1.0)
        stretch = _Stretch(bank, residual[low : high + n - 1].copy(), twice=twice, low=low, cost=least, dead=dead)
        for i in (a - 1, b):  # a unit does not fire again at once
            if 0 <= i < len(unit) and not drop[i]:
                m = int(start[i]) - low
                stretch.table[unit[i], max(m - dead, 0) : max(m + dead + 1, 0)] = -np.inf
        found = stretch.by_beam(b - a + 2)
        sets = [stretch.polished(found), stretch.polished(stretch.by_pair())] if is_poor else [found]
        best = max(sets, key=stretch.merit)
        gained = stretch.merit(best) - stretch.merit(now)
        if gained > (stretch.asked(best, now, noise) if is_poor else 1e-6):
            drop[a:b] = True
            extra += stretch.with_gains(best)
            now = best
        add(now, -1.0)
    return _together(placement, ~drop, extra)


def _together(placement: Placement, kept: NDArray[np.bool_], extra: list[tuple[int, float, float]]) -> Placement:
    unit = np.concatenate([placement.unit[kept], np.array([e[0] for e in extra], dtype=np.int64)])
    start = np.concatenate([placement.start[kept], np.array([e[1] for e in extra])])
    gain = np.concatenate([placement.gain[kept], np.array([e[2] for e in extra])])
    order = np.argsort(start, kind="stable")
    return Placement(unit=unit[order], start=start[order], gain=gain[order])
