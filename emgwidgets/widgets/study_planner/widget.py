"""The study planner: muscles from the body map and sensory nerves, shares among the places in question, costs, a conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from emgwidgets.errors import EmgError, InputError
from emgwidgets.interpretation._tables import studies
from emgwidgets.lessons.progress import Progress
from emgwidgets.lessons.study_plan import ARM_PLACES, ARM_SET, SETTLED, StudyPlan, arm_patient, cost_of
from emgwidgets.model.checks import check_index
from emgwidgets.widgets._esm import join_css, join_modules
from emgwidgets.widgets.acting import error_content
from emgwidgets.widgets.body_map import body_wire
from emgwidgets.widgets.still import with_still

__all__ = ["StudyPlanner"]

HERE = Path(__file__).parent
SHARED = HERE.parent / "_js"
N_NEXT, N_RANKED = 4, 200
#: Message -> fields it takes.
ACTIONS = {"add": ("kind", "code"), "take_back": (), "conclude": ("site",), "go": ("index",)}


class StudyPlanner(anywidget.AnyWidget):
    """Plan the shortest study that settles the place of a lesion in the arm.

    Parameters
    ----------
    plans : sequence of StudyPlan, optional
        One for each patient; five unknown patients, one for each place, when left out.
    seed : int
        Another seed gives other patients in another order.
    shows_next : bool
        Whether the tests that would settle most for their cost are listed.
    progress : Progress, optional
        Where conclusions are kept; the user's own file by default.

    Notes
    -----
    The first conclusion on a patient counts.  What is true travels to the browser only after it.
    """

    _esm = join_modules(HERE / "view.js")
    _css = join_css(SHARED / "tokens.css", SHARED / "controls.css", SHARED / "body_map.css", HERE / "view.css")

    _fixed = traitlets.Dict().tag(sync=True)
    _state = traitlets.Dict().tag(sync=True)

    def __init__(
        self, plans: Sequence[StudyPlan] | None = None, *, seed: int = 0, shows_next: bool = False,
        lesson: str = "26", progress: Progress | None = None,
    ) -> None:  # fmt: skip
        if plans is not None and not plans:
            raise InputError("there is nobody to examine", got="no plan", expected="at least one")
        super().__init__()
        self.plans = tuple(plans) if plans is not None else _unknown(seed)
        self.index = 0
        self._shows_next, self._lesson, self._seed = shows_next, lesson, seed
        self._progress = progress or Progress()
        plan = self.plans[0]
        self._fixed = {
            "body": body_wire(), "limit": cost_of((), ARM_SET), "settled": SETTLED, "muscles": list(plan.muscles),
            "nerves": [{"code": one, "words": studies()[one].words, "cost": cost_of((one,), ())} for one in plan.nerves],
            "places": [{"code": code, "words": words.removeprefix("the ")} for code, words in plan.places.items()],
        }  # fmt: skip
        self._publish()
        self.on_msg(self._receive)

    # actions -----------------------------------------------------------------------------------------------------
    @property
    def plan(self) -> StudyPlan:
        """The plan of the patient that is shown."""
        return self.plans[self.index]

    def add(self, kind: str, code: str) -> str:
        """Do a test, ``"needle"`` or ``"nerve"``; returns what it finds."""
        found = self.plan.add(kind, code)
        self._publish()
        return found.found

    def take_back(self) -> None:
        """Take the last test back."""
        self.plan.take_back()
        self._publish()

    def conclude(self, site: str) -> str:
        """Name the place; the first conclusion counts.  Returns the verdict."""
        plan = self.plan
        is_new = not plan.concluded
        told = plan.conclude(site)
        if is_new:
            self._progress.add(
                "exercise", lesson=self._lesson, seed=self._seed, item=self.index, choice=plan.concluded, truth=plan.truth,
                is_true=plan.is_settled, cost=plan.cost,
            )  # fmt: skip
        self._publish()
        return told

    def go(self, index: int) -> None:
        """Show another patient, counted from 0.

        Raises
        ------
        InputError
            If there is no such patient.
        """
        self.index = check_index(index, len(self.plans), what="patient")
        self._publish()

    @property
    def score(self) -> tuple[int, int, int]:
        """Patients settled below the cost of the set, patients concluded, patients."""
        given = [one for one in self.plans if one.concluded]
        return sum(one.is_settled for one in given), len(given), len(self.plans)

    def to_text(self) -> str:
        """Return what is open among the places, the tests with their findings, and the verdict once it was given."""
        plan, shares = self.plan, self.plan.separation().shares
        lines = [
            f"{self._state['who']} since onset; {plan.side} arm; cost {plan.cost:g} of less than {self._fixed['limit']:g}"
        ]
        lines += [f"  {words}: {100 * shares[code]:.0f} %" for code, words in plan.places.items()]
        lines += [f"  {one.words}: {one.found} (cost {one.cost:g})" for one in plan.done]
        return "\n".join([*lines, plan.told()] if plan.concluded else lines)

    def to_figure(self) -> Any:
        """Return the plan of the patient that is shown as a matplotlib figure: shares, tests with findings, costs."""
        from emgwidgets.figures.study_plan import PlanPicture, draw_plan

        plan, shares = self.plan, self.plan.separation().shares
        return draw_plan(PlanPicture(
            title=f"{self._state['who']} since onset; {plan.side} arm",
            shares=tuple((words.removeprefix("the "), shares[code]) for code, words in plan.places.items()),
            settled_share=SETTLED, costs=(plan.cost, self._fixed["limit"]), told=plan.told() if plan.concluded else "",
            tests=tuple((one.words, one.found, one.cost, one.is_abnormal) for one in plan.done),
        ))  # fmt: skip

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget, and beside it the plan as a picture and in words for where no kernel runs."""
        words = " ".join(line.strip() + ";" for line in str(self.to_text()).splitlines()).rstrip(";")
        return with_still(super()._repr_mimebundle_(**kwargs), f"{self!r}: {words}.", self.to_figure)

    def __repr__(self) -> str:
        settled, given, n = self.score
        return f"StudyPlanner({n} patient{'s' * (n != 1)}, {given} concluded, {settled} settled)"

    # inside ------------------------------------------------------------------------------------------------------
    def _publish(self) -> None:
        plan = self.plan
        shares = plan.separation()
        state: dict[str, Any] = {
            "index": self.index, "cost": plan.cost, "side": plan.side, "judges": bool(plan.truth),
            "who": f"{plan.patient.sex}, {plan.patient.age_years:.0f} years; {plan.patient.day:.0f} days",
            "tests": [
                {"kind": one.kind, "code": one.code, "words": one.words, "found": one.found, "cost": one.cost,
                 "is_abnormal": one.is_abnormal}
                for one in plan.done
            ],
            "shares": [{"code": code, "share": round(shares.shares[code], 4)} for code in plan.places],
            "patients": [{"is_done": bool(one.concluded), "is_settled": bool(one.concluded) and one.is_settled}
                         for one in self.plans],
            "next": self._next(),
        }  # fmt: skip
        if plan.concluded:
            state |= {
                "told": plan.told(),
                "truth": plan.truth,
                "concluded": plan.concluded,
                "is_settled": plan.is_settled,
            }
        self._state = state

    def _next(self) -> dict[str, Any] | None:
        if not self._shows_next:
            return None
        plan = self.plan
        found = plan.next_tests(N_RANKED)
        offered = {f"needle.{one}.{plan.side}" for one in plan.muscles} | {
            f"sensory.{one}.{plan.side}" for one in plan.nerves
        }
        return {
            # the test it goes on to name may be one that this game does not offer
            "reason": found.reason if found.should_stop else f"{found.reason.partition(';')[0]}.",
            "stops": found.should_stop,
            "tests": [
                {"code": one.code.split(".")[1], "kind": "needle" if one.code.startswith("needle.") else "nerve",
                 "words": one.words.removeprefix("needle of "), "bits": round(one.gain_bits, 2), "cost": one.cost,
                 "answers": [each.sentence.removeprefix(f"{one.words} ") for each in one.answers], "cautions": list(one.cautions)}
                for one in [each for each in found.tests if each.code in offered][:N_NEXT]
            ],
        }  # fmt: skip

    def _receive(self, _widget: Any, content: dict[str, Any], _buffers: Any) -> None:
        kind = str(content.get("type"))
        if kind not in ACTIONS:
            return
        try:
            getattr(self, kind)(**{name: content[name] for name in ACTIONS[kind] if name in content})
        except EmgError as error:
            self.send(error_content(error, kind))


def _unknown(seed: int) -> tuple[StudyPlan, ...]:
    """Five patients, one for each place of the arm, in a drawn order."""
    rng = np.random.default_rng([seed, 26])
    return tuple(
        StudyPlan(
            arm_patient(
                site, seed=100 * seed + n, age_years=float(rng.integers(38, 66)), height_cm=float(rng.integers(158, 186)),
                sex=str(rng.choice(["female", "male"])),
            ),
            truth=site,
        )
        for n, site in enumerate(rng.permutation(list(ARM_PLACES)).tolist())
    )  # fmt: skip
