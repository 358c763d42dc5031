"""Three-valued logic: met, not met, cannot be judged, for all, any, counts, and members that must differ.  No medicine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from emgwidgets.model.verdict import Answer

__all__ = ["Combine", "all_of", "at_least", "differing", "inverse", "none_of"]

Combine = Callable[[Sequence[Answer]], Answer]
Member = Mapping[str, str]


def inverse(answer: Answer) -> Answer:
    """Turn met and not met around; what cannot be judged stays so."""
    turned: dict[Answer, Answer] = {"met": "not_met", "not_met": "met"}
    return turned.get(answer, answer)


def none_of(answers: Sequence[Answer]) -> Answer:
    """Met when every part is not met."""
    return all_of([inverse(answer) for answer in answers])


def all_of(answers: Sequence[Answer]) -> Answer:
    """Met when every part is met; one that is not met decides."""
    if "not_met" in answers:
        return "not_met"
    return "cannot_be_judged" if "cannot_be_judged" in answers else "met"


def at_least(count: int, answers: Sequence[Answer]) -> Answer:
    """Met when at least ``count`` parts are met; not met when the open ones could not make up the rest."""
    n_met = answers.count("met")
    if n_met >= count:
        return "met"
    return "cannot_be_judged" if n_met + answers.count("cannot_be_judged") >= count else "not_met"


def _differ(members: Sequence[Member], distinct: Sequence[str], each: Sequence[str]) -> bool:
    keys = {tuple(member.get(name, "") for name in distinct) for member in members}
    apart = all(len({member.get(name, "") for member in members}) == len(members) for name in each)
    return len(keys) == len(members) and apart


def _has(chosen: Sequence[Sequence[Member]], distinct: Sequence[str], each: Sequence[str]) -> bool:
    """Whether one member can be taken from every group so that all of them differ."""

    def taken(n: int, so_far: tuple[Member, ...]) -> bool:
        if n == len(chosen):
            return True
        return any(_differ((*so_far, one), distinct, each) and taken(n + 1, (*so_far, one)) for one in chosen[n])

    return taken(0, ())


def differing(  # noqa: PLR0917
    members: Sequence[Member],
    n_groups: int,
    count: int,
    distinct: Sequence[str],
    each: Sequence[str],
    judged_at_least: int,
    answers: Sequence[Answer],
) -> Answer:
    """Met when members that differ answer met: ``count`` of one group, or one of every group.

    Parameters
    ----------
    members : sequence of mapping
        What was counted over; with several groups, ``answers`` holds all members of the first, then of the second ...
    distinct, each : sequence of str
        Names whose values together must differ, and names that must each differ.
    judged_at_least : int
        Not met is only said when so many distinct members could be judged; fewer leave it open.
    """
    groups = [answers[n * len(members) : (n + 1) * len(members)] for n in range(n_groups)]

    def holds(accepted: frozenset[str]) -> bool:
        chosen = [[one for one, answer in zip(members, group, strict=True) if answer in accepted] for group in groups]
        if n_groups > 1:
            return _has(chosen, distinct, each)
        return _has_count(chosen[0], count, distinct, each)

    if holds(frozenset({"met"})):
        return "met"
    if holds(frozenset({"met", "cannot_be_judged"})):
        return "cannot_be_judged"
    open_members = {
        tuple(one.get(name, "") for name in distinct)
        for group in groups
        for one, answer in zip(members, group, strict=True)
        if answer != "cannot_be_judged"
    }
    return "not_met" if len(open_members) >= judged_at_least else "cannot_be_judged"


def _has_count(chosen: Sequence[Member], count: int, distinct: Sequence[str], each: Sequence[str]) -> bool:
    if len(chosen) < count:
        return False
    if not each:
        return len({tuple(one.get(name, "") for name in distinct) for one in chosen}) >= count
    return any(_differ(some, distinct, each) for some in combinations(chosen, count))
