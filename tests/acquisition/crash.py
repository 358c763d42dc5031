"""Kills a recording process at random moments and looks whether every acknowledged sample is in its file.

``python crash.py FOLDER N SEED`` prints one JSON object.  The killed processes are forked from this one, which has no
threads; each runs the whole way: replay, engine thread, recorder thread, live container.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.recorder import Recorder
from emgwidgets.acquisition.replay import ReplayDevice
from emgwidgets.errors import EmgError
from emgwidgets.io.registry import read
from emgwidgets.model.signal import ArraySamples, Channel, Recording

N_CHANNELS, RATE_HZ, DURATION_S = 8, 50_000.0, 4.0
LATEST_KILL_S = 0.25
#: Share of kills that do not wait for the recorder to be open, so that some hit while the file is made.
BLIND_SHARE = 0.2


def truth(row: int) -> np.ndarray:
    """Sample k of a row, exact in float32."""
    return (np.arange(round(RATE_HZ * DURATION_S)) * 7 % 65521 + row).astype(np.float32)


def record(path: Path, pipe: int) -> None:
    """Record in real time and report each acknowledged count; ends by being killed."""
    channels = tuple(
        Channel(name=f"C{row}", unit="uV", sampling_rate_hz=RATE_HZ, samples=ArraySamples(stored=truth(row)))
        for row in range(N_CHANNELS)
    )
    engine = Engine(ReplayDevice(file=Recording(channels=channels), block_ms=2.0)).open()
    recorder = Recorder(engine, path)  # before the first block, so that sample 0 of the file is sample 0 of the truth
    engine.start()
    told = -1
    while not engine.is_over:
        count = recorder.status.n_acknowledged
        if count != told:
            os.write(pipe, count.to_bytes(8, "little"))
            told = count
        time.sleep(0.0005)


def one_kill(path: Path, rng: random.Random) -> tuple[int, int, str]:
    """Acknowledged and recovered samples, and what is wrong with the file."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            record(path, writing)
        finally:
            os._exit(0)
    os.close(writing)
    told = b""
    if rng.random() >= BLIND_SHARE:
        told = os.read(reading, 8)  # the recorder is open
    time.sleep(rng.uniform(0.0, LATEST_KILL_S))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while part := os.read(reading, 65536):
        told += part
    os.close(reading)
    n_whole = len(told) // 8
    acknowledged = int.from_bytes(told[8 * (n_whole - 1) : 8 * n_whole], "little") if n_whole else 0
    if not path.exists():
        return acknowledged, 0, ""
    try:
        recording = read(path)
    except EmgError as error:
        return acknowledged, 0, str(error)
    if not recording.channels:
        return acknowledged, 0, ""
    return acknowledged, recording.channels[0].n_samples, fault_of(recording)


def fault_of(recording: Recording) -> str:
    """Compare every sample with the truth at its own time."""
    for row, channel in enumerate(recording.channels):
        at = np.rint(channel.times_s() * RATE_HZ).astype(int)
        if not np.array_equal(channel.samples_uv, truth(row)[at]):
            return f"samples of {channel.name} differ"
    return ""


def main(folder: Path, n_kills: int, seed: int) -> dict[str, object]:
    """All kills, as numbers."""
    rng = random.Random(seed)
    lost, faults, counts = 0, [], []
    for number in range(n_kills):
        path = folder / f"kill{number}.emglive"
        acknowledged, recovered, fault = one_kill(path, rng)
        lost += max(acknowledged - recovered, 0)
        counts.append(recovered)
        if fault:
            faults.append(fault)
        path.unlink(missing_ok=True)
    return {
        "n_kills": n_kills, "acknowledged_lost": lost, "faults": faults, "median_samples": int(np.median(counts)),
        "n_with_samples": sum(count > 0 for count in counts),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
