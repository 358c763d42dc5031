"""The check of a driver finds what the protocol forbids, and the smallest driver keeps it."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.acquisition.check import check_driver
from emgwidgets.acquisition.clock import SimulatedClock
from emgwidgets.acquisition.function_device import FunctionDevice
from emgwidgets.acquisition.protocols import DeviceError


def sine_uv(numbers):
    return 80.0 * np.sin(numbers / 50)


def failing(report):
    return {one.what: one.seen for one in report.checks if not one.is_kept}


def test_one_function_is_a_driver_that_keeps_the_protocol():
    report = check_driver(FunctionDevice(sine_uv), duration_s=0.5)
    assert report.is_fit
    assert str(report).startswith(
        "mine: fit for use\n  kept      opens and says who it is: mine, 1 channel at 10000 Hz"
    )


def test_the_samples_are_those_of_the_function():
    device = FunctionDevice(
        lambda n: np.stack([n, -n]), channels=["a", "b"], sampling_rate_hz=1000, clock=SimulatedClock()
    )
    with device:
        blocks = [device.read(1.0) for _ in range(3)]
    np.testing.assert_array_equal(
        np.concatenate([one.samples for one in blocks], axis=1), np.stack([np.arange(30), -np.arange(30)])
    )
    assert [one.time_s for one in blocks] == pytest.approx([0.0, 0.01, 0.02])


class Slow(FunctionDevice):
    def read(self, timeout_s):
        block = super().read(timeout_s)
        return None if block is None or self._n_sent % 200 else block


class Shut(FunctionDevice):
    def __enter__(self):
        raise DeviceError("the amplifier is off", way_out="switch it on")


class Rude(FunctionDevice):
    def __exit__(self, kind, error, trace, /):
        if kind is None and self._n_sent:
            self._n_sent = 0
        elif kind is None:
            raise RuntimeError("closed already")


@pytest.mark.parametrize(
    ("device", "what", "seen"),
    [
        (FunctionDevice(lambda n: 1e-6 * sine_uv(n)), "EMG 1 is in microvolts", "are these microvolts?"),
        (FunctionDevice(lambda n: np.zeros(len(n))), "EMG 1 is in microvolts", "is the input connected?"),
        (FunctionDevice(lambda n: np.zeros((3, len(n)))), "gives blocks that fit", "got a block of shape (3, 100)"),
        (FunctionDevice(lambda n: n[5000]), "gives blocks that fit", "IndexError"),
        (FunctionDevice(lambda n: np.full(len(n), np.nan)), "gives numbers", "values are missing"),
        (Slow(sine_uv), "loses nothing", "samples lost in"),
        (Shut(sine_uv), "opens and says who it is", "the amplifier is off; switch it on"),
        (Rude(sine_uv), "closes, also twice", "RuntimeError: closed already"),
    ],
)
def test_each_fault_is_named(device, what, seen):
    found = failing(check_driver(device, duration_s=0.3))
    assert seen in found[what]
