"""A second, independent generator of needle activity: closed-form waves and renewal laws, nothing shared with the simulation.

Waves are sums of Gaussians and exponentials, intervals follow other laws than those of the virtual muscle, noise is pink
and white.  Ranges are those of needle.md section 1 where printed; the rest is an internal choice (P).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["KINDS", "MadeRest", "made_pair", "made_rest"]

RATE_HZ = 25_600.0
Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class MadeRest:
    """A stretch, its class, the true times of its discharges (largest deflection) and its needle movements."""

    kind: str
    samples_uv: Array = field(repr=False)
    rate_hz: float
    events_s: Array = field(repr=False)
    insertions_s: tuple[tuple[float, float], ...] = ()


def _axis(length_ms: float, before_ms: float) -> Array:
    return np.arange(-before_ms, length_ms - before_ms, 1000.0 / RATE_HZ)


def _bell(t: Array, at: float, width: float) -> Array:
    return np.exp(-0.5 * ((t - at) / width) ** 2)


def _fibre(r: np.random.Generator) -> Array:
    t, w = _axis(12, 4), r.uniform(0.12, 0.22)
    return (
        r.uniform(0.35, 0.7) * _bell(t, -2.6 * w, 1.1 * w)
        - _bell(t, 0, w)
        + r.uniform(0.15, 0.3) * _bell(t, 3.4 * w, 1.6 * w)
    )


def _positive_wave(r: np.random.Generator) -> Array:
    t, w, fall = _axis(45, 4), r.uniform(0.25, 0.45), r.uniform(3.0, 7.0)
    late = np.clip(t - 1.5 * w, 0, None)
    return _bell(t, 0, w) - r.uniform(0.12, 0.25) * (1 - np.exp(-late / 0.8)) * np.exp(-late / fall)


def _end_plate(r: np.random.Generator) -> Array:
    t, w = _axis(12, 4), r.uniform(0.2, 0.35)
    return -_bell(t, 0, w) + r.uniform(0.4, 0.7) * _bell(t, 3.2 * w, 1.5 * w)


def _miniature(r: np.random.Generator) -> Array:
    t = np.clip(_axis(10, 1), 0, None)
    rise = r.uniform(0.25, 0.4)
    return -(t / rise) * np.exp(1 - t / rise)


def _unit(r: np.random.Generator) -> Array:
    total = np.zeros(len(_axis(40, 15)))
    t = _axis(40, 15)
    for _ in range(int(r.integers(8, 20))):
        at, w = r.normal(0, 0.9), r.uniform(0.2, 0.35)
        size = r.lognormal(-1.0, 0.8)
        total += size * (0.4 * _bell(t, at - 2.4 * w, 1.2 * w) - _bell(t, at, w) + 0.3 * _bell(t, at + 3.5 * w, 2 * w))
    total = total / np.ptp(total)
    return total + r.uniform(0.05, 0.12) * (_bell(t, -4, 1.8) + 0.8 * _bell(t, 5, 2.2))


def _complex(r: np.random.Generator) -> Array:
    t = _axis(50, 8)
    total, at = np.zeros(len(t)), 0.0
    for _ in range(int(r.integers(5, 11))):
        w = r.uniform(0.15, 0.3)
        total += r.uniform(0.3, 1.0) * (0.4 * _bell(t, at - 2.5 * w, w) - _bell(t, at, w))
        at += r.uniform(0.4, 2.6)
    return total


def _add(trace: Array, wave: Array, times: Array, sizes: Array | float) -> Array:
    """Add a wave at times between samples; return the true times of its largest deflection."""
    peak = int(np.abs(wave).argmax())
    frequency = np.fft.rfftfreq(2 * len(wave))
    spectrum = np.fft.rfft(wave, 2 * len(wave))
    for time, size in zip(times, np.broadcast_to(sizes, len(times)), strict=True):
        place = time * RATE_HZ - peak
        first = int(np.floor(place))
        moved = np.fft.irfft(spectrum * np.exp(-2j * np.pi * frequency * (place - first)))[: len(wave)] * size
        a, b = max(first, 0), min(first + len(wave), len(trace))
        if b > a:
            trace[a:b] += moved[a - first : b - first]
    return times


def _renewal(r: np.random.Generator, mean_s: float, cv: float, length_s: float, start: float = 0.0) -> Array:
    n = int(length_s / mean_s * 1.5) + 10
    gaps = r.gamma(1 / cv**2, mean_s * cv**2, n)
    times = start + r.random() * mean_s + np.cumsum(gaps) - gaps[0]
    return times[times < length_s]


def _level(r: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(r.uniform(np.log(low), np.log(high))))


Maker = Callable[[np.random.Generator, Array, float], tuple[Array, tuple[tuple[float, float], ...]]]


def _even(wave: Callable[[np.random.Generator], Array]) -> Maker:
    def made(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
        mean = 1 / r.uniform(1.5, 13.0)
        times = _renewal(r, mean, r.uniform(0.02, 0.06), length)
        times = times * (1 + 0.01 * times / length)  # slows by two in a hundred
        return _add(trace, wave(r), times[times < length - 0.05], _level(r, 60, 500)), ()

    return made


def _spikes(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    times = np.cumsum(0.004 + r.exponential(1 / r.uniform(14, 40), int(length * 45)))
    return _add(trace, _end_plate(r), times[times < length - 0.02], _level(r, 100, 300)), ()


def _hiss(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    times = np.sort(r.uniform(0, length, int(r.uniform(70, 150) * length)))
    return _add(trace, _miniature(r), times, 25 * r.gamma(4, 0.25, len(times))), ()


def _fasciculations(
    r: np.random.Generator, trace: Array, length: float
) -> tuple[Array, tuple[tuple[float, float], ...]]:
    times = np.cumsum(0.15 + r.exponential(r.uniform(0.6, 1.6), 60))
    while (times < length).sum() < 5:
        times *= 0.8
    return _add(trace, _unit(r), times[times < length - 0.05], _level(r, 250, 2500)), ()


def _repetitive(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    rate = _level(r, 9, 70)
    start, stop = r.uniform(0, 0.2) * length, r.uniform(0.75, 1) * length
    gaps = (1 + 0.004 * r.standard_normal(int((stop - start) * rate))) / rate
    return _add(trace, _complex(r), start + np.cumsum(gaps), _level(r, 100, 900)), ()


def _waxing(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    times, sizes, now = [], [], r.uniform(0, 0.3)
    while now < length - 0.3:
        top, up, down, begun = r.uniform(45, 80), r.uniform(0.3, 0.7), r.uniform(1.2, 3.0), now
        while now < min(begun + up + down, length - 0.05):
            course = min((now - begun) / up, (begun + up + down - now) / down)
            times.append(now)
            sizes.append(0.15 + 0.85 * np.sin(np.pi / 2 * max(course, 0)))
            now += (1 + 0.02 * r.standard_normal()) / (22 + (top - 22) * max(course, 0))
        now += r.uniform(0.4, 1.2)
    wave = _positive_wave(r) if r.random() < 0.3 else _fibre(r)
    return _add(trace, wave, np.array(times), _level(r, 100, 600) * np.array(sizes)), ()


def _bursts(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    inside, between = r.uniform(15, 55), r.uniform(0.5, 1.3)
    times, now = [], r.uniform(0, between)
    while now < length - 0.6:
        n = int(r.integers(3, 8))
        times.extend(now + np.cumsum((1 + 0.1 * r.standard_normal(n)) / inside))
        now += max(between * (1 + 0.12 * r.standard_normal()), n / inside + 0.15)
    return _add(trace, _unit(r), np.array(times), _level(r, 250, 2000)), ()


def _falling(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    times, sizes, now = [], [], r.uniform(0.1, 0.4)
    while now < length - 0.5:
        rate, n = r.uniform(130, 270), 0
        n = int(min(r.uniform(0.5, 1.8), length - now - 0.1) * rate)
        times.extend(now + np.cumsum((1 + 0.01 * r.standard_normal(n)) / rate))
        sizes.extend(1 - np.linspace(0, r.uniform(0.4, 0.85), n))
        now += n / rate + r.uniform(0.5, 1.5)
    return _add(trace, _unit(r), np.array(times), _level(r, 200, 1500) * np.array(sizes)), ()


def _cramp(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    found = []
    for _ in range(int(r.integers(8, 14))):
        start, stop = r.uniform(0.02, 0.45) * length, r.uniform(0.7, 0.95) * length
        times = _renewal(r, 1 / r.uniform(30, 70), 0.4, stop, start)
        found.append(_add(trace, _unit(r), times, _level(r, 300, 1500)))
    return np.sort(np.concatenate(found)), ()


def _voluntary(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    found = []
    for size in (1.0, 0.6, 0.35)[: int(r.integers(1, 4))]:
        times = _renewal(r, 1 / r.uniform(6, 13), r.uniform(0.12, 0.2), length - 0.05)
        found.append(_add(trace, _unit(r), times, size * _level(r, 400, 1200)))
    return np.sort(np.concatenate(found)), ()


def _tremor(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    beats = _renewal(r, 1 / r.uniform(4.2, 8), 0.05, length - 0.15)
    found = []
    for _ in range(int(r.integers(5, 9))):
        times = beats[r.random(len(beats)) < 0.85]
        times = times + r.normal(0, 0.018, len(times)) + 0.03
        found.append(_add(trace, _unit(r), np.sort(times[times < length - 0.05]), _level(r, 200, 900)))
    return np.sort(np.concatenate(found)), ()


def _hum(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    del length
    t, f = np.arange(len(trace)) / RATE_HZ, r.choice([50.0, 60.0])
    for order, part in ((1, 1.0), (2, 0.15), (3, 0.3)):
        trace += _level(r, 20, 120) * part * np.sin(2 * np.pi * f * order * t + r.uniform(0, 6.3))
    return np.zeros(0), ()


def _shift(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    t = np.arange(len(trace)) / RATE_HZ
    size = _level(r, 80, 500)
    for at in _renewal(r, 1.1, 0.3, length):
        trace += size * r.uniform(0.5, 1) * r.choice([-1, 1]) * _bell(t, at, r.uniform(0.03, 0.08))
    return np.zeros(0), ()


def _pulses(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    t = _axis(25, 0.5)
    wave = np.where((t >= 0) & (t < r.uniform(0.3, 0.6)), 1.0, 0.0) - 0.1 * np.where(t > 0.6, np.exp(-t / 5), 0)
    times = _renewal(r, 1 / r.uniform(0.9, 3), 0.006, length)
    return _add(trace, wave, times[times < length - 0.05], _level(r, 80, 600) * r.choice([-1, 1])), ()


def _loose(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
    t = np.arange(len(trace)) / RATE_HZ
    trace += r.uniform(300, 800) * np.sin(2 * np.pi * 50 * t) + r.uniform(800, 2000) * np.sin(
        2 * np.pi * r.uniform(0.4, 1.5) * t
    )
    for at in _renewal(r, 2.0, 0.4, length):
        trace += 4000 * r.choice([-1, 1]) * np.where(t >= at, np.exp(-(t - at) / 0.3), 0)
    np.clip(trace, -4500, 4500, out=trace)
    return np.zeros(0), ()


def _inserted(after_ms: tuple[float, float], n: tuple[int, int], size: float) -> Maker:
    def made(r: np.random.Generator, trace: Array, length: float) -> tuple[Array, tuple[tuple[float, float], ...]]:
        places = []
        t = np.arange(len(trace)) / RATE_HZ
        for start in np.arange(0.3, length - 1.5, 2.0):
            stop, after = start + r.uniform(0.06, 0.15), r.uniform(*after_ms) / 1000
            for _ in range(int(r.integers(*n))):
                at = start + (stop + after - start) * r.random() ** 1.3
                _add(
                    trace,
                    _fibre(r) if r.random() < 0.6 else _positive_wave(r),
                    np.array([at]),
                    size * _level(r, 80, 400),
                )
            if after > 0:
                _add(trace, _fibre(r), np.array([stop + after]), size * 150.0)
            trace += r.uniform(30, 120) * _bell(t, (start + stop) / 2, 0.03)
            places.append((float(start), float(stop)))
        return np.zeros(0), tuple(places)

    return made


#: Class, maker, seconds.
_MAKERS: dict[str, tuple[Maker, float]] = {
    "fibrillation": (_even(_fibre), 6.0), "positive_sharp_wave": (_even(_positive_wave), 6.0), "end_plate_spike": (_spikes, 6.0),
    "end_plate_noise": (_hiss, 5.0), "fasciculation": (_fasciculations, 15.0), "complex_repetitive_discharge": (_repetitive, 5.0),
    "myotonic_discharge": (_waxing, 6.0), "myokymic_discharge": (_bursts, 8.0), "neuromyotonic_discharge": (_falling, 5.0),
    "cramp_discharge": (_cramp, 8.0), "voluntary_unit": (_voluntary, 6.0), "tremor": (_tremor, 6.0), "mains": (_hum, 5.0),
    "movement": (_shift, 6.0), "pulse_artefact": (_pulses, 8.0), "loose_reference": (_loose, 6.0),
    "insertional_normal": (_inserted((60, 230), (25, 50), 1.0), 6.5),
    "insertional_increased": (_inserted((400, 900), (50, 110), 1.0), 6.5),
    "insertional_decreased": (_inserted((0, 0.01), (0, 5), 0.4), 6.5),
}  # fmt: skip
KINDS = tuple(_MAKERS)


def _noise(r: np.random.Generator, n: int, size_uv: float) -> Array:
    spectrum = np.fft.rfft(r.standard_normal(n))
    frequency = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum *= np.sqrt(0.7 + 0.3 * 200.0 / np.maximum(frequency, 20.0)) * (frequency < 10_000) * (frequency > 10)
    noise = np.fft.irfft(spectrum, n)
    made: Array = size_uv * noise / noise.std()
    return made


def made_rest(kind: str, seed: int, *, noise_uv: float | None = None, snr: float | None = None) -> MadeRest:
    """Make one stretch; ``snr`` is half the peak-to-peak size of the largest discharge over the RMS of the noise."""
    r = np.random.default_rng([seed, KINDS.index(kind), 7001])
    maker, length = _MAKERS[kind]
    trace = np.zeros(int(length * RATE_HZ))
    events, places = maker(r, trace, length)
    size = r.uniform(1.0, 4.0) if noise_uv is None else noise_uv
    if snr is not None:
        size = float(np.ptp(trace)) / 2 / snr
    trace += _noise(r, len(trace), size)
    return MadeRest(
        kind=kind, samples_uv=np.round(trace, 1), rate_hz=RATE_HZ, events_s=np.sort(events), insertions_s=places
    )


def made_pair(
    seed: int,
    *,
    sigma_us: float,
    interval_ms: float,
    blocking: float = 0.0,
    snr: float = 10.0,
    n: int = 80,
    rate_hz: float = 50_000.0,
) -> tuple[Array, float, Array, Array, Array]:
    """Single-fibre pair: samples, rate, times of discharge, true intervals in us (NaN where blocked).

    ``snr`` is peak amplitude over the RMS of the noise (10 is 20 dB).
    """
    r = np.random.default_rng([seed, 9001])
    times = np.cumsum(r.normal(0.09, 0.012, n)) + 0.1
    late = np.cumsum(r.normal(0, 0.5, n)) + r.normal(0, sigma_us, n) + 1000 * interval_ms
    blocked = r.random(n) < blocking
    t = np.arange(int((times[-1] + 0.2) * rate_hz)) / rate_hz
    trace = np.zeros(len(t))

    def spike(at: float, size: float, w: float) -> None:
        a, b = int((at - 0.003) * rate_hz), int((at + 0.004) * rate_hz)
        x = 1000 * (t[a:b] - at)
        trace[a:b] += size * (0.55 * _bell(x, -2.2 * w, w) - _bell(x, 0, w) + 0.2 * _bell(x, 3 * w, 1.5 * w))

    first, second = r.uniform(0.07, 0.1), r.uniform(0.07, 0.1)
    for k in range(n):
        spike(times[k], 600.0, first)
        if not blocked[k]:
            spike(times[k] + late[k] * 1e-6, 500.0, second)
    spectrum = np.fft.rfft(r.standard_normal(len(t)))
    frequency = np.fft.rfftfreq(len(t), 1 / rate_hz)
    noise = np.fft.irfft(spectrum * ((frequency > 500) & (frequency < 10_000)), len(t))
    trace += 500.0 / snr * noise / noise.std()
    return trace, rate_hz, times, np.where(blocked, np.nan, late), t
