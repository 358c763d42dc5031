"""Strips of needle EMG: four conditions side by side, every spontaneous discharge, and the practice items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.simulation.muscle.drive import drive_for
from emgwidgets.simulation.muscle.electrode import needle_in
from emgwidgets.simulation.muscle.muscle import muscle_state
from emgwidgets.simulation.muscle.needle import NeedleSimulation, simulate_needle
from emgwidgets.simulation.practice.waveform_classes import waveform_classes
from emgwidgets.simulation.practice.waveform_items import waveform_item
from gallery.ink import WORDS, save, small, tidy, trace

STATES: dict[str, dict[str, Any]] = {
    "normal": {},
    "chronic neurogenic": {"axon_loss_share": 0.95, "day": 1500.0},
    "myopathic": {"fibre_loss_share": 0.5, "fibre_atrophy": 0.9, "fibre_splitting_share": 0.05},
    "myasthenic": {"junction": "myasthenia", "junction_safety_median": 1.3},
}
FULL_HEIGHT_UV = 4000.0
SEED = 4
EFFORT = 0.004


def samples(made: NeedleSimulation) -> tuple[np.ndarray, float]:
    """Samples and rate of the one channel."""
    channel = made.recording.channels[0]
    return channel.samples_uv, channel.sampling_rate_hz


def beside(muscle: Any, effort: str | float, rng: np.random.Generator) -> Any:
    """Needle a quarter of a millimetre from a fibre of one of the units that fire; anywhere when none does."""
    firing = np.flatnonzero((drive_for(muscle, effort).rates_hz > 0) & (muscle.fibres_per_unit > 0))
    if len(firing) == 0:
        return needle_in(muscle, high_pass_hz=10.0)
    fibre, angle = int(rng.choice(muscle.fibres_of(int(rng.choice(firing))))), rng.uniform(0, 2 * np.pi)
    return needle_in(
        muscle, high_pass_hz=10.0, depth_mm=float(muscle.y_mm[fibre] + 0.29 + 0.25 * np.sin(angle)),
        lateral_mm=float(muscle.x_mm[fibre] + 0.25 * np.cos(angle)),
    )  # fmt: skip


def sharp(muscle: Any, rng: np.random.Generator, effort: str | float, tries: int = 6) -> NeedleSimulation:
    """Move the needle, as in the clinic, until a unit is sharp."""
    found = []
    for _ in range(tries):
        needle = beside(muscle, effort, rng)
        made = simulate_needle(muscle, needle, effort=effort, duration_s=10.0, seed=SEED, sampling_rate_hz=24000.0)
        found.append((max((u.amplitude_uv for u in made.truth.units), default=0.0), made))
    return max(found, key=lambda pair: pair[0])[1]


def _alone(unit: Any, others: Any) -> list[float]:
    """Discharges with no other sizeable unit within 10 ms, the first twelve."""
    far = np.sort(
        np.concatenate([np.zeros(0), *(o.times_s for o in others if o.unit != unit.unit and o.amplitude_uv > 150)])
    )
    gap = np.array([np.abs(far - t).min() if len(far) else 1.0 for t in unit.times_s])
    return [float(t) for t in unit.times_s[gap > 0.010][1:13]]


def _units(axis: Any, made: NeedleSimulation, height: float) -> None:
    """Three largest units side by side, discharges of each superimposed: jiggle shows."""
    x, rate = samples(made)
    for place, unit in enumerate(sorted(made.truth.units, key=lambda u: -u.amplitude_uv)[:3]):
        for time in _alone(unit, made.truth.units):
            first = int((time + (unit.negative_peak_ms - 8.0) / 1000) * rate)
            piece = x[first : first + int(0.018 * rate)]
            if first >= 0 and len(piece) == int(0.018 * rate):
                trace(axis, np.arange(len(piece)) / rate * 1000 + 25 * place, piece, lw=0.6, alpha=0.8)
    tidy(axis, width=75.0, height=height, division=(5.0, height / 4))


def four_conditions(path: Path) -> None:
    """Normal, chronic neurogenic, myopathic, myasthenic: units, slight effort, full effort, one gain per column."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(4, 3, figsize=(10.4, 6.6), gridspec_kw={"width_ratios": [1.2, 1, 1]})
    for row, (name, state) in zip(axes, STATES.items(), strict=True):
        muscle = muscle_state(muscle="tibialis anterior", seed=SEED, **state)
        made = sharp(muscle, np.random.default_rng(3), EFFORT)
        _units(row[0], made, 2000.0)
        row[0].set_ylabel(name, fontsize=9, color=WORDS)
        x, rate = samples(made)
        trace(row[1], *small(np.arange(int(rate)) / rate * 1000, x[int(rate) : 2 * int(rate)]), lw=0.4)
        tidy(row[1], width=1000.0, height=2000.0, division=(100.0, 500.0))
        full = simulate_needle(muscle, effort="full", duration_s=1.5, seed=SEED, sampling_rate_hz=24000.0)
        x, rate = samples(full)
        trace(row[2], *small(np.arange(int(rate)) / rate * 1000, x[int(0.4 * rate) : int(1.4 * rate)]), lw=0.3)
        tidy(row[2], width=1000.0, height=FULL_HEIGHT_UV, division=(100.0, 1000.0))
    for axis, words in zip(
        axes[0], ("units: 5 ms, 500 uV", "slight: 100 ms, 500 uV", "full: 100 ms, 1 mV"), strict=True
    ):
        axis.set_title(f"{words} per division", fontsize=8, color=WORDS)
    figure.tight_layout(pad=0.5)
    save(figure, path, dpi=68)


def practice_items(folder: Path) -> None:
    """One row for each class of the gym: two seconds, and 60 ms around one event."""
    import matplotlib.pyplot as plt

    codes = list(waveform_classes())
    for part, chosen in enumerate((codes[:10], codes[10:20], codes[20:]), start=1):
        figure, axes = plt.subplots(
            len(chosen), 2, figsize=(9.2, 0.8 * len(chosen)), gridspec_kw={"width_ratios": [3, 1]}
        )
        for row, code in zip(axes, chosen, strict=True):
            item = waveform_item(code, 1, 3)
            x, rate = item.recording.channels[0].samples_uv, item.recording.channels[0].sampling_rate_hz
            inside = [t for t in item.events_s if 0.5 < t < item.recording.duration_s - 0.6]
            middle = inside[len(inside) // 2] if inside else 1.0
            first = max(min(middle - 0.7, item.recording.duration_s - 2.0), 0.0)
            height = float(np.clip(1.1 * np.abs(x).max(), 60.0, 6000.0))
            for axis, start, length in ((row[0], first, 2.0), (row[1], max(middle - 0.02, 0.0), 0.06)):
                piece = x[int(start * rate) : int((start + length) * rate)]
                trace(axis, *small(np.arange(len(piece)) / rate * 1000, piece), lw=0.4)
                tidy(axis, width=length * 1000, height=height, division=(length * 100, height / 2))
            name = item.kind.name.replace(" ", "\n", 1)
            row[0].set_ylabel(name, fontsize=6, color=WORDS, rotation=0, ha="right", va="center")
        figure.tight_layout(pad=0.4)
        save(figure, folder / f"practice_{part}.png", dpi=72)
