"""What the MRI of a virtual patient shows: the findings of the condition and those of age, with the truth kept apart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from emgwidgets.model.mri import MriFinding
from emgwidgets.simulation.nerve.axons import Subject, generator
from emgwidgets.simulation.story.incidental import incidental_findings

__all__ = ["MriExam", "MriTruth", "PlannedFinding", "planned_mri"]


@dataclass(frozen=True, kw_only=True)
class PlannedFinding:
    """A finding the condition's file asks for.

    Parameters
    ----------
    role : {"cause", "incidental"}
        Whether it is what damaged the nerve.
    is_read : bool
        False for a finding that is on the images and missing from the report.
    smallest_mm, largest_mm : float
        Range the size is drawn from; both 0 without a size.
    """

    finding: MriFinding
    role: Literal["cause", "incidental"] = "cause"
    is_read: bool = True
    smallest_mm: float = 0.0
    largest_mm: float = 0.0

    def drawn(self, seed: int) -> MriFinding:
        """Return the finding with its size."""
        if self.largest_mm <= 0:
            return self.finding
        rng = generator(seed, "size", self.finding.kind, self.finding.level)
        size = self.smallest_mm + rng.random() * (self.largest_mm - self.smallest_mm)
        return replace(self.finding, size_mm=float(max(round(size), 1)))


@dataclass(frozen=True, kw_only=True)
class MriTruth:
    """What the reader of the report cannot know.

    Parameters
    ----------
    causes, incidental : tuple of int
        Places in the list of findings.
    unread : tuple of MriFinding
        On the images, not in the report.
    """

    causes: tuple[int, ...] = ()
    incidental: tuple[int, ...] = ()
    unread: tuple[MriFinding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MriExam:
    """One MRI examination: what is visible, its report, and the truth.

    Parameters
    ----------
    region : str
        ``"cervical"``, ``"lumbar"`` or ``"brachial_plexus"``.
    findings : tuple of MriFinding
        Visible and reported, each with its span in the text.
    negated : tuple of MriFinding
        What the report says is not there, each with its span.
    text : str
        Report without any identifier.
    summaries : tuple of (int, (int, int))
        Findings the impression repeats: place in the list, and span.
    """

    region: str
    findings: tuple[MriFinding, ...]
    negated: tuple[MriFinding, ...]
    text: str
    style: str
    truth: MriTruth
    summaries: tuple[tuple[int, tuple[int, int]], ...] = ()


def planned_mri(
    subject: Subject, region: str, planned: tuple[PlannedFinding, ...], *, with_incidental: bool = True
) -> tuple[tuple[MriFinding, ...], MriTruth]:
    """Findings in the order of the spine, and which of them is the cause.

    An incidental finding is left out where the condition already has one of its kind at that level.
    """
    own = [(one.drawn(subject.seed), one) for one in planned]
    shown = [(finding, one.role) for finding, one in own if one.is_read]
    if with_incidental and region in ("cervical", "lumbar"):
        taken = {(finding.kind, finding.level) for finding, _ in own}
        shown += [
            (finding, "incidental")
            for finding in incidental_findings(subject, region)
            if (finding.kind, finding.level) not in taken
        ]
    shown.sort(key=lambda pair: _height(pair[0].level))
    roles = [role for _, role in shown]
    truth = MriTruth(
        causes=tuple(i for i, role in enumerate(roles) if role == "cause"),
        incidental=tuple(i for i, role in enumerate(roles) if role == "incidental"),
        unread=tuple(finding for finding, one in own if not one.is_read),
    )
    return tuple(finding for finding, _ in shown), truth


def _height(level: str) -> int:
    from emgwidgets import vocabulary

    order = list(vocabulary.levels())
    return order.index(level) if level else -1
