"""A case folder: one case document, ``case.json``, beside the recordings that belong to it."""

from __future__ import annotations

import os
from pathlib import Path

from emgwidgets.cases.document import save_case
from emgwidgets.errors import InputError, WriteError
from emgwidgets.io.convert import convert_checked
from emgwidgets.model.case import Case

__all__ = ["CASE_FILE", "file_recording"]

CASE_FILE = "case.json"
SUFFIXES = (".edf", ".bdf")


def file_recording(
    recording: str | os.PathLike[str], folder: str | os.PathLike[str], *, suffix: str = ".edf", name: str = ""
) -> Path:
    """Put a recording into a case folder as EDF+ or BDF+, with its marks and gaps; every sample is read back.

    Parameters
    ----------
    recording : path
        For instance a live container, closed or left by a crash; it stays.
    folder : path
        Made when it is not there; an empty case document is put in when it has none.
    suffix : {".edf", ".bdf"}
    name : str
        Name in the folder, without its ending; the recording's own when left out.

    Returns
    -------
    Path
        The file in the folder.

    Raises
    ------
    WriteError
        If there is a file of this name already, or not every sample arrived.
    """
    if suffix not in SUFFIXES:
        raise InputError(
            "a case folder holds EDF+ and BDF+ recordings", got=repr(suffix), expected=" or ".join(SUFFIXES)
        )
    place, source = Path(folder), Path(recording)
    target = place / f"{name or source.stem}{suffix}"
    if target.exists():
        raise WriteError(
            f"{target.name} is in the case folder already", expected="a new name", way_out="state another name"
        )
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            f"the case folder {place.name} cannot be made", got=str(error.strerror or error), expected="a writable folder",
            way_out="choose another folder",
        ) from error  # fmt: skip
    convert_checked(source, target)
    document = place / CASE_FILE
    if not document.exists():
        save_case(Case(), document)
    return target
