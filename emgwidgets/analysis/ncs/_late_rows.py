"""Late responses as a table of sweeps: the tail of M taken off, the noise, the first deflection, what repeats from sweep to sweep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._baseline import slow_tail, smooth
from emgwidgets.model.signal import Sweep

__all__ = [
    "Stretch", "first_deflection", "fixed_stretches", "largest_of", "late_table", "n_repeaters", "noise_of",
    "repeated_stretch", "tails_of", "without_fixed",
]  # fmt: skip

Floats = NDArray[np.float64]

REPEAT_CORRELATION, REPEAT_LATENCY_MS, REPEAT_SIZE = 0.9, 0.5, 0.1  # repeaters (science 3.1, V)
# Internal choices, tried on development seeds of the virtual patient:
SMOOTH_MS = 0.1
SLOPE_MS, SLOPE_SD, SLOPE_SHARE, CALM_SD = 0.2, 5.0, 0.06, 1.5
SMOOTH_LEAD = 2.0
"""A smoothed edge begins about two SDs of the smoothing before the edge itself."""
BREAK_MS = 3.0
"""A calm stretch this long parts one wave from the next."""
LONGEST_A_MS = 15.0
"""An A wave that is slower to end is over after this."""
WAVE_MS = 6.0
"""A wave shows most of its size within this time."""
ALIKE_SD, ALIKE_BOX_MS = 2.5, 1.0
"""Sweeps that differ by less than this over a millisecond hold the same thing: at the start of the window, the tail of M."""
CALM_MS, CALM_UV = 2.0, 5.0
"""The tail of M is over where the common wave moves by less than a quarter of the smallest F wave in 2 ms."""
FIXED_SHARE, FIXED_BOX_MS = 0.7, 2.0
"""Share of the energy of a stretch that the other sweeps explain, from which it may be an A wave."""
SAME_CORRELATION, SAME_SIZE, SAME_SWEEPS = 0.9, 0.35, 0.7
"""An A wave has one shape and size in this share of the sweeps; what F waves have in common does not."""
SAME_LEAST = 0.4
"""Of all sweeps, also those in which a larger F wave hides the place; 8 of 20."""
NOISE_ROOM = 1.5
"""Times the energy of the noise that a sweep may differ by besides."""
SAME_NOISE, SAME_UV, LEAST_ALIKE, ALIKE_SHARE, TAIL_SMOOTH_MS = 4.0, 5.0, 3, 0.2, 0.5
"""Sweeps that lie this near each other from end to end, in noise or microvolts, hold no late response; that many are enough."""
SHARP_PER_MS = 0.25
"""It rises by at least this share of its size in a millisecond; a tail is slower."""
ONSETS_MS, LEAST_ONSETS, HEAD_MS, LEAD_MS = 0.3, 0.25, 3.0, 0.4
"""Onsets this near each other, in this share of the sweeps, are a place where a wave may be the same in nearly all of them; its
first 3 ms, from a little before the onset, are compared, because an F wave may fall on the rest of it."""
BEHIND_MS, BEHIND_SHARE = 3.0, 0.1
"""What begins this soon after a stretch with an A wave and is smaller than this share of it is the rest of its tail."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Samples ``start`` to ``stop`` in which every sweep holds the same: its onset, size and share of the energy; a wave or a tail.

    Up to ``end`` it still moves, but F waves may fall on it.
    """

    start: int
    stop: int
    onset: int
    size_uv: float
    fixed_share: float
    is_wave: bool
    end: int


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
    step_ms = float(times_ms[1] - times_ms[0])
    table = _without_shared_tail(_without_common_start(table, gains, step_ms), gains, step_ms)
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


def _without_shared_tail(table: Floats, gains: Floats, step_ms: float) -> Floats:
    """Take off the slow wave that sweeps without a late response share: what they hold alike from end to end is the tail of M.

    A wave that is sharp stays: it may be an A wave.
    """
    group = _alike(table / gains, max(float(np.median(noise_of(table))), 1e-6), step_ms)
    if group is None:
        return table
    tail = smooth(np.mean((table / gains)[group], axis=0), TAIL_SMOOTH_MS, step_ms)
    steepest = float(np.abs(np.gradient(tail, step_ms)).max())
    if steepest > SHARP_PER_MS * max(float(np.ptp(tail)), 1e-9):
        return table
    without: Floats = table - gains * (tail - tail.mean())
    return without


def _alike(table: Floats, noise_uv: float, step_ms: float) -> NDArray[np.bool_] | None:
    """Return the largest group of rows that lie near each other from end to end, shape ``(n_sweeps,)``; None where it is too small."""
    rest = np.stack([smooth(row - np.median(row), ALIKE_BOX_MS / 2, step_ms) for row in table])
    apart = np.abs(rest[:, None] - rest[None, :]).max(axis=2)
    near = apart < max(SAME_NOISE * noise_uv, SAME_UV)
    group = np.asarray(near[int(near.sum(axis=1).argmax())], dtype=np.bool_)
    return group if group.sum() >= max(LEAST_ALIKE, round(ALIKE_SHARE * len(table))) else None


def noise_of(table: Floats) -> Floats:
    """Noise of each sweep from its quietest blocks, shape ``(n_sweeps,)``."""
    n_block = max(table.shape[1] // 12, 4)
    blocks = table[:, : table.shape[1] // n_block * n_block].reshape(len(table), -1, n_block)
    each = blocks.std(axis=2)
    # The quietest quarter of blocks lies a little below the noise, a common level of all sweeps a little above.
    quiet = np.quantile(each, 0.35, axis=1)
    return np.asarray(np.maximum(quiet, 0.7 * float(np.median(quiet))), dtype=np.float64)


def first_deflection(row: Floats, step_ms: float, *, least_uv: float = math.inf) -> int:
    """First sample of the first wave of ``least_uv`` or more, else of the largest, by its slope: a tail has little of that."""
    slope = np.gradient(smooth(row, SLOPE_MS, step_ms), step_ms)
    top = int(np.argmax(np.abs(slope)))
    steepest = abs(float(slope[top]))
    sd = max(float(noise_of(slope[None])[0]), 1e-9)
    over = np.abs(slope[: top + 1]) >= min(max(SLOPE_SD * sd, SLOPE_SHARE * steepest), 0.5 * steepest)
    marks = np.flatnonzero(over)
    gaps = np.flatnonzero(np.diff(marks) > max(round(BREAK_MS / step_ms), 2))
    groups = np.split(marks, gaps + 1)
    n_wave = round(WAVE_MS / step_ms)
    large = (group for group in groups if np.ptp(row[group[0] : group[0] + n_wave]) >= least_uv)
    first = int(next(large, groups[-1])[0])
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


def _is_same(rows: Floats, noise_uv: float) -> bool:
    """Whether most rows hold one wave: the shape and size of their median, but for the noise."""
    shape = np.median(rows, axis=0)
    shape = shape - shape.mean()
    rows = rows - rows.mean(axis=1, keepdims=True)
    energy = max(float(shape @ shape), 1e-12)
    gains = rows @ shape / energy
    left = ((rows - gains[:, None] * shape) ** 2).sum(axis=1)
    allowed = NOISE_ROOM * rows.shape[1] * noise_uv**2 + (1.0 - SAME_CORRELATION**2) * energy
    same = (left <= allowed) & (np.abs(gains - 1.0) <= SAME_SIZE)
    is_hidden = ~same & (left > energy)
    n_same, n_judged = int(same.sum()), max(int((~is_hidden).sum()), 1)
    return n_same >= SAME_SWEEPS * n_judged and n_same >= SAME_LEAST * len(rows)


def fixed_stretches(times_ms: Floats, table: Floats, noise_uv: float, *, least_uv: float) -> tuple[Stretch, ...]:
    """Stretches that are the same in nearly every sweep; one that holds a sharp wave of ``least_uv`` or more is an A wave."""
    step_ms = float(times_ms[1] - times_ms[0])
    middle = smooth(np.median(table, axis=0), SMOOTH_MS, step_ms)
    n_calm = min(max(round(CALM_MS / step_ms), 3), len(middle))
    held = np.pad(middle, (n_calm // 2, n_calm - 1 - n_calm // 2), mode="edge")
    moves_uv = np.ptp(np.lib.stride_tricks.sliding_window_view(held, n_calm), axis=1)
    loud = moves_uv > max(0.5 * CALM_UV, 6.0 * noise_uv / math.sqrt(len(table)))
    ends = np.append(np.flatnonzero(~loud), len(loud))
    share = _fixed_share(table, noise_uv, max(round(FIXED_BOX_MS / step_ms), 3))
    slope = np.abs(np.gradient(smooth(middle, SLOPE_MS, step_ms), step_ms))
    found = []
    for start, stop in _stretches(loud & (share >= FIXED_SHARE), round(BREAK_MS / step_ms)):
        if stop - start < n_calm // 2 or not _is_same(table[:, start:stop], noise_uv):
            continue
        size_uv = float(np.ptp(middle[start:stop]))
        # Small, or out of M at the start, or slower than a wave: a tail.
        is_wave = size_uv >= least_uv and start * step_ms >= 1.0
        is_wave &= bool(slope[start:stop].max() >= SHARP_PER_MS * size_uv)
        onset = start + first_deflection(middle[start:stop], step_ms)
        end = min(int(ends[np.searchsorted(ends, stop - 1)]), stop + round(LONGEST_A_MS / step_ms))
        found.append(Stretch(
            start=start, stop=stop, onset=onset, size_uv=size_uv, fixed_share=float(np.median(share[start:stop])),
            is_wave=is_wave, end=max(end, stop),
        ))  # fmt: skip
    return tuple(found)


def repeated_stretch(
    times_ms: Floats, table: Floats, starts_ms: Floats, noise_uv: float, *, least_uv: float
) -> Stretch | None:
    """Stretch of an A wave among the waves that were found, by their near-equal onsets; None where they are F waves.

    An F wave of one unit may come again now and then, but never in most sweeps: a wave whose first part has one latency, shape
    and size in most sweeps is constant, also where F waves fall on it.
    """
    step_ms = float(times_ms[1] - times_ms[0])
    near = np.abs(starts_ms[:, None] - starts_ms) <= ONSETS_MS
    counts = near.sum(axis=1)
    while len(counts) and counts.max() >= LEAST_ONSETS * len(table):
        group = near[int(counts.argmax())]
        onset = int(np.searchsorted(times_ms, float(np.median(starts_ms[group]))))
        start = max(onset - round(LEAD_MS / step_ms), 0)
        head = table[:, start : onset + round(HEAD_MS / step_ms)]
        middle = np.median(table[:, start : onset + round(LONGEST_A_MS / step_ms)], axis=0)
        if float(np.ptp(middle)) >= least_uv and _is_same(head, noise_uv):
            away_uv = np.abs(middle - np.median(middle[-max(round(CALM_MS / step_ms), 3) :]))
            loud = np.flatnonzero(away_uv > max(0.5 * CALM_UV, 3.0 * noise_uv / math.sqrt(len(table))))
            length = int(loud[-1]) + 1 if len(loud) else len(middle)
            share = _fixed_share(head, noise_uv, max(round(FIXED_BOX_MS / step_ms), 3))
            return Stretch(
                start=start, stop=start + length, end=start + length, onset=onset, size_uv=float(np.ptp(middle[:length])),
                fixed_share=float(np.median(share)), is_wave=True,
            )  # fmt: skip
        counts = np.where(group, 0, counts)
    return None


def without_fixed(times_ms: Floats, table: Floats, stretches: Sequence[Stretch]) -> Floats:
    """The table without what every sweep holds; where F waves fall on its end, as the sweeps without one show it."""
    rest = table.copy()
    step_ms = float(times_ms[1] - times_ms[0])
    for one in stretches:
        group = _alike(table[:, one.start : one.end], float(np.median(noise_of(table))), step_ms)
        stop = one.stop if group is None else one.end
        rows = table[:, one.start : stop]
        shape = np.median(rows, axis=0) if group is None else rows[group].mean(axis=0)
        rest[:, one.start : stop] -= shape - shape[-1]
        rest[:, : one.start] -= shape[0] - shape[-1]  # what lies before it is moved to its level: no step, no ramp
    return rest


def tails_of(times_ms: Floats, table: Floats, a_waves: Sequence[Stretch]) -> Floats:
    """What an F wave must exceed where it begins, because an A wave ends there; 0 elsewhere, shape ``(n_samples,)``."""
    least_uv = np.zeros(table.shape[1])
    for one in a_waves:
        behind = np.abs(times_ms - times_ms[one.stop - 1]) <= BEHIND_MS
        least_uv[behind] = np.maximum(least_uv[behind], BEHIND_SHARE * one.size_uv)
    return least_uv


def largest_of(wave_uv: Floats, step_ms: float) -> float:
    """Largest peak-to-peak within the span of one F wave; what drifts over the whole sweep does not count."""
    n_span = round(WAVE_MS / step_ms)
    starts = range(0, max(len(wave_uv) - n_span // 2, 1), max(n_span // 4, 1))
    return max(float(np.ptp(wave_uv[start : start + n_span])) for start in starts)


def n_repeaters(times_ms: Floats, rows: Floats, starts_ms: Floats, sizes_uv: Floats) -> int:
    """How many rows, each with one F wave of given start and size, have the shape, size and latency of another one."""
    after = times_ms >= starts_ms.min() - 1.0
    alike = np.corrcoef(rows[:, after]) > REPEAT_CORRELATION
    alike &= np.abs(starts_ms[:, None] - starts_ms) < REPEAT_LATENCY_MS
    alike &= np.abs(sizes_uv[:, None] - sizes_uv) < REPEAT_SIZE * np.maximum(sizes_uv[:, None], sizes_uv)
    np.fill_diagonal(alike, False)
    return int(np.count_nonzero(alike.any(axis=1)))
