"""F waves of a set of sweeps, each by itself and together, and A waves; the H and blink reflexes are in ``reflexes``.

An F wave changes from stimulus to stimulus.  What stays the same in shape and time in nearly every sweep is called an A wave.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._baseline import smooth
from emgwidgets.analysis.ncs._late_rows import (
    Stretch,
    first_deflection,
    fixed_stretches,
    largest_of,
    late_table,
    n_repeaters,
    noise_of,
    repeated_stretch,
    tails_of,
    without_fixed,
)
from emgwidgets.analysis.ncs._measures import Z90, conditions_of
from emgwidgets.analysis.ncs.motor import MotorWave, measure_motor_response
from emgwidgets.analysis.ncs.segments import half_width, joined, made
from emgwidgets.analysis.ncs.sensory import average_sweeps
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Marker, Measure, Measures
from emgwidgets.model.signal import Sweep

__all__ = ["AWave", "FWave", "FWaveSet", "f_waves_at", "measure_f_waves"]

Floats = NDArray[np.float64]

MIN_F_UV = 20.0
"""Smallest peak-to-peak of an F wave; published thresholds are 20 to 40 uV (science 3.1, V)."""
# Internal choices, tried on development seeds of the virtual patient:
SMOOTH_MS = 0.1
AFTER_M_MS, LONGEST_POSITIVE_MS = 1.0, 12.0
"""The search begins this long after M is back at its level; its positive phase is taken to last 12 ms at most."""
EARLIEST_MS = 15.0
MIN_SD = 6.0
LONGEST_F_MS = 20.0
"""An F wave is over after this."""
MIN_SWEEPS_A = 5
SAME_A_MS = 1.0
"""What is left at the onset of an A wave that was taken off is the rest of it."""
MOST_A_WAVES = 6
"""Taken off one by one; more were not seen in one set."""


@dataclass(frozen=True, kw_only=True)
class FWave:
    """One F wave: number of its sweep from 0, onset latency, peak-to-peak amplitude."""

    sweep: int
    latency_ms: Measure
    amplitude_uv: Measure


@dataclass(frozen=True, kw_only=True)
class AWave:
    """A late wave of constant latency and shape; ``fixed_share`` is how much of its energy the other sweeps explain."""

    latency_ms: Measure
    amplitude_uv: Measure
    fixed_share: float


@dataclass(frozen=True, kw_only=True)
class FWaveSet:
    """F waves of one set of stimuli.

    Parameters
    ----------
    waves : tuple of FWave or Absent
        One entry for each sweep, in order.
    m_wave : MotorWave
        The direct response of the averaged sweeps.
    min_latency_ms, mean_latency_ms, max_latency_ms, chronodispersion_ms : Measure or Absent
        Of the sweeps with an F wave.
    persistence_percent : Measure
        Sweeps with an F wave among all, with its Wilson interval.
    amplitude_uv, f_m_ratio : Measure or Absent
        Mean peak-to-peak amplitude; the ratio divides it by the peak-to-peak of M.
    n_repeaters : int
        F waves that repeat another one in shape, size and latency (science 3.1).
    a_waves : tuple of AWave
    notes : tuple of str
        Limits of the set, such as too few stimuli for the chronodispersion (ncs.S31).
    """

    waves: tuple[FWave | Absent, ...]
    m_wave: MotorWave
    min_latency_ms: Measure | Absent
    mean_latency_ms: Measure | Absent
    max_latency_ms: Measure | Absent
    chronodispersion_ms: Measure | Absent
    persistence_percent: Measure
    amplitude_uv: Measure | Absent
    f_m_ratio: Measure | Absent
    n_repeaters: int
    a_waves: tuple[AWave, ...]
    notes: tuple[str, ...]

    @property
    def measures(self) -> Measures:
        """The measures under the names of ``model.ncs.LATE_MEASURES``."""
        named = {
            "f_min_latency_ms": self.min_latency_ms, "f_mean_latency_ms": self.mean_latency_ms,
            "f_max_latency_ms": self.max_latency_ms, "f_chronodispersion_ms": self.chronodispersion_ms,
            "f_persistence": self.persistence_percent, "f_amplitude_uv": self.amplitude_uv,
            "m_latency_ms": self.m_wave.onset_latency_ms, "m_amplitude_mv": self.m_wave.amplitude_mv,
        }  # fmt: skip
        if self.a_waves:
            named["a_wave_latency_ms"] = self.a_waves[0].latency_ms
        return Measures(named)


def _a_waves(times_ms: Floats, stretches: Sequence[Stretch], noise_uv: float, sweep: Sweep) -> tuple[AWave, ...]:
    found = []
    for one in stretches:
        time_ms = float(times_ms[one.onset])
        markers = (Marker(kind="a_wave_onset", time_ms=time_ms),)
        found.append(AWave(
            fixed_share=one.fixed_share,
            latency_ms=_measure(time_ms, 0.3, "ms", "onset of the constant wave", sweep, markers),
            amplitude_uv=_measure(one.size_uv, Z90 * noise_uv, "uV", "peak_to_peak", sweep, markers),
        ))  # fmt: skip
    return tuple(found)


def _measure(  # noqa: PLR0917
    value: float, half: float, unit: str, method: str, sweep: Sweep, markers: tuple[Marker, ...]
) -> Measure:
    low = value - half if unit == "ms" else max(value - half, 0.0)
    return Measure(
        value=value, unit=unit, method=method, low=low, high=value + half, conditions=conditions_of(sweep), markers=markers
    )  # fmt: skip


def _waves(times_ms: Floats, table: Floats, sweeps: Sequence[Sweep], tails_uv: Floats) -> tuple[FWave | Absent, ...]:
    step_ms = float(times_ms[1] - times_ms[0])
    noise = noise_of(table)
    results: list[FWave | Absent] = []
    for number, (row, noise_uv) in enumerate(zip(table, noise, strict=True)):
        wave_uv = smooth(row, SMOOTH_MS, step_ms)
        sd_uv = max(0.6 * float(noise_uv), 1e-6)
        size_uv, least_uv = largest_of(wave_uv, step_ms), max(MIN_F_UV, MIN_SD * float(noise_uv))
        at = first_deflection(row, step_ms, least_uv=least_uv)
        if tails_uv[at] > least_uv:
            least_uv = float(tails_uv[at])
            at = first_deflection(row, step_ms, least_uv=least_uv)
        if size_uv < least_uv:
            results.append(Absent(reason=f"largest deflection {size_uv:.0f} µV, needed {least_uv:.0f} µV"))
            continue
        size_uv = max(size_uv, float(np.ptp(wave_uv[at : at + round(LONGEST_F_MS / step_ms)])))
        ahead = wave_uv[at : at + max(round(0.6 / step_ms), 3)]
        slope = max(float(np.max(np.abs(np.diff(ahead)))) / step_ms if len(ahead) > 1 else 0.0, 1e-6)
        half_ms = Z90 * math.hypot(min(5.0 * sd_uv / slope, 0.5), 0.1)
        markers = (Marker(kind="f_onset", time_ms=float(times_ms[at]), value_uv=float(row[at])),)
        results.append(FWave(
            sweep=number, latency_ms=_measure(float(times_ms[at]), half_ms, "ms", "first deflection", sweeps[number], markers),
            amplitude_uv=_measure(size_uv, Z90 * 2 * sd_uv, "uV", "peak_to_peak", sweeps[number], markers),
        ))  # fmt: skip
    return tuple(results)


def _n_repeaters(times_ms: Floats, table: Floats, waves: Sequence[FWave]) -> int:
    """How many F waves have the shape, size and latency of another one."""
    if len(waves) < 2:
        return 0
    rows = np.stack([table[wave.sweep] for wave in waves])
    starts_ms = np.array([wave.latency_ms.value for wave in waves])
    return n_repeaters(times_ms, rows, starts_ms, np.array([wave.amplitude_uv.value for wave in waves]))


def _persistence(n_found: int, n: int, sweep: Sweep) -> Measure:
    share, z = n_found / n, Z90
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Measure(
        value=100 * share, unit="%", method=f"{n_found} of {n} stimuli", low=min(100 * (middle - half), 100 * share),
        high=max(100 * (middle + half), 100 * share), conditions=conditions_of(sweep),
    )  # fmt: skip


def _notes(n: int, found: Sequence[FWave], m_wave: MotorWave) -> tuple[str, ...]:
    notes = []
    if n < 10:
        notes.append(f"{n} stimuli; the minimum latency needs 10 (ncs.S31)")
    if n < 20:
        notes.append("the mean latency needs 20 stimuli (ncs.S31)")
    if n < 50:
        notes.append("the chronodispersion needs 50 to 60 stimuli (ncs.S31)")
    if not found and m_wave.amplitude_mv.value < 1.0:
        notes.append(
            "no F wave after an M below 1 mV says nothing about the proximal nerve (ncs.S27; 1 mV is our choice)"
        )
    return tuple(notes)


def _window(m_wave: MotorWave, sweep: Sweep, window_ms: tuple[float, float] | None) -> tuple[float, float]:
    last_ms = float(sweep.times_ms[-1])
    onset_ms, negative_ms = m_wave.onset_latency_ms.value, m_wave.negative_peak_duration_ms.value
    end_ms = onset_ms + min(m_wave.total_duration_ms.value, negative_ms + LONGEST_POSITIVE_MS)
    first, last = window_ms or (max(end_ms + AFTER_M_MS, EARLIEST_MS), last_ms)
    if not first < last or last - first < 5.0 or first >= last_ms:
        raise InputError(
            "the sweep leaves no room for a late response", got=f"{first:.1f} to {min(last, last_ms):.1f} ms",
            expected="at least 5 ms after the M wave", way_out="record 50 ms in the arm and 100 ms in the leg",
        )  # fmt: skip
    return first, min(last, last_ms)


def measure_f_waves(sweeps: Sequence[Sweep], *, window_ms: tuple[float, float] | None = None) -> FWaveSet | Absent:
    """Measure the F waves of a set of supramaximal stimuli.

    Parameters
    ----------
    sweeps : sequence of Sweep
        One for each stimulus, of equal rate, start and length, not averaged.
    window_ms : (float, float), optional
        Where late responses are looked for; after the M wave when not given.

    Returns
    -------
    FWaveSet or Absent
        Absent when there is no direct response: without M an F wave means nothing.

    Raises
    ------
    InputError
        If the sweeps do not match, or leave no room after M.
    """
    averaged = average_sweeps(sweeps, reject=False).sweep
    m_window = (0.8, window_ms[0]) if window_ms else (0.8, min(25.0, float(averaged.times_ms[-1])))
    m_wave = measure_motor_response(averaged, window_ms=m_window)
    if isinstance(m_wave, Absent):
        return Absent(reason=f"no M wave, so no F wave can be judged: {m_wave.reason}")
    times_ms, table = late_table(
        sweeps, _window(m_wave, sweeps[0], window_ms),
        m_window_ms=(m_wave.onset_latency_ms.value, m_wave.onset_latency_ms.value + m_wave.negative_peak_duration_ms.value),
    )  # fmt: skip
    noise_uv = float(np.median(noise_of(table)))
    fixed = fixed_stretches(times_ms, table, noise_uv, least_uv=MIN_F_UV) if len(table) >= MIN_SWEEPS_A else ()
    sharp = [one for one in fixed if one.is_wave]
    table, sharp, waves = _peeled(times_ms, without_fixed(times_ms, table, fixed), sweeps, sharp)
    found = [wave for wave in waves if isinstance(wave, FWave)]
    late = _set_measures(found, m_wave) if found else {}
    none = Absent(reason=f"no F wave in {len(waves)} stimuli")
    return FWaveSet(
        waves=waves, m_wave=m_wave, min_latency_ms=late.get("min", none), mean_latency_ms=late.get("mean", none),
        max_latency_ms=late.get("max", none), chronodispersion_ms=late.get("spread", none),
        persistence_percent=_persistence(len(found), len(waves), averaged), amplitude_uv=late.get("amplitude", none),
        f_m_ratio=late.get("ratio", none), n_repeaters=_n_repeaters(times_ms, table, found), a_waves=_a_waves(times_ms, sharp, noise_uv, averaged),
        notes=_notes(len(waves), found, m_wave),
    )  # fmt: skip


def _peeled(
    times_ms: Floats, table: Floats, sweeps: Sequence[Sweep], sharp: Sequence[Stretch]
) -> tuple[Floats, list[Stretch], tuple[FWave | Absent, ...]]:
    """Take off one A wave after the other that the search for F waves comes upon; the table without them, A waves, F waves."""
    a_waves = list(sharp)
    noise_uv, step_ms = float(np.median(noise_of(table))), float(times_ms[1] - times_ms[0])
    waves = _waves(times_ms, table, sweeps, tails_of(times_ms, table, a_waves))
    for _ in range(MOST_A_WAVES if len(table) >= MIN_SWEEPS_A else 0):
        starts_ms = np.array([wave.latency_ms.value for wave in waves if isinstance(wave, FWave)])
        found = repeated_stretch(times_ms, table, starts_ms, noise_uv, least_uv=MIN_F_UV)
        if found is None or any(abs(found.onset - one.onset) * step_ms < SAME_A_MS for one in a_waves):
            break
        a_waves.append(found)
        table = without_fixed(times_ms, table, [found])
        waves = _waves(times_ms, table, sweeps, tails_of(times_ms, table, a_waves))
    return table, sorted(a_waves, key=lambda one: one.onset), waves


def _set_measures(found: Sequence[FWave], m_wave: MotorWave) -> dict[str, Measure]:
    earliest = min(found, key=lambda wave: wave.latency_ms.value)
    latest = max(found, key=lambda wave: wave.latency_ms.value)
    values_ms = np.array([wave.latency_ms.value for wave in found])
    sizes_uv = np.array([wave.amplitude_uv.value for wave in found])
    n = len(found)
    mean_half = joined(
        Z90 * float(values_ms.std(ddof=1)) / math.sqrt(n) if n > 1 else 0.0, half_width(earliest.latency_ms)
    )
    size_half = Z90 * float(sizes_uv.std(ddof=1)) / math.sqrt(n) if n > 1 else half_width(found[0].amplitude_uv)
    mean_uv = float(sizes_uv.mean())
    amplitude = made(mean_uv, "uV", "peak_to_peak", size_half, found[0].amplitude_uv)
    m_uv = 1000 * m_wave.peak_to_peak_mv.value
    spread = latest.latency_ms.value - earliest.latency_ms.value
    return {
        "min": replace(earliest.latency_ms, method=f"minimum of {n} F waves"),
        "max": replace(latest.latency_ms, method=f"maximum of {n} F waves"),
        "mean": made(float(values_ms.mean()), "ms", f"mean of {n} F waves", mean_half, earliest.latency_ms),
        "spread": made(spread, "ms", f"maximum minus minimum of {n} F waves",
                       joined(half_width(earliest.latency_ms), half_width(latest.latency_ms)), latest.latency_ms),
        "amplitude": amplitude,
        "ratio": made(mean_uv / m_uv, "ratio", "mean F over M, both peak to peak",
                      None if size_half is None else size_half / m_uv, amplitude),
    }  # fmt: skip


HAND_HALF_MS = 0.5
"""Half the 90 % interval of an onset placed by eye in a raster (tolerance of the curriculum; internal choice)."""


def f_waves_at(found: FWaveSet, sweeps: Sequence[Sweep], placed: Mapping[int, float | None]) -> FWaveSet:
    """Return the set with the F waves of some sweeps placed, or taken away, by the reader.

    Parameters
    ----------
    sweeps : sequence of Sweep
        Those that were measured.
    placed : mapping of int to float or None
        Number of the sweep from 0 -> onset in ms, or None where the reader sees no F wave.

    Raises
    ------
    InputError
        If there is no such sweep, or the onset does not lie in it.
    """
    waves = list(found.waves)
    for number, onset_ms in placed.items():
        if not 0 <= number < len(waves):
            raise InputError("there is no such sweep", got=str(number + 1), expected=f"1 to {len(waves)}")
        waves[number] = _placed(sweeps[number], number, onset_ms)
    kept = [wave for wave in waves if isinstance(wave, FWave)]
    late = _set_measures(kept, found.m_wave) if kept else {}
    none = Absent(reason=f"no F wave in {len(waves)} stimuli")
    return replace(
        found, waves=tuple(waves), min_latency_ms=late.get("min", none), mean_latency_ms=late.get("mean", none),
        max_latency_ms=late.get("max", none), chronodispersion_ms=late.get("spread", none),
        amplitude_uv=late.get("amplitude", none), f_m_ratio=late.get("ratio", none),
        persistence_percent=_persistence(len(kept), len(waves), sweeps[0]), notes=_notes(len(waves), kept, found.m_wave),
    )  # fmt: skip


def _placed(sweep: Sweep, number: int, onset_ms: float | None) -> FWave | Absent:
    if onset_ms is None:
        return Absent(reason="no F wave, as the reader sees it")
    times_ms = sweep.times_ms
    inside = (times_ms >= onset_ms) & (times_ms <= onset_ms + LONGEST_F_MS)
    if not (math.isfinite(onset_ms) and inside.any() and onset_ms > 0):
        raise InputError(
            "the F wave does not lie in its sweep", got=f"{onset_ms:.1f} ms", expected=f"0 to {times_ms[-1]:.0f} ms"
        )
    size_uv = float(np.ptp(sweep.samples_uv[inside]))
    markers = (Marker(kind="f_onset", time_ms=float(onset_ms), is_manual=True),)
    return FWave(
        sweep=number, latency_ms=_measure(float(onset_ms), HAND_HALF_MS, "ms", "placed by the reader", sweep, markers),
        amplitude_uv=_measure(size_uv, 0.0, "uV", "peak_to_peak", sweep, markers),
    )  # fmt: skip
