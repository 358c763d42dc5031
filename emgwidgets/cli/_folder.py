"""A folder in place of a file: the same command on every file of it, into one tidy table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from emgwidgets.cli._common import check_target, progress, say
from emgwidgets.errors import InputError

if TYPE_CHECKING:
    from emgwidgets.batch.run import Task

__all__ = ["folder_options", "refuse_with_folder", "run_folder"]


def folder_options(made: argparse.ArgumentParser, *, has_out: bool = False) -> None:
    """Options for a folder; ``has_out`` where the command has ``--out`` and ``--force`` for a file already."""
    if not has_out:
        made.add_argument(
            "--out", type=Path, metavar="TABLE",
            help="folder: table to write, .csv, .json or .parquet; CSV is printed when left out",
        )  # fmt: skip
        made.add_argument("--force", action="store_true", help="replace a table that exists")
    made.add_argument(
        "--pattern", default="*", metavar="GLOB", help="folder: which files, such as '*.edf'; all when left out"
    )
    made.add_argument("--jobs", type=int, default=1, metavar="N", help="folder: files at once (1)")


def refuse_with_folder(given: argparse.Namespace, *names: str) -> None:
    """Raise InputError where an option is given that belongs to one file."""
    for name in names:
        if getattr(given, name):
            raise InputError(
                f"--{name} belongs to one file",
                got="a folder",
                expected="a file",
                way_out=f"leave out --{name}, or name the file",
            )


def run_folder(given: argparse.Namespace, folder: Path, task: Task) -> int:
    """Measure a folder and write or print the table; 1 when no file of it could be measured."""
    from emgwidgets.batch.run import files_below, measure_files
    from emgwidgets.batch.table import check_table_name

    if given.out is not None:
        check_table_name(given.out)
        check_target(given, folder, given.out)
    table = measure_files(files_below(folder, given.pattern), task, jobs=given.jobs, progress=progress)
    states = table.files
    n_measured = sum(state == "measured" for state in states.values())
    if given.out is not None:
        table.write(given.out, force=given.force)
        summary = f"{len(states)} files: {n_measured} measured, {len(states) - n_measured} not; {len(table.rows)} rows in {given.out.name}"
        say(given, summary, {"table": given.out.name, "n_rows": len(table.rows), "files": states})
    else:
        say(given, table.to_csv().rstrip("\n"), list(table.rows))
    if not n_measured:
        progress("No file could be measured; the column reason of the table says why.")
    return int(not n_measured)
