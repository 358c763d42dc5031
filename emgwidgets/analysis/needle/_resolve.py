"""Superpositions: short stretches in which several templates overlap are solved again by a beam search.

The first pass takes the largest gain first and so errs where potentials overlap; here several orders are tried and the one that
explains most is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle._pursuit import N_PHASES, Placement, scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.analysis.needle._pursuit import Bank

__all__ = ["resolve"]

N_BEAM = 6  # internal choice: more changed nothing on the seeds used for development
LINK_MS, MARGIN_MS, LONGEST_MS = 2.0, 1.2, 9.0  # internal choice: sharp parts overlap within about 2 ms
WELL_EXPLAINED = 0.75  # internal choice: discharges that remove this share of their template's energy are left alone


def _stretches(placement: Placement, bank: Bank, rate_hz: float) -> list[tuple[int, int]]:
    """First and last discharge (exclusive) of each stretch to be solved again."""
    link, longest = LINK_MS / 1000 * rate_hz, LONGEST_MS / 1000 * rate_hz
    breaks = np.flatnonzero(np.diff(placement.start) > link) + 1
    edges = np.concatenate([[0], breaks, [len(placement.start)]])
    weak = placement.gain < WELL_EXPLAINED * bank.energy[placement.unit]
    found = []
    for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if not weak[a:b].any():
            continue
        first = a
        for i in range(a + 1, b + 1):
            if i == b or placement.start[i] - placement.start[first] > longest:
                found.append((first, i))
                first = i
    return found


class _Beam:
    """One stretch: scores of every unit at every start in it, with the discharges tried so far taken away."""

    def __init__(self, bank: Bank, table: NDArray[np.float64], low: int, cost: NDArray[np.float64], dead: int) -> None:
        self.bank, self.low, self.cost, self.dead = bank, low, cost, dead
        self.table = table

    def placed(self, table: NDArray[np.float64], k: int, m: int) -> tuple[float, NDArray[np.float64], float]:
        """Place unit k at column m: its start, the table after it, and its gain."""
        width = table.shape[1]
        shift = 0.0
        if 0 < m < width - 1:
            before, here, after = table[k, m - 1], table[k, m], table[k, m + 1]
            curve = before - 2 * here + after
            if np.isfinite(curve) and curve < 0:
                shift = min(max(0.5 * (before - after) / curve, -0.5), 0.5)
        steps = round(shift * N_PHASES)
        at, phase = (m, steps) if steps >= 0 else (m - 1, steps + N_PHASES)
        return self.low + at + phase / N_PHASES, self.without(table, k, at, phase, dead_at=m), float(table[k, m])

    def without(self, table: NDArray[np.float64], k: int, at: int, phase: int, *, dead_at: int) -> NDArray[np.float64]:
        n = self.bank.n_samples
        first = n - 1 - at
        after = table - 2 * self.bank.overlap[k, phase][:, first : first + table.shape[1]]
        after[k, max(dead_at - self.dead, 0) : dead_at + self.dead + 1] = -np.inf
        return np.asarray(after, dtype=np.float64)

    def solve(self, depth: int) -> tuple[float, list[tuple[int, float, float]]]:
        """Best set of discharges: its net gain and (unit, start, gain) of each."""
        nodes: list[tuple[float, NDArray[np.float64], list[tuple[int, float, float]]]] = [(0.0, self.table, [])]
        best: tuple[float, list[tuple[int, float, float]]] = (0.0, [])
        for _ in range(depth):
            options: list[tuple[float, int, int, int]] = []
            for i, (total, table, _) in enumerate(nodes):
                top = table.argmax(axis=1)
                net = table[np.arange(len(top)), top] - self.cost
                ranked = [k for k in np.argsort(-net)[:N_BEAM].tolist() if net[k] > 0]
                options += [(total + float(net[k]), i, k, int(top[k])) for k in ranked]
            if not options:
                break
            options.sort(key=lambda one: -one[0])
            fresh = []
            seen = set()
            for total, i, k, m in options:
                key = (round(total, 3), k)
                if key in seen:
                    continue
                seen.add(key)
                _, table, events = nodes[i]
                start, after, gain = self.placed(table, k, m)
                fresh.append((total, after, [*events, (k, start, gain)]))
                if total > best[0]:
                    best = (total, fresh[-1][2])
                if len(fresh) == N_BEAM:
                    break
            nodes = fresh
        return best


def resolve(
    residual: NDArray[np.float64],
    placement: Placement,
    bank: Bank,
    *,
    rate_hz: float,
    least: NDArray[np.float64],
    dead: int,
) -> Placement:
    """Solve the stretches again where discharges are not well explained.

    Parameters
    ----------
    residual : ndarray
        What the placement leaves.
    least : ndarray, shape (n_units,)
        Cost of a discharge.
    dead : int
        Samples within which a unit cannot discharge twice.
    """
    if not len(placement.start):
        return placement
    table = scores(residual, bank)
    n = bank.n_samples
    n_starts = table.shape[1]
    margin = int(MARGIN_MS / 1000 * rate_hz)
    unit, start, gain = placement.unit.copy(), placement.start.copy(), placement.gain.copy()
    drop = np.zeros(len(unit), dtype=bool)
    extra: list[tuple[int, float, float]] = []

    def add(k: int, begin: float, sign: float) -> None:
        at = int(np.floor(begin + 1e-9))
        phase = round((begin - at) * N_PHASES) % N_PHASES
        low, high = max(at - n + 1, 0), min(at + n, n_starts)
        table[:, low:high] += sign * 2 * bank.overlap[k, phase][:, low + n - 1 - at : high + n - 1 - at]

    for a, b in _stretches(placement, bank, rate_hz):
        low = max(int(start[a]) - margin, 0)
        high = min(int(start[b - 1]) + margin + 1, n_starts)
        if high - low < 3 or high - low > n:
            continue
        for i in range(a, b):
            add(int(unit[i]), float(start[i]), 1.0)
        here = table[:, low:high].copy()
        for i in (a - 1, b):  # a unit does not fire again at once
            if 0 <= i < len(unit) and not drop[i]:
                m = int(start[i]) - low
                here[unit[i], max(m - dead, 0) : max(m + dead + 1, 0)] = -np.inf
        beam = _Beam(bank, here, low, least, dead)
        now, events = 0.0, []
        left = here
        for i in sorted(range(a, b), key=lambda i: -gain[i]):
            at = int(np.floor(start[i] + 1e-9))
            phase = round((start[i] - at) * N_PHASES) % N_PHASES
            column = min(max(round(start[i]) - low, 0), high - low - 1)
            value = float(left[unit[i], column])
            now += (value if np.isfinite(value) else 0.0) - least[unit[i]]
            events.append((int(unit[i]), float(start[i]), value))
            left = beam.without(left, int(unit[i]), at - low, phase, dead_at=column)
        total, found = beam.solve(b - a + 2)
        if total > now + 1e-6:
            drop[a:b] = True
            extra += found
            events = found
        for k, begin, _ in events:
            add(k, begin, -1.0)
    unit = np.concatenate([unit[~drop], np.array([e[0] for e in extra], dtype=np.int64)])
    start = np.concatenate([start[~drop], np.array([e[1] for e in extra])])
    gain = np.concatenate([gain[~drop], np.array([e[2] for e in extra])])
    order = np.argsort(start, kind="stable")
    return Placement(unit=unit[order], start=start[order], gain=gain[order])
