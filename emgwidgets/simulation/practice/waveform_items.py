"""One practice item of any class and level, with its truth: what the reader hears, sees and should answer.

Choices of size, number and order are the design of an exercise (P); the laws behind them are those of the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.muscle.needle import NeedleSimulation, NeedleTruth, simulate_needle
from emgwidgets.simulation.practice._item_features import features_of
from emgwidgets.simulation.practice._item_recipes import ITEM_HZ, Plan, plan_for
from emgwidgets.simulation.practice.waveform_classes import LEVELS, WaveformClass, waveform_class

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emgwidgets.model.signal import Recording

__all__ = ["WaveformItem", "waveform_item"]

SATURATION_UV = 5000.0
#: Level 4: half of the peak-to-peak amplitude over the noise (RMS), within what a machine may show.
SIGNAL_TO_NOISE, NOISE_RANGE_UV = 3.0, (3.0, 40.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class WaveformItem:
    """A recording and the right answer.

    Parameters
    ----------
    kind : WaveformClass
        The answer.
    level : int
        1 to 4.
    seed : int
        Same class, level and seed, same bytes.
    presentation : {"both", "sound", "picture"}
        What the reader is given; level 3 takes one of the two away.
    also_present : tuple of str
        Other classes in the same recording (level 4).
    grade : int or None
        Grade of fibrillations and positive waves, 0 to 4, where it is asked.
    features : mapping
        Measured on the truth; each name carries its unit.
    events_s : tuple of float
        Time of each discharge of the class, of its largest deflection.
    """

    kind: WaveformClass
    level: int
    seed: int
    recording: Recording
    truth: NeedleTruth
    presentation: Literal["both", "sound", "picture"]
    also_present: tuple[str, ...]
    grade: int | None
    features: Mapping[str, float | str]
    events_s: tuple[float, ...] = field(repr=False)


def waveform_item(class_code: str, level: int = 1, seed: int = 0) -> WaveformItem:
    """Make one item of the waveform gym.

    Parameters
    ----------
    class_code : str
        See :func:`emgwidgets.simulation.waveform_classes.waveform_classes`.
    level : int
        1 to 4; see ``LEVELS``.
    seed : int
        A new seed is a new instance.

    Returns
    -------
    WaveformItem

    Raises
    ------
    InputError
        If class, level or seed do not exist.
    """
    kind = waveform_class(class_code)
    if level not in LEVELS:
        raise InputError("no such level", got=f"{level}", expected="1, 2, 3 or 4")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InputError("the seed cannot be used", got=f"{seed}", expected="a whole number from 0")
    rng = np.random.default_rng([int(seed), kind.number, level])
    plan = plan_for(kind, level, rng)
    made = _record(kind, plan, int(seed))
    if level == max(LEVELS) and kind.origin in ("fibre", "chain", "axon", "unit"):
        plan = _noisy(kind, plan, made.truth)
        made = _record(kind, plan, int(seed))
    features, events = features_of(kind, plan, made.truth)
    return WaveformItem(
        kind=kind, level=level, seed=int(seed), recording=made.recording, truth=made.truth, grade=plan.grade,
        presentation=_presentation(level, rng), also_present=plan.also_present, features=features, events_s=events,
    )  # fmt: skip


def _record(kind: WaveformClass, plan: Plan, seed: int) -> NeedleSimulation:
    return simulate_needle(
        plan.muscle, plan.needle, phases=plan.phases, disturbances=plan.disturbances, sampling_rate_hz=ITEM_HZ,
        limit_uv=SATURATION_UV if kind.code == "loose_reference" else None, seed=seed + 1000 * kind.number,
    )  # fmt: skip


def _noisy(kind: WaveformClass, plan: Plan, truth: NeedleTruth) -> Plan:
    own = [s.amplitude_uv for s in truth.sources if s.kind == kind.code] or [u.amplitude_uv for u in truth.units]
    wanted = max(own, default=0.0) / 2 / SIGNAL_TO_NOISE
    return replace(plan, needle=replace(plan.needle, noise_uv=float(np.clip(wanted, *NOISE_RANGE_UV))))


def _presentation(level: int, rng: np.random.Generator) -> Literal["both", "sound", "picture"]:
    if level != 3:
        return "both"
    return "sound" if rng.random() < 0.5 else "picture"
