"""Writes a recording as another format and reads it back: a conversion that lost a sample is an error, not a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from emgwidgets.errors import WriteError
from emgwidgets.io.registry import read, write

__all__ = ["convert_checked"]


def convert_checked(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Convert a file and look whether every sample and every gap arrived.

    Parameters
    ----------
    source : path
        Any file that can be read; it stays.
    target : path
        File to write; its suffix tells the format.

    Raises
    ------
    ReadError
        If the source cannot be read.
    WriteError
        If the format cannot hold it, or what is read back is not what was there.
    """
    source, target = Path(source), Path(target)
    recording = read(source)
    padded: dict[str, Any] = {"pad": True} if target.suffix.lower() in (".edf", ".bdf") else {}
    write(recording, target, **padded)
    back = read(target)
    for before, after in zip(recording.channels, back.channels, strict=True):
        if after.n_samples < before.n_samples or len(after.segments) < len(before.segments):
            raise WriteError(
                f"{target.name} does not hold all of channel {before.name!r}", got=f"{after.n_samples} samples",
                expected=f"{before.n_samples}", way_out=f"keep {source.name}, which does, and write another format",
            )  # fmt: skip
