"""Tries a driver for a second or two and says, point by point, whether it keeps what the protocol asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from emgwidgets.acquisition.engine import Engine
from emgwidgets.acquisition.protocols import Device, DeviceInfo
from emgwidgets.errors import EmgError

__all__ = ["DriverCheck", "DriverReport", "check_driver"]

#: Largest EMG that is plausible, in microvolts, and smallest spread of a live input (internal choice: a needle gives at
#: most some 20 mV, and no electrode is quieter than 0.1 uV; outside a unit is wrong or an input is dead).
LARGEST_UV, SMALLEST_UV = 50_000.0, 0.1
#: Rate that counts as the stated one over so short a try (internal choice).
RATE_SHARE = 0.1


@dataclass(frozen=True, kw_only=True)
class DriverCheck:
    """One point: what is asked, whether it holds, and what was seen."""

    what: str
    is_kept: bool
    seen: str


@dataclass(frozen=True, kw_only=True)
class DriverReport:
    """All points of a driver."""

    name: str
    checks: tuple[DriverCheck, ...]

    @property
    def is_fit(self) -> bool:
        """Whether every point holds."""
        return all(one.is_kept for one in self.checks)

    def __str__(self) -> str:
        lines = [f"{self.name}: {'fit for use' if self.is_fit else 'not yet fit for use'}"]
        lines += [f"  {'kept    ' if one.is_kept else 'NOT KEPT'}  {one.what}: {one.seen}" for one in self.checks]
        return "\n".join(lines)


def check_driver(device: Device, *, duration_s: float = 1.0) -> DriverReport:
    """Open a device, read it for a while, close it twice.

    Parameters
    ----------
    device : Device
        Not yet entered.
    duration_s : float
        How long to read.

    Returns
    -------
    DriverReport
        Printed, it is one line for each point.
    """
    checks: list[DriverCheck] = []
    engine = Engine(device, ring_s=duration_s + 2.0)
    try:
        engine.start()
    except (EmgError, TypeError, AttributeError, ValueError) as error:
        return DriverReport(
            name=type(device).__name__, checks=(_point("opens and says who it is", False, _words(error)),)
        )
    info = engine.info
    rate_hz = info.streams[0].sampling_rate_hz
    began_s = engine.clock.now_s()
    engine.wait_for(round(duration_s * rate_hz), timeout_s=3.0 * duration_s + 2.0)
    lasted_s = engine.clock.now_s() - began_s
    engine.stop()
    status = engine.status
    checks.append(_point("opens and says who it is", True, _identity(info)))
    is_fed = status.state != "failed" and engine.buffer.end() > 0
    checks.append(_point("gives blocks that fit", is_fed, "yes" if is_fed else status.sentence or "no sample came"))
    if is_fed:
        checks += _of_samples(engine, info, lasted_s)
    checks.append(_closes(device))
    return DriverReport(name=info.name, checks=tuple(checks))


def _of_samples(engine: Engine, info: DeviceInfo, lasted_s: float) -> list[DriverCheck]:
    rate_hz = info.streams[0].sampling_rate_hz
    found_hz = engine.status.n_received / lasted_s / max(len(info.streams), 1)
    status = engine.status
    held = engine.buffer.latest(10.0)
    is_on_time = abs(found_hz / rate_hz - 1) < RATE_SHARE or len(info.streams) > 1
    about = (
        f"{rate_hz:g} Hz, within {100 * RATE_SHARE:g} %" if is_on_time else f"{found_hz:.0f} instead of {rate_hz:g} Hz"
    )
    checks = [
        _point("keeps its stated rate", is_on_time, about),
        _point("loses nothing", status.n_lost == 0, f"{status.n_lost} samples lost in {status.n_gaps} gaps"),
        _point("gives numbers", bool(np.isfinite(held).any(axis=1).all()), f"{status.n_missing} values are missing"),
    ]  # fmt: skip
    for row, channel in enumerate(info.streams[0].channels):
        if channel.unit != "uV":
            continue
        values = held[row][np.isfinite(held[row])]
        spread_uv = float(np.ptp(values)) if len(values) else 0.0
        is_plausible = SMALLEST_UV <= spread_uv <= LARGEST_UV
        hint = "" if is_plausible else "; are these microvolts?" if spread_uv else "; is the input connected?"
        checks.append(_point(f"{channel.name} is in microvolts", is_plausible, f"spread {spread_uv:.4g} µV{hint}"))
    return checks


def _closes(device: Any) -> DriverCheck:
    try:
        device.__exit__(None, None, None)
        device.__exit__(None, None, None)
    except Exception as error:
        return _point("closes, also twice", False, _words(error))
    return _point("closes, also twice", True, "yes")


def _identity(info: DeviceInfo) -> str:
    counts = [(len(stream.channels), stream.sampling_rate_hz) for stream in info.streams]
    parts = [f"{n} channel{'s' * (n != 1)} at {rate_hz:g} Hz" for n, rate_hz in counts]
    return f"{info.name}, {', '.join(parts)}"


def _point(what: str, is_kept: bool, seen: str) -> DriverCheck:
    return DriverCheck(what=what, is_kept=is_kept, seen=seen)


def _words(error: Exception) -> str:
    return error.sentence if isinstance(error, EmgError) else " ".join(f"{type(error).__name__}: {error}".split())
