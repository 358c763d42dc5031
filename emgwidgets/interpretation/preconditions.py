"""What cold and submaximal stimulation take away from an answer, and how sure a number is to pass a threshold.

A confounder that pushes a number up can feign "above" and never hides it; it can hide "below".  Which way each measure is
pushed stands in ``measures.csv`` with its source.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import NamedTuple

from emgwidgets.interpretation._tables import measures
from emgwidgets.model.verdict import Fact

__all__ = ["BORDERLINE", "Z90", "Spoiled", "above_probability", "is_uncertain", "spoiled"]

#: Standard deviations from the middle to the end of a 90 % interval.
Z90 = 1.6449
#: An answer less likely than this to hold is borderline; internal choice: the 90 % interval reaches over the limit.
BORDERLINE = 0.95


class Spoiled(NamedTuple):
    """Why an answer cannot be used, for either answer, and what was assumed."""

    met: str = ""
    not_met: str = ""
    assumed: tuple[str, ...] = ()


NOTHING = Spoiled()


def above_probability(fact: Fact, threshold: float) -> float | None:  # threshold in the unit of the fact
    """Probability that the true value lies above a threshold; None where the uncertainty is not known."""
    value = fact.number
    if value is None or fact.low is None or fact.high is None:
        return None
    half = fact.high - value if threshold > value else value - fact.low
    if half <= 0.0:
        return float(value > threshold)
    return 0.5 * math.erfc((threshold - value) / (half / Z90) / math.sqrt(2.0))


def is_uncertain(probability: float | None) -> bool:
    """Whether an answer of this probability could well be the other one."""
    return probability is not None and (1.0 - BORDERLINE) < probability < BORDERLINE


def _one(effect: str, direction: str, *, holds: bool | None, bad: str, unknown: str, name: str, assume: Collection[str]) -> Spoiled:  # fmt: skip
    if not effect or holds is True:
        return NOTHING
    feigns = effect == "either" or (effect == "raises") == (direction == "above")
    hides = effect == "either" or not feigns
    if holds is False:
        return Spoiled(met=bad if feigns else "", not_met=bad if hides else "")
    if not feigns:
        return NOTHING
    return Spoiled(assumed=(name,)) if name in assume else Spoiled(met=unknown)


def spoiled(
    fact: Fact, direction: str, *, skin_min_degc: float | None, needs_temperature: bool = True,
    needs_supramaximal: bool = True, assume: Collection[str] = (),
) -> Spoiled:  # fmt: skip
    """Return why a number must not be held against a threshold.

    Parameters
    ----------
    direction : str
        ``"above"`` or ``"below"``: which way the threshold is passed.
    skin_min_degc : float, optional
        Lowest skin temperature the threshold holds for; None when none is stated.
    """
    row = measures().get((fact.kind, fact.measure))
    if row is None:
        return NOTHING
    found = []
    skin_degc = fact.conditions.skin_temperature_degc
    if needs_temperature and skin_min_degc is not None:
        found.append(
            _one(
                row.cold, direction, holds=None if skin_degc is None else skin_degc >= skin_min_degc,
                bad=f"skin {skin_degc} °C, below {skin_min_degc:g} °C; cold alone can do this",
                unknown="the skin temperature is not recorded, and cold alone can do this", name="temperature",
                assume=assume,
            )
        )  # fmt: skip
    if needs_supramaximal:
        found.append(
            _one(
                row.submaximal, direction, holds=fact.conditions.is_supramaximal,
                bad="stimulation was not supramaximal, which alone can do this",
                unknown="whether stimulation was supramaximal is not recorded", name="supramaximal", assume=assume,
            )
        )  # fmt: skip
    return Spoiled(
        met=next((one.met for one in found if one.met), ""),
        not_met=next((one.not_met for one in found if one.not_met), ""),
        assumed=tuple(name for one in found for name in one.assumed),
    )
