"""What an engine held at one moment, to scroll back in, hear again and hand to analysis while the engine goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.acquisition.engine import Engine
from emgwidgets.analysis.signal.filter_stream import FilterStream
from emgwidgets.analysis.signal.filters import FilterStep
from emgwidgets.errors import InputError
from emgwidgets.model.origin import Device
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording, Segment, Stimulus
from emgwidgets.widgets.live.sources import channel_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["History"]

MOST_COLUMNS = 4000
#: Samples before a window that let the display filters settle (internal choice).
SETTLING_S = 1.0


class History:
    """A copy of the last seconds; times count from the first sample of the first stream, as in the feed.

    Parameters
    ----------
    engine : Engine
        Open or running.
    duration_s : float, optional
        How much to copy; all that is held when left out.
    """

    def __init__(self, engine: Engine, *, duration_s: float | None = None) -> None:
        buffer = engine.buffer
        self._info = engine.info
        self._rows = channel_rows(self._info)
        self._samples: list[NDArray[np.float32]] = []
        self._firsts: list[int] = []
        self._zeros_s: list[float] = []
        zero_s = buffer.time_of(0)
        for number, stream in enumerate(self._info.streams):
            end = buffer.end(number)
            n_wanted = end if duration_s is None else round(duration_s * stream.sampling_rate_hz)
            first = max(buffer.start(number), end - n_wanted, 0)
            self._firsts.append(first)
            self._zeros_s.append(buffer.time_of(0, stream=number) - zero_s)
            self._samples.append(buffer.window(first, end, stream=number))

    @property
    def start_s(self) -> float:
        """Time of the oldest sample."""
        return min(self._time_s(number, 0) for number in range(len(self._samples)))

    @property
    def end_s(self) -> float:
        """Time after the newest sample."""
        return max(self._time_s(number, one.shape[1]) for number, one in enumerate(self._samples))

    def samples(self, channel: int, start_s: float, end_s: float, *, steps: Sequence[FilterStep] = ()) -> tuple[float, NDArray[np.float64]]:  # fmt: skip
        """Samples of one channel.

        Parameters
        ----------
        channel : int
            Number of the channel over all streams.
        start_s, end_s : float
        steps : sequence of FilterStep
            Display filters.

        Returns
        -------
        first_s : float
            Time of the first sample.
        samples : ndarray, shape (n_samples,)
            In the channel's unit; NaN where lost.
        """
        number, row = self._rows[channel]
        first, stop = self._places(number, start_s, end_s)
        return self._time_s(number, first), self._filtered(number, first, stop, steps, rows=[row])[0]

    def columns(self, start_s: float, end_s: float, *, n_columns: int, steps: Sequence[FilterStep] = ()) -> tuple[list[dict[str, Any]], list[bytes]]:  # fmt: skip
        """Columns of a window in the form of the feed's ``streams``: heads and their bytes."""
        if not (np.isfinite(start_s) and np.isfinite(end_s) and end_s > start_s):
            raise InputError(
                "this window cannot be shown", got=f"{start_s:g} to {end_s:g} s", expected="a start before its end"
            )
        heads: list[dict[str, Any]] = []
        buffers: list[bytes] = []
        for number, stream in enumerate(self._info.streams):
            first, stop = self._places(number, start_s, end_s)
            size = max((stop - first) // min(max(n_columns, 1), MOST_COLUMNS), 1)
            first -= (self._firsts[number] + first) % size
            first += size if first < 0 else 0
            values = self._filtered(number, first, stop, steps)
            n = values.shape[1] // size
            folded = values[:, : n * size].reshape(len(values), n, size)
            both = [np.fmin.reduce(folded, axis=2), np.fmax.reduce(folded, axis=2)] if size > 1 else [folded[:, :, 0]]
            heads.append(
                {
                    "stream": number, "first": (self._firsts[number] + first) // size, "n": n, "has_range": size > 1,
                    "columns_per_s": stream.sampling_rate_hz / size, "zero_s": self._zeros_s[number], "buffer": len(buffers),
                }
            )  # fmt: skip
            buffers.append(np.concatenate(both).astype(np.float32).tobytes())
        return heads, buffers

    def recording(self, start_s: float | None = None, end_s: float | None = None, *, stimuli: Sequence[Stimulus] = (), annotations: Sequence[Annotation] = ()) -> Recording:  # fmt: skip
        """The copy, or a part of it, as a recording: raw samples, lost ones as gaps, the same times.

        ``stimuli`` and ``annotations`` have their times as here.
        """
        begins = self.start_s if start_s is None else start_s
        ends = self.end_s if end_s is None else end_s
        channels: list[Channel] = []
        for number, row in self._rows:
            stream = self._info.streams[number]
            told = stream.channels[row]
            first, stop = self._places(number, begins, ends)
            values = self._samples[number][row, first:stop]
            segments, kept = _segments(values, self._time_s(number, first), stream.sampling_rate_hz)
            channels.append(
                Channel(
                    name=told.name, unit=told.unit, kind=told.kind, settings=told.settings, segments=segments,
                    sampling_rate_hz=stream.sampling_rate_hz, samples=ArraySamples(stored=kept),
                )
            )  # fmt: skip
        return Recording(
            channels=tuple(channels), stimuli=tuple(one for one in stimuli if begins <= one.time_s <= ends),
            annotations=tuple(one for one in annotations if begins <= one.start_s <= ends),
            device=Device(maker=self._info.maker, model=self._info.model or self._info.name),
        )  # fmt: skip

    def _time_s(self, number: int, place: int) -> float:
        rate_hz = self._info.streams[number].sampling_rate_hz
        return self._zeros_s[number] + (self._firsts[number] + place) / rate_hz

    def _places(self, number: int, start_s: float, end_s: float) -> tuple[int, int]:
        rate_hz = self._info.streams[number].sampling_rate_hz
        n = self._samples[number].shape[1]
        at = [round((moment - self._zeros_s[number]) * rate_hz) - self._firsts[number] for moment in (start_s, end_s)]
        return int(np.clip(at[0], 0, n)), int(np.clip(at[1], 0, n))

    def _filtered(self, number: int, first: int, stop: int, steps: Sequence[FilterStep], *, rows: list[int] | None = None) -> NDArray[Any]:  # fmt: skip
        rate_hz = self._info.streams[number].sampling_rate_hz
        begins = max(first - round(SETTLING_S * rate_hz), 0) if steps else first
        part = self._samples[number][slice(None) if rows is None else rows, begins:stop]
        return FilterStream(steps, sampling_rate_hz=rate_hz).push(part)[:, first - begins :]


def _segments(
    values: NDArray[np.float32], start_s: float, rate_hz: float
) -> tuple[tuple[Segment, ...], NDArray[np.float32]]:
    """Stretches between lost samples (NaN), and the samples without them."""
    is_number = np.isfinite(values)
    edges = np.flatnonzero(np.diff(is_number.astype(np.int8), prepend=0, append=0))
    found, n_before = [], 0
    for first, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        found.append(Segment(first_sample=n_before, n_samples=stop - first, start_s=start_s + first / rate_hz))
        n_before += stop - first
    return tuple(found), values[is_number]
