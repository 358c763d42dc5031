"""Files of the selection made on a click: figure, table or recording, beside the notebook or as a download of the browser."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgwidgets.errors import InputError, WriteError
from emgwidgets.figures.trace import picture_bytes
from emgwidgets.io.registry import write
from emgwidgets.widgets.trace_viewer.pictures import make_picture
from emgwidgets.widgets.trace_viewer.selection import common_stretch

if TYPE_CHECKING:
    from emgwidgets.widgets.trace_viewer.widget import TraceViewer

__all__ = ["MIME", "export_file", "file_bytes"]

MIME = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv",
    "npz": "application/octet-stream",
    "edf": "application/octet-stream",
}


def file_bytes(viewer: TraceViewer, kind: str, *, is_filtered: bool = False) -> bytes:
    """Return the selection as the bytes of a file; figures show raw and filtered, the others one of them.

    Raises
    ------
    InputError
        If the kind is unknown.
    WriteError
        If the format cannot hold the selection.
    """
    if kind in {"npz", "edf"}:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / f"selection.{kind}"
            if kind == "npz":
                write(viewer.selection(is_filtered=is_filtered), place)
            else:  # equal stretches of all channels, filled to a whole data record
                stretch_s = common_stretch(viewer.recording, *viewer.selection_s)
                write(viewer._cut(is_filtered=is_filtered, stretch_s=stretch_s), place, pad=True)
            return place.read_bytes()
    if kind == "csv":
        table = viewer.selection_table(is_filtered=is_filtered)
        return str(table.to_csv(index=False, float_format="%.9g", lineterminator="\n")).encode()
    if kind == "svg":
        return picture_bytes(make_picture(viewer), format="svg")
    if kind == "png":
        return picture_bytes(make_picture(viewer), format="png")
    raise InputError("no such file to export", got=repr(kind), expected=", ".join(MIME))


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
    data = file_bytes(viewer, kind, is_filtered=bool(content.get("is_filtered")))
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
