"""Findings in the making, and what one sentence leaves for the next."""

from __future__ import annotations

from dataclasses import dataclass, field

from emgwidgets.interpretation.correlation.report.items import Item
from emgwidgets.model.mri import RootEffect

__all__ = ["ALL", "REST", "Context", "Draft"]

REST = ("rest",)
ALL = ("all",)


@dataclass
class Draft:
    """A finding in the making, one level each."""

    kind: str
    level: str
    start: int
    end: int
    section: str
    side: str | None = None
    zone: str | None = None
    severity_index: float | None = None
    sizes: tuple[float, ...] = ()
    canal_mm: float | None = None
    grade: tuple[str, str] | None = None
    migration: str | None = None
    certainty: str = "definite"
    at_most: str = ""
    change: str = ""
    vertebra: str = ""
    raw: str = ""
    roots: list[RootEffect] = field(default_factory=list)
    unnamed: str = ""
    sac: bool = False
    is_healed: bool = False
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    mentions: int = 1


@dataclass
class Context:
    """What the sentence before leaves for the next: level, and whether a heading set it."""

    section: str
    levels: tuple[str, ...] = ()
    level_span: tuple[int, int] | None = None
    is_heading: bool = False
    drafts: list[Draft] = field(default_factory=list)
    normal: list[tuple[str, int, int]] = field(default_factory=list)
    surgery: list[tuple[str, tuple[str, ...], str | None, int, int]] = field(default_factory=list)
    numbering: list[tuple[str, int, int]] = field(default_factory=list)
    missing: list[Item] = field(default_factory=list)
    unread: list[tuple[int, int]] = field(default_factory=list)
    recent: list[tuple[str, ...]] = field(default_factory=list)
    speaks_of_bone: bool = False
    segments: list[Item] = field(default_factory=list)
    is_same_line: bool = False
    stray: list[tuple[str, int, int]] = field(default_factory=list)
