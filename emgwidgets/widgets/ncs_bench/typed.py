"""Numbers typed in from a report: one line for each site, judged like measured ones; no trace stands behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

from emgwidgets.analysis.ncs.segments import check_distance_mm
from emgwidgets.errors import InputError
from emgwidgets.model.case import Case
from emgwidgets.model.measure import AMPLITUDE_METHODS, Absent, Conditions, Measure, Measures, Result
from emgwidgets.model.ncs import LateStudy, MotorResponse, MotorStudy, NerveSegment, SensoryResponse, SensoryStudy
from emgwidgets.model.signal import Side
from emgwidgets.widgets.ncs_bench.source import StudyInfo
from emgwidgets.work_up import SiteResult

__all__ = ["TypedConditions", "TypedLine", "info_of", "lines_of", "typed_velocity"]

METHOD = "typed in from a report"
ABSENT = Absent(reason="no response, as typed in")
MOTOR_NAMES, SENSORY_NAMES = (
    ("onset_latency_ms", "amplitude_mv"),
    ("onset_latency_ms", "peak_latency_ms", "amplitude_uv"),
)


def _number(value: float, unit: str, method: str = METHOD) -> Measure:
    return Measure(value=float(value), unit=unit, method=method, is_typed=True)


@dataclass(frozen=True, kw_only=True)
class TypedConditions:
    """What holds for every line of one study; None where the report does not say.

    Parameters
    ----------
    convention : str
        One of ``AMPLITUDE_METHODS``: limits hold for their own convention only.
    """

    skin_temperature_degc: float | None = None
    high_pass_hz: float | None = None
    low_pass_hz: float | None = None
    convention: str = "not_stated"
    is_supramaximal: bool | None = None
    more: Conditions = field(default=Conditions())
    """Further conditions of a loaded study."""

    def __post_init__(self) -> None:
        if self.convention not in AMPLITUDE_METHODS:
            raise InputError(
                "there is no such convention of the amplitude", got=repr(self.convention),
                expected=", ".join(AMPLITUDE_METHODS),
            )  # fmt: skip
        _ = self.conditions

    @property
    def conditions(self) -> Conditions:
        """As the numbers of a case carry them."""
        return replace(
            self.more, skin_temperature_degc=self.skin_temperature_degc, high_pass_hz=self.high_pass_hz,
            low_pass_hz=self.low_pass_hz,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TypedLine:
    """One site of one study on one side.

    Parameters
    ----------
    latency_ms, peak_ms : float, optional
        Onset and peak latency; a motor line has no peak.
    amplitude : float, optional
        mV of a motor, uV of a sensory response.
    distance_mm : float, optional
        To the active electrode at the most distal site, to the site before at the others.
    velocity_m_per_s : float, optional
        Over that distance, where the report gives it; else it follows from latencies and distance.
    f_min_ms : float, optional
        Shortest F wave.
    is_absent : bool
        Tested, and no response.
    origin : MotorResponse or SensoryResponse, optional
        What a loaded case holds here; a number that is not changed keeps its interval, its method and its trace.
    speed : Measure, optional
        Velocity of the loaded case.
    """

    latency_ms: float | None = None
    peak_ms: float | None = None
    amplitude: float | None = None
    distance_mm: float | None = None
    velocity_m_per_s: float | None = None
    f_min_ms: float | None = None
    is_absent: bool = False
    origin: MotorResponse | SensoryResponse | None = None
    speed: Measure | None = None

    def __post_init__(self) -> None:
        for name, words in (("latency_ms", "the latency"), ("peak_ms", "the peak latency"), ("amplitude", "the amplitude"),
                            ("velocity_m_per_s", "the velocity"), ("f_min_ms", "the F wave")):  # fmt: skip
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise InputError(
                    f"{words} cannot be used", got=f"{value:g}", expected="a number above 0",
                    way_out="mark a response that is absent as no response",
                )  # fmt: skip
        if self.distance_mm is not None:
            check_distance_mm(self.distance_mm, what="this line")
        if self.is_absent and any(value is not None for value in (self.latency_ms, self.peak_ms, self.amplitude)):
            raise InputError("an absent response has no latency and no amplitude", way_out="clear them, or the mark")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not self.is_absent and all(value is None for name, value in self.plain().items() if name != "is_absent")

    def result(self, site: str, info: StudyInfo, given: TypedConditions, *, is_distal: bool) -> SiteResult:
        """The line as a site of a study."""
        known = self.origin.measures if self.origin else Measures()
        names = MOTOR_NAMES if info.kind == "motor" else SENSORY_NAMES
        unit = "mV" if info.kind == "motor" else "uV"
        values = {
            "onset_latency_ms": (self.latency_ms, "ms", METHOD), f"amplitude_{unit.lower()}": (self.amplitude, unit, given.convention),
        }  # fmt: skip
        if info.kind == "sensory":
            values["peak_latency_ms"] = (self.peak_ms, "ms", METHOD)
        found: dict[str, Result] = {
            name: one for name, one in known.items() if name not in values and not self.is_absent
        }
        if self.is_absent:
            found |= {name: one if isinstance(one := known.get(name), Absent) else ABSENT for name in names}
        for name, (value, of, method) in values.items():
            if value is not None:
                found[name] = _same(known.get(name), value, method) or _number(value, of, method)
        distance = self.distance_mm if is_distal or info.kind == "sensory" else None
        return SiteResult(
            site=site, measures=Measures(found), distance_mm=distance,
            is_supramaximal=self.origin.is_supramaximal if self.origin else given.is_supramaximal,
            conditions=replace(given.conditions, distance_mm=distance),
        )  # fmt: skip

    def late_study(self, site: str, info: StudyInfo, side: Side, given: TypedConditions) -> LateStudy | None:
        """The F wave of the line; None without one."""
        if self.f_min_ms is None:
            return None
        return LateStudy(
            kind="f_wave", nerve=info.nerve, muscle=info.target, side=side, site=site,
            measures=Measures({"f_min_latency_ms": _number(self.f_min_ms, "ms")}), conditions=given.conditions,
        )  # fmt: skip

    def plain(self) -> dict[str, float | bool | None]:
        """The line for the browser."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name not in ("origin", "speed")}


def _same(known: Result | None, value: float, method: str) -> Measure | None:
    """The measure of a loaded case, as long as its number and convention stand."""
    if not isinstance(known, Measure) or known.value != value:
        return None
    return known if method in (METHOD, known.method) else None


def typed_velocity(line: TypedLine | None, measures: Mapping[str, Result]) -> Mapping[str, Result]:
    """Measures of a segment with the velocity of the report, where it gives one."""
    if line is None or line.velocity_m_per_s is None:
        return measures
    speed = _same(line.speed, line.velocity_m_per_s, METHOD) or _number(line.velocity_m_per_s, "m/s")
    return Measures({**measures, "velocity_m_per_s": speed})


# A case as lines ------------------------------------------------------------------------------------------------------


def _value(measures: Mapping[str, Result], name: str) -> float | None:
    found = measures.get(name)
    return found.value if isinstance(found, Measure) and found.value > 0 else None


def _line(
    one: MotorResponse | SensoryResponse,
    segment: NerveSegment | None,
    *,
    distance_mm: float | None,
    f_min_ms: float | None,
) -> TypedLine:
    is_motor = isinstance(one, MotorResponse)
    names = MOTOR_NAMES if is_motor else SENSORY_NAMES
    speed = segment.measures.get("velocity_m_per_s") if segment else None
    speed = speed if isinstance(speed, Measure) else None
    rest = {
        "distance_mm": distance_mm, "velocity_m_per_s": speed.value if speed else None, "f_min_ms": f_min_ms,
        "origin": one, "speed": speed,
    }  # fmt: skip
    if any(isinstance(one.measures.get(name), Absent) for name in names):
        return TypedLine(is_absent=True, **rest)  # type: ignore[arg-type]
    return TypedLine(
        latency_ms=_value(one.measures, "onset_latency_ms"), amplitude=_value(one.measures, names[-1]),
        peak_ms=None if is_motor else _value(one.measures, "peak_latency_ms"), **rest,  # type: ignore[arg-type]
    )  # fmt: skip


def _given(study: MotorStudy | SensoryStudy) -> TypedConditions:
    methods = [
        found.method for one in study.responses for name, found in one.measures.items()
        if name.startswith("amplitude_") and isinstance(found, Measure)
    ]  # fmt: skip
    return TypedConditions(
        more=study.conditions, skin_temperature_degc=study.conditions.skin_temperature_degc, high_pass_hz=study.conditions.high_pass_hz,
        low_pass_hz=study.conditions.low_pass_hz, convention=methods[0] if methods else "not_stated",
    )  # fmt: skip


def info_of(study: MotorStudy | SensoryStudy, infos: Mapping[str, StudyInfo]) -> StudyInfo | None:
    """The study of the bench that holds this one whole; None when a site or the muscle is not of it."""
    if isinstance(study, SensoryStudy):
        found = infos.get(study.nerve)
    else:
        found = next(
            (
                one
                for one in infos.values()
                if (one.kind, one.nerve, one.target) == ("motor", study.nerve, study.muscle)
            ),
            None,
        )
    if found is None:
        return None
    known = {site.code for site in found.sites}
    return found if all(one.site in known for one in study.responses) else None


def lines_of(case: Case, infos: Mapping[str, StudyInfo]) -> Iterator[tuple[str, Side, str, TypedLine, TypedConditions]]:
    """Study, side, site, line and conditions of every conduction study of a case that the bench can show."""
    minima = {(one.nerve, one.muscle, one.side, one.site): _value(one.measures, "f_min_latency_ms")
              for one in case.ncs.late if one.kind == "f_wave"}  # fmt: skip
    studies: tuple[MotorStudy | SensoryStudy, ...] = (*case.ncs.motor, *case.ncs.sensory)
    for study in studies:
        info = info_of(study, infos)
        if info is None:
            continue
        of_segment = {one.proximal: one for one in study.segments}
        responses: tuple[MotorResponse | SensoryResponse, ...] = study.responses
        for number, one in enumerate(responses):
            segment, f_min = of_segment.get(one.site), None
            distance = one.distance_mm if number == 0 or isinstance(one, SensoryResponse) else None
            if isinstance(study, MotorStudy):
                f_min = minima.get((study.nerve, study.muscle, study.side, one.site))
                distance = distance if number == 0 else segment.distance_mm if segment else None
            line = _line(one, segment, distance_mm=distance, f_min_ms=f_min)
            yield info.key, study.side, one.site, line, _given(study)
