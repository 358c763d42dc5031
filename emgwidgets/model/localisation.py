"""What localisation returns: explanations with their probability and evidence, and the tests that would separate them.

These are frozen data that figures, widgets and reports draw.  Nothing here decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from emgwidgets.sources import Cited

__all__ = [
    "Adequacy", "Answer", "Candidate", "Evidence", "Explanation", "Localisation", "NextTest", "NextTests",
]  # fmt: skip

Activity = Literal["active", "chronic", "active and chronic", "recovering", "not shown", "cannot be judged"]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A place or a kind of disease that could explain a study.

    Parameters
    ----------
    code : str
        ``"root_l5.left"``, ``"median_carpal_tunnel.right"``, ``"axonal_polyneuropathy"``; two that coexist are joined by
        ``+``.
    kind : str
        ``"root"``, ``"plexus"``, ``"nerve"``, ``"polyneuropathy"``, ``"ganglion"``, ``"motor_neuron"``, ``"junction"``,
        ``"muscle"``, ``"central"``, ``"normal"`` or ``"pair"``.
    sides : tuple of str
        Sides it sits on; empty for the whole body.
    elements : tuple of str
        Elements of the vocabulary it sits on; empty for diffuse disease.
    prior : float
        Weight before any finding, relative to the others.
    """

    code: str
    words: str
    kind: str
    sides: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    prior: float = 1.0
    cited: Cited | None = None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One finding and how it bears on an explanation.

    Parameters
    ----------
    names : tuple of str
        Names of the facts it rests on.
    weight : float
        Natural logarithm of how much likelier it is under this explanation than in health; positive supports.
    expected : float
        Probability of an abnormal finding here under the explanation.
    """

    names: tuple[str, ...]
    sentence: str
    weight: float
    expected: float
    is_abnormal: bool


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One candidate after the findings.

    Parameters
    ----------
    probability, low, high : float
        Calibrated on simulated studies; the 90 % interval covers the unverified parameters.
    supporting, against, silent : tuple of Evidence
        Findings that speak for it, against it, and that say nothing about it; the strongest first.
    not_tested : tuple of str
        Muscles and responses that it would change and that were not examined, the most telling first.
    severity : str
        ``"mild"``, ``"moderate"``, ``"severe"`` by the share of axons lost or blocked; empty where it has no meaning.
    share_lost : float
        Mean share of axons lost at the site, given the findings.
    activity : str
        Active, chronic, recovering, not shown, or cannot be judged.
    """

    candidate: Candidate
    probability: float
    low: float
    high: float
    supporting: tuple[Evidence, ...] = ()
    against: tuple[Evidence, ...] = ()
    silent: tuple[Evidence, ...] = ()
    not_tested: tuple[str, ...] = ()
    severity: str = ""
    share_lost: float = 0.0
    activity: Activity = "cannot be judged"


@dataclass(frozen=True, kw_only=True)
class Adequacy:
    """Whether the study can carry the leading explanation.

    Parameters
    ----------
    missing : tuple of str
        One sentence for each thing a sufficient study would have had.
    notes : tuple of str
        What limits the answer without forbidding it, such as an incomplete screen of the other limb.
    """

    is_adequate: bool
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cited: tuple[Cited, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Localisation:
    """Ranked explanations of a case.

    Parameters
    ----------
    explanations : tuple of Explanation
        Most probable first; those left out share ``remainder``.
    abstains : bool
        Whether no site should be named; ``reasons`` says why.  The ranking stays readable.
    not_used : tuple of str
        Facts with a doubt and facts that cannot be judged, one sentence each.
    days_since_onset : float, optional
        What the time-dependent findings were held against; None was averaged over.
    """

    explanations: tuple[Explanation, ...]
    adequacy: Adequacy
    abstains: bool
    reasons: tuple[str, ...] = ()
    remainder: float = 0.0
    days_since_onset: float | None = None
    not_used: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def leading(self) -> Explanation | None:
        """Most probable explanation; None for a case without findings."""
        return self.explanations[0] if self.explanations else None

    def __getitem__(self, code: str) -> Explanation:
        for one in self.explanations:
            if one.candidate.code == code:
                return one
        raise KeyError(code)

    def __repr__(self) -> str:
        shown = "; ".join(f"{one.candidate.words} {100 * one.probability:.0f} %" for one in self.explanations[:3])
        return f"Localisation({'abstains; ' if self.abstains else ''}{shown})"

    def to_text(self) -> str:
        """Plain text: the ranking with its evidence, what is missing, and why it abstains where it does."""
        lines = ["No site is named:"] + [f"  {reason}" for reason in self.reasons] if self.abstains else []
        for n, one in enumerate(self.explanations):
            lines.append(f"{n + 1}. {one.candidate.words}: {_percent(one)}{_grade(one)}")
            if n < 3:
                lines += _evidence_lines(one)
        lines += [f"Missing: {text}" for text in self.adequacy.missing]
        lines += [f"Note: {text}" for text in (*self.adequacy.notes, *self.notes)]
        lines += [f"Left out: {text}" for text in self.not_used]
        return "\n".join(lines)


def _percent(one: Explanation) -> str:
    return f"{100 * one.probability:.0f} % ({100 * one.low:.0f} to {100 * one.high:.0f})"


def _grade(one: Explanation) -> str:
    words = [one.severity] if one.severity else []
    if one.activity not in {"cannot be judged", "not shown"}:
        words.append(one.activity)
    return f"; {', '.join(words)}" if words else ""


def _test_words(code: str) -> str:
    """``"needle.tibialis_posterior.left"`` in words."""
    kind, study, side = code.split(".")
    return f"{study.replace('_', ' ')}, {side} ({kind})"


def _evidence_lines(one: Explanation) -> list[str]:
    lines = []
    for word, rows in (("for", one.supporting), ("against", one.against)):
        lines += [f"   {word}: {row.sentence}" for row in rows[:4]]
    if one.silent:
        lines.append(f"   silent: {len(one.silent)} findings")
    if one.not_tested:
        lines.append(f"   not tested: {'; '.join(_test_words(name) for name in one.not_tested[:4])}")
    return lines


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one result of a test would mean.

    Parameters
    ----------
    probability : float
        How likely this result is, given what is known.
    leading : str
        Words of the explanation that would then lead, with its probability.
    """

    result: Literal["abnormal", "normal"]
    probability: float
    leading: str
    leading_probability: float
    sentence: str


@dataclass(frozen=True, kw_only=True)
class NextTest:
    """A test not yet done, and what it is worth.

    Parameters
    ----------
    code : str
        ``"needle.tibialis_posterior.left"``, ``"sensory.sural.left"``, ``"motor.fibular_ta.left"``.
    gain_bits : float
        Expected reduction of the uncertainty between the explanations.
    cost : float
        Minutes plus discomfort plus five times the risk (a proposal of this project).
    value : float
        ``gain_bits`` for each unit of cost; the order of the list.
    largest_move : float
        Most by which the probability of the leading explanation would move.
    cautions : tuple of str
        Risks of this site, with what makes them matter.
    """

    code: str
    words: str
    gain_bits: float
    cost: float
    minutes: float
    discomfort: float
    risk: float
    value: float
    largest_move: float
    answers: tuple[Answer, ...]
    cautions: tuple[str, ...] = ()
    separates: tuple[str, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class NextTests:
    """Tests in order of what they are worth, and whether to stop.

    Parameters
    ----------
    should_stop : bool
        True when no test would move the leading explanation enough, or nothing is uncertain any more.
    missing : tuple of str
        What a complete screen still needs, whether or not it changes the ranking.
    """

    tests: tuple[NextTest, ...]
    should_stop: bool
    reason: str
    missing: tuple[str, ...] = ()

    def __repr__(self) -> str:
        first = "; ".join(one.words for one in self.tests[:3])
        return f"NextTests({'stop' if self.should_stop else 'go on'}; {first or 'no test'})"

    def to_text(self) -> str:
        """Plain list of the tests with what each answer would mean."""
        lines = [self.reason]
        for n, one in enumerate(self.tests):
            lines.append(f"{n + 1}. {one.words}: {one.gain_bits:.2f} bit for a cost of {one.cost:g}")
            lines += [f"   {answer.sentence}" for answer in one.answers]
            lines += [f"   caution: {text}" for text in one.cautions]
        lines += [f"Still missing: {text}" for text in self.missing]
        return "\n".join(lines)
