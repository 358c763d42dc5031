"""The impression of a case, and the checklist of a written one.  A reader's text is checked, never changed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any, Literal

from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.correlate import correlate
from emgwidgets.model.case import Case
from emgwidgets.model.correlation import Checklist, ChecklistPoint, Correlation, Impression

__all__ = ["check_impression", "impression"]

#: Points taken away for each forbidden wording, and longest text (curriculum section 7; the length is an internal choice).
PENALTY, MAX_CHARACTERS = 2, 50_000


@cache
def _table() -> dict[str, Any]:
    text = (
        resources.files("emgwidgets.interpretation").joinpath("impression_checklist.toml").read_text(encoding="utf-8")
    )
    return tomllib.loads(text)


def impression(found: Correlation | Case) -> Impression:
    """The software's impression: sentences made from verdicts only, red flags first, each with its evidence."""
    return (correlate(found) if isinstance(found, Case) else found).impression


def check_impression(text: str, found: Correlation | Case | None = None) -> Checklist:
    """Hold a written impression against the fifteen points of the checklist.

    It looks for words, so it can miss good sentences in other words; it says which words met a point.

    Parameters
    ----------
    text : str
        What the reader wrote.
    found : Correlation or Case, optional
        Then the side is compared, the red flag must come first if there is one, and the MRI point counts only with an MRI.

    Raises
    ------
    InputError
        If there is no text, or far too much.
    """
    if not text.strip():
        raise InputError("there is no impression to check", expected="at least one sentence")
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            "this is too long for an impression", got=f"{len(text)} characters", expected=f"at most {MAX_CHARACTERS}"
        )
    made = correlate(found) if isinstance(found, Case) else found
    plain = " ".join(text.lower().split())
    points = tuple(_point(row, plain, made) for row in _table()["point"])
    forbidden = tuple(_forbidden(plain))
    counted = [one for one in points if one.state != "not applicable"]
    met = sum(one.state == "met" for one in counted) - PENALTY * len(forbidden)
    return Checklist(
        points=points, forbidden=forbidden, percent=max(0.0, 100.0 * met / len(counted)) if counted else 0.0
    )


def _find(patterns: Sequence[str], text: str) -> str:
    for pattern in patterns:
        hit = re.search(pattern, text)
        if hit:
            return hit.group(0).strip()
    return ""


def _applies(row: dict[str, Any], made: Correlation | None) -> bool:
    what = row.get("applies", "always")
    if what == "red_flag":
        return made is not None and bool(made.urgent)
    if what == "abnormal":
        return made is None or made.row.edx_class not in {"E0", "E0i", "E1", "Eps", "Et"}
    if what == "mri":
        return made is None or made.row.mri_class != "MX"
    return True


def _point(row: dict[str, Any], text: str, made: Correlation | None) -> ChecklistPoint:
    state: Literal["met", "missing", "not applicable"] = "missing"
    if not _applies(row, made):
        return ChecklistPoint(number=row["number"], words=row["words"], state="not applicable")
    if row.get("first"):
        head = re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]
        found = [_find(row["first"], head)]
    else:
        found = [_find(group, text) for group in row["needs"]]
    wrong = _find(row.get("unless", ()), text)
    advice = row["advice"]
    if all(found) and not wrong:
        state, advice = "met", ""
    if row["number"] == 3 and state == "met" and (conflict := _side_conflict(text, made)):
        state, advice = "missing", conflict
    return ChecklistPoint(
        number=row["number"], words=row["words"], state=state, found=", ".join(dict.fromkeys(word for word in found if word)),
        advice=advice,
    )  # fmt: skip


def _side_conflict(text: str, made: Correlation | None) -> str:
    """Sentence when the text names only the side on which nothing was found."""
    side = made.sides.edx if made is not None else ""
    if side not in {"left", "right"}:
        return ""
    other = "right" if side == "left" else "left"
    if re.search(rf"\b{other}\b", text) and not re.search(rf"\b({side}|bilateral|both sides)\b", text):
        return f"The findings of the nerve tests are on the {side}; the text names only the {other}."
    return ""


def _forbidden(text: str) -> list[str]:
    found: list[str] = []
    taken: list[tuple[int, int]] = []
    for row in _table()["forbidden"]:
        for hit in re.finditer(row["pattern"], text):
            denied = re.search(r"\b(not|never|no|cannot|does not|do not)\b[^.;]{0,15}$", text[: hit.start()])
            if denied or any(start < hit.end() and hit.start() < end for start, end in taken):
                continue
            taken.append(hit.span())
            found.append(f'"{hit.group(0)}": {row["why"]}.')
    return found
