"""Which sites are in question: those of the limb with the complaint, and those that some test passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from emgwidgets import vocabulary
from emgwidgets.interpretation.facts import body_region
from emgwidgets.interpretation.localisation.anatomy import target_of
from emgwidgets.interpretation.localisation.candidates import BRAINSTEM
from emgwidgets.interpretation.localisation.effects import CLINIC, grid, kind_of, reach_of
from emgwidgets.interpretation.localisation.observation import Observation
from emgwidgets.model.anatomy import Muscle

__all__ = ["places_examined", "places_of_complaint"]


@cache
def _limb_of_place(element: str) -> str:
    """Region of most of the limb muscles a stretch supplies: ``"cervical"``, ``"lumbosacral"`` ..."""
    if element in BRAINSTEM:
        return "bulbar"
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


def _limb_of_complaint(one: Observation) -> str:
    """Region of an abnormal symptom or sign; empty for one that has none."""
    if one.kind in {"zone", "pain"}:
        return ZONE_REGIONS.get(vocabulary.skin_zone(one.study).region, "thoracic")
    if one.kind == "strength":
        return body_region(one.study)
    return ""


#: Region of the body of a zone's part, as ``body_region`` has it for muscles.
ZONE_REGIONS = {
    "head": "bulbar", "neck": "cervical", "shoulder": "cervical", "arm": "cervical", "forearm": "cervical", "hand": "cervical",
    "pelvis": "lumbosacral", "thigh": "lumbosacral", "leg": "lumbosacral", "foot": "lumbosacral",
}  # fmt: skip


def places_of_complaint(limb: str, side: str) -> NDArray[np.bool_]:
    """Whether each place lies in the limb of the complaint, shape (P,); an empty word is any limb or side."""
    region = {"arm": "cervical", "leg": "lumbosacral"}.get(limb, "")
    return np.array(
        [(not region or _limb_of_place(element) == region) and side in ("", own) for element, own in grid().foci]
    )


#: Share of the tests of the limb examined most below which a limb counts as a control; internal choice.
CONTROLS = 0.34


def places_examined(found: Sequence[Observation]) -> NDArray[np.bool_]:
    """Whether each place lies in the limb that was examined most, or a fifth of some supply passes it; shape (P,)."""
    spec = grid()
    reach = np.zeros(len(spec.foci) + 1)
    examined = [one for one in found if one.kind not in CLINIC and one.kind != "blink"]
    structures = list(dict.fromkeys((kind_of(one), one.study, one.side) for one in examined))
    for kind, study, side in structures:
        for own in (side,) if side else ("left", "right"):
            reach = np.maximum(reach, reach_of(kind, study, own, (), spec.foci)[0])
    counts = Counter((_limb_of(kind, study), side) for kind, study, side in structures if side)
    # The limb of the complaint is the one examined most; with equal counts both are.  A few tests elsewhere are controls.
    fewest = CONTROLS * max(counts.values(), default=0)
    most = {
        (limb, side)
        for (limb, side), n in counts.items()
        if n >= counts[limb, "left" if side == "right" else "right"] and n >= fewest
    }
    most |= {
        (limb, one.side) for one in found if one.kind in CLINIC and one.is_abnormal and one.side
        for limb in [_limb_of_complaint(one)] if limb
    }  # fmt: skip
    chosen = np.array([(_limb_of_place(element), side) in most for element, side in spec.foci], dtype=bool)
    return np.asarray((reach[:-1] >= 0.2) | chosen)
