"""Statements of a report that do not fit each other; none is dropped and none is resolved."""

from __future__ import annotations

from collections.abc import Sequence

from emgwidgets.interpretation.correlation.report.drafts import Draft
from emgwidgets.interpretation.correlation.report.items import Item
from emgwidgets.interpretation.correlation.root_map import fits
from emgwidgets.model.mri_report import ReportConflict, ReportFinding

__all__ = ["conflicts_of"]

#: Steps of severity (mild, moderate, severe) between two statements that count as a conflict.  Internal choice: half a
#: step is a way of speaking ("mild to moderate" summed up as "moderate").
GRADE_STEPS = 1.0
SIDED = {"left", "right"}


def conflicts_of(
    findings: Sequence[ReportFinding], drafts: Sequence[Draft], missing: Sequence[Item], *, is_transitional: bool
) -> tuple[ReportConflict, ...]:
    """Every conflict of a report: roots against levels, sides, grades, presence, and levels that do not exist."""
    found = [
        *_roots(findings, is_transitional=is_transitional),
        *_levels(missing, findings, is_transitional=is_transitional),
    ]
    found += _between(drafts)
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


def _between(drafts: Sequence[Draft]) -> list[ReportConflict]:
    """Findings against impression: side, grade, presence."""
    groups: dict[tuple[str, str], list[Draft]] = {}
    for draft in drafts:
        family = (
            "disc_herniation"
            if draft.kind in {"disc_protrusion", "disc_extrusion", "disc_sequestration"}
            else draft.kind
        )
        if draft.level or draft.kind in {"cord_signal", "fracture"}:
            groups.setdefault((family, draft.level), []).append(draft)
    found = []
    for (kind, level), listed in groups.items():
        first = [one for one in listed if one.section != "impression"]
        last = [one for one in listed if one.section == "impression"]
        if first and last:
            found += _compared(kind, level, first, last)
    return found


def _compared(kind: str, level: str, first: list[Draft], last: list[Draft]) -> list[ReportConflict]:
    found = []
    at = f"{_name(kind)} at {level}" if level else _name(kind)
    spans = ((first[0].start, first[0].end), (last[0].start, last[0].end))
    present = [[one for one in part if one.certainty != "negated"] for part in (first, last)]
    if bool(present[0]) != bool(present[1]):
        said = ("there", "not there") if present[0] else ("not there", "there")
        if not any(one.at_most for one in (*first, *last)) or any((one.severity_index or 0) > 1 for part in present for one in part):  # fmt: skip
            sentence = f"The findings say {at} is {said[0]}, the impression that it is {said[1]}."
            found.append(ReportConflict(kind="presence", sentence=sentence, spans=spans))
        return found
    sides = [{one.side for one in part if one.side in {*SIDED, "bilateral"}} for part in present]
    if len(sides[0]) == 1 and len(sides[1]) == 1 and sides[0] | sides[1] == SIDED:
        sentence = f"The findings put {at} on the {sides[0].pop()}, the impression on the {sides[1].pop()}."
        found.append(ReportConflict(kind="side", sentence=sentence, spans=spans))
        return found
    grades = [
        max((one.severity_index for one in part if one.severity_index is not None), default=None) for part in present
    ]
    if grades[0] is not None and grades[1] is not None and abs(grades[0] - grades[1]) >= GRADE_STEPS:
        words = {1.0: "mild", 1.5: "mild to moderate", 2.0: "moderate", 2.5: "moderate to severe", 3.0: "severe"}
        sentence = f"The findings call {at} {words[grades[0]]}, the impression {words[grades[1]]}."
        found.append(ReportConflict(kind="grade", sentence=sentence, spans=spans))
    return found
