"""One channel as the viewer sees it: columns of any window, raw and filtered, ready to travel. Draws nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.analysis.signal.filters import FilterChain, FilterStep
from emgwidgets.analysis.signal.pyramid import BASE_BIN, Envelope, Pyramid
from emgwidgets.model.signal import ArraySamples, Channel, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.widgets.trace_viewer.mending import Patch

__all__ = ["MAX_COLUMNS", "ChannelView", "Piece", "pack"]

MAX_COLUMNS = 1000  # with raw and filtered as 16-bit pairs: 8000 bytes a channel and view
DIRECT_SAMPLES = (
    1 << 21
)  # internal choice: windows up to this long are read or filtered while the reader waits (20-60 ms)
FILTER_BLOCK = 1 << 20
NOT_A_NUMBER = -32768


@dataclass(frozen=True, kw_only=True, eq=False)
class Piece:
    """Columns of one gap-free stretch; ``values`` has shape ``(2, n)`` for columns and ``(1, n)`` for samples."""

    start_s: float
    step_s: float
    values: NDArray[np.float64] = field(repr=False)

    @property
    def is_samples(self) -> bool:
        """Whether these are the samples themselves."""
        return len(self.values) == 1


class _LockedSource:
    """A sample source read by one thread at a time."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._lock = threading.Lock()
        self.gain: float = source.gain
        self.offset: float = source.offset

    @property
    def dtype(self) -> np.dtype[Any]:
        kind: np.dtype[Any] = np.dtype(self._source.dtype)
        return kind

    def __len__(self) -> int:
        return len(self._source)

    def read_stored(self, start: int, stop: int) -> NDArray[Any]:
        with self._lock:
            return np.asarray(self._source.read_stored(start, stop))


def pack(pieces: Sequence[Piece]) -> tuple[dict[str, Any], bytes]:
    """Pieces as a header and 16-bit numbers; -32768 stands for NaN, and ``value = number * scale + offset``."""
    flat = np.concatenate([piece.values.ravel() for piece in pieces]) if pieces else np.empty(0)
    is_number = np.isfinite(flat)
    low, high = (float(flat[is_number].min()), float(flat[is_number].max())) if is_number.any() else (0.0, 0.0)
    offset, scale = (low + high) / 2, (high - low) / 65534 or 1.0
    numbers = np.full(len(flat), NOT_A_NUMBER, dtype="<i2")
    numbers[is_number] = np.rint((flat[is_number] - offset) / scale)
    heads = [[piece.start_s, piece.step_s, piece.values.shape[1], int(piece.is_samples)] for piece in pieces]
    return {"pieces": heads, "scale": scale, "offset": offset}, numbers.tobytes()


class ChannelView:
    """Columns of one channel.

    Parameters
    ----------
    channel : Channel
    """

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.source = _LockedSource(channel.samples)
        self.rate_hz = channel.sampling_rate_hz
        self._direct = Pyramid(self.source, n_samples=len(self.source), levels=())
        self._pyramid: Pyramid | None = None
        self._chain = FilterChain((), sampling_rate_hz=self.rate_hz)
        self._patches: tuple[Patch, ...] = ()
        self._filtered: Pyramid | None = None
        self.filter_note = ""

    # the samples -------------------------------------------------------------------------------------------------
    def read(self, start: int, stop: int) -> NDArray[np.float64]:
        """Samples in the channel's unit."""
        stored = self.source.read_stored(max(start, 0), min(stop, len(self.source)))
        return np.asarray(stored, dtype=np.float64) * self.source.gain + self.source.offset

    def read_mended(self, start: int, stop: int) -> NDArray[np.float64]:
        """Samples in the channel's unit with the repairs in force; the stored ones are never touched."""
        values = self.read(start, stop)
        first, last = max(start, 0), max(start, 0) + len(values)
        for patch in self._patches:
            low, high = max(patch.start, first), min(patch.stop, last)
            if low < high:
                values[low - first : high - first] = patch.values[low - patch.start : high - patch.start]
        return values

    def read_filtered(self, start: int, stop: int) -> NDArray[np.float64]:
        """Samples after repairs and filters in the channel's unit; raw ones when there are none."""
        if not len(self._chain):
            return self.read_mended(start, stop)
        parts = []
        for segment in self.channel.segments:
            first, last = segment.first_sample, segment.first_sample + segment.n_samples
            low, high = max(first, start), min(last, stop)
            if low < high:
                parts.append(self._chain.window(self.read_mended, low, high, first=first, last=last))
        return np.concatenate(parts) if parts else np.empty(0)

    # building ----------------------------------------------------------------------------------------------------
    @property
    def is_built(self) -> bool:
        """Whether the extremes of the whole channel are known."""
        return self._pyramid is not None

    @property
    def chain(self) -> FilterChain:
        """The filters in force on this channel."""
        return self._chain

    @property
    def is_changed(self) -> bool:
        """Whether repairs or filters are in force, so that the trace differs from the raw one."""
        return bool(len(self._chain) or self._patches)

    @property
    def n_repairs(self) -> int:
        """Number of repairs in force."""
        return len(self._patches)

    @property
    def n_bytes(self) -> int:
        """Bytes of the pyramids."""
        return sum(pyramid.n_bytes for pyramid in (self._pyramid, self._filtered) if pyramid is not None)

    def build(self) -> None:
        """Find the extremes of the whole channel."""
        if self._pyramid is None:
            self._pyramid = Pyramid.build(self.source)

    def set_filters(self, steps: Sequence[FilterStep], *, is_zero_phase: bool) -> None:
        """Put a chain in force; steps that do not fit the sampling rate are left out and named in ``filter_note``."""
        usable = [step for step in steps if step.is_on] if self.channel.is_voltage else []
        left_out = [step.text for step in usable if not step.fits(self.rate_hz)]
        fitting = [step for step in usable if step.fits(self.rate_hz)]
        self._chain = FilterChain(fitting, sampling_rate_hz=self.rate_hz, is_zero_phase=is_zero_phase)
        self._filtered = None
        self.filter_note = f"without {', '.join(left_out)}: rate too low" if left_out else ""

    def set_patches(self, patches: Sequence[Patch]) -> None:
        """Put repairs in force in place of those before."""
        self._patches = tuple(patches)
        self._filtered = None

    @property
    def needs_filtering(self) -> bool:
        """Whether a long window would have no filtered columns yet."""
        return self.is_changed and self._filtered is None and len(self.source) > DIRECT_SAMPLES

    def build_filtered(self) -> None:
        """Filter the whole channel once, block by block, and keep its extremes only."""
        chain, patches = self._chain, self._patches
        cuts = [segment.first_sample for segment in self.channel.segments]
        blocks: Iterable[NDArray[Any]] = (
            block.astype(np.float32)
            for block in chain.blocks(
                self.read_mended, len(self.source), n_block=FILTER_BLOCK // BASE_BIN * BASE_BIN, cuts=cuts
            )
        )
        pyramid = Pyramid.from_blocks(blocks, n_samples=len(self.source))
        if chain is self._chain and patches is self._patches:
            self._filtered = pyramid

    # windows -----------------------------------------------------------------------------------------------------
    def stretches(self, start_s: float, end_s: float, n_columns: int) -> list[tuple[Segment, int, int, int]]:
        """Visible gap-free stretches as (segment, start, stop, columns); short neighbours share a column."""
        column_s = (end_s - start_s) / n_columns
        found: list[tuple[Segment, int, int, int]] = []
        for segment in self.channel.segments:
            segment_end_s = segment.start_s + segment.n_samples / self.rate_hz
            if segment_end_s <= start_s or segment.start_s >= end_s:
                continue
            # one sample more on either side, so that the line reaches the edge of the plot
            low = int(np.floor((max(start_s, segment.start_s) - segment.start_s) * self.rate_hz)) - 1
            high = int(np.ceil((min(end_s, segment_end_s) - segment.start_s) * self.rate_hz)) + 2
            low, high = max(low, 0), min(high, segment.n_samples)
            if high <= low:
                continue
            share = max(1, round((high - low) / self.rate_hz / column_s))
            start, stop = segment.first_sample + low, segment.first_sample + high
            if share == 1 and found and found[-1][3] == 1:
                first = found[-1]
                age_s = segment.start_s - first[0].start_s
                if age_s < column_s and first[2] == start:
                    found[-1] = (first[0], first[1], stop, 1)
                    continue
            found.append((segment, start, stop, share))
        total = sum(item[3] for item in found)
        if total > n_columns:
            found = [(a, b, c, max(1, int(share * n_columns / total))) for a, b, c, share in found]
        return found[:n_columns]

    def pieces(self, start_s: float, end_s: float, n_columns: int) -> list[Piece] | None:
        """Raw columns of a window in the channel's unit; None while the channel is still being looked through."""
        stretches = self.stretches(start_s, end_s, n_columns)
        n = sum(stop - start for _, start, stop, _ in stretches)
        pyramid = self._pyramid
        if pyramid is None:
            if n > DIRECT_SAMPLES:
                return None
            pyramid = self._direct
        return [
            self._piece(pyramid.window(start, stop, share), segment, gain=self.source.gain, offset=self.source.offset)
            for segment, start, stop, share in stretches
        ]

    def filtered_pieces(self, start_s: float, end_s: float, n_columns: int) -> list[Piece] | None:
        """Columns after repairs and filters; None without any, or while the whole channel is being filtered."""
        if not self.is_changed:
            return None
        stretches = self.stretches(start_s, end_s, n_columns)
        n = sum(stop - start for _, start, stop, _ in stretches)
        filtered = self._filtered
        if filtered is not None and n / n_columns >= 2 * BASE_BIN:
            return [self._piece(filtered.window(a, b, share), segment) for segment, a, b, share in stretches]
        if n > DIRECT_SAMPLES:
            return None
        found = []
        for segment, start, stop, share in stretches:
            values = self.read_filtered(start, stop)
            window = Pyramid(ArraySamples(stored=values), n_samples=len(values), levels=()).window(
                0, len(values), share
            )
            shifted = Envelope(lo=window.lo, hi=window.hi, edges=window.edges + start)
            found.append(self._piece(shifted, segment))
        return found

    def _piece(self, window: Envelope, segment: Segment, *, gain: float = 1.0, offset: float = 0.0) -> Piece:
        first, last = int(window.edges[0]), int(window.edges[-1])
        start_s = segment.start_s + (first - segment.first_sample) / self.rate_hz
        step_s = (last - first) / max(len(window), 1) / self.rate_hz
        if len(window) == last - first:
            return Piece(
                start_s=start_s, step_s=step_s, values=np.asarray(window.lo, dtype=np.float64)[None] * gain + offset
            )
        values = np.stack([window.lo, window.hi]).astype(np.float64) * gain + offset
        return Piece(start_s=start_s, step_s=step_s, values=values if gain >= 0 else values[::-1])
