"""A case: what was asked, felt, found and measured, and what a reader concluded.  Never a name or a number that identifies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from emgwidgets.errors import InputError
from emgwidgets.model.checks import Strict, check_choice, check_range, check_side, tuples
from emgwidgets.model.mri import MriFinding
from emgwidgets.model.ncs import NcsStudies
from emgwidgets.model.needle import NeedleExamination
from emgwidgets.model.signal import Annotation, Side

__all__ = [
    "MRC_GRADES", "Case", "Examination", "Reading", "Reflex", "Sensation", "Sign", "Strength", "Subject", "Symptom",
]  # fmt: skip

#: Strength from none to full, with the intermediate signs in clinical use.
MRC_GRADES = ("0", "1", "2", "3-", "3", "3+", "4-", "4", "4+", "5-", "5")


@dataclass(frozen=True, kw_only=True)
class Subject(Strict):
    """Whom the limits depend on; never a name or a number that identifies."""

    age_years: float | None = None
    sex: Literal["female", "male"] | None = None
    height_cm: float | None = None
    weight_kg: float | None = None

    def __post_init__(self) -> None:
        check_choice(self.sex, (None, "female", "male"), what="the sex")
        check_range(self.age_years, 0, 120, what="the age", unit="years")
        check_range(self.height_cm, 30, 260, what="the height", unit="cm")
        check_range(self.weight_kg, 0.5, 500, what="the weight", unit="kg")


@dataclass(frozen=True, kw_only=True)
class Symptom(Strict):
    """One symptom: what, where, which side, since when."""

    kind: str
    place: str = ""
    side: Literal["left", "right", "bilateral"] | None = None
    days: float | None = None
    roots: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        tuples(self, "roots")
        if not self.kind.strip():
            raise InputError("a symptom needs its kind", expected='such as "pain", "numbness" or "weakness"')
        check_choice(self.side, (None, "left", "right", "bilateral"), what="the side of a symptom")
        check_range(self.days, 0, 40000, what="the age of a symptom", unit="days")


@dataclass(frozen=True, kw_only=True)
class Strength(Strict):
    """Strength of one muscle on the MRC scale."""

    muscle: str
    side: Side
    mrc: str

    def __post_init__(self) -> None:
        check_side(self.side, what=f"the strength of {self.muscle}")
        check_choice(self.mrc, MRC_GRADES, what="the MRC grade")


@dataclass(frozen=True, kw_only=True)
class Reflex(Strict):
    """One tendon or sphincter reflex, such as ``"biceps"`` or ``"achilles"``."""

    name: str
    side: Side
    finding: Literal["absent", "reduced", "normal", "increased"]

    def __post_init__(self) -> None:
        check_side(self.side, what=f"the {self.name} reflex")
        check_choice(self.finding, ("absent", "reduced", "normal", "increased"), what=f"the {self.name} reflex")


@dataclass(frozen=True, kw_only=True)
class Sensation(Strict):
    """Sensation in one area, given as words and, where judged, as root or sensory nerve."""

    area: str
    side: Side
    finding: Literal["absent", "reduced", "normal", "increased", "altered"]
    modality: str = ""
    root: str = ""
    nerve: str = ""

    def __post_init__(self) -> None:
        check_side(self.side, what=f"sensation at {self.area}")
        allowed = ("absent", "reduced", "normal", "increased", "altered")
        check_choice(self.finding, allowed, what=f"sensation at {self.area}")


@dataclass(frozen=True, kw_only=True)
class Sign(Strict):
    """A test of the examination, such as ``"spurling"`` or ``"straight_leg_raise"``, with its result."""

    name: str
    is_positive: bool
    side: Side | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.side is not None:
            check_side(self.side, what=f"the sign {self.name}")


@dataclass(frozen=True, kw_only=True)
class Examination(Strict):
    """Clinical examination; what is not listed was not tested."""

    strength: tuple[Strength, ...] = ()
    reflexes: tuple[Reflex, ...] = ()
    sensation: tuple[Sensation, ...] = ()
    signs: tuple[Sign, ...] = ()

    def __post_init__(self) -> None:
        tuples(self, "strength", "reflexes", "sensation", "signs")


@dataclass(frozen=True, kw_only=True)
class Reading(Strict):
    """What a named reader concluded, kept apart from what software suggests."""

    reader: str
    impression: str
    conclusions: tuple[str, ...] = ()
    severity: str = ""
    limits: str = ""
    rejected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        tuples(self, "conclusions", "rejected")
        if not self.reader.strip():
            raise InputError("a reading needs its reader", expected="the reader's name or initials")


@dataclass(frozen=True, kw_only=True)
class Case(Strict):
    """Everything known about one case.

    Parameters
    ----------
    subject : Subject
        Age, sex, height; nothing that identifies.
    question : str
        What was asked.
    days_since_onset : float, optional
        Age of the problem; None makes every time-dependent statement unjudgeable.
    annotations : tuple of Annotation
        Marks, append-only.
    reading : Reading, optional
        A person's conclusion.
    """

    subject: Subject = field(default=Subject())
    question: str = ""
    days_since_onset: float | None = None
    symptoms: tuple[Symptom, ...] = ()
    examination: Examination = field(default=Examination())
    ncs: NcsStudies = field(default=NcsStudies())
    needle: tuple[NeedleExamination, ...] = ()
    mri: tuple[MriFinding, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    reading: Reading | None = None

    def __post_init__(self) -> None:
        tuples(self, "symptoms", "needle", "mri", "annotations")
        check_range(self.days_since_onset, 0, 40000, what="the time since onset", unit="days")

    def __repr__(self) -> str:
        n_ncs = sum(len(group) for group in (self.ncs.motor, self.ncs.sensory, self.ncs.late, self.ncs.repetitive))
        return f"Case({n_ncs} NCS studies, {len(self.needle)} needle muscles, {len(self.mri)} MRI findings)"
