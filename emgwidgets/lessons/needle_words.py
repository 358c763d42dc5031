"""What a needle finds in a muscle, in words, from the state of its axons in the simulation; no signal is made here."""

from __future__ import annotations

from typing import Literal

from emgwidgets import vocabulary
from emgwidgets.model.needle import MotorUnitFindings, NeedleExamination, RecruitmentFindings, SpontaneousActivity
from emgwidgets.model.signal import Side
from emgwidgets.simulation.lesion import AnteriorHornLoss, CentralWeakness
from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["needle_words", "says_abnormal"]

#: Days from the loss to fibrillations: paraspinal within about a week, proximal 2 to 3 weeks, distal 3 to 6 weeks (needle
#: section 4, MIT); the middle is taken.
PARASPINAL_DAYS, PROXIMAL_DAYS, DISTAL_DAYS = 8.0, 14.0, 28.0
DISTAL = ("forearm", "hand", "leg", "foot")
#: From this share of lost axons the activity is found, and from this share out of action the recruitment is reduced;
#: internal choices: a share of a sixth, as a neighbouring root leaves it in a muscle, stays hidden among its own.
SEEN_SHARE, REDUCED_SHARE = 0.2, 0.35
#: Fibrillations may stay for 18 to 24 months or more, and end with reinnervation (needle section 4, MIT); the lower end.
QUIET_DAYS = 547.0
SMALL_SHARE = 0.15  # share of ill fibres that makes units small; internal choice
CHRONIC_DAYS = 90.0  # from 2 to 6 months units have grown (needle section 4)


def _from_day(muscle: str) -> float:
    entry = vocabulary.muscle(muscle)
    if entry.is_paraspinal:
        return PARASPINAL_DAYS
    return DISTAL_DAYS if entry.region in DISTAL else PROXIMAL_DAYS


def needle_words(
    patient: VirtualPatient,
    muscle: str,
    side: Side,
    *,
    seen_share: float = SEEN_SHARE,
    reduced_share: float = REDUCED_SHARE,
) -> NeedleExamination:
    """Findings of one muscle as an examiner would write them down.

    Parameters
    ----------
    patient : VirtualPatient
    muscle : str
        Code of the vocabulary.
    side : {"left", "right"}
    seen_share, reduced_share : float
        Share of lost axons from which activity at rest is found, and share out of action from which recruitment is reduced;
        a careful examiner has lower ones.

    Raises
    ------
    InputError
        If there is no such muscle.
    """
    fate = patient.muscle_fate(muscle=muscle, side=side)
    lost, days, fibres = fate.axon_loss_share, fate.days_since_loss or 0.0, fate.fibres
    distal = vocabulary.muscle(muscle).region in DISTAL
    ill = 0.0 if fibres is None else (fibres.distal_share_lost if distal else fibres.proximal_share_lost)
    membrane = fibres.membrane if fibres is not None else "normal"
    is_active = lost >= seen_share and _from_day(muscle) <= days < QUIET_DAYS
    is_reduced = 1.0 - (1.0 - lost) * (1.0 - fate.blocked_share) >= reduced_share
    is_large, is_small = lost >= seen_share and days >= CHRONIC_DAYS, ill >= SMALL_SHARE
    is_weakly_driven = _is_weakly_driven(patient, muscle, side)
    kinds = ["fibrillation_potential"] * (is_active or membrane == "irritable")
    kinds += ["myotonic_discharge"] * (membrane == "myotonic")
    kinds += ["fasciculation_potential"] * (
        lost >= seen_share and any(isinstance(one, AnteriorHornLoss) for one in patient.lesions)
    )
    pattern: Literal["normal", "reduced", "early"] = (
        "early" if is_small else "reduced" if is_reduced or is_weakly_driven else "normal"
    )
    return NeedleExamination(
        muscle=muscle, side=side, insertional="increased" if is_active else "normal",
        spontaneous=tuple(SpontaneousActivity(kind=kind, grade=1 + int(lost > REDUCED_SHARE)) for kind in kinds),
        motor_units=MotorUnitFindings(
            amplitude="low" if is_small else "high" if is_large else "normal", duration="short" if is_small else "long" if is_large else "normal",
            is_unstable=True if fate.junction is not None else None,
        ),
        recruitment=RecruitmentFindings(pattern=pattern, is_full_effort=not is_weakly_driven),
    )  # fmt: skip


def _is_weakly_driven(patient: VirtualPatient, muscle: str, side: Side) -> bool:
    """Whether the command from above is missing: few, slow units, which say nothing about loss."""
    roots = set(vocabulary.muscle(muscle).roots)
    return any(
        isinstance(one, CentralWeakness)
        and one.side in (None, side)
        and one.day <= patient.day
        and (not one.roots or set(one.roots) & roots)
        for one in patient.lesions
    )


def says_abnormal(found: NeedleExamination) -> bool:
    """Whether anything in it is abnormal."""
    recruitment = found.recruitment.pattern if found.recruitment else None
    return bool(found.spontaneous) or recruitment == "reduced"
