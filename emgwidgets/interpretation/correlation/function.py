"""The nerve tests of a case reduced to the classes of the concordance table, as readings with their probability.

It starts from ``localise`` and adds what a list of sites cannot say: normal or too little, paraspinal muscles alone, one
muscle alone, more roots than a pair, several nerves of one limb, change older than the complaint, a study that is
technically invalid.  The MRI has no say here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from emgwidgets import vocabulary
from emgwidgets.interpretation.correlation.complaint import Complaint, fit
from emgwidgets.interpretation.correlation.from_muscles import AGE_WORDS, age_of, nothing_shown, several_roots
from emgwidgets.interpretation.correlation.muscles_found import muscles_found, roots_explaining
from emgwidgets.interpretation.correlation.root_map import SPINAL
from emgwidgets.interpretation.correlation.scenario import Function, Known, Scenario
from emgwidgets.interpretation.facts import body_region
from emgwidgets.interpretation.localisation.adequacy import examined, screen_gaps
from emgwidgets.interpretation.localisation.anatomy import share
from emgwidgets.interpretation.localisation.observations import Observation
from emgwidgets.model.localisation import Explanation, Localisation

__all__ = ["function_of"]

#: A site counts as shown when its findings are this many times likelier under it than in health (logarithm), and such
#: sites together are this likely.  Internal choices: on development seeds they keep apart chance findings and mild lesions.
SHOWN_LOG_RATIO, SHOWN_PROBABILITY = 3.0, 0.4
#: Days before which limb muscles may not show axon loss yet (needle section 4).
EARLY_DAYS = 21.0
#: Share of the weight that a second lesion takes from a leading single nerve with findings it does not explain, and
#: below which a reading is left out (internal choices).
PATCHY_SHARE, LEAST_WEIGHT = 0.8, 0.01
#: Likelihood ratio of a stocking and glove pattern, and the editorial weight of a main root.  The ratio is an internal
#: choice within the 2 to 5 of an objective sign (mri section 5.1).
STOCKING_RATIO, MAIN_ROOT = 3.0, 3
#: Regions of the body with changed motor neurons from which motor neuron disease is named (mri section 6.1).
MOTOR_NEURON_REGIONS = 3
#: Entrapments so common that another finding beside them makes a pair, not a patchy disease.
ENTRAPMENTS = {"median_carpal_tunnel", "ulnar_elbow", "common_fibular_head"}
CLASS_OF_KIND = {
    "motor_neuron": "Em", "muscle": "Ey", "junction": "Ej", "polyneuropathy": "En", "ganglion": "En", "plexus": "Ex",
}  # fmt: skip
LIMB_OF_REGION = {"cervical": "arm", "lumbosacral": "leg"}


def function_of(
    loc: Localisation, found: Sequence[Observation], complaint: Complaint, *, days: float | None, invalid: Sequence[str] = (),
) -> Function:  # fmt: skip
    """Read the nerve tests; ``invalid`` holds the technical faults that take the study away."""
    known = Known(muscles=muscles_found(found), gaps=_gaps(found, complaint, days), days=days)
    if invalid:
        made = [Scenario(code="Et", probability=1.0, words="the study is technically invalid")]
    else:
        made = _of_sites(loc, known, complaint) if _is_shown(loc) else nothing_shown(known)
    total = sum(one.probability for one in made)
    scaled = [replace(one, probability=one.probability / total) for one in made]
    return Function(
        scenarios=tuple(sorted(scaled, key=lambda one: -one.probability)), muscles=known.muscles,
        observations=tuple(found), invalid=tuple(invalid), gaps=known.gaps,
    )  # fmt: skip


def _is_shown(loc: Localisation) -> bool:
    """Whether any site stands out from health."""
    sites = [one for one in loc.explanations if one.candidate.kind not in {"normal", "central"}][:3]
    return sum(one.probability for one in sites if _log_ratio(one) >= SHOWN_LOG_RATIO) >= SHOWN_PROBABILITY


def _log_ratio(one: Explanation) -> float:
    return sum(row.weight for row in (*one.supporting, *one.against, *one.silent))


def _gaps(found: Sequence[Observation], complaint: Complaint, days: float | None) -> tuple[str, ...]:
    """What a negative study would still need.

    A side complained of must itself be examined; without a side, or with both, one examined side is a screen.  With
    several limbs, or none named, one complete screen is enough.
    """
    seen = examined(found)
    regions = [{"arm": "cervical", "leg": "lumbosacral"}[limb] for limb in sorted(complaint.limbs)]
    sides = {"left": ("left",), "right": ("right",)}.get(complaint.side, ("left", "right"))
    per_region = [
        min((screen_gaps(seen, region, (side,)) for side in sides), key=len) for region in regions or LIMB_OF_REGION
    ]
    gaps = per_region[0] if len(regions) == 1 else min(per_region, key=len)
    if days is not None and days < EARLY_DAYS:
        gaps = [*gaps, f"Day {days:g} is early: limb muscles may not show axon loss yet; repeat at 3 to 6 weeks."]
    return tuple(gaps)


@cache
def _limb_of(elements: tuple[str, ...]) -> str:
    for element in elements:
        for muscle in vocabulary.muscles().values():
            if muscle.is_beyond(element) and not muscle.is_paraspinal:
                return LIMB_OF_REGION.get(body_region(muscle.code), "")
        for nerve in vocabulary.sensory_nerves().values():
            if nerve.is_beyond(element):
                return "arm" if vocabulary.root(nerve.roots[0]).region in {"cervical", "thoracic"} else "leg"
    return ""


def _roots_of(one: Explanation) -> tuple[tuple[str, str], ...]:
    """Roots a candidate stands on, part by part; one of several roots and sides stands on each of them."""
    if one.candidate.parts:
        named = [code.removeprefix("root_").split(".") for code in one.candidate.parts if code.startswith("root_")]
    else:
        roots = [element.removeprefix("root_") for element in one.candidate.elements if element.startswith("root_")]
        named = [[root, side] for side in one.candidate.sides for root in roots]
    return tuple((name.upper(), side) for name, side in named if name.upper() in SPINAL)


def _of_sites(loc: Localisation, known: Known, complaint: Complaint) -> list[Scenario]:
    made: list[Scenario] = []
    for one in loc.explanations:
        weight = one.probability * _provoked(one, complaint) * _stocking(one, complaint)
        if weight >= LEAST_WEIGHT:
            made += _of_site(one, weight, known)
    return made


def _provoked(one: Explanation, complaint: Complaint) -> float:
    """Ratio by which provoking signs favour a root over a plexus or nerve: they stretch it or close its foramen."""
    if one.candidate.kind != "root" or len(one.candidate.sides) != 1:
        return 1.0
    positive = tuple(row for row in complaint.findings if row.group == "provocation" and row.is_abnormal)
    return math.exp(fit(replace(complaint, findings=positive), one.candidate.elements, one.candidate.sides[0]))


def _stocking(one: Explanation, complaint: Complaint) -> float:
    """Ratio by which loss of feeling in hands and feet of both sides favours a polyneuropathy (mri section 6.3, row 24)."""
    if one.candidate.kind != "polyneuropathy":
        return 1.0
    for side in ("left", "right"):
        roots = {
            root for row in complaint.of("examination", side) if row.group == "sensory" and row.is_abnormal
            for root, weight in row.roots.items() if weight == MAIN_ROOT
        }  # fmt: skip
        if not (any(root[0] == "C" for root in roots) and len([root for root in roots if root[0] in "LS"]) >= 2):
            return 1.0
    return STOCKING_RATIO


def _of_site(one: Explanation, weight: float, known: Known) -> list[Scenario]:
    candidate, kind, roots = one.candidate, one.candidate.kind, _roots_of(one)
    made = Scenario(
        code=CLASS_OF_KIND.get(kind, "En"), probability=weight, words=candidate.words, candidate=candidate.code, roots=roots,
        sides=candidate.sides, limb=_limb_of(candidate.elements),
    )  # fmt: skip
    if kind in {"normal", "central"}:
        return [replace(part, probability=part.probability * weight) for part in nothing_shown(known)]
    if _is_too_wide(candidate.code, kind, known) or (kind == "root" and len(roots) > 1):
        found = [replace(part, candidate=candidate.code) for part in several_roots(known, weight)]
        return found or [replace(made, code=age_of(roots, known)) if roots else made]
    if kind in CLASS_OF_KIND or "polyneuropathy" in candidate.code:
        return [made]
    if not roots:
        return _nerves(one, replace(made, code="Ep"), known)
    if len(candidate.parts or (candidate.code,)) > len(roots):
        return [replace(made, code="Er")]
    n_active = sum(m.fibrillates and not m.is_paraspinal for m in known.muscles)
    if known.days is not None and known.days < EARLY_DAYS and n_active < 2:
        return [replace(made, code="E0i", words=f"{candidate.words} suspected, too early to show axon loss")]
    code = age_of(roots, known)
    return [replace(made, code=code, words=f"{candidate.words}, {AGE_WORDS[code]}")]


def _is_too_wide(code: str, kind: str, known: Known) -> bool:
    """Whether disease of the whole body is named from too few regions: then the roots that were seen are what is shown."""
    if kind == "motor_neuron":
        return len({one.region for one in known.muscles if one.is_neurogenic}) < MOTOR_NEURON_REGIONS
    return code.startswith("diffuse_axonal_motor") and len({one.region for one in known.muscles}) < 2


def _nerves(one: Explanation, alone: Scenario, known: Known) -> list[Scenario]:
    """One nerve; with muscles beyond it that one root explains, nerve and root; with other nerves, several nerves."""
    names = {code.split(".")[0] for code in (one.candidate.parts or (one.candidate.code,))}
    roots = _roots_beside(one, known) if names & ENTRAPMENTS else ()
    if roots:
        words = f"{one.candidate.words}, with {' and '.join(f'{root} root, {side}' for root, side in roots)}"
        both = replace(alone, code="Er", words=words, roots=roots, probability=alone.probability * PATCHY_SHARE)
        return [both, replace(alone, probability=alone.probability * (1 - PATCHY_SHARE))]
    others = _unexplained_nerves(one)
    if not others or names & ENTRAPMENTS:
        return [alone]
    words = f"several nerves of one limb: {one.candidate.words}, and {' and '.join(others)}"
    several = replace(alone, code="Ex", words=words, probability=alone.probability * PATCHY_SHARE)
    return [several, replace(alone, probability=alone.probability * (1 - PATCHY_SHARE))]


def _roots_beside(one: Explanation, known: Known) -> tuple[tuple[str, str], ...]:
    """Roots that two or more fibrillating muscles of different nerves, none of which this nerve supplies, point to."""
    beyond = [
        muscle for muscle in known.muscles
        if max((share("needle", muscle.muscle, element) for element in one.candidate.elements), default=0.0) < 0.05
    ]  # fmt: skip
    return tuple(
        (root, side)
        for side in one.candidate.sides
        for root in roots_explaining(beyond, side, lambda two: two.fibrillates)
    )


def _unexplained_nerves(one: Explanation) -> tuple[str, ...]:
    """Other nerves of the limb and side with two abnormal findings, or a low sensory response, that this one leaves open."""
    counts: dict[str, int] = {}
    limb = _limb_of(one.candidate.elements)
    for row in (*one.silent, *one.against):
        kind, study, side = [*row.names[0].split("."), "", ""][:3]
        if not row.is_abnormal or side not in one.candidate.sides or row.expected > 0.3:
            continue
        if kind in {"needle", "strength"} and study in vocabulary.muscles():
            muscle = vocabulary.muscle(study)
            if not muscle.is_paraspinal and LIMB_OF_REGION.get(body_region(study)) == limb:
                counts[muscle.nerve] = counts.get(muscle.nerve, 0) + 1
        elif kind == "sensory" and row.names[0].rsplit(".", 1)[-1].startswith("amplitude"):
            counts[study] = counts.get(study, 0) + 2
    return tuple(name.replace("_", " ") for name, n in counts.items() if n >= 2)
