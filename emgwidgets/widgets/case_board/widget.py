"""The page of one case: its public actions and its wire format; interpretation judges, a named reader concludes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from emgwidgets.cases.document import Case, Problem, read_case
from emgwidgets.cases.proofs import proofs_at
from emgwidgets.errors import InputError
from emgwidgets.model import case as model
from emgwidgets.widgets._esm import join_css, join_modules
from emgwidgets.widgets.body_map import body_wire
from emgwidgets.widgets.case_board.answers import QUESTIONS
from emgwidgets.widgets.case_board.desk import CaseDesk
from emgwidgets.widgets.case_board.forms import form_spec
from emgwidgets.widgets.case_board.reader_acts import ReaderActs
from emgwidgets.widgets.case_board.reading_state import raised_subjects
from emgwidgets.widgets.case_board.state import board_state, cell_state, first_cell, next_state, said
from emgwidgets.widgets.case_board.traces import TraceShelf, trace_answer
from emgwidgets.widgets.given_case import given_case
from emgwidgets.widgets.mri_bench.desk import MriDesk
from emgwidgets.widgets.spine import spine_wire
from emgwidgets.widgets.still import with_still

if TYPE_CHECKING:
    from emgwidgets.model.localisation import NextTests
    from emgwidgets.model.mri_report import MriReport
    from emgwidgets.model.signal import Recording, Sweep, Trace

__all__ = ["CaseBoard"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"
#: Words of the messages a browser may send -> method and the fields it takes.
ACTIONS = {
    "choose": ("choose", ("row", "column", "side")),
    "trace": ("show_trace", ("place",)),
    "enter": ("enter", ("kind", "values", "index")),
    "remove": ("remove", ("kind", "index")),
    "head": ("set_head", ("values",)),
    "report": ("read_report", ("text",)),
    "flag": ("answer_flag", ("code", "state")),
    "set_aside": ("set_flags_aside", ("reason", "reader")),
    "show_ranking": ("show_ranking", ("reason", "reader")),
    "waive": ("waive", ("about", "reason", "reader")),
    "strike": ("strike", ("sentence", "reason", "instead", "reader")),
    "restore": ("restore", ("sentence",)),
    "write": ("write", ("text", "reader")),
    "sign": ("sign", ()),
    "undo": ("undo", ()),
    "redo": ("redo", ()),
    "next": ("_send_next", ()),
}


class CaseBoard(ReaderActs):
    """One page for one case: red flags, timing, concordance, explanations, next tests, and the reader's conclusion.

    Parameters
    ----------
    case : Case or path, optional
        An empty case when left out: everything can be entered on the board.  Entries of a file that cannot be used are
        named on the board, the rest works, and that file is not written over.
    reader : str
        Who reads; can be typed on the board.
    path : optional
        Where the case is saved when it is signed; the file a case was loaded from.  Recordings in its folder are found
        by the links of the numbers.
    recordings : mapping of str to Recording, optional
        Recordings that are not in that folder, by the name that links have.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(
        SHARED / "tokens.css", SHARED / "controls.css", SHARED / "body_map.css", SHARED / "spine.css", HERE / "view.css"
    )
    _actions = ACTIONS
    _desk: CaseDesk
    _fixed = traitlets.Dict().tag(sync=True)
    _state = traitlets.Dict().tag(sync=True)
    _cell = traitlets.Dict().tag(sync=True)
    _next = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        case: model.Case | str | os.PathLike[str] | None = None,
        *,
        reader: str = "",
        path: str | os.PathLike[str] | None = None,
        recordings: Mapping[str, Recording] | None = None,
    ) -> None:
        problems: tuple[Problem, ...] = ()
        folder = None if path is None else Path(path).parent
        if isinstance(case, (str, os.PathLike)):
            source, document, folder = case, read_case(case), Path(case).parent
            case, problems = document.case, document.problems
            # a file with entries that could not be used is never written over
            path = path if problems else path or source
        case = given_case(case, what="the board")
        self._desk = CaseDesk(given=case, reader=reader, path=path)
        self._shelf = TraceShelf(folder=folder, given=dict(recordings or {}))
        self._asked: tuple[int, NextTests] | None = None
        self._where: tuple[str, str, str] | None = None
        fixed = {
            "body": body_wire(), "spine": spine_wire(), "forms": form_spec(), "problems": [str(one) for one in problems],
        }  # fmt: skip
        super().__init__(_fixed=fixed)
        self._publish()
        self._send_next()
        self.on_msg(self._receive)

    # what the board rests on -------------------------------------------------------------------------------------
    @property
    def case(self) -> Case:
        """The case with everything entered, settled and signed."""
        return self._desk.case

    @property
    def next_tests(self) -> NextTests:
        """Tests worth doing next."""
        if self._asked is None or self._asked[0] != self._desk.version:
            from emgwidgets.interpretation.localisation import next_tests

            self._asked = (self._desk.version, next_tests(self._desk.case))
        return self._asked[1]

    # actions -----------------------------------------------------------------------------------------------------
    def choose(self, row: str, column: str, side: str) -> None:
        """Open the evidence of one cell, such as ``choose("root_l5", "emg", "left")``."""
        try:
            self._cell = cell_state(self.correlation, self.case, row, column, side)
        except KeyError:
            known = ", ".join(one.code for one in self.correlation.board)
            raise InputError(
                "there is no such cell on the board", got=f"{row}, {column}, {side}", expected=known
            ) from None
        self._where = (row, column, side)

    def traces(self, place: str) -> tuple[Trace | Sweep, ...]:
        """Return the waveforms kept of a place of the case, such as ``"needle[2]"`` or ``"ncs.motor[0]"``.

        Raises
        ------
        InputError
            If a recording that a number names is not beside the case.
        """
        return tuple(self._shelf.wave(proof.link) for proof in proofs_at(self.case, place))

    def show_trace(self, place: str) -> None:
        """Show the waveforms kept of a place of the case beside its evidence; says so where none is kept."""
        content, buffers = trace_answer(self._shelf, place, proofs_at(self.case, place))
        self.send(content, buffers)

    def enter(self, kind: str, values: Mapping[str, Any], index: int | None = None) -> None:
        """Enter a finding, such as ``enter("strength", {"muscle": "tibialis anterior", "side": "left", "mrc": "3"})``.

        Parameters
        ----------
        kind : str
            ``"symptom"``, ``"strength"``, ``"reflex"``, ``"sensation"``, ``"sign"``, ``"motor"``, ``"sensory"``,
            ``"late"``, ``"needle"`` or ``"mri"``.
        index : int, optional
            Put it in the place of this entry.
        """
        self._desk.enter(kind, values, index)
        # the form is cleared before the page shows the entry, so that nothing typed in between is lost
        self.send({"type": "entered", "kind": kind})
        self._publish()

    def remove(self, kind: str, index: int) -> None:
        """Take an entry out; undo brings it back."""
        self._desk.remove(kind, index)
        self._publish()

    def set_head(self, values: Mapping[str, Any]) -> None:
        """Change ``question``, ``days_since_onset``, ``age_years``, ``sex``, ``height_cm``."""
        self._desk.set_head(values)
        self._publish()

    def read_report(self, text: str) -> MriReport:
        """Read an MRI report; its findings are put into the case, seen or looked for and not seen, its words are not."""
        from emgwidgets.interpretation.correlation.mri import read_report

        report = read_report(text)
        # a finding whose side the report contradicts comes without a side; the MRI bench settles it
        self._desk.set_mri(MriDesk(case=self._desk.case, report=report).for_case())
        self._publish()
        urgent = [one.sentence for one in report.urgent]
        self.send({
            "type": "report", "n": len(report.present), "unread": len(report.unread), "urgent": urgent,
            "conflicts": [one.sentence for one in report.conflicts],
        })  # fmt: skip
        return report

    def take_studies(self, case: model.Case, recordings: Mapping[str, Recording] | None = None) -> None:
        """Take nerve studies, needle examination and MRI findings from another state of this case; the rest stays.

        ``recordings`` are added to those that links of the numbers lead to.
        """
        self._shelf.given.update(recordings or {})
        self._desk.take_studies(case)
        self._publish()
        self._send_next()

    def save(self, path: str | os.PathLike[str] | None = None) -> None:
        """Write the case; the place is kept."""
        place = path or self._desk.path
        if place is None:
            raise InputError("the case has no place to be saved", expected="a path ending in .json")
        self._desk.path = place
        self._desk.case.save(place)

    def to_figure(self) -> Any:
        """Return the board as a matplotlib figure: timing, concordance, explanations, both conclusions."""
        from emgwidgets.figures.board import draw_board

        return draw_board(
            self.correlation,
            question=self.case.question,
            reading=self.case.reading,
            banner=self._state["flags"]["urgent"],
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and beside it a picture and words for where no kernel runs."""

        def draw() -> Any:
            from emgwidgets.figures.board import draw_board

            return draw_board(
                self.correlation, question=self.case.question, banner=self._state["flags"]["urgent"], is_brief=True
            )

        return with_still(super()._repr_mimebundle_(**kwargs), f"{self!r}: {said(self._state)}", draw)

    def __repr__(self) -> str:
        return f"CaseBoard({self._desk.case!r}; {'signed' if self._desk.is_signed else 'not signed'})"

    # inside ------------------------------------------------------------------------------------------------------
    def _publish(self) -> None:
        found = self.correlation
        self._desk.raise_flags(raised_subjects(found))
        with self.hold_sync():
            self._state = board_state(self._desk, found)
            codes = {one.code for one in found.board}
            where = self._where if self._where and self._where[0] in codes else first_cell(found)
            self._cell = cell_state(found, self.case, *where) if where else {}

    def _send_next(self) -> None:
        self._next = next_state(self.next_tests) | {"version": self._desk.version}

    def _act(self, kind: str) -> Callable[[Mapping[str, Any]], Any] | None:
        if kind in QUESTIONS:
            return lambda content: self.send(QUESTIONS[kind](self._desk, self.correlation, content))
        return super()._act(kind)
