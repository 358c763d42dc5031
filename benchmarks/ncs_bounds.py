"""What no estimator can beat on the generator's signals: bounds printed beside the figures of the conduction core.

``known_shape_ms`` is the Cramer-Rao bound for a response of known shape and size; ``oracle_ms`` the error of the best estimate that
knows the generator's own distribution of shapes, found from many of them; ``ideal_detection`` a matched filter of the exact shape.
"""

from __future__ import annotations

from functools import cache

import ncs_generator as generator
import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._baseline import smooth
from emgwidgets.analysis.ncs._rises import FOOT_SHARE, HIGH_SHARE, KNEE_SHARE, X_EDGES, crossing
from emgwidgets.model.signal import Sweep

N_SHAPES = 200


def gain(n: int, rate_hz: float, low_pass_hz: float) -> NDArray[np.float64]:
    """Spectrum of the generator's noise, without its scale, shape ``(n // 2 + 1,)``."""
    frequency_hz = np.fft.rfftfreq(n, 1.0 / rate_hz)
    spectrum = np.sqrt(1.0 + 60.0 / np.maximum(frequency_hz, 20.0)) / np.sqrt(1.0 + (frequency_hz / low_pass_hz) ** 8)
    spectrum[0] = np.inf  # the generator's noise has no mean; what is there is no information on time
    return np.asarray(spectrum, dtype=np.float64)


def known_shape_ms(truth: generator.Truth, rate_hz: float, low_pass_hz: float) -> float:
    """Mean absolute error, in ms, of the best unbiased time of a response whose shape is known."""
    n = len(truth.clean_uv)
    spectrum = gain(n, rate_hz, low_pass_hz)
    power = np.mean(spectrum[1:] ** 2)
    frequency_per_ms = np.fft.rfftfreq(n, 1000.0 / rate_hz)
    slope = np.fft.rfft(truth.clean_uv) * 2 * np.pi * frequency_per_ms
    usable = spectrum > 0.02 * np.median(spectrum[1 : n // 8])
    information = (
        2.0 / n * float((np.abs(slope[usable]) ** 2 / (spectrum[usable] ** 2 / power)).sum()) / truth.noise_uv**2
    )
    return float(np.sqrt(2 / np.pi / information))


def known_shape_height_percent(truth: generator.Truth, rate_hz: float, low_pass_hz: float) -> float:
    """Mean absolute error, in percent, of the best unbiased height of a response whose shape and time are known."""
    n = len(truth.clean_uv)
    spectrum = gain(n, rate_hz, low_pass_hz)
    power = np.mean(spectrum[1:] ** 2)
    usable = spectrum > 0.02 * np.median(spectrum[1 : n // 8])
    wave = np.abs(np.fft.rfft(truth.clean_uv)[usable]) ** 2
    information = 2.0 / n * float((wave / (spectrum[usable] ** 2 / power)).sum()) / truth.noise_uv**2
    return 100.0 * float(np.sqrt(2 / np.pi / information))


def size_chance_percent(n_units: float, log_size_sd: float, n_draws: int = 2000) -> float:
    """Spread, in percent, of a unit number read from the sum of squared sizes when nothing but the sizes is left to chance."""
    rng = np.random.default_rng(5)
    sizes = np.exp(log_size_sd * rng.standard_normal((n_draws, max(round(n_units), 2))))
    effective = sizes.sum(axis=1) ** 2 / (sizes**2).sum(axis=1)
    return 100.0 * float(effective.std() / effective.mean())


@cache
def shapes_of(kind: str, shape: str) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Rising edges of the generator on the scale of the onset fit, and their onsets."""
    rng = np.random.default_rng(99)
    middle = 0.5 * (X_EDGES[1:] + X_EDGES[:-1])
    time_ms = np.arange(-1.0, 25.0, 0.01)
    rows, onsets = [], []
    for _ in range(N_SHAPES):
        rise_ms = rng.uniform(1.0, 2.0) if kind == "motor" else rng.uniform(0.3, 0.5)
        wave = -generator.clean_response(time_ms, rng=rng, shape=shape, start_ms=0.0, rise_ms=rise_ms)
        peak = int(np.argmax(wave))
        knee = int(np.flatnonzero(wave[:peak] < KNEE_SHARE)[-1]) + 1
        high = knee + int(np.argmax(wave[knee : peak + 1] >= HIGH_SHARE))
        at_ms = crossing(time_ms, wave, knee, KNEE_SHARE)
        unit_ms = crossing(time_ms, wave, high, HIGH_SHARE) - at_ms
        foot = int(np.flatnonzero(wave[:peak] < FOOT_SHARE)[-1]) + 1
        onset = (crossing(time_ms, wave, foot, FOOT_SHARE) - at_ms) / unit_ms
        x = (time_ms - at_ms) / unit_ms
        for scale in (0.65, 0.8, 0.9, 1.0, 1.12, 1.25, 1.5):
            for shift in (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6):
                rows.append(np.interp(middle, x * scale + shift, wave, left=0.0))
                onsets.append(onset * scale + shift)
    return np.array(rows, dtype=np.float32), np.array(onsets)


def oracle_ms(sweep: Sweep, truth: generator.Truth, kind: str) -> float:
    """Error, in ms, of the posterior median over the generator's own shapes; height, level and noise are known to it."""
    shapes, onsets = shapes_of(kind, truth.shape)
    height, times_ms = truth.baseline_to_peak_uv, sweep.times_ms
    step_ms = 1000.0 / sweep.sampling_rate_hz
    rng = np.random.default_rng(int(1e6 * truth.onset_ms))
    low_pass_hz, width_ms = (8000.0, 0.12) if kind == "motor" else (2500.0, 0.08)
    noise = generator.noise(len(times_ms), sweep.sampling_rate_hz, rng=rng, low_pass_hz=low_pass_hz)
    wave_uv = truth.noise_uv * noise - truth.clean_uv
    seen = smooth(wave_uv, width_ms, step_ms)
    peak = int(np.argmin(truth.clean_uv))
    knee = int(np.flatnonzero(seen[:peak] < KNEE_SHARE * height)[-1]) + 1
    high = knee + int(np.argmax(seen[knee : peak + 1] >= HIGH_SHARE * height))
    at_ms = crossing(times_ms, seen, knee, KNEE_SHARE * height)
    unit_ms = max(crossing(times_ms, seen, high, HIGH_SHARE * height) - at_ms, 2 * step_ms)
    total = np.concatenate([[0.0], np.cumsum(wave_uv)]) * step_ms
    edges_ms = np.clip(at_ms + X_EDGES * unit_ms, times_ms[0], times_ms[-1])
    borders_ms = np.concatenate([[times_ms[0] - step_ms / 2], times_ms + step_ms / 2])
    share = np.diff(np.interp(edges_ms, borders_ms, total)) / np.maximum(np.diff(edges_ms), 1e-9) / height
    together = max(sweep.sampling_rate_hz / (2 * low_pass_hz), 1.0)
    variance = (truth.noise_uv / height) ** 2 * together * step_ms / (X_EDGES[1] - X_EDGES[0]) / unit_ms + 0.004**2
    squared = ((shapes - share.astype(np.float32)) ** 2).sum(axis=1)
    order = np.argsort(onsets)
    weight = np.cumsum(np.exp(-0.5 * (squared - squared.min()) / variance)[order])
    return float(at_ms + unit_ms * np.interp(0.5 * weight[-1], weight, onsets[order]) - truth.onset_ms)


def ideal_detection(seeds: range, *, kind: str, snr_db: float) -> float:
    """Percent of responses found at 1 % false alarms by a matched filter of the exact shape in the exact noise."""
    low_pass_hz = 2500.0 if kind == "sensory" else 8000.0
    with_response, without = [], []
    for seed in seeds:
        sweep, truth = generator.make_sweep(seed, kind=kind, snr_db=snr_db, snr_of="peak")
        n = len(truth.clean_uv)
        spectrum = np.maximum(gain(n, sweep.sampling_rate_hz, low_pass_hz), 0.02)
        template = np.fft.rfft(truth.clean_uv) / spectrum**2
        inside = sweep.times_ms[(int(np.argmin(truth.clean_uv)) + np.arange(n)) % n] > 0.9
        rng = np.random.default_rng([seed, 5])
        for target, clean in ((with_response, truth.clean_uv), (without, 0.0)):
            noise = truth.noise_uv * generator.noise(n, sweep.sampling_rate_hz, rng=rng, low_pass_hz=low_pass_hz)
            spread = np.fft.irfft(np.fft.rfft(noise) * np.conj(template), n).std()
            target.append(np.fft.irfft(np.fft.rfft(noise + clean) * np.conj(template), n)[inside].max() / spread)
    return 100.0 * float(np.mean(np.array(with_response) > np.quantile(without, 0.99)))
