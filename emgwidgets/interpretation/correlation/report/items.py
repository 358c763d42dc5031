"""Items and sentences, as the lexer makes them and every later step reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Item", "Sentence"]


@dataclass
class Item:
    """One meaningful stretch: category, value and where it stands.

    ``neg`` and ``hedge`` are filled in by the scope pass.
    """

    category: str
    value: Any
    start: int
    end: int
    words: str = ""
    neg: str = ""
    hedge: str = ""
    neg_span: tuple[int, int] | None = None
    hedge_span: tuple[int, int] | None = None


@dataclass
class Sentence:
    """Items of one sentence; ``line_start`` when it begins a line, ``blank_before`` when a paragraph."""

    items: list[Item]
    start: int
    end: int
    line_start: bool = False
    blank_before: bool = False
    repairs: list[tuple[int, int, str]] = field(default_factory=list)
