"""Inching as one study: responses or typed numbers at places along a nerve, and the steps between them.  It judges nothing."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from emgwidgets.analysis.ncs.cut import sweeps_at_sites
from emgwidgets.analysis.ncs.motor import MotorWave, measure_motor_response
from emgwidgets.analysis.ncs.segments import InchingStep, inching
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.model.signal import Recording, Side, Sweep

__all__ = ["InchingPoint", "InchingStudy", "inching_of_sweeps", "inching_study", "read_inching_rows", "typed_inching"]

PLACE = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s*(mm|cm)\b", re.IGNORECASE)
COLUMNS = ("place_mm", "latency_ms", "amplitude_mv")
TYPED = "typed in from a report"
NO_RESPONSE = Absent(reason="no response, as typed in")
LONGEST_MM = 600.0
"""No nerve of a limb is inched over more (internal choice); more is a wrong unit."""


@dataclass(frozen=True, kw_only=True, eq=False)
class InchingPoint:
    """One place of stimulation, in mm from the most distal one towards the cord; ``sweep`` is None for typed numbers."""

    place_mm: float
    latency_ms: Measure | Absent
    amplitude_mv: Measure | Absent | None = None
    sweep: Sweep | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class InchingStudy:
    """Points of one nerve between two sites, from distal to proximal.

    Raises
    ------
    InputError
        If there are fewer than two points, or their places do not grow.
    """

    nerve: str
    muscle: str
    side: Side
    distal: str
    proximal: str
    points: tuple[InchingPoint, ...]

    def __post_init__(self) -> None:
        places = [point.place_mm for point in self.points]
        if len(places) < 2:
            raise InputError("inching needs two or more places", got=f"{len(places)}")
        if any(not math.isfinite(one) for one in places) or any(b <= a for a, b in pairwise(places)):
            raise InputError(
                "the places of an inching study must grow from distal to proximal", got=", ".join(f"{one:g}" for one in places),
                expected="mm from the most distal place", way_out="sort the sweeps, or the rows, by their place",
            )  # fmt: skip
        if places[-1] - places[0] > LONGEST_MM:
            raise InputError(
                "the places lie too far apart for inching", got=f"{places[-1] - places[0]:g} mm",
                expected=f"at most {LONGEST_MM:g} mm", way_out="check whether they are in mm",
            )  # fmt: skip

    @cached_property
    def steps(self) -> tuple[InchingStep, ...]:
        """Steps between neighbouring places with a response; amplitude falls where every such place has an amplitude."""
        there = [
            (one.place_mm, one.latency_ms, one.amplitude_mv)
            for one in self.points
            if isinstance(one.latency_ms, Measure)
        ]
        if len(there) < 2:
            return ()
        sizes = [size for _, _, size in there if isinstance(size, Measure)]
        return inching(
            [mm for mm, _, _ in there], [ms for _, ms, _ in there], sizes if len(sizes) == len(there) else None
        )

    @property
    def sweeps(self) -> tuple[Sweep, ...]:
        """Sweeps of the points that have one."""
        return tuple(point.sweep for point in self.points if point.sweep is not None)


def inching_of_sweeps(
    sweeps: Sequence[Sweep], places_mm: Sequence[float], *, nerve: str, muscle: str, side: Side, distal: str, proximal: str,
    window_ms: tuple[float, float] | None = None,
) -> InchingStudy:  # fmt: skip
    """Measure sweeps given at places along a nerve.

    Parameters
    ----------
    sweeps : sequence of Sweep
        One for each place, supramaximal, active minus reference.
    places_mm : sequence of float
        From the most distal place towards the cord, growing.
    distal, proximal : str
        Codes of the sites at both ends, such as ``"below_elbow"`` and ``"above_elbow"``.

    Raises
    ------
    InputError
        If places and sweeps do not match in number, the places do not grow, or a sweep cannot be measured.
    """
    if len(places_mm) != len(sweeps):
        raise InputError(
            "places and sweeps do not match", got=f"{len(places_mm)} places, {len(sweeps)} sweeps",
            expected="one place for each sweep, in the order of the file",
        )  # fmt: skip
    points = []
    for place_mm, given in zip(places_mm, sweeps, strict=True):
        sweep = replace(given, nerve=nerve, muscle=muscle, side=side, site=f"{place_mm:g} mm")
        wave = measure_motor_response(sweep, window_ms=window_ms)
        latency, amplitude = (wave.onset_latency_ms, wave.amplitude_mv) if isinstance(wave, MotorWave) else (wave, wave)
        points.append(InchingPoint(place_mm=float(place_mm), latency_ms=latency, amplitude_mv=amplitude, sweep=sweep))
    return InchingStudy(nerve=nerve, muscle=muscle, side=side, distal=distal, proximal=proximal, points=tuple(points))


def inching_study(
    recording: Recording, *, nerve: str, muscle: str, side: Side, distal: str, proximal: str, places_mm: Sequence[float] = (),
    channel: str | None = None, stimulus_at_ms: float | None = None, filter_hz: tuple[float, float] | None = None,
    skin_temperature_degc: float | None = None,
) -> InchingStudy:  # fmt: skip
    """Measure an imported inching study.

    Parameters
    ----------
    recording : Recording
        One sweep, segment or channel for each place, such as a table whose columns are named ``0 mm``, ``20 mm``, ...
    places_mm : sequence of float
        In the order of the file; read from the names of the columns or sites when left out.
    channel, stimulus_at_ms, filter_hz
        As in :func:`sweeps_at_sites`.

    Raises
    ------
    InputError
        If the places are not known or do not match the sweeps.
    """
    voltages = [one.name for one in recording.channels if one.is_voltage]
    named = [one.site or one.channel or "" for one in recording.sweeps] if recording.sweeps else voltages
    places = tuple(places_mm) or tuple(_place_mm(name) for name in named)
    sweeps = sweeps_at_sites(
        recording, nerve=nerve, side=side, sites=[f"{mm:g} mm" for mm in places], muscle=muscle, channel=channel,
        stimulus_at_ms=stimulus_at_ms, filter_hz=filter_hz, skin_temperature_degc=skin_temperature_degc,
    )  # fmt: skip
    order = sorted(range(len(places)), key=lambda n: places[n])
    return inching_of_sweeps(
        [sweeps[n] for n in order], [places[n] for n in order], nerve=nerve, muscle=muscle, side=side, distal=distal,
        proximal=proximal,
    )  # fmt: skip


def _place_mm(name: str) -> float:
    found = PLACE.search(name)
    if found is None:
        raise InputError(
            "a sweep does not say its place along the nerve", got=repr(name), expected="a name such as '20 mm' or '2 cm'",
            way_out="state the places in mm, one for each sweep",
        )  # fmt: skip
    return float(found[1].replace(",", ".")) * (10.0 if found[2].lower() == "cm" else 1.0)


def typed_inching(
    rows: Iterable[Sequence[float | None]], *, nerve: str, muscle: str, side: Side, distal: str, proximal: str
) -> InchingStudy:
    """Return an inching study of typed numbers.

    Parameters
    ----------
    rows : iterable of (place_mm, latency_ms, amplitude_mv)
        From distal to proximal; a latency of None is a response that was absent, an amplitude may be left out.

    Raises
    ------
    InputError
        If a row cannot be used.
    """
    points = []
    for number, row in enumerate(rows, start=1):
        place_mm, latency_ms, amplitude_mv = (*row, None, None)[:3]
        if place_mm is None or any(
            one is not None and not (math.isfinite(one) and one > 0) for one in (latency_ms, amplitude_mv)
        ):
            raise InputError(
                f"row {number} of the inching study cannot be used", got=", ".join(str(one) for one in row),
                expected="place in mm, latency in ms and amplitude in mV above 0",
                way_out="leave the latency out where there was no response",
            )  # fmt: skip
        points.append(InchingPoint(
            place_mm=float(place_mm), latency_ms=NO_RESPONSE if latency_ms is None else _typed(latency_ms, "ms"),
            amplitude_mv=None if amplitude_mv is None else _typed(amplitude_mv, "mV"),
        ))  # fmt: skip
    return InchingStudy(nerve=nerve, muscle=muscle, side=side, distal=distal, proximal=proximal, points=tuple(points))


def _typed(value: float, unit: str) -> Measure:
    return Measure(value=float(value), unit=unit, method=TYPED, is_typed=True)


def read_inching_rows(path: str | Path) -> tuple[tuple[float | None, ...], ...]:
    """Read typed rows from a CSV with the columns ``place_mm``, ``latency_ms`` and, if known, ``amplitude_mv``.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, or a cell is no number.
    """
    path = Path(path)
    try:
        table = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(), skipinitialspace=True))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the inching rows cannot be read", got=path.name, expected="a CSV in UTF-8") from error
    missing = [name for name in COLUMNS[:2] if not table or name not in table[0]]
    if missing:
        raise InputError(
            "the table is no inching study", got=f"no column {', '.join(missing)}", expected=", ".join(COLUMNS),
            way_out="name the columns so, one row for each place",
        )  # fmt: skip
    return tuple(
        tuple(_cell(row.get(name), name, number) for name in COLUMNS) for number, row in enumerate(table, start=1)
    )


def _cell(text: str | None, name: str, number: int) -> float | None:
    if text is None or not text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(
            f"row {number} of the inching study cannot be read",
            got=f"{name} {text.strip()!r}",
            expected="a number with a point",
        ) from None
