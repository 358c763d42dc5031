"""What a patient tells and what provokes it: pain does not follow from axons, so it stands in the condition's file.

Weakness and numbness do follow, and are added here in the patient's words from the examination of the same body.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.case import Examination, Sensation, Sign, Symptom
from emgwidgets.model.signal import Side
from emgwidgets.simulation.nerve.axons import generator
from emgwidgets.simulation.story.clinic import EXAMINED_SIDES, table
from emgwidgets.simulation.story.supply import Body, limits, muscle_force

__all__ = ["Complaint", "Provocation", "complaint_signs", "derived_symptoms", "provocation_rate"]

Region = Literal["", "cervical", "lumbar"]
Imaging = Literal["", "cervical", "lumbar", "brachial_plexus"]
_MOST_NAMED = 3
#: From so many weak muscles of one side a patient names parts of the body, not movements.
_MANY_MUSCLES = 12
_PART_OF_BODY = {
    "shoulder": "shoulder and upper arm", "arm": "shoulder and upper arm", "forearm": "forearm and hand",
    "hand": "forearm and hand", "hip": "hip and thigh", "thigh": "hip and thigh", "leg": "leg and foot",
    "foot": "leg and foot", "cranial": "face and neck",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Provocation:
    """A test that brings the complaint on, on one side."""

    sign: str
    side: Side

    def __post_init__(self) -> None:
        provocation_rate(self.sign)


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """The part of a story that no axon tells.

    Parameters
    ----------
    region : {"", "cervical", "lumbar"}
        Where the complaint comes from: it decides which provoking signs are tested.
    imaging : {"", "cervical", "lumbar", "brachial_plexus"}
        What the MRI shows; empty without one.
    question, onset : str
        What the referral asks; how it began.
    symptoms : tuple of Symptom
        Pain, paraesthesia, and what else does not follow from a lesion.
    provoked : tuple of Provocation
        Signs the condition brings on, at their published rate.
    signs : tuple of Sign
        Signs of parts of the body that the model does not hold, such as ptosis.
    sensation : tuple of Sensation
        Altered feeling from irritation, without loss of axons.
    """

    region: Region = ""
    imaging: Imaging = ""
    question: str = ""
    onset: str = ""
    symptoms: tuple[Symptom, ...] = ()
    provoked: tuple[Provocation, ...] = ()
    signs: tuple[Sign, ...] = ()
    sensation: tuple[Sensation, ...] = ()


def provocation_rate(sign: str, *, is_provoked: bool = True) -> float:
    """Share of patients in whom a sign is positive, with or without what it looks for.

    Raises
    ------
    InputError
        If there is no such sign.
    """
    rows = {row["sign"]: row for row in table("provoking_signs.csv")}
    if sign not in rows:
        raise InputError("no such provoking sign", got=repr(sign), expected=f"one of {', '.join(rows)}")
    return float(rows[sign]["positive_rate" if is_provoked else "positive_rate_without"] or 0.0)


def complaint_signs(complaint: Complaint, seed: int) -> tuple[Sign, ...]:
    """Test the provoking signs of the complaint's region where it hurts or tingles; chance decides at the published rate.

    The published rates come from people with a complaint, so a limb without one is not tested.
    """
    places = {side: _places(complaint, side) for side in EXAMINED_SIDES}
    signs = list(complaint.signs)
    for row in table("provoking_signs.csv"):
        if row["region"] != complaint.region:
            continue
        for side, places_there in places.items():
            provoked = Provocation(sign=row["sign"], side=side) in complaint.provoked
            if provoked or any(re.search(row["complaint_at"], place) for place in places_there):
                draw = generator(seed, "provoking", row["sign"], side).random()
                rate = provocation_rate(row["sign"], is_provoked=provoked)
                signs.append(Sign(name=row["sign"], side=side, is_positive=bool(draw < rate)))
    return tuple(signs)


def _places(complaint: Complaint, side: Side) -> list[str]:
    return [one.place for one in complaint.symptoms if one.side in (side, "bilateral")]


def derived_symptoms(body: Body, found: Examination, days_since_onset: float) -> tuple[Symptom, ...]:
    """Weakness and numbness that the patient notices, from the same examination."""
    named = {side: (_weak(body, found, side), _numb(found, side)) for side in ("left", "right")}
    symptoms = []
    for index, kind in enumerate(("weakness", "numbness")):
        left, right = named["left"][index], named["right"][index]
        if left and left == right:
            symptoms.append(Symptom(kind=kind, place=left, side="bilateral", days=days_since_onset))
            continue
        if left:
            symptoms.append(Symptom(kind=kind, place=left, side="left", days=days_since_onset))
        if right:
            symptoms.append(Symptom(kind=kind, place=right, side="right", days=days_since_onset))
    return tuple(symptoms)


def _weak(body: Body, found: Examination, side: str) -> str:
    """Movements of the weakest muscles of one side, weakest first; empty when none is clearly weak."""
    forces = [
        (muscle_force(body, one.muscle, one.side).force_share, one.muscle) for one in found.strength if one.side == side
    ]
    weak = sorted(pair for pair in forces if pair[0] < limits()["strength"]["weak_from"])
    if len(weak) > _MANY_MUSCLES:
        regions = dict.fromkeys(_PART_OF_BODY.get(vocabulary.muscle(muscle).region, "trunk") for _, muscle in weak)
        return ", ".join(regions)
    movements = dict.fromkeys(vocabulary.muscle(muscle).action.split(", ")[0] for _, muscle in weak)
    return ", ".join(list(movements)[:_MOST_NAMED])


def _numb(found: Examination, side: str) -> str:
    areas = [one.area for one in found.sensation if one.side == side and one.finding in ("reduced", "absent")]
    return ", ".join(areas[: _MOST_NAMED + 1])
