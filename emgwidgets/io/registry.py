"""Which formats there are, how one is recognised by its content, and the border every file passes.

A format is a module of this folder with a ``FORMAT`` object; adding one is that module, its name in ``MODULES`` and a
test.  Heavy libraries are imported inside ``read`` and ``write``, never at the top.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from emgwidgets.errors import EmgError, ReadError, WriteError
from emgwidgets.io._atomic import as_write_error
from emgwidgets.io._foreign import refuse_description, refuse_image, refuse_other_content
from emgwidgets.model.signal import FileOrigin, Recording

__all__ = ["MODULES", "Format", "Head", "ReadOptions", "detect_format", "formats", "read", "write"]

#: Modules in order of trial: the ones with a firm signature first, loose text last.
MODULES = (
    "edf", "live", "xdf", "abf", "intan", "spike2", "hdf5_opensignals", "dicom", "c3d", "wav", "npy", "matlab", "qtrac",
    "opensignals_text", "openbci", "delsys", "monstim", "wfdb", "bids_emg", "delimited",
)  # fmt: skip

HEAD_BYTES = 65536


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What a user states about a file because the file does not.

    Parameters
    ----------
    unit : str or mapping of channel name to str, optional
        Unit of the samples where the file has none.
    sampling_rate_hz : float, optional
        Rate where the file has none.
    columns : mapping or path, optional
        Column map of a delimited text (see :mod:`emgwidgets.io.delimited`).
    keep_identifiers : bool
        Keep names, dates and numbers that identify a person in ``Recording.identifiers``.
    options : mapping
        Further named options of one format.
    """

    unit: str | Mapping[str, str] | None = None
    sampling_rate_hz: float | None = None
    columns: Any = None
    keep_identifiers: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def unit_of(self, channel: str) -> str | None:
        """Return the unit stated for one channel, if any."""
        if isinstance(self.unit, Mapping):
            return self.unit.get(channel)
        return self.unit


@dataclass(frozen=True, kw_only=True)
class Head:
    """What detection may look at: the path, whether it is a folder, its first 64 KiB and its length."""

    path: Path
    is_folder: bool
    first_bytes: bytes
    n_bytes: int

    @property
    def text(self) -> str:
        """First bytes as text, undecodable bytes replaced; empty for binary content."""
        if b"\0" in self.first_bytes[:4096] and not self.first_bytes.startswith((b"\xff\xfe", b"\xfe\xff")):
            return ""
        if self.first_bytes.startswith((b"\xff\xfe", b"\xfe\xff")):
            return self.first_bytes.decode("utf-16", errors="replace")
        return self.first_bytes.decode("utf-8-sig", errors="replace")


@dataclass(frozen=True, kw_only=True)
class Format:
    """A file format.

    Parameters
    ----------
    name : str
        Name shown to the user, such as ``"EDF+"``.
    suffixes : tuple of str
        Usual suffixes with the dot; used for writing and in sentences, never for detection.
    detect : callable
        Head -> True when the content is of this format.
    read : callable
        (path, options) -> Recording.
    write : callable, optional
        (recording, path, **options) -> None.
    is_loose : bool
        Recognised only by looking like columns of numbers, so text about a recording is refused before it is asked.
    """

    name: str
    suffixes: tuple[str, ...]
    detect: Callable[[Head], bool]
    read: Callable[[Path, ReadOptions], Recording]
    write: Callable[..., None] | None = None
    is_loose: bool = False


@cache
def formats() -> tuple[Format, ...]:
    """All formats in order of trial."""
    found: list[Format] = []
    for name in MODULES:
        module = importlib.import_module(f"emgwidgets.io.{name}")
        found.extend(getattr(module, "FORMATS", None) or (module.FORMAT,))
    return tuple(found)


def _head(path: Path) -> Head:
    if not path.exists():
        raise ReadError(
            "the file does not exist",
            got=path.name,
            expected="an existing file or folder",
            way_out="check the path",
        )
    if path.is_dir():
        return Head(path=path, is_folder=True, first_bytes=b"", n_bytes=0)
    if not path.is_file():
        raise ReadError(f"{path.name} is not an ordinary file", expected="a file or a folder", way_out="check the path")
    if not os.access(path, os.R_OK):
        raise ReadError(
            f"{path.name} may not be read",
            got="no permission",
            expected="read permission",
            way_out="change its mode",
        )
    n_bytes = path.stat().st_size
    if n_bytes == 0:
        raise ReadError(
            f"{path.name} is empty",
            got="0 bytes",
            expected="a recording",
            way_out="copy it again from its source",
        )
    try:
        with path.open("rb") as stream:
            first_bytes = stream.read(HEAD_BYTES)
    except OSError as error:
        raise ReadError(
            f"{path.name} cannot be opened",
            got=str(error.strerror),
            expected="a readable file",
            way_out="check the disk and its mode",
        ) from error
    return Head(path=path, is_folder=False, first_bytes=first_bytes, n_bytes=n_bytes)


def detect_format(path: str | os.PathLike[str]) -> Format:
    """Recognise a file by its content.

    Raises
    ------
    ReadError
        If it cannot be opened or no format knows it.
    """
    return _format_of(_head(Path(path)))


def _format_of(head: Head, *, is_described: bool = False) -> Format:
    """Format of a file; ``is_described`` when the user has stated its columns."""
    if not head.is_folder:
        refuse_image(head.path, head.first_bytes)
    for candidate in formats():
        if candidate.is_loose and not head.is_folder and not is_described:
            refuse_description(head.path, head.first_bytes)
        if candidate.detect(head):
            return candidate
    refuse_other_content(head.path, head.first_bytes)
    what = "a folder" if head.is_folder else f"{head.n_bytes} bytes beginning {head.first_bytes[:8]!r}"
    raise ReadError(
        f"{head.path.name} is not in a known format",
        got="text without columns of numbers" if head.text.strip() else what,
        expected=", ".join(known.name for known in formats()),
        way_out="convert it, or describe its columns with columns=... if it is text",
    )


def read(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    unit: str | Mapping[str, str] | None = None,
    sampling_rate_hz: float | None = None,
    columns: Any = None,
    keep_identifiers: bool = False,
    **options: Any,
) -> Recording:
    """Read a file or folder of any supported format into a Recording.

    Parameters
    ----------
    path : path
        File or folder.
    format : str, optional
        Name of a format, to skip detection.
    unit, sampling_rate_hz, columns, keep_identifiers
        See :class:`ReadOptions`.
    **options
        Further options of one format.

    Returns
    -------
    Recording
        Voltages in microvolts, samples lazy where the format allows it.

    Raises
    ------
    ReadError
        If the file cannot be read whole; the sentence says what, got, expected, way out.
    """
    place = Path(path)
    head = _head(place)
    if format is None:
        chosen = _format_of(head, is_described=columns is not None)
    else:
        matches = [known for known in formats() if known.name.lower() == format.lower()]
        if not matches:
            raise ReadError(
                "no such format", got=repr(format), expected=", ".join(known.name for known in formats()),
                way_out="leave format out to have it detected",
            )  # fmt: skip
        chosen = matches[0]
    stated = ReadOptions(
        unit=unit,
        sampling_rate_hz=sampling_rate_hz,
        columns=columns,
        keep_identifiers=keep_identifiers,
        options=options,
    )
    try:
        recording = chosen.read(place, stated)
    except ReadError:
        raise
    except (MemoryError, RecursionError) as error:
        raise ReadError(
            f"{place.name} needs more memory than there is", got=type(error).__name__, expected=f"a sound {chosen.name} file",
            way_out="its header may be damaged; copy it again from its source",
        ) from error  # fmt: skip
    except EmgError as error:
        raise ReadError(error.what, got=error.got, expected=error.expected, way_out=error.way_out) from error
    except Exception as error:
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise ReadError(
            f"{place.name} cannot be read as {chosen.name}", got=reason, expected="a whole and undamaged file",
            way_out="copy it again from its source or export it in another format",
        ) from error  # fmt: skip
    if recording.origin is None:
        origin = FileOrigin(format=chosen.name, name=place.name, n_bytes=None if head.is_folder else head.n_bytes)
        recording = replace(recording, origin=origin)
    return recording


def write(recording: Recording, path: str | os.PathLike[str], *, format: str | None = None, **options: Any) -> None:
    """Write a Recording in the format of the suffix.

    Identifiers are never written.  A file that exists is replaced only after the new one is complete.

    Parameters
    ----------
    recording : Recording
        What to write.
    path : path
        Its name says the format: .edf, .bdf, .hea (WFDB), .csv, .npz, or a folder ending in _bids (BIDS-EMG).
    format : str, optional
        Name of a format, where the suffix does not say it.
    **options
        Further options of one format.

    Raises
    ------
    WriteError
        If no format has this suffix or the format cannot hold the recording.
    """
    place = Path(path)
    writers = [known for known in formats() if known.write is not None]
    if format is not None:
        chosen = [known for known in writers if known.name.lower() == format.lower()]
    else:
        chosen = [known for known in writers if any(place.name.lower().endswith(suffix) for suffix in known.suffixes)]
    if not chosen:
        raise WriteError(
            "no writer for this name", got=place.name,
            expected=", ".join(f"{known.name} ({known.suffixes[0]})" for known in writers), way_out="choose another suffix",
        )  # fmt: skip
    writer = chosen[0].write
    assert writer is not None
    with as_write_error(place):
        writer(recording, place, **options)
