"""Signals whose every sample is known, and a device that plays a list of blocks."""

from __future__ import annotations

import gc
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from emgwidgets.acquisition.clock import SimulatedClock
from emgwidgets.acquisition.protocols import Block, ChannelInfo, DeviceInfo, StreamInfo
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording, Stimulus


def known(n_samples, *, row=0, start=0):
    """Sample k of channel ``row`` is ``(k mod 20011) + 30000 * row``: exact in float32, in EDF+ and in BDF+."""
    return (np.arange(start, start + n_samples) % 20011 + 30000 * row).astype(np.float64)


def open_lines() -> set[str]:
    """Sockets and pseudo-terminals this process holds, as Linux lists them."""
    found = set()
    for one in Path("/proc/self/fd").glob("*"):
        try:
            name = str(one.readlink())
        except OSError:  # closed since it was listed
            continue
        if name.startswith(("socket:", "/dev/pts", "/dev/ptmx")):
            found.add(f"{one.name} {name}")
    return found


@pytest.fixture(autouse=True)
def _nothing_is_left_behind():
    """No test leaves a thread, a socket or a pseudo-terminal."""
    threads, lines = set(threading.enumerate()), open_lines()
    yield
    give_up_s = time.monotonic() + 15.0
    while set(threading.enumerate()) - threads or open_lines() - lines:
        gc.collect()
        if time.monotonic() > give_up_s:
            break
        time.sleep(0.05)
    assert set(threading.enumerate()) - threads == set()
    assert open_lines() - lines == set()


class Seen:
    """Takes every block and mark as the engine placed them."""

    def __init__(self):
        self.blocks, self.marks = [], []

    def take_block(self, block):
        self.blocks.append(block)

    def take_mark(self, mark):
        self.marks.append(mark)

    def samples(self):
        """Received samples one after another, without the gaps."""
        return np.concatenate([block.samples for block in self.blocks], axis=1)

    def stated_losses(self):
        """Losses that the device counted; a machine that is held up looks like silence, which is told apart."""
        return [block.n_lost for block in self.blocks if block.n_lost and not block.is_inferred]


@pytest.fixture
def seen():
    return Seen()


@pytest.fixture
def make_recording():
    def make(*, n_channels=2, rate_hz=1000.0, duration_s=10.0, stimuli=(), annotations=()):
        n_samples = round(rate_hz * duration_s)
        channels = tuple(
            Channel(
                name=f"EMG {row + 1}", unit="uV", sampling_rate_hz=rate_hz,
                samples=ArraySamples(stored=known(n_samples, row=row)),
            )
            for row in range(n_channels)
        )  # fmt: skip
        return Recording(
            channels=channels, stimuli=tuple(Stimulus(time_s=at) for at in stimuli),
            annotations=tuple(Annotation(start_s=at, label=label) for at, label in annotations),
        )  # fmt: skip

    return make


class ScriptedDevice:
    """Plays (clock step, block or exception) pairs; a missing block is a silence."""

    def __init__(self, script, *, rate_hz=1000.0, n_channels=1, jitter_s=0.0):
        self.clock = SimulatedClock()
        self.script = list(script)
        self.stream = StreamInfo(
            name="scripted", sampling_rate_hz=rate_hz, jitter_s=jitter_s,
            channels=tuple(ChannelInfo(name=f"C{row}") for row in range(n_channels)),
        )  # fmt: skip
        self.n_opened = 0

    def identify(self):
        return DeviceInfo(name="scripted", streams=(self.stream,))

    def __enter__(self):
        self.n_opened += 1
        return self

    def __exit__(self, *error):
        pass

    def read(self, timeout_s):
        if not self.script:
            raise EOFError
        step_s, what = self.script.pop(0)
        self.clock.wait(step_s)
        if isinstance(what, BaseException):
            raise what
        return what


@pytest.fixture
def scripted():
    return ScriptedDevice


@pytest.fixture
def even_blocks():
    """Blocks of 10 samples at a stated and a true rate, times by the true one."""

    def make(n_blocks, *, true_hz=1000.0, start_s=0.0, n_samples=10):
        step_s = n_samples / true_hz
        return [
            (step_s, Block(samples=known(n_samples, start=k * n_samples)[None, :], time_s=start_s + k * step_s))
            for k in range(n_blocks)
        ]

    return make
