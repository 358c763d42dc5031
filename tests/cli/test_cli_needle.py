"""Command measure needle on a simulated file: text, JSON, and what it refuses."""

from __future__ import annotations

import json

import pytest

from emgwidgets import Case, VirtualPatient, cli, waveform_item, write
from emgwidgets.cases.document import load_case, save_case
from emgwidgets.model.needle import NeedleExamination, SpontaneousActivity


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    place = tmp_path_factory.mktemp("needle") / "rest.edf"
    write(waveform_item("fibrillation", level=1, seed=903).recording, place)
    return place


def test_rest_as_text_and_json(file, capsys):
    assert cli.main(["measure", "needle", str(file)]) == 0
    assert "reading: fibrillation" in capsys.readouterr().out
    assert cli.main(["measure", "needle", str(file), "--json", "--to", "4"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["name"] == "fibrillation"
    assert max(plain["sources"][0]["times_s"]) < 4


def test_interference_and_jitter_say_what_is_missing(file, capsys):
    assert cli.main(["measure", "needle", str(file), "--study", "interference"]) == 0
    assert "peak ratio" in capsys.readouterr().out
    assert cli.main(["measure", "needle", str(file), "--channel", "no such"]) == 1
    assert "no such channel" in capsys.readouterr().err


@pytest.fixture(scope="module")
def effort(tmp_path_factory):
    place = tmp_path_factory.mktemp("needle") / "slight.edf"
    patient = VirtualPatient(age_years=45, seed=302)
    write(
        patient.needle(muscle="tibialis_anterior", side="right", effort=0.006, duration_s=8.0, seed=302).recording,
        place,
    )
    return place


@pytest.fixture
def case(tmp_path):
    place = tmp_path / "case.json"
    graded = SpontaneousActivity(kind="positive_sharp_wave", grade=2, scheme="0 to 4")
    other = NeedleExamination(muscle="deltoid_middle", side="left", spontaneous=())
    mine = NeedleExamination(muscle="tibialis_anterior", side="right", spontaneous=(graded,), interference="reduced")
    save_case(Case(needle=(other, mine)), place)
    return place


def added(case, *words):
    given = ["measure", "needle", *words, "--case", str(case), "--muscle", "tibialis_anterior", "--side", "right"]
    assert cli.main(given) == 0
    found = load_case(case).needle
    assert [one.muscle for one in found] == ["deltoid_middle", "tibialis_anterior"]
    assert found[1].interference == "reduced"
    return found[1]


def test_rest_goes_into_a_case_beside_what_was_graded(file, case):
    found = added(case, str(file))
    kinds = {one.kind: one.grade for one in found.spontaneous}
    assert kinds == {"fibrillation_potential": None, "positive_sharp_wave": 2}
    assert found.has_denervation


def test_units_and_turns_go_into_one_examination(effort, case):
    first = added(case, str(effort), "--study", "units")
    assert 100 < first.motor_units.measures["amplitude_uv"].value < 5000
    assert 4 < first.recruitment.measures["firing_rate_hz"].value < 20
    second = added(case, str(effort), "--study", "interference")
    assert second.recruitment.measures["firing_rate_hz"] == first.recruitment.measures["firing_rate_hz"]
    assert second.recruitment.measures["turns_per_s_hz"].value > 0
    assert second.motor_units == first.motor_units


def test_a_case_needs_muscle_and_side(file, case, capsys):
    before = case.read_bytes()
    assert cli.main(["measure", "needle", str(file), "--case", str(case), "--side", "left"]) == 1
    assert "--muscle and --side" in capsys.readouterr().err
    assert (
        cli.main(["measure", "needle", str(file), "--case", str(case), "--side", "left", "--muscle", "tibialis"]) == 1
    )
    assert case.read_bytes() == before
