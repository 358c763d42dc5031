"""``next_tests``: which muscle or nerve would separate the live explanations most for its cost, and when to stop."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emgwidgets import vocabulary
from emgwidgets.interpretation._tables import studies
from emgwidgets.interpretation.facts import Facts, body_region, facts_of
from emgwidgets.interpretation.localisation.adequacy import adequacy, examined, screen_gaps
from emgwidgets.interpretation.localisation.anatomy import span
from emgwidgets.interpretation.localisation.candidates import candidates
from emgwidgets.interpretation.localisation.catalogue import Test, catalogue
from emgwidgets.interpretation.localisation.effects import CLINIC
from emgwidgets.interpretation.localisation.engine import _days
from emgwidgets.interpretation.localisation.likelihood import UNKNOWN_DAYS, abnormal_probabilities
from emgwidgets.interpretation.localisation.observation import Observation
from emgwidgets.interpretation.localisation.observations import observations_of
from emgwidgets.interpretation.localisation.parameters import number
from emgwidgets.interpretation.localisation.posterior import per_candidate, posterior, prior_hypothesis
from emgwidgets.interpretation.reference.norm_sets import NormSet
from emgwidgets.model.case import Case
from emgwidgets.model.checks import check_choice
from emgwidgets.model.localisation import Answer, NextTest, NextTests
from emgwidgets.model.signal import Side

__all__ = ["next_tests"]

Array = NDArray[np.float64]
SIDES = ("left", "right")
#: Share blocked that a segment shows as a fall of the response.
BLOCK_SHARE = 0.4
#: What one test can show, by kind.
SHOWS = {
    "needle": ("fibrillation", "recruitment", "large"), "sensory": ("sensory_low", "absent", "sensory_slow"),
    "motor": ("motor_low", "motor_slow", "absent"), "f_wave": ("late",), "h_reflex": ("late",), "rns": ("decrement", "increment"),
}  # fmt: skip
REGION = {"arm": "cervical", "leg": "lumbosacral", "neck": "cervical"}
#: Studies whose latency is compared with a neighbouring nerve.
COMPARED = {"median_d4", "median_palm", "median_lumbrical"}
WORDS = {"f_wave": "F waves of ", "h_reflex": "H reflex of ", "rns": "repetitive stimulation, "}
STIMULATES = frozenset({"motor", "sensory", "f_wave", "h_reflex", "rns"})
PACEMAKER = "pacemaker or defibrillator: follow the local rule before stimulating"
BLEEDING = "anticoagulated: this muscle lies deep"


def _possible(test: Test, side: str) -> list[Observation]:
    """What a test could show abnormal: the response, and each segment of a motor study."""
    site = studies()[test.study].main_site if test.kind in {"motor", "sensory"} else ""
    spanned = span(test.kind, test.study, site) if site else ()
    shown = [(about, spanned) for about in SHOWS[test.kind]]
    shown += [("comparison", spanned)] if test.study in COMPARED else []
    if test.kind == "motor":
        segments = [span("motor", test.study, *pair) for pair in pairwise(_usual_sites(test.study))]
        shown += [(about, one) for one in segments if one for about in ("segment_slow", "block")]
    return [
        Observation(
            about=about, kind=test.kind, study=test.study, side=side, group=f"{test.kind}:{test.study}:{side}",
            probability=1.0, names=(), sentence="", spanned=own, reserve=BLOCK_SHARE if about == "block" else 0.0,
        )
        for about, own in shown
    ]  # fmt: skip


def _usual_sites(study: str) -> list[str]:
    """Sites from distal to proximal that routine studies stimulate; proximal ones are hard to stimulate fully."""
    known = studies()[study]
    first = known.sites.index(known.main_site) if known.main_site in known.sites else 0
    return [site for site in known.sites[first:] if site not in {"axilla", "erb"}]


def _words(test: Test, side: str) -> str:
    if test.kind == "needle":
        return f"needle of {vocabulary.muscle(test.study).name.lower()}, {side}"
    return f"{WORDS.get(test.kind, '')}{studies()[test.study].words}, {side}"


def _entropy(probabilities: Array) -> Array:
    kept = np.clip(probabilities, 1e-12, 1.0)
    return np.asarray(-(probabilities * np.log2(kept)).sum(axis=0))


def _limbs(found: Sequence[Observation]) -> set[str]:
    """Limbs that were examined: further tests stay where the question is."""
    limbs = set()
    for one in found:
        if one.kind == "needle":
            limbs.add(body_region(one.study))
        elif one.study in studies():
            limbs.add(REGION.get(studies()[one.study].limb, "bulbar"))
    return limbs


def _where(test: Test) -> str:
    if test.kind == "needle":
        return body_region(test.study)
    return REGION.get(studies()[test.study].limb, "bulbar")


def _answer(result: str, chance: float, after: Array, words: str) -> Answer:
    best = int(np.argmax(after))
    lead = candidates()[best].words
    sentence = f"{words} {result}: {lead} {100 * after[best]:.0f} % (this answer has a chance of {100 * chance:.0f} %)."
    return Answer(
        result=result, probability=chance, leading=lead, leading_probability=float(after[best]), sentence=sentence,  # type: ignore[arg-type]
    )  # fmt: skip


def _cautions(test: Test, *, is_anticoagulated: bool, has_pacemaker: bool) -> tuple[str, ...]:
    found = (
        test.caution,
        BLEEDING if is_anticoagulated and test.risk_anticoagulated > test.risk else "",
        PACEMAKER if has_pacemaker and test.kind in STIMULATES else "",
    )
    return tuple(one for one in found if one)


def _tempered(rate: Array, power: float) -> Array:
    """Chance of an abnormal answer as the posterior will weigh it: both answers to the power of the likelihood, adding to 1.

    With any other pair the answers would not balance, and tests late in a study would all seem to settle nothing.
    """
    kept = np.clip(rate, 1e-3, 1.0 - 1e-3)
    yes, no = kept**power, (1.0 - kept) ** power
    return np.asarray(yes / (yes + no))


def _ranked(
    tests: list[tuple[Test, str]], before: Array, hypothesis: Array, day: float | None, *, is_anticoagulated: bool,
    has_pacemaker: bool,
) -> list[NextTest]:  # fmt: skip
    rows = [_possible(test, side) for test, side in tests]
    flat = [one for each in rows for one in each]
    chances = abnormal_probabilities(flat, day=day)
    lead, made, start = int(np.argmax(before)), [], 0
    power = number("observed.tempering")
    for (test, side), each in zip(tests, rows, strict=True):
        abnormal = _tempered(1.0 - np.prod(1.0 - chances[:, :, start : start + len(each)], axis=2), power)
        start += len(each)
        chance = float((hypothesis * abnormal).sum())
        after = []
        for rate in (abnormal, 1.0 - abnormal):
            joint = hypothesis * rate
            after.append(per_candidate(joint / joint.sum()))
        left = chance * _entropy(after[0]) + (1 - chance) * _entropy(after[1])
        gain = max(0.0, float(_entropy(before) - left))
        cost = test.cost(is_anticoagulated=is_anticoagulated)
        risk = test.risk_anticoagulated if is_anticoagulated else test.risk
        words = _words(test, side)
        cautions = _cautions(test, is_anticoagulated=is_anticoagulated, has_pacemaker=has_pacemaker)
        made.append(
            NextTest(
                code=f"{test.kind}.{test.study}.{side}", words=words, gain_bits=gain, cost=cost, minutes=test.minutes,
                discomfort=test.discomfort, risk=risk, value=gain / cost,
                largest_move=max(abs(float(one[lead] - before[lead])) for one in after), cautions=cautions,
                answers=(_answer("abnormal", chance, after[0], words), _answer("normal", 1 - chance, after[1], words)),
                separates=_separated(before, after),
            )
        )  # fmt: skip
    return sorted(made, key=lambda one: (-round(one.value, 12), one.code))


def _separated(before: Array, after: Sequence[Array]) -> tuple[str, ...]:
    """Explanations whose probability the answers pull furthest apart, with at least 3 % before."""
    apart = np.abs(after[0] - after[1]) * (before >= 0.03)
    return tuple(candidates()[int(n)].words for n in np.argsort(-apart)[:2] if apart[n] > 0.02)


def _missing(found: Sequence[Observation], before: Array, day: float | None) -> tuple[str, ...]:
    """What a complete screen of the examined limbs lacks, and what the leading explanation needs to be named."""
    if not found:
        return ()
    seen = examined(found)
    regions = {body_region(one) for one, _ in seen.muscles} & {"cervical", "lumbosacral"}
    sides = sorted({side for _, side in seen.muscles})
    gaps = [min((screen_gaps(seen, region, (side,)) for side in sides), key=len) for region in sorted(regions)]
    lead = adequacy(candidates()[int(np.argmax(before))], found, day=day)
    return tuple(dict.fromkeys((*(sentence for each in gaps for sentence in each), *lead.missing)))


def next_tests(
    case: Case | Facts, *, limb: Literal["arm", "leg"] | None = None, side: Side | None = None,
    is_anticoagulated: bool = False, has_pacemaker: bool = False, norm_set: str | NormSet = "aanem_2016",
    assume: Collection[str] = (), n: int = 6,
) -> NextTests:  # fmt: skip
    """Rank the tests not yet done by what they would settle for their cost.

    Parameters
    ----------
    limb, side : optional
        Where the complaint is; without findings it says where to begin.
    is_anticoagulated : bool
        Raises the risk of the deep muscles.
    has_pacemaker : bool
        Adds the note on stimulation; no fact here settles whether it is safe.
    n : int
        Number of tests returned.

    Returns
    -------
    NextTests
        Each test says what either answer would mean; ``should_stop`` when none would move the leading explanation by
        0.05, or it is above 0.95.
    """
    check_choice(limb, (None, "arm", "leg"), what="the limb")
    check_choice(side, (None, "left", "right"), what="the side")
    facts = case if isinstance(case, Facts) else facts_of(case)
    found, day = observations_of(facts, norm_set=norm_set, assume=assume), _days(facts)
    if found:
        result = posterior(found, day=day)
        hypothesis, before = result.hypothesis, result.candidate
    else:
        hypothesis = prior_hypothesis(len(UNKNOWN_DAYS) if day is None else 1, limb=limb or "", side=side or "")
        before = per_candidate(hypothesis)
    done = {(one.kind, one.study, one.side) for one in found}
    # Without any finding every limb is open; afterwards tests stay in the limbs that were examined.
    limbs = {REGION[limb]} if limb else _limbs(found)
    is_begun = any(one.kind not in CLINIC for one in found)
    motor = {(one.study, one.side) for one in found if one.kind == "motor"}
    open_tests = [
        (test, own) for test in catalogue() for own in (SIDES if is_begun or side is None else (side,))
        if (test.kind, test.study, own) not in done and (not limbs or _where(test) in limbs)
        and (test.kind != "f_wave" or (test.study, own) in motor)
    ]  # fmt: skip
    ranked = _ranked(
        open_tests, before, hypothesis, day, is_anticoagulated=is_anticoagulated, has_pacemaker=has_pacemaker
    )[:n]
    return _with_reason(ranked, before, _missing(found, before, day))


def _with_reason(ranked: list[NextTest], before: Array, missing: tuple[str, ...]) -> NextTests:
    lead = int(np.argmax(before))
    best = float(before[lead])
    words = candidates()[lead].words
    least = number("abstain.least_move")
    if best >= number("abstain.certain"):
        return NextTests(
            tests=tuple(ranked), should_stop=True, missing=missing,
            reason=f"Stop: {words} has {100 * best:.0f} %, and further tests would hardly change it.",
        )  # fmt: skip
    useless = max((one.gain_bits for one in ranked), default=0.0) < number("abstain.least_bits")
    if not ranked or useless or (best >= 0.5 and max(one.largest_move for one in ranked) < least):
        return NextTests(
            tests=tuple(ranked), should_stop=True, missing=missing,
            reason=f"Stop: no test should move {words} ({100 * best:.0f} %) by {100 * least:.0f} % or more.",
        )  # fmt: skip
    return NextTests(
        tests=tuple(ranked), should_stop=False, missing=missing,
        reason=f"{words} leads with {100 * best:.0f} %; {ranked[0].words} would settle most for its cost.",
    )  # fmt: skip
