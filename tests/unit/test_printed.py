"""Units as readers see them."""

import pytest

from emgwidgets.errors import InputError
from emgwidgets.model.measure import Measure
from emgwidgets.printed import printed, printed_unit


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("peak of 12 uV at 24 degC, jitter 35 us", "peak of 12 µV at 24 °C, jitter 35 µs"),
        ("one of V, mV, uV, nV", "one of V, mV, µV, nV"),
        ("state unit=\"uV\"; got unit 'degC'", "state unit=\"uV\"; got unit 'degC'"),
        ("it tells us of 3 us", "it tells us of 3 µs"),
        ("amplitude_uv and quV", "amplitude_uv and quV"),
    ],
)
def test_units_are_printed_and_what_is_to_be_typed_stays(text, shown):
    assert printed(text) == shown
    assert printed(shown) == shown


def test_numbers_and_errors_show_signs_and_the_unit_itself_stays_as_stored():
    size = Measure(value=12.0, unit="uV", method="baseline_to_peak")
    assert (size.text, size.unit, printed_unit("ms")) == ("12 µV", "uV", "ms")
    assert str(InputError("the limb is cold", got="24 degC", expected="32 degC")) == (
        "the limb is cold; got 24 °C; expected 32 °C."
    )
