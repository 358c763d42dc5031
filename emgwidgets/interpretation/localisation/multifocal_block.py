"""Diseases that block some nerves, each on one stretch: their likelihood from that of a single block on each stretch.

Nerves share no muscle, so the likelihood of a set of blocks is the product over the nerves; nothing is judged here.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from emgwidgets.interpretation.localisation.candidates import candidates
from emgwidgets.interpretation.localisation.effects import grid
from emgwidgets.interpretation.localisation.parameters import number, table

__all__ = ["with_multifocal_block"]

Array = NDArray[np.float64]
#: Disease and whether it takes sensory fibres as well.
DISEASES = {"multifocal_motor_neuropathy": False, "multifocal_acquired_demyelinating_neuropathy": True}


@cache
def _nerves() -> tuple[NDArray[np.int64], ...]:
    """Hypotheses of one block, of each nerve on each side."""
    spec = grid()
    is_single = (spec.place[:, 1:] == len(spec.foci)).all(axis=1) & (spec.block[:, 0] > 0) & (spec.diffuse == 0)
    where = {place: n for n, place in enumerate(spec.foci)}
    made = []
    for name, stretches in table()["multifocal_block"].items():
        if name == "often":
            continue
        for side in ("left", "right"):
            own = [where[one, side] for one in stretches]
            made.append(np.flatnonzero(is_single & np.isin(spec.place[:, 0], own)))
    return tuple(made)


@cache
def _columns(code: str) -> NDArray[np.int64]:
    return np.flatnonzero(grid().candidate == next(n for n, one in enumerate(candidates()) if one.code == code))


def with_multifocal_block(structures: Array, *, is_sensory: NDArray[np.bool_]) -> Array:
    """Sum the gains of the structures, (S, H), over the structures; diseases of several blocks get their mixture, (H,)."""
    total = np.asarray(structures.sum(axis=0))
    motor = np.asarray(structures[~is_sensory].sum(axis=0))
    often = number("multifocal_block.often")
    for code, has_sensory in DISEASES.items():
        own = np.exp(np.minimum(total if has_sensory else motor, 500.0))
        total[_columns(code)] = sum(np.log(often * own[rows].mean() + 1 - often) for rows in _nerves())
    return total
