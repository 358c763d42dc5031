"""A needle recording with five planted faults of technique, and the truth about them; for the exercise of lesson 50."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording, Segment
from emgwidgets.simulation.muscle.electrode import NeedleElectrode
from emgwidgets.simulation.muscle.muscle import muscle_state
from emgwidgets.simulation.muscle.needle import NeedlePhase, simulate_needle

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PlantedFaults", "planted_faults_recording"]

#: Places and sizes of the faults are the design of an exercise, no clinical figures.
MAINS_S, MAINS_UV = (1.0, 9.0), 60.0
FLAT_S = (10.0, 11.5)
SATURATED_S, LIMIT_UV = (15.0, 17.0), 1000.0
DRIFT_S, DRIFT_UV = (20.0, 23.0), 300.0
GAP_AT_S, GAP_S = 26.0, 1.5


@dataclass(frozen=True, kw_only=True, eq=False)
class PlantedFaults:
    """The recording and its faults: label, place, and in ``note`` what decides."""

    recording: Recording
    truth: tuple[Annotation, ...]


def _truth() -> tuple[Annotation, ...]:
    rows = (
        ("mains", MAINS_S, "a line at 50 Hz in the spectrum, the same height all through; amplitudes do not hold"),
        ("flat", FLAT_S, "one value without noise: the amplifier was off, which is not electrical silence"),
        ("saturation", SATURATED_S, f"peaks cut at {LIMIT_UV:.0f} µV; no turns or amplitude from here"),
        (
            "movement",
            DRIFT_S,
            "a slow wave no muscle fibre makes; a high-pass hides it and leaves the raw trace as it was",
        ),
        ("gap", (GAP_AT_S, GAP_AT_S + GAP_S), "no samples were kept; an interval across it is no firing interval"),
    )
    return tuple(
        Annotation(start_s=place[0], duration_s=place[1] - place[0], label=label, note=note)
        for label, place, note in rows
    )


def planted_faults_recording(seed: int = 0, *, sampling_rate_hz: float = 24000.0) -> PlantedFaults:
    """Slight effort in a healthy tibialis anterior, 30 s, with mains, a flat stretch, saturation, movement and a gap.

    Parameters
    ----------
    seed : int
        Same seed, same bytes.
    sampling_rate_hz : float
        Rate of the one channel.

    Returns
    -------
    PlantedFaults
    """
    muscle = muscle_state(muscle="tibialis anterior", seed=seed)
    electrode = NeedleElectrode(depth_mm=0.6 * muscle.radius_mm)
    phases = (NeedlePhase(kind="effort", duration_s=30.0, effort="slight"),)
    clean = simulate_needle(muscle, electrode, phases=phases, sampling_rate_hz=sampling_rate_hz, seed=seed)
    channel = clean.recording.channels[0]
    samples_uv = channel.samples_uv
    time_s = np.arange(len(samples_uv)) / sampling_rate_hz

    def within(place_s: tuple[float, float]) -> NDArray[np.bool_]:
        inside: NDArray[np.bool_] = (time_s >= place_s[0]) & (time_s < place_s[1])
        return inside

    mains = within(MAINS_S)
    samples_uv[mains] += MAINS_UV * np.sin(2 * np.pi * 50.0 * time_s[mains])
    drift = within(DRIFT_S)
    phase = (time_s[drift] - DRIFT_S[0]) / (DRIFT_S[1] - DRIFT_S[0])
    samples_uv[drift] += DRIFT_UV * np.sin(np.pi * phase) * np.sin(2 * np.pi * 1.5 * phase)
    strong = within(SATURATED_S)
    samples_uv[strong] *= 4.0 * LIMIT_UV / max(float(np.abs(samples_uv[strong]).max()), 1.0)
    stored = np.clip(np.round(samples_uv * 32767 / LIMIT_UV), -32767, 32767)
    stored[within(FLAT_S)] = 0
    return PlantedFaults(recording=_with_gap(clean.recording, channel, stored.astype(np.int16)), truth=_truth())


def _with_gap(recording: Recording, channel: Channel, stored: NDArray[np.int16]) -> Recording:
    """Take the gap's samples out; what follows keeps its time."""
    rate_hz = channel.sampling_rate_hz
    first, last = round(GAP_AT_S * rate_hz), round((GAP_AT_S + GAP_S) * rate_hz)
    kept = np.concatenate([stored[:first], stored[last:]])
    segments = (
        Segment(first_sample=0, n_samples=first, start_s=0.0),
        Segment(first_sample=first, n_samples=len(kept) - first, start_s=last / rate_hz),
    )
    settings = replace(channel.settings, converter_range=(-LIMIT_UV, LIMIT_UV))
    samples = ArraySamples(stored=kept, gain=LIMIT_UV / 32767)
    faulty = replace(channel, samples=samples, segments=segments, settings=settings, name="Needle, TA")
    return replace(
        recording, channels=(faulty,), annotations=(), quality_flags=(),
        title="Simulated slight effort with five planted faults", notes=("simulated: no patient",),
    )  # fmt: skip
