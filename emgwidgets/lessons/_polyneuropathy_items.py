"""Polyneuropathies: axonal, uniform, multifocal, or not to be judged; by true speed, block and continuity of the axons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from emgwidgets.analysis.ncs import measure_motor_response
from emgwidgets.lessons._people import known_of, person
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.model.signal import Side
from emgwidgets.simulation.lesion import AxonLoss, ConductionBlock, Lesion
from emgwidgets.simulation.nerve.motor_axons import AxonFate, motor_axons
from emgwidgets.simulation.nerve.pathway import study
from emgwidgets.simulation.nerve.recording_setup import MOTOR_SETUP, SimulatedSweep
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.work_up import examine, measure_site, segment_measures

__all__ = ["polyneuropathy_item"]

OPTIONS = ("Axonal", "Demyelinating, uniform", "Demyelinating, multifocal", "Cannot be judged")
SIDE: Side = "right"
#: Study, distal and proximal site: two nerves of the arm, two of the leg.
NERVES = (
    ("median_apb", "wrist", "elbow"), ("ulnar_adm", "wrist", "below_elbow"), ("fibular_edb", "ankle", "below_fibular_head"),
    ("tibial_ah", "ankle", "popliteal_fossa"),
)  # fmt: skip
DRAWN = ("median_apb", "ulnar_adm", "tibial_ah")
#: From this share of the axons a block, and from this share of cut axons that still conduct no answer; from this share of
#: the healthy speed no slowing; from this difference between nerves or this many SD of a nerve's axons not uniform.
#: Internal choices, between the planted conditions.
BLOCKED, CUT, FAST, UNEVEN, SPREAD = 0.2, 0.1, 0.78, 0.2, 0.04
#: Limb temperature under which speed is not judged (ncs section 4, unverified).
WARM_DEGC = 32.0


@dataclass(frozen=True, kw_only=True)
class _Nerve:
    """One nerve: what is true of it, and what was measured."""

    words: str
    speed_share: float
    """Speed of the fastest axons between the sites as a share of the same nerve without the lesion; NaN without a response."""
    distal_share: float
    """The same for the stretch from the distal site to the muscle, by latency."""
    spread_share: float
    """Standard deviation of the axons' own shares."""
    blocked_share: float
    cut_share: float
    lost_share: float
    text: str
    fall_percent: float | None
    longer_percent: float | None
    velocity_m_per_s: float | None


def polyneuropathy_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item of one arm and one leg."""
    patient = _patient(row, seed)
    setup = replace(MOTOR_SETUP, skin_temperature_degc=row.get("skin_temperature_degc", 33.5))
    well = replace(patient, lesions=(), condition="normal")
    nerves, traces = [], []
    for key, *sites in NERVES:
        pair, healthy = ([_sweep(one, key, site, setup) for site in sites] for one in (patient, well))
        nerves.append(_nerve(patient, key, pair, healthy))
        if key in DRAWN:
            traces += [
                ItemTrace(label=f"{key.split('_')[0]}, {site.replace('_', ' ')}", sweep=made.sweep, scale="motor")
                for site, made in zip(sites, pair, strict=True)
            ]
    skin = setup.skin_temperature_degc
    truth = _truth(nerves, skin)
    ratio = _ratio(patient)
    return Item(
        question="What kind of polyneuropathy, and can it be judged?", options=OPTIONS, truth=truth,
        feedback=_feedback(nerves, skin, patient.day, truth), why=_why(truth, nerves, skin, patient.day),
        traces=tuple(traces),
        known=(known_of(patient), ("since", f"{patient.day:.0f} days"), ("skin", f"{skin:.1f} °C"),
               ("sural / radial", ratio), *((one.words, one.text) for one in nerves)),
        found=tuple((one.words, _true_words(one)) for one in nerves), end_ms=24.0,
    )  # fmt: skip


def _patient(row: Mapping[str, Any], seed: int) -> VirtualPatient:
    found = person(row, seed)
    if "places" not in row:
        return found
    make = {"cut": AxonLoss, "block": ConductionBlock}[row["lesion"]]
    lesions: tuple[Lesion, ...] = tuple(make(element=place, share=row["share"], side=SIDE) for place in row["places"])
    return replace(found, lesions=lesions, day=float(row["day"]), condition="")


def _sweep(patient: VirtualPatient, key: str, site: str, setup: Any) -> SimulatedSweep:
    one = study(key)
    return patient.motor_study(nerve=one.data["nerve"], muscle=one.target, side=SIDE, site=site, setup=setup)


def _onset_ms(made: SimulatedSweep) -> float:
    return float("nan") if made.truth.onset_ms is None else made.truth.onset_ms


def _time_ms(pair: list[SimulatedSweep]) -> float:
    return _onset_ms(pair[1]) - _onset_ms(pair[0])


def _nerve(patient: VirtualPatient, key: str, pair: list[SimulatedSweep], healthy: list[SimulatedSweep]) -> _Nerve:
    axons = motor_axons(
        subject=patient.subject, muscle=study(key).target, side=SIDE, lesions=patient.lesions, day=patient.day,
        anomalies=patient.anomalies,
    )  # fmt: skip
    arrive = [int((one.truth.activated & one.truth.conducted).sum()) for one in pair]
    kept = np.asarray(axons.speed_share)[np.isin(axons.fate, (AxonFate.SOUND, AxonFate.BLOCKED))]
    near, far = (measure_site(one.sweep, is_sensory=False) for one in pair)
    changes = segment_measures(near, far, abs((far.distance_mm or 0.0) - (near.distance_mm or 0.0)))
    value = changes.value
    return _Nerve(
        words=f"{study(key).data['nerve']} nerve", speed_share=_time_ms(healthy) / _time_ms(pair),
        distal_share=_onset_ms(healthy[0]) / _onset_ms(pair[0]),
        spread_share=float(kept.std()) if len(kept) > 1 else 0.0, blocked_share=1.0 - arrive[1] / arrive[0] if arrive[0] else 0.0,
        cut_share=axons.share(AxonFate.SEVERED), lost_share=axons.share(AxonFate.DEGENERATED), text=_text(pair, changes),
        fall_percent=value("amplitude_drop_percent"), longer_percent=value("duration_increase_percent"),
        velocity_m_per_s=value("velocity_m_per_s"),
    )  # fmt: skip


def _text(pair: list[SimulatedSweep], changes: Any) -> str:
    waves = [measure_motor_response(one.sweep) for one in pair]
    if isinstance(waves[0], Absent):
        return "no response"
    parts = [f"{waves[0].onset_latency_ms.value:.1f} ms, {waves[0].amplitude_mv.value:.1f} mV"]
    for name, form in (("velocity_m_per_s", "{:.0f} m/s"), ("amplitude_drop_percent", "fall {:.0f} %"),
                       ("duration_increase_percent", "duration {:+.0f} %")):  # fmt: skip
        found = changes.get(name)
        if isinstance(found, Measure):
            parts.append(form.format(found.value))
    return ", ".join(parts)


def _ratio(patient: VirtualPatient) -> str:
    case = examine(patient, studies=("sural", "superficial_radial"), sides=(SIDE,))
    found = {one.nerve: one.responses[0].measures.get("amplitude_uv") for one in case.ncs.sensory}
    sural, radial = (
        one.value if isinstance(one, Measure) else 0.0 for one in (found["sural"], found["superficial_radial"])
    )
    return f"{sural / radial:.2f} ({sural:.0f} / {radial:.0f} µV)" if radial else "no radial response"


def _seen(nerves: list[_Nerve]) -> list[_Nerve]:
    return [one for one in nerves if np.isfinite(one.speed_share)]


def _truth(nerves: list[_Nerve], skin_degc: float) -> int:
    if skin_degc < WARM_DEGC or max(one.cut_share for one in nerves) >= CUT:
        return 3
    shares = [one.speed_share for one in _seen(nerves)]
    is_slow = min(*shares, *(one.distal_share for one in _seen(nerves))) < FAST
    is_uneven = max(shares) - min(shares) > UNEVEN or max(one.spread_share for one in nerves) > SPREAD
    if max(one.blocked_share for one in nerves) >= BLOCKED or (is_slow and is_uneven):
        return 2
    return 1 if is_slow else 0


def _true_words(one: _Nerve) -> str:
    if not np.isfinite(one.speed_share):
        return f"no response; {100 * one.lost_share:.0f} % of the axons lost"
    parts = [f"{100 * one.speed_share:.0f} % of its speed"]
    parts += [f"{100 * share:.0f} % {words}" for share, words in (
        (one.lost_share, "of the axons lost"), (one.cut_share, "cut, still conducting"),
        (one.blocked_share, "blocked between the sites")) if share >= 0.05]  # fmt: skip
    return ", ".join(parts)


def _extremes(nerves: list[_Nerve]) -> tuple[_Nerve, _Nerve, _Nerve]:
    """Slowest and fastest against themselves in health, and the one that falls most."""
    seen = _seen(nerves)
    slow = min(seen, key=lambda one: one.speed_share)
    fast = max(seen, key=lambda one: one.speed_share)
    return slow, fast, max(seen, key=lambda one: one.fall_percent or 0.0)


def _feedback(nerves: list[_Nerve], skin_degc: float, day: float, truth: int) -> tuple[str, ...]:
    slow, fast, falls = _extremes(nerves)
    speed = f"{slow.words} {slow.velocity_m_per_s or 0.0:.0f} m/s"
    range_ = f"from {100 * slow.speed_share:.0f} to {100 * fast.speed_share:.0f} % of each nerve's own speed"
    fall = f"{falls.words}: fall {falls.fall_percent or 0.0:.0f} %, duration {falls.longer_percent or 0.0:+.0f} %"
    if truth == 3:
        because = f"the skin has {skin_degc:.1f} °C" if skin_degc < WARM_DEGC else f"this is day {day:.0f}"
        return (
            *(f"{text}, but {because}." for text in (_cap(speed), f"Speeds {range_}", _cap(fall))),
            f"{_cap(because)}.",
        )
    late = min(_seen(nerves), key=lambda one: one.distal_share)
    told = [
        f"{_cap(speed)}, {100 * slow.speed_share:.0f} % of what this nerve does in health; distal latency up to {1 / late.distal_share:.1f} times"
    ]
    told += [f"Speeds run {range_}", _cap(fall)]
    against = ("more than lost axons alone explain", "not all alike" if truth == 2 else "not slow enough for lost myelin",
               "no block, and no nerve apart from the others")  # fmt: skip
    lines = [f"{text}." if n == truth else f"{text}: {against[n]}." for n, text in enumerate(told)]
    return (
        *lines,
        f"Warm skin ({skin_degc:.1f} °C), day {day:.0f}: cut axons no longer conduct, the numbers can be judged.",
    )


def _cap(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _why(truth: int, nerves: list[_Nerve], skin_degc: float, day: float) -> str:
    if truth == 3 and skin_degc < WARM_DEGC:
        return "Cold slows every nerve alike and looks like lost myelin. Warm to 32 °C or more (unverified) and repeat."
    if truth == 3:
        cut = max(one.cut_share for one in nerves)
        return (
            f"{100 * cut:.0f} % of the axons of a nerve are cut above and still conduct below: this fall becomes a small"
            f" response at both sites, or it stays a block. Day {day:.0f} cannot tell; repeat after day 9 (unverified)."
        )
    lost = max(one.lost_share for one in nerves)
    return (
        f"Up to {100 * lost:.0f} % of the axons are gone, and what is left conducts: size falls, speed hardly.",
        "Every nerve is slowed by about the same share, and the response keeps its shape: nothing singled out.",
        "Nerves and axons are slowed unequally, or stop between the sites: the area tells block, the duration dispersion.",
    )[truth]
