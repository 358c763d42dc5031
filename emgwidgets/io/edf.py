"""EDF, EDF+ and BDF, BDF+ (continuous and discontinuous) to a Recording whose samples stay in the file until looked at.

The values are those the header's ranges give; nothing is filtered, resampled or guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emgwidgets.errors import ReadError
from emgwidgets.io._build import gap_flag
from emgwidgets.io._edf_header import EdfHeader, EdfSignal, parse_header
from emgwidgets.io._edf_tal import RecordMarks, parse_record
from emgwidgets.io._edf_write import write_bdf, write_edf
from emgwidgets.io._packed import PackedSamples, map_bytes
from emgwidgets.io._prefilter import parse_prefilter
from emgwidgets.io._stated import check_read_options, kind_of, resolve_unit
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import (
    Annotation,
    Channel,
    FileOrigin,
    QualityFlag,
    Recording,
    RecordingSettings,
    Segment,
)

__all__ = ["FORMATS", "read_edf"]

_RECORDS_AT_ONCE = 4096
OPTIONS = ("allow_truncated", "skip_channels", "ignore_record_times")


@dataclass(frozen=True, kw_only=True)
class _Run:
    """Data records without a gap: from ``first_record``, ``n_records`` of them, beginning at ``start_s``."""

    first_record: int
    n_records: int
    start_s: float


def _detect_edf(head: Head) -> bool:
    first = head.first_bytes
    return first[:8] == b"0       " and len(first) >= 192 and first[184:192].strip().isdigit()


def _detect_bdf(head: Head) -> bool:
    return head.first_bytes[:8] == b"\xffBIOSEMI"


def read_edf(path: Path, options: ReadOptions) -> Recording:
    """Read an EDF or BDF file of any flavour, lazily.

    Options: ``allow_truncated=True`` opens what is there when the file and its header disagree on the number of data
    records; ``skip_channels=("label", ...)`` leaves channels out; ``ignore_record_times=True`` takes the records as
    continuous whatever their time stamps say.

    Raises
    ------
    ReadError
        If the header is damaged, records are missing, or a unit is not known.
    """
    check_read_options(options, OPTIONS, file_name=path.name)
    header = parse_header(path)
    flags = list(_check_complete(header, path.name, allow=bool(options.options.get("allow_truncated"))))
    frames = map_bytes(
        path, offset=header.n_header_bytes, n_frames=header.n_whole if header.record_bytes else 0,
        frame_bytes=header.record_bytes,
    )  # fmt: skip
    ordinary = _ordinary_signals(header, options, path.name)
    marks = _read_marks(header, frames, [signal.label for signal in ordinary])
    notes: list[str] = []
    n_damaged = sum(record.n_damaged for record in marks)
    if n_damaged:
        reason = (
            f"{n_damaged} annotation lists of the file cannot be read; marks may be missing; compare with the source."
        )
        flags.append(QualityFlag(
            kind="damaged_lines", channel=None, start_s=0.0, end_s=0.0, size=n_damaged, unit="lists", reason=reason
        ))  # fmt: skip
    record_s, zero_s = _clock(header, ordinary, marks, options, path.name)
    runs = _runs(header, ordinary, marks, record_s=record_s, zero_s=zero_s, options=options, name=path.name)
    channels = tuple(
        _channel(signal, header, frames, runs, record_s=record_s, options=options, name=path.name)
        for signal in ordinary
        if signal.n_per_record
    )
    notes += [f"signal {signal.label!r} has no samples." for signal in ordinary if not signal.n_per_record]
    flags += _gap_flags(runs, record_s)
    if header.identifiers and not options.keep_identifiers:
        notes.append(
            "Fields that identify the patient, the examination or its day were dropped (keep_identifiers=True keeps them)."
        )
    return Recording(
        channels=channels, annotations=_annotations(marks, zero_s), quality_flags=tuple(flags), notes=tuple(notes),
        origin=FileOrigin(format=header.kind, name=path.name, n_bytes=path.stat().st_size),
        identifiers=dict(header.identifiers) if options.keep_identifiers else {},
    )  # fmt: skip


def _check_complete(header: EdfHeader, name: str, *, allow: bool) -> tuple[QualityFlag, ...]:
    """Nothing, or one flag that says what is missing; a ReadError unless that is allowed."""
    if header.n_records == header.n_whole and not header.n_loose_bytes:
        return ()
    if header.record_bytes == 0 and not header.n_loose_bytes:
        return ()
    said = "an unknown number of" if header.n_records < 0 else str(header.n_records)
    there = f"{header.n_whole} whole data records" + (
        f" and {header.n_loose_bytes} loose bytes" if header.n_loose_bytes else ""
    )
    missing_s = max(header.n_records - header.n_whole, 0) * header.record_s
    if not allow:
        raise ReadError(
            f"{name} is not whole: its header promises {said} data records" + (f", {missing_s:g} s are missing" if missing_s else ""),
            got=there, expected=f"{said} data records of {header.record_bytes} bytes",
            way_out="copy the file again from its source, or open what is there with allow_truncated=True",
        )  # fmt: skip
    end_s = header.n_whole * header.record_s
    reason = (
        f"The header promises {said} data records and the file holds {there}; only these are shown; "
        "copy the file again from its source."
    )
    return (QualityFlag(
        kind="missing", channel=None, start_s=end_s, end_s=end_s + missing_s, size=missing_s, unit="s", reason=reason
    ),)  # fmt: skip


def _ordinary_signals(header: EdfHeader, options: ReadOptions, name: str) -> tuple[EdfSignal, ...]:
    skipped = options.options.get("skip_channels", ())
    skipped = (skipped,) if isinstance(skipped, str) else tuple(skipped)
    ordinary = tuple(signal for signal in header.signals if not signal.is_annotations)
    labels = [signal.label for signal in ordinary]
    for label in skipped:
        if label not in labels:
            raise ReadError(
                f"{name} has no channel to skip of this name", got=repr(label), expected=f"one of {labels}",
                way_out="correct skip_channels=(...)",
            )  # fmt: skip
    if any(signal.n_per_record for signal in ordinary) and header.n_whole == 0:
        raise ReadError(
            f"{name} holds a header but no data", got="0 data records", expected="at least one",
            way_out="copy the file again from its source",
        )  # fmt: skip
    return tuple(signal for signal in ordinary if signal.label not in skipped)


def _read_marks(header: EdfHeader, frames: NDArray[np.uint8], names: list[str]) -> list[RecordMarks]:
    width = header.sample_bytes
    places = [
        (signal.first_byte, signal.first_byte + signal.n_per_record * width)
        for signal in header.signals
        if signal.is_annotations and signal.n_per_record
    ]
    if not places or "+" not in header.kind:
        return []
    known = frozenset(names)
    plain = np.asarray(frames)
    found: list[RecordMarks] = []
    for begin in range(0, len(plain), _RECORDS_AT_ONCE):
        block = plain[begin : begin + _RECORDS_AT_ONCE]
        parts = [block[:, first:stop].tobytes() for first, stop in places]
        widths = [stop - first for first, stop in places]
        for row in range(len(block)):
            lists = [part[row * n : (row + 1) * n] for part, n in zip(parts, widths, strict=True)]
            found.append(parse_record(lists, known))
    return found


def _clock(
    header: EdfHeader, ordinary: tuple[EdfSignal, ...], marks: list[RecordMarks], options: ReadOptions, name: str
) -> tuple[float, float]:
    """Duration of a record and the file time of the first sample, which is the recording's zero."""
    zero_s = marks[0].start_s if marks and marks[0].start_s is not None and ordinary else 0.0
    counts = {signal.n_per_record for signal in ordinary if signal.n_per_record}
    if header.record_s > 0 or not counts:
        return header.record_s, zero_s
    if options.sampling_rate_hz is None:
        raise ReadError(
            f"{name} has data records of 0 s, so its samples have no rate", got="unevenly timed samples",
            expected="a rate", way_out="state sampling_rate_hz=... if the samples are evenly spaced",
        )  # fmt: skip
    if len(counts) > 1:
        raise ReadError(
            f"{name} has data records of 0 s and unlike numbers of samples", got=f"{sorted(counts)} per record",
            expected="one number", way_out="choose channels with skip_channels=(...)",
        )  # fmt: skip
    return counts.pop() / options.sampling_rate_hz, zero_s


def _runs(
    header: EdfHeader, ordinary: tuple[EdfSignal, ...], marks: list[RecordMarks], *, record_s: float, zero_s: float,
    options: ReadOptions, name: str,
) -> tuple[_Run, ...]:  # fmt: skip
    whole = (_Run(first_record=0, n_records=header.n_whole, start_s=0.0),)
    starts = [record.start_s for record in marks]
    stated = header.record_s > 0 and bool(starts) and all(start is not None for start in starts)
    if not ordinary or options.options.get("ignore_record_times") or header.record_s == 0:
        return whole
    if not stated:
        if header.kind.endswith("+D"):
            raise ReadError(
                f"{name} has gaps but not every data record says when it begins", got="records without a time stamp",
                expected="a time stamp in each", way_out="read it as continuous with ignore_record_times=True",
            )  # fmt: skip
        return whole
    starts_s = np.array(starts, dtype=np.float64) - zero_s
    fastest = max((signal.n_per_record for signal in ordinary), default=1) or 1
    jumps_s = np.diff(starts_s) - record_s
    if np.any(jumps_s < -0.5 * record_s / fastest):
        where = int(np.argmax(jumps_s < -0.5 * record_s / fastest)) + 1
        raise ReadError(
            f"data record {where + 1} of {name} begins before the one ahead of it ends",
            got=f"{starts_s[where]:g} s", expected=f"at least {starts_s[where - 1] + record_s:g} s",
            way_out="read the records as continuous with ignore_record_times=True",
        )  # fmt: skip
    firsts = [0, *(int(i) + 1 for i in np.flatnonzero(jumps_s > 0.5 * record_s / fastest))]
    stops = [*firsts[1:], header.n_whole]
    return tuple(
        _Run(first_record=first, n_records=stop - first, start_s=float(starts_s[first]))
        for first, stop in zip(firsts, stops, strict=True)
    )


def _gap_flags(runs: tuple[_Run, ...], record_s: float) -> list[QualityFlag]:
    return [
        gap_flag(None, before.start_s + before.n_records * record_s, after.start_s) for before, after in pairwise(runs)
    ]


def _calibration(signal: EdfSignal, name: str) -> tuple[float, float]:
    if signal.digital_max <= signal.digital_min or signal.physical_max == signal.physical_min:
        raise ReadError(
            f"channel {signal.label!r} of {name} has no calibration",
            got=f"physical {signal.physical_min:g} to {signal.physical_max:g}, digital {signal.digital_min:g} to {signal.digital_max:g}",
            expected="two unlike physical limits and rising digital limits",
            way_out=f'leave it out with skip_channels=("{signal.label}",)',
        )  # fmt: skip
    gain = (signal.physical_max - signal.physical_min) / (signal.digital_max - signal.digital_min)
    return gain, signal.physical_min - signal.digital_min * gain


def _channel(
    signal: EdfSignal, header: EdfHeader, frames: NDArray[np.uint8], runs: tuple[_Run, ...], *, record_s: float,
    options: ReadOptions, name: str,
) -> Channel:  # fmt: skip
    unit, factor = resolve_unit(signal.dimension, signal.label, options, file_name=name)
    gain, offset = _calibration(signal, name)
    limits = sorted((signal.physical_min * factor, signal.physical_max * factor))
    corners = parse_prefilter(signal.prefilter)
    settings = RecordingSettings(
        electrode=signal.transducer or None, converter_range=(limits[0], limits[1]),
        high_pass_hz=corners.get("high_pass_hz"), low_pass_hz=corners.get("low_pass_hz"), notch_hz=corners.get("notch_hz"),
    )  # fmt: skip
    return Channel(
        name=signal.label, unit=unit, sampling_rate_hz=float(f"{signal.n_per_record / record_s:.12g}"), kind=kind_of(signal.label, unit),
        samples=PackedSamples(
            frames=frames, first_byte=signal.first_byte, n_per_frame=signal.n_per_record,
            code="i3" if header.is_bdf else "<i2", gain=gain * factor, offset=offset * factor,
        ),
        segments=tuple(
            Segment(first_sample=run.first_record * signal.n_per_record, n_samples=run.n_records * signal.n_per_record, start_s=run.start_s)
            for run in runs
        ),
        settings=settings,
    )  # fmt: skip


def _annotations(marks: list[RecordMarks], zero_s: float) -> tuple[Annotation, ...]:
    found = [replace(mark, start_s=mark.start_s - zero_s) for record in marks for mark in record.marks]
    return tuple(sorted(found, key=lambda mark: mark.start_s))


FORMATS = (
    Format(name="EDF+", suffixes=(".edf",), detect=_detect_edf, read=read_edf, write=write_edf),
    Format(name="BDF+", suffixes=(".bdf",), detect=_detect_bdf, read=read_edf, write=write_bdf),
)
