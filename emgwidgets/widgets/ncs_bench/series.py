"""Tests of many stimuli: F waves, trains of repetitive stimulation, inching.  Measures come from analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, runtime_checkable

from emgwidgets.analysis.ncs.inched import InchingStudy, inching_of_sweeps
from emgwidgets.analysis.ncs.late import FWaveSet, f_waves_at, measure_f_waves
from emgwidgets.analysis.ncs.repetitive import RepetitiveTrain, measure_repetitive_train
from emgwidgets.analysis.ncs.segments import InchingStep, change_percent
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Absent, Measures
from emgwidgets.model.ncs import LateStudy, RepetitiveStudy
from emgwidgets.model.signal import Side, Sweep
from emgwidgets.widgets.ncs_bench.source import Knobs, StudyInfo

__all__ = ["FWaveRun", "InchingRun", "Run", "SeriesSource", "TrainRun", "late_study", "repetitive_study"]

#: From this rate on a train shows its increment within itself; slower trains show it after exercise (ncs.S86, ncs.S89).
FAST_HZ = 20.0


@runtime_checkable
class SeriesSource(Protocol):
    """What a source offers that can stimulate many times; the bench hides the tabs where it does not."""

    def f_wave_sweeps(self, info: StudyInfo, side: Side, site: str, n_stimuli: int) -> tuple[Sweep, ...]:
        """Supramaximal stimuli, one sweep each."""

    def train_sweeps(
        self,
        info: StudyInfo,
        side: Side,
        *,
        rate_hz: float,
        n_stimuli: int,
        exercise_s: float,
        after_s: float,
        knobs: Knobs,
        trial: int,
    ) -> tuple[Sweep, ...]:
        """One train with the limb and electrodes as the knobs say; ``exercise_s`` 0 is at rest."""

    def inching_sweeps(
        self, info: StudyInfo, side: Side, *, distal: str, proximal: str, step_mm: float
    ) -> tuple[tuple[float, Sweep], ...]:
        """Supramaximal stimuli from distal to proximal, with the distance from the distal site in mm."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FWaveRun:
    """A set of F waves."""

    kind: Literal["f_waves"] = "f_waves"
    study: str
    side: Side
    site: str
    first_number: int
    sweeps: tuple[Sweep, ...]
    found: FWaveSet | Absent
    placed: Mapping[int, float | None] = field(default_factory=dict)
    """Onsets the reader placed, by sweep from 0; None where the reader sees no F wave."""

    def with_placed(self, sweep: int, onset_ms: float | None) -> FWaveRun:
        """Return the set with one F wave placed or taken away by the reader.

        Raises
        ------
        InputError
            If there was no direct response, or the onset cannot be there.
        """
        if isinstance(self.found, Absent):
            raise InputError("there is no set of F waves to mark", got=self.found.reason)
        found = f_waves_at(self.found, self.sweeps, {sweep: onset_ms})
        return replace(self, found=found, placed={**self.placed, sweep: onset_ms})


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainRun:
    """One train of repetitive stimulation; ``exercise_s`` 0 is at rest."""

    kind: Literal["trains"] = "trains"
    study: str
    side: Side
    first_number: int
    sweeps: tuple[Sweep, ...]
    found: RepetitiveTrain | Absent
    rate_hz: float
    exercise_s: float
    after_s: float

    @property
    def words(self) -> str:
        """Rate, and when after which exercise."""
        if not self.exercise_s:
            return f"{self.rate_hz:g} Hz, at rest"
        return f"{self.rate_hz:g} Hz, {self.after_s:g} s after {self.exercise_s:g} s of exercise"


@dataclass(frozen=True, kw_only=True, eq=False)
class InchingRun:
    """Responses, or typed numbers, in short steps; places count from the distal site."""

    kind: Literal["inching"] = "inching"
    study: str
    side: Side
    first_number: int
    found: InchingStudy

    @property
    def sweeps(self) -> tuple[Sweep, ...]:
        """Sweeps of the places; none of typed numbers."""
        return self.found.sweeps

    @property
    def steps(self) -> tuple[InchingStep, ...]:
        """Steps between neighbouring places with a response."""
        return self.found.steps


Run = FWaveRun | TrainRun | InchingRun


def f_wave_run(
    source: SeriesSource, info: StudyInfo, side: Side, site: str, *, n_stimuli: int, first_number: int
) -> FWaveRun:
    """Stimulate and measure a set of F waves.

    Raises
    ------
    InputError
        If fewer than 5 or more than 200 stimuli are asked for.
    """
    _check("the number of stimuli", n_stimuli, 5, 200)
    sweeps = source.f_wave_sweeps(info, side, site, n_stimuli)
    return FWaveRun(
        study=info.key, side=side, site=site, first_number=first_number, sweeps=sweeps, found=measure_f_waves(sweeps)
    )


def train_run(
    source: SeriesSource, info: StudyInfo, side: Side, *, rate_hz: float, n_stimuli: int, exercise_s: float,
    after_s: float, knobs: Knobs, first_number: int,
) -> TrainRun:  # fmt: skip
    """Stimulate and measure a train.

    Raises
    ------
    InputError
        If the train cannot be given, or one of its responses cannot be found.
    """
    _check("the rate", rate_hz, 0.5, 50)
    _check("the number of stimuli", n_stimuli, 4, 200)
    sweeps = source.train_sweeps(
        info,
        side,
        rate_hz=rate_hz,
        n_stimuli=n_stimuli,
        exercise_s=exercise_s,
        after_s=after_s,
        knobs=knobs,
        trial=first_number,
    )
    return TrainRun(
        study=info.key, side=side, first_number=first_number, sweeps=sweeps, found=measure_repetitive_train(sweeps),
        rate_hz=rate_hz, exercise_s=exercise_s, after_s=after_s,
    )  # fmt: skip


def inching_run(
    source: SeriesSource, info: StudyInfo, side: Side, *, distal: str, proximal: str, step_mm: float, first_number: int
) -> InchingRun:
    """Stimulate in short steps and measure each response.

    Raises
    ------
    InputError
        If the sites are not two of the study from distal to proximal, or the step is not 5 to 50 mm.
    """
    order = [site.code for site in info.sites]
    info.site(distal), info.site(proximal)
    if order.index(distal) >= order.index(proximal):
        raise InputError(
            "inching runs from a distal to a proximal site", got=f"{distal} to {proximal}",
            expected=f"two of {', '.join(order)} in this order",
        )  # fmt: skip
    _check("the step", step_mm, 5, 50)
    pairs = source.inching_sweeps(info, side, distal=distal, proximal=proximal, step_mm=step_mm)
    found = inching_of_sweeps(
        [sweep for _, sweep in pairs], [mm for mm, _ in pairs], nerve=info.nerve, muscle=info.target, side=side, distal=distal,
        proximal=proximal,
    )  # fmt: skip
    return InchingRun(study=info.key, side=side, first_number=first_number, found=found)


def imported_run(found: InchingStudy, *, infos: Sequence[StudyInfo], first_number: int) -> InchingRun:
    """Inching that was recorded elsewhere, or typed in, as a run of the bench.

    Raises
    ------
    InputError
        If the bench does not know its nerve and muscle.
    """
    info = next(
        (one for one in infos if (one.kind, one.nerve, one.target) == ("motor", found.nerve, found.muscle)), None
    )
    if info is None:
        raise InputError(
            "the bench has no such study", got=f"{found.nerve} {found.muscle}", expected="a motor study of the bench"
        )
    return InchingRun(study=info.key, side=found.side, first_number=first_number, found=found)


def _check(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f"{what} cannot be used", got=f"{value:g}", expected=f"{low:g} to {high:g}")


def late_study(run: FWaveRun, info: StudyInfo, conditions: Any) -> LateStudy | None:
    """A set of F waves for a case; None when there was no direct response."""
    if isinstance(run.found, Absent):
        return None
    return LateStudy(
        kind="f_wave", nerve=info.nerve, muscle=info.target, side=run.side, site=run.site, n_stimuli=len(run.sweeps),
        measures=run.found.measures, conditions=conditions,
    )  # fmt: skip


def repetitive_study(
    run: TrainRun, info: StudyInfo, conditions: Any, *, rest: TrainRun | None = None
) -> RepetitiveStudy | None:
    """A train for a case; None when there was no response.

    Parameters
    ----------
    rest : TrainRun, optional
        The train at rest that a train after exercise is compared with: the increment is that of the first responses.

    Notes
    -----
    A train that cannot be trusted keeps no decrement and no increment; its note says why.
    """
    if isinstance(run.found, Absent):
        return None
    measures = dict(run.found.measures)
    if run.rate_hz < FAST_HZ:
        measures.pop("increment_percent", None)
    if run.exercise_s and rest is not None and isinstance(rest.found, RepetitiveTrain):
        before, now = rest.found.first.amplitude_mv, run.found.first.amplitude_mv
        measures["increment_percent"] = change_percent(before, now)
    if run.found.validity:
        measures = {name: one for name, one in measures.items() if not name.endswith("_percent")}
    return RepetitiveStudy(
        nerve=info.nerve, muscle=info.target, side=run.side, repetition_rate_hz=run.rate_hz, n_stimuli=len(run.sweeps),
        exercise_s=run.exercise_s or None, after_exercise_s=run.after_s if run.exercise_s else None,
        measures=Measures(measures), conditions=conditions, note="; ".join(run.found.validity),
    )  # fmt: skip


def runs_of(runs: Sequence[Run], study: str, side: Side | None = None) -> list[Run]:
    """Runs of one study, and of one side where one is given."""
    return [run for run in runs if run.study == study and side in (None, run.side)]
