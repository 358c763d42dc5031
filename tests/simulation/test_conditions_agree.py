"""The story agrees with its neighbours: nerve state, needle muscle, the judge's prevalence table, the case document."""

from __future__ import annotations

import pytest

from emgwidgets import vocabulary
from emgwidgets.cases.document import case_from_document, document_from_case
from emgwidgets.interpretation.correlation.prevalence import prevalence
from emgwidgets.simulation.conditions import severities
from emgwidgets.simulation.lesion import (
    Anomaly,
    AxonBranching,
    AxonLoss,
    BrainstemLesion,
    CentralWeakness,
    FocalDemyelination,
)
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.simulation.story.incidental import incidental_rates, prevalence_percent
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


def test_generator_and_judge_read_one_table_of_published_rates() -> None:
    """The figures the patient is made with are those the reader is told, at every decade and between."""
    words = {"signal loss": "disc_signal_loss", "height loss": "disc_height_loss"}
    rates = incidental_rates("lumbar")
    assert sum(len(rate.ages_years) for rate in rates) == len(vocabulary.lumbar_prevalence()) == 56
    for rate in rates:
        for age in (20.0, 34.0, 50.0, 67.0, 80.0):
            told = prevalence(words.get(rate.raw, rate.kind), age_years=age)[0].percent
            assert told == pytest.approx(prevalence_percent(rate, age)), (rate.kind, rate.raw, age)


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


@pytest.mark.parametrize(
    ("anomaly", "muscle", "element"),
    [
        ("accessory_fibular", "extensor digitorum brevis", "superficial_fibular_leg"),
        ("martin_gruber_fdi", "first dorsal interosseous (hand)", "ulnar_elbow"),
        ("riche_cannieu", "abductor pollicis brevis", "median_carpal_tunnel"),
        ("prefixed_plexus", "triceps", "root_c8"), ("postfixed_plexus", "deltoid", "root_c6"),
    ],
)  # fmt: skip
def test_an_anomalous_way_changes_strength_as_it_changes_the_needle(anomaly: str, muscle: str, element: str) -> None:
    odd = VirtualPatient(
        lesions=(AxonLoss(element=element, share=1.0),), day=20.0, seed=2, anomalies=(Anomaly(kind=anomaly, share=0.6),)
    )
    usual = VirtualPatient(lesions=odd.lesions, day=20.0, seed=2)
    code = vocabulary.muscle(muscle).code
    fates = [one.muscle_fate(muscle=code, side="left").axon_loss_share for one in (odd, usual)]
    lost = [
        muscle_force(
            Body(subject=one.subject, lesions=one.lesions, day=20.0, anomalies=one.anomalies), code, "left"
        ).lost_share
        for one in (odd, usual)
    ]
    assert lost == pytest.approx(fates, abs=0.08)
    assert abs(lost[0] - lost[1]) > 0.1


def test_the_patients_own_anomaly_reaches_the_examination() -> None:
    lesion = AxonLoss(element="superficial_fibular_leg", share=1.0)
    odd = Anomaly(kind="accessory_fibular", share=0.6, side="left")
    found = VirtualPatient(lesions=(lesion,), day=20.0, anomalies=(odd,)).clinic()[1].strength
    assert {one.side: one.mrc for one in found if one.muscle == "extensor_digitorum_brevis"} == {
        "left": "3",
        "right": "5",
    }


def test_every_kind_of_lesion_can_be_examined() -> None:
    quiet = (
        AxonBranching(element="tibial_popliteal", share=0.5), BrainstemLesion(level="pons", side="left"),
        FocalDemyelination(element="median_carpal_tunnel", speed_factor=0.5),
    )  # fmt: skip
    symptoms, found = VirtualPatient(lesions=quiet, day=30.0).clinic()
    assert symptoms == ()
    assert {one.mrc for one in found.strength} == {"5"}
    assert {one.finding for one in (*found.reflexes, *found.sensation)} == {"normal"}


def test_another_region_of_a_listed_case_has_the_findings_of_age() -> None:
    patient = teaching_case("U14").simulate(seed=4).patient
    assert [one.level for one in patient.mri().findings] == ["L3-4", "L4-5", "L5-S1"]
    assert len(patient.mri(region="cervical").findings) > 2
    assert patient.mri(region="cervical").truth.causes == ()


def test_the_clinic_follows_the_day() -> None:
    told = simulated_case("radiculopathy_l5", side="left", severity="severe", seed=3)
    early, late = (told.patient.on_day(day) for day in (3.0, 900.0))
    assert {one.days for one in early.clinic()[0]} == {3.0}

    def weak(one: VirtualPatient) -> int:
        return sum(row.mrc != "5" for row in one.clinic()[1].strength)

    assert weak(late) < weak(early)
    assert {row.mrc for row in told.patient.on_day(3.0).clinic()[1].strength if row.side == "right"} == {"5"}
