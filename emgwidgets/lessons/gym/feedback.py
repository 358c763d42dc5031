"""What an answer of the gym is told, made of the measured features of the item; it measures nothing itself."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from emgwidgets.lessons.gym.answers import CANNOT_TELL
from emgwidgets.simulation.practice.waveform_classes import waveform_class

if TYPE_CHECKING:
    from emgwidgets.simulation.practice.waveform_items import WaveformItem

__all__ = ["Told", "told", "what_decides"]

SETTINGS = {
    "insertion": "movement", "fibre": "rest", "chain": "rest", "axon": "rest", "unit": "effort", "drive": "effort",
    "artefact": "not_muscle",
}  # fmt: skip
MOST_REASONS = 2
#: Waveform classes whose truth allows "cannot tell" from one place alone (curriculum, feedback b).
ONE_PLACE = ("fibrillation", "end_plate_spike")

Features = Mapping[str, "float | str"]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a learner is told.

    Parameters
    ----------
    lead : str
        The measured feature that speaks for or against the answer.
    why : str
        What decides for the truth, with its numbers.
    sources : tuple of str
        Sources of the ranges that were used, each with its mark; M and P are "unverified".
    """

    lead: str
    why: str
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.lead} {self.why}".strip()


@dataclass(frozen=True, kw_only=True)
class _Check:
    feature: str
    op: str
    value: str
    words: str
    source: str
    mark: str

    def speaks_against(self, features: Features) -> bool:
        found = features.get(self.feature)
        if found is None or (isinstance(found, float) and math.isnan(found)):
            return False
        if isinstance(found, str):
            return (found == self.value) == (self.op == "is")
        return found > float(self.value) if self.op == "above" else found < float(self.value)


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files("emgwidgets.lessons.gym").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def _checks() -> Mapping[str, tuple[_Check, ...]]:
    found: dict[str, list[_Check]] = {}
    for row in _rows("against.csv"):
        found.setdefault(row.pop("answer"), []).append(_Check(**row))
    return {code: tuple(checks) for code, checks in found.items()}


@cache
def _deciding() -> Mapping[str, str]:
    return {row["code"]: row["words"] for row in _rows("decides.csv")}


def _all_features(item: WaveformItem) -> Features:
    """Measured features, and where the activity stands: at rest, with effort, with the needle, or no muscle at all."""
    found: dict[str, float | str] = {**item.features, "setting": SETTINGS[item.kind.origin], "origin": item.kind.origin}
    if "rate_from_hz" in found and item.kind.origin != "chain":
        del found["interval_cv_percent"]  # the pauses between runs would count as irregular
    if "n_units_seen" in found:
        n = float(found["n_units_seen"])
        found["units"] = f"{n:.0f} unit" if n == 1 else f"{n:.0f} units"
    return found


def _filled(words: str, features: Features) -> str:
    """Words with their numbers; a clause whose number could not be measured is left out."""
    try:
        text = words.format(**features)
    except (KeyError, ValueError):
        return ""
    return "" if "nan" in text.split("/")[0].split() or " nan" in text else text


def what_decides(item: WaveformItem) -> str:
    """The features that decide for the true class of an item, with their numbers."""
    text = _filled(_deciding()[item.kind.code], _all_features(item))
    return text or f"{item.kind.name.capitalize()}: {item.kind.features.replace(';', ',')}."


def told(item: WaveformItem, answer: str, *, grade: int | None = None) -> Told:
    """Say what decides for or against an answer.

    Parameters
    ----------
    item : WaveformItem
    answer : str
        Code of a class, or ``"cannot_tell"``.
    grade : int, optional
        Grade 0-4 that was given, where one was asked.

    Returns
    -------
    Told

    Raises
    ------
    InputError
        If there is no such class.
    """
    why = what_decides(item)
    if answer == CANNOT_TELL:
        lead = f"Not named. It is: {item.kind.name}."
        if item.kind.code in ONE_PLACE:
            lead += " From one place alone, leaving it open until the needle has been moved can be defended."
        return Told(lead=lead, why=why)
    if answer == item.kind.code:
        return Told(lead=f"{item.kind.name.capitalize()}.{_grade_words(item, grade)}", why=why)
    given = waveform_class(answer)
    features = _all_features(item)
    against = [check for check in _checks().get(answer, ()) if check.speaks_against(features)]
    pairs = [(check, text) for check in against if (text := _filled(check.words, features))][:MOST_REASONS]
    sources = tuple(dict.fromkeys(f"{check.source} ({_mark_words(check.mark)})" for check, _ in pairs))
    if not pairs:
        needs = given.features.replace(";", ",")
        pairs_text = f"A {given.name} would show: {needs}."
        sources = (f"curriculum, section 3 ({_mark_words(given.mark)})",)
    else:
        pairs_text = " ".join(text for _, text in pairs)
    return Told(lead=f"{pairs_text} It is: {item.kind.name}, not {given.name}.", why=why, sources=sources)


def _grade_words(item: WaveformItem, grade: int | None) -> str:
    if item.grade is None or grade is None:
        return ""
    if grade == item.grade:
        return f" Grade {grade}."
    return f" Graded {grade}; {item.features['n_sources']:.0f} sources were made for grade {item.grade}."


def _mark_words(mark: str) -> str:
    return {"V": "read", "D": "derived"}.get(mark, "unverified")
