"""What the commands share: options, printing, reading a file with what the user stated, and guarding a target."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from emgwidgets.errors import InputError, WriteError
from emgwidgets.model.signal import Recording

__all__ = ["PURPOSE", "check_target", "command", "progress", "read_recording", "reading", "say", "say_result", "stated"]

#: Said once below every result.
PURPOSE = "It teaches and documents; it is no medical device."


def command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
    """Add one command that takes ``--json``.

    Parameters
    ----------
    commands : argparse subparsers
        What ``add(commands)`` of a command module is given.
    name, words : str
        Word after ``emgwidgets``, and what it does.
    run : callable
        Takes the parsed options, returns the exit code.
    """
    made: argparse.ArgumentParser = commands.add_parser(name, help=words, description=words)
    made.add_argument("--json", action="store_true", help="print JSON")
    made.set_defaults(run=run, takes_more=False)
    return made


def stated(made: argparse.ArgumentParser) -> None:
    """Options for what a file may not say: unit and rate."""
    made.add_argument(
        "--unit", action="append", default=[], metavar="[CHANNEL=]UNIT",
        help="unit where the file has none, for all channels or for one; may be repeated",
    )  # fmt: skip
    made.add_argument("--rate", type=float, metavar="HZ", help="sampling rate where the file has none")


def say(given: argparse.Namespace, text: str, plain: Any) -> None:
    """Print the text, or the plain values as JSON."""
    # Plain JSON has no NaN; what is not finite is not expected in any of these values.
    print(json.dumps(plain, indent=2, allow_nan=False) if given.json else text)


def say_result(given: argparse.Namespace, text: str, plain: Any) -> None:
    """Print a result as :func:`say` does; below a text stands what the software is for."""
    say(given, f"{text}\n\n{PURPOSE}", plain)


def progress(text: str) -> None:
    """Say on stderr what is going on."""
    print(text, file=sys.stderr, flush=True)


def read_recording(given: argparse.Namespace, path: Path) -> Recording:
    """Read a file with the unit and rate that were stated."""
    from emgwidgets.io.registry import read

    return read(path, **reading(given))


def reading(given: argparse.Namespace) -> dict[str, Any]:
    """Unit and rate that were stated, as arguments of reading."""
    said = {"unit": _unit(given.unit), "sampling_rate_hz": given.rate}
    return {name: value for name, value in said.items() if value is not None}


def _unit(words: Sequence[str]) -> str | dict[str, str] | None:
    by_channel = dict(word.rsplit("=", 1) for word in words if "=" in word)
    whole = [word for word in words if "=" not in word]
    if len(whole) > 1 or (whole and by_channel):
        raise InputError(
            "--unit is given in two ways", got=" ".join(words), expected="one unit for all, or CHANNEL=UNIT for each",
            way_out="leave one out",
        )  # fmt: skip
    return by_channel or (whole[0] if whole else None)


def check_target(given: argparse.Namespace, source: Path, target: Path) -> None:
    """Refuse a target that is the source, or that exists and was not to be replaced."""
    if target.exists() and source.exists() and target.resolve() == source.resolve():
        raise WriteError(
            f"{target.name} is the file that is read", expected="another name", way_out="write to a new file"
        )
    if target.exists() and not given.force:
        raise WriteError(
            f"{target.name} exists already", expected="a new name", way_out="choose another or add --force"
        )
