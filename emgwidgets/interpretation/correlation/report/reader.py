"""The reader: text of a report -> MriReport.  Deterministic rules; what is not understood is listed."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from emgwidgets.interpretation.correlation.report.assemble import read_sentence
from emgwidgets.interpretation.correlation.report.conflicts import conflicts_of
from emgwidgets.interpretation.correlation.report.drafts import Context
from emgwidgets.interpretation.correlation.report.gate import check_document
from emgwidgets.interpretation.correlation.report.gather import (
    findings_of,
    inferred,
    normal_levels_of,
    regions_named,
    written_out,
)
from emgwidgets.interpretation.correlation.report.items import Sentence
from emgwidgets.interpretation.correlation.report.lexer import sentences_of
from emgwidgets.interpretation.correlation.report.scope import mark_scope
from emgwidgets.interpretation.correlation.report.sections import READ_SECTIONS, sections_of, without_headings
from emgwidgets.interpretation.correlation.report.urgent import urgent_of
from emgwidgets.interpretation.correlation.report.urgent_words import unread_urgent
from emgwidgets.interpretation.correlation.root_map import disc_level
from emgwidgets.model import mri_report
from emgwidgets.model.mri_report import PriorSurgery, UnreadText

__all__ = ["MriReport", "read_report"]

#: Words that make a title line a question: "MRI lumbar spine, query cauda equina".
ASKING = {"query", "?", "r o", "rule", "exclude"}
SHOWS = {"show", "shows", "showing", "shown", "demonstrates", "demonstrate", "reveals", "reveal", "there is", "there are", "there", "seen", "noted", "identified", "confirm", "confirms"}  # fmt: skip
#: Words of a sentence that tells what was known before the scan.
TOLD = {"for", "history", "known", "previous", "previously", "presents", "presented", "presenting", "complains", "complaining", "referred", "year old", "yr old", "clinical", "syndrome", "suspected", "treated", "surveillance", "staging", "restaging"}  # fmt: skip
TRANSITIONAL_LEVELS = {"L5-6", "L6-S1", "S1-2"}


@dataclass(frozen=True, kw_only=True, repr=False)
class MriReport(mri_report.MriReport):
    """A report that infers the roots of a corrected finding anew."""

    def corrected(self, index: int, **changes: Any) -> MriReport:
        """Return the report with one finding corrected; see :meth:`emgwidgets.model.mri_report.MriReport.corrected`.

        Raises
        ------
        InputError
            Also if the new level does not exist.
        """
        if changes.get("level"):
            changes["level"] = disc_level(changes["level"]).code
        report = super().corrected(index, **changes)
        assert isinstance(report, MriReport)
        one = report.findings[index]
        roots = inferred(one.finding, one.sizes_mm, is_transitional=self.is_transitional)
        findings = list(report.findings)
        findings[index] = dataclasses.replace(one, inferred_roots=roots)
        kept = [conflict for conflict in self.conflicts if conflict.kind != "root_level"]
        again = [
            c for c in conflicts_of(findings, (), (), is_transitional=self.is_transitional) if c.kind == "root_level"
        ]
        return dataclasses.replace(report, findings=tuple(findings), conflicts=(*kept, *again))


def _is_asked(sentence: Sentence) -> bool:
    """Whether a sentence without a heading tells of complaints or asks a question."""
    words = [item.words for item in sentence.items]
    asked = next((n for n, word in enumerate(words) if word in ASKING), None)
    if asked is not None and {"mri", "mr"} & set(words[:asked]):
        return not any(item.category in {"finding", "narrowing", "effect"} for item in sentence.items[:asked])
    reason = next((n for n, word in enumerate(words) if word == "for"), None)
    tells = any(
        item.category in {"level", "segment", "normal", "negate"} or item.words in SHOWS for item in sentence.items
    )
    if reason is not None and {"mri", "mr"} & set(words[:reason]) and not tells:
        return True  # "MRI of the spine for malignant cord compression."
    return any(item.category == "symptom" for item in sentence.items) and not any(item.category in {"level", "segment"} for item in sentence.items)  # fmt: skip


def _leads_in(sentence: Sentence) -> bool:
    """Whether a sentence before any description is the question or the occasion: "Cord compression?", "Follow-up of ..."."""
    words = [item.words for item in sentence.items]
    is_question = bool(words) and words[-1] == "?" and not {"mri", "mr"} & set(words)
    return is_question or words[:2] in (["follow", "up"], ["follow", "-"]) or words[:1] in (["surveillance"], ["staging"], ["restaging"])  # fmt: skip


def read_report(text: str) -> MriReport:
    """Read the text of one English spine MRI report.

    Parameters
    ----------
    text : str
        The report as it is, with or without headings.

    Returns
    -------
    MriReport
        Findings with the place of every field, certainty, side, zone, sizes in mm, roots stated and roots inferred;
        conflicts, urgent findings, operations, counting of the vertebrae, and what was not understood.  Rules miss
        statements (one in six in a published system, mri.S56): show the text and let the user correct.

    Raises
    ------
    InputError
        If the text is empty, too long, in another language, or no report of a spine MRI.
    """
    check_document(text)
    sections = sections_of(text)
    if not any(section.name in READ_SECTIONS and text[section.start : section.end].strip() for section in sections):
        sections = without_headings(sections, text)
    contexts: list[Context] = []
    repairs: list[tuple[int, int, str]] = []
    unread: list[UnreadText] = []
    for section in sections:
        context = Context(section.name)
        for sentence in sentences_of(text, section.start, section.end):
            leads = section.name == "body" and not any(one.drafts or one.normal or one.recent or one.unread for one in (*contexts, context)) and _leads_in(sentence)  # fmt: skip
            if section.name not in READ_SECTIONS or leads or (section.name == "body" and _is_asked(sentence)):
                _background(sentence, context)
                answer = _behind_question(sentence) if section.name == "body" else None
                if answer is not None:
                    read_sentence(answer, context)
                elif section.name == "body":
                    _urgent_behind_symptoms(sentence, context)
                continue
            read_sentence(sentence, context)
            repairs += [*sentence.repairs, *((item.start, item.end, item.words) for item in sentence.items if item.category == "level" and _is_repair(item.words))]  # fmt: skip
        contexts.append(context)
        unread += [UnreadText(start=a, end=b, section=section.name) for a, b in context.unread]
    return _report(text, sections, contexts, repairs, unread)


def _is_repair(words: str) -> bool:
    return "read as" in words or "no sign" in words or "words" in words or "upwards" in words


def _behind_question(sentence: Sentence) -> Sentence | None:
    """What a colon answers: "MRI for ?CES: large L5/S1 herniation"; None when nothing is found behind it."""
    at = next((n for n, item in enumerate(sentence.items) if item.words == ":"), len(sentence.items))
    behind = sentence.items[at + 1 :]
    is_asked = any(item.words in ASKING or item.category == "symptom" for item in behind)
    if is_asked or not any(item.category in {"finding", "narrowing", "normal", "effect"} for item in behind):
        return None
    return dataclasses.replace(sentence, items=behind, start=behind[0].start)


def _urgent_behind_symptoms(sentence: Sentence, context: Context) -> None:
    """A sentence about complaints may still tell of a fracture; what is asked, known or treated does not count."""
    mark_scope(sentence.items)
    if not any(item.words in {*ASKING, *TOLD} or item.category == "hedge" for item in sentence.items):
        context.stray += unread_urgent(sentence.items, ())


def _background(sentence: Sentence, context: Context) -> None:
    """Of indication, technique and comparison only operations and the counting of vertebrae are kept."""
    levels = next((item.value for item in sentence.items if item.category == "level"), ())
    side = next((item.value for item in sentence.items if item.category == "side"), None)
    for item in sentence.items:
        if item.category == "surgery" and context.section in {"indication", "comparison", "body"}:
            context.surgery.append((item.value, levels, side, item.start, item.end))
        elif item.category == "numbering":
            context.numbering.append((item.value, item.start, item.end))


def _report(
    text: str,
    sections: tuple[mri_report.ReportSection, ...],
    contexts: list[Context],
    repairs: list[tuple[int, int, str]],
    unread: list[UnreadText],
) -> MriReport:
    named = [draft.level for one in contexts for draft in one.drafts] + [n[0] for one in contexts for n in one.normal]
    regions = regions_named([level for level in named if level and level not in {"rest", "all"}], text)
    drafts, normal = written_out(contexts, regions)
    is_transitional = any(
        draft.kind == "transitional_vertebra" and draft.certainty != "negated" for draft in drafts
    ) or any(draft.level in TRANSITIONAL_LEVELS for draft in drafts)
    stated = any(draft.kind == "transitional_vertebra" and draft.certainty != "negated" for draft in drafts)
    counted = [value for one in contexts for value, _, _ in one.numbering]
    basis = "stated_transitional" if stated else (counted[0] if counted else None)
    findings = findings_of(drafts, basis=basis, is_transitional=is_transitional)
    missing = [item for one in contexts for item in one.missing]
    sectioned = [(one.section, *entry) for one in contexts for entry in one.normal]
    surgery = [entry for one in contexts for entry in one.surgery]
    return MriReport(
        text=text, sections=sections, findings=findings, normal_levels=normal_levels_of(normal, findings),
        conflicts=conflicts_of(findings, drafts, missing, is_transitional=stated, normal=sectioned, text=text), urgent=urgent_of(drafts, [entry for one in contexts for entry in one.stray]),
        surgery=tuple(PriorSurgery(kind=kind, levels=levels, side=side, span=(a, b)) for kind, levels, side, a, b in surgery),
        unread=tuple(unread), repairs=tuple(repairs), regions=regions, numbering_basis=basis, is_transitional=is_transitional,
    )  # fmt: skip
