"""The room of an unknown case: tests by mouse or key, the log with what led after each, the conclusion and its points."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from emgwidgets import vocabulary
from emgwidgets.errors import EmgError, InputError
from emgwidgets.interpretation.localisation.catalogue import Test
from emgwidgets.lessons.progress import Progress
from emgwidgets.lessons.study_room import CANNOT_BE_JUDGED, Score, StudyRoom
from emgwidgets.model.case import Case
from emgwidgets.model.signal import Side
from emgwidgets.widgets._esm import join_css, join_modules
from emgwidgets.widgets.case_board import CaseBoard

__all__ = ["CaseRoom"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"
#: Explanations offered as conclusions (internal choice: what fits a list), beside those of the whole body.
MOST_SITES = 12
LEG_NERVES = (
    "fibular",
    "tibial",
    "sural",
    "superficial_fibular",
    "saphenous",
    "medial_plantar",
    "lateral_plantar",
    "dorsal_sural",
)
ALWAYS = ("normal", "central_weakness", "axonal_polyneuropathy", "motor_neuron_disease")


class CaseRoom(anywidget.AnyWidget):
    """Examine and conclude one unknown case.

    Parameters
    ----------
    code : str
        ``"U1"`` to ``"U24"``.
    seed : int
        Another seed gives another body with the same story.
    progress : Progress, optional
        Where the score is kept; the user's own file by default.

    Raises
    ------
    InputError
        If there is no such case.

    Notes
    -----
    The truth travels to the browser only with the score; the first conclusion counts.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(SHARED / "tokens.css", SHARED / "controls.css", HERE / "view.css")

    _fixed = traitlets.Dict().tag(sync=True)
    _state = traitlets.Dict().tag(sync=True)

    def __init__(self, code: str = "U1", *, seed: int = 0, progress: Progress | None = None) -> None:
        self.room = StudyRoom(code, seed=seed)
        self.score: Score | None = None
        self._progress = progress or Progress()
        self._board: CaseBoard | None = None
        self._report = ""
        super().__init__()
        self._fixed = _fixed(self.room)
        self._publish()
        self.on_msg(self._receive)

    @property
    def case(self) -> Case:
        """The case with everything that was done so far."""
        return self.room.case

    def board(self) -> CaseBoard:
        """The board of this case; it follows every test that is done here."""
        if self._board is None:
            self._board = CaseBoard(self.room.case, recordings=self.room.recordings)
        return self._board

    def do(self, kind: str, study: str, side: Side) -> str:
        """Do one test.

        Returns
        -------
        str
            What it showed.

        Raises
        ------
        InputError
            If there is no such test, it was done already, or the case is concluded.
        """
        if self.score is not None:
            raise InputError("the case is concluded", way_out="open another case")
        found = self.room.do(kind, study, side)
        self._publish()
        return f"{found.words}, {side}: {found.showed}"

    def read_mri(self) -> str:
        """Open the MRI report and return its text."""
        self._report = self.room.read_mri()
        self._publish()
        return self._report

    def conclude(self, site: str, *, red_flag: bool = False) -> Score:
        """Conclude; the first conclusion counts.

        Raises
        ------
        InputError
            If no site is named.
        """
        if not site:
            raise InputError("a conclusion needs a site", expected="one of the list; it can be left open as well")
        if self.score is None:
            self.score = self.room.conclude(site, red_flag=red_flag)
            self._progress.add(
                "case_room", case=self.room.code, seed=self.room.seed, site=site, points=round(self.score.points, 1),
                cost=self.room.cost, n_tests=len(self.room.done),
            )  # fmt: skip
            self._publish()
        return self.score

    def to_text(self) -> str:
        """Return question, tests with results, and the score."""
        room = self.room
        lines = [
            f"{room.code}: {room.case.question} Day {room.case.days_since_onset or 0:.0f}; cost so far {room.cost:.0f}."
        ]
        lines += [
            f"  {one.words}, {one.side}: {one.showed}; leads: {one.leading}, {100 * one.probability:.0f} %"
            for one in room.done
        ]
        return "\n".join([*lines, str(self.score)] if self.score else lines)

    def __repr__(self) -> str:
        points = f", {self.score.points:.0f} points" if self.score else ""
        return f"CaseRoom({self.room.code}, {len(self.room.done)} tests done, cost {self.room.cost:.0f}{points})"

    # inside ------------------------------------------------------------------------------------------------------
    def _publish(self) -> None:
        room = self.room
        leading, probability = room.leading()
        self._state = {
            "done": [
                {"kind": one.kind, "study": one.study, "side": one.side, "words": one.words, "cost": one.cost, "showed": one.showed,
                 "leading": one.leading, "percent": 100 * one.probability} for one in room.done
            ],
            "cost": room.cost, "leading": leading, "percent": 100 * probability, "report": self._report, "has_read_mri": room.has_read_mri,
            "sites": _sites(room), "problem": "", "is_kept": self._progress.is_kept,
            "score": {"points": self.score.points, "rows": [list(row) for row in self.score.rows], "impression": room.teaching.expected.impression,
                      "trap": room.teaching.expected.trap} if self.score else None,
        }  # fmt: skip
        if self._board is not None:
            self._board.take_studies(room.case, room.recordings)

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        try:
            kind = content.get("type")
            if kind == "do":
                self.do(str(content["kind"]), str(content["study"]), content["side"])
            elif kind == "mri":
                self.read_mri()
            elif kind == "conclude":
                self.conclude(str(content["site"]), red_flag=bool(content.get("red_flag")))
        except EmgError as error:
            self._state = {**self._state, "problem": error.sentence}
        except (KeyError, TypeError, ValueError):
            self._publish()  # a message that fits nothing: show what is


def _fixed(room: StudyRoom) -> dict[str, Any]:
    case = room.case
    subject, seen = case.subject, case.examination
    is_leg = room.teaching.condition.complaint.region == "lumbar"
    tests = [
        {"kind": one.kind, "study": one.study, "cost": one.cost(), "caution": one.caution,
         "words": vocabulary.muscle(one.study).name if one.kind == "needle" else one.study.replace("_", " ")}
        for one in sorted(room.tests(), key=lambda one: _is_leg(one) != is_leg)
    ]  # fmt: skip
    return {
        "code": room.code, "title": room.teaching.title, "question": case.question, "day": case.days_since_onset, "tests": tests,
        "person": f"{subject.sex}, {subject.age_years:.0f} years", "symptoms": [_symptom(one) for one in case.symptoms],
        "strength": [f"{vocabulary.muscle(one.muscle).name} {one.side} {one.mrc}" for one in seen.strength if one.mrc != "5"],
        "reflexes": [f"{one.name.replace('_', ' ')} {one.side} {one.finding}" for one in seen.reflexes if one.finding != "normal"],
        "sensation": [f"{one.area} {one.side} {one.finding}" for one in seen.sensation if one.finding != "normal"],
        "signs": [f"{one.name.replace('_', ' ')}{f' {one.side}' if one.side else ''}" for one in seen.signs if one.is_positive],
    }  # fmt: skip


def _is_leg(test: Test) -> bool:
    if test.kind == "needle":
        return vocabulary.muscle(test.study).roots[0][0] in "LS"
    return test.study.startswith(LEG_NERVES)


def _symptom(one: Any) -> str:
    return " ".join(str(part) for part in (one.kind, one.place, one.side or "") if part)


def _sites(room: StudyRoom) -> list[list[str]]:
    from emgwidgets.interpretation.localisation import localise

    found = localise(room.case, n=400).explanations
    kept = [one.candidate for one in found[:MOST_SITES]]
    kept += [one.candidate for one in found if one.candidate.code in ALWAYS and one.candidate not in kept]
    return [*([one.code, one.words] for one in kept), [CANNOT_BE_JUDGED, "cannot be judged: complete or repeat first"]]
