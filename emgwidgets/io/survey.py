"""A look at every file below a folder: what it holds, or the sentence with which it is refused; changes nothing."""

from __future__ import annotations

import gzip
import os
import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emgwidgets.errors import ReadError
from emgwidgets.io.registry import read
from emgwidgets.model.signal import Recording

__all__ = ["SurveyRow", "survey", "survey_text"]

#: Beginnings of file names that hold words about data, not data.
_ABOUT = (
    "license",
    "licence",
    "readme",
    "copying",
    "authors",
    "citation",
    "notice",
    "changelog",
    "changes",
    "manifest",
)

#: Tables of a BIDS data set that describe a recording (BIDS 1.11, names of files).
_TABLES = ("_channels.tsv", "_electrodes.tsv", "_events.tsv", "_scans.tsv", "_sessions.tsv", "participants.tsv")


@dataclass(frozen=True, kw_only=True)
class SurveyRow:
    """One file: either what it holds or, in ``refusal``, why it is no recording."""

    path: str
    n_bytes: int
    format: str = ""
    n_channels: int = 0
    units: tuple[str, ...] = ()
    sampling_rates_hz: tuple[float, ...] = ()
    duration_s: float = 0.0
    n_sweeps: int = 0
    n_tables: int = 0
    n_annotations: int = 0
    flags: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the file was opened."""
        return not self.refusal

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def _sorted_unique(values: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(sorted(set(values)))


def _opened(name: str, n_bytes: int, recording: Recording) -> SurveyRow:
    counts = Counter(flag.kind for flag in recording.quality_flags)
    return SurveyRow(
        path=name, n_bytes=n_bytes, format=recording.origin.format if recording.origin else "",
        n_channels=len(recording.channels), units=_sorted_unique([channel.unit for channel in recording.channels]),
        sampling_rates_hz=_sorted_unique([channel.sampling_rate_hz for channel in recording.channels]),
        duration_s=recording.duration_s, n_sweeps=len(recording.sweeps), n_tables=len(recording.tables),
        n_annotations=len(recording.annotations), flags=tuple(f"{kind} x {n}" for kind, n in sorted(counts.items())),
    )  # fmt: skip


def _is_volume(path: Path) -> bool:
    """Whether the content is a NIfTI volume, compressed or not (header size 348 or 540, NIfTI-1 and -2)."""
    with path.open("rb") as stream:
        first = stream.read(4)
    if first[:2] == b"\x1f\x8b":
        try:
            with gzip.open(path) as stream:
                first = stream.read(352)
        except (OSError, EOFError, zlib.error):
            return False
    else:
        with path.open("rb") as stream:
            first = stream.read(352)
    if len(first) < 348:
        return False
    size = struct.unpack("<i", first[:4])[0], struct.unpack(">i", first[:4])[0]
    return (348 in size and first[344:347] in {b"n+1", b"ni1"}) or (540 in size and first[4:7] in {b"n+2", b"ni2"})


def _foreign(path: Path) -> ReadError | None:
    """Sentence for files that are known to be something else."""
    if path.name.lower().startswith(_ABOUT):
        return ReadError(
            f"{path.name} is text about the data", got="a licence or a description", expected="a recording",
            way_out="read it with a text editor",
        )  # fmt: skip
    if not (path.is_file() and os.access(path, os.R_OK) and path.stat().st_size):
        return None
    if _is_volume(path):
        return ReadError(
            f"{path.name} is a volume for the MRI workflow", got="a NIfTI image", expected="a recording",
            way_out="open it in the MRI workflow",
        )  # fmt: skip
    with path.open("rb") as stream:
        first = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if first.startswith(b"{"):
        return ReadError(
            f"{path.name} is a description beside a recording", got="JSON", expected="samples",
            way_out="open the recording it belongs to, or the folder of a BIDS data set",
        )  # fmt: skip
    if path.name.endswith(_TABLES):
        return ReadError(
            f"{path.name} is a table beside a recording", got="names and settings", expected="samples",
            way_out="open the recording it belongs to, or the folder of a BIDS data set",
        )  # fmt: skip
    return None


def _row(path: Path, name: str) -> SurveyRow:
    n_bytes = path.stat().st_size if path.is_file() else 0
    try:
        foreign = _foreign(path)
        if foreign is not None:
            raise foreign
        return _opened(name, n_bytes, read(path))
    except ReadError as error:
        return SurveyRow(path=name, n_bytes=n_bytes, refusal=error.sentence)
    except OSError as error:
        return SurveyRow(path=name, n_bytes=n_bytes, refusal=f"{path.name} cannot be opened; got {error.strerror}.")


def survey(folder: str | os.PathLike[str]) -> tuple[SurveyRow, ...]:
    """Open or refuse every file below a folder, in order of path.

    Parameters
    ----------
    folder : path
        Folder; a single file gives one row.

    Returns
    -------
    tuple of SurveyRow
        One for each file; hidden files and folders are left out.

    Raises
    ------
    ReadError
        If the folder does not exist.
    """
    place = Path(folder)
    if place.is_file():
        return (_row(place, place.name),)
    if not place.is_dir():
        raise ReadError(
            "the folder does not exist", got=place.name, expected="an existing folder", way_out="check the path"
        )
    rows: list[SurveyRow] = []
    for parent, folders, files in os.walk(place):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                path = Path(parent) / name
                rows.append(_row(path, path.relative_to(place).as_posix()))
    return tuple(sorted(rows, key=lambda row: row.path))


def survey_text(rows: Sequence[SurveyRow]) -> str:
    """Table of a survey as plain text, one line for each file, and a line of sums."""
    width = min(max((len(row.path) for row in rows), default=0), 60)
    lines = [f"{row.path:<{width}}  {row.refusal or _holds(row)}" for row in rows]
    n_open = sum(row.is_open for row in rows)
    lines.append(f"{len(rows)} files: {n_open} opened, {len(rows) - n_open} refused.")
    return "\n".join(lines)


def _holds(row: SurveyRow) -> str:
    parts = [row.format]
    if row.n_channels:
        rates = "/".join(f"{rate:g}" for rate in row.sampling_rates_hz[:4])
        units = ", ".join(unit or "no unit" for unit in row.units[:4])
        plural = "s" * (row.n_channels != 1)
        parts.append(f"{row.n_channels} channel{plural} ({units}) at {rates} Hz, {row.duration_s:.3f} s")
    for count, word in ((row.n_sweeps, "sweeps"), (row.n_tables, "tables"), (row.n_annotations, "annotations")):
        if count:
            parts.append(f"{count} {word}")
    parts += row.flags
    return ", ".join(parts)
