"""State of one nerve to one target on one day: which axons are in continuity, how fast, and where they block.

A pure function of subject, study, side, lesions and day.  It says what the axons can do; it makes no signal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Union

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Side
from emgwidgets.simulation.lesion import Anomaly, JunctionDisease, Lesion
from emgwidgets.simulation.nerve.axons import AxonPopulation, Subject, axon_population
from emgwidgets.simulation.nerve.lesion_clock import sprouting_share
from emgwidgets.simulation.nerve.lesion_effects import Damage, Slowing, concerns
from emgwidgets.simulation.nerve.nerve_parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NerveState", "nerve_state"]

#: A position from the cord in mm, the same for all axons or one for each.
Place = Union[float, "NDArray[np.float64]"]


@dataclass(frozen=True, kw_only=True, eq=False)
class NerveState:
    """Axons of one target on one day; arrays have shape ``(n_axons,)``.

    Parameters
    ----------
    cut_mm : ndarray
        Most proximal interruption from the cord; infinite when in continuity.
    cut_day, failure_day, regrown_day : ndarray
        Day the axon was cut, day its stump stops conducting, day it came back to its target; infinite when never.
    response_size : ndarray
        Size of each unit's response relative to its healthy size: sprouting, loss of muscle fibres.
    echo_mm : ndarray
        Place where a passing impulse is set off again and runs back; NaN where the axon has none.
    branch_mm : ndarray
        Place where the axon divides above the usual, half of its fibres on each branch; NaN where it does not.
    """

    axons: AxonPopulation
    subject: Subject
    day: float
    cut_mm: NDArray[np.float64] = field(repr=False)
    cut_day: NDArray[np.float64] = field(repr=False)
    failure_day: NDArray[np.float64] = field(repr=False)
    regrown_day: NDArray[np.float64] = field(repr=False)
    response_size: NDArray[np.float64] = field(repr=False)
    echo_mm: NDArray[np.float64] = field(repr=False)
    branch_mm: NDArray[np.float64] = field(repr=False)
    terminal_factor: float = 1.0
    slowings: tuple[Slowing, ...] = field(default=(), repr=False)
    blocks: tuple[tuple[NDArray[np.float64], NDArray[np.bool_]], ...] = field(default=(), repr=False)
    junction: JunctionDisease | None = None

    @property
    def surviving(self) -> NDArray[np.bool_]:
        """Axons in continuity from the cell body to the target."""
        return np.isinf(self.cut_mm)

    @property
    def stump_conducts(self) -> NDArray[np.bool_]:
        """Whether the stretch beyond a cut still conducts: Wallerian degeneration is not there yet."""
        return self.failure_day > self.day

    @property
    def share_lost(self) -> float:
        """Share of the axons no longer in continuity."""
        return float(1.0 - self.surviving.mean())

    def conducts(self, from_mm: Place, to_mm: Place) -> NDArray[np.bool_]:
        """Which axons carry an impulse between two positions, in either direction; one position, or one per axon."""
        low, high = np.minimum(from_mm, to_mm), np.maximum(from_mm, to_mm)
        broken = (self.cut_mm >= low) & (self.cut_mm < high)
        dead = (self.cut_mm < low) & ~self.stump_conducts
        passes: NDArray[np.bool_] = ~(broken | dead)
        for position, blocked in self.blocks:
            passes &= ~(blocked & (position >= low) & (position < high))
        return passes

    def travel_ms(self, from_mm: Place, to_mm: Place, speed_factor: float = 1.0) -> NDArray[np.float64]:
        """Travel time of each axon between two positions; proximal stretches are faster, diseased ones slower."""
        low, high = np.minimum(from_mm, to_mm), np.maximum(from_mm, to_mm)
        limit = self._proximal_end_mm()
        velocity = self.axons.velocity_m_per_s * speed_factor
        faster = self.axons.proximal_velocity_m_per_s * speed_factor
        proximal = np.maximum(np.minimum(high, limit) - low, 0.0)
        time: NDArray[np.float64] = proximal / faster + (high - low - proximal) / velocity
        for slow in self.slowings:
            first, last = np.maximum(slow.start_mm, low), np.minimum(slow.end_mm, high)
            near = np.clip(np.minimum(last, limit) - first, 0.0, None)
            far = np.clip(last - np.maximum(first, limit), 0.0, None)
            time = time + (near / faster + far / velocity) * (1 / slow.factor - 1)
        return time

    def _proximal_end_mm(self) -> float:
        one = self.axons.study
        return one.position_mm(43.0 if one.is_arm else 66.0, self.subject.height_cm)

    def terminal_ms(self, temperature_degc: float, speed_factor: float) -> NDArray[np.float64]:
        """Delay of the terminal branches and the junction."""
        if self.axons.study.kind == "sensory":
            return np.zeros(self.axons.n_axons)
        colder = value("reference_temperature") - temperature_degc
        cold = value("terminal_latency_per_degc") * colder
        delay: NDArray[np.float64] = self.axons.terminal_ms * self.terminal_factor / speed_factor + cold
        return delay.clip(0.3)


def _response_size(damage: Damage) -> NDArray[np.float64]:
    """Size of each unit's response after all lesions: the units that are left adopt orphaned fibres."""
    size = damage.size_factor.copy()
    lost = damage.failure_day <= damage.day
    if damage.is_motor and lost.any() and not lost.all():
        adopted = damage.axons.size[lost] * sprouting_share(damage.day - damage.failure_day[lost])
        reach = 1 - float(lost.mean()) ** value("sprouting_neighbours")
        growth = 1 + reach * float(adopted.sum()) / float(damage.axons.size[~lost].sum())
        size[~lost] *= min(growth, value("sprouting_cap"))
    return size


@lru_cache(maxsize=512)
def nerve_state(
    *, subject: Subject, key: str, side: Side, lesions: tuple[Lesion, ...] = (), day: float = 0.0,
    anomalies: tuple[Anomaly, ...] = (),
) -> NerveState:  # fmt: skip
    """State of the axons of one study on one side and day.

    Raises
    ------
    InputError
        If a lesion sits on an element that does not exist.
    """
    from emgwidgets import vocabulary

    if not np.isfinite(day):
        raise InputError("the day cannot be used", got=f"{day}", expected="a finite number of days")
    damage = Damage(axons=axon_population(subject, key, side, anomalies), subject=subject, day=day)
    for lesion in lesions:
        element = getattr(lesion, "element", None)
        if element is not None:
            vocabulary.element(element)
        if concerns(lesion, side, motor=damage.is_motor, day=day):
            damage.apply(lesion)
    return NerveState(
        axons=damage.axons, subject=subject, day=day, cut_mm=damage.cut_mm, cut_day=damage.cut_day,
        failure_day=damage.failure_day, regrown_day=damage.regrown_day, response_size=_response_size(damage),
        echo_mm=damage.echo_mm, branch_mm=damage.branch_mm,
        terminal_factor=damage.terminal_factor, slowings=tuple(damage.slowings), blocks=tuple(damage.blocks),
        junction=damage.junction,
    )  # fmt: skip
