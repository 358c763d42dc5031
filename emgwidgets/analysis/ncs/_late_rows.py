"""Late responses as a table of sweeps: the tail of M taken off, the noise, the first deflection, what repeats from sweep to sweep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._baseline import slow_tail, smooth
from emgwidgets.model.signal import Sweep

__all__ = ["Stretch", "first_deflection", "fixed_stretches", "late_table", "noise_of", "n_repeaters"]

Floats = NDArray[np.float64]

REPEAT_CORRELATION, REPEAT_LATENCY_MS, REPEAT_SIZE = 0.9, 0.5, 0.1  # repeaters (science 3.1, V)
# Internal choices, tried on development seeds of the virtual patient:
SMOOTH_MS = 0.1
SLOPE_MS, SLOPE_SD, SLOPE_SHARE, CALM_SD = 0.2, 5.0, 0.06, 1.5
SMOOTH_LEAD = 2.0
"""A smoothed edge begins about two SDs of the smoothing before the edge itself."""
BREAK_MS = 3.0
"""A calm stretch this long ends an F wave towards its beginning."""
ALIKE_SD, ALIKE_BOX_MS = 2.5, 1.0
"""Sweeps that differ by less than this over a millisecond hold the same thing: at the start of the window, the tail of M."""
CALM_MS, CALM_UV = 2.0, 5.0
"""The tail of M is over where the common wave moves by less than a quarter of the smallest F wave in 2 ms."""
FIXED_SHARE, FIXED_BOX_MS = 0.7, 2.0
"""Share of the energy of a stretch that the other sweeps explain, from which it may be an A wave."""
SAME_CORRELATION, SAME_SIZE, SAME_SWEEPS = 0.9, 0.35, 0.7
"""An A wave has one shape and size in this share of the sweeps; what F waves have in common does not."""
SHARP_PER_MS = 0.25
"""It rises by at least this share of its size in a millisecond; a tail is slower."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Samples ``start`` to ``stop`` in which every sweep holds the same wave; its size and the share of energy it explains."""

    start: int
    stop: int
    size_uv: float
    fixed_share: float


def late_table(
    sweeps: Sequence[Sweep], window_ms: tuple[float, float], *, m_window_ms: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Times in the window and the samples of every sweep there, shape ``(n_sweeps, n_samples)``, without the tail of M.

    ``m_window_ms`` holds the M wave, from which the size of each sweep's tail is taken.
    """
    times_ms = sweeps[0].times_ms
    table = np.stack([np.asarray(sweep.samples_uv, dtype=np.float64) for sweep in sweeps])
    m = table[:, (times_ms >= m_window_ms[0]) & (times_ms <= m_window_ms[1])]
    usual = np.median(m, axis=0)
    gains = (m @ usual / max(float(usual @ usual), 1e-12))[:, None]
    inside = (times_ms >= window_ms[0]) & (times_ms <= window_ms[1])
    times_ms, table = times_ms[inside], table[:, inside]
    table = table - gains * slow_tail(times_ms, np.median(table, axis=0))
    table = _without_common_start(table, gains, float(times_ms[1] - times_ms[0]))
    return times_ms, table - np.median(table, axis=1, keepdims=True)


def _without_common_start(table: Floats, gains: Floats, step_ms: float) -> Floats:
    """Take off what most sweeps share from the start of the window until it is calm or they differ: what is left of M."""
    if len(table) < 3:
        return table
    noise_uv = max(float(np.median(noise_of(table))), 1e-6)
    n_calm = max(round(CALM_MS / step_ms), 3)
    rest = table / gains
    rest = rest - np.median((rest - np.median(rest, axis=0))[:, :n_calm], axis=1, keepdims=True)  # levels at the start
    common = np.median(rest, axis=0)  # not smoothed: at the start it falls steeply
    spread = smooth(1.4826 * np.median(np.abs(rest - common), axis=0), ALIKE_BOX_MS / 2, step_ms)
    differ = np.flatnonzero(spread > ALIKE_SD * noise_uv)
    blocks = np.lib.stride_tricks.sliding_window_view(smooth(common, SMOOTH_MS, step_ms), min(n_calm, len(common)))
    calm = np.flatnonzero(np.ptp(blocks, axis=1) < max(CALM_UV, 3.0 * noise_uv / math.sqrt(len(table))))
    stop = min(*(int(found[0]) if len(found) else len(common) - 1 for found in (differ, calm)))
    out = table.copy()
    out[:, :stop] -= gains * (common[:stop] - np.median(common[stop : stop + n_calm]))
    return out


def noise_of(table: Floats) -> Floats:
    """Noise of each sweep from its quietest blocks, shape ``(n_sweeps,)``."""
    n_block = max(table.shape[1] // 12, 4)
    blocks = table[:, : table.shape[1] // n_block * n_block].reshape(len(table), -1, n_block)
    each = blocks.std(axis=2)
    # The quietest quarter of blocks lies a little below the noise, a common level of all sweeps a little above.
    quiet = np.quantile(each, 0.35, axis=1)
    return np.asarray(np.maximum(quiet, 0.7 * float(np.median(quiet))), dtype=np.float64)


def first_deflection(row: Floats, step_ms: float) -> int:
    """First sample of the wave that holds the largest deflection, by its slope, which the tail of M does not have."""
    slope = np.gradient(smooth(row, SLOPE_MS, step_ms), step_ms)
    top = int(np.argmax(np.abs(slope)))
    steepest = abs(float(slope[top]))
    sd = max(float(noise_of(slope[None])[0]), 1e-9)
    over = np.abs(slope[: top + 1]) >= min(max(SLOPE_SD * sd, SLOPE_SHARE * steepest), 0.5 * steepest)
    marks = np.flatnonzero(over)
    gaps = np.flatnonzero(np.diff(marks) > max(round(BREAK_MS / step_ms), 2))
    first = int(marks[gaps[-1] + 1]) if len(gaps) else int(marks[0])
    sign = math.copysign(1.0, slope[first])
    calm = np.flatnonzero(sign * slope[:first] <= CALM_SD * sd)
    lead = round(SMOOTH_LEAD * SLOPE_MS / step_ms)
    return min((int(calm[-1]) if len(calm) else first) + lead, top)


def _fixed_share(table: Floats, noise_uv: float, n_box: int) -> Floats:
    """Share of the energy around each sample that the other sweeps explain, shape ``(n_samples,)``."""
    n = len(table)
    others = (table.sum(axis=0) - table) / (n - 1)
    box = np.ones(n_box) / n_box
    energy = np.convolve((table**2).mean(axis=0), box, mode="same")
    rest = np.convolve(((table - others) ** 2).mean(axis=0), box, mode="same")
    # The noise of a sweep and of the mean of the others is not held against a constant wave.
    rest = np.maximum(rest - noise_uv**2 * (1 + 1 / (n - 1)), 0.0)
    return np.asarray(1.0 - rest / np.maximum(energy, 1e-12), dtype=np.float64)


def _stretches(mask: NDArray[np.bool_], n_join: int) -> list[tuple[int, int]]:
    """Runs of a mask as (start, stop); runs with a gap shorter than ``n_join`` are one."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int))).reshape(-1, 2)
    joined_runs: list[tuple[int, int]] = []
    for start, stop in edges.tolist():
        if joined_runs and start - joined_runs[-1][1] < n_join:
            joined_runs[-1] = (joined_runs[-1][0], stop)
        else:
            joined_runs.append((start, stop))
    return joined_runs


def _is_same(rows: Floats) -> bool:
    """Whether most rows hold one wave: the shape and size of their median."""
    shape = np.median(rows, axis=0)
    shape = shape - shape.mean()
    rows = rows - rows.mean(axis=1, keepdims=True)
    energy = max(float(shape @ shape), 1e-12)
    gains = rows @ shape / energy
    alike = gains * math.sqrt(energy) / np.maximum(np.sqrt((rows**2).sum(axis=1)), 1e-12)
    same = (alike >= SAME_CORRELATION) & (np.abs(gains - 1.0) <= SAME_SIZE)
    return float(same.mean()) >= SAME_SWEEPS


def fixed_stretches(times_ms: Floats, table: Floats, noise_uv: float, *, least_uv: float) -> tuple[Stretch, ...]:
    """Stretches with a sharp wave of ``least_uv`` peak to peak or more that is the same in nearly every sweep."""
    step_ms = float(times_ms[1] - times_ms[0])
    middle = smooth(np.median(table, axis=0), SMOOTH_MS, step_ms)
    loud = np.abs(middle) > max(0.25 * least_uv, 3.0 * noise_uv / math.sqrt(len(table)))
    share = _fixed_share(table, noise_uv, max(round(FIXED_BOX_MS / step_ms), 3))
    slope = np.abs(np.gradient(smooth(middle, SLOPE_MS, step_ms), step_ms))
    found = []
    for start, stop in _stretches(loud & (share >= FIXED_SHARE), round(1.5 / step_ms)):
        size_uv = float(np.ptp(middle[start:stop]))
        if size_uv < least_uv or start * step_ms < 1.0 or slope[start:stop].max() < SHARP_PER_MS * size_uv:
            continue  # too small, or it comes out of M, or a tail
        if _is_same(table[:, start:stop]):
            found.append(
                Stretch(start=start, stop=stop, size_uv=size_uv, fixed_share=float(np.median(share[start:stop])))
            )
    return tuple(found)


def n_repeaters(times_ms: Floats, rows: Floats, starts_ms: Floats, sizes_uv: Floats) -> int:
    """How many rows, each with one F wave of given start and size, have the shape, size and latency of another one."""
    after = times_ms >= starts_ms.min() - 1.0
    alike = np.corrcoef(rows[:, after]) > REPEAT_CORRELATION
    alike &= np.abs(starts_ms[:, None] - starts_ms) < REPEAT_LATENCY_MS
    alike &= np.abs(sizes_uv[:, None] - sizes_uv) < REPEAT_SIZE * np.maximum(sizes_uv[:, None], sizes_uv)
    np.fill_diagonal(alike, False)
    return int(np.count_nonzero(alike.any(axis=1)))
