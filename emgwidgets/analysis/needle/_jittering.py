"""Spikes that jitter or block too much to stand in an average: found discharge by discharge, kept when they keep coming back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.model.needle_effort import FibreSpike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["LOST_SHARE", "MOVING_MS", "WINDOW_MS", "Edge", "edge_at", "first_delays", "moving_spikes", "steepness"]

# Internal choices (P), each with its reason.
LEAST_HEIGHT = 0.12  # of the steepest edge of the average: smaller ones are shoulders
SPAN_MS = 1.4  # a failing junction of 300 us jitter stays within it
LEAST_SHARE = 0.35  # of the discharges: chance reaches a few percent; a pair blocked in two of three is not read
BESIDE_MS = 0.5  # nearer to a spike of the average it is that spike, moved by its own jitter
LEAST_NOISE = 8.0  # of the spread of the single sweep: noise alone reaches five or six from peak to peak
MOST = 4
EDGE_S = 0.00004  # a quarter of the shortest rise: noise above 4 kHz is left out
SMEARED = 1.4  # a moved average this much larger than the plain one: the jitter is wider than the spike's edge
WINDOW_MS = (0.2, 0.2)  # around the steepest edge: the edge itself and little of its neighbours
LOST_SHARE = 0.4  # of the mean size along the mean spike: less is a blocked impulse
MOVING_MS = 1.0  # the jitter of a failing junction stays within it

#: Size in microvolts and rise time in microseconds of an edge.
Edge = tuple[float, float]


def edge_at(wave: NDArray[np.float64], fall: NDArray[np.float64], peak: int, rate_hz: float) -> Edge:
    """Size from the positive to the negative peak around a maximum of the fall, and its rise time at the steepest."""
    before, after = fall[peak::-1] <= 0, fall[peak:] <= 0
    left = peak - int(np.argmax(before)) if before.any() else 0
    right = peak + int(np.argmax(after)) if after.any() else len(wave) - 1
    size = float(wave[left] - wave[right])
    return size, 1e6 * size / max(float(fall[peak]), 1e-12) / rate_hz


def moving_spikes(
    pieces: NDArray[np.float64], falls: NDArray[np.float64], found: Sequence[FibreSpike], rate_hz: float, *,
    least_uv: float, rise_us: float,
) -> list[FibreSpike]:  # fmt: skip
    """Spikes beside those of the average.

    Parameters
    ----------
    pieces, falls : ndarray, shape (n_discharges, n_samples)
        Each discharge, its trigger in the middle, in microvolts; and its steepness towards the negative peak.
    found : sequence of FibreSpike
        What the average shows.
    rate_hz : float
    least_uv, rise_us : float
        What counts as a spike.
    """
    from scipy import signal

    if len(pieces) < 2 or not found:
        return []
    middle = pieces.shape[1] // 2
    height = LEAST_HEIGHT * float(np.median(falls, axis=0).max())
    left, fall_left = (
        pieces - np.median(pieces, axis=0),
        falls - np.median(falls, axis=0),
    )  # what the average leaves over
    floor = max(least_uv, LEAST_NOISE * 1.4826 * float(np.median(np.abs(left))))
    rows: list[tuple[int, float, float, float]] = []
    for number in range(len(pieces)):
        for peak in signal.find_peaks(fall_left[number], height=height, prominence=height)[0]:
            over, rise = edge_at(left[number], fall_left[number], int(peak), rate_hz)
            late_ms = 1000 * (int(peak) - middle) / rate_hz
            beside = min(abs(late_ms - one.offset_ms) for one in found) < BESIDE_MS
            if over >= floor and rise <= rise_us and not beside:
                size, _ = edge_at(pieces[number], falls[number], int(peak), rate_hz)
                rows.append((number, late_ms, max(size, over), rise))
    return _gathered(np.array(sorted(rows, key=lambda row: row[1])).reshape(-1, 4), len(pieces))


def _gathered(rows: NDArray[np.float64], n_discharges: int) -> list[FibreSpike]:
    """One spike for each span of delays that most discharges share."""
    made: list[FibreSpike] = []
    while len(rows) and len(made) < MOST:
        ends = np.searchsorted(rows[:, 1], rows[:, 1] + SPAN_MS, side="right")
        counts = [len(np.unique(rows[first:end, 0])) for first, end in enumerate(ends)]
        best = int(np.argmax(counts))
        if counts[best] < LEAST_SHARE * n_discharges:
            break
        own = slice(best, int(ends[best]))
        late, size, rise = np.median(rows[own, 1:], axis=0)
        made.append(FibreSpike(offset_ms=float(late), amplitude_uv=float(size), rise_time_us=float(rise)))
        rows = np.delete(rows, own, axis=0)
    return made


def steepness(wave: NDArray[np.float64], rate_hz: float) -> NDArray[np.float64]:
    """Steepness of the fall to the negative peak, per sample, smoothed as far as an edge allows."""
    from scipy import ndimage

    fall: NDArray[np.float64] = -np.asarray(
        ndimage.gaussian_filter1d(wave, EDGE_S * rate_hz, order=1), dtype=np.float64
    )
    return fall


def first_delays(
    pieces: NDArray[np.float64], centres: NDArray[np.float64], number: int, rate_hz: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]] | None:
    """First delays and gaps, by each discharge's own edge, of a spike that jitter has smeared in the average; None for others."""
    centre = round(float(centres[number]))
    before, after = (int(ms / 1000 * rate_hz) for ms in WINDOW_MS)
    others = np.abs(np.delete(centres, number) - centres[number])
    reach = int(min(MOVING_MS / 1000 * rate_hz, 0.5 * others.min(initial=np.inf)))
    if centre - reach - before < 0 or centre + reach + after >= pieces.shape[1]:
        return None
    falls = steepness(pieces, rate_hz)[:, centre - reach : centre + reach + 1]
    strong = falls.max(axis=1) >= LOST_SHARE * np.quantile(falls.max(axis=1), 0.9)
    places = centre - reach + falls.argmax(axis=1)
    around = np.arange(-before, after)
    aligned = np.median(pieces[np.flatnonzero(strong)[:, None], places[strong][:, None] + around], axis=0)
    if np.ptp(aligned) < SMEARED * np.ptp(np.median(pieces[:, centre + around], axis=0)):
        return None
    return (places - centre) / rate_hz, ~strong
