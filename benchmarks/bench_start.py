"""How long until something can be used: importing the package, and `make lab` to a page with its cells drawn.

Limits: 0.3 s and 20 s.  Peers measured in the same run: a bare interpreter, numpy and ipywidgets.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMPORTS = {
    "nothing": "pass",
    "emgwidgets": "import emgwidgets",
    "numpy": "import numpy",
    "ipywidgets": "import ipywidgets",
}


def import_seconds(statement: str, n: int = 9) -> list[float]:
    """Wall time of a fresh interpreter that runs one statement."""
    times_s = []
    for _ in range(n):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True, cwd=ROOT)
        times_s.append(time.perf_counter() - began)
    return times_s


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lab_seconds(chromium: str) -> dict[str, float]:
    """Seconds from the launch command to the answering server and to the drawn first lesson."""
    from playwright.sync_api import sync_playwright

    port = free_port()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        environment = {**os.environ, "JUPYTER_CONFIG_DIR": home, "JUPYTER_DATA_DIR": home, "IPYTHONDIR": home}
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        began = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "-m", "emgwidgets.launch", "--no-browser", f"--port={port}", "--IdentityProvider.token=bench"],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token=bench", timeout=1)
                    break
                except OSError:
                    if time.perf_counter() - began > 60:
                        raise
                    time.sleep(0.05)
            answered_s = time.perf_counter() - began
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}/lab/tree/notebooks/00_start_here.ipynb?token=bench&reset")
            page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
            drawn_s = time.perf_counter() - began
        finally:
            server.terminate()
            server.wait(20)
            browser.close()
    return {"server answers": answered_s, "first lesson drawn": drawn_s}


def row(what: str, times_s: list[float]) -> dict[str, object]:
    """Median and worst of several runs."""
    return {"what": what, "median_s": statistics.median(times_s), "worst_s": max(times_s), "n": len(times_s)}


def print_limit(what: str, limit_s: float, figure_s: float, n: int) -> None:
    """One figure beside its limit."""
    verdict = "met" if figure_s <= limit_s else f"missed by {figure_s - limit_s:.2f} s"
    print(f"{what:32s} limit {limit_s:7.3f} s   figure {figure_s:7.3f} s   n {n}   project aim; {verdict}")


def main() -> None:
    """Print the tables and write them as JSON."""
    times = {name: import_seconds(statement) for name, statement in IMPORTS.items()}
    rows = [row(f"interpreter + {name}", times_s) for name, times_s in times.items()]
    found = subprocess.run(
        [sys.executable, ROOT / "tools" / "find_chromium.py"], capture_output=True, text=True, check=False
    )
    runs = [lab_seconds(found.stdout.strip()) for _ in range(3)] if found.returncode == 0 else []
    rows += [row(what, [run[what] for run in runs]) for what in (runs[0] if runs else ())]
    for one in rows:
        print(f"{one['what']:32s} median {one['median_s']:7.3f} s   worst {one['worst_s']:7.3f} s   n {one['n']}")
    bare_s = statistics.median(times["nothing"])
    print()
    print_limit(
        "import emgwidgets alone", 0.3, statistics.median(times["emgwidgets"]) - bare_s, len(times["emgwidgets"])
    )
    print(f"{'  numpy alone, for comparison':32s} {statistics.median(times['numpy']) - bare_s:.3f} s")
    if runs:
        print_limit("first lesson drawn, worst run", 20.0, max(run["first lesson drawn"] for run in runs), len(runs))
    else:
        print("no browser found, so no page was timed")
    target = ROOT / "benchmarks" / "results"
    target.mkdir(exist_ok=True)
    (target / "bench_start.json").write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
