"""What a needle finds in a muscle, in words, from the state of its axons in the simulation; no signal is made here."""

from __future__ import annotations

from emgwidgets import vocabulary
from emgwidgets.model.needle import MotorUnitFindings, NeedleExamination, RecruitmentFindings, SpontaneousActivity
from emgwidgets.model.signal import Side
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
CHRONIC_DAYS = 90.0  # from 2 to 6 months units have grown (needle section 4)


def _from_day(muscle: str) -> float:
    entry = vocabulary.muscle(muscle)
    if entry.is_paraspinal:
        return PARASPINAL_DAYS
    return DISTAL_DAYS if entry.region in DISTAL else PROXIMAL_DAYS


def needle_words(patient: VirtualPatient, muscle: str, side: Side) -> NeedleExamination:
    """Findings of one muscle as an examiner would write them down."""
    fate = patient.muscle_fate(muscle=muscle, side=side)
    lost, days = fate.axon_loss_share, fate.days_since_loss or 0.0
    is_active = lost >= SEEN_SHARE and _from_day(muscle) <= days < QUIET_DAYS
    is_reduced = 1.0 - (1.0 - lost) * (1.0 - fate.blocked_share) >= REDUCED_SHARE
    is_large = lost >= SEEN_SHARE and days >= CHRONIC_DAYS
    activity = SpontaneousActivity(kind="fibrillation_potential", grade=1 + int(lost > REDUCED_SHARE))
    return NeedleExamination(
        muscle=muscle, side=side, insertional="increased" if is_active else "normal",
        spontaneous=(activity,) if is_active else (),
        motor_units=MotorUnitFindings(
            amplitude="high" if is_large else "normal", duration="long" if is_large else "normal"
        ),
        recruitment=RecruitmentFindings(pattern="reduced" if is_reduced else "normal", is_full_effort=True),
    )  # fmt: skip


def says_abnormal(found: NeedleExamination) -> bool:
    """Whether anything in it is abnormal."""
    recruitment = found.recruitment.pattern if found.recruitment else None
    return bool(found.spontaneous) or recruitment == "reduced"
