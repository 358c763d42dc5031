"""Typed-in studies for tests and benchmarks: a healthy adult of 45 years and 175 cm, and what a test changes in it."""

from __future__ import annotations

from dataclasses import replace

from emgwidgets.model.case import Case, Subject
from emgwidgets.model.measure import Absent, Conditions, Measure, Result, unit_of
from emgwidgets.model.ncs import (
    LateStudy,
    MotorResponse,
    MotorStudy,
    NcsStudies,
    NerveSegment,
    RepetitiveStudy,
    SensoryResponse,
    SensoryStudy,
)
from emgwidgets.model.needle import MotorUnitFindings, NeedleExamination, RecruitmentFindings, SpontaneousActivity

ADULT = Subject(age_years=45, sex="male", height_cm=175, weight_kg=75)
WARM = Conditions(skin_temperature_degc=33.5, high_pass_hz=2.0, low_pass_hz=10000.0)

#: nerve, muscle, distance mm, then for each site: name, latency ms, amplitude mV, area mV ms, duration ms.
MOTOR = {
    "median_apb": (
        "median", "abductor_pollicis_brevis", 80.0,
        (("wrist", 3.5, 9.0, 28.0, 6.0), ("elbow", 7.6, 8.6, 27.0, 6.4)), (230.0,),
    ),
    "ulnar_adm": (
        "ulnar", "abductor_digiti_minimi_hand", 80.0,
        (("wrist", 2.8, 10.0, 30.0, 6.2), ("below_elbow", 6.4, 9.8, 29.5, 6.4), ("above_elbow", 8.2, 9.6, 29.0, 6.5)),
        (215.0, 105.0),
    ),
    "fibular_edb": (
        "deep_fibular", "extensor_digitorum_brevis", 80.0,
        (("ankle", 4.6, 5.5, 16.0, 6.4), ("below_head", 11.5, 5.2, 15.5, 6.8), ("above_head", 13.6, 5.1, 15.2, 6.9)),
        (320.0, 100.0),
    ),
    "tibial_ah": (
        "tibial", "abductor_hallucis", 80.0,
        (("ankle", 4.4, 12.0, 30.0, 6.0), ("popliteal", 12.9, 10.0, 27.0, 6.8)), (400.0,),
    ),
}  # fmt: skip
F_WAVES = {"median_apb": 27.0, "ulnar_adm": 27.5, "fibular_edb": 48.0, "tibial_ah": 50.0}
#: distance mm, onset ms, peak ms, amplitude uV.
SENSORY = {
    "median_d2": (140.0, 2.5, 3.2, 35.0), "ulnar_d5": (140.0, 2.4, 3.1, 30.0), "superficial_radial": (100.0, 1.8, 2.3, 30.0),
    "sural": (140.0, 2.9, 3.6, 16.0), "superficial_fibular": (140.0, 2.9, 3.6, 14.0),
    "median_d4": (140.0, 2.5, 3.2, 18.0), "ulnar_d4": (140.0, 2.5, 3.15, 18.0),
    "median_d1": (100.0, 1.9, 2.4, 30.0), "radial_d1": (100.0, 1.8, 2.3, 15.0),
    "median_palm": (80.0, 1.5, 2.0, 80.0), "ulnar_palm": (80.0, 1.5, 1.9, 30.0),
}  # fmt: skip
#: Half width of the 90 % interval of each measure, in its unit or as a share of the value.
HALF = {"onset_latency_ms": 0.08, "peak_latency_ms": 0.04}
SHARE = {"amplitude_mv": 0.03, "amplitude_uv": 0.05, "area_mv_ms": 0.04, "negative_peak_duration_ms": 0.05}


def measured(name: str, value: float, *, sure: bool = True) -> Measure:
    """A measure with the interval the analysis core would give, or without one when typed in."""
    method = "baseline_to_peak" if "amplitude_" in name else ""
    half = HALF.get(name, SHARE.get(name, 0.0) * value)
    if not sure or half == 0.0:
        return Measure(value=value, unit=unit_of(name), method=method, is_typed=True)
    return Measure(value=value, unit=unit_of(name), method=method, low=value - half, high=value + half)


def motor(
    code: str, side: str, *, conditions: Conditions = WARM, supramaximal: bool | None = True, **changes
) -> MotorStudy:
    """A motor study; ``wrist__amplitude_mv=0.5`` changes one number, None leaves it out, a text makes it absent."""
    nerve, muscle, distance, sites, lengths = MOTOR[code]
    names = ("onset_latency_ms", "amplitude_mv", "area_mv_ms", "negative_peak_duration_ms")
    responses = []
    for n, (site, *values) in enumerate(sites):
        found: dict[str, Result] = {}
        for name, value in zip(names, values, strict=True):
            given = changes.get(f"{site}__{name}", value)
            if isinstance(given, str):
                found[name] = Absent(reason=given)
            elif given is not None:
                found[name] = measured(name, given)
        responses.append(
            MotorResponse(
                site=site, distance_mm=changes.get("distance_mm", distance) if n == 0 else None,
                is_supramaximal=supramaximal, measures=found,
            )
        )  # fmt: skip
    pairs = [(sites[n][0], sites[n + 1][0], length) for n, length in enumerate(lengths)]
    segments = tuple(NerveSegment(distal=a, proximal=b, distance_mm=mm) for a, b, mm in pairs)
    return MotorStudy(
        nerve=nerve, muscle=muscle, side=side, responses=tuple(responses), segments=segments, conditions=conditions
    )


def sensory(code: str, side: str, *, conditions: Conditions = WARM, **changes) -> SensoryStudy:
    """A sensory study; ``peak_latency_ms=4.4`` changes one number, ``absent="..."`` makes the response absent."""
    distance, *values = SENSORY[code]
    names = ("onset_latency_ms", "peak_latency_ms", "amplitude_uv")
    found: dict[str, Result] = {}
    for name, value in zip(names, values, strict=True):
        given = changes.get(name, value)
        if "absent" in changes:
            found[name] = Absent(reason=changes["absent"])
        elif given is not None:
            found[name] = measured(name, given)
    nerve = {"median_palm": "median", "ulnar_palm": "ulnar"}.get(code, code)
    site = "palm" if code.endswith("_palm") else {"sural": "calf", "superficial_fibular": "calf"}.get(code, "wrist")
    response = SensoryResponse(
        site=site, distance_mm=changes.get("distance_mm", distance), is_supramaximal=True, measures=found
    )
    return SensoryStudy(nerve=nerve, side=side, responses=(response,), conditions=conditions)


def f_wave(code: str, side: str, value: float | str | None = None, *, conditions: Conditions = WARM) -> LateStudy:
    """F waves of a motor study; a text makes them absent."""
    nerve, muscle, *_ = MOTOR[code]
    value = F_WAVES[code] if value is None else value
    found: Result = (
        Absent(reason=value)
        if isinstance(value, str)
        else Measure(value=value, unit="ms", low=value - 0.5, high=value + 0.5)
    )
    return LateStudy(
        kind="f_wave", nerve=nerve, muscle=muscle, side=side, n_stimuli=20, measures={"f_min_latency_ms": found},
        conditions=replace(conditions, is_supramaximal=True),
    )  # fmt: skip


def train(decrement: float, *, rate: float = 3.0, after: float | None = None, increment: float | None = None, degc: float | None = 34.0) -> RepetitiveStudy:  # fmt: skip
    """A train over the hypothenar muscles."""
    found = {"decrement_percent": Measure(value=decrement, unit="%")}
    if increment is not None:
        found["increment_percent"] = Measure(value=increment, unit="%")
    return RepetitiveStudy(
        nerve="ulnar", muscle="abductor_digiti_minimi_hand", side="right", repetition_rate_hz=rate, n_stimuli=10,
        after_exercise_s=after, exercise_s=None if after is None else 10.0, measures=found,
        conditions=Conditions(skin_temperature_degc=degc, is_supramaximal=True),
    )  # fmt: skip


def needle(muscle: str, side: str = "right", *, active: bool = False, fasciculation: bool = False, chronic: bool = False) -> NeedleExamination:  # fmt: skip
    """A needle examination of one muscle."""
    kinds = ["fibrillation_potential"] * active + ["fasciculation_potential"] * fasciculation
    return NeedleExamination(
        muscle=muscle, side=side, insertional="normal",
        spontaneous=tuple(SpontaneousActivity(kind=kind, grade=2) for kind in kinds),
        motor_units=MotorUnitFindings(amplitude="high" if chronic else "normal", duration="long" if chronic else "normal"),
        recruitment=RecruitmentFindings(pattern="reduced" if chronic else "normal"),
    )  # fmt: skip


def study(
    *, subject: Subject = ADULT, sides: tuple[str, ...] = ("left", "right"), conditions: Conditions = WARM,
    supramaximal: bool | None = True, replaced: tuple = (), trains: tuple = (), needles: tuple = (), f_waves: bool = True,
) -> Case:  # fmt: skip
    """A healthy study of both sides, with the studies of ``replaced`` in place of the healthy ones."""
    motors = [motor(code, side, conditions=conditions, supramaximal=supramaximal) for side in sides for code in MOTOR]
    sensories = [sensory(code, side, conditions=conditions) for side in sides for code in SENSORY]
    late = [f_wave(code, side, conditions=conditions) for side in sides for code in F_WAVES] if f_waves else []
    motors += [one for one in replaced if isinstance(one, MotorStudy)]
    sensories += [one for one in replaced if isinstance(one, SensoryStudy)]
    late += [one for one in replaced if isinstance(one, LateStudy)]
    ncs = NcsStudies(motor=tuple(motors), sensory=tuple(sensories), late=tuple(late), repetitive=trains)
    return Case(subject=subject, days_since_onset=60, ncs=ncs, needle=needles)
