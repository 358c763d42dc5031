"""Writer of WFDB records: ``.hea``, ``.dat`` and, where there are marks, ``.atr``.

Stored 16-bit integers are written unchanged (format 16); other values are rounded to the nearest of 2**32 steps (format
32), so they move by at most half a step.  A missing value, and each sample of a gap, becomes the number that WFDB defines
for it.  An interval becomes a pair of marks ``(label`` and ``label)`` at the nearest samples.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emgwidgets.errors import WriteError
from emgwidgets.io._atomic import atomic_file, check_folder
from emgwidgets.io._holdable import check_holdable, marks_of, value_range
from emgwidgets.io._wfdb_header import quiet_wfdb
from emgwidgets.model.signal import Annotation, Channel, Recording

__all__ = ["write_wfdb"]

_BLOCK = 1 << 18
_COMMENT_CODE = '"'
_MAX_NOTE = 250


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """How one channel is stored."""

    channel: Channel
    label: str
    n_per_frame: int
    adu_per_unit: float
    baseline: int
    is_exact: bool


def write_wfdb(recording: Recording, path: Path, *, drop: Sequence[str] = ()) -> None:
    """Write a WFDB record; ``path`` is the header or the signal file, the others stand beside it.

    Parameters
    ----------
    recording : Recording
        Channels whose rates are whole multiples of the lowest one; stimuli become annotations.
    path : Path
        Name of the header; letters, digits, ``_`` and ``-`` only.
    drop : sequence of str
        Parts to leave out: ``"sweeps"``, ``"tables"``.

    Raises
    ------
    WriteError
        If the format cannot hold the recording.
    """
    check_folder(path)
    check_holdable(recording, "WFDB", holds=("stimuli",), drop=drop)
    name = path.stem
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise WriteError(
            "WFDB does not allow this record name", got=repr(name), expected="letters, digits, _ and -",
            way_out="choose another file name",
        )  # fmt: skip
    if not recording.channels:
        raise WriteError(
            "WFDB cannot hold annotations without signals",
            got="no channel",
            expected="at least one",
            way_out="write .csv",
        )
    marks = marks_of(recording, stimuli="stimuli" not in drop)
    frame_rate_hz, counts, n_frames = _frames(recording)
    is_16_bit = all(_keeps_16_bits(channel) for channel in recording.channels)
    plans = [
        _plan(channel, label, count, is_16_bit=is_16_bit)
        for channel, label, count in zip(recording.channels, _labels(recording.channels), counts, strict=True)
    ]
    code = "<i2" if is_16_bit else "<i4"
    with atomic_file(path.with_suffix(".hea")) as header_file, atomic_file(path.with_suffix(".dat")) as signal_file:
        checks = _write_samples(signal_file, plans, recording.start_s, n_frames=n_frames, code=code)
        header = _header(name, plans, frame_rate_hz, n_frames, "16" if is_16_bit else "32", checks)
        header_file.write_text(header, encoding="utf-8")
        _write_marks(path, marks, plans, recording.start_s, frame_rate_hz * max(counts))


def _labels(channels: Sequence[Channel]) -> list[str]:
    labels = []
    for channel in channels:
        label = " ".join(channel.name.split())
        if label in labels or not label:
            raise WriteError(
                "WFDB needs channel names that are unlike", got=repr(channel.name), expected="unlike names",
                way_out="rename the channels",
            )  # fmt: skip
        labels.append(label)
    return labels


def _frames(recording: Recording) -> tuple[float, list[int], int]:
    """Frames per second, samples of each channel in a frame, and number of frames with the gaps in it."""
    slowest_hz = min(channel.sampling_rate_hz for channel in recording.channels)
    counts = [round(channel.sampling_rate_hz / slowest_hz) for channel in recording.channels]
    for channel, count in zip(recording.channels, counts, strict=True):
        if abs(count * slowest_hz / channel.sampling_rate_hz - 1) * channel.n_samples > 0.5:
            raise WriteError(
                "WFDB needs rates that are whole multiples of the lowest one",
                got=f"{channel.sampling_rate_hz:g} and {slowest_hz:g} Hz", expected="such rates",
                way_out="write .npz, or the channels of each rate to a record of their own",
            )  # fmt: skip
    n_frames = math.ceil(recording.duration_s * slowest_hz - 1e-6)
    for channel in recording.channels:
        for segment in channel.segments:
            place = (segment.start_s - recording.start_s) * channel.sampling_rate_hz
            if abs(place - round(place)) > 0.01:
                raise WriteError(
                    f"a stretch of channel {channel.name!r} begins between two samples of WFDB's one clock",
                    got=f"{segment.start_s:g} s", expected="a whole number of samples after the start",
                    way_out="write .edf or .npz, which keep the time of each stretch",
                )  # fmt: skip
    return slowest_hz, counts, n_frames


def _keeps_16_bits(channel: Channel) -> bool:
    kind = channel.samples.dtype
    if kind.kind != "i" or kind.itemsize > 2 or channel.samples.gain == 0:
        return False
    baseline = -channel.samples.offset / channel.samples.gain
    return abs(baseline - round(baseline)) < 0.1 and abs(baseline) < 2**31 and not _uses_lowest(channel)


def _uses_lowest(channel: Channel) -> bool:
    for start in range(0, channel.n_samples, _BLOCK):
        stored = channel.samples.read_stored(start, min(start + _BLOCK, channel.n_samples))
        if (stored == -32768).any():
            return True
    return False


def _plan(channel: Channel, label: str, n_per_frame: int, *, is_16_bit: bool) -> _Plan:
    if is_16_bit:
        gain, offset = channel.samples.gain, channel.samples.offset
        return _Plan(
            channel=channel, label=label, n_per_frame=n_per_frame, adu_per_unit=1.0 / gain, baseline=round(-offset / gain),
            is_exact=True,
        )  # fmt: skip
    low, high, _ = value_range(channel)
    middle, half = (low + high) / 2.0, max((high - low) / 2.0, 1e-12, abs(low + high) * 1e-9)
    adu_per_unit = float(f"{(2**30) / half:.9g}")
    return _Plan(
        channel=channel, label=label, n_per_frame=n_per_frame, adu_per_unit=adu_per_unit,
        baseline=round(np.clip(-middle * adu_per_unit, -(2**31) + 1, 2**31 - 1)) if abs(middle) <= half else 0,
        is_exact=False,
    ) if abs(middle) <= half else _far_from_zero(channel, label, n_per_frame, max(abs(low), abs(high)))  # fmt: skip


def _far_from_zero(channel: Channel, label: str, n_per_frame: int, largest: float) -> _Plan:
    adu_per_unit = float(f"{(2**30) / largest:.9g}")
    return _Plan(
        channel=channel, label=label, n_per_frame=n_per_frame, adu_per_unit=adu_per_unit, baseline=0, is_exact=False
    )


def _header(  # noqa: PLR0917
    name: str,
    plans: Sequence[_Plan],
    frame_rate_hz: float,
    n_frames: int,
    code: str,
    checks: Sequence[tuple[int, int]],
) -> str:
    lines = [f"{name} {len(plans)} {frame_rate_hz:.12g} {n_frames}"]
    for plan, (first, total) in zip(plans, checks, strict=True):
        frame = f"x{plan.n_per_frame}" if plan.n_per_frame > 1 else ""
        unit = re.sub(r"\s+", "_", plan.channel.unit) or "1"
        lines.append(
            f"{name}.dat {code}{frame} {plan.adu_per_unit:.17g}({plan.baseline})/{unit} {code} 0 {first} {total} 0 {plan.label}"
        )
    return "\n".join(lines) + "\n"


def _write_samples(
    path: Path, plans: Sequence[_Plan], zero_s: float, *, n_frames: int, code: str
) -> list[tuple[int, int]]:
    """Write all samples; returns the first number of each signal and the sum of its numbers as 16 bits with sign."""
    firsts, totals = [0] * len(plans), [0] * len(plans)
    step = max(_BLOCK // sum(plan.n_per_frame for plan in plans), 1)
    with path.open("wb") as stream:
        for first in range(0, n_frames, step):
            n = min(step, n_frames - first)
            parts = [
                _numbers(plan, zero_s, first * plan.n_per_frame, n * plan.n_per_frame, code).reshape(n, -1)
                for plan in plans
            ]
            totals = [total + int(part.sum()) for total, part in zip(totals, parts, strict=True)]
            if first == 0:
                firsts = [int(part[0, 0]) for part in parts]
            stream.write(np.hstack(parts).astype(code).tobytes())
    return [(first, (total + 0x8000) % 0x10000 - 0x8000) for first, total in zip(firsts, totals, strict=True)]


def _numbers(plan: _Plan, zero_s: float, first: int, n: int, code: str) -> NDArray[np.int64]:
    """Stored numbers of a stretch of the common clock; where nothing was recorded, the number for a missing value."""
    lowest = int(np.iinfo(np.dtype(code)).min)
    out = np.full(n, lowest, dtype=np.int64)
    channel = plan.channel
    for segment in channel.segments:
        place = round((segment.start_s - zero_s) * channel.sampling_rate_hz)
        start, stop = max(place, first), min(place + segment.n_samples, first + n)
        if stop <= start:
            continue
        begin = segment.first_sample + start - place
        if plan.is_exact:
            numbers = np.asarray(channel.samples.read_stored(begin, begin + stop - start)).astype(np.int64)
        else:
            values = channel.read(begin, begin + stop - start)
            missing = np.isnan(values)
            numbers = np.rint(np.where(missing, 0.0, values) * plan.adu_per_unit + plan.baseline).astype(np.int64)
            numbers[missing] = lowest
        out[start - first : stop - first] = numbers
    return out


def _write_marks(
    path: Path, marks: Sequence[Annotation], plans: Sequence[_Plan], zero_s: float, rate_hz: float
) -> None:
    target = path.with_suffix(".atr")
    if not marks:
        target.unlink(missing_ok=True)
        return
    names = [plan.channel.name for plan in plans]
    points: list[tuple[int, int, str, int]] = []
    for order, mark in enumerate(marks):
        i_channel = names.index(mark.channel) if mark.channel in names else -1
        start = round((mark.start_s - zero_s) * rate_hz)
        if start < 0 or len(mark.label.encode()) > _MAX_NOTE:
            raise WriteError(
                "WFDB cannot hold this annotation", got=f"{mark.start_s:g} s, {len(mark.label)} letters",
                expected=f"a start within the recording and at most {_MAX_NOTE} bytes", way_out="write .csv or .npz",
            )  # fmt: skip
        if mark.duration_s > 0:
            stop = round((mark.end_s - zero_s) * rate_hz)
            points += [(start, order, f"({mark.label}", i_channel), (stop, order, f"{mark.label})", i_channel)]
        else:
            points.append((start, order, mark.label, i_channel))
    points.sort(key=lambda point: point[:2])
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".atr-") as folder:
        with quiet_wfdb() as wfdb:
            wfdb.wrann(
                "marks", "atr", np.array([point[0] for point in points]), symbol=[_COMMENT_CODE] * len(points),
                aux_note=[point[2] for point in points], chan=np.array([max(point[3], 0) for point in points]),
                num=np.array([int(point[3] >= 0) for point in points]), fs=rate_hz, write_dir=folder,
            )  # fmt: skip
        with atomic_file(target) as temporary:
            temporary.write_bytes((Path(folder) / "marks.atr").read_bytes())
