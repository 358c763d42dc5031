"""Last steps of a decomposition: regular trains still left in the residual are taken in, repeats that come too soon are taken out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle import _seeds
from emgwidgets.analysis.needle._trains import DOUBLET_MS, SHORT_MS, regular_share, short_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.analysis.needle._units import Search

__all__ = ["GOOD_REGULAR", "GOOD_SHORT", "is_good", "prune", "rescue", "tighten", "unite"]

GOOD_REGULAR, GOOD_SHORT = 0.65, 0.08  # internal choice: what a train is listed with, see decomposition
MOST_RESCUED = 3  # internal choice: more has not been seen
MOST_SHORT = 0.2  # internal choice: with more, the train is not one unit's and pruning would hide it
GAIN_STEPS = (0.5, 0.6, 0.7)  # internal choice: shares of a template's energy; parts of other units rarely reach them
MOST_UNITED = 3  # internal choice: more has not been seen
# Internal choice: shapes of halves of one unit differ by less than this share of the smaller; two discharges within the
# shortest interval of a doublet are one that both halves explain.
HALVES_ALIKE, ONE_MS = 1.0, 2.0
ENOUGH = 20  # needle.md 2.1: discharges of an average


def is_good(starts: NDArray[np.float64], rate_hz: float) -> bool:
    """Whether a train can be listed."""
    times = starts / rate_hz
    return regular_share(times) >= GOOD_REGULAR and short_share(times) <= GOOD_SHORT


def rescue(search: Search) -> None:
    """Take in what recurs in the residual with a train of its own; it was lost to a join or to the rules of linked parts."""
    for _ in range(MOST_RESCUED):
        groups = [one for one in search.recurring() if len(one) >= ENOUGH and is_good(one, search.rate)]
        if not groups:
            return
        largest = max(groups, key=len)
        half = search.n // 2
        fresh = _seeds.median_wave(_seeds.snippets(search.residual, largest, half)[:, : search.n])
        before = search.state()
        n_good = sum(is_good(search.starts(k), search.rate) for k in range(len(search.templates)))
        search.templates = np.vstack([search.templates, [search.centred(fresh)]])
        search.settle()
        tighten(search)
        if sum(is_good(search.starts(k), search.rate) for k in range(len(search.templates))) <= n_good:
            search.restore(before)
            return


def unite(search: Search) -> None:
    """Make one unit of two that have no train alone and have one together: halves of a unit that was cut in two."""
    for _ in range(MOST_UNITED):
        pair = _halves(search)
        if pair is None:
            return
        first, second = pair
        before, n_listed = search.state(), _n_listed(search)
        n = [int((search.placement.unit == k).sum()) for k in pair]
        search.templates = search.templates.copy()
        search.templates[first] = (search.templates[first] * n[0] + search.templates[second] * n[1]) / sum(n)
        search.templates = np.delete(search.templates, second, axis=0)
        search.settle()
        if _n_listed(search) <= n_listed:
            search.restore(before)
            return


def _n_listed(search: Search) -> int:
    trains = [search.starts(k) for k in range(len(search.templates))]
    return sum(len(one) for one in trains if is_good(one, search.rate))


def _halves(search: Search) -> tuple[int, int] | None:
    """The two units that make the most regular train together and have none alone."""
    trains = [search.starts(k) for k in range(len(search.templates))]
    poor = [k for k, one in enumerate(trains) if not is_good(one, search.rate)]
    if len(poor) < 2:
        return None
    relative = search.relative()
    best, found = 0.0, None
    for i, first in enumerate(poor):
        for second in poor[:i]:
            both = np.sort(np.concatenate([trains[first], trains[second]]))
            both = both[np.diff(both, prepend=-np.inf) > ONE_MS / 1000 * search.rate]
            regular = regular_share(both / search.rate)
            is_one = relative[first, second] < HALVES_ALIKE and is_good(both, search.rate) and len(both) >= ENOUGH
            if is_one and regular > best:
                best, found = regular, (second, first)
    return found


def tighten(search: Search) -> None:
    """Where a unit has no train, drop its discharges that explain least, if those that explain more form one."""
    placement = search.placement
    drop = np.zeros(len(placement.start), dtype=bool)
    for unit in range(len(search.templates)):
        mine = np.flatnonzero(placement.unit == unit)
        if is_good(placement.start[mine], search.rate):
            continue
        share = placement.gain[mine] / search.bank.energy[unit]
        for least in GAIN_STEPS:
            kept = share >= least
            if kept.sum() < ENOUGH:
                break
            if is_good(placement.start[mine[kept]], search.rate):
                drop[mine[~kept]] = True
                break
    _without(search, drop)


def _without(search: Search, drop: NDArray[np.bool_]) -> None:
    if not drop.any():
        return
    placement, kept = search.placement, ~drop
    search.placement = replace(
        placement, unit=placement.unit[kept], start=placement.start[kept], gain=placement.gain[kept]
    )
    search.refresh()


def prune(search: Search) -> None:
    """Of two discharges of a regular train that come too soon for one unit and are no doublet, keep the one that explains more."""
    placement = search.placement
    drop = np.zeros(len(placement.start), dtype=bool)
    for unit in range(len(search.templates)):
        mine = np.flatnonzero(placement.unit == unit)
        times = placement.start[mine] / search.rate
        if regular_share(times) < GOOD_REGULAR or not 0 < short_share(times) <= MOST_SHORT:
            continue
        gaps_ms = 1000 * np.diff(times)
        for i in np.flatnonzero((gaps_ms < SHORT_MS) & (gaps_ms > DOUBLET_MS)).tolist():
            first, second = mine[i], mine[i + 1]
            if not (drop[first] or drop[second]):
                drop[first if placement.gain[first] < placement.gain[second] else second] = True
    _without(search, drop)
