"""The concordance board: roots and nerves by symptoms, examination, NCS, EMG and MRI on both sides, each cell with its items."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from emgwidgets import vocabulary
from emgwidgets.interpretation._tables import studies
from emgwidgets.interpretation.correlation.complaint import ClinicalFinding, Complaint, State, bearing
from emgwidgets.interpretation.correlation.edx_bearing import Test, edx_bearing, tests_of
from emgwidgets.interpretation.correlation.parts import Parts
from emgwidgets.interpretation.correlation.structure import RootFinding, Structure, finding_words
from emgwidgets.interpretation.facts import Facts, body_region
from emgwidgets.interpretation.localisation.anatomy import share, weight_of
from emgwidgets.interpretation.localisation.catalogue import catalogue
from emgwidgets.model.correlation import COLUMNS, SIDES, BoardRow, Cell, Column, EvidenceItem, Side
from emgwidgets.sources import Cited, Mark

__all__ = ["LATE_WORDS", "board_of"]

#: Likelihood ratio of a reader's statement about a root: 2 to 4 for compression (mri section 3.4, derived from kappa).
MRI_RATIO = {"M1": 1.5, "M2": 3.0}
SHOWN_NOT_TESTED = 3
#: How a late response is told from the motor study of the same nerve.
LATE_WORDS = {"f_wave": "F wave", "h_reflex": "H reflex"}
NOT_AGAIN = "correlated with a stronger sign; not counted again"


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    words: str
    kind: str
    limb: str
    elements: tuple[str, ...]
    is_always: bool


@cache
def _rows() -> tuple[_Row, ...]:
    text = resources.files(__package__).joinpath("board_rows.csv").read_text(encoding="utf-8")
    return tuple(
        _Row(
            row["code"],
            row["words"],
            row["kind"],
            row["limb"],
            tuple(row["elements"].split(";")),
            row["is_always"] == "yes",
        )
        for row in csv.DictReader(text.splitlines())
    )


def board_of(parts: Parts, *, leading: Sequence[str]) -> tuple[BoardRow, ...]:
    """Build every row that has something to say.

    Parameters
    ----------
    leading : sequence of str
        Codes of the candidates that lead the ranking, without their side; they get a row in any case.
    """
    tests = tests_of(parts.function.observations, parts.facts)
    limbs = set(parts.complaint.limbs) or _limbs(tests, parts.structure.regions)
    made = []
    for row in _rows():
        is_wanted = row.limb in limbs and (row.is_always or row.code in leading)
        if not is_wanted and row.kind != "root":
            continue
        built = _board_row(row, parts, tests)
        is_supported = any(cell.n_supports for cell in (*built.left, *built.right) if cell.column in {"emg", "mri"})
        if is_wanted or is_supported:
            made.append(built)
    return tuple(made)


def _limbs(tests: Sequence[Test], regions: Iterable[str]) -> set[str]:
    limbs = {limb for one in tests if (limb := _limb_of_test(one))}
    return limbs | {{"cervical": "arm"}.get(region, "leg") for region in regions if region != "thoracic"}


def _limb_of_test(test: Test) -> str:
    if test.kind == "needle":
        return {"cervical": "arm", "lumbosacral": "leg"}.get(body_region(test.study), "")
    study = studies().get(test.study)
    return study.limb if study else ""


def _board_row(row: _Row, parts: Parts, tests: Sequence[Test]) -> BoardRow:
    left, right = (tuple(_cell(column, row, side, parts, tests) for column in COLUMNS) for side in SIDES)
    return BoardRow(code=row.code, words=row.words, kind=row.kind, left=left, right=right)


def _cell(column: Column, row: _Row, side: Side, parts: Parts, tests: Sequence[Test]) -> Cell:
    missing: tuple[str, ...] = ()
    if column in {"symptoms", "examination"}:
        items = _clinical(column, row, side, parts.complaint)
    elif column == "mri":
        items = _mri(row, side, parts.structure)
    else:
        items = _edx(column, row, side, parts.facts, tests)
        missing = _not_tested(column, row, side, tests)
    ordered = sorted(items, key=lambda one: (_ORDER[one.state], -abs(one.weight)))
    name = row.code.removeprefix("root_").upper() if row.kind == "root" else row.code
    numbered = tuple(replace(one, code=f"{name}.{side}.{column}.{n}") for n, one in enumerate(ordered, start=1))
    return Cell(column=column, side=side, items=numbered, not_tested=missing)


_ORDER = {"supports": 0, "against": 1, "silent": 2}


def _clinical(column: Column, row: _Row, side: Side, complaint: Complaint) -> list[EvidenceItem]:
    """Symptoms and signs that bear on the site or say nothing; normal signs as one item for each group.

    Findings of one group are correlated: the strongest carries the weight, the others are listed with none.  Normal signs
    of a group that also supports are left out: myotomes are not all or none.
    """
    items: list[EvidenceItem] = []
    normal: dict[str, list[tuple[float, ClinicalFinding]]] = {}
    best: dict[str, int] = {}
    for one in complaint.of(column, side):
        state, weight = bearing(one, row.elements)
        if state == "against":
            normal.setdefault(one.group, []).append((weight, one))
        if state == "against" or (state == "silent" and not one.is_abnormal):
            continue
        item = _item(one, column, side, state, weight)
        if state == "supports" and one.group in best:
            first = items[best[one.group]]
            if weight > first.weight:
                items[best[one.group]] = replace(first, weight=0.0, bearing=NOT_AGAIN)
                best[one.group] = len(items)
            else:
                item = replace(item, weight=0.0, bearing=NOT_AGAIN)
        elif state == "supports":
            best[one.group] = len(items)
        items.append(item)
    return items + [_together(group, found, column, side) for group, found in normal.items() if group not in best]


def _item(one: ClinicalFinding, column: Column, side: Side, state: State, weight: float) -> EvidenceItem:
    return EvidenceItem(
        code="", column=column, side=side, state=state, sentence=one.sentence, weight=weight, finding=one.place,
        place=one.place, cited=one.cited,
    )  # fmt: skip


def _together(group: str, found: Sequence[tuple[float, ClinicalFinding]], column: Column, side: Side) -> EvidenceItem:
    """Normal signs of one group as one item."""
    weight, first = min(found, key=lambda pair: pair[0])
    names = [one.sentence.split(",")[0] if group != "sensory" else one.sentence.split(", ")[1] for _, one in found]
    head = {"weakness": "Strength normal", "sensory": "Sensation normal"}.get(group)
    sentence = (
        f"{head}, {side}: {', '.join(dict.fromkeys(names))}."
        if head
        else " ".join(dict.fromkeys(one.sentence for _, one in found))
    )
    return replace(_item(first, column, side, "against", weight), sentence=sentence)


def _mri(row: _Row, side: Side, structure: Structure) -> list[EvidenceItem]:
    if row.kind != "root" or not structure.is_done:
        return []
    root = row.elements[0].removeprefix("root_").upper()
    cited = Cited(key="mri.S50", locus="agreement of readers", mark=Mark.D)
    blank = EvidenceItem(code="", column="mri", side=side, state="silent", sentence="", cited=cited)

    def item(one: RootFinding, why: str) -> EvidenceItem:
        place = f"mri[{one.index}]"
        words = f"{finding_words(structure.findings[one.index])}."
        return replace(blank, sentence=words, bearing=why, finding=place, place=place)

    items = []
    for one in structure.hits(root, side):
        why = "the report names this root" if one.is_stated else f"by level and zone (weight {one.weight:.2f})"
        items.append(replace(item(one, why), state="supports", weight=math.log(MRI_RATIO[one.mri_class])))
    may = [one for one in structure.possible if (one.root, one.side) == (root, side)]
    items += [item(one, f"it may reach this root (weight {one.weight:.2f})") for one in may]
    imaged = {"sacral": "lumbar"}.get(vocabulary.root(root).region, vocabulary.root(root).region)
    if not items and imaged in structure.regions:
        text = f"No finding that reaches {root} on the {side} among those reported."
        why = "an image without a finding does not exclude a root lesion"
        items.append(replace(blank, sentence=text, bearing=why, finding="mri", place="mri"))
    return items


def _edx(column: Column, row: _Row, side: Side, facts: Facts, tests: Sequence[Test]) -> list[EvidenceItem]:
    items = []
    for test in tests:
        if test.column != column or test.side != side:
            continue
        state, weight, why, cited = edx_bearing(test, row.elements)
        if state == "none":
            continue
        fact = facts.get(test.names[0]) if test.names else None
        items.append(EvidenceItem(
            code="", column=column, side=side, state=state, sentence=test.sentence, weight=weight, bearing=why,
            finding=test.names[0] if test.names else "", place=fact.place if fact else "", cited=cited,
        ))  # fmt: skip
    return items


def _not_tested(column: str, row: _Row, side: str, tests: Sequence[Test]) -> tuple[str, ...]:
    """The most telling tests of this column that were not done, in words."""
    done = {(one.kind, one.study) for one in tests if one.side == side}
    missing = [_test_words(kind, study) for kind, study in _telling(column, row) if (kind, study) not in done]
    return tuple(dict.fromkeys(missing))[:SHOWN_NOT_TESTED]


def _test_words(kind: str, study: str) -> str:
    """A test that was not done, in words; a late response is told from the motor study of the same nerve."""
    known = None if kind == "needle" else studies().get(study)
    words = known.words if known else study.replace("_", " ")
    return f"{LATE_WORDS[kind]}, {words}" if kind in LATE_WORDS else words


@cache
def _telling(column: str, row: _Row) -> tuple[tuple[str, str], ...]:
    """Kind and study of the tests that a site would change, the most telling first."""
    scored: list[tuple[float, str, str]] = []
    for test in catalogue():
        is_needle = test.kind == "needle"
        if is_needle != (column == "emg") or test.kind in {"jitter", "rns"} or (row.kind == "root" and not is_needle):
            continue
        held = max(share(test.kind, test.study, element) for element in row.elements)
        main = row.kind != "root" or max(weight_of(test.kind, test.study, element) for element in row.elements) == 3
        if held > 0.3 and main:
            scored.append((-held, test.study, test.kind))
    return tuple((kind, study) for _, study, kind in sorted(scored))
