"""The bench as plain values for the browser: what is chosen, the ramp, the traces of both sides, the table of the study."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np

from emgwidgets.analysis.ncs.plateau import is_plateau
from emgwidgets.model.measure import Absent, Measure, Result
from emgwidgets.model.signal import Side, Sweep
from emgwidgets.widgets.ncs_bench.carried import carried_state
from emgwidgets.widgets.ncs_bench.desk import NcsDesk, half_of
from emgwidgets.widgets.ncs_bench.response import Response, Shot
from emgwidgets.widgets.ncs_bench.series import SeriesSource
from emgwidgets.widgets.ncs_bench.series_state import series_state
from emgwidgets.widgets.ncs_bench.source import StudyInfo
from emgwidgets.widgets.ncs_bench.study_case import case_of, segment_of
from emgwidgets.widgets.ncs_bench.study_table import rows_of, table_state
from emgwidgets.widgets.ncs_bench.technique_state import plateau_state, sentinel_state

__all__ = ["fixed_state", "response_words", "state_of", "sweep_message"]

SIDES: tuple[Side, Side] = ("left", "right")
#: Decimals shown for each unit; enough for the 90 % interval of good traces, no more.
DECIMALS = {"ms": 2, "m/s": 0, "mV": 1, "uV": 1, "mV ms": 1, "uV ms": 1, "%": 0}


def number_text(result: Result | None) -> str:
    """A measure with its 90 % interval, or the words for no response and not tested."""
    if result is None:
        return "not tested"
    if isinstance(result, Absent):
        return "no response"
    decimals = DECIMALS.get(result.unit, 2)
    half = half_of(result)
    # An interval that would round to nothing is not shown as nothing.
    tail = "" if half is None else f" ± {max(half, 10.0**-decimals):.{decimals}f}"
    return f"{result.value:.{decimals}f}{tail}"


def fixed_state(desk: NcsDesk, *, shows_technique: bool = False, tab: str = "") -> dict[str, Any]:
    """What does not change: the title, every study, and what is open at first."""
    return {
        "title": desk.source.title, "shows_technique": shows_technique, "tab": tab,
        "can_stimulate": desk.source.can_stimulate,
        "has_series": isinstance(desk.source, SeriesSource),
        "studies": [
            {
                "key": info.key, "kind": info.kind, "nerve": info.nerve.replace("_", " "), "title": info.title,
                "limb": info.limb, "standard": info.standard_site, "record_cm": info.record_cm,
                "sites": [asdict(site) | {"words": site.words} for site in info.sites],
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


def _ramp_words(rise: float | None, kept: Shot | None, word: str) -> str:
    if kept is None:
        return "nothing kept yet"
    if kept.size is None:
        return f"no response at {kept.current_ma:g} mA" if kept.current_ma else "no response"
    if rise is None:
        return f"not shown to be supramaximal: no stimulus 20 % weaker at the {word} to compare with"
    if is_plateau(rise):
        return f"plateau shown: {abs(rise):.0f} % change for at least 20 % more current"
    return f"not shown to be supramaximal: still {rise:+.0f} % for at least 20 % more current"


def _ramp(desk: NcsDesk) -> dict[str, Any]:
    ramp = desk.ramp_at(desk.key)
    kept = desk.kept.get(desk.key)
    rise = ramp.rise_percent(kept.shot) if kept else None
    word = desk.info.site(desk.site).words
    return {
        "site": desk.site, "words": word, "shots": [_stimulus(shot) for shot in ramp.shots],
        "kept": kept.shot.number if kept else None, "rise_percent": rise,
        "is_supramaximal": is_plateau(rise),
        "sentence": _ramp_words(rise, kept.shot if kept else None, word),
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
    return {
        "traces": [_trace(desk, info, side, site) for site in sites],
        "segments": _segments(desk, info, side, sites) if info.kind == "motor" else [],
    }


def state_of(desk: NcsDesk) -> dict[str, Any]:
    """What changes with every action."""
    judged = judged_state(desk)
    return {
        "study": desk.study, "side": desk.side, "site": desk.site, "knobs": asdict(desk.knobs), "ramp": _ramp(desk),
        "left": _side(desk, "left"), "right": _side(desk, "right"),
        "tested": sorted({f"{study}/{side}/{site}" for study, side, site in desk.kept}),
        **judged, "technique": [*plateau_state(desk), *judged["technique"]], "series": series_state(desk),
    }  # fmt: skip


def judged_state(desk: NcsDesk) -> dict[str, Any]:
    """The table of the study with its limits, and what the numbers carry."""
    if desk.judged is None or desk.judged[0] != desk.version:
        case = case_of(desk)
        rows = rows_of(case, tuple(desk.studies.values()), norm_set=desk.norm_set)
        found = {
            "table": table_state(rows, norm_set=desk.norm_set),
            "carried": carried_state(case, rows, norm_set=desk.norm_set),
            "technique": sentinel_state(desk),
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
