"""Command measure: one word for each field, each in its own module of this package."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["KIND_MODULES", "add"]

#: Modules that add a field, such as ``emgwidgets measure ncs``.  A new field is a new module and a word here.
KIND_MODULES = (
    "_measure_ncs", "_measure_needle",
)  # fmt: skip


def add(commands: Any) -> None:
    """Add the command with its fields."""
    words = "measure a recording"
    made = commands.add_parser("measure", help=words, description=words)
    made.set_defaults(takes_more=False)
    kinds = made.add_subparsers(dest="field", required=True, metavar="FIELD")
    for name in KIND_MODULES:
        importlib.import_module(f"emgwidgets.cli.{name}").add(kinds)
