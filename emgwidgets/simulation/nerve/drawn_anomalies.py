"""Anomalies of innervation drawn at their published prevalence; what they do is in ``anomaly_ways``."""

from __future__ import annotations

from typing import Any

import numpy as np

from emgwidgets.model.signal import Side
from emgwidgets.simulation.lesion import Anomaly
from emgwidgets.simulation.nerve.axons import generator

__all__ = ["drawn_anomalies"]

#: Hands of 457 with a Martin-Gruber anastomosis by type, and hands with one, two and three types (Ehler 2017, ncs.S92,
#: V: 90 hands, 17 of them combined; that two of the 17 have all three types is D).
_HANDS, _BY_TYPE, _BY_NUMBER = 457, (("adm", 30), ("fdi", 57), ("thenar", 22)), (73, 15, 2)
#: Share of legs with an accessory fibular nerve (8 to 23 %, ncs.S94 and S95, V; the value within is P).
_ACCESSORY_FIBULAR = 0.15


def drawn_anomalies(seed: int) -> dict[Side, tuple[Anomaly, ...]]:
    """Anomalies of one person, drawn at their published prevalence; most people have none.

    Parameters
    ----------
    seed : int
        Of the subject; the same seed gives the same anomalies.

    Returns
    -------
    dict
        Side -> anomalies.
    """
    found: dict[Side, tuple[Anomaly, ...]] = {}
    names = [name for name, _ in _BY_TYPE]
    weights = np.array([n_hands for _, n_hands in _BY_TYPE], dtype=np.float64)
    sides: tuple[Side, ...] = ("left", "right")
    for side in sides:
        rng = generator(seed, "anomalies", side)
        n_types = int(np.searchsorted(np.cumsum(_BY_NUMBER), rng.uniform() * _HANDS, side="right")) + 1
        one: list[Anomaly] = []
        if n_types <= len(_BY_NUMBER):
            chosen = rng.choice(names, n_types, replace=False, p=weights / weights.sum())
            one += [_anomaly(f"martin_gruber_{name}", side, rng) for name in sorted(chosen)]
        if rng.uniform() < _ACCESSORY_FIBULAR:
            one.append(_anomaly("accessory_fibular", side, rng))
        found[side] = tuple(one)
    return found


def _anomaly(kind: Any, side: Side, rng: np.random.Generator) -> Anomaly:
    return Anomaly(kind=kind, side=side, share=round(float(rng.uniform(0.15, 0.6)), 2))  # share: P
