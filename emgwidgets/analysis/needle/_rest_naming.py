"""Names for discharges at rest by a table of rules: how well each class fits, what speaks for it, and when to abstain."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from emgwidgets.model.needle_rest import CANNOT_TELL, LookAlike, Naming

__all__ = ["Rule", "name_features", "rules"]

# Internal choices (P).
ENOUGH = 0.35  # the worst rule of a class must hold at least by this much
CLOSE = 0.8  # a second class that fits this well beside the first leaves the question open
UNKNOWN = 0.5  # a rule whose feature could not be measured neither holds nor fails


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One feature of one class: full within ``low_full`` to ``high_full``, nothing beyond ``low_zero`` or ``high_zero``."""

    scope: str
    code: str
    feature: str
    low_zero: float
    low_full: float
    high_full: float
    high_zero: float
    words: str
    source: str
    mark: str

    def holds(self, value: float) -> float:
        """Degree from 0 to 1 to which a value fits; a half where it is not known."""
        if math.isnan(value):
            return UNKNOWN
        if value < self.low_full:
            return max((value - self.low_zero) / (self.low_full - self.low_zero), 0.0) if value > self.low_zero else 0.0
        if value > self.high_full:
            return (
                max((self.high_zero - value) / (self.high_zero - self.high_full), 0.0)
                if value < self.high_zero
                else 0.0
            )
        return 1.0

    def said(self, value: float) -> str:
        """Feature, value and rule in one phrase."""
        got = "not measurable" if math.isnan(value) else f"{value:.3g}"
        return f"{self.feature} {got}: {self.words} [{self.source} {self.mark}]"


@cache
def rules(scope: str) -> dict[str, tuple[Rule, ...]]:
    """Rules of each class of a scope: ``"train"``, ``"stretch"`` or ``"trace"``."""
    text = resources.files("emgwidgets.analysis.needle").joinpath("rest_rules.csv").read_text(encoding="utf-8")
    found: dict[str, list[Rule]] = {}
    for row in csv.DictReader(text.splitlines()):
        if row["scope"] != scope:
            continue
        numbers = {}
        for name, empty in (
            ("low_zero", -math.inf),
            ("low_full", -math.inf),
            ("high_full", math.inf),
            ("high_zero", math.inf),
        ):
            numbers[name] = float(row[name]) if row[name] else empty
        rule = Rule(scope=scope, code=row["class"], feature=row["feature"], words=row["words"], source=row["source"],
                    mark=row["mark"], **numbers)  # fmt: skip
        found.setdefault(rule.code, []).append(rule)
    return {code: tuple(given) for code, given in found.items()}


def _fit(features: Mapping[str, float], given: tuple[Rule, ...]) -> tuple[float, Rule]:
    degrees = [(rule.holds(features.get(rule.feature, math.nan)), k) for k, rule in enumerate(given)]
    worst, place = min(degrees)
    return worst, given[place]


def name_features(scope: str, features: Mapping[str, float], *, least_share: float = ENOUGH) -> Naming:
    """Name what has these features, or abstain with the reason.

    A class fits as well as its worst rule.  The name is that of the best class; it is withheld when no class fits, or
    when a second one fits nearly as well.
    """
    ranked = sorted(((*_fit(features, given), code) for code, given in rules(scope).items()), key=lambda one: -one[0])
    best, limiting, code = ranked[0]
    others = tuple(
        LookAlike(code=other, score=round(score, 3), against=rule.said(features.get(rule.feature, math.nan)))
        for score, rule, other in ranked[1:4]
    )
    evidence = tuple(rule.said(features.get(rule.feature, math.nan)) for rule in rules(scope)[code])
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    if best < least_share:
        against = limiting.said(features.get(limiting.feature, math.nan))
        reason = f"No class fits: nearest is {code}, against it {against}."
        nearest = LookAlike(code=code, score=round(best, 3), against=against)
        return Naming(
            code=CANNOT_TELL, confidence=0.0, evidence=evidence, look_alikes=(nearest, *others), reason=reason
        )
    if second > CLOSE * best:
        reason = f"{code} and {ranked[1][2]} fit about equally."
        nearest = LookAlike(
            code=code, score=round(best, 3), against=limiting.said(features.get(limiting.feature, math.nan))
        )
        return Naming(
            code=CANNOT_TELL, confidence=0.0, evidence=evidence, look_alikes=(nearest, *others), reason=reason
        )
    return Naming(code=code, confidence=round(best * (1 - second / 2), 3), evidence=evidence, look_alikes=others)
