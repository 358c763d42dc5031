"""Facts, limits and verdicts as frozen data: what interpretation returns and what figures, widgets and reports draw.

It decides nothing: the engine fills these in, and a verdict never leaves out what could not be judged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from emgwidgets.errors import InputError
from emgwidgets.model.measure import Conditions, Marker, TraceLink
from emgwidgets.sources import Cited

__all__ = [
    "ANSWERS", "Answer", "Change", "ClauseVerdict", "Fact", "Judgement", "Limit", "NotApplicable", "Outcome", "Standing",
    "Value", "Verdict",
]  # fmt: skip

#: The three answers of a clause; missing data gives the third, never the second.
ANSWERS = ("met", "not_met", "cannot_be_judged")
Answer: TypeAlias = Literal["met", "not_met", "cannot_be_judged"]
#: Value of a fact: a number in its unit, a word, yes or no, or None for a response that was tested and is absent.
Value: TypeAlias = float | str | bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing known about a case; a fact that is not in the collection was not tested.

    Parameters
    ----------
    name : str
        ``kind.study.side.site.measure`` with the parts that apply; the grammar is in ``interpretation.facts``.
    value : float, str, bool or None
        None for a response that was tested and is absent; then ``absent`` says why.
    unit : str
        As in :data:`emgwidgets.model.measure.UNITS`; empty for words.
    study : str
        Code of the study (``"median_apb"``, ``"sural"``) or of the muscle of a needle examination.
    site : str
        ``"wrist"``, or ``"wrist-elbow"`` for a segment; empty where there is none.
    low, high : float, optional
        90 % interval of the value.
    convention : str
        How an amplitude was taken.
    absent, doubt : str
        Why the response counts as absent; why the number must not be used.  Empty where neither applies.
    place : str
        Where it stands in the case, such as ``"ncs.motor[0].responses[1]"``; a derived fact names its sources in
        ``parts`` instead.
    """

    name: str
    value: Value
    unit: str = ""
    kind: str = ""
    study: str = ""
    side: str = ""
    site: str = ""
    measure: str = ""
    low: float | None = None
    high: float | None = None
    convention: str = ""
    absent: str = ""
    doubt: str = ""
    conditions: Conditions = field(default=Conditions())
    place: str = ""
    parts: tuple[str, ...] = ()
    trace: TraceLink | None = None
    markers: tuple[Marker, ...] = ()
    is_typed: bool = False

    def __repr__(self) -> str:
        doubt = f", doubtful: {self.doubt}" if self.doubt else ""
        return f"Fact({self.name}: {self.text}{doubt})"

    @property
    def is_absent(self) -> bool:
        """Whether the response was tested and is absent."""
        return bool(self.absent)

    @property
    def number(self) -> float | None:
        """The value where it is a number; None for words, yes or no, and absent responses."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            return None
        return float(self.value)

    @property
    def text(self) -> str:
        """Value with its unit, such as ``"4.9 ms"``, ``"no response"`` or ``"reduced"``."""
        if self.is_absent:
            return "no response"
        if isinstance(self.value, bool):
            words = ("present", "no response") if self.measure == "is_present" else ("yes", "no")
            return words[0] if self.value else words[1]
        number = self.number
        return str(self.value) if number is None else f"{number:.4g} {self.unit}".rstrip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """Limits of one measure under one norm set, for one person and the conditions it holds for.

    Parameters
    ----------
    low, high : float, optional
        Lower and upper limit, in ``unit``; None where the set gives none.
    statistic : str
        What the limits are: ``"3rd percentile"``, ``"97th percentile"``, ``"mean and 2 SD"`` ...
    mean, sd : float, optional
        Of the reference population, where the set gives them; they allow a z-score.
    strata : str
        Group of people it holds for, such as ``"40-59 years"``; empty for all.
    absent_from_years : float, optional
        Age from which an absent response may be normal.
    """

    study: str
    measure: str
    unit: str
    norm_set: str
    cited: Cited
    low: float | None = None
    high: float | None = None
    statistic: str = ""
    mean: float | None = None
    sd: float | None = None
    n: int | None = None
    convention: str = ""
    strata: str = ""
    distance_mm: float | None = None
    skin_temperature_min_degc: float | None = None
    absent_from_years: float | None = None
    population: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        """The limits in words, such as ``"4.5 ms or less (aanem_2016)"``."""
        if self.low is not None and self.high is not None:
            words = f"{self.low:g} to {self.high:g} {self.unit}"
        elif self.low is not None:
            words = f"{self.low:g} {self.unit} or more"
        elif self.high is not None:
            words = f"{self.high:g} {self.unit} or less"
        else:
            words = f"mean {self.mean:g} {self.unit}" if self.mean is not None else "no limit"
        return f"{words} ({self.norm_set})"


@dataclass(frozen=True, kw_only=True, slots=True)
class NotApplicable:
    """Why no limit can be used."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One fact against its limit.

    Parameters
    ----------
    state : str
        ``"normal"``, ``"abnormal"``, ``"borderline"`` when the uncertainty of the number reaches over the limit, or
        ``"cannot_be_judged"``.
    direction : str
        ``"high"`` or ``"low"`` for what is abnormal, ``"absent"`` for an absent response; empty otherwise.
    z : float, optional
        Standard deviations from the mean, where the set gives both.
    abnormal_probability : float, optional
        Probability that the true value passes the limit, given the uncertainty of the number.
    limit_percent : float, optional
        The value in percent of the limit it is nearest to.
    """

    fact: Fact
    limit: Limit | NotApplicable
    state: Literal["normal", "abnormal", "borderline", "cannot_be_judged"]
    direction: str = ""
    z: float | None = None
    abnormal_probability: float | None = None
    limit_percent: float | None = None
    reason: str = ""
    assumed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        why = f": {self.reason}" if self.reason else ""
        return f"Standing({self.fact.name}: {self.fact.text}, {self.state.replace('_', ' ')}{why})"

    def as_row(self) -> dict[str, Value]:
        """Plain values for a table: one row for each number, with its limit and where that comes from."""
        limit = self.limit if isinstance(self.limit, Limit) else None
        return {
            "fact": self.fact.name, "study": self.fact.study, "side": self.fact.side, "site": self.fact.site,
            "measure": self.fact.measure, "value": self.fact.value, "unit": self.fact.unit, "low": self.fact.low,
            "high": self.fact.high, "lower_limit": limit.low if limit else None,
            "upper_limit": limit.high if limit else None, "norm_set": limit.norm_set if limit else "",
            "group": limit.strata if limit else "", "state": self.state, "direction": self.direction, "z": self.z,
            "abnormal_probability": self.abnormal_probability, "reason": self.reason,
            "source": limit.cited.text if limit else "",
        }  # fmt: skip

    @property
    def percentile_percent(self) -> float | None:
        """Share of healthy people with a lower number, if these are normally distributed; None without a z-score."""
        return None if self.z is None else 50.0 * math.erfc(-self.z / math.sqrt(2.0))


@dataclass(frozen=True, kw_only=True, slots=True)
class ClauseVerdict:
    """Answer to one clause, with the parts it was made of.

    Parameters
    ----------
    answer : str
        One of :data:`ANSWERS`.
    is_borderline : bool
        Whether the answer could turn within the uncertainty of the numbers.
    scope : str
        What it was asked of, such as ``"right"`` or ``"median_apb right"``.
    threshold, margin : float, optional
        In the unit of the fact; the margin is positive on the side where the clause is met.
    met_probability : float, optional
        Probability that the true value meets the clause, given the uncertainty of the number.
    reason : str
        Why it cannot be judged.
    missing, assumed : tuple of str
        Names of facts that were not tested; what was taken for granted because the case does not say it.
    """

    code: str
    words: str
    answer: Answer
    cited: Cited | None = None
    is_borderline: bool = False
    operator: str = "fact"
    scope: str = ""
    fact: Fact | None = None
    comparison: str = ""
    threshold: float | None = None
    margin: float | None = None
    met_probability: float | None = None
    limit: Limit | None = None
    reason: str = ""
    missing: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    parts: tuple[ClauseVerdict, ...] = ()

    def __repr__(self) -> str:
        where = f" [{self.scope}]" if self.scope else ""
        return f"ClauseVerdict({self.code}{where}: {self.answer.replace('_', ' ')})"

    def relevant(self) -> Iterator[ClauseVerdict]:
        """Yield the parts that rest on a fact and bear the answer: below a decided clause, only those that decide it."""
        if not self.parts:
            if self.operator != "member":
                yield self
            return
        bearing: dict[str, str] = {"met": "met", "not_met": "not_met"}
        if self.operator == "none":
            bearing = {"met": "not_met", "not_met": "met"}
        for part in self.parts:
            if self.answer == "cannot_be_judged" or part.answer == bearing[self.answer]:
                yield from part.relevant()

    def walk(self) -> Iterator[ClauseVerdict]:
        """Yield this clause and every part of it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """A grade or class that a criteria set can give."""

    code: str
    words: str
    is_abnormal: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing that alone would change the answer.

    Parameters
    ----------
    becomes : str
        The outcome or answer it would lead to.
    needed : str
        What would have to be so, such as ``"above 4.5 ms"``.
    """

    clause: ClauseVerdict
    becomes: str
    needed: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """A criteria set applied to one side, or to the person.

    Parameters
    ----------
    scope : str
        ``"left"``, ``"right"``, or ``""`` for the person.
    outcome : Outcome, optional
        What was reached; None when nothing was.
    still_open : tuple of Outcome
        Higher outcomes that missing or unusable data leave open.
    clauses : tuple of ClauseVerdict
        One for each outcome, in the order of the set.
    """

    scope: str
    answer: Answer
    outcome: Outcome | None = None
    still_open: tuple[Outcome, ...] = ()
    is_borderline: bool = False
    clauses: tuple[ClauseVerdict, ...] = ()
    changes: tuple[Change, ...] = ()

    def __repr__(self) -> str:
        return f"Judgement({self.scope or 'person'}: {self.outcome.words if self.outcome else self.answer.replace('_', ' ')})"

    @property
    def leaves(self) -> tuple[ClauseVerdict, ...]:
        """Clauses that rest on a fact and bear the answer, each once, in order."""
        found: dict[tuple[str, str], ClauseVerdict] = {}
        for clause in self.clauses:
            for part in clause.relevant():
                found.setdefault((part.code, part.scope), part)
        return tuple(found.values())

    @property
    def telling(self) -> tuple[tuple[ClauseVerdict, int], ...]:
        """What a reader needs of the leaves, each with how many others of its clause answered alike and are left out.

        Met, open and borderline ones are all there; of those not met in several places, the one nearest to its threshold.
        """
        groups: dict[tuple[str, bool], list[ClauseVerdict]] = {}
        for leaf in self.leaves:
            is_plain = leaf.answer == "not_met" and not leaf.is_borderline
            groups.setdefault((leaf.code, is_plain), []).append(leaf)
        found: list[tuple[ClauseVerdict, int]] = []
        for (_, is_plain), leaves in groups.items():
            if is_plain:
                found.append((min(leaves, key=_distance), len(leaves) - 1))
            else:
                found += [(leaf, 0) for leaf in leaves]
        return tuple(found)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the facts that were asked for and not tested."""
        return tuple(dict.fromkeys(name for leaf in self.leaves for name in leaf.missing))

    @property
    def assumed(self) -> tuple[str, ...]:
        """What was taken for granted because the case does not say it."""
        return tuple(dict.fromkeys(name for leaf in self.leaves for name in leaf.assumed))


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a published criteria set says about a case, by side or for the person; no diagnosis."""

    criteria: str
    title: str
    norm_set: str
    judgements: tuple[Judgement, ...]
    cited: tuple[Cited, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def answer(self) -> Answer:
        """Met when any side is met; not met when every side is not met."""
        answers = [judgement.answer for judgement in self.judgements]
        if "met" in answers:
            return "met"
        return "not_met" if answers and all(one == "not_met" for one in answers) else "cannot_be_judged"

    def __getitem__(self, scope: str) -> Judgement:
        """Judgement of ``"left"``, ``"right"``, or ``""`` for the person."""
        for judgement in self.judgements:
            if judgement.scope == scope:
                return judgement
        raise InputError(
            f"{self.criteria} was not judged for {scope or 'the person'!r}",
            expected=f"one of {[judgement.scope for judgement in self.judgements]}",
        )

    def __repr__(self) -> str:
        parts = []
        for judgement in self.judgements:
            words = judgement.outcome.words if judgement.outcome else judgement.answer.replace("_", " ")
            parts.append(f"{judgement.scope}: {words}" if judgement.scope else words)
        return f"Verdict({self.criteria}; {'; '.join(parts)})"

    def to_text(self) -> str:
        """Plain table of outcome, clauses, margins, what is missing and what would change it."""
        lines = [f"{self.title}  [{self.norm_set}]"]
        for judgement in self.judgements:
            lines += _judgement_lines(judgement)
        lines += [f"Note: {note}" for note in self.notes]
        lines.append("Sources: " + "; ".join(cited.text for cited in self.cited))
        return "\n".join(lines)


def _distance(clause: ClauseVerdict) -> float:
    """How far a number is from its threshold, in shares of it."""
    if clause.margin is None or not clause.threshold:
        return float("inf")
    return abs(clause.margin / clause.threshold)


def _detail(leaf: ClauseVerdict) -> str:
    if leaf.answer == "cannot_be_judged":
        return leaf.reason
    value = leaf.fact.text if leaf.fact else "assumed"
    if leaf.margin is None or leaf.fact is None:
        return value
    return f"{value}; {leaf.comparison}, margin {leaf.margin:+.3g} {leaf.fact.unit}".rstrip()


def _judgement_lines(judgement: Judgement) -> list[str]:
    head = judgement.scope or "person"
    words = judgement.outcome.words if judgement.outcome else judgement.answer.replace("_", " ")
    lines = [f"{head}: {words}{' (borderline)' if judgement.is_borderline else ''}"]
    if judgement.still_open:
        lines.append(f"  still open: {', '.join(outcome.words for outcome in judgement.still_open)}")
    for leaf, n_alike in judgement.telling:
        where = f" [{leaf.scope}]" if leaf.scope not in {"", judgement.scope} else ""
        edge = " (borderline)" if leaf.is_borderline else ""
        alike = f" (nearest of {n_alike + 1})" if n_alike else ""
        lines.append(f"  {leaf.answer.replace('_', ' ')}{edge}: {leaf.words}{where}: {_detail(leaf)}{alike}")
    if judgement.assumed:
        lines.append(f"  assumed: {', '.join(judgement.assumed)}")
    for change in judgement.changes:
        where = f" [{change.clause.scope}]" if change.clause.scope not in {"", judgement.scope} else ""
        lines.append(f"  would change: {change.clause.words}{where} {change.needed}: {change.becomes}")
    return lines
