"""What happens on the bench, without any picture: choose, stimulate, ramp, keep, mark, measure a distance, undo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from emgwidgets.analysis.ncs.plateau import is_plateau, plateau_rise_percent
from emgwidgets.errors import InputError
from emgwidgets.interpretation import reference
from emgwidgets.model.case import Case
from emgwidgets.model.signal import Side, Sweep
from emgwidgets.widgets.history import History
from emgwidgets.widgets.ncs_bench.paper import PaperSource
from emgwidgets.widgets.ncs_bench.response import Response, Shot, measure_sweep
from emgwidgets.widgets.ncs_bench.series import (
    FWaveRun,
    Run,
    SeriesSource,
    f_wave_run,
    imported_run,
    inching_run,
    train_run,
)
from emgwidgets.widgets.ncs_bench.source import Knobs, NcsSource, StudyInfo, number_of
from emgwidgets.widgets.ncs_bench.typed import TypedConditions, TypedLine, lines_of

__all__ = ["Key", "NcsDesk", "Ramp"]

#: Study, side, site.
Key: TypeAlias = tuple[str, Side, str]

#: What undo takes back: responses, distances, typed lines and their conditions, series.
_Snapshot: TypeAlias = tuple[
    dict[Key, Response],
    dict[tuple[str, Side, str, str], float],
    dict[Key, TypedLine],
    dict[str, TypedConditions],
    list[Run],
]

#: Usual settings of each kind (ncs section 2): pulse width, high-pass, low-pass.
USUAL = {"motor": (0.2, 2.0, 10_000.0), "sensory": (0.1, 20.0, 3_000.0)}
MAX_CURRENT_MA = 100.0
MAX_AVERAGED = 1000


class Ramp:
    """The stimuli given at one site, and whether they show that the kept one was maximal."""

    def __init__(self, shots: list[Shot]) -> None:
        self.shots = shots

    def rise_percent(self, kept: Shot) -> float | None:
        """Growth to the kept response from the strongest stimulus that was at least 20 % weaker; None if there is none."""
        others = [
            (shot.current_ma, shot.size.value if shot.size else None)
            for shot in self.shots if shot.is_like(kept) and shot.pulse_width_ms == kept.pulse_width_ms
        ]  # fmt: skip
        return plateau_rise_percent(kept.current_ma, kept.size.value if kept.size else None, others)

    def is_supramaximal(self, kept: Shot) -> bool | None:
        """Whether the plateau was shown; None when no weaker stimulus was given to compare with."""
        return is_plateau(self.rise_percent(kept))


class NcsDesk:
    """The state of a bench.

    Parameters
    ----------
    source : NcsSource
        Gives the sweeps.
    norm_set : str
        Limits the table judges by.

    Attributes
    ----------
    study, side, site : str
        What is under the hands.
    knobs : Knobs
    shots : dict
        Every stimulus, by study, side and site.
    runs : list of Run
        Series of stimuli: F waves, trains, inching.
    kept : dict
        The response kept for each study, side and site.
    typed : dict
        Numbers typed in, for sites without a trace; ``typed_with`` holds what goes for a whole study.
    base : Case
        What is known besides the studies of the bench.
    """

    def __init__(self, source: NcsSource, *, norm_set: str = "aanem_2016") -> None:
        self.source = source
        self.norm_set = reference.norm_set(norm_set).code
        #: The set that was in force before, so that what stands otherwise now can be told.
        self.norm_set_before: str | None = None
        self.studies = {info.key: info for info in source.studies()}
        if not self.studies:
            raise InputError("there is no study to look at", got=source.title, expected="at least one sweep")
        first = next(iter(self.studies.values()))
        self.study, self.site = first.key, first.standard_site
        self.side: Side = "right"
        self.knobs = Knobs()
        self.shots: dict[Key, list[Shot]] = {}
        self.kept: dict[Key, Response] = {}
        self.distances_mm: dict[tuple[str, Side, str, str], float] = {}
        self.typed: dict[Key, TypedLine] = {}
        self.typed_with: dict[str, TypedConditions] = {}
        self.history: History[_Snapshot] = History(self._snapshot, self._restore)
        self._n_shots = 0
        #: Grows whenever what was kept changes; what was judged of one version is not judged again.
        self.version = 0
        self.runs: list[Run] = []
        self.judged: tuple[int, dict[str, Any]] | None = None
        self.checked: dict[tuple[str, Side], tuple[object, list[dict[str, Any]]]] = {}
        for info, side, sweep in _recorded(source, self.studies.values()):
            shot, key = self._shot(info, sweep), (info.key, side, str(sweep.site))
            self.shots.setdefault(key, []).append(shot)
            self.kept[key] = Response.proposed(shot, is_sensory=info.kind == "sensory")
        for found in getattr(source, "inched", ()):
            self.runs.append(imported_run(found, infos=tuple(self.studies.values()), first_number=self._n_shots + 1))
            self._n_shots, self.side = self._n_shots + len(found.sweeps), found.side
        self.base = source.case if isinstance(source, PaperSource) else Case(
            subject=source.subject, days_since_onset=source.days_since_onset
        )  # fmt: skip
        for study, side, site, line, given in lines_of(self.base, self.studies):
            self.typed[study, side, site], self.typed_with[study] = line, given
        if self.typed:
            self.study, self.side, self.site = next(iter(self.typed))
        self.choose(study=self.study, site=self.site)

    # choosing ----------------------------------------------------------------------------------------------------
    @property
    def info(self) -> StudyInfo:
        """The study under the hands."""
        return self.studies[self.study]

    @property
    def key(self) -> Key:
        """Study, side and site under the hands."""
        return self.study, self.side, self.site

    def choose(self, *, study: str | None = None, side: Side | None = None, site: str | None = None) -> None:
        """Go to another study, side or site; the stimulator starts low again.

        Raises
        ------
        InputError
            If it does not exist.
        """
        if study is not None and study not in self.studies:
            raise InputError("no such study", got=repr(study), expected=f"one of {', '.join(self.studies)}")
        if side not in (None, "left", "right"):
            raise InputError("the side cannot be used", got=repr(side), expected="left or right")
        info = self.studies[study or self.study]
        if site is not None:
            info.site(site)
        if study is not None:
            width, high, low = USUAL[info.kind]
            self.knobs = replace(self.knobs, pulse_width_ms=width, high_pass_hz=high, low_pass_hz=low, current_ma=5.0)
            self.site = info.standard_site if site is None else site
        self.study, self.side, self.site = info.key, side or self.side, site or self.site

    def set_knobs(self, **changes: float) -> None:
        """Turn knobs, by the names of :class:`Knobs`.

        Raises
        ------
        InputError
            If there is no such knob, or its value cannot be set on a stimulator.
        """
        names = Knobs.__dataclass_fields__
        for name, value in changes.items():
            if name not in names:
                raise InputError("there is no such knob", got=name, expected=", ".join(names))
            if not isinstance(getattr(self.knobs, name), bool):
                number_of(value, what=f"the knob {name}", is_whole=name == "n_averaged")
            if name == "n_averaged" and not 1 <= value <= MAX_AVERAGED:
                raise InputError("so many cannot be averaged", got=f"{value:g}", expected=f"1 to {MAX_AVERAGED}")
            if name == "current_ma" and not 0 <= float(value) <= MAX_CURRENT_MA:
                raise InputError("the current cannot be set", got=f"{value} mA", expected=f"0 to {MAX_CURRENT_MA:g} mA")
        self.knobs = replace(self.knobs, **changes)  # type: ignore[arg-type]

    # stimulating -------------------------------------------------------------------------------------------------
    def _shot(self, info: StudyInfo, sweep: Sweep, knobs: Knobs | None = None) -> Shot:
        self._n_shots += 1
        wave = measure_sweep(sweep, is_sensory=info.kind == "sensory")
        return Shot(number=self._n_shots, sweep=sweep, wave=wave, knobs=knobs)

    def stimulate(self) -> Shot:
        """Stimulate once at the chosen site with the knobs as they are."""
        done = self.shots.setdefault(self.key, [])
        sweep = self.source.sweep(self.info, self.side, self.site, self.knobs, self._n_shots + 1)
        shot = self._shot(self.info, sweep, self.knobs)
        done.append(shot)
        return shot

    def ramp(self, currents_ma: tuple[float, ...]) -> Ramp:
        """Stimulate with each of these currents, as a learner does by hand."""
        for current in currents_ma:
            self.set_knobs(current_ma=float(current))
            self.stimulate()
        return Ramp(self.shots[self.key])

    def clear_ramp(self) -> None:
        """Forget the stimuli at this site that were not kept."""
        kept = self.kept.get(self.key)
        self.shots[self.key] = [kept.shot] if kept else []

    def keep(self, number: int | None = None) -> Response:
        """Keep the last stimulus at this site, or the one of this number, as the response of the study.

        Raises
        ------
        InputError
            If nothing was stimulated here.
        """
        done = self.shots.get(self.key, [])
        found = [shot for shot in done if number in (None, shot.number)]
        if not found:
            raise InputError(
                "there is nothing to keep", got=f"{len(done)} sweeps at the {self.info.site(self.site).words}",
                way_out="stimulate first",
            )  # fmt: skip
        self._remember()
        self.kept[self.key] = Response.proposed(found[-1], is_sensory=self.info.kind == "sensory")
        return self.kept[self.key]

    def ramp_at(self, key: Key) -> Ramp:
        """Stimuli given at one site."""
        return Ramp(self.shots.get(key, []))

    # series ------------------------------------------------------------------------------------------------------
    def run(self, kind: str, **settings: Any) -> Run:
        """Give a series of stimuli: ``"f_waves"``, ``"trains"`` or ``"inching"``; settings as the functions in ``series``.

        ``"imported"`` shows an inching study that was recorded or typed in elsewhere (``found``), and goes to it.

        Raises
        ------
        InputError
            If the source cannot, the study is sensory or not known, or a setting cannot be used.
        """
        number = self._n_shots + 1
        made: Run
        if kind == "imported":
            made = imported_run(infos=tuple(self.studies.values()), first_number=number, **settings)
        elif not isinstance(self.source, SeriesSource):
            raise InputError("this source gives no series of stimuli", got=self.source.title)
        elif self.info.kind != "motor":
            raise InputError("a series of stimuli needs a motor study", got=self.info.title)
        elif kind == "f_waves":
            made = f_wave_run(self.source, self.info, self.side, self.site, first_number=number, **settings)
        elif kind == "trains":
            made = train_run(self.source, self.info, self.side, first_number=number, knobs=self.knobs, **settings)
        elif kind == "inching":
            made = inching_run(self.source, self.info, self.side, first_number=number, **settings)
        else:
            raise InputError("no such series", got=kind, expected="f_waves, trains, inching or imported")
        self._n_shots += len(made.sweeps)
        self._remember()
        self.runs.append(made)
        if kind == "imported":
            self.choose(study=made.study, side=made.side)
        return made

    def place_f(self, sweep: int, onset_ms: float | None) -> FWaveRun:
        """Place the F wave of a sweep of the last set of the chosen study and side, from 1; None takes it away.

        Raises
        ------
        InputError
            If there is no set, no such sweep, or no such time.
        """
        places = [
            n
            for n, run in enumerate(self.runs)
            if isinstance(run, FWaveRun) and (run.study, run.side) == (self.study, self.side)
        ]
        if not places:
            raise InputError(
                "there are no F waves to mark", got=f"{self.info.title}, {self.side}", way_out="give the stimuli first"
            )
        run = self.runs[places[-1]]
        assert isinstance(run, FWaveRun)
        changed = run.with_placed(sweep - 1, onset_ms)
        self._remember()
        self.runs[places[-1]] = changed
        return changed

    def forget_runs(self, kind: str) -> None:
        """Forget the series of one kind of the chosen study."""
        self._remember()
        self.runs = [run for run in self.runs if (run.kind, run.study) != (kind, self.study)]

    # marking -----------------------------------------------------------------------------------------------------
    def response(self, key: Key | None = None) -> Response:
        """Return the kept response.

        Raises
        ------
        InputError
            If none was kept there.
        """
        where = key or self.key
        if where not in self.kept:
            raise InputError("no response was kept here", got=" ".join(where), way_out="stimulate, then keep")
        return self.kept[where]

    def move(self, letter: str, time_ms: float, *, key: Key | None = None) -> Response:
        """Place a marker by hand."""
        where = key or self.key
        changed = self.response(where).moved(letter, number_of(time_ms, what=f"the time of marker {letter}"))
        self._remember()
        self.kept[where] = changed
        return changed

    def accept(self, *, key: Key | None = None) -> Response:
        """Accept the proposed markers."""
        where = key or self.key
        changed = self.response(where).accepted()
        self._remember()
        self.kept[where] = changed
        return changed

    def distance_mm(self, study: str, side: Side, distal: str, proximal: str) -> float | None:
        """Distance of a segment: as typed, else as the sweeps say; None where neither is known."""
        typed = self.distances_mm.get((study, side, distal, proximal))
        if typed is not None:
            return typed
        line = self.typed.get((study, side, proximal))
        if line is not None and line.distance_mm is not None:
            return line.distance_mm
        ends = [self.kept.get((study, side, site)) for site in (distal, proximal)]
        values = [end.shot.sweep.distance_mm for end in ends if end is not None]
        if len(values) < 2 or values[0] is None or values[1] is None:
            return None
        return abs(values[1] - values[0])

    def set_distance(self, distal: str, proximal: str, distance_mm: float) -> None:
        """Type in the distance between two sites of the chosen study.

        Raises
        ------
        InputError
            If it cannot be a distance on a limb.
        """
        from emgwidgets.analysis.ncs.segments import check_distance_mm

        ends = self.info.site(distal), self.info.site(proximal)
        if distal == proximal:
            raise InputError("a distance needs two sites", got=f"{ends[0].words} twice", expected="two different sites")
        number_of(distance_mm, what="the distance in mm")
        check_distance_mm(distance_mm, what=f"{distal} to {proximal}")
        self._remember()
        self.distances_mm[self.study, self.side, distal, proximal] = float(distance_mm)

    # typing ------------------------------------------------------------------------------------------------------
    def type_line(self, line: TypedLine, *, key: Key | None = None) -> None:
        """Type in the numbers of a site; an empty line takes them away.

        Raises
        ------
        InputError
            If a trace was kept there.
        """
        where = key or self.key
        self.studies[where[0]].site(where[2])
        if where in self.kept:
            raise InputError(
                "a trace was kept here, and its numbers come from its markers", got=" ".join(where),
                way_out="move the markers",
            )  # fmt: skip
        self._remember()
        if line.is_empty:
            self.typed.pop(where, None)
        else:
            self.typed[where] = line

    def type_conditions(self, **changes: Any) -> None:
        """Type in what holds for the chosen study: temperature, filter, convention of the amplitude."""
        given = replace(self.typed_with.get(self.study, TypedConditions()), **changes)
        self._remember()
        self.typed_with[self.study] = given

    def use_limits(self, norm_set: str) -> None:
        """Judge by another norm set.

        Raises
        ------
        InputError
            If there is no such set.
        """
        code = reference.norm_set(norm_set).code
        if code != self.norm_set:
            self.norm_set_before, self.norm_set = self.norm_set, code
            self.version += 1

    # undo --------------------------------------------------------------------------------------------------------
    def _snapshot(self) -> _Snapshot:
        return dict(self.kept), dict(self.distances_mm), dict(self.typed), dict(self.typed_with), list(self.runs)

    def _restore(self, state: _Snapshot) -> None:
        self.version += 1
        self.kept, self.distances_mm, self.typed, self.typed_with, self.runs = state

    def _remember(self) -> None:
        self.version += 1
        self.history.remember()


def _recorded(source: NcsSource, infos: Iterable[StudyInfo]) -> Iterator[tuple[StudyInfo, Side, Sweep]]:
    """Every sweep that a source brings along."""
    sides: tuple[Side, Side] = ("left", "right")
    for info in infos:
        for side in sides:
            for sweep in source.recorded(info, side):
                yield info, side, sweep
