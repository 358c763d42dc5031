"""Live acquisition: lossless recording, kills, cost of the engine's thread, saturation of the sources; prints a table.

Run it as ``python benchmarks/bench_acquisition.py [--seconds 60] [--kills 200]``.  The issue's soak is 600 s; the default
is 60 s, and the row says which was run.  The kills are those of tests/acquisition/crash.py with another seed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from emgwidgets.acquisition.display import DisplayFeed
from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.recorder import Recorder
from emgwidgets.acquisition.replay import ReplayDevice
from emgwidgets.io.registry import read
from emgwidgets.model.signal import ArraySamples, Channel, Recording

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "acquisition"))
from cyton import GREETING, Cyton, packet

RESULTS = Path(__file__).parent / "results"
CRASH = Path(__file__).parents[1] / "tests" / "acquisition" / "crash.py"
N_CHANNELS, RATE_HZ = 8, 50_000.0
HELD_OUT_SEED = 7041  # the tests kill with seed 11


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table."""

    row: str
    target: str
    source: str
    figure: str
    n: str
    verdict: str


def ramp(duration_s: float) -> Recording:
    """Eight channels whose sample ``k`` is ``7 k mod 65521`` plus the row: exact in float32."""
    numbers = np.arange(round(RATE_HZ * duration_s)) * 7 % 65521
    return Recording(
        channels=tuple(
            Channel(
                name=f"C{row}", unit="uV", sampling_rate_hz=RATE_HZ,
                samples=ArraySamples(stored=(numbers + row).astype(np.float32)),
            )
            for row in range(N_CHANNELS)
        )
    )  # fmt: skip


def wrong_samples(path: Path) -> tuple[int, int]:
    """Samples of a file of a looped 10 s ramp, and how many of them differ from it."""
    recording = read(path)
    period, wrong = round(10 * RATE_HZ), 0
    for row, channel in enumerate(recording.channels):
        for start in range(0, channel.n_samples, period):
            part = channel.read(start, start + period)
            wrong += int((part != np.arange(len(part)) * 7 % 65521 + row).sum())
    return sum(channel.n_samples for channel in recording.channels), wrong


def soak(folder: Path, seconds: float) -> list[Row]:
    """Eight channels at 50 kHz in real time into a file, with the columns of a display beside."""
    path = folder / "soak.emglive"
    engine = Engine(ReplayDevice(file=ramp(10.0), is_loop=True), ring_s=5.0).open()
    engine.attach(DisplayFeed(engine.buffer))
    with Recorder(engine, path) as recorder:
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        engine.start()
        engine.wait_for(round(seconds * RATE_HZ), timeout_s=seconds * 2 + 30)
        wall_s = time.perf_counter() - wall_s
        cpu_s = time.process_time() - cpu_s
        engine.stop()
    n_samples, wrong = wrong_samples(path)
    status, kept = engine.status, recorder.status
    lost = status.n_lost + kept.n_refused + (status.n_received * N_CHANNELS - n_samples) // N_CHANNELS
    source = "project aim" if seconds >= 600 else f"project aim asks 600 s; {seconds:g} s were run"
    share, whole = status.cpu_s / wall_s, cpu_s / wall_s
    return [
        Row(
            row="8 channels at 50 kHz, lost or wrong samples", target="0", source=source, figure=f"{lost + wrong}",
            n=f"{n_samples} samples, {wall_s:.0f} s", verdict=verdict(lost + wrong == 0, lost + wrong),
        ),
        Row(
            row="engine thread, share of a core", target="< 0.25", source="project aim", figure=f"{share:.3f}",
            n=f"{wall_s:.0f} s", verdict=verdict(share < 0.25, share),
        ),
        Row(
            row="whole process: replay, engine, display columns, disk", target="told", source="ours",
            figure=f"{whole:.3f} of a core", n=f"{wall_s:.0f} s", verdict="",
        ),
    ]  # fmt: skip


def kills(folder: Path, n_kills: int) -> list[Row]:
    """Kill a recording process at random moments."""
    done = subprocess.run(
        [sys.executable, str(CRASH), str(folder), str(n_kills), str(HELD_OUT_SEED)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    lost, faults = found["acknowledged_lost"], len(found["faults"])
    n = f"{n_kills} kills, {found['n_with_samples']} after the first sample; seed {HELD_OUT_SEED}"
    return [
        Row(row="acknowledged samples lost by a kill", target="0", source="project aim", figure=str(lost), n=n, verdict=verdict(lost == 0, lost)),
        Row(row="files that cannot be read, or with a wrong sample", target="0", source="project aim", figure=str(faults), n=n, verdict=verdict(faults == 0, faults)),
    ]  # fmt: skip


def saturation(folder: Path, block_ms: float) -> list[Row]:
    """How many times faster than real time a replay of 8 x 50 kHz runs, alone and into a file, and one write of the disk."""
    recording, rows, speeds = ramp(10.0), [], {}
    for name in ("memory", "file"):
        engine = Engine(ReplayDevice(file=recording, speed_ratio=0, block_ms=block_ms), ring_s=1.0).open()
        recorder = Recorder(engine, folder / f"{name}{block_ms:g}.emglive") if name == "file" else None
        start_s = time.perf_counter()
        while engine.step():
            pass
        if recorder is not None:
            recorder.close()
        speeds[name] = 10.0 / (time.perf_counter() - start_s)
        rows.append(
            Row(
                row=f"replay into {name}, blocks of {block_ms:g} ms", target="told", source="project aim",
                figure=f"{speeds[name]:.0f} x real time ({speeds[name] * N_CHANNELS * RATE_HZ / 1e6:.0f} M samples/s)",
                n="10 s of 8 x 50 kHz", verdict="",
            )
        )  # fmt: skip
    return rows


def plain_write(folder: Path) -> list[Row]:
    """Write the same bytes as one file: the limit of the disk."""
    content = np.concatenate([channel.read().astype(np.float32) for channel in ramp(10.0).channels]).tobytes()
    start_s = time.perf_counter()
    with (folder / "plain").open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    speed = 10.0 / (time.perf_counter() - start_s)
    return [
        Row(
            row="limit: the same bytes in one write and sync", target="", source="this disk", figure=f"{speed:.0f} x real time",
            n=f"{len(content) / 1e6:.0f} MB", verdict="",
        )
    ]  # fmt: skip


def lsl_saturation(seconds: float = 2.0) -> list[Row]:
    """Largest of a few LSL rates that arrives complete over the loopback."""
    try:
        import pylsl

        from emgwidgets.acquisition.lsl import LslDevice
    except Exception as error:
        return [
            Row(
                row="LSL loopback",
                target="told",
                source="project aim",
                figure="not run",
                n="0",
                verdict=str(error)[:80],
            )
        ]
    rows = []
    for rate_hz in (10_000.0, 50_000.0, 200_000.0):
        name = f"bench{rate_hz:g}"
        info = pylsl.StreamInfo(name, "EMG", 8, rate_hz, "float32", name)
        outlet = pylsl.StreamOutlet(info, chunk_size=round(rate_hz / 100))
        n_block, values = round(rate_hz / 100), np.ones((round(rate_hz / 100), 8), dtype=np.float32)
        with Engine(LslDevice(stream=name, unit="uV"), ring_s=3.0) as engine:
            start_s = pylsl.local_clock()
            for number in range(round(seconds * 100)):
                last_s = start_s + (number + 1) / 100
                time.sleep(max(last_s - pylsl.local_clock(), 0))
                outlet.push_chunk(values, last_s)
            took_s = pylsl.local_clock() - start_s
            arrived = engine.wait_for(round(seconds * 100) * n_block, timeout_s=3.0)
            share = engine.status.n_received / (round(seconds * 100) * n_block)
        figure = f"{share:.1%} arrived, sent in {took_s / seconds:.2f} x the time"
        rows.append(
            Row(row=f"LSL loopback, 8 x {rate_hz / 1000:g} kHz", target="told", source="project aim", figure=figure, n=f"{seconds:g} s", verdict="" if arrived else "saturated")
        )  # fmt: skip
    return rows


class FastBoard(Cyton):
    """The tests' Cyton on a pseudo-terminal, sending faster than the real one; a full line loses packets, as a real one."""

    def __init__(self, rate_hz: float) -> None:
        super().__init__()
        self.rate_hz, self.n_sent = rate_hz, 0

    def run(self) -> None:
        """Answer the commands, then send packets in steps of 5 ms."""
        start_s = 0.0
        while not self.is_over:
            for command in self.commands():
                if command == "b":
                    self.is_streaming, start_s = True, time.monotonic()
                elif command == "s":
                    self.is_streaming = False
                elif command in "vVd":
                    self.waiting += GREETING
                    self.send()
            if self.is_streaming:
                due = round((time.monotonic() - start_s) * self.rate_hz)
                self.waiting = b"".join(packet(number, 100) for number in range(self.n_sent, due))
                self.send()
                self.n_sent, self.waiting = due, b""  # what the line did not take is lost
            time.sleep(0.005)


def brainflow_saturation(seconds: float = 2.0) -> list[Row]:
    """Share of packets that arrives from a board on a pseudo-terminal, at its own 250 Hz and faster."""
    try:
        from emgwidgets.acquisition.brainflow import BrainflowDevice

        BrainflowDevice()
    except Exception as error:
        return [
            Row(
                row="BrainFlow, Cyton on a line",
                target="told",
                source="project aim",
                figure="not run",
                n="0",
                verdict=str(error)[:80],
            )
        ]
    rows = []
    for rate_hz in (250.0, 4000.0, 16_000.0, 64_000.0):
        board = FastBoard(rate_hz)
        board.start()
        n_read = n_lost = 0
        with BrainflowDevice(board="CYTON_BOARD", serial_port=board.port) as device:
            end_s = time.monotonic() + seconds
            while time.monotonic() < end_s:
                block = device.read(0.1)
                if block is not None:
                    n_read, n_lost = n_read + block.samples.shape[1], n_lost + block.n_dropped
        board.close()
        share = n_read / max(board.n_sent, 1)
        rows.append(
            Row(
                row=f"BrainFlow, Cyton on a line, 8 x {rate_hz:g} Hz", target="told", source="project aim",
                figure=f"{share:.1%} arrived, {n_lost} lost by its count", n=f"{seconds:g} s", verdict="" if share > 0.95 else "saturated",
            )
        )  # fmt: skip
    return rows


def verdict(met: bool, size: float) -> str:
    """Whether a target is met, or by how much it is missed."""
    return "met" if met else f"missed by {size:g}"


def main() -> None:
    """Run all and print."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seconds", type=float, default=60.0)
    given.add_argument("--kills", type=int, default=200)
    options = given.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = soak(folder, options.seconds) + kills(folder, options.kills)
        rows += saturation(folder, 10.0) + saturation(folder, 1.0) + plain_write(folder)
        rows += lsl_saturation() + brainflow_saturation()
    for one in rows:
        print(f"{one.row:56} | {one.target:7} | {one.source:38} | {one.figure:42} | {one.n:60} | {one.verdict}")
    body = {"machine": platform.machine(), "cores": os.cpu_count(), "rows": [asdict(one) for one in rows]}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "acquisition.json").write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
