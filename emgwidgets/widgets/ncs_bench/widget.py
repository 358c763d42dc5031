"""The nerve conduction bench: its public actions and its wire format; measures come from analysis, drawing is in view.js."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import anywidget
import traitlets

from emgwidgets.acquisition.engine import Engine
from emgwidgets.analysis.ncs.inched import InchingStudy
from emgwidgets.errors import EmgError, InputError
from emgwidgets.figures.ncs import draw_study
from emgwidgets.figures.ncs_table import draw_numbers
from emgwidgets.model.case import Case, Subject
from emgwidgets.model.signal import Recording, Side, Sweep
from emgwidgets.widgets._esm import join_css, join_modules
from emgwidgets.widgets.ncs_bench.actions import SeriesActions, TypedActions
from emgwidgets.widgets.ncs_bench.beside import SWEEPS_SUFFIX, recorded_case, save_bench
from emgwidgets.widgets.ncs_bench.desk import NcsDesk, Ramp
from emgwidgets.widgets.ncs_bench.live import LiveSource
from emgwidgets.widgets.ncs_bench.paper import PaperSource
from emgwidgets.widgets.ncs_bench.picture import numbers_of, picture_of, table_frame
from emgwidgets.widgets.ncs_bench.recorded import RecordedSource
from emgwidgets.widgets.ncs_bench.response import Response, Shot
from emgwidgets.widgets.ncs_bench.source import NcsSource
from emgwidgets.widgets.ncs_bench.state import fixed_state, state_of, sweep_message
from emgwidgets.widgets.ncs_bench.virtual import VirtualSource

if TYPE_CHECKING:
    import pandas as pd

    from emgwidgets.acquisition.protocols import Device
    from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["NcsBench"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"
#: Name of the sweeps of a case that is not written yet.
SWEEPS_FILE = f"case{SWEEPS_SUFFIX}"
TABS = ("", "f_waves", "trains", "inching", "typed")
#: Words of the messages a browser may send -> method and the fields it takes.
ACTIONS = {
    "choose": ("choose", ("study", "side", "site")),
    "knobs": ("set_knobs", ("changes",)),
    "stimulate": ("stimulate", ()),
    "clear": ("clear_ramp", ()),
    "keep": ("keep", ("number",)),
    "move": ("move_marker", ("letter", "time_ms", "side", "site")),
    "accept": ("accept", ("side", "site")),
    "distance": ("set_distance", ("distal", "proximal", "distance_mm")),
    "f_waves": ("f_waves", ("n_stimuli",)),
    "place_f": ("place_f", ("sweep", "onset_ms")),
    "no_f": ("no_f", ("sweep",)),
    "train": ("train", ("rate_hz", "n_stimuli", "exercise_s", "after_s")),
    "inching": ("inch", ("distal", "proximal", "step_mm")),
    "type_inching": ("type_inching", ("distal", "proximal", "rows")),
    "forget": ("forget", ("kind",)),
    "limits": ("use_limits", ("norm_set",)),
    "type_in": ("type_in", ("side", "site", "numbers")),
    "type_conditions": ("type_conditions", ("numbers",)),
    "undo": ("undo", ()),
    "redo": ("redo", ()),
}


def _source(given: object, subject: Any) -> NcsSource:
    from emgwidgets.simulation.patient import VirtualPatient

    if subject is not None and not isinstance(subject, Subject):
        raise InputError(
            "the subject cannot be used", got=type(subject).__name__, expected="a Subject of emgwidgets.model.case, with age_years, sex, height_cm"
        )  # fmt: skip
    about: Any = {"subject": subject} if subject else {}
    if given is None:
        return PaperSource(case=Case(subject=subject) if subject else Case())
    if isinstance(given, Case):
        return PaperSource(case=given)
    if isinstance(given, VirtualPatient):
        return VirtualSource(patient=given)
    if isinstance(given, Recording):
        if not given.sweeps:
            raise InputError(
                "the recording does not say where its sweeps belong", got=repr(given), expected="sweeps with nerve, site and side",
                way_out="say it with emg.ncs.sweeps_at_sites(recording, nerve=..., side=..., sites=[...])",
            )  # fmt: skip
        given = given.sweeps
    if isinstance(given, Engine) or (hasattr(given, "identify") and hasattr(given, "read")):
        engine = given if isinstance(given, Engine) else Engine(given)  # type: ignore[arg-type]
        return LiveSource(engine=engine, **about)
    if isinstance(given, InchingStudy):
        return RecordedSource(inched=(given,), **about)
    if isinstance(given, Sweep):
        return RecordedSource(sweeps=(given,), **about)
    if isinstance(given, Sequence) and given and all(isinstance(one, Sweep) for one in given):
        return RecordedSource(sweeps=tuple(given), **about)
    if hasattr(given, "studies") and hasattr(given, "sweep"):
        return given  # type: ignore[return-value]
    raise InputError(
        "the bench has nothing to examine", got=type(given).__name__,
        expected="a VirtualPatient, sweeps, a live device, a Case, a source with studies() and sweep(), or nothing to type numbers in",
    )  # fmt: skip


class NcsBench(SeriesActions, TypedActions, anywidget.AnyWidget):
    """Examine a nerve: choose a study, stimulate, ramp, keep, mark, and see what the study carries.

    Parameters
    ----------
    source : VirtualPatient, sequence of Sweep, Recording, InchingStudy, Engine, Device, Case, or a source, optional
        A virtual patient can be stimulated; a live device gives what follows its next stimulus; recorded sweeps are kept as they are and can be marked; the numbers of a case
        can be read and changed.  Left out, numbers are typed in from a report.
    study, side, site : str, optional
        What is under the hands at first.
    subject : Subject, optional
        Age, sex and height of whom the recorded sweeps or the report come from.
    norm_set : str
        Limits the table judges by; :meth:`use_limits` changes them.
    shows_technique : bool
        Whether the knobs of limb, electrodes and tape are open at first.
    tab : {"", "f_waves", "trains", "inching", "typed"}
        What is shown at first: a series of stimuli, or the table to type into; empty for single stimuli, and for the table
        where there are no traces.

    Notes
    -----
    Every action of the mouse and keyboard is a method here, so that a notebook can do the same.  An action that cannot
    be done raises InputError from Python and is shown in the widget when it came from the browser.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(SHARED / "tokens.css", SHARED / "controls.css", HERE / "view.css")

    _fixed = traitlets.Dict().tag(sync=True)
    _state = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        source: VirtualPatient
        | NcsSource
        | Sweep
        | Sequence[Sweep]
        | Recording
        | InchingStudy
        | Engine
        | Device
        | Case
        | None = None,
        *,
        study: str | None = None,
        side: Side | None = None,
        site: str | None = None,
        subject: Any = None,
        norm_set: str = "aanem_2016",
        shows_technique: bool = False,
        tab: Literal["", "f_waves", "trains", "inching", "typed"] = "",
    ) -> None:
        if tab not in TABS:
            raise InputError("there is no such tab", got=repr(tab), expected=", ".join(TABS[1:]))
        super().__init__()
        self._desk = NcsDesk(_source(source, subject), norm_set=norm_set)
        self._turns: dict[str, int] = {}  # view -> number of its last knob that was turned
        if study or side or site:
            self._desk.choose(study=study, side=side, site=site)
        is_inched = isinstance(self._desk.source, RecordedSource) and not self._desk.source.sweeps
        opened = tab or ("typed" if isinstance(self._desk.source, PaperSource) else "inching" if is_inched else "")
        self._fixed = fixed_state(self._desk, shows_technique=shows_technique, tab=opened)
        self._publish()
        self.on_msg(self._receive)

    # actions -----------------------------------------------------------------------------------------------------
    def choose(self, *, study: str | None = None, side: Side | None = None, site: str | None = None) -> None:
        """Go to another study, side or site."""
        self._desk.choose(study=study, side=side, site=site)
        self._publish()

    def set_knobs(self, **changes: float) -> None:
        """Turn knobs: ``current_ma``, ``pulse_width_ms``, ``n_averaged``, ``high_pass_hz``, ``low_pass_hz`` and others."""
        self._desk.set_knobs(**changes)
        self._publish()

    def stimulate(self, current_ma: float | None = None) -> Shot:
        """Stimulate once at the chosen site, with this current when one is given."""
        if current_ma is not None:
            self._desk.set_knobs(current_ma=current_ma)
        shot = self._desk.stimulate()
        self._publish()
        return shot

    def ramp(self, currents_ma: Sequence[float]) -> Ramp:
        """Stimulate with each of these currents."""
        done = self._desk.ramp(tuple(currents_ma))
        self._publish()
        return done

    def clear_ramp(self) -> None:
        """Forget the stimuli at this site that were not kept."""
        self._desk.clear_ramp()
        self._publish()

    def keep(self, number: int | None = None) -> Response:
        """Keep the last response at this site for the study."""
        kept = self._desk.keep(number)
        self._publish()
        return kept

    def move_marker(
        self, letter: str, time_ms: float, *, side: Side | None = None, site: str | None = None
    ) -> Response:
        """Place marker O, P or E of a kept response."""
        changed = self._desk.move(letter, time_ms, key=_where(self._desk, side, site))
        self._publish()
        return changed

    def accept(self, *, side: Side | None = None, site: str | None = None) -> Response:
        """Accept the proposed markers of a kept response."""
        changed = self._desk.accept(key=_where(self._desk, side, site))
        self._publish()
        return changed

    def set_distance(self, distal: str, proximal: str, distance_mm: float) -> None:
        """Type in the distance between two sites."""
        self._desk.set_distance(distal, proximal, distance_mm)
        self._publish()

    def undo(self) -> bool:
        """Take the last change back."""
        done = self._desk.history.undo()
        self._publish()
        return done

    def redo(self) -> bool:
        """Do it again."""
        done = self._desk.history.redo()
        self._publish()
        return done

    # results -----------------------------------------------------------------------------------------------------
    @property
    def desk(self) -> NcsDesk:
        """The bench without its picture."""
        return self._desk

    @property
    def case(self) -> Case:
        """What was kept, as a case ready for interpretation; its numbers lead into :attr:`recordings`."""
        return recorded_case(self._desk, SWEEPS_FILE)[0]

    @property
    def recordings(self) -> Mapping[str, Recording]:
        """Sweeps that the numbers of :attr:`case` come from, by the name their links have; :meth:`save` writes them."""
        _, sweeps = recorded_case(self._desk, SWEEPS_FILE)
        return {SWEEPS_FILE: Recording(sweeps=sweeps)} if sweeps else {}

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the case, and beside it the sweeps of every kept response and series.

        What is in the case besides the conduction studies stays as it was.

        Parameters
        ----------
        path : path
            The document, such as ``"case.json"``, or a folder, which then holds ``case.json``; the sweeps get its name
            with ``_sweeps.npz``.

        Returns
        -------
        Path
            The document; the board opens it with every number on its trace.

        Raises
        ------
        WriteError
            If a file cannot be written.
        """
        return save_bench(self._desk, path)

    def table(self) -> pd.DataFrame:
        """Return the table of the study: nerve, measure, left and right with their marks, limit, unit, source of the limit.

        Marks: N normal, A abnormal, B borderline, 0 no response, ? cannot be judged, - not tested.
        """
        return table_frame(self._state["table"])

    @property
    def technique(self) -> tuple[str, ...]:
        """What the way of testing leaves open, a sentence each; empty when nothing was found."""
        return tuple(f"{one['what']} {one['why']}" for one in self._state["technique"])

    def to_figure(self, *, backend: Literal["matplotlib", "plotly"] = "matplotlib") -> Any:
        """Return a figure of the kept responses of the chosen study, left beside right; without traces, the table."""
        picture = picture_of(self._desk)
        if not picture.n_rows and self._desk.typed:
            return draw_numbers(numbers_of(self._desk, self._state["table"]), backend=backend)
        return draw_study(picture, backend=backend)

    def close(self) -> None:
        """Close the widget and, of a live source, the device."""
        if hasattr(self, "_desk") and isinstance(self._desk.source, LiveSource):
            self._desk.source.close()
        super().close()

    def __repr__(self) -> str:
        typed = f", {len(self._desk.typed)} lines typed in" if self._desk.typed else ""
        return f"NcsBench({self._desk.source.title}; {len(self._desk.kept)} responses kept{typed})"

    # inside ------------------------------------------------------------------------------------------------------
    def _publish(self) -> None:
        self._state = state_of(self._desk) | {"turns": dict(self._turns)}

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        kind = content.get("type")
        if kind == "need":
            self.send(*_sweeps_asked(self._desk, {int(number) for number in content.get("ids", ())}))
            return
        name, fields = ACTIONS.get(str(kind), ("", ()))
        if not name:
            return
        if "turn" in content:
            self._turns[str(content.get("view"))] = int(content["turn"])
        given = {field: content[field] for field in fields if content.get(field) is not None}
        action: Callable[..., Any] = getattr(self, name)
        try:
            action(**given.pop("changes", {}), **given.pop("numbers", {}), **given)
        except EmgError as error:
            self.send({"type": "error", "what": error.what, "got": error.got, "expected": error.expected,
                       "way_out": error.way_out})  # fmt: skip
            self._publish()


def _where(desk: NcsDesk, side: Side | None, site: str | None) -> tuple[str, Side, str]:
    return desk.study, side or desk.side, site or desk.site


def _sweeps_asked(desk: NcsDesk, numbers: set[int]) -> tuple[dict[str, Any], list[bytes]]:
    """Message and buffers for the sweeps of these numbers."""
    found = [shot for shots in desk.shots.values() for shot in shots if shot.number in numbers]
    made = [sweep_message(shot.sweep, shot.number) for shot in found]
    for run in desk.runs:
        each = enumerate(run.sweeps, start=run.first_number)
        made += [sweep_message(sweep, number) for number, sweep in each if number in numbers]
    return {"type": "sweeps", "heads": [head for head, _ in made]}, [data for _, data in made]
