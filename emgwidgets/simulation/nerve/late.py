"""F waves, A waves and the H reflex: impulses that go to the cord and come back.  The H curve is not drawn, it follows from collision."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.lesion import (
    AnteriorHornLoss,
    BrainstemLesion,
    CentralWeakness,
    FibreDisease,
    Ganglionopathy,
    JunctionDisease,
    Lesion,
)  # fmt: skip
from emgwidgets.simulation.nerve.axons import generator, temperature_speed_factor
from emgwidgets.simulation.nerve.ncs import (
    finish_sweep,
    motor_response_uv,
    resting_sizes,
)  # fmt: skip
from emgwidgets.simulation.nerve.nerve_parameters import value
from emgwidgets.simulation.nerve.nerve_state import NerveState, nerve_state
from emgwidgets.simulation.nerve.recording_setup import RecordingSetup, SimulatedSweep, sweep_length_ms
from emgwidgets.simulation.nerve.reflex import volley_drive
from emgwidgets.simulation.nerve.stimulation import Pulse, activation_probability, threshold_current_ma
from emgwidgets.simulation.nerve.surface import amplifier_response
from emgwidgets.simulation.nerve.volley import StimulationPoint, supramaximal_pulse, volley

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "F_SETUP",
    "H_SETUP",
    "LateResponse",
    "backfire_probability",
    "simulate_f_waves",
    "simulate_h_reflex",
    "spasticity",
]

#: Usual settings: 20 Hz to 10 kHz for F, 2 Hz to 10 kHz for H.
F_SETUP = RecordingSetup(high_pass_hz=20.0, low_pass_hz=10_000.0)
H_SETUP = RecordingSetup(high_pass_hz=2.0, low_pass_hz=10_000.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class LateResponse:
    """One sweep with a direct and a late response.

    Parameters
    ----------
    simulated : SimulatedSweep
        The whole sweep; its truth describes the direct response and the late one together.
    late_uv : ndarray, shape (n_samples,)
        The late response alone, after the amplifier.
    units : tuple of int
        Motor units that took part.
    onset_ms : float or None
        First time the late response exceeds 1 uV before the amplifier; None when absent.
    amplitude_uv : float
        Peak to peak of ``late_uv``.
    a_wave_uv : ndarray, shape (n_samples,)
        A waves alone, after the amplifier: impulses that turned back before they reached the cord.
    a_wave_arrivals_ms : tuple of float
        Arrival of each of them at the muscle, the same at every stimulus.
    """

    simulated: SimulatedSweep
    late_uv: NDArray[np.float64] = field(repr=False)
    units: tuple[int, ...]
    onset_ms: float | None
    amplitude_uv: float
    direct_amplitude_uv: float
    a_wave_uv: NDArray[np.float64] = field(repr=False)
    a_wave_arrivals_ms: tuple[float, ...] = ()


def _late(
    state: NerveState, point: StimulationPoint, pulse: Pulse, setup: RecordingSetup, *, fires: NDArray[np.bool_],
    arrival_ms: NDArray[np.float64], n_samples: int, rng: np.random.Generator,
) -> LateResponse:  # fmt: skip
    fired = volley(state, point, pulse, temperature_degc=setup.skin_temperature_degc, rng=rng)
    sizes = resting_sizes(state)
    direct = motor_response_uv(state, fired.arrival_ms, sizes * fired.direct_share, setup, n_samples=n_samples)
    back = motor_response_uv(state, fired.echo_arrival_ms, sizes * fired.echo_share, setup, n_samples=n_samples)
    late = motor_response_uv(state, np.where(fires, arrival_ms, np.nan), sizes, setup, n_samples=n_samples)
    rate = setup.sampling_rate_hz
    band = {"rate_hz": rate, "high_pass_hz": setup.high_pass_hz, "low_pass_hz": setup.low_pass_hz}
    shown = amplifier_response(late, **band)
    above = np.flatnonzero(np.abs(late) > 1.0)
    whole = finish_sweep(state, point, pulse, setup, fired=fired, raw_uv=direct + back + late, rng=rng, n_averaged=1)
    return LateResponse(
        simulated=whole, late_uv=shown, units=tuple(int(i) for i in np.flatnonzero(fires)),
        onset_ms=float(above[0]) * 1000.0 / rate if len(above) else None,
        amplitude_uv=float(np.ptp(shown)), direct_amplitude_uv=-float(amplifier_response(direct, **band).min()),
        a_wave_uv=amplifier_response(back, **band),
        a_wave_arrivals_ms=tuple(float(t) for t in np.sort(fired.echo_arrival_ms[np.isfinite(fired.echo_arrival_ms)])),
    )  # fmt: skip


def spasticity(state: NerveState, lesions: tuple[Lesion, ...]) -> float:
    """Share of the axons whose cells have lost their command from above: what makes late responses brisk."""
    roots = np.array([route.root for route in state.axons.routes])[state.axons.route]
    lost = 0.0
    for lesion in lesions:
        if isinstance(lesion, CentralWeakness) and lesion.cause == "upper_motor_neuron" and lesion.day <= state.day:
            here = np.isin(roots, lesion.roots) if lesion.roots else np.ones(len(roots), dtype=bool)
            lost = max(lost, lesion.share * float(here.mean()) * (lesion.side in (None, state.axons.side)))
    return lost


def backfire_probability(state: NerveState, excitability: float = 1.0) -> NDArray[np.float64]:
    """Probability that each motoneuron answers an antidromic impulse, shape ``(n_axons,)``; larger units more often."""
    rng = generator(state.subject.seed, "backfire", state.axons.study.key, state.axons.side)
    spread = value("backfire_spread")
    each = np.exp(spread * rng.standard_normal(state.axons.n_axons) - spread**2 / 2)
    size = state.axons.size ** value("backfire_size_power")
    # One mean number of backfiring units whatever the number of axons: 200 is the number of the table (D).
    mean = state.axons.study.data["backfire"] * 200.0 / state.axons.n_axons * excitability
    chance: NDArray[np.float64] = np.minimum(mean * each * size / size.mean(), 0.5)
    return chance


def simulate_f_waves(
    state: NerveState, point: StimulationPoint, *, n_stimuli: int = 20, setup: RecordingSetup = F_SETUP,
    excitability: float = 1.0, duration_ms: float | None = None, pulse: Pulse | None = None,
) -> tuple[LateResponse, ...]:  # fmt: skip
    """F waves after supramaximal stimuli.

    Parameters
    ----------
    excitability : float
        Factor of the backfire probability: above 1 in contraction and spasticity, below 1 in sleep.
    pulse : Pulse, optional
        Left out it is supramaximal; a submaximal one shows A waves of axons that divide.

    Raises
    ------
    InputError
        If the study is sensory or the number of stimuli cannot be used.
    """
    if state.axons.study.kind != "motor":
        raise InputError("F waves need a motor study", got=state.axons.study.key, expected="a motor study")
    if not 1 <= n_stimuli <= 500:
        raise InputError("this number of stimuli cannot be given", got=f"{n_stimuli}", expected="1 to 500")
    if not 0 <= excitability <= 50:
        raise InputError("the excitability cannot be used", got=f"{excitability}", expected="0 to 50")
    if pulse is None:
        pulse = supramaximal_pulse(state, point)
    chance = backfire_probability(state, excitability)
    speed = temperature_speed_factor(setup.skin_temperature_degc)
    back = state.travel_ms(0.0, state.axons.path.target_mm, speed) + state.terminal_ms(
        setup.skin_temperature_degc, speed
    )
    reachable = state.conducts(0.0, state.axons.path.target_mm)
    round_trip = np.where(reachable, 2 * back, np.nan)  # the slowest axon from as far as the muscle itself
    length_ms = sweep_length_ms(60.0 if state.axons.study.is_arm else 100.0, round_trip - 20.0, asked_ms=duration_ms)
    n_samples = round(length_ms * setup.sampling_rate_hz / 1000.0)
    responses = []
    for trial in range(n_stimuli):
        rng = generator(state.subject.seed, "f", state.axons.study.key, state.axons.side, point, trial)
        up = volley(state, point, pulse, temperature_degc=setup.skin_temperature_degc, rng=rng, towards_mm=0.0)
        reached = np.isfinite(up.arrival_ms) & state.conducts(0.0, state.axons.path.target_mm)
        fires = reached & (rng.uniform(size=state.axons.n_axons) < chance)
        arrival = up.arrival_ms + value("backfire_turnaround") + back
        responses.append(
            _late(state, point, pulse, setup, fires=fires, arrival_ms=arrival, n_samples=n_samples, rng=rng)
        )
    return tuple(responses)


def _ia_state(state: NerveState, lesions: tuple[Lesion, ...]) -> NerveState:
    """State of the Ia axons beside the motor axons: same way, faster, with their cell bodies in the ganglion."""
    kept: list[Lesion] = []
    for lesion in lesions:
        if (
            isinstance(lesion, AnteriorHornLoss | JunctionDisease | FibreDisease | CentralWeakness | BrainstemLesion)
            or getattr(lesion, "fibres", "all") == "motor"
        ):
            continue
        if isinstance(lesion, Ganglionopathy):
            kept.append(AnteriorHornLoss(share=lesion.share, day=lesion.day, side=lesion.side))
        elif getattr(lesion, "fibres", "all") == "sensory":
            kept.append(replace(lesion, fibres="all"))
        else:
            kept.append(lesion)
    other = replace(state.subject, seed=state.subject.seed + 1_000_003)
    ia = nerve_state(
        subject=other, key=state.axons.study.key, side=state.axons.side, lesions=tuple(kept), day=state.day
    )
    ratio = value("ia_velocity_ratio") * state.axons.fast_velocity_m_per_s / ia.axons.fast_velocity_m_per_s
    axons = replace(
        ia.axons, velocity_m_per_s=ia.axons.velocity_m_per_s * ratio,
        fast_velocity_m_per_s=ia.axons.fast_velocity_m_per_s * ratio,
        # Ia thresholds are spread twice as wide as motor ones (P): the ascending limb then spans about 2 mA.
        excitability=ia.axons.excitability**2,
    )  # fmt: skip
    return replace(ia, axons=axons)


def simulate_h_reflex(
    state: NerveState, point: StimulationPoint, *, currents_ma: tuple[float, ...], lesions: tuple[Lesion, ...] = (),
    pulse_width_ms: float = 1.0, interval_s: float = 10.0, setup: RecordingSetup = H_SETUP, duration_ms: float = 60.0,
    facilitation: float = 1.0,
) -> tuple[LateResponse, ...]:  # fmt: skip
    """Soleus responses to a series of currents: H, then M with the H extinguished by collision.

    Parameters
    ----------
    currents_ma : tuple of float
        One stimulus each, in order.
    lesions : tuple of Lesion
        The patient's lesions, for the sensory limb of the reflex.
    interval_s : float
        Between stimuli; shorter than 10 s the reflex is depressed.
    facilitation : float
        Factor of the reflex drive (contraction, spasticity).

    Raises
    ------
    InputError
        If no current is given or the study is not motor.
    """
    if state.axons.study.kind != "motor" or not currents_ma:
        raise InputError(
            "the H reflex needs a motor study and at least one current", got=f"{len(currents_ma)} currents"
        )
    if interval_s <= 0:
        raise InputError("the interval cannot be used", got=f"{interval_s} s", expected="above 0 s")
    ia = _ia_state(state, lesions)
    depressed = 1 - np.exp(-interval_s / value("h_depression"))
    rng0 = generator(state.subject.seed, "h", state.axons.study.key, state.axons.side)
    # Size principle: small units are reached first; log-linear in rank with a little noise.
    rank = np.argsort(np.argsort(state.axons.size)) / state.axons.n_axons
    needed = np.exp(1.1 * (rank - 0.5) + 0.15 * rng0.standard_normal(state.axons.n_axons)) / value("h_gain")
    speed = temperature_speed_factor(setup.skin_temperature_degc)
    n_samples = round(duration_ms * setup.sampling_rate_hz / 1000.0)
    responses = []
    for trial, current in enumerate(currents_ma):
        rng = generator(state.subject.seed, "h", state.axons.study.key, state.axons.side, point, trial)
        pulse = Pulse(current_ma=current, pulse_width_ms=pulse_width_ms)
        drive, at_ms = _ia_volley(ia, point, pulse, setup, rng)
        wants = drive * depressed * facilitation * rng.normal(1.0, 0.03) > needed
        own = volley(state, point, pulse, temperature_degc=setup.skin_temperature_degc, rng=rng, towards_mm=0.0)
        leaves_ms = at_ms + value("h_central_delay")
        # An antidromic impulse that is still under way meets the reflex impulse; one that has just arrived leaves the cell refractory.
        meets = np.isfinite(own.arrival_ms) & (own.arrival_ms > leaves_ms - value("refractory_period"))
        fires = wants & ~meets & state.conducts(0.0, state.axons.path.target_mm)
        down = state.travel_ms(0.0, state.axons.path.target_mm, speed) + state.terminal_ms(
            setup.skin_temperature_degc, speed
        )
        jitter = rng.normal(0.0, value("h_synchrony"), state.axons.n_axons)
        responses.append(
            _late(
                state,
                point,
                pulse,
                setup,
                fires=fires,
                arrival_ms=leaves_ms + down + jitter,
                n_samples=n_samples,
                rng=rng,
            )
        )
    return tuple(responses)


def _ia_volley(
    ia: NerveState, point: StimulationPoint, pulse: Pulse, setup: RecordingSetup, rng: np.random.Generator
) -> tuple[float, float]:
    """Drive that the Ia impulses make at the cord, and when."""
    position = ia.axons.study.position_mm(ia.axons.study.site_cm(point.site), ia.subject.height_cm) + point.shift_mm
    depth = float(ia.axons.study.data["depths"][point.site]) + pulse.extra_depth_mm
    threshold = value("ia_excitability") * threshold_current_ma(
        ia.axons.excitability, depth_mm=depth, pulse_width_ms=pulse.pulse_width_ms, sensory=True
    )
    active = rng.uniform(size=ia.axons.n_axons) < activation_probability(pulse.current_ma, threshold)
    speed = temperature_speed_factor(setup.skin_temperature_degc)
    arrival = value("activation_delay") + ia.travel_ms(position, 0.0, speed)
    arrival = np.where(active & ia.conducts(position, 0.0), arrival, np.nan)
    drive, at_ms = volley_drive(arrival)
    return drive, at_ms
