"""Annotations as a table of text: CSV, and the events.tsv of BIDS with its description."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from emgwidgets.cases.annotation_history import checked
from emgwidgets.cases.terms import TERMS, find_label
from emgwidgets.errors import InputError, ReadError
from emgwidgets.io._atomic import atomic_file
from emgwidgets.model.signal import Annotation

__all__ = ["read_table", "write_csv", "write_events"]

COLUMNS = ("start_s", "duration_s", "label", "channel", "confidence", "status", "reader", "note")
_BIDS_COLUMNS = ("onset", "duration", "trial_type", *COLUMNS[3:])
#: Names under which a column may come, in order of preference.
_NAMES = {
    "start_s": ("start_s", "onset", "time_s"),
    "duration_s": ("duration_s", "duration"),
    "label": ("label", "trial_type", "description", "value"),
    **{name: (name,) for name in COLUMNS[3:]},
}
_MISSING = ("", "n/a")
MAX_BYTES = 64 * 1024 * 1024  # internal choice: a million annotations


def _bad_row(path: Path, line: int, got: str, expected: str) -> ReadError:
    return ReadError(
        f"line {line} of {path.name} is no annotation",
        got=repr(got)[:60],
        expected=expected,
        way_out="correct that line",
    )


def _number(path: Path, line: int, row: Mapping[str, str], column: str | None, *, default: float) -> float:
    text = (row.get(column) or "").strip() if column else ""
    if text in _MISSING:
        if math.isnan(default):
            raise _bad_row(path, line, text, "a time in seconds")
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _bad_row(path, line, text, "a finite number of seconds")
    return value


def _annotation(path: Path, line: int, row: Mapping[str, str], columns: Mapping[str, str]) -> Annotation:
    texts = {name: (row.get(columns[name]) or "").strip() for name in COLUMNS[2:] if name in columns}
    texts = {name: text for name, text in texts.items() if text not in _MISSING}
    mark = Annotation(
        start_s=_number(path, line, row, columns["start_s"], default=math.nan),
        duration_s=_number(path, line, row, columns.get("duration_s"), default=0.0),
        label=find_label(texts.pop("label", "")),
    )
    try:
        return checked(replace(mark, **texts))  # type: ignore[arg-type]
    except InputError as error:
        raise _bad_row(path, line, error.got, error.expected) from error


def read_table(path: Path, delimiter: str) -> tuple[Annotation, ...]:
    """Read a table with a header line; every line must be an annotation.

    Raises
    ------
    ReadError
        If the file is no such table; a bad line is named by its number.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReadError(f"{path.name} is too long for annotations", expected=f"at most {MAX_BYTES} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ReadError(
            f"{path.name} cannot be read", got=str(error.strerror), expected="a readable file", way_out="check the path",
        ) from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise ReadError(
            f"{path.name} is not in UTF-8", got=f"byte {error.object[error.start]:#x} at {error.start}", expected="UTF-8 text",
            way_out="save it as UTF-8",
        ) from error  # fmt: skip
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        columns = {
            key: next(n for n in names if n in header) for key, names in _NAMES.items() if set(names) & set(header)
        }
        if not {"start_s", "label"} <= set(columns):
            raise ReadError(
                f"{path.name} is no table of annotations", got=f"columns {header[:8]}", expected="start_s (or onset) and label "
                "(or trial_type)", way_out="name the columns in the first line",
            )  # fmt: skip
        marks = [_annotation(path, reader.line_num, row, columns) for row in reader]
    except csv.Error as error:
        raise ReadError(
            f"{path.name} is no table", got=str(error), expected="delimited text", way_out="export it again",
        ) from error  # fmt: skip
    return tuple(sorted(marks, key=lambda mark: mark.start_s))


def _cells(mark: Annotation) -> list[str]:
    values = [getattr(mark, name) for name in COLUMNS]
    return ["" if value is None else repr(value) if isinstance(value, float) else str(value) for value in values]


def _write_rows(path: Path, header: Iterable[str], rows: Iterable[list[str]], delimiter: str) -> None:
    with (
        atomic_file(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="", errors="backslashreplace") as file,
    ):
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_csv(annotations: Iterable[Annotation], path: Path) -> None:
    """Write a CSV that holds every field."""
    _write_rows(path, COLUMNS, (_cells(mark) for mark in annotations), ",")


def write_events(annotations: Iterable[Annotation], path: Path) -> None:
    """Write a BIDS ``events.tsv`` and its ``.json`` beside it, with the definitions of the terms that occur."""
    marks = tuple(annotations)
    rows = [[" ".join(cell.split()) or "n/a" for cell in _cells(mark)] for mark in marks]
    _write_rows(path, _BIDS_COLUMNS, rows, "\t")
    used = {mark.label for mark in marks}
    about = {
        "onset": {"Description": "Begin on the clock of the recording", "Units": "s"},
        "duration": {"Description": "Length; 0 for a point", "Units": "s"},
        "trial_type": {
            "Description": "Term of the annotation vocabulary, or free text",
            "Levels": {term.code: f"{term.label}: {term.definition}" for term in TERMS if term.code in used},
        },
        "channel": {"Description": "Channel; n/a for all"},
        "confidence": {"Description": "How sure the reader is: sure, likely or unsure"},
        "status": {"Description": "proposed by software, or confirmed by a reader"},
        "reader": {"Description": "Label the reader chose"},
        "note": {"Description": "Free text"},
    }
    with atomic_file(path.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
