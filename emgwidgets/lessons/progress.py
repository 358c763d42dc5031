"""What a learner answered, kept between starts on this machine: one line a record, only ever added to, no names."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from emgwidgets.errors import InputError

__all__ = ["Progress", "default_place"]

VARIABLE = "EMGWIDGETS_PROGRESS"


def default_place() -> Path:
    """Where progress is kept: the file named by ``EMGWIDGETS_PROGRESS``, else one in the user's data folder."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_DATA_HOME") or os.environ.get("APPDATA") or "~/.local/share"
    return Path(base).expanduser() / "emgwidgets" / "progress.jsonl"


class Progress:
    """Records of answers, oldest first.

    Parameters
    ----------
    place : path, optional
        File; :func:`default_place` when left out.  A folder that cannot be written leaves the records in memory, and
        ``is_kept`` says so.

    Notes
    -----
    A damaged line, such as one cut off by a power failure, is passed over; the others stay.
    """

    def __init__(self, place: str | os.PathLike[str] | None = None) -> None:
        self.place = Path(place) if place is not None else default_place()
        self.is_kept = True
        self._unsaved: list[dict[str, Any]] = []

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        yield from self._saved()
        yield from self._unsaved

    def _saved(self) -> Iterator[dict[str, Any]]:
        try:
            lines = self.place.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return
        for line in lines:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict) and "kind" in record:
                yield record

    def add(self, kind: str, **fields: Any) -> Mapping[str, Any]:
        """Keep one record with the time of day; on disk before this returns, unless the folder cannot be written.

        Raises
        ------
        InputError
            If a field cannot be written as JSON.
        """
        record = {"kind": kind, "at": datetime.now(UTC).isoformat(timespec="seconds"), **fields}
        try:
            line = json.dumps(record, allow_nan=False)
        except (TypeError, ValueError) as problem:
            raise InputError("this answer cannot be kept", got=str(problem), expected="plain values") from problem
        try:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            with self.place.open("ab") as stream:
                # A line that was cut off must not swallow this one.
                stream.write(
                    (b"\n" if stream.tell() and not _ends_with_newline(self.place) else b"") + line.encode() + b"\n"
                )
                stream.flush()
                os.fsync(stream.fileno())
        except OSError:
            self.is_kept = False
            self._unsaved.append(record)
        return record

    def last(self, kind: str, **fields: Any) -> Mapping[str, Any] | None:
        """Newest record of a kind whose fields have these values; None when there is none."""
        found = None
        for record in self:
            if record["kind"] == kind and all(record.get(name) == value for name, value in fields.items()):
                found = record
        return found


def _ends_with_newline(place: Path) -> bool:
    with place.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
