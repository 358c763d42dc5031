"""Measures at a reader's markers: they follow the markers, agree with the truth, and refuse an impossible order."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.analysis.ncs.by_hand import HandMarkers, measure_at_markers
from emgwidgets.analysis.ncs.motor import measure_motor_response
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Sweep
from emgwidgets.simulation.patient import VirtualPatient


def half_sine(height_uv: float = 8000.0, offset_uv: float = 0.0) -> Sweep:
    times = np.arange(0.0, 40.0, 0.05)
    wave = np.where((times >= 4.0) & (times <= 10.0), -height_uv * np.sin(np.pi * (times - 4.0) / 6.0), 0.0)
    noise = np.random.default_rng(3).normal(0, 2.0, len(times))
    return Sweep(samples_uv=wave + noise + offset_uv, sampling_rate_hz=20_000.0)


@pytest.mark.parametrize("offset_uv", [0.0, 400.0])
def test_a_known_shape_gives_its_height_length_and_area(offset_uv):
    found = measure_at_markers(half_sine(offset_uv=offset_uv), HandMarkers(onset_ms=4.0, peak_ms=7.0, end_ms=10.0))
    assert found.value("amplitude_mv") == pytest.approx(8.0, abs=0.02)
    assert found.value("negative_peak_duration_ms") == pytest.approx(6.0)
    assert found.value("area_mv_ms") == pytest.approx(8.0 * 6.0 * 2 / np.pi, rel=0.005)
    assert found["amplitude_mv"].method == "baseline_to_peak"
    assert all(marker.is_manual for marker in found["onset_latency_ms"].markers)


def test_moving_one_marker_moves_its_number_only():
    sweep = half_sine()
    before = measure_at_markers(sweep, HandMarkers(onset_ms=4.0, peak_ms=7.0, end_ms=10.0), onset_half_ms=0.1)
    after = measure_at_markers(sweep, HandMarkers(onset_ms=4.3, peak_ms=7.0, end_ms=10.0), onset_half_ms=0.1)
    assert after.value("onset_latency_ms") == pytest.approx(4.3)
    assert (after["onset_latency_ms"].low, after["onset_latency_ms"].high) == pytest.approx((4.2, 4.4))
    assert after.value("peak_latency_ms") == before.value("peak_latency_ms")
    assert after.value("amplitude_mv") == pytest.approx(before.value("amplitude_mv"), abs=0.02)
    assert after.value("area_mv_ms") < before.value("area_mv_ms")


def test_the_software_s_own_markers_give_its_own_amplitude():
    sweep = (
        VirtualPatient(seed=4)
        .motor_study(nerve="median", muscle="abductor_pollicis_brevis", side="right", site="wrist")
        .sweep
    )
    wave = measure_motor_response(sweep)
    start, peak, end = (marker.time_ms for marker in wave.markers[:3])
    found = measure_at_markers(sweep, HandMarkers(onset_ms=start, peak_ms=peak, end_ms=end))
    assert found.value("amplitude_mv") == pytest.approx(wave.amplitude_mv.value, rel=0.02)
    assert found.value("area_mv_ms") == pytest.approx(wave.area_mv_ms.value, rel=0.03)


def test_a_sensory_response_is_in_microvolts():
    found = measure_at_markers(half_sine(20.0), HandMarkers(onset_ms=4, peak_ms=7, end_ms=10), is_sensory=True)
    assert found.value("amplitude_uv") == pytest.approx(20.0, abs=5.0)
    assert found["area_uv_ms"].unit == "uV ms"


def test_impossible_markers_are_refused():
    with pytest.raises(InputError, match="not in order"):
        HandMarkers(onset_ms=5, peak_ms=4, end_ms=9)
    with pytest.raises(InputError, match="outside the sweep"):
        measure_at_markers(half_sine(), HandMarkers(onset_ms=4, peak_ms=7, end_ms=90))
