"""Intan .rhd and .rhs through neo: amplifier, auxiliary, supply, analogue and digital channels at their own rates."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import Scale, channel_of, gap_flag, kept, split_by_index, unique_names
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Channel, Device, Recording, RecordingSettings, Segment
from emgwidgets.units import is_voltage, microvolts_per

__all__ = ["FORMAT"]

#: First four bytes: "RHD2000 data file formats" and "RHS2000 data file formats", Intan Technologies.
_MAGIC = {0xC6912702: ".rhd", 0xD69127AC: ".rhs"}
_AMPLIFIER, _DC_AMPLIFIER = "0", "10"
"""Numbers of neo for the kinds of channel."""


@contextmanager
def _with_suffix(path: Path) -> Iterator[Path]:
    """The file under the suffix of its content; neo goes by the suffix."""
    with path.open("rb") as stream:
        (magic,) = struct.unpack("<I", stream.read(4).ljust(4, b"\0"))
    suffix = _MAGIC.get(magic)
    if suffix is None:
        raise ReadError(
            f"{path.name} is no Intan file", got=f"{magic:#010x}", expected="an Intan header", way_out="check the file"
        )
    if path.suffix == suffix:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / f"recording{suffix}"
        link.symlink_to(path.resolve())
        yield link


def _settings(info: dict[str, Any]) -> RecordingSettings:
    """Filters of the amplifier."""
    high_hz = float(info.get("actual_lower_bandwidth") or 0)
    if info.get("dsp_enabled"):
        high_hz = max(high_hz, float(info.get("actual_dsp_cutoff_frequency") or 0))
    low_hz = float(info.get("actual_upper_bandwidth") or 0)
    notch = str(info.get("notch_filter") or "").removesuffix("Hz")
    return RecordingSettings(
        high_pass_hz=high_hz if high_hz > 0 else None, low_pass_hz=low_hz if low_hz > 0 else None,
        notch_hz=float(notch) if notch.isdigit() else None,
    )  # fmt: skip


def _segments(reader: Any, rate_hz: float) -> tuple[tuple[Segment, ...], list[tuple[float, float]]]:
    stamps = np.asarray(reader.get_intan_timestamps()).astype(np.int64).ravel()
    if len(stamps) == 0:
        return (), []
    if (np.diff(stamps) <= 0).any():
        raise ReadError(
            "the sample numbers of the file go back", got="a sample number below the one before",
            expected="rising sample numbers", way_out="copy the file again from its source",
        )  # fmt: skip
    return split_by_index(stamps, len(stamps), rate_hz)


def _scaled(segments: tuple[Segment, ...], ratio: float, n_samples: int) -> tuple[Segment, ...]:
    """Segments of a channel at a lower rate: gaps lie between blocks, where all channels begin anew."""
    edges = [min(round(segment.first_sample * ratio), n_samples) for segment in segments] + [n_samples]
    return tuple(
        Segment(first_sample=first, n_samples=stop - first, start_s=segment.start_s)
        for segment, first, stop in zip(segments, edges[:-1], edges[1:], strict=True)
        if stop > first
    )


def _channels(reader: Any, segments: tuple[Segment, ...]) -> list[Channel]:
    header = reader.header["signal_channels"]
    streams = reader.header["signal_streams"]
    settings = _settings(reader._global_info)
    top_hz = float(reader._global_info["sampling_rate"])
    names = unique_names([str(row["name"]) or str(row["id"]) for row in header])
    channels = []
    for number, stream in enumerate(streams):
        rows = np.flatnonzero(header["stream_id"] == stream["id"])
        for position, row_index in enumerate(rows):
            row, name = header[row_index], names[row_index]
            n_samples = int(reader.get_signal_size(0, 0, number))
            values = reader.get_analogsignal_chunk(0, 0, 0, n_samples, number, channel_indexes=[position])
            amplifier = str(stream["id"]) == _AMPLIFIER
            # RHS2000: the DC amplifier inverts, -19.23 mV a step (Intan's own readers); neo leaves out the minus.
            sign = -1.0 if str(stream["id"]) == _DC_AMPLIFIER and row["gain"] > 0 else 1.0
            rate_hz = float(row["sampling_rate"])
            unit = str(row["units"])
            scale = Scale(unit="uV", factor=microvolts_per(unit)) if is_voltage(unit) else Scale(unit=unit)
            channels.append(
                channel_of(
                    name, np.ascontiguousarray(values[:, 0]), scale, rate_hz, gain=sign * float(row["gain"]),
                    offset=sign * float(row["offset"]), segments=_scaled(segments, rate_hz / top_hz, n_samples),
                    kind=None if amplifier else "other", settings=settings if amplifier else None,
                )
            )  # fmt: skip
    return channels


def _read(path: Path, options: ReadOptions) -> Recording:
    from neo.rawio.intanrawio import IntanRawIO

    with _with_suffix(path) as place:
        reader = IntanRawIO(filename=str(place), ignore_integrity_checks=True)
        reader.parse_header()
        rate_hz = float(reader._global_info["sampling_rate"])
        if not (np.isfinite(rate_hz) and rate_hz > 0):
            raise ReadError(
                f"{path.name} states no usable rate", got=f"{rate_hz} Hz", expected="a rate above 0 Hz",
                way_out="copy it again from its source",
            )  # fmt: skip
        segments, gaps = _segments(reader, rate_hz)
        if not segments:
            raise ReadError(
                f"{path.name} holds no sample", got="only a header", expected="at least one block of data",
                way_out="open the file that holds the data, or copy it again",
            )  # fmt: skip
        channels = _channels(reader, segments)
        texts = {f"note {i}": reader._global_info.get(f"note{i}") for i in (1, 2, 3)}
    return Recording(
        channels=tuple(channels), quality_flags=tuple(gap_flag(None, *gap) for gap in gaps),
        device=Device(maker="Intan Technologies", model="RHS2000" if reader.filename.suffix == ".rhs" else "RHD2000"),
        notes=("The three free notes of the header were dropped; they may name a person.",),
        identifiers=kept(options, texts),
    )  # fmt: skip


def _detect(head: Head) -> bool:
    return len(head.first_bytes) >= 4 and struct.unpack("<I", head.first_bytes[:4])[0] in _MAGIC


FORMAT = Format(name="Intan", suffixes=(".rhd", ".rhs"), detect=_detect, read=_read)
