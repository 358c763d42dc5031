"""Entries of a case in words, ready to be listed; what was measured is repeated, nothing is judged."""

from __future__ import annotations

from typing import Any

from emgwidgets import vocabulary
from emgwidgets.model.case import Case
from emgwidgets.model.measure import Absent
from emgwidgets.widgets.case_board.forms import FORMS
from emgwidgets.widgets.case_board.results import needle_words

__all__ = ["entries_state", "finding_words"]


def finding_words(one: Any) -> str:
    """Kind, size and grade of an MRI finding."""
    size = "" if one.size_mm is None else f", {one.size_mm:g} mm"
    grade = f", {one.grade}" if one.grade else ""
    return f"{one.kind.replace('_', ' ')}{size}{grade}"


def _entry_words(kind: str, one: Any) -> tuple[str, str]:
    """An entry in two columns: what, and what was found."""
    side = (getattr(one, "side", None) or "").capitalize()
    if kind == "symptom":
        days = "" if one.days is None else f"{one.days:g} days"
        return f"{one.kind}{', ' + one.place if one.place else ''}", ", ".join(
            part for part in (side, days, one.note) if part
        )
    if kind == "strength":
        return f"{vocabulary.muscle(one.muscle).name}, {side}", f"MRC {one.mrc}"
    if kind == "reflex":
        return f"{one.name.replace('_', ' ')} reflex, {side}", one.finding
    if kind == "sensation":
        return f"{one.area}, {side}", one.finding
    if kind == "sign":
        return (
            f"{one.name.replace('_', ' ')}{', ' + side if side else ''}",
            "present" if one.is_positive else "not present",
        )
    if kind == "needle":
        return f"{vocabulary.muscle(one.muscle).name}, {side}", needle_words(one)
    if kind == "mri":
        where = " ".join(part for part in (one.level, one.zone or "", one.side or "") if part)
        denied = (
            "not seen: " if one.certainty == "negated" else "" if one.certainty == "definite" else f"{one.certainty}: "
        )
        roots = ", ".join(f"{root.root} {root.effect}" for root in one.roots)
        return where or "no level", f"{denied}{finding_words(one)}{'; ' + roots if roots else ''}"
    return _study_words(kind, one, side)


def _study_words(kind: str, one: Any, side: str) -> tuple[str, str]:
    name = one.nerve.replace("_", " ")
    target = f" to {vocabulary.muscle(one.muscle).name}" if hasattr(one, "muscle") else ""
    measures = (
        [(one.kind.replace("_", " "), one.measures)] if hasattr(one, "measures")
        else [(response.site.replace("_", " "), response.measures) for response in one.responses]
    )  # fmt: skip
    told = []
    for where, found in measures:
        shown = [
            "no response" if isinstance(value, Absent) else f"{value.value:.3g} {value.unit}".replace("uV", "µV")
            for measure, value in found.items() if "amplitude" in measure or "latency" in measure
        ]  # fmt: skip
        told.append(f"{where} {', '.join(dict.fromkeys(shown))}")
    prefix = f"{one.kind.replace('_', ' ')}, " if kind == "late" else ""
    return f"{prefix}{name}{target}, {side}", "; ".join(told)


def entries_state(case: Case) -> dict[str, list[dict[str, Any]]]:
    """Every entry of the case by kind, ready to be listed."""
    made: dict[str, list[dict[str, Any]]] = {}
    for kind, (_, path, _, _) in FORMS.items():
        place: Any = case
        for name in path:
            place = getattr(place, name)
        made[kind] = [
            {"index": n, "what": what, "found": words} for n, one in enumerate(place) for what, words in [_entry_words(kind, one)]
        ]  # fmt: skip
    return made
