"""``emgwidgets mri-report FILE.txt``: what the reader finds in the text of a spine MRI report."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgwidgets.cli._common import command, say_result
from emgwidgets.errors import ReadError

if TYPE_CHECKING:
    from emgwidgets.model.mri_report import MriReport, ReportFinding

__all__ = ["add"]

MAX_BYTES = 1_000_000  # internal choice: more than any report; the reader has its own limit on characters


def add(commands: Any) -> None:
    """Add the command."""
    made = command(commands, "mri-report", _run, "findings, roots, conflicts and urgent findings of an MRI report")
    made.add_argument("path", type=Path, help="text file with one English report of a spine MRI")


def _run(given: argparse.Namespace) -> int:
    from emgwidgets.interpretation.correlation.mri import read_report

    report = read_report(_text(given.path))
    say_result(given, describe(report), as_dict(report))
    return 0


def _text(path: Path) -> str:
    try:
        content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        raise ReadError(f"{path.name} cannot be opened", got=str(error.strerror), expected="a text file", way_out="check the path") from error  # fmt: skip
    if content is None:
        raise ReadError(f"{path.name} is too large for a report", expected=f"at most {MAX_BYTES} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise ReadError(f"{path.name} is not text", got="binary content", expected="a text file", way_out="save the report as plain text")  # fmt: skip
    return text


def _line(n: int, one: ReportFinding) -> str:
    finding = one.finding
    sure = "" if finding.certainty == "definite" else f"{finding.certainty} "
    sure = "not seen: " if finding.certainty == "negated" else sure
    parts = [finding.level or one.vertebra, finding.side, finding.zone, finding.grade and f"{finding.grade}" + ("" if finding.scale == "words" else f" ({finding.scale})")]  # fmt: skip
    parts += [f"{' x '.join(f'{size:g}' for size in one.sizes_mm)} mm" if one.sizes_mm else "", one.change]
    text = f"{n:>3}  {sure}{finding.kind.replace('_', ' ')}: " + ", ".join(part for part in parts if part)
    stated = "; ".join(f"{root.side or ''} {root.root} {root.effect}".strip() for root in finding.roots)
    inferred = ", ".join(f"{root.root} {root.weight:.2f}" for root in one.inferred_roots[:3])
    text = text.rstrip(": ")
    return text + (f"\n       said of roots: {stated}" if stated else "") + (f"\n       roots here: {inferred} (derived)" if inferred else "")  # fmt: skip


def describe(report: MriReport) -> str:
    """Text for a person: urgent findings first, then conflicts, findings, and what was not understood."""
    lines = [f"URGENT  {one.sentence}" for one in report.urgent]
    lines += [f"CONFLICT  {one.sentence}" for one in report.conflicts]
    lines += ["Findings"] + [_line(n, one) for n, one in enumerate(report.findings)]
    if report.normal_levels:
        lines.append("Called normal: " + ", ".join(one.level for one in report.normal_levels))
    for one in report.surgery:
        lines.append(f"Operation: {one.kind} {' '.join(one.levels)}".rstrip())
    if report.is_transitional:
        lines.append("The count of the vertebrae is in doubt: roots are widened by one segment either way.")
    lines += [f"Not understood: {' '.join(report.words((one.start, one.end)).split())}" for one in report.unread]
    lines.append(
        "Read by rules, and rules miss statements (one in six in a published system, mri.S56): compare with the report."
    )
    return "\n".join(lines)


def as_dict(report: MriReport) -> dict[str, Any]:
    """Everything but the text of the report itself, which may hold a name."""
    plain = asdict(report)
    del plain["text"]
    return plain
