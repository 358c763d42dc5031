"""Reading speed: our EDF reader beside edfio, pyedflib, mne and wfdb on the same one-hour file; prints a table, writes JSON.

Each reader runs three times in a process of its own and the median counts.  The file has been written just before, so all
read from the file cache; a full decode gives every sample in its unit as float64.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

RATE_HZ = 48000
RESULTS = Path(__file__).parent / "results"
_HEAD = "import sys, time, json, resource\nimport numpy as np\npath = sys.argv[1]\n"
_TAIL = "print(json.dumps({'s': time.perf_counter() - start, 'n': int(n), 'sum': float(check), 'peak_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))\n"
FULL = {
    "emgwidgets": (
        "from emgwidgets.io.edf import read_edf\nfrom emgwidgets.io.registry import ReadOptions\nfrom pathlib import Path\n"
        "start = time.perf_counter()\nx = read_edf(Path(path), ReadOptions()).channels[0].samples_uv\nn = len(x); check = x[::1000].sum()\n"
    ),
    "edfio": "import edfio\nstart = time.perf_counter()\nx = edfio.read_edf(path).signals[0].data\nn = len(x); check = x[::1000].sum()\n",
    "pyedflib": (
        "import pyedflib\nstart = time.perf_counter()\nr = pyedflib.EdfReader(path); x = r.readSignal(0)\n"
        "n = len(x); check = x[::1000].sum()\n"
    ),
    "mne": (
        "import mne\nstart = time.perf_counter()\nx = mne.io.read_raw_edf(path, preload=True, verbose='error').get_data()[0]\n"
        "n = len(x); check = x[::1000].sum() * 1e6\n"
    ),
    "wfdb": (
        "import os\nfrom wfdb.io.convert.edf import read_edf\nos.chdir(os.path.dirname(path))\nstart = time.perf_counter()\n"
        "x = read_edf(os.path.basename(path)).p_signal[:, 0]\nn = len(x); check = x[::1000].sum()\n"
    ),
}
WINDOW = {
    "emgwidgets": (
        "start = time.perf_counter()\nfrom emgwidgets.io.edf import read_edf\nfrom emgwidgets.io.registry import ReadOptions\n"
        "from pathlib import Path\nx = read_edf(Path(path), ReadOptions()).channels[0].read(0, 480000)\nn = len(x); check = x[::1000].sum()\n"
    ),
    "edfio": (
        "start = time.perf_counter()\nimport edfio\nx = edfio.read_edf(path).signals[0].get_data_slice(0, 10) if hasattr(edfio.EdfSignal, 'get_data_slice') "
        "else edfio.read_edf(path).signals[0].data[:480000]\nn = len(x); check = x[::1000].sum()\n"
    ),
    "pyedflib": (
        "start = time.perf_counter()\nimport pyedflib\nx = pyedflib.EdfReader(path).readSignal(0, 0, 480000)\n"
        "n = len(x); check = x[::1000].sum()\n"
    ),
    "mne": (
        "start = time.perf_counter()\nimport mne\nx = mne.io.read_raw_edf(path, verbose='error')[0, :480000][0][0]\n"
        "n = len(x); check = x[::1000].sum() * 1e6\n"
    ),
}  # wfdb reads an EDF only as a whole


def make_hour(folder: Path, *, duration_s: int) -> Path:
    """One channel of noise at 48 kHz as plain EDF, the only flavour that all peers read."""
    rng = np.random.default_rng(1)
    second = rng.normal(0.0, 1500.0, (60, RATE_HZ)).clip(-32768, 32767).astype("<i2")
    fields = (
        ("0", 8), ("X X X X", 80), ("Startdate X X X X", 80), ("01.01.85", 8), ("00.00.00", 8), ("512", 8), ("", 44),
        (str(duration_s), 8), ("1", 8), ("1", 4), ("EMG", 16), ("", 80), ("uV", 8), ("-3276.8", 8), ("3276.7", 8),
        ("-32768", 8), ("32767", 8), ("", 80), (str(RATE_HZ), 8), ("", 32),
    )  # fmt: skip
    path = folder / "hour.edf"
    with path.open("wb") as stream:
        stream.write(b"".join(text.encode().ljust(width) for text, width in fields))
        for i in range(duration_s):
            stream.write(second[i % 60].tobytes())
    return path


def run(code: str, path: Path, *, repeats: int) -> dict[str, float] | None:
    """Median of several runs, each in a fresh process; None where the reader fails."""
    results = []
    for _ in range(repeats):
        done = subprocess.run(
            [sys.executable, "-c", _HEAD + code + _TAIL, str(path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        if done.returncode:
            print(done.stderr.strip().splitlines()[-1:], file=sys.stderr)
            return None
        results.append(json.loads(done.stdout.strip().splitlines()[-1]))
    return sorted(results, key=lambda result: result["s"])[len(results) // 2]


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3600, help="length of the file")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = make_hour(Path(folder), duration_s=arguments.seconds)
        n_bytes = path.stat().st_size
        print(
            f"{arguments.seconds} s at {RATE_HZ} Hz, one channel, {n_bytes / 1e6:.0f} MB, median of {arguments.repeats}\n"
        )
        print(f"{'reader':<12}{'full decode s':>14}{'MB/s':>8}{'peak MB':>9}{'open + first 10 s':>19}")
        sums: dict[str, float] = {}
        for name, code in FULL.items():
            if importlib.util.find_spec(name) is None:
                print(f"{name:<12}{'not installed':>14}")
                rows.append({"reader": name, "installed": False})
                continue
            full = run(code, path, repeats=arguments.repeats)
            window = run(WINDOW[name], path, repeats=arguments.repeats) if name in WINDOW else None
            first = f"{window['s']:.3f}" if window else "reads whole only"
            if full is None:
                print(f"{name:<12}{'failed':>14}{'':>8}{'':>9}{first:>19}")
            else:
                sums[name] = full["sum"]
                print(
                    f"{name:<12}{full['s']:>14.2f}{n_bytes / 1e6 / full['s']:>8.0f}{full['peak_mb']:>9.0f}{first:>19}"
                )
            rows.append({"reader": name, "installed": True, "full_decode": full, "first_window": window})
        middle = float(np.median([*sums.values()]))
        n_checked = arguments.seconds * RATE_HZ // 1000
        for name, value in sums.items():
            if abs(value - middle) > 1e-3:
                print(
                    f"{name} differs from the others by {(value - middle) / n_checked:.3f} uV per sample (one step is 0.1 uV)"
                )
        if abs(sums.get("emgwidgets", middle) - middle) > 1e-3:
            raise SystemExit("our values are not those of the other readers")
    RESULTS.mkdir(exist_ok=True)
    about = {"seconds": arguments.seconds, "rate_hz": RATE_HZ, "n_bytes": n_bytes, "python": platform.python_version()}
    (RESULTS / "bench_readers.json").write_text(json.dumps({**about, "rows": rows}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
