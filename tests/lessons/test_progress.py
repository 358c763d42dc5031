"""Answers are kept between starts, a damaged line loses only itself, and a folder that cannot be written is said."""

from __future__ import annotations

import pytest

from emgwidgets.errors import InputError
from emgwidgets.lessons.progress import VARIABLE, Progress, default_place


def test_what_was_answered_is_there_at_the_next_start(tmp_path):
    place = tmp_path / "deep" / "progress.jsonl"
    Progress(place).add("prediction", lesson="10", question="q", choice="a")
    Progress(place).add("prediction", lesson="10", question="q", choice="b")
    again = Progress(place)
    assert again.last("prediction", lesson="10")["choice"] == "b"
    assert again.last("prediction", lesson="11") is None
    assert [record["choice"] for record in again] == ["a", "b"]


def test_a_line_cut_off_loses_only_itself(tmp_path):
    place = tmp_path / "progress.jsonl"
    Progress(place).add("gym", item=1)
    with place.open("ab") as stream:
        stream.write(b'{"kind": "gym", "it')
    Progress(place).add("gym", item=3)
    assert [record["item"] for record in Progress(place)] == [1, 3]


def test_a_place_that_cannot_be_written_keeps_the_answer_in_memory(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    progress = Progress(blocked / "progress.jsonl")
    progress.add("gym", item=1)
    assert not progress.is_kept
    assert progress.last("gym")["item"] == 1


def test_the_place_can_be_named_and_is_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mine.jsonl"))
    assert default_place() == tmp_path / "mine.jsonl"
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_place() == tmp_path / "emgwidgets" / "progress.jsonl"


def test_what_is_not_plain_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be kept"):
        Progress(tmp_path / "p").add("gym", item=object())
