"""Command evaluate: a case against published criteria, clause by clause."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emgwidgets.cli._common import command, progress, say, say_result
from emgwidgets.errors import InputError

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    made = command(
        commands, "evaluate", _evaluate, "a case against published criteria: met, not met or cannot be judged"
    )
    made.add_argument("criteria", nargs="?", help="code of a criteria set, or all; without it, the sets are listed")
    made.add_argument("case", nargs="?", type=Path, help="case document (.json)")
    made.add_argument("--norms", default="aanem_2016", metavar="SET", help="norm set, or a CSV with your own limits")
    made.add_argument("--side", choices=("left", "right"), help="judge one side only")
    made.add_argument(
        "--assume", default="", metavar="WHAT,...",
        help="take as fulfilled where the case does not say it: temperature, supramaximal, distance, timing, age, convention",
    )  # fmt: skip
    made.add_argument("--against", metavar="SET", help="list what flips under another norm set; criteria is then all")
    made.add_argument("--words", action="store_true", help="print sentences instead of the table")


def _norms(given: str) -> Any:
    from emgwidgets.interpretation.reference import norm_sets, read_norm_set

    if given in norm_sets() or not given.lower().endswith(".csv"):
        return given
    return read_norm_set(given)


def _list(given: argparse.Namespace) -> int:
    from emgwidgets.interpretation.criteria import criteria

    rows = [{"code": one.code, "title": one.title, "scope": one.scope, "source": one.cited.text} for one in criteria()]
    width = max(len(row["code"]) for row in rows)
    say(given, "\n".join(f"{row['code']:<{width}}  {row['title']}  [{row['source']}]" for row in rows), rows)
    return 0


def _evaluate(given: argparse.Namespace) -> int:
    if given.criteria is None:
        return _list(given)
    if given.case is None:
        raise InputError(
            "a case is needed", got=given.criteria, expected="a criteria set and a case document",
            way_out="emgwidgets evaluate CRITERIA CASE.json",
        )  # fmt: skip
    from emgwidgets.cases.document import read_case
    from emgwidgets.interpretation.criteria import criteria_codes, criteria_set, evaluate
    from emgwidgets.interpretation.explain import as_dict, explain
    from emgwidgets.interpretation.facts import facts_of

    codes = criteria_codes() if given.criteria == "all" else (criteria_set(given.criteria).code,)
    document = read_case(given.case)
    for problem in document.problems:
        progress(f"left out: {problem}")
    facts = facts_of(document.case)
    assume = tuple(part for part in given.assume.split(",") if part)
    norms = _norms(given.norms)
    if given.against:
        return _flips(given, facts, norms, assume)
    verdicts = [evaluate(code, facts, norm_set=norms, side=given.side, assume=assume) for code in codes]
    text = "\n\n".join("\n".join(explain(one)) if given.words else one.to_text() for one in verdicts)
    plain = [as_dict(one) for one in verdicts]
    say_result(given, text, plain if given.criteria == "all" else plain[0])
    return 0


def _flips(given: argparse.Namespace, facts: Any, norms: Any, assume: tuple[str, ...]) -> int:
    """Print the facts and the verdicts that differ under two norm sets."""
    from emgwidgets.interpretation.criteria import verdict_flips
    from emgwidgets.interpretation.explain import as_dict, fact_words
    from emgwidgets.interpretation.reference import flips

    other = _norms(given.against)
    changed = flips(facts, norms, other, assume=assume)
    verdicts = verdict_flips(facts, norms, other, assume=assume)
    lines = [
        f"{fact_words(one.fact)}: {one.fact.text}: {one.before.state} -> {one.after.state}".replace("_", " ")
        for one in changed
    ]
    lines += [f"{first!r} -> {second!r}" for first, second in verdicts]
    plain = {
        "facts": [
            {"fact": one.fact.name, "before": one.before.state, "after": one.after.state, "reason": one.after.reason}
            for one in changed
        ],
        "verdicts": [{"before": as_dict(first), "after": as_dict(second)} for first, second in verdicts],
    }
    say_result(given, "\n".join(lines) or "nothing flips", plain)
    return 0
