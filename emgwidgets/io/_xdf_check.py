"""Checks the chunks of an XDF file against its length before anything is allocated; decodes no sample."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from emgwidgets.errors import ReadError

__all__ = ["check_chunks"]

_SIZES = {"int8": 1, "int16": 2, "int32": 4, "int64": 8, "float32": 4, "double64": 8, "string": 1}
_MAX_CHANNELS = 100_000
_MAX_XML = 16 << 20


@dataclass(frozen=True, kw_only=True)
class _Stream:
    n_channels: int
    n_bytes: int


def _damaged(path: Path, place: int, got: str, expected: str) -> ReadError:
    return ReadError(
        f"{path.name} is damaged or cut off at byte {place}", got=got, expected=expected,
        way_out="copy it again from its source",
    )  # fmt: skip


def _length(stream: IO[bytes]) -> int | None:
    """Variable-length integer, None at the end of the file; -1 when it is none."""
    width = stream.read(1)
    if not width:
        return None
    form = {1: "<B", 4: "<I", 8: "<Q"}.get(width[0])
    if form is None:
        return -1
    content = stream.read(struct.calcsize(form))
    return int(struct.unpack(form, content)[0]) if len(content) == struct.calcsize(form) else -1


def _stream_of(path: Path, place: int, xml: bytes) -> _Stream:
    try:
        root = ET.fromstring(xml.decode("utf-8", "replace"))  # noqa: S314 (expat refuses entity expansion)
        n_channels = int(root.findtext("channel_count") or "")
        float(root.findtext("nominal_srate") or "")
        size = _SIZES[(root.findtext("channel_format") or "").strip()]
    except (ET.ParseError, ValueError, KeyError) as error:
        raise _damaged(path, place, "an unreadable stream header", "channel count, rate and format") from error
    if not 0 < n_channels <= _MAX_CHANNELS:
        raise _damaged(path, place, f"{n_channels} channels", f"1 to {_MAX_CHANNELS} channels")
    return _Stream(n_channels=n_channels, n_bytes=size)


def check_chunks(path: Path) -> None:
    """Walk all chunks.

    Raises
    ------
    ReadError
        If a chunk is cut off, unknown, or states more samples than it has bytes for.
    """
    n_file = path.stat().st_size
    known: dict[int, _Stream] = {}
    with path.open("rb") as stream:
        stream.seek(4)
        while True:
            place = stream.tell()
            length = _length(stream)
            if length is None:
                break
            body = stream.tell()
            if length < 2 or body + length > n_file:
                raise _damaged(path, place, f"a chunk of {length} bytes", f"at most {n_file - body} bytes")
            (tag,) = struct.unpack("<H", stream.read(2))
            if not 1 <= tag <= 6 or (tag in {2, 3, 4, 6} and length < 6):
                raise _damaged(path, place, f"a chunk of kind {tag}", "a kind from 1 to 6")
            if tag in {2, 3, 4, 6}:
                (number,) = struct.unpack("<I", stream.read(4))
                if tag == 2:
                    known[number] = _stream_of(path, place, stream.read(min(length - 6, _MAX_XML)))
                elif number not in known:
                    raise _damaged(path, place, f"stream {number}", "a stream with a header")
                elif tag == 3:
                    _check_samples(path, stream, known[number], body + length)
                elif tag == 4 and length != 22:
                    raise _damaged(path, place, f"a clock offset of {length} bytes", "22 bytes")
            stream.seek(body + length)
    if not known:
        raise _damaged(path, 4, "no stream header", "at least one stream")


def _check_samples(path: Path, stream: IO[bytes], facts: _Stream, end: int) -> None:
    place = stream.tell()
    n_samples = _length(stream)
    room = end - stream.tell()
    at_least = 1 + facts.n_channels * facts.n_bytes
    if n_samples is None or n_samples < 0 or n_samples * at_least > room:
        raise _damaged(path, place, f"{n_samples} samples in {room} bytes", f"at most {room // at_least} samples")
