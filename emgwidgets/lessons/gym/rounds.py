"""One round of the gym: makes the items that the schedule asks for, keeps the answers, and counts.  It draws nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.lessons.gym.answers import CANNOT_TELL, KIND, GymAnswer, Mastery, answers_of, mastery_of
from emgwidgets.lessons.gym.feedback import Told, told
from emgwidgets.lessons.gym.schedule import current_level, next_class
from emgwidgets.lessons.gym.turns import Turns
from emgwidgets.lessons.progress import Progress
from emgwidgets.simulation.practice.waveform_classes import LEVELS, waveform_class, waveform_classes
from emgwidgets.simulation.practice.waveform_items import WaveformItem, waveform_item

__all__ = ["GROUPS", "GymRound", "codes_of_group", "options_for"]

#: Group -> (words, origins of its classes); "hard pairs" are the twelve never to miss and what they are taken for.
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "all": ("all 29 classes", ()),
    "rest": ("activity at rest", ("fibre", "chain", "axon")),
    "insertion": ("insertional activity", ("insertion",)),
    "units": ("motor units", ("unit",)),
    "recruitment": ("recruitment", ("drive",)),
    "artefacts": ("artefacts", ("artefact",)),
    "hard_pairs": ("hard pairs", ()),
}
N_OPTIONS = 5
#: Seeds of items; large enough that an instance hardly comes twice, short enough to be written down.
MOST_SEED = 1_000_000


def codes_of_group(group: str | Sequence[str]) -> tuple[str, ...]:
    """Classes of a group, or those that are listed.

    Raises
    ------
    InputError
        If the group or a class does not exist, or fewer than two classes are left.
    """
    known = waveform_classes()
    if not isinstance(group, str):
        codes = tuple(dict.fromkeys(waveform_class(code).code for code in group))
    elif group not in GROUPS:
        raise InputError("no such group of the gym", got=repr(group), expected=f"one of {', '.join(GROUPS)}")
    elif group == "all":
        codes = tuple(known)
    elif group == "hard_pairs":
        hard = [one for one in known.values() if one.never_miss]
        wanted = {one.code for one in hard} | {other for one in hard for other in one.confused_with}
        codes = tuple(code for code in known if code in wanted)
    else:
        codes = tuple(code for code, one in known.items() if one.origin in GROUPS[group][1])
    if len(codes) < 2:
        raise InputError("the gym needs classes to tell apart", got=f"{len(codes)}", expected="at least two")
    return codes


def options_for(code: str, codes: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
    """Five classes to choose from, in the order of the curriculum: the truth, what it is taken for, then its kin."""
    known = waveform_classes()
    alike = [*known[code].confused_with, *(one for one in known if code in known[one].confused_with)]
    same = [one for one in known if known[one].origin == known[code].origin]
    rest = [str(one) for one in rng.permutation([one for one in codes if one not in same])]
    others = [str(one) for one in rng.permutation([one for one in known if one not in codes])]
    wanted = list(dict.fromkeys([code, *alike, *(str(one) for one in rng.permutation(same)), *rest, *others]))[
        :N_OPTIONS
    ]
    return tuple(one for one in known if one in wanted)


class GymRound(Turns[WaveformItem]):
    """Items one after the other.

    Parameters
    ----------
    group : str or sequence of str
        One of ``GROUPS``, or class codes.
    n : int
        Items of the round.
    level : int, optional
        1 to 4; that which the kept answers lead to when left out.
    seed : int, optional
        The same seed gives the same round to the same learner; drawn when left out.
    progress : Progress, optional
        Where answers are kept; the user's own file by default.

    Raises
    ------
    InputError
        If group, number or level do not exist.
    """

    too_early: ClassVar[tuple[str, str]] = ("this item has no answer yet", 'answer it, "cannot tell" is an answer too')

    def __init__(
        self, group: str | Sequence[str] = "all", *, n: int = 20, level: int | None = None, seed: int | None = None,
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        super().__init__(n, progress)
        if level is not None and level not in LEVELS:
            raise InputError("no such level", got=str(level), expected="1, 2, 3 or 4, or none to follow the answers")
        self.codes = codes_of_group(group)
        self.group = group if isinstance(group, str) else "chosen"
        self.chosen_level = level
        self.seed = int(np.random.default_rng().integers(100_000)) if seed is None else int(seed)
        self._rng = np.random.default_rng(self.seed)
        self.answers = list(answers_of(self.progress))
        self.given: list[GymAnswer] = []
        self.told: Told | None = None
        self.item, self.options = self._make()

    @property
    def level(self) -> int:
        """Level of the next item."""
        return self.chosen_level or current_level(self.answers)

    @property
    def words(self) -> str:
        """The group in words."""
        return GROUPS[self.group][0] if self.group in GROUPS else f"{len(self.codes)} chosen classes"

    @property
    def n_done(self) -> int:
        """Items of this round that were answered."""
        return len(self.given)

    @property
    def is_answered(self) -> bool:
        """Whether the item that is shown has its answer."""
        return self.told is not None

    def _make(self) -> tuple[WaveformItem, tuple[str, ...]]:
        code = next_class(self.codes, self.answers, self.given, n_round=self.n, now=datetime.now(UTC), rng=self._rng)
        item = waveform_item(code, self.level, int(self._rng.integers(MOST_SEED)))
        return item, options_for(code, self.codes, self._rng)

    def answer(self, code: str, *, grade: int | None = None) -> Told:
        """Answer the item that is shown; the first answer counts.

        Parameters
        ----------
        code : str
            One of ``options``, or ``"cannot_tell"``.
        grade : int, optional
            0 to 4, for an item whose grade is asked.

        Raises
        ------
        InputError
            If that is no option, or no grade.
        """
        if self.told is not None:
            return self.told
        if code not in (*self.options, CANNOT_TELL):
            raise InputError("that is no option here", got=repr(code), expected=f"one of {', '.join(self.options)}, {CANNOT_TELL}")  # fmt: skip
        if grade is not None and grade not in range(5):
            raise InputError("there is no such grade", got=str(grade), expected="0, 1, 2, 3 or 4")
        item = self.item
        is_graded = None
        if item.grade is not None and code == item.kind.code and grade is not None:
            is_graded = grade == item.grade
        record = self.progress.add(
            KIND, truth=item.kind.code, answer=code, level=item.level, seed=item.seed, is_graded_right=is_graded
        )
        found = GymAnswer(
            truth=item.kind.code, answer=code, level=item.level, seed=item.seed, at=datetime.fromisoformat(record["at"]),
            is_graded_right=is_graded,
        )  # fmt: skip
        self.answers.append(found)
        self.given.append(found)
        self.told = told(item, code, grade=grade)
        return self.told

    def _show_another(self) -> None:
        self.item, self.options = self._make()
        self.told = None

    def beside(self) -> WaveformItem:
        """A plain instance of the class that was answered, or, after a right answer, of the nearest look-alike."""
        given = self.given[-1].answer if self.told is not None else CANNOT_TELL
        code = self.item.kind.confused_with[0] if given in (CANNOT_TELL, self.item.kind.code) else given
        return waveform_item(code, LEVELS[0], self.item.seed % 1000 + 1)

    def mastery(self) -> tuple[Mastery, ...]:
        """How far each class of the round is known."""
        return tuple(mastery_of(code, self.answers) for code in self.codes)
