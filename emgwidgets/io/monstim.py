"""CSV of MonStim Plotter: stimulus-locked sweeps of M waves and H reflexes with the stimulus voltage of each."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import Scale, channel_of
from emgwidgets.io._text import NumberTable, parse_numbers, read_text_head
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Channel, Recording, Segment, Stimulus, Sweep

__all__ = ["FORMAT"]

#: Column names of the export; ``time_point`` is milliseconds after the stimulus, ``stimulus_V`` the stimulus voltage.
_COLUMNS = ("recording_index", "channel_index", "stimulus_V", "time_point", "amplitude_mV")


def _edges(path: Path, table: NumberTable) -> list[tuple[int, int]]:
    """First and last row (exclusive) of each sweep."""
    key = np.stack(table.columns[:3])
    time_ms = table.columns[3]
    if not np.isfinite(key).all() or not np.isfinite(time_ms).all():
        raise ReadError(
            f"{path.name} is damaged", got="a row without sweep number, stimulus or time", expected="five numbers in a row",
            way_out="export it again from MonStim",
        )  # fmt: skip
    new = (np.diff(key, axis=1) != 0).any(axis=0) | (np.diff(time_ms) <= 0)
    starts = np.concatenate(([0], np.flatnonzero(new) + 1))
    stops = np.concatenate((starts[1:], [table.n_rows]))
    return [(int(start), int(stop)) for start, stop in zip(starts, stops, strict=True)]


def _rate_hz(path: Path, table: NumberTable, edges: list[tuple[int, int]]) -> float:
    """Rate common to all sweeps."""
    time_ms = table.columns[3]
    steps_ms = [(time_ms[stop - 1] - time_ms[start]) / (stop - start - 1) for start, stop in edges if stop - start > 1]
    if not steps_ms or min(steps_ms) <= 0 or max(steps_ms) - min(steps_ms) > 1e-3 * min(steps_ms):
        raise ReadError(
            f"{path.name} has sweeps of unlike rates", got="steps that differ", expected="one step in all sweeps",
            way_out="export the recordings one by one",
        )  # fmt: skip
    for start, stop in edges:
        inner = np.diff(time_ms[start:stop])
        if len(inner) and np.abs(inner - steps_ms[0]).max() > 0.5 * steps_ms[0]:
            raise ReadError(
                f"{path.name} misses samples inside a sweep", got=f"a step of {inner.max():.4g} ms",
                expected=f"{steps_ms[0]:.4g} ms", way_out="export it again from MonStim",
            )  # fmt: skip
    return float(round(1000.0 / float(np.median(steps_ms)), 6))


def _laid_out(name: str, parts: list[np.ndarray], rate_hz: float) -> Channel:
    """Sweeps end to end."""
    segments, first = [], 0
    for part in parts:
        segments.append(Segment(first_sample=first, n_samples=len(part), start_s=first / rate_hz))
        first += len(part)
    stored = np.concatenate(parts)
    return channel_of(name, stored, Scale(unit="uV", factor=1000.0), rate_hz, segments=tuple(segments), kind="emg")


def _read(path: Path, options: ReadOptions) -> Recording:  # noqa: ARG001 (units stand in the column names)
    _, encoding = read_text_head(path)
    table = parse_numbers(path, n_columns=5, skip_lines=1, encoding=encoding)
    edges = _edges(path, table)
    rate_hz = _rate_hz(path, table, edges)
    sweeps: list[Sweep] = []
    parts: dict[str, list[np.ndarray]] = {}
    stimuli: list[Stimulus] = []
    for start, stop in edges:
        name = f"channel {int(table.columns[1][start])}"
        voltage_v = float(table.columns[2][start])
        start_ms = float(table.columns[3][start])
        values_mv = table.columns[4][start:stop]
        sweeps.append(
            Sweep(
                samples_uv=values_mv * 1000.0, sampling_rate_hz=rate_hz, start_ms=start_ms, channel=name,
                stimulus=Stimulus(time_s=0.0, voltage_v=voltage_v),
            )
        )  # fmt: skip
        before = sum(len(part) for part in parts.get(name, []))
        parts.setdefault(name, []).append(values_mv)
        if len(parts) == 1:
            stimuli.append(Stimulus(time_s=before / rate_hz - start_ms / 1000.0, voltage_v=voltage_v))
    n_bad = len(table.damaged_rows)
    notes = [
        "Sweeps are laid end to end in the channels because the file has no times between them.",
        *([f"{n_bad} values could not be read and are missing."] if n_bad else []),
    ]
    return Recording(
        channels=tuple(_laid_out(name, columns, rate_hz) for name, columns in parts.items()), sweeps=tuple(sweeps),
        stimuli=tuple(stimuli), notes=tuple(notes),
    )  # fmt: skip


def _detect(head: Head) -> bool:
    first = head.text.lstrip("\ufeff").split("\n", 1)[0].strip()
    return tuple(cell.strip().strip('"') for cell in first.split(",")) == _COLUMNS


FORMAT = Format(name="MonStim CSV", suffixes=(".csv",), detect=_detect, read=_read)
