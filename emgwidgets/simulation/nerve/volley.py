"""The volley a stimulus sets off: which axons fire and when each impulse arrives; no response and no amplifier here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.nerve.axons import generator, temperature_speed_factor
from emgwidgets.simulation.nerve.nerve_parameters import value
from emgwidgets.simulation.nerve.nerve_state import NerveState, nerve_state
from emgwidgets.simulation.nerve.pathway import study
from emgwidgets.simulation.nerve.stimulation import (
    MAX_CURRENT_MA,
    Pulse,
    activation_probability,
    shift_of_reversed_ms,
    threshold_current_ma,
)  # fmt: skip

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "StimulationPoint",
    "Volley",
    "stimulus_position_mm",
    "supramaximal_current_ma",
    "supramaximal_pulse",
    "volley",
]


@dataclass(frozen=True, kw_only=True)
class StimulationPoint:
    """Where the cathode is.

    Parameters
    ----------
    site : str
        Site of the study, such as ``"wrist"``.
    shift_mm : float
        Along the nerve from the site, positive is distal; for inching, or a misplaced cathode.
    nerve_study : str
        Study whose nerve is stimulated; empty is the recorded study's own nerve.  ``"median_apb"`` while recording
        ``"ulnar_fdi"`` tests for a Martin-Gruber anastomosis.
    """

    site: str
    shift_mm: float = 0.0
    nerve_study: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Volley:
    """What the stimulus set off; arrays have shape ``(n_axons,)``.

    Parameters
    ----------
    activated, conducted : ndarray of bool
        Which axons the pulse excites, and which carry the impulse to the target.
    arrival_ms : ndarray
        Arrival at the target; NaN where none arrives.
    direct_share : ndarray
        Share of the unit's fibres that the direct impulse reaches: half where only one of two branches is excited.
    echo_arrival_ms, echo_share : ndarray
        Second arrival, by way of a fork or of a place that sets the impulse off again, and share of the fibres it reaches.
    """

    activated: NDArray[np.bool_]
    conducted: NDArray[np.bool_]
    arrival_ms: NDArray[np.float64]
    stimulus_mm: float
    direct_share: NDArray[np.float64]
    echo_arrival_ms: NDArray[np.float64]
    echo_share: NDArray[np.float64]


def stimulus_position_mm(state: NerveState, point: StimulationPoint) -> float:
    """Return the position of the cathode in mm from the cord.

    Raises
    ------
    InputError
        If the nerve has no such site or the place is off the nerve.
    """
    one = study(point.nerve_study) if point.nerve_study else state.axons.study
    position = one.position_mm(one.site_cm(point.site), state.subject.height_cm) + point.shift_mm
    if not 0 < position < state.axons.path.target_mm + 300.0:
        raise InputError(
            "the stimulus is off the nerve",
            got=f"{point.shift_mm} mm from {point.site}",
            expected="a place on the nerve",
        )
    return float(position)


def _under_cathode(state: NerveState, point: StimulationPoint, position_mm: float) -> NDArray[np.bool_]:
    """Which axons run where the cathode is: those whose stretch there is the stimulated nerve's."""
    from emgwidgets import vocabulary

    one = study(point.nerve_study) if point.nerve_study else state.axons.study
    own = nerve_state(subject=state.subject, key=one.key, side=state.axons.side).axons.path.routes
    at = one.position_mm(one.site_cm(point.site), state.subject.height_cm) + point.shift_mm
    reached = {route.element_at(at) for route in own}
    everything = any(vocabulary.element(code).kind in ("plexus", "trunk", "division", "cord") for code in reached)
    here = np.array([everything or route.element_at(position_mm) in reached for route in state.axons.routes])
    return here[state.axons.route]


def _depth_mm(state: NerveState, point: StimulationPoint, pulse: Pulse) -> float:
    one = study(point.nerve_study) if point.nerve_study else state.axons.study
    one.site_cm(point.site)  # raises for a site the nerve does not have
    return float(one.data["depths"][point.site]) + pulse.extra_depth_mm


def supramaximal_current_ma(state: NerveState, point: StimulationPoint, *, pulse_width_ms: float = 0.2) -> float:
    """Return 120 % of the current that activates every axon of this nerve."""
    threshold = threshold_current_ma(
        state.axons.excitability, depth_mm=_depth_mm(state, point, Pulse(current_ma=0.0)), pulse_width_ms=pulse_width_ms,
        sensory=state.axons.study.kind == "sensory",
    )  # fmt: skip
    return float(1.2 * threshold.max() * (1 + 3 * value("relative_spread")))


def supramaximal_pulse(state: NerveState, point: StimulationPoint, *, pulse_width_ms: float | None = None) -> Pulse:
    """Return the pulse of usual width (0.2 ms motor, 0.1 ms sensory) that activates every axon, within the stimulator's range."""
    width = pulse_width_ms or (0.1 if state.axons.study.kind == "sensory" else 0.2)
    return Pulse(
        current_ma=min(supramaximal_current_ma(state, point, pulse_width_ms=width), MAX_CURRENT_MA),
        pulse_width_ms=width,
    )


def volley(
    state: NerveState, point: StimulationPoint, pulse: Pulse, *, temperature_degc: float, rng: np.random.Generator,
    towards_mm: float | None = None, depth_mm: float | None = None,
) -> Volley:  # fmt: skip
    """Axons activated by a pulse, and the arrival of each at the target (or at another position).

    Notes
    -----
    Arrival: activation delay, travel through every stretch, terminal delay.  Reversed electrodes move the effective
    cathode away from the target and let a share of the axons fail at the anode.
    """
    position = stimulus_position_mm(state, point)
    threshold = threshold_current_ma(
        state.axons.excitability, depth_mm=_depth_mm(state, point, pulse) if depth_mm is None else depth_mm,
        pulse_width_ms=pulse.pulse_width_ms, sensory=state.axons.study.kind == "sensory",
    )  # fmt: skip
    activated = rng.uniform(size=state.axons.n_axons) < activation_probability(pulse.current_ma, threshold)
    reachable = _under_cathode(state, point, position)
    # A severed stump or a dead axon cannot be excited; a blocked one can.
    reachable &= ~((state.cut_mm < position) & ~state.stump_conducts)
    activated &= reachable
    branch = _other_branch(state, pulse, threshold, position) & reachable
    target = state.axons.path.target_mm if towards_mm is None else towards_mm
    speed = temperature_speed_factor(temperature_degc)
    arrival = value("activation_delay") + state.travel_ms(position, target, speed)
    conducted = state.conducts(position, target)
    if pulse.is_reversed:
        arrival = arrival + shift_of_reversed_ms(state.axons.velocity_m_per_s * speed)
        conducted = conducted & (rng.uniform(size=state.axons.n_axons) >= value("anodal_block"))
    forked = state.branch_mm < position
    either = np.where(forked, activated | branch, activated)
    whole = np.where(forked, (activated.astype(float) + branch) / 2, 1.0)
    if towards_mm is not None:
        echo = np.full(state.axons.n_axons, np.nan)
    else:
        arrival = arrival + state.terminal_ms(temperature_degc, speed)
        echo = _echo_ms(state, position, either, forked & (activated ^ branch), temperature_degc)
    return Volley(
        activated=either, conducted=conducted, stimulus_mm=position,
        arrival_ms=np.where(either & conducted, arrival, np.nan), direct_share=whole, echo_arrival_ms=echo,
        echo_share=np.where(forked, 0.5, 1.0),
    )  # fmt: skip


def _other_branch(
    state: NerveState, pulse: Pulse, threshold: NDArray[np.float64], position_mm: float
) -> NDArray[np.bool_]:
    """Which axons that divide above the stimulus are excited in their second branch."""
    forked = state.branch_mm < position_mm
    if not forked.any():
        return forked
    rng = generator(state.subject.seed, "branch", state.axons.study.key, state.axons.side)
    other = threshold * np.exp(value("branch_threshold_spread") * rng.standard_normal(state.axons.n_axons))
    return forked & (pulse.current_ma > other)


def _echo_ms(
    state: NerveState,
    position_mm: float,
    activated: NDArray[np.bool_],
    half: NDArray[np.bool_],
    temperature_degc: float,
) -> NDArray[np.float64]:
    """Arrival of impulses that turn back: up to the fork or the irritable place, and down again; NaN for none."""
    turn = np.where(half, state.branch_mm, state.echo_mm)
    turns = activated & (turn < position_mm) & (half | ~(state.branch_mm < position_mm))
    if not turns.any():
        return np.full(state.axons.n_axons, np.nan)
    at = np.where(turns, turn, position_mm)
    target = state.axons.path.target_mm
    speed = temperature_speed_factor(temperature_degc)
    way = state.travel_ms(position_mm, at, speed) + state.travel_ms(at, target, speed)
    passes = turns & state.conducts(position_mm, at) & state.conducts(at, target)
    delay = value("activation_delay") + np.where(half, 0.0, value("echo_delay"))
    return np.where(passes, delay + way + state.terminal_ms(temperature_degc, speed), np.nan)
