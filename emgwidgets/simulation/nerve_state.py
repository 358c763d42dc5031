"""State of one nerve to one target on one day: which axons are in continuity, how fast, and where they block.

A pure function of subject, study, side, lesions and day.  It places lesions on axons; it makes no signal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Side
from emgwidgets.simulation.axons import AxonPopulation, Subject, axon_population, generator
from emgwidgets.simulation.lesion import (
    Anomaly,
    AnteriorHornLoss,
    AxonLoss,
    ConductionBlock,
    FibreDisease,
    FocalDemyelination,
    Ganglionopathy,
    JunctionDisease,
    LengthDependentLoss,
    Lesion,
    UniformDemyelination,
    regrown_length_mm,
    remyelinated_speed_factor,
    sprouting_share,
    wallerian_failure_days,
)  # fmt: skip
from emgwidgets.simulation.nerve_parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NerveState", "nerve_state"]

_NEVER = np.inf


@dataclass(frozen=True, kw_only=True, eq=False)
class _Slowing:
    start_mm: NDArray[np.float64]
    end_mm: NDArray[np.float64]
    factor: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class NerveState:
    """Axons of one target on one day; arrays have shape ``(n_axons,)``.

    Parameters
    ----------
    cut_mm : ndarray
        Most distal interruption from the cord; infinite when in continuity.
    stump_conducts : ndarray of bool
        Whether the stretch beyond the cut still conducts (Wallerian degeneration not yet there).
    response_size : ndarray
        Size of each unit's response relative to its healthy size: sprouting, loss of muscle fibres.
    """

    axons: AxonPopulation
    subject: Subject
    day: float
    cut_mm: NDArray[np.float64] = field(repr=False)
    stump_conducts: NDArray[np.bool_] = field(repr=False)
    response_size: NDArray[np.float64] = field(repr=False)
    terminal_factor: float = 1.0
    slowings: tuple[_Slowing, ...] = field(default=(), repr=False)
    blocks: tuple[tuple[NDArray[np.float64], NDArray[np.bool_]], ...] = field(default=(), repr=False)
    junction: JunctionDisease | None = None

    @property
    def surviving(self) -> NDArray[np.bool_]:
        """Axons in continuity from the cell body to the target."""
        return np.isinf(self.cut_mm)

    @property
    def share_lost(self) -> float:
        """Share of the axons no longer in continuity."""
        return float(1.0 - self.surviving.mean())

    def conducts(self, from_mm: float, to_mm: float) -> NDArray[np.bool_]:
        """Which axons carry an impulse between two positions, in either direction."""
        low, high = min(from_mm, to_mm), max(from_mm, to_mm)
        broken = (self.cut_mm >= low) & (self.cut_mm < high)
        dead = (self.cut_mm < low) & ~self.stump_conducts
        passes = ~(broken | dead)
        for position, blocked in self.blocks:
            passes &= ~(blocked & (position >= low) & (position < high))
        return passes

    def travel_ms(self, from_mm: float, to_mm: float, speed_factor: float = 1.0) -> NDArray[np.float64]:
        """Travel time of each axon between two positions; proximal stretches are faster, diseased ones slower."""
        low, high = min(from_mm, to_mm), max(from_mm, to_mm)
        limit = self._proximal_end_mm()
        velocity = self.axons.velocity_m_per_s * speed_factor
        faster = self.axons.proximal_velocity_m_per_s * speed_factor
        proximal = max(min(high, limit) - low, 0.0)
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


class _Builder:
    """Applies lesions one after another to the axons of one target."""

    def __init__(self, axons: AxonPopulation, subject: Subject, day: float) -> None:
        n = axons.n_axons
        self.axons, self.subject, self.day = axons, subject, day
        self.motor = axons.study.kind == "motor"
        self.cut = np.full(n, _NEVER)
        self.stump = np.ones(n, dtype=bool)
        self.orphaned_since = np.full(n, _NEVER)
        self.regrown = np.zeros(n)
        self.size_factor = np.ones(n)
        self.terminal_factor = 1.0
        self.slowings: list[_Slowing] = []
        self.blocks: list[tuple[NDArray[np.float64], NDArray[np.bool_]]] = []
        self.junction: JunctionDisease | None = None

    def place(self, element: str, place: float) -> NDArray[np.float64]:
        """Position on each axon, NaN where it does not pass; preganglionic stretches do not reach sensory axons."""
        at = np.full(len(self.axons.routes), np.nan)
        for row, route in enumerate(self.axons.routes):
            span = route.span(element)
            if span is not None and span.start_mm < self.axons.path.target_mm + 200.0:
                position = span.start_mm + place * (span.end_mm - span.start_mm)
                if self.motor or position >= route.ganglion_mm:
                    at[row] = position
        return at[self.axons.route]

    def choose(
        self, lesion: object, share: float, among: NDArray[np.bool_], *, large_first: bool = False
    ) -> NDArray[np.bool_]:
        """Exactly this share of the axons; the same axons for a larger share, whatever the day."""
        words = (type(lesion).__name__, getattr(lesion, "element", ""), self.axons.study.key, self.axons.side)
        draw = generator(self.subject.seed, "chosen", *words).uniform(size=self.axons.n_axons)
        if large_first:
            draw = draw - 0.5 * self.axons.rank
        order = np.argsort(np.where(among, draw, np.inf))
        chosen = np.zeros(self.axons.n_axons, dtype=bool)
        chosen[order[: round(share * int(among.sum()))]] = True
        return chosen

    def cut_axons(
        self, chosen: NDArray[np.bool_], at_mm: NDArray[np.float64], since_day: float, lesion: object
    ) -> None:
        """Interrupt axons at one place and start the Wallerian clock."""
        since = self.day - since_day
        if since < 0:
            return
        words = (type(lesion).__name__, self.axons.study.key, self.axons.side)
        draw = generator(self.subject.seed, "wallerian", *words).uniform(0.002, 0.998, self.axons.n_axons)
        stump_mm = np.abs(self.axons.path.target_mm - np.nan_to_num(at_mm))
        failed = since >= wallerian_failure_days(draw, sensory=not self.motor, stump_mm=stump_mm)
        self.cut = np.where(chosen, np.fmin(self.cut, at_mm), self.cut)
        self.stump &= ~(chosen & failed)
        self.orphaned_since = np.where(chosen, np.fmin(self.orphaned_since, since_day + 5.0), self.orphaned_since)

    def finish(self) -> NerveState:
        """State after all lesions, with the units that grew by sprouting."""
        size = self.size_factor.copy()
        lost = np.isfinite(self.cut) & ~self.stump
        if self.motor and lost.any() and not lost.all():
            adopted = sum(
                self.axons.size[i] * sprouting_share(self.day - self.orphaned_since[i]) for i in np.flatnonzero(lost)
            )
            kept = self.axons.size[~lost].sum()
            reach = 1 - float(lost.mean()) ** value("sprouting_neighbours")
            size[~lost] *= min(1 + reach * adopted / kept, value("sprouting_cap"))
        return NerveState(
            axons=self.axons, subject=self.subject, day=self.day, cut_mm=self.cut, stump_conducts=self.stump,
            response_size=size, terminal_factor=self.terminal_factor, slowings=tuple(self.slowings),
            blocks=tuple(self.blocks), junction=self.junction,
        )  # fmt: skip


def _axon_loss(build: _Builder, lesion: AxonLoss) -> None:
    at = build.place(lesion.element, lesion.place)
    passes = ~np.isnan(at) & (at < build.axons.path.target_mm)
    chosen = build.choose(lesion, lesion.share, passes, large_first=lesion.preference == "large")
    if lesion.regrows > 0:
        lucky = build.choose((lesion, "regrows"), lesion.regrows, chosen)
        arrived = lucky & (at + regrown_length_mm(build.day - lesion.day) >= build.axons.path.target_mm)
        late = build.day - lesion.day - (build.axons.path.target_mm - at) / value("regrowth_rate")
        with np.errstate(invalid="ignore", over="ignore"):
            grown = 1 - np.exp(-np.nan_to_num(late).clip(0) / value("regrowth_maturation"))
        build.size_factor = np.where(arrived, build.size_factor * np.maximum(grown, 0.05), build.size_factor)
        end = np.full_like(at, build.axons.path.target_mm)
        slow = np.where(arrived, 0.5 + 0.3 * grown, 1.0)
        build.slowings.append(_Slowing(start_mm=np.nan_to_num(at), end_mm=end, factor=slow))
        chosen = chosen & ~arrived
    build.cut_axons(chosen, at, lesion.day, lesion)


def _focal(build: _Builder, lesion: FocalDemyelination) -> None:
    start, end = build.place(lesion.element, 0.0), build.place(lesion.element, 1.0)
    if lesion.length_cm is not None:
        middle = build.place(lesion.element, lesion.place)
        start, end = middle - 5 * lesion.length_cm, middle + 5 * lesion.length_cm
    passes = ~np.isnan(start)
    chosen = build.choose(lesion, lesion.share, passes)
    factor = lesion.speed_factor
    if lesion.remyelinates_from_day is not None:
        factor = remyelinated_speed_factor(factor, build.day - lesion.remyelinates_from_day)
    draw = generator(build.subject.seed, "slowed", lesion.element, build.axons.study.key, build.axons.side)
    each = 1 - (1 - factor) * (1 + lesion.spread * draw.standard_normal(build.axons.n_axons))
    each = np.where(chosen, np.clip(each, 0.06, 1.0), 1.0)
    build.slowings.append(_Slowing(start_mm=np.nan_to_num(start), end_mm=np.nan_to_num(end), factor=each))


def _block(build: _Builder, lesion: ConductionBlock) -> None:
    at = build.place(lesion.element, lesion.place)
    share = lesion.share
    if lesion.recovery_days is not None:
        share *= float(np.exp(-max(build.day - lesion.day, 0.0) / lesion.recovery_days))
    build.blocks.append((np.nan_to_num(at, nan=-1.0), build.choose(lesion, share, ~np.isnan(at))))


def _uniform(build: _Builder, lesion: UniformDemyelination) -> None:
    n = build.axons.n_axons
    draw = generator(build.subject.seed, "uniform", build.axons.study.key, build.axons.side).standard_normal(n)
    factor = np.clip(lesion.speed_factor * (1 + lesion.spread * draw), 0.06, 1.0)
    build.slowings.append(_Slowing(start_mm=np.zeros(n), end_mm=np.full(n, 5000.0), factor=factor))
    build.terminal_factor *= lesion.terminal_factor


def _length_dependent(build: _Builder, lesion: LengthDependentLoss) -> None:
    soma = 0.0 if build.motor else min(route.ganglion_mm for route in build.axons.routes)
    length_cm = (build.axons.path.target_mm - soma) / 10.0
    everyone = np.ones(build.axons.n_axons, dtype=bool)
    chosen = build.choose(lesion, lesion.share_at(length_cm, sensory=not build.motor), everyone)
    # Dying back reaches at least 20 cm up the nerve, so that distal and proximal stimuli both miss these axons (P).
    at = np.full(build.axons.n_axons, max(build.axons.path.target_mm - 200.0, soma))
    build.cut_axons(chosen, at, lesion.day, lesion)


def _horn(build: _Builder, lesion: AnteriorHornLoss) -> None:
    roots = np.array([not lesion.roots or route.root in lesion.roots for route in build.axons.routes])
    split = lesion.split_hand if build.axons.study.key in ("median_apb", "ulnar_fdi") else 0.0
    chosen = build.choose(lesion, min(lesion.share + split, 1.0), roots[build.axons.route])
    build.cut_axons(chosen, np.zeros(build.axons.n_axons), lesion.day, lesion)


def _ganglion(build: _Builder, lesion: Ganglionopathy) -> None:
    noise = generator(build.subject.seed, "ganglion", build.axons.study.key, build.axons.side).standard_normal()
    share = float(np.clip(lesion.share + lesion.patchiness * noise, 0.0, 1.0))
    everyone = np.ones(build.axons.n_axons, dtype=bool)
    at = np.array([route.ganglion_mm for route in build.axons.routes])[build.axons.route]
    build.cut_axons(build.choose(lesion, share, everyone), at, lesion.day, lesion)


def _apply(build: _Builder, lesion: Lesion) -> None:
    if isinstance(lesion, AxonLoss):
        _axon_loss(build, lesion)
    elif isinstance(lesion, FocalDemyelination):
        _focal(build, lesion)
    elif isinstance(lesion, ConductionBlock):
        _block(build, lesion)
    elif isinstance(lesion, UniformDemyelination):
        _uniform(build, lesion)
    elif isinstance(lesion, LengthDependentLoss):
        _length_dependent(build, lesion)
    elif isinstance(lesion, AnteriorHornLoss) and build.motor:
        _horn(build, lesion)
    elif isinstance(lesion, Ganglionopathy) and not build.motor:
        _ganglion(build, lesion)
    elif isinstance(lesion, FibreDisease) and build.motor:
        build.size_factor = build.size_factor * (1 - lesion.distal_share_lost)
    elif isinstance(lesion, JunctionDisease) and build.motor and not lesion.proximal_only:
        build.junction = lesion


def _concerns(lesion: Lesion, side: Side, *, motor: bool, day: float) -> bool:
    if getattr(lesion, "side", None) not in (None, side) or getattr(lesion, "day", -np.inf) > day:
        return False
    fibres = getattr(lesion, "fibres", "all")
    return fibres in ("all", "motor" if motor else "sensory")


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

    axons = axon_population(subject, key, side, anomalies)
    build = _Builder(axons, subject, day)
    for lesion in lesions:
        element = getattr(lesion, "element", None)
        if element is not None:
            vocabulary.element(element)
        if _concerns(lesion, side, motor=build.motor, day=day):
            _apply(build, lesion)
    if not np.isfinite(day):
        raise InputError("the day cannot be used", got=f"{day}", expected="a finite number of days")
    return build.finish()
