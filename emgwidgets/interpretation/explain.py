"""Verdicts and standings in sentences.  It words what was decided elsewhere and adds nothing to it."""

from __future__ import annotations

from typing import Any

from emgwidgets.interpretation._tables import studies
from emgwidgets.model.verdict import Change, ClauseVerdict, Fact, Judgement, NotApplicable, Standing, Verdict
from emgwidgets.sources import Cited

__all__ = ["as_dict", "explain", "fact_words", "standing_sentence"]

#: Words of measures whose name does not read well when its unit is dropped.
MEASURE_WORDS = {
    "onset_latency_ms": "onset latency", "peak_latency_ms": "peak latency", "velocity_m_per_s": "conduction velocity",
    "amplitude_drop_percent": "amplitude fall", "area_drop_percent": "area fall",
    "duration_increase_percent": "rise of duration", "amplitude_side_percent": "amplitude in percent of the other side",
    "f_min_latency_ms": "minimum F latency", "f_mean_latency_ms": "mean F latency", "f_max_latency_ms": "maximum F latency",
    "f_persistence": "F persistence", "f_chronodispersion_ms": "F chronodispersion", "h_m_ratio": "H/M ratio", "h_latency_ms": "H reflex latency", "is_present": "response",
    "difference_ms": "latency difference", "index_ms": "index", "has_denervation": "fibrillation or positive sharp waves",
    "is_unstable": "unstable motor units",
}  # fmt: skip
UNIT_ENDINGS = ("_m_per_s", "_mv_ms", "_uv_ms", "_percent", "_mv", "_uv", "_ms", "_hz", "_us", "_mm", "_s")


def _measure(name: str) -> str:
    if name in MEASURE_WORDS:
        return MEASURE_WORDS[name]
    for ending in UNIT_ENDINGS:
        if name.endswith(ending):
            name = name.removesuffix(ending)
            break
    return name.replace("_", " ")


def fact_words(fact: Fact) -> str:
    """What a fact is about, such as ``"right median motor to abductor pollicis brevis, wrist, onset latency"``."""
    study = studies().get(fact.study)
    name = study.words if study else fact.study.replace("_", " ")
    site = fact.site.replace("-", " to ").replace("_", " ")
    return ", ".join(part for part in (f"{fact.side} {name}".strip(), site, _measure(fact.measure)) if part)


def standing_sentence(standing: Standing) -> str:
    """One sentence about a fact and its limit."""
    what = fact_words(standing.fact)
    if standing.state == "cannot_be_judged":
        return f"{what}: {standing.fact.text}; cannot be judged: {standing.reason}."
    limit = "" if isinstance(standing.limit, NotApplicable) else f"; normal {standing.limit.text}"
    mark = "" if isinstance(standing.limit, NotApplicable) else _marked(standing.limit.cited)
    words = {"normal": "normal", "abnormal": "abnormal", "borderline": "borderline"}[standing.state]
    if standing.state == "borderline" and standing.abnormal_probability is not None:
        words += f", {100 * standing.abnormal_probability:.0f} % likely beyond the limit"
    return f"{what}: {standing.fact.text}, {words}{limit}{mark}."


def _marked(cited: Cited | None) -> str:
    return f" [{cited.text}]" if cited is not None else ""


def _sources(clause: ClauseVerdict) -> str:
    """Source of a clause, and of the limit it was held against where that one was not read."""
    if clause.cited is None or clause.limit is None or not clause.limit.cited.mark.word:
        return _marked(clause.cited)
    return f" [{clause.cited.text}; limit {clause.limit.cited.text}]"


def _answer(clause: ClauseVerdict) -> str:
    if clause.answer == "cannot_be_judged":
        return f"cannot be judged, {clause.reason}" if clause.reason else "cannot be judged"
    value = f" ({clause.fact.text})" if clause.fact is not None else ""
    edge = ", borderline" if clause.is_borderline else ""
    return f"{clause.answer.replace('_', ' ')}{value}{edge}"


def _head(verdict: Verdict, judgement: Judgement) -> str:
    where = f", {judgement.scope}" if judgement.scope else ""
    said = judgement.outcome.words if judgement.outcome is not None else judgement.answer.replace("_", " ")
    edge = "; within the uncertainty of the numbers it could be another" if judgement.is_borderline else ""
    still = f"; still open: {', '.join(one.words for one in judgement.still_open)}" if judgement.still_open else ""
    return f"{verdict.title}{where}: {said}{edge}{still}."


def _change(change: Change) -> str:
    where = f" [{change.clause.scope}]" if change.clause.scope else ""
    return f"It would change with {change.clause.words}{where} {change.needed}: {change.becomes}."


def explain(verdict: Verdict) -> tuple[str, ...]:
    """Sentences of a verdict: the answer, what it rests on, what is missing and what would change it.

    Each clause carries its source; a source that was not read says so.
    """
    sentences = []
    for judgement in verdict.judgements:
        sentences.append(_head(verdict, judgement))
        for leaf, n_alike in judgement.telling:
            if leaf.answer != "cannot_be_judged":
                where = f" [{leaf.scope}]" if leaf.scope not in {"", judgement.scope} else ""
                alike = f", nor in {n_alike} further {'places' if n_alike > 1 else 'place'}" if n_alike else ""
                sentences.append(f"{leaf.words}{where}: {_answer(leaf)}{alike}{_sources(leaf)}.")
        if judgement.missing:
            names = ", ".join(name.replace(".", " ").replace("_", " ") for name in judgement.missing)
            sentences.append(f"Not tested: {names}.")
        reasons = [leaf.reason for leaf in judgement.leaves if leaf.answer == "cannot_be_judged" and not leaf.missing]
        sentences += [f"{reason[:1].upper()}{reason[1:]}." for reason in dict.fromkeys(reasons)]
        if judgement.assumed:
            sentences.append(f"Assumed, as the case does not say it: {', '.join(judgement.assumed)}.")
        sentences += [_change(change) for change in judgement.changes]
    return tuple(sentences)


def _clause_dict(clause: ClauseVerdict) -> dict[str, Any]:
    found: dict[str, Any] = {
        "code": clause.code, "words": clause.words, "scope": clause.scope, "answer": clause.answer,
        "is_borderline": clause.is_borderline, "source": clause.cited.text if clause.cited else "",
    }  # fmt: skip
    fact = clause.fact
    if fact is not None:
        found |= {
            "fact": fact.name,
            "value": fact.value,
            "unit": fact.unit,
            "low": fact.low,
            "high": fact.high,
            "place": fact.place,
        }
    optional = {
        "comparison": clause.comparison, "threshold": clause.threshold, "margin": clause.margin,
        "met_probability": clause.met_probability, "reason": clause.reason, "missing": list(clause.missing),
        "assumed": list(clause.assumed), "limit_source": clause.limit.cited.text if clause.limit else "",
    }  # fmt: skip
    return found | {name: value for name, value in optional.items() if value not in (None, "", [])}


def as_dict(verdict: Verdict) -> dict[str, Any]:
    """Plain values of a verdict, for JSON: outcome, clauses that rest on facts, what is missing and what would change it."""
    return {
        "criteria": verdict.criteria, "title": verdict.title, "norm_set": verdict.norm_set, "answer": verdict.answer,
        "sources": [cited.text for cited in verdict.cited], "notes": list(verdict.notes),
        "judgements": [
            {
                "scope": judgement.scope, "answer": judgement.answer, "is_borderline": judgement.is_borderline,
                "outcome": judgement.outcome.code if judgement.outcome else None,
                "words": judgement.outcome.words if judgement.outcome else "",
                "still_open": [outcome.words for outcome in judgement.still_open],
                "clauses": [_clause_dict(leaf) for leaf in judgement.leaves],
                "missing": list(judgement.missing), "assumed": list(judgement.assumed),
                "changes": [
                    {"clause": change.clause.code, "scope": change.clause.scope, "needed": change.needed, "becomes": change.becomes}
                    for change in judgement.changes
                ],
            }
            for judgement in verdict.judgements
        ],
    }  # fmt: skip
