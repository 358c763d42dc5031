"""The unknown cases of the curriculum as data: a person, lesions, a story, and what a reader should arrive at."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from emgwidgets.errors import InputError
from emgwidgets.simulation.conditions import Condition, read_condition

if TYPE_CHECKING:
    from emgwidgets.simulation.story.told import SimulatedCase

__all__ = ["Expected", "TeachingCase", "teaching_case", "teaching_cases"]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the case teaches; never shown before the reader has concluded.

    Parameters
    ----------
    row : str
        Row of the concordance table of structure, function and complaint; ``"none"`` where no row fits.
    least_study : tuple of str
        The least sufficient study, in words.
    trap, impression : str
        The likely wrong turn, and what may be concluded.
    red_flag : str
        What must come first; empty without one.
    technique : dict
        Faults of the study as it was sent in, such as ``skin_temperature_degc``; empty without.
    """

    row: str
    least_study: tuple[str, ...]
    trap: str
    impression: str
    red_flag: str = ""
    technique: tuple[tuple[str, str | float | bool], ...] = ()


@dataclass(frozen=True, kw_only=True)
class TeachingCase:
    """One case of the curriculum.

    Parameters
    ----------
    condition : Condition
        Lesions and story.
    """

    code: str
    title: str
    age_years: float
    sex: Literal["female", "male"]
    height_cm: float
    condition: Condition
    expected: Expected

    def simulate(self, *, seed: int = 0, style: str | None = None) -> SimulatedCase:
        """Return the patient with the paper case; the seed chooses the body and the words, never the story."""
        from emgwidgets.simulation.story.told import tell

        return tell(
            self.condition, style=style, seed=seed, age_years=self.age_years, sex=self.sex, height_cm=self.height_cm
        )


@cache
def _tables() -> dict[str, dict[str, Any]]:
    folder = resources.files("emgwidgets.simulation").joinpath("cases")
    names = [entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")]
    tables = {
        name.removesuffix(".toml"): tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8")) for name in names
    }
    return dict(sorted(tables.items(), key=lambda pair: (int(re.sub(r"\D", "", pair[0])), pair[0])))


def teaching_cases() -> tuple[str, ...]:
    """Codes of the cases, ``"U1"`` to ``"U24"`` and their variants."""
    return tuple(_tables())


@cache
def teaching_case(code: str) -> TeachingCase:
    """Return one case.

    Raises
    ------
    InputError
        If there is no such case.
    """
    if code not in _tables():
        raise InputError("no such case", got=repr(code), expected=f"one of {', '.join(teaching_cases())}")
    table = _tables()[code]
    person, wanted = table["person"], table["expected"]
    return TeachingCase(
        code=code, title=table["title"], age_years=float(person["age_years"]), sex=person["sex"],
        height_cm=float(person["height_cm"]), condition=read_condition(table, code, side=person.get("side")),
        expected=Expected(
            row=wanted["row"], least_study=tuple(wanted["least_study"]), trap=wanted["trap"],
            impression=wanted["impression"], red_flag=wanted.get("red_flag", ""),
            technique=tuple(wanted.get("technique", {}).items()),
        ),
    )  # fmt: skip
