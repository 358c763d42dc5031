"""The start page: three doors, what this machine can do now, what is not there yet, and the marks.

It lists only lessons and recordings that exist.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import anywidget
import traitlets

import emgwidgets
from emgwidgets.errors import InputError
from emgwidgets.io.registry import formats
from emgwidgets.lessons.progress import Progress

__all__ = ["StartPage"]

HERE = Path(__file__).parent
DOORS = ("learn", "explore", "read")
#: Where each door leads at first: this page is lesson 00 itself, and a reader of cases wants a case.
FIRST = {"learn": ("10", "Start with"), "explore": ("50", "Open a recording:"), "read": ("40", "Open a case:")}
NOT_YET = (
    "Amplifiers of clinical machines over their own protocols: a driver is four steps away.",
    "Reports other than English spine MRI.",
    "Drift of motor unit shapes in the automatic decomposition.",
)


def _lessons(folder: Path) -> list[dict[str, Any]]:
    """Lessons of a folder in order, from the metadata of each notebook; a damaged notebook is left out."""
    found = []
    for path in sorted(folder.glob("[0-9][0-9]_*.ipynb")):
        try:
            about = json.loads(path.read_text(encoding="utf-8"))["metadata"]["emgwidgets"]
            lesson = {
                "number": path.name[:2],
                "title": str(about["title"]),
                "door": str(about["door"]),
                "minutes": int(about["minutes"]),
                "path": path.name,
            }
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if lesson["door"] in DOORS:
            found.append(lesson)
    return found


def _with_progress(lessons: list[dict[str, Any]], progress: Progress) -> dict[str, dict[str, str]]:
    """Mark the lessons with an answer on this machine; return where each door leads: on from the latest, or to its first."""
    begun = [str(one["lesson"]) for one in progress if one.get("lesson")]
    for lesson in lessons:
        lesson["is_begun"] = lesson["number"] in begun
    found = {}
    for door in DOORS:
        here = {one["number"]: one for one in lessons if one["door"] == door}
        number, words = FIRST[door]
        latest = next((one for one in reversed(begun) if one in here and one != "00"), None)
        if latest is not None:
            number, words = latest, "Go on with"
        if here:
            lesson = here.get(number, next(reversed(here.values())))
            found[door] = {"path": lesson["path"], "words": f"{words} {lesson['number']}"}
    return found


def _recordings(folder: Path) -> list[dict[str, str]]:
    """Recordings listed in a MANIFEST.csv that are really there."""
    manifest = folder / "MANIFEST.csv"
    if not manifest.is_file():
        return []
    with manifest.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [
        {"file": row["file"], "what": row["what"]}
        for row in rows
        if (folder / row["file"]).is_file() and row.get("kind") == "recording"
    ]


class StartPage(anywidget.AnyWidget):
    """The first page of the lessons.

    Parameters
    ----------
    notebooks : path
        Folder of the lessons; the working folder by default.
    server_root : path, optional
        Folder JupyterLab calls its root, to make links; guessed from ``JUPYTER_SERVER_ROOT`` or the parent of
        ``notebooks``.
    progress : Progress, optional
        Answers kept so far; the user's own file by default.

    Raises
    ------
    InputError
        If the folder does not exist.
    """

    _esm = HERE / "view.js"
    _css = HERE / "view.css"
    content = traitlets.Dict(help="What the page shows, as plain data.").tag(sync=True)

    def __init__(
        self,
        notebooks: str | os.PathLike[str] = ".",
        *,
        server_root: str | os.PathLike[str] | None = None,
        progress: Progress | None = None,
    ) -> None:
        folder = Path(notebooks).resolve()
        if not folder.is_dir():
            raise InputError(
                "the folder of the lessons does not exist",
                got=Path(notebooks).name,
                expected="a folder with notebooks",
                way_out="give the folder that holds 00_start_here.ipynb",
            )
        root = Path(server_root or os.environ.get("JUPYTER_SERVER_ROOT") or folder.parent).resolve()
        prefix = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else ""
        lessons = _lessons(folder)
        super().__init__(
            content={
                "doors": _with_progress(lessons, progress or Progress()),
                "version": emgwidgets.__version__,
                "prefix": "" if prefix in ("", ".") else prefix + "/",
                "lessons": lessons,
                "recordings": _recordings(folder.parent / "data"),
                "n_formats": len(formats()),
                "not_yet": list(NOT_YET),
            }
        )

    def summary(self) -> str:
        """Return what the page lists, as text."""
        lines = []
        for door in DOORS:
            lessons = [lesson for lesson in self.content["lessons"] if lesson["door"] == door]
            listed = ", ".join(f"{one['number']} {one['title']} ({one['minutes']} min)" for one in lessons)
            lines.append(f"{door}: {listed or 'nothing here yet'}")
        lines.append(f"formats: {self.content['n_formats']}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"StartPage({len(self.content['lessons'])} lessons)"
