"""Finds out how a delimited text is laid out from its first lines: delimiter, decimal mark, header, names and units."""

from __future__ import annotations

import re
from dataclasses import dataclass

from emgwidgets.io._text import MISSING
from emgwidgets.units import is_voltage

__all__ = ["Layout", "find_layout", "name_and_unit"]

_DELIMITERS = ("\t", ";", ",", "whitespace")
_NUMBER = re.compile(r"^[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?$")
_BRACKETS = re.compile(r"^(?P<name>.*?)\s*[\(\[](?P<unit>[^()\[\]]+)[\)\]]\s*$")
_SUFFIX = re.compile(r"^(?P<name>.+)_(?P<unit>mV|uV|\u00b5V|\u03bcV|nV|V|uv|mv|s|ms|us)$")
_MAX_LINES = 200
#: Share of cells that must be numbers or missing for a text to count as a table of samples (internal choice: tables of
#: names, such as lists of channels or electrodes, have a text column and stay below it).
_NUMERIC_SHARE = 0.9
_MIN_ROWS = 3


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Layout of a text: names and units are empty where the header has none."""

    delimiter: str
    decimal: str
    header_rows: int
    names: tuple[str, ...]
    units: tuple[str, ...]
    text_columns: tuple[int, ...] = ()

    @property
    def has_names(self) -> bool:
        """Whether the file names its columns."""
        return any(self.names)


def name_and_unit(text: str) -> tuple[str, str]:
    """Name and unit of a header cell such as ``EMG (mV)``, ``Force [N]`` or ``emg_uv``."""
    plain = " ".join(text.strip().strip('"').split())
    match = _BRACKETS.match(plain) or _SUFFIX.match(plain)
    if match and (match["name"].strip() or match.re is _BRACKETS):
        return match["name"].strip() or plain, match["unit"].strip()
    return plain, ""


def split_cells(line: str, delimiter: str) -> list[str]:
    """Cells of a line."""
    if delimiter == "whitespace":
        return line.split()
    return [cell.strip().strip('"').strip() for cell in line.split(delimiter)]


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.match(cell))


def _is_row(line: str, delimiter: str) -> bool:
    cells = split_cells(line, delimiter)
    return sum(map(_is_number, cells)) >= max(1, len(cells) // 2)


def _score(lines: list[str], delimiter: str) -> tuple[float, int]:
    """Share of lines with the usual number of cells that are numbers, and that number."""
    rows = [split_cells(line, delimiter) for line in lines if _is_row(line, delimiter)]
    if not rows:
        return 0.0, 0
    widths = [len(row) for row in rows]
    usual = max(set(widths), key=widths.count)
    return widths.count(usual) / len(lines), usual


def _decimal(rows: list[list[str]]) -> str:
    cells = [cell for row in rows for cell in row]
    commas = sum("," in cell and "." not in cell for cell in cells)
    points = sum("." in cell for cell in cells)
    return "," if commas > points else "."


def find_layout(
    text: str, *, delimiter: str | None = None, decimal: str | None = None, header_rows: int | None = None
) -> Layout | None:
    """Layout of a text by its first lines; None where it is no table of numbers."""
    lines = text.splitlines()
    if not text.endswith(("\n", "\r")) and len(lines) > 1 and len(text) > 60_000:
        lines = lines[:-1]  # the last line of a long head is cut
    lines = lines[:_MAX_LINES]
    body = [line for line in lines if line.strip() and not line.startswith(("#", "%"))]
    if header_rows is not None:
        body = [line for line in lines[header_rows:] if line.strip()]
    if not body or body[0].lstrip().startswith(("{", "[", "<")):
        return None
    candidates = [delimiter] if delimiter else list(_DELIMITERS)
    scored = [(*_score(body, candidate), -order, candidate) for order, candidate in enumerate(candidates)]
    best = max(scored, key=lambda item: (round(item[0], 1), item[1] > 1, item[2]))
    chosen, n_columns = best[3], best[1]
    if n_columns < 1 or best[0] < 0.5:
        return None
    return _described(lines, chosen, n_columns, decimal, header_rows)


def _described(
    lines: list[str], delimiter: str, n_columns: int, decimal: str | None, header_rows: int | None
) -> Layout | None:
    first = header_rows
    if first is None:
        first = next(
            index for index, line in enumerate(lines)
            if line.strip() and not line.startswith(("#", "%")) and _is_row(line, delimiter)
        )  # fmt: skip
    rows = [split_cells(line, delimiter) for line in lines[first:] if line.strip()]
    wide = [row for row in rows if len(row) == n_columns]
    if len(wide) < min(_MIN_ROWS, max(len(rows), 1)) or len(wide) < 2:
        return None
    text_columns = _text_columns(wide, n_columns)
    good = sum(_is_number(cell) or cell in MISSING for row in wide for cell in row)
    if good < _NUMERIC_SHARE * len(wide) * n_columns:
        return None
    names, units = _names(lines[:first], delimiter, n_columns)
    return Layout(
        delimiter=delimiter, decimal=decimal or _decimal(wide), header_rows=first, names=names, units=units,
        text_columns=text_columns,
    )  # fmt: skip


def _text_columns(rows: list[list[str]], n_columns: int) -> tuple[int, ...]:
    """Columns in which hardly anything is a number."""
    found = []
    for column in range(n_columns):
        cells = [row[column] for row in rows if row[column] not in MISSING]
        if cells and sum(map(_is_number, cells)) < len(cells) / 2:
            found.append(column)
    return tuple(found)


def _names(header: list[str], delimiter: str, n_columns: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and units from the header lines; a line of units under the names is used too."""
    rows = [split_cells(line.lstrip("#% ").lstrip("\ufeff"), delimiter) for line in header if line.strip()]
    fitting = [row for row in rows if len(row) == n_columns]
    if not fitting:
        return ("",) * n_columns, ("",) * n_columns
    last = fitting[-1]
    if len(fitting) > 1 and sum(
        is_voltage(cell.strip("[]()")) or cell.strip("[]()") in {"s", "ms"} for cell in last
    ) >= max(1, n_columns // 2):
        return tuple(name_and_unit(cell)[0] for cell in fitting[-2]), tuple(cell.strip("[]()") for cell in last)
    pairs = [name_and_unit(cell) for cell in last]
    return tuple(name for name, _ in pairs), tuple(unit for _, unit in pairs)
