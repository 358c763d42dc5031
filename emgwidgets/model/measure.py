"""One measured number with its unit, method, conditions and uncertainty, and its difference from absent and not tested."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from emgwidgets.errors import InputError
from emgwidgets.model.checks import Strict, check_choice, check_range, positive, tuples
from emgwidgets.printed import printed_unit

__all__ = [
    "AMPLITUDE_METHODS", "UNITS", "Absent", "Conditions", "Marker", "Measure", "Measures", "Result", "TraceLink",
    "number_text", "unit_of",
]  # fmt: skip

#: Unit text of each name suffix, longest suffix first.
UNITS = {
    "_m_per_s": "m/s", "_mv_ms": "mV ms", "_uv_ms": "uV ms", "_percent": "%", "_degc": "degC", "_years": "years",
    "_kohm": "kohm", "_days": "days", "_uv": "uV", "_mv": "mV", "_ma": "mA", "_us": "us", "_ms": "ms", "_hz": "Hz",
    "_mm": "mm", "_cm": "cm", "_s": "s",
}  # fmt: skip
#: Names without a suffix.
PLAIN_UNITS = {"f_persistence": "%", "h_m_ratio": "ratio"}
#: How an amplitude was taken; ``not_stated`` is for numbers typed in from a report that does not say.
AMPLITUDE_METHODS = ("baseline_to_peak", "peak_to_peak", "not_stated")


def unit_of(name: str) -> str:
    """Unit text that belongs to the name of a measure; ``"count"`` for ``n_`` names, ``"ratio"`` without suffix."""
    if name in PLAIN_UNITS:
        return PLAIN_UNITS[name]
    if name.startswith("n_"):
        return "count"
    return next((unit for suffix, unit in UNITS.items() if name.endswith(suffix)), "ratio")


def number_text(value: float, low: float | None = None, high: float | None = None) -> str:
    """Write a number with the digits its 90 % interval supports; without one, with four significant digits at most.

    The last digit is the first one of the half width, and one more where that begins with 1, so that rounding adds
    little to the uncertainty (internal choice, the usual rule of laboratories).  A typed number of up to four digits stays
    as it was typed.
    """
    half = 0.0 if low is None or high is None else max(high - value, value - low)
    if not (math.isfinite(half) and half > 0):
        return f"{value:.4g}"
    power = math.floor(math.log10(half))
    decimals = -power + (1 if half / 10.0**power < 2.0 else 0)
    most = 3 if value == 0 else max(3 - math.floor(math.log10(abs(value))), 0)  # four significant digits
    decimals = min(decimals, most)
    shown = round(value, decimals)
    return f"{shown + 0.0:.{max(decimals, 0)}f}"  # + 0.0: no minus before a zero


@dataclass(frozen=True, kw_only=True)
class Marker(Strict):
    """A marker on a trace.

    Parameters
    ----------
    kind : str
        Such as ``"onset"``, ``"negative_peak"``, ``"positive_peak"``, ``"return_to_baseline"``.
    time_ms : float
        After the stimulus of a sweep, or after the start of a trace.
    value_uv : float, optional
        Voltage there; negative numbers are negative deflections.
    is_manual : bool
        Whether a person placed it.
    """

    kind: str
    time_ms: float
    value_uv: float | None = None
    is_manual: bool = False

    def __post_init__(self) -> None:
        if not math.isfinite(self.time_ms):
            raise InputError(f"the {self.kind} marker has no time", got=f"{self.time_ms} ms", expected="a finite time")


@dataclass(frozen=True, kw_only=True)
class TraceLink(Strict):
    """Where the waveform of a number is: file name beside the case, channel or sweep, and stretch."""

    recording: str
    channel: str = ""
    sweep: int | None = None
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Conditions(Strict):
    """What a number depends on; None where not known, which makes a clause that needs it unjudgeable."""

    electrode: str | None = None
    high_pass_hz: float | None = None
    low_pass_hz: float | None = None
    notch_hz: float | None = None
    skin_temperature_degc: float | None = None
    distance_mm: float | None = None
    is_supramaximal: bool | None = None

    def __post_init__(self) -> None:
        for name in ("high_pass_hz", "low_pass_hz", "notch_hz", "distance_mm"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise InputError(f"{name} cannot be used", got=str(value), expected="a number from 0")
        # Wide enough for any living limb; a Fahrenheit number falls outside.  Internal choice.
        check_range(self.skin_temperature_degc, 5.0, 45.0, what="the skin temperature", unit="degC")


@dataclass(frozen=True, kw_only=True)
class Measure(Strict):
    """A measured number.

    Parameters
    ----------
    value : float
        In ``unit``; an amplitude is a positive magnitude.
    unit : str
        Such as ``"ms"``, ``"mV"``, ``"uV"``, ``"m/s"``, ``"%"``.
    method : str
        How it was taken; for an amplitude one of :data:`AMPLITUDE_METHODS`.
    low, high : float, optional
        90 % interval of the value, in ``unit``; None where it is not known.
    trace, markers
        The waveform it came from.
    is_typed : bool
        Whether it was typed in from a report instead of measured here.
    """

    value: float
    unit: str
    method: str = ""
    low: float | None = None
    high: float | None = None
    conditions: Conditions = field(default=Conditions())
    trace: TraceLink | None = None
    markers: tuple[Marker, ...] = ()
    is_typed: bool = False

    def __post_init__(self) -> None:
        tuples(self, "markers")
        check_choice(self.unit, (*dict.fromkeys(UNITS.values()), "count", "ratio"), what="the unit of a measure")
        if not math.isfinite(self.value):
            raise InputError(
                "a measure must be a finite number", got=f"{self.value} {self.unit}",
                way_out="use Absent(reason=...) for an absent response and leave out what was not tested",
            )  # fmt: skip
        if (self.low is None) != (self.high is None):
            raise InputError("an interval needs both ends", got=f"{self.low} to {self.high}", expected="low and high")
        if self.low is not None and self.high is not None and not self.low <= self.value <= self.high:
            raise InputError(
                "the interval of a measure must hold its value",
                got=f"{self.value} in {self.low} to {self.high} {self.unit}", expected="low <= value <= high",
            )  # fmt: skip

    @property
    def text(self) -> str:
        """Value and unit, such as ``"3.4 ms"``, with the digits its interval supports."""
        return f"{number_text(self.value, self.low, self.high)} {printed_unit(self.unit)}"

    def __repr__(self) -> str:
        parts = [self.text]
        if self.low is not None and self.high is not None:
            ends = (number_text(end, self.low, self.high) for end in (self.low, self.high))
            parts.append(f"90 % interval {' to '.join(ends)}")
        parts += [self.method] * bool(self.method)
        return f"Measure({'; '.join(parts)})"


@dataclass(frozen=True, kw_only=True)
class Absent(Strict):
    """A response that was tested and is absent; neither zero nor not tested.  ``trace`` is the sweep that shows it."""

    reason: str
    trace: TraceLink | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise InputError("an absent response needs its reason", expected='such as "no response at 100 mA"')


Result: TypeAlias = Measure | Absent


class Measures(Mapping[str, Result]):
    """Measures by name, frozen; a name that is missing was not tested.

    Parameters
    ----------
    values : mapping
        Name -> Measure or Absent.  The unit of each measure must be the one its name says.
    """

    __slots__ = ("_pairs",)

    def __init__(self, values: Mapping[str, Result] | None = None) -> None:
        self._pairs = tuple((values or {}).items())
        for name, result in self._pairs:
            if isinstance(result, Measure):
                _check_named(name, result)

    def __getitem__(self, name: str) -> Result:
        for known, result in self._pairs:
            if known == name:
                return result
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __hash__(self) -> int:
        return hash(frozenset(self._pairs))

    def __repr__(self) -> str:
        parts = (f"{n}={r.text if isinstance(r, Measure) else f'absent ({r.reason})'}" for n, r in self._pairs)
        return f"Measures({', '.join(parts)})"

    def value(self, name: str) -> float | None:
        """Value of a measure; None when absent or not tested."""
        result = self.get(name)
        return result.value if isinstance(result, Measure) else None

    def is_absent(self, name: str) -> bool:
        """Whether it was tested and is absent."""
        return isinstance(self.get(name), Absent)

    def is_tested(self, name: str) -> bool:
        """Whether it was tested, whatever the result."""
        return name in self


def _check_named(name: str, measure: Measure) -> None:
    if measure.unit != unit_of(name):
        raise InputError(f"{name} has another unit", got=measure.unit, expected=unit_of(name))
    if "amplitude_" in name and not name.endswith("_percent"):
        if measure.method not in AMPLITUDE_METHODS:
            raise InputError(
                f"{name} must say its convention", got=repr(measure.method),
                expected=f"method one of {', '.join(AMPLITUDE_METHODS)}",
            )  # fmt: skip
        if measure.value < 0:
            raise InputError(f"{name} is a magnitude", got=measure.text, expected="a number from 0")
    if name.endswith("velocity_m_per_s"):
        positive(measure.value, what=name, unit="m/s")


def check_measures(owner: object, allowed: tuple[str, ...], *, what: str) -> None:
    """Freeze the ``measures`` of a study part and check their names."""
    given = owner.measures  # type: ignore[attr-defined]
    for name in given:
        check_choice(name, allowed, what=f"the measure of {what}")
    if not isinstance(given, Measures):
        object.__setattr__(owner, "measures", Measures(given))
