"""The launch command: right folder, options passed through, a sentence when the lessons are not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emgwidgets import launch
from emgwidgets.errors import InputError

ROOT = Path(__file__).resolve().parents[2]


def test_command_opens_the_first_lesson_and_passes_options_on():
    command = launch.lab_command(Path("somewhere"), ["--no-browser", "--port=9999"])
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in command
    assert command[-2:] == ["--no-browser", "--port=9999"]


def test_allow_root_is_added_only_for_root(monkeypatch):
    monkeypatch.setattr(launch.os, "geteuid", lambda: 0)
    assert "--allow-root" in launch.lab_command(Path())
    monkeypatch.setattr(launch.os, "geteuid", lambda: 1000)
    assert "--allow-root" not in launch.lab_command(Path())


def test_missing_lessons_get_one_sentence(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(launch, "__file__", str(tmp_path / "site" / "emgwidgets" / "launch.py"))
    with pytest.raises(
        InputError, match=r"the lessons are not here; got .*; expected a folder that holds notebooks/00"
    ):
        launch.project_folder()


@pytest.mark.skipif(os.name != "posix", reason="here the process is not replaced")
def test_what_stops_the_command_stops_the_server():
    """The process that was started is the one that serves: no JupyterLab is left behind a stopped command."""
    command = [sys.executable, "-c", "import sys; from emgwidgets.launch import main; main(['--version'])"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said.strip()[0].isdigit()
    probe = (
        "import os, sys\n"
        "from emgwidgets import launch\n"
        "launch.lab_command = lambda folder, options=(): [sys.executable, '-c', 'import os; print(os.getpid(), os.getcwd())']\n"
        "print(os.getpid(), flush=True)\n"
        "launch.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    before, after = done.stdout.splitlines()
    assert after.split(maxsplit=1) == [before, str(ROOT)]
