"""The units of a muscle beside their limits: mean rule, outlier rule, polyphasia, rate and ratio, each with its source and mark."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from emgwidgets.interpretation.reference import limit
from emgwidgets.model.case import Subject
from emgwidgets.model.fact import Limit
from emgwidgets.model.measure import Measure, number_text
from emgwidgets.model.needle_analysis import Muap
from emgwidgets.model.needle_effort import JitterPair, RecruitmentMeasures
from emgwidgets.model.needle_triggered import MuapSet
from emgwidgets.sources import Mark

__all__ = ["NORM_SET", "jitter_row", "norm_rows", "recruitment_rows", "unit_marks"]

NORM_SET = "multi_mup_norway"
JITTER_SET = "jitter_concentric_voluntary"
OUTLIERS, OF_UNITS = 2, 20  # needle.md 2.3: abnormal when more than 2 of 20 lie beyond one limit [V NOR]
SOURCE_OUTLIERS = "NOR"
#: Measure, its name in the row, unit, decimals.
JUDGED = (("amplitude_uv", "amplitude", "µV", 0), ("duration_ms", "duration", "ms", 1))


@dataclass(frozen=True, kw_only=True)
class UnitLimit:
    """An upper limit for any muscle, or for those it names."""

    measure: str
    muscles: tuple[str, ...]
    high: float
    words: str
    source: str
    mark: Mark


@cache
def _limits() -> tuple[UnitLimit, ...]:
    text = resources.files("emgwidgets.widgets.needle_bench").joinpath("unit_limits.csv").read_text(encoding="utf-8")
    return tuple(
        UnitLimit(
            measure=row["measure"], muscles=tuple(filter(None, row["muscles"].split(";"))), high=float(row["high"]),
            words=row["words"], source=row["source"], mark=Mark(row["mark"]),
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip


def _unit_limit(measure: str, muscle: str) -> UnitLimit:
    return next(one for one in _limits() if one.measure == measure and (not one.muscles or muscle in one.muscles))


def _source(words: str, mark: Mark) -> str:
    return f"{words}{f', {mark.word}' if mark.word else ''}"


def _limit(muscle: str, measure: str, subject: Subject) -> Limit | str:
    convention = "peak_to_peak" if "amplitude" in measure else ""
    found = limit(muscle, measure, subject=subject, convention=convention, norm_set=NORM_SET)
    return found if isinstance(found, Limit) else found.reason


def _row(caption: str, text: str, limit_text: str, mark: str, why: str) -> dict[str, str]:
    return {"caption": caption, "text": text, "limit": limit_text, "mark": mark, "why": why}


def _mark(value: Measure, low: float | None, high: float | None) -> str:
    """N, A, or B where the 90 % interval crosses the limit."""
    down, up = (value.value if end is None else end for end in (value.low, value.high))
    if (high is not None and down > high) or (low is not None and up < low):
        return "A"
    if (high is not None and up > high) or (low is not None and down < low):
        return "B"
    return "N"


def _if_enough(n: int, mark: str) -> str:
    """The mark, or cannot be judged: the norms are of twenty units a muscle."""
    return mark if n >= OF_UNITS else "?"


def norm_rows(muscle: str, muaps: Sequence[Muap], found: MuapSet, subject: Subject) -> list[dict[str, str]]:
    """Rows of the table of the muscle; without a limit a row says so and is not judged."""
    rows = []
    for measure, caption, unit, decimals in JUDGED:
        mean = found.get(measure)
        if not isinstance(mean, Measure):
            continue
        text = f"{mean.value:.{decimals}f} {unit}"
        rule = _limit(muscle, measure, subject)
        if isinstance(rule, str):
            rows.append(_row(f"mean {caption}", text, "none", "?", f"{rule}: not judged"))
            continue
        words = f"{rule.low:g}-{rule.high:g}" if rule.low is not None and rule.high is not None else "none"
        known = _source(f"{rule.statistic}; {rule.population}; {rule.cited.key}", rule.cited.mark)
        rows.append(
            _row(f"mean {caption}", text, words, _if_enough(len(muaps), _mark(mean, rule.low, rule.high)), known)
        )
        rows.append(_outliers(muscle, muaps, measure, caption, subject))
    share = found.get("polyphasia_percent")
    if isinstance(share, Measure):
        most = _unit_limit("polyphasia_percent", muscle)
        text = f"{share.value:.0f} %"
        rows.append(
            _row(
                "polyphasic",
                text,
                f"≤ {most.high:g} %",
                _if_enough(len(muaps), _mark(share, None, most.high)),
                _source(most.source, most.mark),
            )
        )
    return rows


def _outliers(muscle: str, muaps: Sequence[Muap], measure: str, caption: str, subject: Subject) -> dict[str, str]:
    rule = _limit(muscle, f"single_unit_{measure}", subject)
    if isinstance(rule, str):
        return _row(f"{caption} outliers", "not judged", "none", "?", f"{rule}: not judged")
    values = [one.value for one in (getattr(muap, measure) for muap in muaps) if isinstance(one, Measure)]
    high = sum(rule.high is not None and value > rule.high for value in values)
    low = sum(rule.low is not None and value < rule.low for value in values)
    worst = max(high, low)
    word = f", {'high' if high >= low else 'low'}" if worst else ""
    mark = "A" if worst > OUTLIERS else "N" if len(values) >= OF_UNITS else "?"
    why = f"single units {rule.low:g}-{rule.high:g}; abnormal when more than {OUTLIERS} of {OF_UNITS} lie beyond one limit ({SOURCE_OUTLIERS})"
    if mark == "?":
        why = f"{len(values)} of {OF_UNITS} units: not judged yet; {why}"
    return _row(f"{caption} outliers", f"{worst} of {len(values)}{word}", f"≤ {OUTLIERS} of {OF_UNITS}", mark, why)


def unit_marks(muscle: str, muap: Muap, subject: Subject) -> dict[str, bool]:
    """Which measures of one unit lie beyond the limit of single units; one outlier alone says nothing of the muscle."""
    found = {}
    for measure, *_ in JUDGED:
        value, rule = getattr(muap, measure), _limit(muscle, f"single_unit_{measure}", subject)
        if isinstance(value, Measure) and not isinstance(rule, str):
            found[measure] = (rule.high is not None and value.value > rule.high) or (
                rule.low is not None and value.value < rule.low
            )
    return found


def recruitment_rows(muscle: str, found: RecruitmentMeasures) -> list[dict[str, str]]:
    """Fastest unit and rate over units beside their limits."""
    rows = []
    for measure, caption, unit in (
        ("fastest_rate_hz", "fastest unit", " /s"),
        ("recruitment_ratio", "rate / units", ""),
    ):
        value = getattr(found, measure)
        if value is None:
            continue
        most = _unit_limit(measure, muscle)
        why = f"{most.words}; {_source(most.source, most.mark)}"
        rows.append(
            _row(
                caption,
                f"{number_text(round(value, 1))}{unit}",
                f"≤ {most.high:g}",
                "A" if value > most.high else "N",
                why,
            )
        )
    return rows


def jitter_row(muscle: str, pairs: Sequence[JitterPair] | None, subject: Subject) -> dict[str, str]:
    """Worst jitter of the triggered unit beside the limit of a single pair; not tested below a high-pass of 500 Hz."""
    if pairs is None:
        return _row("jitter", "not tested", "", "-", "needs a high-pass of 500 Hz or more")
    timed = [one for one in pairs if one.jitter_us is not None]
    if not timed:
        return _row("jitter", "one spike", "", "?", "jitter needs two single fibre spikes in one unit")
    worst = max(timed, key=lambda one: one.jitter_us or 0.0)
    blocked = f", {worst.blocking_percent:.0f} % blocked" if worst.blocking_percent > 0 else ""
    text = f"{worst.jitter_us:.0f} µs{blocked}"
    rule = limit(muscle, "single_pair_mcd_us", subject=subject, norm_set=JITTER_SET)
    if not isinstance(rule, Limit) or rule.high is None:
        why = "no limit of a single pair" if isinstance(rule, Limit) else rule.reason
        return _row("jitter", text, "none", "?", f"{why}: not judged")
    mark = "A" if (worst.jitter_us or 0.0) > rule.high else "N"
    return _row(
        "jitter", text, f"≤ {rule.high:g} µs", mark, _source(f"{rule.statistic}; {rule.cited.key}", rule.cited.mark)
    )
