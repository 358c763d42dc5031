"""The virtual patient as a device: it answers what is done to it, and says which stimulus was given."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.acquisition.clock import SimulatedClock
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.sweeps import SweepCollector, SweepSettings
from emgwidgets.acquisition.triggers import MarkTrigger
from emgwidgets.acquisition.virtual import VirtualDevice
from emgwidgets.errors import EmgError, InputError

APB = {"nerve": "median", "muscle": "APB", "seed": 3}


def stimulated(device, currents_ma):
    """One response for each current, in microvolts about its baseline."""
    engine = Engine(device).open()
    collector = SweepCollector(engine.buffer, SweepSettings(channel="APB", before_ms=2, after_ms=20), MarkTrigger())
    engine.attach(collector)
    for current_ma in currents_ma:
        engine.step()
        device.stimulate(current_ma)
        for _ in range(6):
            engine.step()
    return collector.sweeps


def negative_peak_ms(sweep):
    return sweep.times_ms[100:][int(np.argmin(sweep.samples_uv[100:]))]


@pytest.fixture(scope="module")
def device():
    return VirtualDevice(**APB, clock=SimulatedClock())


def test_the_response_grows_with_the_current_and_carries_its_stimulus(device):
    none, some, full = stimulated(device, [0.0, 5.0, 40.0])
    assert np.ptp(none.samples_uv[100:]) < 100
    assert np.ptp(some.samples_uv[100:]) <= np.ptp(full.samples_uv[100:])
    assert np.ptp(full.samples_uv[100:]) > 3000
    assert full.stimulus.current_ma == 40.0
    assert full.stimulus.site == "wrist"


def test_a_cold_hand_is_slow_and_a_moved_electrode_changes_the_shape(device):
    (warm,) = stimulated(device, [40.0])
    device.set_temperature(25.0)
    (cold,) = stimulated(device, [40.0])
    assert negative_peak_ms(cold) > negative_peak_ms(warm) + 0.5
    device.set_temperature(33.5)
    device.set_electrode(offset_mm=15.0)
    (moved,) = stimulated(device, [40.0])
    assert np.abs(moved.samples_uv - warm.samples_uv)[100:].max() > 200


def test_the_needle_answers_effort():
    device = VirtualDevice(muscle="TA", seed=3, clock=SimulatedClock())
    engine = Engine(device).open()
    sizes = []
    for effort in (None, "slight", "moderate", None):
        device.set_effort(effort)
        start = engine.buffer.end()
        for _ in range(100):
            engine.step()
        sizes.append(float(np.std(engine.buffer.window(start, engine.buffer.end()))))
    assert sizes[0] < sizes[1] < sizes[2]
    assert sizes[3] == pytest.approx(sizes[0], rel=0.2)
    with pytest.raises(InputError, match="a needle examination has no stimulus"):
        device.stimulate(10.0)
    with pytest.raises(InputError, match="temperature of a needle examination"):
        device.set_temperature(30.0)


def test_a_sick_patient_is_another_device():
    sick = VirtualDevice(
        nerve="median", muscle="APB", condition="carpal_tunnel_syndrome", severity="severe", side="right", seed=3,
        clock=SimulatedClock(),
    )  # fmt: skip
    healthy = VirtualDevice(**APB, clock=SimulatedClock())
    assert negative_peak_ms(stimulated(sick, [80.0])[0]) > negative_peak_ms(stimulated(healthy, [80.0])[0]) + 1.0


def test_what_cannot_be_examined(device):
    with pytest.raises(InputError, match="no such site on this nerve; got 'ear'"):
        VirtualDevice(**APB, site="ear")
    with pytest.raises(InputError, match=r"the skin temperature cannot be used; got 3\.0 C"):
        device.set_temperature(3.0)
    with pytest.raises(InputError, match="the current cannot be used"):
        device.stimulate(1e6)
    with pytest.raises(InputError, match="a nerve conduction study has no effort"):
        device.set_effort("slight")
    with pytest.raises(EmgError, match="muscle"):
        VirtualDevice(muscle="third eyelid")
