"""F and A waves, H reflex and blink reflex against the virtual patient and plain signals with known times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgwidgets import VirtualPatient
from emgwidgets.analysis import ncs
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.model.signal import Stimulus, Sweep

RATE = 20_000.0


def bump(times_ms, at_ms, width_ms, size_uv):
    since = np.clip(times_ms - at_ms, 0, None) / width_ms
    return -size_uv * since**2 * np.exp(2 - since) / 4 * (3 - since)


def f_set(latencies_ms, *, sizes_uv=None, a_wave_ms=None, m_uv=8000.0, noise_uv=2.0, seed=0, length_ms=60.0):
    rng = np.random.default_rng(seed)
    times_ms = np.arange(-2.0, length_ms, 1000 / RATE)
    made = []
    for number, latency in enumerate(latencies_ms):
        wave = bump(times_ms, 3.5, 0.8, m_uv) + rng.normal(0, noise_uv, len(times_ms))
        if latency is not None:
            size = 150.0 if sizes_uv is None else sizes_uv[number]
            wave += bump(times_ms, latency, rng.uniform(0.7, 1.2), size * rng.uniform(0.8, 1.2))
        if a_wave_ms is not None:
            wave += bump(times_ms, a_wave_ms, 0.8, 120.0)
        made.append(Sweep(samples_uv=wave, sampling_rate_hz=RATE, start_ms=-2.0))
    return made


def test_f_set_of_known_latencies():
    truth = [26.0, None, 28.5, 27.0, 30.0, None, 26.5, 29.0, 27.5, 28.0]
    result = ncs.measure_f_waves(f_set(truth))
    found = [None if isinstance(wave, Absent) else wave.latency_ms.value for wave in result.waves]
    assert [one is None for one in found] == [one is None for one in truth]
    errors = [abs(a - b) for a, b in zip(found, truth, strict=True) if b is not None]
    assert max(errors) < 0.4
    assert result.min_latency_ms.value == pytest.approx(26.0, abs=0.4)
    assert result.chronodispersion_ms.value == pytest.approx(4.0, abs=0.6)
    assert result.persistence_percent.value == 80.0
    assert result.persistence_percent.low < 80.0 < result.persistence_percent.high
    assert not result.a_waves
    assert any("50 to 60" in note for note in result.notes)
    assert result.measures.value("f_persistence") == 80.0


def test_wave_of_constant_latency_is_an_a_wave_and_no_f_wave():
    result = ncs.measure_f_waves(f_set([None] * 10, a_wave_ms=19.0))
    assert len(result.a_waves) == 1
    assert result.a_waves[0].latency_ms.value == pytest.approx(19.0, abs=0.6)
    assert result.persistence_percent.value == 0.0
    assert isinstance(result.min_latency_ms, Absent)
    both = ncs.measure_f_waves(f_set([26, 29, None, 27.5, 28, 30, 26.7, 31, 27, 29.5], a_wave_ms=19.0, seed=3))
    assert len(both.a_waves) == 1
    assert both.persistence_percent.value == 90.0
    assert both.min_latency_ms.value == pytest.approx(26.0, abs=0.8)


def test_an_a_wave_with_f_waves_upon_it_is_no_f_wave():
    truth = [26.0, None, 24.0, None, 25.0, None, None, 27.0, None, 26.5, None, None]
    result = ncs.measure_f_waves(f_set(truth, a_wave_ms=24.5, seed=5))
    assert [round(wave.latency_ms.value - 24.5) for wave in result.a_waves] == [0]
    found = [not isinstance(wave, Absent) for wave in result.waves]
    assert not any(is_found for is_found, one in zip(found, truth, strict=True) if one is None)
    assert sum(found) >= 4


@pytest.mark.parametrize(
    ("severity", "seed", "nerve", "muscle"),
    [
        ("mild", 402, "median", "abductor_pollicis_brevis"),
        ("mild", 403, "median", "abductor_pollicis_brevis"),
        ("mild", 402, "ulnar", "abductor_digiti_minimi"),
        ("moderate", 400, "median", "abductor_pollicis_brevis"),
        ("moderate", 401, "median", "abductor_pollicis_brevis"),
    ],
)
def test_a_waves_of_a_demyelinated_nerve_are_not_counted_as_f_waves(severity, seed, nerve, muscle):
    patient = VirtualPatient.with_condition("demyelinating_polyneuropathy", severity=severity, seed=seed)
    truth = patient.f_waves(nerve=nerve, muscle=muscle, side="right", n_stimuli=20)
    result = ncs.measure_f_waves([one.simulated.sweep for one in truth])
    false = [n for n, (wave, one) in enumerate(zip(result.waves, truth, strict=True))
             if not isinstance(wave, Absent) and not one.units]  # fmt: skip
    assert result.a_waves
    assert len(false) <= 1


def test_f_waves_of_the_virtual_patient():
    hits = errors = 0
    missed = false = 0
    for seed in (900, 901):
        patient = VirtualPatient(seed=seed)
        truth = patient.f_waves(nerve="ulnar", muscle="abductor_digiti_minimi", side="right", n_stimuli=20)
        result = ncs.measure_f_waves([one.simulated.sweep for one in truth])
        for wave, one in zip(result.waves, truth, strict=True):
            if isinstance(wave, Absent):
                missed += bool(one.units) and one.amplitude_uv >= 20
            elif one.units:
                hits += 1
                errors += abs(wave.latency_ms.value - one.onset_ms)
            else:
                false += 1
    assert hits > 20
    assert missed + false <= 1
    assert errors / hits < 0.3


def test_f_waves_that_cannot_be_measured():
    flat = [replace(one, samples_uv=np.random.default_rng(i).normal(0, 2, len(one.samples_uv)))
            for i, one in enumerate(f_set([None] * 4))]  # fmt: skip
    absent = ncs.measure_f_waves(flat)
    assert isinstance(absent, Absent)
    assert "no M wave" in absent.reason
    with pytest.raises(InputError, match="leaves no room for a late response"):
        ncs.measure_f_waves(f_set([None] * 3, length_ms=19.0))
    with pytest.raises(InputError, match="nothing to average"):
        ncs.measure_f_waves([])


def ms(value):
    return Measure(value=value, unit="ms", method="onset", low=value - 0.1, high=value + 0.1)


def test_f_formulas():
    speed = Measure(value=50.0, unit="m/s", method="typed", low=48.0, high=52.0)
    estimate = ncs.f_estimate(ms(3.5), speed, 600.0)
    assert estimate.value == pytest.approx(2 * 600 / 50 + 1 + 3.5)
    assert estimate.low < estimate.value < estimate.high
    assert ncs.f_ratio(ms(26.0), ms(8.0)).value == pytest.approx((26 - 8 - 1) / 16)
    assert ncs.f_wave_velocity(ms(26.0), ms(3.5), 620.0).value == pytest.approx(2 * 620 / 21.5)
    with pytest.raises(InputError, match="F and M are swapped"):
        ncs.f_ratio(ms(3.5), ms(26.0))
    with pytest.raises(InputError, match="multiply by 10"):
        ncs.f_wave_velocity(ms(26.0), ms(3.5), 6.0)


def test_h_reflex_recruits_and_falls():
    times_ms = np.arange(-2.0, 60.0, 1000 / RATE)
    rng = np.random.default_rng(1)
    m_uv = [0, 0, 500, 2000, 6000, 9000, 10_000]
    h_uv = [0, 800, 2500, 3000, 1500, 400, 0]
    sweeps = [Sweep(samples_uv=bump(times_ms, 6, 1.5, m) + bump(times_ms, 30, 1.5, h) + rng.normal(0, 5, len(times_ms)),
                    sampling_rate_hz=RATE, start_ms=-2.0, stimulus=Stimulus(time_s=0.0, current_ma=4.0 + i))
              for i, (m, h) in enumerate(zip(m_uv, h_uv, strict=True))]  # fmt: skip
    result = ncs.measure_h_reflex(sweeps)
    sizes = [point.h_amplitude_mv for point in result.curve]
    assert int(np.argmax(sizes)) == 3
    assert sizes[0] == 0.0
    assert sizes[-1] < 0.1 * max(sizes)
    assert result.latency_ms.value == pytest.approx(30.0, abs=0.4)
    assert result.h_m_ratio.value == pytest.approx(0.3, abs=0.04)
    assert result.notes == ()
    assert [point.current_ma for point in result.curve][:2] == [4.0, 5.0]
    growing = [Sweep(samples_uv=bump(times_ms, 6, 1.5, m) + bump(times_ms, 30, 1.5, 400) + rng.normal(0, 5, len(times_ms)),
                     sampling_rate_hz=RATE, start_ms=-2.0) for m in (2000, 5000, 9000, 9500, 10_000)]  # fmt: skip
    assert any("F wave" in note for note in ncs.measure_h_reflex(growing).notes)
    assert isinstance(ncs.measure_h_reflex(sweeps[:1]), Absent)
    with pytest.raises(InputError, match="ends before the H reflex"):
        ncs.measure_h_reflex([replace(sweeps[0], samples_uv=sweeps[0].samples_uv[:300])])


@pytest.mark.recordings
def test_h_reflex_of_a_real_recruitment_series(recordings):
    from emgwidgets.io.registry import read

    sweeps = read(recordings / "evoked-mwave-csv" / "Example_Data_2.csv").sweeps
    result = ncs.measure_h_reflex(sweeps, h_window_ms=(4.0, 6.8), m_window_ms=(0.8, 3.8))
    sizes = np.array([point.h_amplitude_mv for point in result.curve])
    direct = np.array([point.m_amplitude_mv for point in result.curve])
    assert direct[-10:].mean() > 5 * direct[:10].mean()
    assert sizes[60:].mean() < 0.3 * sizes.max()  # H falls as M grows
    assert result.notes == ()


def blink(first_ms, second_ms, seed):
    rng = np.random.default_rng(seed)
    times_ms = np.arange(-10.0, 90.0, 0.1)
    made = []
    for _ in range(6):
        wave = rng.normal(0, 3, len(times_ms))
        if first_ms is not None:
            inside = (times_ms > first_ms) & (times_ms < first_ms + 5)
            wave[inside] += 200 * np.sin(2 * np.pi * 0.3 * (times_ms[inside] - first_ms))
        inside = (times_ms > second_ms) & (times_ms < second_ms + 25)
        wave[inside] += rng.normal(0, 90, int(inside.sum()))
        made.append(Sweep(samples_uv=wave, sampling_rate_hz=10_000.0, start_ms=-10.0))
    return made


def test_blink_reflex_of_known_latencies():
    result = ncs.measure_blink_reflex(blink(10.5, 31.0, 1), blink(None, 33.0, 2))
    assert result.r1_latency_ms.value == pytest.approx(10.5, abs=0.8)
    assert result.r2_ipsilateral_latency_ms.value == pytest.approx(31.0, abs=1.5)
    assert result.r2_contralateral_latency_ms.value == pytest.approx(33.0, abs=1.5)
    one_sided = ncs.measure_blink_reflex(blink(None, 31.0, 3))
    assert isinstance(one_sided.r1_latency_ms, Absent)
    assert "not recorded" in one_sided.r2_contralateral_latency_ms.reason
    with pytest.raises(InputError, match="blink reflex cannot be judged"):
        ncs.measure_blink_reflex([])


@pytest.mark.parametrize("seed", [6, 17, 19])
def test_tail_of_m_is_neither_f_nor_a_wave(seed):
    patient = VirtualPatient(seed=seed)
    for nerve, muscle in (("ulnar", "abductor_digiti_minimi"), ("tibial", "abductor_hallucis")):
        truth = patient.f_waves(nerve=nerve, muscle=muscle, side="right", n_stimuli=20)
        result = ncs.measure_f_waves([one.simulated.sweep for one in truth])
        first_ms = min(one.onset_ms for one in truth if one.units)
        assert result.min_latency_ms.value == pytest.approx(first_ms, abs=1.0)
        assert result.a_waves == ()
        assert not [
            one for one, wave in zip(truth, result.waves, strict=True) if not one.units and not isinstance(wave, Absent)
        ]


def test_a_wave_of_a_demyelinated_nerve():
    from emgwidgets.simulation.conditions import condition

    made = condition("guillain_barre_demyelinating", side="right")
    patient = VirtualPatient(seed=1, lesions=made.lesions, day=made.day)
    truth = patient.f_waves(nerve="tibial", muscle="abductor_hallucis", side="right", n_stimuli=20)
    result = ncs.measure_f_waves([one.simulated.sweep for one in truth])
    (found,) = result.a_waves
    assert found.latency_ms.value == pytest.approx(truth[0].a_wave_arrivals_ms[0], abs=0.5)
    assert found.amplitude_uv.value == pytest.approx(np.ptp(truth[0].a_wave_uv), rel=0.1)


def test_a_long_tail_of_m_is_no_f_wave_where_half_the_sweeps_hold_none():
    patient = VirtualPatient.with_condition(
        "ulnar_neuropathy_at_elbow",
        side="right",
        severity="moderate",
        seed=7,
        age_years=52,
        height_cm=168,
        sex="female",
    )
    made = patient.f_waves(
        nerve="ulnar", muscle="abductor_digiti_minimi_hand", side="right", site="wrist", n_stimuli=20
    )
    found = ncs.measure_f_waves([one.simulated.sweep for one in made])
    assert not isinstance(found, Absent)
    false = [k for k, one in enumerate(made) if one.onset_ms is None and not isinstance(found.waves[k], Absent)]
    assert false == []
    true_ms = min(one.onset_ms for one in made if one.onset_ms is not None)
    assert found.min_latency_ms.value == pytest.approx(true_ms, abs=0.3)
