"""Trains of repetitive stimulation: a decrement, none, or a train that cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emgwidgets.analysis.ncs import measure_repetitive_train
from emgwidgets.analysis.ncs.repetitive import RepetitiveTrain
from emgwidgets.lessons._people import known_of, person
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.model.measure import Absent
from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP

__all__ = ["train_item"]

OPTIONS = ("No decrement", "Decrement of 10 % or more", "Cannot be judged: repeat")
#: Decrement that counts, first against fourth response (ncs.S84).
LIMIT_PERCENT = 10.0
#: Skin below which a hand is too cold to look for a decrement (curriculum, lesson 12; from memory).
COLD_DEGC = 32.0
#: Share of fibres that must stop answering to make a true decrement; the limit as a share.
BLOCKED_SHARE = LIMIT_PERCENT / 100.0


def train_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of ten responses at 3 Hz; ``slip_mm`` and ``skin_temperature_degc`` in the row spoil it."""
    patient = person(row, seed)
    spoiled = {name: row[name] for name in ("slip_mm", "skin_temperature_degc") if name in row}
    setup = replace(MOTOR_SETUP, **spoiled)
    train = patient.repetitive_study(
        nerve="ulnar", muscle="abductor_digiti_minimi_hand", side="right", setup=setup, trial=seed
    )
    found = measure_repetitive_train([one.sweep for one in train.responses])
    assert not isinstance(found, Absent)
    blocked = 1.0 - float(train.responding_share[3] / train.responding_share[0])
    is_cold, is_moved = setup.skin_temperature_degc < COLD_DEGC, bool(setup.slip_mm)
    truth = 2 if is_cold or is_moved else int(blocked >= BLOCKED_SHARE)
    return Item(
        question="Ten stimuli at 3 Hz, at rest. What does the train say?", options=OPTIONS, truth=truth,
        feedback=_feedback(found, setup.skin_temperature_degc, truth, is_cold),
        why=_why(truth, 100 * blocked, is_cold, setup.skin_temperature_degc),
        traces=tuple(
            ItemTrace(label=f"{number}", sweep=one.sweep, scale="train")
            for number, one in enumerate(train.responses, start=1)
        ),
        known=(known_of(patient), ("study", "ulnar nerve, abductor digiti minimi"),
               ("skin", f"{setup.skin_temperature_degc:.0f} °C"),
               ("amplitudes", ", ".join(f"{size:.1f}" for size in found.amplitudes_mv) + " mV")),
        found=(("first against fourth", f"{found.decrement_percent.value:.0f} %"), ("by area", f"{found.area_decrement_percent.value:.0f} %"),
               ("fibres that stopped answering", f"{100 * blocked:.0f} %")),
        end_ms=16.0,
    )  # fmt: skip


def _feedback(found: RepetitiveTrain, skin_degc: float, truth: int, is_cold: bool) -> tuple[str, ...]:
    fall = found.decrement_percent.value
    number = f"The fourth response is {abs(fall):.0f} % {'smaller' if fall >= 0 else 'larger'} than the first"
    if abs(fall) < 1.0:
        number = "The fourth response is as large as the first, within 1 %"
    if truth == 2:
        reason = f"the skin is at {skin_degc:.0f} °C" if is_cold else _shape(found)
        return (f"{number}, but {reason}: a fall cannot be excluded.", f"{number}, but {reason}: this is not a decrement.",
                f"{number}, and {reason}.")  # fmt: skip
    calm = "the later responses follow a smooth curve, warm, with the onset in place"
    against = f"limit {LIMIT_PERCENT:g} %"
    return (
        f"{number} ({against}){'' if truth == 0 else ': that is a decrement'}.",
        f"{number} ({against}){'' if truth == 1 else ': no decrement'}.",
        f"{number}; {calm}: it can be judged.",
    )  # fmt: skip


def _shape(found: RepetitiveTrain) -> str:
    return found.validity[0] if found.validity else "the responses jump up and down instead of following a smooth curve"


def _why(truth: int, blocked: float, is_cold: bool, skin_degc: float) -> str:
    if truth == 2 and is_cold:
        return (
            f"Cold keeps transmitter release up and hides a decrement (unverified). Warm the hand to {COLD_DEGC:g} °C, then repeat."
            f" Here {blocked:.0f} % of the fibres stop answering even so." if blocked >= 1 else
            f"Cold hides a decrement (unverified): warm the hand to {COLD_DEGC:g} °C, then repeat. At {skin_degc:.0f} °C no fibre is seen to stop."
        )  # fmt: skip
    if truth == 2:
        return "The electrode moved within the train. Junction disease falls smoothly to the fourth or fifth response and then levels off; fix hand and electrode and repeat."
    if truth == 1:
        return f"{blocked:.0f} % of the fibres stop answering by the fourth stimulus, and the curve levels off after it: the junction fails."
    if blocked >= 0.02:
        return f"{blocked:.0f} % of the fibres stop answering: below the limit. A train at rest within limits excludes no junction disease; test after exercise, and a weak muscle."
    return "Every fibre answers every stimulus. A train within limits excludes no junction disease: test a weak muscle."
