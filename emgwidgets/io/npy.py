"""NumPy files: the project's own ``.npz``, which holds a whole Recording, and foreign ``.npy`` and ``.npz`` arrays.

A foreign array says neither unit nor rate, so both are stated by the user.  Pickled objects are never loaded.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgwidgets.errors import ReadError
from emgwidgets.io._atomic import atomic_file, check_folder
from emgwidgets.io._described import channel_from, describe, marks_from, sweep_from, table_from
from emgwidgets.io._holdable import check_holdable
from emgwidgets.io._stated import check_read_options, kind_of
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import ArraySamples, Channel, FileOrigin, Recording, Stimulus, Sweep
from emgwidgets.units import is_voltage, microvolts_per

__all__ = ["FORMATS", "SCHEMA", "read_npy", "read_npz", "recording_of_array", "write_npz"]

SCHEMA = "emgwidgets.recording/1"
OPTIONS = ("array", "names", "axis", "sweeps_start_ms")
#: More channels or sweeps than this mean that the axes are the other way round.
MAX_ROWS = 4096


def _detect_npy(head: Head) -> bool:
    return head.first_bytes[:6] == b"\x93NUMPY"


def _detect_npz(head: Head) -> bool:
    if head.first_bytes[:4] != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(head.path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return b".npy" in head.first_bytes[:512]
    return bool(names) and all(name.endswith(".npy") for name in names)


def read_npy(path: Path, options: ReadOptions) -> Recording:
    """Read one array; see :func:`recording_of_array` for what has to be stated.

    Raises
    ------
    ReadError
        If unit or rate are not stated, or the array holds no numbers.
    """
    check_read_options(options, tuple(name for name in OPTIONS if name != "array"), file_name=path.name)
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError, SyntaxError) as error:
        raise _unloadable(path.name, error) from error
    return recording_of_array(array, options, file_name=path.name, format_name="NumPy", default_name=path.stem)


def _unloadable(name: str, error: Exception) -> ReadError:
    reason = " ".join(str(error).split())[:120]
    return ReadError(
        f"{name} cannot be loaded as numbers", got=reason, expected="an undamaged array of numbers",
        way_out="save it again with numpy.save, without Python objects",
    )  # fmt: skip


def recording_of_array(
    array: NDArray[Any], options: ReadOptions, *, file_name: str, format_name: str, default_name: str
) -> Recording:
    """Build a Recording of an array whose unit and rate the user states.

    Parameters
    ----------
    array : ndarray, shape (n_samples,) or (n_channels, n_samples) or (n_trials, n_samples)
        The longer axis is time unless the option ``axis`` says which is.
    options : ReadOptions
        ``unit`` and ``sampling_rate_hz`` are needed; the option ``sweeps_start_ms`` makes each row a sweep that begins
        at this time after its stimulus (negative: before it); ``names`` names the channels.

    Raises
    ------
    ReadError
        If something needed is not stated or the array is of another kind.
    """
    if array.dtype.kind not in "iuf" or array.ndim not in {1, 2} or array.size == 0:
        raise ReadError(
            f"{file_name} holds no traces", got=f"{array.dtype} of shape {array.shape}",
            expected="numbers of shape (n_samples,) or (n_channels, n_samples)", way_out="save the traces as such an array",
        )  # fmt: skip
    if options.sampling_rate_hz is None:
        raise ReadError(
            f"{file_name} does not say its sampling rate" + (" or its unit" if options.unit is None else ""),
            got=f"numbers of shape {array.shape}", expected="both stated" if options.unit is None else "a rate",
            way_out="state sampling_rate_hz=..." + (' and unit="mV", or the unit it is' if options.unit is None else ""),
        )  # fmt: skip
    rows = array.reshape(1, -1) if array.ndim == 1 else _time_last(array, options, file_name)
    if "sweeps_start_ms" in options.options:
        return _sweeps(rows, options, file_name, format_name)
    names = options.options.get("names") or [
        default_name if len(rows) == 1 else f"{default_name} {i + 1}" for i in range(len(rows))
    ]
    if len(names) != len(rows):
        raise ReadError(
            "the names do not fit the channels", got=f"{len(names)} names", expected=f"{len(rows)}", way_out="correct names=[...]"
        )  # fmt: skip
    channels = []
    for name, row in zip(names, rows, strict=True):
        unit, factor = _stated_unit(options, str(name), file_name)
        channels.append(
            Channel(
                name=str(name), unit=unit, sampling_rate_hz=options.sampling_rate_hz, kind=kind_of(str(name), unit),
                samples=ArraySamples(stored=np.asarray(row), gain=factor),
            )
        )  # fmt: skip
    return Recording(channels=tuple(channels), origin=FileOrigin(format=format_name, name=file_name))


def _stated_unit(options: ReadOptions, name: str, file_name: str) -> tuple[str, float]:
    unit = options.unit_of(name)
    if unit is None:
        raise ReadError(
            f"{file_name} does not say in which unit {name!r} is", got="no unit", expected="V, mV, uV, nV or another unit",
            way_out='state it with unit="mV"',
        )  # fmt: skip
    return ("uV", microvolts_per(unit)) if is_voltage(unit) else (unit, 1.0)


def _time_last(array: NDArray[Any], options: ReadOptions, file_name: str) -> NDArray[Any]:
    axis = options.options.get("axis")
    if axis not in {None, 0, 1, -1}:
        raise ReadError("axis is no axis of time", got=repr(axis), expected="0 or 1", way_out="state axis=0 or axis=1")
    time_first = array.shape[0] > array.shape[1] if axis is None else axis == 0
    rows = array.T if time_first else array
    if len(rows) > MAX_ROWS:
        raise ReadError(
            f"{file_name} would have {len(rows)} channels", got=f"shape {array.shape}", expected=f"at most {MAX_ROWS}",
            way_out="state the axis of time with axis=0 or axis=1",
        )  # fmt: skip
    return rows


def _sweeps(rows: NDArray[Any], options: ReadOptions, file_name: str, format_name: str) -> Recording:
    unit, factor = _stated_unit(options, "sweep", file_name)
    if unit != "uV":
        raise ReadError(
            "sweeps are voltages", got=f"unit {unit!r}", expected="V, mV, uV or nV", way_out='state unit="uV"'
        )
    assert options.sampling_rate_hz is not None
    sweeps = tuple(
        Sweep(
            samples_uv=np.asarray(row, dtype=np.float64) * factor, sampling_rate_hz=options.sampling_rate_hz,
            start_ms=float(options.options["sweeps_start_ms"]), stimulus=Stimulus(time_s=0.0, label=f"sweep {i + 1}"),
        )
        for i, row in enumerate(rows)
    )  # fmt: skip
    note = "The file says nothing of the stimuli; their times on a common clock are not known."
    return Recording(sweeps=sweeps, notes=(note,), origin=FileOrigin(format=format_name, name=file_name))


def read_npz(path: Path, options: ReadOptions) -> Recording:
    """Read an ``.npz``: the project's own whole, a foreign one by the name of its array (option ``array``).

    Raises
    ------
    ReadError
        If it is damaged or something is not stated.
    """
    check_read_options(options, OPTIONS, file_name=path.name)
    try:
        archive = np.load(path, allow_pickle=False)
        with archive:
            names = list(archive.files)
            if "emgwidgets" in names:
                return _own(archive, path)
            array, name = _chosen(archive, names, options, path.name)
    except ReadError:
        raise
    except (ValueError, OSError, EOFError, KeyError, TypeError, zipfile.BadZipFile, SyntaxError) as error:
        raise _unloadable(path.name, error) from error
    return recording_of_array(array, options, file_name=path.name, format_name="NumPy archive", default_name=name)


def _chosen(archive: Any, names: list[str], options: ReadOptions, file_name: str) -> tuple[NDArray[Any], str]:
    name = options.options.get("array", names[0] if len(names) == 1 else None)
    if name not in names:
        raise ReadError(
            f"{file_name} holds several arrays" if name is None else f"{file_name} has no such array",
            got=", ".join(names[:12]) or "no array", expected="the name of one", way_out='choose one with array="..."',
        )  # fmt: skip
    return archive[name], str(name)


def _own(archive: Any, path: Path) -> Recording:
    data = json.loads(str(archive["emgwidgets"][()]))
    if data.get("schema") != SCHEMA:
        raise ReadError(
            f"{path.name} was written by another version", got=repr(data.get("schema")), expected=SCHEMA,
            way_out="open it with the version that wrote it and write it again",
        )  # fmt: skip
    channels = tuple(
        channel_from(
            item, ArraySamples(stored=archive[f"channel_{i}"], gain=float(item["gain"]), offset=float(item["offset"]))
        )
        for i, item in enumerate(data["channels"])
    )
    sweeps = tuple(sweep_from(item, archive[f"sweep_{i}"]) for i, item in enumerate(data["sweeps"]))
    tables = tuple(table_from(item, archive[f"table_{i}"]) for i, item in enumerate(data["tables"]))
    origin = FileOrigin(format="NumPy archive", name=path.name, n_bytes=path.stat().st_size)
    return Recording(channels=channels, sweeps=sweeps, tables=tables, origin=origin, **marks_from(data))


def write_npz(recording: Recording, path: Path) -> None:
    """Write everything a Recording holds except identifiers, samples as stored, so that reading gives it back exactly.

    Raises
    ------
    WriteError
        If there is nothing to write or no place to write it.
    """
    check_folder(path)
    check_holdable(recording, "npz", holds=("sweeps", "stimuli", "tables"))
    arrays: dict[str, NDArray[Any]] = {}
    for i, channel in enumerate(recording.channels):
        arrays[f"channel_{i}"] = channel.samples.read_stored(0, channel.n_samples)
    for i, sweep in enumerate(recording.sweeps):
        arrays[f"sweep_{i}"] = np.asarray(sweep.samples_uv)
    for i, table in enumerate(recording.tables):
        arrays[f"table_{i}"] = np.asarray(table.values)
    text = json.dumps({"schema": SCHEMA, **describe(recording)})
    with atomic_file(path) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, emgwidgets=np.array(text), **arrays)


FORMATS = (
    Format(name="NumPy", suffixes=(".npy",), detect=_detect_npy, read=read_npy),
    Format(name="NumPy archive", suffixes=(".npz",), detect=_detect_npz, read=read_npz, write=write_npz),
)
