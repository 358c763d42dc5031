"""Measures of a potential: definitions on typed waves, properties, and what few or noisy discharges cannot support."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from needle_signals import RATE_HZ, three_units

from emgwidgets.analysis.needle import decompose, match_units, measure_muap, measure_muaps
from emgwidgets.analysis.needle._counts import count_phases
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Measure

N_BEFORE = 250
TIME_MS = np.arange(750) / RATE_HZ * 1000 - 10.0


def triangle(points: list[tuple[float, float]]) -> np.ndarray:
    """A wave through points (ms, uV), zero outside."""
    times, values = zip(*points, strict=True)
    return np.interp(TIME_MS, times, values, left=0.0, right=0.0)


def discharges(wave: np.ndarray, n: int = 60, noise_uv: float = 1.0, seed: int = 0) -> np.ndarray:
    return wave + noise_uv * np.random.default_rng(seed).standard_normal((n, len(wave)))


SPIKE = triangle([(-1.0, 0.0), (-0.5, 200.0), (0.0, -600.0), (0.6, 150.0), (3.0, 0.0)])


def test_amplitude_is_peak_to_peak_of_the_known_wave() -> None:
    found = measure_muap(discharges(SPIKE), sampling_rate_hz=RATE_HZ, start_ms=-10.0)
    assert found.amplitude_uv.value == pytest.approx(800.0, rel=0.03)


def test_duration_by_threshold_and_the_spread_of_methods() -> None:
    found = measure_muap(discharges(SPIKE, noise_uv=0.5), sampling_rate_hz=RATE_HZ, start_ms=-10.0)
    assert len(found.durations) == 3
    onset, end = -1.0 + 0.5 * 20 / 200, 3.0 - 2.4 * 20 / 150
    assert found.duration_ms.value == pytest.approx(end - onset, abs=0.15)
    lengths = [one.duration_ms for one in found.durations]
    assert (found.duration_ms.low, found.duration_ms.high) == (min(lengths), max(lengths))


def test_rise_phases_and_turns_of_the_known_wave() -> None:
    found = measure_muap(discharges(SPIKE, noise_uv=0.5), sampling_rate_hz=RATE_HZ, start_ms=-10.0)
    assert found.rise_time_ms.value == pytest.approx(0.5, abs=0.05)
    assert found.n_phases.value == 3
    assert found.n_turns.value == 3
    assert found.is_polyphasic is False
    assert found.spike_duration_ms.value == pytest.approx(1.1, abs=0.1)


def test_area_thickness_and_size_index_agree_with_their_definitions() -> None:
    found = measure_muap(discharges(SPIKE, noise_uv=0.2), sampling_rate_hz=RATE_HZ, start_ms=-10.0)
    area = np.abs(SPIKE)[np.abs(SPIKE) > 20].sum() / RATE_HZ * 1000
    assert found.area_uv_ms.value == pytest.approx(area, rel=0.05)
    assert found.thickness_ms.value == pytest.approx(found.area_uv_ms.value / found.amplitude_uv.value)
    expected = 2 * np.log10(found.amplitude_uv.value / 1000) + found.thickness_ms.value
    assert found.size_index.value == pytest.approx(expected)


def test_a_late_component_is_a_satellite_and_not_duration() -> None:
    wave = SPIKE + triangle([(9.0, 0.0), (9.5, 60.0), (10.0, -60.0), (10.5, 0.0)])
    found = measure_muap(discharges(wave), sampling_rate_hz=RATE_HZ, start_ms=-10.0)
    assert found.n_satellites.value == 1
    assert found.satellites_ms[0][0] == pytest.approx(9.2, abs=0.3)
    assert found.duration_ms.value < 5.0


def test_jiggle_rises_with_change_of_shape_and_not_with_noise() -> None:
    rng = np.random.default_rng(1)
    still = measure_muap(discharges(SPIKE, noise_uv=10.0), sampling_rate_hz=RATE_HZ, start_ms=-10.0)
    late = [np.roll(SPIKE, int(shift)) for shift in rng.integers(-2, 3, 60)]
    moving = measure_muap(
        np.array(late) + 10 * rng.standard_normal((60, 750)), sampling_rate_hz=RATE_HZ, start_ms=-10.0
    )
    assert still.jiggle.value < 0.05
    assert moving.jiggle.value > 3 * still.jiggle.value
    assert moving.shape_correlation.value < still.shape_correlation.value


def test_fewer_than_twenty_discharges_give_no_jiggle_and_a_note() -> None:
    found = measure_muap(discharges(SPIKE, n=12), sampling_rate_hz=RATE_HZ, start_ms=-10.0)
    assert isinstance(found.jiggle, Absent)
    assert "12 discharges" in found.jiggle.reason
    assert any("fewer than 20" in one for one in found.notes)


def test_a_low_rate_limits_what_is_said() -> None:
    found = measure_muap(discharges(SPIKE), sampling_rate_hz=12000.0, start_ms=-20.8)
    assert any("rise time, turns" in one for one in found.notes)


def test_nothing_beyond_the_threshold_is_absent_not_zero() -> None:
    found = measure_muap(discharges(0.01 * SPIKE, noise_uv=0.1), sampling_rate_hz=RATE_HZ, start_ms=-10.0)
    assert isinstance(found.duration_ms, Absent)
    assert "20 uV" in found.duration_ms.reason
    assert isinstance(found.n_turns, Absent)


def test_no_discharges_are_refused() -> None:
    with pytest.raises(InputError, match="a potential needs its discharges"):
        measure_muap(np.zeros((0, 750)), sampling_rate_hz=RATE_HZ, start_ms=-10.0)


def test_firing_rate_leaves_out_pauses_and_doublets() -> None:
    times = np.concatenate([np.arange(20) * 0.1, 3.0 + np.arange(20) * 0.1, [3.005]])
    found = measure_muap(discharges(SPIKE, n=41), sampling_rate_hz=RATE_HZ, start_ms=-10.0, times_s=np.sort(times))
    assert found.firing_rate_hz.value == pytest.approx(10.0, rel=0.02)


@settings(max_examples=20, deadline=None)
@given(st.floats(1.0, 8.0))
def test_scale_multiplies_sizes_and_keeps_times(factor: float) -> None:
    one = measure_muap(discharges(SPIKE, n=30, noise_uv=0.0), sampling_rate_hz=RATE_HZ, start_ms=-10.0)
    other = measure_muap(factor * discharges(SPIKE, n=30, noise_uv=0.0), sampling_rate_hz=RATE_HZ, start_ms=-10.0)
    assert other.amplitude_uv.value == pytest.approx(factor * one.amplitude_uv.value)
    assert other.rise_time_ms.value == pytest.approx(one.rise_time_ms.value)
    assert other.duration_ms.value >= one.duration_ms.value  # a fixed threshold: the larger potential is longer


def test_turns_of_a_potential_need_fifty_microvolts_on_both_sides() -> None:
    step = triangle([(-1.0, 0.0), (-0.52, 200.0), (-0.28, 160.0), (-0.08, 190.0), (0.4, -600.0), (1.5, 0.0)])
    larger = triangle([(-1.0, 0.0), (-0.52, 200.0), (-0.28, 130.0), (-0.08, 190.0), (0.4, -600.0), (1.5, 0.0)])
    for wave, n in ((step, 2), (larger, 4)):
        found = measure_muap(discharges(wave, noise_uv=0.2), sampling_rate_hz=RATE_HZ, start_ms=-10.0)
        assert found.n_turns.value == n


def test_phases_by_definition() -> None:
    assert count_phases(np.array([0.0, 30.0, -30.0, 15.0, -30.0, 25.0])) == 3  # 15 uV is no excursion
    assert count_phases(np.zeros(4)) == 0


def test_potentials_of_a_decomposition_have_the_typed_sizes() -> None:
    trace, trains, waves = three_units(seed=3)
    result = decompose(trace)
    muaps = measure_muaps(result, settings=trace.settings)
    for match in match_units([one.times_s for one in result.units], trains):
        muap = muaps[match.found]
        assert isinstance(muap.amplitude_uv, Measure)
        assert muap.amplitude_uv.value == pytest.approx(np.ptp(waves[match.reference]), rel=0.02)
        assert muap.amplitude_uv.conditions.electrode == "concentric needle"
        assert muap.measures.value("n_phases") == 3
