"""Scores the report reader against the gold annotations of the corpus; counts, never rounds in its favour."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from emgwidgets.errors import EmgError
from emgwidgets.interpretation.correlation.mri import read_report

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "interpretation" / "mri_reports"
#: How the reader begins a sentence about an urgent word that its grammar did not take up.
SECOND_PASS = "A sentence that was not fully understood"
SIDES = {"bilateral": ("left", "right"), "left": ("left",), "right": ("right",)}


def load(split: str) -> list[dict[str, Any]]:
    """Reports of one split, text joined."""
    document = json.loads((CORPUS / f"{split}.json").read_text(encoding="utf-8"))
    return [{**one, "text": "\n".join(one["text"])} for one in document["reports"]]


def splits() -> list[str]:
    """Names of the splits there are, development first."""
    order = ("development", "held_out", "fresh", "last", "final", "urgent", "closing", "unseen", "newest", "blind")
    return [name for name in order if (CORPUS / f"{name}.json").is_file()]


def units(findings: list[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """One entry for each kind, level and side; bilateral counts as left and right."""
    return {
        (one["kind"], one["level"], side): one for one in findings for side in SIDES.get(one.get("side") or "", ("",))
    }


def plain(report: Any) -> list[dict[str, Any]]:
    """Findings of a report as the gold has them."""
    found = []
    for one in report.findings:
        finding = one.finding
        found.append({
            "kind": finding.kind, "level": finding.level, "side": finding.side or "", "zone": finding.zone,
            "grade": finding.grade if finding.scale == "words" else "", "size_mm": finding.size_mm,
            "certainty": finding.certainty, "roots": [(root.root, root.effect) for root in finding.roots],
        })  # fmt: skip
    return found


def score_report(entry: dict[str, Any], counts: Counter[str], misses: list[str]) -> None:
    """Add the counts of one report; every miss is told in words."""
    gold = entry["gold"]
    try:
        report = read_report(entry["text"])
    except EmgError:
        counts["refused_right" if gold["refused"] else "refused_wrong"] += 1
        if gold["refused"]:
            counts["refusals"] += 1
            return
        misses.append(f"{entry['id']}: refused")
        report = None
    if gold["refused"]:
        counts["refusals"] += 1
        misses.append(f"{entry['id']}: not refused")
        return
    found = plain(report) if report is not None else []
    _score_findings(entry["id"], gold["findings"], found, counts, misses)
    urgent = {one.kind for one in report.urgent} if report is not None else set()
    _sets(entry["id"], "urgent", set(gold["urgent"]), urgent, counts, misses)
    second = (
        {one.kind for one in report.urgent if one.sentence.startswith(SECOND_PASS)} if report is not None else set()
    )
    counts["second_right"] += len(second & set(gold["urgent"]))
    counts["second_extra"] += len(second - set(gold["urgent"]))
    conflicts = {one.kind for one in report.conflicts} if report is not None else set()
    _sets(entry["id"], "conflict", set(gold["conflicts"]), conflicts, counts, misses)
    normal = {one.level for one in report.normal_levels} if report is not None else set()
    _sets(entry["id"], "normal_level", set(gold["normal_levels"]), normal, counts, misses)


def _sets(  # noqa: PLR0917 - one line a set reads as a table
    name: str, what: str, gold: set[str], found: set[str], counts: Counter[str], misses: list[str]
) -> None:
    counts[f"{what}_gold"] += len(gold)
    counts[f"{what}_missed"] += len(gold - found)
    counts[f"{what}_extra"] += len(found - gold)
    misses += [f"{name}: {what} missed {one}" for one in sorted(gold - found)]
    misses += [f"{name}: {what} extra {one}" for one in sorted(found - gold)]


def _score_findings(
    name: str, gold: list[dict[str, Any]], found: list[dict[str, Any]], counts: Counter[str], misses: list[str]
) -> None:
    there = units([one for one in gold if one["certainty"] != "negated"])
    read = units([one for one in found if one["certainty"] != "negated"])
    counts["tp"] += len(there.keys() & read.keys())
    counts["fn"] += len(there.keys() - read.keys())
    counts["fp"] += len(read.keys() - there.keys())
    misses += [f"{name}: missed {' '.join(key)}" for key in sorted(there.keys() - read.keys())]
    misses += [f"{name}: extra {' '.join(key)}" for key in sorted(read.keys() - there.keys())]
    _sides(name, there, read, counts, misses)
    _polarity(name, gold, found, counts, misses)
    for key in there.keys() & read.keys():
        _fields(name, key, there[key], read[key], counts, misses)


def _sides(name: str, there: dict[Any, Any], read: dict[Any, Any], counts: Counter[str], misses: list[str]) -> None:
    """A side error: the report says one side and only the other was read."""
    for kind, level, side in there:
        other = {"left": "right", "right": "left"}.get(side)
        counts["sided"] += side != ""
        if other and (kind, level, other) in read and (kind, level, side) not in read and (kind, level, other) not in there:  # fmt: skip
            counts["side_errors"] += 1
            misses.append(f"{name}: SIDE {kind} {level} is {side}")


def _polarity(
    name: str, gold: list[dict[str, Any]], found: list[dict[str, Any]], counts: Counter[str], misses: list[str]
) -> None:
    """Whether every annotated statement that was read keeps its sense, there or not there."""

    def key(one: dict[str, Any]) -> tuple[str, str]:
        return one["kind"], one["level"]

    for is_negated in (True, False):
        wanted = {key(one) for one in gold if (one["certainty"] == "negated") == is_negated}
        both = {key(one) for one in gold if (one["certainty"] == "negated") != is_negated}
        same = {key(one) for one in found if (one["certainty"] == "negated") == is_negated}
        other = {key(one) for one in found if (one["certainty"] == "negated") != is_negated}
        for one in sorted(wanted - both):
            if is_negated:
                counts["negated_gold"] += 1
                counts["negated_read"] += one in same
                if one not in same and one not in other:
                    misses.append(f"{name}: negated not read {' '.join(one)}")
            if one in same or one in other:
                is_right = one not in other
                counts["polarity_n"] += 1
                counts["polarity_right"] += is_right
                if not is_right:
                    misses.append(f"{name}: POLARITY {' '.join(one)}")


def _fields(  # noqa: PLR0917
    name: str, key: Any, gold: dict[str, Any], read: dict[str, Any], counts: Counter[str], misses: list[str]) -> None:  # fmt: skip
    for field in ("zone", "grade", "size_mm"):
        if field in gold:
            counts[f"{field}_n"] += 1
            counts[f"{field}_right"] += gold[field] == read[field]
            if gold[field] != read[field]:
                misses.append(f"{name}: {field} of {' '.join(key)}: {read[field]}, not {gold[field]}")
    counts["certainty_n"] += 1
    counts["certainty_right"] += gold["certainty"] == read["certainty"]
    if gold["certainty"] != read["certainty"]:
        misses.append(f"{name}: certainty of {' '.join(key)}: {read['certainty']}, not {gold['certainty']}")
    for root in gold.get("roots", []):
        counts["roots_n"] += 1
        is_right = (root["root"], root["effect"]) in read["roots"]
        counts["roots_right"] += is_right
        if not is_right:
            misses.append(f"{name}: root of {' '.join(key)}: {read['roots']}, not {root['root']} {root['effect']}")


def score(split: str) -> tuple[Counter[str], list[str], int]:
    """Counts, misses in words and number of texts of one split."""
    counts: Counter[str] = Counter()
    misses: list[str] = []
    reports = load(split)
    for entry in reports:
        score_report(entry, counts, misses)
    return counts, misses, len(reports)


def f1(counts: Counter[str]) -> float:
    """F1 of findings that are there."""
    return 2 * counts["tp"] / max(1, 2 * counts["tp"] + counts["fp"] + counts["fn"])
