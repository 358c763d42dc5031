"""The ground: environment files agree, locks hold no address, the public names load."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_environment_yml_equals_pyproject():
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "make_environment_yml.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _names(requirements):
    return {re.split(r"[<>=!\[; ]", requirement)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("kind", ["lab", "test"])
def test_lock_covers_every_dependency_with_hashes_and_no_address(kind):
    text = (ROOT / "requirements" / f"{kind}.lock.txt").read_text(encoding="utf-8")
    assert "://" not in text
    locked = set(re.findall(r"^([a-z0-9._-]+)==", text, flags=re.MULTILINE))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted, others = list(project["dependencies"]), []
    for name in ("dev", "devices", "mri"):  # every driver and reader is tested; the lessons need none of them
        (wanted if kind == "test" else others).extend(extras[name])
    assert _names(wanted) <= locked
    assert not _names(others) & locked
    assert text.count("--hash=sha256:") >= len(locked)


def test_version_is_stated_once_and_equals_the_citation():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {project['version']}\n" in citation
    import emgwidgets

    assert emgwidgets.__version__ == project["version"]


def test_every_public_name_loads_and_is_documented():
    import emgwidgets

    for name in emgwidgets.__all__:
        thing = getattr(emgwidgets, name)
        assert thing is not None
        assert name in dir(emgwidgets)
        assert name.startswith("__") or thing.__doc__


def test_unknown_public_name_is_an_attribute_error():
    import emgwidgets

    with pytest.raises(AttributeError, match="has no attribute 'no_such_thing'"):
        _ = emgwidgets.no_such_thing
