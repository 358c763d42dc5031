"""Potentials of motor units and fibres at one needle place, ready to be added at discharge times. No chance here."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from emgwidgets.simulation.muscle.electrode import lead_points
from emgwidgets.simulation.muscle.fibre import potentials_uv, summed_potential_uv
from emgwidgets.simulation.muscle.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle.electrode import NeedleElectrode
    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = [
    "PHASES",
    "Copies",
    "UnitTemplate",
    "add_events",
    "amplifier",
    "phased",
    "template_duration_ms",
    "unit_template",
]

#: Sub-sample steps at which a template is stored; at 48 kHz one step is 2.6 microseconds.
PHASES = 8


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitTemplate:
    """One unit at one place: the far fibres as one sum, the near ones singly; all in microvolts, time 0 = axon impulse."""

    unit: int
    far_uv: NDArray[np.float64] = field(repr=False)
    near_uv: NDArray[np.float64] = field(repr=False)
    near_fibres: NDArray[np.intp] = field(repr=False)
    far_fibres: NDArray[np.intp] = field(repr=False)

    @property
    def whole_uv(self) -> NDArray[np.float64]:
        """The potential with every fibre answering on time."""
        total: NDArray[np.float64] = self.far_uv + self.near_uv.sum(axis=0)
        return total


@lru_cache(maxsize=64)
def template_duration_ms(state: MuscleState) -> float:
    """Long enough for the slowest wave to die at its tendon, within 25 to 60 ms."""
    owned = state.unit >= 0
    if not owned.any():
        return 25.0
    longest = np.maximum(state.right_mm, state.left_mm)[owned] / state.velocity_m_per_s[owned] + state.delay_ms[owned]
    return float(np.clip(np.quantile(longest, 0.99) + 16.0, 25.0, 60.0))


@lru_cache(maxsize=4096)
def unit_template(state: MuscleState, electrode: NeedleElectrode, unit: int, sampling_rate_hz: float) -> UnitTemplate:
    """Potential of one unit at an electrode."""
    leads = lead_points(electrode)
    fibres = state.fibres_of(unit)
    gap = leads.distance_mm(state.x_mm[fibres], state.y_mm[fibres])
    near, far = fibres[gap < value("near_reach")], fibres[gap >= value("near_reach")]
    duration_ms = template_duration_ms(state)
    far_uv = summed_potential_uv(
        state.fibre_set(far), leads, sampling_rate_hz=sampling_rate_hz, duration_ms=duration_ms,
        spike_stretch=state.spike_stretch,
    )  # fmt: skip
    near_uv = potentials_uv(
        state.fibre_set(near), leads, sampling_rate_hz=sampling_rate_hz, duration_ms=duration_ms,
        spike_stretch=state.spike_stretch,
    )  # fmt: skip
    return UnitTemplate(unit=unit, far_uv=far_uv, near_uv=near_uv, near_fibres=near, far_fibres=far)


@dataclass(frozen=True, kw_only=True, eq=False)
class Copies:
    """Sub-sample copies of a template without its silent ends: ``wave_uv`` has shape ``(phases, n)``, from sample ``first``."""

    wave_uv: NDArray[np.float32] = field(repr=False)
    first: int = 0


def phased(template_uv: NDArray[np.float64], phases: int = PHASES) -> Copies:
    """Copies of a template delayed by 0, 1/8, 2/8 ... samples."""
    floor_uv = 0.1  # internal choice: a twentieth of the noise
    loud = np.flatnonzero(np.abs(template_uv) > floor_uv)
    if len(loud) == 0:
        return Copies(wave_uv=np.zeros((phases, 1), dtype=np.float32))
    first, last = max(int(loud[0]) - 1, 0), int(loud[-1]) + 2
    piece = template_uv[first:last]
    if phases == 1:
        return Copies(wave_uv=piece[None, :].astype(np.float32), first=first)
    from scipy import fft

    n = len(piece) + 1
    padded = fft.next_fast_len(n + n // 8 + 32, real=True)
    spectrum = fft.rfft(piece, padded)
    frequency = np.arange(len(spectrum)) / padded
    step = np.exp(-2j * np.pi / phases * frequency)
    shifted = np.empty((phases, len(spectrum)), dtype=complex)
    shifted[0] = spectrum
    for k in range(1, phases):
        np.multiply(shifted[k - 1], step, out=shifted[k])
    return Copies(wave_uv=fft.irfft(shifted, padded)[:, :n].astype(np.float32), first=first)


def add_events(
    signal_uv: NDArray[np.float32],
    copies: Copies,
    samples: NDArray[np.float64],
    sizes: NDArray[np.float64] | None = None,
) -> None:
    """Add a template to a signal at fractional sample positions, in place."""
    phases, m = copies.wave_uv.shape
    at = np.floor(samples * phases + 0.5).astype(np.int64)
    starts, part = at // phases + copies.first, at % phases
    n = len(signal_uv)
    waves = list(copies.wave_uv)
    size = np.ones(len(starts)) if sizes is None else sizes
    for start, phase, factor in zip(starts.tolist(), part.tolist(), size.tolist(), strict=True):
        stop = start + m
        if start >= 0 and stop <= n:
            piece = signal_uv[start:stop]
            np.add(piece, waves[phase] if factor == 1.0 else factor * waves[phase], out=piece)
        elif stop > 0 and start < n:
            first, last = max(-start, 0), m - max(stop - n, 0)
            signal_uv[start + first : start + last] += factor * waves[phase][first:last]


@lru_cache(maxsize=32)
def _corner(
    order: int, corner_hz: float, kind: Literal["highpass", "lowpass"], sampling_rate_hz: float
) -> tuple[Any, Any]:
    from scipy import signal

    b, a = signal.butter(order, corner_hz, kind, fs=sampling_rate_hz)
    return b, a


def amplifier(
    signal_uv: NDArray[np.float64], electrode: NeedleElectrode, sampling_rate_hz: float
) -> NDArray[np.float64]:
    """Pass a signal through the amplifier: one-pole high-pass, two-pole low-pass; starts at rest."""
    from scipy import signal

    out = signal.lfilter(*_corner(1, electrode.high_pass_hz, "highpass", sampling_rate_hz), signal_uv)
    if electrode.low_pass_hz < 0.49 * sampling_rate_hz:
        out = signal.lfilter(*_corner(2, electrode.low_pass_hz, "lowpass", sampling_rate_hz), out)
    filtered: NDArray[np.float64] = np.asarray(out, dtype=float)
    return filtered
