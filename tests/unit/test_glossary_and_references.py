"""The reference page equals the bibliography; the glossary knows every measure and activity the model accepts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from emgwidgets.model import ncs, needle
from emgwidgets.model.measure import unit_of

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    line for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")
]
TERMS = {
    term: [cell.strip() for cell in row.split("|")]
    for row in ROWS
    for term in re.findall(r"`([a-z0-9_]+)`", row.split("|")[1])
}
MEASURES = (
    *ncs.MOTOR_MEASURES, *ncs.SENSORY_MEASURES, *ncs.SEGMENT_MEASURES, *ncs.LATE_MEASURES, *ncs.REPETITIVE_MEASURES,
    *needle.MUAP_MEASURES, *needle.RECRUITMENT_MEASURES,
)  # fmt: skip


def test_the_reference_page_equals_the_bibliography():
    tool = [sys.executable, str(ROOT / "tools" / "make_references.py"), "--check"]
    done = subprocess.run(tool, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "docs/references.md equals the bibliography")


@pytest.mark.parametrize("name", sorted({*MEASURES, *needle.SPONTANEOUS_KINDS}))
def test_the_glossary_knows_every_name_of_the_model(name):
    assert name in TERMS


@pytest.mark.parametrize("name", sorted(set(MEASURES)))
def test_the_glossary_gives_the_unit_the_model_checks(name):
    assert unit_of(name) in [part.strip() for part in TERMS[name][3].split(",")]


def test_each_term_stands_once():
    found = [term for row in ROWS for term in re.findall(r"`([a-z0-9_]+)`", row.split("|")[1])]
    assert sorted(found) == sorted(set(found))
