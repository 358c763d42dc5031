"""Clocks: a fast one sleeps for the shorter time, a simulated one jumps, and a block is due or it is not."""

from __future__ import annotations

import time

import pytest

from emgwidgets.acquisition.clock import SimulatedClock, SpeedClock, wait_until_due


def test_a_fast_clock_runs_fast_and_sleeps_for_the_shorter_time(monkeypatch):
    now_s, slept_s = [50.0], []
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])
    monkeypatch.setattr(time, "sleep", slept_s.append)
    clock = SpeedClock(4.0)
    assert clock.now_s() == 50.0
    now_s[0] += 2.0
    assert clock.now_s() == 58.0
    clock.wait(1.0)
    clock.wait(-1.0)
    assert slept_s == [0.25]


@pytest.mark.parametrize(("due_s", "is_due", "now_s"), [(10.3, True, 10.3), (9.0, True, 10.0), (12.0, False, 10.5)])
def test_a_block_is_waited_for_at_most_so_long(due_s, is_due, now_s):
    clock = SimulatedClock(10.0)
    assert wait_until_due(clock, due_s, 0.5) is is_due
    assert clock.now_s() == pytest.approx(now_s)
