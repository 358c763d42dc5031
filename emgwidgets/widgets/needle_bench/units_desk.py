"""Motor units on the bench: a trigger, its raster, an average with handles, and the gallery of the units a reader accepted.

Measures come from :mod:`emgwidgets.analysis.needle`; what is accepted, left out or marked by hand is the reader's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from emgwidgets.analysis.needle.fibre_spikes import measure_jitter
from emgwidgets.analysis.needle.muap import measure_muap
from emgwidgets.analysis.needle.muap_by_hand import handles_of, remark_muap, summarise_muaps
from emgwidgets.analysis.needle.triggered import suggest_level, trigger_unit
from emgwidgets.errors import EmgError, InputError
from emgwidgets.model.needle_analysis import Muap
from emgwidgets.model.needle_effort import JitterPair
from emgwidgets.model.needle_triggered import MuapSet, TriggeredUnit
from emgwidgets.widgets.needle_bench.scorebook import Where
from emgwidgets.widgets.needle_bench.source import Filters, Stretch

__all__ = ["JITTER_HZ", "LETTERS", "KeptUnit", "UnitsDesk"]

#: Letter of each handle.
LETTERS = {"S": "onset", "P": "negative_peak", "T": "positive_peak", "E": "end"}
LONGEST_MS = 100.0
#: Least high-pass at which single fibre spikes are timed (needle.md 2.4: 500 Hz, concentric 1 kHz).
JITTER_HZ = 500.0
#: Trigger before anything was seen, and the least that is proposed (internal choices: well above the noise).
FIRST_UV, LEAST_UV = 100.0, 20.0


@dataclass(frozen=True, kw_only=True, eq=False)
class KeptUnit:
    """A unit in the gallery.

    Parameters
    ----------
    number : int
        Within the bench.
    measured : Muap
        As the rules measure it.
    handles : mapping of kind to ms
        Those a reader moved.
    stretch : int
        Where it was found.
    times_s : ndarray
        Its discharges.
    wave : int
        Counts the averages that were made.
    origin : str
        ``"trigger"`` or the label it had in a decomposition.
    """

    number: int
    measured: Muap = field(repr=False)
    stretch: int
    insertion: int
    origin: str
    times_s: np.ndarray = field(repr=False)
    handles: Mapping[str, float] = field(default_factory=dict)
    wave: int = 0

    @property
    def muap(self) -> Muap:
        """Measured between the handles, where a reader moved any."""
        return remark_muap(self.measured, self.handles) if self.handles else self.measured


class UnitsDesk:
    """Trigger, raster, average and gallery.

    Attributes
    ----------
    level_uv, delay_ms, length_ms : float
        Trigger (above 0 for a negative deflection), delay line, length of a sweep.
    raster : TriggeredUnit or None
    jitter : tuple of JitterPair or None
        Of the triggered unit; None where the high-pass is too low to measure it.
    current : KeptUnit or None
        The average of the raster; number 0, not kept yet.
    kept : dict
        ``(muscle, side)`` to the units accepted there.
    chosen : int
        Number of the unit whose handles are shown; 0 is the current average.
    sentence : str
        Why there is no raster.
    """

    def __init__(self) -> None:
        self.level_uv = 0.0
        self.delay_ms, self.length_ms = 15.0, 50.0
        self.raster: TriggeredUnit | None = None
        self.current: KeptUnit | None = None
        self.jitter: tuple[JitterPair, ...] | None = None
        self.kept: dict[Where, list[KeptUnit]] = {}
        self.chosen = 0
        self.sentence = ""
        self._like_s: float | None = None
        self._by_hand: dict[float, bool] = {}
        self._number = 0
        self._waves = 0
        self._seen: tuple[object, ...] = ()
        self._is_stale = False
        self._start_s = 0.0

    def new_wave(self) -> int:
        """Number of a wave that was just made."""
        self._waves += 1
        return self._waves

    def look(self, stretch: Stretch | None, filters: Filters, at_s: float = 0.0) -> None:
        """Trigger on the stretch under the sweep; nothing is done when nothing changed."""
        if stretch is None or stretch.effort in ("insert", "rest"):
            self.raster, self.current = None, None
            self.sentence = "Units need effort: ask for slight effort (S)."
            self._seen = ()
            return
        piece = stretch.piece(at_s)
        self._start_s = 0.0 if stretch.is_growing else piece[0]
        if self._settings(stretch, filters) == self._seen and not self._is_stale:
            return
        self._is_stale = False
        if not self._seen or self._seen[0] != stretch.number:
            self._like_s, self._by_hand, self.chosen, self.current = None, {}, 0, None
            self.level_uv = self._begin(stretch, filters, piece)
        self._measure(stretch, filters, piece)
        self._seen = self._settings(stretch, filters)

    def refresh(self) -> None:
        """Look again at a stretch that has grown."""
        self._is_stale = True

    def _settings(self, stretch: Stretch, filters: Filters) -> tuple[object, ...]:
        hand = tuple(self._by_hand.items())
        return (
            stretch.number,
            filters,
            self._start_s,
            self.level_uv,
            self.delay_ms,
            self.length_ms,
            self._like_s,
            hand,
        )

    def _begin(self, stretch: Stretch, filters: Filters, piece: tuple[float, float]) -> float:
        try:
            level = suggest_level(stretch.trace(filters, *piece))
        except EmgError:  # nothing there yet; the knob still needs a place
            level = FIRST_UV
        return float(f"{max(level, LEAST_UV):.2g}")

    def _measure(self, stretch: Stretch, filters: Filters, piece: tuple[float, float]) -> None:
        handles = self.current.handles if self.current is not None and stretch.is_growing else {}
        self.raster, self.current, self.jitter, self.sentence = None, None, None, ""
        try:
            trace = stretch.trace(filters, *piece)
            raster = trigger_unit(
                trace, level_uv=self.level_uv, delay_ms=self.delay_ms, length_ms=self.length_ms, like_s=self._like_s,
                kept_s=[t for t, keep in self._by_hand.items() if keep],
                left_out_s=[t for t, keep in self._by_hand.items() if not keep],
            )  # fmt: skip
        except EmgError as error:
            self.sentence = f"{error.what[:1].upper()}{error.what[1:]}: {error.way_out or error.expected}."
            return
        self.raster = raster
        if not len(raster.averaged):
            self.sentence = "No discharge is left for an average."
            return
        if filters.high_pass_hz >= JITTER_HZ:
            try:
                self.jitter = measure_jitter(trace, times_s=raster.train_s)
            except EmgError as error:
                self.sentence = f"Jitter: {error.what}."
        muap = measure_muap(
            raster.averaged, sampling_rate_hz=raster.sampling_rate_hz, start_ms=raster.start_ms, times_s=raster.train_s,
            settings=trace.settings,
        )  # fmt: skip
        self.current = KeptUnit(
            number=0, measured=muap, stretch=stretch.number, insertion=stretch.insertion, origin="trigger",
            times_s=raster.train_s, wave=self.new_wave(), handles=handles,
        )  # fmt: skip

    # trigger -----------------------------------------------------------------------------------------------------
    def set_trigger(
        self, *, level_uv: float | None = None, delay_ms: float | None = None, length_ms: float | None = None
    ) -> None:
        """Turn the knobs of the trigger."""
        delay = self.delay_ms if delay_ms is None else float(delay_ms)
        length = self.length_ms if length_ms is None else float(length_ms)
        if not 1.0 <= delay < length <= LONGEST_MS:
            raise InputError(
                "the delay line cannot be used", got=f"{delay:g} of {length:g} ms",
                expected=f"1 ms or more, within a sweep of up to {LONGEST_MS:g} ms",
            )  # fmt: skip
        if level_uv is not None and (not np.isfinite(level_uv) or level_uv == 0):
            raise InputError("the trigger needs a level", got=f"{level_uv} µV", expected="above or below 0 µV")
        self.level_uv = self.level_uv if level_uv is None else float(level_uv)
        self.delay_ms, self.length_ms, self.chosen = delay, length, 0

    def mean_this(self, time_s: float) -> None:
        """The unit of this discharge is meant."""
        self._like_s, self._by_hand, self.chosen = float(time_s), {}, 0

    def toggle(self, time_s: float) -> None:
        """Leave a discharge out of the average, or take it in."""
        if self.raster is None:
            raise InputError("there is no raster", way_out="ask for slight effort")
        at = int(np.abs(self.raster.times_s - time_s).argmin())
        is_in = self.raster.states[at] in ("accepted", "late_part_missing")
        self._by_hand = {**self._by_hand, float(self.raster.times_s[at]): not is_in}

    # handles and gallery -----------------------------------------------------------------------------------------
    def shown(self, where: Where) -> KeptUnit | None:
        """The unit whose handles are shown."""
        return self.current if self.chosen == 0 else self._find(where, self.chosen)

    def _find(self, where: Where, number: int) -> KeptUnit:
        found = next((one for one in self.kept.get(where, ()) if one.number == number), None)
        if found is None:
            raise InputError("there is no such unit in the gallery", got=str(number), expected="one of this muscle")
        return found

    def choose_unit(self, where: Where, number: int) -> None:
        """Show a unit of the gallery, or the current average (0)."""
        if number:
            self._find(where, number)
        self.chosen = number

    def move_handle(self, where: Where, letter: str, time_ms: float) -> None:
        """Place a handle: S start, T positive peak, P negative peak, E end; the unit is measured anew."""
        if letter not in LETTERS:
            raise InputError("there is no such handle", got=repr(letter), expected="S, T, P or E")
        one = self.shown(where)
        if one is None:
            raise InputError("there is no average to mark", way_out="ask for slight effort")
        self._put(where, self._remarked(one, {**one.handles, LETTERS[letter]: float(time_ms)}))

    def reset_handles(self, where: Where) -> None:
        """Back to the marks of the rules."""
        one = self.shown(where)
        if one is not None:
            self._put(where, replace(one, handles={}))

    def _remarked(self, one: KeptUnit, handles: Mapping[str, float]) -> KeptUnit:
        made = replace(one, handles=handles)
        _ = made.muap  # a handle that cannot stand there raises here
        return made

    def _put(self, where: Where, made: KeptUnit) -> None:
        if made.number == 0:
            self.current = made
            return
        self.kept[where] = [made if one.number == made.number else one for one in self.kept[where]]

    def keep(self, where: Where) -> KeptUnit:
        """Accept the current average into the gallery."""
        if self.current is None:
            raise InputError("there is no average to accept", way_out="ask for slight effort")
        return self.add(where, self.current)

    def add(self, where: Where, one: KeptUnit) -> KeptUnit:
        """Put a unit into the gallery; one of the same discharges takes the place of the older."""
        same = [
            old for old in self.kept.get(where, ()) if old.stretch == one.stretch and _shares(old.times_s, one.times_s)
        ]
        self._number += 0 if same else 1
        made = replace(one, number=same[0].number if same else self._number)
        rest = [old for old in self.kept.get(where, ()) if old not in same]
        self.kept[where] = sorted([*rest, made], key=lambda unit: unit.number)
        self.chosen = made.number
        return made

    def drop(self, where: Where, number: int) -> None:
        """Take a unit out of the gallery."""
        gone = self._find(where, number)
        self.kept[where] = [one for one in self.kept[where] if one is not gone]
        self.chosen = 0

    def summary(self, where: Where) -> MuapSet | None:
        """Means over the gallery; None when it is empty."""
        found = self.kept.get(where, [])
        n_sites = len({one.insertion for one in found})
        return summarise_muaps([one.muap for one in found], n_sites=n_sites, is_accepted=True) if found else None


#: Discharges nearer than this are the same; half of them shared make two units the same (internal choice).
SAME_S, SHARED = 0.003, 0.5


def _shares(one_s: np.ndarray, two_s: np.ndarray) -> bool:
    if not len(one_s) or not len(two_s):
        return False
    gap = np.abs(one_s[:, None] - two_s[None, :]).min(axis=1)
    return float((gap < SAME_S).mean()) > SHARED


def handle_times(muap: Muap) -> dict[str, float]:
    """Letter of each handle to its time."""
    placed = handles_of(muap)
    return {letter: placed[kind] for letter, kind in LETTERS.items() if kind in placed}
