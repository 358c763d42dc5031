"""What we write as BIDS-EMG, judged by the official validator where it is installed (pip install bids-validator-deno)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording, RecordingSettings, Segment

VALIDATOR = (
    os.environ.get("EMGWIDGETS_BIDS_VALIDATOR")
    or shutil.which("bids-validator-deno")
    or shutil.which("bids-validator-deno", path=Path(sys.executable).parent)
)
pytestmark = pytest.mark.skipif(VALIDATOR is None, reason="needs bids-validator-deno")


def channel(name: str, rate_hz: float, *, kind: str = "surface_emg", n_samples: int = 4000, **more) -> Channel:
    noise = np.random.default_rng(len(name)).normal(0, 300, n_samples)
    stored = np.round(noise).astype(more.pop("dtype", np.int16))
    return Channel(
        name=name, unit=more.pop("unit", "uV"), sampling_rate_hz=rate_hz, kind=kind, samples=ArraySamples(stored=stored, gain=0.1), **more
    )  # fmt: skip


def surface() -> Recording:
    settings = RecordingSettings(high_pass_hz=10.0, low_pass_hz=500.0, notch_hz=50.0, active="E1", reference="E2")
    marks = (
        Annotation(start_s=0.5, label="fibrillation", channel="TA"),
        Annotation(start_s=1.0, duration_s=0.5, label="free text of mine"),
    )
    return Recording(channels=(channel("TA", 2000.0, settings=settings), channel("FDI", 2000.0)), annotations=marks)


def unlike_rates() -> Recording:
    return Recording(
        channels=(
            channel("needle", 4000.0, kind="needle_emg"), channel("ECG", 1000.0, kind="ecg", n_samples=1000),
            channel("force", 100.0, kind="force", unit="N", n_samples=100),
        )
    )  # fmt: skip


def with_gap() -> Recording:
    parts = (
        Segment(first_sample=0, n_samples=2000, start_s=0.0),
        Segment(first_sample=2000, n_samples=2000, start_s=5.0),
    )
    return Recording(channels=(channel("TA", 2000.0, segments=parts),))


def wide() -> Recording:
    return Recording(channels=(channel("TA", 2000.0, dtype=np.int32, n_samples=2000),))


@pytest.mark.parametrize("make", [surface, unlike_rates, with_gap, wide])
@pytest.mark.parametrize(
    "options", [{}, {"power_line_hz": 60.0, "subject": "A7", "task": "rest", "needle_fields": True}]
)
def test_no_error_of_the_official_validator(tmp_path, make, options):
    folder = tmp_path / "dataset"
    emg.write(make(), folder, format="BIDS-EMG", **options)
    done = subprocess.run([VALIDATOR, str(folder), "--json"], capture_output=True, text=True, check=False, timeout=120)
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [
        (issue["code"], issue.get("subCode"), issue["location"]) for issue in issues if issue["severity"] == "error"
    ] == []


def test_the_validator_can_fail(tmp_path):
    folder = tmp_path / "dataset"
    emg.write(surface(), folder, format="BIDS-EMG")
    (sidecar,) = folder.glob("sub-*/emg/*_emg.json")
    about = json.loads(sidecar.read_text())
    del about["EMGReference"]
    sidecar.write_text(json.dumps(about))
    done = subprocess.run([VALIDATOR, str(folder), "--json"], capture_output=True, text=True, check=False, timeout=120)
    issues = json.loads(done.stdout)["issues"]["issues"]
    assert [issue["subCode"] for issue in issues if issue["severity"] == "error"] == ["EMGReference"]
