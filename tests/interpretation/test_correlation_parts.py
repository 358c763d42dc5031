"""Structure, complaint, red flags and timing of a case, each by itself."""

from __future__ import annotations

import csv
import math
from importlib import resources

import pytest

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.complaint import CAP, complaint_of, fit
from emgwidgets.interpretation.correlation.mri import entry
from emgwidgets.interpretation.correlation.red_flags import banner, red_flags_of
from emgwidgets.interpretation.correlation.structure import finding_words, scale_index, structure_of
from emgwidgets.interpretation.correlation.timing import timing_of
from emgwidgets.interpretation.localisation.candidates import rows_of
from emgwidgets.model.case import Case, Examination, Reflex, Sensation, Sign, Strength, Symptom
from emgwidgets.model.mri import SCALES, MriFinding, RootEffect
from emgwidgets.sources import source

L5 = RootEffect(root="L5", effect="compression", side="left")


def case(**parts):
    return Case(days_since_onset=40, **parts)


def test_a_stated_compression_is_m2_of_its_root_and_side_only():
    found = structure_of(case(mri=(entry("disc_protrusion", "L4-5", side="left", zone="subarticular", roots=(L5,)),)))
    assert found.hit_roots("left") == ("L5",)
    assert found.hit_roots("right") == ()
    assert found.worst() == "M2"
    assert found.hits("L5", "left")[0].is_stated


def test_without_a_stated_root_level_and_zone_say_which():
    inner = structure_of(
        case(mri=(entry("lateral_recess_stenosis", "L4-5", side="right", grade="moderate", scale="words"),))
    )
    outer = structure_of(case(mri=(entry("foraminal_stenosis", "L4-5", side="right", grade="severe", scale="words"),)))
    assert (inner.hit_roots("right"), inner.worst()) == (("L5",), "M1")
    assert (outer.hit_roots("right"), outer.worst()) == (("L4",), "M2")


@pytest.mark.parametrize("kind", ["disc_bulge", "disc_degeneration", "annular_fissure", "facet_arthropathy"])
def test_findings_without_effect_on_a_root_are_m0(kind):
    assert structure_of(case(mri=(entry(kind, "L4-5"),))).worst() == "M0"


def test_negated_findings_count_as_imaged_and_not_as_found():
    found = structure_of(case(mri=(entry("disc_herniation", "L4-5", certainty="negated"),)))
    assert found.is_done
    assert found.regions == {"lumbar"}
    assert found.worst() == "M0"


def test_no_mri_is_not_a_normal_mri():
    assert not structure_of(case()).is_done


def test_a_lateral_finding_without_a_side_reaches_no_side():
    found = structure_of(case(mri=(entry("foraminal_stenosis", "C5-6", grade="severe", scale="words"),)))
    assert found.sides == ()


def test_every_grade_of_a_narrowing_scale_has_its_place():
    graded = {scale for scale in SCALES if scale_index(scale, SCALES[scale][0]) is not None}
    assert graded >= {
        "words",
        "lee_foraminal",
        "schizas",
        "kang_cervical",
        "kim_cervical_foraminal",
        "bartynski_lateral_recess",
    }
    for scale in graded:
        places = [scale_index(scale, grade) for grade in SCALES[scale]]
        assert None not in places
        assert places == sorted(places)


def test_level_that_does_not_exist_is_one_sentence():
    with pytest.raises(InputError, match="level that does not exist"):
        entry("disc_protrusion", "C8-T1")


def test_finding_words():
    one = entry(
        "disc_protrusion", "L4-5", side="left", zone="subarticular", size_mm=6, roots=(L5,), certainty="probable"
    )
    assert finding_words(one) == "L4-5 left subarticular disc protrusion, 6 mm, compression of L5, probable"


def complaint():
    return complaint_of(case(
        symptoms=(Symptom(kind="pain", place="buttock and lateral leg to the dorsum of the foot", side="left"),),
        examination=Examination(
            strength=(Strength(muscle="tibialis_anterior", side="left", mrc="4"), Strength(muscle="vastus_medialis", side="left", mrc="5")),
            reflexes=(Reflex(name="patellar", side="left", finding="normal"), Reflex(name="achilles", side="left", finding="normal")),
            sensation=(Sensation(area="dorsum of foot", side="left", finding="reduced", root="L5", nerve="superficial_fibular"),),
            signs=(Sign(name="straight_leg_raise", is_positive=True, side="left"),),
        ),
    ))  # fmt: skip


def test_the_complaint_fits_its_root_on_its_side_and_the_sum_is_capped():
    found = complaint()
    assert fit(found, ("root_l5",), "left") == pytest.approx(CAP)
    assert fit(found, ("root_l5",), "right") == 0.0
    assert fit(found, ("root_l4",), "left") < fit(found, ("root_l5",), "left")
    assert fit(found, ("root_s1",), "left") < 1.0
    assert math.exp(CAP) == pytest.approx(10.0)


def test_more_signs_of_one_group_do_not_add_up():
    one = complaint_of(
        case(examination=Examination(strength=(Strength(muscle="tibialis_anterior", side="left", mrc="4"),)))
    )
    two = complaint_of(case(examination=Examination(strength=tuple(
        Strength(muscle=muscle, side="left", mrc="4") for muscle in ("tibialis_anterior", "tibialis_posterior", "extensor_hallucis_longus")
    ))))  # fmt: skip
    assert fit(one, ("root_l5",), "left") == pytest.approx(fit(two, ("root_l5",), "left"))


@pytest.mark.parametrize(
    ("symptom", "code"),
    [
        (Symptom(kind="pain", place="low back"), "S0"),
        (Symptom(kind="pain", place="low back, at night"), "S0"),
        (Symptom(kind="pain", place="posterior calf", side="left"), "S"),
        (Symptom(kind="pain", place="calf, gone for two months", side="left"), "Sx"),
        (Symptom(kind="weakness", place="elbow extension", side="right"), "S"),
    ],
)
def test_class_of_the_complaint(symptom, code):
    assert complaint_of(case(symptoms=(symptom,))).code == code


def test_no_symptom_is_no_complaint():
    assert complaint_of(case()).code == "S-"


@pytest.mark.parametrize(
    ("symptom", "flag"),
    [
        (Symptom(kind="bladder disturbance", place="retention"), "bladder_or_bowel"),
        (Symptom(kind="saddle numbness", place="perineum"), "saddle_numbness"),
        (Symptom(kind="pain", place="back", note="fever since a week"), "fever"),
        (Symptom(kind="pain", place="back", note="known breast cancer"), "cancer"),
        (Symptom(kind="weakness", place="foot, getting worse", side="left"), "progressive_weakness"),
        (Symptom(kind="clumsy hands", place="hands", side="bilateral"), "hand_clumsiness"),
        (Symptom(kind="gait change", place="unsteady"), "gait"),
    ],
)
def test_red_flags_in_words(symptom, flag):
    found = {one.code: one for one in red_flags_of(case(symptoms=(symptom,)))}
    assert found[flag].state == "present"
    assert found[flag].places == ("symptoms[0]",)
    assert "Urgent medical evaluation" in banner(tuple(found.values()))


def test_a_denied_flag_is_none():
    flags = red_flags_of(
        case(symptoms=(Symptom(kind="pain", place="low back", note="no fever, denies bladder trouble"),))
    )
    assert banner(flags) == ""
    assert all(one.state == "not asked" for one in flags if one.code in {"fever", "bladder_or_bowel"})


def test_a_flag_can_be_asked_and_absent():
    exam = Examination(
        signs=(Sign(name="saddle_numbness", is_positive=False), Sign(name="hoffmann", is_positive=False, side="left"))
    )
    flags = {one.code: one.state for one in red_flags_of(case(examination=exam))}
    assert flags["saddle_numbness"] == flags["cord_signs"] == "absent"


def test_both_legs_for_years_raise_no_banner_and_new_ones_do():
    old = red_flags_of(case(symptoms=(Symptom(kind="numbness", place="feet", side="bilateral", days=400),)))
    new = red_flags_of(case(symptoms=(Symptom(kind="pain", place="both legs", side="bilateral", days=5),)))
    assert banner(old) == ""
    assert "both legs" in banner(new)


@pytest.mark.parametrize("kind", ["tumour", "infection", "fracture", "cauda_equina_compression", "cord_signal"])
def test_urgent_mri_findings_raise_the_banner(kind):
    assert banner(red_flags_of(case(mri=(entry(kind, "C4-5"),))))
    assert not banner(red_flags_of(case(mri=(entry(kind, "C4-5", certainty="negated"),))))


def test_timing_windows_say_what_silence_means():
    day = {one.code: one.state for one in timing_of(Case(days_since_onset=24)).windows}
    assert day["fibrillation_paraspinal"] == "open"
    assert day["fibrillation_distal"] == "opening"
    assert day["large_units"] == "not yet"
    assert {one.state for one in timing_of(Case()).windows} == {"unknown"}


def caveats(**parts):
    return {one.code: one.level for one in timing_of(Case(**parts)).caveats}


def scan(day):
    return (entry("disc_bulge", "L4-5", days_since_onset=day),)


def test_timing_caveats():
    assert caveats(days_since_onset=5)["first_week"] == "strong"
    assert caveats(days_since_onset=15)["early"] == "strong"
    assert caveats(days_since_onset=40, mri=scan(-30))["old_mri"] == "strong"
    assert caveats(days_since_onset=100, mri=scan(10))["gap"] == "warn"
    assert caveats(days_since_onset=300, mri=scan(10))["gap"] == "strong"
    assert "gap" not in caveats(days_since_onset=40, mri=scan(10))
    assert caveats(days_since_onset=250)["late"] == "note"
    assert caveats()["no_onset"] == "warn"


def test_surgery_between_mri_and_study():
    operated = (Symptom(kind="surgery", place="L4-5", days=20),)
    assert caveats(days_since_onset=60, mri=scan(10), symptoms=operated)["surgery_between"] == "strong"
    assert "surgery_between" not in caveats(days_since_onset=60, mri=scan(50), symptoms=operated)


def test_dates_in_the_wrong_order_are_told():
    told = timing_of(
        Case(days_since_onset=10, symptoms=(Symptom(kind="pain", place="calf", side="left", days=90),))
    ).caveats
    assert any("wrong order" in one.sentence for one in told)


def test_the_day_of_a_scan_is_checked():
    with pytest.raises(InputError, match="the day of a scan"):
        MriFinding(kind="disc_bulge", days_since_onset=float("nan"))


def tables():
    folder = resources.files("emgwidgets.interpretation.correlation")
    return [one for one in folder.iterdir() if one.name.endswith(".csv")]


def test_every_figure_names_a_source_of_the_bibliography_and_a_mark():
    for table in tables():
        for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
            if row.get("source"):
                assert source(row["source"]), table.name
                assert row["mark"] in {"V", "M", "D", "P"}, table.name


def test_every_element_and_root_of_the_tables_is_in_the_vocabulary():
    folder = resources.files("emgwidgets.interpretation.correlation")
    for row in csv.DictReader(folder.joinpath("board_rows.csv").read_text(encoding="utf-8").splitlines()):
        assert all(one in vocabulary.elements() for one in row["elements"].split(";")), row["code"]
    own = csv.DictReader(folder.joinpath("movements.csv").read_text(encoding="utf-8").splitlines())
    for row in (*own, *rows_of("signs.csv"), *rows_of("reflexes.csv")):
        for part in filter(None, row["roots"].split(";")):
            assert part.split(":")[0] in vocabulary.roots(), row
    for row in rows_of("signs.csv"):
        if row["region"] and not row["roots"]:
            assert row["targets"].split(";")[0] in vocabulary.elements(), row["sign"]
