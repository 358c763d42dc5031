"""The reader of MRI reports, point by point (facts mri.md 7.8), its provenance, corrections and refusals."""

from __future__ import annotations

import dataclasses

import pytest

import emgwidgets as emg
from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.report.levels import discs_between, scan_places
from emgwidgets.interpretation.correlation.report.repair import repaired
from emgwidgets.model.mri_report import MriReport, ReportConflict

LUMBAR = """MRI LUMBAR SPINE
Patient name: Jane Q. Example   MRN: 5550199
Indication: left leg pain, rule out disc herniation.
Findings:
L3-L4: Mild disc bulge. No canal stenosis.
L4-L5: 6 x 4 mm left paracentral disc extrusion with inferior migration, compressing the traversing left L5 nerve root.
L5-S1: Possible small right foraminal protrusion. Moderate to severe canal stenosis.
Impression: L4-L5 left paracentral disc extrusion.
"""


def read(text):
    return emg.mri.read_report(f"MRI spine. {text}" if "MRI" not in text else text)


def found(text):
    """(kind, level, side, certainty) of every finding, in order."""
    return [
        (one.finding.kind, one.finding.level, one.finding.side, one.finding.certainty) for one in read(text).findings
    ]


def only(text, kind):
    listed = [one for one in read(text).findings if one.finding.kind == kind]
    assert len(listed) == 1, [one.finding for one in listed]
    return listed[0]


def test_1_sections_keep_the_indication_out():
    report = read(LUMBAR)
    assert [one.name for one in report.sections] == ["title", "administrative", "indication", "findings", "impression"]
    assert not any(one.finding.kind == "disc_herniation" for one in report.findings)
    assert found("There is a left protrusion at L4-5. Left sciatica.") == [
        ("disc_protrusion", "L4-5", "left", "definite")
    ]


@pytest.mark.parametrize(
    ("written", "levels"),
    [
        ("L4-5", ["L4-5"]), ("L4/5", ["L4-5"]), ("L4-L5", ["L4-5"]), ("L45", ["L4-5"]), ("L5S1", ["L5-S1"]), ("L5-1", ["L5-S1"]),
        ("LS-S1", ["L5-S1"]), ("L4-S", ["L4-5"]), ("L5-SI", ["L5-S1"]), ("D12-L1", ["T12-L1"]), ("C7/T1", ["C7-T1"]), ("c5-6", ["C5-6"]),
        ("L2-L5", ["L2-3", "L3-4", "L4-5"]), ("C3/4, 4/5 and 5/6", ["C3-4", "C4-5", "C5-6"]), ("L four five", ["L4-5"]),
        ("L five S one", ["L5-S1"]), ("L5-L4", ["L4-5"]), ("L4-5-S1", ["L4-5", "L5-S1"]), ("L5-6", ["L5-6"]), ("C5–C6", ["C5-6"]),
    ],
)  # fmt: skip
def test_2_level_forms(written, levels):
    place = scan_places(f"at {written} there")[0]
    assert list(place.discs) == levels


def test_2_ranges_lists_and_repairs():
    assert [one[1] for one in found("Disc bulges from L2-3 through L4-5.")] == ["L2-3", "L3-4", "L4-5"]
    assert [one[1] for one in found("Disc bulge at L3-4, L4-5 and L5-S1.")] == ["L3-4", "L4-5", "L5-S1"]
    assert any("read as L5-S1" in words for _, _, words in read("L5-1: disc bulge.").repairs)
    assert scan_places("sagittal T1 and T2 weighted images") == []
    assert discs_between("L9", "S1") == ()


def test_2_a_size_is_no_level():
    assert scan_places("L4 - 5 mm protrusion")[0].segment == "L4"


def test_3_slashes_end_a_sentence():
    assert found("L4-5: disc bulge // no canal stenosis /// L5-S1: annular tear") == [
        ("disc_bulge", "L4-5", None, "definite"), ("central_stenosis", "L4-5", None, "negated"), ("annular_fissure", "L5-S1", None, "definite"),
    ]  # fmt: skip


def test_4_synonyms_and_typing_errors():
    assert found("L4-5: left HNP.")[0][:3] == ("disc_herniation", "L4-5", "left")
    report = read("L4-5: left paracentral disc protusion with ligamentum flavum hypertropy.")
    assert {one.finding.kind for one in report.findings} == {"disc_protrusion", "ligamentum_flavum_thickening"}
    assert "hypertropy read as hypertrophy" in [words for _, _, words in report.repairs]


@pytest.mark.parametrize("word", ["formal", "normally", "diffusion", "absnet", "lesoin", "contusion"])
def test_4_words_that_are_never_repaired(word):
    assert repaired(word) == word


def test_5_side_zone_migration():
    one = only(LUMBAR, "disc_extrusion")
    assert (one.finding.side, one.finding.zone, one.finding.raw, one.finding.migration) == (
        "left",
        "subarticular",
        "paracentral",
        "caudal",
    )
    assert only("L3-4: right far lateral protrusion.", "disc_protrusion").finding.zone == "extraforaminal"
    assert only("C5-6: central protrusion.", "disc_protrusion").finding.side == "midline"


def test_6_ranges_of_severity():
    one = next(one for one in read(LUMBAR).findings if one.severity_index == 2.5)
    assert (one.finding.grade, one.finding.note) == ("severe", "between two grades")
    assert only("L4-5: mild-to-moderate canal stenosis.", "central_stenosis").severity_index == 1.5


def test_7_sizes_in_mm():
    assert only(LUMBAR, "disc_extrusion").sizes_mm == (6, 4)
    assert only("L4-5: 0.8 cm left protrusion.", "disc_protrusion").finding.size_mm == 8
    one = only("L4-5: canal stenosis, AP diameter 7 mm.", "central_stenosis")
    assert (one.canal_mm, one.finding.size_mm) == (7, None)


def test_8_stated_and_inferred_roots_are_kept_apart():
    one = only("L4-5: right subarticular protrusion compressing the right L3 root.", "disc_protrusion")
    assert [(root.root, root.effect, root.side) for root in one.finding.roots] == [("L3", "compression", "right")]
    assert one.inferred_roots[0].root == "L5"
    assert [(r.root, r.effect) for r in only("L4-5: left foraminal protrusion displacing the exiting nerve root.", "disc_protrusion").finding.roots] == [("L4", "deviation")]  # fmt: skip
    one = only("L4-5: central protrusion touching both descending nerve roots.", "disc_protrusion")
    assert [(root.root, root.side) for root in one.finding.roots] == [("L5", "bilateral")]
    assert only("L4-5: left protrusion abutting the nerve root.", "disc_protrusion").unnamed_root_effect == "contact"


@pytest.mark.parametrize(
    ("text", "certainty"),
    [
        ("L4-5: no disc protrusion.", "negated"), ("L4-5: disc protrusion is not seen.", "negated"), ("L4-5: without protrusion.", "negated"),
        ("L4-5: protrusion cannot be excluded.", "possible"), ("L4-5: possible protrusion.", "possible"), ("L4-5: protrusion suspected.", "probable"),
        ("L4-5: suspected protrusion.", "probable"), ("L4-5: disc protrusion: none.", "negated"), ("L4-5: protrusion has resolved.", "negated"),
        ("L4-5: not only a bulge but a protrusion.", "definite"), ("L4-5: no change in the protrusion.", "definite"),
        ("L4-5: no canal stenosis, but there is a protrusion.", "definite"), ("L4-5: no canal stenosis, 4 mm protrusion.", "definite"),
        ("L4-5: no bulge, protrusion or stenosis.", "negated"), ("L4-5: neither protrusion nor stenosis.", "negated"),
    ],
)  # fmt: skip
def test_9_negation_and_hedges(text, certainty):
    assert only(text, "disc_protrusion").finding.certainty == certainty


def test_9_no_significant_is_not_absent():
    one = only("L4-5: no significant canal stenosis.", "central_stenosis")
    assert (one.finding.certainty, one.at_most) == ("negated", "mild")
    assert only("L4-5: no canal stenosis.", "central_stenosis").at_most == ""


def test_10_remaining_levels():
    report = read("MRI lumbar spine. L4-5: left protrusion. The remaining levels are normal.")
    assert [one.level for one in report.normal_levels] == ["L1-2", "L2-3", "L3-4", "L5-S1"]


def test_11_normal_statements():
    assert found("L4-5: The foramina are patent.") == [("foraminal_stenosis", "L4-5", None, "negated")]
    assert found("Canal and foramina at L3-4 are normal.") == [
        ("central_stenosis", "L3-4", None, "negated"), ("foraminal_stenosis", "L3-4", None, "negated"),
    ]  # fmt: skip
    assert [one.level for one in read("L1-2: unremarkable. L4-5: bulge.").normal_levels] == ["L1-2"]


def test_12_transitional_anatomy_widens_and_warns():
    report = read(
        "MRI lumbar spine. There is a transitional vertebra with sacralised L5. L4-5: left foraminal protrusion."
    )
    assert report.is_transitional
    assert report.numbering_basis == "stated_transitional"
    assert {root.root for root in only(report.text, "disc_protrusion").inferred_roots} >= {"L3", "L4", "L5"}
    assert (
        read("MRI lumbar spine. Numbering assumes five lumbar type vertebrae. L4-5: bulge.").numbering_basis
        == "assumed_five"
    )


def test_13_operations():
    report = read("MRI lumbar spine. Status post right L5-S1 hemilaminectomy. L3-4: bulge.")
    assert [(one.kind, one.levels, one.side) for one in report.surgery] == [("laminectomy", ("L5-S1",), "right")]


@pytest.mark.parametrize(
    ("words", "change"), [("unchanged", "unchanged"), ("new", "new"), ("smaller", "better"), ("larger", "worse")]
)
def test_14_comparison(words, change):
    assert only(f"L4-5: {words} left protrusion.", "disc_protrusion").change == change


def test_15_incidental():
    assert [one[0] for one in found("MRI spine. L4-5: bulge. Haemangioma of L2. Simple renal cyst.")] == [
        "disc_bulge",
        "haemangioma",
        "incidental",
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Compression of the cauda equina at L4-5.", "cauda_equina_compression"), ("C5-6: T2 hyperintensity in the cord.", "cord_signal"),
        ("C5-6: disc protrusion compressing the spinal cord.", "cord_compression"), ("Epidural abscess at L3-4.", "infection"),
        ("Metastasis in L2, disc bulge L4-5.", "tumour"), ("Acute wedge fracture of L1. Discs normal.", "fracture"),
        ("Possible discitis at L2-3.", "infection"), ("Dorsal epidural haematoma, T12-L1 disc normal.", "haematoma"),
        ("L4-5: severe central canal stenosis.", "severe_central_stenosis"), ("Abdominal aortic aneurysm. L4-5 bulge.", "vascular"),
    ],
)  # fmt: skip
def test_16_urgent_findings(text, kind):
    report = read(text)
    assert [one.kind for one in report.urgent] == [kind]
    words = "cord or cauda equina signs before" if kind == "severe_central_stenosis" else "no question for nerve tests"
    assert words in report.urgent[0].sentence


@pytest.mark.parametrize(
    "text",
    [
        "No fracture, infection or tumour. L4-5 bulge.",
        "No cauda equina compression. L4-5 bulge.",
        "L4-5: cord compression is excluded.",
    ],
)
def test_16_negated_is_not_urgent(text):
    assert read(text).urgent == ()


def test_16_an_urgent_word_that_no_phrase_takes_up_is_kept():
    report = read("L4-5: bulge. The appearances are worryingly leukaemoid.")
    assert [(one.kind, one.certainty) for one in report.urgent] == [("tumour", "possible")]
    assert "not fully understood" in report.urgent[0].sentence
    assert read("L4-5: bulge. Not leukaemoid.").urgent == ()


def test_16_urgent_even_when_the_history_swallows_the_line():
    report = read("MRI thoracic spine. History: warfarin. There is an epidural haematoma at T7-8. No fracture.")
    assert [one.kind for one in report.urgent] == ["haematoma"]


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("Findings: L4-5: left protrusion.\nImpression: right L4-5 protrusion.", "side", "on the left, the impression on the right"),
        ("Findings: L4-5: mild canal stenosis.\nImpression: severe L4-5 canal stenosis.", "grade", "mild, the impression severe"),
        ("Findings: L4-5: canal stenosis.\nImpression: No canal stenosis at L4-5.", "presence", "there, the impression that it is not there"),
        ("L3-4: right subarticular protrusion compressing the S1 root.", "root_level", "names the S1 root at L3-4 in the subarticular zone; expected there: L4, L3"),
        ("L4-5: left subarticular protrusion compressing the right L5 root.", "side", "is left, its L5 root right"),
        ("C8-T1: bulge. C5-6: bulge.", "level", "names C8-T1, a level that does not exist"),
    ],
)  # fmt: skip
def test_17_conflicts(text, kind, sentence):
    conflicts = read(f"MRI spine\n{text}").conflicts
    assert [one.kind for one in conflicts] == [kind]
    assert sentence in conflicts[0].sentence


def test_17_a_side_conflict_keeps_both():
    report = read("MRI spine\nFindings: L4-5: left protrusion.\nImpression: right L4-5 protrusion.")
    assert [one.finding.side for one in report.findings] == ["left", "right"]


def test_18_every_field_has_its_place():
    report = read(LUMBAR)
    for one in report.findings:
        places = {entry.field: report.words((entry.start, entry.end)) for entry in one.evidence}
        assert "kind" in places
        for name in ("level", "side", "zone", "grade", "size_mm", "migration"):
            assert (getattr(one.finding, name) in {None, ""}) or name in places, (one.finding, name)
    places = {entry.field: report.words((entry.start, entry.end)) for entry in only(LUMBAR, "disc_extrusion").evidence}
    assert places["kind"] == "disc extrusion"
    assert places["level"] == "L4-L5"
    assert places["side"] == "left"
    assert places["zone"] == "paracentral"
    assert places["size_mm"] == "6 x 4 mm"
    assert places["migration"] == "inferior migration"
    assert "L5" in places["roots"]


def test_19_what_is_not_understood_is_listed():
    report = read("L4-5: bulge. The wibble shows a curious frobnication of the quux.")
    assert [report.words((one.start, one.end)).strip() for one in report.unread] == [
        "The wibble shows a curious frobnication of the quux"
    ]


REFUSED = [
    ("", "the report is empty"),
    (" \n ", "the report is empty"),
    ("MRI lumbar disc bulge. " * 4000, "too long for one report"),
    ("Im Segment L4/5 zeigt sich ein Bandscheibenvorfall mit Kompression der Wurzel. Der Kanal ist nicht eingeengt und die Foramina sind frei.", "not in English; got German"),
    ("Au niveau L4-L5, une hernie discale gauche avec un conflit sur la racine. Le canal est de calibre normal, pas de fracture.", "not in English; got French"),
    ("МРТ поясничного отдела: грыжа диска L4-L5 слева, компрессия корешка.", "not in English; got another alphabet"),
    ("MRI RIGHT KNEE: tear of the medial meniscus; the anterior cruciate ligament is intact.", "MRI report of another part of the body"),
    ("Nerve conduction studies and needle EMG. CMAP and SNAP normal. L5 paraspinal fibrillation.", "nerve conduction study or EMG report"),
    ("CT LUMBAR SPINE: L4-5 disc bulge, no fracture.", "a CT or X-ray report"),
    ("Invoice. Amount due: 120. Payment within 30 days.", "not a report of a spine MRI"),
    ("The weather is normal and nothing else.", "no level, disc or other word of the spine"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), REFUSED, ids=[sentence for _, sentence in REFUSED])
def test_20_other_texts_are_refused(text, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        emg.mri.read_report(text)
    assert str(error.value).count("\n") == 0


def test_20_a_refusal_quotes_nothing():
    with pytest.raises(InputError) as error:
        emg.mri.read_report("Invoice for Mr Smith, 12 High Street. Payment.")
    assert "Smith" not in str(error.value)


def test_the_repr_holds_no_text_of_the_report():
    report = read(LUMBAR)
    shown = repr(report) + "".join(repr(part) for part in (report.sections, report.conflicts, report.urgent, report.unread, report.repairs, report.findings))  # fmt: skip
    assert "Example" not in shown
    assert "5550199" not in shown
    assert repr(report).startswith("MriReport(lumbar: ")


def test_correction_keeps_both_and_infers_anew():
    report = read("L4-5: left subarticular protrusion compressing the left S1 root.")
    mended = report.corrected(0, level="L5/S1", side="right")
    assert (mended.findings[0].finding.level, mended.findings[0].finding.side) == ("L5-S1", "right")
    assert (mended.findings[0].corrected_from.level, mended.findings[0].corrected_from.side) == ("L4-5", "left")
    assert [(one.field, one.was, one.now) for one in mended.corrections] == [
        ("level", "L4-5", "L5-S1"),
        ("side", "left", "right"),
    ]
    assert mended.findings[0].inferred_roots[0].root == "S1"
    assert report.findings[0].finding.level == "L4-5"
    again = mended.corrected(0, side="left")
    assert again.findings[0].corrected_from.side == "left"
    assert len(again.corrections) == 3


def test_a_correction_settles_a_root_conflict():
    report = read("L3-4: left foraminal protrusion compressing the left S1 root.")
    assert [one.kind for one in report.conflicts] == ["root_level"]
    assert report.corrected(0, level="L5-S1", zone="subarticular").conflicts == ()


@pytest.mark.parametrize(
    ("index", "changes", "sentence"),
    [
        (9, {"side": "left"}, "no such finding in the report; got 9; expected 0 to 0"),
        (0, {"colour": "red"}, "a finding has no such field; got colour"),
        (0, {"level": "C8-T1"}, "level that does not exist"),
        (0, {"side": "up"}, "the side of an MRI finding is not known"),
    ],
)
def test_corrections_that_cannot_be(index, changes, sentence):
    with pytest.raises(InputError, match=sentence):
        read("L4-5: left protrusion.").corrected(index, **changes)


def test_findings_said_to_be_there_go_into_a_case():
    present = read(LUMBAR).present
    assert {one.kind for one in present} == {"disc_bulge", "disc_extrusion", "disc_protrusion", "central_stenosis"}
    case = emg.Case(mri=present)
    assert len(case.mri) == 4


def test_the_model_holds_its_words():
    with pytest.raises(InputError, match="the kind of a conflict is not known"):
        ReportConflict(kind="quarrel", sentence="x")
    assert dataclasses.is_dataclass(MriReport)


def test_reading_is_deterministic():
    assert read(LUMBAR) == read(LUMBAR)


def test_several_findings_in_one_sentence():
    assert found("L4-5: mild right and moderate left foraminal stenosis with severe facet arthropathy.") == [
        ("foraminal_stenosis", "L4-5", "right", "definite"), ("foraminal_stenosis", "L4-5", "left", "definite"),
        ("facet_arthropathy", "L4-5", None, "definite"),
    ]  # fmt: skip


def test_a_table_is_read_by_its_columns():
    text = "MRI lumbar\nLevel | Canal | Right foramen | Left foramen\nL4-5 | mild stenosis | normal | severe stenosis\n"
    assert found(text) == [
        ("central_stenosis", "L4-5", None, "definite"), ("foraminal_stenosis", "L4-5", "right", "negated"),
        ("foraminal_stenosis", "L4-5", "left", "definite"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "cannot be confidently excluded",
        "can not be fully excluded",
        "could not be ruled out",
        "is not completely excluded",
    ],
)
def test_9_what_is_not_excluded_is_possible(words):
    one = only(f"Mild cord signal change at C5-6 {words}.", "cord_signal")
    assert one.finding.certainty == "possible"
    assert only("C5-6: cord signal change is excluded.", "cord_signal").finding.certainty == "negated"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("MRI lumbar. The cauda equina roots at L4-5 are bunched together.", "cauda_equina_compression"),
        ("MRI thoracic. T8 vertebra is reduced to half its height, the posterior wall is retropulsed.", "fracture"),
        ("MRI cervical. Within the cord at C5 there is an area of increased T2 intensity.", "cord_signal"),
        ("MRI lumbar. The left ilium shows an aggressive looking lesion with a soft tissue component at S1.", "tumour"),
        ("MRI lumbar. Rim of enhancement about a fluid pocket in the psoas at L3.", "infection"),
    ],
)
def test_urgent_words_that_stand_apart_in_one_sentence(text, kind):
    assert kind in {one.kind for one in emg.mri.read_report(text).urgent}


@pytest.mark.parametrize(
    "text",
    [
        "MRI lumbar. No crowding of the cauda equina at L4-5.",
        "MRI lumbar. Nothing to suggest discitis. L4-5 normal.",
        "MRI lumbar. Caudal migration of an L4-5 extrusion, the L5 root is compressed.",
        "MRI cervical. The cord is of normal calibre and signal. C5-6 normal.",
    ],
)
def test_denied_urgent_words_raise_nothing(text):
    assert emg.mri.read_report(text).urgent == ()


def sides_of(text, kind):
    return {
        (one.finding.level, one.finding.side) for one in emg.mri.read_report(text).findings if one.finding.kind == kind
    }


def test_a_heading_over_graded_sides():
    text = "MRI lumbar. L4-5: Foramina: moderate right, mild left narrowing."
    assert sides_of(text, "foraminal_stenosis") == {("L4-5", "right"), ("L4-5", "left")}


def test_a_zone_behind_a_comma():
    assert sides_of("MRI lumbar. L4-5: protrusion, right paracentral.", "disc_protrusion") == {("L4-5", "right")}


def test_a_sentence_that_only_grades_another_level():
    text = "MRI lumbar. Severe central stenosis at L3-4. Moderate at L2-3."
    assert sides_of(text, "central_stenosis") == {("L3-4", None), ("L2-3", None)}


def test_the_side_of_a_root_is_that_of_its_focal_finding():
    text = "MRI lumbar. At L5-S1 the left S1 nerve is displaced by a paracentral protrusion."
    assert sides_of(text, "disc_protrusion") == {("L5-S1", "left")}


def test_a_negated_grade_is_not_a_stenosis():
    found = emg.mri.read_report("MRI lumbar. L4-5: the canal is not tight.").findings
    assert [(one.finding.kind, one.finding.certainty) for one in found] == [("central_stenosis", "negated")]
