"""What is selected, as a Recording, a table and a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.figures.trace import TracePicture, TraceRow
from emgwidgets.model.signal import ArraySamples, Channel, Recording, Segment
from emgwidgets.widgets.trace_viewer.channel_view import ChannelView, Piece

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["common_stretch", "cut_recording", "picture_of", "row_of", "selection_table"]

TABLE_SAMPLES = 5_000_000  # internal choice: a table longer than this is no longer a table
PICTURE_COLUMNS = 2000


def _cut(view: ChannelView, start_s: float, end_s: float, *, is_filtered: bool) -> Channel | None:
    segments: list[Segment] = []
    parts: list[NDArray[np.float64]] = []
    at = 0
    for segment in view.channel.segments:
        low = max(int(np.ceil((start_s - segment.start_s) * view.rate_hz - 1e-6)), 0)
        high = min(int(np.ceil((end_s - segment.start_s) * view.rate_hz - 1e-6)), segment.n_samples)
        if high <= low:
            continue
        first = segment.first_sample + low
        read = view.read_filtered if is_filtered else view.source.read_stored
        parts.append(np.array(read(first, first + high - low)))
        segments.append(Segment(first_sample=at, n_samples=high - low, start_s=segment.start_s + low / view.rate_hz))
        at += high - low
    if not parts:
        return None
    gain, offset = (1.0, 0.0) if is_filtered else (view.source.gain, view.source.offset)
    samples = ArraySamples(stored=np.concatenate(parts), gain=gain, offset=offset)
    return replace(view.channel, samples=samples, segments=tuple(segments))


def common_stretch(recording: Recording, start_s: float, end_s: float) -> tuple[float, float]:
    """Widen a stretch to where samples of all channels fall together, for formats that need equal stretches.

    It is left alone when the rates have no common whole divisor.
    """
    rates = {channel.sampling_rate_hz for channel in recording.channels}
    if not rates or any(rate_hz != int(rate_hz) for rate_hz in rates):
        return start_s, end_s
    grid_hz, zero_s = math.gcd(*map(int, rates)), recording.start_s
    first = math.floor((start_s - zero_s) * grid_hz + 1e-6) / grid_hz + zero_s
    last = math.ceil((end_s - zero_s) * grid_hz - 1e-6) / grid_hz + zero_s
    return max(first, recording.start_s), min(last, recording.end_s)


def cut_recording(
    recording: Recording, views: Sequence[ChannelView], start_s: float, end_s: float, *, is_filtered: bool = False
) -> Recording:
    """Return the stretch as a Recording on the same clock, with the marks and flags that touch it; samples are copied.

    Raises
    ------
    InputError
        If the stretch holds no sample.
    """
    channels = tuple(
        c for c in (_cut(view, start_s, end_s, is_filtered=is_filtered) for view in views) if c is not None
    )
    if not channels:
        raise InputError(
            "the selection holds no sample", got=f"{start_s:.4f} to {end_s:.4f} s", expected="a stretch with samples"
        )
    steps = sorted({step.text for view in views for step in view.chain.steps})
    repaired = [f"repaired places on {view.channel.name}" for view in views if view.n_repairs]
    note = f"changed in the viewer: {', '.join([*repaired, *steps]) or 'nothing'}"
    return replace(
        recording,
        channels=channels,
        sweeps=(),
        tables=(),
        stimuli=tuple(item for item in recording.stimuli if start_s <= item.time_s < end_s),
        annotations=tuple(item for item in recording.annotations if item.start_s < end_s and item.end_s >= start_s),
        quality_flags=tuple(item for item in recording.quality_flags if item.start_s < end_s and item.end_s >= start_s),
        notes=(*recording.notes, note) if is_filtered else recording.notes,
    )


def selection_table(selection: Recording) -> pd.DataFrame:
    """Return one row per sample: channel, time in s, value, unit.

    Raises
    ------
    InputError
        If there are more than five million samples.
    """
    import pandas as pd

    n = sum(channel.n_samples for channel in selection.channels)
    if n > TABLE_SAMPLES:
        raise InputError("the selection is too long for a table", got=f"{n} samples", expected=f"at most {TABLE_SAMPLES}",
                         way_out="select less, or write the recording to a file")  # fmt: skip
    tables = [
        pd.DataFrame(
            {"channel": channel.name, "time_s": channel.times_s(), "value": channel.read(), "unit": channel.unit}
        )
        for channel in selection.channels
    ]
    return pd.concat(tables, ignore_index=True)


def _line(pieces: Sequence[Piece]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    times: list[NDArray[np.float64]] = []
    values: list[NDArray[np.float64]] = []
    for piece in pieces:
        columns = piece.values  # noqa: PD011 - an array of ours, no table
        n = columns.shape[1]
        at = piece.start_s + piece.step_s * (np.arange(n) + (0.0 if piece.is_samples else 0.5))
        times += [np.repeat(at, columns.shape[0]), np.array([np.nan])]
        values += [columns.T.ravel(), np.array([np.nan])]
    if not times:
        return np.empty(0), np.empty(0)
    return np.concatenate(times), np.concatenate(values)


def row_of(
    view: ChannelView, start_s: float, end_s: float, *, per_division: float, centre: float, n_columns: int = PICTURE_COLUMNS,
    is_quick: bool = False, beneath: Sequence[ChannelView] = (), name: str = "",
) -> TraceRow:  # fmt: skip
    """One channel of a picture.

    Parameters
    ----------
    view : ChannelView
    start_s, end_s : float
    per_division, centre : float
        In the channel's unit.
    n_columns : int
        Columns of the picture.
    is_quick : bool
        Draw what is there at once, possibly nothing, instead of looking through or filtering a long channel first.
    beneath : sequence of ChannelView
        Other sweeps of the same place, drawn under this one.
    name : str
        Name of the row when it is not the channel's.
    """
    if not is_quick:
        view.build()
        if view.needs_filtering:
            view.build_filtered()
    raw = view.pieces(start_s, end_s, n_columns) or []
    filtered = view.filtered_pieces(start_s, end_s, n_columns)
    times_s, values = _line(filtered if filtered is not None else raw)
    raw_times_s, raw_values = _line(raw) if filtered is not None else (None, None)
    if beneath:
        shown = [
            one.filtered_pieces(start_s, end_s, n_columns) or one.pieces(start_s, end_s, n_columns) for one in beneath
        ]
        raw_times_s, raw_values = _line([piece for pieces in shown for piece in pieces or []])
    steps = (
        ", ".join([*(["repaired"] if view.n_repairs else []), *(step.text for step in view.chain.steps)])
        or "unfiltered"
    )
    unit = "\N{MICRO SIGN}V" if view.channel.is_voltage else view.channel.unit
    return TraceRow(
        name=name or view.channel.name,
        caption=f"{per_division:g} {unit}/div, {view.rate_hz:g} Hz, {steps}",
        unit=view.channel.unit,
        per_division=per_division,
        centre=centre,
        is_voltage=view.channel.is_voltage,
        times_s=times_s,
        values=values,
        raw_times_s=raw_times_s,
        raw_values=raw_values,
    )


def picture_of(
    title: str, start_s: float, end_s: float, *, per_division_s: float, rows: tuple[TraceRow, ...], words: str, is_sweeps: bool,
    stimuli_s: Sequence[float], cursors_s: Sequence[float | None], marks: Sequence[dict[str, object]], flags: Sequence[dict[str, object]],
) -> TracePicture:  # fmt: skip
    """Return everything a figure of the selection shows."""
    inside = [m for m in marks if m["start_s"] < end_s and m["end_s"] >= start_s]  # type: ignore[operator]
    cursors = tuple(
        (letter, t) for letter, t in zip("AB", cursors_s, strict=True) if t is not None and start_s <= t <= end_s
    )
    return TracePicture(
        title=title,
        caption=f"{per_division_s * 1000:g} ms/div, {words}",
        time_unit="ms" if is_sweeps else "s",
        stimuli_s=tuple(t for t in stimuli_s if start_s <= t <= end_s),
        start_s=start_s,
        end_s=end_s,
        per_division_s=per_division_s,
        rows=rows,
        cursors_s=cursors,
        marks=tuple(
            (float(str(m["start_s"])), float(str(m["end_s"])), str(m["label"]), m["status"] == "confirmed")
            for m in inside
        ),
        flags=tuple(
            (float(str(f["start_s"])), float(str(f["end_s"])), str(f["name"]))
            for f in flags
            if f["start_s"] < end_s and f["end_s"] >= start_s  # type: ignore[operator]
        ),
    )
