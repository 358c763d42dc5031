"""Conduction signals with exact truth from plain formulas, independent of the virtual patient.

A response is a sum of units with gamma-shaped phases; noise, mains, drift and a stimulus artefact are added to it.  The truth is
read from the clean response on a grid of 500 kHz.  The onset of a sum of smooth units has no edge: it is where the clean
response first reaches 1 % of its negative peak, or the peak of an initial positivity.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emgwidgets.model.signal import Sweep

FINE_HZ = 500_000.0
SHAPES = ("plain", "dispersed", "two_peaks", "initially_positive")


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is in a generated sweep; times in ms, voltages in uV, areas in uV ms."""

    is_present: bool
    onset_ms: float = np.nan
    peak_ms: float = np.nan
    phase_end_ms: float = np.nan
    baseline_to_peak_uv: float = np.nan
    peak_to_peak_uv: float = np.nan
    negative_area_uv_ms: float = np.nan
    shape: str = ""
    noise_uv: float = 0.0
    has_tail_at_onset: bool = False
    clean_uv: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0), repr=False)


def _gamma(time_ms: NDArray[np.float64], rise_ms: float, power: float) -> NDArray[np.float64]:
    """Wave of height 1 that starts at 0 and peaks at ``rise_ms``."""
    x = np.clip(time_ms / rise_ms, 0.0, None)
    return x**power * np.exp(power * (1.0 - x))


def clean_response(
    time_ms: NDArray[np.float64],
    *,
    rng: np.random.Generator,
    shape: str,
    start_ms: float,
    rise_ms: float,
    n_units: int = 40,
) -> NDArray[np.float64]:
    """Clean response with a negative peak of -1, shape of ``time_ms``."""
    spread_ms = rise_ms * (1.6 if shape == "dispersed" else 0.35)
    delays_ms = np.sort(rng.beta(2.0, 2.6, n_units)) * spread_ms * 2.0
    if shape == "two_peaks":
        delays_ms[n_units // 2 :] += 1.3 * rise_ms
    power = rng.uniform(1.8, 3.0)
    wave = np.zeros_like(time_ms)
    share = rng.uniform(0.25, 0.6)
    late = rng.uniform(2.2, 3.0)
    for delay_ms, size in zip(delays_ms, rng.lognormal(0.0, 0.5, n_units), strict=True):
        since_ms = time_ms - start_ms - (delay_ms - delays_ms[0])
        wave -= size * _gamma(since_ms, rise_ms, power)
        wave += size * share * _gamma(since_ms - 0.8 * rise_ms, late * rise_ms, power + 1.0)
    wave /= -wave.min()
    if shape == "initially_positive":
        wave += rng.uniform(0.1, 0.25) * _gamma(time_ms - start_ms + 0.7 * rise_ms, 0.6 * rise_ms, 3.0)
        wave /= -wave.min()
    return wave


def _truth(time_ms: NDArray[np.float64], wave_uv: NDArray[np.float64], shape: str) -> Truth:
    peak = int(np.argmin(wave_uv))
    height = -wave_uv[peak]
    if shape == "initially_positive":
        onset = int(np.argmax(wave_uv[:peak]))
    else:
        onset = int(np.argmax(wave_uv < -0.01 * height))
    first_negative = onset + int(np.argmax(wave_uv[onset:] < 0))
    phase = wave_uv[peak:] >= 0
    end = peak + int(np.argmax(phase)) if phase.any() else len(wave_uv) - 1
    step_ms = 1000.0 / FINE_HZ
    return Truth(
        is_present=True,
        onset_ms=float(time_ms[onset]),
        peak_ms=float(time_ms[peak]),
        phase_end_ms=float(time_ms[end]),
        baseline_to_peak_uv=float(height),
        peak_to_peak_uv=float(height + wave_uv[peak:].max()),
        negative_area_uv_ms=float(-wave_uv[first_negative:end].sum() * step_ms),
        shape=shape,
    )


def noise(n_samples: int, rate_hz: float, *, rng: np.random.Generator, low_pass_hz: float) -> NDArray[np.float64]:
    """Noise of RMS 1, flat up to the low-pass with a share that grows to low frequencies, shape ``(n_samples,)``."""
    n_long = 2 * n_samples + 256
    spectrum = np.fft.rfft(rng.standard_normal(n_long))
    frequency_hz = np.fft.rfftfreq(n_long, 1.0 / rate_hz)
    gain = 1.0 / np.sqrt(1.0 + (frequency_hz / low_pass_hz) ** 8)
    gain *= np.sqrt(1.0 + 60.0 / np.maximum(frequency_hz, 20.0))
    gain[0] = 0.0
    wave: NDArray[np.float64] = np.fft.irfft(spectrum * gain, n_long)[:n_samples]
    return wave / wave.std()


def artefact(
    time_ms: NDArray[np.float64], *, rng: np.random.Generator, spike_uv: float, tail_uv: float, tau_ms: float
) -> NDArray[np.float64]:
    """Stimulus artefact: a pulse, a fast and a slow exponential tail."""
    since_ms = np.clip(time_ms, 0.0, None)
    sign = rng.choice([-1.0, 1.0])
    wave = sign * spike_uv * np.exp(-since_ms / 0.12) - rng.choice([-1.0, 1.0]) * tail_uv * np.exp(-since_ms / tau_ms)
    return np.where(time_ms >= 0, wave, 0.0)


def make_sweep(
    seed: int,
    *,
    kind: str = "motor",
    shape: str = "plain",
    snr_db: float = 30.0,
    snr_of: str = "rms",
    amplitude_uv: float | None = None,
    mains_share: float = 0.0,
    drift_share: float = 0.0,
    tail_share: float = 0.0,
    tail_tau_ms: float = 1.2,
    is_present: bool = True,
    rate_hz: float | None = None,
    pre_ms: float | None = None,
    start_ms: float | None = None,
) -> tuple[Sweep, Truth]:
    """One sweep and its truth.

    Parameters
    ----------
    seed : int
        Equal seeds give equal sweeps.
    kind : str
        ``"motor"`` or ``"sensory"``.
    snr_db : float
        20 log10 of the response over the noise RMS; the response counts by its RMS between onset and end of its
        negative phase, or by its baseline-to-peak height with ``snr_of="peak"``.
    mains_share, drift_share, tail_share : float
        Size of 50 Hz (amplitude), drift across the sweep and artefact tail at time 0, as shares of the height.
    """
    rng = np.random.default_rng([seed, 77 if kind == "motor" else 78])
    motor = kind == "motor"
    rate_hz = rate_hz or float(rng.choice([20_000, 25_000, 48_000] if motor else [25_000, 48_000]))
    pre_ms = float(rng.choice([0.0, 2.0, 5.0])) if pre_ms is None else pre_ms
    length_ms = 50.0 if motor else 20.0
    n_samples = round((length_ms + pre_ms) * rate_hz / 1000)
    times_ms = -pre_ms + np.arange(n_samples) * 1000.0 / rate_hz
    start_ms = (rng.uniform(2.8, 8.0) if motor else rng.uniform(2.0, 4.0)) if start_ms is None else start_ms
    rise_ms = rng.uniform(1.0, 2.0) if motor else rng.uniform(0.3, 0.5)
    height_uv = amplitude_uv or float(np.exp(rng.uniform(*np.log((1000, 12000) if motor else (5, 40)))))
    units_seed = int(rng.integers(2**31))
    fine_ms = np.arange(0, length_ms, 1000.0 / FINE_HZ)

    def wave(at_ms: NDArray[np.float64]) -> NDArray[np.float64]:
        made = clean_response(
            at_ms, rng=np.random.default_rng(units_seed), shape=shape, start_ms=start_ms, rise_ms=rise_ms
        )
        return height_uv * made

    fine_uv = wave(fine_ms)
    truth = _truth(fine_ms, fine_uv, shape)
    clean_uv = np.interp(times_ms, fine_ms, fine_uv, left=0.0) if is_present else np.zeros(n_samples)
    inside = (fine_ms >= truth.onset_ms) & (fine_ms < truth.phase_end_ms)
    level_uv = float(np.sqrt(np.mean(fine_uv[inside] ** 2))) if snr_of == "rms" else height_uv
    noise_uv = level_uv / 10 ** (snr_db / 20)
    low_pass_hz = 0.4 * rate_hz if motor and rate_hz < 25_000 else (10_000.0 if motor else 2_500.0)
    samples_uv = clean_uv + noise_uv * noise(n_samples, rate_hz, rng=rng, low_pass_hz=low_pass_hz)
    if mains_share:
        samples_uv += mains_share * height_uv * np.sin(2 * np.pi * 0.05 * times_ms + rng.uniform(0, 2 * np.pi))
    samples_uv += drift_share * height_uv * rng.choice([-1, 1]) * (times_ms - times_ms.mean()) / length_ms
    tail_uv = tail_share * height_uv
    samples_uv += artefact(times_ms, rng=rng, spike_uv=3.0 * height_uv, tail_uv=tail_uv, tau_ms=tail_tau_ms)
    left_uv = tail_uv * np.exp(-truth.onset_ms / tail_tau_ms)
    keep = {**truth.__dict__, "is_present": is_present, "noise_uv": noise_uv, "clean_uv": clean_uv}
    keep["has_tail_at_onset"] = bool(left_uv > max(0.05 * height_uv, noise_uv))
    return Sweep(samples_uv=samples_uv, sampling_rate_hz=rate_hz, start_ms=-pre_ms), Truth(**keep)


@dataclass(frozen=True, kw_only=True)
class PairTruth:
    """What lies between two generated sites: share of the response that is blocked, and half width of the delays' middle 68 %."""

    blocked_share: float
    scatter_ms: float


def make_pair(
    seed: int, *, blocked_share: float, scatter_ms: float, n_units: int = 80, snr_db: float = 40.0
) -> tuple[Sweep, Sweep, PairTruth]:
    """Distal and proximal sweep of one nerve; every unit has a shape of its own, so no delay of the whole explains the other."""
    rng = np.random.default_rng([seed, 79])
    rate_hz = 20_000.0
    times_ms = np.arange(0.0, 50.0, 1000.0 / rate_hz)
    rises_ms, powers = rng.uniform(0.9, 2.0, n_units), rng.uniform(1.8, 3.0, n_units)
    sizes, late = rng.lognormal(0.0, 0.7, n_units), rng.uniform(2.0, 3.2, n_units)
    starts_ms = 3.0 + 0.8 * rng.beta(2.0, 2.6, n_units)
    delays_ms = 4.5 + scatter_ms * rng.standard_normal(n_units)
    blocked = rng.uniform(size=n_units) < blocked_share
    units = -sizes[:, None] * np.stack([
        _gamma(times_ms - start, rise, power) - 0.4 * _gamma(times_ms - start - 0.8 * rise, slow * rise, power + 1.0)
        for start, rise, power, slow in zip(starts_ms, rises_ms, powers, late, strict=True)
    ])  # fmt: skip
    later = np.stack([np.interp(times_ms - delay, times_ms, unit, left=0.0)
                      for delay, unit in zip(delays_ms, units, strict=True)])  # fmt: skip
    distal = units.sum(axis=0)
    scale = 9000.0 / -distal.min()
    noise_uv = 9000.0 / 10 ** (snr_db / 20)
    sweeps = [
        Sweep(samples_uv=scale * wave + noise_uv * noise(len(times_ms), rate_hz, rng=rng, low_pass_hz=8000.0),
              sampling_rate_hz=rate_hz)
        for wave in (distal, later[~blocked].sum(axis=0))
    ]  # fmt: skip
    kept = delays_ms[~blocked]
    width = 0.5 * float(np.diff(np.quantile(kept, [0.16, 0.84]))[0]) if len(kept) else 0.0
    share = float(sizes[blocked].sum() / sizes.sum())
    return sweeps[0], sweeps[1], PairTruth(blocked_share=share, scatter_ms=width)
