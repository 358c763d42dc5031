"""What stands before the signature, the reader's box and the software's box as plain values; the two are never mixed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from emgwidgets.interpretation.explain_words import row_words, start
from emgwidgets.model.correlation import Correlation, EvidenceItem, RedFlag
from emgwidgets.model.struck import Struck
from emgwidgets.widgets.case_board.desk import CaseDesk

__all__ = [
    "CONTRADICTED", "flag_subject", "gaps_of", "open_flags", "raised_subjects", "reading_state", "software_state",
    "subjects_to_answer", "urgent_words",
]  # fmt: skip

#: How the MRI bench notes a finding whose side is in conflict.
CONTRADICTED = "the report contradicts itself on the side"
URGENT = "Urgent medical evaluation, not an electrodiagnostic question."
#: What stands for the evidence of a flag that was raised and then taken out of the case.
GONE = "raised earlier, and what it rested on was taken out of the case."


def flag_subject(flag: RedFlag) -> str:
    """What a reader's answer to a flag is tied to: new evidence for it opens it again."""
    return " | ".join((flag.code, *sorted(flag.found)))


def raised_subjects(found: Correlation) -> dict[str, str]:
    """Urgent flags that are present now, to be kept with the case: what each is tied to -> its words."""
    if not found.urgent:
        return {}
    return {flag_subject(one): one.words for one in found.red_flags if one.state == "present" and one.is_urgent}


def subjects_to_answer(desk: CaseDesk, flag: RedFlag) -> tuple[str, ...]:
    """Everything a reader's answer to a flag settles: its evidence now, and earlier evidence that was taken out."""
    answered = desk.settled("red_flag_set_aside")
    now = [] if flag.found == (GONE,) else [flag_subject(flag)]
    earlier = [one for one in desk.settled("red_flag_raised") if one.split(" | ")[0] == flag.code]
    return tuple(dict.fromkeys(one for one in (*now, *earlier) if one not in answered))


def open_flags(desk: CaseDesk, found: Correlation) -> tuple[RedFlag, ...]:
    """Flags that are present and that no named reader has set aside, and raised ones whose evidence was taken out."""
    answered, raised = desk.settled("red_flag_set_aside"), desk.settled("red_flag_raised")
    present = tuple(one for one in found.red_flags if one.state == "present")
    gone = {
        subject.split(" | ")[0]: told["reason"]
        for subject, told in raised.items()
        if subject not in answered and subject.split(" | ")[0] not in {one.code for one in present}
    }
    made = tuple(RedFlag(code=code, words=words, state="present", found=(GONE,)) for code, words in gone.items())
    return (*(one for one in present if flag_subject(one) not in answered), *made)


def urgent_words(desk: CaseDesk, found: Correlation) -> str:
    """Sentence of the banner; empty when every urgent flag was set aside by a named reader."""
    still = open_flags(desk, found)
    if found.urgent and any(one.found != (GONE,) for one in still):
        return found.urgent
    gone = [one.words for one in still if one.found == (GONE,)]
    if not gone:
        return ""
    return f"{URGENT} {', '.join(gone)[:1].upper()}{', '.join(gone)[1:]}: {GONE}"


def gaps_of(desk: CaseDesk, found: Correlation) -> tuple[dict[str, Any], ...]:
    """What has to be answered or waived before signing: red flags, conflicts of side, what the studies lack."""
    waived, settled = desk.settled("gap_waived"), desk.settled("side_settled")
    made: list[dict[str, Any]] = [
        {"kind": "red_flag_set_aside", "about": flag_subject(one), "words": f"Red flag: {one.words}.", "answer": None}
        for one in open_flags(desk, found) if urgent_words(desk, found)
    ]  # fmt: skip
    made += [
        {"kind": "side_settled", "about": text, "words": text, "answer": settled.get(text)}
        for text in found.sides.conflicts
    ]
    for one in desk.case.mri:
        if one.note.startswith(CONTRADICTED):
            words = f"The MRI report contradicts itself on the side of the {one.kind.replace('_', ' ')} at {one.level or 'no named level'}."
            made.append({"kind": "side_settled", "about": words, "words": words, "answer": settled.get(words)})
    missing = dict.fromkeys((*found.adequacy.invalid, *found.adequacy.missing, *found.localisation.adequacy.missing))
    made += [{"kind": "gap_waived", "about": text, "words": text, "answer": waived.get(text)} for text in missing]
    return tuple(made)


def reading_state(desk: CaseDesk, found: Correlation) -> dict[str, Any]:
    """The reader's box: draft, what is still open, who signed and whether the case changed since."""
    reading = desk.case.reading
    gaps = gaps_of(desk, found)
    still = [one for one in gaps if one["answer"] is None]
    signed = desk.settled("signed")
    return {
        "reader": desk.reader, "draft": desk.draft, "gaps": list(gaps), "n_open": len(still), "is_signed": desk.is_signed,
        "signed_by": reading.reader if reading else "", "signed_at": max((one["at"] for one in signed.values()), default=""),
        "is_changed": reading is not None and not desk.is_signed, "limits": reading.limits if reading else "",
    }  # fmt: skip


def software_state(found: Correlation) -> dict[str, Any]:
    """The software's box: its sentences, each with what it rests on, and the row of the concordance table."""
    known = {
        item.code: (row.code, item) for row in found.board for cell in (*row.left, *row.right) for item in cell.items
    }  # fmt: skip
    row = found.row
    return {
        "sentences": [
            {
                "text": one.text, "part": one.part, "evidence": [_landing(code, known) for code in one.evidence],
                "struck": _struck(one.struck), "can_strike": one.part != "red flag",
            }
            for one in found.impression.sentences
        ],
        "struck_before": [_struck(one) for one in found.impression.struck_before],
        "row": {
            "number": row.number, "name": row.name, "words": start(row_words(row.name)), "probability": row.probability, "low": row.low, "high": row.high,
            "mri": row.mri_words, "edx": row.edx_words, "complaint": row.complaint_words,
            "explanations": list(row.explanations), "next": list(row.next_steps),
        },
    }  # fmt: skip


def _struck(one: Struck | None) -> dict[str, str] | None:
    return None if one is None else asdict(one)


def _landing(code: str, known: dict[str, tuple[str, EvidenceItem]]) -> dict[str, Any]:
    """What a sentence rests on: a cell of the board where it is one, words where it is a fact or a place."""
    if code not in known:
        return {"code": code, "words": code.replace("_", " ").replace(".", ", ")}
    row, item = known[code]
    return {"code": code, "words": item.sentence, "column": item.column, "side": item.side, "row": row}
