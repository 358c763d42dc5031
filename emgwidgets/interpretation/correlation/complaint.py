"""Symptoms and examination as evidence: for each finding, which roots and nerves it bears on and how much.

The published accuracy of these signs is modest, and they are correlated: within a group only the strongest counts, and
the product over the groups is capped (mri section 5.1).
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib import resources
from typing import Literal, TypeAlias

from emgwidgets import vocabulary
from emgwidgets.interpretation.facts import body_region
from emgwidgets.interpretation.localisation.anatomy import share
from emgwidgets.interpretation.localisation.candidates import rows_of as evidence_rows
from emgwidgets.interpretation.localisation.clinic_anatomy import reflex_code, sign_code
from emgwidgets.model.anatomy import SkinZone
from emgwidgets.model.case import Case, Reflex, Sensation, Sign, Strength, Symptom
from emgwidgets.sources import Cited, Mark

__all__ = ["CAP", "ClinicalFinding", "Complaint", "State", "bearing", "complaint_of", "fit", "is_resolved"]

State: TypeAlias = Literal["supports", "against", "silent"]
#: Largest product of likelihood ratios of symptoms and signs together (mri section 5.1: "cap the product, e.g. at 10").
CAP = math.log(10.0)
#: Share of a muscle or nerve that a stretch must hold to be blamed for its finding, and to be asked for it (internal choice).
BLAMED, ASKED = 0.3, 0.9
AXIAL = {"low_back", "mid_back", "neck_back", "neck_front", "occiput"}
_RESOLVED = re.compile(r"\b(resolved|gone|went away|recovered|no longer|settled)\b")
_FELT = {
    "numbness": "numbness", "paraesthesia": "numbness", "paresthesia": "numbness", "tingling": "numbness",
    "sensory loss": "numbness", "weakness": "felt_weakness", "painless weakness": "felt_weakness", "foot drop": "felt_weakness",
    "wrist drop": "felt_weakness", "clumsiness": "felt_weakness",
}  # fmt: skip


def _table(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=512)
def _zones(text: str) -> tuple[SkinZone, ...]:
    return vocabulary.zones_in(text)


def _weights(text: str) -> dict[str, int]:
    pairs = (part.rsplit(":", 1) for part in text.split(";") if part)
    return {root: int(weight) for root, weight in pairs}


@cache
def _groups() -> dict[tuple[str, str], dict[str, str]]:
    return {(row["group"], row["region"]): row for row in _table("clinical_weights.csv")}


@cache
def _signs() -> dict[str, dict[str, str]]:
    """Signs that bear on a root or a nerve of the board; those of the whole body have no region."""
    return {row["sign"]: row for row in evidence_rows("signs.csv") if row["region"]}


@cache
def _reflexes() -> dict[str, dict[str, str]]:
    return {row["reflex"]: row for row in evidence_rows("reflexes.csv")}


@cache
def _movements() -> tuple[tuple[str, dict[str, int]], ...]:
    """Movements in words with their roots: the table, then the actions of the muscles; the longest words first."""
    found = {words: _weights(row["roots"]) for row in _table("movements.csv") for words in row["words"].split(";")}
    for muscle in vocabulary.muscles().values():
        for action in muscle.action.split(", ")[:1]:
            if action:
                found.setdefault(action.lower(), dict(muscle.root_weights))
    return tuple(sorted(found.items(), key=lambda pair: -len(pair[0])))


@dataclass(frozen=True, kw_only=True)
class ClinicalFinding:
    """One symptom or sign with what it can bear on.

    Parameters
    ----------
    group : str
        Findings of a group are correlated; only the strongest of them counts.
    roots : dict
        Root -> editorial weight 3, 2, 1.
    kind, study : str
        Anatomy by which a nerve is blamed: ``("strength", muscle)``, ``("sensory", nerve)``, ``("element", stretch)``.
    """

    column: Literal["symptoms", "examination"]
    group: str
    side: str
    sentence: str
    place: str
    is_abnormal: bool
    positive_weight: float
    negative_weight: float
    cited: Cited
    roots: dict[str, int] = field(default_factory=dict)
    kind: str = ""
    study: str = ""


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """The complaint and the examination of a case.

    Parameters
    ----------
    code : str
        ``"S-"`` none, ``"S0"`` axial only, ``"S"`` limb, ``"Sx"`` resolved.
    side : str
        ``"left"``, ``"right"``, ``"bilateral"`` or ``""``, by the symptoms alone; ``sign_side`` by the examination alone.
    limbs : frozenset of str
        ``"arm"``, ``"leg"``.
    """

    code: str
    side: str
    sign_side: str
    limbs: frozenset[str]
    findings: tuple[ClinicalFinding, ...]
    has_cord_signs: bool = False
    problems: tuple[str, ...] = ()

    def of(self, column: str, side: str) -> tuple[ClinicalFinding, ...]:
        """Findings of one column and side."""
        return self._listed.get((column, side), ())

    @cached_property
    def _listed(self) -> dict[tuple[str, str], tuple[ClinicalFinding, ...]]:
        places = dict.fromkeys((one.column, one.side) for one in self.findings)
        return {key: tuple(one for one in self.findings if (one.column, one.side) == key) for key in places}


def _make(group: str, region: str, **more: object) -> ClinicalFinding | None:
    row = _groups().get((group, region))
    if row is None:
        return None
    cited = Cited(key=row["source"], mark=Mark(row["mark"]))
    return ClinicalFinding(
        group=group, column=row["column"], positive_weight=math.log(float(row["lr_positive"])),  # type: ignore[arg-type]
        negative_weight=math.log(float(row["lr_negative"])), cited=cited, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _region_of_roots(roots: Iterable[str]) -> str:
    regions = [vocabulary.root(root).region for root in roots]
    if not regions:
        return ""
    return "cervical" if sum(one in {"cervical", "thoracic"} for one in regions) * 2 >= len(regions) else "lumbar"


def _strength(one: Strength, place: str) -> ClinicalFinding | None:
    if one.muscle not in vocabulary.muscles():
        return None
    muscle = vocabulary.muscle(one.muscle)
    region = {"cervical": "cervical", "lumbosacral": "lumbar"}.get(body_region(one.muscle), "")
    weak = one.mrc != "5"
    return _make(
        "weakness", region, side=one.side, place=place, is_abnormal=weak, roots=dict(muscle.root_weights), kind="strength",
        study=one.muscle, sentence=f"{muscle.name}, {one.side}: strength MRC {one.mrc}.",
    )  # fmt: skip


def _reflex(one: Reflex, place: str) -> ClinicalFinding | None:
    row = _reflexes().get(reflex_code(one.name))
    if row is None or one.finding == "increased":
        return None
    return _make(
        row["group"], row["region"], side=one.side, place=place, is_abnormal=one.finding in {"absent", "reduced"},
        roots=_weights(row["roots"]), sentence=f"{one.name.replace('_', ' ').capitalize()} jerk, {one.side}: {one.finding}.",
    )  # fmt: skip


def _sensation(one: Sensation, place: str) -> ClinicalFinding | None:
    nerve = vocabulary.sensory_nerves().get(one.nerve)
    roots = {one.root: 3} if one.root in vocabulary.roots() else dict(nerve.root_weights) if nerve else {}
    if not roots:
        for zone in _zones(one.area):
            roots |= {root: max(weight, roots.get(root, 0)) for root, weight in zone.roots}
    return _make(
        "sensory", _region_of_roots(roots), side=one.side, place=place, is_abnormal=one.finding != "normal", roots=roots,
        kind="sensory" if nerve else "", study=one.nerve if nerve else "",
        sentence=f"Sensation, {one.area}, {one.side}: {one.finding}.",
    )  # fmt: skip


def _sign(one: Sign, place: str) -> list[ClinicalFinding]:
    row = _signs().get(sign_code(one.name))
    if row is None or one.side is None:
        return []
    word = "positive" if one.is_positive else "negative"
    found, false = float(row["sensitivity"]), float(row["false_positive"])
    element = "" if row["roots"] else row["targets"].split(";")[0]
    return [ClinicalFinding(
        column="examination", group="provocation" if row["roots"] else "nerve sign", side=one.side, place=place,
        is_abnormal=one.is_positive, positive_weight=min(CAP, math.log(found / false)), kind="element" if element else "",
        negative_weight=math.log((1 - found) / (1 - false)), roots=_weights(row["roots"]), study=element,
        cited=Cited(key=row["source"], mark=Mark(row["mark"])),
        sentence=f"{one.name.replace('_', ' ').capitalize()}, {one.side}: {word}.",
    )]  # fmt: skip


def _zone_roots(place: str, *, pain: bool) -> dict[str, int]:
    roots: dict[str, int] = {}
    for zone in _zones(place):
        if zone.code in AXIAL:
            continue
        for root, weight in zone.pain_roots if pain else zone.roots:
            roots[root] = max(weight, roots.get(root, 0))
    return {root: weight for root, weight in roots.items() if not root.startswith("CN")}


def _movement_roots(text: str) -> dict[str, int]:
    left, roots = text.lower(), dict[str, int]()
    for words, own in _movements():
        if words in left:
            left = left.replace(words, " ")
            roots |= {root: max(weight, roots.get(root, 0)) for root, weight in own.items()}
    return roots


def symptom_roots(one: Symptom) -> dict[str, int]:
    """Roots a symptom points to, with weights; those named by hand count fully."""
    known = [root for root in one.roots if root in vocabulary.roots()]
    if known:
        return dict.fromkeys(known, 3)
    group = _FELT.get(one.kind.lower().strip(), "")
    if group == "felt_weakness":
        return _movement_roots(f"{one.kind} {one.place}")
    return _zone_roots(f"{one.place} {one.kind if not one.place else ''}", pain=group != "numbness")


def _symptom(one: Symptom, place: str) -> list[ClinicalFinding]:
    kind = one.kind.lower().strip()
    group = _FELT.get(kind, "pain" if "pain" in kind or "ache" in kind else "")
    roots = symptom_roots(one)
    sides = ("left", "right") if one.side == "bilateral" else (one.side,) if one.side else ()
    if not group or not roots or is_resolved(one):
        return []
    made = [
        _make(group, _region_of_roots(roots), side=side, place=place, is_abnormal=True, roots=roots,
              sentence=f"{one.kind.capitalize()}, {side}: {one.place}.")
        for side in sides
    ]  # fmt: skip
    return [found for found in made if found is not None]


def is_resolved(one: Symptom) -> bool:
    """Whether the words say that a symptom is over."""
    return bool(_RESOLVED.search(f"{one.place} {one.note}".lower()))


def _side_of(sides: Sequence[str | None]) -> str:
    found = {side for side in sides if side}
    if "bilateral" in found or len(found & {"left", "right"}) == 2:
        return "bilateral"
    return next(iter(found), "")


def _limbs(case: Case, findings: Sequence[ClinicalFinding]) -> frozenset[str]:
    limbs = set()
    for one in case.symptoms:
        for zone in _zones(f"{one.place} {one.kind}"):
            if zone.region in {"arm", "forearm", "hand", "shoulder", "neck"}:
                limbs.add("arm")
            if zone.region in {"thigh", "leg", "foot", "pelvis"} or zone.code == "low_back":
                limbs.add("leg")
    for found in findings:
        if found.is_abnormal and found.roots and found.column == "symptoms":
            limbs.add("arm" if _region_of_roots(found.roots) == "cervical" else "leg")
    return frozenset(limbs)


CORD_SIGNS = {"hoffmann", "babinski", "spastic_gait", "clonus", "inverted_supinator", "lhermitte"}


def complaint_of(case: Case) -> Complaint:
    """Turn symptoms and examination into evidence; what is not listed was not tested."""
    made: list[ClinicalFinding] = []
    for n, symptom in enumerate(case.symptoms):
        made += _symptom(symptom, f"symptoms[{n}]")
    exam = case.examination
    single = [_strength(one, f"examination.strength[{n}]") for n, one in enumerate(exam.strength)]
    single += [_reflex(one, f"examination.reflexes[{n}]") for n, one in enumerate(exam.reflexes)]
    single += [_sensation(one, f"examination.sensation[{n}]") for n, one in enumerate(exam.sensation)]
    made += [one for one in single if one is not None]
    for n, sign in enumerate(exam.signs):
        made += _sign(sign, f"examination.signs[{n}]")
    live = [one for one in case.symptoms if not is_resolved(one)]
    objective = [one for one in made if one.column == "examination" and one.is_abnormal and one.group != "provocation"]
    return Complaint(
        code=_code(case, live), side=_side_of([one.side for one in case.symptoms]),
        sign_side=_side_of([one.side for one in objective]), limbs=_limbs(case, made), findings=tuple(made),
        has_cord_signs=any(one.is_positive and one.name in CORD_SIGNS for one in exam.signs), problems=_unknown(case),
    )  # fmt: skip


def _unknown(case: Case) -> tuple[str, ...]:
    """One sentence for each root, reflex or muscle of the clinic that does not exist; the rest is used."""
    named = [("root", root) for one in case.symptoms for root in one.roots if root not in vocabulary.roots()]
    named += [
        ("root", one.root) for one in case.examination.sensation if one.root and one.root not in vocabulary.roots()
    ]
    named += [("reflex", one.name) for one in case.examination.reflexes if not reflex_code(one.name)]
    named += [("muscle", one.muscle) for one in case.examination.strength if one.muscle not in vocabulary.muscles()]
    return tuple(dict.fromkeys(f"{name}: not used, no such {kind}." for kind, name in named))


def _code(case: Case, live: Sequence[Symptom]) -> str:
    if not case.symptoms:
        return "S-"
    if not live:
        return "Sx"
    zones = [zone for one in live for zone in _zones(one.place)]
    in_limb = any(zone.code not in AXIAL for zone in zones) or any(one.roots for one in live)
    felt = any(_FELT.get(one.kind.lower().strip()) for one in live)
    return "S" if in_limb or felt else "S0"


@cache
def _roots_of(elements: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(element.removeprefix("root_").upper() for element in elements if element.startswith("root_"))


def bearing(found: ClinicalFinding, elements: Sequence[str]) -> tuple[State, float]:
    """How one finding bears on a site: ``"supports"``, ``"against"``, ``"silent"``, and the logarithm of its ratio.

    Parameters
    ----------
    elements : sequence of str
        Stretches of the site; for a root ``("root_l5",)``.
    """
    roots = _roots_of(tuple(elements))
    if roots:
        return _on_root(found, max(found.roots.get(root, 0) for root in roots))
    if found.kind == "element":
        if found.study not in elements:
            return "silent", 0.0
        return ("supports", found.positive_weight) if found.is_abnormal else ("against", found.negative_weight)
    if found.kind not in {"strength", "sensory"}:
        return "silent", 0.0
    held = max(share(found.kind, found.study, element) for element in elements)
    if found.is_abnormal:
        return ("supports", found.positive_weight) if held >= BLAMED else ("silent", 0.0)
    return ("against", found.negative_weight) if held >= ASKED else ("silent", 0.0)


def _on_root(found: ClinicalFinding, weight: int) -> tuple[State, float]:
    if found.is_abnormal:
        part = {3: 1.0, 2: 0.6, 1: 0.25}.get(weight, 0.0)  # editorial weights; internal choice
        return ("supports", part * found.positive_weight) if part else ("silent", 0.0)
    if weight == 3 and found.negative_weight < -0.04:
        return "against", found.negative_weight
    return "silent", 0.0


def fit(
    complaint: Complaint, elements: Sequence[str], side: str, *, columns: Sequence[str] = ("symptoms", "examination")
) -> float:
    """Natural logarithm of the likelihood ratio of the whole complaint for a site; each group counts once, the sum is capped."""
    best: dict[str, float] = {}
    worst: dict[str, float] = {}
    for one in complaint.findings:
        if one.side != side or one.column not in columns:
            continue
        _, weight = bearing(one, elements)
        best[one.group] = max(best.get(one.group, 0.0), weight)
        worst[one.group] = min(worst.get(one.group, 0.0), weight)
    # A sign that is there outweighs the normal ones of its own group: myotomes are not all or none.
    total = sum(best[group] if best[group] > 0 else worst[group] for group in best)
    return max(-CAP, min(CAP, total))
