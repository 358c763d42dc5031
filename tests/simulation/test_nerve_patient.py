"""The nerve part of the virtual patient: physiology that must emerge, and one sentence for bad input."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.simulation.conditions import condition, conditions, severities
from emgwidgets.simulation.lesion import (
    Anomaly,
    AxonLoss,
    ConductionBlock,
    FocalDemyelination,
    JunctionDisease,
    LengthDependentLoss,
    UniformDemyelination,
)
from emgwidgets.simulation.nerve.axons import Subject, axon_population
from emgwidgets.simulation.nerve.nerve_parameters import PARAMETERS, parameter
from emgwidgets.simulation.nerve.pathway import path_to_muscle, path_to_study, studies, study
from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP, SENSORY_SETUP
from emgwidgets.simulation.nerve.repetitive import Exercise
from emgwidgets.simulation.nerve.stimulation import Pulse
from emgwidgets.simulation.patient import VirtualPatient

APB = {"nerve": "median", "muscle": "abductor_pollicis_brevis", "side": "right"}
ADM = {"nerve": "ulnar", "muscle": "abductor_digiti_minimi_hand", "side": "right"}
EDB = {"nerve": "fibular", "muscle": "extensor_digitorum_brevis", "side": "right"}


def motor(patient: VirtualPatient, site: str, where: dict = APB, **more):
    return patient.motor_study(**where, site=site, **more)


def test_same_seed_same_bytes() -> None:
    one, two = (motor(VirtualPatient(seed=5), "wrist").sweep.samples_uv.tobytes() for _ in range(2))
    assert one == two
    assert one != motor(VirtualPatient(seed=6), "wrist").sweep.samples_uv.tobytes()
    assert one != motor(VirtualPatient(seed=5), "wrist", trial=1).sweep.samples_uv.tobytes()


@pytest.mark.parametrize("key", studies())
def test_every_study_answers_in_health_and_is_negative_first(key: str) -> None:
    one = study(key)
    patient = VirtualPatient(seed=3)
    if one.kind == "motor":
        truth = patient.motor_study(
            nerve=one.data["nerve"], muscle=one.target, side="left", site=one.data["standard_site"]
        ).truth
    else:
        truth = patient.sensory_study(response=key, side="left").truth
    assert not truth.is_absent
    assert truth.onset_ms < truth.peak_ms < truth.end_ms
    before_peak = truth.noise_free_uv[: int(truth.peak_ms * 20)]
    allowed = 0.4 if one.data.get("orthodromic") else 0.06
    assert before_peak.max() < allowed * truth.amplitude_uv


@pytest.mark.parametrize("seed", range(4))
def test_velocity_from_two_sites_is_that_of_the_fast_axons(seed: int) -> None:
    patient = VirtualPatient(seed=seed)
    setup = dataclasses.replace(MOTOR_SETUP, skin_temperature_degc=34.0)
    wrist, elbow = (motor(patient, site, setup=setup).truth for site in ("wrist", "elbow"))
    measured = (elbow.true_distance_mm - wrist.true_distance_mm) / (elbow.onset_ms - wrist.onset_ms)
    fast = patient.nerve("median_apb", "right").axons.fast_velocity_m_per_s
    assert measured == pytest.approx(fast, rel=0.1)  # onset of many axons, no single one


@settings(max_examples=15, deadline=None)
@given(share=st.floats(0.1, 0.9), seed=st.integers(0, 50))
def test_block_lowers_the_proximal_response_only(share: float, seed: int) -> None:
    block = ConductionBlock(element="median_proximal_forearm", share=share, fibres="motor")
    sick, well = VirtualPatient(seed=seed, lesions=(block,)), VirtualPatient(seed=seed)
    assert motor(sick, "wrist").truth.amplitude_uv == motor(well, "wrist").truth.amplitude_uv
    state = sick.nerve("median_apb", "right")
    size = state.axons.size
    blocked = float(size[~state.conducts(1.0, state.axons.path.target_mm)].sum() / size.sum())
    fall = 1 - motor(sick, "elbow").truth.negative_area_uv_ms / motor(well, "elbow").truth.negative_area_uv_ms
    assert fall == pytest.approx(blocked, abs=0.15)  # units differ in depth and size
    assert (~state.conducts(1.0, state.axons.path.target_mm)).mean() == pytest.approx(share, abs=0.01)


def test_block_recovers_with_its_time_constant() -> None:
    block = ConductionBlock(element="radial_spiral_groove", share=0.8, recovery_days=40.0)
    shares = [
        1 - VirtualPatient(lesions=(block,), day=day).nerve("radial_eip", "right").conducts(200.0, 600.0).mean()
        for day in (0.0, 40.0, 400.0)
    ]
    assert shares[0] == pytest.approx(0.8, abs=0.02)
    assert shares[1] == pytest.approx(0.8 / np.e, abs=0.02)
    assert shares[2] < 0.01


def test_wallerian_clock_motor_before_sensory() -> None:
    cut = AxonLoss(element="ulnar_arm", share=1.0, place=0.1)
    patient = VirtualPatient(seed=2, lesions=(cut,))
    healthy_m = motor(VirtualPatient(seed=2), "wrist", ADM).truth
    healthy_s = VirtualPatient(seed=2).sensory_study(response="ulnar_d5", side="right").truth

    def kept(day: float) -> tuple[float, float, float]:
        now = patient.on_day(day)
        wrist = motor(now, "wrist", ADM).truth
        sensory = now.sensory_study(response="ulnar_d5", side="right").truth
        return (
            wrist.amplitude_uv / healthy_m.amplitude_uv,
            sensory.amplitude_uv / healthy_s.amplitude_uv,
            motor(now, "axilla", ADM).truth.amplitude_uv if day else 0.0,
        )

    assert kept(1.0)[0] > 0.95
    assert kept(1.0)[1] > 0.95
    assert kept(1.0)[2] > 0  # the axilla is beyond the cut
    assert kept(8.0)[0] < 0.2
    assert kept(8.0)[1] > 0.4  # a stump of 50 cm lasts longer than the published half time
    assert kept(12.0)[0] < 0.03
    assert kept(13.0)[1] < 0.05
    # Median fibres answer at Erb's point and reach the electrode through the tissue; the ulnar ones do not.
    assert motor(patient.on_day(2.0), "erb", ADM).truth.n_responding == 0


def test_root_lesion_spares_the_sensory_response_and_takes_the_paraspinal_muscle() -> None:
    patient = VirtualPatient.with_condition("radiculopathy_c8", side="right", severity="severe", seed=4)
    well = VirtualPatient(seed=4)
    response = {"response": "ulnar_d5", "side": "right"}
    assert patient.sensory_study(**response).truth.amplitude_uv == well.sensory_study(**response).truth.amplitude_uv
    assert motor(patient, "wrist", ADM).truth.amplitude_uv < 0.8 * motor(well, "wrist", ADM).truth.amplitude_uv
    assert patient.muscle_fate(muscle="cervical_paraspinals_c7_c8", side="right").axon_loss_share > 0.2
    assert patient.muscle_fate(muscle="cervical_paraspinals_c7_c8", side="left").axon_loss_share == 0
    trunk = VirtualPatient.with_condition("lower_trunk_plexopathy", side="right", severity="severe", seed=4)
    assert trunk.sensory_study(**response).truth.amplitude_uv < 0.3 * well.sensory_study(**response).truth.amplitude_uv
    assert trunk.muscle_fate(muscle="cervical_paraspinals_c7_c8", side="right").axon_loss_share == 0


@pytest.mark.parametrize("muscle", vocabulary.muscles())
def test_every_muscle_has_a_way_and_a_lesion_on_it_reaches_it(muscle: str) -> None:
    path = path_to_muscle(muscle, 170.0)
    for route in path.routes:
        ends = [span.end_mm for span in route.spans]
        assert ends == sorted(ends)
        first = route.spans[0].element
        fate = VirtualPatient(lesions=(AxonLoss(element=first, share=1.0),), day=60.0).muscle_fate(
            muscle=muscle, side="left"
        )
        assert 0 < fate.axon_loss_share <= 1


def test_focal_demyelination_slows_only_its_segment() -> None:
    slow = FocalDemyelination(element="ulnar_elbow", speed_factor=0.4, spread=0.0)
    sick, well = VirtualPatient(seed=1, lesions=(slow,)), VirtualPatient(seed=1)
    gain = [
        motor(sick, site, ADM).truth.onset_ms - motor(well, site, ADM).truth.onset_ms
        for site in ("below_elbow", "above_elbow")
    ]
    assert gain[0] == pytest.approx(0.0, abs=0.01)
    fast = well.nerve("ulnar_adm", "right").axons.fast_velocity_m_per_s
    assert gain[1] == pytest.approx(50.0 / fast * 1.5, rel=0.15)


def test_carpal_tunnel_grades_change_in_order() -> None:
    found = {}
    for grade in ("mild", "moderate", "severe", "extreme"):
        patient = VirtualPatient.with_condition("carpal_tunnel_syndrome", severity=grade, seed=8)
        digit, palm = (patient.sensory_study(response=r, side="right").truth for r in ("median_d2", "median_palmar"))
        found[grade] = (digit, palm, motor(patient, "wrist").truth)
    well_s = VirtualPatient(seed=8).sensory_study(response="median_d2", side="right").truth
    well_m = motor(VirtualPatient(seed=8), "wrist").truth
    assert found["mild"][0].peak_ms > well_s.peak_ms + 0.4
    assert found["mild"][2].onset_ms < well_m.onset_ms + 0.5
    assert found["moderate"][2].onset_ms > well_m.onset_ms + 0.9
    assert found["severe"][0].is_absent
    assert found["severe"][1].is_absent  # the axons to the palm are cut in the tunnel as well
    assert not found["severe"][2].is_absent
    assert found["extreme"][2].amplitude_uv < 0.1 * well_m.amplitude_uv
    palm = VirtualPatient.with_condition("carpal_tunnel_syndrome", severity="moderate", seed=8)
    assert (
        palm.sensory_study(response="ulnar_d5", side="right").truth.peak_ms
        == VirtualPatient(seed=8).sensory_study(response="ulnar_d5", side="right").truth.peak_ms
    )


def test_uniform_slowing_does_not_disperse_and_unequal_slowing_does() -> None:
    def duration_growth(spread: float) -> float:
        slow = UniformDemyelination(speed_factor=0.5, spread=spread)
        patient = VirtualPatient(seed=2, lesions=(slow,))
        wrist, elbow = (motor(patient, site, duration_ms=80.0).truth for site in ("wrist", "elbow"))
        return wrist.amplitude_uv / elbow.amplitude_uv

    assert duration_growth(0.0) < 1.5
    assert duration_growth(0.3) > duration_growth(0.0) + 0.5


def test_length_dependent_loss_takes_the_foot_before_the_hand() -> None:
    patient = VirtualPatient(seed=2, lesions=(LengthDependentLoss(half_length_cm=100.0),), day=60.0)
    lost = {key: patient.nerve(key, "left").share_lost for key in ("sural", "fibular_edb", "median_apb", "median_d2")}
    assert lost["sural"] > lost["fibular_edb"] - 0.35
    assert lost["fibular_edb"] > 0.6
    assert lost["median_apb"] < 0.3


def test_sprouting_restores_amplitude_while_units_stay_lost() -> None:
    cut = AxonLoss(element="ulnar_wrist", share=0.5)
    early, late = (VirtualPatient(seed=3, lesions=(cut,), day=day) for day in (20.0, 700.0))
    assert motor(late, "wrist", ADM).truth.amplitude_uv > 1.3 * motor(early, "wrist", ADM).truth.amplitude_uv
    assert late.nerve("ulnar_adm", "right").share_lost == early.nerve("ulnar_adm", "right").share_lost


def test_current_recruits_and_wide_pulses_need_less() -> None:
    patient = VirtualPatient(seed=1)
    responding = [
        motor(patient, "wrist", pulse=Pulse(current_ma=current)).truth.n_responding
        for current in (5.0, 12.0, 13.0, 40.0)
    ]
    assert responding[0] == 0
    assert responding == sorted(responding)
    assert responding[-1] == patient.nerve("median_apb", "right").axons.n_axons
    wide = motor(patient, "wrist", pulse=Pulse(current_ma=8.0, pulse_width_ms=1.0)).truth.n_responding
    assert wide > motor(patient, "wrist", pulse=Pulse(current_ma=8.0, pulse_width_ms=0.1)).truth.n_responding
    deep = Pulse(current_ma=20.0, extra_depth_mm=10.0)
    assert motor(patient, "wrist", pulse=deep).truth.n_responding < responding[-1]


def test_reversed_electrodes_delay_the_response() -> None:
    patient = VirtualPatient(seed=1)
    right, wrong = (
        motor(patient, "wrist", pulse=Pulse(current_ma=60.0, is_reversed=reverse)).truth for reverse in (False, True)
    )
    assert 0.3 <= wrong.onset_ms - right.onset_ms <= 0.6
    assert wrong.n_responding < right.n_responding


def test_cold_slows_and_the_electrode_off_the_motor_point_begins_positive() -> None:
    patient = VirtualPatient(seed=1)
    warm, cold = (
        motor(patient, "wrist", setup=dataclasses.replace(MOTOR_SETUP, skin_temperature_degc=t)).truth
        for t in (34.0, 29.0)
    )
    assert (cold.onset_ms - warm.onset_ms) / 5 == pytest.approx(0.2, abs=0.05)
    off = motor(patient, "wrist", setup=dataclasses.replace(MOTOR_SETUP, electrode_offset_mm=15.0)).truth.noise_free_uv
    assert off[: off.argmin()].max() > 0.05 * -off.min()


def test_averaging_lowers_noise_by_the_square_root() -> None:
    patient = VirtualPatient(seed=1)
    setup = dataclasses.replace(SENSORY_SETUP, artefact=0.0, noise_uv=4.0)

    def noise(n: int) -> float:
        got = patient.sensory_study(response="sural", side="right", n_averaged=n, setup=setup)
        return float((got.sweep.samples_uv - got.truth.noise_free_uv).std())

    assert noise(1) / noise(100) == pytest.approx(10.0, rel=0.05)


def test_f_waves_vary_and_vanish_with_a_root_block() -> None:
    waves = VirtualPatient(seed=1).f_waves(**ADM, n_stimuli=30)
    latencies = [wave.onset_ms for wave in waves if wave.onset_ms is not None]
    assert 0.4 < len(latencies) / 30 <= 1
    assert min(latencies) > 20
    assert np.ptp(latencies) > 0.5
    assert len({wave.units for wave in waves}) > 8
    block = tuple(ConductionBlock(element=f"root_{root}", share=1.0) for root in ("c8", "t1"))
    blocked = VirtualPatient(seed=1, lesions=block)
    assert all(wave.onset_ms is None for wave in blocked.f_waves(**ADM, n_stimuli=10))
    assert (
        motor(blocked, "wrist", ADM).truth.amplitude_uv
        == motor(VirtualPatient(seed=1), "wrist", ADM).truth.amplitude_uv
    )


def test_h_reflex_rises_and_is_extinguished_by_collision() -> None:
    currents = tuple(np.linspace(3.0, 14.0, 34))
    curve = VirtualPatient(seed=1).h_reflex(side="right", currents_ma=currents)
    h = np.array([one.amplitude_uv for one in curve])
    m = np.array([one.direct_amplitude_uv for one in curve])
    assert h[0] < 50
    assert h.max() > 0.15 * m.max()
    assert h[-1] < 0.02 * h.max()
    assert currents[int(h.argmax())] < currents[int(np.argmax(m > 0.9 * m.max()))]
    s1 = tuple(ConductionBlock(element=f"root_{root}", share=1.0) for root in ("l5", "s1", "s2"))
    lost = VirtualPatient(seed=1, lesions=s1).h_reflex(side="right", currents_ma=currents)
    assert all(one.onset_ms is None for one in lost)
    short = VirtualPatient(seed=1).h_reflex(side="right", currents_ma=currents, interval_s=1.0)
    assert max(one.amplitude_uv for one in short) < h.max()


def test_repetitive_stimulation_by_disease() -> None:
    def train(lesions=(), **more):
        return VirtualPatient(seed=1, lesions=lesions).repetitive_study(**ADM, **more)

    assert abs(train().true_decrement_percent) < 5
    myasthenia = (JunctionDisease(kind="postsynaptic", median_safety_factor=1.6, spread=0.45),)
    assert 12 < train(myasthenia).true_decrement_percent < 30
    assert (
        train(myasthenia, exercise=Exercise(duration_s=10)).true_decrement_percent
        < train(myasthenia).true_decrement_percent
    )
    lems = (JunctionDisease(kind="presynaptic", median_safety_factor=0.8, spread=0.35),)
    rest = train(lems).responses[0].truth.amplitude_uv
    after = train(lems, exercise=Exercise(duration_s=10)).responses[0].truth.amplitude_uv
    late = train(lems, exercise=Exercise(duration_s=10, ended_s_ago=90)).responses[0].truth.amplitude_uv
    assert after > 1.6 * rest > 1.6 * 0.5 * late
    assert late < 1.2 * rest


def test_cmap_scan_falls_from_the_whole_response_to_nothing() -> None:
    scan = VirtualPatient(seed=1).cmap_scan(**APB, n_stimuli=200)
    whole = motor(VirtualPatient(seed=1), "wrist").truth.amplitude_uv
    assert scan.amplitudes_uv[:5].mean() == pytest.approx(whole, rel=0.05)
    assert scan.amplitudes_uv[-5:].mean() < 0.02 * whole
    assert scan.n_units == VirtualPatient(seed=1).nerve("median_apb", "right").axons.n_axons


def test_a_dead_nerve_gives_a_scan_of_noise() -> None:
    dead = VirtualPatient(seed=1, lesions=(AxonLoss(element="median_arm", share=1.0),), day=30.0)
    scan = dead.cmap_scan(**APB, n_stimuli=50)
    assert scan.n_units == 0
    assert scan.amplitudes_uv.max() < 20


def test_martin_gruber_moves_axons_from_elbow_ulnar_to_elbow_median() -> None:
    fdi = {"nerve": "ulnar", "muscle": "first_dorsal_interosseous_hand", "side": "right"}
    odd = VirtualPatient(seed=1, anomalies=(Anomaly(kind="martin_gruber_fdi", share=0.4),))
    wrist, below = (motor(odd, site, fdi).truth for site in ("wrist", "below_elbow"))
    assert below.n_responding / wrist.n_responding == pytest.approx(0.6, abs=0.02)
    through_median = motor(odd, "elbow", fdi, stimulated_nerve_study="median_apb").truth
    assert through_median.n_responding == wrist.n_responding - below.n_responding
    assert motor(odd, "wrist", fdi, stimulated_nerve_study="median_apb").truth.n_responding == 0


def test_accessory_fibular_makes_the_knee_larger_than_the_ankle() -> None:
    odd = VirtualPatient(seed=1, anomalies=(Anomaly(kind="accessory_fibular", share=0.4),))
    ankle, knee = (motor(odd, site, EDB).truth.amplitude_uv for site in ("ankle", "below_fibular_head"))
    assert knee > 1.1 * ankle


@pytest.mark.parametrize("code", conditions())
def test_every_condition_builds_at_every_severity(code: str) -> None:
    for severity in severities(code):
        found = condition(code, severity=severity)
        assert found.source
        assert found.mark in "VMDP"
        for lesion in found.lesions:
            if hasattr(lesion, "element"):
                vocabulary.element(lesion.element)
        patient = VirtualPatient.with_condition(code, severity=severity, side="left", seed=2)
        assert np.isfinite(motor(patient, "wrist").sweep.samples_uv).all()


def test_one_sided_condition_spares_the_other_side() -> None:
    patient = VirtualPatient.with_condition("carpal_tunnel_syndrome", side="left", severity="severe", seed=1)
    assert motor(patient, "wrist").truth.onset_ms == motor(VirtualPatient(seed=1), "wrist").truth.onset_ms


def test_every_parameter_has_source_and_mark() -> None:
    for one in PARAMETERS.values():
        assert one.source, one.name
        assert one.mark in "VMDP", one.name
    for key in studies():
        row = study(key).data
        assert all(row[name] for name in ("velocity_source", "amplitude_source", "ageing_source")), key


def test_height_moves_proximal_sites_but_not_the_distal_distance() -> None:
    tall, short = (path_to_study(study("median_apb"), height) for height in (190.0, 150.0))
    one = study("median_apb")
    for height, path in ((190.0, tall), (150.0, short)):
        assert path.target_mm - one.position_mm(one.site_cm("wrist"), height) == pytest.approx(80.0)
    assert tall.target_mm > short.target_mm


def test_older_subjects_have_fewer_and_larger_units() -> None:
    young, old = (axon_population(Subject(seed=1, age_years=age), "median_apb", "right").n_axons for age in (30, 75))
    assert old < 0.75 * young


def test_one_sweep_is_fast_once_cached() -> None:
    patient = VirtualPatient(seed=1)
    motor(patient, "wrist")
    start = time.perf_counter()
    for trial in range(20):
        patient.motor_study(**APB, site="wrist", trial=trial)
    assert (time.perf_counter() - start) / 20 < 0.05  # budget 5 ms; ten times that on a busy machine


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: VirtualPatient(age_years=-1), "18 to 100 years"),
        (lambda: VirtualPatient(height_cm=20), "130 to 215 cm"),
        (lambda: VirtualPatient(seed=-1), "whole number"),
        (lambda: VirtualPatient(day=-3), "0 to 40000"),
        (lambda: motor(VirtualPatient(), "knee"), "one of palm, wrist"),
        (
            lambda: VirtualPatient().motor_study(nerve="ulnar", muscle="soleus", side="right", site="wrist"),
            "one of tibial to soleus",
        ),
        (lambda: VirtualPatient().motor_study(**{**APB, "side": "middle"}, site="wrist"), "left or right"),
        (lambda: VirtualPatient().sensory_study(response="sural", side="right", n_averaged=0), "1 to 1000"),
        (lambda: VirtualPatient.with_condition("gout"), "one of amyotrophic"),
        (lambda: VirtualPatient.with_condition("normal", severity="bad"), "one of normal"),
        (lambda: AxonLoss(element="median_arm", share=1.2), "0 to 1"),
        (lambda: FocalDemyelination(element="median_arm", speed_factor=0.0), "0.05 to 1"),
        (lambda: JunctionDisease(kind="central", median_safety_factor=2.0), "postsynaptic or presynaptic"),
        (lambda: motor(VirtualPatient(lesions=(AxonLoss(element="median_toe", share=0.1),)), "wrist"), "no such"),
        (lambda: Pulse(current_ma=900), "0 to 400 mA"),
        (lambda: dataclasses.replace(MOTOR_SETUP, high_pass_hz=0), "above 0 Hz"),
        (lambda: Anomaly(kind="third_arm"), "one of martin_gruber_adm"),
        (lambda: VirtualPatient().repetitive_study(**APB, rate_hz=500), "0.1 to 50 Hz"),
        (lambda: VirtualPatient().h_reflex(side="right", currents_ma=()), "at least one current"),
        (lambda: parameter("gravity"), "one of"),
    ],
)
def test_bad_input_gets_one_sentence(call, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)
