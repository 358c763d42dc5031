"""Phases of a potential by their definition; turns are counted by ``interference.find_turns``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PHASE_UV", "TURN_UV", "count_phases"]

PHASE_UV = 20.0  # needle.md 2.1 (M): a crossing counts when the excursion exceeds 20 uV
TURN_UV = 50.0  # needle.md 2.1 (M): 50 uV on both sides; 25 uV in older work


def count_phases(wave_uv: NDArray[np.float64], *, least_uv: float = PHASE_UV) -> int:
    """Baseline crossings between excursions beyond ``least_uv``, plus one; 0 when there is no excursion."""
    signs = np.sign(wave_uv[np.abs(wave_uv) > least_uv])
    return int((np.diff(signs) != 0).sum()) + 1 if len(signs) else 0
