"""Errors of technique stay within what a device can do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP
from emgwidgets.simulation.nerve.stimulation import MAX_CURRENT_MA, Pulse
from emgwidgets.simulation.nerve.technical_errors import technical_error, technical_errors


@pytest.mark.parametrize("code", technical_errors())
def test_a_filter_never_crosses_the_other_limit_and_no_current_exceeds_the_stimulator(code):
    error = technical_error(code)
    for low_hz, high_hz in ((2.0, 10_000.0), (2.0, 5.0), (3000.0, 10_000.0)):
        setup = error.setup(replace(MOTOR_SETUP, high_pass_hz=low_hz, low_pass_hz=high_hz))
        assert setup.high_pass_hz < setup.low_pass_hz
    assert error.pulse(Pulse(current_ma=MAX_CURRENT_MA, pulse_width_ms=0.2)).current_ma <= MAX_CURRENT_MA


def test_some_error_changes_each_limit_of_the_band():
    made = [technical_error(code).setup(MOTOR_SETUP) for code in technical_errors()]
    assert any(one.high_pass_hz > MOTOR_SETUP.high_pass_hz for one in made)
    assert any(one.low_pass_hz < MOTOR_SETUP.low_pass_hz for one in made)
