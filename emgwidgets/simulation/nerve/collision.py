"""Two stimuli on one nerve: impulses that meet cancel, so that one group of axons can be heard without the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.nerve.axons import generator, temperature_speed_factor
from emgwidgets.simulation.nerve.ncs import finish_sweep, motor_response_uv, resting_sizes
from emgwidgets.simulation.nerve.nerve_parameters import value
from emgwidgets.simulation.nerve.nerve_state import NerveState
from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP, RecordingSetup, SimulatedSweep
from emgwidgets.simulation.nerve.stimulation import Pulse
from emgwidgets.simulation.nerve.volley import StimulationPoint, Volley, supramaximal_pulse, volley

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["simulate_collision"]


def _without_collisions(
    state: NerveState, one: Volley, two: Volley, interval_ms: float, temperature_degc: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Arrivals of both volleys at the target, the second counted from the first stimulus; NaN where cancelled.

    An axon excited twice: the impulse of the proximal stimulus and the antidromic one of the distal stimulus meet if
    each starts before the other has passed.  A stimulus within the refractory period of a passing impulse fails.
    """
    speed = temperature_speed_factor(temperature_degc)
    between = state.travel_ms(one.stimulus_mm, two.stimulus_mm, speed)
    both = one.activated & two.activated & state.conducts(one.stimulus_mm, two.stimulus_mm)
    # The impulse of the first stimulus passes the second cathode after ``between``.
    meet = both & (interval_ms < between)
    refractory = both & ~meet & (interval_ms < between + value("axon_refractory_period"))
    first_is_distal = one.stimulus_mm > two.stimulus_mm
    first = np.where(meet & (not first_is_distal), np.nan, one.arrival_ms)
    second = np.where(refractory | (meet & first_is_distal), np.nan, two.arrival_ms + interval_ms)
    return first, second


def simulate_collision(
    state: NerveState, first: StimulationPoint, second: StimulationPoint, *, interval_ms: float,
    pulses: tuple[Pulse, Pulse] | None = None, setup: RecordingSetup = MOTOR_SETUP, duration_ms: float = 60.0,
    neighbours: Mapping[str, NerveState] | None = None, trial: int = 0,
) -> SimulatedSweep:  # fmt: skip
    """One sweep with two stimuli, the first at 0 ms.

    Parameters
    ----------
    first, second : StimulationPoint
        Where each cathode is; another nerve with ``nerve_study``.
    interval_ms : float
        From the first to the second stimulus; 0 is both at once.
    pulses : tuple of Pulse, optional
        Both supramaximal when left out.
    neighbours : mapping, optional
        States of neighbouring muscles (key -> state), heard through the tissue.

    Notes
    -----
    With a supramaximal stimulus of the ulnar nerve at the wrist, a stimulus of the median nerve at the elbow reaches a
    thenar electrode through median axons only: those of a Martin-Gruber anastomosis are cancelled.

    Raises
    ------
    InputError
        If the study is sensory, a site does not exist or the interval cannot be used.
    """
    if state.axons.study.kind != "motor":
        raise InputError("not a motor study", got=state.axons.study.key, expected="a motor study")
    if not 0 <= interval_ms <= 50:
        raise InputError("the interval cannot be used", got=f"{interval_ms} ms", expected="0 to 50 ms")
    if pulses is None:
        pulses = (supramaximal_pulse(state, first), supramaximal_pulse(state, second))
    own = state.axons.study.key
    first, second = (replace(point, nerve_study=point.nerve_study or own) for point in (first, second))
    rng = generator(state.subject.seed, "collision", state.axons.study.key, state.axons.side, first, second, trial)
    n_samples = round(duration_ms * setup.sampling_rate_hz / 1000.0)
    heard = [(state, 1.0, None), *_neighbours(state, neighbours)]
    raw = np.zeros(n_samples)
    volleys = []
    for muscle, coupling, offset_mm in heard:
        fired = [
            volley(muscle, point, pulse, temperature_degc=setup.skin_temperature_degc, rng=rng)
            for point, pulse in zip((first, second), pulses, strict=True)
        ]
        arrivals = _without_collisions(muscle, fired[0], fired[1], interval_ms, setup.skin_temperature_degc)
        volleys.append((fired[0], *arrivals))
        for arrival in arrivals:
            raw += coupling * motor_response_uv(
                muscle, arrival, resting_sizes(muscle), setup, n_samples=n_samples, offset_mm=offset_mm
            )
    return finish_sweep(
        state, first, pulses[0], setup, fired=_seen(*volleys[0]), raw_uv=raw, rng=rng, n_averaged=1
    )  # fmt: skip


def _neighbours(
    state: NerveState, states: Mapping[str, NerveState] | None
) -> list[tuple[NerveState, float, float | None]]:
    rows = state.axons.study.data["neighbours"] if states else []
    return [(states[row["study"]], row["coupling"], row["offset"]) for row in rows if states and row["study"] in states]


def _seen(fired: Volley, first_ms: NDArray[np.float64], second_ms: NDArray[np.float64]) -> Volley:
    """Volley of the truth: every axon with its first arrival by either stimulus."""
    arrival = np.fmin(first_ms, second_ms)
    reaches = np.isfinite(arrival)
    return replace(fired, activated=fired.activated | reaches, conducted=reaches, arrival_ms=arrival)
