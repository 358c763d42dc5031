"""What the technique leaves open, as plain values with the place to repeat it; the checks are those of analysis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from emgwidgets.analysis.ncs.technique import (
    check_conditions,
    check_distance,
    check_motor_study,
    check_sizes,
    check_stimulus_ramp,
    check_thenar,
    check_velocity,
    check_wave,
)
from emgwidgets.model.measure import Measure
from emgwidgets.model.signal import Side
from emgwidgets.model.technique import TechniqueFinding
from emgwidgets.widgets.ncs_bench.desk import NcsDesk
from emgwidgets.widgets.ncs_bench.response import Shot
from emgwidgets.widgets.ncs_bench.source import StudyInfo
from emgwidgets.widgets.ncs_bench.study_case import segment_of, sweep_of
from emgwidgets.widgets.ncs_bench.typed import TypedConditions

__all__ = ["plateau_state", "rise_words", "sentinel_state", "typed_state"]

SIDES: tuple[Side, Side] = ("left", "right")


def rise_words(rise_percent: float) -> str:
    """How the last 20 % of current still changed the response; a response that more than doubled says how many times."""
    if rise_percent >= 100:
        return f"at least 20 % more current made the response {1 + rise_percent / 100:.1f} times as large"
    if rise_percent >= 0:
        return f"the response still rose {rise_percent:.0f} % for at least 20 % more current"
    return f"the response fell {-rise_percent:.0f} % for at least 20 % more current"


def plateau_state(desk: NcsDesk) -> list[dict[str, Any]]:
    """Sites where the plateau was not shown."""
    found = []
    for key, response in desk.kept.items():
        study, side, site = key
        info, ramp = desk.studies[study], desk.ramp_at(key)
        if info.site(site).of or info.kind == "sensory" or not desk.source.can_stimulate or response.absent is not None:
            continue
        if ramp.is_supramaximal(response.shot):
            continue
        rise = ramp.rise_percent(response.shot)
        why = (
            "No stimulus 20 % weaker was given to compare with."
            if rise is None
            else f"{rise_words(rise)[:1].upper()}{rise_words(rise)[1:]}."
        )
        found.append({
            "what": f"{side.capitalize()} {info.site(site).words}: not shown to be supramaximal.",
            "why": f"{info.title}. {why} Not judged until repeated: amplitude, conduction block.",
            "study": study, "side": side, "site": site,
        })  # fmt: skip
    return found


def sentinel_state(desk: NcsDesk) -> list[dict[str, Any]]:
    """What the checks of technique find in the kept responses; each finding once for a study and side."""
    found: list[dict[str, Any]] = []
    for info in desk.studies.values():
        for side in SIDES:
            sites = [site.code for site in info.sites if (info.key, side, site.code) in desk.kept]
            if sites:
                found += _checked(desk, info, side, sites)
    return found


def _checked(desk: NcsDesk, info: StudyInfo, side: Side, sites: list[str]) -> list[dict[str, Any]]:
    """Findings of one study, made anew only when its responses or what was stated of it have changed."""
    every = [site for site in (*info.sites, *info.checks) if (info.key, side, site.code) in desk.kept]
    now = (
        desk.typed_with.get(info.key),
        tuple((one.code, desk.kept[info.key, side, one.code].shot.number, len(desk.ramp_at((info.key, side, one.code)).shots))
              for one in every),
    )  # fmt: skip
    known = desk.checked.get((info.key, side))
    if known is None or known[0] != now:
        known = now, list(_entries(_findings(desk, info, side, sites), info, side, sites[0]))
        desk.checked[info.key, side] = known
    return known[1]


def _crossings(desk: NcsDesk, info: StudyInfo, side: Side) -> Iterator[TechniqueFinding]:
    """What stimulation of another nerve over the same muscle shows."""
    kept = {site.code: desk.kept[info.key, side, site.code].shot for site in (*info.sites, *info.checks)
            if (info.key, side, site.code) in desk.kept}  # fmt: skip
    ulnar = kept.get("ulnar_nerve_at_the_wrist")
    if ulnar and "wrist" in kept:
        yield from check_thenar(kept["wrist"].sweep, ulnar.sweep)
    ends = kept.get("median_nerve_at_the_wrist"), kept.get("median_nerve_at_the_elbow")
    if ends[0] and ends[1]:
        sizes = [one.size.value if one.size else 0.0 for one in ends if one]
        yield from check_sizes(
            sizes[0], sizes[1], nerve="median", sites=("median_nerve_at_the_wrist", "median_nerve_at_the_elbow")
        )


def typed_state(desk: NcsDesk) -> list[dict[str, Any]]:
    """What the same checks find in numbers that were typed in."""
    found: list[dict[str, Any]] = []
    for info in desk.studies.values():
        for side in SIDES:
            sites = [site.code for site in info.sites if (info.key, side, site.code) in desk.typed]
            if sites:
                found += _entries(_typed_findings(desk, info, side, sites), info, side, sites[0])
    return found


def _typed_findings(desk: NcsDesk, info: StudyInfo, side: Side, sites: list[str]) -> Iterator[TechniqueFinding]:
    given = desk.typed_with.get(info.key, TypedConditions())
    yield from check_conditions(given.conditions, nerve=info.nerve, site=sites[0], is_sensory=info.kind == "sensory")
    lines = {site: desk.typed[info.key, side, site] for site in sites}
    for near, far in pairwise(sites):
        yield from check_distance(lines[far].distance_mm, site=far)
        sizes = [lines[site].amplitude for site in (near, far)]
        if info.kind == "motor" and sizes[0] is not None and sizes[1] is not None:
            yield from check_sizes(sizes[0], sizes[1], nerve=info.nerve, sites=(near, far))
        speed = segment_of(desk, info, side, near, far)[1].get("velocity_m_per_s")
        stated = lines[far].velocity_m_per_s
        if stated is not None:
            yield from check_velocity(Measure(value=stated, unit="m/s", is_typed=True))
        elif isinstance(speed, Measure):
            yield from check_velocity(speed)


def _findings(desk: NcsDesk, info: StudyInfo, side: Side, sites: list[str]) -> Iterator[TechniqueFinding]:
    kept = [desk.kept[info.key, side, site] for site in sites]
    sweeps = [sweep_of(desk, (info.key, side, site)) for site in sites]
    if info.kind == "sensory":
        for one, sweep in zip(kept, sweeps, strict=True):
            yield from check_wave(sweep, one.shot.wave)
        return
    yield from check_motor_study(sweeps)
    yield from _crossings(desk, info, side)
    for site in sites:
        shot = desk.kept[info.key, side, site].shot
        weaker = [one for one in desk.ramp_at((info.key, side, site)).shots if _reaches(shot, one)]
        ramp = [one for one in weaker if one.is_like(shot)]
        if len(ramp) >= 2 and len({len(one.sweep.samples_uv) for one in ramp}) == 1:
            yield from (one for one in check_stimulus_ramp([one.sweep for one in ramp]) if one.code == "costimulation")


def _reaches(kept: Shot, other: Shot) -> bool:
    """Whether a stimulus is no stronger than the kept one: what came of more current says nothing against it."""
    return kept.current_ma is None or other.current_ma is None or other.current_ma <= kept.current_ma


def _entries(findings: Iterable[TechniqueFinding], info: StudyInfo, side: Side, site: str) -> Iterator[dict[str, Any]]:
    by_code: dict[str, list[TechniqueFinding]] = {}
    for one in findings:
        by_code.setdefault(one.code, []).append(one)
    for same in by_code.values():
        first = same[0]
        places = [
            place
            for one in same
            for place in one.sites
            if any(place == known.code for known in (*info.sites, *info.checks))
        ]
        words = " and ".join(dict.fromkeys(info.site(place).words for place in places)) or info.title
        spoiled = ", ".join(first.unjudgeable)
        evidence = "; ".join(dict.fromkeys(text for one in same for text in one.evidence))
        yield {
            "what": f"{side.capitalize()} {words}: {first.sentence}.",
            "why": f"{info.title}. {evidence[:1].upper()}{evidence[1:]}. Not judged: {spoiled}. {first.way_out[:1].upper()}{first.way_out[1:]}.",
            "study": info.key, "side": side, "site": places[0] if places else site,
            "spoils": list(first.unjudgeable), "places": [list(one.sites) for one in same],
        }  # fmt: skip
