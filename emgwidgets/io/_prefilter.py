"""The filter text of a channel header, such as ``HP:20Hz LP:10kHz N:50Hz``, to and from RecordingSettings."""

from __future__ import annotations

import re

from emgwidgets.model.signal import RecordingSettings

__all__ = ["format_prefilter", "parse_prefilter"]

_ITEM = re.compile(
    r"\b(HP|LP|N|NOTCH)\s*[:=]\s*([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*(k|m)?\s*(?:Hz)?(?![A-Za-z])", re.IGNORECASE
)
_FACTOR = {"": 1.0, "k": 1000.0, "m": 0.001}
_NAME = {"HP": "high", "LP": "low", "N": "notch", "NOTCH": "notch"}


def parse_prefilter(text: str) -> dict[str, float]:
    """Return the corner frequencies found, as keywords of RecordingSettings; zero and unreadable items are left out."""
    fields = {"high": "high_pass_hz", "low": "low_pass_hz", "notch": "notch_hz"}
    found: dict[str, float] = {}
    for name, number, prefix in _ITEM.findall(text):
        value_hz = float(number) * _FACTOR[prefix.lower() if prefix else ""]
        if value_hz > 0:
            found[fields[_NAME[name.upper()]]] = value_hz
    return found


def format_prefilter(settings: RecordingSettings) -> str:
    """Return the filter text for a header of 80 characters."""
    items = (("HP", settings.high_pass_hz), ("LP", settings.low_pass_hz), ("N", settings.notch_hz))
    return " ".join(f"{name}:{value_hz:.10g}Hz" for name, value_hz in items if value_hz)[:80]
