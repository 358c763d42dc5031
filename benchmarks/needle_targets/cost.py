"""Budgets of processor time, all cores added up, so that other work on the machine does not count."""

from __future__ import annotations

import time

from emgwidgets.simulation.muscle.electrode import needle_in
from emgwidgets.simulation.muscle.muscle import muscle_state
from emgwidgets.simulation.muscle.needle import simulate_needle
from needle_targets.measures import TA
from needle_targets.table import Row, row

BUDGET = "science 4 (P)"


def speed() -> list[Row]:
    """Build a muscle, and ten seconds at a place the needle has not been before; the best of three runs."""
    build, times = [], {"slight": [], "moderate": [], "full": []}
    simulate_needle(muscle_state(muscle=TA, seed=1), effort="slight", duration_s=0.1)  # imports
    for run in range(3):
        start = time.process_time()
        state = muscle_state(muscle=TA, seed=12345 + run)
        build.append(time.process_time() - start)
        for effort, found in times.items():
            start = time.process_time()
            simulate_needle(state, needle_in(state, lateral_mm=0.7), effort=effort, duration_s=10.0)
            found.append(time.process_time() - start)
    rows = [row("build a muscle (200 units, 66 000 fibres)", "< 3", BUDGET, min(build), (0, 3), "s")]
    rows += [row(f"10 s of EMG, {k} effort, new place", "< 1", BUDGET, min(v), (0, 1), "s") for k, v in times.items()]
    return rows
