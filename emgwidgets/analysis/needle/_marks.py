"""Start and end of an averaged motor unit potential by several methods.  Which of them is right nobody knows: all are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.model.needle_analysis import DurationMark

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SATELLITE_GAP_MS", "mark_durations", "satellites"]

LEVEL_UV = 20.0  # needle.md 2.1: an amplitude threshold of 10-20 uV (M)
SLOPE_LEVEL_UV, SLOPE_UV_PER_MS = 10.0, 10.0  # needle.md 2.1: threshold plus slope (M); the slope is an internal choice
SATELLITE_GAP_MS = 3.0  # needle.md 2.1 (M)
ALIKE = 0.5  # internal choice: discharges resemble one another where half of their variance is shared
SMOOTH_MS = 0.6
NOISE_FACTOR = 4.0  # internal choice: the noise of an average must not prolong a potential
BASE_MS = 2.5  # the first part of the window, before any potential


def _main_part(is_loud: NDArray[np.bool_], peak: int, n_gap: int) -> tuple[int, int] | None:
    """First and last loud sample of the part that holds the peak; parts closer than the gap belong to it."""
    loud = np.flatnonzero(is_loud)
    if not len(loud):
        return None
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > n_gap) + 1)
    near = min(
        parts, key=lambda part: 0 if part[0] <= peak <= part[-1] else min(abs(part[0] - peak), abs(part[-1] - peak))
    )
    return int(near[0]), int(near[-1])


def _level(wave_uv: NDArray[np.float64], rate_hz: float) -> float:
    base = wave_uv[: max(int(BASE_MS / 1000 * rate_hz), 8)]
    return float(np.median(base))


def _by_level(wave_uv: NDArray[np.float64], rate_hz: float, level_uv: float) -> tuple[int, int] | None:
    peak = int(np.abs(wave_uv).argmax())
    return _main_part(np.abs(wave_uv) > level_uv, peak, int(SATELLITE_GAP_MS / 1000 * rate_hz))


def _by_slope(wave_uv: NDArray[np.float64], rate_hz: float) -> tuple[int, int] | None:
    n = max(int(SMOOTH_MS / 1000 * rate_hz) | 1, 3)
    smooth = np.convolve(wave_uv, np.full(n, 1 / n), mode="same")
    slope = np.abs(np.gradient(smooth)) * rate_hz / 1000.0
    is_loud = (np.abs(smooth) > SLOPE_LEVEL_UV) | ((slope > SLOPE_UV_PER_MS) & (np.abs(smooth) > 0.5 * SLOPE_LEVEL_UV))
    return _main_part(is_loud, int(np.abs(wave_uv).argmax()), int(SATELLITE_GAP_MS / 1000 * rate_hz))


def _by_resemblance(
    wave_uv: NDArray[np.float64], discharges_uv: NDArray[np.float64], rate_hz: float
) -> tuple[int, int] | None:
    """Where the discharges resemble one another: half of their energy in a short window is common to all."""
    n = len(discharges_uv)
    if n < 10:
        return None
    window = max(int(SMOOTH_MS / 1000 * rate_hz), 3)
    sums = np.ones(window) / window
    middle = discharges_uv.mean(axis=0)
    common = np.convolve(middle**2 - discharges_uv.var(axis=0, ddof=1) / n, sums, mode="same")
    own = np.convolve(
        np.median(np.abs(discharges_uv - np.median(discharges_uv, axis=0)), axis=0) ** 2 * 2.2, sums, mode="same"
    )
    is_loud = common > ALIKE / (1 - ALIKE) * own
    is_loud &= common > (0.25 * SLOPE_LEVEL_UV) ** 2
    return _main_part(is_loud, int(np.abs(wave_uv).argmax()), int(SATELLITE_GAP_MS / 1000 * rate_hz))


def mark_durations(
    wave_uv: NDArray[np.float64],
    discharges_uv: NDArray[np.float64],
    *,
    sampling_rate_hz: float,
    start_ms: float,
    noise_uv: float = 0.0,
) -> tuple[DurationMark, ...]:
    """Mark start and end by every method that finds one.

    Parameters
    ----------
    wave_uv : ndarray, shape (n_samples,)
        The average.
    discharges_uv : ndarray, shape (n_discharges, n_samples)
        The discharges it was made of.
    sampling_rate_hz, start_ms : float
        Rate, and time of the first sample.
    noise_uv : float
        Noise of the average; the threshold is raised above it.
    """
    centred = wave_uv - _level(wave_uv, sampling_rate_hz)
    level = max(LEVEL_UV, NOISE_FACTOR * noise_uv)
    found = (
        ("20 uV threshold", "needle.md 2.1 (M, Stalberg 1986)", _by_level(centred, sampling_rate_hz, level)),
        ("10 uV and slope", "needle.md 2.1 (M, Stalberg et al. 1995)", _by_slope(centred, sampling_rate_hz)),
        ("resemblance of discharges", "science 3.4 (V, principle)",
         _by_resemblance(centred, discharges_uv - _level(wave_uv, sampling_rate_hz), sampling_rate_hz)),
    )  # fmt: skip
    step = 1000.0 / sampling_rate_hz
    return tuple(
        DurationMark(
            method=method, source=source, onset_ms=start_ms + ends[0] * step, end_ms=start_ms + (ends[1] + 1) * step
        )
        for method, source, ends in found
        if ends is not None
    )


def satellites(
    wave_uv: NDArray[np.float64], end: int, rate_hz: float, *, least_uv: float
) -> tuple[tuple[int, int], ...]:
    """First and last sample of each late component after at least 3 ms without deflection (needle.md 2.1, M)."""
    centred = wave_uv - _level(wave_uv, rate_hz)
    loud = np.flatnonzero(np.abs(centred) > LEVEL_UV)
    loud = loud[loud > end + int(SATELLITE_GAP_MS / 1000 * rate_hz)]
    if not len(loud):
        return ()
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > int(SATELLITE_GAP_MS / 1000 * rate_hz)) + 1)
    return tuple((int(p[0]), int(p[-1])) for p in parts if np.ptp(centred[p[0] : p[-1] + 1]) >= least_uv)
