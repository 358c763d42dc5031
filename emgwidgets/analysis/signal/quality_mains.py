"""Mains interference in a thinned series: a line at 50 or 60 Hz, in phase from second to second, mostly fundamental.

A regular discharge at the rate of the mains gives such a line too.  What parts the two is the shape of one period: hum
is smooth and most of its power is in the fundamental; a discharge is short against its interval, and its power is in
the harmonics.  Hum whose harmonics outweigh the fundamental (a dimmer, a rectifier) is reported as unclear.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["MIN_LENGTH_S", "Mains", "find_mains"]

# Internal choices, tested for false alarms on broad-band noise and on regular firing:
MIN_LENGTH_S = 1.0
"""Length of a window; in a shorter stretch the line cannot be told from its neighbours."""
GROUP = 8
"""Windows of 1 s judged together at most."""
BASE_RATIO, SHORT_RATIO = 4.0, 12.0
"""Power of the line over its neighbours: 4 + 12 / windows; under noise exceeded less than once in 1e5 groups."""
MIN_COHERENCE = 0.7
MAX_OFF_HZ = 0.3
NEIGHBOURS_HZ = np.array([-8.0, -7, -6, -5, -4, 4, 5, 6, 7, 8])
TRAIN_SHARE, TRAIN_RATIO, TRAIN_SHORT_RATIO = 0.05, 2.0, 8.0
"""A discharge at the 2nd to 8th part of the mains' rate has a multiple there, and one on each side of it.  Either of
these with this share of the power, and 2 + 8 / windows above the neighbours, means a discharge."""
TRAIN_SIDES = np.array([1.0 + side / part for part in range(2, 9) for side in (-1.0, 1.0)])
N_HARMONICS = 5
MIN_SHARE = 0.4
"""Share of the fundamental in the power of all multiples.  Measured on 1 to 8 s: sine 1.00, with harmonics of 20, 40, 25
and 15 % 0.78, of 80, 50 and 30 % 0.50; fibrillation, positive wave, unit potential and complex discharge at the rate
of the mains, intervals varying by 0 to 2 %, 0.34 at most."""
MIN_MULTIPLES = 4
"""Multiples below half the rate that are needed to tell the shape; fewer leave only the phase over a whole group."""
BAND_HZ = np.arange(-3.0, 4.0)
BESIDE_HZ = np.array([-9.0, -8, -7, -6, 6, 7, 8, 9])
"""A discharge with uneven intervals has broad harmonics, so the power within 3 Hz counts, less that beside it."""


@dataclass(frozen=True, kw_only=True)
class Mains:
    """A stretch with a line: place in seconds from the start of the series, size in the unit of the series.

    ``is_clear`` is False where a regular discharge at this rate would look the same.
    """

    frequency_hz: float
    start_s: float
    end_s: float
    peak_to_peak: float
    harmonics_hz: tuple[float, ...]
    is_clear: bool = True


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
    if len(line) < 2:
        return True
    steps = line[1:] * np.conj(line[:-1]) * np.exp(-2j * np.pi * frequency_hz * window_s)
    total = np.abs(line[1:]) * np.abs(line[:-1])
    coherence = abs(steps.sum()) / max(total.sum(), 1e-300)
    off_hz = abs(np.angle(steps.sum())) / (2 * np.pi * window_s)
    return bool(coherence >= MIN_COHERENCE and off_hz <= MAX_OFF_HZ)


def _fundamental_share(windows: NDArray[np.float64], rate_hz: float, base_hz: float, factor: int) -> float | None:
    """Power of the fundamental over that of all multiples below half the rate; None where these are too few."""
    multiples_hz = base_hz * np.arange(1, int((rate_hz / 2 - 10.0) / base_hz) + 1)
    if len(multiples_hz) < MIN_MULTIPLES:
        return None
    n_band = len(BAND_HZ)
    ask_hz = (multiples_hz[:, None] + np.concatenate((BAND_HZ, BESIDE_HZ))).ravel()
    power = np.mean(np.abs(_spectrum(windows, rate_hz, ask_hz)) ** 2, axis=0).reshape(len(multiples_hz), -1)
    inside, beside = power[:, :n_band].sum(axis=1), power[:, n_band:].mean(axis=1) * n_band
    stands_out = inside > (1.0 + 2.0 / np.sqrt(len(windows))) * beside
    loss = (np.sinc(multiples_hz / rate_hz) / np.sinc(multiples_hz / (rate_hz * factor))) ** 2
    excess = np.where(stands_out, inside - beside, 0.0) / loss
    return float(excess[0] / max(excess.sum(), 1e-300))


def _lines(windows: NDArray[np.float64], rate_hz: float, base_hz: float) -> dict[float, NDArray[np.complex128]]:
    """Base and harmonics that stand out of their neighbours, with their amplitude in each window."""
    window_s = windows.shape[1] / rate_hz
    need = BASE_RATIO + SHORT_RATIO / len(windows)
    train_need = TRAIN_RATIO + TRAIN_SHORT_RATIO / len(windows)
    n_floor = 1 + len(NEIGHBOURS_HZ)
    found: dict[float, NDArray[np.complex128]] = {}
    for order in range(1, N_HARMONICS + 1):
        frequency_hz = order * base_hz
        if frequency_hz + 10.0 >= rate_hz / 2:
            break
        ask_hz = np.concatenate(([frequency_hz], frequency_hz + NEIGHBOURS_HZ, base_hz * TRAIN_SIDES))
        amplitude = _spectrum(windows, rate_hz, ask_hz)
        power = np.mean(np.abs(amplitude) ** 2, axis=0)
        floor, sides = max(power[1:n_floor].mean(), 1e-300), power[n_floor:].max()
        is_train = order == 1 and sides > max(TRAIN_SHARE * power[0], train_need * floor)
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
    """Stretches with mains interference, each of at least ``MIN_LENGTH_S``.

    Parameters
    ----------
    thin : ndarray, shape (n_samples,)
        Means of ``factor`` samples; NaN where samples are missing.
    rate_hz : float
        Rate of ``thin``.
    factor : int
        Samples that were averaged, to make good the loss.
    """
    n_window = round(rate_hz * MIN_LENGTH_S)
    n_windows = len(thin) // n_window if rate_hz >= 100 else 0
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
                share = _fundamental_share(body, rate_hz, base_hz, factor)
                found.append(
                    Mains(
                        frequency_hz=base_hz,
                        start_s=float(usable[0] * window_s),
                        end_s=float((usable[-1] + 1) * window_s),
                        peak_to_peak=_peak_to_peak(lines, base_hz, rate_hz * factor, rate_hz),
                        harmonics_hz=tuple(lines)[1:],
                        is_clear=len(usable) >= GROUP if share is None else share >= MIN_SHARE,
                    )
                )
    return found
