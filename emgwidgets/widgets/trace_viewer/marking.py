"""Changes of marks that a reader makes in the viewer, passed on to the annotation store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation

if TYPE_CHECKING:
    from emgwidgets.cases.annotations import AnnotationStore

__all__ = ["change_marks"]

CHANGEABLE = {"label", "confidence", "reader", "status", "note", "start_s", "duration_s", "channel"}


def _added(content: dict[str, Any]) -> Annotation:
    start_s, end_s = float(content["start_s"]), float(content["end_s"])
    label = " ".join(str(content["label"]).split())
    if not label:
        raise InputError("a mark needs a label", expected="a letter of the list, or words", way_out="press L again")
    return Annotation(
        start_s=min(start_s, end_s), duration_s=abs(end_s - start_s), label=label, channel=content.get("channel"),
        confidence=content.get("confidence") or None, reader=content.get("reader") or None, status="confirmed",
    )  # fmt: skip


def change_marks(store: AnnotationStore, content: dict[str, Any]) -> str:
    """Make one change; returns the id of the mark it left, or an empty text.

    Raises
    ------
    InputError
        If the action or a field is unknown.
    WriteError
        If the disk does not take it.
    """
    action = content.get("action")
    if action == "add":
        return store.add(_added(content)).id
    if action == "change":
        fields = {name: value for name, value in dict(content["fields"]).items() if name in CHANGEABLE}
        store.change(str(content["id"]), **{name: (value or None) if name in {"confidence", "reader"} else value
                                            for name, value in fields.items()})  # fmt: skip
        return str(content["id"])
    if action == "confirm":
        fields = {"status": "confirmed"}
        if content.get("reader"):
            fields["reader"] = str(content["reader"])
        store.change(str(content["id"]), **fields)
        return str(content["id"])
    if action == "remove":
        store.remove(str(content["id"]))
    else:
        raise InputError(
            "no such change of a mark", got=repr(action), expected="add, change, confirm, remove, undo or redo"
        )
    return ""
