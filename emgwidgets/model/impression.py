"""Sentences tied to what they rest on, the impression made of them, and the checklist of a written one.  Nothing decides here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from emgwidgets.model.struck import Struck

__all__ = ["Checklist", "ChecklistPoint", "Impression", "Sentence"]


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence of the software, tied to what it rests on.

    Parameters
    ----------
    part : str
        ``"red flag"``, ``"adequacy"``, ``"function"``, ``"activity"``, ``"evidence"``, ``"structure"``, ``"fit"``,
        ``"side"``, ``"competing"``, ``"confidence"``, ``"not tested"``, ``"next"``, ``"time"``, ``"question"``.
    evidence : tuple of str
        Codes of evidence items, names of facts or places in the case.
    struck : Struck, optional
        Set where a reader rejected it; it stays listed and is left out of the words.
    """

    text: str
    part: str
    evidence: tuple[str, ...] = ()
    struck: Struck | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True)
class Impression:
    """The software's text; a reader's conclusion is kept elsewhere and never overwritten.

    Parameters
    ----------
    sentences : tuple of Sentence
        All of them, the struck ones in their place.
    struck_before : tuple of Struck
        Sentences a reader struck that the software no longer says.
    """

    sentences: tuple[Sentence, ...]
    struck_before: tuple[Struck, ...] = ()

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """One sentence a line; struck ones are left out."""
        return "\n".join(one.text for one in self.sentences if one.struck is None)

    @property
    def struck(self) -> tuple[Struck, ...]:
        """What a reader struck of the sentences that stand here now."""
        return tuple(one.struck for one in self.sentences if one.struck is not None)

    def strike(self, struck: Sequence[Struck]) -> Impression:
        """Return it with the sentences that a reader struck marked; a sentence of a red flag is never among them."""
        by_words = {one.sentence: one for one in struck}
        marked = tuple(
            replace(one, struck=None if one.part == "red flag" else by_words.get(one.text)) for one in self.sentences
        )
        said = {one.text for one in self.sentences}
        return replace(self, sentences=marked, struck_before=tuple(one for one in struck if one.sentence not in said))

    def of(self, part: str) -> tuple[Sentence, ...]:
        """Sentences of one part."""
        return tuple(one for one in self.sentences if one.part == part)


@dataclass(frozen=True, kw_only=True)
class ChecklistPoint:
    """One point of the checklist of a written impression.

    Parameters
    ----------
    state : str
        ``"met"``, ``"missing"`` or ``"not applicable"``.
    found : str
        The reader's own words that met it.
    advice : str
        What to add; empty when met.
    """

    number: int
    words: str
    state: Literal["met", "missing", "not applicable"]
    found: str = ""
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """A written impression against the checklist.

    Parameters
    ----------
    forbidden : tuple of str
        Wording that must not stand, each with why; two points less each.
    percent : float
        Points of those that apply, less the forbidden wording, 0 to 100.
    """

    points: tuple[ChecklistPoint, ...]
    forbidden: tuple[str, ...] = ()
    percent: float = 0.0

    @property
    def is_passed(self) -> bool:
        """At least 80 % and no forbidden wording (a choice of the curriculum)."""
        return self.percent >= 80.0 and not self.forbidden
