"""Write docs/criteria.md and docs/limits.md from the files the engine reads, so that the pages cannot drift from the rules.

Run: ``python tools/make_criteria_page.py``; ``--check`` fails when a page is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from emgwidgets.interpretation.criteria import Criteria, criteria
from emgwidgets.interpretation.criteria.rules import Clause
from emgwidgets.interpretation.reference import NormSet, norm_set, norm_sets

DOCS = Path(__file__).resolve().parents[1] / "docs"
HEAD = "Made by `tools/make_criteria_page.py` from the files the engine reads. Unverified: from memory, not yet read."


def test_of(clause: Clause) -> str:
    """What a clause asks, in words."""
    if clause.operator == "number" and clause.threshold is not None:
        edge = clause.threshold
        name = f" % of the {edge.edge.replace('_', ' ')}" if edge.edge else ""
        which = f" ({edge.norm_set})" if edge.norm_set else ""
        absent = f"; an absent response: {clause.absent.replace('_', ' ')}" if clause.absent else ""
        return (
            f"`{' or '.join(clause.facts)}` {clause.comparison.replace('_', ' ')} {edge.value:g}{name}{which}{absent}"
        )
    if clause.operator == "word":
        wanted = " or ".join({True: "yes", False: "no"}.get(one, str(one)) for one in clause.wanted)
        return f"`{' or '.join(clause.facts)}` is {wanted}"
    if clause.operator == "member":
        kept = [f"{name} in {', '.join(values)}" for name, values in clause.where.items()]
        left = [f"{name} not in {', '.join(values)}" for name, values in clause.not_where.items()]
        return "; ".join((*kept, *left))
    parts = ", ".join(clause.parts)
    if clause.operator == "over":
        where = [f"{name} {', '.join(values)}" for name, values in clause.where.items()]
        left = [f"not {name} {', '.join(values)}" for name, values in clause.not_where.items()]
        shown = f" ({'; '.join((*where, *left))})" if where or left else ""
        count = f"at least {clause.count} of" if len(clause.parts) == 1 else "different ones for each of"
        return f"over {clause.domain.replace('_', ' ')}{shown}: {count} {parts}; not met needs {clause.judged_at_least}"
    joined = f"at least {clause.count} of" if clause.operator == "of" else clause.operator
    return f"{joined}: {parts}"


def criteria_lines(one: Criteria) -> Iterator[str]:
    """Section of one criteria set."""
    yield f"## {one.title}"
    yield ""
    yield f"`{one.code}`, judged for {'each side' if one.scope == 'side' else 'the person'}. Source: {one.cited.text}."
    skin = ", ".join(f"{limb} {degc:g} degC" for limb, degc in one.skin_min_degc.items())
    if skin and one.skin_cited:
        yield f"Least skin temperature: {skin} [{one.skin_cited.text}]."
    yield ""
    yield from (f"- {outcome.words}: {when}" for outcome, when in one.outcomes)
    yield ""
    yield "| clause | words | test | source |"
    yield "| --- | --- | --- | --- |"
    for clause in one.clauses.values():
        needs = f"; needs {', '.join(clause.requires)}" if clause.requires else ""
        optional = "; optional" if clause.is_optional else ""
        yield f"| {clause.code} | {clause.words} | {test_of(clause)}{needs}{optional} | {clause.cited.text} |"
    yield ""
    yield from (f"- {note}" for note in one.notes)
    yield ""


def limit_lines(found: NormSet) -> Iterator[str]:
    """Section of one norm set."""
    yield f"## {found.title}"
    yield ""
    yield f"`{found.code}`: {found.about}. Source: {found.cited.text}."
    ages = [f"{age:g}" if age is not None else "" for age in found.age]
    skin = ", ".join(f"{limb} {degc:g} degC" for limb, degc in found.skin_min_degc.items())
    yield f"Ages {'-'.join(ages)}{f'; least skin temperature {skin}' if skin else ''}."
    if found.also:
        yield f"Asked next: {', '.join(found.also)}."
    yield ""
    yield "| study | measure | limits | group | conditions | statistic | source |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for row in found.rows:
        limits = ", ".join(
            f"{name} {value:g}" for name in ("low", "high", "mean", "sd") if (value := getattr(row, name)) is not None
        )
        group = [f"{name} {low if low is not None else ''}-{high if high is not None else ''}" for name, (low, high) in (("age", row.age), ("height", row.height), ("BMI", row.bmi)) if (low, high) != (None, None)]  # fmt: skip
        at = [row.site, row.convention.replace("_", " "), f"{row.distance[0]:g} mm" if row.distance else "", f"low filter {row.high_pass_hz:g} Hz" if row.high_pass_hz else ""]  # fmt: skip
        group_words = ", ".join(part for part in (*group, row.sex) if part)
        where = ", ".join(part for part in at if part)
        equation = "by regression" if row.equation else limits
        yield f"| {row.study} | {row.measure} | {equation} | {group_words} | {where} | {row.statistic} | {row.cited.text} |"
    yield ""


def pages() -> dict[Path, str]:
    """Path -> text of both pages."""
    rules = ["# Criteria", "", HEAD, ""]
    for one in criteria():
        rules += criteria_lines(one)
    limits = ["# Limits", "", HEAD, ""]
    for code in norm_sets():
        limits += limit_lines(norm_set(code))
    return {
        DOCS / "criteria.md": "\n".join(rules).rstrip() + "\n",
        DOCS / "limits.md": "\n".join(limits).rstrip() + "\n",
    }


def main() -> int:
    """Write the pages, or say which is out of date."""
    found = pages()
    if "--check" in sys.argv[1:]:
        stale = [
            path.name for path, text in found.items() if not path.exists() or path.read_text(encoding="utf-8") != text
        ]
        if stale:
            print(f"out of date: {', '.join(stale)}; run python tools/make_criteria_page.py", file=sys.stderr)
        return int(bool(stale))
    for path, text in found.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
