"""The axons of one muscle one by one, so that nerve conduction and needle speak of the same individuals.

Works for every muscle of the vocabulary; it says what has become of each axon, not what a needle would record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.simulation.nerve.nerve_state import nerve_state
from emgwidgets.simulation.nerve.pathway import study_of_muscle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.model.signal import Side
    from emgwidgets.simulation.lesion import Anomaly, FibreDisease, JunctionDisease, Lesion
    from emgwidgets.simulation.nerve.axons import Subject

__all__ = ["AxonFate", "MotorAxons", "motor_axons"]


class AxonFate(IntEnum):
    """What has become of an axon by the day of the examination."""

    SOUND = 0
    #: In continuity, but no impulse from the cord reaches the muscle.
    BLOCKED = 1
    #: Cut; the stump still conducts and the fibres are not denervated yet.
    SEVERED = 2
    #: Cut; the stump is gone and the fibres have lost their nerve.
    DEGENERATED = 3
    #: Grown back to the muscle.
    REGROWN = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class MotorAxons:
    """Axons of one muscle in the order of recruitment, smallest unit first; arrays have shape ``(n_axons,)``.

    Parameters
    ----------
    muscle : str
        Code of the vocabulary.
    day : float
        Day of the examination on the patient's clock; the other days are on the same clock, NaN when not so.
    axon : ndarray of int
        Row of this axon in the arrays of the :class:`NerveState` of ``study_key``.
    size_rank : ndarray
        0 for the smallest unit to 1 for the largest.
    size : ndarray
        Muscle fibres of the healthy unit relative to the mean unit.
    fate : ndarray of int
        See :class:`AxonFate`.
    cut_day, denervated_day, regrown_day : ndarray
        Day of the cut, day its fibres lost their nerve, day it came back.
    lesion_distance_mm : ndarray
        From the cut, along the nerve, to the muscle; NaN without a cut.
    velocity_m_per_s : ndarray
        Healthy velocity in the distal main stretch at 34 C.
    speed_share : ndarray
        Mean velocity from cord to muscle relative to the healthy one.
    roots : tuple of str
        Root of each axon.
    ways : tuple of tuple of str
        Elements each axon runs through, proximal to distal; an anomalous course shows here.
    junction, fibres : optional
        Disease of junction or muscle fibres that concerns this muscle.
    """

    muscle: str
    side: Side
    study_key: str
    day: float
    axon: NDArray[np.intp] = field(repr=False)
    size_rank: NDArray[np.float64] = field(repr=False)
    size: NDArray[np.float64] = field(repr=False)
    fate: NDArray[np.intp] = field(repr=False)
    cut_day: NDArray[np.float64] = field(repr=False)
    denervated_day: NDArray[np.float64] = field(repr=False)
    regrown_day: NDArray[np.float64] = field(repr=False)
    lesion_distance_mm: NDArray[np.float64] = field(repr=False)
    velocity_m_per_s: NDArray[np.float64] = field(repr=False)
    speed_share: NDArray[np.float64] = field(repr=False)
    roots: tuple[str, ...] = field(repr=False)
    ways: tuple[tuple[str, ...], ...] = field(repr=False)
    junction: JunctionDisease | None = None
    fibres: FibreDisease | None = None

    @property
    def n_axons(self) -> int:
        """Number of axons before any lesion, in this subject at this age."""
        return len(self.axon)

    @property
    def obeys(self) -> NDArray[np.bool_]:
        """Which axons carry a voluntary command to the muscle."""
        return np.isin(self.fate, (AxonFate.SOUND, AxonFate.REGROWN))

    @property
    def innervates(self) -> NDArray[np.bool_]:
        """Which axons still keep their muscle fibres from being denervated."""
        return np.isin(self.fate, AxonFate.DEGENERATED, invert=True)

    def share(self, fate: AxonFate) -> float:
        """Share of the axons with this fate."""
        return float(np.mean(self.fate == fate))


def motor_axons(
    *, subject: Subject, muscle: str, side: Side, lesions: tuple[Lesion, ...] = (), day: float = 0.0,
    anomalies: tuple[Anomaly, ...] = (),
) -> MotorAxons:  # fmt: skip
    """Axons of any muscle of the vocabulary, the same individuals as in its nerve conduction study.

    Parameters
    ----------
    muscle : str
        Code or common name.

    Raises
    ------
    InputError
        If muscle, side, day or the place of a lesion does not exist.
    """
    from emgwidgets.simulation.lesion import FibreDisease

    one = study_of_muscle(muscle)
    state = nerve_state(
        subject=subject, key=one.key, side=side, lesions=tuple(lesions), day=float(day), anomalies=tuple(anomalies)
    )
    target_mm = state.axons.path.target_mm
    order = np.argsort(state.axons.size, kind="stable")
    regrown = np.isfinite(state.regrown_day)
    fate = np.select(
        [~state.surviving & state.stump_conducts, ~state.surviving, ~state.conducts(0.0, target_mm), regrown],
        [AxonFate.SEVERED, AxonFate.DEGENERATED, AxonFate.BLOCKED, AxonFate.REGROWN],
        AxonFate.SOUND,
    ).astype(np.intp)
    well = nerve_state(subject=subject, key=one.key, side=side, anomalies=tuple(anomalies))
    cut = ~state.surviving
    degenerated = fate == AxonFate.DEGENERATED
    routes = state.axons.routes
    return MotorAxons(
        muscle=one.target, side=side, study_key=one.key, day=float(day), axon=order,
        size_rank=np.arange(len(order)) / max(len(order) - 1, 1), size=state.axons.size[order], fate=fate[order],
        cut_day=np.where(cut, state.cut_day, np.nan)[order],
        denervated_day=np.where(degenerated, state.failure_day, np.nan)[order],
        regrown_day=np.where(fate == AxonFate.REGROWN, state.regrown_day, np.nan)[order],
        lesion_distance_mm=np.where(cut, np.maximum(target_mm - state.cut_mm, 0.0), np.nan)[order],
        velocity_m_per_s=state.axons.velocity_m_per_s[order],
        speed_share=(well.travel_ms(0.0, target_mm) / state.travel_ms(0.0, target_mm))[order],
        roots=tuple(routes[row].root for row in state.axons.route[order]),
        ways=tuple(tuple(span.element for span in routes[row].spans) for row in state.axons.route[order]),
        junction=state.junction,
        fibres=next((lesion for lesion in lesions if isinstance(lesion, FibreDisease)), None),
    )  # fmt: skip
