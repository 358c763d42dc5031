"""Signs with their published accuracy, and how much all symptoms and signs of a patient may count together.

Signs of one limb go together: their product is tempered, and no explanation gains more than the cap of the literature.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emgwidgets.interpretation.localisation.candidates import candidates, rows_of
from emgwidgets.interpretation.localisation.effects import grid
from emgwidgets.interpretation.localisation.observation import Observation
from emgwidgets.interpretation.localisation.parameters import number
from emgwidgets.vocabulary.lookup import words

__all__ = ["sign_rates", "tempered"]

Array = NDArray[np.float64]
ACROSS = {"left": "right", "right": "left", "": ""}


@lru_cache(maxsize=128)
def _sign(code: str, side: str) -> tuple[Array, float]:
    """Probability that a sign is positive under each hypothesis, (H,), and in health."""
    spec = grid()
    row = next(row for row in rows_of("signs.csv") if row["sign"] == code)
    targets, own_side = set(words(row["targets"])), ACROSS[side] if row["is_across"] else side
    places = [element in targets and own_side in {own, ""} for element, own in spec.foci]
    hit = np.array([*places, False])[spec.place].any(axis=1)
    hit |= np.array([name in targets for name, _ in spec.kinds])[spec.diffuse]
    hit |= np.array([each.code.partition(".")[0] in targets for each in candidates()])[spec.candidate]
    false = float(row["false_positive"])
    return np.where(hit, float(row["sensitivity"]), false), false


def sign_rates(found: Sequence[Observation]) -> tuple[Array, Array]:
    """Gain against health and chance of a positive sign, both (H, J)."""
    rows = [_sign(one.study, one.side) for one in found]
    rate, false = np.stack([row[0] for row in rows], axis=1), np.array([row[1] for row in rows])
    is_so = np.array([one.probability for one in found])
    gain = np.log(is_so * rate + (1 - is_so) * (1 - rate)) - np.log(is_so * false + (1 - is_so) * (1 - false))
    return gain, rate


def tempered(gain: Array) -> tuple[Array, float]:
    """Sum of the gains, (H,), tempered and capped, and the power that was used."""
    cap = float(np.log(number("clinic.cap")))
    power = min(number("clinic.power"), cap / max(float(gain.max()), 1e-9))
    return np.maximum(power * gain, -cap), power
