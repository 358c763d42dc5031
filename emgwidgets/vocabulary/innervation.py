"""Muscles and sensory nerves with their pathways; the weights 3, 2, 1 are an editorial scale."""

from __future__ import annotations

from functools import cache

from emgwidgets.model.anatomy import Muscle, Pathway, SensoryNerve
from emgwidgets.sources import Mark
from emgwidgets.vocabulary.lookup import find, read_table, spellings_of, words
from emgwidgets.vocabulary.nerve_ways import path_to
from emgwidgets.vocabulary.spine import elements, root

__all__ = ["muscle", "muscles", "sensory_nerve", "sensory_nerves"]


def _weights(text: str) -> dict[str, int]:
    return {root(code).code: int(weight) for code, weight in (part.rsplit(":", 1) for part in words(text))}


def _pathways(leaves: str, weights: dict[str, int], *, is_sensory: bool) -> tuple[Pathway, ...]:
    """Pathways of every root through every leaf.

    A leaf is ``roots@element>further element``; the part before ``@`` (``C5+C6``) limits it to these roots.
    """
    found = []
    for code, weight in weights.items():
        for leaf in words(leaves):
            limit, _, way = leaf.rpartition("@")
            if limit and code not in limit.split("+"):
                continue
            first, *further = way.split(">")
            path = path_to(first, from_root=code, is_sensory=is_sensory)
            found.append(Pathway(root=code, weight=weight, elements=(*path, *further)))
    return tuple(found)


def _nerve_of(leaves: str) -> str:
    """Nerve of the first leaf: the one the muscle is listed under."""
    first = words(leaves)[0].rpartition("@")[2].split(">")[-1]
    return first if first == "dorsal_rami" else elements()[first].nerve


@cache
def muscles() -> dict[str, Muscle]:
    """Every muscle by code."""
    found = {}
    for row in read_table("muscles.csv"):
        found[row["code"]] = Muscle(
            code=row["code"],
            name=row["name"],
            nerve=_nerve_of(row["leaves"]),
            pathways=_pathways(row["leaves"], _weights(row["root_weights"]), is_sensory=False),
            source=words(row["source"]),
            mark=Mark(row["mark"]),
            region=row["region"],
            action=row["action"],
            nerve_text=row["nerve_text"],
            path_text=row["path_text"],
        )
    return found


@cache
def _muscle_spellings() -> dict[str, str]:
    return spellings_of((row["code"], (row["name"], *words(row["aliases"]))) for row in read_table("muscles.csv"))


def muscle(code: str) -> Muscle:
    """Return one muscle by code or common name, such as ``"Tibialis anterior"`` or ``"APB"``.

    Raises
    ------
    InputError
        If there is no such muscle; the sentence offers the nearest names.
    """
    return find(code, kind="muscle", entries=muscles(), spellings=_muscle_spellings())


def _sensory_rows() -> tuple[dict[str, str], ...]:
    """The table of the facts and, beyond it, the responses of the comparison studies."""
    return (*read_table("sensory_nerves.csv"), *read_table("comparison_responses.csv"))


@cache
def sensory_nerves() -> dict[str, SensoryNerve]:
    """Every sensory response by code."""
    found = {}
    for row in _sensory_rows():
        found[row["code"]] = SensoryNerve(
            code=row["code"],
            name=row["name"],
            nerve=_nerve_of(row["leaves"]),
            pathways=_pathways(row["leaves"], _weights(row["root_weights"]), is_sensory=True),
            source=words(row["source"]),
            mark=Mark(row["mark"]),
            recording_site=row["recording_site"],
            skin_area=row["skin_area"],
            abnormal_in=row["abnormal_in"],
            normal_in=row["normal_in"],
            trunk_text=row["trunk_text"],
            cord_text=row["cord_text"],
        )
    return found


@cache
def _sensory_spellings() -> dict[str, str]:
    return spellings_of((row["code"], (row["name"], *words(row["aliases"]))) for row in _sensory_rows())


def sensory_nerve(code: str) -> SensoryNerve:
    """Return one sensory response by code or common name, such as ``"sural"`` or ``"LABC"``.

    Raises
    ------
    InputError
        If there is no such sensory nerve; the sentence offers the nearest names.
    """
    return find(code, kind="sensory nerve", entries=sensory_nerves(), spellings=_sensory_spellings())
