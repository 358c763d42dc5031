"""Recipes of the short needle recordings in data/: units in health and disease, and spontaneous discharges.

``tools/make_data.py`` calls ``write_all``; everything is simulated.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.io.registry import write
from emgwidgets.simulation.muscle.electrode import NeedleElectrode, needle_in
from emgwidgets.simulation.muscle.muscle import MuscleState, muscle_state
from emgwidgets.simulation.muscle.needle import Activity, NeedleSimulation, simulate_needle

RATE_HZ, DURATION_S = 20000.0, 11.0  # keeps each file below half a megabyte
FILTER: dict[str, Any] = {"low_pass_hz": 8000.0}
STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "needle_slight_normal": ("normal", {}),
    "needle_slight_neurogenic": ("75 % of axons lost 1500 days ago", {"axon_loss_share": 0.75, "day": 1500.0}),
    "needle_slight_reinnervation": ("70 % of axons lost 110 days ago", {"axon_loss_share": 0.7, "day": 110.0}),
    "needle_slight_myopathic": (
        "35 % of fibres lost, diameters spread, 5 % cut across and 5 % split",
        {"fibre_loss_share": 0.35, "fibre_atrophy": 0.7, "fibre_necrosis_share": 0.05, "fibre_splitting_share": 0.05},
    ),
    "needle_slight_myasthenic": (
        "median safety factor 1.4", {"junction": "myasthenia", "junction_safety_median": 1.4},
    ),
}  # fmt: skip
RESTS = {
    "needle_rest_complex_repetitive": Activity(kind="complex_repetitive_discharge", rate_hz=35.0),
    "needle_rest_myotonic": Activity(kind="myotonic_discharge"),
    "needle_rest_myokymic": Activity(kind="myokymic_discharge"),
    "needle_rest_neuromyotonic": Activity(kind="neuromyotonic_discharge"),
    "needle_rest_end_plate": Activity(kind="end_plate_spike", n_sources=2),
}
EFFORT_SEED, REST_SEED = 6, 8
#: The search for a sharp unit: short looks along the track, away from both edges of the muscle.
SEARCH_S, SEARCH_STEP_MM, MARGIN_MM = 2.0, 0.5, 1.0


def _slight(muscle: MuscleState, needle: NeedleElectrode, duration_s: float) -> NeedleSimulation:
    return simulate_needle(
        muscle, needle, effort="slight", duration_s=duration_s, sampling_rate_hz=RATE_HZ, seed=EFFORT_SEED
    )


def _searched(muscle: MuscleState) -> NeedleElectrode:
    """Return the needle at the depth where a unit is sharpest: an examiner searches too, a dull unit is a distant one."""

    def steepest(needle: NeedleElectrode) -> float:
        trace = _slight(muscle, needle, SEARCH_S).recording.channels[0].samples_uv
        return float(np.abs(np.diff(trace)).max())

    depths_mm = np.arange(MARGIN_MM, 2 * muscle.radius_mm - MARGIN_MM, SEARCH_STEP_MM)
    return max((needle_in(muscle, depth_mm=float(depth), **FILTER) for depth in depths_mm), key=steepest)


def _effort(state: dict[str, Any]) -> NeedleSimulation:
    muscle = muscle_state(muscle="tibialis anterior", seed=EFFORT_SEED, **state)
    return _slight(muscle, _searched(muscle), DURATION_S)


def _rest(activity: Activity) -> NeedleSimulation:
    muscle = muscle_state(muscle="tibialis anterior", seed=REST_SEED)
    place = {"along_mm": 0.0} if activity.kind.startswith("end_plate") else {}
    needle = needle_in(muscle, **FILTER, **place)
    return simulate_needle(
        muscle, needle, activities=(activity,), duration_s=DURATION_S, sampling_rate_hz=RATE_HZ, seed=REST_SEED
    )


def write_all(folder: Path) -> list[dict[str, str]]:
    """Write the recordings and their truth into a folder; returns the rows of the manifest."""
    made = [
        (name, f"tibialis anterior, slight effort, {what}", EFFORT_SEED, _effort(state))
        for name, (what, state) in STATES.items()
    ]
    made += [
        (name, f"tibialis anterior at rest, {activity.kind.replace('_', ' ')}", REST_SEED, _rest(activity))
        for name, activity in RESTS.items()
    ]
    rows = []
    for name, what, seed, simulation in made:
        write(simulation.recording, folder / f"{name}.edf")
        truth = json.dumps(simulation.truth.to_json_dict(), separators=(",", ":"))
        (folder / f"{name}.truth.json").write_text(truth + "\n", encoding="utf-8")
        rows.append({"file": f"{name}.edf", "kind": "recording", "what": what, "seed": str(seed)})
        rows.append({"file": f"{name}.truth.json", "kind": "truth", "what": "its discharges", "seed": str(seed)})
    return rows
