"""Red flags of a case: looked for first, listed whether there or not, never suppressed by any agreement below."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from emgwidgets import vocabulary
from emgwidgets.interpretation.correlation.complaint import is_resolved
from emgwidgets.interpretation.correlation.structure import finding_words, structure_of
from emgwidgets.model.case import Case, Symptom
from emgwidgets.model.correlation import RedFlag
from emgwidgets.sources import Cited, Mark

__all__ = ["banner", "red_flags_of"]

#: Words before a flag that deny it, within the same stretch of text.
_DENIED = re.compile(r"\b(no|not|without|denies|denied|never)\b[^.;:]{0,40}$")


@cache
def _table() -> tuple[dict[str, Any], ...]:
    text = resources.files(__package__).joinpath("red_flags.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["flag"])


def _said(case: Case) -> Iterator[tuple[str, str, str, Symptom | None]]:
    """Stretches of free words: text, place, sentence, symptom."""
    for n, one in enumerate(case.symptoms):
        text = " ".join(part for part in (one.kind, one.place, one.note) if part)
        said = ", ".join(part for part in (one.kind, one.place) if part)
        yield text.lower(), f"symptoms[{n}]", f"{said[:1].upper()}{said[1:]} (told).", one
    yield case.question.lower(), "question", f"The question says: {case.question}", None


def _matches(patterns: list[str], text: str) -> bool:
    for pattern in patterns:
        for hit in re.finditer(pattern, text):
            if not _DENIED.search(text[: hit.start()]):
                return True
    return False


def _in_words(flag: dict[str, Any], case: Case) -> list[tuple[str, str]]:
    found = []
    for text, place, sentence, symptom in _said(case):
        kinds = flag.get("only_kinds")
        if kinds and not any(kind in text for kind in kinds):
            continue
        if symptom is not None and is_resolved(symptom):
            continue
        if _matches(flag["words"], text):
            found.append((sentence, place))
    return found


def _both_legs(flag: dict[str, Any], case: Case) -> list[tuple[str, str]]:
    if not flag.get("bilateral_legs"):
        return []
    found = []
    for n, one in enumerate(case.symptoms):
        legs = any(
            zone.region in {"thigh", "leg", "foot", "pelvis"} for zone in vocabulary.zones_in(f"{one.place} {one.kind}")
        )
        if one.side == "bilateral" and (legs or any(root[0] in "LS" for root in one.roots)) and not is_resolved(one):
            found.append((f"{one.kind[:1].upper()}{one.kind[1:]} in both legs (told).", f"symptoms[{n}]"))
    return found


def _in_signs(flag: dict[str, Any], case: Case) -> tuple[list[tuple[str, str]], bool]:
    """Signs that are there, and whether any was looked for."""
    found, asked = [], False
    for n, one in enumerate(case.examination.signs):
        if one.name in flag["signs"] or one.name == flag["code"]:
            asked = True
            if one.is_positive:
                side = f", {one.side}" if one.side else ""
                found.append(
                    (
                        f"{one.name.replace('_', ' ').capitalize()}{side}: positive (examined).",
                        f"examination.signs[{n}]",
                    )
                )
    return found, asked


def _in_mri(flag: dict[str, Any], case: Case) -> list[tuple[str, str]]:
    kinds = set(flag.get("mri", ()))
    found = [
        (f"{finding_words(one)} (MRI).", f"mri[{n}]")
        for n, one in enumerate(case.mri)
        if one.kind in kinds and one.certainty != "negated"
    ]
    if "cord_compression" in kinds:
        listed = {place for _, place in found}
        found += [
            (f"{finding_words(case.mri[n])}: the cord is compressed (MRI).", f"mri[{n}]")
            for n in structure_of(case).cord if f"mri[{n}]" not in listed
        ]  # fmt: skip
    return found


def red_flags_of(case: Case) -> tuple[RedFlag, ...]:
    """Every flag of the list with its state, those present first."""
    made = []
    for flag in _table():
        in_signs, asked = _in_signs(flag, case)
        found = [*_in_words(flag, case), *_both_legs(flag, case), *in_signs, *_in_mri(flag, case)]
        told = bool(flag.get("bilateral_legs")) and any(one.side for one in case.symptoms)
        looked = asked or told or bool(flag.get("mri") and case.mri)
        state = "present" if found else "absent" if looked else "not asked"
        made.append(RedFlag(
            code=flag["code"], words=flag["label"], state=state, found=tuple(dict.fromkeys(text for text, _ in found)),  # type: ignore[arg-type]
            places=tuple(dict.fromkeys(place for _, place in found)), meaning=flag["meaning"],
            is_urgent=_is_urgent(flag, found, case), cited=Cited(key=flag["source"], mark=Mark.D),
        ))  # fmt: skip
    order = {"present": 0, "not asked": 1, "absent": 2}
    return tuple(sorted(made, key=lambda one: (order[one.state], not one.is_urgent)))


def _is_urgent(flag: dict[str, Any], found: list[tuple[str, str]], case: Case) -> bool:
    if flag.get("is_urgent", True):
        return True
    days = [
        case.symptoms[int(place[9:-1])].days if case.symptoms[int(place[9:-1])].days is not None else case.days_since_onset
        for _, place in found if place.startswith("symptoms[")
    ]  # fmt: skip
    return any(day is not None and day <= float(flag["max_days"]) for day in days)


def banner(flags: tuple[RedFlag, ...]) -> str:
    """Sentence of the banner; empty when no urgent flag is there."""
    present = [one for one in flags if one.state == "present"]
    if not any(one.is_urgent for one in present):
        return ""
    named = ", ".join(one.words for one in present)
    meanings = "; ".join(dict.fromkeys(one.meaning for one in present if one.is_urgent))
    count = f"{len(present)} red flag{'s' if len(present) > 1 else ''}"
    return (
        f"Urgent medical evaluation, not an electrodiagnostic question. {count}: {named}. {meanings[:1].upper()}{meanings[1:]}. "
        "A normal study or a clear nerve lesion does not remove this."
    )
