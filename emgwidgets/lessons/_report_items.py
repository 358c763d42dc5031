"""Sentences of MRI reports: which root, how certain, which side, or urgent; the truth of a root comes from level and zone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emgwidgets.interpretation.correlation.report.reader import MriReport, read_report
from emgwidgets.interpretation.correlation.root_map import disc_level, roots_for
from emgwidgets.lessons.item import Item

__all__ = ["sentence_item"]

CERTAINTIES = {
    "definite": "It is there",
    "possible": "It may be there: not excluded",
    "absent": "It is not there",
    "unclear": "Nothing is said about it",
}
URGENT = "Urgent: tell someone before anything else"
NONE = "No root is named or reached"


def sentence_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of one sentence; ``asks`` in the row is root, certainty or urgency."""
    del seed  # sentences do not change
    text = str(row["sentence"])
    read = read_report(text)
    maker = {"root": _root, "certainty": _certainty, "urgency": _urgency}[str(row["asks"])]
    question, options, truth, feedback, why = maker(row)
    return Item(
        question=question, options=options, truth=truth, feedback=feedback, why=why, known=(("report", text),),
        found=_fields(read),
    )  # fmt: skip


_Parts = tuple[str, tuple[str, ...], int, tuple[str, ...], str]


def _root(row: Mapping[str, Any]) -> _Parts:
    level, zone = disc_level(str(row["level"])), str(row["zone"])
    weights = {one.root: one.weight for one in roots_for(level.code, zone, side=row.get("side"))}
    best = max(weights, key=lambda root: weights[root])
    near = dict.fromkeys((level.exiting, level.traversing, *weights, *row.get("more", ())))
    roots = tuple(sorted((one for one in near if one not in {"cord", "conus"}), key=_place))[:4]
    options = (*roots, NONE)
    shares = ", ".join(
        f"{root} {100 * weight:.0f} %" for root, weight in sorted(weights.items(), key=lambda one: -one[1])[:3]
    )
    feedback = tuple(
        f"{root}: {100 * weights.get(root, 0.0):.0f} % of the weight at {level.code}, {zone.replace('_', ' ')}."
        for root in roots
    )
    why = f"At {level.code} the {level.exiting} root leaves through the foramen and the {level.traversing} root passes beneath the joint. {zone.replace('_', ' ').capitalize()} gives {shares} (weights derived)."
    if level.exiting == level.traversing:
        why = f"At {level.code} the {level.exiting} root leaves; below C7 the root bears the number of the vertebra below. {zone.replace('_', ' ').capitalize()} gives {shares} (weights derived)."
    return "Which root does this sentence threaten first?", options, options.index(best), (*feedback, f"{level.code} and its zone are named: {shares}."), why  # fmt: skip


def _place(root: str) -> int:
    return "CTLS".index(root[0]) * 100 + int(root[1:])


def _certainty(row: Mapping[str, Any]) -> _Parts:
    options = tuple(CERTAINTIES.values())
    truth = tuple(CERTAINTIES).index(str(row["certainty"]))
    words = str(row["words"])
    feedback = (
        f'"{words}" is what stands there.', f'"{words}": the writer keeps it open.' if truth == 1 else f'"{words}" keeps nothing open.',
        f'"{words}" is {"a negation" if truth == 2 else "no negation"}.', f'"{words}" speaks of it.' if truth != 3 else f'Only "{words}" is said.',
    )  # fmt: skip
    return f"{row['about']}: what does the sentence say?", options, truth, feedback, str(row["why"])


def _urgency(row: Mapping[str, Any]) -> _Parts:
    options = (URGENT, "Common at this age, read on", "Cannot be said from one sentence")
    words = str(row["words"])
    truth = 0 if row["is_urgent"] else 1
    feedback = (
        f'"{words}" {"is" if row["is_urgent"] else "is not"} among what must be told at once.',
        f'"{words}" {"does not wait for the rest of the report" if row["is_urgent"] else "is common without symptoms"}.',
        f'"{words}" is enough to {"act on" if row["is_urgent"] else "read on"}.',
    )
    return "What first?", options, truth, feedback, str(row["why"])


def _fields(read: MriReport) -> tuple[tuple[str, str], ...]:
    """What the report reader made of the sentence, field by field."""
    found = [("finding", " ".join(str(part).replace("_", " ") for part in (one.finding.kind, one.finding.level, one.finding.side, one.finding.zone) if part) + f" ({one.finding.certainty})") for one in read.findings]  # fmt: skip
    return (*found, ("urgent", ", ".join(one.sentence if hasattr(one, "sentence") else str(one) for one in read.urgent) or "nothing"))[:4]  # fmt: skip
