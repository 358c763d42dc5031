"""One map between the classes of activity at rest, the kinds of a case and the terms of annotations.  It judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from emgwidgets.errors import InputError
from emgwidgets.vocabulary.lookup import read_table

__all__ = ["NeedleClass", "class_of_case_kind", "needle_class", "needle_classes"]


@dataclass(frozen=True, kw_only=True)
class NeedleClass:
    """A class of activity at rest under its three names.

    Parameters
    ----------
    code : str
        Class of ``emg.needle.read_rest`` and of the waveform items.
    case_kind : str
        Kind of ``SpontaneousActivity`` in a case; empty for what a case does not list there.
    insertional : str
        ``"normal"``, ``"increased"`` or ``"decreased"`` for insertional activity; empty otherwise.
    term : str
        Term of annotations.
    """

    code: str
    case_kind: str
    insertional: str
    term: str


@cache
def needle_classes() -> dict[str, NeedleClass]:
    """Every class by its code."""
    rows = [NeedleClass(**row) for row in read_table("needle_classes.csv")]
    return {one.code: one for one in rows}


def needle_class(code: str) -> NeedleClass:
    """Return a class by its code.

    Raises
    ------
    InputError
        If there is none.
    """
    found = needle_classes().get(code)
    if found is None:
        raise InputError(
            "no such class of activity at rest", got=repr(code), expected=f"one of {', '.join(needle_classes())}"
        )
    return found


def class_of_case_kind(kind: str) -> NeedleClass:
    """Return the class of a kind of a case.

    Raises
    ------
    InputError
        If no class has this kind.
    """
    found = next((one for one in needle_classes().values() if kind and one.case_kind == kind), None)
    if found is None:
        known = ", ".join(one.case_kind for one in needle_classes().values() if one.case_kind)
        raise InputError("no such kind of spontaneous activity", got=repr(kind), expected=f"one of {known}")
    return found
