"""Planning a study of one limb: the tests chosen so far, what they leave open among a few places, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.interpretation._tables import studies
from emgwidgets.interpretation.localisation import localise, next_tests
from emgwidgets.interpretation.localisation.catalogue import catalogue
from emgwidgets.interpretation.reference import strip
from emgwidgets.lessons.needle_words import needle_words, says_abnormal
from emgwidgets.model.case import Case
from emgwidgets.model.localisation import NextTests
from emgwidgets.model.measure import Measure
from emgwidgets.model.signal import Side
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.work_up import examine

__all__ = [
    "ARM_NERVES", "ARM_PLACES", "ARM_SET", "PlannedTest", "Separation", "StudyPlan", "arm_patient", "cost_of", "only", "separation",
    "with_needle",
]  # fmt: skip

#: Site as localisation names it, and in words.
ARM_PLACES: Mapping[str, str] = {
    "root_c6": "the C6 root", "root_c7": "the C7 root", "root_c8": "the C8 root", "ulnar_elbow": "the ulnar nerve at the elbow",
    "lower_trunk": "the lower trunk",
}  # fmt: skip
#: Condition that makes each place ill.
CONDITION_OF = {
    "root_c6": "radiculopathy_c6", "root_c7": "radiculopathy_c7", "root_c8": "radiculopathy_c8",
    "ulnar_elbow": "ulnar_neuropathy_at_elbow", "lower_trunk": "lower_trunk_plexopathy",
}  # fmt: skip
#: Sensory nerves that part a root from what lies beyond the ganglion in the arm (needle section 7.2).
ARM_NERVES = ("median_d1", "median_d3", "ulnar_d5", "medial_antebrachial_cutaneous")
#: Six muscles with the paraspinal ones, after Dillingham 2013 (needle section 7.1, from memory).
ARM_SET = (
    "deltoid_middle", "triceps_brachii_lateral_head", "pronator_teres", "abductor_pollicis_brevis",
    "extensor_digitorum_communis", "cervical_paraspinals_c7_c8",
)  # fmt: skip
#: Share among the places from which one counts as settled (curriculum, lesson 26; proposal of this project).
SETTLED = 0.9
DAYS = 42.0  # internal choice: fibrillations have reached the hand (needle section 4)
#: Motor study of a muscle, by the words of the table of tests.
STUDY_OF = {
    "extensor_digitorum_brevis": "fibular_edb", "tibialis_anterior": "fibular_ta", "abductor_hallucis": "tibial_ah",
    "abductor_pollicis_brevis": "median_apb", "abductor_digiti_minimi_hand": "ulnar_adm",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Separation:
    """Share of each place among those in question, by the posterior of localisation.

    Parameters
    ----------
    shares : mapping of str to float
    words : mapping of str to str
    """

    shares: Mapping[str, float]
    words: Mapping[str, str]

    @property
    def leading(self) -> str:
        """Place with the largest share."""
        return max(self.shares, key=lambda site: self.shares[site])

    def __str__(self) -> str:
        order = sorted(self.shares, key=lambda site: -self.shares[site])
        return ", ".join(f"{self.words[site].removeprefix('the ')} {100 * self.shares[site]:.0f} %" for site in order)


def separation(case: Case, places: Mapping[str, str], *, side: Side) -> Separation:
    """How far a case separates the named places of one side."""
    found = {one.candidate.code: one.probability for one in localise(case, n=200).explanations}
    weights = {site: found.get(f"{site}.{side}", 0.0) for site in places}
    total = sum(weights.values())
    shares = {site: weight / total if total else 1 / len(places) for site, weight in weights.items()}
    return Separation(shares=shares, words=places)


def only(case: Case, chosen: Sequence[str]) -> Case:
    """The case with these conduction studies alone, such as ``"fibular_ta"`` and ``"sural"``."""
    ncs = replace(
        case.ncs, motor=tuple(one for one in case.ncs.motor if STUDY_OF.get(one.muscle) in chosen),
        sensory=tuple(one for one in case.ncs.sensory if one.nerve in chosen),
    )  # fmt: skip
    return replace(case, ncs=ncs)


def with_needle(case: Case, patient: VirtualPatient, muscles: Sequence[str], *, side: Side) -> Case:
    """The case with these muscles examined; the findings are words that follow from the axons of the virtual patient."""
    return replace(case, needle=(*case.needle, *(needle_words(patient, muscle, side) for muscle in muscles)))


@cache
def _costs() -> dict[tuple[str, str], float]:
    return {("needle" if test.kind == "needle" else "nerve", test.study): test.cost() for test in catalogue()}


def cost_of(chosen: Sequence[str], muscles: Sequence[str]) -> float:
    """Cost of nerves and muscles on one side: minutes, discomfort and five times the risk (proposed numbers).

    Raises
    ------
    InputError
        If a study or muscle has no cost.
    """
    costs = _costs()
    wanted = [("nerve", one) for one in chosen] + [("needle", one) for one in muscles]
    unknown = [name for kind, name in wanted if (kind, name) not in costs]
    if unknown:
        raise InputError(
            "no cost is known", got=", ".join(unknown), expected="studies and muscles of the table of tests"
        )
    return sum(costs[one] for one in wanted)


@dataclass(frozen=True, kw_only=True)
class PlannedTest:
    """One test that was done: ``kind`` is ``"needle"`` or ``"nerve"``."""

    kind: str
    code: str
    words: str
    found: str
    is_abnormal: bool
    cost: float


class StudyPlan:
    """Tests of one patient chosen one after the other; each shows what it finds, and the shares follow.

    Parameters
    ----------
    patient : VirtualPatient
    places : mapping of str to str
        Places in question and their words.
    truth : str, optional
        The place that is ill; "" when nothing is judged.
    nerves : sequence of str
        Sensory studies on offer.
    side : {"left", "right"}
    """

    def __init__(
        self, patient: VirtualPatient, places: Mapping[str, str] = ARM_PLACES, *, truth: str = "",
        nerves: Sequence[str] = ARM_NERVES, side: Side = "right",
    ) -> None:  # fmt: skip
        self.patient, self.places, self.truth, self.nerves, self.side = patient, places, truth, tuple(nerves), side
        self.done: tuple[PlannedTest, ...] = ()
        self.concluded = ""

    @cached_property
    def _conduction(self) -> Case:
        return examine(self.patient, studies=self.nerves, sides=[self.side])

    @cached_property
    def muscles(self) -> tuple[str, ...]:
        """Muscles that have a cost."""
        return tuple(code for kind, code in _costs() if kind == "needle")

    @property
    def case(self) -> Case:
        """The tests that were done, as a case."""
        nerves = [one.code for one in self.done if one.kind == "nerve"]
        needles = [one.code for one in self.done if one.kind == "needle"]
        return with_needle(only(self._conduction, nerves), self.patient, needles, side=self.side)

    @property
    def cost(self) -> float:
        """What the tests cost so far."""
        return sum(one.cost for one in self.done)

    def separation(self) -> Separation:
        """Shares among the places by the tests that were done; equal before the first."""
        if not self.done:
            return Separation(shares=dict.fromkeys(self.places, 1 / len(self.places)), words=self.places)
        return separation(self.case, self.places, side=self.side)

    def next_tests(self, n: int = 4) -> NextTests:
        """What would settle most for its cost."""
        return next_tests(self.case, limb="arm", side=self.side, n=n)

    def add(self, kind: str, code: str) -> PlannedTest:
        """Do a test.

        Raises
        ------
        InputError
            If the test was done already, is not on offer, or a conclusion was drawn.
        """
        if self.concluded:
            raise InputError("the conclusion stands", way_out="take the next patient")
        if any((one.kind, one.code) == (kind, code) for one in self.done):
            raise InputError("this test was done already", got=code)
        if code not in (self.nerves if kind == "nerve" else self.muscles if kind == "needle" else ()):
            raise InputError("this test is not on offer", got=code, expected="a muscle with a cost, or a listed nerve")
        made = self._needle(code) if kind == "needle" else self._nerve(code)
        self.done = (*self.done, made)
        return made

    def with_tests(self, *codes: str) -> StudyPlan:
        """Do several tests, sensory nerves or muscles by their codes; returns the plan itself."""
        for code in codes:
            if not any(one.code == code for one in self.done):
                self.add("nerve" if code in self.nerves else "needle", code)
        return self

    def take_back(self) -> None:
        """Take the last test back, unless a conclusion was drawn."""
        if not self.concluded:
            self.done = self.done[:-1]

    def _needle(self, code: str) -> PlannedTest:
        found = needle_words(self.patient, code, self.side)
        pattern = found.recruitment.pattern if found.recruitment else "normal"
        parts = [f"fibrillations {one.grade}+" for one in found.spontaneous or ()]
        parts += ["reduced recruitment"] if pattern == "reduced" else []
        return PlannedTest(
            kind="needle", code=code, words=vocabulary.muscle(code).name, found=", ".join(parts) or "normal",
            is_abnormal=says_abnormal(found), cost=cost_of((), (code,)),
        )  # fmt: skip

    def _nerve(self, code: str) -> PlannedTest:
        one = next(each for each in self._conduction.ncs.sensory if each.nerve == code and each.side == self.side)
        amplitude = one.responses[0].measures["amplitude_uv"]
        size = amplitude.value if isinstance(amplitude, Measure) else None
        judged = [each.state for each in strip(only(self._conduction, [code])) if "amplitude" in each.fact.name]
        is_low = size is None or "abnormal" in judged
        state = "low" if is_low else "within its limits" if judged else "no limit on record"
        return PlannedTest(
            kind="nerve", code=code, words=studies()[code].words,
            found="no response" if size is None else f"{size:.0f} \u00b5V, {state}", is_abnormal=is_low,
            cost=cost_of((code,), ()),
        )  # fmt: skip

    def conclude(self, site: str) -> str:
        """Name the place; the first conclusion counts.  Returns what the learner is told.

        Raises
        ------
        InputError
            If the place is not in question.
        """
        if site not in self.places:
            raise InputError("this place is not in question", got=site, expected=", ".join(self.places))
        self.concluded = self.concluded or site
        return self.told()

    @property
    def is_settled(self) -> bool:
        """Whether the true place was named, has the share asked for, and cost less than the six muscles of the set."""
        share = self.separation().shares.get(self.truth, 0.0)
        return self.concluded == self.truth and share >= SETTLED and self.cost < cost_of((), ARM_SET)

    def told(self) -> str:
        """The verdict with its numbers."""
        shares, limit = self.separation().shares, cost_of((), ARM_SET)
        share = shares.get(self.truth, 0.0)
        truth, named = self.places[self.truth], self.places[self.concluded]
        tests = (
            f"These tests give {truth} {100 * share:.0f} % among the {len(self.places)}, for a cost of {self.cost:g}"
        )
        if self.concluded != self.truth:
            return f"It is {truth}, not {named}. {tests}; {named} has {100 * shares[self.concluded]:.0f} %."
        if share < SETTLED:
            return f"It is {truth}, but that was a guess. {tests}; {100 * SETTLED:.0f} % was asked for."
        if self.cost >= limit:
            return f"It is {truth}. {tests}; the six muscles of the set cost {limit:g}, and less was asked for."
        return f"It is {truth}. {tests}, below the {limit:g} of the set."


def arm_patient(site: str, *, severity: str = "severe", seed: int = 0, **subject: object) -> VirtualPatient:
    """A patient with one of the places of the arm ill, on the right, for six weeks whatever the place: the date tells nothing.

    Raises
    ------
    InputError
        If the place is not one of them.
    """
    if site not in CONDITION_OF:
        raise InputError("this place is not in question", got=site, expected=", ".join(CONDITION_OF))
    return VirtualPatient.with_condition(
        CONDITION_OF[site], side="right", severity=severity, day=DAYS, seed=seed, **subject
    )
