"""What each candidate at each severity does to each observation: shares lost, slowed and blocked, as arrays.

No probability of a finding is made here; that is ``likelihood``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from emgwidgets import vocabulary
from emgwidgets.interpretation.localisation.anatomy import focal_share, published, share, target_of, weight_of
from emgwidgets.interpretation.localisation.candidates import hypotheses
from emgwidgets.interpretation.localisation.clinic_anatomy import blink_share, clinic_region, clinic_share
from emgwidgets.interpretation.localisation.observation import Observation
from emgwidgets.interpretation.localisation.parameters import number, table
from emgwidgets.model.anatomy import Muscle

__all__ = [
    "CLINIC", "DISTAL", "Grid", "Structure", "extra_row", "grid", "hypothesis_losses", "kind_of", "length_cm", "reach_of",
    "region_of", "structure",
]  # fmt: skip

Array = NDArray[np.float64]
DISTAL = {"forearm", "hand", "leg", "foot"}
#: Kinds of observation that no electrode made.
CLINIC = frozenset({"strength", "movement", "zone", "pain", "reflex", "sign"})


@dataclass(frozen=True, slots=True)
class Grid:
    """The hypotheses as arrays.

    Parameters
    ----------
    candidate, log_weight : ndarray, shape (H,)
    foci : tuple of (element, side)
        Places that occur.
    place : ndarray, shape (H, K)
        Index into ``foci``; the last one is "nowhere".  K is the largest number of foci.
    loss, slow, block : ndarray, shape (H, K)
    taking_part : ndarray, shape (H,)
        Share of the structures of a multifocal disease that take part; 1 otherwise.
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
    taking_part: Array
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
    most = max(len(each.foci) for each in found)
    numbers = np.zeros((3, len(found), most))
    place = np.full((len(found), most), len(foci))
    for n, each in enumerate(found):
        for k, one in enumerate(each.foci):
            place[n, k] = where[one.element, one.side]
            numbers[:, n, k] = one.loss, one.slow, one.block
    return Grid(
        candidate=np.array([each.candidate for each in found]), log_weight=np.log([each.weight for each in found]),
        foci=foci, place=place, loss=numbers[0], slow=numbers[1], block=numbers[2], taking_part=np.array([each.involved_share for each in found]),
        diffuse=np.array([kinds.index(each.diffuse) if each.diffuse in kinds else 0 for each in found]), kinds=kinds,
    )  # fmt: skip


def kind_of(one: Observation) -> str:
    """Kind whose anatomy an observation has; late responses and trains are those of their motor study."""
    return {"f_wave": "motor", "h_reflex": "motor", "rns": "motor"}.get(one.kind, one.kind)


@lru_cache(maxsize=4096)
def reach_of(
    kind: str, study: str, side: str, spanned: tuple[str, ...], foci: tuple[tuple[str, str], ...]
) -> tuple[Array, Array, Array]:
    """Share reached, focal share, and published involvement of one structure, for each place and for nowhere."""
    rows = np.zeros((3, len(foci) + 1))
    rows[2] = 1.0 - number("observed.spared")
    for n, (element, own) in enumerate(foci):
        if side not in (own, ""):
            continue
        passing = share(kind, study, element)
        known = published(kind, study, element)
        if known is not None:
            rows[2, n] = min(known / number("needle.fibrillation_reading"), 0.99)
            passing = max(passing, number("observed.published_share"))
        elif element.startswith("root_"):
            rows[2, n] = number(f"involved.weight_{max(1, weight_of(kind, study, element))}")
        rows[0, n] = passing
        rows[1, n] = focal_share(kind, study, element, spanned)
    return rows[0], rows[1], rows[2]


@lru_cache(maxsize=4096)
def _clinic_reach(kind: str, study: str, side: str, foci: tuple[tuple[str, str], ...]) -> Array:
    """Share of a zone, path, reflex, movement or wave of the blink reflex that each place holds, and nowhere."""
    of = blink_share if kind == "blink" else clinic_share
    return np.array([of(kind, study, element, side, own) for element, own in foci] + [0.0])


@cache
def region_of(kind: str, study: str) -> str:
    """Part of the body of a study; empty for a sensory nerve."""
    if kind in {"zone", "pain"}:
        return vocabulary.skin_zone(study).region
    if kind in {"reflex", "movement"}:
        return clinic_region(study)
    target = target_of(kind, study)
    return target.region if isinstance(target, Muscle) else ""


@cache
def length_cm(kind: str, study: str) -> float:
    """Length of the nerve to the muscle, the zone or the recording electrode, in cm."""
    region = "cranial" if kind == "blink" else region_of(kind, study)
    if region:
        return float(table()["lengths_cm"].get(region, 60))
    return float(table()["sensory_lengths_cm"].get(study, 80))


def _diffuse(kind: str, study: str, entry: dict[str, float]) -> tuple[float, float, float, float, float]:
    """Share lost, slowing, share blocked here and proximally, and involvement of one structure in diffuse disease."""
    is_sensory = kind in {"sensory", "zone", "pain"}
    scale = entry.get("sensory_share" if is_sensory else "motor_share", 1.0)
    lost = entry.get("loss", 0.0)
    if "half_cm" in entry:
        half_cm = entry["half_cm"] - (number("length.sensory_first_cm") if is_sensory else 0.0)
        lost = max(lost, 1.0 / (1.0 + float(np.exp((half_cm - length_cm(kind, study)) / entry["width_cm"]))))
    involved = entry.get("involved", 1.0 - number("observed.spared"))
    here = entry.get("block", 0.0) * scale
    above = max(here, entry.get("proximal_block", 0.0) * scale)
    return lost * scale, entry.get("slow", 0.0) * scale, here, above, involved


@cache
def _entries() -> tuple[dict[str, float], ...]:
    return tuple(table()["diffuse"][name]["grid"][n] for name, n in grid().kinds)


@dataclass(frozen=True, slots=True)
class Structure:
    """What the hypotheses that reach one structure do to it, each array of shape (N,); the other hypotheses do nothing.

    Parameters
    ----------
    rows : ndarray of int
        The hypotheses.
    loss, slow, block_any : ndarray
        Share of axons lost, slowing, and share blocked anywhere on the way.
    cut_here, block_here : ndarray
        Share lost and blocked on the stretch that is measured.
    involved : ndarray
        How often a structure takes part in such a lesion.
    reach : ndarray
        Largest share of its fibres that one of the foci holds.
    """

    rows: NDArray[np.int64]
    loss: Array
    cut_here: Array
    slow: Array
    block_here: Array
    block_any: Array
    involved: Array
    reach: Array


def _combined(here: Array, numbers: Array) -> Array:
    """``1 - (1 - a)(1 - b)...`` over the foci of each hypothesis, both of shape (N, K)."""
    return np.asarray(1.0 - np.prod(1.0 - numbers * here, axis=1))


@lru_cache(maxsize=4096)
def structure(kind: str, study: str, side: str, spanned: tuple[str, ...] = ()) -> Structure:
    """Return what the hypotheses do to one structure; the same for every case."""
    spec = grid()
    if kind in CLINIC or kind == "blink":
        reach = focal = _clinic_reach(kind, study, side, spec.foci)
        known = np.ones_like(reach)
    else:
        reach, focal, known = reach_of(kind, study, side, spanned, spec.foci)
    rows = np.flatnonzero((reach[spec.place] > 0).any(axis=1) | (spec.diffuse > 0))
    place, whole = (
        spec.place[rows],
        np.array([_diffuse(kind, study, entry) for entry in _entries()])[spec.diffuse[rows]],
    )
    most = np.argmax(reach[place], axis=1)[:, None]
    taking = np.take_along_axis(known[place], most, axis=1)[:, 0] * spec.taking_part[rows]
    return Structure(
        rows=rows, loss=1.0 - (1.0 - _combined(reach[place], spec.loss[rows])) * (1.0 - whole[:, 0]),
        cut_here=_combined(focal[place], spec.loss[rows]),
        slow=np.maximum(_combined((focal[place] > 0).astype(np.float64), spec.slow[rows]), whole[:, 1]),
        block_here=np.maximum(_combined(focal[place], spec.block[rows]), whole[:, 2]),
        block_any=np.maximum(_combined(reach[place], spec.block[rows]), whole[:, 3]),
        involved=np.where(place[:, 0] < len(spec.foci), taking, whole[:, 4]),
        reach=np.take_along_axis(reach[place], most, axis=1)[:, 0],
    )  # fmt: skip


@cache
def extra_row(word: str, region: str) -> Array:
    """Probability of a finding that only diffuse disease gives, in one part of the body; shape (D,)."""
    return np.array([
        entry.get(word, 0.0) * (entry.get("distal_factor", 1.0) if region in DISTAL else 1.0) for entry in _entries()
    ])  # fmt: skip


@cache
def hypothesis_losses() -> Array:
    """Share of axons lost or blocked at the site under each hypothesis, shape (H,)."""
    spec = grid()
    focal = np.maximum(spec.loss, spec.block).max(axis=1)
    whole = np.array([max(_diffuse_loss(entry), entry.get("block", 0.0)) for entry in _entries()])
    return np.asarray(np.maximum(focal, whole[spec.diffuse]))


def _diffuse_loss(entry: dict[str, float]) -> float:
    """Share of axons lost at the foot, or everywhere."""
    if "half_cm" not in entry:
        return entry.get("loss", 0.0)
    foot_cm = float(table()["lengths_cm"]["foot"])
    return 1.0 / (1.0 + float(np.exp((entry["half_cm"] - foot_cm) / entry["width_cm"])))
