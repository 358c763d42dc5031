"""plotly-resampler as a peer of the trace viewer, in an environment of its own because it pins an older plotly.

Make that environment once and name its interpreter:

    python -m venv peer
    peer/bin/pip install plotly-resampler jupyterlab ipywidgets anywidget numpy
    EMGWIDGETS_RESAMPLER_PYTHON=$PWD/peer/bin/python python benchmarks/bench_viewer.py
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

__all__ = ["ENVIRONMENT_NAME", "bench_resampler"]

ENVIRONMENT_NAME = "EMGWIDGETS_RESAMPLER_PYTHON"
CELL = """
import numpy as np, plotly.graph_objects as go
from plotly_resampler import FigureWidgetResampler
block = np.random.default_rng(1).normal(0, 40, 48000 * 10).astype(np.int16)
stored = np.resize(block, {n})
x = np.arange(len(stored)) / 48000.0
"""
SHOW = """
figure = FigureWidgetResampler(go.Figure(layout=dict(dragmode="pan")), default_n_shown_samples=1000)
figure.add_trace(go.Scatter(mode="lines"), hf_x=x, hf_y=stored)
figure
"""
#: Clicks the zoom buttons and waits until the kernel's points for the new range have arrived and are drawn.
ZOOM = """async () => {
  const plot = document.querySelector('.js-plotly-plot'); const found = [];
  const bar = (name) => plot.querySelector(`.modebar-btn[data-attr="zoom"][data-val="${name}"]`);
  for (let i = 0; i < 8; i += 1) {
    const before = plot.data[0].x; const button = bar(i < 5 ? 'in' : 'out'); if (!button) return found;
    const began = performance.now(); button.click();
    while (plot.data[0].x === before && performance.now() - began < 5000) await new Promise((done) => requestAnimationFrame(done));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    if (plot.data[0].x !== before) found.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, 300));
  }
  return found;
}"""


def write_config(home: Path) -> None:
    """Keep JupyterLab from asking to be built anew.

    dash, which plotly-resampler brings, holds an extension in source form; JupyterLab then proposes a build in a
    dialog, and no notebook opens before the answer.
    """
    config = home / "jupyter_config_dir" / "labconfig"
    config.mkdir(parents=True)
    (config / "page_config.json").write_text(json.dumps({"buildCheck": False, "buildAvailable": False}))


def bench_resampler(
    tools: Any, browser: Any, *, place: Path, n: int, percentiles: Any, run_cell: Any
) -> dict[str, object] | str:
    """First paint and zoom of ``n`` samples; a sentence when it is not there or could not be driven."""
    python = os.environ.get(ENVIRONMENT_NAME)
    if not python:
        return f"not installed: name the interpreter of its own environment in {ENVIRONMENT_NAME}"
    folder, home = place / "peer-notebooks", place / "peer-home"
    folder.mkdir(parents=True)
    write_config(home)
    with tools.lab_server(folder, home, python=python) as address:
        lab = tools.Lab(address, folder, browser)
        page = lab.open_notebook([CELL.format(n=n), SHOW], run=False)
        tools.wait_for_kernel(page)
        run_cell(page, 0)
        began = time.perf_counter()
        run_cell(page, 1)
        page.wait_for_selector(".js-plotly-plot .main-svg", timeout=90000)
        first_s = time.perf_counter() - began
        page.wait_for_timeout(1500)
        zooms = page.evaluate(ZOOM)
        lab.close_pages()
    return {
        "samples": n,
        "first_paint_s": round(first_s, 2),
        "zoom_ms": percentiles(zooms) if zooms else None,
        "n_zooms": len(zooms),
    }
