"""How many motor units a muscle has: from a CMAP scan, from units measured one by one, and MUNIX beside them with its warning."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._baseline import robust_sd
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Measure

__all__ = ["MUNIX_WARNING", "CmapScanFit", "Munix", "fit_cmap_scan", "multiple_point_stimulation", "munix"]

Floats = NDArray[np.float64]

RELATIVE_SPREAD = 0.0165
"""Spread of the threshold of one axon (Sleutjes 2021, science 2.6, V); fits stored in .MEM files used 2 %."""
SIZE_SPREAD = 0.94
"""SD of the logarithm of unit sizes.  Published surface units span 5 to 150 uV (science 2.3, V); taking that as the middle 90 to
95 % of a log-normal makes 0.87 to 1.03 (D), and this is its middle."""
MUNIX_SIP_UV_MS = 20_000.0
"""20 mV ms of rectified interference, the area that the index is read at and the least that an epoch needs (Li 2016, science 3.8, V)."""
MUNIX_WARNING = "driven by the area and power of the CMAP; should not be interpreted as a number of units (Bostock 2019, science 3.8)"
MIN_EPOCHS = 20
"""Epochs from slight to maximal force (Nandedkar 2018, science 3.8, V)."""
MIN_POINTS = 100
"""A usual scan has 500 stimuli (science 2.6, V); below a fifth of it the alternation is not sampled (internal choice)."""
STEP_SHARE = 0.02  # a step of the scan, of the peak (internal choice)
_GRID = np.unique(np.round(np.geomspace(1, 800, 60)).astype(int))


@dataclass(frozen=True, kw_only=True)
class CmapScanFit:
    """Unit number of a CMAP scan.

    Parameters
    ----------
    n_units : Measure
        Number of units with its 90 % interval.
    mean_unit_uv : Measure
        CMAP over the number of units.
    effective_count : float
        Number of equal units that would alternate as much; no assumption on sizes is in it.
    peak_uv : float
        CMAP of the scan, last stimuli less first ones.
    s5_ma, s50_ma, s95_ma, relative_range_percent : float
        Currents at 5, 50 and 95 % of the CMAP; ``100 (S95 - S5) / S50``.
    d50 : int
        Fewest largest consecutive differences that make half of the CMAP.
    largest_steps_percent : float
        Sum of the steps above 2 % of the peak.
    notes : tuple of str
    """

    n_units: Measure
    mean_unit_uv: Measure
    effective_count: float
    peak_uv: float
    s5_ma: float
    s50_ma: float
    s95_ma: float
    relative_range_percent: float
    d50: int
    largest_steps_percent: float
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Munix:
    """Motor unit number index: an index, not a number of units; ``warning`` belongs wherever it is shown."""

    index: float
    unit_size_index_uv: float
    exponent: float
    n_epochs: int
    warning: str = MUNIX_WARNING


def _checked(currents_ma: Floats, amplitudes_uv: Floats) -> tuple[Floats, Floats]:
    if currents_ma.shape != amplitudes_uv.shape or currents_ma.ndim != 1:
        raise InputError("the scan cannot be used", got=f"{currents_ma.shape} currents and {amplitudes_uv.shape} amplitudes",
                         expected="one amplitude for each current")  # fmt: skip
    good = np.isfinite(currents_ma) & np.isfinite(amplitudes_uv) & (currents_ma > 0)
    order = np.argsort(currents_ma[good], kind="stable")
    currents_ma, amplitudes_uv = currents_ma[good][order], amplitudes_uv[good][order]
    if len(currents_ma) < MIN_POINTS:
        raise InputError("the scan has too few stimuli", got=f"{len(currents_ma)}", expected=f"{MIN_POINTS} or more, usually 500",
                         way_out="use multiple_point_stimulation for single units")  # fmt: skip
    return currents_ma, amplitudes_uv


@lru_cache(maxsize=8)
def _effective_of_number(log_size_sd: float) -> Floats:
    """Draws of the effective number for each number of the grid, shape ``(n_grid, n_draws)``."""
    rng = np.random.default_rng(20_260_102)
    rows = []
    for n in _GRID:
        sizes = np.exp(log_size_sd * rng.standard_normal((400, n)))
        rows.append(sizes.sum(axis=1) ** 2 / (sizes**2).sum(axis=1))
    return np.sort(np.array(rows), axis=1)


def _number(effective: float, error: float, log_size_sd: float) -> tuple[float, float, float]:
    """Number of units with 5 % and 95 % points; ``error`` is the relative SD of the effective number."""
    draws = np.log(_effective_of_number(log_size_sd))
    spread = np.hypot(draws.std(axis=1), error)  # chance of the sizes and of the alternation
    z = (math.log(effective) - draws.mean(axis=1)) / np.maximum(spread, 0.05)
    weight = (
        np.exp(-0.5 * z**2) / np.maximum(spread, 0.05) * np.gradient(_GRID.astype(np.float64))
    )  # every number as likely
    share = np.cumsum(weight) / weight.sum()
    low, value, high = (float(np.interp(level, share, _GRID)) for level in (0.05, 0.5, 0.95))
    return value, low, high


def _alternation(currents_ma: Floats, amplitudes_uv: Floats, noise_uv: float) -> tuple[float, float]:
    """Sum of the squared unit sizes over the relative spread, and its relative SD."""
    bend = amplitudes_uv[:-2] - 2 * amplitudes_uv[1:-1] + amplitudes_uv[2:]  # blind to the slope of the scan
    variance = bend**2 / 6.0 - noise_uv**2
    weight = (currents_ma[2:] - currents_ma[:-2]) / 2.0 / currents_ma[1:-1]
    parts = variance * weight
    total = float(parts.sum())
    # Neighbouring second differences share samples; blocks of them do not.
    n_blocks = max(len(parts) // 15, 4)
    blocks = np.array([block.sum() for block in np.array_split(parts, n_blocks)])
    within = np.abs(np.diff(blocks)) / math.sqrt(2)
    error = math.sqrt(float((within**2).sum())) / max(total, 1e-12)
    return total * math.sqrt(math.pi), min(error, 1.0)


def _at_share(currents_ma: Floats, amplitudes_uv: Floats, level_uv: float) -> float:
    n_box = 9
    padded = np.pad(amplitudes_uv, n_box // 2, mode="edge")
    smooth = np.maximum.accumulate(np.convolve(padded, np.ones(n_box) / n_box, mode="valid"))
    return float(np.interp(level_uv, smooth + 1e-9 * np.arange(len(smooth)), currents_ma))


def fit_cmap_scan(
    currents_ma: Sequence[float] | Floats, amplitudes_uv: Sequence[float] | Floats, *,
    threshold_cv: float = RELATIVE_SPREAD, log_size_sd: float = SIZE_SPREAD,
) -> CmapScanFit:  # fmt: skip
    """Fit the number of motor units to a CMAP scan.

    Each unit alternates over a range of currents fixed by its threshold spread, so the variance of the scan, summed over
    current, gives the sum of the squared unit sizes; with the CMAP as their sum it gives the number of units, once the shape of
    the size distribution is taken from published sizes.

    Parameters
    ----------
    currents_ma, amplitudes_uv : array_like, shape (n_stimuli,)
        In any order; amplitudes are positive, baseline to negative peak.
    threshold_cv, log_size_sd : float
        Threshold spread of an axon, and SD of the logarithm of the unit sizes.

    Raises
    ------
    InputError
        If the lengths differ, there are too few stimuli, or the response does not grow.
    """
    currents, amplitudes = _checked(np.asarray(currents_ma, np.float64), np.asarray(amplitudes_uv, np.float64))
    n_end = max(len(currents) // 50, 5)
    base_uv, top_uv = float(np.median(amplitudes[:n_end])), float(np.median(amplitudes[-n_end:]))
    peak_uv = top_uv - base_uv
    noise_uv = min(
        robust_sd(np.diff(amplitudes[: 2 * n_end])), robust_sd(np.diff(amplitudes[-2 * n_end :]))
    ) / math.sqrt(2)
    if peak_uv <= max(10 * noise_uv, 1e-9):
        raise InputError("the response does not grow with the current", got=f"{peak_uv:.0f} uV from weakest to strongest stimuli",
                         way_out="check the unit of the amplitudes and that the scan reaches its plateau")  # fmt: skip
    squares, error = _alternation(currents, amplitudes, noise_uv)
    effective = peak_uv**2 / max(squares / threshold_cv, 1e-9)
    value, low, high = _number(max(effective, 1.0), error, log_size_sd)
    s5, s50, s95 = (_at_share(currents, amplitudes, base_uv + share * peak_uv) for share in (0.05, 0.5, 0.95))
    steps = np.sort(np.abs(np.diff(amplitudes)))[::-1]
    notes = []
    if float(np.diff(currents).max()) > 0.02 * s50:
        notes.append("steps of the current above 2 %; the alternation is sampled coarsely")
    if abs(float(np.median(amplitudes[-3 * n_end : -2 * n_end])) - top_uv) > 0.05 * peak_uv:
        notes.append("the response still grows at the strongest stimuli")
    return CmapScanFit(
        n_units=Measure(value=value, unit="count", method="variance of the CMAP scan, log-normal unit sizes", low=low, high=high),
        mean_unit_uv=Measure(value=peak_uv / value, unit="uV", method="baseline_to_peak", low=peak_uv / high, high=peak_uv / low),
        effective_count=effective, peak_uv=peak_uv, s5_ma=s5, s50_ma=s50, s95_ma=s95,
        relative_range_percent=100 * (s95 - s5) / s50, d50=int(np.searchsorted(np.cumsum(steps), 0.5 * peak_uv)) + 1,
        largest_steps_percent=100 * float(steps[steps > STEP_SHARE * peak_uv].sum()) / peak_uv, notes=tuple(notes),
    )  # fmt: skip


def multiple_point_stimulation(cmap_uv: Floats, units_uv: Floats) -> Measure:
    """Unit number from single units found at several points of the nerve.

    Parameters
    ----------
    cmap_uv : ndarray, shape (n_samples,)
        Maximal response.
    units_uv : ndarray, shape (n_units, n_samples)
        One unit a row, aligned to the stimulus as the CMAP is.  Their datapoint average is used: the mean of their
        amplitudes makes a unit 20 to 35 % too large (Doherty and Brown 1993, science 3.8, V).

    Raises
    ------
    InputError
        If the shapes do not match, or there are fewer than three units.
    """
    if units_uv.ndim != 2 or units_uv.shape[1:] != cmap_uv.shape:
        raise InputError("units and CMAP do not match", got=f"{units_uv.shape} and {cmap_uv.shape}",
                         expected="(n_units, n_samples) and (n_samples,)")  # fmt: skip
    if len(units_uv) < 3:
        raise InputError(
            "the unit number cannot be judged", got=f"{len(units_uv)} units", expected="3 or more, usually 10"
        )
    whole_uv = -float(cmap_uv.min())
    unit_uv = -float(units_uv.mean(axis=0).min())
    if whole_uv <= 0 or unit_uv <= 0:
        raise InputError(
            "the unit number cannot be judged", got="no negative peak", expected="negative peaks in CMAP and units"
        )
    value = whole_uv / unit_uv
    heights = -units_uv[:, int(np.argmin(units_uv.mean(axis=0)))]
    spread = float(heights.std(ddof=1)) / math.sqrt(len(heights)) / unit_uv
    return Measure(
        value=value, unit="count", method="multiple point stimulation, datapoint average",
        low=value / (1 + 1.645 * spread), high=value / max(1 - 1.645 * spread, 0.1),
    )  # fmt: skip


def munix(cmap_uv: Floats, epochs_uv: Sequence[Floats], *, sampling_rate_hz: float) -> Munix:
    """Motor unit number index of a CMAP and epochs of voluntary activity.

    ``ICMUC = CMAP power x SIP area / (CMAP area x SIP power)``; a power law of it against SIP area is read at 20 mV ms
    (Nandedkar 2004, 2010, M).

    Raises
    ------
    InputError
        If fewer than three epochs can be used: 20 mV ms or more, not less area than the CMAP, ICMUC at most 100.
    """
    step_ms = 1000.0 / sampling_rate_hz
    cmap = np.asarray(cmap_uv, np.float64)
    area, power = float(np.abs(cmap).sum()) * step_ms, float((cmap**2).sum()) * step_ms
    if area <= 0:
        raise InputError("the CMAP is empty", got="area 0", expected="the samples of a maximal response")
    sip_area = np.array([float(np.abs(np.asarray(one)).sum()) * step_ms for one in epochs_uv])
    sip_power = np.array([float((np.asarray(one, np.float64) ** 2).sum()) * step_ms for one in epochs_uv])
    ideal = power * sip_area / (area * np.maximum(sip_power, 1e-12))
    good = (sip_area >= MUNIX_SIP_UV_MS) & (ideal <= 100) & (sip_area / area >= 1)
    if np.count_nonzero(good) < 3:
        raise InputError("the index cannot be judged", got=f"{np.count_nonzero(good)} of {len(sip_area)} epochs usable",
                         expected=f"3 or more, usually {MIN_EPOCHS}")  # fmt: skip
    exponent, logarithm = np.polyfit(np.log(sip_area[good] / MUNIX_SIP_UV_MS), np.log(ideal[good]), 1)
    index = float(np.exp(logarithm))
    return Munix(
        index=index, unit_size_index_uv=float(-cmap.min()) / index, exponent=float(exponent),
        n_epochs=int(np.count_nonzero(good)),
    )  # fmt: skip
