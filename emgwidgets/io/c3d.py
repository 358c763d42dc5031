"""C3D motion capture files: the analogue channels with their scale, offset and unit; markers are left out."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.errors import ReadError
from emgwidgets.io._build import Scale, channel_of, emg_scales, is_emg_name, kept, unique_names
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Annotation, Device, Recording

__all__ = ["FORMAT"]


def _strings(reader: Any, group: str, name: str) -> list[str]:
    """Texts of one parameter, empty where there is none."""
    found = reader.get(group)
    parameter = found.get(name) if found is not None else None
    if parameter is None or not parameter.bytes or not parameter.dimensions:
        return []
    width = int(parameter.dimensions[0])
    content = bytes(parameter.bytes)
    if width < 1:
        return []
    return [content[i : i + width].decode("latin-1").strip() for i in range(0, len(content) - width + 1, width)]


def _check_length(path: Path, reader: Any) -> tuple[int, int]:
    """Frames and analogue samples in a frame, once the file is long enough for both."""
    header = reader.header
    n_frames = int(reader.last_frame) - int(reader.first_frame) + 1
    per_frame = int(reader.analog_per_frame)
    n_channels = int(reader.analog_used)
    if n_channels < 1 or per_frame < 1 or n_frames < 1 or not float(reader.analog_rate) > 0:
        raise ReadError(
            f"{path.name} holds no analogue channel", got=f"{n_channels} channels, {n_frames} frames",
            expected="EMG among the analogue channels", way_out="export the analogue channels from the motion system",
        )  # fmt: skip
    width = 4 if float(reader.point_scale) < 0 else 2
    needed = (int(header.data_block) - 1) * 512 + n_frames * (
        int(reader.point_used) * 4 + per_frame * n_channels
    ) * width
    if needed > path.stat().st_size:
        raise ReadError(
            f"{path.name} is cut off", got=f"{path.stat().st_size} bytes", expected=f"{needed} bytes for {n_frames} frames",
            way_out="copy it again from its source",
        )  # fmt: skip
    return n_frames, per_frame


def _analog(path: Path, reader: Any) -> np.ndarray[Any, Any]:
    """Analogue samples in the file's units, shape ``(n_channels, n_samples)``."""
    n_frames, per_frame = _check_length(path, reader)
    values = np.empty((int(reader.analog_used), n_frames * per_frame), dtype=np.float32)
    n_read = 0
    for _, _, analog in reader.read_frames(copy=False):
        if analog.shape != (values.shape[0], per_frame) or n_read >= n_frames:
            raise ReadError(
                f"{path.name} is damaged", got=f"a frame of {analog.shape}", expected=f"{(values.shape[0], per_frame)}",
                way_out="copy it again from its source",
            )  # fmt: skip
        values[:, n_read * per_frame : (n_read + 1) * per_frame] = analog
        n_read += 1
    if n_read != n_frames:
        raise ReadError(
            f"{path.name} is cut off", got=f"{n_read} frames", expected=f"{n_frames} frames", way_out="copy it again"
        )
    return values


def _events(reader: Any, rate_hz: float) -> tuple[Annotation, ...]:
    """Events with their context; their times are minutes and seconds from the first frame of the trial."""
    group = reader.get("EVENT")
    if group is None or group.get("USED") is None or group.get("TIMES") is None:
        return ()
    n_events = int(group.get("USED").int16_value)
    content = np.frombuffer(bytes(group.get("TIMES").bytes), dtype="<f4")
    labels, contexts = _strings(reader, "EVENT", "LABELS"), _strings(reader, "EVENT", "CONTEXTS")
    first_s = (int(reader.first_frame) - 1) / rate_hz
    marks = []
    for index in range(min(n_events, len(content) // 2, len(labels))):
        time_s = float(content[2 * index]) * 60 + float(content[2 * index + 1]) - first_s
        context = contexts[index] if index < len(contexts) else ""
        if np.isfinite(time_s):
            marks.append(Annotation(start_s=time_s, label=" ".join(f"{context} {labels[index]}".split()) or "event"))
    return tuple(sorted(marks, key=lambda mark: mark.start_s))


def _read(path: Path, options: ReadOptions) -> Recording:
    import c3d

    with path.open("rb") as stream, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        reader = c3d.Reader(stream)
        n_channels = int(reader.analog_used)
        labels = _strings(reader, "ANALOG", "LABELS")[:n_channels]
        units = _strings(reader, "ANALOG", "UNITS")[:n_channels]
        names = unique_names(labels + [""] * (n_channels - len(labels)), "analogue")
        units += [""] * (n_channels - len(units))
        scales = emg_scales(units, names, options, file_name=path.name)
        values = _analog(path, reader)
        rate_hz, point_hz, n_points = float(reader.analog_rate), float(reader.point_rate), int(reader.point_used)
        events = _events(reader, point_hz)
        subjects = ", ".join(_strings(reader, "SUBJECTS", "NAMES"))
        maker = (_strings(reader, "MANUFACTURER", "COMPANY") or [""])[0]
    channels = [
        channel_of(
            name, values[index], scale or Scale(unit=""), rate_hz, kind="emg" if is_emg_name(name) else "other"
        )
        for index, (name, scale) in enumerate(zip(names, scales, strict=True))
    ]  # fmt: skip
    notes = [
        "Names of subjects were dropped.",
        "Voltages are as the motion system scaled them; a gain of the EMG amplifier that it did not know is still in them.",
    ]
    if n_points:
        notes.append(f"{n_points} markers at {point_hz:g} Hz were left out.")
    return Recording(
        channels=tuple(channels),
        annotations=events,
        notes=tuple(notes),
        device=Device(maker=maker or None),
        identifiers=kept(options, {"subjects": subjects}),
    )


def _detect(head: Head) -> bool:
    # second byte 80 is the mark of the format; the first is the number of the parameter block (c3d.org user guide)
    first = head.first_bytes
    if len(first) < 512 or first[1] != 0x50 or not 2 <= first[0] <= 127:
        return False
    place = (first[0] - 1) * 512
    return len(first) >= place + 4 and first[place + 3] in {84, 85, 86}


FORMAT = Format(name="C3D", suffixes=(".c3d",), detect=_detect, read=_read)
