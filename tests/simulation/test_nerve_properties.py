"""Properties of the virtual nerve that hold for any person and lesion, the same bytes twice, and bad input."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.errors import InputError
from emgwidgets.simulation.lesion import (
    Anomaly,
    AxonBranching,
    AxonLoss,
    BrainstemLesion,
    ConductionBlock,
    FocalDemyelination,
    LengthDependentLoss,
)
from emgwidgets.simulation.nerve.axons import Subject
from emgwidgets.simulation.nerve.motor_axons import AxonFate, motor_axons
from emgwidgets.simulation.nerve.pathway import studies, study
from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP
from emgwidgets.simulation.nerve.repetitive import Exercise
from emgwidgets.simulation.nerve.stimulation import Pulse
from emgwidgets.simulation.nerve.volley import StimulationPoint
from emgwidgets.simulation.patient import VirtualPatient

APB = {"nerve": "median", "muscle": "abductor_pollicis_brevis", "side": "right"}
ADM = {"nerve": "ulnar", "muscle": "abductor_digiti_minimi_hand", "side": "right"}

SEEDS = st.integers(0, 20)
SHARES = st.floats(0.0, 1.0)


@settings(max_examples=12, deadline=None)
@given(first=SHARES, more=SHARES, seed=SEEDS, day=st.floats(10.0, 27.0))
def test_more_loss_never_leaves_more(first: float, more: float, seed: int, day: float) -> None:
    """Before sprouting, a larger loss at the same place takes the same axons and others."""
    low, high = sorted((first, more))
    kept = [
        VirtualPatient(seed=seed, lesions=(AxonLoss(element="ulnar_arm", share=share),), day=day).nerve(
            "ulnar_adm", "right"
        )
        for share in (low, high)
    ]
    assert np.all(kept[0].surviving >= kept[1].surviving)
    size = [float(state.axons.size[state.surviving].sum()) for state in kept]
    assert size[0] >= size[1]


@settings(max_examples=12, deadline=None)
@given(warm=st.floats(20.0, 37.0), cooling=st.floats(0.0, 8.0), seed=SEEDS)
def test_cooler_is_never_faster(warm: float, cooling: float, seed: int) -> None:
    cold = max(warm - cooling, 16.0)
    onsets = []
    for degc in (warm, cold):
        setup = dataclasses.replace(MOTOR_SETUP, skin_temperature_degc=degc)
        onsets.append(VirtualPatient(seed=seed).motor_study(**ADM, site="below_elbow", setup=setup).truth.arrival_ms)
    assert np.all(onsets[1] >= onsets[0] - 1e-9)


@settings(max_examples=12, deadline=None)
@given(share=st.floats(0.05, 1.0), seed=SEEDS)
def test_a_distal_lesion_spares_what_branched_off_before(share: float, seed: int) -> None:
    for lesion in (
        AxonLoss(element="median_carpal_tunnel", share=share),
        FocalDemyelination(element="median_carpal_tunnel", speed_factor=0.3),
        ConductionBlock(element="median_carpal_tunnel", share=share),
    ):
        for muscle in ("pronator_teres", "flexor_carpi_radialis", "flexor_pollicis_longus", "biceps_brachii"):
            who = motor_axons(subject=Subject(seed=seed), muscle=muscle, side="left", lesions=(lesion,), day=30.0)
            assert who.share(AxonFate.SOUND) == 1
            assert np.allclose(who.speed_share, 1)


@settings(max_examples=10, deadline=None)
@given(share=st.floats(0.05, 1.0), seed=SEEDS)
def test_block_changes_nothing_below_it(share: float, seed: int) -> None:
    sick = VirtualPatient(seed=seed, lesions=(ConductionBlock(element="ulnar_elbow", share=share),))
    well = VirtualPatient(seed=seed)
    for site, change in (("wrist", False), ("below_elbow", False), ("above_elbow", True)):
        one, other = (p.motor_study(**ADM, site=site).truth for p in (sick, well))
        if change:
            assert one.n_responding < other.n_responding
        else:
            assert np.array_equal(one.noise_free_uv, other.noise_free_uv)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, low=st.floats(2.0, 30.0), more=st.floats(0.0, 30.0))
def test_more_current_never_excites_fewer(seed: int, low: float, more: float) -> None:
    patient = VirtualPatient(seed=seed)
    answers = [
        patient.motor_study(**ADM, site="wrist", pulse=Pulse(current_ma=current)).truth.n_responding
        for current in (low, low + more)
    ]
    assert answers[1] >= answers[0] - 2  # units near threshold answer by chance


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), half=st.floats(60.0, 180.0))
def test_dying_back_takes_the_longer_first(seed: int, half: float) -> None:
    patient = VirtualPatient(seed=seed, lesions=(LengthDependentLoss(half_length_cm=half),), day=60.0)
    lost = [patient.nerve(key, "right").share_lost for key in ("fibular_edb", "fibular_ta", "axillary_deltoid")]
    assert lost[0] >= lost[1] - 0.02
    assert lost[1] >= lost[2] - 0.02


@pytest.mark.parametrize("key", studies("motor"))
def test_every_motor_study_is_made_twice_with_the_same_bytes(key: str) -> None:
    one = study(key)
    where = {"nerve": one.data["nerve"], "muscle": one.target, "side": "left", "site": one.data["standard_site"]}
    sweeps = [VirtualPatient(seed=9).motor_study(**where).sweep.samples_uv for _ in range(2)]
    assert sweeps[0].tobytes() == sweeps[1].tobytes()
    assert np.isfinite(sweeps[0]).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: VirtualPatient().motor_study(nerve="median", muscle="psoas_major", side="left", site="wrist"), "one of median to"),
        (lambda: VirtualPatient().motor_study(nerve="vagus", muscle="thyroarytenoid", side="left", site="neck"), "examined with the needle"),
        (lambda: VirtualPatient().sensory_study(response="supraorbital", side="left"), "no such sensory study"),
        (lambda: VirtualPatient().motor_study(**APB, site="wrist", error="bad_luck"), "one of submaximal"),
        (lambda: VirtualPatient().sensory_study(response="sural", side="left", error="off_motor_point"), "in a sensory study"),
        (lambda: VirtualPatient().blink_reflex(side="both"), "left or right"),
        (lambda: VirtualPatient().blink_reflex(side="left", interval_s=0), "above 0 to 3600 s"),
        (lambda: VirtualPatient().f_waves(**APB, n_stimuli=0), "1 to 500"),
        (lambda: VirtualPatient().motor_study(**APB, site="wrist", duration_ms=0), "5 to 2000 ms"),
        (lambda: VirtualPatient().f_waves(**APB, excitability=-1), "0 to 50"),
        (lambda: VirtualPatient().repetitive_protocol(**APB, exercise_s=900), "up to 300 s"),
        (lambda: Exercise(duration_s=0), "up to 300 s"),
        (lambda: BrainstemLesion(level="cortex", side="left"), "pons or medulla"),
        (lambda: BrainstemLesion(level="pons", side="middle"), "left or right"),
        (lambda: BrainstemLesion(level="pons", side="left", delay_ms=90), "0 to 30 ms"),
        (lambda: AxonBranching(element="ulnar_arm", share=-0.1), "0 to 1"),
        (lambda: AxonLoss(element="ulnar_arm", share=0.1, over_days=-1), "0 to 20000 days"),
        (lambda: Anomaly(kind="prefixed"), "prefixed_plexus"),
        (lambda: dataclasses.replace(MOTOR_SETUP, movement_uv=-1), "the movement"),
        (lambda: dataclasses.replace(MOTOR_SETUP, slip_mm=99), "the slip"),
        (lambda: dataclasses.replace(MOTOR_SETUP, mains_hz=5), "50 or 60 Hz"),
        (lambda: motor_axons(subject=Subject(), muscle="third_arm", side="left"), "no such muscle"),
        (lambda: motor_axons(subject=Subject(), muscle="APB", side="up"), "left or right"),
        (lambda: VirtualPatient().collision_study(**APB, first=StimulationPoint(site="knee"), second=StimulationPoint(site="wrist"), interval_ms=1.0), "no such site"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_sentence(call, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)
