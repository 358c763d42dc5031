"""Words and reasons of a clause verdict, made from its clause and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emgwidgets.interpretation.criteria.rules import Clause, Threshold
from emgwidgets.model.verdict import Answer, ClauseVerdict, Fact, Limit

__all__ = ["compared", "missing_of", "plain_name", "scope_of", "wanted_of", "why"]


def scope_of(binding: Mapping[str, str]) -> str:
    """What a clause was asked of, such as ``"median_apb right"``."""
    shown = (
        binding.get(name, "") for name in ("muscle" if "muscle" in binding else "study", "side", "segment", "train")
    )
    return " ".join(part for part in shown if part)


def wanted_of(clause: Clause) -> str:
    """What a fact would have to be, where no limit need be looked up."""
    if clause.threshold is None:
        words = {True: "yes", False: "no"}
        return " or ".join(words.get(one, str(one)) if isinstance(one, bool) else str(one) for one in clause.wanted)
    edge = f" % of the {clause.threshold.edge.replace('_', ' ')}" if clause.threshold.edge else ""
    return f"{clause.comparison.replace('_', ' ')} {clause.threshold.value:g}{edge}"


def plain_name(name: str) -> str:
    """Name of a fact with spaces."""
    return name.replace(".", " ").replace("_", " ")


def compared(clause: Clause, rule: Threshold, threshold: float, fact: Fact, limit: Limit | None) -> str:
    """Return the comparison in words, with the threshold in the unit of the fact, its limit and its set."""
    words = f"{clause.comparison.replace('_', ' ')} {threshold:.4g} {fact.unit}".rstrip()
    if limit is None:
        return words
    share = "" if rule.value == 100.0 else f"{rule.value:g} % of the "
    return f"{words} ({share}{rule.edge.replace('_', ' ')}, {limit.norm_set})"


def missing_of(parts: Sequence[ClauseVerdict], clause: Clause) -> tuple[str, ...]:
    """What was not tested, when that is the only reason that a clause stays open."""
    if not parts:
        return (clause.words,)
    return tuple(name for part in parts for name in part.missing) if all(part.missing for part in parts) else ()


def why(answer: Answer, parts: Sequence[ClauseVerdict], clause: Clause) -> str:
    """Why a joined clause cannot be judged: the reason of its first open part."""
    if answer != "cannot_be_judged":
        return ""
    open_parts = [part for part in parts if part.answer == "cannot_be_judged"]
    if not open_parts:
        return f"not tested in enough places: {clause.words}" if clause.operator == "over" else "it cannot be judged"
    return open_parts[0].reason
