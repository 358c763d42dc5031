"""What is asked of a needle examination: stretches of rest, movement and effort, and discharges asked for by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from emgwidgets.simulation.muscle.drive import DriveManner

__all__ = ["Activity", "NeedlePhase"]


@dataclass(frozen=True, kw_only=True)
class Activity:
    """A spontaneous discharge asked for by name, beside what the muscle's own state brings.

    Parameters
    ----------
    kind : str
        One of ``emgwidgets.simulation.spontaneous.SPONTANEOUS``.
    rate_hz : float, optional
        Its rate; drawn from the published range when left out.
    n_sources : int
        How many fibres or axons do it.
    """

    kind: str
    rate_hz: float | None = None
    n_sources: int = 1


@dataclass(frozen=True, kw_only=True)
class NeedlePhase:
    """A stretch of the examination.

    Parameters
    ----------
    kind : str
        ``"rest"``, ``"insertion"`` (one needle movement, then rest) or ``"effort"``.
    duration_s : float
        Length.
    effort : str or float
        ``"slight"``, ``"moderate"``, ``"full"`` or a share of the healthy muscle's greatest force.
    manner : str
        ``"steady"``, ``"poor"``, ``"central"`` or ``"tremor"``.
    depth_step_mm, lateral_step_mm : float
        How far the needle has moved when the phase begins; it stays there for the later phases.
    doublet_share : float, optional
        Share of voluntary discharges that are doublets; the usual one when left out.
    insertional : str
        ``"by_state"`` (increased when fibres are irritable), ``"normal"``, ``"increased"`` or ``"decreased"``.
    activities : tuple of Activity
        Spontaneous discharges asked for.
    """

    kind: Literal["rest", "insertion", "effort"]
    duration_s: float
    effort: str | float = "slight"
    manner: DriveManner = "steady"
    depth_step_mm: float = 0.0
    lateral_step_mm: float = 0.0
    doublet_share: float | None = None
    insertional: Literal["by_state", "normal", "increased", "decreased"] = "by_state"
    activities: tuple[Activity, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in ("rest", "insertion", "effort"):
            raise InputError(
                "no such phase of the examination", got=repr(self.kind), expected="rest, insertion or effort"
            )
        if not 0 < self.duration_s < 3600:
            raise InputError(
                "the duration cannot be used", got=f"{self.duration_s} s", expected="above 0 s, up to an hour"
            )
