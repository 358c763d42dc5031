"""Marks against the truth: one to one, in words that decide."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emgwidgets.lessons.marks import compare_marks, rate_feedback
from emgwidgets.model.signal import Annotation

TRUTH = (
    Annotation(start_s=1.0, duration_s=2.0, label="mains", note="50 Hz line in the spectrum."),
    Annotation(start_s=10.0, duration_s=1.0, label="flat", note="not one count of noise."),
)


def test_right_place_and_label_is_found_and_the_rest_is_said():
    marks = (
        Annotation(start_s=1.2, duration_s=1.5, label="mains"),
        Annotation(start_s=10.1, duration_s=0.5, label="saturation"),
        Annotation(start_s=20.0, duration_s=0.5, label="mains"),
    )
    comparison = compare_marks(marks, TRUTH)
    assert (comparison.n_found, comparison.n_truth) == (1, 2)
    assert [row[1] for row in comparison.rows] == ["found", "other label", "nothing here"]
    assert "marked saturation; it is flat" in comparison.rows[1][2]
    assert str(comparison).startswith("1 of 2 found")
    assert list(comparison.to_pandas()["verdict"]) == ["found", "other label", "nothing here"]


def test_no_marks_are_not_marked_rather_than_wrong():
    assert [row[1] for row in compare_marks((), TRUTH).rows] == ["not marked", "not marked"]


def test_a_point_inside_a_stretch_counts():
    assert compare_marks((Annotation(start_s=10.5, label="flat"),), TRUTH).n_found == 1
    assert compare_marks((Annotation(start_s=11.5, label="flat"),), TRUTH).n_found == 0


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 5)), max_size=6))
def test_every_mark_and_every_truth_has_exactly_one_row(places):
    marks = tuple(Annotation(start_s=start, duration_s=length, label="mains") for start, length in places)
    comparison = compare_marks(marks, TRUTH)
    n_matched = sum(row[1] in ("found", "other label") for row in comparison.rows)
    assert len(comparison.rows) == len(TRUTH) + len(marks) - n_matched
    assert comparison.n_found <= n_matched <= min(len(TRUTH), len(marks))


def test_rate_feedback_names_what_was_measured():
    times_s = [0.0, 0.125, 0.25, 0.375]
    assert rate_feedback([None, None], times_s).startswith("Two cursors are needed")
    assert "8.0/s. The fibre fired at 8.0/s here: as it is" in rate_feedback([0.125, 0.25], times_s)
    assert "1 more of the same discharge" in rate_feedback([0.0, 0.25], times_s)
    assert "same discharge. Move B" in rate_feedback([0.12, 0.13], times_s)
    assert "off: put the cursors" in rate_feedback([0.10, 0.26], times_s)
