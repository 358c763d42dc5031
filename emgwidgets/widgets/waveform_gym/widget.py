"""The waveform gym as a widget: sends clips, takes answers, shows why.  Items, feedback and spacing come from lessons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgwidgets.errors import InputError
from emgwidgets.lessons.gym.answers import CANNOT_TELL, confusion
from emgwidgets.lessons.gym.rounds import GymRound
from emgwidgets.lessons.progress import Progress
from emgwidgets.simulation.practice.waveform_classes import waveform_class
from emgwidgets.simulation.practice.waveform_items import WaveformItem, waveform_item
from emgwidgets.widgets._esm import join_css, join_modules
from emgwidgets.widgets.gym_widget import GymWidget
from emgwidgets.widgets.waveform_gym.wire import clip_of, round_state

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["WaveformGym"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"


class WaveformGym(GymWidget[WaveformItem]):
    """Name what is seen and heard.

    Parameters
    ----------
    group : str or sequence of str
        ``"all"``, ``"rest"``, ``"insertion"``, ``"units"``, ``"recruitment"``, ``"artefacts"``, ``"hard_pairs"``, or
        class codes.
    n : int
        Items of a round.
    level : int, optional
        1 to 4; that which the kept answers lead to when left out.
    seed : int, optional
        Of the round; drawn when left out.
    progress : Progress, optional
        Where answers are kept; the user's own file by default.

    Raises
    ------
    InputError
        If group, number or level do not exist.

    Notes
    -----
    The first answer counts; "cannot tell" is an answer.  Level, spaced return and mastery follow the curriculum.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(SHARED / "tokens.css", SHARED / "controls.css", HERE / "view.css")

    round: GymRound

    def __init__(
        self, group: str | Sequence[str] = "all", *, n: int = 20, level: int | None = None, seed: int | None = None,
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        self._replayed: WaveformItem | None = None
        super().__init__(GymRound(group, n=n, level=level, seed=seed, progress=progress))

    # actions -----------------------------------------------------------------------------------------------------
    def answer(self, code: str, *, grade: int | None = None) -> str:
        """Answer the item that is shown; the first answer counts.

        Parameters
        ----------
        code : str
            One of the options, or ``"cannot_tell"``.
        grade : int, optional
            0 to 4, for an item whose grade is asked.

        Returns
        -------
        str
            What the learner is told.

        Raises
        ------
        InputError
            If that is no option, or no grade.
        """
        told = self.round.answer(code, grade=grade)
        self._publish()
        return str(told)

    def again(self) -> None:
        """Begin another round of the same group."""
        turn = self.round
        self.round = GymRound(
            turn.group if turn.group != "chosen" else turn.codes,
            n=turn.n,
            level=turn.chosen_level,
            progress=turn.progress,
        )
        self._publish()

    # results -----------------------------------------------------------------------------------------------------
    @property
    def score(self) -> tuple[int, int, int]:
        """Right in this round, answered, items of the round."""
        return sum(one.is_right for one in self.round.given), len(self.round.given), self.round.n

    def confusion(self) -> pd.DataFrame:
        """Return truth by first answer, over all kept answers, as a table of counts."""
        import pandas as pd

        counts = confusion(self.round.answers)
        codes = [code for code in self.round.codes if any(code in pair for pair in counts)]
        columns = [*dict.fromkeys([*codes, *(answer for _, answer in counts if answer != CANNOT_TELL)]), CANNOT_TELL]
        rows = [[counts.get((truth, answer), 0) for answer in columns] for truth in codes]
        return pd.DataFrame(rows, index=pd.Index(codes, name="truth"), columns=pd.Index(columns, name="answer"))

    def mastery(self) -> pd.DataFrame:
        """Return how far each class is known, as a table."""
        import pandas as pd

        return pd.DataFrame([
            {"class": one.code, "n": one.n, "right": one.n_right, "look-alikes": one.n_look_alikes,
             "false alarms": one.n_false_alarms, "mastered": one.is_mastered, "missing": one.reason}
            for one in self.round.mastery()
        ])  # fmt: skip

    def to_text(self) -> str:
        """Return what is asked and, once answered, what was said."""
        turn, item = self.round, self.item
        right, given, n = self.score
        shown = {"both": "seen and heard", "sound": "sound alone", "picture": "picture alone"}[item.presentation]
        lines = [f"Waveform gym, {turn.words}, level {item.level}: {n} items, {given} answered, {right} right."]
        lines.append(f"Item {len(turn.given) + (not turn.is_answered)}: {shown}; seed {item.seed}.")
        lines.append("Choose: " + "; ".join(waveform_class(code).name for code in turn.options) + "; cannot tell.")
        return "\n".join([*lines, str(turn.told)] if turn.told else lines)

    def __repr__(self) -> str:
        right, given, n = self.score
        return f"WaveformGym({self.round.words}, {n} items, {given} answered, {right} right)"

    # inside ------------------------------------------------------------------------------------------------------
    def _publish(self) -> None:
        self._replayed = None
        self._state = round_state(self.round)

    def _act(self, content: dict[str, Any]) -> None:
        kind, place = content.get("type"), content.get("place")
        if kind == "clip":
            self._send_clip(str(content["which"]), content)
        elif kind == "replay":
            self._replay(str(content["truth"]), str(content["answer"]))
        elif kind == "again" and self._state["is_over"]:
            self.again()
        elif place == self._state["place"] and kind == "answer":
            grade = content.get("grade")
            self.answer(str(content["code"]), grade=None if grade is None else int(grade))
        elif place == self._state["place"] and kind == "next" and self.round.is_answered:
            self.next()

    def _send_clip(self, which: str, content: dict[str, Any]) -> None:
        if which == "beside" and not self.round.is_answered:
            return
        item = {
            "item": self.item,
            "beside": self.round.beside() if which == "beside" else None,
            "replay": self._replayed,
        }[which]
        if item is None:
            return
        head, buffers = clip_of(item)
        self.send({"type": "clip", "which": which, "view": content.get("view"), "place": self._state["place"], **head}, buffers)  # fmt: skip

    def _replay(self, truth: str, answer: str) -> None:
        """Make the last item of a cell of the matrix anew; class, level and seed give the same bytes."""
        found = [one for one in self.round.answers if (one.truth, one.answer) == (truth, answer)]
        if not found:
            raise InputError("no such item was answered", got=f"{truth} as {answer}")
        self._replayed = waveform_item(found[-1].truth, found[-1].level, found[-1].seed)
        head, buffers = clip_of(self._replayed)
        words = f"{waveform_class(truth).name}, level {found[-1].level}, answered {waveform_class(answer).name if answer != CANNOT_TELL else 'cannot tell'}"
        self.send({"type": "clip", "which": "replay", "place": self._state["place"], "words": words, **head}, buffers)
