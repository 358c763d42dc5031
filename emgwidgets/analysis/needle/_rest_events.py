"""Discharges at rest: noise, events, groups of one shape, periodic runs.  It names nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Conditioned", "Group", "condition", "events_of", "group_events", "remove_mains", "snippets"]

# Internal choices (P), each with its reason.
BAND_HZ = (150.0, 2500.0)  # a fibre spike lies here; muscles beside the needle and most white noise do not
NOISE_WINDOW_S, NOISE_QUANTILE = 0.005, 0.1  # quiet windows exist between discharges even in a dense train
THRESHOLD_NOISE = 4.5  # white noise crosses it less than once in ten seconds
DEAD_S = 0.002  # half the interval of the fastest neuromyotonic discharge
BEFORE_S, AFTER_S = 0.002, 0.003
MIN_CORRELATION = 0.8
MAX_SHIFT_S = 0.0008
MAX_EVENTS = 3000
MAX_GROUPS = 14
SPLIT_SEPARATION, SPLIT_MIXING, SPLIT_MIN = 5.0, 0.4, 4
FINE_MIN, FINE_CV, FINE_SHARE = (
    8,
    35.0,
    0.15,
)  # a voluntary unit: 8 discharges or more, intervals varying by up to a third
SMALL_SHARE, SMALL_NOISE = 0.3, 14.0  # a small event beside large ones of its shape may be noise
REFINE_NOISE, REFINE_MIN, REFINE_LEVEL, REFINE_CV = 30.0, 5, 4.5, 20.0  # a weak even train is looked for with its mean
LOCK_MS, LOCK_SHARE, LOCK_REACH_S = 0.4, 0.8, 0.03
PARTLY_SHARE, PARTLY_MIN = 0.5, 20  # by chance a fifth of the events of the fastest trains fall within so short a delay
PAIRS_MIN, PAIRS_SHARE = 3, 0.4  # three delays alike are no chance; spikes may be missed here and there
FAST_S = 0.01  # units that fire together can make intervals of 20 ms, not of 10; potentials of faster trains wane until another spike leads
LONE_INTERVALS = 0.5  # a discharge is further from its neighbours than half the usual interval


@dataclass(frozen=True, kw_only=True, eq=False)
class Conditioned:
    """A stretch ready for detection: raw without hum, its fast band, and the noise of that band."""

    raw_uv: NDArray[np.float64] = field(repr=False)
    fast_uv: NDArray[np.float64] = field(repr=False)
    noise_uv: float
    rate_hz: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Events of one shape: sample of the largest deflection and peak-to-peak size in the fast band."""

    samples: NDArray[np.int64] = field(repr=False)
    sizes_uv: NDArray[np.float64] = field(repr=False)


def remove_mains(samples_uv: NDArray[np.float64], rate_hz: float, frequency_hz: float) -> NDArray[np.float64]:
    """Subtract the sine and its multiples up to 500 Hz, fitted second by second."""
    cleaned = samples_uv.copy()
    n = max(int(rate_hz), 1)
    orders = np.arange(1, max(int(500.0 / frequency_hz), 1) + 1)
    for first in range(0, len(samples_uv), n):
        piece = samples_uv[first : first + n]
        if len(piece) < rate_hz / 4:
            break
        angle = 2 * np.pi * frequency_hz / rate_hz * (first + np.arange(len(piece)))[:, None] * orders
        basis = np.hstack([np.sin(angle), np.cos(angle), np.ones((len(piece), 1))])
        weights = np.linalg.solve(
            basis.T @ basis, basis.T @ piece
        )  # lines a few hertz apart in a quarter of a second: well posed
        cleaned[first : first + n] -= basis[:, :-1] @ weights[:-1]
    return cleaned


def condition(raw_uv: NDArray[np.float64], rate_hz: float) -> Conditioned:
    """Band of detection and its noise."""
    from scipy import signal

    high = min(BAND_HZ[1], 0.45 * rate_hz)
    sos = signal.butter(2, (BAND_HZ[0], high), "bandpass", fs=rate_hz, output="sos")
    fast = np.asarray(signal.sosfiltfilt(sos, raw_uv), dtype=np.float64)
    n = max(int(NOISE_WINDOW_S * rate_hz), 8)
    windows = fast[: len(fast) // n * n].reshape(-1, n)
    if not len(windows):
        return Conditioned(raw_uv=raw_uv, fast_uv=fast, noise_uv=0.0, rate_hz=rate_hz)
    rms = np.sqrt((windows**2).mean(axis=1))
    spread = 1.0 / np.sqrt(4.0 * (high - BAND_HZ[0]) * NOISE_WINDOW_S)  # of the RMS of so short a window
    quiet = float(np.quantile(rms, NOISE_QUANTILE)) / max(1.0 - 1.282 * spread, 0.3)
    return Conditioned(raw_uv=raw_uv, fast_uv=fast, noise_uv=quiet, rate_hz=rate_hz)


def events_of(found: Conditioned, *, threshold_factor: float = THRESHOLD_NOISE) -> NDArray[np.int64]:
    """Samples of the largest deflection of each event, in order."""
    from scipy import ndimage, signal

    fast, rate = found.fast_uv, found.rate_hz
    level = threshold_factor * max(found.noise_uv, 1e-6)
    width = max(int(0.0008 * rate), 1)
    envelope = np.sqrt(np.maximum(ndimage.uniform_filter1d(fast**2, width), 0.0))
    peaks, _ = signal.find_peaks(envelope, height=0.5 * level, distance=max(int(DEAD_S * rate), 1))
    if not len(peaks):
        return np.zeros(0, dtype=np.int64)
    reach = max(int(0.0006 * rate), 1)
    index = np.clip(peaks[:, None] + np.arange(-reach, reach + 1), 0, len(fast) - 1)
    sizes = np.abs(fast[index])
    best = index[np.arange(len(peaks)), sizes.argmax(axis=1)]
    best = np.unique(best[sizes.max(axis=1) >= level]).astype(np.int64)
    if len(best) > MAX_EVENTS:  # denser than trains can be told apart: keep the largest
        best = np.sort(best[np.argsort(-np.abs(fast[best]))[:MAX_EVENTS]])
    return best


def snippets(signal_uv: NDArray[np.float64], at: NDArray[np.int64], before: int, after: int) -> NDArray[np.float64]:
    """Pieces around samples, shape ``(n, before + after)``; beyond the ends the last value."""
    index = np.clip(at[:, None] + np.arange(-before, after), 0, max(len(signal_uv) - 1, 0))
    pieces: NDArray[np.float64] = signal_uv[index]
    return pieces


def group_events(found: Conditioned, at: NDArray[np.int64]) -> list[Group]:
    """Part events by shape, then by size where two sizes alternate, then join what is locked in time."""
    if not len(at):
        return []
    rate = found.rate_hz
    before, after = int(BEFORE_S * rate), int(AFTER_S * rate)
    shift = max(int(MAX_SHIFT_S * rate), 1)
    wide = snippets(found.fast_uv, at, before + shift, after + shift)
    label, lag = _by_shape(wide, shift, found.noise_uv)
    at = np.clip(at + lag, 0, len(found.fast_uv) - 1)  # an event at either end may fit best beyond it
    sizes = np.ptp(snippets(found.fast_uv, at, before, after), axis=1)
    groups: list[Group] = []
    for one in np.unique(label[label >= 0]):
        own = np.flatnonzero(label == one)
        own = own[np.argsort(at[own])]
        groups += [Group(samples=at[own[part]], sizes_uv=sizes[own[part]]) for part in _by_size(sizes[own])]
    groups = [part for group in groups for part in _without_small(group, found.noise_uv)]
    parts: list[Group] = []
    for group in groups:
        parts += _finer(found, _single(group, rate))
    return _joined([_one_of_pairs(_refined(found, group), rate) for group in parts], rate)


def _without_small(group: Group, noise_uv: float) -> list[Group]:
    """Events near the noise that only resemble much larger ones become a group of their own."""
    small = (group.sizes_uv < SMALL_SHARE * np.quantile(group.sizes_uv, 0.9)) & (
        group.sizes_uv < SMALL_NOISE * noise_uv
    )
    if not small.any() or small.all():
        return [group]
    return [Group(samples=group.samples[part], sizes_uv=group.sizes_uv[part]) for part in (~small, small)]


def _refined(found: Conditioned, group: Group) -> Group:
    """A weak train looked for again with its own mean as a matched filter; kept when it comes out even."""
    from scipy import signal

    weak = np.median(group.sizes_uv) < REFINE_NOISE * found.noise_uv
    if not weak or len(group.samples) < REFINE_MIN or _step_percent(group.samples) == 0:
        return group
    rate = found.rate_hz
    before, after = int(BEFORE_S * rate), int(AFTER_S * rate)
    top = np.argsort(-group.sizes_uv)[: max(len(group.samples) // 2, REFINE_MIN)]
    mean = snippets(found.fast_uv, group.samples[top], before, after).mean(axis=0)
    power = float(mean @ mean)
    fit = signal.fftconvolve(found.fast_uv, mean[::-1], mode="same") / max(power, 1e-12)
    lag = (len(mean) - 1) // 2 - before  # of the filter's middle after the largest deflection
    spread = 1.4826 * float(np.median(np.abs(fit)))
    peaks, _ = signal.find_peaks(fit, height=max(REFINE_LEVEL * spread, 0.5), distance=max(int(DEAD_S * rate), 1))
    peaks = peaks[fit[peaks] < 2.0] - lag
    peaks = peaks[(peaks >= 0) & (peaks < len(fit))]
    if len(peaks) < REFINE_MIN or _step_percent(peaks) > REFINE_CV:
        return group
    sizes = np.ptp(snippets(found.fast_uv, peaks, before, after), axis=1)
    return Group(samples=peaks.astype(np.int64), sizes_uv=sizes)


def _finer(found: Conditioned, group: Group) -> list[Group]:
    """Several units of nearly one shape, told apart by their difference; kept as one where that brings no more rhythm."""
    rate = found.rate_hz
    before_cv = _step_percent(group.samples)
    if len(group.samples) < 3 * FINE_MIN or before_cv < FINE_CV:
        return [group]
    shift = max(int(0.0003 * rate), 1)
    before, after = int(BEFORE_S * rate), int(AFTER_S * rate)
    wide = snippets(found.fast_uv, group.samples, before + shift, after + shift)
    n = before + after
    left = np.arange(len(wide))
    made, regular = [], 0
    for _ in range(MAX_GROUPS):
        if len(left) < FINE_MIN:
            break
        lead = wide[left[np.argsort(-np.ptp(wide[left], axis=1))[len(left) // 8]], shift : shift + n]
        for _ in range(2):
            rest = np.min([((wide[left][:, d : d + n] - lead) ** 2).mean(axis=1) for d in range(2 * shift + 1)], axis=0)
            near = rest < FINE_SHARE * float((lead**2).mean()) + 2 * found.noise_uv**2
            if near.any():
                lead = wide[left[near], shift : shift + n].mean(axis=0)
        if not near.any():
            left = np.delete(left, np.argsort(-np.ptp(wide[left], axis=1))[len(left) // 8])
            continue
        own = left[near]
        made.append(own)
        regular += len(own) if len(own) >= FINE_MIN and _step_percent(group.samples[own]) < FINE_CV else 0
        left = left[~near]
    if regular < 0.3 * len(wide):
        return [group]
    return [Group(samples=group.samples[own], sizes_uv=group.sizes_uv[own]) for own in [*made, left] if len(own)]


def _step_percent(samples: NDArray[np.int64]) -> float:
    """Spread of neighbouring intervals in percent."""
    gaps = np.diff(samples).astype(np.float64)
    if len(gaps) < 3:
        return 100.0
    return float(np.median(np.abs(np.diff(gaps)) * 2 / (gaps[1:] + gaps[:-1])) * 100 / 0.954)


def _by_shape(wide: NDArray[np.float64], shift: int, noise_uv: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Label of each snippet, and the lag to its leader; the largest events lead."""
    n = wide.shape[1] - 2 * shift
    step = max(n // 40, 1)
    label = np.full(len(wide), -1, dtype=np.int64)
    lag = np.zeros(len(wide), dtype=np.int64)
    left = np.argsort(-np.ptp(wide, axis=1))
    lags = np.arange(-shift, shift + 1, max(shift // 10, 1))
    for number in range(MAX_GROUPS):
        if not len(left):
            break
        leader = wide[left[0], shift : shift + n]
        for _ in range(2):  # the second pass leads with the mean of what followed the first
            pieces = np.stack([wide[left][:, shift + d : shift + d + n : step] for d in lags], axis=1)
            norm = np.sqrt((pieces**2).sum(axis=2))
            match = (pieces @ leader[::step]) / np.maximum(norm * np.sqrt((leader[::step] ** 2).sum()), 1e-12)
            best = match.argmax(axis=1)
            value = match[np.arange(len(left)), best]
            power = norm[np.arange(len(left)), best] ** 2 / pieces.shape[2]
            clean = np.sqrt(np.clip(1.0 - noise_uv**2 / np.maximum(power, 1e-12), 0.1, 1.0))
            follows = value / clean >= MIN_CORRELATION
            follows[0] = True
            leader = np.mean(
                [wide[i, shift + lags[b] : shift + lags[b] + n] for i, b in zip(left[follows][:60], best[follows][:60], strict=True)],
                axis=0,
            )  # fmt: skip
        chosen = left[follows]
        label[chosen], lag[chosen] = number, lags[best[follows]]
        left = left[~follows]
    return label, lag


def _by_size(sizes: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Parts of one shape whose sizes form two classes that alternate in time; a slow change is one source."""
    everything = np.arange(len(sizes))
    if len(sizes) < 2 * SPLIT_MIN:
        return [everything]
    logs = np.log(np.maximum(sizes, 1e-9))
    order = np.sort(logs)
    gaps = np.diff(order)[SPLIT_MIN - 1 : len(order) - SPLIT_MIN]
    if not len(gaps):
        return [everything]
    cut = SPLIT_MIN - 1 + int(gaps.argmax())
    high = logs > (order[cut] + order[cut + 1]) / 2
    within = np.sqrt((logs[high].var() * high.sum() + logs[~high].var() * (~high).sum()) / len(logs))
    apart = (logs[high].mean() - logs[~high].mean()) / max(within, 0.02)
    share = high.mean()
    mixing = float((high[1:] != high[:-1]).mean()) / max(2 * share * (1 - share), 1e-9)
    if apart < SPLIT_SEPARATION or mixing < SPLIT_MIXING:
        return [everything]
    return [np.flatnonzero(side)[part] for side in (high, ~high) for part in _by_size(sizes[side])]


def _single(group: Group, rate: float) -> Group:
    """One event within the dead time: the larger one."""
    order = np.argsort(group.samples, kind="stable")
    at, sizes = group.samples[order], group.sizes_uv[order]
    while len(at) > 1 and (np.diff(at) < DEAD_S * rate).any():
        k = int(np.argmax(np.diff(at) < DEAD_S * rate))
        drop = k if sizes[k] < sizes[k + 1] else k + 1
        at, sizes = np.delete(at, drop), np.delete(sizes, drop)
    return Group(samples=at, sizes_uv=sizes)


def _one_of_pairs(group: Group, rate: float) -> Group:
    """Events that come in pairs at one fixed delay are two spikes of one discharge; it counts at the larger of them.

    Two discharges of one axon keep no delay so exactly.  In a train every event follows another: those are no pairs.
    """
    gaps = np.diff(group.samples) / rate
    short = np.flatnonzero(gaps < FAST_S)
    if len(short) < PAIRS_MIN or len(short) < PAIRS_SHARE * len(group.samples) or (np.diff(short) == 1).any():
        return group
    if np.ptp(gaps[short]) > LOCK_MS / 1000.0:
        return group
    first, second = float(np.median(group.sizes_uv[short])), float(np.median(group.sizes_uv[short + 1]))
    kept = np.delete(np.arange(len(group.samples)), short + 1 if first >= second else short)
    return Group(samples=group.samples[kept], sizes_uv=group.sizes_uv[kept])


def _joined(groups: list[Group], rate: float) -> list[Group]:
    """Leave out events that follow those of a larger group at a fixed delay: further spikes of one discharge.

    Potentials of fast trains wane until a further spike alone is an event; the discharge counts at its leading spike.
    """
    order = sorted(groups, key=lambda group: -float(np.median(group.sizes_uv)) * len(group.samples) ** 0.5)
    kept: list[Group] = []
    for group in order:
        left: Group | None = group
        for number, other in enumerate(kept):
            follows, lag_s = _following(group.samples / rate, other.samples / rate)
            is_fast = _is_fast_train(other, rate)
            if follows.mean() >= LOCK_SHARE:
                kept[number] = _with_lone(other, group, round(lag_s * rate)) if is_fast else other
                left = None
                break
            if is_fast and follows.mean() >= PARTLY_SHARE and follows.sum() >= PARTLY_MIN:
                left = Group(samples=group.samples[~follows], sizes_uv=group.sizes_uv[~follows])
        if left is not None:
            kept.append(left)
    return kept


def _is_fast_train(group: Group, rate: float) -> bool:
    is_even = _step_percent(group.samples) < REFINE_CV  # end-plate noise is as dense and has no rhythm
    return is_even and float(np.median(np.diff(group.samples))) / rate < FAST_S


def _with_lone(lead: Group, further: Group, lag: int) -> Group:
    """Take in discharges of which only a further spike is an event; those near another discharge of the train are none."""
    at = further.samples - lag
    reach = LONE_INTERVALS * float(np.median(np.diff(lead.samples)))
    is_lone = (np.abs(at[:, None] - lead.samples[None, :]).min(axis=1) > reach) & (at >= 0)
    if not is_lone.any():
        return lead
    samples = np.concatenate([lead.samples, at[is_lone]])
    order = np.argsort(samples)
    return Group(samples=samples[order], sizes_uv=np.concatenate([lead.sizes_uv, further.sizes_uv[is_lone]])[order])


def _following(times_s: NDArray[np.float64], to_s: NDArray[np.float64]) -> tuple[NDArray[np.bool_], float]:
    """Which events follow those of the other group at the delay at which most of them do, and that delay."""
    nothing = np.zeros(len(times_s), dtype=bool), 0.0
    if len(times_s) < 3 or len(to_s) < 3:
        return nothing
    if len(times_s) * len(to_s) < 4_000_000:
        near = times_s[:, None] - to_s[None, :]
    else:
        place = np.clip(np.searchsorted(to_s, times_s), 1, len(to_s) - 1)
        near = np.stack([times_s - to_s[place - 1], times_s - to_s[place]], axis=1)
    near = np.where(np.abs(near) <= LOCK_REACH_S, near, np.nan)
    flat = np.sort(near[np.isfinite(near)])
    if len(flat) < PARTLY_SHARE * len(times_s):
        return nothing
    wide = 2 * LOCK_MS / 1000.0
    count = np.searchsorted(flat, flat + wide, side="right") - np.arange(len(flat))
    start = flat[int(count.argmax())]
    hit = (near >= start) & (near <= start + wide)
    return hit.any(axis=1), float(np.median(near[hit]))
