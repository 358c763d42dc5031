"""What docs/add_a_device.md shows runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from emgwidgets.acquisition.registry import BUILT_IN
from emgwidgets.io.registry import read

PAGE = (Path(__file__).parents[2] / "docs" / "add_a_device.md").read_text(encoding="utf-8")


def test_the_example_of_the_recipe_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples = [code for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "close_into" in code]
    assert len(examples) == 1
    exec(examples[0], {})
    recording = read(tmp_path / "try.edf")
    assert [channel.name for channel in recording.channels] == ["Sine 1", "Sine 2"]
    assert recording.channels[0].n_samples >= 20_000


def test_the_page_names_files_that_exist():
    root = Path(__file__).parents[2]
    for name in re.findall(r"`((?:emgwidgets|tests)/[\w/.]+)`", PAGE):
        assert (root / name).is_file(), name
    assert set(BUILT_IN) >= {"fake", "framed"}
