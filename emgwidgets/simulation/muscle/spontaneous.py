"""Interval laws and sources of spontaneous activity: which fibres or axons, when, and how large. No volume conductor.

Rates follow the project's fact base (needle.md section 1, science.md 1.9); each law names its mark.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SPONTANEOUS", "Train", "train"]

#: Discharges that can be asked for by name.
SPONTANEOUS = (
    "fibrillation", "positive_sharp_wave", "fasciculation", "complex_repetitive_discharge", "myotonic_discharge",
    "myokymic_discharge", "neuromyotonic_discharge", "cramp", "end_plate_noise", "end_plate_spike",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Train:
    """Times and relative sizes of one source's discharges, both of shape ``(n_discharges,)``."""

    times_s: NDArray[np.float64] = field(repr=False)
    sizes: NDArray[np.float64] = field(repr=False)


def _cut(times: NDArray[np.float64], duration_s: float, sizes: NDArray[np.float64] | None = None) -> Train:
    inside = (times >= 0) & (times < duration_s)
    sizes = np.ones(len(times)) if sizes is None else sizes
    return Train(times_s=times[inside], sizes=sizes[inside])


def _fibre_rhythm(duration_s: float, rng: np.random.Generator, rate_hz: float | None) -> Train:
    """Denervated fibre: 0.5-15 Hz (V StatPearls), regular (CV 2-8 %), one in ten irregular (CV 30-60 %), slowing (P)."""
    rate = float(np.exp(rng.normal(np.log(6.0), 0.5))) if rate_hz is None else rate_hz
    rate = float(np.clip(rate, 0.5, 15.0))
    irregular = rate_hz is None and rng.random() < 0.1
    spread = rng.uniform(0.3, 0.6) if irregular else rng.uniform(0.02, 0.08)
    slowing_s = rng.uniform(15.0, 60.0) * max(1.0, duration_s / 10.0)
    times = []
    now, began = rng.random() / rate, 0.0
    life = rng.exponential(60.0) + 8.0
    while now < duration_s:
        times.append(now)
        now += np.exp((now - began) / slowing_s) / rate * np.exp(spread * rng.standard_normal() - spread**2 / 2)
        if now - began > life:  # a silent phase, then a fresh start
            now += rng.uniform(1.0, 6.0)
            began, life = now, rng.exponential(60.0) + 8.0
    return _cut(np.array(times), duration_s)


def _fasciculation(duration_s: float, rng: np.random.Generator, rate_hz: float | None) -> Train:
    """Very irregular: log-normal intervals with a median of 0.5-10 s (P, science 1.9)."""
    median = float(np.exp(rng.uniform(np.log(0.8), np.log(6.0)))) if rate_hz is None else 1.0 / rate_hz
    gaps = median * np.exp(0.9 * rng.standard_normal(int(duration_s / median * 6) + 12))
    return _cut(np.cumsum(gaps) - gaps[0] * rng.random(), duration_s)


def _complex(duration_s: float, rng: np.random.Generator, rate_hz: float | None) -> Train:
    """5-150 Hz, mostly 30-40 (V), CV below 1 % (P); starts and stops at once, may change its rate in a step."""
    rate = float(rng.uniform(25.0, 45.0)) if rate_hz is None else rate_hz
    start = rng.uniform(0.0, 0.15) * duration_s
    stop = duration_s * rng.uniform(0.8, 0.98)
    step_at = start + (stop - start) * rng.uniform(0.4, 0.8)
    times = []
    now = start
    while now < stop:
        times.append(now)
        here = rate if now < step_at else rate * 0.8
        now += (1 + 0.004 * rng.standard_normal()) / here
    return _cut(np.array(times), duration_s)


def _myotonic(duration_s: float, rng: np.random.Generator, rate_hz: float | None) -> Train:
    """Waxing and waning rate and size, 20-80 Hz (V AANEM): rise 0.1-0.5 s, fall 1-5 s, size ~ f^-0.3 with wander (P)."""
    times: list[float] = []
    sizes: list[float] = []
    start = rng.uniform(0.0, 0.3)
    while start < duration_s:
        peak = rng.uniform(50.0, 80.0) if rate_hz is None else rate_hz
        low, rise, fall = 20.0, rng.uniform(0.15, 0.5), rng.uniform(1.0, 2.5)
        length = fall * rng.uniform(1.6, 2.4)
        scale = (1 + rise / fall) * (1 + fall / rise) ** (rise / fall)  # the product of both courses peaks at 1
        wander = rng.uniform(0, 6.28)
        now = 0.0
        while now < length and start + now < duration_s:
            course = min(scale * (1 - np.exp(-now / rise)) * np.exp(-now / fall), 1.0)
            rate = low + (peak - low) * course
            fading = min(1.0, (length - now) / (0.25 * length)) * min(1.0, 0.25 + now / rise)
            times.append(start + now)
            sizes.append((rate / 50.0) ** -0.3 * (1 + 0.2 * np.sin(2 * np.pi * 0.8 * now + wander)) * max(fading, 0.05))
            now += (1 + 0.03 * rng.standard_normal()) / rate
        start += length + rng.uniform(0.5, 2.5)
    return _cut(np.array(times), duration_s, np.array(sizes))


def _myokymic(duration_s: float, rng: np.random.Generator, rate_hz: float | None) -> Train:
    """Bursts of 2-10 spikes at 5-60 Hz; bursts every 0.1-10 s, semi-regular (M)."""
    inside = float(rng.uniform(25.0, 55.0)) if rate_hz is None else rate_hz
    between = rng.uniform(0.5, 1.5)
    times: list[float] = []
    start = rng.uniform(0.0, between)
    while start < duration_s:
        n = int(rng.integers(3, 9))
        gaps = (1 + 0.12 * rng.standard_normal(n)) / inside
        times.extend(start + np.cumsum(np.maximum(gaps, 0.008)))
        start += max(between * (1 + 0.15 * rng.standard_normal()), n / inside + 0.1)
    return _cut(np.array(times), duration_s)


def _neuromyotonic(duration_s: float, rng: np.random.Generator, rate_hz: float | None) -> Train:
    """150-300 Hz, abrupt, size falling with a time constant of 0.1-1 s (M/P)."""
    times: list[float] = []
    sizes: list[float] = []
    start = rng.uniform(0.1, 0.5)
    while start < duration_s:
        rate = float(rng.uniform(160.0, 260.0)) if rate_hz is None else rate_hz
        length, fall = rng.uniform(0.4, 1.6), rng.uniform(0.3, 1.0)
        n = int(length * rate)
        within = np.arange(n) / rate * (1 + 0.01 * rng.standard_normal())
        times.extend(start + within)
        sizes.extend(np.exp(-within / fall))
        start += length + rng.uniform(0.5, 2.0)
    return _cut(np.array(times), duration_s, np.array(sizes))


def _cramp(duration_s: float, rng: np.random.Generator, rate_hz: float | None) -> Train:
    """One unit of a cramp: 20-150 Hz, often 40-60 (M), irregular; builds up and breaks off over seconds."""
    rate = float(rng.uniform(35.0, 70.0)) if rate_hz is None else rate_hz
    start = rng.beta(1.2, 4.0) * duration_s * 0.6
    stop = duration_s * (1 - 0.35 * rng.beta(1.2, 2.5))
    gaps = (1 / rate) * rng.gamma(9.0, 1 / 9.0, int((stop - start) * rate * 1.3) + 4)
    times = start + np.cumsum(np.maximum(gaps, 0.004))
    return _cut(times[times < stop], duration_s)


def _end_plate_noise(duration_s: float, rng: np.random.Generator, rate_hz: float | None) -> Train:
    """Miniature potentials of one terminal: Poisson, 20-40 per second and site (V SLS), sizes gamma distributed (P)."""
    rate = 30.0 if rate_hz is None else rate_hz
    n = int(rng.poisson(rate * duration_s))
    return Train(times_s=np.sort(rng.random(n) * duration_s), sizes=rng.gamma(6.0, 1 / 6.0, n))


def _end_plate_spike(duration_s: float, rng: np.random.Generator, rate_hz: float | None) -> Train:
    """Highly irregular, up to 50 Hz (V SLS): gamma intervals of shape 1-2 after a dead time of 3-5 ms (P)."""
    rate = float(rng.uniform(12.0, 40.0)) if rate_hz is None else rate_hz
    shape, dead = rng.uniform(1.0, 1.6), rng.uniform(0.003, 0.005)
    n = int(rate * duration_s * 1.6) + 10
    times = np.cumsum(dead + rng.gamma(shape, max(1 / rate - dead, 1e-3) / shape, n))
    # sputtering: silent stretches between bursts
    bursts = np.interp(times, np.linspace(0, duration_s, 2 + int(duration_s * 2)), rng.random(2 + int(duration_s * 2)))
    return _cut(times[bursts > 0.3], duration_s)


_LAWS = {
    "fibrillation": _fibre_rhythm, "positive_sharp_wave": _fibre_rhythm, "fasciculation": _fasciculation,
    "complex_repetitive_discharge": _complex, "myotonic_discharge": _myotonic, "myokymic_discharge": _myokymic,
    "neuromyotonic_discharge": _neuromyotonic, "cramp": _cramp, "end_plate_noise": _end_plate_noise,
    "end_plate_spike": _end_plate_spike,
}  # fmt: skip


def train(kind: str, duration_s: float, rng: np.random.Generator, *, rate_hz: float | None = None) -> Train:
    """Draw one source's discharges.

    Parameters
    ----------
    kind : str
        One of ``SPONTANEOUS``.
    duration_s : float
        Length.
    rng : Generator
        Source of chance.
    rate_hz : float, optional
        Rate (mean, peak or within bursts, as the law has it) in place of a drawn one.

    Raises
    ------
    InputError
        If the kind is unknown or the rate is not above 0 Hz.
    """
    if kind not in _LAWS:
        raise InputError("no such spontaneous activity", got=repr(kind), expected=f"one of {', '.join(SPONTANEOUS)}")
    if rate_hz is not None and not rate_hz > 0:
        raise InputError("the rate cannot be used", got=f"{rate_hz} Hz", expected="above 0 Hz")
    return _LAWS[kind](duration_s, rng, rate_hz)
