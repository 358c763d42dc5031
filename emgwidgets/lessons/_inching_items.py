"""Short steps across the elbow: in which two centimetres does the ulnar nerve lose its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emgwidgets.analysis.ncs.motor import MotorWave, measure_motor_response
from emgwidgets.analysis.ncs.segments import InchingStep, inching
from emgwidgets.lessons._people import known_of, person
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.simulation.lesion import ConductionBlock, FocalDemyelination
from emgwidgets.simulation.nerve.recording_setup import SimulatedSweep
from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["inching_item"]

STEP_MM, N_STEPS = 20.0, 5
OPTIONS = ("No step stands out", *(f"{2 * n} to {2 * n + 2} cm above the lower site" for n in range(N_STEPS)))
#: From this much more than in the same nerve without a lesion a step is slow; internal choice, over the spread of onsets.
SLOW_MS = 0.15
ELEMENT, LENGTH_CM = "ulnar_elbow", 1.0


def inching_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of six stimuli, from below to above the elbow."""
    patient = person({"condition": "normal"}, seed)
    made = _stimuli(_with_lesion(patient, row))
    truth, extra = _truth(made, _stimuli(patient))
    waves = [measure_motor_response(one.sweep) for one in made]
    steps = _steps(waves)
    return Item(
        question="A stimulus every 2 cm across the elbow: where does the nerve lose its time?", options=OPTIONS, truth=truth,
        feedback=tuple(_about(option, truth, steps) for option in range(len(OPTIONS))), why=_why(truth, steps),
        traces=tuple(
            ItemTrace(label=f"{2 * n} cm", sweep=one.sweep, scale="motor") for n, one in enumerate(made)
        ),
        known=(known_of(patient), ("study", "ulnar nerve, abductor digiti minimi"), ("lower site", "below the elbow, 0 cm"),
               *((f"{2 * n} cm", f"{wave.onset_latency_ms.value:.2f} ms, {wave.amplitude_mv.value:.1f} mV")
                 for n, wave in enumerate(waves) if isinstance(wave, MotorWave))),
        found=(("more than without a lesion, step by step", ", ".join(f"{one:+.2f}" for one in extra) + " ms"),), end_ms=20.0,
    )  # fmt: skip


def _with_lesion(patient: VirtualPatient, row: Mapping[str, Any]) -> VirtualPatient:
    if "place" not in row:
        return patient
    where: dict[str, Any] = {"element": ELEMENT, "side": "right", "place": row["place"]}
    lesions = (
        FocalDemyelination(**where, speed_factor=0.18, length_cm=LENGTH_CM),
        ConductionBlock(**where, share=row["share"]),
    )
    return replace(patient, lesions=lesions, day=120.0)


def _stimuli(patient: VirtualPatient) -> list[SimulatedSweep]:
    study: dict[str, Any] = {
        "nerve": "ulnar",
        "muscle": "abductor_digiti_minimi_hand",
        "side": "right",
        "site": "below_elbow",
    }
    return [patient.motor_study(**study, shift_mm=-n * STEP_MM, trial=n) for n in range(N_STEPS + 1)]


def _truth(made: list[SimulatedSweep], healthy: list[SimulatedSweep]) -> tuple[int, list[float]]:
    """Option that is true, and what each step takes more than in health."""
    extra = []
    for n in range(N_STEPS):
        times = [[one.truth.onset_ms or 0.0 for one in pair[n : n + 2]] for pair in (made, healthy)]
        extra.append((times[0][1] - times[0][0]) - (times[1][1] - times[1][0]))
    most = max(range(N_STEPS), key=lambda n: extra[n])
    return (1 + most if extra[most] >= SLOW_MS else 0), extra


def _steps(waves: list[Any]) -> tuple[InchingStep, ...]:
    found = [(n * STEP_MM, wave) for n, wave in enumerate(waves) if isinstance(wave, MotorWave)]
    return inching([mm for mm, _ in found], [w.onset_latency_ms for _, w in found], [w.amplitude_mv for _, w in found])


def _number(step: InchingStep) -> str:
    fall = step.amplitude_drop_percent.value if step.amplitude_drop_percent else 0.0
    return f"{step.latency_step_ms.value:.2f} ms, fall {max(fall, 0.0):.0f} %"


def _about(option: int, truth: int, steps: tuple[InchingStep, ...]) -> str:
    longest = max(steps, key=lambda one: one.latency_step_ms.value)
    at = f"{longest.start_mm / 10:.0f} to {longest.end_mm / 10:.0f} cm"
    if option == 0:
        return f"The longest step is {at}: {_number(longest)}{'' if truth == 0 else ', the others are shorter'}."
    step = steps[option - 1] if option <= len(steps) else longest
    end = (
        "" if option == truth else "; no longer than its neighbours" if truth == 0 else f"; {at} has {_number(longest)}"
    )
    return f"This step takes {_number(step)}{end}."


def _why(truth: int, steps: tuple[InchingStep, ...]) -> str:
    times = sorted(one.latency_step_ms.value for one in steps)
    usual = times[len(times) // 2]
    if truth == 0:
        return f"A usual step here takes {usual:.2f} ms for 2 cm: the tape and the onset explain the rest."
    return (
        f"A usual step here takes {usual:.2f} ms. More than 0.4 to 0.5 ms for each centimetre points to the place (ncs"
        " section 5f, unverified); a fall of the response in the same step says the same by another way."
    )
