"""How units are printed for readers: field names and stored texts keep ``uV``, ``degC`` and ``us``, sentences show the signs."""

from __future__ import annotations

import re

__all__ = ["printed", "printed_unit"]

#: Unit as it is stored -> as it is printed.
_SIGNS = {
    "uV": "\N{MICRO SIGN}V", "uV ms": "\N{MICRO SIGN}V ms", "us": "\N{MICRO SIGN}s", "degC": "\N{DEGREE SIGN}C",
    "kohm": "k\N{GREEK CAPITAL LETTER OMEGA}",
}  # fmt: skip
#: ``us`` is a word as well, so it is a unit only after a number.
_IN_TEXT = (
    (re.compile(r"(?<=\d )us\b"), _SIGNS["us"]),
    (re.compile(r"(?<![\w\"'=])uV\b(?![\"'])"), _SIGNS["uV"]),
    (re.compile(r"(?<![\w\"'=])degC\b(?![\"'])"), _SIGNS["degC"]),
)


def printed_unit(unit: str) -> str:
    """Return a unit as it is printed; one that has no sign of its own stays as it is."""
    return _SIGNS.get(unit, unit)


def printed(text: str) -> str:
    """Return a sentence with its units as they are printed; what stands in quotes is to be typed and stays."""
    for pattern, sign in _IN_TEXT:
        text = pattern.sub(sign, text)
    return text
