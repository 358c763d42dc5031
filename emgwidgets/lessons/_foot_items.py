"""Foot drops: the cheapest plan of tests that separates fibular head, L5, sciatic nerve and plexus, judged by the posterior."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emgwidgets import vocabulary
from emgwidgets.lessons._people import known_of, person
from emgwidgets.lessons.foot_drop import NAMED, SITES, Separation, cost_of, only, separation, with_needle
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.lessons.needle_words import needle_words, says_abnormal
from emgwidgets.model.case import Examination
from emgwidgets.model.signal import Side
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.work_up import examine

__all__ = ["foot_item"]

SIDE: Side = "right"
#: Condition of the row -> site as localisation names it.
SITE_OF = {
    "fibular_neuropathy_at_head": "common_fibular_head", "radiculopathy_l5": "root_l5", "sciatic_neuropathy": "sciatic",
    "sacral_plexopathy": "sacral_plexus",
}  # fmt: skip
#: Studies and needle muscles of each plan, the shorter first.
PLANS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("fibular to tibialis anterior alone", ("fibular_ta",), ()),
    ("fibular to tibialis anterior, superficial fibular", ("fibular_ta", "superficial_fibular"), ()),
    ("the same, needle in tibialis anterior, extensor hallucis longus",
     ("fibular_ta", "superficial_fibular"), ("tibialis_anterior", "extensor_hallucis_longus")),
    ("the same, needle in tibialis posterior, tensor fasciae latae",
     ("fibular_ta", "superficial_fibular"), ("tibialis_posterior", "tensor_fasciae_latae")),
    ("with sural; needle in tibialis posterior, tensor fasciae latae, short head of biceps femoris",
     ("fibular_ta", "superficial_fibular", "sural"),
     ("tibialis_posterior", "tensor_fasciae_latae", "biceps_femoris_short_head")),
    ("all of these, gastrocnemius and paraspinal muscles too",
     ("fibular_edb", "fibular_ta", "superficial_fibular", "sural"),
     ("tibialis_posterior", "tensor_fasciae_latae", "biceps_femoris_short_head", "gastrocnemius_medial_head",
      "lumbar_paraspinals_multifidus_lower")),
)  # fmt: skip
NONE = "None of these separates the four"


def foot_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of one right foot that drops."""
    patient = person(row, seed)
    site = SITE_OF[row["condition"]]
    words = SITES[site]
    case = examine(patient, studies=("fibular_edb", "fibular_ta", "superficial_fibular", "sural"))
    plans = [separation(with_needle(only(case, studies), patient, muscles, side=SIDE), side=SIDE)
             for _, studies, muscles in PLANS]  # fmt: skip
    costs = [cost_of(studies, muscles) for _, studies, muscles in PLANS]
    enough = [number for number, plan in enumerate(plans) if plan.shares[site] >= NAMED]
    truth = min(enough, key=lambda number: costs[number]) if enough else len(PLANS)
    names = [f"{name[:1].upper()}{name[1:]} (cost {cost:g})" for (name, _, _), cost in zip(PLANS, costs, strict=True)]
    _, examination = patient.clinic()
    return Item(
        question="Fibular head, sciatic nerve, plexus or L5: which is the cheapest plan that separates them here?",
        options=(*names, NONE), truth=truth, feedback=_feedback(plans, costs, site, truth),
        why=_why(patient, row["condition"]), traces=_traces(patient),
        known=(known_of(patient), ("complaint", "the right foot drops"), ("traces", "tibialis anterior, superficial fibular"), ("since", f"{patient.day:.0f} days"),
               *_strength(examination)),
        found=(("lesion", words), *_needles(patient)), end_ms=20.0,
    )  # fmt: skip


def _strength(examination: Examination) -> tuple[tuple[str, str], ...]:
    grades = {one.muscle: one.mrc for one in examination.strength if one.side == SIDE}
    jerk = next((one.finding for one in examination.reflexes if one.side == SIDE and one.name == "achilles"), "normal")
    return (
        ("lifts the foot", grades.get("tibialis_anterior", "5")), ("turns it in", grades.get("tibialis_posterior", "5")),
        ("ankle jerk", jerk),
    )  # fmt: skip


def _traces(patient: VirtualPatient) -> tuple[ItemTrace, ...]:
    """Tibialis anterior from both sides of the head, and the superficial fibular nerve of both legs."""
    motor = [
        ItemTrace(
            label=f"TA, {site.split('_')[0]} head", scale="motor",
            sweep=patient.motor_study(nerve="fibular", muscle="tibialis_anterior", side=SIDE, site=site).sweep,
        )
        for site in ("below_fibular_head", "above_fibular_head")
    ]  # fmt: skip
    sides: tuple[Side, Side] = ("right", "left")
    sensory = [
        ItemTrace(
            label=f"SF, {side}", scale="sensory",
            sweep=patient.sensory_study(response="superficial_fibular", side=side, n_averaged=20).sweep,
        )
        for side in sides
    ]  # fmt: skip
    return (*motor, *sensory)


def _needles(patient: VirtualPatient) -> tuple[tuple[str, str], ...]:
    muscles = ("tibialis_anterior", *PLANS[-1][2])
    found = {muscle: says_abnormal(needle_words(patient, muscle, SIDE)) for muscle in muscles}
    word = {muscle: vocabulary.muscle(muscle).name.lower() for muscle in muscles}
    listed = {
        is_bad: ", ".join(word[one] for one in muscles if found[one] is is_bad) or "none" for is_bad in (True, False)
    }
    return ("needle abnormal", listed[True]), ("needle normal", listed[False])


def _feedback(plans: list[Separation], costs: list[float], site: str, truth: int) -> tuple[str, ...]:
    """What each plan leaves open, in shares among the four."""
    words, told = SITES[site], []
    for number, plan in enumerate(plans):
        share = f"It gives {words} {100 * plan.shares[site]:.0f} % among the four, for a cost of {costs[number]:g}"
        if number == truth:
            told.append(f"{share}; no cheaper plan here does.")
        elif plan.shares[site] >= NAMED:
            told.append(f"{share}; the plan for {costs[truth]:g} does the same.")
        else:
            other = max((one for one in plan.shares if one != site), key=lambda one: plan.shares[one])
            told.append(f"{share}; {SITES[other]} keeps {100 * plan.shares[other]:.0f} %.")
    best = max(plan.shares[site] for plan in plans)
    told.append(f"The most that any of them gives {words} is {100 * best:.0f} %; {100 * NAMED:.0f} % was asked for.")
    return tuple(told)


def _why(patient: VirtualPatient, condition: str) -> str:
    fate = patient.muscle_fate(muscle="tensor_fasciae_latae", side=SIDE)
    return {
        "fibular_neuropathy_at_head": "The fall or the slowing lies in the few centimetres across the head, and tibialis posterior is not of this nerve.",
        "radiculopathy_l5": f"The sensory response is kept, tibialis posterior and the hip have lost axons ({100 * fate.axon_loss_share:.0f} % in tensor fasciae latae): two nerves, one root.",
        "sciatic_neuropathy": "The sensory responses are low, tibialis posterior is hit, the hip is not: below the gluteal nerves, above the knee.",
        "sacral_plexopathy": "The sensory responses are low, and the hip is hit too: above the sciatic nerve, beyond the ganglion.",
    }[condition]  # fmt: skip
