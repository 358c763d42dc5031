"""Commands interpret and next on a case document."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from emgwidgets.cases.document import save_case
from emgwidgets.cli import main
from emgwidgets.model.case import Case
from emgwidgets.model.ncs import NcsStudies

_spec = importlib.util.spec_from_file_location("typed_study", Path(__file__).parent / "typed_study.py")
assert _spec is not None
assert _spec.loader is not None
typed = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(typed)


@pytest.fixture
def document(tmp_path):
    place = tmp_path / "case.json"
    muscles = ("tibialis_anterior", "tibialis_posterior", "tensor_fasciae_latae", "vastus_medialis")
    needle = tuple(typed.needle(one, "left", active=one != "vastus_medialis") for one in muscles)
    sensory = tuple(typed.sensory("sural", side) for side in ("left", "right"))
    save_case(Case(subject=typed.ADULT, days_since_onset=60, needle=needle, ncs=NcsStudies(sensory=sensory)), place)
    return place


def test_interpret_prints_the_ranking(document, capsys):
    assert main(["interpret", str(document)]) == 0
    text = capsys.readouterr().out
    assert "L5 root, left" in text
    assert "No site is named" in text


def test_interpret_as_json(document, capsys):
    assert main(["interpret", str(document), "--json", "--n", "2"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["explanations"]) == 2
    assert found["explanations"][0]["candidate"]["code"] == "root_l5.left"
    assert found["abstains"] is True


def test_next_as_json(document, capsys):
    assert main(["next", str(document), "--json", "--anticoagulated"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["tests"][0]["gain_bits"] > 0
    assert len(found["tests"][0]["answers"]) == 2


def test_unknown_norm_set_is_one_sentence(document, capsys):
    assert main(["interpret", str(document), "--norms", "nothing_2000"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
