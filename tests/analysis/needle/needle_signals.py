"""Signals with known trains for the needle tests: two or three typed potentials at stated times in noise."""

from __future__ import annotations

import numpy as np

from emgwidgets.model.signal import RecordingSettings, Trace

RATE_HZ = 25000.0


def potential_uv(width_ms: float, *, amplitude_uv: float, skew: float = 0.0, rate_hz: float = RATE_HZ) -> np.ndarray:
    """A triphasic potential of 8 ms: positive, sharp negative, positive; the negative peak is at 4 ms."""
    time_ms = np.arange(round(0.008 * rate_hz)) / rate_hz * 1000 - 4.0
    main = np.exp(-((time_ms / width_ms) ** 2))
    first = np.exp(-(((time_ms + 1.6 * width_ms) / (1.2 * width_ms)) ** 2))
    last = np.exp(-(((time_ms - (1.8 + skew) * width_ms) / (1.5 * width_ms)) ** 2))
    wave = -main + 0.45 * first + (0.35 + 0.3 * skew) * last
    return amplitude_uv * wave / np.ptp(wave)


def train_s(rate_hz: float, duration_s: float, rng: np.random.Generator, cv: float = 0.15) -> np.ndarray:
    """Times of a regular train."""
    gaps = np.maximum(rng.normal(1 / rate_hz, cv / rate_hz, int(2 * duration_s * rate_hz)), 0.03)
    times = 0.1 + np.cumsum(gaps)
    return times[times < duration_s - 0.1]


def make_trace(
    waves: list[np.ndarray], trains: list[np.ndarray], *, duration_s: float = 10.0, noise_uv: float = 5.0, seed: int = 0,
    rate_hz: float = RATE_HZ,
) -> Trace:  # fmt: skip
    """Potentials at their times (time = negative peak), whole samples, in white noise."""
    rng = np.random.default_rng([seed, 7])
    samples = noise_uv * rng.standard_normal(round(duration_s * rate_hz))
    for wave, times in zip(waves, trains, strict=True):
        middle = round(0.004 * rate_hz)
        for at in np.rint(times * rate_hz).astype(int) - middle:
            samples[at : at + len(wave)] += wave
    settings = RecordingSettings(electrode="concentric needle", high_pass_hz=10.0, low_pass_hz=10000.0)
    return Trace(samples_uv=samples, sampling_rate_hz=rate_hz, channel="needle", settings=settings)


def three_units(seed: int = 0, **options: float) -> tuple[Trace, list[np.ndarray], list[np.ndarray]]:
    """Three well separated units: trace, trains, potentials."""
    rng = np.random.default_rng(seed)
    waves = [
        potential_uv(0.35, amplitude_uv=900.0), potential_uv(0.6, amplitude_uv=500.0, skew=0.8),
        potential_uv(0.25, amplitude_uv=350.0, skew=-0.5),
    ]  # fmt: skip
    trains = [train_s(rate, 10.0, rng) for rate in (9.0, 11.0, 13.0)]
    return make_trace(waves, trains, seed=seed, **options), trains, waves
