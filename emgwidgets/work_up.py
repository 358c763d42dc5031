"""Where recordings, measures, facts and verdicts meet: sweeps become studies of a case, a case becomes verdicts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from emgwidgets import vocabulary
from emgwidgets.analysis.ncs.motor import measure_motor_response
from emgwidgets.analysis.ncs.segments import change_percent, drop_percent, velocity, velocity_from_onset
from emgwidgets.analysis.ncs.sensory import measure_sensory_response
from emgwidgets.errors import InputError
from emgwidgets.interpretation.criteria import evaluate_all
from emgwidgets.interpretation.explain import explain, standing_sentence
from emgwidgets.interpretation.facts import facts_of
from emgwidgets.interpretation.reference import strip
from emgwidgets.model.case import Case, Subject
from emgwidgets.model.measure import Absent, Conditions, Measure, Measures, Result, TraceLink
from emgwidgets.model.ncs import MotorResponse, MotorStudy, NcsStudies, NerveSegment, SensoryResponse, SensoryStudy
from emgwidgets.model.signal import Side, Stimulus, Sweep
from emgwidgets.model.verdict import Standing, Verdict

if TYPE_CHECKING:
    from emgwidgets.simulation.patient import VirtualPatient

__all__ = [
    "SiteResult", "Workup", "conditions_of", "examine", "measure_site", "met_sentences", "motor_study", "segment_measures", "sensory_study",
    "subject_of", "workup",
]  # fmt: skip

#: Says where a sweep is kept.
Keep: TypeAlias = Callable[[Sweep], TraceLink]
MOTOR_ABSENT = ("onset_latency_ms", "peak_latency_ms", "amplitude_mv", "area_mv_ms")
SENSORY_ABSENT = ("onset_latency_ms", "peak_latency_ms", "amplitude_uv", "area_uv_ms")
#: Study of the routine examination and its response; a screen of an arm and a leg (CURRICULUM sets NA and NL, M).
ROUTINE = (
    "median_apb", "ulnar_adm", "median_d2", "ulnar_d5", "superficial_radial", "fibular_edb", "tibial_ah", "sural",
    "superficial_fibular",
)  # fmt: skip
#: Sites a routine motor study leaves out: proximal ones that are hard to stimulate supramaximally (ncs section 7), and the palm.
SELDOM = ("axilla", "erb", "palm")
#: Build of every virtual patient: amplitudes are drawn from the published means of mixed samples.  Internal choice.
VIRTUAL_BMI_KG_PER_M2 = 23.5


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteResult:
    """One site of a study: its sweep and what was measured; ``is_supramaximal`` is None when it was not shown.

    Numbers that came without a trace have no sweep; distance and conditions are then given.
    """

    site: str
    measures: Measures
    sweep: Sweep | None = None
    is_supramaximal: bool | None = None
    distance_mm: float | None = None
    conditions: Conditions = field(default=Conditions())

    def __post_init__(self) -> None:
        if self.sweep is not None:
            object.__setattr__(self, "distance_mm", self.sweep.distance_mm)
            object.__setattr__(self, "conditions", conditions_of(self.sweep))

    @property
    def stimulus(self) -> Stimulus | None:
        """Stimulus of the sweep."""
        return self.sweep.stimulus if self.sweep else None

    def measure(self, name: str) -> Measure | None:
        """One measure; None when absent or not taken."""
        found = self.measures.get(name)
        return found if isinstance(found, Measure) else None


def measure_site(
    sweep: Sweep, *, is_sensory: bool, is_supramaximal: bool | None = None, trace: TraceLink | None = None
) -> SiteResult:
    """Measure a sweep; an absent response becomes Absent under each name, never a zero; ``trace`` goes into each number.

    Raises
    ------
    InputError
        If the sweep cannot be measured.
    """
    wave = measure_sensory_response(sweep, trace=trace) if is_sensory else measure_motor_response(sweep, trace=trace)
    if isinstance(wave, Absent):
        measures = Measures(dict.fromkeys(SENSORY_ABSENT if is_sensory else MOTOR_ABSENT, wave))
    else:
        measures = wave.measures
    return SiteResult(site=str(sweep.site), sweep=sweep, measures=measures, is_supramaximal=is_supramaximal)


def segment_measures(
    near: SiteResult, far: SiteResult, distance_mm: float | None, *, is_sensory: bool = False
) -> Measures:
    """What changes along a segment; a measure that cannot be taken is left out."""
    found: dict[str, Result] = {}
    start, end = near.measure("onset_latency_ms"), far.measure("onset_latency_ms")
    if start is not None and end is not None and distance_mm is not None:
        with contextlib.suppress(InputError):  # an implausible segment has no velocity; the check of technique says why
            found["velocity_m_per_s"] = velocity(start, end, distance_mm)
    unit = "uv" if is_sensory else "mv"
    for name, column in (("amplitude_drop_percent", f"amplitude_{unit}"), ("area_drop_percent", f"area_{unit}_ms")):
        one, two = near.measure(column), far.measure(column)
        # sizes of two conventions, such as a trace beside a number of a report, have no fall
        if one is not None and two is not None and one.value > 0 and one.method == two.method:
            found[name] = drop_percent(one, two)
    first, second = near.measure("negative_peak_duration_ms"), far.measure("negative_peak_duration_ms")
    if first is not None and second is not None and first.value > 0 and first.method == second.method:
        found["duration_increase_percent"] = change_percent(first, second)
    return Measures(found)


def conditions_of(sweep: Sweep) -> Conditions:
    """What the numbers of a study depend on; None where its sweep does not say."""
    settings = sweep.settings
    return Conditions(
        electrode=settings.electrode, high_pass_hz=settings.high_pass_hz, low_pass_hz=settings.low_pass_hz,
        skin_temperature_degc=sweep.skin_temperature_degc, distance_mm=sweep.distance_mm,
    )  # fmt: skip


def tape_mm(near: SiteResult, far: SiteResult) -> float | None:
    """Distance of a segment from the two distances to the active electrode; None where one is not known."""
    ends = near.distance_mm, far.distance_mm
    return None if ends[0] is None or ends[1] is None else abs(ends[1] - ends[0])


def motor_study(
    *, nerve: str, muscle: str, side: Side, sites: Sequence[SiteResult],
    distances_mm: Mapping[tuple[str, str], float] | None = None,
) -> MotorStudy:  # fmt: skip
    """Put measured sites together.

    Parameters
    ----------
    sites : sequence of SiteResult
        From distal to proximal, at least one.
    distances_mm : mapping, optional
        (distal, proximal) to a distance that was typed in; else it follows from the sweeps.

    Raises
    ------
    InputError
        If the vocabulary does not know the nerve.
    """
    typed = distances_mm or {}
    responses = []
    for one in sites:
        stimulus = one.stimulus
        responses.append(MotorResponse(
            site=one.site, distance_mm=one.distance_mm, measures=one.measures, is_supramaximal=one.is_supramaximal,
            stimulus_current_ma=stimulus.current_ma if stimulus else None,
            pulse_width_ms=stimulus.pulse_width_ms if stimulus else None,
        ))  # fmt: skip
    segments = []
    for near, far in pairwise(sites):
        distance = typed.get((near.site, far.site), tape_mm(near, far))
        segments.append(NerveSegment(
            distal=near.site, proximal=far.site, distance_mm=distance, measures=segment_measures(near, far, distance)
        ))  # fmt: skip
    return MotorStudy(
        nerve=vocabulary.nerve(nerve).code, muscle=muscle, side=side, responses=tuple(responses), segments=tuple(segments),
        conditions=sites[0].conditions,
    )  # fmt: skip


def sensory_study(*, nerve: str, side: Side, sites: Sequence[SiteResult]) -> SensoryStudy:
    """Put measured sites of a sensory nerve together, with the velocity from the onset at each."""
    responses, segments = [], []
    for one in sites:
        stimulus, distance = one.stimulus, one.distance_mm
        responses.append(SensoryResponse(
            site=one.site, distance_mm=distance, measures=one.measures, n_averaged=one.sweep.n_averaged if one.sweep else None,
            stimulus_current_ma=stimulus.current_ma if stimulus else None, is_supramaximal=one.is_supramaximal,
            pulse_width_ms=stimulus.pulse_width_ms if stimulus else None,
        ))  # fmt: skip
        onset = one.measure("onset_latency_ms")
        if onset is None or distance is None:
            continue
        with contextlib.suppress(InputError):  # an onset before the stimulus is noise, and has no velocity
            speed = velocity_from_onset(onset, distance)
            segments.append(NerveSegment(
                distal="recording", proximal=one.site, distance_mm=distance, measures=Measures({"velocity_m_per_s": speed}),
            ))  # fmt: skip
    return SensoryStudy(
        nerve=nerve, side=side, responses=tuple(responses), segments=tuple(segments),
        conditions=sites[0].conditions,
    )  # fmt: skip


def subject_of(patient: VirtualPatient) -> Subject:
    """Age, sex, height and weight of a virtual patient, as limits need them."""
    who = patient.subject
    weight_kg = VIRTUAL_BMI_KG_PER_M2 * (who.height_cm / 100.0) ** 2
    return Subject(age_years=who.age_years, height_cm=who.height_cm, sex=who.sex, weight_kg=weight_kg)


def _examine_study(patient: VirtualPatient, key: str, side: Side, keep: Keep | None) -> MotorStudy | SensoryStudy:
    from emgwidgets.simulation.nerve.pathway import study

    one = study(key)
    if one.kind == "sensory":
        sweep = patient.sensory_study(response=key, side=side).sweep
        result = measure_site(sweep, is_sensory=True, is_supramaximal=True, trace=keep(sweep) if keep else None)
        return sensory_study(nerve=key, side=side, sites=[result])
    order = sorted((site for site in one.sites if site not in SELDOM), key=lambda site: -one.site_cm(site))
    sweeps = [
        patient.motor_study(nerve=one.data["nerve"], muscle=one.target, side=side, site=site).sweep for site in order
    ]
    sites = [
        measure_site(sweep, is_sensory=False, is_supramaximal=True, trace=keep(sweep) if keep else None) for sweep in sweeps
    ]  # fmt: skip
    return motor_study(nerve=one.data["nerve"], muscle=one.target, side=side, sites=sites)


def examine(
    patient: VirtualPatient, *, studies: Sequence[str] = ROUTINE, sides: Sequence[Side] = ("left", "right"),
    keep: Keep | None = None,
) -> Case:  # fmt: skip
    """Examine a virtual patient as a laboratory would: supramaximal stimuli, measured signals, nothing taken from the truth.

    Parameters
    ----------
    studies : sequence of str
        Keys of studies, such as ``"median_apb"`` or ``"sural"``.
    sides : sequence of str
    keep : callable, optional
        Gets each sweep and says where it is kept; the numbers of the case then lead to it.

    Returns
    -------
    Case
        With the nerve conduction studies; symptoms, examination and MRI are not part of it.

    Raises
    ------
    InputError
        If there is no such study or side.
    """
    motor: list[MotorStudy] = []
    sensory: list[SensoryStudy] = []
    for key in studies:
        for side in sides:
            made = _examine_study(patient, key, side, keep)
            if isinstance(made, MotorStudy):
                motor.append(made)
            else:
                sensory.append(made)
    return Case(
        subject=subject_of(patient),
        days_since_onset=float(patient.day) if patient.lesions else None,
        ncs=NcsStudies(motor=tuple(motor), sensory=tuple(sensory)),
    )  # fmt: skip


def met_sentences(verdicts: Sequence[Verdict]) -> list[str]:
    """One sentence for each side of each criteria set that is met and finds something abnormal."""
    said = []
    for verdict in verdicts:
        for judgement in verdict.judgements:
            is_found = judgement.outcome is None or judgement.outcome.is_abnormal
            if judgement.answer == "met" and is_found:
                said += [one for one in explain(verdict) if one.startswith(verdict.title) and judgement.scope in one][
                    :1
                ]
    return said


@dataclass(frozen=True, kw_only=True)
class Workup:
    """What a case shows, before any reader concludes.

    Parameters
    ----------
    case : Case
    standings : tuple of Standing
        Every number that has a limit, against it.
    verdicts : tuple of Verdict
        Every published criteria set, in the order of their files.
    """

    case: Case
    standings: tuple[Standing, ...]
    verdicts: tuple[Verdict, ...]

    def __repr__(self) -> str:
        return (
            f"Workup({self.case!r}; {len(self.standings)} numbers with a limit, {len(self.beyond)} beyond or across it; "
            f"{len(self.met)} of {len(self.verdicts)} criteria sets met)"
        )

    @property
    def beyond(self) -> tuple[Standing, ...]:
        """Numbers beyond or across a limit, the abnormal first."""
        order = ("abnormal", "borderline")
        return tuple(
            sorted((one for one in self.standings if one.state in order), key=lambda one: order.index(one.state))
        )

    @property
    def met(self) -> tuple[Verdict, ...]:
        """Criteria sets that are met on a side or for the person and say that something is abnormal."""
        return tuple(
            verdict for verdict in self.verdicts
            if any(one.answer == "met" and (one.outcome is None or one.outcome.is_abnormal) for one in verdict.judgements)
        )  # fmt: skip

    def to_text(self) -> str:
        """One line for each number beyond a limit and each criteria set that is met; what was not tested is not in it."""
        lines = [standing_sentence(one) for one in self.beyond] or ["No number that has a limit lies beyond it."]
        lines += met_sentences(self.verdicts)
        return "\n".join(f"{line[:1].upper()}{line[1:]}" for line in lines)


def workup(case: Case, *, norm_set: str = "aanem_2016") -> Workup:
    """Hold a case against the limits of a norm set and against every published criteria set.

    Parameters
    ----------
    case : Case
        Measured or typed in.
    norm_set : str
        Code of a norm set, see :func:`emgwidgets.reference.norm_sets`.

    Returns
    -------
    Workup
        The case, each number against its limit, and a verdict for each criteria set.

    Raises
    ------
    InputError
        If there is no such norm set.
    """
    facts = facts_of(case)
    judged = strip(facts, norm_set=norm_set)
    return Workup(case=case, standings=judged, verdicts=evaluate_all(facts, norm_set=norm_set))
