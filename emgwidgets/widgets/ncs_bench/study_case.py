"""The kept responses of a bench as the studies of a case: responses from distal to proximal and the segments between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeVar

from emgwidgets.model.case import Case
from emgwidgets.model.measure import Conditions, Measure, Measures
from emgwidgets.model.ncs import (
    LateStudy,
    MotorResponse,
    MotorStudy,
    NcsStudies,
    NerveSegment,
    RepetitiveStudy,
    SensoryResponse,
    SensoryStudy,
)
from emgwidgets.model.signal import Side, Sweep
from emgwidgets.widgets.ncs_bench.desk import Key, NcsDesk
from emgwidgets.widgets.ncs_bench.series import FWaveRun, Run, TrainRun, late_study, repetitive_study
from emgwidgets.widgets.ncs_bench.source import StudyInfo
from emgwidgets.widgets.ncs_bench.sweep_book import SweepBook
from emgwidgets.widgets.ncs_bench.typed import TypedConditions, TypedLine, info_of, typed_velocity
from emgwidgets.work_up import SiteResult, conditions_of, motor_study, segment_measures, sensory_study

__all__ = ["case_of", "segment_of", "studies_of", "sweep_of"]

SIDES: tuple[Side, Side] = ("left", "right")
R = TypeVar("R", MotorResponse, SensoryResponse)
L = TypeVar("L", LateStudy, RepetitiveStudy)


def sweep_of(desk: NcsDesk, key: Key) -> Sweep:
    """Sweep that was kept; what an imported one does not say of its conditions is taken from what was typed in."""
    sweep = desk.kept[key].shot.sweep
    given = desk.typed_with.get(key[0])
    if desk.source.can_stimulate or given is None:
        return sweep
    settings = sweep.settings
    if settings.high_pass_hz is None and settings.low_pass_hz is None:
        settings = replace(settings, high_pass_hz=given.high_pass_hz, low_pass_hz=given.low_pass_hz)
    degc = sweep.skin_temperature_degc
    degc = given.skin_temperature_degc if degc is None else degc
    return replace(sweep, skin_temperature_degc=degc, settings=settings)


def _is_supramaximal(desk: NcsDesk, key: Key) -> bool | None:
    """Whether the kept response was maximal: shown by its ramp, or of an imported one stated by the reader."""
    shown = desk.ramp_at(key).is_supramaximal(desk.kept[key].shot)
    if shown is not None or desk.source.can_stimulate:
        return shown
    return desk.typed_with.get(key[0], TypedConditions()).is_supramaximal


def _sites(desk: NcsDesk, info: StudyInfo, side: Side) -> list[str]:
    """Sites with a response or a typed line, from distal to proximal."""
    return [
        site.code for site in info.sites
        if (info.key, side, site.code) in desk.kept or (info.key, side, site.code) in desk.typed
    ]  # fmt: skip


def _result(
    desk: NcsDesk, info: StudyInfo, side: Side, site: str, *, is_distal: bool = False, book: SweepBook | None = None
) -> SiteResult:  # fmt: skip
    key = info.key, side, site
    line = desk.typed.get(key)
    if key not in desk.kept and line is not None:
        return line.result(site, info, desk.typed_with.get(info.key, TypedConditions()), is_distal=is_distal)
    sweep, measures = sweep_of(desk, key), desk.kept[key].measures
    if book is not None:
        measures = book.linked(measures, sweep, info.key)
    return SiteResult(site=site, sweep=sweep, measures=measures, is_supramaximal=_is_supramaximal(desk, key))


def segment_of(desk: NcsDesk, info: StudyInfo, side: Side, distal: str, proximal: str) -> tuple[float | None, Measures]:
    """Distance of a segment and what changes along it."""
    distance = desk.distance_mm(info.key, side, distal, proximal)
    near, far = _result(desk, info, side, distal), _result(desk, info, side, proximal)
    return distance, segment_measures(near, far, distance, is_sensory=info.kind == "sensory")


def _motor(desk: NcsDesk, info: StudyInfo, side: Side, sites: list[str], results: list[SiteResult]) -> MotorStudy:
    pairs = {pair: desk.distance_mm(info.key, side, *pair) for pair in pairwise(sites)}
    distances = {pair: mm for pair, mm in pairs.items() if mm is not None}
    made = motor_study(nerve=info.nerve, muscle=info.target, side=side, sites=results, distances_mm=distances)
    lines = {site: desk.typed.get((info.key, side, site)) for site in sites}
    segments = (replace(one, measures=typed_velocity(lines[one.proximal], one.measures)) for one in made.segments)
    responses = (_with_stimulus(one, lines[one.site]) for one in made.responses)
    return replace(made, segments=tuple(segments), responses=tuple(responses))


def _with_stimulus(one: R, line: TypedLine | None) -> R:
    """The response with the stimulus of a loaded case, where there is one."""
    origin = line.origin if line else None
    if origin is None:
        return one
    more: dict[str, Any] = {"stimulus_current_ma": origin.stimulus_current_ma, "pulse_width_ms": origin.pulse_width_ms}
    if isinstance(origin, SensoryResponse):
        more["n_averaged"] = origin.n_averaged
    if one.distance_mm is None:  # a line above the first holds the distance to the one before
        more["distance_mm"] = origin.distance_mm
    return replace(one, **more)


def _sensory(desk: NcsDesk, info: StudyInfo, side: Side, results: list[SiteResult]) -> SensoryStudy:
    made = sensory_study(nerve=info.key, side=side, sites=results)
    segments = {one.proximal: one for one in made.segments}
    for one in results:
        line = desk.typed.get((info.key, side, one.site))
        if line is not None and line.velocity_m_per_s is not None:
            old = segments.get(
                one.site, NerveSegment(distal="recording", proximal=one.site, distance_mm=one.distance_mm)
            )
            segments[one.site] = replace(old, measures=typed_velocity(line, old.measures))
    lines = {one.site: desk.typed.get((info.key, side, one.site)) for one in results}
    responses = tuple(_with_stimulus(one, lines[one.site]) for one in made.responses)
    return replace(made, segments=tuple(segments.values()), responses=responses)


def _is_retyped(desk: NcsDesk, one: LateStudy) -> bool:
    """Whether the bench shows the F waves of the base as a line, and that line says something else now."""
    shown = {
        (info.target, side, site): line
        for (key, side, site), line in desk.typed.items()
        for info in [desk.studies[key]]
    }
    line = shown.get((one.muscle, one.side, one.site))
    if one.kind != "f_wave" or line is None:
        return False
    found = one.measures.get("f_min_latency_ms")
    return isinstance(found, Measure) and found.value != line.f_min_ms


def _late(
    desk: NcsDesk, info: StudyInfo, side: Side, sites: list[str], known: set[tuple[str, Side, str]]
) -> list[LateStudy]:
    given = desk.typed_with.get(info.key, TypedConditions())
    lines = {site: desk.typed.get((info.key, side, site)) for site in sites if (info.target, side, site) not in known}
    return [made for site, line in lines.items() if line and (made := line.late_study(site, info, side, given))]


def studies_of(desk: NcsDesk, *, book: SweepBook | None = None) -> NcsStudies:
    """Every kept response and typed line as studies of a case, after those of the base that the bench cannot show.

    With a ``book``, sweeps are put into it and their numbers are linked to them.
    """
    base = desk.base.ncs
    motor = [one for one in base.motor if info_of(one, desk.studies) is None]
    sensory = [one for one in base.sensory if info_of(one, desk.studies) is None]
    late = [one for one in base.late if not _is_retyped(desk, one)]
    repetitive = list(base.repetitive)
    for info in desk.studies.values():
        for side in SIDES:
            sites = _sites(desk, info, side)
            if not sites:
                continue
            results = [_result(desk, info, side, site, is_distal=n == 0, book=book) for n, site in enumerate(sites)]
            if info.kind == "sensory":
                sensory.append(_sensory(desk, info, side, results))
                continue
            motor.append(_motor(desk, info, side, sites, results))
            late += _late(
                desk, info, side, sites, {(one.muscle, one.side, one.site) for one in late if one.kind == "f_wave"}
            )
    for run in desk.runs:
        info = desk.studies[run.study]
        if isinstance(run, FWaveRun):
            late += _with_sweeps(late_study(run, info, _conditions(run)), run, book)
        elif isinstance(run, TrainRun):
            rest = _rest_before(desk.runs, run)
            repetitive += _with_sweeps(repetitive_study(run, info, _conditions(run), rest=rest), run, book)
    return NcsStudies(motor=tuple(motor), sensory=tuple(sensory), late=tuple(late), repetitive=tuple(repetitive))


def _with_sweeps(study: L | None, run: Run, book: SweepBook | None) -> list[L]:
    """A study of a series with the links of its sweeps; nothing where there was no response."""
    if study is None or book is None:
        return [] if study is None else [study]
    return [replace(study, measures=book.of_run(study.measures, run))]


def _conditions(run: FWaveRun | TrainRun) -> Conditions:
    """Conditions of a series; a source of series gives supramaximal stimuli."""
    return replace(conditions_of(run.sweeps[0]), is_supramaximal=True)


def _rest_before(runs: Sequence[Run], run: TrainRun) -> TrainRun | None:
    """The last train at rest before this one, of the same muscle and side."""
    before = runs[: runs.index(run)]
    same = [one for one in before if isinstance(one, TrainRun) and (one.study, one.side) == (run.study, run.side)]
    return next((one for one in reversed(same) if not one.exercise_s), None)


def case_of(desk: NcsDesk, *, book: SweepBook | None = None) -> Case:
    """The bench as a case, ready for interpretation; with a ``book``, its numbers are linked to their sweeps."""
    return replace(desk.base, ncs=studies_of(desk, book=book))
