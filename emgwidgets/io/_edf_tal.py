"""Time-stamped annotation lists (TALs) of EDF+ and BDF+: bytes to annotations and record times, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from emgwidgets.model.signal import Annotation

__all__ = ["RecordMarks", "encode_mark", "encode_time", "parse_record"]

_STAMP = re.compile(rb"([+-][0-9]+(?:\.[0-9]*)?)(?:\x15([0-9]+(?:\.[0-9]*)?))?$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, kw_only=True)
class RecordMarks:
    """Marks of one data record: its start time if stated, its annotations, and how many lists were unreadable."""

    start_s: float | None
    marks: tuple[Annotation, ...]
    n_damaged: int


_EMPTY = RecordMarks(start_s=None, marks=(), n_damaged=0)


def parse_record(signals: Sequence[bytes], channel_names: Iterable[str] = ()) -> RecordMarks:
    """Parse the annotation signals of one data record.

    Parameters
    ----------
    signals : sequence of bytes
        Content of each annotation signal of the record, in order; the first one keeps the time.
    channel_names : iterable of str
        Names an annotation may point to with ``text@@name``.
    """
    if not any(content.strip(b"\0") for content in signals):
        return _EMPTY
    names = channel_names if isinstance(channel_names, frozenset) else frozenset(channel_names)
    start_s: float | None = None
    marks: list[Annotation] = []
    n_damaged = 0
    for i_signal, content in enumerate(signals):
        first = i_signal == 0
        for piece in content.strip(b"\0").split(b"\0"):  # a list ends at a zero, and zeros fill the rest
            if not piece:
                continue
            stamp, *texts = piece.split(b"\x14")
            found = _STAMP.match(stamp)
            if found is None or not texts:
                n_damaged += 1
                continue
            onset_s = float(found[1])
            duration_s = float(found[2]) if found[2] else 0.0
            if first and texts[0] == b"" and start_s is None:
                start_s = onset_s
            first = False
            marks.extend(_mark(text, onset_s, duration_s, names) for text in texts if text)
    return RecordMarks(start_s=start_s, marks=tuple(marks), n_damaged=n_damaged)


def _mark(text: bytes, onset_s: float, duration_s: float, names: frozenset[str]) -> Annotation:
    label = text.decode("utf-8", errors="replace")
    body, at, name = label.rpartition("@@")
    if at and name in names:
        return Annotation(start_s=onset_s, duration_s=duration_s, label=body, channel=name)
    return Annotation(start_s=onset_s, duration_s=duration_s, label=label)


def _seconds(value_s: float) -> str:
    text = f"{value_s:.9f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def encode_time(onset_s: float) -> bytes:
    """The list that keeps the time of a data record."""
    return f"{_signed(onset_s)}\x14\x14\x00".encode("ascii")


def _signed(onset_s: float) -> str:
    text = _seconds(onset_s)
    return text if text.startswith("-") else f"+{text}"


def encode_mark(mark: Annotation, channel_label: str | None) -> bytes:
    """One annotation as a list of its own; control characters in the label become blanks."""
    label = _CONTROL.sub(" ", mark.label) or "(no label)"
    if channel_label is not None:
        label += f"@@{channel_label}"
    duration = f"\x15{_seconds(mark.duration_s)}" if mark.duration_s > 0 else ""
    return f"{_signed(mark.start_s)}{duration}\x14{label}\x14\x00".encode()
