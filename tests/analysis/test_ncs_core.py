"""Nerve conduction core against the generator of the benchmarks, and its sentences for bad input."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.analysis import ncs
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.model.signal import Sweep

PATH = Path(__file__).resolve().parents[2] / "benchmarks" / "ncs_generator.py"
spec = importlib.util.spec_from_file_location("ncs_generator", PATH)
generator = importlib.util.module_from_spec(spec)
sys.modules["ncs_generator"] = generator
spec.loader.exec_module(generator)
make_sweep = generator.make_sweep


def ms(value, half=0.05):
    return Measure(value=value, unit="ms", method="negative peak", low=value - half, high=value + half)


def mv(value):
    return Measure(value=value, unit="mV", method="baseline_to_peak", low=0.98 * value, high=1.02 * value)


@pytest.mark.parametrize("shape", generator.SHAPES)
def test_motor_response_of_every_shape(shape):
    sweeps = [make_sweep(7000 + seed, shape=shape, snr_db=45) for seed in range(8)]
    for sweep, truth in sweeps:
        wave = ncs.measure_motor_response(sweep)
        assert wave.onset_latency_ms.value == pytest.approx(truth.onset_ms, abs=0.3)
        assert wave.amplitude_mv.value == pytest.approx(truth.baseline_to_peak_uv / 1000, rel=0.03)
        assert wave.area_mv_ms.value == pytest.approx(truth.negative_area_uv_ms / 1000, rel=0.03)
        assert wave.peak_to_peak_mv.value == pytest.approx(truth.peak_to_peak_uv / 1000, rel=0.04)
        assert ("initially_positive" in wave.flags) == (shape == "initially_positive")
        assert len(wave.onset_rules_ms) >= 4
        assert wave.measures["amplitude_mv"].method == "baseline_to_peak"


def test_motor_onset_error_at_high_ratio():
    errors = [
        ncs.measure_motor_response(sweep).onset_latency_ms.value - truth.onset_ms
        for sweep, truth in (make_sweep(7100 + seed, snr_db=40) for seed in range(25))
    ]
    assert np.mean(np.abs(errors)) < 0.05


def test_noise_alone_is_absent_with_its_reason():
    absent = [ncs.measure_motor_response(make_sweep(7200 + s, is_present=False)[0]) for s in range(20)]
    assert sum(isinstance(one, Absent) for one in absent) >= 19
    assert all("no negative peak above the noise" in one.reason for one in absent if isinstance(one, Absent))


@settings(max_examples=15, deadline=None)
@given(gain=st.floats(0.2, 5.0), offset_uv=st.floats(-500, 500))
def test_gain_scales_and_offset_does_not_matter(gain, offset_uv):
    sweep, _ = make_sweep(7300, snr_db=40)
    one = ncs.measure_motor_response(sweep)
    other = ncs.measure_motor_response(replace(sweep, samples_uv=gain * sweep.samples_uv + offset_uv))
    assert other.amplitude_mv.value == pytest.approx(gain * one.amplitude_mv.value, rel=1e-3)
    assert other.onset_latency_ms.value == pytest.approx(one.onset_latency_ms.value, abs=0.02)


@settings(max_examples=10, deadline=None)
@given(shift_ms=st.integers(-20, 80).map(lambda n: n / 20))
def test_shift_moves_every_time_and_no_size(shift_ms):
    sweep, _ = make_sweep(7300, snr_db=40, pre_ms=5.0, rate_hz=20_000.0, start_ms=5.0)
    one = ncs.measure_motor_response(sweep)
    quiet = replace(sweep, samples_uv=np.where(sweep.times_ms < 2.0, sweep.samples_uv[-40:].mean(), sweep.samples_uv))
    moved = ncs.measure_motor_response(replace(quiet, start_ms=sweep.start_ms + shift_ms))
    still = ncs.measure_motor_response(quiet)
    assert moved.onset_latency_ms.value == pytest.approx(still.onset_latency_ms.value + shift_ms, abs=0.06)
    assert moved.peak_latency_ms.value == pytest.approx(still.peak_latency_ms.value + shift_ms, abs=0.06)
    assert moved.amplitude_mv.value == pytest.approx(one.amplitude_mv.value, rel=0.01)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(7310, 7350))
def test_a_turned_wave_is_flagged_or_absent(seed):
    sweep, _ = make_sweep(seed, snr_db=40)
    turned = ncs.measure_motor_response(replace(sweep, samples_uv=-sweep.samples_uv))
    if not isinstance(turned, Absent):
        assert "mostly_positive" in turned.flags
    upright = ncs.measure_motor_response(sweep)
    assert "mostly_positive" not in upright.flags


def test_interval_holds_the_onset_about_as_often_as_it_says():
    pairs = [make_sweep(7600 + seed, shape=shape, snr_db=25) for seed in range(12) for shape in generator.SHAPES]
    held = [(wave := ncs.measure_motor_response(sweep)).onset_latency_ms.low <= truth.onset_ms <= wave.onset_latency_ms.high
            for sweep, truth in pairs]  # fmt: skip
    assert 0.75 <= np.mean(held) <= 1.0
    widths = [ncs.measure_motor_response(make_sweep(7600, snr_db=snr_db)[0]).onset_latency_ms for snr_db in (20, 45)]
    assert widths[0].high - widths[0].low > 1.5 * (widths[1].high - widths[1].low)


def test_artefact_that_reaches_the_onset_is_flagged():
    flagged = [("artefact_at_onset" in ncs.measure_motor_response(sweep).flags, truth.has_tail_at_onset)
               for sweep, truth in (make_sweep(7700 + seed, tail_share=0.5, tail_tau_ms=3.0) for seed in range(20))]  # fmt: skip
    assert all(flag for flag, is_there in flagged if is_there)
    clean = [ncs.measure_motor_response(make_sweep(7700 + seed)[0]).flags for seed in range(10)]
    assert not any("artefact_at_onset" in flags for flags in clean)


def test_sweeps_that_cannot_be_measured():
    sweep, _ = make_sweep(7301)
    with pytest.raises(InputError, match="too short"):
        ncs.measure_motor_response(replace(sweep, samples_uv=sweep.samples_uv[:10]))
    broken = sweep.samples_uv.copy()
    broken[5] = np.nan
    with pytest.raises(InputError, match="missing samples"):
        ncs.measure_motor_response(replace(sweep, samples_uv=broken))
    with pytest.raises(InputError, match="window of the response"):
        ncs.measure_motor_response(sweep, window_ms=(9.0, 3.0))
    with pytest.raises(InputError, match="ends before its stimulus"):
        ncs.measure_motor_response(replace(sweep, start_ms=-500.0))


def sensory_set(seed, n=12, snr_db=15):
    base, truth = make_sweep(seed, kind="sensory", snr_db=snr_db, pre_ms=2.0, rate_hz=25_000)
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        noise = generator.noise(len(truth.clean_uv), base.sampling_rate_hz, rng=rng, low_pass_hz=2500.0)
        made.append(replace(base, samples_uv=truth.clean_uv + truth.noise_uv * noise))
    return made, truth


def test_sensory_average_finds_peak_and_leaves_out_the_loud_sweep():
    sweeps, truth = sensory_set(7400)
    sweeps[4] = replace(sweeps[4], samples_uv=sweeps[4].samples_uv * 20)
    average = ncs.average_sweeps(sweeps)
    assert average.rejected == (4,)
    assert average.sweep.n_averaged == 11
    assert average.noise_uv == pytest.approx(truth.noise_uv / np.sqrt(11), rel=0.3)
    wave = ncs.measure_sensory_response(sweeps)
    assert wave.peak_latency_ms.value == pytest.approx(truth.peak_ms, abs=0.08)
    assert wave.amplitude_uv.value == pytest.approx(truth.baseline_to_peak_uv, rel=0.12)
    assert wave.peak_to_peak_uv.value > wave.amplitude_uv.value
    assert wave.measures["amplitude_uv"].unit == "uV"


def test_sweeps_that_cannot_be_averaged():
    sweeps, _ = sensory_set(7401, n=2)
    with pytest.raises(InputError, match="nothing to average"):
        ncs.average_sweeps([])
    with pytest.raises(InputError, match="cannot be averaged"):
        ncs.average_sweeps([sweeps[0], replace(sweeps[1], start_ms=-1.0)])


def test_velocity_carries_both_errors():
    fast = ncs.velocity(ms(3.0), ms(7.0), 200.0)
    assert fast.value == pytest.approx(50.0)
    assert fast.low < 50.0 < fast.high
    wider = ncs.velocity(ms(3.0, 0.2), ms(7.0, 0.2), 200.0)
    assert wider.high - wider.low > fast.high - fast.low
    short = ncs.velocity(ms(3.0), ms(3.8), 40.0)
    assert (short.high - short.low) / short.value > (fast.high - fast.low) / fast.value


def test_segment_errors_in_one_sentence():
    with pytest.raises(InputError, match="has no distance"):
        ncs.velocity(ms(3.0), ms(7.0), None)
    with pytest.raises(InputError, match="multiply by 10"):
        ncs.velocity(ms(3.0), ms(7.0), 8.0)
    with pytest.raises(InputError, match="sites are swapped"):
        ncs.velocity(ms(7.0), ms(3.0), 200.0)
    with pytest.raises(InputError, match="another unit"):
        ncs.velocity(mv(7.0), ms(3.0), 200.0)
    with pytest.raises(InputError, match="one unit and one convention"):
        ncs.drop_percent(mv(7.0), ms(3.0))
    with pytest.raises(InputError, match="no thumb difference"):
        ncs.combined_sensory_index({"palm": ms(0.1), "ring": ms(0.2)})
    with pytest.raises(InputError, match="comparison cannot be judged"):
        ncs.compare_latencies(ms(3.0), ms(2.8), median_distance_mm=140, other_distance_mm=110)


def test_segment_formulas():
    assert ncs.drop_percent(mv(10.0), mv(4.0)).value == pytest.approx(60.0)
    assert ncs.change_percent(ms(5.0), ms(6.5)).value == pytest.approx(30.0)
    speed = ncs.velocity(ms(3.5), ms(7.5), 200.0)
    assert ncs.residual_latency(ms(3.5), speed, 70.0).value == pytest.approx(3.5 - 70 / 50)
    assert ncs.terminal_latency_index(ms(3.5), speed, 70.0).value == pytest.approx(70 / (50 * 3.5))
    assert ncs.velocity_from_onset(ms(2.8), 140.0).value == pytest.approx(50.0)
    index = ncs.combined_sensory_index({"palm": ms(0.5), "ring": ms(0.6), "thumb": ms(0.7)})
    assert index.value == pytest.approx(1.8)
    assert index.high - index.value == pytest.approx(0.05 * np.sqrt(3))


def test_inching_shows_the_step():
    steps = ncs.inching([0, 10, 20, 30], [ms(4.0), ms(4.2), ms(5.2), ms(5.4)], [mv(9), mv(9), mv(5), mv(5)])
    assert max(steps, key=lambda step: step.latency_step_ms.value).start_mm == 10
    assert steps[1].amplitude_drop_percent.value == pytest.approx(100 * 4 / 9)
    with pytest.raises(InputError, match="must grow"):
        ncs.inching([0, 0], [ms(4.0), ms(4.2)])
    with pytest.raises(InputError, match="one latency for each"):
        ncs.inching([0], [ms(4.0)])


def train(factors, seed=7500):
    base, truth = make_sweep(seed, snr_db=50)
    noise = base.samples_uv - truth.clean_uv
    return [replace(base, samples_uv=factor * truth.clean_uv + noise) for factor in factors]


def test_decrement_and_increment():
    result = ncs.measure_repetitive_train(train([1, 0.86, 0.8, 0.78, 0.77, 0.78, 0.79, 0.8]))
    assert result.decrement_percent.value == pytest.approx(22.0, abs=0.5)
    assert result.area_decrement_percent.value == pytest.approx(22.0, abs=0.5)
    assert result.lowest_decrement_percent.value == pytest.approx(23.0, abs=0.5)
    assert result.validity == ()
    grown = ncs.measure_repetitive_train(train([1, 1.3, 1.6, 1.8, 2.0]))
    assert grown.increment_percent.value == pytest.approx(100.0, abs=1.0)


def test_irregular_train_is_doubted():
    result = ncs.measure_repetitive_train(train([1, 0.7, 1.0, 0.65, 1.05, 0.7, 1.0, 0.6]))
    assert any("not smooth" in reason for reason in result.validity)
    with pytest.raises(InputError, match="decrement cannot be judged"):
        ncs.measure_repetitive_train(train([1, 0.9]))


def test_clean_sensory_sweeps_of_the_virtual_patient_are_not_flagged():
    from emgwidgets import VirtualPatient

    flagged = []
    for seed in range(10, 18):
        patient = VirtualPatient(seed=seed)
        for response in ("median_d2", "ulnar_d5", "sural"):
            wave = ncs.measure_sensory_response(patient.sensory_study(response=response, side="right").sweep)
            flagged += [(seed, response)] if "artefact_at_onset" in wave.flags else []
    assert len(flagged) <= 1, flagged


@pytest.mark.parametrize(("first_uv", "second_uv"), [(8000.0, 3000.0), (3000.0, 8000.0), (5000.0, 5000.0)])
def test_duration_of_a_split_response_runs_to_the_last_negative_peak(first_uv, second_uv):
    times_ms = np.arange(-2.0, 50.0, 0.05)

    def bump(at_ms, size_uv):
        since = np.clip(times_ms - at_ms, 0, None) / 0.8
        return -size_uv * since**2 * np.exp(2 - since) / 4 * (3 - since)

    def measured(*parts):
        samples_uv = sum(bump(*part) for part in parts) + np.random.default_rng(0).normal(0, 5, len(times_ms))
        return ncs.measure_motor_response(Sweep(samples_uv=samples_uv, sampling_rate_hz=20_000.0, start_ms=-2.0))

    split, single = measured((4.0, first_uv), (14.0, second_uv)), measured((4.0, first_uv))
    assert split.onset_latency_ms.value == pytest.approx(4.0, abs=0.1)
    assert split.negative_peak_duration_ms.value == pytest.approx(10.0 + 2.4, abs=0.2)
    assert split.negative_peak_duration_ms.method == "onset to the return of the last negative peak"
    assert single.negative_peak_duration_ms.value == pytest.approx(2.4, abs=0.1)
    assert split.area_mv_ms.value > single.area_mv_ms.value * (1 + 0.8 * second_uv / first_uv)
