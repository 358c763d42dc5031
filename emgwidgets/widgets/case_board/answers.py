"""Answers to questions of the browser that change nothing: the fields of an entry, the checklist, the patient's page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emgwidgets.errors import InputError
from emgwidgets.model.checks import check_index
from emgwidgets.model.correlation import Correlation
from emgwidgets.widgets.case_board.desk import CaseDesk
from emgwidgets.widgets.case_board.forms import FORMS, values_of

__all__ = ["QUESTIONS"]

Answer = dict[str, Any]


def _values(desk: CaseDesk, _found: Correlation, asked: Mapping[str, Any]) -> Answer:
    """Fields of the form of one entry."""
    kind = str(asked.get("kind"))
    if kind not in FORMS:
        raise InputError("no such kind of entry", got=repr(kind), expected=", ".join(FORMS))
    place: Any = desk.case
    for name in FORMS[kind][1]:
        place = getattr(place, name)
    index = check_index(asked.get("index"), len(place), what=f"entry among {kind}")
    return {"type": "values", "kind": kind, "index": index, "values": values_of(kind, place[index])}


def _checklist(desk: CaseDesk, found: Correlation, _asked: Mapping[str, Any]) -> Answer:
    """The draft against the checklist of a written impression."""
    from emgwidgets.interpretation.explain_impression import check_impression

    made = check_impression(desk.draft, found)
    points = [{"words": one.words, "state": one.state, "advice": one.advice} for one in made.points]
    return {
        "type": "checklist", "percent": made.percent, "passed": made.is_passed, "points": points,
        "forbidden": list(made.forbidden),
    }  # fmt: skip


def _patient(_desk: CaseDesk, found: Correlation, _asked: Mapping[str, Any]) -> Answer:
    """The page for the patient."""
    from emgwidgets.interpretation.explain_patient import patient_page

    return {"type": "patient", "text": patient_page(found)}


#: Word of the message -> who answers it.
QUESTIONS: dict[str, Callable[[CaseDesk, Correlation, Mapping[str, Any]], Answer]] = {
    "edit": _values, "check": _checklist, "patient": _patient,
}  # fmt: skip
