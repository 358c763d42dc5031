"""One card for each measure: name, unit, the function that gives it, what it needs, how it is defined and where that is written.

The cards are the CSV files of ``cards/``, one file for each field; a new file is found by itself.
"""

from __future__ import annotations

import csv
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from emgwidgets.errors import InputError

__all__ = ["Card", "card", "cards"]


@dataclass(frozen=True, kw_only=True)
class Card:
    """What one measure is.

    Parameters
    ----------
    field : str
        File it stands in, such as ``"ncs"``.
    name, unit : str
        Name as in the model, with its unit.
    function : str
        Dotted name of the function that gives it.
    needs : tuple of str
        What must be recorded or stated.
    definition : str
        How it is taken.
    source, mark : str
        Where the definition is written, and its mark (V, M, D, P).
    """

    field: str
    name: str
    unit: str
    function: str
    needs: tuple[str, ...]
    definition: str
    source: str
    mark: str

    @property
    def call(self) -> Callable[..., Any]:
        """The function itself."""
        module, _, name = self.function.rpartition(".")
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return found


@cache
def cards(field: str | None = None) -> tuple[Card, ...]:
    """Every card, or those of one field, in the order of the files.

    Raises
    ------
    InputError
        If there is no such field.
    """
    found: list[Card] = []
    files = sorted(resources.files("emgwidgets.analysis").joinpath("cards").iterdir(), key=lambda file: file.name)
    fields = [file.name.removesuffix(".csv") for file in files if file.name.endswith(".csv")]
    if field is not None and field not in fields:
        raise InputError("no such field of measures", got=repr(field), expected=f"one of {', '.join(fields)}")
    for name in fields if field is None else [field]:
        text = resources.files("emgwidgets.analysis").joinpath("cards", f"{name}.csv").read_text(encoding="utf-8")
        for row in csv.DictReader(text.splitlines()):
            needs = tuple(part.strip() for part in row.pop("needs").split(";") if part.strip())
            found.append(Card(field=name, needs=needs, **row))
    return tuple(found)


def card(field: str, name: str) -> Card:
    """Return one card.

    Raises
    ------
    InputError
        If there is no such field or measure.
    """
    named = {one.name: one for one in cards(field)}
    if name not in named:
        raise InputError("no such measure", got=repr(name), expected=f"one of {', '.join(named)}")
    return named[name]
