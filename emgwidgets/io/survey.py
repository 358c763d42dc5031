"""A look at every file below a folder: what it holds, or the sentence with which it is refused; changes nothing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emgwidgets.errors import ReadError
from emgwidgets.io.registry import read
from emgwidgets.model.signal import Recording

__all__ = ["SurveyRow", "survey", "survey_text"]


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


def _row(path: Path, name: str) -> SurveyRow:
    n_bytes = path.stat().st_size if path.is_file() else 0
    try:
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
