"""A number is written with the digits its uncertainty supports."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgwidgets.model.measure import Measure, number_text


@pytest.mark.parametrize(
    ("value", "half", "text"),
    [
        (3.4567, 0.12, "3.46"), (3.4567, 0.4, "3.5"), (3.4567, None, "3.457"), (4.25, None, "4.25"), (54.321, 3.2, "54"),
        (54.321, 2.1, "54"), (54.321, 1.6, "54.3"), (12345.6, 800.0, "12300"), (-0.0004, 0.05, "0.00"), (0.0, 0.5, "0.0"), (7.123456, 0.00001, "7.123"),
    ],
)  # fmt: skip
def test_digits_follow_the_interval(value, half, text):
    low, high = (None, None) if half is None else (value - half, value + half)
    assert number_text(value, low, high) == text
    assert Measure(value=value, unit="ms", low=low, high=high).text == f"{text} ms"


@given(value=st.floats(-5e3, 5e3), half=st.floats(1e-3, 1e3))
def test_rounding_moves_a_number_by_little_of_its_uncertainty(value, half):
    shown = float(number_text(value, value - half, value + half))
    four_digits = 0.0 if value == 0 else 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - 3)
    assert abs(shown - value) <= max(0.26 * half, four_digits, 0.5e-3) + 1e-9
