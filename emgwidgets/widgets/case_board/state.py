"""The page of a case as plain values for the browser: what correlation and localisation say, in the order it is read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from emgwidgets import vocabulary
from emgwidgets.cases.proofs import proofs_at
from emgwidgets.interpretation._tables import studies
from emgwidgets.interpretation.correlation.board import LATE_WORDS
from emgwidgets.interpretation.explain_words import start, told_of_ranking
from emgwidgets.model.case import Case
from emgwidgets.model.correlation import BoardRow, Cell, Correlation, EvidenceItem
from emgwidgets.model.localisation import Explanation, NextTests
from emgwidgets.printed import printed
from emgwidgets.widgets.case_board.desk import CaseDesk
from emgwidgets.widgets.case_board.entry_words import entries_state, finding_words
from emgwidgets.widgets.case_board.reading_state import (
    flag_subject,
    open_flags,
    reading_state,
    software_state,
    urgent_words,
)
from emgwidgets.widgets.case_board.results import LAYERS, body_results, region_of
from emgwidgets.widgets.case_board.versus import versus_state
from emgwidgets.widgets.given_case import subject_words

__all__ = ["board_state", "cell_state", "first_cell", "next_state", "said"]

SHOWN_EXPLANATIONS, SHOWN_TESTS, SHOWN_SENTENCES = 5, 4, 3


# red flags ---------------------------------------------------------------------------------------------------------
def _flags(desk: CaseDesk, found: Correlation) -> dict[str, Any]:
    answered = desk.settled("red_flag_set_aside")
    urgent = urgent_words(desk, found)
    n = len(found.red_flags)
    present = [one for one in found.red_flags if one.state == "present"]
    present += [one for one in open_flags(desk, found) if one.code not in {known.code for known in present}]
    asked = [one for one in found.red_flags if one.state != "not asked"]
    shown = "ranking" in desk.settled("ranking_shown")
    return {
        "urgent": urgent, "count": n, "n_present": len(present), "n_asked": len(asked),
        "present": [
            {"code": one.code, "words": one.words, "found": list(one.found), "meaning": one.meaning,
             "answer": answered.get(flag_subject(one))} for one in present
        ],
        "flags": [
            {"code": one.code, "words": one.words, "state": one.state, "found": list(one.found),
             "by_hand": all(place.startswith("examination.signs") for place in one.places)} for one in found.red_flags
        ],
        "held": bool(urgent) and not shown,
    }  # fmt: skip


# board -------------------------------------------------------------------------------------------------------------
def _cell_count(cell: Cell) -> dict[str, Any]:
    return {
        "s": cell.n_supports, "a": cell.n_against, "i": cell.n_silent, "t": len(cell.not_tested), "state": cell.state,
        "text": cell.text,
    }  # fmt: skip


def _row(row: BoardRow) -> dict[str, Any]:
    return {
        "code": row.code, "words": row.words, "kind": row.kind,
        "left": [_cell_count(cell) for cell in row.left], "right": [_cell_count(cell) for cell in row.right],
    }  # fmt: skip


def _item(one: EvidenceItem, case: Case) -> dict[str, Any]:
    return {
        "code": one.code, "state": one.state, "sentence": one.sentence, "bearing": one.bearing, "place": one.place,
        # a sign that goes with a stronger one of its group carries no weight of its own
        "repeats": one.state != "silent" and one.weight == 0.0 and "not counted again" in one.bearing,
        "source": one.cited.text if one.cited else "", "n_traces": len(proofs_at(case, one.place)),
        "is_measured": one.place.startswith(("ncs.", "needle[")),
    }  # fmt: skip


def cell_state(found: Correlation, case: Case, row: str, column: str, side: str) -> dict[str, Any]:
    """Evidence of one cell, strongest first."""
    one = found.board_row(row)
    cell = one.cell(column, side)
    return {
        "row": row, "column": column, "side": side, "words": one.words, "text": cell.text,
        "items": [_item(item, case) for item in cell.items], "not_tested": list(cell.not_tested),
    }  # fmt: skip


def first_cell(found: Correlation) -> tuple[str, str, str] | None:
    """The cell worth opening first: needle EMG of the leading explanation, or where most can be read on its side."""
    side = found.complaint_side if found.complaint_side in {"left", "right"} else "left"
    leading = found.localisation.leading
    wanted = leading.candidate.code.split(".")[0] if leading else ""
    order = {"emg": 4, "ncs": 3, "examination": 2, "mri": 1, "symptoms": 0}
    cells = [
        ((row.code == wanted) * 100 + order[cell.column] + 10 * bool(cell.items), (row.code, cell.column, side))
        for row in found.board for cell in (row.left if side == "left" else row.right)
    ]  # fmt: skip
    return max(cells, key=lambda one: one[0])[1] if cells else None


# explanations --------------------------------------------------------------------------------------------------------
def _test_words(name: str) -> str:
    """A test of the localisation in the words of the laboratory."""
    kind, _, rest = name.partition(".")
    study, _, side = rest.rpartition(".")
    if kind == "needle":
        return f"{vocabulary.muscle(study).name}, {side}"
    known = studies().get(study)
    late = f"{LATE_WORDS[kind]}, " if kind in LATE_WORDS else ""
    return f"{late}{known.words if known else study.replace('_', ' ')}, {side}"


def _explanation(one: Explanation) -> dict[str, Any]:
    return {
        "code": one.candidate.code, "words": one.candidate.words, "probability": one.probability, "low": one.low,
        "high": one.high, "n_for": len(one.supporting), "n_against": len(one.against), "n_silent": len(one.silent),
        "for": [f"{told_of_ranking(row.sentence, with_source=True)}." for row in one.supporting[:SHOWN_SENTENCES]],
        "against": [f"{told_of_ranking(row.sentence, with_source=True)}." for row in one.against[:SHOWN_SENTENCES]],
        "not_tested": [_test_words(name) for name in one.not_tested[:SHOWN_SENTENCES]], "n_not_tested": len(one.not_tested),
        "severity": one.severity, "activity": one.activity,
    }  # fmt: skip


def _explanations(found: Correlation) -> dict[str, Any]:
    place = found.localisation
    shown = place.explanations[:SHOWN_EXPLANATIONS]
    rest = place.remainder + sum(one.probability for one in place.explanations[SHOWN_EXPLANATIONS:])
    return {
        "list": [_explanation(one) for one in shown], "rest": rest, "abstains": place.abstains,
        "reasons": list(place.reasons), "is_adequate": place.adequacy.is_adequate, "missing": list(place.adequacy.missing),
        "notes": [printed(text) for text in dict.fromkeys((*place.adequacy.notes, *found.adequacy.notes, *place.notes))],
        "invalid": [printed(text) for text in found.adequacy.invalid],
        "agreement": [
            {"words": one.words, "percent": one.percent, "low": one.low_percent, "high": one.high_percent,
             "source": one.cited.text if one.cited else "", "basis": one.basis} for one in found.agreement
        ],
        "competing": [one.sentence or one.words for one in found.competing],
    }  # fmt: skip


def next_state(found: NextTests | None) -> dict[str, Any]:
    """Tests worth doing, with what each answer would do."""
    if found is None:
        return {"list": [], "stop": False, "reason": "", "missing": []}
    tests = [
        {
            "code": one.code, "words": one.words, "minutes": one.minutes, "cautions": list(one.cautions),
            "answers": [
                {"result": answer.result, "probability": answer.probability, "leading": answer.leading,
                 "then": answer.leading_probability} for answer in one.answers
            ],
        }
        for one in found.tests[:SHOWN_TESTS]
    ]  # fmt: skip
    return {"list": tests, "stop": found.should_stop, "reason": start(found.reason), "missing": list(found.missing)}


# timing, spine, entries ----------------------------------------------------------------------------------------------
def _timing(found: Correlation) -> dict[str, Any]:
    timing = found.timing
    return {
        "day": timing.study_day,
        "events": [{"letter": one.letter, "words": one.words, "day": one.day} for one in timing.events],
        "windows": [
            {"words": one.words, "first": one.first_day, "by": one.by_day, "until": one.until_day, "state": one.state,
             "sentence": one.sentence, "source": one.cited.text} for one in timing.windows
        ],
        "caveats": [{"level": one.level, "sentence": one.sentence} for one in timing.caveats],
    }  # fmt: skip


def spine_region(case: Case) -> str:
    """Region of the spine to show: where the MRI has most findings, or the limb that was examined."""
    levels = vocabulary.levels()
    seen = [levels[one.level].region for one in case.mri if one.level in levels and one.certainty != "negated"]
    seen += ["cervical" if region_of(case) == "arms" else "lumbar"] if not seen else []
    return max(("lumbar", "cervical", "thoracic"), key=lambda region: sum(one == region for one in seen))


def spine_state(case: Case, found: Correlation) -> dict[str, Any]:
    """Findings by level and zone, and the roots that the board speaks of, with what it says of them."""
    lit: dict[str, str] = {}
    for row in found.board:
        if row.kind != "root":
            continue
        root = row.code.removeprefix("root_").upper()
        for side, cells in (("left", row.left), ("right", row.right)):
            function = [cell for cell in cells if cell.column in {"ncs", "emg"}]
            structure = next(cell for cell in cells if cell.column == "mri")
            is_for = any(cell.state == "supports" for cell in function)
            is_mixed = any(cell.n_against for cell in function)
            marks = ("w" if is_mixed else "f") * is_for + "m" * (structure.n_supports > 0)
            if marks:
                lit[f"{root}/{side}"] = marks
    return {
        "region": spine_region(case), "lit": lit,
        "findings": [
            {"index": n, "level": one.level, "side": one.side, "zone": one.zone, "words": finding_words(one)}
            for n, one in enumerate(case.mri) if one.level and one.certainty != "negated"
        ],
    }  # fmt: skip


def _is_empty(case: Case) -> bool:
    lists: Iterable[Any] = (
        case.symptoms, case.examination.strength, case.examination.reflexes, case.examination.sensation, case.examination.signs,
        case.ncs.motor, case.ncs.sensory, case.ncs.late, case.needle, case.mri,
    )  # fmt: skip
    return not any(lists)


def board_state(desk: CaseDesk, found: Correlation) -> dict[str, Any]:
    """Everything the page shows but the open cell and the next tests."""
    case = desk.case
    results = body_results(case)
    return {
        "version": desk.version, "is_empty": _is_empty(case), "question": case.question, "who": subject_words(case.subject),
        "day": case.days_since_onset,
        "head": {
            "question": case.question, "days_since_onset": "" if case.days_since_onset is None else f"{case.days_since_onset:g}",
            "age_years": "" if case.subject.age_years is None else f"{case.subject.age_years:g}", "sex": case.subject.sex or "",
            "height_cm": "" if case.subject.height_cm is None else f"{case.subject.height_cm:g}",
        },
        "flags": _flags(desk, found), "timing": _timing(found), "side": found.complaint_side,
        "sides": {"conflicts": list(found.sides.conflicts), "complaint": found.sides.complaint, "examination": found.sides.examination,
                  "edx": found.sides.edx, "mri": found.sides.mri},
        "board": [_row(row) for row in found.board], "explanations": _explanations(found), "software": software_state(found),
        "versus": versus_state(case.question, found),
        "spine": spine_state(case, found), "body": results, "layers": [list(one) for one in LAYERS], "region": region_of(case),
        "entries": entries_state(case), "reading": reading_state(desk, found), "notes": list(found.notes),
        "can_undo": desk.history.can_undo, "can_redo": desk.history.can_redo,
    }  # fmt: skip


def said(state: dict[str, Any]) -> str:
    """The page in one or two sentences, for where it cannot be drawn."""
    flags, ranking = state["flags"], state["explanations"]["list"]
    first = f"{flags['urgent']} " if flags["urgent"] else f"Red flags found: {flags['n_present']} of {flags['count']}. "
    if flags["held"] or not ranking:
        return f"{first}No ranking is shown."
    one = ranking[0]
    return f"{first}{one['words']} leads with {one['probability']:.2f} ({one['low']:.2f} to {one['high']:.2f})."
