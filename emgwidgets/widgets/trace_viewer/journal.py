"""What a reader did in one viewer, in order, so that it can be taken back: looks (filters, repairs, gains) and marks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emgwidgets.cases.annotations import AnnotationStore

__all__ = ["LOOKS", "Journal"]

#: Traits whose changes can be taken back, with the words a button says.
LOOKS = {
    "_filters": "filters", "is_zero_phase": "filter phase", "_repairs": "repair", "sensitivities": "sensitivity",
    "hidden": "channels shown",
}  # fmt: skip
MARK = "mark"
SAME_S = 1.0  # internal choice: turns of one knob that follow one another this quickly are one step
MOST = 200


@dataclass(frozen=True, kw_only=True)
class _Step:
    name: str
    before: Any = None
    after: Any = None
    at_s: float = 0.0


class Journal:
    """Steps done and undone.

    Parameters
    ----------
    store : AnnotationStore
        Keeps the marks and takes their changes back itself.
    put : callable
        ``put(name, value)`` sets a look.
    clock : callable
        Seconds, for joining turns of one knob.
    """

    def __init__(
        self, store: AnnotationStore, put: Callable[[str, Any], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._put = put
        self._clock = clock
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._is_turning = False

    def add_look(self, name: str, before: Any, after: Any) -> bool:
        """Note that a look changed; whether it is a new step (it is none while undo or redo sets it)."""
        if self._is_turning or before == after:
            return False
        now_s = self._clock()
        last = self._done[-1] if self._done else None
        if last is not None and last.name == name and now_s - last.at_s < SAME_S and not self._undone:
            self._done[-1] = replace(last, after=after, at_s=now_s)
        else:
            self._done.append(_Step(name=name, before=before, after=after, at_s=now_s))
            del self._done[:-MOST]
        self._undone.clear()
        return True

    def add_mark(self) -> None:
        """Note that the store took a change of a mark."""
        self._done.append(_Step(name=MARK))
        self._undone.clear()

    def forget(self) -> None:
        """Begin afresh; marks of the store can still be taken back."""
        self._done.clear()
        self._undone.clear()

    def words(self, *, back: bool) -> str:
        """Say what would be taken back or made again; empty when there is nothing."""
        steps = self._done if back else self._undone
        if steps:
            return LOOKS.get(steps[-1].name, MARK)
        return MARK if (self._store.can_undo if back else self._store.can_redo) else ""

    def turn(self, *, back: bool) -> str:
        """Take the last step back, or make the last undone one again; returns its words, empty when there is none.

        Raises
        ------
        InputError
            If another process has changed the same mark since.
        WriteError
            If the disk does not take the change of a mark.
        """
        words = self.words(back=back)
        source, target = (self._done, self._undone) if back else (self._undone, self._done)
        step = source[-1] if source else _Step(name=MARK)
        if step.name == MARK:
            is_moved = self._store.undo() if back else self._store.redo()
            if source:
                source.pop()
            if is_moved:
                target.append(step)
            return words if is_moved else ""
        source.pop()
        self._is_turning = True
        try:
            self._put(step.name, step.before if back else step.after)
        finally:
            self._is_turning = False
        target.append(step)
        return words
