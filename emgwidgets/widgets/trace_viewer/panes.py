"""Numbers of the small panes: cursors, potential at the cursor, spectrum, firing rate. Measures come from analysis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.analysis.signal.detection import describe_peak, detect_discharges, measure_firing_rate
from emgwidgets.analysis.signal.spectrum import measure_spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.widgets.trace_viewer.channel_view import ChannelView

__all__ = ["cursor_readout", "firing_panes", "spectrum_pane"]

LONGEST_SAMPLES = 1 << 18  # of the visible window; beyond it the panes use its middle and say so
N_SPECTRUM = 240  # points of the drawn spectrum, evenly spaced on the logarithmic axis
PANE_MS = (
    20.0  # length of the potential shown at a cursor: 10 divisions of 2 ms (facts: MUAP at 5-10 ms/div, finer here)
)


def _rounded(values: NDArray[np.float64], digits: int = 5) -> list[float | None]:
    return [float(f"{value:.{digits}g}") if np.isfinite(value) else None for value in values]


def _middle(view: ChannelView, start_s: float, end_s: float) -> tuple[int, int, bool]:
    start, stop = view.channel.index_at(start_s), view.channel.index_at(end_s)
    if stop - start <= LONGEST_SAMPLES:
        return start, stop, False
    middle = (start + stop) // 2
    return middle - LONGEST_SAMPLES // 2, middle + LONGEST_SAMPLES // 2, True


def _value_at(view: ChannelView, time_s: float) -> tuple[float | None, int]:
    """Filtered value of the sample nearest to a time, and its index; None in a gap."""
    for segment in view.channel.segments:
        nearest = round((time_s - segment.start_s) * view.rate_hz)
        if 0 <= nearest < segment.n_samples:
            index = segment.first_sample + nearest
            value = float(view.read_filtered(index, index + 1)[0])
            return (value if np.isfinite(value) else None), index
    return None, -1


def cursor_readout(view: ChannelView, cursors_s: Sequence[float | None]) -> list[dict[str, Any] | None]:
    """For each cursor: time, value, and the potential within 10 ms either side with its plain facts."""
    found: list[dict[str, Any] | None] = []
    for time_s in cursors_s:
        if time_s is None:
            found.append(None)
            continue
        value, index = _value_at(view, time_s)
        if index < 0:
            found.append({"time_s": time_s, "value": None, "samples": [], "first": None})
            continue
        half = max(int(PANE_MS / 2000.0 * view.rate_hz), 2)
        segment = next(s for s in reversed(view.channel.segments) if s.first_sample <= index)
        start = max(index - half, segment.first_sample)
        stop = min(index + half + 1, segment.first_sample + segment.n_samples)
        samples = view.read_filtered(start, stop)
        facts = describe_peak(samples)
        found.append({
            "time_s": time_s, "value": value, "samples": _rounded(samples), "first_ms": (start - index) * 1000.0 / view.rate_hz,
            "step_ms": 1000.0 / view.rate_hz, "first": facts.first_polarity, "negative_peak": facts.negative_peak,
            "positive_peak": facts.positive_peak, "peak_to_peak": facts.peak_to_peak,
        })  # fmt: skip
    return found


def spectrum_pane(view: ChannelView, start_s: float, end_s: float) -> dict[str, Any]:
    """Raw and filtered spectrum of the window in dB below the raw maximum, on a logarithmic axis."""
    start, stop, is_part = _middle(view, start_s, end_s)
    raw = measure_spectrum(view.read(start, stop), sampling_rate_hz=view.rate_hz)
    if not len(raw.power) or raw.power.max() <= 0:
        return {"frequencies_hz": [], "raw_db": [], "filtered_db": [], "is_part": is_part}
    top = float(raw.power.max())
    lowest = max(float(raw.frequencies_hz[0]), 1.0)
    edges = np.geomspace(lowest, raw.frequencies_hz[-1] * 1.0001, N_SPECTRUM + 1)
    which = np.unique(np.clip(np.searchsorted(raw.frequencies_hz, edges), 0, len(raw.frequencies_hz) - 1))
    series = [raw]
    if len(view.chain):
        series.append(measure_spectrum(view.read_filtered(start, stop), sampling_rate_hz=view.rate_hz))
    # the largest of each bin, so that a narrow mains line is never lost
    levels = [10 * np.log10(np.maximum(np.maximum.reduceat(one.power, which), top * 1e-12) / top) for one in series]
    peak = int(np.argmax(raw.power))
    return {
        "frequencies_hz": _rounded(raw.frequencies_hz[which]), "raw_db": _rounded(levels[0], 4),
        "filtered_db": _rounded(levels[1], 4) if len(levels) > 1 else [], "is_part": is_part,
        "peak_hz": float(raw.frequencies_hz[peak]),
    }  # fmt: skip


def _train(label: str, letter: str, times_s: NDArray[np.float64]) -> dict[str, Any]:
    rate = measure_firing_rate(times_s)
    return {
        "label": label, "letter": letter, "times_s": _rounded(rate.times_s, 9), "rates_hz": _rounded(rate.rates_hz),
        "median_hz": rate.median_hz, "n": len(times_s),
    }  # fmt: skip


def firing_panes(view: ChannelView, start_s: float, end_s: float, marks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Firing rate of the marked discharges in the window, or of threshold crossings where there are no point marks."""
    points: dict[str, list[float]] = {}
    words: dict[str, dict[str, Any]] = {}
    for mark in marks:
        is_here = mark["channel"] in {None, view.channel.name} and start_s <= mark["start_s"] <= end_s
        if is_here and mark["end_s"] == mark["start_s"]:
            points.setdefault(mark["code"], []).append(mark["start_s"])
            words[mark["code"]] = mark
    trains = [
        _train(words[code]["label"], words[code]["letter"] or words[code]["short"][:1].lower(), np.array(sorted(times)))
        for code, times in points.items()
        if len(times) > 1
    ]
    if trains:
        return {"source": "marks", "trains": trains[:4], "is_part": False}
    start, stop, is_part = _middle(view, start_s, end_s)
    found = detect_discharges(view.read_filtered(start, stop), sampling_rate_hz=view.rate_hz)
    times_s = view.channel.times_s(start, stop)[found.indices] if len(found.indices) else np.empty(0)
    return {
        "source": "threshold", "trains": [_train("crossings", "x", times_s)], "is_part": is_part,
        "threshold": found.threshold, "polarity": found.polarity,
    }  # fmt: skip
