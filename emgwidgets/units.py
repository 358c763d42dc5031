"""Unit suffixes and the only conversions: everything behind the file border is in the suffixed unit."""

from __future__ import annotations

from emgwidgets.errors import InputError

__all__ = [
    "MICROVOLTS_PER",
    "SUFFIXES",
    "is_voltage",
    "microvolts_per",
    "ms_from_s",
    "mv_from_uv",
    "s_from_ms",
    "uv_from_mv",
]

#: Suffixes a public number may carry.
SUFFIXES = (
    "_uv", "_mv", "_ma", "_ms", "_us", "_s", "_hz", "_khz", "_mm", "_cm", "_um", "_m_per_s", "_degc", "_percent", "_mv_ms",
    "_uv_ms", "_kohm", "_years", "_kg", "_days", "_db", "_deg",
)  # fmt: skip

_VOLT = {"v": 1e6, "mv": 1e3, "uv": 1.0, "nv": 1e-3, "kv": 1e9}
#: Microvolts in one of each spelling of a voltage unit, keyed by the lower-case spelling.
MICROVOLTS_PER = {
    **_VOLT,
    "volt": 1e6, "volts": 1e6, "millivolt": 1e3, "millivolts": 1e3, "microvolt": 1.0, "microvolts": 1.0,
    "nanovolt": 1e-3, "nanovolts": 1e-3,
}  # fmt: skip


def _plain(unit: str) -> str:
    text = unit.strip().strip("[]()").strip()
    text = text.replace("\N{MICRO SIGN}", "u").replace("\N{GREEK SMALL LETTER MU}", "u")
    if text == "MV":  # a megavolt is no biological signal; a file that says MV is not to be guessed at
        return "MV?"
    return text.lower()


def is_voltage(unit: str) -> bool:
    """Whether the text names a voltage unit."""
    return _plain(unit) in MICROVOLTS_PER


def microvolts_per(unit: str) -> float:
    """Microvolts in one of the given unit.

    Parameters
    ----------
    unit : str
        The unit's text as found in a file, such as ``"mV"``.

    Raises
    ------
    InputError
        If the text names no voltage unit.
    """
    plain = _plain(unit)
    if plain not in MICROVOLTS_PER:
        raise InputError(
            "the unit is not a voltage",
            got=repr(unit),
            expected="one of V, mV, uV, nV",
            way_out="state it with unit=...",
        )
    return MICROVOLTS_PER[plain]


def mv_from_uv(value_uv: float) -> float:
    """Millivolts from microvolts."""
    return value_uv / 1000.0


def uv_from_mv(value_mv: float) -> float:
    """Microvolts from millivolts."""
    return value_mv * 1000.0


def ms_from_s(value_s: float) -> float:
    """Milliseconds from seconds."""
    return value_s * 1000.0


def s_from_ms(value_ms: float) -> float:
    """Seconds from milliseconds."""
    return value_ms / 1000.0
