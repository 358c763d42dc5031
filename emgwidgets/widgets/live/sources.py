"""Anything that can be looked at live, as an engine: an engine, a device, a driver's name, a file, a virtual patient."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emgwidgets.acquisition.engine import Engine
from emgwidgets.errors import InputError
from emgwidgets.model.signal import Recording

if TYPE_CHECKING:
    from emgwidgets.acquisition.protocols import Device, DeviceInfo

__all__ = ["HISTORY_S", "channel_rows", "describe_channels", "engine_of"]

#: Seconds held to scroll back in (internal choice: twice the 30 s a reader asks to hear again; 8 x 50 kHz take 96 MB).
HISTORY_S = 60.0
#: First sensitivity of a voltage: 50 uV a division, the sensitivity for activity at rest (facts: needle, settings) [M].
FIRST_UV = 50.0


def engine_of(
    source: Any, *, ring_s: float = HISTORY_S, reconnect_s: float = 10.0, gains: Mapping[str, float] | None = None,
    **options: Any,
) -> Engine:  # fmt: skip
    """Return an engine that is not yet started, or the one given.

    Parameters
    ----------
    source : Engine, Device, str, path, Recording or VirtualPatient
        A word such as ``"lsl"`` names a driver; a path or a Recording is replayed in real time; a virtual patient gets a
        needle in ``muscle=...`` or a nerve study with ``nerve=...``.
    ring_s : float
        Seconds held in memory.
    reconnect_s : float
        How long to try again when the device goes away.
    gains : mapping of channel name to float
        Factors from a calibration.
    **options
        For the driver.

    Raises
    ------
    InputError
        If the source is none of these.
    """
    if isinstance(source, Engine):
        return source
    return Engine(_device_of(source, options), ring_s=ring_s, reconnect_s=reconnect_s, gains=gains)


def _device_of(source: Any, options: dict[str, Any]) -> Device:
    from emgwidgets.acquisition.registry import BUILT_IN, devices, open_device

    if isinstance(source, Recording):
        return open_device("replay", file=source, **options)
    if isinstance(source, str | os.PathLike):
        word = os.fspath(source)
        is_driver = isinstance(source, str) and (word in BUILT_IN or word in {one.name for one in devices()})
        return open_device(word, **options) if is_driver else open_device("replay", file=source, **options)
    if hasattr(source, "motor_study"):
        return open_device("virtual", patient=source, **options)
    if hasattr(source, "identify") and hasattr(source, "read"):
        return source  # type: ignore[no-any-return]
    raise InputError(
        "this cannot be looked at live", got=type(source).__name__,
        expected="an engine, a device, the name of a driver, a file, a recording or a virtual patient",
        way_out="see emgwidgets devices",
    )  # fmt: skip


def channel_rows(info: DeviceInfo) -> tuple[tuple[int, int], ...]:
    """Stream and row of each channel, in the order in which a widget numbers them."""
    return tuple((number, row) for number, stream in enumerate(info.streams) for row in range(len(stream.channels)))


def describe_channels(info: DeviceInfo) -> list[dict[str, Any]]:
    """Channels for the browser: name and its words, unit, stream, row, rate and a first sensitivity."""
    found = []
    for number, row in channel_rows(info):
        stream = info.streams[number]
        channel = stream.channels[row]
        is_voltage = channel.unit == "uV"
        found.append(
            {
                "name": channel.name, "words": channel.name.replace("_", " "), "unit": "\N{MICRO SIGN}V" if is_voltage else channel.unit, "is_voltage": is_voltage,
                "kind": channel.kind.replace("_", " "), "stream": number, "row": row, "rate_hz": stream.sampling_rate_hz,
                "per_division": FIRST_UV if is_voltage else 1.0, "centre": 0.0,
            }
        )  # fmt: skip
    return found
