"""The kept responses of a bench as the studies of a case: responses from distal to proximal and the segments between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from emgwidgets.model.case import Case
from emgwidgets.model.measure import Conditions, Measures
from emgwidgets.model.ncs import LateStudy, MotorStudy, NcsStudies, RepetitiveStudy, SensoryStudy
from emgwidgets.model.signal import Side
from emgwidgets.widgets.ncs_bench.desk import NcsDesk
from emgwidgets.widgets.ncs_bench.series import FWaveRun, Run, TrainRun, late_study, repetitive_study
from emgwidgets.widgets.ncs_bench.source import StudyInfo
from emgwidgets.work_up import SiteResult, conditions_of, motor_study, segment_measures, sensory_study

__all__ = ["case_of", "segment_of", "studies_of"]

SIDES: tuple[Side, Side] = ("left", "right")


def _result(desk: NcsDesk, info: StudyInfo, side: Side, site: str) -> SiteResult:
    response = desk.kept[info.key, side, site]
    shown = desk.ramp_at((info.key, side, site)).is_supramaximal(response.shot)
    return SiteResult(site=site, sweep=response.shot.sweep, measures=response.measures, is_supramaximal=shown)


def segment_of(desk: NcsDesk, info: StudyInfo, side: Side, distal: str, proximal: str) -> tuple[float | None, Measures]:
    """Distance of a segment and what changes along it."""
    distance = desk.distance_mm(info.key, side, distal, proximal)
    near, far = _result(desk, info, side, distal), _result(desk, info, side, proximal)
    return distance, segment_measures(near, far, distance, is_sensory=info.kind == "sensory")


def studies_of(desk: NcsDesk) -> NcsStudies:
    """Every kept response as studies of a case."""
    motor: list[MotorStudy] = []
    sensory: list[SensoryStudy] = []
    for info in desk.studies.values():
        for side in SIDES:
            sites = [_result(desk, info, side, s.code) for s in info.sites if (info.key, side, s.code) in desk.kept]
            if not sites:
                continue
            if info.kind == "sensory":
                sensory.append(sensory_study(nerve=info.key, side=side, sites=sites))
                continue
            typed = {
                (near, far): mm
                for (key, of, near, far), mm in desk.distances_mm.items()
                if (key, of) == (info.key, side)
            }
            motor.append(motor_study(nerve=info.nerve, muscle=info.target, side=side, sites=sites, distances_mm=typed))
    late: list[LateStudy] = []
    repetitive: list[RepetitiveStudy] = []
    for run in desk.runs:
        info = desk.studies[run.study]
        if isinstance(run, FWaveRun):
            late += filter(None, [late_study(run, info, _conditions(run))])
        elif isinstance(run, TrainRun):
            rest = _rest_before(desk.runs, run)
            repetitive += filter(None, [repetitive_study(run, info, _conditions(run), rest=rest)])
    return NcsStudies(motor=tuple(motor), sensory=tuple(sensory), late=tuple(late), repetitive=tuple(repetitive))


def _conditions(run: FWaveRun | TrainRun) -> Conditions:
    """Conditions of a series; a source of series gives supramaximal stimuli."""
    return replace(conditions_of(run.sweeps[0]), is_supramaximal=True)


def _rest_before(runs: Sequence[Run], run: TrainRun) -> TrainRun | None:
    """The last train at rest before this one, of the same muscle and side."""
    before = runs[: runs.index(run)]
    same = [one for one in before if isinstance(one, TrainRun) and (one.study, one.side) == (run.study, run.side)]
    return next((one for one in reversed(same) if not one.exercise_s), None)


def case_of(desk: NcsDesk, *, question: str = "") -> Case:
    """The bench as a case, ready for interpretation."""
    source = desk.source
    return Case(
        subject=source.subject, question=question, days_since_onset=source.days_since_onset, ncs=studies_of(desk)
    )
