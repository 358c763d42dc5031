"""The table of the study: left beside right with limit, mark and z; every row can be followed to its trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from emgwidgets.interpretation.facts import facts_of
from emgwidgets.interpretation.reference import standing
from emgwidgets.model.case import Case
from emgwidgets.model.ncs import MotorStudy, SensoryStudy
from emgwidgets.model.signal import Side
from emgwidgets.model.verdict import Fact, Limit, Standing
from emgwidgets.widgets.ncs_bench.source import StudyInfo

__all__ = ["Row", "rows_of", "table_state"]

MARKS = {"normal": "N", "abnormal": "A", "borderline": "B", "cannot_be_judged": "?"}
DECIMALS = {"ms": 2, "m/s": 0, "mV": 1, "uV": 1, "%": 0}
RESPONSE_WORDS = {
    "onset_latency_ms": "latency", "peak_latency_ms": "peak latency", "amplitude_mv": "amplitude, O-P",
    "amplitude_uv": "amplitude, O-P",
}  # fmt: skip
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
    sides: dict[str, Standing | None] = field(default_factory=lambda: {"left": None, "right": None})


def _number(fact: Fact) -> str:
    if fact.is_absent:
        return "no response"
    number = fact.number
    if number is None:
        return fact.text
    decimals = DECIMALS.get(fact.unit, 2)
    if fact.low is None or fact.high is None:
        return f"{number:.{decimals}f}"
    return f"{number:.{decimals}f} ± {max(0.5 * (fact.high - fact.low), 10.0**-decimals):.{decimals}f}"


def _info_of(study: MotorStudy | SensoryStudy, infos: Sequence[StudyInfo]) -> StudyInfo | None:
    """How the bench calls a study of the case."""
    if isinstance(study, MotorStudy):
        found = [one for one in infos if one.kind == "motor" and one.target == study.muscle]
        same = [one for one in found if one.nerve == study.nerve]
        return (same or found or [None])[0]  # type: ignore[list-item]
    return next((one for one in infos if one.key == study.nerve), None)


def _entries(case: Case) -> Iterator[tuple[MotorStudy | SensoryStudy, str, str, str]]:
    """Study, site of stimulation, words of the measure, and the place of its fact in the case."""
    for index, study in enumerate(case.ncs.motor):
        for number, response in enumerate(study.responses):
            site = response.site.replace("_", " ")
            for name in MOTOR_NAMES:
                words = f"{site} {RESPONSE_WORDS[name]}"
                yield study, response.site, words, f"ncs.motor[{index}].responses[{number}].measures.{name}"
        for number, segment in enumerate(study.segments):
            words = f"{segment.proximal} to {segment.distal}".replace("_", " ")
            for name in SEGMENT_NAMES:
                shown = words if name == "velocity_m_per_s" else f"{words}, amplitude drop"
                yield study, segment.proximal, shown, f"ncs.motor[{index}].segments[{number}].measures.{name}"
    for index, other in enumerate(case.ncs.sensory):
        for number, answer in enumerate(other.responses):
            distance = f", {answer.distance_mm:.0f} mm" if answer.distance_mm else ""
            for name in SENSORY_NAMES:
                words = f"{RESPONSE_WORDS[name]}{distance if name == 'peak_latency_ms' else ''}"
                yield other, answer.site, words, f"ncs.sensory[{index}].responses[{number}].measures.{name}"


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
    for study, site, words, place in _entries(case):
        fact = facts.get(place)
        if fact is None:
            continue
        info = _info_of(study, infos)
        nerve = info.title if info else study.nerve
        letter = LETTERS.get(fact.measure, "O")
        # Distances of the two sides differ by a few millimetres; the line is one.
        key = (nerve, words.split(",")[0] + fact.measure)
        row = rows.setdefault(key, Row(
            nerve=nerve, measure=words, unit=fact.unit, study=info.key if info else "", site=site, letter=letter,
        ))  # fmt: skip
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


def table_state(found: tuple[Row, ...], *, norm_set: str) -> dict[str, Any]:
    """The table as plain values, with the note on its limits."""
    rows, marks = [], set()
    for row in found:
        words, source = _limit_words(row)
        for one in row.sides.values():
            if one is not None and isinstance(one.limit, Limit) and one.limit.cited.mark.is_unverified:
                marks.add(one.limit.cited.mark.word)
        sides: dict[str, Side] = {"left": "left", "right": "right"}
        tested = [side for side in sides if row.sides[side] is not None]
        rows.append({
            "nerve": row.nerve, "measure": row.measure, "unit": row.unit.replace("uV", "µV"), "study": row.study,
            "site": row.site, "letter": row.letter, "limit": words, "limit_source": source,
            "land_side": tested[-1] if tested else None, "left": _cell(row.sides["left"]),
            "right": _cell(row.sides["right"]),
        })  # fmt: skip
    previous = ""
    for line in rows:
        nerve = str(line["nerve"])
        line["nerve"] = "" if nerve == previous else nerve
        previous = nerve
    unverified = f" Some limits are marked {', '.join(sorted(marks))}." if marks else ""
    return {"rows": rows, "note": f"Limits: {norm_set}; point at a limit for its source.{unverified}" if rows else ""}
