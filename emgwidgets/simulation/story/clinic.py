"""Examination that follows from the lesions: strength, reflexes, feeling and the signs of cord, nerve, junction, muscle.

A pure function of subject, lesions, day and seed; pain, which does not follow from axons, is told elsewhere.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import Literal

from emgwidgets import vocabulary
from emgwidgets.model.case import Examination, Reflex, Sensation, Sign, Strength
from emgwidgets.model.signal import Side
from emgwidgets.simulation.lesion import AnteriorHornLoss, CentralWeakness, FibreDisease, JunctionDisease
from emgwidgets.simulation.story.supply import Body, MuscleForce, arc_share, feeling_share, limits, muscle_force

__all__ = ["EXAMINED_SIDES", "examination", "mrc_grade", "table"]

EXAMINED_SIDES: tuple[Side, Side] = ("left", "right")


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Rows of one of the tables of this folder."""
    text = resources.files("emgwidgets.simulation.story").joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def mrc_grade(force_share: float) -> str:
    """MRC grade of a share of the healthy force (limits P, see clinic_limits.toml)."""
    lowest: dict[str, float] = limits()["strength"]["lowest"]
    return next(grade for grade, low in lowest.items() if force_share >= low)


def examination(body: Body) -> Examination:
    """Examine both sides of arms, legs and head.

    Parameters
    ----------
    body : Body
        Subject, lesions and day.

    Returns
    -------
    Examination
        Each muscle, reflex and area of the tables, on both sides; signs without a side concern the whole body.
    """
    forces = {
        (row["muscle"], side): muscle_force(body, row["muscle"], side)
        for row in table("examined_muscles.csv")
        for side in EXAMINED_SIDES
    }
    strength = tuple(
        Strength(muscle=muscle, side=side, mrc=mrc_grade(force.force_share)) for (muscle, side), force in forces.items()
    )
    reflexes = tuple(_reflex(body, row, side) for row in table("reflex_arcs.csv") for side in EXAMINED_SIDES)
    sensation = tuple(
        _sensation(body, row["nerve"], side) for row in table("examined_areas.csv") for side in EXAMINED_SIDES
    )
    return Examination(strength=strength, reflexes=reflexes, sensation=sensation, signs=_signs(body, forces))


def _released(body: Body, side: Side, roots: tuple[str, ...]) -> bool:
    """Whether inhibition from above is lost in one of the segments."""
    return any(
        isinstance(lesion, CentralWeakness)
        and lesion.cause == "upper_motor_neuron"
        and (not lesion.roots or any(root in lesion.roots for root in roots))
        for lesion in body.on_side(side)
    )


def _reflex(body: Body, row: dict[str, str], side: Side) -> Reflex:
    pairs = (part.split(":") for part in row["root_shares"].split(";"))
    shares = {root: float(share) for root, share in pairs}
    answer = arc_share(body, row["muscle"], shares, side)
    limit = limits()["reflex"]
    if _released(body, side, tuple(shares)):
        answer *= limit["without_inhibition"]
    finding: Literal["absent", "reduced", "normal", "increased"] = "absent"
    if answer >= limit["increased_from"]:
        finding = "increased"
    elif answer >= limit["normal_from"]:
        finding = "normal"
    elif answer >= limit["reduced_from"]:
        finding = "reduced"
    return Reflex(name=row["reflex"], side=side, finding=finding)


def _sensation(body: Body, nerve: str, side: Side) -> Sensation:
    entry = vocabulary.sensory_nerve(nerve)
    lost = 1 - feeling_share(body, nerve, side)
    limit = limits()["sensation"]
    finding: Literal["absent", "reduced", "normal"] = "normal"
    if lost >= limit["absent_from_loss"]:
        finding = "absent"
    elif lost >= limit["reduced_from_loss"]:
        finding = "reduced"
    root = entry.dominant_roots[0] if len(entry.dominant_roots) == 1 else ""
    return Sensation(
        area=entry.skin_area, side=side, finding=finding, modality="light touch", root=root, nerve=entry.code
    )


def _signs(body: Body, forces: dict[tuple[str, Side], MuscleForce]) -> tuple[Sign, ...]:
    signs = []
    for side in EXAMINED_SIDES:
        here = body.on_side(side)
        signs += [
            Sign(name="hoffmann", side=side, is_positive=_released(body, side, ("C8", "T1"))),
            Sign(name="babinski", side=side, is_positive=_released(body, side, ("L5", "S1"))),
            _wasting(side, forces),
            Sign(
                name="give_way_weakness", side=side,
                is_positive=any(isinstance(one, CentralWeakness) and one.cause == "pain" for one in here),
            ),
        ]  # fmt: skip
    whole = (*body.on_side("left"), *body.on_side("right"))
    horn = [one for one in whole if isinstance(one, AnteriorHornLoss)]
    lost_from = limits()["fasciculation"]["lost_from"]
    membranes = {one.membrane for one in whole if isinstance(one, FibreDisease)}
    signs += [
        Sign(name="fasciculations", is_positive=any(one.share >= lost_from for one in horn)),
        Sign(
            name="fatigable_weakness",
            is_positive=any(isinstance(one, JunctionDisease) and one.kind == "postsynaptic" for one in whole),
        ),
        Sign(
            name="strength_grows_with_effort",
            is_positive=any(isinstance(one, JunctionDisease) and one.kind == "presynaptic" for one in whole),
        ),
        Sign(name="percussion_myotonia", is_positive="myotonic" in membranes),
    ]
    return tuple(signs)


def _wasting(side: Side, forces: dict[tuple[str, Side], MuscleForce]) -> Sign:
    limit = limits()["wasting"]
    thin = [
        vocabulary.muscle(muscle).name
        for (muscle, at), force in forces.items()
        if at == side
        and force.lost_share >= limit["lost_from"]
        and (force.days_since_loss or 0.0) >= limit["days_from"]
    ]
    return Sign(name="wasting", side=side, is_positive=bool(thin), note=", ".join(thin))
