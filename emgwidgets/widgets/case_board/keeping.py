"""What a correction by form leaves alone: fields the form does not show, and measured numbers that were not changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emgwidgets.interpretation._tables import motor_study, sensory_study
from emgwidgets.model.case import Symptom
from emgwidgets.model.measure import Measure, Result
from emgwidgets.model.mri import MriFinding
from emgwidgets.model.ncs import LateStudy, MotorStudy, SensoryStudy
from emgwidgets.model.needle import NeedleExamination

__all__ = ["keeping"]

#: Kinds of spontaneous activity that the form shows.
SHOWN = {"fibrillation_potential", "positive_sharp_wave", "fasciculation_potential", "complex_repetitive_discharge"}


def _is_same(new: Result, old: Result | None) -> bool:
    """Whether a typed number is the old one as the form showed it, or both are absent."""
    if isinstance(new, Measure) and isinstance(old, Measure):
        return f"{new.value:g}" == f"{old.value:g}"
    return old is not None and type(new) is type(old)


def _measures(new: Mapping[str, Result], old: Mapping[str, Result]) -> dict[str, Result]:
    """New numbers, with the old ones where nothing was changed; the others of an unchanged response stay too."""
    same = {name: old[name] for name, result in new.items() if _is_same(result, old.get(name))}
    rest = {name: result for name, result in old.items() if name not in new} if len(same) == len(new) else {}
    return {**new, **same, **rest}


def _study(new: Any, old: Any) -> Any:
    if isinstance(new, LateStudy):
        return replace(old, measures=_measures(new.measures, old.measures))
    before = {one.site: one for one in old.responses}
    # the form calls a site by the word of its study, the case perhaps by its own
    sites = [one.site for one in old.responses]
    responses, is_unchanged = [], len(sites) == len(new.responses)
    for n, one in enumerate(new.responses):
        was = before.get(one.site) or (old.responses[n] if len(sites) == len(new.responses) else None)
        if was is None:
            responses.append(one)
            continue
        is_unchanged &= all(_is_same(result, was.measures.get(name)) for name, result in one.measures.items())
        supramaximal = was.is_supramaximal if one.is_supramaximal is None else one.is_supramaximal
        measures = _measures(one.measures, was.measures)
        responses.append(
            replace(
                was, measures=measures, distance_mm=one.distance_mm or was.distance_mm, is_supramaximal=supramaximal
            )
        )
    # drops and velocities of a segment hold only for the responses they were taken from
    is_unchanged &= all(
        _is_same(one.measures["velocity_m_per_s"], was.measures.get("velocity_m_per_s"))
        for one, was in zip(new.segments, old.segments, strict=False) if "velocity_m_per_s" in one.measures
    )  # fmt: skip
    segments = old.segments if is_unchanged and len(old.segments) >= len(new.segments) else new.segments
    conditions = replace(old.conditions, skin_temperature_degc=new.conditions.skin_temperature_degc)
    return replace(old, responses=tuple(responses), segments=segments, conditions=conditions)


def _needle(new: NeedleExamination, old: NeedleExamination) -> NeedleExamination:
    others = tuple(one for one in old.spontaneous or () if one.kind not in SHOWN)
    spontaneous = (*(new.spontaneous or ()), *others) if new.spontaneous is not None or others else None
    units, recruitment = new.motor_units, new.recruitment
    if units is not None and old.motor_units is not None:
        units = replace(units, measures=old.motor_units.measures, has_satellites=old.motor_units.has_satellites)
    if recruitment is not None and old.recruitment is not None:
        recruitment = replace(recruitment, measures=old.recruitment.measures)
    return replace(
        new,
        spontaneous=spontaneous,
        motor_units=units,
        recruitment=recruitment,
        interference=old.interference,
        conditions=old.conditions,
    )


def _subject(one: Any) -> tuple[Any, ...]:
    """What an entry is about; a study by its name in the laboratory, so that a nerve and its branch are one."""
    side = getattr(one, "side", None)
    if isinstance(one, SensoryStudy):
        return (sensory_study(one.nerve).code, side)
    if isinstance(one, (MotorStudy, LateStudy)):
        return (motor_study(one.nerve, one.muscle).code, side, getattr(one, "kind", ""))
    return (getattr(one, "muscle", None), side)


def keeping(new: Any, old: Any) -> Any:
    """Return a corrected entry with what the form does not show taken from the entry it replaces.

    Parameters
    ----------
    new : object
        The entry that the form made.
    old : object
        The entry it takes the place of; of another muscle, nerve or side nothing is kept.
    """
    if not isinstance(new, (MriFinding, Symptom)) and _subject(new) != _subject(old):
        return new
    if isinstance(new, (MotorStudy, SensoryStudy, LateStudy)):
        return _study(new, old)
    if isinstance(new, NeedleExamination):
        return _needle(new, old)
    if isinstance(new, MriFinding):
        first = {one.root for one in new.roots}
        roots = (*new.roots, *(one for one in old.roots[1:] if one.root not in first))
        return replace(new, roots=roots, span=old.span, raw=old.raw, note=old.note)
    if isinstance(new, Symptom) and new.place == old.place:
        return replace(new, roots=old.roots)
    return new
