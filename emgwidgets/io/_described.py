"""Everything of a Recording except its samples as plain JSON data, and back; identifiers are left out by design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from emgwidgets.model.signal import (
    Annotation,
    Channel,
    Device,
    QualityFlag,
    Recording,
    RecordingSettings,
    SampleSource,
    Segment,
    Stimulus,
    Sweep,
    Table,
)

__all__ = ["channel_from", "describe", "describe_channel", "marks_from", "sweep_from", "table_from"]

_SWEEP_FIELDS = (
    "sampling_rate_hz", "start_ms", "channel", "nerve", "muscle", "site", "side", "distance_mm", "skin_temperature_degc",
    "n_averaged",
)  # fmt: skip


def _settings(settings: RecordingSettings) -> dict[str, Any]:
    return {key: value for key, value in asdict(settings).items() if value is not None}


def _settings_from(data: Mapping[str, Any]) -> RecordingSettings:
    known = {field.name for field in fields(RecordingSettings)}
    found = {key: value for key, value in data.items() if key in known}
    limits = found.get("converter_range")
    if limits is not None:
        found["converter_range"] = (float(limits[0]), float(limits[1]))
    return RecordingSettings(**found)


def describe_channel(channel: Channel) -> dict[str, Any]:
    """Describe one channel without its samples."""
    return {
        "name": channel.name, "unit": channel.unit, "sampling_rate_hz": channel.sampling_rate_hz, "kind": channel.kind,
        "segments": [[part.first_sample, part.n_samples, part.start_s] for part in channel.segments],
        "settings": _settings(channel.settings), "gain": channel.samples.gain, "offset": channel.samples.offset,
    }  # fmt: skip


def channel_from(data: Mapping[str, Any], samples: SampleSource) -> Channel:
    """Build a channel from its description and its samples."""
    return Channel(
        name=str(data["name"]), unit=str(data["unit"]), sampling_rate_hz=float(data["sampling_rate_hz"]),
        kind=str(data["kind"]), samples=samples, settings=_settings_from(data["settings"]),
        segments=tuple(
            Segment(first_sample=int(first), n_samples=int(n), start_s=float(start_s)) for first, n, start_s in data["segments"]
        ),
    )  # fmt: skip


def describe(recording: Recording) -> dict[str, Any]:
    """Describe the recording: channels, sweeps and tables without their numbers, marks, flags, device and notes."""
    return {
        "channels": [describe_channel(channel) for channel in recording.channels],
        "sweeps": [_sweep(sweep) for sweep in recording.sweeps],
        "tables": [{"name": table.name, "columns": list(table.columns)} for table in recording.tables],
        "stimuli": [asdict(stimulus) for stimulus in recording.stimuli],
        "annotations": [asdict(mark) for mark in recording.annotations],
        "quality_flags": [asdict(flag) for flag in recording.quality_flags],
        "device": asdict(recording.device) if recording.device else None,
        "title": recording.title, "notes": list(recording.notes),
    }  # fmt: skip


def _sweep(sweep: Sweep) -> dict[str, Any]:
    found = {name: getattr(sweep, name) for name in _SWEEP_FIELDS}
    stimulus = asdict(sweep.stimulus) if sweep.stimulus else None
    return {**found, "stimulus": stimulus, "settings": _settings(sweep.settings)}


def sweep_from(data: Mapping[str, Any], samples_uv: Any) -> Sweep:
    """Build a sweep from its description and its samples in microvolts."""
    stimulus = Stimulus(**data["stimulus"]) if data["stimulus"] else None
    found = {name: data[name] for name in _SWEEP_FIELDS}
    return Sweep(samples_uv=samples_uv, stimulus=stimulus, settings=_settings_from(data["settings"]), **found)


def table_from(data: Mapping[str, Any], values: Any) -> Table:
    """Build a table from its description and its values."""
    return Table(name=str(data["name"]), columns=tuple(map(str, data["columns"])), values=values)


def marks_from(data: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Keywords of Recording for everything that has no samples."""
    device: Any = data.get("device")
    return {
        "stimuli": tuple(Stimulus(**item) for item in data["stimuli"]),
        "annotations": tuple(Annotation(**item) for item in data["annotations"]),
        "quality_flags": tuple(QualityFlag(**item) for item in data["quality_flags"]),
        "device": Device(**device) if device else None,
        "title": str(data.get("title", "")), "notes": tuple(map(str, data.get("notes", ()))),
    }  # fmt: skip
