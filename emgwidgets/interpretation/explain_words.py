"""Small wordings that several texts share.  They change how a thing is said, never what is said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from emgwidgets.printed import printed

__all__ = [
    "and_words",
    "bare",
    "brief",
    "percent",
    "placed",
    "row_words",
    "start",
    "told_of_ranking",
    "whole_percents",
]

#: A share from ten percent on with decimals: no reader uses them.
SHARE = re.compile(r"\b(\d{2}\.\d+) %")
#: A norm set and a source behind a limit; the evidence that a sentence opens still has them.
CITATION = re.compile(r" \([a-z]+(?:_[a-z0-9]+)*_\d{4}\)| \[[^\[\]]*\]")
#: Short names that stay in capitals inside a sentence.
SHORT_NAMES = {"MRI", "EDX"}
#: Words of a fact -> words of a report.
REPORT_WORDS = (
    (re.compile(r"muap "), "motor unit "),
    (re.compile(r", mrc grade: "), ": strength MRC "),
    (re.compile(r", (?:fibrillation potential|positive sharp wave) grade: (\d) of 4"), r": fibrillation \1+"),
    (re.compile(r"^(.*), ([^,]+): yes$"), r"\1: \2"),
    (re.compile(r"^(.*), ([^,]+): no$"), r"\1: no \2"),
)


def start(text: str) -> str:
    """Text with its first letter large."""
    return text[:1].upper() + text[1:]


def and_words(words: Sequence[str]) -> str:
    """Words joined by commas, the last by and."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def percent(share: float) -> str:
    """Percent of a probability; nothing is certain, so it ends at 99."""
    return f"{min(99.0, 100 * share):.0f}"


def placed(words: str) -> str:
    """``"C6 root, right, active"`` as ``"C6 root on the right, active"``."""
    return re.sub(r", (left|right)\b", r" on the \1", words)


def whole_percents(text: str) -> str:
    """Text with whole percents from ten on."""
    return SHARE.sub(lambda found: f"{float(found[1]):.0f} %", text)


def bare(sentence: str) -> str:
    """A sentence without its citations and its full stop."""
    return CITATION.sub("", sentence.rstrip(".")).rstrip(".")


def brief(sentence: str) -> str:
    """A finding as one part of a longer sentence: several sentences become one list."""
    return bare(sentence).replace(". ", ", ")


def told_of_ranking(sentence: str, *, with_source: bool = False) -> str:
    """A finding of the ranking in the words of a report, such as ``"Right infraspinatus: fibrillation"``."""
    text = printed(sentence.rstrip(".") if with_source else bare(sentence))
    for pattern, words in REPORT_WORDS:
        text = pattern.sub(words, text)
    return start(text)


def row_words(name: str) -> str:
    """Name of a row of the concordance table inside a sentence: ``"full concordance (active)"``."""
    return re.sub(r"[A-Z]{2,}", lambda word: word[0] if word[0] in SHORT_NAMES else word[0].lower(), name)
