"""Decomposition on the bench: an automatic first pass, a reader's edits kept as data and applied anew, and what it leaves unexplained.

Trains, templates and residual come from :mod:`emgwidgets.analysis.needle`; an edit is never folded into them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from emgwidgets.analysis.needle.decomposition import decompose
from emgwidgets.analysis.needle.edits import apply_edits
from emgwidgets.analysis.needle.muap import measure_muaps
from emgwidgets.analysis.needle.recruitment import measure_recruitment, read_recruitment
from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.measure import Measure, Measures
from emgwidgets.model.needle_analysis import DecompositionResult, Edit
from emgwidgets.widgets.needle_bench.source import Filters, Stretch
from emgwidgets.widgets.needle_bench.units_desk import KeptUnit

if TYPE_CHECKING:
    from emgwidgets.model.needle_effort import RecruitmentMeasures, RecruitmentReading
    from emgwidgets.widgets.needle_bench.scorebook import Where
    from emgwidgets.widgets.needle_bench.units_desk import UnitsDesk

__all__ = ["DecomposeDesk", "recruitment_measures"]

#: Longest part of a stretch that is decomposed (internal choice: so that the answer comes in seconds).
LONGEST_S = {"slight": 30.0, "moderate": 6.0}
NEEDS_EFFORT = "Units need effort: ask for slight effort (S)."
TOO_MANY = (
    "At full effort single units cannot be followed: ask for slight effort (S), or read the interference pattern."
)
SNAP_S = 0.0015  # a click this near to a peak means the peak
FACE = ("cranial",)


#: Stretch, filters, and from when on a long one is decomposed.
Key: TypeAlias = tuple[int, Filters, float]


def _from(stretch: Stretch, at_s: float) -> float:
    """Start of the part that is decomposed; a growing stretch is decomposed once, as far as it had come."""
    return 0.0 if stretch.is_growing else stretch.piece(at_s)[0]


class DecomposeDesk:
    """Decompositions of stretches with the edits of a reader.

    Attributes
    ----------
    edits : dict of int to list of Edit
        For each stretch, in order.
    sentence : str
        Why there is none.
    """

    def __init__(self) -> None:
        self.edits: dict[int, list[Edit]] = {}
        self.sentence = ""
        self.number = 0
        self.version = 0
        self._automatic: dict[Key, DecompositionResult] = {}
        self._busy: Key | None = None
        self._undone: list[Edit] = []
        self._held: tuple[Any, DecompositionResult | None] = (None, None)

    def look(self, stretch: Stretch | None, filters: Filters, at_s: float = 0.0) -> DecompositionResult | None:
        """The decomposition of a stretch with its edits; made when it is asked for the first time."""
        self.sentence = ""
        if stretch is None or stretch.effort not in LONGEST_S:
            self.sentence = NEEDS_EFFORT if stretch is None or stretch.effort != "full" else TOO_MANY
            return None
        key = (stretch.number, filters, _from(stretch, at_s))
        edits = tuple(self.edits.get(stretch.number, ()))
        if key == self._busy:
            self.sentence = "Decomposing: the units come in a moment, the sound goes on."
            return None
        if self._held[0] == (key, edits):
            return self._held[1]
        if stretch.number != self.number:
            self._undone, self.number = [], stretch.number
        try:
            result = self._edited(stretch, key, edits)
        except EmgError as error:
            self.sentence = f"{error.what[:1].upper()}{error.what[1:]}{f': {error.got}' if error.got else ''}."
            result = None
        self.version += 1
        self._held = ((key, edits), result)
        return result

    def begin_with(self, stretch: Stretch, filters: Filters, result: DecompositionResult) -> None:
        """Put a result in the place of the automatic first pass: edits begin with it."""
        self._automatic[stretch.number, filters, _from(stretch, stretch.start_s)] = result
        self.edits.pop(stretch.number, None)
        self._undone = []
        self._held = (None, None)

    def is_ready(self, stretch: Stretch | None, filters: Filters, at_s: float = 0.0) -> bool:
        """Whether looking at a stretch takes no time."""
        if stretch is None or stretch.effort not in LONGEST_S:
            return True
        return (stretch.number, filters, _from(stretch, at_s)) in self._automatic

    def begin(self, stretch: Stretch, filters: Filters, at_s: float, done: Callable[[], None]) -> None:
        """Decompose in a thread, so that the signal goes on meanwhile; ``done`` is called when the result can be looked at."""
        key = (stretch.number, filters, _from(stretch, at_s))
        if self._busy is not None:
            return
        self._busy = key

        def work() -> None:
            try:
                with suppress(EmgError):  # looking at it again says why it cannot be done
                    self._automatic[key] = self._made(stretch, key)
            finally:
                self._busy = None
            done()

        threading.Thread(target=work, name="emgwidgets-decompose", daemon=True).start()

    def _made(self, stretch: Stretch, key: Key) -> DecompositionResult:
        _, filters, at_s = key
        start_s, end_s = stretch.piece(at_s)
        return decompose(stretch.trace(filters, start_s, min(end_s, start_s + LONGEST_S[stretch.effort])))

    def _edited(self, stretch: Stretch, key: Key, edits: tuple[Edit, ...]) -> DecompositionResult:
        if key not in self._automatic:
            self._automatic[key] = self._made(stretch, key)
        return apply_edits(self._automatic[key], edits) if edits else self._automatic[key]

    @property
    def result(self) -> DecompositionResult:
        """What is shown now.

        Raises
        ------
        InputError
            If nothing was decomposed.
        """
        found = self._held[1]
        if found is None:
            raise InputError("nothing was decomposed", way_out="ask for slight effort, then Decompose")
        return found

    # edits -------------------------------------------------------------------------------------------------------
    def edit(self, kind: str, unit: str, other: str = "", times_s: Sequence[float] = ()) -> Edit:
        """Merge, split, delete, add or move; see :class:`Edit`.  A split without a name gets the next number.

        Raises
        ------
        InputError
            If the edit names what is not there; nothing is changed then.
        """
        result = self.result
        if kind == "split" and not other:
            other = self._next_label(result)
        if kind == "add":
            if not unit:
                unit = self._next_label(result)
            times_s = [self._snapped(result, unit, time) for time in times_s]
        made = Edit(kind=kind, unit=unit, other=other, times_s=tuple(times_s), reader="reader")  # type: ignore[arg-type]
        apply_edits(result, [made])  # raises before anything is kept
        self.edits[self.number] = [*self.edits.get(self.number, ()), made]
        self._undone = []
        return made

    def _next_label(self, result: DecompositionResult) -> str:
        used = {one.label for one in result.units}
        return next(str(n) for n in range(1, len(used) + 2) if str(n) not in used)

    def _snapped(self, result: DecompositionResult, unit: str, time_s: float) -> float:
        """The time of a discharge whose peak lies nearest to a click."""
        rate, left = result.sampling_rate_hz, result.residual_uv
        at, reach = round((time_s - result.start_s) * rate), round(SNAP_S * rate)
        first = max(at - reach, 0)
        piece = np.abs(left[first : at + reach])
        if not len(piece):
            return float(time_s)
        peak_s = result.start_s + (first + int(piece.argmax())) / rate
        known = next((one for one in result.units if one.label == unit), None)
        if known is None:
            return float(peak_s)
        offset_ms = known.waveform_start_ms + 1000 * int(np.abs(known.waveform_uv).argmax()) / rate
        return float(peak_s - offset_ms / 1000)

    def undo_edit(self) -> bool:
        """Take the last edit of this stretch back."""
        edits = self.edits.get(self.number, [])
        if not edits:
            return False
        self._undone.append(edits[-1])
        self.edits[self.number] = edits[:-1]
        return True

    def redo_edit(self) -> bool:
        """Do it again."""
        if not self._undone:
            return False
        self.edits[self.number] = [*self.edits.get(self.number, ()), self._undone.pop()]
        return True

    # results -----------------------------------------------------------------------------------------------------
    def keep_all(self, units: UnitsDesk, where: Where, stretch: Stretch, filters: Filters) -> int:
        """Accept every unit without doubts into the gallery; returns how many."""
        result = self.result
        settings = stretch.trace(filters, stretch.start_s, stretch.start_s + 0.01).settings
        n = 0
        for unit, muap in zip(result.units, measure_muaps(result, settings=settings), strict=True):
            if unit.is_valid:
                units.add(where, KeptUnit(
                    number=0, measured=muap, stretch=stretch.number, insertion=stretch.insertion, times_s=unit.times_s,
                    origin=f"decomposition {unit.label}", wave=units.new_wave(),
                ))  # fmt: skip
                n += 1
        units.chosen = 0
        return n

    def recruitment(self, *, effort: str, region: str) -> tuple[RecruitmentMeasures, RecruitmentReading] | None:
        """Rates of the units of this stretch, and the word for their pattern; None without trains."""
        found = self._held[1]
        trains = [one.times_s for one in found.units if one.n_discharges > 1] if found else []
        if not trains:
            return None
        measures = measure_recruitment(trains)
        return measures, read_recruitment(measures, effort=effort, region="face" if region in FACE else "limb")


def recruitment_measures(found: RecruitmentMeasures) -> Measures:
    """Rates and ratio under the names of a case."""
    given = (
        ("firing_rate_hz", found.fastest_rate_hz, "Hz", "fastest unit at this place"),
        ("recruitment_frequency_hz", found.recruitment_frequency_hz, "Hz", "first unit when the second joins"),
        ("recruitment_ratio", found.recruitment_ratio, "ratio", "fastest rate over the number of units"),
    )
    return Measures({
        name: Measure(value=value, unit=unit, method=method) for name, value, unit, method in given if value is not None
    })  # fmt: skip
