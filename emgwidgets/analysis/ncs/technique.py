"""Was the study done so that its numbers can be judged?  Each doubt comes with evidence, rule and the verdicts it takes away."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._measures import conditions_of
from emgwidgets.analysis.ncs.motor import MotorWave, measure_motor_response
from emgwidgets.analysis.ncs.sensory import SensoryWave
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Conditions, Measure
from emgwidgets.model.signal import Sweep
from emgwidgets.model.technique import TechniqueFinding

__all__ = [
    "check_anastomosis", "check_conditions", "check_distance", "check_motor_study", "check_sizes", "check_stimulus_ramp",
    "check_thenar", "check_velocity", "check_wave",
]  # fmt: skip

Floats = NDArray[np.float64]
LEG_NERVES = ("fibular", "peroneal", "tibial", "sural", "saphenous", "plantar", "femoral", "sciatic")
#: From this share of the largest response a current counts as on the plateau, and below this size shapes are not compared;
#: internal choices: in simulated ramps a plateau keeps its shape to 0.999, and a neighbour that joins takes it below 0.95.
ON_PLATEAU, SEEN_MV = 0.95, 0.2
#: Where the median and the ulnar nerve lie side by side, above any crossing in the forearm (anatomy).
BESIDE_ULNAR = ("axilla", "erb", "supraclavicular", "upper arm", "upper_arm")


@dataclass(frozen=True, kw_only=True)
class _Rule:
    low: float
    high: float
    text: dict[str, str]


@lru_cache(maxsize=64)
def _measured(sweep: Sweep) -> MotorWave | Absent:
    """A sweep measured once for all the checks it takes part in."""
    return measure_motor_response(sweep)


@cache
def _rules() -> dict[str, _Rule]:
    text = resources.files("emgwidgets.analysis.ncs").joinpath("technique_rules.csv").read_text(encoding="utf-8")
    return {
        row["code"]: _Rule(low=float(row["limit_low"] or "nan"), high=float(row["limit_high"] or "nan"), text=row)
        for row in csv.DictReader(text.splitlines())
    }


def rule_limit(code: str) -> float:
    """Upper limit of a rule of technique, in its unit."""
    return _rules()[code].high


def _finding(code: str, *evidence: str, sites: Sequence[str | None] = ()) -> TechniqueFinding:
    row = _rules()[code].text
    limits = " to ".join(row[name] for name in ("limit_low", "limit_high") if row[name])
    return TechniqueFinding(
        code=code, sentence=row["sentence"], evidence=evidence, rule=row["rule"], limit=f"{limits} {row['unit']}".strip(),
        source=row["source"], mark=row["mark"], unjudgeable=tuple(row["unjudgeable"].split(";")), way_out=row["way_out"],
        sites=tuple(site for site in sites if site),
    )  # fmt: skip


def _settings(sweep: Sweep, *, is_sensory: bool) -> tuple[TechniqueFinding, ...]:
    return check_conditions(conditions_of(sweep), nerve=sweep.nerve or "", site=sweep.site, is_sensory=is_sensory)


def check_conditions(
    conditions: Conditions, *, nerve: str, site: str | None = None, is_sensory: bool = False
) -> tuple[TechniqueFinding, ...]:
    """Check temperature and filter, also of numbers that came without a trace.

    Parameters
    ----------
    nerve : str
        A nerve of the leg has its own limit of temperature.
    """
    found = []
    rules = _rules()
    temperature = conditions.skin_temperature_degc
    if temperature is None:
        found.append(_finding("temperature_unknown", "no skin temperature", sites=(site,)))
    else:
        is_leg = any(name in nerve.lower() for name in LEG_NERVES)
        limit = rules["cold_limb"].high if is_leg else rules["cold_limb"].low
        if temperature < limit:
            found.append(_finding("cold_limb", f"{temperature:g} °C, limit {limit:g} °C", sites=(site,)))
    low, high = conditions.high_pass_hz, conditions.low_pass_hz
    if low is None or high is None:
        ends = [
            f"{name} filter {'not stated' if hz is None else f'{hz:g} Hz'}"
            for name, hz in (("low", low), ("high", high))
        ]
        found.append(_finding("filter_unknown", ", ".join(ends), sites=(site,)))
    else:
        rule = rules["filter_unsuitable"]
        least_hz = (
            rule.high if is_sensory else 2.5 * rule.high
        )  # half of the 10 kHz that a motor study is recorded with
        if low > rule.low or high < least_hz:
            found.append(_finding("filter_unsuitable", f"low filter {low:g} Hz (at most {rule.low:g}), high filter {high:g} Hz "
                                  f"(at least {least_hz:g})", sites=(site,)))  # fmt: skip
    return tuple(found)


def check_sizes(
    distal_mv: float, proximal_mv: float, *, nerve: str, sites: tuple[str | None, str | None]
) -> tuple[TechniqueFinding, ...]:
    """Look for Martin-Gruber and accessory fibular patterns in the sizes of two responses of one motor study."""
    larger = 100 * (proximal_mv / max(distal_mv, 1e-9) - 1)
    sizes = f"{distal_mv:.2f} mV distal, {proximal_mv:.2f} mV proximal"
    rules, nerve = _rules(), nerve.lower()
    if "fibular" in nerve or "peroneal" in nerve:
        return (_finding("accessory_fibular", sizes, sites=sites),) if larger > rules["accessory_fibular"].low else ()
    if "median" in nerve and larger > rules["martin_gruber"].low:
        return (_crossed_or_both(sizes, sites=sites),)
    is_forearm = "below" in (sites[1] or "") and "wrist" in (sites[0] or "")
    if "ulnar" in nerve and -larger > 2 * rules["martin_gruber"].low and is_forearm:
        return (_finding("martin_gruber", sizes, "the loss lies between wrist and below elbow", sites=sites),)
    return ()


def check_wave(
    sweep: Sweep, wave: MotorWave | SensoryWave | Absent, *, is_distal: bool = True
) -> tuple[TechniqueFinding, ...]:
    """Check one measured sweep: temperature, filter, mains, artefact, noise, electrode over the motor point.

    Parameters
    ----------
    wave : MotorWave, SensoryWave or Absent
        What was measured in it.
    is_distal : bool
        Whether the site is the most distal one: an initial positivity there speaks for the electrode, more proximally for
        another nerve.
    """
    is_sensory = isinstance(wave, SensoryWave)
    found = [*_settings(sweep, is_sensory=is_sensory)]
    if isinstance(wave, Absent):
        return tuple(found)
    height_uv = wave.amplitude_uv.value if isinstance(wave, SensoryWave) else 1000 * wave.amplitude_mv.value
    unit = _rules()["unit_implausible"]
    if height_uv > unit.high or wave.noise_uv < unit.low:
        evidence = f"peak of {height_uv:.3g} µV over noise of {wave.noise_uv:.3g} µV"
        found.append(_finding("unit_implausible", evidence, sites=(sweep.site,)))
    ratio = height_uv / max(wave.noise_uv, 1e-9)
    if ratio < _rules()["not_above_noise"].low:
        found.append(
            _finding("not_above_noise", f"{height_uv:.3g} µV over noise of {wave.noise_uv:.3g} µV", sites=(sweep.site,))
        )
    if "mostly_positive" in wave.flags:
        evidence = f"negative peak of {height_uv:.3g} µV beside a larger positive phase"
        found.append(_finding("recording_reversed", evidence, sites=(sweep.site,)))
    if "mains" in wave.flags:
        found.append(_finding("mains", "a mains line fits the quiet part of the sweep", sites=(sweep.site,)))
    if "artefact_at_onset" in wave.flags:
        found.append(_finding("artefact_at_onset", f"onset {wave.onset_latency_ms.value:.2f} ms, pulse over at "
                              f"{wave.artefact_end_ms:.2f} ms", sites=(sweep.site,)))  # fmt: skip
    if isinstance(wave, MotorWave) and is_distal and "initially_positive" in wave.flags:
        found.append(
            _finding(
                "off_motor_point",
                f"initial positivity before {wave.onset_latency_ms.value:.2f} ms",
                sites=(sweep.site,),
            )
        )
    return tuple(found)


def _likeness(one: Sweep, other: Sweep) -> float:
    """Correlation of two sweeps after their artefact, both from 1.5 ms on."""
    after = one.times_ms > 1.5
    if not np.any(after) or len(one.samples_uv) != len(other.samples_uv):
        raise InputError("the sweeps of a ramp do not match", got="different lengths", expected="equal settings")
    return float(np.corrcoef(one.samples_uv[after], other.samples_uv[after])[0, 1])


def check_stimulus_ramp(sweeps: Sequence[Sweep]) -> tuple[TechniqueFinding, ...]:
    """Check sweeps of one site at rising currents: has the response reached its plateau, and is it still the same nerve's?

    Raises
    ------
    InputError
        If there are fewer than two sweeps, or they do not match.
    """
    if len(sweeps) < 2:
        raise InputError("a ramp needs two currents", got=f"{len(sweeps)} sweeps", expected="at least 2 of one site")
    currents = [sweep.stimulus.current_ma if sweep.stimulus else None for sweep in sweeps]
    order = list(range(len(sweeps)))
    if all(current is not None for current in currents):
        order.sort(key=lambda i: float(currents[i] or 0.0))
    waves = [_measured(sweeps[i]) for i in order]
    heights = [0.0 if isinstance(wave, Absent) else wave.amplitude_mv.value for wave in waves]
    found = []
    rules = _rules()
    last, before = heights[-1], heights[-2]
    rise = 100 * (last - before) / max(before, 1e-9) if before > 0 else float("inf") if last > 0 else 0.0
    if rise > rules["submaximal"].high:
        found.append(
            _finding(
                "submaximal", f"{before:.2f} to {last:.2f} mV between the last two currents", sites=(sweeps[0].site,)
            )
        )
    for (i, low), (j, high) in pairwise(list(zip(order, heights, strict=True))):
        if low > 0.3 * last and high > 1.02 * low:
            likeness = _likeness(sweeps[i], sweeps[j])
            if likeness < rules["costimulation"].low:
                found.append(_finding("costimulation", f"{low:.2f} to {high:.2f} mV with shape correlation {likeness:.2f}",
                                      sites=(sweeps[0].site,)))  # fmt: skip
                break
    else:
        found += _beyond_the_plateau([sweeps[i] for i in order], heights)
    return tuple(found)


def _beyond_the_plateau(sweeps: Sequence[Sweep], heights: Sequence[float]) -> tuple[TechniqueFinding, ...]:
    """A response whose size stands while its shape goes on changing: a neighbour joins, and may make it smaller."""
    top = max(heights)
    if top < SEEN_MV:
        return ()
    first = next(i for i, height in enumerate(heights) if height >= ON_PLATEAU * top)
    likeness = _likeness(sweeps[first], sweeps[-1])
    if first == len(sweeps) - 1 or likeness >= _rules()["costimulation"].low:
        return ()
    said = f"{heights[first]:.2f} to {heights[-1]:.2f} mV beyond the plateau with shape correlation {likeness:.2f}"
    return (_finding("costimulation", said, sites=(sweeps[0].site,)),)


def check_distance(distance_mm: float | None, *, site: str | None = None) -> tuple[TechniqueFinding, ...]:
    """Check the length of a segment between two sites."""
    rule = _rules()["distance_implausible"]
    if distance_mm is None:
        return (_finding("distance_missing", "no distance", sites=(site,)),)
    if not rule.low <= distance_mm <= rule.high:
        return (_finding("distance_implausible", f"{distance_mm:g} mm", sites=(site,)),)
    return ()


def check_velocity(velocity_m_per_s: Measure) -> tuple[TechniqueFinding, ...]:
    """Check a velocity against what a nerve can do; the whole interval must lie outside."""
    rule = _rules()["velocity_implausible"]
    low = velocity_m_per_s.low if velocity_m_per_s.low is not None else velocity_m_per_s.value
    high = velocity_m_per_s.high if velocity_m_per_s.high is not None else velocity_m_per_s.value
    if low > rule.high or high < rule.low:
        return (_finding("velocity_implausible", f"{velocity_m_per_s.value:.0f} m/s ({low:.0f} to {high:.0f})"),)
    return ()


def _artefact_sign(sweep: Sweep) -> float:
    """Sign of the stimulus pulse; 0 where none is seen."""
    times_ms = sweep.times_ms
    near = (times_ms >= -0.02) & (times_ms <= 0.25)
    if not near.any():
        return 0.0
    rest = sweep.samples_uv - np.median(sweep.samples_uv)
    pulse = rest[near][int(np.argmax(np.abs(rest[near])))]
    quiet = float(np.median(np.abs(rest[times_ms > times_ms[-1] - 5.0]))) if times_ms[-1] > 6.0 else 0.0
    return float(np.sign(pulse)) if abs(pulse) > 8 * max(quiet, 1e-9) else 0.0


def _reversed(sweeps: Sequence[Sweep]) -> list[TechniqueFinding]:
    signs = [_artefact_sign(sweep) for sweep in sweeps]
    seen = [sign for sign in signs if sign]
    if len(seen) < 2 or len(set(seen)) < 2:
        return []
    usual = 1.0 if sum(seen) > 0 else -1.0
    if sum(seen) == 0:  # as many of each: which is which cannot be told
        sites = [sweep.site for sweep in sweeps]
        return [_finding("reversed_electrodes", "the artefact changes its sign between the sites", sites=sites)]
    odd = [sweep.site for sweep, sign in zip(sweeps, signs, strict=True) if sign == -usual]
    return [_finding("reversed_electrodes", "the artefact has the opposite sign at " + ", ".join(site or "one site" for site in odd),
                     sites=odd)]  # fmt: skip


def check_anastomosis(
    distal: Sweep, proximal: Sweep, *, distance_mm: float | None = None
) -> tuple[TechniqueFinding, ...]:
    """Look for Martin-Gruber (median or ulnar nerve) and accessory fibular patterns between two sites of one motor study."""
    low, high = _measured(distal), _measured(proximal)
    if isinstance(low, Absent) or isinstance(high, Absent):
        return ()
    nerve = (distal.nerve or proximal.nerve or "").lower()
    low_mv, high_mv = low.amplitude_mv.value, high.amplitude_mv.value
    if "median" in nerve:
        return _median_crossing(distal, proximal, low, high, distance_mm)
    return check_sizes(low_mv, high_mv, nerve=nerve, sites=(distal.site, proximal.site))


def _median_crossing(
    distal: Sweep, proximal: Sweep, low: MotorWave, high: MotorWave, distance_mm: float | None
) -> tuple[TechniqueFinding, ...]:
    rule = _rules()["martin_gruber"]
    larger = 100 * (high.amplitude_mv.value / max(low.amplitude_mv.value, 1e-9) - 1)
    time_ms = high.onset_latency_ms.value - low.onset_latency_ms.value
    speed = distance_mm / time_ms if distance_mm and time_ms > 0 else None
    positive = "initially_positive" in high.flags and "initially_positive" not in low.flags
    is_fast = speed is not None and speed > rule.high
    if not (larger > rule.low or (positive and (is_fast or larger > 0))):
        return ()
    evidence = [f"{low.amplitude_mv.value:.2f} mV distal, {high.amplitude_mv.value:.2f} mV proximal"]
    evidence += ["the proximal response alone begins positive"] if positive else []
    evidence += [f"{speed:.0f} m/s"] if is_fast else []
    return (_crossed_or_both(*evidence, sites=(distal.site, proximal.site)),)


def _crossed_or_both(*evidence: str, sites: tuple[str | None, str | None]) -> TechniqueFinding:
    """Name an anastomosis, or both nerves stimulated at once where they lie side by side: no crossing is seen from there."""
    if any(place in (sites[1] or "").lower() for place in BESIDE_ULNAR):
        return _finding("both_nerves", *evidence, sites=sites[1:])
    return _finding("martin_gruber", *evidence, sites=sites)


def check_thenar(median: Sweep, ulnar: Sweep) -> tuple[TechniqueFinding, ...]:
    """Look for a Riche-Cannieu pattern: thenar recordings on stimulation of the median and of the ulnar nerve at the wrist."""
    rule = _rules()["riche_cannieu"]
    one, other = _measured(median), _measured(ulnar)
    if isinstance(other, Absent) or "initially_positive" in other.flags:
        return ()
    median_mv = 0.0 if isinstance(one, Absent) else one.amplitude_mv.value
    if median_mv < rule.low and other.amplitude_mv.value > rule.high * max(median_mv, 0.2):
        return (_finding("riche_cannieu", f"median {median_mv:.2f} mV, ulnar {other.amplitude_mv.value:.2f} mV over the thenar",
                         sites=(median.site, ulnar.site)),)  # fmt: skip
    return ()


def check_motor_study(
    sweeps: Sequence[Sweep], *, distances_mm: Sequence[float | None] = (), velocities: Sequence[Measure] = ()
) -> tuple[TechniqueFinding, ...]:
    """Check a motor study as a whole.

    Parameters
    ----------
    sweeps : sequence of Sweep
        One for each site, from distal to proximal; nerve, site, temperature and settings as the sweeps state them.
    distances_mm, velocities : sequences
        Of the segments between them; checked where given.

    Raises
    ------
    InputError
        If there is no sweep, or more segments than pairs of sites.
    """
    if not sweeps:
        raise InputError("there is no sweep to check", got="0 sweeps", expected="one for each site")
    if max(len(distances_mm), len(velocities)) > max(len(sweeps) - 1, 0):
        raise InputError("there are more segments than pairs of sites", got=f"{len(distances_mm)} and {len(velocities)}",
                         expected=f"at most {len(sweeps) - 1}")  # fmt: skip
    found: list[TechniqueFinding] = []
    for number, sweep in enumerate(sweeps):
        found += check_wave(sweep, _measured(sweep), is_distal=number == 0)
    for distance_mm in distances_mm:
        found += check_distance(distance_mm)
    for speed in velocities:
        found += check_velocity(speed)
    found += _reversed(sweeps)
    for number, (distal, proximal) in enumerate(pairwise(sweeps)):
        found += check_anastomosis(
            distal, proximal, distance_mm=distances_mm[number] if number < len(distances_mm) else None
        )
    return tuple(found)
