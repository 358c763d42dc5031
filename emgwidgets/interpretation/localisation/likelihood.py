"""Log likelihood of a case under every hypothesis, relative to health: arrays of hypotheses by observations.

Only pairs where a hypothesis can change an observation are worked out; all others are as in health.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emgwidgets.interpretation.localisation.clinic_likelihood import sign_rates, tempered
from emgwidgets.interpretation.localisation.effects import CLINIC, grid
from emgwidgets.interpretation.localisation.multifocal_block import with_multifocal_block
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

__all__ = ["UNKNOWN_DAYS", "Likelihoods", "abnormal_probabilities", "log_likelihoods"]

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


@dataclass(frozen=True, slots=True)
class Piece:
    """Observations of one class: gain and chance of an abnormal result of every pair of hypothesis and observation.

    Parameters
    ----------
    h, j : ndarray of int, shape (N,)
        Hypothesis, and observation by its place in the case; all other pairs are as in health.
    gain, chance : ndarray, shape (N,)
        The observation alone, structure spared or not averaged over.
    columns : ndarray of int, shape (J,)
        The observations, with their chance in health, ``usual``.
    """

    h: NDArray[np.int64]
    j: NDArray[np.int64]
    gain: Array
    chance: Array
    columns: NDArray[np.int64]
    usual: Array


@dataclass(frozen=True, slots=True)
class Likelihoods:
    """Log likelihoods of a case against health.

    Parameters
    ----------
    electric : ndarray, shape (D, H)
        Of nerve conduction and needle; D is 1, or the number of days averaged over when the age is not known.
    clinic : ndarray, shape (H,)
        Of symptoms and examination, tempered and capped.
    pieces : tuple of tuple of Piece
        For each day.
    n : int
        Number of observations.
    """

    electric: Array
    clinic: Array
    pieces: tuple[tuple[Piece, ...], ...]
    n: int

    def of(self, rows: NDArray[np.int64]) -> tuple[Array, Array]:
        """Gain of each observation alone and its chance to be abnormal, under some hypotheses; both (D, rows, n)."""
        shape = (len(self.pieces), len(rows), self.n)
        single, expected = np.zeros(shape), np.zeros(shape)
        place = np.full(len(grid().candidate), -1)
        place[rows] = np.arange(len(rows))
        for day, pieces in enumerate(self.pieces):
            for one in pieces:
                expected[day][:, one.columns] = one.usual
                own = np.flatnonzero(place[one.h] >= 0)
                at = place[one.h[own]], one.j[own]
                single[day][at], expected[day][at] = one.gain[own], one.chance[own]
        return single, expected


def log_likelihoods(found: Sequence[Observation], *, day: float | None) -> Likelihoods:
    """Log likelihood of a case under every hypothesis, and of each observation on its own, both against health."""
    days = UNKNOWN_DAYS if day is None else (day,)
    found = list(found)
    clinic = np.array([n for n, one in enumerate(found) if one.kind in CLINIC], dtype=np.int64)
    electric = np.array([n for n, one in enumerate(found) if one.kind not in CLINIC], dtype=np.int64)
    total, told = np.zeros((len(days), len(grid().candidate))), np.zeros(len(grid().candidate))
    always: list[Piece] = []
    if len(clinic):
        told, always = _clinic(found, clinic, 0.0 if day is None else day)
    pieces = []
    for n, when in enumerate(days):
        own: list[Piece] = []
        if len(electric):
            total[n], own = _electric(found, electric, when)
        pieces.append((*always, *own))
    return Likelihoods(electric=total, clinic=told, pieces=tuple(pieces), n=len(found))


def _by_class(found: Sequence[Observation], which: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Places of some observations by what they are about."""
    named = [found[n].about for n in which]
    return {about: which[[own == about for own in named]] for about in dict.fromkeys(named)}


def _electric(found: Sequence[Observation], which: NDArray[np.int64], day: float) -> tuple[Array, list[Piece]]:
    """Nerve conduction and needle, where a structure is spared or not as a whole: total (H,), and its pieces."""
    n_h = len(grid().candidate)
    names = list(dict.fromkeys(found[n].group for n in which))
    where = {name: n for n, name in enumerate(names)}
    group = np.array([where.get(one.group, -1) for one in found])
    part = np.zeros(len(names) * n_h)
    weight, count = np.zeros_like(part), np.zeros_like(part)
    pieces = []
    for about, columns in _by_class(found, which).items():
        pairs = entries_of([found[n] for n in columns])
        gain, rate, usual = _gain(about, pairs, day)
        own, at = np.clip(pairs.involved, 0.01, 0.99), columns[pairs.j]
        pieces.append(
            Piece(
                h=pairs.h, j=at, gain=np.log(own * np.exp(gain) + 1 - own), chance=own * rate + (1 - own) * pairs.of(usual),
                columns=columns, usual=usual,
            )
        )  # fmt: skip
        flat = group[at] * n_h + pairs.h
        part += np.bincount(flat, weights=gain, minlength=len(part))
        weight += np.bincount(flat, weights=own, minlength=len(part))
        count += np.bincount(flat, minlength=len(part))
    involved = np.divide(weight, count, out=np.zeros_like(weight), where=count > 0)
    total = np.log(involved * np.exp(np.minimum(part, 500.0)) + 1 - involved).reshape(len(names), n_h)
    is_sensory = np.array([name.startswith("sensory:") for name in names])
    return with_multifocal_block(total, is_sensory=is_sensory), pieces


def _clinic(found: Sequence[Observation], which: NDArray[np.int64], day: float) -> tuple[Array, list[Piece]]:
    """Symptoms and examination: tempered total (H,), and its pieces."""
    n_h = len(grid().candidate)
    pieces = []
    for about, columns in _by_class(found, which).items():
        own = [found[n] for n in columns]
        if about == "sign":
            pieces.append(_signs(own, columns))
            continue
        pairs = entries_of(own)
        gain, rate, usual = _gain(about, pairs, day)
        pieces.append(Piece(h=pairs.h, j=columns[pairs.j], gain=gain, chance=rate, columns=columns, usual=usual))
    summed = np.zeros(n_h)
    for one in pieces:
        summed += np.bincount(one.h, weights=one.gain, minlength=n_h)
    total, power = tempered(summed)
    return total, [replace(one, gain=power * one.gain) for one in pieces]


def _signs(found: Sequence[Observation], columns: NDArray[np.int64]) -> Piece:
    gain, rate = sign_rates(found)
    h, j = np.indices(gain.shape)
    return Piece(
        h=h.ravel(), j=columns[j.ravel()], gain=gain.ravel(), chance=rate.ravel(), columns=columns, usual=np.zeros(len(columns)),
    )  # fmt: skip


def abnormal_probabilities(found: Sequence[Observation], *, day: float | None) -> Array:
    """Probability that each observation is abnormal under every hypothesis, shape (D, H, J)."""
    days = UNKNOWN_DAYS if day is None else (day,)
    every = np.arange(len(grid().candidate))
    which = np.arange(len(found))
    pieces = tuple(tuple(_electric(found, which, when)[1]) for when in days)
    return Likelihoods(electric=np.zeros((0, 0)), clinic=np.zeros(0), pieces=pieces, n=len(found)).of(every)[1]
