"""Small functions of probabilities that the likelihoods share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["normal_cdf", "one_of"]

Array = NDArray[np.float64]


def normal_cdf(x: Array | float) -> Array:
    """Standard normal distribution, by the logistic approximation of Bowling et al. (error below 0.0002)."""
    y = np.asarray(x, dtype=np.float64)
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(0.07056 * y**3 + 1.5976 * y, -60, 60))))


def one_of(*parts: Array | float) -> Array:
    """Probability that at least one of several independent things is so."""
    kept: Array = np.asarray(1.0)
    for part in parts:
        kept = kept * (1.0 - np.asarray(part))
    return np.asarray(1.0 - kept)
