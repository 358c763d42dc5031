"""Clocks that run after a lesion: degeneration, denervation, sprouting, regrowth, remyelination.  They know no nerve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.simulation.nerve.nerve_parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "fibrillation_onset_day", "regrown_length_mm", "remyelinated_speed_factor", "sprouting_share", "wallerian_failure_days",
]  # fmt: skip


def wallerian_failure_days(
    uniform: NDArray[np.float64], *, sensory: bool, stump_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Days from the cut until the distal stump stops conducting, per axon.

    Parameters
    ----------
    uniform : ndarray, shape (n_axons,)
        One draw between 0 and 1 per axon.
    stump_mm : ndarray, shape (n_axons,)
        Length from the cut to the target.

    Notes
    -----
    Log-logistic survival 1 / (1 + (t / t50)^h); half time 4 days motor and 7 sensory (M), 0.5 day per 10 cm (P).
    """
    kind = "sensory" if sensory else "motor"
    odds = uniform / (1 - uniform)
    days = value(f"wallerian_{kind}_t50") * odds ** (1 / value(f"wallerian_{kind}_steepness"))
    # The published half times belong to a limb-length stump; 20 cm is taken as neutral (P).
    later: NDArray[np.float64] = days + value("wallerian_per_10_cm") * (stump_mm - 200.0) / 100.0
    return later.clip(1.0)


def fibrillation_onset_day(distance_cm: float) -> tuple[float, float]:
    """Return the earliest and latest day of the first fibrillations, by distance from the lesion to the muscle, in cm (M)."""
    earliest = value("fibrillation_paraspinal") + value("fibrillation_per_cm") * distance_cm
    return earliest, earliest * 1.5


def sprouting_share(days_since_denervation: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the orphaned fibres adopted by surviving units so far, same shape."""
    late = (days_since_denervation - value("sprouting_start")).clip(0.0)
    adopted: NDArray[np.float64] = 1 - np.exp(-late / value("sprouting_time"))
    return adopted


def regrown_length_mm(days_since_cut: NDArray[np.float64]) -> NDArray[np.float64]:
    """Length each axon has regrown from the cut, same shape."""
    grown: NDArray[np.float64] = days_since_cut.clip(0.0) * value("regrowth_rate")
    return grown


def remyelinated_speed_factor(speed_factor: float, days_since_start: float) -> float:
    """Speed factor on its way from demyelinated to remyelinated."""
    goal = max(speed_factor, value("remyelinated_speed"))
    return goal - (goal - speed_factor) * math.exp(-max(days_since_start, 0.0) / value("remyelination_time"))
