"""Results of a case by muscle and skin area, for the body map: letters and words of what was reported and judged elsewhere."""

from __future__ import annotations

from emgwidgets import vocabulary
from emgwidgets.interpretation.facts import facts_of
from emgwidgets.interpretation.reference.standings import strip
from emgwidgets.model.case import Case
from emgwidgets.model.measure import Absent
from emgwidgets.model.needle import NeedleExamination
from emgwidgets.model.verdict import Standing
from emgwidgets.vocabulary.skin import zones_in

__all__ = ["LAYERS", "body_results", "needle_words", "region_of"]

#: What the body map can show: code, caption, scheme of the drawing.
LAYERS = (
    ("needle", "Needle EMG", "muscles"), ("strength", "Strength", "muscles"), ("sensory", "Sensory NCS", "nerve"),
    ("sensation", "Sensation", "dermatome"), ("complaint", "Complaints", "zone"),
)  # fmt: skip
SHORT = {
    "fibrillation_potential": "fibrillation", "positive_sharp_wave": "sharp waves", "fasciculation_potential": "fasciculation",
    "complex_repetitive_discharge": "CRD",
}  # fmt: skip
#: Normal activity of the end plate; seen, and no result.
BENIGN = {"end_plate_noise", "end_plate_spike"}
#: The worst of several results of one area, last.
ORDER = "-SN?BA0"


def needle_words(one: NeedleExamination) -> str:
    """Findings of one muscle in a line."""
    found = [
        f"{SHORT.get(kind.kind, kind.kind.replace('_', ' '))} {'' if kind.grade is None else f'{kind.grade}+'}".strip()
        for kind in one.spontaneous or ()
        if kind.grade != 0 and kind.kind not in BENIGN
    ]
    if one.spontaneous is not None and not found:
        found.append("quiet at rest")
    units = one.motor_units
    if units is not None:
        found += [f"{units.amplitude} units"] if units.amplitude not in {None, "normal"} else []
        found += [f"{units.duration} duration"] if units.duration not in {None, "normal"} else []
        found += ["polyphasic"] if units.is_polyphasic else []
        found += ["unstable"] if units.is_unstable else []
    if one.recruitment is not None and one.recruitment.pattern is not None:
        degree = f"{one.recruitment.degree} " if one.recruitment.degree else ""
        found.append(f"recruitment {degree}{one.recruitment.pattern}")
    return ", ".join(found) or "nothing reported"


def _needle_letter(one: NeedleExamination) -> str:
    units, recruitment = one.motor_units, one.recruitment
    odd = any(kind.grade != 0 and kind.kind not in BENIGN for kind in one.spontaneous or ())
    odd |= units is not None and (
        units.amplitude in {"high", "low"} or units.duration in {"long", "short"} or bool(units.is_polyphasic or units.is_unstable)
    )  # fmt: skip
    odd |= recruitment is not None and recruitment.pattern in {"reduced", "early", "none"}
    if odd:
        return "A"
    # quiet at rest says nothing about units that were not looked at
    looked = one.spontaneous is not None and (recruitment is not None or units is not None)
    return "N" if looked else "?"


class _Found:
    """Results by key; the worst one of an area is shown, every line is told."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, str]] = {}

    def add(self, scheme: str, code: str, side: str, mark: str, words: str) -> None:
        key = f"{scheme}/{code}/{side}"
        known = self.rows.get(key)
        if known is None:
            self.rows[key] = {"mark": mark, "words": words}
            return
        if words not in known["words"]:
            known["words"] += f"; {words}"
        if ORDER.index(mark) > ORDER.index(known["mark"]):
            known["mark"] = mark


def _sides(side: str | None) -> tuple[str, ...]:
    return ("left", "right") if side in {"bilateral", None} else (side or "",)


def _letter(one: Standing) -> str:
    if one.state == "abnormal" and one.fact.is_absent:
        return "0"
    return {"normal": "N", "borderline": "B", "abnormal": "A"}.get(one.state, "?")


def _sensory(case: Case, found: _Found) -> None:
    judged = {one.fact.place: one for one in strip(facts_of(case)) if one.fact.place.startswith("ncs.sensory")}
    for index, study in enumerate(case.ncs.sensory):
        if not any(response.measures for response in study.responses):
            continue
        places = [
            (name, f"ncs.sensory[{index}].responses[{number}].measures.{name}", result)
            for number, response in enumerate(study.responses)
            for name, result in response.measures.items()
        ]
        for name, place, result in places:
            if name not in {"amplitude_uv", "peak_latency_ms", "onset_latency_ms"}:
                continue
            one = judged.get(place)
            words = "no response" if isinstance(result, Absent) else f"{name.split('_')[0]} {result.text}"
            if one is None and not isinstance(result, Absent):
                continue
            found.add("nerve", study.nerve, study.side, _letter(one) if one else "0", words)


def _complaints(case: Case, found: _Found) -> None:
    for one in case.symptoms:
        days = "" if one.days is None else f", {one.days:g} days"
        for zone in zones_in(one.place):
            for side in _sides(one.side):
                found.add("zone", zone.code, side, "S", f"{one.kind}{days}")


def _sensation(case: Case, found: _Found) -> None:
    for one in case.examination.sensation:
        mark = {"normal": "N", "absent": "0"}.get(one.finding, "A")
        if one.root:
            found.add("dermatome", one.root, one.side, mark, f"{one.area} {one.finding}")


def body_results(case: Case) -> dict[str, dict[str, dict[str, str]]]:
    """Results of each layer: layer -> key of the body map -> mark and words."""
    layers = {code: _Found() for code, _, _ in LAYERS}
    for one in case.needle:
        layers["needle"].add("muscles", one.muscle, one.side, _needle_letter(one), needle_words(one))
    for part in case.examination.strength:
        mark = "N" if part.mrc == "5" else "A"
        layers["strength"].add("muscles", part.muscle, part.side, mark, f"MRC {part.mrc}")
    _sensory(case, layers["sensory"])
    _sensation(case, layers["sensation"])
    _complaints(case, layers["complaint"])
    return {code: one.rows for code, one in layers.items()}


def region_of(case: Case) -> str:
    """Part of the body the case speaks of, for the first view: arms, legs or the whole."""
    legs = {"hip", "thigh", "leg", "foot"}
    arms = {"shoulder", "arm", "forearm", "hand"}
    seen = [vocabulary.muscle(one.muscle).region for one in case.needle]
    seen += [vocabulary.muscle(one.muscle).region for one in case.examination.strength if one.mrc != "5"]
    n_legs, n_arms = sum(one in legs for one in seen), sum(one in arms for one in seen)
    if n_legs > 2 * n_arms:
        return "legs"
    return "arms" if n_arms > 2 * n_legs else "whole"
