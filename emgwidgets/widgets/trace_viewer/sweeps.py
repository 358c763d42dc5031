"""Stimulus-locked sweeps laid out for the viewer: one channel each, all on a clock whose zero is the stimulus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.model.signal import ArraySamples, Channel, Recording, Segment, Stimulus, Sweep

__all__ = ["SweepGroup", "describe_groups", "group_sweeps", "lay_out", "stimulus_words", "sweeps_of"]


@dataclass(frozen=True, kw_only=True)
class SweepGroup:
    """Sweeps of one place: their name and their numbers in the laid-out recording."""

    name: str
    members: tuple[int, ...]


def _place(sweep: Sweep) -> tuple[str, ...]:
    parts = (sweep.side, sweep.nerve, sweep.muscle, sweep.site, sweep.channel)
    return tuple(part or "" for part in parts)


def stimulus_words(stimulus: Stimulus | None) -> str:
    """Strength of a stimulus with its unit, as far as the source says it."""
    if stimulus is None:
        return ""
    sizes = ((stimulus.current_ma, "mA"), (stimulus.voltage_v, "V"))
    words = [f"{size:.3g} {unit}" for size, unit in sizes if size is not None]
    return ", ".join([*words, *([stimulus.label] if stimulus.label else [])])


def group_sweeps(sweeps: Sequence[Sweep]) -> tuple[tuple[SweepGroup, ...], tuple[int, ...]]:
    """Return the groups, and the order in which their sweeps follow one another (indices of ``sweeps``)."""
    places: dict[tuple[str, ...], list[int]] = {}
    for index, sweep in enumerate(sweeps):
        places.setdefault(_place(sweep), []).append(index)
    groups: list[SweepGroup] = []
    order: list[int] = []
    for place, members in places.items():
        name = " ".join(part.replace("_", " ") for part in place if part) or "sweeps"
        groups.append(SweepGroup(name=name, members=tuple(range(len(order), len(order) + len(members)))))
        order += members
    return tuple(groups), tuple(order)


def lay_out(recording: Recording) -> tuple[Recording, tuple[SweepGroup, ...], tuple[Sweep, ...]]:
    """Return a recording with one channel for each sweep, its groups, and the sweeps in the order of the channels."""
    groups, order = group_sweeps(recording.sweeps)
    sweeps = tuple(recording.sweeps[index] for index in order)
    channels = []
    for group in groups:
        for number, index in enumerate(group.members, start=1):
            sweep = sweeps[index]
            whole = Segment(first_sample=0, n_samples=len(sweep.samples_uv), start_s=sweep.start_ms / 1000.0)
            channels.append(
                Channel(
                    name=f"{group.name} #{number}", unit="uV", sampling_rate_hz=sweep.sampling_rate_hz,
                    samples=ArraySamples(stored=np.asarray(sweep.samples_uv)), segments=(whole,), kind="emg", settings=sweep.settings,
                )
            )  # fmt: skip
    laid = replace(recording, channels=tuple(channels), sweeps=(), stimuli=(), annotations=(), quality_flags=())
    return laid, groups, sweeps


def sweeps_of(laid: Recording, cut: Recording, sweeps: Sequence[Sweep]) -> tuple[Sweep, ...]:
    """Return the sweeps that a cut of the laid-out recording holds.

    Raises
    ------
    InputError
        If the cut holds none.
    """
    numbers = {channel.name: index for index, channel in enumerate(laid.channels)}
    found = tuple(
        replace(sweeps[numbers[channel.name]], samples_uv=channel.samples_uv, start_ms=channel.start_s * 1000.0)
        for channel in cut.channels
    )
    if not found:
        raise InputError("the selection holds no sweep", expected="a stretch within the sweeps")
    return found


def describe_groups(groups: Sequence[SweepGroup], sweeps: Sequence[Sweep]) -> dict[str, Any]:
    """Return what the browser is told: groups, and number, stimulus and count of averages of each sweep."""
    items = []
    for number, group in enumerate(groups):
        for place, index in enumerate(group.members, start=1):
            sweep = sweeps[index]
            averaged = f"average of {sweep.n_averaged}" if sweep.n_averaged > 1 else ""
            words = ", ".join(part for part in (stimulus_words(sweep.stimulus), averaged) if part)
            items.append({"group": number, "number": place, "words": words})
    return {"groups": [{"name": group.name, "members": list(group.members)} for group in groups], "items": items}
