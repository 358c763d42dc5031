"""What alone would change an answer: the facts that, answered otherwise, turn a judgement.  It asks the logic, no medicine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emgwidgets.interpretation.criteria import logic
from emgwidgets.model.verdict import Answer, Change, ClauseVerdict, Outcome

__all__ = ["Node", "changes"]

#: Changes listed for one judgement at most; internal choice: what a reader takes in.
MAX_CHANGES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A clause verdict with what it was made of, so that it can be asked again."""

    verdict: ClauseVerdict
    children: tuple[Node, ...] = ()
    combine: logic.Combine | None = None

    @property
    def answer(self) -> Answer:
        """The answer by the numbers as they stand."""
        return self.verdict.answer

    @property
    def firm(self) -> Answer:
        """The answer, or none where the uncertainty of the numbers could turn it."""
        return "cannot_be_judged" if self.verdict.is_borderline else self.verdict.answer


def _turns(
    node: Node, target: Answer, memo: dict[tuple[int, Answer], tuple[tuple[Node, Answer], ...]]
) -> tuple[tuple[Node, Answer], ...]:
    """Facts that alone, with another answer, would make a clause answer ``target``."""
    key = (id(node), target)
    if key not in memo:
        memo[key] = ()
        if node.combine is None:
            is_fact = node.verdict.operator == "fact"
            memo[key] = ((node, target),) if is_fact and node.answer != target else ()
        else:
            memo[key] = _turned_parts(node, target, memo)
    return memo[key]


def _turned_parts(node: Node, target: Answer, memo: dict[Any, Any]) -> tuple[tuple[Node, Answer], ...]:
    assert node.combine is not None
    answers: list[Answer] = [child.answer for child in node.children]
    found: list[tuple[Node, Answer]] = []
    tried: set[tuple[int, Answer]] = set()
    for n, child in enumerate(node.children):
        wanted: tuple[Answer, Answer] = ("met", "not_met")
        for other in wanted:
            if other == child.answer or (id(child), other) in tried:
                continue
            tried.add((id(child), other))
            if node.combine([*answers[:n], other, *answers[n + 1 :]]) == target:
                found += _turns(child, other, memo)
    return tuple(dict.fromkeys(found))


def changes(outcomes: Sequence[Outcome], nodes: Sequence[Node], reached: int | None) -> tuple[Change, ...]:
    """Return what alone would lead to a higher outcome or away from the one reached, the nearest number first.

    Parameters
    ----------
    outcomes, nodes : sequence
        Of one judgement, the highest first.
    reached : int, optional
        Place of the outcome that was reached.
    """
    memo: dict[tuple[int, Answer], tuple[tuple[Node, Answer], ...]] = {}
    found: dict[tuple[str, str, str], tuple[float, Change]] = {}
    targets: list[tuple[Node, Answer, str]] = [
        (nodes[n], "met", outcomes[n].words) for n in range(len(nodes) if reached is None else reached)
    ]
    if reached is not None:
        targets.append((nodes[reached], "not_met", f"no longer: {outcomes[reached].words}"))
    for node, target, becomes in targets:
        for leaf, answer in _turns(node, target, memo):
            key = (leaf.verdict.code, leaf.verdict.scope, answer)  # what it leads to first is what counts
            if key not in found:
                found[key] = _far(leaf.verdict), _change(leaf.verdict, answer, becomes)
    nearest: dict[tuple[str, str], Change] = {}
    for _, change in sorted(found.values(), key=lambda pair: pair[0]):
        nearest.setdefault((change.clause.code, change.becomes), change)
    return tuple(nearest.values())[:MAX_CHANGES]


def _far(clause: ClauseVerdict) -> float:
    """How far a number is from its threshold, in shares of it; what is not known comes first."""
    if clause.margin is None or not clause.threshold:
        return 0.0 if clause.answer == "cannot_be_judged" else 1.0
    return abs(clause.margin / clause.threshold)


def _change(clause: ClauseVerdict, answer: Answer, becomes: str) -> Change:
    comparison = clause.comparison or "met"
    return Change(clause=clause, becomes=becomes, needed=comparison if answer == "met" else f"not {comparison}")
