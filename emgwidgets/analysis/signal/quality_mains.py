"""Mains interference in a thinned series: a line at 50 or 60 Hz that stays in phase from second to second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mains", "find_mains"]

# Internal choices, tested for false alarms on broad-band noise and on regular firing:
GROUP = 8
"""Windows of 1 s judged together: phase must hold for 8 s, which a discharge seldom does."""
BASE_RATIO, SHORT_RATIO = 4.0, 12.0
"""Power of the line over its neighbours: 4 + 12 / windows; under noise exceeded less than once in 1e5 groups."""
MIN_COHERENCE = 0.7
MAX_OFF_HZ = 0.3
NEIGHBOURS_HZ = np.array([-8.0, -7, -6, -5, -4, 4, 5, 6, 7, 8])
TRAIN_SHARE, TRAIN_RATIO = 0.05, 3.0
"""A line at a half, a third, or 10 Hz away with this share of the power, thrice its neighbours: a regular discharge."""
N_HARMONICS = 5


@dataclass(frozen=True, kw_only=True)
class Mains:
    """A stretch with a line: place in seconds from the start of the series, size in the unit of the series."""

    frequency_hz: float
    start_s: float
    end_s: float
    peak_to_peak: float
    harmonics_hz: tuple[float, ...]


def _spectrum(
    windows: NDArray[np.float64], rate_hz: float, frequencies_hz: NDArray[np.float64]
) -> NDArray[np.complex128]:
    """Complex amplitude of each frequency in each window, shape ``(n_windows, n_frequencies)``."""
    n_samples = windows.shape[1]
    taper = np.hanning(n_samples + 1)[:-1]
    wave = np.exp(-2j * np.pi * np.outer(np.arange(n_samples) / rate_hz, frequencies_hz))
    amplitudes: NDArray[np.complex128] = 2.0 / taper.sum() * ((windows * taper) @ wave)
    return amplitudes


def _is_coherent(line: NDArray[np.complex128], frequency_hz: float, window_s: float) -> bool:
    if len(line) < 3:
        return True
    steps = line[1:] * np.conj(line[:-1]) * np.exp(-2j * np.pi * frequency_hz * window_s)
    total = np.abs(line[1:]) * np.abs(line[:-1])
    coherence = abs(steps.sum()) / max(total.sum(), 1e-300)
    off_hz = abs(np.angle(steps.sum())) / (2 * np.pi * window_s)
    return bool(coherence >= MIN_COHERENCE and off_hz <= MAX_OFF_HZ)


def _lines(windows: NDArray[np.float64], rate_hz: float, base_hz: float) -> dict[float, NDArray[np.complex128]]:
    """Base and harmonics that stand out of their neighbours, with their amplitude in each window."""
    window_s = windows.shape[1] / rate_hz
    need = BASE_RATIO + SHORT_RATIO / len(windows)
    found: dict[float, NDArray[np.complex128]] = {}
    for order in range(1, N_HARMONICS + 1):
        frequency_hz = order * base_hz
        if frequency_hz + 10.0 >= rate_hz / 2:
            break
        away_hz = frequency_hz + (-10.0 if base_hz < 55 else 10.0)
        ask_hz = np.concatenate(([frequency_hz, away_hz, base_hz / 2, base_hz / 3], frequency_hz + NEIGHBOURS_HZ))
        amplitude = _spectrum(windows, rate_hz, ask_hz)
        power = np.mean(np.abs(amplitude) ** 2, axis=0)
        floor = max(power[4:].mean(), 1e-300)
        is_train = order == 1 and power[1:4].max() > max(TRAIN_SHARE * power[0], TRAIN_RATIO * floor)
        stands_out = power[0] > need * floor and not is_train
        if stands_out and _is_coherent(amplitude[:, 0], frequency_hz, window_s):
            found[frequency_hz] = amplitude[:, 0]
        elif order == 1:
            break
    return found


def _peak_to_peak(
    lines: dict[float, NDArray[np.complex128]], base_hz: float, factor_rate_hz: float, rate_hz: float
) -> float:
    """Size of the summed lines over one period, the loss by thinning made good; median over the windows."""
    period_s = np.linspace(0.0, 1.0 / base_hz, 96, endpoint=False)
    total = np.zeros((len(next(iter(lines.values()))), len(period_s)))
    for frequency_hz, amplitude in lines.items():
        loss = float(np.sinc(frequency_hz / rate_hz) / np.sinc(frequency_hz / factor_rate_hz))
        total += np.real(amplitude[:, None] / loss * np.exp(2j * np.pi * frequency_hz * period_s))
    return float(np.median(np.ptp(total, axis=1)))


def find_mains(thin: NDArray[np.float64], rate_hz: float, factor: int = 1) -> list[Mains]:
    """Stretches with mains interference.

    Parameters
    ----------
    thin : ndarray, shape (n_samples,)
        Means of ``factor`` samples; NaN where samples are missing.
    rate_hz : float
        Rate of ``thin``.
    factor : int
        Samples that were averaged, to make good the loss.
    """
    n_window = round(rate_hz)
    n_windows = len(thin) // n_window if n_window >= 100 else 0
    if not n_windows:
        return []
    windows = thin[: n_windows * n_window].reshape(n_windows, n_window)
    window_s = n_window / rate_hz
    found: list[Mains] = []
    for group in np.array_split(np.arange(n_windows), max(n_windows // GROUP, 1)):
        usable = group[np.isfinite(windows[group]).all(axis=1)]
        if len(usable) < max(1, len(group) // 2) or (len(usable) > 1 and np.diff(usable).max() > 1):
            continue
        body = windows[usable] - windows[usable].mean(axis=1, keepdims=True)
        for base_hz in (50.0, 60.0):
            lines = _lines(body, rate_hz, base_hz)
            if lines:
                found.append(
                    Mains(
                        frequency_hz=base_hz,
                        start_s=float(usable[0] * window_s),
                        end_s=float((usable[-1] + 1) * window_s),
                        peak_to_peak=_peak_to_peak(lines, base_hz, rate_hz * factor, rate_hz),
                        harmonics_hz=tuple(lines)[1:],
                    )
                )
    return found
