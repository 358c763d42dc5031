"""How each class of the waveform gym is made: muscle, place of the needle, phases and disturbances. Choices are P."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from emgwidgets.simulation.muscle._templates import amplifier, unit_template
from emgwidgets.simulation.muscle.drive import effort_to_recruit
from emgwidgets.simulation.muscle.electrode import NeedleElectrode, needle_in
from emgwidgets.simulation.muscle.muscle import MuscleState, muscle_state
from emgwidgets.simulation.muscle.needle import Activity, NeedlePhase
from emgwidgets.simulation.muscle.unit_shape import UnitShape, unit_shape
from emgwidgets.simulation.practice.disturbances import Disturbance

if TYPE_CHECKING:
    from collections.abc import Callable

    from emgwidgets.simulation.practice.waveform_classes import WaveformClass

__all__ = ["ITEM_HZ", "Plan", "plan_for"]

#: Samples per second of an item: enough for a 9 kHz filter and a loudspeaker.
ITEM_HZ = 24000.0

MUSCLES = ("biceps_brachii", "abductor_digiti_minimi_hand", "extensor_digitorum_communis")
#: Number of virtual muscles of each sort; a new item takes one of them, a new place and new discharges.
N_BODIES = 2
REST_S, EFFORT_S = 6.0, 6.0

NEUROGENIC = {"axon_loss_share": 0.75, "day": 1500.0}
SPROUTS = {"axon_loss_share": 0.7, "day": 365.0}
MYOPATHIC = {"fibre_loss_share": 0.5, "fibre_atrophy": 0.9, "fibre_splitting_share": 0.05}
NASCENT = {"axon_loss_share": 1.0, "day": 150.0, "lesion_distance_mm": 40.0, "regrowth": True}
MYASTHENIC = {"junction": "myasthenia", "junction_safety_median": 1.6}
FEW_UNITS = {"axon_loss_share": 0.98, "day": 5.0}


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Everything the recording of an item needs."""

    muscle: MuscleState
    needle: NeedleElectrode
    phases: tuple[NeedlePhase, ...]
    disturbances: tuple[Disturbance, ...] = ()
    also_present: tuple[str, ...] = ()
    grade: int | None = None
    unit: int | None = None
    force_percent: float = 0.0


@lru_cache(maxsize=16)
def _body(muscle: str, seed: int, changes: tuple[tuple[str, Any], ...]) -> MuscleState:
    return muscle_state(muscle=muscle, seed=seed, age_years=40.0, **dict(changes))


def _muscle(rng: np.random.Generator, changes: dict[str, Any] | None = None) -> MuscleState:
    muscle = str(rng.choice(MUSCLES))
    return _body(muscle, int(rng.integers(N_BODIES)), tuple(sorted((changes or {}).items())))


def _anywhere(muscle: MuscleState, rng: np.random.Generator, **more: Any) -> NeedleElectrode:
    off = rng.uniform(-0.35, 0.35, 2) * muscle.radius_mm
    return needle_in(
        muscle, depth_mm=float(muscle.radius_mm + off[0]), lateral_mm=float(off[1]),
        rotation_deg=float(rng.uniform(0, 360)), low_pass_hz=9000.0, **more,
    )  # fmt: skip


def _beside(muscle: MuscleState, unit: int, rng: np.random.Generator) -> NeedleElectrode:
    """Needle with a fibre of the unit 0.1 to 0.3 mm from the middle of its core."""
    inner = muscle.fibres_of(unit)
    off = np.hypot(muscle.x_mm[inner], muscle.y_mm[inner] - muscle.radius_mm)
    inner = inner[off < 0.85 * muscle.radius_mm] if (off < 0.85 * muscle.radius_mm).any() else inner
    fibre = int(rng.choice(inner))
    angle, gap = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.3)
    return _anywhere(muscle, rng, high_pass_hz=10.0).moved_to(
        depth_mm=float(muscle.y_mm[fibre] + 0.29 + gap * np.sin(angle)), lateral_mm=float(muscle.x_mm[fibre] + gap * np.cos(angle)),
    )  # fmt: skip


def _unit_plan(
    rng: np.random.Generator, changes: dict[str, Any], wanted: Callable[[UnitShape, MuscleState], bool], **phase: Any
) -> Plan:
    """One early unit beside the needle whose true shape is as wanted, at the effort that just recruits it."""
    muscle = _muscle(rng, changes)
    early = np.flatnonzero(muscle.voluntary & (muscle.fibres_per_unit > 2))
    early = early[:8]
    best: tuple[int, NeedleElectrode] | None = None
    for _ in range(24):
        unit = int(rng.choice(early))
        needle = _beside(muscle, unit, rng)
        wave = amplifier(unit_template(muscle, needle, unit, ITEM_HZ).whole_uv, needle, ITEM_HZ)
        shape = unit_shape(wave, ITEM_HZ)
        if shape is None or shape.amplitude_uv < 60:
            continue
        best = best or (unit, needle)
        if wanted(shape, muscle):
            best = (unit, needle)
            break
    unit, needle = best if best is not None else (int(early[0]), _beside(muscle, int(early[0]), rng))
    effort = effort_to_recruit(muscle, unit)
    phases = (NeedlePhase(kind="effort", duration_s=EFFORT_S, effort=effort, **phase),)
    return Plan(muscle=muscle, needle=needle, phases=phases, unit=unit, force_percent=100 * effort)


def _simple(shape: UnitShape, _: MuscleState) -> bool:
    return shape.n_phases <= 4 and not shape.satellites_ms and 250 < shape.amplitude_uv < 1200


_UNITS: dict[str, tuple[dict[str, Any], Callable[[UnitShape, MuscleState], bool], dict[str, Any]]] = {
    "unit_normal": ({}, _simple, {}),
    "unit_large": (NEUROGENIC, lambda s, _: s.amplitude_uv > 1800 and s.duration_ms > 10.0, {}),
    "unit_polyphasic": (SPROUTS, lambda s, _: s.n_phases > 4 or bool(s.satellites_ms), {}),
    "unit_small": (MYOPATHIC, lambda s, _: s.amplitude_uv < 350 and s.duration_ms < 8.0 and s.n_phases <= 4, {}),
    "unit_nascent": (NASCENT, lambda s, _: s.amplitude_uv < 500 and s.n_phases > 4, {}),
    "unit_unstable": (MYASTHENIC, lambda s, _: s.amplitude_uv > 200, {}),
    "unit_doublet": ({}, _simple, {"doublet_share": 0.4}),
}


def _rest_plan(kind: str, level: int, rng: np.random.Generator) -> Plan:
    hard = level >= 3
    muscle = _muscle(rng)
    place = {"along_mm": 0.0} if kind.startswith("end_plate") else {}
    rates: dict[str, tuple[float, float]] = {
        "fibrillation": (0.8, 14.0) if hard else (4.0, 10.0), "positive_sharp_wave": (2.0, 14.0) if hard else (3.0, 8.0),
        "fasciculation": (0.4, 1.8) if hard else (0.6, 1.2), "complex_repetitive_discharge": (8.0, 90.0) if hard else (30.0, 40.0),
        "myotonic_discharge": (40.0, 80.0) if hard else (60.0, 80.0), "myokymic_discharge": (10.0, 58.0) if hard else (30.0, 50.0),
        "neuromyotonic_discharge": (110.0, 290.0) if hard else (160.0, 240.0), "cramp": (25.0, 100.0) if hard else (40.0, 60.0),
        "end_plate_noise": (20.0, 40.0), "end_plate_spike": (15.0, 45.0) if hard else (20.0, 40.0),
    }  # fmt: skip
    n_sources = {"end_plate_noise": 4, "cramp": 10}.get(kind, 1)
    grade = None
    if level == 4 and kind in ("fibrillation", "positive_sharp_wave"):
        grade = int(rng.integers(1, 5))
        n_sources = {1: 1, 2: 2, 3: 5, 4: 12}[grade]
    low, high = rates[kind]
    activities = tuple(Activity(kind=kind, rate_hz=float(rng.uniform(low, high))) for _ in range(n_sources))
    if kind == "cramp":
        activities = (replace(activities[0], n_sources=n_sources, rate_hz=None),)
    seconds = 2 * REST_S if kind in ("fasciculation", "cramp") else REST_S
    phases = (NeedlePhase(kind="rest", duration_s=seconds, activities=activities),)
    return Plan(muscle=muscle, needle=_anywhere(muscle, rng, **place), phases=phases, grade=grade)


def _insertion_plan(kind: str, level: int, rng: np.random.Generator) -> Plan:
    manner = kind.removeprefix("insertional_")
    muscle = _muscle(rng)
    steps = rng.uniform(0.2, 0.5, 3) * np.array([1, 1, -1])
    del level
    phases = tuple(
        NeedlePhase(kind="insertion", duration_s=2.0, insertional=manner, depth_step_mm=float(s))  # type: ignore[arg-type]
        for s in steps
    )
    return Plan(muscle=muscle, needle=_anywhere(muscle, rng), phases=phases)


def _drive_plan(kind: str, level: int, rng: np.random.Generator) -> Plan:
    """Rising effort in three steps, beside an early unit; tremor is one moderate effort."""
    changes: dict[str, Any] = {"reduced_recruitment": FEW_UNITS, "early_recruitment": MYOPATHIC}.get(kind, {})
    muscle = _muscle(rng, changes)
    obeying = np.flatnonzero(muscle.voluntary & (muscle.fibres_per_unit > 2))
    unit = int(obeying[min(int(rng.integers(0, 3)), len(obeying) - 1)])
    needle = _beside(muscle, unit, rng)
    if kind == "tremor":
        phases: tuple[NeedlePhase, ...] = (
            NeedlePhase(kind="effort", duration_s=EFFORT_S, effort=0.004, manner="tremor"),
        )
        return Plan(muscle=muscle, needle=needle, phases=phases, unit=unit, force_percent=0.4)
    manner: Any = "steady"
    efforts = (0.0005, 0.0015, 0.004 if level < 3 else 0.008)
    if kind == "reduced_recruitment":
        efforts = (0.004, 0.012, 0.03)
    if kind == "poor_activation":
        manner, efforts = "central", (0.02, 0.2, 0.8)
    phases = tuple(NeedlePhase(kind="effort", duration_s=2.5, effort=e, manner=manner) for e in efforts)
    return Plan(muscle=muscle, needle=needle, phases=phases, unit=unit, force_percent=100 * efforts[-1])


def _artefact_plan(kind: str, level: int, rng: np.random.Generator) -> Plan:
    muscle = _muscle(rng)
    phases = (NeedlePhase(kind="rest", duration_s=REST_S),)
    hard = level >= 3
    if kind == "pulse_artefact":
        pacing = rng.random() < 0.5
        rate = rng.uniform(1.0, 1.5) if pacing else float(rng.choice([1.0, 2.0, 3.0]))
        size = rng.uniform(60, 200) if hard else rng.uniform(200, 600)
        found = Disturbance(kind="pacemaker" if pacing else "stimulus", rate_hz=float(rate), size_uv=float(size))
    elif kind == "movement":
        found = Disturbance(kind="movement", size_uv=float(rng.uniform(100, 300) if hard else rng.uniform(300, 800)))
    else:
        size = {
            "mains": rng.uniform(12, 40) if hard else rng.uniform(40, 120),
            "loose_reference": rng.uniform(900, 1800),
        }[kind]
        found = Disturbance(kind=kind, rate_hz=float(rng.choice([50.0, 60.0])), size_uv=float(size))
    return Plan(muscle=muscle, needle=_anywhere(muscle, rng), phases=phases, disturbances=(found,))  # fmt: skip


def plan_for(kind: WaveformClass, level: int, rng: np.random.Generator) -> Plan:
    """Plan of one item: the class itself, then what the level adds."""
    if kind.origin == "unit":
        changes, wanted, phase = _UNITS[kind.code]
        plan = _unit_plan(rng, changes, wanted, **phase)
    elif kind.origin == "insertion":
        plan = _insertion_plan(kind.code, level, rng)
    elif kind.origin == "drive":
        plan = _drive_plan(kind.code, level, rng)
    elif kind.origin == "artefact":
        plan = _artefact_plan(kind.code, level, rng)
    else:
        plan = _rest_plan(kind.code, level, rng)
    return _harder(plan, kind, level, rng)


def _harder(plan: Plan, kind: WaveformClass, level: int, rng: np.random.Generator) -> Plan:
    noise = {1: 1.5, 2: 4.0, 3: 4.0, 4: 6.0}[level]
    plan = replace(plan, needle=replace(plan.needle, noise_uv=noise))
    if level >= 2 and kind.code != "loose_reference":
        other = Disturbance(kind="other_muscle", size_uv=float(rng.uniform(2.0, 5.0)))
        plan = replace(plan, disturbances=(*plan.disturbances, other))
    if level < 4:
        return plan
    if kind.origin == "insertion":
        return plan
    moved = []
    for phase in plan.phases:
        half = replace(phase, duration_s=phase.duration_s / 2)
        again = replace(half, depth_step_mm=float(rng.uniform(0.1, 0.2) * rng.choice([-1, 1])))
        moved += [half, again]
    plan = replace(plan, phases=tuple(moved))
    if kind.origin in ("fibre", "chain", "axon"):
        choices = [c for c in ("fibrillation", "fasciculation", "positive_sharp_wave") if c != kind.code]
        second = str(rng.choice(choices))
        extra = Activity(kind=second, rate_hz=float(rng.uniform(1.0, 4.0)))
        phases = tuple(replace(p, activities=(*p.activities, extra)) for p in plan.phases)
        plan = replace(plan, phases=phases, also_present=(second,))
    return plan
