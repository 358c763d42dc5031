"""``correlate`` on typed cases: rows, sides, red flags, evidence, words; and what bad input does."""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import emgwidgets as emg
from emgwidgets.cases.document import save_case
from emgwidgets.cli import main
from emgwidgets.interpretation.correlation.mri import entry
from emgwidgets.model.case import Case, Examination, Reflex, Sensation, Sign, Strength, Symptom
from emgwidgets.model.mri import MriFinding, RootEffect
from emgwidgets.model.ncs import NcsStudies

_spec = importlib.util.spec_from_file_location("typed_study", Path(__file__).parent / "typed_study.py")
assert _spec is not None
assert _spec.loader is not None
typed = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(typed)

L5_MUSCLES = ("tibialis_anterior", "tibialis_posterior", "fibularis_longus", "tensor_fasciae_latae")
OTHERS = ("vastus_medialis", "gastrocnemius_medial_head", "lumbar_paraspinals_multifidus_lower")
FORBIDDEN = re.compile(r"confirm|prove[sn]?\b|rul(e|es|ed) out|nothing wrong", re.IGNORECASE)


def protrusion(side="left", effect="compression"):
    return entry(
        "disc_protrusion",
        "L4-5",
        side=side,
        zone="subarticular",
        roots=(RootEffect(root="L5", effect=effect, side=side),),
    )


def l5_case(side="left", mri=None, active=L5_MUSCLES, **more):
    needle = tuple(typed.needle(one, side, active=one in active) for one in (*L5_MUSCLES, *OTHERS))
    sensory = tuple(
        typed.sensory(nerve, own) for nerve in ("sural", "superficial_fibular") for own in ("left", "right")
    )
    exam = Examination(
        strength=(Strength(muscle="tibialis_anterior", side=side, mrc="4"), Strength(muscle="tibialis_posterior", side=side, mrc="4")),
        reflexes=(Reflex(name="achilles", side=side, finding="normal"), Reflex(name="patellar", side=side, finding="normal")),
        sensation=(Sensation(area="dorsum of foot", side=side, finding="reduced", root="L5", nerve="superficial_fibular"),),
    )  # fmt: skip
    given = {
        "subject": typed.ADULT, "days_since_onset": 40, "needle": needle, "ncs": NcsStudies(sensory=sensory), "examination": exam,
        "symptoms": (Symptom(kind="pain", place="buttock and lateral leg", side=side, roots=("L5",), days=40),),
        "mri": (protrusion(side),) if mri is None else mri, "question": "Foot drop: which root?",
    }  # fmt: skip
    return Case(**(given | more))


@pytest.fixture(scope="module")
def concordant():
    return emg.correlate(l5_case())


def test_one_lesion_explains_all(concordant):
    assert (concordant.row.number, concordant.row.edx_class, concordant.row.mri_class) == ("1", "Ea", "M2")
    assert 0.0 < concordant.row.low < concordant.row.probability <= concordant.row.high <= 1.0
    assert concordant.sides.conflicts == ()
    assert not concordant.urgent


@pytest.mark.parametrize(
    ("case", "number"),
    [
        (l5_case(mri=(protrusion(effect="contact"),)), "3"),
        (l5_case(mri=(protrusion("right"),)), "17"),
        (l5_case(mri=(entry("disc_bulge", "L4-5"),)), "11"),
        (l5_case(mri=(entry("foraminal_stenosis", "C5-6", side="left", grade="severe", scale="words"),)), "31"),
        (l5_case(mri=()), "none"),
        (l5_case(active=()), "8"),
        (l5_case(active=(), mri=(entry("disc_herniation", "L4-5", certainty="negated"),)), "13"),
        (l5_case(active=(), days_since_onset=9), "10"),
        (l5_case(mri=(entry("infection", "L4-5"),)), "28"),
        (l5_case(symptoms=(Symptom(kind="pain", place="calf", side="right", roots=("L5",)),)), "18"),
        (l5_case(symptoms=(Symptom(kind="pain", place="leg", side="left", roots=("L5",), note="resolved"),)), "32"),
        (l5_case(mri=(protrusion(), entry("transitional_vertebra"))), "33"),
        (
            l5_case(
                mri=(
                    protrusion(),
                    entry("lateral_recess_stenosis", "L3-4", side="left", grade="moderate", scale="words"),
                )
            ),
            "14",
        ),
    ],
)
def test_rows_of_typed_cases(case, number):
    assert emg.correlate(case).row.number == number


def test_mirrored_case_gives_the_mirrored_answer(concordant):
    other = emg.correlate(l5_case("right"))
    assert other.row.number == concordant.row.number
    assert other.row.probability == pytest.approx(concordant.row.probability)
    left, right = concordant.board_row("root_l5").left, other.board_row("root_l5").right
    assert [(one.column, one.n_supports, one.n_against) for one in left] == [
        (one.column, one.n_supports, one.n_against) for one in right
    ]


def test_every_item_keeps_the_side_of_its_finding(concordant):
    for item in concordant.evidence.values():
        assert item.side in item.code
    supports = [one for one in concordant.evidence.values() if one.state == "supports"]
    assert supports
    assert all(one.side == "left" for one in supports)


def test_every_sentence_is_tied_and_its_items_exist(concordant):
    known = concordant.evidence
    for sentence in (*concordant.impression.sentences, *concordant.row.reasons):
        assert sentence.evidence, sentence.text
        for code in sentence.evidence:
            if code.count(".") == 3 and code.split(".")[1] in {"left", "right"} and code[0] in "LSC":
                assert code in known


def test_no_forbidden_word_in_any_text():
    for case in (l5_case(), l5_case(active=()), l5_case(mri=(protrusion("right"),)), Case()):
        found = emg.correlate(case)
        assert not FORBIDDEN.search(found.to_text())
        assert not FORBIDDEN.search(re.sub("does not prove", "", emg.patient_page(found)))


def test_red_flag_is_first_and_survives_agreement():
    flagged = replace(l5_case(), symptoms=(*l5_case().symptoms, Symptom(kind="saddle numbness", place="perineum")))
    found = emg.correlate(flagged)
    assert found.row.number == "1"
    assert found.impression.sentences[0].part == "red flag"
    assert found.to_text().startswith("Urgent medical evaluation")
    assert emg.patient_page(found).index("When to get help now") < emg.patient_page(found).index("What it shows")


def test_side_conflict_is_said_and_nothing_is_swapped():
    found = emg.correlate(l5_case(mri=(protrusion("right"),)))
    assert any("nerve tests are on the left, the MRI is on the right" in text for text in found.sides.conflicts)
    assert found.board_row("root_l5").cell("mri", "right").n_supports == 1
    assert found.board_row("root_l5").cell("mri", "left").n_supports == 0


def test_root_beyond_the_ganglion_is_questioned_by_a_lost_sensory_response():
    lost = tuple(typed.sensory(nerve, own) for nerve in ("sural",) for own in ("left", "right"))
    found = emg.correlate(replace(l5_case(), ncs=NcsStudies(sensory=lost)))
    cell = found.board_row("root_l5").cell("emg", "left")
    assert cell.n_supports >= 3
    assert cell.state == "supports"


def test_empty_case_still_answers():
    found = emg.correlate(Case())
    assert found.row.number == "none"
    assert found.adequacy.missing
    assert not found.adequacy.can_be_judged
    assert found.to_text()


def test_agreement_figures_have_intervals_and_sources(concordant):
    codes = {one.code for one in concordant.agreement}
    assert {"agree_overall", "same_level", "prevalence_disc_protrusion"} <= codes
    for one in concordant.agreement:
        assert 0 <= one.low_percent <= one.percent + 0.5
        assert one.percent - 0.5 <= one.high_percent <= 100
        assert one.cited is not None


def test_weakness_raises_and_pain_alone_lowers_the_expected_yield():
    def yield_of(case):
        return next(one for one in emg.correlate(case).agreement if one.code == "emg_given_compression")

    weak = yield_of(l5_case(active=()))
    pain = yield_of(l5_case(active=(), examination=Examination()))
    assert weak.percent > 28 / 43 * 100 > pain.percent
    assert weak.modifiers
    assert pain.modifiers


def test_checklist_of_a_good_and_a_bad_text(concordant):
    good = emg.check_impression(str(concordant.impression), concordant)
    assert good.is_passed
    bad = emg.check_impression("EMG confirms L5 radiculopathy on the right; surgery is recommended.", concordant)
    assert not bad.is_passed
    assert len(bad.forbidden) == 2
    assert next(one for one in bad.points if one.number == 3).advice.startswith(
        "The findings of the nerve tests are on the left"
    )


@pytest.mark.parametrize(
    "text",
    [
        "The needle study proves a root lesion.", "This rules out radiculopathy.", "There is nothing wrong.",
        "Paraspinal muscles alone establish the L5 level.", "Active denervation means worsening.", "The patient needs surgery.",
    ],
)  # fmt: skip
def test_forbidden_wording(text):
    assert emg.check_impression(text).forbidden


@pytest.mark.parametrize(
    "text", ["This does not prove a root lesion.", "The study supports an L5 root lesion.", "L5 is not ruled out."]
)
def test_allowed_wording(text):
    assert not emg.check_impression(text).forbidden


def test_no_text_is_one_sentence():
    with pytest.raises(emg.EmgError, match="no impression to check"):
        emg.check_impression("  ")


def test_patient_page_holds_no_identifier_and_knows_two_forms(concordant):
    page = emg.patient_page(concordant)
    assert "nerve root in the lower back on the left" in page
    assert "52" not in page
    assert emg.patient_page(concordant, form="html").startswith("<article")
    with pytest.raises(emg.EmgError, match="no such form"):
        emg.patient_page(concordant, form="pdf")


def test_commands(tmp_path, capsys):
    place = tmp_path / "case.json"
    save_case(l5_case(), place)
    assert main(["correlate", str(place)]) == 0
    assert "FULL CONCORDANCE" in capsys.readouterr().out
    assert main(["correlate", str(place), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["row"]["number"] == "1"
    assert main(["correlate", str(place), "--patient"]) == 0
    assert "When to get help now" in capsys.readouterr().out
    assert main(["correlate", str(place), "--impression"]) == 0
    assert "support an active lesion" in capsys.readouterr().out


def test_a_bad_entry_is_left_out_and_the_rest_works(tmp_path, capsys):
    place = tmp_path / "case.json"
    save_case(l5_case(), place)
    document = json.loads(place.read_text())
    document["mri"].append({"kind": "disc_protrusion", "level": "C8-T1"})
    document["needle"].append({"muscle": "tibialis anterrior", "side": "left"})
    place.write_text(json.dumps(document))
    assert main(["correlate", str(place)]) == 0
    said = capsys.readouterr()
    assert "C8" in said.err
    assert "tibialis_anterior" in said.err
    assert "FULL CONCORDANCE" in said.out
    assert Sign(name="hoffmann", is_positive=False).side is None


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"mri": (protrusion(), MriFinding(kind="disc_protrusion", level="C8-T1", side="left"))}, "C8"),
        (
            {"mri": (protrusion(), MriFinding(kind="root_effect", roots=(RootEffect(root="L9", effect="contact"),)))},
            "no such root: L9",
        ),
        (
            {"symptoms": (*l5_case().symptoms, Symptom(kind="pain", place="leg", side="left", roots=("L9",)))},
            "L9: not used",
        ),
    ],
)
def test_what_does_not_exist_is_said_and_the_rest_works(more, sentence):
    found = emg.correlate(l5_case(**more))
    assert found.row.number == "1"
    assert any(sentence in text for text in found.adequacy.notes)
