"""Annotations to and from the files of others: EDF+, WFDB, BIDS events and CSV.  Free text survives in all of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from emgwidgets.cases.annotation_history import checked
from emgwidgets.cases.annotations import SUFFIX, AnnotationStore
from emgwidgets.cases.exchange_table import read_table, write_csv, write_events
from emgwidgets.cases.terms import find_label
from emgwidgets.errors import InputError, ReadError, WriteError
from emgwidgets.io._atomic import as_write_error, atomic_file
from emgwidgets.io.registry import read, write
from emgwidgets.model.signal import Annotation, Recording

__all__ = ["export_annotations", "import_annotations"]

WRITABLE = ".csv, .tsv (BIDS events), .edf, .bdf, .atr (WFDB)"
#: Fields EDF+ and WFDB have no place for.
_EXTRA = ("confidence", "reader", "note")
_COMMENT_SYMBOL = '"'  # the WFDB code of a comment, whose words stand in the auxiliary text
_MAX_AUX_BYTES = 254  # one byte counts the auxiliary text of WFDB


def import_annotations(path: str | os.PathLike[str]) -> tuple[Annotation, ...]:
    """Read annotations from a CSV, a BIDS ``events.tsv``, a WFDB ``.atr``, a store, or any recording that holds them.

    Parameters
    ----------
    path : path
        File; its suffix says which.

    Returns
    -------
    tuple of Annotation
        In order of time.  The exact name of a term becomes its code; any other label stays as it is.

    Raises
    ------
    ReadError
        If the file cannot be read.
    """
    place = Path(path)
    suffix = place.suffix.lower()
    if not place.exists():
        raise ReadError("the file does not exist", got=place.name, expected="a file", way_out="check the path")
    if place.name.endswith(SUFFIX):
        return tuple(replace(mark, id="") for mark in AnnotationStore.open(place))
    if suffix == ".tsv" or (suffix == ".csv" and _is_annotation_table(place)):
        return read_table(place, "\t" if suffix == ".tsv" else ",")
    if suffix == ".atr":
        header = place.with_suffix(".hea")
        if not header.is_file():
            raise ReadError(
                f"{place.name} has no header beside it", got="annotations without a rate", expected=header.name,
                way_out="copy the header into the same folder",
            )  # fmt: skip
        place = header
    found = read(place)
    marks = [_named(mark, is_alone=not found.channels) for mark in found.annotations]
    return tuple(sorted(marks, key=lambda mark: mark.start_s))


def _named(mark: Annotation, *, is_alone: bool) -> Annotation:
    """Return the mark with a code for a term; without signals EDF+ still says the channel, after two at signs."""
    label, channel = mark.label, mark.channel
    if is_alone and channel is None:
        words, at, name = label.rpartition("@@")
        label, channel = (words, name) if at and words and name else (label, None)
    return replace(mark, label=find_label(label) or "(no label)", channel=channel, id="")


def _is_annotation_table(path: Path) -> bool:
    """Whether the first line has the columns of annotations; any other CSV is asked of the readers of recordings."""
    with path.open("rb") as stream:
        first = stream.readline(4096).decode("utf-8", errors="replace").lstrip("\ufeff")
    names = {name.strip().strip('"') for name in first.split(",")}
    return bool(names & {"start_s", "onset"}) and bool(names & {"label", "trial_type", "description"})


def export_annotations(
    annotations: Iterable[Annotation], path: str | os.PathLike[str], *, recording: Recording | None = None
) -> tuple[str, ...]:
    """Write annotations in the format of the suffix.

    Parameters
    ----------
    annotations : iterable of Annotation
        What to write.
    path : path
        ``.csv``, ``.tsv`` (BIDS events, with a ``.json`` beside it), ``.edf``, ``.bdf`` or ``.atr``.
    recording : Recording, optional
        For ``.edf`` and ``.bdf``: the signals to write with the annotations; without it the EDF+ file holds
        annotations only.  For ``.atr`` it is needed for rate and channels.

    Returns
    -------
    tuple of str
        One sentence for each thing the format could not hold.

    Raises
    ------
    WriteError
        If the format is unknown or cannot hold an annotation.
    """
    place = Path(path)
    marks = tuple(sorted((checked(mark) for mark in annotations), key=lambda mark: mark.start_s))
    suffix = place.suffix.lower()
    with as_write_error(place):
        if suffix == ".csv":
            write_csv(marks, place)
        elif suffix == ".tsv":
            write_events(marks, place)
        elif suffix in (".edf", ".bdf") and recording is not None:
            write(replace(recording, annotations=marks), place)
        elif suffix == ".edf":
            _write_edf(marks, place)
        elif suffix == ".atr":
            _write_atr(marks, place, recording)
        else:
            _refuse_name(place)
    return () if suffix in (".csv", ".tsv") else tuple(_left_out(marks, suffix))


def _refuse_name(path: Path) -> NoReturn:
    raise WriteError(
        "no writer of annotations for this name", got=path.name, expected=WRITABLE, way_out="choose another suffix"
    )


def _left_out(marks: tuple[Annotation, ...], suffix: str) -> Iterable[str]:
    for name in _EXTRA:
        count = sum(bool(getattr(mark, name)) for mark in marks)
        if count:
            yield f"{suffix} has no place for {name}; it was left out of {count} annotations."
    count = sum(mark.status == "proposed" for mark in marks)
    if count:
        yield f"{suffix} has no place for status; {count} proposed annotations will be read back as confirmed."


def _write_edf(marks: tuple[Annotation, ...], path: Path) -> None:
    import edfio

    early = [mark.start_s for mark in marks if mark.start_s < 0]
    if early:
        raise WriteError(
            "annotations alone cannot begin before 0 s in EDF+", got=f"{early[0]:g} s", expected="0 s or later",
            way_out="give recording=... or write .csv",
        )  # fmt: skip
    listed = [
        edfio.EdfAnnotation(
            onset=mark.start_s, duration=mark.duration_s or None,
            text=" ".join(mark.label.split()) + (f"@@{mark.channel}" if mark.channel else ""),
        )
        for mark in marks
    ]  # fmt: skip
    try:
        file = edfio.Edf([], annotations=listed)
        with atomic_file(path) as temporary:
            file.write(temporary)
    except ValueError as error:
        raise WriteError(
            "EDF+ cannot hold these annotations", got=" ".join(str(error).split())[:120], expected="text and times of EDF+",
            way_out="write .csv",
        ) from error  # fmt: skip


def _write_atr(marks: tuple[Annotation, ...], path: Path, recording: Recording | None) -> None:
    if recording is None or not recording.channels:
        raise InputError(
            "WFDB annotations count in samples", got="no recording", expected="the recording they belong to",
            way_out="give recording=...",
        )  # fmt: skip
    rate_hz = max(channel.sampling_rate_hz for channel in recording.channels)
    names = [channel.name for channel in recording.channels]
    points: list[tuple[int, int, str, int]] = []
    for order, mark in enumerate(marks):
        where = names.index(mark.channel) if mark.channel in names else -1
        first = round((mark.start_s - recording.start_s) * rate_hz)
        if first < 0 or len(mark.label.encode()) > _MAX_AUX_BYTES:
            raise WriteError(
                "WFDB cannot hold this annotation", got=f"{mark.start_s:g} s with a label of {len(mark.label)} letters",
                expected=f"a begin within the recording and at most {_MAX_AUX_BYTES} bytes", way_out="write .csv",
            )  # fmt: skip
        if mark.duration_s > 0:
            last = round((mark.end_s - recording.start_s) * rate_hz)
            points += [(first, order, f"({mark.label}", where), (last, order, f"{mark.label})", where)]
        else:
            points.append((first, order, mark.label, where))
    _write_points(sorted(points, key=lambda point: point[:2]), path, rate_hz)


def _write_points(points: list[tuple[int, int, str, int]], path: Path, rate_hz: float) -> None:
    import numpy as np
    import wfdb

    if not points:
        raise WriteError("WFDB cannot hold an empty list of annotations", expected="one or more", way_out="write .csv")
    with tempfile.TemporaryDirectory(prefix="atr-") as folder:
        wfdb.wrann(
            "marks", "atr", np.array([point[0] for point in points]), symbol=[_COMMENT_SYMBOL] * len(points),
            aux_note=[point[2] for point in points], chan=np.array([max(point[3], 0) for point in points]),
            num=np.array([int(point[3] >= 0) for point in points]), fs=rate_hz, write_dir=folder,
        )  # fmt: skip
        with atomic_file(path) as temporary:
            temporary.write_bytes((Path(folder) / "marks.atr").read_bytes())
