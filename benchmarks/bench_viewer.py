"""The trace viewer in a real browser beside plotly's FigureWidget and plotly-resampler: same samples, same run.

Two sizes: 100 000 samples, which all three can take, and an hour at 48 kHz, which plotly's own widget cannot.

Run: python benchmarks/bench_viewer.py [seconds of recording]; writes benchmarks/results/viewer.json.  plotly-resampler
runs in an environment of its own; resampler_peer.py says how to make it.  A zoom lasts from the request to the paint of
its answer; for the viewer and the resampler this holds the way to the kernel and back, for FigureWidget the page alone.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "browser"))
RATE_HZ = 48000
SMALL_SAMPLES = 100_000  # the most plotly's own widget takes: a million points lock the page for minutes without a GPU
APP = "document.querySelector('.emg-tv').emgViewer"

SETUP = """
import os
import numpy as np
import scipy.signal
from emgwidgets.model.signal import ArraySamples, Channel, Recording
from emgwidgets.widgets.trace_viewer import TraceViewer
block = np.random.default_rng(1).normal(0, 40, 48000 * 10).astype(np.int16)
stored = np.resize(block, {n})
page = os.sysconf("SC_PAGE_SIZE")
rss = lambda: int(open("/proc/self/statm").read().split()[1]) * page
before = rss()
"""
SHOW = """
recording = Recording(channels=(Channel(name="needle", unit="uV", sampling_rate_hz=48000.0, samples=ArraySamples(stored=stored)),))
viewer = TraceViewer(recording, quality=None)
viewer
"""
FIGURES = """
viewer.wait()
print("FIGURES", stored.nbytes, viewer._desk.views[0].n_bytes, before, rss())
"""
PLOTLY_SETUP = """
import numpy as np, plotly.graph_objects as go
stored = np.resize(np.random.default_rng(1).normal(0, 40, 48000 * 10).astype(np.int16), {n})
x = np.arange(len(stored)) / 48000.0
"""
PLOTLY = """
figure = go.FigureWidget(go.{kind}(x=x, y=stored))
figure
"""


def percentiles(values: list[float]) -> dict[str, float]:
    return {name: round(float(np.percentile(values, q)), 1) for name, q in (("p50", 50), ("p95", 95), ("max", 100))}


def wait_for_kernel(page: Any) -> None:
    import lab as tools

    tools.wait_for_kernel(page)


def run_cell(page: Any, index: int) -> None:
    page.evaluate(
        "async (i) => { const c = window.jupyterapp.shell.currentWidget.content; c.deselectAll(); c.activeCellIndex = i; await window.jupyterapp.commands.execute('notebook:run-cell'); }",
        index,
    )


def gesture_times(page: Any, action: str, n: int) -> list[float]:
    """Milliseconds from a request to the paint of its answer, one gesture after the other."""
    return page.evaluate(
        f"""async () => {{
          const app = {APP}; const found = [];
          const wait = () => new Promise((done) => requestAnimationFrame(done));
          for (let i = 0; i < {n}; i += 1) {{
            const answers = app.counts.answers; app.timings.length = 0;
            {action}
            const began = performance.now();
            while ((app.counts.answers === answers || !app.timings.length) && performance.now() - began < 3000) await wait();
            found.push(app.timings[app.timings.length - 1]);
            await new Promise((done) => setTimeout(done, 60));
          }}
          return found.filter((t) => t !== undefined);
        }}"""
    )


def bench_viewer(lab: Any, n: int) -> dict[str, object]:
    page = lab.open_notebook([SETUP.format(n=n), SHOW, FIGURES], run=False)
    wait_for_kernel(page)
    run_cell(page, 0)
    began = time.perf_counter()
    run_cell(page, 1)
    page.wait_for_selector(".emg-tv[data-settled='true']", timeout=60000)
    first_paint_s = time.perf_counter() - began
    page.wait_for_function(f"() => {APP}.overview !== null", timeout=60000)
    overview_s = time.perf_counter() - began
    page.wait_for_timeout(1500)
    pans = gesture_times(
        page, "app.moveTo(app.info.start_s + ((i * 7919.3) % Math.max(app.info.end_s - app.info.start_s - 5, 1)));", 60
    )
    zooms = gesture_times(page, "app.setTimeBase([0.0005, 0.005, 0.05, 0.5, 5, 50, 360][i % 7]);", 63)
    n_bytes = page.evaluate(f"() => {APP}.counts.bytes")
    run_cell(page, 2)
    page.wait_for_function("() => document.body.innerText.includes('FIGURES ')")
    words = page.evaluate(
        "() => document.body.innerText.match(/FIGURES (\\d+) (\\d+) (\\d+) (\\d+)/).slice(1).map(Number)"
    )
    samples, pyramid, before, after = words
    return {
        "samples": n, "first_paint_s": round(first_paint_s, 2), "overview_s": round(overview_s, 2), "pan_ms": percentiles(pans),
        "zoom_ms": percentiles(zooms), "bytes_per_channel_and_view": n_bytes,
        "memory_ratio_pyramid": round((samples + pyramid) / samples, 4),
        "memory_ratio_rss": round((samples + max(after - before, 0)) / samples, 3),
    }  # fmt: skip


def bench_plotly(lab: Any, n: int, kind: str) -> dict[str, object]:
    page = lab.open_notebook([PLOTLY_SETUP.format(n=n), PLOTLY.format(kind=kind)], run=False)
    wait_for_kernel(page)
    run_cell(page, 0)
    began = time.perf_counter()
    run_cell(page, 1)
    page.wait_for_selector(".js-plotly-plot .main-svg", timeout=90000)
    first_s = time.perf_counter() - began
    zooms = page.evaluate(
        """async () => {
          const plot = document.querySelector('.js-plotly-plot'); const found = [];
          const to = plot._fullLayout.xaxis.range[1];
          const P = plot._context && window.Plotly;
          const wait = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          const bar = (name) => plot.querySelector(`.modebar-btn[data-attr="zoom"][data-val="${name}"]`);
          for (let i = 0; i < 8; i += 1) {
            const button = bar(i % 2 ? 'out' : 'in'); if (!button) return found;
            const began = performance.now(); button.click(); await wait(); found.push(performance.now() - began);
          }
          return found;
        }"""
    )
    return {"samples": n, "first_paint_s": round(first_s, 2), "zoom_ms": percentiles(zooms) if zooms else None}


def attempt(measure: Callable[[], dict[str, object] | str]) -> dict[str, object]:
    """Figures of one tool; a peer that fails says so in one line and stops nothing."""
    try:
        found = measure()
    except Exception as error:
        return {"failed": str(error).splitlines()[0][:120]}
    return found if isinstance(found, dict) else {"failed": found}


def measure_all(place: Path, n_long: int) -> dict[str, dict[str, object]]:
    """Every tool at every size it can take, one after the other in one browser."""
    import lab as tools
    from playwright.sync_api import sync_playwright
    from resampler_peer import bench_resampler

    folder, home = place / "notebooks", place / "home"
    folder.mkdir()
    home.mkdir()
    found: dict[str, dict[str, object]] = {}
    with tools.lab_server(folder, home) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=tools.find_chromium(), args=list(tools.FLAGS))
        lab = tools.Lab(address, folder, browser)
        for n in (SMALL_SAMPLES, n_long):
            found[f"viewer {n}"] = bench_viewer(lab, n)
            lab.close_pages()
        for kind in ("Scatter", "Scattergl"):  # drawn as SVG and by WebGL, which here runs without a GPU
            found[f"FigureWidget {kind} {SMALL_SAMPLES}"] = attempt(partial(bench_plotly, lab, SMALL_SAMPLES, kind))
            lab.close_pages()
        for n in (SMALL_SAMPLES, n_long):
            found[f"plotly-resampler {n}"] = attempt(
                partial(
                    bench_resampler,
                    tools,
                    browser,
                    place=place / str(n),
                    n=n,
                    percentiles=percentiles,
                    run_cell=run_cell,
                )
            )
        browser.close()
    return found


#: Row, limit and where the limit is from; the limits hold for the hour.
LIMITS = (
    ("first_paint_s", 1.0, "s", "project aim"),
    ("pan_ms", 60.0, "ms p95", "project aim"),
    ("zoom_ms", 60.0, "ms p95", "project aim"),
    ("bytes_per_channel_and_view", 8192, "bytes", "project aim: 8 kB"),
    ("memory_ratio_pyramid", 1.1, "x samples", "project aim"),
)


def print_table(found: dict[str, dict[str, object]], n_long: int) -> None:
    """Our figures with their limits, then first paint and zoom of all tools."""

    def figure(value: object) -> object:
        return value["p95"] if isinstance(value, dict) else value

    ours = found[f"viewer {n_long}"]
    print(f"viewer, {n_long} samples\n{'row':<28}{'limit':>8} {'unit':<10}{'figure':>9}  source")
    for name, limit, unit, source in LIMITS:
        value = float(str(figure(ours[name])))
        verdict = "met" if value <= limit else f"missed by {value - limit:.4g}"
        print(f"{name:<28}{limit:>8g} {unit:<10}{value:>9g}  {source}; {verdict}")
    print(f"\n{'tool and samples':<36}{'first paint s':>14}{'zoom p50 ms':>13}{'zoom p95 ms':>13}")
    for name, row in found.items():
        zoom = row.get("zoom_ms") or {}
        if "failed" in row or not isinstance(zoom, dict):
            print(f"{name:<36}{row.get('failed', 'no zoom')}")
        else:
            print(f"{name:<36}{row['first_paint_s']!s:>14}{zoom.get('p50', '-')!s:>13}{zoom.get('p95', '-')!s:>13}")


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 3600
    with tempfile.TemporaryDirectory() as place:
        found = measure_all(Path(place), seconds * RATE_HZ)
    print_table(found, seconds * RATE_HZ)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "viewer.json").write_text(json.dumps({"recording_s": seconds, **found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
