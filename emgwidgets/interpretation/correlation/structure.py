"""MRI findings of a case reduced to the classes of the concordance table, root by root and side by side.

Nothing is held against nerve tests here.  Classes (mri section 6.1): ``M0`` no finding, or none that reaches a root;
``M1`` contact, mild to moderate stenosis; ``M2`` displacement, compression, severe stenosis; ``MC`` severe central
stenosis or a compressed cord; ``MN`` tumour, infection, fracture; ``MX`` nothing that can be held against the complaint.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.root_map import SPINAL, ZONE_OF_KIND, disc_level, roots_of
from emgwidgets.model.case import Case
from emgwidgets.model.mri import SCALES, MriFinding

__all__ = ["RootFinding", "Structure", "finding_words", "scale_index", "structure_of"]

#: Grade index from which a stenosis counts as severe, and an effect on a root as displacement (mri section 2.1 and 6.1).
SEVERE, DISPLACED, LEAST = 2.5, 2.0, 0.5
EFFECTS = {"none": 0.0, "contact": 1.0, "unclear": 1.0, "deviation": 2.0, "compression": 3.0}
#: Kinds that narrow something beside a root even when the report gives no grade and no effect on a root.
REACHING = {
    "disc_protrusion", "disc_extrusion", "disc_sequestration", "disc_herniation", "central_stenosis",
    "lateral_recess_stenosis", "foraminal_stenosis", "synovial_cyst", "root_effect",
}  # fmt: skip
CORD = {"cord_signal", "cord_compression"}
URGENT = {"tumour", "fracture", "infection", "haematoma", "cauda_equina_compression"}
#: Inferred roots below this weight are named as possible and do not count as hit.  Internal choice: the share of the
#: traversing root in a central lumbar stenosis (0.40) still counts.
MAIN_WEIGHT = 0.35
#: Share of readers who would also see the finding, by the report's own certainty; internal choice between the words.
CERTAIN = {"definite": 0.95, "probable": 0.8, "possible": 0.5}
_SCAR = re.compile(r"\b(scar|fibrosis|post-?operative|post-?surgical|granulation)\b")
_RECURRENT = re.compile(r"\brecurren|\bbeside\b|\baround\b|\bencas")


@cache
def _scale_rows() -> dict[tuple[str, str], float]:
    text = resources.files(__package__).joinpath("grade_scales.csv").read_text(encoding="utf-8")
    return {(row["scale"], row["grade"]): float(row["index"]) for row in csv.DictReader(text.splitlines())}


def scale_index(scale: str, grade: str) -> float | None:
    """Grade of a named scale on one axis, 0 none to 3 severe; None for a scale that grades no narrowing."""
    return _scale_rows().get((scale, grade)) if scale in SCALES else None


@dataclass(frozen=True, kw_only=True)
class RootFinding:
    """What one MRI finding means for one root of one side.

    Parameters
    ----------
    index : int
        Which finding of the case.
    severity_index : float
        0 none to 3 severe.
    is_stated : bool
        Whether the report names the root; else it follows from level and zone.
    weight : float
        1 for a stated root, else the weight of the root map.
    """

    root: str
    side: str
    index: int
    severity_index: float
    is_compression: bool
    is_stated: bool
    weight: float
    certainty: str

    @property
    def mri_class(self) -> str:
        """``"M1"`` or ``"M2"``."""
        return "M2" if self.is_compression else "M1"


@dataclass(frozen=True, kw_only=True)
class Structure:
    """The MRI of a case.

    Parameters
    ----------
    roots : tuple of RootFinding
        Everything that reaches a root as a main root; ``possible`` holds what may.
    problems : tuple of str
        One sentence for each level or root that does not exist; the finding is left out.
    regions : frozenset of str
        ``"cervical"``, ``"thoracic"``, ``"lumbar"``: what was imaged, by the levels that findings name.
    """

    findings: tuple[MriFinding, ...]
    roots: tuple[RootFinding, ...] = ()
    possible: tuple[RootFinding, ...] = ()
    regions: frozenset[str] = frozenset()
    central_severe: tuple[int, ...] = ()
    cord: tuple[int, ...] = ()
    urgent: tuple[int, ...] = ()
    scar: tuple[int, ...] = ()
    recurrence: tuple[int, ...] = ()
    no_side: tuple[int, ...] = ()
    is_transitional: bool = False
    problems: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether the case holds any MRI finding, also one that is looked for and not seen."""
        return bool(self.findings)

    def hits(self, root: str, side: str) -> tuple[RootFinding, ...]:
        """Findings that reach one root of one side, the worst first."""
        own = [one for one in self.roots if one.root == root and one.side == side]
        return tuple(sorted(own, key=lambda one: (-one.severity_index, one.index)))

    def hit_roots(self, side: str) -> tuple[str, ...]:
        """Roots reached on one side, from above downwards."""
        return tuple(root for root in SPINAL if any(one.root == root and one.side == side for one in self.roots))

    @property
    def sides(self) -> tuple[str, ...]:
        """Sides on which a root is reached."""
        return tuple(side for side in ("left", "right") if self.hit_roots(side))

    def worst(self, sides: Iterable[str] = ("left", "right")) -> str:
        """``"M0"``, ``"M1"`` or ``"M2"`` over some sides."""
        classes = [one.mri_class for one in self.roots if one.side in set(sides)]
        return max(classes, default="M0")


def _sides(finding: MriFinding, own: str | None) -> tuple[str, ...]:
    side = own or finding.side
    if side in {"left", "right"}:
        return (side,)
    if side in {"bilateral", "midline"} or finding.zone == "central" or finding.kind == "central_stenosis":
        return ("left", "right")
    return ()


def _note(finding: MriFinding) -> str:
    return f"{finding.note} {finding.raw}".lower()


def _is_scar(finding: MriFinding) -> bool:
    return finding.kind == "scar" or bool(_SCAR.search(_note(finding)))


def _grade(finding: MriFinding) -> float | None:
    return scale_index(finding.scale, finding.grade) if finding.scale else None


def _stated(index: int, finding: MriFinding) -> list[RootFinding]:
    grade = _grade(finding) or 0.0
    made = []
    for one in finding.roots:
        effect = EFFECTS[one.effect]
        if effect < LEAST or one.root not in SPINAL:
            continue
        made += [
            RootFinding(
                root=one.root, side=side, index=index, severity_index=max(effect, grade),
                is_compression=effect >= DISPLACED or grade >= SEVERE, is_stated=True, weight=1.0,
                certainty=max(finding.certainty, one.certainty, key=list(CERTAIN).index),
            )
            for side in _sides(finding, one.side)
        ]  # fmt: skip
    return made


def _inferred(index: int, finding: MriFinding) -> list[RootFinding]:
    """Roots by level and zone, where the report names none."""
    grade = _grade(finding)
    if finding.kind not in REACHING or (grade is not None and grade < LEAST):
        return []
    severity = grade if grade is not None else 1.0
    made = []
    for one in roots_of(finding):
        if one.root not in SPINAL:
            continue
        made += [
            RootFinding(
                root=one.root, side=side, index=index, severity_index=severity, is_compression=severity >= SEVERE,
                is_stated=False, weight=one.weight, certainty=finding.certainty,
            )
            for side in _sides(finding, one.side if one.side in {"left", "right"} else None)
        ]  # fmt: skip
    return made


def _region(finding: MriFinding) -> str:
    if not finding.level:
        return "lumbar" if finding.kind == "transitional_vertebra" else ""
    return disc_level(finding.level).region


def _narrows_cord(finding: MriFinding) -> bool:
    level = disc_level(finding.level) if finding.level else None
    grade = _grade(finding) or 0.0
    is_cord_level = level is not None and level.region in {"cervical", "thoracic"}
    return finding.kind in CORD or (finding.kind == "central_stenosis" and is_cord_level and grade >= SEVERE)


def _level_problem(finding: MriFinding) -> str:
    """Sentence about a level that does not exist; empty for one that does."""
    try:
        if finding.level:
            disc_level(finding.level)
    except InputError as error:
        return error.sentence
    return ""


def _problems(n: int, finding: MriFinding) -> list[str]:
    """What of a finding cannot be used, one sentence each."""
    found = [_level_problem(finding)] + [f"no such root: {one.root}" for one in finding.roots if one.root not in SPINAL]
    return [f"MRI finding {n + 1} is left out: {text.rstrip('.')}." for text in found if text]


def structure_of(case: Case) -> Structure:
    """Reduce the MRI findings of a case to classes, each with its side as reported; no side is guessed."""
    stated: list[RootFinding] = []
    possible: list[RootFinding] = []
    lists: dict[str, list[int]] = {"central": [], "cord": [], "urgent": [], "scar": [], "recurrence": [], "no_side": []}
    problems = [sentence for n, one in enumerate(case.mri) for sentence in _problems(n, one)]
    usable = [one if not _level_problem(one) else replace(one, level="") for one in case.mri]
    for n, finding in enumerate(usable):
        if finding.certainty == "negated" or finding is not case.mri[n]:
            continue
        found = _stated(n, finding)
        if not found and not any(EFFECTS[one.effect] < LEAST for one in finding.roots):
            inferred = _inferred(n, finding)
            found = [one for one in inferred if one.weight >= MAIN_WEIGHT]
            possible += [one for one in inferred if one.weight < MAIN_WEIGHT]
        stated += found
        _list(n, finding, lists)
    return Structure(
        findings=case.mri, roots=tuple(stated), possible=tuple(possible),
        regions=frozenset(region for one in usable if (region := _region(one))), problems=tuple(problems),
        central_severe=tuple(lists["central"]), cord=tuple(lists["cord"]), urgent=tuple(lists["urgent"]),
        scar=tuple(lists["scar"]), recurrence=tuple(lists["recurrence"]), no_side=tuple(lists["no_side"]),
        is_transitional=any(
            (one.kind == "transitional_vertebra" and one.certainty != "negated") or one.numbering_basis == "stated_transitional"
            for one in case.mri
        ),
    )  # fmt: skip


def _list(n: int, finding: MriFinding, lists: dict[str, list[int]]) -> None:
    """Note what a finding is beside its roots."""
    if _narrows_cord(finding):
        lists["cord"].append(n)
    elif finding.kind == "central_stenosis" and (_grade(finding) or 0.0) >= SEVERE:
        lists["central"].append(n)
    if finding.kind in URGENT:
        lists["urgent"].append(n)
    if _is_scar(finding):
        lists["scar"].append(n)
        if finding.side in {"left", "right"} and _RECURRENT.search(_note(finding)):
            lists["recurrence"].append(n)
    if finding.side is None and finding.zone in {"subarticular", "foraminal", "extraforaminal"} and not finding.roots:
        lists["no_side"].append(n)


def finding_words(finding: MriFinding) -> str:
    """One finding in words, such as ``"L4-5 left subarticular disc protrusion, 6 mm, compression of L5"``."""
    side = finding.side if finding.side not in {None, "midline"} else ""
    zone = "" if finding.zone is None or finding.kind in ZONE_OF_KIND else finding.zone
    name = (
        finding.kind.replace("_", " ")
        if finding.kind not in {"other", "incidental"}
        else (finding.note or finding.kind)
    )
    grade = finding.grade if finding.scale == "words" else f"{finding.scale.replace('_', ' ')} {finding.grade}".strip()
    head = " ".join(
        part for part in (finding.level, side or "", grade if finding.scale == "words" else "", zone, name) if part
    )
    tail = [grade] if finding.scale not in {"", "words"} else []
    tail += [f"{finding.size_mm:g} mm"] if finding.size_mm else []
    tail += [
        f"{one.effect} of {one.root}" if one.effect != "none" else f"no effect on {one.root}" for one in finding.roots
    ]
    if finding.certainty in {"probable", "possible"}:
        tail.append(finding.certainty)
    return ", ".join((head, *tail))
