"""Statements of a report that do not fit each other; none is dropped and none is resolved."""

from __future__ import annotations

from collections.abc import Sequence

from emgwidgets.interpretation.correlation.report.drafts import Draft
from emgwidgets.interpretation.correlation.report.items import Item
from emgwidgets.interpretation.correlation.report.lexicon import kinds
from emgwidgets.interpretation.correlation.root_map import fits
from emgwidgets.model.mri_report import ReportConflict, ReportFinding

__all__ = ["conflicts_of"]

#: Steps of severity (mild, moderate, severe) between two statements that count as a conflict.  Internal choice: half a
#: step is a way of speaking ("mild to moderate" summed up as "moderate").
GRADE_STEPS = 1.0
SIDED = {"left", "right"}
#: Looked for along the whole spine: a denial without a level speaks of every level.
WHOLE = {"cord_signal", "cord_compression", "cauda_equina_compression", "fracture"}
#: Denials of a part: they fit what is old or known.
PARTIAL = ("no acute", "no new", "no other", "no additional", "no further", "no recurrent", "no residual", "no associated")  # fmt: skip


def conflicts_of(
    findings: Sequence[ReportFinding], drafts: Sequence[Draft], missing: Sequence[Item], *, is_transitional: bool,
    normal: Sequence[tuple[str, str, int, int]] = (), text: str = "",
) -> tuple[ReportConflict, ...]:  # fmt: skip
    """Every conflict of a report: roots against levels, sides, grades, presence, and levels that do not exist.

    ``normal`` holds section, level and place of every level called normal; ``text`` is the report.
    """
    found = [
        *_roots(findings, is_transitional=is_transitional),
        *_levels(missing, findings, is_transitional=is_transitional),
    ]
    found += [*_between(drafts, text), *_moved(drafts, normal)]
    kept: dict[tuple[str, str], ReportConflict] = {}
    for one in found:
        kept.setdefault((one.kind, one.sentence), one)
    return tuple(kept.values())


def _name(kind: str) -> str:
    return kind.replace("_", " ")


def _span(one: ReportFinding, field: str) -> tuple[int, int]:
    place = next((entry for entry in one.evidence if entry.field == field), None)
    return (place.start, place.end) if place is not None else (one.finding.span or (0, 1))


def _roots(findings: Sequence[ReportFinding], *, is_transitional: bool) -> list[ReportConflict]:
    found = []
    for one in findings:
        finding = one.finding
        if not one.is_present:
            continue
        for effect in finding.roots:
            if effect.effect != "none" and not fits(effect.root, finding, is_transitional=is_transitional):
                expected = ", ".join(root.root for root in one.inferred_roots[:2])
                place = f" in the {finding.zone} zone" if finding.zone else ""
                sentence = (
                    f"The report names the {effect.root} root at {finding.level}{place}; expected there: {expected}."
                )
                found.append(ReportConflict(kind="root_level", sentence=sentence, spans=(_span(one, "level"), _span(one, "roots"))))  # fmt: skip
            is_own_too = any(other.side == finding.side for other in finding.roots)
            if {effect.side, finding.side} == SIDED and effect.effect != "none" and not is_own_too:
                sentence = f"The {_name(finding.kind)} at {finding.level or 'no named level'} is {finding.side}, its {effect.root} root {effect.side}."
                found.append(ReportConflict(kind="side", sentence=sentence, spans=(_span(one, "side"), _span(one, "roots"))))  # fmt: skip
    return found


def _levels(
    missing: Sequence[Item], findings: Sequence[ReportFinding], *, is_transitional: bool
) -> list[ReportConflict]:
    found = [
        ReportConflict(
            kind="level", sentence=f"The report names {item.value.upper()}, a level that does not exist.", spans=((item.start, item.end),)
        )
        for item in missing
    ]  # fmt: skip
    if not is_transitional:
        six = [one for one in findings if one.finding.level in {"L5-6", "L6-S1", "S1-2"}]
        found += [
            ReportConflict(
                kind="level", spans=(_span(one, "level"),),
                sentence=f"The report names {one.finding.level} without speaking of a transitional vertebra.",
            )
            for one in six[:1]
        ]  # fmt: skip
    return found


def _family(kind: str) -> str:
    return "disc_herniation" if kind in {"disc_protrusion", "disc_extrusion", "disc_sequestration"} else kind


def _parts(drafts: Sequence[Draft]) -> list[tuple[list[Draft], list[Draft], str, str]]:
    """What is compared, with the names of both: findings with impression, and all of it with an addendum."""
    report = [one for one in drafts if one.section != "addendum"]
    first = [one for one in report if one.section != "impression"]
    last = [one for one in report if one.section == "impression"]
    added = [one for one in drafts if one.section == "addendum"]
    return [(first, last, "findings", "impression"), (report, added, "report", "addendum")]


def _is_partial(one: Draft, text: str) -> bool:
    """Whether a denial is of a part only, as in "no acute fracture", which fits an old one."""
    start, end = one.spans.get("certainty", (0, 0))
    return one.certainty == "negated" and text[start:end].lower().startswith(PARTIAL)


def _between(drafts: Sequence[Draft], text: str) -> list[ReportConflict]:
    """Findings against impression, and both against an addendum: side, grade, presence."""
    found = []
    used = [one for one in drafts if (one.level or one.kind in WHOLE) and not _is_partial(one, text)]
    for first, last, name, other in _parts(used):
        for kind, place in dict.fromkeys((_family(one.kind), one.level or one.vertebra) for one in (*first, *last)):
            listed = [
                [
                    one for one in part
                    if _family(one.kind) == kind
                    and ((one.level or one.vertebra) == place or (kind in WHOLE and _is_everywhere(one)))
                ]
                for part in (first, last)
            ]  # fmt: skip
            if all(listed):
                found += _compared(kind, place, listed[0], listed[1], (name, other))
    return found


def _is_everywhere(one: Draft) -> bool:
    """Whether it is denied without a level, which denies it at every level."""
    return one.certainty == "negated" and not one.level and not one.vertebra


def _moved(drafts: Sequence[Draft], normal: Sequence[tuple[str, str, int, int]]) -> list[ReportConflict]:
    """Levels that do not fit between two parts: a finding at a level called normal, and the only finding of a kind moved."""
    found = []
    for first, last, name, other in _parts(drafts):
        there, named = ([one for one in part if one.certainty != "negated" and one.level] for part in (first, last))
        for one in named:
            if not kinds()[one.kind].is_subject or any(draft.level == one.level for draft in there):
                continue
            plain = next((entry for entry in normal if entry[1] == one.level and entry[0] != other), None)
            elsewhere = _only_elsewhere(one, there, named)
            if plain is not None:
                kind = "level" if elsewhere is not None else "presence"
                verb = "call" if name == "findings" else "calls"
                sentence = f"The {name} {verb} {one.level} normal, the {other} names a {_name(one.kind)} there."
                found.append(ReportConflict(kind=kind, sentence=sentence, spans=(plain[2:], (one.start, one.end))))
            elif elsewhere is not None and not any(draft.level == one.level for draft in first):
                sentence = f"The only {_name(_family(one.kind))} of the {name} is at {elsewhere.level}, that of the {other} at {one.level}."
                found.append(ReportConflict(kind="level", sentence=sentence, spans=((elsewhere.start, elsewhere.end), (one.start, one.end))))  # fmt: skip
    return found


def _only_elsewhere(one: Draft, there: Sequence[Draft], named: Sequence[Draft]) -> Draft | None:
    """The finding of the same kind and side at the one other level that has it, when the later part names only this one."""
    same = [draft for draft in there if _family(draft.kind) == _family(one.kind)]
    again = [draft for draft in named if _family(draft.kind) == _family(one.kind)]
    if len({draft.level for draft in same}) != 1 or {draft.level for draft in again} != {one.level}:
        return None
    return same[0] if same[0].side == one.side and same[0].severity_index == one.severity_index else None


def _compared(
    kind: str, level: str, first: list[Draft], last: list[Draft], names: tuple[str, str]
) -> list[ReportConflict]:
    found = []
    at = f"{_name(kind)} at {level}" if level else _name(kind)
    verb = "" if names[0] == "findings" else "s"
    spans = ((first[0].start, first[0].end), (last[0].start, last[0].end))
    present = [[one for one in part if one.certainty != "negated"] for part in (first, last)]
    if bool(present[0]) != bool(present[1]):
        said = ("there", "not there") if present[0] else ("not there", "there")
        if not any(one.at_most for one in (*first, *last)) or any((one.severity_index or 0) > 1 for part in present for one in part):  # fmt: skip
            sentence = f"The {names[0]} say{verb} {at} is {said[0]}, the {names[1]} that it is {said[1]}."
            found.append(ReportConflict(kind="presence", sentence=sentence, spans=spans))
        return found
    sides = [{one.side for one in part if one.side in {*SIDED, "bilateral"}} for part in present]
    if len(sides[0]) == 1 and len(sides[1]) == 1 and sides[0] | sides[1] == SIDED:
        sentence = f"The {names[0]} put{verb} {at} on the {sides[0].pop()}, the {names[1]} on the {sides[1].pop()}."
        found.append(ReportConflict(kind="side", sentence=sentence, spans=spans))
        return found
    grades = [
        max((one.severity_index for one in part if one.severity_index is not None), default=None) for part in present
    ]
    if grades[0] is not None and grades[1] is not None and abs(grades[0] - grades[1]) >= GRADE_STEPS:
        words = {1.0: "mild", 1.5: "mild to moderate", 2.0: "moderate", 2.5: "moderate to severe", 3.0: "severe"}
        sentence = f"The {names[0]} call{verb} {at} {words[grades[0]]}, the {names[1]} {words[grades[1]]}."
        found.append(ReportConflict(kind="grade", sentence=sentence, spans=spans))
    return found
