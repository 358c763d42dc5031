"""The smallest and largest value of short stretches for a screen, apart from what is recorded; it changes no sample."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.acquisition.buffer import LiveBuffer, PlacedBlock
from emgwidgets.acquisition.ring import Ring
from emgwidgets.model.signal import Annotation, Stimulus

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DisplayFeed"]

KEPT_S = 60.0


class DisplayFeed:
    """A sink that keeps columns of a sweeping display for one stream.

    Parameters
    ----------
    buffer : LiveBuffer
        ``engine.buffer``.
    columns_per_s : float
        Columns per second; a column holds whole samples, at least one.
    stream : int
        Number of the stream.
    kept_s : float
        Seconds of columns held.
    """

    def __init__(
        self, buffer: LiveBuffer, *, columns_per_s: float = 500.0, stream: int = 0, kept_s: float = KEPT_S
    ) -> None:
        info = buffer.info.streams[stream]
        self._stream, self._n_channels = stream, len(info.channels)
        self.n_column_samples = max(round(info.sampling_rate_hz / columns_per_s), 1)
        self.columns_per_s = info.sampling_rate_hz / self.n_column_samples
        self._ring = Ring(2 * self._n_channels, round(kept_s * self.columns_per_s) + 1)
        self._rest = np.empty((self._n_channels, 0), dtype=np.float32)
        self._rest_start = 0
        self._lock = threading.Lock()

    def take_block(self, block: PlacedBlock) -> None:
        """Fold one block into columns; lost stretches stay empty (NaN)."""
        if block.stream != self._stream:
            return
        size = self.n_column_samples
        samples, start = block.samples, self._rest_start
        n_lost = block.position - start - self._rest.shape[1]
        if n_lost < size:
            samples = np.concatenate((_padded(self._rest, 0, n_lost), samples), axis=1)
        else:  # the column that was begun ends before this block
            self._put(start, _padded(self._rest, 0, -self._rest.shape[1] % size))
            start = block.position // size * size
            samples = _padded(samples, block.position - start, 0)
        n_whole = samples.shape[1] // size * size
        self._put(start, samples[:, :n_whole])
        self._rest, self._rest_start = samples[:, n_whole:], start + n_whole

    def take_mark(self, mark: Stimulus | Annotation) -> None:
        """Marks are drawn by who shows them."""

    def since(self, column: int) -> tuple[int, NDArray[np.float32]]:
        """Columns from a number on.

        Returns
        -------
        first : int
            Number of the first column given; later than asked for when that is no longer held.
        columns : ndarray, shape (2, n_channels, n_columns)
            Smallest and largest values; NaN where nothing was recorded.
        """
        with self._lock:
            first = min(max(column, self._ring.start), self._ring.end)
            values = self._ring.read(first, self._ring.end)
        return first, values.reshape(2, self._n_channels, -1)

    def _put(self, start: int, samples: NDArray[np.float32]) -> None:
        if samples.shape[1] == 0:
            return
        folded = samples.reshape(self._n_channels, -1, self.n_column_samples)
        columns = np.concatenate((np.fmin.reduce(folded, axis=2), np.fmax.reduce(folded, axis=2)))
        with self._lock:
            self._ring.write(start // self.n_column_samples, columns)


def _padded(samples: NDArray[np.float32], n_before: int, n_after: int) -> NDArray[np.float32]:
    return np.pad(samples, ((0, 0), (n_before, n_after)), constant_values=np.nan)
