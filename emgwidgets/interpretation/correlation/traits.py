"""Traits of one reading of a case: what the rows of the concordance table ask for.  Sides are compared, never changed."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from emgwidgets.interpretation.correlation.complaint import Complaint, fit
from emgwidgets.interpretation.correlation.root_map import SPINAL
from emgwidgets.interpretation.correlation.scenario import Scenario
from emgwidgets.interpretation.correlation.structure import RootFinding, Structure

__all__ = ["Picture", "fit_of_root", "overlaps", "traits_of"]

#: Logarithm by which the complaint must favour one root over another before it is said to fit that one (a ratio of 2;
#: internal choice, since single signs carry 2 to 5).
FAVOURS = 0.7
#: Logarithm from which a complaint matches a root at all (internal choice: one matching path of pain, 1.5).
MATCHES = 0.4
REGION_OF_LIMB = {"arm": {"cervical"}, "leg": {"lumbar", "thoracic"}}


@cache
def overlaps() -> frozenset[frozenset[str]]:
    """Pairs of neighbouring roots that needle EMG is known to confuse."""
    text = resources.files(__package__).joinpath("overlaps.csv").read_text(encoding="utf-8")
    return frozenset(frozenset((row["upper"], row["lower"])) for row in csv.DictReader(text.splitlines()))


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One reading of the MRI: the class that readers might give the findings on roots, and its probability.

    Parameters
    ----------
    shift : int
        +1 reads every contact as compression, -1 every compression as contact.
    """

    structure: Structure
    shift: int = 0
    probability: float = 1.0

    def class_of(self, one: RootFinding) -> str:
        """Class of one finding under this reading."""
        if self.shift > 0:
            return "M2"
        return "M1" if self.shift < 0 else one.mri_class

    def worst(self, sides: Sequence[str]) -> str:
        """Worst class over some sides."""
        return max((self.class_of(one) for one in self.structure.roots if one.side in sides), default="M0")


def fit_of_root(complaint: Complaint, root: str, side: str) -> float:
    """How well the whole complaint fits one root of one side."""
    return fit(complaint, (f"root_{root.lower()}",), side)


def _level(edx: Sequence[tuple[str, str]], structure: Structure) -> str:
    """EDX roots against MRI roots on the same side."""
    found = "none"
    rank = {"none": 0, "other": 1, "adjacent": 2, "same": 3}
    for root, side in edx:
        for other in structure.hit_roots(side):
            step = abs(SPINAL.index(root) - SPINAL.index(other))
            word = "same" if step == 0 else "adjacent" if step == 1 else "other"
            found = max(found, word, key=rank.__getitem__)
    return found


def _overlap(edx: Sequence[tuple[str, str]], structure: Structure) -> bool:
    return any(
        frozenset((root, other)) in overlaps() for root, side in edx for other in structure.hit_roots(side) if other != root
    )  # fmt: skip


def _fits(complaint: Complaint, edx: Sequence[tuple[str, str]], structure: Structure) -> str:
    """Which root the complaint fits when the two tests name different ones."""
    sides = {side for _, side in edx}
    function = max((fit_of_root(complaint, root, side) for root, side in edx), default=-9.0)
    picture = max(
        (fit_of_root(complaint, root, side) for side in sides for root in structure.hit_roots(side)), default=-9.0
    )
    if function - picture >= FAVOURS:
        return "edx"
    if picture - function >= FAVOURS:
        return "mri"
    return "both" if min(function, picture) >= MATCHES else "neither"


def _felt(complaint: Complaint, structure: Structure) -> bool:
    """Whether anything told or found on examination runs where a root reached on the MRI runs."""
    for one in structure.roots:
        for found in complaint.findings:
            if found.side == one.side and found.is_abnormal and found.roots.get(one.root, 0) >= 2:
                return True
    return False


def _weak(complaint: Complaint, structure: Structure) -> bool:
    hits = {
        (found.place) for one in structure.roots for found in complaint.findings
        if found.group in {"weakness", "felt_weakness"} and found.is_abnormal and found.side == one.side
        and found.roots.get(one.root, 0) >= 2
    }  # fmt: skip
    return bool(hits)


def _compare(one: Sequence[str], two: Sequence[str]) -> str:
    first, second = set(one), set(two)
    if not first or not second:
        return "none"
    return "same" if first & second else "opposite"


def _sides_of(word: str) -> tuple[str, ...]:
    return {"left": ("left",), "right": ("right",), "bilateral": ("left", "right")}.get(word, ())


def _imaging(complaint: Complaint, structure: Structure, scenario: Scenario) -> str:
    if not structure.is_done:
        return "none"
    limbs = set(complaint.limbs) or ({scenario.limb} if scenario.limb else set())
    needed = set().union(*(REGION_OF_LIMB[limb] for limb in limbs)) if limbs else set()
    if needed and structure.regions and not needed & structure.regions:
        return "wrong_region"
    return "ok"


def _yes(value: object) -> str:
    return "yes" if value else "no"


def traits_of(scenario: Scenario, picture: Picture, complaint: Complaint) -> Mapping[str, str]:
    """Every trait of :data:`table.TRAITS` for one reading of the nerve tests and one reading of the MRI."""
    structure = picture.structure
    edx_sides = scenario.sides or tuple(dict.fromkeys(side for _, side in scenario.roots))
    own = [side for side in edx_sides if structure.hit_roots(side)]
    # The class is that of the side in question; without one, of the complaint's side; else of both.
    asked = own or [side for side in _sides_of(complaint.side) if structure.hit_roots(side)] or ["left", "right"]
    hit = {(one.root) for one in structure.roots if one.side in asked}
    return {
        "urgent_mri": _yes(any(structure.findings[n].kind != "cauda_equina_compression" for n in structure.urgent)),
        "cord": _yes(structure.cord), "cord_signs": _yes(complaint.has_cord_signs),
        "imaging": _imaging(complaint, structure, scenario), "mri": picture.worst(asked),
        "mri_roots": "none" if not hit else "one" if len(hit) == 1 or _one_level(structure, asked) else "several",
        "central": _yes(structure.central_severe), "scar": _yes(structure.recurrence or structure.scar),
        "transitional": _yes(structure.is_transitional), "edx": scenario.code, "edx_roots": scenario.spread,
        "limb": scenario.limb, "level": _level(scenario.roots, structure), "overlap": _yes(_overlap(scenario.roots, structure)),
        "side": _compare(edx_sides, structure.sides), "complaint": complaint.code,
        "complaint_side": _compare(edx_sides, _sides_of(complaint.side)), "fits": _fits(complaint, scenario.roots, structure),
        "weak_at_mri": _yes(_weak(complaint, structure)), "felt_at_mri": _yes(_felt(complaint, structure)),
    }  # fmt: skip


def _one_level(structure: Structure, sides: Sequence[str]) -> bool:
    """Whether all roots reached on these sides come from one level."""
    return len({structure.findings[one.index].level for one in structure.roots if one.side in sides}) == 1
