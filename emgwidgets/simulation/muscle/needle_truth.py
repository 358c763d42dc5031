"""The truth of a simulated needle recording: units, spontaneous sources, needle movements and disturbances, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.simulation.muscle.junction import mean_consecutive_difference_us
from emgwidgets.simulation.muscle.unit_shape import UnitShape, unit_shape
from emgwidgets.simulation.practice.disturbances import DisturbanceTruth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle._templates import UnitTemplate

__all__ = ["NeedleTruth", "SourceTruth", "UnitTruth"]


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitTruth:
    """One motor unit's truth during one needle place.

    ``template_uv`` is the noise-free potential before the amplifier with every fibre answering on time; its sample 0
    is the axon's impulse.  ``onset_ms`` and ``end_ms`` are the first and last sample beyond 1 uV or 1 % of the peak,
    whichever is larger.  ``recorded_uv`` is the same potential after the amplifier.
    """

    unit: int
    times_s: NDArray[np.float64] = field(repr=False)
    template_uv: NDArray[np.float64] = field(repr=False)
    recorded_uv: NDArray[np.float64] = field(repr=False)
    onset_ms: float
    end_ms: float
    negative_peak_ms: float
    amplitude_uv: float
    n_fibres: int
    n_near_fibres: int
    blocked_share: float
    phase: int
    near_delay_ms: NDArray[np.float64] = field(repr=False)
    near_blocked: NDArray[np.bool_] = field(repr=False)
    parts: UnitTemplate = field(repr=False)
    sampling_rate_hz: float

    @property
    def shape(self) -> UnitShape | None:
        """True shape of the recorded potential, with its satellites; None when it stays below 20 uV."""
        return unit_shape(self.recorded_uv, self.sampling_rate_hz)

    @property
    def jitter_us(self) -> float:
        """True jitter (MCD) between the two largest near fibres; NaN with fewer than two."""
        if self.near_delay_ms.shape[1] < 2:
            return float("nan")
        first, second = np.argsort(-np.ptp(self.parts.near_uv, axis=1))[:2]
        interval = self.near_delay_ms[:, second] - self.near_delay_ms[:, first]
        interval = np.where(self.near_blocked[:, first] | self.near_blocked[:, second], np.nan, interval)
        return mean_consecutive_difference_us(interval) if np.isfinite(interval).sum() > 1 else float("nan")

    def discharges_uv(self, n: int = 30) -> NDArray[np.float64]:
        """Noise-free potential of each of the first discharges before the amplifier, shape ``(n, n_samples)``."""
        near, late = self.parts.near_uv, self.near_delay_ms[:n]
        frequency = np.fft.rfftfreq(near.shape[1], 1 / self.sampling_rate_hz)
        turn = np.exp(-2j * np.pi * frequency[None, None, :] * late[:, :, None] / 1000.0)
        turn *= ~self.near_blocked[:n, :, None]
        moved = np.fft.irfft((np.fft.rfft(near)[None] * turn).sum(axis=1), n=near.shape[1])
        whole: NDArray[np.float64] = self.parts.far_uv + moved
        return whole

    @property
    def jiggle(self) -> float:
        """True instability: root mean square of successive differences over that of the mean potential; 0 is none."""
        waves = self.discharges_uv()
        if len(waves) < 2:
            return float("nan")
        steps = np.sqrt((np.diff(waves, axis=0) ** 2).mean()) / np.sqrt(2.0)
        return float(steps / max(np.sqrt((waves.mean(axis=0) ** 2).mean()), 1e-12))


@dataclass(frozen=True, kw_only=True, eq=False)
class SourceTruth:
    """One spontaneous source: its kind, discharge times, sizes and noise-free template (before the amplifier)."""

    kind: str
    times_s: NDArray[np.float64] = field(repr=False)
    sizes: NDArray[np.float64] = field(repr=False)
    template_uv: NDArray[np.float64] = field(repr=False)
    peak_ms: float
    amplitude_uv: float
    phase: int

    @property
    def peak_times_s(self) -> NDArray[np.float64]:
        """Time of the largest deflection of each discharge."""
        return self.times_s + self.peak_ms / 1000.0


@dataclass(frozen=True, kw_only=True, eq=False)
class NeedleTruth:
    """Everything that was put into the recording.

    ``insertions_s`` are start of a needle movement and end of the activity it called up; ``needle_stops_s`` when the
    needle stopped.
    """

    units: tuple[UnitTruth, ...]
    sources: tuple[SourceTruth, ...]
    insertions_s: tuple[tuple[float, float], ...]
    needle_stops_s: tuple[float, ...] = ()
    disturbances: tuple[DisturbanceTruth, ...] = ()
    noise_free_uv: NDArray[np.float64] = field(repr=False)
    seed: int

    def to_json_dict(self) -> dict[str, object]:
        """Return times and sizes, without waveforms, as plain values."""
        return {
            "seed": self.seed,
            "insertions_s": [[round(a, 6), round(b, 6)] for a, b in self.insertions_s],
            "needle_stops_s": [round(t, 6) for t in self.needle_stops_s],
            "disturbances": [
                {"kind": d.kind, "rate_hz": d.rate_hz, "size_uv": d.size_uv, "times_s": [round(float(t), 6) for t in d.times_s]}
                for d in self.disturbances
            ],
            "units": [
                {
                    "unit": u.unit, "phase": u.phase, "n_fibres": u.n_fibres, "amplitude_uv": round(u.amplitude_uv, 2),
                    "onset_ms": round(u.onset_ms, 4), "end_ms": round(u.end_ms, 4),
                    "negative_peak_ms": round(u.negative_peak_ms, 4), "blocked_share": round(u.blocked_share, 4),
                    "satellites_ms": [[round(a, 3), round(b, 3)] for a, b in (u.shape.satellites_ms if u.shape else ())],
                    "times_s": [round(float(t), 6) for t in u.times_s],
                }
                for u in self.units
            ],
            "sources": [
                {
                    "kind": s.kind, "phase": s.phase, "amplitude_uv": round(s.amplitude_uv, 2), "peak_ms": round(s.peak_ms, 4),
                    "times_s": [round(float(t), 6) for t in s.times_s],
                    **({} if np.all(s.sizes == 1) else {"sizes": [round(float(z), 4) for z in s.sizes]}),
                }
                for s in self.sources
            ],
        }  # fmt: skip
