"""Surface potentials of single motor units and single sensory fibres, and their sums; knows nothing of nerves or disease.

The motor unit is a line source: two waves leave the end-plate, run along the fibres and end at staggered tendons, seen by
an electrode over the belly minus one over the tendon.  The sensory fibre is a negative phase seen by two electrodes in turn.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.simulation.nerve.nerve_parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "REFERENCE_DISTANCE_MM",
    "amplifier_response",
    "motor_unit_potentials",
    "sensory_fibre_potential",
    "sum_of_responses",
]

#: Belly to tendon electrode, in mm (internal choice; usual placement).
REFERENCE_DISTANCE_MM = 40.0
#: Step along the fibres: kernels change over millimetres.
_STEP_MM = 0.2
_PLACES_MM: NDArray[np.float64] = (np.arange(400, dtype=np.float64) + 0.5) * _STEP_MM
_LASTS_MS = 40.0
_NODES = np.array([-1.65, -1.1, -0.55, 0.0, 0.55, 1.1, 1.65])
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()


def _kernel(z_mm: NDArray[np.float64], electrode_mm: float, depth_mm: float) -> NDArray[np.float64]:
    """Gradient of the line source's potential, averaged over the scatter of the end-plates."""
    x = z_mm + (_NODES * value("endplate_scatter"))[:, None] - electrode_mm
    square = value("conductivity_ratio") * depth_mm**2 + x * x
    seen: NDArray[np.float64] = _WEIGHTS @ (x / (square * np.sqrt(square)))
    return seen


@lru_cache(maxsize=256)
def _seen(depths_mm: tuple[float, ...], half_length_mm: float, offset_mm: float) -> NDArray[np.float64]:
    """What the two electrodes see of a source at each distance from the end-plate, shape ``(n_depths, n_places)``.

    The two waves are mirror images with opposite sign, so that only the odd part of the kernel counts; a wave fades where
    the fibres end.
    """
    scatter = value("fibre_end_scatter") * math.sqrt(2.0)
    alive = np.array([0.5 * (1 - math.erf((x - half_length_mm) / scatter)) for x in _PLACES_MM])
    rows = []
    for depth in depths_mm:
        odd = np.zeros_like(_PLACES_MM)
        for place_mm, sign in ((_PLACES_MM, 1.0), (-_PLACES_MM, -1.0)):
            odd += sign * _kernel(place_mm, offset_mm, depth)
            odd -= sign * _kernel(place_mm, REFERENCE_DISTANCE_MM + offset_mm, depth)
        rows.append(odd * alive)
    seen = np.stack(rows)
    seen.flags.writeable = False
    return seen


def motor_unit_potentials(
    *,
    depths_mm: tuple[float, ...],
    half_length_mm: float,
    offset_mm: float = 0.0,
    temperature_degc: float = 34.0,
    rate_hz: float = 20_000.0,
) -> NDArray[np.float64]:
    """Potentials of unit size at several depths, shape ``(n_depths, n_samples)``, arbitrary unit, negative first.

    Parameters
    ----------
    depths_mm : tuple of float
        Distance from the skin electrode to the middle of the unit.
    half_length_mm : float
        From the end-plate to the mean tendon end.
    offset_mm : float
        Distance of the active electrode from the end-plate zone along the fibres; off the motor point the wave
        approaches first and the potential begins positive.

    Notes
    -----
    Rosenfalck's spike in a medium with conductivity ratio 5; see ``iap_lambda`` and ``conductivity_ratio``.
    """
    step = (temperature_degc - value("reference_temperature")) / 10.0
    velocity = round(value("fibre_velocity") * value("velocity_q10") ** step, 4)
    slower = round(value("spike_duration_q10") ** -step, 4)
    # The spike keeps its duration in time: its length follows the velocity (v0 = 4 m/s).
    rate_per_mm = value("iap_lambda") * value("fibre_velocity") / (velocity * slower)
    u = rate_per_mm * np.arange(0.0, 60.0 / rate_per_mm, _STEP_MM)
    spike = rate_per_mm * (3 * u**2 - u**3) * np.exp(-u)
    t_ms = np.arange(0.0, _LASTS_MS, 1000.0 / rate_hz)
    # What is seen when the fronts have run s mm is the spike folded with the kernel; at time t they have run v t.
    run_mm = (np.arange(len(_PLACES_MM) + len(spike) - 1) + 0.5) * _STEP_MM
    potentials = np.stack(
        [
            -np.interp(velocity * t_ms, run_mm, np.convolve(seen, spike), left=0.0, right=0.0)
            for seen in _seen(depths_mm, half_length_mm, offset_mm)
        ]
    )
    # The last 5 ms end at zero, so that a sum has no step.
    result: NDArray[np.float64] = potentials * np.clip((t_ms[-1] - t_ms) / 5.0, 0.0, 1.0)
    return result


def sensory_fibre_potential(
    *,
    times_ms: NDArray[np.float64],
    velocity_m_per_s: float,
    duration_factor: float = 1.0,
    spacing_mm: float | None = None,
    leading_positivity: float = 0.0,
) -> NDArray[np.float64]:
    """Return the potential of one fibre as it passes two electrodes, peak at 0 ms under the first; unit negative peak.

    Parameters
    ----------
    times_ms : ndarray, shape (n_samples,)
        Time from the peak under the active electrode.
    leading_positivity : float
        Size of a positive phase before the negative one: 0 antidromic over a finger, about 0.3 orthodromic over a nerve.
    """
    spacing_mm = value("electrode_spacing") if spacing_mm is None else spacing_mm
    rise = value("sensory_rise") * duration_factor
    fall = value("sensory_fall") * duration_factor

    def one(t: NDArray[np.float64]) -> NDArray[np.float64]:
        negative = -np.exp(-0.5 * (t / np.where(t < 0, rise, fall)) ** 2)
        before = leading_positivity * np.exp(-0.5 * ((t + 2.4 * rise) / rise) ** 2)
        after = 0.12 * np.exp(-0.5 * ((t - 3.0 * fall) / (1.5 * fall)) ** 2)
        total: NDArray[np.float64] = negative + before + after
        return total

    return one(times_ms) - value("second_electrode_gain") * one(times_ms - spacing_mm / velocity_m_per_s)


def sum_of_responses(
    *,
    arrivals_ms: NDArray[np.float64],
    sizes: NDArray[np.float64],
    classes: NDArray[np.intp],
    templates: NDArray[np.float64],
    n_samples: int,
    rate_hz: float,
) -> NDArray[np.float64]:
    """Sum of templates placed at their arrival times, shape ``(n_samples,)``; arrivals between samples are interpolated.

    Parameters
    ----------
    arrivals_ms, sizes, classes : ndarray, shape (n,)
        Arrival after the stimulus, factor, and row of ``templates`` of each unit.
    templates : ndarray, shape (n_classes, n_template)
        Potentials that begin at their arrival.
    """
    position = arrivals_ms * rate_hz / 1000.0
    keep = np.isfinite(position) & (position >= 0) & (position < n_samples - 1) & (sizes != 0)
    first = np.floor(position[keep]).astype(np.intp)
    part = position[keep] - first
    impulses = np.zeros((len(templates), n_samples))
    np.add.at(impulses, (classes[keep], first), sizes[keep] * (1 - part))
    np.add.at(impulses, (classes[keep], first + 1), sizes[keep] * part)
    n_fft = 1 << int(n_samples + templates.shape[1] - 1).bit_length()
    spectrum = (np.fft.rfft(impulses, n_fft, axis=1) * _template_spectrum(templates, n_fft)).sum(axis=0)
    return np.fft.irfft(spectrum, n_fft)[:n_samples]


_SPECTRA: dict[tuple[int, int], tuple[NDArray[np.float64], NDArray[np.complex128]]] = {}


def _template_spectrum(templates: NDArray[np.float64], n_fft: int) -> NDArray[np.complex128]:
    key = (id(templates), n_fft)
    known = _SPECTRA.get(key)
    if known is not None and known[0] is templates:
        return known[1]
    if len(_SPECTRA) > 64:
        _SPECTRA.clear()
    spectrum = np.fft.rfft(templates, n_fft, axis=1)
    _SPECTRA[key] = (templates, spectrum)
    return spectrum


def amplifier_response(
    samples_uv: NDArray[np.float64], *, rate_hz: float, high_pass_hz: float, low_pass_hz: float
) -> NDArray[np.float64]:
    """Signal after a single-pole high-pass and a two-pole low-pass, same shape; causal, so the high-pass leaves its swing."""
    from scipy.signal import lfilter

    nyquist = rate_hz / 2
    a = math.exp(-2 * math.pi * high_pass_hz / rate_hz)
    out = lfilter([(1 + a) / 2, -(1 + a) / 2], [1.0, -a], samples_uv)
    if low_pass_hz < nyquist * 0.9:
        b, den = _low_pass(low_pass_hz / nyquist)
        out = lfilter(b, den, out)
    return np.asarray(out, dtype=np.float64)


@lru_cache(maxsize=32)
def _low_pass(share_of_nyquist: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.signal import butter

    b, a = butter(2, share_of_nyquist)
    return np.asarray(b, dtype=np.float64), np.asarray(a, dtype=np.float64)
