"""Which roots a lesion at a level and zone can meet, as a weighted set; what a report says about roots is kept elsewhere."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from importlib import resources

from emgwidgets.errors import InputError
from emgwidgets.model.anatomy import Level
from emgwidgets.model.checks import check_choice
from emgwidgets.model.mri import KINDS, ZONES, MriFinding
from emgwidgets.model.mri_report import RootWeight
from emgwidgets.sources import Mark
from emgwidgets.vocabulary import level as vocabulary_level

__all__ = ["disc_level", "fits", "roots_for", "roots_of", "weight_sources"]

SPINAL = (
    [f"C{n}" for n in range(1, 9)]
    + [f"T{n}" for n in range(1, 13)]
    + [f"L{n}" for n in range(1, 6)]
    + [f"S{n}" for n in range(1, 6)]
)
#: Zone that a kind of finding stands for when the report names none.
ZONE_OF_KIND = {
    "foraminal_stenosis": "foraminal", "lateral_recess_stenosis": "subarticular", "central_stenosis": "central",
    "synovial_cyst": "subarticular", "cord_signal": "central", "cord_compression": "central",
    "cauda_equina_compression": "central",
}  # fmt: skip
#: Share of lumbar herniations that lie in or beyond the foramen: 6-10 % (mri.S11); the middle, derived.
FORAMINAL_SHARE = 0.08
#: Share that each neighbour gets when the count of the vertebrae is in doubt.  Internal choice: the stated root stays
#: first and the neighbours stay visible (one segment either way, mri.S15, mri.S16).
NEIGHBOUR_SHARE = 0.15
#: Below this a root is left out.  Internal choice.
SMALLEST_WEIGHT = 0.01
#: A root named by a report fits its level and zone from this weight on.  Internal choice: the exiting root at a
#: sub-articular lesion and the traversing one at a foraminal lesion (0.10 each) are worth a question.
FITTING_WEIGHT = 0.12
#: Discs that exist only with a transitional vertebra: roots behave as at the level above S1 (mri.S15; L6-S1 and S1-2 from memory).
TRANSITIONAL_LEVELS = {
    "L5-6": Level(code="L5-6", region="lumbar", upper="L5", lower="L6", exiting="L5", traversing="S1", central="cauda: S1-S5", source=("mri.S15",), mark=Mark.V),
    "L6-S1": Level(code="L6-S1", region="lumbar", upper="L6", lower="S1", exiting="S1", traversing="S2", central="cauda: S2-S5", source=("MEM",), mark=Mark.M),
    "S1-2": Level(code="S1-2", region="lumbar", upper="S1", lower="S2", exiting="S1", traversing="S2", central="cauda: S2-S5", source=("MEM",), mark=Mark.M),
}  # fmt: skip


@cache
def _rows() -> dict[tuple[str, str], list[tuple[str, float, str, str]]]:
    text = resources.files(__package__).joinpath("root_weights.csv").read_text(encoding="utf-8")
    found: dict[tuple[str, str], list[tuple[str, float, str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        entry = (row["meets"], float(row["weight"]), row["source"], row["mark"])
        found.setdefault((row["region"], row["zone"]), []).append(entry)
    return found


def weight_sources() -> tuple[tuple[str, str], ...]:
    """Every source of the weights with its mark."""
    return tuple(dict.fromkeys((source, mark) for rows in _rows().values() for _, _, source, mark in rows))


def disc_level(code: str) -> Level:
    """Return a disc level by any spelling, those of a transitional spine included.

    Raises
    ------
    InputError
        If there is no such level: a disc of a C8 vertebra does not exist, the C8 root leaves at C7-T1.
    """
    plain = code.upper().replace("/", "-").replace(" ", "")
    plain = {"L5-L6": "L5-6", "L6-S1": "L6-S1", "S1-S2": "S1-2"}.get(plain, plain)
    if plain in TRANSITIONAL_LEVELS:
        return TRANSITIONAL_LEVELS[plain]
    if "C8" in plain or plain in {"C7-8", "C7-C8"}:
        raise InputError(
            "level that does not exist", got=repr(code), expected="C7-T1: there is no C8 vertebra, and the C8 root leaves at C7-T1",
            way_out="correct the level",
        )  # fmt: skip
    try:
        return vocabulary_level(code)
    except InputError as error:
        raise InputError("level that does not exist", got=repr(code), expected=error.expected, way_out="correct the level") from error  # fmt: skip


def _region(level: Level) -> str:
    if level.code == "T12-L1":
        return "thoracolumbar"
    return level.region


def _met(level: Level, meets: str) -> list[str]:
    """Roots that one word of the table stands for at a level."""
    if meets in {"cord", "conus"}:
        return [meets]
    if meets in {"exiting", "traversing"}:
        return [level.exiting if meets == "exiting" else level.traversing]
    base = SPINAL.index(level.traversing if level.region == "lumbar" else level.exiting)
    if meets == "above":
        return [SPINAL[base - 1]]
    beyond = SPINAL[base + 1 :]
    return beyond[:1] if meets == "next" else beyond[1:]


def _of_zone(level: Level, zone: str) -> dict[str, float]:
    region = _region(level)
    rows = _rows().get(("upper_lumbar", zone)) if level.code == "L1-2" else None
    found: dict[str, float] = {}
    for meets, weight, _, _ in rows or _rows().get((region, zone), []):
        for root in _met(level, meets):
            found[root] = found.get(root, 0.0) + weight
    return found


def _zone_rows(level: Level, zone: str, *, side: str | None, migration: str | None, is_large: bool) -> str:
    if level.region == "lumbar" and zone == "subarticular":
        if migration is not None:
            return f"subarticular_{migration}"
        return "subarticular_large" if is_large else zone
    if level.region == "cervical" and zone == "central" and side in {"left", "right"}:
        return "central_eccentric"
    return zone


def _widened(weights: dict[str, float]) -> dict[str, float]:
    """Share every root's weight with its neighbours, one segment up and down."""
    found: dict[str, float] = {}
    for root, weight in weights.items():
        if root not in SPINAL:
            found[root] = weight
            continue
        at = SPINAL.index(root)
        for step, share in ((-1, NEIGHBOUR_SHARE), (0, 1 - 2 * NEIGHBOUR_SHARE), (1, NEIGHBOUR_SHARE)):
            if 0 <= at + step < len(SPINAL):
                name = SPINAL[at + step]
                found[name] = found.get(name, 0.0) + share * weight
    return found


def roots_for(
    level: str,
    zone: str | None = None,
    kind: str | None = None,
    *,
    side: str | None = None,
    migration: str | None = None,
    is_large: bool = False,
    is_transitional: bool = False,
) -> tuple[RootWeight, ...]:
    """Roots that a lesion can meet, most likely first.

    Parameters
    ----------
    level : str
        Disc level in any spelling, such as ``"L4-5"`` or ``"L4/L5"``.
    zone : str, optional
        One of :data:`~emgwidgets.model.mri.ZONES`; without it the zone the kind stands for, or for a disc lesion of
        unknown place, the mixture of sub-articular and foraminal by their published shares (mri.S11).
    kind : str, optional
        One of :data:`~emgwidgets.model.mri.KINDS`.
    side : str, optional
        Side of the lesion; a midline or central one reaches both.
    migration : str, optional
        ``"cranial"`` or ``"caudal"``, of a lumbar extrusion.
    is_large : bool
        Whether it is large: the next root is then reached too (mri.S7).
    is_transitional : bool
        Whether the count of the vertebrae is in doubt: every root shares with its neighbours (mri.S15).

    Returns
    -------
    tuple of RootWeight
        Weights are derived or proposed starting values (``root_weights.csv``), not frequencies of a series.

    Raises
    ------
    InputError
        If the level, zone or kind does not exist.
    """
    found = disc_level(level)
    check_choice(zone, (None, *ZONES), what="the zone")
    check_choice(kind, (None, *KINDS), what="the kind of an MRI finding")
    check_choice(migration, (None, "cranial", "caudal"), what="the migration of a disc")
    check_choice(side, (None, "left", "right", "bilateral", "midline"), what="the side of a lesion")
    place = zone or ZONE_OF_KIND.get(kind or "")
    options = {"side": side, "migration": migration, "is_large": is_large}
    if place is not None:
        weights = _of_zone(found, _zone_rows(found, place, **options))  # type: ignore[arg-type]
    else:
        inner = _of_zone(found, _zone_rows(found, "subarticular", **options))  # type: ignore[arg-type]
        outer = _of_zone(found, "foraminal")
        names = dict.fromkeys((*inner, *outer))
        weights = {
            name: (1 - FORAMINAL_SHARE) * inner.get(name, 0) + FORAMINAL_SHARE * outer.get(name, 0) for name in names
        }
    if is_transitional or found.code in TRANSITIONAL_LEVELS:
        weights = _widened(weights)
    own_side = "bilateral" if side in {"bilateral", "midline"} or (side is None and place == "central") else side
    order = sorted(weights.items(), key=lambda entry: (-entry[1], _order(entry[0])))
    return tuple(
        RootWeight(root=root, weight=round(min(1.0, weight), 4), side=own_side if root in SPINAL else None)
        for root, weight in order
        if weight >= SMALLEST_WEIGHT
    )


def _order(root: str) -> int:
    return SPINAL.index(root) if root in SPINAL else -1


def roots_of(finding: MriFinding, *, is_transitional: bool = False, is_large: bool = False) -> tuple[RootWeight, ...]:
    """Roots that a finding can meet by its level, zone, kind and side; empty when it has no disc level."""
    if not finding.level or finding.certainty == "negated":
        return ()
    return roots_for(
        finding.level,
        finding.zone,
        finding.kind,
        side=finding.side,
        migration=finding.migration,
        is_large=is_large,
        is_transitional=is_transitional or finding.numbering_basis == "stated_transitional",
    )


def fits(root: str, finding: MriFinding, *, is_transitional: bool = False) -> bool:
    """Whether a root named by a report lies among those that the level and zone of the finding can meet.

    Without a zone every root of the level counts; a finding without a level fits any root.
    """
    if not finding.level or (is_transitional and root not in SPINAL):
        return True
    found = replace(finding, certainty="definite")
    reached = roots_of(found, is_transitional=is_transitional, is_large=True)
    possible = {one.root for one in reached if one.weight >= FITTING_WEIGHT}
    if found.zone in {None, "central"}:
        level = disc_level(found.level)
        possible |= {level.exiting, level.traversing}
    return root in possible
