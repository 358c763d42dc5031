"""A ready-made examination at rest for demonstrations: every kind of stretch a reader of needle EMG must tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.model.signal import Annotation, QualityFlag, Recording, RecordingSettings
from emgwidgets.simulation.muscle._scene import noise_uv, render
from emgwidgets.simulation.muscle._templates import add_events, amplifier, phased
from emgwidgets.simulation.muscle.electrode import LeadPoints, needle_in
from emgwidgets.simulation.muscle.fibre import summed_potential_uv
from emgwidgets.simulation.muscle.muscle import MuscleState, muscle_state
from emgwidgets.simulation.muscle.needle import (
    Activity,
    NeedlePhase,
    NeedleSimulation,
    NeedleTruth,
    channel_of,
    needle_settings,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle.needle_truth import UnitTruth

__all__ = ["demo_rest_recording"]

NEEDLE, SURFACE = "Left tibialis anterior, needle", "Left tibialis anterior, surface"
SURFACE_HZ = 2000.0
#: Largest value of the converter, in microvolts: the gain one uses at rest, so that a strong effort is clipped.
LIMIT_UV = 1000.0
MAINS_S = (33.0, 39.0)
MAINS_UV = 45.0
FIB = (Activity(kind="fibrillation", rate_hz=8.0), Activity(kind="positive_sharp_wave", rate_hz=4.0))
PHASES = (
    NeedlePhase(kind="rest", duration_s=2.0),
    NeedlePhase(kind="insertion", duration_s=18.0, activities=FIB),
    NeedlePhase(kind="insertion", duration_s=13.0, depth_step_mm=0.8, activities=FIB),
    NeedlePhase(kind="rest", duration_s=11.0, activities=FIB[:1]),
    NeedlePhase(kind="effort", duration_s=6.0, effort=1.0),
    NeedlePhase(kind="rest", duration_s=4.0, activities=FIB[1:]),
    NeedlePhase(kind="insertion", duration_s=8.0, depth_step_mm=-1.5, activities=FIB),
)


def demo_rest_recording(seed: int = 0, *, sampling_rate_hz: float = 48000.0) -> NeedleSimulation:
    """Left tibialis anterior, concentric needle at rest, four weeks after half of its axons were cut; 62 s.

    Three insertions, fibrillations near 8 per second and positive sharp waves near 4 per second, six seconds of mains
    interference and six of an effort that saturates the converter.  The second channel is a surface electrode at
    2 kHz.  The phases stand as annotations, the disturbances as quality flags, each discharge in the truth.

    Parameters
    ----------
    seed : int
        Same seed, same bytes.
    sampling_rate_hz : float
        Rate of the needle's channel.
    """
    muscle = muscle_state(
        muscle="tibialis anterior", seed=seed, axon_loss_share=0.5, day=28.0, lesion_distance_mm=350.0
    )
    low_pass_hz = min(10000.0, 0.3 * sampling_rate_hz)
    electrode = needle_in(muscle, depth_mm=0.8 * muscle.radius_mm, low_pass_hz=low_pass_hz)
    scene = render(muscle, electrode, PHASES, sampling_rate_hz, seed)
    clean = scene.clean_uv
    rng = np.random.default_rng([seed, 77])
    time_s = np.arange(len(clean)) / sampling_rate_hz
    noise = noise_uv(len(clean), electrode.noise_uv, sampling_rate_hz, rng)
    recorded = amplifier(clean + noise + _mains_uv(time_s), electrode, sampling_rate_hz)
    channels = (
        channel_of(recorded, NEEDLE, "needle_emg", sampling_rate_hz, settings=needle_settings(electrode), limit_uv=LIMIT_UV),
        channel_of(
            _surface_uv(muscle, scene.units, float(time_s[-1]), rng), SURFACE, "surface_emg", SURFACE_HZ,
            settings=RecordingSettings(high_pass_hz=10.0, low_pass_hz=800.0, electrode="surface disc", active="belly", reference="tendon"),
        ),
    )  # fmt: skip
    recording = Recording(
        channels=channels, annotations=_annotations(scene.insertions_s), quality_flags=_flags(recorded, sampling_rate_hz),
        title="Simulated rest examination, left tibialis anterior, four weeks after denervation",
        notes=("simulated: no patient",),
    )  # fmt: skip
    truth = NeedleTruth(
        units=tuple(scene.units), sources=tuple(scene.sources), insertions_s=tuple(scene.insertions_s),
        needle_stops_s=tuple(scene.stops_s),
        noise_free_uv=amplifier(clean, electrode, sampling_rate_hz), seed=seed,
    )  # fmt: skip
    return NeedleSimulation(recording=recording, truth=truth)


def _mains_uv(time_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """50 Hz with its third and fifth harmonic (internal choice of sizes), in one stretch."""
    on = ((time_s >= MAINS_S[0]) & (time_s < MAINS_S[1])).astype(float)
    hum = np.zeros(len(time_s))
    for n, size in ((1, 1.0), (3, 0.25), (5, 0.12)):
        hum += size * np.sin(2 * np.pi * 50.0 * n * time_s + n)
    mains: NDArray[np.float64] = MAINS_UV * on * hum
    return mains


def _surface_uv(
    muscle: MuscleState, units: list[UnitTruth], duration_s: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Belly and tendon discs 10 mm above the muscle in the same conductor; every unit, without jitter."""
    fast = 4 * SURFACE_HZ
    rows = np.array([[dx, -8.0, 20.0 + dz, 0.2] for dx, dz in ((0, 0), (4, 0), (-4, 0), (0, 4), (0, -4))])
    tendon = np.array([[0.0, -8.0, 55.0, -1.0]])
    leads = LeadPoints(active=rows, active_centre=rows, reference=tendon, active_radius_mm=0.0, reference_radius_mm=0.0)
    total = np.zeros(int(np.ceil((duration_s + 1e-6) * SURFACE_HZ)) * 4, dtype=np.float32)
    for unit in units:
        fibres = muscle.fibre_set(muscle.fibres_of(unit.unit))
        template = summed_potential_uv(
            fibres, leads, sampling_rate_hz=fast, duration_ms=50.0, spike_stretch=muscle.spike_stretch
        )
        add_events(total, phased(template), unit.times_s * fast)
    from scipy import signal

    filtered = signal.lfilter(*signal.butter(1, 10.0, "highpass", fs=fast), total)
    slow = signal.lfilter(*signal.butter(4, 800.0, "lowpass", fs=fast), filtered)[::4]
    samples: NDArray[np.float64] = np.asarray(slow, dtype=float) + noise_uv(len(slow), 3.0, SURFACE_HZ, rng)
    return samples


def _annotations(insertions: list[tuple[float, float]]) -> tuple[Annotation, ...]:
    marks = [Annotation(start_s=a, duration_s=b - a, label="insertion", channel=NEEDLE) for a, b in insertions]
    start = 0.0
    for phase in PHASES:
        label = "effort" if phase.kind == "effort" else "rest"
        marks.append(Annotation(start_s=start, duration_s=phase.duration_s, label=label, channel=NEEDLE))
        start += phase.duration_s
    marks.append(
        Annotation(start_s=MAINS_S[0], duration_s=MAINS_S[1] - MAINS_S[0], label="mains interference", channel=NEEDLE)
    )
    return tuple(sorted(marks, key=lambda mark: (mark.start_s, mark.label)))


def _flags(recorded: NDArray[np.float64], sampling_rate_hz: float) -> tuple[QualityFlag, ...]:
    clipped = np.flatnonzero(np.abs(recorded) >= LIMIT_UV)
    flags = [
        QualityFlag(
            kind="mains", channel=NEEDLE, start_s=MAINS_S[0], end_s=MAINS_S[1], size=MAINS_UV, unit="uV",
            reason="50 Hz interference was added here; small potentials are hidden; look elsewhere or filter",
        )
    ]  # fmt: skip
    if len(clipped):
        flags.append(
            QualityFlag(
                kind="saturation", channel=NEEDLE, start_s=float(clipped[0] / sampling_rate_hz),
                end_s=float(clipped[-1] / sampling_rate_hz), size=float(len(clipped)), unit="samples",
                reason="the effort exceeds the converter's range; amplitudes are cut off; use a lower gain",
            )
        )  # fmt: skip
    return tuple(flags)
