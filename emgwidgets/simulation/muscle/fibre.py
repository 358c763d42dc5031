"""Single muscle fibre potentials: intracellular spike and line source in an anisotropic medium. No motor units here.

The potential of a fibre with two waves that leave the end-plate and die at the tendons is, after one integration by
parts of the windowed source (Farina & Merletti 2001), the convolution in time of the rate of change of the
intracellular spike with the step-by-step change of the weight ``w = 1 / sqrt(K r^2 + x^2)`` under the moving front.
The total current is zero at every instant, and the cells are integrated exactly, however near the electrode is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.simulation.muscle.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle.lead_points import LeadPoints

__all__ = ["COARSE", "FibreSet", "anisotropy", "fibre_weights_uv", "potentials_uv", "spike_rate", "summed_potential_uv"]

#: Ratio of the fine grid (the sampling rate) to the coarse grid used for far fibres and the reference.
COARSE = 12
#: Distances that choose how finely the electrode's active surface is integrated (internal choice, checked by test).
NEAR_MM, MIDDLE_MM = 0.6, 1.5


@dataclass(frozen=True, kw_only=True, eq=False)
class FibreSet:
    """Fibres whose potential is wanted; every array has shape ``(n_fibres,)``.

    Parameters
    ----------
    x_mm, y_mm : ndarray
        Place in the cross-section; ``y`` is depth below the muscle's surface.
    z_mm : ndarray
        Place along the fibres where the spike starts (the end-plate).
    right_mm, left_mm : ndarray
        Length of fibre on either side of that place; 0 means no wave to that side.
    diameter_um, velocity_m_per_s, delay_ms : ndarray
        Size, conduction velocity and time of start.
    """

    x_mm: NDArray[np.float64] = field(repr=False)
    y_mm: NDArray[np.float64] = field(repr=False)
    z_mm: NDArray[np.float64] = field(repr=False)
    right_mm: NDArray[np.float64] = field(repr=False)
    left_mm: NDArray[np.float64] = field(repr=False)
    diameter_um: NDArray[np.float64] = field(repr=False)
    velocity_m_per_s: NDArray[np.float64] = field(repr=False)
    delay_ms: NDArray[np.float64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.x_mm)

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> FibreSet:
        """Return some of the fibres."""
        return FibreSet(**{name: getattr(self, name)[which] for name in self.__dataclass_fields__})


def anisotropy() -> float:
    """K, the axial over the radial conductivity."""
    return value("sigma_axial") / value("sigma_radial")


def _rosenfalck_rate(time_ms: NDArray[np.float64], lambda0: float) -> NDArray[np.float64]:
    rate = lambda0 * value("reference_velocity")
    u = rate * time_ms
    return value("iap_amplitude") * rate * (3 * u**2 - u**3) * np.exp(-u)


@lru_cache(maxsize=32)
def spike_rate(
    sampling_rate_hz: float, kind: str = "normal", duration_ms: float = 40.0, stretch: float = 1.0
) -> NDArray[np.float64]:
    """Rate of change of the intracellular spike, in mV/ms, one value per sample from the front on.

    Parameters
    ----------
    sampling_rate_hz : float
        Samples per second.
    kind : str
        ``"normal"``, or ``"injured"`` for the crushed end of a fibre, which rises and repolarises slowly.
    duration_ms : float
        Length of the result.
    stretch : float
        Duration of the spike relative to 34 C; a cold fibre's spike is longer, not smaller.

    Returns
    -------
    ndarray
        Its sum over time is zero: the spike ends where it began.
    """
    step_ms = 1000.0 / sampling_rate_hz
    time_ms: NDArray[np.float64] = (np.arange(round(duration_ms / step_ms), dtype=np.float64) + 0.5) * step_ms
    time_ms = time_ms / stretch
    speed = value("reference_velocity")
    rise_ms, decay_ms = value("afterpotential_rise") / speed, value("afterpotential_decay") / speed
    if kind == "normal":
        spike = _rosenfalck_rate(time_ms, value("iap_rate_lambda0"))
        size = value("afterpotential_amplitude")
    else:
        share = value("injured_plateau_share")
        spike = _rosenfalck_rate(time_ms, value("injured_rate_lambda0")) * (1 - share)
        rise_ms, decay_ms = 0.35, value("injured_plateau_decay")
        size = share * value("iap_amplitude") * 1.344  # 27 / e^3: the peak of the spike over A
    up, down = np.exp(-time_ms / rise_ms), np.exp(-time_ms / decay_ms)
    after = size * (up / rise_ms * down - (1 - up) * down / decay_ms)
    rate = (spike + after) / stretch
    rate -= rate.sum() / rate.size
    rate.setflags(write=False)
    return rate


def fibre_weights_uv(fibres: FibreSet) -> NDArray[np.float64]:
    """Factor of each fibre, so that factor x spike rate (mV/ms) x change of weight (1/mm) x step (ms) is in microvolts."""
    diameter_mm = fibres.diameter_um / 1000.0
    ratio = value("sigma_intracellular") / (16.0 * value("sigma_radial"))
    weight: NDArray[np.float64] = value("volume_gain") * 1000.0 * ratio * diameter_mm**2 / fibres.velocity_m_per_s
    return weight


def _weights(
    fibres: FibreSet, points: NDArray[np.float64], extra_mm: float, edges_ms: NDArray[np.float64], *, rightward: bool
) -> NDArray[np.float64]:
    """Weight under one front at each edge; points has rows x, y, z, share; shape ``(n_fibres, n_edges)``."""
    k = np.float32(anisotropy())
    length = fibres.right_mm if rightward else fibres.left_mm
    speed = fibres.velocity_m_per_s.astype(np.float32)[:, None]
    travelled = edges_ms.astype(np.float32)[None, :] - fibres.delay_ms.astype(np.float32)[:, None]
    travelled *= speed
    np.clip(travelled, np.float32(0.0), length.astype(np.float32)[:, None], out=travelled)
    sign = np.float32(1.0 if rightward else -1.0)
    total = np.zeros_like(travelled)
    for x_mm, y_mm, z_mm, share in points:
        radius2 = (fibres.x_mm - x_mm) ** 2 + (fibres.y_mm - y_mm) ** 2 + extra_mm**2
        offset = sign * (z_mm - fibres.z_mm)
        along = travelled - offset.astype(np.float32)[:, None]
        np.multiply(along, along, out=along)
        along += k * np.maximum(radius2, 1e-4).astype(np.float32)[:, None]
        np.sqrt(along, out=along)
        np.divide(np.float32(share), along, out=along)
        total += along
    return total


def _both_ways(
    fibres: FibreSet, points: NDArray[np.float64], extra_mm: float, edges_ms: NDArray[np.float64]
) -> NDArray[np.float64]:
    total: NDArray[np.float64] = _weights(fibres, points, extra_mm, edges_ms, rightward=True)
    total += _weights(fibres, points, extra_mm, edges_ms, rightward=False)
    return total


@lru_cache(maxsize=8)
def _spline(n_coarse: int, n_fine: int) -> NDArray[np.float64]:
    """Cubic spline from the coarse to the fine grid as one matrix, shape ``(n_coarse, n_fine)``."""
    from scipy.interpolate import CubicSpline

    fine: NDArray[np.float64] = CubicSpline(np.arange(n_coarse), np.eye(n_coarse))(np.arange(n_fine) / COARSE).T
    return np.ascontiguousarray(fine)


def _to_fine(coarse: NDArray[np.float64], n_fine: int) -> NDArray[np.float64]:
    fine: NDArray[np.float64] = coarse @ _spline(coarse.shape[-1], n_fine)
    return fine


def _edges(n_samples: int, sampling_rate_hz: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    step_ms = 1000.0 / sampling_rate_hz
    fine_ms: NDArray[np.float64] = (np.arange(n_samples + 1, dtype=np.float64) - 0.5) * step_ms
    n_coarse = -(-n_samples // COARSE) + 2
    coarse_ms: NDArray[np.float64] = (np.arange(n_coarse, dtype=np.float64) * COARSE - 0.5) * step_ms
    return fine_ms, coarse_ms


@lru_cache(maxsize=32)
def _spike_spectrum(sampling_rate_hz: float, kind: str, stretch: float, n_fast: int) -> NDArray[np.complex128]:
    from scipy import fft

    # cells in mm, spike in mV/ms; the step of the convolution cancels against the step of the cell
    found: NDArray[np.complex128] = fft.rfft(spike_rate(sampling_rate_hz, kind, stretch=stretch), n_fast)
    return found


def _convolve(steps: NDArray[np.float64], sampling_rate_hz: float, kind: str, stretch: float) -> NDArray[np.float64]:
    from scipy import fft

    n = steps.shape[-1]
    n_fast = fft.next_fast_len(n + len(spike_rate(sampling_rate_hz, kind, stretch=stretch)), real=True)
    spectrum = _spike_spectrum(sampling_rate_hz, kind, stretch, n_fast)
    whole: NDArray[np.float64] = fft.irfft(fft.rfft(steps, n_fast) * spectrum, n_fast)[..., :n]
    return whole


def summed_potential_uv(
    fibres: FibreSet,
    leads: LeadPoints,
    *,
    sampling_rate_hz: float,
    duration_ms: float,
    kind: str = "normal",
    spike_stretch: float = 1.0,
) -> NDArray[np.float64]:
    """Sum of the fibres' potentials at the electrode, microvolts, shape ``(n_samples,)``; sample 0 is time 0."""
    n_samples = round(duration_ms * sampling_rate_hz / 1000.0)
    fine_ms, coarse_ms = _edges(n_samples, sampling_rate_hz)
    steps = np.zeros(n_samples)
    if len(fibres) == 0:
        return steps
    distance_mm = leads.distance_mm(fibres.x_mm, fibres.y_mm)
    weight = fibre_weights_uv(fibres)
    tiers = (
        (distance_mm < NEAR_MM, leads.active, fine_ms),
        ((distance_mm >= NEAR_MM) & (distance_mm < MIDDLE_MM), leads.active_centre, fine_ms),
        (distance_mm >= MIDDLE_MM, leads.active_centre, coarse_ms),
    )
    slow = np.zeros(len(coarse_ms))
    for chosen, points, edges_ms in tiers:
        if chosen.any():
            summed = weight[chosen] @ _both_ways(fibres.take(chosen), points, leads.active_radius_mm, edges_ms)
            if edges_ms is fine_ms:
                steps += np.diff(summed)
            else:
                slow += summed
    if len(leads.reference):
        slow += weight @ _both_ways(fibres, leads.reference, leads.reference_radius_mm, coarse_ms)
    steps += np.diff(_to_fine(slow, len(fine_ms)))
    return _convolve(steps, sampling_rate_hz, kind, spike_stretch)


def potentials_uv(
    fibres: FibreSet,
    leads: LeadPoints,
    *,
    sampling_rate_hz: float,
    duration_ms: float,
    kind: str = "normal",
    spike_stretch: float = 1.0,
) -> NDArray[np.float64]:
    """Potential of each fibre by itself, microvolts, shape ``(n_fibres, n_samples)``."""
    n_samples = round(duration_ms * sampling_rate_hz / 1000.0)
    fine_ms, coarse_ms = _edges(n_samples, sampling_rate_hz)
    if len(fibres) == 0:
        return np.zeros((0, n_samples))
    weight = fibre_weights_uv(fibres)[:, None]
    total = _both_ways(fibres, leads.active, leads.active_radius_mm, fine_ms).astype(np.float64)
    if len(leads.reference):
        slow = _both_ways(fibres, leads.reference, leads.reference_radius_mm, coarse_ms)
        total += _to_fine(slow, len(fine_ms))
    return _convolve(weight * np.diff(total, axis=-1), sampling_rate_hz, kind, spike_stretch)
