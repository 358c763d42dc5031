"""The reader's book: scores, names and proofs of every muscle, with undo.  It holds what a reader said and looks at no signal."""

from __future__ import annotations

from typing import TypeAlias

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Side
from emgwidgets.widgets.needle_bench.rest_desk import NamedClip
from emgwidgets.widgets.needle_bench.scores import Clip, MuscleScore, column, columns

__all__ = ["ScoreBook", "Where"]

#: Muscle and side.
Where: TypeAlias = tuple[str, Side]
UNDO_STEPS = 100


class ScoreBook:
    """Scores by muscle and side, in the order of examination.

    Attributes
    ----------
    scores : dict
        ``(muscle, side)`` to :class:`MuscleScore`.
    named : list of NamedClip
        Stretches a reader named.
    cell : str
        Column the keys act on.
    """

    def __init__(self) -> None:
        self.scores: dict[Where, MuscleScore] = {}
        self.named: list[NamedClip] = []
        self.cell = columns()[0].key
        self._past: list[tuple[dict[Where, MuscleScore], list[NamedClip]]] = []
        self._future: list[tuple[dict[Where, MuscleScore], list[NamedClip]]] = []

    def of(self, where: Where) -> MuscleScore:
        """The score of a muscle; an empty one at first."""
        return self.scores.get(where) or MuscleScore(muscle=where[0], side=where[1])

    def focus(self, key: str) -> None:
        """Let the keys act on another column."""
        self.cell = column(key).key

    def put(self, score: MuscleScore) -> MuscleScore:
        """Enter a score; the one before can be taken back."""
        self._remember()
        where = score.muscle, score.side
        if score.is_empty and not score.n_clips:
            self.scores.pop(where, None)
        else:
            self.scores[where] = score
        return score

    def score(self, where: Where, value: str | int | None, *, key: str | None = None) -> MuscleScore:
        """Score a column: a grade 0 to 4, a word of the column, or None for not tested.

        Raises
        ------
        InputError
            If the column has no such value.
        """
        one = column(key or self.cell)
        score = self.of(where)
        if one.kind == "other":
            made = _score_other(score, value)
        elif isinstance(value, int):
            if not 0 <= value < len(one.digits):
                raise InputError(
                    f"the column {one.key} has no such value", got=str(value), expected=f"0 to {len(one.digits) - 1}"
                )
            made = score.scored(one.key, one.digits[value])
        else:
            made = score.scored(one.key, value)
        self.cell = one.key
        return self.put(made)

    def step(self, where: Where, direction: int) -> MuscleScore:
        """Step the chosen column to its next or previous value; what was not tested starts at the normal one."""
        one, score = column(self.cell), self.of(where)
        if one.kind == "other":
            grade = list(score.other.values())[-1] if score.other else None
            return self.score(where, min(max((grade or 0) + direction, 0), 4))
        now = one.values.index(score.values.get(one.key, one.normal))
        wanted = min(max(now + (1 if direction > 0 else -1), 0), len(one.values) - 1)
        return self.score(where, one.values[wanted])

    def score_normal(self, where: Where) -> MuscleScore:
        """Score everything at rest as normal that was not scored yet; nothing else is taken for tested."""
        score = self.of(where)
        for one in columns():
            if one.group == "rest" and one.values and one.key not in score.values:
                score = score.scored(one.key, one.normal)
        return self.put(score)

    def link(self, where: Where, clip: Clip, key: str | None = None) -> None:
        """Link a clip as proof to a column, the chosen one by default."""
        self.put(self.of(where).linked(key or self.cell, clip))

    def unlink(self, where: Where, key: str, index: int) -> None:
        """Take a clip away from a column."""
        self.put(self.of(where).unlinked(key, self.clip(where, key, index)))

    def clip(self, where: Where, key: str, index: int) -> Clip:
        """One of the clips of a column.

        Raises
        ------
        InputError
            If there is none.
        """
        found = self.of(where).clips.get(column(key).key, ())
        if not 0 <= index < len(found):
            muscle, side = where
            raise InputError(
                "no stretch is linked there", got=f"{side} {muscle}, {key}", way_out="shade one, then Enter"
            )
        return found[index]

    def name(self, where: Where, made: NamedClip, kind: str, *, is_other: bool) -> None:
        """Enter a reader's name; where it has a column, it becomes proof there and the keys act on that column."""
        places = (made.stretch, made.start_s, made.end_s)
        self._remember()
        self.named = [*(one for one in self.named if (one.stretch, one.start_s, one.end_s) != places), made]
        if not kind:
            return
        self.cell = "other" if is_other else kind
        score = self.of(where)
        if is_other and kind not in score.other:
            score = score.with_other(kind, None)
        clip = Clip(stretch=made.stretch, start_s=made.start_s, end_s=made.end_s, words=made.code)
        self.scores = {**self.scores, where: score.linked(self.cell, clip)}

    def used(self) -> set[int]:
        """Numbers of the stretches that a clip or a name lies on."""
        clips = {clip.stretch for score in self.scores.values() for found in score.clips.values() for clip in found}
        return clips | {one.stretch for one in self.named}

    def tested(self) -> dict[Where, bool]:
        """Muscles with a score, and whether anything in them is abnormal."""
        scored = {where: one for where, one in self.scores.items() if not one.is_empty}
        return {where: any(one.is_abnormal(c.key) for c in columns()) for where, one in scored.items()}

    def undo(self) -> bool:
        """Take the last score, name or link back; False when there is none."""
        return self._swap(self._past, self._future)

    def redo(self) -> bool:
        """Do it again; False when there is nothing."""
        return self._swap(self._future, self._past)

    def _swap(
        self,
        source: list[tuple[dict[Where, MuscleScore], list[NamedClip]]],
        target: list[tuple[dict[Where, MuscleScore], list[NamedClip]]],
    ) -> bool:
        if not source:
            return False
        target.append((dict(self.scores), list(self.named)))
        self.scores, self.named = source.pop()
        return True

    def _remember(self) -> None:
        self._past = [*self._past[-UNDO_STEPS + 1 :], (dict(self.scores), list(self.named))]
        self._future = []


def _score_other(score: MuscleScore, value: str | int | None) -> MuscleScore:
    if isinstance(value, str):
        return score.with_other(value, None)
    if not score.other:
        raise InputError("no other discharge was named here", way_out="shade it and name it first")
    return score.with_other(list(score.other)[-1], value, is_seen=value is not None)
