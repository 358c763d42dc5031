"""What a device can do, as small protocols; a driver has those it can honour and no base class.

A device is receive-only: stimuli and markers come in, no stimulator is driven.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.signal import Annotation, RecordingSettings, Stimulus

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Block", "ChannelInfo", "Device", "DeviceError", "DeviceInfo", "GoesToSites", "Impedance", "ReportsImpedance",
    "ReportsMarks", "StreamInfo",
]  # fmt: skip


class DeviceError(EmgError):
    """A device that cannot be opened or went away; the sentence says what the user can do."""


@dataclass(frozen=True, kw_only=True)
class ChannelInfo:
    """One channel: its name, unit (``"uV"`` for every voltage) and kind, as :class:`emgwidgets.model.signal.Channel`."""

    name: str
    unit: str = "uV"
    kind: str = "emg"
    settings: RecordingSettings = field(default=RecordingSettings(), repr=False)


@dataclass(frozen=True, kw_only=True)
class StreamInfo:
    """Channels that share a rate.

    Parameters
    ----------
    name : str
        Name of the stream.
    sampling_rate_hz : float
        Samples per second of each channel.
    channels : tuple of ChannelInfo
        In the order of the rows of a block.
    jitter_s : float
        How far the clock time of a block may be off; a silent loss is inferred only from more than that.
    """

    name: str
    sampling_rate_hz: float
    channels: tuple[ChannelInfo, ...]
    jitter_s: float = 0.0

    def __post_init__(self) -> None:
        if not (0 < self.sampling_rate_hz < float("inf") and self.channels):
            raise InputError(
                f"stream {self.name!r} cannot be used", got=f"{self.sampling_rate_hz} Hz, {len(self.channels)} channels",
                expected="a rate above 0 Hz and a channel", way_out="correct the driver or choose another stream",
            )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DeviceInfo:
    """What a device says of itself; never a serial number or an address."""

    name: str
    streams: tuple[StreamInfo, ...]
    maker: str | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """Consecutive samples of one stream.

    Parameters
    ----------
    samples : ndarray, shape (n_channels, n_samples)
        In the unit of each channel (microvolts for voltages); active minus reference; NaN where a value is missing.
    time_s : float
        Time of the first sample on the engine's clock.
    n_dropped : int
        Samples the device knows were lost just before this block.
    stream : int
        Number of the stream in ``DeviceInfo.streams``.
    """

    samples: NDArray[Any] = field(repr=False)
    time_s: float
    n_dropped: int = 0
    stream: int = 0


@runtime_checkable
class Device(Protocol):
    """What every driver has: who it is, opening and closing, and blocks."""

    def identify(self) -> DeviceInfo:
        """Streams and channels; known before opening or, at the latest, after it."""

    def __enter__(self) -> Self:
        """Open; raises DeviceError with the cause."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        """Close; safe to call twice."""

    def read(self, timeout_s: float) -> Block | None:
        """Next block; None when none came in time.

        Raises
        ------
        DeviceError
            If the device went away.
        EOFError
            If the source has ended, as a file does.
        """


@runtime_checkable
class ReportsMarks(Protocol):
    """A device that tells of stimuli and markers."""

    def read_marks(self) -> tuple[Stimulus | Annotation, ...]:
        """Marks since the last call, with times on the engine's clock."""


@dataclass(frozen=True, kw_only=True)
class Impedance:
    """Impedance of one electrode; None where it was not measured."""

    channel: str
    impedance_kohm: float | None


@runtime_checkable
class ReportsImpedance(Protocol):
    """A device that measures its electrodes."""

    def impedances(self) -> tuple[Impedance, ...]:
        """Impedance of each channel now."""


@runtime_checkable
class GoesToSites(Protocol):
    """A device that can be told which muscle or site is examined, as the virtual patient."""

    def go_to_site(self, name: str, /) -> None:
        """Go there; raises InputError when it cannot."""
