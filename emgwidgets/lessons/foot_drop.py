"""Four places a foot drop can come from, and how far a study separates them: shares of the posterior, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from emgwidgets.errors import InputError
from emgwidgets.interpretation.localisation import localise
from emgwidgets.interpretation.localisation.catalogue import catalogue
from emgwidgets.lessons.needle_words import needle_words
from emgwidgets.model.case import Case
from emgwidgets.model.signal import Side
from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["SITES", "Separation", "cost_of", "only", "separation", "with_needle"]

#: Site as localisation names it, and in words.
SITES: Mapping[str, str] = {
    "common_fibular_head": "the fibular head", "root_l5": "the L5 root", "sciatic": "the sciatic nerve",
    "sacral_plexus": "the plexus",
}  # fmt: skip
#: Share among the four from which a site counts as named (curriculum, section 6; internal choice).
NAMED = 0.8
STUDY_OF = {
    "extensor_digitorum_brevis": "fibular_edb",
    "tibialis_anterior": "fibular_ta",
    "abductor_hallucis": "tibial_ah",
}


@dataclass(frozen=True, kw_only=True)
class Separation:
    """Share of each of the four sites among the four, by the posterior of localisation."""

    shares: Mapping[str, float]

    @property
    def leading(self) -> str:
        """Site with the largest share."""
        return max(self.shares, key=lambda site: self.shares[site])

    def __str__(self) -> str:
        order = sorted(self.shares, key=lambda site: -self.shares[site])
        return ", ".join(f"{SITES[site].removeprefix('the ')} {100 * self.shares[site]:.0f} %" for site in order)


def separation(case: Case, *, side: Side) -> Separation:
    """How far a case separates fibular head, L5 root, sciatic nerve and plexus of one side."""
    found = {one.candidate.code: one.probability for one in localise(case, n=200).explanations}
    weights = {site: found.get(f"{site}.{side}", 0.0) for site in SITES}
    total = sum(weights.values())
    return Separation(shares={site: weight / total if total else 1 / len(SITES) for site, weight in weights.items()})


def only(case: Case, studies: Sequence[str]) -> Case:
    """The case with these conduction studies alone, such as ``"fibular_ta"`` and ``"sural"``."""
    ncs = replace(
        case.ncs, motor=tuple(one for one in case.ncs.motor if STUDY_OF.get(one.muscle) in studies),
        sensory=tuple(one for one in case.ncs.sensory if one.nerve in studies),
    )  # fmt: skip
    return replace(case, ncs=ncs)


def with_needle(case: Case, patient: VirtualPatient, muscles: Sequence[str], *, side: Side) -> Case:
    """The case with these muscles examined; the findings are words that follow from the axons of the virtual patient."""
    return replace(case, needle=(*case.needle, *(needle_words(patient, muscle, side) for muscle in muscles)))


@cache
def _costs() -> dict[tuple[str, str], float]:
    return {("needle" if test.kind == "needle" else "nerve", test.study): test.cost() for test in catalogue()}


def cost_of(studies: Sequence[str], muscles: Sequence[str]) -> float:
    """Cost of nerves and muscles on one side: minutes, discomfort and five times the risk (proposed numbers).

    Raises
    ------
    InputError
        If a study or muscle has no cost.
    """
    costs = _costs()
    wanted = [("nerve", one) for one in studies] + [("needle", one) for one in muscles]
    unknown = [name for kind, name in wanted if (kind, name) not in costs]
    if unknown:
        raise InputError(
            "no cost is known", got=", ".join(unknown), expected="studies and muscles of the table of tests"
        )
    return sum(costs[one] for one in wanted)
