"""An exercise: items answered by key or mouse, told why, counted and kept.  It measures nothing; items come from lessons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from emgwidgets.errors import EmgError, InputError
from emgwidgets.lessons.item import Item
from emgwidgets.lessons.progress import Progress
from emgwidgets.model.checks import check_index
from emgwidgets.widgets._esm import join_css, join_modules

__all__ = ["Exercise"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"


class Exercise(anywidget.AnyWidget):
    """Judge items one after the other.

    Parameters
    ----------
    items : str or sequence of Item
        Number of a lesson, such as ``"10"``, or items made elsewhere.
    lesson : str
        Under which number answers are kept; that of the items when ``items`` is one.
    seed : int
        Another seed gives other patients.
    progress : Progress, optional
        Where answers are kept; the user's own file by default.

    Notes
    -----
    The first answer to an item counts.  The truth of an item travels to the browser only after its answer.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(SHARED / "tokens.css", SHARED / "controls.css", HERE / "view.css")

    _item = traitlets.Dict().tag(sync=True)
    _answers: Any = traitlets.List().tag(sync=True)

    def __init__(
        self, items: str | Sequence[Item], *, lesson: str = "", seed: int = 0, progress: Progress | None = None
    ) -> None:
        if isinstance(items, str):
            from emgwidgets.lessons.items import items_of

            lesson, items = lesson or items, items_of(items, seed=seed)
        if not items:
            raise InputError("an exercise needs items", got="none", expected="at least one")
        super().__init__()
        self.items = tuple(items)
        self._lesson, self._seed = lesson, seed
        self._progress = progress or Progress()
        self._answers = [None] * len(self.items)
        self.index = 0
        self._publish()
        self.on_msg(self._receive)

    # actions -----------------------------------------------------------------------------------------------------
    def answer(self, choice: int) -> str:
        """Answer the item that is shown; the first answer counts.

        Parameters
        ----------
        choice : int
            Index of the option.

        Returns
        -------
        str
            What the learner is told.

        Raises
        ------
        InputError
            If there is no such option.
        """
        item = self.items[self.index]
        check_index(choice, len(item.options), what="option")
        given = self._answers[self.index]
        if given is None:
            answers = list(self._answers)
            answers[self.index] = {"choice": choice, "is_true": choice == item.truth}
            self._answers = answers
            self._progress.add(
                "exercise", lesson=self._lesson, seed=self._seed, item=self.index, choice=item.options[choice],
                truth=item.options[item.truth],
            )  # fmt: skip
            given = answers[self.index]
        self._publish()
        return item.said(given["choice"])

    def go(self, index: int) -> None:
        """Show another item, counted from 0.

        Raises
        ------
        InputError
            If there is no such item.
        """
        self.index = check_index(index, len(self.items), what="item")
        self._publish()

    # results -----------------------------------------------------------------------------------------------------
    @property
    def score(self) -> tuple[int, int, int]:
        """Answers as the simulation has it, answers given, items."""
        given = [one for one in self._answers if one is not None]
        return sum(bool(one["is_true"]) for one in given), len(given), len(self.items)

    def to_text(self) -> str:
        """Return the items and, where one was answered, what was said."""
        n_true, n_given, n = self.score
        lines = [f"{n} items, {n_given} answered, {n_true} as the simulation has it."]
        for number, (item, given) in enumerate(zip(self.items, self._answers, strict=True), start=1):
            lines.append(f"{number}. {item.question} " + "; ".join(f"{name} {value}" for name, value in item.known))
            if given is not None:
                lines.append(f"   {item.options[given['choice']]}: {item.said(given['choice'])}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        n_true, n_given, n = self.score
        given = f", {n_given} answered, {n_true} as the simulation has it" if n_given else ", none answered"
        return f"Exercise({n} items{given})"

    # inside ------------------------------------------------------------------------------------------------------
    def _publish(self) -> None:
        item = self.items[self.index]
        given = self._answers[self.index]
        told: dict[str, Any] | None = None
        if given is not None:
            told = {
                "truth": item.truth, "lead": item.feedback[given["choice"]], "why": item.why,
                "found": [list(pair) for pair in item.found],
            }  # fmt: skip
        self._item = {
            "index": self.index, "question": item.question, "options": list(item.options),
            "known": [list(pair) for pair in item.known], "told": told, "start_ms": item.start_ms, "end_ms": item.end_ms,
            "traces": [_wire(trace, is_told=told is not None) for trace in item.traces], "spread": _spread(item),
            "is_kept": self._progress.is_kept,
        }  # fmt: skip

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        try:
            if content.get("type") == "answer" and content.get("index") == self.index:
                self.answer(int(content["choice"]))
            elif content.get("type") == "go":
                self.go(int(content["index"]))
        except (EmgError, KeyError, TypeError, ValueError):
            self._publish()  # a message that fits nothing: show what is


def _wire(trace: Any, *, is_told: bool) -> dict[str, Any]:
    """A trace as plain values and bytes; marks travel only with the answer."""
    sweep = trace.sweep
    return {
        "label": trace.label, "scale": trace.scale, "lane": trace.lane, "start_ms": sweep.start_ms,
        "step_ms": 1000.0 / sweep.sampling_rate_hz, "samples": sweep.samples_uv.astype(np.float32).tobytes(),
        "marks": [list(mark) for mark in trace.marks] if is_told else [],
    }  # fmt: skip


def _spread(item: Item) -> dict[str, Any] | None:
    """A histogram as counts."""
    one = item.spread
    if one is None:
        return None
    return {
        "label": one.label,
        "counts": list(one.counts),
        "step": one.step_us,
        "limit": one.limit_us,
        "limit_label": one.limit_label,
    }
