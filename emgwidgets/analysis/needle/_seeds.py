"""First guesses of motor units: deflections that recur with the same shape.  It finds no superpositions."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["find_peaks", "main_axes", "median_wave", "peak_places", "recurring", "snippets"]

PEAK_GAP_MS = 1.2  # internal choice: one deflection of a potential, not its neighbours, is compared
HALF_MS = 1.5  # science 3.2: windows of 1-2 ms about the peak
MISMATCH = 0.15  # internal choice: share of the size by which discharges of one unit may differ (jiggle, overlap)
MOST_PEAKS = 2500  # internal choice: bounds the table of distances
N_FRACTIONS = 256  # internal choice: 0.1 us at the working rate, far below what noise leaves
N_AXES = 8  # internal choice: a shape and its changes lie within; more directions add noise


def find_peaks(samples: NDArray[np.float64], threshold: float, n_gap: int) -> NDArray[np.int64]:
    """Samples that are the largest magnitude within ``n_gap`` on both sides and lie beyond the threshold."""
    from scipy.ndimage import maximum_filter1d

    size = np.abs(samples)
    top = (size == maximum_filter1d(size, 2 * n_gap + 1)) & (size > threshold)
    return np.flatnonzero(top)


def snippets(samples: NDArray[np.float64], centres: NDArray[np.float64], n_half: int) -> NDArray[np.float64]:
    """Stretches about fractional places, shape ``(n, 2 * n_half + 1)``; zero outside the signal."""
    from scipy import fft

    n = 2 * n_half + 1
    margin = 4
    n_fft = fft.next_fast_len(n + 2 * margin, real=True)
    whole = np.floor(centres).astype(np.int64)
    steps = np.rint((centres - whole) * N_FRACTIONS).astype(np.int64)
    index = whole[:, None] + np.arange(-n_half - margin, n_fft - n_half - margin)
    inside = (index >= 0) & (index < len(samples))
    raw = samples[np.clip(index, 0, len(samples) - 1)]
    if not inside.all():
        raw *= inside
    moved = fft.irfft(fft.rfft(raw, axis=1) * _turns(n_fft)[steps], n_fft, axis=1)
    return np.asarray(moved[:, margin : margin + n], dtype=np.float64)


@lru_cache(maxsize=4)
def _turns(n_fft: int) -> NDArray[np.complex128]:
    """Factors that move a stretch by fractions of a sample, shape ``(N_FRACTIONS + 1, n_fft // 2 + 1)``."""
    fraction = np.arange(N_FRACTIONS + 1) / N_FRACTIONS
    return np.asarray(np.exp(2j * np.pi * np.fft.rfftfreq(n_fft) * fraction[:, None]))


def median_wave(waves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of aligned waves at each sample; by sorting, which is several times faster than numpy's partition."""
    ranked = np.sort(waves, axis=0)
    n = len(waves)
    return np.asarray(0.5 * (ranked[(n - 1) // 2] + ranked[n // 2]), dtype=np.float64)


def peak_places(samples: NDArray[np.float64], peaks: NDArray[np.int64]) -> NDArray[np.float64]:
    """Peaks to a fraction of a sample by a parabola."""
    inner = np.clip(peaks, 1, len(samples) - 2)
    before, here, after = samples[inner - 1], samples[inner], samples[inner + 1]
    curve = before - 2 * here + after
    shift = np.where(np.abs(curve) > 1e-12, 0.5 * (before - after) / np.where(curve == 0, 1, curve), 0.0)
    return np.asarray(inner + np.clip(shift, -0.5, 0.5), dtype=np.float64)


def main_axes(waves: NDArray[np.float64], n_axes: int) -> NDArray[np.float64]:
    """Directions of most energy, the largest first, shape ``(n_axes, n_samples)``."""
    _, vectors = np.linalg.eigh(waves.T @ waves)
    return np.asarray(vectors[:, ::-1].T[:n_axes])


def recurring(
    samples: NDArray[np.float64],
    places: NDArray[np.float64],
    *,
    rate_hz: float,
    least: int,
    noise: float = 1.0,
    half_ms: float = HALF_MS,
) -> list[NDArray[np.int64]]:
    """Groups of places where the same shape recurs, the densest first.

    Parameters
    ----------
    samples : ndarray
        Whitened.
    places : ndarray, shape (n,)
        Peaks to a fraction of a sample.
    rate_hz : float
    least : int
        Fewest members of a group.
    noise : float
        Root mean square of what is not explained.
    half_ms : float
        Half of the window in which shapes are compared.

    Returns
    -------
    list of ndarray of int
        Indices into ``places``.
    """
    if len(places) < least:
        return []
    if len(places) > MOST_PEAKS:  # the largest are the ones that can be told apart
        size = np.abs(samples[np.rint(places).astype(np.int64).clip(0, len(samples) - 1)])
        keep = np.sort(np.argsort(-size, kind="stable")[:MOST_PEAKS])
    else:
        keep = np.arange(len(places))
    n_half = int(half_ms / 1000.0 * rate_hz)
    shapes = snippets(samples, places[keep], n_half)
    energy = (shapes**2).sum(axis=1)
    shapes = (
        shapes @ main_axes(shapes[energy <= np.quantile(energy, 0.98)], N_AXES).T
    )  # what recurs lies in few directions, noise in all
    energy = (shapes**2).sum(axis=1)
    distance = energy[:, None] + energy[None] - 2 * shapes @ shapes.T
    smaller = np.minimum(energy[:, None], energy[None])
    near = distance < 2 * N_AXES * noise**2 + MISMATCH**2 * smaller
    alive = np.ones(len(keep), dtype=bool)
    groups = []
    while alive.sum() >= least:
        count = (near[:, alive].sum(axis=1)) * alive
        weight = count * (count >= least) * (1 + 1e-3 * energy / energy.max())
        best = int(weight.argmax())
        if weight[best] <= 0:
            break
        members = np.flatnonzero(near[best] & alive)
        middle = median_wave(shapes[members])
        gap = ((shapes - middle) ** 2).sum(axis=1)
        members = np.flatnonzero(alive & (gap < 1.7 * N_AXES * noise**2 + MISMATCH**2 * (middle**2).sum()))
        if len(members) < least:
            alive[best] = False
            continue
        groups.append(keep[members])
        alive[members] = False
    return groups
