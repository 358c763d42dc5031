"""The trace viewer on an hour at 48 kHz in a real browser, beside plotly's own widget at sizes it can take and plotly-resampler.

Run: python benchmarks/bench_viewer.py [seconds of recording]; writes benchmarks/results/viewer.json.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "browser"))
RATE_HZ = 48000
PEER_SAMPLES = (100_000,)  # a million points lock the page for minutes without a GPU
APP = "document.querySelector('.emg-tv').emgViewer"

SETUP = """
import os
import numpy as np
import scipy.signal
from emgwidgets.model.signal import ArraySamples, Channel, Recording
from emgwidgets.widgets.trace_viewer import TraceViewer
block = np.random.default_rng(1).normal(0, 40, 48000 * 10).astype(np.int16)
stored = np.tile(block, {n} // len(block))
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
PLOTLY = """
import numpy as np, plotly.graph_objects as go
x = np.arange({n}) / 48000.0
figure = go.FigureWidget(go.Scattergl(x=x, y=np.random.default_rng(1).normal(0, 40, {n}).astype(np.float32)))
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
        page, "app.moveTo(app.info.start_s + ((i * 7919.3) % (app.info.end_s - app.info.start_s - 5)));", 60
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


def bench_plotly(lab: Any, n: int) -> dict[str, object]:
    page = lab.open_notebook(["import plotly.graph_objects", PLOTLY.format(n=n)], run=False)
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


def main() -> None:
    import lab as tools
    from playwright.sync_api import sync_playwright
    from resampler_peer import bench_resampler

    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 3600
    found: dict[str, object] = {"recording_s": seconds}
    with tempfile.TemporaryDirectory() as place:
        folder, home = Path(place) / "notebooks", Path(place) / "home"
        folder.mkdir()
        home.mkdir()
        with tools.lab_server(folder, home) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=tools.find_chromium(), args=list(tools.FLAGS))
            lab = tools.Lab(address, folder, browser)
            found["viewer"] = bench_viewer(lab, seconds * RATE_HZ)
            print("viewer", found["viewer"], flush=True)
            lab.close_pages()
            peers = []
            for n in PEER_SAMPLES:
                try:
                    peers.append(bench_plotly(lab, n))
                except Exception as error:
                    peers.append({"samples": n, "failed": str(error).splitlines()[0][:120]})
                print("plotly FigureWidget", peers[-1], flush=True)
                lab.close_pages()
            found["plotly_figurewidget"] = peers
            try:
                found["plotly_resampler"] = bench_resampler(
                    tools, browser, place=Path(place), n=seconds * RATE_HZ, percentiles=percentiles, run_cell=run_cell
                )
            except Exception as error:
                found["plotly_resampler"] = f"failed: {str(error).splitlines()[0][:120]}"
            print("plotly-resampler", found["plotly_resampler"], flush=True)
            browser.close()
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "viewer.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
