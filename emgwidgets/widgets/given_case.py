"""What a widget takes for a case, with one sentence for anything else, and how it calls the person without naming anyone."""

from __future__ import annotations

from dataclasses import fields

from emgwidgets.cases.document import Case
from emgwidgets.errors import InputError
from emgwidgets.model import case as model

__all__ = ["given_case", "subject_words"]


def given_case(given: object, *, what: str) -> Case:
    """Return a case that can be saved.

    Parameters
    ----------
    given : Case or None
        None for an empty case.
    what : str
        Who asks, such as ``"the board"``.

    Raises
    ------
    InputError
        If it is something else; it says where that thing keeps its case.
    """
    if given is None:
        return Case()
    if isinstance(given, Case):
        return given
    if isinstance(given, model.Case):
        return Case(**{one.name: getattr(given, one.name) for one in fields(model.Case)})
    ways = ""
    if isinstance(getattr(given, "case", None), model.Case):
        ways = "give its .case"
    elif hasattr(given, "simulate"):
        ways = "it is a story with its truth; give the case it tells: .simulate().case"
    raise InputError(
        f"{what} needs a case",
        got=type(given).__name__,
        expected="a Case, its file, or nothing for an empty one",
        way_out=ways,
    )


def subject_words(subject: model.Subject) -> str:
    """Sex, age, height in a line."""
    if subject.sex is None and subject.age_years is None and subject.height_cm is None:
        return "subject not given"
    who = {"male": "man", "female": "woman"}.get(subject.sex or "", "sex not given")
    age = "age not given" if subject.age_years is None else f"{subject.age_years:g} y"
    height = "" if subject.height_cm is None else f", {subject.height_cm:g} cm"
    return f"{who} {age}{height}"
