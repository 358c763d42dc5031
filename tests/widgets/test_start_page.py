"""The start page lists only what exists, and never fails on a damaged notebook."""

from __future__ import annotations

import json

import pytest

from emgwidgets.errors import InputError
from emgwidgets.lessons.progress import Progress
from emgwidgets.widgets.start_page import StartPage


def notebook(about):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": {"emgwidgets": about}})


@pytest.fixture
def project(tmp_path):
    lessons = tmp_path / "notebooks"
    lessons.mkdir()
    (lessons / "00_start_here.ipynb").write_text(notebook({"title": "Start here", "door": "learn", "minutes": 10}))
    (lessons / "50_explore.ipynb").write_text(notebook({"title": "Explore", "door": "explore", "minutes": 25}))
    (lessons / "60_torn.ipynb").write_text('{"cells": [')
    (lessons / "61_no_door.ipynb").write_text(notebook({"title": "No door", "door": "attic", "minutes": 5}))
    data = tmp_path / "data"
    data.mkdir()
    (data / "here.edf").write_bytes(b"x")
    (data / "MANIFEST.csv").write_text(
        "file,kind,what\nhere.edf,recording,a needle\ngone.edf,recording,not there\nhere.edf,truth,no signal\n"
    )
    return tmp_path


def test_lists_only_lessons_and_recordings_that_exist(project):
    page = StartPage(project / "notebooks")
    assert [lesson["number"] for lesson in page.content["lessons"]] == ["00", "50"]
    assert [one["what"] for one in page.content["recordings"]] == ["a needle"]
    assert page.summary().splitlines()[:3] == [
        "learn: 00 Start here (10 min)",
        "explore: 50 Explore (25 min)",
        "read: nothing here yet",
    ]
    assert repr(page) == "StartPage(2 lessons)"


def test_a_door_leads_to_its_first_lesson_and_later_on_from_the_latest(project, tmp_path):
    for number, title in (("10", "Motor"), ("11", "Sensory")):
        about = {"title": title, "door": "learn", "minutes": 30}
        (project / "notebooks" / f"{number}_lesson.ipynb").write_text(notebook(about))
    progress = Progress(tmp_path / "progress.jsonl")
    doors = StartPage(project / "notebooks", progress=progress).content["doors"]
    assert doors["learn"] == {"path": "10_lesson.ipynb", "words": "Start with 10"}
    assert doors["explore"] == {"path": "50_explore.ipynb", "words": "Open a recording: 50"}
    assert "read" not in doors  # no lesson, no door
    progress.add("exercise", lesson="11", item=0)
    progress.add("prediction", lesson="00", question="?")
    page = StartPage(project / "notebooks", progress=progress)
    assert page.content["doors"]["learn"] == {"path": "11_lesson.ipynb", "words": "Go on with 11"}
    assert [one["number"] for one in page.content["lessons"] if one["is_begun"]] == ["00", "11"]


def test_links_are_relative_to_the_root_of_the_server(project, monkeypatch):
    monkeypatch.delenv("JUPYTER_SERVER_ROOT", raising=False)
    assert StartPage(project / "notebooks").content["prefix"] == "notebooks/"
    assert StartPage(project / "notebooks", server_root=project / "notebooks").content["prefix"] == ""
    monkeypatch.setenv("JUPYTER_SERVER_ROOT", str(project.parent))
    assert StartPage(project / "notebooks").content["prefix"] == f"{project.name}/notebooks/"


def test_a_folder_that_is_not_there_gets_a_sentence(tmp_path):
    with pytest.raises(InputError, match="folder of the lessons does not exist; got absent"):
        StartPage(tmp_path / "absent")
