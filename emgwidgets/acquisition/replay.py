"""Any file that can be read, played as if it were a live device: in real time, faster, and with faults on purpose."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from emgwidgets.acquisition.clock import Clock, SimulatedClock, SpeedClock, SystemClock
from emgwidgets.acquisition.faults import Faults
from emgwidgets.acquisition.protocols import Block, ChannelInfo, DeviceError, DeviceInfo, StreamInfo
from emgwidgets.acquisition.registry import Driver
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation, Channel, Recording, Stimulus

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DRIVER", "ReplayDevice"]


@dataclass(frozen=True, kw_only=True, order=True)
class _Piece:
    """What one block will hold; ``end_s`` and ``start_s`` count from the beginning of the replay."""

    end_s: float
    start_s: float
    stream: int
    first_sample: int
    n_samples: int
    n_dropped: int


class ReplayDevice:
    """Plays a recording.

    Parameters
    ----------
    file : path or Recording
        What to play; its gaps are played as gaps and its marks come as marks.
    speed_ratio : float
        1 is real time, 2 twice as fast, 0 as fast as the reader takes it.
    block_ms : float
        Length of a block.
    channels : sequence of str, optional
        Which channels; all continuous ones when left out.
    is_loop : bool
        Begin again at the end.
    faults : Faults, optional
        What is to go wrong.
    clock : Clock, optional
        For tests; otherwise it follows from ``speed_ratio``.

    Raises
    ------
    InputError
        If there is no continuous channel or an argument cannot be used.
    ReadError
        If the file cannot be read.
    """

    def __init__(
        self, *, file: str | os.PathLike[str] | Recording, speed_ratio: float = 1.0, block_ms: float = 10.0,
        channels: Sequence[str] | None = None, is_loop: bool = False, faults: Faults | None = None,
        clock: Clock | None = None,
    ) -> None:  # fmt: skip
        if not (0 <= speed_ratio <= 1e6 and 0.1 <= block_ms <= 10_000):
            raise InputError(
                "the replay cannot be set so", got=f"speed {speed_ratio:g}, blocks of {block_ms:g} ms",
                expected="a speed of 0 (at once) or more, blocks of 0.1 ms to 10 s",
            )  # fmt: skip
        self._recording = file if isinstance(file, Recording) else _read(file)
        self._faults = faults or Faults()
        self._block_s = block_ms * 1e-3
        self._is_loop = is_loop
        self._groups = _groups(self._recording, channels)
        self.clock: Clock = clock or _clock(speed_ratio)
        self._is_paced = speed_ratio > 0
        self.can_wait = not self._is_paced
        """Whether nothing is lost when the reader takes its time."""
        self._start_s: float | None = None
        self._lost_s: float | None = None
        self._pieces: Iterator[_Piece] = iter(())
        self._next: _Piece | None = None
        self._played_s = 0.0
        self._marks: list[Stimulus | Annotation] = []
        self._rng = np.random.default_rng(self._faults.seed)

    def identify(self) -> DeviceInfo:
        """One stream for each rate of the recording."""
        found = self._recording.device
        streams = tuple(
            StreamInfo(
                name=f"replay {number + 1}", sampling_rate_hz=group[0].sampling_rate_hz, jitter_s=self._faults.jitter_s,
                channels=tuple(ChannelInfo(name=one.name, unit=one.unit, kind=one.kind, settings=one.settings) for one in group),
            )
            for number, group in enumerate(self._groups)
        )  # fmt: skip
        return DeviceInfo(
            name="replay", streams=streams, maker=found.maker if found else None, model=found.model if found else None
        )

    def __enter__(self) -> Self:
        now_s = self.clock.now_s()
        if self._lost_s is not None:
            back_s = self._faults.back_after_s
            if back_s is None or now_s < self._lost_s + back_s:
                raise self._gone()
            self._faults = replace(self._faults, disconnect_s=None)
            self._lost_s = None
            self._skip_to(now_s - (self._start_s or 0.0))
        else:
            self._start_s = now_s
            self._pieces = self._plan()
            self._next = next(self._pieces, None)
            self._marks = sorted(self._shifted_marks(), key=_time_of)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        pass  # the file is read lazily and holds nothing open

    def read(self, timeout_s: float) -> Block | None:
        """Next block, when it is due."""
        piece, faults = self._next, self._faults
        if piece is None or self._start_s is None:
            raise EOFError
        if faults.disconnect_s is not None and piece.start_s >= faults.disconnect_s:
            self._lost_s = self.clock.now_s()
            raise self._gone()
        if faults.stall_s is not None and piece.start_s >= faults.stall_s:
            self.clock.wait(timeout_s)
            return None
        late_s = self._start_s + piece.end_s - self.clock.now_s()
        self.clock.wait(min(late_s, timeout_s) if self._is_paced else late_s)
        if self._is_paced and late_s > timeout_s:
            return None
        self._next = next(self._pieces, None)
        self._played_s = piece.end_s
        stamp_s = piece.start_s * (1 + faults.drift_ratio)
        if faults.jitter_s:
            stamp_s += float(self._rng.uniform(-faults.jitter_s, faults.jitter_s))
        return Block(
            samples=self._samples(piece), time_s=self._start_s + stamp_s, stream=piece.stream,
            n_dropped=0 if faults.silent_gaps else piece.n_dropped,
        )  # fmt: skip

    def read_marks(self) -> tuple[Stimulus | Annotation, ...]:
        """Marks of the recording up to what was played."""
        due = [mark for mark in self._marks if _time_of(mark) < self._played_s]
        self._marks = self._marks[len(due) :]
        start_s = self._start_s or 0.0
        return tuple(_moved(mark, start_s) for mark in due)

    def _samples(self, piece: _Piece) -> NDArray[np.float64]:
        stop = piece.first_sample + piece.n_samples
        samples = np.stack([channel.read(piece.first_sample, stop) for channel in self._groups[piece.stream]])
        limit_uv = self._faults.saturation_uv
        if limit_uv is not None:
            is_voltage = [channel.is_voltage for channel in self._groups[piece.stream]]
            samples[is_voltage] = np.clip(samples[is_voltage], -limit_uv, limit_uv)
        return samples

    def _plan(self) -> Iterator[_Piece]:
        offset_s = 0.0
        while True:
            yield from heapq.merge(*(self._pieces_of(number, offset_s) for number in range(len(self._groups))))
            if not self._is_loop:
                return
            offset_s += self._recording.duration_s

    def _pieces_of(self, number: int, offset_s: float) -> Iterator[_Piece]:
        """Blocks of one stream, cut at the gaps of the recording and at those asked for."""
        rate_hz = self._groups[number][0].sampling_rate_hz
        n_block = max(round(self._block_s * rate_hz), 1)
        zero_s = self._recording.start_s
        n_dropped, end = 0, round(offset_s * rate_hz)
        for segment in self._groups[number][0].segments:
            begins = round((segment.start_s - zero_s + offset_s) * rate_hz)
            for first, stop in self._kept(begins, begins + segment.n_samples, rate_hz):
                n_dropped = first - end
                for start in range(first, stop, n_block):
                    n_samples = min(n_block, stop - start)
                    yield _Piece(
                        start_s=start / rate_hz, end_s=(start + n_samples) / rate_hz, stream=number,
                        first_sample=segment.first_sample + start - begins, n_samples=n_samples, n_dropped=n_dropped,
                    )  # fmt: skip
                    n_dropped = 0
                end = stop

    def _kept(self, first: int, stop: int, rate_hz: float) -> Iterator[tuple[int, int]]:
        """What is left of a stretch after the gaps that are asked for, in samples of the replay."""
        for start_s, duration_s in sorted(self._faults.gaps):
            begins, ends = round(start_s * rate_hz), round((start_s + duration_s) * rate_hz)
            if ends <= first or begins >= stop:
                continue
            if begins > first:
                yield first, begins
            first = ends
        if first < stop:
            yield first, stop

    def _skip_to(self, time_s: float) -> None:
        """What was not played while the device was away is lost without a word."""
        while self._next is not None and self._next.start_s < time_s:
            self._next = next(self._pieces, None)
        if self._next is not None:
            self._next = replace(self._next, n_dropped=0)

    def _shifted_marks(self) -> Iterator[Stimulus | Annotation]:
        marks: tuple[Stimulus | Annotation, ...] = (*self._recording.stimuli, *self._recording.annotations)
        for mark in marks:
            yield _moved(mark, -self._recording.start_s)

    def _gone(self) -> DeviceError:
        return DeviceError(
            "the device was pulled", got="no connection", expected="a device", way_out="connect it and start again"
        )


def _read(file: str | os.PathLike[str]) -> Recording:
    from emgwidgets.io.registry import read

    return read(file)


def _clock(speed_ratio: float) -> Clock:
    if speed_ratio == 0:
        return SimulatedClock()
    return SystemClock() if speed_ratio == 1 else SpeedClock(speed_ratio)


def _groups(recording: Recording, names: Sequence[str] | None) -> list[list[Channel]]:
    """Channels that share rate and gaps."""
    chosen = recording.channels if names is None else [recording.channel(name) for name in names]
    groups: dict[object, list[Channel]] = {}
    for channel in chosen:
        if channel.n_samples:
            groups.setdefault((channel.sampling_rate_hz, channel.segments), []).append(channel)
    if not groups:
        raise InputError(
            "there is nothing to replay", got=f"{len(recording.sweeps)} sweeps and no continuous channel",
            expected="a recording with continuous channels", way_out="choose another recording",
        )  # fmt: skip
    return list(groups.values())


def _time_of(mark: Stimulus | Annotation) -> float:
    return mark.time_s if isinstance(mark, Stimulus) else mark.start_s


def _moved(mark: Stimulus | Annotation, by_s: float) -> Stimulus | Annotation:
    if isinstance(mark, Stimulus):
        return replace(mark, time_s=mark.time_s + by_s)
    return replace(mark, start_s=mark.start_s + by_s)


DRIVER = Driver(
    name="replay", words="a recorded file played as a device: file, speed_ratio, block_ms, channels, is_loop, faults",
    open=ReplayDevice,
)  # fmt: skip
