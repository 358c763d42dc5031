"""A studied patient, and the planning game: how many examinations the advised order needs against a fixed plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

from localisation_studies import days_of, plan_of
from localisation_truth import TRUTH

from emgwidgets.interpretation.localisation import localise, next_tests
from emgwidgets.interpretation.localisation.parameters import number
from emgwidgets.model.case import Case
from emgwidgets.model.localisation import Localisation

#: Day from which a study of lesions that began on one day is adequate in time (mri.S81).
EARLY_DAYS = 28.0


@dataclass(frozen=True)
class Studied:
    """One patient, what was found, and what was concluded."""

    code: str
    severity: str
    side: str
    day: float
    case: Case
    found: Localisation
    right: tuple[str, ...] = ()

    @property
    def is_early(self) -> bool:
        """Whether lesions that began on one day are examined sooner than four weeks after it."""
        return self.day < EARLY_DAYS and len(days_of(self.code, self.severity)) > 1

    @property
    def is_first(self) -> bool:
        """Whether the right site leads."""
        return bool(self.found.explanations) and self.found.explanations[0].candidate.code in self.right

    @property
    def is_among_three(self) -> bool:
        """Whether the right site is among the first three."""
        return any(one.candidate.code in self.right for one in self.found.explanations[:3])

    @property
    def says_early(self) -> bool:
        """Whether the answer says that the study came early."""
        said = (*self.found.adequacy.missing, *self.found.adequacy.notes)
        return any("is early" in one for one in said)

    @property
    def is_wrong_side(self) -> bool:
        """Whether the leading site sits on the other side only."""
        other = "left" if self.side == "right" else "right"
        lead = self.found.leading
        return lead is not None and lead.candidate.sides == (other,) and self.code in TRUTH


#: One side only is examined here, so the limits that do not state their convention are used as they stand.
ASSUMED = ("convention",)
#: Probabilities that end a planning game before it is as sure as the fixed plan: where the engine says that further tests
#: would hardly change it, and what counts as a defensible conclusion (proposal of this project).
ENOUGH = (number("abstain.certain"), 0.8)
SCREEN = {
    "arm": (
        "deltoid_middle", "triceps_brachii_lateral_head", "pronator_teres", "extensor_digitorum_communis",
        "abductor_pollicis_brevis", "cervical_paraspinals_c7_c8",
    ),
    "leg": (
        "vastus_medialis", "tibialis_anterior", "tibialis_posterior", "biceps_femoris_short_head",
        "gastrocnemius_medial_head", "lumbar_paraspinals_multifidus_lower",
    ),
}  # fmt: skip
ROUTINE = {
    "arm": {"median_apb", "ulnar_adm", "median_d2", "ulnar_d5", "superficial_radial"},
    "leg": {"fibular_edb", "tibial_ah", "sural", "superficial_fibular"},
}  # fmt: skip


def _name(study: object) -> str:
    from emgwidgets.interpretation._tables import motor_study, sensory_study

    muscle = getattr(study, "muscle", "")
    return (motor_study(study.nerve, muscle) if muscle else sensory_study(study.nerve)).code  # type: ignore[attr-defined]


def _part(row: Studied, names: set[str], muscles: tuple[str, ...]) -> Case:
    ncs = row.case.ncs
    kept = replace(
        ncs,
        motor=tuple(one for one in ncs.motor if f"{_name(one)}.{one.side}" in names),
        sensory=tuple(one for one in ncs.sensory if f"{_name(one)}.{one.side}" in names),
    )
    return replace(row.case, ncs=kept, needle=tuple(one for one in row.case.needle if one.muscle in muscles))


def economy(row: Studied) -> tuple[int, int, int, int] | None:
    """Examinations of the fixed plan, of the advised order until as sure, and until each of ``ENOUGH``.

    None where the fixed plan does not name the right site with at least 0.5.
    """
    plan = plan_of(row.code)
    if plan not in SCREEN:
        return None
    has = {f"{_name(one)}.{one.side}" for one in row.case.ncs.motor}
    has |= {f"{_name(one)}.{one.side}" for one in row.case.ncs.sensory}
    both = {name for name in has if name.rpartition(".")[0] in ROUTINE[plan] and name.endswith(row.side)}
    fixed = localise(_part(row, both, SCREEN[plan]), assume=ASSUMED)
    wanted = _right(fixed, row)
    if wanted < 0.5 or fixed.explanations[0].candidate.code not in row.right:
        return None
    aims = [wanted, *(min(wanted, one) for one in ENOUGH)]
    used = _played(row, plan, has, aims)
    return len(both) + len(SCREEN[plan]), used[0], used[1], used[2]


def _right(found: Localisation, row: Studied) -> float:
    return sum(one.probability for one in found.explanations if one.candidate.code in row.right)


def _played(row: Studied, plan: str, has: set[str], aims: list[float]) -> list[int]:
    """Examinations in the advised order until the right site has each of some probabilities; all of them where it never has."""
    able = {one.muscle for one in row.case.needle}
    names: set[str] = set()
    muscles: list[str] = []
    used = [0] * len(aims)
    for n in range(1, MOST_TESTS + 1):
        advised = next_tests(_part(row, names, tuple(muscles)), n=60, assume=ASSUMED, limb=plan, side=row.side)  # type: ignore[arg-type]
        step = next((one.code for one in advised.tests if _can(one.code, has, able, row.side)), None)
        if step is None:
            return [one or n - 1 for one in used]
        kind, study, side = step.split(".")
        if kind == "needle":
            muscles.append(study)
        else:
            names.add(f"{study}.{side}")
        reached = _right(localise(_part(row, names, tuple(muscles)), assume=ASSUMED), row)
        used = [one or (n if reached >= aim else 0) for one, aim in zip(used, aims, strict=True)]
        if used[0]:
            return used
    return [one or MOST_TESTS for one in used]


#: Examinations after which a planning game is given up.
MOST_TESTS = 25


def _can(code: str, has: set[str], able: set[str], side: str) -> bool:
    kind, study, own = code.split(".")
    return own == side and (
        study in able if kind == "needle" else kind in {"motor", "sensory"} and f"{study}.{own}" in has
    )
