"""Phases and turns of a potential by their definitions; vectorised, no filtering."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PHASE_UV", "TURN_UV", "count_phases", "turning_points"]

PHASE_UV = 20.0  # needle.md 2.1 (M): a crossing counts when the excursion exceeds 20 uV
TURN_UV = 50.0  # needle.md 2.1 (M): 50 uV on both sides; 25 uV in older work


def count_phases(wave_uv: NDArray[np.float64], *, least_uv: float = PHASE_UV) -> int:
    """Baseline crossings between excursions beyond ``least_uv``, plus one; 0 when there is no excursion."""
    signs = np.sign(wave_uv[np.abs(wave_uv) > least_uv])
    return int((np.diff(signs) != 0).sum()) + 1 if len(signs) else 0


def turning_points(wave_uv: NDArray[np.float64], *, least_uv: float = TURN_UV) -> NDArray[np.int64]:
    """Samples where the direction changes with at least ``least_uv`` to the turn before and after.

    Parameters
    ----------
    wave_uv : ndarray, shape (n_samples,)
        The first and the last sample are the ends a turn is compared with.
    """
    steps = np.sign(np.diff(wave_uv))
    moving = np.flatnonzero(steps)
    if len(moving) < 2:
        return np.empty(0, dtype=np.int64)
    change = moving[1:][steps[moving[1:]] != steps[moving[:-1]]]
    extremes = np.concatenate([[0], change, [len(wave_uv) - 1]])
    kept = extremes.tolist()
    # the smallest swing is removed with both its ends until every swing is large enough
    while len(kept) > 2:
        swing = np.abs(np.diff(wave_uv[kept]))
        small = int(swing.argmin())
        if swing[small] >= least_uv:
            break
        if small == 0:
            del kept[1]
        elif small == len(swing) - 1:
            del kept[-2]
        else:
            del kept[small : small + 2]
    return np.array(kept[1:-1], dtype=np.int64)
