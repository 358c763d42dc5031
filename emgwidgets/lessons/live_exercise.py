"""Exercises of the lesson on live signals: averages by the right and the wrong trigger, and a recording that was killed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.model.signal import Annotation, ArraySamples, Recording, Sweep
from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["KilledRecording", "killed_recording", "live_items"]

OPTIONS = (
    "A response, triggered at the stimulus",
    "A response smeared by the wrong edge",
    "No response",
    "Cannot be told: average more",
)
NOISE_UV = 8.0  # internal choice: so that one sweep does not show the response
#: Rows: condition, severity, age, edge, sweeps (choices for teaching, P).
ROWS: tuple[tuple[str, str, float, str, int], ...] = (
    ("carpal_tunnel_syndrome", "mild", 66.0, "rising", 100), ("carpal_tunnel_syndrome", "mild", 60.0, "falling", 100),
    ("carpal_tunnel_syndrome", "severe", 58.0, "rising", 100), ("carpal_tunnel_syndrome", "mild", 62.0, "rising", 6),
    ("axonal_polyneuropathy", "severe", 52.0, "rising", 60), ("axonal_polyneuropathy", "moderate", 55.0, "falling", 80),
)  # fmt: skip
#: A response counts from this many times the largest peak of the noise (ncs section 7, from memory).
TIMES_NOISE = 2.0
#: Response below which there is none; internal choice, below what any average here can show.
NOTHING_UV = 0.2
FIRST_MS, LAST_MS = 1.5, 14.0  # after the artefact, before the sweep ends; internal choice


def live_items(*, seed: int = 0) -> tuple[Item, ...]:
    """Items on triggered averages, mixed by the seed; the truth is the simulated response without noise."""
    order = np.random.default_rng([seed, len(ROWS), 60]).permutation(len(ROWS))
    return tuple(_item(ROWS[place], 100 * seed + int(place)) for place in order)


def _item(row: tuple[str, str, float, str, int], seed: int) -> Item:
    condition, severity, age_years, edge, n = row
    side: Any = {"side": "right"} if condition == "carpal_tunnel_syndrome" else {}
    patient = VirtualPatient.with_condition(condition, severity=severity, age_years=age_years, seed=seed, **side)
    response, trigger, single, truth_uv, noise_uv = _averages(patient, edge, n)
    height_uv = max(float(-truth_uv.min()), 0.0)
    is_seen = height_uv >= TIMES_NOISE * noise_uv
    truth = 2 if height_uv < NOTHING_UV else 3 if not is_seen else 1 if edge == "falling" else 0
    step = (
        "rises in one step at 0 ms"
        if edge == "rising"
        else "falls in one step at 0 ms, and its beginning is spread over 2 ms before"
    )
    seen = f"The averaged trigger pulse {step}."
    return Item(
        question="What does this average show?", options=OPTIONS, truth=truth, feedback=_feedback(seen, edge, height_uv, noise_uv, n),
        why=f"{_height(height_uv)}; the largest peak of the noise is {noise_uv:.1f} µV.",
        traces=(
            ItemTrace(label="one sweep", sweep=single, scale="nerve"), ItemTrace(label=f"average of {n}", sweep=response, scale="average"),
            ItemTrace(label="trigger pulse", sweep=replace(trigger, samples_uv=-trigger.samples_uv), scale="level"),
        ),
        known=(("nerve", "median, index finger"), ("averaged", f"{n} sweeps"), ("noise of one sweep", f"{NOISE_UV:g} µV RMS")),
        found=(("true height", f"{height_uv:.1f} µV" if height_uv >= NOTHING_UV else "none"), ("trigger at", f"the {edge} edge")), start_ms=-4.0, end_ms=12.0,
    )  # fmt: skip


def _height(height_uv: float) -> str:
    return f"The response is {height_uv:.1f} µV high" if height_uv >= NOTHING_UV else "The nerve gives no response"


def _feedback(seen: str, edge: str, height_uv: float, noise_uv: float, n: int) -> tuple[str, ...]:
    is_right = edge == "rising"
    return (
        f"{seen} {'The sweeps lie on the stimulus.' if is_right else 'So each sweep lies 1 to 3 ms off its stimulus, by another time.'}",
        f"{seen} {'Nothing is smeared.' if is_right else 'What comes 3 ms after the stimulus lies at another place in each sweep, and is averaged away.'}",
        f"A true response of {height_uv:.1f} µV is there."
        if height_uv >= 0.2
        else "The simulated nerve gives nothing here.",
        f"Noise falls with the square root: after {n} sweeps to 1/{np.sqrt(n):.1f}, its largest peak to {noise_uv:.1f} µV.",
    )


def _averages(patient: VirtualPatient, edge: Any, n: int) -> tuple[Sweep, Sweep, Sweep, np.ndarray, float]:
    """Average of response and trigger channel as the scope would make them, one sweep, the truth, and the noise left."""
    from emgwidgets.acquisition.clock import SimulatedClock
    from emgwidgets.acquisition.engine import Engine
    from emgwidgets.acquisition.sweeps import SweepCollector, SweepSettings
    from emgwidgets.acquisition.triggers import ThresholdTrigger
    from emgwidgets.acquisition.virtual_sensory import TRIGGER_V, VirtualSensoryDevice

    device = VirtualSensoryDevice(
        response="median_d2",
        patient=patient,
        noise_uv=NOISE_UV,
        stimulus_every_s=0.1,
        block_ms=50.0,
        clock=SimulatedClock(),
    )
    engine = Engine(device, ring_s=2.0).open()

    def collect(channel: str, at: Any) -> SweepCollector:
        trigger = ThresholdTrigger(channel="trigger", level_uv=TRIGGER_V / 2, edge=at)
        made = SweepCollector(engine.buffer, SweepSettings(channel=channel, before_ms=5.0, after_ms=15.0), trigger)
        engine.attach(made)
        return made

    shown, pulses, right = collect("median_d2", edge), collect("trigger", edge), collect("median_d2", "rising")
    while right.counts.n_accepted < n or shown.counts.n_accepted < n:
        engine.step()
    averages = [one.average() for one in (shown, pulses, right)]
    assert all(average is not None for average in averages)
    response, trigger, aligned = (average for average in averages if average is not None)
    inside = (aligned.times_ms >= FIRST_MS) & (aligned.times_ms <= LAST_MS)
    truth_uv = np.zeros(len(aligned.samples_uv))
    truth_uv[aligned.times_ms > -1e-6] = device.true_response_uv[: int((aligned.times_ms > -1e-6).sum())]
    rest_uv = (aligned.samples_uv - truth_uv)[inside]
    return (
        response,
        trigger,
        shown.sweeps[0],
        device.true_response_uv,
        float(np.abs(rest_uv - np.median(rest_uv)).max()),
    )


@dataclass(frozen=True, kw_only=True)
class KilledRecording:
    """A container left by a program that was killed, and what is lost in it; the truth says why at each place."""

    path: Path
    truth: tuple[Annotation, ...]
    duration_s: float

    def read_unflagged(self) -> Recording:
        """Read what is left, without the flags that would show the gaps."""
        from emgwidgets.io.registry import read

        return replace(read(self.path), quality_flags=())


def killed_recording(folder: Path | str, *, seed: int = 0) -> KilledRecording:
    """Record a needle at rest, lose samples twice, kill the recording in the middle of a block.

    Parameters
    ----------
    folder : path
        Where ``killed_SEED.emglive`` is made; one that is there already is made anew.
    seed : int
        Another seed gives other places.

    Returns
    -------
    KilledRecording
        Its ``truth`` holds each gap as an annotation ``"gap"`` with the reason in its note.  A stretch without signal in
        which no sample is lost is there as well, and is not in the truth.
    """
    from emgwidgets.acquisition.engine import Engine
    from emgwidgets.acquisition.faults import Faults
    from emgwidgets.acquisition.recorder import Recorder
    from emgwidgets.acquisition.replay import ReplayDevice
    from emgwidgets.simulation.muscle.needle import NeedlePhase

    rng = np.random.default_rng([seed, 60])
    patient = VirtualPatient.with_condition("radiculopathy_l5", side="right", severity="moderate", seed=seed + 3)
    made = patient.needle(
        muscle="tibialis_anterior",
        side="right",
        phases=(NeedlePhase(kind="rest", duration_s=8.0),),
        sampling_rate_hz=10_000.0,
    ).recording
    source, flat_s = _flattened(made, rng)
    gaps = tuple(
        (float(start_s), float(length_s))
        for start_s, length_s in zip(_apart(rng, flat_s), rng.uniform(0.04, 0.25, 2).round(2), strict=True)
    )
    path = Path(folder) / f"killed_{seed}.emglive"
    path.unlink(missing_ok=True)
    engine = Engine(ReplayDevice(file=source, speed_ratio=0, faults=Faults(gaps=gaps)), ring_s=1.0).open()
    with Recorder(engine, path):
        while engine.step():
            pass
    with path.open("r+b") as content:
        content.truncate(path.stat().st_size - int(rng.integers(600, 9000)))
    truth = tuple(
        Annotation(
            start_s=start_s, duration_s=length_s, label="gap",
            note=f"{round(length_s * 10_000)} samples are missing: nothing is drawn here, and time goes on.",
        )
        for start_s, length_s in sorted(gaps)
    )  # fmt: skip
    return KilledRecording(path=path, truth=truth, duration_s=made.duration_s)


def _apart(rng: np.random.Generator, flat_s: float) -> list[float]:
    """Two places at least 1 s from one another and from the flat stretch."""
    while True:
        places = rng.uniform(0.5, 7.0, 2).round(2).tolist()
        if min(abs(places[0] - places[1]), *(abs(one - flat_s) for one in places)) > 1.0:
            return [float(one) for one in places]


def _flattened(made: Recording, rng: np.random.Generator) -> tuple[Recording, float]:
    """The recording with one stretch in which the needle's lead was off: samples of 0, but samples."""
    channel = made.channels[0]
    start_s = float(rng.uniform(2.0, 6.0))
    values = channel.read()
    first = round(start_s * channel.sampling_rate_hz)
    values[first : first + round(0.2 * channel.sampling_rate_hz)] = 0.0
    flat = replace(channel, samples=ArraySamples(stored=values))
    return Recording(channels=(flat,)), start_s
