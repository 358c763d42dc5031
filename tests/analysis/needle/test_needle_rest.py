"""Activity at rest: found, named with evidence or left open, on the gym's items and on closed-form trains; insertions and grades."""

from __future__ import annotations

import csv
from importlib import resources

import numpy as np
import pytest

from emgwidgets import read, waveform_item
from emgwidgets.analysis import needle
from emgwidgets.analysis.needle._rest_events import Group, _one_of_pairs
from emgwidgets.analysis.needle._rest_naming import name_features, rules
from emgwidgets.errors import InputError
from emgwidgets.model.needle_rest import CANNOT_TELL, SILENT, Naming, RestActivity, RestSource
from emgwidgets.model.signal import ArraySamples, Channel, RecordingSettings, Trace

RATE_HZ = 20_000.0


def bell(time_ms, at_ms, width_ms):
    return np.exp(-0.5 * ((time_ms - at_ms) / width_ms) ** 2)


def trace_of(times_s, wave, *, size_uv=200.0, noise_uv=2.0, seconds=5.0, seed=0):
    samples = np.random.default_rng(seed).normal(0, noise_uv, int(seconds * RATE_HZ))
    axis = np.arange(-0.01, 0.03, 1 / RATE_HZ) * 1000
    shape = size_uv * wave(axis)
    for time in times_s:
        first = int((time - 0.01) * RATE_HZ)
        if first > 0 and first + len(shape) < len(samples):
            samples[first : first + len(shape)] += shape
    return Trace(samples_uv=samples, sampling_rate_hz=RATE_HZ)


def fibre(t):
    return 0.5 * bell(t, -0.45, 0.2) - bell(t, 0, 0.18) + 0.2 * bell(t, 0.6, 0.3)


def negative_first(t):
    return -bell(t, 0, 0.25) + 0.5 * bell(t, 0.9, 0.4)


def regular(rate_hz, cv=0.03, seconds=5.0, seed=1):
    gaps = np.random.default_rng(seed).normal(1 / rate_hz, cv / rate_hz, int(seconds * rate_hz * 1.2) + 5)
    times = 0.05 + np.cumsum(gaps)
    return times[times < seconds - 0.1]


CODES = {
    "fibrillation": "fibrillation", "positive_sharp_wave": "positive_sharp_wave", "end_plate_spike": "end_plate_spike",
    "end_plate_noise": "end_plate_noise", "fasciculation": "fasciculation", "myotonic_discharge": "myotonic_discharge",
    "complex_repetitive_discharge": "complex_repetitive_discharge", "myokymic_discharge": "myokymic_discharge",
    "neuromyotonic_discharge": "neuromyotonic_discharge", "cramp": "cramp_discharge", "tremor": "tremor",
    "unit_normal": "voluntary_unit", "mains": "mains", "movement": "movement", "pulse_artefact": "pulse_artefact",
    "loose_reference": "loose_reference",
}  # fmt: skip


@pytest.mark.parametrize(("kind", "code"), CODES.items())
def test_gym_items_are_named_with_evidence(kind, code):
    item = waveform_item(kind, level=1, seed=901)
    found = needle.read_rest(item.recording.channels[0])
    assert found.naming.code == code
    assert 0 < found.naming.confidence <= 1
    assert found.naming.evidence
    for source in found.sources:
        assert source.naming.look_alikes or not source.naming.is_named or source.n_discharges == 0
        assert source.naming.reason or source.naming.is_named


@pytest.mark.parametrize("kind", ["insertional_normal", "insertional_increased", "insertional_decreased"])
def test_gym_insertions(kind):
    item = waveform_item(kind, level=2, seed=902)
    moved = [(start, stop) for (start, _), stop in zip(item.truth.insertions_s, item.truth.needle_stops_s, strict=True)]
    found = needle.read_rest(item.recording.channels[0], insertions_s=moved)
    assert found.naming.code == kind
    assert len(found.insertions) == 3
    assert all(one.is_stated and one.end_s >= one.stop_s for one in found.insertions)


def test_times_and_sizes_of_a_train():
    times = regular(8.0)
    found = needle.read_rest(trace_of(times, fibre))
    (source,) = found.sources
    assert source.naming.code == "fibrillation"
    assert source.times_s == pytest.approx(times, abs=1e-4)
    assert source.features["rate_hz"] == pytest.approx(8.0, rel=0.03)
    assert source.features["local_cv_percent"] == pytest.approx(3.0, abs=1.5)
    assert np.median(source.sizes_uv) == pytest.approx(np.ptp(200 * fibre(np.arange(-10, 20, 0.05))), rel=0.08)
    assert source.template_uv[source.template_zero] == pytest.approx(source.template_uv.min(), abs=1e-9)


def test_first_deflection_and_rhythm_decide_not_the_size():
    ragged = 0.05 + np.cumsum(0.006 + np.random.default_rng(4).exponential(0.03, 110))
    for size in (60.0, 600.0):
        assert needle.read_rest(trace_of(regular(8.0), fibre, size_uv=size)).naming.code == "fibrillation"
        assert needle.read_rest(trace_of(ragged, negative_first, size_uv=size)).naming.code == "end_plate_spike"


def test_irregular_and_positive_first_is_left_open():
    ragged = 0.1 + np.cumsum(0.02 + np.random.default_rng(5).exponential(0.08, 45))
    found = needle.read_rest(trace_of(ragged, fibre))
    assert found.naming.code == CANNOT_TELL
    assert "fibrillation" in {look.code for source in found.sources for look in source.naming.look_alikes}


def test_upside_down_is_another_class_or_none():
    trace = trace_of(regular(8.0), fibre)
    upside_down = Trace(samples_uv=-trace.samples_uv, sampling_rate_hz=RATE_HZ)
    assert needle.read_rest(upside_down).naming.code != "fibrillation"


def test_two_sources_are_told_apart():
    first, second = (
        trace_of(regular(9.0, seed=2), fibre, size_uv=300.0),
        trace_of(regular(3.1, seed=3), fibre, size_uv=120.0),
    )
    both = Trace(samples_uv=first.samples_uv + second.samples_uv, sampling_rate_hz=RATE_HZ)
    found = needle.read_rest(both)
    named = sorted(
        round(source.features["rate_hz"]) for source in found.sources if source.naming.code == "fibrillation"
    )
    assert named == [3, 9]


def test_silence_and_few_discharges():
    assert needle.read_rest(trace_of([], fibre)).naming.code == SILENT
    two = needle.read_rest(trace_of([1.0, 3.0], fibre))
    assert two.naming.code == CANNOT_TELL
    assert "too few" in two.naming.reason


def test_hum_beneath_a_train_hides_nothing():
    trace = trace_of(regular(8.0), fibre)
    hum = 60 * np.sin(2 * np.pi * 50 * np.arange(len(trace.samples_uv)) / RATE_HZ)
    found = needle.read_rest(Trace(samples_uv=trace.samples_uv + hum, sampling_rate_hz=RATE_HZ))
    assert found.naming.code == "fibrillation"


@pytest.mark.parametrize(
    ("trace", "words"),
    [
        (Trace(samples_uv=np.zeros(500), sampling_rate_hz=1000.0), "rate is too low"),
        (Trace(samples_uv=np.zeros(500), sampling_rate_hz=20_000.0), "too short"),
        (Trace(samples_uv=np.full(20_000, np.nan), sampling_rate_hz=20_000.0), "missing values"),
        (Trace(samples_uv=np.zeros(20_000), sampling_rate_hz=20_000.0, settings=RecordingSettings(electrode="surface disc")),
         "surface recording"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(trace, words):
    with pytest.raises(InputError, match=words):
        needle.read_rest(trace)


def test_surface_channel_is_refused_unless_stated():
    samples = ArraySamples(stored=trace_of(regular(8.0), fibre).samples_uv)
    channel = Channel(name="TA", unit="uV", sampling_rate_hz=RATE_HZ, samples=samples, kind="surface_emg")
    with pytest.raises(InputError, match="surface recording"):
        needle.read_rest(channel)
    assert needle.read_rest(channel, is_surface=False).naming.code == "fibrillation"


def test_limits_are_said():
    flat = needle.read_rest(Trace(samples_uv=np.zeros(40_000), sampling_rate_hz=RATE_HZ))
    assert any("flat" in limit for limit in flat.limits)
    trace = trace_of(regular(8.0), fibre)
    cut = needle.read_rest(Trace(samples_uv=np.clip(trace.samples_uv, -60, 60), sampling_rate_hz=RATE_HZ))
    assert any("cut off at 60 µV" in limit for limit in cut.limits)
    slow = needle.read_rest(Trace(samples_uv=trace.samples_uv[::5], sampling_rate_hz=4000.0))
    assert any("At 4000 Hz" in limit for limit in slow.limits)
    short = needle.read_rest(Trace(samples_uv=trace.samples_uv[:20_000], sampling_rate_hz=RATE_HZ))
    assert any("too short for the rhythm" in limit for limit in short.limits)
    high = Trace(samples_uv=trace.samples_uv, sampling_rate_hz=RATE_HZ, settings=RecordingSettings(high_pass_hz=500.0))
    assert any("500 Hz shortens" in limit for limit in needle.read_rest(high).limits)
    with pytest.raises(InputError, match="lies outside the stretch"):
        needle.read_rest(trace, insertions_s=[(4.0, 9.0)])


def test_rules_have_sources_and_rise():
    text = resources.files("emgwidgets.analysis.needle").joinpath("rest_rules.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        assert row["source"]
        assert row["mark"] in ("V", "M", "D", "P")
        assert (row["source"] == "internal choice") <= (row["mark"] == "P")
    for scope in ("train", "stretch", "trace"):
        for given in rules(scope).values():
            for rule in given:
                assert rule.low_zero <= rule.low_full <= rule.high_full <= rule.high_zero


def test_unknown_features_name_nothing():
    assert name_features("train", {}).code == CANNOT_TELL


def site(n_trains, rate_hz=5.0, seconds=5.0, *, code="fibrillation"):
    none = np.zeros(0)
    times = np.arange(0.1, seconds, 1 / rate_hz)
    naming = Naming(code=code, confidence=1.0)
    sources = tuple(
        RestSource(times_s=times, sizes_uv=none, template_uv=none, template_zero=0, sampling_rate_hz=RATE_HZ, features={}, naming=naming)
        for _ in range(n_trains)
    )  # fmt: skip
    silent = Naming(code=SILENT, confidence=1.0)
    return RestActivity(
        sources=sources, insertions=(), naming=naming if n_trains else silent, noise_uv=1.0, duration_s=seconds
    )


@pytest.mark.parametrize(
    ("sites", "grade"),
    [
        ([site(0), site(0), site(0)], 0), ([site(1), site(1), site(0)], 1), ([site(2), site(2), site(2), site(0)], 2),
        ([site(4), site(5), site(4)], 3), ([site(8, 10.0), site(8, 10.0)], 4), ([site(1), site(0), site(0)], 0),
    ],
)  # fmt: skip
def test_grade_follows_the_scheme(sites, grade):
    found = needle.grade_denervation(sites)
    assert found.grade == grade
    assert found.scheme
    assert found.mark == "M"
    assert len(found.evidence) == len(sites)


def test_grade_abstains():
    assert needle.grade_denervation([site(3)]).grade is None
    open_place = RestActivity(sources=(), insertions=(), naming=Naming(code=CANNOT_TELL, confidence=0.0, reason="unclear"), noise_uv=1.0, duration_s=5.0)  # fmt: skip
    found = needle.grade_denervation([open_place, open_place, site(1)])
    assert found.grade is None
    assert "cannot be told" in found.reason
    assert needle.grade_denervation([site(1, seconds=1.0), site(0)]).is_plus_minus
    with pytest.raises(InputError, match="needs places"):
        needle.grade_denervation([])


@pytest.mark.recordings
@pytest.mark.parametrize("name", ["emg_healthy", "emg_neuropathy"])
def test_voluntary_activity_of_real_recordings_is_not_called_spontaneous(recordings, name):
    found = needle.read_rest(read(recordings / "physionet-emgdb" / f"{name}.hea").channels[0])
    assert found.naming.code in ("motor_unit_activity", "voluntary_unit", CANNOT_TELL)
    assert any("At 4000 Hz" in limit for limit in found.limits)


def _pairs(delays_ms: list[float], sizes_uv: tuple[float, float] = (900.0, 700.0)) -> Group:
    """Events in pairs, a pair each second or so."""
    first = np.cumsum([0.9, 1.3, 0.6, 1.1, 0.8][: len(delays_ms)])
    times = np.ravel(np.column_stack([first, first + np.array(delays_ms) / 1000]))
    return Group(samples=np.rint(times * 50_000).astype(np.int64), sizes_uv=np.tile(sizes_uv, len(delays_ms)))


@pytest.mark.parametrize(
    ("sizes_uv", "kept"), [((900.0, 700.0), slice(0, None, 2)), ((700.0, 900.0), slice(1, None, 2))]
)
def test_two_spikes_at_one_delay_are_one_discharge(sizes_uv, kept) -> None:
    group = _pairs([4.4, 4.4, 4.5, 4.4, 4.3], sizes_uv)
    assert _one_of_pairs(group, 50_000.0).samples.tolist() == group.samples[kept].tolist()


def test_pairs_that_vary_and_trains_keep_all_their_events() -> None:
    doublets = _pairs([4.4, 6.1, 5.0, 7.2, 3.8])
    train = Group(samples=(np.arange(40) * 220).astype(np.int64), sizes_uv=np.full(40, 500.0))
    few = _pairs([4.4, 4.4])
    for group in (doublets, train, few):
        assert _one_of_pairs(group, 50_000.0) is group
