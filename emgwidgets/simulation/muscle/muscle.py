"""The one call that builds a virtual muscle in health and disease.  No electrode and no discharge here."""

from __future__ import annotations

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle import _fibre_disease, _layout, _transform
from emgwidgets.simulation.muscle.muscle_pools import muscle_pool
from emgwidgets.simulation.muscle.muscle_types import JunctionState, MembraneState, MuscleState, UnitFates

__all__ = ["MuscleState", "UnitFates", "muscle_state"]


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
