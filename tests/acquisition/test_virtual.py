"""The virtual patient as a device: it answers what is done to it, and says which stimulus was given."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.acquisition.clock import SimulatedClock
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.registry import open_device
from emgwidgets.acquisition.sweeps import SweepCollector, SweepSettings
from emgwidgets.acquisition.triggers import MarkTrigger, ThresholdTrigger
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


def test_the_needle_goes_to_another_muscle_and_its_channel_keeps_its_name():
    sick = {"condition": "radiculopathy_l5", "severity": "severe", "side": "right", "seed": 3}
    device = VirtualDevice(muscle="TA", channel="needle", **sick, clock=SimulatedClock())
    engine = Engine(device).open()
    sizes = []
    for name in ("tibialis anterior", "left tibialis anterior", "right TA"):
        device.go_to_site(name)
        start = engine.buffer.end()
        for _ in range(100):
            engine.step()
        sizes.append(float(np.abs(engine.buffer.window(start, engine.buffer.end())).max()))
    assert sizes[0] == pytest.approx(sizes[2], rel=0.1)
    assert sizes[0] > 3 * sizes[1]  # fibrillation on the side of the lesion alone
    assert engine.info.streams[0].channels[0].name == "needle"
    with pytest.raises(EmgError, match="muscle"):
        device.go_to_site("left ear")
    assert (device._muscle, device._side) == ("TA", "right")
    with pytest.raises(InputError, match="a nerve conduction study stays at its muscle"):
        VirtualDevice(**APB, clock=SimulatedClock()).go_to_site("FDI")


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


def averaged(trigger, *, n=60, **options):
    """Average of a sensory response under noise, by a trigger."""
    clock = SimulatedClock()
    device = open_device(
        "virtual", response="median_d2", noise_uv=8.0, stimulus_every_s=0.2, seed=7, clock=clock, **options
    )
    engine = Engine(device, ring_s=2.0).open()
    collector = SweepCollector(engine.buffer, SweepSettings(channel="median_d2", before_ms=2, after_ms=18), trigger)
    engine.attach(collector)
    while collector.counts.n_accepted < n:
        assert engine.step()
    return device, collector.average()


SNAP = {"condition": "carpal_tunnel_syndrome", "severity": "mild", "age_years": 66}


@pytest.mark.parametrize(
    "trigger", [MarkTrigger(), ThresholdTrigger(channel="trigger", level_uv=2.5)], ids=["mark", "edge"]
)
def test_a_sensory_response_of_8_uv_comes_out_of_the_noise(trigger):
    device, average = averaged(trigger, **SNAP)
    truth_uv = device.true_response_uv
    assert np.ptp(truth_uv) == pytest.approx(8.0, abs=0.5)
    shown = (average.times_ms >= 2.0) & (average.times_ms < 18.0)
    error_uv = average.samples_uv[shown] - truth_uv[40:360]
    assert error_uv.std() < 2.5 * 8.0 / np.sqrt(60)


def test_the_falling_edge_of_the_trigger_smears_the_average():
    _, right = averaged(ThresholdTrigger(channel="trigger", level_uv=2.5), **SNAP)
    _, wrong = averaged(ThresholdTrigger(channel="trigger", level_uv=2.5, edge="falling"), **SNAP)
    after = right.times_ms > 1.5
    assert -wrong.samples_uv[after].min() < 0.85 * -right.samples_uv[after].min()


def test_a_stimulator_without_marks_is_seen_on_its_channel_alone():
    device = open_device("virtual", response="sural", has_marks=False, clock=SimulatedClock())
    engine = Engine(device).open()
    for _ in range(120):
        engine.step()
    assert device.read_marks() == ()
    trigger = engine.buffer.window(0, engine.buffer.end())[1]
    assert sorted(set(trigger.tolist())) == [0.0, 5.0]
    with pytest.raises(InputError, match="the interval of the stimuli cannot be used"):
        open_device("virtual", response="sural", stimulus_every_s=0.0)
