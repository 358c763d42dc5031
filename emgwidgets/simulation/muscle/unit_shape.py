"""True shape of a noise-free motor unit potential, by plain definitions; measuring recorded potentials is not its task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["UnitShape", "turning_points", "unit_shape"]

#: Excursions, turns and gap as in the usual definitions (needle.md 2.1, M).
PHASE_UV, TURN_UV, GAP_MS = 20.0, 50.0, 3.0
#: Smallest late component that counts as a satellite, in microvolts (internal choice: twice the duration threshold).
SATELLITE_UV = 40.0


@dataclass(frozen=True, kw_only=True)
class UnitShape:
    """Shape of one potential.

    Parameters
    ----------
    amplitude_uv : float
        Peak to peak.
    onset_ms, duration_ms : float
        First sample beyond 20 uV of the main part, and its length; later parts more than 3 ms away do not belong to it.
    area_uv_ms : float
        Rectified, within the duration.
    n_phases, n_turns : int
        Excursions beyond 20 uV, and changes of direction with 50 uV on both sides.
    rise_ms : float
        From the positive peak to the negative peak after it.
    satellites_ms : tuple of (float, float)
        Start and end of each late component.
    """

    amplitude_uv: float
    onset_ms: float
    duration_ms: float
    area_uv_ms: float
    n_phases: int
    n_turns: int
    rise_ms: float
    satellites_ms: tuple[tuple[float, float], ...]


def turning_points(wave_uv: NDArray[np.float64], size_uv: float = TURN_UV) -> NDArray[np.intp]:
    """Samples where the direction changes, with at least ``size_uv`` before and after."""
    found: list[int] = []
    going = high = low = 0
    for i, v in enumerate(wave_uv.tolist()):
        high, low = (i if v > wave_uv[high] else high), (i if v < wave_uv[low] else low)
        if going >= 0 and wave_uv[high] - v > size_uv:
            if going > 0 or wave_uv[high] - wave_uv[0] > size_uv:
                found.append(high)
            going, low, high = -1, i, i
        elif going <= 0 and v - wave_uv[low] > size_uv:
            if going < 0 or wave_uv[0] - wave_uv[low] > size_uv:
                found.append(low)
            going, low, high = 1, i, i
    return np.array(found, dtype=np.intp)


def unit_shape(
    wave_uv: NDArray[np.float64], sampling_rate_hz: float, *, threshold_uv: float = PHASE_UV
) -> UnitShape | None:
    """Shape of a potential whose sample 0 is the axon's impulse; None when it never exceeds the duration's threshold."""
    step = 1000.0 / sampling_rate_hz
    loud = np.flatnonzero(np.abs(wave_uv) > threshold_uv)
    if len(loud) < 2:
        return None
    peak = int(wave_uv.argmin())
    parts = np.split(loud, np.flatnonzero(np.diff(loud) * step > GAP_MS) + 1)
    main = next((i for i, part in enumerate(parts) if part[0] <= peak <= part[-1] + 1), 0)
    first, last = int(parts[main][0]), int(parts[main][-1]) + 1
    body = wave_uv[first:last]
    signs = np.sign(body[np.abs(body) > PHASE_UV])
    late = [part for part in parts[main + 1 :] if np.ptp(wave_uv[part[0] : part[-1] + 1]) > SATELLITE_UV]
    return UnitShape(
        amplitude_uv=float(np.ptp(body)), onset_ms=first * step, duration_ms=len(body) * step,
        area_uv_ms=float(np.abs(body).sum() * step), n_phases=1 + int((np.diff(signs) != 0).sum()) if len(signs) else 0,
        n_turns=len(turning_points(np.concatenate([[0.0], body, [0.0]]))),
        rise_ms=(peak - int(wave_uv[: peak + 1].argmax())) * step,
        satellites_ms=tuple((float(part[0]) * step, float(part[-1]) * step) for part in late),
    )  # fmt: skip
