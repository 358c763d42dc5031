"""What a study carries, in sentences: what lies beyond a limit, and which published criteria are met."""

from __future__ import annotations

from emgwidgets.interpretation.criteria import evaluate_all
from emgwidgets.interpretation.explain import standing_sentence
from emgwidgets.model.case import Case
from emgwidgets.model.verdict import Standing
from emgwidgets.widgets.ncs_bench.study_table import Row
from emgwidgets.work_up import met_sentences

__all__ = ["carried_state"]

#: More than this is a list, not a message; the table holds everything.
MOST = 6


def _beyond(rows: tuple[Row, ...]) -> list[Standing]:
    found = [one for row in rows for one in row.sides.values() if one is not None]
    order = {"abnormal": 0, "borderline": 1}
    return sorted((one for one in found if one.state in order), key=lambda one: order[one.state])


def carried_state(case: Case, rows: tuple[Row, ...], *, norm_set: str, held_back: str = "") -> list[dict[str, str]]:
    """Marks and sentences, what is beyond a limit first; empty when nothing was measured.

    ``held_back`` is the finding of technique under which no criteria are stated.
    """
    beyond = [
        {"mark": "A" if one.state == "abnormal" else "B", "text": _capital(standing_sentence(one))}
        for one in _beyond(rows)
    ]
    if held_back:
        met = [{"mark": "i", "text": f"Published criteria are not read off while this is open: {held_back}"}]
    else:
        met = [{"mark": "i", "text": text} for text in met_sentences(evaluate_all(case, norm_set=norm_set))]
    any_judged = any(one is not None and one.state == "normal" for row in rows for one in row.sides.values())
    left = len(beyond) - MOST
    more = [{"mark": "i", "text": f"{left} more beyond a limit, in the table."}] if left > 0 else []
    none = (
        [{"mark": "N", "text": "Every number that is judged lies within its limit."}]
        if any_judged and not beyond
        else []
    )
    return [*none, *beyond[:MOST], *more, *met]


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
