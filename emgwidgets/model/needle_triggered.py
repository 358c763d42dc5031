"""Discharges aligned on a trigger, each with whether it belongs to the unit and what speaks against averaging it; and a set of units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from emgwidgets.errors import InputError
from emgwidgets.model.checks import tuples
from emgwidgets.model.measure import Measures, Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DISCHARGE_STATES", "DischargeState", "MuapSet", "TriggeredUnit"]

DischargeState = Literal["accepted", "late_part_missing", "overlap", "other_unit", "left_out"]
#: Average and count; only the first two enter the average.
DISCHARGE_STATES: tuple[DischargeState, ...] = ("accepted", "late_part_missing", "overlap", "other_unit", "left_out")


@dataclass(frozen=True, kw_only=True, eq=False)
class TriggeredUnit:
    """Crossings of a trigger level, aligned.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        Time of the peak behind each crossing, on the clock of the trace.
    sweeps_uv : ndarray, shape (n, n_samples)
        Stretch around each, active minus reference.
    start_ms : float
        Time of the first sample from the peak: minus the delay.
    states : tuple of str
        One of :data:`DISCHARGE_STATES` for each.
    level_uv : float
        Trigger; above 0 is a negative deflection, which is drawn upwards.
    """

    times_s: NDArray[np.float64] = field(repr=False)
    sweeps_uv: NDArray[np.float64] = field(repr=False)
    sampling_rate_hz: float
    start_ms: float
    states: tuple[DischargeState, ...]
    level_uv: float

    def __post_init__(self) -> None:
        tuples(self, "states")
        if not len(self.times_s) == len(self.sweeps_uv) == len(self.states):
            raise InputError("each discharge needs its time, its sweep and its state", got="unequal numbers")

    @property
    def n(self) -> int:
        """Crossings in all."""
        return len(self.states)

    def count(self, *states: str) -> int:
        """How many are in one of these states."""
        return sum(one in states for one in self.states)

    @property
    def averaged(self) -> NDArray[np.float64]:
        """The sweeps that enter the average."""
        keep = [one in ("accepted", "late_part_missing") for one in self.states]
        return self.sweeps_uv[keep]

    @property
    def train_s(self) -> NDArray[np.float64]:
        """Times of every discharge of this unit, averaged or not."""
        return self.times_s[[one != "other_unit" for one in self.states]]


@dataclass(frozen=True, kw_only=True)
class MuapSet:
    """The units of one muscle together.

    Parameters
    ----------
    n_units, n_sites : int
    measures : mapping
        Means over the units under the names of ``model.needle.MUAP_MEASURES``.
    limits : tuple of str
        What so many units cannot support.
    """

    n_units: int
    n_sites: int
    measures: Measures
    limits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        tuples(self, "limits")

    def get(self, name: str) -> Result | None:
        """One mean; None when no unit has it."""
        return self.measures.get(name)
