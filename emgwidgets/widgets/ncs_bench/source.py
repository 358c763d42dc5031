"""What the bench asks of a source of sweeps, and how it names studies, sites and knobs.  It measures nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.case import Subject
from emgwidgets.model.signal import Side, Sweep

__all__ = ["Knobs", "NcsSource", "Site", "StudyInfo", "check_train_rate", "letters_of", "number_of"]

#: How far the rate of a train may be from the one asked for, as a share (internal choice).
RATE_SHARE = 0.1

#: Two letters of each site, as in the mark-up of traces; another site takes the first two letters of its name.
LETTERS = {
    "above_elbow": "Ae", "above_fibular_head": "Af", "above_spiral_groove": "As", "ankle": "An", "axilla": "Ax",
    "below_elbow": "Be", "below_fibular_head": "Bf", "below_spiral_groove": "Bs", "calf": "Ca", "elbow": "El",
    "erb": "Er", "forearm": "Fo", "knee": "Kn", "leg": "Le", "palm": "Pa", "popliteal_fossa": "Po", "wrist": "Wr",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Site:
    """One place of stimulation: code, letters on the trace, place along the limb in cm from the cord at 170 cm.

    A place on another nerve, to look for an anastomosis, says of which study (``of``), which nerve, and where (``at``).
    """

    code: str
    letters: str
    place_cm: float | None = None
    of: str = ""
    nerve: str = ""
    at: str = ""

    @property
    def words(self) -> str:
        """The code as words."""
        return self.code.replace("_", " ")

    @property
    def place(self) -> str:
        """Such as "at the wrist", "above the elbow" or "on the ulnar nerve at the wrist"."""
        first, _, rest = self.words.partition(" ")
        if self.of:
            return f"on the {self.words}"
        if first in ("above", "below"):
            return f"{first} the {rest}"
        return "at Erb's point" if self.code == "erb" else f"at the {self.words}"


@dataclass(frozen=True, kw_only=True)
class StudyInfo:
    """What can be stimulated and recorded together.

    Parameters
    ----------
    key : str
        Such as ``"median_apb"``.
    kind : {"motor", "sensory"}
    nerve, target : str
        Nerve, and muscle or sensory nerve recorded from; codes of the vocabulary.
    sites : tuple of Site
        From distal to proximal.
    standard_site : str
    record_cm : float, optional
        Place of the active electrode, as for the sites.
    limb : {"arm", "leg", "head"}
        Which picture it is drawn on.
    checks : tuple of Site
        Places on other nerves that show an anastomosis; no part of the study.
    """

    key: str
    kind: str
    nerve: str
    target: str
    title: str
    sites: tuple[Site, ...]
    standard_site: str
    record_cm: float | None = None
    limb: str = "arm"
    checks: tuple[Site, ...] = ()

    def site(self, code: str) -> Site:
        """Return one of the sites.

        Raises
        ------
        InputError
            If the study has no such site.
        """
        for one in (*self.sites, *self.checks):
            if one.code == code:
                return one
        raise InputError(
            f"{self.title} has no such site", got=repr(code), expected=f"one of {', '.join(s.code for s in self.sites)}"
        )


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """What the examiner sets on stimulator and amplifier; the mistakes a learner can make are settings too."""

    current_ma: float = 5.0
    pulse_width_ms: float = 0.2
    n_averaged: int = 10
    high_pass_hz: float = 2.0
    low_pass_hz: float = 10_000.0
    shift_mm: float = 0.0
    is_reversed: bool = False
    electrode_offset_mm: float = 0.0
    mains_uv: float = 0.0
    skin_temperature_degc: float = 33.5
    distance_error_mm: float = 0.0
    spread_mm: float = 0.0
    slip_mm: float = 0.0


def letters_of(site: str) -> str:
    """Two letters of a site."""
    return LETTERS.get(site, site[:2].title())


def number_of(value: object, *, what: str, is_whole: bool = False) -> float:
    """Return a number that somebody gave.

    Raises
    ------
    InputError
        If it is none, such as ``"30 mA"``, or not a whole one where that is asked for.
    """
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not is_number or (is_whole and float(value) != round(float(value))):  # type: ignore[arg-type]
        raise InputError(
            f"{what} is no {'whole ' if is_whole else ''}number", got=repr(value)[:60],
            expected=f"a {'whole ' if is_whole else ''}number without its unit",
        )  # fmt: skip
    return float(value)  # type: ignore[arg-type]


def check_train_rate(sweeps: Sequence[Sweep], rate_hz: float, *, what: str, way_out: str) -> None:
    """Raise when the stimuli of a train came at another rate than was asked for; without their times nothing can be told.

    Parameters
    ----------
    sweeps : sequence of Sweep
        One for each stimulus.
    rate_hz : float
        As asked for.
    what, way_out : str
        First and last part of the sentence.

    Raises
    ------
    InputError
        If the rate, from the middle interval, is further from the one asked for than its tenth.
    """
    times_s = [one.stimulus.time_s for one in sweeps if one.stimulus is not None]
    if len(times_s) != len(sweeps) or len(times_s) < 2:
        return
    interval_s = float(np.median(np.diff(times_s)))
    if interval_s <= 0:
        raise InputError(
            what, got="stimuli that are not in the order of their times", expected=f"{rate_hz:g} Hz", way_out=way_out
        )
    if abs(1.0 / interval_s - rate_hz) > RATE_SHARE * rate_hz:
        raise InputError(what, got=f"{1.0 / interval_s:.3g} Hz", expected=f"{rate_hz:g} Hz", way_out=way_out)


class NcsSource(Protocol):
    """What a source of the bench must offer."""

    @property
    def title(self) -> str:
        """Who or what is examined, in words and without identifiers."""

    @property
    def subject(self) -> Subject:
        """Whom limits depend on."""

    @property
    def days_since_onset(self) -> float | None:
        """Age of the problem, where it is known."""

    @property
    def can_stimulate(self) -> bool:
        """Whether new sweeps can be made."""

    def studies(self) -> tuple[StudyInfo, ...]:
        """Every study on offer."""

    def sweep(self, info: StudyInfo, side: Side, site: str, knobs: Knobs, trial: int) -> Sweep:
        """Stimulate once (or average)."""

    def recorded(self, info: StudyInfo, side: Side) -> tuple[Sweep, ...]:
        """Sweeps that exist already, one for each site."""
