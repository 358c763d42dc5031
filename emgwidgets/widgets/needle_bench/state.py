"""The needle bench as plain values for the browser: where the needle is, what is under the sweep, what was read and scored."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.widgets.body_map import body_wire
from emgwidgets.widgets.needle_bench.card import card_state, muscle_list
from emgwidgets.widgets.needle_bench.decompose_state import decompose_state, residual_block
from emgwidgets.widgets.needle_bench.desk import NeedleDesk
from emgwidgets.widgets.needle_bench.effort_desk import effort_state
from emgwidgets.widgets.needle_bench.rest_desk import NAMES, words_of
from emgwidgets.widgets.needle_bench.scores import OTHER_KINDS, SHORT_OTHER, MuscleScore, columns
from emgwidgets.widgets.needle_bench.source import Stretch
from emgwidgets.widgets.needle_bench.units_state import units_state

if TYPE_CHECKING:
    from emgwidgets.model.needle_rest import SpontaneousGrade

__all__ = ["BLOCK_S", "block_message", "fixed_state", "grid_rows", "state_of"]

#: Length of the pieces in which samples travel (internal choice: the first is there at once, the rest while it plays).
BLOCK_S = 0.5


def fixed_state(desk: NeedleDesk) -> dict[str, Any]:
    """What does not change."""
    source = desk.source
    return {
        "title": source.title, "electrode": source.electrode, "can_move": source.can_move, "is_live": source.is_live,
        "limits": list(getattr(source, "limits", ())),
        "muscles": muscle_list(desk.muscles), "block_s": BLOCK_S, "body": body_wire(),
        "columns": [
            {"key": one.key, "words": one.words, "kind": one.kind, "values": list(one.values), "n_digits": len(one.digits)}
            for one in columns()
        ],
        "names": [{"code": code, "words": words_of(code), "key": key} for code, key in NAMES.items()],
        "other": [{"kind": kind, "words": words_of(kind), "short": SHORT_OTHER[kind]} for kind in OTHER_KINDS],
    }  # fmt: skip


def _needle(desk: NeedleDesk) -> dict[str, Any] | None:
    place, section = desk.place, desk.section
    if place is None or section is None:
        return None
    across, below = place.tip_mm
    return {
        **asdict(place), "radius_mm": section.radius_mm, "fibre_length_mm": section.fibre_length_mm,
        "end_plate_sd_mm": section.end_plate_sd_mm, "tip_x_mm": across, "tip_y_mm": below, "where": section.where(place),
    }  # fmt: skip


def stretch_state(stretch: Stretch) -> dict[str, Any]:
    """Head of a stretch; its samples travel in blocks."""
    return {
        "number": stretch.number, "name": stretch.name, "rate_hz": stretch.rate_hz, "start_s": stretch.start_s,
        "end_s": stretch.end_s, "loop_s": stretch.loop_s, "moved_s": [list(one) for one in stretch.moved_s],
        "is_growing": stretch.is_growing, "effort": stretch.effort, "insertion": stretch.insertion, "muscle": stretch.muscle, "side": stretch.side,
    }  # fmt: skip


def grid_rows(desk: NeedleDesk) -> list[dict[str, Any]]:
    """The grid: a row for the muscle under the needle and each that was scored, in the order of examination."""
    places = list(desk.book.scores)
    if desk.where not in places:
        places.append(desk.where)
    rows = []
    for muscle, side in places:
        score = desk.book.scores.get((muscle, side)) or MuscleScore(muscle=muscle, side=side)
        rows.append({
            "muscle": muscle, "side": side, "name": vocabulary.muscle(muscle).name, "n_clips": score.n_clips,
            "cells": {one.key: _cell(score, one.key) for one in columns()}, "is_here": (muscle, side) == desk.where,
            "is_empty": score.is_empty,
        })  # fmt: skip
    return rows


def _cell(score: MuscleScore, key: str) -> dict[str, Any]:
    return {
        "text": score.text(key), "is_abnormal": score.is_abnormal(key), "is_proved": key not in score.unproved,
        "clips": [asdict(one) for one in score.clips.get(key, ())],
    }  # fmt: skip


def _grade(grade: SpontaneousGrade | None) -> dict[str, Any] | None:
    if grade is None:
        return None
    word = "no grade" if grade.grade is None else "+/-" if grade.is_plus_minus else f"grade {grade.grade}"
    return {
        "word": word, "grade": grade.grade, "evidence": list(grade.evidence), "reason": grade.reason,
        "n_sites": grade.n_sites, "n_sites_with": grade.n_sites_with, "scheme": grade.scheme,
        "source": f"{grade.source}{', unverified' if grade.mark != 'V' else ''}",
    }  # fmt: skip


def _units(desk: NeedleDesk) -> dict[str, Any] | None:
    if desk.mode != "triggered":
        return None
    desk.units.look(desk.stretch, desk.filters, desk.at_s)
    return units_state(desk)


def state_of(desk: NeedleDesk) -> dict[str, Any]:
    """What changes with every action."""
    return {
        "muscle": desk.muscle, "side": desk.side, "mode": desk.mode, "effort": desk.effort, "filters": asdict(desk.filters),
        "needle": _needle(desk), "insertion": desk.n_insertions,
        "stretch": stretch_state(desk.stretch) if desk.stretch else None, "start_at_s": desk.start_at_s,
        "card": card_state(desk.muscle, days_since_onset=desk.source.days_since_onset),
        "reading": desk.reading.to_state() if desk.reading else None, "grade": _grade(desk.grade),
        "grid": grid_rows(desk), "cell": desk.book.cell,
        "marks": {f"{muscle}/{side}": "A" if bad else "N" for (muscle, side), bad in desk.book.tested().items()},
        "units": _units(desk), "decompose": decompose_state(desk) if desk.mode == "decompose" else None,
        "interference": effort_state(desk.efforts(), desk.filters, desk.at_s) if desk.mode == "interference" else None,
        "named": [asdict(one) | {"words": words_of(one.code)} for one in desk.book.named],
    }  # fmt: skip


def block_message(desk: NeedleDesk, number: int, wanted: list[int]) -> tuple[dict[str, Any], list[bytes]]:
    """Samples of some blocks of a stretch as 32-bit microvolts, filtered as they are drawn, heard and measured.

    A number below 0 asks for the residual of the decomposition that is shown.
    """
    stretch = desk.stretch_of(number if number > 0 else desk.decompose.number)
    n_block = round(BLOCK_S * stretch.rate_hz)
    head = {
        "type": "blocks", "stretch": number, "n_block": n_block, "rate_hz": stretch.rate_hz, "blocks": wanted,
        "filters": asdict(desk.filters),
    }  # fmt: skip
    if number < 0:
        return head, [np.asarray(residual_block(desk, one, n_block), dtype="<f4").tobytes() for one in wanted]
    data = [
        np.asarray(stretch.samples_uv(one * n_block, (one + 1) * n_block, desk.filters), dtype="<f4").tobytes()
        for one in wanted
    ]
    return head, data
