"""WAV files (PCM 8 to 32 bit, float 32 and 64) whose samples stay in the file until looked at.

A WAV has a rate but no unit: what full scale (or one unit of a float) means is stated by the user.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from emgwidgets.errors import ReadError
from emgwidgets.io._packed import PackedSamples, map_bytes
from emgwidgets.io._stated import check_read_options, kind_of
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import Channel, FileOrigin, QualityFlag, Recording, RecordingSettings
from emgwidgets.units import is_voltage, microvolts_per

__all__ = ["FORMAT", "read_wav"]

OPTIONS = ("full_scale_uv", "full_scale", "names", "allow_truncated")
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_CODES = {(_PCM, 1): "u1", (_PCM, 2): "<i2", (_PCM, 3): "i3", (_PCM, 4): "<i4", (_FLOAT, 4): "<f4", (_FLOAT, 8): "<f8"}


@dataclass(frozen=True, kw_only=True)
class _Wave:
    """Format and place of the samples."""

    code: str
    n_channels: int
    sampling_rate_hz: float
    width: int
    first_byte: int
    n_bytes_stated: int
    n_bytes_there: int


def _detect(head: Head) -> bool:
    return head.first_bytes[:4] in {b"RIFF", b"RF64"} and head.first_bytes[8:12] == b"WAVE"


def read_wav(path: Path, options: ReadOptions) -> Recording:
    """Read a WAV file.

    Integers need ``full_scale_uv=...``, or ``full_scale=...`` with ``unit="..."``: the value at full deflection.  Floats
    are taken as values in ``unit="..."`` unless a full scale is stated, which then belongs to 1.0.  Further options:
    ``names``, ``allow_truncated=True``.

    Raises
    ------
    ReadError
        If unit or full scale are not stated, or the file is damaged or cut short.
    """
    check_read_options(options, OPTIONS, file_name=path.name)
    wave = _parse(path)
    frame_bytes = wave.width * wave.n_channels
    n_frames, flags = _n_frames(wave, frame_bytes, path.name, allow=bool(options.options.get("allow_truncated")))
    names = options.options.get("names") or [f"channel {i + 1}" for i in range(wave.n_channels)]
    if len(names) != wave.n_channels:
        raise ReadError(
            "the names do not fit the channels", got=f"{len(names)} names", expected=str(wave.n_channels),
            way_out="correct names=[...]",
        )  # fmt: skip
    frames = map_bytes(path, offset=wave.first_byte, n_frames=n_frames, frame_bytes=frame_bytes)
    channels = []
    for i, name in enumerate(map(str, names)):
        unit, gain, offset, limit = _calibration(wave.code, name, options, path.name)
        channels.append(
            Channel(
                name=name, unit=unit, sampling_rate_hz=wave.sampling_rate_hz, kind=kind_of(name, unit),
                samples=PackedSamples(
                    frames=frames, first_byte=i * wave.width, n_per_frame=1, code=wave.code, gain=gain, offset=offset
                ),
                settings=RecordingSettings(converter_range=None if limit is None else (-limit, limit)),
            )
        )  # fmt: skip
    return Recording(
        channels=tuple(channels), quality_flags=flags, origin=FileOrigin(format="WAV", name=path.name),
        notes=("A WAV file has no unit; the one stated was used.",),
    )  # fmt: skip


def _calibration(code: str, name: str, options: ReadOptions, file_name: str) -> tuple[str, float, float, float | None]:
    """Return unit, gain, offset and the value at full scale."""
    unit_text = options.unit_of(name)
    full_scale = options.options.get("full_scale_uv")
    unit, factor = "uV", 1.0
    if full_scale is None:
        full_scale = options.options.get("full_scale")
        if unit_text is None or (full_scale is None and "f" not in code):
            raise ReadError(
                f"{file_name} does not say what its samples mean", got="a WAV file, which has no unit",
                expected="the value at full scale", way_out='state full_scale_uv=..., or full_scale=... with unit="mV"',
            )  # fmt: skip
        unit, factor = ("uV", microvolts_per(unit_text)) if is_voltage(unit_text) else (unit_text, 1.0)
    if full_scale is None:
        return unit, factor, 0.0, None
    limit = float(full_scale) * factor
    if not 0 < limit < float("inf"):
        raise ReadError(
            "the full scale is no size", got=repr(full_scale), expected="a number above 0", way_out="correct it"
        )
    if "f" in code:
        return unit, limit, 0.0, None
    n_bits = {"u1": 8, "<i2": 16, "i3": 24, "<i4": 32}[code]
    gain = limit / 2 ** (n_bits - 1)
    return unit, gain, -128 * gain if code == "u1" else 0.0, limit


def _n_frames(wave: _Wave, frame_bytes: int, name: str, *, allow: bool) -> tuple[int, tuple[QualityFlag, ...]]:
    if wave.n_bytes_there >= wave.n_bytes_stated:
        n_frames = wave.n_bytes_stated // frame_bytes
        flags: tuple[QualityFlag, ...] = ()
    else:
        n_frames = wave.n_bytes_there // frame_bytes
        rate_bytes = frame_bytes * wave.sampling_rate_hz
        missing_s = (wave.n_bytes_stated - wave.n_bytes_there) / rate_bytes
        if not allow:
            raise ReadError(
                f"{name} is not whole: {missing_s:g} s are missing", got=f"{wave.n_bytes_there} bytes of samples",
                expected=str(wave.n_bytes_stated),
                way_out="copy it again from its source, or open what is there with allow_truncated=True",
            )  # fmt: skip
        end_s = n_frames / wave.sampling_rate_hz
        reason = (
            f"{missing_s:g} s that the header promises are not in the file; only what is there is shown; copy it again."
        )
        flags = (
            QualityFlag(
                kind="missing", channel=None, start_s=end_s, end_s=end_s + missing_s, size=missing_s, unit="s", reason=reason
            ),
        )  # fmt: skip
    if n_frames == 0:
        raise ReadError(f"{name} holds no samples", got="0 samples", expected="at least one", way_out="copy it again")
    return n_frames, flags


def _parse(path: Path) -> _Wave:
    """Walk over the chunks of the file; nothing is read but their heads."""
    n_bytes = path.stat().st_size
    layout: tuple[str, int, int, int] | None = None
    with path.open("rb") as stream:
        if stream.read(4) == b"RF64":
            raise ReadError(
                f"{path.name} is a 64-bit WAV", got="RF64", expected="RIFF", way_out="export it in parts below 4 GB"
            )
        place = 12
        while place + 8 <= n_bytes:
            stream.seek(place)
            name, size = struct.unpack("<4sI", stream.read(8))
            if name == b"fmt ":
                layout = _layout(stream.read(min(size, 64)), path.name)
            elif name == b"data":
                if layout is None:
                    break
                code, n_channels, rate, width = layout
                return _Wave(
                    code=code, n_channels=n_channels, sampling_rate_hz=float(rate), width=width, first_byte=place + 8,
                    n_bytes_stated=size, n_bytes_there=n_bytes - place - 8,
                )  # fmt: skip
            place += 8 + size + size % 2
    raise ReadError(
        f"{path.name} holds no samples",
        got="a WAV without a data chunk",
        expected="format and data",
        way_out="copy it again",
    )


def _layout(content: bytes, name: str) -> tuple[str, int, int, int]:
    if len(content) < 16:
        raise ReadError(
            f"the header of {name} is cut short", got=f"{len(content)} bytes", expected="16", way_out="copy it again"
        )
    tag, n_channels, rate, _, block, n_bits = struct.unpack("<HHIIHH", content[:16])
    if tag == _EXTENSIBLE and len(content) >= 26:
        tag = struct.unpack("<H", content[24:26])[0]
    code = _CODES.get((tag, n_bits // 8)) if n_bits % 8 == 0 else None
    if code is None or n_channels == 0 or rate == 0 or block != n_channels * n_bits // 8:
        raise ReadError(
            f"{name} is coded in a way that is not read", got=f"code {tag}, {n_bits} bits, {n_channels} channels, {rate} Hz",
            expected="PCM of 8, 16, 24 or 32 bits or float", way_out="export it as PCM",
        )  # fmt: skip
    return code, n_channels, rate, n_bits // 8


FORMAT = Format(name="WAV", suffixes=(".wav",), detect=_detect, read=read_wav)
