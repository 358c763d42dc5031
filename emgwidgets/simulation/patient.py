"""The virtual patient: one body, its lesions and a day; every study is another stimulus and another electrode on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from emgwidgets.errors import InputError
from emgwidgets.model.signal import Side
from emgwidgets.simulation.lesion import Anomaly, Lesion
from emgwidgets.simulation.nerve.axons import Subject
from emgwidgets.simulation.nerve.nerve_parameters import value
from emgwidgets.simulation.nerve.nerve_state import NerveState, nerve_state
from emgwidgets.simulation.nerve.pathway import Study, study, study_for_muscle, study_for_response

if TYPE_CHECKING:
    from emgwidgets.model.case import Examination, Symptom
    from emgwidgets.simulation.muscle.muscle_fate import MuscleFate
    from emgwidgets.simulation.muscle.needle import NeedleSimulation
    from emgwidgets.simulation.nerve.blink import BlinkResponse
    from emgwidgets.simulation.nerve.cmap_scan import CmapScan
    from emgwidgets.simulation.nerve.late import LateResponse
    from emgwidgets.simulation.nerve.recording_setup import RecordingSetup, SimulatedSweep
    from emgwidgets.simulation.nerve.repetitive import Exercise, ProtocolStep, RepetitiveTrain
    from emgwidgets.simulation.nerve.stimulation import Pulse
    from emgwidgets.simulation.nerve.volley import StimulationPoint
    from emgwidgets.simulation.story.mri_findings import MriExam

__all__ = ["VirtualPatient"]


@dataclass(frozen=True, kw_only=True)
class VirtualPatient:
    """A subject with lesions on one day.

    Parameters
    ----------
    age_years, height_cm : float
    sex : {"female", "male"}
    seed : int
        The same seed and arguments give the same bytes.
    lesions : tuple of Lesion
        See :mod:`emgwidgets.simulation.lesion`.
    day : float
        Day of the examination on the clock of the lesions.
    anomalies : tuple of Anomaly
    condition : str
        Code of the condition the lesions came from; empty when given by hand.

    Raises
    ------
    InputError
        If the day or the subject cannot be used, or a condition is named that does not exist or whose lesions are missing.
    """

    age_years: float = 45.0
    height_cm: float = 170.0
    sex: Literal["female", "male"] = "female"
    seed: int = 0
    lesions: tuple[Lesion, ...] = ()
    day: float = 0.0
    anomalies: tuple[Anomaly, ...] = ()
    condition: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "lesions", tuple(self.lesions))
        object.__setattr__(self, "anomalies", tuple(self.anomalies))
        if not 0 <= self.day < 40_000:
            raise InputError("the day cannot be used", got=f"{self.day}", expected="0 to 40000 days")
        _ = self.subject
        if self.condition and not self.lesions:
            from emgwidgets.simulation.conditions import check_without_lesions

            check_without_lesions(self.condition)

    @classmethod
    def with_condition(
        cls,
        code: str,
        *,
        side: Side | None = None,
        severity: str | None = None,
        day: float | None = None,
        **subject: Any,
    ) -> VirtualPatient:
        """Patient with a condition of the library, such as ``"carpal_tunnel_syndrome"``.

        Parameters
        ----------
        side, severity : optional
            Side of a one-sided condition, and its severity.
        day : float, optional
            Days since onset; the condition's own when left out.
        **subject
            Age, height, sex, seed, anomalies.
        """
        from emgwidgets.simulation.conditions import condition

        found = condition(code, side=side, severity=severity)
        return cls(lesions=found.lesions, day=found.day if day is None else day, condition=code, **subject)

    @property
    def subject(self) -> Subject:
        """Who is examined."""
        return Subject(age_years=self.age_years, height_cm=self.height_cm, sex=self.sex, seed=self.seed)

    def on_day(self, day: float) -> VirtualPatient:
        """Return the same patient on another day."""
        return replace(self, day=day)

    def nerve(self, key: str, side: Side) -> NerveState:
        """State of the axons of one study, by its key (``"median_apb"``, ``"sural"``)."""
        return nerve_state(
            subject=self.subject, key=study(key).key, side=side, lesions=self.lesions, day=float(self.day),
            anomalies=self.anomalies,
        )  # fmt: skip

    def motor_study(
        self, *, nerve: str, muscle: str, side: Side, site: str, stimulated_nerve_study: str = "", shift_mm: float = 0.0,
        pulse: Pulse | None = None, setup: RecordingSetup | None = None, trial: int = 0, spread_mm: float = 0.0,
        duration_ms: float | None = None, error: str = "",
    ) -> SimulatedSweep:  # fmt: skip
        """One motor response; see :func:`emgwidgets.simulation.ncs.simulate_motor_sweep`.

        Parameters
        ----------
        error : str
            Code of an error of technique (:func:`emgwidgets.simulation.technical_errors.technical_errors`).
        """
        from emgwidgets.simulation.nerve.ncs import simulate_motor_sweep
        from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP
        from emgwidgets.simulation.nerve.volley import StimulationPoint

        one = study_for_muscle(nerve, muscle)
        state = self.nerve(one.key, side)
        point = StimulationPoint(site=site, shift_mm=shift_mm, nerve_study=stimulated_nerve_study)
        setup = setup or MOTOR_SETUP
        if error:
            point, pulse, setup, spread_mm = _with_error(error, state, point, pulse, setup)
        near = self._neighbours(one, side)
        return simulate_motor_sweep(
            state, point, pulse=pulse, setup=setup, trial=trial, neighbours=near, spread_mm=spread_mm,
            duration_ms=duration_ms,
        )  # fmt: skip

    def _neighbours(self, one: Study, side: Side) -> dict[str, NerveState]:
        return {row["study"]: self.nerve(row["study"], side) for row in one.data["neighbours"]}

    def sensory_study(
        self, *, response: str, side: Side, site: str | None = None, shift_mm: float = 0.0, pulse: Pulse | None = None,
        setup: RecordingSetup | None = None, n_averaged: int = 10, trial: int = 0, error: str = "",
    ) -> SimulatedSweep:  # fmt: skip
        """One averaged sensory response; see :func:`emgwidgets.simulation.ncs.simulate_sensory_sweep`."""
        from emgwidgets.simulation.nerve.ncs import simulate_sensory_sweep
        from emgwidgets.simulation.nerve.recording_setup import SENSORY_SETUP
        from emgwidgets.simulation.nerve.volley import StimulationPoint

        one = study_for_response(response)
        point = StimulationPoint(site=site or one.data["standard_site"], shift_mm=shift_mm)
        state, setup = self.nerve(one.key, side), setup or SENSORY_SETUP
        if error:
            point, pulse, setup, _ = _with_error(error, state, point, pulse, setup)
        return simulate_sensory_sweep(state, point, pulse=pulse, setup=setup, n_averaged=n_averaged, trial=trial)

    def collision_study(
        self, *, nerve: str, muscle: str, side: Side, first: StimulationPoint, second: StimulationPoint,
        interval_ms: float, trial: int = 0,
    ) -> SimulatedSweep:  # fmt: skip
        """Paired stimuli; see :func:`emgwidgets.simulation.collision.simulate_collision`."""
        from emgwidgets.simulation.nerve.collision import simulate_collision

        one = study_for_muscle(nerve, muscle)
        return simulate_collision(
            self.nerve(one.key, side), first, second, interval_ms=interval_ms, neighbours=self._neighbours(one, side),
            trial=trial,
        )  # fmt: skip

    def f_waves(
        self, *, nerve: str, muscle: str, side: Side, site: str | None = None, n_stimuli: int = 20,
        excitability: float = 1.0, pulse: Pulse | None = None,
    ) -> tuple[LateResponse, ...]:  # fmt: skip
        """F waves and A waves; see :func:`emgwidgets.simulation.late.simulate_f_waves`."""
        from emgwidgets.simulation.nerve.late import simulate_f_waves, spasticity

        one = study_for_muscle(nerve, muscle)
        state = self.nerve(one.key, side)
        brisk = 1 + value("spastic_backfire") * spasticity(state, self.lesions)
        return simulate_f_waves(
            state, _standard_point(one, site), n_stimuli=n_stimuli, excitability=excitability * brisk, pulse=pulse
        )

    def h_reflex(
        self, *, side: Side, currents_ma: tuple[float, ...], interval_s: float = 10.0, facilitation: float = 1.0
    ) -> tuple[LateResponse, ...]:
        """Soleus H reflex; see :func:`emgwidgets.simulation.late.simulate_h_reflex`."""
        from emgwidgets.simulation.nerve.late import simulate_h_reflex, spasticity

        one = study("tibial_soleus")
        state = self.nerve(one.key, side)
        brisk = 1 + value("spastic_reflex") * spasticity(state, self.lesions)
        return simulate_h_reflex(
            state, _standard_point(one, None), currents_ma=tuple(currents_ma), lesions=self.lesions,
            interval_s=interval_s, facilitation=facilitation * brisk,
        )  # fmt: skip

    def blink_reflex(
        self, *, side: Side, pulse: Pulse | None = None, setup: RecordingSetup | None = None, interval_s: float = 15.0,
        trial: int = 0,
    ) -> BlinkResponse:  # fmt: skip
        """Blink reflex, stimulated on this side; see :func:`emgwidgets.simulation.blink.simulate_blink`."""
        from emgwidgets.simulation.nerve.blink import AFFERENT, BLINK_SETUP, EFFERENT, simulate_blink

        eyes: dict[Side, NerveState] = {"left": self.nerve(EFFERENT, "left"), "right": self.nerve(EFFERENT, "right")}
        return simulate_blink(
            stimulated=side, afferent=self.nerve(AFFERENT, side), efferents=eyes, lesions=self.lesions, pulse=pulse,
            interval_s=interval_s, setup=setup or BLINK_SETUP, trial=trial,
        )  # fmt: skip

    def repetitive_study(
        self, *, nerve: str, muscle: str, side: Side, rate_hz: float = 3.0, n_stimuli: int = 10,
        exercise: Exercise | None = None, setup: RecordingSetup | None = None, trial: int = 0,
    ) -> RepetitiveTrain:  # fmt: skip
        """Repetitive stimulation; see :func:`emgwidgets.simulation.repetitive.simulate_repetitive`."""
        from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP
        from emgwidgets.simulation.nerve.repetitive import simulate_repetitive

        one = study_for_muscle(nerve, muscle)
        return simulate_repetitive(
            self.nerve(one.key, side), _standard_point(one, None), rate_hz=rate_hz, n_stimuli=n_stimuli, exercise=exercise,
            setup=setup or MOTOR_SETUP, trial=trial,
        )  # fmt: skip

    def repetitive_protocol(
        self, *, nerve: str, muscle: str, side: Side, rate_hz: float = 3.0, exercise_s: float = 10.0,
        setup: RecordingSetup | None = None,
    ) -> tuple[ProtocolStep, ...]:  # fmt: skip
        """Trains at rest and after exercise; see :func:`emgwidgets.simulation.repetitive.simulate_protocol`."""
        from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP
        from emgwidgets.simulation.nerve.repetitive import simulate_protocol

        one = study_for_muscle(nerve, muscle)
        return simulate_protocol(
            self.nerve(one.key, side), _standard_point(one, None), rate_hz=rate_hz, exercise_s=exercise_s,
            setup=setup or MOTOR_SETUP,
        )  # fmt: skip

    def cmap_scan(self, *, nerve: str, muscle: str, side: Side, n_stimuli: int = 500, trial: int = 0) -> CmapScan:
        """CMAP scan; see :func:`emgwidgets.simulation.cmap_scan.simulate_cmap_scan`."""
        from emgwidgets.simulation.nerve.cmap_scan import simulate_cmap_scan

        one = study_for_muscle(nerve, muscle)
        return simulate_cmap_scan(
            self.nerve(one.key, side), _standard_point(one, None), n_stimuli=n_stimuli, trial=trial
        )

    def muscle_fate(self, *, muscle: str, side: Side) -> MuscleFate:
        """What the lesions do to any muscle of the vocabulary."""
        from emgwidgets.simulation.muscle.muscle_fate import muscle_fate

        return muscle_fate(
            subject=self.subject, muscle=muscle, side=side, lesions=self.lesions, day=self.day, anomalies=self.anomalies
        )

    def needle(self, *, muscle: str, side: Side, **recording: Any) -> NeedleSimulation:
        """Needle examination of any muscle; keywords as :func:`emgwidgets.simulation.needle.simulate_needle`."""
        from emgwidgets.simulation.muscle.muscle_fate import needle_muscle
        from emgwidgets.simulation.muscle.needle import simulate_needle

        state = needle_muscle(
            subject=self.subject, muscle=muscle, side=side, lesions=self.lesions, day=self.day, anomalies=self.anomalies
        )
        return simulate_needle(state, **{"seed": state.seed, **recording})

    def clinic(self) -> tuple[tuple[Symptom, ...], Examination]:
        """Symptoms and examination; see :func:`emgwidgets.simulation.story.told.clinic_of`."""
        from emgwidgets.simulation.story.told import clinic_of

        return clinic_of(self)

    def mri(self, *, region: str | None = None, style: str | None = None) -> MriExam:
        """MRI with its report; see :func:`emgwidgets.simulation.story.told.mri_of`."""
        from emgwidgets.simulation.story.told import mri_of

        return mri_of(self, region=region, style=style)


def _standard_point(one: Study, site: str | None) -> StimulationPoint:
    from emgwidgets.simulation.nerve.volley import StimulationPoint

    return StimulationPoint(site=site or one.data["standard_site"])


def _with_error(
    code: str, state: NerveState, point: StimulationPoint, pulse: Pulse | None, setup: RecordingSetup
) -> tuple[StimulationPoint, Pulse, RecordingSetup, float]:
    from emgwidgets.simulation.nerve.technical_errors import technical_error
    from emgwidgets.simulation.nerve.volley import supramaximal_pulse

    error = technical_error(code, state.axons.study.kind)
    return (
        error.point(point),
        error.pulse(pulse or supramaximal_pulse(state, point)),
        error.setup(setup),
        error.spread_mm,
    )
