"""What a volley of afferent impulses does to the cells it reaches; shared by the H reflex and the blink reflex."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.simulation.nerve.nerve_parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["volley_drive"]


def volley_drive(arrival_ms: NDArray[np.float64]) -> tuple[float, float]:
    """Return the largest share of the impulses that meet within the synchrony kernel, and its time in ms.

    Parameters
    ----------
    arrival_ms : ndarray, shape (n_axons,)
        NaN for an axon that carries nothing; it still counts among all.
    """
    come = arrival_ms[np.isfinite(arrival_ms)]
    if not len(come):
        return 0.0, np.nan
    grid = np.arange(come.min() - 1.0, come.max() + 6.0, 0.1)
    # Potentials last about 5 ms and rise with the synchrony of the volley.
    rise = np.clip((grid[:, None] - come) / (2 * value("h_synchrony")), 0, 1) * np.exp(
        -np.clip(grid[:, None] - come, 0, None) / 5
    )
    total = rise.sum(axis=1) / len(arrival_ms)
    return float(total.max()), float(grid[np.argmax(total >= 0.8 * total.max())])
