"""Which class comes next and at which level: spaced return of what was missed, new instances always.  It makes no item.

The rules are those of the curriculum, section 3 (internal choices): a miss returns after 3 items and at the end of the
round, then after 1, 3, 7, 16 and 35 days; a right answer climbs one step, a miss starts again; the class it was confused
with comes too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from emgwidgets.lessons.gym.answers import CANNOT_TELL, GymAnswer, weakest_pairs
from emgwidgets.simulation.practice.waveform_classes import LEVELS

__all__ = ["Due", "current_level", "due_of", "next_class", "when_text"]

STEPS_DAYS = (1, 3, 7, 16, 35)
RETURN_AFTER = 3
UP_RIGHT, UP_OF, DOWN_WRONG = 5, 6, 3
#: How often a round without returns takes one of the weakest pairs instead of any class.
WEAK_SHARE = 0.3


@dataclass(frozen=True, kw_only=True)
class Due:
    """When a class comes back.

    Parameters
    ----------
    code : str
    step : int
        How many right answers since the last miss, at most the number of steps; -1 before any miss.
    at : datetime or None
        From when it is due; None when it was never missed.
    """

    code: str
    step: int
    at: datetime | None


def current_level(answers: Sequence[GymAnswer]) -> int:
    """Level the answers lead to: up after 5 right of the last 6, down after 3 wrong; each change starts a new count."""
    level, since = LEVELS[0], []
    for one in answers:
        if one.level != level:
            continue  # a level chosen by hand moves nothing
        since.append(one.is_right)
        recent = since[-UP_OF:]
        if sum(recent) >= UP_RIGHT and len(recent) == UP_OF and level < LEVELS[-1]:
            level, since = level + 1, []
        elif recent.count(False) >= DOWN_WRONG:
            level, since = max(level - 1, LEVELS[0]), []
    return level


def due_of(answers: Sequence[GymAnswer]) -> Mapping[str, Due]:
    """When each class that was ever missed comes back, and the class it was taken for with it."""
    found: dict[str, Due] = {}
    for one in answers:
        before = found.get(one.truth)
        if not one.is_right:
            for code in (one.truth, one.answer):
                if code != CANNOT_TELL:
                    found[code] = Due(code=code, step=0, at=one.at)
        elif before is not None and before.at is not None and one.at >= before.at:
            step = min(before.step + 1, len(STEPS_DAYS))
            found[one.truth] = Due(code=one.truth, step=step, at=one.at + timedelta(days=STEPS_DAYS[step - 1]))
    return found


def when_text(due: Due | None, now: datetime) -> str:
    """When a class comes back, in words: "again today", "in 2 days"; empty when it was never missed."""
    if due is None or due.at is None:
        return ""
    days = (due.at - now).total_seconds() / 86400.0
    if days <= 0.5:
        return "again today"
    return "in 1 day" if days < 1.5 else f"in {days:.0f} days"


def next_class(
    codes: Sequence[str],
    answers: Sequence[GymAnswer],
    round_answers: Sequence[GymAnswer],
    *,
    n_round: int,
    now: datetime,
    rng: np.random.Generator,
) -> str:
    """Choose the class of the next item.

    Parameters
    ----------
    codes : sequence of str
        Classes that are practised.
    answers : sequence of GymAnswer
        All that were kept, oldest first, those of this round among them.
    round_answers : sequence of GymAnswer
        Those of this round.
    n_round : int
        Items of the round.
    now : datetime
    rng : numpy.random.Generator

    Returns
    -------
    str
        First what was missed ``RETURN_AFTER`` items ago; at the end of the round, what was missed in it; then what is
        due by day; then one of the weakest pairs or any class, those seen least in this round first.
    """
    missed = {k: one for k, one in enumerate(round_answers) if not one.is_right and one.truth in codes}
    place = len(round_answers)
    if place - RETURN_AFTER - 1 in missed:
        return missed[place - RETURN_AFTER - 1].truth
    again = _not_made_good(list(missed.values()), round_answers)
    if again and n_round - place <= len(again):
        return again[0]
    last = round_answers[-1].truth if round_answers else ""
    seen = {one.truth for one in round_answers}
    waiting = [
        one.code for one in due_of(answers).values()
        if one.at is not None and one.at <= now and one.code in codes and one.code not in seen
    ]  # fmt: skip
    if waiting and rng.random() < 0.5:
        return str(rng.choice(waiting))
    weak = [code for pair in weakest_pairs(answers) for code in pair if code in codes and code != last]
    if weak and rng.random() < WEAK_SHARE:
        return str(rng.choice(weak))
    counts = np.array([sum(one.truth == code for one in round_answers) for code in codes])
    fewest = [
        code for code, n in zip(codes, counts, strict=True) if n == counts.min() and (code != last or len(codes) == 1)
    ]
    return str(rng.choice(fewest or list(codes)))


def _not_made_good(missed: Sequence[GymAnswer], round_answers: Sequence[GymAnswer]) -> list[str]:
    """Classes missed in this round whose last answer in it was not right, each once."""
    last = {one.truth: one.is_right for one in round_answers}
    return list(dict.fromkeys(one.truth for one in missed if not last[one.truth]))
