"""CMAP scan: response size against current, with the truth of every unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.nerve.axons import generator
from emgwidgets.simulation.nerve.ncs import motor_response_uv
from emgwidgets.simulation.nerve.nerve_state import NerveState
from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP, RecordingSetup, recording_noise_uv
from emgwidgets.simulation.nerve.resting_share import resting_share
from emgwidgets.simulation.nerve.stimulation import MAX_CURRENT_MA, Pulse, activation_probability, threshold_current_ma
from emgwidgets.simulation.nerve.surface import amplifier_response
from emgwidgets.simulation.nerve.volley import StimulationPoint, volley

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CmapScan", "simulate_cmap_scan"]


@dataclass(frozen=True, kw_only=True, eq=False)
class CmapScan:
    """Response size against current.

    Parameters
    ----------
    currents_ma, amplitudes_uv : ndarray, shape (n_stimuli,)
        In order of stimulation, falling current; amplitude from baseline to negative peak.
    unit_thresholds_ma, unit_amplitudes_uv : ndarray, shape (n_units,)
        Truth of every unit that answers.
    """

    currents_ma: NDArray[np.float64] = field(repr=False)
    amplitudes_uv: NDArray[np.float64] = field(repr=False)
    unit_thresholds_ma: NDArray[np.float64] = field(repr=False)
    unit_amplitudes_uv: NDArray[np.float64] = field(repr=False)

    @property
    def n_units(self) -> int:
        """True number of units."""
        return len(self.unit_thresholds_ma)


def simulate_cmap_scan(
    state: NerveState, point: StimulationPoint, *, n_stimuli: int = 500, pulse_width_ms: float = 0.1,
    setup: RecordingSetup = MOTOR_SETUP, trial: int = 0,
) -> CmapScan:  # fmt: skip
    """CMAP scan: currents falling from supramaximal to nothing; where nothing answers, the usual currents and noise.

    Raises
    ------
    InputError
        If the study is sensory or the number of stimuli cannot be used.
    """
    if state.axons.study.kind != "motor" or not 20 <= n_stimuli <= 5000:
        raise InputError(
            "the scan cannot be made", got=f"{state.axons.study.key}, {n_stimuli} stimuli",
            expected="a motor study and 20 to 5000 stimuli",
        )  # fmt: skip
    rng = generator(state.subject.seed, "scan", state.axons.study.key, state.axons.side, point, trial)
    strong = Pulse(current_ma=MAX_CURRENT_MA, pulse_width_ms=pulse_width_ms)
    fired = volley(state, point, strong, temperature_degc=setup.skin_temperature_degc, rng=rng)
    answers = np.flatnonzero(np.isfinite(fired.arrival_ms))
    depth = float(state.axons.study.data["depths"][point.site])
    everyone = threshold_current_ma(
        state.axons.excitability, depth_mm=depth, pulse_width_ms=pulse_width_ms, sensory=False
    )
    threshold = everyone[answers]
    searched = threshold if len(answers) else everyone
    n_samples = round(40.0 * setup.sampling_rate_hz / 1000.0)
    units = _unit_responses(state, fired.arrival_ms, answers, setup, n_samples)
    currents = np.linspace(1.08 * searched.max(), 0.92 * searched.min(), n_stimuli)
    chance = np.stack([activation_probability(float(current), threshold) for current in currents])
    active = rng.uniform(size=chance.shape) < chance
    sweeps = active @ units
    noise = np.stack([recording_noise_uv(setup, n_samples, rng) for _ in range(n_stimuli)])
    at = int((active[:5].mean(axis=0) @ units).argmin())
    near = slice(max(at - 60, 0), at + 60)
    amplitudes = np.maximum(-(sweeps + noise)[:, near].min(axis=1), 0.0)
    return CmapScan(
        currents_ma=currents,
        amplitudes_uv=amplitudes,
        unit_thresholds_ma=threshold,
        unit_amplitudes_uv=-units.min(axis=1),
    )


def _unit_responses(
    state: NerveState, arrival_ms: NDArray[np.float64], answers: NDArray[np.intp], setup: RecordingSetup, n_samples: int
) -> NDArray[np.float64]:
    """Response of each unit alone after the amplifier, shape ``(n_units, n_samples)``."""
    if not len(answers):
        return np.zeros((0, n_samples))
    share = resting_share(state, setup.skin_temperature_degc)
    rows = []
    for unit in answers:
        alone = np.full(state.axons.n_axons, np.nan)
        alone[unit] = arrival_ms[unit]
        rows.append(
            motor_response_uv(state, alone, state.axons.size * state.response_size * share, setup, n_samples=n_samples)
        )
    return np.stack(
        [
            amplifier_response(
                row, rate_hz=setup.sampling_rate_hz, high_pass_hz=setup.high_pass_hz, low_pass_hz=setup.low_pass_hz
            )
            for row in rows
        ]
    )
