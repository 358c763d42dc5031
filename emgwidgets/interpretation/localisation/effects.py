"""What each candidate at each severity does to each observation: shares lost, slowed and blocked, as arrays.

No probability of a finding is made here; that is ``likelihood``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from emgwidgets.interpretation.localisation.anatomy import focal_share, published, share, target_of, weight_of
from emgwidgets.interpretation.localisation.candidates import hypotheses
from emgwidgets.interpretation.localisation.observations import Observation
from emgwidgets.interpretation.localisation.parameters import number, table
from emgwidgets.model.anatomy import Muscle

__all__ = [
    "DISTAL", "Grid", "State", "extra_of", "grid", "hypothesis_losses", "kind_of", "length_cm", "reach_of", "region_of",
    "state_of",
]  # fmt: skip

Array = NDArray[np.float64]
DISTAL = {"forearm", "hand", "leg", "foot"}


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


def kind_of(one: Observation) -> str:
    """Kind whose anatomy an observation has; late responses and trains are those of their motor study."""
    return {"f_wave": "motor", "h_reflex": "motor", "rns": "motor", "strength": "needle"}.get(one.kind, one.kind)


@lru_cache(maxsize=4096)
def reach_of(
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


def region_of(one: Observation) -> str:
    """Region of the muscle of an observation; empty for a sensory nerve."""
    target = target_of(kind_of(one), one.study)
    return target.region if isinstance(target, Muscle) else ""


def length_cm(one: Observation) -> float:
    """Length of the nerve to the muscle or the recording electrode, in cm."""
    target = target_of(kind_of(one), one.study)
    if isinstance(target, Muscle):
        return float(table()["lengths_cm"].get(target.region, 60))
    return float(table()["sensory_lengths_cm"].get(one.study, 80))


def _diffuse(one: Observation, entry: dict[str, float]) -> tuple[float, float, float, float, float]:
    """Share lost, slowing, share blocked here and proximally, and involvement of one observation in diffuse disease."""
    is_sensory = kind_of(one) == "sensory"
    scale = entry.get("sensory_share" if is_sensory else "motor_share", 1.0)
    lost = entry.get("loss", 0.0)
    if "half_cm" in entry:
        half_cm = entry["half_cm"] - (number("length.sensory_first_cm") if is_sensory else 0.0)
        lost = max(lost, 1.0 / (1.0 + float(np.exp((half_cm - length_cm(one)) / entry["width_cm"]))))
    involved = entry.get("involved", 1.0 - number("observed.spared"))
    here = entry.get("block", 0.0) * scale
    above = max(here, entry.get("proximal_block", 0.0) * scale)
    return lost * scale, entry.get("slow", 0.0) * scale, here, above, involved


@dataclass(frozen=True, slots=True)
class State:
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


def state_of(found: Sequence[Observation], spec: Grid, *, side: str = "") -> State:
    """Return what every hypothesis does to the observations; ``side`` replaces theirs for a side comparison."""
    rows = [reach_of(kind_of(one), one.study, side or one.side, one.spanned, spec.foci) for one in found]
    reach, focal, known = (np.stack([row[k] for row in rows], axis=1) for k in range(3))
    entries = [table()["diffuse"][name]["grid"][n] for name, n in spec.kinds]
    whole = np.array([[_diffuse(one, entry) for one in found] for entry in entries])  # (D, J, 5)
    lost, slow, block, above, involved = (whole[spec.diffuse, :, k] for k in range(5))
    has_focus = spec.place[:, 0] < len(spec.foci)
    taken = known[spec.place[:, 0]]
    second = known[spec.place[:, 1]]
    use_second = (reach[spec.place[:, 1]] > reach[spec.place[:, 0]]) & (spec.place[:, 1:] < len(spec.foci))
    return State(
        loss=1.0 - (1.0 - _combined(reach, spec.loss, spec.place)) * (1.0 - lost),
        slow=np.maximum(_combined((focal > 0).astype(np.float64), spec.slow, spec.place), slow),
        block_here=np.maximum(_combined(focal, spec.block, spec.place), block),
        block_any=np.maximum(_combined(reach, spec.block, spec.place), above),
        involved=np.where(has_focus[:, None], np.where(use_second, second, taken), involved),
    )


def extra_of(found: Sequence[Observation], spec: Grid, word: str) -> Array:
    """Probability of a finding that only diffuse disease gives, shape (H, J)."""
    entries = [table()["diffuse"][name]["grid"][n] for name, n in spec.kinds]
    regions = [region_of(one) for one in found]
    rows = np.array(
        [
            [entry.get(word, 0.0) * (entry.get("distal_factor", 1.0) if where in DISTAL else 1.0) for where in regions]
            for entry in entries
        ]
    )
    return rows[spec.diffuse]


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
