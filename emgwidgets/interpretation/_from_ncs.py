"""Facts of nerve conduction studies, each with its conditions, its place in the case and what makes it doubtful."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from emgwidgets.interpretation._tables import Study, measures, motor_study, sensory_study, site_word
from emgwidgets.model.measure import Absent, Conditions, Measure, Measures
from emgwidgets.model.ncs import (
    LateStudy,
    MotorResponse,
    MotorStudy,
    NcsStudies,
    NerveSegment,
    RepetitiveStudy,
    SensoryResponse,
    SensoryStudy,
)  # fmt: skip
from emgwidgets.model.verdict import Fact
from emgwidgets.printed import printed_unit

__all__ = ["LIMIT_DISTANCE_MM", "facts_of_ncs", "implausible", "train_word"]

#: Distances a nerve can be stimulated at; a number in cm falls below, one in um above.  Internal choice.
LIMIT_DISTANCE_MM = (10.0, 1500.0)
#: Distal end of a sensory segment that begins at the recording electrode: its velocity is that of the site.
RECORDING = "recording"
Response: TypeAlias = MotorResponse | SensoryResponse


def implausible(kind: str, measure: str, value: float) -> str:
    """Sentence about a number no nerve or muscle can give, with the unit it may be in; empty when plausible."""
    row = measures().get((kind, measure))
    if row is None or row.low is None or row.high is None or row.low <= value <= row.high:
        return ""
    hint = ""
    for factor, swapped in ((1000.0, "thousandth"), (0.001, "thousandfold")):
        if row.low <= value / factor <= row.high and value != 0:
            hint = f"; the {swapped} of it would be plausible, so check the unit"
            break
    unit = printed_unit(row.unit)
    return f"{measure} of {value:.4g} {unit} is not plausible; expected {row.low:g} to {row.high:g} {unit}{hint}"


def _distance_doubt(distance_mm: float | None) -> str:
    low, high = LIMIT_DISTANCE_MM
    if distance_mm is None or low <= distance_mm <= high:
        return ""
    hint = "; multiply by 10 if it is in cm" if distance_mm < low else "; check the unit"
    return f"the distance of {distance_mm:g} mm is not plausible; expected {low:g} to {high:g} mm{hint}"


def merged(base: Conditions, over: Conditions, **more: object) -> Conditions:
    """Conditions of a study overlaid by those of one number, then by what the response says."""
    if over != Conditions():
        more = {**{name: value for name, value in vars(over).items() if value is not None}, **more}
    stated = {name: value for name, value in more.items() if value is not None}
    return replace(base, **stated) if stated else base  # type: ignore[arg-type]


def _measure_facts(  # noqa: PLR0917 - one caller per kind of study, all positional
    kind: str, study: str, side: str, site: str, found: Measures, base: Conditions, place: str, doubt: str = "",
    more: dict[str, object] | None = None,
) -> Iterator[Fact]:  # fmt: skip
    stem = ".".join(part for part in (kind, study, side, site) if part)
    plain_conditions = merged(base, Conditions(), **(more or {}))
    for measure, result in found.items():
        name = f"{stem}.{measure}"
        where = f"{place}.measures.{measure}"
        if isinstance(result, Absent):
            yield Fact(
                name=name, value=None, kind=kind, study=study, side=side, site=site, measure=measure,
                absent=result.reason, conditions=plain_conditions, place=where, trace=result.trace,
            )  # fmt: skip
            continue
        conditions = (
            plain_conditions if result.conditions == Conditions() else merged(base, result.conditions, **(more or {}))
        )
        yield Fact(
            name=name, value=result.value, unit=result.unit, kind=kind, study=study, side=side, site=site,
            measure=measure, low=result.low, high=result.high, convention=_convention(measure, result),
            doubt=doubt or implausible(kind, measure, result.value), conditions=conditions, place=where,
            trace=result.trace, markers=result.markers, is_typed=result.is_typed,
        )  # fmt: skip
    if found and "-" not in site and kind != "rns" and not place.rpartition(".")[2].startswith("segments"):
        yield _presence(kind, study, side, site, found, stem, place, plain_conditions)


def _convention(measure: str, result: Measure) -> str:
    return result.method if measure.endswith(("amplitude_mv", "amplitude_uv")) else ""


def _presence(  # noqa: PLR0917
    kind: str, study: str, side: str, site: str, found: Measures, stem: str, place: str, conditions: Conditions
) -> Fact:
    numbers = [result for result in found.values() if isinstance(result, Measure)]
    # A persistence of zero is a set of stimuli without one response.
    is_present = bool(numbers) and not (len(numbers) == 1 and numbers[0].value == 0)
    return Fact(
        name=f"{stem}.is_present", value=is_present, kind=kind, study=study, side=side, site=site,
        measure="is_present", conditions=conditions, place=place,
    )  # fmt: skip


def _response_facts(  # noqa: PLR0917
    kind: str, study: Study, side: str, response: Response, base: Conditions, place: str
) -> Iterator[Fact]:
    more: dict[str, object] = {"distance_mm": response.distance_mm, "is_supramaximal": response.is_supramaximal}
    site = site_word(study.code, response.site)
    found = Measures(response.measures)
    doubt = _distance_doubt(response.distance_mm)
    yield from _measure_facts(kind, study.code, side, site, found, base, place, doubt, more)
    yield from _distance(f"{kind}.{study.code}.{side}.{site}", response.distance_mm, place, doubt)


def _distance(stem: str, distance_mm: float | None, place: str, doubt: str) -> Iterator[Fact]:
    if distance_mm is not None:
        kind, study, side, site = stem.split(".")
        yield Fact(
            name=f"{stem}.distance_mm", value=distance_mm, unit="mm", kind=kind, study=study, side=side, site=site,
            measure="distance_mm", doubt=doubt, place=place,
        )  # fmt: skip


def _segment_facts(
    kind: str, study: Study, side: str, segment: NerveSegment, given: tuple[MotorStudy | SensoryStudy, str]
) -> Iterator[Fact]:
    owner, place = given
    sites = [site_word(study.code, site) for site in (segment.distal, segment.proximal) if site != RECORDING]
    more: dict[str, object] = {
        "distance_mm": segment.distance_mm,
        "is_supramaximal": both_supramaximal(
            *(
                next((one.is_supramaximal for one in owner.responses if site_word(study.code, one.site) == site), None)
                for site in sites
            )
        ),
    }
    doubt = _distance_doubt(segment.distance_mm)
    yield from _measure_facts(
        kind, study.code, side, "-".join(sites), Measures(segment.measures), owner.conditions, place, doubt, more
    )
    if len(sites) == 2:  # from the recording electrode, the distance is that of the response
        yield from _distance(f"{kind}.{study.code}.{side}.{'-'.join(sites)}", segment.distance_mm, place, doubt)


def both_supramaximal(*known: bool | None) -> bool | None:
    """Whether every stimulus was supramaximal; False when one was not, None when that is not known."""
    if any(one is False for one in known):
        return False
    return None if any(one is None for one in known) else True


def _study_facts(kind: str, study: Study, owner: MotorStudy | SensoryStudy, place: str) -> Iterator[Fact]:
    responses: tuple[Response, ...] = owner.responses
    for n, response in enumerate(responses):
        yield from _response_facts(kind, study, owner.side, response, owner.conditions, f"{place}.responses[{n}]")
    for n, segment in enumerate(owner.segments):
        yield from _segment_facts(kind, study, owner.side, segment, (owner, f"{place}.segments[{n}]"))


def _late_facts(late: LateStudy, place: str) -> Iterator[Fact]:
    study = motor_study(late.nerve, late.muscle)
    yield from _measure_facts(
        late.kind, study.code, late.side, "", Measures(late.measures), late.conditions, place,
    )  # fmt: skip


def train_word(train: RepetitiveStudy) -> str:
    """Word of a train in the names of facts, such as ``"rest_3hz"`` or ``"after_60s_3hz"``."""
    rate = f"{train.repetition_rate_hz:g}hz".replace(".", "p")
    if train.after_exercise_s is None:
        return f"rest_{rate}"
    return f"after_{train.after_exercise_s:g}s_{rate}".replace(".", "p")


def _train_facts(train: RepetitiveStudy, place: str) -> Iterator[Fact]:
    study = motor_study(train.nerve, train.muscle)
    word = train_word(train)
    yield from _measure_facts(
        "rns", study.code, train.side, word, Measures(train.measures), train.conditions, place,
    )  # fmt: skip
    stem = f"rns.{study.code}.{train.side}.{word}"
    settings = {"repetition_rate_hz": train.repetition_rate_hz, "after_exercise_s": train.after_exercise_s}
    for measure, value in settings.items():
        if value is not None:
            yield Fact(
                name=f"{stem}.{measure}", value=value, unit="Hz" if measure.endswith("_hz") else "s", kind="rns",
                study=study.code, side=train.side, site=word, measure=measure, place=place,
            )  # fmt: skip


def _is_judged(train: RepetitiveStudy) -> bool:
    """Whether a train holds a change in percent; one that could not be trusted has none."""
    return any(name.endswith("_percent") and isinstance(train.measures[name], Measure) for name in train.measures)


def _chosen_trains(trains: tuple[RepetitiveStudy, ...]) -> list[int]:
    """Number of the train that counts for each muscle, side and place in the protocol: the last that could be judged, else the last."""
    chosen: dict[tuple[str, str, str, str], int] = {}
    for n, train in enumerate(trains):
        key = (train.nerve, train.muscle, train.side, train_word(train))
        if key not in chosen or _is_judged(train) or not _is_judged(trains[chosen[key]]):
            chosen[key] = n
    return list(chosen.values())


def facts_of_ncs(ncs: NcsStudies) -> Iterator[Fact]:
    """Yield the facts of every study; a later entry of the same study replaces an earlier one.

    A train that could not be judged never replaces one that could: it would leave its decrement beside foreign amplitudes.
    """
    for n, motor in enumerate(ncs.motor):
        yield from _study_facts("motor", motor_study(motor.nerve, motor.muscle), motor, f"ncs.motor[{n}]")
    for n, sensory in enumerate(ncs.sensory):
        yield from _study_facts("sensory", sensory_study(sensory.nerve), sensory, f"ncs.sensory[{n}]")
    for n, late in enumerate(ncs.late):
        yield from _late_facts(late, f"ncs.late[{n}]")
    for n in _chosen_trains(ncs.repetitive):
        yield from _train_facts(ncs.repetitive[n], f"ncs.repetitive[{n}]")
