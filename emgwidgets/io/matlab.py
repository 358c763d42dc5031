"""MATLAB files (version 5 to 7.2 and 7.3): OTBiolab+ exports by themselves, other files by the name of their variable."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgwidgets.errors import ReadError
from emgwidgets.io._stated import check_read_options, kind_of, resolve_unit
from emgwidgets.io.npy import recording_of_array
from emgwidgets.io.registry import Format, Head, ReadOptions
from emgwidgets.model.signal import ArraySamples, Channel, Device, FileOrigin, Recording, Segment

__all__ = ["FORMAT", "read_matlab"]

OPTIONS = ("variable", "names", "axis", "sweeps_start_ms", "rate_variable")
_OTB = ("Data", "Time", "SamplingFrequency", "Description")
_UNIT_IN_BRACKETS = re.compile(r"^(?P<name>.*?)\s*\[(?P<unit>[^\]]*)\]\s*$")


def _detect(head: Head) -> bool:
    first = head.first_bytes
    return first[:10] == b"MATLAB 5.0" or first[:10] == b"MATLAB 7.3"


def read_matlab(path: Path, options: ReadOptions) -> Recording:
    """Read a MATLAB file.

    An OTBiolab+ export (``Data``, ``Time``, ``SamplingFrequency``, ``Description``) needs nothing stated.  For another file
    the option ``variable`` names the array; ``unit`` and ``sampling_rate_hz`` are stated, or ``rate_variable`` names the
    variable that holds the rate.  Further options: ``names``, ``axis``, ``sweeps_start_ms`` as for NumPy arrays.

    Raises
    ------
    ReadError
        If something is not stated, with the variables found; or the file is damaged.
    """
    check_read_options(options, OPTIONS, file_name=path.name)
    with path.open("rb") as stream:
        is_hdf5 = stream.read(10) == b"MATLAB 7.3"
    variables = _load_hdf5(path) if is_hdf5 else _load(path)
    if all(name in variables for name in _OTB) and "variable" not in options.options:
        recording = _otb(variables, path.name, options)
    else:
        recording = _chosen(variables, path.name, options)
    return replace(recording, origin=FileOrigin(format="MATLAB", name=path.name, n_bytes=path.stat().st_size))


def _load(path: Path) -> dict[str, Any]:
    from scipy.io import loadmat

    try:
        found = loadmat(path, squeeze_me=False, chars_as_strings=True)
    except Exception as error:
        raise _damaged(path.name, error) from error
    return {str(name): value for name, value in found.items() if not str(name).startswith("__")}


def _damaged(name: str, error: Exception) -> ReadError:
    reason = " ".join(str(error).split())[:120] or type(error).__name__
    return ReadError(
        f"{name} is no sound MATLAB file", got=reason, expected="an undamaged file", way_out="save it again in MATLAB"
    )


def _load_hdf5(path: Path) -> dict[str, Any]:
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return {
                str(name): _from_hdf5(file, item)
                for name, item in file.items()
                if isinstance(item, h5py.Dataset) and not str(name).startswith("#")
            }
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise _damaged(path.name, error) from error


def _from_hdf5(file: Any, item: Any) -> Any:
    """Numbers, texts and cells of a 7.3 file; its axes are the other way round."""
    kind = item.attrs.get("MATLAB_class", b"").decode() if "MATLAB_class" in item.attrs else ""
    values = item[()]
    if kind == "cell":
        cells = np.empty(values.shape, dtype=object)
        for place, reference in np.ndenumerate(values):
            cells[place] = _from_hdf5(file, file[reference])
        return cells.T
    if kind == "char":
        return np.array(["".join(map(chr, values.T.reshape(-1)))])
    return np.asarray(values).T


def _cells(value: Any) -> list[Any]:
    """Contents of a cell array, or the value itself."""
    array = np.asarray(value)
    return list(array.reshape(-1)) if array.dtype == object else [array]


def _texts(value: Any) -> list[str]:
    return [str(text).strip() for cell in _cells(value) for text in np.asarray(cell).reshape(-1)]


def _otb(variables: dict[str, Any], name: str, options: ReadOptions) -> Recording:
    rate_hz = float(np.asarray(_cells(variables["SamplingFrequency"])[0]).reshape(-1)[0])
    blocks, times = _cells(variables["Data"]), _cells(variables["Time"])
    descriptions = _texts(variables["Description"])
    data = np.asarray(blocks[0])
    time_s = np.asarray(times[0], dtype=np.float64).reshape(-1)
    if len(blocks) > 1:
        raise ReadError(
            f"{name} joins several recordings", got=f"{len(blocks)} blocks", expected="one",
            way_out="export each recording to a file of its own",
        )  # fmt: skip
    if data.ndim != 2 or data.shape != (len(time_s), len(descriptions)) or data.dtype.kind not in "iuf":
        raise ReadError(
            f"the parts of the OTBiolab+ export {name} do not fit together",
            got=f"data {data.shape}, {len(time_s)} times, {len(descriptions)} descriptions",
            expected="one row per time and one column per description", way_out="export it again",
        )  # fmt: skip
    if options.sampling_rate_hz is not None and options.sampling_rate_hz != rate_hz:
        raise ReadError(
            f"{name} says another rate", got=f"{options.sampling_rate_hz:g} Hz", expected=f"{rate_hz:g} Hz",
            way_out="leave sampling_rate_hz out",
        )  # fmt: skip
    segments = _segments(time_s, rate_hz, name)
    names = options.options.get("names")
    channels = []
    for i, description in enumerate(descriptions):
        found = _UNIT_IN_BRACKETS.match(description)
        label = str(names[i]) if names else (found["name"] if found else description) or f"channel {i + 1}"
        unit_text = found["unit"].strip() if found else ""
        unit_text = re.sub(r"^(%)\s*\(.*\)$", r"\1", unit_text) if unit_text.startswith("%") else unit_text
        unit, factor = resolve_unit(unit_text, label, options, file_name=name)
        channels.append(
            Channel(
                name=label, unit=unit, sampling_rate_hz=rate_hz, segments=segments, kind=kind_of(label, unit),
                samples=ArraySamples(stored=np.ascontiguousarray(data[:, i]), gain=factor),
            )
        )  # fmt: skip
    return Recording(channels=tuple(channels), device=Device(maker="OT Bioelettronica"))


def _segments(time_s: NDArray[np.float64], rate_hz: float, name: str) -> tuple[Segment, ...]:
    """Gap-free stretches by the file's own times."""
    steps = np.diff(time_s) * rate_hz
    if not np.all(np.isfinite(time_s)) or np.any(steps < 0.5):
        raise ReadError(
            f"the times of {name} do not rise", got="a step back", expected="rising times", way_out="export it again"
        )
    firsts = [0, *(int(i) + 1 for i in np.flatnonzero(steps > 1.5))]
    stops = [*firsts[1:], len(time_s)]
    return tuple(
        Segment(first_sample=first, n_samples=stop - first, start_s=float(time_s[first]))
        for first, stop in zip(firsts, stops, strict=True)
    )


def _chosen(variables: dict[str, Any], name: str, options: ReadOptions) -> Recording:
    wanted = options.options.get("variable")
    listing = ", ".join(f"{key} {getattr(value, 'shape', '')}" for key, value in variables.items()) or "no variable"
    if wanted not in variables:
        raise ReadError(
            f"{name} does not say which variable holds the traces" if wanted is None else f"{name} has no such variable",
            got=listing[:300], expected="the name of one", way_out='choose one with variable="..."',
        )  # fmt: skip
    stated = options
    rate_variable = options.options.get("rate_variable")
    if rate_variable is not None:
        if rate_variable not in variables:
            raise ReadError(
                f"{name} has no such variable",
                got=listing[:300],
                expected="the name of one",
                way_out="correct rate_variable",
            )
        stated = replace(
            options, sampling_rate_hz=float(np.asarray(_cells(variables[rate_variable])[0]).reshape(-1)[0])
        )
    return recording_of_array(
        np.asarray(_cells(variables[wanted])[0]), stated, file_name=name, format_name="MATLAB", default_name=str(wanted)
    )


FORMAT = Format(name="MATLAB", suffixes=(".mat",), detect=_detect, read=read_matlab)
