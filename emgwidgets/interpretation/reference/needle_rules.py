"""Motor units and jitter of one muscle held against a norm set: mean rule, outlier rule, rule of pairs.  It names no disease."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from emgwidgets.errors import InputError
from emgwidgets.interpretation.reference.limits import limit
from emgwidgets.model.case import Subject
from emgwidgets.model.fact import Limit
from emgwidgets.model.measure import Measure
from emgwidgets.model.needle_rule import NeedleRule

if TYPE_CHECKING:
    from emgwidgets.model.needle_analysis import DurationMark, Muap
    from emgwidgets.model.needle_effort import JitterPair

__all__ = ["judge_jitter", "judge_units", "units_beyond"]

OUTLIERS, OF_UNITS = 2, 20  # needle.md 2.2: abnormal when more than 2 of 20 lie beyond one limit [V NOR]
PAIRS, PAIRS_STIMULATED = 20, 30  # needle.md 5: accepted pairs of a study [V NOR]
OUTLYING_SHARE, OUTLYING_PAIRS = 0.1, 3  # needle.md 5: more than 10 %, 3 or more of 20 [V NOR]
LEAST_PAIRS = 5  # internal choice (P): a mean of fewer pairs is no mean of a muscle
Z90 = 1.645
#: Method of the norm's duration -> the mark of a potential nearest to it; multi-MUP programs use a level and a slope (M).
BY_HAND = "by hand"  # a mark a reader placed: it counts in place of any rule
DURATION_METHOD = {"multi_mup_norway": "10 uV and slope", "multi_mup_bischoff": "10 uV and slope"}


def judge_units(
    muscle: str, muaps: Sequence[Muap], *, subject: Subject | None = None, norm_set: str = "multi_mup_norway"
) -> tuple[NeedleRule, ...]:
    """Hold the units of a muscle against the means and the limits of single units.

    Parameters
    ----------
    muscle : str
        Code of the vocabulary.
    muaps : sequence of Muap
        Different units, of several needle places.
    subject : Subject, optional
    norm_set : str
        Such as ``"multi_mup_norway"``; its method stands in every row.

    Returns
    -------
    tuple of NeedleRule
        Mean rule and outlier rule of amplitude and duration.  With a limit of another method, too few units or mixed
        electrodes the row says so in ``limits``.

    Raises
    ------
    InputError
        If there is no unit.

    Notes
    -----
    Outlier rule: more than 2 of 20 units beyond one limit; how far a muscle is changed is told by the mean (NOR, V).
    """
    if not muaps:
        raise InputError("there is no unit to judge", got="none", expected=f"{OF_UNITS} different units")
    who = subject or Subject()
    rows: list[NeedleRule] = []
    for measure in ("amplitude_uv", "duration_ms"):
        values, method = _values(muaps, measure, norm_set)
        if values:
            common = _common(muaps, method)
            rows.append(_mean_rule(measure, values, _limit(muscle, measure, who, norm_set), common))
            rows.append(_outlier_rule(measure, values, _limit(muscle, f"single_unit_{measure}", who, norm_set), common))
    return tuple(rows)


def _values(muaps: Sequence[Muap], measure: str, norm_set: str) -> tuple[list[float], str]:
    wanted = DURATION_METHOD.get(norm_set, "") if measure == "duration_ms" else ""
    if wanted:
        marks = [_mark_of(muap, wanted) for muap in muaps]
        if all(marks):
            is_moved = any(one is not None and one.method == BY_HAND for one in marks)
            return [
                one.duration_ms for one in marks if one is not None
            ], f"{wanted}, or {BY_HAND}" if is_moved else wanted
    found = [one for one in (getattr(muap, measure) for muap in muaps) if isinstance(one, Measure)]
    return [one.value for one in found], found[0].method if found else ""


def _units(n: int) -> str:
    return f"{n} unit" if n == 1 else f"{n} units"


def _mark_of(muap: Muap, method: str) -> DurationMark | None:
    """The mark a reader placed, else that of the method."""
    marks = {one.method: one for one in muap.durations}
    return marks.get(BY_HAND) or marks.get(method)


def units_beyond(
    muscle: str, muap: Muap, *, subject: Subject | None = None, norm_set: str = "multi_mup_norway"
) -> dict[str, bool]:
    """Whether amplitude and duration of one unit lie beyond the limits of single units; one outlier says nothing of a muscle.

    Parameters
    ----------
    muscle : str
        Code of the vocabulary.
    muap : Muap
    subject : Subject, optional
    norm_set : str

    Returns
    -------
    dict
        ``amplitude_uv`` and ``duration_ms``, each only where it was measured and has a limit.
    """
    who, found = subject or Subject(), {}
    for measure in ("amplitude_uv", "duration_ms"):
        values, _ = _values([muap], measure, norm_set)
        rule = _limit(muscle, f"single_unit_{measure}", who, norm_set)
        if values and not isinstance(rule, str):
            found[measure] = (rule.high is not None and values[0] > rule.high) or (
                rule.low is not None and values[0] < rule.low
            )
    return found


def _common(muaps: Sequence[Muap], method: str) -> dict[str, Any]:
    said = []
    if len(muaps) < OF_UNITS:
        said.append(f"{_units(len(muaps))}; the rules are for {OF_UNITS} different ones of several places.")
    given = {one.amplitude_uv.conditions.electrode for one in muaps if isinstance(one.amplitude_uv, Measure)} - {None}
    if len(given) > 1:
        said.append(f"Electrodes are mixed ({' and '.join(sorted(map(str, given)))}): a mean over them has no limit.")
    elif given and "concentric" not in str(next(iter(given))).lower():
        said.append(f"Recorded with {next(iter(given))}; the limits are for a concentric needle.")
    return {"own_method": method, "limits": tuple(said)}


def _limit(muscle: str, measure: str, subject: Subject, norm_set: str) -> Limit | str:
    convention = "peak_to_peak" if "amplitude" in measure else ""
    found = limit(muscle, measure, subject=subject, convention=convention, norm_set=norm_set)
    return found if isinstance(found, Limit) else found.reason


def _of(rule: Limit) -> dict[str, Any]:
    return {
        "limit_text": rule.text, "norm_set": rule.norm_set, "source": rule.cited.key, "mark": rule.cited.mark.value,
        "norm_method": "; ".join(filter(None, (rule.population, rule.statistic, rule.note))),
    }  # fmt: skip


def _mean_rule(measure: str, values: list[float], rule: Limit | str, common: dict[str, Any]) -> NeedleRule:
    mean, n = sum(values) / len(values), len(values)
    sd = math.sqrt(sum((one - mean) ** 2 for one in values) / (n - 1)) if n > 1 else 0.0
    half = Z90 * sd / math.sqrt(n)
    text = f"mean {mean:.0f} µV of {_units(n)}" if measure.endswith("uv") else f"mean {mean:.1f} ms of {_units(n)}"
    if isinstance(rule, str):
        return _not_judged("mean", measure, text, rule, common)
    verdict, direction = _against(mean - half, mean, mean + half, rule)
    if rule.mean is not None and rule.sd:
        text += f", {(mean - rule.mean) / rule.sd:+.1f} SD"
    if n < 2 or "mixed" in " ".join(common["limits"]):
        verdict = "not_judged"
    return NeedleRule(
        name="mean", measure=measure, text=text, verdict=verdict, direction=direction, **_of(rule), **common  # type: ignore[arg-type]
    )  # fmt: skip


def _against(low: float, value: float, high: float, rule: Limit) -> tuple[str, str]:
    """Verdict and direction of a value with its 90 % interval."""
    if rule.high is not None and high > rule.high:
        return ("abnormal" if low > rule.high else "borderline"), "high" if value > rule.high or low > rule.high else ""
    if rule.low is not None and low < rule.low:
        return ("abnormal" if high < rule.low else "borderline"), "low" if value < rule.low or high < rule.low else ""
    return "normal", ""


def _outlier_rule(measure: str, values: list[float], rule: Limit | str, common: dict[str, Any]) -> NeedleRule:
    if isinstance(rule, str):
        return _not_judged("outliers", measure, _units(len(values)), rule, common)
    high = sum(rule.high is not None and one > rule.high for one in values)
    low = sum(rule.low is not None and one < rule.low for one in values)
    worst, direction = (high, "high") if high >= low else (low, "low")
    allowed = OUTLIERS if len(values) <= OF_UNITS else math.floor(OUTLIERS / OF_UNITS * len(values))
    verdict = "abnormal" if worst > allowed else "normal" if len(values) >= OF_UNITS else "not_judged"
    if "mixed" in " ".join(common["limits"]):
        verdict = "not_judged"
    return NeedleRule(
        name="outliers", measure=measure, text=f"{worst} of {len(values)} beyond one limit, {high} high and {low} low",
        verdict=verdict, direction=direction if worst else "", **_of(rule), **common,  # type: ignore[arg-type]
    )  # fmt: skip


def _not_judged(name: str, measure: str, text: str, reason: str, common: dict[str, Any]) -> NeedleRule:
    said = (*common.get("limits", ()), f"No limit: {reason}.")
    return NeedleRule(name=name, measure=measure, text=text, own_method=common.get("own_method", ""), limits=said)  # type: ignore[arg-type]


def judge_jitter(
    muscle: str,
    pairs: Sequence[JitterPair],
    *,
    norm_set: str,
    subject: Subject | None = None,
) -> tuple[NeedleRule, ...]:
    """Hold the pairs of a muscle against the limit of the mean and of single pairs.

    Parameters
    ----------
    muscle : str
    pairs : sequence of JitterPair
        Accepted pairs; those without a jitter are left out and said.
    norm_set : str
        ``"jitter_single_fibre"``, ``"jitter_concentric_voluntary"``, ``"jitter_concentric_stimulated"`` or one of the
        Japanese sets, whose limits are far higher: the set decides the answer and must be named.
    subject : Subject, optional
        Limits of single-fibre needles depend on age.

    Returns
    -------
    tuple of NeedleRule
        Mean, share of pairs beyond their limit, and share with blocking.

    Raises
    ------
    InputError
        If no pair has a jitter.

    Notes
    -----
    Abnormal when the mean lies above its limit or more than 10 % of the pairs, 3 or more of 20, above theirs (NOR, V).
    """
    values = [one.jitter_us for one in pairs if one.jitter_us is not None]
    if not values:
        raise InputError("there is no jitter to judge", got=f"{len(pairs)} pairs", expected="pairs with intervals")
    who = subject or Subject()
    asked = PAIRS_STIMULATED if "stimulated" in norm_set else PAIRS
    said = [f"{len(values)} pairs; a study has {asked}."] if len(values) < asked else []
    if len(values) < len(pairs):
        said.append(f"{len(pairs) - len(values)} pairs without a jitter are left out.")
    common: dict[str, Any] = {"own_method": "MCD, or MSD where MCD/MSD is above 1.25", "limits": tuple(said)}
    mean, n = sum(values) / len(values), len(values)
    rows = []
    rule = _limit(muscle, "mcd_us", who, norm_set)
    text = f"mean {mean:.1f} µs of {n} pairs"
    if isinstance(rule, str):
        rows.append(_not_judged("mean_jitter", "mcd_us", text, rule, common))
    else:
        is_high = rule.high is not None and mean > rule.high
        verdict = "not_judged" if n < LEAST_PAIRS else "abnormal" if is_high else "normal"
        rows.append(NeedleRule(name="mean_jitter", measure="mcd_us", text=text, verdict=verdict,  # type: ignore[arg-type]
                               direction="high" if is_high else "", **_of(rule), **common))  # fmt: skip
    rows.append(_pair_rule(values, _limit(muscle, "single_pair_mcd_us", who, norm_set), common))
    blocked = sum(one.blocking_percent > 0 for one in pairs)
    rows.append(
        NeedleRule(name="blocking", measure="blocking_percent", text=f"{blocked} of {len(pairs)} pairs block", **common)
    )
    return tuple(rows)


def _pair_rule(values: list[float], rule: Limit | str, common: dict[str, Any]) -> NeedleRule:
    if isinstance(rule, str):
        return _not_judged("single_pairs", "single_pair_mcd_us", f"{len(values)} pairs", rule, common)
    beyond = sum(rule.high is not None and one > rule.high for one in values)
    needed = max(OUTLYING_PAIRS, math.floor(OUTLYING_SHARE * len(values)) + 1)
    verdict = "abnormal" if beyond >= needed else "normal" if len(values) >= PAIRS else "not_judged"
    return NeedleRule(
        name="single_pairs", measure="single_pair_mcd_us", text=f"{beyond} of {len(values)} pairs beyond the limit",
        verdict=verdict, direction="high" if beyond else "", **_of(rule), **common,  # type: ignore[arg-type]
    )  # fmt: skip
