"""Items of the exercises, made from simulated sweeps, needles, cases and from sentences; the truth comes from the simulation."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module, resources
from typing import Any

from emgwidgets.errors import InputError
from emgwidgets.lessons.item import Item

__all__ = ["items_of", "lessons_with_items"]

TABLES = ("ncs_items.toml", "needle_items.toml", "mri_items.toml")
#: What makes the items of a kind: module of this package, function.
MAKERS = {
    "adequacy": ("paired_tests", "adequacy_item"),
    "average": ("_average_items", "average_item"),
    "foot": ("_foot_items", "foot_item"),
    "hand": ("_hand_items", "hand_item"),
    "inching": ("_inching_items", "inching_item"),
    "late": ("_late_items", "late_item"),
    "motor": ("_motor_items", "motor_item"),
    "dated": ("_date_items", "date_item"),
    "jitter": ("_jitter_items", "jitter_item"),
    "polyneuropathy": ("_polyneuropathy_items", "polyneuropathy_item"),
    "process": ("_unit_items", "process_item"),
    "row": ("mismatches", "row_item"),
    "sentence": ("_report_items", "sentence_item"),
    "technique": ("_technique_items", "technique_item"),
    "train": ("_train_items", "train_item"),
    "unit_sheet": ("_unit_items", "sheet_item"),
    "ulnar": ("_ulnar_items", "ulnar_item"),
}


@cache
def _tables() -> dict[str, dict[str, Any]]:
    folder = resources.files("emgwidgets.lessons")
    read = [tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8")) for name in TABLES]
    return {lesson: table for one in read for lesson, table in one.items()}


def lessons_with_items() -> tuple[str, ...]:
    """Numbers of the lessons that have an exercise."""
    return tuple(sorted(_tables()))


def items_of(lesson: str, *, seed: int = 0) -> tuple[Item, ...]:
    """Make the items of a lesson.

    Parameters
    ----------
    lesson : str
        Such as ``"10"``.
    seed : int
        Another seed gives other people and another order.

    Returns
    -------
    tuple of Item
        Mixed by the seed, so that the place of an item says nothing.

    Raises
    ------
    InputError
        If the lesson has no items.
    """
    table = _tables().get(lesson)
    if table is None:
        raise InputError("this lesson has no exercise", got=repr(lesson), expected=", ".join(lessons_with_items()))
    rows = table["rows"]
    return tuple(
        _maker(rows[place].get("maker", table["maker"]))(rows[place], 100 * seed + place)
        for place in _order(len(rows), seed)
    )


def _maker(kind: str) -> Callable[[Mapping[str, Any], int], Item]:
    module, name = MAKERS[kind]
    made: Callable[[Mapping[str, Any], int], Item] = getattr(import_module(f"emgwidgets.lessons.{module}"), name)
    return made


def _order(n: int, seed: int) -> list[int]:
    import numpy as np

    return [int(place) for place in np.random.default_rng([seed, n]).permutation(n)]
