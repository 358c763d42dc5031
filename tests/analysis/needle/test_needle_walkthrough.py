"""Every part of a needle examination on the virtual patient, through the public calls only, against its truth."""

from __future__ import annotations

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets.model.measure import Measure
from emgwidgets.model.signal import Trace
from emgwidgets.simulation.lesion import AxonLoss
from emgwidgets.simulation.muscle.averaged import macro_recording, single_fibre_pair
from emgwidgets.simulation.muscle.muscle import muscle_state
from emgwidgets.simulation.muscle.needle import simulate_needle
from emgwidgets.simulation.muscle.needle_phase import NeedlePhase

EDC = {"muscle": "extensor digitorum", "seed": 1}
LOST = AxonLoss(element="common_fibular_head", share=0.6, side="right")


def places(patient, n=3):
    """Stretches with the needle still, one for each insertion."""
    phases = tuple(NeedlePhase(kind="insertion", duration_s=3.6, depth_step_mm=1.0) for _ in range(n))
    made = patient.needle(muscle="tibialis_anterior", side="right", phases=phases, sampling_rate_hz=24_000.0, seed=5)
    channel = made.recording.channels[0]
    ends = [*(start for start, _ in made.truth.insertions_s[1:]), made.recording.duration_s]
    found = []
    for stop, end in zip(made.truth.needle_stops_s, ends, strict=True):
        a, b = channel.index_at(stop + 0.8), channel.index_at(end - 0.01)
        found.append(Trace(samples_uv=channel.samples_uv[a:b], sampling_rate_hz=24_000.0, start_s=stop + 0.8))
    return found


@pytest.mark.parametrize("kind", ["fibrillation", "positive_sharp_wave", "fasciculation", "myotonic_discharge"])
def test_a_noisy_stretch_is_named_rightly_or_left_open_with_a_reason(kind):
    found = emg.needle.read_rest(emg.waveform_item(kind, level=3, seed=7101).recording.channels[0])
    assert found.naming.code in (kind, "cannot_tell")
    assert found.naming.is_named or found.naming.reason
    for source in found.sources:
        assert source.naming.is_named or source.naming.reason
        assert source.features


def test_a_discharge_at_the_very_end_is_read():
    found = emg.needle.read_rest(emg.waveform_item("end_plate_noise", level=3, seed=7100).recording.channels[0])
    assert found.naming.code == "end_plate_noise"


def test_denervation_is_graded_over_several_insertions():
    well = emg.VirtualPatient(seed=5)
    ill = emg.VirtualPatient(seed=5, lesions=(LOST,), day=30.0)
    grades = [emg.needle.grade_denervation([emg.needle.read_rest(one) for one in places(who)]) for who in (well, ill)]
    assert grades[0].grade == 0
    assert grades[1].grade >= 1
    assert grades[1].n_sites == 3
    assert all("lasting train" in line for line in grades[1].evidence)


@pytest.fixture(scope="module")
def efforts():
    """Large units and signal: slight and full effort, full with central weakness, moderate with most axons gone."""
    made = {}
    for name, kind, effort, manner in (
        ("slight", {}, "slight", "steady"), ("full", {}, "full", "steady"), ("central", {}, "full", "central"),
        ("few", {"axon_loss_share": 0.97, "day": 12.0}, "full", "steady"),
    ):  # fmt: skip
        phase = NeedlePhase(kind="effort", duration_s=4.0, effort=effort, manner=manner)
        one = simulate_needle(muscle_state(seed=5, **kind), phases=(phase,), sampling_rate_hz=24_000.0, seed=5)
        trains = [unit.times_s for unit in one.truth.units if np.ptp(unit.recorded_uv) > 100]
        made[name] = (one.recording.trace(0), trains)
    return made


def test_central_weakness_is_kept_apart_from_missing_units(efforts):
    read = {
        name: emg.needle.read_recruitment(emg.needle.measure_recruitment(trains), effort="slight" if name == "slight" else "full")
        for name, (_, trains) in efforts.items() if trains
    }  # fmt: skip
    assert read["slight"].pattern == "normal"
    assert read["full"].pattern == "normal"
    assert read["central"].pattern == "poor_activation"
    assert read["few"].pattern == "reduced"


def test_every_measure_of_the_interference_pattern_follows_effort(efforts):
    slight, full, central = (
        emg.needle.measure_interference(efforts[name][0]) for name in ("slight", "full", "central")
    )
    for name in ("turns_per_s_hz", "activity_percent", "n_small_segments", "envelope_uv"):
        low, high, weak = (np.median([getattr(one, name) for one in each.epochs]) for each in (slight, full, central))
        assert low < high
        assert weak < high
    assert slight.peak_ratio < full.peak_ratio
    assert full.peak_ratio == max(one.turns_amplitude_ratio for one in full.epochs)


NINE = (
    "amplitude_uv", "duration_ms", "area_uv_ms", "n_phases", "n_turns", "n_satellites", "rise_time_ms", "spike_duration_ms",
    "thickness_ms",
)  # fmt: skip


def test_units_of_the_patient_have_their_parameters_and_true_size():
    made = emg.VirtualPatient(seed=3101).needle(
        muscle="tibialis_anterior", side="right", effort=0.012, duration_s=5.0, seed=3101
    )
    result = emg.needle.decompose(made.recording.trace(0))
    muaps = emg.needle.measure_muaps(result, settings=made.recording.channels[0].settings)
    pairs = emg.needle.match_units([one.times_s for one in result.units], [one.times_s for one in made.truth.units])
    pairs = [pair for pair in pairs if pair.found is not None and pair.reference is not None]
    assert pairs
    for pair in pairs:
        muap, truth = muaps[pair.found], made.truth.units[pair.reference]
        if np.ptp(truth.recorded_uv) > 150:  # smaller ones stand on the tails of the others
            assert muap.amplitude_uv.value == pytest.approx(np.ptp(truth.recorded_uv), rel=0.1)
        for name in NINE:
            one = getattr(muap, name)
            assert isinstance(one, Measure) or one.reason
        assert all(one.method for one in muap.durations)
        assert muap.duration_ms.low <= muap.duration_ms.value <= muap.duration_ms.high
        for name in ("jiggle", "firing_rate_hz", "size_index"):
            assert isinstance(getattr(muap, name), Measure) or getattr(muap, name).reason


def test_macro_potential_on_its_own_fibre_trigger():
    made = macro_recording(muscle_state(**EDC), seed=2)
    times = emg.needle.find_unit_discharges(made.recording.trace(0))
    found = emg.needle.measure_macro_potential(made.recording.trace(1), times)
    assert found.n_averaged > 100
    assert found.amplitude_uv == pytest.approx(made.true_amplitude_uv, rel=0.4)


def test_a_pair_that_jitters_and_blocks_is_measured():
    ill = muscle_state(**EDC, junction="myasthenia", junction_safety_median=1.7)
    made = single_fibre_pair(ill, seed=3, n_discharges=60)
    (pair,) = emg.needle.measure_jitter(made.recording.trace(0))
    assert made.blocked_percent > 20
    assert pair.jitter_us == pytest.approx(made.jitter_us, rel=0.15)
    assert pair.blocking_percent == pytest.approx(made.blocked_percent, abs=5)
    assert pair.mean_interval_us == pytest.approx(1000 * made.interval_ms, abs=60)
    assert emg.needle.fibre_density([made.recording.trace(0)]) == (2.0, (2,))


def test_reinnervation_raises_the_fibre_density_of_a_simulated_study():
    """Fibres that fire within one another's spike are counted once, so the count lies below the number of fibres."""
    grouped = muscle_state(**EDC, axon_loss_share=0.6, day=150.0)
    studies = {"well": (muscle_state(**EDC), (1, 8)), "grouped": (grouped, (3, 4))}
    density, fibres = {}, {}
    for name, (muscle, seeds) in studies.items():
        pairs = [single_fibre_pair(muscle, seed=seed, n_discharges=40) for seed in seeds]
        density[name], counts = emg.needle.fibre_density([pair.recording.trace(0) for pair in pairs])
        fibres[name] = [pair.fibre_density for pair in pairs]
        assert all(count <= most for count, most in zip(counts, fibres[name], strict=True))
    assert density["well"] <= 1.5 < density["grouped"]
    assert np.mean(fibres["well"]) < np.mean(fibres["grouped"])
