"""One evoked response, motor or sensory: is there one, and where are its markers.  Units and conventions come later."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._baseline import Levelled, check_sweep, level
from emgwidgets.analysis.ncs._matched import best_match
from emgwidgets.analysis.ncs._onset import Onset, find_onset, smoothed
from emgwidgets.analysis.ncs._phases import crossing_after, first_peak, last_return, peak_top, response_end
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent
from emgwidgets.model.signal import Sweep

__all__ = ["Kind", "Located", "locate"]

Floats = NDArray[np.float64]
NEAR_RISES = 2.5  # how far from the best match the peak may lie, in rises of the template; internal choice
MOSTLY_POSITIVE = 1.5  # times the negative peak; no response of a nerve recorded over its muscle is (internal choice)
SAME_MS = 0.3  # a response whose stretch moves less than this is not levelled again; internal choice
KEEP_MS = 18.0  # of quiet sweep, enough to tell mains from drift; internal choice
BEFORE_MS = 0.6  # before the onset, where nothing but an artefact can leave the level; internal choice
FLAT_SHARE = 0.3  # of the steepest slope; a tail is flatter than the rise; internal choice
# What begins earlier and is smaller is no answer of a muscle but what the stimulus left behind: the way along the nerve and
# over the junction takes longer (internal choice).
TAIL_MS, TAIL_UV = 1.0, 50.0


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What separates the two kinds of response for the search.  Internal choices but for the window.

    The window spans every latency of healthy and slowed nerve: shortest conduction distance at the fastest speed to a
    limb at 15 m/s (science 3.1, P).
    """

    name: str
    window_ms: tuple[float, float]
    rises_ms: tuple[float, ...]
    widths_ms: tuple[float, ...]
    smooth_ms: float
    min_score: float
    longest_ms: float
    is_split_possible: bool = False
    sure_score: float = 0.0
    """Below it the score counts that was taken with the response inside the fit of the level, which no response can flatter."""


# Scores that noise alone exceeds in about 1 of 100 sweeps or less, from development seeds of the noise of both generators.
MOTOR = Kind(
    name="motor", window_ms=(0.8, 60.0), rises_ms=(0.5, 1.0, 2.0), widths_ms=(0.15, 0.3, 0.6), smooth_ms=0.12,
    min_score=6.6, longest_ms=40.0, is_split_possible=True,
)  # fmt: skip
SENSORY = Kind(
    name="sensory", window_ms=(0.8, 30.0), rises_ms=(0.3, 0.4), widths_ms=(0.12, 0.16), smooth_ms=0.08, min_score=4.2,
    longest_ms=8.0, sure_score=6.0,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Located:
    """Markers of a response; times in ms after the stimulus, voltages in uV, areas in uV ms."""

    levelled: Levelled
    smooth_uv: Floats
    smooth_sd_uv: float
    onset: Onset
    peak_ms: float
    peak_sd_ms: float
    peak_uv: float
    peak_sd_uv: float
    negative_start_ms: float
    phase_end_ms: float
    last_return_ms: float
    phase_end_sd_ms: float
    end_ms: float
    positive_uv: float
    area_uv_ms: float
    area_sd_uv_ms: float
    score: float
    flags: tuple[str, ...]


def _best_peak(
    levelled: Levelled, kind: Kind, window_ms: tuple[float, float], *, is_first_look: bool = False
) -> tuple[int, float, float]:
    """Sample, score (match over noise) and smoothing width of the negative peak that fits a response best."""
    from scipy.signal import find_peaks

    times_ms = levelled.times_ms
    inside = (times_ms >= max(window_ms[0], levelled.artefact_end_ms + 0.1)) & (times_ms <= window_ms[1])
    if not inside.any():
        return -1, 0.0, kind.widths_ms[0]
    at, score, rise_ms = best_match(levelled, kind.rises_ms, inside, is_first_look=is_first_look)
    width_ms = kind.widths_ms[kind.rises_ms.index(rise_ms)]
    if at < 0:
        return -1, 0.0, width_ms
    wave_uv, _ = smoothed(levelled, width_ms)
    near = inside & (np.abs(times_ms - times_ms[at]) <= NEAR_RISES * rise_ms)
    peaks, shape = find_peaks(np.where(near, -wave_uv, -np.inf), prominence=0.0)
    if len(peaks) == 0:
        return at, score, width_ms
    depth = np.minimum(-wave_uv[peaks], shape["prominences"])
    return int(peaks[np.argmax(np.where(np.isfinite(depth), depth, -np.inf))]), score, width_ms


def _busy(levelled: Levelled, peak: int, kind: Kind, width_ms: float) -> tuple[float, float]:
    """Stretch of the response around its peak, with margins on both sides."""
    wave_uv, sd_uv = smoothed(levelled, width_ms)
    height = -float(wave_uv[peak])
    limit = max(2.5 * sd_uv, 0.015 * height)
    times_ms = levelled.times_ms
    quiet = np.abs(wave_uv) <= limit
    run = max(2, round(max(0.6, 2 * width_ms) / levelled.step_ms))
    n_quiet = np.concatenate([[0], np.cumsum(quiet)])
    calm = n_quiet[run:] - n_quiet[:-run] == run
    before = np.flatnonzero(calm[: max(peak - run + 1, 0)])
    after = np.flatnonzero(calm[peak:]) + peak
    start_ms = float(times_ms[before[-1] + run - 1]) if len(before) else float(levelled.artefact_end_ms)
    if peak > 2 and start_ms <= levelled.artefact_end_ms + 0.5:  # a tail reaches the response: where the slope sets in
        slope = np.gradient(wave_uv[: peak + 1], levelled.step_ms)
        steep = int(np.argmin(slope))
        flat = np.flatnonzero(slope[:steep] > FLAT_SHARE * slope[steep])
        start_ms = max(start_ms, float(times_ms[flat[-1]])) if len(flat) else start_ms
    end_ms = float(times_ms[after[0]]) if len(after) else float(times_ms[-1])
    end_ms = min(end_ms, float(times_ms[peak]) + kind.longest_ms)
    rise_ms = float(times_ms[peak]) - start_ms
    # The positive phase that follows is slower; it may take samples from the fit only while enough are left.
    end_ms = min(end_ms + 5 * rise_ms, max(end_ms + 2 * rise_ms, float(times_ms[-1]) - KEEP_MS))
    return start_ms - 0.35 - width_ms, end_ms


def _prepare(sweep: Sweep, kind: Kind, window_ms: tuple[float, float]) -> tuple[Levelled, int, float]:
    levelled = level(sweep, busy_ms=None)
    is_doubted = kind.sure_score > 0
    if is_doubted:
        levelled = level(sweep, busy_ms=(0.0, 0.0), artefact_end_ms=levelled.artefact_end_ms)
    peak, first_score, width_ms = _best_peak(levelled, kind, window_ms, is_first_look=is_doubted)
    score, busy_ms = first_score, (0.0, 0.0)
    for _ in range(2):
        if peak < 0:
            break
        before_ms, busy_ms = busy_ms, _busy(levelled, peak, kind, width_ms)
        if max(abs(busy_ms[0] - before_ms[0]), abs(busy_ms[1] - before_ms[1])) < SAME_MS:
            break
        levelled = level(sweep, busy_ms=busy_ms, artefact_end_ms=levelled.artefact_end_ms)
        peak, score, width_ms = _best_peak(levelled, kind, window_ms)
    return levelled, peak, score if score >= kind.sure_score else first_score


def _before(levelled: Levelled, onset_ms: float) -> float:
    """How far the half millisecond before the onset lies from the level, in uV, less what noise alone would do."""
    from_ms = max(onset_ms - BEFORE_MS, levelled.artefact_end_ms)
    inside = (levelled.times_ms > from_ms) & (levelled.times_ms < onset_ms - 0.05)
    n_inside = int(np.count_nonzero(inside))
    if n_inside < 3:
        return 0.0
    chance_uv = 2.5 * levelled.noise_uv * math.sqrt(min(levelled.n_together, n_inside) / n_inside)
    return max(abs(float(levelled.wave_uv[inside].mean())) - chance_uv, 0.0)


def _seen_tail_uv(levelled: Levelled, onset_ms: float) -> float:
    """How much of a tail the sweep itself shows before the onset, in uV.

    A slow tail and the fitted line can cancel each other, so what is fitted alone proves nothing.  A tail stands away from the
    level of the late sweep at the onset, and it has fallen since the end of the pulse.
    """
    times_ms = levelled.times_ms
    raw_uv = levelled.level_uv + levelled.wave_uv - levelled.mains_wave_uv
    after = times_ms > levelled.artefact_end_ms
    near = after & (times_ms > onset_ms - BEFORE_MS) & (times_ms < onset_ms - 0.05)
    early = after & (times_ms < levelled.artefact_end_ms + BEFORE_MS)
    far = levelled.quiet & (times_ms > 0.5 * times_ms[-1])
    if np.count_nonzero(near) < 3 or np.count_nonzero(far) < 20:
        return math.inf
    at_uv = float(raw_uv[near].mean())
    fall_uv = abs(float(raw_uv[early].mean()) - at_uv)
    return min(abs(at_uv - float(np.median(raw_uv[far]))), 3.0 * fall_uv)


def _flags(levelled: Levelled, onset: Onset, height_uv: float) -> tuple[str, ...]:
    flags = []
    tail_uv = float(np.abs(np.interp(onset.time_ms, levelled.times_ms, levelled.tail_uv)))
    tail_limit_uv = max(0.05 * height_uv, levelled.noise_uv)
    step_uv = 0.0 if onset.is_initially_positive else _before(levelled, onset.time_ms)
    if tail_uv > 0.8 * tail_limit_uv:
        tail_uv = min(tail_uv, _seen_tail_uv(levelled, onset.time_ms))
    if onset.time_ms < levelled.artefact_end_ms + 0.15 or max(tail_uv, step_uv) > 0.8 * tail_limit_uv:
        flags.append("artefact_at_onset")
    if onset.is_initially_positive:
        flags.append("initially_positive")
    after = levelled.times_ms > levelled.artefact_end_ms
    if float(levelled.wave_uv[after].max(initial=0.0)) > MOSTLY_POSITIVE * height_uv:
        flags.append("mostly_positive")
    if levelled.mains_hz is not None and levelled.mains_uv > max(0.02 * height_uv, 0.5 * levelled.noise_uv):
        flags.append("mains")
    return tuple(flags)


def check_window(window_ms: tuple[float, float] | None, kind: Kind) -> tuple[float, float]:
    """Window of search, the kind's own where none is given."""
    if window_ms is None:
        return kind.window_ms
    if not (len(window_ms) == 2 and 0 <= window_ms[0] < window_ms[1]):
        raise InputError(
            "the window of the response cannot be used", got=f"{window_ms} ms", expected="(first, last) in ms after the stimulus"
        )  # fmt: skip
    return window_ms


def _absent(levelled: Levelled, kind: Kind, window_ms: tuple[float, float], score: float) -> Absent:
    return Absent(
        reason=f"no negative peak above the noise between {window_ms[0]:g} and {window_ms[1]:g} ms "
        f"({score:.1f} SD of the matched noise of {levelled.noise_uv:.3g} µV, needed {kind.min_score:g})"
    )


def _split_onset(  # noqa: PLR0917
    sweep: Sweep, levelled: Levelled, smooth_uv: Floats, kind: Kind, peak: int, first_ms: float, end_ms: float | None
) -> Onset | None:
    """Onset of a split response at its first negative peak, all peaks kept out of the level; None for a single peak.

    ``end_ms`` is where a later peak ends, None without one.
    """
    start = int(np.searchsorted(levelled.times_ms, max(first_ms, levelled.artefact_end_ms + 0.2)))
    if not kind.is_split_possible or start >= peak:
        return None
    early = first_peak(levelled, smooth_uv, peak, start)
    if early == peak and end_ms is None:
        return None
    first, last = (_busy(levelled, at, kind, kind.widths_ms[0]) for at in (early, peak))
    levelled = level(
        sweep, busy_ms=(first[0], max(last[1], (end_ms or 0.0) + 5.0)), artefact_end_ms=levelled.artefact_end_ms
    )
    smooth_uv, smooth_sd_uv = smoothed(levelled, kind.smooth_ms)
    return find_onset(levelled, smooth_uv, smooth_sd_uv, early, -float(smooth_uv[early]), smooth_ms=kind.smooth_ms)


def locate(sweep: Sweep, kind: Kind, window_ms: tuple[float, float] | None) -> Located | Absent:
    """Find the response of a sweep, or the reason why there is none."""
    check_sweep(sweep)
    window_ms = check_window(window_ms, kind)
    levelled, peak, score = _prepare(sweep, kind, window_ms)
    first_ms = max(window_ms[0], levelled.artefact_end_ms)
    if peak < 0 or score < kind.min_score:
        return _absent(levelled, kind, window_ms, score)
    smooth_uv, smooth_sd_uv = smoothed(levelled, kind.smooth_ms)
    n_near = round(0.5 / levelled.step_ms)
    first = max(peak - n_near, int(np.searchsorted(levelled.times_ms, first_ms)), 1)
    first = min(first, peak)
    peak = first + int(np.argmin(smooth_uv[first : peak + n_near + 1]))
    peak_ms, peak_sd_ms, peak_uv, peak_sd_uv = peak_top(levelled, smooth_uv, peak)
    if peak_ms < first_ms or peak_uv >= 0:  # what is left is the slope of an artefact
        return _absent(levelled, kind, window_ms, score)
    phase_end_ms, phase_end = crossing_after(levelled.times_ms, smooth_uv, peak)
    last = last_return(levelled, smooth_uv, peak, phase_end)
    end_ms = None if last == phase_end else float(levelled.times_ms[last])
    onset = _split_onset(sweep, levelled, smooth_uv, kind, peak, first_ms, end_ms) or find_onset(
        levelled, smooth_uv, smooth_sd_uv, peak, -peak_uv, smooth_ms=kind.smooth_ms
    )
    if kind.name == "motor" and onset.time_ms < TAIL_MS and -peak_uv < TAIL_UV:
        return Absent(
            reason=f"only what the stimulus left behind: {-peak_uv:.0f} µV that begins {onset.time_ms:.2f} ms after it"
        )
    times_ms, step_ms = levelled.times_ms, levelled.step_ms
    begin = min(int(np.searchsorted(times_ms, onset.time_ms)), peak)
    negative = np.flatnonzero(smooth_uv[begin:peak] < 0)
    start = begin + int(negative[0]) if len(negative) and onset.is_initially_positive else begin
    slope = abs(float(np.gradient(smooth_uv)[phase_end])) / step_ms
    following = smooth_uv[phase_end : phase_end + round(kind.longest_ms / step_ms)]
    inside = np.flatnonzero(smooth_uv[start:last] < 0) + start
    n_inside = max(len(inside), 1)
    drift_sd_uv = levelled.noise_uv * math.sqrt(levelled.n_together / max(int(levelled.quiet.sum()), 1))
    return Located(
        levelled=levelled, smooth_uv=smooth_uv, smooth_sd_uv=smooth_sd_uv, onset=onset, peak_ms=peak_ms,
        peak_sd_ms=peak_sd_ms, peak_uv=peak_uv, peak_sd_uv=math.hypot(peak_sd_uv, drift_sd_uv),
        negative_start_ms=float(times_ms[start]), phase_end_ms=phase_end_ms,
        last_return_ms=phase_end_ms if end_ms is None else end_ms,
        phase_end_sd_ms=min(smooth_sd_uv / max(slope, 1e-9), 2.0),
        end_ms=response_end(levelled, smooth_uv, smooth_sd_uv, -peak_uv, last),
        positive_uv=max(float(following.max()) if len(following) else 0.0, 0.0),
        area_uv_ms=float(-levelled.wave_uv[inside].sum() * step_ms),
        area_sd_uv_ms=step_ms * math.hypot(
            levelled.noise_uv * math.sqrt(levelled.n_together * n_inside), drift_sd_uv * n_inside
        ),
        score=score, flags=_flags(levelled, onset, -peak_uv),
    )  # fmt: skip
