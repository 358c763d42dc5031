"""What each lesion does to the axons of one target: where they are cut and when, how much slowed, where blocked.

It places damage on axons; the state of the nerve that follows is in ``nerve_state``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.model.signal import Side
from emgwidgets.simulation.lesion import (
    AnteriorHornLoss,
    AxonBranching,
    AxonLoss,
    ConductionBlock,
    FibreDisease,
    FocalDemyelination,
    Ganglionopathy,
    JunctionDisease,
    LengthDependentLoss,
    Lesion,
    UniformDemyelination,
)  # fmt: skip
from emgwidgets.simulation.nerve.axons import AxonPopulation, Subject, generator
from emgwidgets.simulation.nerve.lesion_clock import (
    regrown_length_mm,
    remyelinated_speed_factor,
    wallerian_failure_days,
)  # fmt: skip
from emgwidgets.simulation.nerve.nerve_parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Damage", "Slowing", "concerns"]

#: Muscles that lose more in the split hand of ALS.
_SPLIT_HAND = ("abductor_pollicis_brevis", "first_dorsal_interosseous_hand")
#: Regions whose muscles count as distal for diseases of fibre and junction (P).
_DISTAL_REGIONS = ("forearm", "hand", "leg", "foot")


@dataclass(frozen=True, kw_only=True, eq=False)
class Slowing:
    """A stretch of each axon where it conducts more slowly; arrays have shape ``(n_axons,)``."""

    start_mm: NDArray[np.float64]
    end_mm: NDArray[np.float64]
    factor: NDArray[np.float64]


@dataclass(eq=False)
class Damage:
    """Damage of the axons of one target on one day, gathered lesion by lesion; arrays have shape ``(n_axons,)``.

    Parameters
    ----------
    cut_mm, cut_day : ndarray
        Most proximal interruption from the cord and the day of the first; infinite when in continuity.
    failure_day : ndarray
        Day on which the stump stops conducting; infinite when in continuity.
    regrown_day : ndarray
        Day on which a cut axon came back to its target; infinite when it did not.
    """

    axons: AxonPopulation
    subject: Subject
    day: float
    cut_mm: NDArray[np.float64] = field(init=False)
    cut_day: NDArray[np.float64] = field(init=False)
    failure_day: NDArray[np.float64] = field(init=False)
    regrown_day: NDArray[np.float64] = field(init=False)
    size_factor: NDArray[np.float64] = field(init=False)
    echo_mm: NDArray[np.float64] = field(init=False)
    branch_mm: NDArray[np.float64] = field(init=False)
    terminal_factor: float = 1.0
    slowings: list[Slowing] = field(default_factory=list)
    blocks: list[tuple[NDArray[np.float64], NDArray[np.bool_]]] = field(default_factory=list)
    junction: JunctionDisease | None = None

    def __post_init__(self) -> None:
        n = self.axons.n_axons
        self.cut_mm, self.cut_day, self.failure_day, self.regrown_day = (np.full(n, np.inf) for _ in range(4))
        self.echo_mm, self.branch_mm = (np.full(n, np.nan) for _ in range(2))
        self.size_factor = np.ones(n)

    @property
    def is_motor(self) -> bool:
        """Whether these are motor axons."""
        return self.axons.study.kind == "motor"

    def apply(self, lesion: Lesion) -> None:
        """Add one lesion; those that act above the motor neuron leave the axons alone."""
        effect = _EFFECTS.get(type(lesion))
        if effect is not None:
            effect(self, lesion)

    def place(self, element: str, place: float) -> NDArray[np.float64]:
        """Position on each axon, NaN where it does not pass; preganglionic stretches do not reach sensory axons."""
        at = np.full(len(self.axons.routes), np.nan)
        for row, route in enumerate(self.axons.routes):
            span = route.span(element)
            if span is not None and span.start_mm < self.axons.path.target_mm + 200.0:
                position = span.start_mm + place * (span.end_mm - span.start_mm)
                if self.is_motor or position >= route.ganglion_mm:
                    at[row] = position
        return at[self.axons.route]

    def draw(self, purpose: str, lesion: Lesion) -> np.random.Generator:
        """Random numbers of one lesion: they do not depend on its severity or on the day of the examination."""
        words = (type(lesion).__name__, getattr(lesion, "element", ""), getattr(lesion, "day", 0.0))
        return generator(self.subject.seed, purpose, *words, self.axons.study.key, self.axons.side)

    def choose(
        self,
        lesion: Lesion,
        share: float,
        among: NDArray[np.bool_],
        *,
        purpose: str = "chosen",
        large_first: bool = False,
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Choose exactly this share of the axons, and give each its turn, 0 first to 1 last; a larger share adds to it."""
        draw = self.draw(purpose, lesion).uniform(size=self.axons.n_axons)
        if large_first:
            draw = draw - 0.5 * self.axons.rank
        order = np.argsort(np.where(among, draw, np.inf))
        n_chosen = round(share * int(among.sum()))
        turn = np.ones(self.axons.n_axons)
        turn[order[:n_chosen]] = (np.arange(n_chosen) + 0.5) / max(n_chosen, 1)
        chosen = np.zeros(self.axons.n_axons, dtype=bool)
        chosen[order[:n_chosen]] = True
        return chosen, turn

    def cut(
        self, lesion: Lesion, chosen: NDArray[np.bool_], at_mm: NDArray[np.float64], when: NDArray[np.float64]
    ) -> None:
        """Interrupt the chosen axons, each on its day, and start the Wallerian clock."""
        chosen = chosen & (when <= self.day)
        uniform = self.draw("wallerian", lesion).uniform(0.002, 0.998, self.axons.n_axons)
        stump_mm = np.abs(self.axons.path.end_mm - np.nan_to_num(at_mm))
        fails = when + wallerian_failure_days(uniform, sensory=not self.is_motor, stump_mm=stump_mm)
        self.cut_mm = np.where(chosen, np.fmin(self.cut_mm, at_mm), self.cut_mm)
        self.cut_day = np.where(chosen, np.fmin(self.cut_day, when), self.cut_day)
        self.failure_day = np.where(chosen, np.fmin(self.failure_day, fails), self.failure_day)


def _echo(damage: Damage, lesion: FocalDemyelination | UniformDemyelination, slow: Slowing) -> None:
    """Give a few clearly and unevenly slowed axons a place where a passing impulse is set off again."""
    if lesion.spread < value("echo_least_spread"):
        return
    rng = damage.draw("echo", lesion)
    has_one = rng.uniform(size=damage.axons.n_axons) < value("echo_share")
    has_one &= slow.factor < value("echo_speed_factor")
    end = np.minimum(slow.end_mm, damage.axons.path.end_mm)
    at = slow.start_mm + rng.uniform(0.05, 0.95, damage.axons.n_axons) * (end - slow.start_mm)
    damage.echo_mm = np.where(has_one, at, damage.echo_mm)


def _branching(damage: Damage, lesion: AxonBranching) -> None:
    at = damage.place(lesion.element, lesion.place)
    chosen, _ = damage.choose(lesion, lesion.share, ~np.isnan(at) & (at < damage.axons.path.end_mm))
    damage.branch_mm = np.where(chosen, at, damage.branch_mm)


def _when(lesion: AxonLoss | LengthDependentLoss | AnteriorHornLoss, turn: NDArray[np.float64]) -> NDArray[np.float64]:
    return lesion.day + lesion.over_days * turn


def _axon_loss(damage: Damage, lesion: AxonLoss) -> None:
    at = damage.place(lesion.element, lesion.place)
    chosen, turn = damage.choose(
        lesion, lesion.share, ~np.isnan(at) & (at < damage.axons.path.end_mm), large_first=lesion.preference == "large"
    )
    when = _when(lesion, turn)
    if lesion.regrows > 0:
        chosen = chosen & ~_regrow(damage, lesion, chosen, np.nan_to_num(at), when)
    damage.cut(lesion, chosen, at, when)


def _regrow(
    damage: Damage, lesion: AxonLoss, chosen: NDArray[np.bool_], at_mm: NDArray[np.float64], when: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return which cut axons have come back; they are thin, slow and small at first."""
    target = damage.axons.path.end_mm
    lucky, _ = damage.choose(lesion, lesion.regrows, chosen, purpose="regrows")
    back = when + (target - at_mm) / value("regrowth_rate")
    arrived = lucky & (at_mm + regrown_length_mm(damage.day - when) >= target)
    grown = 1 - np.exp(-np.clip(damage.day - back, 0.0, None) / value("regrowth_maturation"))
    damage.size_factor = np.where(arrived, damage.size_factor * np.maximum(grown, 0.05), damage.size_factor)
    damage.regrown_day = np.where(arrived, np.fmin(damage.regrown_day, back), damage.regrown_day)
    slow = np.where(arrived, 0.5 + 0.3 * grown, 1.0)
    damage.slowings.append(Slowing(start_mm=at_mm, end_mm=np.full_like(at_mm, target), factor=slow))
    divided, _ = damage.choose(lesion, value("regrown_branching"), arrived, purpose="divides")
    damage.branch_mm = np.where(divided, at_mm, damage.branch_mm)
    return arrived


def _focal(damage: Damage, lesion: FocalDemyelination) -> None:
    start, end = damage.place(lesion.element, 0.0), damage.place(lesion.element, 1.0)
    if lesion.length_cm is not None:
        middle = damage.place(lesion.element, lesion.place)
        start, end = middle - 5 * lesion.length_cm, middle + 5 * lesion.length_cm
    chosen, _ = damage.choose(lesion, lesion.share, ~np.isnan(start))
    factor = lesion.speed_factor
    if lesion.remyelinates_from_day is not None:
        factor = remyelinated_speed_factor(factor, damage.day - lesion.remyelinates_from_day)
    noise = damage.draw("slowed", lesion).standard_normal(damage.axons.n_axons)
    each = 1 - (1 - factor) * (1 + lesion.spread * noise)
    each = np.where(chosen, np.clip(each, 0.06, 1.0), 1.0)
    slow = Slowing(start_mm=np.nan_to_num(start), end_mm=np.nan_to_num(end), factor=each)
    damage.slowings.append(slow)
    _echo(damage, lesion, slow)


def _block(damage: Damage, lesion: ConductionBlock) -> None:
    at = damage.place(lesion.element, lesion.place)
    share = lesion.share
    if lesion.recovery_days is not None:
        share *= float(np.exp(-max(damage.day - lesion.day, 0.0) / lesion.recovery_days))
    chosen, _ = damage.choose(lesion, share, ~np.isnan(at))
    damage.blocks.append((np.nan_to_num(at, nan=-1.0), chosen))


def _uniform(damage: Damage, lesion: UniformDemyelination) -> None:
    n = damage.axons.n_axons
    noise = damage.draw("uniform", lesion).standard_normal(n)
    factor = np.clip(lesion.speed_factor * (1 + lesion.spread * noise), 0.06, 1.0)
    slow = Slowing(start_mm=np.zeros(n), end_mm=np.full(n, 5000.0), factor=factor)
    damage.slowings.append(slow)
    _echo(damage, lesion, slow)
    damage.terminal_factor *= lesion.terminal_factor


def _length_dependent(damage: Damage, lesion: LengthDependentLoss) -> None:
    n, target = damage.axons.n_axons, damage.axons.path.end_mm
    soma = 0.0 if damage.is_motor else min(route.ganglion_mm for route in damage.axons.routes)
    share = lesion.share_at((target - soma) / 10.0, sensory=not damage.is_motor)
    chosen, turn = damage.choose(lesion, share, np.ones(n, dtype=bool))
    # Dying back reaches at least 20 cm up the nerve, so that distal and proximal stimuli both miss these axons (P).
    damage.cut(lesion, chosen, np.full(n, max(target - 200.0, soma)), _when(lesion, turn))


def _horn(damage: Damage, lesion: AnteriorHornLoss) -> None:
    if not damage.is_motor:
        return
    roots = np.array([not lesion.roots or route.root in lesion.roots for route in damage.axons.routes])
    split = lesion.split_hand if damage.axons.study.target in _SPLIT_HAND else 0.0
    chosen, turn = damage.choose(lesion, min(lesion.share + split, 1.0), roots[damage.axons.route])
    damage.cut(lesion, chosen, np.zeros(damage.axons.n_axons), _when(lesion, turn))


def _ganglion(damage: Damage, lesion: Ganglionopathy) -> None:
    if damage.is_motor:
        return
    noise = damage.draw("ganglion", lesion).standard_normal()
    share = float(np.clip(lesion.share + lesion.patchiness * noise, 0.0, 1.0))
    n = damage.axons.n_axons
    at = np.array([route.ganglion_mm for route in damage.axons.routes])[damage.axons.route]
    chosen, _ = damage.choose(lesion, share, np.ones(n, dtype=bool))
    damage.cut(lesion, chosen, at, np.full(n, lesion.day))


def _is_distal(damage: Damage) -> bool:
    return vocabulary.muscle(damage.axons.study.target).region in _DISTAL_REGIONS


def _fibres(damage: Damage, lesion: FibreDisease) -> None:
    if damage.is_motor:
        lost = lesion.distal_share_lost if _is_distal(damage) else lesion.proximal_share_lost
        damage.size_factor = damage.size_factor * (1 - lost)


def _junction(damage: Damage, lesion: JunctionDisease) -> None:
    if damage.is_motor and not (lesion.proximal_only and _is_distal(damage)):
        damage.junction = lesion


_EFFECTS: dict[type, Callable[[Damage, Any], None]] = {
    AxonLoss: _axon_loss, FocalDemyelination: _focal, ConductionBlock: _block, UniformDemyelination: _uniform,
    LengthDependentLoss: _length_dependent, AnteriorHornLoss: _horn, Ganglionopathy: _ganglion, FibreDisease: _fibres,
    JunctionDisease: _junction, AxonBranching: _branching,
}  # fmt: skip


def concerns(lesion: Lesion, side: Side, *, motor: bool, day: float) -> bool:
    """Whether a lesion can act on this side and kind of axon by this day."""
    if getattr(lesion, "side", None) not in (None, side) or getattr(lesion, "day", -np.inf) > day:
        return False
    fibres = getattr(lesion, "fibres", "all")
    return fibres in ("all", "motor" if motor else "sensory")
