"""Evaluation of criteria against facts: clause by clause, three-valued, with margins and what would change the answer.

It knows no medicine: every number and every name comes from the criteria files, the norm sets and the tables.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from emgwidgets.errors import InputError
from emgwidgets.interpretation._tables import studies
from emgwidgets.interpretation.criteria import logic
from emgwidgets.interpretation.criteria.changes import Node, changes
from emgwidgets.interpretation.criteria.phrases import compared, missing_of, plain_name, scope_of, wanted_of, why
from emgwidgets.interpretation.criteria.rules import COMPARISONS, Clause, Criteria, Threshold, criteria_set
from emgwidgets.interpretation.facts import Facts, facts_of
from emgwidgets.interpretation.preconditions import Spoiled, above_probability, is_uncertain, spoiled
from emgwidgets.interpretation.reference.limits import SAME_DISTANCE_MM, check_assume, limit_in
from emgwidgets.interpretation.reference.norm_sets import NormSet
from emgwidgets.interpretation.reference.norm_sets import norm_set as the_set
from emgwidgets.model.case import Case
from emgwidgets.model.verdict import (
    Answer,
    ClauseVerdict,
    Fact,
    Judgement,
    Limit,
    NotApplicable,
    Outcome,
    Verdict,
)

__all__ = ["evaluate", "evaluate_all", "verdict_flips"]

Binding = Mapping[str, str]
#: Operators of clauses without parts.
LEAVES = frozenset({"number", "word", "member"})


class Evaluation:
    """One criteria set on one case: clauses are answered once for each member they are asked of."""

    def __init__(self, rules: Criteria, facts: Facts, owner: NormSet, assume: frozenset[str]) -> None:
        self.rules, self.facts, self.owner, self.assume = rules, facts, owner, assume
        self._seen: dict[tuple[str, tuple[tuple[str, str], ...]], Node] = {}

    def ask(self, code: str, binding: Binding) -> Node:
        """Answer one clause with its placeholders filled in."""
        clause = self.rules.clauses[code]
        if clause.operator in LEAVES:  # a leaf is one and the same for every member that fills it in alike
            binding = {name: value for name, value in binding.items() if name in clause.free}
        key = (code, tuple(binding.items()))
        if key not in self._seen:
            self._seen[key] = self._guarded(clause, binding)
        return self._seen[key]

    def _guarded(self, clause: Clause, binding: Binding) -> Node:
        for code in clause.requires:
            needed = self.ask(code, binding).verdict
            if needed.answer != "met":
                why = needed.reason if needed.answer == "cannot_be_judged" else ""
                reason = f"it needs: {needed.words}{f' ({why})' if why else ''}"
                return Node(self._said(clause, binding, "cannot_be_judged", reason=reason, missing=needed.missing))
        if clause.operator in {"number", "word"}:
            return Node(self._leaf(clause, binding))
        if clause.operator == "member":
            answer: Answer = "met" if _fits(clause, binding, binding) else "not_met"
            return Node(self._said(clause, binding, answer, operator="member"))
        return self._joined(clause, binding)

    def _said(self, clause: Clause, binding: Binding, answer: Answer, **more: Any) -> ClauseVerdict:
        return ClauseVerdict(
            code=clause.code, words=clause.words, answer=answer, cited=clause.cited, scope=scope_of(binding), **more
        )

    # -- composites ---------------------------------------------------------------------------------------------

    def _joined(self, clause: Clause, binding: Binding) -> Node:
        if clause.operator == "over":
            children, combine = self._over(clause, binding)
        else:
            children = self._without_optional([self.ask(code, binding) for code in clause.parts], clause)
            simple: dict[str, logic.Combine] = {
                "all": logic.all_of, "none": logic.none_of, "any": partial(logic.at_least, 1),
                "of": partial(logic.at_least, clause.count),
            }  # fmt: skip
            combine = simple[clause.operator]
        answer = combine([child.answer for child in children])
        firm = combine([child.firm for child in children])
        parts = tuple(child.verdict for child in children)
        verdict = self._said(
            clause, binding, answer, operator=clause.operator, is_borderline=answer != firm, parts=parts,
            reason=why(answer, parts, clause),
            missing=missing_of(parts, clause) if answer == "cannot_be_judged" else (),
        )  # fmt: skip
        return Node(verdict, children, combine)

    def _without_optional(self, children: Sequence[Node], clause: Clause) -> tuple[Node, ...]:
        """Leave out optional parts that were not tested, unless nothing would be left."""
        if clause.operator == "all":
            return tuple(children)
        kept = tuple(child for child in children if not self._is_left_out(child.verdict))
        return kept or tuple(children)

    def _is_left_out(self, verdict: ClauseVerdict) -> bool:
        is_open = verdict.answer == "cannot_be_judged" and bool(verdict.missing)
        return is_open and self.rules.clauses[verdict.code].is_optional

    def _over(self, clause: Clause, binding: Binding) -> tuple[tuple[Node, ...], logic.Combine]:
        members = [
            member for member in self.facts.items_of[clause.domain]
            if all(binding.get(name, value) == value for name, value in member.items()) and _fits(clause, member, binding)
        ]  # fmt: skip
        children = tuple(self.ask(code, {**binding, **member}) for code in clause.parts for member in members)
        if len(clause.parts) == 1:
            children = self._without_optional(children, clause)
            kept = {id(child) for child in children}
            members = [
                member for member in members if id(self.ask(clause.parts[0], {**binding, **member})) in kept
            ]  # fmt: skip
        combine = partial(
            logic.differing,
            [logic.Member(tuple(one.get(name, "") for name in clause.distinct), one) for one in members],
            len(clause.parts),
            clause.count,
            clause.each,
            clause.judged_at_least,
        )
        return children, combine

    # -- facts --------------------------------------------------------------------------------------------------

    def _leaf(self, clause: Clause, binding: Binding) -> ClauseVerdict:
        names = [name.format_map(binding) for name in clause.facts]
        fact = next((found for found in map(self.facts.get, names) if found is not None), None)
        if fact is None:
            if clause.assumable and clause.assumable in self.assume:
                return self._said(clause, binding, "met", assumed=(clause.assumable,), comparison="assumed")
            reason = f"not tested: {plain_name(names[0])}"
            wanted = wanted_of(clause)
            return self._said(
                clause, binding, "cannot_be_judged", reason=reason, missing=tuple(names[:1]), comparison=wanted
            )
        if fact.doubt:
            return self._said(clause, binding, "cannot_be_judged", fact=fact, reason=fact.doubt)
        if clause.operator == "word":
            return self._word(clause, binding, fact)
        if fact.number is None:
            return self._no_number(clause, binding, fact)
        return self._number(clause, binding, fact, fact.number)

    def _word(self, clause: Clause, binding: Binding, fact: Fact) -> ClauseVerdict:
        wanted, value = clause.wanted, fact.value
        if wanted in {("absent",), ("present",)}:
            is_there = not fact.is_absent if fact.measure != "is_present" else bool(value)
            answer: Answer = "met" if is_there == (wanted == ("present",)) else "not_met"
            if not is_there and fact.conditions.is_supramaximal is False and "supramaximal" not in clause.ignores:
                reason = "stimulation was not supramaximal, which alone can lose the response"
                return self._said(clause, binding, "cannot_be_judged", fact=fact, reason=reason)
        else:
            answer = "met" if value in wanted else "not_met"
        return self._said(clause, binding, answer, fact=fact, comparison=wanted_of(clause))

    def _no_number(self, clause: Clause, binding: Binding, fact: Fact) -> ClauseVerdict:
        if fact.is_absent and clause.absent:
            answer: Answer = "met" if clause.absent == "met" else "not_met"
            return self._said(clause, binding, answer, fact=fact, comparison="no response")
        reason = f"no response: {fact.absent}" if fact.is_absent else "it is not a number"
        return self._said(clause, binding, "cannot_be_judged", fact=fact, reason=reason)

    def _number(self, clause: Clause, binding: Binding, fact: Fact, value: float) -> ClauseVerdict:
        assert clause.threshold is not None
        found = self._edge(clause.threshold, fact)
        if isinstance(found, str):
            return self._said(clause, binding, "cannot_be_judged", fact=fact, reason=found)
        edge, limit = found
        upward, closed = COMPARISONS[clause.comparison]
        is_met = (value > edge if upward else value < edge) or (closed and value == edge)
        above = above_probability(fact, edge)
        probability = above if above is None or upward else 1.0 - above
        spoil = self._spoiled(clause, binding, fact)
        reason = self._distance(clause, fact) or (spoil.met if is_met else spoil.not_met)
        borderline = is_uncertain(probability)
        if borderline and not reason and (spoil.met or spoil.not_met):
            reason = spoil.met or spoil.not_met  # an answer that may be the other one needs both to be usable
        answer: Answer = "cannot_be_judged" if reason else ("met" if is_met else "not_met")
        assumed = spoil.assumed if is_met else ()
        return self._said(
            clause, binding, answer, fact=fact, comparison=compared(clause, clause.threshold, edge, fact, limit),
            threshold=edge, margin=value - edge if upward else edge - value, met_probability=probability, limit=limit,
            is_borderline=borderline and not reason, reason=reason, assumed=assumed,
        )  # fmt: skip

    def _edge(self, threshold: Threshold, fact: Fact) -> tuple[float, Limit | None] | str:
        if not threshold.edge:
            return threshold.value, None
        owner = the_set(threshold.norm_set) if threshold.norm_set else self.owner
        found = limit_in(self.facts, fact, owner, self.assume)
        if isinstance(found, NotApplicable):
            return found.reason
        edge = found.low if threshold.edge == "lower_limit" else found.high
        if edge is None:
            return f"{found.norm_set} has no {threshold.edge.replace('_', ' ')} for {fact.study} {fact.measure}"
        return edge * threshold.value / 100.0, found

    def _spoiled(self, clause: Clause, binding: Binding, fact: Fact) -> Spoiled:
        study = studies().get(fact.study)
        limb = study.limb if study else binding.get("limb", "")
        return spoiled(
            fact, "above" if COMPARISONS[clause.comparison][0] else "below", skin_min_degc=self.rules.skin_min_degc.get(limb),
            needs_temperature="temperature" not in clause.ignores,
            needs_supramaximal="supramaximal" not in clause.ignores, assume=self.assume,
        )  # fmt: skip

    def _distance(self, clause: Clause, fact: Fact) -> str:
        if clause.distance_mm is None:
            return ""
        given = fact.conditions.distance_mm
        if given is None:
            return (
                "" if "distance" in self.assume else "the distance is not known, and the clause holds for one distance"
            )
        if abs(given - clause.distance_mm) <= SAME_DISTANCE_MM:
            return ""
        return f"the clause holds for {clause.distance_mm:g} mm and the study was done at {given:g} mm"


def _fits(clause: Clause, member: Binding, binding: Binding) -> bool:
    def filled(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(value.format_map(binding) if "{" in value else value for value in values)

    wanted = all(member.get(name) in filled(values) for name, values in clause.where.items())
    return wanted and not any(member.get(name) in filled(values) for name, values in clause.not_where.items())


def _pick(answers: Sequence[Answer]) -> tuple[int | None, tuple[int, ...]]:
    """Place of the first outcome met, and the places before it (or all, when none is met) that stay open."""
    first = next((n for n, answer in enumerate(answers) if answer == "met"), None)
    until = len(answers) if first is None else first
    return first, tuple(n for n in range(until) if answers[n] == "cannot_be_judged")


def _judge(asked: Evaluation, scope: str) -> Judgement:
    binding: Binding = {"side": scope} if scope else {}
    outcomes = [outcome for outcome, _ in asked.rules.outcomes]
    needed = [asked.ask(code, binding) for code in asked.rules.requires]
    nodes = [asked.ask(when, binding) for _, when in asked.rules.outcomes]
    unusable = [node for node in needed if node.answer != "met"]
    clauses = tuple(node.verdict for node in (*unusable, *nodes))
    unjudged = _one_site(asked.rules, asked.facts, scope)
    if unusable:
        return Judgement(
            scope=scope, answer="cannot_be_judged", still_open=tuple(outcomes), clauses=clauses, unjudged=unjudged
        )
    reached, still_open = _pick([node.answer for node in nodes])
    firm = _pick([node.firm for node in nodes])
    answer: Answer = "met" if reached is not None else ("cannot_be_judged" if still_open else "not_met")
    return Judgement(
        scope=scope, answer=answer, outcome=None if reached is None else outcomes[reached],
        still_open=tuple(outcomes[n] for n in still_open), is_borderline=firm != (reached, still_open), clauses=clauses,
        changes=changes(outcomes, nodes, reached), unjudged=unjudged,
    )  # fmt: skip


def _one_site(rules: Criteria, facts: Facts, scope: str) -> tuple[ClauseVerdict, ...]:
    """Motor nerves of a scope of which the set can say nothing, because they have no segment."""
    if not rules.one_site:
        return ()
    with_segment = {(one["study"], one["side"]) for one in facts.items_of["motor_segment"]}
    return tuple(
        ClauseVerdict(
            code="one_site", words=rules.one_site, answer="cannot_be_judged", cited=rules.cited, scope=scope_of(one),
            reason="tested at one site only, and the set compares two",
        )
        for one in facts.items_of["motor_study"]
        if (one["study"], one["side"]) not in with_segment and scope in ("", one["side"])
    )  # fmt: skip


def _scopes(rules: Criteria, facts: Facts, side: str | None) -> tuple[str, ...]:
    if rules.scope == "person":
        return ("",)
    if side is not None:
        if side not in {"left", "right"}:
            raise InputError("the side cannot be used", got=repr(side), expected="left or right")
        return (side,)
    return facts.sides or ("left", "right")


def evaluate(
    code: str | Criteria, case: Case | Facts, *, norm_set: str | NormSet = "aanem_2016", side: str | None = None,
    assume: Collection[str] = (),
) -> Verdict:  # fmt: skip
    """Hold a case against a published criteria set.

    Parameters
    ----------
    code : str or Criteria
        Such as ``"cts_bland"``; :func:`criteria` lists them.
    case : Case or Facts
        Measured or typed in.
    norm_set : str or NormSet
        Limits for clauses that speak of limits.
    side : str, optional
        Judge one side only; both sides with studies by default.
    assume : collection of str
        What is taken as fulfilled where the case does not say it (``"temperature"``, ``"supramaximal"``, ``"distance"``,
        ``"age"``, ``"convention"``); the verdict lists what was assumed.

    Returns
    -------
    Verdict
        Met, not met or cannot be judged for each side or the person, with every clause, its margin, its source, what is
        missing and what would change the answer.

    Raises
    ------
    InputError
        If there is no such criteria set, norm set, side or assumption.
    """
    rules = code if isinstance(code, Criteria) else criteria_set(code)
    facts = case if isinstance(case, Facts) else facts_of(case)
    owner = the_set(norm_set)
    asked = Evaluation(rules, facts, owner, check_assume(assume))
    judgements = tuple(_judge(asked, scope) for scope in _scopes(rules, facts, side))
    return Verdict(
        criteria=rules.code, title=rules.title, norm_set=owner.code, judgements=judgements, cited=rules.sources,
        notes=rules.notes,
    )  # fmt: skip


def evaluate_all(
    case: Case | Facts, *, norm_set: str | NormSet = "aanem_2016", assume: Collection[str] = ()
) -> tuple[Verdict, ...]:
    """Hold a case against every criteria set that ships."""
    from emgwidgets.interpretation.criteria.rules import criteria_codes

    facts = case if isinstance(case, Facts) else facts_of(case)
    return tuple(evaluate(code, facts, norm_set=norm_set, assume=assume) for code in criteria_codes())


def verdict_flips(
    case: Case | Facts, before: str | NormSet, after: str | NormSet, *, assume: Collection[str] = ()
) -> tuple[tuple[Verdict, Verdict], ...]:
    """Return the criteria sets that a case meets differently under two norm sets, as verdicts before and after."""
    facts = case if isinstance(case, Facts) else facts_of(case)
    pairs = zip(
        evaluate_all(facts, norm_set=before, assume=assume),
        evaluate_all(facts, norm_set=after, assume=assume),
        strict=True,
    )

    def reached(verdict: Verdict) -> tuple[tuple[Answer, Outcome | None], ...]:
        return tuple((judgement.answer, judgement.outcome) for judgement in verdict.judgements)

    return tuple((first, second) for first, second in pairs if reached(first) != reached(second))
