"""Quality flags on injected truth: what was put in is found at its place and size, and clean signals stay clean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.analysis.signal.overflow import find_wraps, unwrap
from emgwidgets.analysis.signal.quality import all_flags, check_quality
from emgwidgets.analysis.signal.quality_purposes import PURPOSES
from emgwidgets.analysis.signal.repair import repair
from emgwidgets.errors import InputError
from emgwidgets.io.registry import read, write
from emgwidgets.model.signal import ArraySamples, Channel, QualityFlag, Recording, RecordingSettings, Segment, Sweep

RATE_HZ = 25_000.0


def clean_emg(
    seed: int = 0, *, duration_s: float = 12.0, rate_hz: float = RATE_HZ, size_uv: float = 400.0
) -> np.ndarray:
    """Noise of an amplifier and three motor units that fire with a natural spread."""
    rng = np.random.default_rng(seed)
    n = int(duration_s * rate_hz)
    signal = rng.normal(0, 3.0, n)
    time_ms = np.arange(-6, 6, 1000 / rate_hz)
    for unit in range(3):
        width_ms = rng.uniform(0.4, 1.0)
        shape = -np.diff(np.exp(-((time_ms / width_ms) ** 2)), 2, append=[0, 0])
        shape *= size_uv / np.abs(shape).max() / (unit + 1)
        interval_s = 1 / rng.uniform(6, 14)
        for at_s in np.cumsum(rng.normal(interval_s, 0.12 * interval_s, int(duration_s / interval_s) + 2)):
            start = int(at_s * rate_hz)
            if 0 < start < n - len(shape):
                signal[start : start + len(shape)] += shape
    return signal


def recording_of(samples, *, rate_hz: float = RATE_HZ, gain: float = 1.0, unit: str = "uV", **more) -> Recording:
    source = ArraySamples(stored=np.asarray(samples), gain=gain)
    channel = Channel(
        name="TA", unit=unit, sampling_rate_hz=rate_hz, samples=source, kind=more.pop("kind", "needle_emg"), **more
    )
    return Recording(channels=(channel,))


def found(recording: Recording, kind: str, **options) -> list[QualityFlag]:
    return [flag for flag in check_quality(recording, **options) if flag.kind == kind]


@given(seed=st.integers(0, 10_000), as_integers=st.booleans())
@settings(max_examples=25, deadline=None)
def test_clean_needle_emg_raises_no_flag(seed, as_integers):
    samples = clean_emg(seed)
    stored = np.round(samples / 0.1).astype(np.int16) if as_integers else samples
    recording = recording_of(stored, gain=0.1 if as_integers else 1.0)
    assert check_quality(recording, purposes=("muap_shape", "spontaneous_activity")) == ()


@given(seed=st.integers(0, 10_000), rate_per_s=st.sampled_from([5.0, 10.0, 20.0, 25.0, 30.0, 50.0]))
@settings(max_examples=20, deadline=None)
def test_regular_discharges_of_a_natural_length_are_not_taken_for_mains(seed, rate_per_s):
    rng = np.random.default_rng(seed)
    samples = rng.normal(0, 3.0, int(16 * RATE_HZ))
    interval_s = rng.normal(1 / rate_per_s, 0.02 / rate_per_s, int(14 * rate_per_s))
    for at in (np.cumsum(interval_s) * RATE_HZ).astype(int):
        samples[at : at + 60] += 300 * np.sin(np.linspace(0, 2 * np.pi, 60))
    if rate_per_s == 50.0:  # a discharge at exactly 50/s with 2 % spread drifts in phase within seconds
        samples[int(3 * RATE_HZ) :] = rng.normal(0, 3.0, len(samples) - int(3 * RATE_HZ))
    assert found(recording_of(samples), "mains") == []


@given(
    seed=st.integers(0, 10_000),
    base_hz=st.sampled_from([50.0, 60.0]),
    size_uv=st.floats(30, 400),
    off_hz=st.floats(-0.1, 0.1),
)
@settings(max_examples=25, deadline=None)
def test_mains_is_found_with_its_size_and_place(seed, base_hz, size_uv, off_hz):
    samples = clean_emg(seed, duration_s=24.0, size_uv=200.0)
    t = np.arange(len(samples)) / RATE_HZ
    inside = (t >= 8) & (t < 16)
    samples[inside] += size_uv / 2 * np.sin(2 * np.pi * (base_hz + off_hz) * t[inside] + 1.0)
    flags = found(recording_of(samples), "mains")
    assert len(flags) == 1
    assert flags[0].size == pytest.approx(size_uv, rel=0.2, abs=6)
    assert flags[0].start_s == pytest.approx(8.0, abs=1.1)
    assert flags[0].end_s == pytest.approx(16.0, abs=1.1)
    assert flags[0].unit == "uV"
    assert flags[0].repair == "notch"
    assert flags[0].reason.startswith(f"{base_hz:g} Hz from the mains")


def test_harmonics_of_the_mains_are_named_and_counted():
    t = np.arange(int(16 * RATE_HZ)) / RATE_HZ
    hum = 40 * np.sin(2 * np.pi * 50 * t) + 20 * np.sin(2 * np.pi * 150 * t + 0.4)
    flag = found(recording_of(hum + np.random.default_rng(1).normal(0, 3, len(t))), "mains")[0]
    assert "with 150 Hz" in flag.reason
    assert flag.size == pytest.approx(np.ptp(hum), rel=0.05)


def test_an_integer_signal_at_the_ends_of_its_type_is_saturated():
    stored = np.clip(np.round(clean_emg(3, size_uv=4000.0) / 0.1), -32768, 32767).astype(np.int16)
    flags = found(recording_of(stored, gain=0.1), "saturation")
    truth = np.flatnonzero((stored <= -32767) | (stored >= 32766))
    assert len(truth) > 20
    assert sum(flag.size for flag in flags) == len(truth)
    assert flags[0].start_s == pytest.approx(truth[0] / RATE_HZ, abs=1e-9)
    assert "limit of 3276.7 µV" in flags[0].reason
    assert found(recording_of(stored, gain=0.1), "overflow") == []


def test_a_clipped_float_signal_without_known_limits_is_saturated():
    samples = np.clip(clean_emg(4), -150.0, 150.0)
    truth = np.flatnonzero(np.abs(samples) == 150.0)
    flags = found(recording_of(samples), "saturation")
    assert 0.8 * len(truth) <= sum(flag.size for flag in flags) <= len(truth)


def test_limits_stated_by_the_file_are_used():
    samples = np.clip(clean_emg(4), -150.0, 150.0)
    recording = recording_of(samples, settings=RecordingSettings(converter_range=(-150.0, 150.0)))
    flags = found(recording, "saturation")
    assert sum(flag.size for flag in flags) == np.count_nonzero(np.abs(samples) == 150.0)


@pytest.mark.parametrize("kind", ["scaled to its extremes", "slow sine"])
def test_what_only_touches_its_own_extremes_is_not_saturated(kind):
    if kind == "slow sine":
        stored = np.round(20_000 * np.sin(2 * np.pi * np.arange(200_000) / RATE_HZ)).astype(np.int16)
    else:
        samples = clean_emg(5)
        stored = np.round((samples - samples.min()) / np.ptp(samples) * 65535 - 32768).astype(np.int16)
    assert found(recording_of(stored), "saturation") == []


def wrapped(seed: int, size_uv: float = 4000.0) -> tuple[np.ndarray, np.ndarray]:
    true = np.round(clean_emg(seed, size_uv=size_uv) / 0.1).astype(np.int64)
    return true, ((true + 32768) % 65536 - 32768).astype(np.int16)


@pytest.mark.parametrize("seed", range(4))
def test_overflow_is_found_and_the_repair_gives_the_true_signal_back(seed):
    true, stored = wrapped(seed)
    recording = recording_of(stored, gain=0.1)
    truth = np.flatnonzero(true != stored)
    assert len(truth) > 20
    flags = found(recording, "overflow")
    assert sum(flag.size for flag in flags) == len(truth)
    assert all(flag.repair == "unwrap" for flag in flags)
    for flag in flags:
        recording = repair(recording, flag)
    assert np.array_equal(recording.channels[0].samples.read_stored(0, len(true)), true)
    assert len(recording.annotations) == len(flags)
    assert all(one.status == "proposed" for one in recording.annotations)
    assert "repaired on request" in recording.notes[0]


def test_repair_leaves_the_source_alone():
    _, stored = wrapped(0)
    before = stored.copy()
    recording = recording_of(stored, gain=0.1)
    repair(recording, found(recording, "overflow")[0])
    assert np.array_equal(stored, before)
    assert recording.annotations == ()


@given(st.lists(st.integers(-300, 300), min_size=2, max_size=40))
def test_unwrapping_never_lengthens_the_path(values):
    turns, gain = unwrap(np.array(values, dtype=float), 100.0)
    assert gain >= 0
    assert turns[0] == 0
    assert turns[-1] == 0
    path = np.abs(np.diff(np.array(values) + 100.0 * turns)).sum()
    assert path <= np.abs(np.diff(values)).sum() - gain * 100.0 + 1e-6


def test_a_true_steep_spike_is_no_overflow():
    values = np.zeros(200)
    values[100:103] = [-10_000, 24_000, -10_000]
    assert find_wraps(values, 65536.0) == []


@given(start=st.integers(1000, 100_000), length=st.integers(15_000, 90_000), level=st.sampled_from([0.0, 12.5]))
@settings(max_examples=20, deadline=None)
def test_flat_stretch_is_found_to_the_sample(start, length, level):
    samples = clean_emg(6)
    samples[start : start + length] = level
    flags = found(recording_of(samples), "flat")
    assert [(round(one.start_s * RATE_HZ), round(one.end_s * RATE_HZ)) for one in flags] == [(start, start + length)]


def test_an_all_flat_channel_is_one_flag():
    assert [one.size for one in found(recording_of(np.zeros(50_000)), "flat")] == [2.0]


def test_many_flat_stretches_are_told_as_one():
    square = np.repeat(np.tile([-50.0, 50.0], 75), 500)
    flags = found(recording_of(square, rate_hz=500.0), "flat")
    assert [(one.start_s, one.end_s, one.size) for one in flags] == [(0.0, 150.0, 150.0)]


def test_noise_in_a_file_scaled_to_its_own_extremes_is_no_overflow():
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(0, 100.0, 2000)
        ends = (float(noise.min()), float(noise.max()))
        recording = recording_of(noise, rate_hz=2000.0, settings=RecordingSettings(converter_range=ends))
        assert found(recording, "overflow") == []


@given(places=st.lists(st.tuples(st.integers(1, 280_000), st.integers(1, 4000)), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None)
def test_missing_values_are_all_counted(places):
    samples = clean_emg(7)
    for start, length in places:
        samples[start : start + length] = np.nan
    flags = found(recording_of(samples), "missing")
    assert sum(round(flag.size * RATE_HZ) for flag in flags) == np.count_nonzero(np.isnan(samples))


def test_short_missing_stretch_is_bridged_on_request_only():
    samples = clean_emg(8)
    samples[5000:5050] = np.nan
    samples[50_000:60_000] = np.nan
    recording = recording_of(samples)
    short, long = found(recording, "missing")
    assert (short.repair, long.repair) == ("interpolate", "")
    mended = repair(recording, short).channels[0].read()
    assert np.allclose(mended[5000:5050], np.interp(np.arange(5000, 5050), [4999, 5050], samples[[4999, 5050]]))
    assert np.isnan(mended[50_000:60_000]).all()
    assert np.isnan(recording.channels[0].read()[5000:5050]).all()
    with pytest.raises(InputError, match="this flag offers no repair of the samples; got missing with repair ''"):
        repair(recording, long)
    with pytest.raises(InputError, match="nothing to repair at this place"):
        repair(recording, replace(short, start_s=1.0, end_s=1.1))
    with pytest.raises(InputError, match="add a notch to the filters of the view"):
        repair(recording, replace(short, repair="notch"))


def test_gaps_and_clock_resets_come_from_the_segments():
    samples = clean_emg(9, duration_s=3.0)
    third = len(samples) // 3
    starts_s = [0.0, 2.5, 1.0]
    segments = tuple(
        Segment(first_sample=k * third, n_samples=third, start_s=start_s) for k, start_s in enumerate(starts_s)
    )
    recording = recording_of(samples, segments=segments)
    gap, reset = found(recording, "gap")[0], found(recording, "clock_reset")[0]
    assert (gap.start_s, gap.end_s, gap.size) == (1.0, 2.5, 1.5)
    assert reset.size == pytest.approx(2.5)
    assert "1.5 s" in gap.reason


@given(seed=st.integers(0, 1000), size_uv=st.floats(600, 5000))
@settings(max_examples=10, deadline=None)
def test_drift_is_found_with_its_size(seed, size_uv):
    samples = clean_emg(seed)
    samples += size_uv * np.linspace(0, 1, len(samples)) ** 2
    flags = found(recording_of(samples), "drift")
    assert len(flags) == 1
    assert flags[0].size == pytest.approx(size_uv, rel=0.25)


@pytest.mark.parametrize(("scale", "words"), [(1e6, "more than any muscle"), (1e-3, "less than the noise")])
def test_implausible_unit_is_named(scale, words):
    flags = found(recording_of(clean_emg(10) * scale), "implausible_unit")
    assert len(flags) == 1
    assert words in flags[0].reason
    assert "unit=..." in flags[0].reason


def test_rate_is_judged_by_purpose_and_says_that_the_limit_is_unverified():
    samples = clean_emg(11, rate_hz=4000.0)
    flag = found(recording_of(samples, rate_hz=4000.0), "low_rate")[0]
    assert (flag.size, flag.unit) == (4000.0, "Hz")
    assert "unverified" in flag.reason
    assert "MUAP shape (20 kHz, M)" in flag.reason
    assert found(recording_of(samples, rate_hz=4000.0, kind="surface_emg"), "low_rate") == []
    asked = found(recording_of(samples, rate_hz=4000.0, kind="surface_emg"), "low_rate", purposes=["jitter"])
    assert "jitter (50 kHz, M)" in asked[0].reason
    with pytest.raises(InputError, match="no such purpose; got dancing; expected jitter, muap_shape"):
        check_quality(recording_of(samples), purposes=["dancing"])
    assert all(purpose.source and purpose.mark in "VMDP" for purpose in PURPOSES)


def test_sweeps_are_judged_by_their_rate():
    sweep = Sweep(samples_uv=np.zeros(100), sampling_rate_hz=5000.0, channel="APB")
    flags = check_quality(Recording(sweeps=(sweep, sweep)))
    assert [(flag.kind, flag.channel, flag.size) for flag in flags] == [("low_rate", "APB", 5000.0)]
    assert "NCS latency" in flags[0].reason


def test_every_sentence_is_short_and_calm():
    samples = clean_emg(12)
    samples[5000:5050] = np.nan
    samples[100_000:150_000] = 0.0
    flags = check_quality(recording_of(np.clip(samples, -150, 150), rate_hz=4000.0))
    assert {flag.kind for flag in flags} >= {"missing", "flat", "saturation", "low_rate"}
    for flag in flags:
        assert flag.end_s >= flag.start_s
        assert flag.size > 0
        assert "!" not in flag.reason
        sentences = flag.reason.replace("; ", ". ").split(". ")
        assert max(len(sentence.split()) for sentence in sentences) <= 25


def test_flags_of_the_reader_are_not_repeated():
    samples = clean_emg(13)
    samples[100_000:150_000] = 0.0
    recording = recording_of(samples)
    known = found(recording, "flat")[0]
    assert found(replace(recording, quality_flags=(known,)), "flat") == []


def test_what_is_no_voltage_is_checked_only_for_what_applies():
    torque = np.repeat(np.linspace(0, 90, 500), 100)  # held between its own slow samples
    torque[20_000:] = torque[20_000]
    assert check_quality(recording_of(torque, rate_hz=200.0, unit="deg", kind="other")) == ()
    assert check_quality(Recording()) == ()
    assert check_quality(recording_of(np.empty(0))) == check_quality(recording_of(np.empty(0), rate_hz=RATE_HZ))


@given(block_samples=st.integers(1, 400_000))
@settings(max_examples=10, deadline=None)
def test_the_block_length_changes_nothing(block_samples):
    _, stored = wrapped(1)
    stored[50_000:80_000] = 7
    recording = recording_of(stored, gain=0.1)
    assert check_quality(recording, block_samples=block_samples) == check_quality(recording)


@pytest.mark.recordings
def test_real_needle_recordings_say_what_is_known_of_them(recordings):
    folder = recordings / "physionet-emgdb"
    neuropathy = np.fromfile(folder / "emg_neuropathy.dat", "<i2")
    healthy = np.fromfile(folder / "emg_healthy.dat", "<i2")
    flags = check_quality(recording_of(neuropathy, rate_hz=4000.0, gain=0.1))
    assert {flag.kind for flag in flags} == {"low_rate", "overflow"}
    over = [flag for flag in flags if flag.kind == "overflow"]
    assert all("3276.8 µV" in flag.reason for flag in over)
    assert 100 < sum(flag.size for flag in over) < 400
    assert {flag.kind for flag in check_quality(recording_of(healthy, rate_hz=4000.0, gain=0.1))} == {"low_rate"}


def test_a_gap_that_the_reader_and_the_check_find_is_said_once(tmp_path):
    rate_hz = 10_000.0
    parts = (
        Segment(first_sample=0, n_samples=20_000, start_s=0.0),
        Segment(first_sample=20_000, n_samples=20_000, start_s=3.0),
    )
    rng = np.random.default_rng(5)
    channels = tuple(
        Channel(name=name, unit="uV", sampling_rate_hz=rate_hz, samples=ArraySamples(stored=rng.normal(0, 5, 40_000)), segments=parts)
        for name in ("TA", "APB")
    )  # fmt: skip
    write(Recording(channels=channels), tmp_path / "gap.edf")
    back = read(tmp_path / "gap.edf")
    assert [(flag.kind, flag.channel) for flag in back.quality_flags] == [("gap", None)]
    assert [flag.channel for flag in all_flags(back) if flag.kind == "gap"] == ["TA", "APB"]
    said = replace(back.quality_flags[0], kind="clipped")
    assert said in all_flags(replace(back, quality_flags=(said,)))
