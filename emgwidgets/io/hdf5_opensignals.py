"""OpenSignals HDF5 (biosignalsplux, BITalino): converter counts with their resolution; reads no other HDF5 file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import gap_flag, kept, split_by_index, unique_names
from emgwidgets.io._plux import PluxSensor, counts_channel, unsaid_error
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Channel, Device, QualityFlag, Recording, Segment

__all__ = ["FORMAT"]

_MAX_SAMPLES = 1 << 33


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _groups(path: Path, handle: Any) -> list[Any]:
    """Groups of devices: those with raw data and a rate."""
    import h5py

    found = [
        group for group in handle.values()
        if isinstance(group, h5py.Group) and "raw" in group and "sampling rate" in group.attrs
    ]  # fmt: skip
    if not found:
        raise ReadError(
            f"{path.name} is HDF5 but not of OpenSignals", got="no device with raw channels and a sampling rate",
            expected="a file recorded by OpenSignals",
            way_out="export it as EDF+, CSV or NumPy, or open it with h5py and pass the arrays",
        )  # fmt: skip
    return found


def _stored(path: Path, dataset: Any) -> np.ndarray[Any, Any]:
    """One column of a dataset, checked before it is allocated."""
    if dataset.size > _MAX_SAMPLES or dataset.ndim not in {1, 2} or (dataset.ndim == 2 and dataset.shape[1] != 1):
        raise ReadError(
            f"{path.name} is damaged", got=f"a channel of shape {dataset.shape}", expected="one column of samples",
            way_out="copy it again from its source",
        )  # fmt: skip
    stored_bytes = dataset.id.get_storage_size()
    if dataset.size and (stored_bytes == 0 or dataset.nbytes > 2000 * max(stored_bytes, 1)):
        raise ReadError(
            f"{path.name} is damaged", got=f"{dataset.size} samples in {stored_bytes} bytes", expected="stored samples",
            way_out="copy it again from its source",
        )  # fmt: skip
    values = np.asarray(dataset[...]).reshape(-1)
    if values.dtype.kind not in "iuf":
        raise ReadError(
            f"{path.name} is damaged",
            got=f"a channel of type {values.dtype}",
            expected="numbers",
            way_out="copy it again",
        )
    return values


def _sequence(
    path: Path, raw: Any, n_samples: int, rate_hz: float
) -> tuple[tuple[Segment, ...], list[tuple[float, float]]]:
    """Stretches by the sequence number of the device, which jumps where frames were lost."""
    whole = (Segment(first_sample=0, n_samples=n_samples, start_s=0.0),)
    if "nSeq" not in raw:
        return whole, []
    numbers = _stored(path, raw["nSeq"]).astype(np.int64)
    if len(numbers) != n_samples or n_samples < 2 or numbers.max() < 1:
        return whole, []
    period = 1 << int(numbers.max()).bit_length()
    steps = np.mod(np.diff(numbers), period)
    if (steps == 0).any():
        return whole, []
    return split_by_index(np.concatenate(([0], np.cumsum(steps))), n_samples, rate_hz)


def _device(path: Path, group: Any, options: ReadOptions, silent: list[str]) -> tuple[list[Channel], list[QualityFlag]]:
    rate_hz = float(np.ravel(group.attrs["sampling rate"])[0])
    device = _text(group.attrs.get("device", "")).lower()
    names = sorted((name for name in group["raw"] if name.startswith("channel_")), key=lambda name: (len(name), name))
    bits = [int(value) for value in np.ravel(group.attrs.get("resolution", []))]
    channels: list[Channel] = []
    flags: list[QualityFlag] = []
    labels = unique_names([_text(group["raw"][name].attrs.get("label", name)) for name in names])
    for position, (name, label) in enumerate(zip(names, labels, strict=True)):
        dataset = group["raw"][name]
        stored = _stored(path, dataset)
        stated = int(np.ravel(group.attrs.get("nsamples", len(stored)))[0])
        if len(stored) < stated:
            raise ReadError(
                f"{path.name} is cut off", got=f"{len(stored)} samples of {label!r}", expected=f"{stated} samples",
                way_out="copy it again from its source",
            )  # fmt: skip
        segments, gaps = _sequence(path, group["raw"], len(stored), rate_hz)
        n_bits = bits[position] if position < len(bits) else 0
        facts = PluxSensor(label=label, sensor=_text(dataset.attrs.get("sensor", "")), device=device, n_bits=n_bits)
        channel = counts_channel(stored, facts, rate_hz, segments, options)
        if channel is None:
            silent.append(label)
            continue
        channels.append(channel)
        flags.extend(gap_flag(label, *gap) for gap in gaps)
    return channels, flags


def _read(path: Path, options: ReadOptions) -> Recording:
    import h5py

    channels: list[Channel] = []
    flags: list[QualityFlag] = []
    silent: list[str] = []
    with h5py.File(path, "r") as handle:
        groups = _groups(path, handle)
        model = _text(groups[0].attrs.get("device", "")) or None
        facts = {name: _text(groups[0].attrs.get(name, "")) for name in ("macaddress", "date", "time", "comments")}
        for group in groups:
            more, more_flags = _device(path, group, options, silent)
            channels.extend(more)
            flags.extend(more_flags)
    if silent:
        raise unsaid_error(path.name, silent)
    notes = ["The device's address, the date, the time and comments were dropped."]
    if any(channel.unit == "uV" for channel in channels) and not options.options.get("transfer"):
        notes.append("Counts were converted with the maker's transfer function of the sensor the file names.")
    if len(groups) > 1:
        notes.append(f"{len(groups)} devices recorded together; their clocks are taken as started at the same time.")
    return Recording(
        channels=tuple(channels),
        quality_flags=tuple(flags),
        notes=tuple(notes),
        device=Device(maker="PLUX", model=model),
        identifiers=kept(options, facts),
    )


def _detect(head: Head) -> bool:
    return head.first_bytes.startswith(b"\x89HDF\r\n\x1a\n")


FORMAT = Format(name="OpenSignals HDF5", suffixes=(".h5",), detect=_detect, read=_read)
