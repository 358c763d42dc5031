"""A BIDS-EMG folder to and from a Recording: the signals of the EDF or BDF, described by the tables and sidecars beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._bids_files import corner_frequencies, find_runs, read_table, sidecar, sidecar_json
from emgwidgets.io._bids_write import write_bids
from emgwidgets.io._edf_header import parse_header
from emgwidgets.io._stated import check_read_options
from emgwidgets.io.edf import OPTIONS as EDF_OPTIONS
from emgwidgets.io.edf import read_edf
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import (
    Annotation,
    Channel,
    Device,
    FileOrigin,
    QualityFlag,
    Recording,
    RecordingSettings,
    Table,
)
from emgwidgets.units import is_voltage, microvolts_per

__all__ = ["FORMAT", "read_bids"]

OPTIONS = ("run", *EDF_OPTIONS)
_KINDS = {
    "ECG": "ecg",
    "TRIG": "stimulus",
    "HEOG": "other",
    "VEOG": "other",
    "EOG": "other",
    "EEG": "other",
    "MISC": "other",
}
_LABEL_COLUMNS = ("trial_type", "event_description", "event_type", "value")


def _detect(head: Head) -> bool:
    return head.is_folder and ((head.path / "dataset_description.json").is_file() or bool(find_runs(head.path)))


def read_bids(path: Path, options: ReadOptions) -> Recording:
    """Read one recording of a BIDS-EMG folder, which may be the dataset, a subject, a session or an ``emg`` folder.

    Options: ``run="sub-01_task-rest"`` chooses where there are several; further options as for EDF.

    Raises
    ------
    ReadError
        If there is no recording or several, or a file is damaged.
    """
    check_read_options(options, OPTIONS, file_name=path.name)
    place = _choose(path, options.options.get("run"))
    if place.stat().st_size == 0:
        raise ReadError(
            f"{place.name} is empty", got="0 bytes", expected="a recording", way_out="copy it again from its source"
        )
    rows = {row.get("name", ""): row for row in _rows(place, "channels")}
    found = _signals(place, options, rows)
    about = sidecar_json(place, "emg")
    flags, notes = list(found.quality_flags), list(found.notes)
    channels = []
    for channel in found.channels:
        row = rows.get(channel.name, {})
        flags += _unit_conflict(channel, row, options, place)
        channels.append(_described(channel, row, about, notes))
    if rows and not any(channel.name in rows for channel in found.channels):
        notes.append("No channel of the signal file has a row in channels.tsv; the table was not used.")
    electrodes = _electrodes(place, notes)
    device = Device(maker=_text(about, "Manufacturer"), model=_text(about, "ManufacturersModelName"))
    annotations = sorted([*found.annotations, *_events(place)], key=lambda mark: mark.start_s)
    return replace(
        found, channels=tuple(channels), annotations=tuple(annotations), quality_flags=tuple(flags), notes=tuple(notes),
        tables=electrodes, device=device if device.maker or device.model else None, title=_text(about, "TaskName") or "",
        origin=FileOrigin(format="BIDS-EMG", name=place.name, n_bytes=place.stat().st_size),
    )  # fmt: skip


def _choose(path: Path, wanted: Any) -> Path:
    runs = find_runs(path)
    names = [run.name.rsplit("_emg.", 1)[0] for run in runs]
    if not runs:
        raise ReadError(
            f"{path.name} holds no EMG recording", got="no file ending in _emg.edf or _emg.bdf",
            expected="a BIDS-EMG dataset, subject or session", way_out="check the folder",
        )  # fmt: skip
    if wanted is None and len(runs) == 1:
        return runs[0]
    matches = [
        run for run, name in zip(runs, names, strict=True) if wanted in {name, run.name, str(run.relative_to(path))}
    ]
    if len(matches) != 1:
        raise ReadError(
            f"{path.name} holds several recordings" if wanted is None else f"{path.name} has no such recording",
            got=f"{len(runs)}: " + ", ".join(names[:20]), expected="one", way_out=f'choose one with run="{names[0]}"',
        )  # fmt: skip
    return matches[0]


def _rows(place: Path, kind: str) -> list[dict[str, str]]:
    table = sidecar(place, kind, ignoring_space=kind == "electrodes")
    return [] if table is None else read_table(table)


def _signals(place: Path, options: ReadOptions, rows: Mapping[str, Mapping[str, str]]) -> Recording:
    """Read the signal file; a unit it does not state is taken from channels.tsv."""
    given: dict[str, str] = dict(options.unit) if isinstance(options.unit, Mapping) else {}
    for signal in parse_header(place).signals:
        stated = rows.get(signal.label, {}).get("units", "")
        if not signal.is_annotations and not signal.dimension and signal.label not in given:
            if stated:
                given[signal.label] = stated
            elif isinstance(options.unit, str):
                given[signal.label] = options.unit
    passed = {key: value for key, value in options.options.items() if key in EDF_OPTIONS}
    return read_edf(place, replace(options, unit=given, options=passed))


def _unit_conflict(channel: Channel, row: Mapping[str, str], options: ReadOptions, place: Path) -> list[QualityFlag]:
    """A flag where the signal file and channels.tsv name unlike units; the signal file is believed, nothing is changed."""
    said = row.get("units", "")
    written = next((signal.dimension for signal in parse_header(place).signals if signal.label == channel.name), "")
    if not (is_voltage(said) and is_voltage(written)) or microvolts_per(said) == microvolts_per(written):
        return []
    if isinstance(options.unit, Mapping) and channel.name in options.unit:
        return []
    reason = (
        f"The signal file says {written} and channels.tsv says {said}; the signal file was believed; "
        f'if the table is right, read again with unit={{"{channel.name}": "{said}"}}.'
    )
    return [QualityFlag(
        kind="implausible_unit", channel=channel.name, start_s=channel.start_s, end_s=channel.end_s,
        size=microvolts_per(said) / microvolts_per(written), unit="times", reason=reason,
    )]  # fmt: skip


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _text(about: Mapping[str, Any], key: str) -> str | None:
    value = about.get(key)
    return value.strip() if isinstance(value, str) and value.strip() and value.strip().lower() != "n/a" else None


def _described(channel: Channel, row: Mapping[str, str], about: Mapping[str, Any], notes: list[str]) -> Channel:
    high_pass_hz, low_pass_hz = _number(row.get("low_cutoff", "")), _number(row.get("high_cutoff", ""))
    if high_pass_hz and low_pass_hz and high_pass_hz >= low_pass_hz:
        notes.append(
            f"channels.tsv gives channel {channel.name!r} a high-pass above its low-pass; neither filter was taken over."
        )
        high_pass_hz = low_pass_hz = None
    corners = {**corner_frequencies(about.get("SoftwareFilters")), **corner_frequencies(about.get("HardwareFilters"))}
    old = channel.settings
    settings = RecordingSettings(
        high_pass_hz=old.high_pass_hz or high_pass_hz or corners.get("high_pass_hz"),
        low_pass_hz=old.low_pass_hz or low_pass_hz or corners.get("low_pass_hz"),
        notch_hz=old.notch_hz or _number(row.get("notch", "")) or corners.get("notch_hz"),
        electrode=old.electrode or _text(about, "ElectrodeType") or _text(about, "ElectrodeManufacturersModelName"),
        active=row.get("signal_electrode") or None, reference=row.get("reference") or _text(about, "EMGReference"),
        ground=_text(about, "EMGGround"), converter_range=old.converter_range,
    )  # fmt: skip
    return replace(channel, kind=_kind(channel, row, about), settings=settings)


def _kind(channel: Channel, row: Mapping[str, str], about: Mapping[str, Any]) -> str:
    stated = row.get("type", "").upper()
    if stated == "EMG":
        is_invasive = (_text(about, "EMGType") or "").lower() == "invasive"
        if is_invasive and "needle" in (_text(about, "ElectrodeType") or "").lower():
            return "needle_emg"
        return "surface_emg" if (_text(about, "EMGType") or "").lower() == "surface" else "emg"
    return _KINDS.get(stated, channel.kind)


def _events(place: Path) -> list[Annotation]:
    marks = []
    for row in _rows(place, "events"):
        onset_s = _number(row.get("onset", ""))
        if onset_s is None:
            continue
        label = next((row[name] for name in _LABEL_COLUMNS if row.get(name)), "event")
        duration_s = _number(row.get("duration", "")) or 0.0
        marks.append(
            Annotation(
                start_s=onset_s, duration_s=max(duration_s, 0.0), label=label, channel=row.get("channel") or None
            )
        )
    return marks


def _electrodes(place: Path, notes: list[str]) -> tuple[Table, ...]:
    rows = _rows(place, "electrodes")
    if not rows:
        return ()
    names = ", ".join(row.get("name", "") for row in rows)
    notes.append(f"The rows of the table of electrodes are {names}.")
    values = [[_nan(_number(row.get(axis, ""))) for axis in "xyz"] for row in rows]
    return (Table(name="electrodes", columns=("x", "y", "z"), values=np.array(values, dtype=np.float64)),)


def _nan(value: float | None) -> float:
    return math.nan if value is None else value


FORMAT = Format(name="BIDS-EMG", suffixes=("_bids", ".bids"), detect=_detect, read=read_bids, write=write_bids)
