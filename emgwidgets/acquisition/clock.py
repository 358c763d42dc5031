"""The clock of an engine, and one for tests and fast replay that only moves when somebody waits."""

from __future__ import annotations

import threading
import time
from typing import Protocol

__all__ = ["Clock", "SimulatedClock", "SpeedClock", "SystemClock", "wait_until_due"]


class Clock(Protocol):
    """Seconds that never go back, and waiting on them."""

    def now_s(self) -> float:
        """Return the time."""

    def wait(self, duration_s: float) -> None:
        """Return after that time."""


class SystemClock:
    """The computer's steady clock."""

    def now_s(self) -> float:
        """Return the time."""
        return time.monotonic()

    def wait(self, duration_s: float) -> None:
        """Sleep."""
        if duration_s > 0:
            time.sleep(duration_s)


class SpeedClock:
    """A clock that runs a number of times as fast as the computer's.

    Parameters
    ----------
    speed_ratio : float
        2 is twice as fast.
    """

    def __init__(self, speed_ratio: float) -> None:
        self._ratio = speed_ratio
        self._zero_s = time.monotonic()

    def now_s(self) -> float:
        """Return the time."""
        return self._zero_s + (time.monotonic() - self._zero_s) * self._ratio

    def wait(self, duration_s: float) -> None:
        """Sleep for the shorter time that this takes."""
        if duration_s > 0:
            time.sleep(duration_s / self._ratio)


class SimulatedClock:
    """A clock that jumps when waited for, so that live code runs the same way each time and at once."""

    def __init__(self, start_s: float = 0.0) -> None:
        self._time_s = start_s
        self._lock = threading.Lock()

    def now_s(self) -> float:
        """Return the time."""
        with self._lock:
            return self._time_s

    def wait(self, duration_s: float) -> None:
        """Move the time."""
        with self._lock:
            self._time_s += max(duration_s, 0.0)


def wait_until_due(clock: Clock, due_s: float, timeout_s: float) -> bool:
    """Wait until a block is due, at most so long; whether it is due now."""
    late_s = due_s - clock.now_s()
    clock.wait(min(late_s, timeout_s))
    return late_s <= timeout_s
