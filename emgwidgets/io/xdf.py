"""XDF, the file of LabRecorder: several streams with their own clocks and rates; chunks are checked before pyxdf reads."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import (
    Scale,
    channel_of,
    gap_flag,
    in_order,
    kept,
    no_unit_error,
    scale_of,
    segments_of_starts,
    unique_names,
)  # fmt: skip
from emgwidgets.io._xdf_check import check_chunks
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Annotation, Channel, QualityFlag, Recording, Segment, Table

__all__ = ["FORMAT"]

#: Stream types of the XDF metadata specification that are voltages of the body.
_BODY_VOLTAGES = frozenset({"emg", "eeg", "ecg", "eog", "exg", "ekg"})


class _Complaints(logging.Handler):
    """Keeps what pyxdf reports instead of printing it."""

    def __init__(self) -> None:
        super().__init__(level=logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _load(path: Path) -> list[dict[str, Any]]:
    import pyxdf

    complaints = _Complaints()
    logger = logging.getLogger("pyxdf.pyxdf")
    propagates = logger.propagate
    logger.addHandler(complaints)
    logger.propagate = False
    try:
        with path.open("rb") as stream, np.errstate(all="ignore"):
            streams, _ = pyxdf.load_xdf(stream, verbose=None)
    finally:
        logger.removeHandler(complaints)
        logger.propagate = propagates
    if complaints.messages:
        raise ReadError(
            f"{path.name} is damaged", got=complaints.messages[0][:120], expected="whole chunks",
            way_out="copy it again from its source",
        )  # fmt: skip
    return list(streams)


def _first(value: Any, default: str = "") -> str:
    item = value[0] if isinstance(value, list) and value else value
    return item if isinstance(item, str) else default


def _channel_facts(info: dict[str, Any], n_channels: int) -> list[tuple[str, str, str]]:
    """Label, unit and type of each channel, empty where the description has none."""
    description = info.get("desc") or [None]
    facts: list[tuple[str, str, str]] = []
    if description and isinstance(description[0], dict):
        for group in description[0].get("channels") or []:
            for entry in (group or {}).get("channel") or [] if isinstance(group, dict) else []:
                found = entry if isinstance(entry, dict) else {}
                facts.append((_first(found.get("label")), _first(found.get("unit")), _first(found.get("type"))))
    facts = facts[:n_channels]
    return facts + [("", "", "")] * (n_channels - len(facts))


def _rate_of(times_s: np.ndarray[Any, Any], stretches: list[tuple[int, int]], nominal_hz: float) -> float:
    """Measured rate over all stretches; the nominal one where a stretch is a single sample."""
    steps = sum(last - first for first, last in stretches)
    lasts_s = sum(float(times_s[last] - times_s[first]) for first, last in stretches)
    if steps < 1 or not lasts_s > 0:
        return nominal_hz
    return steps / lasts_s


def _flags_between(
    stretches: list[tuple[int, int]],
    clock_breaks: set[int],
    segments: tuple[Segment, ...],
    rate_hz: float,
    name: str | None,
) -> list[QualityFlag]:
    flags = []
    for (first, _), before, after in zip(stretches[1:], segments[:-1], segments[1:], strict=True):
        end_s = before.start_s + before.n_samples / rate_hz
        if first in clock_breaks:
            flags.append(
                QualityFlag(
                    kind="clock_reset", channel=name, start_s=end_s, end_s=after.start_s, size=after.start_s - end_s,
                    unit="s",
                    reason=(
                        f"The sender's clock was restarted at {end_s:.3f} s; times before and after are joined by the "
                        "clock offsets in the file; measure on one side only."
                    ),
                )
            )  # fmt: skip
        elif after.start_s - end_s > 0.5 / rate_hz:
            flags.append(gap_flag(name, end_s, after.start_s))
    return flags


class _Reader:
    """Turns the streams of one file into parts of a Recording."""

    def __init__(self, path: Path, options: ReadOptions, zero_s: float, n_signal_streams: int) -> None:
        self.path = path
        self.n_signal_streams = n_signal_streams
        self.options = options
        self.zero_s = zero_s
        self.channels: list[Channel] = []
        self.annotations: list[Annotation] = []
        self.tables: list[Table] = []
        self.flags: list[QualityFlag] = []
        self.notes: list[str] = []
        self.without_unit: list[str] = []

    def add(self, stream: dict[str, Any]) -> None:
        info = stream["info"]
        nominal_hz = float(_first(info.get("nominal_srate"), "0") or 0)
        text = _first(info.get("channel_format")) == "string"
        kind = _first(info.get("type"))
        times_s = np.asarray(stream["time_stamps"], dtype=np.float64) - self.zero_s
        if not np.isfinite(times_s).all():
            raise ReadError(
                f"{self.path.name} has time stamps that are no numbers", got="NaN or infinity", expected="seconds",
                way_out="record it again or repair it with the recording program",
            )  # fmt: skip
        name = _first(info.get("name"), "stream")
        if text or "marker" in kind.lower():
            self._markers(stream["time_series"], times_s, name)
        elif nominal_hz > 0:
            self._signals(stream, times_s, nominal_hz, name, kind)
        elif len(times_s):
            self._table(np.asarray(stream["time_series"]), times_s, info, name)

    def _markers(self, values: Any, times_s: np.ndarray[Any, Any], name: str) -> None:
        for time_s, value in zip(times_s, values, strict=True):
            cells = value if isinstance(value, (list, tuple, np.ndarray)) else [value]
            label = " ".join(str(cell) for cell in cells).strip()
            mark = Annotation(start_s=float(time_s), label=label or name, note=f"stream {name}")
            self.annotations.append(mark)

    def _table(
        self, values: np.ndarray[Any, Any], times_s: np.ndarray[Any, Any], info: dict[str, Any], name: str
    ) -> None:
        labels = [
            label or f"{name} {index + 1}" for index, (label, _, _) in enumerate(_channel_facts(info, values.shape[1]))
        ]
        self.tables.append(
            Table(name=name, columns=("time_s", *labels), values=np.column_stack([times_s, values.astype(np.float64)]))
        )
        self.notes.append(f"Stream {name} has no regular rate and is given as a table with its own times.")

    def _signals(
        self, stream: dict[str, Any], times_s: np.ndarray[Any, Any], nominal_hz: float, name: str, kind: str
    ) -> None:
        info, values = stream["info"], np.asarray(stream["time_series"])
        if len(times_s) == 0:
            self.notes.append(f"Stream {name} holds no sample and is left out.")
            return
        stretches = [(int(a), int(b)) for a, b in info.get("segments") or [(0, len(times_s) - 1)]]
        clock_breaks = {int(a) for a, _ in (info.get("clock_segments") or [])[1:]}
        rate_hz = _rate_of(times_s, stretches, nominal_hz)
        raw = segments_of_starts([b - a + 1 for a, b in stretches], [float(times_s[a]) for a, _ in stretches])
        if abs(rate_hz / nominal_hz - 1) > 0.01:  # internal choice: drifts of clocks stay far below one percent
            self.notes.append(
                f"Stream {name} states {nominal_hz:g} Hz but its time stamps give {rate_hz:.4g} Hz, which is used."
            )
        facts = _channel_facts(info, values.shape[1])
        labels = unique_names([label or f"{name} {i + 1}" for i, (label, _, _) in enumerate(facts)])
        segments: tuple[Segment, ...] = raw
        for place in labels if self.n_signal_streams > 1 else [None]:
            segments, moved = in_order(raw, rate_hz, place)
            self.flags.extend(moved)
            self.flags.extend(_flags_between(stretches, clock_breaks, segments, rate_hz, place))
        for index, (label, (_, unit, of_type)) in enumerate(zip(labels, facts, strict=True)):
            scale = scale_of(unit, label, self.options)
            word = (of_type or kind).lower()
            if scale is None and word in _BODY_VOLTAGES:
                self.without_unit.append(label)
                continue
            self.channels.append(
                channel_of(
                    label, np.ascontiguousarray(values[:, index]), scale or Scale(unit=""), rate_hz, segments=segments,
                    kind={"emg": "emg", "ecg": "ecg", "ekg": "ecg"}.get(word, "other" if word in _BODY_VOLTAGES else None),
                )
            )  # fmt: skip


def _read(path: Path, options: ReadOptions) -> Recording:
    check_chunks(path)
    streams = _load(path)
    starts = [float(stream["time_stamps"][0]) for stream in streams if len(stream["time_stamps"])]
    if not starts:
        raise ReadError(
            f"{path.name} holds no sample", got=f"{len(streams)} empty streams", expected="a stream with samples",
            way_out="record it again",
        )  # fmt: skip
    n_signal_streams = sum(float(_first(stream["info"].get("nominal_srate"), "0") or 0) > 0 for stream in streams)
    reader = _Reader(path, options, min(starts), n_signal_streams)
    for stream in streams:
        reader.add(stream)
    if reader.without_unit:
        raise no_unit_error(path.name, reader.without_unit, extra=' or unit="V" for all')
    notes = ["Names and addresses of computers and the recording date were dropped.", *reader.notes]
    if any(channel.unit == "" for channel in reader.channels):
        notes.append("Channels without a unit in the file are kept as plain numbers; state unit={...} to change that.")
    return Recording(
        channels=tuple(reader.channels), annotations=tuple(sorted(reader.annotations, key=lambda mark: mark.start_s)),
        tables=tuple(reader.tables), quality_flags=tuple(reader.flags), notes=tuple(notes),
        identifiers=kept(options, {"host": _first(streams[0]["info"].get("hostname"))}),
    )  # fmt: skip


def _detect(head: Head) -> bool:
    return head.first_bytes.startswith(b"XDF:")


FORMAT = Format(name="XDF", suffixes=(".xdf",), detect=_detect, read=_read)
