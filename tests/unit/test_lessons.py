"""The lessons as files: their table, what the start page reads of them, short cells, folded code, light outputs."""

from __future__ import annotations

import ast
import importlib.util
import json
from pathlib import Path

import pytest

from emgwidgets.widgets.start_page.widget import DOORS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
LESSONS = sorted(FOLDER.glob("*.ipynb"))
IDS = [path.stem for path in LESSONS]
MAX_LESSONS, MAX_CELL_LINES, MAX_OUTPUT_BYTES = 24, 8, 50_000
WIDGET = "application/vnd.jupyter.widget-view+json"

_spec = importlib.util.spec_from_file_location("refresh_notebooks", ROOT / "tools" / "refresh_notebooks.py")
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)


def faults(notebook: dict) -> list[str]:
    """What a lesson does that a lesson must not; its numbers are compared elsewhere."""
    about = notebook["metadata"].get("emgwidgets", {})
    found = [f"no {name} in its metadata" for name in ("title", "aim", "for", "door", "minutes") if not about.get(name)]
    if about.get("door") not in DOORS:
        found.append(f"door {about.get('door')!r} is none of {', '.join(DOORS)}")
    if "widgets" in notebook["metadata"]:
        found.append("widget state in its metadata")
    for n, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            found += [f"cell {n}: {fault}" for fault in cell_faults(cell)]
    return found


def cell_faults(cell: dict) -> list[str]:
    """The same for one cell of code."""
    source = "".join(cell["source"])
    found = []
    if len(source.splitlines()) > MAX_CELL_LINES:
        found.append(f"{len(source.splitlines())} lines")
    if any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in ast.walk(ast.parse(source))):
        found.append("defines what the package should hold")
    if not cell["metadata"].get("jupyter", {}).get("source_hidden"):
        found.append("code is not folded")
    for output in cell["outputs"]:
        if output["output_type"] == "error":
            found.append("an error stands in its output")
        if WIDGET in output.get("data", {}):
            found.append("widget state in its output")
        if len(json.dumps(output)) > MAX_OUTPUT_BYTES:
            found.append("an output above 50 kB")
    return found


def test_the_table_of_lessons_is_what_the_notebooks_say():
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == tool.table_of(FOLDER), "run tools/refresh_notebooks.py"


def test_there_are_no_more_lessons_than_one_can_take_and_each_has_a_number_of_its_own():
    numbers = [path.name[:2] for path in LESSONS]
    assert len(set(numbers)) == len(numbers) <= MAX_LESSONS
    assert all(number.isdigit() for number in numbers)


@pytest.mark.parametrize("path", LESSONS, ids=IDS)
def test_a_lesson_keeps_the_rules_of_lessons(path):
    assert faults(json.loads(path.read_text(encoding="utf-8"))) == []


def test_the_rules_of_lessons_can_fail():
    long = {
        "cell_type": "code", "source": ["def f(x):\n", *["    x += 1\n"] * 8], "metadata": {},
        "outputs": [{"output_type": "display_data", "data": {WIDGET: {}, "text/plain": "x" * MAX_OUTPUT_BYTES}}],
    }  # fmt: skip
    notebook = {"metadata": {"widgets": {}, "emgwidgets": {"title": "A", "door": "attic"}}, "cells": [long]}
    assert faults(notebook) == [
        "no aim in its metadata", "no for in its metadata", "no minutes in its metadata",
        f"door 'attic' is none of {', '.join(DOORS)}", "widget state in its metadata", "cell 0: 9 lines",
        "cell 0: defines what the package should hold", "cell 0: code is not folded", "cell 0: widget state in its output",
        "cell 0: an output above 50 kB",
    ]  # fmt: skip
