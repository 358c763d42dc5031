"""From likelihoods to the probability of each candidate.  Tempered, because findings of one limb are not independent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from emgwidgets.interpretation.localisation.candidates import candidates
from emgwidgets.interpretation.localisation.effects import grid
from emgwidgets.interpretation.localisation.likelihood import Likelihoods, log_likelihoods
from emgwidgets.interpretation.localisation.observation import Observation
from emgwidgets.interpretation.localisation.parameters import number
from emgwidgets.interpretation.localisation.places import places_examined, places_of_complaint

__all__ = ["Posterior", "per_candidate", "posterior", "prior_hypothesis"]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Posterior:
    """Probabilities after the findings.

    Parameters
    ----------
    candidate : ndarray, shape (C,)
    hypothesis : ndarray, shape (D, H)
        Joint probability with the severity and the day.
    likelihoods : Likelihoods
        Of each observation alone.
    """

    candidate: Array
    hypothesis: Array
    likelihoods: Likelihoods


@cache
def _log_prior() -> Array:
    priors = np.array([one.prior for one in candidates()]) ** number("referral.prior_power")
    priors *= np.array([number("referral.pair") if one.parts else 1.0 for one in candidates()])
    spec = grid()
    return np.asarray(np.log(priors / priors.sum())[spec.candidate] + spec.log_weight)


def _referral(places: NDArray[np.bool_]) -> Array:
    """Logarithm of what is left of the prior where a site is not in question, shape (H,)."""
    spec = grid()
    seen = np.append(places, True)
    in_question = seen[spec.place].all(axis=1)
    return np.asarray(np.where(in_question, 0.0, np.log(number("referral.unexamined"))))


def normalised(log_values: Array) -> Array:
    """Probabilities from unnormalised logarithms."""
    kept = np.exp(log_values - log_values.max())
    return np.asarray(kept / kept.sum())


def per_candidate(hypothesis: Array) -> Array:
    """Sum over severities and days, shape (C,)."""
    sums = np.bincount(grid().candidate, weights=hypothesis.sum(axis=0), minlength=len(candidates()))
    return sums.astype(np.float64)


def posterior(found: Sequence[Observation], *, day: float | None, tempering: float | None = None) -> Posterior:
    """Probability of every candidate at every severity; the published ratios of the clinic are not tempered again."""
    likelihoods = log_likelihoods(found, day=day)
    power = number("observed.tempering") if tempering is None else tempering
    joint = normalised(
        power * likelihoods.electric + likelihoods.clinic + _log_prior() + _referral(places_examined(found))
    )
    return Posterior(candidate=per_candidate(joint), hypothesis=joint, likelihoods=likelihoods)


def prior_hypothesis(n_days: int, *, limb: str = "", side: str = "") -> Array:
    """Probability of every hypothesis before any finding, given where the complaint is, shape (n_days, H)."""
    own = _log_prior() + _referral(places_of_complaint(limb, side))
    return normalised(np.tile(own, (n_days, 1)))
