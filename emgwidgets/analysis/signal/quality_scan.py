"""One pass over the lazy samples of a channel: extremes of short pieces and a thinned series, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgwidgets.model.signal import Channel, Segment

__all__ = ["BLOCK_SAMPLES", "ChannelScan", "SegmentScan", "converter_limits", "runs", "scan_channel"]

BLOCK_SAMPLES = 1 << 20
PIECE_S = 0.25
"""Length of a piece; internal choice: the shortest flat stretch that is looked for is two pieces."""
THIN_RATE_HZ = 1000.0
"""Rate of the thinned series; internal choice: holds the mains and its harmonics to 300 Hz."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SegmentScan:
    """What one gap-free stretch looks like.

    Parameters
    ----------
    piece : int
        Samples of a piece; the last may be shorter.
    lowest, highest : ndarray, shape (n_pieces,)
        Extremes of each piece as stored; NaN where a sample is missing.
    thin : ndarray, shape (n_thin,)
        Means of ``factor`` samples, as stored.
    """

    segment: Segment
    piece: int
    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    thin: NDArray[np.float64]

    def piece_bounds(self, index: int) -> tuple[int, int]:
        """First and last (exclusive) sample of a piece, as an index of the channel."""
        start = self.segment.first_sample + index * self.piece
        return start, min(start + self.piece, self.segment.first_sample + self.segment.n_samples)


@dataclass(frozen=True, kw_only=True, eq=False)
class ChannelScan:
    """Scans of all stretches of a channel; ``thin_rate_hz`` is the rate of the thinned series."""

    channel: Channel
    factor: int
    segments: tuple[SegmentScan, ...]

    @property
    def thin_rate_hz(self) -> float:
        """Samples per second of the thinned series."""
        return self.channel.sampling_rate_hz / self.factor

    def pieces(self) -> Iterator[tuple[int, int, float, float]]:
        """First sample, last sample (exclusive), lowest and highest value of each piece."""
        for part in self.segments:
            for index, (low, high) in enumerate(zip(part.lowest.tolist(), part.highest.tolist(), strict=True)):
                yield (*part.piece_bounds(index), low, high)

    def values(self, start: int, stop: int) -> NDArray[np.float64]:
        """Stored values as floats."""
        return np.asarray(self.channel.samples.read_stored(start, stop), dtype=np.float64)

    def time_s(self, index: int) -> float:
        """Time of a sample, or of the end of the last one."""
        for segment in reversed(self.channel.segments):
            if index >= segment.first_sample:
                return segment.start_s + (index - segment.first_sample) / self.channel.sampling_rate_hz
        return self.channel.start_s


def converter_limits(channel: Channel) -> tuple[float, float] | None:
    """Lowest and highest value the converter gives, as stored; None where it is not known.

    They come from the settings of the file, else from the integer type the samples are stored in.
    """
    stated = channel.settings.converter_range
    if stated is not None and channel.samples.gain:
        ends = sorted((value - channel.samples.offset) / channel.samples.gain for value in stated)
        if ends[1] > ends[0] and all(math.isfinite(end) for end in ends):
            return ends[0], ends[1]
    if channel.samples.dtype.kind in "iu" and channel.samples.dtype.itemsize <= 2:
        info = np.iinfo(channel.samples.dtype)
        return float(info.min), float(info.max)
    return None


def runs(is_in: NDArray[np.bool_]) -> NDArray[np.int64]:
    """First and last (exclusive) index of each run of True, shape ``(n_runs, 2)``."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_in.view(np.int8), [0]))))
    return edges.reshape(-1, 2)


def _extremes(block: NDArray[np.generic], piece: int) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    whole = len(block) // piece * piece
    lows, highs = [], []
    if whole:
        body = block[:whole].reshape(-1, piece)
        lows.append(body.min(axis=1).astype(np.float64))
        highs.append(body.max(axis=1).astype(np.float64))
    if whole < len(block):
        lows.append(np.array([block[whole:].min()], dtype=np.float64))
        highs.append(np.array([block[whole:].max()], dtype=np.float64))
    return lows, highs


def _scan_segment(channel: Channel, segment: Segment, piece: int, factor: int, block: int) -> SegmentScan:
    lows: list[NDArray[np.float64]] = []
    highs: list[NDArray[np.float64]] = []
    thin: list[NDArray[np.float64]] = []
    end = segment.first_sample + segment.n_samples
    for start in range(segment.first_sample, end, block):
        stored = np.asarray(channel.samples.read_stored(start, min(start + block, end)))
        if not len(stored):
            break
        with np.errstate(invalid="ignore", over="ignore"):
            low, high = _extremes(stored, piece)
            whole = len(stored) // factor * factor
            thin.append(stored[:whole].reshape(-1, factor).mean(axis=1, dtype=np.float64))
        lows += low
        highs += high
    empty = np.empty(0)
    return SegmentScan(
        segment=segment, piece=piece, lowest=np.concatenate([empty, *lows]), highest=np.concatenate([empty, *highs]),
        thin=np.concatenate([empty, *thin]),
    )  # fmt: skip


def scan_channel(channel: Channel, *, block_samples: int = BLOCK_SAMPLES) -> ChannelScan:
    """Scan one channel block by block.

    Parameters
    ----------
    channel : Channel
        Any channel; samples are read lazily, ``block_samples`` at a time.
    """
    rate_hz = channel.sampling_rate_hz
    factor = max(1, int(rate_hz // THIN_RATE_HZ))
    piece = math.ceil(max(rate_hz * PIECE_S, 25) / factor) * factor
    block = max(block_samples // piece, 1) * piece
    parts = tuple(_scan_segment(channel, segment, piece, factor, block) for segment in channel.segments)
    return ChannelScan(channel=channel, factor=factor, segments=parts)
