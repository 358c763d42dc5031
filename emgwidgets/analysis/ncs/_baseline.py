"""The level under an evoked response and the noise on it: line, artefact tail and mains fitted to quiet samples only."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Sweep

__all__ = ["Levelled", "check_sweep", "level", "robust_sd", "slow_tail", "smooth"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Internal choices by judgement, not optimised; tried on the test generator:
TAIL_TAUS_MS = (0.15, 0.25, 0.4, 0.6, 0.9, 1.3, 1.9, 2.8, 4.0, 6.0)
"""Decay times offered to the artefact tail; brackets 0.2-0.5 and 1-5 ms of McGill 1982 (V, abstract)."""
MAINS_HZ = (50.0, 60.0)
LATE_TAUS_MS = (3.0, 6.0, 10.0, 20.0)
"""Decay times of what an M wave and a 2 to 20 Hz filter leave under a late response."""
MIN_GAIN = 12.0
"""Log-likelihood a tail or a mains line must gain; against chance fits of coloured noise."""
MIN_MAINS_SPAN_MS = 15.0
"""Less than three quarters of a mains cycle cannot be told from drift."""
MAX_ARTEFACT_MS = 2.5
QUIET_RUN_MS = 0.2  # science 3.1 (P): the artefact ends before a quiet 0.2 ms
SETTLE_MS = 0.35
"""After the last loud sample: what is left of the pulse is below single samples of noise but not below their mean."""
MAX_TOGETHER = 20.0
"""More than this is a misfit, not noise; it must not hide a tail or mains from the fit."""
SAMPLES_MIN = 40


@dataclass(frozen=True, kw_only=True, eq=False)
class Levelled:
    """A sweep with its level taken off.

    ``wave_uv`` is the response above its level; ``noise_uv`` the RMS of the quiet samples; ``n_together`` how many
    neighbouring samples of the noise move together; ``tail_uv`` the artefact tail that was taken off.
    """

    times_ms: Floats
    wave_uv: Floats
    level_uv: Floats
    tail_uv: Floats
    quiet: Bools
    noise_uv: float
    n_together: float
    step_ms: float
    artefact_end_ms: float
    tail_tau_ms: float | None = None
    mains_hz: float | None = None
    mains_uv: float = 0.0
    mains_wave_uv: Floats = field(default_factory=lambda: np.zeros(0), repr=False)


def check_sweep(sweep: Sweep) -> None:
    """Raise InputError unless the sweep can be measured at all."""
    samples_uv = sweep.samples_uv
    if samples_uv.ndim != 1 or len(samples_uv) < SAMPLES_MIN:
        raise InputError(
            "the sweep is too short to be measured", got=f"shape {samples_uv.shape}",
            expected=f"at least {SAMPLES_MIN} samples in one dimension", way_out="export a longer sweep",
        )  # fmt: skip
    n_bad = int(np.count_nonzero(~np.isfinite(samples_uv)))
    if n_bad:
        raise InputError(
            "the sweep has missing samples", got=f"{n_bad} of {len(samples_uv)} not finite",
            expected="finite microvolts", way_out="choose a sweep without a gap",
        )  # fmt: skip
    if not (math.isfinite(sweep.sampling_rate_hz) and sweep.sampling_rate_hz > 0):
        raise InputError("the sweep has no usable sampling rate", got=f"{sweep.sampling_rate_hz} Hz")
    if float(sweep.times_ms[-1]) <= 0:
        raise InputError(
            "the sweep ends before its stimulus", got=f"{float(sweep.times_ms[-1]):g} ms",
            expected="samples after 0 ms", way_out="check start_ms",
        )  # fmt: skip


def smooth(wave_uv: Floats, width_ms: float, step_ms: float) -> Floats:
    """Mean of the wave over three boxes, close to a Gaussian whose standard deviation is ``width_ms``."""
    n_box = 2 * round(width_ms / step_ms) + 1  # three boxes of n samples have an SD near n / 2
    smoothed = wave_uv
    for _ in range(3 if n_box > 1 else 0):
        padded = np.empty(len(smoothed) + n_box)  # the ends held; np.pad is many times slower
        padded[: n_box // 2 + 1], padded[len(padded) - n_box // 2 :] = smoothed[0], smoothed[-1]
        padded[n_box // 2 + 1 : len(padded) - n_box // 2] = smoothed
        total = np.cumsum(padded)
        smoothed = (total[n_box:] - total[:-n_box]) / n_box
    return smoothed


def middle(values: Floats) -> float:
    """Upper median of finite values, shape ``(n,)``; several times faster than ``np.median`` on a sweep."""
    half = len(values) // 2
    return float(np.partition(values, half)[half])


def robust_sd(values: Floats) -> float:
    """Standard deviation from the median absolute deviation."""
    if len(values) == 0:
        return 0.0
    return 1.4826 * middle(np.abs(values - middle(values)))


def slow_tail(times_ms: Floats, wave_uv: Floats) -> Floats:
    """Return the tail that an earlier response leaves under a late one: level, slope and decays, blind to what sticks out."""
    since = times_ms - times_ms[0]
    columns = np.column_stack([np.ones_like(since), since, *(np.exp(-since / tau) for tau in LATE_TAUS_MS)])
    ridge = 1e-4 * len(since) * np.diag([0.0, 1e-3, *np.ones(len(LATE_TAUS_MS))])
    weight = np.ones_like(wave_uv)
    fitted = np.asarray(wave_uv, dtype=np.float64)
    for _ in range(6):
        side = columns * weight[:, None]
        fitted = columns @ np.linalg.solve(side.T @ columns + ridge, side.T @ wave_uv)
        rest = wave_uv - fitted
        weight = 1.0 / (1.0 + (rest / max(1.5 * robust_sd(rest), 1e-6)) ** 2)
    return np.asarray(fitted, dtype=np.float64)


def _artefact_end_ms(times_ms: Floats, samples_uv: Floats) -> float:
    """End of the stimulus pulse and its fast decay; 0 where the slope shows none."""
    slope = np.abs(np.diff(samples_uv))
    floor = robust_sd(np.diff(samples_uv[len(samples_uv) // 2 :]))
    near = np.flatnonzero((times_ms[:-1] >= -0.05) & (times_ms[:-1] <= 0.6))
    if len(near) == 0 or slope[near].max() <= 8 * floor:
        return 0.0
    limit = max(5 * floor, 0.01 * float(slope[near].max()))
    n_run = max(2, math.ceil(QUIET_RUN_MS / (times_ms[1] - times_ms[0])))
    start = int(near[np.argmax(slope[near])])
    loud = np.flatnonzero(slope[start:] > limit) + start
    gaps = np.flatnonzero(np.diff(loud) > n_run)
    last = int(loud[gaps[0]]) if len(gaps) else int(loud[-1])
    return float(min(times_ms[last + 1] + SETTLE_MS, MAX_ARTEFACT_MS))


@lru_cache(maxsize=16)
def _columns(n: int, start_ms: float, step_ms: float) -> Floats:
    """Level, slope, tails and mains lines as columns, shape ``(n, n_columns)``."""
    times_ms = start_ms + np.arange(n) * step_ms
    span = max(float(times_ms[-1] - times_ms[0]), 1e-9)
    since = np.clip(times_ms, 0.0, None)
    tails = [np.where(times_ms >= 0, np.exp(-since / tau), 0.0) for tau in TAIL_TAUS_MS]
    turns = [2 * np.pi * hz * times_ms / 1000.0 for hz in MAINS_HZ]
    waves = [wave for turn in turns for wave in (np.sin(turn), np.cos(turn))]
    columns = np.column_stack([np.ones_like(times_ms), (times_ms - times_ms[0]) / span - 0.5, *tails, *waves])
    columns.setflags(write=False)
    return columns


def _left(gram: Floats, use: list[int]) -> Floats:
    """Return the Gram matrix of every column and the data (last) after the used columns are projected out."""
    rows = gram[use]
    part = rows[:, use] + 1e-9 * max(float(gram[0, 0]), 1e-12) * np.eye(len(use))
    return np.asarray(gram - rows.T @ np.linalg.solve(part, rows), dtype=np.float64)


def _best(left: Floats, groups: list[list[int]], n_eff: float) -> int:
    """Index of the group of columns whose log-likelihood gain beats chance by most; -1 for none."""
    if not groups:
        return -1
    total = max(float(left[-1, -1]), 1e-12)
    if len(groups[0]) == 1:
        index = [group[0] for group in groups]
        drops = left[index, -1] ** 2 / np.maximum(left[index, index], 1e-9)
    else:
        blocks = np.stack([left[group][:, group] + 1e-9 * np.eye(len(group)) for group in groups])
        data = left[groups, -1]
        drops = np.einsum("ij,ij->i", data, np.linalg.solve(blocks, data[..., None])[..., 0])
    gains = 0.5 * n_eff * np.log(total / np.maximum(total - drops, 1e-9 * total)) - MIN_GAIN
    return int(np.argmax(gains)) if gains.max() > 0 else -1


def _gram(columns: Floats, samples_uv: Floats, quiet: Bools) -> Floats:
    """Products of all columns and the samples (last) with one another over the quiet samples."""
    table = np.empty((columns.shape[1] + 1, int(np.count_nonzero(quiet))))
    np.compress(quiet, columns.T, axis=1, out=table[:-1])
    table[-1] = samples_uv[quiet]
    # einsum and not a matrix product: so small a one is handed to several threads, which costs more than it saves.
    return np.asarray(np.einsum("ik,jk->ij", table, table), dtype=np.float64)


def _fit(gram: Floats, n_quiet: int, n_together: float, *, with_mains: bool) -> tuple[Floats, int, int]:
    """Coefficients of all columns (0 where not used), index of the tail and of the mains line (-1 for none)."""
    n_eff = max(n_quiet, 1) / min(max(n_together, 1.0), MAX_TOGETHER)
    tails = [[2 + i] for i in range(len(TAIL_TAUS_MS))]
    first = 2 + len(TAIL_TAUS_MS)
    lines = [[first + 2 * i, first + 2 * i + 1] for i in range(len(MAINS_HZ) if with_mains else 0)]
    tail, mains = -1, -1

    for _ in range(2 if with_mains else 1):  # one after the other: the mains, the tail, and both again
        if with_mains:
            mains = _best(_left(gram, [0, 1, *(tails[tail] if tail >= 0 else [])]), lines, n_eff)
        tail = _best(_left(gram, [0, 1, *(lines[mains] if mains >= 0 else [])]), tails, n_eff)
        if tail < 0:
            break  # the mains were looked for without a tail already
    use = [0, 1, *(tails[tail] if tail >= 0 else []), *(lines[mains] if mains >= 0 else [])]
    part = gram[np.ix_(use, use)] + 1e-9 * max(float(gram[0, 0]), 1e-12) * np.eye(len(use))
    coefficients = np.zeros(len(gram) - 1)
    coefficients[use] = np.linalg.solve(part, gram[use, -1])
    return coefficients, tail, mains


def _together(rest_uv: Floats) -> float:
    """How many neighbouring samples move together: 1 + 2 x the summed autocorrelation to its first zero."""
    n = len(rest_uv)
    if n < 16:
        return 1.0
    spectrum = np.abs(np.fft.rfft(rest_uv - rest_uv.mean(), 1 << (n + n // 4).bit_length())) ** 2
    correlation = np.fft.irfft(spectrum)[: n // 4]
    correlation /= max(float(correlation[0]), 1e-30)
    negative = np.flatnonzero(correlation <= 0.05)
    stop = int(negative[0]) if len(negative) else len(correlation)
    return float(1.0 + 2.0 * correlation[1:stop].sum())


def level(sweep: Sweep, *, busy_ms: tuple[float, float] | None, artefact_end_ms: float | None = None) -> Levelled:
    """Take the level off a sweep.

    Parameters
    ----------
    busy_ms : (float, float), optional
        Stretch of the response, left out of the fit; None for a first look, in which large samples count less.
    artefact_end_ms : float, optional
        Where the stimulus pulse ends, when already known.
    """
    times_ms = sweep.times_ms
    samples_uv = np.asarray(sweep.samples_uv, dtype=np.float64)
    step_ms = 1000.0 / sweep.sampling_rate_hz
    end_ms = _artefact_end_ms(times_ms, samples_uv) if artefact_end_ms is None else artefact_end_ms
    quiet = (times_ms < -0.05) | (times_ms > end_ms)
    if busy_ms is not None:
        quiet &= (times_ms < busy_ms[0]) | (times_ms > busy_ms[1])
    columns = _columns(len(samples_uv), float(sweep.start_ms), step_ms)
    n_together, tail, mains = 1.0, -1, -1
    coefficients = np.zeros(columns.shape[1])
    coefficients[0] = middle(samples_uv[quiet]) if quiet.any() else 0.0
    if busy_ms is not None and np.count_nonzero(quiet) >= SAMPLES_MIN // 2:
        span_ms = float(np.count_nonzero(quiet)) * step_ms
        gram, n_quiet = _gram(columns, samples_uv, quiet), int(np.count_nonzero(quiet))
        for _ in range(2):
            coefficients, tail, mains = _fit(gram, n_quiet, n_together, with_mains=span_ms >= MIN_MAINS_SPAN_MS)
            n_together = _together((samples_uv - columns @ coefficients)[quiet])
    level_uv = columns @ coefficients
    rest_uv = (samples_uv - level_uv)[quiet]
    wave_uv = np.where((times_ms >= -0.05) & (times_ms <= end_ms), 0.0, samples_uv - level_uv)  # the pulse is blanked
    tails = slice(2, 2 + len(TAIL_TAUS_MS))
    at = 2 + len(TAIL_TAUS_MS) + 2 * mains
    return Levelled(
        times_ms=times_ms, wave_uv=wave_uv, level_uv=level_uv, tail_uv=columns[:, tails] @ coefficients[tails],
        quiet=quiet, noise_uv=robust_sd(rest_uv), n_together=max(n_together, 1.0), step_ms=step_ms, artefact_end_ms=end_ms,
        tail_tau_ms=TAIL_TAUS_MS[tail] if tail >= 0 else None, mains_hz=MAINS_HZ[mains] if mains >= 0 else None,
        mains_uv=float(np.hypot(*coefficients[at : at + 2])) if mains >= 0 else 0.0,
        mains_wave_uv=columns[:, 2 + len(TAIL_TAUS_MS) :] @ coefficients[2 + len(TAIL_TAUS_MS) :],
    )  # fmt: skip
