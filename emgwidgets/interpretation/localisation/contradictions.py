"""What a case says twice and differently: the side of complaint and finding, and dates.  It changes nothing, it says so."""

from __future__ import annotations

from collections.abc import Iterator

from emgwidgets.interpretation.facts import Facts
from emgwidgets.interpretation.localisation.clinic_observations import symptom_about
from emgwidgets.model.localisation import Candidate

__all__ = ["contradictions"]


def contradictions(facts: Facts, lead: Candidate, day: float | None) -> Iterator[str]:
    """One sentence each: a complaint on the other side, a symptom older than the onset."""
    sides = {fact.side for fact in facts.of_kind("symptom") if symptom_about(fact.study)}
    if (
        lead.sides
        and lead.kind not in {"normal", "central"}
        and sides in ({"left"}, {"right"})
        and not sides & set(lead.sides)
    ):
        complaint, finding = next(iter(sides)), lead.sides[0]
        yield f"The complaint is on the {complaint}, the findings are on the {finding}: check the side in every source."
    ages = [fact.number or 0.0 for fact in facts.of_kind("symptom") if fact.measure == "age_days"]
    if day is not None and ages and max(ages) > day:
        yield (
            f"A symptom is {max(ages):g} days old and the onset is given as {day:g} days ago: the findings were held against "
            f"day {day:g}; correct the date that is wrong."
        )
