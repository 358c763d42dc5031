"""What a lesion of one stretch does to skin, pain, reflexes and movements: shares of their supply that pass it."""

from __future__ import annotations

from functools import cache

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.interpretation.localisation.anatomy import share
from emgwidgets.interpretation.localisation.candidates import BRAINSTEM, rows_of
from emgwidgets.vocabulary.lookup import plain, words

__all__ = ["blink_share", "clinic_region", "clinic_share", "movement_muscles", "reflex_code", "sign_code"]

#: Stretches that carry one root only; its weight in a zone stands for its share.
ROOT_KINDS = {"root", "dorsal_root_ganglion", "spinal_nerve", "ventral_ramus", "cranial_nerve"}
#: Share of a zone's feeling or of a pain path by the editorial weight of the root; internal choice.
WEIGHT_SHARE = {3: 0.9, 2: 0.6, 1: 0.3}


@cache
def _code_of(table: str, column: str, word: str) -> str:
    wanted = plain(word).replace(" ", "_")
    for row in rows_of(table):
        if wanted in {row[column], *words(row["aliases"])}:
            return row[column]
    return ""


def sign_code(word: str) -> str:
    """Code of a sign by any of its names; empty for one that is not known."""
    return _code_of("signs.csv", "sign", word)


def reflex_code(word: str) -> str:
    """Code of a reflex by any of its names; empty for one that is not known."""
    return _code_of("reflexes.csv", "reflex", plain(word).removesuffix(" reflex"))


@cache
def movement_muscles(place: str) -> tuple[str, ...]:
    """Muscles whose action is named, such as ``"wrist extension"``; empty where none is."""
    wanted = {plain(part) for part in place.split(",")}
    return tuple(
        muscle.code for muscle in vocabulary.muscles().values()
        if wanted & {plain(part) for part in (*muscle.action.split(","), muscle.name)}
    )  # fmt: skip


def _root_of(element: str) -> str:
    return element.rpartition("_")[2].upper() if not element.startswith("cn_") else element.replace("_", " ").upper()


def _zone_share(zone: str, element: str, *, is_pain: bool) -> float:
    found = vocabulary.skin_zone(zone)
    if vocabulary.element(element).kind in ROOT_KINDS:
        weights = dict(found.pain_roots if is_pain else found.roots)
        return WEIGHT_SHARE.get(weights.get(_root_of(element), 0), 0.0)
    ways = [way.elements for nerve in found.nerves for way in vocabulary.sensory_nerve(nerve).pathways]
    passing = sum(element in way for way in ways) / len(ways) if ways else 0.0
    if found.leaf:
        roots = [code for code, _ in found.roots if code in vocabulary.roots()]
        passing = max(passing, float(any(_leads_to(element, found.leaf, root) for root in roots)))
    if passing == 0.0 and vocabulary.element(element).kind in {"plexus", "trunk", "division", "cord"}:
        passing = 0.5 * _by_roots(found.roots, element)
    return passing


@cache
def _leads_to(element: str, leaf: str, root: str) -> bool:
    if not vocabulary.element(leaf).nerve:
        return element == leaf
    try:
        return element in vocabulary.path_to(leaf, from_root=root)
    except InputError:  # no way from this root to that nerve
        return False


@cache
def _by_roots(roots: tuple[tuple[str, int], ...], element: str) -> float:
    """Largest share of a zone's roots whose muscles pass a stretch of a plexus."""
    reached = {
        way.root for muscle in vocabulary.muscles().values() for way in muscle.pathways if element in way.elements
    }
    return max((WEIGHT_SHARE[weight] for code, weight in roots if code in reached), default=0.0)


def _reflex_share(reflex: str, element: str) -> float:
    row = next(row for row in rows_of("reflexes.csv") if row["reflex"] == reflex)
    muscle = vocabulary.muscle(row["muscle"])
    total = passing = 0.0
    for part in words(row["roots"]):
        root, _, weight = part.partition(":")
        if root in muscle.roots:
            total += int(weight)
            ganglion = f"drg_{root.lower()}"
            passing += int(weight) * (element == ganglion or element in muscle.path_from(root))
    return passing / total if total else 0.0


@cache
def clinic_region(study: str) -> str:
    """Part of the body of a reflex or of a movement."""
    row = next((row for row in rows_of("reflexes.csv") if row["reflex"] == study), None)
    muscles = (row["muscle"],) if row else movement_muscles(study)
    return vocabulary.muscle(muscles[0]).region if muscles else ""


def clinic_share(kind: str, study: str, element: str, side: str, own: str) -> float:
    """Share of a zone's feeling, a pain path, a reflex arc or the strength of a muscle on one side that a place holds."""
    return _share(kind, study, element) if side in {own, ""} else 0.0


@cache
def _share(kind: str, study: str, element: str) -> float:
    if element in BRAINSTEM:
        return 0.0
    if kind in {"zone", "pain"}:
        return _zone_share(study, element, is_pain=kind == "pain")
    if kind == "reflex":
        return _reflex_share(study, element)
    if kind == "sign":
        return 0.0
    muscles = (study,) if study in vocabulary.muscles() else movement_muscles(study)
    return sum(share("needle", muscle, element) for muscle in muscles) / len(muscles) if muscles else 0.0


def blink_share(_kind: str, wave: str, element: str, side: str, own: str) -> float:
    """Share of the arc of one wave of the blink reflex that a place holds; ``side`` is the one stimulated."""
    if element == "cn_v" or element in BRAINSTEM:  # R1 runs through the pons, R2 of both eyes through the medulla
        wanted = {"pons": "r1", "medulla": "r2"}.get(element, "r")
        return float(own == side and wave.startswith(wanted))
    eye = {"left": "right", "right": "left"}.get(side, "") if wave == "r2_contralateral" else side
    return share("needle", "orbicularis_oculi", element) if own == eye else 0.0
