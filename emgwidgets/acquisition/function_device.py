"""The smallest driver of one's own: a function that gives the next samples.  A real amplifier needs the class of the recipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from emgwidgets.acquisition.clock import Clock, SystemClock, wait_until_due
from emgwidgets.acquisition.protocols import Block, ChannelInfo, DeviceInfo, StreamInfo

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FunctionDevice"]


class FunctionDevice:
    """A device in real time, made of one function.

    Parameters
    ----------
    samples : callable
        Gets the numbers of the next samples, an array of shape ``(n_samples,)``, and returns them in microvolts, shape
        ``(n_channels, n_samples)``, or ``(n_samples,)`` for one channel.
    channels : sequence of str
        Names of the channels.
    sampling_rate_hz : float
    block_ms : float
        Length of a block.
    name : str
    clock : Clock, optional
    """

    def __init__(
        self, samples: Callable[[NDArray[np.int64]], Any], *, channels: Sequence[str] = ("EMG 1",),
        sampling_rate_hz: float = 10_000.0, block_ms: float = 10.0, name: str = "mine", clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self._samples, self._name = samples, name
        self._channels = tuple(ChannelInfo(name=one) for one in channels)
        self._rate_hz = sampling_rate_hz
        self._n_block = max(round(block_ms * 1e-3 * sampling_rate_hz), 1)
        self.clock: Clock = clock or SystemClock()
        self._start_s, self._n_sent = 0.0, 0

    def identify(self) -> DeviceInfo:
        """One stream."""
        stream = StreamInfo(name=self._name, sampling_rate_hz=self._rate_hz, channels=self._channels)
        return DeviceInfo(name=self._name, streams=(stream,))

    def __enter__(self) -> Self:
        self._start_s, self._n_sent = self.clock.now_s(), 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        pass  # nothing is held open

    def read(self, timeout_s: float) -> Block | None:
        """Next block, when its last sample is due."""
        due_s = self._start_s + (self._n_sent + self._n_block) / self._rate_hz
        if not wait_until_due(self.clock, due_s, timeout_s):
            return None
        numbers = self._n_sent + np.arange(self._n_block)
        block = Block(
            samples=np.atleast_2d(self._samples(numbers)), time_s=self._start_s + self._n_sent / self._rate_hz
        )
        self._n_sent += self._n_block
        return block
