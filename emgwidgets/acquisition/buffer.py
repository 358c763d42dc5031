"""What came last from a device, placed on the count of samples and held in memory that is allocated once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.acquisition.continuity import Continuity
from emgwidgets.acquisition.protocols import Block, DeviceError, DeviceInfo
from emgwidgets.acquisition.ring import Ring
from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LiveBuffer", "PlacedBlock"]


@dataclass(frozen=True, kw_only=True, eq=False)
class PlacedBlock:
    """A block with its place.

    Parameters
    ----------
    samples : ndarray, shape (n_channels, n_samples)
        Float32, in the unit of each channel, gains applied.
    position : int
        Number of the first sample of the stream, lost ones counted.
    time_s : float
        Its time by the count of samples.
    clock_s : float
        Its time as the device stated it.
    n_lost : int
        Samples lost before it; ``is_inferred`` when the device did not say so but its times do.
    """

    samples: NDArray[np.float32] = field(repr=False)
    stream: int
    position: int
    time_s: float
    clock_s: float
    n_lost: int = 0
    is_inferred: bool = False


class LiveBuffer:
    """The last seconds of every stream of a device; safe to read from any thread.

    Parameters
    ----------
    info : DeviceInfo
        Streams and channels.
    ring_s : float
        Seconds held.
    gains : mapping of channel name to float
        Factors that turn what the device sends into the unit it states.

    Raises
    ------
    InputError
        If a gain names no channel.
    """

    def __init__(self, info: DeviceInfo, *, ring_s: float, gains: Mapping[str, float]) -> None:
        names = [channel.name for stream in info.streams for channel in stream.channels]
        unknown = [name for name in gains if name not in names]
        if unknown:
            raise InputError("a gain names no channel", got=repr(unknown[0]), expected=f"one of {names}")
        self.info = info
        self._changed = threading.Condition()
        self._n_changes = 0
        self._rings = [Ring(len(one.channels), round(ring_s * one.sampling_rate_hz)) for one in info.streams]
        self._continuity = [Continuity(one) for one in info.streams]
        self._factors = [
            np.array([gains.get(channel.name, 1.0) for channel in one.channels], dtype=np.float32)[:, np.newaxis]
            for one in info.streams
        ]

    def put(self, block: Block) -> PlacedBlock | None:
        """Place and hold a block; None when it is empty.

        Raises
        ------
        DeviceError
            If the block does not fit what the device said of itself, or the stream changed its rate.
        """
        number = block.stream
        if not 0 <= number < len(self._rings):
            raise self._garbage(f"stream {number}", f"stream 0 to {len(self._rings) - 1}")
        n_channels = len(self.info.streams[number].channels)
        if block.samples.ndim != 2 or block.samples.shape[0] != n_channels or not np.isfinite(block.time_s):
            raise self._garbage(f"a block of shape {block.samples.shape}", f"shape ({n_channels}, n) and a time")
        if block.samples.shape[1] == 0:
            return None
        samples = np.asarray(block.samples, dtype=np.float32) * self._factors[number]
        place = self._continuity[number].place(block)
        with self._changed:
            self._rings[number].write(place.position, samples)
            self._n_changes += 1
            self._changed.notify_all()
        return PlacedBlock(
            samples=samples, stream=number, position=place.position, time_s=self.time_of(place.position, stream=number),
            clock_s=block.time_s, n_lost=place.n_lost, is_inferred=place.is_inferred,
        )  # fmt: skip

    def end(self, stream: int = 0) -> int:
        """Number of the sample that comes next, lost ones counted."""
        with self._changed:
            return self._rings[stream].end

    def window(self, start: int, stop: int, *, stream: int = 0) -> NDArray[np.float32]:
        """Samples by number, shape ``(n_channels, stop - start)``; NaN where lost, not yet come or no longer held."""
        with self._changed:
            return self._rings[stream].read(start, stop)

    def latest(self, duration_s: float, *, stream: int = 0) -> NDArray[np.float32]:
        """Last seconds, shape ``(n_channels, n_samples)``; shorter at the beginning."""
        n_samples = round(duration_s * self.info.streams[stream].sampling_rate_hz)
        with self._changed:
            ring = self._rings[stream]
            return ring.read(max(ring.end - n_samples, ring.start), ring.end)

    def time_of(self, position: int, *, stream: int = 0) -> float:
        """Time of a sample by the count of samples."""
        return self._continuity[stream].time_s(position)

    def wait_for(self, position: int, *, stream: int = 0, timeout_s: float = 10.0, is_over: Callable[[], bool]) -> bool:
        """Wait for a sample; False when it did not come in time or ``is_over`` says that nothing more will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings[stream].end >= position or is_over(), timeout_s)
            return self._rings[stream].end >= position

    def wait_change(self, seen: int, *, timeout_s: float) -> int:
        """Wait for a block of any stream after the ``seen``-th change; returns how many changes there were."""
        with self._changed:
            self._changed.wait_for(lambda: self._n_changes != seen, timeout_s)
            return self._n_changes

    def start(self, stream: int = 0) -> int:
        """Number of the oldest sample that is still held."""
        with self._changed:
            return self._rings[stream].start

    def wake(self) -> None:
        """Let those who wait look again."""
        with self._changed:
            self._changed.notify_all()

    @property
    def lead_s(self) -> float:
        """How far the engine's clock is ahead of the count of samples of the first stream."""
        return self._continuity[0].lead_s if self._continuity else 0.0

    def forget_rate(self) -> None:
        """Watch the rates anew, as after a silence."""
        for one in self._continuity:
            one.forget_rate()

    def _garbage(self, got: str, expected: str) -> DeviceError:
        return DeviceError(
            f"{self.info.name} sends what cannot be understood", got=got, expected=expected,
            way_out="check that the driver and its settings fit the device",
        )  # fmt: skip
