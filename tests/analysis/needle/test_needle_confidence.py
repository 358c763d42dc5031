"""Two discharges of one unit that stand too close: each is half sure, unless they are a doublet or of two units."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from emgwidgets.analysis.needle._confidence import _by_intervals

RATE_HZ = 10_000.0


def test_a_neighbour_too_close_halves_both():
    times_ms = np.array([0.0, 100.0, 118.0, 220.0, 226.0, 330.0, 335.0])
    units = np.array([0, 0, 0, 0, 0, 0, 1])  # 18 ms apart, 6 ms as a doublet, and 5 ms behind another unit
    found = SimpleNamespace(
        placement=SimpleNamespace(start=times_ms * RATE_HZ / 1000, unit=units), bank=SimpleNamespace(energy=np.ones(2)),
        rate_hz=RATE_HZ,
    )  # fmt: skip
    assert _by_intervals(found).tolist() == [1.0, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0]
