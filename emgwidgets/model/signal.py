"""Signals as frozen data: recordings, channels, sweeps, stimuli, annotations, quality flags. No analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.origin import Device, FileOrigin, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Annotation", "ArraySamples", "Channel", "Device", "FileOrigin", "QualityFlag", "Recording", "RecordingSettings",
    "SampleSource", "Segment", "Side", "Stimulus", "Sweep", "Table", "Trace",
]  # fmt: skip

Side = Literal["left", "right"]
Confidence = Literal["sure", "likely", "unsure"]
MICROVOLT = "uV"
CONVERSION_BLOCK = 65536  # samples; 512 KiB of results stay in a processor's cache between two steps (internal choice)


@runtime_checkable
class SampleSource(Protocol):
    """Lazy one-dimensional samples as stored, with the linear map to the channel's unit.

    The value in the channel's unit is ``stored * gain + offset``.
    """

    @property
    def gain(self) -> float:
        """Channel units per stored step."""

    @property
    def offset(self) -> float:
        """Value in the channel's unit of a stored zero."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the stored samples (int16, int32, float32, float64)."""

    def __len__(self) -> int:
        """Return the number of samples."""

    def read_stored(self, start: int, stop: int) -> NDArray[Any]:
        """Stored samples ``start`` to ``stop`` (exclusive), shape ``(stop - start,)``, without conversion."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ArraySamples:
    """Samples held in memory or in a memory map.

    Parameters
    ----------
    stored : ndarray, shape (n_samples,)
        Values as stored: integers of a converter or floats.
    gain, offset : float
        Map to the channel's unit: ``stored * gain + offset``.
    """

    stored: NDArray[Any] = field(repr=False)
    gain: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        if self.stored.ndim != 1:
            raise InputError(
                "samples of a channel must be one-dimensional",
                got=f"shape {self.stored.shape}", expected="shape (n_samples,)", way_out="pass one channel at a time",
            )  # fmt: skip

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the stored samples."""
        return self.stored.dtype

    def __len__(self) -> int:
        return int(self.stored.shape[0])

    def read_stored(self, start: int, stop: int) -> NDArray[Any]:
        """Stored samples, a view where possible."""
        return self.stored[start:stop]


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of a channel without a gap: samples ``first_sample`` to ``first_sample + n_samples`` begin at ``start_s``."""

    first_sample: int
    n_samples: int
    start_s: float


@dataclass(frozen=True, kw_only=True)
class RecordingSettings:
    """How a channel was recorded; None where the file does not say."""

    high_pass_hz: float | None = None
    low_pass_hz: float | None = None
    notch_hz: float | None = None
    electrode: str | None = None
    active: str | None = None
    reference: str | None = None
    ground: str | None = None
    converter_range: tuple[float, float] | None = None
    """Smallest and largest value the converter can give, in the channel's unit."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Channel:
    """One channel at its own rate on the recording's clock.

    Parameters
    ----------
    name : str
        Name as in the file.
    unit : str
        ``"uV"`` for every voltage; otherwise the file's own unit text.
    sampling_rate_hz : float
        Samples per second.
    samples : SampleSource
        Lazy samples.  Missing values are NaN (floats).  Sign: stored = active minus reference; a negative
        deflection is a negative number.
    segments : tuple of Segment
        Gap-free stretches in order of time; left empty it is one stretch that starts at 0 s.
    kind : str
        What is recorded: ``"emg"``, ``"needle_emg"``, ``"surface_emg"``, ``"ecg"``, ``"stimulus"``, ``"force"``,
        ``"other"``.
    """

    name: str
    unit: str
    sampling_rate_hz: float
    samples: SampleSource = field(repr=False)
    segments: tuple[Segment, ...] = ()
    kind: str = "emg"
    settings: RecordingSettings = field(default=RecordingSettings(), repr=False)

    def __post_init__(self) -> None:
        if not (np.isfinite(self.sampling_rate_hz) and self.sampling_rate_hz > 0):
            raise InputError(
                f"channel {self.name!r} has no usable sampling rate",
                got=f"{self.sampling_rate_hz} Hz", expected="a rate above 0 Hz", way_out="state it with sampling_rate_hz=...",
            )  # fmt: skip
        if not self.segments:
            whole = Segment(first_sample=0, n_samples=len(self.samples), start_s=0.0)
            object.__setattr__(self, "segments", (whole,))
        n_covered = sum(segment.n_samples for segment in self.segments)
        if n_covered != len(self.samples):
            raise InputError(
                f"the segments of channel {self.name!r} do not cover its samples",
                got=f"{n_covered} samples in segments", expected=f"{len(self.samples)}",
                way_out="give one Segment per gap-free stretch",
            )  # fmt: skip

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return len(self.samples)

    @property
    def is_voltage(self) -> bool:
        """Whether the unit is microvolts."""
        return self.unit == MICROVOLT

    @property
    def start_s(self) -> float:
        """Time of the first sample on the recording's clock."""
        return self.segments[0].start_s

    @property
    def end_s(self) -> float:
        """Time just after the last sample."""
        last = self.segments[-1]
        return last.start_s + last.n_samples / self.sampling_rate_hz

    def read(self, start: int = 0, stop: int | None = None) -> NDArray[np.float64]:
        """Samples in the channel's unit, shape ``(stop - start,)``, by sample index."""
        stop = self.n_samples if stop is None else min(stop, self.n_samples)
        stored = self.samples.read_stored(max(start, 0), stop)
        values: NDArray[np.float64] = np.empty(len(stored), dtype=np.float64)
        for first in range(0, len(stored), CONVERSION_BLOCK):
            part = values[first : first + CONVERSION_BLOCK]
            np.multiply(stored[first : first + CONVERSION_BLOCK], self.samples.gain, out=part, dtype=np.float64)
            part += self.samples.offset
        return values

    @property
    def samples_uv(self) -> NDArray[np.float64]:
        """All samples in microvolts, shape ``(n_samples,)``.

        Raises
        ------
        InputError
            If the channel is not a voltage.
        """
        if not self.is_voltage:
            raise InputError(
                f"channel {self.name!r} is not a voltage", got=f"unit {self.unit!r}", expected="uV",
                way_out="choose an EMG channel, or use read() for values in the channel's own unit",
            )  # fmt: skip
        return self.read()

    def times_s(self, start: int = 0, stop: int | None = None) -> NDArray[np.float64]:
        """Times of samples on the recording's clock, gaps included, shape ``(stop - start,)``."""
        stop = self.n_samples if stop is None else min(stop, self.n_samples)
        index = np.arange(start, stop)
        firsts = np.array([segment.first_sample for segment in self.segments])
        starts_s = np.array([segment.start_s for segment in self.segments])
        which = np.clip(np.searchsorted(firsts, index, side="right") - 1, 0, None)
        times_s: NDArray[np.float64] = starts_s[which] + (index - firsts[which]) / self.sampling_rate_hz
        return times_s

    def index_at(self, time_s: float) -> int:
        """Index of the first sample at or after a time; ``n_samples`` past the end."""
        for segment in self.segments:
            end_s = segment.start_s + segment.n_samples / self.sampling_rate_hz
            if time_s < end_s:
                ahead = np.ceil((time_s - segment.start_s) * self.sampling_rate_hz - 1e-6)
                return segment.first_sample + int(min(max(ahead, 0), segment.n_samples))
        return self.n_samples


@dataclass(frozen=True, kw_only=True)
class Stimulus:
    """One stimulus on the recording's clock; None where the file does not say."""

    time_s: float
    current_ma: float | None = None
    voltage_v: float | None = None
    pulse_width_ms: float | None = None
    site: str | None = None
    label: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """A stretch of one voltage channel in memory.

    Parameters
    ----------
    samples_uv : ndarray, shape (n_samples,)
        Active minus reference, in microvolts; negative numbers are negative deflections.
    sampling_rate_hz : float
        Samples per second.
    start_s : float
        Time of the first sample.
    """

    samples_uv: NDArray[np.float64] = field(repr=False)
    sampling_rate_hz: float
    start_s: float = 0.0
    channel: str = ""
    settings: RecordingSettings = field(default=RecordingSettings(), repr=False)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples_uv) / self.sampling_rate_hz


@dataclass(frozen=True, kw_only=True, eq=False)
class Sweep:
    """A trace whose zero is the stimulus.

    Parameters
    ----------
    samples_uv : ndarray, shape (n_samples,)
        Active minus reference, in microvolts.
    sampling_rate_hz : float
        Samples per second.
    start_ms : float
        Time of the first sample after the stimulus; negative when the sweep begins before it.
    stimulus : Stimulus, optional
        The stimulus at 0 ms.
    channel : str
        Name of the channel it was recorded with.
    nerve, muscle, site : str, optional
        Codes of the vocabulary: what was stimulated, where, and which muscle answered; a sensory sweep has no muscle.
    side : ``"left"`` or ``"right"``, optional
    distance_mm : float, optional
        From the cathode to the active electrode.
    skin_temperature_degc : float, optional
    n_averaged : int
        Stimuli in the average; 1 for a single sweep.
    settings : RecordingSettings
        Filters and electrodes.
    """

    samples_uv: NDArray[np.float64] = field(repr=False)
    sampling_rate_hz: float
    start_ms: float = 0.0
    stimulus: Stimulus | None = None
    channel: str = ""
    nerve: str | None = None
    muscle: str | None = None
    site: str | None = None
    side: Side | None = None
    distance_mm: float | None = None
    skin_temperature_degc: float | None = None
    n_averaged: int = 1
    settings: RecordingSettings = field(default=RecordingSettings(), repr=False)

    @property
    def times_ms(self) -> NDArray[np.float64]:
        """Time of each sample after the stimulus, shape ``(n_samples,)``."""
        step_ms = 1000.0 / self.sampling_rate_hz
        times_ms: NDArray[np.float64] = self.start_ms + np.arange(len(self.samples_uv), dtype=np.float64) * step_ms
        return times_ms


@dataclass(frozen=True, kw_only=True)
class Annotation:
    """A mark on a recording: a point (``duration_s`` 0) or an interval, on one channel or all (``channel`` None).

    Parameters
    ----------
    start_s, duration_s : float
        Begin on the recording's clock, and length; 0 for a point.
    label : str
        Code of the annotation vocabulary, or free text.
    channel : str, optional
        Name of the channel; None for all.
    confidence : str, optional
        How sure the reader is.
    reader : str, optional
        Initials.
    status : ``"proposed"`` or ``"confirmed"``
        A proposal of the software, or a mark a reader confirmed.
    note : str
        Free text.
    id : str
        Given by the store that keeps the mark.
    """

    start_s: float
    label: str
    duration_s: float = 0.0
    channel: str | None = None
    confidence: Confidence | None = None
    reader: str | None = None
    status: Literal["proposed", "confirmed"] = "confirmed"
    note: str = ""
    id: str = ""

    @property
    def end_s(self) -> float:
        """End of the interval, equal to the start for a point."""
        return self.start_s + self.duration_s


@dataclass(frozen=True, kw_only=True)
class QualityFlag:
    """Something that limits what a stretch can be used for.

    Parameters
    ----------
    kind : str
        ``"saturation"``, ``"overflow"``, ``"flat"``, ``"missing"``, ``"gap"``, ``"mains"``,
        ``"mains_unclear"``, ``"drift"``,
        ``"low_rate"``, ``"implausible_unit"``, ``"damaged_lines"``, ``"clock_reset"``.
    channel : str or None
        Name of the channel; None for the whole recording.
    start_s, end_s : float
        Place.
    size : float, unit : str
        How large, in the stated unit.
    reason : str
        One sentence: fact, consequence, way out.
    repair : str
        Code of a repair that is offered, or empty.
    """

    kind: str
    channel: str | None
    start_s: float
    end_s: float
    size: float
    unit: str
    reason: str
    repair: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Recording:
    """Everything one file or device gave, on one clock.

    Parameters
    ----------
    channels : tuple of Channel
        Continuous channels, each with its own rate.
    sweeps : tuple of Sweep
        Stimulus-locked sweeps, where the source is made of sweeps.
    stimuli, annotations, tables, quality_flags : tuples
        What else the source holds.
    device : Device, optional
        What recorded it, as far as the file says.
    origin : FileOrigin, optional
        Format and name of the file, without its folder.
    title : str
        Words shown above the traces.
    notes : tuple of str
        One sentence for each thing the reader wants known: what was dropped, assumed from an argument, or offered.
    identifiers : mapping
        Empty unless identifiers were kept on request; never part of a repr.
    """

    channels: tuple[Channel, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    stimuli: tuple[Stimulus, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    tables: tuple[Table, ...] = ()
    quality_flags: tuple[QualityFlag, ...] = ()
    device: Device | None = None
    origin: FileOrigin | None = None
    title: str = ""
    notes: tuple[str, ...] = ()
    identifiers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def start_s(self) -> float:
        """Earliest time of any channel."""
        return min((channel.start_s for channel in self.channels), default=0.0)

    @property
    def end_s(self) -> float:
        """Latest time of any channel."""
        return max((channel.end_s for channel in self.channels), default=0.0)

    @property
    def duration_s(self) -> float:
        """Length in seconds from the earliest to the latest sample."""
        return self.end_s - self.start_s

    def channel(self, name_or_index: str | int) -> Channel:
        """Return one channel.

        Raises
        ------
        InputError
            If there is no such channel.
        """
        names = [channel.name for channel in self.channels]
        if isinstance(name_or_index, int) and -len(names) <= name_or_index < len(names):
            return self.channels[name_or_index]
        if isinstance(name_or_index, str) and name_or_index in names:
            return self.channels[names.index(name_or_index)]
        raise InputError(
            "no such channel", got=repr(name_or_index), expected=f"one of {names}", way_out="see recording.channels"
        )  # fmt: skip

    def trace(self, name_or_index: str | int = 0, *, start_s: float | None = None, end_s: float | None = None) -> Trace:
        """Return a stretch of one voltage channel as a Trace; the whole channel by default.

        Raises
        ------
        InputError
            If the channel is unknown, no voltage, or the stretch is empty or crosses a gap.
        """
        channel = self.channel(name_or_index)
        if not channel.is_voltage:
            raise InputError(
                f"channel {channel.name!r} is not a voltage", got=f"unit {channel.unit!r}", expected="uV",
                way_out="choose an EMG channel",
            )  # fmt: skip
        start = channel.index_at(channel.start_s if start_s is None else start_s)
        stop = channel.n_samples if end_s is None else channel.index_at(end_s)
        if stop <= start:
            raise InputError(
                "the stretch holds no sample", got=f"{start_s} to {end_s} s",
                expected=f"within {channel.start_s:.3f} to {channel.end_s:.3f} s", way_out="choose a longer stretch",
            )  # fmt: skip
        times_s = channel.times_s(start, stop)
        n_skipped = (times_s[-1] - times_s[0]) * channel.sampling_rate_hz - (stop - start - 1)
        if abs(n_skipped) > 0.5:
            raise InputError(
                "the stretch crosses a gap in the recording", got=f"{times_s[0]:.3f} to {times_s[-1]:.3f} s",
                expected="a stretch without a gap", way_out="see channel.segments for the gap-free stretches",
            )  # fmt: skip
        return Trace(
            samples_uv=channel.read(start, stop), sampling_rate_hz=channel.sampling_rate_hz, start_s=float(times_s[0]),
            channel=channel.name, settings=channel.settings,
        )  # fmt: skip

    def __repr__(self) -> str:
        parts = []
        if self.channels:
            parts.append(f"{len(self.channels)} channel{'s' * (len(self.channels) != 1)}, {self.duration_s:.3f} s")
        if self.sweeps:
            parts.append(f"{len(self.sweeps)} sweeps")
        if self.tables:
            parts.append(f"{len(self.tables)} table{'s' * (len(self.tables) != 1)}")
        if self.origin:
            parts.append(self.origin.format)
        return f"Recording({', '.join(parts) or 'empty'})"
