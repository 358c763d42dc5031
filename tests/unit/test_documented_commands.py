"""What the README and the page on folders print is run as it stands, on the data shipped here, each page in an empty folder."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from emgwidgets import cli
from emgwidgets.batch import CALLS, COLUMNS

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/folders.md")
#: Lines that make an environment or open a browser; make and the browser tests run them.
ELSEWHERE = ("make ", "git ", "source ", "pip ")

#: How the page says that a table opens.
READERS = {".csv": pd.read_csv, ".json": pd.read_json}


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [code for named, code in found if named == language]


def commands(page: str) -> list[str]:
    lines = [line.strip() for block in blocks(page, "") for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith(ELSEWHERE)]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    return tmp_path


def run_line(line: str) -> int:
    words = shlex.split(line, comments=True)
    if words[0] == "echo":
        assert words[2] == ">"
        Path(words[3]).write_text(words[1] + "\n", encoding="utf-8")
        return 0
    assert words[0] == "emgwidgets", line
    return cli.main(words[1:])


def written(line: str) -> list[Path]:
    """Files that a line says it writes."""
    return [Path(name) for name in re.findall(r"(?:--out|--export) ([\w./-]+)", line)]


@pytest.mark.parametrize("page", PAGES)
def test_every_line_runs_as_printed(page, place, capsys):
    for number, code in enumerate(blocks(page, "python")):
        script = place / f"block_{number}.py"
        script.write_text(code, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-W", "error::DeprecationWarning", script.name],
            cwd=place,
            env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        assert done.returncode == 0, f"{code}\n{done.stderr[-2000:]}"
    before = Path.cwd()
    os.chdir(place)
    try:
        for line in commands(page):
            code = run_line(line)
            told = capsys.readouterr()
            if line.startswith("emgwidgets doctor"):
                assert told.out  # says what the machine lacks, which may be something
                continue
            assert code == 0, f"{line}\n{told.err}"
            for made in written(line):
                assert made.exists(), line
                if made.suffix in READERS and made.name != "marks.csv":
                    frame = READERS[made.suffix](made)
                    assert tuple(frame.columns) == COLUMNS
                    assert frame.value.notna().any()
    finally:
        os.chdir(before)


def test_the_readme_shows_every_command():
    shown = {shlex.split(line, comments=True)[1] for line in commands("README.md") if line.startswith("emgwidgets")}
    parser = cli.parser()
    known = set(next(action.choices for action in parser._actions if action.dest == "command"))
    assert shown <= known
    assert known - shown == {"fetch-examples", "lab"}  # both are named in words


def test_the_page_of_folders_names_every_call_and_column():
    text = (ROOT / "docs" / "folders.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z0-9_]+)`", text))
    assert set(CALLS) <= named
    assert set(COLUMNS) <= named
