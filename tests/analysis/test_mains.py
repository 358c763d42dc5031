"""Mains hum and regular discharges at the rate of the mains are told apart from 1 s on, and what is unclear is said to be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgwidgets.analysis.signal.quality import check_quality
from emgwidgets.model.signal import ArraySamples, Channel, Recording

RATE_HZ = 10_000.0
NOISE_UV = 3.0
LENGTHS_S = (1.0, 2.0, 4.0, 8.0)
HARMONICS = {"sine": {}, "third": {3: 0.3}, "many": {2: 0.2, 3: 0.4, 5: 0.25, 7: 0.15}}


def recording_of(samples: np.ndarray, *, rate_hz: float = RATE_HZ) -> Recording:
    samples_uv = ArraySamples(stored=samples)
    channel = Channel(name="TA", unit="uV", sampling_rate_hz=rate_hz, samples=samples_uv, kind="needle_emg")
    return Recording(channels=(channel,))


def flags_of(samples: np.ndarray, *, rate_hz: float = RATE_HZ) -> dict[str, list]:
    flags: dict[str, list] = {"mains": [], "mains_unclear": []}
    for flag in check_quality(recording_of(samples, rate_hz=rate_hz)):
        flags.setdefault(flag.kind, []).append(flag)
    return flags


def hum(rng, *, duration_s, base_hz, size_uv, harmonics=None, rate_hz=RATE_HZ) -> np.ndarray:
    t = np.arange(int(duration_s * rate_hz)) / rate_hz
    base_hz = base_hz + rng.uniform(-0.1, 0.1)
    total = sum(
        size * np.sin(2 * np.pi * order * base_hz * t + rng.uniform(0, 2 * np.pi))
        for order, size in {1: 1.0, **(harmonics or {})}.items()
    )
    return size_uv / np.ptp(total) * total + rng.normal(0, NOISE_UV, len(t))


def shape_of(kind: str, rng) -> np.ndarray:
    """One discharge, 1 peak to peak."""
    if kind == "fibrillation":
        t = np.linspace(0, 1, 30)
        shape = np.sin(2 * np.pi * t) * np.hanning(30)
    elif kind == "positive wave":
        t_ms = np.arange(0, 14, 0.1)
        shape = np.where(t_ms < 1.5, np.sin(np.pi * t_ms / 1.5), -0.18 * np.exp(-(t_ms - 1.5) / 5))
    elif kind == "unit":
        t_ms = np.arange(-9, 9, 0.1)
        shape = -np.diff(np.exp(-((t_ms / rng.uniform(0.8, 2.6)) ** 2)), 2, append=[0, 0])
    else:
        shape = np.zeros(120)
        for start in rng.integers(0, 90, 5):
            shape[start : start + 30] += rng.uniform(0.3, 1) * np.sin(np.linspace(0, 2 * np.pi, 30))
    return shape / np.ptp(shape)


def train(rng, *, duration_s, rate_per_s, spread, kind, size_uv=200.0) -> np.ndarray:
    samples = rng.normal(0, NOISE_UV, int(duration_s * RATE_HZ))
    shape = size_uv * shape_of(kind, rng)
    intervals_s = rng.normal(1 / rate_per_s, spread / rate_per_s, int(duration_s * rate_per_s) + 3)
    for at in (np.cumsum(intervals_s) * RATE_HZ).astype(int):
        if at + len(shape) < len(samples):
            samples[at : at + len(shape)] += shape
    return samples


@pytest.mark.parametrize("duration_s", LENGTHS_S)
@pytest.mark.parametrize("base_hz", [50.0, 60.0])
@pytest.mark.parametrize("harmonics", HARMONICS)
@pytest.mark.parametrize("size_uv", [8.0, 30.0, 300.0])
def test_hum_is_found_whatever_its_length(duration_s, base_hz, harmonics, size_uv):
    for seed in range(5):
        samples = hum(
            np.random.default_rng(seed), duration_s=duration_s, base_hz=base_hz, size_uv=size_uv, harmonics=HARMONICS[harmonics]
        )  # fmt: skip
        flags = flags_of(samples)
        (flag,) = flags["mains"]
        assert flags["mains_unclear"] == []
        assert flag.reason.startswith(f"{base_hz:g} Hz from the mains")
        assert flag.size == pytest.approx(size_uv, rel=0.3, abs=2)
        assert (flag.start_s, flag.end_s) == (0.0, pytest.approx(duration_s))


@pytest.mark.parametrize("duration_s", LENGTHS_S)
@pytest.mark.parametrize("base_hz", [50.0, 60.0])
@pytest.mark.parametrize("kind", ["fibrillation", "positive wave", "unit", "complex"])
@pytest.mark.parametrize("spread", [0.0, 0.005, 0.02])
def test_a_regular_discharge_at_the_rate_of_the_mains_is_never_called_mains(duration_s, base_hz, kind, spread):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        rate_per_s = base_hz + rng.uniform(-0.3, 0.3)
        flags = flags_of(train(rng, duration_s=duration_s, rate_per_s=rate_per_s, spread=spread, kind=kind))
        assert flags["mains"] == []


@pytest.mark.parametrize("duration_s", LENGTHS_S)
def test_a_rhythm_that_may_be_either_is_named_as_not_judged_and_no_notch_is_offered(duration_s):
    flags = flags_of(
        train(np.random.default_rng(1), duration_s=duration_s, rate_per_s=50.0, spread=0.0, kind="complex")
    )
    (flag,) = flags["mains_unclear"]
    assert "Mains or a regular discharge is not judged" in flag.reason
    assert flag.repair == ""


def test_hum_with_harmonics_above_its_fundamental_is_unclear():
    """The stated limit: a dimmer gives spikes at the rate of the mains, as a discharge does."""
    t = np.arange(int(4 * RATE_HZ)) / RATE_HZ
    dimmer = 100.0 * (np.sin(2 * np.pi * 50 * t) > 0.98) + np.random.default_rng(0).normal(0, NOISE_UV, len(t))
    flags = flags_of(dimmer)
    assert flags["mains"] == []
    assert len(flags["mains_unclear"]) == 1


@pytest.mark.parametrize("duration_s", LENGTHS_S)
def test_noise_and_irregular_firing_raise_nothing(duration_s):
    for seed in range(25):
        rng = np.random.default_rng(seed)
        samples = rng.normal(0, 20.0, int(duration_s * RATE_HZ))
        samples += sum(
            train(rng, duration_s=duration_s, rate_per_s=rate, spread=0.15, kind="unit") for rate in (9, 14, 22)
        )
        flags = flags_of(samples)
        assert flags["mains"] == flags["mains_unclear"] == []


def test_with_few_multiples_below_half_the_rate_only_eight_seconds_in_phase_are_mains():
    for duration_s, kind in ((4.0, "mains_unclear"), (8.0, "mains")):
        samples = hum(np.random.default_rng(2), duration_s=duration_s, base_hz=50.0, size_uv=50.0, rate_hz=250.0)
        flags = flags_of(samples, rate_hz=250.0)
        assert {name for name, found in flags.items() if found and name.startswith("mains")} == {kind}


def test_less_than_a_second_is_not_judged_and_said_once_for_all_channels():
    samples = hum(np.random.default_rng(0), duration_s=0.6, base_hz=50.0, size_uv=50.0)
    one = flags_of(samples)
    assert one["mains"] == []
    (flag,) = one["mains_unclear"]
    assert flag.reason == "No stretch is longer than 0.6 s. Mains is not judged; it takes 1 s."
    assert flag.channel == "TA"
    channel = recording_of(samples).channels[0]
    both = check_quality(Recording(channels=(channel, replace(channel, name="FDI"))))
    (flag,) = (flag for flag in both if flag.kind == "mains_unclear")
    assert flag.channel is None
    assert "in 2 channels" in flag.reason


@pytest.mark.parametrize("duration_s", LENGTHS_S)
@pytest.mark.parametrize(
    ("base_hz", "part"), [(50.0, 2), (50.0, 3), (50.0, 4), (60.0, 2), (60.0, 3), (60.0, 4), (60.0, 5), (60.0, 7)]
)
def test_a_regular_discharge_at_a_part_of_the_rate_of_the_mains_raises_nothing(duration_s, base_hz, part):
    for seed, kind in enumerate(("fibrillation", "positive wave", "unit", "complex")):
        rng = np.random.default_rng(seed)
        samples = train(rng, duration_s=duration_s, rate_per_s=base_hz / part, spread=0.005 * seed, kind=kind)
        flags = flags_of(samples)
        assert flags["mains"] == flags["mains_unclear"] == []


@pytest.mark.parametrize("duration_s", LENGTHS_S)
def test_hum_is_found_in_voluntary_effort(duration_s):
    """Hum of the size of the background of the effort; smaller hum in an effort is not promised."""
    n_found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        effort = sum(
            train(rng, duration_s=duration_s, rate_per_s=rate, spread=0.15, kind="unit", size_uv=100.0)
            for rate in (9, 14, 22)
        )
        n_found += bool(flags_of(effort + hum(rng, duration_s=duration_s, base_hz=50.0, size_uv=60.0))["mains"])
    assert n_found >= 19
