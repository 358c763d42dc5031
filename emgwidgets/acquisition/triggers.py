"""What starts a sweep: a threshold on a channel (also a marker channel), a mark of the device, or the time alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation, Stimulus

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FreeRun", "MarkTrigger", "ThresholdTrigger", "Trigger"]


class Trigger(Protocol):
    """Where sweeps begin; positions are numbers of samples, lost ones counted."""

    channel: str | None
    """Channel that is watched; None for none."""

    def in_block(self, samples: NDArray[Any], position: int, rate_hz: float, /) -> NDArray[np.int64]:
        """Positions in a block of the watched channel, shape ``(n_samples,)``."""

    def at_mark(self, mark: Stimulus | Annotation, /) -> bool:
        """Whether a mark starts a sweep."""


@dataclass(kw_only=True)
class ThresholdTrigger:
    """A crossing of a level.

    Parameters
    ----------
    channel : str
        Channel to watch, in its unit.
    level_uv : float
        Level in microvolts (or the channel's own unit); negative numbers are negative deflections.
    edge : {"rising", "falling"}
        Direction of the numbers at the crossing.
    holdoff_ms : float
        No further sweep for this long.
    """

    channel: str | None
    level_uv: float
    edge: Literal["rising", "falling"] = "rising"
    holdoff_ms: float = 0.0
    _before_uv: float = field(default=float("nan"), init=False, repr=False)
    _end: int = field(default=-1, init=False, repr=False)
    _free_from: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        if not np.isfinite(self.level_uv) or self.holdoff_ms < 0 or self.edge not in ("rising", "falling"):
            raise InputError(
                "the trigger cannot be set so", got=f"level {self.level_uv}, edge {self.edge}, hold-off {self.holdoff_ms} ms",
                expected="a finite level, rising or falling, a hold-off of 0 ms or more",
            )  # fmt: skip

    def in_block(self, samples: NDArray[Any], position: int, rate_hz: float, /) -> NDArray[np.int64]:
        """Positions of the first samples beyond the level; a gap is no crossing."""
        before = self._before_uv if position == self._end else float("nan")
        sign = 1.0 if self.edge == "rising" else -1.0
        values = sign * np.concatenate(([before], samples))
        level = sign * self.level_uv
        crossings = np.flatnonzero((values[1:] >= level) & (values[:-1] < level)) + position
        self._before_uv, self._end = float(samples[-1]), position + len(samples)
        holdoff = round(self.holdoff_ms * 1e-3 * rate_hz)
        kept: list[int] = []
        for crossing in crossings.tolist():  # crossings, not samples
            if crossing >= self._free_from:
                kept.append(crossing)
                self._free_from = crossing + max(holdoff, 1)
        return np.array(kept, dtype=np.int64)

    def at_mark(self, _mark: Stimulus | Annotation, /) -> bool:
        """Marks do not start a sweep."""
        return False


@dataclass(kw_only=True)
class MarkTrigger:
    """A stimulus, or a marker of a device or an LSL stream.

    Parameters
    ----------
    label : str, optional
        Only markers with exactly this label; left out, every stimulus and no other mark.
    """

    label: str | None = None
    channel: str | None = None

    def in_block(self, _samples: NDArray[Any], _position: int, _rate_hz: float, /) -> NDArray[np.int64]:
        """Samples do not start a sweep."""
        return np.empty(0, dtype=np.int64)

    def at_mark(self, mark: Stimulus | Annotation, /) -> bool:
        """Whether it is one of those asked for."""
        if self.label is None:
            return isinstance(mark, Stimulus)
        return mark.label == self.label


@dataclass(kw_only=True)
class FreeRun:
    """Sweeps end to end, as in a needle examination."""

    period_ms: float
    channel: str | None = None
    _next: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.period_ms > 0:
            raise InputError("the sweep cannot be set so", got=f"{self.period_ms} ms", expected="above 0 ms")

    def in_block(self, samples: NDArray[Any], position: int, rate_hz: float, /) -> NDArray[np.int64]:
        """Multiples of the period."""
        period = max(round(self.period_ms * 1e-3 * rate_hz), 1)
        first = -(-max(position, self._next) // period) * period
        self._next = position + len(samples)
        return np.arange(first, position + len(samples), period)

    def at_mark(self, _mark: Stimulus | Annotation, /) -> bool:
        """Marks do not start a sweep."""
        return False
