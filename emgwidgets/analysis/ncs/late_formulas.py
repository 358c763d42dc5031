"""What follows from an F latency: the latency to expect, the F ratio, the velocity to the cord."""

from __future__ import annotations

import math

from emgwidgets.analysis.ncs.segments import check_distance_mm, half_width, joined, made
from emgwidgets.errors import InputError
from emgwidgets.model.measure import Measure

__all__ = ["f_estimate", "f_ratio", "f_wave_velocity"]


def f_estimate(m_latency_ms: Measure, velocity_m_per_s: Measure, distance_mm: float | None) -> Measure:
    """Latency to expect, ``2 D / CV + 1 + DL`` (ncs.S27).

    Parameters
    ----------
    distance_mm : float
        Arm: wrist to the spine of C7; leg: ankle to the xiphoid.
    """
    distance_mm = check_distance_mm(distance_mm, what="the path of the F wave")
    value = 2 * distance_mm / velocity_m_per_s.value + 1.0 + m_latency_ms.value
    speed_half = half_width(velocity_m_per_s)
    on_speed = None if speed_half is None else 2 * distance_mm * speed_half / velocity_m_per_s.value**2
    return made(value, "ms", "2 x distance / velocity + 1 ms + distal latency", joined(half_width(m_latency_ms), on_speed),
                m_latency_ms)  # fmt: skip


def _turn(f_latency_ms: Measure, m_latency_ms: Measure) -> float:
    turn_ms = f_latency_ms.value - m_latency_ms.value - 1.0
    if turn_ms <= 0:
        raise InputError(
            "the F wave cannot be judged", got=f"F {f_latency_ms.text}, M {m_latency_ms.text}",
            expected="F more than 1 ms after M", way_out="check whether F and M are swapped",
        )  # fmt: skip
    return turn_ms


def f_ratio(f_latency_ms: Measure, m_latency_ms: Measure) -> Measure:
    """``(F - M - 1) / (2 M)``, about 1 on stimulation at the elbow or knee (Kimura, M)."""
    turn_ms = _turn(f_latency_ms, m_latency_ms)
    value = turn_ms / (2 * m_latency_ms.value)
    halves = (half_width(f_latency_ms), half_width(m_latency_ms))
    half = None
    if halves[0] is not None and halves[1] is not None:
        half = math.hypot(halves[0], halves[1] * (1 + 2 * value)) / (2 * m_latency_ms.value)
    return made(value, "ratio", "(F - M - 1) / (2 M)", half, f_latency_ms)


def f_wave_velocity(f_latency_ms: Measure, m_latency_ms: Measure, distance_mm: float | None) -> Measure:
    """Velocity from the stimulus to the cord, ``2 D / (F - M - 1)`` (Kimura, M)."""
    distance_mm = check_distance_mm(distance_mm, what="the path of the F wave")
    turn_ms = _turn(f_latency_ms, m_latency_ms)
    half = joined(half_width(f_latency_ms), half_width(m_latency_ms))
    value = 2 * distance_mm / turn_ms
    return made(
        value, "m/s", "2 x distance / (F - M - 1)", None if half is None else value * half / turn_ms, f_latency_ms
    )
