"""The story agrees with its neighbours: nerve state, needle muscle, the judge's prevalence table, the case document."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from emgwidgets.cases.document import case_from_document, document_from_case
from emgwidgets.simulation.conditions import severities
from emgwidgets.simulation.lesion import AxonLoss, CentralWeakness
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.simulation.story.clinic import table
from emgwidgets.simulation.story.supply import Body, feeling_share, muscle_force
from emgwidgets.simulation.story.teaching import teaching_case, teaching_cases
from emgwidgets.simulation.story.told import simulated_case

SENSORY = ("median_d2", "ulnar_d5", "superficial_radial", "sural", "saphenous", "lateral_antebrachial_cutaneous")


def body_of(patient: VirtualPatient) -> Body:
    return Body(subject=patient.subject, lesions=patient.lesions, day=float(patient.day))


@pytest.mark.parametrize("nerve", SENSORY)
@pytest.mark.parametrize(
    "code", ["sensory_ganglionopathy", "carpal_tunnel_syndrome", "lower_trunk_plexopathy", "femoral_neuropathy"]
)
def test_feeling_and_sensory_response_lose_the_same_axons(code: str, nerve: str) -> None:
    patient = VirtualPatient.with_condition(code, side="left", seed=11)
    state = patient.nerve(nerve, "left")
    assert 1 - feeling_share(body_of(patient), nerve, "left") == pytest.approx(state.share_lost, abs=0.03)


@pytest.mark.parametrize("nerve", ["median_d2", "sural"])
def test_a_root_lesion_takes_feeling_and_leaves_the_response(nerve: str) -> None:
    root = {"median_d2": "root_c7", "sural": "root_s1"}[nerve]
    patient = VirtualPatient(lesions=(AxonLoss(element=root, share=1.0),), day=60.0)
    assert patient.nerve(nerve, "left").share_lost == 0.0
    assert feeling_share(body_of(patient), nerve, "left") < 0.45


@pytest.mark.parametrize(("condition", "muscle"), [
    ("radiculopathy_c7", "triceps"), ("fibular_neuropathy_at_head", "tibialis anterior"), ("sciatic_neuropathy", "gastrocnemius"),
    ("guillain_barre_axonal", "deltoid"), ("anterior_interosseous_neuropathy", "flexor pollicis longus"),
])  # fmt: skip
def test_strength_and_needle_lose_the_same_units(condition: str, muscle: str) -> None:
    patient = VirtualPatient.with_condition(condition, side="left", severity="severe", day=20.0, seed=2)
    fate = patient.muscle_fate(muscle=muscle, side="left")
    left = (1 - fate.axon_loss_share) * (1 - fate.blocked_share)
    assert muscle_force(body_of(patient), muscle, "left").force_share == pytest.approx(left, abs=0.08)


def test_command_and_needle_agree_on_central_weakness() -> None:
    patient = VirtualPatient(lesions=(CentralWeakness(share=0.5, roots=("C5",), side="left"),), day=30.0)
    force = muscle_force(body_of(patient), "deltoid", "left").force_share
    assert force == pytest.approx(1 - 0.5 * 3 / 5)
    assert muscle_force(body_of(patient), "deltoid", "right").force_share == 1.0


def test_generator_and_judge_hold_the_same_published_rates() -> None:
    """Two tables, one literature: the figures the patient is made with are those the reader is told."""
    words = {"signal loss": "disc_signal_loss", "height loss": "disc_height_loss"}
    text = (
        resources.files("emgwidgets.interpretation.correlation").joinpath("prevalence.csv").read_text(encoding="utf-8")
    )
    judged = {
        (row["region"], row["finding"], float(row["age_years"])): float(row["percent"])
        for row in csv.DictReader(text.splitlines())
        if row["age_years"]
    }
    made = {
        (row["region"], words.get(row["raw"], row["kind"]), float(row["age_years"])): float(row["percent"])
        for row in table("incidental_prevalence.csv")
        if row["region"] == "lumbar"
    }
    assert len(made) == 56
    assert {key: judged.get(key) for key in made} == made


@pytest.mark.parametrize("code", teaching_cases())
def test_a_told_case_survives_its_document(code: str) -> None:
    case = teaching_case(code).simulate(seed=6).case
    back = case_from_document(document_from_case(case))
    assert back.problems == ()
    assert document_from_case(back.case) == document_from_case(case)


def test_the_case_holds_no_truth_and_no_identifier() -> None:
    for code in ("radiculopathy_l5", "carpal_tunnel_syndrome", "myositis"):
        told = simulated_case(code, seed=9)
        written = str(document_from_case(told.case))
        assert "root_l5" not in written
        assert "lesion" not in written
        assert code not in written


def bland(seed: int, severity: str) -> int:
    """Grade of the noise-free responses, with the limits often paired with the scale (ncs.S66, ncs.S67; ring 0.4 ms)."""
    patient = VirtualPatient.with_condition("carpal_tunnel_syndrome", side="right", severity=severity, seed=seed)
    motor = patient.motor_study(nerve="median", muscle="abductor_pollicis_brevis", side="right", site="wrist").truth
    digit, ring, ulnar = (
        patient.sensory_study(response=name, side="right").truth for name in ("median_d2", "median_d4", "ulnar_d4")
    )
    if digit.is_absent:
        if motor.is_absent or motor.amplitude_uv < 200.0:
            return 6
        return 5 if motor.onset_ms > 6.5 else 4
    if motor.onset_ms > 4.5:
        return 3
    if digit.true_distance_mm / digit.onset_ms < 40.0:
        return 2
    return 1 if ring.peak_ms - ulnar.peak_ms > 0.4 else 0


def test_carpal_tunnel_severities_are_the_grades_of_the_scale() -> None:
    """Most people of each severity get the grade it is meant for; a person's own speed moves some by one."""
    for grade, severity in enumerate(severities("carpal_tunnel_syndrome"), start=1):
        found = [bland(seed, severity) for seed in range(700, 709)]
        assert sorted(found)[4] == grade, (severity, found)
        assert sum(abs(one - grade) <= 1 for one in found) >= 8
