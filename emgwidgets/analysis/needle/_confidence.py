"""How sure each discharge is: what its unit explains against what the next best unit, or none, would explain there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle._pursuit import N_PHASES, scores
from emgwidgets.analysis.needle._trains import DOUBLET_MS, SHORT_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.analysis.needle._units import Sorted

__all__ = ["confidences"]

REACH_MS = 0.5  # the strict tolerance of science 3.11: another unit there would be the same discharge
# Internal choice: parts of units that are not listed rarely explain more than 60 % of a template; on the development seeds
# of the benchmark discharges above 99 % were then right in 99 %.
HALF_SURE_FIT, FIT_WIDTH = 0.6, 0.05
LEAST_NOISE_SHARE = 0.01  # internal choice: no potential repeats better than 1 % of its energy per sample of its core


def confidences(found: Sorted) -> NDArray[np.float64]:
    """Probability that each placed discharge is its unit's, shape ``(n_discharges,)``.

    With Gaussian noise the log odds of two templates are the difference of the energies they remove over twice the noise
    variance; the variance is that of the residual about the unit's own discharges, so change of shape counts as noise.
    """
    placement, bank = found.placement, found.bank
    if not len(placement.start):
        return np.zeros(0)
    table = scores(found.residual, bank)
    n = bank.n_samples
    steps = np.rint(placement.start * N_PHASES).astype(np.int64)
    at, phase = steps // N_PHASES, steps % N_PHASES
    reach = max(int(REACH_MS / 1000 * found.rate_hz), 1)
    lag = np.arange(-reach, reach + 1)
    column = np.clip(at[:, None] + lag, 0, table.shape[1] - 1)
    with_it = table[:, column].transpose(1, 0, 2) + 2 * bank.overlap[placement.unit, phase][:, :, n - 1 + lag]
    best = with_it.max(axis=2)  # n_discharges, n_units
    rows = np.arange(len(at))
    own = best[rows, placement.unit]
    best[rows, placement.unit] = 0.0
    other = np.maximum(best.max(axis=1), 0.0)
    variance = np.array([_variance(found, k) for k in range(len(bank.energy))])
    odds = (own - other) / (2 * np.maximum(variance[placement.unit], 1e-9))
    by_shape = 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
    fit = own / np.maximum(bank.energy[placement.unit], 1e-9)
    by_fit = 1 / (1 + np.exp(-np.clip((fit - HALF_SURE_FIT) / FIT_WIDTH, -40, 40)))
    return np.asarray(by_shape * by_fit * _by_intervals(found), dtype=np.float64)


def _by_intervals(found: Sorted) -> NDArray[np.float64]:
    """Half where a neighbour of the same unit is too close: one of the two is wrong."""
    sure = np.ones(len(found.placement.start))
    for unit in range(len(found.bank.energy)):
        mine = np.flatnonzero(found.placement.unit == unit)
        gaps_ms = 1000 * np.diff(found.placement.start[mine]) / found.rate_hz
        close = (gaps_ms < SHORT_MS) & (gaps_ms > DOUBLET_MS)
        sure[mine[:-1][close]] = 0.5
        sure[mine[1:][close]] = 0.5
    return sure


def _variance(found: Sorted, unit: int) -> float:
    """Variance of what is left about the discharges of a unit, where its template is large."""
    template = found.templates[unit]
    core = np.flatnonzero(np.abs(template) > 0.1 * np.abs(template).max())
    start = np.rint(found.starts(unit)).astype(np.int64)
    if not len(start):
        return found.noise**2
    left = found.residual[np.clip(start[:, None] + core, 0, len(found.residual) - 1)]
    spread = float(np.median((left**2).mean(axis=1)))
    return max(spread, found.noise**2, LEAST_NOISE_SHARE * float((template**2).mean()))
