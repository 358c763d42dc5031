"""Conditions a clinician can read and change: TOML files in ``conditions/``, turned into lesions and a story; no physiology here.

A file holds the lesions of each severity and what does not follow from them: pain, provoking signs, the picture of the
MRI.  Strength, reflexes, feeling and every signal follow from the lesions.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Side
from emgwidgets.simulation import lesion as lesions_module
from emgwidgets.simulation.lesion import JunctionDisease, Lesion
from emgwidgets.simulation.story.complaint import Complaint
from emgwidgets.simulation.story.from_file import StoryFile, side_meant
from emgwidgets.simulation.story.mri_findings import PlannedFinding
from emgwidgets.vocabulary.lookup import nearest, spellings_of

__all__ = ["Condition", "check_without_lesions", "compose", "condition", "conditions", "read_condition", "severities"]

_KINDS = (
    "AxonLoss", "FocalDemyelination", "ConductionBlock", "UniformDemyelination", "LengthDependentLoss", "Ganglionopathy",
    "AnteriorHornLoss", "AxonBranching", "BrainstemLesion", "CentralWeakness", "JunctionDisease", "FibreDisease",
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
        Day of the examination on the clock of the lesions.
    days_since_onset : float
        Days since the complaint began; less than ``day`` where an older lesion came first.
    complaint : Complaint
        What is told and provoked.
    planned : tuple of PlannedFinding
        What the MRI shows of it.
    with_incidental : bool
        Whether findings of age are drawn besides; False where the file lists all there is to see.
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
    days_since_onset: float = 0.0
    complaint: Complaint = field(default=Complaint())
    planned: tuple[PlannedFinding, ...] = ()
    with_incidental: bool = True


@cache
def conditions() -> tuple[str, ...]:
    """Codes of all conditions, in alphabetical order."""
    folder = resources.files("emgwidgets.simulation").joinpath("conditions")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")))


@cache
def _table(code: str) -> dict[str, Any]:
    if code not in conditions():
        raise _unknown(code)
    path = resources.files("emgwidgets.simulation").joinpath("conditions", f"{code}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _unknown(code: str) -> InputError:
    near = nearest(code, spellings_of((one, (_table(one)["title"],)) for one in conditions()))
    return InputError(
        "no such condition", got=repr(code), expected=f"such as {', '.join(near)}" if near else f"one of {', '.join(conditions())}",
        way_out="emg.conditions() lists them all" if near else "",
    )  # fmt: skip


def check_without_lesions(code: str) -> None:
    """Raise InputError unless a condition can stand with no lesion, as health does.

    Raises
    ------
    InputError
        If there is no such condition or teaching case, or it has lesions.
    """
    if code not in conditions():
        from emgwidgets.simulation.story.teaching import teaching_cases

        if code not in teaching_cases():
            raise _unknown(code)
    elif condition(code).lesions:
        raise InputError(
            "a condition by name alone has no lesions, so the patient would be healthy", got=repr(code), expected="its lesions",
            way_out=f"VirtualPatient.with_condition({code!r}) puts them in",
        )  # fmt: skip


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
    return read_condition(_table(code), code, side=side, severity=severity)


def read_condition(
    table: dict[str, Any], code: str, *, side: Side | None = None, severity: str | None = None
) -> Condition:
    """Turn the content of a condition's file into lesions and a story.

    Raises
    ------
    InputError
        If the severity or the side cannot be used, or the file uses a word that is not known.
    """
    severity = severity or table["default_severity"]
    if severity not in table["severities"]:
        listed = ", ".join(table["severities"])
        raise InputError(f"{code} has no such severity", got=repr(severity), expected=f"one of {listed}")
    if side not in (None, "left", "right"):
        raise InputError("the side cannot be used", got=repr(side), expected="left or right")
    chosen = table["severities"][severity]
    where: Side | None = (side or "right") if table["one_sided"] else None
    rows = chosen.get("lesions", ())
    since = float(chosen["day"])
    day = max([since, *(float(row.get("days_ago", 0.0)) for row in rows)])
    story = StoryFile(table=table, code=code, side=where, severity=severity, days_since_onset=since)
    own = Condition(
        code=code, title=table["title"], severity=severity, day=day, days_since_onset=since,
        lesions=tuple(_lesion(row, where, code, began=day - float(row.get("days_ago", since))) for row in rows),
        complaint=story.complaint(), planned=story.planned(), with_incidental=not table.get("lists_all_findings", False),
        note=table["note"], source=table["source"], mark=table["mark"],
    )  # fmt: skip
    parts = [
        condition(part["condition"], side=side_meant(part.get("side", "same"), where), severity=part.get("severity"))
        for part in chosen.get("parts", ())
    ]
    return compose(own, *parts) if parts else own


def compose(first: Condition, *others: Condition) -> Condition:
    """Put conditions together in one body; the first one gives the name, the complaint's age and the MRI's region.

    Each condition keeps its own age: all are examined on the same day.  Where the first one plans findings of the MRI,
    these replace those of the others.
    """
    everyone = (first, *others)
    day = max(one.day for one in everyone)
    lesions = tuple(_later(lesion, day - one.day) for one in everyone for lesion in one.lesions)
    told = [one.complaint for one in everyone]
    complaint = replace(
        first.complaint,
        region=first.complaint.region or next((one.region for one in told if one.region), ""),
        imaging=first.complaint.imaging or next((one.imaging for one in told if one.imaging), ""),
        symptoms=_once(one for each in told for one in each.symptoms),
        provoked=_once(one for each in told for one in each.provoked),
        signs=_once(one for each in told for one in each.signs),
        sensation=_once(one for each in told for one in each.sensation),
    )
    planned = first.planned or tuple(
        row for one in others if one.complaint.imaging == complaint.imaging for row in one.planned
    )
    return replace(
        first, lesions=lesions, day=day, complaint=complaint, planned=planned,
        code=first.code or "+".join(one.code for one in others),
    )  # fmt: skip


def _once(items: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(items))


def _later(lesion: Lesion, days: float) -> Lesion:
    """Return the same lesion on a clock that began earlier."""
    if days == 0 or not hasattr(lesion, "day"):
        return lesion
    moved: dict[str, float] = {"day": lesion.day + days}
    heals = getattr(lesion, "remyelinates_from_day", None)
    if heals is not None:
        moved["remyelinates_from_day"] = heals + days
    return replace(lesion, **moved)  # type: ignore[arg-type]


def _lesion(row: dict[str, Any], side: Side | None, code: str, *, began: float) -> Lesion:
    kind = row["kind"]
    if kind not in _KINDS:
        raise InputError(
            f"{code} names a lesion that does not exist", got=repr(kind), expected=f"one of {', '.join(_KINDS)}"
        )
    rest: dict[str, Any] = {
        key: tuple(v) if isinstance(v, list) else v
        for key, v in row.items()
        if key not in ("kind", "side", "days_ago", "note")
    }
    if kind == "JunctionDisease":
        return JunctionDisease(kind=rest.pop("disease"), **rest)
    if kind not in _WITHOUT_SIDE:
        rest["side"] = side_meant(row.get("side", "same"), side)
        rest["day"] = rest.get("day", 0.0) + began
    try:
        made: Lesion = getattr(lesions_module, kind)(**rest)
    except TypeError as problem:
        raise InputError(f"{code} describes {kind} with a wrong word", got=str(problem)) from problem
    return made
