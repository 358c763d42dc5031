"""Units and kinds of channels at the file border: what the file says, what the user states, and when to stop."""

from __future__ import annotations

from emgwidgets.errors import ReadError
from emgwidgets.io.registry import ReadOptions
from emgwidgets.units import is_voltage, microvolts_per

__all__ = ["KNOWN_UNITS", "check_read_options", "kind_of", "looks_like_emg", "resolve_unit"]

#: Lower-case units that are certainly no voltage and are kept as the file writes them.
KNOWN_UNITS = frozenset(
    {
        "%", "degc", "celsius", "c", "°c", "k", "n", "kn", "nm", "n.m", "n*m", "mm", "cm", "m", "um", "g", "kg", "mg",
        "hz", "khz", "bpm", "rpm", "/min", "1/min", "s", "ms", "us", "l", "ml", "l/s", "l/min", "ml/min", "mmhg",
        "cmh2o", "kpa", "pa", "hpa", "bar", "mbar", "deg", "rad", "m/s", "m/s2", "m/s^2", "deg/s", "rad/s", "ohm",
        "kohm", "mohm", "s/m", "us/cm", "ma", "ua", "a", "na", "db", "lux", "lx", "boolean", "j", "w", "ppm", "t", "ut",
    }
)  # fmt: skip

_KINDS = (
    ("stimulus", ("stim", "trig", "status", "sync")),
    ("force", ("force", "torque", "moment")),
    ("ecg", ("ecg", "ekg")),
    ("emg", ("emg",)),
    ("other", ("eeg", "eog", "resp", "temp", "sao2", "spo2", "light", "sound", "pos", "acc", "gyro", "mag")),
)


def looks_like_emg(label: str) -> bool:
    """Whether a channel's label says that it is an EMG."""
    return "emg" in label.lower()


def kind_of(label: str, unit: str) -> str:
    """Return the kind of a channel by its label, else by its unit: a voltage is ``"emg"``, the rest ``"other"``."""
    plain = label.lower()
    if "needle" in plain and "emg" in plain:
        return "needle_emg"
    for kind, words in _KINDS:
        if any(word in plain for word in words):
            return kind
    return "emg" if unit == "uV" else "other"


def resolve_unit(file_unit: str, label: str, options: ReadOptions, *, file_name: str) -> tuple[str, float]:
    """Return the unit to keep and the factor into it.

    A unit stated for this very channel goes before the file's; a unit stated for the whole file only fills a hole.

    Parameters
    ----------
    file_unit : str
        Unit text of the file; empty where it says nothing.
    label : str
        Name of the channel.
    options : ReadOptions
        What the user states.
    file_name : str
        Name for the sentence.

    Returns
    -------
    unit : str
        ``"uV"`` for a voltage, else the unit's own text (empty for a stated dimensionless channel).
    factor : float
        What values are multiplied by.

    Raises
    ------
    ReadError
        If neither says what the unit is, or what is said is not to be understood.
    """
    stated = options.unit_of(label)
    by_name = stated is not None and not isinstance(options.unit, str)
    text = stated if stated is not None and (by_name or not file_unit.strip()) else file_unit
    text = text.strip()
    if is_voltage(text):
        return "uV", microvolts_per(text)
    if text.strip("[]() ") == "MV":
        raise ReadError(
            f"the unit of channel {label!r} in {file_name} is ambiguous", got=repr(text), expected="mV or MV, not to be guessed",
            way_out=f'state it with unit={{"{label}": "mV"}}',
        )  # fmt: skip
    if text and (text.lower().strip("[]() ") in KNOWN_UNITS or not looks_like_emg(label) or by_name):
        return text, 1.0
    if not text and by_name:
        return "", 1.0
    raise ReadError(
        f"{file_name} does not say in which unit channel {label!r} is" if not text
        else f"the unit of channel {label!r} in {file_name} is not known",
        got=repr(text), expected="V, mV, uV or nV, or a unit that is no voltage",
        way_out=f'state it with unit={{"{label}": "mV"}}, or unit={{"{label}": ""}} if it has none',
    )  # fmt: skip


def check_read_options(options: ReadOptions, known: tuple[str, ...], *, file_name: str) -> None:
    """Raise a ReadError for an option the reader does not have."""
    for name in options.options:
        if name not in known:
            raise ReadError(
                f"{file_name} cannot be read with this option", got=name, expected=", ".join(known) or "no further option",
                way_out="leave it out",
            )  # fmt: skip
