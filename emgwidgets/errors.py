"""The few kinds of error a user can meet, each one sentence: what, got, expected, way out."""

from __future__ import annotations

from emgwidgets.printed import printed

__all__ = ["EmgError", "InputError", "MissingExtraError", "ReadError", "WriteError"]


class EmgError(ValueError):
    """An error with one clear sentence.

    Parameters
    ----------
    what : str
        What could not be done.
    got : str
        What was found.
    expected : str
        What would have been accepted.
    way_out : str
        What the user can do now.
    """

    def __init__(self, what: str, *, got: str = "", expected: str = "", way_out: str = "") -> None:
        self.what, self.got = printed(what), printed(got)
        self.expected, self.way_out = printed(expected), printed(way_out)
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """The whole message as one line."""
        parts = [self.what]
        if self.got:
            parts.append(f"got {self.got}")
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.way_out:
            parts.append(self.way_out)
        text = " ".join("; ".join(parts).split())
        return text if text.endswith("...") else text.rstrip(".") + "."  # an argument to fill in keeps its dots


class InputError(EmgError):
    """An argument that cannot be used."""


class ReadError(EmgError):
    """A file that cannot be read; the only kind of error that leaves a reader."""


class WriteError(EmgError):
    """A file that cannot be written; nothing half-written stays behind."""


class MissingExtraError(EmgError):
    """An optional library that is not installed."""
