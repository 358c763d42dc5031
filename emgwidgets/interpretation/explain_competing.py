"""Sentences on the other explanations: what competes, and each site that the question named.  Words only, no verdict."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from emgwidgets.interpretation.correlation.asked import asked_rows
from emgwidgets.interpretation.explain_function import NEGATIVE, also_named
from emgwidgets.interpretation.explain_words import brief, percent, placed
from emgwidgets.model.correlation import BoardRow, Correlation, EvidenceItem, Sentence

if TYPE_CHECKING:
    from emgwidgets.interpretation.correlation.scenario import Function, Scenario

__all__ = ["competing_sentences"]

TESTS = ("ncs", "emg", "examination")
#: Findings named for one site, and least probability of a rival worth a sentence (internal choices).
MOST_SAID, WORTH_SAYING = 2, 0.02
#: The reading that no lesion of nerve or muscle is there.
NOTHING = "nothing that these tests would show"


def competing_sentences(made: Correlation, function: Function, question: str) -> list[Sentence]:
    """Other readings, where none is listed the next site of the ranking, and the sites of the question that do not lead."""
    lead = function.leading
    found = []
    for one in made.competing[:3]:
        if one.words == lead.words or (one.relation == "beside" and lead.code == "Er"):
            continue
        # of a pair the whole is said: it would be there in place of the single site
        words = (
            f"Both: {placed(one.words)}"
            if one.relation == "beside"
            else f"Could explain it instead: {placed(one.words)}"
        )
        text = f"{words}, {percent(one.probability)} % ({percent(one.low)} to {percent(one.high)} %)."
        found.append(Sentence(text=text, part="competing", evidence=(one.code,)))
    if not found and lead.code not in NEGATIVE | {"Et"}:
        found += _less_likely(made, function)
    return [*found, *_rivals(made, lead, question)]


def _less_likely(made: Correlation, function: Function) -> list[Sentence]:
    """The next reading, or the next site of the ranking; a root that was named beside the first is not said again."""
    lead = function.leading
    said = {f"root_{root.lower()}.{side}" for root, side in also_named(function)}
    others = [
        (NOTHING if one.code in NEGATIVE else one.words, one.probability, one.candidate)
        for one in function.scenarios[1:]
        if one.words != lead.words and not _is_said(one, said)
    ]
    others += [
        (one.candidate.words, one.probability, one.candidate.code)
        for one in made.localisation.explanations
        if one.candidate.code != lead.candidate
        and one.probability < lead.probability
        and one.candidate.code not in said
    ]
    for words, probability, code in others[:1]:
        if probability >= WORTH_SAYING:
            text = f"Less likely: {placed(words)}, {percent(probability)} %."
            return [Sentence(text=text, part="competing", evidence=(code or "localisation",))]
    return []


def _is_said(one: Scenario, said: set[str]) -> bool:
    return bool(one.roots) and {f"root_{root.lower()}.{side}" for root, side in one.roots} <= said


def _rivals(made: Correlation, lead: Scenario, question: str) -> list[Sentence]:
    """What the tests say of the sites that were asked about, or that the MRI shows, and that do not lead; silence is no answer."""
    side = made.complaint_side
    if side not in {"left", "right"} or lead.code in NEGATIVE | {"Et", "Em", "Ey", "Ej", "En"}:
        return []
    led = {f"root_{root.lower()}.{own}" for root, own in lead.roots} | set(lead.candidate.split("+"))
    asked = [row for row in asked_rows(question, made.board)[:3] if f"{row.code}.{side}" not in led]
    if asked:
        return [_of_site(made, row, side, "asked about as well") for row in asked]
    shown = [
        row for row in made.board
        if row.kind == "root" and row.cell("mri", side).n_supports and f"{row.code}.{side}" not in led
    ]  # fmt: skip
    return [_of_site(made, row, side, "where the MRI points") for row in shown[:1]]


def _of_site(made: Correlation, row: BoardRow, side: str, why: str) -> Sentence:
    against, support = _items(row, side, "against"), _items(row, side, "supports")
    missing = list(dict.fromkeys(name for column in TESTS[:2] for name in row.cell(column, side).not_tested))
    parts = [f"{row.words}, {side}, {why}: {_share(made, row, side)}"]
    for words, names in (
        ("Against it", [brief(one.sentence) for one in against]),
        ("For it", [brief(one.sentence) for one in support]),
        ("Not tested", missing),
    ):
        more = f" and {len(names) - MOST_SAID} more" if len(names) > MOST_SAID else ""
        parts += [f"{words}: {'; '.join(names[:MOST_SAID])}{more}"] if names else []
    codes = tuple(one.code for one in (*against[:MOST_SAID], *support[:MOST_SAID]))
    return Sentence(text=f"{'. '.join(parts)}.", part="competing", evidence=codes or ("board",))


def _items(row: BoardRow, side: str, state: str) -> list[EvidenceItem]:
    found = {one.finding: one for column in TESTS for one in row.cell(column, side).of(state) if one.weight}
    return sorted(found.values(), key=lambda one: (TESTS.index(one.column), -abs(one.weight)))


def _share(made: Correlation, row: BoardRow, side: str) -> str:
    """Probability that the site takes part, alone or with another; below the last of the ranking where it is not in it."""
    ranked = made.localisation.explanations
    shares = [one.probability for one in ranked if f"{row.code}.{side}" in one.candidate.code.split("+")]
    if shares:
        return f"{percent(sum(shares))} %" if sum(shares) >= 0.01 else "below 1 %"
    return f"below {max(1, math.ceil(100 * ranked[-1].probability))} %" if ranked else "not ranked"
