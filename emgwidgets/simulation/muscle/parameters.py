"""Parameters of the virtual muscle: one table, each row with value, unit, source, place and mark. No equations here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Parameter", "parameters", "value"]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One number of the model.

    Parameters
    ----------
    name, value, unit
        The number.
    mark : str
        ``"V"`` read in the source, ``"M"`` from memory and unverified, ``"D"`` derived, ``"P"`` our own proposal.
    source, locus : str
        Where it comes from, and where the project's science base discusses it.
    note : str
        What it means, or the target it was tuned on.
    """

    name: str
    value: float
    unit: str
    mark: str
    source: str
    locus: str
    note: str


@cache
def parameters() -> Mapping[str, Parameter]:
    """All parameters by name, in the order of ``parameters.csv``."""
    text = resources.files("emgwidgets.simulation").joinpath("parameters.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        found[row["name"]] = Parameter(
            name=row["name"], value=float(row["value"]), unit=row["unit"], mark=row["mark"], source=row["source"],
            locus=row["locus"], note=row["note"],
        )  # fmt: skip
    return found


def value(name: str) -> float:
    """Return one parameter's value.

    Raises
    ------
    InputError
        If there is no such parameter.
    """
    try:
        return parameters()[name].value
    except KeyError as error:
        raise InputError(
            "no such parameter", got=repr(name), expected="a name of parameters.csv", way_out="see parameters()"
        ) from error
