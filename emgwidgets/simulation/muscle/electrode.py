"""Needle electrodes as points in the muscle: active surface minus reference. What they record is computed in fibre.

The muscle's coordinates are x across, y depth below its surface and z along the fibres; the needle lies in one
cross-section, so its cannula runs across the fibres.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle.lead_points import LeadPoints
from emgwidgets.simulation.muscle.parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgwidgets.simulation.muscle.muscle_types import MuscleState

__all__ = ["ELECTRODES", "LeadPoints", "NeedleElectrode", "lead_points", "needle_in"]

ElectrodeKind = Literal["concentric", "concentric_facial", "monopolar", "single_fibre", "macro"]
ELECTRODES: tuple[ElectrodeKind, ...] = ("concentric", "concentric_facial", "monopolar", "single_fibre", "macro")


@dataclass(frozen=True, kw_only=True)
class NeedleElectrode:
    """A needle and where it is.

    Parameters
    ----------
    kind : str
        One of ``ELECTRODES``.
    depth_mm : float
        Depth of the tip below the muscle's surface.
    lateral_mm : float
        Place across the muscle, 0 in the middle.
    angle_deg : float
        Tilt of the needle from the vertical, in the cross-section.
    rotation_deg : float
        Turn of the bevel about the needle's axis; 0 faces along the fibres' right side of the section.
    along_mm : float
        Distance from the end-plate zone along the fibres.
    high_pass_hz, low_pass_hz : float
        Amplifier: one pole at the low end, two at the high end.
    noise_uv : float
        Noise (RMS) of electrode and amplifier.
    """

    kind: ElectrodeKind = "concentric"
    depth_mm: float = 6.0
    lateral_mm: float = 0.0
    angle_deg: float = 0.0
    rotation_deg: float = 0.0
    along_mm: float = field(default_factory=lambda: value("needle_from_endplate"))
    high_pass_hz: float = 20.0
    low_pass_hz: float = 10000.0
    noise_uv: float = field(default_factory=lambda: value("noise_rms"))

    def __post_init__(self) -> None:
        if self.kind not in ELECTRODES:
            raise InputError(
                "no such needle electrode", got=repr(self.kind), expected=f"one of {', '.join(ELECTRODES)}",
                way_out="choose one of them",
            )  # fmt: skip
        if not 0 < self.high_pass_hz < self.low_pass_hz:
            raise InputError(
                "the filter cannot be used", got=f"{self.high_pass_hz} to {self.low_pass_hz} Hz",
                expected="a low corner above 0 Hz and below the high corner", way_out="use 20 Hz to 10 kHz",
            )  # fmt: skip
        if not self.noise_uv >= 0:
            raise InputError("the noise cannot be used", got=f"{self.noise_uv} uV", expected="0 uV or more")

    def moved(self, *, depth_mm: float = 0.0, lateral_mm: float = 0.0) -> NeedleElectrode:
        """Return the needle after a small movement."""
        return replace(self, depth_mm=self.depth_mm + depth_mm, lateral_mm=self.lateral_mm + lateral_mm)

    def moved_to(self, *, depth_mm: float, lateral_mm: float) -> NeedleElectrode:
        """Return the needle at another place of the same cross-section."""
        return replace(self, depth_mm=depth_mm, lateral_mm=lateral_mm)


def _log_cannula(first_mm: float, last_mm: float, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    edges = np.geomspace(first_mm, last_mm, n + 1)
    return np.sqrt(edges[:-1] * edges[1:]), np.diff(edges) / (last_mm - first_mm)


def _rows(places: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([places, shares])


def _along_shaft(electrode: NeedleElectrode, behind_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    tilt = np.deg2rad(electrode.angle_deg)
    back = np.array([np.sin(tilt), -np.cos(tilt), 0.0])  # from the tip towards the skin
    tip = np.array([electrode.lateral_mm, electrode.depth_mm, electrode.along_mm])
    places: NDArray[np.float64] = tip + behind_mm[:, None] * back
    return places


def _ellipse(electrode: NeedleElectrode, long_mm: float, short_mm: float) -> NDArray[np.float64]:
    """Nine points of the bevelled core, equal shares, for the turn of the bevel."""
    tilt, turn = np.deg2rad(electrode.angle_deg), np.deg2rad(electrode.rotation_deg)
    shaft = np.array([np.sin(tilt), -np.cos(tilt), 0.0])
    side = np.array([np.cos(tilt), np.sin(tilt), 0.0])
    facing = np.cos(turn) * side + np.sin(turn) * np.array([0.0, 0.0, 1.0])
    across = np.cross(shaft, facing)
    bevel = np.deg2rad(value("bevel"))
    long_axis = np.cos(bevel) * shaft + np.sin(bevel) * facing
    unit = [(0.0, 0.0)]
    unit += [(0.6 * np.cos(a), 0.6 * np.sin(a)) for a in np.arange(4) * np.pi / 2]
    unit += [(0.9 * np.cos(a), 0.9 * np.sin(a)) for a in (np.arange(4) + 0.5) * np.pi / 2]
    centre = np.array([electrode.lateral_mm, electrode.depth_mm, electrode.along_mm]) + long_mm / 2 * shaft
    return np.array([centre + u * long_mm / 2 * long_axis + v * short_mm / 2 * across for u, v in unit])


def lead_points(electrode: NeedleElectrode) -> LeadPoints:
    """Points of the electrode in the muscle."""
    none = np.zeros((0, 4))
    first, last = value("cannula_first"), value("cannula_last")
    behind, share = _log_cannula(first, last, 8)
    cannula = _rows(_along_shaft(electrode, behind), -share)
    radius = 0.0
    if electrode.kind in ("concentric", "concentric_facial"):
        stem = "core" if electrode.kind == "concentric" else "core_facial"
        places = _ellipse(electrode, value(f"{stem}_long"), value(f"{stem}_short"))
        reference = cannula
    elif electrode.kind == "monopolar":
        places = _along_shaft(electrode, np.linspace(0.05, value("monopolar_cone_length"), 6))
        radius, reference = value("monopolar_cone_radius") / 2, none
    elif electrode.kind == "single_fibre":
        places = _along_shaft(electrode, np.array([value("sf_port_behind_tip")]))
        tilt = np.deg2rad(electrode.angle_deg)
        places = places + value("cannula_radius") * np.array([np.cos(tilt), np.sin(tilt), 0.0])
        reference = cannula
    else:
        behind, share = _log_cannula(0.2, value("macro_length"), 16)
        places, reference, radius = _along_shaft(electrode, behind), none, value("macro_radius")
        active = _rows(places, share)
        return LeadPoints(
            active=active, active_centre=active, reference=none, active_radius_mm=radius, reference_radius_mm=0.0
        )
    active = _rows(places, np.full(len(places), 1.0 / len(places)))
    centre = _rows(places.mean(axis=0)[None, :], np.ones(1))
    return LeadPoints(
        active=active, active_centre=centre, reference=reference, active_radius_mm=radius,
        reference_radius_mm=value("cannula_radius"),
    )  # fmt: skip


def needle_in(muscle: MuscleState, **place: Any) -> NeedleElectrode:
    """Return a needle at the usual place of a muscle: near its middle, away from end-plates and tendons.

    Parameters
    ----------
    muscle : MuscleState
        The muscle.
    **place
        Any field of :class:`NeedleElectrode` to set otherwise.
    """
    # 25 mm from the end-plates (science 7), or 60 % of the way to the tendon in a short muscle (internal choice)
    usual = {
        "depth_mm": 0.85 * muscle.radius_mm,
        "along_mm": min(value("needle_from_endplate"), 0.3 * muscle.fibre_length_mm),
    }
    return NeedleElectrode(**{**usual, **place})
