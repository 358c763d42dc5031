"""Repetitive stimulation: the same junctions and axons, stimulated in series, at rest and after effort."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.lesion import JunctionDisease
from emgwidgets.simulation.nerve.axons import generator
from emgwidgets.simulation.nerve.ncs import finish_sweep, motor_answer_uv
from emgwidgets.simulation.nerve.nerve_parameters import value
from emgwidgets.simulation.nerve.nerve_state import NerveState
from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP, RecordingSetup, SimulatedSweep
from emgwidgets.simulation.nerve.resting_share import HEALTHY_JUNCTION, answering, unit_safety
from emgwidgets.simulation.nerve.volley import StimulationPoint, supramaximal_pulse, volley

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "Exercise",
    "ProtocolStep",
    "RepetitiveTrain",
    "simulate_protocol",
    "simulate_repetitive",
]


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


def _release_course(disease: JunctionDisease, n: int, rate_hz: float, exercise: Exercise | None) -> NDArray[np.float64]:
    """End-plate potential of each impulse relative to rest, shape ``(n,)``: store, release, facilitation, effort."""
    presynaptic = disease.kind == "presynaptic"
    p = value("lems_release_probability") if presynaptic else value("release_probability")
    full, boost, after_effort = 1.0, 0.0, 1.0
    if exercise is not None:
        t = exercise.ended_s_ago
        if presynaptic:
            after_effort += value("exercise_facilitation_lems") * np.exp(-t / value("facilitation_decay_exercise"))
        else:
            after_effort += value("exercise_repair") * np.exp(-t / 30.0)
        if exercise.duration_s >= 20:
            # The store itself is smaller for minutes, so that the fall within the train grows as well.
            late = (1 - np.exp(-t / 60.0)) * np.exp(-max(t - 180.0, 0.0) / 120.0)
            full = 1 - value("exercise_exhaustion") * late
    interval = 1.0 / rate_hz
    # Stores refill faster at high rates; it keeps release going at 20-50 Hz (P).
    recovery = value("store_recovery") / (1 + max(rate_hz - 5.0, 0.0) / 8.0)
    course, store = np.empty(n), full
    for k in range(n):
        release = min(p * (1 + boost) * after_effort, 0.9)
        course[k] = store * release / p
        store = full - (full - store * (1 - release)) * np.exp(-interval / recovery)
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
    disease = state.junction or HEALTHY_JUNCTION
    safety, within = unit_safety(state, disease, setup.skin_temperature_degc)
    pulse = supramaximal_pulse(state, point)
    n_samples = round(min(40.0, 1000.0 / rate_hz) * setup.sampling_rate_hz / 1000.0)
    responses, shares = [], []
    for k, release in enumerate(_release_course(disease, n_stimuli, rate_hz, exercise)):
        rng = generator(state.subject.seed, "rns", state.axons.study.key, state.axons.side, point, rate_hz, trial, k)
        here = setup.at_sweep(rng)
        fired = volley(state, point, pulse, temperature_degc=here.skin_temperature_degc, rng=rng)
        share = answering(safety, within, float(release))
        # Chance within a unit of about 250 fibres.
        share = rng.binomial(250, share) / 250.0
        sizes = state.axons.size * state.response_size * share
        raw = motor_answer_uv(state, fired, sizes, here, n_samples=n_samples)
        responses.append(finish_sweep(state, point, pulse, here, fired=fired, raw_uv=raw, rng=rng, n_averaged=1))
        shares.append(float((share * state.axons.size).sum() / state.axons.size.sum()))
    return RepetitiveTrain(responses=tuple(responses), responding_share=np.array(shares), rate_hz=rate_hz)


@dataclass(frozen=True, kw_only=True)
class ProtocolStep:
    """One train of the usual sequence.

    Parameters
    ----------
    label : str
    exercise : Exercise or None
        Effort before it; None at rest.
    """

    label: str
    exercise: Exercise | None
    train: RepetitiveTrain


def simulate_protocol(
    state: NerveState, point: StimulationPoint, *, rate_hz: float = 3.0, exercise_s: float = 10.0,
    minutes_after: tuple[float, ...] = (0.0, 1.0, 2.0, 3.0, 4.0), n_rest: int = 2, setup: RecordingSetup = MOTOR_SETUP,
) -> tuple[ProtocolStep, ...]:  # fmt: skip
    """Trains at rest, then right after a maximal effort and in the minutes that follow (sequence ncs 6, M).

    Parameters
    ----------
    exercise_s : float
        10 s shows repair and increment; 30 to 60 s brings out the exhaustion that follows.

    Raises
    ------
    InputError
        If the exercise, the rate or the study cannot be used.
    """
    steps: list[tuple[str, Exercise | None]] = [(f"rest {k + 1}", None) for k in range(n_rest)]
    steps += [
        (f"{minutes:g} min after {exercise_s:g} s", Exercise(duration_s=exercise_s, ended_s_ago=60.0 * minutes))
        for minutes in minutes_after
    ]
    return tuple(
        ProtocolStep(
            label=label, exercise=exercise,
            train=simulate_repetitive(state, point, rate_hz=rate_hz, exercise=exercise, setup=setup, trial=trial),
        )
        for trial, (label, exercise) in enumerate(steps)
    )  # fmt: skip
