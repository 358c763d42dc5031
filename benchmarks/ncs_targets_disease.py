"""Targets 18 to 20, 22 and 23: junction, anomalies, Wallerian clock, carpal tunnel, block and dispersion."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from ncs_target_rows import MEDIAN, ULNAR, Table

from emgwidgets.simulation.lesion import AxonLoss, ConductionBlock, JunctionDisease, UniformDemyelination
from emgwidgets.simulation.nerve.drawn_anomalies import drawn_anomalies
from emgwidgets.simulation.nerve.ncs import motor_response_uv
from emgwidgets.simulation.nerve.nerve_state import NerveState
from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP
from emgwidgets.simulation.nerve.repetitive import Exercise
from emgwidgets.simulation.patient import VirtualPatient

#: label, (median safety factor, spread) or None, limits of the decrement in percent.
DECREMENTS = (
    ("normal", None, (-1, 5)),
    ("MG, F 2 (0.40)", (2.0, 0.40), (10.8 - 3, 10.8 + 3)),
    ("MG, F 1.6 (0.45)", (1.6, 0.45), (16, 22)),
    ("MG, F 1.3 (0.45)", (1.3, 0.45), (24, 30)),
)


def repetitive(table: Table, n: int) -> None:
    """Target 18."""
    for label, junction, limits in DECREMENTS:
        disease = {} if junction is None else {
            "lesions": (JunctionDisease(kind="postsynaptic", median_safety_factor=junction[0], spread=junction[1]),)
        }  # fmt: skip
        got = [one.repetitive_study(**ULNAR).true_decrement_percent for one in table.people(n, **disease)]
        table.add(
            f"18 decrement 4th, {label}, %", got, published=f"{limits[0]:g}-{limits[1]:g}", within=limits,
            source="science 2.9 (D)",
        )  # fmt: skip
    presynaptic = (JunctionDisease(kind="presynaptic", median_safety_factor=0.8, spread=0.35),)
    got = []
    for one in table.people(n, lesions=presynaptic):
        rest, after = (
            one.repetitive_study(**ULNAR, n_stimuli=1, exercise=e).responses[0].truth.amplitude_uv
            for e in (None, Exercise(duration_s=10))
        )
        got.append(100 * (after - rest) / rest)
    table.add(
        "18 LEMS increment after 10 s, %",
        got,
        published="> 60",
        within=(60, 1e4),
        source="60 % (97 % of 34)",
        kind="tuned",
    )


def anomalies(table: Table, n: int) -> None:
    """Target 19: what is drawn, and what a stimulus at the elbow shows of it."""
    hands = [drawn_anomalies(table.first_seed + k)["right"] for k in range(40 * n)]
    kinds = [{one.kind for one in hand if one.kind.startswith("martin_gruber")} for hand in hands]
    for label, kind, share in (("II (FDI)", "fdi", 12.5), ("I (ADM)", "adm", 6.6), ("III (thenar)", "thenar", 4.8)):
        got = 100 * np.mean([f"martin_gruber_{kind}" in found for found in kinds])
        table.add(
            f"19 Martin-Gruber type {label}, % of hands", [got], published=f"{share} +- 20 %",
            within=(0.8 * share, 1.2 * share), source="Ehler 2017", kind="drawn",
        )  # fmt: skip
    table.add(
        "19 Martin-Gruber, any, % of hands", [100 * np.mean([bool(found) for found in kinds])], published="19.7 (16.2-23.1)",
        within=(16.2, 23.1), source="Ehler 2017; Roy 2016", kind="drawn",
    )  # fmt: skip
    seen = [
        _crosses(VirtualPatient(seed=table.first_seed + k, anomalies=hand)) == ("martin_gruber_fdi" in found)
        for k, (hand, found) in enumerate(zip(hands[:n], kinds[:n], strict=True))
    ]
    table.add(
        "19 type II shown by median elbow over FDI, % of hands right", [100 * np.mean(seen)], published="100",
        within=(99.9, 100), source="by construction",
    )  # fmt: skip


def _crosses(one: VirtualPatient) -> bool:
    where = {"nerve": "ulnar", "muscle": "first_dorsal_interosseous_hand", "side": "right"}
    elbow, wrist = (
        one.motor_study(**where, site=s, stimulated_nerve_study="median_apb").truth.n_responding
        for s in ("elbow", "wrist")
    )
    return elbow > 0 and wrist == 0


def wallerian(table: Table, n: int) -> None:
    """Target 20."""
    cut = (AxonLoss(element="median_distal_forearm", share=1.0, place=0.0),)
    motor_days, sensory_days = [], []
    for one in table.people(n, lesions=cut):
        well = dataclasses.replace(one, lesions=(), condition="")
        motor_days.append(_day_gone(one, well, _wrist_uv))
        sensory_days.append(_day_gone(one, well, _digit_uv))
    table.add(
        "20 CMAP below 5 %, day", motor_days, published="5-9", within=(5, 9), source="Gilliatt; Chaudhry", kind="tuned"
    )
    table.add(
        "20 SNAP later than CMAP, days", np.array(sensory_days) - motor_days, published="2-3", within=(2, 3),
        source="Gilliatt 1972", kind="tuned",
    )  # fmt: skip


def _wrist_uv(one: VirtualPatient) -> float:
    return one.motor_study(**MEDIAN, site="wrist").truth.amplitude_uv


def _digit_uv(one: VirtualPatient) -> float:
    return one.sensory_study(response="median_d2", side="right").truth.amplitude_uv


def _day_gone(sick: VirtualPatient, well: VirtualPatient, size: Any) -> float:
    limit = 0.05 * size(well)
    return float(next(day for day in np.arange(1.0, 30.0, 0.5) if size(sick.on_day(day)) < limit))


def carpal_tunnel(table: Table, n: int) -> None:
    """Target 22: palm-wrist sensory, then distal latency, then SNAP, then CMAP."""
    order = []
    for one in table.people(n):
        stages = [_stage(one, grade) for grade in ("mild", "moderate", "severe", "extreme")]
        order.append(100.0 * (stages == sorted(stages) and stages[0] == 0))
    table.add(
        "22 CTS order palm-wrist, DML, SNAP, CMAP, % of people", order, published="100", within=(99.9, 100),
        source="target 22", kind="tuned",
    )  # fmt: skip


def _stage(one: VirtualPatient, grade: str) -> int:
    subject = {"seed": one.seed, "age_years": one.age_years, "height_cm": one.height_cm}
    sick = VirtualPatient.with_condition("carpal_tunnel_syndrome", severity=grade, **subject)
    m, m0 = (p.motor_study(**MEDIAN, site="wrist").truth for p in (sick, one))
    s, s0 = (p.sensory_study(response="median_palmar", side="right").truth for p in (sick, one))
    stage = 0 if s.is_absent or s.peak_ms > s0.peak_ms + 0.4 else -1
    if m.is_absent or m.onset_ms > m0.onset_ms + 0.6:
        stage = 1
    if s.is_absent:
        stage = 2
    return 3 if m.amplitude_uv < 0.2 * m0.amplitude_uv else stage


def block_and_dispersion(table: Table, n: int) -> None:
    """Target 23: what block takes from the area, and what dispersion alone takes."""
    error, worst = [], []
    rng = np.random.default_rng(3)
    for one in table.people(n):
        share = float(rng.uniform(0.2, 0.8))
        sick = dataclasses.replace(one, lesions=(ConductionBlock(element="median_proximal_forearm", share=share),))
        state = sick.nerve("median_apb", "right")
        passes = state.conducts(1.0, state.axons.path.target_mm)
        alone = unit_areas(state)
        elbow, healthy = (p.motor_study(**MEDIAN, site="elbow").truth.negative_area_uv_ms for p in (sick, one))
        error.append(100 * abs(1 - elbow / healthy - float((alone * ~passes).sum() / alone.sum())))
        uneven = dataclasses.replace(one, lesions=(UniformDemyelination(speed_factor=0.6, spread=0.15),))
        near, far = (
            uneven.motor_study(**MEDIAN, site=s, duration_ms=80.0).truth.negative_area_uv_ms for s in ("wrist", "elbow")
        )
        worst.append(100 * (1 - far / near))
    table.add(
        "23 area fall against share of response blocked, points",
        error,
        published="<= 5",
        within=(0, 5),
        source="target 23",
    )
    table.add(
        "23 area fall by dispersion alone, 95th percentile, %", [np.percentile(worst, 95)], published="<= 40",
        within=(-10, 40), source="target 23",
    )  # fmt: skip


def unit_areas(state: NerveState) -> np.ndarray:
    """Negative area of each unit's own response."""
    areas = []
    for unit in range(state.axons.n_axons):
        arrival = np.full(state.axons.n_axons, np.nan)
        arrival[unit] = 5.0
        wave = motor_response_uv(state, arrival, state.axons.size, MOTOR_SETUP)
        areas.append(-wave[wave < 0].sum())
    return np.array(areas)
