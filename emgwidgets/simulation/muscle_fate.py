"""What the lesions of a patient do to one muscle, for the needle: shares lost and blocked, days, distance, junction, fibres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from emgwidgets import vocabulary
from emgwidgets.model.signal import Side
from emgwidgets.simulation.axons import Subject, generator
from emgwidgets.simulation.lesion import (
    AnteriorHornLoss,
    AxonLoss,
    ConductionBlock,
    FibreDisease,
    JunctionDisease,
    LengthDependentLoss,
    Lesion,
)  # fmt: skip
from emgwidgets.simulation.pathway import NervePath, path_to_muscle

if TYPE_CHECKING:
    from emgwidgets.simulation.muscle import MuscleState

__all__ = ["MuscleFate", "muscle_fate", "needle_muscle"]


@dataclass(frozen=True, kw_only=True)
class MuscleFate:
    """Expected state of a muscle.

    Parameters
    ----------
    axon_loss_share, blocked_share : float
        Share of its axons cut, and of those left that are blocked.
    days_since_loss : float or None
        Days since the earliest cut; None without one.
    lesion_distance_mm : float
        From the place of the greatest loss to the muscle.
    """

    axon_loss_share: float = 0.0
    blocked_share: float = 0.0
    days_since_loss: float | None = None
    lesion_distance_mm: float = 500.0
    regrows: bool = False
    junction: JunctionDisease | None = None
    fibres: FibreDisease | None = None


def _passing(path: NervePath, element: str) -> tuple[float, float]:
    """Share of the axons that pass an element (root weights read as shares, P), and its distance to the muscle in mm."""
    total = sum(route.weight for route in path.routes)
    through = [route for route in path.routes if route.span(element) is not None]
    if not through:
        return 0.0, 0.0
    span = through[0].span(element)
    middle = (span.start_mm + span.end_mm) / 2 if span is not None else 0.0
    return sum(route.weight for route in through) / total, max(path.target_mm - middle, 10.0)


def _loss(lesion: Lesion, path: NervePath, muscle: str) -> tuple[float, float]:
    if isinstance(lesion, AxonLoss):
        share, distance = _passing(path, lesion.element)
        return lesion.share * share, distance
    if isinstance(lesion, LengthDependentLoss):
        return lesion.share_at(path.target_mm / 10.0, sensory=False), 100.0
    if isinstance(lesion, AnteriorHornLoss):
        total = sum(route.weight for route in path.routes)
        here = sum(route.weight for route in path.routes if not lesion.roots or route.root in lesion.roots) / total
        extra = lesion.split_hand if muscle in ("abductor_pollicis_brevis", "first_dorsal_interosseous_hand") else 0.0
        return min(lesion.share + extra, 1.0) * here, path.target_mm
    return 0.0, 500.0


def muscle_fate(*, subject: Subject, muscle: str, side: Side, lesions: tuple[Lesion, ...], day: float) -> MuscleFate:
    """State of one muscle, with every lesion that sits on its way.

    Raises
    ------
    InputError
        If the muscle is not in the vocabulary.
    """
    code = vocabulary.muscle(muscle).code
    path = path_to_muscle(code, subject.height_cm)
    kept = free = 1.0
    worst, distance, since, regrows = 0.0, 500.0, None, False
    junction = fibres = None
    for lesion in lesions:
        if getattr(lesion, "side", None) not in (None, side) or getattr(lesion, "fibres", "all") == "sensory":
            continue
        if isinstance(lesion, JunctionDisease):
            junction = lesion
        elif isinstance(lesion, FibreDisease):
            fibres = lesion
        elif getattr(lesion, "day", 0.0) <= day:
            if isinstance(lesion, ConductionBlock):
                free *= 1 - _blocked(lesion, day) * _passing(path, lesion.element)[0]
            share, far = _loss(lesion, path, code)
            kept *= 1 - share
            if share > 0:
                days = day - getattr(lesion, "day", 0.0)
                since = days if since is None else max(since, days)
                regrows |= getattr(lesion, "regrows", 0.0) > 0
            if share > worst:
                worst, distance = share, far
    return MuscleFate(
        axon_loss_share=1 - kept, blocked_share=1 - free, days_since_loss=since, lesion_distance_mm=distance,
        regrows=regrows, junction=junction, fibres=fibres,
    )  # fmt: skip


def _blocked(lesion: ConductionBlock, day: float) -> float:
    import math

    if lesion.recovery_days is None:
        return lesion.share
    return lesion.share * math.exp(-(day - lesion.day) / lesion.recovery_days)


def needle_muscle(*, subject: Subject, muscle: str, side: Side, lesions: tuple[Lesion, ...], day: float) -> MuscleState:
    """Fibres, junctions and units of one muscle, for the needle."""
    from emgwidgets.simulation.muscle import muscle_class, muscle_state

    fate = muscle_fate(subject=subject, muscle=muscle, side=side, lesions=lesions, day=day)
    entry = vocabulary.muscle(muscle)
    name = entry.code.replace("_", " ")
    n_units = muscle_class(name).n_units
    order = generator(subject.seed, "blocked", entry.code, side).permutation(n_units)
    is_distal = entry.region in ("hand", "foot")
    lost = 0.0
    if fate.fibres is not None:
        lost = fate.fibres.distal_share_lost if is_distal else fate.fibres.proximal_share_lost
    membrane: Literal["normal", "myotonic"] = "normal"
    if fate.fibres is not None and fate.fibres.membrane == "myotonic":
        membrane = "myotonic"
    irritable = fate.fibres is not None and fate.fibres.membrane == "irritable"
    seed = int(generator(subject.seed, "muscle", entry.code, side).integers(2**31))
    return muscle_state(
        muscle=name, n_units=n_units, seed=seed, age_years=subject.age_years, axon_loss_share=fate.axon_loss_share,
        blocked_units=tuple(int(i) for i in order[: round(fate.blocked_share * n_units)]),
        day=fate.days_since_loss, lesion_distance_mm=fate.lesion_distance_mm, regrowth=fate.regrows,
        fibre_loss_share=lost, fibre_atrophy=_atrophy(fate.fibres), fibre_necrosis_share=0.15 if irritable else 0.0,
        junction=_junction_word(fate.junction),
        junction_safety_median=None if fate.junction is None else fate.junction.median_safety_factor, membrane=membrane,
    )  # fmt: skip


def _atrophy(fibres: FibreDisease | None) -> float:
    """Spread of diameters on the needle's scale: 9 um is 0, 25 um is 1."""
    return 0.0 if fibres is None else min(max((fibres.diameter_spread_um - 9.0) / 16.0, 0.0), 1.0)


def _junction_word(junction: JunctionDisease | None) -> Literal["normal", "myasthenia", "lambert_eaton"]:
    if junction is None:
        return "normal"
    return "myasthenia" if junction.kind == "postsynaptic" else "lambert_eaton"
