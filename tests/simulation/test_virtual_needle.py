"""Needle EMG of the virtual muscle: the recording, its truth, and every spontaneous discharge."""

from __future__ import annotations

import json

import numpy as np
import pytest

from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle._templates import PHASES, add_events, phased
from emgwidgets.simulation.muscle.electrode import needle_in
from emgwidgets.simulation.muscle.muscle import muscle_state
from emgwidgets.simulation.muscle.needle import Activity, NeedlePhase, simulate_needle
from emgwidgets.simulation.muscle.spontaneous import SPONTANEOUS, train
from emgwidgets.simulation.practice.demo import demo_rest_recording

SMALL = {"muscle": "first dorsal interosseous", "n_units": 40, "seed": 3}


@pytest.fixture(scope="module")
def muscle():
    return muscle_state(**SMALL)


def gaps_of(kind, rate=None, seconds=30.0, seed=0):
    return np.diff(train(kind, seconds, np.random.default_rng(seed), rate_hz=rate).times_s)


def test_recording_is_an_ordinary_one(muscle):
    made = simulate_needle(muscle, effort="slight", duration_s=2.0)
    channel = made.recording.channel(0)
    assert made.recording.duration_s == pytest.approx(2.0)
    assert channel.samples.dtype == np.int16
    assert channel.kind == "needle_emg"
    assert channel.settings.high_pass_hz == 20.0
    assert made.recording.trace(0, start_s=0.5, end_s=1.0).duration_s == pytest.approx(0.5)


def test_same_seed_same_bytes(muscle):
    one, two, other = (simulate_needle(muscle, effort="moderate", duration_s=1.0, seed=s) for s in (4, 4, 5))
    stored = [made.recording.channels[0].samples.stored.tobytes() for made in (one, two, other)]
    assert stored[0] == stored[1] != stored[2]
    assert json.dumps(one.truth.to_json_dict()) == json.dumps(two.truth.to_json_dict())


def test_silence_at_rest_is_noise_of_the_stated_size(muscle):
    x = simulate_needle(muscle, duration_s=5.0).recording.channels[0].samples_uv
    assert x.std() == pytest.approx(2.0, rel=0.1)


def test_truth_explains_the_recording(muscle):
    made = simulate_needle(muscle, effort="moderate", duration_s=2.0, seed=1)
    x = made.recording.channels[0].samples_uv
    rest = x - made.truth.noise_free_uv
    assert rest.std() == pytest.approx(2.0, rel=0.15)


def test_units_discharge_where_the_truth_says(muscle):
    made = simulate_needle(muscle, effort=0.0015, duration_s=10.0, seed=2)
    x = made.truth.noise_free_uv
    unit = max(made.truth.units, key=lambda u: u.amplitude_uv)
    rate = made.recording.channels[0].sampling_rate_hz
    offset = int(np.argmax(np.abs(unit.recorded_uv)))
    at = np.round(unit.times_s * rate).astype(int) + offset
    at = at[at + 20 < len(x)]
    found = np.array([np.abs(x[i - 20 : i + 20]).max() for i in at])
    assert np.median(found) == pytest.approx(np.abs(unit.recorded_uv).max(), rel=0.25)
    assert 0 <= unit.onset_ms < unit.negative_peak_ms < unit.end_ms


def test_myasthenic_units_vary_and_normal_ones_do_not(muscle):
    ill = muscle_state(**SMALL, junction="myasthenia", junction_safety_median=1.3)
    blocked = [
        np.mean(
            [
                u.blocked_share
                for u in simulate_needle(m, effort="moderate", duration_s=3.0).truth.units
                if u.n_near_fibres
            ]
        )
        for m in (muscle, ill)
    ]
    assert blocked[0] < 0.01
    assert blocked[1] > 0.1


def test_events_are_placed_between_samples():
    wave = 1e4 * np.exp(-0.5 * ((np.arange(200) - 80) / 8.0) ** 2)
    copies = phased(wave)
    assert copies.wave_uv.shape[0] == PHASES
    signal = np.zeros(1000)
    add_events(signal, copies, np.array([100.375]))
    centre = (signal * np.arange(1000)).sum() / signal.sum()
    assert centre == pytest.approx(180.375, abs=0.02)


def test_events_at_the_edges_are_cut_not_lost():
    copies = phased(np.ones(50))
    signal = np.zeros(100, dtype=np.float32)
    add_events(signal, copies, np.array([-20.0, 80.0, 300.0, -300.0]))
    assert signal[:20].mean() == pytest.approx(1.0, abs=0.1)
    assert signal[85:].mean() == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("kind", SPONTANEOUS)
def test_every_discharge_has_times_in_order_and_a_waveform(kind, muscle):
    along = {"along_mm": 0.0} if kind.startswith("end_plate") else {}
    made = simulate_needle(
        muscle, needle_in(muscle, **along), activities=(Activity(kind=kind, n_sources=2),), duration_s=12.0, seed=6
    )
    assert {s.kind for s in made.truth.sources} == {kind}
    assert sum(len(s.times_s) for s in made.truth.sources) > 0
    for source in made.truth.sources:
        assert (np.diff(source.times_s) > 0).all()
        assert ((source.times_s >= 0) & (source.times_s < 12.0)).all()
        assert source.amplitude_uv > 5.0


def test_fibrillation_is_regular_and_fasciculation_is_not():
    fibrillation, fasciculation = gaps_of("fibrillation", 8.0), gaps_of("fasciculation", 1.0, 200.0)
    steps = np.abs(np.diff(fibrillation)) / fibrillation[1:]
    assert np.median(steps) < 0.12
    assert fasciculation.std() / fasciculation.mean() > 0.6


def test_complex_discharge_is_machine_like():
    gaps = gaps_of("complex_repetitive_discharge", 35.0, 4.0)
    assert (np.abs(np.diff(gaps)) / gaps[1:] < 0.03).mean() > 0.97
    assert 1 / np.median(gaps) == pytest.approx(35.0, rel=0.25)


def test_myotonic_discharge_waxes_and_wanes_in_rate_and_size():
    law = train("myotonic_discharge", 6.0, np.random.default_rng(3))
    rate = 1 / np.diff(law.times_s)
    run = rate[: np.argmax(rate < 5)] if (rate < 5).any() else rate
    assert run.argmax() > 1
    assert run.max() > 1.8 * run[-1]
    assert run.max() < 90
    sizes = law.sizes[: len(run)]
    assert sizes[0] < sizes.max() > sizes[-1]


def test_neuromyotonic_discharge_is_fast_and_fades():
    law = train("neuromyotonic_discharge", 5.0, np.random.default_rng(0))
    rate = 1 / np.median(np.diff(law.times_s))
    assert 150 <= rate <= 300
    assert law.sizes.min() < 0.6


def test_myokymic_bursts():
    gaps = gaps_of("myokymic_discharge", None, 20.0)
    inside, between = gaps[gaps < 0.1], gaps[gaps > 0.25]
    assert len(inside) > 2 * len(between) > 10


def test_end_plate_spikes_have_a_shorter_least_interval_than_fibrillation():
    assert gaps_of("end_plate_spike").min() < 0.02 < gaps_of("fibrillation", 8.0).min()


def test_first_deflections(muscle):
    def first_sign(kind, **place):
        made = simulate_needle(
            muscle, needle_in(muscle, **place), activities=(Activity(kind=kind),), duration_s=2.0, seed=6
        )
        wave = made.truth.sources[0].template_uv
        return np.sign(wave[np.flatnonzero(np.abs(wave) > 0.1 * np.abs(wave).max())[0]])

    assert first_sign("fibrillation") > 0
    assert first_sign("positive_sharp_wave") > 0
    assert first_sign("end_plate_spike", along_mm=0.0) < 0
    assert first_sign("end_plate_noise", along_mm=0.0) < 0


def test_positive_sharp_wave_has_no_spike_and_a_long_tail(muscle):
    made = simulate_needle(muscle, activities=(Activity(kind="positive_sharp_wave"),), duration_s=2.0, seed=6)
    wave = made.truth.sources[0].template_uv
    assert wave.max() > 2.5 * -wave.min()
    loud = np.flatnonzero(np.abs(wave) > 0.01 * wave.max())  # the definition of the truth: 1 % of the peak
    assert 10.0 < (loud[-1] - loud[0]) / 48.0 < 30.0  # usual published range (M)


def test_denervated_muscle_fires_by_itself_and_a_healthy_one_does_not():
    bare = muscle_state(**SMALL, axon_loss_share=1.0, day=28.0)
    phases = tuple(NeedlePhase(kind="insertion", duration_s=3.0, depth_step_mm=0.3) for _ in range(4))
    ill, well = (
        simulate_needle(bare, needle_in(bare, depth_mm=2.0), phases=phases),
        simulate_needle(muscle_state(**SMALL), duration_s=6.0),
    )
    assert {"fibrillation"} <= {s.kind for s in ill.truth.sources}
    assert well.truth.sources == ()
    assert len(ill.truth.insertions_s) == 4


def test_insertional_activity_by_state(muscle):
    spans = {}
    for manner in ("normal", "increased", "decreased"):
        made = simulate_needle(muscle, phases=(NeedlePhase(kind="insertion", duration_s=3.0, insertional=manner),))
        x = made.truth.noise_free_uv
        spans[manner] = (made.truth.insertions_s[0][1] - made.truth.needle_stops_s[0], float(np.abs(x).sum()))
    assert 0.05 <= spans["normal"][0] <= 0.3 < spans["increased"][0]
    assert spans["decreased"][1] < spans["normal"][1] < spans["increased"][1]


def test_unit_size_grows_as_the_needle_comes_near(muscle):
    fibre = muscle.fibres_of(30)[0]
    sizes = []
    for gap in (2.0, 0.6, 0.1):
        needle = needle_in(
            muscle, lateral_mm=float(muscle.x_mm[fibre]) + gap, depth_mm=float(muscle.y_mm[fibre]) + 0.29
        )
        from emgwidgets.simulation.muscle._templates import unit_template

        sizes.append(np.ptp(unit_template(muscle, needle, 30, 48000.0).whole_uv))
    assert sizes[0] < sizes[1] < sizes[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"sampling_rate_hz": 100.0}, "the sampling rate cannot be used"),
        ({"phases": (NeedlePhase(kind="rest", duration_s=1.0),), "effort": 0.1}, "cannot be given together"),
        ({"activities": (Activity(kind="hiccup"),)}, "no such spontaneous activity"),
        ({"activities": (Activity(kind="end_plate_noise"),)}, "no end-plate lies within reach"),
        ({"duration_s": 0.0}, "the duration cannot be used"),
    ],
)
def test_impossible_recordings(muscle, arguments, words):
    with pytest.raises(InputError, match=words):
        simulate_needle(muscle, **arguments)


def test_needle_outside_the_muscle(muscle):
    with pytest.raises(InputError, match="the needle lies outside the muscle"):
        simulate_needle(muscle, needle_in(muscle, depth_mm=90.0))
    with pytest.raises(InputError, match="the needle lies beyond the tendon"):
        simulate_needle(muscle, needle_in(muscle, along_mm=60.0))


def test_demo_recording_is_complete_and_repeatable():
    made = demo_rest_recording(1, sampling_rate_hz=16000.0)
    needle, surface = made.recording.channels
    assert (needle.sampling_rate_hz, surface.sampling_rate_hz) == (16000.0, 2000.0)
    assert made.recording.duration_s == pytest.approx(62.0)
    assert {flag.kind for flag in made.recording.quality_flags} == {"mains", "saturation"}
    assert {"insertion", "rest", "effort", "mains interference"} == {mark.label for mark in made.recording.annotations}
    assert {"fibrillation", "positive_sharp_wave"} <= {s.kind for s in made.truth.sources}
    hum = np.abs(np.fft.rfft(needle.samples_uv[34 * 16000 : 36 * 16000]))
    assert hum.argmax() == 100
    effort = surface.samples_uv[45 * 2000 : 49 * 2000].std()
    assert effort > 3 * surface.samples_uv[5 * 2000 : 30 * 2000].std()


def test_insertion_strikes_innervated_fibres_of_an_old_lesion_too():
    old = muscle_state(**SMALL, axon_loss_share=0.6, day=3000.0, reinnervation=False)
    made = simulate_needle(old, phases=(NeedlePhase(kind="insertion", duration_s=1.0, insertional="normal"),), seed=2)
    assert np.ptp(made.truth.noise_free_uv) > 150.0
