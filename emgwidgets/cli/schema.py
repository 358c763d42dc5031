"""Command schema: the JSON schema of a case document."""

from __future__ import annotations

import argparse
from typing import Any

from emgwidgets.cli._common import command

__all__ = ["add"]


def add(commands: Any) -> None:
    """Add the command."""
    command(commands, "schema", _schema, "the JSON schema of a case document")


def _schema(given: argparse.Namespace) -> int:
    from emgwidgets.cases.document import schema_json

    del given  # a schema is JSON with and without --json
    print(schema_json())
    return 0
