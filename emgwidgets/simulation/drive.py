"""From effort to discharge times: recruitment, rate coding and the statistics of intervals. No waveforms here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle import MuscleState

__all__ = ["EFFORTS", "Drive", "discharge_times_s", "drive_for", "firing_rates_hz"]

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


def _peak_excitation(n_units: int) -> float:
    del n_units
    return (
        value("recruitment_range") * 1.6
    )  # internal choice: the last unit reaches its peak rate at 1.6 x its threshold


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
    peak = value("peak_rate_first") - value("peak_rate_fall") * state.threshold / value("recruitment_range")
    quick = value("preferred_rate_step") * (1 - np.exp(-np.maximum(relative, 0) / value("preferred_rate_width")))
    span = _peak_excitation(state.n_units) - state.threshold
    climb = np.clip((excitation - state.threshold) / span, 0.0, 1.0)
    base = value("onset_rate")
    rng = np.random.default_rng([state.seed, 11])
    own_interval = rng.normal(
        0.0, value("onset_rate_sd_interval") / 2, state.n_units
    )  # half the spread is between units
    start = 1000.0 / np.clip(1000.0 / base + own_interval, 85.0, 200.0)
    if central:
        quick, climb = quick * 0.2, climb * 0.0  # internal choice: no modulation of rate in central weakness
    rates = start + quick + (peak - base - value("preferred_rate_step")) * climb
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
        See :class:`Drive`.

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
    top = _peak_excitation(state.n_units)
    wanted = share * _healthy_maximum(state)
    low, high = 0.0, top
    if share >= 1.0 or _force(state, top) <= wanted:
        low = top
    else:
        for _ in range(40):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if _force(state, middle) < wanted else (low, middle)
        low = high
    if manner == "central":
        low = min(low, 1.0 + 0.01 * value("recruitment_range"))  # internal choice: the drive stops near the first units
    rates = firing_rates_hz(state, low, central=manner == "central")
    return Drive(excitation=low, force_share=share, manner=manner, rates_hz=rates)


def _modulation(duration_s: float, manner: str, rng: np.random.Generator) -> tuple[NDArray[np.float64], float]:
    """Common drive over time (mean 1), at 100 values per second: low-passed noise, with breaks in a poor effort."""
    rate = 100.0
    n = int(duration_s * rate) + 200
    keep = np.exp(-2 * np.pi * value("common_drive_corner") / rate)
    noise = rng.standard_normal(n) * np.sqrt(1 - keep**2)
    wander = np.empty(n)
    last = 0.0
    for i in range(n):
        last = keep * last + noise[i]
        wander[i] = last
    course = 1 + value("common_drive_cv") * wander
    if manner == "poor":  # internal choice: slow swings that halve the drive and break off
        swing = np.sin(2 * np.pi * 0.45 * np.arange(n) / rate + rng.uniform(0, 6.28)) + 0.5 * wander
        course = np.clip(1 - 0.55 * (swing > 0.3) - 0.25 * np.abs(wander), 0.0, 1.2)
    if manner == "tremor":
        course = course * (1 + 0.9 * np.sin(2 * np.pi * 6.0 * np.arange(n) / rate))  # 4-10 Hz (science 1.9)
    return course, rate


def discharge_times_s(
    drive: Drive, duration_s: float, rng: np.random.Generator, *, start_s: float = 0.0
) -> dict[int, NDArray[np.float64]]:
    """Discharge times of every recruited unit; intervals are Gaussian and independent about a common drive.

    Returns
    -------
    dict of int to ndarray
        Times on the recording's clock, in order.
    """
    course, step_hz = _modulation(duration_s, drive.manner, rng)
    floor = value("refractory_floor") / 1000.0
    found = {}
    for unit in np.flatnonzero(drive.rates_hz > 0):
        rate = float(drive.rates_hz[unit])
        n = int(duration_s * rate * 1.6) + 8
        scatter = 1 + value("isi_cv") * rng.standard_normal(n)
        doublet = rng.random(n) < value("doublet_share")
        short = rng.uniform(0.003, 0.010, n)  # 2-10 ms (science 1.7)
        now = rng.random() / rate
        times = []
        for k in range(n):
            if now >= duration_s:
                break
            share = course[int(now * step_hz)]
            if share < 0.25:  # the drive has fallen below threshold
                now += 0.05
                continue
            times.append(now)
            if doublet[k] and now + short[k] < duration_s:
                times.append(now + short[k])
            now += max(scatter[k] / (rate * max(share, 0.3)), floor)
        if times:
            found[int(unit)] = np.array(times) + start_s
    return found
