"""A stretch at rest: every discharge found, grouped into sources, measured and named with its look-alikes, or left open."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.analysis.needle._rest_background import find_hum, slow_features, stretch_features
from emgwidgets.analysis.needle._rest_checks import check_rest, usable_trace
from emgwidgets.analysis.needle._rest_events import Conditioned, Group, condition, events_of, group_events, remove_mains
from emgwidgets.analysis.needle._rest_features import (
    course_features,
    fine_times_s,
    follows,
    rhythm_features,
    shape_of,
    true_period,
)
from emgwidgets.analysis.needle._rest_naming import name_features
from emgwidgets.analysis.needle.insertion import measure_insertions, summarise_insertions
from emgwidgets.model.needle_rest import CANNOT_TELL, SILENT, LookAlike, Naming, RestActivity, RestSource
from emgwidgets.model.signal import Channel, Trace

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read_rest"]

# Internal choices (P), each with its reason.
MIN_SIZE_NOISE = 9.0  # peak to peak over the noise of the band: SNR 3 of half the amplitude over the whole band's noise
MIN_DISCHARGES = 3  # two discharges have one interval, which is no rhythm
MAX_SOURCES = 12  # more cannot be told apart by eye either
DRIFT_UV = 400.0  # no muscle gives so much below 20 Hz
LEAD_SHARE = 0.7  # of the weight of the largest source: a smaller one does not name the stretch


def read_rest(
    trace: Trace | Channel, *, insertions_s: Sequence[tuple[float, float]] = (), is_surface: bool | None = None
) -> RestActivity:
    """Find, group, measure and name what happens at rest.

    Parameters
    ----------
    trace : Trace or Channel
        One needle channel; the needle still, or moved at the stated times.
    insertions_s : sequence of (start, stop)
        When the needle was moved, on the clock of the trace.  Left out, no insertional activity is judged.
    is_surface : bool, optional
        State False for a needle channel whose kind does not say so.

    Returns
    -------
    RestActivity
        Every source has a name with evidence, confidence and look-alikes, or abstains with a reason.  ``limits`` says
        what the recording cannot support.

    Raises
    ------
    InputError
        If the recording cannot be read for activity at rest at all: no voltage, too low a rate, too short, a surface
        recording, missing values.

    Notes
    -----
    Method: events, groups of one shape, features, rules (science 3.6, P).  Each rule carries its source and mark in
    ``rest_rules.csv``.
    """
    given = usable_trace(trace, is_surface=is_surface)
    samples, rate = given.samples_uv, given.sampling_rate_hz
    hum = find_hum(samples, rate)
    clean = remove_mains(samples, rate, hum.frequency_hz) if hum.size_uv else samples
    found = condition(clean - np.median(clean), rate)
    limits = check_rest(given, found.noise_uv)
    whole = slow_features(samples, rate, hum, found.fast_uv)
    moved = measure_insertions(found, insertions_s, given.start_s)
    artefact = name_features("trace", whole)
    made = partial(
        RestActivity, insertions=moved, noise_uv=found.noise_uv, duration_s=given.duration_s, limits=tuple(limits)
    )
    if artefact.code == "loose_reference":
        return made(sources=(_empty(whole, artefact, rate),), naming=artefact)
    if whole["slow_uv"] > DRIFT_UV and whole["fast_uv"] > DRIFT_UV / 2 and not moved:
        reason = f"The baseline drifts by {whole['slow_uv']:.0f} µV with jumps: check the reference before reading discharges."
        look = (LookAlike(code="loose_reference", score=0.0, against="no clear line of the mains"),)
        return made(sources=(), naming=Naming(code=CANNOT_TELL, confidence=0.0, look_alikes=look, reason=reason))
    still = _outside(found, [(one.start_s - given.start_s, one.end_s - given.start_s) for one in moved])
    groups = [group for group in group_events(still, events_of(still)) if _stands_out(group, found)]
    sources = _sources(still, groups, given)
    if artefact.is_named:
        sources.append(_empty(whole, artefact, rate))
    naming = summarise_insertions(moved) if moved else _leading(sources)
    return made(sources=tuple(sources), naming=naming)


def _outside(found: Conditioned, places_s: Sequence[tuple[float, float]]) -> Conditioned:
    """The stretch with the needle movements and what they called up taken out of the fast band."""
    if not places_s:
        return found
    fast = found.fast_uv.copy()
    for start, end in places_s:
        fast[max(int(start * found.rate_hz), 0) : max(int(end * found.rate_hz), 0)] = 0.0
    return Conditioned(raw_uv=found.raw_uv, fast_uv=fast, noise_uv=found.noise_uv, rate_hz=found.rate_hz)


def _stands_out(group: Group, found: Conditioned) -> bool:
    return float(np.median(group.sizes_uv)) >= MIN_SIZE_NOISE * found.noise_uv


def _sources(found: Conditioned, groups: list[Group], given: Trace) -> list[RestSource]:
    duration_s = given.duration_s
    mixture = stretch_features(found, groups, duration_s)
    mixed = (
        name_features("stretch", mixture)
        if groups
        else Naming(code=CANNOT_TELL, confidence=0.0, reason="nothing found")
    )
    ranked = sorted(groups, key=lambda group: -float(np.median(group.sizes_uv)) * len(group.samples) ** 0.5)
    made = [
        _source(found, group, given, mixture["all_rate_hz"])
        for group in ranked[:MAX_SOURCES]
        if len(group.samples) >= MIN_DISCHARGES
    ]
    made = [one for one in made if one.n_discharges >= MIN_DISCHARGES]
    made = _one_chain(made)
    main = made[0].naming if made else None
    if mixed.is_named and (main is None or main.confidence < mixed.confidence or main.code == "voluntary_unit"):
        together = _together(found, groups, given, mixture, mixed)
        if mixed.code == "voluntary_unit":
            return [together, *(one for one in made if one.naming.code == "voluntary_unit")]
        return [together]
    few = [group for group in ranked if len(group.samples) < MIN_DISCHARGES]
    return made or [_few(found, few, given)] if (made or few) else []


def _one_chain(made: list[RestSource]) -> list[RestSource]:
    """Complex repetitive discharges: spikes at a few fixed places in the cycle of a larger one belong to it."""
    kept: list[RestSource] = []
    for one in made:
        leaders = [other for other in kept if other.naming.code == one.naming.code == "complex_repetitive_discharge"]
        if not any(follows(one.times_s, leader.times_s) for leader in leaders):
            kept.append(one)
    return kept


def _source(found: Conditioned, group: Group, given: Trace, all_rate_hz: float) -> RestSource:
    group = true_period(group, found.rate_hz)
    shape = shape_of(found, group)
    largest = int(np.abs(shape.template_uv).argmax()) - shape.zero  # of the whole wave, not of its fast band
    times = fine_times_s(found, group) + largest / found.rate_hz
    others = max(all_rate_hz - len(times) / given.duration_s, 0.0)
    features = {"other_rate_hz": others, **rhythm_features(times, given.duration_s), **course_features(times, shape.sizes_uv), **shape.features,
                "size_over_noise": float(np.median(group.sizes_uv)) / max(found.noise_uv, 1e-9)}  # fmt: skip
    return RestSource(
        times_s=times + given.start_s, sizes_uv=shape.sizes_uv, template_uv=shape.template_uv, template_zero=shape.zero + largest,
        sampling_rate_hz=found.rate_hz, features=features, naming=name_features("train", features),
    )  # fmt: skip


def _few(found: Conditioned, groups: list[Group], given: Trace) -> RestSource:
    at = np.sort(np.concatenate([group.samples for group in groups]))
    sizes = np.concatenate([group.sizes_uv for group in groups])
    reason = (
        f"{len(at)} discharges without a repeated shape: too few for a rhythm; a single fasciculation looks like this."
    )
    look = (LookAlike(code="fasciculation", score=0.0, against="fewer than three discharges of one shape"),)
    return RestSource(
        times_s=at / found.rate_hz + given.start_s, sizes_uv=sizes, template_uv=np.zeros(0), template_zero=0,
        sampling_rate_hz=found.rate_hz, features={"n_discharges": float(len(at))},
        naming=Naming(code=CANNOT_TELL, confidence=0.0, look_alikes=look, reason=reason),
    )  # fmt: skip


def _together(
    found: Conditioned, groups: list[Group], given: Trace, features: dict[str, float], naming: Naming
) -> RestSource:
    at = np.concatenate([group.samples for group in groups])
    order = np.argsort(at)
    sizes = np.concatenate([group.sizes_uv for group in groups])[order]
    return RestSource(
        times_s=at[order] / found.rate_hz + given.start_s, sizes_uv=sizes, template_uv=np.zeros(0), template_zero=0,
        sampling_rate_hz=found.rate_hz, features=features, naming=naming,
    )  # fmt: skip


def _empty(features: dict[str, float], naming: Naming, rate: float) -> RestSource:
    none: NDArray[np.float64] = np.zeros(0)
    return RestSource(
        times_s=none, sizes_uv=none, template_uv=none, template_zero=0, sampling_rate_hz=rate, features=features, naming=naming
    )  # fmt: skip


def _leading(sources: list[RestSource]) -> Naming:
    """Name of the stretch: its first named source with discharges, then hum or movement, then silence."""
    if not sources:
        return Naming(code=SILENT, confidence=1.0, evidence=("no discharge stands out of the noise",))
    discharging = [one for one in sources if one.n_discharges]
    if not discharging:
        return sources[0].naming
    first = _weight(discharging[0])
    named = next((one for one in discharging if one.naming.is_named and _weight(one) >= LEAD_SHARE * first), None)
    if named is not None:
        return named.naming
    artefact = next((one for one in sources if one.naming.is_named and not one.n_discharges), None)
    return artefact.naming if artefact is not None else discharging[0].naming


def _weight(source: RestSource) -> float:
    return float(np.median(source.sizes_uv)) * float(np.sqrt(source.n_discharges))
