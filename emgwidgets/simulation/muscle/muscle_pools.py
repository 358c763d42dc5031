"""Numbers that tell one muscle's motor-unit pool from another's, for every muscle of the vocabulary; no arrays here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal, cast

from emgwidgets import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MusclePool", "muscle_pool", "muscle_pools"]

_NUMBERS = ("n_units", "fibres_per_unit", "fibre_length_mm", "fibre_density", "safety_factor")


@dataclass(frozen=True, kw_only=True)
class MusclePool:
    """One row of ``muscle_pools.csv``.

    Parameters
    ----------
    code : str
        Muscle of the vocabulary.
    n_units : int
        Motor units of a young adult.
    fibres_per_unit : float
        Mean number.
    fibre_length_mm : float
        From tendon to tendon.
    fibre_density : float
        Of single-fibre EMG.
    safety_factor : float
        Median of its junctions.
    rate_class : {"limb", "face"}
        Which discharge rates of Petajan and Philip 1969 its units follow.
    marks : tuple of (str, str)
        Mark of each number, V, M, D or P.
    source : str
        Where the numbers come from.
    """

    code: str
    n_units: int
    fibres_per_unit: float
    fibre_length_mm: float
    fibre_density: float
    safety_factor: float
    rate_class: Literal["limb", "face"]
    marks: tuple[tuple[str, str], ...]
    source: str


@cache
def muscle_pools() -> Mapping[str, MusclePool]:
    """Pools of all muscles by code."""
    text = resources.files("emgwidgets.simulation.muscle").joinpath("muscle_pools.csv").read_text(encoding="utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        found[row["code"]] = MusclePool(
            code=row["code"], n_units=int(row["n_units"]), fibres_per_unit=float(row["fibres_per_unit"]),
            fibre_length_mm=float(row["fibre_length_mm"]), fibre_density=float(row["fibre_density"]),
            safety_factor=float(row["safety_factor"]), rate_class=cast("Literal['limb', 'face']", row["rate_class"]),
            marks=tuple((name, row[f"{name}_mark"]) for name in _NUMBERS), source=row["source"],
        )  # fmt: skip
    return found


def muscle_pool(muscle: str) -> MusclePool:
    """Pool of a muscle by its code or common name.

    Raises
    ------
    InputError
        If the vocabulary has no such muscle.
    """
    return muscle_pools()[vocabulary.muscle(muscle).code]
