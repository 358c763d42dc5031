"""Named nerves, their stretches and branches, and the way from a root to any stretch."""

from __future__ import annotations

from functools import cache

from emgwidgets.errors import InputError
from emgwidgets.model.anatomy import Nerve
from emgwidgets.sources import Mark
from emgwidgets.vocabulary.lookup import find, read_table, spellings_of, words
from emgwidgets.vocabulary.spine import element, root

__all__ = ["chain_to", "nerve", "nerves", "path_to"]


@cache
def nerves() -> dict[str, Nerve]:
    """Every nerve by code."""
    sites: dict[str, list[str]] = {}
    for row in read_table("sites.csv"):
        sites.setdefault(row["nerve"], []).append(row["code"])
    found = {}
    for row in read_table("nerves.csv"):
        found[row["code"]] = Nerve(
            code=row["code"],
            name=row["name"],
            fibres=row["fibres"],  # type: ignore[arg-type]
            elements=words(row["elements"]),
            parent=row["parent"],
            leaves_from=row["leaves_from"],
            route=row["route"],
            sites=tuple(sites.get(row["code"], ())),
            source=words(row["source"]),
            mark=Mark(row["mark"]),
        )
    return found


@cache
def _spellings() -> dict[str, str]:
    return spellings_of(
        (row["code"], (row["name"], row["name"].removesuffix(" nerve"), *words(row["aliases"])))
        for row in read_table("nerves.csv")
    )


def nerve(code: str) -> Nerve:
    """Return one nerve by code or common name, such as ``"Median"``, ``"PIN"`` or ``"peroneal"``.

    Raises
    ------
    InputError
        If there is no such nerve; the sentence offers the nearest names.
    """
    return find(code, kind="nerve", entries=nerves(), spellings=_spellings())


@cache
def _routes() -> dict[tuple[str, str], tuple[str, ...]]:
    return {(row["route"], row["root"]): words(row["elements"]) for row in read_table("routes.csv")}


def chain_to(code: str) -> tuple[str, tuple[str, ...]]:
    """Route and nerve elements down to one element of a nerve, proximal to distal."""
    owner = nerves()[element(code).nerve]
    own = owner.elements[: owner.elements.index(code) + 1]
    if not owner.parent:
        return owner.route, own
    route, above = chain_to(owner.leaves_from)
    return route, above + own


def path_to(code: str, *, from_root: str, is_sensory: bool = False) -> tuple[str, ...]:
    """Elements from a root to one stretch of a nerve, proximal to distal.

    Parameters
    ----------
    code : str
        Element of a nerve, or ``"dorsal_rami"``.
    from_root : str
        Code of the root.
    is_sensory : bool
        With the dorsal root ganglion as an element.

    Raises
    ------
    InputError
        If fibres of this root do not run to it.
    """
    origin = root(from_root)
    if origin.is_cranial:
        return (origin.element, *chain_to(code)[1])
    low = origin.code.lower()
    above = (origin.element, *((f"drg_{low}",) if is_sensory else ()), f"spinal_nerve_{low}")
    if code == "dorsal_rami":
        return (*above, f"dorsal_ramus_{low}")
    route, below = chain_to(code)
    between = _routes().get((route, origin.code))
    if between is None:
        known = [root_code for route_code, root_code in _routes() if route_code == route]
        raise InputError(f"{origin.code} does not supply {code}", got=origin.code, expected=f"one of {known}")
    return (*above, f"ventral_ramus_{low}", *between, *below)
