"""H reflex with its recruitment curve, and the blink reflex; F and A waves are in ``late``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._baseline import SAMPLES_MIN, check_sweep, robust_sd, slow_tail, smooth
from emgwidgets.analysis.ncs._measures import Z90, conditions_of
from emgwidgets.analysis.ncs.motor import MotorWave, measure_motor_response
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Marker, Measure, Measures
from emgwidgets.model.signal import Sweep

__all__ = ["BlinkReflex", "HReflex", "RecruitmentPoint", "measure_blink_reflex", "measure_h_reflex"]

Floats = NDArray[np.float64]

# Windows around the published latencies: H 30 ms, limits 35 (ncs.S5); R1 10, R2 29 ms (ncs.S90), limits 13, 41, 44 (Kimura, M).
H_WINDOW_MS, M_WINDOW_MS = (23.0, 50.0), (1.0, 18.0)
R1_WINDOW_MS, R2_WINDOW_MS = (7.0, 20.0), (22.0, 65.0)
# Internal choices:
MIN_SD = 6.0
LEAD_IN_MS = 1.5
"""Of the sweep before the window, so that a foot at its edge is seen."""
FALL_SHARE = 0.7
"""At the strongest stimuli an H reflex has fallen below this share of its maximum (technique: ncs section 1e, M)."""
GROWN_M_SHARE = 0.8
ENVELOPE_MS, ENVELOPE_SD, RUN_MS = 0.5, 4.0, 2.0


@dataclass(frozen=True, kw_only=True)
class RecruitmentPoint:
    """One stimulus: current or voltage as the sweep states it, M and H peak to peak in mV (0 where there was none)."""

    sweep: int
    current_ma: float | None
    m_amplitude_mv: float
    h_amplitude_mv: float


@dataclass(frozen=True, kw_only=True)
class HReflex:
    """H reflex of a series of currents.

    Parameters
    ----------
    latency_ms : Measure or Absent
        Onset of the largest H; absent when it has no negative peak.
    h_amplitude_mv, m_amplitude_mv : Measure
        Largest H and largest M of the series, peak to peak.
    h_m_ratio : Measure
        Their ratio; only as good as the largest M is maximal.
    curve : tuple of RecruitmentPoint
        In order of the sweeps.
    notes : tuple of str
        Reasons to doubt that it is an H reflex.
    """

    latency_ms: Measure | Absent
    h_amplitude_mv: Measure
    m_amplitude_mv: Measure | Absent
    h_m_ratio: Measure | Absent
    curve: tuple[RecruitmentPoint, ...]
    notes: tuple[str, ...]

    @property
    def measures(self) -> Measures:
        """The measures under the names of ``model.ncs.LATE_MEASURES``."""
        return Measures({"h_latency_ms": self.latency_ms, "h_amplitude_mv": self.h_amplitude_mv,
                         "m_amplitude_mv": self.m_amplitude_mv, "h_m_ratio": self.h_m_ratio})  # fmt: skip


def _current(sweep: Sweep) -> float | None:
    return None if sweep.stimulus is None else sweep.stimulus.current_ma


def _sizes(sweeps: Sequence[Sweep], window_ms: tuple[float, float], *, is_late: bool) -> Floats:
    """Peak to peak in the window, in uV; 0 where it does not leave the noise.  Shape ``(n_sweeps,)``."""
    sizes = []
    for sweep in sweeps:
        times_ms, samples_uv = sweep.times_ms, np.asarray(sweep.samples_uv, dtype=np.float64)
        inside = (times_ms >= window_ms[0]) & (times_ms <= window_ms[1])
        quiet = (times_ms < -0.2) | (times_ms > window_ms[1])
        wave_uv = smooth(samples_uv[inside], 0.1, 1000.0 / sweep.sampling_rate_hz)
        under = slow_tail(times_ms[inside], wave_uv) if is_late else 0.0
        rest = samples_uv[quiet] if np.count_nonzero(quiet) >= 10 else np.diff(samples_uv[inside]) / np.sqrt(2)
        size = float(np.ptp(wave_uv - under))
        sizes.append(size if size > MIN_SD * robust_sd(rest) else 0.0)
    return np.array(sizes)


def _notes(curve: Sequence[RecruitmentPoint], has_m: bool) -> tuple[str, ...]:
    h_mv = np.array([point.h_amplitude_mv for point in curve])
    m_mv = np.array([point.m_amplitude_mv for point in curve])
    notes = []
    if not has_m:
        notes.append("no M wave in the series, so H / M cannot be judged")
    elif m_mv.max() > 0:
        strong = m_mv >= GROWN_M_SHARE * m_mv.max()
        if strong.any() and h_mv[strong].min() > FALL_SHARE * h_mv.max():
            notes.append("the late response does not fall as M grows, so it may be an F wave")
    if len(curve) < 5:
        notes.append(f"{len(curve)} currents do not make a recruitment curve")
    return tuple(notes)


def _late_wave(sweep: Sweep, window_ms: tuple[float, float]) -> MotorWave | Absent:
    """Onset and size of the late response alone, with the tail of M taken off."""
    times_ms = sweep.times_ms
    inside = (times_ms >= window_ms[0] - LEAD_IN_MS) & (times_ms <= window_ms[1])
    if np.count_nonzero(inside) < SAMPLES_MIN:
        return Absent(reason="the window of the late response is too short for an onset")
    samples_uv = np.asarray(sweep.samples_uv, dtype=np.float64)[inside]
    alone = replace(
        sweep, samples_uv=samples_uv - slow_tail(times_ms[inside], samples_uv), start_ms=float(times_ms[inside][0])
    )
    return measure_motor_response(alone, window_ms=window_ms)


def measure_h_reflex(
    sweeps: Sequence[Sweep], *, h_window_ms: tuple[float, float] = H_WINDOW_MS, m_window_ms: tuple[float, float] = M_WINDOW_MS
) -> HReflex | Absent:  # fmt: skip
    """Measure an H reflex from sweeps at rising currents.

    Parameters
    ----------
    h_window_ms, m_window_ms : (float, float)
        Where the two are looked for; the defaults suit the soleus of an adult.

    Raises
    ------
    InputError
        If there is no sweep, a sweep cannot be measured, or a window lies outside it.
    """
    if not sweeps:
        raise InputError("there is no sweep to look for an H reflex in", got="0 sweeps", expected="at least one")
    for sweep in sweeps:
        check_sweep(sweep)
        if sweep.times_ms[-1] < h_window_ms[0] + 2.0:
            raise InputError(
                "the sweep ends before the H reflex", got=f"{float(sweep.times_ms[-1]):g} ms", expected=f"{h_window_ms[1]:g} ms",
                way_out="record a longer sweep or state h_window_ms",
            )  # fmt: skip
    h_uv, m_uv = _sizes(sweeps, h_window_ms, is_late=True), _sizes(sweeps, m_window_ms, is_late=False)
    curve = tuple(RecruitmentPoint(sweep=i, current_ma=_current(sweep), m_amplitude_mv=float(m_uv[i]) / 1000,
                                   h_amplitude_mv=float(h_uv[i]) / 1000) for i, sweep in enumerate(sweeps))  # fmt: skip
    best = int(np.argmax(h_uv))
    if h_uv[best] <= 0:
        return Absent(reason=f"no deflection above the noise between {h_window_ms[0]:g} and {h_window_ms[1]:g} ms")
    wave = _late_wave(sweeps[best], h_window_ms)
    m_wave = measure_motor_response(sweeps[int(np.argmax(m_uv))], window_ms=m_window_ms) if m_uv.max() > 0 else None
    has_m = isinstance(m_wave, MotorWave)
    none = Absent(reason="no M wave in the series")
    m_size = m_wave.peak_to_peak_mv if isinstance(m_wave, MotorWave) else none
    ratio: Measure | Absent = none
    if isinstance(m_size, Measure):
        value = float(h_uv[best]) / 1000 / m_size.value
        ratio = Measure(value=value, unit="ratio", method="largest H over largest M, both peak to peak",
                        conditions=conditions_of(sweeps[best]))  # fmt: skip
    h_size = Measure(
        value=float(h_uv[best]) / 1000, unit="mV", method="peak_to_peak", conditions=conditions_of(sweeps[best])
    )
    late_ms = wave.onset_latency_ms if isinstance(wave, MotorWave) else wave
    return HReflex(
        latency_ms=late_ms, h_amplitude_mv=h_size, m_amplitude_mv=m_size, h_m_ratio=ratio,
        curve=curve, notes=_notes(curve, has_m),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class BlinkReflex:
    """Blink reflex on stimulation of one side: R1 and R2 on that side, R2 on the other."""

    r1_latency_ms: Measure | Absent
    r2_ipsilateral_latency_ms: Measure | Absent
    r2_contralateral_latency_ms: Measure | Absent

    @property
    def measures(self) -> Measures:
        """The measures under the names of ``model.ncs.LATE_MEASURES``."""
        return Measures({"r1_latency_ms": self.r1_latency_ms, "r2_ipsilateral_latency_ms": self.r2_ipsilateral_latency_ms,
                         "r2_contralateral_latency_ms": self.r2_contralateral_latency_ms})  # fmt: skip


def _burst(sweeps: Sequence[Sweep], window_ms: tuple[float, float], name: str) -> Measure | Absent:
    """Onset of the rectified and averaged activity in a window, with the spread over the sweeps."""
    onsets = []
    for group in (sweeps, *([one] for one in sweeps)):
        onset = _burst_onset(group, window_ms)
        if onset is None and group is sweeps:
            return Absent(reason=f"no {name} above the noise between {window_ms[0]:g} and {window_ms[1]:g} ms")
        onsets.append(onset)
    first = float(onsets[0] or 0.0)
    single = [one for one in onsets[1:] if one is not None]
    half = max(Z90 * robust_sd(np.array(single)) / np.sqrt(len(single)) if len(single) > 2 else 1.0, ENVELOPE_MS)
    return Measure(
        value=first, unit="ms", method=f"onset of rectified activity, {len(sweeps)} sweeps", low=first - half,
        high=first + half, conditions=conditions_of(sweeps[0]), markers=(Marker(kind=f"{name}_onset", time_ms=first),),
    )  # fmt: skip


def _burst_onset(sweeps: Sequence[Sweep], window_ms: tuple[float, float]) -> float | None:
    times_ms, step_ms = sweeps[0].times_ms, 1000.0 / sweeps[0].sampling_rate_hz
    table = np.stack([np.asarray(sweep.samples_uv, dtype=np.float64) for sweep in sweeps])
    table = np.abs(table - np.median(table, axis=1, keepdims=True))
    envelope = smooth(table.mean(axis=0), ENVELOPE_MS, step_ms)
    quiet = (times_ms < -0.5) if np.count_nonzero(times_ms < -0.5) * step_ms >= 2.0 else times_ms > times_ms[-1] - 10.0
    limit = float(np.median(envelope[quiet])) + max(
        ENVELOPE_SD * robust_sd(envelope[quiet]), float(np.median(envelope[quiet]))
    )
    inside = np.flatnonzero((times_ms >= window_ms[0]) & (times_ms <= window_ms[1]))
    loud = envelope[inside] > limit
    n_run = max(round(RUN_MS / step_ms), 2)
    runs = np.flatnonzero(np.convolve(loud.astype(float), np.ones(n_run), mode="valid") >= n_run - 0.5)
    if len(runs) == 0 or runs[0] == 0:  # already active at the edge of the window: not an onset of this wave
        return None
    lead = round(ENVELOPE_MS / step_ms)  # a smoothed edge rises early by about its own width
    return float(times_ms[min(inside[runs[0]] + lead, len(times_ms) - 1)])


def measure_blink_reflex(ipsilateral: Sequence[Sweep], contralateral: Sequence[Sweep] = ()) -> BlinkReflex:
    """Measure R1 and R2 from the sweeps of the stimulated side, and R2 from those of the other.

    Raises
    ------
    InputError
        If there is no sweep of the stimulated side, or the sweeps of one side do not match.
    """
    if not ipsilateral:
        raise InputError("the blink reflex cannot be judged", got="0 sweeps", expected="sweeps of the stimulated side")
    for side in (ipsilateral, contralateral):
        for sweep in side:
            check_sweep(sweep)
            if len(sweep.samples_uv) != len(side[0].samples_uv) or sweep.sampling_rate_hz != side[0].sampling_rate_hz:
                raise InputError(
                    "the sweeps of one side do not match", got="different lengths or rates", expected="equal settings"
                )
    none = Absent(reason="the other side was not recorded")
    return BlinkReflex(
        r1_latency_ms=_burst(ipsilateral, R1_WINDOW_MS, "r1"),
        r2_ipsilateral_latency_ms=_burst(ipsilateral, R2_WINDOW_MS, "r2"),
        r2_contralateral_latency_ms=_burst(contralateral, R2_WINDOW_MS, "r2") if contralateral else none,
    )  # fmt: skip
