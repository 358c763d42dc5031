"""The needle's units are the axons of the nerve conduction study, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.simulation.lesion import AxonLoss, CentralWeakness, ConductionBlock, JunctionDisease
from emgwidgets.simulation.muscle.muscle_fate import muscle_fate, needle_muscle
from emgwidgets.simulation.muscle.needle import NeedlePhase, simulate_needle
from emgwidgets.simulation.nerve.axons import Subject
from emgwidgets.simulation.nerve.motor_axons import AxonFate, motor_axons
from emgwidgets.simulation.patient import VirtualPatient

HAND = {"muscle": "abductor_pollicis_brevis", "side": "right"}
WRIST = "median_carpal_tunnel"


def both(lesions, day, seed=3, **place):
    place = {**HAND, **place}
    who = Subject(seed=seed)
    axons = motor_axons(subject=who, lesions=lesions, day=day, **place)
    return axons, needle_muscle(subject=who, lesions=lesions, day=day, **place)


def test_a_healthy_muscle_has_one_unit_for_each_axon():
    axons, muscle = both((), 0.0)
    assert muscle.n_units == axons.n_axons
    assert muscle.voluntary.all()
    assert np.corrcoef(muscle.fibres_per_unit, axons.size)[0, 1] > 0.98


@given(st.floats(0.0, 1.0), st.floats(0.0, 900.0), st.integers(0, 50))
@settings(max_examples=6, deadline=None)
def test_the_lost_units_are_exactly_the_lost_axons(share, day, seed):
    axons, muscle = both((AxonLoss(element=WRIST, share=share),), day, seed)
    assert (muscle.voluntary == axons.obeys).all()
    owning = np.zeros(axons.n_axons, dtype=bool)
    owning[np.unique(muscle.unit[muscle.unit >= 0])] = True
    assert (owning == axons.innervates).all()


def test_the_number_of_live_units_is_the_number_of_live_axons():
    axons, muscle = both((AxonLoss(element=WRIST, share=0.6),), 400.0)
    live = np.unique(muscle.unit[muscle.unit >= 0])
    assert len(live) == int(axons.innervates.sum()) < axons.n_axons


def test_blocked_axons_give_no_discharge_and_no_fibrillation():
    lesions = (ConductionBlock(element=WRIST, share=1.0),)
    axons, muscle = both(lesions, 40.0)
    assert (axons.fate == AxonFate.BLOCKED).all()
    assert not muscle.voluntary.any()
    assert (muscle.unit >= 0).all()
    assert not muscle.spontaneous.any()
    made = simulate_needle(muscle, phases=(NeedlePhase(kind="effort", duration_s=3.0, effort="full"),))
    assert made.truth.units == ()
    assert made.truth.sources == ()


def test_partly_blocked_axons_are_the_same_ones():
    axons, muscle = both((ConductionBlock(element=WRIST, share=0.5),), 10.0)
    assert 0.3 < axons.share(AxonFate.BLOCKED) < 0.7
    assert (muscle.voluntary == (axons.fate == AxonFate.SOUND)).all()


def test_old_and_fresh_denervation_stand_side_by_side():
    lesions = (AxonLoss(element="root_l5", side="left", share=0.7, over_days=400.0),)
    _, muscle = both(lesions, 400.0, muscle="extensor_hallucis_longus", side="left")
    days = muscle.denervated_days[np.isfinite(muscle.denervated_days)]
    assert days.min() < 60
    assert days.max() > 200


def test_axons_that_grew_back_make_small_unstable_units():
    lesions = (AxonLoss(element=WRIST, share=1.0, regrows=0.8),)
    axons, muscle = both(lesions, 120.0)
    back = axons.fate == AxonFate.REGROWN
    assert back.any()
    assert (muscle.voluntary <= axons.obeys).all()
    owned = muscle.unit >= 0
    assert set(np.unique(muscle.unit[owned])) <= set(np.flatnonzero(back))
    assert muscle.maturity[owned].mean() < 0.6


def test_lesion_of_another_nerve_changes_nothing():
    _, muscle = both((AxonLoss(element="ulnar_elbow", share=1.0),), 60.0)
    _, well = both((), 60.0)
    assert muscle.voluntary.all()
    assert (muscle.unit == well.unit).all()


def test_central_weakness_is_few_and_slow_units_of_normal_number():
    axons, muscle = both((CentralWeakness(share=0.9),), 30.0)
    made = simulate_needle(muscle, effort="full", duration_s=5.0)
    rates = [1 / np.median(np.diff(unit.times_s)) for unit in made.truth.units if len(unit.times_s) > 5]
    assert max(rates) < 13.0
    assert len(rates) < 0.3 * axons.n_axons
    assert muscle.n_units == axons.n_axons


def test_presynaptic_disease_lowers_release_to_the_nerves_figure():
    _, muscle = both((JunctionDisease(kind="presynaptic", median_safety_factor=1.0),), 30.0)
    _, well = both((), 30.0)
    assert np.median(muscle.safety_factor) == pytest.approx(0.25 * np.median(well.safety_factor), rel=0.02)


def test_fate_in_numbers_counts_the_axons():
    who = Subject(seed=3)
    lesions = (AxonLoss(element=WRIST, share=0.5),)
    fate = muscle_fate(subject=who, lesions=lesions, day=30.0, **HAND)
    axons = motor_axons(subject=who, lesions=lesions, day=30.0, **HAND)
    assert fate.axon_loss_share == pytest.approx(1 - axons.innervates.mean())
    assert fate.days_since_loss == pytest.approx(30.0)
    assert fate.blocked_share == 0.0


def test_a_small_move_of_the_needle_stays_in_the_same_muscle():
    patient = VirtualPatient(seed=4)
    first = patient.needle(**HAND, effort="slight", duration_s=1.0)
    again = patient.needle(**HAND, effort="slight", duration_s=1.0)
    stored = [made.recording.channels[0].samples.stored.tobytes() for made in (first, again)]
    assert stored[0] == stored[1]
    one, two = (
        needle_muscle(subject=patient.subject, lesions=(), day=0.0, **HAND),
        needle_muscle(subject=patient.subject, lesions=(), day=0.0, **HAND),
    )
    assert one is two
