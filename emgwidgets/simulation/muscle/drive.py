"""From effort to discharge times: recruitment, rate coding and the statistics of intervals. No waveforms here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = ["EFFORTS", "Drive", "discharge_times_s", "drive_for", "effort_to_recruit", "firing_rates_hz"]

DriveManner = Literal["steady", "poor", "central", "tremor"]
EFFORTS = {"slight": "effort_slight", "moderate": "effort_moderate"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Drive:
    """What the pool is asked to do.

    Parameters
    ----------
    excitation : float
        Drive in units of the first unit's threshold.
    force_share : float
        Force asked for, as a share of the healthy muscle's greatest.
    manner : str
        ``"steady"``; ``"poor"``, irregular and breaking off; ``"central"``, few units at slow rates; ``"tremor"``, grouped.
    rates_hz : ndarray, shape (n_units,)
        Mean rate of each unit, 0 when not recruited.
    """

    excitation: float
    force_share: float
    manner: DriveManner
    rates_hz: NDArray[np.float64] = field(repr=False)


def _peak_excitation() -> float:
    """Drive at which the last unit reaches its peak rate (Fuglevand 1993)."""
    last = value("peak_rate_first") - value("peak_rate_fall") - value("onset_rate")
    return value("recruitment_range") + last / value("rate_gain")


def firing_rates_hz(state: MuscleState, excitation: float, *, central: bool = False) -> NDArray[np.float64]:
    """Mean rate of each unit at a drive.

    A unit begins near 7.6 Hz (Petajan & Philip 1969), climbs fast to its preferred range just above its threshold and
    then slowly to its peak.  Units of low threshold are always the faster ones.

    Returns
    -------
    ndarray, shape (n_units,)
        0 for units that are not recruited or whose axon carries no command.
    """
    relative = excitation / state.threshold - 1
    face = "face_" if state.rate_class == "face" else ""
    step = value(f"{face}preferred_rate_step")
    peak = value("peak_rate_first") - value("peak_rate_fall") * state.threshold / value("recruitment_range")
    quick = step * (1 - np.exp(-np.maximum(relative, 0) / value("preferred_rate_width")))
    rng = np.random.default_rng([state.seed, 11])
    # half of the published spread lies between units
    own_interval = rng.normal(0.0, value(f"{face}onset_rate_sd_interval") / 2, state.n_units)
    usual = 1000.0 / value(f"{face}onset_rate")
    start = 1000.0 / np.clip(usual + own_interval, 0.65 * usual, 1.5 * usual)
    if central:  # internal choice: hardly any modulation of rate in central weakness
        rates = start + 0.2 * quick
    else:
        climb = value("rate_gain") * np.maximum(excitation - state.threshold, 0.0)
        rates = np.minimum(start + quick + climb, np.maximum(peak, start + quick))
    return np.where((relative >= 0) & state.voluntary, rates, 0.0)


def _force(state: MuscleState, excitation: float) -> float:
    rates = firing_rates_hz(state, excitation)
    return float((state.force * rates / (rates + value("force_rate_half"))).sum())


def _healthy_maximum(state: MuscleState) -> float:
    peak = value("peak_rate_first") - value("peak_rate_fall") * state.threshold / value("recruitment_range")
    ratio = peak / (peak + value("force_rate_half"))
    original = np.exp(np.log(value("force_range")) * np.arange(state.n_units) / max(state.n_units - 1, 1))
    return float((original * ratio).sum())


def drive_for(state: MuscleState, effort: str | float, *, manner: DriveManner = "steady") -> Drive:
    """Return the drive that a wish for force calls up; a weak muscle is driven harder for the same force.

    Parameters
    ----------
    effort : str or float
        ``"slight"``, ``"moderate"``, ``"full"``, or the share of the healthy muscle's greatest force.
    manner : str
        See :class:`Drive`; ``"steady"`` is replaced by the manner of a subject who cannot do so.

    Raises
    ------
    InputError
        If the effort is no name and no share, or the manner is unknown.
    """
    if manner not in ("steady", "poor", "central", "tremor"):
        raise InputError("no such manner of effort", got=repr(manner), expected="steady, poor, central or tremor")
    if isinstance(effort, str):
        if effort not in (*EFFORTS, "full"):
            raise InputError(
                "no such effort", got=repr(effort), expected="slight, moderate, full or a share from 0 to 1"
            )
        share = 1.0 if effort == "full" else value(EFFORTS[effort])
    else:
        share = float(effort)
    if not 0.0 <= share <= 1.0:
        raise InputError("the effort cannot be used", got=f"{effort}", expected="a share from 0 to 1")
    top = _peak_excitation()
    wanted = share * _healthy_maximum(state)
    low, high = 0.0, top
    if share >= 1.0 or _force(state, top) <= wanted:
        low = top
    else:
        for _ in range(40):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if _force(state, middle) < wanted else (low, middle)
        low = high
    if manner == "steady":
        manner = state.manner
    left = state.command_share if state.command_share < 1 or manner != "central" else value("central_command_left")
    if left < 1:
        low = min(low, float(np.exp(left * np.log(value("recruitment_range")))))
    rates = firing_rates_hz(state, low, central=manner == "central")
    return Drive(excitation=low, force_share=share, manner=manner, rates_hz=rates)


def effort_to_recruit(state: MuscleState, unit: int) -> float:
    """Share of the healthy muscle's greatest force at which a unit fires near its preferred rate."""
    if not 0 <= unit < state.n_units or not state.voluntary[unit]:
        raise InputError("the unit obeys no command", got=str(unit), expected="a unit whose axon reaches the muscle")
    drive = state.threshold[unit] * (1 + 3 * value("preferred_rate_width"))
    return min(_force(state, float(drive)) / _healthy_maximum(state), 1.0)


def _modulation(duration_s: float, manner: str, rng: np.random.Generator) -> tuple[NDArray[np.float64], float]:
    """Common drive over time (mean 1), at 100 values per second: low-passed noise, with breaks in a poor effort."""
    from scipy import signal

    rate = 100.0
    n = int(duration_s * rate) + 200
    keep = np.exp(-2 * np.pi * value("common_drive_corner") / rate)
    noise = rng.standard_normal(n) * np.sqrt(1 - keep**2)
    wander = signal.lfilter([1.0], [1.0, -keep], noise)
    course = 1 + value("common_drive_cv") * wander
    if manner == "poor":  # internal choice: slow swings that halve the drive and break off
        swing = np.sin(2 * np.pi * 0.45 * np.arange(n) / rate + rng.uniform(0, 6.28)) + 0.5 * wander
        course = np.clip(1 - 0.55 * (swing > 0.3) - 0.25 * np.abs(wander), 0.0, 1.2)
    if manner == "tremor":
        beat = rng.uniform(value("tremor_rate_low"), value("tremor_rate_high"))
        course = course * (1 + 0.9 * np.sin(2 * np.pi * beat * np.arange(n) / rate))
    return course, rate


def discharge_times_s(
    drive: Drive,
    duration_s: float,
    rng: np.random.Generator,
    *,
    start_s: float = 0.0,
    doublet_share: float | None = None,
) -> dict[int, NDArray[np.float64]]:
    """Discharge times of every recruited unit; intervals are Gaussian and independent about a common drive.

    The common drive stretches and shortens time; where it falls below a quarter no unit fires.

    Parameters
    ----------
    drive : Drive
        What the pool is asked to do.
    duration_s, start_s : float
        Length, and where it begins on the recording's clock.
    rng : Generator
        Source of chance.
    doublet_share : float, optional
        Share of discharges followed by a second one 2 to 10 ms later.

    Returns
    -------
    dict of int to ndarray
        Times on the recording's clock, in order.
    """
    course, step_hz = _modulation(duration_s, drive.manner, rng)
    share = np.where(course < 0.25, 0.0, np.maximum(course, 0.3))
    clock = np.concatenate([[0.0], np.cumsum(share) / step_hz])
    edges = np.arange(len(clock)) / step_hz
    floor = value("refractory_floor") / 1000.0
    often = value("doublet_share") if doublet_share is None else doublet_share
    found = {}
    for unit in np.flatnonzero(drive.rates_hz > 0):
        rate = float(drive.rates_hz[unit])
        n = int(clock[-1] * rate * 1.3) + 8
        gaps = np.maximum((1 + value("isi_cv") * rng.standard_normal(n)) / rate, floor)
        own = np.cumsum(gaps) - gaps[0] * rng.random()
        times = np.interp(own[own < clock[-1]], clock, edges)
        times = times[: 1 + int(np.searchsorted(times, duration_s))]
        steps = np.maximum(np.diff(times), floor)
        times = np.concatenate([times[:1], times[:1] + np.cumsum(steps)]) if len(times) else times
        second = times[rng.random(len(times)) < often]
        second = second + rng.uniform(value("doublet_low"), value("doublet_high"), len(second)) / 1000.0
        times = np.sort(np.concatenate([times, second]))
        times = times[times < duration_s]
        if len(times):
            found[int(unit)] = times + start_s
    return found
