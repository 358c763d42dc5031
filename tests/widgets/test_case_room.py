"""The room as a widget: the truth travels with the score only, the board follows the tests, a mistake is one sentence."""

from __future__ import annotations

import json

import pytest

import emgwidgets as emg


@pytest.fixture
def room(tmp_path):
    return emg.CaseRoom("U19", progress=emg.Progress(tmp_path / "p.jsonl"))


def test_the_truth_is_not_in_the_browser_before_the_conclusion(room):
    assert room._state["score"] is None
    assert room.room.teaching.expected.trap not in json.dumps([room._state, room._fixed])
    room.conclude("common_fibular_head.left")
    assert room._state["score"]["trap"] == room.room.teaching.expected.trap


def test_messages_do_tests_and_mistakes_are_shown(room):
    room._receive(room, {"type": "do", "kind": "sensory", "study": "superficial_fibular", "side": "left"}, [])
    assert len(room._state["done"]) == 1
    room._receive(room, {"type": "do", "kind": "sensory", "study": "superficial_fibular", "side": "left"}, [])
    assert "done already" in room._state["problem"]
    room._receive(room, {"type": "mri"}, [])
    assert room._state["report"]
    room._receive(room, {"type": "conclude", "site": "common_fibular_head.left"}, [])
    assert room.score is not None
    room._receive(room, {"type": "do", "kind": "needle", "study": "tibialis_anterior", "side": "left"}, [])
    assert "concluded" in room._state["problem"]


def test_the_board_follows_and_keeps_what_was_entered_on_it(room):
    board = room.board()
    board.enter("symptom", {"kind": "pain", "place": "knee", "side": "left"})
    n = len(board.case.symptoms)
    room.do("needle", "tibialis_anterior", "left")
    assert len(board.case.needle) == 1
    assert len(board.case.symptoms) == n


def test_the_first_conclusion_counts_and_is_kept(room, tmp_path):
    first = room.conclude("common_fibular_head.left")
    assert room.conclude("root_l5.left") is first
    kept = [one for one in emg.Progress(tmp_path / "p.jsonl") if one["kind"] == "case_room"]
    assert [one["site"] for one in kept] == ["common_fibular_head.left"]
    assert str(first) in room.to_text()
