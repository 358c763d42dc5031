"""Nerve conduction studies as facts: motor, sensory, late responses, repetitive stimulation.  No waveform, no judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from emgwidgets.errors import InputError
from emgwidgets.model.checks import Strict, check_choice, check_side, positive, tuples
from emgwidgets.model.measure import Conditions, Measures, Result, check_measures
from emgwidgets.model.signal import Side

__all__ = [
    "DISTANCE_ERROR_MM", "EQUAL_DISTANCE_MM", "LATE_MEASURES", "MOTOR_MEASURES", "REPETITIVE_MEASURES", "SEGMENT_MEASURES",
    "SENSORY_MEASURES", "LateStudy",
    "MotorResponse", "MotorStudy", "NcsStudies", "NerveSegment", "RepetitiveStudy", "SensoryResponse", "SensoryStudy",
]  # fmt: skip

#: Half width of the 90 % interval of a tape measurement (internal choice: 5 mm at each reading; no source gives one).
DISTANCE_ERROR_MM = 5.0
#: Distances nearer than this count as equal in a comparison of two latencies (internal choice).
EQUAL_DISTANCE_MM = 2.0
MOTOR_MEASURES = (
    "onset_latency_ms", "peak_latency_ms", "amplitude_mv", "negative_peak_duration_ms", "total_duration_ms",
    "area_mv_ms",
)  # fmt: skip
SENSORY_MEASURES = (
    "onset_latency_ms", "peak_latency_ms", "amplitude_uv", "negative_peak_duration_ms", "total_duration_ms",
    "area_uv_ms",
)  # fmt: skip
SEGMENT_MEASURES = (
    "velocity_m_per_s", "latency_difference_ms", "amplitude_drop_percent", "area_drop_percent",
    "duration_increase_percent",
)  # fmt: skip
LATE_MEASURES = (
    "f_min_latency_ms", "f_mean_latency_ms", "f_max_latency_ms", "f_persistence", "f_chronodispersion_ms",
    "f_amplitude_uv", "h_latency_ms", "h_amplitude_mv", "m_latency_ms", "m_amplitude_mv", "h_m_ratio",
    "a_wave_latency_ms", "r1_latency_ms", "r2_ipsilateral_latency_ms", "r2_contralateral_latency_ms",
)  # fmt: skip
REPETITIVE_MEASURES = (
    "amplitude_mv", "area_mv_ms", "decrement_percent", "area_decrement_percent", "increment_percent",
)  # fmt: skip
LATE_KINDS = ("f_wave", "h_reflex", "a_wave", "blink_reflex")


def _named(owner: object, what: str, *names: str) -> None:
    for name in names:
        if not str(getattr(owner, name)).strip():
            raise InputError(f"a {what} study needs its {name}", expected=f"a {name} code of the vocabulary")
    check_side(getattr(owner, "side", None), what=f"a {what} study")


@dataclass(frozen=True, kw_only=True)
class MotorResponse(Strict):
    """The response to stimulation at one site.

    Parameters
    ----------
    site : str
        Code of the stimulation site.
    distance_mm : float, optional
        From the cathode to the active electrode, for the most distal site.
    measures : mapping
        Names of :data:`MOTOR_MEASURES`; a missing name was not tested, :class:`Absent` is no response.
    """

    site: str
    distance_mm: float | None = None
    stimulus_current_ma: float | None = None
    pulse_width_ms: float | None = None
    is_supramaximal: bool | None = None
    measures: Mapping[str, Result] = field(default_factory=Measures)

    def __post_init__(self) -> None:
        positive(self.distance_mm, what=f"the distance at {self.site}", unit="mm")
        positive(self.stimulus_current_ma, what=f"the current at {self.site}", unit="mA")
        positive(self.pulse_width_ms, what=f"the pulse width at {self.site}", unit="ms")
        check_measures(self, MOTOR_MEASURES, what="a motor response")


@dataclass(frozen=True, kw_only=True)
class SensoryResponse(Strict):
    """The nerve action potential on stimulation at one site; names of :data:`SENSORY_MEASURES`."""

    site: str
    distance_mm: float | None = None
    stimulus_current_ma: float | None = None
    pulse_width_ms: float | None = None
    is_supramaximal: bool | None = None
    n_averaged: int | None = None
    measures: Mapping[str, Result] = field(default_factory=Measures)

    def __post_init__(self) -> None:
        positive(self.distance_mm, what=f"the distance at {self.site}", unit="mm")
        positive(self.stimulus_current_ma, what=f"the current at {self.site}", unit="mA")
        positive(self.pulse_width_ms, what=f"the pulse width at {self.site}", unit="ms")
        positive(self.n_averaged, what=f"the number averaged at {self.site}", unit="sweeps")
        check_measures(self, SENSORY_MEASURES, what="a sensory response")


@dataclass(frozen=True, kw_only=True)
class NerveSegment(Strict):
    """Two sites of one nerve and what changes between them; names of :data:`SEGMENT_MEASURES`."""

    distal: str
    proximal: str
    distance_mm: float | None = None
    measures: Mapping[str, Result] = field(default_factory=Measures)

    def __post_init__(self) -> None:
        if self.distal == self.proximal:
            raise InputError(
                "a segment needs two sites", got=f"{self.distal} twice", expected="a distal and a proximal site"
            )
        positive(self.distance_mm, what=f"the distance {self.distal} to {self.proximal}", unit="mm")
        check_measures(self, SEGMENT_MEASURES, what="a nerve segment")


@dataclass(frozen=True, kw_only=True)
class MotorStudy(Strict):
    """A motor study of one nerve over one muscle: responses from distal to proximal and the segments between them."""

    nerve: str
    muscle: str
    side: Side
    responses: tuple[MotorResponse, ...] = ()
    segments: tuple[NerveSegment, ...] = ()
    conditions: Conditions = field(default=Conditions())
    note: str = ""

    def __post_init__(self) -> None:
        tuples(self, "responses", "segments")
        _named(self, "motor", "nerve", "muscle")

    def response(self, site: str) -> MotorResponse | None:
        """Return the response of one site; None when not tested."""
        return next((response for response in self.responses if response.site == site), None)


@dataclass(frozen=True, kw_only=True)
class SensoryStudy(Strict):
    """A sensory or mixed study of one nerve.

    Parameters
    ----------
    nerve : str
        Code of the sensory nerve, such as ``"median_d2"``.
    direction : str
        ``"antidromic"``, ``"orthodromic"`` or ``"mixed"``.
    """

    nerve: str
    side: Side
    direction: Literal["antidromic", "orthodromic", "mixed"] | None = None
    responses: tuple[SensoryResponse, ...] = ()
    segments: tuple[NerveSegment, ...] = ()
    conditions: Conditions = field(default=Conditions())
    note: str = ""

    def __post_init__(self) -> None:
        tuples(self, "responses", "segments")
        _named(self, "sensory", "nerve")
        check_choice(
            self.direction, (None, "antidromic", "orthodromic", "mixed"), what="the direction of a sensory study"
        )

    def response(self, site: str) -> SensoryResponse | None:
        """Return the response of one site; None when not tested."""
        return next((response for response in self.responses if response.site == site), None)


@dataclass(frozen=True, kw_only=True)
class LateStudy(Strict):
    """F waves, H reflex, A wave or blink reflex; names of :data:`LATE_MEASURES`."""

    kind: Literal["f_wave", "h_reflex", "a_wave", "blink_reflex"]
    nerve: str
    muscle: str
    side: Side
    site: str = ""
    n_stimuli: int | None = None
    measures: Mapping[str, Result] = field(default_factory=Measures)
    conditions: Conditions = field(default=Conditions())
    note: str = ""

    def __post_init__(self) -> None:
        check_choice(self.kind, LATE_KINDS, what="the kind of a late response")
        _named(self, "late response", "nerve", "muscle")
        positive(self.n_stimuli, what="the number of stimuli", unit="stimuli")
        check_measures(self, LATE_MEASURES, what="a late response")


@dataclass(frozen=True, kw_only=True)
class RepetitiveStudy(Strict):
    """One train of repetitive stimulation; names of :data:`REPETITIVE_MEASURES`.

    Parameters
    ----------
    after_exercise_s : float, optional
        Seconds from the end of exercise to the train; None for a train at rest.
    exercise_s : float, optional
        How long the muscle was exercised.
    """

    nerve: str
    muscle: str
    side: Side
    repetition_rate_hz: float
    n_stimuli: int | None = None
    after_exercise_s: float | None = None
    exercise_s: float | None = None
    measures: Mapping[str, Result] = field(default_factory=Measures)
    conditions: Conditions = field(default=Conditions())
    note: str = ""

    def __post_init__(self) -> None:
        _named(self, "repetitive stimulation", "nerve", "muscle")
        positive(self.repetition_rate_hz, what="the repetition rate", unit="Hz")
        positive(self.n_stimuli, what="the number of stimuli", unit="stimuli")
        positive(self.exercise_s, what="the exercise", unit="s")
        if self.after_exercise_s is not None and self.after_exercise_s < 0:
            raise InputError(
                "a train cannot precede its exercise", got=f"{self.after_exercise_s} s", expected="0 s or more"
            )
        check_measures(self, REPETITIVE_MEASURES, what="repetitive stimulation")


@dataclass(frozen=True, kw_only=True)
class NcsStudies(Strict):
    """Every nerve conduction study of a case."""

    motor: tuple[MotorStudy, ...] = ()
    sensory: tuple[SensoryStudy, ...] = ()
    late: tuple[LateStudy, ...] = ()
    repetitive: tuple[RepetitiveStudy, ...] = ()

    def __post_init__(self) -> None:
        tuples(self, "motor", "sensory", "late", "repetitive")
