"""Command measure needle on a simulated file: text, JSON, and what it refuses."""

from __future__ import annotations

import json

import pytest

from emgwidgets import cli, waveform_item, write


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
