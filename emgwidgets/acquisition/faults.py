"""Faults a replayed stream can be given on purpose, so that what to do about them can be tested and taught."""

from __future__ import annotations

from dataclasses import dataclass

from emgwidgets.errors import InputError

__all__ = ["Faults"]


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What goes wrong; times count from the beginning of the replay.

    Parameters
    ----------
    gaps : tuple of (start_s, duration_s)
        Stretches that are lost.
    silent_gaps : bool
        The device does not say how many samples it lost; only the times show it.
    jitter_s : float
        Largest error of the times of blocks, to either side.
    drift_ratio : float
        How much longer the device's second is, as a share (0.0001 is 100 ppm).
    saturation_uv : float, optional
        Largest value the amplifier can give.
    disconnect_s : float, optional
        When the device goes away; it comes back ``back_after_s`` later, or never when that is None.
    stall_s : float, optional
        When the device falls silent while it stays open.
    seed : int
        Of the jitter.
    """

    gaps: tuple[tuple[float, float], ...] = ()
    silent_gaps: bool = False
    jitter_s: float = 0.0
    drift_ratio: float = 0.0
    saturation_uv: float | None = None
    disconnect_s: float | None = None
    back_after_s: float | None = None
    stall_s: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if any(start_s < 0 or duration_s <= 0 for start_s, duration_s in self.gaps):
            raise InputError(
                "a gap cannot be used", got=f"{self.gaps}", expected="(start_s, duration_s), none negative"
            )
        if self.jitter_s < 0 or not abs(self.drift_ratio) < 0.5:
            raise InputError(
                "the fault of the clock cannot be used", got=f"jitter {self.jitter_s} s, drift {self.drift_ratio}",
                expected="a jitter of 0 s or more and a drift within -0.5 and 0.5",
            )  # fmt: skip
        if self.saturation_uv is not None and not self.saturation_uv > 0:
            raise InputError("the saturation cannot be used", got=f"{self.saturation_uv} uV", expected="above 0 uV")
