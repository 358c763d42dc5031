"""What happens on the needle bench, without any picture: go to a muscle, place the needle, listen, shade, name, score, prove."""

from __future__ import annotations

from dataclasses import replace

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.checks import check_choice, check_side
from emgwidgets.model.needle_rest import SpontaneousGrade
from emgwidgets.model.signal import Side
from emgwidgets.widgets.needle_bench.decompose_desk import DecomposeDesk
from emgwidgets.widgets.needle_bench.rest_desk import COLUMN_OF, NAMES, NamedClip, RestReading, grade_of, read_selection
from emgwidgets.widgets.needle_bench.scorebook import ScoreBook, Where
from emgwidgets.widgets.needle_bench.scores import OTHER_KINDS, Clip
from emgwidgets.widgets.needle_bench.source import Filters, NeedlePlace, NeedleSource, Section, Stretch, check_effort
from emgwidgets.widgets.needle_bench.units_desk import UnitsDesk

__all__ = ["MODES", "NeedleDesk", "Where"]

MODES = ("free", "triggered", "decompose", "interference")
#: Stretches held; the oldest that proves nothing goes first (internal choice: twenty seconds are 2 MB).
MOST_STRETCHES = 60


class NeedleDesk:
    """The state of a needle bench.

    Parameters
    ----------
    source : NeedleSource
        Gives the stretches.
    muscle, side : str, optional
        Where the needle is at first.

    Attributes
    ----------
    place : NeedlePlace or None
    effort : str
    filters : Filters
    stretches : dict of int to Stretch
        Every stretch listened to that is still held.
    stretch : Stretch or None
        The one under the sweep.
    reading : RestReading or None
        The shaded stretch, read.
    book : ScoreBook
        Scores, names and proofs.
    units : UnitsDesk
        Trigger, average and gallery.
    decompose : DecomposeDesk
        Trains, templates, edits.
    """

    def __init__(self, source: NeedleSource, *, muscle: str = "", side: Side = "left") -> None:
        self.source = source
        self.muscles = source.muscles()
        self.filters = Filters()
        self.mode = "free"
        self.effort = "insert"
        self.stretches: dict[int, Stretch] = {}
        self.stretch: Stretch | None = None
        self.start_at_s = 0.0
        self.at_s = 0.0
        self.reading: RestReading | None = None
        self.grade: SpontaneousGrade | None = None
        self.book = ScoreBook()
        self.units = UnitsDesk()
        self.decompose = DecomposeDesk()
        self.place: NeedlePlace | None = None
        self.section: Section | None = None
        self._insertions: dict[Where, int] = {}
        self._number = 0
        self.muscle = ""
        self.side: Side = side
        self.choose(muscle=muscle or self.muscles[0], side=side)

    # where -------------------------------------------------------------------------------------------------------
    @property
    def where(self) -> Where:
        """Muscle and side under the needle."""
        return self.muscle, self.side

    @property
    def n_insertions(self) -> int:
        """Insertions into this muscle so far."""
        return self._insertions.get(self.where, 0)

    def choose(self, *, muscle: str | None = None, side: Side | None = None) -> None:
        """Go to another muscle or side; the needle is out until it is put in."""
        code = vocabulary.muscle(muscle).code if muscle is not None else self.muscle
        if code not in self.muscles:
            raise InputError("this muscle cannot be examined here", got=repr(muscle), expected="one of its muscles")
        if side is not None:
            check_side(side, what="the side of the needle")
            self.side = side
        self.muscle = code
        self.stretch, self.reading, self.grade = None, None, None
        self.effort = "insert"
        self.section = self.source.section(code, self.side)
        self.place = self.source.usual_place(code, self.side)
        self.book.focus("insertional")

    def set_filters(self, **changes: float) -> None:
        """Turn the filter knobs; what was shaded is read again."""
        self.filters = replace(self.filters, **changes)
        if self.reading is not None:
            self.select(self.reading.stretch, self.reading.start_s, self.reading.end_s)

    def set_mode(self, mode: str) -> None:
        """Free run, triggered, decompose or interference."""
        check_choice(mode, MODES, what="the mode of the bench")
        self.mode = mode

    # needle ------------------------------------------------------------------------------------------------------
    def move_needle(
        self, *, depth_mm: float | None = None, angle_deg: float | None = None, along_mm: float | None = None
    ) -> Stretch:
        """Put the needle in, or move it: a new insertion.

        Raises
        ------
        InputError
            If the source has no needle that can be moved.
        """
        if not self.source.can_move or self.place is None:
            raise InputError("this needle cannot be moved from here", way_out="listen to what was recorded")
        given = {"depth_mm": depth_mm, "angle_deg": angle_deg, "along_mm": along_mm}
        self.place = replace(self.place, **{name: value for name, value in given.items() if value is not None})
        return self.set_effort("insert")

    def set_effort(self, effort: str) -> Stretch:
        """Insert, rest, or ask for slight, moderate or full effort; listening begins at once.

        Rest goes on at the place of the last insertion; there is no rest before one.
        """
        wanted = check_effort(effort)
        last = self.stretch
        if wanted == "rest" and self.source.can_move:
            mine = [one for one in self.stretches.values() if self._is_here(one) and one.effort == "insert"]
            if mine:
                return self._listen(mine[-1], effort="rest", start_s=mine[-1].loop_s or 0.0)
            wanted = "insert"
        if wanted == "insert" or not self.n_insertions:
            self._insertions[self.where] = self.n_insertions + 1
        self._number += 1
        made = self.source.record(
            muscle=self.muscle, side=self.side, effort=wanted, place=self.place, insertion=self.n_insertions,
            number=self._number,
        )  # fmt: skip
        self.stretches[made.number] = made
        self._forget()
        start_s = made.start_s
        if not self.source.can_move and last is not None and self._is_here(last):
            start_s = self.start_at_s
        return self._listen(made, effort=wanted, start_s=start_s)

    def _is_here(self, one: Stretch) -> bool:
        return (one.muscle, one.side) == self.where and one.insertion == self.n_insertions

    def _listen(self, stretch: Stretch, *, effort: str, start_s: float) -> Stretch:
        if self.stretch is not None and self.stretch is not stretch:
            self.stretch.held.clear()  # filtered anew when it is gone back to
        self.stretch, self.effort, self.start_at_s, self.at_s = stretch, effort, start_s, start_s
        self.reading = None
        return stretch

    def _forget(self) -> None:
        used = self.book.used() | {self._number}
        for number in list(self.stretches):
            if len(self.stretches) <= MOST_STRETCHES:
                return
            if number not in used:
                del self.stretches[number]

    def stretch_of(self, number: int) -> Stretch:
        """A stretch by its number.

        Raises
        ------
        InputError
            If it is not held.
        """
        found = self.stretches.get(number)
        if found is None:
            raise InputError("this stretch is not held any more", got=str(number), way_out="put the needle in again")
        return found

    def look_at(self, time_s: float) -> None:
        """Measure a long recording from here on."""
        self.at_s = float(time_s)

    # reading -----------------------------------------------------------------------------------------------------
    def select(self, stretch: int, start_s: float, end_s: float) -> RestReading:
        """Shade a stretch: it is measured, and a name is proposed."""
        one = self.stretch_of(stretch)
        low, high = sorted((start_s, end_s))
        self.reading = read_selection(one, self.filters, max(low, one.start_s), min(high, one.end_s))
        return self.reading

    def unselect(self) -> None:
        """Shade nothing."""
        self.reading = None

    def name(self, code: str) -> NamedClip:
        """Name the shaded stretch; it is linked as proof to the column of that name, which the keys then act on.

        Raises
        ------
        InputError
            If nothing is shaded or there is no such name.
        """
        if code not in NAMES and code not in COLUMN_OF:
            raise InputError("no such name", got=repr(code), expected=f"one of {', '.join(NAMES)}")
        reading = self._shaded()
        made = NamedClip(
            stretch=reading.stretch, start_s=reading.start_s, end_s=reading.end_s, code=code, proposed=reading.proposed
        )
        self._go_to(self.stretch_of(reading.stretch))
        kind = COLUMN_OF.get(code, "")
        self.book.name(self.where, made, kind, is_other=kind in OTHER_KINDS)
        return made

    def grade_rest(self) -> SpontaneousGrade:
        """What the scheme would give over the insertions into this muscle so far.

        Raises
        ------
        InputError
            If the needle was not in this muscle.
        """
        here = [
            one for one in self.stretches.values()
            if (one.muscle, one.side) == self.where and one.effort in ("insert", "rest")
        ]  # fmt: skip
        self.grade = grade_of(here, self.filters)
        return self.grade

    def _shaded(self) -> RestReading:
        if self.reading is None:
            raise InputError(
                "nothing is shaded", expected="a stretch of the trace", way_out="freeze, then drag over it"
            )
        return self.reading

    def _go_to(self, stretch: Stretch) -> None:
        if (stretch.muscle, stretch.side) != self.where:
            self.choose(muscle=stretch.muscle, side=stretch.side)

    def link(self, key: str | None = None) -> Clip:
        """Link the shaded stretch as proof to a column, the chosen one by default.

        Raises
        ------
        InputError
            If nothing is shaded.
        """
        reading = self._shaded()
        self._go_to(self.stretch_of(reading.stretch))
        made = Clip(stretch=reading.stretch, start_s=reading.start_s, end_s=reading.end_s, words=reading.proposed)
        self.book.link(self.where, made, key)
        return made

    def efforts(self) -> list[Stretch]:
        """Stretches of this muscle under effort, in order."""
        return [
            one for one in self.stretches.values()
            if (one.muscle, one.side) == self.where and one.effort in ("slight", "moderate", "full")
        ]  # fmt: skip

    def show_clip(self, muscle: str, side: Side, key: str, index: int = 0) -> RestReading:
        """Go to the stretch that proves a score and shade it."""
        clip = self.book.clip((muscle, side), key, index)
        stretch = self.stretch_of(clip.stretch)
        self._go_to(stretch)
        self.book.focus(key)
        self._listen(stretch, effort=stretch.effort, start_s=clip.start_s)
        return self.select(clip.stretch, clip.start_s, clip.end_s)
