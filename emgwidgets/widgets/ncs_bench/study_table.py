"""The table of the study: left beside right with limit, mark and z; every row can be followed to its trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from emgwidgets.interpretation.facts import facts_of
from emgwidgets.interpretation.reference import standing
from emgwidgets.model.case import Case
from emgwidgets.model.measure import unit_of
from emgwidgets.model.ncs import LateStudy, MotorStudy, RepetitiveStudy, SensoryStudy
from emgwidgets.model.signal import Side
from emgwidgets.model.verdict import Fact, Limit, Standing
from emgwidgets.printed import printed_unit
from emgwidgets.widgets.ncs_bench.number_words import value_text
from emgwidgets.widgets.ncs_bench.source import StudyInfo

__all__ = ["Row", "rows_of", "table_state"]

Study: TypeAlias = MotorStudy | SensoryStudy | LateStudy | RepetitiveStudy
#: What the letter behind a limit says, by the word of its mark.
MEANING = {"unverified": "unverified, from memory", "derived": "derived here", "proposal": "our own proposal"}
NOTE = (
    "O-P: baseline to negative peak. z: standard deviations from the mean of the limit. Point at a limit for its source; a "
    "number opens its trace."
)
MARKS = {"normal": "N", "abnormal": "A", "borderline": "B", "cannot_be_judged": "?"}
RESPONSE_WORDS = {
    "onset_latency_ms": "latency", "peak_latency_ms": "peak latency", "amplitude_mv": "amplitude, O-P",
    "amplitude_uv": "amplitude, O-P",
}  # fmt: skip
CONVENTION_WORDS = {"peak_to_peak": ", P-P", "not_stated": ", convention not stated"}
LATE_WORDS = {
    "f_min_latency_ms": "F minimum", "f_persistence": "F persistence", "f_chronodispersion_ms": "F chronodispersion",
    "h_latency_ms": "H reflex latency", "h_m_ratio": "H/M ratio",
}  # fmt: skip
TRAIN_WORDS = {"decrement_percent": "decrement", "increment_percent": "increment"}
#: What a line of the table can be, in order: motor responses, motor segments, sensory responses.
MOTOR_NAMES = ("onset_latency_ms", "amplitude_mv")
SEGMENT_NAMES = ("velocity_m_per_s", "amplitude_drop_percent")
SENSORY_NAMES = ("peak_latency_ms", "amplitude_uv")
LETTERS = {"onset_latency_ms": "O", "peak_latency_ms": "P", "amplitude_mv": "P", "amplitude_uv": "P"}


@dataclass(kw_only=True)
class Row:
    """One line: what was measured where, and its standing on either side."""

    nerve: str
    measure: str
    unit: str
    study: str
    site: str
    letter: str
    sites: tuple[str, ...] = ()
    tab: str = ""
    sides: dict[str, Standing | None] = field(default_factory=lambda: {"left": None, "right": None})
    typed: set[str] = field(default_factory=set)
    """Sides whose number was typed in."""


def _number(fact: Fact) -> str:
    if fact.is_absent:
        return "no response"
    number = fact.number
    if number is None:
        return fact.text
    return value_text(number, fact.unit, fact.low, fact.high)


def _info_of(study: Study, infos: Sequence[StudyInfo]) -> StudyInfo | None:
    """How the bench calls a study of the case."""
    if not isinstance(study, SensoryStudy):
        found = [one for one in infos if one.kind == "motor" and one.target == study.muscle]
        same = [one for one in found if one.nerve == study.nerve]
        return (same or found or [None])[0]  # type: ignore[list-item]
    return next((one for one in infos if one.key == study.nerve), None)


def _entries(case: Case) -> Iterator[tuple[Study, tuple[str, ...], str, str]]:
    """Study, site or both sites of stimulation, words of the measure, and the place of its fact in the case."""
    for index, study in enumerate(case.ncs.motor):
        for number, response in enumerate(study.responses):
            site = response.site.replace("_", " ")
            for name in MOTOR_NAMES:
                words = f"{site} {RESPONSE_WORDS[name]}"
                yield study, (response.site,), words, f"ncs.motor[{index}].responses[{number}].measures.{name}"
        for number, segment in enumerate(study.segments):
            words = f"{segment.proximal} to {segment.distal}".replace("_", " ")
            for name in SEGMENT_NAMES:
                shown = words if name == "velocity_m_per_s" else f"{words}, amplitude drop"
                yield (
                    study,
                    (segment.proximal, segment.distal),
                    shown,
                    f"ncs.motor[{index}].segments[{number}].measures.{name}",
                )
    for index, other in enumerate(case.ncs.sensory):
        for number, answer in enumerate(other.responses):
            distance = f", {answer.distance_mm:.0f} mm" if answer.distance_mm else ""
            for name in SENSORY_NAMES:
                words = f"{RESPONSE_WORDS[name]}{distance if name == 'peak_latency_ms' else ''}"
                yield other, (answer.site,), words, f"ncs.sensory[{index}].responses[{number}].measures.{name}"
    for index, late in enumerate(case.ncs.late):
        count = f", {late.n_stimuli} stimuli" if late.n_stimuli else ""
        for name, said in LATE_WORDS.items():
            yield (
                late,
                (late.site,),
                f"{late.site.replace('_', ' ')} {said}{count}".strip(),
                f"ncs.late[{index}].measures.{name}",
            )
    for index, train in enumerate(case.ncs.repetitive):
        when = f" after {train.exercise_s:g} s effort" if train.exercise_s else " at rest"
        for name, said in TRAIN_WORDS.items():
            yield (
                train,
                ("",),
                f"{said} {train.repetition_rate_hz:g} Hz{when}",
                f"ncs.repetitive[{index}].measures.{name}",
            )


def rows_of(case: Case, infos: Sequence[StudyInfo], *, norm_set: str) -> tuple[Row, ...]:
    """Rows of a case.

    Parameters
    ----------
    case : Case
    infos : sequence of StudyInfo
        Studies of the bench, for their names.
    norm_set : str
        Limits to judge by.
    """
    facts = {fact.place: fact for fact in facts_of(case).values() if fact.place.endswith(f".{fact.measure}")}
    rows: dict[tuple[str, str], Row] = {}
    for study, sites, words, place in _entries(case):
        fact = facts.get(place)
        if fact is None:
            continue
        info = _info_of(study, infos)
        nerve = info.title if info else study.nerve
        letter = LETTERS.get(fact.measure, "O")
        said = words.replace(", O-P", CONVENTION_WORDS.get(fact.convention, ", O-P"))
        # Distances of the two sides differ by a few millimetres; the line is one.
        key = (nerve, said.split(",")[0] + fact.measure)
        tab = {LateStudy: "f_waves", RepetitiveStudy: "trains"}.get(type(study), "")
        row = rows.setdefault(key, Row(
            nerve=nerve, measure=said, unit=fact.unit or unit_of(fact.measure), study=info.key if info else "", site=sites[0],
            sites=sites, letter="" if tab else letter, tab=tab,
        ))  # fmt: skip
        if fact.is_typed:
            row.typed.add(study.side)
        row.sides[study.side] = standing(fact, subject=case.subject, norm_set=norm_set)
    return tuple(rows.values())


def _cell(one: Standing | None) -> dict[str, Any]:
    empty: dict[str, Any] = {"z": None, "z_low": None, "z_high": None, "z_limit": None, "reason": ""}
    if one is None:
        return {"text": "not tested", "mark": "-"} | empty
    mark = "0" if one.fact.is_absent and one.state != "normal" else MARKS[one.state]
    cell: dict[str, Any] = {"text": _number(one.fact), "mark": mark} | empty | {"reason": one.reason}
    limit = one.limit
    if isinstance(limit, Limit) and one.z is not None and limit.mean is not None and limit.sd:
        bound = limit.high if limit.high is not None else limit.low
        for name, value in (("z_low", one.fact.low), ("z_high", one.fact.high), ("z_limit", bound)):
            cell[name] = None if value is None else (value - limit.mean) / limit.sd
        cell["z"] = one.z
    return cell


def _limit_words(row: Row) -> tuple[str, str]:
    for side in ("right", "left"):
        one = row.sides[side]
        if one is None:
            continue
        limit = one.limit
        if not isinstance(limit, Limit):
            return "none set", limit.reason
        source = f"{limit.norm_set}, {limit.statistic} {limit.cited.text}".strip()
        if limit.high is not None and limit.low is None:
            return f"≤ {limit.high:g}", source
        if limit.low is not None and limit.high is None:
            return f"≥ {limit.low:g}", source
        return limit.text, source
    return "none set", ""


def _unverified(row: Row) -> str:
    """Word of a limit that was not read in its source; empty for one that was."""
    limits = [one.limit for one in row.sides.values() if one is not None and isinstance(one.limit, Limit)]
    return next((one.cited.mark.word for one in limits if one.cited.mark.is_unverified), "")


def table_state(found: tuple[Row, ...]) -> dict[str, Any]:
    """The table as plain values, with the note on its limits."""
    rows = []
    for row in found:
        words, source = _limit_words(row)
        sides: dict[str, Side] = {"left": "left", "right": "right"}
        tested = [side for side in sides if row.sides[side] is not None]
        rows.append({
            "nerve": row.nerve, "measure": row.measure, "unit": printed_unit(row.unit), "study": row.study,
            "site": row.site, "letter": row.letter, "limit": words, "limit_source": source,
            "limit_mark": _unverified(row),
            "tab": row.tab, "typed": sorted(row.typed), "land_side": tested[-1] if tested else None, "left": _cell(row.sides["left"]),
            "right": _cell(row.sides["right"]),
        })  # fmt: skip
    previous = ""
    for line in rows:
        nerve = str(line["nerve"])
        line["nerve"] = "" if nerve == previous else nerve
        previous = nerve
    marks = sorted({str(line["limit_mark"]) for line in rows} - {""})
    letters = "".join(f" {word[0]}: {MEANING[word]}." for word in marks)
    return {"rows": rows, "note": f"{NOTE}{letters}" if rows else ""}
