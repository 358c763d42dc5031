"""The concordance table is data that fits the code: every trait and source known, every row can be reached, the last holds always."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emgwidgets.interpretation.correlation.table import TRAITS, class_words, row_for, rows, says
from emgwidgets.simulation.story.teaching import teaching_case, teaching_cases
from emgwidgets.sources import source

PLAIN = {name: values[-1] for name, values in TRAITS.items()} | {
    "urgent_mri": "no", "cord": "no", "cord_signs": "no", "imaging": "ok", "mri": "M2", "mri_roots": "one", "central": "no",
    "scar": "no", "transitional": "no", "edx": "Ea", "edx_roots": "one", "limb": "leg", "level": "same", "overlap": "no",
    "side": "same", "complaint": "S", "complaint_side": "same", "fits": "both", "weak_at_mri": "no", "felt_at_mri": "yes",
}  # fmt: skip


def test_every_row_number_of_the_table_is_there_and_no_30():
    numbers = {row.number for row in rows()}
    assert numbers == {str(n) for n in range(1, 34) if n != 30} | {"none"}


def test_every_source_is_in_the_bibliography_and_no_row_is_empty():
    for row in rows():
        assert source(row.cited.key)
        assert row.explanations
        assert row.next_steps
        assert row.says


def test_what_no_row_holds_is_said_so():
    assert row_for(PLAIN | {"edx": "Ej"}).name == "NO ROW FITS"


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({}, "1"),
        ({"edx": "Ec"}, "2"),
        ({"mri": "M1"}, "3"),
        ({"level": "adjacent", "overlap": "yes"}, "4"),
        ({"level": "adjacent", "fits": "edx"}, "5"),
        ({"level": "other", "fits": "mri"}, "6"),
        ({"edx": "E0"}, "7"),
        ({"edx": "E0", "weak_at_mri": "yes"}, "8"),
        ({"edx": "E0", "felt_at_mri": "no"}, "9"),
        ({"edx": "E0i"}, "10"),
        ({"mri": "M0", "level": "none", "side": "none"}, "11"),
        ({"edx": "Eps", "mri": "M0"}, "12"),
        ({"edx": "E0", "mri": "M0"}, "13"),
        ({"mri_roots": "several"}, "14"),
        ({"mri_roots": "several", "edx_roots": "several"}, "15"),
        ({"edx": "E0", "mri_roots": "several", "felt_at_mri": "no"}, "16"),
        ({"side": "opposite", "level": "none"}, "17"),
        ({"complaint_side": "opposite"}, "18"),
        ({"central": "yes", "edx_roots": "bilateral"}, "19"),
        ({"cord": "yes", "cord_signs": "yes", "edx": "Ep"}, "20"),
        ({"edx": "Ep", "limb": "arm"}, "21"),
        ({"edx": "Ep"}, "22"),
        ({"edx": "Er"}, "23"),
        ({"edx": "En"}, "24"),
        ({"edx": "Ex"}, "25"),
        ({"edx": "Em"}, "26"),
        ({"edx": "Ey"}, "27"),
        ({"urgent_mri": "yes", "edx": "E0"}, "28"),
        ({"scar": "yes", "mri": "M0", "edx": "Ec", "level": "none", "side": "none"}, "29"),
        ({"imaging": "wrong_region", "edx": "Ep"}, "31"),
        ({"complaint": "Sx"}, "32"),
        ({"transitional": "yes"}, "33"),
        ({"edx": "Et"}, "none"),
        ({"imaging": "none"}, "none"),
    ],
)
def test_each_row_by_its_traits(changes, number):
    assert row_for(PLAIN | changes).number == number


def test_urgent_goes_before_everything():
    assert row_for(PLAIN | {"urgent_mri": "yes", "edx": "Et", "imaging": "none"}).number == "28"


def test_words_forbidden_by_the_wording_rules_are_nowhere():
    texts = [text for row in rows() for text in (row.says, *row.explanations, *row.next_steps)]
    for text in texts:
        for word in ("confirm", "prove", "rule out", "rules out", "nothing wrong"):
            assert word not in text.lower()


def test_classes_have_words():
    for code in TRAITS["edx"]:
        assert class_words("edx", code)
    assert says("1", "FULL CONCORDANCE (active)").format(edx="the L5 root")


def test_the_page_of_the_table_is_current():
    tool = Path(__file__).resolve().parents[2] / "tools" / "make_concordance_page.py"
    run = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_every_unknown_case_names_a_row_of_the_table():
    numbers = {row.number for row in rows()}
    assert {teaching_case(code).expected.row for code in teaching_cases()} == numbers
