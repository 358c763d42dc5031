"""The smallest complete driver: a sine wave of known size.  It is the recipe of docs/add_a_device.md and of the tests."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import numpy as np

from emgwidgets.acquisition.clock import Clock, SystemClock, wait_until_due
from emgwidgets.acquisition.protocols import Block, ChannelInfo, DeviceInfo, Impedance, StreamInfo
from emgwidgets.acquisition.registry import Driver

__all__ = ["DRIVER", "FakeDevice"]


class FakeDevice:
    """A sine wave in real time.

    Parameters
    ----------
    amplitude_uv, frequency_hz, sampling_rate_hz : float
        The wave, zero to peak, and its sampling.
    block_ms : float
        Length of a block.
    n_channels : int
        Channel ``k`` carries ``k + 1`` times the wave.
    clock : Clock, optional
        Time of the blocks.
    """

    def __init__(
        self, *, amplitude_uv: float = 100.0, frequency_hz: float = 10.0, sampling_rate_hz: float = 10_000.0,
        block_ms: float = 10.0, n_channels: int = 1, clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self._wave = (amplitude_uv, frequency_hz)
        self._rate_hz = sampling_rate_hz
        self._n_block = max(round(block_ms * 1e-3 * sampling_rate_hz), 1)
        self._channels = tuple(ChannelInfo(name=f"Sine {number + 1}") for number in range(n_channels))
        self._clock = clock or SystemClock()
        self._start_s = 0.0
        self._n_sent = 0

    def identify(self) -> DeviceInfo:
        """One stream."""
        stream = StreamInfo(name="sine", sampling_rate_hz=self._rate_hz, channels=self._channels)
        return DeviceInfo(name="fake", model="sine wave", streams=(stream,))

    def __enter__(self) -> Self:
        self._start_s, self._n_sent = self._clock.now_s(), 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        pass  # nothing is held open

    def read(self, timeout_s: float) -> Block | None:
        """Next block, when its last sample is due."""
        due_s = self._start_s + (self._n_sent + self._n_block) / self._rate_hz
        if not wait_until_due(self._clock, due_s, timeout_s):
            return None
        numbers = self._n_sent + np.arange(self._n_block)
        amplitude_uv, frequency_hz = self._wave
        wave = amplitude_uv * np.sin(2 * np.pi * frequency_hz * numbers / self._rate_hz)
        sizes = np.arange(1, len(self._channels) + 1)[:, np.newaxis]
        block = Block(samples=sizes * wave, time_s=self._start_s + self._n_sent / self._rate_hz)
        self._n_sent += self._n_block
        return block

    def impedances(self) -> tuple[Impedance, ...]:
        """Impedance of each electrode; a generator has none."""
        return tuple(Impedance(channel=one.name, impedance_kohm=0.0) for one in self._channels)


DRIVER = Driver(
    name="fake", words="a sine wave, to try things out: amplitude_uv, frequency_hz, n_channels", open=FakeDevice
)
