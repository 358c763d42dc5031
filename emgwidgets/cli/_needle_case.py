"""What a needle measure adds to the examination of a muscle in a case; what was there from other studies stays."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from emgwidgets.cli._common import progress
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Measure, Measures, Result
from emgwidgets.model.needle import MotorUnitFindings, NeedleExamination, RecruitmentFindings, SpontaneousActivity
from emgwidgets.model.needle_rest import SILENT
from emgwidgets.vocabulary.needle_classes import needle_classes

if TYPE_CHECKING:
    from emgwidgets.model.needle_analysis import DecompositionResult
    from emgwidgets.model.needle_effort import InterferencePattern, JitterPair
    from emgwidgets.model.needle_rest import RestActivity

__all__ = ["Addition", "check_case", "from_interference", "from_jitter", "from_rest", "from_units", "keep"]

#: Takes the examination as it is and returns it with what was measured.
Addition = Callable[[NeedleExamination], NeedleExamination]


def check_case(given: argparse.Namespace) -> None:
    """Raise InputError where a case is named without muscle and side."""
    if given.case and not (given.muscle and given.side):
        raise InputError("an examination of a case needs its muscle and side", expected="--muscle and --side")


def from_rest(found: RestActivity) -> Addition:
    """Kinds of activity at rest without a grade: one place of the needle has none."""
    classes = needle_classes()
    kinds = list(
        dict.fromkeys(classes[code].case_kind for code in found.codes if code in classes and classes[code].case_kind)
    )
    moved = next((classes[one.naming.code].insertional for one in found.insertions if one.naming.code in classes), "")
    if found.insertions and found.naming.code in classes:
        moved = classes[found.naming.code].insertional or moved
    unsure = [one for one in found.sources if not one.naming.is_named]

    def added(before: NeedleExamination) -> NeedleExamination:
        after = replace(before, insertional=moved) if moved else before  # type: ignore[arg-type]
        if not kinds and (unsure or (found.naming.code != SILENT and not moved)):
            progress("The activity has no kind of a case, so spontaneous activity is left as it was.")
            return after
        old = {one.kind: one for one in before.spontaneous or ()}
        made = {kind: SpontaneousActivity(kind=kind, note="one place, not graded") for kind in kinds}
        return replace(after, spontaneous=tuple({**made, **old}.values()))

    return added


def from_interference(found: InterferencePattern) -> Addition:
    """Turns per second and mean turn amplitude over the epochs."""
    values: dict[str, Result] = {}
    for name, unit in (("turns_per_s_hz", "Hz"), ("mean_turn_amplitude_uv", "uV")):
        numbers = sorted(getattr(one, name) for one in found.epochs)
        middle = numbers[len(numbers) // 2]
        turns = f"turns of {found.threshold_uv:g} uV, middle of {len(numbers)} epochs"
        method = "not_stated" if unit == "uV" else turns
        values[name] = Measure(value=middle, unit=unit, method=method, low=numbers[0], high=numbers[-1])
    return lambda before: replace(before, recruitment=_recruited(before, values))


def _recruited(before: NeedleExamination, values: Mapping[str, Result]) -> RecruitmentFindings:
    old = before.recruitment or RecruitmentFindings()
    return replace(old, measures=Measures({**old.measures, **values}))


def _units(before: NeedleExamination, values: Mapping[str, Result]) -> MotorUnitFindings:
    old = before.motor_units or MotorUnitFindings()
    return replace(old, measures=Measures({**old.measures, **values}))


def from_jitter(pairs: tuple[JitterPair, ...]) -> Addition:
    """Mean jitter of the pairs and the mean share of blocked discharges."""
    values: dict[str, Result] = {}
    jitter = [one.jitter_us for one in pairs if one.jitter_us is not None]
    if jitter:
        method = f"mean of {len(jitter)} pairs"
        values["mcd_us"] = Measure(
            value=sum(jitter) / len(jitter), unit="us", method=method, low=min(jitter), high=max(jitter)
        )
        blocked = [one.blocking_percent for one in pairs]
        values["blocking_percent"] = Measure(
            value=sum(blocked) / len(blocked), unit="%", method=method, low=min(blocked), high=max(blocked)
        )
    return lambda before: replace(before, motor_units=_units(before, values)) if values else before


def from_units(result: DecompositionResult, measures: Mapping[str, Result]) -> Addition:
    """Means over the units, and the rates of their trains."""
    from emgwidgets.analysis.needle.recruitment import measure_recruitment

    rates: dict[str, Result] = {}
    if result.units:
        found = measure_recruitment([one.times_s for one in result.units])
        for name, value, unit in (
            ("firing_rate_hz", found.fastest_rate_hz, "Hz"), ("recruitment_frequency_hz", found.recruitment_frequency_hz, "Hz"),
            ("recruitment_ratio", found.recruitment_ratio, "ratio"),
        ):  # fmt: skip
            if value is not None:
                rates[name] = Measure(value=value, unit=unit, method="trains of a decomposition, fastest unit")

    def added(before: NeedleExamination) -> NeedleExamination:
        after = replace(before, motor_units=_units(before, measures)) if measures else before
        return replace(after, recruitment=_recruited(after, rates)) if rates else after

    return added


def keep(given: argparse.Namespace, add: Addition) -> None:
    """Write the examination into the case file."""
    from emgwidgets import vocabulary
    from emgwidgets.cases.document import load_case, save_case

    muscle = vocabulary.muscle(given.muscle).code
    case = load_case(given.case)
    rest: list[Any] = []
    before = NeedleExamination(muscle=muscle, side=given.side)
    for one in case.needle:
        if (one.muscle, one.side) == (muscle, given.side):
            before = one
        else:
            rest.append(one)
    save_case(replace(case, needle=(*rest, add(before))), given.case)
    progress(f"Added to {given.case.name}.")
