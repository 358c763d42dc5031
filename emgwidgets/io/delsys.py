"""Delsys Trigno CSV export: one time column for each signal, unlike rates, ragged columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import Scale, channel_of, emg_scales, unique_names
from emgwidgets.io._text import MISSING, parse_numbers, read_text_head
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Channel, Device, QualityFlag, Recording, Segment

__all__ = ["FORMAT"]

_LABEL = re.compile(
    r"^Label:\s*(?P<name>.*?)\s+Sampling frequency:\s*(?P<rate>[0-9.eE+-]+)\s+Number of points:\s*(?P<n>\d+)"
    r"\s+start:\s*(?P<start>[0-9.eE+-]+)\s+Unit:\s*(?P<unit>.*?)\s+Domain Unit:\s*(?P<domain>\S+)\s*$"
)


@dataclass(frozen=True, kw_only=True)
class _Signal:
    name: str
    rate_hz: float
    n_points: int
    start_s: float
    unit: str


def _header(path: Path, text: str) -> tuple[list[_Signal], int, int]:
    """Signals, lines to skip and number of columns."""
    signals = []
    for number, line in enumerate(text.splitlines()):
        match = _LABEL.match(line)
        if match:
            if match["domain"] != "s":
                raise ReadError(
                    f"{path.name} counts time in {match['domain']!r}",
                    expected="seconds",
                    way_out="export it with seconds",
                )
            signals.append(
                _Signal(
                    name=match["name"], rate_hz=float(match["rate"]), n_points=int(match["n"]),
                    start_s=float(match["start"]), unit=match["unit"],
                )
            )  # fmt: skip
        elif line.startswith("X["):
            n_columns = line.count("X[") * 2
            if n_columns != 2 * len(signals):
                break
            return signals, number + 1, n_columns
    raise ReadError(
        f"{path.name} has no usable Trigno header", got=f"{len(signals)} labels",
        expected="one label line and two columns for each signal", way_out="export it again from the Delsys program",
    )  # fmt: skip


def _channel(
    name: str, signal: _Signal, values: np.ndarray, scale: Scale, damaged: tuple[int, ...]
) -> tuple[Channel, list[QualityFlag]]:
    """Channel of one value column; the empty tail of a shorter signal is no sample."""
    full = np.flatnonzero(np.isfinite(values))
    n_samples = int(full[-1]) + 1 if len(full) else 0
    inside = tuple(row for row in damaged if row < n_samples)
    flags = []
    if inside:
        flags.append(
            QualityFlag(
                kind="damaged_lines", channel=name, start_s=inside[0] / signal.rate_hz,
                end_s=(inside[-1] + 1) / signal.rate_hz, size=float(len(inside)), unit="lines",
                reason=f"{len(inside)} values could not be read and are missing; choose stretches without them.",
            )
        )  # fmt: skip
    segment = Segment(first_sample=0, n_samples=n_samples, start_s=signal.start_s)
    return channel_of(name, values[:n_samples].copy(), scale, signal.rate_hz, segments=(segment,)), flags


def _read(path: Path, options: ReadOptions) -> Recording:
    text, encoding = read_text_head(path)
    signals, skip, n_columns = _header(path, text)
    names = unique_names([signal.name for signal in signals])
    scales = emg_scales([signal.unit for signal in signals], names, options, file_name=path.name)
    wanted = list(range(1, n_columns, 2))
    table = parse_numbers(
        path, n_columns=n_columns, skip_lines=skip, encoding=encoding, missing=MISSING, numeric=wanted
    )
    channels, flags, short = [], [], []
    for index, (signal, name, scale) in enumerate(zip(signals, names, scales, strict=True)):
        channel, more = _channel(
            name, signal, table.columns[index], scale or Scale(unit=""), table.damaged.get(index, ())
        )
        if channel.n_samples < signal.n_points:
            short.append(channel)
        channels.append(channel)
        flags.extend(more)
    notes = []
    for channel in short:
        stated = next(signal.n_points for signal, name in zip(signals, names, strict=True) if name == channel.name)
        flags.append(
            QualityFlag(
                kind="missing", channel=channel.name, start_s=channel.end_s,
                end_s=channel.start_s + stated / channel.sampling_rate_hz, size=float(stated - channel.n_samples),
                unit="samples",
                reason=(
                    f"The header states {stated} points but the file holds {channel.n_samples}; the end is not there; "
                    "export the file again if it is needed."
                ),
            )
        )  # fmt: skip
    if short:
        notes.append(f"The file was shortened after the export: {len(short)} signals hold fewer points than stated.")
    return Recording(
        channels=tuple(channels), quality_flags=tuple(flags), notes=tuple(notes),
        device=Device(maker="Delsys", model="Trigno"),
    )  # fmt: skip


def _detect(head: Head) -> bool:
    first_line = head.text.lstrip("\ufeff").split("\n", 1)[0]
    return first_line.startswith("Label: ") and "Sampling frequency:" in first_line


FORMAT = Format(name="Delsys Trigno CSV", suffixes=(".csv",), detect=_detect, read=_read)
