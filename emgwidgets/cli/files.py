"""Commands about files: info, convert, annotations, fetch-examples."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from emgwidgets.cli._common import check_target, command, progress, read_recording, say, stated
from emgwidgets.model.signal import Annotation

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the commands of this module."""
    info = command(commands, "info", _info, "what a file or every file of a folder holds")
    info.add_argument("path", type=Path, help="file or folder")
    stated(info)
    convert = command(commands, "convert", _convert, "write a recording in another format, by suffix")
    convert.add_argument("source", type=Path, help="file to read")
    convert.add_argument(
        "target", type=Path, help="what to write: .edf, .bdf, .hea (WFDB), .csv, .npz, or a folder ending in _bids"
    )
    convert.add_argument("--force", action="store_true", help="replace a file that exists")
    stated(convert)
    annotations = command(
        commands, "annotations", _annotations, "list, import or export the annotations of a recording"
    )
    annotations.add_argument("path", type=Path, help="the recording")
    annotations.add_argument("--export", type=Path, metavar="OUT", help="write them: .csv, .tsv, .edf, .bdf or .atr")
    annotations.add_argument("--import", type=Path, metavar="IN", dest="source", help="add those of another file first")
    annotations.add_argument("--force", action="store_true", help="replace a file that exists")
    stated(annotations)
    fetch = command(commands, "fetch-examples", _fetch, "download the open PhysioNet needle EMG examples")
    fetch.add_argument("folder", type=Path, nargs="?", default=Path("physionet-emgdb"), help="where to put them")


def _info(given: argparse.Namespace) -> int:
    if given.path.is_dir():
        return _info_folder(given)
    from emgwidgets.analysis.signal.quality import all_flags
    from emgwidgets.cli._describe import as_dict, describe

    recording = read_recording(given, given.path)
    flags = all_flags(recording)
    say(given, describe(recording, flags), as_dict(recording, flags))
    return 0


def _info_folder(given: argparse.Namespace) -> int:
    from emgwidgets.io.survey import survey, survey_text

    progress(f"Opening every file in {given.path.resolve().name} ...")
    rows = survey(given.path)
    say(given, survey_text(rows), [row.as_dict() for row in rows])
    return 0


def _convert(given: argparse.Namespace) -> int:
    from emgwidgets.io.registry import write

    recording = read_recording(given, given.source)
    check_target(given, given.source, given.target)
    write(recording, given.target)
    text = f"{given.source.name} ({recording.origin.format if recording.origin else ''}) written as {given.target.name}"
    say(given, text, {"source": given.source.name, "target": given.target.name, "notes": list(recording.notes)})
    return 0


def _annotations(given: argparse.Namespace) -> int:
    from dataclasses import asdict

    from emgwidgets.cases.annotations import AnnotationStore
    from emgwidgets.cases.exchange import export_annotations, import_annotations
    from emgwidgets.cli._describe import annotation_lines

    recording = read_recording(given, given.path)
    store = AnnotationStore.beside(given.path)
    for warning in store.warnings:
        progress(warning)
    if given.source is not None:
        marks = import_annotations(given.source)
        for mark in marks:
            store.add(mark)
        progress(f"{len(marks)} annotations of {given.source.name} added to {store.path.name if store.path else ''}.")
    listed: list[tuple[str, Annotation]] = [("in the file", mark) for mark in recording.annotations]
    listed += [("beside the file", mark) for mark in store]
    listed.sort(key=lambda entry: entry[1].start_s)
    if given.export is not None:
        check_target(given, given.path, given.export)
        for sentence in export_annotations((mark for _, mark in listed), given.export, recording=recording):
            progress(sentence)
    say(given, annotation_lines(listed), [{"kept": place, **asdict(mark)} for place, mark in listed])
    return 0


def _fetch(given: argparse.Namespace) -> int:
    from emgwidgets.io.examples import fetch_physionet_examples

    headers = fetch_physionet_examples(given.folder, report=progress)
    names = [header.name for header in headers]
    say(given, f"{', '.join(names)} in {given.folder}", {"folder": str(given.folder), "records": names})
    return 0
