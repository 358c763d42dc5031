"""The unknown cases of the curriculum: the examination each one states must follow from its lesions."""

from __future__ import annotations

import pytest

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.simulation.lesion import AxonLoss, ConductionBlock
from emgwidgets.simulation.story.teaching import teaching_case, teaching_cases

UNKNOWN = tuple(f"U{number}" for number in range(1, 25))
FOUR = {"4-", "4", "4+"}


def told(code: str, seed: int = 0):
    return teaching_case(code).simulate(seed=seed)


def exam(code: str):
    return told(code).case.examination


def mrc(code: str, muscle: str, side: str) -> str:
    return next(one.mrc for one in exam(code).strength if one.muscle == muscle and one.side == side)


def reflex(code: str, name: str, side: str) -> str:
    return next(one.finding for one in exam(code).reflexes if one.name == name and one.side == side)


def feels(code: str, side: str) -> dict[str, str]:
    return {one.nerve: one.finding for one in exam(code).sensation if one.side == side and one.finding != "normal"}


def positive(code: str) -> set[str]:
    return {one.name for one in exam(code).signs if one.is_positive}


def test_all_are_there_in_order() -> None:
    assert tuple(code for code in teaching_cases() if code in UNKNOWN) == UNKNOWN


@pytest.mark.parametrize(
    ("code", "muscle", "side", "grades"),
    [
        ("U1", "tibialis_anterior", "left", {"4"}), ("U1", "tibialis_posterior", "left", {"4"}),
        ("U1", "gluteus_medius", "left", {"4"}), ("U2", "triceps_brachii_lateral_head", "right", {"5"}),
        ("U4", "extensor_carpi_radialis_longus", "right", FOUR), ("U6", "tibialis_anterior", "right", {"5"}),
        ("U6", "gastrocnemius_medial_head", "right", {"5"}), ("U8", "deltoid_middle", "right", {"4-"}),
        ("U10", "tibialis_anterior", "right", {"4"}), ("U11", "triceps_brachii_lateral_head", "right", {"4"}),
        ("U14", "extensor_hallucis_longus", "left", {"4"}), ("U15", "triceps_brachii_lateral_head", "right", {"4"}),
        ("U15", "triceps_brachii_lateral_head", "left", {"5"}), ("U19", "tibialis_anterior", "left", {"3"}),
        ("U19", "tibialis_posterior", "left", {"5"}), ("U20", "triceps_brachii_lateral_head", "right", FOUR),
        ("U22", "supraspinatus", "right", {"3"}), ("U22", "flexor_pollicis_longus", "right", {"3"}),
        ("U22", "deltoid_middle", "right", {"5"}), ("U23", "tibialis_anterior", "right", FOUR),
        ("U23", "first_dorsal_interosseous_hand", "right", FOUR),
    ],
)  # fmt: skip
def test_stated_strength_follows_from_the_lesion(code: str, muscle: str, side: str, grades: set[str]) -> None:
    assert mrc(code, muscle, side) in grades


@pytest.mark.parametrize(
    ("code", "name", "side", "finding"),
    [
        ("U2", "triceps", "right", "reduced"), ("U3", "achilles", "left", "absent"), ("U3", "achilles", "right", "normal"),
        ("U5", "patellar", "left", "absent"), ("U5", "patellar", "right", "normal"),
        ("U16", "achilles", "left", "reduced"), ("U16", "achilles", "right", "reduced"),
        ("U17", "triceps", "left", "increased"), ("U17", "achilles", "right", "increased"),
        ("U21", "achilles", "left", "absent"), ("U21", "achilles", "right", "absent"),
        ("U23", "biceps", "right", "increased"), ("U9", "achilles", "right", "normal"),
    ],
)  # fmt: skip
def test_stated_reflexes_follow_from_the_lesion(code: str, name: str, side: str, finding: str) -> None:
    assert reflex(code, name, side) == finding


def test_stated_feeling_and_signs() -> None:
    assert feels("U7", "left") == {"median_d1": "altered"}
    assert feels("U6", "right") == {"sural": "altered"}
    assert feels("U18", "right") == {"median_d1": "reduced", "median_d2": "reduced", "median_d3": "reduced"}
    assert feels("U22", "right") == {"lateral_antebrachial_cutaneous": "reduced"}
    assert feels("U19", "left") == {}
    assert feels("U23", "right") == {}
    assert {"sural", "superficial_fibular"} <= set(feels("U21", "left"))
    assert {"hoffmann", "babinski", "spastic_gait"} <= positive("U17")
    assert {"fasciculations", "hoffmann"} <= positive("U23")
    assert "give_way_weakness" in positive("U8")
    assert positive("U13") == {"hip_tenderness"}
    assert "fasciculations" not in positive("U1")


@pytest.mark.parametrize("code", ["U7", "U9", "U13", "U24"])
def test_cases_without_a_lesion_are_strong(code: str) -> None:
    assert {one.mrc for one in exam(code).strength} == {"5"}
    assert {one.finding for one in exam(code).reflexes} == {"normal"}


@pytest.mark.parametrize("code", UNKNOWN)
def test_each_case_is_complete_and_its_story_does_not_hang_on_the_seed(code: str) -> None:
    one, two = told(code, 1), told(code, 2)
    entry = teaching_case(code)
    assert one.case.symptoms == two.case.symptoms
    assert one.case.examination.strength == two.case.examination.strength
    assert (one.case.subject.age_years, one.case.subject.sex) == (entry.age_years, entry.sex)
    assert one.case.days_since_onset == entry.condition.days_since_onset <= one.patient.day
    assert entry.expected.row
    assert entry.expected.least_study
    assert entry.expected.trap
    assert entry.expected.impression
    assert [(f.kind, f.level, f.side) for f in one.mri.findings] == [
        (f.kind, f.level, f.side) for f in two.mri.findings
    ]
    for lesion in one.patient.lesions:
        if isinstance(lesion, (AxonLoss, ConductionBlock)):
            vocabulary.element(lesion.element)
    assert one.patient.clinic() == (one.case.symptoms, one.case.examination)


@pytest.mark.parametrize(
    ("code", "level", "side", "root", "is_cause"),
    [
        ("U1", "L4-5", "left", "L5", True), ("U2", "C6-7", "right", "C7", True), ("U3", "L5-S1", "left", "S1", True),
        ("U4", "C6-7", "right", "C7", False), ("U5", "L4-5", "left", "L5", False), ("U6", "L5-S1", "right", "S1", True),
        ("U7", "C5-6", "left", "C6", True), ("U8", "C4-5", "right", "C5", False), ("U10", "L4-5", "right", "L5", True),
        ("U15", "C6-7", "left", "C7", False), ("U18", "C5-6", "right", "C6", False), ("U20", "C6-7", "right", "C7", True),
        ("U21", "L5-S1", "left", "S1", False), ("U22", "C5-6", "right", "C6", False), ("U24", "C5-6", "left", "C6", False),
    ],
)  # fmt: skip
def test_stated_picture(code: str, level: str, side: str, root: str, *, is_cause: bool) -> None:
    mri = told(code).mri
    at = [index for index, one in enumerate(mri.findings) if one.level == level and one.roots]
    assert len(at) == 1
    finding = mri.findings[at[0]]
    assert (finding.side, finding.roots[0].root, finding.roots[0].side) == (side, root, side)
    assert (at[0] in mri.truth.causes) == is_cause


def test_what_is_special_in_single_cases() -> None:
    unread = told("U5").mri.truth.unread
    assert [(one.level, one.zone, one.roots[0].root) for one in unread] == [("L4-5", "extraforaminal", "L4")]
    assert "extraforaminal" not in told("U5").mri.text
    assert told("U6").patient.day == 500.0
    assert told("U6").case.days_since_onset == 60.0
    assert told("U13").mri.findings == ()
    assert told("U9").mri.truth.causes == ()
    assert [one.kind for one in told("U17").mri.findings] == ["central_stenosis", "cord_signal"]
    paraspinal = told("U12").patient
    assert paraspinal.muscle_fate(muscle="lumbar_paraspinals_multifidus_lower", side="left").axon_loss_share > 0.2
    assert paraspinal.muscle_fate(muscle="tibialis_anterior", side="left").axon_loss_share == 0
    technique = dict(teaching_case("U24").expected.technique)
    assert technique["skin_temperature_degc"] == 26.0
    assert technique["side_tested"] == "right"
    assert teaching_case("U24").condition.lesions == ()
    flagged = {code for code in UNKNOWN if teaching_case(code).expected.red_flag}
    assert flagged == {"U1", "U8", "U10", "U16", "U17", "U23"}


def test_variants_hold_what_the_curriculum_says() -> None:
    """The rows of the concordance table that no U case has by itself."""
    variants = {code: teaching_case(code).expected.row for code in teaching_cases() if code not in UNKNOWN}
    assert variants == {
        "U1b": "32", "U3b": "33", "U9b": "16", "U9c": "28", "U12b": "29", "U13b": "27", "U14b": "15", "U15b": "18",
        "U16b": "19", "U18b": "31",
    }  # fmt: skip
    assert {one.mrc for one in exam("U1b").strength} == {"5"}
    transitional = told("U3b").mri
    assert {one.numbering_basis for one in transitional.findings} == {"stated_transitional"}
    assert "L5-6" in transitional.text
    assert "L5-S1" not in transitional.text
    assert {lesion.side for lesion in teaching_case("U15b").condition.lesions} == {"left"}
    assert {one.side for one in told("U15b").case.symptoms} == {"right"}
    assert told("U18b").mri.region == "lumbar"
    assert told("U9c").mri.findings[0].kind == "tumour"
    assert mrc("U13b", "deltoid_middle", "left") == "4"
    for code in ("U9c", "U16b"):
        assert teaching_case(code).expected.red_flag


def test_unknown_case_gets_one_sentence() -> None:
    with pytest.raises(InputError, match="one of U1, U1b"):
        teaching_case("U99")
