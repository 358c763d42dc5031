"""The bench as plain values for the browser: grid of levels, zones and sides, marked report, findings, the chosen cell."""

from __future__ import annotations

from typing import Any

from emgwidgets import vocabulary
from emgwidgets.interpretation.correlation.mri import prevalence, roots_of
from emgwidgets.model.mri import MriFinding
from emgwidgets.model.mri_report import MriReport
from emgwidgets.model.volume import PLANES, SpineVolume
from emgwidgets.widgets.given_case import subject_words
from emgwidgets.widgets.mri_bench.desk import EFFECTS, MriDesk, is_in_cell
from emgwidgets.widgets.spine import ZONE_COLUMNS, spine_wire

__all__ = ["bench_state", "volume_state"]

#: Characters between two words of one finding that are drawn as one phrase (a choice for the eye).
SHORT_GAP = 24
SAC = ("none", "mild", "moderate", "severe")


def region_of(desk: MriDesk) -> str:
    """Region with most findings; lumbar without any."""
    levels = vocabulary.levels()
    seen = [levels[one.level].region for one in desk.findings if one.level in levels]
    return max(("lumbar", "cervical", "thoracic"), key=lambda region: sum(one == region for one in seen))


def _is_read(desk: MriDesk, level: str) -> bool:
    """Whether the report, or someone by hand, said anything of the level."""
    if any(one.level == level for one in desk.findings):
        return True
    return desk.report is not None and any(one.level == level for one in desk.report.normal_levels)


def _effect(finding: MriFinding, zone: str, side: str) -> int:
    """Squares of a finding in a cell: the strongest effect on a root of that side, or the grade of the canal."""
    if finding.certainty == "negated":
        return 0
    if zone == "central":
        return SAC.index(finding.grade) if finding.scale == "words" and finding.grade in SAC else 0
    found = [
        EFFECTS.index(one.effect)
        for one in finding.roots
        if one.effect in EFFECTS and one.side in {side, "bilateral", None}
    ]
    return max(found, default=0)


def _is_hedged(finding: MriFinding, side: str, effect: int) -> bool:
    """Whether the report leaves the shown effect open, such as "cannot be excluded"."""
    own = [
        root for root in finding.roots
        if root.effect in EFFECTS and EFFECTS.index(root.effect) == effect and root.side in {side, "bilateral", None}
    ]  # fmt: skip
    return bool(own) and all(root.certainty == "possible" for root in own)


def _cell(desk: MriDesk, level: dict[str, Any], column: int, open_ones: set[int]) -> dict[str, Any]:
    zone, side = ZONE_COLUMNS[column]
    here = [n for n, one in enumerate(desk.findings) if is_in_cell(one, level["code"], zone, side)]
    present = [
        n for n in here if desk.findings[n].certainty != "negated" and not (n in open_ones and zone != "central")
    ]
    conflict = [n for n in here if n in open_ones]
    effect = max((_effect(desk.findings[n], zone, side) for n in present), default=0)
    reached = level["reached"][column]
    state = (
        "finding" if present else "conflict" if conflict else "read" if _is_read(desk, level["code"]) else "not read"
    )
    told = "; ".join(_words(desk.findings[n]) for n in (present or conflict)) or {
        "read": "read, no finding here", "not read": "the report does not speak of this level",
    }.get(state, "")  # fmt: skip
    return {
        "zone": zone, "side": side, "state": state, "effect": effect, "root": reached[0][0], "reached": reached,
        "findings": here, "words": told,
        "hedged": effect > 0 and zone != "central" and all(
            _is_hedged(desk.findings[n], side, effect)
            for n in present if _effect(desk.findings[n], zone, side) == effect
        ),
    }  # fmt: skip


def _loose(desk: MriDesk, level: str) -> list[str]:
    """Findings of a level that the report gives no zone or no side, so that no cell can hold them."""
    return [
        _words(one) for one in desk.findings
        if one.level == level and one.certainty != "negated" and not any(is_in_cell(one, level, zone, side) for zone, side in ZONE_COLUMNS)
    ]  # fmt: skip


def _words(one: MriFinding) -> str:
    size = "" if one.size_mm is None else f" {one.size_mm:g} mm"
    grade = f", {one.grade}" if one.grade else ""
    denied = "not seen: " if one.certainty == "negated" else "" if one.certainty == "definite" else f"{one.certainty} "
    return f"{denied}{one.kind.replace('_', ' ')}{size}{grade}"


def _finding(desk: MriDesk, n: int, open_ones: set[int]) -> dict[str, Any]:
    one = desk.findings[n]
    source = desk.sources[n]
    read = desk.report.findings[source] if desk.report is not None and source is not None else None
    effect = ", ".join(
        f"{root.root} {root.effect}{'' if root.side == one.side or not root.side else ' ' + root.side}"
        f"{'' if root.certainty == 'definite' else f' ({root.certainty})'}"
        for root in one.roots
    )
    return {
        "index": n, "level": one.level, "side": one.side or "", "zone": one.zone or "", "kind": one.kind, "words": _words(one),
        "size_mm": "" if one.size_mm is None else f"{one.size_mm:g}", "effect": effect or (read.unnamed_root_effect if read else ""),
        "certainty": one.certainty, "raw": one.raw, "grade": one.grade, "scale": one.scale, "migration": one.migration or "",
        "numbering_basis": one.numbering_basis or "", "conflict": n in open_ones, "from_report": source is not None,
        "corrected": read is not None and _plain(read.finding) != _plain(one),
        "expected": [[root.root, round(root.weight, 2)] for root in roots_of(one)],
        "prevalence": _prevalence(desk, one),
    }  # fmt: skip


def _plain(one: MriFinding) -> tuple[Any, ...]:
    return (one.kind, one.level, one.side, one.zone, one.size_mm, one.certainty, one.roots, one.grade)


def _prevalence(desk: MriDesk, one: MriFinding) -> str:
    levels = vocabulary.levels()
    region = levels[one.level].region if one.level in levels else ""
    if region not in {"lumbar", "cervical"} or one.certainty == "negated":
        return ""
    found = prevalence(one.kind, region=region, age_years=desk.case.subject.age_years)
    return found[0].text if found else ""


def _marks(report: MriReport, desk: MriDesk) -> list[dict[str, Any]]:
    """Stretches of the report in order: read, negated, in conflict, unread, or plain; they never overlap."""
    kinds = ["plain"] * len(report.text)
    owner: list[int | None] = [None] * len(report.text)

    def paint(start: int, end: int, kind: str, index: int | None = None) -> None:
        for at in range(max(start, 0), min(end, len(report.text))):
            kinds[at], owner[at] = kind, index

    for start, end in ((one.start, one.end) for one in report.unread):
        paint(start, end, "unread")
    by_source = {source: n for n, source in enumerate(desk.sources) if source is not None}
    for source, one in enumerate(report.findings):
        kind = "finding" if one.is_present else "negated"
        for start, end in _phrases(report.text, [(place.start, place.end) for place in one.evidence]):
            paint(start, end, kind, by_source.get(source))
    spans = [span for told in report.conflicts for span in told.spans] + [
        span for own in desk.conflicts() for span in own.spans
    ]
    for start, end in spans:
        paint(start, end, "conflict", owner[start] if start < len(owner) else None)
    for urgent in report.urgent:
        paint(*urgent.span, "urgent")
    return _pieces(report.text, kinds, owner)


def _phrases(text: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Words read for one finding, joined where only a few words of the same clause lie between them."""
    made: list[tuple[int, int]] = []
    for start, end in sorted(places):
        between = text[made[-1][1] : start] if made else ""
        if made and len(between) <= SHORT_GAP and not set(between) & set(".;:,\n"):
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def _pieces(text: str, kinds: list[str], owner: list[int | None]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or (kinds[at], owner[at]) != (kinds[start], owner[start]):
            made.append({"text": text[start:at], "kind": kinds[start], "index": owner[start]})
            start = at
    return made


def _report(desk: MriDesk) -> dict[str, Any]:
    report = desk.report
    if report is None:
        return {"pieces": [], "unread": 0, "urgent": [], "numbering": "", "conflicts": [], "repairs": 0}
    basis = {"assumed_five": "five lumbar vertebrae assumed, not counted from above"}.get(
        report.numbering_basis or "", ""
    )
    if report.is_transitional:
        basis = "a transitional vertebra is stated: every root may be one segment off"
    return {
        "pieces": _marks(report, desk) if report.text else [], "unread": len(report.unread), "numbering": basis,
        "urgent": [one.sentence for one in report.urgent], "repairs": len(report.repairs),
        "conflicts": [one.sentence for one in report.conflicts if one.kind != "side"],
    }  # fmt: skip


def bench_state(desk: MriDesk, *, region: str = "") -> dict[str, Any]:
    """Everything but the slices."""
    shown = region or region_of(desk)
    conflicts = desk.conflicts()
    open_ones = {n for one in conflicts for n in one.findings}
    levels = spine_wire()["regions"][shown]["levels"]
    return {
        "version": desk.version, "region": shown, "who": subject_words(desk.case.subject),
        "question": desk.case.question, "day": desk.day, "source": "report read" if desk.report else "entered by hand",
        "grid": [
            {"level": level["code"], "loose": _loose(desk, level["code"]),
             "cells": [_cell(desk, level, n, open_ones) for n in range(len(ZONE_COLUMNS))]} for level in levels
        ],
        "findings": [_finding(desk, n, open_ones) for n in range(len(desk.findings))],
        "conflicts": [{"sentence": one.sentence, "findings": list(one.findings)} for one in conflicts],
        "settled": [{"about": about, **answer} for about, answer in desk.settled().items()],
        "report": _report(desk), "reader": desk.reader, "can_undo": desk.history.can_undo, "can_redo": desk.history.can_redo,
        "spine": {"findings": [
            {"level": one.level, "side": None if n in open_ones else one.side, "zone": one.zone, "words": _words(one)}
            for n, one in enumerate(desk.findings) if one.level and one.certainty != "negated"
        ]},
    }  # fmt: skip


def volume_state(volume: SpineVolume | None, problem: str) -> dict[str, Any]:
    """What the volume pane needs to know; without a volume, why there is none."""
    if volume is None:
        return {"is_there": False, "problem": problem}
    return {
        "is_there": True, "problem": problem, "counts": {plane: volume.count(plane) for plane in PLANES},
        "spacing_mm": list(volume.spacing_mm), "knows_sides": volume.knows_sides, "name": volume.name,
        "labels": {name: list(voxel) for name, voxel in volume.labels.items()}, "labels_by": volume.labels_by,
        "shape": list(volume.voxels.shape), "middle": _middle(volume),
    }  # fmt: skip


def _middle(volume: SpineVolume) -> float:
    """Middle of the spine along the axis from side to side: of the labels, or of the volume."""
    places = [voxel[0] for voxel in volume.labels.values()]
    return sum(places) / len(places) if places else (volume.voxels.shape[0] - 1) / 2
