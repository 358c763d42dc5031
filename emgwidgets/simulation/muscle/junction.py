"""Neuromuscular junctions: delay and block of each impulse from safety factor and quantal content. No waveforms here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.simulation.muscle.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["mean_consecutive_difference_us", "transmit"]


def transmit(
    safety_factor: NDArray[np.float64],
    quantal_content: NDArray[np.float64],
    n_impulses: int,
    rng: np.random.Generator,
    *,
    store: NDArray[np.float64] | None = None,
    stretch: float = 1.0,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Send impulses through junctions.

    The end-plate potential of impulse k is ``F * m_k / m0`` thresholds with ``m_k`` a Poisson number of quanta; it
    crosses threshold after ``-tau * ln(1 - 1 / a)`` (science 1.6).

    Parameters
    ----------
    safety_factor, quantal_content : ndarray, shape (n_junctions,)
        Mean end-plate potential over threshold, and mean number of quanta.
    n_impulses : int
        Number of impulses.
    rng : Generator
        Source of chance.
    store : ndarray, shape (n_impulses,), optional
        Releasable store at each impulse, 1 when rested; it scales the number of quanta.
    stretch : float
        Rise time of the end-plate potential relative to 34 C.

    Returns
    -------
    delay_ms, blocked : ndarray, shape (n_impulses, n_junctions)
        Delay less the one of a mean impulse in a mean junction (so that jitter does not shift the unit); 0 where blocked.
    """
    full = np.ones(n_impulses) if store is None else np.asarray(store, dtype=float)
    mean = full[:, None] * quantal_content[None, :]
    quanta = rng.poisson(mean)
    scatter = 1 + value("quantal_cv") * rng.standard_normal(quanta.shape) / np.sqrt(np.maximum(quanta, 1))
    size = safety_factor[None, :] * quanta / quantal_content[None, :] * scatter
    blocked = size <= 1.0
    safe = np.where(blocked, 2.0, size)
    usual = -np.log1p(-1.0 / value("safety_factor_median"))
    delay = stretch * value("epp_rise") * (-np.log1p(-1.0 / safe) - usual)
    return np.where(blocked, 0.0, delay), blocked


def mean_consecutive_difference_us(interval_ms: NDArray[np.float64]) -> float:
    """Truth of jitter: mean absolute difference of consecutive intervals, in microseconds; NaN where blocked is skipped."""
    steps = np.abs(np.diff(interval_ms))
    return float(np.nanmean(steps) * 1000.0) if np.isfinite(steps).any() else float("nan")
