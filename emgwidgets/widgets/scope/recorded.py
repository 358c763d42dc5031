"""Marks, sites and recording of a scope, as its users call them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from emgwidgets.model.signal import Annotation

if TYPE_CHECKING:
    from collections.abc import Callable

    from emgwidgets.widgets.scope.desk import ScopeDesk

__all__ = ["Recorded"]


class Recorded:
    """What the scope keeps."""

    _opened: Callable[[], ScopeDesk]  # of the widget

    # marks and sites ---------------------------------------------------------------------------------------------
    def mark(self, label: str = "mark", *, at_s: float | None = None, channel: str | None = None) -> Annotation:
        """Put a mark now, or at a time since the first sample; it goes into the recording."""
        return self._opened().mark(label, at_s=at_s, channel=channel)

    def undo_mark(self) -> Annotation | None:
        """Take your last mark back; a recording keeps it with a note that it is no more, and its readers leave it out.

        Returns None when there is none.  Marks of the device and of the sites stay.
        """
        desk = self._opened()
        found = desk.journal.undo()
        desk.publish()
        return found

    def redo_mark(self) -> Annotation | None:
        """Put the mark that was undone last again; None when there is none."""
        desk = self._opened()
        found = desk.journal.redo()
        desk.publish()
        return found

    def next_site(self, step: int = 1) -> str:
        """Go to the next muscle or site of the list; returns its name."""
        desk = self._opened()
        return desk.go_to(desk.site + step)

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """Marks in order of time, counted from the first sample."""
        return self._opened().journal.marks

    # recording ---------------------------------------------------------------------------------------------------
    def record(self, path: str | os.PathLike[str] | None = None) -> Path:
        """Write what comes from now on to a new live container; returns its path.

        Raises
        ------
        WriteError
            If the file exists, for instance because another recorder writes it.
        InputError
            If a recording is under way.
        """
        return self._opened().record(None if path is None else Path(path))

    def end_recording(self) -> Path | None:
        """Close the recording under way; returns its file."""
        return self._opened().end_recording()

    def save_as(self, suffix: str = ".edf") -> Path:
        """Write the last recording beside it as EDF+ (``".edf"``), BDF+ (``".bdf"``) or another format."""
        return self._opened().save_as(suffix)

    def save_into_case(self, folder: str | os.PathLike[str], *, suffix: str = ".edf") -> Path:
        """Put the last recording into a case folder, beside its ``case.json``, as EDF+ or BDF+; returns the file."""
        return self._opened().save_into_case(Path(folder), suffix=suffix)
