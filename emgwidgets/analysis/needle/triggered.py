"""Discharges of one unit by a trigger level: aligned on their peak, told from other units, and left out where another runs in.

It decides nothing for good: a reader may take a discharge in or leave it out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.needle_triggered import DischargeState, TriggeredUnit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from emgwidgets.model.signal import Trace

__all__ = ["suggest_level", "trigger_unit"]

# Internal choices (P), each with its reason.
DELAY_MS, LENGTH_MS = 15.0, 50.0  # the longest potentials begin 10 ms before their peak; late parts come within 30 ms
DEAD_MS = 5.0  # a unit does not cross twice within it, but for doublets
PEAK_MS = 2.0  # the peak lies within it behind the crossing
CORE_MS = (2.0, 3.0)  # around the peak: what tells units apart
ALIKE = 0.45  # difference over size of the core: below it two discharges are of one unit
SPIKE_MS, SPIKE_ALIKE = 1.0, 0.25  # an intruder inside the core leaves the spike itself as it is
MOST = 400  # crossings looked at: a distance matrix of this size takes a tenth of a second
STRAY = 0.3  # of the template's size: a larger deviation is another unit or a missing part
NOISE_FACTOR = 6.0
LATE_MS = 3.0  # a part beyond it is late
MISSING = 0.7  # of the late part must be gone
PIECE_S = 0.2  # at slight effort the largest unit fires in most pieces of this length
HALF = 0.5  # of its peak: safe from noise and from its own changes


def suggest_level(trace: Trace) -> float:
    """A level at half the usual largest negative deflection, in microvolts; a place to begin turning the knob from.

    Raises
    ------
    InputError
        If the stretch is shorter than 0.2 s.
    """
    n = round(PIECE_S * trace.sampling_rate_hz)
    if len(trace.samples_uv) < n:
        raise InputError(
            "the stretch is too short for a trigger", got=f"{trace.duration_s:g} s", expected=f"{PIECE_S} s"
        )
    whole = np.asarray(trace.samples_uv[: len(trace.samples_uv) // n * n], dtype=np.float64).reshape(-1, n)
    return float(HALF * np.median(-whole.min(axis=1)))


def trigger_unit(
    trace: Trace,
    *,
    level_uv: float,
    delay_ms: float = DELAY_MS,
    length_ms: float = LENGTH_MS,
    like_s: float | None = None,
    kept_s: Iterable[float] = (),
    left_out_s: Iterable[float] = (),
) -> TriggeredUnit:
    """Trigger on a level and find the discharges of one unit among the crossings.

    Parameters
    ----------
    trace : Trace
        Slight effort.
    level_uv : float
        Trigger level; above 0 for a negative deflection (drawn upwards), below 0 for a positive one.
    delay_ms : float
        Stretch before the peak (the delay line).
    length_ms : float
        Stretch in all.
    like_s : float, optional
        Time of a discharge of the unit that is meant; the unit crossing most often when left out.
    kept_s, left_out_s : iterable of float
        Discharges a reader takes in or leaves out, by their time.

    Returns
    -------
    TriggeredUnit

    Raises
    ------
    InputError
        If nothing crosses the level, or the level is 0.
    """
    if not level_uv or not np.isfinite(level_uv):
        raise InputError("the trigger needs a level", got=f"{level_uv} uV", expected="above or below 0 uV")
    rate = trace.sampling_rate_hz
    wave = np.asarray(trace.samples_uv, dtype=np.float64)
    before, n = round(delay_ms * rate / 1000), round(length_ms * rate / 1000)
    peaks = _peaks(wave if level_uv < 0 else -wave, abs(level_uv), rate)
    peaks = peaks[(peaks >= before) & (peaks + n - before <= len(wave))][:MOST]
    if not len(peaks):
        raise InputError(
            "nothing crosses the trigger", got=f"{level_uv:g} uV", expected="a level the unit reaches",
            way_out="lower the trigger, or move the needle nearer",
        )  # fmt: skip
    sweeps = wave[peaks[:, None] + np.arange(-before, n - before)]
    times = trace.start_s + peaks / rate
    like = None if like_s is None else int(np.abs(times - like_s).argmin())
    states = _states(sweeps, before, rate, like)
    for wanted, given in (("accepted", kept_s), ("left_out", left_out_s)):
        for time in given:
            at = int(np.abs(times - time).argmin())
            if abs(times[at] - time) * 1000 < DEAD_MS:
                states[at] = wanted  # type: ignore[call-overload]
    return TriggeredUnit(
        times_s=times, sweeps_uv=sweeps, sampling_rate_hz=rate, start_ms=-1000 * before / rate, states=tuple(states),
        level_uv=level_uv,
    )  # fmt: skip


def _peaks(up: NDArray[np.float64], level: float, rate: float) -> NDArray[np.int64]:
    """Sample of the largest value behind each upward crossing."""
    crossings = np.flatnonzero((up[:-1] < level) & (up[1:] >= level)) + 1
    reach, dead = max(round(PEAK_MS * rate / 1000), 1), DEAD_MS * rate / 1000
    kept: list[int] = []
    for at in crossings.tolist():
        if not kept or at - kept[-1] > dead:
            kept.append(at + int(up[at : at + reach].argmax()))
    return np.array(kept, dtype=np.int64)


def _states(sweeps: NDArray[np.float64], before: int, rate: float, like: int | None) -> list[DischargeState]:
    core = slice(max(before - round(CORE_MS[0] * rate / 1000), 0), before + round(CORE_MS[1] * rate / 1000))
    cores = sweeps[:, core] - np.median(sweeps[:, : max(before // 2, 1)], axis=1)[:, None]
    spike = slice(*(before - core.start + round(side * SPIKE_MS * rate / 1000) for side in (-1, 1)))
    is_mine = _members(cores, like, spike)
    template = np.median(sweeps[is_mine], axis=0)
    noise = float(np.median(np.abs(sweeps[is_mine][:, : max(before // 3, 1)]))) / 0.6745
    loud = np.flatnonzero(np.abs(template) > max(0.05 * np.abs(template).max(), 3 * noise, 20.0))
    margin = round(1.0 * rate / 1000)
    first = max(int(loud[0]) - margin, 0) if len(loud) else before
    last = min(int(loud[-1]) + margin, len(template)) if len(loud) else before + 1
    limit = max(STRAY * float(np.ptp(template)) / 2, NOISE_FACTOR * noise)
    late = slice(before + round(LATE_MS * rate / 1000), last)
    found: list[DischargeState] = []
    for mine, sweep in zip(is_mine, sweeps, strict=True):
        found.append(_state(sweep - template, template, slice(first, last), late, limit) if mine else "other_unit")
    return found


def _members(cores: NDArray[np.float64], like: int | None, spike: slice) -> NDArray[np.bool_]:
    """Discharges whose core resembles that of the most usual one, or of the one that is meant."""
    size = np.sqrt((cores**2).mean(axis=1))
    cross = cores @ cores.T / cores.shape[1]
    apart = np.sqrt(np.maximum(size[:, None] ** 2 + size[None, :] ** 2 - 2 * cross, 0.0))
    apart /= np.maximum(np.maximum(size[:, None], size[None, :]), 1e-9)
    centre = int((apart < ALIKE).sum(axis=1).argmax()) if like is None else like
    is_mine: NDArray[np.bool_] = apart[centre] < ALIKE
    template = np.median(cores[is_mine], axis=0)
    again: NDArray[np.bool_] = (_off(cores, template) < ALIKE) | (_off(cores[:, spike], template[spike]) < SPIKE_ALIKE)
    return again if again.any() else is_mine


def _off(pieces: NDArray[np.float64], template: NDArray[np.float64]) -> NDArray[np.float64]:
    """Difference of each piece from a template, over the template's size."""
    size = max(float(np.sqrt((template**2).mean())), 1e-9)
    return np.asarray(np.sqrt(((pieces - template) ** 2).mean(axis=1)) / size)


def _state(
    stray: NDArray[np.float64], template: NDArray[np.float64], whole: slice, late: slice, limit: float
) -> DischargeState:
    if np.abs(stray[whole]).max(initial=0.0) < limit:
        return "accepted"
    part = template[late]
    energy = float((part**2).sum())
    if energy > 0 and np.abs(part).max(initial=0.0) > limit:
        gone = -float((stray[late] * part).sum()) / energy
        left = stray.copy()
        left[late] += gone * part
        if gone > MISSING and np.abs(left[whole]).max(initial=0.0) < limit:
            return "late_part_missing"
    return "overlap"
