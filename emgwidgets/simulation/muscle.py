"""The motor-unit pool of a virtual muscle as frozen arrays, and the one call that builds it in health and disease.

No electrode and no discharge here: a state says which fibre lies where, whose it is and how sound its junction is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.fibre import FibreSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MuscleState", "UnitFates", "muscle_state"]

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
        Junction; see :mod:`emgwidgets.simulation.junction`.
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
        from emgwidgets.simulation.parameters import value

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


def _check(n_units: int | None, shares: dict[str, float], ages: dict[str, float | None]) -> None:
    if n_units is not None and n_units < 1:
        raise InputError(
            "a muscle needs motor units", got=f"{n_units}", expected="1 or more", way_out="leave n_units out"
        )
    for name, share in shares.items():
        if not 0.0 <= share <= 1.0:
            raise InputError(f"{name} cannot be used", got=f"{share}", expected="a share from 0 to 1")
    for name, size in ages.items():
        if size is not None and not 0 <= size < np.inf:
            raise InputError(f"{name} cannot be used", got=f"{size}", expected="0 or more")


def muscle_state(
    *,
    muscle: str = "tibialis anterior",
    n_units: int | None = None,
    seed: int = 0,
    age_years: float = 40.0,
    axon_loss_share: float = 0.0,
    lost_units: tuple[int, ...] | None = None,
    blocked_units: tuple[int, ...] = (),
    day: float | None = None,
    lesion_distance_mm: float = 500.0,
    reinnervation: bool = True,
    regrowth: bool = False,
    fibre_loss_share: float = 0.0,
    fibre_atrophy: float = 0.0,
    fibre_necrosis_share: float = 0.0,
    fibre_splitting_share: float = 0.0,
    junction: JunctionState = "normal",
    junction_safety_median: float | None = None,
    membrane: MembraneState = "normal",
    temperature_degc: float = 34.0,
    unit_sizes: tuple[float, ...] | None = None,
    unit_fates: UnitFates | None = None,
) -> MuscleState:
    """Build a muscle; the same arguments give the same arrays.

    Parameters
    ----------
    muscle : str
        Code or common name of a muscle of the vocabulary.
    n_units : int, optional
        Number of motor units of a young adult, before the lesion.
    age_years : float
        Units fall in number and the survivors grow after 40 years.
    axon_loss_share : float
        Share of the axons that are cut on day 0, chosen at random; ignored when ``lost_units`` is given.
    lost_units : tuple of int, optional
        Exactly these axons are cut.
    blocked_units : tuple of int
        Axons in conduction block: no command passes, the fibres keep their nerve.
    day : float, optional
        Days since the lesion; None means long ago (5 years).
    lesion_distance_mm : float
        Distance from the lesion to the muscle along the nerve.
    reinnervation : bool
        Whether surviving units sprout.
    regrowth : bool
        Whether cut axons grow back from the lesion.
    fibre_loss_share, fibre_atrophy, fibre_necrosis_share, fibre_splitting_share : float
        Fibre disease: share of fibres gone, spread of diameters (0 none to 1 severe), share cut across by necrosis,
        share split.
    junction : str
        ``"normal"``, ``"myasthenia"`` or ``"lambert_eaton"``.
    junction_safety_median : float, optional
        Median safety factor in place of the one of ``junction``.
    membrane : str
        ``"normal"`` or ``"myotonic"``.
    temperature_degc : float
        Of the muscle, 20 to 40.
    unit_sizes : tuple of float, optional
        Relative size of each unit, smallest first, in place of a drawn pool; their number already is the one at this age.
    unit_fates : UnitFates, optional
        What became of each of those axons, in place of the shares and lists above.

    Raises
    ------
    InputError
        If the muscle is unknown, a share is outside 0 to 1, an age or day is negative, or a unit does not exist.
    """
    from emgwidgets.simulation import _fibre_disease, _layout, _transform
    from emgwidgets.simulation.muscle_pools import muscle_pool

    shares = {
        "axon_loss_share": axon_loss_share, "fibre_loss_share": fibre_loss_share, "fibre_atrophy": fibre_atrophy,
        "fibre_necrosis_share": fibre_necrosis_share, "fibre_splitting_share": fibre_splitting_share,
    }  # fmt: skip
    _check(n_units, shares, {"age_years": age_years, "day": day, "lesion_distance_mm": lesion_distance_mm})
    state = _layout.layout(muscle_pool(muscle), n_units, seed, float(age_years), unit_sizes)
    if fibre_loss_share or fibre_atrophy or fibre_necrosis_share or fibre_splitting_share:
        state = _fibre_disease.fibre_disease(
            state, loss=fibre_loss_share, atrophy=fibre_atrophy, necrosis=fibre_necrosis_share,
            splitting=fibre_splitting_share, day=day,
        )  # fmt: skip
    state = _transform.junction_disease(state, kind=junction, median=junction_safety_median)
    if unit_fates is None:
        if lost_units is None:
            lost_units = _transform.random_units(state, axon_loss_share)
        unit_fates = _transform.fates_of_cut(
            state, lost=lost_units, blocked=blocked_units, day=1826.0 if day is None else float(day),
            distance_mm=lesion_distance_mm, regrowth=regrowth,
        )  # fmt: skip
    state = _transform.axon_lesion(state, unit_fates, sprouting=reinnervation)
    state = _transform.with_temperature(state, temperature_degc)
    return _transform.with_membrane(state, myotonic=membrane == "myotonic")
