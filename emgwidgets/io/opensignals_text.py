"""Text of OpenSignals (BITalino, biosignalsplux) with a JSON header, and the Simple Text Format of BioSPPy."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import gap_flag, kept, split_by_index, unique_names
from emgwidgets.io._plux import PluxSensor, counts_channel, mac_free, unsaid_error
from emgwidgets.io._text import NumberTable, parse_numbers, read_text_head
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Channel, Device, QualityFlag, Recording, Segment

__all__ = ["FORMATS"]

_OPEN_SIGNALS = "# OpenSignals Text File Format"
_SIMPLE = "# Simple Text Format"
_END = "# EndOfHeader"


def _damaged(name: str, got: str, expected: str) -> ReadError:
    return ReadError(f"{name} has no usable header", got=got, expected=expected, way_out="export it again")


def _compact(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Counts as small integers where nothing is missing."""
    if np.isfinite(values).all() and (values == np.round(values)).all() and np.abs(values).max(initial=0) < 2**31:
        return values.astype(np.int32)
    return values


def _damage_flags(table: NumberTable, rate_hz: float) -> list[QualityFlag]:
    rows = table.damaged_rows
    if not rows:
        return []
    return [
        QualityFlag(
            kind="damaged_lines", channel=None, start_s=rows[0] / rate_hz, end_s=(rows[-1] + 1) / rate_hz,
            size=float(len(rows)), unit="lines",
            reason=f"{len(rows)} lines could not be read as numbers and are missing values; choose stretches without them.",
        )
    ]  # fmt: skip


def _json_header(path: Path, text: str) -> tuple[list[dict[str, Any]], int]:
    lines = text.splitlines()
    try:
        end = next(index for index, line in enumerate(lines) if line.strip() == _END)
        devices = json.loads(lines[1].lstrip("# "))
    except (StopIteration, ValueError, IndexError, RecursionError) as error:
        raise _damaged(path.name, "no JSON header with its end", "a line of JSON and '# EndOfHeader'") from error
    if not isinstance(devices, dict) or not all(isinstance(device, dict) for device in devices.values()):
        raise _damaged(path.name, "JSON of another shape", "one entry for each device")
    return list(devices.values()), end + 1


def _of_device(
    device: dict[str, Any], table: NumberTable, first: int, options: ReadOptions, silent: list[str]
) -> tuple[list[Channel], list[QualityFlag]]:
    columns = [str(column) for column in device.get("column", [])]
    rate_hz = float(device.get("sampling rate") or options.sampling_rate_hz or 0)
    labels = unique_names([mac_free(str(label)) for label in device.get("label", [])])
    sensors = [str(sensor) for sensor in device.get("sensor", [])]
    bits = [int(value) for value in device.get("resolution", [])]
    # resolution lists the sequence number and digital lines too in some versions: the channels' are the last ones
    bits = bits[-len(labels) :] if labels else []
    signal_columns = list(range(len(columns) - len(labels), len(columns)))
    segments, gaps = _by_sequence(table, columns, first, rate_hz)
    channels = []
    for position, (label, column) in enumerate(zip(labels, signal_columns, strict=True)):
        facts = PluxSensor(
            label=label, sensor=sensors[position] if position < len(sensors) else "",
            device=str(device.get("device", "")), n_bits=bits[position] if position < len(bits) else 0,
        )  # fmt: skip
        channel = counts_channel(_compact(table.columns[first + column]), facts, rate_hz, segments, options)
        if channel is None:
            silent.append(label)
        else:
            channels.append(channel)
    return channels, [gap_flag(None, *gap) for gap in gaps] + _damage_flags(table, rate_hz)


def _by_sequence(
    table: NumberTable, columns: list[str], first: int, rate_hz: float
) -> tuple[tuple[Segment, ...], list[tuple[float, float]]]:
    whole = (Segment(first_sample=0, n_samples=table.n_rows, start_s=0.0),)
    places = [index for index, name in enumerate(columns) if name.lower() == "nseq"]
    if not places or table.n_rows < 2 or not rate_hz > 0:
        return whole, []
    numbers = table.columns[first + places[0]]
    if not np.isfinite(numbers).all() or not 1 <= numbers.max() < 2**31 or numbers.min() < 0:
        return whole, []
    period = 1 << int(numbers.max()).bit_length()
    steps = np.mod(np.diff(numbers.astype(np.int64)), period)
    if (steps == 0).any():
        return whole, []
    return split_by_index(np.concatenate(([0], np.cumsum(steps))), table.n_rows, rate_hz)


def _read_open_signals(path: Path, options: ReadOptions) -> Recording:
    text, encoding = read_text_head(path)
    devices, skip = _json_header(path, text)
    counts = [len(device.get("column", [])) for device in devices]
    table = parse_numbers(
        path, n_columns=max(sum(counts), 1), delimiter="whitespace", skip_lines=skip, encoding=encoding
    )
    channels: list[Channel] = []
    flags: list[QualityFlag] = []
    silent: list[str] = []
    first = 0
    for device, n_columns in zip(devices, counts, strict=True):
        more, more_flags = _of_device(device, table, first, options, silent)
        channels.extend(more)
        flags.extend(more_flags)
        first += n_columns
    if silent:
        raise unsaid_error(path.name, silent)
    if not channels:
        raise _damaged(path.name, "no channel", "labels of channels")
    return Recording(
        channels=tuple(channels), quality_flags=tuple(flags),
        device=Device(maker="PLUX", model=str(devices[0].get("device", "")) or None),
        identifiers=kept(options, {name: devices[0].get(name) for name in ("device name", "date", "time", "comments")}),
        notes=("The device's address and name, the date, the time and comments were dropped.",),
    )  # fmt: skip


def _simple_fact(text: str, key: str) -> str | None:
    match = re.search(rf"^#\s*{re.escape(key)}\s*:=\s*(.*?)\s*$", text, re.MULTILINE)
    return match.group(1) if match else None


def _read_simple(path: Path, options: ReadOptions) -> Recording:
    text, encoding = read_text_head(path)
    skip = next((i for i, line in enumerate(text.splitlines()) if line.strip() and not line.startswith("#")), 0)
    rate = _simple_fact(text, "Sampling Rate (Hz)") or options.sampling_rate_hz
    labels = [label for label in re.split(r"[\t,]", _simple_fact(text, "Labels") or "") if label.strip()]
    bits = _simple_fact(text, "Resolution") or "0"
    if not rate or not labels or skip == 0:
        raise _damaged(path.name, "no rate or no labels", "Sampling Rate (Hz) and Labels")
    rate_hz = float(rate)
    table = parse_numbers(path, n_columns=len(labels), delimiter="whitespace", skip_lines=skip, encoding=encoding)
    whole = (Segment(first_sample=0, n_samples=table.n_rows, start_s=0.0),)
    channels, silent = [], []
    for label, column in zip(unique_names(labels), table.columns, strict=True):
        facts = PluxSensor(label=label, sensor="", device="", n_bits=int(float(bits)))
        channel = counts_channel(_compact(column), facts, rate_hz, whole, options)
        if channel is None:
            silent.append(label)
        else:
            channels.append(channel)
    if silent:
        raise unsaid_error(path.name, silent)
    return Recording(channels=tuple(channels), quality_flags=tuple(_damage_flags(table, rate_hz)))


def _starts(mark: str) -> Any:
    def detect(head: Head) -> bool:
        return head.text.lstrip("\ufeff").startswith(mark)

    return detect


FORMATS = (
    Format(name="OpenSignals text", suffixes=(".txt",), detect=_starts(_OPEN_SIGNALS), read=_read_open_signals),
    Format(name="BioSPPy text", suffixes=(".txt",), detect=_starts(_SIMPLE), read=_read_simple),
)
FORMAT = FORMATS[0]
