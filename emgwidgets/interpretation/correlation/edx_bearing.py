"""How each nerve test bears on a root, a plexus part or a nerve: one item for each muscle and each response.

The ranking of sites is made elsewhere from all findings together; this only says which way each one points.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from emgwidgets import vocabulary
from emgwidgets.interpretation._tables import studies
from emgwidgets.interpretation.explain_words import start, whole_percents
from emgwidgets.interpretation.facts import Facts
from emgwidgets.interpretation.localisation.anatomy import published, share, weight_of
from emgwidgets.interpretation.localisation.effects import CLINIC
from emgwidgets.interpretation.localisation.observations import Observation
from emgwidgets.interpretation.localisation.parameters import number
from emgwidgets.printed import printed
from emgwidgets.sources import Cited, Mark

__all__ = ["Test", "edx_bearing", "tests_of"]

#: Share of healthy muscles with any abnormal finding, from the rates for fibrillation, large units and recruitment.
FALSE_MUSCLE = 0.08
#: Logarithm from which a finding is called for or against (internal choice; a likelihood ratio of 2, or of one half).
TELLING = math.log(2.0)
#: Share of the fibres that must pass a stretch for a test to be asked about it (internal choice).
PASSES = 0.3
LOSS = {"sensory_low", "motor_low", "absent"}
FOCAL = {"segment_slow", "block", "comparison", "sensory_slow", "motor_slow", "very_slow"}
NEEDLE = {
    "fibrillation": "fibrillation",
    "large": "large units",
    "recruitment": "reduced recruitment",
    "unstable": "unstable units",
    "small": "small units",
}


State = Literal["supports", "against", "silent", "none"]
#: State, logarithm of the likelihood ratio, why, and source.
Bearing: TypeAlias = tuple[State, float, str, Cited | None]


@dataclass(frozen=True, kw_only=True)
class Test:
    """One muscle, or one response of a nerve, with what was observed in it.

    Parameters
    ----------
    names : tuple of str
        Facts, the abnormal ones first.
    is_abnormal : bool
        Whether any observation is abnormal; low drive and fasciculation do not count.
    """

    __test__ = False

    column: str
    kind: str
    study: str
    side: str
    found: tuple[Observation, ...]
    names: tuple[str, ...]
    is_abnormal: bool
    sentence: str


def _test(kind: str, study: str, side: str, own: Sequence[Observation], facts: Facts) -> Test:
    abnormal = [one for one in own if one.is_abnormal]
    ordered = [*abnormal, *(one for one in own if not one.is_abnormal)]
    return Test(
        column="emg" if kind == "needle" else "ncs", kind=kind, study=study, side=side, found=tuple(own),
        names=tuple(dict.fromkeys(name for one in ordered for name in one.names)),
        is_abnormal=any(one.about not in {"low_drive", "fasciculation"} for one in abnormal),
        sentence=_sentence(kind, study, side, abnormal, facts),
    )  # fmt: skip


def tests_of(found: Sequence[Observation], facts: Facts) -> tuple[Test, ...]:
    """Group observations by muscle or by response."""
    groups: dict[tuple[str, str, str], list[Observation]] = {}
    for one in found:
        if one.kind in CLINIC or one.kind in {"rns", "blink"} or not one.side:
            continue
        key = (
            one.kind if one.kind == "needle" else {"f_wave": "motor", "h_reflex": "motor"}.get(one.kind, one.kind),
            one.study,
            one.side,
        )
        groups.setdefault(key, []).append(one)
    return tuple(_test(kind, study, side, own, facts) for (kind, study, side), own in groups.items())


def _sentence(kind: str, study: str, side: str, abnormal: Sequence[Observation], facts: Facts) -> str:
    """What was found, in one line."""
    if kind == "needle":
        parts = [_needle_words(one, facts) for one in abnormal if one.about in NEEDLE]
        parts += ["low drive"] if any(one.about == "low_drive" for one in abnormal) else []
        return f"{vocabulary.muscle(study).name}, {side}: {', '.join(parts) or 'normal'}."
    if abnormal:
        return whole_percents(printed(start(abnormal[0].sentence)))
    known = studies().get(study)
    return f"{(known.words if known else study.replace('_', ' ')).capitalize()}, {side}: within limits."


def _needle_words(one: Observation, facts: Facts) -> str:
    if one.about == "fibrillation":
        stem = one.names[0].rsplit(".", 1)[0]
        grade = facts.get(f"{stem}.fibrillation_potential_grade") or facts.get(f"{stem}.positive_sharp_wave_grade")
        if grade is not None and grade.number:
            return f"fibrillation {grade.number:.0f}+"
    return NEEDLE[one.about]


def edx_bearing(test: Test, elements: Sequence[str]) -> Bearing:
    """State, logarithm of the ratio, why, and source, of one test for a site; state ``"none"`` where it has nothing to do with it."""
    if not _concerns(test.kind, test.study, tuple(elements)):
        return "none", 0.0, "", None
    if test.kind == "needle":
        return _muscle(test, elements)
    return _response(test, elements)


@lru_cache(maxsize=8192)
def _concerns(kind: str, study: str, elements: tuple[str, ...]) -> bool:
    """Whether any fibres of a test pass a site, or a sensory nerve grows from one of its roots."""
    nerve = vocabulary.sensory_nerves().get(study) if kind == "sensory" else None
    roots = {element.removeprefix("root_").upper() for element in elements if element.startswith("root_")}
    if nerve is not None and roots & set(nerve.root_weights):
        return True
    return any(share("sensory" if kind == "sensory" else kind, study, element) > 0 for element in elements)


def _muscle(test: Test, elements: Sequence[str]) -> Bearing:
    element = max(elements, key=lambda one: share("needle", test.study, one))
    held, weight = share("needle", test.study, element), weight_of("needle", test.study, element)
    if held <= 0:
        return "none", 0.0, "", None
    known = published("needle", test.study, element)
    if known is not None:
        likely, cited = known, Cited(key="TSAO", mark=Mark.D)
    elif element.startswith("root_"):
        likely, cited = (
            number(f"involved.weight_{max(1, weight)}") * (1.0 if weight > 1 else 0.5),
            Cited(key="MEM", mark=Mark.P),
        )
    else:
        likely, cited = 0.9 * held, Cited(key="MEM", mark=Mark.P)
    likely = min(max(likely, 0.02), 0.97)
    value = math.log(likely / FALSE_MUSCLE) if test.is_abnormal else math.log((1 - likely) / (1 - FALSE_MUSCLE))
    state: State = "supports" if value >= TELLING else "against" if value <= -TELLING else "silent"
    muscle = vocabulary.muscle(test.study)
    why = (
        f"{'/'.join(muscle.dominant_roots)}, {muscle.nerve.replace('_', ' ')} nerve"
        if not muscle.is_paraspinal
        else "supplied before every plexus"
    )
    return state, value, why, cited


def _response(test: Test, elements: Sequence[str]) -> Bearing:
    sensory = "sensory" if test.kind == "sensory" else "motor"
    held = max(share(sensory, test.study, element) for element in elements)
    inside = [one for one in test.found if one.about in FOCAL and any(element in one.spanned for element in elements)]
    lost = [one for one in test.found if one.about in LOSS]
    roots = [element for element in elements if element.startswith("root_")]
    if roots and sensory == "sensory":
        return _before_ganglion(test, roots, lost)
    if any(one.is_abnormal for one in inside):
        return "supports", math.log(5.0), "slowing or block over this stretch", Cited(key="MEM", mark=Mark.P)
    if held >= PASSES and any(one.is_abnormal for one in lost):
        return "supports", math.log(3.0), "its fibres pass here", Cited(key="MEM", mark=Mark.P)
    if any(one.about in {"segment_slow", "block", "comparison"} for one in inside):
        return "against", -math.log(3.0), "this stretch was tested and is normal", Cited(key="MEM", mark=Mark.P)
    if held >= 0.9 and lost and not roots:
        return "against", -math.log(2.0), "its fibres pass here and are kept", Cited(key="MEM", mark=Mark.P)
    return ("silent", 0.0, "its fibres pass here in part", None) if held > 0 else ("none", 0.0, "", None)


def _before_ganglion(test: Test, roots: Sequence[str], lost: Sequence[Observation]) -> Bearing:
    """A root lesion lies before the ganglion: a low response speaks against it, a kept one is expected."""
    nerve = vocabulary.sensory_nerves().get(test.study)
    names = {root.removeprefix("root_").upper() for root in roots}
    if nerve is None or not names & {root for root, weight in nerve.root_weights.items() if weight >= 2} or not lost:
        return "none", 0.0, "", None
    if any(one.is_abnormal for one in lost):
        return (
            "against",
            -TELLING,
            "low, so beyond the ganglion; a foraminal lesion can reach it",
            Cited(key="APR", mark=Mark.V),
        )
    return "silent", 0.0, "kept, as expected of a lesion before the ganglion", Cited(key="APR", mark=Mark.V)
