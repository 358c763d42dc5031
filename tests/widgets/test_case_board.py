"""The page of a case: entries, red flags that only a named reader sets aside, signing, and what the browser is told."""

import json
import time
from dataclasses import replace

import pytest

from emgwidgets.cases.document import document_from_case, load_case
from emgwidgets.errors import InputError, ReadError
from emgwidgets.interpretation.facts import facts_of
from emgwidgets.lessons.study_room import StudyRoom, least_study
from emgwidgets.model.case import Case, Examination, Strength, Symptom
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.model.mri import RootEffect
from emgwidgets.model.ncs import MotorResponse, MotorStudy, NcsStudies
from emgwidgets.model.needle import MotorUnitFindings, NeedleExamination, SpontaneousActivity
from emgwidgets.simulation.story.teaching import teaching_case
from emgwidgets.widgets.case_board import CaseBoard
from emgwidgets.widgets.case_board.desk import CaseDesk
from emgwidgets.widgets.case_board.forms import FORMS, form_spec, part_of, values_of
from emgwidgets.widgets.case_board.reading_state import gaps_of
from emgwidgets.widgets.case_board.results import body_results
from emgwidgets.widgets.mri_bench import MriBench

MOTOR = {
    "study": "fibular_edb", "side": "left", "temperature": "33", "supramaximal": "yes",
    "sites": [
        {"site": "ankle", "amplitude": "1.6", "latency": "5,0", "distance": "80"},
        {"site": "below_head", "amplitude": "1.5", "latency": "12.2", "velocity": "45"},
        {"site": "above_head", "absent": True},
    ],
}  # fmt: skip
ENTRIES = {
    "symptom": {"kind": "pain", "place": "outer side of the leg", "side": "left", "days": "24"},
    "strength": {"muscle": "Tibialis anterior", "side": "left", "mrc": "4-"},
    "reflex": {"name": "medial hamstring", "side": "left", "finding": "reduced"},
    "sensation": {"area": "dorsum of the foot", "side": "left", "finding": "reduced", "root": "L5", "nerve": "superficial_fibular"},
    "sign": {"name": "Straight leg raise", "side": "left", "is_positive": "present"},
    "motor": MOTOR,
    "sensory": {"study": "superficial_fibular", "side": "left", "amplitude": "13", "peak": "3.6", "distance": "140", "response": "present"},
    "late": {"kind": "f_wave", "study": "tibial_ah", "side": "left", "latency": "52", "persistence": "90", "response": "present"},
    "needle": {
        "muscle": "tibialis anterior", "side": "left", "fib": "2", "psw": "1", "amplitude": "normal", "pattern": "reduced",
        "degree": "moderate", "full": "yes",
    },
    "mri": {"kind": "disc_protrusion", "level": "L4-5", "side": "left", "zone": "subarticular", "size_mm": "5", "root": "L5", "effect": "deviation", "certainty": "definite"},
}  # fmt: skip


@pytest.fixture(scope="module")
def foot_drop():
    return teaching_case("U1").simulate(seed=0)


@pytest.fixture
def board(foot_drop):
    return CaseBoard(foot_drop.case, reader="AB")


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_every_form_makes_an_entry_that_comes_back_as_the_same_fields(kind):
    made = part_of(kind, ENTRIES[kind])
    again = part_of(kind, values_of(kind, made))
    assert again == made


def test_every_field_of_an_entry_is_a_field_of_its_form():
    for kind, values in ENTRIES.items():
        assert set(values) <= {field["name"] for field in form_spec()["forms"][kind]["fields"]}


def test_typed_nerve_conduction_becomes_facts_with_absence_kept():
    desk = CaseDesk(given=Case())
    desk.enter("motor", MOTOR)
    study = desk.case.ncs.motor[0]
    assert [one.site for one in study.responses] == ["ankle", "below_head", "above_head"]
    assert study.responses[0].measures["onset_latency_ms"].value == 5.0
    assert isinstance(study.responses[2].measures["amplitude_mv"], Absent)
    facts = facts_of(desk.case)
    assert any(name.startswith("motor.fibular_edb.left") and "amplitude" in name for name in facts)


def test_an_empty_row_of_a_motor_study_is_not_tested():
    study = part_of(
        "motor",
        {"study": "tibial_ah", "side": "right", "sites": [{"site": "ankle", "amplitude": "11"}, {"site": "popliteal"}]},
    )
    assert [one.site for one in study.responses] == ["ankle"]
    assert "onset_latency_ms" not in study.responses[0].measures


@pytest.mark.parametrize(
    ("kind", "values", "sentence"),
    [
        ("strength", {"muscle": "tibialis anteroir", "side": "left", "mrc": "4"}, "tibialis_anterior"),
        ("strength", {"muscle": "tibialis anterior", "side": "left", "mrc": "6"}, "MRC grade"),
        (
            "motor",
            {"study": "fibular_edb", "side": "left", "sites": [{"site": "ankle", "amplitude": "much"}]},
            "is no number",
        ),
        ("motor", {"study": "fibular_edb", "side": "left", "sites": []}, "needs one response"),
        ("sensory", {"study": "sural", "side": "left"}, "needs one number"),
        ("late", {"kind": "f_wave", "study": "tibial_ah", "side": "left"}, "needs its latency"),
        ("mri", {"kind": "disc_bulge", "level": "C8-T1"}, "C7-T1"),
        ("symptom", {"kind": "pain", "side": "left", "days": "-4"}, "age of a symptom"),
        ("tea", {}, "no such form"),
    ],
)
def test_what_cannot_be_entered_is_one_sentence(kind, values, sentence):
    with pytest.raises(InputError, match=sentence):
        part_of(kind, values)


def test_entries_are_added_replaced_taken_out_and_undone():
    desk = CaseDesk(given=Case())
    desk.enter("strength", ENTRIES["strength"])
    desk.enter("strength", {**ENTRIES["strength"], "mrc": "3"}, 0)
    assert [one.mrc for one in desk.case.examination.strength] == ["3"]
    desk.remove("strength", 0)
    assert desk.case.examination.strength == ()
    assert desk.undo()
    assert desk.undo()
    assert [one.mrc for one in desk.case.examination.strength] == ["4-"]
    assert desk.redo()
    assert [one.mrc for one in desk.case.examination.strength] == ["3"]
    with pytest.raises(InputError, match="no such entry"):
        desk.remove("strength", 5)


def test_a_change_of_the_case_reaches_the_board(board):
    before = board.correlation
    row = before.board_row("root_l5").cell("emg", "left")
    assert row.n_supports == 0
    for muscle in ("tibialis anterior", "tibialis posterior", "tensor fasciae latae"):
        board.enter("needle", {**ENTRIES["needle"], "muscle": muscle})
    assert board.correlation.board_row("root_l5").cell("emg", "left").n_supports == 3
    assert board._state["entries"]["needle"][0]["what"] == "Tibialis anterior, Left"
    assert board._state["body"]["needle"]["muscles/tibialis_anterior/left"]["mark"] == "A"
    board.undo()
    assert board.correlation.board_row("root_l5").cell("emg", "left").n_supports == 2


def test_cells_open_their_evidence(board):
    board.choose("root_l5", "examination", "left")
    cell = board._cell
    assert cell["words"] == "L5 root"
    assert any(
        "MRC 4" in item["sentence"] and item["place"].startswith("examination.strength[") for item in cell["items"]
    )
    with pytest.raises(InputError, match="no such cell"):
        board.choose("root_q9", "emg", "left")


def test_body_results_keep_not_tested_apart_from_normal():
    case = Case(
        symptoms=(Symptom(kind="pain", place="outer side of the leg", side="left", days=3),),
        examination=Examination(strength=(Strength(muscle="soleus", side="left", mrc="5"), Strength(muscle="soleus", side="right", mrc="4"))),
        needle=(part_of("needle", {"muscle": "soleus", "side": "left", "fib": "0"}), part_of("needle", {"muscle": "soleus", "side": "right", "fib": "0", "pattern": "normal"})),
        ncs=Case().ncs,
    )  # fmt: skip
    found = body_results(case)
    assert found["strength"]["muscles/soleus/left"]["mark"] == "N"
    assert found["strength"]["muscles/soleus/right"]["mark"] == "A"
    assert found["needle"]["muscles/soleus/left"]["mark"] == "?"  # units were not looked at
    assert found["needle"]["muscles/soleus/right"]["mark"] == "N"
    assert "muscles/tibialis_anterior/left" not in found["needle"]
    assert found["complaint"] == {"zone/lateral_leg/left": {"mark": "S", "words": "pain, 3 days"}}


def test_an_absent_sensory_response_is_no_response_not_zero():
    case = CaseDesk(given=Case())
    case.enter("sensory", {"study": "sural", "side": "left", "response": "no response"})
    assert body_results(case.case)["sensory"]["nerve/sural/left"]["mark"] in {"0", "?"}


# red flags -----------------------------------------------------------------------------------------------------------
def test_a_red_flag_needs_a_named_reader_and_a_reason(foot_drop):
    board = CaseBoard(foot_drop.case)
    board.enter("symptom", {"kind": "saddle numbness", "side": "bilateral", "days": "1"})
    assert board._state["flags"]["urgent"].startswith("Urgent medical evaluation")
    assert board._state["flags"]["held"]
    with pytest.raises(InputError, match="named reader"):
        board.set_flags_aside("seen in the emergency room")
    with pytest.raises(InputError, match="needs a reason"):
        board.set_flags_aside("", reader="AB")
    assert board._state["flags"]["urgent"]
    board.set_flags_aside("urgent MRI done and normal", reader="AB")
    assert not board._state["flags"]["urgent"]
    kept = board.case.annotations[-1]
    assert (kept.label, kept.reader) == ("red_flag_set_aside", "AB")
    assert "urgent MRI done and normal" in kept.note
    assert board._state["flags"]["present"][0]["answer"]["reason"] == "urgent MRI done and normal"


def test_new_evidence_for_a_flag_brings_the_banner_back(foot_drop):
    board = CaseBoard(foot_drop.case, reader="AB")
    board.enter("symptom", {"kind": "saddle numbness", "side": "bilateral", "days": "1"})
    board.set_flags_aside("urgent MRI done and normal")
    board.enter("symptom", {"kind": "bladder disturbance", "days": "1"})
    assert board._state["flags"]["urgent"]


def test_nothing_but_a_reader_removes_the_banner(foot_drop):
    board = CaseBoard(foot_drop.case, reader="AB")
    board.enter("symptom", {"kind": "saddle numbness", "side": "bilateral", "days": "1"})
    board.write("clear L5 root", "AB")
    board.answer_flag("saddle_numbness", "absent")
    assert board._state["flags"]["urgent"], "the symptom still says it"
    with pytest.raises(InputError, match="cannot be signed yet"):
        board.sign()


def test_taking_the_evidence_out_or_undoing_it_does_not_take_the_banner_away(foot_drop):
    board = CaseBoard(foot_drop.case, reader="AB")
    board.enter("symptom", {"kind": "saddle numbness", "side": "bilateral", "days": "1"})
    board.undo()
    assert not board.correlation.urgent
    assert "saddle numbness" in board._state["flags"]["urgent"].lower()
    assert board._state["flags"]["held"]
    assert any(gap["kind"] == "red_flag_set_aside" for gap in board._state["reading"]["gaps"])
    texts = " ".join(text.get_text() for axes in board.to_figure().axes for text in axes.texts)
    assert "Held back: a red flag comes first." in texts
    again = CaseBoard(board.case)
    assert again._state["flags"]["urgent"], "it is kept with the case"
    again.set_flags_aside("typed into the wrong case", "CD")
    assert not again._state["flags"]["urgent"]
    labels = [one.label for one in again.case.annotations]
    assert labels.count("red_flag_raised") == labels.count("red_flag_set_aside") > 0


def test_asking_a_flag_is_kept_as_a_sign_and_can_be_taken_back(board):
    board.answer_flag("bladder_or_bowel", "absent")
    assert next(one for one in board.correlation.red_flags if one.code == "bladder_or_bowel").state == "absent"
    board.answer_flag("bladder_or_bowel", "present")
    assert board._state["flags"]["urgent"]
    board.answer_flag("bladder_or_bowel", "not asked")
    assert next(one for one in board.correlation.red_flags if one.code == "bladder_or_bowel").state == "not asked"
    assert "taken out of the case" in board._state["flags"]["urgent"], (
        "a corrected answer does not take the banner away"
    )
    board.set_flags_aside("pressed by mistake", "AB")
    assert not board._state["flags"]["urgent"]
    with pytest.raises(InputError, match="no such red flag"):
        board.answer_flag("mood", "present")


def test_the_held_ranking_is_shown_only_for_a_reason(foot_drop):
    board = CaseBoard(foot_drop.case)
    board.enter("symptom", {"kind": "saddle numbness", "side": "bilateral", "days": "1"})
    with pytest.raises(InputError, match="named reader"):
        board.show_ranking("needed for the surgeon")
    board.show_ranking("needed for the surgeon", reader="AB")
    assert not board._state["flags"]["held"]
    assert board._state["flags"]["urgent"]


# signing -------------------------------------------------------------------------------------------------------------
def test_signing_needs_words_a_reader_and_every_gap_answered(foot_drop, tmp_path):
    place = tmp_path / "case.json"
    board = CaseBoard(foot_drop.case, path=place)
    board.write("Left L5 root, not complete yet.")
    with pytest.raises(InputError, match="cannot be signed yet"):
        board.sign()
    for gap in gaps_of(board._desk, board.correlation):
        board.waive(gap["about"], "paper case, no study done", reader="AB")
    assert board._state["reading"]["n_open"] == 0
    reading = board.sign()
    assert (reading.reader, reading.impression) == ("AB", "Left L5 root, not complete yet.")
    assert "Waived by AB: paper case, no study done." in reading.limits
    assert board._state["reading"]["is_signed"]
    again = load_case(place)
    assert again.reading == reading
    assert [one.label for one in again.annotations][-1] == "signed"


def test_a_change_after_the_signature_is_seen_and_nothing_signed_is_lost(foot_drop):
    board = CaseBoard(foot_drop.case, reader="AB")
    board.write("As it stands.")
    for gap in gaps_of(board._desk, board.correlation):
        board.waive(gap["about"], "paper case")
    board.sign()
    settled = len(board.case.annotations)
    board.enter("strength", ENTRIES["strength"])
    assert not board._state["reading"]["is_signed"]
    assert board._state["reading"]["is_changed"]
    board.undo()
    assert board._state["reading"]["is_signed"]
    assert len(board.case.annotations) == settled
    assert board.case.reading is not None


def test_software_and_reader_never_share_a_box(board):
    board.write("My own words.", "AB")
    told = " ".join(one["text"] for one in board._state["software"]["sentences"])
    assert "My own words." not in told
    assert board._state["reading"]["draft"] == "My own words."
    assert board.case.reading is None


def test_a_side_conflict_stands_before_the_signature():
    board = CaseBoard(teaching_case("U15").simulate(seed=0).case, reader="AB")
    conflicts = [one for one in board._state["reading"]["gaps"] if one["kind"] == "side_settled"]
    assert conflicts
    board.waive(conflicts[0]["about"], "asked: the pain is on the left")
    assert board.case.annotations[-1].label == "side_settled"
    assert board.correlation.sides.conflicts, "the sources stay as given"
    with pytest.raises(InputError, match="no such gap"):
        board.waive("something else", "reason")


# the widget ----------------------------------------------------------------------------------------------------------
def test_an_empty_board_says_so_and_can_be_filled():
    board = CaseBoard()
    assert board._state["is_empty"]
    board.set_head(
        {"question": "Foot drop, left", "days_since_onset": "24", "age_years": "54", "sex": "male", "height_cm": "178"}
    )
    assert board.case.subject.age_years == 54
    assert board.case.days_since_onset == 24
    board.enter("symptom", ENTRIES["symptom"])
    assert not board._state["is_empty"]
    with pytest.raises(InputError, match="the age"):
        board.set_head({"age_years": "400"})


def test_a_pasted_report_is_read_and_its_words_stay_out(foot_drop):
    board = CaseBoard()
    board.read_report(foot_drop.mri.text)
    assert {one.level for one in board.case.mri} >= {"L4-5"}
    assert foot_drop.mri.text[:40] not in json.dumps(document_from_case(board.case))


def test_messages_from_the_browser_are_answered_in_one_sentence(board):
    sent = []
    board.send = lambda content, buffers=None: sent.append(content)
    board._receive(
        board, {"type": "enter", "kind": "strength", "values": {"muscle": "nosuch", "side": "left", "mrc": "4"}}, []
    )
    assert sent[-1]["type"] == "error"
    board._receive(board, {"type": "edit", "kind": "strength", "index": 0}, [])
    assert sent[-1]["values"]["muscle"] == board.case.examination.strength[0].muscle
    board._receive(board, {"type": "nonsense"}, [])
    board._receive(board, {"type": "next"}, [])
    assert board._next["version"] == board._state["version"]


def test_everything_sent_is_plain_json(board):
    for name in ("_fixed", "_state", "_cell", "_next"):
        json.dumps(getattr(board, name), allow_nan=False)
    assert "AB" not in repr(board)


def test_the_board_on_paper(board):
    figure = board.to_figure()
    texts = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    assert "L5 root" in texts
    assert "LEFT, the side of the complaint" in texts
    assert "Nothing signed." in texts


def test_the_board_follows_an_entry_at_once(board):
    board.enter("strength", ENTRIES["strength"])
    took = []
    for _ in range(3):
        start = time.process_time()
        board.enter("strength", ENTRIES["strength"])
        took.append(time.process_time() - start)
    assert min(took) < 0.3


def test_a_board_needs_a_case():
    with pytest.raises(InputError, match="needs a case"):
        CaseBoard(3)


def test_a_page_without_a_kernel_shows_a_small_picture_and_words(board):
    data, _ = board._repr_mimebundle_()
    assert "Red flags found: 0 of" in data["text/plain"]
    assert len(data["image/svg+xml"].encode()) <= 50_000
    assert "L5 root" in data["image/svg+xml"]


def test_a_report_that_contradicts_itself_brings_no_side_onto_the_board():
    board = CaseBoard(reader="AB")
    board.read_report(
        "FINDINGS: L4-5: left paracentral disc protrusion, 5 mm, displacing the left L5 root. IMPRESSION: L4-5 right paracentral disc protrusion."
    )
    one = next(found for found in board.case.mri if found.kind == "disc_protrusion" and found.certainty != "negated")
    assert one.side is None
    assert any("contradicts itself" in gap["words"] for gap in board._state["reading"]["gaps"])


def test_a_file_with_a_bad_entry_still_works_and_is_not_written_over(tmp_path):
    place = tmp_path / "case.json"
    document = {
        "schema": "emgwidgets.case/1", "question": "Foot drop", "examination": {
            "strength": [{"muscle": "tibialis anterior", "side": "left", "mrc": "3"}, {"muscle": "nosuch", "side": "left", "mrc": "3"}],
        },
    }  # fmt: skip
    place.write_text(json.dumps(document), encoding="utf-8")
    board = CaseBoard(place, reader="AB")
    assert [one.mrc for one in board.case.examination.strength] == ["3"]
    assert "examination.strength[1]" in board._fixed["problems"][0]
    with pytest.raises(InputError, match="no place to be saved"):
        board.save()
    document["schema"] = "emgwidgets.case/99"
    place.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ReadError, match="newer version"):
        CaseBoard(place)


def test_the_words_are_checked_and_never_changed(board):
    sent = []
    board.send = lambda content, buffers=None: sent.append(content)
    board._receive(board, {"type": "check"}, [])
    assert sent[-1]["type"] == "error"
    board.write("Left L5 root.", "AB")
    board._receive(board, {"type": "check"}, [])
    states = {one["words"]: one["state"] for one in sent[-1]["points"]}
    assert states["side"] == "met"
    assert "missing" in states.values()
    assert board._state["reading"]["draft"] == "Left L5 root."
    board._receive(board, {"type": "patient"}, [])
    assert "What it cannot show" in sent[-1]["text"]


def test_a_correction_keeps_what_the_form_does_not_show():
    desk = CaseDesk(given=Case())
    finding = part_of(
        "mri", {**ENTRIES["mri"], "scale": "pfirrmann_root", "grade": "2", "numbering_basis": "whole_spine"}
    )
    desk.set_mri(
        [
            replace(
                finding, raw="paracentral", span=(3, 9), roots=(*finding.roots, RootEffect(root="S1", effect="contact"))
            )
        ]
    )
    values = values_of("mri", desk.case.mri[0])
    assert (values["scale"], values["grade"], values["numbering_basis"]) == ("pfirrmann_root", "2", "whole_spine")
    desk.enter("mri", {**values, "size_mm": "9"}, 0)
    now = desk.case.mri[0]
    assert (now.size_mm, now.raw, now.span) == (9.0, "paracentral", (3, 9))
    assert [root.root for root in now.roots] == ["L5", "S1"]
    with pytest.raises(InputError, match="grade"):
        part_of("mri", {**ENTRIES["mri"], "scale": "schizas", "grade": "moderate"})


def test_a_measured_number_that_was_not_changed_stays_measured():
    measured = {
        "onset_latency_ms": Measure(value=4.6, unit="ms", low=4.5, high=4.7), "amplitude_mv": Measure(value=5.5, unit="mV", method="baseline_to_peak", low=5.3, high=5.7),
        "area_mv_ms": Measure(value=16.0, unit="mV ms"),
    }  # fmt: skip
    study = MotorStudy(
        nerve="deep_fibular",
        muscle="extensor_digitorum_brevis",
        side="left",
        responses=(MotorResponse(site="ankle", distance_mm=80, measures=measured),),
    )
    desk = CaseDesk(given=Case(ncs=NcsStudies(motor=(study,))))
    values = values_of("motor", study)
    desk.enter("motor", values, 0)
    assert desk.case.ncs.motor[0].responses[0].measures == measured
    values["sites"][0]["amplitude"] = "2.5"
    desk.enter("motor", values, 0)
    now = desk.case.ncs.motor[0].responses[0].measures
    assert now["amplitude_mv"].is_typed
    assert now["onset_latency_ms"] == measured["onset_latency_ms"]
    assert "area_mv_ms" not in now, "an area does not outlive its amplitude"


def test_a_needle_correction_keeps_other_discharges_and_measures():
    old = NeedleExamination(
        muscle="soleus", side="left", spontaneous=(SpontaneousActivity(kind="myotonic_discharge", grade=2),),
        motor_units=MotorUnitFindings(amplitude="normal", measures={"duration_ms": Measure(value=11.0, unit="ms")}),
    )  # fmt: skip
    desk = CaseDesk(given=Case(needle=(old,)))
    desk.enter("needle", {**values_of("needle", old), "fib": "1", "amplitude": "high"}, 0)
    now = desk.case.needle[0]
    assert {one.kind: one.grade for one in now.spontaneous} == {"fibrillation_potential": 1, "myotonic_discharge": 2}
    assert now.motor_units.measures["duration_ms"].value == 11.0
    desk.enter("needle", {**ENTRIES["needle"], "muscle": "gastrocnemius medial head"}, 0)
    assert {one.kind for one in desk.case.needle[0].spontaneous} == {"fibrillation_potential", "positive_sharp_wave"}


@pytest.mark.parametrize("widget", [CaseBoard, MriBench])
def test_a_story_is_no_case_and_the_sentence_says_where_its_case_is(widget, foot_drop):
    with pytest.raises(InputError, match=r"needs a case; got TeachingCase.*\.simulate\(\)\.case"):
        widget(teaching_case("U1"))
    with pytest.raises(InputError, match=r"needs a case; got SimulatedCase.*give its \.case"):
        widget(foot_drop)


# two sites side by side ------------------------------------------------------------------------------------------------
def test_the_sites_of_the_question_stand_side_by_side(board):
    versus = board._state["versus"]
    assert [one["code"] for one in versus["sites"]] == ["root_l5", "common_fibular_head"]
    assert versus["is_asked"]
    board.enter("needle", {**ENTRIES["needle"], "muscle": "tibialis posterior"})
    root, nerve = board._state["versus"]["sites"]
    assert any(one["column"] == "emg" and "Tibialis posterior" in one["sentence"] for one in root["for"])
    assert not any("Tibialis posterior" in one["sentence"] for one in nerve["for"])
    assert nerve["n_not_tested"] > 0
    low, middle, high = (root["range"][n] for n in (1, 0, 2))
    assert low <= middle <= high


def test_two_sites_that_the_tests_have_parted_are_told_from_two_that_they_have_not():
    room = StudyRoom("U1")
    for muscle in (
        "tibialis_anterior",
        "tibialis_posterior",
        "tensor_fasciae_latae",
        "lumbar_paraspinals_multifidus_lower",
    ):
        room.do("needle", muscle, "left")
    room.do("sensory", "superficial_fibular", "left")
    room.do("motor", "fibular_edb", "left")
    parted = CaseBoard(room.case)._state["versus"]
    shares = [one["range"][0] if one["range"] else 0.0 for one in parted["sites"]]
    assert max(shares) >= 0.6
    assert parted["behind"] == parted["sites"][1]["words"] == "Common fibular nerve, fibular head"
    assert CaseBoard(StudyRoom("U1").case)._state["versus"]["behind"] == ""


def test_without_a_site_in_the_question_the_leading_one_meets_a_rival_of_another_kind(foot_drop):
    board = CaseBoard(replace(foot_drop.case, question="Weak foot."), reader="AB")
    for muscle in ("tibialis anterior", "tibialis posterior"):
        board.enter("needle", {**ENTRIES["needle"], "muscle": muscle})
    versus = board._state["versus"]
    kinds = {row.code: row.kind for row in board.correlation.board}
    first, second = (one["code"] for one in versus["sites"])
    assert not versus["is_asked"]
    assert first == board.correlation.localisation.leading.candidate.code.split(".")[0]
    assert kinds[first] != kinds[second]


def test_the_rival_is_the_root_the_mri_shows_where_the_needle_says_another():
    room = StudyRoom("U5")
    for kind, study in least_study("U5"):
        room.do(kind, study, "left")
    room.read_mri()
    board = CaseBoard(room.case)
    assert [one["code"] for one in board._state["versus"]["sites"]] == ["root_l4", "root_l5"]
    assert any(one["column"] == "mri" for one in board._state["versus"]["sites"][1]["for"])


@pytest.mark.parametrize(
    ("code", "sites"),
    [("U18", {"median_carpal_tunnel"}), ("U19", {"common_fibular_head"}), ("U16", set()), ("U22", {"root_c6"})],
)
def test_sites_of_other_questions(code, sites):
    versus = CaseBoard(teaching_case(code).simulate(seed=0).case)._state["versus"]
    assert sites <= {one["code"] for one in versus["sites"]}
    assert len(versus["sites"]) in {0, 2}
    assert all(len(one["for"]) <= 4 and one["n_for"] >= len(one["for"]) for one in versus["sites"])


def test_what_the_ranking_counts_against_a_site_is_told_beside_it():
    room = StudyRoom("U1")
    for kind, study in least_study("U1"):
        room.do(kind, study, "left")
    board = CaseBoard(room.case)
    root = board._state["versus"]["sites"][0]
    ranked = next(one for one in board._state["explanations"]["list"] if one["code"] == "root_l5.left")
    assert root["code"] == "root_l5"
    assert ranked["n_against"] == root["n_against"] == 1
    (one,) = root["against"]
    assert one["sentence"].startswith("Gastrocnemius")
    assert "of such lesions would be abnormal here" in one["bearing"]


def test_without_a_side_nothing_is_compared():
    assert CaseBoard()._state["versus"]["sites"] == []
