"""Facts that follow from other facts: segments, sensory velocity, comparisons of the table, and one side against the other.

Definitions are those of ncs.md section 3; the uncertainty of the parts is carried along in quadrature.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise

from emgwidgets.interpretation._from_ncs import both_supramaximal, implausible
from emgwidgets.interpretation._tables import measures, rows_of, studies
from emgwidgets.model.measure import unit_of
from emgwidgets.model.ncs import DISTANCE_ERROR_MM, EQUAL_DISTANCE_MM
from emgwidgets.model.verdict import Fact

__all__ = ["check_sites", "comparisons", "segments", "sensory_velocities", "side_facts"]

#: A velocity below this over a segment shorter than that comes from a distance in cm rather than from a nerve: every segment of
#: a routine study is longer, and 10 m/s is the limit of the rules of technique.  Internal choices.
SHORT_MM, SLOWEST_M_PER_S = 60.0, 10.0
#: A typed velocity further than this from distance over time disagrees with them; internal choice: 1 cm in 10 cm
#: of tape (ncs.md section 7) and half a marker width.
DISAGREEMENT = 0.15

#: Measures compared with the other side, with what the comparison is.
SIDE_BY_SIDE = {
    "amplitude_mv": "amplitude_side_percent",
    "amplitude_uv": "amplitude_side_percent",
    "h_amplitude_mv": "h_amplitude_side_percent",
    "onset_latency_ms": "onset_latency_side_difference_ms",
    "peak_latency_ms": "peak_latency_side_difference_ms",
    "f_min_latency_ms": "f_min_latency_side_difference_ms",
    "h_latency_ms": "h_latency_side_difference_ms",
}


def _half(fact: Fact) -> float | None:
    if fact.low is None or fact.high is None or fact.number is None:
        return None
    return max(fact.high - fact.number, fact.number - fact.low)


def _joined(*halves: float | None) -> float | None:
    known = [half for half in halves if half is not None]
    return math.hypot(*known) if len(known) == len(halves) else None


def _share(fact: Fact) -> float | None:
    half = _half(fact)
    return half / abs(fact.number) if half is not None and fact.number else None


def _made(name: str, value: float, half: float | None, parts: tuple[Fact, ...], doubt: str = "") -> Fact:
    """Fact from others; it inherits their doubt, and from the first its conditions and waveform."""
    kind, study, side, *rest = name.split(".")
    first = parts[0]
    measure = rest[-1]
    doubt = doubt or next((part.doubt for part in parts if part.doubt), "") or implausible(kind, measure, value)
    return Fact(
        name=name, value=value, unit=unit_of(measure), kind=kind, study=study, side=side,
        site=rest[0] if len(rest) > 1 else "", measure=measure, low=None if half is None else value - half,
        high=None if half is None else value + half, doubt=doubt, conditions=first.conditions, place=first.place,
        parts=tuple(part.name for part in parts), trace=first.trace, markers=first.markers,
    )  # fmt: skip


def _drop(name: str, distal: Fact, proximal: Fact) -> Fact | None:
    """Fall in percent; a proximal response that is absent is a fall of 100 %."""
    if not distal.number:
        return None
    if proximal.is_absent:
        return _made(name, 100.0, 0.0, (distal, proximal))
    if proximal.number is None:
        return None
    if distal.convention != proximal.convention:
        doubt = "the two amplitudes have different conventions"
        return _made(name, 100.0 * (1 - proximal.number / distal.number), None, (distal, proximal), doubt)
    ratio = proximal.number / distal.number
    share = _joined(_share(distal), _share(proximal))
    half = None if share is None else 100.0 * abs(ratio) * share
    return _made(name, 100.0 * (1.0 - ratio), half, (distal, proximal))


def _rise(name: str, distal: Fact, proximal: Fact) -> Fact | None:
    if not distal.number or proximal.number is None:
        return None
    ratio = proximal.number / distal.number
    share = _joined(_share(distal), _share(proximal))
    return _made(
        name, 100.0 * (ratio - 1.0), None if share is None else 100.0 * ratio * share, (distal, proximal)
    )  # fmt: skip


def _difference(name: str, first: Fact, second: Fact) -> Fact | None:
    if first.number is None or second.number is None:
        return None
    return _made(name, first.number - second.number, _joined(_half(first), _half(second)), (first, second))


def _speed(name: str, time: Fact, distance: Fact) -> Fact | None:
    if time.number is None or distance.number is None or time.number <= 0:
        return None
    value = distance.number / time.number
    share = _joined(_share(time), DISTANCE_ERROR_MM / distance.number)
    made = _made(name, value, None if share is None else value * share, (time, distance))
    return made if made.doubt else replace(made, doubt=_in_cm(made, distance))


def _duration(found: Mapping[str, Fact], stem: str, distal: str, proximal: str) -> tuple[Fact, Fact] | None:
    for measure in ("negative_peak_duration_ms", "total_duration_ms"):
        pair = found.get(f"{stem}.{distal}.{measure}"), found.get(f"{stem}.{proximal}.{measure}")
        if pair[0] is not None and pair[1] is not None:
            return pair[0], pair[1]
    return None


def _pairs(sites: list[str], given: list[str]) -> list[tuple[str, str]]:
    """Neighbours, the whole length where there are more than two, and every segment the study lists."""
    pairs = list(pairwise(sites))
    if len(sites) > 2:
        pairs.append((sites[0], sites[-1]))
    pairs += [(distal, proximal) for distal, _, proximal in (one.partition("-") for one in given)]
    return list(dict.fromkeys(pairs))


def _sites_of(found: Mapping[str, Fact]) -> dict[tuple[str, str, str], tuple[list[str], list[str]]]:
    """Sites and segments of each study on each side, sites from distal to proximal where the study is known."""
    grouped: dict[tuple[str, str, str], tuple[list[str], list[str]]] = {}
    for fact in found.values():
        if fact.kind in {"motor", "sensory"}:
            sites, given = grouped.setdefault((fact.kind, fact.study, fact.side), ([], []))
            target = given if "-" in fact.site else sites
            if fact.site not in target:
                target.append(fact.site)
    for (_, study, _), (sites, _) in grouped.items():
        known = studies().get(study)
        if known:
            rank = {site: n for n, site in enumerate(known.sites)}
            sites.sort(key=lambda site: rank.get(site, len(rank)))
    return grouped


def segments(found: Mapping[str, Fact]) -> Iterator[Fact]:
    """Yield what the responses of two sites say about the segment between them, where the case does not say it."""
    amplitude = {"motor": ("amplitude_mv", "area_mv_ms"), "sensory": ("amplitude_uv", "area_uv_ms")}
    for (kind, study, side), (sites, given) in _sites_of(found).items():
        stem = f"{kind}.{study}.{side}"
        for distal, proximal in _pairs(sites, given):
            base = f"{stem}.{distal}-{proximal}"
            makers: dict[str, Callable[[], Fact | None]] = {}
            for measure, fall in zip(amplitude[kind], ("amplitude_drop_percent", "area_drop_percent"), strict=True):
                pair = found.get(f"{stem}.{distal}.{measure}"), found.get(f"{stem}.{proximal}.{measure}")
                makers[fall] = _maker(_drop, f"{base}.{fall}", pair)
            makers["duration_increase_percent"] = _maker(
                _rise, f"{base}.duration_increase_percent", _duration(found, stem, distal, proximal) or (None, None)
            )
            onsets = found.get(f"{stem}.{proximal}.onset_latency_ms"), found.get(f"{stem}.{distal}.onset_latency_ms")
            makers["latency_difference_ms"] = _maker(_difference, f"{base}.latency_difference_ms", onsets)
            yield from _made_segment(found, base, makers, (stem, distal, proximal))


def _maker(
    formula: Callable[[str, Fact, Fact], Fact | None], name: str, pair: tuple[Fact | None, Fact | None]
) -> Callable[[], Fact | None]:
    first, second = pair
    if first is None or second is None:
        return _nothing
    return partial(formula, name, first, second)


def _nothing() -> Fact | None:
    return None


def _made_segment(
    found: Mapping[str, Fact], base: str, makers: Mapping[str, Callable[[], Fact | None]], ends: tuple[str, str, str]
) -> Iterator[Fact]:
    stem, distal, proximal = ends
    supramaximal = both_supramaximal(*(_supramaximal(found, f"{stem}.{site}") for site in (distal, proximal)))
    distance = found.get(f"{base}.distance_mm")
    fresh = {}
    for measure, make in makers.items():
        if f"{base}.{measure}" in found:
            continue
        fact = make()
        if fact is not None:
            conditions = replace(
                fact.conditions, is_supramaximal=supramaximal, distance_mm=distance.number if distance else None
            )
            fresh[measure] = replace(fact, conditions=conditions)
    time = found.get(f"{base}.latency_difference_ms") or fresh.get("latency_difference_ms")
    if time is not None and distance is not None and f"{base}.velocity_m_per_s" not in found:
        speed = _speed(f"{base}.velocity_m_per_s", time, distance)
        if speed is not None:
            fresh["velocity_m_per_s"] = speed
    yield from fresh.values()


def _supramaximal(found: Mapping[str, Fact], stem: str) -> bool | None:
    fact = found.get(f"{stem}.is_present")
    return fact.conditions.is_supramaximal if fact else None


def _in_cm(fact: Fact, distance: Fact | None) -> str:
    """Sentence about a velocity over a distance that was perhaps given in cm; empty when plausible."""
    if distance is None or not distance.number or not fact.number:
        return ""
    if distance.number >= SHORT_MM or fact.number >= SLOWEST_M_PER_S:
        return ""
    return (
        f"{distance.text} give {fact.number:.2g} m/s, which is not plausible over so short a distance; multiply the "
        "distance by 10 if it is in cm"
    )


def check_sites(found: Mapping[str, Fact]) -> Iterator[Fact]:
    """Yield facts anew, with a doubt where two sites contradict each other: swapped, or a velocity that does not fit."""
    for name, fact in found.items():
        if fact.measure == "velocity_m_per_s" and not fact.doubt:
            short = _in_cm(fact, found.get(name.replace(fact.measure, "distance_mm")))
            if short:
                yield replace(fact, doubt=short)
                continue
        if fact.measure == "latency_difference_ms" and fact.number is not None and fact.number <= 0:
            doubt = f"the response at {fact.site.partition('-')[2]} is not later than the one at {fact.site.partition('-')[0]}; check whether the sites are swapped"
            for part in (name, *fact.parts, name.replace("latency_difference_ms", "velocity_m_per_s")):
                if part in found and not found[part].doubt:
                    yield replace(found[part], doubt=doubt)
        if fact.measure == "velocity_m_per_s" and not fact.parts and fact.number and "-" in fact.site:
            time, distance = (
                found.get(name.replace(fact.measure, one)) for one in ("latency_difference_ms", "distance_mm")
            )
            if time and distance and time.number and distance.number and time.number > 0:
                expected = distance.number / time.number
                if abs(expected - fact.number) > DISAGREEMENT * expected and not fact.doubt:
                    doubt = f"the velocity of {fact.text} does not fit {distance.text} in {time.text}, which give {expected:.0f} m/s"
                    yield replace(fact, doubt=doubt)


def sensory_velocities(found: Mapping[str, Fact]) -> Iterator[Fact]:
    """Yield the velocity from the onset latency of each sensory site with a distance (ncs.S39)."""
    for fact in list(found.values()):
        if fact.kind == "sensory" and fact.measure == "onset_latency_ms":
            stem = fact.name.rpartition(".")[0]
            distance = found.get(f"{stem}.distance_mm")
            if distance is not None and f"{stem}.velocity_m_per_s" not in found:
                speed = _speed(f"{stem}.velocity_m_per_s", fact, distance)
                if speed is not None:
                    yield speed


Get = Callable[[str], Fact | None]


def _equal_distance(first: Fact, second: Fact) -> str:
    one, other = first.conditions.distance_mm, second.conditions.distance_mm
    if one is None or other is None:
        return "the distances of the two responses are not known, and a comparison needs equal ones"
    if abs(one - other) > EQUAL_DISTANCE_MM:
        return f"the two responses were taken at {one:g} and {other:g} mm, and a comparison needs equal distances"
    return ""


def _compared(row: Mapping[str, str], side: str, get: Get) -> Fact | None:
    name = f"compare.{row['study']}.{side}.{row['measure']}"
    operands = [get(row[part].replace("{side}", side)) for part in ("a", "b", "c") if row[part]]
    parts = tuple(part for part in operands if part is not None)
    if len(parts) != len(operands):
        return None
    absent = next((part for part in parts if part.is_absent), None)
    if absent is not None:
        fact = _made(name, 0.0, None, parts)
        return replace(fact, value=None, absent=f"{absent.study.replace('_', ' ')}: {absent.absent}", doubt="")
    numbers = [part.number for part in parts]
    if any(number is None for number in numbers):
        return None
    doubt = _equal_distance(parts[0], parts[1]) if row["distance_mm"] == "equal" else ""
    if row["measure"] == "amplitude_ratio" and parts[0].convention != parts[1].convention:
        doubt = "the two amplitudes have different conventions"
    return _formula(row["formula"], name, parts, doubt)


def _formula(formula: str, name: str, parts: tuple[Fact, ...], doubt: str) -> Fact | None:
    values = [float(part.number or 0.0) for part in parts]
    if formula == "sum":
        return _made(name, sum(values), _joined(*map(_half, parts)), parts, doubt)
    if formula == "difference":
        return _made(name, values[0] - values[1], _joined(*map(_half, parts)), parts, doubt)
    share = _joined(*map(_share, parts))
    if formula == "ratio":
        ratio = values[0] / values[1] if values[1] else math.inf
        return None if math.isinf(ratio) else _made(name, ratio, None if share is None else ratio * share, parts, doubt)
    fall = _drop(name, parts[0], parts[1])  # formula "drop_percent"
    return fall if fall is None or not doubt else replace(fall, doubt=doubt)


def comparisons(get: Get) -> Iterator[Fact]:
    """Yield the comparisons of the table for both sides, in the order of the table."""
    for row in rows_of("derived.csv"):
        for side in ("left", "right"):
            fact = _compared(row, side, get)
            if fact is not None:
                yield fact


def side_facts(found: Mapping[str, Fact]) -> Iterator[Fact]:
    """Yield each amplitude in percent of the other side, and each latency minus the other side's."""
    for name, fact in found.items():
        measure = SIDE_BY_SIDE.get(fact.measure)
        if measure is None or (fact.kind, measure) not in measures():
            continue
        other = found.get(name.replace(f".{fact.side}.", ".left." if fact.side == "right" else ".right."))
        if other is None or other.number is None:
            continue
        target = f"{name.rpartition('.')[0]}.{measure}"
        if fact.kind == "motor" and fact.measure == "amplitude_mv" and fact.number is not None:
            half = _joined(_half(fact), _half(other))
            yield _made(
                target.replace(measure, "amplitude_side_difference_mv"), fact.number - other.number, half, (fact, other)
            )
        if measure.endswith("_percent"):
            if other.number and fact.convention == other.convention:
                ratio = (fact.number or 0.0) / other.number
                share = _joined(_share(fact), _share(other)) if fact.number else None
                yield _made(
                    target, 100.0 * ratio, None if share is None else 100.0 * ratio * share, (fact, other)
                )  # fmt: skip
        elif fact.number is not None:
            yield _made(target, fact.number - other.number, _joined(_half(fact), _half(other)), (fact, other))
