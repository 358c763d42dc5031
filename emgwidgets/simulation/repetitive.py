"""Repetitive stimulation and the CMAP scan: the same junctions and axons, stimulated in series."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.axons import generator
from emgwidgets.simulation.lesion import JunctionDisease
from emgwidgets.simulation.ncs import StimulationPoint, _finish, motor_response_uv, supramaximal_current_ma, volley
from emgwidgets.simulation.nerve_parameters import value
from emgwidgets.simulation.nerve_state import NerveState
from emgwidgets.simulation.recording_setup import MOTOR_SETUP, RecordingSetup, SimulatedSweep, recording_noise_uv
from emgwidgets.simulation.stimulation import Pulse, activation_probability, threshold_current_ma
from emgwidgets.simulation.surface import amplifier_response

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CmapScan", "Exercise", "RepetitiveTrain", "resting_share", "simulate_cmap_scan", "simulate_repetitive"]

_HEALTHY_JUNCTION = JunctionDisease(
    kind="postsynaptic", median_safety_factor=value("safety_factor"), spread=value("safety_factor_spread")
)


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """Maximal effort before a train.

    Parameters
    ----------
    duration_s, ended_s_ago : float
    """

    duration_s: float
    ended_s_ago: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.duration_s <= 300 or self.ended_s_ago < 0:
            raise InputError(
                "the exercise cannot be used", got=f"{self.duration_s} s, ended {self.ended_s_ago} s ago",
                expected="a duration of up to 300 s that ended 0 s ago or earlier",
            )  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class RepetitiveTrain:
    """Responses of one train.

    Parameters
    ----------
    responses : tuple of SimulatedSweep
    responding_share : ndarray, shape (n_stimuli,)
        True share of the muscle fibres that answered each stimulus.
    """

    responses: tuple[SimulatedSweep, ...]
    responding_share: NDArray[np.float64] = field(repr=False)
    rate_hz: float

    @property
    def true_decrement_percent(self) -> float:
        """Fall of the noise-free amplitude from the first to the fourth response, in percent of the first."""
        amplitudes = [response.truth.amplitude_uv for response in self.responses]
        fourth = amplitudes[min(3, len(amplitudes) - 1)]
        return 100.0 * (amplitudes[0] - fourth) / amplitudes[0] if amplitudes[0] else 0.0


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


def _unit_safety(
    state: NerveState, disease: JunctionDisease, temperature_degc: float
) -> tuple[NDArray[np.float64], float]:
    """Median safety factor of each unit and the spread within a unit; units of one muscle differ (JNNP 1978;41:205)."""
    rng = generator(state.subject.seed, "junction", state.axons.study.key, state.axons.side)
    between = within = disease.spread / np.sqrt(2.0)
    cooling = 1 + value("safety_per_degc") * (value("reference_temperature") - temperature_degc)
    small_worse = 0.1 if disease.median_safety_factor < 3.0 else 0.0
    median = disease.median_safety_factor * np.exp(between * rng.standard_normal(state.axons.n_axons))
    return median * state.axons.size**small_worse * max(cooling, 0.3), float(within)


def _answering(safety: NDArray[np.float64], within: float, release: float) -> NDArray[np.float64]:
    """Share of the fibres of each unit whose end-plate potential exceeds threshold."""
    from scipy.special import ndtr

    quantal = np.sqrt(1.04 / (value("quantal_content") * max(release, 0.05)))
    return np.asarray(ndtr(np.log(np.maximum(safety * release, 1e-6)) / np.hypot(within, quantal)), dtype=np.float64)


def resting_share(state: NerveState, temperature_degc: float = 34.0) -> NDArray[np.float64]:
    """Share of each unit's fibres that answer a single impulse at rest, shape ``(n_axons,)``."""
    disease = state.junction or _HEALTHY_JUNCTION
    safety, within = _unit_safety(state, disease, temperature_degc)
    return _answering(safety, within, 1.0)


def _release_course(disease: JunctionDisease, n: int, rate_hz: float, exercise: Exercise | None) -> NDArray[np.float64]:
    """End-plate potential of each impulse relative to rest, shape ``(n,)``: store, release, facilitation, effort."""
    presynaptic = disease.kind == "presynaptic"
    p = value("lems_release_probability") if presynaptic else value("release_probability")
    store, boost, after_effort = 1.0, 0.0, 1.0
    if exercise is not None:
        t = exercise.ended_s_ago
        if presynaptic:
            after_effort += value("exercise_facilitation_lems") * np.exp(-t / value("facilitation_decay_exercise"))
        else:
            after_effort += value("exercise_repair") * np.exp(-t / 30.0)
        if exercise.duration_s >= 20:
            late = (1 - np.exp(-t / 60.0)) * np.exp(-max(t - 180.0, 0.0) / 120.0)
            store = 1 - value("exercise_exhaustion") * late
    interval = 1.0 / rate_hz
    # Stores refill faster at high rates; it keeps release going at 20-50 Hz (P).
    recovery = value("store_recovery") / (1 + max(rate_hz - 5.0, 0.0) / 8.0)
    course = np.empty(n)
    for k in range(n):
        release = min(p * (1 + boost) * after_effort, 0.9)
        course[k] = store * release / p
        store = 1 - (1 - store * (1 - release)) * np.exp(-interval / recovery)
        step = value("facilitation_step") if presynaptic else 0.0
        boost = (boost + step) * np.exp(-interval / value("facilitation_decay"))
    return course


def simulate_repetitive(
    state: NerveState, point: StimulationPoint, *, rate_hz: float = 3.0, n_stimuli: int = 10,
    exercise: Exercise | None = None, setup: RecordingSetup = MOTOR_SETUP, trial: int = 0,
) -> RepetitiveTrain:  # fmt: skip
    """Return a train of supramaximal motor responses.

    Raises
    ------
    InputError
        If the study is sensory, or rate or number cannot be used.
    """
    if state.axons.study.kind != "motor":
        raise InputError(
            "repetitive stimulation needs a motor study", got=state.axons.study.key, expected="a motor study"
        )
    if not 0.1 <= rate_hz <= 50 or not 1 <= n_stimuli <= 500:
        raise InputError(
            "the train cannot be given",
            got=f"{n_stimuli} stimuli at {rate_hz} Hz",
            expected="1 to 500 stimuli at 0.1 to 50 Hz",
        )
    disease = state.junction or _HEALTHY_JUNCTION
    safety, within = _unit_safety(state, disease, setup.skin_temperature_degc)
    pulse = Pulse(current_ma=min(supramaximal_current_ma(state, point), 400.0), pulse_width_ms=0.2)
    n_samples = round(min(40.0, 1000.0 / rate_hz) * setup.sampling_rate_hz / 1000.0)
    responses, shares = [], []
    for k, release in enumerate(_release_course(disease, n_stimuli, rate_hz, exercise)):
        rng = generator(state.subject.seed, "rns", state.axons.study.key, state.axons.side, point, rate_hz, trial, k)
        fired = volley(state, point, pulse, temperature_degc=setup.skin_temperature_degc, rng=rng)
        share = _answering(safety, within, float(release))
        # Chance within a unit of about 250 fibres.
        share = rng.binomial(250, share) / 250.0
        sizes = state.axons.size * state.response_size * share
        raw = motor_response_uv(state, fired.arrival_ms, sizes, setup, n_samples=n_samples)
        responses.append(_finish(state, point, pulse, setup, fired=fired, raw_uv=raw, rng=rng, n_averaged=1))
        shares.append(float((share * state.axons.size).sum() / state.axons.size.sum()))
    return RepetitiveTrain(responses=tuple(responses), responding_share=np.array(shares), rate_hz=rate_hz)


def simulate_cmap_scan(
    state: NerveState, point: StimulationPoint, *, n_stimuli: int = 500, pulse_width_ms: float = 0.1,
    setup: RecordingSetup = MOTOR_SETUP, trial: int = 0,
) -> CmapScan:  # fmt: skip
    """CMAP scan: currents falling from supramaximal to nothing.

    Raises
    ------
    InputError
        If the study is sensory, nothing answers, or the number of stimuli cannot be used.
    """
    if state.axons.study.kind != "motor" or not 20 <= n_stimuli <= 5000:
        raise InputError(
            "the scan cannot be made", got=f"{state.axons.study.key}, {n_stimuli} stimuli",
            expected="a motor study and 20 to 5000 stimuli",
        )  # fmt: skip
    rng = generator(state.subject.seed, "scan", state.axons.study.key, state.axons.side, point, trial)
    strong = Pulse(current_ma=400.0, pulse_width_ms=pulse_width_ms)
    fired = volley(state, point, strong, temperature_degc=setup.skin_temperature_degc, rng=rng)
    answers = np.flatnonzero(np.isfinite(fired.arrival_ms))
    if not len(answers):
        raise InputError(
            "no unit answers at this site", got=point.site, expected="a site below the lesion or an earlier day"
        )
    depth = float(state.axons.study.data["depths"][point.site])
    threshold = threshold_current_ma(
        state.axons.excitability[answers], depth_mm=depth, pulse_width_ms=pulse_width_ms, sensory=False
    )
    n_samples = round(40.0 * setup.sampling_rate_hz / 1000.0)
    units = _unit_responses(state, fired.arrival_ms, answers, setup, n_samples)
    currents = np.linspace(1.08 * threshold.max(), 0.92 * threshold.min(), n_stimuli)
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
