"""Conditions a clinician can read and change: TOML files in ``conditions/``, turned into lesions; no physiology here."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Side
from emgwidgets.simulation import lesion as lesions_module
from emgwidgets.simulation.lesion import JunctionDisease, Lesion

__all__ = ["Condition", "condition", "conditions"]

_KINDS = (
    "AxonLoss", "FocalDemyelination", "ConductionBlock", "UniformDemyelination", "LengthDependentLoss", "Ganglionopathy",
    "AnteriorHornLoss", "JunctionDisease", "FibreDisease",
)  # fmt: skip
_WITHOUT_SIDE = {"JunctionDisease", "FibreDisease"}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition at one severity.

    Parameters
    ----------
    code, title, severity : str
    lesions : tuple of Lesion
        On one side for a one-sided condition, else on both.
    day : float
        Days since onset at the examination.
    note, source, mark : str
        What it shows, where the pattern comes from, and how far the figures may be trusted.
    """

    code: str
    title: str
    severity: str
    lesions: tuple[Lesion, ...]
    day: float
    note: str
    source: str
    mark: str


@cache
def conditions() -> tuple[str, ...]:
    """Codes of all conditions, in alphabetical order."""
    folder = resources.files("emgwidgets.simulation").joinpath("conditions")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def _table(code: str) -> dict[str, Any]:
    if code not in conditions():
        raise InputError("no such condition", got=repr(code), expected=f"one of {', '.join(conditions())}")
    path = resources.files("emgwidgets.simulation").joinpath("conditions", f"{code}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def severities(code: str) -> tuple[str, ...]:
    """Severities a condition has, least first."""
    return tuple(_table(code)["severities"])


def condition(code: str, *, side: Side | None = None, severity: str | None = None) -> Condition:
    """Return a condition at one severity.

    Parameters
    ----------
    code : str
        See :func:`conditions`.
    side : {"left", "right"}, optional
        Side of a one-sided condition; right when left out.
    severity : str, optional
        The condition's default when left out.

    Raises
    ------
    InputError
        If the condition, the severity or the side cannot be used.
    """
    table = _table(code)
    severity = severity or table["default_severity"]
    if severity not in table["severities"]:
        raise InputError(
            f"{code} has no such severity", got=repr(severity), expected=f"one of {', '.join(severities(code))}"
        )
    if side not in (None, "left", "right"):
        raise InputError("the side cannot be used", got=repr(side), expected="left or right")
    chosen = table["severities"][severity]
    where: Side | None = (side or "right") if table["one_sided"] else None
    built = tuple(_lesion(row, where, code) for row in chosen.get("lesions", ()))
    return Condition(
        code=code, title=table["title"], severity=severity, lesions=built, day=float(chosen["day"]), note=table["note"],
        source=table["source"], mark=table["mark"],
    )  # fmt: skip


def _lesion(row: dict[str, Any], side: Side | None, code: str) -> Lesion:
    kind = row["kind"]
    if kind not in _KINDS:
        raise InputError(
            f"{code} names a lesion that does not exist", got=repr(kind), expected=f"one of {', '.join(_KINDS)}"
        )
    rest: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in row.items() if key != "kind"}
    if kind == "JunctionDisease":
        return JunctionDisease(kind=rest.pop("disease"), **rest)
    if kind not in _WITHOUT_SIDE:
        rest["side"] = side
    try:
        made: Lesion = getattr(lesions_module, kind)(**rest)
    except TypeError as problem:
        raise InputError(f"{code} describes {kind} with a wrong word", got=str(problem)) from problem
    return made
