"""What a page of entries shares with its browser: messages become actions, errors become one sentence, and undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol

import anywidget

from emgwidgets.errors import EmgError

__all__ = ["ActingWidget", "error_content"]


class _Desk(Protocol):
    """What keeps the entries of a page."""

    def undo(self) -> bool: ...
    def redo(self) -> bool: ...


def error_content(error: EmgError, of: object) -> dict[str, Any]:
    """What the browser is told of an error, with the word of the message that met it."""
    return {
        "type": "error", "of": of, "what": error.what, "got": error.got, "expected": error.expected, "way_out": error.way_out,
    }  # fmt: skip


class ActingWidget(anywidget.AnyWidget):
    """A page over a desk: it acts on messages, and shows the desk anew after each change.

    Attributes
    ----------
    _actions : mapping
        Word of a message -> name of the method and the fields it takes.
    """

    _actions: ClassVar[Mapping[str, tuple[str, tuple[str, ...]]]] = {}
    _desk: _Desk
    _publish: Callable[[], None]  # of the page: it shows the desk as it is now

    def undo(self) -> bool:
        """Take the last change back; what a reader settled or signed stays."""
        done = self._desk.undo()
        self._publish()
        return done

    def redo(self) -> bool:
        """Make it again."""
        done = self._desk.redo()
        self._publish()
        return done

    def _act(self, kind: str) -> Callable[[Mapping[str, Any]], Any] | None:
        """What a message does; None for a word that means nothing here."""
        name, names = self._actions.get(kind, ("", ()))
        if not name:
            return None
        action: Callable[..., Any] = getattr(self, name)
        return lambda content: action(**{one: content[one] for one in names if content.get(one) is not None})

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        act = self._act(str(content.get("type")))
        if act is None:
            return
        self.send({"type": "heard"})
        try:
            act(content)
        except EmgError as error:
            self.send(error_content(error, content.get("type")))
