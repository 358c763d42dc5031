"""Lesions as frozen data: what is damaged, where, how much and when; never what follows or what is recorded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Side

__all__ = [
    "Anomaly", "AnteriorHornLoss", "AxonBranching", "AxonLoss", "BrainstemLesion", "CentralWeakness", "ConductionBlock", "FibreDisease",
    "FocalDemyelination", "Ganglionopathy", "JunctionDisease", "LengthDependentLoss", "Lesion", "UniformDemyelination",
]  # fmt: skip

Fibres = Literal["all", "motor", "sensory"]
AnomalyKind = Literal[
    "martin_gruber_adm", "martin_gruber_fdi", "martin_gruber_thenar", "riche_cannieu", "accessory_fibular",
    "prefixed_plexus", "postfixed_plexus",
]  # fmt: skip


def _check_share(name: str, share: float) -> None:
    if not 0.0 <= share <= 1.0:
        raise InputError(f"{name} is a share", got=f"{share}", expected="0 to 1")


def _check_course(over_days: float) -> None:
    if not 0.0 <= over_days <= 20_000.0:
        raise InputError("the course of the loss cannot be used", got=f"{over_days} days", expected="0 to 20000 days")


def _check_factor(name: str, factor: float) -> None:
    if not 0.05 <= factor <= 1.0:
        raise InputError(f"{name} cannot be used", got=f"{factor}", expected="0.05 to 1 of the normal speed")


@dataclass(frozen=True, kw_only=True)
class _OnElement:
    """A lesion at one stretch of the way from cord to target.

    Parameters
    ----------
    element : str
        Code of the stretch, such as ``"root_c8"``, ``"lower_trunk"``, ``"median_carpal_tunnel"``.
    side : {"left", "right"} or None
        None is both sides.
    place : float
        Where within the stretch, 0 at its proximal and 1 at its distal end.
    day : float
        Day of onset on the patient's clock.
    fibres : {"all", "motor", "sensory"}
        Which axons it can reach.
    """

    element: str
    side: Side | None = None
    place: float = 0.5
    day: float = 0.0
    fibres: Fibres = "all"

    def __post_init__(self) -> None:
        _check_share("the place within the stretch", self.place)


@dataclass(frozen=True, kw_only=True)
class AxonLoss(_OnElement):
    """Axons cut at one place.

    Parameters
    ----------
    share : float
        Share of the axons that pass there.
    preference : {"random", "large"}
        Whether large axons go first.
    regrows : float
        Share of the cut axons that find their way back.
    over_days : float
        Days over which the loss goes on from its day of onset; 0 is all at once.
    """

    share: float
    preference: Literal["random", "large"] = "random"
    regrows: float = 0.0
    over_days: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_share("the share of axons lost", self.share)
        _check_share("the share of axons that regrow", self.regrows)
        _check_course(self.over_days)


@dataclass(frozen=True, kw_only=True)
class FocalDemyelination(_OnElement):
    """Slowing over a stretch: how much (degree) and in how many axons (extent), the two numbers of Caliandro 2007.

    Parameters
    ----------
    speed_factor : float
        Speed in the stretch as a share of normal.
    share : float
        Share of the axons slowed.
    length_cm : float or None
        Length slowed; None is the whole element.
    spread : float
        Standard deviation of the factor between axons, as a share of the slowing.
    remyelinates_from_day : float or None
        Day from which the speed recovers.
    """

    speed_factor: float
    share: float = 1.0
    length_cm: float | None = None
    spread: float = 0.15
    remyelinates_from_day: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_factor("the speed factor", self.speed_factor)
        _check_share("the share of axons slowed", self.share)
        if self.length_cm is not None and not 0 < self.length_cm <= 60:
            raise InputError(
                "the length slowed cannot be used", got=f"{self.length_cm} cm", expected="above 0 to 60 cm"
            )


@dataclass(frozen=True, kw_only=True)
class ConductionBlock(_OnElement):
    """Axons in continuity that do not conduct past one place.

    Parameters
    ----------
    share : float
        Share of the axons that pass there.
    recovery_days : float or None
        Time constant of recovery (2-8 weeks in neurapraxia); None keeps the block.
    """

    share: float
    recovery_days: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_share("the share of axons blocked", self.share)
        if self.recovery_days is not None and self.recovery_days <= 0:
            raise InputError("the recovery time cannot be used", got=f"{self.recovery_days} days", expected="above 0")


@dataclass(frozen=True, kw_only=True)
class AxonBranching(_OnElement):
    """Axons that divide high up, as after sprouting; a submaximal stimulus beyond the fork then leaves an A wave.

    Parameters
    ----------
    share : float
        Share of the axons that divide there, half of their muscle fibres on each branch.
    """

    share: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_share("the share of axons that divide", self.share)


@dataclass(frozen=True, kw_only=True)
class BrainstemLesion:
    """A lesion of the central arc of the blink reflex.

    Parameters
    ----------
    level : {"pons", "medulla"}
        Pons: the arc of R1 on its side.  Medulla: the descending trigeminal tract, so that R2 fails or is late on both
        sides when the side of the lesion is stimulated.
    share : float
        Share of the drive lost.
    delay_ms : float
        Delay added to what still passes.
    """

    level: Literal["pons", "medulla"]
    side: Side
    share: float = 1.0
    delay_ms: float = 0.0
    day: float = 0.0

    def __post_init__(self) -> None:
        if self.level not in ("pons", "medulla"):
            raise InputError("no such level of the brainstem", got=repr(self.level), expected="pons or medulla")
        if self.side not in ("left", "right"):
            raise InputError("the side cannot be used", got=repr(self.side), expected="left or right")
        _check_share("the share of the drive lost", self.share)
        if not 0 <= self.delay_ms <= 30:
            raise InputError("the delay cannot be used", got=f"{self.delay_ms} ms", expected="0 to 30 ms")


@dataclass(frozen=True, kw_only=True)
class UniformDemyelination:
    """Slowing of all nerves from root to terminal, on both sides.

    Parameters
    ----------
    speed_factor : float
        Mean speed as a share of normal.
    spread : float
        Standard deviation between axons, as a share of the mean: near 0.03 hereditary, 0.2 and more acquired.
    terminal_factor : float
        Multiplies the delay of the terminal branches and of the distal stretch's end.
    """

    speed_factor: float
    spread: float = 0.03
    terminal_factor: float = 1.5
    day: float = 0.0
    fibres: Fibres = "all"
    side: Side | None = None

    def __post_init__(self) -> None:
        _check_factor("the speed factor", self.speed_factor)
        if not 0 <= self.spread <= 0.5:
            raise InputError("the spread cannot be used", got=f"{self.spread}", expected="0 to 0.5")
        if not 1.0 <= self.terminal_factor <= 6.0:
            raise InputError("the terminal factor cannot be used", got=f"{self.terminal_factor}", expected="1 to 6")


@dataclass(frozen=True, kw_only=True)
class LengthDependentLoss:
    """Dying back: the further the target from the cell body, the more axons are lost.

    Parameters
    ----------
    half_length_cm : float
        Distance at which half of the axons are lost.
    steepness_cm : float
        Distance over which the share goes from 50 to 73 %.
    sensory_first_cm : float
        Sensory axons are lost at distances shorter by this much.
    over_days : float
        Days over which the loss goes on from its day of onset; 0 is all at once.
    """

    half_length_cm: float
    steepness_cm: float = 10.0
    sensory_first_cm: float = 12.0
    over_days: float = 0.0
    day: float = 0.0
    fibres: Fibres = "all"
    side: Side | None = None

    def __post_init__(self) -> None:
        if not 10 <= self.half_length_cm <= 250:
            raise InputError("the half length cannot be used", got=f"{self.half_length_cm} cm", expected="10 to 250 cm")
        if self.steepness_cm <= 0:
            raise InputError("the steepness cannot be used", got=f"{self.steepness_cm} cm", expected="above 0 cm")
        _check_course(self.over_days)

    def share_at(self, length_cm: float, *, sensory: bool) -> float:
        """Share of the axons lost at a distance from the cell body."""
        shift = self.sensory_first_cm if sensory else 0.0
        return 1 / (1 + math.exp(-(length_cm - self.half_length_cm + shift) / self.steepness_cm))


@dataclass(frozen=True, kw_only=True)
class Ganglionopathy:
    """Loss of sensory cell bodies, patchy, with no regard to length."""

    share: float
    patchiness: float = 0.2
    day: float = 0.0
    side: Side | None = None

    def __post_init__(self) -> None:
        _check_share("the share of cells lost", self.share)
        _check_share("the patchiness", self.patchiness)


@dataclass(frozen=True, kw_only=True)
class AnteriorHornLoss:
    """Loss of motor cell bodies.

    Parameters
    ----------
    share : float
        Share lost in the segments named.
    roots : tuple of str
        Segments, such as ``("C8", "T1")``; empty is all.
    split_hand : float
        Extra share lost in the thenar and first dorsal interosseous muscles.
    over_days : float
        Days over which the loss goes on from its day of onset; 0 is all at once.
    """

    share: float
    roots: tuple[str, ...] = ()
    day: float = 0.0
    split_hand: float = 0.0
    over_days: float = 0.0
    side: Side | None = None

    def __post_init__(self) -> None:
        _check_course(self.over_days)
        _check_share("the share of cells lost", self.share)
        _check_share("the extra share of the split hand", self.split_hand)


@dataclass(frozen=True, kw_only=True)
class CentralWeakness:
    """Command that does not reach the motor cells; axons, junctions and fibres are intact.

    Parameters
    ----------
    share : float
        Share of the voluntary command lost in the segments named.
    roots : tuple of str
        Segments, such as ``("C8", "T1")``; empty is all.
    cause : {"upper_motor_neuron", "pain"}
        Slow steady discharges and brisk reflexes, or effort that pain breaks off with reflexes as they are.
    """

    share: float
    roots: tuple[str, ...] = ()
    cause: Literal["upper_motor_neuron", "pain"] = "upper_motor_neuron"
    day: float = 0.0
    side: Side | None = None

    def __post_init__(self) -> None:
        _check_share("the share of the command lost", self.share)
        if self.cause not in ("upper_motor_neuron", "pain"):
            raise InputError("no such central weakness", got=repr(self.cause), expected="upper_motor_neuron or pain")

    @property
    def manner(self) -> Literal["central", "poor"]:
        """Manner of the needle examination's effort; see :mod:`emgwidgets.simulation.muscle.drive`."""
        return "central" if self.cause == "upper_motor_neuron" else "poor"


@dataclass(frozen=True, kw_only=True)
class JunctionDisease:
    """Failing neuromuscular junctions.

    Parameters
    ----------
    kind : {"postsynaptic", "presynaptic"}
        Small quantal response (myasthenia) or low release (Lambert-Eaton, botulism).
    median_safety_factor : float
        End-plate potential over threshold at rest; 4 is normal.
    spread : float
        SD of its logarithm between junctions.
    """

    kind: Literal["postsynaptic", "presynaptic"]
    median_safety_factor: float
    spread: float = 0.4
    proximal_only: bool = False

    def __post_init__(self) -> None:
        if self.kind not in ("postsynaptic", "presynaptic"):
            raise InputError("no such junction disease", got=repr(self.kind), expected="postsynaptic or presynaptic")
        if not 0.1 <= self.median_safety_factor <= 6.0:
            raise InputError(
                "the safety factor cannot be used", got=f"{self.median_safety_factor}", expected="0.1 to 6"
            )


@dataclass(frozen=True, kw_only=True)
class FibreDisease:
    """Loss of muscle fibres within intact motor units.

    Parameters
    ----------
    proximal_share_lost, distal_share_lost : float
        Share of the fibres lost in trunk and girdle muscles, and in hand and foot muscles.
    """

    proximal_share_lost: float
    distal_share_lost: float = 0.0
    diameter_spread_um: float = 15.0
    membrane: Literal["normal", "irritable", "myotonic"] = "normal"

    def __post_init__(self) -> None:
        _check_share("the share of fibres lost", self.proximal_share_lost)
        _check_share("the share of fibres lost", self.distal_share_lost)


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """An anomalous innervation on one or both sides.

    Parameters
    ----------
    kind : str
        ``"martin_gruber_adm"`` (I), ``"martin_gruber_fdi"`` (II), ``"martin_gruber_thenar"`` (III),
        ``"riche_cannieu"``, ``"accessory_fibular"``, ``"prefixed_plexus"`` (each nerve draws from one root higher),
        ``"postfixed_plexus"`` (one root lower).
    share : float
        Share of the muscle's axons on the other way.
    """

    kind: AnomalyKind
    share: float = 0.3
    side: Side | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(AnomalyKind):
            raise InputError(
                "no such anomaly", got=repr(self.kind), expected=f"one of {', '.join(get_args(AnomalyKind))}"
            )
        _check_share("the share of axons on the other way", self.share)


Lesion = (
    AxonLoss
    | FocalDemyelination
    | ConductionBlock
    | UniformDemyelination
    | LengthDependentLoss
    | Ganglionopathy
    | AnteriorHornLoss
    | CentralWeakness
    | AxonBranching
    | BrainstemLesion
    | JunctionDisease
    | FibreDisease
)
