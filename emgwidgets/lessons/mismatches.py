"""Unknown cases whose tests disagree: which row of the concordance table, with what each test says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from emgwidgets.interpretation.correlation.table import rows
from emgwidgets.lessons.item import Item
from emgwidgets.lessons.study_room import StudyRoom, least_study
from emgwidgets.model.correlation import Correlation
from emgwidgets.model.signal import Side

__all__ = ["row_item", "studied_room"]

#: Studies of a case without a plan of its own: enough that an unremarkable MRI can be held against something.
ENOUGH_LEG = (
    ("motor", "fibular_edb"), ("sensory", "sural"), ("sensory", "superficial_fibular"), ("needle", "vastus_medialis"),
    ("needle", "tibialis_anterior"), ("needle", "tibialis_posterior"), ("needle", "biceps_femoris_short_head"),
    ("needle", "gastrocnemius_medial_head"), ("needle", "lumbar_paraspinals_multifidus_lower"),
)  # fmt: skip
N_OPTIONS = 5


@lru_cache(maxsize=16)
def studied_room(code: str, seed: int = 0) -> StudyRoom:
    """The room of a case after its least sufficient study and its MRI report, on the side of the complaint."""
    room = StudyRoom(code, seed=seed)
    room.read_mri()
    sides = [one.side for one in room.case.symptoms if one.side in ("left", "right")]
    side: Side = sides[0] if sides and sides[0] in ("left", "right") else "right"
    for kind, study in least_study(code) or ENOUGH_LEG:
        room.do(kind, study, side)
    return room


def row_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of one unknown case; the truth is the row that the rules find, which the case was made for."""
    room = studied_room(str(row["case"]))
    found = room.correlation()
    names = {one.number: _plain(one.name) for one in rows()}
    truth = found.row.number
    rng = np.random.default_rng([seed, 32])
    near = [one.number for one in found.row.alternatives if one.number in names and one.number != truth]
    others = [
        str(one) for one in rng.permutation([number for number in names if number != truth and number not in near])
    ]
    chosen = [truth, *near[:2], *others][:N_OPTIONS]
    order = [chosen[int(k)] for k in rng.permutation(len(chosen))]
    return Item(
        question="Which of these fits?", options=tuple(names[number] for number in order), truth=order.index(truth),
        feedback=tuple(_feedback(found, number, truth, names) for number in order), why=_why(found),
        known=_known(room, found), found=tuple(("would settle it", step) for step in found.row.next_steps[:2]),
    )  # fmt: skip


def _plain(name: str) -> str:
    words = name.lower().replace("edx", "nerve tests")
    return (words[:1].upper() + words[1:]).replace("mri", "MRI").replace("Mri", "MRI")


def _feedback(found: Correlation, number: str, truth: str, names: Mapping[str, str]) -> str:
    classes = f"MRI: {found.row.mri_words}; nerve tests: {found.row.edx_words}; complaint: {found.row.complaint_words}."
    if number == truth:
        return classes
    return f'{classes} "{names[number]}" needs other findings than these.'


def _why(found: Correlation) -> str:
    reasons = " ".join(one.text for one in found.row.reasons[:2])
    return f"{reasons} Neither test overrules the other."


def _brief(showed: str) -> str:
    parts = [
        part.strip()
        for part in showed.split(",")
        if "silent" not in part and "usual" not in part and "normal" not in part
    ]
    return ", ".join(parts) or showed


def _known(room: StudyRoom, found: Correlation) -> tuple[tuple[str, str], ...]:
    case = room.case
    abnormal = [
        one
        for one in room.done
        if "fibrillation" in one.showed or "reduced" in one.showed or "no response" in one.showed
    ]
    shown = "; ".join(f"{one.words.removeprefix('needle, ')}: {_brief(one.showed)}" for one in abnormal[:4])
    mri = "; ".join(
        " ".join(str(part).replace("_", " ") for part in (one.level, one.side, one.kind) if part)
        for one in case.mri if one.certainty == "definite"
    ) or "nothing found"  # fmt: skip
    story = "; ".join(
        " ".join(part for part in (one.kind, one.place, one.side or "") if part) for one in case.symptoms[:2]
    )
    return (
        ("case", f"{case.subject.sex}, {case.subject.age_years:.0f} years, day {case.days_since_onset or 0:.0f}"), ("complaint", story),
        ("nerve tests", shown or f"{len(room.done)} tests, none abnormal"), ("MRI", mri[:160]), ("side of the MRI", found.sides.mri or "none"),
    )  # fmt: skip
