"""The bench as plain values for the browser: what is chosen, the ramp, the traces of both sides, the table of the study."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from emgwidgets.analysis.ncs.plateau import is_plateau
from emgwidgets.interpretation import reference
from emgwidgets.interpretation.explain import fact_words
from emgwidgets.model.case import Case
from emgwidgets.model.measure import Absent, Measure
from emgwidgets.model.signal import Side, Sweep
from emgwidgets.widgets.ncs_bench.carried import carried_state
from emgwidgets.widgets.ncs_bench.desk import NcsDesk
from emgwidgets.widgets.ncs_bench.number_words import half_of, number_text
from emgwidgets.widgets.ncs_bench.paper import PaperSource
from emgwidgets.widgets.ncs_bench.recorded import RecordedSource
from emgwidgets.widgets.ncs_bench.response import Response, Shot
from emgwidgets.widgets.ncs_bench.series import SeriesSource
from emgwidgets.widgets.ncs_bench.series_state import series_state
from emgwidgets.widgets.ncs_bench.source import StudyInfo
from emgwidgets.widgets.ncs_bench.study_case import case_of, segment_of
from emgwidgets.widgets.ncs_bench.study_table import rows_of, table_state
from emgwidgets.widgets.ncs_bench.taken_away import holds_back_criteria, take_away
from emgwidgets.widgets.ncs_bench.technique_state import plateau_state, rise_words, sentinel_state, typed_state
from emgwidgets.widgets.ncs_bench.typed import TypedConditions
from emgwidgets.widgets.ncs_bench.virtual import VirtualSource

__all__ = ["fixed_state", "response_words", "state_of", "sweep_message"]

SIDES: tuple[Side, Side] = ("left", "right")
WORDS = {"normal": "normal", "abnormal": "abnormal", "borderline": "borderline", "cannot_be_judged": "cannot be judged"}


def _series(desk: NcsDesk) -> list[str]:
    """Series of stimuli that the source can give, or that can be typed in."""
    if isinstance(desk.source, PaperSource):
        return ["inching"]
    if isinstance(desk.source, RecordedSource) and not desk.source.sweeps:
        return ["inching"]
    has_series = isinstance(desk.source, SeriesSource) and getattr(desk.source, "has_series", True)
    return list(getattr(desk.source, "series", ("f_waves", "inching", "trains"))) if has_series else []


def fixed_state(desk: NcsDesk, *, shows_technique: bool = False, tab: str = "") -> dict[str, Any]:
    """What does not change: the title, every study, and what is open at first."""
    return {
        "title": desk.source.title, "shows_technique": shows_technique, "tab": tab,
        "can_stimulate": desk.source.can_stimulate, "is_paper": isinstance(desk.source, PaperSource),
        "limits": [
            {"code": one, "title": reference.norm_set(one).title}
            for one in reference.norm_sets() if reference.norm_set(one).family == "routine"
        ],
        "series": _series(desk), "has_series": bool(_series(desk)),
        "is_virtual": isinstance(desk.source, VirtualSource), "takes_current": getattr(desk.source, "takes_current", True),
        "studies": [
            {
                "key": info.key, "kind": info.kind, "nerve": info.nerve.replace("_", " "), "title": info.title,
                "limb": info.limb, "standard": info.standard_site, "record_cm": info.record_cm,
                "sites": [asdict(site) | {"words": site.words} for site in info.sites],
                "checks": [asdict(site) | {"words": site.words} for site in info.checks],
            }
            for info in desk.studies.values()
        ],
    }  # fmt: skip


def _stimulus(shot: Shot) -> dict[str, Any]:
    size = shot.size
    return {
        "id": shot.number, "current_ma": shot.current_ma, "size": size.value if size else None,
        "unit": size.unit if size else None, "absent": shot.wave.reason if isinstance(shot.wave, Absent) else "",
        "pulse_width_ms": shot.sweep.stimulus.pulse_width_ms if shot.sweep.stimulus else None,
    }  # fmt: skip


def _ramp_words(rise: float | None, kept: Shot | None, place: str) -> str:
    if kept is None:
        return "nothing kept yet"
    if kept.size is None:
        return f"no response at {kept.current_ma:g} mA" if kept.current_ma else "no response"
    if rise is None:
        return f"not shown to be supramaximal: no stimulus 20 % weaker {place} to compare with"
    if is_plateau(rise):
        return f"plateau shown: {abs(rise):.0f} % change for at least 20 % more current"
    return f"not shown to be supramaximal: {rise_words(rise)}"


def _stated_words(desk: NcsDesk) -> str:
    """What the reader stated of an imported study; empty where nothing was, or where it has to be shown."""
    stated = desk.typed_with.get(desk.study, TypedConditions()).is_supramaximal
    if desk.source.can_stimulate or stated is None or desk.key not in desk.kept:
        return ""
    return f"{'supramaximal' if stated else 'not supramaximal'}, as the reader stated"


def _ramp(desk: NcsDesk) -> dict[str, Any]:
    ramp = desk.ramp_at(desk.key)
    kept = desk.kept.get(desk.key)
    rise = ramp.rise_percent(kept.shot) if kept else None
    place = desk.info.site(desk.site).place
    return {
        "site": desk.site, "place": place, "shots": [_stimulus(shot) for shot in ramp.shots],
        "kept": kept.shot.number if kept else None, "rise_percent": rise,
        "is_supramaximal": is_plateau(rise),
        "sentence": _stated_words(desk) or _ramp_words(rise, kept.shot if kept else None, place),
    }  # fmt: skip


def _markers(response: Response) -> list[dict[str, Any]]:
    measures = response.measures
    onset = measures.get("onset_latency_ms")
    duration = measures.get("negative_peak_duration_ms")
    peak = measures.get("peak_latency_ms")
    halves = {
        "O": half_of(onset) if isinstance(onset, Measure) else None,
        "P": half_of(peak) if isinstance(peak, Measure) else None,
        "E": half_of(duration) if isinstance(duration, Measure) else None,
    }
    return [
        {"letter": letter, "ms": time, "half_ms": halves[letter], "by_hand": letter in response.by_hand}
        for letter, time in response.markers_ms.items()
    ]


def response_words(response: Response) -> str:
    """The numbers of a kept response, or why there is none."""
    if response.absent is not None:
        return response.absent.reason
    latency = response.measures.get("onset_latency_ms")
    size = response.measures.get("amplitude_uv" if response.is_sensory else "amplitude_mv")
    return f"onset {number_text(latency)} ms, {number_text(size)} {'µV' if response.is_sensory else 'mV'}"


def _trace(desk: NcsDesk, info: StudyInfo, side: Side, site: str) -> dict[str, Any]:
    response = desk.kept[info.key, side, site]
    wave = response.shot.wave
    return {
        "site": site, "letters": info.site(site).letters, "id": response.shot.number, "words": response_words(response),
        "absent": response.absent.reason if response.absent else "", "markers": _markers(response),
        "rules": [] if isinstance(wave, Absent) else list(wave.onset_rules_ms),
    }  # fmt: skip


def _segments(desk: NcsDesk, info: StudyInfo, side: Side, sites: list[str]) -> list[dict[str, Any]]:
    made = []
    for distal, proximal in pairwise(sites):
        distance, measures = segment_of(desk, info, side, distal, proximal)
        speed = measures.get("velocity_m_per_s")
        made.append({
            "distal": distal, "proximal": proximal, "distance_mm": distance,
            "velocity": number_text(speed) if speed is not None else "",
        })  # fmt: skip
    return made


def _side(desk: NcsDesk, side: Side) -> dict[str, Any]:
    info = desk.info
    sites = [site.code for site in info.sites if (info.key, side, site.code) in desk.kept]
    checks = [site.code for site in info.checks if (info.key, side, site.code) in desk.kept]
    return {
        "traces": [_trace(desk, info, side, site) for site in (*sites, *checks)],
        "segments": _segments(desk, info, side, sites) if info.kind == "motor" else [],
    }


def _typed(desk: NcsDesk) -> dict[str, Any]:
    """Typed lines of the chosen study by side and site, and what holds for all of them."""
    lines: dict[str, dict[str, Any]] = {"left": {}, "right": {}}
    for (study, side, site), line in desk.typed.items():
        if study == desk.study:
            lines[side][site] = line.plain()
    given = desk.typed_with.get(desk.study, TypedConditions())
    return lines | {
        "skin_temperature_degc": given.skin_temperature_degc, "high_pass_hz": given.high_pass_hz,
        "low_pass_hz": given.low_pass_hz, "convention": given.convention, "is_supramaximal": given.is_supramaximal,
    }  # fmt: skip


def state_of(desk: NcsDesk) -> dict[str, Any]:
    """What changes with every action."""
    judged = judged_state(desk)
    return {
        "study": desk.study, "side": desk.side, "site": desk.site, "knobs": asdict(desk.knobs), "ramp": _ramp(desk),
        "left": _side(desk, "left"), "right": _side(desk, "right"),
        "tested": sorted({f"{study}/{side}/{site}" for study, side, site in (*desk.kept, *desk.typed)}),
        "typed": _typed(desk),
        **judged, "technique": [*plateau_state(desk), *judged["technique"]], "series": series_state(desk),
    }  # fmt: skip


def _limits(desk: NcsDesk, case: Case) -> dict[str, Any]:
    """The norm set in force, and what stands otherwise than under the one before."""
    before = desk.norm_set_before
    found = reference.flips(case, before, desk.norm_set) if before else ()
    words = [
        f"{_capital(fact_words(one.fact))}, {one.fact.text}: {WORDS[one.before.state]} by {before}, "
        f"{WORDS[one.after.state]} by {desk.norm_set}."
        for one in found
    ]
    return {"code": desk.norm_set, "before": before, "flips": words}


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def judged_state(desk: NcsDesk) -> dict[str, Any]:
    """The table of the study with its limits, and what the numbers carry."""
    if desk.judged is None or desk.judged[0] != desk.version:
        case = case_of(desk)
        rows = rows_of(case, tuple(desk.studies.values()), norm_set=desk.norm_set)
        technique = [*sentinel_state(desk), *typed_state(desk)]
        take_away(rows, technique)
        found = {
            "table": table_state(rows),
            "carried": carried_state(case, rows, norm_set=desk.norm_set, held_back=holds_back_criteria(technique)),
            "limits": _limits(desk, case),
            "technique": technique,
        }
        desk.judged = (desk.version, found)
    return desk.judged[1]


def sweep_message(sweep: Sweep, number: int) -> tuple[dict[str, Any], bytes]:
    """Samples of one sweep as 32-bit microvolts, with their rate and start."""
    head = {
        "id": number, "rate_hz": sweep.sampling_rate_hz, "start_ms": sweep.start_ms, "n": len(sweep.samples_uv),
        "site": sweep.site, "current_ma": sweep.stimulus.current_ma if sweep.stimulus else None,
    }  # fmt: skip
    return head, np.asarray(sweep.samples_uv, dtype="<f4").tobytes()
