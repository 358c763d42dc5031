"""The muscle of a patient for the needle: its units are the axons of the nerve conduction study, one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.simulation.lesion import Anomaly, AxonLoss, CentralWeakness, FibreDisease, JunctionDisease, Lesion
from emgwidgets.simulation.nerve.axons import Subject, generator
from emgwidgets.simulation.nerve.motor_axons import AxonFate, MotorAxons, motor_axons

if TYPE_CHECKING:
    from emgwidgets.model.signal import Side
    from emgwidgets.simulation.muscle.muscle import MuscleState, UnitFates

__all__ = ["MuscleFate", "muscle_fate", "needle_muscle", "unit_fates"]

#: Regions whose muscles count as distal in fibre disease.
DISTAL = ("forearm", "hand", "leg", "foot")
#: Share of fibres cut across where the membrane is irritable (internal choice: enough for fibrillations at each site).
NECROSIS_SHARE = 0.15
USUAL_DISTANCE_MM = 500.0


@dataclass(frozen=True, kw_only=True)
class MuscleFate:
    """State of a muscle in a few numbers, counted over its axons.

    Parameters
    ----------
    axon_loss_share, blocked_share : float
        Share of its axons that are cut and not grown back, and of those left that are blocked.
    days_since_loss : float or None
        Days since the earliest cut; None without one.
    lesion_distance_mm : float
        From the cuts to the muscle along the nerve, the median.
    regrows : bool
        Whether axons have grown back.
    """

    axon_loss_share: float = 0.0
    blocked_share: float = 0.0
    days_since_loss: float | None = None
    lesion_distance_mm: float = USUAL_DISTANCE_MM
    regrows: bool = False
    junction: JunctionDisease | None = None
    fibres: FibreDisease | None = None


def muscle_fate(
    *, subject: Subject, muscle: str, side: Side, lesions: tuple[Lesion, ...], day: float,
    anomalies: tuple[Anomaly, ...] = (),
) -> MuscleFate:  # fmt: skip
    """State of one muscle, with every lesion that sits on its way.

    Raises
    ------
    InputError
        If the muscle is not in the vocabulary.
    """
    axons = motor_axons(subject=subject, muscle=muscle, side=side, lesions=lesions, day=day, anomalies=anomalies)
    lost = axons.share(AxonFate.SEVERED) + axons.share(AxonFate.DEGENERATED)
    was_cut = np.isfinite(axons.cut_day)
    return MuscleFate(
        axon_loss_share=lost, blocked_share=axons.share(AxonFate.BLOCKED) / max(1 - lost, 1e-9) if lost < 1 else 0.0,
        days_since_loss=float(day - axons.cut_day[was_cut].min()) if was_cut.any() else None,
        lesion_distance_mm=float(np.median(axons.lesion_distance_mm[was_cut])) if was_cut.any() else USUAL_DISTANCE_MM,
        regrows=bool((axons.fate == AxonFate.REGROWN).any()), junction=axons.junction, fibres=axons.fibres,
    )  # fmt: skip


def unit_fates(axons: MotorAxons, lesions: tuple[Lesion, ...]) -> UnitFates:
    """Fates of the axons as the muscle needs them: days counted back from the day of the examination."""
    from emgwidgets.simulation.muscle.muscle import UnitFates

    regrown = axons.fate == AxonFate.REGROWN
    onset = min((lesion.day for lesion in lesions if isinstance(lesion, AxonLoss) and lesion.regrows > 0), default=0.0)
    cut = np.where(regrown, onset, axons.cut_day)
    bare = np.where(regrown, onset, axons.denervated_day)
    return UnitFates(
        obeys=axons.obeys, cut_days=axons.day - cut, bare_days=axons.day - bare, back_days=axons.day - axons.regrown_day,
        distance_mm=np.where(np.isfinite(axons.lesion_distance_mm), axons.lesion_distance_mm, USUAL_DISTANCE_MM),
    )  # fmt: skip


@lru_cache(maxsize=6)
def needle_muscle(
    *, subject: Subject, muscle: str, side: Side, lesions: tuple[Lesion, ...], day: float,
    anomalies: tuple[Anomaly, ...] = (), temperature_degc: float = 34.0,
) -> MuscleState:  # fmt: skip
    """Fibres, junctions and units of one muscle, for the needle; unit ``i`` is axon ``i`` of ``motor_axons``."""
    from emgwidgets.simulation.muscle.muscle import muscle_state

    axons = motor_axons(subject=subject, muscle=muscle, side=side, lesions=lesions, day=day, anomalies=anomalies)
    entry = vocabulary.muscle(muscle)
    fibres = axons.fibres
    lost, membrane, irritable = 0.0, "normal", False
    if fibres is not None:
        lost = fibres.distal_share_lost if entry.region in DISTAL else fibres.proximal_share_lost
        membrane, irritable = fibres.membrane, fibres.membrane == "irritable"
    state = muscle_state(
        muscle=entry.code, seed=int(generator(subject.seed, "muscle", entry.code, side).integers(2**31)),
        age_years=subject.age_years, unit_sizes=tuple(axons.size.tolist()), unit_fates=unit_fates(axons, lesions),
        day=_fibre_days(lesions, day), fibre_loss_share=lost, fibre_atrophy=_atrophy(fibres),
        fibre_necrosis_share=NECROSIS_SHARE if irritable else 0.0, junction=_junction_word(axons.junction),
        junction_safety_median=None if axons.junction is None else axons.junction.median_safety_factor,
        membrane="myotonic" if membrane == "myotonic" else "normal", temperature_degc=temperature_degc,
    )  # fmt: skip
    return _with_command(state, axons, lesions, day)


def _fibre_days(lesions: tuple[Lesion, ...], day: float) -> float | None:
    """Days of fibre disease: they count from the earliest lesion that has a day; None is long ago."""
    days = [float(lesion.day) for lesion in lesions if hasattr(lesion, "day")]
    return max(day - min(days), 0.0) if days and day > 0 else None


def _with_command(state: MuscleState, axons: MotorAxons, lesions: tuple[Lesion, ...], day: float) -> MuscleState:
    """Weakness of central origin, for the share of the muscle's axons that come from the segments concerned."""
    left, manner = 1.0, state.manner
    for lesion in lesions:
        if not isinstance(lesion, CentralWeakness) or lesion.side not in (None, axons.side) or lesion.day > day:
            continue
        here = float(np.mean([not lesion.roots or root in lesion.roots for root in axons.roots]))
        if here > 0:
            left *= 1 - lesion.share * here
            manner = lesion.manner
    return state if left == 1.0 else replace(state, command_share=left, manner=manner)


def _atrophy(fibres: FibreDisease | None) -> float:
    """Spread of diameters on the needle's scale: 9 um is 0, 25 um is 1."""
    return 0.0 if fibres is None else min(max((fibres.diameter_spread_um - 9.0) / 16.0, 0.0), 1.0)


def _junction_word(junction: JunctionDisease | None) -> Literal["normal", "myasthenia", "lambert_eaton"]:
    if junction is None:
        return "normal"
    return "myasthenia" if junction.kind == "postsynaptic" else "lambert_eaton"
