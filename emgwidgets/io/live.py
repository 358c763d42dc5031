"""The live container a recorder writes: readable while it grows, after a crash at any moment, and around damage."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import Scale, gap_flags, scale_of
from emgwidgets.io._live_chunks import MAGIC, SAMPLES, SCHEMA, Chunk, find_chunks
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.origin import Device
from emgwidgets.model.signal import Annotation, Channel, QualityFlag, Recording, Segment, Stimulus

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FORMAT"]

SUFFIX = ".emglive"
#: Clock error that is told, and the shortest recording it is told of (internal choice: 100 ppm, ten times a good quartz).
DRIFT_RATIO, DRIFT_AFTER_S = 1e-4, 10.0


@dataclass(frozen=True, kw_only=True, eq=False)
class BlockSamples:
    """One channel of the blocks of a stream, read from the memory map where it is asked for.

    Parameters
    ----------
    content : ndarray of uint8
        The whole file.
    edges : ndarray of int, shape (n_blocks + 1,)
        Running number of samples at the beginning of each block, and at the end.
    places : ndarray of int, shape (n_blocks,)
        Where the samples of this channel begin in the file.
    """

    content: NDArray[np.uint8] = field(repr=False)
    edges: NDArray[np.int64] = field(repr=False)
    places: NDArray[np.int64] = field(repr=False)
    gain: float = 1.0
    offset: float = 0.0

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the stored samples."""
        return np.dtype("<f4")

    def __len__(self) -> int:
        return int(self.edges[-1])

    def read_stored(self, start: int, stop: int) -> NDArray[Any]:
        """Stored samples, shape ``(stop - start,)``."""
        start, stop, _ = slice(start, stop).indices(len(self))
        values = np.empty(max(stop - start, 0), dtype="<f4")
        block = int(np.searchsorted(self.edges, start, side="right")) - 1
        done = 0
        while done < len(values):
            first = start + done - int(self.edges[block])
            n_samples = min(int(self.edges[block + 1] - self.edges[block]) - first, len(values) - done)
            place = int(self.places[block]) + 4 * first
            values[done : done + n_samples] = self.content[place : place + 4 * n_samples].view("<f4")
            done += n_samples
            block += 1
        return values


@dataclass(kw_only=True, eq=False)
class _Stream:
    """Blocks of one stream while the file is scanned."""

    facts: dict[str, Any]
    positions: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    clocks_s: list[float] = field(default_factory=list)

    @property
    def rate_hz(self) -> float:
        return float(self.facts["sampling_rate_hz"])

    def add(self, content: NDArray[np.uint8], chunk: Chunk) -> bool:
        """Take one block; False when it does not fit the header or goes back in time."""
        position, clock_s, n_channels, _, n_samples = SAMPLES.unpack_from(content.data, chunk.start)
        end = self.positions[-1] + self.counts[-1] if self.positions else 0
        if n_channels != len(self.facts["channels"]) or position < end or n_samples == 0:
            return False
        if chunk.n_bytes != SAMPLES.size + 4 * n_channels * n_samples:
            return False
        self.positions.append(position)
        self.counts.append(n_samples)
        self.places.append(chunk.start + SAMPLES.size)
        self.clocks_s.append(clock_s)
        return True

    def segments(self, zero_s: float) -> tuple[Segment, ...]:
        """Stretches without a gap; the first sample is at the clock time of the first block."""
        positions, counts = np.array(self.positions), np.array(self.counts)
        opens = np.concatenate(([True], positions[1:] != positions[:-1] + counts[:-1]))
        firsts = np.flatnonzero(opens)
        edges = np.concatenate(([0], np.cumsum(counts)))
        bounds = np.append(firsts, len(counts))
        start_s = self.clocks_s[0] - zero_s
        return tuple(
            Segment(
                first_sample=int(edges[a]), n_samples=int(edges[b] - edges[a]),
                start_s=start_s + float(positions[a] - positions[0]) / self.rate_hz,
            )
            for a, b in pairwise(bounds)
        )  # fmt: skip

    def drift_note(self) -> str:
        """Sentence when the clock of the computer and the device's count of samples part."""
        first, last = self.positions[0], self.positions[-1]
        lasts_s = self.clocks_s[-1] - self.clocks_s[0]
        if lasts_s < DRIFT_AFTER_S or last == first:
            return ""
        ratio = (last - first) / lasts_s / self.rate_hz - 1
        if abs(ratio) < DRIFT_RATIO:
            return ""
        return f"Stream {self.facts['name']} ran {1e6 * ratio:+.0f} ppm against the computer's clock; times follow its samples."


def _facts(content: NDArray[np.uint8], chunk: Chunk) -> dict[str, Any]:
    body = json.loads(content[chunk.start : chunk.start + chunk.n_bytes].tobytes().decode("utf-8"))
    return body if isinstance(body, dict) else {}


@dataclass(kw_only=True, eq=False)
class _Found:
    """What the chunks of a file hold."""

    header: dict[str, Any] = field(default_factory=dict)
    streams: list[_Stream] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    stimuli: list[dict[str, Any]] = field(default_factory=list)
    is_closed: bool = False
    n_damaged: int = 0
    n_torn_bytes: int = 0

    def take(self, content: NDArray[np.uint8], chunk: Chunk) -> None:
        if chunk.kind == b"H" and not self.header:
            self.header = _facts(content, chunk)
            self.streams = [_Stream(facts=facts) for facts in self.header.get("streams", ())]
        elif chunk.kind == b"S":
            known = chunk.stream < len(self.streams)
            if not (known and self.streams[chunk.stream].add(content, chunk)):
                self.n_damaged += 1
        elif chunk.kind == b"A":
            self.annotations.append(_facts(content, chunk))
        elif chunk.kind == b"R":
            self._take_back(_facts(content, chunk))
        elif chunk.kind == b"T":
            self.stimuli.append(_facts(content, chunk))
        elif chunk.kind == b"E":
            self.is_closed = True

    def _take_back(self, body: dict[str, Any]) -> None:
        """Leave out an annotation; one that is not there was lost with its damaged chunk, or came before the recording."""
        same = [place for place, one in enumerate(self.annotations) if one == body]
        if same:
            del self.annotations[same[-1]]


def _scan(path: Path) -> tuple[NDArray[np.uint8], _Found]:
    content: NDArray[np.uint8] = np.memmap(path, dtype=np.uint8, mode="r")
    found, pending = _Found(), 0
    for chunk in find_chunks(content):
        if isinstance(chunk, int):
            pending = chunk
            continue
        found.n_damaged += bool(pending)
        pending = 0
        found.take(content, chunk)
    found.n_torn_bytes = pending
    if found.header.get("schema") != SCHEMA:
        raise ReadError(
            f"{path.name} has no header that can be understood", got=repr(found.header.get("schema"))[:60], expected=SCHEMA,
            way_out="the first kilobyte of the file is damaged; look for a copy",
        )  # fmt: skip
    return content, found


def _channels(
    content: NDArray[np.uint8], stream: _Stream, zero_s: float, options: ReadOptions
) -> tuple[list[Channel], list[QualityFlag]]:
    edges = np.concatenate(([0], np.cumsum(stream.counts))).astype(np.int64)
    places, counts = np.array(stream.places, dtype=np.int64), np.array(stream.counts, dtype=np.int64)
    segments = stream.segments(zero_s)
    channels: list[Channel] = []
    for row, facts in enumerate(stream.facts["channels"]):
        scale = scale_of(facts["unit"], facts["name"], options) or Scale(unit="")
        samples = BlockSamples(content=content, edges=edges, places=places + 4 * row * counts, gain=scale.factor)
        channels.append(
            Channel(
                name=facts["name"], unit=scale.unit, sampling_rate_hz=stream.rate_hz, samples=samples, segments=segments,
                kind=facts.get("kind", "emg"),
            )
        )  # fmt: skip
    return channels, gap_flags(segments, stream.rate_hz)


def _read(path: Path, options: ReadOptions) -> Recording:
    content, found = _scan(path)
    used = [stream for stream in found.streams if stream.positions]
    zero_s = min((stream.clocks_s[0] for stream in used), default=0.0)
    channels: list[Channel] = []
    flags: list[QualityFlag] = []
    for stream in used:
        made, gaps = _channels(content, stream, zero_s, options)
        channels += made
        flags += gaps
    end_s = max((channel.end_s for channel in channels), default=0.0)
    notes = [note for stream in used if (note := stream.drift_note())]
    if not found.is_closed:
        torn = f" {found.n_torn_bytes} bytes of an unfinished block are left out." if found.n_torn_bytes else ""
        notes.append(f"The recording was not closed, as after a crash; it is whole up to {end_s:.3f} s.{torn}")
    if found.n_damaged:
        notes.append(f"{found.n_damaged} damaged stretches of the file are left out and show as gaps.")
    if not channels:
        notes.append("No sample was recorded.")
    device = found.header.get("device") or {}
    return Recording(
        channels=tuple(channels),
        stimuli=tuple(Stimulus(**{**body, "time_s": body["time_s"] - zero_s}) for body in found.stimuli),
        annotations=tuple(Annotation(**{**body, "start_s": body["start_s"] - zero_s}) for body in found.annotations),
        quality_flags=tuple(flags), device=Device(maker=device.get("maker"), model=device.get("model")),
        notes=tuple(notes),
    )  # fmt: skip


def _detect(head: Head) -> bool:
    return head.first_bytes.startswith(MAGIC)


FORMAT = Format(name="Live container", suffixes=(SUFFIX,), detect=_detect, read=_read)
