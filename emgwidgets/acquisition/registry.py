"""Which drivers there are: our own and those of installed packages (entry points ``emgwidgets.devices``).

A driver module is imported only when it is asked for; one that fails is listed as unavailable with its cause.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from emgwidgets.acquisition.protocols import Device, DeviceError
from emgwidgets.errors import EmgError, InputError

__all__ = ["BUILT_IN", "GROUP", "Driver", "DriverState", "devices", "driver", "open_device"]

GROUP = "emgwidgets.devices"
#: Our own drivers: name and module with a ``DRIVER``.
BUILT_IN = {
    "brainflow": "emgwidgets.acquisition.brainflow",
    "fake": "emgwidgets.acquisition.fake",
    "framed": "emgwidgets.acquisition.framed",
    "lsl": "emgwidgets.acquisition.lsl",
    "replay": "emgwidgets.acquisition.replay",
    "soundcard": "emgwidgets.acquisition.soundcard",
    "virtual": "emgwidgets.acquisition.virtual",
}


@dataclass(frozen=True, kw_only=True)
class Driver:
    """A driver as it registers itself.

    Parameters
    ----------
    name : str
        Word by which it is opened.
    words : str
        What it reads from, in one line.
    open : callable
        Keywords -> :class:`~emgwidgets.acquisition.protocols.Device`, not yet opened.
    check : callable, optional
        Raises when the driver cannot work here (a missing library, no device); the sentence is shown.
    find : callable, optional
        One line for each source that could be opened now.
    """

    name: str
    words: str
    open: Callable[..., Device] = field(repr=False)
    check: Callable[[], None] | None = field(default=None, repr=False)
    find: Callable[[], tuple[str, ...]] | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class DriverState:
    """A driver as found on this machine: available, or the cause why not; and the sources it sees."""

    name: str
    words: str
    is_available: bool
    cause: str = ""
    found: tuple[str, ...] = ()


def _entry_points() -> Iterable[importlib.metadata.EntryPoint]:
    return importlib.metadata.entry_points(group=GROUP)


def _targets() -> dict[str, Callable[[], Any]]:
    """Loader of each driver by name; our own go first, so a package cannot replace them."""
    targets: dict[str, Callable[[], Any]] = {point.name: point.load for point in _entry_points()}
    for name, module in BUILT_IN.items():
        targets[name] = lambda module=module: importlib.import_module(module).DRIVER  # type: ignore[misc]
    return targets


def driver(name: str) -> Driver:
    """Load one driver.

    Raises
    ------
    InputError
        If no driver has this name.
    DeviceError
        If it cannot be loaded.
    """
    targets = _targets()
    if name not in targets:
        raise InputError(
            "no such device", got=repr(name), expected=f"one of {', '.join(sorted(targets))}",
            way_out="install the package of its driver, or see emgwidgets devices",
        )  # fmt: skip
    try:
        found = targets[name]()
    except Exception as error:
        raise DeviceError(
            f"the driver {name!r} cannot be loaded", got=_reason(error), expected="a working driver",
            way_out="update or remove the package that brings it",
        ) from error  # fmt: skip
    if not isinstance(found, Driver):
        raise DeviceError(
            f"the driver {name!r} cannot be loaded", got=type(found).__name__, expected="a Driver",
            way_out="its package is to register an object of emgwidgets.acquisition.registry.Driver",
        )  # fmt: skip
    return found


def devices(*, search: bool = False) -> tuple[DriverState, ...]:
    """All drivers by name, each available or with the cause why not.

    Parameters
    ----------
    search : bool
        Also ask each for the sources it sees now, which may take seconds (network, serial ports).
    """
    return tuple(_state(name, search=search) for name in sorted(_targets()))


def _state(name: str, *, search: bool) -> DriverState:
    words = ""
    try:
        one = driver(name)
        words = one.words
        if one.check is not None:
            one.check()
        found = one.find() if search and one.find is not None else ()
    except Exception as error:
        return DriverState(name=name, words=words, is_available=False, cause=_reason(error))
    return DriverState(name=name, words=words, is_available=True, found=tuple(found))


def open_device(name: str, **options: Any) -> Device:
    """Return a device of a driver, to be entered by ``with`` or given to an engine.

    Parameters
    ----------
    name : str
        ``"replay"``, ``"virtual"``, ... as :func:`devices` lists them.
    **options
        What the driver takes, such as ``file=``.

    Raises
    ------
    InputError
        If there is no such driver or it does not take an option.
    DeviceError
        If the driver cannot work here.
    """
    one = driver(name)
    try:
        if one.check is not None:
            one.check()
        return one.open(**options)
    except EmgError:
        raise
    except TypeError as error:
        raise InputError(
            f"the device {name!r} cannot be opened with these options", got=_reason(error), expected="the options it knows",
            way_out="see the words of its driver",
        ) from error  # fmt: skip
    except Exception as error:
        raise DeviceError(
            f"the device {name!r} cannot be opened", got=_reason(error), way_out="check its connection"
        ) from error


def _reason(error: Exception) -> str:
    """What an exception says, in one line."""
    if isinstance(error, EmgError):
        return error.sentence
    return " ".join(str(error).split())[:200] or type(error).__name__
