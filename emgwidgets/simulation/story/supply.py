"""What the lesions leave of the fibres on each way: force of a muscle, feeling of a skin area, answer of a reflex arc.

Expected shares, worked out from the ways of the vocabulary; no signal and no grade is made here.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.model.signal import Side
from emgwidgets.simulation.lesion import (
    Anomaly,
    CentralWeakness,
    FibreDisease,
    Ganglionopathy,
    JunctionDisease,
    Lesion,
    UniformDemyelination,
)  # fmt: skip
from emgwidgets.simulation.nerve.axons import Subject, generator
from emgwidgets.simulation.nerve.lesion_clock import sprouting_share
from emgwidgets.simulation.nerve.nerve_parameters import value
from emgwidgets.simulation.nerve.nerve_state import nerve_state
from emgwidgets.simulation.nerve.pathway import path_to_muscle, path_to_study, studies, study
from emgwidgets.simulation.story.ways import Way, blocked_share, lost_share, ways_to

__all__ = ["Body", "MuscleForce", "arc_share", "feeling_share", "limits", "muscle_force"]

#: Muscles that AnteriorHornLoss.split_hand concerns, as in the nerve state.
_SPLIT_HAND = ("abductor_pollicis_brevis", "first_dorsal_interosseous_hand")
_DISTAL = ("hand", "foot")
#: Orphaned fibres wait for the stump to fail; the same five days as in the nerve state.
_STUMP_DAYS = 5.0


@dataclass(frozen=True, kw_only=True)
class Body:
    """Subject, lesions and day, of which every finding is a pure function."""

    subject: Subject
    lesions: tuple[Lesion, ...] = ()
    day: float = 0.0
    anomalies: tuple[Anomaly, ...] = ()

    def ways(self, target: str, side: Side) -> tuple[Way, ...]:
        """Ways of the axons of one muscle or sensory nerve, anomalous courses included."""
        here = tuple(one for one in self.anomalies if one.side in (None, side))
        return ways_to(target, self.subject.height_cm, here)

    def on_side(self, side: Side) -> tuple[Lesion, ...]:
        """Lesions of one side that have begun."""
        return tuple(
            lesion
            for lesion in self.lesions
            if getattr(lesion, "side", None) in (None, side) and getattr(lesion, "day", 0.0) <= self.day
        )


@dataclass(frozen=True, kw_only=True)
class MuscleForce:
    """What one muscle can do, in shares of its healthy self.

    Parameters
    ----------
    force_share : float
        Greatest voluntary force.
    rest_share : float
        Force of a single twitch that the cord calls up, as in a tendon reflex: no command and no fatigue in it.
    lost_share : float
        Share of its axons lost and not replaced by sprouting.
    days_since_loss : float or None
        Days since the first loss; None without one.
    """

    force_share: float
    rest_share: float
    lost_share: float
    days_since_loss: float | None


@cache
def limits() -> dict[str, Any]:
    """Limits of the examination, with their source and mark."""
    text = resources.files("emgwidgets.simulation.story").joinpath("clinic_limits.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _for_fibres(lesions: tuple[Lesion, ...], *, sensory: bool) -> tuple[Lesion, ...]:
    wanted = ("all", "sensory" if sensory else "motor")
    return tuple(lesion for lesion in lesions if getattr(lesion, "fibres", "all") in wanted)


def _transmits(disease: JunctionDisease, release_ratio: float) -> float:
    """Share of the junctions above threshold: log-normal safety factors, as in repetitive stimulation."""
    z = math.log(disease.median_safety_factor * release_ratio) / disease.spread
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


def _commanded(lesions: tuple[Lesion, ...], ways: tuple[Way, ...]) -> float:
    left = 1.0
    for lesion in lesions:
        if isinstance(lesion, CentralWeakness):
            concerned = sum(way.axon_share for way in ways if not lesion.roots or way.root in lesion.roots)
            left *= 1 - lesion.share * concerned
    return left


def _end_organ(lesions: tuple[Lesion, ...], region: str) -> tuple[float, float, float]:
    """Share of the junctions that transmit at rest and in a held effort, and share of the fibres kept."""
    rest = held = fibres = 1.0
    for lesion in lesions:
        if isinstance(lesion, JunctionDisease) and not (lesion.proximal_only and region in _DISTAL):
            rest *= _transmits(lesion, 1.0)
            held *= _transmits(lesion, limits()["junction"][f"held_{lesion.kind}"])
        elif isinstance(lesion, FibreDisease):
            fibres *= 1 - (lesion.distal_share_lost if region in _DISTAL else lesion.proximal_share_lost)
    return rest, held, fibres


def muscle_force(body: Body, muscle: str, side: Side) -> MuscleForce:
    """Force of one muscle from its working axons, junctions and fibres, and from the command that reaches them.

    Raises
    ------
    InputError
        If the muscle is not in the vocabulary.
    """
    entry = vocabulary.muscle(muscle)
    here = body.on_side(side)
    motor = _for_fibres(here, sensory=False)
    length_cm = path_to_muscle(entry.code, body.subject.height_cm).target_mm / 10.0
    kept = carrying = adopted = 0.0
    first_day: float | None = None
    ways = body.ways(entry.code, side)
    for way in ways:
        part, on_way, open_ = way.axon_share, 1.0, 1.0
        for lesion in motor:
            is_split = entry.code in _SPLIT_HAND
            loss = lost_share(lesion, way, days=body.day, length_cm=length_cm, sensory=False, split_hand=is_split)
            if loss > 0:
                since = body.day - float(getattr(lesion, "day", 0.0))
                orphaned = since - _STUMP_DAYS - 0.5 * float(getattr(lesion, "over_days", 0.0))
                adopted += part * on_way * loss * float(sprouting_share(np.asarray(orphaned)))
                first_day = since if first_day is None else max(first_day, since)
            on_way *= 1 - loss
            open_ *= 1 - blocked_share(lesion, way, days=body.day)
        kept += part * on_way
        carrying += part * on_way * open_
    rest, held, fibres = _end_organ(motor, entry.region)
    lost = 1 - kept
    reach = 1 - lost ** value("sprouting_neighbours")
    growth = min(1 + reach * adopted / kept, value("sprouting_cap")) if kept > 0 else 1.0
    nerve = min(carrying * growth, 1.0)
    return MuscleForce(
        force_share=nerve * fibres * held * _commanded(here, ways),
        rest_share=rest * min(fibres / limits()["reflex"]["force_needed"], 1.0),
        lost_share=max(1 - kept * growth, 0.0), days_since_loss=first_day,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _skin_length_cm(nerve: str, height_cm: float) -> float:
    """From the ganglion to the recording place of a sensory nerve; 60 % of the height for those never recorded (P)."""
    if nerve in studies("sensory"):
        path = path_to_study(study(nerve), height_cm)
        return (path.target_mm - min(route.ganglion_mm for route in path.routes)) / 10.0
    last = vocabulary.sensory_nerve(nerve).pathways[0].elements[-1]
    like = {"medial_plantar": "sural", "lateral_plantar": "sural", "deep_fibular_ankle": "superficial_fibular"}
    return _skin_length_cm(like[last], height_cm) if last in like else 0.3 * height_cm


def _cells_kept(body: Body, lesion: Ganglionopathy, nerve: str, side: Side) -> float:
    """Ganglion cells left: those of the nerve's own axons, the mean for spindle axons, a draw for what no study records."""
    if nerve in vocabulary.muscles():
        return 1 - lesion.share
    if nerve in studies("sensory"):
        found = nerve_state(subject=body.subject, key=nerve, side=side, lesions=(lesion,), day=body.day)
        return 1 - found.share_lost
    noise = float(generator(body.subject.seed, "ganglion", nerve, side).standard_normal())
    return 1 - min(max(lesion.share + lesion.patchiness * noise, 0.0), 1.0)


def _sensory_way(body: Body, way: Way, side: Side, *, nerve: str, length_cm: float) -> float:
    """Share of the sensory axons of one way that reach the cord; a root lesion counts although its ganglion is spared."""
    left = 1.0
    for lesion in _for_fibres(body.on_side(side), sensory=True):
        if isinstance(lesion, Ganglionopathy):
            left *= _cells_kept(body, lesion, nerve, side)
        else:
            left *= 1 - lost_share(lesion, way, days=body.day, length_cm=length_cm, sensory=True)
            left *= 1 - blocked_share(lesion, way, days=body.day)
    return left


def feeling_share(body: Body, nerve: str, side: Side) -> float:
    """Share of the axons of one skin area that bring a touch to the cord.

    Raises
    ------
    InputError
        If the sensory nerve is not in the vocabulary.
    """
    entry = vocabulary.sensory_nerve(nerve)
    length = _skin_length_cm(entry.code, body.subject.height_cm)
    # Feeling is tested at the toes, beyond the electrode that records the response.
    if length > limits()["sensation"]["foot_from_cm"]:
        length += limits()["sensation"]["beyond_electrode_cm"]
    return sum(
        way.axon_share * _sensory_way(body, way, side, nerve=entry.code, length_cm=length)
        for way in body.ways(entry.code, side)
    )


def _synchrony(body: Body, side: Side) -> float:
    """How well a volley keeps together: a tendon reflex needs it, strength does not."""
    exponent = limits()["reflex"]["synchrony_exponent"]
    left = 1.0
    for lesion in body.on_side(side):
        if isinstance(lesion, UniformDemyelination):
            left *= lesion.speed_factor**exponent
    return left


def arc_share(body: Body, muscle: str, root_shares: dict[str, float], side: Side) -> float:
    """Share of a reflex arc that answers: spindle axon in, motor axon out, on the muscle's own way from each root."""
    entry = vocabulary.muscle(muscle)
    length_cm = path_to_muscle(entry.code, body.subject.height_cm).target_mm / 10.0
    motor = _for_fibres(body.on_side(side), sensory=False)
    total = sum(root_shares.values())
    answer = 0.0
    for root, share in root_shares.items():
        ways = [way for way in body.ways(entry.code, side) if way.usual_root == root]
        for way in ways:
            part = way.axon_share / sum(one.axon_share for one in ways)
            out = 1.0
            for lesion in motor:
                out *= 1 - lost_share(lesion, way, days=body.day, length_cm=length_cm, sensory=False)
                out *= 1 - blocked_share(lesion, way, days=body.day)
            back = _sensory_way(body, way, side, nerve=entry.code, length_cm=length_cm)
            answer += share / total * part * out * back ** limits()["reflex"]["summation_exponent"]
    return answer * muscle_force(body, muscle, side).rest_share * _synchrony(body, side)
