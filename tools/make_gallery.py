"""Draw the strips of simulated needle EMG in docs/gallery: motor unit potentials and spontaneous discharges.

Run from the project folder: ``python tools/make_gallery.py [folder]``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.simulation.electrode import needle_in
from emgwidgets.simulation.muscle import MuscleState, muscle_state
from emgwidgets.simulation.needle import Activity, NeedleSimulation, simulate_needle

ROOT = Path(__file__).resolve().parents[1]
STATES: dict[str, dict[str, Any]] = {
    "normal": {},
    "chronic neurogenic": {"axon_loss_share": 0.75, "day": 1500.0},
    "early reinnervation": {"axon_loss_share": 0.7, "day": 110.0},
    "myopathic": {
        "fibre_loss_share": 0.5, "fibre_atrophy": 0.9, "fibre_necrosis_share": 0.05, "fibre_splitting_share": 0.05,
    },
    "myasthenic": {"junction": "myasthenia", "junction_safety_median": 1.4},
}  # fmt: skip
RESTS = {
    "fibrillation": Activity(kind="fibrillation", rate_hz=8.0),
    "positive sharp wave": Activity(kind="positive_sharp_wave", rate_hz=5.0),
    "complex repetitive": Activity(kind="complex_repetitive_discharge", rate_hz=35.0),
    "myotonic": Activity(kind="myotonic_discharge"),
    "fasciculation": Activity(kind="fasciculation", rate_hz=1.2),
    "myokymic": Activity(kind="myokymic_discharge"),
    "neuromyotonic": Activity(kind="neuromyotonic_discharge"),
    "cramp": Activity(kind="cramp"),
    "end-plate noise": Activity(kind="end_plate_noise", n_sources=3),
    "end-plate spikes": Activity(kind="end_plate_spike"),
}


def main(folder: Path) -> None:
    """Draw both strips."""
    import matplotlib as mpl

    mpl.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    _draw_units(folder / "motor_units.png")
    _draw_rest(folder / "spontaneous.png")
    _draw_effort(folder / "recruitment.png")


def _sharp_place(muscle: MuscleState, rng: np.random.Generator) -> NeedleSimulation:
    """Move the needle, as in the clinic, until a unit is sharp."""
    best: tuple[float, NeedleSimulation] | None = None
    for _ in range(6):
        needle = needle_in(
            muscle, depth_mm=muscle.radius_mm + rng.uniform(-3, 3), lateral_mm=rng.uniform(-3, 3), high_pass_hz=5.0
        )
        made = simulate_needle(muscle, needle, effort="slight", duration_s=6.0, seed=int(rng.integers(1000)))
        size = max((u.amplitude_uv for u in made.truth.units), default=0.0)
        if best is None or size > best[0]:
            best = (size, made)
    assert best is not None
    return best[1]


def _draw_units(path: Path) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(STATES), 4, figsize=(11, 9), sharex=True)
    for row, (name, state) in zip(axes, STATES.items(), strict=True):
        muscle = muscle_state(seed=4, **state)
        made = _sharp_place(muscle, np.random.default_rng(3))
        x, rate = made.recording.channels[0].samples_uv, made.recording.channels[0].sampling_rate_hz
        units = sorted(made.truth.units, key=lambda u: -u.amplitude_uv)[:4]
        for axis, unit in zip(row, units, strict=False):
            for time in unit.times_s[1:9]:
                start = int((time + unit.negative_peak_ms / 1000 - 0.010) * rate)
                if start >= 0 and start + int(0.030 * rate) < len(x):
                    piece = x[start : start + int(0.030 * rate)]
                    axis.plot(np.arange(len(piece)) / rate * 1000, -piece, lw=0.6, color="#1f4e79", alpha=0.7)
            axis.set_title(f"{name}: {unit.amplitude_uv:.0f} uV", fontsize=8)
            axis.tick_params(labelsize=6)
    figure.supxlabel("ms (negative up, uV; eight discharges superimposed)", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    plt.close(figure)


def _draw_rest(path: Path) -> None:
    import matplotlib.pyplot as plt

    muscle = muscle_state(seed=4, axon_loss_share=0.0)
    figure, axes = plt.subplots(len(RESTS), 2, figsize=(11, 13), gridspec_kw={"width_ratios": [2, 1]})
    for row, (name, activity) in zip(axes, RESTS.items(), strict=True):
        place = {"along_mm": 0.0} if name.startswith("end-plate") else {}
        made = simulate_needle(muscle, needle_in(muscle, **place), activities=(activity,), duration_s=6.0, seed=8)
        x, rate = made.recording.channels[0].samples_uv, made.recording.channels[0].sampling_rate_hz
        source = max(made.truth.sources, key=lambda s: s.amplitude_uv)
        peaks = source.peak_times_s[(source.peak_times_s > 0.1) & (source.peak_times_s < 5.7)]
        middle = peaks[len(peaks) // 2] if len(peaks) else 1.0
        for axis, first, length in ((row[0], max(middle - 0.6, 0), 2.0), (row[1], middle - 0.015, 0.05)):
            piece = x[int(first * rate) : int((first + length) * rate)]
            axis.plot(np.arange(len(piece)) / rate * 1000, -piece, lw=0.5, color="#1f4e79")
            axis.tick_params(labelsize=6)
        row[0].set_title(f"{name}: {source.amplitude_uv:.0f} uV, {len(source.times_s)} discharges in 6 s", fontsize=8)
    figure.supxlabel("ms (negative up, uV)", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=65)
    plt.close(figure)


def _draw_effort(path: Path) -> None:
    import matplotlib.pyplot as plt

    chosen = {
        "normal": {}, "neurogenic": {"axon_loss_share": 0.97, "day": 1500.0}, "myopathic": STATES["myopathic"],
    }  # fmt: skip
    figure, axes = plt.subplots(len(chosen), 3, figsize=(11, 6))
    for row, (name, state) in zip(axes, chosen.items(), strict=True):
        muscle = muscle_state(seed=4, **state)
        for axis, effort in zip(row, ("slight", "moderate", "full"), strict=True):
            made = simulate_needle(muscle, effort=effort, duration_s=1.0, seed=5)
            x = made.recording.channels[0].samples_uv
            axis.plot(np.arange(len(x)) / made.recording.channels[0].sampling_rate_hz, -x, lw=0.3, color="#1f4e79")
            axis.set_title(f"{name}, {effort}", fontsize=8)
            axis.tick_params(labelsize=6)
    figure.supxlabel("s (negative up, uV)", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=65)
    plt.close(figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "gallery")
