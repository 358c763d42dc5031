"""Minimum and maximum of any stretch of a channel in a few thousand steps; for drawing, not for measuring.

The samples are never copied: the pyramid holds only the extremes of bins of 64, 512, 4096 ... samples, in the type of
the stored samples, which is under 4 % of their size.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.model.signal import SampleSource

__all__ = ["BASE_BIN", "FACTOR", "Envelope", "Pyramid", "bin_extremes"]

BASE_BIN = 64  # internal choice: samples of the finest bin; smaller costs memory, larger costs time near it
FACTOR = 8  # internal choice: bins of one level in a bin of the next
BLOCK = 1 << 20  # samples read at once from a lazy source; a multiple of BASE_BIN


@dataclass(frozen=True, kw_only=True, eq=False)
class Envelope:
    """Extremes of neighbouring stretches.

    Parameters
    ----------
    lo, hi : ndarray, shape (n,)
        Smallest and largest stored value of each stretch; NaN where it holds no number.
    edges : ndarray of int, shape (n + 1,)
        Sample index where each stretch begins, and the end of the last.
    """

    lo: NDArray[Any] = field(repr=False)
    hi: NDArray[Any] = field(repr=False)
    edges: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.lo)


def _reduce(block: NDArray[Any], *, largest: bool) -> Any:
    if block.dtype.kind == "f":
        return np.fmax if largest else np.fmin  # these pass over NaN
    return np.maximum if largest else np.minimum


def bin_extremes(block: NDArray[Any], n_bin: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return smallest and largest value of each bin, the last bin possibly shorter.

    Parameters
    ----------
    block : ndarray, shape (n_samples,)
    n_bin : int
        Samples in a bin.
    """
    n_whole = len(block) // n_bin
    low, high = _reduce(block, largest=False), _reduce(block, largest=True)
    table = block[: n_whole * n_bin].reshape(n_whole, n_bin)
    lo, hi = low.reduce(table, axis=1), high.reduce(table, axis=1)
    rest = block[n_whole * n_bin :]
    if len(rest):
        lo, hi = np.append(lo, low.reduce(rest)), np.append(hi, high.reduce(rest))
    return lo, hi


@dataclass(frozen=True, kw_only=True, eq=False)
class _Level:
    n_bin: int
    lo: NDArray[Any]
    hi: NDArray[Any]


class Pyramid:
    """Extremes of a channel at growing bin sizes.

    Parameters
    ----------
    source : SampleSource, optional
        Stored samples; read block by block, never held.  None for a pyramid of values that are kept nowhere, made with
        :meth:`from_blocks`: its finest answer is then a bin of 64 samples.

    Notes
    -----
    Values are as stored; the map to the channel's unit is left to the caller.
    """

    def __init__(self, source: SampleSource | None, *, n_samples: int, levels: tuple[_Level, ...]) -> None:
        self.source = source
        self.n_samples = n_samples
        self._levels = levels
        self._lock = threading.Lock()

    @classmethod
    def build(cls, source: SampleSource) -> Pyramid:
        """Build from lazy samples, block by block."""
        n_samples = len(source)
        blocks = (source.read_stored(at, min(at + BLOCK, n_samples)) for at in range(0, n_samples, BLOCK))
        return cls.from_blocks(blocks, n_samples=n_samples, dtype=source.dtype, source=source)

    @classmethod
    def from_blocks(
        cls,
        blocks: Iterable[NDArray[Any]],
        *,
        n_samples: int,
        dtype: Any = np.float32,
        source: SampleSource | None = None,
    ) -> Pyramid:
        """Build from consecutive blocks, each a multiple of 64 samples except the last.

        Raises
        ------
        InputError
            If the blocks do not hold ``n_samples`` samples, or one that is not last has a broken bin.
        """
        n_bins = -(-n_samples // BASE_BIN)
        lo, hi = np.empty(n_bins, dtype=dtype), np.empty(n_bins, dtype=dtype)
        at = n_seen = 0
        for block in blocks:
            if n_seen % BASE_BIN:
                raise InputError(
                    "a block of samples ends inside a bin",
                    got=f"{n_seen} samples",
                    expected=f"a multiple of {BASE_BIN}",
                    way_out="pass longer blocks",
                )
            block_lo, block_hi = bin_extremes(block, BASE_BIN)
            lo[at : at + len(block_lo)], hi[at : at + len(block_hi)] = block_lo, block_hi
            at, n_seen = at + len(block_lo), n_seen + len(block)
        if n_seen != n_samples:
            raise InputError(
                "the blocks do not hold the samples promised",
                got=f"{n_seen} samples",
                expected=str(n_samples),
                way_out="read the source again",
            )
        levels = [_Level(n_bin=BASE_BIN, lo=lo, hi=hi)]
        while len(levels[-1].lo) > FACTOR:
            last = levels[-1]
            low = bin_extremes(last.lo, FACTOR)[0]
            levels.append(_Level(n_bin=last.n_bin * FACTOR, lo=low, hi=bin_extremes(last.hi, FACTOR)[1]))
        return cls(source, n_samples=n_samples, levels=tuple(levels))

    @property
    def n_bytes(self) -> int:
        """Bytes the pyramid itself holds."""
        return sum(level.lo.nbytes + level.hi.nbytes for level in self._levels)

    def window(self, start: int, stop: int, n_columns: int) -> Envelope:
        """Extremes of the samples ``start`` to ``stop`` in at most ``n_columns`` stretches.

        With fewer than two samples a column the samples themselves come back, one a stretch.  Otherwise no sample of the
        window is left out; the edges of the stretches lie within half a column of even ones, and the first and last
        stretch may reach over the window by as much.

        Parameters
        ----------
        start, stop : int
            Sample index, clipped to the channel.
        n_columns : int
            Columns of the screen.
        """
        start, stop = max(int(start), 0), min(int(stop), self.n_samples)
        n = max(stop - start, 0)
        n_columns = max(int(n_columns), 1)
        if self.source is not None and n <= 2 * n_columns:
            with self._lock:
                values = self.source.read_stored(start, start + n)
            return Envelope(lo=values, hi=values, edges=np.arange(start, start + n + 1))
        step = n / n_columns
        fitting = [level for level in self._levels if level.n_bin <= step / 2]
        if self.source is not None and not fitting:
            edges = np.linspace(start, stop, n_columns + 1).astype(np.int64)
            with self._lock:
                values = self.source.read_stored(start, stop)
            return _columns(values, values, edges - start, edges)
        level = fitting[-1] if fitting else self._levels[0]
        n_bins = len(level.lo)
        edges = np.unique(np.rint(np.linspace(start, stop, n_columns + 1) / level.n_bin).astype(np.int64))
        edges[0], edges[-1] = start // level.n_bin, -(-stop // level.n_bin)
        edges = np.unique(np.clip(edges, 0, n_bins))
        if len(edges) < 2:
            return Envelope(lo=level.lo[:0], hi=level.hi[:0], edges=np.array([start], dtype=np.int64))
        first, last = edges[0], edges[-1]
        samples = np.minimum(edges * level.n_bin, self.n_samples)
        return _columns(level.lo[first:last], level.hi[first:last], edges - first, samples)


def _columns(lo: NDArray[Any], hi: NDArray[Any], starts: NDArray[np.int64], edges: NDArray[np.int64]) -> Envelope:
    # reduceat runs its last bin to the end of the array, which is why lo and hi are sliced to the window first
    low, high = _reduce(lo, largest=False), _reduce(hi, largest=True)
    return Envelope(lo=low.reduceat(lo, starts[:-1]), hi=high.reduceat(hi, starts[:-1]), edges=edges)
