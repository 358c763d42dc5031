"""How a response is recorded: amplifier, noise, electrode placement, temperature, and what comes back with truth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "MOTOR_SETUP",
    "SENSORY_SETUP",
    "RecordingSetup",
    "SimulatedSweep",
    "SweepTruth",
    "recording_noise_uv",
    "sweep_length_ms",
    "truth_of",
]


@dataclass(frozen=True, kw_only=True)
class RecordingSetup:
    """Amplifier and electrodes.

    Parameters
    ----------
    high_pass_hz, low_pass_hz, sampling_rate_hz : float
    noise_uv : float
        RMS of the amplifier and electrode noise.
    mains_uv, mains_hz : float
        Size (peak) and frequency of mains interference.
    electrode_offset_mm : float
        Active electrode off the motor point, along the muscle.
    artefact : float
        Stimulus artefact relative to usual; 0 is none.
    skin_temperature_degc : float
    distance_error_mm : float
        Error of the measured distance; the true distance acts on the signal.
    movement_uv : float
        Size of the slow shift of the baseline when the limb jerks or the patient moves.
    slip_mm : float
        Standard deviation of the place of the active electrode from sweep to sweep, when it is loose or the limb moves.
    """

    high_pass_hz: float
    low_pass_hz: float
    sampling_rate_hz: float = 20_000.0
    noise_uv: float = 2.0
    mains_uv: float = 0.0
    mains_hz: float = 50.0
    electrode_offset_mm: float = 0.0
    artefact: float = 1.0
    skin_temperature_degc: float = 33.5
    distance_error_mm: float = 0.0
    movement_uv: float = 0.0
    slip_mm: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.high_pass_hz < self.low_pass_hz:
            raise InputError(
                "the filter cannot be used", got=f"{self.high_pass_hz} to {self.low_pass_hz} Hz",
                expected="a low limit above 0 Hz and below the high limit",
            )  # fmt: skip
        if not 5_000 <= self.sampling_rate_hz <= 200_000:
            raise InputError(
                "the sampling rate cannot be used", got=f"{self.sampling_rate_hz} Hz", expected="5 to 200 kHz"
            )
        if not 15 <= self.skin_temperature_degc <= 40:
            raise InputError(
                "the skin temperature cannot be used", got=f"{self.skin_temperature_degc} C", expected="15 to 40 C"
            )
        _check_interference(self)
        if not abs(self.electrode_offset_mm) <= 40:
            raise InputError(
                "the electrode is off the muscle", got=f"{self.electrode_offset_mm} mm", expected="-40 to 40 mm"
            )

    def at_sweep(self, rng: np.random.Generator) -> RecordingSetup:
        """Return the setup as it stands in one sweep, with the electrode where it has slipped to."""
        if not self.slip_mm:
            return self
        place = self.electrode_offset_mm + self.slip_mm * rng.standard_normal()
        return replace(self, electrode_offset_mm=float(np.clip(np.round(2 * place) / 2, -40, 40)), slip_mm=0.0)


def _check_interference(setup: RecordingSetup) -> None:
    for name, size, largest, unit in (
        ("the noise", setup.noise_uv, 1000.0, "uV"), ("the mains interference", setup.mains_uv, 20_000.0, "uV"),
        ("the movement", setup.movement_uv, 20_000.0, "uV"), ("the slip of the electrode", setup.slip_mm, 20.0, "mm"),
        ("the artefact", setup.artefact, 100.0, "times the usual"),
    ):  # fmt: skip
        if not 0 <= size <= largest:
            raise InputError(f"{name} cannot be used", got=f"{size} {unit}", expected=f"0 to {largest:g} {unit}")
    if not 40 <= setup.mains_hz <= 70:
        raise InputError("the mains frequency cannot be used", got=f"{setup.mains_hz} Hz", expected="50 or 60 Hz")


#: Lengths a sweep can have, by the divisions of a screen.
_LENGTHS_MS = (20.0, 30.0, 50.0, 60.0, 80.0, 100.0, 150.0, 200.0)
#: Usual settings (facts: motor 2-10 Hz to 10 kHz, sensory 20 Hz to 2-3 kHz).
MOTOR_SETUP = RecordingSetup(high_pass_hz=2.0, low_pass_hz=10_000.0)
SENSORY_SETUP = RecordingSetup(high_pass_hz=20.0, low_pass_hz=3_000.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class SweepTruth:
    """What the signal was made of; per-axon arrays have shape ``(n_axons,)``.

    Parameters
    ----------
    noise_free_uv : ndarray
        Response after the amplifier, without noise and artefact.
    onset_ms, peak_ms, end_ms : float or None
        First and last time the response before the amplifier exceeds 1 % of its peak (at least 1 uV motor, 0.1 uV
        sensory), and its negative peak; None without a response.
    amplitude_uv : float
        Baseline to negative peak of ``noise_free_uv``, as a positive number.
    negative_area_uv_ms : float
        Area of the negative phase that holds the peak.
    arrival_ms : ndarray
        Arrival of each axon's response; NaN where it does not arrive.
    """

    noise_free_uv: NDArray[np.float64] = field(repr=False)
    onset_ms: float | None
    peak_ms: float | None
    end_ms: float | None
    amplitude_uv: float
    negative_area_uv_ms: float
    activated: NDArray[np.bool_] = field(repr=False)
    conducted: NDArray[np.bool_] = field(repr=False)
    arrival_ms: NDArray[np.float64] = field(repr=False)
    velocity_m_per_s: NDArray[np.float64] = field(repr=False)
    true_distance_mm: float

    @property
    def is_absent(self) -> bool:
        """Whether there is no response."""
        return self.onset_ms is None

    @property
    def n_responding(self) -> int:
        """Number of axons that reach the target."""
        return int((self.activated & self.conducted).sum())

    def to_json_dict(self) -> dict[str, float | int | None]:
        """Landmarks and numbers of axons, without waveforms and without the single axons, as plain values."""
        arrives = np.isfinite(self.arrival_ms)
        speeds = self.velocity_m_per_s[arrives]
        return {
            "onset_ms": _rounded(self.onset_ms), "peak_ms": _rounded(self.peak_ms), "end_ms": _rounded(self.end_ms),
            "amplitude_uv": _rounded(self.amplitude_uv), "negative_area_uv_ms": _rounded(self.negative_area_uv_ms),
            "true_distance_mm": _rounded(self.true_distance_mm), "n_axons": len(arrives),
            "n_activated": int(self.activated.sum()), "n_responding": self.n_responding,
            "fastest_velocity_m_per_s": _rounded(float(speeds.max()) if len(speeds) else None),
            "median_velocity_m_per_s": _rounded(float(np.median(speeds)) if len(speeds) else None),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedSweep:
    """One sweep as a machine would store it, and its truth."""

    sweep: Sweep
    truth: SweepTruth


def sweep_length_ms(usual_ms: float, last_arrival_ms: NDArray[np.float64], *, asked_ms: float | None = None) -> float:
    """Length of a sweep: what was asked for, or the usual length, longer where a response comes late.

    Parameters
    ----------
    last_arrival_ms : ndarray
        Arrivals; NaN counts as none.  30 ms are left after the last (internal choice: a response and its after-swing).

    Raises
    ------
    InputError
        If the length asked for cannot be used.
    """
    if asked_ms is not None:
        if not 5 <= asked_ms <= 2000:
            raise InputError("the length of the sweep cannot be used", got=f"{asked_ms} ms", expected="5 to 2000 ms")
        return asked_ms
    come = last_arrival_ms[np.isfinite(last_arrival_ms)]
    needed = float(come.max()) + 30.0 if len(come) else 0.0
    return next((step for step in _LENGTHS_MS if step >= max(usual_ms, needed)), _LENGTHS_MS[-1])


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


def recording_noise_uv(
    setup: RecordingSetup, n_samples: int, rng: np.random.Generator, *, n_averaged: int = 1
) -> NDArray[np.float64]:
    """Noise with a 1/f part below 200 Hz and mains, shape ``(n_samples,)``; the average of ``n_averaged`` sweeps."""
    spectrum = np.fft.rfft(rng.standard_normal(n_samples))
    frequency_hz = np.fft.rfftfreq(n_samples, 1 / setup.sampling_rate_hz)
    shape = np.sqrt(1 + 200.0 / np.maximum(frequency_hz, 5.0))
    shape *= (frequency_hz <= setup.low_pass_hz) * frequency_hz / np.hypot(frequency_hz, setup.high_pass_hz)
    noise = np.fft.irfft(spectrum * shape, n_samples)
    noise *= setup.noise_uv / max(float(noise.std()), 1e-12) / np.sqrt(n_averaged)
    times_s = np.arange(n_samples) / setup.sampling_rate_hz
    if setup.movement_uv:
        noise += _movement_uv(setup, times_s, rng) / np.sqrt(n_averaged)
    if setup.mains_uv:
        phase = rng.uniform(0, 2 * np.pi)
        size = setup.mains_uv / np.sqrt(n_averaged)
        for harmonic, share in ((1, 1.0), (3, 0.3), (5, 0.1)):
            noise += size * share * np.sin(2 * np.pi * harmonic * setup.mains_hz * times_s + harmonic * phase)
    return noise


def _movement_uv(setup: RecordingSetup, times_s: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Slow wander of the electrode potential and the jerk of the limb that follows the twitch, shape ``(n_samples,)``."""
    wander = np.sin(2 * np.pi * rng.uniform(1.0, 6.0) * times_s + rng.uniform(0, 2 * np.pi))
    after = np.clip(times_s - rng.uniform(0.008, 0.020), 0.0, None)
    jerk = np.sin(2 * np.pi * rng.uniform(10.0, 25.0) * after) * np.exp(-after / 0.04)
    moved: NDArray[np.float64] = setup.movement_uv * (0.5 * wander + rng.choice((-1.0, 1.0)) * jerk)
    return moved


def truth_of(
    *, raw_uv: NDArray[np.float64], filtered_uv: NDArray[np.float64], rate_hz: float, floor_uv: float,
    activated: NDArray[np.bool_], conducted: NDArray[np.bool_], arrival_ms: NDArray[np.float64],
    velocity_m_per_s: NDArray[np.float64], true_distance_mm: float,
) -> SweepTruth:  # fmt: skip
    """Landmarks of a noise-free response."""
    size = np.abs(raw_uv)
    limit = max(floor_uv, 0.01 * float(size.max(initial=0.0)))
    above = np.flatnonzero(size > limit)
    step_ms = 1000.0 / rate_hz
    onset = peak = end = None
    amplitude = area = 0.0
    if len(above):
        onset, end = above[0] * step_ms, above[-1] * step_ms
        at = int(filtered_uv.argmin())
        peak, amplitude = at * step_ms, max(-float(filtered_uv[at]), 0.0)
        negative = filtered_uv < 0
        before, after = np.flatnonzero(~negative[:at]), np.flatnonzero(~negative[at:])
        first = int(before[-1]) + 1 if len(before) else 0
        last = at + int(after[0]) if len(after) else len(filtered_uv)
        area = -float(filtered_uv[first:last].sum()) * step_ms
    return SweepTruth(
        noise_free_uv=filtered_uv, onset_ms=onset, peak_ms=peak, end_ms=end, amplitude_uv=amplitude,
        negative_area_uv_ms=area, activated=activated, conducted=conducted, arrival_ms=arrival_ms,
        velocity_m_per_s=velocity_m_per_s, true_distance_mm=true_distance_mm,
    )  # fmt: skip
