"""Bibliography keys and the marks that say how far a figure may be trusted.  It holds no figure of its own."""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from emgwidgets.errors import InputError

__all__ = ["Cited", "Mark", "Source", "source", "sources"]


class Mark(StrEnum):
    """How a figure is known: V read in its source, M from memory, D derived, P a proposal of this project."""

    V = "V"
    M = "M"
    D = "D"
    P = "P"

    @property
    def word(self) -> str:
        """Word shown beside the figure; empty for a figure that was read in its source."""
        return {"V": "", "M": "unverified", "D": "derived", "P": "proposal"}[self.value]

    @property
    def is_unverified(self) -> bool:
        """Whether the figure needs a word beside it wherever it is shown."""
        return self is not Mark.V


@dataclass(frozen=True, kw_only=True)
class Source:
    """One entry of the bibliography.

    Parameters
    ----------
    key : str
        Key used in data files, such as ``"Fardon2014"``, ``"SEG"`` or ``"ncs.S4"``.
    citation : str
        What to look for; the words of the fact base where it came from there.
    doi, pmid, url : str
        Empty where unknown.
    kind : str
        What was read of it, such as ``"primary abstract"``; empty where not stated.
    mark : Mark
        V when something of it was read, M when it is cited from memory.
    """

    key: str
    citation: str
    doi: str = ""
    pmid: str = ""
    url: str = ""
    kind: str = ""
    mark: Mark = Mark.V

    @property
    def address(self) -> str:
        """Where to find it: the DOI, PubMed or plain address; empty where unknown."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        return self.url


@dataclass(frozen=True, kw_only=True)
class Cited:
    """Where a value comes from.

    Parameters
    ----------
    key : str
        Key of the bibliography.
    locus : str
        Place in the source, such as ``"table 2"``.
    mark : Mark
        How the value is known.
    """

    key: str
    locus: str = ""
    mark: Mark = Mark.V

    def __post_init__(self) -> None:
        source(self.key)
        object.__setattr__(self, "mark", Mark(self.mark))

    @property
    def text(self) -> str:
        """Key, place and word in one line, such as ``"ncs.S4, table 2 (unverified)"``."""
        place = f"{self.key}, {self.locus}" if self.locus else self.key
        return f"{place} ({self.mark.word})" if self.mark.word else place


@cache
def sources() -> dict[str, Source]:
    """Every entry of the bibliography by key."""
    text = resources.files("emgwidgets").joinpath("bibliography.csv").read_text(encoding="utf-8")
    found: dict[str, Source] = {}
    for row in csv.DictReader(text.splitlines()):
        found[row["key"]] = Source(
            key=row["key"],
            citation=row["citation"],
            doi=row["doi"],
            pmid=row["pmid"],
            url=row["url"],
            kind=row["kind"],
            mark=Mark(row["mark"]),
        )
    return found


def source(key: str) -> Source:
    """Return one entry of the bibliography.

    Raises
    ------
    InputError
        If no entry has this key; the sentence offers the nearest keys.
    """
    known = sources()
    if key in known:
        return known[key]
    lower = {name.lower(): name for name in known}
    near = [lower[name] for name in difflib.get_close_matches(key.lower(), lower, n=3, cutoff=0.4)]
    raise InputError(
        "no such source",
        got=repr(key),
        expected=f"a key such as {', '.join(near)}" if near else "a key of bibliography.csv",
        way_out="add it to bibliography.csv or correct the key",
    )
