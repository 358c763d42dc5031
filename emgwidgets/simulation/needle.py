"""Needle electromyography of a virtual muscle: insertion, rest and effort in one channel, with the whole truth.

It returns an ordinary Recording; nothing here measures or judges it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Device, Recording, RecordingSettings
from emgwidgets.simulation import _scene
from emgwidgets.simulation.disturbances import Disturbance, DisturbanceTruth, disturbance_uv
from emgwidgets.simulation.electrode import needle_in
from emgwidgets.simulation.junction import mean_consecutive_difference_us
from emgwidgets.simulation.unit_shape import UnitShape, unit_shape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation._templates import UnitTemplate
    from emgwidgets.simulation.drive import DriveManner
    from emgwidgets.simulation.electrode import NeedleElectrode
    from emgwidgets.simulation.muscle import MuscleState

__all__ = ["Activity", "NeedlePhase", "NeedleSimulation", "NeedleTruth", "SourceTruth", "UnitTruth", "simulate_needle"]

CHANNEL = "Needle EMG"
CONVERTER_UV = 0.1  # one step of the converter, internal choice: as fine as clinical machines


@dataclass(frozen=True, kw_only=True)
class Activity:
    """A spontaneous discharge asked for by name, beside what the muscle's own state brings.

    Parameters
    ----------
    kind : str
        One of ``emgwidgets.simulation.spontaneous.SPONTANEOUS``.
    rate_hz : float, optional
        Its rate; drawn from the published range when left out.
    n_sources : int
        How many fibres or axons do it.
    """

    kind: str
    rate_hz: float | None = None
    n_sources: int = 1


@dataclass(frozen=True, kw_only=True)
class NeedlePhase:
    """A stretch of the examination.

    Parameters
    ----------
    kind : str
        ``"rest"``, ``"insertion"`` (one needle movement, then rest) or ``"effort"``.
    duration_s : float
        Length.
    effort : str or float
        ``"slight"``, ``"moderate"``, ``"full"`` or a share of the healthy muscle's greatest force.
    manner : str
        ``"steady"``, ``"poor"``, ``"central"`` or ``"tremor"``.
    depth_step_mm, lateral_step_mm : float
        How far the needle has moved when the phase begins; it stays there for the later phases.
    doublet_share : float, optional
        Share of voluntary discharges that are doublets; the usual one when left out.
    insertional : str
        ``"by_state"`` (increased when fibres are irritable), ``"normal"``, ``"increased"`` or ``"decreased"``.
    activities : tuple of Activity
        Spontaneous discharges asked for.
    """

    kind: Literal["rest", "insertion", "effort"]
    duration_s: float
    effort: str | float = "slight"
    manner: DriveManner = "steady"
    depth_step_mm: float = 0.0
    lateral_step_mm: float = 0.0
    doublet_share: float | None = None
    insertional: Literal["by_state", "normal", "increased", "decreased"] = "by_state"
    activities: tuple[Activity, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in ("rest", "insertion", "effort"):
            raise InputError(
                "no such phase of the examination", got=repr(self.kind), expected="rest, insertion or effort"
            )
        if not 0 < self.duration_s < 3600:
            raise InputError(
                "the duration cannot be used", got=f"{self.duration_s} s", expected="above 0 s, up to an hour"
            )


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


@dataclass(frozen=True, kw_only=True, eq=False)
class NeedleSimulation:
    """A simulated recording and its truth."""

    recording: Recording
    truth: NeedleTruth


def simulate_needle(
    muscle: MuscleState,
    electrode: NeedleElectrode | None = None,
    *,
    phases: tuple[NeedlePhase, ...] | None = None,
    effort: str | float | None = None,
    activities: tuple[Activity, ...] = (),
    duration_s: float = 10.0,
    sampling_rate_hz: float = 48000.0,
    disturbances: tuple[Disturbance, ...] = (),
    limit_uv: float | None = None,
    seed: int = 0,
) -> NeedleSimulation:
    """Record a muscle with a needle.

    Parameters
    ----------
    muscle : MuscleState
        See :func:`emgwidgets.simulation.muscle.muscle_state`.
    electrode : NeedleElectrode, optional
        Needle, its place, filter and noise; a concentric needle in the middle of the muscle when left out.
    phases : tuple of NeedlePhase, optional
        The examination in order.  Left out, it is one phase: effort if ``effort`` is given, else rest.
    effort : str or float, optional
        See :class:`NeedlePhase`.
    activities : tuple of Activity
        Spontaneous discharges of that one phase.
    duration_s, sampling_rate_hz : float
        Length of that one phase; samples per second (8 to 200 kHz).
    disturbances : tuple of Disturbance
        What else the channel carries.
    limit_uv : float, optional
        Largest value of the converter; left out, its step grows until nothing is clipped.
    seed : int
        Same seed and arguments, same bytes.

    Returns
    -------
    NeedleSimulation
        One channel in microvolts, 16 bit in steps of 0.1 uV (coarser when the signal exceeds 3.2 mV), and the truth.

    Raises
    ------
    InputError
        If the needle lies outside the muscle or an argument cannot be used.
    """
    if electrode is None:
        electrode = needle_in(muscle)
    if not 8000 <= sampling_rate_hz <= 200000:
        raise InputError("the sampling rate cannot be used", got=f"{sampling_rate_hz} Hz", expected="8000 to 200000 Hz")
    if phases is None:
        kind: Literal["rest", "effort"] = "rest" if effort is None else "effort"
        phases = (NeedlePhase(kind=kind, duration_s=duration_s, effort=effort or 0.0, activities=activities),)
    elif activities or effort is not None:
        raise InputError(
            "phases and effort or activities cannot be given together", expected="one or the other",
            way_out="put the effort and the activities into the phases",
        )  # fmt: skip
    scene = _scene.render(muscle, electrode, phases, sampling_rate_hz, seed)
    rng = np.random.default_rng([seed, 98])
    added = [disturbance_uv(one, len(scene.clean_uv), sampling_rate_hz, rng) for one in disturbances]
    noise = _scene.noise_uv(
        len(scene.clean_uv), electrode.noise_uv, sampling_rate_hz, np.random.default_rng([seed, 99])
    )
    foreign = sum((wave for wave, _ in added), noise)
    recorded = _scene.amplifier(scene.clean_uv + foreign, electrode, sampling_rate_hz)
    truth = NeedleTruth(
        units=tuple(scene.units), sources=tuple(scene.sources), insertions_s=tuple(scene.insertions_s),
        needle_stops_s=tuple(scene.stops_s), disturbances=tuple(one for _, one in added),
        noise_free_uv=_scene.amplifier(scene.clean_uv, electrode, sampling_rate_hz), seed=seed,
    )  # fmt: skip
    channel = channel_of(
        recorded, CHANNEL, "needle_emg", sampling_rate_hz, settings=needle_settings(electrode), limit_uv=limit_uv
    )
    return NeedleSimulation(recording=_recording(channel, muscle, phases), truth=truth)


def channel_of(
    samples_uv: NDArray[np.float64],
    name: str,
    kind: str,
    sampling_rate_hz: float,
    *,
    settings: RecordingSettings,
    limit_uv: float | None = None,
) -> Channel:
    """Pass samples through a 16-bit converter; without ``limit_uv`` the step grows until nothing is clipped."""
    step = CONVERTER_UV if limit_uv is None else limit_uv / 32767
    if limit_uv is None:
        step = max(step, CONVERTER_UV * np.ceil(np.abs(samples_uv).max(initial=0.0) / (32767 * CONVERTER_UV)))
    stored = np.clip(np.round(samples_uv / step), -32768, 32767).astype(np.int16)
    settings = replace(settings, converter_range=(-32768 * step, 32767 * step))
    source = ArraySamples(stored=stored, gain=float(step), offset=0.0)
    return Channel(
        name=name, unit="uV", sampling_rate_hz=sampling_rate_hz, samples=source, kind=kind, settings=settings
    )


def needle_settings(electrode: NeedleElectrode) -> RecordingSettings:
    """Return the settings a machine would store."""
    reference = "surface" if electrode.kind in ("monopolar", "macro") else "cannula"
    return RecordingSettings(
        high_pass_hz=electrode.high_pass_hz, low_pass_hz=electrode.low_pass_hz, electrode=f"{electrode.kind} needle",
        active="tip", reference=reference,
    )  # fmt: skip


def _recording(channel: Channel, muscle: MuscleState, phases: tuple[NeedlePhase, ...]) -> Recording:
    marks = []
    start = 0.0
    for phase in phases:
        label = phase.kind if phase.kind != "effort" else f"effort {phase.effort}"
        marks.append(Annotation(start_s=start, duration_s=phase.duration_s, label=label))
        start += phase.duration_s
    return Recording(
        channels=(channel,), annotations=tuple(marks), device=Device(maker="emgwidgets", model="virtual muscle"),
        title=f"Simulated needle EMG, {muscle.muscle}", notes=("simulated: no patient",),
    )  # fmt: skip
