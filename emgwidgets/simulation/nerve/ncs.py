"""Motor and sensory sweeps of the virtual patient: stimulus, volley, response, amplifier.  Late responses are in ``late``."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.signal import RecordingSettings, Stimulus, Sweep
from emgwidgets.simulation.nerve.axons import N_DEPTHS, Subject, generator, temperature_speed_factor
from emgwidgets.simulation.nerve.nerve_parameters import value
from emgwidgets.simulation.nerve.nerve_state import NerveState, nerve_state
from emgwidgets.simulation.nerve.pathway import study
from emgwidgets.simulation.nerve.recording_setup import (
    MOTOR_SETUP,
    SENSORY_SETUP,
    RecordingSetup,
    SimulatedSweep,
    recording_noise_uv,
    sweep_length_ms,
    truth_of,
)  # fmt: skip
from emgwidgets.simulation.nerve.resting_share import resting_share
from emgwidgets.simulation.nerve.stimulation import Pulse, stimulus_artefact_uv
from emgwidgets.simulation.nerve.surface import (
    amplifier_response,
    motor_unit_potentials,
    sensory_fibre_potential,
    sum_of_responses,
)  # fmt: skip
from emgwidgets.simulation.nerve.volley import StimulationPoint, Volley, supramaximal_pulse, volley

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "StimulationPoint", "finish_sweep", "motor_answer_uv", "motor_gain", "motor_response_uv", "resting_sizes",
    "simulate_motor_sweep", "simulate_sensory_sweep" ]  # fmt: skip

#: Speed classes of sensory fibres.
_N_SPEEDS = 8


@lru_cache(maxsize=128)
def _motor_templates(key: str, offset_mm: float, temperature_degc: float, rate_hz: float) -> NDArray[np.float64]:
    data = study(key).data
    near, far = data["depth"]
    return motor_unit_potentials(
        depths_mm=tuple(np.linspace(near, far, N_DEPTHS)), half_length_mm=data["fibre_half_length"], offset_mm=offset_mm,
        temperature_degc=temperature_degc, rate_hz=rate_hz,
    )  # fmt: skip


@lru_cache(maxsize=512)
def motor_gain(subject: Subject, key: str, side: str) -> float:
    """Microvolts per unit of the template: the healthy response at the standard site has the subject's amplitude.

    The amplitudes are drawn from the published mean and SD: tuned on target 11.
    """
    state = nerve_state(subject=subject, key=key, side=side)
    at = study(key).site_cm(study(key).data["standard_site"])
    arrival = state.travel_ms(study(key).position_mm(at, subject.height_cm), state.axons.path.target_mm)
    raw = motor_response_uv(
        state, arrival + state.terminal_ms(34.0, 1.0) + 0.1, state.axons.size, MOTOR_SETUP, gain=1.0
    )
    shown = amplifier_response(raw, rate_hz=20_000.0, high_pass_hz=2.0, low_pass_hz=10_000.0)
    return float(state.axons.amplitude_uv / -shown.min())


def motor_response_uv(
    state: NerveState, arrival_ms: NDArray[np.float64], sizes: NDArray[np.float64], setup: RecordingSetup, *,
    gain: float | None = None, n_samples: int = 1200, offset_mm: float | None = None,
) -> NDArray[np.float64]:  # fmt: skip
    """Sum of the motor-unit potentials that arrive, shape ``(n_samples,)``, in microvolts, before the amplifier."""
    if not np.isfinite(arrival_ms).any():
        return np.zeros(n_samples)
    one = state.axons.study
    if gain is None:
        gain = motor_gain(state.subject, one.key, state.axons.side)
    offset = setup.electrode_offset_mm if offset_mm is None else offset_mm
    temperature = 34.0 if gain == 1.0 else setup.skin_temperature_degc
    templates = _motor_templates(one.key, round(offset, 2), round(temperature, 2), setup.sampling_rate_hz)
    return sum_of_responses(
        arrivals_ms=arrival_ms, sizes=sizes * gain, classes=state.axons.depth_class, templates=templates,
        n_samples=n_samples, rate_hz=setup.sampling_rate_hz,
    )  # fmt: skip


def motor_answer_uv(
    state: NerveState, fired: Volley, sizes: NDArray[np.float64], setup: RecordingSetup, *, n_samples: int = 1200,
    offset_mm: float | None = None,
) -> NDArray[np.float64]:  # fmt: skip
    """Everything a volley makes the muscle give: the direct response and the impulses that turned back (A waves)."""
    total = motor_response_uv(
        state, fired.arrival_ms, sizes * fired.direct_share, setup, n_samples=n_samples, offset_mm=offset_mm
    )
    if np.isfinite(fired.echo_arrival_ms).any():
        total += motor_response_uv(
            state, fired.echo_arrival_ms, sizes * fired.echo_share, setup, n_samples=n_samples, offset_mm=offset_mm
        )
    return total


def _neighbours_uv(
    state: NerveState, point: StimulationPoint, pulse: Pulse, setup: RecordingSetup, n_samples: int, *,
    side_states: dict[str, NerveState], spread: float, rng: np.random.Generator,
) -> NDArray[np.float64]:  # fmt: skip
    """Responses of neighbouring muscles picked up through the tissue, and of the neighbouring nerve when the current spreads."""
    total = np.zeros(n_samples)
    for row in state.axons.study.data["neighbours"]:
        near = side_states.get(row["study"])
        if near is None:
            continue
        stimulated = point.nerve_study or state.axons.study.key
        same_nerve = study(stimulated).data["nerve"] == near.axons.study.data["nerve"]
        where = replace(point, nerve_study=stimulated)
        depth = None
        if not same_nerve:
            crossing = volley(near, where, pulse, temperature_degc=setup.skin_temperature_degc, rng=rng)
            if not crossing.activated.any():
                if point.site not in near.axons.study.sites:
                    continue
                # The neighbour's nerve lies 25 mm aside (P), nearer when the cathode slips.
                where, depth = replace(point, nerve_study=near.axons.study.key), max(25.0 - spread, 6.0)
        fired = volley(near, where, pulse, temperature_degc=setup.skin_temperature_degc, rng=rng, depth_mm=depth)
        total += row["coupling"] * motor_answer_uv(
            near, fired, resting_sizes(near), setup, n_samples=n_samples, offset_mm=row["offset"]
        )
    return total


def finish_sweep(
    state: NerveState, point: StimulationPoint, pulse: Pulse, setup: RecordingSetup, *, fired: Volley,
    raw_uv: NDArray[np.float64], rng: np.random.Generator, n_averaged: int,
) -> SimulatedSweep:  # fmt: skip
    """Return what the machine stores, and the truth: amplifier, artefact and noise added to a response.

    Parameters
    ----------
    fired : Volley
        What the stimulus set off.
    raw_uv : ndarray, shape (n_samples,)
        Response before the amplifier.
    """
    rate = setup.sampling_rate_hz
    distance = abs(state.axons.path.target_mm - fired.stimulus_mm)
    times = np.arange(len(raw_uv), dtype=np.float64) * (1000.0 / rate)
    band = {"rate_hz": rate, "high_pass_hz": setup.high_pass_hz, "low_pass_hz": setup.low_pass_hz}
    clean = amplifier_response(raw_uv, **band)
    closeness = setup.artefact * 80.0 / max(distance, 30.0) * (1.0 if state.axons.study.kind == "motor" else 0.08)
    artefact = stimulus_artefact_uv(times, pulse, closeness=closeness, slow_share=float(rng.uniform(-0.06, 0.02)))
    shown = (
        clean
        + amplifier_response(artefact, **band)
        + recording_noise_uv(setup, len(raw_uv), rng, n_averaged=n_averaged)
    )
    motor = state.axons.study.kind == "motor"
    truth = truth_of(
        raw_uv=raw_uv, filtered_uv=clean, rate_hz=rate, floor_uv=1.0 if motor else 0.1, activated=fired.activated,
        conducted=fired.conducted, arrival_ms=fired.arrival_ms, velocity_m_per_s=state.axons.velocity_m_per_s,
        true_distance_mm=distance,
    )  # fmt: skip
    sweep = Sweep(
        samples_uv=shown, sampling_rate_hz=rate, site=point.site, side=state.axons.side, n_averaged=n_averaged,
        stimulus=Stimulus(time_s=0.0, current_ma=round(pulse.current_ma, 2), pulse_width_ms=pulse.pulse_width_ms, site=point.site),
        channel=state.axons.study.key, nerve=study(point.nerve_study or state.axons.study.key).data["nerve"],
        muscle=state.axons.study.target if motor else None, distance_mm=distance + setup.distance_error_mm,
        skin_temperature_degc=setup.skin_temperature_degc,
        settings=RecordingSettings(high_pass_hz=setup.high_pass_hz, low_pass_hz=setup.low_pass_hz, electrode="surface"),
    )  # fmt: skip
    return SimulatedSweep(sweep=sweep, truth=truth)


def simulate_motor_sweep(
    state: NerveState, point: StimulationPoint, *, pulse: Pulse | None = None, setup: RecordingSetup = MOTOR_SETUP,
    duration_ms: float | None = None, trial: int = 0, neighbours: dict[str, NerveState] | None = None, spread_mm: float = 0.0,
) -> SimulatedSweep:  # fmt: skip
    """One motor response.

    Parameters
    ----------
    pulse : Pulse, optional
        Left out it is supramaximal (120 %) with 0.2 ms.
    duration_ms : float, optional
        Length of the sweep; 50 ms when left out, longer where the response comes late.
    trial : int
        Number of the sweep; another number draws other noise.
    neighbours : mapping, optional
        States of neighbouring studies (key -> state) heard through the tissue.
    spread_mm : float
        How far the cathode is shifted towards the neighbouring nerve.

    Raises
    ------
    InputError
        If the study is sensory or has no such site.
    """
    if state.axons.study.kind != "motor":
        raise InputError("not a motor study", got=state.axons.study.key, expected="a motor study")
    if pulse is None:
        pulse = supramaximal_pulse(state, point)
    rng = generator(state.subject.seed, "motor", state.axons.study.key, state.axons.side, point, trial)
    setup = setup.at_sweep(rng)
    fired = volley(state, point, pulse, temperature_degc=setup.skin_temperature_degc, rng=rng)
    length_ms = sweep_length_ms(50.0, np.fmax(fired.arrival_ms, fired.echo_arrival_ms), asked_ms=duration_ms)
    n_samples = round(length_ms * setup.sampling_rate_hz / 1000.0)
    raw = motor_answer_uv(state, fired, resting_sizes(state), setup, n_samples=n_samples)
    if neighbours:
        raw = raw + _neighbours_uv(
            state, point, pulse, setup, n_samples, side_states=neighbours, spread=spread_mm, rng=rng
        )
    return finish_sweep(state, point, pulse, setup, fired=fired, raw_uv=raw, rng=rng, n_averaged=1)


def resting_sizes(state: NerveState) -> NDArray[np.float64]:
    """Size of each unit's response to a first impulse: its fibres, and the share of them whose junction answers."""
    sizes: NDArray[np.float64] = state.axons.size * state.response_size
    if state.junction is None:
        return sizes
    return sizes * resting_share(state)


@lru_cache(maxsize=64)
def _sensory_templates(speeds: tuple[float, ...], slower: float, leading: float, rate_hz: float) -> NDArray[np.float64]:
    times = np.arange(0.0, 8.0, 1000.0 / rate_hz) - 3.5 * value("sensory_rise") * slower
    return np.stack(
        [
            sensory_fibre_potential(
                times_ms=times,
                velocity_m_per_s=v,
                duration_factor=slower * (v / speeds[-1]) ** -0.5,
                leading_positivity=leading,
            )
            for v in speeds
        ]
    )


def sensory_response_uv(
    state: NerveState, arrival_ms: NDArray[np.float64], setup: RecordingSetup, *, gain: float, n_samples: int = 500
) -> NDArray[np.float64]:
    """Sum of the fibre potentials that pass the electrodes, shape ``(n_samples,)``, before the amplifier."""
    velocity = state.axons.velocity_m_per_s
    healthy = np.linspace(velocity.min(), velocity.max(), _N_SPEEDS)
    speed = temperature_speed_factor(setup.skin_temperature_degc)
    classes = np.clip(np.digitize(velocity, healthy) - 1, 0, _N_SPEEDS - 1)
    slower = round(
        value("spike_duration_q10") ** ((value("reference_temperature") - setup.skin_temperature_degc) / 10), 3
    )
    leading = 0.3 if state.axons.study.data["orthodromic"] else 0.0
    templates = _sensory_templates(tuple(np.round(healthy * speed, 2)), slower, leading, setup.sampling_rate_hz)
    # The peak under the electrode comes a little after the front: the onset of the fastest fibre marks its arrival.
    start = arrival_ms - 1.3 * value("sensory_rise") * slower
    # Size of the potential against temperature: studies disagree, so only the duration acts on the sum (switch: none).
    return sum_of_responses(
        arrivals_ms=start, sizes=state.axons.size * gain, classes=classes, templates=templates, n_samples=n_samples,
        rate_hz=setup.sampling_rate_hz,
    )  # fmt: skip


@lru_cache(maxsize=512)
def sensory_gain(subject: Subject, key: str, side: str) -> float:
    """Microvolts per unit fibre potential, so that the healthy response has the subject's amplitude (tuned on target 11)."""
    state = nerve_state(subject=subject, key=key, side=side)
    one = study(key)
    at = one.position_mm(one.site_cm(one.data["standard_site"]), subject.height_cm)
    setup = replace(SENSORY_SETUP, skin_temperature_degc=34.0)
    arrival = state.travel_ms(at, state.axons.path.target_mm) + value("activation_delay")
    raw = sensory_response_uv(state, arrival, setup, gain=1.0)
    shown = amplifier_response(raw, rate_hz=20_000.0, high_pass_hz=20.0, low_pass_hz=3_000.0)
    return float(state.axons.amplitude_uv / -shown.min())


def simulate_sensory_sweep(
    state: NerveState, point: StimulationPoint, *, pulse: Pulse | None = None, setup: RecordingSetup = SENSORY_SETUP,
    duration_ms: float | None = None, n_averaged: int = 10, trial: int = 0,
) -> SimulatedSweep:  # fmt: skip
    """One averaged sensory response.

    Raises
    ------
    InputError
        If the study is motor, has no such site, or nothing is averaged.
    """
    if state.axons.study.kind != "sensory":
        raise InputError("not a sensory study", got=state.axons.study.key, expected="a sensory study")
    if not 1 <= n_averaged <= 1000:
        raise InputError("this number of sweeps cannot be averaged", got=f"{n_averaged}", expected="1 to 1000")
    if pulse is None:
        pulse = supramaximal_pulse(state, point)
    rng = generator(state.subject.seed, "sensory", state.axons.study.key, state.axons.side, point, trial)
    fired = volley(state, point, pulse, temperature_degc=setup.skin_temperature_degc, rng=rng)
    length_ms = sweep_length_ms(20.0, fired.arrival_ms - 20.0, asked_ms=duration_ms)
    n_samples = round(length_ms * setup.sampling_rate_hz / 1000.0)
    gain = sensory_gain(state.subject, state.axons.study.key, state.axons.side)
    raw = sensory_response_uv(state, fired.arrival_ms, setup, gain=gain, n_samples=n_samples)
    return finish_sweep(state, point, pulse, setup, fired=fired, raw_uv=raw, rng=rng, n_averaged=n_averaged)
