"""Macro potential: the cannula averaged on the discharges of one fibre, its amplitude and area.  No norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.needle_effort import MacroPotential
from emgwidgets.model.signal import Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["measure_macro_potential"]

WINDOW_MS = 80.0  # internal choice (P): the potential and a stretch of baseline on each side
AREA_MS = 50.0  # internal choice: the middle of the window, where the potential lies
ENOUGH = 100  # internal choice: the noise of other units falls to a tenth


def measure_macro_potential(cannula: Trace, times_s: NDArray[np.float64]) -> MacroPotential:
    """Average the cannula on a fibre's discharges.

    Parameters
    ----------
    cannula : Trace
        Cannula against a surface reference.
    times_s : ndarray
        Discharges of the triggering fibre on the same clock, see
        :func:`emgwidgets.analysis.needle.fibre_spikes.find_unit_discharges`.

    Returns
    -------
    MacroPotential
        Amplitude peak to peak, rectified area of the middle 50 ms, and the noise left in the mean.

    Raises
    ------
    InputError
        If fewer than ten discharges lie within the trace.
    """
    rate = cannula.sampling_rate_hz
    half = round(WINDOW_MS / 2000 * rate)
    at = np.round((np.asarray(times_s) - cannula.start_s) * rate).astype(int)
    at = at[(at >= half) & (at + half <= len(cannula.samples_uv))]
    if len(at) < 10:
        raise InputError("too few discharges for a macro potential", got=f"{len(at)}", expected=f"{ENOUGH} or more",
                         way_out="record longer")  # fmt: skip
    pieces = cannula.samples_uv[at[:, None] + np.arange(-half, half)]
    pieces = pieces - np.median(pieces[:, : half // 3], axis=1, keepdims=True)
    mean = pieces.mean(axis=0)
    signs = np.where(np.arange(len(pieces)) % 2, 1.0, -1.0)[: len(pieces) // 2 * 2]
    noise = float((signs @ pieces[: len(signs)] / len(signs)).std())
    middle = slice(half - round(AREA_MS / 2000 * rate), half + round(AREA_MS / 2000 * rate))
    limits = []
    if len(at) < ENOUGH:
        limits.append(f"{len(at)} discharges averaged; {ENOUGH} or more bring the other units down to a tenth.")
    if np.ptp(mean) < 6 * noise:
        limits.append(f"The mean hardly exceeds the noise left in it ({noise:.1f} µV).")
    return MacroPotential(
        amplitude_uv=float(np.ptp(mean[middle])), area_uv_ms=float(np.abs(mean[middle]).sum() * 1000 / rate),
        n_averaged=len(at), noise_uv=noise, samples_uv=mean, sampling_rate_hz=rate, limits=tuple(limits),
    )  # fmt: skip
