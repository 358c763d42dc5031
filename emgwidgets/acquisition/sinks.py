"""Those whom an engine tells of all it reads; one that fails is told no more, so that the others, such as a recorder, go on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, runtime_checkable

from emgwidgets.acquisition.buffer import PlacedBlock
from emgwidgets.errors import EmgError
from emgwidgets.model.signal import Annotation, Stimulus

__all__ = ["Sink", "Sinks", "TakesBack"]


class Sink(Protocol):
    """What is told of every block and mark, in the engine's thread; it must return at once."""

    def take_block(self, block: PlacedBlock) -> None:
        """Take one block."""

    def take_mark(self, mark: Stimulus | Annotation) -> None:
        """Take one mark, its time by the count of samples."""


@runtime_checkable
class TakesBack(Protocol):
    """A sink that keeps marks."""

    def take_back(self, mark: Annotation) -> None:
        """Forget a mark that was taken."""


class Sinks:
    """The sinks of one engine.

    Parameters
    ----------
    say : callable
        Receives a sentence when one has failed.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._all: tuple[Sink, ...] = ()
        self._say = say

    def attach(self, sink: Sink) -> None:
        """Tell a sink of everything from now on."""
        self._all = (*self._all, sink)

    def detach(self, sink: Sink) -> None:
        """Tell a sink no more."""
        self._all = tuple(one for one in self._all if one is not sink)

    def take_block(self, block: PlacedBlock) -> None:
        """Tell all of a block."""
        for sink in self._all:
            self._tell(sink, partial(sink.take_block, block))

    def take_mark(self, mark: Stimulus | Annotation) -> None:
        """Tell all of a mark."""
        for sink in self._all:
            self._tell(sink, partial(sink.take_mark, mark))

    def take_back(self, mark: Annotation) -> None:
        """Tell those who keep marks that one is taken back."""
        for sink in self._all:
            if isinstance(sink, TakesBack):
                self._tell(sink, partial(sink.take_back, mark))

    def _tell(self, sink: Sink, tell: Callable[[], None]) -> None:
        try:
            tell()
        except Exception as error:
            self.detach(sink)
            reason = error.sentence if isinstance(error, EmgError) else f"{type(error).__name__}: {error}"
            self._say(" ".join(f"A {type(sink).__name__} failed and is told no more; got {reason}".split()))
