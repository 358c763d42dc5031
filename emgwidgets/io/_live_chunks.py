"""The chunks of a live container: encoding one, and finding the whole ones in a file that may be torn or damaged.

Layout (little endian).  The file begins with ``MAGIC`` (16 bytes); chunks follow without space between them.
A chunk is ``marker 4s | kind c | stream u8 | reserved u16 | payload bytes u32 | sequence u64 | crc32 u32`` and the
payload; the checksum covers the 20 bytes before it and the payload.  Kinds: ``H`` header, ``A`` annotation, ``R`` the
last annotation of just these fields is taken back, ``T`` stimulus, ``E`` end (JSON, UTF-8); ``S`` samples: ``position u64 | clock seconds f64 | channels u16 | reserved u16 |
samples u32`` and float32 values, one channel after the other.  ``position`` counts the samples of the stream from its
first, lost ones included, so a jump is a gap.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CHUNK",
    "MAGIC",
    "SAMPLES",
    "SCHEMA",
    "Chunk",
    "encode_chunk",
    "encode_json",
    "encode_samples",
    "find_chunks",
]

MAGIC = b"EMGLIVE1\r\n\x1a\n\0\0\0\0"
SCHEMA = "emgwidgets.live/1"
MARKER = b"\xf5EMG"
CHUNK = struct.Struct("<4scBHIQI")
SAMPLES = struct.Struct("<QdHHI")
_CHECKED_BYTES = CHUNK.size - 4
#: Longest payload; a longer length field is damage (internal choice: 10 s of 64 channels at 50 kHz are 128 MB).
MAX_PAYLOAD_BYTES = 1 << 28


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A whole chunk: its kind, stream, place of the payload in the file and its length."""

    kind: bytes
    stream: int
    start: int
    n_bytes: int
    sequence: int


def encode_chunk(kind: bytes, payload: bytes, *, sequence: int, stream: int = 0) -> bytes:
    """One chunk with its checksum."""
    head = CHUNK.pack(MARKER, kind, stream, 0, len(payload), sequence, 0)[:_CHECKED_BYTES]
    return head + struct.pack("<I", zlib.crc32(payload, zlib.crc32(head))) + payload


def encode_json(body: Mapping[str, Any]) -> bytes:
    """Payload of a chunk of facts."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("utf-8")


def encode_samples(samples: NDArray[Any], *, position: int, clock_s: float) -> bytes:
    """Payload of a chunk of samples, shape ``(n_channels, n_samples)``, in the units of the header."""
    values = np.ascontiguousarray(samples, dtype="<f4")
    return SAMPLES.pack(position, clock_s, values.shape[0], 0, values.shape[1]) + values.tobytes()


def _chunk_at(content: memoryview, place: int) -> Chunk | None:
    """Whole chunk at a place; None where there is none."""
    if place + CHUNK.size > len(content):
        return None
    marker, kind, stream, _, n_bytes, sequence, checksum = CHUNK.unpack_from(content, place)
    start = place + CHUNK.size
    if marker != MARKER or n_bytes > MAX_PAYLOAD_BYTES or start + n_bytes > len(content):
        return None
    head = zlib.crc32(content[place : place + _CHECKED_BYTES])
    if zlib.crc32(content[start : start + n_bytes], head) != checksum:
        return None
    return Chunk(kind=kind, stream=stream, start=start, n_bytes=n_bytes, sequence=sequence)


def find_chunks(content: NDArray[np.uint8]) -> Iterator[Chunk | int]:
    """Whole chunks in order of the file; an int is a number of bytes that belong to no whole chunk.

    Parameters
    ----------
    content : ndarray of uint8, shape (n_bytes,)
        The file, as a memory map.
    """
    view = content.data
    place = len(MAGIC)
    while place < len(view):
        chunk = _chunk_at(view, place)
        if chunk is not None:
            yield chunk
            place = chunk.start + chunk.n_bytes
            continue
        following = _next_whole(view, place + 1)
        yield following - place
        place = following


def _next_whole(view: memoryview, place: int) -> int:
    """Place of the next whole chunk; the end of the file when there is none."""
    window = 1 << 20
    while place < len(view):
        part = bytes(view[place : place + window + len(MARKER) - 1])
        found = part.find(MARKER)
        while found >= 0:
            if _chunk_at(view, place + found) is not None:
                return place + found
            found = part.find(MARKER, found + 1)
        place += window
    return len(view)
