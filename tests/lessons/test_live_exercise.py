"""Items and the killed recording of the lesson on live signals: what is called true is true of the file and the average."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.io.registry import read
from emgwidgets.lessons.live_exercise import OPTIONS, ROWS, killed_recording, live_items
from emgwidgets.lessons.marks import compare_marks


@pytest.fixture(scope="module")
def items():
    return live_items(seed=2)


def test_every_answer_is_true_somewhere_and_the_order_says_nothing(items):
    assert {item.truth for item in items} == set(range(len(OPTIONS)))
    assert len(items) == len(ROWS)
    assert [item.found for item in items] != sorted((item.found for item in items), key=str)


def test_the_averaged_trigger_pulse_shows_its_edge(items):
    for item in items:
        edge = dict(item.found)["trigger at"]
        pulse = -item.traces[2].sweep.samples_uv
        times_ms = item.traces[2].sweep.times_ms
        before, after = (
            pulse[(times_ms > -0.3) & (times_ms < -0.02)].mean(),
            pulse[(times_ms > 0.02) & (times_ms < 0.3)].mean(),
        )
        assert (after > 4.0) == (edge == "the rising edge")
        assert (before > 4.0) == (edge == "the falling edge")
        assert (item.truth == 1) == (edge == "the falling edge")


def test_what_decides_stands_in_the_feedback(items):
    for item in items:
        n = int(dict(item.known)["averaged"].split()[0])
        assert f"after {n} sweeps to 1/{np.sqrt(n):.1f}" in item.feedback[3]
        is_absent = dict(item.found)["true height"] == "none"
        assert ("gives nothing" in item.feedback[2]) == is_absent == (item.truth == 2)


@pytest.mark.parametrize("seed", [1, 4])
def test_the_truth_of_the_killed_recording_is_in_its_file(tmp_path, seed):
    killed = killed_recording(tmp_path, seed=seed)
    left = read(killed.path)
    segments = left.channels[0].segments
    ends_s = [one.start_s + one.n_samples / 10_000 for one in segments]
    gaps = [(end_s, later.start_s - end_s) for end_s, later in zip(ends_s, segments[1:], strict=False)]
    assert gaps == [
        (pytest.approx(one.start_s, abs=1e-3), pytest.approx(one.duration_s, abs=1e-3)) for one in killed.truth
    ]
    assert left.duration_s < killed.duration_s
    assert "was not closed, as after a crash" in left.notes[0]
    assert [flag.kind for flag in left.quality_flags] == ["gap", "gap"]
    assert killed.read_unflagged().quality_flags == ()
    assert compare_marks(killed.truth, killed.truth).n_found == 2
    flat = np.flatnonzero(left.channels[0].read() == 0.0)
    assert len(flat) >= 2000  # the lead that is off: samples, and no gap
