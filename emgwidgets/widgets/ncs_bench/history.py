"""What undo takes back on the bench: kept responses, distances, typed lines and their conditions."""

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

    def _swap(self, source: list[T], target: list[T]) -> bool:
        if not source:
            return False
        target.append(self._take())
        self._put(source.pop())
        return True
