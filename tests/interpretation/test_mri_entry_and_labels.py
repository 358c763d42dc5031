"""Findings typed in by hand and label tables of the RSNA 2024 kind."""

from __future__ import annotations

import pytest

import emgwidgets as emg
from emgwidgets.errors import InputError, ReadError

CONDITIONS = (
    "spinal_canal_stenosis", "left_neural_foraminal_narrowing", "right_neural_foraminal_narrowing",
    "left_subarticular_stenosis", "right_subarticular_stenosis",
)  # fmt: skip
LEVELS = ("l1_l2", "l2_l3", "l3_l4", "l4_l5", "l5_s1")
COLUMNS = [f"{condition}_{level}" for condition in CONDITIONS for level in LEVELS]


def table(**labels):
    row = dict.fromkeys(COLUMNS, "Normal/Mild") | labels
    return "study_id," + ",".join(COLUMNS) + "\n" + "4003253," + ",".join(row[column] for column in COLUMNS) + "\n"


def test_every_column_becomes_a_finding():
    found = emg.mri.findings_from_labels(
        table(left_subarticular_stenosis_l4_l5="Severe", spinal_canal_stenosis_l5_s1="Moderate")
    )
    findings = found["4003253"]
    assert len(findings) == 25
    present = [one for one in findings if one.certainty != "negated"]
    assert [(one.kind, one.level, one.side, one.zone, one.grade) for one in present] == [
        ("central_stenosis", "L5-S1", None, "central", "moderate"),
        ("lateral_recess_stenosis", "L4-5", "left", "subarticular", "severe"),
    ]
    assert all(one.note == "not more than mild" for one in findings if one.certainty == "negated")


def test_an_empty_label_is_no_finding():
    row = {"spinal_canal_stenosis_l1_l2": "", "left_neural_foraminal_narrowing_l4_l5": "Severe", "x": float("nan")}
    found = emg.mri.findings_from_labels(row)
    assert [(one.level, one.side) for one in found["1"]] == [("L4-5", "left")]


def test_a_file_is_read(tmp_path):
    place = tmp_path / "train.csv"
    place.write_text(table(), encoding="utf-8")
    assert len(emg.mri.findings_from_labels(place)["4003253"]) == 25


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("a,b\n1,2\n", "no label table of the lumbar spine"),
        ("\n", "no label table of the lumbar spine"),
        (table(spinal_canal_stenosis_l1_l2="Terrible"), r"a label of row 1 is not known; got 'Terrible'"),
        (table() + table().split("\n")[1] + "\n", "a study stands twice"),
        ("missing.csv", "missing.csv cannot be opened"),
    ],
)
def test_tables_that_cannot_be_used(source, sentence):
    with pytest.raises(ReadError, match=sentence):
        emg.mri.findings_from_labels(source)


def test_bytes_that_are_no_text(tmp_path):
    place = tmp_path / "x.csv"
    place.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(ReadError, match=r"x\.csv is not text"):
        emg.mri.findings_from_labels(place)


def test_entry_by_hand():
    finding = emg.mri.entry(
        "disc_protrusion", "l4/5", side="left", zone="subarticular", grade="moderate", scale="words"
    )
    assert finding.level == "L4-5"
    with pytest.raises(InputError, match="level that does not exist; got 'C8-T1'"):
        emg.mri.entry("disc_protrusion", "C8-T1")
    with pytest.raises(InputError, match="a finding has no such field; got colour"):
        emg.mri.entry("disc_protrusion", "L4-5", colour="red")
    with pytest.raises(InputError, match="the meyerding grade is not known; got 'IX'"):
        emg.mri.entry("spondylolisthesis", "L4-5", grade="IX", scale="meyerding")


def test_severity_words_on_one_scale():
    words = ("none", "mild", "mild to moderate", "moderate", "moderate to severe", "severe")
    assert [emg.mri.severity_index(word) for word in words] == [0, 1, 1.5, 2, 2.5, 3]
    assert emg.mri.severity_index("close  proximity") == 0.5
    with pytest.raises(InputError, match="no place on the scale of severity; got 'awful'"):
        emg.mri.severity_index("awful")
