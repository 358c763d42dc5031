"""The triggered raster, an average marked by hand, and the units of a muscle together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgwidgets.analysis.needle import (
    handles_of,
    measure_muap,
    remark_muap,
    suggest_level,
    summarise_muaps,
    trigger_unit,
)
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Conditions, Measure
from emgwidgets.model.needle_analysis import Muap
from emgwidgets.model.needle_triggered import TriggeredUnit
from emgwidgets.model.signal import Trace

RATE_HZ = 25_000.0


def potential(amplitude_uv: float, *, width_ms: float = 0.5, late_uv: float = 0.0) -> np.ndarray:
    """Sharp negative peak at 20 ms of 60 ms with positive phases; a late part 8 ms behind."""
    time_ms = np.arange(round(0.060 * RATE_HZ)) / RATE_HZ * 1000 - 20.0
    wave = -amplitude_uv * np.exp(-((time_ms / width_ms) ** 2))
    wave += 0.4 * amplitude_uv * np.exp(-(((time_ms + 2.2 * width_ms) / width_ms) ** 2))
    wave += 0.3 * amplitude_uv * np.exp(-(((time_ms - 2.5 * width_ms) / (1.5 * width_ms)) ** 2))
    return wave - late_uv * np.exp(-(((time_ms - 8.0) / 0.5) ** 2))


def trace_of(waves: list[tuple[np.ndarray, list[float]]], *, duration_s: float = 4.0, noise_uv: float = 3.0) -> Trace:
    samples = noise_uv * np.random.default_rng(5).standard_normal(round(duration_s * RATE_HZ))
    for wave, times in waves:
        for time in times:
            at = round((time - 0.020) * RATE_HZ)
            samples[at : at + len(wave)] += wave
    return Trace(samples_uv=samples, sampling_rate_hz=RATE_HZ, start_s=10.0)


def steady(rate_hz: float, *, first_s: float = 0.2, last_s: float = 3.7) -> list[float]:
    return np.arange(first_s, last_s, 1 / rate_hz).tolist()


def test_every_discharge_of_a_lone_unit_is_accepted_at_its_peak():
    times = steady(9.0)
    found = trigger_unit(trace_of([(potential(400.0), times)]), level_uv=150.0)
    assert found.states == ("accepted",) * len(times)
    assert found.times_s == pytest.approx(10.0 + np.array(times), abs=0.0002)
    assert found.start_ms == -15.0
    assert found.sweeps_uv.shape == (len(times), round(0.050 * RATE_HZ))
    assert np.abs(found.sweeps_uv[:, round(0.015 * RATE_HZ)] + 400.0).max() < 25.0


def test_another_unit_across_the_level_is_told_apart_and_may_be_meant_instead():
    large, small = steady(8.0), steady(11.0, first_s=0.26)
    trace = trace_of([(potential(900.0), large), (potential(500.0, width_ms=0.9), small)])
    found = trigger_unit(trace, level_uv=200.0, like_s=10.0 + large[3])
    assert found.count("other_unit") >= 0.8 * len(small)
    of_small = np.array([np.abs(10.0 + np.array(small) - t).min() < 0.002 for t in found.times_s])
    assert all(state in ("other_unit", "overlap") for state, mine in zip(found.states, of_small, strict=True) if mine)
    other = trigger_unit(trace, level_uv=200.0, like_s=10.0 + small[5])
    assert other.count("accepted") > 0.6 * len(small)
    assert len(other.averaged) == other.count("accepted")


def test_a_discharge_with_another_close_by_is_left_out():
    times = steady(7.0)
    intruder = [times[4] + 0.004, times[9] + 0.003]
    found = trigger_unit(
        trace_of([(potential(600.0), times), (potential(350.0, width_ms=0.8), intruder)]), level_uv=300.0
    )
    overlaps = [t for t, state in zip(found.times_s, found.states, strict=True) if state == "overlap"]
    assert overlaps == pytest.approx([10.0 + times[4], 10.0 + times[9]], abs=0.001)


def test_a_late_part_that_fails_is_seen_and_kept_in_the_count():
    times = steady(9.0)
    whole = [t for i, t in enumerate(times) if i not in (5, 12)]
    failing = [times[5], times[12]]
    trace = trace_of([(potential(600.0, late_uv=400.0), whole), (potential(600.0), failing)])
    found = trigger_unit(trace, level_uv=450.0)
    missing = [t for t, state in zip(found.times_s, found.states, strict=True) if state == "late_part_missing"]
    assert missing == pytest.approx(10.0 + np.array(failing), abs=0.001)
    assert len(found.averaged) == len(times)


def test_a_reader_leaves_out_and_takes_in():
    times = steady(9.0)
    trace = trace_of([(potential(400.0), times)])
    found = trigger_unit(trace, level_uv=150.0, left_out_s=[10.0 + times[2]])
    assert found.states[2] == "left_out"
    assert len(found.averaged) == len(times) - 1
    assert len(found.train_s) == len(times)
    again = trigger_unit(trace, level_uv=150.0, left_out_s=[10.0 + times[2]], kept_s=[])
    assert again.count("left_out") == 1


def test_a_positive_deflection_is_triggered_by_a_level_below_zero():
    times = steady(9.0)
    found = trigger_unit(trace_of([(-potential(400.0), times)]), level_uv=-200.0)
    assert found.times_s == pytest.approx(10.0 + np.array(times), abs=0.0002)
    with pytest.raises(InputError, match="nothing crosses the trigger"):
        trigger_unit(trace_of([(-potential(400.0), times)]), level_uv=300.0)


def test_the_suggested_level_lies_halfway_up_the_usual_peak():
    assert suggest_level(trace_of([(potential(400.0), steady(9.0))])) == pytest.approx(200.0, rel=0.05)


@pytest.mark.parametrize("level", [0.0, float("nan")])
def test_a_trigger_needs_a_level(level):
    with pytest.raises(InputError, match="the trigger needs a level"):
        trigger_unit(trace_of([]), level_uv=level)


def test_short_stretches_and_unequal_parts_are_refused():
    with pytest.raises(InputError, match="too short for a trigger"):
        suggest_level(Trace(samples_uv=np.zeros(100), sampling_rate_hz=RATE_HZ))
    with pytest.raises(InputError, match="each discharge needs its time"):
        TriggeredUnit(
            times_s=np.zeros(2), sweeps_uv=np.zeros((1, 5)), sampling_rate_hz=1.0, start_ms=0.0, states=("accepted",),
            level_uv=1.0,
        )  # fmt: skip


# marks by hand --------------------------------------------------------------------------------------------------


def muap_of(amplitude_uv: float = 500.0, *, width_ms: float = 0.5) -> Muap:
    times = steady(9.0)
    found = trigger_unit(trace_of([(potential(amplitude_uv, width_ms=width_ms), times)]), level_uv=0.4 * amplitude_uv)
    return measure_muap(found.averaged, sampling_rate_hz=RATE_HZ, start_ms=found.start_ms, times_s=found.train_s)


def test_marks_that_are_not_moved_change_nothing_of_the_rules():
    before = muap_of()
    after = remark_muap(before, {})
    for name in ("amplitude_uv", "duration_ms", "n_phases", "n_turns", "area_uv_ms", "rise_time_ms"):
        assert getattr(after, name).value == pytest.approx(getattr(before, name).value, rel=0.02), name


def test_the_end_moved_by_hand_moves_the_duration_and_keeps_the_spread_of_the_rules():
    before = muap_of()
    end = handles_of(before)["end"]
    after = remark_muap(before, {"end": end + 3.0})
    assert after.duration_ms.value == pytest.approx(before.duration_ms.value + 3.0, abs=1e-9)
    assert after.duration_ms.method == "by hand"
    assert after.duration_ms.low == min(mark.duration_ms for mark in after.durations)
    assert after.durations[0].method == "by hand"
    assert [mark.method for mark in after.durations][1:] == [mark.method for mark in before.durations]
    twice = remark_muap(after, {"end": end})
    assert sum(mark.method == "by hand" for mark in twice.durations) == 1
    assert handles_of(twice)["end"] == end


def test_the_peaks_moved_by_hand_carry_the_amplitude():
    before = muap_of()
    after = remark_muap(before, {"negative_peak": 3.0})
    at = round((3.0 - before.start_ms) / 1000 * RATE_HZ)
    positive = round((handles_of(before)["positive_peak"] - before.start_ms) / 1000 * RATE_HZ)
    assert after.amplitude_uv.value == pytest.approx(abs(before.waveform_uv[positive] - before.waveform_uv[at]))
    assert after.amplitude_uv.markers[2].is_manual


@pytest.mark.parametrize(
    ("handles", "sentence"),
    [({"middle": 1.0}, "no such handle"), ({"end": 90.0}, "cannot stand there"), ({"onset": 9.0, "end": 2.0}, "cannot stand there")],
)  # fmt: skip
def test_marks_that_cannot_stand_are_refused(handles, sentence):
    with pytest.raises(InputError, match=sentence):
        remark_muap(muap_of(), handles)


def test_means_over_the_units_carry_their_interval_and_say_what_so_few_cannot():
    muaps = [muap_of(size) for size in (300.0, 500.0, 700.0)]
    found = summarise_muaps(muaps, n_sites=2)
    mean = found.get("amplitude_uv")
    assert isinstance(mean, Measure)
    assert mean.value == pytest.approx(np.mean([one.amplitude_uv.value for one in muaps]))
    assert mean.low < mean.value < mean.high
    assert found.get("polyphasia_percent").value == 0.0
    assert found.get("n_units").value == 3.0
    assert found.limits == ("3 of 20 units: the mean is uncertain, and the outlier rule is for 20.",)
    assert found.get("jiggle") is None
    assert "not looked at" in found.get("n_units").method
    assert summarise_muaps(muaps, is_accepted=True).get("n_units").method == "accepted by the reader"
    with pytest.raises(InputError, match="there is no unit to summarise"):
        summarise_muaps([])


def test_means_over_mixed_electrodes_are_warned_of():
    one, other = muap_of(300.0), muap_of(500.0)
    kinds = ("concentric needle", "monopolar needle")
    mixed = [
        replace(muap, amplitude_uv=replace(muap.amplitude_uv, conditions=Conditions(electrode=kind)))
        for muap, kind in zip((one, other), kinds, strict=True)
    ]
    assert any("concentric and monopolar" in said for said in summarise_muaps(mixed).limits)
    assert not any("mixed" in said for said in summarise_muaps(mixed[:1]).limits)
