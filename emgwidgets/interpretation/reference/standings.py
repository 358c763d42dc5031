"""Facts against their limits: one fact, a whole study, and what turns when another norm set is used."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from emgwidgets.interpretation._tables import LATE_KINDS
from emgwidgets.interpretation.facts import Facts, facts_of
from emgwidgets.interpretation.preconditions import above_probability, is_uncertain, spoiled
from emgwidgets.interpretation.reference.limits import check_assume, limit_of_fact
from emgwidgets.interpretation.reference.norm_sets import NormSet
from emgwidgets.interpretation.reference.norm_sets import norm_set as the_set
from emgwidgets.model.case import Case, Subject
from emgwidgets.model.verdict import Fact, Limit, NotApplicable, Standing

__all__ = ["Flip", "flips", "standing", "strip"]

#: Kinds of fact that limits exist for.
JUDGED = ("motor", "sensory", *LATE_KINDS, "rns", "compare", "needle")


@dataclass(frozen=True, kw_only=True)
class Flip:
    """A fact that stands differently under two norm sets."""

    before: Standing
    after: Standing

    @property
    def fact(self) -> Fact:
        """The fact."""
        return self.before.fact


def _absent(fact: Fact, found: Limit, subject: Subject) -> Standing:
    start = found.absent_from_years
    if start is not None and (subject.age_years is None or subject.age_years >= start):
        age = f"from {start:g} years" if start else "in health"
        return Standing(
            fact=fact,
            limit=found,
            state="cannot_be_judged",
            direction="absent",
            reason=f"this response may be absent {age}",
        )
    if fact.conditions.is_supramaximal is False:
        reason = "stimulation was not supramaximal, which alone can lose the response"
        return Standing(fact=fact, limit=found, state="cannot_be_judged", direction="absent", reason=reason)
    return Standing(fact=fact, limit=found, state="abnormal", direction="absent")


def standing(
    fact: Fact, *, subject: Subject, norm_set: str | NormSet = "aanem_2016", assume: Collection[str] = ()
) -> Standing:
    """Hold one fact against its limit.

    Parameters
    ----------
    subject : Subject
        Age, sex, height and weight where the limit depends on them.
    norm_set : str or NormSet
        Which limits.
    assume : collection of str
        What is taken as fulfilled where the case does not say it; see ``reference.ASSUMABLE``.
    """
    assume = check_assume(assume)
    found = limit_of_fact(fact, subject=subject, norm_set=norm_set, assume=assume)
    if fact.doubt:  # first: a number in doubt may be why no limit applies
        return Standing(fact=fact, limit=found, state="cannot_be_judged", reason=fact.doubt)
    if isinstance(found, NotApplicable):
        return Standing(fact=fact, limit=found, state="cannot_be_judged", reason=found.reason)
    if fact.is_absent:
        return _absent(fact, found, subject)
    value = fact.number
    if value is None:
        return Standing(fact=fact, limit=found, state="cannot_be_judged", reason="it is not a number")
    return _numeric(fact, value, found, assume)


def _numeric(fact: Fact, value: float, found: Limit, assume: Collection[str]) -> Standing:  # value in the fact's unit
    z = (value - found.mean) / found.sd if found.mean is not None and found.sd else None
    if found.low is None and found.high is None:
        return Standing(fact=fact, limit=found, state="cannot_be_judged", z=z, reason="the set gives no limit here")
    # A two-sided reference range of a measure that disease pushes one way is still judged on both sides.
    edges = [(edge, way) for edge, way in ((found.low, "below"), (found.high, "above")) if edge is not None]
    edge, way = min(edges, key=lambda pair: abs(value - pair[0]))
    passed = value < edge if way == "below" else value > edge
    above = above_probability(fact, edge)
    probability = above if above is None or way == "above" else 1.0 - above
    state = "borderline" if is_uncertain(probability) else ("abnormal" if passed else "normal")
    spoil = spoiled(fact, way, skin_min_degc=found.skin_temperature_min_degc, assume=assume)
    reason = spoil.met if passed or state == "borderline" else spoil.not_met
    return Standing(
        fact=fact, limit=found, state="cannot_be_judged" if reason else state,  # type: ignore[arg-type]
        direction={"below": "low", "above": "high"}[way] if passed else "", z=z, abnormal_probability=probability,
        limit_percent=100.0 * value / edge if edge else None, reason=reason,
        assumed=tuple(name for name in spoil.assumed if passed),
    )  # fmt: skip


def _known(fact: Fact, owner: NormSet) -> bool:
    asked = (owner, *(the_set(code) for code in owner.also))
    return any(one.has_rows_for(fact.study, fact.measure) for one in asked)


def _strip(facts: Facts, owner: NormSet, assume: Collection[str]) -> Iterator[Standing]:
    for fact in facts.of_kind(*JUDGED):
        if not _known(fact, owner):
            continue
        found = standing(fact, subject=facts.subject, norm_set=owner, assume=assume)
        if isinstance(found.limit, NotApplicable) and "has no limit for" in found.limit.reason:
            continue
        yield found


def strip(
    case: Case | Facts, *, norm_set: str | NormSet = "aanem_2016", assume: Collection[str] = ()
) -> tuple[Standing, ...]:
    """Hold every fact of a case that the norm set knows against its limit, in the order of the case."""
    facts = case if isinstance(case, Facts) else facts_of(case)
    return tuple(_strip(facts, the_set(norm_set), check_assume(assume)))


def flips(
    case: Case | Facts, before: str | NormSet, after: str | NormSet, *, assume: Collection[str] = ()
) -> tuple[Flip, ...]:
    """Return the facts that stand differently under two norm sets, in the order of the case."""
    facts = case if isinstance(case, Facts) else facts_of(case)
    first = {one.fact.name: one for one in strip(facts, norm_set=before, assume=assume)}
    second = {one.fact.name: one for one in strip(facts, norm_set=after, assume=assume)}
    return tuple(
        Flip(before=first[name], after=second[name])
        for name in first
        if name in second and first[name].state != second[name].state
    )
