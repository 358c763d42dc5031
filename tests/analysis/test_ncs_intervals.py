"""Intervals of numbers that follow from others: each equals the errors of its parts carried through by small steps."""

from __future__ import annotations

import math

import pytest

from emgwidgets.analysis import ncs
from emgwidgets.analysis.ncs.segments import half_width
from emgwidgets.model.measure import Measure


def measure(value, half, unit="ms"):
    return Measure(value=value, unit=unit, method="typed", low=value - half, high=value + half)


#: Formula, its parts as value, half width and unit.
FORMULAS = {
    "f_estimate": (lambda m, speed: ncs.f_estimate(m, speed, 600.0), ((3.5, 0.2, "ms"), (50.0, 2.0, "m/s"))),
    "f_ratio": (ncs.f_ratio, ((26.0, 0.3, "ms"), (8.0, 0.2, "ms"))),
    "f_wave_velocity": (lambda f, m: ncs.f_wave_velocity(f, m, 620.0), ((26.0, 0.3, "ms"), (3.5, 0.2, "ms"))),
    "residual_latency": (lambda m, speed: ncs.residual_latency(m, speed, 70.0), ((3.5, 0.2, "ms"), (50.0, 2.0, "m/s"))),
    "terminal_latency_index": (
        lambda m, speed: ncs.terminal_latency_index(m, speed, 70.0), ((3.5, 0.2, "ms"), (50.0, 2.0, "m/s")),
    ),
    "drop_percent": (ncs.drop_percent, ((8.0, 0.3, "mV"), (5.0, 0.2, "mV"))),
    "change_percent": (ncs.change_percent, ((6.0, 0.3, "ms"), (7.5, 0.2, "ms"))),
}  # fmt: skip
STEP = 1e-5


@pytest.mark.parametrize(("formula", "parts"), FORMULAS.values(), ids=FORMULAS)
def test_an_interval_is_the_errors_of_its_parts_carried_through(formula, parts):
    found = formula(*(measure(*part) for part in parts))
    carried = []
    for n, (value, half, unit) in enumerate(parts):
        ends = []
        for step in (STEP, -STEP):
            moved = [measure(*part) for part in parts]
            moved[n] = measure(value + step, half, unit)
            ends.append(formula(*moved).value)
        carried.append(half * (ends[0] - ends[1]) / (2 * STEP))
    assert half_width(found) == pytest.approx(math.hypot(*carried), rel=1e-4)


@pytest.mark.parametrize(("formula", "parts"), FORMULAS.values(), ids=FORMULAS)
def test_without_the_error_of_a_part_there_is_no_interval(formula, parts):
    bare = [Measure(value=value, unit=unit, method="typed") for value, _, unit in parts]
    assert half_width(formula(*bare)) is None
    for n in range(len(parts)):
        mixed = [bare[i] if i == n else measure(*part) for i, part in enumerate(parts)]
        assert half_width(formula(*mixed)) is None
