"""A virtual patient as a source of the bench."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.case import Subject
from emgwidgets.model.signal import Side, Sweep
from emgwidgets.widgets.ncs_bench.source import Knobs, Site, StudyInfo, letters_of
from emgwidgets.work_up import subject_of

if TYPE_CHECKING:
    from emgwidgets.simulation.nerve.pathway import Study
    from emgwidgets.simulation.nerve.recording_setup import SweepTruth
    from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["VirtualSource", "known_studies"]

#: Nerves whose studies are drawn on head and neck.
HEAD = {"facial", "trigeminal", "spinal_accessory", "phrenic", "great_auricular"}


def _name(kind: str, target: str) -> str | None:
    """Name of what is recorded from; None for a stretch of another test, such as the afferent limb of the blink reflex."""
    lookup = vocabulary.muscle if kind == "motor" else vocabulary.sensory_nerve
    try:
        return lookup(target).name
    except InputError:
        return None


def _title(one: Study, target: str) -> str:
    if one.kind == "motor":
        return f"{one.data['nerve'].replace('_', ' ').capitalize()} to {target[:1].lower()}{target[1:]}"
    # Studies that share a nerve, such as digits 3 and 4, keep their own names.
    return target if one.target == one.key else one.key.replace("_d", " digit ").replace("_", " ").capitalize()


def _limb(one: Study) -> str:
    if one.data["nerve"] in HEAD:
        return "head"
    return "arm" if one.is_arm else "leg"


#: Study -> places on other nerves that answer over its muscle in an anastomosis: code, letters, study of the nerve, site.
CHECKS = {
    "median_apb": (("ulnar_nerve_at_the_wrist", "uW", "ulnar_adm", "wrist"),),
    "ulnar_adm": (("median_nerve_at_the_wrist", "mW", "median_apb", "wrist"), ("median_nerve_at_the_elbow", "mE", "median_apb", "elbow")),
    "ulnar_fdi": (("median_nerve_at_the_wrist", "mW", "median_apb", "wrist"), ("median_nerve_at_the_elbow", "mE", "median_apb", "elbow")),
}  # fmt: skip


def _checks(key: str) -> tuple[Site, ...]:
    from emgwidgets.simulation.nerve.pathway import study

    return tuple(
        Site(code=code, letters=letters, place_cm=study(of).site_cm(at), of=of, nerve=study(of).data["nerve"], at=at)
        for code, letters, of, at in CHECKS.get(key, ())
    )


@cache
def known_studies() -> tuple[StudyInfo, ...]:
    """Every study the bench has a limb, sites and electrodes for."""
    from emgwidgets.simulation.nerve.pathway import studies, study

    made = []
    for key in studies():
        one = study(key)
        target = _name(one.kind, one.target)
        if target is None:
            continue
        towards = 1 if one.target_cm > one.site_cm(one.data["standard_site"]) else -1
        sites = sorted(one.sites, key=lambda site: -towards * one.site_cm(site))
        made.append(StudyInfo(
            key=key, kind=one.kind, nerve=one.data["nerve"], target=one.target, limb=_limb(one),
            title=_title(one, target),
            sites=tuple(Site(code=code, letters=letters_of(code), place_cm=one.site_cm(code)) for code in sites),
            standard_site=one.data["standard_site"], record_cm=one.target_cm, checks=_checks(key),
        ))  # fmt: skip
    return tuple(made)


@dataclass(frozen=True, kw_only=True)
class VirtualSource:
    """A virtual patient under the hands."""

    patient: VirtualPatient
    #: What each sweep was made of, by its number; feedback reads it, the bench never does.
    truths: dict[int, SweepTruth] = field(default_factory=dict, repr=False, compare=False)

    @property
    def title(self) -> str:
        """Age, sex and height; the condition is not told."""
        who = self.subject
        return f"virtual patient, {who.sex or 'adult'}, {who.age_years:g} y, {who.height_cm:g} cm, seed {self.patient.seed}"

    @property
    def subject(self) -> Subject:
        """Whom limits depend on."""
        return subject_of(self.patient)

    @property
    def days_since_onset(self) -> float | None:
        """Day of the examination; None for a healthy subject."""
        return float(self.patient.day) if self.patient.lesions else None

    @property
    def can_stimulate(self) -> bool:
        """A virtual patient can always be stimulated."""
        return True

    def studies(self) -> tuple[StudyInfo, ...]:
        """Every study the virtual patient can give."""
        return known_studies()

    def sweep(self, info: StudyInfo, side: Side, site: str, knobs: Knobs, trial: int) -> Sweep:
        """Stimulate once (motor) or average (sensory)."""
        from emgwidgets.simulation.nerve.recording_setup import RecordingSetup
        from emgwidgets.simulation.nerve.stimulation import Pulse

        pulse = Pulse(current_ma=knobs.current_ma, pulse_width_ms=knobs.pulse_width_ms, is_reversed=knobs.is_reversed)
        setup = RecordingSetup(
            high_pass_hz=knobs.high_pass_hz, low_pass_hz=knobs.low_pass_hz, mains_uv=knobs.mains_uv,
            electrode_offset_mm=knobs.electrode_offset_mm, skin_temperature_degc=knobs.skin_temperature_degc,
            distance_error_mm=knobs.distance_error_mm,
        )  # fmt: skip
        if info.kind == "motor":
            place = info.site(site)
            made = self.patient.motor_study(
                nerve=info.nerve, muscle=info.target, side=side, site=place.at or site, shift_mm=knobs.shift_mm, pulse=pulse,
                setup=setup, trial=trial, spread_mm=knobs.spread_mm, stimulated_nerve_study=place.of,
            )  # fmt: skip
            if place.of:
                made = replace(made, sweep=replace(made.sweep, site=site, nerve=place.nerve, distance_mm=None))
        else:
            made = self.patient.sensory_study(
                response=info.key, side=side, site=site, shift_mm=knobs.shift_mm, pulse=pulse, setup=setup,
                n_averaged=knobs.n_averaged, trial=trial,
            )  # fmt: skip
        self.truths[trial] = made.truth
        return made.sweep

    def n_excitable(self, info: StudyInfo, side: Side, site: str) -> int:
        """Number of axons that the strongest stimulus fires at a site."""
        from emgwidgets.simulation.nerve.stimulation import MAX_CURRENT_MA, Pulse

        pulse = Pulse(current_ma=MAX_CURRENT_MA, pulse_width_ms=0.2)
        if info.kind == "motor":
            place = info.site(site)
            made = self.patient.motor_study(
                nerve=info.nerve, muscle=info.target, side=side, site=place.at or site, pulse=pulse,
                stimulated_nerve_study=place.of,
            )  # fmt: skip
        else:
            made = self.patient.sensory_study(response=info.key, side=side, site=site, pulse=pulse, n_averaged=1)
        return int(made.truth.activated.sum())

    def recorded(self, info: StudyInfo, side: Side) -> tuple[Sweep, ...]:  # noqa: ARG002 - the protocol
        """Nothing is recorded yet."""
        return ()

    def f_wave_sweeps(self, info: StudyInfo, side: Side, site: str, n_stimuli: int) -> tuple[Sweep, ...]:
        """Supramaximal stimuli, one sweep each."""
        made = self.patient.f_waves(nerve=info.nerve, muscle=info.target, side=side, site=site, n_stimuli=n_stimuli)
        return tuple(one.simulated.sweep for one in made)

    def train_sweeps(
        self,
        info: StudyInfo,
        side: Side,
        *,
        rate_hz: float,
        n_stimuli: int,
        exercise_s: float,
        after_s: float,
        knobs: Knobs,
        trial: int,
    ) -> tuple[Sweep, ...]:
        """One train; ``exercise_s`` 0 is at rest."""
        from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP
        from emgwidgets.simulation.nerve.repetitive import Exercise

        setup = replace(
            MOTOR_SETUP, skin_temperature_degc=knobs.skin_temperature_degc, mains_uv=knobs.mains_uv, slip_mm=knobs.slip_mm,
            electrode_offset_mm=knobs.electrode_offset_mm,
        )  # fmt: skip
        exercise = Exercise(duration_s=exercise_s, ended_s_ago=after_s) if exercise_s else None
        train = self.patient.repetitive_study(
            nerve=info.nerve, muscle=info.target, side=side, rate_hz=rate_hz, n_stimuli=n_stimuli, exercise=exercise,
            setup=setup, trial=trial,
        )  # fmt: skip
        return tuple(one.sweep for one in train.responses)

    def inching_sweeps(
        self, info: StudyInfo, side: Side, *, distal: str, proximal: str, step_mm: float
    ) -> tuple[tuple[float, Sweep], ...]:
        """Supramaximal stimuli from distal to proximal, with the distance from the distal site in mm."""
        from emgwidgets.simulation.nerve.pathway import study

        one, height = study(info.key), self.patient.subject.height_cm
        ends = [one.position_mm(one.site_cm(site), height) for site in (distal, proximal)]
        places = np.arange(0.0, abs(ends[1] - ends[0]) + 0.5, step_mm)
        return tuple(
            (float(mm), self.patient.motor_study(
                nerve=info.nerve, muscle=info.target, side=side, site=distal, shift_mm=-float(mm), trial=number,
            ).sweep)
            for number, mm in enumerate(places)
        )  # fmt: skip
