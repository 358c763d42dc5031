"""LSL over the loopback: samples, units, markers that trigger, two streams of one name, a sender that ends."""

from __future__ import annotations

import threading
import time
import uuid

import numpy as np
import pytest

from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.lsl import LslDevice
from emgwidgets.acquisition.protocols import DeviceError
from emgwidgets.acquisition.sweeps import SweepCollector, SweepSettings
from emgwidgets.acquisition.triggers import MarkTrigger
from emgwidgets.errors import InputError

pytestmark = pytest.mark.usefixtures("lsl_works")
RATE_HZ = 2000.0


class Sender:
    """An outlet that sends a ramp in volts in real time."""

    def __init__(self, *, unit="V", source_id=None, name=None):
        import pylsl

        self.clock_s = pylsl.local_clock
        self.name = name or f"emg-{uuid.uuid4().hex[:8]}"
        info = pylsl.StreamInfo(self.name, "EMG", 2, RATE_HZ, "float32", source_id or self.name)
        channels = info.desc().append_child("channels")
        for label in ("APB", "ADM"):
            channel = channels.append_child("channel")
            channel.append_child_value("label", label)
            if unit:
                channel.append_child_value("unit", unit)
        self.outlet = pylsl.StreamOutlet(info, chunk_size=20)
        marks = pylsl.StreamInfo(f"{self.name}-marks", "Markers", 1, 0, "string", f"{self.name}-marks")
        self.marks = pylsl.StreamOutlet(marks)

    def send(self, duration_s, *, mark_every=400):
        """Send sample k as k and 2 k microvolts; a marker at every 400th."""
        start_s = self.clock_s()
        for first in range(0, round(duration_s * RATE_HZ), 20):
            numbers = np.arange(first, first + 20)
            last_s = start_s + (first + 19) / RATE_HZ
            time.sleep(max(last_s - self.clock_s(), 0))
            self.outlet.push_chunk(np.column_stack([numbers, 2 * numbers]).astype(np.float32) * 1e-6, last_s)
            if first % mark_every == 0 and first:
                self.marks.push_sample(["pulse"], start_s + first / RATE_HZ)


def test_samples_units_and_markers_arrive():
    sender = Sender()
    device = LslDevice(stream=sender.name, markers=f"{sender.name}-marks")
    with Engine(device) as engine:
        stream = engine.info.streams[0]
        assert [(one.name, one.unit) for one in stream.channels] == [("APB", "uV"), ("ADM", "uV")]
        setting = SweepSettings(channel="APB", before_ms=10.0, after_ms=20.0)
        collector = SweepCollector(engine.buffer, setting, MarkTrigger(label="pulse"))
        engine.attach(collector)
        thread = threading.Thread(target=sender.send, args=(1.5,))
        thread.start()
        thread.join()
        assert engine.wait_for(3000, timeout_s=10.0)
        give_up = time.monotonic() + 10
        while collector.counts.n_accepted < 7 and time.monotonic() < give_up:
            time.sleep(0.02)
        end = engine.buffer.end()
        samples = engine.buffer.window(0, end)
        assert engine.status.n_lost == 0
    assert end == 3000
    np.testing.assert_allclose(samples[0], np.arange(3000), atol=1e-2)
    np.testing.assert_allclose(samples[1], 2 * np.arange(3000), atol=1e-2)
    at_trigger = np.array([sweep.samples_uv[20] for sweep in collector.sweeps])
    assert len(at_trigger) == 7
    # a marker stands at its own sample, within the error of the clock correction
    assert np.abs(at_trigger - 400 * np.arange(1, 8)).max() <= 5e-3 * RATE_HZ


def test_two_streams_of_one_name_are_told_apart():
    one = Sender(source_id="left-amplifier")
    two = Sender(source_id="right-amplifier", name=one.name)
    with pytest.raises(
        InputError, match=r"2 LSL streams are named .*source_id='left-amplifier', source_id='right-amplifier'"
    ):
        LslDevice(stream=one.name).__enter__()
    with LslDevice(stream=one.name, source_id="right-amplifier") as device:
        assert device.identify().streams[0].sampling_rate_hz == RATE_HZ
    del two


def test_a_stream_without_unit_is_refused_unless_stated():
    sender = Sender(unit="")
    with pytest.raises(InputError, match="does not say the unit of channel 'APB'"):
        LslDevice(stream=sender.name).__enter__()
    with LslDevice(stream=sender.name, unit="mV") as device:
        assert device.identify().streams[0].channels[0].unit == "uV"


def test_a_stream_that_does_not_answer_is_said():
    with pytest.raises(DeviceError, match="no LSL stream named 'nobody' answers"):
        LslDevice(stream="nobody", wait_s=0.3).__enter__()


def test_a_sender_that_ends_ends_the_engine_with_a_sentence():
    sender = Sender()
    with Engine(LslDevice(stream=sender.name)) as engine:
        sender.send(0.3)
        assert engine.wait_for(400, timeout_s=10.0)
        del sender
        give_up = time.monotonic() + 20
        while not engine.is_over and time.monotonic() < give_up:
            time.sleep(0.05)
        assert engine.status.state in ("failed", "stalled")
        assert "lost" in engine.status.sentence or "silent" in engine.status.sentence
