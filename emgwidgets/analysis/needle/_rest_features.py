"""Features of a train of discharges at rest: rhythm, course, bursts and shape, each a number with its unit in the name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle._rest_events import Conditioned, Group, snippets

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Shape", "course_features", "fine_times_s", "follows", "rhythm_features", "shape_of", "true_period"]

NAN = float("nan")
# Internal choices (P), each with its reason.
PAUSE_FACTOR = 4.0  # a gap this much longer than the middle one ends a run
BURST_RATIO = 1.7  # gaps between bursts are at least this much longer than those within
BEFORE_S, AFTER_S = 0.012, 0.025  # a positive wave lasts up to 30 ms
FIRST_SHARE, END_SHARE = 0.1, 0.05  # of the peak: first deflection, and ends of the duration
MIN_STEPS = 8  # discharges that must repeat before spikes count as one discharge
IRREGULAR_PERCENT = 25.0  # spikes of one discharge counted singly make long and short intervals alternate
CYCLE_S, LOCKED_SHARE, CYCLE_LOCKED = 0.0004, 0.1, 0.7  # most lags lie within a spike's width of many others
LONGEST_CYCLE_S, CYCLE_BIN_S = 0.22, 0.0005  # 5 per second is the slowest chain (WUS V); a bin holds a spike's width
CYCLE_SHARE, CYCLE_STARTS, CYCLE_CV, MAX_MISSED = 0.3, 5, 3.0, 3  # a chain must carry much of the group and be even
STRONG_NOISE, SMOOTH_S = 30.0, 0.00008  # half the power is left at 2 kHz
FINE_S = 0.0004  # half the width of a spike: the best fit lies within it
LINK_MS = 1.5  # a longer quiet stretch parts the discharge from what lies beside it
NORMAL_STEP = 0.954  # median |difference| of two normal deviates over their spread
MAX_TEMPLATE = 400  # discharges averaged for a shape


def _local_cv(gaps: NDArray[np.float64]) -> float:
    """Spread of neighbouring intervals in percent, so that a slow change or a step of the rate does not count."""
    if len(gaps) < 3:
        return NAN
    return float(100.0 * np.median(np.abs(np.diff(gaps)) * 2 / (gaps[1:] + gaps[:-1])) / NORMAL_STEP)


def true_period(group: Group, rate_hz: float) -> Group:
    """Keep one event of each discharge where several alike spikes repeat in a fixed order."""
    times = group.samples / rate_hz
    if len(times) < 24:
        return group
    one = _local_cv(np.diff(times))
    gaps = np.diff(times)
    if one < IRREGULAR_PERCENT:  # even but for a few events between
        return _one_per_cycle(group, times) if (gaps < 0.7 * np.median(gaps)).any() else group
    for k in range(2, 8):
        steps = times[k:] - times[:-k]
        if len(steps[::k]) >= MIN_STEPS and _local_cv(steps[::k]) < min(4.0, one / 5):
            phase = int(np.argmax([np.median(group.sizes_uv[p::k]) for p in range(k)]))
            return Group(samples=group.samples[phase::k], sizes_uv=group.sizes_uv[phase::k])
    return _one_per_cycle(group, times)


def _one_per_cycle(group: Group, times: NDArray[np.float64]) -> Group:
    """The same where spikes are missing here and there: the interval that comes back most often is the cycle."""
    last = np.searchsorted(times, times + LONGEST_CYCLE_S)
    count = last - np.arange(len(times)) - 1
    from_ = np.repeat(np.arange(len(times)), count)
    lags = times[from_ + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + 1] - times[from_]
    bins = np.bincount((lags / CYCLE_BIN_S).astype(int), minlength=4)
    pairs = bins[:-1] + bins[1:]
    often = np.flatnonzero(pairs >= max(0.85 * pairs.max(), CYCLE_SHARE * len(times)))
    if not len(often):
        return group
    cycle = float(often[0] + 1) * CYCLE_BIN_S
    cycle = float(np.median(lags[np.abs(lags - cycle) < 1.5 * CYCLE_BIN_S]))
    rows = np.argsort(-group.sizes_uv)[:CYCLE_STARTS]
    chains = [_chain(times, int(start), cycle) for start in rows]
    kept = max(chains, key=lambda chain: float(group.sizes_uv[chain].sum()))
    if len(kept) < CYCLE_SHARE * len(times) * 0.5 or _local_cv(np.diff(times[kept])) > CYCLE_CV:
        return group
    if not follows(times, times[kept]):
        return group
    return Group(samples=group.samples[kept], sizes_uv=group.sizes_uv[kept])


def follows(times_s: NDArray[np.float64], leader_s: NDArray[np.float64]) -> bool:
    """Whether events lie at a few fixed places in the cycle of a leader."""
    place = np.searchsorted(leader_s, times_s) - 1
    lags = np.sort((times_s - leader_s[np.clip(place, 0, None)])[place >= 0])
    if len(lags) < 3:
        return False
    near = np.searchsorted(lags, lags + CYCLE_S) - np.searchsorted(lags, lags - CYCLE_S)
    chance = 2 * CYCLE_S / float(np.median(np.diff(leader_s)))
    return bool((near > max(2 * chance, LOCKED_SHARE) * len(lags)).mean() > CYCLE_LOCKED)


def _chain(times: NDArray[np.float64], start: int, cycle: float) -> list[int]:
    """Events that follow and precede one another by the cycle, a few missing ones stepped over."""
    found = [start]
    for sign in (1, -1):
        at, missed = float(times[start]), 0
        while missed <= MAX_MISSED:
            wanted = at + sign * cycle
            near = int(np.argmin(np.abs(times - wanted)))
            if abs(times[near] - wanted) <= 1.5 * CYCLE_BIN_S:
                at, missed = float(times[near]), 0
                found.append(near)
            else:
                at, missed = wanted, missed + 1
            if not times[0] - cycle <= at <= times[-1] + cycle:
                break
    return sorted(set(found))


def rhythm_features(times_s: NDArray[np.float64], duration_s: float) -> dict[str, float]:
    """Rate, regularity and bursts."""
    n = len(times_s)
    gaps = np.diff(times_s)
    found = {
        "n_discharges": float(n), "mean_rate_hz": n / duration_s, "rate_hz": NAN, "interval_cv_percent": NAN,
        "local_cv_percent": NAN, "shortest_interval_ms": NAN, "spikes_per_burst": NAN, "burst_rate_hz": NAN,
        "burst_cv_percent": NAN, "rate_in_burst_hz": NAN, "burst_ratio": 1.0, "longest_run_s": 0.0,
    }  # fmt: skip
    if len(gaps) < 2:
        return found
    middle = float(np.median(gaps))
    within = gaps[gaps <= PAUSE_FACTOR * middle]
    found.update(
        rate_hz=1 / middle, interval_cv_percent=100 * float(within.std() / within.mean()), local_cv_percent=_local_cv(within),
        shortest_interval_ms=1000 * float(np.quantile(gaps, 0.05)),
        longest_run_s=float(np.max(np.diff(np.concatenate([[0.0], times_s[1:][gaps > PAUSE_FACTOR * middle], [times_s[-1]]])), initial=0.0)),
    )  # fmt: skip
    found.update(_bursts(times_s, gaps))
    return found


def _bursts(times_s: NDArray[np.float64], gaps: NDArray[np.float64]) -> dict[str, float]:
    order = np.sort(gaps)
    if len(order) < 6:
        return {}
    ratio = order[2:-1] / order[1:-2]  # at least two gaps on each side
    cut = int(ratio.argmax()) + 1
    if ratio.max() < BURST_RATIO:
        return {}
    limit = float(np.sqrt(order[cut] * order[cut + 1]))
    long = np.flatnonzero(gaps > limit)
    sizes = np.diff(np.concatenate([[-1], long, [len(gaps)]]))
    starts = times_s[np.concatenate([[0], long + 1])]
    between = np.diff(starts)
    short = gaps[gaps <= limit]
    return {
        "spikes_per_burst": float(np.median(sizes)), "burst_rate_hz": 1 / float(np.median(between)),
        "burst_cv_percent": 100 * float(between.std() / between.mean()) if len(between) > 1 else NAN,
        "rate_in_burst_hz": 1 / float(np.median(short)), "burst_ratio": float(ratio.max()), "local_cv_percent": _local_cv(short),
    }  # fmt: skip


def _smooth(values: NDArray[np.float64], n: int = 5) -> NDArray[np.float64]:
    if len(values) < n:
        return values
    windows = np.lib.stride_tricks.sliding_window_view(values, n)
    middle: NDArray[np.float64] = np.median(windows, axis=1)
    return middle


def course_features(times_s: NDArray[np.float64], sizes_uv: NDArray[np.float64]) -> dict[str, float]:
    """How rate and size change, and how runs begin."""
    found = {"rate_low_hz": NAN, "rate_high_hz": NAN, "rate_span": 1.0, "size_change_percent": 0.0, "onset_percent": NAN,
             "size_rise_percent": 0.0, "size_fall_percent": 0.0, "amplitude_uv": float(np.median(sizes_uv)) if len(sizes_uv) else NAN}  # fmt: skip
    gaps = np.diff(times_s)
    if len(gaps) < 8:
        return found
    middle = float(np.median(gaps))
    within = gaps[gaps <= PAUSE_FACTOR * middle]
    rates = 1 / _smooth(within)
    low, high = np.quantile(rates, (0.03, 0.97))
    found.update(rate_low_hz=float(low), rate_high_hz=float(high), rate_span=float(high / low))
    ends = np.flatnonzero(gaps > PAUSE_FACTOR * middle) + 1
    runs = [run for run in np.split(sizes_uv, ends) if len(run) >= 12]
    if not runs:
        runs = [sizes_uv]
    rises, falls, onsets, changes = [], [], [], []
    for run in runs:
        smooth = _smooth(run)
        top = int(smooth.argmax())
        peak = max(float(smooth[top]), 1e-9)
        rises.append(100 * (1 - float(smooth[: top + 1].min()) / peak))
        falls.append(100 * (1 - float(smooth[top:].min()) / peak))
        onsets.append(100 * float(np.median(run[:3])) / peak)
        changes.append(100 * (1 - float(smooth.min()) / peak))
    found.update(
        size_rise_percent=float(np.median(rises)), size_fall_percent=float(np.median(falls)),
        onset_percent=float(np.median(onsets)), size_change_percent=float(np.median(changes)),
    )  # fmt: skip
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """Mean discharge and what is read from it; ``zero`` is the sample of the discharge's time."""

    template_uv: NDArray[np.float64] = field(repr=False)
    zero: int
    sizes_uv: NDArray[np.float64] = field(repr=False)
    features: dict[str, float] = field(repr=False)


def shape_of(found: Conditioned, group: Group) -> Shape:
    """Mean of the discharges on the unfiltered trace, and its features."""
    rate = found.rate_hz
    gaps = np.diff(group.samples)
    room = 0.5 * float(np.quantile(gaps, 0.2)) if len(gaps) else np.inf
    before = int(np.clip(room, 0.002 * rate, BEFORE_S * rate))
    after = int(np.clip(2 * room - before, 0.003 * rate, AFTER_S * rate))
    at = group.samples
    if len(at) > MAX_TEMPLATE:
        at = at[np.linspace(0, len(at) - 1, MAX_TEMPLATE).astype(int)]
    pieces = snippets(found.raw_uv, at, before, after)
    pieces = pieces - np.median(pieces[:, : max(before // 3, 2)], axis=1, keepdims=True)
    template = np.median(pieces, axis=0) if len(pieces) > 4 else pieces.mean(axis=0)
    sharp = template
    template = _smoothed(template, rate, found.noise_uv)
    noise = _noise_of(pieces, template, before)
    features = _read(template, rate, noise)
    features["rise_us"] = float(np.ptp(sharp) / max(float(np.abs(np.diff(sharp)).max()), 1e-12)) * 1e6 / rate
    features["stability"] = _stability(pieces, template, before, rate, found.noise_uv)
    near = snippets(found.raw_uv, group.samples, min(before, int(0.006 * rate)), min(after, int(0.01 * rate)))
    return Shape(template_uv=template, zero=before, sizes_uv=np.ptp(near, axis=1), features=features)


def _smoothed(template: NDArray[np.float64], rate: float, noise_uv: float) -> NDArray[np.float64]:
    """A weak template freed of noise above the band of fibre spikes; a strong one as it is."""
    if np.ptp(template) > STRONG_NOISE * noise_uv:
        return template
    from scipy import ndimage

    made: NDArray[np.float64] = ndimage.gaussian_filter1d(template, SMOOTH_S * rate)
    return made


def _noise_of(pieces: NDArray[np.float64], template: NDArray[np.float64], before: int) -> float:
    quiet = pieces[:, : max(before // 2, 2)] - template[: max(before // 2, 2)]
    return float(1.4826 * np.median(np.abs(quiet)) / np.sqrt(len(pieces)))


def _stability(
    pieces: NDArray[np.float64], template: NDArray[np.float64], before: int, rate: float, noise_uv: float
) -> float:
    """Share of the power of single discharges, in the first milliseconds, that the scaled mean explains; noise allowed for."""
    part = slice(max(before - int(0.001 * rate), 0), before + int(0.002 * rate))
    own, mean = pieces[:, part], template[part]
    own = own - own.mean(axis=1, keepdims=True)
    mean = mean - mean.mean()
    scale = own @ mean / max(float(mean @ mean), 1e-12)
    rest = ((own - scale[:, None] * mean) ** 2).mean(axis=1)
    power = (own**2).mean(axis=1)
    return float(np.clip(np.median(1 - np.clip(rest - noise_uv**2, 0, None) / np.maximum(power, 1e-12)), 0, 1))


def _linked(is_loud: NDArray[np.bool_], peak: int, reach: float) -> NDArray[np.int64]:
    """Loud samples that hang together with the peak, quiet stretches up to ``reach`` samples bridged."""
    places = np.flatnonzero(is_loud)
    if not len(places):
        return places
    at = int(np.searchsorted(places, peak))
    breaks = np.flatnonzero(np.diff(places) > reach) + 1
    first = int(max(breaks[breaks <= at], default=0))
    last = int(min(breaks[breaks > at], default=len(places)))
    return places[first:last]


def fine_times_s(found: Conditioned, group: Group) -> NDArray[np.float64]:
    """Times of the events between samples, each by its best fit to the mean of the group in the fast band."""
    rate, n = found.rate_hz, len(group.samples)
    at = group.samples / rate
    before, after, reach = int(0.002 * rate), int(0.003 * rate), max(int(FINE_S * rate), 2)
    if n < 3:
        return at
    wide = snippets(found.fast_uv, group.samples, before + reach, after + reach)
    top = np.argsort(-group.sizes_uv)[: max(n // 2, min(n, 20))]
    shift = np.zeros(n)
    for _ in range(2):
        moved = np.round(shift[top]).astype(int)
        mean = np.mean(
            [wide[k, reach + d : reach + d + before + after] for k, d in zip(top, moved, strict=True)], axis=0
        )
        match = np.stack(
            [wide[:, reach + d : reach + d + before + after] @ mean for d in range(-reach, reach + 1)], axis=1
        )
        best = np.clip(match.argmax(axis=1), 1, 2 * reach - 1)
        rows = np.arange(n)
        left, middle, right = match[rows, best - 1], match[rows, best], match[rows, best + 1]
        bend = np.minimum(left - 2 * middle + right, -1e-12)
        shift = best - reach + np.clip(0.5 * (left - right) / bend, -1, 1)
    return np.maximum.accumulate(at + shift / rate)


def _read(template: NDArray[np.float64], rate: float, noise: float) -> dict[str, float]:
    size = float(np.abs(template).max())
    to_ms = 1000.0 / rate
    if size <= 0:
        return {"first_deflection": NAN, "negative_share": NAN, "duration_ms": NAN, "spike_ms": NAN,
                "after_positive_ms": NAN, "n_phases": NAN, "peak_uv": 0.0, "slow_share": NAN}  # fmt: skip
    peak = int(np.abs(template).argmax())
    loud = _linked(np.abs(template) > max(FIRST_SHARE * size, 4 * noise), peak, LINK_MS / to_ms)
    wide = _linked(np.abs(template) > max(END_SHARE * size, 4 * noise), peak, LINK_MS / to_ms)
    first = float(np.sign(template[loud[0]])) if len(loud) else NAN
    main = np.sign(template[peak]) * template / size
    left = peak - int(np.argmax(main[peak::-1] < 0.5)) if (main[: peak + 1] < 0.5).any() else 0
    right = peak + int(np.argmax(main[peak:] < 0.5)) if (main[peak:] < 0.5).any() else len(template) - 1
    span = float(np.ptp(template))
    signs = np.sign(np.where(np.abs(template) > max(0.08 * size, 4 * noise), template, 0))
    signs = signs[signs != 0]
    tail = template[peak:]
    negative = np.flatnonzero(tail < -max(0.03 * size, 2 * noise))
    return {
        "first_deflection": first, "negative_share": float(-template.min() / max(span, 1e-12)),
        "duration_ms": float(wide[-1] - wide[0]) * to_ms if len(wide) else NAN, "spike_ms": (right - left) * to_ms,
        "after_positive_ms": len(negative) * to_ms,
        "n_phases": float(1 + (np.diff(signs) != 0).sum()), "peak_uv": size,
    }  # fmt: skip
