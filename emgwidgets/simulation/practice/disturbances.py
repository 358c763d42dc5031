"""What a needle channel carries that is not the muscle under the needle: mains, movement, pulses, other muscles.

Sizes and courses are internal choices (P): no source gives a distribution of artefacts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DISTURBANCES", "Disturbance", "DisturbanceTruth", "disturbance_uv"]

#: Kind: usual size in microvolts and usual rate in hertz.
DISTURBANCES = {
    "mains": (40.0, 50.0), "movement": (400.0, 0.7), "stimulus": (800.0, 2.0), "pacemaker": (250.0, 1.2),
    "loose_reference": (1500.0, 50.0), "other_muscle": (12.0, 0.5),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Disturbance:
    """A disturbance of the whole recording.

    Parameters
    ----------
    kind : str
        One of ``DISTURBANCES``.
    size_uv, rate_hz : float, optional
        Size (peak; RMS for another muscle), and frequency of the mains or of the events.
    """

    kind: str
    size_uv: float | None = None
    rate_hz: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in DISTURBANCES:
            raise InputError("no such disturbance", got=repr(self.kind), expected=f"one of {', '.join(DISTURBANCES)}")
        for name, number in (("size", self.size_uv), ("rate", self.rate_hz)):
            if number is not None and not 0 < number < np.inf:
                raise InputError(f"the {name} of the disturbance cannot be used", got=f"{number}", expected="above 0")


@dataclass(frozen=True, kw_only=True, eq=False)
class DisturbanceTruth:
    """What was added: its kind, frequency or rate, size, and the times of its events (none for mains)."""

    kind: str
    rate_hz: float
    size_uv: float
    times_s: NDArray[np.float64] = field(repr=False)


def disturbance_uv(
    asked: Disturbance, n_samples: int, sampling_rate_hz: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], DisturbanceTruth]:
    """Return the disturbance before the amplifier, shape ``(n_samples,)``, and its truth."""
    size, rate = DISTURBANCES[asked.kind]
    size = size if asked.size_uv is None else asked.size_uv
    rate = rate if asked.rate_hz is None else asked.rate_hz
    time_s = np.arange(n_samples) / sampling_rate_hz
    duration_s = n_samples / sampling_rate_hz
    wave: NDArray[np.float64] = np.zeros(n_samples)
    times: NDArray[np.float64] = np.zeros(0)
    if asked.kind == "mains":
        wave = size * _mains(time_s, rate, rng)
    elif asked.kind == "other_muscle":
        wave = size * _far_interference(n_samples, sampling_rate_hz, rng)
    elif asked.kind == "loose_reference":
        wave = 0.3 * size * _mains(time_s, rate, rng) + size * _drift(time_s, rng)
        times = np.sort(rng.uniform(0.0, duration_s, max(int(duration_s / 1.5), 1)))
        for start in times:
            wave += (
                4 * size * rng.choice([-1.0, 1.0]) * np.exp(-np.maximum(time_s - start, 0) / 0.25) * (time_s >= start)
            )
    else:
        spread = {"movement": 0.35, "stimulus": 0.0, "pacemaker": 0.01}[asked.kind]
        gaps = (1 + spread * rng.standard_normal(int(duration_s * rate * 2) + 4)) / rate
        times = np.cumsum(np.maximum(gaps, 0.2 / rate)) - gaps[0] * rng.random()
        times = times[times < duration_s - 0.05]
        shape = _hump(sampling_rate_hz, rng) if asked.kind == "movement" else _pulse(asked.kind, sampling_rate_hz)
        for start in times:
            first = round(start * sampling_rate_hz)
            last = min(first + len(shape), n_samples)
            scale = size * (rng.uniform(0.5, 1.0) if asked.kind == "movement" else 1.0)
            wave[first:last] += scale * shape[: last - first]
    return wave, DisturbanceTruth(kind=asked.kind, rate_hz=rate, size_uv=size, times_s=times)


def _mains(time_s: NDArray[np.float64], rate_hz: float, rng: np.random.Generator) -> NDArray[np.float64]:
    hum = np.zeros(len(time_s))
    for order, part in ((1, 1.0), (3, 0.25), (5, 0.12)):
        hum += part * np.sin(2 * np.pi * rate_hz * order * time_s + rng.uniform(0.0, 2 * np.pi))
    return hum


def _drift(time_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    slow = np.zeros(len(time_s))
    for rate in (0.3, 0.8, 1.9):
        slow += rng.uniform(0.3, 1.0) * np.sin(2 * np.pi * rate * time_s + rng.uniform(0.0, 2 * np.pi))
    return slow / 1.5


def _far_interference(n: int, sampling_rate_hz: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Effort of a muscle beside this one: only what lies below a few hundred hertz comes through; RMS 1."""
    from scipy import signal

    low = signal.butter(2, (30.0, 250.0), "bandpass", fs=sampling_rate_hz, output="sos")
    noise = np.asarray(signal.sosfilt(low, rng.standard_normal(n)), dtype=np.float64)
    time_s = np.arange(n) / sampling_rate_hz
    noise *= 1 + 0.5 * np.sin(2 * np.pi * 0.5 * time_s + rng.uniform(0.0, 2 * np.pi))
    return noise / max(float(noise.std()), 1e-12)


def _hump(sampling_rate_hz: float, rng: np.random.Generator) -> NDArray[np.float64]:
    n = round(rng.uniform(0.15, 0.4) * sampling_rate_hz)
    phase = np.arange(n) / n
    hump: NDArray[np.float64] = np.sin(np.pi * phase) ** 2 * np.sin(2 * np.pi * phase + rng.uniform(0.0, 1.0))
    return hump / max(float(np.abs(hump).max()), 1e-12)


def _pulse(kind: str, sampling_rate_hz: float) -> NDArray[np.float64]:
    """A pacemaker's pulse of 0.5 ms, or a stimulus of 0.2 ms, with a small tail of the other sign."""
    width_ms, tail_ms = (0.5, 8.0) if kind == "pacemaker" else (0.2, 3.0)
    time_ms = np.arange(round(30.0 * sampling_rate_hz / 1000)) * 1000.0 / sampling_rate_hz
    tail = -0.15 * np.exp(-(time_ms - width_ms) / tail_ms)
    return np.where(time_ms < width_ms, 1.0, tail)
