"""Nerve conduction values typed from a report: fields of a form to studies of the case and back.  Nothing is computed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from emgwidgets.errors import InputError
from emgwidgets.interpretation._tables import motor_study, rows_of, sensory_study, site_word, studies
from emgwidgets.model.measure import Absent, Measure, Result, unit_of
from emgwidgets.model.ncs import LateStudy, MotorStudy, SensoryStudy
from emgwidgets.vocabulary.lookup import words

__all__ = ["late_document", "motor_document", "ncs_values", "sensory_document"]

ABSENT = {"reason": "no response, as typed in"}


@cache
def _targets() -> dict[str, tuple[str, str]]:
    """Study -> nerve and what is recorded from."""
    return {row["code"]: (words(row["nerves"])[0], row["target"]) for row in rows_of("studies.csv")}


def _number(text: Any, what: str) -> float:
    try:
        return float(str(text).replace(",", ".").strip())
    except ValueError as error:
        raise InputError(f"the {what} is no number", got=repr(str(text))[:30], expected="such as 4.2") from error


def _measure(name: str, text: Any, what: str) -> dict[str, Any]:
    # how an amplitude was taken is not stated in a typed report
    method = "not_stated" if "amplitude" in name else "typed"
    return {"value": _number(text, what), "unit": unit_of(name), "method": method, "is_typed": True}


def _study(given: Mapping[str, Any]) -> str:
    code = str(given.get("study", ""))
    if code not in studies():
        raise InputError("no such study", got=repr(code), expected="a study of the list")
    return code


def _conditions(given: Mapping[str, Any]) -> dict[str, Any]:
    if "temperature" not in given:
        return {}
    return {"conditions": {"skin_temperature_degc": _number(given["temperature"], "skin temperature")}}


def motor_document(given: Mapping[str, Any]) -> tuple[type, dict[str, Any]]:
    """Motor study of the form; each site has its own row, absent or measured."""
    code = _study(given)
    nerve, target = _targets()[code]
    supramaximal = {"yes": True, "no": False}.get(str(given.get("supramaximal", "")))
    responses: list[dict[str, Any]] = []
    segments: list[dict[str, Any]] = []
    previous = ""
    for row in given.get("sites", ()):
        site, kept = str(row.get("site", "")), {}
        if row.get("absent"):
            kept = dict.fromkeys(("onset_latency_ms", "amplitude_mv"), ABSENT)
        else:
            for field, name in (("latency", "onset_latency_ms"), ("amplitude", "amplitude_mv")):
                if row.get(field) not in ("", None):
                    kept[name] = _measure(name, row[field], f"{field} at {site.replace('_', ' ')}")
        if not kept:
            continue
        one: dict[str, Any] = {"site": site, "measures": kept, "is_supramaximal": supramaximal}
        if not responses and row.get("distance") not in ("", None):
            one["distance_mm"] = _number(row["distance"], "distance")
        if responses and row.get("velocity") not in ("", None):
            speed = {"velocity_m_per_s": _measure("velocity_m_per_s", row["velocity"], "velocity")}
            segments.append({"distal": previous, "proximal": site, "measures": speed})
        responses.append(one)
        previous = site
    if not responses:
        raise InputError("a motor study needs one response", expected="an amplitude or no response at one site")
    document = {
        "nerve": nerve,
        "muscle": target,
        "side": given.get("side"),
        "responses": responses,
        "segments": segments,
    }
    return MotorStudy, document | _conditions(given)


def sensory_document(given: Mapping[str, Any]) -> tuple[type, dict[str, Any]]:
    """Sensory study of the form: one response."""
    code = _study(given)
    nerve, _ = _targets()[code]
    names = {"amplitude": "amplitude_uv", "onset": "onset_latency_ms", "peak": "peak_latency_ms"}
    if given.get("response") == "no response":
        kept: dict[str, Any] = dict.fromkeys(names.values(), ABSENT)
    else:
        kept = {name: _measure(name, given[field], field) for field, name in names.items() if field in given}
    if not kept:
        raise InputError("a sensory study needs one number", expected="an amplitude, or no response")
    response: dict[str, Any] = {"site": studies()[code].main_site, "measures": kept}
    if "distance" in given:
        response["distance_mm"] = _number(given["distance"], "distance")
    document: dict[str, Any] = {"nerve": nerve, "side": given.get("side"), "responses": [response]}
    return SensoryStudy, document | _conditions(given)


def late_document(given: Mapping[str, Any]) -> tuple[type, dict[str, Any]]:
    """F waves or H reflex of the form."""
    code = _study(given)
    nerve, target = _targets()[code]
    kind = given.get("kind", "f_wave")
    name = "h_latency_ms" if kind == "h_reflex" else "f_min_latency_ms"
    kept: dict[str, Any] = {}
    if given.get("response") == "no response":
        kept[name] = ABSENT
    elif "latency" in given:
        kept[name] = _measure(name, given["latency"], "latency")
    if "persistence" in given and kind == "f_wave":
        kept["f_persistence"] = _measure("f_persistence", given["persistence"], "persistence")
    if not kept:
        raise InputError("a late response needs its latency", expected="a number, or no response")
    return LateStudy, {"kind": kind, "nerve": nerve, "muscle": target, "side": given.get("side"), "measures": kept}


def _shown(result: Result | None) -> str:
    return f"{result.value:g}" if isinstance(result, Measure) else ""


def _temperature(part: MotorStudy | SensoryStudy) -> str:
    degrees = part.conditions.skin_temperature_degc
    return "" if degrees is None else f"{degrees:g}"


def _motor_values(part: MotorStudy) -> dict[str, Any]:
    code = motor_study(part.nerve, part.muscle).code
    speeds = {site_word(code, one.proximal): one.measures.get("velocity_m_per_s") for one in part.segments}
    rows = []
    for one in part.responses:
        site = site_word(code, one.site)
        size = one.measures.get("amplitude_mv")
        rows.append({
            "site": site, "amplitude": _shown(size), "latency": _shown(one.measures.get("onset_latency_ms")),
            "absent": isinstance(size, Absent), "velocity": _shown(speeds.get(site)),
            "distance": "" if one.distance_mm is None else f"{one.distance_mm:g}",
        })  # fmt: skip
    is_supramaximal = part.responses[0].is_supramaximal if part.responses else None
    return {
        "study": code, "side": part.side, "sites": rows, "temperature": _temperature(part),
        "supramaximal": {True: "yes", False: "no", None: ""}[is_supramaximal],
    }  # fmt: skip


def ncs_values(kind: str, part: Any) -> dict[str, Any]:
    """Fields of the form for a study of the case."""
    if kind == "motor":
        return _motor_values(part)
    if kind == "late":
        first = part.measures.get("h_latency_ms" if part.kind == "h_reflex" else "f_min_latency_ms")
        return {
            "kind": part.kind, "study": motor_study(part.nerve, part.muscle).code, "side": part.side,
            "latency": _shown(first), "persistence": _shown(part.measures.get("f_persistence")),
            "response": "no response" if isinstance(first, Absent) else "present",
        }  # fmt: skip
    one = part.responses[0] if part.responses else None
    found = {
        "amplitude": "amplitude_uv", "onset": "onset_latency_ms", "peak": "peak_latency_ms",
    }  # fmt: skip
    shown = {field: _shown(one.measures.get(name)) if one else "" for field, name in found.items()}
    is_absent = one is not None and isinstance(one.measures.get("amplitude_uv"), Absent)
    return shown | {
        "study": sensory_study(part.nerve).code, "side": part.side,
        "distance": "" if one is None or one.distance_mm is None else f"{one.distance_mm:g}",
        "response": "no response" if is_absent else "present", "temperature": _temperature(part),
    }  # fmt: skip
