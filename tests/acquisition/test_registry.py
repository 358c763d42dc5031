"""The registry: lazy, with outside drivers by entry point, and a failing driver listed with its cause."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import pytest

from emgwidgets.acquisition import registry
from emgwidgets.acquisition.fake import FakeDevice
from emgwidgets.acquisition.protocols import Device, DeviceError, StreamInfo
from emgwidgets.acquisition.registry import BUILT_IN, GROUP, Driver, devices, driver, open_device
from emgwidgets.errors import InputError, MissingExtraError


@pytest.fixture
def with_points(monkeypatch):
    def give(**targets):
        points = [importlib.metadata.EntryPoint(name=name, value=value, group=GROUP) for name, value in targets.items()]
        monkeypatch.setattr(registry, "_entry_points", lambda: points)

    return give


def test_all_built_in_drivers_are_listed():
    listed = {state.name: state for state in devices()}
    assert set(listed) >= set(BUILT_IN)
    for name in ("fake", "replay", "virtual"):
        assert listed[name].is_available
        assert listed[name].words
    for state in listed.values():
        assert state.is_available != bool(state.cause)


@pytest.mark.parametrize(("name", "library"), [("lsl", "lsl_works"), ("brainflow", "brainflow_works")])
def test_a_driver_whose_library_works_is_available(request, name, library):
    request.getfixturevalue(library)
    (state,) = [one for one in devices() if one.name == name]
    assert (state.is_available, state.cause) == (True, "")


@pytest.mark.parametrize(
    ("name", "module", "sentence"),
    [
        ("lsl", "pylsl", "LSL streams cannot be received; got "),
        ("brainflow", "brainflow", "BrainFlow boards cannot be read; got "),
        ("soundcard", "sounddevice", "the sound card cannot be read; got no sounddevice; "),
    ],
)
def test_a_driver_without_its_library_says_which_extra_brings_it(monkeypatch, name, module, sentence):
    for loaded in [one for one in sys.modules if one.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)  # as where it is not installed
    (state,) = [one for one in devices() if one.name == name]
    assert not state.is_available
    assert state.cause.startswith(sentence)
    assert state.cause.endswith("install emgwidgets[devices].")
    with pytest.raises(MissingExtraError, match=r"install emgwidgets\[devices\]"):
        open_device(name, **({"stream": "x"} if name == "lsl" else {}))


def test_a_serial_line_without_its_library_says_which_extra_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(MissingExtraError, match=r"serial lines cannot be read; got no pyserial; install emgwidgets\[devices\]"):  # fmt: skip
        open_device("framed", serial_port="/dev/no-such-line").__enter__()


def test_an_outside_driver_is_found_by_its_entry_point(with_points):
    with_points(mine="emgwidgets.acquisition.fake:DRIVER")
    assert "mine" in {state.name for state in devices()}
    assert isinstance(open_device("mine", n_channels=3), FakeDevice)


def test_a_driver_that_fails_is_listed_with_its_cause(with_points):
    with_points(broken="no_such_module_of_a_driver:DRIVER", wrong="emgwidgets.units:SUFFIXES")
    listed = {state.name: state for state in devices()}
    assert not listed["broken"].is_available
    assert "No module named 'no_such_module_of_a_driver'" in listed["broken"].cause
    assert "got tuple; expected a Driver" in listed["wrong"].cause
    assert listed["fake"].is_available
    with pytest.raises(DeviceError, match="the driver 'broken' cannot be loaded; got No module"):
        open_device("broken")


def test_a_package_cannot_take_a_built_in_name(with_points):
    with_points(fake="no_such_module_of_a_driver:DRIVER")
    assert driver("fake").open is FakeDevice


def test_a_check_that_fails_is_the_cause(monkeypatch):
    def no_board():
        raise DeviceError("no board is connected", way_out="plug it in")

    made = Driver(name="fake", words="w", open=FakeDevice, check=no_board)
    monkeypatch.setattr(registry, "driver", lambda name: made)
    state = next(one for one in devices() if one.name == "fake")
    assert state.cause == "no board is connected; plug it in."
    with pytest.raises(DeviceError, match="no board is connected"):
        open_device("fake")


def test_what_cannot_be_opened_is_said():
    with pytest.raises(InputError, match="no such device; got 'scope'; expected one of "):
        open_device("scope")
    with pytest.raises(InputError, match=r"the device 'fake' cannot be opened with these options; got .*'speed'"):
        open_device("fake", speed=3)
    with pytest.raises(InputError, match="stream 'x' cannot be used; got 0 Hz, 0 channels"):
        StreamInfo(name="x", sampling_rate_hz=0, channels=())


def test_the_registry_imports_no_driver():
    code = (
        "import emgwidgets.acquisition.registry, sys; "
        "print([name for name in sys.modules if name.startswith(('pylsl', 'brainflow', 'serial', 'sounddevice')) "
        "or name.startswith('emgwidgets.acquisition.') and name.rpartition('.')[2] in "
        "('fake', 'replay', 'virtual', 'lsl', 'brainflow', 'soundcard', 'framed')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_fake_device_is_a_device():
    assert isinstance(FakeDevice(), Device)
