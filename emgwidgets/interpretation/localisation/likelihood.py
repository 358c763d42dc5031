"""Probability of each observation under each candidate at each severity: arrays of hypotheses by observations.

A lesion removes a share of the axons of everything that passes it; a focal one slows or blocks what is measured across it.
Every finding can be false and every change can be missed, so nothing is ever impossible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from emgwidgets import vocabulary
from emgwidgets.interpretation.facts import body_region
from emgwidgets.interpretation.localisation.anatomy import focal_share, published, share, target_of, weight_of
from emgwidgets.interpretation.localisation.candidates import hypotheses
from emgwidgets.interpretation.localisation.observations import Observation
from emgwidgets.interpretation.localisation.parameters import clock, number, parameter, table
from emgwidgets.model.anatomy import Muscle

__all__ = [
    "Grid",
    "abnormal_probabilities",
    "grid",
    "hypothesis_losses",
    "log_likelihoods",
    "places_examined",
    "places_of_complaint",
]

Array = NDArray[np.float64]
DISTAL = {"forearm", "hand", "leg", "foot"}
#: Days the unknown age of a lesion is averaged over.
UNKNOWN_DAYS = (12.0, 35.0, 120.0, 540.0)


def _normal_cdf(x: Array | float) -> Array:
    """Standard normal distribution, by the logistic approximation of Bowling et al. (error below 0.0002)."""
    y = np.asarray(x, dtype=np.float64)
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(0.07056 * y**3 + 1.5976 * y, -60, 60))))


def _ramp(day: float, name: str) -> float:
    middle, width = clock(name)
    return float(_normal_cdf((day - middle) / width))


@dataclass(frozen=True, slots=True)
class Grid:
    """The hypotheses as arrays.

    Parameters
    ----------
    candidate, log_weight : ndarray, shape (H,)
    foci : tuple of (element, side)
        Places that occur.
    place : ndarray, shape (H, 2)
        Index into ``foci``; the last one is "nowhere".
    loss, slow, block : ndarray, shape (H, 2)
    diffuse : ndarray, shape (H,)
        Index into ``kinds``, the first of which is "none".
    """

    candidate: NDArray[np.int64]
    log_weight: Array
    foci: tuple[tuple[str, str], ...]
    place: NDArray[np.int64]
    loss: Array
    slow: Array
    block: Array
    diffuse: NDArray[np.int64]
    kinds: tuple[tuple[str, int], ...]


@cache
def grid() -> Grid:
    """All hypotheses as arrays; the same for every case."""
    found = hypotheses()
    foci = tuple(dict.fromkeys((one.element, one.side) for each in found for one in each.foci))
    kinds = (
        ("normal", 0),
        *dict.fromkeys(each.diffuse for each in found if each.diffuse and each.diffuse[0] != "normal"),
    )
    where = {place: n for n, place in enumerate(foci)}
    numbers = np.zeros((3, len(found), 2))
    place = np.full((len(found), 2), len(foci))
    for n, each in enumerate(found):
        for k, one in enumerate(each.foci):
            place[n, k] = where[one.element, one.side]
            numbers[:, n, k] = one.loss, one.slow, one.block
    return Grid(
        candidate=np.array([each.candidate for each in found]), log_weight=np.log([each.weight for each in found]),
        foci=foci, place=place, loss=numbers[0], slow=numbers[1], block=numbers[2],
        diffuse=np.array([kinds.index(each.diffuse) if each.diffuse in kinds else 0 for each in found]), kinds=kinds,
    )  # fmt: skip


def _kind(one: Observation) -> str:
    """Kind whose anatomy an observation has; late responses and trains are those of their motor study."""
    return {"f_wave": "motor", "h_reflex": "motor", "rns": "motor", "strength": "needle"}.get(one.kind, one.kind)


@lru_cache(maxsize=4096)
def _reach(
    kind: str, study: str, side: str, spanned: tuple[str, ...], foci: tuple[tuple[str, str], ...]
) -> tuple[Array, Array, Array]:
    """Share reached, focal share, and published involvement of one observation, for each place and for nowhere."""
    rows = np.zeros((3, len(foci) + 1))
    rows[2] = 1.0 - number("observed.spared")
    for n, (element, own) in enumerate(foci):
        if side not in (own, ""):
            continue
        passing = share(kind, study, element)
        known = published(kind, study, element)
        if known is not None:
            rows[2, n] = min(known / number("needle.fibrillation_reading"), 0.99)
            passing = max(passing, 0.4)
        elif element.startswith("root_"):
            rows[2, n] = number(f"involved.weight_{max(1, weight_of(kind, study, element))}")
        rows[0, n] = passing
        rows[1, n] = focal_share(kind, study, element, spanned)
    return rows[0], rows[1], rows[2]


def _region(one: Observation) -> str:
    target = target_of(_kind(one), one.study)
    return target.region if isinstance(target, Muscle) else ""


def _length_cm(one: Observation) -> float:
    target = target_of(_kind(one), one.study)
    if isinstance(target, Muscle):
        return float(table()["lengths_cm"].get(target.region, 60))
    return float(table()["sensory_lengths_cm"].get(one.study, 80))


def _diffuse(one: Observation, entry: dict[str, float]) -> tuple[float, float, float, float, float]:
    """Share lost, slowing, share blocked here and proximally, and involvement of one observation in diffuse disease."""
    is_sensory = _kind(one) == "sensory"
    scale = entry.get("sensory_share" if is_sensory else "motor_share", 1.0)
    lost = entry.get("loss", 0.0)
    if "half_cm" in entry:
        half_cm = entry["half_cm"] - (number("length.sensory_first_cm") if is_sensory else 0.0)
        lost = max(lost, 1.0 / (1.0 + float(np.exp((half_cm - _length_cm(one)) / entry["width_cm"]))))
    involved = entry.get("involved", 1.0 - number("observed.spared"))
    here = entry.get("block", 0.0) * scale
    above = max(here, entry.get("proximal_block", 0.0) * scale)
    return lost * scale, entry.get("slow", 0.0) * scale, here, above, involved


@dataclass(frozen=True, slots=True)
class _State:
    """What the hypotheses do to the observations, each array of shape (H, J)."""

    loss: Array
    slow: Array
    block_here: Array
    block_any: Array
    involved: Array


def _combined(here: Array, numbers: Array, place: NDArray[np.int64]) -> Array:
    """``1 - (1 - a)(1 - b)`` over the foci of each hypothesis; ``here`` has shape (P, J), ``numbers`` (H, 2)."""
    kept = 1.0 - numbers[:, :1] * here[place[:, 0]]
    kept *= 1.0 - numbers[:, 1:] * here[place[:, 1]]
    return np.asarray(1.0 - kept)


def _state(found: Sequence[Observation], spec: Grid, *, side: str = "") -> _State:
    rows = [_reach(_kind(one), one.study, side or one.side, one.spanned, spec.foci) for one in found]
    reach, focal, known = (np.stack([row[k] for row in rows], axis=1) for k in range(3))
    entries = [table()["diffuse"][name]["grid"][n] for name, n in spec.kinds]
    whole = np.array([[_diffuse(one, entry) for one in found] for entry in entries])  # (D, J, 5)
    lost, slow, block, above, involved = (whole[spec.diffuse, :, k] for k in range(5))
    has_focus = spec.place[:, 0] < len(spec.foci)
    taken = known[spec.place[:, 0]]
    second = known[spec.place[:, 1]]
    use_second = (reach[spec.place[:, 1]] > reach[spec.place[:, 0]]) & (spec.place[:, 1:] < len(spec.foci))
    return _State(
        loss=1.0 - (1.0 - _combined(reach, spec.loss, spec.place)) * (1.0 - lost),
        slow=np.maximum(_combined((focal > 0).astype(np.float64), spec.slow, spec.place), slow),
        block_here=np.maximum(_combined(focal, spec.block, spec.place), block),
        block_any=np.maximum(_combined(reach, spec.block, spec.place), above),
        involved=np.where(has_focus[:, None], np.where(use_second, second, taken), involved),
    )


def _extra(found: Sequence[Observation], spec: Grid, word: str) -> Array:
    """Probability of a finding that only diffuse disease gives, shape (H, J)."""
    entries = [table()["diffuse"][name]["grid"][n] for name, n in spec.kinds]
    regions = [_region(one) for one in found]
    rows = np.array(
        [
            [entry.get(word, 0.0) * (entry.get("distal_factor", 1.0) if where in DISTAL else 1.0) for where in regions]
            for entry in entries
        ]
    )
    return rows[spec.diffuse]


def _or(*parts: Array | float) -> Array:
    kept: Array = np.asarray(1.0)
    for part in parts:
        kept = kept * (1.0 - np.asarray(part))
    return np.asarray(1.0 - kept)


def _spread(found: Sequence[Observation]) -> tuple[Array, Array]:
    """Logarithm of mean over limit, and its SD in the population, of amplitudes; shape (J,)."""
    usual = [number(f"amplitude.reserve_{'sensory' if _kind(one) == 'sensory' else 'motor'}") for one in found]
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
    region = _region(one)
    where = "paraspinal" if region == "paraspinal" else "distal" if region in DISTAL else "proximal"
    fades = parameter("clock.fibrillation_fades")
    left = fades["lowest"] + (1 - fades["lowest"]) * (1 - _ramp(day, "fibrillation_fades"))
    return _ramp(day, f"fibrillation_{where}") * float(left)


def _abnormal(about: str, found: Sequence[Observation], state: _State, day: float, spec: Grid) -> Array:
    """Probability of an abnormal finding of one class where the structure takes part, shape (H, J)."""
    kinds = np.array([_kind(one) == "sensory" for one in found])
    falls = np.where(kinds, _ramp(day, "sensory_amplitude"), _ramp(day, "motor_amplitude"))
    shown = state.loss * falls
    foot = np.array([_region(one) == "foot" or _length_cm(one) > 100 for one in found])
    if about in {"sensory_low", "motor_low"}:
        extra = _extra(found, spec, "motor_low") if about == "motor_low" else 0.0
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
        return _or(_false("late"), gone, _focal("late", state.slow), _extra(found, spec, "late"))
    if about == "fibrillation":
        clocks = np.array([_fibrillation(one, day) for one in found])
        seen = number("needle.fibrillation_reading") * (1 - np.exp(-state.loss / number("needle.fibrillation_share")))
        false = np.array([_false("fibrillation_foot" if _region(one) == "foot" else "fibrillation") for one in found])
        return _or(false, seen * clocks, _extra(found, spec, "active"))
    if about == "large":
        grown = (1 - np.exp(-state.loss / number("needle.large_share"))) * _ramp(day, "large_units")
        return _or(_false("large_units"), number("needle.fibrillation_reading") * grown)
    if about == "recruitment":
        missing = _or(state.loss, state.block_any)
        few = _normal_cdf((missing - number("needle.recruitment_half")) / number("needle.recruitment_width"))
        return _or(_false("recruitment"), few) * (1 - 0.8 * _extra(found, spec, "small"))
    if about == "weak":
        missing = _normal_cdf((_or(state.loss, state.block_any) - 0.3) / 0.15)
        weak = _or(missing, _extra(found, spec, "small"), _extra(found, spec, "low_drive"))
        return _or(_false("weakness"), number("focal.weakness_found") * weak)
    false_name = {"small": "small_units", "decrement": "decrement", "increment": "increment"}.get(about, about)
    return _or(_false(false_name), _extra(found, spec, about), np.zeros_like(state.loss))


def _ratio_log_density(found: Sequence[Observation], spec: Grid, day: float, about: str) -> tuple[Array, Array]:
    """Log density of side ratios where the structure takes part, and where it is spared."""
    kind = about.removeprefix("ratio_")
    sd, tail = number(f"amplitude.side_sd_{kind}"), number("observed.tail")
    fall = _ramp(day, f"{kind}_amplitude")
    left, right = (_state(found, spec, side=side) for side in ("left", "right"))
    expected = np.log(np.maximum(1 - _or(left.loss * fall, left.block_here), 0.02))
    expected = expected - np.log(np.maximum(1 - _or(right.loss * fall, right.block_here), 0.02))
    seen = np.array([one.log_ratio for one in found])

    def density(off: Array) -> Array:
        peak = np.exp(-0.5 * (off / sd) ** 2) / (sd * np.sqrt(2 * np.pi))
        return np.asarray(np.log((1 - tail) * peak + tail / 6.0))

    return density(seen - expected), np.broadcast_to(density(seen), expected.shape)


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
        state = _state(own, spec)
        involved[:, columns] = state.involved
        if about.startswith("ratio"):
            part[:, columns], spared[:, columns] = _ratio_log_density(own, spec, day, about)
            continue
        rate = _abnormal(about, own, state, day, spec)
        if about in {"sensory_low", "motor_low"}:
            fall = _ramp(day, f"{about.removesuffix('_low')}_amplitude")
            lost = _or(state.loss * fall, state.block_here, _extra(own, spec, "motor_low"))
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
    nothing = _State(zero, zero, zero, zero, zero)
    one = Grid(
        candidate=spec.candidate[:1], log_weight=spec.log_weight[:1], foci=spec.foci, place=spec.place[:1],
        loss=spec.loss[:1], slow=spec.slow[:1], block=spec.block[:1], diffuse=np.zeros(1, dtype=np.int64), kinds=spec.kinds,
    )  # fmt: skip
    return np.asarray(np.broadcast_to(_abnormal(about, found, nothing, day, one), zero.shape)[0])


def log_likelihoods(found: Sequence[Observation], *, day: float | None) -> tuple[Array, Array]:
    """Log likelihood of a case under every hypothesis, and of each observation on its own.

    Returns
    -------
    total : ndarray, shape (D, H)
        D is 1, or the number of days averaged over when the age is not known.
    single : ndarray, shape (D, H, J)
        Each observation alone, structure spared or not averaged over.
    """
    spec = grid()
    days = UNKNOWN_DAYS if day is None else (day,)
    groups = np.array([one.group for one in found])
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    totals, singles = [], []
    for when in days:
        terms = _terms(found, spec, when)
        part, spared = (np.add.reduceat(one, starts, axis=1) for one in (terms.taking_part, terms.spared))
        involved = np.clip(
            np.add.reduceat(terms.involved, starts, axis=1) / np.diff(np.r_[starts, len(found)]), 0.01, 0.99
        )
        totals.append(np.logaddexp(np.log(involved) + part, np.log1p(-involved) + spared).sum(axis=1))
        own = np.clip(terms.involved, 0.01, 0.99)
        singles.append(np.logaddexp(np.log(own) + terms.taking_part, np.log1p(-own) + terms.spared))
    return np.stack(totals), np.stack(singles)


def abnormal_probabilities(found: Sequence[Observation], *, day: float | None) -> Array:
    """Probability that each observation is abnormal under every hypothesis, shape (D, H, J)."""
    days = UNKNOWN_DAYS if day is None else (day,)
    return np.stack([_terms(found, grid(), when).expected for when in days])


@cache
def _limb_of_place(element: str) -> str:
    """Region of most of the limb muscles a stretch supplies: ``"cervical"``, ``"lumbosacral"`` ..."""
    regions = [
        body_region(muscle.code) for muscle in vocabulary.muscles().values()
        if muscle.is_beyond(element) and not muscle.is_paraspinal
    ]  # fmt: skip
    if not regions:
        nerves = [one for one in vocabulary.sensory_nerves().values() if one.is_beyond(element)]
        roots = [vocabulary.root(nerve.roots[0]).region for nerve in nerves]
        regions = ["cervical" if root in {"cervical", "thoracic"} else "lumbosacral" for root in roots]
    return max(sorted(set(regions)), key=regions.count) if regions else ""


@cache
def _limb_of(kind: str, study: str) -> str:
    target = target_of(kind, study)
    if isinstance(target, Muscle):
        return body_region(target.code)
    if target is None:
        return ""
    return "cervical" if vocabulary.root(target.roots[0]).region in {"cervical", "thoracic"} else "lumbosacral"


def places_of_complaint(limb: str, side: str) -> NDArray[np.bool_]:
    """Whether each place lies in the limb of the complaint, shape (P,); an empty word is any limb or side."""
    region = {"arm": "cervical", "leg": "lumbosacral"}.get(limb, "")
    return np.array(
        [(not region or _limb_of_place(element) == region) and side in ("", own) for element, own in grid().foci]
    )


def places_examined(found: Sequence[Observation]) -> NDArray[np.bool_]:
    """Whether each place lies in the limb that was examined most, or a fifth of some supply passes it; shape (P,)."""
    spec = grid()
    reach = np.zeros(len(spec.foci) + 1)
    structures = list(dict.fromkeys((_kind(one), one.study, one.side) for one in found))
    for kind, study, side in structures:
        for own in (side,) if side else ("left", "right"):
            reach = np.maximum(reach, _reach(kind, study, own, (), spec.foci)[0])
    counts = Counter((_limb_of(kind, study), side) for kind, study, side in structures if side)
    # The limb of the complaint is the one examined most; with equal counts both are.
    most = {
        (limb, side) for (limb, side), n in counts.items() if n >= counts[limb, "left" if side == "right" else "right"]
    }
    chosen = np.array([(_limb_of_place(element), side) in most for element, side in spec.foci], dtype=bool)
    return np.asarray((reach[:-1] >= 0.2) | chosen)


@cache
def hypothesis_losses() -> Array:
    """Share of axons lost or blocked at the site under each hypothesis, shape (H,)."""
    spec = grid()
    focal = np.maximum(spec.loss, spec.block).max(axis=1)
    entries = [table()["diffuse"][name]["grid"][n] for name, n in spec.kinds]
    whole = np.array([max(_diffuse_loss(entry), entry.get("block", 0.0)) for entry in entries])
    return np.asarray(np.maximum(focal, whole[spec.diffuse]))


def _diffuse_loss(entry: dict[str, float]) -> float:
    """Share of axons lost at the foot, or everywhere."""
    if "half_cm" not in entry:
        return entry.get("loss", 0.0)
    foot_cm = float(table()["lengths_cm"]["foot"])
    return 1.0 / (1.0 + float(np.exp((entry["half_cm"] - foot_cm) / entry["width_cm"])))
