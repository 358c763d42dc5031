"""Numbers of the bench in words: as many decimals as a good trace carries, with the 90 % interval."""

from __future__ import annotations

from emgwidgets.model.measure import Absent, Measure, Result

__all__ = ["half_of", "number_text", "value_text"]

#: Decimals shown for each unit; enough for the 90 % interval of good traces, no more.
DECIMALS = {"ms": 2, "m/s": 0, "mV": 1, "uV": 1, "mV ms": 1, "uV ms": 1, "%": 0}
#: Below this many mV or uV one more decimal is shown, so that a small response does not read as nothing.
SMALL = 0.1
#: Middle of an interval this share of its width off its value: both ends are shown; internal choice.
LOPSIDED = 0.05


def half_of(measure: Measure) -> float | None:
    """Half width of the 90 % interval, for ``value ± half``."""
    return None if measure.low is None or measure.high is None else 0.5 * (measure.high - measure.low)


def value_text(value: float, unit: str, low: float | None, high: float | None) -> str:
    """A value with half its interval, where there is one; an interval that rounds to nothing is not shown as nothing.

    A share whose interval is lopsided, such as 2 of 20, has both its ends.
    """
    half = None if low is None or high is None else 0.5 * (high - low)
    decimals = DECIMALS.get(unit, 2)
    if unit in ("mV", "uV") and 0 < abs(value) < SMALL:
        decimals += 1
    if (
        unit == "%"
        and low is not None
        and high is not None
        and abs(0.5 * (low + high) - value) > LOPSIDED * (high - low)
    ):
        return f"{value:.{decimals}f} ({low:.{decimals}f}-{high:.{decimals}f})"
    tail = "" if half is None else f" ± {max(half, 10.0**-decimals):.{decimals}f}"
    return f"{round(value, decimals) + 0.0:.{decimals}f}{tail}"  # no minus before a nought


def number_text(result: Result | None, *, absent: str = "no response", missing: str = "not tested") -> str:
    """A measure with its 90 % interval, or the words for no response and not tested."""
    if result is None:
        return missing
    return absent if isinstance(result, Absent) else value_text(result.value, result.unit, result.low, result.high)
