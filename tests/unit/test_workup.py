"""A virtual patient examined through signals: what is measured agrees with the lesion, and absent is not zero."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emgwidgets.errors import InputError
from emgwidgets.interpretation.facts import facts_of
from emgwidgets.interpretation.reference import standing
from emgwidgets.model.measure import Absent, Measures
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.work_up import examine, measure_site, sensory_study, workup


def state(case, name):
    return standing(facts_of(case)[name], subject=case.subject).state


def test_a_carpal_tunnel_is_slow_at_its_wrist_and_nowhere_else():
    patient = VirtualPatient.with_condition("carpal_tunnel_syndrome", side="right", seed=7, age_years=52)
    case = examine(patient, studies=("median_apb", "ulnar_adm", "median_d2", "ulnar_d5"))
    assert state(case, "motor.median_apb.right.onset_latency_ms") == "abnormal"
    assert state(case, "sensory.median_d2.right.peak_latency_ms") == "abnormal"
    assert state(case, "motor.median_apb.left.onset_latency_ms") == "normal"
    assert state(case, "motor.median_apb.right.wrist-elbow.velocity_m_per_s") == "normal"
    for side in ("left", "right"):
        assert state(case, f"motor.ulnar_adm.{side}.onset_latency_ms") == "normal"
        assert state(case, f"sensory.ulnar_d5.{side}.peak_latency_ms") == "normal"
    assert case.subject.age_years == 52


def test_a_healthy_person_has_velocities_from_measured_sweeps():
    case = examine(VirtualPatient(seed=2, age_years=30), studies=("fibular_edb", "sural"), sides=("left",))
    study = case.ncs.motor[0]
    assert [response.site for response in study.responses] == ["ankle", "below_fibular_head", "above_fibular_head"]
    assert all(38 < segment.measures["velocity_m_per_s"].value < 65 for segment in study.segments)
    assert case.ncs.sensory[0].segments[0].measures["velocity_m_per_s"].value > 35
    assert case.days_since_onset is None
    assert state(case, "motor.fibular_edb.left.onset_latency_ms") == "normal"


def test_an_absent_response_stays_absent():
    patient = VirtualPatient.with_condition("carpal_tunnel_syndrome", side="right", severity="extreme", seed=3)
    case = examine(patient, studies=("median_d2",), sides=("right",))
    assert isinstance(case.ncs.sensory[0].responses[0].measures["amplitude_uv"], Absent)
    assert case.ncs.sensory[0].segments == ()


def test_an_unknown_study_is_refused():
    with pytest.raises(InputError, match="no such nerve conduction study"):
        examine(VirtualPatient(seed=1), studies=("median_big_toe",))


def test_a_workup_says_what_is_beyond_a_limit_and_what_is_met():
    patient = VirtualPatient.with_condition("carpal_tunnel_syndrome", side="right", seed=7, age_years=52)
    found = workup(examine(patient, studies=("median_apb", "median_d2", "median_d4", "ulnar_d4")))
    names = {one.fact.name for one in found.beyond}
    assert "motor.median_apb.right.wrist.onset_latency_ms" in names
    assert not any(".left." in name for name in names)
    assert "cts_bland" in {verdict.criteria for verdict in found.met}
    text = found.to_text()
    assert "Right median motor to abductor pollicis brevis, wrist, onset latency" in text
    assert "Carpal tunnel grade (Bland), right: grade" in text


def test_a_healthy_workup_claims_nothing():
    found = workup(examine(VirtualPatient(seed=2, age_years=30), studies=("median_apb", "sural")))
    assert not any(one.state == "abnormal" for one in found.beyond)
    assert "grade" not in found.to_text()


def test_an_onset_before_the_stimulus_loses_its_velocity_not_the_study():
    sweep = VirtualPatient(seed=1).sensory_study(response="sural", side="left").sweep
    result = measure_site(sweep, is_sensory=True)
    early = replace(result.measures["onset_latency_ms"], value=-0.7, low=-0.9, high=-0.5)
    study = sensory_study(
        nerve="sural", side="left", sites=[replace(result, measures=Measures({"onset_latency_ms": early}))]
    )
    assert study.segments == ()
    assert study.responses[0].measures.value("onset_latency_ms") == -0.7
