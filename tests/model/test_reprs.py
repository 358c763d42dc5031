"""What the main results say of themselves in a line: short, with units, and without samples."""

from __future__ import annotations

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets.model.measure import Measure
from emgwidgets.model.needle_analysis import DecompositionResult, MotorUnit
from emgwidgets.model.needle_rest import Naming, RestActivity
from emgwidgets.model.signal import Sweep


def unit(label: str, *, rate_hz: float | None = 8.0, doubts: tuple[str, ...] = ()) -> MotorUnit:
    return MotorUnit(
        label=label, times_s=np.arange(40) / 8, confidence=np.ones(40), waveform_uv=np.zeros(100), waveform_start_ms=-5.0,
        size_to_rms=4.0, distinctness=30.0, rate_hz=rate_hz, interval_cv=0.1, short_share=0.0, regular_share=1.0, doubts=doubts,
    )  # fmt: skip


def test_a_measure_says_value_unit_interval_and_method():
    whole = Measure(value=3.61, unit="ms", method="foot fitted", low=3.55, high=3.67)
    assert repr(whole) == "Measure(3.61 ms; 90 % interval 3.55 to 3.67; foot fitted)"
    assert repr(Measure(value=4.0, unit="m/s")) == "Measure(4 m/s)"


def test_units_and_decompositions_are_one_line():
    result = DecompositionResult(
        units=(unit("1"), unit("2")), rejected=(unit("3"),), residual_uv=np.zeros(50_000), sampling_rate_hz=10_000.0,
        start_s=0.0, rms_uv=20.0, explained_share=0.9, channel="TA",
    )  # fmt: skip
    assert (
        repr(result) == "DecompositionResult(2 units in 5.0 s of TA, 90 % of the energy explained, 1 rejected, 0 edits)"
    )
    assert repr(result.units[0]) == "MotorUnit(1, 40 discharges, 8.0/s, 4.0 x RMS)"
    assert (
        repr(unit("4", rate_hz=None, doubts=("gap",)))
        == "MotorUnit(4, 40 discharges, no rate, 4.0 x RMS, 1 to look at again)"
    )


def test_rest_waves_and_work_up_are_one_line():
    rest = RestActivity(
        sources=(), insertions=(), naming=Naming(code="electrical_silence", confidence=0.9), noise_uv=1.25, duration_s=10.0, limits=("short",)
    )  # fmt: skip
    assert (
        repr(rest) == "RestActivity(electrical silence, confidence 0.90; 0 sources in 10.0 s, noise 1.2 µV, 1 limits)"
    )
    times_ms = np.arange(0.0, 40.0, 0.05)
    sweep = Sweep(samples_uv=-6000 * np.exp(-0.5 * ((times_ms - 8) / 1.2) ** 2), sampling_rate_hz=20_000.0)
    wave = emg.ncs.measure_motor_response(sweep)
    assert repr(wave).startswith("MotorWave(onset_latency_ms=")
    assert "amplitude_mv=6" in repr(wave)
    assert wave.amplitude_mv.value == pytest.approx(6.0, rel=0.02)
    assert repr(emg.workup(emg.Case())).startswith("Workup(Case(0 NCS studies")


def test_the_package_guides_and_completes():
    named = {word.strip(",.") for line in (emg.__doc__ or "").splitlines() for word in line.split()}
    listed = set(dir(emg))
    assert {"read", "TraceViewer", "measure_folder", "NcsBench", "correlate", "save_case"} <= named & listed
    assert not [name for name in listed if name.startswith("_") and name != "__version__"]
    guide = emg.__doc__.split("\n\n")[2]
    for line in guide.splitlines():
        for word in line[14:].split("(")[0].split(","):
            assert word.strip().split(".")[0] in listed, word
