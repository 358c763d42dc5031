"""Rate, gap-free stretches and clock jumps from a column of times that may be rounded; estimates nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.model.signal import Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Clock", "clock_of"]


SAME_RANGE = (
    1.1  # internal choice: the ends of the measured line are rounded too, which may take a little off its range
)


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Rate and gap-free stretches in order of the file; a stretch may begin before the end of the last."""

    rate_hz: float
    segments: tuple[Segment, ...]


def _rounding_s(steps_s: NDArray[np.float64]) -> float:
    """Size of the last written digit where times are rounded so far that some repeat; else 0."""
    if not (steps_s == 0).any():
        return 0.0
    positive = steps_s[steps_s > 0]
    return float(np.percentile(positive, 99)) if len(positive) else 0.0


def _near_whole(rate_hz: float, span_s: float, off_s: float) -> float:
    """The nearest whole rate where the times, good to ``off_s``, cannot tell it from the measured one."""
    whole = float(round(rate_hz))
    if whole > 0 and abs(1 - rate_hz / whole) < 2 * off_s / span_s + 1e-9:
        return whole
    return rate_hz


def _whole_if_it_fits(rate_hz: float, times_s: NDArray[np.float64]) -> float:
    """The nearest whole rate where it leaves no more of the times unexplained than the measured one does.

    Times rounded at a steady rate lie within one digit of the true line, and further from every other.
    """
    whole = float(round(rate_hz))
    if whole <= 0:
        return rate_hz
    count = np.arange(len(times_s))
    measured_s, whole_s = (float(np.ptp(times_s - count / rate)) for rate in (rate_hz, whole))
    return whole if whole_s <= SAME_RANGE * measured_s + 1e-9 * float(times_s[-1] - times_s[0]) else rate_hz


def clock_of(times_s: NDArray[np.float64], file_name: str) -> Clock:
    """Clock of a time column.

    Parameters
    ----------
    times_s : ndarray, shape (n_samples,)
        Times; missing ones (NaN) are taken from their neighbours.

    Raises
    ------
    ReadError
        If the times give no rate.
    """
    n_samples = len(times_s)
    known = np.isfinite(times_s)
    if known.sum() < 2:
        raise ReadError(
            f"{file_name} has no usable time column", got=f"{int(known.sum())} times", expected="at least two",
            way_out="state sampling_rate_hz=...",
        )  # fmt: skip
    if not known.all():
        times_s = np.interp(np.arange(n_samples), np.flatnonzero(known), times_s[known])
    steps_s = np.diff(times_s)
    rounding_s = _rounding_s(steps_s)
    span_s = float(times_s[-1] - times_s[0])
    if span_s > 0:
        period_s = span_s / (n_samples - 1)
        off_s = np.abs(times_s - times_s[0] - np.arange(n_samples) * period_s).max()
        if off_s <= max(0.6 * period_s, rounding_s):
            rate_hz = _whole_if_it_fits(1 / period_s, times_s)
            return Clock(
                rate_hz=rate_hz, segments=(Segment(first_sample=0, n_samples=n_samples, start_s=float(times_s[0])),)
            )
    return _broken(times_s, steps_s, rounding_s, file_name)


def _broken(times_s: NDArray[np.float64], steps_s: NDArray[np.float64], rounding_s: float, file_name: str) -> Clock:
    """Clock with gaps or jumps."""
    positive = steps_s[steps_s > 0]
    if len(positive) < len(steps_s) / 2 and rounding_s == 0:
        raise ReadError(
            f"{file_name} has times that do not rise", got="a time column that goes back or stands still",
            expected="rising times", way_out="choose another column, or state sampling_rate_hz=... with columns=ColumnMap(...)",
        )  # fmt: skip
    usual_s = float(np.median(positive)) if rounding_s == 0 else float(np.median(steps_s)) or rounding_s
    inside = (steps_s < 1.5 * usual_s + rounding_s) & (steps_s > -rounding_s)
    if not inside.any():
        raise ReadError(
            f"{file_name} has no steady time column",
            got="unlike steps",
            expected="a steady rate",
            way_out="state sampling_rate_hz=...",
        )
    period_s = float(steps_s[inside].mean())
    if not period_s > 0:
        raise ReadError(
            f"{file_name} has times that stand still", expected="rising times", way_out="state sampling_rate_hz=..."
        )
    spread = np.abs(steps_s[inside] - period_s).max()
    if inside.mean() < 0.5 or spread > 0.75 * period_s + 2 * rounding_s:
        raise ReadError(
            f"{file_name} is not sampled at a steady rate", got=f"steps that differ by {spread:.3g} s",
            expected="a steady rate", way_out="resample it, or state sampling_rate_hz=... with a column map without time",
        )  # fmt: skip
    breaks = np.flatnonzero(~inside) + 1
    edges = np.concatenate(([0], breaks, [len(times_s)]))
    rate_hz = _near_whole(1 / period_s, int(inside.sum()) * period_s, float(spread))
    segments = tuple(
        Segment(first_sample=int(a), n_samples=int(b - a), start_s=float(times_s[a])) for a, b in pairwise(edges)
    )
    return Clock(rate_hz=rate_hz, segments=segments)
