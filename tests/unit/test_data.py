"""What data/ ships is what its manifest says, opens, and is small."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest

import emgwidgets as emg

DATA = Path(__file__).resolve().parents[2] / "data"
ROWS = list(csv.DictReader((DATA / "MANIFEST.csv").open(encoding="utf-8", newline="")))


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_manifest_row_is_true(row):
    path = DATA / row["file"]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
    assert path.stat().st_size < 2_000_000
    assert row["licence"] == "CC0-1.0"
    if row["kind"] == "recording":
        recording = emg.read(path)
        assert recording.duration_s > 10
        assert all(channel.is_voltage for channel in recording.channels)


def test_every_file_is_in_the_manifest():
    listed = {row["file"] for row in ROWS} | {"MANIFEST.csv"}
    assert {path.name for path in DATA.iterdir() if not path.name.endswith(".annotations.jsonl")} == listed
