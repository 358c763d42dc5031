"""Writers of EDF+ and BDF+: several rates, gaps as discontinuous files, annotations as TALs, never an identifier.

Stored integers that fit (16 bits in EDF+, 24 in BDF+) and whose limits the header's 8 characters can state are written
unchanged.  Other values are rounded to the nearest of 65536 (EDF+) or 16777216 (BDF+) steps between the smallest and the
largest value of their channel, so they move by at most half a step.  The file's time 0 is the recording's first sample.
Confidence, reader, status and note of an annotation, and the names of electrodes, have no place there.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from emgwidgets.errors import WriteError
from emgwidgets.io._atomic import atomic_file, check_folder
from emgwidgets.io._edf_layout import Layout, Scale, plan_records, plan_scale
from emgwidgets.io._edf_tal import encode_mark, encode_time
from emgwidgets.io._holdable import check_holdable, marks_of
from emgwidgets.io._prefilter import format_prefilter
from emgwidgets.model.signal import Annotation, Channel, Recording

__all__ = ["write_bdf", "write_edf"]

_BLOCK_BYTES = 1 << 22


def write_edf(
    recording: Recording, path: Path, *, fill_missing: float | None = None, pad: bool = False, drop: Sequence[str] = ()
) -> None:
    """Write EDF+ (continuous, or discontinuous where the recording has gaps).

    Parameters
    ----------
    recording : Recording
        Channels and annotations; stimuli become annotations.
    path : Path
        File to write; an existing one is replaced when the new one is complete.
    fill_missing : float, optional
        Value, in each channel's unit, written where a value is missing; each such stretch is marked ``missing``.
    pad : bool
        Allow a stretch to be lengthened to whole data records with its last value, marked ``padding``.
    drop : sequence of str
        Parts to leave out: ``"sweeps"``, ``"tables"``.

    Raises
    ------
    WriteError
        If the format cannot hold the recording.
    """
    _write(recording, path, "EDF+", fill_missing=fill_missing, pad=pad, drop=drop)


def write_bdf(
    recording: Recording, path: Path, *, fill_missing: float | None = None, pad: bool = False, drop: Sequence[str] = ()
) -> None:
    """Write BDF+, 24 bits a sample; otherwise as :func:`write_edf`.

    Raises
    ------
    WriteError
        If the format cannot hold the recording.
    """
    _write(recording, path, "BDF+", fill_missing=fill_missing, pad=pad, drop=drop)


def _write(
    recording: Recording, path: Path, format_name: str, *, fill_missing: float | None, pad: bool, drop: Sequence[str]
) -> None:
    check_folder(path)
    check_holdable(recording, format_name, holds=("stimuli",), drop=drop)
    n_bytes = 2 if format_name == "EDF+" else 3
    zero_s = recording.start_s
    channels = recording.channels
    labels = _labels(channels)
    marks = [
        replace(mark, start_s=mark.start_s - zero_s) for mark in marks_of(recording, stimuli="stimuli" not in drop)
    ]
    scales: list[Scale] = []
    for channel in channels:
        scale, n_missing = plan_scale(channel, format_name, n_bits=8 * n_bytes)
        if n_missing and fill_missing is None:
            raise WriteError(
                f"{format_name} cannot hold missing values", got=f"{n_missing} in channel {channel.name!r}", expected="none",
                way_out="write .npz or .csv, or state what to put there with fill_missing=0.0; each place is marked",
            )  # fmt: skip
        if n_missing:
            filled = min(max(fill_missing or 0.0, min(_ends(scale))), max(_ends(scale)))
            if filled != fill_missing:
                raise WriteError(
                    f"fill_missing is outside the range of channel {channel.name!r}", got=f"{fill_missing:g}",
                    expected="a value between its smallest and largest", way_out="choose another value",
                )  # fmt: skip
            marks += _missing_marks(channel, zero_s)
        scales.append(scale)
    if channels:
        layout = plan_records(channels, format_name, sample_bytes=n_bytes, pad=pad)
        marks += _padding_marks(channels, layout, zero_s)
    else:
        layout = Layout(record_s=0.0, record_text="0", n_per_record=(), stretches=((zero_s, 1),))
    lists, n_list_bytes = _lists(
        sorted(marks, key=lambda mark: mark.start_s),
        layout,
        dict(zip([c.name for c in channels], labels, strict=True)),
        zero_s,
        n_bytes,
    )
    with atomic_file(path) as temporary, temporary.open("wb") as stream:
        stream.write(
            _header(channels, labels, scales, layout, n_list_samples=n_list_bytes // n_bytes, format_name=format_name)
        )
        _write_records(stream, channels, scales, layout, lists=lists, n_bytes=n_bytes, fill_missing=fill_missing)


def _ends(scale: Scale) -> tuple[float, float]:
    return scale.digital_min * scale.gain + scale.offset, scale.digital_max * scale.gain + scale.offset


def _labels(channels: Sequence[Channel]) -> list[str]:
    """Names of at most 16 printable ASCII characters, all unlike; a changed name is warned about."""
    labels: list[str] = []
    for channel in channels:
        plain = channel.name.encode("ascii", errors="replace").decode()
        plain = "".join(letter if letter.isprintable() else " " for letter in plain).strip() or "channel"
        label, i = plain[:16].strip(), 1
        while label in labels or label in {"EDF Annotations", "BDF Annotations"}:
            i += 1
            label = f"{plain[: 16 - len(str(i)) - 1].strip()}~{i}"
        if label != channel.name:
            warnings.warn(
                f"channel {channel.name!r} is written as {label!r}: the format has 16 ASCII characters", stacklevel=5
            )
        labels.append(label)
    return labels


def _missing_marks(channel: Channel, zero_s: float) -> list[Annotation]:
    marks = []
    for segment in channel.segments:
        missing = np.isnan(channel.read(segment.first_sample, segment.first_sample + segment.n_samples))
        edges = np.flatnonzero(np.diff(np.concatenate(([False], missing, [False])).astype(np.int8)))
        for first, stop in zip(edges[::2], edges[1::2], strict=True):
            start_s = segment.start_s + float(first) / channel.sampling_rate_hz - zero_s
            duration_s = float(stop - first) / channel.sampling_rate_hz
            marks.append(Annotation(start_s=start_s, duration_s=duration_s, label="missing", channel=channel.name))
    return marks


def _padding_marks(channels: Sequence[Channel], layout: Layout, zero_s: float) -> list[Annotation]:
    marks = []
    for channel, n_per_record in zip(channels, layout.n_per_record, strict=True):
        for segment, (start_s, n_records) in zip(channel.segments, layout.stretches, strict=True):
            n_padded = n_records * n_per_record - segment.n_samples
            if n_padded > 0:
                end_s = start_s - zero_s + segment.n_samples / channel.sampling_rate_hz
                duration_s = n_padded / channel.sampling_rate_hz
                marks.append(Annotation(start_s=end_s, duration_s=duration_s, label="padding", channel=channel.name))
    return marks


def _lists(
    marks: Sequence[Annotation], layout: Layout, label_of: dict[str, str], zero_s: float, sample_bytes: int
) -> tuple[list[bytes], int]:
    """Annotation bytes of each record, all of one length; marks go in order of time to where there is room."""
    times = [encode_time(start_s - zero_s + i * layout.record_s) for start_s, n in layout.stretches for i in range(n)]
    encoded = [encode_mark(mark, label_of.get(mark.channel) if mark.channel else None) for mark in marks]
    longest = max((len(piece) for piece in encoded), default=0)
    room = max(len(time) for time in times) + longest + -(-sum(map(len, encoded)) // len(times))
    room = -(-room // sample_bytes) * sample_bytes
    lists, i_mark = [], 0
    for time in times:
        content = time
        while i_mark < len(encoded) and len(content) + len(encoded[i_mark]) <= room:
            content += encoded[i_mark]
            i_mark += 1
        lists.append(content.ljust(room, b"\0"))
    return lists, room


def _fields(texts: Sequence[str], width: int) -> bytes:
    return b"".join(text.encode("ascii", errors="replace")[:width].ljust(width) for text in texts)


def _header(
    channels: Sequence[Channel],
    labels: Sequence[str],
    scales: Sequence[Scale],
    layout: Layout,
    *,
    n_list_samples: int,
    format_name: str,
) -> bytes:
    is_bdf = format_name == "BDF+"
    n_signals = len(channels) + 1
    flavour = f"{format_name}{'D' if len(layout.stretches) > 1 else 'C'}"
    limit = ("-8388608", "8388607") if is_bdf else ("-32768", "32767")
    head = b"\xffBIOSEMI" if is_bdf else b"0       "
    head += _fields(("X X X X",), 80) + _fields(("Startdate X X X X",), 80) + _fields(("01.01.85", "00.00.00"), 8)
    head += _fields((str(256 * (n_signals + 1)),), 8) + _fields((flavour,), 44)
    head += _fields((str(layout.n_records), layout.record_text), 8) + _fields((str(n_signals),), 4)
    columns: tuple[tuple[list[str], int], ...] = (
        ([*labels, "BDF Annotations" if is_bdf else "EDF Annotations"], 16),
        ([*(channel.settings.electrode or "" for channel in channels), ""], 80),
        ([*(scale.unit for scale in scales), ""], 8),
        ([*(scale.physical_min for scale in scales), "-1"], 8),
        ([*(scale.physical_max for scale in scales), "1"], 8),
        ([*(str(scale.digital_min) for scale in scales), limit[0]], 8),
        ([*(str(scale.digital_max) for scale in scales), limit[1]], 8),
        ([*(format_prefilter(channel.settings) for channel in channels), ""], 80),
        ([*(str(n) for n in layout.n_per_record), str(n_list_samples)], 8),
        ([""] * n_signals, 32),
    )
    for channel, scale in zip(channels, scales, strict=True):
        if len(scale.unit) > 8 or not scale.unit.isascii():
            raise WriteError(
                f"the unit of channel {channel.name!r} does not fit {format_name}", got=repr(scale.unit),
                expected="at most 8 ASCII characters", way_out="write .npz, or read the file with another unit",
            )  # fmt: skip
    return head + b"".join(_fields(texts, width) for texts, width in columns)


def _write_records(
    stream: BinaryIO, channels: Sequence[Channel], scales: Sequence[Scale], layout: Layout, *,
    lists: Sequence[bytes], n_bytes: int, fill_missing: float | None,
) -> None:  # fmt: skip
    record_bytes = n_bytes * sum(layout.n_per_record) + len(lists[0])
    step = max(_BLOCK_BYTES // max(record_bytes, 1), 1)
    i_list = 0
    for i_stretch, (_, n_records) in enumerate(layout.stretches):
        for first in range(0, n_records, step):
            n = min(step, n_records - first)
            parts = [
                _block(
                    channel, scale, i_stretch, first * count, n * count, n_bytes=n_bytes, fill_missing=fill_missing
                ).reshape(n, count * n_bytes)
                for channel, scale, count in zip(channels, scales, layout.n_per_record, strict=True)
            ]
            marks = np.frombuffer(b"".join(lists[i_list : i_list + n]), dtype=np.uint8).reshape(n, -1)
            stream.write(np.hstack([*parts, marks]).tobytes())
            i_list += n


def _block(
    channel: Channel, scale: Scale, i_stretch: int, first: int, n: int, *, n_bytes: int, fill_missing: float | None
) -> NDArray[np.uint8]:
    """Bytes of ``n`` samples from ``first`` on within one stretch; past its end the last value is repeated."""
    segment = channel.segments[i_stretch]
    start = segment.first_sample + min(first, segment.n_samples - 1)
    stop = segment.first_sample + min(first + n, segment.n_samples)
    stop = max(stop, start + 1)
    numbers: NDArray[Any]
    if scale.is_exact:
        numbers = np.asarray(channel.samples.read_stored(start, stop)).astype(np.int32)
    else:
        values = channel.read(start, stop)
        if fill_missing is not None:
            values = np.where(np.isnan(values), fill_missing, values)
        numbers = np.rint((values - scale.offset) / scale.gain)
        numbers = np.clip(numbers, scale.digital_min, scale.digital_max).astype(np.int32)
    if len(numbers) < n:
        numbers = np.concatenate([numbers, np.full(n - len(numbers), numbers[-1], dtype=np.int32)])
    if n_bytes == 2:
        return numbers.astype("<i2").view(np.uint8)
    return np.ascontiguousarray(numbers.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3]).reshape(-1)
