"""The last seconds of a stream in memory that is allocated once; lost samples stand there as NaN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Ring"]


class Ring:
    """Samples by their running number.

    Parameters
    ----------
    n_channels, n_samples : int
        Size.
    """

    def __init__(self, n_channels: int, n_samples: int) -> None:
        self._values = np.full((n_channels, max(n_samples, 1)), np.nan, dtype=np.float32)
        self.end = 0
        """Number of the sample that comes next."""

    @property
    def start(self) -> int:
        """Number of the oldest sample that is still held."""
        return max(self.end - self._values.shape[1], 0)

    def write(self, position: int, samples: NDArray[Any]) -> None:
        """Put samples, shape ``(n_channels, n)``, at a number at or after ``end``; what is jumped over becomes NaN."""
        size = self._values.shape[1]
        if position > self.end:
            for part in self._parts(max(self.end, position - size), position):
                self._values[:, part] = np.nan
        kept = samples[:, -size:]
        end = position + samples.shape[1]
        done = 0
        for part in self._parts(end - kept.shape[1], end):
            n_part = part.stop - part.start
            self._values[:, part] = kept[:, done : done + n_part]
            done += n_part
        self.end = end

    def read(self, start: int, stop: int) -> NDArray[np.float32]:
        """Copy of the samples ``start`` to ``stop``, shape ``(n_channels, stop - start)``; NaN where nothing is held."""
        out = np.full((len(self._values), max(stop - start, 0)), np.nan, dtype=np.float32)
        first, last = max(start, self.start), min(stop, self.end)
        done = first - start
        for part in self._parts(first, last):
            n_part = part.stop - part.start
            out[:, done : done + n_part] = self._values[:, part]
            done += n_part
        return out

    def _parts(self, start: int, stop: int) -> list[slice]:
        """One or two slices of the memory for a stretch of numbers no longer than it."""
        if stop <= start:
            return []
        size = self._values.shape[1]
        first, n_samples = start % size, stop - start
        if first + n_samples <= size:
            return [slice(first, first + n_samples)]
        return [slice(first, size), slice(0, first + n_samples - size)]
