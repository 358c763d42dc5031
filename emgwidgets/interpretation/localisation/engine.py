"""``localise``: from a case to ranked explanations with their evidence, and abstention where the study cannot carry one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from emgwidgets.interpretation.facts import Facts, facts_of
from emgwidgets.interpretation.localisation.adequacy import adequacy
from emgwidgets.interpretation.localisation.anatomy import share
from emgwidgets.interpretation.localisation.candidates import candidates
from emgwidgets.interpretation.localisation.contradictions import contradictions
from emgwidgets.interpretation.localisation.effects import CLINIC, grid, hypothesis_losses
from emgwidgets.interpretation.localisation.observation import Observation
from emgwidgets.interpretation.localisation.observations import observations_of, unused
from emgwidgets.interpretation.localisation.parameters import number
from emgwidgets.interpretation.localisation.posterior import Posterior, posterior
from emgwidgets.interpretation.reference.norm_sets import NormSet
from emgwidgets.model.case import Case
from emgwidgets.model.localisation import Activity, Adequacy, Candidate, Evidence, Explanation, Localisation

__all__ = ["localise", "localise_observed", "posterior_of"]

Array = NDArray[np.float64]
#: Natural logarithm of the likelihood ratio below which a finding says nothing (internal choice).
SILENT = 0.2
SHOWN = 8


def _days(facts: Facts) -> float | None:
    found = facts.get("case.days_since_onset")
    return None if found is None or found.doubt else found.number


def posterior_of(found: Sequence[Observation], day: float | None) -> Posterior:
    """Probability of every candidate given the observations."""
    return posterior(found, day=day)


def _width(probability: float, n: int) -> float:
    """Half width of the 90 % interval: as if the probability came from a study of ``spread`` patients (internal choice)."""
    size = number("interval.patients") * (0.5 if n < 10 else 1.0)
    return float(1.645 * np.sqrt(max(probability * (1 - probability), 0.01) / size))


def _evidence(found: Sequence[Observation], result: Posterior, index: int, normal: int) -> list[Evidence]:
    spec = grid()
    own = np.flatnonzero(spec.candidate == index)
    weights = result.hypothesis[:, own]
    total = weights.sum()
    weights = weights / total if total > 0 else np.full_like(weights, 1.0 / weights.size)
    single, expected = result.likelihoods.of(own)
    here = np.log(np.maximum(np.einsum("dh,dhj->j", weights, np.exp(single)), 1e-12))
    health = result.likelihoods.of(np.flatnonzero(spec.candidate == normal))[0].mean(axis=(0, 1))
    chances = np.einsum("dh,dhj->j", weights, expected)
    rows = []
    for one, gain, chance in zip(found, here - health, chances, strict=True):
        rows.append(
            Evidence(
                names=one.names,
                sentence=one.sentence,
                weight=float(gain),
                expected=float(chance),
                is_abnormal=one.is_abnormal,
            )
        )
    return rows


def _normal() -> int:
    return next(n for n, one in enumerate(candidates()) if one.kind == "normal")


def _not_tested(candidate: Candidate, found: Sequence[Observation]) -> tuple[str, ...]:
    from emgwidgets.interpretation.localisation.catalogue import catalogue

    seen = {(one.kind, one.study, one.side) for one in found}
    scored = []
    for test in catalogue():
        for side in candidate.sides:
            passing = max((share(test.kind, test.study, element) for element in candidate.elements), default=0.0)
            if (
                passing > 0.3
                and test.kind in {"needle", "motor", "sensory"}
                and (test.kind, test.study, side) not in seen
            ):
                scored.append((-passing, f"{test.kind}.{test.study}.{side}"))
    return tuple(name for _, name in sorted(scored)[:SHOWN])


#: What the needle says about age and activity.
RESTS = frozenset({"fibrillation", "large", "unstable"})


def _activity(candidate: Candidate, rests: Sequence[Observation], day: float | None) -> Activity:
    """By what the muscles of the site show: fibrillation, large stable units, small unstable units with fewer fibrillations."""

    def own(about: str) -> bool | None:
        rows = [
            one.is_abnormal for one in rests
            if one.about == about
            and (not candidate.elements or any(share("needle", one.study, e) > 0.15 for e in candidate.elements))
            and (not candidate.sides or one.side in candidate.sides)
        ]  # fmt: skip
        return None if not rows else any(rows)

    active, large, unstable = own("fibrillation"), own("large"), own("unstable")
    if active is None and large is None:
        return "cannot be judged"
    if candidate.kind in {"normal", "central"}:
        return "not shown"
    if unstable and large and (day is None or day > 60):
        return "recovering"
    if active and large:
        return "active and chronic"
    if active:
        return "active"
    return "chronic" if large else "not shown"


def _severity(share_lost: float, kind: str) -> str:
    if kind in {"normal", "central", "junction", "muscle"}:
        return ""
    for word in ("mild", "moderate"):
        if share_lost < number_below(word):
            return word
    return "severe"


def number_below(word: str) -> float:
    """Share of axons lost below which a lesion is called so."""
    from emgwidgets.interpretation.localisation.parameters import table

    return float(table()["severity"][word]["below"])


def _explanation(
    index: int, found: Sequence[Observation], rests: Sequence[Observation], result: Posterior, day: float | None, *,
    in_full: bool,
) -> Explanation:  # fmt: skip
    candidate = candidates()[index]
    probability = float(result.candidate[index])
    half = _width(probability, len(found))
    rows = _evidence(found, result, index, _normal()) if in_full else []
    rows.sort(key=lambda row: (-abs(row.weight), row.names))
    own = grid().candidate == index
    weights = result.hypothesis[:, own].sum(axis=0)
    lost = float((weights * hypothesis_losses()[own]).sum() / max(weights.sum(), 1e-300))
    return Explanation(
        candidate=candidate, probability=probability, low=max(0.0, probability - half), high=min(1.0, probability + half),
        supporting=tuple(row for row in rows if row.weight > SILENT), against=tuple(row for row in rows if row.weight < -SILENT),
        silent=tuple(row for row in rows if abs(row.weight) <= SILENT),
        not_tested=_not_tested(candidate, found) if in_full else (),
        severity=_severity(lost, candidate.kind), share_lost=lost, activity=_activity(candidate, rests, day),
    )  # fmt: skip


def _reasons(lead: Explanation, found: Sequence[Observation], enough: Adequacy, result: Posterior) -> tuple[str, ...]:
    reasons = list(enough.missing)
    if all(one.kind in CLINIC for one in found):
        reasons.insert(0, "No nerve conduction or needle finding can be used.")
    second = int(np.argsort(-result.candidate)[1])
    rival = candidates()[second].words
    # Against health stand many lesions that each leave too little to see; no one of them need be likely.
    is_normal = (
        lead.candidate.kind == "normal"
        and lead.probability >= number("abstain.normal_ratio") * result.candidate[second]
    )
    if lead.probability < number("abstain.normal" if is_normal else "abstain.probability"):
        reasons.append(
            f"The findings do not separate the explanations: {lead.candidate.words} has {100 * lead.probability:.0f} %, "
            f"{rival} {100 * result.candidate[second]:.0f} %."
        )
    return tuple(reasons)


def localise(
    case: Case | Facts, *, doubts: Mapping[str, str] | None = None, norm_set: str | NormSet = "aanem_2016",
    assume: Collection[str] = (), n: int = 8,
) -> Localisation:  # fmt: skip
    """Rank the sites and diseases that could explain a case.

    Parameters
    ----------
    case : Case or Facts
        Typed in or measured.
    doubts : mapping, optional
        Names of facts that must not be used, with the reason; see ``facts_of``.
    norm_set, assume
        As for ``reference.strip``.
    n : int
        Number of explanations returned, the most probable first.

    Returns
    -------
    Localisation
        It abstains where the study is inadequate or the findings do not separate the explanations.

    Raises
    ------
    InputError
        If the norm set or what is assumed does not exist.
    """
    facts = case if isinstance(case, Facts) else facts_of(case, doubts=doubts)
    return localise_observed(facts, observations_of(facts, norm_set=norm_set, assume=assume), n=n)


def localise_observed(facts: Facts, found: Sequence[Observation], *, n: int = 8) -> Localisation:
    """Rank the explanations of observations that were made from these facts before; see :func:`localise`."""
    day = _days(facts)
    kept_out = tuple(unused(facts))
    if not found:
        nothing = "Nothing in this case can be used: no nerve conduction or needle finding with a limit or a word."
        return Localisation(
            explanations=(), adequacy=Adequacy(is_adequate=False, missing=(nothing,)), abstains=True, reasons=(nothing,),
            remainder=1.0, days_since_onset=day, not_used=kept_out,
        )  # fmt: skip
    result = posterior_of(found, day)
    order = sorted(range(len(candidates())), key=lambda k: (-round(float(result.candidate[k]), 12), k))[:n]
    rests = [one for one in found if one.kind == "needle" and one.about in RESTS]
    shown = tuple(_explanation(k, found, rests, result, day, in_full=place < 3) for place, k in enumerate(order))
    enough = adequacy(shown[0].candidate, found, day=day)
    reasons = _reasons(shown[0], found, enough, result)
    return Localisation(
        explanations=shown, adequacy=enough, abstains=bool(reasons), reasons=reasons,
        remainder=max(0.0, 1.0 - sum(one.probability for one in shown)), days_since_onset=day, not_used=kept_out,
        notes=(
            *contradictions(facts, shown[0].candidate, day), *_left_over(found, shown[0]),
            *_normal_note(shown[0]),
        ),
    )  # fmt: skip


#: Wording rule of mri section 6.5.
NORMAL_NOTE = (
    "A normal study does not mean that nothing is wrong: pain and numbness of a root without axon loss, small fibres, and "
    "block above the sites stimulated leave it normal."
)


def _normal_note(lead: Explanation) -> tuple[str, ...]:
    return (NORMAL_NOTE,) if lead.candidate.kind == "normal" else ()


def _left_over(found: Sequence[Observation], lead: Explanation) -> tuple[str, ...]:
    """Abnormal findings the leading explanation leaves as likely as in health, in the order of the case."""
    rows = [] if lead.candidate.kind == "normal" else [row for row in lead.silent if row.is_abnormal]
    place = {(one.names, one.sentence): n for n, one in enumerate(found)}
    rows.sort(key=lambda row: place[row.names, row.sentence])
    return tuple(f"Not explained by {lead.candidate.words}: {row.sentence}" for row in rows[:3])
