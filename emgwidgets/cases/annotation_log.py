"""The append-only file of annotation events: one checked JSON line per event, on disk before it is acknowledged."""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from emgwidgets.cases.file_lock import locked
from emgwidgets.errors import EmgError, ReadError, WriteError
from emgwidgets.io._atomic import sync_folder

__all__ = ["SCHEMA", "AnnotationLog", "Event", "decode_line", "encode_event"]

SCHEMA = "emgwidgets.annotations/1"
#: Longest file that is read; a longer one is no file of annotations (internal choice: a million events).
MAX_BYTES = 512 * 1024 * 1024

Event = Mapping[str, Any]


def _canonical(body: Event) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def encode_event(event: Event, sequence: int) -> bytes:
    """One line: the event with schema, sequence number, time of the day to the minute, and checksum."""
    body = {
        "schema": SCHEMA,
        "seq": sequence,
        "utc": datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%MZ"),
        **event,
    }
    body["crc32"] = f"{zlib.crc32(_canonical(body)):08x}"
    return _canonical(body) + b"\n"


def decode_line(line: bytes) -> dict[str, Any]:
    """Return the event of one line.

    Raises
    ------
    ValueError
        If the line is damaged.
    ReadError
        If the line is sound but written by another version of the schema.
    """
    body = json.loads(line.decode("ascii"))
    if not isinstance(body, dict):
        raise ValueError("not an event")  # noqa: TRY004 - the caller tells damage by ValueError
    claimed = body.pop("crc32", None)
    if claimed != f"{zlib.crc32(_canonical(body)):08x}":
        raise ValueError("checksum does not match")
    if body.get("schema") != SCHEMA:
        raise ReadError(
            "the annotations were written by another version", got=repr(body.get("schema"))[:60], expected=SCHEMA,
            way_out="open them with that version or update emgwidgets",
        )  # fmt: skip
    return body


@dataclass(kw_only=True, eq=False)
class AnnotationLog:
    """A file of events; the file is never rewritten, only appended to.

    Parameters
    ----------
    path : Path
        Place of the file; it need not exist yet.
    """

    path: Path
    warnings: list[str] = field(default_factory=list)
    n_events: int = 0
    _offset: int = 0
    _before: bytes = field(default=b"", repr=False)
    _line: int = 0
    _torn: bytes = field(default=b"", repr=False)

    def read_new(self) -> list[dict[str, Any]]:
        """Events that were added to the file since it was last looked at, by this or another process.

        Raises
        ------
        ReadError
            If the file cannot be read or is no annotation file.
        """
        try:
            descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ReadError(
                f"{self.path.name} cannot be read", got=str(error.strerror), expected="a readable file",
                way_out="change its mode or choose another place",
            ) from error  # fmt: skip
        try:
            return self._read_from(descriptor)
        except OSError as error:
            raise ReadError(
                f"{self.path.name} cannot be read", got=str(error.strerror), expected="a readable file",
                way_out="check the disk",
            ) from error  # fmt: skip
        finally:
            os.close(descriptor)

    def append(self, events: Iterable[Event]) -> list[dict[str, Any]]:
        """Write events and return only when the disk holds them.

        Returns
        -------
        list of dict
            Events another process had added in the meantime; they stand before the new ones.

        Raises
        ------
        WriteError
            If the disk does not take them; the file is then as before.
        """
        name = self.path.name
        try:
            is_new = not self.path.exists()
            if is_new and self._offset:
                raise FileNotFoundError(2, "the file was removed while it was open")
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
            descriptor = os.open(self.path, flags, 0o644)
            try:
                with locked(descriptor, name):
                    foreign = self._read_from(descriptor)
                    self._set_torn_aside(descriptor)
                    self._write(descriptor, events)
            finally:
                os.close(descriptor)
            if is_new:
                sync_folder(self.path.parent)
        except ReadError as error:
            raise WriteError(error.what, got=error.got, expected=error.expected, way_out=error.way_out) from error
        except OSError as error:
            raise WriteError(
                f"{name} cannot be written, so the annotation is kept in memory only", got=str(error.strerror or error),
                expected="a writable folder with free space",
                way_out="make room or permission and call save(), or save_as(another path)",
            ) from error  # fmt: skip
        return foreign

    def _read_from(self, descriptor: int) -> list[dict[str, Any]]:
        status = os.fstat(descriptor)
        if status.st_size < self._offset or not self._is_same_file(descriptor):
            raise ReadError(
                f"{self.path.name} was replaced or shortened by something else", got=f"{status.st_size} bytes",
                expected=f"the {self._offset} bytes already read and perhaps more",
                way_out="keep the marks with save_as(another path) and open the file anew",
            )  # fmt: skip
        if status.st_size > MAX_BYTES:
            raise ReadError(
                f"{self.path.name} is too long for annotations", got=f"{status.st_size} bytes",
                expected=f"at most {MAX_BYTES} bytes", way_out="check that it is the right file",
            )  # fmt: skip
        os.lseek(descriptor, self._offset, os.SEEK_SET)
        content = _read_all(descriptor, status.st_size - self._offset)
        events, used = self._decode(content)
        self._advance(content[:used])
        self._torn = content[used:]
        return events

    def _decode(self, content: bytes) -> tuple[list[dict[str, Any]], int]:
        """Return the events and how many bytes belong to whole lines."""
        events: list[dict[str, Any]] = []
        used, n_damaged = 0, 0
        for line in content.splitlines(keepends=True):
            is_whole = line.endswith(b"\n")
            if not line.strip():
                used += len(line) if is_whole else 0
                continue
            try:
                event = decode_line(line)
            except EmgError:
                raise
            except (ValueError, RecursionError):
                if not is_whole:
                    break
                n_damaged += 1
                self.warnings.append(
                    f"Line {self._line + 1} of {self.path.name} is damaged; it was left out and is kept in the file."
                )
            else:
                events.append(event)
                self.n_events = max(self.n_events, _sequence(event))
            self._line += 1
            used += len(line)
        if n_damaged and not events and self._offset == 0:
            raise ReadError(
                f"{self.path.name} is no annotation file", got=f"{n_damaged} lines that cannot be understood",
                expected=f"lines of schema {SCHEMA}", way_out="check the path, or move the file away",
            )  # fmt: skip
        if len(content) > used:
            self.warnings.append(
                f"The last line of {self.path.name} is torn ({len(content) - used} bytes), as after a crash while "
                "writing; it was never acknowledged and is set aside at the next save."
            )
        return events, used

    def _set_torn_aside(self, descriptor: int) -> None:
        if not self._torn:
            return
        aside = self.path.with_name(self.path.name + ".torn")
        with aside.open("ab") as stream:
            stream.write(self._torn + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.ftruncate(descriptor, self._offset)
        self.warnings.append(f"The torn line is kept in {aside.name}.")
        self._torn = b""

    def _write(self, descriptor: int, events: Iterable[Event]) -> None:
        lines = [encode_event(event, self.n_events + 1 + number) for number, event in enumerate(events)]
        content = b"".join(lines)
        if self._before and not self._before.endswith(b"\n"):
            content = b"\n" + content
        try:
            os.lseek(descriptor, self._offset, os.SEEK_SET)
            _write_all(descriptor, content)
            os.fsync(descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, self._offset)
            raise
        self._advance(content)
        self._line += len(lines)
        self.n_events += len(lines)

    def _advance(self, content: bytes) -> None:
        self._offset += len(content)
        self._before = (self._before + content)[-64:]

    def _is_same_file(self, descriptor: int) -> bool:
        """Whether what stands before the place read up to is still what was read (it holds a checksum)."""
        os.lseek(descriptor, self._offset - len(self._before), os.SEEK_SET)
        return _read_all(descriptor, len(self._before)) == self._before


def _sequence(event: Event) -> int:
    number = event.get("seq")
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def _read_all(descriptor: int, n_bytes: int) -> bytes:
    parts: list[bytes] = []
    while n_bytes > 0:
        part = os.read(descriptor, min(n_bytes, 1 << 22))
        if not part:
            break
        parts.append(part)
        n_bytes -= len(part)
    return b"".join(parts)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
