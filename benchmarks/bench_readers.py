"""Reading speed: our EDF reader beside edfio, pyedflib, mne and wfdb on the same one-hour file; prints a table, writes JSON.

Each reader runs several times, in turn with the others and in a process of its own; the fastest run, as the least
disturbed, counts.  The file has been written just before, so all read from the file cache; a full decode gives every
sample in its unit as float64.
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
_TAIL = "print(json.dumps({'s': time.perf_counter() - start, 'cpu_s': time.process_time() - cpu, 'n': int(n), 'sum': float(check), 'peak_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))\n"
FULL = {
    "emgwidgets": (
        "from emgwidgets.io.edf import read_edf\nfrom emgwidgets.io.registry import ReadOptions\nfrom pathlib import Path\n"
        "cpu = time.process_time(); start = time.perf_counter()\nx = read_edf(Path(path), ReadOptions()).channels[0].samples_uv\nn = len(x); check = x[::1000].sum()\n"
    ),
    "edfio": "import edfio\ncpu = time.process_time(); start = time.perf_counter()\nx = edfio.read_edf(path).signals[0].data\nn = len(x); check = x[::1000].sum()\n",
    "pyedflib": (
        "import pyedflib\ncpu = time.process_time(); start = time.perf_counter()\nr = pyedflib.EdfReader(path); x = r.readSignal(0)\n"
        "n = len(x); check = x[::1000].sum()\n"
    ),
    "mne": (
        "import mne\ncpu = time.process_time(); start = time.perf_counter()\nx = mne.io.read_raw_edf(path, preload=True, verbose='error').get_data()[0]\n"
        "n = len(x); check = x[::1000].sum() * 1e6\n"
    ),
    "wfdb": (
        "import os\nfrom wfdb.io.convert.edf import read_edf\nos.chdir(os.path.dirname(path))\ncpu = time.process_time(); start = time.perf_counter()\n"
        "x = read_edf(os.path.basename(path)).p_signal[:, 0]\nn = len(x); check = x[::1000].sum()\n"
    ),
}
WINDOW = {
    "emgwidgets": (
        "cpu = time.process_time(); start = time.perf_counter()\nfrom emgwidgets.io.edf import read_edf\nfrom emgwidgets.io.registry import ReadOptions\n"
        "from pathlib import Path\nx = read_edf(Path(path), ReadOptions()).channels[0].read(0, 480000)\nn = len(x); check = x[::1000].sum()\n"
    ),
    "edfio": (
        "cpu = time.process_time(); start = time.perf_counter()\nimport edfio\nx = edfio.read_edf(path).signals[0].get_data_slice(0, 10) if hasattr(edfio.EdfSignal, 'get_data_slice') "
        "else edfio.read_edf(path).signals[0].data[:480000]\nn = len(x); check = x[::1000].sum()\n"
    ),
    "pyedflib": (
        "cpu = time.process_time(); start = time.perf_counter()\nimport pyedflib\nx = pyedflib.EdfReader(path).readSignal(0, 0, 480000)\n"
        "n = len(x); check = x[::1000].sum()\n"
    ),
    "mne": (
        "cpu = time.process_time(); start = time.perf_counter()\nimport mne\nx = mne.io.read_raw_edf(path, verbose='error')[0, :480000][0][0]\n"
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


def run(code: str, path: Path) -> dict[str, float] | None:
    """One run in a fresh process; None where the reader fails."""
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
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def fastest(codes: dict[str, str], path: Path, *, repeats: int) -> dict[str, dict[str, float]]:
    """Fastest run of each installed reader, the readers taking turns."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(repeats):
        for name, code in codes.items():
            found = run(code, path) if importlib.util.find_spec(name) else None
            if found and (name not in best or found["s"] < best[name]["s"]):
                best[name] = found
    return best


def print_rows(full: dict[str, dict[str, float]], window: dict[str, dict[str, float]], n_bytes: int) -> None:
    """One line for each reader."""
    print(f"{'reader':<12}{'full decode s':>14}{'cpu s':>8}{'MB/s':>8}{'peak MB':>9}{'open + first 10 s':>19}")
    for name in FULL:
        if importlib.util.find_spec(name) is None:
            print(f"{name:<12}{'not installed':>14}")
        elif name not in full:
            print(f"{name:<12}{'failed':>14}")
        else:
            found = full[name]
            first = f"{window[name]['s']:.3f}" if name in window else "reads whole only"
            speed = n_bytes / 1e6 / found["s"]
            print(
                f"{name:<12}{found['s']:>14.2f}{found['cpu_s']:>8.2f}{speed:>8.0f}{found['peak_mb']:>9.0f}{first:>19}"
            )


def print_limits(full: dict[str, dict[str, float]], window: dict[str, dict[str, float]], repeats: int) -> None:
    """Our figures beside their limits."""
    peers = {name: found["s"] for name, found in full.items() if name != "emgwidgets"}
    fastest_peer = min(peers, key=lambda name: peers[name], default=None)
    rows = [("open + first 10 s", 2.0, "project aim: first paint of a 1 h EDF in 2 s", window["emgwidgets"]["s"])]
    if fastest_peer:
        source = f"project aim: no slower than the fastest peer, here {fastest_peer}"
        rows.append(("full decode", peers[fastest_peer], source, full["emgwidgets"]["s"]))
    print(f"\n{'row':<20}{'limit s':>9}{'figure s':>10}{'n':>4}  source")
    for name, limit_s, source, figure_s in rows:
        verdict = "met" if figure_s <= limit_s else f"missed by {figure_s - limit_s:.2f} s"
        print(f"{name:<20}{limit_s:>9.2f}{figure_s:>10.2f}{repeats:>4}  {source}; {verdict}")


def check_values(full: dict[str, dict[str, float]], n_checked: int) -> None:
    """Compare the sums of the decoded values; a disagreement of ours ends the run."""
    sums = {name: found["sum"] for name, found in full.items()}
    middle = float(np.median([*sums.values()]))
    for name, value in sums.items():
        if abs(value - middle) > 1e-3:
            print(
                f"{name} differs from the others by {(value - middle) / n_checked:.3f} uV per sample (one step is 0.1 uV)"
            )
    if abs(sums.get("emgwidgets", middle) - middle) > 1e-3:
        raise SystemExit("our values are not those of the other readers")


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=3600, help="length of the file")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = make_hour(Path(folder), duration_s=arguments.seconds)
        n_bytes = path.stat().st_size
        print(
            f"{arguments.seconds} s at {RATE_HZ} Hz, one channel, {n_bytes / 1e6:.0f} MB, fastest of {arguments.repeats}\n"
        )
        full = fastest(FULL, path, repeats=arguments.repeats)
        window = fastest(WINDOW, path, repeats=arguments.repeats)
    print_rows(full, window, n_bytes)
    print_limits(full, window, arguments.repeats)
    check_values(full, arguments.seconds * RATE_HZ // 1000)
    rows = [{"reader": name, "full_decode": full.get(name), "first_window": window.get(name)} for name in FULL]
    RESULTS.mkdir(exist_ok=True)
    about = {"seconds": arguments.seconds, "rate_hz": RATE_HZ, "n_bytes": n_bytes, "python": platform.python_version()}
    (RESULTS / "bench_readers.json").write_text(json.dumps({**about, "rows": rows}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
