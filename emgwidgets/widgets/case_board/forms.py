"""What can be typed into a case: the fields of each kind of entry, and entries to and from those fields.  It judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from emgwidgets import vocabulary
from emgwidgets.cases.entries import Problem, part_from
from emgwidgets.errors import InputError
from emgwidgets.interpretation._tables import rows_of, studies
from emgwidgets.model.case import MRC_GRADES, Case, Reflex, Sensation, Sign, Strength, Subject, Symptom
from emgwidgets.model.mri import KINDS, NUMBERING, SCALES, ZONES, MriFinding
from emgwidgets.model.needle import NeedleExamination
from emgwidgets.vocabulary.skin import skin_zones
from emgwidgets.widgets.case_board.ncs_forms import late_document, motor_document, ncs_values, sensory_document

__all__ = ["FORMS", "form_spec", "part_of", "values_of"]

SIDES = ("left", "right")
#: Words offered for free text; any other word is taken too.
SYMPTOMS = (
    "pain", "numbness", "paraesthesia", "weakness", "foot drop", "wrist drop", "clumsy hands", "gait change",
    "leg pain on walking", "bladder disturbance", "saddle numbness", "fever and weight loss",
)  # fmt: skip
SIGNS = (
    "straight_leg_raise", "crossed_straight_leg_raise", "femoral_stretch", "spurling", "neck_distraction",
    "shoulder_abduction_relief", "upper_limb_tension", "lhermitte", "tinel_wrist", "phalen", "tinel_elbow",
    "tinel_fibular_head", "tinel_ankle", "hoffmann", "babinski", "wasting", "fasciculations", "give_way_weakness",
    "saddle_sensory_loss", "spastic_gait",
)  # fmt: skip
REFLEXES = ("biceps", "brachioradialis", "triceps", "finger_flexor", "patellar", "medial_hamstring", "achilles")
GRADES_OF_SCALES = tuple(dict.fromkeys(grade for grades in SCALES.values() for grade in grades))
GRADES = ("", "0", "1", "2", "3", "4")

#: kind -> (title, where it stands in the case, class of the model, fields).  A field: name, caption, type, options, unit.
#: Types: choice, words (free with suggestions), text, number, muscle, sites (one row for each site of a study).
FORMS: dict[str, tuple[str, tuple[str, ...], type, tuple[tuple[Any, ...], ...]]] = {
    "symptom": ("Symptom", ("symptoms",), Symptom, (
        ("kind", "symptom", "words", SYMPTOMS), ("place", "where", "zones", ()),
        ("side", "side", "choice", ("left", "right", "bilateral", "")), ("days", "since", "number", (), "days"),
        ("note", "note", "text", ()),
    )),
    "strength": ("Strength", ("examination", "strength"), Strength, (
        ("muscle", "muscle", "muscle", ()), ("side", "side", "choice", SIDES), ("mrc", "MRC", "choice", MRC_GRADES[::-1]),
    )),
    "reflex": ("Reflex", ("examination", "reflexes"), Reflex, (
        ("name", "reflex", "words", REFLEXES), ("side", "side", "choice", SIDES),
        ("finding", "finding", "choice", ("normal", "reduced", "absent", "increased")),
    )),
    "sensation": ("Sensation", ("examination", "sensation"), Sensation, (
        ("area", "area", "zones", ()), ("side", "side", "choice", SIDES),
        ("finding", "finding", "choice", ("reduced", "absent", "altered", "increased", "normal")),
        ("modality", "modality", "words", ("light touch", "pin", "vibration")), ("root", "root", "roots", ()),
        ("nerve", "nerve", "skin", ()),
    )),
    "sign": ("Sign", ("examination", "signs"), Sign, (
        ("name", "sign", "words", SIGNS), ("side", "side", "choice", ("left", "right", "")),
        ("is_positive", "result", "choice", ("present", "not present")), ("note", "note", "text", ()),
    )),
    "motor": ("Motor NCS", ("ncs", "motor"), object, (
        ("study", "study", "study", ("motor",)), ("side", "side", "choice", SIDES), ("sites", "responses", "sites", ()),
        ("temperature", "skin", "number", (), "°C"), ("supramaximal", "supramaximal", "choice", ("yes", "no", "")),
    )),
    "sensory": ("Sensory NCS", ("ncs", "sensory"), object, (
        ("study", "study", "study", ("sensory",)), ("side", "side", "choice", SIDES),
        ("amplitude", "amplitude", "number", (), "µV"), ("onset", "onset", "number", (), "ms"),
        ("peak", "peak", "number", (), "ms"), ("distance", "distance", "number", (), "mm"),
        ("response", "response", "choice", ("present", "no response")), ("temperature", "skin", "number", (), "°C"),
    )),
    "late": ("Late response", ("ncs", "late"), object, (
        ("kind", "kind", "choice", ("f_wave", "h_reflex")), ("study", "study", "study", ("motor",)),
        ("side", "side", "choice", SIDES), ("latency", "shortest latency", "number", (), "ms"),
        ("persistence", "F persistence", "number", (), "%"), ("response", "response", "choice", ("present", "no response")),
    )),
    "needle": ("Needle EMG", ("needle",), NeedleExamination, (
        ("muscle", "muscle", "muscle", ()), ("side", "side", "choice", SIDES),
        ("insertional", "insertional", "choice", ("", "normal", "increased", "decreased")),
        ("fib", "fibrillation", "choice", GRADES), ("psw", "sharp waves", "choice", GRADES),
        ("fasc", "fasciculation", "choice", GRADES), ("crd", "CRD", "choice", GRADES),
        ("amplitude", "MUP size", "choice", ("", "normal", "high", "low")),
        ("duration", "MUP duration", "choice", ("", "normal", "long", "short")),
        ("polyphasic", "polyphasic", "choice", ("", "no", "yes")), ("unstable", "unstable", "choice", ("", "no", "yes")),
        ("pattern", "recruitment", "choice", ("", "normal", "reduced", "early", "none")),
        ("degree", "degree", "choice", ("", "mild", "moderate", "marked")),
        ("full", "full effort", "choice", ("", "yes", "no")), ("note", "note", "text", ()),
    )),
    "mri": ("MRI finding", ("mri",), MriFinding, (
        ("kind", "finding", "choice", KINDS), ("level", "level", "level", ()),
        ("side", "side", "choice", ("", "left", "right", "bilateral", "midline")), ("zone", "zone", "choice", ("", *ZONES)),
        ("size_mm", "size", "number", (), "mm"), ("scale", "scale", "choice", ("", *SCALES)),
        ("grade", "grade", "words", GRADES_OF_SCALES), ("migration", "migration", "choice", ("", "cranial", "caudal")),
        ("root", "root", "roots", ()),
        ("effect", "effect on the root", "choice", ("", "none", "contact", "deviation", "compression", "unclear")),
        ("certainty", "certainty", "choice", ("definite", "probable", "possible", "negated")),
        ("numbering_basis", "vertebrae counted by", "choice", ("", *NUMBERING)),
        ("days_since_onset", "MRI on day", "number", (), "from onset"),
    )),
}  # fmt: skip
SPONTANEOUS = {
    "fib": "fibrillation_potential", "psw": "positive_sharp_wave", "fasc": "fasciculation_potential",
    "crd": "complex_repetitive_discharge",
}  # fmt: skip


@cache
def form_spec() -> dict[str, Any]:
    """Every form for the browser: captions, types, options; studies with their sites; names to choose from."""
    forms = {
        kind: {
            "title": title,
            "fields": [
                {
                    "name": field[0], "label": field[1], "type": field[2], "options": list(field[3]),
                    "unit": field[4] if len(field) > 4 else "",
                }
                for field in fields
            ],
        }
        for kind, (title, _, _, fields) in FORMS.items()
    }  # fmt: skip
    known = studies()
    return {
        "forms": forms,
        "studies": [
            {"code": row["code"], "kind": row["kind"], "words": row["words"], "sites": list(known[row["code"]].sites)}
            for row in rows_of("studies.csv")
        ],
        "muscles": [{"code": one.code, "name": one.name} for one in vocabulary.muscles().values()],
        "levels": list(vocabulary.levels()),
        "roots": [code for code, one in vocabulary.roots().items() if not one.is_cranial],
        "zones": [one.name for one in skin_zones().values()],
        "skin": [{"code": one.code, "name": one.name} for one in vocabulary.sensory_nerves().values()],
    }  # fmt: skip


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that hold something."""
    return {name: value for name, value in values.items() if value not in ("", None)}


def _number(text: Any, what: str) -> float:
    try:
        return float(str(text).replace(",", ".").strip())
    except ValueError as error:
        raise InputError(f"the {what} is no number", got=repr(str(text))[:30], expected="such as 4.2") from error


def _yes(value: Any) -> bool | None:
    return {"yes": True, "no": False, "present": True, "not present": False}.get(str(value))


def _needle(given: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: given[name] for name in ("muscle", "side", "insertional", "note") if name in given}
    graded = [{"kind": kind, "grade": int(given[name])} for name, kind in SPONTANEOUS.items() if name in given]
    if graded:
        found["spontaneous"] = graded
    units: dict[str, Any] = {name: given[name] for name in ("amplitude", "duration") if name in given}
    units |= {f"is_{name}": _yes(given[name]) for name in ("polyphasic", "unstable") if name in given}
    if units:
        found["motor_units"] = units
    recruitment: dict[str, Any] = {name: given[name] for name in ("pattern", "degree") if name in given}
    if "full" in given:
        recruitment["is_full_effort"] = _yes(given["full"])
    if recruitment:
        found["recruitment"] = recruitment
    return found


def _mri(given: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: given[name]
        for name in ("kind", "level", "side", "zone", "certainty", "migration", "numbering_basis", "grade", "scale")
        if name in given
    }
    for name in ("size_mm", "days_since_onset"):
        if name in given:
            found[name] = _number(given[name], name.replace("_", " "))
    if "grade" in given and "scale" not in given and given["grade"] in SCALES["words"]:
        found["scale"] = "words"
    if "root" in given:
        found["roots"] = [{"root": given["root"], "effect": given.get("effect", "unclear"), "side": given.get("side")}]
        if found["roots"][0]["side"] == "midline":
            found["roots"][0]["side"] = None
    return found


def _symptom(given: dict[str, Any]) -> dict[str, Any]:
    if "days" in given:
        given["days"] = _number(given["days"], "age of the symptom")
    return given


def _sign(given: dict[str, Any]) -> dict[str, Any]:
    if "name" in given:
        given["name"] = str(given["name"]).strip().lower().replace(" ", "_")
    return given | {"is_positive": _yes(given.get("is_positive", "present"))}


def part_of(kind: str, values: Mapping[str, Any]) -> Any:
    """Return the part of the case that the fields of a form stand for.

    Raises
    ------
    InputError
        If there is no such form, or a field cannot be used; the sentence offers the nearest names.
    """
    if kind not in FORMS:
        raise InputError("no such form", got=repr(kind), expected=", ".join(FORMS))
    given = _given(values)
    if kind in {"motor", "sensory", "late"}:
        part, document = {"motor": motor_document, "sensory": sensory_document, "late": late_document}[kind](given)
    else:
        turn = {"needle": _needle, "mri": _mri, "symptom": _symptom, "sign": _sign}.get(kind)
        part, document = FORMS[kind][2], turn(given) if turn else given
        if kind == "reflex" and "name" in document:
            document["name"] = str(document["name"]).strip().lower().replace(" ", "_")
    problems: list[Problem] = []
    made: Any = part_from(part, document, FORMS[kind][0].lower(), problems)
    if made is None:
        raise InputError(
            f"the {FORMS[kind][0].lower()} cannot be entered", got=problems[0].sentence, way_out="correct the field"
        )
    return made


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _of_needle(part: NeedleExamination) -> dict[str, Any]:
    grades = {one.kind: one.grade for one in part.spontaneous or ()}
    found = {name: str(grades[kind]) for name, kind in SPONTANEOUS.items() if grades.get(kind) is not None}
    if part.spontaneous == ():
        found = {"fib": "0", "psw": "0"}
    yes = {True: "yes", False: "no", None: ""}
    units, recruitment = part.motor_units, part.recruitment
    return found | {
        "muscle": part.muscle, "side": part.side, "insertional": part.insertional or "", "note": part.note,
        "amplitude": (units and units.amplitude) or "", "duration": (units and units.duration) or "",
        "polyphasic": yes[units.is_polyphasic] if units else "", "unstable": yes[units.is_unstable] if units else "",
        "pattern": (recruitment and recruitment.pattern) or "", "degree": (recruitment and recruitment.degree) or "",
        "full": yes[recruitment.is_full_effort] if recruitment else "",
    }  # fmt: skip


def _of_mri(part: MriFinding) -> dict[str, Any]:
    root = part.roots[0] if part.roots else None
    return {
        "kind": part.kind, "level": part.level, "side": part.side or "", "zone": part.zone or "",
        "size_mm": _text(part.size_mm), "grade": part.grade, "scale": part.scale,
        "migration": part.migration or "", "numbering_basis": part.numbering_basis or "",
        "root": root.root if root else "", "effect": root.effect if root else "", "certainty": part.certainty,
        "days_since_onset": _text(part.days_since_onset),
    }  # fmt: skip


def values_of(kind: str, part: Any) -> dict[str, Any]:
    """Return the fields of a form for an entry of the case, so that it can be corrected."""
    if kind in {"motor", "sensory", "late"}:
        return ncs_values(kind, part)
    if kind == "needle":
        return _of_needle(part)
    if kind == "mri":
        return _of_mri(part)
    found = {name: getattr(part, name) for name in (field[0] for field in FORMS[kind][3])}
    if kind == "sign":
        found["is_positive"] = "present" if part.is_positive else "not present"
    if kind == "symptom":
        found["days"] = _text(part.days)
    return {name: "" if value is None else value for name, value in found.items()}


def subject_of_fields(case: Case, values: Mapping[str, Any]) -> dict[str, Any]:
    """Question, onset and subject from the fields of the case's head, as changes of the case."""
    given = _given(values)
    changes: dict[str, Any] = {}
    if "question" in values:
        changes["question"] = str(values["question"]).strip()
    if "days_since_onset" in values:
        day = given.get("days_since_onset")
        changes["days_since_onset"] = None if day is None else _number(day, "time since onset")
    who = {
        name: _number(given[name], name.split("_")[0])
        for name in ("age_years", "height_cm", "weight_kg")
        if name in given
    }
    if {"age_years", "sex", "height_cm"} & set(values):
        sex = given.get("sex")
        changes["subject"] = Subject(sex=sex, **({"weight_kg": case.subject.weight_kg} | who))
    return changes
