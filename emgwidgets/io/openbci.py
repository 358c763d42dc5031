"""OpenBCI GUI text in all its versions: the oldest without column names, and versions 5 and 6 with them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import Scale, channel_of, gap_flag, split_by_index, unique_names
from emgwidgets.io._text import NumberTable, parse_numbers, read_text_head
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Annotation, Channel, Device, QualityFlag, Recording, Segment

__all__ = ["FORMAT"]

#: Sample numbers wrap at 256 on the Cyton (OpenBCI Cyton data format); Ganglion numbers have their own ranges.
_DROPPED = ("timestamp", "not used", "sample index", "marker", "package")


def _fact(text: str, key: str) -> str:
    match = re.search(rf"^%\s*{key}\s*=\s*(.*?)\s*$", text, re.MULTILINE | re.IGNORECASE)
    return match.group(1) if match else ""


def _header(path: Path, text: str) -> tuple[int, float, list[str], int]:
    """Number of EXG channels, rate, names of columns and lines to skip."""
    lines = text.splitlines()
    skip = next((index for index, line in enumerate(lines) if not line.startswith("%")), len(lines))
    names: list[str] = []
    if skip < len(lines) and re.match(r"\s*Sample Index", lines[skip], re.IGNORECASE):
        names = [cell.strip() for cell in lines[skip].split(",")]
        skip += 1
    rate = re.match(r"[0-9.]+", _fact(text, "Sample Rate"))
    count = _fact(text, "Number of channels")
    if rate is None or not count.isdigit() or skip >= len(lines):
        raise ReadError(
            f"{path.name} has no usable OpenBCI header", got="no channel count, rate or data", expected="all three",
            way_out="record it again with the OpenBCI GUI",
        )  # fmt: skip
    if not names:
        names = _old_names(path, len(lines[skip].split(",")), int(count))
    return int(count), float(rate.group()), names, skip


def _old_names(path: Path, n_columns: int, n_channels: int) -> list[str]:
    """Column names of the oldest version: index, EXG, accelerometer or auxiliary, clock time, time stamp."""
    if n_columns < n_channels + 1:
        raise ReadError(
            f"{path.name} has fewer columns than channels", got=f"{n_columns} columns", expected=f"{n_channels + 1} or more",
            way_out="record it again with the OpenBCI GUI",
        )  # fmt: skip
    names = ["Sample Index", *(f"EXG Channel {index}" for index in range(n_channels))]
    n_rest = n_columns - len(names)
    n_accel = min(3, n_rest)
    names += [f"Accel Channel {index}" for index in range(n_accel)]
    return names + ["Timestamp"] * (n_columns - len(names))


def _index_steps(index: np.ndarray, n_channels: int) -> np.ndarray | None:
    """Running sample number from one that wraps; None where it does not count.

    Returns
    -------
    ndarray of int, shape (n_samples,) or None
    """
    if len(index) < 2 or not np.isfinite(index).all():
        return None
    number = index.astype(np.int64)
    steps = np.diff(number)
    usual = int(np.median(steps))
    if usual < 1 or n_channels == 4:  # a Ganglion packet carries two samples with one number
        return None
    span = int(number.max() - number.min())
    period = ((span // usual) + 1) * usual
    steps = np.where(steps < 0, steps + period, steps)
    if (steps <= 0).any():
        return None
    ahead = np.maximum(np.round(steps / usual).astype(np.int64), 1)
    return np.concatenate(([0], np.cumsum(ahead)))


def _flags(table: NumberTable, gaps: list[tuple[float, float]], rate_hz: float) -> list[QualityFlag]:
    flags = [gap_flag(None, *gap) for gap in gaps]
    rows = table.damaged_rows
    if rows:
        flags.append(
            QualityFlag(
                kind="damaged_lines", channel=None, start_s=rows[0] / rate_hz, end_s=(rows[-1] + 1) / rate_hz,
                size=float(len(rows)), unit="lines",
                reason=f"{len(rows)} lines could not be read and are missing values; choose stretches without them.",
            )
        )  # fmt: skip
    return flags


def _unit(name: str) -> str:
    if name.lower().startswith("exg"):
        return "uV"  # the header of the old versions and the OpenBCI data format give EXG in microvolts
    return "g" if name.lower().startswith("accel") else ""


def _marks(names: list[str], table: NumberTable, channel: Channel) -> list[Annotation]:
    places = [index for index, name in enumerate(names) if name.lower().startswith("marker")]
    marks: list[Annotation] = []
    for place in places:
        values = table.columns[place]
        (hits,) = np.nonzero(np.nan_to_num(values))
        times_s = channel.times_s()
        marks += [Annotation(start_s=float(times_s[hit]), label=f"marker {values[hit]:g}") for hit in hits]
    return marks


def _read(path: Path, options: ReadOptions) -> Recording:  # noqa: ARG001 (units stand in the format)
    text, encoding = read_text_head(path)
    n_channels, rate_hz, names, skip = _header(path, text)
    timed = [index for index, name in enumerate(names) if "timestamp" in name.lower()]
    wanted = [index for index in range(len(names)) if index not in timed]
    table = parse_numbers(path, n_columns=len(names), delimiter=",", skip_lines=skip, encoding=encoding, numeric=wanted)
    kept = [names[index] for index in wanted]
    running = _index_steps(table.columns[0], n_channels)
    segments: tuple[Segment, ...] = (Segment(first_sample=0, n_samples=table.n_rows, start_s=0.0),)
    gaps: list[tuple[float, float]] = []
    if running is not None:
        segments, gaps = split_by_index(running, table.n_rows, rate_hz)
    channels = []
    for name, column in zip(unique_names(kept), table.columns, strict=True):
        if any(word in name.lower() for word in _DROPPED) or name.lower().startswith("other"):
            continue
        voltage = name.lower().startswith("exg")
        channels.append(
            channel_of(
                name, column, Scale(unit=_unit(name)), rate_hz, segments=segments, kind="emg" if voltage else "other"
            )
        )
    if sum(channel.unit == "uV" for channel in channels) != n_channels:
        raise ReadError(
            f"{path.name} is damaged", got=f"{sum(channel.unit == 'uV' for channel in channels)} EXG columns",
            expected=f"{n_channels}", way_out="record it again with the OpenBCI GUI",
        )  # fmt: skip
    return Recording(
        channels=tuple(channels), annotations=tuple(_marks(kept, table, channels[0])),
        quality_flags=tuple(_flags(table, gaps, rate_hz)),
        device=Device(maker="OpenBCI", model=_fact(text, "Board").removeprefix("OpenBCI_GUI$") or None),
        notes=("Time stamps with the date were dropped; times count from the first sample.",),
    )  # fmt: skip


def _detect(head: Head) -> bool:
    return head.text.lstrip("\ufeff").startswith("%OpenBCI")


FORMAT = Format(name="OpenBCI text", suffixes=(".txt",), detect=_detect, read=_read)
