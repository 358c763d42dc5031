"""Needle electromyography of a virtual muscle: insertion, rest and effort in one channel, with the whole truth.

It returns an ordinary Recording; nothing here measures or judges it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Device, Recording, RecordingSettings
from emgwidgets.simulation.muscle import _scene
from emgwidgets.simulation.muscle.electrode import needle_in
from emgwidgets.simulation.muscle.needle_phase import Activity, NeedlePhase
from emgwidgets.simulation.muscle.needle_truth import NeedleTruth, SourceTruth, UnitTruth
from emgwidgets.simulation.practice.disturbances import Disturbance, disturbance_uv

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle.electrode import NeedleElectrode
    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = ["Activity", "NeedlePhase", "NeedleSimulation", "NeedleTruth", "SourceTruth", "UnitTruth", "simulate_needle"]

CHANNEL = "Needle EMG"
CONVERTER_UV = 0.1  # one step of the converter, internal choice: as fine as clinical machines


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
