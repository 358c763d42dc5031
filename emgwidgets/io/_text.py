"""Numbers from text, fast and with damaged places counted: shared by the readers of text formats."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.errors import ReadError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MISSING", "NumberTable", "decode", "encoding_of", "n_lines", "parse_numbers", "read_text_head"]

#: Spellings of a missing value; an empty cell is one too.
MISSING = ("", "NULL", "null", "NaN", "nan", "NAN", "NA", "N/A", "n/a", "None", "-", "#N/A")
_BLOCK_LINES = 20_000
_MAX_LINE_BYTES = 1 << 20
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
    _check_lines(path)
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


def _check_lines(path: Path) -> None:
    """Refuse a text with a line that would fill the memory, such as one that ends in a gigabyte of zeros."""
    with path.open("rb") as stream:
        while block := stream.read(_MAX_LINE_BYTES):
            if len(block) == _MAX_LINE_BYTES and b"\n" not in block and b"\r" not in block:
                raise ReadError(
                    f"{path.name} is no table", got=f"{_MAX_LINE_BYTES >> 20} MiB without an end of line",
                    expected="lines of cells", way_out="copy it again from its source",
                )  # fmt: skip


def _options(delimiter: str, encoding: str, decimal: str, skip_lines: int) -> dict[str, Any]:
    separator: dict[str, Any] = (
        {"sep": r"\s+"} if _is_space(delimiter) else {"sep": delimiter, "skipinitialspace": True}
    )
    return {
        **separator, "header": None, "skiprows": skip_lines, "encoding": encoding,
        "decimal": decimal, "skip_blank_lines": True, "engine": "c",
    }  # fmt: skip


def _fast(
    source: Path | io.StringIO, wanted: tuple[int, ...], *, n_columns: int, delimiter: str, skip_lines: int, encoding: str,
    decimal: str, missing: Sequence[str],
) -> NumberTable | None:  # fmt: skip
    """All at once; None when any cell or line is not as expected."""
    import pandas as pd

    some = None if wanted == tuple(range(n_columns)) else sorted(wanted)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a line with too many cells is only warned of
        try:
            frame = pd.read_csv(
                source, names=list(range(n_columns)), usecols=some, dtype=np.float64, na_values=list(missing),
                index_col=False, keep_default_na=False, **_options(delimiter, encoding, decimal, skip_lines),
            )  # fmt: skip
        except (ValueError, OverflowError, pd.errors.ParserError, Warning):
            return None
    if any(np.isinf(frame[column].to_numpy()).any() for column in wanted):
        return None
    return NumberTable(columns=tuple(np.ascontiguousarray(frame[column].to_numpy()) for column in wanted))


def _careful(
    path: Path, wanted: tuple[int, ...], *, n_columns: int, delimiter: str, skip_lines: int, encoding: str, decimal: str,
    missing: Sequence[str],
) -> NumberTable:  # fmt: skip
    """Block by block, and line by line where a block has damaged places."""
    how: dict[str, Any] = {
        "n_columns": n_columns, "delimiter": delimiter, "encoding": encoding, "decimal": decimal, "missing": missing,
    }  # fmt: skip
    parts: list[tuple[NDArray[np.float64], ...]] = []
    damaged: dict[int, list[int]] = {}
    n_done = 0
    with path.open("r", encoding=encoding, errors="replace", newline=None) as stream:
        for _ in islice(stream, skip_lines):
            pass
        while lines := list(islice(stream, _BLOCK_LINES)):
            block = _fast(io.StringIO("".join(lines)), wanted, skip_lines=0, **how) or _by_line(
                lines, wanted, n_columns=n_columns, delimiter=delimiter, decimal=decimal, missing=missing
            )
            for position, places in block.damaged.items():
                damaged.setdefault(position, []).extend(n_done + place for place in places)
            parts.append(block.columns)
            n_done += block.n_rows
    columns = tuple(
        np.concatenate([part[index] for part in parts]) if parts else np.empty(0) for index in range(len(wanted))
    )
    return NumberTable(columns=columns, damaged={position: tuple(places) for position, places in damaged.items()})


def _by_line(
    lines: Sequence[str],
    wanted: tuple[int, ...],
    *,
    n_columns: int,
    delimiter: str,
    decimal: str,
    missing: Sequence[str],
) -> NumberTable:
    """Each cell on its own; what is no number is damaged."""
    blank = set(missing)
    damaged: dict[int, list[int]] = {}
    rows: list[list[float]] = []
    for line in lines:
        if not line.strip():
            continue
        values, bad = _row(_cells(line, delimiter), n_columns, wanted, decimal, blank)
        for position in bad:
            damaged.setdefault(position, []).append(len(rows))
        rows.append(values)
    whole = np.array(rows, dtype=np.float64).reshape(-1, len(wanted))
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
