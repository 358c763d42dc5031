"""What a reader looks at closely: one discharge of an item, averaged, and its intervals; it judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.practice.waveform_items import WaveformItem

__all__ = ["CloseUp", "close_up"]

#: Window around the largest deflection, and how many discharges are averaged; internal choices: ten divisions of 2 ms.
BEFORE_MS, AFTER_MS, MOST = 7.0, 13.0, 60
#: Longest interval that still belongs to a run (internal choice: 2 s; beyond it the source paused).
LONGEST_S = 2.0
#: Classes whose close-up would mix the units of a whole muscle.
MIXED = ("drive", "artefact", "insertion")


@dataclass(frozen=True, kw_only=True, eq=False)
class CloseUp:
    """One discharge and the intervals.

    Parameters
    ----------
    wave_uv : ndarray
        Median of aligned discharges; empty where a class has no single potential.
    start_ms, step_ms : float
        Time of the first sample from the largest deflection, and of one sample.
    first_deflection : str
        ``"negative"``, ``"positive"`` or empty.
    intervals_ms : tuple of float
        Between successive discharges of the largest source.
    """

    wave_uv: NDArray[np.float32]
    start_ms: float
    step_ms: float
    first_deflection: str
    intervals_ms: tuple[float, ...]


def close_up(item: WaveformItem) -> CloseUp:
    """Average the discharges of the class an item is about, and list the intervals of its largest source."""
    trace = item.recording.trace(0)
    rate_hz = float(trace.sampling_rate_hz)
    times_s = _main_times_s(item)
    wave = _median_uv(np.asarray(trace.samples_uv), rate_hz, times_s)
    gaps_s = np.diff(times_s)
    return CloseUp(
        wave_uv=wave, start_ms=-BEFORE_MS, step_ms=1000.0 / rate_hz, first_deflection=str(item.features.get("first_deflection", "")),
        intervals_ms=tuple(round(1000 * float(gap), 3) for gap in gaps_s if 0 < gap < LONGEST_S),
    )  # fmt: skip


def _main_times_s(item: WaveformItem) -> NDArray[np.float64]:
    """Times of the largest deflection of the main source, sorted; none for classes without a single potential."""
    if item.kind.origin in MIXED:
        return np.empty(0)
    own = [one for one in item.truth.sources if one.kind == item.kind.code and len(one.times_s)]
    if own:
        return np.sort(max(own, key=lambda one: one.amplitude_uv).peak_times_s)
    return np.sort(np.asarray(item.events_s, dtype=np.float64))


def _median_uv(samples_uv: NDArray[np.float64], rate_hz: float, times_s: NDArray[np.float64]) -> NDArray[np.float32]:
    before, n = round(BEFORE_MS * rate_hz / 1000), round((BEFORE_MS + AFTER_MS) * rate_hz / 1000)
    starts = np.round(times_s * rate_hz).astype(int) - before
    starts = starts[(starts >= 0) & (starts + n <= len(samples_uv))][:MOST]
    if not len(starts):
        return np.empty(0, dtype=np.float32)
    pieces = samples_uv[starts[:, None] + np.arange(n)[None, :]]
    return np.median(pieces - np.median(pieces, axis=1, keepdims=True), axis=0).astype(np.float32)
