"""A prediction: one question, two to four options, the first choice kept; what came out is set beside it later."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from emgwidgets.errors import InputError
from emgwidgets.lessons.progress import Progress
from emgwidgets.widgets._esm import join_css, join_modules

__all__ = ["Prediction"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"
MOST_OPTIONS = 6


class Prediction(anywidget.AnyWidget):
    """Ask before showing.

    Parameters
    ----------
    question : str
    options : sequence of str
        Two to six.
    lesson : str
        Number of the lesson, such as ``"10"``; with the question it names the record.
    progress : Progress, optional
        Where the choice is kept; the user's own file by default.

    Notes
    -----
    ``choice`` is the index of the chosen option or None.  The first choice counts and is kept; :meth:`recall` shows it
    again beside what was found.  An earlier answer to the same question is not shown before the new one is given.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(SHARED / "tokens.css", SHARED / "controls.css", HERE / "view.css")

    _content = traitlets.Dict().tag(sync=True)
    choice = traitlets.Int(default_value=None, allow_none=True).tag(sync=True)

    def __init__(
        self, question: str, options: Sequence[str], *, lesson: str = "", progress: Progress | None = None
    ) -> None:
        if not 2 <= len(options) <= MOST_OPTIONS:
            raise InputError("a prediction needs options", got=f"{len(options)}", expected=f"2 to {MOST_OPTIONS}")
        super().__init__(_content={"question": question, "options": list(options)})
        self._progress = progress or Progress()
        self._lesson = lesson
        self.observe(self._chosen, "choice")

    @property
    def question(self) -> str:
        """What is asked."""
        return str(self._content["question"])

    @property
    def chosen(self) -> str | None:
        """Text of the chosen option; None before a choice."""
        return None if self.choice is None else str(self._content["options"][self.choice])

    @traitlets.validate("choice")
    def _checked(self, proposal: Any) -> Any:
        value = proposal["value"]
        n = len(self._content["options"])
        if value is not None and not 0 <= value < n:
            raise InputError("there is no such option", got=str(value), expected=f"0 to {n - 1}")
        if self.choice is not None and value is not None:
            return self.choice  # the first choice counts
        return value

    def _chosen(self, change: Any) -> None:
        if change["new"] is not None:
            self._progress.add("prediction", lesson=self._lesson, question=self.question, choice=self.chosen)

    def recall(self, truth: int, found: str) -> str:
        """Return the prediction beside what was found, for the end of a lesson.

        The question itself stays as it is: it may stand above on a page that ran as a whole, and must not tell.

        Parameters
        ----------
        truth : int
            Index of the option that came out.
        found : str
            What decided it, with its numbers.

        Returns
        -------
        str
            One or two sentences.
        """
        options = self._content["options"]
        if not 0 <= truth < len(options):
            raise InputError("there is no such option", got=str(truth), expected=f"0 to {len(options) - 1}")
        if self.choice is None:
            return f"No prediction was made. Found: {options[truth]}. {found}"
        fits = "as found" if self.choice == truth else f"found: {options[truth]}"
        return f"You predicted: {self.chosen}; {fits}. {found}"

    def __repr__(self) -> str:
        return f"Prediction({self.question!r}, {'not answered' if self.choice is None else self.chosen!r})"
