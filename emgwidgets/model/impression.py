"""Sentences tied to what they rest on, the impression made of them, and the checklist of a written one.  Nothing decides here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
    """

    text: str
    part: str
    evidence: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True)
class Impression:
    """The software's text; a reader's conclusion is kept elsewhere and never overwritten."""

    sentences: tuple[Sentence, ...]

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """One sentence a line."""
        return "\n".join(one.text for one in self.sentences)

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
