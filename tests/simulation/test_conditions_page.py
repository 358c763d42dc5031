"""The page of conditions equals the files it is made from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from emgwidgets.simulation.conditions import conditions
from emgwidgets.simulation.story.teaching import teaching_case, teaching_cases

ROOT = Path(__file__).resolve().parents[2]


def test_page_is_up_to_date() -> None:
    tool = ROOT / "tools" / "make_conditions_page.py"
    done = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "docs/conditions.md equals the files")


def test_page_names_every_condition_and_keeps_the_answers_to_itself() -> None:
    text = (ROOT / "docs" / "conditions.md").read_text(encoding="utf-8")
    assert all(f"| `{code}` |" in text for code in conditions())
    for code in teaching_cases():
        expected = teaching_case(code).expected
        assert f"| {code} |" in text
        assert expected.impression not in text
        assert expected.trap not in text
