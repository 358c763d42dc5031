"""The gym widgets: the truth travels after the answer only, clips carry the item's samples, foreign messages do nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest

import emgwidgets as emg
from emgwidgets.simulation.practice.loudspeaker import loudspeaker_signal
from emgwidgets.widgets.waveform_gym.wire import clip_of


@pytest.fixture
def progress(tmp_path):
    return emg.Progress(tmp_path / "p.jsonl")


def sent_by(widget, monkeypatch):
    sent = []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: sent.append((content, buffers)))
    return sent


def test_the_truth_travels_only_with_the_answer(progress):
    gym = emg.WaveformGym("rest", n=3, seed=1, level=1, progress=progress)
    before = dict(gym._state)
    assert before["told"] is None
    assert before["matrix"]["here"] is None
    truth = gym.item.kind.code
    assert truth not in json.dumps({name: value for name, value in before.items() if name != "options"})
    gym.answer(truth)
    assert gym._state["told"]["truth"] == truth
    assert gym._state["dots"] == [True]


def test_a_clip_is_the_trace_and_the_sound_of_the_item(progress):
    gym = emg.WaveformGym("rest", n=3, seed=1, level=1, progress=progress)
    head, (trace, sound) = clip_of(gym.item)
    np.testing.assert_allclose(np.frombuffer(trace, np.float32), gym.item.recording.trace(0).samples_uv, rtol=1e-6)
    expected = loudspeaker_signal(gym.item.recording)
    np.testing.assert_allclose(np.frombuffer(sound, "<i2") / 32767, expected.samples, atol=1e-4)
    seconds = len(np.frombuffer(trace, np.float32)) / head["rate_hz"]
    assert seconds == pytest.approx(len(np.frombuffer(sound, "<i2")) / head["sound_rate_hz"], abs=1e-3)


def test_messages_act_once_and_foreign_ones_do_nothing(progress, monkeypatch):
    gym = emg.WaveformGym("rest", n=3, seed=1, level=1, progress=progress)
    sent = sent_by(gym, monkeypatch)
    gym._receive(gym, {"type": "clip", "which": "beside", "place": 0}, [])
    assert sent == []
    gym._receive(gym, {"type": "answer", "place": 0, "code": "no such"}, [])
    assert gym.score == (0, 0, 3)
    gym._receive(gym, {"type": "answer", "place": 0, "code": gym.item.kind.code}, [])
    assert gym.score == (1, 1, 3)
    gym._receive(gym, {"type": "next", "place": 5}, [])
    assert gym._state["place"] == 0
    gym._receive(gym, {"type": "clip", "which": "beside", "place": 0, "view": "v"}, [])
    assert sent[-1][0]["which"] == "beside"
    gym._receive(gym, {"type": "next", "place": 0}, [])
    assert gym._state["place"] == 1


def test_a_cell_of_the_matrix_replays_the_same_bytes(progress, monkeypatch):
    gym = emg.WaveformGym("rest", n=3, seed=1, level=2, progress=progress)
    sent = sent_by(gym, monkeypatch)
    item = gym.item
    gym.answer("cannot_tell")
    gym.next()
    gym._receive(gym, {"type": "replay", "truth": item.kind.code, "answer": "cannot_tell"}, [])
    content, buffers = sent[-1]
    assert content["which"] == "replay"
    assert buffers[0] == clip_of(item)[1][0]


def test_tables_and_text_say_what_the_picture_shows(progress):
    gym = emg.WaveformGym(("mains", "movement"), n=2, seed=1, level=1, progress=progress)
    truth = gym.item.kind.code
    assert "Choose:" in gym.to_text()
    said = gym.answer(truth)
    assert said in gym.to_text()
    assert gym.confusion().loc[truth, truth] == 1
    assert not gym.mastery()["mastered"].any()
    assert repr(gym) == "WaveformGym(2 chosen classes, 2 items, 1 answered, 1 right)"


def test_another_round_begins_after_the_last_item(progress):
    gym = emg.WaveformGym(("mains", "movement"), n=1, seed=1, progress=progress)
    gym.answer(gym.item.kind.code)
    assert gym._state["is_over"]
    gym._receive(gym, {"type": "again", "place": 0}, [])
    assert gym.score == (0, 0, 1)
    assert len(gym.round.answers) == 1


def test_the_marker_widget_places_once_and_shows_the_truth_after_it(progress):
    gym = emg.MarkerGym(("cmap_onset",), n=2, seed=4, progress=progress)
    assert gym._state["told"] is None
    gym._receive(gym, {"type": "next", "place": 0}, [])
    gym._receive(gym, {"type": "place", "place": 0, "time_ms": gym.item.true_ms + 0.2}, [])
    assert gym._state["told"]["verdict"] == "outside"
    assert "late" in gym.to_text()
    gym.place(gym.item.true_ms)
    assert gym._state["told"]["verdict"] == "outside"
    gym._receive(gym, {"type": "next", "place": 0}, [])
    assert gym._state["place"] == 1
    assert gym.summary().loc[0, "n"] == 1
