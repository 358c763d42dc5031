"""Items of a round one after the other: which is shown, how many, when it is over.  Rounds add what they judge."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from emgwidgets.errors import InputError
from emgwidgets.lessons.progress import Progress

__all__ = ["Turns"]

MOST_ITEMS = 200

Item = TypeVar("Item")


class Turns(ABC, Generic[Item]):
    """A round of items; the first answer to each counts.

    Parameters
    ----------
    n : int
        Items of the round.
    progress : Progress, optional
        Where answers are kept; the user's own file by default.

    Raises
    ------
    InputError
        If the number cannot be used.
    """

    #: What is said, and the way out, when the next item is asked for too early.
    too_early: ClassVar[tuple[str, str]]
    item: Item

    def __init__(self, n: int, progress: Progress | None) -> None:
        if isinstance(n, bool) or not 1 <= n <= MOST_ITEMS:
            raise InputError("the length of the round cannot be used", got=str(n), expected=f"1 to {MOST_ITEMS} items")
        self.n, self.progress = n, progress or Progress()

    @property
    @abstractmethod
    def n_done(self) -> int:
        """Items of this round that were answered."""

    @property
    @abstractmethod
    def is_answered(self) -> bool:
        """Whether the item that is shown has its answer."""

    @abstractmethod
    def _show_another(self) -> None:
        """Make the next item, without an answer."""

    @property
    def is_over(self) -> bool:
        """Whether every item has its answer."""
        return self.n_done >= self.n

    def next(self) -> Item | None:
        """Make the next item; None at the end of the round.

        Raises
        ------
        InputError
            If the item that is shown has no answer yet.
        """
        if not self.is_answered:
            what, way_out = self.too_early
            raise InputError(what, way_out=way_out)
        if self.is_over:
            return None
        self._show_another()
        return self.item
