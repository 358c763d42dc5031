"""The text header of a WFDB record, parsed with nothing assumed: a missing calibration stays missing."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from emgwidgets.errors import ReadError

__all__ = ["WfdbHeader", "WfdbSignal", "is_header_text", "parse_wfdb_header", "quiet_wfdb"]

_RECORD = re.compile(
    r"^(?P<name>[A-Za-z0-9_\-]+)(?P<segments>/\d+)?[ \t]+(?P<n_signals>\d+)"
    r"(?:[ \t]+(?P<rate>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(?:/-?[\d.]+(?:\([-\d.]+\))?)?"
    r"(?:[ \t]+(?P<n_frames>\d+)(?:[ \t]+(?P<time>\d[\d:.]*)(?:[ \t]+(?P<date>\S+))?)?)?)?[ \t]*$"
)
_SIGNAL = re.compile(
    r"^(?P<file>\S+)[ \t]+(?P<format>\d+)(?:x(?P<per_frame>\d+))?(?::(?P<skew>\d+))?(?:\+(?P<offset>\d+))?"
    r"(?:[ \t]+(?P<gain>-?\d*\.?\d*(?:[eE][-+]?\d+)?)(?:\((?P<baseline>-?\d+)\))?(?:/(?P<unit>\S+))?"
    r"(?:[ \t]+(?P<resolution>\d+)(?:[ \t]+(?P<zero>-?\d+)(?:[ \t]+(?P<initial>-?\d+)(?:[ \t]+(?P<checksum>-?\d+)"
    r"(?:[ \t]+(?P<block>\d+)(?:[ \t]+(?P<description>.*))?)?)?)?)?)?)?[ \t]*$"
)
#: Codes of the signal formats the WFDB header format defines.
FORMATS = frozenset({"8", "16", "24", "32", "61", "80", "160", "212", "310", "311", "508", "516", "524"})
#: Rate of a record whose header states none, as the WFDB header format defines it.
DEFAULT_RATE_HZ = 250.0


@contextmanager
def quiet_wfdb() -> Iterator[Any]:
    """Give the wfdb library, without its warnings about arguments of pandas that are on their way out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import wfdb

        yield wfdb


@dataclass(frozen=True, kw_only=True)
class WfdbSignal:
    """One signal line; ``adu_per_unit`` is 0 where the header has no calibration."""

    index: int
    name: str
    file_name: str
    format: str
    n_per_frame: int
    byte_offset: int
    adu_per_unit: float
    baseline: int
    unit: str


@dataclass(frozen=True, kw_only=True)
class WfdbHeader:
    """The record line, the signals and the comments; ``n_frames`` is None where the header does not say."""

    name: str
    frame_rate_hz: float
    n_frames: int | None
    has_date: bool
    signals: tuple[WfdbSignal, ...]
    comments: tuple[str, ...]


def _lines(text: str) -> tuple[list[str], list[str]]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [line for line in lines if not line.startswith("#")], [
        line[1:].strip() for line in lines if line.startswith("#")
    ]


def is_header_text(text: str) -> bool:
    """Whether a text begins with a record line and a signal line."""
    lines, _ = _lines(text[:4096])
    if not lines:
        return False
    record = _RECORD.match(lines[0])
    if record is None or "." in record["name"]:
        return False
    if len(lines) < 2:
        return False
    second = _SIGNAL.match(lines[1])
    return second is not None and second["format"] in FORMATS and any(letter.isalpha() for letter in second["file"])


def parse_wfdb_header(path: Path) -> WfdbHeader:
    """Parse a header file.

    Raises
    ------
    ReadError
        If it is no header of one continuous record.
    """
    text = path.read_bytes()[: 1 << 22].decode("utf-8", errors="replace")
    lines, comments = _lines(text)
    record = _RECORD.match(lines[0]) if lines else None
    if record is None:
        raise _damaged(path.name, lines[0] if lines else "nothing", "a record line")
    if record["segments"]:
        raise ReadError(
            f"{path.name} joins several segments", got="a multi-segment record", expected="one segment",
            way_out="read each segment's own header",
        )  # fmt: skip
    n_signals = int(record["n_signals"])
    if n_signals == 0 or len(lines) - 1 < n_signals:
        raise _damaged(path.name, f"{len(lines) - 1} signal lines", f"{max(n_signals, 1)}")
    rate_hz = float(record["rate"]) if record["rate"] else DEFAULT_RATE_HZ
    if not (rate_hz > 0 and math.isfinite(rate_hz)):
        raise _damaged(path.name, f"{rate_hz} Hz", "a rate above 0 Hz")
    n_frames = int(record["n_frames"]) if record["n_frames"] else 0
    if len(lines) == n_signals + 1 and not comments and not text.endswith(("\n", "\r")):
        _check_whole(lines[-1], path.name)
    signals = tuple(_signal(line, i, path.name) for i, line in enumerate(lines[1 : n_signals + 1]))
    return WfdbHeader(
        name=record["name"], frame_rate_hz=rate_hz, n_frames=n_frames or None, has_date=record["time"] is not None,
        signals=_unlike(signals), comments=tuple(comments),
    )  # fmt: skip


def _damaged(name: str, got: str, expected: str) -> ReadError:
    return ReadError(
        f"the WFDB header {name} is damaged", got=got[:80], expected=expected, way_out="copy it again from its source"
    )


def _check_whole(line: str, name: str) -> None:
    """Refuse a last line without an end that stops before its last field: a gain or a unit may be cut in it."""
    found = _SIGNAL.match(line)
    if found is None or found["description"] is None:
        raise ReadError(
            f"the WFDB header {name} ends within a line", got=repr(line)[:80], expected="a whole signal line",
            way_out="copy it again from its source, or end the line if it is whole",
        )  # fmt: skip


def _signal(line: str, index: int, name: str) -> WfdbSignal:
    found = _SIGNAL.match(line)
    if found is None:
        raise _damaged(name, repr(line), "a signal line")
    file_name = found["file"]
    if "/" in file_name or "\\" in file_name or file_name.startswith("~") or file_name in {".", "..", "-"}:
        raise ReadError(
            f"the WFDB header {name} points outside its folder", got="a path", expected="the name of a file beside it",
            way_out="put header and signals into one folder",
        )  # fmt: skip
    n_per_frame = int(found["per_frame"] or 1)
    if n_per_frame < 1 or n_per_frame > 10**6 or int(found["skew"] or 0):
        raise _damaged(name, repr(line), "at least one sample per frame, and no skew")
    try:
        adu_per_unit = float(found["gain"]) if found["gain"] else 0.0
    except ValueError:
        raise _damaged(name, repr(line), "a gain") from None
    baseline = found["baseline"] or found["zero"] or "0"
    # The format defines millivolts for a calibrated signal without a unit.
    unit = found["unit"] or ("mV" if adu_per_unit else "")
    return WfdbSignal(
        index=index, name=(found["description"] or "").strip() or f"signal {index + 1}", file_name=file_name,
        format=found["format"], n_per_frame=n_per_frame, byte_offset=int(found["offset"] or 0), adu_per_unit=adu_per_unit,
        baseline=int(baseline), unit=unit,
    )  # fmt: skip


def _unlike(signals: tuple[WfdbSignal, ...]) -> tuple[WfdbSignal, ...]:
    """The same signals, with a number added to a name that occurs twice."""
    seen: dict[str, int] = {}
    found = []
    for signal in signals:
        seen[signal.name] = seen.get(signal.name, 0) + 1
        found.append(signal if seen[signal.name] == 1 else replace(signal, name=f"{signal.name} {seen[signal.name]}"))
    return tuple(found)
