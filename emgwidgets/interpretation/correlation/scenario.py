"""One reading of the nerve tests, and the whole of them, as the rows of the concordance table need it."""

from __future__ import annotations

from dataclasses import dataclass

from emgwidgets.interpretation.correlation.muscles_found import MuscleFound
from emgwidgets.interpretation.localisation.observations import Observation

__all__ = ["Function", "Known", "Scenario"]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One reading of the nerve tests.

    Parameters
    ----------
    code : str
        Class of mri section 6.1.
    roots : tuple of (root, side)
        Empty where no root is named.
    limb : str
        ``"arm"``, ``"leg"`` or ``""``.
    """

    code: str
    probability: float
    words: str
    candidate: str = ""
    roots: tuple[tuple[str, str], ...] = ()
    sides: tuple[str, ...] = ()
    limb: str = ""

    @property
    def spread(self) -> str:
        """``"none"``, ``"one"``, ``"several"`` or ``"bilateral"``."""
        if not self.roots:
            return "none"
        if len({side for _, side in self.roots}) == 2:
            return "bilateral"
        return "one" if len(self.roots) == 1 else "several"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What every reading rests on: the muscles, what a negative study would still need, and the day."""

    muscles: tuple[MuscleFound, ...]
    gaps: tuple[str, ...]
    days: float | None


@dataclass(frozen=True, kw_only=True)
class Function:
    """Every reading, the likeliest first, and what they rest on.

    Parameters
    ----------
    invalid : tuple of str
        Technical faults, one sentence each.
    gaps : tuple of str
        What a negative study would still need.
    """

    scenarios: tuple[Scenario, ...]
    muscles: tuple[MuscleFound, ...]
    observations: tuple[Observation, ...]
    invalid: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def leading(self) -> Scenario:
        """The likeliest reading."""
        return self.scenarios[0]

    @property
    def root_odds(self) -> dict[tuple[str, str], float]:
        """Probability that each root of each side takes part, over all readings; the likeliest first."""
        odds: dict[tuple[str, str], float] = {}
        for one in self.scenarios:
            for pair in one.roots:
                odds[pair] = odds.get(pair, 0.0) + one.probability
        return dict(sorted(odds.items(), key=lambda entry: -entry[1]))

    @property
    def sides(self) -> tuple[str, ...]:
        """Sides with any needled muscle."""
        return tuple(side for side in ("left", "right") if any(one.side == side for one in self.muscles))
