"""The vocabulary of annotations: needle, nerve conduction and quality terms with definition, source and mark."""

from __future__ import annotations

import csv
import difflib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast

from emgwidgets.errors import InputError

__all__ = ["TERMS", "Term", "find_label", "label_of", "term", "term_of_letter"]

Kind = Literal["point", "interval"]
Domain = Literal["needle", "ncs", "quality"]


@dataclass(frozen=True, kw_only=True)
class Term:
    """One term.

    Parameters
    ----------
    code : str
        What is stored as the label of an annotation.
    letter : str
        One character, unique; the key after L.  Letters and digits first; the rare quality terms have a sign that looks
        like them: ``-`` flat, ``=`` saturation, ``.`` gap.
    label, short : str
        Full and short name.
    kind : str
        ``"point"`` or ``"interval"``: how it is usually marked; the other is allowed.
    domain : str
        ``"needle"``, ``"ncs"`` or ``"quality"``.
    definition : str
        One sentence.
    source : str
        Keys of the sources, separated by semicolons.
    mark : str
        V read in a source, M from memory, D derived, P our proposal; all but V are shown as unverified.
    """

    code: str
    letter: str
    label: str
    short: str
    kind: Kind
    domain: Domain
    definition: str
    source: str
    mark: Literal["V", "M", "D", "P"]

    @property
    def is_verified(self) -> bool:
        """Whether the definition was read in its source."""
        return self.mark == "V"


def _load() -> tuple[Term, ...]:
    table = resources.files("emgwidgets.vocabulary") / "annotation_terms.csv"
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    return tuple(
        Term(
            code=row["code"], letter=row["letter"], label=row["label"], short=row["short"], kind=cast("Kind", row["kind"]),
            domain=cast("Domain", row["domain"]), definition=row["definition"], source=row["source"],
            mark=cast("Literal['V', 'M', 'D', 'P']", row["mark"]),
        )
        for row in rows
    )  # fmt: skip


#: All terms in the order of the table.
TERMS: tuple[Term, ...] = _load()


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").replace("-", " ").casefold().split())


@cache
def _by_name() -> dict[str, Term]:
    names: dict[str, Term] = {}
    for spelling in ("short", "label", "code"):  # a code wins over a label, a label over a short name
        names.update({_plain(getattr(known, spelling)): known for known in TERMS})
    return names


def term(code: str) -> Term:
    """Return the term of a code, a label or a short name.

    Raises
    ------
    InputError
        If there is none; the sentence offers the nearest names.
    """
    found = _by_name().get(_plain(code))
    if found is not None:
        return found
    near = difflib.get_close_matches(_plain(code), list(_by_name()), n=3, cutoff=0.5)
    nearest = list(dict.fromkeys(_by_name()[name].code for name in near))
    raise InputError(
        "no such term", got=repr(code)[:60], expected=f"perhaps {' or '.join(nearest)}" if nearest else "a code of TERMS",
        way_out="see emgwidgets.cases.terms.TERMS; free text is allowed as a label",
    )  # fmt: skip


def term_of_letter(letter: str) -> Term:
    """Return the term of a key.

    Raises
    ------
    InputError
        If no term has this key.
    """
    for known in TERMS:
        if known.letter == letter.lower():
            return known
    raise InputError(
        "no term has this key", got=repr(letter)[:10], expected=" ".join(known.letter for known in TERMS),
        way_out="press ? for the list, or type free text",
    )  # fmt: skip


def find_label(text: str) -> str:
    """Return the code for the exact name of a term (code, label or short name, any case); other text as it is."""
    found = _by_name().get(_plain(text))
    # A single letter such as M or F in a foreign file may mean anything; it stays as it is.
    if found is None or (len(text.strip()) == 1):
        return text
    return found.code


def label_of(label: str) -> str:
    """Return the words to show for a stored label: the term's label, or the free text itself."""
    for known in TERMS:
        if known.code == label:
            return known.label
    return label
