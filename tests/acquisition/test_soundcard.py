"""The sound card: a stand-in for PortAudio that gives known frames, and the sentences where there is none."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.protocols import DeviceError
from emgwidgets.acquisition.registry import devices, open_device
from emgwidgets.acquisition.soundcard import SoundcardDevice
from emgwidgets.errors import InputError, MissingExtraError


class Stream:
    """What sounddevice gives: it calls back with frames of shape (n, channels)."""

    last = None

    def __init__(self, *, samplerate, device, channels, dtype, callback):
        if device == "taken":
            raise RuntimeError("Device unavailable [PaErrorCode -9985]")
        self.callback, self.channels, self.active = callback, channels, False
        Stream.last = self

    def start(self):
        self.active = True

    def close(self):
        self.active = False

    def play(self, values):
        self.callback(np.repeat(values[:, None], self.channels, axis=1).astype(np.float32), len(values), None, None)


@pytest.fixture
def portaudio(monkeypatch):
    module = types.ModuleType("sounddevice")
    module.InputStream = Stream
    module.inputs = [{"max_input_channels": 2, "default_samplerate": 48_000.0}]
    module.query_devices = lambda: module.inputs
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return module


def state():
    return next(one for one in devices(search=True) if one.name == "soundcard")


@pytest.mark.usefixtures("portaudio")
def test_frames_become_calibrated_microvolts():
    engine = Engine(SoundcardDevice(full_scale_uv=2000.0, n_channels=2)).open()
    for _ in range(3):
        Stream.last.play(np.array([0.0, 0.5, -0.25, 1.0]))
        engine.step()
    assert engine.buffer.window(0, 4).tolist() == [[0.0, 1000.0, -500.0, 2000.0]] * 2
    assert engine.status.n_received == 12


@pytest.mark.usefixtures("portaudio")
def test_an_input_that_is_pulled_is_told():
    engine = Engine(SoundcardDevice(full_scale_uv=1.0)).open()
    assert engine.step(0.01)
    Stream.last.active = False
    assert not engine.step(0.01)
    assert engine.status.sentence == "the sound input was pulled; connect it and start again."


def test_inputs_are_found_and_none_is_said(portaudio):
    assert state().found == ("device=0: 2 channels, 48000 Hz",)
    portaudio.inputs = []
    assert state().cause == "there is no sound input; got no input device; connect one and allow its use."


@pytest.mark.usefixtures("portaudio")
def test_an_input_that_is_taken_and_a_calibration_that_is_missing():
    with pytest.raises(DeviceError, match=r"the sound input cannot be opened; got Device unavailable"):
        SoundcardDevice(full_scale_uv=1.0, device="taken").__enter__()
    with pytest.raises(InputError, match="the calibration cannot be used; got 0 µV"):
        SoundcardDevice(full_scale_uv=0)
    with pytest.raises(InputError, match="full_scale_uv"):
        open_device("soundcard")


def test_a_missing_portaudio_is_said(monkeypatch):
    import importlib.abc

    class Missing(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])
    assert state().cause == (
        "the sound card cannot be read; got PortAudio library not found; expected the PortAudio library; "
        "install it (Debian and Ubuntu: libportaudio2)."
    )
    with pytest.raises(MissingExtraError, match="libportaudio2"):
        SoundcardDevice(full_scale_uv=1.0)
