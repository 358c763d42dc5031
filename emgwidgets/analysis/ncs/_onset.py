"""Where a negative deflection begins: published rules side by side, and the estimate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._baseline import Levelled, robust_sd, smooth
from emgwidgets.analysis.ncs._rises import HIGH_SHARE, KNEE_SHARE, X_EDGES, crossing, rises

__all__ = ["ONSET_RULES", "Onset", "find_onset"]

Floats = NDArray[np.float64]

#: Rules, with where each comes from (keys of the bibliography) and its mark.
ONSET_RULES = {
    "three_sd": "last sample within 3 SD of the baseline before the rise (HodgesBui1996, V: 1 to 3 SD compared)",
    "tangent": "steepest slope drawn back to the baseline (science 3.1, P)",
    "change_point": "likeliest change of variance, Akaike's criterion (Maeda1985, M)",
    "two_lines": "break of a level and a rising line (Hudson1966, M)",
    "edge_fit": "rising edges of physiology weighted by their likelihood, read at 1 % of the peak (internal choice; the estimate)",
}
# Internal choices by judgement, not optimised; tried on the test generator:
MISFIT_SHARE = 0.015
"""How far a real foot strays from the nearest edge of the bank, as a share of the peak (half the distance of neighbours)."""
POSITIVE_SHARE, POSITIVE_SD = 0.05, 4.0  # ncs section 7 (M): positive first phase > 5 % of peak
LOOK_BACK_MS = 4.0
SHORT_RISE = 3.0
"""A rise shorter than this many SDs of the smoothing is made longer by it, so that its reading is uncertain."""
VERTEX_ROOM = 1.35
"""Times the SD of the top of an initial positivity: a parabola is not its shape; development seeds."""
RULE_LAG, RULE_LAG_MS, QUIET_SHARE, CLEAN_SHARE = 0.35, 0.15, 0.15, 0.06
"""How far before every published rule the estimate may lie: a share of the rise, and 0.15 ms in a clean trace; development seeds."""


@dataclass(frozen=True, kw_only=True)
class Onset:
    """Onset in ms with its 90 % interval; ``rules`` holds the time of each rule that gave one."""

    time_ms: float
    low_ms: float
    high_ms: float
    rules: tuple[tuple[str, float], ...]
    is_initially_positive: bool = False
    positive_uv: float = 0.0


def _edge_fit(
    levelled: Levelled, *, at_ms: float, rise_ms: float, height_uv: float, is_wide: bool
) -> tuple[float, float, float]:
    """Median and 5 % and 95 % points of the onset (ms) over all edges of the bank, each weighted by its likelihood."""
    bank = rises(is_wide=is_wide)
    edges_ms = at_ms + X_EDGES * rise_ms
    times_ms, step_ms = levelled.times_ms, levelled.step_ms
    first = int(np.searchsorted(edges_ms, max(levelled.artefact_end_ms, float(times_ms[0]))))
    stop = max(int(np.searchsorted(edges_ms, times_ms[-1])) - 1, first + 1)
    total = np.concatenate([[0.0], np.cumsum(levelled.wave_uv)]) * step_ms
    borders_ms = np.concatenate([[times_ms[0] - 0.5 * step_ms], times_ms + 0.5 * step_ms])
    bin_ms = float(edges_ms[1] - edges_ms[0])
    height = -np.diff(np.interp(edges_ms[first : stop + 1], borders_ms, total)) / (bin_ms * height_uv)
    likeness = np.einsum(
        "i,ij->j", height.astype(np.float32), bank.shapes[first:stop]
    )  # not a product: see ``_baseline._fit``
    squared = bank.energy[stop] - bank.energy[first] - 2.0 * likeness
    squared += float(height @ height)
    noise_share = (levelled.noise_uv / height_uv) ** 2 * max(levelled.n_together, 1.0) * step_ms / bin_ms
    variance = max(noise_share, 1e-12) + MISFIT_SHARE**2
    variance *= max(1.0, float(squared.min()) / (variance * max(len(height), 1)))  # a foot unlike every edge widens
    weight = np.cumsum(np.exp(-0.5 * (squared - squared.min()).astype(np.float64) / variance))
    low, middle, high = at_ms + rise_ms * np.interp(np.array([0.05, 0.5, 0.95]) * weight[-1], weight, bank.onsets)
    return float(middle), float(low), float(high)


def _change_point(wave_uv: Floats) -> int:
    n = len(wave_uv)
    index = np.arange(2, n - 2)
    total, square = np.cumsum(wave_uv), np.cumsum(wave_uv**2)
    before = square[index - 1] / index - (total[index - 1] / index) ** 2
    after_n = n - index
    after = (square[-1] - square[index - 1]) / after_n - ((total[-1] - total[index - 1]) / after_n) ** 2
    cost = index * np.log(np.maximum(before, 1e-12)) + after_n * np.log(np.maximum(after, 1e-12))
    return int(index[np.argmin(cost)])


def _two_lines(times_ms: Floats, wave_uv: Floats) -> float:
    breaks_ms = times_ms[2:-3]
    ramp = np.clip(times_ms[None, :] - breaks_ms[:, None], 0.0, None)
    energy = np.einsum("ij,ij->i", ramp, ramp)
    gain = (ramp @ wave_uv) ** 2 / np.maximum(energy, 1e-30)
    return float(breaks_ms[np.argmax(gain)])


def _rules(  # noqa: PLR0917
    levelled: Levelled, smooth_uv: Floats, smooth_sd_uv: float, first: int, knee: int, peak: int
) -> dict[str, float]:
    times_ms = levelled.times_ms
    found: dict[str, float] = {}
    within = np.flatnonzero(-smooth_uv[first:peak] <= max(3 * smooth_sd_uv, 1e-9))
    if len(within):
        found["three_sd"] = float(times_ms[first + within[-1]])
    slope = np.gradient(smooth_uv, levelled.step_ms)
    steep = first + int(np.argmin(slope[first : peak + 1]))
    if slope[steep] < 0:
        found["tangent"] = float(times_ms[steep] - smooth_uv[steep] / slope[steep])
    if knee - first >= 12:
        found["change_point"] = float(times_ms[first + _change_point(levelled.wave_uv[first:knee])])
        found["two_lines"] = _two_lines(times_ms[first:knee], levelled.wave_uv[first:knee])
    return found


def _positive_peak(levelled: Levelled, smooth_uv: Floats, smooth_sd_uv: float, peak: int) -> int | None:
    """Index of an initial positivity large enough to count; None without one."""
    height = -smooth_uv[peak]
    rising = np.flatnonzero(smooth_uv[:peak] >= -0.05 * height)
    if len(rising) == 0:
        return None
    turn = int(rising[-1])
    n_back = round(LOOK_BACK_MS / levelled.step_ms)
    start = max(turn - n_back, int(np.searchsorted(levelled.times_ms, levelled.artefact_end_ms + 0.1)))
    if start >= turn:
        return None
    top = start + int(np.argmax(smooth_uv[start : turn + 1]))
    large = smooth_uv[top] > max(POSITIVE_SHARE * height, POSITIVE_SD * smooth_sd_uv)
    return top if large and top > start else None


def _vertex(  # noqa: PLR0917
    times_ms: Floats, wave_uv: Floats, near: int, half_ms: float, sd_uv: float, n_together: float
) -> tuple[float, float]:
    """Time and SD of a rounded top by a parabola over ``half_ms`` on each side."""
    pick = np.abs(times_ms - times_ms[near]) <= half_ms
    at = times_ms[pick] - times_ms[near]
    if len(at) < 5:
        return float(times_ms[near]), half_ms
    table = np.column_stack([at**2, at, np.ones_like(at)])
    a, b, _ = np.linalg.lstsq(table, wave_uv[pick], rcond=None)[0]
    if a == 0 or abs(b / (2 * a)) > half_ms:
        return float(times_ms[near]), half_ms / 2
    slope_sd = sd_uv * math.sqrt(max(n_together, 1.0) / float((at**2).sum()))
    return float(times_ms[near] - b / (2 * a)), slope_sd / abs(2 * a)


def find_onset(
    levelled: Levelled, smooth_uv: Floats, smooth_sd_uv: float, peak: int, height_uv: float, *, smooth_ms: float
) -> Onset:
    """Onset of the negative deflection of ``height_uv`` (positive) that peaks at sample ``peak``; ``smooth_ms`` is the SD of the smoothing.

    An initial positivity is no onset: the deflection then begins at the top of the positivity, and it is flagged.
    """
    times_ms, step_ms = levelled.times_ms, levelled.step_ms
    low = np.flatnonzero(-smooth_uv[:peak] < KNEE_SHARE * height_uv)
    knee = int(low[-1]) + 1 if len(low) else 1
    allowed = int(np.searchsorted(times_ms, levelled.artefact_end_ms))
    back_ms = max(LOOK_BACK_MS * 0.35, 1.5 * float(times_ms[peak] - times_ms[knee]) + 0.4)
    first = max(allowed, knee - round(min(back_ms, LOOK_BACK_MS) / step_ms), 0)
    first = min(first, max(knee - 14, 0))
    rules = _rules(levelled, smooth_uv, smooth_sd_uv, first, knee, peak)
    top = _positive_peak(levelled, smooth_uv, smooth_sd_uv, peak)
    if top is not None:
        half_ms = max(0.25 * float(times_ms[peak] - times_ms[top]), 4 * step_ms)
        time_ms, sd_ms = _vertex(times_ms, levelled.wave_uv, top, half_ms, levelled.noise_uv, levelled.n_together)
        rules = {"positive_peak": time_ms, **rules}
        half = 1.645 * math.hypot(VERTEX_ROOM * sd_ms, step_ms)
        return Onset(
            time_ms=time_ms, low_ms=time_ms - half, high_ms=time_ms + half, rules=tuple(rules.items()),
            is_initially_positive=True, positive_uv=float(smooth_uv[top]),
        )  # fmt: skip
    high = knee + int(np.argmax(-smooth_uv[knee : peak + 1] >= HIGH_SHARE * height_uv))
    at_ms = crossing(times_ms, -smooth_uv, knee, KNEE_SHARE * height_uv)
    rise_ms = max(crossing(times_ms, -smooth_uv, high, HIGH_SHARE * height_uv) - at_ms, 2 * step_ms)
    time_ms, low_ms, high_ms = _edge_fit(
        levelled, at_ms=at_ms, rise_ms=rise_ms, height_uv=height_uv, is_wide=rise_ms < SHORT_RISE * smooth_ms
    )
    noise_share = (
        3 * smooth_sd_uv / height_uv
    )  # what the rules need to see a response; in little noise they are not far behind
    lag_ms = rise_ms * (RULE_LAG if noise_share <= QUIET_SHARE else 1.0)
    if noise_share <= CLEAN_SHARE:
        lag_ms = min(lag_ms, RULE_LAG_MS)
    earliest_ms = min((time for time in rules.values()), default=time_ms) - lag_ms
    if time_ms < earliest_ms:  # no published rule comes near: a stray wave before the response drew the fit out
        time_ms, high_ms = earliest_ms, max(high_ms, earliest_ms + rise_ms)
        low_ms = min(low_ms, time_ms)
    rules["edge_fit"] = time_ms
    step_half = 1.645 * 0.3 * step_ms
    return Onset(
        time_ms=time_ms, low_ms=time_ms - math.hypot(time_ms - low_ms, step_half),
        high_ms=time_ms + math.hypot(high_ms - time_ms, step_half), rules=tuple(rules.items()),
    )  # fmt: skip


def smoothed(levelled: Levelled, width_ms: float) -> tuple[Floats, float]:
    """Smoothed wave and the SD of its noise, from the quiet samples."""
    wave_uv = smooth(levelled.wave_uv, width_ms, levelled.step_ms)
    rest = wave_uv[levelled.quiet]
    return wave_uv, robust_sd(rest)
