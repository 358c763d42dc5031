"""Roots, disc levels and every element a lesion can sit on."""

from __future__ import annotations

from functools import cache
from typing import cast

from emgwidgets.model.anatomy import Element, ElementKind, Level, Root
from emgwidgets.sources import Mark
from emgwidgets.vocabulary.lookup import find, read_table, spellings_of, words

__all__ = ["element", "elements", "level", "levels", "lumbar_prevalence", "root", "roots"]

#: Elements every spinal root has, proximal to distal, with their kind; the two rami stand side by side.
SPINAL: tuple[tuple[str, str, ElementKind], ...] = (
    ("root", "{} root", "root"),
    ("drg", "{} dorsal root ganglion", "dorsal_root_ganglion"),
    ("spinal_nerve", "{} spinal nerve", "spinal_nerve"),
    ("dorsal_ramus", "{} dorsal ramus", "dorsal_ramus"),
    ("ventral_ramus", "{} ventral ramus", "ventral_ramus"),
)


@cache
def roots() -> dict[str, Root]:
    """Every root and cranial nerve by code (``"C6"``, ``"CN XI"``), from rostral to caudal after the cranial nerves."""
    found = {}
    for row in read_table("roots.csv"):
        is_cranial = row["region"] == "cranial"
        code = row["code"]
        found[code] = Root(
            code=code,
            name=row["name"],
            region=row["region"],  # type: ignore[arg-type]
            element=code.lower().replace(" ", "_") if is_cranial else f"root_{code.lower()}",
            disc=row["disc"],
            dermatome=row["dermatome"],
            reflex=row["reflex"],
            lead_action=row["lead_action"],
            source=words(row["source"]),
            mark=Mark(row["mark"]),
        )
    return found


@cache
def _root_spellings() -> dict[str, str]:
    return spellings_of((found.code, (found.name, found.element)) for found in roots().values())


def root(code: str) -> Root:
    """Return one root by code in any case, such as ``"c6"``.

    Raises
    ------
    InputError
        If there is no such root.
    """
    return find(code, kind="root", entries=roots(), spellings=_root_spellings())


@cache
def levels() -> dict[str, Level]:
    """Every disc level by code (``"C5-6"``, ``"C7-T1"``, ``"L5-S1"``), from rostral to caudal."""
    found = {}
    for row in read_table("levels.csv"):
        found[row["code"]] = Level(
            code=row["code"],
            region=row["region"],  # type: ignore[arg-type]
            upper=row["upper"],
            lower=row["lower"],
            exiting=row["exiting"],
            traversing=row["traversing"],
            central=row["central"],
            note=row["note"],
            source=words(row["source"]),
            mark=Mark(row["mark"]),
        )
    return found


@cache
def _level_spellings() -> dict[str, str]:
    return spellings_of(
        (found.code, (f"{found.upper} {found.lower}", f"{found.upper}{found.lower[1:]}")) for found in levels().values()
    )


def level(code: str) -> Level:
    """Return one disc level; ``L4/5``, ``L4-L5``, ``L45`` and ``l4-5`` are the same.

    There is no disc of a C8 vertebra: the C8 root leaves at C7-T1.

    Raises
    ------
    InputError
        If there is no such level.
    """
    return find(code, kind="disc level", entries=levels(), spellings=_level_spellings())


@cache
def elements() -> dict[str, Element]:
    """Every element by code: cranial nerves, five for each spinal root, plexuses, and the stretches of the nerves."""
    found = {}
    for origin in roots().values():
        if origin.is_cranial:
            found[origin.element] = Element(
                code=origin.element, name=origin.name, kind="cranial_nerve", mark=origin.mark
            )
            continue
        for prefix, name, kind in SPINAL:
            code = f"{prefix}_{origin.code.lower()}"
            found[code] = Element(code=code, name=name.format(origin.code), kind=kind, mark=origin.mark)
    for row in read_table("elements.csv"):
        found[row["code"]] = Element(
            code=row["code"],
            name=row["name"],
            kind=cast("ElementKind", row["kind"]),
            nerve=row["nerve"],
            mark=Mark(row["mark"]),
        )
    return found


@cache
def _element_spellings() -> dict[str, str]:
    return spellings_of((found.code, (found.name,)) for found in elements().values())


def element(code: str) -> Element:
    """Return one element by code or name, such as ``"upper_trunk"`` or ``"Median nerve, carpal tunnel"``.

    Raises
    ------
    InputError
        If there is no such element.
    """
    return find(code, kind="element", entries=elements(), spellings=_element_spellings())


def lumbar_prevalence() -> tuple[dict[str, str], ...]:
    """Share of people without symptoms with each lumbar MRI finding, by decade, each row with its source and mark.

    The one table of these figures: the virtual patient is made by it, and the correlation quotes it.
    """
    return read_table("lumbar_prevalence.csv")
