"""Jitter of a pair of spikes: consecutive and sorted differences, the switch rule, blocking.  Limits and verdicts are not here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.needle_effort import JitterPair

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["jitter_of_intervals"]

SWITCH_RATIO = 1.25  # needle.md section 5: the sorted difference is used beyond this ratio [M]
MIN_DISCHARGES = 50  # needle.md section 5: 50 to 100 voluntary discharges [M]; 30 stimulated, science 3.9 [M]
SPLIT_FIBRE_US = 5.0  # needle.md section 5: less is a split fibre, to be excluded [M]
LONGEST_INTERVAL_US = 4000.0  # science 3.9: longer intervals are rejected [M]
RELATIVE_ERROR = (
    0.8  # one standard error of the mean of |difference| is about 0.8 jitter / sqrt(n) (derived; science 3.9)
)


def _mean_step_us(intervals_us: NDArray[np.float64]) -> float | None:
    steps = np.abs(np.diff(intervals_us))
    return float(steps[np.isfinite(steps)].mean()) if np.isfinite(steps).any() else None


def jitter_of_intervals(
    intervals_us: NDArray[np.float64],
    times_s: NDArray[np.float64],
    *,
    is_stimulated: bool = False,
) -> JitterPair:
    """Jitter from the intervals of successive discharges.

    Parameters
    ----------
    intervals_us : ndarray, shape (n_discharges,)
        Interval between the two spikes (or stimulus and spike); NaN where the second spike is missing.
    times_s : ndarray, shape (n_discharges,)
        Time of each discharge, in order.
    is_stimulated : bool
        At an even rate there is no preceding interval to sort by, so only consecutive differences are used.

    Returns
    -------
    JitterPair

    Raises
    ------
    InputError
        If the two arrays do not match or fewer than two discharges are given.

    Notes
    -----
    Consecutive difference: Ekstedt, Nilsson & Stalberg 1974 [V]; sorting and switch rule: Sanders 2019 [M].
    Differences are taken only across discharges that both have an interval.
    """
    interval = np.asarray(intervals_us, dtype=np.float64)
    times = np.asarray(times_s, dtype=np.float64)
    if interval.shape != times.shape or interval.ndim != 1 or len(times) < 2:
        raise InputError(
            "intervals and times do not match", got=f"{interval.shape} and {times.shape}",
            expected="two arrays of equal length, two discharges or more",
        )  # fmt: skip
    blocked = ~np.isfinite(interval)
    mcd = _mean_step_us(interval)
    ordered = interval[1:][np.argsort(np.diff(times), kind="stable")]
    msd = None if is_stimulated else _mean_step_us(ordered[np.isfinite(ordered)])
    is_msd = mcd is not None and msd is not None and msd > 0 and mcd / msd > SWITCH_RATIO
    chosen = msd if is_msd else mcd
    n_intervals = int((~blocked).sum())
    least = 30 if is_stimulated else MIN_DISCHARGES
    limits = []
    if n_intervals < least:
        limits.append(f"{n_intervals} intervals; a jitter is accepted from {least} or more (unverified).")
    if chosen is not None and chosen < SPLIT_FIBRE_US:
        limits.append(
            "Jitter below 5 µs: branches of one split fibre, or direct stimulation, not two junctions (unverified)."
        )
    mean = float(interval[~blocked].mean()) if n_intervals else None
    if mean is not None and abs(mean) > LONGEST_INTERVAL_US and not is_stimulated:
        limits.append(
            "The interval is longer than 4 ms, so conduction along the fibres adds to the jitter (unverified)."
        )
    return JitterPair(
        mcd_us=mcd, msd_us=msd, jitter_us=chosen, is_msd=is_msd, blocking_percent=100.0 * float(blocked.mean()),
        mean_interval_us=mean, n_discharges=len(times), n_intervals=n_intervals, intervals_us=interval, times_s=times,
        standard_error_us=None if chosen is None else RELATIVE_ERROR * chosen / np.sqrt(max(n_intervals - 1, 1)),
        limits=tuple(limits),
    )  # fmt: skip
