"""What is no English report of a spine MRI is refused with one sentence; the sentence never quotes the text."""

from __future__ import annotations

import re
from functools import cache

from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.report.levels import scan_places
from emgwidgets.interpretation.correlation.report.lexer import sentences_of
from emgwidgets.interpretation.correlation.report.lexicon import read_rows

__all__ = ["MAX_CHARACTERS", "check_document"]

#: A long whole-spine report has some 10,000 characters (lumbar 1,987 +/- 782, mri.S56); more is another document.  Internal choice.
MAX_CHARACTERS = 60_000
EXPECTED = "the text of one English report of a spine MRI"
#: Share of letters outside the Latin alphabet from which the language is not English.  Internal choice.
FOREIGN_LETTERS = 0.2
#: Words of another language must lead by this factor.  Internal choice: short English reports share few words with others.
LEAD_FACTOR = 1.3
WORD = re.compile(r"[a-zà-ÿäöüßąćęłńóśźżğışç]+")
SPINE = re.compile(r"spin(?:e|al)\b|dis[ck]s?\b|vertebra|lumbar|cervical|thoracic|foramin|thecal|conus|\bcord\b|lumbosacral|cauda equina|spondyl|sacral", re.IGNORECASE)  # fmt: skip
#: What a report must hold at least one of, and how much of the text is looked at for it.
READING = {"finding", "narrowing", "normal", "growth", "signal_change", "effect", "negate"}
LOOKED_AT = 8_000
#: Words and levels of the spine from which a text that says MRI is read even when no finding is known in it.
ENOUGH_SPINE = 2
MRI = re.compile(r"\bmri\b|\bmr\b|magnetic resonance|\bt[12]\b|\bstir\b", re.IGNORECASE)


@cache
def _languages() -> dict[str, frozenset[str]]:
    return {row["language"]: frozenset(row["words"].split()) for row in read_rows("languages.csv")}


def _refuse(what: str, got: str, way_out: str = "enter the findings by hand") -> InputError:
    return InputError(what, got=got, expected=EXPECTED, way_out=way_out)


def check_document(text: str) -> None:
    """Raise InputError when a text cannot be read as an English report of a spine MRI."""
    if not isinstance(text, str):
        raise _refuse("the report cannot be read", type(text).__name__, "pass its text")
    if not text.strip():
        raise _refuse("the report is empty", "no text", "paste the report")
    if len(text) > MAX_CHARACTERS:
        raise _refuse("the text is too long for one report", f"{len(text)} characters, more than {MAX_CHARACTERS}", "paste one report")  # fmt: skip
    language = _language(text)
    if language != "English":
        raise _refuse("the report is not in English", language, "have it translated by a person or enter the findings by hand")  # fmt: skip
    document = _document(text)
    if document:
        raise _refuse("this is not a report of a spine MRI", document)


def _language(text: str) -> str:
    letters = [letter for letter in text if letter.isalpha()]
    foreign = sum(not ("a" <= letter.lower() <= "z" or "À" <= letter <= "ɏ") for letter in letters)
    if letters and foreign / len(letters) > FOREIGN_LETTERS:
        return "another alphabet"
    words = WORD.findall(text.lower())
    counts = {name: sum(word in listed for word in words) for name, listed in _languages().items()}
    best = max(counts, key=lambda name: counts[name])
    if best != "English" and counts[best] >= 4 and counts[best] > LEAD_FACTOR * counts["English"]:
        return best
    return "English"


def _document(text: str) -> str:
    """Kind of document when it is no spine MRI report; empty when it is one."""
    lower = text.lower()
    spine = len({match.group().lower() for match in SPINE.finditer(text)}) + len(scan_places(text))
    sentences = sentences_of(text, 0, min(len(text), LOOKED_AT))
    reading = any(item.category in READING for sentence in sentences for item in sentence.items)
    counts = {
        row["document"]: sum(word in lower for word in row["words"].split(";")) for row in read_rows("documents.csv")
    }
    name = max(counts, key=lambda one: counts[one])
    is_mri = bool(MRI.search(text))
    first = lower.lstrip()[:80]
    if re.match(r"(?:non-?contrast )?ct\b|x-?ray|radiograph|(?:exam(?:ination)?|study|procedure):\s{0,3}(?:ct|x-?ray)\b", first):  # fmt: skip
        return "a CT or X-ray report"
    if counts[name] >= 2 and (counts[name] * 2 > spine or not is_mri):
        return f"a {name}" if name[0] not in "AEIOUaeiouXM" else f"an {name}"
    if counts[name] >= 1 and not is_mri and name != "laboratory report" and spine < 4:
        return f"a {name}" if name[0] not in "AEIOUaeiouXM" else f"an {name}"
    if spine < 1 or not (reading or (is_mri and spine >= ENOUGH_SPINE)):
        return "no level, disc or other word of the spine with a finding"
    return ""
