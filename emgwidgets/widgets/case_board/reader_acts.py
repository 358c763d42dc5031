"""What a named reader does on the board: answer red flags, waive gaps, strike sentences of the software, conclude and sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from emgwidgets.errors import InputError
from emgwidgets.widgets.acting import ActingWidget
from emgwidgets.widgets.case_board.desk import CaseDesk
from emgwidgets.widgets.case_board.reading_state import gaps_of, open_flags, subjects_to_answer

if TYPE_CHECKING:
    from emgwidgets.model.case import Reading
    from emgwidgets.model.correlation import Correlation
    from emgwidgets.model.struck import Struck

__all__ = ["ReaderActs"]


class ReaderActs(ActingWidget):
    """The part of the board that belongs to its reader; each decision is kept with a name and a reason."""

    _desk: CaseDesk
    _found: tuple[int, Correlation] | None = None

    @property
    def correlation(self) -> Correlation:
        """What the software says of the case now; worked out once for each version of the desk."""
        if self._found is None or self._found[0] != self._desk.version:
            from emgwidgets.interpretation.correlation.correlate import correlate

            self._found = (self._desk.version, correlate(self._desk.case))
        return self._found[1]

    def answer_flag(self, code: str, state: Literal["present", "absent", "not asked"]) -> None:
        """Say whether a red flag was asked and found; it stands in the case as a sign of the examination."""
        known = {one.code for one in self.correlation.red_flags}
        if code not in known:
            raise InputError("no such red flag", got=repr(code), expected=", ".join(sorted(known)))
        signs = self._desk.case.examination.signs
        index = next((n for n, one in enumerate(signs) if one.name == code), None)
        if state == "not asked":
            if index is not None:
                self._desk.remove("sign", index)
        else:
            words = "present" if state == "present" else "not present"
            self._desk.enter("sign", {"name": code, "side": "", "is_positive": words}, index)
        self._publish()

    def set_flags_aside(self, reason: str, reader: str = "") -> None:
        """Set the red flags of the banner aside: a named reader with a reason, both kept with the case.

        Taking out what a flag rests on, or undoing it, does not take the banner away; this does.
        """
        found = self.correlation
        for subject in [name for one in open_flags(self._desk, found) for name in subjects_to_answer(self._desk, one)]:
            self._desk.settle("red_flag_set_aside", subject, reason, reader)
        self._publish()

    def show_ranking(self, reason: str, reader: str = "") -> None:
        """Show the ranking under a red flag banner; the banner stays."""
        self._desk.settle("ranking_shown", "ranking", reason, reader)
        self._publish()

    def waive(self, about: str, reason: str, reader: str = "") -> None:
        """Answer or waive one gap that stands before the signature; ``about`` is its sentence."""
        gap = next((one for one in gaps_of(self._desk, self.correlation) if one["about"] == about), None)
        if gap is None:
            raise InputError(
                "no such gap", got=repr(about)[:80], expected="a sentence of the list beside the signature"
            )
        self._desk.settle(str(gap["kind"]), about, reason, reader)
        self._publish()

    def strike(self, sentence: str, reason: str, *, instead: str = "", reader: str = "") -> Struck:
        """Strike a sentence of the software: it stays to be seen as struck and is left out of the impression's words.

        Parameters
        ----------
        sentence : str
            The software's words, as :attr:`correlation` has them.
        reason, reader : str
            Why, and who; kept with the case and with the signature.
        instead : str
            The reader's own words in its place, kept beside it.

        Raises
        ------
        InputError
            If there is no such sentence, it speaks of a red flag, or the reason or the name is missing.
        """
        known = {one.text: one.part for one in self.correlation.impression.sentences}
        if sentence not in known:
            raise InputError(
                "the software says no such sentence", got=repr(sentence)[:80],
                expected="one of board.correlation.impression.sentences",
            )  # fmt: skip
        if known[sentence] == "red flag":
            raise InputError(
                "a red flag is not struck", got=repr(sentence)[:80], expected="another sentence",
                way_out="set it aside in the banner, with a name and a reason",
            )  # fmt: skip
        made = self._desk.strike(sentence, reason, instead=instead, reader=reader)
        self._publish()
        return made

    def restore(self, sentence: str) -> None:
        """Let a struck sentence stand again."""
        self._desk.restore(sentence)
        self._publish()

    def write(self, text: str, reader: str | None = None) -> None:
        """Write the reader's conclusion; nothing is signed by it."""
        self._desk.write(text, reader)
        self._publish()

    def sign(self) -> Reading:
        """Sign the conclusion; refused while a gap is neither answered nor waived."""
        gaps = gaps_of(self._desk, self.correlation)
        still = [one for one in gaps if one["answer"] is None]
        if still:
            raise InputError(
                "the conclusion cannot be signed yet", got=f"{len(still)} open: {still[0]['words']}",
                expected="every gap answered or waived by a named reader with a reason",
            )  # fmt: skip
        waived = [
            f"{one['words']} Waived by {one['answer']['reader']}: {one['answer']['reason']}."
            for one in gaps
            if one["answer"]
        ]
        reading = self._desk.sign(waived=waived)
        self._publish()
        return reading
