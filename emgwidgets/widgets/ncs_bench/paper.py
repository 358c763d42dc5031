"""A report without traces as a source of the bench: nothing can be stimulated, numbers are typed in."""

from __future__ import annotations

from dataclasses import dataclass, field

from emgwidgets.errors import InputError
from emgwidgets.model.case import Case, Subject
from emgwidgets.model.signal import Side, Sweep
from emgwidgets.widgets.ncs_bench.source import Knobs, StudyInfo
from emgwidgets.widgets.ncs_bench.virtual import known_studies

__all__ = ["PaperSource"]


@dataclass(frozen=True, kw_only=True)
class PaperSource:
    """A case whose conduction studies came on paper, or an empty one.

    Parameters
    ----------
    case : Case
        What is already known; its studies become lines that can be changed.
    """

    case: Case = field(default_factory=Case)

    @property
    def title(self) -> str:
        """Whom the limits depend on."""
        who = self.subject
        parts = [who.sex or "", f"{who.age_years:g} y" if who.age_years is not None else "age not given",
                 f"{who.height_cm:g} cm" if who.height_cm is not None else "height not given"]  # fmt: skip
        return f"numbers from a report, {', '.join(part for part in parts if part)}"

    @property
    def subject(self) -> Subject:
        """Whom limits depend on."""
        return self.case.subject

    @property
    def days_since_onset(self) -> float | None:
        """Age of the problem, where it is known."""
        return self.case.days_since_onset

    @property
    def can_stimulate(self) -> bool:
        """Paper cannot be stimulated."""
        return False

    def studies(self) -> tuple[StudyInfo, ...]:
        """Every study the bench knows."""
        return known_studies()

    def sweep(self, info: StudyInfo, side: Side, site: str, knobs: Knobs, trial: int) -> Sweep:  # noqa: ARG002 - the protocol
        """A report cannot be stimulated.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError(
            "a report has no nerve to stimulate", got=f"{info.title}, {side} {site}", way_out="type its numbers in"
        )

    def recorded(self, info: StudyInfo, side: Side) -> tuple[Sweep, ...]:  # noqa: ARG002 - the protocol
        """There are no traces."""
        return ()
