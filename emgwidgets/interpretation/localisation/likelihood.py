"""Probability of each observation under each candidate at each severity: arrays of hypotheses by observations.

A lesion removes a share of the axons of everything that passes it; a focal one slows or blocks what is measured across it.
Every finding can be false and every change can be missed, so nothing is ever impossible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgwidgets.interpretation.localisation.effects import (
    DISTAL,
    Grid,
    State,
    extra_of,
    grid,
    kind_of,
    length_cm,
    region_of,
    state_of,
)
from emgwidgets.interpretation.localisation.observations import Observation
from emgwidgets.interpretation.localisation.parameters import clock, number, parameter, table

__all__ = ["UNKNOWN_DAYS", "abnormal_probabilities", "log_likelihoods"]

Array = NDArray[np.float64]
#: Days the unknown age of a lesion is averaged over.
UNKNOWN_DAYS = (12.0, 35.0, 120.0, 540.0)


def _normal_cdf(x: Array | float) -> Array:
    """Standard normal distribution, by the logistic approximation of Bowling et al. (error below 0.0002)."""
    y = np.asarray(x, dtype=np.float64)
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(0.07056 * y**3 + 1.5976 * y, -60, 60))))


def _ramp(day: float, name: str) -> float:
    middle, width = clock(name)
    return float(_normal_cdf((day - middle) / width))


def _or(*parts: Array | float) -> Array:
    kept: Array = np.asarray(1.0)
    for part in parts:
        kept = kept * (1.0 - np.asarray(part))
    return np.asarray(1.0 - kept)


def _spread(found: Sequence[Observation]) -> tuple[Array, Array]:
    """Logarithm of mean over limit, and its SD in the population, of amplitudes; shape (J,)."""
    usual = [number(f"amplitude.reserve_{'sensory' if kind_of(one) == 'sensory' else 'motor'}") for one in found]
    reserve = np.array([one.reserve or own for one, own in zip(found, usual, strict=True)])
    return reserve, np.maximum(reserve / number("amplitude.limit_z"), number("amplitude.population_sd"))


def _low(found: Sequence[Observation], loss: Array) -> Array:
    """Probability of an amplitude below its limit after a share of the axons is lost."""
    reserve, sd = _spread(found)
    return _normal_cdf((-np.log(np.maximum(1.0 - loss, 1e-3)) - reserve) / sd)


def _amplitude_log_density(found: Sequence[Observation], loss: Array) -> Array:
    """Log density of amplitudes, as the logarithm of value over limit."""
    reserve, sd = _spread(found)
    tail = number("observed.tail")
    off = np.array([one.log_ratio for one in found]) - reserve - np.log(np.maximum(1.0 - loss, 0.02))
    peak = np.exp(-0.5 * (off / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
    return np.asarray(np.log((1 - tail) * peak + tail / 6.0))


def _absent(loss: Array, block: Array) -> Array:
    gone = _or(loss, block)
    return np.asarray(_normal_cdf((gone - number("amplitude.absent_from")) / number("amplitude.absent_width")))


def _focal(name: str, slow: Array) -> Array:
    entry = parameter(f"focal.{name}")
    return np.asarray(entry["value"] * slow ** entry["power"])


def _false(name: str) -> float:
    return number(f"false_positive.{name}")


def _fibrillation(one: Observation, day: float) -> float:
    region = region_of(one)
    where = "paraspinal" if region == "paraspinal" else "distal" if region in DISTAL else "proximal"
    fades = parameter("clock.fibrillation_fades")
    left = fades["lowest"] + (1 - fades["lowest"]) * (1 - _ramp(day, "fibrillation_fades"))
    return _ramp(day, f"fibrillation_{where}") * float(left)


def _abnormal(about: str, found: Sequence[Observation], state: State, day: float, spec: Grid) -> Array:
    """Probability of an abnormal finding of one class where the structure takes part, shape (H, J)."""
    kinds = np.array([kind_of(one) == "sensory" for one in found])
    falls = np.where(kinds, _ramp(day, "sensory_amplitude"), _ramp(day, "motor_amplitude"))
    shown = state.loss * falls
    foot = np.array([region_of(one) == "foot" or length_cm(one) > 100 for one in found])
    if about in {"sensory_low", "motor_low"}:
        extra = extra_of(found, spec, "motor_low") if about == "motor_low" else 0.0
        return _or(_low(found, _or(shown, state.block_here)), extra)
    if about == "absent":
        return _or(np.where(foot, _false("absent_foot"), _false("absent")), _absent(shown, state.block_here))
    if about in {"sensory_slow", "motor_slow", "segment_slow", "comparison"}:
        lag = number("focal.loss_slows") * shown if about != "comparison" else 0.0
        return _or(_false("limit" if about != "segment_slow" else "segment"), _focal(about, state.slow), lag)
    if about == "very_slow":
        return _or(_false("very_slow"), _focal("very_slow", state.slow))
    if about == "block":
        limits = np.array([one.reserve for one in found])
        blocked = _normal_cdf((state.block_here - limits) / number("focal.block_width"))
        return _or(_false("block"), blocked)
    if about == "late":
        gone = _normal_cdf((_or(state.loss, state.block_any) - 0.7) / 0.15)
        return _or(_false("late"), gone, _focal("late", state.slow), extra_of(found, spec, "late"))
    if about == "fibrillation":
        clocks = np.array([_fibrillation(one, day) for one in found])
        seen = number("needle.fibrillation_reading") * (1 - np.exp(-state.loss / number("needle.fibrillation_share")))
        false = np.array([_false("fibrillation_foot" if region_of(one) == "foot" else "fibrillation") for one in found])
        return _or(false, seen * clocks, extra_of(found, spec, "active"))
    if about == "large":
        grown = (1 - np.exp(-state.loss / number("needle.large_share"))) * _ramp(day, "large_units")
        return _or(_false("large_units"), number("needle.fibrillation_reading") * grown)
    if about == "recruitment":
        missing = _or(state.loss, state.block_any)
        few = _normal_cdf((missing - number("needle.recruitment_half")) / number("needle.recruitment_width"))
        return _or(_false("recruitment"), few) * (1 - 0.8 * extra_of(found, spec, "small"))
    if about == "weak":
        missing = _normal_cdf((_or(state.loss, state.block_any) - 0.3) / 0.15)
        weak = _or(missing, extra_of(found, spec, "small"), extra_of(found, spec, "low_drive"))
        return _or(_false("weakness"), number("focal.weakness_found") * weak)
    false_name = {"small": "small_units", "decrement": "decrement", "increment": "increment"}.get(about, about)
    return _or(_false(false_name), extra_of(found, spec, about), np.zeros_like(state.loss))


def _ratio_log_density(found: Sequence[Observation], spec: Grid, day: float, about: str) -> tuple[Array, Array, Array]:
    """Log density of side ratios where the structure takes part and where it is spared; chance of a side below half."""
    kind = about.removeprefix("ratio_")
    sd, tail = number(f"amplitude.side_sd_{kind}"), number("observed.tail")
    fall = _ramp(day, f"{kind}_amplitude")
    left, right = (state_of(found, spec, side=side) for side in ("left", "right"))
    expected = np.log(np.maximum(1 - _or(left.loss * fall, left.block_here), 0.02))
    expected = expected - np.log(np.maximum(1 - _or(right.loss * fall, right.block_here), 0.02))
    seen = np.array([one.log_ratio for one in found])

    def density(off: Array) -> Array:
        peak = np.exp(-0.5 * (off / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        return np.asarray(np.log((1 - tail) * peak + tail / 6.0))

    half = np.log(2.0)
    below = _or(_normal_cdf((expected - half) / sd), _normal_cdf((-half - expected) / sd))
    return density(seen - expected), np.broadcast_to(density(seen), expected.shape), below


@dataclass(frozen=True, slots=True)
class _Terms:
    """Log likelihood of each observation, taking part or spared, and the involvement; shape (H, J)."""

    taking_part: Array
    spared: Array
    involved: Array
    expected: Array


def _terms(found: Sequence[Observation], spec: Grid, day: float) -> _Terms:
    shape = (len(spec.candidate), len(found))
    part, spared, involved, expected = (np.zeros(shape) for _ in range(4))
    for about in dict.fromkeys(one.about for one in found):
        columns = [n for n, one in enumerate(found) if one.about == about]
        own = [found[n] for n in columns]
        state = state_of(own, spec)
        involved[:, columns] = state.involved
        if about.startswith("ratio"):
            part[:, columns], spared[:, columns], expected[:, columns] = _ratio_log_density(own, spec, day, about)
            continue
        rate = _abnormal(about, own, state, day, spec)
        if about in {"sensory_low", "motor_low"}:
            fall = _ramp(day, f"{about.removesuffix('_low')}_amplitude")
            lost = _or(state.loss * fall, state.block_here, extra_of(own, spec, "motor_low"))
            scale = np.array([one.weight for one in own])
            part[:, columns] = scale * _amplitude_log_density(own, lost)
            spared[:, columns] = scale * _amplitude_log_density(own, np.zeros_like(lost))
            expected[:, columns] = state.involved * rate + (1 - state.involved) * rate.min()
            continue
        healthy = _healthy_rate(about, own, day, spec)
        weight = number(f"counts.{about}") if about in table()["counts"] else 1.0
        is_so = np.array([one.probability for one in own])
        for target, raw in ((part, rate), (spared, np.broadcast_to(healthy, rate.shape))):
            chance = np.clip(raw, 0.002, 0.998)
            target[:, columns] = weight * np.log(is_so * chance + (1 - is_so) * (1 - chance))
        expected[:, columns] = state.involved * rate + (1 - state.involved) * healthy
    return _Terms(part, spared, involved, expected)


def _healthy_rate(about: str, found: Sequence[Observation], day: float, spec: Grid) -> Array:
    """False positive rate of each observation, shape (J,): what the hypothesis of health gives."""
    zero = np.zeros((1, len(found)))
    nothing = State(zero, zero, zero, zero, zero)
    one = Grid(
        candidate=spec.candidate[:1], log_weight=spec.log_weight[:1], foci=spec.foci, place=spec.place[:1],
        loss=spec.loss[:1], slow=spec.slow[:1], block=spec.block[:1], diffuse=np.zeros(1, dtype=np.int64), kinds=spec.kinds,
    )  # fmt: skip
    return np.asarray(np.broadcast_to(_abnormal(about, found, nothing, day, one), zero.shape)[0])


def log_likelihoods(found: Sequence[Observation], *, day: float | None) -> tuple[Array, Array, Array]:
    """Log likelihood of a case under every hypothesis, and of each observation on its own.

    Returns
    -------
    total : ndarray, shape (D, H)
        D is 1, or the number of days averaged over when the age is not known.
    single : ndarray, shape (D, H, J)
        Each observation alone, structure spared or not averaged over.
    expected : ndarray, shape (D, H, J)
        Probability of an abnormal result of each observation.
    """
    spec = grid()
    days = UNKNOWN_DAYS if day is None else (day,)
    groups = np.array([one.group for one in found])
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    totals, singles, chances = [], [], []
    for when in days:
        terms = _terms(found, spec, when)
        part, spared = (np.add.reduceat(one, starts, axis=1) for one in (terms.taking_part, terms.spared))
        involved = np.clip(
            np.add.reduceat(terms.involved, starts, axis=1) / np.diff(np.r_[starts, len(found)]), 0.01, 0.99
        )
        totals.append(np.logaddexp(np.log(involved) + part, np.log1p(-involved) + spared).sum(axis=1))
        chances.append(terms.expected)
        own = np.clip(terms.involved, 0.01, 0.99)
        singles.append(np.logaddexp(np.log(own) + terms.taking_part, np.log1p(-own) + terms.spared))
    return np.stack(totals), np.stack(singles), np.stack(chances)


def abnormal_probabilities(found: Sequence[Observation], *, day: float | None) -> Array:
    """Probability that each observation is abnormal under every hypothesis, shape (D, H, J)."""
    days = UNKNOWN_DAYS if day is None else (day,)
    return np.stack([_terms(found, grid(), when).expected for when in days])
