"""One row for every condition of the library: the motor, sensory and needle studies in which it shows most."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.conditions import condition, conditions
from emgwidgets.simulation.muscle.muscle_fate import needle_muscle
from emgwidgets.simulation.muscle.needle import NeedlePhase, simulate_needle
from emgwidgets.simulation.nerve.motor_axons import motor_axons
from emgwidgets.simulation.nerve.pathway import studies, study
from emgwidgets.simulation.patient import VirtualPatient
from gallery.ink import WORDS, save, small, tidy, trace
from gallery.needle_strips import beside, samples

MUSCLES = (
    "tibialis_anterior", "first_dorsal_interosseous_hand", "abductor_pollicis_brevis", "deltoid_middle", "biceps_brachii",
    "triceps_brachii_lateral_head", "extensor_digitorum_communis", "flexor_pollicis_longus", "infraspinatus",
    "serratus_anterior", "trapezius_upper", "pronator_teres", "vastus_medialis", "iliacus", "adductor_longus",
    "tibialis_posterior", "gastrocnemius_medial_head", "biceps_femoris_short_head", "gluteus_maximus", "gluteus_medius",
    "abductor_hallucis", "orbicularis_oculi", "flexor_carpi_ulnaris", "extensor_carpi_radialis_longus",
)  # fmt: skip
SEED, ROWS_PER_PICTURE = 5, 9


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Where a condition is shown."""

    code: str
    title: str
    patient: VirtualPatient
    side: Any
    muscle: str
    motor: str
    sensory: str


def _change(patient: VirtualPatient, key: str, side: Any) -> float:
    """Share of a study's axons that do not answer, and how much the rest is slowed."""
    try:
        now, well = patient.nerve(key, side), VirtualPatient(seed=SEED).nerve(key, side)
    except ValueError:
        return 0.0
    end = now.axons.path.target_mm
    dead = 1 - float(np.mean(now.surviving & now.conducts(0.0, end)))
    slow = 1 - float(np.median(well.travel_ms(0.0, end) / now.travel_ms(0.0, end)))
    return dead + slow


def _loss(patient: VirtualPatient, muscle: str, side: Any) -> float:
    axons = motor_axons(
        subject=patient.subject, muscle=muscle, side=side, lesions=patient.lesions, day=patient.day,
        anomalies=patient.anomalies,
    )  # fmt: skip
    return 1 - float(axons.obeys.mean()) + 0.5 * (1 - float(np.median(axons.speed_share)))


def choose(code: str) -> Chosen:
    """Muscle and studies in which the condition shows most."""
    side = "right"
    try:
        patient, title = VirtualPatient.with_condition(code, seed=SEED), condition(code).title
    except InputError:  # a one-sided condition asks for its side
        patient, title = VirtualPatient.with_condition(code, side=side, seed=SEED), condition(code, side=side).title
    muscle = max(MUSCLES, key=lambda m: _loss(patient, m, side))
    if muscle == MUSCLES[0] and patient.muscle_fate(muscle="deltoid_middle", side=side).fibres is not None:
        muscle = "deltoid_middle"
    best = {kind: max(studies(kind), key=lambda k: _change(patient, k, side)) for kind in ("motor", "sensory")}
    return Chosen(
        code=code, title=title, patient=patient, side=side, muscle=muscle,
        motor=best["motor"], sensory=best["sensory"],
    )  # fmt: skip


def _nerve(axis: Any, sweep: Any, width: float, height: float) -> None:
    time_ms = sweep.start_ms + np.arange(len(sweep.samples_uv)) * 1000 / sweep.sampling_rate_hz
    trace(axis, time_ms, sweep.samples_uv, lw=0.7)
    tidy(axis, width=width, height=height, division=(width / 5, height / 2))


def _draw(row: Any, one: Chosen) -> None:
    motor = study(one.motor)
    sites = list(motor.data["sites"])
    for site in sites[:2]:
        sweep = one.patient.motor_study(nerve=motor.data["nerve"], muscle=motor.target, side=one.side, site=site).sweep
        _nerve(row[0], sweep, 30.0, 12000.0)
    _nerve(row[1], one.patient.sensory_study(response=one.sensory, side=one.side).sweep, 10.0, 60.0)
    muscle = needle_muscle(
        subject=one.patient.subject, muscle=one.muscle, side=one.side, lesions=one.patient.lesions, day=one.patient.day
    )
    phases = (
        NeedlePhase(kind="insertion", duration_s=1.5),
        NeedlePhase(kind="effort", duration_s=1.0, effort="slight"),
        NeedlePhase(kind="effort", duration_s=1.0, effort="full"),
    )
    needle = beside(muscle, "slight", np.random.default_rng(SEED))
    x, rate = samples(simulate_needle(muscle, needle, phases=phases, seed=SEED, sampling_rate_hz=24000.0))
    for axis, first, length, height in (
        (row[2], 0.0, 1.5, 300.0),
        (row[3], 1.5, 1.0, 1500.0),
        (row[4], 2.5, 1.0, 3000.0),
    ):
        piece = x[int(first * rate) : int((first + length) * rate)]
        trace(axis, *small(np.arange(len(piece)) / rate * 1000, piece, 260), lw=0.35)
        tidy(axis, width=1000 * length, height=height, division=(100 * length, height / 2))
    words = (motor.target, one.sensory, one.muscle, "", "")
    for axis, text in zip(row, words, strict=True):
        axis.set_xlabel(text.replace("_", " "), fontsize=5, color=WORDS, labelpad=1)
    row[0].set_ylabel(
        "\n".join(textwrap.wrap(one.title, 26)), fontsize=5.5, color=WORDS, rotation=0, ha="right", va="center"
    )


def draw_all(folder: Path, only: tuple[str, ...] = ()) -> list[str]:
    """Small multiples of every condition; returns the names of the pictures."""
    import matplotlib.pyplot as plt

    codes = [code for code in conditions() if not only or code in only]
    names = []
    for part in range(0, len(codes), ROWS_PER_PICTURE):
        here = codes[part : part + ROWS_PER_PICTURE]
        figure, axes = plt.subplots(len(here), 5, figsize=(9.6, 0.95 * len(here) + 0.3), squeeze=False)
        for row, code in zip(axes, here, strict=True):
            _draw(row, choose(code))
        heads = ("motor, two sites", "sensory", "insertion and rest", "slight effort", "full effort")
        for axis, text in zip(axes[0], heads, strict=True):
            axis.set_title(text, fontsize=6, color=WORDS)
        figure.tight_layout(pad=0.3, h_pad=0.2, w_pad=0.2)
        names.append(f"conditions_{part // ROWS_PER_PICTURE + 1}.png")
        save(figure, folder / names[-1], dpi=76)
        print(names[-1], len(here), flush=True)
    return names
