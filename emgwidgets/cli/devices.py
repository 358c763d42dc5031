"""Command devices: which drivers work here, and what they see."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from emgwidgets.cli._common import command, say

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the commands of this module."""
    made = command(
        commands, "devices", _devices, "list the devices that can be recorded from here, and why others cannot"
    )
    made.add_argument("--search", action="store_true", help="also look for streams and boards now; takes some seconds")


def _devices(given: argparse.Namespace) -> int:
    from emgwidgets.acquisition.registry import devices

    states = devices(search=given.search)
    lines = []
    for state in states:
        mark = "available  " if state.is_available else "unavailable"
        lines.append(f"{state.name:10} {mark}  {state.words}")
        lines += [f"{'':10}   {state.cause}"] if state.cause else []
        lines += [f"{'':10}   found: {one}" for one in state.found]
    say(given, "\n".join(lines), [asdict(state) for state in states])
    return 0
