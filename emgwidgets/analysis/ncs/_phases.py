"""Phases of a response around its largest peak: the peak itself, other negative peaks, the end of each."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._baseline import Levelled, robust_sd

__all__ = ["crossing_after", "first_peak", "last_return", "peak_top", "response_end"]

Floats = NDArray[np.float64]
CAP_MISFIT_TIME, CAP_MISFIT_HEIGHT = (
    0.015,
    0.004,
)  # what a quartic misses of a cap, of its width and height; internal choice
TOP_SHARES = (
    0.7,
    0.55,
    0.4,
)  # of the height: caps that the peak is fitted to, the wider ones where they fit; internal choice
NARROW_ROOM, WIDE_ROOM = 1.1, 1.3  # times the SD of the height from the narrow and from a wider cap; development seeds
CAP_SAMPLES_MIN, CAP_STRETCHES, MAX_MISFIT = 8, 10, 9.0
"""A misfit above 9 comes from noise alone in one of ten (chi square of 5 degrees of freedom)."""
SPLIT_SHARE, SPLIT_GAP_MS, SPLIT_SHORTEST_MS, SPLIT_LONGEST_MS = 0.1, 10.0, 1.0, 10.0
"""Another negative peak of one response: its share of the largest, the gap between them, how long it lasts; internal choices."""


def _cap(
    levelled: Levelled, smooth_uv: Floats, peak: int, share: float
) -> tuple[float, float, float, float, float] | None:
    """Time, SD, voltage, SD and misfit of a quartic fitted above a share of the height; None where it is too narrow.

    The misfit is the chi square of what the quartic leaves in ten stretches; about 5 where only noise is left.
    """
    times_ms = levelled.times_ms
    low = -smooth_uv < share * -smooth_uv[peak]
    left = np.flatnonzero(low[:peak])
    right = np.flatnonzero(low[peak:])
    start = int(left[-1]) + 1 if len(left) else 0
    stop = peak + int(right[0]) if len(right) else len(times_ms)
    at = times_ms[start:stop] - times_ms[peak]
    if len(at) < CAP_SAMPLES_MIN:
        return None
    sd_uv = levelled.noise_uv * math.sqrt(levelled.n_together)
    unit_ms = max(-float(at[0]), float(at[-1]))
    table = np.vander(at / unit_ms, 5)
    back = unit_ms ** -np.arange(4.0, -1.0, -1.0)  # from powers of the unit to powers of a millisecond
    inverse = np.linalg.inv(np.einsum("ij,ik->jk", table, table)) * np.outer(back, back)
    table = table / back
    found, covariance = inverse @ (levelled.wave_uv[start:stop] @ table), inverse * sd_uv**2
    fine = np.linspace(at[0], at[-1], 400)
    curve = np.polyval(found, fine)
    best = int(np.argmin(curve))
    bend = float(np.polyval(np.polyder(found, 2), fine[best]))
    powers = np.arange(len(found) - 1, -1, -1)
    value_row = fine[best] ** powers
    slope_row = np.where(powers > 0, powers * fine[best] ** np.maximum(powers - 1, 0), 0.0)
    variance = [float(row @ covariance @ row) for row in (value_row, slope_row)]
    width_ms = float(at[-1] - at[0])
    sd_ms = math.hypot(math.sqrt(max(variance[1], 0.0)) / max(abs(bend), 1e-9), CAP_MISFIT_TIME * width_ms)
    room = WIDE_ROOM if share < TOP_SHARES[0] else NARROW_ROOM
    rest_uv = levelled.wave_uv[start:stop] - table @ found
    n_each = len(at) // CAP_STRETCHES
    misfit = math.inf
    if n_each:
        means_uv = rest_uv[: n_each * CAP_STRETCHES].reshape(CAP_STRETCHES, n_each).mean(axis=1)
        misfit = float((means_uv**2).sum()) * n_each / max(sd_uv**2, 1e-12)
    height_sd_uv = math.hypot(room * math.sqrt(max(variance[0], 0.0)), CAP_MISFIT_HEIGHT * abs(float(curve[best])))
    return float(times_ms[peak] + fine[best]), min(sd_ms, width_ms / 3), float(curve[best]), height_sd_uv, misfit


def peak_top(levelled: Levelled, smooth_uv: Floats, peak: int) -> tuple[float, float, float, float]:
    """Time, SD, voltage and SD of the negative peak, from the widest cap that a quartic fits within the noise."""
    best = None
    for share in TOP_SHARES:
        found = _cap(levelled, smooth_uv, peak, share)
        if best is not None and (found is None or found[-1] > MAX_MISFIT):
            break
        best = found or best
    if best is None:
        return float(levelled.times_ms[peak]), levelled.step_ms, float(levelled.wave_uv[peak]), levelled.noise_uv
    return best[:4]


def crossing_after(times_ms: Floats, smooth_uv: Floats, peak: int) -> tuple[float, int]:
    """Time and sample of the first return to the level after a sample."""
    after = np.flatnonzero(smooth_uv[peak:] >= 0)
    if len(after) == 0 or after[0] == 0:
        return float(times_ms[-1]), len(times_ms) - 1
    right = peak + int(after[0])
    y0, y1 = smooth_uv[right - 1], smooth_uv[right]
    step = times_ms[right] - times_ms[right - 1]
    return float(times_ms[right - 1] + step * (-y0) / max(float(y1 - y0), 1e-12)), right


def first_peak(levelled: Levelled, smooth_uv: Floats, peak: int, first: int) -> int:
    """Sample of the first negative peak of a split response; ``peak``, the largest, where none comes before it."""
    least_uv = max(SPLIT_SHARE * -float(smooth_uv[peak]), 6.0 * robust_sd(smooth_uv[levelled.quiet]))
    turns = np.flatnonzero(np.diff(np.signbit(smooth_uv[first : peak + 1]).astype(np.int8))) + first + 1
    found, next_start = peak, int(turns[-1]) if len(turns) else first
    for start, stop in reversed(list(pairwise([first, *turns.tolist()]))):
        top = start + int(np.argmin(smooth_uv[start:stop]))
        is_near = (next_start - stop) * levelled.step_ms <= SPLIT_GAP_MS
        is_peak = SPLIT_SHORTEST_MS <= (stop - start) * levelled.step_ms <= SPLIT_LONGEST_MS and start > first
        if is_near and is_peak and -float(smooth_uv[top]) >= least_uv:
            found, next_start = top, start
    return found


def last_return(levelled: Levelled, smooth_uv: Floats, peak: int, phase_end: int) -> int:
    """Sample at which the last negative peak is back at the level; ``phase_end`` where one peak is all there is (ncs.S6).

    A later negative phase counts when it is large and short: the undershoot that a high-pass filter leaves is long.
    """
    at = phase_end
    least_uv = max(SPLIT_SHARE * -float(smooth_uv[peak]), 6.0 * robust_sd(smooth_uv[levelled.quiet]))
    turns = np.flatnonzero(np.diff(np.signbit(smooth_uv[phase_end:]).astype(np.int8))) + phase_end + 1
    bounds = [phase_end, *turns.tolist()]
    for start, stop in pairwise(bounds):
        is_near = (start - at) * levelled.step_ms <= SPLIT_GAP_MS
        is_short = (stop - start) * levelled.step_ms <= SPLIT_LONGEST_MS
        if is_near and is_short and -float(smooth_uv[start:stop].min()) >= least_uv:
            at = stop
    return at


def response_end(levelled: Levelled, smooth_uv: Floats, sd_uv: float, height_uv: float, phase_end: int) -> float:
    """End of the following positive phase: its return to 2 % of the peak or 2 SD, whichever is larger."""
    limit = max(2 * sd_uv, 0.02 * height_uv)
    above = smooth_uv[phase_end:] > limit
    if not above[: round(4.0 / levelled.step_ms)].any():
        return float(levelled.times_ms[phase_end])
    first = int(np.argmax(above))
    back = np.flatnonzero(~above[first:])
    last = phase_end + first + int(back[0]) if len(back) else len(smooth_uv) - 1
    return float(levelled.times_ms[last])
