"""What CONTRIBUTING.md sends an engineer to is there: files, tables, names in modules, tests and tools."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from emgwidgets.acquisition.registry import BUILT_IN

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
#: Folders that the guide leaves out where the sentence or the head of a table says which it is.
FOLDERS = (
    ".", "emgwidgets", "emgwidgets/vocabulary", "emgwidgets/acquisition", "emgwidgets/io", "tests/io",
    "emgwidgets/simulation/practice", "emgwidgets/interpretation/correlation/report",
)  # fmt: skip
NAMES = {
    "MODULES": "emgwidgets.io.registry", "no_unit_error": "emgwidgets.io._build", "emg_scales": "emgwidgets.io._build",
    "channel_of": "emgwidgets.io._build", "BUILT_IN": "emgwidgets.acquisition.registry",
    "COMMAND_MODULES": "emgwidgets.cli", "MAKERS": "emgwidgets.lessons.items",
    "_UNITS": "emgwidgets.simulation.practice._item_recipes",
    "_rest_plan": "emgwidgets.simulation.practice._item_recipes",
}  # fmt: skip


def files_named(text: str) -> list[str]:
    """Paths between backticks and in commands, without places to fill in."""
    words = [word for quoted in re.findall(r"`([^`]+)`", text) for word in quoted.split()]
    return [word for word in words if re.search(r"\.(py|csv|toml|md|txt)$", word) and not re.search(r"[<*]|NAME", word)]


@pytest.mark.parametrize("name", sorted(set(files_named(GUIDE))))
def test_every_file_that_the_guide_names_is_there(name):
    assert any((ROOT / folder / name).exists() for folder in FOLDERS)


@pytest.mark.parametrize(
    "folder", sorted(set(re.findall(r"`?((?:emgwidgets|tests|tools|benchmarks)/[\w/]*)/?(?=[` ])", GUIDE)))
)
def test_every_folder_that_the_guide_names_is_there(folder):
    assert (ROOT / folder).is_dir()


@pytest.mark.parametrize(("name", "module"), NAMES.items(), ids=NAMES)
def test_every_name_that_the_guide_sends_to_is_there(name, module):
    assert re.search(rf"`(_build\.)?{name}`", GUIDE)
    assert hasattr(importlib.import_module(module), name)


def test_links_lead_somewhere():
    heads = {
        re.sub(r"[^a-z -]", "", line.lower()).strip().replace(" ", "-")
        for line in re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        if target.startswith("#"):
            assert target[1:] in heads
        else:
            assert (ROOT / target).is_file(), target


def test_every_driver_of_the_house_is_listed_under_the_name_it_gives_itself():
    for name, module in BUILT_IN.items():
        assert importlib.import_module(module).DRIVER.name == name
