"""Opens JupyterLab on the lessons with the settings the widgets need; the server extension does the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from emgwidgets.errors import InputError

__all__ = ["FIRST_NOTEBOOK", "lab_command", "main", "project_folder"]

FIRST_NOTEBOOK = Path("notebooks") / "00_start_here.ipynb"


def project_folder() -> Path:
    """Return the folder that holds the lessons: the working folder, or the one this package is developed in.

    Raises
    ------
    InputError
        If neither holds them.
    """
    for place in (Path.cwd(), Path(__file__).resolve().parents[1]):
        if (place / FIRST_NOTEBOOK).is_file():
            return place
    raise InputError(
        "the lessons are not here",
        got=Path.cwd().name,
        expected=f"a folder that holds {FIRST_NOTEBOOK.as_posix()}",
        way_out="change to a checkout of the project, then run the command again",
    )


def lab_command(folder: Path, options: Sequence[str] = ()) -> list[str]:
    """Return the command that opens the first lesson.

    Parameters
    ----------
    folder : Path
        Folder with ``notebooks/``; it becomes the root of the file browser.
    options : sequence of str
        Options passed on to JupyterLab, such as ``--no-browser``.
    """
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{FIRST_NOTEBOOK.as_posix()}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    return [*command, *options]


def main(options: Sequence[str] = ()) -> int:
    """Run JupyterLab until it is stopped; returns its exit code.

    Where the system allows it JupyterLab takes the place of this process, so that what stops the one stops the other.
    """
    folder = project_folder()
    command = lab_command(folder, options)
    if os.name == "posix":
        os.chdir(folder)
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - our own command
    return subprocess.call(command, cwd=folder)  # noqa: S603 - our own command


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
