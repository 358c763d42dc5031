"""The ways of the axons to one target, and what a lesion does on one of them: cut, grown back, blocked.

Ways as the nerve state has them, with anomalous courses; shares are expected ones.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from emgwidgets import vocabulary
from emgwidgets.simulation.lesion import (
    Anomaly,
    AnteriorHornLoss,
    AxonLoss,
    ConductionBlock,
    LengthDependentLoss,
    Lesion,
)
from emgwidgets.simulation.nerve.anomaly_ways import other_way
from emgwidgets.simulation.nerve.nerve_parameters import value
from emgwidgets.simulation.nerve.pathway import Route, Span, path_to_study, studies, study, study_of_muscle

__all__ = ["Way", "blocked_share", "lost_share", "ways_to"]


@dataclass(frozen=True, kw_only=True)
class Way:
    """The way of one group of axons: the root they come from, the root they come from in most people, their share.

    ``spans`` are empty for a skin area that no study records from; regrowth cannot be timed there.
    """

    root: str
    usual_root: str
    axon_share: float
    elements: tuple[str, ...]
    spans: tuple[Span, ...] = ()
    target_mm: float = 0.0


@lru_cache(maxsize=1024)
def ways_to(target: str, height_cm: float, anomalies: tuple[Anomaly, ...]) -> tuple[Way, ...]:
    """Ways as the nerve state has them; the editorial weights are read as shares (P), as in the axon population."""
    is_muscle = target in vocabulary.muscles()
    if not is_muscle and target not in studies("sensory"):
        pathways = vocabulary.sensory_nerve(target).pathways
        total = sum(one.weight for one in pathways)
        return tuple(
            Way(root=one.root, usual_root=one.root, axon_share=one.weight / total, elements=one.elements)
            for one in pathways
        )
    one = study_of_muscle(target) if is_muscle else study(target)
    path = path_to_study(one, height_cm)
    total_weight = sum(route.weight for route in path.routes)
    found = []
    for route in path.routes:
        left = route.weight / total_weight
        for anomaly in anomalies:
            other = other_way(one, route, anomaly.kind, height_cm)
            if other is not None:
                found.append(_way(other, route.root, left * anomaly.share, path.target_mm))
                left *= 1 - anomaly.share
        found.append(_way(route, route.root, left, path.target_mm))
    return tuple(found)


def _way(route: Route, usual_root: str, axon_share: float, target_mm: float) -> Way:
    return Way(
        root=route.root, usual_root=usual_root, axon_share=axon_share, spans=route.spans, target_mm=target_mm,
        elements=tuple(span.element for span in route.spans),
    )  # fmt: skip


def _begun(lesion: Lesion, day: float) -> float:
    """Share of its course that a lesion has run by this day."""
    over = float(getattr(lesion, "over_days", 0.0))
    since = day - float(getattr(lesion, "day", 0.0))
    return 1.0 if over <= 0 else min(max(since, 0.0) / over, 1.0)


def _regained(lesion: AxonLoss, way: Way, day: float) -> float:
    """Share of the cut axons that have grown back and matured, with the clock of the nerve state."""
    span = next((one for one in way.spans if one.element == lesion.element), None)
    if lesion.regrows <= 0 or span is None:
        return 0.0
    to_go_mm = way.target_mm - span.start_mm - lesion.place * (span.end_mm - span.start_mm)
    late = day - lesion.day - to_go_mm / value("regrowth_rate")
    return 0.0 if late < 0 else lesion.regrows * (1 - math.exp(-late / value("regrowth_maturation")))


def lost_share(
    lesion: Lesion, way: Way, *, days: float, length_cm: float, sensory: bool, split_hand: bool = False
) -> float:  # fmt: skip
    """Share of the axons of one way that a lesion has cut by this day and that have not come back."""
    share = 0.0
    if isinstance(lesion, AxonLoss) and lesion.element in way.elements:
        share = lesion.share * (1 - _regained(lesion, way, days))
    elif isinstance(lesion, LengthDependentLoss):
        share = lesion.share_at(length_cm, sensory=sensory)
    elif isinstance(lesion, AnteriorHornLoss) and not sensory and (not lesion.roots or way.root in lesion.roots):
        share = min(lesion.share + (lesion.split_hand if split_hand else 0.0), 1.0)
    return share * _begun(lesion, days)


def blocked_share(lesion: Lesion, way: Way, *, days: float) -> float:
    """Share of the axons of one way that a lesion blocks on this day of the patient's clock."""
    if not isinstance(lesion, ConductionBlock) or lesion.element not in way.elements:
        return 0.0
    fading = 1.0 if lesion.recovery_days is None else math.exp(-(days - lesion.day) / lesion.recovery_days)
    return lesion.share * fading
