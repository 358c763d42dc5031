"""Reading of the vocabulary's tables and finding of a code by any of its names.  It knows no anatomy."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import TypeVar

from emgwidgets.errors import InputError

__all__ = ["find", "nearest", "plain", "read_table", "spellings_of", "words"]

T = TypeVar("T")


@cache
def read_table(name: str) -> tuple[dict[str, str], ...]:
    """Rows of one table of this folder, such as ``"muscles.csv"``."""
    text = resources.files("emgwidgets.vocabulary").joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def words(text: str) -> tuple[str, ...]:
    """Parts of a cell that holds several values separated by semicolons."""
    return tuple(part.strip() for part in text.split(";") if part.strip())


def plain(name: str) -> str:
    """Spelling in which names are compared: lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]+", " ", name.lower()).strip()


def nearest(name: str, spellings: Mapping[str, str], *, n: int = 3) -> tuple[str, ...]:
    """Codes whose spellings are nearest to a name, best first.

    Parameters
    ----------
    name : str
        What was given.
    spellings : mapping
        Plain spelling -> code.
    """
    wanted = plain(name)
    close = difflib.get_close_matches(wanted, spellings, n=4 * n, cutoff=0.5)
    close += [spelling for spelling in spellings if len(wanted) > 2 and wanted in spelling]
    return tuple(dict.fromkeys(spellings[spelling] for spelling in close))[:n]


def spellings_of(entries: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str]:
    """Plain spelling -> code from (code, names); the first entry to claim a spelling keeps it, codes before names."""
    found: dict[str, str] = {}
    kept = list(entries)
    for code, _ in kept:
        found.setdefault(plain(code), code)
    for code, names in kept:
        for name in names:
            found.setdefault(plain(name), code)
    return found


def find(name: str, *, kind: str, entries: Mapping[str, T], spellings: Mapping[str, str]) -> T:
    """Return the entry of a code or of any of its names.

    Raises
    ------
    InputError
        If nothing has this name; the sentence offers the nearest names.
    """
    if name in entries:
        return entries[name]
    code = spellings.get(plain(name))
    if code is not None:
        return entries[code]
    near = nearest(name, spellings)
    raise InputError(
        f"no such {kind}",
        got=repr(name),
        expected=f"a {kind} such as {', '.join(near)}" if near else f"a {kind} of the vocabulary",
        way_out=f"correct the name or see emgwidgets.vocabulary for every {kind}",
    )
