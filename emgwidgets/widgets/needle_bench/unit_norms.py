"""The units of a muscle beside their limits: mean rule, outlier rule, polyphasia, rate and ratio, each with its source and mark."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from emgwidgets.interpretation.reference import judge_units, limit
from emgwidgets.model.case import Subject
from emgwidgets.model.fact import Limit
from emgwidgets.model.measure import Measure, number_text
from emgwidgets.model.needle_analysis import Muap
from emgwidgets.model.needle_effort import JitterPair, RecruitmentMeasures
from emgwidgets.model.needle_rule import NeedleRule
from emgwidgets.model.needle_triggered import MuapSet
from emgwidgets.sources import Mark

__all__ = ["NORM_SET", "jitter_row", "norm_rows", "recruitment_rows"]

NORM_SET = "multi_mup_norway"
JITTER_SET = "jitter_concentric_voluntary"
OUTLIERS, OF_UNITS = 2, 20  # as in interpretation.reference.needle_rules, for the column of the limit
NAMES = {"amplitude_uv": "amplitude", "duration_ms": "duration"}
MARKS = {"normal": "N", "abnormal": "A", "borderline": "B", "not_judged": "?"}


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


def _row(caption: str, text: str, limit_text: str, mark: str, why: str) -> dict[str, str]:
    return {"caption": caption, "text": text, "limit": limit_text, "mark": mark, "why": why}


def _if_enough(n: int, mark: str) -> str:
    """The mark, or cannot be judged: the norms are of twenty units a muscle."""
    return mark if n >= OF_UNITS else "?"


def norm_rows(muscle: str, muaps: Sequence[Muap], found: MuapSet, subject: Subject) -> list[dict[str, str]]:
    """Rows of the table of the muscle, as the rules of the norm set judge it; without a limit a row is not judged."""
    rows = [_judged_row(one, len(muaps)) for one in judge_units(muscle, muaps, subject=subject, norm_set=NORM_SET)]
    share = found.get("polyphasia_percent")
    if isinstance(share, Measure):
        most = _unit_limit("polyphasia_percent", muscle)
        down, up = (share.value if end is None else end for end in (share.low, share.high))
        mark = "A" if down > most.high else "B" if up > most.high else "N"
        rows.append(
            _row(
                "polyphasic", f"{share.value:.0f} %", f"≤ {most.high:g} %", _if_enough(len(muaps), mark),
                _source(most.source, most.mark),
            )
        )  # fmt: skip
    return rows


def _judged_row(rule: NeedleRule, n: int) -> dict[str, str]:
    """One rule as a row; a mean of fewer than twenty units is shown and not judged."""
    name = NAMES[rule.measure]
    how = rule.own_method.replace("_", " ").replace("uV", "µV")
    why = "; ".join(filter(None, (*(one.rstrip(".") for one in rule.limits), rule.norm_method, f"measured: {how}")))
    why = f"{why}; {_source(rule.source, Mark(rule.mark))}" if rule.source else why
    mark, why = MARKS[rule.verdict], why.replace("uV", "µV")
    if rule.name == "mean":
        text = rule.text.removeprefix("mean ").split(" of ")[0].replace("uV", "µV")
        caption = f"mean {name} ({how})" if rule.measure == "duration_ms" else f"mean {name}"
        return _row(caption, text, _range(rule.limit_text), _if_enough(n, mark), why)
    count, *_ = rule.text.split(" beyond")
    text = f"{count}, {rule.direction}" if rule.direction else count
    limit_text = f"≤ {OUTLIERS} of {OF_UNITS}" if rule.limit_text else "none"
    return _row(
        f"{name} outliers",
        text,
        limit_text,
        mark,
        f"single units {_range(rule.limit_text)}; {why}" if rule.limit_text else why,
    )


def _range(limit_text: str) -> str:
    """A limit without the code of its set, which stands in the reason."""
    return limit_text.split(" (", maxsplit=1)[0].replace("uV", "µV") or "none"


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
