"""What a row of annotation events amounts to: the marks now, and what can be undone and redone. Knows no file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, get_args

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Annotation, Confidence

__all__ = ["Action", "History", "annotation_fields", "checked", "from_fields"]

CONFIDENCES = get_args(Confidence)
STATUSES = ("proposed", "confirmed")
FIELDS = ("start_s", "label", "duration_s", "channel", "confidence", "reader", "status", "note")


def _refuse(what: str, got: object, expected: str, way_out: str) -> InputError:
    return InputError(what, got=repr(got)[:80], expected=expected, way_out=way_out)


def _number(value: object, name: str) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, (str, bytes)):
        raise _refuse(f"{name} of an annotation is not a time", value, "a finite number of seconds", "give seconds")
    return number


def checked(annotation: Annotation, channels: tuple[str, ...] = ()) -> Annotation:
    """Return the annotation with plain types, or say what is wrong with it.

    Parameters
    ----------
    annotation : Annotation
        Any annotation.
    channels : tuple of str
        Names a channel may have; empty to accept any.

    Raises
    ------
    InputError
        If a time is not finite, the duration negative, the label empty, or a name unknown.
    """
    start_s = _number(annotation.start_s, "start_s")
    duration_s = _number(annotation.duration_s, "duration_s")
    if duration_s < 0:
        raise _refuse("the duration is negative", duration_s, "0 s or more", "swap the two ends")
    if not isinstance(annotation.label, str) or not annotation.label.strip():
        raise _refuse("the label is empty", annotation.label, "a term or free text", "choose a label")
    if channels and annotation.channel is not None and annotation.channel not in channels:
        raise _refuse("no such channel", annotation.channel, f"None for all, or one of {list(channels)}", "check it")
    if annotation.confidence is not None and annotation.confidence not in CONFIDENCES:
        raise _refuse("unknown confidence", annotation.confidence, ", ".join(CONFIDENCES), "or leave it out")
    if annotation.status not in STATUSES:
        raise _refuse("unknown status", annotation.status, " or ".join(STATUSES), "or leave it out")
    for name in ("channel", "reader"):
        text = getattr(annotation, name)
        if text is not None and not isinstance(text, str):
            raise _refuse(f"{name} of an annotation is no text", text, "text or None", "give a name")
    if not isinstance(annotation.note, str):
        raise _refuse("the note is no text", annotation.note, "text", "give text")
    return replace(annotation, start_s=start_s, duration_s=duration_s, label=annotation.label.strip())


def annotation_fields(annotation: Annotation) -> dict[str, Any]:
    """Fields of an annotation that differ from their default, as plain types, without the id."""
    defaults = asdict(Annotation(start_s=0.0, label=""))
    fields = {name: getattr(annotation, name) for name in FIELDS}
    kept = ("start_s", "label", "status")
    return {name: value for name, value in fields.items() if name in kept or value != defaults[name]}


def from_fields(identity: str, fields: Mapping[str, Any]) -> Annotation:
    """Return the annotation of stored fields; fields of a later version are left out.

    Raises
    ------
    InputError
        If the fields make no annotation.
    """
    known = {name: value for name, value in fields.items() if name in FIELDS}
    if "start_s" not in known or "label" not in known:
        raise _refuse("the fields make no annotation", sorted(known), "start_s and label", "check the file")
    return checked(Annotation(**known, id=identity))


@dataclass(frozen=True, kw_only=True)
class Action:
    """One change of one mark: what it was before (None: it did not exist) and after (None: removed)."""

    uid: str
    id: str
    before: Annotation | None
    after: Annotation | None


@dataclass(kw_only=True, eq=False)
class History:
    """Marks by id, with the actions that made them."""

    marks: dict[str, Annotation] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)

    def apply(self, event: Mapping[str, Any], *, can_undo: bool = True) -> bool:
        """Apply one event; False when it refers to something unknown and was left out.

        ``can_undo`` is False for an event of another process: its marks are shown, but undo here leaves them alone.
        """
        kind, uid, identity = event.get("event"), event.get("uid"), event.get("id")
        if not isinstance(uid, str) or not isinstance(identity, str):
            return False
        if kind in ("undo", "redo"):
            return self._turn(event, back=kind == "undo", can_undo=can_undo)
        after = self._after(event, identity)
        if after is None and kind != "remove":
            return False
        before = self.marks.get(identity)
        if before is None and kind != "add":
            return False
        self.actions[uid] = Action(uid=uid, id=identity, before=before, after=after)
        self._put(identity, after)
        if can_undo:
            self.done.append(uid)
            self.undone.clear()
        return True

    def _after(self, event: Mapping[str, Any], identity: str) -> Annotation | None:
        fields = event.get("fields")
        if event.get("event") not in ("add", "change") or not isinstance(fields, Mapping):
            return None
        before = self.marks.get(identity)
        base = annotation_fields(before) if before is not None and event.get("event") == "change" else {}
        try:
            return from_fields(identity, {**base, **fields})
        except InputError:
            return None

    def _turn(self, event: Mapping[str, Any], *, back: bool, can_undo: bool) -> bool:
        action = self.actions.get(str(event.get("of")))
        if action is None:
            return False
        self._put(action.id, action.before if back else action.after)
        source, target = (self.done, self.undone) if back else (self.undone, self.done)
        if action.uid in source:
            source.remove(action.uid)
            if can_undo:
                target.append(action.uid)
        return True

    def _put(self, identity: str, mark: Annotation | None) -> None:
        if mark is None:
            self.marks.pop(identity, None)
        else:
            self.marks[identity] = mark

    def sorted_marks(self) -> tuple[Annotation, ...]:
        """Marks in order of time, then of length, then of id."""
        return tuple(sorted(self.marks.values(), key=lambda mark: (mark.start_s, mark.duration_s, mark.id)))
