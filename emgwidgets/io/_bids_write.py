"""Writer of a BIDS-EMG folder: surface EMG as BIDS 1.11 has it; the needle fields of the open proposal only when asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emgwidgets.errors import WriteError
from emgwidgets.io._atomic import atomic_folder
from emgwidgets.io._edf_header import parse_header
from emgwidgets.io._edf_layout import plan_scale
from emgwidgets.io._edf_write import write_bdf, write_edf
from emgwidgets.io._holdable import check_holdable, marks_of
from emgwidgets.model.signal import Channel, Recording

__all__ = ["BIDS_VERSION", "NEEDLE_FIELDS", "write_bids"]

BIDS_VERSION = "1.11.0"
#: Fields of the proposal for needle recordings, as the BIDS example emg_concentricNeedle (2026) uses them.
NEEDLE_FIELDS = (
    "EMGType", "ElectrodeType", "ElectrodeSurfaceArea", "ElectrodeMaterial", "InsulatorMaterial", "CannulaMaterial",
    "CannulaDiameter", "CannulaLength",
)  # fmt: skip
_README = """# EMG recording

One recording of the task {task}: {n_channels} channels, {duration_s:.3f} s, written by emgwidgets. No field identifies a person.

Voltages are active minus reference. Filters stated by the recording stand in the channels table; whether they were of
the device or of software is not known.
"""
_TYPES = {"ecg": "ECG", "stimulus": "TRIG", "other": "MISC", "force": "MISC"}


def write_bids(
    recording: Recording, path: Path, *, subject: str = "01", task: str = "emg", power_line_hz: float | None = None,
    needle_fields: bool | Mapping[str, Any] = False, fill_missing: float | None = None, pad: bool = False,
    drop: Sequence[str] = (),
) -> None:  # fmt: skip
    """Write a new BIDS-EMG dataset with this one recording.

    Parameters
    ----------
    recording : Recording
        Channels and annotations.
    path : Path
        New folder, or an empty one.
    subject, task : str
        Labels of letters and digits; the subject's label must not identify the person.
    power_line_hz : float, optional
        Mains frequency, required by BIDS; written as ``n/a`` when not stated.
    needle_fields : bool or mapping
        Write the needle fields of the open proposal: their values as a mapping, or True for what the recording says.
    fill_missing, pad, drop
        As for EDF+.

    Raises
    ------
    WriteError
        If the format cannot hold the recording or the folder is in use.
    """
    for name, label in (("subject", subject), ("task", task)):
        if not re.fullmatch(r"[A-Za-z0-9]+", label):
            raise WriteError(
                f"BIDS does not allow this label for {name}", got=repr(label), expected="letters and digits",
                way_out="choose another",
            )  # fmt: skip
    if not recording.channels:
        raise WriteError(
            "BIDS-EMG needs signals", got="no channel", expected="at least one", way_out="write .csv or .npz"
        )
    check_holdable(recording, "BIDS-EMG", holds=("stimuli",), drop=drop)
    signals = Recording(channels=recording.channels)
    is_16_bit = all(plan_scale(channel, "EDF+", n_bits=16)[0].is_exact for channel in recording.channels)
    stem = f"sub-{subject}_task-{task}"
    with atomic_folder(path) as root:
        folder = root / f"sub-{subject}" / "emg"
        folder.mkdir(parents=True)
        place = folder / f"{stem}_emg.{'edf' if is_16_bit else 'bdf'}"
        (write_edf if is_16_bit else write_bdf)(signals, place, fill_missing=fill_missing, pad=pad)
        header = parse_header(place)
        units = [signal.dimension for signal in header.signals if not signal.is_annotations]
        labels = [signal.label for signal in header.signals if not signal.is_annotations]
        _json(root / "dataset_description.json", _description())
        (root / "README.md").write_text(
            _README.format(task=task, n_channels=len(recording.channels), duration_s=recording.duration_s),
            encoding="utf-8",
        )
        _tsv(root / "participants.tsv", ["participant_id"], [[f"sub-{subject}"]])
        _json(folder / f"{stem}_emg.json", _about(recording, task, power_line_hz, needle_fields, flavour=header.kind))
        _tsv(folder / f"{stem}_channels.tsv", *_channels(recording.channels, labels, units))
        _write_events(recording, labels, folder / stem, stimuli="stimuli" not in drop)


def _json(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _cell(value: object) -> str:
    text = "n/a" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)
    return " ".join(text.split()) or "n/a"


def _tsv(path: Path, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    lines = ["\t".join(columns), *("\t".join(_cell(value) for value in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _description() -> dict[str, Any]:
    return {
        "Name": "EMG recording", "BIDSVersion": BIDS_VERSION, "DatasetType": "raw", "GeneratedBy": [{"Name": "emgwidgets"}]
    }  # fmt: skip


def _about(
    recording: Recording,
    task: str,
    power_line_hz: float | None,
    needle_fields: bool | Mapping[str, Any],
    *,
    flavour: str,
) -> dict[str, Any]:
    channels = recording.channels
    emg = [channel for channel in channels if "emg" in channel.kind] or list(channels)
    references = sorted({channel.settings.reference for channel in emg if channel.settings.reference})
    grounds = sorted({channel.settings.ground for channel in emg if channel.settings.ground})
    device = recording.device
    about: dict[str, Any] = {
        "TaskName": task, "SamplingFrequency": max(channel.sampling_rate_hz for channel in emg),
        "PowerLineFrequency": power_line_hz or "n/a", "SoftwareFilters": "n/a", "HardwareFilters": "n/a", "EMGPlacementScheme": "Other",
        "EMGPlacementSchemeDescription": "n/a", "EMGReference": ", ".join(references) or "n/a",
        "EMGGround": ", ".join(grounds) or "n/a", "EMGChannelCount": sum("emg" in channel.kind for channel in channels),
        "RecordingDuration": round(recording.duration_s, 9),
        "RecordingType": "discontinuous" if flavour.endswith("+D") else "continuous",
        "Manufacturer": (device.maker if device else None) or "n/a",
        "ManufacturersModelName": (device.model if device else None) or "n/a",
    }  # fmt: skip
    if needle_fields:
        about.update(_needle(emg, needle_fields))
    return about


def _needle(emg: Sequence[Channel], needle_fields: bool | Mapping[str, Any]) -> dict[str, Any]:
    electrodes = sorted({channel.settings.electrode for channel in emg if channel.settings.electrode})
    found: dict[str, Any] = {"EMGType": "invasive", "ElectrodeType": ", ".join(electrodes) or "n/a"}
    if isinstance(needle_fields, Mapping):
        for name, value in needle_fields.items():
            if name not in NEEDLE_FIELDS:
                raise WriteError(
                    "the proposal has no such needle field", got=repr(name), expected=", ".join(NEEDLE_FIELDS), way_out="correct it"
                )  # fmt: skip
            found[name] = value
    return found


def _channels(
    channels: Sequence[Channel], labels: Sequence[str], units: Sequence[str]
) -> tuple[list[str], list[list[object]]]:
    columns = [
        "name", "type", "units", "signal_electrode", "reference", "sampling_frequency", "low_cutoff", "high_cutoff", "notch"
    ]  # fmt: skip
    rows: list[list[object]] = []
    for channel, label, unit in zip(channels, labels, units, strict=True):
        settings = channel.settings
        kind = "EMG" if "emg" in channel.kind else _TYPES.get(channel.kind, "MISC")
        rows.append(
            [label, kind, unit or None, settings.active, settings.reference, channel.sampling_rate_hz, settings.high_pass_hz,
             settings.low_pass_hz, settings.notch_hz]
        )  # fmt: skip
    return columns, rows


def _write_events(recording: Recording, labels: Sequence[str], stem: Path, *, stimuli: bool) -> None:
    marks = marks_of(recording, stimuli=stimuli)
    if not marks:
        return
    label_of = {channel.name: label for channel, label in zip(recording.channels, labels, strict=True)}
    rows: list[list[object]] = [
        [
            round(mark.start_s - recording.start_s, 9), round(mark.duration_s, 9), mark.label,
            label_of.get(mark.channel) if mark.channel else None,
        ]
        for mark in marks
    ]  # fmt: skip
    _tsv(stem.with_name(stem.name + "_events.tsv"), ["onset", "duration", "trial_type", "channel"], rows)
    about = {
        "onset": {"Description": "Start of the mark from the first sample", "Units": "s"},
        "duration": {"Description": "Length of the mark, 0 for a point", "Units": "s"},
        "trial_type": {"Description": "Label of the mark"},
        "channel": {"Description": "Channel the mark belongs to, n/a for all"},
    }
    _json(stem.with_name(stem.name + "_events.json"), about)
