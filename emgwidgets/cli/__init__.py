"""The command line: what a script or a colleague without notebooks needs.  Exit 0 done, 1 input unusable, 2 wrong usage."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from emgwidgets.errors import EmgError

__all__ = ["COMMAND_MODULES", "main", "parser"]

#: Modules of this package that add commands, in the order of the help.  A new command is a new module and a word here.
COMMAND_MODULES = (
    "correlate",
    "decompose",
    "devices",
    "evaluate",
    "files",
    "interpret",
    "machine",
    "measure",
    "mri_report",
    "record",
    "schema",
    "simulate",
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(prog="emgwidgets", description="Electrodiagnosis on the command line.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMAND_MODULES:
        importlib.import_module(f"emgwidgets.cli.{name}").add(commands)
    return top


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
