"""Axon Binary Format 1 and 2 through neo; an episodic file becomes one channel with a stretch for each sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import (
    Scale,
    channel_of,
    emg_scales,
    gap_flags,
    in_order,
    kept,
    segments_of_starts,
    unique_names,
)
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Annotation, Recording

__all__ = ["FORMAT"]


def _read(path: Path, options: ReadOptions) -> Recording:
    from neo.rawio.axonrawio import AxonRawIO

    reader = AxonRawIO(filename=str(path))
    reader.parse_header()
    header = reader.header["signal_channels"]
    n_sweeps = reader.segment_count(0)
    sizes = [int(reader.get_signal_size(0, sweep, 0)) for sweep in range(n_sweeps)]
    if not 0 < len(header) * sum(sizes) <= path.stat().st_size:
        raise ReadError(
            f"{path.name} holds no whole sweep", got=f"{len(header)} channels of {sum(sizes)} samples",
            expected="samples within the file", way_out="copy it again from its source",
        )  # fmt: skip
    names = unique_names([str(row["name"]) for row in header])
    scales = emg_scales([str(row["units"]) for row in header], names, options, file_name=path.name)
    rate_hz = float(header[0]["sampling_rate"])
    starts_s = [float(reader.get_signal_t_start(0, sweep, 0)) for sweep in range(n_sweeps)]
    segments, moved = in_order(segments_of_starts(sizes, starts_s), rate_hz, None)
    channels = []
    for index, (row, name, scale) in enumerate(zip(header, names, scales, strict=True)):
        parts = [
            reader.get_analogsignal_chunk(0, sweep, stream_index=0, channel_indexes=[index])[:, 0]
            for sweep in range(n_sweeps)
        ]
        channels.append(
            channel_of(
                name, np.ascontiguousarray(np.concatenate(parts)), scale or Scale(unit=""), rate_hz, gain=float(row["gain"]),
                offset=float(row["offset"]), segments=segments,
            )
        )  # fmt: skip
    notes = ["The date, the protocol's path and the program's names were dropped."]
    if n_sweeps > 1:
        notes.append(
            f"The file is made of {n_sweeps} sweeps; each is one stretch of the channel at its time in the file."
        )
    return Recording(
        channels=tuple(channels), annotations=_tags(reader, n_sweeps), notes=tuple(notes),
        identifiers=kept(options, {"date": reader._axon_info.get("rec_datetime")}),
        quality_flags=(*moved, *gap_flags(segments, rate_hz)),
    )  # fmt: skip


def _tags(reader: Any, n_sweeps: int) -> tuple[Annotation, ...]:
    """Tags a user set while recording."""
    marks = []
    if n_sweeps:
        times, _, labels = reader.get_event_timestamps(block_index=0, seg_index=0, event_channel_index=0)
        times_s = reader.rescale_event_timestamp(times, dtype="float64", event_channel_index=0)
        marks = [
            Annotation(start_s=float(time_s), label=f"tag {label}".strip())
            for time_s, label in zip(times_s, labels, strict=True)
        ]
    return tuple(marks)


def _detect(head: Head) -> bool:
    return head.first_bytes.startswith((b"ABF ", b"ABF2"))


FORMAT = Format(name="ABF", suffixes=(".abf",), detect=_detect, read=_read)
