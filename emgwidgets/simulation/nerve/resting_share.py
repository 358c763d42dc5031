"""The share of a unit's fibres whose junction answers an impulse, at rest and along a train."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emgwidgets.simulation.lesion import JunctionDisease
from emgwidgets.simulation.nerve.axons import generator
from emgwidgets.simulation.nerve.nerve_parameters import value
from emgwidgets.simulation.nerve.nerve_state import NerveState

__all__ = ["HEALTHY_JUNCTION", "answering", "resting_share", "unit_safety"]

HEALTHY_JUNCTION = JunctionDisease(
    kind="postsynaptic", median_safety_factor=value("safety_factor"), spread=value("safety_factor_spread")
)


def unit_safety(
    state: NerveState, disease: JunctionDisease, temperature_degc: float
) -> tuple[NDArray[np.float64], float]:
    """Median safety factor of each unit and the spread within a unit; units of one muscle differ (JNNP 1978;41:205)."""
    rng = generator(state.subject.seed, "junction", state.axons.study.key, state.axons.side)
    between = within = disease.spread / np.sqrt(2.0)
    cooling = 1 + value("safety_per_degc") * (value("reference_temperature") - temperature_degc)
    small_worse = 0.1 if disease.median_safety_factor < 3.0 else 0.0
    median = disease.median_safety_factor * np.exp(between * rng.standard_normal(state.axons.n_axons))
    return median * state.axons.size**small_worse * max(cooling, 0.3), float(within)


def answering(safety: NDArray[np.float64], within: float, release: float) -> NDArray[np.float64]:
    """Share of the fibres of each unit whose end-plate potential exceeds threshold."""
    from scipy.special import ndtr

    quantal = np.sqrt(1.04 / (value("quantal_content") * max(release, 0.05)))
    return np.asarray(ndtr(np.log(np.maximum(safety * release, 1e-6)) / np.hypot(within, quantal)), dtype=np.float64)


def resting_share(state: NerveState, temperature_degc: float = 34.0) -> NDArray[np.float64]:
    """Share of each unit's fibres that answer a single impulse at rest, shape ``(n_axons,)``."""
    disease = state.junction or HEALTHY_JUNCTION
    safety, within = unit_safety(state, disease, temperature_degc)
    return answering(safety, within, 1.0)
