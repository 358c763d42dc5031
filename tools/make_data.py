"""Writes the small simulated recordings that the lessons read, their truth, and data/MANIFEST.csv.

Usage: python tools/make_data.py
"""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from pathlib import Path

from needle_recordings import write_all

from emgwidgets.cases.exchange import export_annotations
from emgwidgets.io.registry import write
from emgwidgets.simulation.practice.demo import demo_rest_recording
from emgwidgets.simulation.practice.planted_faults import planted_faults_recording

DATA = Path(__file__).resolve().parents[1] / "data"
LICENCE = "CC0-1.0"
#: 20 kHz keeps the file under 2 MB; the patient of lesson 00 is seed 11, the faults of lesson 50 are seed 2.
REST_HZ, REST_SEED = 20000.0, 11
FAULTS_HZ, FAULTS_SEED = 24000.0, 2


def make() -> list[dict[str, str]]:
    """Write the files; returns the rows of the manifest."""
    rest = demo_rest_recording(REST_SEED, sampling_rate_hz=REST_HZ)
    write(replace(rest.recording, quality_flags=()), DATA / "rest_tibialis_anterior.npz")
    (DATA / "rest_tibialis_anterior.truth.json").write_text(
        json.dumps(rest.truth.to_json_dict()) + "\n", encoding="utf-8"
    )
    faults = planted_faults_recording(FAULTS_SEED, sampling_rate_hz=FAULTS_HZ)
    write(faults.recording, DATA / "planted_faults.edf")
    export_annotations(faults.truth, DATA / "planted_faults.truth.csv")
    rest_what, faults_what = "tibialis anterior at rest, 2 channels, 62 s", "slight effort with planted faults, 30 s"
    return [
        {"file": "rest_tibialis_anterior.npz", "kind": "recording", "what": rest_what, "seed": str(REST_SEED)},
        {
            "file": "rest_tibialis_anterior.truth.json",
            "kind": "truth",
            "what": "its discharges",
            "seed": str(REST_SEED),
        },
        {"file": "planted_faults.edf", "kind": "recording", "what": faults_what, "seed": str(FAULTS_SEED)},
        {"file": "planted_faults.truth.csv", "kind": "truth", "what": "its faults", "seed": str(FAULTS_SEED)},
        *write_all(DATA),
    ]


def main() -> None:
    """Write everything."""
    DATA.mkdir(exist_ok=True)
    with (DATA / "MANIFEST.csv").open("w", encoding="utf-8", newline="") as stream:
        columns = ["file", "kind", "what", "seed", "licence", "command", "sha256"]
        table = csv.DictWriter(stream, columns, lineterminator="\n")
        table.writeheader()
        for row in make():
            digest = hashlib.sha256((DATA / row["file"]).read_bytes()).hexdigest()
            table.writerow({**row, "licence": LICENCE, "command": "python tools/make_data.py", "sha256": digest})


if __name__ == "__main__":
    main()
