"""What both gyms share: a round whose items come one after the other, its state for the browser, messages that fit it."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Generic, TypeVar

import anywidget
import traitlets

from emgwidgets.errors import EmgError
from emgwidgets.lessons.gym.turns import Turns

__all__ = ["GymWidget"]

Item = TypeVar("Item")


class GymWidget(anywidget.AnyWidget, Generic[Item]):
    """A round in the browser; the gyms add what is answered and what is told.

    Parameters
    ----------
    turns : Turns
        The round that is begun.
    """

    _state = traitlets.Dict().tag(sync=True)
    round: Turns[Item]

    def __init__(self, turns: Turns[Item]) -> None:
        self.round = turns
        super().__init__()
        self._publish()
        self.on_msg(self._receive)

    @property
    def item(self) -> Item:
        """The item that is shown, with its truth."""
        return self.round.item

    def next(self) -> Item | None:
        """Show the next item; at the end of the round nothing changes and None is returned.

        Raises
        ------
        InputError
            If the item that is shown has no answer yet.
        """
        found = self.round.next()
        self._publish()
        return found

    @abstractmethod
    def _publish(self) -> None:
        """Write ``_state``."""

    @abstractmethod
    def _act(self, content: dict[str, Any]) -> None:
        """Do what a message of the browser asks for."""

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        try:
            self._act(content)
        except (EmgError, KeyError, TypeError, ValueError):
            self._publish()  # a message that fits nothing: show what is
