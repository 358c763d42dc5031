"""Numbers from text, fast and with damaged places counted: shared by the readers of text formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.errors import ReadError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MISSING", "NumberTable", "decode", "encoding_of", "n_lines", "parse_numbers", "read_text_head"]

#: Spellings of a missing value; an empty cell is one too.
MISSING = ("", "NULL", "null", "NaN", "nan", "NAN", "NA", "N/A", "n/a", "None", "-", "#N/A")
_CHUNK_ROWS = 200_000
_MAX_COLUMNS = 4096


@dataclass(frozen=True, kw_only=True)
class NumberTable:
    """Columns of numbers; missing and damaged cells are NaN.

    ``damaged`` maps a column to the rows whose cell is no number; ``damaged_rows`` are rows with any damage.
    """

    columns: tuple[NDArray[np.float64], ...]
    damaged: dict[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.columns else 0

    @property
    def damaged_rows(self) -> tuple[int, ...]:
        """Rows with at least one damaged cell, in order."""
        return tuple(sorted({row for rows in self.damaged.values() for row in rows}))


def encoding_of(first_bytes: bytes) -> str:
    """Encoding of a text by its first bytes: UTF-16 or UTF-8 with mark, UTF-8, else Windows-1252.

    Raises
    ------
    ReadError
        If the bytes are no text.
    """
    if first_bytes.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if first_bytes.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if b"\0" in first_bytes:
        raise ReadError(
            "the file is no text", got="zero bytes in it", expected="a text file",
            way_out="export it again as text, or state its encoding in columns=ColumnMap(...)",
        )  # fmt: skip
    cut = first_bytes[: first_bytes.rfind(b"\n") + 1] or first_bytes[:-4] or first_bytes
    try:
        cut.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def decode(content: bytes, encoding: str | None = None) -> str:
    """Text of a file's bytes; bytes that do not fit the encoding are replaced."""
    return content.decode(encoding or encoding_of(content), errors="replace")


def read_text_head(path: Path, n_bytes: int = 65536) -> tuple[str, str]:
    """First part of a text file and its encoding."""
    with path.open("rb") as stream:
        first = stream.read(n_bytes)
    encoding = encoding_of(first)
    if encoding == "utf-16" and len(first) % 2:
        first = first[:-1]
    return first.decode(encoding, errors="replace"), encoding


def n_lines(text: str) -> int:
    """Number of whole lines in a text."""
    return text.count("\n")


def _is_space(delimiter: str) -> bool:
    return delimiter in {"whitespace", r"\s+", " "}


def parse_numbers(
    path: Path, *, n_columns: int, delimiter: str = ",", skip_lines: int = 0, encoding: str = "utf-8",
    decimal: str = ".", missing: Sequence[str] = MISSING, numeric: Sequence[int] | None = None,
) -> NumberTable:  # fmt: skip
    """Columns of numbers of a delimited text.

    Parameters
    ----------
    path : Path
        File.
    n_columns : int
        Cells in a line.
    delimiter : str
        Separator, or ``"whitespace"``.
    skip_lines : int
        Lines before the first row of numbers.
    numeric : sequence of int, optional
        Columns wanted; the others are not parsed.  All by default.

    Returns
    -------
    NumberTable
        One array for each wanted column, in the order of ``numeric``.

    Raises
    ------
    ReadError
        If the table cannot be told apart or holds no row.
    """
    if not 0 < n_columns <= _MAX_COLUMNS:
        raise ReadError(
            f"{path.name} is no table", got=f"{n_columns} columns", expected=f"1 to {_MAX_COLUMNS} columns",
            way_out="state the delimiter with columns=ColumnMap(delimiter=...)",
        )  # fmt: skip
    wanted = tuple(range(n_columns)) if numeric is None else tuple(numeric)
    how: dict[str, Any] = {
        "n_columns": n_columns, "delimiter": delimiter, "skip_lines": skip_lines, "encoding": encoding, "decimal": decimal,
        "missing": missing,
    }  # fmt: skip
    table = _fast(path, wanted, **how)
    if table is None:
        table = _careful(path, wanted, **how)
    if table.n_rows == 0:
        raise ReadError(
            f"{path.name} holds no row of numbers", got="only a header", expected="at least one row",
            way_out="export it again",
        )  # fmt: skip
    return table


def _options(delimiter: str, encoding: str, decimal: str, skip_lines: int) -> dict[str, Any]:
    separator: dict[str, Any] = (
        {"sep": r"\s+"} if _is_space(delimiter) else {"sep": delimiter, "skipinitialspace": True}
    )
    return {
        **separator, "header": None, "skiprows": skip_lines, "encoding": encoding, "encoding_errors": "replace",
        "decimal": decimal, "skip_blank_lines": True, "engine": "c",
    }  # fmt: skip


def _fast(
    path: Path, wanted: tuple[int, ...], *, n_columns: int, delimiter: str, skip_lines: int, encoding: str, decimal: str,
    missing: Sequence[str],
) -> NumberTable | None:  # fmt: skip
    import pandas as pd

    some = None if wanted == tuple(range(n_columns)) else sorted(wanted)
    try:
        frame = pd.read_csv(
            path, names=list(range(n_columns)), usecols=some, dtype=np.float64, na_values=list(missing), index_col=False,
            keep_default_na=False, **_options(delimiter, encoding, decimal, skip_lines),
        )  # fmt: skip
    except (ValueError, OverflowError, pd.errors.ParserError, pd.errors.ParserWarning):
        return None
    if frame.shape[0] and np.isinf(frame.to_numpy(copy=False)).any():
        return None
    return NumberTable(columns=tuple(np.ascontiguousarray(frame[column].to_numpy()) for column in wanted))


def _careful(
    path: Path, wanted: tuple[int, ...], *, n_columns: int, delimiter: str, skip_lines: int, encoding: str, decimal: str,
    missing: Sequence[str],
) -> NumberTable:  # fmt: skip
    """Line by line, for files with damaged places."""
    blank = set(missing)
    parts: list[NDArray[np.float64]] = []
    damaged: dict[int, list[int]] = {}
    rows: list[list[float]] = []
    n_done = 0
    with path.open("r", encoding=encoding, errors="replace", newline=None) as stream:
        for number, line in enumerate(stream):
            if number < skip_lines or not line.strip():
                continue
            cells = _cells(line, delimiter)
            values, bad = _row(cells, n_columns, wanted, decimal, blank)
            for position in bad:
                damaged.setdefault(position, []).append(n_done + len(rows))
            rows.append(values)
            if len(rows) == _CHUNK_ROWS:
                parts.append(np.array(rows, dtype=np.float64))
                n_done += len(rows)
                rows = []
    if rows:
        parts.append(np.array(rows, dtype=np.float64))
    whole = np.concatenate(parts) if parts else np.empty((0, len(wanted)))
    return NumberTable(
        columns=tuple(np.ascontiguousarray(whole[:, index]) for index in range(len(wanted))),
        damaged={position: tuple(places) for position, places in damaged.items()},
    )


def _cells(line: str, delimiter: str) -> list[str]:
    if _is_space(delimiter):
        return line.split()
    return [cell.strip().strip('"') for cell in line.rstrip("\r\n").split(delimiter)]


def _row(
    cells: list[str], n_columns: int, wanted: tuple[int, ...], decimal: str, blank: set[str]
) -> tuple[list[float], list[int]]:
    """Values of the wanted columns and the positions of damaged ones."""
    too_many = len(cells) > n_columns and any(cells[n_columns:])
    values: list[float] = []
    bad: list[int] = []
    for position, column in enumerate(wanted):
        cell = cells[column] if column < len(cells) else None
        if cell is None or (too_many and position == len(wanted) - 1):
            values.append(float("nan"))
            bad.append(position)
            continue
        value = _number(cell, decimal, blank)
        if value is None:
            bad.append(position)
            value = float("nan")
        values.append(value)
    return values, bad


def _number(cell: str, decimal: str, blank: set[str]) -> float | None:
    if cell in blank:
        return float("nan")
    text = cell.replace(decimal, ".") if decimal != "." else cell
    if "_" in text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if np.isfinite(value) else None
