"""Blink reflex: a volley up the trigeminal nerve, the arcs of the brainstem, and both facial nerves down to the eyelids.

R1 and R2 are not drawn: their times follow from both nerves, and what is lost from the axons and arcs that are left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Side
from emgwidgets.simulation.lesion import BrainstemLesion, Lesion
from emgwidgets.simulation.nerve.axons import generator, temperature_speed_factor
from emgwidgets.simulation.nerve.ncs import finish_sweep, motor_response_uv, resting_sizes
from emgwidgets.simulation.nerve.nerve_parameters import value
from emgwidgets.simulation.nerve.nerve_state import NerveState
from emgwidgets.simulation.nerve.recording_setup import RecordingSetup, SimulatedSweep
from emgwidgets.simulation.nerve.reflex import volley_drive
from emgwidgets.simulation.nerve.stimulation import Pulse
from emgwidgets.simulation.nerve.volley import StimulationPoint, Volley, supramaximal_pulse, volley

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AFFERENT", "BLINK_SETUP", "EFFERENT", "BlinkResponse", "simulate_blink"]

#: Usual settings: 20 Hz to 10 kHz.
BLINK_SETUP = RecordingSetup(high_pass_hz=20.0, low_pass_hz=10_000.0)
#: Studies of the two limbs of the reflex.
AFFERENT, EFFERENT = "supraorbital", "facial_orbicularis_oculi"
_N_DISCHARGES = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class BlinkResponse:
    """One stimulus, both eyes.

    Parameters
    ----------
    left, right : SimulatedSweep
        Orbicularis oculi of each side.
    r1_onset_ms : float or None
        On the stimulated side; None when absent, as the others.
    r2_same_onset_ms, r2_other_onset_ms : float or None
        On the stimulated and on the other side.
    """

    stimulated: Side
    left: SimulatedSweep = field(repr=False)
    right: SimulatedSweep = field(repr=False)
    r1_onset_ms: float | None
    r2_same_onset_ms: float | None
    r2_other_onset_ms: float | None


@dataclass(frozen=True, kw_only=True)
class _Arc:
    """What the brainstem passes on, and how late."""

    drive: float
    delay_ms: float


def _arc(level: str, stimulated: Side, drive: float, lesions: tuple[Lesion, ...], *, day: float) -> _Arc:
    """Drive and delay of one arc; the descending tract of the stimulated side serves R2 of both eyes."""
    delay = 0.0
    for lesion in lesions:
        here = isinstance(lesion, BrainstemLesion) and (lesion.level, lesion.side) == (level, stimulated)
        if isinstance(lesion, BrainstemLesion) and here and lesion.day <= day:
            drive *= 1 - lesion.share
            delay += lesion.delay_ms
    return _Arc(drive=drive, delay_ms=delay)


def simulate_blink(
    *, stimulated: Side, afferent: NerveState, efferents: Mapping[Side, NerveState], lesions: tuple[Lesion, ...] = (),
    pulse: Pulse | None = None, interval_s: float = 15.0, setup: RecordingSetup = BLINK_SETUP, duration_ms: float = 100.0,
    trial: int = 0,
) -> BlinkResponse:  # fmt: skip
    """Blink reflex of one stimulus over the supraorbital nerve.

    Parameters
    ----------
    afferent : NerveState
        Of ``AFFERENT`` on the stimulated side.
    efferents : mapping
        States of ``EFFERENT``, both sides.
    interval_s : float
        Since the stimulus before; R2 shrinks when it is short.

    Raises
    ------
    InputError
        If the side or the interval cannot be used.
    """
    if stimulated not in ("left", "right"):
        raise InputError("the side cannot be used", got=repr(stimulated), expected="left or right")
    if not 0 < interval_s <= 3600:
        raise InputError("the interval cannot be used", got=f"{interval_s} s", expected="above 0 to 3600 s")
    point = StimulationPoint(site=AFFERENT)
    if pulse is None:
        pulse = supramaximal_pulse(afferent, point, pulse_width_ms=0.2)
    rng = generator(afferent.subject.seed, "blink", stimulated, pulse, trial)
    up = volley(afferent, point, pulse, temperature_degc=setup.skin_temperature_degc, rng=rng, towards_mm=0.0)
    drive, at_ms = volley_drive(up.arrival_ms)
    fresh = 1 - np.exp(-interval_s / value("blink_habituation"))
    r1 = _arc("pons", stimulated, drive, lesions, day=afferent.day)
    r2 = _arc("medulla", stimulated, drive * fresh, lesions, day=afferent.day)
    r2_ms = at_ms + value("blink_r2_central") + value("blink_r2_jitter") * rng.standard_normal()
    n_samples = round(duration_ms * setup.sampling_rate_hz / 1000.0)
    sweeps: dict[Side, SimulatedSweep] = {}
    onsets: dict[str, float | None] = {}
    for side, state in efferents.items():
        early = np.zeros(n_samples)
        if side == stimulated:
            leaves = _discharges(state, r1, value("blink_r1_units"), at_ms + value("blink_r1_central"), rng=rng)
            early, onsets["r1"] = _answer(state, leaves, setup, n_samples)
        start = r2_ms + (0.0 if side == stimulated else value("blink_r2_crossing"))
        leaves = _discharges(state, r2, value("blink_r2_units"), start, rng=rng, lasts_ms=value("blink_r2_duration"))
        late, onsets["same" if side == stimulated else "other"] = _answer(state, leaves, setup, n_samples)
        sweeps[side] = _sweep(state, up, pulse, setup, raw_uv=early + late, rng=rng)
    return BlinkResponse(
        stimulated=stimulated, left=sweeps["left"], right=sweeps["right"], r1_onset_ms=onsets["r1"],
        r2_same_onset_ms=onsets["same"], r2_other_onset_ms=onsets["other"],
    )  # fmt: skip


def _discharges(
    state: NerveState, arc: _Arc, share: float, leaves_ms: float, *, rng: np.random.Generator, lasts_ms: float = 0.0
) -> NDArray[np.float64]:
    """Times at which units leave the facial nucleus, shape ``(n_discharges, n_axons)``; NaN for none.

    Small units answer first.  R1 is one discharge within about 1 ms; R2 a few that follow a gamma law.
    """
    n = state.axons.n_axons
    rank = np.argsort(np.argsort(state.axons.size)) / n
    wants = rng.uniform(size=n) < np.clip(arc.drive * share * (1 - 0.8 * rank) / 0.6, 0.0, 1.0)
    gaps = rng.gamma(2.0, (lasts_ms or 0.6) / 2, (_N_DISCHARGES if lasts_ms else 1, n))
    return np.where(wants, leaves_ms + arc.delay_ms + np.cumsum(gaps, axis=0), np.nan)


def _answer(
    state: NerveState, leaves_ms: NDArray[np.float64], setup: RecordingSetup, n_samples: int
) -> tuple[NDArray[np.float64], float | None]:
    """Muscle response to discharges of the nucleus, before the amplifier, and when it begins."""
    speed = temperature_speed_factor(setup.skin_temperature_degc)
    target = state.axons.path.target_mm
    down = state.travel_ms(0.0, target, speed) + state.terminal_ms(setup.skin_temperature_degc, speed)
    arrival = np.where(state.conducts(0.0, target), leaves_ms + down, np.nan)
    sizes = resting_sizes(state)
    wave = sum(
        (motor_response_uv(state, row, sizes, setup, n_samples=n_samples) for row in arrival), np.zeros(n_samples)
    )
    above = np.flatnonzero(np.abs(wave) > 1.0)
    return wave, float(above[0]) * 1000.0 / setup.sampling_rate_hz if len(above) else None


def _sweep(
    state: NerveState, up: Volley, pulse: Pulse, setup: RecordingSetup, *, raw_uv: NDArray[np.float64],
    rng: np.random.Generator,
) -> SimulatedSweep:  # fmt: skip
    """Sweep of one eye; its axons are the facial ones, which the stimulus does not touch."""
    nothing = np.zeros(state.axons.n_axons, dtype=bool)
    silent = Volley(
        activated=nothing, conducted=nothing, arrival_ms=np.full(len(nothing), np.nan), stimulus_mm=up.stimulus_mm,
        direct_share=np.ones(len(nothing)), echo_arrival_ms=np.full(len(nothing), np.nan), echo_share=np.ones(len(nothing)),
    )  # fmt: skip
    point = StimulationPoint(site=AFFERENT, nerve_study=AFFERENT)
    return finish_sweep(state, point, pulse, setup, fired=silent, raw_uv=raw_uv, rng=rng, n_averaged=1)
