"""Words of the impression and of the patient page: silence is no result, nothing is said twice, units as on paper."""

from __future__ import annotations

import pytest

from emgwidgets.interpretation.correlation.correlate import correlate
from emgwidgets.interpretation.explain_patient import patient_page
from emgwidgets.interpretation.explain_words import brief, placed, row_words, told_of_ranking, whole_percents
from emgwidgets.lessons.mismatches import studied_room
from emgwidgets.model.case import Case
from emgwidgets.printed import printed
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.work_up import examine


def said(code):
    found = studied_room(code).correlation()
    return found, {
        part: [one.text for one in found.impression.sentences if one.part == part]
        for part in (
            "adequacy",
            "function",
            "activity",
            "evidence",
            "structure",
            "competing",
            "confidence",
            "next",
            "fit",
        )
    }


def test_small_wordings():
    assert printed("skin 28.0 degC, 5.9 uV") == "skin 28.0 °C, 5.9 µV"
    assert whole_percents("area fall: 61.39 %; limit 8.5 %") == "area fall: 61 %; limit 8.5 %"
    assert placed("C7 root, right, active") == "C7 root on the right, active"
    assert row_words("MRI ONLY, EDX negative expected") == "MRI only, EDX negative expected"
    assert row_words("FULL CONCORDANCE (active)") == "full concordance (active)"
    assert brief("4.6 ms, abnormal; normal 4.4 ms or less (aanem_2016) [Chen2016, table (unverified)].") == "4.6 ms, abnormal; normal 4.4 ms or less"  # fmt: skip
    assert told_of_ranking("right deltoid middle, mrc grade: 5.") == "Right deltoid middle: strength MRC 5"
    assert told_of_ranking("right infraspinatus, fibrillation or positive sharp waves: no.") == "Right infraspinatus: no fibrillation or positive sharp waves"  # fmt: skip


def test_a_nerve_whose_muscles_were_not_needled_is_not_called_quiet():
    _, parts = said("U19")
    assert parts["activity"] == ["None of its muscles was examined with the needle: whether axon loss is active cannot be judged."]  # fmt: skip
    assert "fibres out of action, blocked or lost" in " ".join(parts["function"])


@pytest.mark.parametrize("code", ["U21", "U22"])
def test_fibrillation_that_was_seen_is_not_denied(code):
    _, parts = said(code)
    assert any("fibrillation" in text for text in parts["evidence"])
    assert parts["activity"] == ["Fibrillation was seen: some of the axon loss is active."]


def test_an_abnormal_response_is_never_offered_as_a_kept_one_and_does_not_get_lost():
    _, parts = said("U20")
    assert not any("latency difference" in text and "compatible" in text for text in parts["evidence"])
    assert any(text.startswith("Abnormal, and not explained by it:") and "latency difference" in text for text in parts["evidence"])  # fmt: skip


def test_the_other_site_of_the_question_is_answered_with_what_was_not_tested():
    _, parts = said("U1")
    nerve = next(text for text in parts["competing"] if text.startswith("Common fibular nerve"))
    assert "asked about as well: below 1 %" in nerve
    for words in ("Against it: ", "For it: ", "Not tested: "):
        assert words in nerve


def test_a_negative_study_names_the_isolated_value_and_claims_no_more():
    _, parts = said("U7")
    assert "show no lesion" in parts["adequacy"][0]
    assert any("Isolated, naming no site: Left ulnar motor" in text for text in parts["evidence"])


def test_prevalence_is_told_only_of_a_finding_that_is_named():
    _, parts = said("U9")
    assert not any("people without symptoms" in text for text in parts["structure"])


def test_a_root_is_not_said_twice():
    _, parts = said("U6")
    assert any("L4 on the right (27 %)" in text for text in parts["function"])
    assert not any("L4 root" in text for text in parts["competing"])


def test_without_an_mri_nothing_is_held_against_it_and_the_page_is_not_about_one():
    patient = VirtualPatient.with_condition(
        "carpal_tunnel_syndrome", side="right", severity="moderate", seed=311, day=200
    )
    case = examine(patient, studies=("median_apb", "ulnar_adm", "median_d2", "ulnar_d5"), sides=("right",))
    found = correlate(case)
    texts = [one.text for one in found.impression.sentences]
    assert sum("MRI" in text for text in texts) <= 3
    assert not any(one.part in {"fit", "confidence"} for one in found.impression.sentences)
    page = patient_page(found)
    assert page.startswith("# Your nerve tests\n")
    assert "MRI shows their shape" not in page


def test_the_page_does_not_break_the_news_of_motor_neuron_disease():
    page = patient_page(studied_room("U23").correlation())
    assert "nerve cells" not in page
    assert "in person and soon" in page


def test_the_page_names_the_right_part_of_the_body():
    assert "the network of nerves" not in patient_page(studied_room("U1").correlation())
    assert "a nerve root in the lower back on the left" in patient_page(studied_room("U1").correlation())
    assert "neighbouring places" in patient_page(studied_room("U4").correlation())
    assert "The change lies in" not in patient_page(correlate(Case()))
