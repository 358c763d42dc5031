"""Conditions and their stories: what a lesion cannot reach stays normal, sides stay where they are, same seed same story."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.case import MRC_GRADES
from emgwidgets.simulation.conditions import compose, condition, conditions, read_condition, severities
from emgwidgets.simulation.lesion import (
    AnteriorHornLoss,
    AxonLoss,
    CentralWeakness,
    ConductionBlock,
    FibreDisease,
    JunctionDisease,
    LengthDependentLoss,
    UniformDemyelination,
)
from emgwidgets.simulation.nerve.axons import Subject
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.simulation.story.clinic import examination, mrc_grade
from emgwidgets.simulation.story.supply import Body, arc_share, feeling_share, muscle_force
from emgwidgets.simulation.story.told import clinic_of, simulated_case, tell
from emgwidgets.sources import sources

EVERY = [(code, severity) for code in conditions() for severity in severities(code)]
SIDES = ("left", "right")
#: The polyneuropathy with its disc names the side of the disc itself; ganglia are lost by chance.
MIRRORED = [
    code for code in conditions() if code not in ("axonal_polyneuropathy_with_disc_contact", "sensory_ganglionopathy")
]
ONE_SIDED = [
    code
    for code in conditions()
    if condition(code).lesions
    and {getattr(one, "side", None) for one in condition(code, side="left").lesions} == {"left"}
]
ARCS = {
    "C5": {"biceps"}, "C6": {"biceps", "brachioradialis"}, "C7": {"triceps"}, "L4": {"patellar"}, "L5": {"medial_hamstring"},
    "S1": {"achilles"},
}  # fmt: skip


def weak(found, side: str) -> set[str]:
    return {one.muscle for one in found.strength if one.side == side and one.mrc != "5"}


def grades(found, muscle: str) -> dict[str, str]:
    return {one.side: one.mrc for one in found.strength if one.muscle == muscle}


def changed(rows, side: str) -> list:
    return [one for one in rows if one.side == side and one.finding != "normal"]


def reaches(lesion, muscle: str) -> bool:
    """Whether a lesion can make a muscle weak, from the vocabulary alone."""
    if getattr(lesion, "fibres", "all") == "sensory":
        return False
    entry = vocabulary.muscle(muscle)
    if isinstance(lesion, (AxonLoss, ConductionBlock)):
        return entry.is_beyond(lesion.element)
    if isinstance(lesion, (AnteriorHornLoss, CentralWeakness)):
        return not lesion.roots or bool(set(lesion.roots) & set(entry.roots))
    return isinstance(lesion, (LengthDependentLoss, JunctionDisease, FibreDisease))


@pytest.mark.parametrize(("code", "severity"), EVERY)
def test_weakness_only_where_a_lesion_reaches(code: str, severity: str) -> None:
    told = simulated_case(code, side="left", severity=severity, seed=5, age_years=50)
    for at in SIDES:
        here = [one for one in told.patient.lesions if getattr(one, "side", None) in (None, at)]
        for muscle in weak(told.case.examination, at):
            assert any(reaches(one, muscle) for one in here), (muscle, at)


@pytest.mark.parametrize("code", MIRRORED)
def test_the_other_side_mirrors(code: str) -> None:
    """Left and right exchange exactly: strength, reflexes, feeling, symptoms, planned MRI; chance alone differs."""
    other = {"left": "right", "right": "left", "bilateral": "bilateral", "midline": "midline", None: None}
    one, two = (condition(code, side=side) for side in SIDES)
    assert [other[row.side] for row in one.complaint.symptoms] == [row.side for row in two.complaint.symptoms]
    assert [other[row.finding.side] for row in one.planned] == [row.finding.side for row in two.planned]
    exams = [examination(Body(subject=Subject(), lesions=found.lesions, day=found.day)) for found in (one, two)]
    for kind, names in (
        ("strength", ("muscle", "mrc")),
        ("reflexes", ("name", "finding")),
        ("sensation", ("nerve", "finding")),
    ):
        rows = [{(tuple(getattr(r, n) for n in names), r.side) for r in getattr(exam, kind)} for exam in exams]
        assert {(key, other[side]) for key, side in rows[0]} == rows[1]


@pytest.mark.parametrize("code", ONE_SIDED)
def test_a_one_sided_condition_leaves_the_other_side_well(code: str) -> None:
    found = condition(code, side="left")
    exam = examination(Body(subject=Subject(), lesions=found.lesions, day=found.day))
    assert weak(exam, "right") == set()
    assert changed(exam.reflexes, "right") == []
    assert changed(exam.sensation, "right") == []
    assert [one for one in exam.signs if one.side == "right" and one.is_positive] == []


@settings(max_examples=25, deadline=None)
@given(age=st.floats(18, 100), height=st.floats(135, 210), seed=st.integers(0, 10**6))
def test_a_well_person_is_normal(age: float, height: float, seed: int) -> None:
    told = simulated_case("normal", age_years=age, height_cm=height, seed=seed)
    exam = told.case.examination
    assert {one.mrc for one in exam.strength} == {"5"}
    assert {one.finding for one in (*exam.reflexes, *exam.sensation)} == {"normal"}
    assert not any(one.is_positive for one in exam.signs)
    assert told.case.symptoms == ()


@pytest.mark.parametrize("root", sorted(ARCS))
@pytest.mark.parametrize("side", SIDES)
def test_a_root_takes_its_own_reflex_on_its_own_side(root: str, side: str) -> None:
    found = condition(f"radiculopathy_{root.lower()}", side=side, severity="moderate")
    exam = examination(Body(subject=Subject(), lesions=found.lesions, day=found.day))
    assert {one.name for one in changed(exam.reflexes, side)} == ARCS[root]
    other = "left" if side == "right" else "right"
    assert changed(exam.reflexes, other) == []


def test_reflex_needs_both_limbs_of_the_arc_and_the_command_does_not() -> None:
    roots = {"S1": 1.0}

    def arc(lesion) -> float:
        return arc_share(Body(subject=Subject(), lesions=(lesion,), day=60.0), "soleus", roots, "left")

    motor = arc(AxonLoss(element="root_s1", share=0.5, fibres="motor"))
    sensory = arc(AxonLoss(element="root_s1", share=0.5, fibres="sensory"))
    both = arc(AxonLoss(element="root_s1", share=0.5))
    assert both == pytest.approx(motor * sensory)
    assert sensory < motor  # spindle axons must add up
    assert arc(CentralWeakness(share=0.9)) == 1.0
    assert arc(AxonLoss(element="root_l4", share=1.0)) == 1.0


def test_upper_motor_neuron_weakness_is_brisk_below_and_pain_is_not() -> None:
    cord = CentralWeakness(share=0.5, roots=("C8", "T1", "L4", "S1"), side="left")
    exam = examination(Body(subject=Subject(), lesions=(cord,), day=10.0))
    found = {(one.name, one.side): one.finding for one in exam.reflexes}
    assert found["achilles", "left"] == found["patellar", "left"] == "increased"
    assert found["biceps", "left"] == found["achilles", "right"] == "normal"
    positive = {(one.name, one.side) for one in exam.signs if one.is_positive}
    assert positive == {("hoffmann", "left"), ("babinski", "left")}
    pain = examination(Body(subject=Subject(), lesions=(replace(cord, cause="pain"),), day=10.0))
    assert {one.finding for one in pain.reflexes} == {"normal"}
    assert {(one.name, one.side) for one in pain.signs if one.is_positive} == {("give_way_weakness", "left")}
    assert pain.strength == exam.strength


@pytest.mark.parametrize("severity", severities("sensory_ganglionopathy"))
@pytest.mark.parametrize("seed", range(4))
def test_ganglionopathy_has_no_weakness_and_no_jerks(severity: str, seed: int) -> None:
    found = condition("sensory_ganglionopathy", severity=severity)
    exam = examination(Body(subject=Subject(seed=seed), lesions=found.lesions, day=found.day))
    assert {one.mrc for one in exam.strength} == {"5"}
    assert all(one.finding in ("reduced", "absent") for one in exam.reflexes)
    assert len([one for one in exam.sensation if one.finding != "normal"]) > 0.8 * len(exam.sensation)


def test_motor_diseases_leave_feeling_alone() -> None:
    for code in ("amyotrophic_lateral_sclerosis", "myositis", "myasthenia_gravis", "multifocal_motor_neuropathy"):
        exam = simulated_case(code, severity=severities(code)[-1]).case.examination
        assert {one.finding for one in exam.sensation} == {"normal"}, code


def test_polyneuropathy_takes_feet_before_hands_and_distal_before_proximal() -> None:
    found = condition("axonal_polyneuropathy", severity="moderate")
    body = Body(subject=Subject(), lesions=found.lesions, day=found.day)
    order = ["sural", "median_d2", "superior_lateral_brachial_cutaneous"]
    shares = [feeling_share(body, nerve, "left") for nerve in order]
    assert shares == sorted(shares)
    forces = [
        muscle_force(body, m, "right").force_share
        for m in ("extensor_digitorum_brevis", "tibialis_anterior", "vastus_medialis")
    ]
    assert forces == sorted(forces)


def test_block_is_weakness_without_wasting_and_sprouting_restores_strength() -> None:
    block = ConductionBlock(element="common_fibular_head", share=0.6, side="left")
    cut = AxonLoss(element="common_fibular_head", share=0.6, side="left")

    def exam(lesion, day):
        return examination(Body(subject=Subject(), lesions=(lesion,), day=day))

    blocked, early, late = exam(block, 60.0), exam(cut, 20.0), exam(cut, 720.0)
    assert grades(blocked, "tibialis_anterior")["left"] == grades(early, "tibialis_anterior")["left"] == "3"
    assert MRC_GRADES.index(grades(late, "tibialis_anterior")["left"]) >= MRC_GRADES.index("4")
    wasted = [
        next(one for one in found.signs if one.name == "wasting" and one.side == "left")
        for found in (blocked, exam(cut, 60.0))
    ]
    assert [one.is_positive for one in wasted] == [False, True]
    assert "Tibialis anterior" in wasted[1].note


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 1), more=st.floats(0, 1), day=st.floats(0, 900))
def test_more_loss_is_never_stronger(share: float, more: float, day: float) -> None:
    low, high = sorted((share, more))

    def force(loss: float) -> float:
        lesion = AxonLoss(element="root_c7", share=loss, side="right")
        return muscle_force(Body(subject=Subject(), lesions=(lesion,), day=day), "triceps", "right").force_share

    assert force(high) <= force(low) + 1e-9
    assert 0.0 <= force(high) <= 1.0


@given(force=st.floats(0, 1))
def test_grades_rise_with_force(force: float) -> None:
    assert MRC_GRADES.index(mrc_grade(force)) <= MRC_GRADES.index(mrc_grade(min(force + 0.05, 1.0)))


def test_demyelination_takes_the_jerk_and_not_the_strength() -> None:
    slow = UniformDemyelination(speed_factor=0.4)
    exam = examination(Body(subject=Subject(), lesions=(slow,), day=100.0))
    assert {one.mrc for one in exam.strength} == {"5"}
    assert {one.finding for one in exam.reflexes} == {"absent"}


@pytest.mark.parametrize(
    "muscle", ["triceps", "tibialis anterior", "abductor pollicis brevis", "gluteus medius", "soleus"]
)
@pytest.mark.parametrize("element", ["root_c7", "root_l5", "sciatic", "lower_trunk", "median_arm"])
def test_clinic_and_needle_speak_of_the_same_loss(muscle: str, element: str) -> None:
    patient = VirtualPatient(lesions=(AxonLoss(element=element, share=0.6),), day=20.0, seed=3)
    needle = patient.muscle_fate(muscle=muscle, side="left").axon_loss_share
    body = Body(subject=patient.subject, lesions=patient.lesions, day=20.0)
    assert muscle_force(body, muscle, "left").lost_share == pytest.approx(needle, abs=0.06)


@pytest.mark.parametrize(("code", "severity"), EVERY)
def test_every_condition_tells_a_story(code: str, severity: str) -> None:
    told = simulated_case(code, side="left", severity=severity, seed=2, age_years=55)
    case = told.case
    assert case.question
    assert case.days_since_onset == told.condition.days_since_onset
    assert all(one.days is None or one.days <= told.patient.day for one in case.symptoms)
    assert code == "normal" or case.symptoms
    assert (told.mri is not None) == bool(told.condition.complaint.imaging)
    assert case.ncs.motor == () and case.needle == ()  # noqa: PT018 - measured from signals, never told
    assert clinic_of(told.patient) == (case.symptoms, case.examination)
    if told.mri is not None:
        assert told.patient.mri() == told.mri


@pytest.mark.parametrize("code", conditions())
def test_every_statement_of_a_file_has_source_and_mark(code: str) -> None:
    from emgwidgets.simulation.conditions import _table

    table = _table(code)
    rows = [row for name in ("symptoms", "signs", "sensation", "mri") for row in table.get(name, ())]
    for row in (table, *rows):
        assert row["mark"] in "VMDP"
        key = row["source"]
        assert row["mark"] == "P" or code == "normal" or all(one in sources() for one in key.split(";")), key


@pytest.mark.parametrize("code", conditions())
def test_planned_findings_meet_the_root_of_their_level_and_zone(code: str) -> None:
    for severity in severities(code):
        for row in condition(code, severity=severity).planned:
            for effect in row.finding.roots:
                level = vocabulary.level(row.finding.level)
                zone = row.finding.zone
                met = {level.exiting} if zone in ("foraminal", "extraforaminal") else {level.traversing}
                if zone == "central":
                    met = {level.traversing, "S1"}
                if row.finding.migration == "caudal":
                    met.add("S2")  # a large or migrated L5-S1 disc (mri.S7)
                assert effect.root in met


def test_condition_follows_its_root_to_side_and_picture() -> None:
    told = simulated_case("radiculopathy_l5", side="left", severity="severe", seed=1)
    cause = [told.mri.findings[index] for index in told.mri.truth.causes]
    assert [(one.level, one.side, one.roots[0].root, one.roots[0].effect) for one in cause] == [
        ("L4-5", "left", "L5", "compression")
    ]
    assert {one.side for one in told.case.symptoms} == {"left"}


def test_two_conditions_in_one_body_keep_their_sides_and_ages() -> None:
    neck = condition("radiculopathy_c7", side="left", severity="moderate")
    wrist = condition("carpal_tunnel_syndrome", side="right", severity="moderate")
    both = compose(neck, wrist)
    assert both.day == 365.0
    assert both.days_since_onset == 42.0
    assert [lesion.day for lesion in both.lesions if lesion.side == "left"] == [365.0 - 42.0]
    assert {lesion.day for lesion in both.lesions if lesion.side == "right"} == {0.0}
    alone, together = tell(neck, seed=4).case.examination, tell(both, seed=4).case.examination
    assert alone.strength == together.strength
    assert changed(together.reflexes, "left") == changed(alone.reflexes, "left")
    assert {one.nerve for one in changed(together.sensation, "right")} == {"median_d1", "median_d2", "median_d3"}
    crush = condition("double_crush_c7", side="left")
    assert crush.days_since_onset == 60.0
    assert {lesion.element for lesion in crush.lesions} == {"root_c7", "median_carpal_tunnel"}
    assert {lesion.side for lesion in crush.lesions} == {"left"}


@settings(max_examples=20, deadline=None)
@given(
    code=st.sampled_from(conditions()), seed=st.integers(0, 10**6), age=st.integers(18, 95), side=st.sampled_from(SIDES)
)
def test_same_seed_same_story(code: str, seed: int, age: int, side: str) -> None:
    one, two = (simulated_case(code, side=side, seed=seed, age_years=age) for _ in range(2))
    assert one.case == two.case
    assert one.mri == two.mri
    assert one.case.examination == replace(one, patient=one.patient.on_day(one.patient.day)).case.examination


BAD = {
    "default_severity": "x", "one_sided": True, "title": "t", "note": "n", "source": "s", "mark": "P",
    "severities": {"x": {"day": 1.0}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: simulated_case("gout"), "one of amyotrophic"),
        (lambda: simulated_case("radiculopathy_c7", style="poem"), "one of narrative, structured"),
        (lambda: simulated_case("radiculopathy_c7", side="both"), "left or right"),
        (lambda: VirtualPatient().mri(), "cervical, lumbar or brachial_plexus"),
        (lambda: VirtualPatient().mri(region="knee"), "one of cervical"),
        (lambda: read_condition({**BAD, "symptoms": [{"kind": "pain", "plce": "arm"}]}, "bad"), "plce"),
        (lambda: read_condition({**BAD, "symptoms": [{"kind": "pain", "side": "up"}]}, "bad"), "same, other, both"),
        (lambda: read_condition({**BAD, "provoked": [{"sign": "dance"}]}, "bad"), "one of spurling"),
        (lambda: read_condition({**BAD, "mri": [{"kind": "dent", "level": "L4-5"}]}, "bad"), "kind of an MRI finding"),
        (lambda: read_condition({**BAD, "severities": {"x": {"day": 1.0, "lesions": [{"kind": "Curse"}]}}}, "bad"), "one of AxonLoss"),
        (lambda: CentralWeakness(share=0.5, cause="laziness"), "upper_motor_neuron or pain"),
    ],
)  # fmt: skip
def test_bad_story_gets_one_sentence(call, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_axons_that_grow_back_bring_strength_back_in_time() -> None:
    cut = AxonLoss(element="median_carpal_tunnel", share=1.0, regrows=0.8)
    force = [
        muscle_force(Body(subject=Subject(), lesions=(cut,), day=day), "abductor pollicis brevis", "left").force_share
        for day in (20.0, 60.0, 150.0, 600.0)
    ]
    assert force[0] == 0.0
    assert force[0] <= force[1] < force[2] < force[3]  # what has come back adopts part of the rest
    lasting = replace(cut, regrows=0.0)
    assert (
        muscle_force(
            Body(subject=Subject(), lesions=(lasting,), day=600.0), "abductor pollicis brevis", "left"
        ).force_share
        == 0
    )
    skin = [
        feeling_share(Body(subject=Subject(), lesions=(cut,), day=day), "median_d2", "left") for day in (20.0, 900.0)
    ]
    assert skin[0] == 0.0
    assert skin[1] > 0.6


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nonsense", r"no such condition; got 'nonsense'"),
        ("carpal tunnel", "expected such as carpal_tunnel_syndrome"),
        ("carpal_tunnel_syndrome", r"VirtualPatient.with_condition\('carpal_tunnel_syndrome'\)"),
    ],
)
def test_a_condition_by_name_alone_is_no_patient_with_it(name, said):
    with pytest.raises(InputError, match=said):
        VirtualPatient(condition=name)


@pytest.mark.parametrize("name", ["", "normal", "U1"])
def test_health_and_teaching_cases_need_no_lesions(name):
    assert VirtualPatient(condition=name).condition == name
