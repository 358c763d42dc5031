"""Technical faults that take a study away: cold, stimulation that was not supramaximal, unknown filters, no usable muscle."""

from __future__ import annotations

from emgwidgets.interpretation._tables import studies
from emgwidgets.model.case import Case
from emgwidgets.model.ncs import MotorStudy, SensoryStudy

__all__ = ["LEAST_SKIN_DEGC", "technical_faults"]

#: Lowest skin temperature of an arm and a leg (ncs section 4, from memory; 31 for the leg stands in other texts).
LEAST_SKIN_DEGC = {"arm": 32.0, "leg": 30.0}
#: Share of the studies that a fault must touch before the whole is invalid (internal choice).
MOST = 0.8
#: Muscles that would still carry an answer without nerve conduction (the six of a screen).
ENOUGH_MUSCLES = 6


def _is_cold(one: MotorStudy | SensoryStudy) -> bool:
    skin = one.conditions.skin_temperature_degc
    name = f"{one.nerve}_{one.muscle}" if isinstance(one, MotorStudy) else one.nerve
    study = studies().get(name)
    limb = study.limb if study else ""
    return skin is not None and skin < LEAST_SKIN_DEGC.get(limb, min(LEAST_SKIN_DEGC.values()))


def _is_weak(one: MotorStudy | SensoryStudy) -> bool:
    return one.conditions.is_supramaximal is False or any(two.is_supramaximal is False for two in one.responses)


def technical_faults(case: Case) -> tuple[str, ...]:
    """One sentence for each fault, when together they leave nothing that could be judged; else none."""
    tests: list[MotorStudy | SensoryStudy] = [*case.ncs.motor, *case.ncs.sensory]
    if not tests or len(case.needle) >= ENOUGH_MUSCLES:
        return ()
    cold, weak = [one for one in tests if _is_cold(one)], [one for one in tests if _is_weak(one)]
    spoiled = {id(one) for one in (*cold, *weak)}
    if len(spoiled) < MOST * len(tests):
        return ()
    found = []
    if cold:
        coldest = min(one.conditions.skin_temperature_degc or 0.0 for one in cold)
        found.append(
            f"Skin temperature down to {coldest:g} °C in {len(cold)} of {len(tests)} studies; warm above 32 (arm) or 30 (leg)."
        )
    if weak:
        found.append(f"Stimulation was not supramaximal in {len(weak)} of {len(tests)} studies.")
    if any(one.conditions.high_pass_hz is None and one.conditions.low_pass_hz is None for one in tests):
        found.append("The filters are not stated.")
    found.append(f"Only {len(case.needle)} muscles were examined with the needle.")
    return tuple(found)
