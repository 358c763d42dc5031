"""A root lesion of unknown age: the stage that rest, recruitment, units and responses allow, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emgwidgets import vocabulary
from emgwidgets.lessons._people import known_of
from emgwidgets.lessons.item import Item
from emgwidgets.lessons.needle_words import needle_words
from emgwidgets.model.needle import NeedleExamination
from emgwidgets.model.signal import Side
from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["date_item"]

SIDE: Side = "left"
MUSCLES = ("lumbar_paraspinals_multifidus_lower", "tibialis_posterior", "tibialis_anterior")
OPTIONS = ("Within days", "One to about six weeks", "Two to six months", "Over a year", "Cannot be dated")
#: Days to which each option belongs; internal choices between the dates of the clock (E4): fibrillations appear from the spine
#: outwards within one to six weeks, units grow from two months on and rest falls silent later.
SPANS_DAYS = ((0.0, 7.0), (7.0, 45.0), (45.0, 200.0), (365.0, 36500.0))


def date_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of an L5 lesion on the day of the row."""
    day = float(row["day"])
    patient = VirtualPatient.with_condition(
        "radiculopathy_l5", side=SIDE, severity="severe", age_years=50.0 + seed % 17, seed=seed + 1
    ).on_day(day)
    found = [needle_words(patient, muscle, SIDE) for muscle in MUSCLES]
    truth = next(k for k, (low, high) in enumerate(SPANS_DAYS) if low <= day <= high)
    return Item(
        question="Left L5. How old is the loss, as far as this shows?", options=OPTIONS, truth=truth,
        feedback=_feedback(found), why=_why(truth, day), known=(known_of(patient), *((_name(one), _words(one)) for one in found)),
        found=(("days since the loss", f"{day:.0f}"),),
    )  # fmt: skip


def _name(one: NeedleExamination) -> str:
    return vocabulary.muscle(one.muscle).name


def _active(one: NeedleExamination) -> bool:
    return bool(one.spontaneous)


def _grown(one: NeedleExamination) -> bool:
    units = one.motor_units
    return units is not None and (units.amplitude == "high" or units.duration == "long")


def _words(one: NeedleExamination) -> str:
    rest = (
        ", ".join(f"{each.kind.replace('_', ' ')} {each.grade}" for each in one.spontaneous or ()) or "silent at rest"
    )
    units = "large, long units" if _grown(one) else "usual units"
    recruitment = one.recruitment.pattern if one.recruitment is not None else "not tested"
    return f"{rest}; {units}; recruitment {recruitment}"


def _feedback(found: list[NeedleExamination]) -> tuple[str, ...]:
    active = [_name(one) for one in found if _active(one)]
    grown = [_name(one) for one in found if _grown(one)]
    rest = f"Activity at rest in {', '.join(active)}" if active else "Silent at rest everywhere"
    units = f"grown units in {', '.join(grown)}" if grown else "no grown units yet"
    return (
        f"{rest}; {units}. Within days only recruitment can have changed.",
        f"{rest}; {units}. Activity travels outwards: spine first, then thigh and leg.",
        f"{rest}; {units}. Activity and grown units together take months.",
        f"{rest}; {units}. Grown units without activity are old; how old they do not say.",
        f"{rest}; {units}. A stage can be named; the day cannot.",
    )


def _why(truth: int, day: float) -> str:
    clock = "Paraspinals within about a week, proximal muscles in 2-3 weeks, distal in 3-6 (E4, read); units grow from two months on."
    stage = (
        "too early for the needle",
        "the activity is on its way outwards",
        "active and growing back",
        "grown back and quiet",
    )[truth]
    return f"Day {day:.0f}: {stage}. {clock}"
