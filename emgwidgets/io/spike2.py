"""Spike2 (.smr, 32-bit) through neo: analogue channels at their own rates, sorted units, events and keyboard marks."""

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
from emgwidgets.model.signal import Annotation, Channel, QualityFlag, Recording

__all__ = ["FORMAT"]


def _check_blocks(path: Path, reader: Any) -> None:
    """Every data block must lie within the file, in order of time: neo fills missing ones with zeros."""
    n_file = path.stat().st_size
    for number, info in enumerate(reader._channel_infos):
        blocks = reader._all_data_blocks[number]
        if len(blocks) == 0:
            continue
        width = _item_bytes(info)
        ends = blocks["pos"].astype(np.int64) + blocks["size"].astype(np.int64) * width
        if (blocks["pos"] < 20).any() or (blocks["size"] < 0).any() or int(ends.max()) > n_file:
            raise ReadError(
                f"{path.name} is cut off or damaged", got=f"a data block ending at byte {int(ends.max())}",
                expected=f"at most {n_file} bytes", way_out="copy it again from its source",
            )  # fmt: skip
        if (np.diff(blocks["start_time"].astype(np.int64)) < 0).any() or int(blocks["size"].sum()) * width > n_file:
            raise ReadError(
                f"{path.name} is damaged", got="data blocks that are not in order", expected="blocks in order of time",
                way_out="open and save it again in Spike2",
            )  # fmt: skip


def _item_bytes(info: dict[str, Any]) -> int:
    from neo.rawio.spike2rawio import get_channel_dtype

    return int(get_channel_dtype(info).itemsize)


def _parse(path: Path) -> Any:
    from neo.rawio.spike2rawio import Spike2RawIO

    reader = Spike2RawIO(filename=str(path), ced_units=True, try_signal_grouping=False)
    reader.parse_header()
    _check_blocks(path, reader)
    return reader


def _channels(path: Path, reader: Any, options: ReadOptions) -> tuple[list[Channel], list[QualityFlag], list[str]]:
    header = reader.header["signal_channels"]
    n_segments = reader.segment_count(0)
    names = unique_names([str(row["name"]) for row in header])
    scales = emg_scales([str(row["units"]) for row in header], names, options, file_name=path.name)
    channels: list[Channel] = []
    flags: list[QualityFlag] = []
    for index, (row, name, scale) in enumerate(zip(header, names, scales, strict=True)):
        parts = [reader.get_analogsignal_chunk(0, part, stream_index=index)[:, 0] for part in range(n_segments)]
        starts_s = [float(reader.get_signal_t_start(0, part, index)) for part in range(n_segments)]
        rate_hz = float(row["sampling_rate"])
        segments, moved = in_order(segments_of_starts([len(part) for part in parts], starts_s), rate_hz, name)
        flags.extend(moved)
        flags.extend(gap_flags(segments, rate_hz, name))
        channels.append(
            channel_of(
                name, np.ascontiguousarray(np.concatenate(parts)), scale or Scale(unit=""), rate_hz, gain=float(row["gain"]),
                offset=float(row["offset"]), segments=segments,
            )
        )  # fmt: skip
    return channels, flags, [name for name, scale in zip(names, scales, strict=True) if scale is None]


def _units(reader: Any) -> list[Annotation]:
    """Firings of sorted units: wavemarks with their code."""
    rows = reader.header["spike_channels"]
    codes = [str(row["id"]).split("#")[-1] for row in rows]
    of_channel: dict[str, int] = {}
    for row, code in zip(rows, codes, strict=True):
        if code != "0":
            key = str(row["id"]).split("#", maxsplit=1)[0]
            of_channel[key] = of_channel.get(key, 0) + 1
    marks: list[Annotation] = []
    for index, (row, code) in enumerate(zip(rows, codes, strict=True)):
        several = of_channel.get(str(row["id"]).split("#", maxsplit=1)[0], 0) > 1
        label = f"unit {row['name']}" + (f" {code}" if several else "")
        if code == "0":
            label = f"unsorted {row['name']}"
        for part in range(reader.segment_count(0)):
            ticks = reader.get_spike_timestamps(block_index=0, seg_index=part, spike_channel_index=index)
            times_s = reader.rescale_spike_timestamp(ticks, dtype="float64")
            marks.extend(
                Annotation(start_s=float(time_s), label=label, status="proposed", note=f"wavemark code {code}")
                for time_s in times_s
            )
    return marks


def _events(reader: Any) -> list[Annotation]:
    """Events, keyboard marks and text marks."""
    marks: list[Annotation] = []
    for index, row in enumerate(reader.header["event_channels"]):
        kind = int(reader._channel_infos[int(row["id"])]["kind"])
        for part in range(reader.segment_count(0)):
            ticks, _, texts = reader.get_event_timestamps(block_index=0, seg_index=part, event_channel_index=index)
            times_s = reader.rescale_event_timestamp(ticks, dtype="float64", event_channel_index=index)
            for time_s, text in zip(times_s, texts, strict=True):
                marks.append(Annotation(start_s=float(time_s), label=_event_label(str(row["name"]), kind, str(text))))
    return marks


def _event_label(name: str, kind: int, text: str) -> str:
    if kind == 5 and text.lstrip("-").isdigit():  # a marker's code; the low byte is the key that was pressed
        code = int(text) & 0xFF
        return f"{name} {chr(code)}" if 32 < code < 127 else f"{name} {code}"
    return " ".join(f"{name} {text}".split())


def _read(path: Path, options: ReadOptions) -> Recording:
    reader = _parse(path)
    channels, flags, without = _channels(path, reader, options)
    marks = sorted([*_units(reader), *_events(reader)], key=lambda mark: mark.start_s)
    notes = ["The file comments and the date were dropped; they may name a person."]
    if without:
        notes.append(f"No unit in the file for {', '.join(without)}: plain numbers; state unit={{...}} to change that.")
    if any(mark.label.startswith("unit ") for mark in marks):
        notes.append("Firings of sorted units come from the file's own sorting and are marked as proposed.")
    if not channels and not marks:
        raise ReadError(
            f"{path.name} holds no channel with data", got="an empty file", expected="a recorded channel",
            way_out="check the file in Spike2",
        )  # fmt: skip
    return Recording(
        channels=tuple(channels),
        annotations=tuple(marks),
        quality_flags=tuple(flags),
        notes=tuple(notes),
        identifiers=kept(options, {f"comment {i}": reader._global_info.get(f"comment{i}") for i in range(1, 6)}),
    )


def _detect(head: Head) -> bool:
    return head.first_bytes[2:12] == b"(C) CED 87"


FORMAT = Format(name="Spike2", suffixes=(".smr",), detect=_detect, read=_read)
