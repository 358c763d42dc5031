"""Any delimited text, with or without header, and the project's own CSV; units are read or asked for, never guessed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import channel_of, gap_flags, in_order, scale_of, unique_names
from emgwidgets.io._clock import Clock, clock_of
from emgwidgets.io._csv_writer import is_own_csv, read_own_csv, write_csv
from emgwidgets.io._layout import Layout, find_layout
from emgwidgets.io._text import MISSING, NumberTable, parse_numbers, read_text_head
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Channel, QualityFlag, Recording, Segment

if TYPE_CHECKING:
    from emgwidgets.io.column_map import Column, ColumnMap

__all__ = ["FORMAT", "Column", "ColumnMap"]

_SECONDS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3, "us": 1e-6, "\u00b5s": 1e-6, "min": 60.0}
_TIME_NAMES = frozenset(
    {"time", "t", "times", "x", "zeit", "temps", "tiempo", "tempo", "timestamp", "time stamp", "seconds"}
)
_MAX_FLAGS = 20


def __getattr__(name: str) -> Any:
    """Column maps are imported when they are asked for: pydantic takes its time."""
    if name in {"Column", "ColumnMap"}:
        from emgwidgets.io import column_map

        return getattr(column_map, name)
    raise AttributeError(name)


def _index(which: int | str, layout: Layout, file_name: str) -> int:
    """Number of a column given by number or name."""
    if isinstance(which, int) and 0 <= which < len(layout.names):
        return which
    if isinstance(which, str) and which in layout.names:
        return layout.names.index(which)
    raise ReadError(
        f"{file_name} has no column {which!r}", got=f"columns {list(layout.names)}", expected="a number from 0 or a name",
        way_out="correct columns=ColumnMap(...)",
    )  # fmt: skip


def _time_column(plan: ColumnMap, layout: Layout, file_name: str) -> tuple[int | None, float | None]:
    """Time column and seconds in its unit, each None where unknown."""
    place: int | None = None
    if plan.time_column is not None:
        place = _index(plan.time_column, layout, file_name)
    else:
        places = [i for i, name in enumerate(layout.names) if name.lower() in _TIME_NAMES]
        place = places[0] if places else None
    if place is None:
        return None, None
    unit = plan.time_unit or layout.units[place] or ("s" if layout.names[place].lower() == "seconds" else "")
    return place, _SECONDS.get(unit.lower())


def _wanted(plan: ColumnMap, layout: Layout, time: int | None, file_name: str) -> list[tuple[int, Column | None]]:
    if plan.columns:
        return [(_index(column.column, layout, file_name), column) for column in plan.columns]
    return [(i, None) for i in range(len(layout.names)) if i != time and i not in layout.text_columns]


def _unit_error(file_name: str, names: list[str], layout: Layout) -> ReadError:
    shown = ", ".join(f'"{name}": "mV"' for name in names[:3])
    way_out = f"state it with unit={{{shown}}} or with columns=ColumnMap(columns=[...])"
    if not layout.has_names:
        way_out = (
            'state them with columns={"time_column": 0, "time_unit": "s", "columns": [{"column": 1, "name": "EMG", "unit": "mV"}]}, '
            "or with unit=... and sampling_rate_hz=... when all columns are signals"
        )
    return ReadError(
        f"{file_name} does not say the unit of {', '.join(map(repr, names[:3]))}" + (" ..." if len(names) > 3 else ""),
        got="a header without units" if layout.has_names else "no header", expected="a header such as 'EMG (mV)'", way_out=way_out,
    )  # fmt: skip


def _clock(
    times: np.ndarray[Any, Any] | None, factor: float | None, rate_hz: float | None, n_samples: int, file_name: str
) -> Clock:
    if times is None:
        if rate_hz is None:
            raise ReadError(
                f"{file_name} does not say its sampling rate", got="no time column", expected="a time column or a rate",
                way_out="state it with sampling_rate_hz=...",
            )  # fmt: skip
        return Clock(rate_hz=rate_hz, segments=(Segment(first_sample=0, n_samples=n_samples, start_s=0.0),))
    if factor is None:
        factor = _factor_by_rate(times, rate_hz, file_name)
    clock = clock_of(times * factor, file_name)
    if rate_hz is not None:
        if (
            abs(clock.rate_hz / rate_hz - 1) > 0.01
        ):  # internal choice: written times are good to far better than one percent
            raise ReadError(
                f"{file_name} has times that do not fit the rate", got=f"{clock.rate_hz:.6g} Hz by its time column",
                expected=f"{rate_hz:g} Hz", way_out="leave sampling_rate_hz out or correct it",
            )  # fmt: skip
        clock = Clock(rate_hz=rate_hz, segments=clock.segments)
    return clock


def _factor_by_rate(times: np.ndarray[Any, Any], rate_hz: float | None, file_name: str) -> float:
    """Seconds in the time column's unit from the stated rate."""
    if rate_hz is None:
        raise ReadError(
            f"{file_name} does not say the unit of its time column", got="a time column without a unit",
            expected="a name such as 'Time (s)'",
            way_out='state sampling_rate_hz=..., or columns={"time_unit": "s"}',
        )  # fmt: skip
    measured = clock_of(times, file_name).rate_hz
    for factor in (1.0, 1e-3, 1e-6, 60.0):
        if abs(measured / factor / rate_hz - 1) < 0.01:
            return factor
    raise ReadError(
        f"{file_name} has times that do not fit the rate", got=f"steps of {1 / measured:.6g}", expected=f"{rate_hz:g} Hz in s, ms or us",
        way_out="correct sampling_rate_hz=...",
    )  # fmt: skip


def _runs(rows: np.ndarray[Any, Any]) -> list[tuple[int, int]]:
    """First and last (exclusive) of runs of neighbouring rows."""
    if len(rows) == 0:
        return []
    edges = np.flatnonzero(np.diff(rows) > 1)
    starts = np.concatenate(([rows[0]], rows[edges + 1]))
    stops = np.concatenate((rows[edges] + 1, [rows[-1] + 1]))
    return [(int(a), int(b)) for a, b in zip(starts, stops, strict=True)]


def _value_flags(channel: Channel, values: np.ndarray[Any, Any], damaged: tuple[int, ...]) -> list[QualityFlag]:
    """Flags of damaged and of missing values, by run; above a limit one flag for all of them."""
    bad = np.array(damaged, dtype=np.int64)
    missing = np.setdiff1d(np.flatnonzero(np.isnan(values)), bad)
    flags = []
    for rows, kind, unit, word in (
        (bad, "damaged_lines", "lines", "damaged"),
        (missing, "missing", "samples", "missing"),
    ):
        runs = _runs(rows)
        if len(runs) > _MAX_FLAGS:
            runs = [(int(rows[0]), int(rows[-1]) + 1)]
        for first, stop in runs:
            start_s = float(channel.times_s(first, first + 1)[0])
            end_s = float(channel.times_s(stop - 1, stop)[0]) + 1 / channel.sampling_rate_hz
            count = int(((rows >= first) & (rows < stop)).sum())
            flags.append(
                QualityFlag(
                    kind=kind, channel=channel.name, start_s=start_s, end_s=end_s, size=float(count), unit=unit,
                    reason=(
                        f"{count} values are {word} between {start_s:.4f} and {end_s:.4f} s and stay missing; "
                        "a measure must not use them."
                    ),
                )
            )  # fmt: skip
    return flags


def _text_head(path: Path, plan: ColumnMap) -> tuple[str, str]:
    if plan.encoding is None:
        return read_text_head(path)
    try:
        with path.open("r", encoding=plan.encoding, errors="replace") as stream:
            return stream.read(65536), plan.encoding
    except LookupError as error:
        raise ReadError(
            "no such encoding", got=repr(plan.encoding), expected="a name such as utf-8, cp1252 or utf-16",
            way_out="correct columns=ColumnMap(encoding=...)",
        ) from error  # fmt: skip


def _read(path: Path, options: ReadOptions) -> Recording:
    from emgwidgets.io.column_map import as_column_map

    with path.open("rb") as stream:
        first = stream.read(4096)
    if is_own_csv(Head(path=path, is_folder=False, first_bytes=first, n_bytes=path.stat().st_size)):
        return read_own_csv(path)
    plan = as_column_map(options.columns)
    text, encoding = _text_head(path, plan)
    layout = find_layout(text, delimiter=plan.delimiter, decimal=plan.decimal, header_rows=plan.header_rows)
    if layout is None:
        raise ReadError(
            f"{path.name} is no table of numbers", got="text", expected="rows of numbers with one delimiter",
            way_out="describe it with columns=ColumnMap(delimiter=..., header_rows=...)",
        )  # fmt: skip
    time, factor = _time_column(plan, layout, path.name)
    chosen = _wanted(plan, layout, time, path.name)
    numeric = sorted({i for i, _ in chosen} | ({time} if time is not None else set()))
    if not chosen:
        raise ReadError(
            f"{path.name} has no signal column", got="only a time column", expected="a signal", way_out="check the file"
        )
    names = _channel_names(chosen, layout)
    scales = _scales(path, chosen, names, layout, options)
    table = parse_numbers(
        path, n_columns=len(layout.names), delimiter=layout.delimiter, skip_lines=layout.header_rows, encoding=encoding,
        decimal=layout.decimal, missing=plan.missing or MISSING, numeric=numeric,
    )  # fmt: skip
    times = None if time is None else table.columns[numeric.index(time)]
    rate_hz = plan.sampling_rate_hz or options.sampling_rate_hz
    clock = _clock(times, factor, rate_hz, table.n_rows, path.name)
    parts = list(zip(chosen, names, scales, strict=True))
    damaged_times = () if time is None else table.damaged.get(numeric.index(time), ())
    recording = _recording(table, numeric, parts, clock, damaged_times)
    notes = [f"Column {layout.names[i] or i!r} holds text and was left out." for i in layout.text_columns]
    return replace(recording, notes=(*notes, *recording.notes))


def _channel_names(chosen: list[tuple[int, Column | None]], layout: Layout) -> list[str]:
    plain = [(column and column.name) or layout.names[i] or f"column {i}" for i, column in chosen]
    return unique_names(plain)


def _scales(
    path: Path, chosen: list[tuple[int, Column | None]], names: list[str], layout: Layout, options: ReadOptions
) -> list[Any]:
    scales = [
        scale_of((column and column.unit) or layout.units[i], name, options)
        for (i, column), name in zip(chosen, names, strict=True)
    ]
    missing = [name for name, scale in zip(names, scales, strict=True) if scale is None]
    if missing:
        raise _unit_error(path.name, missing, layout)
    return scales


def _recording(
    table: NumberTable, numeric: list[int], parts: list[Any], clock: Clock, damaged_times: tuple[int, ...]
) -> Recording:
    segments, flags = in_order(clock.segments, clock.rate_hz, None)
    flags += gap_flags(segments, clock.rate_hz)
    channels = []
    for (i, column), name, scale in parts:
        values = table.columns[numeric.index(i)]
        kind = column.kind if column else None
        channel = channel_of(name, values, scale, clock.rate_hz, segments=segments, kind=kind)
        damaged = table.damaged.get(numeric.index(i), ())
        flags += _value_flags(channel, values, damaged)
        channels.append(channel)
    if damaged_times:
        places = damaged_times
        at_s = float(channels[0].times_s(places[0], places[0] + 1)[0])
        flags.append(
            QualityFlag(
                kind="damaged_lines", channel=None, start_s=at_s, end_s=at_s, size=float(len(places)), unit="lines",
                reason=f"{len(places)} times are damaged; their places were taken from the neighbouring times.",
            )
        )  # fmt: skip
    notes: list[str] = []
    stated = [name for _, name, scale in parts if scale.stated]
    if stated:
        notes.append(f"The unit of {', '.join(stated)} was stated by the user, not by the file.")
    return Recording(channels=tuple(channels), quality_flags=tuple(flags), notes=tuple(notes))


def _detect(head: Head) -> bool:
    if is_own_csv(head):
        return True
    text = head.text
    return bool(text) and find_layout(text) is not None


def _write(recording: Recording, path: Path, **options: Any) -> None:
    write_csv(recording, path, **options)


FORMAT = Format(name="delimited text", suffixes=(".csv",), detect=_detect, read=_read, write=_write, is_loose=True)
