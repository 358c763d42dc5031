"""Unknown cases of the curriculum with measured conduction studies and a surrogate needle reach their row."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import emgwidgets as emg

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
import correlation_studies

#: One for each kind of decision; the benchmark runs all of them on held-out seeds.
CODES = (
    "U1",
    "U2",
    "U4",
    "U5",
    "U7",
    "U9",
    "U9c",
    "U10",
    "U12",
    "U13",
    "U15",
    "U15b",
    "U17",
    "U18b",
    "U19",
    "U23",
    "U24",
)
RED = {"U9c", "U17", "U23"}


@pytest.fixture(scope="module")
def found():
    return {code: emg.correlate(correlation_studies.whole_case(emg.teaching_case(code), seed=0)) for code in CODES}


@pytest.mark.parametrize("code", CODES)
def test_row_and_banner(found, code):
    one = found[code]
    assert one.row.number == emg.teaching_case(code).expected.row
    assert bool(one.urgent) == (code in RED)


@pytest.mark.parametrize("code", CODES)
def test_every_sentence_has_its_evidence(found, code):
    assert all(sentence.evidence for sentence in found[code].impression.sentences)
    assert not emg.check_impression(str(found[code].impression), found[code]).forbidden


def test_another_side_of_a_case_is_its_mirror():
    left = correlation_studies.varied("U1", side="left", factor=1.0)
    right = correlation_studies.varied("U1", side="right", factor=1.0)
    sides = [emg.correlate(correlation_studies.whole_case(one, seed=3)).sides for one in (left, right)]
    assert [(one.complaint, one.edx, one.mri) for one in sides] == [("left",) * 3, ("right",) * 3]
