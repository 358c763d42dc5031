"""What was read from a spine MRI report: findings with the place of every word, conflicts, urgent findings, unread text."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from emgwidgets.errors import InputError
from emgwidgets.model.checks import Strict, check_choice, tuples
from emgwidgets.model.mri import MriFinding

__all__ = [
    "Correction", "Evidence", "MriReport", "NormalLevel", "PriorSurgery", "ReportConflict", "ReportFinding",
    "ReportSection", "RootWeight", "UnreadText", "UrgentFinding",
]  # fmt: skip

SECTIONS = (
    "administrative", "title", "indication", "technique", "comparison", "findings", "impression", "addendum", "body",
)  # fmt: skip
CHANGES = ("", "unchanged", "worse", "better", "new", "old")
CONFLICTS = ("root_level", "side", "grade", "presence", "level")


@dataclass(frozen=True, kw_only=True)
class Evidence(Strict):
    """Where one field of a finding was read: first and last (exclusive) character of the report."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class ReportSection(Strict):
    """A stretch of the report; ``"body"`` stands under no heading."""

    name: str
    start: int
    end: int

    def __post_init__(self) -> None:
        check_choice(self.name, SECTIONS, what="the section of a report")


@dataclass(frozen=True, kw_only=True)
class RootWeight(Strict):
    """How likely a lesion meets one root, 0 to 1; several roots of one lesion need not add up to 1.

    Parameters
    ----------
    root : str
        Such as ``"L5"``; ``"cord"`` or ``"conus"`` where the lesion meets those.
    side : str, optional
        ``"left"``, ``"right"`` or ``"bilateral"``.
    """

    root: str
    weight: float = field(metadata={"unit": "share"})
    side: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReportFinding(Strict):
    """One finding of a report with where each of its fields was read.

    Parameters
    ----------
    finding : MriFinding
        The finding; after a correction, the corrected one.
    evidence : tuple of Evidence
        Place of every field that was read.
    section : str
        Section of the first mention.
    severity_index : float, optional
        0 none, 1 mild, 1.5 mild to moderate, 2 moderate, 2.5 moderate to severe, 3 severe (facts mri.md 2.1, derived).
    sizes_mm : tuple of float
        Every dimension given, in the order of the report.
    canal_mm : float, optional
        Diameter of the canal or sac, where given; not the size of the finding.
    vertebra : str
        The vertebra, for a finding of a bone.
    change : str
        Against an earlier study: unchanged, worse, better, new, or old (only said to have been there before).
    at_most : str
        For "no significant ...": the grade that is not excluded by these words; empty otherwise.
    unnamed_root_effect : str
        Effect on "the nerve root" without a name.
    sac_effect : bool
        Whether it is said to reach the thecal sac.
    inferred_roots : tuple of RootWeight
        Roots that the level and zone imply; never mixed with what the report says.
    mentions : int
        How often the report says it.
    corrected_from : MriFinding, optional
        What was read, when a person corrected it.
    """

    finding: MriFinding
    evidence: tuple[Evidence, ...] = ()
    section: str = "body"
    severity_index: float | None = None
    sizes_mm: tuple[float, ...] = ()
    canal_mm: float | None = None
    vertebra: str = ""
    change: str = ""
    at_most: str = ""
    unnamed_root_effect: str = ""
    sac_effect: bool = False
    inferred_roots: tuple[RootWeight, ...] = ()
    mentions: int = 1
    corrected_from: MriFinding | None = None

    def __post_init__(self) -> None:
        tuples(self, "evidence", "sizes_mm", "inferred_roots")
        check_choice(self.section, SECTIONS, what="the section of a finding")
        check_choice(self.change, CHANGES, what="the change of a finding")

    @property
    def is_present(self) -> bool:
        """Whether the report says it is there, surely or not."""
        return self.finding.certainty != "negated"


@dataclass(frozen=True, kw_only=True)
class ReportConflict(Strict):
    """Two statements of a report that do not fit; neither is dropped.

    Parameters
    ----------
    kind : str
        ``"root_level"``, ``"side"``, ``"grade"``, ``"presence"`` or ``"level"``.
    sentence : str
        What does not fit; holds no text of the report beyond levels, roots and sides.
    spans : tuple of tuple of int
        Where both statements stand.
    """

    kind: str
    sentence: str
    spans: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        tuples(self, "spans")
        check_choice(self.kind, CONFLICTS, what="the kind of a conflict")


@dataclass(frozen=True, kw_only=True)
class UrgentFinding(Strict):
    """A finding that goes before any correlation with nerve tests."""

    kind: str
    sentence: str
    certainty: str
    span: tuple[int, int]
    level: str = ""


@dataclass(frozen=True, kw_only=True)
class NormalLevel(Strict):
    """A disc level that the report calls normal as a whole."""

    level: str
    span: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class PriorSurgery(Strict):
    """An operation that the report mentions."""

    kind: str
    span: tuple[int, int]
    levels: tuple[str, ...] = ()
    side: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnreadText(Strict):
    """A stretch that was not understood; listed, never dropped."""

    start: int
    end: int
    section: str = "body"


@dataclass(frozen=True, kw_only=True)
class Correction(Strict):
    """A field that a person changed: what was read and what it is now."""

    index: int
    field: str
    was: Any
    now: Any


@dataclass(frozen=True, kw_only=True, repr=False)
class MriReport(Strict):
    """Everything read from one report.  Its text may hold a name, so it never appears in a repr.

    Parameters
    ----------
    text : str
        The report as given; every span counts its characters.
    regions : tuple of str
        Regions of the spine it speaks of.
    numbering_basis : str, optional
        How the vertebrae were counted, one of the model's NUMBERING.
    is_transitional : bool
        Whether a transitional vertebra or another count than five lumbar vertebrae is stated.
    repairs : tuple of UnreadText and str
        Typing errors and level forms that were settled, with their place.
    """

    text: str
    sections: tuple[ReportSection, ...] = ()
    findings: tuple[ReportFinding, ...] = ()
    normal_levels: tuple[NormalLevel, ...] = ()
    conflicts: tuple[ReportConflict, ...] = ()
    urgent: tuple[UrgentFinding, ...] = ()
    surgery: tuple[PriorSurgery, ...] = ()
    unread: tuple[UnreadText, ...] = ()
    repairs: tuple[tuple[int, int, str], ...] = ()
    regions: tuple[str, ...] = ()
    numbering_basis: str | None = None
    is_transitional: bool = False
    corrections: tuple[Correction, ...] = ()

    def __repr__(self) -> str:
        n_present = sum(one.is_present for one in self.findings)
        return (
            f"MriReport({', '.join(self.regions) or 'spine'}: {n_present} findings, "
            f"{len(self.findings) - n_present} looked for and not seen, {len(self.urgent)} urgent, "
            f"{len(self.conflicts)} conflicts, {len(self.unread)} stretches not understood)"
        )

    def words(self, span: tuple[int, int]) -> str:
        """Text of the report between two characters."""
        return self.text[span[0] : span[1]]

    @property
    def present(self) -> tuple[MriFinding, ...]:
        """Findings said to be there, surely or not: what a case takes over."""
        return tuple(one.finding for one in self.findings if one.is_present)

    def corrected(self, index: int, **changes: Any) -> MriReport:
        """Return the report with one finding corrected; what was read is kept beside it.

        Parameters
        ----------
        index : int
            Which of ``findings``.
        **changes
            Fields of :class:`~emgwidgets.model.mri.MriFinding`, such as ``level="L5-S1"`` or ``side="right"``.

        Raises
        ------
        InputError
            If there is no such finding or field, or a value cannot be used.
        """
        if not 0 <= index < len(self.findings):
            raise InputError(
                "no such finding in the report", got=str(index), expected=f"0 to {len(self.findings) - 1}"
                if self.findings else "a report with findings",
            )  # fmt: skip
        known = {one.name for one in dataclasses.fields(MriFinding)} - {"span"}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise InputError("a finding has no such field", got=unknown[0], expected=", ".join(sorted(known)))
        old = self.findings[index]
        new = dataclasses.replace(old.finding, **changes)
        corrections = [
            Correction(index=index, field=name, was=getattr(old.finding, name), now=getattr(new, name))
            for name in changes
            if getattr(old.finding, name) != getattr(new, name)
        ]
        replaced = dataclasses.replace(old, finding=new, corrected_from=old.corrected_from or old.finding)
        findings = (*self.findings[:index], replaced, *self.findings[index + 1 :])
        return dataclasses.replace(self, findings=findings, corrections=(*self.corrections, *corrections))
