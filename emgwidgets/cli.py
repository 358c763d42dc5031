"""The command line: what a script or a colleague without notebooks needs.  Exit 0 done, 1 input unusable, 2 wrong usage."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emgwidgets.errors import EmgError, InputError, WriteError
from emgwidgets.model.signal import Annotation, Recording

__all__ = ["main", "parser"]


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(prog="emgwidgets", description="Electrodiagnosis on the command line.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    info = _command(commands, "info", _info, "what a file or every file of a folder holds")
    info.add_argument("path", type=Path, help="file or folder")
    _stated(info)
    convert = _command(commands, "convert", _convert, "write a recording in another format, by suffix")
    convert.add_argument("source", type=Path, help="file to read")
    convert.add_argument("target", type=Path, help="file to write")
    convert.add_argument("--force", action="store_true", help="replace a file that exists")
    _stated(convert)
    annotations = _command(
        commands, "annotations", _annotations, "list, import or export the annotations of a recording"
    )
    annotations.add_argument("path", type=Path, help="the recording")
    annotations.add_argument("--export", type=Path, metavar="OUT", help="write them: .csv, .tsv, .edf, .bdf or .atr")
    annotations.add_argument("--import", type=Path, metavar="IN", dest="source", help="add those of another file first")
    annotations.add_argument("--force", action="store_true", help="replace a file that exists")
    _stated(annotations)
    _command(commands, "doctor", _doctor, "what this machine can do, and the way out where it cannot")
    lab = _command(commands, "lab", _lab, "open JupyterLab on the lessons; further options go to JupyterLab")
    lab.set_defaults(takes_more=True)
    fetch = _command(commands, "fetch-examples", _fetch, "download the open PhysioNet needle EMG examples")
    fetch.add_argument("folder", type=Path, nargs="?", default=Path("physionet-emgdb"), help="where to put them")
    return top


def _command(commands: Any, name: str, run: Any, words: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=run, takes_more=False)
    return command


def _stated(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--unit", action="append", default=[], metavar="[CHANNEL=]UNIT",
        help="unit where the file has none, for all channels or for one; may be repeated",
    )  # fmt: skip
    command.add_argument("--rate", type=float, metavar="HZ", help="sampling rate where the file has none")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after ``emgwidgets``; those of the process by default.

    Returns
    -------
    int
        0 done, 1 the input cannot be used (one sentence on stderr).

    Raises
    ------
    SystemExit
        With 2 on wrong usage.
    """
    top = parser()
    given, more = top.parse_known_args(arguments)
    if more and not given.takes_more:
        top.error(f"unrecognized arguments: {' '.join(more)}")
    given.more = more
    try:
        code: int = given.run(given)
        sys.stdout.flush()
    except EmgError as error:
        print(error.sentence, file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left; no complaint at exit
        return 0
    except OSError as error:
        print(f"{Path(str(error.filename or 'a file')).name} cannot be used; got {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _say(given: argparse.Namespace, text: str, plain: Any) -> None:
    # Plain JSON has no NaN; what is not finite is not expected in any of these values.
    print(json.dumps(plain, indent=2, allow_nan=False) if given.json else text)


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _read(given: argparse.Namespace, path: Path) -> Recording:
    from emgwidgets.io.registry import read

    return read(path, unit=_unit(given.unit), sampling_rate_hz=given.rate)


def _unit(words: Sequence[str]) -> str | dict[str, str] | None:
    by_channel = dict(word.rsplit("=", 1) for word in words if "=" in word)
    whole = [word for word in words if "=" not in word]
    if len(whole) > 1 or (whole and by_channel):
        raise InputError(
            "--unit is given in two ways", got=" ".join(words), expected="one unit for all, or CHANNEL=UNIT for each",
            way_out="leave one out",
        )  # fmt: skip
    return by_channel or (whole[0] if whole else None)


def _info(given: argparse.Namespace) -> int:
    if given.path.is_dir():
        return _info_folder(given)
    from emgwidgets.analysis.signal.quality import check_quality
    from emgwidgets.cli_describe import as_dict, describe

    recording = _read(given, given.path)
    flags = (*recording.quality_flags, *check_quality(recording))
    _say(given, describe(recording, flags), as_dict(recording, flags))
    return 0


def _info_folder(given: argparse.Namespace) -> int:
    from emgwidgets.io.survey import survey, survey_text

    _progress(f"Opening every file in {given.path.resolve().name} ...")
    rows = survey(given.path)
    _say(given, survey_text(rows), [row.as_dict() for row in rows])
    return 0


def _check_target(given: argparse.Namespace, source: Path, target: Path) -> None:
    if target.exists() and source.exists() and target.resolve() == source.resolve():
        raise WriteError(
            f"{target.name} is the file that is read", expected="another name", way_out="write to a new file"
        )
    if target.exists() and not given.force:
        raise WriteError(
            f"{target.name} exists already", expected="a new name", way_out="choose another or add --force"
        )


def _convert(given: argparse.Namespace) -> int:
    from emgwidgets.io.registry import write

    recording = _read(given, given.source)
    _check_target(given, given.source, given.target)
    write(recording, given.target)
    text = f"{given.source.name} ({recording.origin.format if recording.origin else ''}) written as {given.target.name}"
    _say(given, text, {"source": given.source.name, "target": given.target.name, "notes": list(recording.notes)})
    return 0


def _annotations(given: argparse.Namespace) -> int:
    from dataclasses import asdict

    from emgwidgets.cases.annotations import AnnotationStore
    from emgwidgets.cases.exchange import export_annotations, import_annotations
    from emgwidgets.cli_describe import annotation_lines

    recording = _read(given, given.path)
    store = AnnotationStore.beside(given.path)
    for warning in store.warnings:
        _progress(warning)
    if given.source is not None:
        marks = import_annotations(given.source)
        for mark in marks:
            store.add(mark)
        _progress(f"{len(marks)} annotations of {given.source.name} added to {store.path.name if store.path else ''}.")
    listed: list[tuple[str, Annotation]] = [("in the file", mark) for mark in recording.annotations]
    listed += [("beside the file", mark) for mark in store]
    listed.sort(key=lambda entry: entry[1].start_s)
    if given.export is not None:
        _check_target(given, given.path, given.export)
        for sentence in export_annotations((mark for _, mark in listed), given.export, recording=recording):
            _progress(sentence)
    _say(given, annotation_lines(listed), [{"kept": place, **asdict(mark)} for place, mark in listed])
    return 0


def _doctor(given: argparse.Namespace) -> int:
    from emgwidgets.cli_doctor import doctor, doctor_text

    findings = doctor()
    _say(given, doctor_text(findings), [one.as_dict() for one in findings])
    return int(any(one.state == "problem" for one in findings))


def _lab(given: argparse.Namespace) -> int:
    from emgwidgets.launch import lab_command, project_folder
    from emgwidgets.launch import main as launch

    if given.json:
        print(json.dumps(lab_command(project_folder(), given.more), indent=2))
        return 0
    return launch(given.more)


def _fetch(given: argparse.Namespace) -> int:
    from emgwidgets.io.examples import fetch_physionet_examples

    headers = fetch_physionet_examples(given.folder, report=_progress)
    names = [header.name for header in headers]
    _say(given, f"{', '.join(names)} in {given.folder}", {"folder": str(given.folder), "records": names})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
