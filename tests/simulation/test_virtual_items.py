"""Every class of the waveform gym, with features of the truth within the published ranges; artefacts, pairs, sound."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle.averaged import macro_recording, single_fibre_pair
from emgwidgets.simulation.muscle.drive import effort_to_recruit
from emgwidgets.simulation.muscle.muscle import muscle_state
from emgwidgets.simulation.muscle.needle import Activity, NeedlePhase, simulate_needle
from emgwidgets.simulation.muscle.unit_shape import unit_shape
from emgwidgets.simulation.practice.disturbances import DISTURBANCES, Disturbance, disturbance_uv
from emgwidgets.simulation.practice.loudspeaker import loudspeaker_signal
from emgwidgets.simulation.practice.waveform_classes import LEVELS, waveform_class, waveform_classes
from emgwidgets.simulation.practice.waveform_items import waveform_item

SMALL = {"muscle": "FDI", "n_units": 40, "seed": 3}
CLASSES = tuple(waveform_classes())


@pytest.fixture(scope="module")
def muscle():
    return muscle_state(**SMALL)


def feature(code, name, level=1, seed=3):
    return waveform_item(code, level, seed).features[name]


def test_classes_are_those_of_the_curriculum():
    found = waveform_classes()
    assert [kind.number for kind in found.values()] == list(range(1, 30))
    assert sum(kind.never_miss for kind in found.values()) == 12
    for kind in found.values():
        assert kind.mark in {"V", "M", "P"}
        assert kind.code not in kind.confused_with


def test_confusions_and_terms_exist():
    import csv
    from importlib import resources

    text = resources.files("emgwidgets.vocabulary").joinpath("annotation_terms.csv").read_text(encoding="utf-8")
    terms = {row["code"] for row in csv.DictReader(text.splitlines())}
    renamed = {"reduced_recruitment", "recruitment_normal", "poor_activation"}
    for kind in waveform_classes().values():
        assert set(kind.confused_with) <= set(CLASSES) | renamed
        assert kind.annotation_term in terms | {""}
    assert vocabulary.muscle("FDI").code


@pytest.mark.parametrize("code", CLASSES)
def test_every_class_can_be_made_with_truth(code):
    item = waveform_item(code, 1, 3)
    samples_uv = item.recording.channels[0].samples_uv
    assert np.isfinite(samples_uv).all()
    assert np.ptp(samples_uv) > 10.0
    assert item.kind is waveform_class(code)
    assert item.features
    assert all(0 <= t <= item.recording.duration_s + 0.1 for t in item.events_s)
    assert len(item.events_s) > 0 or code == "mains"


@pytest.mark.parametrize(
    "code", ["fibrillation", "complex_repetitive_discharge", "unit_normal", "insertional_increased"]
)
def test_every_level_can_be_made_and_grows_harder(code):
    noise = [waveform_item(code, level, 2).recording for level in LEVELS]
    quiet = [float(np.quantile(np.abs(r.channels[0].samples_uv), 0.25)) for r in noise]
    assert quiet[0] < quiet[-1]
    assert waveform_item(code, 3, 2).presentation in {"sound", "picture"}
    assert waveform_item(code, 1, 2).presentation == "both"


def test_level_four_has_a_second_activity_and_a_grade():
    item = waveform_item("fibrillation", 4, 5)
    assert item.grade in {1, 2, 3, 4}
    assert item.also_present
    assert {s.kind for s in item.truth.sources} >= {"fibrillation", *item.also_present}


def test_same_seed_same_bytes_and_another_seed_another_item():
    stored = [
        waveform_item("myotonic_discharge", 2, s).recording.channels[0].samples.stored.tobytes() for s in (1, 1, 2)
    ]
    assert stored[0] == stored[1] != stored[2]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_features_lie_in_the_published_ranges(seed):
    assert feature("insertional_normal", "after_stop_ms", seed=seed) < 300
    assert feature("insertional_increased", "after_stop_ms", seed=seed) > 300
    assert feature("insertional_decreased", "after_stop_ms", seed=seed) < 30
    assert feature("end_plate_spike", "first_deflection", seed=seed) == "negative"
    assert feature("end_plate_spike", "interval_cv_percent", seed=seed) > 50
    assert feature("fibrillation", "first_deflection", seed=seed) == "positive"
    assert 0.5 <= feature("fibrillation", "rate_hz", seed=seed) <= 30
    assert feature("fibrillation", "interval_cv_percent", seed=seed) < 25  # it slows, and has silent phases
    assert feature("positive_sharp_wave", "first_deflection", seed=seed) == "positive"
    assert 10 <= feature("positive_sharp_wave", "duration_ms", seed=seed) <= 35
    assert feature("complex_repetitive_discharge", "interval_cv_percent", seed=seed) < 1.0
    assert feature("myotonic_discharge", "rate_to_hz", seed=seed) > 1.3 * feature(
        "myotonic_discharge", "rate_from_hz", seed=seed
    )
    assert feature("myotonic_discharge", "amplitude_change_percent", seed=seed) > 30
    assert 2 <= feature("myokymic_discharge", "spikes_per_burst", seed=seed) <= 10
    assert 100 <= feature("neuromyotonic_discharge", "rate_hz", seed=seed) <= 300
    assert 4 <= feature("tremor", "group_rate_hz", seed=seed) <= 10


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_units_of_the_gym_are_what_they_are_called(seed):
    assert feature("unit_normal", "n_phases", seed=seed) <= 4
    assert feature("unit_large", "amplitude_uv", seed=seed) > 2 * feature("unit_small", "amplitude_uv", seed=seed)
    assert feature("unit_large", "n_fibres", seed=seed) > feature("unit_normal", "n_fibres", seed=seed)
    odd = waveform_item("unit_polyphasic", 1, seed).features
    assert odd["n_phases"] > 4 or odd["n_satellites"] > 0
    assert feature("unit_unstable", "jiggle", seed=seed) > 2 * feature("unit_normal", "jiggle", seed=seed)
    assert feature("unit_doublet", "doublet_percent", seed=seed) > 20
    assert 2 <= feature("unit_doublet", "doublet_interval_ms", seed=seed) <= 10


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_recruitment_items_differ_in_rate_and_number(seed):
    reduced, poor = (waveform_item(c, 1, seed).features for c in ("reduced_recruitment", "poor_activation"))
    assert reduced["fastest_rate_hz"] > 15
    assert reduced["ratio_hz"] > 8
    assert poor["fastest_rate_hz"] < 13
    early, usual = (waveform_item(c, 1, seed).features for c in ("early_recruitment", "recruitment_normal"))
    assert early["n_units_firing"] > usual["n_units_firing"] - 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("hiccup",), "no such class of waveform; got 'hiccup'"),
        (("fibrillation", 5), "no such level; got 5; expected 1, 2, 3 or 4"),
        (("fibrillation", 1, -1), "the seed cannot be used; got -1"),
        (("fibrillation", 1, 1.5), "the seed cannot be used; got 1.5"),
    ],
)
def test_impossible_items(arguments, words):
    with pytest.raises(InputError, match=words):
        waveform_item(*arguments)


@pytest.mark.parametrize("kind", DISTURBANCES)
def test_every_disturbance_is_there_and_repeatable(kind):
    one, truth = disturbance_uv(Disturbance(kind=kind), 48000, 24000.0, np.random.default_rng(1))
    two, _ = disturbance_uv(Disturbance(kind=kind), 48000, 24000.0, np.random.default_rng(1))
    assert (one == two).all()
    assert np.abs(one).max() > 5.0
    assert truth.kind == kind
    assert (np.diff(truth.times_s) > 0).all()


def test_mains_is_a_line_at_its_frequency():
    wave_uv, _ = disturbance_uv(Disturbance(kind="mains", rate_hz=60.0), 48000, 24000.0, np.random.default_rng(1))
    assert np.abs(np.fft.rfft(wave_uv)).argmax() / 2.0 == pytest.approx(60.0)


def test_stimulus_has_a_fixed_interval_and_a_pacemaker_nearly_one():
    for kind, most in (("stimulus", 1e-9), ("pacemaker", 0.03)):
        _, truth = disturbance_uv(Disturbance(kind=kind), 24000 * 20, 24000.0, np.random.default_rng(2))
        gaps = np.diff(truth.times_s)
        assert gaps.std() / gaps.mean() <= most


def test_loose_reference_saturates_the_converter():
    samples_uv = waveform_item("loose_reference", 1, 1).recording.channels[0].samples_uv
    assert (np.abs(samples_uv) > 4990).sum() > 100


def test_impossible_disturbances():
    with pytest.raises(InputError, match="no such disturbance; got 'ghost'"):
        Disturbance(kind="ghost")
    with pytest.raises(InputError, match="the size of the disturbance cannot be used"):
        Disturbance(kind="mains", size_uv=-1.0)


def test_shape_of_a_drawn_potential():
    time_ms = np.arange(0, 40, 1 / 24.0)
    main = 100 * np.exp(-(((time_ms - 9) / 0.5) ** 2)) - 400 * np.exp(-(((time_ms - 10) / 0.5) ** 2))
    late = 90 * np.exp(-(((time_ms - 22) / 0.5) ** 2))
    found = unit_shape(main + late, 24000.0)
    assert found.n_phases == 2
    assert found.n_turns == 2
    assert len(found.satellites_ms) == 1
    assert 21 < found.satellites_ms[0][0] < 22 < found.satellites_ms[0][1] < 23
    assert found.duration_ms < 4.0
    assert unit_shape(np.zeros(100), 24000.0) is None


def test_satellites_and_jiggle_come_from_young_sprouts_not_from_health():
    def counts(**state):
        state = muscle_state(**SMALL, **state)
        found = [
            simulate_needle(state, effort="moderate", duration_s=1.0, seed=s, sampling_rate_hz=24000.0).truth.units
            for s in (1,)
        ]
        units = [u for group in found for u in group if u.amplitude_uv > 50]
        return np.mean([len(u.shape.satellites_ms) for u in units if u.shape]), np.nanmean([u.jiggle for u in units])

    well, young = counts(), counts(axon_loss_share=0.7, day=110.0)
    assert young[0] > well[0]
    assert young[1] > 1.3 * well[1]


def test_pair_jitter_follows_the_junctions():
    found = {}
    for name, state in (("normal", {}), ("ill", {"junction": "myasthenia", "junction_safety_median": 1.7})):
        made = single_fibre_pair(muscle_state(muscle="extensor digitorum", seed=1, **state), seed=2, n_discharges=50)
        found[name] = made.jitter_us
        assert made.fibre_density >= 2
        assert len(made.times_s) >= 45
        assert made.recording.channels[0].sampling_rate_hz >= 50000
        assert made.recording.channels[0].settings.high_pass_hz == 500.0
    assert 5 < found["normal"] < 60 < found["ill"]


def test_macro_average_resembles_the_units_own_potential():
    made = macro_recording(muscle_state(muscle="extensor digitorum", seed=1), seed=2)
    middle = slice(made.averaged_uv.size // 2, made.averaged_uv.size // 2 + 480)
    assert np.corrcoef(made.averaged_uv[middle], made.true_uv[middle])[0, 1] > 0.85
    assert made.true_amplitude_uv == pytest.approx(np.ptp(made.averaged_uv[middle]), rel=0.35)
    assert [c.name for c in made.recording.channels][1] == "Macro"


def test_impossible_pairs(muscle):
    with pytest.raises(InputError, match="jitter needs discharges"):
        single_fibre_pair(muscle, n_discharges=1)
    with pytest.raises(InputError, match="the unit obeys no command; got 99"):
        effort_to_recruit(muscle, 99)


def test_needle_moves_call_up_myotonia():
    ill = muscle_state(**SMALL, membrane="myotonic")
    still = simulate_needle(ill, duration_s=4.0)
    moved = simulate_needle(ill, phases=(NeedlePhase(kind="insertion", duration_s=4.0, depth_step_mm=0.3),))
    assert still.truth.sources == ()
    assert {s.kind for s in moved.truth.sources} == {"myotonic_discharge"}


def sound_of(muscle, kind, rate_hz, **place):
    from emgwidgets.simulation.muscle.electrode import needle_in

    made = simulate_needle(
        muscle, needle_in(muscle, **place), activities=(Activity(kind=kind, rate_hz=rate_hz),), duration_s=5.0, seed=6,
        sampling_rate_hz=24000.0,
    )  # fmt: skip
    return made, loudspeaker_signal(made.recording)


@pytest.mark.parametrize(
    "kind", ["fibrillation", "positive_sharp_wave", "complex_repetitive_discharge", "fasciculation"]
)
def test_a_sound_has_its_events_where_the_truth_has_them(muscle, kind):
    made, sound = sound_of(muscle, kind, {"fasciculation": 1.0}.get(kind, 8.0))
    assert sound.duration_s == pytest.approx(5.0, abs=1e-3)
    envelope = np.abs(sound.samples)
    quiet = np.quantile(envelope, 0.5)
    for time in made.truth.sources[0].peak_times_s:
        at = round(time * sound.sampling_rate_hz)
        assert envelope[max(at - 240, 0) : at + 240].max() > 4 * quiet


def test_a_crisp_spike_sounds_higher_than_a_dull_positive_wave(muscle):
    def centre_hz(kind):
        _, sound = sound_of(muscle, kind, 8.0, noise_uv=0.0)
        power = np.abs(np.fft.rfft(sound.samples)) ** 2
        frequency = np.fft.rfftfreq(len(sound.samples), 1 / sound.sampling_rate_hz)
        return (power * frequency).sum() / power.sum()

    assert centre_hz("fibrillation") > 1.5 * centre_hz("positive_sharp_wave")


def test_a_machine_like_discharge_sounds_as_its_rate(muscle):
    made, sound = sound_of(muscle, "complex_repetitive_discharge", 35.0)
    times = made.truth.sources[0].times_s
    inside = sound.samples[int(times[5] * 48000) : int(times[40] * 48000)].astype(float)
    beat = np.abs(np.fft.rfft(np.abs(inside) - np.abs(inside).mean()))
    rate = np.fft.rfftfreq(len(inside), 1 / 48000)
    usual = 1 / np.median(np.diff(times[5:40]))
    near = beat[np.abs(rate - usual) < 2].max()
    assert near > 5 * np.median(beat[(rate > 5) & (rate < 60)])


@pytest.mark.parametrize("rate_hz", [44100, 48000])
def test_a_wav_file_holds_the_sound(muscle, rate_hz):
    made, _ = sound_of(muscle, "fibrillation", 8.0)
    sound = loudspeaker_signal(made.recording, sampling_rate_hz=rate_hz, start_s=1.0, end_s=2.0)
    with wave.open(io.BytesIO(sound.to_wav())) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (rate_hz, 1, 2)
        assert file.getnframes() == rate_hz
    louder = loudspeaker_signal(made.recording, full_scale_uv=10.0)
    assert louder.clipped_share > 0
    assert np.abs(louder.samples).max() <= 1.0


def test_gain_of_the_sound_is_calibrated(muscle):
    made, sound = sound_of(muscle, "fibrillation", 8.0)
    assert np.ptp(sound.samples) * sound.full_scale_uv == pytest.approx(
        np.ptp(made.recording.channels[0].samples_uv), rel=0.15
    )


def test_impossible_sounds(muscle):
    made, _ = sound_of(muscle, "fibrillation", 8.0)
    with pytest.raises(InputError, match="the rate of the sound cannot be used"):
        loudspeaker_signal(made.recording, sampling_rate_hz=8000)
    with pytest.raises(InputError, match="the full scale of the sound cannot be used"):
        loudspeaker_signal(made.recording, full_scale_uv=0.0)
