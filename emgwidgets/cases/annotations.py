"""Marks of a reader or of the software, kept in an append-only file beside the recording and never in it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgwidgets.cases.annotation_history import FIELDS, History, annotation_fields, checked
from emgwidgets.cases.annotation_log import AnnotationLog
from emgwidgets.errors import InputError, WriteError
from emgwidgets.model.signal import Annotation

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SUFFIX", "AnnotationStore", "annotations_path"]

SUFFIX = ".annotations.jsonl"


def annotations_path(recording_path: str | os.PathLike[str]) -> Path:
    """Place of the annotations of a recording: ``<recording file name>.annotations.jsonl`` beside it.

    The ``.dat`` of a WFDB record shares the file of its ``.hea``.
    """
    place = Path(recording_path)
    if place.suffix.lower() == ".dat" and place.with_suffix(".hea").exists():
        place = place.with_suffix(".hea")
    if not place.name:
        place = place.resolve()
    return place.with_name(place.name + SUFFIX)


class _Marks:
    """The reading side of a store."""

    def __init__(self, *, log: AnnotationLog | None, channels: Iterable[str] = ()) -> None:
        self._log = log
        self._history = History()
        self._filed: list[tuple[dict[str, Any], bool]] = []
        self._pending: list[dict[str, Any]] = []
        self._notes: list[str] = []
        self._channels = tuple(channels)

    @property
    def annotations(self) -> tuple[Annotation, ...]:
        """All marks in order of time."""
        return self._history.sorted_marks()

    @property
    def path(self) -> Path | None:
        """The file, or None for a store in memory."""
        return None if self._log is None else self._log.path

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each thing found wrong with the file."""
        return (*(self._log.warnings if self._log else ()), *self._notes)

    @property
    def is_saved(self) -> bool:
        """Whether everything shown is on disk; False for a store in memory that holds or held a mark."""
        return not self._pending

    @property
    def unsaved_ids(self) -> tuple[str, ...]:
        """Ids of marks whose last change is not on disk."""
        return tuple(dict.fromkeys(event["id"] for event in self._pending))

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._history.done)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone change to make again."""
        return bool(self._history.undone)

    def get(self, id: str) -> Annotation:
        """Return one mark.

        Raises
        ------
        InputError
            If there is no such mark.
        """
        if id not in self._history.marks:
            raise InputError(
                "no such annotation", got=repr(id)[:40], expected=f"the id of one of {len(self)} annotations",
                way_out="see store.annotations",
            )  # fmt: skip
        return self._history.marks[id]

    def to_pandas(self) -> pd.DataFrame:
        """Return one row per mark, in order of time; times in seconds."""
        import pandas as pd

        columns = ["id", "start_s", "duration_s", "end_s", "label", "channel", "confidence", "status", "reader", "note"]
        rows = [[getattr(mark, name) for name in columns] for mark in self.annotations]
        return pd.DataFrame(rows, columns=columns)

    def _stage(self, kind: str, id: str, **more: Any) -> None:
        event = {"event": kind, "uid": secrets.token_hex(6), "id": id, **more}
        self._history.apply(event)
        self._pending.append(event)

    def _take_up(self, events: Iterable[dict[str, Any]], *, own: bool) -> None:
        """Take events of the file into the history, before those that are not yet in the file."""
        arrived = [(event, own) for event in events]
        if not arrived:
            return
        self._filed += arrived
        self._history = History()
        n_left_out = sum(not self._history.apply(event, can_undo=mine) for event, mine in self._filed)
        for event in self._pending:
            self._history.apply(event)
        if n_left_out:
            self._notes[:] = [f"{n_left_out} entries refer to marks that are not in the file; they were left out."]

    def __iter__(self) -> Iterator[Annotation]:
        return iter(self.annotations)

    def __len__(self) -> int:
        return len(self._history.marks)

    def __repr__(self) -> str:
        state = "saved" if self.is_saved else f"{len(self.unsaved_ids)} unsaved"
        return f"{type(self).__name__}({len(self)} annotations, {state})"


class AnnotationStore(_Marks):
    """Annotations with undo and redo; every change is on disk before the call returns.

    Make one with :meth:`open`, :meth:`beside` or :meth:`in_memory`.

    Notes
    -----
    Several processes may share a file: each takes up the other's marks when it next writes or calls
    :meth:`refresh`, and undo never touches marks of another process.
    """

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, channels: Iterable[str] = ()) -> AnnotationStore:
        """Open an annotation file, or begin one; the file appears with the first mark.

        Parameters
        ----------
        path : path
            A name that ends in ``.annotations.jsonl``; see :func:`annotations_path`.
        channels : iterable of str
            Channel names of the recording; when given, a mark on another name is refused.

        Raises
        ------
        InputError
            If the name is not that of an annotation file, so that nothing is ever appended to a recording.
        ReadError
            If the file cannot be read or is no annotation file.
        """
        place = Path(path)
        if not place.name.endswith(SUFFIX):
            raise InputError(
                "this is not the name of an annotation file", got=place.name, expected=f"a name ending in {SUFFIX}",
                way_out="use AnnotationStore.beside(recording_path)",
            )  # fmt: skip
        store = cls(log=AnnotationLog(path=place), channels=channels)
        store.refresh(_own=True)
        return store

    @classmethod
    def beside(cls, recording_path: str | os.PathLike[str], *, channels: Iterable[str] = ()) -> AnnotationStore:
        """Open the annotations of a recording by the recording's path; see :meth:`open`."""
        return cls.open(annotations_path(recording_path), channels=channels)

    @classmethod
    def in_memory(cls, annotations: Iterable[Annotation] = (), *, channels: Iterable[str] = ()) -> AnnotationStore:
        """Return a store without a file, for a recording that has none; keep its marks with :meth:`save_as`."""
        store = cls(log=None, channels=channels)
        for annotation in annotations:
            store.add(annotation)
        return store

    def refresh(self, *, _own: bool = False) -> None:
        """Take up what other processes have added to the file.

        Raises
        ------
        ReadError
            If the file cannot be read any more.
        """
        if self._log is not None:
            self._take_up(self._log.read_new(), own=_own)

    def add(self, annotation: Annotation) -> Annotation:
        """Add a mark; returns it with its id once it is on disk.

        Raises
        ------
        InputError
            If a time is not finite, the duration negative, or a name unknown.
        WriteError
            If the disk does not take it; the mark stays in memory and in :attr:`unsaved_ids`.
        """
        mark = replace(checked(annotation, self._channels), id=secrets.token_hex(6))
        self._commit("add", mark.id, fields=annotation_fields(mark))
        return mark

    def change(self, id: str, **fields: Any) -> Annotation:
        """Change fields of a mark; see :meth:`add` for what is raised."""
        unknown = sorted(set(fields) - set(FIELDS))
        if unknown:
            raise InputError(
                "an annotation has no such field", got=", ".join(unknown), expected=", ".join(FIELDS),
                way_out="check the name",
            )  # fmt: skip
        before = self.get(id)
        mark = checked(replace(before, **fields), self._channels if "channel" in fields else ())
        changed = {name: getattr(mark, name) for name in FIELDS if getattr(mark, name) != getattr(before, name)}
        if changed:
            self._commit("change", id, fields=changed)
        return self.get(id)

    def confirm(self, id: str, *, reader: str | None = None) -> Annotation:
        """Turn a proposal of the software into a mark of a reader."""
        return self.change(id, status="confirmed", **({} if reader is None else {"reader": reader}))

    def remove(self, id: str) -> Annotation:
        """Remove a mark and return it; undo brings it back."""
        mark = self.get(id)
        self._commit("remove", id)
        return mark

    def undo(self) -> bool:
        """Take back the last change of this store; False when there is none.

        Raises
        ------
        InputError
            If another process has changed the same mark since.
        WriteError
            If the disk does not take it.
        """
        return self._turn("undo", self._history.done)

    def redo(self) -> bool:
        """Make the last undone change again; False when there is none.  Raises as :meth:`undo`."""
        return self._turn("redo", self._history.undone)

    def save(self) -> None:
        """Write what is still unsaved.

        Raises
        ------
        WriteError
            If the disk still does not take it, or the store has no file.
        """
        if self._log is None:
            raise WriteError(
                "these annotations have no file", expected="a store that was opened on a path",
                way_out=f"call save_as() with a name ending in {SUFFIX}",
            )  # fmt: skip
        if self._pending:
            foreign = self._log.append(self._pending)
            written, self._pending = self._pending, []
            self._filed += [(event, False) for event in foreign]
            if foreign:
                self._take_up(written, own=True)
            else:
                self._filed += [(event, True) for event in written]

    def save_as(self, path: str | os.PathLike[str]) -> AnnotationStore:
        """Write the marks as they are now to a new file and return its store; ids and undo steps start afresh.

        Raises
        ------
        WriteError
            If the file exists or cannot be written.
        """
        target = AnnotationStore.open(path, channels=self._channels)
        if len(target) or (target.path is not None and target.path.exists()):
            raise WriteError(
                f"{Path(path).name} exists already", expected="a new file", way_out="choose another name",
            )  # fmt: skip
        for mark in self.annotations:
            target._stage("add", secrets.token_hex(6), fields=annotation_fields(mark))
        target.save()
        return target

    def _turn(self, kind: str, stack: list[str]) -> bool:
        if not stack:
            return False
        action = self._history.actions[stack[-1]]
        if self._history.marks.get(action.id) != (action.after if kind == "undo" else action.before):
            raise InputError(
                f"this change cannot be {'undone' if kind == 'undo' else 'made again'}", got="a mark that another process has changed since",
                expected="the mark as this change left it", way_out="change or remove the mark instead",
            )  # fmt: skip
        self._commit(kind, action.id, of=action.uid)
        return True

    def _commit(self, kind: str, id: str, **more: Any) -> None:
        self._stage(kind, id, **more)
        if self._log is not None:
            self.save()
