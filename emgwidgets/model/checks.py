"""Checks the model makes at construction, each with one sentence that names what would be accepted."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import ClassVar, TypeVar

from emgwidgets.errors import InputError

__all__ = ["Strict", "check_choice", "check_index", "check_range", "check_side", "positive", "tuples"]

T = TypeVar("T")
SIDES = ("left", "right")


class Strict:
    """Base of the parts of a case: a document may hold no field that the part does not know."""

    __pydantic_config__: ClassVar[dict[str, object]] = {"extra": "forbid"}


def check_choice(value: object, allowed: Collection[object], *, what: str) -> None:
    """Raise InputError unless the value is one of the allowed ones."""
    if value not in allowed:
        listed = ", ".join(str(one) for one in allowed)
        raise InputError(f"{what} is not known", got=repr(value), expected=f"one of {listed}")


def check_side(side: object, *, what: str) -> None:
    """Raise InputError unless the side is left or right."""
    check_choice(side, SIDES, what=f"the side of {what}")


def check_range(value: float | None, low: float, high: float, *, what: str, unit: str) -> None:
    """Raise InputError unless the value is None or a finite number within the range."""
    if value is not None and not (math.isfinite(value) and low <= value <= high):
        raise InputError(f"{what} cannot be used", got=f"{value} {unit}", expected=f"{low:g} to {high:g} {unit}")


def check_index(index: object, n: int, *, what: str) -> int:
    """Return the place of one of n things, counted from 0; raise InputError where there is none."""
    if not isinstance(index, int) or not 0 <= index < n:
        raise InputError(
            f"there is no such {what}", got=str(index), expected=f"0 to {n - 1}" if n else "none is there yet"
        )
    return index


def positive(value: float | None, *, what: str, unit: str) -> None:
    """Raise InputError unless the value is None or a finite number above zero."""
    if value is not None and not (math.isfinite(value) and value > 0):
        raise InputError(f"{what} cannot be used", got=f"{value} {unit}", expected=f"a number above 0 {unit}")


def tuples(owner: object, *names: str) -> None:
    """Turn the named fields of a frozen dataclass into tuples."""
    for name in names:
        value = getattr(owner, name)
        if value is not None and not isinstance(value, tuple):
            object.__setattr__(owner, name, tuple(value))
