"""The nerve action potential: sweeps averaged with rejection, then onset, peak and both amplitudes with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emgwidgets.analysis.ncs._baseline import check_sweep
from emgwidgets.analysis.ncs._measures import interval_of, measures_of
from emgwidgets.analysis.ncs._response import SENSORY, locate
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Marker, Measure, Measures, TraceLink
from emgwidgets.model.signal import Sweep

__all__ = ["SensoryAverage", "SensoryWave", "average_sweeps", "measure_sensory_response"]

REJECT_SD = 5.0
"""A sweep is left out when its own power lies this many robust SDs above the median sweep (internal choice)."""
MIN_RATIO = 1.5
"""It must also be this much louder than the median sweep, so that equal sweeps lose none (internal choice)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SensoryAverage:
    """Average of sweeps: which were kept, and the RMS noise left, from the plus-minus average, in uV."""

    sweep: Sweep
    kept: tuple[int, ...]
    rejected: tuple[int, ...]
    noise_uv: float


@dataclass(frozen=True, kw_only=True)
class SensoryWave:
    """A measured nerve action potential; fields as in ``MotorWave``, voltages in uV, areas in uV ms."""

    onset_latency_ms: Measure
    peak_latency_ms: Measure
    amplitude_uv: Measure
    peak_to_peak_uv: Measure
    negative_peak_duration_ms: Measure
    total_duration_ms: Measure
    area_uv_ms: Measure
    onset_rules_ms: tuple[tuple[str, float], ...]
    noise_uv: float
    artefact_end_ms: float
    score: float
    n_averaged: int
    rejected: tuple[int, ...]
    flags: tuple[str, ...]

    def __repr__(self) -> str:
        return f"SensoryWave{repr(self.measures).removeprefix('Measures')}"

    @property
    def measures(self) -> Measures:
        """The measures under the names of ``model.ncs.SENSORY_MEASURES``."""
        return measures_of(self, amplitude="amplitude_uv", area="area_uv_ms")

    @property
    def markers(self) -> tuple[Marker, ...]:
        """Markers of the onset, the negative peak and the return to the level."""
        return self.total_duration_ms.markers


def average_sweeps(sweeps: Sequence[Sweep], *, reject: bool = True) -> SensoryAverage:
    """Average sweeps of one site; a sweep far louder than the others is left out.

    Parameters
    ----------
    sweeps : sequence of Sweep
        Equal rates, starts and lengths.
    reject : bool
        Whether loud sweeps are left out; never more than half of them.

    Raises
    ------
    InputError
        If there is no sweep or the sweeps do not match.
    """
    if not sweeps:
        raise InputError("there is nothing to average", got="0 sweeps", expected="at least one")
    first = sweeps[0]
    for sweep in sweeps:
        check_sweep(sweep)
        shape = (len(sweep.samples_uv), sweep.sampling_rate_hz, sweep.start_ms)
        if shape != (len(first.samples_uv), first.sampling_rate_hz, first.start_ms):
            raise InputError(
                "the sweeps cannot be averaged", got="different lengths, rates or starts",
                expected="sweeps of one site with equal settings", way_out="average each site by itself",
            )  # fmt: skip
    table = np.stack([sweep.samples_uv for sweep in sweeps]).astype(np.float64)
    kept = _kept(table, np.asarray(first.times_ms > 0)) if reject and len(sweeps) >= 4 else np.arange(len(sweeps))
    chosen = table[kept]
    signs = np.where(np.arange(len(kept)) % 2, -1.0, 1.0)[: len(kept) // 2 * 2]
    half = (signs[:, None] * chosen[: len(signs)]).sum(axis=0) / max(len(signs), 1)
    noise_uv = float(np.std(half)) * np.sqrt(len(signs) / len(kept)) if len(signs) else 0.0
    averaged = replace(first, samples_uv=chosen.mean(axis=0), n_averaged=sum(sweeps[int(i)].n_averaged for i in kept))
    rejected = tuple(sorted(set(range(len(sweeps))) - set(kept.tolist())))
    return SensoryAverage(sweep=averaged, kept=tuple(kept.tolist()), rejected=rejected, noise_uv=float(noise_uv))


def _kept(table: NDArray[np.float64], after: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Indices of the sweeps that are not far louder than the median one around the median wave."""
    rest = table - np.median(table, axis=0)
    loud = np.sqrt(np.mean((rest - rest.mean(axis=1, keepdims=True))[:, after] ** 2, axis=1))
    middle = float(np.median(loud))
    spread = 1.4826 * float(np.median(np.abs(loud - middle)))
    good = loud <= max(middle + REJECT_SD * spread, MIN_RATIO * middle)
    return np.flatnonzero(good) if 2 * np.count_nonzero(good) >= len(table) else np.arange(len(table))


def measure_sensory_response(
    sweeps: Sweep | Sequence[Sweep],
    *,
    window_ms: tuple[float, float] | None = None,
    reject: bool = True,
    trace: TraceLink | None = None,
) -> SensoryWave | Absent:
    """Measure a nerve action potential from one averaged sweep or from the single sweeps.

    Parameters
    ----------
    sweeps : Sweep or sequence of Sweep
        ``samples_uv`` of shape ``(n_samples,)``, active minus reference; negative numbers are negative deflections.
    window_ms : (float, float), optional
        Where the negative peak is looked for; 0.8 to 30 ms when not given.
    reject : bool
        Whether loud sweeps are left out of the average.

    Returns
    -------
    SensoryWave or Absent
        Absent with its reason when no negative peak stands out of the averaged noise.

    Raises
    ------
    InputError
        If the sweeps cannot be used or averaged.
    """
    average = average_sweeps([sweeps] if isinstance(sweeps, Sweep) else sweeps, reject=reject)
    found = locate(average.sweep, SENSORY, window_ms)
    if isinstance(found, Absent):
        return Absent(reason=f"{found.reason}; {average.sweep.n_averaged} averaged", trace=trace)
    values = interval_of(found, average.sweep, trace, uv_per_unit=1.0, volt="uV", area="uV ms")
    return SensoryWave(
        onset_latency_ms=values["onset"], peak_latency_ms=values["peak"], amplitude_uv=values["amplitude"],
        peak_to_peak_uv=values["peak_to_peak"], negative_peak_duration_ms=values["negative_duration"],
        total_duration_ms=values["total_duration"], area_uv_ms=values["area"], onset_rules_ms=found.onset.rules,
        noise_uv=found.levelled.noise_uv, artefact_end_ms=found.levelled.artefact_end_ms, score=found.score,
        n_averaged=average.sweep.n_averaged, rejected=average.rejected, flags=found.flags,
    )  # fmt: skip
