"""Blink reflex, A waves, collision, errors of technique, anomalies and single axons of the virtual nerve."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.simulation.lesion import (
    Anomaly,
    AnteriorHornLoss,
    AxonBranching,
    AxonLoss,
    BrainstemLesion,
    CentralWeakness,
    ConductionBlock,
    FibreDisease,
    FocalDemyelination,
    JunctionDisease,
    UniformDemyelination,
)
from emgwidgets.simulation.nerve.axons import Subject
from emgwidgets.simulation.nerve.drawn_anomalies import drawn_anomalies
from emgwidgets.simulation.nerve.motor_axons import AxonFate, motor_axons
from emgwidgets.simulation.nerve.pathway import study
from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP
from emgwidgets.simulation.nerve.stimulation import Pulse
from emgwidgets.simulation.nerve.technical_errors import technical_error, technical_errors
from emgwidgets.simulation.nerve.volley import StimulationPoint, supramaximal_pulse
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.sources import sources

APB = {"nerve": "median", "muscle": "abductor_pollicis_brevis", "side": "right"}
ADM = {"nerve": "ulnar", "muscle": "abductor_digiti_minimi_hand", "side": "right"}
FDI = {"nerve": "ulnar", "muscle": "first_dorsal_interosseous_hand", "side": "right"}
EYE = {"nerve": "facial", "muscle": "orbicularis_oculi", "side": "right"}


def amplitude(patient: VirtualPatient, site: str, where: dict = ADM) -> float:
    return patient.motor_study(**where, site=site).truth.amplitude_uv


# Single axons


def test_the_needle_and_the_stimulus_meet_the_same_axons() -> None:
    lesions = (ConductionBlock(element="ulnar_arm", share=0.5), AxonLoss(element="root_c8", share=0.5))
    patient = VirtualPatient(seed=4, lesions=lesions, day=30.0)
    who = motor_axons(subject=patient.subject, muscle="ADM", side="right", lesions=lesions, day=30.0)
    sweep = patient.motor_study(**ADM, site="erb").truth
    answers = np.zeros(who.n_axons, dtype=bool)
    answers[np.flatnonzero(np.isfinite(sweep.arrival_ms))] = True
    assert np.array_equal(answers[who.axon], who.obeys)
    assert who.share(AxonFate.BLOCKED) > 0.2
    assert who.share(AxonFate.DEGENERATED) > 0.15
    assert np.all(np.diff(who.size) >= 0)  # order of recruitment
    cut = np.isin(who.fate, (AxonFate.SEVERED, AxonFate.DEGENERATED))
    assert {root for root, gone in zip(who.roots, cut, strict=True) if gone} == {"C8"}
    assert np.isnan(who.lesion_distance_mm[~cut]).all()
    assert np.all(who.lesion_distance_mm[cut] > 700)


def test_fate_follows_the_clock_severed_degenerated_regrown() -> None:
    cut = (AxonLoss(element="radial_spiral_groove", share=1.0, regrows=1.0),)
    shares = []
    for day in (1.0, 30.0, 500.0):
        who = motor_axons(subject=Subject(seed=2), muscle="EIP", side="left", lesions=cut, day=day)
        shares.append([who.share(fate) for fate in (AxonFate.SEVERED, AxonFate.DEGENERATED, AxonFate.REGROWN)])
    assert shares[0][0] > 0.95
    assert shares[1][1] > 0.95
    assert shares[2][2] > 0.95
    late = motor_axons(subject=Subject(seed=2), muscle="EIP", side="left", lesions=cut, day=500.0)
    assert np.all(late.regrown_day < 500)
    assert np.all(late.speed_share < 1)


def test_a_loss_that_takes_time_leaves_old_and_fresh_denervation() -> None:
    slow = (AnteriorHornLoss(share=0.6, over_days=300.0),)
    lost, days = [], None
    for day in (100.0, 200.0, 400.0):
        who = motor_axons(subject=Subject(seed=1), muscle="TA", side="right", lesions=slow, day=day)
        lost.append(1 - who.innervates.mean())
        days = who.denervated_day[np.isfinite(who.denervated_day)]
    assert lost == sorted(lost)
    assert lost[0] == pytest.approx(0.2, abs=0.04)
    assert lost[2] == pytest.approx(0.6, abs=0.02)
    assert days is not None
    assert np.ptp(days) > 250


@pytest.mark.parametrize("muscle", vocabulary.muscles())
def test_every_muscle_has_axons_that_a_root_lesion_takes(muscle: str) -> None:
    well = motor_axons(subject=Subject(seed=1), muscle=muscle, side="left")
    assert well.n_axons >= 20
    assert well.share(AxonFate.SOUND) == 1
    first = well.ways[0][0]
    sick = motor_axons(
        subject=Subject(seed=1), muscle=muscle, side="left", lesions=(AxonLoss(element=first, share=1.0),), day=60.0
    )
    passes = np.array([first in way for way in sick.ways])
    assert np.array_equal(np.isin(sick.fate, AxonFate.DEGENERATED), passes)


def test_distal_and_proximal_muscles_differ_in_fibre_and_junction_disease() -> None:
    lesions = (
        FibreDisease(proximal_share_lost=0.6, distal_share_lost=0.1),
        JunctionDisease(kind="postsynaptic", median_safety_factor=1.3, proximal_only=True),
    )
    sick, well = VirtualPatient(seed=1, lesions=lesions), VirtualPatient(seed=1)
    deltoid = {"nerve": "axillary", "muscle": "deltoid_middle", "side": "right"}
    assert amplitude(sick, "erb", deltoid) < 0.45 * amplitude(well, "erb", deltoid)
    assert amplitude(sick, "wrist") == pytest.approx(0.9 * amplitude(well, "wrist"), rel=0.02)


# Late responses


def test_blink_reflex_times_in_health() -> None:
    for seed in range(4):
        patient = VirtualPatient(seed=seed)
        got = patient.blink_reflex(side="right")
        direct = patient.motor_study(**EYE, site="tragus").truth.onset_ms
        assert 8.5 < got.r1_onset_ms < 13
        assert got.r1_onset_ms < got.r2_same_onset_ms - 10
        assert got.r2_same_onset_ms < 41
        assert got.r2_other_onset_ms < 44
        assert 2.6 < got.r1_onset_ms / direct < 4.6


def blink(side: str, *lesions, **more) -> tuple[float | None, ...]:
    got = VirtualPatient(seed=3, lesions=lesions, day=40.0).blink_reflex(side=side, **more)
    return got.r1_onset_ms, got.r2_same_onset_ms, got.r2_other_onset_ms


def test_blink_lesions_take_what_their_place_takes() -> None:
    well = blink("right")
    # Facial nerve of the right: nothing moves on the right, whichever side is stimulated.
    facial = AxonLoss(element="facial_trunk", share=1.0, side="right")
    assert blink("right", facial)[:2] == (None, None)
    assert blink("right", facial)[2] is not None
    assert blink("left", facial)[0] is not None
    assert blink("left", facial)[2] is None
    # Trigeminal nerve of the right: all fails when the right is stimulated, nothing when the left is.
    trigeminal = AxonLoss(element="cn_v", share=1.0, side="right")
    assert blink("right", trigeminal) == (None, None, None)
    assert blink("left", trigeminal) == blink("left")
    # Pons: R1 alone.  Medulla: R2 of both eyes is late, R1 is not.
    pons = blink("right", BrainstemLesion(level="pons", side="right"))
    assert pons[0] is None
    assert pons[1:] == well[1:]
    medulla = blink("right", BrainstemLesion(level="medulla", side="right", share=0.3, delay_ms=8.0))
    assert medulla[0] == well[0]
    assert medulla[1] > well[1] + 6
    assert medulla[2] > well[2] + 6


def test_blink_is_late_in_demyelination_and_r2_tires() -> None:
    slow = blink("right", UniformDemyelination(speed_factor=0.45))
    assert slow[0] > blink("right")[0] + 5
    tired = VirtualPatient(seed=3).blink_reflex(side="right", interval_s=0.5).right.truth.noise_free_uv[500:]
    fresh = VirtualPatient(seed=3).blink_reflex(side="right", interval_s=60.0).right.truth.noise_free_uv[500:]
    assert np.ptp(tired) < 0.5 * np.ptp(fresh)


def test_an_axon_that_divides_gives_an_a_wave_until_both_branches_are_excited() -> None:
    patient = VirtualPatient(seed=1, lesions=(AxonBranching(element="ulnar_arm", share=0.3),))
    point = StimulationPoint(site="wrist")
    strong = supramaximal_pulse(patient.nerve("ulnar_adm", "right"), point).current_ma
    found = {
        share: patient.f_waves(**ADM, n_stimuli=2, pulse=Pulse(current_ma=share * strong, pulse_width_ms=0.2))
        for share in (0.65, 1.4)
    }
    weak = found[0.65][0]
    assert weak.a_wave_arrivals_ms
    assert np.ptp(weak.a_wave_uv) > 50
    assert min(weak.a_wave_arrivals_ms) > weak.simulated.truth.onset_ms + 4
    common = set(np.round(weak.a_wave_arrivals_ms, 3)) & set(np.round(found[0.65][1].a_wave_arrivals_ms, 3))
    assert len(common) >= len(weak.a_wave_arrivals_ms) - 4  # the same latency at every stimulus
    assert not found[1.4][0].a_wave_arrivals_ms
    above = patient.motor_study(**ADM, site="axilla", pulse=Pulse(current_ma=0.65 * strong)).truth
    assert above.onset_ms is None or np.isfinite(above.arrival_ms).any()


def test_uneven_demyelination_gives_a_waves_and_even_does_not() -> None:
    def n_waves(spread: float) -> int:
        slow = (UniformDemyelination(speed_factor=0.5, spread=spread),)
        return sum(
            len(VirtualPatient(seed=seed, lesions=slow).f_waves(**ADM, n_stimuli=1)[0].a_wave_arrivals_ms)
            for seed in range(8)
        )

    assert n_waves(0.25) > 3
    assert n_waves(0.03) == 0


def test_upper_motor_neuron_weakness_makes_late_responses_brisk() -> None:
    weak = (CentralWeakness(share=0.8, side="right"),)
    currents = tuple(np.linspace(4.0, 12.0, 12))

    def sizes(side: str, lesions: tuple = ()) -> tuple[float, float]:
        patient = VirtualPatient(seed=2, lesions=lesions)
        f = patient.f_waves(**{**ADM, "side": side}, n_stimuli=40)
        h = patient.h_reflex(side=side, currents_ma=currents)
        return float(np.mean([len(w.units) for w in f])), max(w.amplitude_uv for w in h)

    assert sizes("right", weak)[0] > 1.4 * sizes("right")[0]
    assert sizes("right", weak)[1] > 1.1 * sizes("right")[1]
    assert sizes("left", weak) == sizes("left")


# Collision


def test_collision_cancels_what_crosses_and_leaves_the_rest() -> None:
    """Ulnar volley at the wrist cancels the median impulses that crossed to the ulnar side (Martin-Gruber)."""
    odd = VirtualPatient(seed=1, anomalies=(Anomaly(kind="martin_gruber_fdi", share=0.4),))
    ulnar_wrist = StimulationPoint(site="wrist")
    median_elbow = StimulationPoint(site="elbow", nerve_study="median_apb")
    elbow_alone = odd.motor_study(**FDI, site="elbow", stimulated_nerve_study="median_apb").truth
    wrist_alone = odd.motor_study(**FDI, site="wrist").truth
    assert elbow_alone.n_responding > 5
    both = odd.collision_study(**FDI, first=ulnar_wrist, second=median_elbow, interval_ms=0.0).truth
    assert both.noise_free_uv.min() == pytest.approx(wrist_alone.noise_free_uv.min(), rel=0.02)
    late = odd.collision_study(**FDI, first=ulnar_wrist, second=median_elbow, interval_ms=20.0).truth.noise_free_uv
    after = int((20.0 + elbow_alone.peak_ms) * 20)
    assert -late[after - 20 : after + 20].min() > 0.7 * elbow_alone.amplitude_uv


def test_collision_on_one_nerve_needs_the_travel_time() -> None:
    patient = VirtualPatient(seed=2)
    wrist, elbow = StimulationPoint(site="wrist"), StimulationPoint(site="below_elbow")
    alone = amplitude(patient, "below_elbow")

    def second_response(interval_ms: float) -> float:
        trace = patient.collision_study(**ADM, first=wrist, second=elbow, interval_ms=interval_ms).truth.noise_free_uv
        start = int((interval_ms + 5.5) * 20)
        return float(-trace[start : start + 120].min())

    assert second_response(15.0) == pytest.approx(alone, rel=0.1)
    trace = patient.collision_study(**ADM, first=wrist, second=elbow, interval_ms=0.5).truth.noise_free_uv
    assert -trace.min() == pytest.approx(amplitude(patient, "wrist"), rel=0.02)
    with pytest.raises(InputError, match="0 to 50 ms"):
        patient.collision_study(**ADM, first=wrist, second=elbow, interval_ms=-1)


def test_inching_finds_the_place_of_a_short_lesion() -> None:
    short = FocalDemyelination(element="ulnar_elbow", speed_factor=0.15, length_cm=1.0, place=0.5, spread=0.0)
    sick = VirtualPatient(seed=1, lesions=(short,))
    shifts = [-10.0 * k for k in range(10)]  # from below the elbow upwards, 1 cm each
    onsets = [sick.motor_study(**ADM, site="below_elbow", shift_mm=shift).truth.onset_ms for shift in shifts]
    steps = np.diff(onsets)
    at = int(steps.argmax())
    assert steps[at] > 0.5
    assert np.delete(steps, [at, max(at - 1, 0), min(at + 1, len(steps) - 1)]).max() < 0.3
    one = study("ulnar_adm")
    cathode_mm = one.position_mm(one.site_cm("below_elbow"), 170.0) + shifts[at]
    span = sick.nerve("ulnar_adm", "right").axons.routes[0].span("ulnar_elbow")
    assert abs(cathode_mm - (span.start_mm + span.end_mm) / 2) <= 15


def test_a_late_response_is_not_cut_off() -> None:
    slow = (UniformDemyelination(speed_factor=0.3),)
    where = {"nerve": "tibial", "muscle": "abductor_hallucis", "side": "right"}
    sweep = VirtualPatient(seed=1, lesions=slow).motor_study(**where, site="popliteal_fossa")
    assert sweep.truth.end_ms < len(sweep.sweep.samples_uv) / 20 - 1
    assert len(VirtualPatient(seed=1).motor_study(**where, site="popliteal_fossa").sweep.samples_uv) == 1000
    waves = VirtualPatient(seed=1, lesions=slow).f_waves(**where, n_stimuli=5)
    assert max(w.onset_ms for w in waves if w.onset_ms is not None) > 120


# Errors of technique


@pytest.mark.parametrize("code", technical_errors())
def test_every_error_of_technique_changes_the_record_and_is_explained(code: str) -> None:
    error = technical_error(code)
    assert all((error.title, error.signature, error.remedy))
    assert error.source in sources()
    patient = VirtualPatient(seed=2)
    calls = {
        "motor": lambda **k: patient.motor_study(**APB, site="wrist", **k).sweep,
        "sensory": lambda **k: patient.sensory_study(response="median_d2", side="right", **k).sweep,
    }
    for kind in error.kinds:
        right, wrong = calls[kind](), calls[kind](error=code)
        differs = not np.array_equal(right.samples_uv, wrong.samples_uv) or right.distance_mm != wrong.distance_mm
        assert differs


def test_signatures_of_the_errors() -> None:
    patient = VirtualPatient(seed=2)
    right = patient.motor_study(**APB, site="wrist").truth

    def wrong(code: str):
        return patient.motor_study(**APB, site="wrist", error=code).truth

    assert wrong("submaximal").amplitude_uv < 0.9 * right.amplitude_uv
    assert wrong("deep_nerve").n_responding < right.n_responding
    assert 0.3 <= wrong("reversed_electrodes").onset_ms - right.onset_ms <= 0.6
    assert wrong("cold_limb").onset_ms > right.onset_ms + 1.0
    assert wrong("low_filter_high").peak_ms < right.peak_ms
    assert wrong("high_filter_low").amplitude_uv < right.amplitude_uv
    off = wrong("off_motor_point").noise_free_uv
    assert off[: off.argmin()].max() > 0.1 * -off.min()
    costimulated = wrong("costimulation").noise_free_uv
    assert np.corrcoef(costimulated, right.noise_free_uv)[0, 1] < 0.995


def test_movement_makes_a_train_irregular() -> None:
    error = technical_error("movement")
    moved = dataclasses.replace(MOTOR_SETUP, **error.setup_changes)
    train = VirtualPatient(seed=2).repetitive_study(**ADM, setup=moved)
    sizes = np.array([one.truth.amplitude_uv for one in train.responses])
    assert np.abs(np.diff(sizes)).max() > 0.05 * sizes.max()
    assert (np.diff(sizes) > 0).any()
    still = VirtualPatient(seed=2).repetitive_study(**ADM)
    sizes = np.array([one.truth.amplitude_uv for one in still.responses])
    assert np.ptp(sizes) < 0.02 * sizes.max()


# Anomalies


@pytest.mark.parametrize(
    ("kind", "where", "key"),
    [
        ("martin_gruber_adm", ADM, "ulnar_adm"),
        ("martin_gruber_fdi", FDI, "ulnar_fdi"),
        ("martin_gruber_thenar", {"nerve": "ulnar", "muscle": "adductor_pollicis", "side": "right"}, "ulnar_adductor_pollicis"),
    ],
)  # fmt: skip
def test_each_type_of_martin_gruber_concerns_its_own_muscle(kind: str, where: dict, key: str) -> None:
    odd = VirtualPatient(seed=1, anomalies=(Anomaly(kind=kind, share=0.5),))
    for other in ("ulnar_adm", "ulnar_fdi", "ulnar_adductor_pollicis"):
        crosses = {"median_proximal_forearm" in way for way in _ways(odd, other)}
        assert crosses == ({True, False} if other == key else {False})
    wrist, below = (odd.motor_study(**where, site=site).truth.n_responding for site in ("wrist", "below_elbow"))
    assert below / wrist == pytest.approx(0.5, abs=0.02)
    # A lesion of the carpal tunnel spares the axons that crossed.
    cut = dataclasses.replace(odd, lesions=(AxonLoss(element="median_carpal_tunnel", share=1.0),), day=30.0)
    assert cut.motor_study(**where, site="wrist").truth.n_responding == wrist


def _ways(patient: VirtualPatient, key: str) -> list[tuple[str, ...]]:
    axons = patient.nerve(key, "right").axons
    return [tuple(span.element for span in axons.routes[row].spans) for row in set(axons.route)]


def test_martin_gruber_with_carpal_tunnel_gives_the_classic_picture() -> None:
    anomaly = (Anomaly(kind="martin_gruber_thenar", share=0.6),)
    speeds, dips, ratios = [], [], []
    for seed in range(6):
        sick = VirtualPatient.with_condition(
            "carpal_tunnel_syndrome", severity="severe", side="right", seed=seed, anomalies=anomaly
        )
        wrist, elbow = (sick.motor_study(**APB, site=site).truth for site in ("wrist", "elbow"))
        speeds.append((elbow.true_distance_mm - wrist.true_distance_mm) / (elbow.onset_ms - wrist.onset_ms))
        before = elbow.noise_free_uv[: elbow.noise_free_uv.argmin()]
        dips.append(before.max() / elbow.amplitude_uv)
        ratios.append(elbow.amplitude_uv / wrist.amplitude_uv)
    assert np.median(speeds) > 70  # falsely fast
    assert np.median(dips) > 0.02  # initial positivity
    assert np.median(ratios) > 1.0


def test_riche_cannieu_answers_from_the_ulnar_nerve() -> None:
    odd = VirtualPatient(seed=1, anomalies=(Anomaly(kind="riche_cannieu", share=1.0),))
    assert odd.motor_study(**APB, site="wrist").truth.n_responding == 0
    ulnar = odd.motor_study(**APB, site="wrist", stimulated_nerve_study="ulnar_adm").truth
    assert ulnar.n_responding == odd.nerve("median_apb", "right").axons.n_axons


@pytest.mark.parametrize(("kind", "root"), [("prefixed_plexus", "c7"), ("postfixed_plexus", "t2")])
def test_a_shifted_plexus_draws_on_the_next_root(kind: str, root: str) -> None:
    anomaly = Anomaly(kind=kind, share=1.0)
    lesion = (AxonLoss(element=f"root_{root}", share=1.0),)
    usual = VirtualPatient(seed=1, lesions=lesion, day=30.0)
    shifted = dataclasses.replace(usual, anomalies=(anomaly,))
    assert usual.nerve("ulnar_fdi", "right").share_lost == 0
    assert shifted.nerve("ulnar_fdi", "right").share_lost > 0.3
    spine = {"subject": Subject(seed=1), "muscle": "cervical_paraspinals_c7_c8", "side": "right"}
    # The dorsal ramus is not of the plexus.
    assert motor_axons(**spine, anomalies=(anomaly,)).roots == motor_axons(**spine).roots


def test_anomalies_are_drawn_at_their_prevalence() -> None:
    hands = [one for seed in range(1500) for one in drawn_anomalies(seed).values()]
    crossing = [any(a.kind.startswith("martin_gruber") for a in hand) for hand in hands]
    assert np.mean(crossing) == pytest.approx(0.197, abs=0.025)
    assert drawn_anomalies(7) == drawn_anomalies(7)


# Repetitive stimulation


@pytest.mark.parametrize(
    ("nerve", "muscle"),
    [("spinal_accessory", "trapezius"), ("facial", "nasalis"), ("ulnar", "ADM"), ("median", "APB")],
)
def test_exercise_repairs_then_exhausts(nerve: str, muscle: str) -> None:
    sick = VirtualPatient(
        seed=1, lesions=(JunctionDisease(kind="postsynaptic", median_safety_factor=1.7, spread=0.45),)
    )
    where = {"nerve": nerve, "muscle": muscle, "side": "right"}
    steps = sick.repetitive_protocol(**where, exercise_s=60.0)
    fall = [step.train.true_decrement_percent for step in steps]
    assert [step.exercise is None for step in steps] == [True, True, *[False] * 5]
    assert fall[0] > 8
    assert fall[2] < fall[0] - 3  # repair right after the effort
    assert max(fall[4:]) > fall[0] + 2  # exhaustion in the minutes after
    sizes = [one.truth.amplitude_uv for one in steps[0].train.responses]
    assert np.argmax(-np.diff(sizes)) == 0  # the largest single fall is from the first to the second
    assert abs(VirtualPatient(seed=1).repetitive_protocol(**where)[0].train.true_decrement_percent) < 5


@pytest.mark.parametrize("code", [nerve.code for nerve in vocabulary.sensory_nerves().values()])
@pytest.mark.parametrize("side", ["left", "right"])
def test_every_sensory_nerve_of_the_vocabulary_can_be_examined(code, side):
    truth = VirtualPatient(seed=1).sensory_study(response=code, side=side).truth
    assert truth.onset_ms is not None
    assert truth.amplitude_uv > 0.5
