"""One unknown case: tests are chosen and done one by one on its virtual patient; what they cost and what they moved is kept.

Conduction studies are measured from simulated sweeps.  The needle findings are words that follow from the state of the axons.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.correlate import correlate
from emgwidgets.interpretation.correlation.red_flags import red_flags_of
from emgwidgets.interpretation.correlation.report.reader import read_report
from emgwidgets.interpretation.localisation import localise
from emgwidgets.interpretation.localisation.catalogue import Test, catalogue
from emgwidgets.lessons.needle_words import needle_words
from emgwidgets.model.case import Case
from emgwidgets.model.measure import Conditions, TraceLink
from emgwidgets.model.signal import Recording, Side, Sweep
from emgwidgets.simulation.story.teaching import TeachingCase, teaching_case
from emgwidgets.work_up import examine, subject_of

if TYPE_CHECKING:
    from emgwidgets.model.correlation import Correlation

__all__ = ["CANNOT_BE_JUDGED", "DoneTest", "Score", "StudyRoom", "least_study"]

CANNOT_BE_JUDGED = "cannot_be_judged"
#: Name of the sweeps beside the case.
SWEEPS_FILE = "sweeps.npz"
KINDS = ("motor", "sensory", "needle")
#: Share of lost axons that a careful examiner finds at rest, and share out of action that shows in the recruitment; internal
#: choices: fibrillations are found from small losses on, fewer units only from a quarter.
SEEN_SHARE, REDUCED_SHARE = 0.06, 0.25
#: Posterior of the true site, from the tests that were done, from which a conclusion counts as defended (curriculum, section
#: 6; internal choice), and the points of the game.
DEFENDED = 0.8
POINTS = {"conclusion": 60.0, "side": 5.0, "economy": 25.0, "thin": 20.0}
PENALTIES = {"red_flag": 40.0, "overcall": 25.0, "inadequate": 20.0}
#: Sites that say that nothing was found, and the share from which an adequate study may say so; internal choice: a normal
#: study never excludes much.
NEGATIVE, SOUND = ("normal", "central_weakness"), 0.5
#: Without a side or an economy to judge, the rest is scaled to this.
FULL = 100.0


@dataclass(frozen=True, kw_only=True)
class DoneTest:
    """One test as it was done: its cost, what it showed, and what led afterwards."""

    kind: str
    study: str
    side: Side
    words: str
    cost: float
    showed: str
    leading: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class Score:
    """Points of one case with the reason of each.

    Parameters
    ----------
    points : float
        0 to 100.
    rows : tuple of (str, float, str)
        What for, points, why.
    """

    points: float
    rows: tuple[tuple[str, float, str], ...]

    def __str__(self) -> str:
        lines = [f"{self.points:.0f} of 100"]
        return "\n".join([*lines, *(f"  {points:+5.0f}  {name}: {why}" for name, points, why in self.rows)])


@cache
def _wanted() -> Mapping[str, Mapping[str, str]]:
    text = resources.files("emgwidgets.lessons").joinpath("whole_cases.csv").read_text(encoding="utf-8")
    return {row["case"]: row for row in csv.DictReader(text.splitlines())}


def least_study(code: str) -> tuple[tuple[str, str], ...]:
    """Least sufficient study of an unknown case: (kind, study); empty where nothing is needed first.

    Raises
    ------
    InputError
        If the case has none.
    """
    row = _wanted().get(code)
    if row is None:
        raise InputError("no plan is kept for this case", got=repr(code), expected=f"one of {', '.join(_wanted())}")
    return tuple((kind, study) for kind, _, study in (part.partition(" ") for part in row["least"].split(";")) if study)


@cache
def _tests() -> Mapping[tuple[str, str], Test]:
    return {(one.kind, one.study): one for one in catalogue() if one.kind in KINDS}


@dataclass(eq=False)
class StudyRoom:
    """Examine one unknown case.

    Parameters
    ----------
    code : str
        ``"U1"`` to ``"U24"``.
    seed : int
        Another seed gives another body with the same story.

    Raises
    ------
    InputError
        If there is no such case, or it has no plan to be judged by.
    """

    code: str = "U1"
    seed: int = 0
    done: list[DoneTest] = field(default_factory=list)
    has_read_mri: bool = False
    sweeps: list[Sweep] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self.teaching: TeachingCase = teaching_case(self.code)
        least_study(self.code)
        self.told = self.teaching.simulate(seed=self.seed)
        self.case: Case = replace(self.told.case, subject=subject_of(self.told.patient), mri=())

    # acts ----------------------------------------------------------------------------------------------------------
    def tests(self) -> tuple[Test, ...]:
        """Tests that can be done here, with their proposed costs."""
        return tuple(_tests().values())

    def read_mri(self) -> str:
        """Open the MRI report; its findings enter the case as the report reader has them.

        Returns
        -------
        str
            The text; a sentence where there is no MRI.
        """
        self.has_read_mri = True
        if self.told.mri is None:
            return "There is no MRI."
        findings = self.told.case.mri or tuple(one.finding for one in read_report(self.told.mri.text).findings)
        self.case = replace(self.case, mri=findings)
        return self.told.mri.text

    def do(self, kind: str, study: str, side: Side) -> DoneTest:
        """Do one test.

        Parameters
        ----------
        kind : {"motor", "sensory", "needle"}
        study : str
            Study or muscle of the table of tests.
        side : {"left", "right"}

        Raises
        ------
        InputError
            If there is no such test, or it was done already.
        """
        test = _tests().get((kind, study))
        if test is None:
            near = sorted(name for one, name in _tests() if one == kind) or list(KINDS)
            raise InputError("no such test", got=f"{kind} {study}", expected=f"such as {', '.join(near[:4])}")
        if any((one.kind, one.study, one.side) == (kind, study, side) for one in self.done):
            raise InputError("this test was done already", got=f"{study}, {side}", way_out="choose another one")
        showed = self._needle(study, side) if kind == "needle" else self._nerve(study, side)
        leading, probability = self.leading()
        made = DoneTest(
            kind=kind, study=study, side=side, words=_words(kind, study), cost=test.cost(), showed=showed, leading=leading,
            probability=probability,
        )  # fmt: skip
        self.done.append(made)
        return made

    def _needle(self, muscle: str, side: Side) -> str:
        found = needle_words(self.told.patient, muscle, side, seen_share=SEEN_SHARE, reduced_share=REDUCED_SHARE)
        self.case = replace(self.case, needle=(*self.case.needle, found))
        rest = ", ".join(one.kind.replace("_", " ") for one in found.spontaneous or ()) or "silent at rest"
        units = "long, large units" if found.motor_units and found.motor_units.duration == "long" else "usual units"
        pattern = found.recruitment.pattern if found.recruitment else "not tested"
        return f"{rest}, {units}, recruitment {pattern}"

    def _nerve(self, study: str, side: Side) -> str:
        made = examine(self.told.patient, studies=(study,), sides=(side,), keep=self._keep).ncs
        technique = dict(self.teaching.expected.technique)
        motor = tuple(_as_sent(one, technique) for one in made.motor)
        sensory = tuple(_as_sent(one, technique) for one in made.sensory)
        ncs = self.case.ncs
        self.case = replace(self.case, ncs=replace(ncs, motor=(*ncs.motor, *motor), sensory=(*ncs.sensory, *sensory)))
        first = (*motor, *sensory)[0].responses[0].measures
        name = "amplitude_mv" if motor else "amplitude_uv"
        return first[name].text if name in first else "no response"

    def _keep(self, sweep: Sweep) -> TraceLink:
        """Keep a sweep; the number it gets among those of its channel leads back to it."""
        number = sum(one.channel == sweep.channel for one in self.sweeps)
        self.sweeps.append(sweep)
        return TraceLink(recording=SWEEPS_FILE, channel=sweep.channel, sweep=number)

    # what stands ---------------------------------------------------------------------------------------------------
    @property
    def cost(self) -> float:
        """Minutes, discomfort and five times the risk of everything that was done (proposed numbers)."""
        return sum(one.cost for one in self.done)

    @property
    def recordings(self) -> Mapping[str, Recording]:
        """The sweeps that the numbers of the case come from, by the name their links have."""
        return {SWEEPS_FILE: Recording(sweeps=tuple(self.sweeps))} if self.sweeps else {}

    def leading(self) -> tuple[str, float]:
        """Leading explanation and its probability, from what is in the case now."""
        best = localise(self.case, n=1).explanations
        return (best[0].candidate.words, best[0].probability) if best else ("none", 0.0)

    def probability_of(self, site: str) -> float:
        """Probability of a site by its code, such as ``"root_l5.left"``."""
        return next((one.probability for one in localise(self.case, n=400).explanations if one.candidate.code == site), 0.0)  # fmt: skip

    def correlation(self) -> Correlation:
        """How function, structure and complaint fit, from what is in the case now."""
        return correlate(self.case)

    # the end -------------------------------------------------------------------------------------------------------
    def conclude(self, site: str, *, red_flag: bool = False) -> Score:
        """Score a conclusion.

        Parameters
        ----------
        site : str
            Code of a site, such as ``"root_l5.left"`` or ``"normal"``; ``"cannot_be_judged"`` abstains.
        red_flag : bool
            Whether a red flag was called.

        Returns
        -------
        Score
        """
        truths = _wanted()[self.code]["sites"].split(";")
        rows = [self._conclusion(site, truths)]
        is_right = rows[0][1] > 0
        if is_right and "." in site:
            rows.append(("side", POINTS["side"], "as it is"))
        if rows[0][1] >= POINTS["conclusion"]:
            rows.append(self._economy())
        rows += self._penalties(site, truths, red_flag=red_flag)
        most = POINTS["conclusion"] + POINTS["economy"] + (POINTS["side"] if any("." in one for one in truths) else 0.0)
        points = sum(points for _, points, _ in rows)
        return Score(points=max(0.0, min(FULL, FULL * points / most)), rows=tuple(rows))

    def _conclusion(self, site: str, truths: list[str]) -> tuple[str, float, str]:
        if site not in truths:
            return "conclusion", 0.0, f"the patient has {_named(truths)}"
        if site == CANNOT_BE_JUDGED:
            return "conclusion", POINTS["conclusion"], f"left open with reason: {_wanted()[self.code]['note']}"
        held = max(self.probability_of(one) for one in truths if one != CANNOT_BE_JUDGED)
        if held >= DEFENDED or self._is_sound_negative(site):
            return "conclusion", POINTS["conclusion"], f"defended: {100 * held:.0f} % from the tests that were done"
        return (
            "conclusion",
            POINTS["thin"],
            f"right, on thin evidence: {100 * held:.0f} % from the tests that were done",
        )

    def _is_sound_negative(self, site: str) -> bool:
        """A normal result needs an adequate study without abnormal findings, or a case that needs none first."""
        if site not in NEGATIVE:
            return False
        if not least_study(self.code):
            return True
        found = localise(self.case)
        return found.adequacy.is_adequate and self.leading()[1] >= SOUND and self.probability_of("normal") >= SOUND

    def _economy(self) -> tuple[str, float, str]:
        least = sum(_tests()[one].cost() for one in least_study(self.code) if one in _tests())
        share = min(1.0, least / self.cost) if self.done else float(least == 0)
        return "economy", POINTS["economy"] * share, f"cost {self.cost:.0f}, a sufficient study costs {least:.0f}"

    def _penalties(self, site: str, truths: list[str], *, red_flag: bool) -> list[tuple[str, float, str]]:
        found = []
        flags = [one.words for one in red_flags_of(self.case) if one.state == "present" and one.is_urgent]
        if flags and not red_flag:
            found.append(("red flag missed", -PENALTIES["red_flag"], ", ".join(flags)))
        if site not in truths and (truths == ["normal"] or _other_side(site) in truths):
            found.append(("overcall or wrong side", -PENALTIES["overcall"], f"the patient has {_named(truths)}"))
        if site != CANNOT_BE_JUDGED and truths == [CANNOT_BE_JUDGED]:
            found.append(("verdict on an inadequate study", -PENALTIES["inadequate"], _wanted()[self.code]["note"]))
        return found


def _words(kind: str, study: str) -> str:
    if kind == "needle":
        return f"needle, {vocabulary.muscle(study).name}"
    return f"{kind}, {study.replace('_', ' ')}"


def _named(sites: list[str]) -> str:
    return " or ".join(one.replace("_", " ").replace(".", ", ") for one in sites)


def _other_side(site: str) -> str:
    swapped = {"left": "right", "right": "left"}
    head, _, side = site.rpartition(".")
    return f"{head}.{swapped[side]}" if side in swapped else ""


def _as_sent(study: Any, technique: Mapping[str, Any]) -> Any:
    """A study with the faults of technique of the case: cold, not shown to be supramaximal, filters not stated."""
    if not technique:
        return study
    is_known = technique.get("filter_known", True)
    old = study.conditions
    conditions = Conditions(
        electrode=old.electrode, skin_temperature_degc=technique.get("skin_temperature_degc", old.skin_temperature_degc),
        high_pass_hz=old.high_pass_hz if is_known else None, low_pass_hz=old.low_pass_hz if is_known else None,
        distance_mm=old.distance_mm, is_supramaximal=technique.get("is_supramaximal", old.is_supramaximal),
    )  # fmt: skip
    responses = study.responses
    if "is_supramaximal" in technique and responses and hasattr(responses[0], "is_supramaximal"):
        responses = tuple(replace(one, is_supramaximal=technique["is_supramaximal"]) for one in responses)
    return replace(study, conditions=conditions, responses=responses)
