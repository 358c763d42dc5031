"""Probability that a finding is abnormal, by its class, from what a lesion does to its structure.

A lesion removes a share of the axons of everything that passes it; a focal one slows or blocks what is measured across it.
Every finding can be false and every change can be missed, so nothing is ever impossible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from emgwidgets.interpretation.localisation.effects import (
    CLINIC,
    DISTAL,
    Structure,
    extra_row,
    grid,
    kind_of,
    length_cm,
    region_of,
    structure,
)
from emgwidgets.interpretation.localisation.observation import Observation
from emgwidgets.interpretation.localisation.parameters import clock, number, parameter
from emgwidgets.interpretation.localisation.probability import normal_cdf, one_of

__all__ = ["Entries", "abnormal", "entries_of", "health_of", "is_foot", "low", "ramp", "shown_loss", "spread"]

Array = NDArray[np.float64]
FIELDS = tuple(one.name for one in fields(Structure) if one.name != "rows")


def ramp(day: float, name: str) -> float:
    """Share of a change that is there on a day."""
    middle, width = clock(name)
    return float(normal_cdf((day - middle) / width))


@dataclass(frozen=True, slots=True)
class Entries:
    """Pairs of hypothesis and observation where the one can change the other; each array of shape (N,).

    Parameters
    ----------
    found : tuple of Observation
    h, j : ndarray of int
        Hypothesis and observation.
    """

    found: tuple[Observation, ...]
    h: NDArray[np.int64]
    j: NDArray[np.int64]
    loss: Array
    cut_here: Array
    slow: Array
    block_here: Array
    block_any: Array
    involved: Array
    reach: Array

    def of(self, values: Sequence[float] | Array) -> Array:
        """One value of each observation, for each pair."""
        return np.asarray(values, dtype=np.float64)[self.j]

    def diffuse_only(self, word: str) -> Array:
        """Probability of a finding that only diffuse disease gives."""
        rows = np.stack([extra_row(word, region_of(kind_of(one), one.study)) for one in self.found], axis=1)
        return np.asarray(rows[grid().diffuse[self.h], self.j])


def entries_of(found: Sequence[Observation], *, side: str = "") -> Entries:
    """Every pair where a hypothesis reaches the structure of an observation; ``side`` replaces theirs."""
    parts = [structure(kind_of(one), one.study, side or one.side, one.spanned) for one in found]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in FIELDS}
    sizes = [len(part.rows) for part in parts]
    return Entries(
        found=tuple(found), h=np.concatenate([part.rows for part in parts]), j=np.repeat(np.arange(len(found)), sizes),
        **joined,
    )  # fmt: skip


def health_of(found: Sequence[Observation]) -> Entries:
    """One pair for each observation, without any lesion."""
    nothing = {name: np.zeros(len(found)) for name in FIELDS}
    health = np.flatnonzero((grid().place[:, 0] == len(grid().foci)) & (grid().diffuse == 0))[:1]
    return Entries(found=tuple(found), h=np.repeat(health, len(found)), j=np.arange(len(found)), **nothing)


def _false(name: str) -> float:
    return number(f"false_positive.{name}")


def _focal(name: str, slow: Array) -> Array:
    entry = parameter(f"focal.{name}")
    return np.asarray(entry["value"] * slow ** entry["power"])


def spread(found: Sequence[Observation]) -> tuple[Array, Array]:
    """Logarithm of mean over limit, and its SD in the population, of amplitudes; shape (J,)."""
    usual = [number(f"amplitude.reserve_{'sensory' if one.kind == 'sensory' else 'motor'}") for one in found]
    reserve = np.array([one.reserve or own for one, own in zip(found, usual, strict=True)])
    return reserve, np.maximum(reserve / number("amplitude.limit_z"), number("amplitude.population_sd"))


def low(pairs: Entries, loss: Array) -> Array:
    """Probability of an amplitude below its limit after a share of the axons is lost."""
    reserve, sd = (pairs.of(values) for values in spread(pairs.found))
    return normal_cdf((-np.log(np.maximum(1.0 - loss, 1e-3)) - reserve) / sd)


def _falls(pairs: Entries, day: float) -> Array:
    """Share of the fall of amplitude that has happened since the axons were cut."""
    sensory, motor = ramp(day, "sensory_amplitude"), ramp(day, "motor_amplitude")
    return pairs.of([sensory if one.kind == "sensory" else motor for one in pairs.found])


def regained(loss: Array, day: float) -> Array:
    """Share of a muscle that is still without a nerve after the surviving axons have sprouted."""
    grown = ramp(day, "reinnervation")
    left = loss * (1.0 - number("needle.regained") * grown)
    most = (1.0 - loss) * (1.0 + (number("needle.largest_growth") - 1.0) * grown)
    return np.asarray(np.maximum(left, 1.0 - most))


def shown_loss(pairs: Entries, loss: Array, day: float) -> Array:
    """Share missing from an amplitude: what has degenerated by this day, less what a muscle has regained."""
    fallen = loss * _falls(pairs, day)
    is_motor = pairs.of([float(one.kind != "sensory") for one in pairs.found]) > 0
    return np.where(is_motor, regained(fallen, day), fallen)


def is_foot(one: Observation) -> bool:
    """Whether a nerve or muscle of the foot was tested: there findings in health are commoner."""
    return region_of(kind_of(one), one.study) == "foot" or length_cm(kind_of(one), one.study) > 100


def _fibrillation_clock(one: Observation, day: float) -> float:
    region = region_of(kind_of(one), one.study)
    where = "paraspinal" if region == "paraspinal" else "distal" if region in DISTAL else "proximal"
    fades = parameter("clock.fibrillation_fades")
    left = fades["lowest"] + (1 - fades["lowest"]) * (1 - ramp(day, "fibrillation_fades"))
    return ramp(day, f"fibrillation_{where}") * float(left)


def _ncs(about: str, pairs: Entries, day: float) -> Array:
    falls = _falls(pairs, day)
    shown = shown_loss(pairs, pairs.loss, day)
    if about in {"sensory_low", "motor_low"}:
        extra = pairs.diffuse_only("motor_low") if about == "motor_low" else 0.0
        return one_of(low(pairs, one_of(shown, pairs.block_here)), extra)
    if about == "absent":
        false = pairs.of([_false("absent_foot" if is_foot(one) else "absent") for one in pairs.found])
        gone = one_of(shown, pairs.block_here)
        return one_of(false, normal_cdf((gone - number("amplitude.absent_from")) / number("amplitude.absent_width")))
    if about == "very_slow":
        return one_of(_false("very_slow"), _focal("very_slow", pairs.slow))
    if about == "block":  # until they degenerate, cut axons conduct below the lesion and not across it
        hidden = one_of(pairs.block_here, pairs.cut_here * (1.0 - falls))
        limits = pairs.of([one.reserve for one in pairs.found])
        return one_of(_false("block"), normal_cdf((hidden - limits) / number("focal.block_width")))
    if about == "late":
        gone = normal_cdf((one_of(pairs.loss, pairs.block_any) - 0.7) / 0.15)
        return one_of(_false("late"), gone, _focal("late", pairs.slow), pairs.diffuse_only("late"))
    lag = number("focal.loss_slows") * shown if about != "comparison" else 0.0
    return one_of(_false("segment" if about == "segment_slow" else "limit"), _focal(about, pairs.slow), lag)


def _needle(about: str, pairs: Entries, day: float) -> Array:
    if about == "fibrillation":
        clocks = pairs.of([_fibrillation_clock(one, day) for one in pairs.found])
        seen = number("needle.fibrillation_reading") * (1 - np.exp(-pairs.loss / number("needle.fibrillation_share")))
        false = pairs.of([_false("fibrillation_foot" if is_foot(one) else "fibrillation") for one in pairs.found])
        return one_of(false, seen * clocks, pairs.diffuse_only("active"))
    if about == "dense":  # of the fibrillation that is there
        many = normal_cdf((pairs.loss - number("needle.dense_half")) / number("needle.dense_width"))
        return one_of(_false("dense"), 0.9 * many, 0.5 * pairs.diffuse_only("active"))
    if about == "large":
        grown = (1 - np.exp(-pairs.loss / number("needle.large_share"))) * ramp(day, "large_units")
        return one_of(_false("large_units"), number("needle.fibrillation_reading") * grown)
    missing = one_of(pairs.loss, pairs.block_any)
    few = normal_cdf((missing - number("needle.recruitment_half")) / number("needle.recruitment_width"))
    return one_of(_false("recruitment"), few) * (1 - 0.8 * pairs.diffuse_only("small"))


def _felt(pairs: Entries) -> Array:
    """Share of a zone that does not feel: axons lost or blocked, and half of what is slowed, as in an entrapment."""
    lost = one_of(pairs.loss, pairs.block_any, 0.5 * pairs.slow)
    return np.asarray(1.0 - np.exp(-lost / number("clinic.numb_share")))


def _clinic(about: str, pairs: Entries, day: float) -> Array:
    if about == "brisk":
        return one_of(number("clinic.brisk_false"), pairs.diffuse_only("brisk"))
    if about in {"weak", "reflex"}:
        gone = one_of(regained(pairs.loss, day), pairs.block_any)
        if about == "reflex":
            gone = one_of(gone, 0.7 * pairs.slow, pairs.diffuse_only("areflexia"))
        gone = normal_cdf((gone - number("clinic.weak_half")) / number("clinic.weak_width"))
        if about == "reflex":
            return one_of(number("clinic.reflex_false"), number("clinic.reflex_found") * gone)
        weak = one_of(gone, pairs.diffuse_only("small"), pairs.diffuse_only("low_drive"))
        return one_of(_false("weakness"), number("focal.weakness_found") * weak)
    if about == "numb":
        return one_of(number("clinic.numb_false"), number("clinic.numb_found") * _felt(pairs))
    ratio = number("clinic.pain_ratio" if about == "pain" else "clinic.felt_ratio")
    # A slight lesion of a root may hurt as much as a severe one.
    reached = np.maximum(pairs.reach, _felt(pairs) * (pairs.reach == 0)) if about == "pain" else _felt(pairs)
    return np.asarray(number("clinic.mentioned") * (1.0 + (ratio - 1.0) * reached))


NEEDLE = {"fibrillation", "dense", "large", "recruitment"}
NCS = {
    "sensory_low", "motor_low", "absent", "sensory_slow", "motor_slow", "segment_slow", "comparison", "very_slow", "block",
    "late",
}  # fmt: skip


def abnormal(about: str, pairs: Entries, day: float) -> Array:
    """Probability of an abnormal finding of one class where the structure takes part, shape (N,)."""
    if about in NCS:
        return _ncs(about, pairs, day)
    if about in NEEDLE:
        return _needle(about, pairs, day)
    if pairs.found[0].kind in CLINIC:
        return _clinic(about, pairs, day)
    if about == "blink":
        gone = normal_cdf((one_of(pairs.loss, pairs.block_any) - 0.55) / 0.15)
        return one_of(_false("blink"), 0.95 * gone, 0.8 * pairs.slow, pairs.diffuse_only("blink"))
    return one_of(_false({"small": "small_units"}.get(about, about)), pairs.diffuse_only(about))
