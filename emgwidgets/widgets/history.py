"""States before and after the present one, for undo and redo of any desk; it knows nothing of what they hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["History"]

T = TypeVar("T")


class History(Generic[T]):
    """States before and after the present one.

    Parameters
    ----------
    take : callable
        Returns a copy of the present state.
    put : callable
        Puts a state in force.
    """

    def __init__(self, take: Callable[[], T], put: Callable[[T], None]) -> None:
        self._take, self._put = take, put
        self._past: list[T] = []
        self._future: list[T] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back."""
        return bool(self._future)

    def remember(self) -> None:
        """Keep the present state before it is changed; what was taken back is gone."""
        self._past.append(self._take())
        self._future.clear()

    def undo(self) -> bool:
        """Take the last change back; whether there was one."""
        return self._swap(self._past, self._future)

    def redo(self) -> bool:
        """Do again what was taken back; whether there was anything."""
        return self._swap(self._future, self._past)

    def forget(self) -> None:
        """Close all steps: nothing before this moment is taken back or made again."""
        self._past.clear()
        self._future.clear()

    def _swap(self, source: list[T], target: list[T]) -> bool:
        if not source:
            return False
        target.append(self._take())
        self._put(source.pop())
        return True
