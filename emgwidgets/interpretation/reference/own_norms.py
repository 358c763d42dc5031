"""Limits from a laboratory's own archive of healthy people: exact quantile regression on age, height and sex.

A limit is only given where enough people stand behind the percentile; each comes with a bootstrap interval.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgwidgets.errors import InputError
from emgwidgets.interpretation.facts import Facts, facts_of
from emgwidgets.interpretation.reference.norm_sets import NormRow, NormSet
from emgwidgets.model.case import Case, Subject
from emgwidgets.sources import Cited, Mark

__all__ = ["DerivedLimit", "derive_norms", "minimum_n", "quantile_regression"]

Floats = NDArray[np.float64]
COVARIATES = ("age_years", "height_cm", "sex")
#: People beyond the percentile that a limit needs: 100 people support the 4th, 190 the 2nd percentile (ncs.S20).
N_BEYOND = 3.8
#: Least people of each sex when sex is a covariate; internal choice: a step needs both groups.
MIN_EACH_SEX = 20


@dataclass(frozen=True, kw_only=True)
class DerivedLimit:
    """A limit as a linear function of age, height and sex.

    Parameters
    ----------
    percentile_percent : float
        Such as 3 or 97.
    coefficients : tuple of float
        Intercept in the unit of the measure, then per year, per cm, and for men, as far as used.
    intervals : tuple of (float, float)
        90 % bootstrap interval of each coefficient.
    """

    study: str
    measure: str
    site: str
    convention: str
    percentile_percent: float
    terms: tuple[str, ...]
    coefficients: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]
    n: int
    age: tuple[float, float]
    samples: tuple[tuple[float, ...], ...] = ()

    @property
    def is_upper(self) -> bool:
        """Whether it is an upper limit."""
        return self.percentile_percent > 50.0

    def at(self, subject: Subject) -> tuple[float, float, float]:
        """Limit for one person with its 90 % bootstrap interval, in the unit of the measure.

        Raises
        ------
        InputError
            If a covariate is not known.
        """
        row = np.asarray(_row(subject, self.terms))
        spread = np.asarray(self.samples) @ row
        low, high = np.percentile(spread, (5.0, 95.0))
        return float(row @ np.asarray(self.coefficients)), float(low), float(high)

    def as_row(self) -> NormRow:
        """As a row of a norm set."""
        names = dict(zip(("b0", *self.terms), self.coefficients, strict=True))
        keys = {"b0": "b0", "age_years": "age", "height_cm": "height", "sex": "male"}
        equation = {keys[name]: value for name, value in names.items()} | {"upper": float(self.is_upper)}
        return NormRow(
            study=self.study, measure=self.measure, site=self.site, convention=self.convention, n=self.n,
            age=(float(np.floor(self.age[0])), float(np.floor(self.age[1]))), equation=equation,
            statistic=f"{self.percentile_percent:g}th percentile, quantile regression",
            cited=Cited(key="MEM", locus="derived from the laboratory's own archive", mark=Mark.D),
        )  # fmt: skip


def minimum_n(percentile_percent: float) -> int:
    """People needed for a percentile: 127 for the 3rd or 97th (derived from ncs.S20).

    Raises
    ------
    InputError
        If it is no percentile.
    """
    tail = min(percentile_percent, 100.0 - percentile_percent)
    if not 0.0 < tail <= 50.0:
        raise InputError("this is no percentile", got=f"{percentile_percent:g}", expected="between 0 and 100")
    return int(np.ceil(N_BEYOND / (tail / 100.0)))


def quantile_regression(design: Floats, values: Floats, quantile: float) -> Floats:
    """Coefficients of the exact quantile regression, by linear programming.

    Parameters
    ----------
    design : array, shape (n, k)
        One row per person, the first column ones.
    values : array, shape (n,)
        In any unit; the coefficients are in it.
    quantile : float
        Between 0 and 1.

    Returns
    -------
    array, shape (k,)
    """
    from scipy.optimize import linprog

    k = design.shape[1]
    # The dual of the check-loss programme: bounded multipliers, k equations.  The coefficients are its marginals.
    solved = linprog(
        -values,
        A_eq=design.T,
        b_eq=(1.0 - quantile) * design.sum(axis=0),
        bounds=(0.0, 1.0),
        method="highs",
    )
    if solved.status != 0:
        raise InputError(
            "the quantile regression has no solution", got=str(solved.message), expected="varied covariates"
        )
    return -np.asarray(solved.eqlin.marginals, dtype=np.float64).reshape(k)


def _row(subject: Subject, terms: Sequence[str]) -> tuple[float, ...]:
    found = [1.0]
    for term in terms:
        value = float(subject.sex == "male") if term == "sex" and subject.sex else getattr(subject, term)
        if value is None:
            raise InputError(f"the limit depends on {term}", got="nothing", expected="a known value")
        found.append(float(value))
    return tuple(found)


def _collect(
    archive: Iterable[Case | Facts], name: str, terms: Sequence[str], convention: str
) -> tuple[Floats, Floats, list[float]]:
    rows, values, ages = [], [], []
    for case in archive:
        facts = case if isinstance(case, Facts) else facts_of(case)
        fact = facts.get(name)
        if fact is None or fact.number is None or fact.doubt or (convention and fact.convention != convention):
            continue
        try:
            rows.append(_row(facts.subject, terms))
        except InputError:
            continue
        values.append(fact.number)
        ages.append(facts.subject.age_years or 0.0)
    return np.asarray(rows, dtype=np.float64), np.asarray(values, dtype=np.float64), ages


def _check_size(design: Floats, percentile_percent: float, terms: Sequence[str], what: str) -> None:
    needed = minimum_n(percentile_percent)
    if len(design) < needed:
        raise InputError(
            f"too few people for the {percentile_percent:g}th percentile of {what}", got=f"{len(design)}",
            expected=f"at least {needed}", way_out="collect more, or ask for a percentile nearer to the middle",
        )  # fmt: skip
    if "sex" in terms:
        men = int(design[:, 1 + list(terms).index("sex")].sum())
        if min(men, len(design) - men) < MIN_EACH_SEX:
            raise InputError(
                f"too few of one sex for {what}", got=f"{men} men, {len(design) - men} women",
                expected=f"at least {MIN_EACH_SEX} of each", way_out="leave sex out of the covariates",
            )  # fmt: skip


def derive_limit(
    archive: Iterable[Case | Facts],
    study: str,
    measure: str,
    *,
    percentile_percent: float,
    side: str = "right",
    kind: str = "motor",
    site: str = "",
    convention: str = "",
    covariates: Sequence[str] = COVARIATES,
    n_bootstrap: int = 100,
    seed: int = 0,
) -> DerivedLimit:
    """Derive one limit from healthy people; one value per person, that of ``side``.

    Raises
    ------
    InputError
        If too few people have the value and the covariates, or a covariate is not known.
    """
    unknown = sorted(set(covariates) - set(COVARIATES))
    if unknown:
        raise InputError("no such covariate", got=unknown[0], expected=f"of {', '.join(COVARIATES)}")
    name = ".".join(part for part in (kind, study, side, site, measure) if part)
    design, values, ages = _collect(archive, name, covariates, convention)
    _check_size(design, percentile_percent, covariates, f"{study} {measure}")
    quantile = percentile_percent / 100.0
    found = quantile_regression(design, values, quantile)
    draw = np.random.default_rng(seed)
    samples = []
    for _ in range(n_bootstrap):
        taken = draw.integers(0, len(values), len(values))
        samples.append(quantile_regression(design[taken], values[taken], quantile))
    ends = np.percentile(np.asarray(samples), (5.0, 95.0), axis=0)
    return DerivedLimit(
        study=study, measure=measure, site=site, convention=convention, percentile_percent=percentile_percent,
        terms=tuple(covariates), coefficients=tuple(map(float, found)),
        intervals=tuple((float(low), float(high)) for low, high in ends.T), n=len(values), age=(min(ages), max(ages)),
        samples=tuple(tuple(map(float, one)) for one in samples),
    )  # fmt: skip


def derive_norms(
    archive: Sequence[Case | Facts],
    wanted: Iterable[tuple[str, str, float]],
    *,
    code: str = "own",
    covariates: Sequence[str] = COVARIATES,
    side: str = "right",
    n_bootstrap: int = 100,
    seed: int = 0,
) -> tuple[NormSet, tuple[DerivedLimit, ...]]:
    """Derive a laboratory's own norm set from an archive of healthy people.

    Parameters
    ----------
    archive : sequence of Case or Facts
        Healthy people, one each; whose values are missing are left out of that limit.
    wanted : iterable of (name, convention, percentile)
        Name of the fact without its side (``"motor.median_apb.onset_latency_ms"``), convention for amplitudes or empty,
        and percentile: 97 gives an upper, 3 a lower limit.
    covariates : sequence of str
        Of age_years, height_cm, sex.

    Returns
    -------
    NormSet, tuple of DerivedLimit
        The set for :func:`limit` and :func:`evaluate`, and each limit with its bootstrap interval.

    Raises
    ------
    InputError
        If a limit has too few people; the sentence says how many are needed.
    """
    facts = [case if isinstance(case, Facts) else facts_of(case) for case in archive]
    found = []
    for name, convention, percentile in wanted:
        kind, study, *site, measure = name.split(".")
        found.append(
            derive_limit(
                facts, study, measure, percentile_percent=percentile, kind=kind, site=site[0] if site else "",
                convention=convention, covariates=covariates, side=side, n_bootstrap=n_bootstrap, seed=seed,
            )
        )  # fmt: skip
    ages = [one.age for one in found]
    span = (
        (float(np.floor(min(a for a, _ in ages))), float(np.floor(max(b for _, b in ages)))) if ages else (None, None)
    )
    cited = Cited(key="MEM", locus="derived from the laboratory's own archive", mark=Mark.D)
    return NormSet(
        code=code, title=f"{code}, derived", cited=cited, rows=tuple(one.as_row() for one in found), age=span
    ), tuple(found)
