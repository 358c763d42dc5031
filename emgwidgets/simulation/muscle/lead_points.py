"""The points of an electrode whose mean potential is recorded; what electrode and volume conductor share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LeadPoints"]


@dataclass(frozen=True, kw_only=True, eq=False)
class LeadPoints:
    """Points whose mean potential is recorded; rows are x, y, z, share. Shares are 1 in all (active), -1 (reference)."""

    active: NDArray[np.float64] = field(repr=False)
    active_centre: NDArray[np.float64] = field(repr=False)
    reference: NDArray[np.float64] = field(repr=False)
    active_radius_mm: float
    reference_radius_mm: float

    def distance_mm(self, x_mm: NDArray[np.float64], y_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance in the cross-section from the nearest active point."""
        gaps = [np.hypot(x_mm - row[0], y_mm - row[1]) for row in self.active]
        nearest: NDArray[np.float64] = np.min(gaps, axis=0)
        return nearest
