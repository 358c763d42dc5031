"""What a virtual muscle is at one moment, as frozen arrays: which fibre lies where, whose it is, how sound its junction is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle.fibre import FibreSet
from emgwidgets.simulation.muscle.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["JunctionState", "Manner", "MembraneState", "MuscleState", "UnitFates"]

JunctionState = Literal["normal", "myasthenia", "lambert_eaton"]
MembraneState = Literal["normal", "myotonic"]
Manner = Literal["steady", "poor", "central", "tremor"]


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitFates:
    """What has become of the axons, one entry per unit, smallest unit first; days are counted back from today.

    Parameters
    ----------
    obeys : ndarray of bool
        Whether a voluntary command arrives.
    cut_days, bare_days, back_days : ndarray
        Days since the axon was cut, since its fibres lost their nerve, and since it came back; NaN when it did not.
    distance_mm : ndarray
        From the cut to the muscle along the nerve.
    """

    obeys: NDArray[np.bool_] = field(repr=False)
    cut_days: NDArray[np.float64] = field(repr=False)
    bare_days: NDArray[np.float64] = field(repr=False)
    back_days: NDArray[np.float64] = field(repr=False)
    distance_mm: NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class MuscleState:
    """A muscle at one moment; arrays of units have shape ``(n_units,)``, arrays of fibres ``(n_fibres,)``.

    Parameters
    ----------
    threshold, force : ndarray
        Recruitment threshold (1 for the first unit) and twitch force (1 for the first unit when healthy).
    voluntary : ndarray of bool
        Whether the axon still carries a command to the muscle.
    unit : ndarray of int
        Owner of each fibre, -1 for none.
    denervated_days : ndarray
        Days since the fibre lost its nerve, NaN while it has one.
    spontaneous : ndarray of int
        0 silent, 1 positive waves only, 2 positive waves and fibrillations.
    maturity : ndarray
        0 for a fresh sprout to 1 for a sound terminal.
    safety_factor, quantal_content : ndarray
        Junction; see :mod:`emgwidgets.simulation.muscle.junction`.
    twin : ndarray of int
        Index of the fibre that shares this one's junction (a split fibre), -1 for none.
    temperature_degc : float
        Of the muscle; 34 is the reference of every other number.
    manner, command_share : str, float
        How the subject's effort reaches the units when nothing else is asked for, and the share of it that arrives.
    """

    muscle: str
    seed: int
    radius_mm: float
    threshold: NDArray[np.float64] = field(repr=False)
    force: NDArray[np.float64] = field(repr=False)
    voluntary: NDArray[np.bool_] = field(repr=False)
    centre_x_mm: NDArray[np.float64] = field(repr=False)
    centre_y_mm: NDArray[np.float64] = field(repr=False)
    territory_mm2: NDArray[np.float64] = field(repr=False)
    x_mm: NDArray[np.float64] = field(repr=False)
    y_mm: NDArray[np.float64] = field(repr=False)
    z_mm: NDArray[np.float64] = field(repr=False)
    right_mm: NDArray[np.float64] = field(repr=False)
    left_mm: NDArray[np.float64] = field(repr=False)
    diameter_um: NDArray[np.float64] = field(repr=False)
    velocity_m_per_s: NDArray[np.float64] = field(repr=False)
    delay_ms: NDArray[np.float64] = field(repr=False)
    unit: NDArray[np.int64] = field(repr=False)
    denervated_days: NDArray[np.float64] = field(repr=False)
    spontaneous: NDArray[np.int64] = field(repr=False)
    maturity: NDArray[np.float64] = field(repr=False)
    safety_factor: NDArray[np.float64] = field(repr=False)
    quantal_content: NDArray[np.float64] = field(repr=False)
    twin: NDArray[np.int64] = field(repr=False)
    fibre_length_mm: float
    myotonic: bool = False
    healthy_force: float = 0.0
    rate_class: Literal["limb", "face"] = "limb"
    temperature_degc: float = 34.0
    manner: Manner = "steady"
    command_share: float = 1.0

    @property
    def n_units(self) -> int:
        """Number of units the muscle began with."""
        return len(self.threshold)

    @property
    def spike_stretch(self) -> float:
        """Duration of spikes and end-plate potentials relative to 34 C (Q10 of science 2.5)."""
        return float(value("spike_duration_q10") ** ((value("reference_temperature") - self.temperature_degc) / 10.0))

    @property
    def n_fibres(self) -> int:
        """Number of fibres, innervated or not."""
        return len(self.x_mm)

    @property
    def fibres_per_unit(self) -> NDArray[np.int64]:
        """Fibres each unit owns now."""
        owned: NDArray[np.int64] = np.bincount(self.unit[self.unit >= 0], minlength=self.n_units)
        return owned

    def fibres_of(self, unit: int) -> NDArray[np.intp]:
        """Indices of one unit's fibres."""
        if not 0 <= unit < self.n_units:
            raise InputError("no such motor unit", got=str(unit), expected=f"0 to {self.n_units - 1}")
        return np.flatnonzero(self.unit == unit)

    def fibre_set(self, which: NDArray[np.intp]) -> FibreSet:
        """Return fibres in the form the volume conductor takes."""
        return FibreSet(**{name: getattr(self, name)[which] for name in FibreSet.__dataclass_fields__})
