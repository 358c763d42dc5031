"""Where title, indication, technique, comparison, findings and impression of a report begin and end; it reads no finding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from emgwidgets.interpretation.correlation.report.lexicon import read_rows
from emgwidgets.model.mri_report import ReportSection

__all__ = ["READ_SECTIONS", "sections_of", "without_headings"]

#: Sections whose sentences are read for findings.
READ_SECTIONS = ("findings", "impression", "addendum", "body")
ONE_LINE = ("administrative", "title")
SHORT_SECTIONS = ("indication", "technique", "comparison", "title")
#: Headings that may stand at the start of a line without a colon, as in dictation.
SPOKEN = re.compile(r"(?:clinical history|clinical details|indication|technique|findings|impression|conclusion|opinion|summary|comparison)\s+(?!of\b|are\b|is\b|from\b|to\b|in\b|as\b|suggest|consistent|with\b|were\b|was\b|on\b|and\b)(?=[a-z])", re.IGNORECASE)  # fmt: skip
TITLE = re.compile(r"\b(?:mri|mr|magnetic resonance)\b", re.IGNORECASE)
ANATOMY = re.compile(r"[CTDL]\d|vertebra|conus|\bcord\b|alignment|\bcanal|foramin|marrow|\bdis[ck]s?\b|lordosis", re.IGNORECASE)  # fmt: skip
ASKED = re.compile(r"rule out|exclude|query|\?|histor|\bpain|sciatica|prior|status post|s/p|weak|numb|previous|compar|assess|evaluat|weighted|sagittal|sequence", re.IGNORECASE)  # fmt: skip
FINDING = re.compile(r"[CTDL]\d|vertebra|conus|\bcord\b|alignment|\bcanal|foramin|marrow|bulge|protrusion|herniat|stenosis|h[ae]{1,2}matoma|abscess|fracture|metasta|tumou?r|mass|collection|compress", re.IGNORECASE)  # fmt: skip
DESCRIBES = re.compile(r"there (?:is|are)|the\b|at (?:the )?[CTDL]\s?\d|normal\b|no\b|alignment|[CTDL]\s?\d{1,2}\s?[-/]|mild|moderate|severe|vertebral|multi", re.IGNORECASE)  # fmt: skip
TECHNICAL = re.compile(r"sequence|weighted|sagittal|axial|obtained|acquired|performed|images|through|contrast|from \d|dated", re.IGNORECASE)  # fmt: skip
TITLE_MAX = 120


@dataclass
class _Mark:
    name: str
    start: int
    content: int


@cache
def _headings() -> tuple[re.Pattern[str], dict[str, str]]:
    names = {row["heading"]: row["section"] for row in read_rows("headings.csv")}
    listed = "|".join(re.escape(name).replace(r"\ ", r"[ /]{1,2}") for name in sorted(names, key=len, reverse=True))
    pattern = (
        rf"(?P<lead>^[ \t*#_=\-]{{0,6}}(?:\d[.)]\s)?|(?<=[.;])[ \t]{{1,3}}(?=[A-Z]))(?P<name>{listed})"
        r"(?P<tail>[ \t*_]{0,3}(?:\([^()\n]{0,30}\))?[ \t]{0,2}(?::[ \t*_]{0,3}|[-–][ \t]|=)|[ \t*_=.\-]{0,6}$)"
    )
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE), names


def _marks(text: str) -> list[_Mark]:
    pattern, names = _headings()
    found = [
        _Mark(names[re.sub(r"[ /]+", " ", match["name"].lower())], match.start("name"), match.end())
        for match in pattern.finditer(text)
    ]
    for line in re.finditer(r"^[ \t]{0,8}|(?<=[.\n])[ \t]{1,3}", text, re.MULTILINE):
        match = SPOKEN.match(text, line.end())
        if match and not any(mark.start <= match.start() < mark.content for mark in found):
            word = re.sub(r"\s+", " ", match.group().strip().lower())
            found.append(_Mark(names[word], match.start(), match.end()))
    found.sort(key=lambda mark: mark.start)
    kept: list[_Mark] = []
    for mark in found:
        if not kept or mark.start >= kept[-1].content:
            kept.append(mark)
    return kept


def _first_title(text: str, end: int) -> int:
    """End of the title lines before the first heading; 0 when there are none."""
    at = 0
    for line in text[:end].splitlines(keepends=True):
        bare = line.strip()
        is_title = len(bare) <= TITLE_MAX and bool(TITLE.search(bare)) and not bare.endswith(".") and not ANATOMY.search(re.sub(r"(?i)cord|whole", "", bare))  # fmt: skip
        if bare and not is_title:
            break
        at += len(line)
        if is_title:
            return at
    return 0


def _leaves(text: str, start: int, end: int) -> int:
    """Where a short section is over although no heading follows; ``end`` when it is not."""
    at, has_content, blank = start, False, False
    for line in text[start:end].splitlines(keepends=True):
        bare = line.strip()
        if not bare:
            blank = has_content
        elif has_content and (blank or (ANATOMY.search(bare) and not ASKED.search(bare))) and not _is_asked(bare):
            return at
        else:
            has_content = True
        at += len(line)
    return end


def without_headings(sections: tuple[ReportSection, ...], text: str) -> tuple[ReportSection, ...]:
    """Sections when none of them would be read: what stands behind the first sentence of each is read then."""
    found: list[ReportSection] = []
    for section in sections:
        stop = text.find(". ", section.start, section.end)
        if section.name in ONE_LINE or stop < 0:
            found.append(section)
            continue
        found += [ReportSection(name=section.name, start=section.start, end=stop + 1), ReportSection(name="body", start=stop + 1, end=section.end)]  # fmt: skip
    return tuple(found)


def _leaves_sentence(text: str, start: int, end: int, *, is_strict: bool) -> int:
    """Where, behind the first sentence, a short section goes over into findings on the same line.

    A history may itself name discs, so there only a sentence that begins like a description counts.
    """
    for match in re.finditer(r"\.\s+(?=[A-Z])", text[start:end]):
        at = start + match.end()
        stop = text.find(".", at, end)
        sentence = text[at : end if stop < 0 else stop]
        if is_strict and not (DESCRIBES.match(sentence) and not ASKED.search(sentence)):
            continue
        if FINDING.search(sentence) and not TECHNICAL.search(sentence):
            return at
    return end


def _is_asked(line: str) -> bool:
    return bool(ASKED.search(line)) and not ANATOMY.search(line)


def sections_of(text: str) -> tuple[ReportSection, ...]:
    """Sections in order; a stretch under no heading is ``"body"``.

    Parameters
    ----------
    text : str
        The whole report.
    """
    marks = _marks(text)
    first = marks[0].start if marks else len(text)
    title_end = _first_title(text, first)
    found = [ReportSection(name="title", start=0, end=title_end)] if title_end else []
    if text[title_end:first].strip():
        found.append(ReportSection(name="body", start=title_end, end=first))
    current = "body"
    for n, mark in enumerate(marks):
        end = marks[n + 1].start if n + 1 < len(marks) else len(text)
        stop = end
        if mark.name in ONE_LINE:
            line_end = text.find("\n", mark.content, end)
            stop = end if line_end < 0 else line_end
        elif mark.name in SHORT_SECTIONS:
            stop = _leaves(text, mark.content, end)
            if mark.name != "title":
                stop = _leaves_sentence(text, mark.content, stop, is_strict=mark.name == "indication")
        found.append(ReportSection(name=mark.name, start=mark.content, end=stop))
        if mark.name not in ONE_LINE:
            current = mark.name
        if text[stop:end].strip():
            after = "body" if current in SHORT_SECTIONS else current
            found.append(ReportSection(name=after, start=stop, end=end))
            current = after
    return tuple(found)
