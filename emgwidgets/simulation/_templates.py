"""Potentials of motor units and fibres at one needle place, ready to be added at discharge times. No chance here."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.simulation.electrode import lead_points
from emgwidgets.simulation.fibre import potentials_uv, summed_potential_uv
from emgwidgets.simulation.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.electrode import NeedleElectrode
    from emgwidgets.simulation.muscle import MuscleState

__all__ = ["PHASES", "UnitTemplate", "add_events", "amplifier", "phased", "template_duration_ms", "unit_template"]

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
        state.fibre_set(far), leads, sampling_rate_hz=sampling_rate_hz, duration_ms=duration_ms
    )
    near_uv = potentials_uv(state.fibre_set(near), leads, sampling_rate_hz=sampling_rate_hz, duration_ms=duration_ms)
    return UnitTemplate(unit=unit, far_uv=far_uv, near_uv=near_uv, near_fibres=near, far_fibres=far)


def phased(template_uv: NDArray[np.float64], phases: int = PHASES) -> NDArray[np.float64]:
    """Copies of a template delayed by 0, 1/8, 2/8 ... samples, trimmed at the end where it is silent; ``(phases, n)``."""
    floor_uv = 0.1  # internal choice: a twentieth of the noise
    loud = np.flatnonzero(np.abs(template_uv) > floor_uv)
    n = int(loud[-1]) + 2 if len(loud) else 1
    padded = np.concatenate([template_uv[:n], np.zeros(n // 8 + 32)])
    spectrum = np.fft.rfft(padded)
    frequency = np.arange(len(spectrum)) / len(padded)
    shift = np.exp(-2j * np.pi * frequency[None, :] * (np.arange(phases) / phases)[:, None])
    copies: NDArray[np.float64] = np.fft.irfft(spectrum[None, :] * shift, n=len(padded), axis=1)[:, : n + 1]
    return copies


def add_events(
    signal_uv: NDArray[np.float64],
    copies: NDArray[np.float64],
    samples: NDArray[np.float64],
    sizes: NDArray[np.float64] | None = None,
) -> None:
    """Add a template to a signal at fractional sample positions, in place."""
    phases = copies.shape[0]
    at = np.floor(samples * phases + 0.5).astype(np.int64)
    whole, part = at // phases, at % phases
    n, m = len(signal_uv), copies.shape[1]
    size = np.ones(len(whole)) if sizes is None else sizes
    for start, phase, factor in zip(whole.tolist(), part.tolist(), size.tolist(), strict=True):
        stop = start + m
        if start >= 0 and stop <= n:
            signal_uv[start:stop] += copies[phase] if factor == 1.0 else factor * copies[phase]
        elif stop > 0 and start < n:
            first, last = max(-start, 0), m - max(stop - n, 0)
            signal_uv[start + first : start + last] += factor * copies[phase, first:last]


def amplifier(
    signal_uv: NDArray[np.float64], electrode: NeedleElectrode, sampling_rate_hz: float
) -> NDArray[np.float64]:
    """Pass a signal through the amplifier: one-pole high-pass, two-pole low-pass; starts at rest."""
    from scipy import signal

    out = signal.lfilter(*signal.butter(1, electrode.high_pass_hz, "highpass", fs=sampling_rate_hz), signal_uv)
    if electrode.low_pass_hz < 0.49 * sampling_rate_hz:
        out = signal.lfilter(*signal.butter(2, electrode.low_pass_hz, "lowpass", fs=sampling_rate_hz), out)
    filtered: NDArray[np.float64] = np.asarray(out, dtype=float)
    return filtered
