"""Makes the turns-amplitude cloud of simulated healthy muscles that the needle bench shows where no published one is known.

Published clouds are for one muscle, sex and method, and their coordinates were not read; this one is a proposal of the
simulation (mark P) and says so wherever it is drawn.
"""

from __future__ import annotations

import csv
from itertools import pairwise, product
from pathlib import Path

import numpy as np

from emgwidgets.analysis.needle.interference import measure_interference
from emgwidgets.simulation.muscle.electrode import NeedleElectrode
from emgwidgets.simulation.muscle.needle_phase import NeedlePhase
from emgwidgets.simulation.patient import VirtualPatient

OUT = Path(__file__).parents[1] / "emgwidgets" / "widgets" / "needle_bench" / "simulated_cloud.csv"
MUSCLES = ("tibialis_anterior", "biceps_brachii", "vastus_lateralis")
PATIENTS = ((30.0, "female", 101), (45.0, "male", 102), (60.0, "male", 104))
EFFORTS = (0.01, 0.02, 0.04, 0.07, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
PLACES_MM = (3.0, 6.0)
SECONDS = 2.0
#: Bins of turns per second and the share of epochs the cloud holds: 5th to 95th percentile in each bin.
EDGES = (0.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 800.0, 1000.0, 1200.0, 1400.0, 1700.0)
LOW, HIGH = 0.05, 0.95
LEAST = 10


def points() -> np.ndarray:
    """Turns per second and mean amplitude of every epoch."""
    found = []
    for (age, sex, seed), muscle in product(PATIENTS, MUSCLES):
        patient = VirtualPatient(age_years=age, sex=sex, seed=seed)
        for effort, depth in product(EFFORTS, PLACES_MM):
            phase = NeedlePhase(kind="effort", duration_s=SECONDS, effort=effort)
            electrode = NeedleElectrode(depth_mm=depth, along_mm=20.0)
            made = patient.needle(muscle=muscle, side="right", electrode=electrode, phases=(phase,))
            pattern = measure_interference(made.recording.trace(0))
            found += [
                (one.turns_per_s_hz, one.mean_turn_amplitude_uv) for one in pattern.epochs if one.turns_per_s_hz > 0
            ]
    return np.array(found)


def main() -> None:
    """Write the table."""
    seen = points()
    rows = []
    for low, high in pairwise(EDGES):
        inside = seen[(seen[:, 0] >= low) & (seen[:, 0] < high), 1]
        if len(inside) >= LEAST:
            ends = np.quantile(inside, [LOW, HIGH])
            rows.append([(low + high) / 2, round(float(ends[0]), 1), round(float(ends[1]), 1), len(inside)])
    with OUT.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["turns_per_s_hz", "low_uv", "high_uv", "n_epochs"])
        writer.writerows(rows)
    print(f"{len(seen)} epochs, {len(rows)} bins -> {OUT.name}")


if __name__ == "__main__":
    main()
