"""A virtual patient as a source of the needle bench: every stretch is simulated at the place of the needle."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.model.case import Subject
from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording, Side
from emgwidgets.widgets.needle_bench.source import Effort, NeedlePlace, Section, Stretch
from emgwidgets.work_up import subject_of

if TYPE_CHECKING:
    from emgwidgets.simulation.muscle.electrode import NeedleElectrode
    from emgwidgets.simulation.muscle.muscle_types import MuscleState
    from emgwidgets.simulation.muscle.needle import NeedleSimulation, NeedleTruth
    from emgwidgets.simulation.muscle.needle_phase import Activity, NeedlePhase
    from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["VirtualNeedleSource"]

RATE_HZ = 48_000.0
#: Band of the amplifier; the knobs of the bench filter what it lets through.
HIGH_PASS_HZ, LOW_PASS_HZ = 2.0, 10_000.0
INSERTION_S = 2.0  # internal choice: longer than increased insertional activity lasts
#: Length of a stretch (internal choice: twenty discharges of the slowest unit at slight effort; full effort is short).
LENGTH_S: dict[Effort, float] = {"insert": 20.0, "rest": 20.0, "slight": 20.0, "moderate": 12.0, "full": 8.0}
SEAM_S = 0.02  # joins the end of a stretch to the place where it goes on
#: A sprinkle of end plates nearer than this is heard as end-plate noise; nearer than a third of it, as spikes too
#: (internal choice, inside the 3 mm the simulation allows).
END_PLATE_NEAR_MM = 3.0
AGES = {"female": "woman", "male": "man"}


@dataclass(frozen=True, kw_only=True)
class VirtualNeedleSource:
    """A virtual patient under the needle."""

    patient: VirtualPatient
    kind: str = "concentric"
    #: What each stretch was made of, by its number; feedback reads it, the bench never does.
    truths: dict[int, NeedleTruth] = field(default_factory=dict, repr=False, compare=False)

    can_move = True
    is_live = False

    @property
    def title(self) -> str:
        """Age, sex and day of the patient."""
        one = self.patient
        day = f", day {one.day:g}" if one.lesions else ""
        return f"virtual patient, {AGES[one.sex]} {one.age_years:g} y{day}, simulated, seed {one.seed}"

    @property
    def electrode(self) -> str:
        """The needle, in words."""
        return f"{self.kind.replace('_', ' ')} needle"

    @property
    def subject(self) -> Subject:
        """Whom limits depend on."""
        return subject_of(self.patient)

    @property
    def days_since_onset(self) -> float | None:
        """Day on the clock of the lesions; None without one."""
        return float(self.patient.day) if self.patient.lesions else None

    def muscles(self) -> tuple[str, ...]:
        """Every muscle of the vocabulary."""
        from emgwidgets.simulation.muscle.muscle_pools import muscle_pools

        return tuple(muscle_pools())

    def _state(self, muscle: str, side: Side) -> MuscleState:
        from emgwidgets.simulation.muscle.muscle_fate import needle_muscle

        one = self.patient
        return needle_muscle(
            subject=one.subject, muscle=muscle, side=side, lesions=one.lesions, day=one.day, anomalies=one.anomalies
        )

    def section(self, muscle: str, side: Side) -> Section:
        """Size of the simulated muscle."""
        state = self._state(muscle, side)
        return Section(
            radius_mm=state.radius_mm, fibre_length_mm=state.fibre_length_mm, end_plate_sd_mm=float(state.z_mm.std())
        )

    def usual_place(self, muscle: str, side: Side) -> NeedlePlace:
        """Near the middle, away from the end plates."""
        from emgwidgets.simulation.muscle.electrode import needle_in

        usual = needle_in(self._state(muscle, side))
        return NeedlePlace(depth_mm=round(usual.depth_mm, 1), angle_deg=90.0, along_mm=round(usual.along_mm, 1))

    def record(
        self, *, muscle: str, side: Side, effort: Effort, place: NeedlePlace | None, insertion: int, number: int
    ) -> Stretch:
        """Simulate one stretch; where the tip is outside the muscle, only the noise of the amplifier is left."""
        state = self._state(muscle, side)
        place = place or self.usual_place(muscle, side)
        section = self.section(muscle, side)
        electrode = self._electrode(place)
        phases = _phases(effort, self._end_plates(state, place))
        seed = int(np.random.SeedSequence([state.seed, 77, number]).generate_state(1)[0] % 2**31)
        if section.holds(place):
            made = self._simulated(muscle, side, electrode, phases, seed)
            self.truths[number] = made.truth
            channel, stops = made.recording.channels[0], made.truth.needle_stops_s
        else:
            channel, stops = _noise(electrode, LENGTH_S[effort], seed), (0.1,)
        moved = ((0.0, float(stops[0])),) if effort == "insert" and stops else ()
        loop_s = INSERTION_S if effort == "insert" else 0.0
        name = "Needle EMG"
        recording = Recording(
            channels=(_looped(channel, loop_s, name),), title=f"Simulated needle EMG, {muscle}",
            annotations=(Annotation(start_s=0.0, duration_s=LENGTH_S[effort], label=effort),),
            notes=("simulated: no patient",),
        )  # fmt: skip
        return Stretch(
            number=number, recording=recording, channel=name, muscle=muscle, side=side, effort=effort,
            insertion=insertion, place=place, moved_s=moved, loop_s=loop_s,
        )  # fmt: skip

    def _simulated(
        self, muscle: str, side: Side, electrode: NeedleElectrode, phases: tuple[NeedlePhase, ...], seed: int
    ) -> NeedleSimulation:
        return self.patient.needle(
            muscle=muscle, side=side, electrode=electrode, phases=phases, sampling_rate_hz=RATE_HZ, seed=seed
        )

    def _electrode(self, place: NeedlePlace) -> NeedleElectrode:
        from emgwidgets.simulation.muscle.electrode import NeedleElectrode

        across_mm, below_mm = place.tip_mm
        return NeedleElectrode(
            kind=self.kind, depth_mm=below_mm, lateral_mm=across_mm, angle_deg=90.0 - place.angle_deg,  # type: ignore[arg-type]
            along_mm=place.along_mm, high_pass_hz=HIGH_PASS_HZ, low_pass_hz=LOW_PASS_HZ,
        )  # fmt: skip

    def _end_plates(self, state: MuscleState, place: NeedlePlace) -> tuple[Activity, ...]:
        """What end plates within reach add at rest."""
        from emgwidgets.simulation.muscle.needle_phase import Activity

        across_mm, below_mm = place.tip_mm
        has_nerve = state.unit >= 0
        off = np.sqrt((state.x_mm - across_mm) ** 2 + (state.y_mm - below_mm) ** 2 + (state.z_mm - place.along_mm) ** 2)
        near = off[has_nerve & (off < END_PLATE_NEAR_MM)]
        if abs(place.along_mm) > END_PLATE_NEAR_MM or not len(near):
            return ()
        found = [Activity(kind="end_plate_noise", n_sources=3)]
        if near.min() < END_PLATE_NEAR_MM / 3:
            found.append(Activity(kind="end_plate_spike"))
        return tuple(found)


def _phases(effort: Effort, at_rest: tuple[Activity, ...]) -> tuple[NeedlePhase, ...]:
    from emgwidgets.simulation.muscle.needle_phase import NeedlePhase

    length = LENGTH_S[effort] + SEAM_S
    if effort == "insert":
        still = NeedlePhase(kind="rest", duration_s=length - INSERTION_S, activities=at_rest)
        return (NeedlePhase(kind="insertion", duration_s=INSERTION_S, activities=at_rest), still)
    if effort == "rest":
        return (NeedlePhase(kind="rest", duration_s=length, activities=at_rest),)
    return (NeedlePhase(kind="effort", duration_s=length, effort=effort),)


def _noise(electrode: NeedleElectrode, duration_s: float, seed: int) -> Channel:
    from emgwidgets.simulation.muscle._scene import amplifier, noise_uv
    from emgwidgets.simulation.muscle.needle import channel_of, needle_settings

    rng = np.random.default_rng([seed, 99])
    noise = noise_uv(round((duration_s + SEAM_S) * RATE_HZ), electrode.noise_uv, RATE_HZ, rng)
    settings = needle_settings(electrode)
    return channel_of(amplifier(noise, electrode, RATE_HZ), "Needle EMG", "needle_emg", RATE_HZ, settings=settings)


def _looped(channel: Channel, loop_s: float, name: str) -> Channel:
    """The channel, its last moment blended into the place where it goes on, so that the join is neither seen nor heard."""
    n_seam, at = round(SEAM_S * RATE_HZ), round(loop_s * RATE_HZ)
    values = channel.samples_uv
    kept, tail = values[:-n_seam].copy(), values[-n_seam:]
    share = np.linspace(0.0, 1.0, n_seam)
    if at >= n_seam:
        kept[-n_seam:] = (1 - share) * kept[-n_seam:] + share * values[at - n_seam : at]
    else:
        kept[:n_seam] = share * kept[:n_seam] + (1 - share) * tail
    gain = channel.samples.gain
    stored = np.clip(np.round(kept / gain), -32768, 32767).astype(np.int16)
    return replace(channel, name=name, samples=ArraySamples(stored=stored, gain=gain, offset=0.0), segments=())
