"""Parameters of localisation from ``parameters.toml``, each with its source and mark.  No judgement."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["clock", "number", "parameter", "table"]


@cache
def table() -> dict[str, Any]:
    """Everything in the file."""
    text = resources.files("emgwidgets.interpretation.localisation").joinpath("parameters.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def parameter(name: str) -> dict[str, Any]:
    """One entry, such as ``"clock.large_units"``, with its source and mark."""
    group, _, own = name.partition(".")
    found: dict[str, Any] = table()[group][own]
    return found


@cache
def number(name: str) -> float:
    """Value of one entry, such as ``"needle.large_share"``."""
    return float(parameter(name)["value"])


@cache
def clock(name: str) -> tuple[float, float]:
    """Day at which half of a change is there, and its width in days."""
    entry = parameter(f"clock.{name}")
    return float(entry["day"]), float(entry["width"])
