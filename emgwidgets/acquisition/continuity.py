"""Where each block belongs on the sample count of its stream: gaps, drift of the clock, and a rate that changed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from emgwidgets.acquisition.protocols import Block, DeviceError, StreamInfo

__all__ = ["Continuity", "Place"]

#: Error of a block's time that is never called a gap, beside the device's own jitter (internal choice: a quartz 100 ppm
#: off moves 1 us per 10 ms block, and the tracking below follows it to 0.1 ms).
SLACK_S = 2e-3
#: Share of each block's time error that is followed (internal choice: 20 blocks of memory smooth jitter and follow drift).
FOLLOWED_SHARE = 0.05
#: A rate that is off by more, over a watched second, has changed (internal choice: no converter is 5 % off its rate).
RATE_TOLERANCE = 0.05
WATCH_S, WATCH_BLOCKS = 1.0, 10


@dataclass(frozen=True, kw_only=True)
class Place:
    """Number of a block's first sample, lost ones counted, how many were lost before it, and whether the device said so."""

    position: int
    n_lost: int = 0
    is_inferred: bool = False


class Continuity:
    """Follows one stream.

    Parameters
    ----------
    info : StreamInfo
        Rate and jitter that the device states.
    """

    def __init__(self, info: StreamInfo) -> None:
        self._info = info
        self._tolerance_s = SLACK_S + info.jitter_s
        self._zero_s: float | None = None
        self._lead_s = 0.0
        self._next = 0
        self._last_s = 0.0
        self._intervals: deque[tuple[float, int]] = deque()
        self._watched_s = 0.0
        self._off = 0

    @property
    def lead_s(self) -> float:
        """How far the engine's clock is ahead of the count of samples."""
        return self._lead_s

    def time_s(self, position: int) -> float:
        """Time of a sample by the count of samples, beginning with the clock time of the first."""
        return (self._zero_s or 0.0) + position / self._info.sampling_rate_hz

    def place(self, block: Block) -> Place:
        """Place the next block.

        Raises
        ------
        DeviceError
            If the stream runs at another rate than it stated.
        """
        n_samples = block.samples.shape[1]
        if self._zero_s is None:
            self._zero_s = block.time_s
            placed = Place(position=0)
        else:
            self._watch(block)
            placed = self._continue(block)
        self._next = placed.position + n_samples
        self._last_s = block.time_s
        self._intervals.append((0.0, n_samples))
        return placed

    def forget_rate(self) -> None:
        """Begin to watch the rate anew, as after a reconnection or a stall."""
        self._intervals.clear()
        self._watched_s = 0.0

    def _continue(self, block: Block) -> Place:
        position = self._next + max(block.n_dropped, 0)
        error_s = block.time_s - self._lead_s - self.time_s(position)
        if error_s > self._tolerance_s:
            n_silent = round(error_s * self._info.sampling_rate_hz)
            return Place(position=position + n_silent, n_lost=position + n_silent - self._next, is_inferred=True)
        if error_s < -self._tolerance_s:
            self._lead_s += error_s  # the clock was set back or the device speaks early; its samples still follow on
        else:
            self._lead_s += FOLLOWED_SHARE * error_s
        return Place(position=position, n_lost=position - self._next)

    def _watch(self, block: Block) -> None:
        """Compare samples with time over the last second or two; a single gap and uneven blocks do not count."""
        if not self._intervals:
            return
        _, n_before = self._intervals.pop()
        step_s = block.time_s - self._last_s
        self._intervals.append((step_s, n_before + max(block.n_dropped, 0)))
        self._watched_s += step_s
        if self._watched_s < WATCH_S or len(self._intervals) < WATCH_BLOCKS:
            return
        steps_s, counts = np.array(self._intervals).T
        self.forget_rate()
        rate_hz = self._info.sampling_rate_hz
        largest = int(np.argmax(steps_s - counts / rate_hz))
        rest_s = float(steps_s.sum() - steps_s[largest])
        if rest_s <= 0:
            return
        overall = float(counts.sum() - counts[largest]) / rest_s / rate_hz
        with np.errstate(divide="ignore"):
            usual = float(np.median(counts / np.maximum(steps_s, 1e-9))) / rate_hz
        off = np.array([overall, usual]) - 1
        before, self._off = self._off, int((off > RATE_TOLERANCE).all()) - int((off < -RATE_TOLERANCE).all())
        # Once can be a machine that was held up and caught up; twice in a row the same way cannot.
        if self._off and self._off == before:
            raise DeviceError(
                f"stream {self._info.name!r} changed its rate", got=f"about {overall * rate_hz:.4g} Hz",
                expected=f"{rate_hz:g} Hz", way_out="what came before is kept; set the rate and open the device again",
            )  # fmt: skip
