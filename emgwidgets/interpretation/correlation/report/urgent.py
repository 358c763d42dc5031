"""Findings that go before any correlation with nerve tests; hedged ones count, negated ones do not."""

from __future__ import annotations

from collections.abc import Sequence

from emgwidgets.interpretation.correlation.report.drafts import Draft
from emgwidgets.interpretation.correlation.report.lexicon import kinds
from emgwidgets.model.mri_report import UrgentFinding

__all__ = ["urgent_of"]

ADVICE = "this is for urgent medical evaluation and no question for nerve tests"
SIGNS_FIRST = "look for cord or cauda equina signs before any correlation"
SEVERE = 3.0
HEDGED = {"possible": "possibly ", "probable": "probably "}


def urgent_of(drafts: Sequence[Draft], stray: Sequence[tuple[str, int, int]] = ()) -> tuple[UrgentFinding, ...]:
    """Urgent findings of a report (facts mri.md 5.3 and 6.2: tumour, infection, fracture, severe central stenosis, cord).

    A severe central stenosis is listed as one to weigh with cord or cauda equina signs.  An urgent word in a sentence
    that was not understood counts as possible, unless the same kind was read elsewhere or it is negated.
    """
    known = kinds()
    found: dict[tuple[str, str], UrgentFinding] = {}
    for draft in drafts:
        kind = known[draft.kind].urgent
        words = known[draft.kind].urgent_words
        if draft.kind == "central_stenosis" and (draft.severity_index or 0) >= SEVERE:
            kind, words = "severe_central_stenosis", "severe stenosis of the canal"
        if not kind or draft.certainty == "negated" or draft.is_healed:
            continue
        place = draft.level or draft.vertebra
        at = f" at {place}" if place else ""
        sentence = f"The report {HEDGED.get(draft.certainty, '')}describes {words}{at}; {SIGNS_FIRST if kind == 'severe_central_stenosis' else ADVICE}."
        one = UrgentFinding(kind=kind, sentence=sentence, certainty=draft.certainty, span=(draft.start, draft.end), level=draft.level)  # fmt: skip
        found.setdefault((kind, place), one)
    for kind, start, end in stray:
        if not any(one.kind == kind for one in found.values()):
            words = next(
                (one.urgent_words for one in known.values() if one.urgent == kind), "severe stenosis of the canal"
            )
            advice = SIGNS_FIRST if kind == "severe_central_stenosis" else ADVICE
            sentence = f"A sentence that was not fully understood may speak of {words}; read it, {advice}."
            found[kind, "?"] = UrgentFinding(kind=kind, sentence=sentence, certainty="possible", span=(start, end))
    return tuple(sorted(found.values(), key=lambda one: one.span))
