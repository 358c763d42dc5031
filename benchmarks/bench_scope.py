"""The scope in a real browser: a long recording while it paints, time from block to paint, frames, sound, processor time.

Run: python benchmarks/bench_scope.py [--seconds 600] [--short 20]; writes benchmarks/results/scope.json.  The first row
group records 8 channels at 50 kHz for ``--seconds`` while the scope paints in headless Chromium; the others run for
``--short`` seconds each.  Times from block to paint begin when the kernel sends a block and end with the frame that
shows it; source to sound begins when a sample is due at the source and is told with its stages: the block it waits for,
kernel, way to the browser, queue for those that come later, and the browser's output.  Silences are counted twice: by
the loudspeaker's queue, and in what was really played.  Kernel and browser run on this computer.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests" / "browser"), str(HERE)]
APP = "document.querySelector('.emg-scope').emgScope"
#: Where the kernel is told to find the ramp whose every sample is known.
SETUP = """
import sys, time
sys.path.insert(0, {here!r})
import emgwidgets as emg
from bench_acquisition import ramp
from emgwidgets.acquisition.replay import ReplayDevice
scope = emg.Scope(ReplayDevice(file=ramp(10.0), is_loop=True, block_ms={block_ms}), ring_s=30.0, is_started=False)
scope.sensitivities = [20000.0] * 8
scope
"""
START = """
if {is_recorded}:
    _ = scope.record("soak")
began = time.monotonic(), time.process_time()
scope.start()
"""
#: Processor time of the threads that read and that send, and of the whole kernel, as shares of a core.
END = """
wall_s = time.monotonic() - began[0]
shares = [scope.engine.status.cpu_s / wall_s, scope._desk.feed.cpu_s / wall_s, (time.process_time() - began[1]) / wall_s]
recorder = scope._desk.recorder
scope.stop()
kept = (recorder.status.n_acknowledged, recorder.status.n_refused) if recorder else (0, 0)
print("FIGURES", scope.status.n_received, scope.status.n_lost, *kept, *[round(share, 4) for share in shares], round(wall_s, 1))
"""
FRAMES = f"""() => {{
  const app = {APP};
  const q = (values, share) => {{ const v = [...values].sort((a, b) => a - b); return v.length ? v[Math.floor(share * (v.length - 1))] : null; }};
  const seconds = (performance.now() - window.benchBegan) / 1000;
  const heard = app.sound.timings.map((one) => Object.values(one).reduce((a, b) => a + b));
  const block = app.sweep.timings.map((one) => one.block_to_paint_ms);
  return {{
    seconds, fps: (app.sweep.counts.paints - window.benchPaints) / seconds, missed: app.store.missed, n_blocks: block.length,
    block_p50: q(block, 0.5), block_p95: q(block, 0.95), sample_p95: q(app.sweep.timings.map((one) => one.sample_to_paint_ms), 0.95),
    sound_p50: q(heard, 0.5), sound_p95: q(heard, 0.95), stages: Object.fromEntries(["block", "kernel", "way", "queue", "output"].map((name) => [name, [0.5, 0.95].map((share) => q(app.sound.timings.map((one) => one[name]), share))])),
    sound: {{ ...app.sound.counts }}, tapped: window.benchTap ? {{ silences: window.benchTap.silences - window.benchTapZero.silences, silent_ms: (1000 * (window.benchTap.silent - window.benchTapZero.silent)) / window.benchTap.rate }} : null,
  }};
}}"""
#: Counts what the loudspeaker was really given: stretches of 32 or more zeros, which the ramp of the source never has.
TAP = f"""async () => {{
  const code = `registerProcessor("tap", class extends AudioWorkletProcessor {{
    constructor() {{ super(); this.run = 0; this.told = {{ n: 0, silences: 0, silent: 0 }}; }}
    process([[samples]]) {{
      for (const value of samples || new Float32Array(128)) {{
        this.run = value === 0 ? this.run + 1 : 0;
        if (this.run === 32) {{ this.told.silences += 1; this.told.silent += 32; }} else if (this.run > 32) this.told.silent += 1;
      }}
      this.told.n += 128;
      if (this.told.n % 1280 === 0) this.port.postMessage(this.told);
      return true;
    }}
  }});`;
  const {{ context, volume }} = {APP}.sound.graph();
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([code], {{ type: "text/javascript" }})));
  const tap = new AudioWorkletNode(context, "tap");
  tap.port.onmessage = ({{ data }}) => {{ window.benchTap = {{ ...data, rate: context.sampleRate }}; }};
  volume.connect(tap);
  window.benchKept = tap;
}}"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run in the browser."""

    frames: dict[str, Any]
    n_received: int
    n_lost: int
    n_acknowledged: int
    n_refused: int
    engine_share: float
    feed_share: float
    kernel_share: float
    wall_s: float


def run_cell(page: Any, index: int) -> None:
    page.evaluate(
        "async (i) => { const c = window.jupyterapp.shell.currentWidget.content; c.deselectAll(); c.activeCellIndex = i; await window.jupyterapp.commands.execute('notebook:run-cell'); }",
        index,
    )


def measure(lab: Any, *, seconds: float, block_ms: float, is_heard: bool = False, is_recorded: bool = False) -> Run:
    """Run the scope for so long; frames are counted from the second second on."""
    import lab as tools

    cells = [SETUP.format(here=str(HERE), block_ms=block_ms), START.format(is_recorded=is_recorded), END]
    page = lab.open_notebook(cells, run=False, width=1300)
    tools.wait_for_kernel(page)
    run_cell(page, 0)
    page.wait_for_function(f"() => document.querySelector('.emg-scope') && {APP} && {APP}.width > 0", timeout=60000)
    run_cell(page, 1)
    page.wait_for_function(f"() => {APP}.sweep.counts.paints > 20", timeout=30000)
    if is_heard:
        page.locator(".emg-scope .live-top").click(position={"x": 300, "y": 120})
        page.keyboard.press("m")
        page.wait_for_timeout(6000)  # until the margin has settled
        page.evaluate(TAP)
        page.wait_for_function("() => window.benchTap", timeout=10000)
    page.evaluate(
        f"() => {{ const app = {APP}; app.sweep.timings.length = 0; app.sound.timings.length = 0; for (const name of Object.keys(app.sound.counts)) app.sound.counts[name] = 0; window.benchBegan = performance.now(); window.benchTapZero = window.benchTap; window.benchPaints = app.sweep.counts.paints; }}"
    )
    time.sleep(seconds)
    frames = page.evaluate(FRAMES)
    run_cell(page, 2)
    page.wait_for_function("() => /FIGURES \\d/.test(document.body.innerText)", timeout=60000)
    words = page.evaluate("() => document.body.innerText.match(/FIGURES ([\\d. ]+)/)[1].trim().split(' ').map(Number)")
    names = (
        "n_received",
        "n_lost",
        "n_acknowledged",
        "n_refused",
        "engine_share",
        "feed_share",
        "kernel_share",
        "wall_s",
    )
    return Run(frames=frames, **dict(zip(names, words, strict=True)))


def rows_of_soak(run: Run, path: Path) -> list[tuple[str, str, str, str, bool | None]]:
    """Row, target, figure, n, whether it is met; the file is read back sample by sample."""
    from bench_acquisition import wrong_samples

    n_samples, n_wrong = wrong_samples(path)
    lost = run.n_lost + run.n_refused + n_wrong + (8 * run.n_acknowledged - n_samples)
    threads = run.engine_share + run.feed_share
    n = f"{run.wall_s:.0f} s, {n_samples} samples read back"
    return [
        ("8 x 50 kHz, lost or wrong samples while painting", "0", f"{lost}", n, lost == 0),
        ("frames per second, 8 channels", ">= 30", f"{run.frames['fps']:.1f}", f"{run.frames['seconds']:.0f} s", run.frames["fps"] >= 30),
        ("messages the browser missed", "0", f"{run.frames['missed']}", f"{run.frames['seconds']:.0f} s", run.frames["missed"] == 0),
        ("kernel threads that read and send, share of a core", "< 0.25", f"{run.engine_share:.3f} + {run.feed_share:.3f}", n, threads < 0.25),
        ("whole kernel with replay and disk, share of a core", "told", f"{run.kernel_share:.3f}", n, None),
        ("block to paint, 10 ms blocks, p95 (p50)", "<= 40 ms", f"{run.frames['block_p95']:.0f} ({run.frames['block_p50']:.0f}) ms", f"{run.frames['n_blocks']} blocks", run.frames["block_p95"] <= 40),
    ]  # fmt: skip


def rows_of_sound(sound: dict[str, Any]) -> list[tuple[str, str, str, str, bool | None]]:
    """Latency with its stages, and every silence: those the loudspeaker's queue counts, and those in what was played."""
    counts, tapped, stages = sound["sound"], sound["tapped"], sound["stages"]
    words = ", ".join(f"{name} {stages[name][0]:.0f} ({stages[name][1]:.0f})" for name in stages)
    seconds = f"{sound['seconds']:.0f} s"
    told = f"{counts['chunks']} chunks, {counts['stretched']} stretched, {counts['skipped_ms']:.0f} ms left out after a hold-up; {seconds}"
    unseen_ms = max(tapped["silent_ms"] - counts["silence_ms"], 0.0)
    return [
        ("sample at its source to loudspeaker, p95 (p50)", "<= 80 ms", f"{sound['sound_p95']:.0f} ({sound['sound_p50']:.0f}) ms", f"stages, p50 (p95) ms: {words}", sound["sound_p95"] <= 80),
        ("silences for want of samples while heard", "told", f"{counts['late']}, {counts['silence_ms']:.0f} ms", told, None),
        ("silence played that was not counted", "0 ms", f"{unseen_ms:.0f} ms", f"{tapped['silences']} silences of {tapped['silent_ms']:.0f} ms at the loudspeaker", unseen_ms < 1),
    ]  # fmt: skip


def measure_all(place: Path, *, seconds: float, short_s: float) -> list[tuple[str, str, str, str, bool | None]]:
    """All rows, one run after the other in one browser."""
    import lab as tools
    from playwright.sync_api import sync_playwright

    folder, home = place / "notebooks", place / "home"
    folder.mkdir()
    home.mkdir()
    with tools.lab_server(folder, home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=tools.find_chromium(), args=list(tools.FLAGS))
        lab = tools.Lab(address, folder, browser)
        soak = measure(lab, seconds=seconds, block_ms=10.0, is_recorded=True)
        rows = rows_of_soak(soak, folder / "soak.emglive")
        lab.close_pages()
        slow = measure(lab, seconds=short_s, block_ms=30.0)
        lab.close_pages()
        heard = measure(lab, seconds=short_s, block_ms=10.0, is_heard=True)
        lab.close_pages()
        browser.close()
    sound = heard.frames
    return [
        *rows,
        ("block to paint, 30 ms blocks, p95 (p50)", "<= 60 ms", f"{slow.frames['block_p95']:.0f} ({slow.frames['block_p50']:.0f}) ms", f"{slow.frames['n_blocks']} blocks", slow.frames["block_p95"] <= 60),
        *rows_of_sound(sound),
        ("frames per second while heard", "told", f"{sound['fps']:.1f}", f"{sound['seconds']:.0f} s", None),
    ]  # fmt: skip


def main() -> None:
    """Run all, print the table, write the figures."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seconds", type=float, default=60.0)
    given.add_argument("--short", type=float, default=20.0)
    options = given.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as place:
        rows = measure_all(Path(place), seconds=options.seconds, short_s=options.short)
    loads = f"{load:.1f} before, {os.getloadavg()[0]:.1f} after, {os.cpu_count()} cores"
    asked = "project aim" if options.seconds >= 600 else f"project aim asks 600 s; {options.seconds:g} s were run"
    print(f"scope in headless Chromium ({asked}; load of the machine {loads})")
    for row, target, figure, n, is_met in rows:
        verdict = "" if is_met is None else "met" if is_met else "missed"
        print(f"{row:52} | {target:8} | {figure:18} | {verdict:6} | {n}")
    plain = {
        row: {"target": target, "figure": figure, "n": n, "is_met": is_met} for row, target, figure, n, is_met in rows
    }
    results = {"load": loads, "seconds": options.seconds, "rows": plain}
    (HERE / "results" / "scope.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
