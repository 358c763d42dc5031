"""Three-valued logic: met, not met, cannot be judged, for all, any, counts, and members that must differ.  No medicine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from emgwidgets.model.verdict import Answer

__all__ = ["Combine", "Member", "all_of", "at_least", "differing", "inverse", "none_of"]

Combine = Callable[[Sequence[Answer]], Answer]


class Member(NamedTuple):
    """One thing counted over: the values whose combination tells it from others, and all its names."""

    key: tuple[str, ...]
    values: Mapping[str, str]


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


def _apart(members: Sequence[Member], each: Sequence[str]) -> bool:
    """Whether no two members are one and the same, and each of the names differs between all of them."""
    if len({member.key for member in members}) < len(members):
        return False
    return all(len({member.values.get(name, "") for member in members}) == len(members) for name in each)


def _one_of_each(groups: Sequence[Sequence[Member]], each: Sequence[str]) -> bool:
    """Whether one member can be taken from every group so that all of them differ."""

    def taken(n: int, so_far: tuple[Member, ...]) -> bool:
        if n == len(groups):
            return True
        return any(_apart((*so_far, one), each) and taken(n + 1, (*so_far, one)) for one in groups[n])

    return taken(0, ())


def _count_apart(group: Sequence[Member], count: int, each: Sequence[str]) -> bool:
    if len(group) < count:
        return False
    if not each:
        return len({one.key for one in group}) >= count
    return any(_apart(some, each) for some in combinations(group, count))


def differing(  # noqa: PLR0917
    members: Sequence[Member],
    n_groups: int,
    count: int,
    each: Sequence[str],
    judged_at_least: int,
    answers: Sequence[Answer],
) -> Answer:
    """Met when members that differ answer met: ``count`` of one group, or one of every group.

    Parameters
    ----------
    members : sequence of Member
        What was counted over; with several groups, ``answers`` holds all members of the first, then of the second ...
    each : sequence of str
        Names that must differ between the members, beside their keys.
    judged_at_least : int
        Not met is only said when so many different members could be judged; fewer leave it open.
    """
    n = len(members)
    groups = [answers[k * n : (k + 1) * n] for k in range(n_groups)]

    def holds(accepted: tuple[str, ...]) -> bool:
        chosen = [[one for one, answer in zip(members, group, strict=True) if answer in accepted] for group in groups]
        return _one_of_each(chosen, each) if n_groups > 1 else _count_apart(chosen[0], count, each)

    if holds(("met",)):
        return "met"
    if holds(("met", "cannot_be_judged")):
        return "cannot_be_judged"
    judged = {
        one.key for group in groups for one, answer in zip(members, group, strict=True) if answer != "cannot_be_judged"
    }
    return "not_met" if len(judged) >= judged_at_least else "cannot_be_judged"
