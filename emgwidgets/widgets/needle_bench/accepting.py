"""What a reader accepts of the measures: units into the gallery, means, rates and turns into the score of the muscle.

A number that is accepted is no judgement: the words of the score stay the reader's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Measures
from emgwidgets.widgets.needle_bench.decompose_desk import recruitment_measures
from emgwidgets.widgets.needle_bench.effort_desk import interference_measures

if TYPE_CHECKING:
    from emgwidgets.widgets.needle_bench.desk import NeedleDesk
    from emgwidgets.widgets.needle_bench.scores import MuscleScore

__all__ = ["accept_interference", "accept_measures", "accept_recruitment", "keep_all"]


def keep_all(desk: NeedleDesk) -> int:
    """Accept every unit of the decomposition that has no doubts into the gallery; returns how many.

    Raises
    ------
    InputError
        If nothing was decomposed.
    """
    if desk.stretch is None:
        raise InputError("nothing was decomposed", way_out="ask for slight effort, then Decompose")
    return desk.decompose.keep_all(desk.units, desk.where, desk.stretch, desk.filters)


def accept_measures(desk: NeedleDesk) -> MuscleScore:
    """Put the means over the gallery into the score of the muscle, beside what the reader scored.

    Raises
    ------
    InputError
        If no unit was accepted.
    """
    summary = desk.units.summary(desk.where)
    if summary is None:
        raise InputError("no unit was accepted here", way_out="accept the average of a unit first")
    return desk.book.put(replace(desk.book.of(desk.where), measures=summary.measures))


def accept_recruitment(desk: NeedleDesk) -> MuscleScore:
    """Put the rates of the decomposed units into the score of the muscle.

    Raises
    ------
    InputError
        If nothing was decomposed.
    """
    region = vocabulary.muscle(desk.muscle).region
    found = desk.decompose.recruitment(effort=desk.effort, region=region)
    if found is None:
        raise InputError("no train was found here", way_out="ask for slight effort, then Decompose")
    return _with_effort(desk, recruitment_measures(found[0]))


def accept_interference(desk: NeedleDesk) -> MuscleScore:
    """Put turns and amplitude at full effort into the score of the muscle.

    Raises
    ------
    InputError
        If no full effort was recorded.
    """
    full = [one for one in desk.efforts() if one.effort == "full"]
    if not full:
        raise InputError("no full effort was recorded here", way_out="ask for full effort (E)")
    return _with_effort(desk, interference_measures(full, desk.filters))


def _with_effort(desk: NeedleDesk, measures: Measures) -> MuscleScore:
    score = desk.book.of(desk.where)
    return desk.book.put(replace(score, effort_measures=Measures({**score.effort_measures, **measures})))
