"""The kept responses of a bench as the studies of a case: responses from distal to proximal and the segments between."""

from __future__ import annotations

import contextlib
from itertools import pairwise

from emgwidgets.analysis.ncs.segments import change_percent, drop_percent, velocity, velocity_from_onset
from emgwidgets.errors import InputError
from emgwidgets.model.case import Case
from emgwidgets.model.measure import Conditions, Measure, Measures, Result
from emgwidgets.model.ncs import MotorResponse, MotorStudy, NcsStudies, NerveSegment, SensoryResponse, SensoryStudy
from emgwidgets.model.signal import Side
from emgwidgets.widgets.ncs_bench.desk import NcsDesk
from emgwidgets.widgets.ncs_bench.response import Response
from emgwidgets.widgets.ncs_bench.source import StudyInfo

__all__ = ["case_of", "segment_measures", "studies_of"]

SIDES: tuple[Side, Side] = ("left", "right")


def _kept(desk: NcsDesk, info: StudyInfo, side: Side) -> list[tuple[str, Response]]:
    return [(s.code, desk.kept[info.key, side, s.code]) for s in info.sites if (info.key, side, s.code) in desk.kept]


def _measured(response: Response, name: str) -> Measure | None:
    found = response.measures.get(name)
    return found if isinstance(found, Measure) else None


def segment_measures(
    desk: NcsDesk, info: StudyInfo, side: Side, distal: str, proximal: str
) -> tuple[float | None, Measures]:
    """Distance of a segment and what changes along it; a measure that cannot be taken is left out."""
    near, far = desk.kept[info.key, side, distal], desk.kept[info.key, side, proximal]
    distance = desk.distance_mm(info.key, side, distal, proximal)
    found: dict[str, Result] = {}
    start, end = _measured(near, "onset_latency_ms"), _measured(far, "onset_latency_ms")
    if start is not None and end is not None and distance is not None:
        with contextlib.suppress(InputError):  # an implausible segment has no velocity; the technique list says why
            found["velocity_m_per_s"] = velocity(start, end, distance)
    for name, source in (("amplitude_drop_percent", "amplitude"), ("area_drop_percent", "area")):
        unit = "uv" if info.kind == "sensory" else "mv"
        column = f"{source}_{unit}" + ("_ms" if source == "area" else "")
        one, two = _measured(near, column), _measured(far, column)
        if one is not None and two is not None and one.value > 0:
            found[name] = drop_percent(one, two)
    first, second = _measured(near, "negative_peak_duration_ms"), _measured(far, "negative_peak_duration_ms")
    if first is not None and second is not None and first.value > 0:
        found["duration_increase_percent"] = change_percent(first, second)
    return distance, Measures(found)


def _conditions(kept: list[tuple[str, Response]]) -> Conditions:
    sweep = kept[0][1].shot.sweep
    settings = sweep.settings
    return Conditions(
        electrode=settings.electrode, high_pass_hz=settings.high_pass_hz, low_pass_hz=settings.low_pass_hz,
        skin_temperature_degc=sweep.skin_temperature_degc, distance_mm=sweep.distance_mm,
    )  # fmt: skip


def _motor(desk: NcsDesk, info: StudyInfo, side: Side, kept: list[tuple[str, Response]]) -> MotorStudy:
    responses = []
    for site, response in kept:
        stimulus = response.shot.sweep.stimulus
        responses.append(MotorResponse(
            site=site, distance_mm=response.shot.sweep.distance_mm, measures=response.measures,
            stimulus_current_ma=stimulus.current_ma if stimulus else None,
            pulse_width_ms=stimulus.pulse_width_ms if stimulus else None,
            is_supramaximal=desk.ramp_at((info.key, side, site)).is_supramaximal(response.shot),
        ))  # fmt: skip
    segments = []
    for (distal, _), (proximal, _) in pairwise(kept):
        distance, measures = segment_measures(desk, info, side, distal, proximal)
        segments.append(NerveSegment(distal=distal, proximal=proximal, distance_mm=distance, measures=measures))
    return MotorStudy(
        nerve=info.nerve, muscle=info.target, side=side, responses=tuple(responses), segments=tuple(segments),
        conditions=_conditions(kept),
    )  # fmt: skip


def _sensory(info: StudyInfo, side: Side, kept: list[tuple[str, Response]]) -> SensoryStudy:
    responses, segments = [], []
    for site, response in kept:
        sweep = response.shot.sweep
        stimulus = sweep.stimulus
        responses.append(SensoryResponse(
            site=site, distance_mm=sweep.distance_mm, measures=response.measures, n_averaged=sweep.n_averaged,
            stimulus_current_ma=stimulus.current_ma if stimulus else None,
            pulse_width_ms=stimulus.pulse_width_ms if stimulus else None,
        ))  # fmt: skip
        onset = _measured(response, "onset_latency_ms")
        if onset is not None and sweep.distance_mm is not None:
            segments.append(NerveSegment(
                distal="recording", proximal=site, distance_mm=sweep.distance_mm,
                measures=Measures({"velocity_m_per_s": velocity_from_onset(onset, sweep.distance_mm)}),
            ))  # fmt: skip
    return SensoryStudy(
        nerve=info.target, side=side, responses=tuple(responses), segments=tuple(segments), conditions=_conditions(kept)
    )


def studies_of(desk: NcsDesk) -> NcsStudies:
    """Every kept response as studies of a case."""
    motor, sensory = [], []
    for info in desk.studies.values():
        for side in SIDES:
            kept = _kept(desk, info, side)
            if kept and info.kind == "motor":
                motor.append(_motor(desk, info, side, kept))
            elif kept:
                sensory.append(_sensory(info, side, kept))
    return NcsStudies(motor=tuple(motor), sensory=tuple(sensory))


def case_of(desk: NcsDesk, *, question: str = "") -> Case:
    """The bench as a case, ready for interpretation."""
    source = desk.source
    return Case(
        subject=source.subject, question=question, days_since_onset=source.days_since_onset, ncs=studies_of(desk)
    )
