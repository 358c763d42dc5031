"""Whole studies of virtual patients for the localisation benchmark: plans, measured signals, and a surrogate needle.

The nerve conduction studies are measured from simulated signals.  The needle findings are a SURROGATE: they follow from
the fate of each muscle's axons with a miss rate and false findings, not from needle signals.  :func:`needle_findings` is
the seam: a function with the same arguments that analyses needle signals can stand in its place.  Symptoms and examination
are those the virtual patient tells and shows.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.model.case import Case
from emgwidgets.model.measure import Conditions, Measure
from emgwidgets.model.ncs import LateStudy, RepetitiveStudy
from emgwidgets.model.needle import MotorUnitFindings, NeedleExamination, RecruitmentFindings, SpontaneousActivity
from emgwidgets.simulation.conditions import condition
from emgwidgets.simulation.lesion import AnteriorHornLoss, CentralWeakness
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.work_up import examine

#: Share of needle readings that miss what is there (TSAO: best muscle 23 of 25 in proven L5 lesions).
MISS = 0.08
#: False fibrillations: 3 % with forearm muscles, MRI-negative controls (mri.S71); EDB 11 of 70 (needle section 6.3).
FALSE_ACTIVE, FALSE_ACTIVE_EDB = 0.03, 11 / 70
#: False motor unit or recruitment findings; internal choice, as the sources give none for a muscle.
FALSE_UNITS = 0.04

NCS_ARM = (
    "median_apb", "ulnar_adm", "median_d1", "median_d2", "ulnar_d5", "superficial_radial",
    "lateral_antebrachial_cutaneous", "medial_antebrachial_cutaneous",
)  # fmt: skip
NCS_ARM_ONE_SIDE = ("radial_eip", "median_d4", "ulnar_d4", "dorsal_ulnar_cutaneous")
#: Plantar nerves on both sides: they show what the tarsal tunnel does where motor latencies do not (ncs.S73, 19 of 21).
NCS_LEG = ("fibular_edb", "tibial_ah", "sural", "superficial_fibular", "saphenous", "medial_plantar")
NCS_LEG_ONE_SIDE = ("fibular_ta",)
NCS_GENERAL = (
    "median_apb", "ulnar_adm", "fibular_edb", "tibial_ah", "median_d2", "ulnar_d5", "superficial_radial", "sural",
    "superficial_fibular",
)  # fmt: skip
NEEDLE_ARM = (
    "deltoid_middle", "infraspinatus", "biceps_brachii", "triceps_brachii_lateral_head", "brachioradialis",
    "pronator_teres", "flexor_carpi_radialis", "extensor_digitorum_communis", "extensor_indicis_proprius",
    "flexor_pollicis_longus", "flexor_carpi_ulnaris", "first_dorsal_interosseous_hand", "abductor_digiti_minimi_hand",
    "abductor_pollicis_brevis", "serratus_anterior", "supraspinatus", "teres_minor", "pronator_quadratus", "brachialis",
    "extensor_carpi_radialis_longus", "cervical_paraspinals_c5_c6", "cervical_paraspinals_c7_c8",
)  # fmt: skip
NEEDLE_LEG = (
    "iliacus", "vastus_medialis", "adductor_longus", "tensor_fasciae_latae", "gluteus_medius", "gluteus_maximus",
    "biceps_femoris_short_head", "biceps_femoris_long_head", "tibialis_anterior", "fibularis_longus",
    "tibialis_posterior", "flexor_digitorum_longus", "gastrocnemius_medial_head", "gracilis", "rectus_femoris",
    "abductor_hallucis", "abductor_digiti_minimi_quinti_pedis", "lumbar_paraspinals_multifidus_upper",
    "lumbar_paraspinals_multifidus_lower",
)  # fmt: skip
NCS_HEAD = ("facial_nasalis", "facial_orbicularis_oris")
NCS_SHOULDER = (
    "median_apb",
    "median_d1",
    "ulnar_d5",
    "superficial_radial",
    "lateral_antebrachial_cutaneous",
    "accessory_trapezius",
)
NCS_SHOULDER_ONE_SIDE = ("ulnar_adm", "medial_antebrachial_cutaneous")
NEEDLE_SHOULDER = (
    "deltoid_middle", "infraspinatus", "supraspinatus", "serratus_anterior", "trapezius_upper", "trapezius_lower",
    "sternocleidomastoid", "rhomboid_major", "teres_minor", "biceps_brachii", "brachioradialis", "triceps_brachii_lateral_head",
    "pronator_teres", "flexor_pollicis_longus", "extensor_digitorum_communis", "first_dorsal_interosseous_hand",
    "cervical_paraspinals_c5_c6", "cervical_paraspinals_c7_c8",
)  # fmt: skip
NEEDLE_HEAD = (
    "frontalis", "orbicularis_oculi", "orbicularis_oris", "mentalis", "masseter", "tongue_genioglossus", "trapezius_upper",
    "first_dorsal_interosseous_hand",
)  # fmt: skip
NEEDLE_GENERAL = (
    "deltoid_middle", "triceps_brachii_lateral_head", "extensor_digitorum_communis", "first_dorsal_interosseous_hand",
    "cervical_paraspinals_c7_c8", "thoracic_paraspinals", "tongue_genioglossus", "iliacus", "vastus_medialis",
    "tibialis_anterior", "gastrocnemius_medial_head", "tibialis_posterior", "abductor_hallucis",
    "lumbar_paraspinals_multifidus_lower",
)  # fmt: skip
NEEDLE_GENERAL_OTHER = ("tibialis_anterior", "first_dorsal_interosseous_hand", "vastus_medialis")

PROXIMAL_DAYS, DISTAL_DAYS, PARASPINAL_DAYS = 14.0, 28.0, 8.0  # needle section 4, MIT; distal: middle of 3 to 6 weeks
CHRONIC_FROM_DAYS = 90.0  # needle section 4: 2 to 6 months


def _random(patient: VirtualPatient, muscle: str, side: str) -> np.random.Generator:
    return np.random.default_rng([patient.seed, zlib.crc32(f"{muscle} {side} {patient.condition}".encode())])


def _fibrillation_from(muscle: str) -> float:
    entry = vocabulary.muscle(muscle)
    if entry.is_paraspinal:
        return PARASPINAL_DAYS
    return DISTAL_DAYS if entry.region in {"forearm", "hand", "leg", "foot"} else PROXIMAL_DAYS


def _fibrillates(muscle: str, share: float, days: float) -> float:
    """Probability that fibrillations are there and seen: by share of axons lost, and by the denervation clock."""
    if days < _fibrillation_from(muscle):
        return 0.0
    lasting = 1.0 if days < 180 else max(0.3, 1.0 - 0.7 * (days - 180) / 540)  # 18 to 24 months or more (MIT)
    return (1 - MISS) * (1 - math.exp(-share / 0.06)) * lasting


def _central(patient: VirtualPatient, muscle: str, side: str) -> bool:
    roots = vocabulary.muscle(muscle).roots
    return any(
        isinstance(one, CentralWeakness)
        and one.side in (None, side)
        and one.day <= patient.day
        and (not one.roots or set(one.roots) & set(roots))
        for one in patient.lesions
    )


def needle_findings(patient: VirtualPatient, muscle: str, side: str) -> NeedleExamination:
    """Surrogate findings of one muscle; the seam for findings from needle signals."""
    fate, rng = patient.muscle_fate(muscle=muscle, side=side), _random(patient, muscle, side)
    lost, days = fate.axon_loss_share, fate.days_since_loss or 0.0
    false_active = FALSE_ACTIVE_EDB if muscle == "extensor_digitorum_brevis" else FALSE_ACTIVE
    active = bool(rng.random() < 1 - (1 - _fibrillates(muscle, lost, days)) * (1 - false_active))
    missing = 1 - (1 - lost) * (1 - fate.blocked_share) + rng.normal(0, 0.07)
    reduced = bool(missing > 0.35 or rng.random() < FALSE_UNITS)
    large = days >= CHRONIC_FROM_DAYS and bool(rng.random() < (1 - MISS) * (1 - math.exp(-lost / 0.2)))
    large = large or bool(rng.random() < FALSE_UNITS)
    unstable = fate.junction is not None and bool(rng.random() < 0.7)
    fibres = fate.fibres
    distal = vocabulary.muscle(muscle).region in {"forearm", "hand", "leg", "foot"}
    ill = 0.0 if fibres is None else (fibres.distal_share_lost if distal else fibres.proximal_share_lost)
    small = bool(rng.random() < (1 - MISS) * (1 - math.exp(-ill / 0.12))) if fibres else False
    if fibres is not None and fibres.membrane == "irritable":
        active = active or bool(rng.random() < 0.7)  # 66 to 79 % of myositis (needle section 4)
    kinds = ["fibrillation_potential"] * active
    if fibres is not None and fibres.membrane == "myotonic" and rng.random() < 1 - MISS:
        kinds.append("myotonic_discharge")
    if any(isinstance(one, AnteriorHornLoss) for one in patient.lesions) and lost > 0.05 and rng.random() < 0.5:
        kinds.append("fasciculation_potential")
    weak_drive = _central(patient, muscle, side) and bool(rng.random() < 0.85)
    return NeedleExamination(
        muscle=muscle, side=side, insertional="increased" if active else "normal",  # type: ignore[arg-type]
        spontaneous=tuple(SpontaneousActivity(kind=kind, grade=1 + int(lost > 0.3)) for kind in kinds),
        motor_units=MotorUnitFindings(
            amplitude="low" if small else "high" if large else "normal",
            duration="short" if small else "long" if large else "normal", is_unstable=unstable,
        ),
        recruitment=RecruitmentFindings(
            pattern="early" if small else "reduced" if reduced or weak_drive else "normal", is_full_effort=not weak_drive
        ),
    )  # fmt: skip


def repetitive(patient: VirtualPatient, side: str = "right") -> tuple[RepetitiveStudy, ...]:
    """Measured trains at rest and after brief effort, hypothenar muscles and trapezius are not stimulated here."""
    from emgwidgets.analysis.ncs.repetitive import RepetitiveTrain, measure_repetitive_train

    made = []
    steps = patient.repetitive_protocol(nerve="ulnar", muscle="abductor_digiti_minimi_hand", side=side)  # type: ignore[arg-type]
    steps = (steps[0], next(step for step in steps if step.exercise is not None))
    first_mv = None
    for n, step in enumerate(steps):
        train = measure_repetitive_train([one.sweep for one in step.train.responses])
        if not isinstance(train, RepetitiveTrain):
            continue
        measures = {"decrement_percent": train.decrement_percent}
        if n == 0:
            first_mv = train.amplitudes_mv[0]
        elif first_mv:
            measures["increment_percent"] = Measure(value=100 * (train.amplitudes_mv[0] / first_mv - 1), unit="%")
        made.append(
            RepetitiveStudy(
                nerve="ulnar", muscle="abductor_digiti_minimi_hand", side=side, repetition_rate_hz=step.train.rate_hz,  # type: ignore[arg-type]
                n_stimuli=len(step.train.responses), after_exercise_s=None if n == 0 else 3.0,
                exercise_s=None if n == 0 else 10.0, measures=measures,
                conditions=Conditions(skin_temperature_degc=33.5, is_supramaximal=True),
            )
        )  # fmt: skip
    return tuple(made)


def _other(side: str) -> str:
    return "left" if side == "right" else "right"


def plan_of(code: str) -> str:
    """``"arm"``, ``"leg"``, ``"shoulder"``, ``"head"`` or ``"general"``: what is examined, by what is complained of."""
    for plan, codes in (("general", GENERAL), ("head", HEAD), ("shoulder", SHOULDER)):
        if code in codes:
            return plan
    return "leg" if condition(code).complaint.region == "lumbar" else "arm"


HEAD = ("facial_neuropathy", "pontine_lesion", "lateral_medullary_lesion")
SHOULDER = (
    "axillary_neuropathy", "long_thoracic_neuropathy", "neuralgic_amyotrophy", "spinal_accessory_neuropathy",
    "suprascapular_neuropathy",
)  # fmt: skip
GENERAL = (
    "amyotrophic_lateral_sclerosis", "axonal_polyneuropathy", "axonal_polyneuropathy_with_disc_contact", "cervical_myelopathy",
    "charcot_marie_tooth_1", "charcot_marie_tooth_2", "charcot_marie_tooth_x", "demyelinating_polyneuropathy", "guillain_barre_axonal", "guillain_barre_demyelinating", "lambert_eaton_syndrome",
    "muscular_dystrophy", "myasthenia_gravis", "myositis", "myotonic_disorder", "sensory_ganglionopathy",
    "upper_motor_neuron_weakness",
)  # fmt: skip


#: Days since onset of the lesions that have one clock; the others are examined on their own day.
DAYS = (10, 30, 120, 500)


def days_of(code: str, severity: str) -> tuple[float, ...]:
    """Days a condition is examined on: four where its lesions began together and recently, else its own."""
    found = condition(code, severity=severity)
    together = all(getattr(one, "day", 0.0) == 0.0 for one in found.lesions)
    return tuple(float(day) for day in DAYS) if together and code not in GENERAL and found.lesions else (found.day,)


def blink_reflexes(patient: VirtualPatient) -> tuple[LateStudy, ...]:
    """Measured blink reflexes, each side stimulated."""
    from emgwidgets.analysis.ncs.reflexes import measure_blink_reflex

    made = []
    for side in ("left", "right"):
        trials = [patient.blink_reflex(side=side, trial=n) for n in range(5)]  # type: ignore[arg-type]
        same, across = ([getattr(one, which).sweep for one in trials] for which in (side, _other(side)))
        found = measure_blink_reflex(same, across)
        measures = {
            name: getattr(found, name)
            for name in ("r1_latency_ms", "r2_ipsilateral_latency_ms", "r2_contralateral_latency_ms")
        }
        made.append(
            LateStudy(
                kind="blink_reflex",
                nerve="facial",
                muscle="orbicularis_oculi",
                side=side,
                n_stimuli=5,
                measures=measures,
            )  # type: ignore[arg-type]
        )
    return tuple(made)


#: Both sides, one side, and muscles of each plan.
PLANS = {
    "arm": (NCS_ARM, NCS_ARM_ONE_SIDE, NEEDLE_ARM), "leg": (NCS_LEG, NCS_LEG_ONE_SIDE, NEEDLE_LEG),
    "shoulder": (NCS_SHOULDER, NCS_SHOULDER_ONE_SIDE, NEEDLE_SHOULDER), "head": (NCS_HEAD, (), NEEDLE_HEAD),
    "general": (NCS_GENERAL, (), NEEDLE_GENERAL),
}  # fmt: skip
#: Conditions on both sides: muscles of the other side that are examined too.
OTHER_SIDE = {
    "general": NEEDLE_GENERAL_OTHER,
    "both": ("tibialis_anterior", "gastrocnemius_medial_head", "tibialis_posterior"),
}


def whole_study(patient: VirtualPatient, plan: str, side: str) -> Case:
    """Examine the limb in question, both sides where they are compared."""
    both, one, muscles = PLANS[plan]
    case = examine(patient, studies=both, sides=("left", "right"))
    more = examine(patient, studies=one, sides=(side,))  # type: ignore[arg-type]
    symptoms, examination = patient.clinic()
    is_both = plan == "leg" and any(one.side == "bilateral" for one in symptoms)
    ncs = replace(
        case.ncs, motor=(*case.ncs.motor, *more.ncs.motor), sensory=(*case.ncs.sensory, *more.ncs.sensory),
        repetitive=repetitive(patient) if plan == "general" else (), late=blink_reflexes(patient) if plan == "head" else (),
    )  # fmt: skip
    needle = findings(patient, muscles, side)
    needle += findings(patient, OTHER_SIDE.get("both" if is_both else plan, ()), _other(side))
    return replace(case, ncs=ncs, needle=needle, symptoms=symptoms, examination=examination)


def findings(patient: VirtualPatient, muscles: Sequence[str], side: str) -> tuple[NeedleExamination, ...]:
    """Surrogate findings of several muscles on one side."""
    return tuple(needle_findings(patient, muscle, side) for muscle in muscles)
