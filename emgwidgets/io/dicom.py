"""DICOM waveforms (EMG, ECG and other classes): every multiplex group; images are refused."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import channel_of, no_unit_error, scale_of, unique_names
from emgwidgets.io._foreign import IMAGE_WAY_OUT
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Annotation, Channel, Device, Recording, RecordingSettings, Segment, Table

__all__ = ["FORMAT"]

#: Waveform Sample Interpretation (DICOM PS3.3 C.10.9): types this reader decodes; companded ones are refused.
_TYPES = {"SB": "i1", "UB": "u1", "SS": "<i2", "US": "<u2", "SL": "<i4", "UL": "<u4"}
MAX_ZERO_PIECES = 1000
"""Short pieces of zeros in a row; internal choice: elements begin with their tag, which is not zero."""
_IDENTIFYING = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "InstitutionName",
    "AcquisitionDateTime",
    "AccessionNumber",
)


def _number(item: Any, name: str, default: float) -> float:
    value = item.get(name)
    return default if value in (None, "") else float(value)


def _code(item: Any, name: str, part: str = "CodeMeaning") -> str:
    sequence = item.get(name)
    return str(sequence[0].get(part, "")) if sequence else ""


def _stored(path: Path, group: Any) -> np.ndarray[Any, Any]:
    """Stored samples of one group, shape ``(n_samples, n_channels)``, a view of the file's bytes."""
    form = _TYPES.get(str(group.get("WaveformSampleInterpretation", "")))
    n_channels, n_samples = int(group.NumberOfWaveformChannels), int(group.NumberOfWaveformSamples)
    if form is None or n_channels < 1 or n_samples < 1:
        raise ReadError(
            f"{path.name} has waveforms this reader cannot decode",
            got=f"{group.get('WaveformSampleInterpretation', '')!s}, {n_channels} channels, {n_samples} samples",
            expected=f"one of {', '.join(_TYPES)}", way_out="export it with linear samples",
        )  # fmt: skip
    content = bytes(group.WaveformData)
    needed = n_channels * n_samples * np.dtype(form).itemsize
    if len(content) not in {needed, needed + needed % 2} or len(group.ChannelDefinitionSequence) != n_channels:
        raise ReadError(
            f"{path.name} is cut off or damaged", got=f"{len(content)} bytes of samples", expected=f"{needed} bytes",
            way_out="copy it again from its source",
        )  # fmt: skip
    return np.frombuffer(content[:needed], dtype=form).reshape(n_samples, n_channels)


def _settings(item: Any, stored: np.dtype[Any], gain: float, offset: float) -> RecordingSettings:
    n_bits = int(item.get("WaveformBitsStored") or stored.itemsize * 8)
    low, high = (0, 2**n_bits - 1) if stored.kind == "u" else (-(2 ** (n_bits - 1)), 2 ** (n_bits - 1) - 1)
    pick: dict[str, Any] = {
        field: _number(item, name, 0.0) or None
        for field, name in (
            ("high_pass_hz", "FilterLowFrequency"), ("low_pass_hz", "FilterHighFrequency"), ("notch_hz", "NotchFilterFrequency"),
        )
    }  # fmt: skip
    return RecordingSettings(**pick, converter_range=(low * gain + offset, high * gain + offset))


def _label(item: Any) -> str:
    return str(item.get("ChannelLabel") or "").strip() or _code(item, "ChannelSourceSequence") or "channel"


def _group(
    path: Path, group: Any, names: list[str], *, kind: str | None, options: ReadOptions, missing: list[str]
) -> list[Channel]:
    values = _stored(path, group)
    rate_hz = float(group.SamplingFrequency)
    start_s = _number(group, "MultiplexGroupTimeOffset", 0.0) / 1000.0
    padding = group.get("WaveformPaddingValue")
    channels = []
    for index, (item, name) in enumerate(zip(group.ChannelDefinitionSequence, names, strict=True)):
        scale = scale_of(_code(item, "ChannelSensitivityUnitsSequence", "CodeValue"), name, options)
        if scale is None:
            missing.append(name)
            continue
        gain = _number(item, "ChannelSensitivity", 1.0) * _number(item, "ChannelSensitivityCorrectionFactor", 1.0)
        offset = _number(item, "ChannelBaseline", 0.0)
        skew_s = _number(item, "ChannelTimeSkew", 0.0) or _number(item, "ChannelSampleSkew", 0.0) / rate_hz
        stored = np.ascontiguousarray(values[:, index])
        pad = _padding(padding, stored.dtype)
        if pad is not None and (stored == pad).any():
            stored = np.where(stored == pad, np.nan, stored.astype(np.float64))
        segment = Segment(first_sample=0, n_samples=len(stored), start_s=start_s + skew_s)
        settings = _settings(item, values.dtype, gain * scale.factor, offset * scale.factor)
        channels.append(
            channel_of(
                name,
                stored,
                scale,
                rate_hz,
                gain=gain,
                offset=offset,
                segments=(segment,),
                kind=kind,
                settings=settings,
            )
        )
    return channels


def _padding(value: Any, dtype: np.dtype[Any]) -> Any:
    if isinstance(value, bytes) and len(value) >= dtype.itemsize:
        return np.frombuffer(value[: dtype.itemsize], dtype=dtype)[0]
    return value if isinstance(value, int) else None


def _marks(data: Any) -> tuple[tuple[Annotation, ...], tuple[Table, ...], bool]:
    """Coded points as annotations, coded numbers as a table; free text is dropped because it may name a person."""
    marks, numbers, had_text = [], {}, False
    for item in data.get("WaveformAnnotationSequence") or []:
        label = _code(item, "ConceptNameCodeSequence")
        if item.get("UnformattedTextValue"):
            had_text = True
        if label and item.get("NumericValue") not in (None, ""):
            unit = _code(item, "MeasurementUnitsCodeSequence", "CodeValue")
            numbers[f"{label} ({unit})" if unit else label] = float(np.ravel([item.NumericValue])[0])
        positions = item.get("ReferencedSamplePositions")
        channels = np.ravel(item.get("ReferencedWaveformChannels") or [1])
        if not label or positions in (None, ""):
            continue
        group = data.WaveformSequence[max(int(channels[0]) - 1, 0)]
        rate_hz = float(group.SamplingFrequency)
        zero_s = _number(group, "MultiplexGroupTimeOffset", 0.0) / 1000.0
        places = np.ravel(np.asarray(positions, dtype=np.float64))
        segment = str(item.get("TemporalRangeType", "POINT")) == "SEGMENT" and len(places) == 2
        starts = places[:1] if segment else places
        for place in starts:  # sample positions count from 1
            duration_s = float(places[1] - places[0]) / rate_hz if segment else 0.0
            marks.append(Annotation(start_s=zero_s + (float(place) - 1) / rate_hz, label=label, duration_s=duration_s))
    tables = (
        (Table(name="measurements", columns=tuple(numbers), values=np.array([list(numbers.values())])),)
        if numbers
        else ()
    )
    return tuple(sorted(marks, key=lambda mark: mark.start_s)), tables, had_text


class _GuardedReader(io.BufferedReader):
    """A file that gives up in a desert of zeros, which pydicom would take for element after element."""

    _n_zeros = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Bytes, unless many pieces in a row held nothing but zeros."""
        piece = super().read(size)
        self._n_zeros = 0 if piece.strip(b"\0") or len(piece) > 64 else self._n_zeros + 1
        if self._n_zeros > MAX_ZERO_PIECES:
            raise ReadError(
                "the DICOM file is damaged", got="zeros in the place of elements", expected="the elements of one object",
                way_out="copy it again from its source",
            )  # fmt: skip
        return piece


def _read(path: Path, options: ReadOptions) -> Recording:
    import pydicom

    with _GuardedReader(io.FileIO(path)) as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of odd values when they are looked at
        return _recording(path, pydicom.dcmread(stream), options)


def _recording(path: Path, data: Any, options: ReadOptions) -> Recording:
    groups = data.get("WaveformSequence")
    if not groups:
        is_image = "PixelData" in data or "Rows" in data
        raise ReadError(
            f"{path.name} is {'an image' if is_image else 'a DICOM object without waveforms'}, not a recording",
            got=str(getattr(data.get("SOPClassUID"), "name", "") or "no class"), expected="a DICOM waveform (EMG, ECG)",
            way_out=IMAGE_WAY_OUT if is_image else "open the object that holds the waveforms",
        )  # fmt: skip
    class_name = str(data.SOPClassUID.name).lower()
    kind = "emg" if "emg" in class_name or "electromyogram" in class_name else "ecg" if "ecg" in class_name else None
    labels = [[_label(item) for item in group.ChannelDefinitionSequence] for group in groups]
    names = unique_names([label for part in labels for label in part])
    channels: list[Channel] = []
    missing: list[str] = []
    for group, part in zip(groups, labels, strict=True):
        channels += _group(path, group, names[: len(part)], kind=kind, options=options, missing=missing)
        names = names[len(part) :]
    if missing:
        raise no_unit_error(path.name, missing)
    marks, tables, had_text = _marks(data)
    notes = ["Names, numbers, dates and the institution were dropped."]
    if len(groups) > 1:
        notes.append(f"{len(groups)} groups of channels are laid on one clock by the time offsets in the file.")
    if had_text:
        notes.append("Free text of the interpretation was dropped; it may name a person.")
    kept = {name: str(data.get(name)) for name in _IDENTIFYING if data.get(name)} if options.keep_identifiers else {}
    return Recording(
        channels=tuple(channels), annotations=marks, tables=tables, notes=tuple(notes), identifiers=kept,
        device=Device(maker=str(data.get("Manufacturer") or "") or None, model=str(data.get("ManufacturerModelName") or "") or None),
    )  # fmt: skip


def _detect(head: Head) -> bool:
    return head.first_bytes[128:132] == b"DICM"


FORMAT = Format(name="DICOM", suffixes=(".dcm",), detect=_detect, read=_read)
