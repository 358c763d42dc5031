"""Files of the selection made on a click: SVG, PNG or CSV, beside the notebook or as a download of the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgwidgets.errors import InputError, WriteError
from emgwidgets.figures.trace import picture_bytes

if TYPE_CHECKING:
    from emgwidgets.widgets.trace_viewer.widget import TraceViewer

__all__ = ["MIME", "export_file", "file_bytes"]

MIME = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv"}


def file_bytes(viewer: TraceViewer, kind: str) -> bytes:
    """Return the selection as the bytes of a file.

    Raises
    ------
    InputError
        If the kind is unknown.
    """
    if kind == "csv":
        table = viewer.selection_table()
        return str(table.to_csv(index=False, float_format="%.9g", lineterminator="\n")).encode()
    if kind == "svg":
        return picture_bytes(viewer._picture(), format="svg")
    if kind == "png":
        return picture_bytes(viewer._picture(), format="png")
    raise InputError("no such file to export", got=repr(kind), expected="svg, png or csv")


def export_file(
    viewer: TraceViewer, content: dict[str, Any], send: Callable[[dict[str, Any], list[bytes]], None]
) -> None:
    """Write the selection beside the notebook, or send it to the browser.

    Raises
    ------
    InputError
        If the name holds a folder.
    WriteError
        If the file exists already or the folder does not take it.
    """
    kind = str(content.get("kind", ""))
    name = str(content.get("name", "")).strip() or "selection"
    name = name if name.lower().endswith(f".{kind}") else f"{name}.{kind}"
    if Path(name).name != name:
        raise InputError(
            "the file name holds a folder",
            got=name,
            expected="a plain name",
            way_out="the file goes beside the notebook",
        )
    data = file_bytes(viewer, kind)
    if content.get("how") == "download":
        send({"type": "file", "view": content.get("view"), "name": name, "mime": MIME[kind]}, [data])
        return
    try:
        with Path(name).open("xb") as stream:
            stream.write(data)
    except FileExistsError as error:
        raise WriteError(f"{name} is already there", expected="a new name", way_out="choose another name") from error
    except OSError as error:
        raise WriteError(f"{name} cannot be written", got=str(error.strerror), way_out="download it instead") from error
    send(
        {
            "type": "notice",
            "view": content.get("view"),
            "words": f"{name} written beside the notebook, {len(data)} bytes.",
        },
        [],
    )
