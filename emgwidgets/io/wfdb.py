"""WFDB records (header ``.hea``, signals ``.dat``, annotations ``.atr``) to and from a Recording.

Signals of the formats 16, 24 and 32 stay in the file until looked at; the other formats are decoded by the wfdb library.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._packed import PackedSamples, map_bytes
from emgwidgets.io._stated import check_read_options, kind_of, resolve_unit
from emgwidgets.io._wfdb_header import WfdbHeader, WfdbSignal, is_header_text, parse_wfdb_header, quiet_wfdb
from emgwidgets.io._wfdb_write import write_wfdb
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, FileOrigin, QualityFlag, Recording

__all__ = ["FORMAT", "read_wfdb"]

OPTIONS = ("allow_truncated", "adu_per_unit", "annotator")
_WIDTH = {"16": 2, "24": 3, "32": 4}
_CODE = {"16": "<i2", "24": "i3", "32": "<i4"}
#: Up to this many bytes a signal is searched for missing values, so that integers stay integers where there are none.
_SEARCH_BYTES = 1 << 26


def _detect(head: Head) -> bool:
    if head.is_folder:
        return False
    if head.path.suffix.lower() == ".dat":
        sibling = head.path.with_suffix(".hea")
        return sibling.is_file() and _is_header_file(sibling)
    return is_header_text(head.text)


def _is_header_file(path: Path) -> bool:
    with path.open("rb") as stream:
        return is_header_text(stream.read(4096).decode("utf-8", errors="replace"))


def read_wfdb(path: Path, options: ReadOptions) -> Recording:
    """Read a record by its header or its signal file, with its annotations where there are any.

    Options: ``allow_truncated=True`` opens a signal file that is shorter than its header says; ``adu_per_unit`` states
    the steps per unit where the header has no calibration; ``annotator`` names the annotation suffix (default ``"atr"``).

    Raises
    ------
    ReadError
        If the header is damaged, a signal file is missing or cut short, or a calibration is missing.
    """
    check_read_options(options, OPTIONS, file_name=path.name)
    place = path if path.suffix.lower() != ".dat" else path.with_suffix(".hea")
    header = parse_wfdb_header(place)
    flags: list[QualityFlag] = []
    channels: list[Channel] = []
    for name in dict.fromkeys(signal.file_name for signal in header.signals):
        group = [signal for signal in header.signals if signal.file_name == name]
        if {signal.format for signal in group} <= set(_WIDTH) and len({signal.format for signal in group}) == 1:
            channels += _mapped(place.parent / name, group, header, options, flags)
        else:
            channels += _decoded(place, group, header, options)
    order = {signal.name: i for i, signal in enumerate(header.signals)}
    channels.sort(key=lambda channel: order[channel.name])
    notes, identifiers = [], {}
    if header.comments:
        if options.keep_identifiers:
            identifiers["comments"] = "\n".join(header.comments)
        else:
            notes.append(
                "The header's comments were dropped, as they may describe the patient (keep_identifiers=True keeps them)."
            )
    if header.has_date and not options.keep_identifiers:
        notes.append("The date and time of the recording were dropped.")
    return Recording(
        channels=tuple(channels), annotations=_annotations(place, header, str(options.options.get("annotator", "atr"))),
        quality_flags=tuple(flags), notes=tuple(notes), identifiers=identifiers,
        origin=FileOrigin(format="WFDB", name=path.name, n_bytes=path.stat().st_size),
    )  # fmt: skip


def _signal_file(path: Path) -> int:
    if not path.is_file():
        raise ReadError(
            f"the signal file {path.name} is missing", got="a header without its signals", expected=f"{path.name} beside it",
            way_out="copy both files into one folder",
        )  # fmt: skip
    return path.stat().st_size


def _mapped(
    path: Path, group: list[WfdbSignal], header: WfdbHeader, options: ReadOptions, flags: list[QualityFlag]
) -> list[Channel]:
    n_bytes = _signal_file(path)
    width = _WIDTH[group[0].format]
    frame_bytes = width * sum(signal.n_per_frame for signal in group)
    n_there = max(n_bytes - group[0].byte_offset, 0) // frame_bytes
    n_frames = n_there if header.n_frames is None else header.n_frames
    if n_there < n_frames:
        flags.append(
            _cut_short(path.name, n_there, n_frames, header, allow=bool(options.options.get("allow_truncated")))
        )
        n_frames = n_there
    if n_frames == 0:
        raise ReadError(
            f"{path.name} holds no samples", got=f"{n_bytes} bytes", expected=f"frames of {frame_bytes} bytes",
            way_out="copy the file again from its source",
        )  # fmt: skip
    frames = map_bytes(path, offset=group[0].byte_offset, n_frames=n_frames, frame_bytes=frame_bytes)
    channels, first_byte = [], 0
    for signal in group:
        gain, offset, unit = _calibration(signal, options, path.name)
        samples = PackedSamples(
            frames=frames, first_byte=first_byte, n_per_frame=signal.n_per_frame, code=_CODE[signal.format], gain=gain,
            offset=offset,
        )  # fmt: skip
        first_byte += width * signal.n_per_frame
        lowest = -(2 ** (8 * width - 1))
        if _may_miss(samples, lowest):
            samples = replace(samples, missing=lowest)
        channels.append(
            Channel(
                name=signal.name, unit=unit, sampling_rate_hz=header.frame_rate_hz * signal.n_per_frame,
                kind=kind_of(signal.name, unit), samples=samples,
            )
        )  # fmt: skip
    return channels


def _may_miss(samples: PackedSamples, lowest: int) -> bool:
    """Whether the number that means a missing value occurs; taken for granted in files too long to search."""
    if samples.frames.nbytes > _SEARCH_BYTES:
        return True
    stored = samples.read_stored(0, len(samples))
    return bool((stored == lowest).any())


def _cut_short(name: str, n_there: int, n_frames: int, header: WfdbHeader, *, allow: bool) -> QualityFlag:
    missing_s = (n_frames - n_there) / header.frame_rate_hz
    if not allow:
        raise ReadError(
            f"{name} is not whole: {missing_s:g} s are missing", got=f"{n_there} samples", expected=f"{n_frames}",
            way_out="copy the file again from its source, or open what is there with allow_truncated=True",
        )  # fmt: skip
    end_s = n_there / header.frame_rate_hz
    reason = f"The header promises {n_frames} samples and the file holds {n_there}; only these are shown; copy the file again."
    return QualityFlag(
        kind="missing", channel=None, start_s=end_s, end_s=end_s + missing_s, size=missing_s, unit="s", reason=reason
    )


def _calibration(signal: WfdbSignal, options: ReadOptions, file_name: str) -> tuple[float, float, str]:
    stated = options.options.get("adu_per_unit")
    adu_per_unit = signal.adu_per_unit or (float(stated) if stated is not None else 0.0)
    if not (np.isfinite(adu_per_unit) and adu_per_unit != 0):
        raise ReadError(
            f"the header of {file_name} has no calibration for signal {signal.name!r}", got="no steps per unit",
            expected="a gain", way_out='state it with adu_per_unit=... and unit="mV"',
        )  # fmt: skip
    unit, factor = resolve_unit(signal.unit, signal.name, options, file_name=file_name)
    return factor / adu_per_unit, -signal.baseline * factor / adu_per_unit, unit


def _decoded(place: Path, group: list[WfdbSignal], header: WfdbHeader, options: ReadOptions) -> list[Channel]:
    for name in {signal.file_name for signal in group}:
        n_bytes = _signal_file(place.parent / name)
        if header.n_frames is not None and header.n_frames > 64 * (n_bytes + 1):
            raise ReadError(
                f"{name} is not whole", got=f"{n_bytes} bytes", expected=f"{header.n_frames} samples", way_out="copy it again"
            )  # fmt: skip
    with quiet_wfdb() as wfdb:
        record = wfdb.rdrecord(
            str(place.with_suffix("").resolve()), physical=False, smooth_frames=False,
            channels=[signal.index for signal in group],
        )  # fmt: skip
    lowest = {"80": -128, "212": -2048, "310": -512, "311": -512, "61": -32768, "160": -32768}
    channels = []
    for signal, stored in zip(group, record.e_d_signal, strict=True):
        gain, offset, unit = _calibration(signal, options, place.name)
        values = np.asarray(stored)
        missing = values == lowest.get(signal.format, -(2**31))
        if missing.any():
            values = np.where(missing, np.nan, values.astype(np.float64))
        channels.append(
            Channel(
                name=signal.name, unit=unit, sampling_rate_hz=header.frame_rate_hz * signal.n_per_frame,
                kind=kind_of(signal.name, unit), samples=ArraySamples(stored=values, gain=gain, offset=offset),
            )
        )  # fmt: skip
    return channels


def _annotations(place: Path, header: WfdbHeader, suffix: str) -> tuple[Annotation, ...]:
    if not re.fullmatch(r"[A-Za-z0-9_]+", suffix) or not place.with_suffix(f".{suffix}").is_file():
        return ()
    with quiet_wfdb() as wfdb:
        found = wfdb.rdann(str(place.with_suffix("").resolve()), suffix)
    rate_hz = float(found.fs or header.frame_rate_hz)
    names = [signal.name for signal in header.signals]
    marks: list[Annotation] = []
    notes = found.aux_note or [""] * len(found.sample)
    for sample, symbol, note, number, i_channel in zip(
        found.sample, found.symbol, notes, found.num, found.chan, strict=True
    ):
        text = str(note).rstrip("\0").strip()
        channel = names[i_channel] if number == 1 and i_channel < len(names) else None
        marks.append(Annotation(start_s=float(sample) / rate_hz, label=text or str(symbol), channel=channel))
    return tuple(_paired(marks))


def _paired(marks: Iterable[Annotation]) -> list[Annotation]:
    """Turn each ``(label`` with its following ``label)`` into an interval; what has no partner stays a point."""
    done: list[Annotation] = []
    open_at: dict[tuple[str, Any], list[int]] = {}
    for mark in marks:
        if mark.label.endswith(")") and open_at.get((mark.label[:-1], mark.channel)):
            i = open_at[mark.label[:-1], mark.channel].pop(0)
            done[i] = replace(done[i], label=mark.label[:-1], duration_s=mark.start_s - done[i].start_s)
            continue
        if mark.label.startswith("(") and len(mark.label) > 1:
            open_at.setdefault((mark.label[1:], mark.channel), []).append(len(done))
        done.append(mark)
    return done


FORMAT = Format(name="WFDB", suffixes=(".hea", ".dat"), detect=_detect, read=read_wfdb, write=write_wfdb)
