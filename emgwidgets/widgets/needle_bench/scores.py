"""The score of each muscle as data: one value for each column, clips that prove it, and the needle part of a case.

A score is the reader's; nothing here looks at a signal.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from emgwidgets.errors import InputError
from emgwidgets.model.measure import Conditions, Measures
from emgwidgets.model.needle import (
    SPONTANEOUS_KINDS,
    MotorUnitFindings,
    NeedleExamination,
    RecruitmentFindings,
    SpontaneousActivity,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emgwidgets.model.signal import Side

__all__ = ["GRADED", "OTHER_KINDS", "Clip", "Column", "MuscleScore", "columns", "examination_of"]

#: Kinds with a column of their own, and those under "other", in the order of the menu.
GRADED = ("fibrillation_potential", "positive_sharp_wave", "fasciculation_potential")
OTHER_KINDS = tuple(kind for kind in SPONTANEOUS_KINDS if kind not in GRADED)
SHORT_OTHER = {
    "myotonic_discharge": "myot", "complex_repetitive_discharge": "CRD", "myokymic_discharge": "myok",
    "neuromyotonic_discharge": "NMT", "cramp_discharge": "cramp", "end_plate_noise": "EPN", "end_plate_spike": "EPS",
}  # fmt: skip
#: Seen at end plates of sound muscle: no mark of disease.
HARMLESS = ("end_plate_noise", "end_plate_spike")
SCHEME = "0 none; 1 single trains in 2 areas; 2 moderate in 3 or more; 3 many in all; 4 baseline filled (unverified)"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the grid: its values from least to most, the normal one, and those the digits 0 to 4 stand for."""

    key: str
    words: str
    group: str
    kind: str
    normal: str
    values: tuple[str, ...]
    short: tuple[str, ...]
    digits: tuple[str, ...]


@cache
def columns() -> tuple[Column, ...]:
    """The columns in order."""
    text = resources.files("emgwidgets.widgets.needle_bench").joinpath("score_columns.csv").read_text(encoding="utf-8")
    return tuple(
        Column(
            key=row["key"], words=row["words"], group=row["group"], kind=row["kind"], normal=row["normal"],
            **{name: tuple(filter(None, row[name].split(";"))) for name in ("values", "short", "digits")},
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip


def column(key: str) -> Column:
    """One column.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    found = next((one for one in columns() if one.key == key), None)
    if found is None:
        known = ", ".join(one.key for one in columns())
        raise InputError("the grid has no such column", got=repr(key), expected=f"one of {known}")
    return found


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A stretch that proves a score: which stretch, from when to when, and what was said of it."""

    stretch: int
    start_s: float
    end_s: float
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class MuscleScore:
    """What the reader scored in one muscle.

    Parameters
    ----------
    values : mapping of column to value
        A column that is missing was not tested.
    other : mapping of kind to grade
        Discharges without a column of their own; grade None is seen but not graded.
    clips : mapping of column to tuple of Clip
    measures, effort_measures : mapping
        What was measured and accepted of motor units, and of recruitment, under the names of a case.
    """

    muscle: str
    side: Side
    values: Mapping[str, str] = field(default_factory=dict)
    other: Mapping[str, int | None] = field(default_factory=dict)
    clips: Mapping[str, tuple[Clip, ...]] = field(default_factory=dict)
    measures: Mapping[str, Any] = field(default_factory=Measures)
    effort_measures: Mapping[str, Any] = field(default_factory=Measures)

    def __post_init__(self) -> None:
        for name in ("values", "other", "clips"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def scored(self, key: str, value: str | None) -> MuscleScore:
        """The score with one value set; None is not tested.

        Raises
        ------
        InputError
            If the column has no such value.
        """
        one = column(key)
        if value is not None and (one.kind == "other" or value not in one.values):
            raise InputError(f"the column {one.key} has no such value", got=repr(value), expected=", ".join(one.values))
        values = {**self.values, key: value}
        return replace(self, values={name: found for name, found in values.items() if found is not None})

    def with_other(self, kind: str, grade: int | None, *, is_seen: bool = True) -> MuscleScore:
        """The score with one of the other discharges set, or taken away."""
        if kind not in OTHER_KINDS:
            raise InputError("no such other discharge", got=repr(kind), expected=f"one of {', '.join(OTHER_KINDS)}")
        other = {**self.other, kind: grade}
        if not is_seen:
            del other[kind]
        return replace(self, other=other)

    def linked(self, key: str, clip: Clip) -> MuscleScore:
        """The score with one more clip behind a column; the same stretch twice is one proof."""
        column(key)
        found = self.clips.get(key, ())
        places = {(one.stretch, one.start_s, one.end_s) for one in found}
        return (
            self
            if (clip.stretch, clip.start_s, clip.end_s) in places
            else replace(self, clips={**self.clips, key: (*found, clip)})
        )

    def unlinked(self, key: str, clip: Clip) -> MuscleScore:
        """The score without a clip."""
        left = tuple(one for one in self.clips.get(key, ()) if one != clip)
        clips = {name: found for name, found in {**self.clips, key: left}.items() if found}
        return replace(self, clips=clips)

    def is_abnormal(self, key: str) -> bool:
        """Whether a column is scored and not normal."""
        one = column(key)
        if one.kind == "other":
            return any(kind not in HARMLESS and grade != 0 for kind, grade in self.other.items())
        return key in self.values and self.values[key] != one.normal

    @property
    def unproved(self) -> tuple[str, ...]:
        """Abnormal columns without a clip."""
        return tuple(one.key for one in columns() if self.is_abnormal(one.key) and not self.clips.get(one.key))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was scored."""
        return not self.values and not self.other and not self.measures and not self.effort_measures

    @property
    def n_clips(self) -> int:
        """Number of clips."""
        return sum(len(found) for found in self.clips.values())

    def text(self, key: str) -> str:
        """What the cell shows; a dot is not tested."""
        one = column(key)
        if one.kind == "other":
            said = [
                f"{SHORT_OTHER[kind]}{'' if grade is None else f' {grade}+' if grade else ' 0'}"
                for kind, grade in self.other.items()
            ]
            return ", ".join(said) if said else ("0" if self._rest_was_tested else "·")
        value = self.values.get(key)
        return "·" if value is None else one.short[one.values.index(value)]

    @property
    def _rest_was_tested(self) -> bool:
        return all(kind in self.values for kind in GRADED)


def examination_of(score: MuscleScore, conditions: Conditions | None = None) -> NeedleExamination:
    """The score as the needle examination of one muscle; what was not scored is not tested."""
    values = score.values
    return NeedleExamination(
        muscle=score.muscle, side=score.side, insertional=values.get("insertional"),  # type: ignore[arg-type]
        spontaneous=_spontaneous(score), motor_units=_motor_units(score), recruitment=_recruitment(score),
        conditions=conditions or Conditions(), note=_note(score),
    )  # fmt: skip


def _spontaneous(score: MuscleScore) -> tuple[SpontaneousActivity, ...] | None:
    found = [
        SpontaneousActivity(kind=kind, grade=int(score.values[kind]), scheme=SCHEME)
        for kind in GRADED if kind in score.values
    ]  # fmt: skip
    found += [SpontaneousActivity(kind=kind, grade=grade) for kind, grade in score.other.items()]
    return tuple(found) if found else None


def _motor_units(score: MuscleScore) -> MotorUnitFindings | None:
    values = score.values
    names = ("amplitude", "duration", "polyphasic", "stable")
    if not any(name in values for name in names) and not score.measures:
        return None
    return MotorUnitFindings(
        amplitude=values.get("amplitude"), duration=values.get("duration"),  # type: ignore[arg-type]
        is_polyphasic=None if "polyphasic" not in values else values["polyphasic"] != "normal",
        is_unstable=None if "stable" not in values else values["stable"] != "normal",
        measures=Measures(score.measures),
    )  # fmt: skip


def _recruitment(score: MuscleScore) -> RecruitmentFindings | None:
    word, activation = score.values.get("recruitment"), score.values.get("activation")
    if word is None and activation is None and not score.effort_measures:
        return None
    is_reduced = word in ("mild", "moderate", "marked")
    return RecruitmentFindings(
        pattern="reduced" if is_reduced else word,  # type: ignore[arg-type]
        degree=word if is_reduced else None,  # type: ignore[arg-type]
        is_full_effort=None if activation is None else activation == "full",
        measures=Measures(score.effort_measures),
    )  # fmt: skip


def _note(score: MuscleScore) -> str:
    if not score.unproved:
        return ""
    words = ", ".join(key.replace("_", " ") for key in score.unproved)
    return f"No stretch is linked as proof of: {words}."
