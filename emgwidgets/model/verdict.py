"""Verdicts as frozen data, with facts and limits: what interpretation returns and figures, widgets and reports draw.

It decides nothing: the engine fills these in, and a verdict never leaves out what could not be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from emgwidgets.errors import InputError
from emgwidgets.model.fact import Fact, Limit, NotApplicable, Standing, Value
from emgwidgets.sources import Cited, Mark

__all__ = [
    "ANSWERS", "Answer", "Change", "ClauseVerdict", "Fact", "Judgement", "Limit", "NotApplicable", "Outcome", "Standing",
    "Value", "Verdict",
]  # fmt: skip

#: The three answers of a clause; missing data gives the third, never the second.
ANSWERS = ("met", "not_met", "cannot_be_judged")
Answer: TypeAlias = Literal["met", "not_met", "cannot_be_judged"]


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
    unjudged : tuple of ClauseVerdict
        Nerves of which the set can say nothing, such as those tested at one site; the answer holds for the others.
    """

    scope: str
    answer: Answer
    outcome: Outcome | None = None
    still_open: tuple[Outcome, ...] = ()
    is_borderline: bool = False
    clauses: tuple[ClauseVerdict, ...] = ()
    changes: tuple[Change, ...] = ()
    unjudged: tuple[ClauseVerdict, ...] = ()

    def __repr__(self) -> str:
        return f"Judgement({self.scope or 'person'}: {self.outcome.words if self.outcome else self.answer.replace('_', ' ')})"

    @property
    def leaves(self) -> tuple[ClauseVerdict, ...]:
        """Clauses that rest on a fact and bear the answer, each once, in order, and then the nerves not judged."""
        found: dict[tuple[str, str], ClauseVerdict] = {}
        for clause in (*self.clauses, *self.unjudged):
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
        lines = [f"{self.title}{_marked(self.cited[:1])}  [limits: {self.norm_set}]"]
        for judgement in self.judgements:
            lines += _judgement_lines(judgement, self.cited[:1])
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


def _marked(cited: Iterable[Cited]) -> str:
    """The word of what was not read in its source, in brackets; empty where all was."""
    return " (unverified)" if any(one.mark is Mark.M for one in cited) else ""


def _leaf_mark(leaf: ClauseVerdict, own: tuple[Cited, ...]) -> str:
    """What of a clause is from memory: the clause, where the whole set is not, or the limit it was held against."""
    if leaf.limit is not None and leaf.limit.cited.mark is Mark.M:
        return " (limit unverified)"
    return _marked((leaf.cited,)) if leaf.cited is not None and not _marked(own) else ""


def _judgement_lines(judgement: Judgement, own: tuple[Cited, ...]) -> list[str]:
    head = judgement.scope or "person"
    words = judgement.outcome.words if judgement.outcome else judgement.answer.replace("_", " ")
    lines = [f"{head}: {words}{' (borderline)' if judgement.is_borderline else ''}"]
    if judgement.still_open:
        lines.append(f"  still open: {', '.join(outcome.words for outcome in judgement.still_open)}")
    for leaf, n_alike in judgement.telling:
        where = f" [{leaf.scope}]" if leaf.scope not in {"", judgement.scope} else ""
        edge = " (borderline)" if leaf.is_borderline else ""
        alike = f" (nearest of {n_alike + 1})" if n_alike else ""
        lines.append(
            f"  {leaf.answer.replace('_', ' ')}{edge}: {leaf.words}{where}: {_detail(leaf)}{_leaf_mark(leaf, own)}{alike}"
        )
    if judgement.assumed:
        lines.append(f"  assumed: {', '.join(judgement.assumed)}")
    for change in judgement.changes:
        where = f" [{change.clause.scope}]" if change.clause.scope not in {"", judgement.scope} else ""
        lines.append(f"  would change: {change.clause.words}{where} {change.needed}: {change.becomes}")
    return lines
