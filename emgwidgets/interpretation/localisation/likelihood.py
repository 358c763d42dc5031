"""Log likelihood of a case under every hypothesis, relative to health: arrays of hypotheses by observations.

Only pairs where a hypothesis can change an observation are worked out; all others are as in health.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emgwidgets.interpretation.localisation.clinic_likelihood import sign_rates, tempered
from emgwidgets.interpretation.localisation.effects import CLINIC, grid
from emgwidgets.interpretation.localisation.observation import Observation
from emgwidgets.interpretation.localisation.parameters import number, table
from emgwidgets.interpretation.localisation.probability import normal_cdf, one_of
from emgwidgets.interpretation.localisation.rates import (
    Entries,
    abnormal,
    entries_of,
    health_of,
    is_foot,
    shown_loss,
    spread,
)

__all__ = ["UNKNOWN_DAYS", "abnormal_probabilities", "log_likelihoods"]

Array = NDArray[np.float64]
#: Days the unknown age of a lesion is averaged over.
UNKNOWN_DAYS = (12.0, 35.0, 120.0, 540.0)


def _amplitude_log_density(pairs: Entries, loss: Array) -> Array:
    """Log density of amplitudes, as the logarithm of value over limit."""
    reserve, sd = (pairs.of(values) for values in spread(pairs.found))
    off = pairs.of([one.log_ratio for one in pairs.found]) - reserve - np.log(np.maximum(1.0 - loss, 0.02))
    return _heavy(off, sd)


def _heavy(off: Array, sd: Array | float) -> Array:
    """Log density of a normal distribution with a small flat tail, so that one odd value decides nothing."""
    tail = number("observed.tail")
    peak = np.exp(-0.5 * (off / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
    return np.asarray(np.log((1 - tail) * peak + tail / 6.0))


def _other_side(pairs: Entries, side: str) -> Entries:
    """The same pairs for one side of a comparison."""
    own = entries_of(pairs.found, side=side)
    n_h = len(grid().candidate)
    place = np.full(len(pairs.found) * n_h, -1)
    place[own.j * n_h + own.h] = np.arange(len(own.h))
    at = place[pairs.j * n_h + pairs.h]
    return replace(
        pairs,
        loss=np.where(at < 0, 0.0, own.loss[at]),
        block_here=np.where(at < 0, 0.0, own.block_here[at]),
        slow=np.where(at < 0, 0.0, own.slow[at]),
    )


def _ratio(about: str, pairs: Entries, day: float) -> tuple[Array, Array, Array]:
    """Gain of side ratios against health, chance of a side below half, and that chance in health (N,), (N,), (J,)."""
    kind = about.removeprefix("ratio_")
    usual_sd = np.array([number(f"amplitude.side_sd_{'foot' if is_foot(one) else kind}") for one in pairs.found])
    logs = [
        np.log(np.maximum(1 - one_of(shown_loss(pairs, one.loss, day), one.block_here), 0.02))
        for one in (_other_side(pairs, side) for side in ("left", "right"))
    ]
    expected = logs[0] - logs[1]
    # What is lost differs from nerve to nerve, in disease of both sides as well.
    sd = np.hypot(pairs.of(usual_sd), number("amplitude.side_spread") * np.hypot(*logs))
    seen = pairs.of([one.log_ratio for one in pairs.found])
    half = np.log(2.0)
    below = one_of(normal_cdf((expected - half) / sd), normal_cdf((-half - expected) / sd))
    usual = 2.0 * normal_cdf(-half / usual_sd)
    return _heavy(seen - expected, sd) - _heavy(seen, pairs.of(usual_sd)), below, usual


def _lag(pairs: Entries) -> tuple[Array, Array, Array]:
    """As ``_ratio`` for latencies and velocities of both sides: slowing of one side shows before it passes a limit."""
    left, right = (_other_side(pairs, side) for side in ("left", "right"))
    gain_of_slowing = number("focal.lag_gain")
    expected = np.log1p(gain_of_slowing * left.slow) - np.log1p(gain_of_slowing * right.slow)
    usual_sd = number("focal.lag_side_sd")
    sd = np.hypot(usual_sd, number("focal.lag_spread") * expected)
    seen = pairs.of([one.log_ratio for one in pairs.found])
    limit = -np.log(number("focal.lag_side_limit"))
    below = one_of(normal_cdf((expected - limit) / sd), normal_cdf((-limit - expected) / sd))
    usual = np.full(len(pairs.found), float(one_of(normal_cdf(-limit / usual_sd), normal_cdf(-limit / usual_sd))))
    return number("counts.lag") * (_heavy(seen - expected, sd) - _heavy(seen, usual_sd)), below, usual


def _gain(about: str, pairs: Entries, day: float) -> tuple[Array, Array, Array]:
    """Gain against health where the structure takes part (N,), chance of an abnormal finding (N,), and in health (J,)."""
    if about.startswith("ratio"):
        return _ratio(about, pairs, day)
    if about == "lag":
        return _lag(pairs)
    found = pairs.found
    rate, usual = abnormal(about, pairs, day), abnormal(about, health_of(found), day)
    usual = np.broadcast_to(usual, (len(found),))
    weight = np.array([one.weight for one in found])
    if about in {"sensory_low", "motor_low"}:
        lost = one_of(shown_loss(pairs, pairs.loss, day), pairs.block_here, pairs.diffuse_only("motor_low"))
        gain = _amplitude_log_density(pairs, lost) - _amplitude_log_density(pairs, np.zeros_like(lost))
        return pairs.of(weight) * gain, rate, usual
    if about in table()["counts"]:
        weight = weight * number(f"counts.{about}")
    is_so = np.array([one.probability for one in found])
    return pairs.of(weight) * (_log_of(rate, pairs.of(is_so)) - pairs.of(_log_of(usual, is_so))), rate, usual


def _log_of(rate: Array, is_so: Array) -> Array:
    chance = np.clip(rate, 0.002, 0.998)
    return np.asarray(np.log(is_so * chance + (1 - is_so) * (1 - chance)))


def log_likelihoods(found: Sequence[Observation], *, day: float | None) -> tuple[Array, Array, Array]:
    """Log likelihood of a case under every hypothesis, and of each observation on its own, both against health.

    Returns
    -------
    total : ndarray, shape (D, H)
        D is 1, or the number of days averaged over when the age is not known.
    single : ndarray, shape (D, H, J)
        Each observation alone, structure spared or not averaged over.
    expected : ndarray, shape (D, H, J)
        Probability of an abnormal result of each observation.
    """
    days = UNKNOWN_DAYS if day is None else (day,)
    found = list(found)
    clinic = np.array([n for n, one in enumerate(found) if one.kind in CLINIC], dtype=np.int64)
    electric = np.array([n for n, one in enumerate(found) if one.kind not in CLINIC], dtype=np.int64)
    shape = (len(days), len(grid().candidate), len(found))
    total, single, expected = np.zeros(shape[:2]), np.zeros(shape), np.zeros(shape)
    if len(clinic):
        gains, chances = _clinic([found[n] for n in clinic], 0.0 if day is None else day)
        summed, power = tempered(gains)
        total += summed
        single[:, :, clinic], expected[:, :, clinic] = power * gains, chances
    for n, when in enumerate(days):
        if len(electric):
            summed, single[n, :, electric], expected[n, :, electric] = _electric([found[k] for k in electric], when)
            total[n] += summed
    return total, single, expected


def _electric(found: Sequence[Observation], day: float) -> tuple[Array, Array, Array]:
    """Nerve conduction and needle, where a structure is spared or not as a whole: total (H,), single and expected (J, H)."""
    n_h = len(grid().candidate)
    names = list(dict.fromkeys(one.group for one in found))
    group = np.array([names.index(one.group) for one in found])
    part, single = np.zeros(len(names) * n_h), np.zeros((len(found), n_h))
    weight, count = np.zeros(len(names) * n_h), np.zeros(len(names) * n_h)
    expected = np.empty((len(found), n_h))
    for about in dict.fromkeys(one.about for one in found):
        columns = np.array([n for n, one in enumerate(found) if one.about == about])
        pairs = entries_of([found[n] for n in columns])
        gain, rate, usual = _gain(about, pairs, day)
        own = np.clip(pairs.involved, 0.01, 0.99)
        at = columns[pairs.j]
        expected[columns] = usual[:, None]
        expected[at, pairs.h] = pairs.involved * rate + (1 - pairs.involved) * pairs.of(usual)
        single[at, pairs.h] = np.log(own * np.exp(gain) + 1 - own)
        flat = group[at] * n_h + pairs.h
        part += np.bincount(flat, weights=gain, minlength=len(part))
        weight += np.bincount(flat, weights=own, minlength=len(part))
        count += np.bincount(flat, minlength=len(part))
    involved = np.divide(weight, count, out=np.zeros_like(weight), where=count > 0)
    total = np.log(involved * np.exp(np.minimum(part, 500.0)) + 1 - involved)
    return total.reshape(len(names), n_h).sum(axis=0), single, expected


def _clinic(found: Sequence[Observation], day: float) -> tuple[Array, Array]:
    """Gain of every clinical observation against health, and the chance that it is abnormal; (H, J)."""
    shape = (len(grid().candidate), len(found))
    gains, expected = np.zeros(shape), np.zeros(shape)
    for about in dict.fromkeys(one.about for one in found):
        columns = np.array([n for n, one in enumerate(found) if one.about == about])
        own = [found[n] for n in columns]
        if about == "sign":
            gains[:, columns], expected[:, columns] = sign_rates(own)
            continue
        pairs = entries_of(own)
        gain, rate, usual = _gain(about, pairs, day)
        expected[:, columns] = usual
        gains[pairs.h, columns[pairs.j]], expected[pairs.h, columns[pairs.j]] = gain, rate
    return gains, expected


def abnormal_probabilities(found: Sequence[Observation], *, day: float | None) -> Array:
    """Probability that each observation is abnormal under every hypothesis, shape (D, H, J)."""
    days = UNKNOWN_DAYS if day is None else (day,)
    return np.stack([_electric(list(found), when)[2].T for when in days])
