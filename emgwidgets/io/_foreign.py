"""Files that are known to be something else than a recording, each with its sentence; asked by reading and by the survey.

Nothing is refused here that a reader could take: content with a firm signature, names of text about the data, and the
tables of a BIDS data set.
"""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from functools import cache
from importlib import resources
from pathlib import Path

from emgwidgets.errors import ReadError

__all__ = ["IMAGE_WAY_OUT", "refuse_description", "refuse_image", "refuse_other_content"]

IMAGE_WAY_OUT = "open it with a viewer for images, such as 3D Slicer"
#: Names of files that hold words about data, whole or up to a mark such as a dot.
_ABOUT = re.compile(
    r"(licen[cs]e|readme|copying|authors|citation|notice|changelog|changes|manifest)(?![a-z0-9])", re.IGNORECASE
)
_DATA_SUFFIXES = (".csv", ".tsv", ".dat", ".asc")
#: Tables of a BIDS data set that describe a recording (BIDS 1.11, names of files).
_TABLES = (
    "_channels.tsv", "_electrodes.tsv", "_events.tsv", "_scans.tsv", "_sessions.tsv", "participants.tsv", "samples.tsv",
)  # fmt: skip
_BESIDE = "open the recording it belongs to, or the folder of a BIDS data set"
_NIFTI_BYTES = 352


def _is_nifti(path: Path, first: bytes) -> bool:
    """Whether the content is a NIfTI image, compressed or not (header size 348 or 540, NIfTI-1 and -2)."""
    if first[:2] == b"\x1f\x8b":
        try:
            with gzip.open(path) as stream:
                first = stream.read(_NIFTI_BYTES)
        except (OSError, EOFError, zlib.error):
            return False
    sizes = int.from_bytes(first[:4], "little"), int.from_bytes(first[:4], "big")
    return (348 in sizes and first[344:347] in {b"n+1", b"ni1"}) or (540 in sizes and first[4:7] in {b"n+2", b"ni2"})


def refuse_image(path: Path, first: bytes) -> None:
    """Refuse an MRI volume in NIfTI; ``first`` are the first bytes of the file.

    Raises
    ------
    ReadError
        If it is one.
    """
    if _is_nifti(path, first):
        raise ReadError(
            f"{path.name} is an MRI volume, not a recording", got="a NIfTI image", expected="samples over time",
            way_out=IMAGE_WAY_OUT,
        )  # fmt: skip


def refuse_description(path: Path, first: bytes) -> None:
    """Refuse text about a recording: licence, description, JSON and tables that stand beside it.

    Raises
    ------
    ReadError
        If it is such a file.
    """
    if _ABOUT.match(path.name) and path.suffix.lower() not in _DATA_SUFFIXES:
        raise ReadError(
            f"{path.name} is text about the data, not a recording", got="a licence or a description",
            expected="samples over time", way_out="read it with a text editor",
        )  # fmt: skip
    if first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        raise ReadError(
            f"{path.name} is a description, not a recording", got="JSON", expected="samples over time", way_out=_BESIDE
        )
    if path.name.endswith(_TABLES):
        raise ReadError(
            f"{path.name} is a table beside a recording", got="names and settings", expected="samples over time",
            way_out=_BESIDE,
        )  # fmt: skip


@cache
def _kinds() -> tuple[tuple[bytes, int, str, str, str], ...]:
    text = (resources.files("emgwidgets.io") / "foreign_files.csv").read_text(encoding="utf-8")
    return tuple(
        (bytes.fromhex(row["signature_hex"]), int(row["offset"]), row["suffix"], row["got"], row["way_out"])
        for row in csv.DictReader(text.splitlines())
    )


def refuse_other_content(path: Path, first: bytes) -> None:
    """Refuse what no reader knows, but its first bytes or its suffix tell: archives, pictures, other makers' formats.

    Raises
    ------
    ReadError
        If the content is of a known foreign kind.
    """
    for signature, offset, suffix, got, way_out in _kinds():
        if first[offset : offset + len(signature)] == signature if signature else path.suffix.lower() == suffix:
            raise ReadError(
                f"{path.name} is not in a format that is read here", got=got, expected="a recording", way_out=way_out
            )
