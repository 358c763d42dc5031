"""Averages of a sensory nerve: a response, noise, or too few sweeps to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from emgwidgets.lessons._people import known_of, person
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.simulation.nerve.recording_setup import SENSORY_SETUP, SimulatedSweep
from emgwidgets.vocabulary import sensory_nerve

__all__ = ["average_item"]

OPTIONS = ("A response", "No response, only noise", "Cannot be told: average more")
#: A response counts from this many times the noise (ncs section 7, from memory).
TIMES_NOISE = 2.0
#: Where noise and response are compared: after the artefact, before the sweep ends; internal choice.
WINDOW_MS = (1.5, 10.0)
#: Response below which there is none; internal choice, below what any average here can show.
NOTHING_UV = 0.2
#: Amplifier noise of these items; internal choice, a little above the usual so that averaging is needed.
NOISE_UV = 4.0


def average_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item: two averages of half the sweeps each and both together."""
    patient, n, key = person(row, seed), int(row["n_averaged"]), row.get("study", "sural")
    setup = replace(SENSORY_SETUP, noise_uv=NOISE_UV)
    halves = [
        patient.sensory_study(response=key, side="right", n_averaged=n // 2, setup=setup, trial=trial)
        for trial in (1, 2)
    ]
    both = replace(
        halves[0].sweep, samples_uv=0.5 * (halves[0].sweep.samples_uv + halves[1].sweep.samples_uv), n_averaged=n
    )
    height, noise = halves[0].truth.amplitude_uv, _noise_uv(halves)
    is_absent = halves[0].truth.is_absent or height < NOTHING_UV
    truth = 1 if is_absent else 0 if height >= TIMES_NOISE * noise else 2
    labels = (f"first {n // 2} sweeps", f"next {n // 2} sweeps", f"all {n} sweeps")
    return Item(
        question="Is there a response?", options=OPTIONS, truth=truth,
        feedback=_feedback(height, noise, is_absent, n, _likeness(halves)), why=_why(truth, height, noise, n),
        traces=tuple(ItemTrace(label=label, sweep=sweep, scale="sensory")
                     for label, sweep in zip(labels, (halves[0].sweep, halves[1].sweep, both), strict=True)),
        known=(known_of(patient), ("nerve", sensory_nerve(key).name), ("averaged", f"{n} sweeps")),
        found=(("true height", "none" if is_absent else f"{height:.1f} µV"), ("largest peak of the noise", f"{noise:.1f} µV")),
        start_ms=0.0, end_ms=12.0,
    )  # fmt: skip


def _inside(one: SimulatedSweep) -> np.ndarray[Any, np.dtype[np.bool_]]:
    times_ms = one.sweep.times_ms
    return (times_ms >= WINDOW_MS[0]) & (times_ms <= WINDOW_MS[1])


def _noise_uv(halves: list[SimulatedSweep]) -> float:
    """Largest peak of the noise in the average of both halves."""
    inside = _inside(halves[0])
    rest = 0.5 * sum(one.sweep.samples_uv - one.truth.noise_free_uv for one in halves)
    part = np.asarray(rest)[inside]
    return float(np.max(np.abs(part - np.median(part))))


def _likeness(halves: list[SimulatedSweep]) -> float:
    inside = _inside(halves[0])
    return float(np.corrcoef(*(one.sweep.samples_uv[inside] for one in halves))[0, 1])


def _feedback(height: float, noise: float, is_absent: bool, n: int, likeness: float) -> tuple[str, ...]:
    alike = f"The two halves are alike with r = {likeness:.2f}"
    if is_absent:
        return (f"{alike}: what stands in one is missing in the other.", f"{alike}: nothing comes back at the same place.",
                f"{alike} after {n} sweeps, and the noise peaks reach {noise:.1f} µV: nothing hides here that would count.")  # fmt: skip
    times = height / noise
    ratio = f"{height:.1f} µV against noise peaks of {noise:.1f} µV: {times:.1f} times"
    if times >= TIMES_NOISE:
        return (f"{ratio}, at the same place in both halves.", f"{alike}: it comes back at the same place, {times:.1f} times the noise.",
                f"{ratio}: {n} sweeps are enough to say that it is there.")  # fmt: skip
    return (
        f"{ratio}: a peak of noise could stand there as well.",
        f"{ratio}: too little to call it absent.",
        f"{ratio}.",
    )


def _why(truth: int, height: float, noise: float, n: int) -> str:
    if truth == 0:
        return "A response is at least twice the noise (unverified) and comes back in a second average."
    if truth == 1:
        return 'Nothing was simulated: no axon reaches the electrode. Write "no response" with the number of sweeps, not 0 µV.'
    needed = n * (TIMES_NOISE * noise / height) ** 2
    return f"It is there. Noise falls with the root of the number of sweeps: about {10 * np.ceil(needed / 10):.0f} would show it."
