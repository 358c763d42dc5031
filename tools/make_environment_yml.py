"""Writes environment.yml for conda users from pyproject.toml; `--check` only compares."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Packages conda-forge lists under another name.
CONDA_NAMES = {"c3d": "pip:c3d", "edfio": "edfio", "pyxdf": "pyxdf"}


def text() -> str:
    """Content of environment.yml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        "# Written by tools/make_environment_yml.py from pyproject.toml; a test holds the two equal.",
        "name: emgwidgets",
        "channels: [conda-forge]",
        "dependencies:",
        f"  - python{project['requires-python']}",
        "  - pip",
    ]
    from_pip = ["-e ."]
    for requirement in project["dependencies"]:
        name = requirement.split(">")[0].split("<")[0].split("=")[0]
        if CONDA_NAMES.get(name, name).startswith("pip:"):
            from_pip.insert(0, requirement)
        else:
            lines.append(f"  - {requirement}")
    lines += ["  - pip:", *(f"      - {requirement}" for requirement in from_pip)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write or compare."""
    target = ROOT / "environment.yml"
    if "--check" in sys.argv:
        if target.read_text(encoding="utf-8") != text():
            sys.exit("environment.yml differs from pyproject.toml; run python tools/make_environment_yml.py.")
        return
    target.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
