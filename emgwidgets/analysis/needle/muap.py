"""The motor unit action potential of one train: the nine standard parameters and what follows from them, each with its method.

It compares with no reference; norms carry their own method and live elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle import _averages
from emgwidgets.analysis.needle._counts import PHASE_UV, TURN_UV, count_phases
from emgwidgets.analysis.needle._marks import mark_durations, satellites
from emgwidgets.analysis.needle._trains import regular_intervals_s
from emgwidgets.analysis.needle.interference import find_turns
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Conditions, Marker, Measure
from emgwidgets.model.needle_analysis import Muap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from emgwidgets.model.measure import Result
    from emgwidgets.model.needle_analysis import DecompositionResult, DurationMark
    from emgwidgets.model.signal import RecordingSettings

__all__ = ["measure_muap", "measure_muaps"]

ENOUGH_DISCHARGES = 20  # needle.md 2.1; science 3.2: an average needs 10-40 discharges
ENOUGH_FOR_JIGGLE = 50  # needle.md 8 (M): at least 50 discharges per train for jiggle
LEAST_JIGGLE_SET = 20
GOOD_RATE_HZ = 20000.0  # needle.md 8 (M)
SATELLITE_UV = 40.0  # internal choice: twice the duration threshold
SHARP_MS = 0.8  # needle.md 2.1 (M): a rise above 0.5 ms (0.8 in practice) means the needle is not near the unit
Z90 = 1.645
PREFERRED = "20 uV threshold"  # internal choice: the definition norms are nearest to; the others give the interval
FINE = 8  # peaks are read from an eightfold finer wave


def measure_muaps(result: DecompositionResult, *, settings: RecordingSettings | None = None) -> tuple[Muap, ...]:
    """Measure the potential of every accepted unit of a decomposition, the other units taken away.

    Parameters
    ----------
    result : DecompositionResult
    settings : RecordingSettings, optional
        Electrode and filter, for the conditions of each measure.
    """
    rate = result.sampling_rate_hz
    left = result.residual_uv - np.median(result.residual_uv)  # each average has its own baseline
    found = []
    for unit in result.units:
        n_before = round(-unit.waveform_start_ms / 1000 * rate)
        train = (unit.times_s - result.start_s) * rate
        discharges = _averages.aligned(left, unit.waveform_uv, train, n_before)
        found.append(
            measure_muap(
                discharges, sampling_rate_hz=rate, start_ms=unit.waveform_start_ms, times_s=unit.times_s, label=unit.label,
                settings=settings, average_uv=unit.waveform_uv,
            )
        )  # fmt: skip
    return tuple(found)


def measure_muap(
    discharges_uv: NDArray[np.float64],
    *,
    sampling_rate_hz: float,
    start_ms: float,
    times_s: NDArray[np.float64] | None = None,
    label: str = "",
    settings: RecordingSettings | None = None,
    average_uv: NDArray[np.float64] | None = None,
) -> Muap:
    """Measure one potential from its aligned discharges.

    Parameters
    ----------
    discharges_uv : ndarray, shape (n_discharges, n_samples)
        Aligned; active minus reference.
    sampling_rate_hz, start_ms : float
        Rate, and time of the first sample from the discharge.
    times_s : ndarray, optional
        Discharge times, for the firing rate.
    average_uv : ndarray, optional
        The average, where it was made already.

    Raises
    ------
    InputError
        If there is no discharge or the shapes do not fit.
    """
    discharges = np.asarray(discharges_uv, dtype=np.float64)
    if discharges.ndim != 2 or not len(discharges):
        raise InputError(
            "a potential needs its discharges", got=f"shape {discharges.shape}", expected="(n_discharges, n_samples)"
        )
    wave = np.median(discharges, axis=0) if average_uv is None else np.asarray(average_uv, dtype=np.float64)
    rate = sampling_rate_hz
    noise = _mean_noise(discharges)
    marks = mark_durations(wave, discharges, sampling_rate_hz=rate, start_ms=start_ms, noise_uv=noise)
    conditions = Conditions(
        electrode=settings.electrode if settings else None, high_pass_hz=settings.high_pass_hz if settings else None,
        low_pass_hz=settings.low_pass_hz if settings else None,
    )  # fmt: skip
    made = _Maker(conditions, noise, marks)
    shape, late = _shape(wave, marks, made, rate=rate, start_ms=start_ms)
    jiggle, alike = _variability(discharges, marks, made, rate=rate, start_ms=start_ms)
    return Muap(
        label=label, waveform_uv=wave, sampling_rate_hz=rate, start_ms=start_ms, jiggle=jiggle, shape_correlation=alike,
        firing_rate_hz=_rate(times_s, made), durations=marks, n_discharges=len(discharges),
        notes=tuple(_notes(len(discharges), rate, shape.get("rise_time_ms"))), satellites_ms=late, **shape,
    )  # fmt: skip


class _Maker:
    """Measures with the shared conditions."""

    def __init__(self, conditions: Conditions, noise_uv: float, marks: Sequence[DurationMark]) -> None:
        self.conditions, self.noise_uv, self.marks = conditions, noise_uv, marks

    def __call__(
        self, value: float, unit: str, method: str, *, half: float = 0.0, ends: tuple[float, float] | None = None,
        markers: tuple[Marker, ...] = (),
    ) -> Measure:  # fmt: skip
        low, high = ends or (value - half, value + half)
        floor = min(low, value) if unit in ("ratio", "count") else max(min(low, value), 0.0)
        return Measure(
            value=value, unit=unit, method=method, low=min(floor, value), high=max(high, value), conditions=self.conditions,
            markers=markers,
        )  # fmt: skip


def _mean_noise(discharges: NDArray[np.float64]) -> float:
    """Noise of the average: spread of single discharges in the quiet start of the window, over the root of their number."""
    n_base = max(discharges.shape[1] // 12, 4)
    return (
        float(np.median(discharges[:, :n_base].std(axis=0)) / np.sqrt(len(discharges))) if len(discharges) > 1 else 0.0
    )


def _fine(wave: NDArray[np.float64], factor: int = FINE) -> NDArray[np.float64]:
    """Band-limited interpolation; the wave fades to zero at both ends."""
    n = len(wave)
    spectrum = np.fft.rfft(wave)
    return np.asarray(np.fft.irfft(spectrum, n * factor) * factor, dtype=np.float64)


ABSENT_SHAPE = (
    "duration_ms", "spike_duration_ms", "area_uv_ms", "spike_area_uv_ms", "n_phases", "n_turns", "n_satellites",
    "rise_time_ms", "thickness_ms", "size_index",
)  # fmt: skip


def _no_shape(wave: NDArray[np.float64], made: _Maker) -> dict[str, Result]:
    nothing = Absent(reason=f"no deflection beyond {PHASE_UV:g} uV")
    size = made(float(np.ptp(wave)), "uV", "peak_to_peak", half=2 * Z90 * made.noise_uv)
    return {"amplitude_uv": size, **dict.fromkeys(ABSENT_SHAPE, nothing)}


def _shape(
    wave: NDArray[np.float64], marks: Sequence[DurationMark], made: _Maker, *, rate: float, start_ms: float
) -> tuple[dict[str, Result], tuple[tuple[float, float], ...]]:
    """Measures by name, and the satellites."""
    step = 1000.0 / rate
    preferred = next((m for m in marks if m.method == PREFERRED), marks[0] if marks else None)
    if preferred is None or float(np.abs(wave).max()) <= PHASE_UV:
        return _no_shape(wave, made), ()
    level = float(np.median(wave[: max(int(0.0025 * rate), 8)]))
    first = round((preferred.onset_ms - start_ms) / step)
    last = round((preferred.end_ms - start_ms) / step)
    body = wave[first:last] - level
    fine = (_fine(wave) - level)[first * FINE : last * FINE]
    amplitude = float(np.ptp(fine))
    negative = int(fine.argmin())
    before = find_turns(fine[: negative + 1], threshold_uv=PHASE_UV).indices
    positive = int(before[-1]) if len(before) else negative
    rise = (negative - positive) * step / FINE
    later = satellites(wave, last, rate, least_uv=SATELLITE_UV)
    markers = (
        Marker(kind="onset", time_ms=preferred.onset_ms), Marker(kind="end", time_ms=preferred.end_ms),
        Marker(kind="negative_peak", time_ms=preferred.onset_ms + negative * step / FINE, value_uv=float(fine[negative])),
        Marker(kind="positive_peak", time_ms=preferred.onset_ms + positive * step / FINE, value_uv=float(fine[positive])),
    )  # fmt: skip
    lengths = [m.duration_ms for m in marks]
    found: dict[str, Result] = {
        "amplitude_uv": made(amplitude, "uV", "peak_to_peak", half=2 * Z90 * made.noise_uv, markers=markers),
        "duration_ms": made(
            preferred.duration_ms, "ms", preferred.method, ends=(min(lengths), max(lengths)), markers=markers
        ),
        "n_phases": made(float(count_phases(body)), "count", f"excursions beyond {PHASE_UV:g} uV"),
        "n_turns": made(
            float(len(find_turns(np.concatenate([[0.0], body, [0.0]]), threshold_uv=TURN_UV).indices)),
            "count",
            f"{TURN_UV:g} uV on both sides",
        ),
        "n_satellites": made(float(len(later)), "count", "after 3 ms without deflection"),
        "rise_time_ms": made(rise, "ms", "positive peak to the next negative peak")
        if rise > 0
        else Absent(reason="no positive peak before the negative one"),
        **_sizes(body, fine, made, amplitude=amplitude, step=step),
    }
    return found, tuple((start_ms + a * step, start_ms + b * step) for a, b in later)


def _sizes(
    body: NDArray[np.float64], fine: NDArray[np.float64], made: _Maker, *, amplitude: float, step: float
) -> dict[str, Result]:
    """Areas and what follows from them."""
    area = float(np.abs(body).sum() * step)
    thick = area / amplitude if amplitude > 0 else 0.0
    index = float(2 * np.log10(max(amplitude, 1e-9) / 1000.0) + thick)
    found: dict[str, Result] = {
        "area_uv_ms": made(
            area, "uV ms", "rectified within the duration", half=float(Z90 * made.noise_uv * np.sqrt(len(body)) * step)
        ),
        "thickness_ms": made(thick, "ms", "area over amplitude (SIZ)"),
        "size_index": made(index, "ratio", "2 log10(amplitude in mV) + thickness (SIZ)"),
    }
    peaks = _positive_peaks(fine)
    if len(peaks) < 2:
        nothing = Absent(reason="fewer than two positive peaks")
        return {**found, "spike_duration_ms": nothing, "spike_area_uv_ms": nothing}
    first, last = int(peaks[0]), int(peaks[-1])
    spike_area = float(np.abs(fine[first:last]).sum() * step / FINE)
    return {
        **found,
        "spike_duration_ms": made((last - first) * step / FINE, "ms", "first to last positive peak"),
        "spike_area_uv_ms": made(spike_area, "uV ms", "rectified within the spike"),
    }


def _positive_peaks(fine: NDArray[np.float64]) -> NDArray[np.int64]:
    """Turning points above the baseline."""
    turns = find_turns(np.concatenate([[0.0], fine, [0.0]]), threshold_uv=PHASE_UV).indices - 1
    turns = turns[(turns >= 0) & (turns < len(fine))]
    return np.asarray(turns[fine[turns] > 0], dtype=np.int64)


def _variability(
    discharges: NDArray[np.float64], marks: Sequence[DurationMark], made: _Maker, *, rate: float, start_ms: float
) -> tuple[Result, Result]:
    """CAD and CCC (needle.md 2.1, M: Stalberg & Sonoo 1994) of consecutive discharges, noise taken off."""
    if len(discharges) < LEAST_JIGGLE_SET or not marks:
        nothing = Absent(
            reason=f"{len(discharges)} discharges; at least {LEAST_JIGGLE_SET} are needed, {ENOUGH_FOR_JIGGLE} are usual"
        )
        return nothing, nothing
    step = 1000.0 / rate
    first, last = round((marks[0].onset_ms - start_ms) / step), round((marks[0].end_ms - start_ms) / step)
    parts = discharges[:, first:last]
    change = np.abs(np.diff(parts, axis=0))
    typical = np.median(change, axis=0)
    n_base = max(discharges.shape[1] // 12, 4)
    idle = float(np.median(np.abs(np.diff(discharges[:, :n_base], axis=0))))
    spread = np.sqrt(np.maximum(typical**2 - idle**2, 0.0))
    size = float(np.abs(parts.mean(axis=0)).sum())
    a, b = parts[:-1] - parts[:-1].mean(axis=1, keepdims=True), parts[1:] - parts[1:].mean(axis=1, keepdims=True)
    alike = (a * b).sum(axis=1) / np.maximum(np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1)), 1e-12)
    cad = float(spread.sum() / max(size, 1e-12))
    return (
        made(
            cad,
            "ratio",
            "median amplitude difference of consecutive discharges over the mean potential, noise taken off",
        ),
        made(float(np.median(alike)), "ratio", "median correlation of consecutive discharges"),
    )


def _rate(times_s: NDArray[np.float64] | None, made: _Maker) -> Result:
    if times_s is None:
        return Absent(reason="no discharge times were given")
    gaps = regular_intervals_s(np.asarray(times_s, dtype=float))
    if len(gaps) < 3:
        return Absent(reason=f"{len(gaps)} usable intervals; at least 3 are needed")
    half = Z90 * gaps.std(ddof=1) / np.sqrt(len(gaps)) / gaps.mean() ** 2
    return made(
        float(1 / gaps.mean()), "Hz", "one over the mean interval, without doublets and pauses", half=float(half)
    )


def _notes(n: int, rate_hz: float, rise: object) -> list[str]:
    said = []
    if n < ENOUGH_DISCHARGES:
        said.append(
            f"Average of {n} discharges, fewer than {ENOUGH_DISCHARGES}: amplitude, duration and turns may change with more."
        )
    elif n < ENOUGH_FOR_JIGGLE:
        said.append(f"{n} discharges: jiggle is usually taken from {ENOUGH_FOR_JIGGLE}.")
    if rate_hz < GOOD_RATE_HZ:
        said.append(
            f"Recorded at {rate_hz:g} Hz, below {GOOD_RATE_HZ:g}: rise time, turns and amplitude of sharp potentials are not reliable."
        )
    if isinstance(rise, Measure) and rise.value > SHARP_MS:
        said.append(
            f"Rise of {rise.value:.2f} ms, above {SHARP_MS:g}: the needle is not close to this unit; its size means little."
        )
    return said
