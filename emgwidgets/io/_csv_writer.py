"""The project's own CSV: readable by any spreadsheet, and read back whole by :func:`read_own_csv`.

First a comment line with the description as JSON, then a line of column names, then numbers.  Channels of one rate share a
time column; columns of another rate have a time column of their own and end earlier.  An empty cell is a missing value.
Numbers have as many digits as reading them back exactly needs.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgwidgets.errors import ReadError
from emgwidgets.io._atomic import atomic_file, check_folder
from emgwidgets.io._described import channel_from, describe, marks_from
from emgwidgets.io._holdable import check_holdable
from emgwidgets.io.registry import Head
from emgwidgets.model.signal import ArraySamples, Channel, FileOrigin, Recording

__all__ = ["MARK", "is_own_csv", "read_own_csv", "write_csv"]

MARK = "# emgwidgets.csv/1 "
_BLOCK = 1 << 16


def is_own_csv(head: Head) -> bool:
    """Whether the content begins as :func:`write_csv` begins it."""
    return head.first_bytes.startswith(MARK.encode())


def _bases(channels: Sequence[Channel]) -> list[list[int]]:
    """Numbers of the channels that share a time column."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for i, channel in enumerate(channels):
        groups.setdefault((channel.sampling_rate_hz, channel.segments), []).append(i)
    return list(groups.values())


def write_csv(recording: Recording, path: Path, *, drop: Sequence[str] = ()) -> None:
    """Write channels and marks as CSV.

    Parameters
    ----------
    recording : Recording
        Recording without sweeps and tables.
    path : Path
        File to write; an existing one is replaced when the new one is complete.
    drop : sequence of str
        Parts to leave out: ``"sweeps"``, ``"tables"``.

    Raises
    ------
    WriteError
        If the recording has parts a CSV cannot hold.
    """
    check_folder(path)
    check_holdable(recording, "CSV", holds=("stimuli",), drop=drop)
    bases = _bases(recording.channels)
    data = {key: value for key, value in describe(recording).items() if key not in {"sweeps", "tables"}}
    for item in data["channels"]:
        item.pop("gain")
        item.pop("offset")
    data["bases"] = bases
    names: list[str] = []
    for i, base in enumerate(bases):
        names.append("time_s" if i == 0 else f"time_s.{i + 1}")
        names += [f"{recording.channels[j].name} ({recording.channels[j].unit})" for j in base]
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        stream.write(MARK + json.dumps(data) + "\n")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        for rows in _rows(recording.channels, bases):
            writer.writerows(rows)


def _rows(channels: Sequence[Channel], bases: Sequence[Sequence[int]]) -> Iterator[Iterator[tuple[str, ...]]]:
    n_rows = max((channel.n_samples for channel in channels), default=0)
    for start in range(0, n_rows, _BLOCK):
        columns: list[list[str]] = []
        height = min(_BLOCK, n_rows - start)
        for base in bases:
            first = channels[base[0]]
            stop = min(start + height, first.n_samples)
            columns.append(_cells(first.times_s(start, stop) if stop > start else np.empty(0), height))
            columns += [_cells(channels[j].read(start, stop) if stop > start else np.empty(0), height) for j in base]
        yield zip(*columns, strict=True)


def _cells(values: NDArray[np.float64], height: int) -> list[str]:
    cells = ["" if value != value else repr(value) for value in values.tolist()]  # noqa: PLR0124 - NaN is unlike itself
    return cells + [""] * (height - len(cells))


def read_own_csv(path: Path) -> Recording:
    """Read a CSV that :func:`write_csv` wrote.

    Raises
    ------
    ReadError
        If it is damaged or cut short.
    """
    try:
        _check_last_line(path)
        with path.open(encoding="utf-8", newline="") as stream:
            data = json.loads(stream.readline()[len(MARK) :])
            n_columns = len(next(csv.reader(stream)))
            columns = _columns(stream, n_columns)
        places = _places(data["bases"])
        channels = tuple(
            channel_from(item, ArraySamples(stored=_column(columns[places[i]], item)))
            for i, item in enumerate(data["channels"])
        )
        return Recording(
            channels=channels, origin=FileOrigin(format="CSV", name=path.name, n_bytes=path.stat().st_size), **marks_from(data)
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, StopIteration, IndexError) as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise ReadError(
            f"{path.name} is damaged", got=reason, expected="the CSV as it was written",
            way_out="copy it again, or delete its first line and read it as plain text with columns=...",
        ) from error  # fmt: skip


def _check_last_line(path: Path) -> None:
    with path.open("rb") as stream:
        stream.seek(-1, 2)
        if stream.read() != b"\n":
            raise ValueError("the last line is cut short")


def _columns(stream: Any, n_columns: int) -> NDArray[np.float64]:
    """Numbers of shape ``(n_columns, n_rows)``; empty cells are NaN."""
    blocks, rows = [], []
    for row in csv.reader(stream):
        if len(row) != n_columns:
            raise ValueError(f"a line of {len(row)} cells, {n_columns} expected")
        rows.append([float(cell) if cell else np.nan for cell in row])
        if len(rows) == _BLOCK:
            blocks.append(np.array(rows, dtype=np.float64))
            rows = []
    blocks.append(np.array(rows, dtype=np.float64).reshape(-1, n_columns))
    return np.concatenate(blocks).T


def _places(bases: Sequence[Sequence[int]]) -> dict[int, int]:
    places, column = {}, 0
    for base in bases:
        for j in base:
            column += 1
            places[j] = column
        column += 1
    return places


def _column(values: NDArray[np.float64], item: dict[str, Any]) -> NDArray[np.float64]:
    n_samples = sum(int(n) for _, n, _ in item["segments"])
    if len(values) < n_samples:
        raise ValueError(f"{len(values)} rows, {n_samples} expected for {item['name']}")
    return np.ascontiguousarray(values[:n_samples])
