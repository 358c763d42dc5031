"""What speaks for and against the leading reading, and what it leaves unexplained.  Words only, no verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emgwidgets.interpretation.correlation.edx_bearing import tests_of
from emgwidgets.interpretation.explain_function import (
    MOST_NAMED,
    NEGATIVE,
    cells_of,
    codes_of,
    explanation_of,
    items_of,
)
from emgwidgets.interpretation.explain_words import and_words, brief, start, told_of_ranking
from emgwidgets.model.correlation import Correlation, Sentence

if TYPE_CHECKING:
    from emgwidgets.interpretation.correlation.scenario import Function, Scenario
    from emgwidgets.interpretation.facts import Facts

__all__ = ["evidence_sentences"]


def evidence_sentences(made: Correlation, function: Function, facts: Facts) -> list[Sentence]:
    """What speaks for and against the leading reading."""
    lead = function.leading
    if lead.code in NEGATIVE | {"Et"}:
        return []
    found: list[Sentence] = []
    if not cells_of(made, lead, "emg"):
        return _of_ranking(made, lead)
    used: set[str] = set()
    for state, word in (("supports", "For it"), ("against", "Against it")):
        items = [one for one in items_of(made, lead, state, "emg", "ncs", "examination") if one.finding not in used][
            :MOST_NAMED
        ]
        used |= {one.finding for one in items_of(made, lead, state, "emg", "ncs", "examination")}
        if items:
            found.append(
                Sentence(
                    text=f"{word}: {'; '.join(brief(one.sentence) for one in items)}.",
                    part="evidence",
                    evidence=codes_of(items),
                )
            )
    kept = [
        one for one in items_of(made, lead, "silent", "ncs")
        if "before the ganglion" in one.bearing and "within limits" in one.sentence
    ][:2]  # fmt: skip
    if kept and lead.code in {"Ea", "Ec", "Eo"}:
        names = and_words([brief(one.sentence).partition(":")[0] for one in kept])
        text = f"{names}: response within limits, compatible with a lesion proximal to the dorsal root ganglion."
        found.append(Sentence(text=start(text), part="evidence", evidence=codes_of(kept)))
    return [*found, *_unexplained(made, function, facts)]


def _unexplained(made: Correlation, function: Function, facts: Facts) -> list[Sentence]:
    """Abnormal tests that the leading reading neither explains nor is held against: they must not get lost."""
    cells = cells_of(made, function.leading, "emg", "ncs")
    told = {one.finding for cell in cells for one in cell.items if one.state in {"supports", "against"}}
    left = [one for one in tests_of(function.observations, facts) if one.is_abnormal and not told & set(one.names)]
    if not left:
        return []
    more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
    text = f"Abnormal, and not explained by it: {'; '.join(brief(one.sentence) for one in left[:MOST_NAMED])}{more}."
    return [Sentence(text=text, part="evidence", evidence=tuple(one.names[0] for one in left[:MOST_NAMED]))]


def _of_ranking(made: Correlation, lead: Scenario) -> list[Sentence]:
    """Evidence of a reading that has no row on the board, such as motor neuron disease: that of the ranking."""
    one = explanation_of(made, lead)
    if one is None:
        return []
    said = []
    used: set[str] = set()
    for word, rows in (("For it", one.supporting), ("Against it", one.against)):
        # a muscle that speaks for it is not listed again for the size of the same finding
        listed = [row for row in rows if not row.names or _test_of(row.names[0]) not in used][:MOST_NAMED]
        used |= {_test_of(row.names[0]) for row in rows if row.names}
        if listed:
            text = f"{word}: {'; '.join(dict.fromkeys(told_of_ranking(row.sentence) for row in listed))}."
            said.append(
                Sentence(text=text, part="evidence", evidence=tuple(name for row in listed for name in row.names))
            )
    return said


def _test_of(finding: str) -> str:
    """Kind, study and side of a finding by its name."""
    return ".".join(finding.split(".")[:3])
