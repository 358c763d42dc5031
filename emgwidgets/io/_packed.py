"""Lazy samples in a file: frames of many channels, 16, 24 or 32 bit integers or floats, read only where asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["PackedSamples", "map_bytes"]

_BLOCK = 1 << 20


def map_bytes(path: Path, *, offset: int, n_frames: int, frame_bytes: int) -> NDArray[np.uint8]:
    """Map a file's frames, shape ``(n_frames, frame_bytes)``; nothing is read until it is looked at."""
    if n_frames * frame_bytes == 0:
        return np.zeros((n_frames, frame_bytes), dtype=np.uint8)
    return np.memmap(path, dtype=np.uint8, mode="r", offset=offset, shape=(n_frames, frame_bytes))


def _integers_of_24_bits(raw: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Little-endian 24-bit numbers, shape ``(n, 3)``, as int32."""
    wide = np.empty((len(raw), 4), dtype=np.uint8)
    wide[:, 1:] = raw
    wide[:, 0] = 0
    shifted: NDArray[np.int32] = wide.view("<i4")[:, 0] >> 8
    return shifted


@dataclass(frozen=True, kw_only=True, eq=False)
class PackedSamples:
    """Samples of one channel inside fixed frames.

    Parameters
    ----------
    frames : ndarray of uint8, shape (n_frames, frame_bytes)
        The mapped file.
    first_byte : int
        Place of the channel in each frame.
    n_per_frame : int
        Samples of the channel in each frame.
    code : str
        ``"i3"`` for 24-bit little-endian integers, else a numpy type such as ``"<i2"``.
    gain, offset : float
        Map to the channel's unit: ``stored * gain + offset``.
    missing : int, optional
        A stored number that means a missing value; then the samples are given as float64 with NaN.
    n_total : int, optional
        Number of samples where the last frame is not full.
    """

    frames: NDArray[np.uint8] = field(repr=False)
    first_byte: int
    n_per_frame: int
    code: str
    gain: float = 1.0
    offset: float = 0.0
    missing: int | None = None
    n_total: int | None = None

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the stored samples."""
        if self.missing is not None:
            return np.dtype(np.float64)
        return np.dtype(np.int32) if self.code == "i3" else np.dtype(self.code).newbyteorder("=")

    def __len__(self) -> int:
        return len(self.frames) * self.n_per_frame if self.n_total is None else self.n_total

    def read_stored(self, start: int, stop: int) -> NDArray[Any]:
        """Stored samples ``start`` to ``stop``; a view where frames hold one channel, else a copy of just these."""
        stop = min(stop, len(self))
        if stop <= start or self.n_per_frame == 0:
            return np.empty(0, dtype=self.dtype)
        first, last = start // self.n_per_frame, -(-stop // self.n_per_frame)
        raw = self._decode(first, last)[start - first * self.n_per_frame : stop - first * self.n_per_frame]
        if self.missing is None:
            return raw
        values = raw.astype(np.float64)
        values[raw == self.missing] = np.nan
        return values

    def _decode(self, first: int, last: int) -> NDArray[Any]:
        width = 3 if self.code == "i3" else np.dtype(self.code).itemsize
        n_bytes = self.n_per_frame * width
        if self.code != "i3":
            block = self.frames[first:last, self.first_byte : self.first_byte + n_bytes]
            return self._typed(block)
        out = np.empty((last - first) * self.n_per_frame, dtype=np.int32)
        step = max(_BLOCK // self.n_per_frame, 1)
        for i in range(first, last, step):
            block = self.frames[i : min(i + step, last), self.first_byte : self.first_byte + n_bytes]
            numbers = _integers_of_24_bits(np.ascontiguousarray(block).reshape(-1, 3))
            out[(i - first) * self.n_per_frame : (i - first) * self.n_per_frame + len(numbers)] = numbers
        return out

    def _typed(self, block: NDArray[np.uint8]) -> NDArray[Any]:
        """Bytes of whole frames as one row of numbers; contiguous bytes are not copied."""
        typed = np.asarray(block).view(np.dtype(self.code)) if block.strides[1] == 1 else block
        return typed.reshape(-1)
