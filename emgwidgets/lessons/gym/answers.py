"""Answers of the waveform gym as kept records, and the counts that follow from them; it chooses no item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import sqrt
from statistics import NormalDist
from typing import Any

from emgwidgets.lessons.progress import Progress
from emgwidgets.simulation.practice.waveform_classes import LEVELS, waveform_classes

__all__ = [
    "CANNOT_TELL", "KIND", "GymAnswer", "Mastery", "answers_of", "confusion", "mastery_of", "weakest_pairs", "wilson_interval",
]  # fmt: skip

#: Kind of the records of the gym among those of the learner, and the answer that names no class.
KIND, CANNOT_TELL = "gym", "cannot_tell"
#: Curriculum, section 3 (internal choice): right answers among the last 20 at level 3 or above, for a common class and
#: for one of the twelve never to miss; false alarms among the last 20 look-alikes; days after which mastery lapses.
WINDOW, NEEDED, NEEDED_NEVER_MISS, MOST_FALSE_ALARMS = 20, 18, 19, 1
MASTERY_LEVEL, LAPSE = 3, timedelta(days=60)
N_PAIRS = 3


@dataclass(frozen=True, kw_only=True)
class GymAnswer:
    """The first answer to one item.

    Parameters
    ----------
    truth, answer : str
        Code of the class, and of the class named; ``"cannot_tell"`` is an answer.
    level, seed : int
        Which instance it was.
    at : datetime
        When, with its time zone.
    is_graded_right : bool or None
        Whether the grade was right too; None where none was asked.
    """

    truth: str
    answer: str
    level: int
    seed: int
    at: datetime
    is_graded_right: bool | None = None

    @property
    def is_right(self) -> bool:
        """Whether the class was named; a grade asked for must be right too."""
        return self.answer == self.truth and self.is_graded_right is not False


def _read(record: Mapping[str, Any]) -> GymAnswer | None:
    try:
        at = datetime.fromisoformat(str(record["at"]))
        found = GymAnswer(
            truth=str(record["truth"]), answer=str(record["answer"]), level=int(record["level"]), seed=int(record["seed"]),
            at=at if at.tzinfo else at.replace(tzinfo=UTC), is_graded_right=record.get("is_graded_right"),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return None
    known = waveform_classes()
    is_known = found.truth in known and (found.answer in known or found.answer == CANNOT_TELL)
    return found if is_known and found.level in LEVELS else None


def answers_of(progress: Progress | Iterable[Mapping[str, Any]]) -> tuple[GymAnswer, ...]:
    """Answers of the gym among a learner's records, oldest first; a record that cannot be read is passed over."""
    found = (_read(record) for record in progress if record.get("kind") == KIND)
    return tuple(one for one in found if one is not None)


def confusion(answers: Sequence[GymAnswer], *, levels: Iterable[int] = LEVELS) -> Mapping[tuple[str, str], int]:
    """How often each class was answered by each other: ``(truth, answer)`` to count; "cannot tell" is kept."""
    wanted = set(levels)
    return Counter((one.truth, one.answer) for one in answers if one.level in wanted)


def weakest_pairs(answers: Sequence[GymAnswer], n: int = N_PAIRS) -> tuple[tuple[str, str], ...]:
    """The pairs of classes most often taken for one another in the last items, the most frequent first."""
    pairs = Counter(
        tuple(sorted((one.truth, one.answer)))
        for one in answers[-10 * WINDOW :]
        if one.answer not in (one.truth, CANNOT_TELL)
    )
    return tuple((first, second) for (first, second), _ in pairs.most_common(n))


def wilson_interval(n_right: int, n: int, *, level_percent: float = 90.0) -> tuple[float, float]:
    """Interval of a share by Wilson's score method; (0, 1) without any answer.

    Parameters
    ----------
    n_right, n : int
    level_percent : float
        Two-sided confidence.

    Returns
    -------
    tuple of float
        Lower and upper end of the share, 0 to 1.
    """
    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + level_percent / 200.0)
    share = n_right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


@dataclass(frozen=True, kw_only=True)
class Mastery:
    """How far one class is known.

    Parameters
    ----------
    code : str
    n, n_right : int
        Last answers at level 3 or above, at most 20, and how many were right.
    n_look_alikes, n_false_alarms : int
        Last items of its look-alikes, at most 20, and how many were called by this name.
    is_mastered : bool
    reason : str
        What is missing, or since when it is mastered; empty only for a mastered class.
    """

    code: str
    n: int
    n_right: int
    n_look_alikes: int
    n_false_alarms: int
    is_mastered: bool
    reason: str

    @property
    def interval(self) -> tuple[float, float]:
        """The 90 % interval of the share right."""
        return wilson_interval(self.n_right, self.n)


def mastery_of(code: str, answers: Sequence[GymAnswer], *, now: datetime | None = None) -> Mastery:
    """Judge one class by the rule of the curriculum (section 3).

    Parameters
    ----------
    code : str
        Class.
    answers : sequence of GymAnswer
        Oldest first.
    now : datetime, optional
        With its time zone; the present by default.

    Raises
    ------
    InputError
        If there is no such class.
    """
    from emgwidgets.simulation.practice.waveform_classes import waveform_class

    kind = waveform_class(code)
    own = [one for one in answers if one.truth == code and one.level >= MASTERY_LEVEL][-WINDOW:]
    alike = [one for one in answers if one.truth in kind.confused_with][-WINDOW:]
    n_right = sum(one.is_right for one in own)
    n_alarms = sum(one.answer == code for one in alike)
    needed = NEEDED_NEVER_MISS if kind.never_miss else NEEDED
    reason = ""
    if len(own) < WINDOW:
        reason = f"{len(own)} of {WINDOW} answers at level {MASTERY_LEVEL} or above"
    elif n_right < needed:
        reason = f"{n_right} of the last {WINDOW} right, {needed} needed"
    elif kind.never_miss and n_alarms > MOST_FALSE_ALARMS:
        reason = f"{n_alarms} false alarms in the last {len(alike)} look-alikes, at most {MOST_FALSE_ALARMS}"
    elif (now or datetime.now(UTC)) - own[-1].at > LAPSE:
        reason = f"not seen for more than {LAPSE.days} days"
    return Mastery(
        code=code, n=len(own), n_right=n_right, n_look_alikes=len(alike), n_false_alarms=n_alarms,
        is_mastered=not reason, reason=reason,
    )  # fmt: skip
