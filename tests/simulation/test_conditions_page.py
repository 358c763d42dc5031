"""The page of conditions equals the files it is made from."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from emgwidgets.simulation.conditions import conditions, read_condition
from emgwidgets.simulation.story.teaching import teaching_case, teaching_cases
from emgwidgets.simulation.story.told import tell

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


def test_the_example_of_the_page_is_a_condition() -> None:
    text = (ROOT / "docs" / "conditions.md").read_text(encoding="utf-8")
    example = text.split("```toml")[1].split("```")[0]
    made = tell(read_condition(tomllib.loads(example), "example", side="left"), seed=1)
    assert made.case.days_since_onset == 42.0
    assert [made.mri.findings[index].level for index in made.mri.truth.causes] == ["C5-6"]
    assert any(one.kind == "weakness" for one in made.case.symptoms)
    commented = (
        example.replace("# [[severities", "[[severities")
        .replace("# condition", "condition")
        .replace("# severity", "severity")
    )
    both = read_condition(tomllib.loads(commented), "example", side="left")
    assert {lesion.element for lesion in both.lesions} == {"root_c6", "median_carpal_tunnel"}


def test_same_seed_same_bytes_in_another_process() -> None:
    """The order of sets and of hashes must not reach a story."""
    code = (
        "import hashlib\n"
        "from emgwidgets.simulation.conditions import conditions\n"
        "from emgwidgets.simulation.story.told import simulated_case\n"
        "told = [simulated_case(code, side='left', seed=7, age_years=66) for code in conditions()]\n"
        "text = repr([(one.case.symptoms, one.case.examination, one.mri) for one in told])\n"
        "print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    digests = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    ]  # fmt: skip
    assert len(digests[0].strip()) == 64
    assert digests[0] == digests[1]
