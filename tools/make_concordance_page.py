"""Write docs/concordance.md from the files the correlation reads, so that the page cannot drift from the table.

Run: ``python tools/make_concordance_page.py``; ``--check`` fails when the page is out of date.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from emgwidgets.interpretation.correlation.red_flags import red_flags_of
from emgwidgets.interpretation.correlation.table import TRAITS, TableRow, class_words, rows
from emgwidgets.interpretation.correlation.timing import timing_of
from emgwidgets.model.case import Case
from emgwidgets.simulation.story.teaching import teaching_case, teaching_cases

PAGE = Path(__file__).resolve().parents[1] / "docs" / "concordance.md"
HEAD = """# Concordance of function, structure and complaint

Made by `tools/make_concordance_page.py` from the files that `emg.correlate` reads. A mark that is not V is shown as a word:
derived, proposal, or unverified (from memory). Neither test overrules the other; a red flag stands before every row.
"""


def cases_of(row: TableRow) -> str:
    """Unknown cases of the curriculum that belong to a row."""
    found = [code for code in teaching_cases() if teaching_case(code).expected.row == row.number]
    wanted = {"TECHNICALLY INVALID": "U24"}
    if row.number == "none":
        return wanted.get(row.name, "-")
    return ", ".join(found) or "-"


def row_lines(row: TableRow) -> Iterator[str]:
    """One row: conditions, what it says, explanations, what would settle it, its case and source."""
    yield f"### {row.number}: {row.name}"
    yield ""
    conditions = [
        f"{name.replace('_', ' ')}: {' or '.join(value or 'none' for value in allowed)}" for name, allowed in row.when
    ]
    yield f"- When: {'; '.join(conditions) or 'no other row holds'}."
    yield f"- Says: {row.says}"
    yield f"- Possible: {'; '.join(row.explanations)}."
    yield f"- Would settle it: {'; '.join(row.next_steps)}."
    yield f"- Case: {cases_of(row)}. Source: {row.cited.text}."
    yield ""


def classes() -> Iterator[str]:
    """Classes of the nerve tests and of the complaint."""
    yield "| class | words |"
    yield "| --- | --- |"
    for code in TRAITS["edx"]:
        yield f"| {code} | {class_words('edx', code)} |"
    for code in ("M0", "M1", "M2", "MC", "MX", "MN"):
        yield f"| {code} | {class_words('mri', code)} |"
    for code in TRAITS["complaint"]:
        yield f"| {code} | {class_words('complaint', code)} |"


def figures() -> Iterator[str]:
    """Published agreement, with what multiplies it."""
    folder = resources.files("emgwidgets.interpretation.correlation")
    yield "| figure | people | source |"
    yield "| --- | --- | --- |"
    for row in csv.DictReader(folder.joinpath("agreement.csv").read_text(encoding="utf-8").splitlines()):
        yield f"| {row['words']} | {row['n_hits']} of {row['n']} | {row['source']}, mark {row['mark']} |"
    yield ""
    yield "| the odds of an abnormal nerve test are multiplied by | factor | source |"
    yield "| --- | --- | --- |"
    for row in csv.DictReader(folder.joinpath("agreement_modifiers.csv").read_text(encoding="utf-8").splitlines()):
        yield f"| {row['words']} | {row['low']} to {row['high']} | {row['source']}, mark {row['mark']} |"


def page() -> str:
    """The whole page."""
    lines = [HEAD, "## Red flags", ""]
    lines += [f"- {one.words}: {one.meaning} [{one.cited.text if one.cited else ''}]" for one in red_flags_of(Case())]
    lines += [
        "",
        "## When a sign can be seen",
        "",
        "| sign | from day | by day | source |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {one.words} | {one.first_day:g} | {one.by_day:g} | {one.cited.text} |"
        for one in timing_of(Case(days_since_onset=1.0)).windows
    ]
    lines += ["", "## Classes", "", *classes(), "", "## Rows, in the order of evaluation", ""]
    for row in rows():
        lines += row_lines(row)
    lines += ["## Published agreement", "", *figures(), ""]
    return "\n".join(lines)


def main() -> int:
    """Write the page, or compare it."""
    text = page()
    if "--check" in sys.argv:
        same = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        print("docs/concordance.md is current" if same else "docs/concordance.md is out of date")
        return 0 if same else 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
