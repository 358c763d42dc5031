"""Places to stimulate and to record, with the distances in use."""

from __future__ import annotations

from functools import cache

from emgwidgets.model.anatomy import Site
from emgwidgets.sources import Mark
from emgwidgets.vocabulary.lookup import find, read_table, spellings_of, words

__all__ = ["site", "sites"]


@cache
def sites() -> dict[str, Site]:
    """Every site by code."""
    found = {}
    for row in read_table("sites.csv"):
        found[row["code"]] = Site(
            code=row["code"],
            name=row["name"],
            nerve=row["nerve"],
            kind=row["kind"],  # type: ignore[arg-type]
            study=row["study"],  # type: ignore[arg-type]
            target=row["target"],
            element=row["element"],
            distance_mm=tuple(float(part) for part in words(row["distance_mm"])),
            landmark=row["landmark"],
            source=words(row["source"]),
            mark=Mark(row["mark"]),
        )
    return found


@cache
def _spellings() -> dict[str, str]:
    return spellings_of((found.code, (found.name,)) for found in sites().values())


def site(code: str) -> Site:
    """Return one site by code, such as ``"median_wrist"``, or by its name.

    Raises
    ------
    InputError
        If there is no such site; the sentence offers the nearest names.
    """
    return find(code, kind="site", entries=sites(), spellings=_spellings())
