"""Shared fixtures: where the real recordings are, and which lines and libraries of devices work on this machine."""

from __future__ import annotations

import os
import uuid
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
os.environ.setdefault("LSLAPICFG", str(Path(__file__).with_name("lsl_api.cfg")))  # read when liblsl is loaded


def find_recordings() -> Path | None:
    """Return the folder of real recordings: EMGWIDGETS_RECORDINGS, or shared/recordings beside the project."""
    places = [
        os.environ.get("EMGWIDGETS_RECORDINGS"),
        ROOT.parent / "shared" / "recordings",
        ROOT.parent / "recordings",
    ]
    for place in places:
        if place and Path(place).is_dir():
            return Path(place)
    return None


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Return the folder of real recordings, or skip with the reason."""
    place = find_recordings()
    if place is None:
        pytest.skip("no real recordings beside the project; set EMGWIDGETS_RECORDINGS to their folder")
    return place


@pytest.fixture(scope="session")
def lsl_works() -> None:
    """Skip where pylsl by itself, without any of our code, does not find its own stream."""
    try:
        import pylsl

        name = f"probe-{uuid.uuid4().hex[:8]}"
        outlet = pylsl.StreamOutlet(pylsl.StreamInfo(name, "EMG", 1, 100, "float32", name))
        found = pylsl.resolve_byprop("name", name, minimum=1, timeout=10.0)
        del outlet
    except Exception as error:
        pytest.skip(f"pylsl does not work on this machine: {' '.join(str(error).split())[:200]}")
    if not found:
        pytest.skip("pylsl does not find its own stream on this machine (its network is closed)")


@pytest.fixture(scope="session")
def brainflow_works() -> None:
    """Skip where the native library of BrainFlow by itself does not load."""
    try:
        from brainflow.board_shim import BoardIds, BoardShim

        with warnings.catch_warnings(action="ignore"):  # of pkg_resources, with which it finds its own files
            BoardShim.get_board_descr(BoardIds.SYNTHETIC_BOARD)
    except Exception as error:
        pytest.skip(f"BrainFlow does not work on this machine: {' '.join(str(error).split())[:200]}")


@pytest.fixture(scope="session")
def terminals_work() -> None:
    """Skip where there are no pseudo-terminals, on which serial lines are emulated."""
    try:
        import serial

        ends = os.openpty()
        serial.Serial(os.ttyname(ends[1])).close()
    except (AttributeError, ImportError, OSError) as error:
        pytest.skip(f"pseudo-terminals do not work on this machine: {error}")
    for end in ends:
        os.close(end)
