"""Spikes of single fibres in a triggered recording: discharges of one unit, its spikes, their times below a microsecond, fibre density."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle._input_checks import input_limits
from emgwidgets.analysis.needle._jittering import (
    LOST_SHARE,
    MOVING_MS,
    WINDOW_MS,
    edge_at,
    first_delays,
    moving_spikes,
    steepness,
)
from emgwidgets.analysis.needle._timing_noise import MCD_OF_SD, timing_noise_us
from emgwidgets.analysis.needle.jitter import jitter_of_intervals
from emgwidgets.errors import InputError
from emgwidgets.model.needle_effort import FibreSpike, JitterPair
from emgwidgets.model.signal import Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["fibre_density", "find_fibre_spikes", "find_unit_discharges", "measure_jitter"]

SPIKE_UV, RISE_US = 200.0, 300.0  # needle.md section 5 [M]: what counts for fibre density and can be timed
REJECT_MS = 4.0  # science 3.9: longer intervals are rejected [M]
# Internal choices (P), each with its reason.
LEAST_HZ, GOOD_HZ = 20_000.0, 50_000.0  # two samples on a rising edge; the rate asked for (needle.md 2.4) [M]
DEAD_S = 0.015  # a unit does not fire twice within it, but for doublets
SEARCH_MS = 0.6  # the jitter of most pairs stays within it
ALIKE = 0.5  # correlation of a discharge with the mean of its unit; a blocked second spike leaves 0.7
APART_MS = 0.15  # two maxima nearer than this are one spike
LOST_TRACK_US = 150.0  # mean of the intervals against the place in the mean sweep
OVERLAP_MS = 0.6  # nearer than this two spikes run into one another
BLUR_S = 0.00012  # the jitter of a failing junction, so that a moved spike still counts as there
NEAR_S = 0.0003  # how far off the pattern may lie from the edge of the trigger
PATTERN_MS = 2.5  # on each side: the spikes of most pairs
PASSES = 3
NOISY = 0.6  # noise then adds a quarter to the jitter (the two add by their squares)


def _prepared(trace: Trace) -> NDArray[np.float64]:
    rate = trace.sampling_rate_hz
    if rate < LEAST_HZ:
        raise InputError("the sampling rate is too low for jitter", got=f"{rate:g} Hz", expected=f"{GOOD_HZ:g} Hz or more",
                         way_out="record again at 50 kHz")  # fmt: skip
    low = trace.settings.high_pass_hz
    if low is not None and low >= 400.0:
        return np.asarray(trace.samples_uv, dtype=np.float64)
    from scipy import signal

    sos = signal.butter(2, 500.0, "highpass", fs=rate, output="sos")  # needle.md 2.4, single-fibre low filter [M]
    return np.asarray(signal.sosfiltfilt(sos, trace.samples_uv), dtype=np.float64)


def find_unit_discharges(trace: Trace, *, least_uv: float = SPIKE_UV) -> NDArray[np.float64]:
    """Times of the discharges of the unit with the largest spike, by its steepest edge.

    Parameters
    ----------
    trace : Trace
        Single-fibre or small concentric needle, slight effort or stimulated.
    least_uv : float
        Least size of the triggering spike, peak to peak.

    Returns
    -------
    ndarray, shape (n_discharges,)
        On the clock of the trace.

    Raises
    ------
    InputError
        If the rate is below 20 kHz or no spike is large enough.
    """
    from scipy import signal

    wave, rate = _prepared(trace), trace.sampling_rate_hz
    slope = steepness(wave, rate)
    top = float(np.quantile(slope, 1 - 20 / max(len(slope), 21)))
    peaks, _ = signal.find_peaks(slope, height=0.4 * top, distance=max(int(DEAD_S * rate), 1))
    before, after = int(0.0005 * rate), int(0.002 * rate)
    peaks = peaks[(peaks > before) & (peaks < len(wave) - after)]
    index = peaks[:, None] + np.arange(-before, after)
    pieces = wave[index] if len(peaks) else np.zeros((0, before + after))
    sizes = np.ptp(pieces[:, : 2 * before], axis=1) if len(peaks) else np.zeros(0)
    pieces, peaks = pieces[sizes >= least_uv], peaks[sizes >= least_uv]
    if len(peaks) < 2:
        raise InputError("no spike is large enough to trigger on", got=f"{sizes.max(initial=0.0):.0f} uV",
                         expected=f"{least_uv:g} uV or more, again and again", way_out="move the needle nearer")  # fmt: skip
    return trace.start_s + _realigned(wave, peaks, rate) / rate


def _realigned(wave: NDArray[np.float64], peaks: NDArray[np.int64], rate: float) -> NDArray[np.int64]:
    """Discharges that look like the mean of the unit, each moved to where it fits it best.

    The largest spike is not always the same one; the pattern of all spikes tells which it was.
    """
    step = max(int(BLUR_S / 4 * rate), 1)  # the blurred trace needs no finer grid
    half, reach = int(PATTERN_MS / 1000 * rate / step), int(REJECT_MS / 1000 * rate / step)
    from scipy import ndimage

    blurred = np.asarray(ndimage.gaussian_filter1d(np.abs(wave), BLUR_S * rate), dtype=np.float64)[::step]
    peaks = peaks // step
    peaks = peaks[(peaks > half + reach) & (peaks < len(blurred) - half - reach)]
    if len(peaks) < 2:
        return peaks * step
    wide = blurred[peaks[:, None] + np.arange(-half - reach, half + reach)]
    wide = wide - np.median(blurred)
    windows = np.lib.stride_tricks.sliding_window_view(wide, 2 * half, axis=1)
    norms = np.sqrt((windows**2).sum(axis=2))
    shift = np.full(len(peaks), reach)
    rows, kept = np.arange(len(peaks)), np.ones(len(peaks), dtype=bool)
    mean = _most_alike(windows[rows, shift])
    for _ in range(PASSES):
        match = (windows @ mean) / np.maximum(norms * np.linalg.norm(mean), 1e-12)
        shift = match.argmax(axis=1)
        scale = (windows[rows, shift] @ mean) / max(float(mean @ mean), 1e-12)
        good = (match.max(axis=1) >= ALIKE) & (scale > 0.3) & (scale < 1.7)
        kept = good if good.sum() >= 2 else kept
        mean = np.median(windows[rows[kept], shift[kept]], axis=0)
    coarse = np.unique(peaks[kept] + shift[kept] - reach) * step
    near = max(int(NEAR_S * rate), 1)
    edge = steepness(wave, rate)[np.clip(coarse[:, None] + np.arange(-near, near + 1), 0, len(wave) - 1)]
    return np.unique(coarse - near + edge.argmax(axis=1))


def _most_alike(pieces: NDArray[np.float64]) -> NDArray[np.float64]:
    """The piece that resembles most of the others."""
    few = pieces[:60]
    units = few / np.maximum(np.linalg.norm(few, axis=1, keepdims=True), 1e-12)
    best: NDArray[np.float64] = few[int(((units @ units.T) > 0.8).sum(axis=1).argmax())]
    return best


def find_fibre_spikes(
    trace: Trace, times_s: NDArray[np.float64], *, least_uv: float = SPIKE_UV, rise_us: float = RISE_US
) -> tuple[FibreSpike, ...]:
    """Spikes that follow or precede the trigger at a fixed place, in order of time; the trigger is among them.

    Parameters
    ----------
    trace : Trace
    times_s : ndarray
        Discharges, see :func:`find_unit_discharges`.
    least_uv, rise_us : float
        What counts as a spike: least size, greatest rise time from positive to negative peak.
    """
    from scipy import signal

    wave, rate = _prepared(trace), trace.sampling_rate_hz
    reach = int(REJECT_MS / 1000 * rate)
    at = np.round((times_s - trace.start_s) * rate).astype(int)
    at = at[(at >= reach) & (at < len(wave) - reach)]
    if not len(at):
        return ()
    pieces = wave[at[:, None] + np.arange(-reach, reach)]
    mean = np.median(pieces, axis=0)
    power = np.percentile(np.abs(pieces - mean), 50)
    slope = steepness(mean, rate)
    peaks, _ = signal.find_peaks(
        slope, height=0.1 * slope.max(), prominence=0.15 * slope.max(), distance=max(int(APART_MS / 1000 * rate), 1)
    )
    found = []
    floor = max(least_uv, 4 * power)
    for peak in peaks:
        size, rise = edge_at(mean, slope, int(peak), rate)
        if size >= floor and rise <= rise_us:
            found.append(FibreSpike(offset_ms=1000 * (peak - reach) / rate, amplitude_uv=size, rise_time_us=rise))
    found += moving_spikes(pieces, steepness(pieces, rate), found, rate, least_uv=floor, rise_us=rise_us)
    return tuple(sorted(found, key=lambda one: one.offset_ms))


def fibre_density(traces: list[Trace]) -> tuple[float, tuple[int, ...]]:
    """Mean number of synchronous spikes at sites where the triggering one was made as large as it can be.

    Parameters
    ----------
    traces : list of Trace
        One for each insertion; 20 are asked for (needle.md section 5, M).

    Returns
    -------
    tuple
        Fibre density, and the count of each site.

    Raises
    ------
    InputError
        If there is no trace or one has no spike.
    """
    if not traces:
        raise InputError("fibre density needs recordings", got="none", expected="20 sites")
    counts = tuple(max(len(find_fibre_spikes(trace, find_unit_discharges(trace))), 1) for trace in traces)
    return float(np.mean(counts)), counts


def measure_jitter(
    trace: Trace, *, times_s: NDArray[np.float64] | None = None, spikes: tuple[FibreSpike, ...] | None = None
) -> tuple[JitterPair, ...]:
    """Jitter of every spike against the triggering one.

    Parameters
    ----------
    trace : Trace
        50 kHz or more; a single-fibre needle with a low filter of 500 Hz, or a small concentric one with 1 kHz.
    times_s : ndarray, optional
        Discharges of the unit; found when left out.
    spikes : tuple of FibreSpike, optional
        Spikes to time; found when left out.

    Returns
    -------
    tuple of JitterPair
        One for each spike beside the largest; empty when there is only one.

    Raises
    ------
    InputError
        If the rate is below 20 kHz or nothing can be triggered on.

    Notes
    -----
    Each spike is timed by fitting the mean of its own edge between samples, with the other spikes subtracted, which
    averages the noise over the whole edge; the published choices are an interpolated crossing or steepest slope for a
    single-fibre needle and the negative peak for a concentric one (science 3.9).  The limits of normal were gathered with
    the noise in the jitter, so ``jitter_us`` keeps it; ``noise_us`` and ``without_noise_us`` say how much it is.
    """
    times = find_unit_discharges(trace) if times_s is None else np.asarray(times_s, dtype=np.float64)
    found = find_fibre_spikes(trace, times) if spikes is None else spikes
    if len(found) < 2:
        return ()
    wave, rate = _prepared(trace), trace.sampling_rate_hz
    places = np.array([spike.offset_ms for spike in found])
    reach = int((max(np.abs(places)) + 2.0) / 1000 * rate)
    at = np.round((times - trace.start_s) * rate).astype(int)
    kept = (at >= reach) & (at < len(wave) - reach)
    times, at = times[kept], at[kept]
    if len(at) < 2:
        raise InputError("jitter needs discharges", got=f"{len(at)} within the trace", expected="50 or more")
    around = at[:, None] + np.arange(-reach, reach)
    pieces, centres = wave[around], reach + places / 1000 * rate
    is_close = np.diff(np.sort(places)).min() < OVERLAP_MS  # edges overlap less than spikes
    if is_close or any(first_delays(pieces, centres, k, rate) is not None for k in range(len(found))):
        pieces = steepness(wave, rate)[
            around
        ]  # a spike that moves over the slow tail of its neighbour is seen by its edge
    first = int(np.argmax([spike.amplitude_uv for spike in found]))
    delays_us, noise_us = _delays_us(pieces, centres, rate)
    limits: tuple[str, ...] = (
        ("The rate is below 50 kHz: times lean on interpolation (unverified).",) if rate < GOOD_HZ else ()
    )
    limits += tuple(input_limits(trace))
    pairs = []
    for number in range(len(found)):
        if number == first:
            continue
        interval = delays_us[:, number] - delays_us[:, first] + 1000 * (places[number] - places[first])
        pair = jitter_of_intervals(np.abs(interval), times)
        both = (noise_us[number], noise_us[first])
        if both[0] is not None and both[1] is not None:
            pair = replace(pair, noise_us=MCD_OF_SD * float(np.hypot(both[0], both[1])))
        apart_us = 1000 * abs(float(places[number] - places[first]))
        pairs.append(_with_limits(pair, (*limits, *_pair_limits(pair, apart_us))))
    return tuple(pairs)


def _pair_limits(pair: JitterPair, apart_us: float) -> tuple[str, ...]:
    """What makes a pair unfit, as a reader would reject it."""
    found = []
    if pair.jitter_us is not None and pair.noise_us is not None and pair.noise_us > NOISY * pair.jitter_us:
        found.append(
            f"Noise alone gives a jitter of {pair.noise_us:.0f} µs here, a large part of what was measured: move the needle nearer."
        )
    if apart_us < 1000 * OVERLAP_MS:
        found.append(
            f"The spikes lie {apart_us:.0f} µs apart and run into one another: the jitter is not that of two fibres."
        )
    if pair.mean_interval_us is not None and abs(pair.mean_interval_us - apart_us) > LOST_TRACK_US:
        found.append("The second spike could not be followed from discharge to discharge: reject the pair.")
    return tuple(found)


def _with_limits(pair: JitterPair, limits: tuple[str, ...]) -> JitterPair:
    return replace(pair, limits=(*pair.limits, *limits)) if limits else pair


def _delays_us(
    pieces: NDArray[np.float64], centres: NDArray[np.float64], rate: float
) -> tuple[NDArray[np.float64], list[float | None]]:
    """Delay of each spike (columns) in each discharge (rows) against its mean, microseconds, and what noise adds to it.

    NaN where the spike is missing.
    """
    n, length = pieces.shape
    frequency = np.fft.rfftfreq(length, 1 / rate).astype(np.float64)
    before, after = (int(ms / 1000 * rate) for ms in WINDOW_MS)
    shifts = np.zeros((n, len(centres)))
    missing = np.zeros((n, len(centres)), dtype=bool)
    search = [SEARCH_MS] * len(centres)
    for k in range(len(centres)):
        moving = first_delays(pieces, centres, k, rate)
        if moving is not None:
            shifts[:, k], missing[:, k] = moving
            search[k] = MOVING_MS
    means = [_window(np.median(pieces, axis=0), centre, before, after) for centre in centres]
    for _ in range(PASSES):
        for k, centre in enumerate(centres):
            others = np.zeros_like(pieces)
            for j, mean in enumerate(means):
                if j != k:
                    others += np.where(missing[:, [j]], 0.0, _moved(mean, shifts[:, j], frequency))
            own = pieces - others
            aligned = _each_moved(own, -shifts[:, k], frequency)
            means[k] = _window(
                np.median(aligned[~missing[:, k]], axis=0) if (~missing[:, k]).any() else means[k],
                centre,
                before,
                after,
            )
            shifts[:, k], missing[:, k] = _fit(own, means[k], rate, search[k])
    left = pieces.copy()
    for k, mean in enumerate(means):
        left -= np.where(missing[:, [k]], 0.0, _moved(mean, shifts[:, k], frequency))
    noise = [timing_noise_us(left, mean, centres, k, rate) for k, mean in enumerate(means)]
    return np.where(missing, np.nan, shifts * 1e6), noise


def _window(wave: NDArray[np.float64], centre: float, before: int, after: int) -> NDArray[np.float64]:
    """The spike alone: full over its edge, faded to nothing around it."""
    place = np.arange(len(wave)) - centre
    fade = max(before // 2, 1)
    gate = np.clip((place + before + fade) / fade, 0, 1) * np.clip((after + fade - place) / fade, 0, 1)
    return wave * gate


def _moved(wave: NDArray[np.float64], by_s: NDArray[np.float64], frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    turn = np.exp(-2j * np.pi * frequency[None, :] * by_s[:, None])
    made: NDArray[np.float64] = np.fft.irfft(np.fft.rfft(wave)[None, :] * turn, n=len(wave), axis=1)
    return made


def _each_moved(
    waves: NDArray[np.float64], by_s: NDArray[np.float64], frequency: NDArray[np.float64]
) -> NDArray[np.float64]:
    turn = np.exp(-2j * np.pi * frequency[None, :] * by_s[:, None])
    made: NDArray[np.float64] = np.fft.irfft(np.fft.rfft(waves, axis=1) * turn, n=waves.shape[1], axis=1)
    return made


def _fit(
    own: NDArray[np.float64], mean: NDArray[np.float64], rate: float, search_ms: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Delay that fits the mean best, by the peak of the correlation between samples, and whether the spike is missing."""
    length = own.shape[1]
    power = float(mean @ mean)
    cross = np.fft.irfft(np.fft.rfft(own, axis=1) * np.conj(np.fft.rfft(mean))[None, :], n=length, axis=1) / max(
        power, 1e-12
    )
    reach = int(search_ms / 1000 * rate)
    lags = np.arange(-reach, reach + 1)
    part = cross[:, lags % length]
    best = np.clip(part.argmax(axis=1), 1, len(lags) - 2)
    rows = np.arange(len(own))
    left, middle, right = part[rows, best - 1], part[rows, best], part[rows, best + 1]
    bend = np.minimum(left - 2 * middle + right, -1e-12)
    shift = (lags[best] + np.clip(0.5 * (left - right) / bend, -1, 1)) / rate
    return shift, middle < LOST_SHARE
