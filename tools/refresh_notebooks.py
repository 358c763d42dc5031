"""Runs the lessons from top to bottom and keeps their outputs without widget state, times or large images.

Usage: python tools/refresh_notebooks.py [NOTEBOOK ...]   (all by default)
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
LIMIT_BYTES = 50_000
WIDGET = "application/vnd.jupyter.widget-view+json"


def clean(notebook: nbformat.NotebookNode) -> None:
    """Drop what differs from run to run or weighs too much."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        cell.outputs = joined(cell.outputs)
        for output in cell.outputs:
            data = output.get("data", {})
            data.pop(WIDGET, None)
            for kind in [kind for kind in data if kind.startswith("image") and len(str(data[kind])) > LIMIT_BYTES]:
                data.pop(kind)


def joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Put printed text back together: a slow machine delivers one print in pieces."""
    made: list[nbformat.NotebookNode] = []
    for one in outputs:
        if made and one.output_type == made[-1].output_type == "stream" and one.name == made[-1].name:
            made[-1].text += one.text
        else:
            made.append(one)
    return made


def table_of(folder: Path) -> str:
    """Return the text of notebooks/README.md, made from the metadata of the lessons."""
    lines = ["# Lessons", "", "| lesson | aim | for | minutes |", "| --- | --- | --- | --- |"]
    for path in sorted(folder.glob("[0-9][0-9]_*.ipynb")):
        about = nbformat.read(path, as_version=4).metadata["emgwidgets"]
        lines.append(
            f"| [{path.name[:2]} {about['title']}]({path.name}) | {about['aim']} | {about['for']} | {about['minutes']} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run and clean."""
    folder = ROOT / "notebooks"
    for path in [Path(name) for name in sys.argv[1:]] or sorted(folder.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        began = time.monotonic()
        NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
        ).execute()
        clean(notebook)
        nbformat.write(notebook, path)
        print(f"{path.name}: {time.monotonic() - began:.1f} s")
    (folder / "README.md").write_text(table_of(folder), encoding="utf-8")


if __name__ == "__main__":
    main()
